//! The flow: what every importer makes of a file, before anybody decides what is a part, a chapter or a scene.
//!
//! A flow is one list of blocks in reading order, without nesting: a quotation of three paragraphs is three
//! paragraphs of that kind, a table is its cells one behind the other, a writing program's tree is its items with
//! their depth. So no depth of a file can exhaust a stack here, and shaping reads it in one pass, as often as the
//! preview asks.
//!
//! **Invariants:** every character that a reader of the file would see is in the flow; what the file said and the
//! flow does not hold is counted in [`Flow::lost`]. An importer decides nothing about chapters: it says what it
//! saw (a heading, a page break, an empty paragraph), and the shaping draws the conclusions.

mod lost;
mod text;

pub use lost::{Loss, Lost};
use seshat_manuscript::Piece;
pub use seshat_manuscript::{Align, Marks};
pub use text::{push_text, visible};

/// A document as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// The title that the file's own data name. A title on its first page is a paragraph of [`Kind::Title`].
    pub title: Option<String>,
    /// The author that the file's own data name.
    pub author: Option<String>,
    /// The language of the text as a BCP 47 tag.
    pub language: Option<String>,
    /// In reading order.
    pub blocks: Vec<Block>,
    /// Images, named by their position in this list.
    pub images: Vec<Picture>,
    /// Comments, named by their position in this list.
    pub comments: Vec<Remark>,
    /// What the file held and the flow does not.
    pub lost: Lost,
    /// What else the author should know, one sentence each: files passed over, a guess that was made.
    pub notes: Vec<String>,
    /// Whether an empty paragraph is meant as one: in Markdown it is written down, elsewhere it is mostly space.
    pub exact: bool,
}

/// One block of a flow.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 for the highest, as the file counts them.
        level: u8,
        /// Its text.
        inline: Vec<Inline>,
    },
    /// A paragraph. One without visible content is an empty line, which may part scenes.
    Paragraph(Paragraph),
    /// A break that the file made with something other than text.
    Break(Break),
    /// Begins an item of a writing program's tree: the blocks up to the next item are its text.
    Item(Box<Item>),
}

/// A paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paragraph {
    /// What it is.
    pub kind: Kind,
    /// Alignment that the author asked for; `None` where the style's own is used.
    pub align: Option<Align>,
    /// Text and atoms in order.
    pub inline: Vec<Inline>,
}

/// What a paragraph is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Ordinary prose.
    #[default]
    Normal,
    /// A quotation, a block indented on both sides.
    Quote,
    /// Verse; lines of a stanza are parted by [`Inline::Break`].
    Verse,
    /// A letter, a diary, a telegram.
    Letter,
    /// The book's title on its first page, by the style's name.
    Title,
    /// The book's subtitle or author line there.
    Subtitle,
    /// A scene break of the author's own, by the style's name; its text is the ornament.
    Ornament,
    /// A break that stays inside its scene, as in a letter.
    InnerBreak,
    /// An entry of a list. Its further paragraphs are items with an empty label.
    Item {
        /// What stands before it: "•", "1.", "a)". The importer counts.
        label: String,
        /// How many lists it stands in, from 1.
        depth: u8,
    },
    /// A paragraph in a cell of a table.
    Cell {
        /// Rows count through the whole document, so that two tables in a row stay two.
        row: u32,
        /// From 0.
        column: u32,
    },
    /// Text whose spaces and line ends matter.
    Code,
}

/// A break that is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// A rule across the page, or whatever the format has for a change of scene.
    Scene,
    /// A new page.
    Page,
    /// A new section of a word processor.
    Section,
    /// A new file of an EPUB or of a folder.
    File,
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    /// Characters that share their marks, without line ends. Append them with [`push_text`].
    Text {
        /// The characters.
        text: String,
        /// Their marks.
        marks: Marks,
    },
    /// A line break inside the paragraph.
    Break,
    /// A footnote or an endnote at this place. Notes inside it lose their anchor: their text follows its body.
    Footnote(Vec<Block>),
    /// An image.
    Image {
        /// Its position in [`Flow::images`].
        image: usize,
        /// What it shows, for those who cannot see it.
        alt: String,
        /// How wide it is, in hundredths of the column, where the file says so.
        width: Option<u8>,
    },
    /// The text of a comment's place begins here.
    CommentFrom(usize),
    /// It ends here. A comment without a beginning belongs to this point.
    CommentTo(usize),
    /// An atom of the manuscript's own, which the Markdown reader keeps its layout in.
    Kept(Piece),
}

/// An image of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Its bytes, as they stood in the file.
    pub bytes: Vec<u8>,
    /// By what its first bytes say, else by its name: "image/jpeg"; empty when nothing says it.
    pub media_type: String,
    /// Its name in the file, without folders.
    pub name: String,
}

/// A comment in the margin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// Who made it; empty when the file does not say.
    pub author: String,
    /// When, as the file wrote it (ISO 8601 where the format asks for it); empty when it does not say.
    pub date: String,
    /// What it says; paragraphs are parted by `\n`.
    pub text: String,
    /// Whether it is settled.
    pub resolved: bool,
    /// The comment that it answers, by position.
    pub answers: Option<usize>,
}

/// An item of a writing program's tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// What it is.
    pub role: Role,
    /// 0 at the top of its tree; an item is in the last one before it that has a smaller depth.
    pub depth: u8,
    /// Its title; may be empty.
    pub title: String,
    /// What the author wrote on its card, as plain lines.
    pub synopsis: String,
    /// Notes beside its text.
    pub notes: Vec<Block>,
    /// The label's name ("Red", "Point of view: Ann").
    pub label: String,
    /// The status's name ("First draft").
    pub status: String,
    /// Words it should have.
    pub target: Option<u64>,
    /// Whether the author left it out of the finished book.
    pub excluded: bool,
}

/// What an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// A text of the novel whose place in the tree says what it is: a scene, mostly. Holds others, perhaps.
    #[default]
    Text,
    /// A folder of the novel whose place in the tree says what it is: a part or a chapter. May have a text.
    Folder,
    /// A part, for certain.
    Part,
    /// A chapter, for certain.
    Chapter,
    /// A scene, for certain.
    Scene,
    /// A text beside the novel: research, a character's sheet.
    Note,
    /// A folder beside the novel.
    NoteFolder,
}

impl Flow {
    /// Adds a heading.
    pub fn heading(&mut self, level: u8, inline: Vec<Inline>) {
        self.blocks.push(Block::Heading { level, inline });
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, kind: Kind, align: Option<Align>, inline: Vec<Inline>) {
        self.blocks.push(Block::Paragraph(Paragraph { kind, align, inline }));
    }

    /// Takes an image in and returns its position; equal bytes are held once.
    pub fn picture(&mut self, picture: Picture) -> usize {
        match self.images.iter().position(|held| held.bytes == picture.bytes) {
            Some(held) => held,
            None => {
                self.images.push(picture);
                self.images.len() - 1
            }
        }
    }
}

impl Paragraph {
    /// Ordinary prose without marks.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut inline = Vec::new();
        push_text(&mut inline, text, &Marks::default());
        Self { inline, ..Self::default() }
    }
}
