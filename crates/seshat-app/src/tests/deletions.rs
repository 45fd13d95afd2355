//! Large deletions by another laptop: held back, asked about, and done or taken back as the author says.

use super::laptops::Laptop;
use super::online::{Server, novel_of, online, standing, words_of};
use crate::{DeletionAnswer, EditOp, LaptopHas, SyncFacts};

fn facts(laptop: &Laptop) -> SyncFacts {
    laptop.desk.status(u64::MAX).sync
}

/// Two laptops with a novel of eight scenes.
fn two() -> (Server, [Laptop; 2], String) {
    let (server, [anna, ben]) = online(["Desk", "Lap"]);
    let novel = novel_of(&anna, "The Ferry", 8);
    server.rest(&[&anna, &ben]);
    (server, [anna, ben], novel)
}

fn trash(laptop: &Laptop, novel: &str, count: usize) {
    for row in laptop.outline(novel)[0].children.iter().take(count) {
        laptop.desk.trash_node(novel, &row.id).unwrap();
    }
}

fn empty(laptop: &Laptop, novel: &str, count: usize) {
    for row in laptop.outline(novel)[0].children.iter().take(count) {
        let scene = row.scene.as_ref().unwrap();
        let view = laptop.open(novel, scene);
        let length = view.runs.iter().map(|run| run.text.encode_utf16().count()).sum::<usize>() - 1;
        let cut = vec![EditOp::Delete { at: 1, length }];
        laptop.edit((novel, scene), (view.session, 1), cut).unwrap();
        laptop.desk.close_scene(novel, scene).unwrap();
    }
}

#[test]
fn most_of_a_novel_in_the_trash_is_asked_about_and_nothing_is_done_before_the_answer() {
    let (server, [anna, ben], novel) = two();
    let before = ben.records();
    trash(&anna, &novel, 6);
    server.round(&anna);
    let scene = ben.outline(&novel)[0].children[7].scene.clone().unwrap();
    ben.write(&novel, &scene, 1, "Mine. ");
    for _ in 0..2 {
        let report = server.round(&ben);
        assert!(!report.complete && report.online, "{report:?}");
        let held = facts(&ben).held.unwrap();
        assert_eq!(held.laptops, ["Desk"]);
        assert_eq!(facts(&ben).laptops[0].has, LaptopHas::NotYet);
        let novel = &held.novels[0];
        assert_eq!((novel.trashed, novel.emptied, novel.of), (6, 0, 8));
        assert_eq!(report.message.as_ref(), Some(&held.message));
        assert_eq!(
            held.message,
            "“Desk” moved to the trash 6 of the 8 scenes of “The Ferry”; nothing of that was done here, and everything on this laptop is safe; say whether it was meant."
        );
    }
    assert_eq!(standing(&ben, &novel), 8);
    assert_eq!(ben.records(), before + 1, "only what was written here");
    // What is written here goes on to the others.
    server.round(&anna);
    assert!(words_of(&anna, &novel).contains(&"Mine.".to_owned()));

    ben.desk.answer_deletion(DeletionAnswer::Delete).unwrap();
    assert!(server.round(&ben).complete);
    assert_eq!((standing(&ben, &novel), facts(&ben).held), (2, None));
    assert_eq!(facts(&ben).laptops[0].has, LaptopHas::Everything);
    assert_eq!(ben.desk.trash(&novel).unwrap().len(), 6, "it can come back");
    server.rest(&[&anna, &ben]);
    assert_eq!(standing(&anna, &novel), 2);
    assert!(ben.desk.answer_deletion(DeletionAnswer::Delete).is_err(), "nothing is asked any more");
}

