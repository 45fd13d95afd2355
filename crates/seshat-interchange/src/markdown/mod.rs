//! Pandoc's Markdown, as far as a novel needs it: reading and writing that are each other's reverse.
//!
//! `# heading` is the chapter's title, `* * *` parts its scenes, `*…*` `**…**` `~~…~~` `^…^` and
//! `[…]{.smallcaps .underline lang="fr"}` are marks, a backslash at the end of a line is a line break,
//! `<ruby>…<rt>…</rt></ruby>` a reading, `[^n]` a footnote whose body stands after the last scene. Fenced
//! divisions (`::: {.verse}`, `.letter`, `.break`, `.left`, `.center`, `.right`, `.justify`) hold what Markdown
//! has no sign for.
//!
//! **Invariants.** Writing and reading again gives the same chapter (tested with generated passages and with
//! ten novels). No word is ever dropped. Time and memory are linear in the input, whatever it holds; nothing
//! panics.
//!
//! **What the model has no place for** stays visible text:
//! - Lists, tables, code, HTML, images with an address, reference links: exactly as written, with the language
//!   [`KEPT`], which also tells a spelling checker to leave it alone. Text in that language is written back
//!   without escapes.
//! - How deep a quotation is nested, where one quotation ends and the next begins, and the level of a
//!   sub-heading: an atom of kind [`LAYOUT`] before the paragraph's text, only where it is not the usual value.
//!   Whoever shows a scene shows nothing for it.
//!
//! Own line reader instead of a CommonMark library: see `docs/design`; measured, a CommonMark reader takes 352
//! signs of emphasis of the test novels for text, because a word joiner follows them.

mod blocks;
mod escape;
mod inline;
mod layout;
mod lines;
mod marks;
mod picture;
mod scan;
mod span;
mod write;
mod write_inline;

use seshat_manuscript::{Marks, Paragraph, Passage, Piece};

use crate::novel::Chapter;
pub(crate) use picture::{attributes, picture};

/// The language of text that is Markdown which the model has no place for: "no linguistic content, private
/// use", a valid BCP 47 tag.
pub const KEPT: &str = "zxx-x-markdown";

/// The `kind` of atoms that keep the layout of quotations and headings (see the module's text).
pub const LAYOUT: &str = "markdown";

/// Written where Markdown needs something and the text has nothing: an empty paragraph, a line break at the end.
/// Pandoc's empty span. An empty comment would end a comment that somebody left open before it.
pub(crate) const NOTHING: &str = "[]{}";

/// Reads one chapter. Whatever the text is, this succeeds: what is not understood is text.
///
/// A byte order mark and any kind of line end are accepted. The first block is the title when it is a heading
/// of the first level; further such headings are sub-headings.
#[must_use]
pub fn parse_chapter(markdown: &str) -> Chapter {
    blocks::chapter(markdown)
}

/// Reads a file of several chapters: every heading of the first level begins one. Text before the first heading
/// is a chapter without a title; a text without such headings is one chapter.
#[must_use]
pub fn parse_chapters(markdown: &str) -> Vec<Chapter> {
    blocks::chapters(markdown)
}

/// Writes one chapter so that [`parse_chapter`] makes the same chapter of it: text ends with a line end and has
/// `\n` only. Footnotes are numbered from 1.
#[must_use]
pub fn write_chapter(chapter: &Chapter) -> String {
    write::chapter(chapter)
}

/// A title as marked text: the marks of what [`Chapter::title`](crate::Chapter) holds as Markdown. A title never has
/// a footnote or anything else that is no text.
#[must_use]
pub(crate) fn title_pieces(title: &str) -> Vec<Piece> {
    let line = write::title_line(title).unwrap_or_default();
    let text = line.strip_prefix("# ").unwrap_or_default();
    let pieces = inline::pieces(text, &mut inline::Labels::default());
    let kept = |marks: &Marks| marks.language.as_deref() == Some(KEPT);
    let shown =
        pieces.iter().all(|piece| matches!(piece, Piece::Text { marks, .. } if !kept(marks)));
    if shown { pieces } else { vec![Piece::plain(title)] }
}

/// A title as the line of a heading of the level; a title without text is the signs alone.
#[must_use]
pub(crate) fn heading_line(title: &str, level: usize) -> String {
    let line = write::title_line(title).unwrap_or_default();
    format!("{}{}", "#".repeat(level), line.strip_prefix('#').unwrap_or_default())
}

/// Where a paragraph stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    /// How many quotations it stands in.
    pub(crate) depth: usize,
    /// How many of them the paragraph before stands in, too.
    pub(crate) shared: usize,
    /// The level of a heading, 1 to 6.
    pub(crate) level: usize,
}

/// Where `paragraph` stands, when the one before it stands in `before` quotations.
#[must_use]
pub(crate) fn standing(paragraph: &Paragraph, before: usize) -> Standing {
    let layout::Layout { depth, shared, level } = layout::Layout::of(paragraph, before);
    Standing { depth, shared, level }
}

/// Like [`write_chapter`], with footnotes numbered from `first_note`; the second value is the next free number.
#[must_use]
pub(crate) fn write_scenes(
    scenes: &[Passage],
    separator: &str,
    first_note: usize,
) -> (String, usize) {
    write::scenes(scenes, separator, first_note)
}
