//! A scene as plain data: paragraphs of marked text. What importers make, what exporters, search and counts read.
//!
//! **Invariant:** a [`Passage`] in normal form (see [`Passage::normalized`]) says everything that the current
//! version understands of a scene, and survives passage → scene → passage unchanged.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::count;

/// U+FFFC OBJECT REPLACEMENT CHARACTER: stands in flat text for a line break, a footnote, an image or an atom
/// of a newer version. It never occurs inside [`Piece::Text`].
pub const ATOM: char = '\u{fffc}';

/// A stretch of text: a scene, or the body of a footnote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// In reading order. Empty and "one empty body paragraph" mean the same; the second is the normal form.
    pub paragraphs: Vec<Paragraph>,
}

/// One paragraph.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Paragraph {
    /// What kind of paragraph it is.
    #[serde(default, skip_serializing_if = "is_body")]
    pub block: Block,
    /// Alignment that the author asked for; `None` is whatever the style says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub align: Option<Align>,
    /// Text and atoms in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
}

fn is_body(block: &Block) -> bool {
    *block == Block::Body
}

/// The kind of a paragraph. A quotation or a letter of several paragraphs is several paragraphs of that kind:
/// the text is flat, so two laptops can split and join paragraphs without doubling a wrapper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// Ordinary prose.
    #[default]
    Body,
    /// A heading inside the scene.
    Heading,
    /// A quotation.
    Quote,
    /// A line or stanza of verse; lines of one stanza are parted by [`Piece::Break`].
    Verse,
    /// A letter, a diary, a telegram.
    Letter,
    /// A break inside the scene ("* * *"); its own text, usually none, is shown instead of the ornament.
    Break,
}

/// Alignment of a paragraph. Left and right are physical, as typewriters meant them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// Flush left.
    Left,
    /// Centred.
    Center,
    /// Flush right.
    Right,
    /// Flush on both sides.
    Justify,
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Piece {
    /// Characters that share their marks. In normal form: not empty, without [`ATOM`], `\n` and `\r`.
    Text {
        /// The characters.
        text: String,
        /// Their marks.
        #[serde(default, skip_serializing_if = "Marks::is_plain")]
        marks: Marks,
    },
    /// A line break inside the paragraph.
    Break,
    /// A footnote.
    Footnote {
        /// The note's text. Notes inside it are dropped by the normal form.
        body: Vec<Paragraph>,
    },
    /// An image, held elsewhere.
    Image {
        /// Names the image's bytes.
        hash: String,
        /// What the image shows, for those who cannot see it.
        alt: String,
        /// How much of the column it takes, in hundredths from 1 to 100; as wide as it is where that is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        width: Option<u8>,
    },
    /// An atom that a newer version wrote. It keeps its place and its content.
    Unknown {
        /// Its JSON, untouched.
        kept: Value,
    },
}

/// Marks of characters. The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Emphasis, usually italics.
    #[serde(skip_serializing_if = "is_off")]
    pub emphasis: bool,
    /// Strong emphasis, usually bold.
    #[serde(skip_serializing_if = "is_off")]
    pub strong: bool,
    /// Underlined.
    #[serde(skip_serializing_if = "is_off")]
    pub underline: bool,
    /// Struck through.
    #[serde(skip_serializing_if = "is_off")]
    pub strike: bool,
    /// Small capitals.
    #[serde(skip_serializing_if = "is_off")]
    pub smallcaps: bool,
    /// Superscript.
    #[serde(skip_serializing_if = "is_off")]
    pub superscript: bool,
    /// The address that the characters link to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The language of the characters where it differs from the novel's, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The reading that stands above the characters. The base stays text, so search and counts see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruby: Option<String>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde's skip_serializing_if asks for"
)]
fn is_off(mark: &bool) -> bool {
    !mark
}

impl Marks {
    /// Whether no mark is set.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl Piece {
    /// Text without marks.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), marks: Marks::default() }
    }
}

