//! The real server under what no laptop does: its own description tried out, requests that are none, bodies without end,
//! clients that say nothing, and many that only listen.

mod description;
mod listeners;
mod malformed;
mod oversized;
mod raw;
