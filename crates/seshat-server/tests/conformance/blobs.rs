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
    assert!(store.finish_blob(author.account, hash(seed)).await.unwrap());
}

fn showing(author: &Author, sequence: u64, blobs: &[u64]) -> Record {
    Record { blobs: blobs.iter().map(|seed| hash(*seed)).collect(), ..author.record(sequence, 40) }
}

pub(crate) async fn a_blob_comes_in_parts_and_is_here_when_it_is_finished<S: MetaStore>(
    store: Arc<S>,
) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    let (account, name) = (one.account, hash(1));
    let state = async || store.blob(account, name).await.unwrap();
    assert_eq!(state().await, None);
    assert!(!store.blob_part(account, name, 0).await.unwrap(), "nobody began it");
    assert!(!store.finish_blob(account, name).await.unwrap(), "nobody began it");
    assert_eq!(begin(&*store, new(&one, 1, 900)).await, BlobBegun::Made);
    for part in [2, 0, 2, 11] {
        assert!(store.blob_part(account, name, part).await.unwrap());
    }
    assert_eq!(begin(&*store, new(&one, 1, 900)).await, BlobBegun::Known);
    let parts = vec![0, 2, 11];
    assert_eq!(state().await, Some(BlobState { len: 900, parts, complete: false }));
    assert_eq!(store.objects_used(account, vec![name, hash(2)]).await.unwrap(), [true, false]);
    assert_eq!(begin(&*store, new(&one, 1, 901)).await, BlobBegun::Made, "of another length");
    assert_eq!(state().await, Some(BlobState { len: 901, parts: Vec::new(), complete: false }));
    assert!(store.blob_part(account, name, 0).await.unwrap());
    assert!(store.finish_blob(account, name).await.unwrap());
    assert!(store.finish_blob(account, name).await.unwrap(), "the answer may have been lost");
    let whole = BlobState { len: 901, parts: Vec::new(), complete: true };
    assert_eq!(state().await, Some(whole.clone()));
    assert!(!store.blob_part(account, name, 1).await.unwrap(), "it is here already");
    assert_eq!(begin(&*store, new(&one, 1, 7)).await, BlobBegun::Known);
    assert_eq!(state().await, Some(whole));
    assert_eq!(store.blob(two.account, name).await.unwrap(), None, "another account's");
    assert!(!store.finish_blob(two.account, name).await.unwrap(), "another account's");
    assert_eq!(store.begin_blob(new(&Author::new(3), 1, 1)).await.unwrap(), None);
}

pub(crate) async fn a_blob_counts_from_its_beginning_until_it_is_forgotten<S: MetaStore>(
    store: Arc<S>,
) {
    let author = author(&*store, 1).await;
    let within =
        |seed, len, quota| NewBlob { quota_default: Some(quota), ..new(&author, seed, len) };
    store.push(author.push(vec![author.record(1, 40)])).await.unwrap();
    assert_eq!(begin(&*store, within(1, 60, 100)).await, BlobBegun::Made);
    assert_eq!(info(&*store, &author).await.bytes, 100);
    assert_eq!(begin(&*store, within(2, 1, 100)).await, BlobBegun::NoRoom);
    assert_eq!(store.blob(author.account, hash(2)).await.unwrap(), None);
    assert_eq!(begin(&*store, within(1, 60, 0)).await, BlobBegun::Known, "it counts once");
    assert_eq!(begin(&*store, within(1, 61, 100)).await, BlobBegun::NoRoom);
    assert_eq!(begin(&*store, within(1, 59, 100)).await, BlobBegun::Made, "it counts once");
    let push = Push { quota_default: Some(100), ..author.push(vec![author.record(2, 2)]) };
    assert_eq!(store.push(push).await.unwrap().unwrap().outcomes, [no_room()]);
    assert!(store.set_quota(author.account, Some(101)).await.unwrap());
    assert_eq!(begin(&*store, within(2, 2, 0)).await, BlobBegun::Made, "its own quota counts");
    assert_eq!(info(&*store, &author).await.bytes, 101);
    assert_eq!(store.sweep_blobs(5).await.unwrap(), 2);
    assert_eq!(info(&*store, &author).await.bytes, 40);
}