impl Paragraph {
    /// A paragraph of `block` holding `text` without marks; no pieces when `text` is empty.
    #[must_use]
    pub fn new(block: Block, text: &str) -> Self {
        let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::plain(text)] };
        Self { block, align: None, pieces }
    }

    /// The characters with [`ATOM`] for every atom, without the newline that begins a paragraph.
    #[must_use]
    pub fn flat(&self) -> String {
        let mut flat = String::new();
        self.flat_into(&mut flat);
        flat
    }

    fn flat_into(&self, flat: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text { text, .. } => flat.push_str(text),
                Piece::Break
                | Piece::Footnote { .. }
                | Piece::Image { .. }
                | Piece::Unknown { .. } => flat.push(ATOM),
            }
        }
    }

    /// The characters as a reader would copy them: line breaks as `\n`, other atoms left out.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text { text, .. } => plain.push_str(text),
                Piece::Break => plain.push('\n'),
                Piece::Footnote { .. } | Piece::Image { .. } | Piece::Unknown { .. } => {}
            }
        }
        plain
    }

    /// Words, footnotes left out.
    #[must_use]
    pub fn words(&self) -> usize {
        count::words(&self.flat())
    }

    fn normalized(self, notes: Notes) -> Self {
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces {
            match piece {
                Piece::Text { text, marks } => push_text(&mut pieces, &text, &marks),
                Piece::Footnote { body } => {
                    if notes == Notes::Kept {
                        pieces.push(Piece::Footnote { body: note_body(body) });
                    }
                }
                Piece::Break | Piece::Image { .. } | Piece::Unknown { .. } => pieces.push(piece),
            }
        }
        Self { block: self.block, align: self.align, pieces }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Notes {
    Kept,
    Dropped,
}

fn normal_paragraphs(paragraphs: Vec<Paragraph>, notes: Notes) -> Vec<Paragraph> {
    if paragraphs.is_empty() {
        return vec![Paragraph::default()];
    }
    paragraphs.into_iter().map(|paragraph| paragraph.normalized(notes)).collect()
}

/// The normal form of a footnote's body.
pub(crate) fn note_body(body: Vec<Paragraph>) -> Vec<Paragraph> {
    normal_paragraphs(body, Notes::Dropped)
}

/// Appends `text` to `pieces`: line ends become breaks, [`ATOM`] is dropped (it would stand for nothing), and
/// text continues the last piece where the marks are equal.
fn push_text(pieces: &mut Vec<Piece>, text: &str, marks: &Marks) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace(ATOM, "");
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            pieces.push(Piece::Break);
        }
        if line.is_empty() {
            continue;
        }
        match pieces.last_mut() {
            Some(Piece::Text { text: last, marks: same }) if same == marks => last.push_str(line),
            _ => pieces.push(Piece::Text { text: line.to_owned(), marks: marks.clone() }),
        }
    }
}

impl Passage {
    /// The normal form: at least one paragraph; text pieces not empty, merged where their marks are equal, with
    /// line ends turned into [`Piece::Break`]; no footnote inside a footnote.
    #[must_use]
    pub fn normalized(self) -> Self {
        Self { paragraphs: normal_paragraphs(self.paragraphs, Notes::Kept) }
    }

    /// The flat text: every paragraph begins with `\n`, and every atom is one [`ATOM`]. Equal to the flat text
    /// of a scene made from this passage when the passage is in normal form.
    #[must_use]
    pub fn flat(&self) -> String {
        let mut flat = String::new();
        for paragraph in &self.paragraphs {
            flat.push('\n');
            paragraph.flat_into(&mut flat);
        }
        if flat.is_empty() {
            flat.push('\n');
        }
        flat
    }

    /// Words in the author's sense (see [`crate::words`]). Footnotes, alternative texts and readings above
    /// characters are left out: they are not what a scene's length means.
    #[must_use]
    pub fn words(&self) -> usize {
        count::words(&self.flat())
    }

    /// Characters (Unicode scalar values) as a reader would copy them, spaces included, without paragraph ends,
    /// line breaks and atoms.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.flat().chars().filter(|&c| c != '\n' && c != ATOM && !count::is_ignored(c)).count()
    }

    /// The beginning for a card or a list: at most `most` characters on one line, cut at a space where there is
    /// one, with "…" instead of a stop when something follows.
    #[must_use]
    pub fn excerpt(&self, most: usize) -> String {
        let line = self.plain().split_whitespace().collect::<Vec<_>>().join(" ");
        let Some((cut, _)) = line.char_indices().nth(most) else { return line };
        let (head, rest) = line.split_at(cut);
        let head = match head.rfind(' ') {
            Some(space) if !rest.starts_with(' ') && space > 0 => head.split_at(space).0,
            _ => head,
        };
        // "Mr.…" would read as four dots.
        format!("{}…", head.trim_end_matches([' ', '.', ',', ';', ':', '…']))
    }

    /// The text as a reader would copy it: paragraphs parted by `\n`, an empty break as "* * *".
    #[must_use]
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for (index, paragraph) in self.paragraphs.iter().enumerate() {
            if index > 0 {
                plain.push('\n');
            }
            let text = paragraph.plain();
            if paragraph.block == Block::Break && text.is_empty() {
                plain.push_str("* * *");
            } else {
                plain.push_str(&text);
            }
        }
        plain
    }

    /// Whether there is nothing to read: no character but white space, and no atom but line breaks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paragraphs.iter().all(|paragraph| {
            paragraph.block != Block::Break
                && paragraph.pieces.iter().all(|piece| match piece {
                    Piece::Text { text, .. } => text.chars().all(char::is_whitespace),
                    Piece::Break => true,
                    Piece::Footnote { .. } | Piece::Image { .. } | Piece::Unknown { .. } => false,
                })
        })
    }
}
