use super::laptops::{Laptop, insert, laptops, novel};
use crate::{FailureCode, Found, NewNode, NodeKind, Query};

pub(super) fn query(text: &str) -> Query {
    Query {
        text: text.to_owned(),
        novel: None,
        case: false,
        accents: false,
        whole_word: false,
        regex: false,
    }
}

pub(super) fn add(laptop: &Laptop, novel: &str, kind: NodeKind, title: &str, text: &str) -> String {
    let parent = match kind {
        NodeKind::Scene => Some(laptop.outline(novel)[0].id.clone()),
        _ => None,
    };
    let new = NewNode { kind, parent, after: None, title: title.to_owned() };
    let node = laptop.desk.add_node(novel, &new).unwrap();
    let scene = node.scene.or_else(|| node.children[0].scene.clone()).unwrap();
    laptop.desk.append_markdown(novel, &scene, text).unwrap();
    scene
}

/// Where something was found, and what stands there.
fn places(found: &Found) -> Vec<(&str, &str, Vec<&str>)> {
    found
        .scenes
        .iter()
        .map(|scene| {
            let hits = scene.hits.iter().map(|hit| hit.found.as_str()).collect();
            (scene.path.as_str(), scene.chapter.as_str(), hits)
        })
        .collect()
}

#[test]
fn a_search_goes_through_scenes_and_notes_in_reading_order_and_leaves_the_trash_alone() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "Natásha came.");
    let gone = add(&anna, &novel, NodeKind::Scene, "", "Natasha went.");
    add(&anna, &novel, NodeKind::Note, "People", "NATASHA, born 1792; Natasha’s dog.");
    add(&anna, &novel, NodeKind::Chapter, "The Ball", "A natasha.[^1]\n\n[^1]: Natasha again.\n");
    let found = anna.desk.find(&query("natasha"), None).unwrap();
    let expected = [
        ("1/1", "", vec!["Natásha"]),
        ("1/2", "", vec!["Natasha"]),
        ("2/1", "The Ball", vec!["natasha", "Natasha"]),
        ("", "People", vec!["NATASHA", "Natasha"]),
    ];
    assert_eq!(places(&found), expected);
    assert_eq!((found.total, found.cut), (6, false));
    assert_eq!(found.scenes[0].novel_title, "The Ferry");
    assert_eq!((found.scenes[0].hits[0].from, found.scenes[0].hits[0].to), (Some(1), Some(8)));
    assert_eq!(found.scenes[2].hits[1].from, None, "it is in a footnote");

    let node = anna.outline(&novel)[0].children[1].clone();
    assert_eq!(node.scene.as_deref(), Some(gone.as_str()));
    anna.desk.trash_node(&novel, &node.id).unwrap();
    assert_eq!(anna.desk.find(&query("natasha"), None).unwrap().total, 5);
    anna.desk.restore_node(&novel, &node.id).unwrap();
    assert_eq!(anna.desk.find(&query("natasha"), None).unwrap().total, 6);
}

#[test]
fn what_was_typed_a_moment_ago_is_found_and_what_was_deleted_is_not() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let total = |text: &str| anna.desk.find(&query(text), None).unwrap().total;
    assert_eq!(total("ferry"), 0);
    let view = anna.open(&novel, &scene);
    let place = (novel.as_str(), scene.as_str());
    anna.edit(place, (view.session, 1), vec![insert(1, "The ferry left.")]).unwrap();
    assert_eq!(total("ferry"), 1, "it is not on the disk yet");
    anna.desk.flush().unwrap();
    assert_eq!(total("ferry"), 1);
    anna.desk.close_scene(&novel, &scene).unwrap();
    assert_eq!(total("ferry"), 1);
    anna.desk.replace_markdown(&novel, &scene, "The boat left.").unwrap();
    anna.desk.close_scene(&novel, &scene).unwrap();
    assert_eq!((total("ferry"), total("boat")), (0, 1));
}

