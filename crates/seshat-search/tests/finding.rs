//! Finding in several languages, and what a hit promises.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use seshat_manuscript::{Block, Marks, Paragraph, Passage, Piece, SceneText, Unit};
use seshat_search::{
    Case, Diacritics, Hit, Needle, NeedleError, Options, Pattern, Prepared, With, Words, changes,
};
use unicode_normalization::char::is_combining_mark;

fn passage(paragraphs: &[&str]) -> Passage {
    let paragraphs = paragraphs.iter().map(|text| Paragraph::new(Block::Body, text)).collect();
    Passage { paragraphs }
}

fn find(passage: &Passage, needle: &str, options: Options) -> Vec<Hit> {
    let (prepared, needle) = (Prepared::new(passage), Needle::new(needle, options).unwrap());
    prepared.hits(&prepared.find(&needle))
}

fn found_by(text: &str, needle: &str, options: Options) -> Vec<String> {
    let hits = find(&passage(&[text]).normalized(), needle, options);
    hits.into_iter().map(|hit| hit.excerpt.found).collect()
}

fn found(text: &str, needle: &str) -> Vec<String> {
    found_by(text, needle, Options::default())
}

const WHOLE: Options = Options {
    words: Words::Whole,
    case: Case::Ignored,
    diacritics: Diacritics::Folded,
    pattern: Pattern::Plain,
};
const REGEX: Options = Options { words: Words::Parts, pattern: Pattern::Regex, ..WHOLE };
const ACCENTS: Options = Options { words: Words::Parts, diacritics: Diacritics::Exact, ..WHOLE };
const CASE: Options = Options { words: Words::Parts, case: Case::Exact, ..WHOLE };

#[test]
fn a_writer_finds_what_a_writer_means() {
    let cases: [(&str, &str, &[&str]); 26] = [
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
        ("한국", "하", &[]),
        ("Ελλάδα ΕΛΛΑΔΑ", "ελλαδα", &["Ελλάδα", "ΕΛΛΑΔΑ"]),
        ("ein\u{2060}—zwei", "n—z", &["n\u{2060}—z"]),
        ("two\nlines", "two lines", &["two lines"]),
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
    let hits = find(&passage, "elan", CASE);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].range, 7..11);
    assert_eq!(find(&passage, "Elan's", CASE).len(), 1);
    assert_eq!(found_by("aAaa", "aa", CASE), ["aa"], "one that does not count hid one that does");
}

#[test]
fn exact_accents_take_case_and_quotes_as_equal_and_know_both_ways_to_write_one() {
    let cases: [(&str, &str, &[&str]); 8] = [
        ("Crème, CRÈME, creme", "crème", &["Crème", "CRÈME"]),
        ("Crème, creme", "creme", &["creme"]),
        ("cre\u{300}me", "crème", &["cre\u{300}me"]),
        ("caf\u{e9} cafe\u{301} cafe", "cafe", &["cafe"]),
        ("a\u{302}\u{323} a\u{323}\u{302}", "ậ", &["a\u{302}\u{323}", "a\u{323}\u{302}"]),
        ("“Là”", "\"là\"", &["“Là”"]),
        ("un\u{ad}glücklich", "unglücklich", &["un\u{ad}glücklich"]),
        ("Ёлка и елка", "елка", &["елка"]),
    ];
    for (text, needle, expected) in cases {
        assert_eq!(found_by(text, needle, ACCENTS), expected, "{needle:?} in {text:?}");
    }
}

#[test]
fn whole_words_are_those_that_an_author_sees() {
    let cases: [(&str, &str, &[&str]); 20] = [
        ("cat concatenate Cat", "cat", &["cat", "Cat"]),
        ("don’t don", "don", &["don"]),
        ("Natasha’s coat, and Natasha's", "natasha", &["Natasha", "Natasha"]),
        ("l’homme, L'Homme, hommes", "homme", &["homme", "Homme"]),
        ("aujourd’hui", "hui", &[]),
        ("o’clock", "clock", &[]),
        ("well-known", "known", &["known"]),
        ("said\u{2060}—she", "said", &["said"]),
        ("sa\u{ad}id", "sa", &[]),
        ("3.14 and 14", "14", &["14"]),
        ("snake_case", "snake", &[]),
        ("the end", "the end", &["the end"]),
        ("bathe endless", "the end", &[]),
        ("吾輩は猫である。", "猫", &["猫"]),
        ("吾輩は猫である。", "輩", &[]),
        ("Наташа Наташи", "Наташ", &[]),
        ("«Наташа»", "наташа", &["Наташа"]),
        ("élan élancé", "elan", &["élan"]),
        ("“No!” (no) no", "no", &["No", "no", "no"]),
        ("wait…", "wait", &["wait"]),
    ];
    for (text, needle, expected) in cases {
        assert_eq!(found_by(text, needle, WHOLE), expected, "{needle:?} in {text:?}");
    }
}

