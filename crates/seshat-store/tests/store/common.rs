//! A laptop that writes records which look like sealed ones.

use std::collections::HashSet;
use std::path::Path;

use seshat_protocol::{
    AccountId, Bytes32, Bytes64, DeviceId, Digest, DocumentId, NovelId, Record, RecordId, Sealed,
};
use seshat_store::{
    AcceptedRecord, Cover, Head, NewRecord, Page, Purged, Replacing, Store, StoredPlace,
    VaultOrigin, Write,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) const ACCOUNT: AccountId = AccountId([1; 16]);
pub(crate) const OURS: DeviceId = DeviceId([2; 16]);
pub(crate) const THEIRS: DeviceId = DeviceId([3; 16]);

/// What every third record of a [`Writer`] names: nothing that is anywhere, twice.
pub(crate) const NOBODY: [RecordId; 2] = [RecordId([9; 16]); 2];

/// What every seventh record of a [`Writer`] shows.
pub(crate) const BLOBS: [Bytes32; 2] = [Bytes32([5; 32]), Bytes32([6; 32])];

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
        let third = (self.head.sequence + 1).is_multiple_of(3);
        let names = if third { NOBODY.to_vec() } else { Vec::new() };
        self.naming(body, names)
    }

    /// A record that replaces others.
    pub(crate) fn naming(&mut self, body: Vec<u8>, replaces: Vec<RecordId>) -> Record {
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
            replaces,
            blobs: if sequence.is_multiple_of(7) { BLOBS.to_vec() } else { Vec::new() },
            signature: Bytes64([8; 64]),
        };
        self.head = Head { sequence, hash: record.hash(ACCOUNT) };
        record
    }

    pub(crate) fn new_record(&mut self, body: Vec<u8>, place: StoredPlace) -> NewRecord {
        NewRecord { record: self.record(body), place, covers: Vec::new() }
    }

    /// A plain record of this document, which names nothing.
    pub(crate) fn update(&mut self, document: u8) -> NewRecord {
        let record = self.naming(vec![document; 40], Vec::new());
        NewRecord { record, place: place(1, document), covers: Vec::new() }
    }

    /// A snapshot of this document that contains these records and says so.
    pub(crate) fn snapshot(&mut self, document: u8, of: &[&NewRecord]) -> NewRecord {
        let record = self.naming(vec![document; 90], of.iter().map(|new| new.record.id).collect());
        let place = StoredPlace { kind: 2, ..place(1, document) };
        NewRecord { record, place, covers: covers(of) }
    }

    pub(crate) fn write(&mut self, bodies: &[&[u8]]) -> Write {
        let records =
            bodies.iter().map(|body| self.new_record(body.to_vec(), place(1, 1))).collect();
        Write { records, ..Write::default() }
    }
}

/// Everything that these contain.
pub(crate) fn covers(of: &[&NewRecord]) -> Vec<Cover> {
    let own = |new: &&NewRecord| Cover::one(new.record.device, new.record.sequence);
    Cover::joined(of.iter().map(own).chain(of.iter().flat_map(|new| new.covers.clone())))
}

/// As it comes to another laptop that opens it.
pub(crate) fn come(new: &NewRecord) -> AcceptedRecord {
    AcceptedRecord {
        record: new.record.clone(),
        place: Some(new.place),
        signed: true,
        covers: Some(new.covers.clone()),
    }
}

/// A page of what opens, at the cursor where the store is.
pub(crate) fn page_of(records: &[&NewRecord]) -> Page {
    Page {
        records: records.iter().map(|new| come(new)).collect(),
        next: 0,
        epoch: "first".to_owned(),
        at: 7,
    }
}

/// What a server's digest is: over the records that none of them names.
pub(crate) fn live_digest<'a>(records: impl IntoIterator<Item = &'a Record> + Clone) -> Digest {
    let names =
        |record: &'a Record| record.replaces.iter().copied().filter(|name| *name != record.id);
    let named: HashSet<_> = records.clone().into_iter().flat_map(names).collect();
    let mut digest = Digest { count: 0, xor: Bytes32([0; 32]) };
    for record in records.into_iter().filter(|record| !named.contains(&record.id)) {
        digest.count += 1;
        let hash = Sha256::digest(record.id.0);
        digest.xor.0.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
    }
    digest
}

/// Purges what is replaced, believing every snapshot.
pub(crate) fn purge(store: &mut Store) -> Purged {
    let ids =
        |replacing: &Replacing| replacing.records.iter().map(|stored| stored.record.id).collect();
    let purged = store.purge_replaced(None, &mut |replacing| ids(replacing)).unwrap();
    store.integrity().unwrap();
    purged
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
