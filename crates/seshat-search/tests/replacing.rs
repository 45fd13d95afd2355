//! What a replacement does to the text around it: as little as can be.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use seshat_manuscript::{Block, Marks, Op, Paragraph, Passage, Piece, SceneText, Unit};
use seshat_search::{Change, Needle, Options, Pattern, Prepared, With, WithError, Words, changes};

const REGEX: Options = Options {
    pattern: Pattern::Regex,
    words: Words::Parts,
    case: seshat_search::Case::Ignored,
    diacritics: seshat_search::Diacritics::Folded,
};

fn of_pieces(pieces: Vec<Piece>) -> Passage {
    Passage { paragraphs: vec![Paragraph { pieces, ..Paragraph::default() }] }.normalized()
}

fn marked(text: &str, marks: Marks) -> Piece {
    Piece::Text { text: text.to_owned(), marks }
}

fn italic() -> Marks {
    Marks { emphasis: true, ..Marks::default() }
}

fn replacing(passage: &Passage, needle: &str, with: &str, options: Options) -> Vec<Change> {
    let needle = Needle::new(needle, options).unwrap();
    let with = With::new(with, &needle).unwrap();
    let prepared = Prepared::new(passage);
    let spots = prepared.find(&needle);
    let becomes = prepared.becomes(&needle, &with, &spots);
    assert_eq!(becomes.len(), spots.len(), "every spot becomes something");
    let all: Vec<_> = prepared.hits(&spots).into_iter().zip(becomes).collect();
    changes(passage, &all)
}

/// The text after replacing, by way of a scene, and the scene to go on with.
fn replaced(passage: &Passage, needle: &str, with: &str, options: Options) -> (Passage, SceneText) {
    let mut scene = SceneText::from_passage(passage, 1);
    for change in replacing(passage, needle, with, options) {
        assert_eq!(change.note, None);
        scene.apply(&change.ops(), Unit::Scalar).unwrap();
    }
    (scene.passage(), scene)
}

fn plainly(text: &str, needle: &str, with: &str, options: Options) -> String {
    replaced(&of_pieces(vec![Piece::plain(text)]), needle, with, options).0.plain()
}

#[test]
fn what_comes_has_the_marks_of_what_goes() {
    let passage = of_pieces(vec![
        Piece::plain("so "),
        marked("Natásha", italic()),
        Piece::plain(" said Natasha"),
    ]);
    let (after, _) = replaced(&passage, "natasha", "Sonya", Options::default());
    let expected =
        vec![Piece::plain("so "), marked("Sonya", italic()), Piece::plain(" said Sonya")];
    assert_eq!(after, of_pieces(expected));
}

#[test]
fn letters_that_stay_keep_their_marks_and_their_place() {
    let strong = Marks { strong: true, ..Marks::default() };
    let passage = of_pieces(vec![marked("col", italic()), marked("our", strong.clone())]);
    let changes = replacing(&passage, "colour", "color", Options::default());
    assert_eq!(changes[0].ops(), [Op::Delete { at: 5, len: 1 }], "one letter goes");
    let (after, _) = replaced(&passage, "colour", "color", Options::default());
    assert_eq!(after, of_pieces(vec![marked("col", italic()), marked("or", strong)]));
    assert!(replacing(&passage, "COLOUR", "colour", Options::default()).is_empty(), "it says so");
}

#[test]
fn what_is_put_before_a_hit_has_the_marks_of_the_hit() {
    let passage = of_pieces(vec![Piece::plain("the "), marked("cat", italic())]);
    let (after, _) = replaced(&passage, "cat", "tomcat", Options::default());
    assert_eq!(after, of_pieces(vec![Piece::plain("the "), marked("tomcat", italic())]));
    let (after, _) = replaced(&passage, "the cat", "the old cat", Options::default());
    assert_eq!(after, of_pieces(vec![Piece::plain("the old "), marked("cat", italic())]));
}

#[test]
fn a_link_stays_where_all_of_the_hit_leads_there_and_a_reading_goes() {
    let link = Marks { link: Some("https://example.org".to_owned()), ..Marks::default() };
    let ruby = Marks { ruby: Some("ねこ".to_owned()), ..Marks::default() };
    let passage = of_pieces(vec![
        marked("here", link.clone()),
        Piece::plain(", "),
        marked("he", link.clone()),
        Piece::plain("re, "),
        marked("猫", ruby),
    ]);
    let (after, _) = replaced(&passage, "here", "so", Options::default());
    let (after, _) = replaced(&after, "猫", "犬", Options::default());
    assert_eq!(after, of_pieces(vec![marked("so", link), Piece::plain(", so, 犬")]));
}

