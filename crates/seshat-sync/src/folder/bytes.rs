//! What a file in the folder says: bytes in, meaning out.
//!
//! **Invariants:** a file ends with the SHA-256 of everything before it, so one that is cut, padded or mixed up at any
//! byte is no file of ours. Two files with the same hash are the same file, whatever they are called.

use std::fmt;

use serde::{Deserialize, Serialize};
use seshat_protocol::{
    AccountId, Bytes32, Bytes64, DeviceId, FORMAT_LABEL, FieldReader, FieldWriter, FieldsError,
    Record, RecordId, Sealed,
};
use sha2::{Digest, Sha256};

const CHUNK: &str = "folder-chunk";
const VAULT: &str = "folder-vault";
const HASH: usize = 32;

/// Names a file by its content: the first half of the SHA-256 that it ends with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "RecordId", into = "RecordId")]
pub(crate) struct FileId(pub(crate) [u8; 16]);

impl FileId {
    /// Of 32 lower-case hex digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse::<RecordId>().ok().map(Self::from)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&RecordId(self.0), f)
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Both are written as the digits of any other id.
impl From<RecordId> for FileId {
    fn from(id: RecordId) -> Self {
        Self(id.0)
    }
}

impl From<FileId> for RecordId {
    fn from(id: FileId) -> Self {
        Self(id.0)
    }
}

impl From<RecordId> for Key {
    fn from(id: RecordId) -> Self {
        Self(id.0)
    }
}

impl From<Key> for RecordId {
    fn from(key: Key) -> Self {
        Self(key.0)
    }
}

/// Tells two records apart that have the same id and other content: the first half of the SHA-256 of all of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(from = "RecordId", into = "RecordId")]
pub(crate) struct Key(pub(crate) [u8; 16]);

impl Key {
    pub(crate) fn of(record: &Record) -> Self {
        Self(half(&encode(record)))
    }
}

/// Some records that a laptop wrote into the folder at once, its own or others'.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chunk {
    pub(crate) account: AccountId,
    /// The laptop that wrote the file.
    pub(crate) writer: DeviceId,
    /// Higher than of every chunk that this laptop wrote before; for people and for tidying.
    pub(crate) number: u64,
    pub(crate) records: Vec<Record>,
}

/// A vault blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct VaultFile {
    pub(crate) account: AccountId,
    /// The laptop that wrote the file.
    pub(crate) writer: DeviceId,
    /// Every other file whose vault was merged into this one.
    pub(crate) merged: Vec<FileId>,
    pub(crate) blob: Vec<u8>,
}

/// What a whole file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    Chunk(Chunk),
    Vault(VaultFile),
}

impl Content {
    /// The file's bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let body = match self {
            Self::Chunk(chunk) => {
                let head = begun(CHUNK, chunk.account, chunk.writer).u64(chunk.number);
                let records = chunk.records.iter();
                records.fold(head, |fields, record| fields.bytes(&encode(record)))
            }
            Self::Vault(vault) => {
                let merged: Vec<u8> = vault.merged.iter().flat_map(|id| id.0).collect();
                begun(VAULT, vault.account, vault.writer).bytes(&merged).bytes(&vault.blob)
            }
        };
        let mut bytes = body.finish();
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        bytes
    }

    /// What these bytes hold; `None` when they are not a whole file of ours.
    pub(crate) fn of(bytes: &[u8]) -> Option<(FileId, Self)> {
        let (body, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
        if Sha256::digest(body)[..] != *hash {
            return None;
        }
        Some((file_id(bytes)?, read(body).ok()?))
    }
}

/// The id of a whole file.
pub(crate) fn file_id(bytes: &[u8]) -> Option<FileId> {
    let hash = bytes.get(bytes.len().checked_sub(HASH)?..)?;
    Some(FileId(*hash.first_chunk()?))
}

fn begun(kind: &str, account: AccountId, writer: DeviceId) -> FieldWriter {
    FieldWriter::new()
        .text(FORMAT_LABEL)
        .text(kind)
        .bytes(account.as_bytes())
        .bytes(writer.as_bytes())
}

fn read(body: &[u8]) -> Result<Content, FieldsError> {
    let mut fields = FieldReader::new(body);
    if fields.text()? != FORMAT_LABEL {
        return Err(FieldsError);
    }
    let kind = fields.text()?;
    let (account, writer) = (AccountId(fields.array()?), DeviceId(fields.array()?));
    match kind {
        CHUNK => {
            let number = fields.u64()?;
            let mut records = Vec::new();
            while !fields.is_empty() {
                records.push(decode(fields.bytes()?)?);
            }
            Ok(Content::Chunk(Chunk { account, writer, number, records }))
        }
        VAULT => {
            let merged = fields.bytes()?.chunks(16).map(|id| id.try_into().map(FileId));
            let merged = merged.collect::<Result<_, _>>().map_err(|_| FieldsError)?;
            let blob = fields.bytes()?.to_vec();
            fields.finish()?;
            Ok(Content::Vault(VaultFile { account, writer, merged, blob }))
        }
        _ => Err(FieldsError),
    }
}

