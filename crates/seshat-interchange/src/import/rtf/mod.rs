//! Rich Text Format: Word's, WordPad's, LibreOffice's, Apple's and Scrivener's.
//!
//! Read: text in every encoding that the format has, styles and outline levels, marks, alignment, lists, tables,
//! footnotes, comments, images, links, languages. A reader of its own, because the crates that there are read
//! neither footnotes nor the encodings of fonts.

mod encoding;
mod ends;
mod reader;
mod sink;
mod state;
mod token;
mod words;

#[cfg(test)]
mod tests;

use super::draft;
use super::refusal::Refusal;
use crate::flow::Flow;

/// Reads a document.
///
/// # Errors
/// [`Refusal`], when it is no RTF, ends early or is nested too deeply.
pub(crate) fn read(bytes: &[u8]) -> Result<Flow, Refusal> {
    let mut flow = reader::read(bytes, reader::Links::Web)?;
    draft::settle(&mut flow)?;
    Ok(flow)
}

/// Reads a text of a Scrivener project: its own links stay, and nothing is settled.
///
/// # Errors
/// As [`read`].
pub(super) fn read_of_scrivener(bytes: &[u8]) -> Result<Flow, Refusal> {
    reader::read(bytes, reader::Links::Scrivener)
}

/// A character of the symbol font, which Word's other format names by its byte too.
pub(super) fn symbol(byte: u8) -> char {
    encoding::symbol(byte)
}
