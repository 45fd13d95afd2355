//! Snapshots: what counts, what goes, what is missing and what is only inside a snapshot.

use proptest::prelude::*;
use seshat_protocol::{DocumentId, NovelId, RecordId, Sealed};
use seshat_store::{
    AcceptedRecord, Ack, Cause, Compared, Cover, NewRecord, Page, Purged, Replacing, Store, Weight,
    Write,
};

use crate::common::{
    Dice, OURS, THEIRS, Writer, all, come, covers, folder, live_digest, page_of, place, purge,
    reopen, store,
};

fn linked(dir: &std::path::Path) -> Store {
    let mut store = store(dir);
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    store
}

fn append(store: &mut Store, records: &[&NewRecord]) {
    let records = records.iter().map(|new| (*new).clone()).collect();
    store.append(&Write { records, ..Write::default() }).unwrap();
}

fn acknowledge(store: &mut Store, records: &[&NewRecord]) {
    let acks: Vec<_> = records.iter().map(|new| (new.record.id, Ack::Stored)).collect();
    store.acknowledge(&acks).unwrap();
}

fn ids(store: &Store) -> Vec<RecordId> {
    all(store).iter().map(|record| record.id).collect()
}

/// Everything was fetched: alarms that last, after the digests were found equal.
fn alarms(store: &mut Store) -> Vec<Cause> {
    let digest = store.digest().unwrap();
    assert_eq!(store.compare(&digest, true, 9).unwrap(), Compared::Agrees);
    let alarms = store.alarms().unwrap();
    alarms.iter().filter(|alarm| alarm.healed_at.is_none()).map(|alarm| alarm.cause).collect()
}

#[test]
fn what_a_snapshot_contains_goes_and_nothing_else_changes() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut ours = Writer::new(OURS);
    let (one, two, other) = (ours.update(1), ours.update(1), ours.update(2));
    let all = ours.snapshot(1, &[&one, &two]);
    append(&mut store, &[&one, &two, &other, &all]);
    acknowledge(&mut store, &[&one, &two, &other, &all]);
    let (digest, head) = (store.digest().unwrap(), store.head(OURS).unwrap());
    assert_eq!(digest, live_digest([&other.record, &all.record]));
    let live = store.live_of(DocumentId([1; 16])).unwrap();
    assert_eq!(live.iter().map(|stored| stored.record.id).collect::<Vec<_>>(), [all.record.id]);

    let purged = purge(&mut store);
    let bytes = 2 * one.record.stored_len() as u64;
    let documents = vec![(DocumentId([1; 16]), 1)];
    assert_eq!(purged, Purged { records: 2, bytes, documents });
    drop(store);
    let mut store = reopen(dir.path());
    assert_eq!(ids(&store), [other.record.id, all.record.id]);
    assert_eq!((store.digest().unwrap(), store.head(OURS).unwrap()), (digest, head));
    assert_eq!(store.covered().unwrap(), [Cover { device: OURS, first: 1, last: 2 }]);
    assert_eq!(alarms(&mut store), []);
    assert_eq!(purge(&mut store), Purged::default(), "there is no more");
    append(&mut store, &[&ours.update(1)]);
    store.integrity().unwrap();
}

#[test]
fn only_what_is_said_to_be_contained_goes() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut ours = Writer::new(OURS);
    let (one, two) = (ours.update(1), ours.update(1));
    let all = ours.snapshot(1, &[&one, &two]);
    append(&mut store, &[&one, &two, &all]);
    let mut asked = Vec::new();
    let mut contains_one = |replacing: &Replacing| {
        asked.push((
            replacing.snapshot.id,
            replacing.records.iter().map(|stored| stored.record.id).collect::<Vec<_>>(),
        ));
        // What was not asked for is not removed, whoever says so.
        vec![one.record.id, all.record.id, RecordId([0; 16])]
    };
    assert_eq!(store.purge_replaced(None, &mut contains_one).unwrap().records, 1);
    assert_eq!(asked, [(all.record.id, vec![one.record.id, two.record.id])]);
    assert_eq!(ids(&store), [two.record.id, all.record.id]);
    assert_eq!(store.purge_replaced(None, &mut |_| Vec::new()).unwrap(), Purged::default());
    store.integrity().unwrap();
}

