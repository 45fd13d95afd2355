//! Reads one file: bounded, whole or not at all.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::charset::{self, Decoded};
use super::{ImportError, MAX_FILE_BYTES};

/// Reads a text file in any encoding, without its byte order mark.
pub(super) fn text(path: &Path) -> Result<Decoded, ImportError> {
    let bytes = bytes(path, MAX_FILE_BYTES)?;
    charset::decode(bytes, None)
        .map_err(|refusal| ImportError::Refused { path: path.to_owned(), refusal })
}

/// Reads a file of at most `most` bytes.
pub(super) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
    let kind = fs::metadata(path).map_err(|source| missing_or_unreadable(path, source))?;
    // A pipe or a device would be waited for without end.
    if !kind.is_file() {
        return Err(ImportError::WrongKind { path: path.to_owned(), expected: "a text file" });
    }
    let too_large = |bytes| ImportError::TooLarge { path: path.to_owned(), bytes, most };
    if kind.len() > most {
        return Err(too_large(kind.len()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    // Once more while reading: the file may grow meanwhile, and what /proc holds says that it is empty.
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > most { Err(too_large(length)) } else { Ok(bytes) }
}

/// Tells an absent file from one that may not be read.
pub(super) fn missing_or_unreadable(path: &Path, source: io::Error) -> ImportError {
    match source.kind() {
        io::ErrorKind::NotFound => ImportError::Missing { path: path.to_owned() },
        _ => ImportError::Unreadable { path: path.to_owned(), source },
    }
}
