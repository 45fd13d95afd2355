//! A laptop that writes records which look like sealed ones.

use std::path::Path;

use seshat_protocol::{
    AccountId, Bytes64, DeviceId, DocumentId, NovelId, Record, RecordId, Sealed,
};
use seshat_store::{AcceptedRecord, Head, NewRecord, Page, Store, StoredPlace, VaultOrigin, Write};
use tempfile::TempDir;

pub(crate) const ACCOUNT: AccountId = AccountId([1; 16]);
pub(crate) const OURS: DeviceId = DeviceId([2; 16]);
pub(crate) const THEIRS: DeviceId = DeviceId([3; 16]);

/// What every third record of a [`Writer`] names: nothing that is anywhere, twice.
pub(crate) const NOBODY: [RecordId; 2] = [RecordId([9; 16]); 2];

/// SplitMix64: random-looking, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

pub(crate) fn place(novel: u8, document: u8) -> StoredPlace {
    StoredPlace { kind: 1, novel: NovelId([novel; 16]), document: DocumentId([document; 16]) }
}

/// The chain of one device.
pub(crate) struct Writer {
    device: DeviceId,
    pub(crate) head: Head,
}

impl Writer {
    pub(crate) fn new(device: DeviceId) -> Self {
        Self { device, head: Head::NONE }
    }

    pub(crate) fn after(device: DeviceId, head: Head) -> Self {
        Self { device, head }
    }

    pub(crate) fn record(&mut self, body: Vec<u8>) -> Record {
        let sequence = self.head.sequence + 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.device.0[..8]);
        id[8..].copy_from_slice(&sequence.to_be_bytes());
        let record = Record {
            id: RecordId(id),
            device: self.device,
            sequence,
            previous: self.head.hash,
            header: Sealed(vec![7; 90]),
            body: Sealed(body),
            replaces: if sequence.is_multiple_of(3) { NOBODY.to_vec() } else { Vec::new() },
            signature: Bytes64([8; 64]),
        };
        self.head = Head { sequence, hash: record.hash(ACCOUNT) };
        record
    }

    pub(crate) fn new_record(&mut self, body: Vec<u8>, place: StoredPlace) -> NewRecord {
        NewRecord { record: self.record(body), place, covers: Vec::new() }
    }

    pub(crate) fn write(&mut self, bodies: &[&[u8]]) -> Write {
        let records =
            bodies.iter().map(|body| self.new_record(body.to_vec(), place(1, 1))).collect();
        Write { records, ..Write::default() }
    }
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// An empty store with a vault.
pub(crate) fn store(dir: &Path) -> Store {
    let mut store = Store::create(&dir.join("vault")).unwrap();
    store.save_vault(ACCOUNT, b"blob", VaultOrigin::Here, &[]).unwrap();
    store
}

pub(crate) fn reopen(dir: &Path) -> Store {
    Store::open(&dir.join("vault")).unwrap()
}

/// A record from elsewhere; one without a place is nobody's.
pub(crate) fn incoming(record: Record, place: Option<StoredPlace>) -> AcceptedRecord {
    AcceptedRecord { record, place, signed: place.is_some(), covers: Some(Vec::new()) }
}

pub(crate) fn page(records: &[(Record, Option<StoredPlace>)], next: u64) -> Page {
    let records = records.iter().cloned().map(|(record, place)| incoming(record, place)).collect();
    Page { records, next, epoch: "first".to_owned(), at: 7 }
}

pub(crate) fn all(store: &Store) -> Vec<Record> {
    store.all_records().map(|held| held.unwrap().record).collect()
}