#[test]
fn a_note_inside_a_hit_stays_where_it_is() {
    let note = Piece::Footnote { body: vec![Paragraph::new(Block::Body, "why")] };
    let passage =
        of_pieces(vec![Piece::plain("the dark"), note.clone(), Piece::plain("est night")]);
    let (after, _) = replaced(&passage, "darkest", "blackest", Options::default());
    let expected = vec![Piece::plain("the black"), note.clone(), Piece::plain("est night")];
    assert_eq!(after, of_pieces(expected));
    let (after, _) = replaced(&passage, "darkest night", "x", Options::default());
    assert_eq!(after, of_pieces(vec![Piece::plain("the x"), note]));
}

#[test]
fn a_line_break_that_a_space_found_stays_where_a_space_comes() {
    let passage =
        of_pieces(vec![Piece::plain("tiger tiger"), Piece::Break, Piece::plain("bright")]);
    let (after, _) = replaced(&passage, "tiger bright", "lion bright", Options::default());
    let expected = vec![Piece::plain("tiger lion"), Piece::Break, Piece::plain("bright")];
    assert_eq!(after, of_pieces(expected));
    let (after, _) = replaced(&passage, "tiger bright", "tiger, bright", Options::default());
    assert_eq!(after.plain(), "tiger tiger,\nbright");
    let (after, _) = replaced(&passage, "tiger bright", "night", Options::default());
    assert_eq!(after.plain(), "tiger night");
}

#[test]
fn the_body_of_a_note_is_replaced_as_a_text_of_its_own() {
    let note = |text: &str| Piece::Footnote { body: vec![Paragraph::new(Block::Body, text)] };
    let passage = of_pieces(vec![Piece::plain("cat"), note("no"), note("a cat and a cat")]);
    let done = replacing(&passage, "cat", "dog", Options::default());
    let notes: Vec<_> = done.iter().map(|change| change.note).collect();
    assert_eq!(notes, [None, Some(1)]);
    assert_eq!(done[1].ops().len(), 4);
}

#[test]
fn an_expression_puts_its_groups_where_a_dollar_names_them() {
    let cases = [
        ("Bovary, Emma", r"(\w+), (\w+)", "$2 $1", "Emma Bovary"),
        ("“No,” she said", "\"(no,)\"", "‹$1›", "‹No,› she said"),
        ("5 miles", r"(\d) miles", "$1s $$5 $9 $x ${y} $", "5s $5 $9 $x ${y} $"),
        ("10 miles", r"(?<count>\d+) miles", "${count}km $count", "10km 10"),
        ("ab", "(a)(b)", "$12$0", "a2ab"),
        ("Crème brûlée", r"(\w+) (\w+)", "$2 $1", "brûlée Crème"),
        ("wait…", r"(\.)\.\.", "$1", "wait."),
        ("a-b", "(x)?a", "[$1]", "[]-b"),
    ];
    for (text, needle, with, expected) in cases {
        assert_eq!(plainly(text, needle, with, REGEX), expected, "{needle} with {with}");
    }
    assert_eq!(plainly("a cat", "cat", "$1", Options::default()), "a $1");
}

#[test]
fn only_what_can_stand_in_a_paragraph_can_come() {
    let needle = Needle::new("a", Options::default()).unwrap();
    assert_eq!(With::new("one\ntwo", &needle).err(), Some(WithError::NotOneLine));
    assert_eq!(With::new("\u{fffc}", &needle).err(), Some(WithError::Reserved));
    assert!(With::new("", &needle).is_ok(), "nothing may come");
}

proptest! {
    /// Undoing needs no more than where the inserted text stands now.
    #[test]
    fn taking_all_splices_back_brings_the_text_and_its_marks_back(
        words in prop::collection::vec(("(cat|CAT|cát|a|at|t| |c|catcat)", 0..4_u8), 1..20),
        with in "(cat|dog|c|t|bobcat|cats|ca t|){1}",
    ) {
        let pieces = words.into_iter().map(|(text, kind)| match kind {
            0 => Piece::Break,
            1 => marked(&text, italic()),
            _ => Piece::plain(text),
        });
        let passage = of_pieces(pieces.collect());
        let mut scene = SceneText::from_passage(&passage, 1);
        let before = scene.passage();
        let done = replacing(&passage, "cat", &with, Options::default());
        for change in &done {
            scene.apply(&change.ops(), Unit::Scalar).unwrap();
        }
        let flat: Vec<char> = scene.flat().chars().collect();
        for change in &done {
            for (splice, range) in change.done() {
                let there: String = flat[range].iter().collect();
                prop_assert_eq!(&there, &splice.inserted, "it stands elsewhere");
            }
            let undone: Vec<Op> = change.done().collect::<Vec<_>>().into_iter().rev()
                .flat_map(|(splice, range)| splice.undo(range.start)).collect();
            scene.apply(&undone, Unit::Scalar).unwrap();
        }
        prop_assert_eq!(scene.passage(), before);
    }
}