#[test]
fn a_snapshot_that_names_another_document_s_records_removes_none_of_them() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let (mine, foreign) = (theirs.update(1), theirs.update(2));
    let mut greedy = theirs.snapshot(1, &[&mine, &foreign]);
    greedy.covers = covers(&[&mine]);
    let last = theirs.snapshot(1, &[&greedy]);
    store.accept(&page_of(&[&mine, &foreign, &greedy, &last])).unwrap();
    let digest = store.digest().unwrap();
    assert_eq!(digest, live_digest([&last.record]), "the server cannot tell either");
    let live = store.live_of(DocumentId([2; 16])).unwrap();
    assert_eq!(live.len(), 1, "its document still stands on it");
    purge(&mut store);
    let left = ids(&store);
    assert!(left.contains(&foreign.record.id), "a record of another document is gone");
    assert!(left.contains(&greedy.record.id), "what goes must name nothing that stays");
    assert_eq!(store.digest().unwrap(), digest);
}

#[test]
fn records_that_name_each_other_in_a_ring_stay_and_are_live() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut ours = Writer::new(OURS);
    let word = ours.update(1);
    let mut one = ours.snapshot(1, &[&word]);
    let two = ours.snapshot(1, &[&one]);
    one.record.replaces.push(two.record.id);
    // Its hash is another one now, so the chain is not this test's business.
    let mut records = Writer::after(OURS, seshat_store::Head::NONE);
    let word = NewRecord { record: records.naming(vec![1], Vec::new()), ..word };
    let one = NewRecord { record: records.naming(vec![2], one.record.replaces), ..one };
    let two = NewRecord { record: records.naming(vec![3], two.record.replaces), ..two };
    append(&mut store, &[&word, &one, &two]);
    assert_eq!(store.live_of(DocumentId([1; 16])).unwrap().len(), 3);
    assert_eq!(purge(&mut store), Purged::default());
}

#[test]
fn while_a_server_is_linked_nothing_goes_that_it_does_not_have() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut ours = Writer::new(OURS);
    let (one, two) = (ours.update(1), ours.update(1));
    let first = ours.snapshot(1, &[&one, &two]);
    append(&mut store, &[&one, &two, &first]);
    assert_eq!(purge(&mut store), Purged::default(), "all of it waits");
    acknowledge(&mut store, &[&one]);
    assert_eq!(purge(&mut store), Purged::default(), "the snapshot waits");
    assert_eq!(store.digest().unwrap(), live_digest([&one.record]), "it names nothing yet");
    acknowledge(&mut store, &[&first]);
    assert_eq!(store.digest().unwrap(), live_digest([&first.record]));
    assert_eq!(purge(&mut store).records, 1, "two waits");
    acknowledge(&mut store, &[&two]);
    assert_eq!(purge(&mut store).records, 1);
    assert_eq!(store.digest().unwrap(), live_digest([&first.record]));

    let three = ours.update(1);
    let second = ours.snapshot(1, &[&first, &three]);
    append(&mut store, &[&three, &second]);
    store.unlink().unwrap();
    assert_eq!(purge(&mut store).records, 2, "nobody waits for them any more");
    assert_eq!((ids(&store), store.waiting().unwrap()), (vec![second.record.id], 1));
    store.link_server("https://other.example.org", "ada@example.org").unwrap();
    assert_eq!(store.outbox(9, 1 << 20).unwrap(), [second.record]);
    store.integrity().unwrap();
}

