//! SQLite at rest: everything that a laptop keeps, in one file, `seshat.db`.
//!
//! **Invariants:** the store cannot open what it holds: no key passes through it, and this crate cannot link
//! the one that has them. Every write is one transaction: after a power cut it has happened or it has not,
//! and a write that was reported as done stays done. One process at a time holds a store. What is deleted is
//! overwritten, and after [`Store::checkpoint`] and at closing no earlier version is left beside the file. A
//! program that finds a newer format, or a damaged file, changes nothing.

mod accept;
mod alarms;
mod arrivals;
mod chain;
mod checksum;
mod digest;
mod error;
mod files;
mod freshness;
mod integrity;
mod outbox;
mod records;
mod row;
mod schema;
mod server;
mod store;
mod types;
mod vault;

pub use arrivals::Arrived;
pub use error::StoreError;
pub use schema::KNOWN_VERSION;
pub use store::Store;
pub use types::{
    Accepted, AcceptedRecord, Ack, Alarm, Cause, Compared, Extent, Fork, Gap, Gaps, Head,
    HeldRecord, NewRecord, Page, RejectedRecord, ServerLink, Split, StoredDocument, StoredPlace,
    StoredRecord, StoredVault, VaultOrigin, VaultSync, Write,
};
