//! Archives of strangers: everything that unpacks does it under a limit.
//!
//! **Invariants:** nothing is ever written to the disk, so a name with `../` is only a name. What an archive says
//! about its sizes is not believed: bytes are counted while they unpack. A process with 256 MB can read whatever
//! is not refused here.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::refusal::Refusal;
use crate::flow::Picture;

/// The largest document that is read: a long novel with many pictures has 30 MB.
pub const MAX_DOCUMENT_BYTES: u64 = 64 * 1024 * 1024;

/// How much text, unpacked, is read of one part.
pub(super) const MOST_TEXT: u64 = 48 * 1000 * 1000;

/// How much is unpacked of one document, pictures included.
pub(super) const MOST_UNPACKED: u64 = 96 * 1000 * 1000;

/// The largest picture that is kept.
pub(super) const MOST_PICTURE: u64 = 16 * 1000 * 1000;

/// How many entries an archive may have.
const MOST_ENTRIES: usize = 20_000;

/// Text packs to a tenth, markup to a fiftieth; the packing itself can do a thousandth.
const MOST_RATIO: u64 = 200;

/// Below this size no ratio is suspicious.
const SMALL: u64 = 4 * 1000 * 1000;

/// The names by which archives hold their entries are at most this long.
const LONGEST_NAME: usize = 1024;

/// A ZIP archive in memory: DOCX, ODT, EPUB.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    left: u64,
}

impl<'a> Archive<'a> {
    /// Reads the table of contents of `bytes`; `kind` is what they should be ("a DOCX document").
    pub(super) fn open(bytes: &'a [u8], kind: &'static str) -> Result<Self, Refusal> {
        // The magic of an OLE file: an old .doc, or a DOCX under a password.
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
            return Err(ole(bytes));
        }
        if !bytes.starts_with(b"PK") {
            return Err(if bytes.is_empty() { Refusal::NoText } else { Refusal::WrongKind(kind) });
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
        if zip.len() > MOST_ENTRIES {
            return Err(Refusal::TooManyParts);
        }
        let name = |index| match zip.name_for_index(index) {
            Some(Ok(name)) if name.len() <= LONGEST_NAME => name.into_owned(),
            // Its place in the list stays, so that positions are those of the archive.
            _ => String::new(),
        };
        let names = (0..zip.len()).map(name).collect();
        Ok(Self { zip, names, left: MOST_UNPACKED })
    }

    /// Whether there is such an entry.
    pub(super) fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Exactly that name, else one that differs in the case of letters: old programs were careless.
    fn position(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().rposition(|held| held == name);
        exact.or_else(|| self.names.iter().rposition(|held| held.eq_ignore_ascii_case(name)))
    }

    /// Unpacks an entry of text; [`None`] when there is none.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        match self.position(name) {
            Some(position) => self.unpack(position, MOST_TEXT).map(Some),
            None => Ok(None),
        }
    }

    /// Unpacks an entry of text that must be there; `what` names it for the author ("its text").
    pub(super) fn need(&mut self, name: &str, what: &'static str) -> Result<Vec<u8>, Refusal> {
        self.read(name)?.ok_or(Refusal::PartMissing(what))
    }

    /// Unpacks a picture; [`None`] when it is not there, too large or not one that is shown. That costs the
    /// picture and not the text, but a bomb stays one.
    pub(super) fn picture(&mut self, name: &str) -> Result<Option<Picture>, Refusal> {
        let Some(position) = self.position(name) else { return Ok(None) };
        let bytes = match self.unpack(position, MOST_PICTURE) {
            Ok(bytes) => bytes,
            Err(Refusal::Bomb) => return Err(Refusal::Bomb),
            Err(_) => return Ok(None),
        };
        Ok(picture(bytes, name))
    }

    fn unpack(&mut self, position: usize, most: u64) -> Result<Vec<u8>, Refusal> {
        let entry = self.zip.by_index(position).map_err(refused)?;
        let packed = entry.compressed_size().max(1);
        let most = most.min(self.left);
        let suspicious = packed.saturating_mul(MOST_RATIO).max(SMALL);
        let mut bytes = Vec::new();
        entry
            .take(most.min(suspicious).saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|_| Refusal::Damaged)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > suspicious {
            return Err(Refusal::Bomb);
        }
        if length > most {
            return Err(Refusal::TooLarge(MOST_UNPACKED / 1_000_000));
        }
        self.left -= length;
        Ok(bytes)
    }
}

/// A picture of a kind that is shown; its first bytes say which.
pub(super) fn picture(bytes: Vec<u8>, name: &str) -> Option<Picture> {
    let media_type = media_type(&bytes)?.to_owned();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    Some(Picture { bytes, media_type, name })
}

/// What a picture's first bytes say; [`None`] for what is not shown. SVG is not: it is a program as much as a
/// picture.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// An OLE file: a document under a password holds a stream of that name, in UTF-16.
fn ole(bytes: &[u8]) -> Refusal {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        Refusal::Protected
    } else {
        Refusal::Version("a document of a program of before 2007")
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what an error is mapped with")]
fn refused(error: ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Refusal::Protected
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            Refusal::Version("packed in a way of its own")
        }
        _ => Refusal::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;

    use super::{Archive, Refusal};

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn an_archive_is_read_by_name_and_what_unpacks_too_far_is_refused() {
        let bytes = archive(&[("A/b.xml", b"<a/>"), ("bomb", &vec![0; 20_000_000])]);
        let mut archive = Archive::open(&bytes, "a test").unwrap();
        assert_eq!(archive.read("a/B.xml").unwrap().unwrap(), b"<a/>");
        assert_eq!(archive.read("none").unwrap(), None);
        assert_eq!(archive.need("none", "its text"), Err(Refusal::PartMissing("its text")));
        assert_eq!(archive.read("bomb"), Err(Refusal::Bomb));
        assert_eq!(archive.picture("bomb"), Err(Refusal::Bomb));
        assert_eq!(archive.picture("A/b.xml"), Ok(None), "that is no picture");
    }

    #[test]
    fn what_is_no_archive_is_refused_with_the_reason() {
        let refusal = |bytes: &[u8]| Archive::open(bytes, "a test").err();
        assert_eq!(refusal(b""), Some(Refusal::NoText));
        assert_eq!(refusal(b"plain words"), Some(Refusal::WrongKind("a test")));
        let whole = archive(&[("a", b"words words words")]);
        for end in 2..whole.len() {
            assert_eq!(refusal(&whole[..end]), Some(Refusal::Damaged), "cut at {end}");
        }
    }
}
