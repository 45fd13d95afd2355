//! Import: from files to an [`ImportedNovel`].
//!
//! **Invariants:** nothing is written, no file outside the chosen file or folder is read, and either the whole
//! novel is returned or one sentence that says why not.

pub(crate) mod book;
mod charset;
mod docx;
mod draft;
mod epub;
mod error;
mod extent;
mod folder;
mod formats;
mod front_matter;
mod guard;
mod html;
mod imported;
mod odt;
mod order;
mod ordinals;
mod outline;
mod pictures;
mod plain;
mod read;
mod refusal;
mod rtf;
mod scrivener;
mod split;
mod style;
mod tongue;
mod tree;
mod ymarkup;
mod ywriter;

use std::path::Path;

use crate::flow::Flow;
pub use crate::novel::{Chapter as ImportedChapter, Part as ImportedPart};
use crate::shape::{Shaping, shape};
pub use error::ImportError;
pub(crate) use extent::hundredths;
pub use guard::MAX_DOCUMENT_BYTES;
pub(crate) use imported::hash_of;
pub use imported::{Aside, At, Detail, ImportedComment, ImportedImage, ImportedNovel};
pub use refusal::Refusal;

/// The largest text file that is read: 16 MiB, twice a novel of a million words.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Scenes with more words are split at paragraph ends: above it the editor and the merge become slow.
pub const MAX_SCENE_WORDS: usize = 10_000;

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

/// Imports what is at `path`: a folder of chapters, a writing program's project, or one file.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn any(path: &Path) -> Result<ImportedNovel, ImportError> {
    if is_folder_of_chapters(path) { folder(path) } else { file(path) }
}

/// Whether [`folder`] reads what is at `path`; everything else is for [`read`].
#[must_use]
pub fn is_folder_of_chapters(path: &Path) -> bool {
    path.is_dir() && !scrivener::is_project(path)
}

/// Reads a file, or a folder that is a writing program's project, into a flow: nothing is decided yet about parts,
/// chapters and scenes. [`crate::shape::shape`] does that, as often as one likes.
///
/// The format is known by what the file holds, and by its name where that says nothing.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn read(path: &Path) -> Result<Flow, ImportError> {
    formats::read_file(path)
}

/// Reads bytes as the format that a file of that name and content has.
///
/// # Errors
/// See [`Refusal`].
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Flow, Refusal> {
    formats::read_bytes(name, bytes)
}

/// Imports one file with the shaping that fits it best.
///
/// In plain text a chapter begins with a line such as "Chapter 1", and `* * *` or `#` alone on a line parts
/// scenes. Where a file names no title, its own name is the title.
///
/// # Errors
/// See [`ImportError`]; nothing is imported then.
pub fn file(path: &Path) -> Result<ImportedNovel, ImportError> {
    let flow = read(path)?;
    let mut novel = shape(&flow, &Shaping::guess(&flow));
    if novel.title.is_none() {
        novel.title = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    }
    Ok(novel)
}
