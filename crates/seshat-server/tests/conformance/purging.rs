//! Records that others replace: what counts, what goes, what stays.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use seshat_protocol::{Digest, PushOutcome, Record, RecordId};
use seshat_server::meta::{MetaStore, PageRequest, Sweep, Swept};

use crate::support::{Author, xor};
use crate::{author, page};

/// When [`Author::push`] pushes.
const PUSHED: u64 = 7;

fn naming(author: &Author, sequence: u64, names: &[u64]) -> Record {
    let replaces = names.iter().map(|name| author.record(*name, 1).id).collect();
    Record { replaces, ..author.record(sequence, 40) }
}

async fn push(store: &impl MetaStore, author: &Author, records: Vec<Record>, now: u64) {
    let mut push = author.push(records);
    push.now = now;
    let pushed = store.push(push).await.unwrap().unwrap();
    assert!(pushed.outcomes.iter().all(|outcome| *outcome == PushOutcome::Stored), "not taken");
}

/// Everything that is replaced at `before`, as a server removes it.
async fn sweep(store: &impl MetaStore, before: u64) -> Swept {
    let (mut all, mut at) = (Swept::default(), Some(Sweep::default()));
    while let Some(from) = at {
        let step = store.sweep(before, from).await.unwrap();
        all.records += step.records;
        all.bytes += step.bytes;
        at = step.next;
    }
    all
}

/// Until nothing more goes.
async fn sweep_all(store: &impl MetaStore) -> u64 {
    let mut removed = 0;
    loop {
        match sweep(store, u64::MAX).await.records {
            0 => return removed,
            more => removed += more,
        }
    }
}

/// What is there, read in pages of this size; a page that ends before the head is never empty.
async fn held(store: &impl MetaStore, author: &Author, limit: usize) -> (Vec<u64>, Digest) {
    let (mut sequences, mut cursor) = (Vec::new(), 0);
    loop {
        let page = page(store, author, cursor, limit).await;
        assert!(page.records.is_sorted_by_key(|changed| changed.position));
        assert!(page.records.iter().all(|changed| changed.position > cursor), "a page went back");
        sequences.extend(page.records.iter().map(|changed| changed.held.record.sequence));
        if page.next == page.head {
            return (sequences, page.digest);
        }
        assert!(!page.records.is_empty(), "more was promised and nothing came");
        assert_eq!(page.next, page.records.last().unwrap().position);
        cursor = page.next;
    }
}

fn digest(author: &Author, sequences: &[u64]) -> Digest {
    let ids: Vec<RecordId> = sequences.iter().map(|n| author.record(*n, 1).id).collect();
    Digest { count: ids.len() as u64, xor: xor(&ids) }
}

pub(crate) async fn what_is_replaced_does_not_count_whichever_of_the_two_came_first<
    S: MetaStore,
>(
    store: Arc<S>,
) {
    for (seed, order) in [(1, [1, 2, 3, 4]), (2, [3, 1, 2, 4]), (3, [4, 3, 2, 1])] {
        let author = author(&*store, seed).await;
        for sequence in order {
            // 3 names 1, 2 and itself, twice; 4 names 3 and what never comes.
            let names: &[u64] = match sequence {
                3 => &[1, 2, 3, 1],
                4 => &[3, 99],
                _ => &[],
            };
            push(&*store, &author, vec![naming(&author, sequence, names)], PUSHED).await;
        }
        let (there, counted) = held(&*store, &author, 100).await;
        assert_eq!(there, order, "none is dropped");
        assert_eq!(counted, digest(&author, &[4]), "{order:?}");
        let again = author.push(vec![author.record(1, 40), naming(&author, 4, &[3, 99])]);
        let again = store.push(again).await.unwrap().unwrap();
        assert_eq!(again.outcomes, vec![PushOutcome::Known; 2]);
        assert_eq!(held(&*store, &author, 100).await.1, counted, "a repeated push counts");
    }
}

/// 1 to 30 are replaced by 31 at 100; 31, 32, 33 and 35, which comes last, by 34 at 200.
async fn written(store: &impl MetaStore) -> Author {
    let author = author(store, 1).await;
    push(store, &author, author.records(1..31), 5).await;
    push(store, &author, vec![naming(&author, 31, &(1..31).collect::<Vec<_>>())], 100).await;
    push(store, &author, author.records(32..34), 110).await;
    push(store, &author, vec![naming(&author, 34, &[31, 32, 33, 35])], 200).await;
    push(store, &author, author.records(35..36), 210).await;
    author
}

async fn held_in_all_pages(store: &impl MetaStore, author: &Author, expected: &[u64]) {
    for limit in [1, 2, 3, 100] {
        let (there, counted) = held(store, author, limit).await;
        assert_eq!(there, expected, "pages of {limit}");
        assert_eq!(counted, digest(author, &[34]), "pages of {limit}");
    }
}

pub(crate) async fn what_was_replaced_goes_in_time_and_pages_pass_over_it<S: MetaStore>(
    store: Arc<S>,
) {
    let one = written(&*store).await;
    let two = author(&*store, 2).await;
    push(&*store, &two, two.records(1..31), 5).await;
    assert_eq!(sweep(&*store, 99).await.records, 0, "before its time");
    assert_eq!(sweep(&*store, 100).await, Swept { records: 30, bytes: 1200, next: None });
    held_in_all_pages(&*store, &one, &[31, 32, 33, 34, 35]).await;
    sweep(&*store, 209).await;
    held_in_all_pages(&*store, &one, &[31, 34, 35]).await;
    assert_eq!(sweep(&*store, 210).await.records, 1, "its mark is of when it came");
    held_in_all_pages(&*store, &one, &[31, 34]).await;
    let request = PageRequest { cursor: 34, limit: 9, max_bytes: 0, live: false };
    let last = store.changes(one.account, request).await.unwrap().unwrap();
    assert_eq!((last.records.len(), last.next, last.head), (0, 35, 35), "a cursor in a hole");
    assert_eq!(held(&*store, &two, 7).await.0.len(), 30, "another account's records are gone");
}

