//! Export: from an [`ExportNovel`] to files.
//!
//! **Invariants:** an export appears whole or not at all, and nothing that holds text is ever replaced.

mod atomic;
mod error;
mod file_name;
mod folder;
mod readable;
mod text;

use std::path::Path;

use crate::import::ImportedNovel;
use crate::novel::Part;

pub use error::ExportError;
pub use readable::{OutlineLine, Readable, ReadableNovel, ReadableText, Remark};

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
}

impl From<ImportedNovel> for ExportNovel {
    fn from(novel: ImportedNovel) -> Self {
        let ImportedNovel { title, language, author, parts, notes: _ } = novel;
        Self { title: title.unwrap_or_default(), language, author, parts }
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
    atomic::file(path, &text::novel(novel))
}