#[test]
fn two_laptops_that_compact_at_once_leave_two_snapshots_and_the_next_one_names_both() {
    let dir = folder();
    let mut store = linked(dir.path());
    let (mut ours, mut theirs) = (Writer::new(OURS), Writer::new(THEIRS));
    let (one, two) = (ours.update(1), theirs.update(1));
    let mine = ours.snapshot(1, &[&one, &two]);
    let yours = theirs.snapshot(1, &[&one, &two]);
    append(&mut store, &[&one]);
    store.accept(&page_of(&[&one, &two])).unwrap();
    append(&mut store, &[&mine]);
    store.accept(&page_of(&[&mine, &yours])).unwrap();
    assert_eq!(store.live_of(DocumentId([1; 16])).unwrap().len(), 2);
    assert_eq!(purge(&mut store).records, 2);
    let both = ours.snapshot(1, &[&mine, &yours]);
    append(&mut store, &[&both]);
    acknowledge(&mut store, &[&both]);
    assert_eq!(purge(&mut store).records, 2);
    assert_eq!(ids(&store), [both.record.id]);
    let all =
        [(OURS, 1, 2), (THEIRS, 1, 2)].map(|(device, first, last)| Cover { device, first, last });
    assert_eq!(store.covered().unwrap(), all);
    assert_eq!(store.head(THEIRS).unwrap(), theirs.head, "a head whose record has gone stays");
}

#[test]
fn a_purged_record_that_comes_again_is_no_fork_no_gap_and_goes_again() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let records = [theirs.update(1), theirs.update(1), theirs.update(1)];
    let names: Vec<_> = records.iter().collect();
    let all = Writer::new(OURS).snapshot(1, &names);
    store.accept(&page_of(&names)).unwrap();
    append(&mut store, &[&all]);
    acknowledge(&mut store, &[&all]);
    let digest = store.digest().unwrap();
    assert_eq!(purge(&mut store).records, 3);
    assert_eq!(store.head(THEIRS).unwrap(), theirs.head);
    // The head of the chain, its beginning, and what lies between.
    for index in [2, 0, 1] {
        let accepted = store.accept(&page_of(&[&records[index]])).unwrap();
        assert_eq!((accepted.new.len(), accepted.forks.len()), (1, 0), "{index}");
        store.integrity().unwrap();
    }
    assert_eq!(alarms(&mut store), []);
    assert_eq!(store.digest().unwrap(), digest, "it counts again");
    assert_eq!(purge(&mut store).records, 3);
    // What continues the chain after its head went is no fork.
    assert_eq!(store.accept(&page_of(&[&theirs.update(1)])).unwrap().forks, []);
    assert_eq!(alarms(&mut store), []);
}

#[test]
fn after_a_purge_a_newcomer_sees_no_gap_but_what_the_server_withholds() {
    let mut theirs = Writer::new(THEIRS);
    let words: Vec<_> = (0..6).map(|_| theirs.update(1)).collect();
    let first = theirs.snapshot(1, &words.iter().take(3).collect::<Vec<_>>());
    let second = theirs.snapshot(1, &[&first, &words[3], &words[4]]);
    let after = [theirs.update(1), theirs.update(2)];
    // The server has purged what `second` names. It has words[5] and what came after.
    let left = [&words[5], &second, &after[0], &after[1]];
    for withheld in 0..5 {
        for backwards in [false, true] {
            let dir = folder();
            let mut store = linked(dir.path());
            let mut given: Vec<_> = left
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != withheld)
                .map(|(_, new)| *new)
                .collect();
            if backwards {
                given.reverse();
            }
            for one in &given {
                store.accept(&page_of(&[one])).unwrap();
                store.integrity().unwrap();
            }
            // Nobody can know of the last one of a chain.
            let expected: &[Cause] = if withheld < 3 { &[Cause::Gap] } else { &[] };
            assert_eq!(alarms(&mut store), expected, "{withheld}, {backwards}");
            if withheld < 4 {
                store.accept(&page_of(&[left[withheld]])).unwrap();
            }
            assert_eq!(alarms(&mut store), [], "{withheld}, {backwards}: it did not heal");
        }
    }
}

