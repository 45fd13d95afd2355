//! Import: from files to an [`ImportedNovel`].
//!
//! **Invariants:** nothing is written, no file outside the chosen file or folder is read, and either the whole
//! novel is returned or one sentence that says why not.

pub(crate) mod book;
mod error;
mod folder;
mod order;
mod plain;
mod read;
mod split;

use std::path::Path;

use crate::markdown;
pub use crate::novel::{Chapter as ImportedChapter, Part as ImportedPart};
pub use error::ImportError;

/// The largest text file that is read: 16 MiB, twice a novel of a million words.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Scenes with more words are split at paragraph ends: above it the editor and the merge become slow.
pub const MAX_SCENE_WORDS: usize = 10_000;

/// A novel as it was found in files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedNovel {
    /// The title, where the files or the folder's name say one.
    pub title: Option<String>,
    /// The language as a BCP 47 tag.
    pub language: Option<String>,
    /// The author's name.
    pub author: Option<String>,
    /// In reading order; chapters without a part stand in a part without a title.
    pub parts: Vec<ImportedPart>,
    /// What the author should know, one sentence each: files left out, scenes split. Nothing here is an error.
    pub notes: Vec<String>,
}

/// Imports a folder of chapters (`.md`, `.markdown`, `.txt`).
///
/// With `book.json` beside them, that file says title, author, language, parts and order. Without it the
/// folder's name is the title, the files are chapters in natural order (2 before 10), and the folders in it are
/// parts. Hidden files are passed over. Scenes over [`MAX_SCENE_WORDS`] are split; an export does not join them
/// again, because they are scenes then.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn folder(path: &Path) -> Result<ImportedNovel, ImportError> {
    folder::import(path).map(split::scenes)
}

/// Imports one Markdown (`.md`, `.markdown`) or plain text (`.txt`) file.
///
/// Every `# ` heading of a Markdown file begins a chapter. In plain text a chapter begins with a line such as
/// "Chapter 1", and `* * *` or `#` alone on a line parts scenes. A file's name is the title.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn file(path: &Path) -> Result<ImportedNovel, ImportError> {
    let format = Format::of(path);
    let text = read::text(path)?;
    let format = format.ok_or_else(|| ImportError::UnknownFormat { path: path.to_owned() })?;
    if text.trim().is_empty() {
        return Err(ImportError::NoText { path: path.to_owned() });
    }
    let parts = vec![ImportedPart { title: String::new(), chapters: format.chapters(&text) }];
    let title = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Ok(split::scenes(ImportedNovel { title, parts, ..ImportedNovel::default() }))
}

/// A format that is read.
#[derive(Clone, Copy)]
enum Format {
    Markdown,
    Plain,
}

impl Format {
    /// By the name's ending.
    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        match ending.as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "txt" | "text" => Some(Self::Plain),
            _ => None,
        }
    }

    /// The chapters of a text, at least one.
    fn chapters(self, text: &str) -> Vec<ImportedChapter> {
        match self {
            Self::Markdown => markdown::parse_chapters(text),
            Self::Plain => plain::chapters(text),
        }
    }
}
