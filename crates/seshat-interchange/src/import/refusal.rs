//! Why a document was not read: a clause for the author, and what to do about it.
//!
//! **Invariant:** a refusal carries no word of the document.

use thiserror::Error;

use super::tree::XmlError;

/// Why a document was not read. Its sentence names no file; [`ImportError::Refused`](super::ImportError) does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not the kind of file that its name says.
    #[error("it is not {0}")]
    WrongKind(&'static str),
    /// It ends early, or its parts contradict each other.
    #[error("it is damaged or not complete")]
    Damaged,
    /// A part that such a file must have is not there.
    #[error("it is not complete: {0} is not in it")]
    PartMissing(&'static str),
    /// It asks for a password.
    #[error("it is protected with a password")]
    Protected,
    /// More parts than a document has.
    #[error("it has more parts than a document has")]
    TooManyParts,
    /// It unpacks to more than can be read.
    #[error("it unpacks to more than {0} MB")]
    TooLarge(u64),
    /// It unpacks to far more than a text would: made to exhaust a computer.
    #[error("it unpacks to far more than a text would, as files do that were made to harm")]
    Bomb,
    /// It defines entities of its own or asks for other files.
    #[error("it defines XML entities, as no writing program does")]
    Entities,
    /// It is nested more deeply than any document.
    #[error("it is nested more deeply than any document")]
    TooDeep,
    /// An old or another version of the format.
    #[error("it is {0}, which is not read")]
    Version(&'static str),
    /// There is no text in it.
    #[error("there is no text in it")]
    NoText,
}

impl Refusal {
    /// What the author can do.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::WrongKind(_) => "Open it in the program that wrote it and save it again.",
            Self::Damaged | Self::PartMissing(_) | Self::Entities | Self::TooDeep => {
                "Open it in the program that wrote it, save it again, and import that copy."
            }
            Self::Protected => {
                "Take the password off in the program that wrote it, and import it then."
            }
            Self::TooManyParts | Self::TooLarge(_) => {
                "Save it in several files, or without its pictures, and import those."
            }
            Self::Bomb => "Do not trust where it came from.",
            Self::Version(_) => "Save it in a newer format, such as DOCX, and import that.",
            Self::NoText => "Choose the file that holds the text.",
        }
    }
}

impl From<XmlError> for Refusal {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Broken => Self::Damaged,
            XmlError::Entities => Self::Entities,
            XmlError::TooDeep => Self::TooDeep,
            XmlError::TooLarge => Self::TooLarge(super::guard::MOST_TEXT / 1_000_000),
        }
    }
}