#[test]
fn a_gap_is_not_reported_while_a_snapshot_that_may_explain_it_cannot_be_read() {
    let mut theirs = Writer::new(THEIRS);
    let words: Vec<_> = (0..4).map(|_| theirs.update(1)).collect();
    let closed = theirs.snapshot(1, &[&words[0], &words[1]]);
    let dir = folder();
    let mut store = linked(dir.path());
    let unread = AcceptedRecord { covers: None, ..come(&closed) };
    let mut page = page_of(&[&words[3]]);
    page.records.push(unread.clone());
    store.accept(&page).unwrap();
    assert_eq!(alarms(&mut store), []);
    let gaps = store.gaps().unwrap();
    assert_eq!((gaps.missing(), gaps.unread), (3, 1), "it is known all the same");
    assert_eq!(store.unread().unwrap()[0].record, closed.record);
    // The novel was opened: two of the three are in the snapshot, the third is nowhere.
    store.set_covers(&[(closed.record.id, closed.covers.clone())], 8).unwrap();
    store.integrity().unwrap();
    assert_eq!(alarms(&mut store), [Cause::Gap]);
    assert_eq!(store.gaps().unwrap().missing(), 1);
    store.accept(&Page { records: vec![unread], ..page }).unwrap();
    assert_eq!(store.gaps().unwrap().unread, 0, "it was read before");
    store.accept(&page_of(&[&words[2]])).unwrap();
    assert_eq!(alarms(&mut store), []);
}

#[test]
fn a_snapshot_in_quarantine_may_explain_a_gap_if_a_listed_device_signed_it_and_else_not() {
    let mut theirs = Writer::new(THEIRS);
    let words: Vec<_> = (0..3).map(|_| theirs.update(1)).collect();
    let snapshot = theirs.snapshot(1, &[&words[0]]);
    for signed in [false, true] {
        let dir = folder();
        let mut store = linked(dir.path());
        let mut page = page_of(&[&words[2]]);
        let aside = AcceptedRecord { place: None, signed, covers: None, ..come(&snapshot) };
        page.records.push(aside);
        store.accept(&page).unwrap();
        let expected: &[Cause] = if signed { &[] } else { &[Cause::Gap] };
        assert_eq!(alarms(&mut store), expected, "a server could silence the alarm for ever");
        store.vouch(&[snapshot.record.id], 8).unwrap();
        assert_eq!(store.gaps().unwrap().unread, 1);
        store.set_place(snapshot.record.id, snapshot.place, 8).unwrap();
        assert_eq!(store.gaps().unwrap().unread, 1, "its covers are not known by its place");
        store.set_covers(&[(snapshot.record.id, snapshot.covers.clone())], 8).unwrap();
        assert_eq!(store.gaps().unwrap().missing(), 1);
        assert_eq!(alarms(&mut store), [Cause::Gap]);
        store.integrity().unwrap();
    }
}

#[test]
fn a_forged_record_under_a_snapshot_s_id_names_nothing_once_the_true_one_came() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let (one, two) = (theirs.update(1), theirs.update(1));
    let snapshot = theirs.snapshot(1, &[&one]);
    let mut forged = AcceptedRecord { place: None, signed: false, covers: None, ..come(&snapshot) };
    forged.record.replaces = vec![two.record.id];
    let mut page = page_of(&[&one, &two]);
    page.records.push(forged);
    store.accept(&page).unwrap();
    store.accept(&page_of(&[&snapshot])).unwrap();
    assert_eq!(store.digest().unwrap(), live_digest([&two.record, &snapshot.record]));
    store.integrity().unwrap();
}

#[test]
fn covers_that_no_device_could_mean_are_taken_for_what_they_are() {
    let dir = folder();
    let mut store = linked(dir.path());
    let mut theirs = Writer::new(THEIRS);
    let (one, two) = (theirs.update(1), theirs.update(1));
    let mut snapshot = theirs.snapshot(1, &[&one]);
    let cover = |first, last| Cover { device: THEIRS, first, last };
    snapshot.covers = vec![cover(0, 0), cover(9, 3), cover(5, u64::MAX), cover(u64::MAX, u64::MAX)];
    store.accept(&page_of(&[&two, &snapshot])).unwrap();
    assert_eq!(store.covered().unwrap(), [cover(5, u64::MAX)]);
    assert_eq!(store.gaps().unwrap().missing(), 1);
    store.integrity().unwrap();
}

