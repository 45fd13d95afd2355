//! Compaction: a document's history in one record, and nothing lost by it.

use proptest::prelude::*;
use seshat_protocol::{DeviceId, DocumentId, limits};
use seshat_store::{Cover, Fault};
use seshat_vault::{Kind, Place};

use super::keeping::damage;
use super::laptops::{Laptop, insert, laptops, novel};
use crate::compacting::{Left, Which, read_covers, write_covers};
use crate::{CompactReport, FailureCode};

fn compact(laptop: &Laptop) -> CompactReport {
    let mut report = laptop.desk.compact_documents(Which::All, &mut || true).unwrap();
    report.removed = laptop.desk.purge(&mut || true).unwrap();
    report
}

#[test]
fn many_records_become_one_and_the_text_its_versions_and_the_check_stay() {
    let [anna] = laptops(["Desk"]);
    let anna = anna.alone();
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 12);
    let named = anna.desk.name_version(&novel, &scene, "twelve").unwrap();
    anna.write_words((&novel, &scene), 3);
    let before = anna.flat(&novel, &scene);
    let report = anna.desk.compact(true).unwrap();
    assert!(report.left.is_empty(), "{:?}", report.left);
    assert!(report.replaced >= 16, "{report:?}");
    assert_eq!(anna.records_of(&scene), 1, "what it contains was removed");
    assert!(report.after < report.before, "{report:?}");
    assert_eq!(anna.flat(&novel, &scene), before);
    let shown = anna.desk.version_text(&novel, &scene, &named.version).unwrap();
    assert_eq!(shown.words, 12, "versions from before are still there");
    assert_eq!(anna.problems(), Vec::<String>::new());
    assert_eq!(anna.desk.library().unwrap()[0].words, 15, "the library counts the same");
    assert_eq!(anna.desk.compact(true).unwrap().documents, 0, "there is nothing left to do");
}

#[test]
fn writing_goes_on_after_a_compaction_in_a_scene_that_stayed_open() {
    let [anna] = laptops(["Desk"]);
    let anna = anna.alone();
    let (novel, scene) = novel(&anna);
    let view = anna.open(&novel, &scene);
    let edit = |sequence, text: &str| {
        anna.edit((&novel, &scene), (view.session, sequence), vec![insert(1, text)]).unwrap();
    };
    for sequence in 1..5 {
        edit(sequence, "word ");
        anna.desk.flush().unwrap();
    }
    anna.desk.compact(true).unwrap();
    edit(5, "more ");
    assert_eq!(anna.flat(&novel, &scene), "\nmore word word word word ");
    anna.desk.compact(true).unwrap();
    assert_eq!(anna.records_of(&scene), 1);
    assert_eq!(anna.problems(), Vec::<String>::new());
}

#[test]
fn what_is_typed_and_not_on_the_disk_keeps_a_document_from_being_compacted() {
    let [anna] = laptops(["Desk"]);
    let anna = anna.alone();
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 4);
    let view = anna.open(&novel, &scene);
    anna.edit((&novel, &scene), (view.session, 1), vec![insert(1, "unsaved ")]).unwrap();
    compact(&anna);
    assert_eq!(anna.records_of(&scene), 4, "it was left alone");
    assert!(anna.flat(&novel, &scene).starts_with("\nunsaved "));
}

#[test]
fn a_damaged_record_keeps_its_document_from_being_compacted_and_a_check_says_so() {
    let [anna] = laptops(["Desk"]);
    let anna = anna.alone();
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 5);
    anna.desk.keep_texts(&mut || true).unwrap();
    let anna = anna.stopped(|desk| damage(desk, &scene, 2));
    let report = compact(&anna);
    assert_eq!(anna.records_of(&scene), 5, "not one record is touched");
    assert!(report.left.iter().any(|said| said.contains(&scene)), "{:?}", report.left);
    assert!(anna.problems().iter().any(|said| said.contains("was not compacted")));
    assert_eq!(anna.desk.open_scene(&novel, &scene).unwrap().words, 2, "what came before it opens");
    let (novel, document) = crate::scenes::ids(&novel, &scene).unwrap();
    let last = anna.inside(|session, store| session.last_good(store, novel, document)).unwrap();
    assert_eq!(last.words(), 5, "and the last good text is all of it");
}

#[test]
fn two_laptops_that_compact_at_once_lose_nothing_and_a_later_one_names_both() {
    let [anna, ben] = laptops(["Desk", "Travel"]);
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 6);
    anna.give(&ben);
    ben.write(&novel, &scene, 1, "from ben ");
    anna.write(&novel, &scene, 1, "from anna ");
    anna.desk.compact_documents(Which::All, &mut || true).unwrap();
    ben.desk.compact_documents(Which::All, &mut || true).unwrap();
    for _ in 0..2 {
        anna.send(&ben);
        ben.send(&anna);
    }
    let text = anna.flat(&novel, &scene);
    assert_eq!(ben.flat(&novel, &scene), text);
    assert!(text.contains("from ben ") && text.contains("from anna "), "{text}");
    anna.acknowledge_all();
    ben.acknowledge_all();
    let removed = anna.desk.purge(&mut || true).unwrap();
    assert!(removed >= 6, "{removed}: each of the two contains the six");
    assert_eq!(anna.flat(&novel, &scene), text);

    anna.desk.compact_documents(Which::All, &mut || true).unwrap();
    anna.acknowledge_all();
    anna.desk.purge(&mut || true).unwrap();
    assert_eq!(anna.records_of(&scene), 1, "the later one has named both");
    assert_eq!(anna.flat(&novel, &scene), text);
    anna.send(&ben);
    assert_eq!(ben.flat(&novel, &scene), text);
    for laptop in [&anna, &ben] {
        assert_eq!(laptop.problems(), Vec::<String>::new());
    }
}

