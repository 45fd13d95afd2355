//! The novel as a document: binder, scene text, merge, counts.
//!
//! **Invariant:** nothing in here does I/O, asks the time or asks the operating system for randomness: peers
//! and document ids are passed in, so every test is deterministic. The CRDT underneath appears in no public
//! signature, so that it can be replaced without touching another crate.

mod binder;
mod binder_history;
mod comments;
mod copies;
mod count;
mod diff;
mod edit;
mod flat;
mod goals;
mod moves;
mod node;
mod op;
mod own_words;
mod passage;
mod past;
mod presets;
mod put_away;
mod replica;
mod rewrite;
mod scene;
mod scene_history;
mod spans;
mod timeline;
mod tree;
mod version;
mod whereabouts;

pub use binder::{Binder, BinderError, NewNode};
pub use binder_history::{NovelVersion, PastNovel};
pub use comments::{Comment, CommentError, NewComment};
pub use copies::GivenCopy;
pub use count::words;
pub use diff::{DiffKind, DiffParagraph, DiffPiece, JOINED, WordDiff, word_diff};
pub use goals::Goals;
pub use moves::{Doubled, Removed};
pub use node::{Node, NodeId, NodeIdError, NodeKind, Status};
pub use op::{Atom, Mark, Op, OpError, OpFault, Unit};
pub use passage::{ATOM, Align, Block, Marks, Paragraph, Passage, Piece};
pub use past::Past;
pub use presets::Choices;
pub use replica::{LoadError, Merged, SnapshotError, beside, saved_content};
pub use scene::{Change, Changed, Run, SceneText};
pub use spans::{Spans, SpansError};
pub use timeline::{Moment, thin};
pub use version::{NamedVersion, Version, VersionError, VersionKind};
