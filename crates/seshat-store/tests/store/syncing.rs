use seshat_protocol::{Bytes32, RecordId};
use seshat_store::{Accepted, Ack, Head, Store, StoreError};

use crate::common::{BLOBS, OURS, THEIRS, Writer, all, folder, page, place, reopen, store};

fn linked(dir: &std::path::Path) -> Store {
    let mut store = store(dir);
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    store
}

fn cursor(store: &Store) -> u64 {
    store.server().unwrap().unwrap().cursor
}

#[test]
fn a_page_s_rows_and_its_cursor_arrive_together_and_twice_is_once() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let records =
        [(theirs.record(vec![1]), Some(place(1, 1))), (theirs.record(vec![2]), Some(place(1, 2)))];
    let accepted = store.accept(&page(&records, 2)).unwrap();
    assert_eq!(accepted.new, [records[0].0.id, records[1].0.id]);
    assert_eq!((accepted.quarantined, accepted.altered.len()), (0, 0));
    assert_eq!(
        store.accept(&page(&records, 2)).unwrap(),
        Accepted::default(),
        "known ids count as new"
    );
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(cursor(&store), 2);
    assert_eq!(all(&store).len(), 2);
    assert_eq!(store.head(THEIRS).unwrap(), theirs.head, "heads of others are kept");
    assert_eq!(store.waiting().unwrap(), 0, "what came from the server is not offered to it");
    store.integrity().unwrap();
}

#[test]
fn a_page_fetched_twice_does_not_take_the_cursor_back() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let (one, two) = (theirs.record(vec![1]), theirs.record(vec![2]));
    store.accept(&page(&[(one.clone(), Some(place(1, 1)))], 1)).unwrap();
    store.accept(&page(&[(two, Some(place(1, 1)))], 2)).unwrap();
    store.accept(&page(&[(one, Some(place(1, 1)))], 1)).unwrap();
    assert_eq!(cursor(&store), 2);
}

#[test]
fn our_own_record_in_a_page_is_an_acknowledgement() {
    let dir = folder();
    let mut store = linked(dir.path());
    let write = Writer::new(OURS).write(&[b"one", b"two"]);
    store.append(&write).unwrap();
    let record = write.records[0].record.clone();
    let accepted = store.accept(&page(&[(record, None)], 1)).unwrap();
    assert_eq!(accepted, Accepted::default());
    assert_eq!(store.outbox(9, 999).unwrap(), [write.records[1].record.clone()]);
}

#[test]
fn a_record_with_a_known_id_and_other_content_changes_and_acknowledges_nothing() {
    let dir = folder();
    let mut store = linked(dir.path());
    let write = Writer::new(OURS).write(&[b"mine"]);
    store.append(&write).unwrap();
    let mut forged = write.records[0].record.clone();
    forged.body.0 = b"evil".to_vec();
    let accepted = store.accept(&page(&[(forged.clone(), Some(place(1, 1)))], 1)).unwrap();
    assert_eq!(accepted.altered, [forged.id]);
    assert!(accepted.new.is_empty());
    assert_eq!(all(&store), [write.records[0].record.clone()]);
    assert_eq!(store.waiting().unwrap(), 1, "ours still has to be offered");
    assert_eq!(cursor(&store), 1, "one bad record holds up the rest");
}

#[test]
fn a_record_that_cannot_be_opened_is_kept_in_quarantine_until_it_can() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let (one, two) = (theirs.record(vec![1]), theirs.record(vec![2]));
    let accepted =
        store.accept(&page(&[(one.clone(), Some(place(1, 1))), (two.clone(), None)], 2)).unwrap();
    assert_eq!((accepted.new.len(), accepted.quarantined), (2, 1));
    assert_eq!(store.quarantined().unwrap(), std::slice::from_ref(&two));
    assert_eq!(store.records_of(place(1, 1).document).unwrap().len(), 1);
    let head = Head { sequence: 1, hash: one.hash(crate::common::ACCOUNT) };
    assert_eq!(store.head(THEIRS).unwrap(), head, "an unverified record moved a head");
    store.integrity().unwrap();

    store.set_place(two.id, place(1, 1), 7).unwrap();
    assert!(store.quarantined().unwrap().is_empty());
    assert_eq!(store.records_of(place(1, 1).document).unwrap().len(), 2);
    assert_eq!(store.head(THEIRS).unwrap(), theirs.head);
    store.set_place(two.id, place(2, 2), 7).unwrap();
    store.set_place(RecordId([0; 16]), place(2, 2), 7).unwrap();
    assert_eq!(
        store.record(two.id).unwrap().unwrap().place,
        Some(place(1, 1)),
        "a place was changed"
    );
    store.integrity().unwrap();
}

#[test]
fn a_quarantined_record_that_comes_again_and_opens_leaves_quarantine() {
    let dir = folder();
    let mut store = linked(dir.path());
    let record = Writer::new(THEIRS).record(vec![1]);
    store.accept(&page(&[(record.clone(), None)], 1)).unwrap();
    let accepted = store.accept(&page(&[(record.clone(), Some(place(1, 1)))], 1)).unwrap();
    assert_eq!(accepted.new, [record.id], "it can be shown now, so it is news");
    assert!(store.quarantined().unwrap().is_empty());
    store.integrity().unwrap();
}

#[test]
fn the_outbox_gives_what_fits_and_always_at_least_one() {
    let dir = folder();
    let mut store = linked(dir.path());
    let body = [1; 910];
    store.append(&Writer::new(OURS).write(&[body.as_slice(); 5])).unwrap();
    let count = |limit, bytes| store.outbox(limit, bytes).unwrap().len();
    assert_eq!(count(9, 1 << 20), 5);
    assert_eq!(count(2, 1 << 20), 2);
    assert_eq!(count(9, 1000), 1, "90 bytes of header and 910 of body");
    assert_eq!(count(9, 1999), 1);
    assert_eq!(count(9, 2000), 2);
    assert_eq!(count(9, 0), 1, "a record larger than the bound must go alone, not never");
    assert_eq!(count(0, 1000), 0);
}

