//! What was typed today, and what the author means to reach.

use seshat_store::Fault;

use crate::tests::laptops::{Laptop, insert, laptops, meet, novel};
use crate::{Edit, Edited, GoalRow, VaultState};

/// Puts text at the beginning of a scene, with the fingers or otherwise.
fn put(
    laptop: &Laptop,
    (novel, scene): (&str, &str),
    (session, sequence): (u64, u64),
    (text, typed): (&str, bool),
) -> Edited {
    let (novel, scene) = (novel.to_owned(), scene.to_owned());
    let edit = Edit { novel, scene, session, sequence, ops: vec![insert(1, text)], typed };
    laptop.desk.edit_scene(&edit).unwrap()
}

fn today(laptop: &Laptop, novel: &str) -> (u64, u64) {
    let progress = laptop.desk.progress(novel).unwrap();
    (progress.today, progress.sitting)
}

#[test]
fn the_days_words_are_those_that_were_typed_and_an_edit_sent_again_counts_once() {
    let [anna] = laptops(["Anna"]);
    let (novel, scene) = novel(&anna);
    let place = (novel.as_str(), scene.as_str());
    let session = anna.open(&novel, &scene).session;
    let typed = put(&anna, place, (session, 1), ("One two three. ", true));
    assert_eq!((typed.words, typed.novel_words, typed.today, typed.sitting), (3, 3, 3, 3));
    let pasted = put(&anna, place, (session, 2), ("a b c d e f g ", false));
    assert_eq!((pasted.words, pasted.today, pasted.sitting), (10, 3, 3));
    let again = put(&anna, place, (session, 2), ("a b c d e f g ", false));
    assert_eq!(again, pasted);
}

#[test]
fn the_days_words_outlive_the_program_and_two_laptops_add_up() {
    let [anna, bert] = laptops(["Anna", "Bert"]);
    let (novel, scene) = novel(&anna);
    let place = (novel.as_str(), scene.as_str());
    anna.give(&bert);
    let session = anna.open(&novel, &scene).session;
    put(&anna, place, (session, 1), ("One two three. ", true));
    anna.desk.flush().unwrap();
    let before = anna.records();
    anna.desk.keep_typed().unwrap();
    anna.desk.keep_typed().unwrap();
    assert_eq!(anna.records(), before + 1, "it is noted once");
    meet(&[&anna, &bert]);
    assert_eq!(today(&bert, &novel), (3, 0));
    let session = bert.open(&novel, &scene).session;
    put(&bert, place, (session, 1), ("Four five. ", true));
    assert_eq!(today(&bert, &novel), (5, 2));
    bert.desk.flush().unwrap();
    bert.desk.keep_typed().unwrap();
    meet(&[&anna, &bert]);
    assert_eq!(today(&anna, &novel), (5, 3));
    assert_eq!(anna.desk.progress(&novel).unwrap().days.len(), 1);
}

#[test]
fn goals_are_the_novels_and_a_deadline_has_to_be_a_day() {
    let [anna, bert] = laptops(["Anna", "Bert"]);
    let (novel, _) = novel(&anna);
    anna.give(&bert);
    let goals =
        GoalRow { daily: Some(500), words: Some(90_000), deadline: Some("2027-03-31".to_owned()) };
    anna.desk.set_goals(&novel, &goals).unwrap();
    let wrong = GoalRow { deadline: Some("2027-02-30".to_owned()), ..goals.clone() };
    let refused = anna.desk.set_goals(&novel, &wrong).unwrap_err();
    assert!(refused.message.contains("the goals are as they were"), "{}", refused.message);
    meet(&[&anna, &bert]);
    let progress = bert.desk.progress(&novel).unwrap();
    assert_eq!(progress.goals, goals);
    assert_eq!(progress.pace.unwrap().left, 90_000);
}

#[test]
fn a_count_that_cannot_be_written_keeps_no_vault_from_locking() {
    let [anna] = laptops(["Anna"]);
    let (novel, scene) = novel(&anna);
    let session = anna.open(&novel, &scene).session;
    put(&anna, (&novel, &scene), (session, 1), ("One two three. ", true));
    anna.desk.flush().unwrap();
    let before = anna.records();
    anna.fail_write(0, Fault::BeforeCommit);
    anna.desk.keep_typed().unwrap();
    assert_eq!(anna.records(), before);
    assert_eq!(today(&anna, &novel), (3, 3), "it stays in memory");
    anna.fail_write(0, Fault::BeforeCommit);
    anna.desk.lock().unwrap();
    assert_eq!(anna.desk.status(u64::MAX).vault, VaultState::Locked);
}
