//! Bodies outside, quotas, and what is counted.

use std::collections::HashMap;
use std::sync::Arc;

use seshat_protocol::{Bytes32, PushOutcome, Record, RecordId, Sealed, limits};
use seshat_server::meta::{
    AccountInfo, Held, MetaStore, Named, NewBlob, Object, PageRequest, Push, Sweep, reason,
};
use sha2::{Digest as _, Sha256};

use crate::support::{Author, bytes};
use crate::{author, page, rejected};

pub(crate) async fn info(store: &impl MetaStore, author: &Author) -> AccountInfo {
    store.account(Named::Id(author.account)).await.unwrap().unwrap()
}

pub(crate) fn no_room() -> PushOutcome {
    PushOutcome::NoRoom { reason: reason::NO_ROOM.to_owned() }
}

/// The same record with its body outside.
fn outside(record: &Record) -> Held {
    let body = &record.body.0;
    let hash = Bytes32(Sha256::digest(body).into());
    let object = Some(Object { hash, len: body.len() as u64 });
    Held { record: Record { body: Sealed(Vec::new()), ..record.clone() }, object }
}

async fn push_held(
    store: &impl MetaStore,
    author: &Author,
    records: Vec<Held>,
) -> Vec<PushOutcome> {
    let push = Push { records, ..author.push(Vec::new()) };
    store.push(push).await.unwrap().unwrap().outcomes
}

pub(crate) async fn a_body_outside_counts_and_is_compared_like_one_inside<S: MetaStore>(
    store: Arc<S>,
) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    let mut records = [one.record(1, 3000), one.record(2, 3000), one.record(3, 10)];
    records[0].header = Sealed(vec![8; 50]);
    let [first, second, third] = &records;
    let pushed = vec![outside(first), second.clone().into(), outside(third)];
    let outcomes = push_held(&*store, &one, pushed.clone()).await;
    assert_eq!(outcomes, vec![PushOutcome::Stored; 3]);
    let stored: Vec<Held> =
        page(&*store, &one, 0, 100).await.records.into_iter().map(|change| change.held).collect();
    assert_eq!(stored, pushed, "what comes back is not what was pushed");
    assert_eq!((info(&*store, &one).await.bytes, info(&*store, &two).await.bytes), (6060, 0));

    let elsewhere = vec![first.clone().into(), outside(second), outside(third)];
    assert_eq!(push_held(&*store, &one, elsewhere).await, vec![PushOutcome::Known; 3]);
    let altered = |change: fn(&mut Held)| {
        let mut held = outside(first);
        change(&mut held);
        held
    };
    let altered = vec![
        altered(|held| held.object.as_mut().unwrap().hash.0[0] ^= 1),
        altered(|held| held.object.as_mut().unwrap().len -= 1),
        altered(|held| held.object = None),
        altered(|held| held.record.header.0[0] ^= 1),
        altered(|held| held.record.signature.0[0] ^= 1),
        Held { record: Record { body: Sealed(vec![0; 3000]), ..second.clone() }, object: None },
        altered(|held| held.object.as_mut().unwrap().len = limits::RECORD_BYTES as u64 - 49),
    ];
    let mut expected = vec![rejected(reason::OTHER_CONTENT); 6];
    expected.push(rejected(reason::TOO_LARGE));
    assert_eq!(push_held(&*store, &one, altered).await, expected);
}

pub(crate) async fn bodies_outside_are_measured_and_in_use<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    let records = [one.record(1, 3050), one.record(2, 3000), one.record(3, 10)];
    let [first, second, third] = &records;
    push_held(&*store, &one, vec![outside(first), second.clone().into(), outside(third)]).await;
    let take = async |max_bytes| {
        let request = PageRequest { cursor: 0, limit: 100, max_bytes, live: false };
        store.changes(one.account, request).await.unwrap().unwrap().records.len()
    };
    assert_eq!((take(6049).await, take(6050).await, take(6060).await), (1, 2, 3));

    let of = |record: &Record| outside(record).object.unwrap().hash;
    let asked = vec![of(first), of(second), of(third), Bytes32([0; 32])];
    let used = store.objects_used(one.account, asked.clone()).await.unwrap();
    assert_eq!(used, [true, false, true, false]);
    assert_eq!(store.objects_used(two.account, asked).await.unwrap(), [false; 4]);
}

