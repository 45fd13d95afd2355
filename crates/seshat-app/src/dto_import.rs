//! What an import would bring in, and how the author may have it cut.

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
    /// How it was cut. None: a folder of chapters, which is as its files are.
    pub shaping: Option<ShapingChoice>,
    /// What may part it.
    pub signs: ImportSigns,
    /// Pictures in it.
    #[ts(type = "number")]
    pub images: u64,
    /// Footnotes in it.
    #[ts(type = "number")]
    pub footnotes: u64,
    /// Comments in it.
    #[ts(type = "number")]
    pub comments: u64,
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

/// How a document is cut into parts, chapters and scenes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ShapingChoice {
    /// The level of headings that are the book's title; 1 is the highest.
    pub title_level: Option<u8>,
    /// The level of headings that begin parts.
    pub part_level: Option<u8>,
    /// The level of headings that begin chapters.
    pub chapter_level: Option<u8>,
    /// The level of headings that begin scenes.
    pub scene_level: Option<u8>,
    /// Which lines are headings by what they say.
    pub lines: LineMeaning,
    /// Lines that are a number and nothing else begin chapters.
    pub numbers: bool,
    /// Lines that are a sign and nothing else part scenes.
    pub ornaments: bool,
    /// Rules across the page part scenes.
    pub rules: bool,
    /// What a new page begins.
    pub pages: BreakMeaning,
    /// What a new section begins.
    pub sections: BreakMeaning,
    /// What a new file begins.
    pub files: BreakMeaning,
    /// What empty lines mean.
    pub blanks: BlankMeaning,
    /// How many empty lines part scenes, where they do.
    pub blank_lines: u32,
    /// What the items of a writing program's tree become.
    pub items: ItemMeaning,
}

/// Which lines are headings by what they say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LineMeaning {
    /// None.
    None,
    /// "Chapter 3" and its like begin chapters.
    Chapters,
    /// So they do, and "Part One" and its like begin parts.
    ChaptersAndParts,
}

/// What a break in a document begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BreakMeaning {
    /// Nothing.
    Nothing,
    /// A scene.
    Scene,
    /// A chapter.
    Chapter,
}

/// What empty lines mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BlankMeaning {
    /// They are space and left out.
    Space,
    /// They are paragraphs.
    Kept,
    /// So many of them part scenes.
    Scene,
}

/// What the items of a writing program's tree become.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ItemMeaning {
    /// Folders of folders are parts, other folders chapters, texts scenes.
    ByFolders,
    /// Texts are chapters, folders parts.
    TextsAreChapters,
}

/// What a document holds that may part it, and how often.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportSigns {
    /// The levels of its headings, ascending.
    pub levels: Vec<u8>,
    /// Lines such as "Chapter 3".
    #[ts(type = "number")]
    pub lines: u64,
    /// Lines that are a number and nothing else.
    #[ts(type = "number")]
    pub numbers: u64,
    /// Lines that are a sign and nothing else.
    #[ts(type = "number")]
    pub ornaments: u64,
    /// Rules across the page.
    #[ts(type = "number")]
    pub rules: u64,
    /// New pages.
    #[ts(type = "number")]
    pub pages: u64,
    /// New sections.
    #[ts(type = "number")]
    pub sections: u64,
    /// New files.
    #[ts(type = "number")]
    pub files: u64,
    /// Runs of empty lines.
    #[ts(type = "number")]
    pub blanks: u64,
    /// Whether a writing program's tree says what is what.
    pub tree: bool,
}
