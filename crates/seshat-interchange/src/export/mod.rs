//! Export: from an [`ExportNovel`] to files.
//!
//! **Invariants:** an export appears whole or not at all, and nothing that holds text is ever replaced.

mod atomic;
mod check;
mod commonmark;
mod css;
mod docx;
mod edition;
mod epub;
mod error;
mod file_name;
mod folder;
mod heading;
mod html;
mod identify;
mod labels;
mod manuscript;
mod numbers;
mod odt;
mod one_markdown;
mod options;
mod outline;
mod package;
pub mod pdf;
mod pdf_text;
pub(crate) mod picture;
mod press;
mod readable;
mod text;
mod watermark;
mod xhtml;
mod xml;

use std::collections::BTreeMap;
use std::path::Path;

use crate::import::ImportedNovel;
use crate::novel::Part;

pub use check::{Finding, check_edition, check_epub};
pub use docx::Look;
pub use edition::{CopyFacts, Edition, Place, Section};
pub use error::ExportError;
pub use identify::identify;
pub use labels::Labels;
pub use options::{Contents, Matter, Numbering, Options, Range, Role};
pub use outline::{csv, opml};
pub use readable::{OutlineLine, Readable, ReadableNovel, ReadableText, Remark};
pub use watermark::{Mark, marks_in};

/// A novel to be written out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportNovel {
    /// The title.
    pub title: String,
    /// The language as a BCP 47 tag.
    pub language: Option<String>,
    /// The author's name.
    pub author: Option<String>,
    /// In reading order; chapters without a part stand in a part without a title.
    pub parts: Vec<Part>,
    /// The pictures' files, by the name that the text has for them.
    pub images: BTreeMap<String, Vec<u8>>,
}

impl From<ImportedNovel> for ExportNovel {
    fn from(novel: ImportedNovel) -> Self {
        let ImportedNovel { title, language, author, parts, images, .. } = novel;
        let title = title.unwrap_or_default();
        let images = images.into_iter().map(|image| (image.hash, image.bytes)).collect();
        Self { title, language, author, parts, images }
    }
}

/// Writes one Markdown file per chapter (`0001.md`, …) and `book.json` into the folder `path`, so that importing
/// the folder gives the same novel. The folder above must exist; `path` itself must not, or must be empty.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn markdown_folder(novel: &ExportNovel, path: &Path) -> Result<(), ExportError> {
    folder::export(novel, path)
}

/// A picture that a novel shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportImage {
    /// What the text calls it.
    pub hash: String,
    /// How its file ends.
    pub extension: &'static str,
    /// Its file.
    pub bytes: Vec<u8>,
}

/// As [`markdown_folder`], with pictures as files in the folder `images`, where any program finds them. Read back, they are
/// pictures of a Markdown file and no longer the novel's own.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn markdown_folder_with_images(
    novel: &ExportNovel,
    images: &[ExportImage],
    path: &Path,
) -> Result<(), ExportError> {
    folder::export_with_images(novel, images, path)
}

/// Writes everything that an author has into the folder `path`, to be read without Seshat: a folder for each novel
/// (which can be imported again), with notes, trash, comments and outline. `path` as in [`markdown_folder`].
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn readable_folder(readable: &Readable, path: &Path) -> Result<(), ExportError> {
    readable::export(readable, path)
}

/// Writes the whole novel into the plain text file `path` (UTF-8, `\n`). The folder above must exist; `path`
/// itself must not, or must be an empty file: what is there is never replaced.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn text_file(novel: &ExportNovel, path: &Path) -> Result<(), ExportError> {
    atomic::file(path, text::novel(novel))
}

/// The edition as an EPUB 3.3 book.
///
/// # Errors
/// [`ExportError::Unpackable`] when it grows over what an archive can hold.
pub fn epub(edition: &Edition<'_>) -> Result<Vec<u8>, ExportError> {
    epub::write(edition)
}

/// The edition as a DOCX document.
///
/// # Errors
/// As [`epub`].
pub fn docx(edition: &Edition<'_>, look: Look) -> Result<Vec<u8>, ExportError> {
    docx::write(edition, look)
}

/// The edition as an ODT document.
///
/// # Errors
/// As [`epub`].
pub fn odt(edition: &Edition<'_>) -> Result<Vec<u8>, ExportError> {
    odt::write(edition)
}

/// The edition as one file of Pandoc's Markdown, which keeps everything that the novel has.
#[must_use]
pub fn pandoc(edition: &Edition<'_>) -> String {
    one_markdown::write(edition)
}

/// The edition as one file of CommonMark. Emphasis, strong text, links, headings and quotations stay; other marks
/// have no sign there, and notes stand behind their chapter.
#[must_use]
pub fn commonmark(edition: &Edition<'_>) -> String {
    commonmark::write(edition)
}

/// The edition as plain text.
#[must_use]
pub fn text(edition: &Edition<'_>) -> String {
    text::edition(edition)
}

/// The edition as one web page that needs no other file.
#[must_use]
pub fn html(edition: &Edition<'_>) -> String {
    html::one_page(edition)
}

/// The edition as a folder of web pages, `index.html` and one for each chapter: names and contents.
#[must_use]
pub fn html_pages(edition: &Edition<'_>) -> Vec<(String, Vec<u8>)> {
    html::pages(edition)
}

/// Writes an export's bytes into the file `path`, as [`text_file`] does.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn write_file(bytes: &[u8], path: &Path) -> Result<(), ExportError> {
    atomic::file(path, bytes)
}

/// As [`write_file`], and takes the place of a file that is there: for an author who was asked about just that.
///
/// # Errors
/// See [`ExportError`]; what was there is there still then.
pub fn replace_file(bytes: &[u8], path: &Path) -> Result<(), ExportError> {
    atomic::replaced(path, bytes)
}

/// Writes an export's files into the folder `path`, as [`markdown_folder`] does.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn write_folder(files: &[(String, Vec<u8>)], path: &Path) -> Result<(), ExportError> {
    atomic::folder(path, files)
}
