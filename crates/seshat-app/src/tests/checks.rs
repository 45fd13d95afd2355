//! What a check finds, and the copy that always works.

use std::fs;
use std::path::Path;

use seshat_manuscript::SceneText;
use seshat_protocol::DocumentId;
use seshat_vault::{Kind, Place};

use super::keeping::damage;
use super::laptops::{Laptop, laptops, novel};
use crate::session::{Batch, Content};
use crate::{NewNode, NodeKind};

/// All files below a folder, one behind the other.
fn all_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&all_text(&path));
        } else {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}

/// A text that no binder names.
fn stray(laptop: &Laptop, novel: &str, text: &str) -> DocumentId {
    laptop.inside(|session, store| {
        let document = DocumentId(session.entropy.id()?);
        let novel = novel.parse().unwrap();
        let passage = crate::text::from_markdown(text);
        let scene = SceneText::from_passage(&passage, session.entropy.peer()?);
        let place = Place { kind: Kind::SceneSnapshot, novel, document };
        let contents = vec![Content::new(place, scene.snapshot()?)];
        session.write(store, Batch { contents, ..Batch::default() })?;
        Ok(document)
    })
}

#[test]
fn a_text_that_stands_nowhere_is_found_by_a_check_and_is_in_the_readable_copy() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "In its place.");
    assert_eq!(anna.problems(), Vec::<String>::new());
    let document = stray(&anna, &novel, "Words without a place.");
    let problems = anna.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains(&document.to_string()), "{problems:?}");
    let dir = tempfile::tempdir().unwrap();
    let report = anna.desk.backup_plain(&dir.path().join("copy")).unwrap();
    assert_eq!((report.novels, report.texts, report.words), (1, 2, 7));
    let text = all_text(&dir.path().join("copy"));
    assert!(text.contains("In its place.") && text.contains("Words without a place."));
}

#[test]
fn what_is_in_the_trash_and_what_was_commented_is_in_the_readable_copy_and_no_problem() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "It rained all night.");
    anna.desk.add_comment(&novel, &scene, 4, 10, "Too wet?").unwrap();
    let chapter = anna.outline(&novel)[0].id.clone();
    let new =
        NewNode { kind: NodeKind::Scene, parent: Some(chapter), after: None, title: String::new() };
    let made = anna.desk.add_node(&novel, &new).unwrap();
    anna.desk.append_markdown(&novel, made.scene.as_ref().unwrap(), "Thrown away.").unwrap();
    anna.desk.trash_node(&novel, &made.id).unwrap();
    assert_eq!(anna.problems(), Vec::<String>::new());
    let dir = tempfile::tempdir().unwrap();
    let report = anna.desk.backup_plain(&dir.path().join("copy")).unwrap();
    assert_eq!((report.texts, report.problems.len()), (2, 0));
    let text = all_text(&dir.path().join("copy"));
    for part in ["It rained all night.", "Too wet?", "> rained", "Thrown away."] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_readable_copy_works_with_damage_takes_the_last_good_text_and_says_so() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.desk.append_markdown(&novel, &scene, "The only record of it.").unwrap();
    anna.desk.keep_texts(&mut || true).unwrap();
    let anna = anna.stopped(|desk| damage(desk, &scene, 0));
    let dir = tempfile::tempdir().unwrap();
    let report = anna.desk.backup_plain(&dir.path().join("copy")).unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    let text = all_text(&dir.path().join("copy"));
    assert!(text.contains("The only record of it."), "{text}");
    assert!(text.contains("the last good text is here instead"), "{text}");
    assert!(anna.problems().iter().any(|said| said.contains("does not open")));
}

#[test]
fn a_text_that_is_kept_is_used_only_while_it_is_the_scene_s() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "First. ");
    anna.desk.keep_texts(&mut || true).unwrap();
    let kept = |laptop: &Laptop| {
        let place = crate::scenes::ids(&novel, &scene).unwrap();
        laptop.inside(|session, store| {
            let records = store.numbers_of(place.1)?.len() as u64;
            Ok(session.text_of(store, place, records)?.map(|text| text.words()))
        })
    };
    assert_eq!(kept(&anna), Some(1));
    anna.write(&novel, &scene, 1, "Second. ");
    assert_eq!(kept(&anna), None, "it is an older one now");
    anna.desk.keep_texts(&mut || true).unwrap();
    assert_eq!(kept(&anna), Some(2));
    let anna = anna.stopped(|_| ()).alone();
    assert_eq!(kept(&anna), Some(2), "also after a start");
    anna.desk.compact(true).unwrap();
    assert_eq!(kept(&anna), Some(2), "and after records were removed");
}
