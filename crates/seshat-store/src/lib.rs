//! SQLite at rest: everything that a laptop keeps, in one file, `seshat.db`.
//!
//! **Invariants:** the store cannot open what it holds: no key passes through it, and this crate cannot link
//! the one that has them. Every write is one transaction: after a power cut it has happened or it has not,
//! and a write that was reported as done stays done. One process at a time holds a store. What is deleted is
//! overwritten, and after [`Store::checkpoint`] and at closing no earlier version is left beside the file. A
//! program that finds a newer format, or a damaged file, changes nothing. A record is removed for one reason alone:
//! whoever can open it has verified that a snapshot which stays contains it. An image is removed if no record names it.

mod accept;
mod alarms;
mod arrivals;
mod blobs;
mod caches;
mod chain;
mod checksum;
mod copies;
mod covers;
mod digest;
mod error;
mod files;
mod freshness;
mod integrity;
mod outbox;
mod ranges;
mod records;
mod replaced;
mod row;
mod schema;
mod server;
mod store;
mod types;
mod vault;
mod writing;

pub use arrivals::Arrived;
pub use blobs::hash_of;
pub use error::StoreError;
pub use schema::KNOWN_VERSION;
pub use store::Store;
pub use types::{
    Accepted, AcceptedRecord, Ack, Alarm, Cause, Compared, Cover, Extent, Fork, Gap, Gaps, Head,
    HeldRecord, NewRecord, Page, Purged, RejectedRecord, Replacing, ServerLink, Split,
    StoredDocument, StoredPlace, StoredRecord, StoredReport, StoredVault, VaultOrigin, VaultSync,
    Weight, Write,
};
#[cfg(feature = "faults")]
pub use writing::Fault;
