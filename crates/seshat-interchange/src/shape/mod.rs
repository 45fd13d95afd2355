//! Shaping: from a [`Flow`] to parts, chapters and scenes.
//!
//! A flow is read once; shaping it takes milliseconds and writes nothing, so the preview shapes it again with
//! every change of a setting.
//!
//! **Invariants:** no word of the flow is missing from the shaped novel: a paragraph is text, a title, or the bare
//! sign of a change of scene that [`Shaping`] was told to read as one. Shaping never fails.

mod build;
mod cells;
mod draft;
mod guess;
mod items;
mod prose;
mod signs;
mod tally;

pub(crate) use build::is_number_only;
pub use tally::{Signs, signs_of};

use crate::flow::Flow;
use crate::import::ImportedNovel;

/// How a flow becomes a novel. [`Shaping::guess`] proposes one; the author may change each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shaping {
    /// Headings of this level are the book's title; 1 is the highest.
    pub title_level: Option<u8>,
    /// Headings of this level begin parts.
    pub part_level: Option<u8>,
    /// Headings of this level begin chapters.
    pub chapter_level: Option<u8>,
    /// Headings of this level begin scenes and are their titles.
    pub scene_level: Option<u8>,
    /// Which lines are headings, whatever their style.
    pub lines: Lines,
    /// Lines that are a number and nothing else begin chapters.
    pub numbers: bool,
    /// Lines that are a sign such as `* * *` or `#` and nothing else part scenes.
    pub ornaments: bool,
    /// Rules across the page part scenes.
    pub rules: bool,
    /// What a new page means.
    pub pages: Meaning,
    /// What a new section of a word processor means.
    pub sections: Meaning,
    /// What a new file of an EPUB means.
    pub files: Meaning,
    /// What empty paragraphs mean.
    pub blanks: Blanks,
    /// What the items of a writing program's tree become.
    pub items: Items,
}

/// Which lines are headings by what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// None.
    #[default]
    None,
    /// "Chapter 3" and its like begin chapters.
    Chapters,
    /// So they do, and "Part One" and its like begin parts.
    ChaptersAndParts,
}

/// What a break means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing.
    #[default]
    Nothing,
    /// It begins a scene.
    Scene,
    /// It begins a chapter.
    Chapter,
}

/// What empty paragraphs mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blanks {
    /// They are space and left out.
    #[default]
    Space,
    /// They are paragraphs.
    Kept,
    /// So many of them or more, one behind the other, part scenes.
    Scene(usize),
}

/// What the items of a writing program's tree become, where it does not say so itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Items {
    /// Folders with folders in them are parts, other folders chapters, texts scenes.
    #[default]
    ByFolders,
    /// Every text is a chapter, every folder a part.
    TextsAreChapters,
}

impl Default for Shaping {
    /// Headings of the first level, lines and signs; nothing that is only space.
    fn default() -> Self {
        Self {
            title_level: None,
            part_level: None,
            chapter_level: Some(1),
            scene_level: None,
            lines: Lines::ChaptersAndParts,
            numbers: false,
            ornaments: true,
            rules: true,
            pages: Meaning::Nothing,
            sections: Meaning::Nothing,
            files: Meaning::Nothing,
            blanks: Blanks::Space,
            items: Items::ByFolders,
        }
    }
}

impl Shaping {
    /// The shaping that fits the flow best, as far as its headings, lines and breaks tell.
    #[must_use]
    pub fn guess(flow: &Flow) -> Self {
        guess::guess(flow)
    }

    /// As Markdown is read everywhere else: every heading of the first level begins a chapter.
    #[must_use]
    pub fn markdown() -> Self {
        Self { lines: Lines::None, ornaments: false, blanks: Blanks::Kept, ..Self::default() }
    }
}

/// Makes a novel of a flow. What was lost and what was guessed is said in its notes.
#[must_use]
pub fn shape(flow: &Flow, shaping: &Shaping) -> ImportedNovel {
    build::build(flow, shaping)
}