/// Pushes with this default quota.
async fn push_within(
    store: &impl MetaStore,
    author: &Author,
    records: Vec<Record>,
    quota: u64,
) -> Vec<PushOutcome> {
    let push = Push { quota_default: Some(quota), ..author.push(records) };
    store.push(push).await.unwrap().unwrap().outcomes
}

pub(crate) async fn what_does_not_fit_is_left_out_and_what_is_there_is_known<S: MetaStore>(
    store: Arc<S>,
) {
    let author = author(&*store, 1).await;
    let record = |sequence, length| author.record(sequence, length);
    let offered = vec![record(1, 60), record(2, 41), record(3, 40), record(4, 1), record(5, 0)];
    let outcomes = push_within(&*store, &author, offered.clone(), 100).await;
    let (stored, known) = (PushOutcome::Stored, PushOutcome::Known);
    let expected = [stored.clone(), no_room(), stored.clone(), no_room(), stored.clone()];
    assert_eq!(outcomes, expected);
    assert_eq!(page(&*store, &author, 0, 9).await.head, 3, "what was left out has a position");
    let again = push_within(&*store, &author, offered.clone(), 0).await;
    let expected = [known.clone(), no_room(), known.clone(), no_room(), known];
    assert_eq!(again, expected);
}

pub(crate) async fn its_own_quota_is_what_counts_for_an_account<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let push = async |sequence, length, quota| {
        let records = vec![author.record(sequence, length)];
        let outcomes = push_within(&*store, &author, records, quota).await;
        outcomes == [PushOutcome::Stored]
    };
    assert!(store.set_quota(author.account, Some(101)).await.unwrap());
    assert!(push(1, 100, 0).await);
    assert!(!push(2, 2, 1000).await);
    assert_eq!(info(&*store, &author).await.quota, Some(101));
    assert!(store.set_quota(author.account, None).await.unwrap());
    assert!(!push(2, 43, 142).await);
    assert!(push(2, 42, 142).await);
    assert_eq!(info(&*store, &author).await.bytes, 142);
    assert!(!store.set_quota(Author::new(9).account, Some(1)).await.unwrap());
}

/// A record as large as one may be, with its body outside; perhaps it replaces the one before it.
fn largest(author: &Author, sequence: u64, is_snapshot: bool) -> Held {
    let mut record = author.record(sequence, 0);
    if is_snapshot {
        record.replaces = vec![author.record(sequence - 1, 0).id];
    }
    let len = (limits::RECORD_BYTES - record.stored_len()) as u64;
    Held { record, object: Some(Object { hash: Bytes32([7; 32]), len }) }
}

pub(crate) async fn what_replaces_others_may_go_past_the_quota_but_not_for_ever<S: MetaStore>(
    store: Arc<S>,
) {
    within_a_quota_of(&*store, 1, 1).await;
    within_a_quota_of(&*store, 40, 10).await;
}

/// With a quota of so many of the largest records there is room for so many snapshots of that size beside them.
async fn within_a_quota_of(store: &impl MetaStore, records: u64, snapshots: u64) {
    let author = author(store, records).await;
    let quota = Some(records * limits::RECORD_BYTES as u64);
    assert!(store.set_quota(author.account, quota).await.unwrap());
    let push = async |sequence, is_snapshot| {
        let records = vec![largest(&author, sequence, is_snapshot)];
        let push = Push { records, ..author.push(Vec::new()) };
        store.push(push).await.unwrap().unwrap().outcomes == [PushOutcome::Stored]
    };
    for sequence in 1..=records {
        assert!(push(sequence, false).await);
    }
    for sequence in records + 1..=records + snapshots {
        assert!(!push(sequence, false).await, "the quota does not hold");
        assert!(push(sequence, true).await, "a snapshot is kept out");
    }
    let next = records + snapshots + 1;
    assert!(!push(next, true).await, "snapshots fill the disk");
    assert!(store.sweep(u64::MAX, Sweep::default()).await.unwrap().records > 0);
    assert!(push(next, true).await, "no room was made");
}

