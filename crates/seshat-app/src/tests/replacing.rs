use seshat_store::Fault;

use super::finding::{add, query};
use super::laptops::{Laptop, insert, laptops, meet, novel};
use crate::{EditOp, FailureCode, NodeKind, Query, Replace, Replaced, VersionKind};

fn replace(query: Query, with: &str) -> Replace {
    Replace { query, with: with.to_owned(), hits: None }
}

fn done(laptop: &Laptop, text: &str, with: &str) -> Replaced {
    laptop.desk.replace(&replace(query(text), with)).unwrap()
}

/// Names of the hits of a text, in reading order.
fn names(laptop: &Laptop, text: &str) -> Vec<String> {
    let found = laptop.desk.find(&query(text), None).unwrap();
    found.scenes.into_iter().flat_map(|scene| scene.hits).map(|hit| hit.id).collect()
}

/// A novel of three scenes.
fn three(laptop: &Laptop) -> (String, [String; 3]) {
    let (novel, one) = novel(laptop);
    laptop.write(&novel, &one, 1, "Natasha sat. *Natásha* sang.");
    let two = add(laptop, &novel, NodeKind::Scene, "", "Nobody sat.");
    let three = add(laptop, &novel, NodeKind::Scene, "", "NATASHA’s song.");
    laptop.desk.close_scene(&novel, &two).unwrap();
    laptop.desk.close_scene(&novel, &three).unwrap();
    (novel, [one, two, three])
}

#[test]
fn a_replacement_reaches_every_scene_and_each_has_the_version_before_it() {
    let [anna] = laptops(["Desk"]);
    let (novel, [one, two, three]) = three(&anna);
    let records = anna.records();
    let since = anna.desk.status(0).revision;
    let replaced = done(&anna, "natasha", "Sonya");
    assert_eq!((replaced.places, replaced.scenes, replaced.left), (3, 2, 0));
    assert_eq!(anna.flat(&novel, &one), "\nSonya sat. *Sonya* sang.");
    assert_eq!(anna.flat(&novel, &two), "\nNobody sat.");
    assert_eq!(anna.flat(&novel, &three), "\nSonya’s song.");
    assert_eq!(anna.records(), records + 2, "one record for each scene that changed");
    assert_eq!(
        anna.desk.status(since).changed_novels,
        std::slice::from_ref(&novel),
        "its counts changed"
    );
    let mut told = anna.desk.status(since).changed_scenes;
    told.sort();
    let mut expected = [one.clone(), three.clone()];
    expected.sort();
    assert_eq!(told, expected);
    for (scene, text) in [(&one, "\nNatasha sat. *Natásha* sang."), (&three, "\nNATASHA’s song.")]
    {
        let versions = anna.desk.versions(&novel, scene).unwrap();
        let before: Vec<_> =
            versions.iter().filter(|row| row.kind == VersionKind::BeforeReplace).collect();
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].name.as_deref(), Some("“natasha” → “Sonya”"));
        let shown = anna.desk.version_text(&novel, scene, &before[0].version).unwrap();
        assert_eq!(shown.runs.iter().map(|run| run.text.as_str()).collect::<String>(), text);
    }
    let versions = anna.desk.versions(&novel, &two).unwrap();
    assert!(!versions.iter().any(|row| row.kind == VersionKind::BeforeReplace));
}

#[test]
fn only_what_is_ticked_is_replaced_and_what_changed_meanwhile_is_left_alone() {
    let [anna] = laptops(["Desk"]);
    let (novel, [one, _, three]) = three(&anna);
    let names = names(&anna, "natasha");
    // The paragraph of the first scene changes, and another one comes before that of the third.
    anna.write(&novel, &one, 1, "So ");
    anna.write(&novel, &three, 1, "Natasha once more.\n");
    let ticked = vec![names[0].clone(), names[2].clone()];
    let ticks = Replace { hits: Some(ticked), ..replace(query("natasha"), "Sonya") };
    let replaced = anna.desk.replace(&ticks).unwrap();
    assert_eq!((replaced.places, replaced.scenes, replaced.left), (1, 1, 1));
    assert_eq!(anna.flat(&novel, &one), "\nSo Natasha sat. *Natásha* sang.");
    assert_eq!(anna.flat(&novel, &three), "\nNatasha once more.\nSonya’s song.");

    let none = Replace { hits: Some(Vec::new()), ..replace(query("natasha"), "Sonya") };
    let replaced = anna.desk.replace(&none).unwrap();
    assert_eq!((replaced.places, replaced.scenes, replaced.left), (0, 0, 0));
}

