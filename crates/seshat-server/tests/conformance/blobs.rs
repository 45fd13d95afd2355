//! Blobs: what is known of them, what they count, and what keeps them.

use std::sync::Arc;

use seshat_protocol::{Bytes32, PushOutcome, Record, limits};
use seshat_server::meta::{
    BLOBS_SWEPT, BlobBegun, BlobState, MetaStore, NewBlob, Push, Sweep, reason,
};

use crate::outside::{info, no_room};
use crate::support::{Author, bytes};
use crate::{author, page, rejected};

fn hash(seed: u64) -> Bytes32 {
    Bytes32(bytes(seed, "blob"))
}

fn new(author: &Author, seed: u64, len: u64) -> NewBlob {
    NewBlob { account: author.account, hash: hash(seed), len, quota_default: None, now: 5 }
}

async fn begin(store: &impl MetaStore, new: NewBlob) -> BlobBegun {
    store.begin_blob(new).await.unwrap().unwrap()
}

async fn have(store: &impl MetaStore, author: &Author, seed: u64) {
    assert_eq!(begin(store, new(author, seed, 10)).await, BlobBegun::Made);
    assert!(finish(store, author, seed).await);
}

async fn state(store: &impl MetaStore, author: &Author, seed: u64) -> Option<BlobState> {
    store.blob(author.account, hash(seed)).await.unwrap()
}

async fn part(store: &impl MetaStore, author: &Author, seed: u64, part: u32) -> bool {
    store.blob_part(author.account, hash(seed), part).await.unwrap()
}

async fn finish(store: &impl MetaStore, author: &Author, seed: u64) -> bool {
    store.finish_blob(author.account, hash(seed)).await.unwrap()
}

async fn push(store: &impl MetaStore, author: &Author, records: Vec<Record>) -> Vec<PushOutcome> {
    store.push(author.push(records)).await.unwrap().unwrap().outcomes
}

fn waits() -> PushOutcome {
    PushOutcome::Waits { reason: reason::BLOBS_MISSING.to_owned() }
}

fn showing(author: &Author, sequence: u64, blobs: &[u64]) -> Record {
    Record { blobs: blobs.iter().map(|seed| hash(*seed)).collect(), ..author.record(sequence, 40) }
}

pub(crate) async fn a_blob_comes_in_parts<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    assert_eq!(state(&*store, &author, 1).await, None);
    assert!(!part(&*store, &author, 1, 0).await, "nobody began it");
    assert!(!finish(&*store, &author, 1).await, "nobody began it");
    assert_eq!(begin(&*store, new(&author, 1, 900)).await, BlobBegun::Made);
    for number in [2, 0, 2, 11] {
        assert!(part(&*store, &author, 1, number).await);
    }
    assert_eq!(begin(&*store, new(&author, 1, 900)).await, BlobBegun::Known);
    let some = BlobState { len: 900, parts: vec![0, 2, 11], complete: false };
    assert_eq!(state(&*store, &author, 1).await, Some(some));
}

pub(crate) async fn a_blob_is_here_when_it_is_finished<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    assert_eq!(begin(&*store, new(&author, 1, 900)).await, BlobBegun::Made);
    assert!(part(&*store, &author, 1, 0).await);
    assert!(finish(&*store, &author, 1).await);
    assert!(finish(&*store, &author, 1).await, "the answer may have been lost");
    let whole = Some(BlobState { len: 900, parts: Vec::new(), complete: true });
    assert_eq!(state(&*store, &author, 1).await, whole);
    assert!(!part(&*store, &author, 1, 1).await, "it is here already");
    assert_eq!(begin(&*store, new(&author, 1, 7)).await, BlobBegun::Known);
    assert_eq!(state(&*store, &author, 1).await, whole);
}

pub(crate) async fn a_blob_of_another_length_begins_anew<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    assert_eq!(begin(&*store, new(&one, 1, 900)).await, BlobBegun::Made);
    assert!(part(&*store, &one, 1, 0).await);
    assert_eq!(begin(&*store, new(&one, 1, 901)).await, BlobBegun::Made);
    let none = BlobState { len: 901, parts: Vec::new(), complete: false };
    assert_eq!(state(&*store, &one, 1).await, Some(none));
    let asked = vec![hash(1), hash(2)];
    assert_eq!(store.objects_used(one.account, asked).await.unwrap(), [true, false]);
    assert_eq!(state(&*store, &two, 1).await, None, "another account's");
    assert!(!finish(&*store, &two, 1).await, "another account's");
    assert_eq!(store.begin_blob(new(&Author::new(3), 1, 1)).await.unwrap(), None);
}

fn within(author: &Author, seed: u64, len: u64, quota: u64) -> NewBlob {
    NewBlob { quota_default: Some(quota), ..new(author, seed, len) }
}

pub(crate) async fn a_blob_counts_from_its_beginning_until_it_is_forgotten<S: MetaStore>(
    store: Arc<S>,
) {
    let author = author(&*store, 1).await;
    push(&*store, &author, vec![author.record(1, 40)]).await;
    assert_eq!(begin(&*store, within(&author, 1, 60, 100)).await, BlobBegun::Made);
    assert_eq!(info(&*store, &author).await.bytes, 100);
    assert_eq!(begin(&*store, within(&author, 2, 1, 100)).await, BlobBegun::NoRoom);
    assert_eq!(state(&*store, &author, 2).await, None);
    assert!(store.set_quota(author.account, Some(101)).await.unwrap());
    assert_eq!(begin(&*store, within(&author, 2, 1, 0)).await, BlobBegun::Made, "its own counts");
    assert_eq!(store.sweep_blobs(5).await.unwrap(), 2);
    assert_eq!(info(&*store, &author).await.bytes, 40);
}

