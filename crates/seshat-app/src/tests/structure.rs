use proptest::prelude::*;
use seshat_store::Fault;

use super::laptops::{insert, laptops, meet, novel};
use crate::{FailureCode, NewNode, NodeKind, SceneStatus};

fn words(laptop: &super::laptops::Laptop, novel: &str) -> u64 {
    laptop.desk.library().unwrap().iter().find(|card| card.id == novel).unwrap().words
}

#[test]
fn a_scene_split_in_two_keeps_every_word_and_the_second_half_follows_the_first() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two.\nThree four.");
    let node = anna.outline(&novel)[0].children[0].id.clone();
    anna.desk.set_status(&novel, &node, SceneStatus::Revised).unwrap();
    let made = anna.desk.split_scene(&novel, &scene, 9).unwrap();
    let second = made.scene.clone().unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nOne two.");
    assert_eq!(anna.flat(&novel, &second), "\nThree four.");
    assert_eq!((made.path.as_str(), made.words, made.status), ("1/2", 2, SceneStatus::Revised));
    assert_eq!(words(&anna, &novel), 4);
    assert!(anna.desk.check().unwrap().problems.is_empty());
}

#[test]
fn what_was_typed_and_not_written_yet_is_split_too_and_the_editor_has_to_open_again() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let view = anna.open(&novel, &scene);
    let place = (novel.as_str(), scene.as_str());
    anna.edit(place, (view.session, 1), vec![insert(1, "Here there.")]).unwrap();
    let made = anna.desk.split_scene(&novel, &scene, 6).unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nHere ");
    assert_eq!(anna.flat(&novel, made.scene.as_ref().unwrap()), "\nthere.");
    let late = anna.edit(place, (view.session, 2), vec![insert(12, "!")]).unwrap_err();
    assert_eq!(late.code, FailureCode::Stale, "its places are those of the whole scene");
    assert!(anna.desk.status(0).changed_scenes.contains(&scene));
}

#[test]
fn a_split_is_three_records_in_one_write_or_none() {
    for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
        let [anna] = laptops(["Desk"]);
        let (novel, scene) = novel(&anna);
        anna.write(&novel, &scene, 1, "One two.\nThree four.");
        let view = anna.open(&novel, &scene);
        let (before, outline) = (anna.records(), anna.outline(&novel));
        anna.fail_write(0, fault);
        anna.desk.split_scene(&novel, &scene, 9).unwrap_err();
        let place = (novel.as_str(), scene.as_str());
        let typed = anna.edit(place, (view.session, 1), vec![insert(1, "X")]);
        if fault == Fault::BeforeCommit {
            assert_eq!((anna.records(), anna.outline(&novel)), (before, outline));
            typed.expect("the text is as it was, so the editor goes on");
            assert_eq!(anna.flat(&novel, &scene), "\nXOne two.\nThree four.");
        } else {
            assert_eq!(anna.records(), before + 3);
            assert_eq!(typed.unwrap_err().code, FailureCode::Stale);
            assert_eq!(anna.flat(&novel, &scene), "\nOne two.");
            assert_eq!(anna.outline(&novel)[0].children.len(), 2, "memory is what the disk has");
        }
        assert!(anna.desk.check().unwrap().problems.is_empty());
    }
}

#[test]
fn what_was_typed_survives_a_split_that_the_disk_refused() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let view = anna.open(&novel, &scene);
    let place = (novel.as_str(), scene.as_str());
    anna.edit(place, (view.session, 1), vec![insert(1, "Typed.")]).unwrap();
    // The first write is that of what was typed.
    anna.fail_write(1, Fault::BeforeCommit);
    anna.desk.split_scene(&novel, &scene, 3).unwrap_err();
    anna.edit(place, (view.session, 2), vec![insert(7, " More.")]).unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nTyped. More.");
    assert_eq!(anna.outline(&novel)[0].children.len(), 1);
}

#[test]
fn a_place_that_is_none_splits_nothing() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "a😀b");
    let before = anna.records();
    for at in [3, 99] {
        anna.desk.split_scene(&novel, &scene, at).unwrap_err();
    }
    assert_eq!(anna.records(), before);
    assert_eq!(anna.flat(&novel, &scene), "\na😀b");
}

#[test]
fn a_scene_and_the_next_one_become_one_with_both_synopses() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two.\nThree four.");
    let made = anna.desk.split_scene(&novel, &scene, 9).unwrap();
    let first = anna.outline(&novel)[0].children[0].id.clone();
    anna.desk.set_synopsis(&novel, &first, "They meet.").unwrap();
    anna.desk.set_synopsis(&novel, &made.id, "They part.").unwrap();
    let stays = anna.desk.merge_scenes(&novel, &scene).unwrap();
    assert_eq!(stays.id, first);
    assert_eq!(stays.synopsis, "They meet.\nThey part.");
    assert_eq!(anna.flat(&novel, &scene), "\nOne two.\nThree four.");
    assert_eq!(anna.outline(&novel)[0].children.len(), 1);
    assert_eq!(words(&anna, &novel), 4);
    let trash = anna.desk.trash(&novel).unwrap();
    assert_eq!((trash.len(), trash[0].node.words), (1, 0), "the other one is there, empty");
    let none = anna.desk.merge_scenes(&novel, &scene).unwrap_err();
    assert!(none.message.contains("No scene follows"), "{}", none.message);
}

