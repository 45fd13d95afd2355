//! Comments in the margin.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use seshat_manuscript::{CommentError, NewComment, Op, OpFault, SceneText, Unit};
use seshat_protocol::DocumentId;

fn insert(at: usize, text: &str) -> Op {
    Op::Insert { at, text: text.to_owned(), marks: None }
}

fn scene(text: &str) -> SceneText {
    let mut scene = SceneText::new(1);
    scene.apply(&[insert(1, text)], Unit::Scalar).unwrap();
    scene
}

fn comment<'a>(id: &'a str, text: &'a str) -> NewComment<'a> {
    NewComment { id, text, author: "Desk", at: 7 }
}

/// What the comments stand at.
fn at(scene: &SceneText) -> Vec<(String, String)> {
    let flat: Vec<char> = scene.flat().chars().collect();
    let wide: Vec<u16> = scene.flat().encode_utf16().collect();
    scene
        .comments()
        .into_iter()
        .map(|comment| {
            let text: String = flat[comment.range.clone()].iter().collect();
            assert_eq!(String::from_utf16(&wide[comment.utf16.clone()]).unwrap(), text);
            (comment.id, text)
        })
        .collect()
}

fn pair(id: &str, text: &str) -> (String, String) {
    (id.to_owned(), text.to_owned())
}

#[test]
fn a_comment_goes_where_its_text_goes_and_changes_no_word() {
    let mut scene = scene("😀 the old house");
    let passage = scene.passage();
    scene.add_comment(&comment("c", "whose?"), 8..11, Unit::Utf16).unwrap();
    assert_eq!(at(&scene), [pair("c", "old")]);
    assert_eq!((scene.passage(), scene.words()), (passage, 3));
    scene
        .apply(&[insert(1, "Look: "), insert(15, "\n"), insert(13, "very ")], Unit::Scalar)
        .unwrap();
    assert_eq!(at(&scene), [pair("c", "ol\nd")], "a split paragraph, and typing beside it");
    let found = &scene.comments()[0];
    let said =
        (&found.text[..], &found.quote[..], &found.author[..], found.made_at, found.resolved);
    assert_eq!(said, ("whose?", "old", "Desk", 7, false));
}

#[test]
fn typing_at_either_end_is_outside_and_in_between_is_inside() {
    let mut scene = scene("abcdef");
    scene.add_comment(&comment("c", ""), 3..5, Unit::Scalar).unwrap();
    scene.apply(&[insert(5, "]"), insert(4, "-"), insert(3, "[")], Unit::Scalar).unwrap();
    assert_eq!(scene.flat(), "\nab[c-d]ef");
    assert_eq!(at(&scene), [pair("c", "c-d")]);
}

#[test]
fn a_comment_outlives_its_text_and_keeps_the_quote() {
    let mut scene = scene("one two three");
    scene.add_comment(&comment("c", "why?"), 5..8, Unit::Scalar).unwrap();
    scene.apply(&[Op::Delete { at: 4, len: 5 }], Unit::Scalar).unwrap();
    let found = scene.comments().remove(0);
    assert_eq!((found.range, &found.quote[..]), (4..4, "two"));
    let version = scene.version();
    scene.apply(&[Op::Delete { at: 1, len: 3 }], Unit::Scalar).unwrap();
    scene.restore(&version).unwrap();
    assert_eq!(scene.comments().len(), 1, "a restore leaves comments alone");
    let loaded = SceneText::load(2, [&scene.history(b"").unwrap()[..]]).unwrap();
    assert_eq!(loaded.comments(), scene.comments());
    // Half of it gone: the rest is what it stands at.
    let mut half = SceneText::new(3);
    half.apply(&[insert(1, "abcdef")], Unit::Scalar).unwrap();
    half.add_comment(&comment("h", ""), 2..5, Unit::Scalar).unwrap();
    half.apply(&[Op::Delete { at: 1, len: 2 }], Unit::Scalar).unwrap();
    assert_eq!(at(&half), [pair("h", "cd")]);
    half.apply(&[Op::Delete { at: 2, len: 3 }], Unit::Scalar).unwrap();
    assert_eq!(at(&half), [pair("h", "c")]);
}

#[test]
fn what_two_laptops_do_to_one_comment_is_kept_from_both() {
    let mut here = scene("one two");
    here.add_comment(&comment("c", "?"), 1..4, Unit::Scalar).unwrap();
    here.add_comment(&comment("d", "gone"), 5..8, Unit::Scalar).unwrap();
    let mut there = SceneText::load(2, [&here.snapshot().unwrap()[..]]).unwrap();
    here.take_update();
    here.edit_comment("c", "better?").unwrap();
    here.remove_comment("d").unwrap();
    there.resolve_comment("c", true).unwrap();
    there.apply(&[insert(2, "xx")], Unit::Scalar).unwrap();
    let (mine, theirs) = (here.take_update().unwrap(), there.take_update().unwrap());
    here.merge(&theirs).unwrap();
    there.merge(&mine).unwrap();
    assert_eq!(here.comments(), there.comments());
    let found = &here.comments()[0];
    assert_eq!((here.comments().len(), &found.text[..], found.resolved), (1, "better?", true));
    assert_eq!(at(&here), [pair("c", "oxxne")]);
}

#[test]
fn a_comment_is_refused_by_name_and_leaves_nothing_behind() {
    let mut scene = scene("one");
    scene.add_comment(&comment("c", ""), 1..2, Unit::Scalar).unwrap();
    scene.take_update();
    let mut add = |id: &str, range| scene.add_comment(&comment(id, ""), range, Unit::Scalar);
    assert_eq!(add("c", 1..2), Err(CommentError::UnfitId));
    assert_eq!(add("c.text", 1..2), Err(CommentError::UnfitId));
    assert_eq!(add("a:b", 1..2), Err(CommentError::UnfitId));
    assert_eq!(add("x", 2..9), Err(CommentError::Unfit(OpFault::OutOfRange)));
    assert_eq!(scene.edit_comment("no", ""), Err(CommentError::Unknown));
    assert_eq!(scene.resolve_comment("no", true), Err(CommentError::Unknown));
    assert_eq!(scene.remove_comment("no"), Err(CommentError::Unknown));
    assert_eq!(scene.take_update(), None);
    scene.add_comment(&comment("caret", ""), 4..4, Unit::Scalar).unwrap();
    scene.apply(&[insert(1, "<<")], Unit::Scalar).unwrap();
    assert_eq!(scene.comments()[1].range, 6..6);
}

#[test]
fn comments_move_with_a_split_and_come_back() {
    let mut scene = scene("one two\nthree four");
    scene.add_comment(&comment("head", ""), 1..4, Unit::Scalar).unwrap();
    scene.add_comment(&comment("tail", "t"), 9..14, Unit::Scalar).unwrap();
    scene.resolve_comment("tail", true).unwrap();
    let mut rest = scene.split_off(5, Unit::Scalar, 2, DocumentId([2; 16])).unwrap();
    assert_eq!((at(&scene), at(&rest)), (vec![pair("head", "one")], vec![pair("tail", "three")]));
    assert!(rest.comments()[0].resolved);
    scene.absorb(&mut rest, DocumentId([1; 16])).unwrap();
    assert_eq!(at(&scene), [pair("head", "one"), pair("tail", "three")]);
    assert_eq!(rest.comments(), []);
}
