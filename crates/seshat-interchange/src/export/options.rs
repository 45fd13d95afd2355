//! What the author chooses for an export: kept as a preset, so it holds no text of the novel's chapters, no picture
//! and no recipient.

use serde::{Deserialize, Serialize};
use seshat_manuscript::Passage;

/// The choices of one preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// What of the novel is exported.
    pub range: Range,
    /// What stands before the text, in this order.
    pub front: Vec<Matter>,
    /// What stands behind it.
    pub back: Vec<Matter>,
    /// A chapter's heading: `#t` is its title, `#d` its number, `#w` and `#W` the number in words (the second all in
    /// capitals), `#r` and `#R` in Roman figures, `##` a number sign.
    pub chapter_heading: String,
    /// A part's heading, with the same signs.
    pub part_heading: String,
    /// What the number of a chapter counts.
    pub numbering: Numbering,
    /// Between scenes and for breaks inside them, such as `* * *`, `#` or an ornament. Empty: a blank line.
    pub separator: String,
    /// Where the list of contents stands.
    pub contents: Contents,
    /// Lines in columns from right to left, where the format can do that: Japanese and Chinese books.
    pub vertical: bool,
    /// Below the title.
    pub subtitle: String,
    /// Who publishes the book.
    pub publisher: String,
    /// One sentence for the files that hold rights, such as "© 2026 Ada Lane".
    pub rights: String,
    /// A few sentences on the book, for shops and libraries.
    pub description: String,
    /// The author's name and address, a line each: the corner of a manuscript's first page.
    pub contact: Vec<String>,
    /// The author's surname in a manuscript's header; empty: the last word of the author's name.
    pub surname: String,
    /// The title's keyword in a manuscript's header; empty: the first words of the title.
    pub keyword: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            range: Range::Whole,
            front: vec![Matter::new(Role::TitlePage)],
            back: Vec::new(),
            chapter_heading: "#t".to_owned(),
            part_heading: "#t".to_owned(),
            numbering: Numbering::Through,
            separator: "* * *".to_owned(),
            contents: Contents::Before,
            vertical: false,
            subtitle: String::new(),
            publisher: String::new(),
            rights: String::new(),
            description: String::new(),
            contact: Vec::new(),
            surname: String::new(),
            keyword: String::new(),
        }
    }
}

impl Options {
    /// The text alone: no page before or behind it and no list of contents.
    #[must_use]
    pub fn bare() -> Self {
        Self { front: Vec::new(), contents: Contents::None, ..Self::default() }
    }
}

/// What of a novel is exported. Positions count from 0 in reading order, over everything that the novel as plain
/// data holds. Chapters keep the numbers that they have in the whole novel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Range {
    /// All of it.
    #[default]
    Whole,
    /// One part.
    Part(usize),
    /// From one chapter to another one, both in it.
    Chapters {
        /// The first.
        first: usize,
        /// The last.
        last: usize,
    },
    /// Scenes that the author has marked: positions of their chapters and, in those, of themselves.
    Scenes(Vec<(usize, usize)>),
}

/// What the number of a chapter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbering {
    /// All chapters of the novel.
    #[default]
    Through,
    /// The chapters of its part.
    InPart,
}

/// Where a list of contents stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contents {
    /// Before the text, behind the pages that open the book.
    #[default]
    Before,
    /// Behind everything.
    After,
    /// Nowhere; an EPUB still has the list that reading programs show beside the text.
    None,
}

/// What a section of a book is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Title, subtitle, author, publisher: made from these.
    TitlePage,
    /// Rights, edition, thanks to copyright holders.
    Copyright,
    /// A dedication.
    Dedication,
    /// A motto.
    Epigraph,
    /// What somebody else says before the text.
    Foreword,
    /// What the author says before the text.
    Preface,
    /// A part's own page.
    Part,
    /// A chapter.
    Chapter,
    /// What is said behind the text.
    Afterword,
    /// Thanks.
    Acknowledgements,
    /// About the author.
    AboutAuthor,
    /// Other books of the author.
    AlsoBy,
}

/// A page before or behind the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Matter {
    /// What it is.
    pub role: Role,
    /// Its heading; `None` is the usual one in the novel's language, or none where such pages have none.
    pub heading: Option<String>,
    /// What it says; a title page says what the novel says of itself.
    pub text: Passage,
}

impl Default for Matter {
    fn default() -> Self {
        Self::new(Role::TitlePage)
    }
}

impl Matter {
    /// A page without text and with its usual heading.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self { role, heading: None, text: Passage::default() }
    }
}
