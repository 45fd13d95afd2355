//! Passage → Markdown → passage is the identity, and Markdown → passage → Markdown is stable, for whatever a
//! generator thinks of.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use proptest::prelude::*;
use seshat_interchange::Chapter;
use seshat_interchange::markdown::{parse_chapter, write_chapter};
use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};

/// What text is made of: much of it looks like Markdown.
const PARTS: &[&str] = &[
    "word",
    "Wort",
    "é",
    "言葉",
    "שלום",
    "👩‍👩‍👧",
    "a",
    "1",
    " ",
    " ",
    "  ",
    "\t",
    "\u{a0}",
    "\u{2003}",
    "\u{2060}",
    "*",
    "**",
    "_",
    "~",
    "~~",
    "^",
    "`",
    "```",
    "\\",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "<b>",
    "<!--",
    "-->",
    "<ruby>",
    "&",
    "&amp;",
    "&#32;",
    "#",
    "# ",
    "- ",
    "+ ",
    "1. ",
    "12) ",
    "> ",
    "---",
    "===",
    "* * *",
    ":::",
    "::: {.verse}",
    "|",
    "|--|",
    "!",
    "![",
    "[^1]",
    "[^1]: ",
    ": ",
    "...",
    "[a]: b",
    "](http://x)",
    "{.smallcaps}",
    "<br>",
    "<div>",
    "%",
    "$",
    "@",
    "\"",
    "'",
    ".",
    "—",
    "=",
];

/// Text that looks like Markdown, at the beginning of a line and elsewhere.
fn text() -> impl Strategy<Value = String> {
    let part = prop::sample::select(PARTS);
    prop::collection::vec(part, 1..7).prop_map(|parts| parts.concat())
}

fn marks() -> impl Strategy<Value = Marks> {
    let flags = prop::array::uniform6(prop::bool::weighted(0.2));
    let link = prop::option::weighted(
        0.1,
        prop::sample::select(vec!["https://a.example/x_(y)?z=1&b=*2*", "mailto:a@b.example"]),
    );
    let language = prop::option::weighted(0.1, prop::sample::select(vec!["fr", "zh-Hant"]));
    let ruby = prop::option::weighted(0.1, text());
    (flags, link, language, ruby).prop_map(|(flags, link, language, ruby)| {
        let [emphasis, strong, underline, strike, smallcaps, superscript] = flags;
        let (link, language) = (link.map(str::to_owned), language.map(str::to_owned));
        Marks { emphasis, strong, underline, strike, smallcaps, superscript, link, language, ruby }
    })
}

fn text_piece() -> impl Strategy<Value = Piece> {
    (text(), prop_oneof![2 => Just(Marks::default()), 3 => marks()])
        .prop_map(|(text, marks)| Piece::Text { text, marks })
}

fn piece() -> impl Strategy<Value = Piece> {
    let atom = serde_json::json!({"kind": "later", "text": "`*[x]\n\"é"});
    let image = ("[a-f0-9]{8}", text(), prop::option::of(1..=100_u8))
        .prop_map(|(hash, alt, width)| Piece::Image { hash, alt, width });
    let note = prop::collection::vec(paragraph(text_piece().boxed()), 0..3);
    prop_oneof![
        10 => text_piece(),
        2 => Just(Piece::Break),
        1 => Just(Piece::Unknown { kept: atom }),
        1 => image,
        1 => note.prop_map(|body| Piece::Footnote { body }),
    ]
}

fn paragraph(piece: BoxedStrategy<Piece>) -> impl Strategy<Value = Paragraph> {
    let block = prop::sample::select(vec![
        Block::Body,
        Block::Body,
        Block::Heading,
        Block::Quote,
        Block::Verse,
        Block::Letter,
        Block::Break,
    ]);
    let align = prop::option::weighted(
        0.15,
        prop::sample::select(vec![Align::Left, Align::Center, Align::Right, Align::Justify]),
    );
    (block, align, prop::collection::vec(piece, 0..6))
        .prop_map(|(block, align, pieces)| Paragraph { block, align, pieces })
}

fn chapter() -> impl Strategy<Value = Chapter> {
    let scene = prop::collection::vec(paragraph(piece().boxed()), 0..5)
        .prop_map(|paragraphs| settled(Passage { paragraphs }.normalized()));
    let title =
        prop::sample::select(vec!["", "I: A *Title*", "Глава *", "C# #", "&amp; \\* 1. x", "[^1]"]);
    (title, prop::collection::vec(scene, 1..4))
        .prop_map(|(title, scenes)| Chapter { title: title.to_owned(), scenes })
}

/// What Markdown cannot say and nobody can see: signs of emphasis around white space at their edges.
fn settled(mut passage: Passage) -> Passage {
    for paragraph in &mut passage.paragraphs {
        settle(&mut paragraph.pieces);
        for piece in &mut paragraph.pieces {
            if let Piece::Footnote { body } = piece {
                body.iter_mut().for_each(|paragraph| settle(&mut paragraph.pieces));
            }
        }
    }
    passage.normalized()
}

fn settle(pieces: &mut Vec<Piece>) {
    let mut parts = Vec::new();
    for piece in pieces.drain(..) {
        match piece {
            Piece::Text { text, marks } if marks.ruby.is_none() => {
                let part = |c: char| Piece::Text { text: c.to_string(), marks: marks.clone() };
                parts.extend(text.chars().map(part));
            }
            piece => parts.push(piece),
        }
    }
    for mark in [
        (|marks| &mut marks.emphasis) as fn(&mut Marks) -> &mut bool,
        |marks| &mut marks.strong,
        |marks| &mut marks.strike,
    ] {
        for _ in 0..2 {
            let mut inside = false;
            for piece in &mut parts {
                if let Piece::Text { text, marks } = piece {
                    let space = marks.ruby.is_none() && text.chars().all(char::is_whitespace);
                    let marked = mark(marks);
                    *marked &= inside || !space;
                    inside = *marked;
                }
            }
            parts.reverse();
        }
    }
    *pieces = parts;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_written_chapter_reads_as_the_same_chapter(chapter in chapter()) {
        let written = write_chapter(&chapter);
        let read = parse_chapter(&written);
        prop_assert_eq!(&read, &chapter, "written as:\n{}", written);
    }

    #[test]
    fn any_markdown_is_stable_after_one_round_and_keeps_its_words(
        lines in prop::collection::vec((prop::sample::select(vec!["", "> ", "> > ", ">", "    ", "  "]), text()), 0..12),
        blank in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut source = String::new();
        for ((prefix, line), blank) in lines.iter().zip(blank) {
            source.push_str(prefix);
            source.push_str(line);
            source.push_str(if blank { "\n\n" } else { "\n" });
        }
        let once = write_chapter(&parse_chapter(&source));
        let twice = write_chapter(&parse_chapter(&once));
        prop_assert_eq!(&once, &twice, "from:\n{}", source);
        for word in ["word", "Wort", "言葉", "שלום"] {
            let count = |text: &str| text.matches(word).count();
            prop_assert_eq!(count(&source), count(&once), "{} in:\n{}\nwritten:\n{}", word, source, once);
        }
    }
}

#[test]
fn an_ornament_that_left_its_quotation_stays_outside_of_it() {
    let once = write_chapter(&parse_chapter("::: {.verse}\n> said\n* * *\n"));
    assert_eq!(once, "> said\n\n::: {.break}\n* * *\n:::\n");
    assert_eq!(write_chapter(&parse_chapter(&once)), once);
}
