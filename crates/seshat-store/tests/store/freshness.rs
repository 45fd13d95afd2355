//! What tells an honest server from one that hides, repeats or swaps.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rusqlite::Connection;
use seshat_protocol::{Bytes32, Digest, Record, RecordId};
use seshat_store::{AcceptedRecord, Ack, Cause, Compared, Extent, Fork, Page, Split, Store};

use crate::common::{ACCOUNT, OURS, THEIRS, Writer, folder, incoming, page, place, reopen, store};

fn linked(dir: &std::path::Path) -> Store {
    let mut store = store(dir);
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    store
}

fn placed(records: &[&Record]) -> Page {
    let records: Vec<_> =
        records.iter().map(|record| ((*record).clone(), Some(place(1, 1)))).collect();
    page(&records, 0)
}

/// Alarms that last: cause and numbers.
fn lasting(store: &Store) -> Vec<(Cause, Extent)> {
    let alarms = store.alarms().unwrap();
    alarms.iter().filter(|a| a.healed_at.is_none()).map(|a| (a.cause, a.extent)).collect()
}

fn written(count: usize) -> Vec<Record> {
    let mut theirs = Writer::new(THEIRS);
    (0..count).map(|_| theirs.record(vec![1; 40])).collect()
}

fn agree(store: &mut Store) -> Compared {
    let digest = store.digest().unwrap();
    store.compare(&digest, false, 9).unwrap()
}

/// What makes a database of version 2 out of one of version 5 in which nothing was purged and nothing has blobs.
pub(crate) const BACK_TO_2: &str = "DROP INDEX records_that_show; DROP TABLE blobs; ALTER TABLE records DROP COLUMN blobs; DROP INDEX records_that_replace; DROP TABLE spent; \
    DROP TABLE unread; DROP TABLE covered; DROP TABLE named; DROP TABLE reports; \
    DROP TABLE texts; PRAGMA user_version = 2;";