#[test]
fn of_paragraphs_that_read_alike_the_one_that_was_ticked_is_meant() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "“Yes.”\n“No.”\n“Yes.”\n“Yes.”");
    let names = names(&anna, "yes");
    let one = Replace { hits: Some(vec![names[1].clone()]), ..replace(query("yes"), "Maybe") };
    assert_eq!(anna.desk.replace(&one).unwrap().places, 1);
    assert_eq!(anna.flat(&novel, &scene), "\n“Yes.”\n“No.”\n“Maybe.”\n“Yes.”");
}

#[test]
fn taking_it_back_undoes_the_replacement_and_nothing_else() {
    let [anna] = laptops(["Desk"]);
    let (novel, [one, _, three]) = three(&anna);
    let before = anna.desk.open_scene(&novel, &one).unwrap().runs;
    let undo = done(&anna, "natasha", "Sonya").undo;
    anna.write(&novel, &three, 1, "Before. ");
    anna.write(&novel, &one, 6, ", quietly,");
    let unreplaced = anna.desk.undo_replace(undo).unwrap();
    assert_eq!((unreplaced.places, unreplaced.left), (3, 0));
    assert_eq!(anna.flat(&novel, &one), "\nNatasha, quietly, sat. *Natásha* sang.");
    assert_eq!(anna.flat(&novel, &three), "\nBefore. NATASHA’s song.");
    let view = anna.open(&novel, &one);
    let cut = EditOp::Delete { at: 8, length: 10 };
    anna.edit((&novel, &one), (view.session, 1), vec![cut]).unwrap();
    assert_eq!(anna.desk.open_scene(&novel, &one).unwrap().runs, before, "marks and all");

    let again = anna.desk.undo_replace(undo).unwrap_err();
    assert_eq!(again.code, FailureCode::NotFound);
    assert!(again.message.contains("history"), "{again}");
}

#[test]
fn a_place_that_was_edited_since_is_left_alone_when_the_rest_is_taken_back() {
    let [anna] = laptops(["Desk"]);
    let (novel, [one, _, three]) = three(&anna);
    let undo = done(&anna, "natasha", "Sonya").undo;
    anna.write(&novel, &one, 3, "ph");
    let unreplaced = anna.desk.undo_replace(undo).unwrap();
    assert_eq!((unreplaced.places, unreplaced.left), (2, 1));
    assert_eq!(anna.flat(&novel, &one), "\nSophnya sat. *Natásha* sang.");
    assert_eq!(anna.flat(&novel, &three), "\nNATASHA’s song.");
}

#[test]
fn what_was_taken_out_comes_back_where_it_stood() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "very good, very very bad");
    let undo = done(&anna, "very ", "").undo;
    assert_eq!(anna.flat(&novel, &scene), "\ngood, bad");
    anna.write(&novel, &scene, 10, ", he said");
    anna.write(&novel, &scene, 3, "o");
    assert_eq!(anna.desk.undo_replace(undo).unwrap().places, 3);
    assert_eq!(anna.flat(&novel, &scene), "\nvery goood, very very bad, he said");
}

#[test]
fn a_footnote_is_replaced_and_taken_back_in_its_own_text() {
    let [anna] = laptops(["Desk"]);
    let (novel, _) = novel(&anna);
    let text = "A cat.[^1] Two cats.[^2]\n\n[^1]: No cat at all.\n[^2]: Cat and *cat*.\n";
    let scene = add(&anna, &novel, NodeKind::Scene, "", text);
    let before = anna.desk.open_scene(&novel, &scene).unwrap();
    let replaced = done(&anna, "cat", "dog");
    assert_eq!((replaced.places, replaced.scenes), (5, 1));
    let markdown = anna.desk.show_scene(&novel, &scene).unwrap().markdown;
    assert!(!markdown.to_lowercase().contains("cat"), "{markdown}");
    assert!(markdown.contains("dog and *dog*"), "{markdown}");
    assert_eq!(anna.desk.undo_replace(replaced.undo).unwrap().places, 5);
    let after = anna.desk.open_scene(&novel, &scene).unwrap();
    assert_eq!((after.runs, after.notes), (before.runs, before.notes));
}