#[test]
fn what_was_not_meant_is_put_back_on_every_laptop() {
    for with_words in [true, false] {
        let (server, [anna, ben], novel) = two();
        let words = words_of(&ben, &novel);
        if with_words {
            trash(&anna, &novel, 6);
        } else {
            empty(&anna, &novel, 6);
        }
        server.round(&anna);
        server.round(&ben);
        let held = facts(&ben).held.expect("it was done without a question").novels[0].clone();
        let expected = if with_words { (6, 0) } else { (0, 6) };
        assert_eq!((held.trashed, held.emptied), expected);
        ben.desk.answer_deletion(DeletionAnswer::Keep).unwrap();
        let report = server.round(&ben);
        assert!(report.complete && report.waiting > 0, "{report:?}");
        assert_eq!((standing(&ben, &novel), words_of(&ben, &novel)), (8, words.clone()));
        server.rest(&[&anna, &ben]);
        assert_eq!((standing(&anna, &novel), words_of(&anna, &novel)), (8, words));
    }
}

#[test]
fn an_answer_survives_the_power() {
    let (server, [anna, ben], novel) = two();
    trash(&anna, &novel, 6);
    server.round(&anna);
    server.round(&ben);
    ben.desk.answer_deletion(DeletionAnswer::Keep).unwrap();
    // The page has come, and then the power goes.
    server.carry(&ben);
    let ben = ben.copied();
    assert_eq!(standing(&ben, &novel), 2);
    server.rest(&[&anna, &ben]);
    assert_eq!((standing(&ben, &novel), standing(&anna, &novel)), (8, 8));
}

#[test]
fn a_few_scenes_go_without_a_question() {
    let (server, [anna, ben], novel) = two();
    trash(&anna, &novel, 4);
    server.rest(&[&anna, &ben]);
    assert_eq!(standing(&ben, &novel), 4);
    let small = novel_of(&anna, "The Well", 3);
    server.rest(&[&anna, &ben]);
    trash(&anna, &small, 3);
    server.rest(&[&anna, &ben]);
    assert_eq!(standing(&ben, &small), 0);
}

#[test]
fn several_small_novels_at_once_are_asked_about() {
    let (server, [anna, ben], _) = two();
    let novels = ["One", "Two", "Three"].map(|title| novel_of(&anna, title, 2));
    server.rest(&[&anna, &ben]);
    for novel in &novels {
        trash(&anna, novel, 2);
    }
    server.round(&anna);
    server.round(&ben);
    let held = facts(&ben).held.unwrap();
    assert_eq!(held.novels.len(), 3);
    assert!(held.message.contains("deleted most of 3 novels"), "{}", held.message);
    ben.desk.answer_deletion(DeletionAnswer::Delete).unwrap();
    server.rest(&[&anna, &ben]);
    assert!(novels.iter().all(|novel| standing(&ben, novel) == 0));
}

#[test]
fn scenes_that_were_put_together_are_not_gone() {
    let (server, [anna, ben], novel) = two();
    let first = anna.outline(&novel)[0].children[0].scene.clone().unwrap();
    for _ in 0..6 {
        anna.desk.merge_scenes(&novel, &first).unwrap();
    }
    server.rest(&[&anna, &ben]);
    assert_eq!(standing(&ben, &novel), 2);
    assert_eq!(words_of(&ben, &novel).len(), 16);
}

#[test]
fn whoever_fetches_everything_for_the_first_time_sees_history_and_is_asked_nothing() {
    let [anna, ben] = super::laptops::laptops(["Desk", "Lap"]);
    let server = Server::of(&anna);
    server.round(&anna);
    let novel = novel_of(&anna, "The Ferry", 8);
    trash(&anna, &novel, 7);
    server.rest(&[&anna]);
    server.set_page_limit(3);
    // It is cut off where all eight stand, and goes on another day.
    let mut cuts = 0;
    while server.round_cut(&ben, Some(4)).is_none() {
        cuts += 1;
        assert!(facts(&ben).held.is_none() && cuts < 100);
    }
    assert!(cuts > 2, "it was not cut");
    assert_eq!(standing(&ben, &novel), 1);
}