#[test]
fn a_rejected_record_is_visible_kept_and_not_offered_again() {
    let dir = folder();
    let mut store = linked(dir.path());
    let write = Writer::new(OURS).write(&[b"one", b"two", b"three"]);
    store.append(&write).unwrap();
    let id = |index: usize| write.records[index].record.id;
    let acks = [
        (id(0), Ack::Stored),
        (id(1), Ack::Rejected("too large".to_owned())),
        (RecordId([0; 16]), Ack::Stored),
    ];
    store.acknowledge(&acks).unwrap();
    store.acknowledge(&acks[..1]).unwrap();
    assert_eq!(store.waiting().unwrap(), 1);
    assert_eq!(store.outbox(9, 999).unwrap(), [write.records[2].record.clone()]);
    let rejected = store.rejected().unwrap();
    assert_eq!(rejected.len(), 1);
    assert_eq!((rejected[0].id, rejected[0].reason.as_str()), (id(1), "too large"));
    assert_eq!(rejected[0].place, Some(place(1, 1)));
    assert_eq!(all(&store).len(), 3, "a rejected record was thrown away");
}

#[test]
fn another_history_of_the_server_is_not_mixed_with_ours_and_gets_everything_offered() {
    let dir = folder();
    let mut store = linked(dir.path());
    let write = Writer::new(OURS).write(&[b"one", b"two"]);
    store.append(&write).unwrap();
    let theirs = Writer::new(THEIRS).record(vec![1]);
    store.accept(&page(&[(theirs.clone(), Some(place(1, 1)))], 1)).unwrap();
    let ids = write.records.iter().map(|new| new.record.id);
    let acks = ids.zip([Ack::Stored, Ack::Rejected("full".into())]).collect::<Vec<_>>();
    store.acknowledge(&acks).unwrap();
    assert_eq!(store.waiting().unwrap(), 0);

    let mut restored = page(&[], 0);
    restored.epoch = "second".to_owned();
    assert!(matches!(store.accept(&restored), Err(StoreError::OtherEpoch)));
    store.offer_again().unwrap();
    let link = store.server().unwrap().unwrap();
    assert_eq!((link.epoch, link.cursor), (None, 0));
    assert_eq!(store.waiting().unwrap(), 3, "rejected records and those of others as well");
    assert!(store.rejected().unwrap().is_empty());
    restored.records = page(&[(theirs, Some(place(1, 1)))], 1).records;
    store.accept(&restored).unwrap();
    assert_eq!(store.waiting().unwrap(), 2, "what it still has need not be sent");
}

#[test]
fn linking_and_unlinking_servers_loses_nothing() {
    let dir = folder();
    let mut store = linked(dir.path());
    store.append(&Writer::new(OURS).write(&[b"one", b"two"])).unwrap();
    let first = all(&store)[0].clone();
    store.accept(&page(&[(first, Some(place(1, 1)))], 1)).unwrap();
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    assert_eq!((cursor(&store), store.waiting().unwrap()), (1, 1), "the same server is no change");
    store.link_server("https://other.example.org", "ada@example.org").unwrap();
    assert_eq!((cursor(&store), store.waiting().unwrap()), (0, 2), "a new server has nothing yet");
    store.vault_stored(b"blob", "1").unwrap();
    store.unlink().unwrap();
    assert_eq!(store.server().unwrap(), None);
    assert_eq!(store.waiting().unwrap(), 2, "signing out keeps what was not synced");
    assert_eq!(store.vault().unwrap().unwrap().revision, None);
    assert!(matches!(store.accept(&page(&[], 0)), Err(StoreError::NoServer)));
}

#[test]
fn the_digest_covers_what_the_server_should_have() {
    let dir = folder();
    let mut store = linked(dir.path());
    let write = Writer::new(OURS).write(&[b"one", b"two"]);
    store.append(&write).unwrap();
    let empty = store.digest().unwrap();
    assert_eq!((empty.count, empty.xor), (0, Bytes32([0; 32])));
    store.acknowledge(&[(write.records[0].record.id, Ack::Stored)]).unwrap();
    let one = store.digest().unwrap();
    assert_eq!(one.count, 1);
    assert_ne!(one.xor, empty.xor);
    let theirs = Writer::new(THEIRS).record(vec![1]);
    store.accept(&page(&[(theirs, None)], 1)).unwrap();
    assert_eq!(store.digest().unwrap().count, 2, "a record in quarantine is held all the same");
}

#[test]
fn numbers_above_two_to_the_sixty_third_come_back_as_they_were() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut record = Writer::new(THEIRS).record(vec![1]);
    record.sequence = u64::MAX;
    store.accept(&page(&[(record.clone(), Some(place(1, 1)))], u64::MAX - 1)).unwrap();
    assert_eq!(all(&store), [record]);
    assert_eq!(store.head(THEIRS).unwrap().sequence, u64::MAX);
    assert_eq!(cursor(&store), u64::MAX - 1);
    store.integrity().unwrap();
}

#[test]
fn the_blobs_that_a_record_shows_are_given_back_as_they_came() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let records: Vec<_> = (1..=8).map(|n| (theirs.record(vec![n]), Some(place(1, 1)))).collect();
    assert_eq!(records[6].0.blobs, BLOBS, "the test shows nothing without blobs");
    store.accept(&page(&records, 8)).unwrap();
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(all(&store), records.into_iter().map(|(record, _)| record).collect::<Vec<_>>());
    store.integrity().unwrap();
}
