//! Exact operations on flat text, as the editor makes them: one transaction is one list of these.
//!
//! Exact, because writing a scene by comparing whole texts was measured to lose words when two laptops merge.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::passage::{Align, Block, Marks, Paragraph};

/// What positions and lengths count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Unicode scalar values.
    Scalar,
    /// UTF-16 code units, as in JavaScript.
    Utf16,
}

/// One operation. Each sees the text as the ones before it in the list left it.
///
/// Position 0 is the newline of the first paragraph, which stays: nothing is inserted before it and it is never
/// deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Op {
    /// Inserts text before the character at `at`. A `\n` splits the paragraph; the new paragraph has the block
    /// and alignment of the split one, but after a heading or a break it is plain body text.
    Insert {
        /// Between 1 and the length of the text.
        at: usize,
        /// May hold `\n`, but no [`crate::ATOM`].
        text: String,
        /// The inserted characters end up with exactly these marks; with `None` they continue the marks of the
        /// character before them in their paragraph (links, readings and atoms are not continued).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        marks: Option<Marks>,
    },
    /// Deletes `len` units from `at`. Deleting a paragraph's `\n` joins it to the paragraph before.
    Delete {
        /// At least 1.
        at: usize,
        /// May be 0.
        len: usize,
    },
    /// Sets or removes one mark from `from` up to but not including `to`.
    Mark {
        /// First unit.
        from: usize,
        /// One behind the last unit.
        to: usize,
        /// The mark and its value.
        mark: Mark,
    },
    /// Makes a paragraph a `block`.
    Block {
        /// The position of the paragraph's `\n`.
        at: usize,
        /// What it becomes.
        block: Block,
    },
    /// Aligns a paragraph.
    Align {
        /// The position of the paragraph's `\n`.
        at: usize,
        /// `None` leaves it to the style.
        align: Option<Align>,
    },
    /// Inserts an atom, one [`crate::ATOM`] long, before the character at `at`.
    Atom {
        /// Between 1 and the length of the text.
        at: usize,
        /// What the atom is.
        atom: Atom,
    },
    /// Edits the text of a footnote, flat as the scene's, in one list with what is done to the scene: a note's first
    /// words can follow the atom that makes it.
    Note {
        /// The footnote's id. It need not stand in the text: two laptops may take it out and write in it at once.
        note: String,
        /// In order; none of them another [`Op::Note`].
        ops: Vec<Op>,
    },
}

/// What an [`Op::Atom`] inserts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Atom {
    /// A line break inside a paragraph.
    Break,
    /// A footnote.
    Footnote {
        /// Made by the caller, and unique: two laptops must never choose the same one. Up to 64 ASCII letters,
        /// digits and hyphens.
        id: String,
        /// The note's first text. Ignored where a note of this id has a text already, so that taking back a
        /// deletion brings the note back as it was.
        #[serde(default)]
        body: Vec<Paragraph>,
    },
    /// An image, held elsewhere.
    Image {
        /// Names the image's bytes.
        hash: String,
        /// What the image shows.
        alt: String,
        /// How much of the column it takes, in hundredths from 1 to 100; as wide as it is where that is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        width: Option<u8>,
    },
    /// An atom of a newer version (pasted, moved or brought back). Must be a JSON object.
    Unknown {
        /// Its JSON, untouched.
        kept: Value,
    },
}

/// One mark and the value it gets. `false` and `None` remove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// See [`Marks::emphasis`].
    Emphasis(bool),
    /// See [`Marks::strong`].
    Strong(bool),
    /// See [`Marks::underline`].
    Underline(bool),
    /// See [`Marks::strike`].
    Strike(bool),
    /// See [`Marks::smallcaps`].
    Smallcaps(bool),
    /// See [`Marks::superscript`].
    Superscript(bool),
    /// See [`Marks::link`].
    Link(Option<String>),
    /// See [`Marks::language`].
    Language(Option<String>),
    /// See [`Marks::ruby`].
    Ruby(Option<String>),
}

/// A list of operations that was refused as a whole: the text is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {index} of this edit does not fit the text: {fault}")]
pub struct OpError {
    /// The first operation that did not fit, counted from 0.
    pub index: usize,
    /// Why it did not.
    pub fault: OpFault,
}

/// Why an operation does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpFault {
    /// A position behind the end of the text, or a range that ends before it begins.
    #[error("it reaches beyond the text")]
    OutOfRange,
    /// A UTF-16 position in the middle of a character.
    #[error("it cuts a character in two")]
    SplitsCharacter,
    /// Inserting before the first paragraph's `\n`, or deleting it.
    #[error("it would remove or precede the beginning of the first paragraph")]
    FirstParagraph,
    /// Block or alignment at a character that is no `\n`.
    #[error("no paragraph begins there")]
    NoParagraph,
    /// Inserted text holds [`crate::ATOM`].
    #[error("its text holds the character that is reserved for atoms")]
    ReservedCharacter,
    /// An atom that is no JSON object, a footnote with an unfit id, or a footnote inside a footnote.
    #[error("it is not an atom that can stand there")]
    UnfitAtom,
    /// An edit of a footnote that is not in this scene.
    #[error("there is no such footnote")]
    UnknownNote,
    /// The CRDT refused what our own checks let pass.
    #[error("the document refused it")]
    Refused,
}
