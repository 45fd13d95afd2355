use super::laptops::{insert, laptops, meet, novel};
use crate::FailureCode;

#[test]
fn a_comment_stands_beside_its_words_and_changes_none() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "A 😀 grey morning.");
    let view = anna.open(&novel, &scene);
    let made = anna.desk.add_comment(&novel, &scene, 6, 10, " too plain ").unwrap();
    assert_eq!((made.quote.as_str(), made.text.as_str()), ("grey", "too plain"));
    assert_eq!((made.from, made.to, made.author.as_str()), (6, 10, "Desk"));
    let place = (novel.as_str(), scene.as_str());
    anna.edit(place, (view.session, 1), vec![insert(1, "Yes: ")]).expect("the editor goes on");
    assert_eq!(anna.open(&novel, &scene).comments[0].from, 11);
    assert_eq!(anna.desk.library().unwrap()[0].words, 4);

    anna.give(&ben);
    ben.desk.edit_comment(&novel, &scene, &made.id, "fine").unwrap();
    anna.desk.resolve_comment(&novel, &scene, &made.id, true).unwrap();
    meet(&[&anna, &ben]);
    let row = anna.desk.comments(&novel, &scene).unwrap().remove(0);
    assert_eq!((row.text.as_str(), row.resolved), ("fine", true), "both changes stand");
    anna.desk.remove_comment(&novel, &scene, &made.id).unwrap();
    assert!(anna.desk.comments(&novel, &scene).unwrap().is_empty());
    let gone = anna.desk.edit_comment(&novel, &scene, &made.id, "x").unwrap_err();
    assert_eq!(gone.code, FailureCode::NotFound);
}

#[test]
fn a_comment_goes_with_its_text_to_the_new_scene() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One.\nTwo.");
    anna.desk.add_comment(&novel, &scene, 6, 9, "here").unwrap();
    let second = anna.desk.split_scene(&novel, &scene, 5).unwrap().scene.unwrap();
    assert!(anna.desk.comments(&novel, &scene).unwrap().is_empty());
    let row = anna.desk.comments(&novel, &second).unwrap().remove(0);
    assert_eq!((row.from, row.to, row.quote.as_str()), (1, 4, "Two"));
}

#[test]
fn a_comment_on_a_place_that_is_none_is_refused() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    let before = anna.records();
    anna.desk.add_comment(&novel, &scene, 5, 9, "x").unwrap_err();
    assert_eq!(anna.records(), before);
}
