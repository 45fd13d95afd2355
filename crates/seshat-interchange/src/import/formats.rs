//! Which format a file has, and who reads it.

use std::path::Path;

use super::guard::{Archive, MAX_DOCUMENT_BYTES};
use super::{ImportError, MAX_FILE_BYTES, Refusal, charset};
use super::{
    docx, epub, front_matter, html, odt, outline, pictures, plain, read, rtf, scrivener, ywriter,
};
use crate::flow::Flow;
use crate::markdown;
use crate::novel::Chapter;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Markdown,
    Plain,
    Html,
    Docx,
    Epub,
    Odt,
    Rtf,
    YWriter,
}

impl Format {
    /// By the name's ending.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        match ending.as_str() {
            "md" | "markdown" | "mdown" | "mkd" => Some(Self::Markdown),
            "txt" | "text" => Some(Self::Plain),
            "html" | "htm" | "xhtml" | "xht" => Some(Self::Html),
            "docx" | "docm" | "dotx" | "doc" => Some(Self::Docx),
            "epub" => Some(Self::Epub),
            "odt" | "ott" => Some(Self::Odt),
            "rtf" => Some(Self::Rtf),
            "yw7" | "yw6" | "yw5" => Some(Self::YWriter),
            _ => None,
        }
    }

    /// By what the file holds, else by its name: a name that lies is common, a beginning that lies is not.
    fn known(path: &Path, bytes: &[u8]) -> Option<Self> {
        let named = Self::of(path);
        if bytes.starts_with(b"{\\rtf") {
            return Some(Self::Rtf);
        }
        if bytes.starts_with(b"PK\x03\x04")
            && let Ok(mut archive) = Archive::open(bytes, "an archive")
        {
            let kind = archive.read("mimetype").ok().flatten().unwrap_or_default();
            if kind.starts_with(b"application/epub+zip") {
                return Some(Self::Epub);
            }
            if kind.starts_with(b"application/vnd.oasis.opendocument.text") {
                return Some(Self::Odt);
            }
            if archive.has("word/document.xml") {
                return Some(Self::Docx);
            }
        }
        named
    }

    /// By the name's ending, if it is one of a chapter in a folder of chapters.
    pub(super) fn of_text(path: &Path) -> Option<Self> {
        Self::of(path).filter(|format| format.is_text())
    }

    /// Whether it is a text that an editor shows as it is.
    fn is_text(self) -> bool {
        matches!(self, Self::Markdown | Self::Plain)
    }

    /// The chapters of a text in a folder of chapters, at least one.
    pub(super) fn chapters(self, text: &str) -> Vec<Chapter> {
        if self == Self::Markdown { markdown::parse_chapters(text) } else { plain::chapters(text) }
    }

    fn read(self, bytes: &[u8]) -> Result<Flow, Refusal> {
        match self {
            Self::Markdown | Self::Plain => self.read_text(bytes),
            Self::Html => html::read(bytes, None),
            Self::Docx => docx::read(bytes),
            Self::Epub => epub::read(bytes),
            Self::Odt => odt::read(bytes),
            Self::Rtf => rtf::read(bytes),
            Self::YWriter => ywriter::read(bytes),
        }
    }

    fn read_text(self, bytes: &[u8]) -> Result<Flow, Refusal> {
        let decoded = charset::decode(bytes.to_vec(), None)?;
        if decoded.text.trim().is_empty() {
            return Err(Refusal::NoText);
        }
        let mut flow = match self {
            Self::Markdown => {
                let matter = front_matter::split(&decoded.text);
                if matter.text.trim().is_empty() {
                    return Err(Refusal::NoText);
                }
                let mut flow = outline::read(matter.text);
                matter.tell(&mut flow);
                flow
            }
            _ => plain::read(&decoded.text),
        };
        pictures::without_vault(&mut flow);
        flow.notes.extend(decoded.guessed.map(charset::note));
        Ok(flow)
    }
}

/// Reads the file or the project at `path`.
pub(super) fn read_file(path: &Path) -> Result<Flow, ImportError> {
    if scrivener::is_project(path) {
        return scrivener::read(path);
    }
    let named = Format::of(path);
    let most = if named.is_some_and(Format::is_text) { MAX_FILE_BYTES } else { MAX_DOCUMENT_BYTES };
    let bytes = read::bytes(path, most)?;
    let format = Format::known(path, &bytes)
        .ok_or_else(|| ImportError::UnknownFormat { path: path.to_owned() })?;
    format.read(&bytes).map_err(|refusal| match refusal {
        Refusal::NoText => ImportError::NoText { path: path.to_owned() },
        refusal => ImportError::Refused { path: path.to_owned(), refusal },
    })
}

/// Reads bytes under a name.
pub(super) fn read_bytes(name: &str, bytes: &[u8]) -> Result<Flow, Refusal> {
    let format = Format::known(Path::new(name), bytes);
    format.ok_or(Refusal::WrongKind("of a kind that is read"))?.read(bytes)
}
