use seshat_store::Fault;

use super::laptops::{Laptop, laptops, meet, novel};
use crate::compacting::Which;
use crate::{NewNode, NodeKind};

fn scene_node(laptop: &Laptop, novel: &str) -> String {
    laptop.outline(novel)[0].children[0].id.clone()
}

/// A novel of two laptops, with the node of its scene.
fn shared() -> ([Laptop; 2], String, String, String) {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "First words.");
    anna.give(&ben);
    let node = scene_node(&anna, &novel);
    ([anna, ben], novel, scene, node)
}

#[test]
fn what_is_in_the_trash_is_listed_and_comes_back_where_it_was() {
    let ([anna, _], novel, scene, node) = shared();
    anna.desk.trash_node(&novel, &node).unwrap();
    assert!(anna.outline(&novel)[0].children.is_empty());
    let trash = anna.desk.trash(&novel).unwrap();
    assert_eq!(trash[0].node.scene.as_deref(), Some(scene.as_str()));
    assert_eq!((trash[0].node.words, trash[0].node.path.as_str()), (2, ""));
    assert!(trash[0].at.is_some());
    anna.desk.restore_node(&novel, &node).unwrap();
    assert_eq!(scene_node(&anna, &novel), node);
    assert!(anna.desk.trash(&novel).unwrap().is_empty());
}

#[test]
fn a_scene_edited_there_and_trashed_here_lives_on_marked_whichever_comes_first() {
    for binder_first in [true, false] {
        let ([anna, ben], novel, scene, node) = shared();
        anna.desk.trash_node(&novel, &node).unwrap();
        ben.write(&novel, &scene, 1, "Unseen. ");
        for (from, to) in [(&anna, &ben), (&ben, &anna)] {
            for binders in [binder_first, !binder_first] {
                from.hand_over_binders(to, binders);
                to.desk.review().unwrap();
            }
        }
        let told = [&anna, &ben].map(|laptop| laptop.desk.merges(&novel).unwrap());
        let mut rows = told.iter().flatten().flat_map(|report| &report.scenes);
        assert!(rows.any(|row| row.kept && row.scene == scene), "nobody was told");
        meet(&[&anna, &ben]);
        for laptop in [&anna, &ben] {
            let row = laptop.outline(&novel)[0].children[0].clone();
            assert!(row.kept, "it is not marked; binder first: {binder_first}");
            assert_eq!(laptop.flat(&novel, &scene), "\nUnseen. First words.");
            assert!(laptop.desk.trash(&novel).unwrap().is_empty());
        }
        anna.desk.acknowledge_node(&novel, &node).unwrap();
        meet(&[&anna, &ben]);
        assert!(!ben.outline(&novel)[0].children[0].kept);
    }
}

#[test]
fn what_was_typed_when_the_news_of_the_trash_came_counts_as_well() {
    let ([anna, ben], novel, scene, node) = shared();
    anna.desk.trash_node(&novel, &node).unwrap();
    let view = ben.open(&novel, &scene);
    let place = (novel.as_str(), scene.as_str());
    ben.edit(place, (view.session, 1), vec![super::laptops::insert(1, "Typed. ")]).unwrap();
    anna.give(&ben);
    assert!(ben.outline(&novel)[0].children[0].kept);
    meet(&[&anna, &ben]);
    assert_eq!(anna.flat(&novel, &scene), "\nTyped. First words.");
}

#[test]
fn a_scene_in_a_trashed_chapter_comes_back_alone() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, edited) = novel(&anna);
    let chapter = anna.outline(&novel)[0].id.clone();
    let new = NewNode {
        kind: NodeKind::Scene,
        parent: Some(chapter.clone()),
        after: None,
        title: String::new(),
    };
    let other = anna.desk.add_node(&novel, &new).unwrap().scene.unwrap();
    anna.write(&novel, &edited, 1, "One.");
    anna.write(&novel, &other, 1, "Two.");
    anna.give(&ben);
    anna.desk.trash_node(&novel, &chapter).unwrap();
    ben.write(&novel, &edited, 1, "Unseen. ");
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        let outline = laptop.outline(&novel);
        assert_eq!(outline.len(), 1, "{outline:?}");
        assert_eq!(outline[0].scene.as_deref(), Some(edited.as_str()));
        assert!(outline[0].kept);
        let trash = laptop.desk.trash(&novel).unwrap();
        assert_eq!(trash[0].node.children.len(), 1, "the scene that nobody edited stays there");
    }
}