#[test]
fn what_came_from_another_laptop_is_found() {
    let [anna, ben] = laptops(["Desk", "Train"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One ferry.");
    anna.give(&ben);
    assert_eq!(ben.desk.find(&query("ferry"), None).unwrap().total, 1);
    anna.write(&novel, &scene, 1, "Another ferry. ");
    anna.give(&ben);
    assert_eq!(ben.desk.find(&query("ferry"), None).unwrap().total, 2);
}

#[test]
fn a_query_says_how_strictly_and_where_to_look() {
    let [anna] = laptops(["Desk"]);
    let (one, scene) = novel(&anna);
    anna.write(&one, &scene, 1, "Élan, elan, élancé, 1984.");
    let other = anna.desk.create_novel("A Second", "en").unwrap().id;
    let there = anna.outline(&other)[0].children[0].scene.clone().unwrap();
    anna.write(&other, &there, 1, "elan");
    let total = |query: &Query| anna.desk.find(query, None).unwrap().total;
    let elan = query("elan");
    assert_eq!(total(&elan), 4);
    assert_eq!(total(&Query { novel: Some(one), ..elan.clone() }), 3);
    assert_eq!(total(&Query { accents: true, ..elan.clone() }), 2);
    assert_eq!(total(&Query { case: true, text: "Elan".to_owned(), ..elan.clone() }), 1);
    assert_eq!(total(&Query { whole_word: true, ..elan.clone() }), 3);
    assert_eq!(total(&Query { regex: true, text: r"\d{4}|^elan$".to_owned(), ..elan }), 2);
    let titles: Vec<_> = anna.desk.find(&query("elan"), None).unwrap().scenes;
    let titles: Vec<_> = titles.iter().map(|scene| scene.novel_title.as_str()).collect();
    assert_eq!(titles, ["A Second", "The Ferry"], "novels come by title");
}

#[test]
fn what_would_come_is_shown_beside_what_is_found() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "Bovary, Emma; Bovary, Charles");
    let regex = Query { regex: true, ..query(r"(\w+), (\w+)") };
    let found = anna.desk.find(&regex, Some("$2 $1")).unwrap();
    let becomes: Vec<_> = found.scenes[0].hits.iter().map(|hit| hit.becomes.as_deref()).collect();
    assert_eq!(becomes, [Some("Emma Bovary"), Some("Charles Bovary")]);
    let found = anna.desk.find(&regex, None).unwrap();
    assert_eq!(found.scenes[0].hits[0].becomes, None);
}

#[test]
fn more_hits_than_anybody_reads_are_counted_and_not_listed() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, &"so ".repeat(800));
    let next = add(&anna, &novel, NodeKind::Scene, "", &"so ".repeat(600));
    let found = anna.desk.find(&query("so"), None).unwrap();
    let listed: usize = found.scenes.iter().map(|scene| scene.hits.len()).sum();
    assert_eq!((found.total, found.cut, listed), (1400, true, 1000));
    assert_eq!(found.scenes[1].scene, next);
    let names: std::collections::BTreeSet<_> =
        found.scenes.iter().flat_map(|scene| &scene.hits).map(|hit| &hit.id).collect();
    assert_eq!(names.len(), 1000, "two hits have one name");
}

#[test]
fn what_cannot_be_looked_for_is_said_in_a_sentence() {
    let [anna] = laptops(["Desk"]);
    let regex = Query { regex: true, ..query("(a") };
    let failure = anna.desk.find(&regex, None).unwrap_err();
    assert_eq!(
        failure.message,
        "This is no regular expression (unclosed group), so nothing was looked for and nothing was changed; correct it, or look for it as plain text."
    );
    let large = Query { regex: true, ..query("(.{1,900}){1,900}") };
    assert!(anna.desk.find(&large, None).unwrap_err().message.contains("too large"));
    let lines = anna.desk.find(&query("a"), Some("b\nc")).unwrap_err();
    assert!(lines.message.contains("one line"), "{lines}");
    let nowhere = Query { novel: Some("00".repeat(16)), ..query("a") };
    assert_eq!(anna.desk.find(&nowhere, None).unwrap_err().code, FailureCode::NotFound);
}

#[test]
fn a_closed_novel_is_passed_over_and_nothing_of_it_stays_ready() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "A secret ferry.");
    assert_eq!(anna.desk.find(&query("ferry"), None).unwrap().total, 1);
    anna.desk.lock_novel(&novel, "walnut seven harbour".to_owned(), false).unwrap();
    anna.desk.close_novel(&novel).unwrap();
    assert_eq!(anna.desk.find(&query("ferry"), None).unwrap().total, 0);
    let named = Query { novel: Some(novel), ..query("ferry") };
    assert_eq!(anna.desk.find(&named, None).unwrap_err().code, FailureCode::NovelLocked);
    let ready = anna.desk.with_session(|session, _| Ok(session.shelf.is_empty())).unwrap();
    assert!(ready, "something of the closed novel can still be searched");
    anna.desk.lock().unwrap();
    assert_eq!(anna.desk.find(&query("ferry"), None).unwrap_err().code, FailureCode::Locked);
}