pub(crate) async fn a_record_waits_for_the_blobs_that_it_names_and_keeps_them<S: MetaStore>(
    store: Arc<S>,
) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    have(&*store, &one, 1).await;
    have(&*store, &two, 2).await;
    let push = async |records| store.push(one.push(records)).await.unwrap().unwrap();
    let waits = PushOutcome::Waits { reason: reason::BLOBS_MISSING.to_owned() };
    let records = vec![showing(&one, 1, &[1, 2]), showing(&one, 2, &[1, 1])];
    let many = Record { blobs: vec![hash(1); limits::BLOBS + 1], ..one.record(9, 1) };
    let outcomes = push([records.clone(), vec![many]].concat()).await.outcomes;
    let too_many = rejected(reason::BLOBS_TOO_MANY);
    assert_eq!(outcomes, [waits.clone(), PushOutcome::Stored, too_many], "another account's");
    assert_eq!(begin(&*store, new(&one, 2, 9)).await, BlobBegun::Made);
    assert!(store.blob_part(one.account, hash(2), 0).await.unwrap());
    assert_eq!(push(records.clone()).await.outcomes, [waits, PushOutcome::Known], "half of it");
    assert!(store.finish_blob(one.account, hash(2)).await.unwrap());
    assert_eq!(push(records.clone()).await.outcomes, [PushOutcome::Stored, PushOutcome::Known]);
    let mut there: Vec<Record> =
        page(&*store, &one, 0, 9).await.records.into_iter().map(|one| one.held.record).collect();
    there.sort_by_key(|record| record.sequence);
    assert_eq!(there, records, "what they name did not come back");
    let other = Record { blobs: vec![hash(1)], ..records[0].clone() };
    assert_eq!(push(vec![other]).await.outcomes, [rejected(reason::OTHER_CONTENT)]);

    assert_eq!(store.sweep_blobs(u64::MAX).await.unwrap(), 1, "the other account's alone");
    assert!(store.blob(one.account, hash(1)).await.unwrap().unwrap().complete);
    // 2 is named by 1 alone, which goes; 1 is named by 2 as well.
    let mut naming = one.record(3, 1);
    naming.replaces = vec![records[0].id];
    push(vec![naming]).await;
    assert_eq!(store.sweep_blobs(u64::MAX).await.unwrap(), 0, "replaced is not purged");
    assert_eq!(store.sweep(u64::MAX, Sweep::default()).await.unwrap().records, 1);
    assert_eq!(store.sweep_blobs(u64::MAX).await.unwrap(), 1);
    assert_eq!(store.blob(one.account, hash(2)).await.unwrap(), None);
    assert!(store.blob(one.account, hash(1)).await.unwrap().is_some());
}

pub(crate) async fn what_no_record_names_is_forgotten_in_time<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    have(&*store, &author, 1).await;
    assert_eq!(begin(&*store, new(&author, 2, 10)).await, BlobBegun::Made);
    assert!(store.blob_part(author.account, hash(2), 3).await.unwrap());
    let later = NewBlob { now: 8, ..new(&author, 1, 10) };
    assert_eq!(begin(&*store, later).await, BlobBegun::Known);
    assert_eq!(store.sweep_blobs(4).await.unwrap(), 0, "before its time");
    assert_eq!(store.sweep_blobs(7).await.unwrap(), 1, "1 was asked for again");
    assert_eq!(begin(&*store, new(&author, 2, 10)).await, BlobBegun::Made);
    let state = store.blob(author.account, hash(2)).await.unwrap().unwrap();
    assert!(state.parts.is_empty(), "a part of what was forgotten");
    for seed in 3..BLOBS_SWEPT + 13 {
        begin(&*store, new(&author, seed, 1)).await;
    }
    assert_eq!(store.sweep_blobs(7).await.unwrap(), BLOBS_SWEPT);
    assert_eq!(store.sweep_blobs(8).await.unwrap(), 12);
    assert_eq!(info(&*store, &author).await.bytes, 0);
}
