//! A novel as plain data, as importers make it and exporters take it.

use seshat_manuscript::Passage;

/// A part of a novel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Its title; empty for chapters that stand in no part.
    pub title: String,
    /// In reading order.
    pub chapters: Vec<Chapter>,
}

/// A chapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chapter {
    /// Its title on one line; empty when it has none. Markdown that a title cannot hold as marks stays in it as
    /// it was written (`The *Demeter*`).
    pub title: String,
    /// In reading order; an imported chapter has at least one.
    pub scenes: Vec<Passage>,
}
