//! What crosses to the window about exports: presets, copies, pages and what became of an export.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an export becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ExportKind {
    /// An e-book.
    #[default]
    Epub,
    /// A book for Word, with styles.
    Docx,
    /// A manuscript for Word, as agents and editors ask for it.
    ManuscriptDocx,
    /// A book for LibreOffice.
    Odt,
    /// Pages for a printer.
    Pdf,
    /// A manuscript as pages.
    ManuscriptPdf,
    /// One web page.
    Html,
    /// A folder of web pages, one for each chapter.
    HtmlFolder,
    /// A folder of Markdown files, one for each chapter, which can be imported again.
    MarkdownFolder,
    /// One file of CommonMark.
    Markdown,
    /// One file of Pandoc's Markdown.
    Pandoc,
    /// One file of plain text.
    Text,
    /// The outline as a table.
    Csv,
    /// The outline for outliners.
    Opml,
}

/// Shunn's two forms of a manuscript.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ManuscriptLook {
    /// Times, with italics.
    #[default]
    Modern,
    /// Courier, with underlines.
    Classic,
}

/// What of a novel is exported. Nodes are ids of rows of the binder.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum ExportRange {
    /// All of it that is not left out.
    #[default]
    Whole,
    /// One part.
    Part {
        /// Which.
        node: String,
    },
    /// From one chapter to another one, both in it.
    Chapters {
        /// The first.
        first: String,
        /// The last.
        last: String,
    },
    /// Scenes that the author ticked.
    Scenes {
        /// Which.
        nodes: Vec<String>,
    },
}

/// What a page before or behind the text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum MatterRole {
    /// Title, subtitle, author, publisher: made from these.
    TitlePage,
    /// Rights and edition.
    Copyright,
    /// A dedication.
    Dedication,
    /// A motto.
    Epigraph,
    /// What somebody else says before the text.
    Foreword,
    /// What the author says before the text.
    Preface,
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MatterRow {
    /// What it is.
    pub role: MatterRole,
    /// Its heading. Null: the usual one in the novel's language.
    pub heading: Option<String>,
    /// What it says, in our Markdown.
    pub text: String,
}

/// The size of the paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum PaperSize {
    /// 148 × 210 mm.
    #[default]
    A5,
    /// 210 × 297 mm.
    A4,
    /// 105 × 148 mm.
    A6,
    /// 128 × 182 mm.
    JisB6,
    /// 125 × 190 mm.
    Pocket,
    /// 135 × 215 mm.
    Novel,
    /// 5 × 8 inches.
    FiveByEight,
    /// 5.5 × 8.5 inches.
    Digest,
    /// 6 × 9 inches.
    Trade,
    /// 8.5 × 11 inches.
    Letter,
}

/// Where chapters begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ChapterOpeners {
    /// On the next page.
    #[default]
    Any,
    /// On the next odd page.
    Recto,
}

/// What a chapter's first letter looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ChapterInitials {
    /// Like all others.
    #[default]
    Plain,
    /// A capital over two lines.
    Dropped,
}

/// How pages look.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct PageChoice {
    /// The paper, cut.
    pub trim: PaperSize,
    /// The letters' size in tenths of a point; 0: what suits the language.
    pub size: u16,
    /// From one line to the next, in tenths of a point; 0: what suits the size.
    pub line: u16,
    /// More room at the spine, in tenths of a millimetre.
    pub gutter: u16,
    /// Where chapters begin.
    pub openers: ChapterOpeners,
    /// What a chapter's first letter looks like.
    pub initials: ChapterInitials,
}

/// What the number of a chapter counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ChapterNumbering {
    /// All chapters of the novel.
    #[default]
    Through,
    /// The chapters of its part.
    InPart,
}

/// Where the list of contents stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ContentsPlace {
    /// Before the text.
    #[default]
    Before,
    /// Behind everything.
    After,
    /// Nowhere.
    None,
}

