//! What an import hands over: a novel and what belongs to it.

use std::fmt::Write as _;
use std::ops::Range;

use seshat_manuscript::Passage;
use sha2::{Digest, Sha256};

use super::ImportedPart;
use crate::flow::Picture;

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
    /// What is known of parts, chapters and scenes beyond their text; most have no entry.
    pub details: Vec<Detail>,
    /// Comments in the margin.
    pub comments: Vec<ImportedComment>,
    /// Texts beside the novel: research, notes, characters' sheets.
    pub asides: Vec<Aside>,
    /// The images that the scenes name.
    pub images: Vec<ImportedImage>,
    /// What the author should know, one sentence each: files left out, scenes split. Nothing here is an error.
    pub notes: Vec<String>,
}

/// Names a part, a chapter or a scene by positions from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The part.
    pub part: usize,
    /// The chapter in it; [`None`] means the part.
    pub chapter: Option<usize>,
    /// The scene in it; [`None`] means the chapter.
    pub scene: Option<usize>,
}

/// What is known of a part, a chapter or a scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// Whose it is.
    pub at: At,
    /// A scene's title; those of parts and chapters stand in the novel.
    pub title: String,
    /// What is on its card.
    pub synopsis: String,
    /// Notes beside its text; empty when there are none.
    pub notes: Passage,
    /// Its label's name.
    pub label: String,
    /// Its status's name, as the other program called it.
    pub status: String,
    /// Words it should have.
    pub target: Option<u64>,
    /// Whether it is not part of the finished book.
    pub excluded: bool,
}

/// A comment in the margin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedComment {
    /// The scene.
    pub at: At,
    /// What it is about, in characters of the scene's flat text; empty for a point.
    pub range: Range<usize>,
    /// What it says.
    pub text: String,
    /// Who made it; may be empty.
    pub author: String,
    /// When, as the file wrote it; may be empty.
    pub date: String,
    /// Whether it is settled.
    pub resolved: bool,
}

/// A text beside the novel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aside {
    /// The titles of the folders it was in, outermost first.
    pub folders: Vec<String>,
    /// Its title.
    pub title: String,
    /// What is on its card.
    pub synopsis: String,
    /// Its text.
    pub text: Passage,
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedImage {
    /// SHA-256 of its bytes in hexadecimal digits, as scenes name it.
    pub hash: String,
    /// "image/png", "image/jpeg", "image/gif" or "image/webp".
    pub media_type: String,
    /// The name it had.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl ImportedImage {
    /// A picture of that name.
    pub(crate) fn of(hash: String, picture: Picture) -> Self {
        let Picture { bytes, media_type, name } = picture;
        Self { hash, media_type, name, bytes }
    }
}

/// What scenes call an image: SHA-256 of its bytes in hexadecimal digits.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    let mut name = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}
