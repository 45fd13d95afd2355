//! The use cases: unlock, write, import, export, search, sync. The only place where keys, text and storage meet.
//!
//! **Invariants:** only plain data leaves this crate: what the window and the command line see is in the
//! files `dto*.rs`.
//! Every write is one transaction. No write waits on the network, and nothing typed waits on the disk.

mod account;
mod alarms;
mod arriving;
mod background;
mod backup;
mod backup_files;
mod board;
mod carrying;
mod changing;
mod checking;
mod clock;
mod comments;
mod compacting;
mod deletions;
mod desk;
mod devices;
mod dto;
mod dto_backup;
mod dto_finding;
mod dto_folder;
mod dto_history;
mod dto_place;
mod dto_security;
mod dto_sync;
mod failure;
mod finding;
mod folder;
mod hearing;
mod history;
mod idle;
mod incarnation;
mod joining;
mod kit_page;
mod leaving;
mod library;
mod mending;
mod merges;
mod novel_locks;
mod places;
mod proving;
mod readable;
mod refetching;
mod remembering;
mod reminding;
mod replacing;
mod reports;
mod restoring;
mod resuming;
mod revising;
mod rotation;
mod scenes;
mod security;
mod seen;
mod session;
#[cfg(test)]
mod simulation;
mod standing;
mod structure;
mod syncing;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod vaulting;

pub use carrying::Exported;
pub use checking::CheckReport;
pub use desk::Desk;
pub use dto::*;
pub use dto_backup::*;
pub use dto_finding::*;
pub use dto_folder::*;
pub use dto_history::*;
pub use dto_place::*;
pub use dto_security::*;
pub use dto_sync::*;
pub use scenes::ShownScene;
pub use security::KitForm;
pub use seshat_manuscript::Op;
pub use text::parse_ops;
pub use vaulting::SecondSecret;