#[test]
fn a_laptop_that_comes_later_sees_no_gap_where_records_were_removed() {
    let [anna, ben] = laptops(["Desk", "Travel"]);
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 6);
    anna.desk.compact_documents(Which::All, &mut || true).unwrap();
    anna.write_words((&novel, &scene), 2);
    anna.desk.compact_documents(Which::All, &mut || true).unwrap();
    anna.acknowledge_all();
    assert!(anna.desk.purge(&mut || true).unwrap() >= 9);
    anna.give_vault(&ben);
    anna.send(&ben);
    assert_eq!(ben.flat(&novel, &scene), anna.flat(&novel, &scene));
    ben.inside(|_, store| {
        assert_eq!(store.gaps()?.missing(), 0, "numbers of the first compaction count, too");
        Ok(())
    });
    assert_eq!(ben.problems(), Vec::<String>::new());
}

#[test]
fn what_a_snapshot_names_and_does_not_contain_is_never_removed() {
    let [anna] = laptops(["Desk"]);
    let anna = anna.alone();
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 4);
    // A faulty program: names all records, and contains the first two.
    anna.inside(|session, store| session.write_faulty_snapshot(store, (&novel, &scene), 2));
    let text = anna.flat(&novel, &scene);
    assert_eq!(anna.desk.purge(&mut || true).unwrap(), 0);
    assert_eq!(anna.flat(&novel, &scene), text);
    assert!(anna.problems().iter().any(|said| said.contains("does not contain all of them")));
    let report = compact(&anna);
    assert!(report.removed > 4, "the next one contains everything: {report:?}");
    assert_eq!(anna.flat(&novel, &scene), text);
    assert_eq!(anna.problems(), Vec::<String>::new());
}

#[test]
fn a_history_that_no_server_takes_as_one_record_is_left_and_said() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let mut noise = 7_u64;
    let mut byte = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        noise.to_be_bytes()[0]
    };
    let novel = novel.parse().unwrap();
    let document: DocumentId = scene.parse().unwrap();
    let place = Place { kind: Kind::SceneSnapshot, novel, document };
    let mut payload: Vec<u8> = (0..limits::RECORD_BYTES / 10 * 8).map(|_| byte()).collect();
    assert!(anna.inside(|session, _| session.fits(place, &[], &payload)));
    payload.extend((0..limits::RECORD_BYTES / 4).map(|_| byte()));
    assert!(!anna.inside(|session, _| session.fits(place, &[], &payload)));
    let said = Left::TooLarge.sentence(document).unwrap();
    assert!(said.contains("does not fit") && said.matches("; ").count() == 2, "{said}");
}

#[test]
fn a_compaction_whose_write_fails_has_not_been_and_succeeds_later() {
    for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
        for after in 0..6 {
            let [anna] = laptops(["Desk"]);
            let anna = anna.alone();
            let (novel, scene) = novel(&anna);
            anna.write_words((&novel, &scene), 5);
            let text = anna.flat(&novel, &scene);
            anna.fail_write(after, fault);
            // Whether it got so far is not the question here.
            let _failed = anna.desk.compact(true).is_err();
            let anna = anna.stopped(|_| ());
            assert_eq!(anna.flat(&novel, &scene), text, "{fault:?} {after}");
            assert_eq!(anna.problems(), Vec::<String>::new(), "{fault:?} {after}");
            assert_eq!(anna.desk.outline(&novel).unwrap().novel.words, 5, "{fault:?} {after}");
            compact(&anna);
            assert_eq!(anna.records_of(&scene), 1, "{fault:?} {after}");
            assert_eq!(anna.flat(&novel, &scene), text, "{fault:?} {after}");
        }
    }
}

#[test]
fn nothing_is_compacted_while_the_vault_is_locked_or_few_things_were_written() {
    let [anna] = laptops(["Desk"]);
    let anna = anna.alone();
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 3);
    assert_eq!(anna.desk.compact(false).unwrap().documents, 0, "three are not worth it");
    anna.desk.lock().unwrap();
    assert_eq!(anna.desk.compact(true).unwrap_err().code, FailureCode::Locked);
}

proptest! {
    #[test]
    fn covers_are_read_as_they_were_written(
        numbers in prop::collection::vec((0..4_u8, 1..500_u64, 0..20_u64), 0..60),
    ) {
        let covers = Cover::joined(numbers.into_iter().map(|(device, first, more)| Cover {
            device: DeviceId([device; 16]),
            first,
            last: first + more,
        }));
        prop_assert_eq!(read_covers(&write_covers(&covers)).unwrap(), covers);
    }

    #[test]
    fn no_bytes_beside_a_history_make_reading_them_panic(
        noise in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        // Either it reads or it does not.
        let _read = read_covers(&noise).is_ok();
    }
}
