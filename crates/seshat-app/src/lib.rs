//! The use cases: unlock, write, import, export, search, sync. The only place where keys, text and storage meet.
//!
//! **Invariants:** only plain data leaves this crate: what the window and the command line see is in `dto.rs`.
//! Every write is one transaction. No write waits on the network, and nothing typed waits on the disk.

mod account;
mod alarms;
mod background;
mod board;
mod carrying;
mod checking;
mod clock;
mod desk;
mod dto;
mod failure;
mod library;
mod scenes;
mod session;
mod syncing;
mod text;
mod vaulting;

pub use carrying::Exported;
pub use checking::CheckReport;
pub use desk::Desk;
pub use dto::*;
pub use scenes::ShownScene;
pub use seshat_manuscript::Op;
pub use text::parse_ops;
pub use vaulting::SecondSecret;
