//! A power cut before or after any write of a compaction: everything is there, and the next try ends as the first
//! would have.

use seshat_protocol::DocumentId;
use seshat_store::{Ack, Fault, Replacing, Store, StoreError, Write};

use crate::common::{OURS, Writer, all, folder, live_digest, reopen, store};

/// Two documents of three records and a snapshot each.
fn compact(store: &mut Store, words: &[Write], snapshots: &Write) -> Result<(), StoreError> {
    for write in words.iter().chain([snapshots]) {
        if write.records[0].record.sequence > store.head(OURS)?.sequence {
            store.append(write)?;
        }
    }
    let waiting = store.outbox(99, 1 << 20)?;
    let acks: Vec<_> = waiting.iter().map(|record| (record.id, Ack::Stored)).collect();
    store.acknowledge(&acks)?;
    let contained =
        |replacing: &Replacing| replacing.records.iter().map(|stored| stored.record.id).collect();
    store.purge_replaced(None, &mut |replacing| contained(replacing))?;
    Ok(())
}

#[test]
fn a_power_cut_at_any_write_of_a_compaction_loses_nothing_and_the_next_try_ends_it() {
    let mut ours = Writer::new(OURS);
    let words: Vec<_> = [1, 2]
        .map(|document| Write {
            records: (0..3).map(|_| ours.update(document)).collect(),
            ..Write::default()
        })
        .into();
    let snapshots = Write {
        records: (1_u8..)
            .zip(&words)
            .map(|(document, of)| ours.snapshot(document, &of.records.iter().collect::<Vec<_>>()))
            .collect(),
        ..Write::default()
    };
    let mut faults = 0;
    for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
        for after in 0..10 {
            let dir = folder();
            let mut opened = store(dir.path());
            opened.link_server("https://sync.example.org", "ada@example.org").unwrap();
            opened.fail_write(after, fault);
            let failed = compact(&mut opened, &words, &snapshots).is_err();
            faults += usize::from(failed);
            drop(opened);
            let mut opened = reopen(dir.path());
            opened.integrity().unwrap();
            for (document, of) in (1_u8..).zip(&words) {
                let held = all(&opened);
                let snapshot = &snapshots.records[usize::from(document) - 1].record;
                let whole = of.records.iter().all(|new| held.contains(&new.record));
                let none = of.records.iter().all(|new| !held.contains(&new.record));
                assert!(whole || none, "{fault:?} {after}: half of a document is gone");
                let begun = opened.head(OURS).unwrap().sequence > 3 * u64::from(document - 1);
                assert!(whole || !begun || held.contains(snapshot), "{fault:?} {after}: lost");
            }
            compact(&mut opened, &words, &snapshots).unwrap();
            let left: Vec<_> = snapshots.records.iter().map(|new| new.record.clone()).collect();
            assert_eq!(all(&opened), left, "{fault:?} {after}");
            assert_eq!(opened.digest().unwrap(), live_digest(&left));
            assert_eq!(opened.live_of(DocumentId([1; 16])).unwrap().len(), 1);
            opened.integrity().unwrap();
        }
    }
    assert_eq!(faults, 12, "two words, snapshots, acknowledgement and two purges, twice");
}
