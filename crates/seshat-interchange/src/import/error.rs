//! Why an import did not happen: each message is one sentence or two for the author that say what happened,
//! what is safe and what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Refusal;

/// Why nothing was imported. The files are never changed by an import, so they are always safe.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is nothing at the path.
    #[error("There is nothing at “{}”: nothing was imported. Check the name, or choose the file or folder again.", path.display())]
    Missing {
        /// What was asked for.
        path: PathBuf,
    },
    /// The operating system refused to read.
    #[error("“{}” could not be read, so nothing was imported and the file is as it was. Check that you may open it, then try again.", path.display())]
    Unreadable {
        /// What was read.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A folder was asked for and this is a file, or the other way round, or it is neither.
    #[error("“{}” is not {expected}: nothing was imported. Choose {expected}.", path.display())]
    WrongKind {
        /// What was asked for.
        path: PathBuf,
        /// "a folder" or "a text file".
        expected: &'static str,
    },
    /// A file whose format is not read.
    #[error("“{}” is of a kind that is not read: nothing was imported. Save it as DOCX, ODT, RTF, EPUB, HTML, Markdown (.md) or plain text (.txt), then import it again.", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// More than is read of such a file.
    #[error("“{}” has {} MB and such a file may have {} MiB: nothing was imported and the file is as it was. Split it into several files, then import them.", path.display(), bytes / 1_000_000, most / 1_048_576)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// How many it may have.
        most: u64,
    },
    /// What the file holds was refused.
    #[error("“{}” could not be imported: {refusal}. Nothing was imported and the file is as it was. {}", path.display(), refusal.advice())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why; its sentence is part of this one.
        refusal: Refusal,
    },
    /// The folder has no file at all.
    #[error("The folder “{}” is empty: nothing was imported. Choose the folder that holds the chapters.", path.display())]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Files, but none with text.
    #[error("No text was found in “{}”: nothing was imported. Choose the file that holds the text, or a folder of chapters (.md, .markdown, .txt).", path.display())]
    NoText {
        /// The file or folder.
        path: PathBuf,
    },
    /// `book.json` is not the JSON that was expected.
    #[error("“{}” is not a description of a book: nothing was imported and your chapters are as they were. Repair the file, or take it out of the folder, then import again.", path.display())]
    BadBook {
        /// The file.
        path: PathBuf,
        /// Where and why reading ended.
        #[source]
        source: serde_json::Error,
    },
    /// `book.json` names a chapter that is not there.
    #[error("“{}” names the chapter “{file}”, which is not in the folder: nothing was imported and the other chapters are as they were. Put the file back, or take its name out of book.json, then import again.", path.display())]
    ChapterMissing {
        /// The `book.json`.
        path: PathBuf,
        /// The name as it is written there.
        file: String,
    },
    /// `book.json` names a file outside of its folder. Refused, because a folder from a stranger could
    /// otherwise carry any file of this computer into the novel.
    #[error("“{}” names “{file}”, which lies outside of the folder: nothing was imported. Take that name out of book.json, then import again.", path.display())]
    ChapterOutside {
        /// The `book.json`.
        path: PathBuf,
        /// The name as it is written there.
        file: String,
    },
}