#[test]
fn what_had_been_seen_stays_in_the_trash() {
    let ([anna, ben], novel, scene, node) = shared();
    ben.write(&novel, &scene, 1, "Seen. ");
    ben.give(&anna);
    anna.desk.trash_node(&novel, &node).unwrap();
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert!(laptop.outline(&novel)[0].children.is_empty());
    }
}

fn compact(laptop: &Laptop) {
    let done = laptop.desk.compact_documents(Which::All, &mut || true).unwrap();
    assert!(done.documents > 0, "nothing was compacted");
}

#[test]
fn a_compaction_of_what_had_been_seen_brings_nothing_back() {
    let ([anna, ben], novel, scene, node) = shared();
    ben.write(&novel, &scene, 1, "Seen. ");
    ben.give(&anna);
    anna.desk.trash_node(&novel, &node).unwrap();
    compact(&ben);
    meet(&[&anna, &ben]);
    assert!(anna.outline(&novel)[0].children.is_empty());
}

#[test]
fn an_edit_that_comes_inside_a_compaction_alone_beats_the_trash_as_well() {
    let ([anna, ben], novel, scene, node) = shared();
    anna.desk.trash_node(&novel, &node).unwrap();
    ben.write(&novel, &scene, 1, "Unseen. ");
    compact(&ben);
    ben.hand_over_snapshots(&anna);
    anna.desk.review().unwrap();
    assert!(anna.outline(&novel)[0].children[0].kept);
    assert_eq!(anna.flat(&novel, &scene), "\nUnseen. First words.");
}

#[test]
fn what_was_emptied_there_stays_in_the_trash() {
    let ([anna, ben], novel, scene, node) = shared();
    anna.desk.trash_node(&novel, &node).unwrap();
    ben.desk.replace_markdown(&novel, &scene, "").unwrap();
    meet(&[&anna, &ben]);
    assert!(anna.outline(&novel)[0].children.is_empty(), "there was nothing to bring back");
}

#[test]
fn an_edit_of_a_scene_that_was_put_together_elsewhere_is_not_lost() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One.\nTwo.");
    let next = anna.desk.split_scene(&novel, &scene, 5).unwrap().scene.unwrap();
    anna.give(&ben);
    anna.desk.merge_scenes(&novel, &scene).unwrap();
    ben.write(&novel, &next, 1, "Unseen. ");
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert_eq!(laptop.flat(&novel, &scene), "\nOne.\nTwo.");
        assert_eq!(laptop.flat(&novel, &next), "\nUnseen. ");
        assert_eq!(laptop.outline(&novel)[0].children.len(), 2, "it came back with what was typed");
    }
}

#[test]
fn a_repair_that_the_disk_refused_is_done_the_next_time() {
    let ([anna, ben], novel, scene, node) = shared();
    anna.desk.trash_node(&novel, &node).unwrap();
    ben.write(&novel, &scene, 1, "Unseen. ");
    ben.hand_over_binders(&anna, false);
    anna.fail_write(0, Fault::BeforeCommit);
    anna.desk.review().unwrap_err();
    assert!(anna.outline(&novel)[0].children.is_empty());
    anna.desk.review().unwrap();
    assert!(anna.outline(&novel)[0].children[0].kept);
}

#[test]
fn what_came_before_the_power_went_is_looked_at_afterwards() {
    let ([anna, ben], novel, scene, node) = shared();
    anna.desk.review().unwrap();
    anna.desk.trash_node(&novel, &node).unwrap();
    ben.write(&novel, &scene, 1, "Unseen. ");
    ben.hand_over_binders(&anna, false);
    // The power goes: what is in memory alone is forgotten.
    anna.desk
        .with_session(|session, _| {
            session.arrivals = crate::merges::Arrivals::default();
            session.binders.clear();
            session.scenes.clear();
            Ok(())
        })
        .unwrap();
    anna.desk.review().unwrap();
    assert!(anna.outline(&novel)[0].children[0].kept);
}
