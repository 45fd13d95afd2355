//! The store from outside: what its callers rely on.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod arrivals;
mod common;
mod compaction;
mod copies;
mod crash;
mod damage;
#[cfg(feature = "faults")]
mod faults;
mod freshness;
mod full_disk;
mod images;
mod left_out;
mod opening;
mod properties;
mod remnants;
mod syncing;
mod writing;
