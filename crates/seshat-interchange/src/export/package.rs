//! Files in a zip archive, as EPUB, DOCX and ODT are.
//!
//! **Invariant:** the same files make the same bytes: no clock and no system is asked.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::ExportError;

/// An archive that is being made, in memory.
pub(super) struct Package {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Package {
    /// An empty archive.
    pub(super) fn new() -> Self {
        Self { zip: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    /// An archive whose first file, without compression, says what it is.
    pub(super) fn with_mimetype(kind: &str) -> Result<Self, ExportError> {
        let mut package = Self::new();
        package.put("mimetype", kind.as_bytes(), CompressionMethod::Stored)?;
        Ok(package)
    }

    /// Adds a file; `/` parts folders in its name.
    pub(super) fn add(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), ExportError> {
        self.put(name, bytes.as_ref(), CompressionMethod::Deflated)
    }

    /// Adds a file that is compressed already.
    pub(super) fn store(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        self.put(name, bytes, CompressionMethod::Stored)
    }

    fn put(
        &mut self,
        name: &str,
        bytes: &[u8],
        method: CompressionMethod,
    ) -> Result<(), ExportError> {
        let options = SimpleFileOptions::default().compression_method(method);
        self.zip.start_file(name, options).map_err(ExportError::Unpackable)?;
        self.zip.write_all(bytes).map_err(|error| ExportError::Unpackable(error.into()))
    }

    /// The archive's bytes.
    pub(super) fn finish(self) -> Result<Vec<u8>, ExportError> {
        Ok(self.zip.finish().map_err(ExportError::Unpackable)?.into_inner())
    }
}
