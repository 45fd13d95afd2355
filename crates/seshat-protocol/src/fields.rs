//! The one binary encoding of this format: a list of byte strings, each behind its length (u32, big-endian).
//!
//! Used for sealing contexts, for what is signed, for the vault blob and for the insides of sealed bodies. A
//! list of fields has exactly one encoding, so equal bytes and equal meaning are the same thing.

use std::fmt;

/// Bytes that are not a list of fields, or not the list that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldsError;

impl fmt::Display for FieldsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the fields that this format has here")
    }
}

impl std::error::Error for FieldsError {}

/// Writes fields one behind the other.
#[derive(Default)]
pub struct FieldWriter(Vec<u8>);

impl FieldWriter {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty list with room for `capacity` bytes. A buffer that never grows leaves no copies behind, which
    /// matters where a field is secret.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Appends a field. A field is at most 4 GiB - 1 long.
    #[must_use]
    pub fn bytes(mut self, field: &[u8]) -> Self {
        let length = u32::try_from(field.len()).expect("no field of this format reaches 4 GiB");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(field);
        self
    }

    /// Appends a text in UTF-8.
    #[must_use]
    pub fn text(self, field: &str) -> Self {
        self.bytes(field.as_bytes())
    }

    /// Appends a number as 4 bytes, big-endian.
    #[must_use]
    pub fn u32(self, field: u32) -> Self {
        self.bytes(&field.to_be_bytes())
    }

    /// Appends a number as 8 bytes, big-endian.
    #[must_use]
    pub fn u64(self, field: u64) -> Self {
        self.bytes(&field.to_be_bytes())
    }

    /// The encoded list.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads fields in order; never panics, never allocates for a length that is not there.
pub struct FieldReader<'a>(&'a [u8]);

impl<'a> FieldReader<'a> {
    /// A reader at the first field.
    #[must_use]
    pub fn new(encoded: &'a [u8]) -> Self {
        Self(encoded)
    }

    /// The next field.
    ///
    /// # Errors
    /// When the list has ended or is cut short.
    pub fn bytes(&mut self) -> Result<&'a [u8], FieldsError> {
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(FieldsError)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| FieldsError)?;
        let (field, rest) = rest.split_at_checked(length).ok_or(FieldsError)?;
        self.0 = rest;
        Ok(field)
    }

    /// The next field, which must be `N` bytes long.
    ///
    /// # Errors
    /// At the list's end or at any other length.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], FieldsError> {
        self.bytes()?.try_into().map_err(|_| FieldsError)
    }

    /// The next field, which must be UTF-8.
    ///
    /// # Errors
    /// At the list's end or for other bytes.
    pub fn text(&mut self) -> Result<&'a str, FieldsError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| FieldsError)
    }

    /// The next field as a big-endian `u32`.
    ///
    /// # Errors
    /// At the list's end or at any other length.
    pub fn u32(&mut self) -> Result<u32, FieldsError> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next field as a big-endian `u64`.
    ///
    /// # Errors
    /// At the list's end or at any other length.
    pub fn u64(&mut self) -> Result<u64, FieldsError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Whether every field has been read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When a field is left over.
    pub fn finish(self) -> Result<(), FieldsError> {
        if self.0.is_empty() { Ok(()) } else { Err(FieldsError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_what_is_read(fields in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
            let encoded = fields.iter().fold(FieldWriter::new(), |writer, field| writer.bytes(field)).finish();
            let mut reader = FieldReader::new(&encoded);
            for field in &fields {
                prop_assert_eq!(reader.bytes().unwrap(), &field[..]);
            }
            prop_assert!(reader.finish().is_ok());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(noise in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = FieldReader::new(&noise);
            while reader.bytes().is_ok() && !reader.is_empty() {}
        }
    }

    #[test]
    fn a_list_cut_anywhere_is_refused() {
        let encoded = FieldWriter::new().text("binder").u64(7).finish();
        for end in 0..encoded.len() {
            let mut reader = FieldReader::new(&encoded[..end]);
            let read = reader.text().and_then(|_| reader.u64());
            assert!(read.is_err(), "cut at {end}");
        }
    }
}
