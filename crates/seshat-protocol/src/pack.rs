//! A pack: everything that is live after a cursor, in one answer. And how much of a blob is on the server.

use serde::{Deserialize, Serialize};

use crate::{ChangedRecord, Digest, limits};

/// A frame of a pack: its length (u32, big-endian), then so many bytes of JSON. A pack whose last frame is not
/// [`PackFrame::End`] was cut; it goes on behind the position of its last whole record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PackFrame {
    /// The next record, in the order of positions.
    Record(ChangedRecord),
    /// The end.
    End(PackEnd),
}

/// What holds at the end of a pack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackEnd {
    /// The cursor behind the pack: what comes after it is asked for with [`crate::route::CHANGES`].
    pub next: u64,
    /// The account's newest position, as it was when the pack ended.
    pub head: u64,
    /// See [`crate::Changes::epoch`].
    pub epoch: String,
    /// See [`crate::Changes::digest`].
    pub digest: Digest,
}

/// Bytes that are not a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackError;

impl std::fmt::Display for PackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a pack of this protocol")
    }
}

impl std::error::Error for PackError {}

impl PackFrame {
    /// The frame as it travels.
    ///
    /// # Errors
    /// When it is longer than [`limits::BODY_BYTES`].
    pub fn encode(&self) -> Result<Vec<u8>, PackError> {
        let mut encoded = vec![0; 4];
        serde_json::to_writer(&mut encoded, self).map_err(|_| PackError)?;
        let length = encoded.len() - 4;
        if length > limits::BODY_BYTES {
            return Err(PackError);
        }
        let length = u32::try_from(length).map_err(|_| PackError)?;
        encoded[..4].copy_from_slice(&length.to_be_bytes());
        Ok(encoded)
    }
}

/// Reads frames out of a pack that comes in pieces of any length. Holds no more than one frame and one piece.
#[derive(Default)]
pub struct PackReader {
    held: Vec<u8>,
    /// How many of `held` were read.
    read: usize,
}

impl PackReader {
    /// A reader at the beginning of a pack.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.held.drain(..self.read);
        self.read = 0;
        self.held.extend_from_slice(piece);
    }

    /// The next frame; `None` when it has not come whole.
    ///
    /// # Errors
    /// When what came is no frame. Nothing behind it can be read.
    pub fn next_frame(&mut self) -> Result<Option<PackFrame>, PackError> {
        let left = self.held.get(self.read..).unwrap_or_default();
        let Some((length, rest)) = left.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| PackError)?;
        if length > limits::BODY_BYTES {
            return Err(PackError);
        }
        let Some(frame) = rest.get(..length) else { return Ok(None) };
        let frame = serde_json::from_slice(frame).map_err(|_| PackError)?;
        self.read += 4 + length;
        Ok(Some(frame))
    }
}

/// How much of a blob is on the server: the answer to a part, and to `GET` of [`crate::route::BLOB_PARTS`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlobProgress {
    /// Bytes of the whole blob.
    pub len: u64,
    /// The numbers of the parts that have not come, ascending, counted from 0.
    pub missing: Vec<u32>,
    /// Whether it is here whole and has the hash by which it is called.
    pub complete: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Bytes32, Bytes64, DeviceId, FIRST_PREVIOUS, Record, RecordId, Sealed};

    fn frames(bodies: &[Vec<u8>]) -> Vec<PackFrame> {
        let record = |(index, body): (usize, &Vec<u8>)| {
            let record = Record {
                id: RecordId([1; 16]),
                device: DeviceId([2; 16]),
                sequence: 3,
                previous: FIRST_PREVIOUS,
                header: Sealed(vec![4; 5]),
                body: Sealed(body.clone()),
                replaces: Vec::new(),
                blobs: Vec::new(),
                signature: Bytes64([9; 64]),
            };
            PackFrame::Record(ChangedRecord { position: index as u64 + 1, record })
        };
        let digest = Digest { count: 1, xor: Bytes32([0; 32]) };
        let end = PackEnd { next: 9, head: 9, epoch: "e".to_owned(), digest };
        bodies.iter().enumerate().map(record).chain([PackFrame::End(end)]).collect()
    }

    proptest! {
        #[test]
        fn a_pack_is_read_as_it_was_written_in_whatever_pieces_it_comes(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..5),
            piece in 1_usize..400,
            cut in any::<prop::sample::Index>(),
        ) {
            let frames = frames(&bodies);
            let encoded: Vec<u8> = frames.iter().flat_map(|frame| frame.encode().unwrap()).collect();
            let (mut reader, mut read) = (PackReader::new(), Vec::new());
            for piece in encoded.chunks(piece) {
                reader.feed(piece);
                while let Some(frame) = reader.next_frame().unwrap() {
                    read.push(frame);
                }
            }
            prop_assert_eq!(&read, &frames);
            // Cut anywhere: the whole frames before the cut, and no end.
            let cut = cut.index(encoded.len());
            let (mut reader, mut read) = (PackReader::new(), Vec::new());
            reader.feed(&encoded[..cut]);
            while let Some(frame) = reader.next_frame().unwrap() {
                read.push(frame);
            }
            prop_assert!(frames.starts_with(&read));
            prop_assert!(!read.iter().any(|frame| matches!(frame, PackFrame::End(_))));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(noise in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = PackReader::new();
            reader.feed(&noise);
            while let Ok(Some(_)) = reader.next_frame() {}
        }
    }

    #[test]
    fn a_length_that_no_frame_has_is_refused_before_it_is_waited_for() {
        let mut reader = PackReader::new();
        reader.feed(&u32::MAX.to_be_bytes());
        assert_eq!(reader.next_frame(), Err(PackError));
    }
}