/// The choices of an export, kept with the novel under a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct ExportPreset {
    /// Names it for ever; empty for one that is not kept yet. Those that came with Seshat begin with `builtin-`.
    pub id: String,
    /// What the author calls it.
    pub name: String,
    /// What it makes.
    pub kind: ExportKind,
    /// Which form of manuscript.
    pub look: ManuscriptLook,
    /// What of the novel.
    pub range: ExportRange,
    /// Pages before the text, in this order.
    pub front: Vec<MatterRow>,
    /// Pages behind it.
    pub back: Vec<MatterRow>,
    /// A chapter's heading: `#t` its title, `#d` its number, `#w` and `#W` the number in words, `#r` and `#R` in
    /// Roman figures, `##` a number sign.
    pub chapter_heading: String,
    /// A part's heading, with the same signs.
    pub part_heading: String,
    /// What the number of a chapter counts.
    pub numbering: ChapterNumbering,
    /// Between scenes; empty for a blank line.
    pub separator: String,
    /// Where the list of contents stands.
    pub contents: ContentsPlace,
    /// Lines in columns from right to left, where the format can do that.
    pub vertical: bool,
    /// Whose book it is. Empty: whom the novel names.
    pub author: String,
    /// Below the title.
    pub subtitle: String,
    /// Who publishes the book.
    pub publisher: String,
    /// One sentence on rights.
    pub rights: String,
    /// A few sentences on the book.
    pub description: String,
    /// The author's name and address, a line each.
    pub contact: Vec<String>,
    /// The author's surname in a manuscript's header; empty: found in the author's name.
    pub surname: String,
    /// The title's keyword in a manuscript's header; empty: found in the title.
    pub keyword: String,
    /// How pages look.
    pub page: PageChoice,
}

impl Default for ExportPreset {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            kind: ExportKind::default(),
            look: ManuscriptLook::default(),
            range: ExportRange::default(),
            front: vec![MatterRow {
                role: MatterRole::TitlePage,
                heading: None,
                text: String::new(),
            }],
            back: Vec::new(),
            chapter_heading: "#t".to_owned(),
            part_heading: "#t".to_owned(),
            numbering: ChapterNumbering::default(),
            separator: "* * *".to_owned(),
            contents: ContentsPlace::default(),
            vertical: false,
            author: String::new(),
            subtitle: String::new(),
            publisher: String::new(),
            rights: String::new(),
            description: String::new(),
            contact: Vec::new(),
            surname: String::new(),
            keyword: String::new(),
            page: PageChoice::default(),
        }
    }
}

/// What belongs to one copy and to no preset.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportCopy {
    /// Who gets it; empty for nobody in particular.
    pub recipient: String,
    /// Whether a line in the book says so.
    pub line: bool,
    /// Whether the text carries an invisible mark.
    pub mark: bool,
    /// The cover, a picture's path.
    pub cover: Option<String>,
}

/// What an export wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportDone {
    /// Where it is.
    pub path: String,
    /// Words of the novel in it.
    #[ts(type = "number")]
    pub words: u64,
    /// Chapters in it.
    #[ts(type = "number")]
    pub chapters: u64,
    /// Pages, where it has pages.
    #[ts(type = "number | null")]
    pub pages: Option<u64>,
    /// What was found wrong with it, the grave first.
    pub findings: Vec<ExportFinding>,
    /// The copy's id in the register, where it is in there.
    pub copy: Option<String>,
}

/// Something to be mended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportFinding {
    /// Whether readers or shops may refuse the file for it.
    pub grave: bool,
    /// What it is, in one sentence.
    pub said: String,
}

/// Pages of an export as pictures.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportPages {
    /// How many there are in all; 0 for what has no pages.
    #[ts(type = "number")]
    pub pages: u64,
    /// Words of the novel in it.
    #[ts(type = "number")]
    pub words: u64,
    /// The first page that is here, from 0.
    #[ts(type = "number")]
    pub from: u64,
    /// PNG files as base64: that page and those behind it.
    pub images: Vec<String>,
    /// Characters that no font has.
    pub missing: String,
    /// Whether `pages` counts the whole. False: only the beginning was set so far; asking again gives the whole.
    pub done: bool,
}

/// What an export is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ExportStep {
    /// Texts are read; `done` counts them.
    Reading,
    /// The file, or its pages, are made.
    Making,
    /// The file is looked at.
    Checking,
    /// It is written.
    Writing,
}

/// How far an export is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportProgress {
    /// What it is at.
    pub step: ExportStep,
    /// How much of that is done.
    #[ts(type = "number")]
    pub done: u64,
    /// Of how much; 0 where nobody knows.
    #[ts(type = "number")]
    pub total: u64,
}

/// A copy that somebody got.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CopyRow {
    /// Its id in the register. Empty: a mark that stands in no register of this vault; all else is empty then too.
    pub id: String,
    /// The novel's id.
    pub novel: String,
    /// The novel's title.
    pub title: String,
    /// Who got it.
    pub recipient: String,
    /// What it was. Null: not known.
    pub kind: Option<ExportKind>,
    /// When it was made, in milliseconds since 1970.
    #[ts(type = "number")]
    pub made_ms: u64,
    /// The mark in its text; empty where it has none.
    pub mark: String,
}
