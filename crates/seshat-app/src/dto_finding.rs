//! What crosses to the window of search and replace.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What to look for, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Query {
    /// The text, or the regular expression.
    pub text: String,
    /// The novel; null is every open novel.
    pub novel: Option<String>,
    /// Capitals count.
    pub case: bool,
    /// Accents count.
    pub accents: bool,
    /// Only whole words.
    pub whole_word: bool,
    /// The text is a regular expression.
    pub regex: bool,
}

/// A place where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FoundHit {
    /// Names it for a replacement, as long as the scene is not edited.
    pub id: String,
    /// Words before it.
    pub before: String,
    /// As it is written.
    pub found: String,
    /// Words behind it.
    pub after: String,
    /// First UTF-16 unit in the flat text; null in a footnote.
    #[ts(type = "number | null")]
    pub from: Option<usize>,
    /// One behind the last.
    #[ts(type = "number | null")]
    pub to: Option<usize>,
    /// What would stand there, where a replacement was asked for.
    pub becomes: Option<String>,
}

/// A scene with hits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FoundScene {
    /// The novel.
    pub novel: String,
    /// Its title.
    pub novel_title: String,
    /// The scene.
    pub scene: String,
    /// Its place, `3/2`; empty for a note.
    pub path: String,
    /// The chapter's title, or the note's own.
    pub chapter: String,
    /// In reading order.
    pub hits: Vec<FoundHit>,
}

/// Everything that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Found {
    /// In reading order.
    pub scenes: Vec<FoundScene>,
    /// How many hits there are in all.
    #[ts(type = "number")]
    pub total: u64,
    /// Whether there are more than are listed.
    pub cut: bool,
}

/// Replaces hits that were found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Replace {
    /// What was looked for.
    pub query: Query,
    /// What shall stand there; with a regular expression `$1` is its first group.
    pub with: String,
    /// Ids of the hits that were ticked; null is all of them.
    pub hits: Option<Vec<String>>,
}

/// What a replacement did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Replaced {
    /// Places that were replaced.
    #[ts(type = "number")]
    pub places: u64,
    /// Scenes that they are in.
    #[ts(type = "number")]
    pub scenes: u64,
    /// Places that were ticked and had changed meanwhile; they were left alone.
    #[ts(type = "number")]
    pub left: u64,
    /// For taking it back, until the vault is locked.
    #[ts(type = "number")]
    pub undo: u64,
}

/// What taking a replacement back did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Unreplaced {
    /// Places that are as they were.
    #[ts(type = "number")]
    pub places: u64,
    /// Places that were edited since; they were left alone.
    #[ts(type = "number")]
    pub left: u64,
}
