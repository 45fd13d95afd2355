//! `book.json`: title, author, language, parts and the order of the chapters.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::{ImportError, read};

/// The name of the file beside the chapters.
pub(crate) const NAME: &str = "book.json";

/// What the file says. Fields that are not known are ignored.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) parts: Vec<BookPart>,
}

/// A part: its own chapters first, then the parts in it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct BookPart {
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) chapters: Vec<BookChapter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<Self>,
}

/// A chapter: a file in the folder of `book.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct BookChapter {
    pub(crate) file: String,
    #[serde(default)]
    pub(crate) title: String,
}

/// Between the titles of a part and of the part in it.
const JOINT: &str = " / ";

impl Book {
    /// Reads the file at `path`.
    pub(super) fn read(path: &Path) -> Result<Self, ImportError> {
        Self::parse(&read::text(path)?.text)
            .map_err(|source| ImportError::BadBook { path: path.to_owned(), source })
    }

    /// Reads the file's text.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The parts without nesting: titles joined, parts without chapters left out.
    pub(crate) fn flattened(self) -> Vec<(String, Vec<BookChapter>)> {
        let mut flat = Vec::new();
        for part in self.parts {
            flatten(String::new(), part, &mut flat);
        }
        flat
    }
}

/// The recursion is as deep as the JSON, which its reader bounds.
fn flatten(above: String, part: BookPart, flat: &mut Vec<(String, Vec<BookChapter>)>) {
    let title = match (above.is_empty(), part.title.is_empty()) {
        (true, _) => part.title,
        (false, true) => above,
        (false, false) => above + JOINT + &part.title,
    };
    if !part.chapters.is_empty() || part.parts.is_empty() {
        flat.push((title.clone(), part.chapters));
    }
    for inner in part.parts {
        flatten(title.clone(), inner, flat);
    }
}

/// Whether a name in `book.json` stays in its folder whatever the system makes of it.
pub(super) fn stays_inside(file: &str) -> bool {
    let named = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    named && !file.is_empty() && !file.contains(['\\', ':', '\0'])
}