pub(crate) async fn of_everything_the_last_two_snapshots_stay<S: MetaStore>(store: Arc<S>) {
    let author = written(&*store).await;
    sweep_all(&*store).await;
    assert_eq!(held(&*store, &author, 1).await.0, [31, 34], "34 is replaced by nothing");
    push(&*store, &author, vec![naming(&author, 36, &[34])], 300).await;
    assert_eq!(sweep(&*store, 299).await.records, 1, "31: its successor has a successor");
    assert_eq!(held(&*store, &author, 1).await, (vec![34, 36], digest(&author, &[36])));
    assert_eq!(page(&*store, &author, 0, 9).await.head, 36, "a position was given again");
}

pub(crate) async fn a_purged_record_that_comes_again_is_taken_and_goes_again<S: MetaStore>(
    store: Arc<S>,
) {
    let author = author(&*store, 1).await;
    push(&*store, &author, author.records(1..4), 5).await;
    push(&*store, &author, vec![naming(&author, 4, &[1, 2, 3])], 10).await;
    assert_eq!(sweep(&*store, 10).await.records, 3);
    let counted = held(&*store, &author, 9).await.1;
    push(&*store, &author, author.records(2..3), 20).await;
    assert_eq!(held(&*store, &author, 9).await, (vec![4, 2], counted), "it counts again");
    assert_eq!(sweep(&*store, 19).await.records, 0, "it is kept as long as any other");
    assert_eq!(sweep(&*store, 20).await.records, 1);
    assert_eq!(held(&*store, &author, 9).await, (vec![4], counted));
}

pub(crate) async fn records_that_name_each_other_in_a_ring_stay<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let ring = [
        naming(&author, 1, &[]),
        naming(&author, 2, &[3, 1]),
        naming(&author, 3, &[4]),
        naming(&author, 4, &[2]),
    ];
    push(&*store, &author, ring.to_vec(), 5).await;
    assert_eq!(sweep_all(&*store).await, 0);
    assert_eq!(held(&*store, &author, 9).await, (vec![1, 2, 3, 4], digest(&author, &[])));
    // One that stands for the whole ring: what it names is in it, whatever that names itself.
    push(&*store, &author, vec![naming(&author, 5, &[2, 3, 4])], 5).await;
    sweep_all(&*store).await;
    assert_eq!(held(&*store, &author, 9).await.1, digest(&author, &[5]));
    assert!(held(&*store, &author, 9).await.0.ends_with(&[5]));
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What follows from the records alone: those that ever came, each with what it names.
#[derive(Default)]
struct Model(BTreeMap<u64, BTreeSet<u64>>);

impl Model {
    /// Of those that are there, the ones that none of them names.
    fn live(&self, there: &BTreeSet<u64>) -> Vec<u64> {
        let named: BTreeSet<_> = there.iter().flat_map(|one| &self.0[one]).collect();
        there.iter().filter(|one| !named.contains(one)).copied().collect()
    }

    /// What those that are there stand for, also by way of what has gone.
    fn contained(&self, there: &BTreeSet<u64>) -> BTreeSet<u64> {
        let mut contained = BTreeSet::new();
        let mut to_look_at: Vec<_> = there.iter().copied().collect();
        while let Some(one) = to_look_at.pop() {
            for name in self.0.get(&one).into_iter().flatten() {
                if contained.insert(*name) {
                    to_look_at.push(*name);
                }
            }
        }
        contained
    }
}

pub(crate) async fn whatever_is_pushed_and_swept_only_what_a_live_record_stands_for_is_gone<
    S: MetaStore,
>(
    store: Arc<S>,
) {
    for seed in 0..30 {
        let author = author(&*store, seed).await;
        let (mut dice, mut model) = (Dice(seed), Model::default());
        for now in 1..60 {
            let before = held(&*store, &author, 100).await.1;
            let sweeps = dice.below(4) == 0;
            let sequence = 1 + dice.below(40);
            if sweeps {
                sweep(&*store, dice.below(now)).await;
            } else if let Entry::Vacant(new) = model.0.entry(sequence) {
                let names: BTreeSet<_> = match dice.below(3) {
                    0 => (0..dice.below(8)).map(|_| 1 + dice.below(42)).collect(),
                    _ => BTreeSet::new(),
                };
                let listed: Vec<_> = names.iter().copied().chain([sequence]).collect();
                push(&*store, &author, vec![naming(&author, sequence, &listed)], now).await;
                new.insert(names.into_iter().filter(|name| *name != sequence).collect());
            }
            let limit = usize::try_from(1 + dice.below(4)).unwrap();
            let (there, counted) = held(&*store, &author, limit).await;
            assert!(!sweeps || counted == before, "seed {seed}, {now}: sweeping changed a digest");
            let there: BTreeSet<_> = there.into_iter().collect();
            assert_eq!(counted, digest(&author, &model.live(&there)), "seed {seed}, {now}");
            let contained = model.contained(&there);
            for gone in model.0.keys().filter(|one| !there.contains(one)) {
                assert!(contained.contains(gone), "seed {seed}, {now}: {gone} is nowhere");
            }
        }
    }
}
