//! What crosses to the window of history: versions, differences, merges, the trash and comments.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{NodeKind, OutlineNode, Run};

/// Why a version is in the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum VersionKind {
    /// The end of a stretch of writing.
    Automatic,
    /// As it was when the scene was first opened since the vault was unlocked.
    Opened,
    /// The author gave it a name.
    Named,
    /// The author gave the whole novel a name.
    NamedNovel,
    /// Kept before an older version was brought back.
    BeforeRestore,
    /// Kept before a replacement in many scenes.
    BeforeReplace,
    /// As it was before another laptop's writing was merged in.
    BeforeMerge,
    /// Made by a newer Seshat.
    Other,
}

/// A version of a scene.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VersionRow {
    /// Names the version, for as long as the scene lives.
    pub version: String,
    /// For renaming and forgetting; null where there is nothing to forget.
    pub id: Option<String>,
    /// Why it is in the list.
    pub kind: VersionKind,
    /// The author's name for it.
    pub name: Option<String>,
    /// Milliseconds since 1970; null where it is not known.
    #[ts(type = "number | null")]
    pub at: Option<u64>,
    /// Characters typed since the version before, for automatic ones.
    #[ts(type = "number")]
    pub inserted: u64,
    /// Characters removed since the version before, for automatic ones.
    #[ts(type = "number")]
    pub deleted: u64,
}

/// A scene as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VersionText {
    /// The whole text.
    pub runs: Vec<Run>,
    /// Bodies of its footnotes.
    #[ts(type = "Record<string, Run[]>")]
    pub notes: std::collections::BTreeMap<String, Vec<Run>>,
    /// Words in it.
    #[ts(type = "number")]
    pub words: u64,
}

/// What became of some words between two versions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DiffKind {
    /// They are in both.
    Same,
    /// Only in the newer one.
    Added,
    /// Only in the older one.
    Removed,
}

/// Words that share their fate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DiffPiece {
    /// What became of them.
    pub kind: DiffKind,
    /// The words.
    pub text: String,
}

/// A paragraph of a difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DiffParagraph {
    /// `body`, `heading`, `quote`, `verse`, `letter` or `break`.
    pub block: String,
    /// Its words in order.
    pub pieces: Vec<DiffPiece>,
}

/// What changed between two versions, word by word.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DiffView {
    /// In reading order.
    pub paragraphs: Vec<DiffParagraph>,
    /// Words only in the newer one.
    #[ts(type = "number")]
    pub added: u64,
    /// Words only in the older one.
    #[ts(type = "number")]
    pub removed: u64,
}

/// A version of a whole novel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NovelVersionRow {
    /// For looking at it, restoring and forgetting.
    pub id: String,
    /// Why it is there.
    pub kind: VersionKind,
    /// The author's name for it.
    pub name: String,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
}

/// A scene in a novel's version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NovelVersionNode {
    /// What it is.
    pub kind: NodeKind,
    /// Its title then.
    pub title: String,
    /// The scene's text, if it is one.
    pub scene: Option<String>,
    /// The scene's version then; null where it has no text.
    pub version: Option<String>,
    /// In order.
    pub children: Vec<NovelVersionNode>,
}

/// What came into one scene from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MergeRow {
    /// The scene.
    pub scene: String,
    /// Its place now, `3/2`; empty when it is not in the manuscript.
    pub path: String,
    /// Its title or first words.
    pub title: String,
    /// The laptops that wrote it.
    pub devices: Vec<String>,
    /// Words that came.
    #[ts(type = "number")]
    pub added: u64,
    /// Words that went.
    #[ts(type = "number")]
    pub removed: u64,
    /// The version before the merge.
    pub before: String,
    /// The other laptops' version, where this one had writing that they did not have.
    pub theirs: Option<String>,
    /// Whether both sides changed the same paragraph: worth a look.
    pub overlaps: bool,
    /// Whether it was in the trash here or there, and lives on because it was edited.
    pub kept: bool,
}

/// What one sync merged into a novel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MergeReport {
    /// For dismissing it.
    #[ts(type = "number")]
    pub id: u64,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// A row for each scene.
    pub scenes: Vec<MergeRow>,
}

/// Something in the trash.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrashedNode {
    /// With everything in it.
    pub node: OutlineNode,
    /// Milliseconds since 1970; null where it is not known.
    #[ts(type = "number | null")]
    pub at: Option<u64>,
}

/// A comment in the margin.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CommentRow {
    /// For changing it.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Where it begins, in UTF-16 units of the flat text.
    #[ts(type = "number")]
    pub from: usize,
    /// Where it ends; the same as `from` when its text is gone.
    #[ts(type = "number")]
    pub to: usize,
    /// The text that it was made for.
    pub quote: String,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// The laptop that it was written on.
    pub author: String,
    /// Whether it is settled.
    pub resolved: bool,
}
