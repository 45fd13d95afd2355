//! What crosses to the window about spelling.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A part of a paragraph that is in one language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpellPiece {
    /// As it stands; an atom is U+FFFC.
    pub text: String,
    /// Its language where it is another one than the novel's.
    pub language: Option<String>,
}

/// A word that neither a dictionary nor the author knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Misspelling {
    /// First UTF-16 unit in its paragraph.
    #[ts(type = "number")]
    pub from: usize,
    /// One behind the last.
    #[ts(type = "number")]
    pub to: usize,
}

/// A dictionary on this laptop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DictionaryCard {
    /// Its language, `en-GB`.
    pub language: String,
    /// The author brought it, and can take it away.
    pub own: bool,
    /// The novel that was asked about is checked by it.
    pub used: bool,
}

/// What a novel's spelling is judged by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpellingFacts {
    /// The novel's language.
    pub language: String,
    /// The author's own words in this novel, in order.
    pub words: Vec<String>,
    /// Every dictionary there is, in order.
    pub dictionaries: Vec<DictionaryCard>,
}
