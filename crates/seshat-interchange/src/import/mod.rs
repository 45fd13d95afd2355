//! Import: from files to an [`ImportedNovel`].
//!
//! **Invariants:** nothing is written, no file outside the chosen file or folder is read, and either the whole
//! novel is returned or one sentence that says why not.

mod error;

use std::path::Path;

pub use crate::novel::{Chapter as ImportedChapter, Part as ImportedPart};
pub use error::ImportError;

/// The largest text file that is read: 16 MiB, four times a novel of a million words.
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

/// Imports a folder of chapters.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn folder(path: &Path) -> Result<ImportedNovel, ImportError> {
    Err(ImportError::Missing { path: path.to_owned() })
}

/// Imports one Markdown or plain text file.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn file(path: &Path) -> Result<ImportedNovel, ImportError> {
    Err(ImportError::Missing { path: path.to_owned() })
}
