//! Why an export did not happen, in sentences for the author.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why nothing was exported. The novel itself is never touched by an export, so it is always safe.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The program that sets pages is not there, or may not be started.
    #[error(
        "The program that makes PDFs (seshat-press) could not be started: nothing was written, and your novel is safe in Seshat. Install Seshat again, or export as DOCX or EPUB."
    )]
    NoPress {
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The program that sets pages ended before it was done.
    #[error(
        "The program that makes PDFs (seshat-press) stopped before it was done: nothing was written, and your novel is safe in Seshat. Close other programs, in case there was too little memory, and export again."
    )]
    PressStopped,
    /// The program that sets pages is of another version.
    #[error(
        "The program that makes PDFs (seshat-press) is of another version than this one: nothing was written, and your novel is safe in Seshat. Install Seshat again, so that both are of one version."
    )]
    OtherPress,
    /// The program that sets pages was ended, because it took too long.
    #[error(
        "The PDF was not done after ten minutes and was given up: nothing was written, and your novel is safe in Seshat. Export it as DOCX or EPUB, or in parts."
    )]
    PressTooSlow,
    /// More text than pages can be set of.
    #[error(
        "There is too much text for one PDF: nothing was written, and your novel is safe in Seshat. Export it in parts, or as DOCX or EPUB."
    )]
    TooMuch,
    /// The author cancelled.
    #[error(
        "You stopped the export: nothing was written, and your novel is safe in Seshat. Export again when you like."
    )]
    Stopped,
    /// The program that sets pages says why it cannot.
    #[error("{sentence}")]
    Unpressed {
        /// Its sentence.
        sentence: String,
    },
    /// The range holds no chapter.
    #[error(
        "There is no chapter in what you chose to export: nothing was written. Choose chapters, or the whole novel."
    )]
    NothingChosen,
    /// The archive that the format is made of could not be made.
    #[error(
        "The file could not be put together: nothing was written, and your novel is safe in Seshat. Leave out large pictures, or export part of the novel."
    )]
    Unpackable(#[source] zip::result::ZipError),
    /// Something with content is already at the target.
    #[error("There is already something at “{}”: it was left as it is and nothing was exported. Choose another name.", path.display())]
    Occupied {
        /// The target.
        path: PathBuf,
    },
    /// The folder that should hold the target is not there.
    #[error("The place for “{}” does not exist: nothing was exported, and your novel is safe in Seshat. Choose a folder that exists.", path.display())]
    NoPlace {
        /// The target.
        path: PathBuf,
    },
    /// The operating system refused to write.
    #[error("“{}” could not be written: nothing was left behind, and your novel is safe in Seshat. Check that there is room and that you may write there, then export again.", path.display())]
    Unwritable {
        /// The target.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}
