//! What an import would bring in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::NodeKind;

/// A novel as it was found in files. Nothing of it is in the vault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportPreview {
    /// The title that the files say; empty when they say none.
    pub title: String,
    /// The language as a BCP 47 tag, if the files say one.
    pub language: Option<String>,
    /// The author's name, if the files say one.
    pub author: Option<String>,
    /// What would stand in the binder, in reading order.
    pub nodes: Vec<PreviewNode>,
    /// Words in all.
    #[ts(type = "number")]
    pub words: u64,
    /// Chapters in all.
    #[ts(type = "number")]
    pub chapters: u64,
    /// Scenes in all.
    #[ts(type = "number")]
    pub scenes: u64,
    /// What would be left out, kept as plain text or split, in sentences.
    pub notes: Vec<String>,
}

/// One line of the binder to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PreviewNode {
    /// What it was taken for.
    pub kind: NodeKind,
    /// Its title; empty when it has none.
    pub title: String,
    /// Its first words, where it has a text.
    pub excerpt: String,
    /// Words in it.
    #[ts(type = "number")]
    pub words: u64,
    /// What stands in it.
    pub children: Vec<PreviewNode>,
}
