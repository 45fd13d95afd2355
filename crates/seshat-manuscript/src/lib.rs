//! The novel as a document: binder, scene text, merge, counts.
//!
//! **Invariant:** nothing in here does I/O, asks the time or asks the operating system for randomness: peers
//! and document ids are passed in, so every test is deterministic. The CRDT underneath appears in no public
//! signature, so that it can be replaced without touching another crate.

mod binder;
mod count;
mod edit;
mod flat;
mod node;
mod op;
mod passage;
mod replica;
mod scene;

pub use binder::{Binder, BinderError, NewNode};
pub use count::words;
pub use node::{Node, NodeId, NodeIdError, NodeKind, Status};
pub use op::{Atom, Mark, Op, OpError, OpFault, Unit};
pub use passage::{ATOM, Align, Block, Marks, Paragraph, Passage, Piece};
pub use replica::{LoadError, Merged, SnapshotError};
pub use scene::{Change, Changed, Run, SceneText};