pub(crate) async fn a_blob_counts_once_and_leaves_records_no_room<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    assert_eq!(begin(&*store, within(&author, 1, 60, 60)).await, BlobBegun::Made);
    assert_eq!(begin(&*store, within(&author, 1, 60, 0)).await, BlobBegun::Known);
    assert_eq!(begin(&*store, within(&author, 1, 61, 60)).await, BlobBegun::NoRoom);
    assert_eq!(begin(&*store, within(&author, 1, 59, 60)).await, BlobBegun::Made);
    let records = [2, 1].map(|length| author.record(length, usize::try_from(length).unwrap()));
    let push = Push { quota_default: Some(60), ..author.push(records.to_vec()) };
    let outcomes = store.push(push).await.unwrap().unwrap().outcomes;
    assert_eq!(outcomes, [no_room(), PushOutcome::Stored]);
    assert_eq!(info(&*store, &author).await.bytes, 60);
}

pub(crate) async fn a_record_waits_for_the_blobs_that_it_names<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    have(&*store, &one, 1).await;
    have(&*store, &two, 2).await;
    let records = vec![showing(&one, 1, &[1, 2]), showing(&one, 2, &[1, 1])];
    let many = Record { blobs: vec![hash(1); limits::BLOBS + 1], ..one.record(9, 1) };
    let outcomes = push(&*store, &one, [records.clone(), vec![many]].concat()).await;
    let too_many = rejected(reason::BLOBS_TOO_MANY);
    assert_eq!(outcomes, [waits(), PushOutcome::Stored, too_many], "another account's will do");
    begin(&*store, new(&one, 2, 9)).await;
    part(&*store, &one, 2, 0).await;
    let outcomes = push(&*store, &one, records.clone()).await;
    assert_eq!(outcomes, [waits(), PushOutcome::Known], "half of it will do");
    assert!(finish(&*store, &one, 2).await);
    let outcomes = push(&*store, &one, records.clone()).await;
    assert_eq!(outcomes, [PushOutcome::Stored, PushOutcome::Known]);
    let there = page(&*store, &one, 0, 9).await.records.into_iter().map(|one| one.held.record);
    assert!(there.eq(records.iter().rev().cloned()), "what they name did not come back");
    let other = Record { blobs: vec![hash(1)], ..records[0].clone() };
    assert_eq!(push(&*store, &one, vec![other]).await, [rejected(reason::OTHER_CONTENT)]);
}

pub(crate) async fn a_record_keeps_the_blobs_that_it_names_until_it_is_purged<S: MetaStore>(
    store: Arc<S>,
) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    have(&*store, &one, 1).await;
    have(&*store, &one, 2).await;
    have(&*store, &two, 1).await;
    let records = vec![showing(&one, 1, &[1, 2]), showing(&one, 2, &[1])];
    push(&*store, &one, records.clone()).await;
    assert_eq!(store.sweep_blobs(u64::MAX).await.unwrap(), 1, "the other account's alone");
    let mut naming = one.record(3, 1);
    naming.replaces = vec![records[0].id];
    push(&*store, &one, vec![naming]).await;
    assert_eq!(store.sweep_blobs(u64::MAX).await.unwrap(), 0, "replaced is not purged");
    assert_eq!(store.sweep(u64::MAX, Sweep::default()).await.unwrap().records, 1);
    assert_eq!(store.sweep_blobs(u64::MAX).await.unwrap(), 1);
    assert_eq!(state(&*store, &one, 2).await, None);
    assert!(state(&*store, &one, 1).await.is_some(), "another record names it");
}

pub(crate) async fn what_no_record_names_is_forgotten_in_time<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    have(&*store, &author, 1).await;
    begin(&*store, new(&author, 2, 10)).await;
    assert!(part(&*store, &author, 2, 3).await);
    let later = NewBlob { now: 8, ..new(&author, 1, 10) };
    assert_eq!(begin(&*store, later).await, BlobBegun::Known);
    assert_eq!(store.sweep_blobs(4).await.unwrap(), 0, "before its time");
    assert_eq!(store.sweep_blobs(7).await.unwrap(), 1, "1 was asked for again");
    assert_eq!(begin(&*store, new(&author, 2, 10)).await, BlobBegun::Made);
    let begun = state(&*store, &author, 2).await.unwrap();
    assert!(begun.parts.is_empty(), "a part of what was forgotten");
}

pub(crate) async fn blobs_are_forgotten_in_steps<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    for seed in 0..BLOBS_SWEPT + 12 {
        begin(&*store, new(&author, seed, 1)).await;
    }
    assert_eq!(info(&*store, &author).await.bytes, BLOBS_SWEPT + 12);
    assert_eq!(store.sweep_blobs(5).await.unwrap(), BLOBS_SWEPT);
    assert_eq!(store.sweep_blobs(5).await.unwrap(), 12);
    assert_eq!(info(&*store, &author).await.bytes, 0);
}
