//! Finding in several languages, and what a hit promises.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use seshat_manuscript::{Block, Marks, Op, Paragraph, Passage, Piece, SceneText, Unit};
use seshat_search::{Case, Hit, Options, find};

fn passage(paragraphs: &[&str]) -> Passage {
    let paragraphs = paragraphs.iter().map(|text| Paragraph::new(Block::Body, text)).collect();
    Passage { paragraphs }
}

fn found(text: &str, needle: &str) -> Vec<String> {
    let hits = find(&passage(&[text]), needle, Options::default());
    hits.into_iter().map(|hit| hit.excerpt.found).collect()
}

#[test]
fn a_writer_finds_what_a_writer_means() {
    let cases: [(&str, &str, &[&str]); 22] = [
        ("The cat, THE hat", "the", &["The", "THE"]),
        ("“Don’t,” she said", "\"don't,\"", &["“Don’t,”"]),
        ("\"Don't\"", "“don’t”", &["\"Don't\""]),
        ("Crème brûlée, creme", "creme", &["Crème", "creme"]),
        ("cre\u{301}me", "crème", &["cre\u{301}me"]),
        ("cafe\u{301}!", "cafe", &["cafe\u{301}"]),
        ("Straße und STRASSE", "strasse", &["Straße", "STRASSE"]),
        ("un\u{ad}be\u{2060}kannt", "unbekannt", &["un\u{ad}be\u{2060}kannt"]),
        ("Ёлка и елка", "елка", &["Ёлка", "елка"]),
        ("Όσος ΌΣΟΣ", "οσοσ", &["Όσος", "ΌΣΟΣ"]),
        ("בְּרֵאשִׁ֖ית בָּרָא", "בראשית", &["בְּרֵאשִׁ֖ית"]),
        ("קָטָן", "קטן", &["קָטָן"]),
        ("مُحَمَّد", "محمد", &["مُحَمَّد"]),
        ("吾輩は猫である。猫だ", "猫", &["猫", "猫"]),
        ("が か", "か", &["か"]),
        ("ｶﾞ ガ", "ガ", &["ｶﾞ", "ガ"]),
        ("हिन्दी", "ह", &[]),
        ("wait…", "wait...", &["wait…"]),
        ("wait…", ".", &[]),
        ("a\u{a0}b c\u{202f}d", "a b c d", &["a\u{a0}b c\u{202f}d"]),
        ("İstanbul", "istanbul", &["İstanbul"]),
        ("aaaa", "aa", &["aa", "aa"]),
    ];
    for (text, needle, expected) in cases {
        assert_eq!(found(text, needle), expected, "{needle:?} in {text:?}");
    }
}

#[test]
fn nothing_is_found_by_nothing() {
    assert!(found("text", "").is_empty());
    assert!(found("te\u{ad}xt", "\u{ad}\u{301}").is_empty());
}

#[test]
fn exact_case_still_takes_quotes_and_accents_as_equal() {
    let passage = passage(&["Élan’s élan"]);
    let hits = find(&passage, "elan", Options { case: Case::Exact });
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].range, 7..11);
    assert_eq!(find(&passage, "Elan's", Options { case: Case::Exact }).len(), 1);
}

#[test]
fn a_line_break_is_found_by_a_space_and_a_note_is_passed_over() {
    let note = Piece::Footnote { body: vec![Paragraph::new(Block::Body, "dark")] };
    let bold = Marks { strong: true, ..Marks::default() };
    let pieces = vec![
        Piece::plain("the dark"),
        note,
        Piece::Text { text: "est".into(), marks: bold },
        Piece::Break,
        Piece::plain("night"),
    ];
    let passage = Passage { paragraphs: vec![Paragraph { pieces, ..Paragraph::default() }] };
    let hits = find(&passage, "darkest night", Options::default());
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].range, 4..18);
    assert!(find(&passage, "dark", Options::default()).len() == 1, "the note is not this text");
}

#[test]
fn an_excerpt_shows_whole_words_on_both_sides() {
    let text = "one two three four five six seven eight nine ten HERE eleven twelve thirteen fourteen fifteen sixteen";
    let hits = find(&passage(&["first", text]), "here", Options::default());
    let Hit { paragraph, excerpt, .. } = &hits[0];
    assert_eq!(*paragraph, 1);
    assert_eq!(excerpt.found, "HERE");
    assert_eq!(excerpt.before, "…four five six seven eight nine ten ");
    assert_eq!(excerpt.after, " eleven twelve thirteen fourteen…");
}

proptest! {
    #[test]
    fn replacing_hits_from_the_last_to_the_first_leaves_none(
        texts in prop::collection::vec("(foo|FÖO|fo\u{301}o|😀| |x|\u{ad}|שָׁ|が){0,12}", 1..5),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let passage = passage(&texts).normalized();
        let mut scene = SceneText::from_passage(&passage, 1);
        let hits = find(&passage, "foo", Options::default());
        for hit in hits.iter().rev() {
            let chars: Vec<char> = scene.flat().chars().collect();
            let there: String = chars[hit.flat.clone()].iter().collect();
            prop_assert_eq!(&there, &hit.excerpt.found, "the range is of another place");
            let ops = [
                Op::Insert { at: hit.flat.start, text: "bar".into(), marks: None },
                Op::Delete { at: hit.flat.start + 3, len: hit.flat.len() },
            ];
            scene.apply(&ops, Unit::Scalar).unwrap();
        }
        let left = scene.passage();
        prop_assert!(find(&left, "foo", Options::default()).is_empty(), "{:?}", left.plain());
        prop_assert_eq!(find(&left, "bar", Options::default()).len(), hits.len());
    }

    #[test]
    fn any_text_is_found_in_itself_and_nothing_panics(text in any::<String>(), needle in any::<String>()) {
        let passage = passage(&[&text]).normalized();
        for hit in find(&passage, &needle, Options::default()) {
            prop_assert!(hit.range.start < hit.range.end);
        }
        let plain = passage.paragraphs[0].plain();
        if plain.chars().any(char::is_alphanumeric) && !plain.contains('\n') {
            prop_assert!(!find(&passage, &plain, Options::default()).is_empty(), "{:?}", plain);
        }
    }
}