#[test]
fn a_write_that_fails_leaves_every_scene_of_every_novel_as_it_was() {
    let [anna] = laptops(["Desk"]);
    let (one, [scene, _, third]) = three(&anna);
    let other = anna.desk.create_novel("A Second", "en").unwrap().id;
    let there = anna.outline(&other)[0].children[0].scene.clone().unwrap();
    anna.write(&other, &there, 1, "Natasha too.");
    let view = anna.open(&one, &third);
    let records = anna.records();
    anna.fail_write(0, Fault::BeforeCommit);
    let all = replace(query("natasha"), "Sonya");
    assert!(anna.desk.replace(&all).is_err());
    assert_eq!(anna.records(), records);
    for (novel, scene, text) in [
        (&one, &scene, "\nNatasha sat. *Natásha* sang."),
        (&one, &third, "\nNATASHA’s song."),
        (&other, &there, "\nNatasha too."),
    ] {
        assert_eq!(anna.flat(novel, scene), text);
        let versions = anna.desk.versions(novel, scene).unwrap();
        assert!(!versions.iter().any(|row| row.kind == VersionKind::BeforeReplace));
    }
    let typed = vec![insert(1, "Still open. ")];
    anna.edit((&one, &third), (view.session, 1), typed).unwrap();
    let replaced = anna.desk.replace(&all).unwrap();
    assert_eq!((replaced.places, replaced.scenes), (4, 3), "both novels, in one go");
    assert_eq!(anna.records(), records + 4, "what was typed, and a record for each scene");
    assert_eq!(anna.flat(&one, &third), "\nStill open. Sonya’s song.");

    anna.fail_write(0, Fault::BeforeCommit);
    assert!(anna.desk.undo_replace(replaced.undo).is_err());
    assert_eq!(anna.flat(&other, &there), "\nSonya too.");
    assert_eq!(anna.desk.undo_replace(replaced.undo).unwrap().places, 4, "it can be tried again");
    assert_eq!(anna.flat(&other, &there), "\nNatasha too.");
}

#[test]
fn an_editor_has_to_open_again_what_was_replaced_under_it() {
    let [anna] = laptops(["Desk"]);
    let (novel, [one, two, _]) = three(&anna);
    let (changed, same) = (anna.open(&novel, &one), anna.open(&novel, &two));
    done(&anna, "natasha", "Sonya");
    let late = anna.edit((&novel, &one), (changed.session, 1), vec![insert(1, "x")]);
    assert_eq!(late.unwrap_err().code, FailureCode::Stale);
    anna.edit((&novel, &two), (same.session, 1), vec![insert(1, "x")]).unwrap();
}

#[test]
fn what_another_laptop_wrote_meanwhile_is_there_after_replacing_and_after_taking_it_back() {
    let [anna, ben] = laptops(["Desk", "Train"]);
    let (novel, [one, ..]) = three(&anna);
    anna.give(&ben);
    let undo = done(&anna, "natasha", "Sonya").undo;
    ben.write(&novel, &one, 14, "Quite alone, ");
    meet(&[&anna, &ben]);
    assert_eq!(anna.flat(&novel, &one), "\nSonya sat. Quite alone, *Sonya* sang.");
    assert_eq!(anna.desk.undo_replace(undo).unwrap().places, 3);
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert_eq!(laptop.flat(&novel, &one), "\nNatasha sat. Quite alone, *Natásha* sang.");
    }
}

#[test]
fn a_replacement_that_says_the_same_changes_nothing() {
    let [anna] = laptops(["Desk"]);
    let (novel, [one, ..]) = three(&anna);
    let records = anna.records();
    let replaced =
        anna.desk.replace(&replace(Query { case: true, ..query("sat") }, "sat")).unwrap();
    assert_eq!((replaced.places, replaced.scenes, replaced.left), (0, 0, 0));
    assert_eq!(anna.records(), records);
    assert!(anna.flat(&novel, &one).contains("sat"));
}
