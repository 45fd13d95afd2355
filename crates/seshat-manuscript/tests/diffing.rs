//! What changed, word by word.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use proptest::prelude::*;
use seshat_manuscript::{
    Block, DiffKind, JOINED, Marks, Paragraph, Passage, Piece, WordDiff, word_diff,
};

fn passage(text: &str) -> Passage {
    let paragraphs = text.split('\n').map(|line| Paragraph::new(Block::Body, line)).collect();
    Passage { paragraphs }
}

/// `[-gone-]{+come+}` in each paragraph, with `+` or `-` before one that is only on one side.
fn drawn(diff: &WordDiff) -> Vec<String> {
    diff.paragraphs
        .iter()
        .map(|paragraph| {
            let mut line = match paragraph.kind {
                DiffKind::Same => String::new(),
                DiffKind::Added => "+ ".to_owned(),
                DiffKind::Removed => "- ".to_owned(),
            };
            for piece in &paragraph.pieces {
                match piece.kind {
                    DiffKind::Same => line.push_str(&piece.text),
                    DiffKind::Added => line.push_str(&format!("{{+{}+}}", piece.text)),
                    DiffKind::Removed => line.push_str(&format!("[-{}-]", piece.text)),
                }
            }
            line
        })
        .collect()
}

fn draw(old: &str, new: &str) -> Vec<String> {
    drawn(&word_diff(&passage(old), &passage(new)))
}

#[test]
fn words_and_not_letters_are_told_apart() {
    assert_eq!(
        draw("The old man sat.", "The young man sat down."),
        ["The [-old-]{+young+} man sat{+ down+}."]
    );
    assert_eq!(draw("吾輩は猫である", "吾輩は犬である"), ["吾輩は[-猫-]{+犬+}である"]);
    let diff = word_diff(&passage("one two three"), &passage("one 2 three four"));
    assert_eq!((diff.added, diff.removed), (2, 1));
}

#[test]
fn paragraphs_are_added_removed_split_and_joined() {
    assert_eq!(draw("a\nb\nc", "a\nc"), ["a", "- [-b-]", "c"]);
    assert_eq!(draw("a\nc", "a\nb b\nc"), ["a", "+ {+b b+}", "c"]);
    assert_eq!(draw("one two", "one\ntwo"), ["one[- -]", "+ two"]);
    assert_eq!(draw("one\ntwo", "one two"), [format!("one[-{JOINED}-]{{+ +}}two")]);
    assert_eq!(draw("", "new"), ["{+new+}"]);
    assert_eq!(draw("old", ""), ["[-old-]"]);
}

#[test]
fn formatting_is_no_change_and_a_footnote_is_read() {
    let strong = Marks { strong: true, ..Marks::default() };
    let marked = Piece::Text { text: "tw".into(), marks: strong };
    let note = |body: &str| Piece::Footnote { body: vec![Paragraph::new(Block::Body, body)] };
    let old = Passage {
        paragraphs: vec![Paragraph {
            block: Block::Quote,
            align: None,
            pieces: vec![Piece::plain("one "), marked, Piece::plain("o"), note("see")],
        }],
    };
    let mut new = passage("one two");
    new.paragraphs[0].pieces.push(note("see below"));
    let diff = word_diff(&old, &new);
    assert_eq!(drawn(&diff), ["one two[-[see]-]{+[see below]+}"]);
    assert_eq!(diff.paragraphs[0].block, Block::Body, "as it is in the newer text");
}

#[test]
fn ten_thousand_words_that_all_changed_are_compared_without_going_quadratic() {
    let text = |salt: usize| {
        let words: Vec<String> =
            (0..10_000).map(|n| format!("w{}", (n * 7919 + salt * n * n) % 5003)).collect();
        words.chunks(100).map(|chunk| chunk.join(" ")).collect::<Vec<_>>().join("\n")
    };
    let (old, new) = (passage(&text(0)), passage(&text(1)));
    let diff = word_diff(&old, &new);
    assert_eq!(sides(&diff), (shown(&old), shown(&new)));
}

/// Both texts, read out of a difference.
fn sides(diff: &WordDiff) -> (String, String) {
    let (mut old, mut new) = (String::new(), String::new());
    for paragraph in &diff.paragraphs {
        if paragraph.kind != DiffKind::Added {
            old.push('\n');
        }
        if paragraph.kind != DiffKind::Removed {
            new.push('\n');
        }
        for piece in &paragraph.pieces {
            if piece.kind != DiffKind::Added {
                old.push_str(&piece.text.replace(JOINED, "\n"));
            }
            if piece.kind != DiffKind::Removed {
                new.push_str(&piece.text);
            }
        }
    }
    (old, new)
}

fn shown(passage: &Passage) -> String {
    passage.paragraphs.iter().map(|paragraph| format!("\n{}", paragraph.plain())).collect()
}

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-c]{1,2}|日本|שלום|[,.!] |e\u{301}|\n|\n| | ", 0..40)
        .prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn a_difference_holds_both_texts_whole_and_in_order(old in words(), new in words()) {
        let (old, new) = (passage(&old), passage(&new));
        let diff = word_diff(&old, &new);
        prop_assert_eq!(sides(&diff), (shown(&old), shown(&new)));
        let gained = diff.added.cast_signed() - diff.removed.cast_signed();
        prop_assert_eq!(gained, new.words().cast_signed() - old.words().cast_signed());
        let same = word_diff(&new, &new);
        prop_assert_eq!((same.added, same.removed), (0, 0));
    }
}
