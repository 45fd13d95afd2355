//! Reads one text file: bounded, UTF-8, whole or not at all.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::{ImportError, MAX_FILE_BYTES};

/// Reads a text file without its byte order mark.
pub(super) fn text(path: &Path) -> Result<String, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
    let kind = fs::metadata(path).map_err(|source| missing_or_unreadable(path, source))?;
    // A pipe or a device would be waited for without end.
    if !kind.is_file() {
        return Err(ImportError::WrongKind { path: path.to_owned(), expected: "a text file" });
    }
    if kind.len() > MAX_FILE_BYTES {
        return Err(ImportError::TooLarge { path: path.to_owned(), bytes: kind.len() });
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    // Once more while reading: the file may grow meanwhile, and what /proc holds says that it is empty.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > MAX_FILE_BYTES {
        return Err(ImportError::TooLarge { path: path.to_owned(), bytes: length });
    }
    decode(path, bytes)
}

fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, ImportError> {
    let guess = guess(&bytes);
    let text = String::from_utf8(bytes).map_err(|error| ImportError::NotUtf8 {
        path: path.to_owned(),
        byte: error.utf8_error().valid_up_to() + 1,
        guess,
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// What a file that is not UTF-8 says about itself. Single-byte encodings say nothing, and a wrong guess would
/// turn an author's accents into other letters, so none is made.
fn guess(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            ", it looks like UTF-16 (“Unicode” in older programs)"
        }
        [b'P', b'K', 3, 4, ..] => ", it looks like a word processor's document or an archive",
        [b'%', b'P', b'D', b'F', ..] => ", it looks like a PDF",
        _ => "",
    }
}

/// Tells an absent file from one that may not be read.
pub(super) fn missing_or_unreadable(path: &Path, source: io::Error) -> ImportError {
    match source.kind() {
        io::ErrorKind::NotFound => ImportError::Missing { path: path.to_owned() },
        _ => ImportError::Unreadable { path: path.to_owned(), source },
    }
}
