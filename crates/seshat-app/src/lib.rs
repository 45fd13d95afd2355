//! The use cases: unlock, write, import, export, search, sync. The only place where keys, text and storage meet.
//!
//! **Invariants:** only plain data leaves this crate: what the window and the command line see is in the
//! files `dto*.rs`.
//! Every write is one transaction. No write waits on the network, and nothing typed waits on the disk.

mod account;
mod alarms;
mod background;
mod board;
mod carrying;
mod changing;
mod checking;
mod clock;
mod desk;
mod devices;
mod dto;
mod dto_backup;
mod dto_finding;
mod dto_history;
mod dto_security;
mod failure;
mod idle;
mod joining;
mod kit_page;
mod library;
mod novel_locks;
mod remembering;
mod scenes;
mod security;
mod session;
#[cfg(test)]
mod simulation;
mod syncing;
mod text;
mod vaulting;

pub use carrying::Exported;
pub use checking::CheckReport;
pub use desk::Desk;
pub use dto::*;
pub use dto_backup::*;
pub use dto_finding::*;
pub use dto_history::*;
pub use dto_security::*;
pub use scenes::ShownScene;
pub use security::KitForm;
pub use seshat_manuscript::Op;
pub use text::parse_ops;
pub use vaulting::SecondSecret;