fn encode(record: &Record) -> Vec<u8> {
    let replaces: Vec<u8> = record.replaces.iter().flat_map(|id| id.0).collect();
    let blobs: Vec<u8> = record.blobs.iter().flat_map(|hash| hash.0).collect();
    FieldWriter::with_capacity(256 + record.stored_len() + replaces.len() + blobs.len())
        .bytes(record.id.as_bytes())
        .bytes(record.device.as_bytes())
        .u64(record.sequence)
        .bytes(&record.previous.0)
        .bytes(&record.header.0)
        .bytes(&record.body.0)
        .bytes(&replaces)
        .bytes(&blobs)
        .bytes(&record.signature.0)
        .finish()
}

fn decode(encoded: &[u8]) -> Result<Record, FieldsError> {
    let mut fields = FieldReader::new(encoded);
    let record = Record {
        id: RecordId(fields.array()?),
        device: DeviceId(fields.array()?),
        sequence: fields.u64()?,
        previous: Bytes32(fields.array()?),
        header: Sealed(fields.bytes()?.to_vec()),
        body: Sealed(fields.bytes()?.to_vec()),
        replaces: pieces(fields.bytes()?)?.into_iter().map(RecordId).collect(),
        blobs: pieces(fields.bytes()?)?.into_iter().map(Bytes32).collect(),
        signature: Bytes64(fields.array()?),
    };
    fields.finish()?;
    Ok(record)
}

/// Pieces of one length, one behind the other.
fn pieces<const N: usize>(bytes: &[u8]) -> Result<Vec<[u8; N]>, FieldsError> {
    bytes.chunks(N).map(|piece| piece.try_into().map_err(|_| FieldsError)).collect()
}

fn half(bytes: &[u8]) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    std::array::from_fn(|i| hash[i])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::folder::test_kit::record;

    fn chunk() -> Content {
        let mut named = record(2, 2, &[1, 7]);
        named.blobs = vec![Bytes32([5; 32])];
        let records = vec![record(1, 1, &[]), named];
        let (account, writer) = (AccountId([1; 16]), DeviceId([2; 16]));
        Content::Chunk(Chunk { account, writer, number: 9, records })
    }

    fn vault() -> Content {
        let merged = vec![FileId([3; 16]), FileId([4; 16])];
        let (account, writer) = (AccountId([1; 16]), DeviceId([2; 16]));
        Content::Vault(VaultFile { account, writer, merged, blob: vec![7; 300] })
    }

    #[test]
    fn what_was_written_is_what_is_read() {
        for content in [chunk(), vault()] {
            let bytes = content.to_bytes();
            let (id, read) = Content::of(&bytes).unwrap();
            assert_eq!(read, content);
            assert_eq!(FileId::parse(&id.to_string()), Some(id));
        }
    }

    #[test]
    fn a_file_cut_at_any_byte_padded_or_filled_with_zeros_is_none() {
        for content in [chunk(), vault()] {
            let bytes = content.to_bytes();
            for end in 0..bytes.len() {
                assert_eq!(Content::of(&bytes[..end]), None, "cut at {end}");
                let mut zeros = bytes.clone();
                zeros[end..].fill(0);
                assert_eq!(Content::of(&zeros), None, "zeros from {end}");
            }
            let padded = [&bytes[..], &[0]].concat();
            assert_eq!(Content::of(&padded), None, "one byte too many");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_behind_a_right_hash_make_the_reader_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let hashed = [&noise[..], &Sha256::digest(&noise)].concat();
            prop_assert_eq!(Content::of(&hashed), None);
        }

        #[test]
        fn one_changed_byte_is_seen(at in 0..400_usize, change in 1..=255_u8) {
            let mut bytes = chunk().to_bytes();
            let at = at % bytes.len();
            bytes[at] ^= change;
            prop_assert_eq!(Content::of(&bytes), None);
        }
    }

    #[test]
    fn two_records_of_one_id_have_two_keys() {
        let one = record(1, 1, &[]);
        let mut other = one.clone();
        other.signature.0[0] ^= 1;
        assert_ne!(Key::of(&one), Key::of(&other));
    }
}
