//! Footnotes as the window writes them: in the same numbered edits as the scene's own text.

use serde_json::json;

use super::laptops::{insert, laptops, meet, novel};
use crate::{Attributes, EditOp};

fn mark(at: usize, id: &str) -> EditOp {
    let atom = json!({ "kind": "footnote", "id": id });
    let attributes = Attributes::from_iter([("atom".to_owned(), atom)]);
    EditOp::Insert { at, text: "\u{fffc}".to_owned(), attributes }
}

fn within(note: &str, ops: Vec<EditOp>) -> EditOp {
    EditOp::Note { note: note.to_owned(), ops }
}

fn words_of(view: &crate::SceneView, id: &str) -> String {
    view.notes.get(id).into_iter().flatten().map(|run| run.text.as_str()).collect()
}

#[test]
fn a_footnote_is_made_and_written_and_is_there_when_the_scene_is_opened_again() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let place = (novel.as_str(), scene.as_str());
    let view = anna.open(&novel, &scene);
    let made =
        vec![insert(1, "The ferry."), mark(11, "n-1"), within("n-1", vec![insert(1, "Not this")])];
    anna.edit(place, (view.session, 1), made.clone()).unwrap();
    anna.edit(place, (view.session, 1), made).expect("sent again it is applied once");
    anna.edit(place, (view.session, 2), vec![within("n-1", vec![insert(9, " 😀 one.")])]).unwrap();
    anna.desk.close_scene(&novel, &scene).unwrap();
    let view = anna.open(&novel, &scene);
    assert_eq!(words_of(&view, "n-1"), "\nNot this 😀 one.");
    assert_eq!(view.words, 2, "a note's words are not the scene's");
    assert!(anna.desk.show_scene(&novel, &scene).unwrap().markdown.contains("Not this"));
}

#[test]
fn a_footnote_taken_out_and_put_back_has_its_words() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let place = (novel.as_str(), scene.as_str());
    let view = anna.open(&novel, &scene);
    let made = vec![insert(1, "Fog."), mark(5, "n"), within("n", vec![insert(1, "Thick.")])];
    anna.edit(place, (view.session, 1), made).unwrap();
    anna.edit(place, (view.session, 2), vec![EditOp::Delete { at: 5, length: 1 }]).unwrap();
    assert!(anna.open(&novel, &scene).notes.is_empty(), "what is taken out is not shown");
    let view = anna.open(&novel, &scene);
    anna.edit(place, (view.session, 1), vec![mark(5, "n")]).unwrap();
    assert_eq!(words_of(&anna.open(&novel, &scene), "n"), "\nThick.");
}

#[test]
fn two_laptops_write_in_one_footnote_and_both_are_heard() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    let place = (novel.as_str(), scene.as_str());
    let view = anna.open(&novel, &scene);
    let made = vec![insert(1, "Fog."), mark(5, "n"), within("n", vec![insert(1, "mid")])];
    anna.edit(place, (view.session, 1), made).unwrap();
    anna.desk.flush().unwrap();
    anna.give(&ben);
    meet(&[&anna, &ben]);
    let [here, there] = [&anna, &ben].map(|laptop| laptop.open(&novel, &scene));
    anna.edit(place, (here.session, 1), vec![within("n", vec![insert(1, "<")])]).unwrap();
    ben.edit(place, (there.session, 1), vec![within("n", vec![insert(4, ">")])]).unwrap();
    for laptop in [&anna, &ben] {
        laptop.desk.flush().unwrap();
    }
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert_eq!(words_of(&laptop.open(&novel, &scene), "n"), "\n<mid>");
    }
}

#[test]
fn an_edit_of_a_footnote_that_is_not_there_is_refused_whole() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let view = anna.open(&novel, &scene);
    let ops = vec![insert(1, "Words"), within("nowhere", vec![insert(1, "x")])];
    anna.edit((&novel, &scene), (view.session, 1), ops).unwrap_err();
    assert_eq!(anna.flat(&novel, &scene), "\n");
}
