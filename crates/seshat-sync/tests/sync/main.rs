//! Sync from outside: rounds against a fake server under faults, and the HTTP transport against servers that
//! answer badly.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]
#![expect(clippy::significant_drop_tightening, reason = "the fakes have no contention")]

mod engine;
mod evil;
mod folder;
mod http;
mod images;
mod listening;
mod put_off;
mod rounds;
mod simulation;
mod world;