#[test]
fn a_database_of_version_1_is_brought_up_to_date_and_knows_what_it_lacks() {
    let dir = folder();
    let mut made = linked(dir.path());
    let records = written(5);
    made.accept(&placed(&[&records[0], &records[3]])).unwrap();
    made.append(&Writer::new(OURS).write(&[b"one"])).unwrap();
    let digest = made.digest().unwrap();
    drop(made);
    // What version 2 added is taken away again: this is what version 1 left.
    let path = dir.path().join("vault/seshat.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(BACK_TO_2).unwrap();
    old.execute_batch(
        "DROP INDEX records_by_number; DROP TABLE vouched; DROP TABLE missing; \
         DROP TABLE acknowledged; DROP TABLE alarms; \
         ALTER TABLE server DROP COLUMN generation; PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let mut store = reopen(dir.path());
    store.integrity().unwrap();
    assert_eq!(store.digest().unwrap(), digest);
    assert_eq!(digest.count, 2, "what waits is not the server's");
    assert_eq!(store.gaps().unwrap().devices[0].extent, Extent { first: 2, last: 3, count: 2 });
    assert_eq!(store.server().unwrap().unwrap().generation, 0);
    assert_eq!(store.waiting().unwrap(), 1);
    store.accept(&placed(&[&records[1], &records[2]])).unwrap();
    store.integrity().unwrap();
}

#[test]
fn a_gap_is_reported_after_a_whole_pull_once_and_heals_when_the_missing_record_comes() {
    let dir = folder();
    let mut store = linked(dir.path());
    let records = written(6);
    store.accept(&placed(&[&records[4], &records[0], &records[1]])).unwrap();
    assert!(lasting(&store).is_empty(), "the pull was not at its end");
    for _ in 0..3 {
        assert_eq!(agree(&mut store), Compared::Agrees);
    }
    assert_eq!(lasting(&store), [(Cause::Gap, Extent { first: 3, last: 4, count: 2 })]);
    store.accept(&placed(&[&records[2]])).unwrap();
    agree(&mut store);
    assert_eq!(lasting(&store), [(Cause::Gap, Extent::one(4))]);
    store.accept(&placed(&[&records[3]])).unwrap();
    let alarms = store.alarms().unwrap();
    assert_eq!((alarms.len(), alarms[0].healed_at), (1, Some(7)), "{alarms:?}");
    store.dismiss(alarms[0].id).unwrap();
    assert!(store.alarms().unwrap().is_empty());
    store.integrity().unwrap();
}

#[test]
fn a_dismissed_alarm_comes_back_only_when_it_grows() {
    let dir = folder();
    let mut store = linked(dir.path());
    let records = written(9);
    store.accept(&placed(&[&records[2]])).unwrap();
    agree(&mut store);
    let id = store.alarms().unwrap()[0].id;
    store.dismiss(id).unwrap();
    agree(&mut store);
    assert!(store.alarms().unwrap()[0].dismissed);
    store.accept(&placed(&[&records[8]])).unwrap();
    agree(&mut store);
    let alarm = store.alarms().unwrap()[0];
    assert!(!alarm.dismissed && alarm.id != id, "{alarm:?}");
    assert_eq!(alarm.extent, Extent { first: 1, last: 8, count: 7 });
}

#[test]
fn two_records_under_one_number_are_both_kept_and_a_fork() {
    let dir = folder();
    let mut store = linked(dir.path());
    let records = written(3);
    let mut twin = records[1].clone();
    twin.id = RecordId([77; 16]);
    twin.body.0 = vec![2; 40];
    let accepted = store.accept(&placed(&[&records[0], &records[1], &twin])).unwrap();
    let fork = Fork { device: THEIRS, sequence: 2, split: Split::SameNumber };
    assert_eq!(accepted.forks, [fork]);
    assert_eq!(store.records_of(place(1, 1).document).unwrap().len(), 3, "a word is lost");
    assert_eq!(lasting(&store), [(Cause::SameNumber, Extent::one(2))]);
    // Third: it follows one of the two.
    assert!(store.accept(&placed(&[&records[2]])).unwrap().forks.is_empty());
    store.accept(&placed(&[&twin, &records[1]])).unwrap();
    assert_eq!(lasting(&store).len(), 1, "the same again is no news");
    store.integrity().unwrap();
}

#[test]
fn a_record_that_names_another_one_before_it_is_a_fork_in_either_order() {
    for order in [[0, 1], [1, 0]] {
        let dir = folder();
        let mut store = linked(dir.path());
        let mut records = written(3);
        records[1].previous = Bytes32([5; 32]);
        let first = [&records[order[0]], &records[order[1]]];
        let accepted = store.accept(&placed(&first)).unwrap();
        let fork = Fork { device: THEIRS, sequence: 2, split: Split::BrokenLink };
        assert_eq!(accepted.forks, [fork], "{order:?}");
        assert_eq!(lasting(&store), [(Cause::BrokenLink, Extent::one(2))]);
    }
    let dir = folder();
    let mut store = linked(dir.path());
    let mut first = written(1).remove(0);
    first.previous = Bytes32([5; 32]);
    assert_eq!(store.accept(&placed(&[&first])).unwrap().forks.len(), 1, "a first with a past");
}

#[test]
fn an_altered_copy_is_an_alarm_until_the_right_one_comes_again() {
    let dir = folder();
    let mut store = linked(dir.path());
    let records = written(2);
    store.accept(&placed(&[&records[0]])).unwrap();
    let mut forged = records[0].clone();
    forged.body.0 = b"evil".to_vec();
    let accepted = store.accept(&page(&[(forged, None)], 0)).unwrap();
    assert_eq!(accepted.altered, [records[0].id]);
    assert_eq!(lasting(&store), [(Cause::Altered, Extent::one(1))]);
    store.accept(&placed(&[&records[0]])).unwrap();
    assert!(lasting(&store).is_empty());
    assert_eq!(store.alarms().unwrap().len(), 1, "it says that it has healed");
}

#[test]
fn a_forged_record_cannot_keep_the_true_one_out() {
    let dir = folder();
    let mut store = linked(dir.path());
    let record = written(1).remove(0);
    let mut forged = record.clone();
    forged.body.0 = b"evil".to_vec();
    store.accept(&page(&[(forged, None)], 1)).unwrap();
    let accepted = store.accept(&placed(&[&record])).unwrap();
    assert_eq!(accepted.new, [record.id]);
    assert_eq!(store.record(record.id).unwrap().unwrap().record, record);
    assert_eq!(store.digest().unwrap().count, 1);
    store.integrity().unwrap();
}

#[test]
fn a_record_that_nobody_signed_fills_no_gap_and_a_signed_one_that_does_not_open_does() {
    let dir = folder();
    let mut store = linked(dir.path());
    let records = written(3);
    let mut junk = records[1].clone();
    junk.id = RecordId([66; 16]);
    let pages = [incoming(records[2].clone(), Some(place(1, 1))), incoming(junk, None)];
    let send = |store: &mut Store, records: &[AcceptedRecord]| {
        let page = Page { records: records.to_vec(), next: 0, epoch: "first".to_owned(), at: 7 };
        store.accept(&page).unwrap()
    };
    send(&mut store, &pages);
    assert_eq!(store.gaps().unwrap().missing(), 2);
    let locked =
        AcceptedRecord { record: records[1].clone(), place: None, signed: true, covers: None };
    assert!(send(&mut store, &[locked]).forks.is_empty());
    assert_eq!(store.gaps().unwrap().devices[0].extent, Extent::one(1));
    // Its vault came later.
    send(&mut store, &[incoming(records[0].clone(), None)]);
    assert_eq!(store.gaps().unwrap().missing(), 1);
    store.vouch(&[records[0].id], 8).unwrap();
    assert_eq!(store.gaps().unwrap().missing(), 0);
    store.set_place(records[0].id, place(1, 1), 9).unwrap();
    store.set_place(records[1].id, place(1, 1), 9).unwrap();
    store.integrity().unwrap();
    assert!(lasting(&store).is_empty());
}

#[test]
fn a_digest_that_differs_is_an_alarm_one_reading_again_and_heals() {
    let dir = folder();
    let mut store = linked(dir.path());
    store.append(&Writer::new(OURS).write(&[b"one"])).unwrap();
    let waiting = store.outbox(9, 999).unwrap();
    store.acknowledge(&[(waiting[0].id, Ack::Stored)]).unwrap();
    let nothing = Digest { count: 0, xor: Bytes32([0; 32]) };
    // 26 of these are more than the hour for which such a server is spared.
    let step = 150_000;
    assert_eq!(store.compare(&nothing, false, step).unwrap(), Compared::ReadAgain);
    store.other_history(Cause::OtherSet, Extent::one(0), step).unwrap();
    assert_eq!((store.waiting().unwrap(), store.server().unwrap().unwrap().cursor), (1, 0));
    let other = Digest { count: 3, xor: Bytes32([1; 32]) };
    assert_eq!(store.compare(&other, true, step).unwrap(), Compared::Differs);
    store.round_done(false, step).unwrap();
    assert_eq!(store.compare(&other, false, 2 * step).unwrap(), Compared::Differs);
    assert_eq!(lasting(&store), [(Cause::OtherSet, Extent::one(0))]);
    assert_eq!(store.compare(&other, false, 26 * step).unwrap(), Compared::ReadAgain);
    assert_eq!(store.compare(&nothing, true, 26 * step).unwrap(), Compared::Agrees);
    store.round_done(true, 26 * step).unwrap();
    assert!(lasting(&store).is_empty());
    assert_eq!(store.alarms().unwrap().len(), 1);
    assert_eq!(store.compare(&other, false, 27 * step).unwrap(), Compared::ReadAgain);
}

#[test]
fn where_records_come_in_any_order_a_gap_is_told_once_it_has_lasted() {
    const PATIENCE: u64 = 1000;
    let dir = folder();
    let mut store = linked(dir.path());
    let records = written(4);
    let look = |store: &mut Store, at| {
        let digest = store.digest().unwrap();
        let compared = store.compare_patiently(&digest, false, (PATIENCE, at)).unwrap();
        assert_eq!(compared, Compared::Agrees);
        lasting(store).len()
    };
    store.accept(&placed(&[&records[1]])).unwrap();
    assert_eq!(look(&mut store, 10), 0);
    assert_eq!(look(&mut store, 9 + PATIENCE), 0);
    store.accept(&placed(&[&records[0]])).unwrap();
    assert_eq!(look(&mut store, 20 + PATIENCE), 0, "the missing one came in time");
    store.accept(&placed(&[&records[3]])).unwrap();
    assert_eq!(look(&mut store, 30 + PATIENCE), 0, "another one is missing since just now");
    assert_eq!(look(&mut store, 5), 0, "a clock that was set back begins anew");
    assert_eq!(look(&mut store, 4 + PATIENCE), 0);
    assert_eq!(look(&mut store, 5 + PATIENCE), 1);
    store.accept(&placed(&[&records[2]])).unwrap();
    assert_eq!(look(&mut store, 6 + PATIENCE), 0, "it heals as ever");
}

#[test]
fn the_highest_vault_generation_belongs_to_a_server_and_never_falls() {
    let dir = folder();
    let mut store = linked(dir.path());
    assert_eq!(store.saw_generation(5).unwrap(), 0);
    assert_eq!(store.saw_generation(3).unwrap(), 5);
    store.offer_again().unwrap();
    assert_eq!(store.saw_generation(6).unwrap(), 5);
    store.link_server("https://other.example.org", "ada@example.org").unwrap();
    assert_eq!(store.saw_generation(1).unwrap(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn whatever_arrives_in_whatever_order_the_gaps_are_the_numbers_that_are_missing(
        order in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle(),
        arriving in 1..24_usize,
        sizes in prop::collection::vec(1..5_usize, 24),
    ) {
        let dir = folder();
        let mut store = linked(dir.path());
        let records = written(24);
        let mut here = BTreeSet::new();
        let mut left = &order[..arriving];
        for size in sizes {
            let (now, later) = left.split_at(size.min(left.len()));
            left = later;
            let batch: Vec<_> = now.iter().map(|index| &records[*index]).collect();
            let accepted = store.accept(&placed(&batch)).unwrap();
            prop_assert!(accepted.forks.is_empty(), "an honest chain has no forks");
            here.extend(now.iter().map(|index| records[*index].sequence));
            agree(&mut store);
            let highest = here.last().copied().unwrap_or(0);
            let missing: Vec<u64> = (1..=highest).filter(|n| !here.contains(n)).collect();
            let gaps = store.gaps().unwrap();
            prop_assert_eq!(gaps.missing(), missing.len() as u64);
            let expected: Vec<_> = missing.first().zip(missing.last())
                .map(|(first, last)| {
                    let count = missing.len() as u64;
                    (Cause::Gap, Extent { first: *first, last: *last, count })
                })
                .into_iter().collect();
            prop_assert_eq!(lasting(&store), expected);
            let head = store.head(THEIRS).unwrap();
            prop_assert_eq!(head.sequence, highest);
            if highest > 0 {
                let index = usize::try_from(highest - 1).unwrap();
                prop_assert_eq!(head.hash, records[index].hash(ACCOUNT));
            }
        }
        store.integrity().unwrap();
    }
}