pub(crate) async fn what_is_purged_makes_room<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let push = async |record| push_within(&*store, &author, vec![record], 100).await;
    push(author.record(1, 60)).await;
    let mut naming = author.record(2, 30);
    naming.replaces = vec![author.record(1, 60).id];
    assert_eq!(push(naming).await, [PushOutcome::Stored]);
    assert_eq!(push(author.record(3, 60)).await, [no_room()]);
    assert_eq!(store.sweep(u64::MAX, Sweep::default()).await.unwrap().records, 1);
    assert_eq!(info(&*store, &author).await.bytes, 30);
    assert_eq!(push(author.record(3, 60)).await, [PushOutcome::Stored]);
}

pub(crate) async fn a_live_page_leaves_out_what_is_replaced<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let mut records = author.records(1..8);
    records[4].replaces = [1, 2, 4].map(|sequence| author.record(sequence, 1).id).to_vec();
    store.push(author.push(records)).await.unwrap();
    let take = async |cursor, limit| {
        let request = PageRequest { cursor, limit, max_bytes: limits::BATCH_BYTES, live: true };
        let page = store.changes(author.account, request).await.unwrap().unwrap();
        let all = self::page(&*store, &author, cursor, limit).await;
        assert_eq!((page.head, page.digest), (all.head, all.digest));
        let positions: Vec<u64> = page.records.iter().map(|change| change.position).collect();
        (positions, page.next)
    };
    assert_eq!(take(0, 100).await, (vec![3, 5, 6, 7], 7));
    assert_eq!(take(0, 2).await, (vec![3, 5], 5));
    assert_eq!(take(3, 3).await, (vec![5, 6, 7], 7));
    let mut last = author.record(8, 1);
    last.replaces = vec![author.record(7, 1).id, last.id];
    store.push(author.push(vec![last])).await.unwrap();
    assert_eq!(take(6, 9).await, (vec![8], 8));
}

pub(crate) async fn heads_are_told_in_the_order_asked<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    store.push(one.push(one.records(1..4))).await.unwrap();
    let asked = vec![two.account, Author::new(3).account, one.account, two.account];
    assert_eq!(store.heads(asked).await.unwrap(), [Some(0), None, Some(3), Some(0)]);
    assert!(store.heads(Vec::new()).await.unwrap().is_empty());
    store.announce(vec![one.account, two.account]).await.unwrap();
    store.ready().await.unwrap();
}

/// Whatever comes and goes, an account's counts are those of what a reader finds.
pub(crate) async fn what_is_counted_is_what_is_there<S: MetaStore>(store: Arc<S>) {
    for seed in 0..8_u64 {
        let author = author(&*store, seed).await;
        let mut blobs = HashMap::new();
        for turn in 0..40_u64 {
            let drawn =
                u64::from_be_bytes(bytes(seed * 100 + turn, "turn")[..8].try_into().unwrap());
            let (kind, size) = (drawn % 5, drawn / 8 % 90);
            match kind {
                0 => drop(store.sweep(u64::MAX, Sweep::default()).await.unwrap()),
                1 => {
                    let (account, hash) = (author.account, Bytes32(bytes(drawn % 4, "blob")));
                    let new = NewBlob { account, hash, len: size, quota_default: None, now: turn };
                    store.begin_blob(new).await.unwrap().unwrap();
                    blobs.insert(hash, store.blob(account, hash).await.unwrap().unwrap().len);
                }
                2 if drawn % 3 == 0 => {
                    store.sweep_blobs(u64::MAX).await.unwrap();
                    blobs.clear();
                }
                _ => {
                    let length = usize::try_from(size).unwrap();
                    let mut record = author.record(1 + turn, length);
                    record.replaces = (0..drawn % 4)
                        .map(|_| author.record(1 + drawn % (turn + 1), 1).id)
                        .filter(|name: &RecordId| *name != record.id)
                        .collect();
                    let held = if kind == 3 { outside(&record) } else { record.into() };
                    push_held(&*store, &author, vec![held]).await;
                }
            }
            let there = page(&*store, &author, 0, 100).await.records;
            let bytes = there.iter().map(|change| change.held.stored_len()).sum::<u64>()
                + blobs.values().sum::<u64>();
            let info = info(&*store, &author).await;
            assert_eq!((info.records, info.bytes), (there.len() as u64, bytes), "{seed}, {turn}");
        }
    }
}
