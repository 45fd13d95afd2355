//! Import and export: one file per format.
//!
//! **Invariants:** nothing in here opens a network connection, follows a link of a document or asks the time.
//! An import changes nothing on disk; an export appears whole or not at all and never replaces text that is
//! already there. No word of a file that was read is missing from the novel it becomes.

pub mod export;
pub mod flow;
pub mod import;
pub mod markdown;
mod novel;
mod roman;
mod sample;
pub mod shape;

pub use export::{ExportError, ExportNovel};
pub use import::{ImportError, ImportedNovel};
pub use novel::{Chapter, Part};
pub use sample::sample;