#[test]
fn weights_say_what_is_worth_compacting() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut ours = Writer::new(OURS);
    let (one, two, other) = (ours.update(1), ours.update(1), ours.update(2));
    let snapshot = ours.snapshot(1, &[&one, &two]);
    let (three, elsewhere) = (ours.update(1), ours.new_record(vec![9; 7], place(8, 3)));
    append(&mut store, &[&one, &two, &other, &snapshot, &three, &elsewhere]);
    let size = |new: &NewRecord| new.record.stored_len() as u64;
    let novel = NovelId([1; 16]);
    let of = |document| Weight {
        novel,
        document: DocumentId([document; 16]),
        kind_of_first: 1,
        tail_records: 1,
        tail_bytes: size(&three),
        snapshots: 0,
        snapshot_bytes: 0,
        replaced_records: 0,
        last_arrival: 3,
    };
    let compacted =
        Weight { snapshots: 1, snapshot_bytes: size(&snapshot), last_arrival: 5, ..of(1) };
    let first = Weight { replaced_records: 2, ..compacted };
    assert_eq!(store.weights(Some(novel)).unwrap(), [first, of(2)]);
    assert_eq!(store.weights(None).unwrap().len(), 3);
    purge(&mut store);
    assert_eq!(
        store.weights(Some(novel)).unwrap(),
        [Weight { kind_of_first: 2, ..compacted }, of(2)]
    );
}

#[test]
fn an_arrival_is_never_given_twice() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut ours = Writer::new(OURS);
    let word = ours.update(1);
    let snapshot = ours.snapshot(1, &[&word]);
    let mut theirs = Writer::new(THEIRS);
    append(&mut store, &[&snapshot].map(|_| &word));
    append(&mut store, &[&snapshot]);
    // It arrives last, and is inside a snapshot that came before.
    let late = theirs.update(1);
    let newest = ours.snapshot(1, &[&snapshot, &late]);
    append(&mut store, &[&newest]);
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    store.accept(&page_of(&[&late])).unwrap();
    store.unlink().unwrap();
    let last = store.last_arrival().unwrap();
    assert_eq!(purge(&mut store).records, 3);
    assert_eq!(store.last_arrival().unwrap(), last);
    append(&mut store, &[&ours.update(1)]);
    assert_eq!(store.arrived_after(last).unwrap().len(), 1);
}

