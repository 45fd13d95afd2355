//! A record: the immutable unit of storage and sync. The server sees ids, sizes and the author device.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{AccountId, Bytes32, Bytes64, DeviceId, FORMAT_LABEL, FieldWriter, RecordId, Sealed};

/// What stands in `previous` of a device's first record.
pub const FIRST_PREVIOUS: Bytes32 = Bytes32([0; 32]);

/// One sealed change, snapshot or binder edit. `header` says (to who can open it) which document it belongs
/// to; `body` is sealed for exactly that place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Made by the client; sending the same record twice stores it once.
    pub id: RecordId,
    /// The device that wrote it.
    pub device: DeviceId,
    /// 1 for the device's first record, then one more for each.
    pub sequence: u64,
    /// [`Record::hash`] of that device's previous record, [`FIRST_PREVIOUS`] for the first.
    pub previous: Bytes32,
    /// Where the record belongs, sealed under the account's header key.
    pub header: Sealed,
    /// The content, sealed under the novel's key.
    pub body: Sealed,
    /// Records whose content this one contains, exactly. The server marks them, purges them after a while, and guesses
    /// nothing: what nobody names stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<RecordId>,
    /// SHA-256 of each sealed blob that the content shows. The server takes the record once it holds them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blobs: Vec<Bytes32>,
    /// Ed25519 by the device over [`Record::signed_bytes`].
    pub signature: Bytes64,
}

impl Record {
    /// What the device signs: every field but the signature, and the account. A record without blobs is spelt as
    /// before there were any.
    #[must_use]
    pub fn signed_bytes(&self, account: AccountId) -> Vec<u8> {
        let fields =
            FieldWriter::with_capacity(320 + 20 * self.replaces.len() + 36 * self.blobs.len())
                .text(FORMAT_LABEL)
                .text("record")
                .bytes(account.as_bytes())
                .bytes(self.id.as_bytes())
                .bytes(self.device.as_bytes())
                .u64(self.sequence)
                .bytes(&self.previous.0)
                .bytes(&Sha256::digest(&self.header.0))
                .bytes(&Sha256::digest(&self.body.0))
                .bytes(&concatenated(&self.replaces));
        if self.blobs.is_empty() {
            return fields.finish();
        }
        fields.bytes(&self.blobs.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>()).finish()
    }

    /// What the next record of this device names as `previous`: SHA-256 of [`Record::signed_bytes`].
    #[must_use]
    pub fn hash(&self, account: AccountId) -> Bytes32 {
        Bytes32(Sha256::digest(self.signed_bytes(account)).into())
    }

    /// The bytes that count against quotas and batch limits: header and body.
    #[must_use]
    pub fn stored_len(&self) -> usize {
        self.header.0.len() + self.body.0.len()
    }
}

/// Ids one behind the other: 16 bytes each, in the order given.
fn concatenated(ids: &[RecordId]) -> Vec<u8> {
    ids.iter().flat_map(|id| id.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            id: RecordId([1; 16]),
            device: DeviceId([2; 16]),
            sequence: 3,
            previous: FIRST_PREVIOUS,
            header: Sealed(vec![4; 5]),
            body: Sealed(vec![6; 7]),
            replaces: vec![RecordId([8; 16])],
            blobs: vec![Bytes32([10; 32])],
            signature: Bytes64([9; 64]),
        }
    }

    #[test]
    fn every_field_and_the_account_are_signed() {
        let account = AccountId([0; 16]);
        let signed = record().signed_bytes(account);
        let changes: [fn(&mut Record); 9] = [
            |r| r.id.0[0] ^= 1,
            |r| r.device.0[0] ^= 1,
            |r| r.sequence += 1,
            |r| r.previous.0[0] ^= 1,
            |r| r.header.0.push(0),
            |r| r.body.0[0] ^= 1,
            |r| r.replaces.clear(),
            |r| r.blobs[0].0[0] ^= 1,
            |r| r.blobs.clear(),
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut changed = record();
            change(&mut changed);
            assert_ne!(changed.signed_bytes(account), signed, "field {index} is not signed");
        }
        assert_ne!(record().signed_bytes(AccountId([1; 16])), signed, "the account is not signed");
    }

    #[test]
    fn a_record_without_blobs_is_spelt_as_before_there_were_any() {
        let plain = Record { blobs: Vec::new(), ..record() };
        let signed = plain.signed_bytes(AccountId([0; 16]));
        let mut fields = crate::FieldReader::new(&signed);
        let count = std::iter::from_fn(|| fields.bytes().ok()).count();
        assert_eq!(count, 10, "devices that know no blobs would not find the signature right");
        let json = serde_json::to_string(&plain).unwrap();
        assert!(!json.contains("blobs"), "{json}");
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), plain);
    }

    #[test]
    fn a_record_survives_json() {
        let json = serde_json::to_string(&record()).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record());
    }
}