#[test]
fn an_expression_sees_what_a_keyboard_could_have_written() {
    let cases: [(&str, &str, &[&str]); 14] = [
        ("Natásha and NATASHA", "nat.sha", &["Natásha", "NATASHA"]),
        ("one “two” three", r#""\w+""#, &["“two”"]),
        ("don’t", "don't", &["don’t"]),
        ("it said “don’t”", "“don’t”", &["“don’t”"]),
        ("un\u{ad}glück", "unglück", &["un\u{ad}glück"]),
        ("a\u{a0}b", "a b", &["a\u{a0}b"]),
        ("wait… what", r"\.\.\.", &["…"]),
        ("wait… what", "t…", &["t…"]),
        ("abc", "…", &[]),
        ("wait… what", r"\.\.", &[]),
        ("1984 and 2001", r"\b\d{4}\b", &["1984", "2001"]),
        ("ends here", "^ends|here$", &["ends", "here"]),
        ("aaa", "x*", &[]),
        ("tight‑lipped", "[a‑z]-?lipped|t‑l", &["t‑l"]),
    ];
    for (text, needle, expected) in cases {
        assert_eq!(found_by(text, needle, REGEX), expected, "{needle:?} in {text:?}");
    }
    let exact = Options { case: Case::Exact, diacritics: Diacritics::Exact, ..REGEX };
    assert_eq!(found_by("Élan élan elan", "é?lan", exact), ["lan", "élan", "lan"]);
    assert_eq!(found_by("cafe\u{301}", "cafe", exact), [""; 0], "a letter was torn from its mark");
    let whole = Options { words: Words::Whole, ..REGEX };
    assert_eq!(found_by("women woman womanly", "wom[ae]n", whole), ["women", "woman"]);
}

#[test]
fn an_expression_stays_inside_its_paragraph() {
    let passage = passage(&["one two", "three", "two"]);
    let hits = find(&passage, r"two\W+three|[^q]+|^two$", REGEX);
    let places: Vec<_> = hits.iter().map(|hit| (hit.paragraph, hit.range.clone())).collect();
    assert_eq!(places, [(0, 0..7), (1, 0..5), (2, 0..3)]);
}

#[test]
fn what_is_no_expression_is_said_in_one_line_and_what_is_too_large_is_refused() {
    let error = |text: &str| Needle::new(text, REGEX).err();
    assert_eq!(error("(a"), Some(NeedleError::NotRegex("unclosed group".to_owned())));
    assert_eq!(error("(.{1,900}){1,900}"), Some(NeedleError::TooLarge));
    assert_eq!(error(&"a".repeat(1001)), Some(NeedleError::TooLarge));
    assert_eq!(error(r"\b\p{Lu}\w+(?:ed|ing)\b"), None);
    assert!(Needle::new("(a", Options::default()).is_ok(), "a plain text may look like one");
}

#[test]
fn a_footnote_is_searched_after_the_text_and_the_hit_says_which() {
    let note = |text: &str| Piece::Footnote { body: vec![Paragraph::new(Block::Body, text)] };
    let pieces = vec![Piece::plain("😀 one"), note("two"), Piece::plain(" two "), note("One two")];
    let passage = Passage { paragraphs: vec![Paragraph { pieces, ..Paragraph::default() }] };
    let hits = find(&passage, "two", Options::default());
    let places: Vec<_> = hits.iter().map(|hit| (hit.note, hit.flat.clone())).collect();
    assert_eq!(places, [(None, 8..11), (Some(0), 1..4), (Some(1), 5..8)]);
    assert_eq!(hits[0].utf16, 9..12, "the face is two units");
    assert_eq!(hits[0].excerpt.before, "😀 one ", "the sign of a note is not shown");
}

#[test]
fn neither_a_scene_nor_a_needle_says_its_text_in_a_log() {
    let prepared = Prepared::new(&passage(&["secret"]));
    let needle = Needle::new("secret", Options::default()).unwrap();
    let with = With::new("secret", &needle).unwrap();
    let logged = format!("{prepared:?} {needle:?} {with:?}");
    assert!(!logged.contains("secret"), "{logged}");
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
    let notes: Vec<_> =
        find(&passage, "dark", Options::default()).iter().map(|it| it.note).collect();
    assert_eq!(notes, [None, Some(0)], "the note is a text of its own");
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

/// What [`Prepared::find`] promises, done slowly: every stretch of whole characters that folds to what the needle
/// folds to, from left to right.
fn slowly(text: &str, needle: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut from = 0;
    while from < chars.len() {
        let ends = (from + 1..=chars.len()).rev();
        let part = |end: usize| chars[from..end].iter().collect::<String>();
        // The longest, because marks belong to the letter before them.
        let hit = ends.map(part).find(|part| {
            let whole = find(&passage(&[part]), needle, Options::default());
            whole.len() == 1 && whole[0].range == (0..part.chars().count())
        });
        let next = hit.as_ref().map_or(1, |hit| hit.chars().count());
        found.extend(hit);
        from += next;
    }
    found
}

proptest! {
    #[test]
    fn what_is_found_in_a_long_text_is_what_is_found_in_its_parts(
        text in "(a|B|ß|s|é|e\u{301}|…|\\.|か|が|\u{ad}| ){0,24}",
        needle in "(a|b|s|ss|e|\\.|か){1,2}",
    ) {
        prop_assert_eq!(found(&text, &needle), slowly(&text, &needle));
    }

    #[test]
    fn what_is_found_strictly_is_found_loosely(
        text in "(a|A|á|Á|a\u{301}|b|’|'){0,24}", needle in "(a|A|á|b|'){1,3}",
    ) {
        let loose = find(&passage(&[&text]), &needle, Options::default());
        let starts: Vec<usize> = loose.iter().flat_map(|hit| hit.range.clone()).collect();
        for options in [CASE, ACCENTS, Options { case: Case::Exact, ..ACCENTS }] {
            for hit in find(&passage(&[&text]), &needle, options) {
                prop_assert!(starts.contains(&hit.range.start), "{:?} in {:?}", needle, text);
            }
        }
    }

    #[test]
    fn an_escaped_expression_finds_what_the_plain_text_finds(
        text in "(a|b|A|\\.|\\(|é| |\u{ad}){0,24}", needle in "(a|b|\\.|\\(|é| ){1,3}",
    ) {
        let escaped = needle.replace('.', r"\.").replace('(', r"\(");
        prop_assert_eq!(found_by(&text, &escaped, REGEX), found(&text, &needle));
    }

    #[test]
    fn replacing_all_hits_leaves_none_and_takes_no_other_word(
        texts in prop::collection::vec("(foo|FÖO|fo\u{301}o|😀| |x|\u{ad}|שָׁ|が){0,12}", 1..5),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let passage = passage(&texts).normalized();
        let mut scene = SceneText::from_passage(&passage, 1);
        let hits = find(&passage, "foo", Options::default());
        let chars: Vec<char> = scene.flat().chars().collect();
        for hit in &hits {
            let there: String = chars[hit.flat.clone()].iter().collect();
            prop_assert_eq!(&there, &hit.excerpt.found, "the range is of another place");
        }
        let count = hits.len();
        let all: Vec<_> = hits.into_iter().map(|hit| (hit, "bar".to_owned())).collect();
        for change in changes(&passage, &all) {
            scene.apply(&change.ops(), Unit::Scalar).unwrap();
        }
        let left = scene.passage();
        prop_assert!(find(&left, "foo", Options::default()).is_empty(), "{:?}", left.plain());
        prop_assert_eq!(find(&left, "bar", Options::default()).len(), count);
        let others = |text: String| text.replace(['f', 'F', 'o', 'Ö', 'O', 'ö', 'b', 'a', 'r', '\u{301}', '\u{ad}'], "");
        prop_assert_eq!(others(left.plain()), others(passage.plain()));
    }

    #[test]
    fn any_text_is_found_in_itself_and_nothing_panics(text in any::<String>(), needle in any::<String>()) {
        let passage = passage(&[&text]).normalized();
        for hit in find(&passage, &needle, Options::default()) {
            prop_assert!(hit.range.start < hit.range.end);
        }
        let plain = passage.paragraphs[0].plain();
        // Signs that stand on a letter fold away with nothing to stand on, the Arabic ones that Unicode calls letters too.
        let letter = |c: char| c.is_alphanumeric() && !is_combining_mark(c);
        if plain.chars().any(letter) && !plain.contains('\n') {
            prop_assert!(!find(&passage, &plain, Options::default()).is_empty(), "{:?}", plain);
        }
    }
}
