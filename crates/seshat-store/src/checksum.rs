//! What a stored row is checked by: SQLite has no checksums of its own, and a flipped bit in a column that no
//! signature covers (where a record belongs) would make a change vanish from its scene without a word.

use seshat_protocol::{AccountId, Bytes32, FieldWriter, Record};
use sha2::{Digest, Sha256};

use crate::StoredPlace;

/// The row's checksum: SHA-256 over the record's hash, its signature, and its place. Golden.
pub(crate) fn row_checksum(
    record: &Record,
    account: AccountId,
    place: Option<&StoredPlace>,
) -> Bytes32 {
    let fields =
        FieldWriter::with_capacity(192).bytes(&record.hash(account).0).bytes(&record.signature.0);
    let fields = match place {
        Some(place) => fields
            .bytes(&[place.kind])
            .bytes(place.novel.as_bytes())
            .bytes(place.document.as_bytes()),
        None => fields.bytes(&[]).bytes(&[]).bytes(&[]),
    };
    Bytes32(Sha256::digest(fields.finish()).into())
}
