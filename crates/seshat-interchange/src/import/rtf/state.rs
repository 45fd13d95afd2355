//! What a group of RTF inherits and gives back when it ends.

use std::rc::Rc;

use crate::flow::{Align, Marks};

/// The state of a group.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Where its text goes.
    pub(super) dest: Dest,
    /// The destination that this group began, to be ended with it.
    pub(super) begun: Option<Dest>,
    /// Where the text of the group around a `\upr` goes.
    pub(super) outer: Dest,
    /// Its characters.
    pub(super) look: Look,
    /// Its paragraphs.
    pub(super) layout: Layout,
    /// How many characters stand behind a `\u` for readers that do not know it.
    pub(super) fallback: u8,
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dest {
    /// Into the document or the note at hand.
    Body,
    /// Nowhere; groups in it may go elsewhere.
    Silent,
    /// Nowhere, and nothing in it either.
    Skip,
    /// The table of fonts.
    Fonts,
    /// The table of styles.
    Styles,
    /// Into a string whose use is known at its end.
    Held(Held),
    /// A footnote or endnote.
    Note,
    /// A comment.
    Comment,
    /// A text box.
    TextBox,
    /// A field with its instruction and result.
    Field,
    /// An image's bytes in hexadecimal digits.
    Picture,
    /// A shape.
    Shape,
}

/// Texts that are no text of the novel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The document's title.
    Title,
    /// The document's author.
    Author,
    /// A field's instruction.
    Instruction,
    /// The author of the next comment.
    CommentAuthor,
    /// Where a comment's place begins.
    CommentFrom,
    /// Where it ends.
    CommentTo,
    /// Which place a comment belongs to.
    CommentRef,
    /// When a comment was made.
    CommentDate,
    /// The sign before an entry of a list.
    Label,
    /// A header or footer.
    Header,
    /// The name of a shape's property.
    PropertyName,
    /// Its value.
    PropertyValue,
}

/// What characters look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Look {
    pub(super) emphasis: bool,
    pub(super) strong: bool,
    pub(super) underline: bool,
    pub(super) strike: bool,
    pub(super) smallcaps: bool,
    pub(super) superscript: bool,
    pub(super) subscript: bool,
    pub(super) hidden: bool,
    pub(super) deleted: bool,
    pub(super) inserted: bool,
    pub(super) highlight: bool,
    pub(super) link: Option<Rc<str>>,
    /// Number of the language; that of the right-to-left text beside it.
    pub(super) language: Option<i32>,
    pub(super) font: i32,
    pub(super) size: i32,
    pub(super) colour: i32,
    /// Font, bold and italics of complex scripts, which `\rtlch` puts into force.
    pub(super) complex: bool,
    pub(super) complex_font: i32,
    pub(super) complex_strong: bool,
    pub(super) complex_emphasis: bool,
}

impl Look {
    /// `\plain`: what no group around it changes, except for what is not formatting.
    pub(super) fn plain(&self, font: i32, language: Option<i32>) -> Self {
        Self { font, complex_font: font, language, link: self.link.clone(), ..Self::default() }
    }

    /// The marks of text in the flow; `language` is the tag of its number.
    pub(super) fn marks(&self, language: Option<&str>) -> Marks {
        Marks {
            emphasis: if self.complex { self.complex_emphasis } else { self.emphasis },
            strong: if self.complex { self.complex_strong } else { self.strong },
            underline: self.underline && self.link.is_none(),
            strike: self.strike,
            smallcaps: self.smallcaps,
            superscript: self.superscript,
            link: self.link.as_deref().map(str::to_owned),
            language: language.map(str::to_owned),
            ..Marks::default()
        }
    }
}

/// What paragraphs look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// Number of the style.
    pub(super) style: i32,
    pub(super) align: Option<Align>,
    /// From 0 for the first level.
    pub(super) outline: Option<u8>,
    pub(super) left: i32,
    pub(super) right: i32,
    /// Number of the list, 0 for none.
    pub(super) list: i32,
    pub(super) list_level: u8,
    pub(super) in_table: bool,
    pub(super) page_before: bool,
    pub(super) right_to_left: bool,
}