#[test]
fn a_copy_has_every_text_and_is_not_the_original() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "The same.");
    let chapter = anna.outline(&novel)[0].id.clone();
    let copy = anna.desk.duplicate_node(&novel, &chapter).unwrap();
    let second = copy.children[0].scene.clone().unwrap();
    assert_ne!(second, scene);
    anna.write(&novel, &second, 1, "Not ");
    assert_eq!(anna.flat(&novel, &second), "\nNot The same.");
    assert_eq!(anna.flat(&novel, &scene), "\nThe same.");
    assert_eq!(anna.outline(&novel)[1].id, copy.id, "it stands behind the original");
}

#[test]
fn notes_stand_beside_the_manuscript_and_are_not_counted() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "Three counted words.");
    let new = |kind, parent: Option<&str>, title: &str| NewNode {
        kind,
        parent: parent.map(str::to_owned),
        after: None,
        title: title.to_owned(),
    };
    let folder = anna.desk.add_node(&novel, &new(NodeKind::Folder, None, "People")).unwrap();
    let note =
        anna.desk.add_node(&novel, &new(NodeKind::Note, Some(&folder.id), "Natásha")).unwrap();
    let text = note.scene.clone().unwrap();
    anna.write(&novel, &text, 1, "Never counted at all.");
    let outline = anna.desk.outline(&novel).unwrap();
    assert_eq!(outline.novel.words, 3);
    assert_eq!(outline.nodes.len(), 1);
    assert_eq!(outline.notes[0].children[0].words, 4);
    assert_eq!(outline.notes[0].children[0].path, "");
    let refused = anna.desk.add_node(&novel, &new(NodeKind::Scene, Some(&folder.id), ""));
    assert!(refused.is_err(), "a scene stood in a folder of notes");
    anna.desk.split_scene(&novel, &text, 7).unwrap();
    assert_eq!(anna.desk.outline(&novel).unwrap().notes[0].children.len(), 2);
}

#[test]
fn label_target_and_inclusion_are_kept() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let node = anna.outline(&novel)[0].children[0].clone();
    assert!(node.included);
    anna.desk.set_label(&novel, &node.id, " to check ").unwrap();
    anna.desk.set_target(&novel, &node.id, Some(1200)).unwrap();
    anna.desk.set_included(&novel, &node.id, false).unwrap();
    let found = anna.outline(&novel)[0].children[0].clone();
    assert_eq!(
        (found.label.as_str(), found.target, found.included),
        ("to check", Some(1200), false)
    );
    anna.write(&novel, &scene, 1, "ab");
    let made = anna.desk.split_scene(&novel, &scene, 2).unwrap();
    assert!(!made.included, "half of what stays out of the export went in");
}

#[test]
fn two_laptops_that_split_the_same_scene_at_once_double_no_word() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two.\nThree four.\nFive six.");
    anna.give(&ben);
    anna.desk.split_scene(&novel, &scene, 9).unwrap();
    ben.desk.split_scene(&novel, &scene, 21).unwrap();
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert_eq!(words(laptop, &novel), 6, "{:?}", laptop.outline(&novel));
        assert!(laptop.desk.check().unwrap().problems.is_empty());
    }
    assert_eq!(anna.outline(&novel), ben.outline(&novel));
}

#[test]
fn two_laptops_that_put_the_same_scenes_together_double_no_word() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two.\nThree four.");
    anna.desk.split_scene(&novel, &scene, 9).unwrap();
    anna.give(&ben);
    anna.desk.merge_scenes(&novel, &scene).unwrap();
    ben.desk.merge_scenes(&novel, &scene).unwrap();
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert_eq!(laptop.flat(&novel, &scene), "\nOne two.\nThree four.");
    }
}

#[test]
fn what_moved_is_taken_out_only_when_the_words_have_arrived_where_they_stay() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two.\nThree four.");
    anna.give(&ben);
    anna.desk.split_scene(&novel, &scene, 9).unwrap();
    ben.desk.split_scene(&novel, &scene, 9).unwrap();
    // Both hear of both moves, and of neither new scene: one of them must wait before it takes its own copy out.
    anna.hand_over_text(&ben, &scene);
    ben.hand_over_text(&anna, &scene);
    for laptop in [&anna, &ben] {
        laptop.desk.review().unwrap();
        assert_eq!(words(laptop, &novel), 4, "the only copy that is here went");
    }
    meet(&[&anna, &ben]);
    assert_eq!((words(&anna, &novel), words(&ben, &novel)), (4, 4));
    let shown = anna.outline(&novel);
    assert_eq!(shown[0].children.len(), 2, "the emptied twin is put away: {shown:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn splitting_anywhere_and_putting_together_again_keeps_the_text(
        text in "[a-c א]{0,12}(\n[a-c ]{0,8}){0,3}",
        at in 1_usize..30,
    ) {
        let [anna] = laptops(["Desk"]);
        let (novel, scene) = novel(&anna);
        anna.write(&novel, &scene, 1, &text);
        let length = anna.flat(&novel, &scene).encode_utf16().count();
        let at = at.min(length);
        let letters = |flat: &str| flat.chars().filter(|c| *c != '\n').collect::<String>();
        let before = anna.flat(&novel, &scene);
        let made = anna.desk.split_scene(&novel, &scene, at).unwrap();
        let second = made.scene.unwrap();
        let both = anna.flat(&novel, &scene) + &anna.flat(&novel, &second);
        prop_assert_eq!(letters(&both), letters(&before));
        anna.desk.merge_scenes(&novel, &scene).unwrap();
        prop_assert_eq!(letters(&anna.flat(&novel, &scene)), letters(&before));
    }
}