#[test]
fn texts_and_reports_are_kept_with_what_they_are_about() {
    let dir = folder();
    let mut store = store(dir.path());
    let (document, novel) = (DocumentId([1; 16]), NovelId([1; 16]));
    let mut writer = Writer::new(OURS);
    for number in 1..=3 {
        let mut write = writer.write(&[b"one"]);
        write.texts.push((document, Sealed(vec![number; 40])));
        write.reports.push((novel, u64::from(number), Sealed(vec![number; 30])));
        store.append(&write).unwrap();
    }
    // What cannot be saved leaves neither.
    let mut refused = Writer::new(OURS).write(&[b"one"]);
    refused.texts.push((document, Sealed(vec![9; 40])));
    refused.reports.push((novel, 9, Sealed(vec![9; 30])));
    assert!(store.append(&refused).is_err());
    drop(store);
    let mut store = reopen(dir.path());
    assert_eq!(store.text(document).unwrap(), Some(Sealed(vec![3; 40])));
    assert_eq!(store.text(DocumentId([2; 16])).unwrap(), None);
    let reports = store.reports(novel, 2).unwrap();
    assert_eq!(reports.iter().map(|report| report.at).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(reports[0].sealed, Sealed(vec![3; 30]));
    assert_eq!(store.report_counts().unwrap(), [(novel, 3)]);
    store.dismiss_report(reports[0].id).unwrap();
    store.dismiss_report(999).unwrap();
    assert_eq!(store.reports(novel, 9).unwrap().len(), 2);
    assert_eq!(store.reports(NovelId([2; 16]), 9).unwrap(), []);
}

/// A few devices' records that name each other at random, in any order of arrival.
fn tangle(dice: &mut Dice) -> Vec<NewRecord> {
    let mut writers = [Writer::new(OURS), Writer::new(THEIRS)];
    let mut records: Vec<NewRecord> = Vec::new();
    for _ in 0..24 {
        let writer = &mut writers[dice.below(2)];
        let document = u8::try_from(1 + dice.below(2)).unwrap();
        let mut new = writer.update(document);
        if dice.below(3) == 0 && !records.is_empty() {
            // Mostly of its own document, now and then of another one, itself, or nothing that is.
            let mut named = Vec::new();
            for _ in 0..dice.below(9) {
                let other = &records[dice.below(records.len())];
                if other.place.document == new.place.document || dice.below(6) == 0 {
                    named.push(other);
                }
            }
            new = NewRecord { covers: covers(&named), ..new };
            new.record.replaces = named.iter().map(|other| other.record.id).collect();
            new.record.replaces.extend([new.record.id, RecordId([7; 16])]);
        }
        records.push(new);
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn in_whatever_order_records_come_and_whenever_they_are_purged_the_digest_is_that_of_the_live_ones(
        seed in any::<u64>(),
        order in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle(),
        sizes in prop::collection::vec((1..6_usize, any::<bool>()), 24),
    ) {
        let dir = folder();
        let mut store = linked(dir.path());
        let records = tangle(&mut Dice(seed));
        let mut left = &order[..];
        for (size, purges) in sizes {
            let (now, later) = left.split_at(size.min(left.len()));
            left = later;
            let batch: Vec<_> = now.iter().map(|index| &records[*index]).collect();
            store.accept(&page_of(&batch)).unwrap();
            let held = all(&store);
            let digest = store.digest().unwrap();
            prop_assert_eq!(digest, live_digest(&held), "order");
            store.integrity().unwrap();
            if purges {
                let before = held.len();
                let purged = purge(&mut store);
                let held = all(&store);
                prop_assert_eq!(held.len() + purged.records, before);
                prop_assert_eq!(store.digest().unwrap(), digest, "purging changed what counts");
                prop_assert_eq!(live_digest(&held), digest);
// Where a record names another document's, that one has to go first.
                while purge(&mut store).records > 0 {}
                prop_assert_eq!(store.digest().unwrap(), digest);
            }
        }
        // Everything that is not here is inside something that is, of its own document.
        let held = all(&store);
        for gone in records.iter().filter(|new| !held.contains(&new.record)) {
            let mut inside = vec![gone];
            let mut found = false;
            let mut seen = 0;
            while let Some(one) = inside.pop() {
                seen += 1;
                found |= held.contains(&one.record);
                let names = |new: &&NewRecord| {
                    new.place.document == gone.place.document
                        && new.record.id != one.record.id
                        && new.record.replaces.contains(&one.record.id)
                };
                if seen < 10_000 {
                    inside.extend(records.iter().filter(names));
                }
            }
            prop_assert!(found, "a record is nowhere");
        }
        let covered = store.covered().unwrap();
        for new in &records {
            let covers = |cover: &Cover| cover.device == new.record.device
                && (cover.first..=cover.last).contains(&new.record.sequence);
            prop_assert!(held.contains(&new.record) || covered.iter().any(covers));
        }
        // Fetched once more from the beginning, as after a digest that differed.
        for new in &records {
            store.accept(&page_of(&[new])).unwrap();
        }
        prop_assert_eq!(store.digest().unwrap(), live_digest(records.iter().map(|new| &new.record)));
        store.integrity().unwrap();
        prop_assert_eq!(store.gaps().unwrap().missing(), 0);
    }
}
