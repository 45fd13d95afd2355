use std::fs;
use std::path::Path;

use seshat_protocol::{DocumentId, Record, Sealed};
use seshat_store::{Ack, Store, StoreError, Write};

use crate::common::{Dice, OURS, THEIRS, Writer, all, folder, page, place, reopen, store};

/// What a caller can see of a store.
#[derive(PartialEq, Debug)]
struct Seen {
    records: Vec<Record>,
    by_document: Vec<usize>,
    outbox: Vec<Record>,
    rejected: usize,
    heads: usize,
}

fn look(store: &Store) -> Result<Seen, StoreError> {
    Ok(Seen {
        records: store
            .all_records()
            .map(|held| held.map(|held| held.record))
            .collect::<Result<_, _>>()?,
        by_document: (1..5)
            .map(|document| Ok(store.records_of(DocumentId([document; 16]))?.len()))
            .collect::<Result<_, StoreError>>()?,
        outbox: store.outbox(1000, 1 << 30)?,
        rejected: store.rejected()?.len(),
        heads: store.heads()?.len(),
    })
}

/// A closed store with some of everything; small, so that a random bit hits something that matters.
fn closed(dir: &Path) -> (Vec<u8>, Seen) {
    let mut store = store(dir);
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    let mut ours = Writer::new(OURS);
    for document in 1..4 {
        let records = (0..6).map(|n| ours.new_record(vec![n; 300], place(1, document))).collect();
        let summaries = vec![(DocumentId([document; 16]), Sealed(vec![document; 80]))];
        store.append(&Write { records, summaries, ..Write::default() }).unwrap();
    }
    let mut theirs = Writer::new(THEIRS);
    let records: Vec<_> =
        (0..6).map(|n| (theirs.record(vec![n; 200]), (n > 2).then(|| place(1, 4)))).collect();
    store.accept(&page(&records, 6)).unwrap();
    let ids: Vec<_> = all(&store).iter().map(|record| record.id).collect();
    store.acknowledge(&[(ids[0], Ack::Stored), (ids[1], Ack::Rejected("no".into()))]).unwrap();
    let seen = look(&store).unwrap();
    store.integrity().unwrap();
    store.close().unwrap();
    (fs::read(dir.join("vault/seshat.db")).unwrap(), seen)
}

fn put(bytes: &[u8]) -> tempfile::TempDir {
    let dir = folder();
    fs::create_dir(dir.path().join("vault")).unwrap();
    fs::write(dir.path().join("vault/seshat.db"), bytes).unwrap();
    dir
}

#[test]
fn a_file_cut_short_is_damaged_at_opening() {
    let dir = folder();
    let (bytes, _) = closed(dir.path());
    let mut dice = Dice(7);
    let mut lengths =
        vec![0, 1, 99, 100, 511, 512, 4095, 4096, bytes.len() - 4096, bytes.len() - 1];
    lengths.extend((0..40).map(|_| dice.below(bytes.len())));
    for length in lengths {
        let dir = put(&bytes[..length]);
        let opened = Store::open(&dir.path().join("vault"));
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "cut at {length}: {opened:?}");
        let left = fs::read(dir.path().join("vault/seshat.db")).unwrap();
        assert_eq!(left, bytes[..length], "cut at {length}: a damaged file was written to");
    }
}

#[test]
fn a_flipped_bit_is_found_or_has_changed_nothing() {
    let dir = folder();
    let (bytes, seen) = closed(dir.path());
    let mut dice = Dice(11);
    let (mut at_opening, mut at_check, mut harmless) = (0, 0, 0);
    for _ in 0..700 {
        let (at, bit) = (dice.below(bytes.len()), dice.below(8));
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << bit;
        let dir = put(&flipped);
        let store = match Store::open(&dir.path().join("vault")) {
            Ok(store) => store,
            Err(StoreError::Damaged { .. } | StoreError::Newer { .. }) => {
                at_opening += 1;
                continue;
            }
            Err(other) => panic!("byte {at}, bit {bit}: {other:?}"),
        };
        // Reading what is damaged fails or does not, but never panics.
        let now = look(&store);
        match store.integrity() {
            Err(StoreError::Damaged { .. }) => at_check += 1,
            Err(other) => panic!("byte {at}, bit {bit}: {other:?}"),
            Ok(()) => {
                harmless += 1;
                assert_eq!(now.unwrap(), seen, "byte {at}, bit {bit}: wrong without a word");
            }
        }
    }
    println!("found at opening {at_opening}, by the check {at_check}, harmless {harmless}");
    assert!(at_opening > 0 && at_check > 0, "this test damages nothing");
}

#[test]
fn every_bit_of_a_record_is_covered_by_the_check() {
    let dir = folder();
    let (bytes, _) = closed(dir.path());
    // The body of a record: three hundred equal bytes.
    let at = bytes.windows(300).position(|window| window == [5; 300]).unwrap();
    for offset in [0, 150, 299] {
        let mut flipped = bytes.clone();
        flipped[at + offset] ^= 1;
        let dir = put(&flipped);
        let store = reopen(dir.path());
        assert!(matches!(store.integrity(), Err(StoreError::Damaged { .. })), "offset {offset}");
    }
}

#[test]
fn a_damaged_record_is_put_right_by_the_server_and_by_a_copy() {
    let dir = folder();
    let (bytes, seen) = closed(dir.path());
    let whole = put(&bytes);
    let mut flipped = bytes.clone();
    let at = bytes.windows(300).position(|window| window == [5; 300]).unwrap();
    flipped[at] ^= 1;
    let is_whole = |store: &Store| {
        store.integrity().unwrap();
        assert_eq!(look(store).unwrap(), seen);
        assert!(store.alarms().unwrap().is_empty(), "nobody altered anything but the disk");
    };

    let dir = put(&flipped);
    let mut store = reopen(dir.path());
    store.read_all_again().unwrap();
    let records: Vec<_> = seen.records.iter().map(|record| (record.clone(), None)).collect();
    let accepted = store.accept(&page(&records[..6], 6)).unwrap();
    assert_eq!((accepted.new.len(), accepted.altered.len()), (1, 0));
    store.integrity().unwrap();
    assert_eq!(look(&store).unwrap().records, seen.records);

    let dir = put(&flipped);
    let mut store = reopen(dir.path());
    let copy = Store::open_copy(&whole.path().join("vault/seshat.db")).unwrap();
    assert_eq!(store.absorb(&copy, 0).unwrap(), 1);
    is_whole(&store);
}

#[test]
fn whole_pages_of_zeros_or_noise_never_panic() {
    let dir = folder();
    let (bytes, seen) = closed(dir.path());
    let mut dice = Dice(13);
    for page in 0..bytes.len() / 4096 {
        for noise in [false, true] {
            let mut damaged = bytes.clone();
            for byte in &mut damaged[page * 4096..(page + 1) * 4096] {
                *byte = if noise { dice.next().to_le_bytes()[0] } else { 0 };
            }
            let dir = put(&damaged);
            let Ok(store) = Store::open(&dir.path().join("vault")) else { continue };
            let now = look(&store);
            if store.integrity().is_ok() {
                assert_eq!(now.unwrap(), seen, "page {page}: wrong without a word");
            }
        }
    }
}
