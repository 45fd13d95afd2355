//! Seshat → DOCX, ODT, EPUB, HTML, Markdown → Seshat: text comes back exactly, structure and marks as
//! `docs/round-trips.md` lists them. For novels that a generator thinks of, and for ten that people wrote.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]

mod common;

use proptest::prelude::*;
use seshat_interchange::export::{self, CopyFacts, Edition, Look, Options};
use seshat_interchange::import::{self, ImportedNovel};
use seshat_interchange::shape::{Shaping, shape};
use seshat_interchange::{Chapter, ExportNovel, Part};
use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};

/// A file that keeps a novel's marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Docx,
    Odt,
    Epub,
    Html,
    Pandoc,
}

/// All of them.
const ALL: [Format; 5] = [Format::Docx, Format::Odt, Format::Epub, Format::Html, Format::Pandoc];

/// Out and in again, as the author would do it without changing any setting.
fn there_and_back(novel: &ExportNovel, format: Format) -> ImportedNovel {
    let (options, copy) = (Options::bare(), CopyFacts::default());
    let edition = Edition::new(novel, &options, &copy).unwrap();
    let (name, bytes) = match format {
        Format::Docx => ("a.docx", export::docx(&edition, Look::Book).unwrap()),
        Format::Odt => ("a.odt", export::odt(&edition).unwrap()),
        Format::Epub => ("a.epub", export::epub(&edition).unwrap()),
        Format::Html => ("a.html", export::html(&edition).into_bytes()),
        Format::Pandoc => ("a.md", export::pandoc(&edition).into_bytes()),
    };
    let flow = import::read_bytes(name, &bytes).unwrap();
    shape(&flow, &Shaping::guess(&flow))
}

/// What of a novel is compared, beyond its text: what the table says that this way keeps.
#[derive(Clone, Copy)]
struct Kept {
    /// Language marks, which a reader judges anew for each text.
    languages: bool,
    /// Pictures, where they are in the file.
    pictures: bool,
    /// What is a part and what is a chapter: not where chapters stand beside parts.
    ranks: bool,
}

impl Kept {
    fn by(format: Format) -> Self {
        Self { languages: true, pictures: format != Format::Pandoc, ranks: true }
    }
}

/// A novel as lines, so that a difference is seen at once.
fn lines(parts: &[Part], kept: Kept) -> Vec<String> {
    let mut lines = Vec::new();
    for part in parts {
        let (above, below) = if kept.ranks { ("PART", "CHAPTER") } else { ("TITLE", "TITLE") };
        if !part.title.is_empty() {
            lines.push(format!("{above} {}", part.title));
        }
        for chapter in &part.chapters {
            if kept.ranks || !chapter.title.is_empty() {
                lines.push(format!("{below} {}", chapter.title));
            }
            for (at, scene) in chapter.scenes.iter().enumerate() {
                if at > 0 {
                    lines.push("SCENE".to_owned());
                }
                lines.extend(scene.paragraphs.iter().map(|paragraph| line(paragraph, kept)));
            }
        }
    }
    lines
}

/// A paragraph with its marks as signs; text of the same marks stands together.
fn line(paragraph: &Paragraph, kept: Kept) -> String {
    let mut out = format!("{:?}", paragraph.block);
    if let Some(align) = paragraph.align {
        out.push_str(&format!(" {align:?}"));
    }
    out.push_str(": ");
    let mut before: Option<String> = None;
    for piece in &paragraph.pieces {
        let (said, text) = match piece {
            Piece::Text { text, marks } => (signs(marks, kept), text.clone()),
            Piece::Break => (String::new(), "⏎".to_owned()),
            Piece::Footnote { body } => {
                let lines: Vec<String> = body.iter().map(|note| line(note, kept)).collect();
                (String::new(), format!("[{}]", lines.join(" / ")))
            }
            Piece::Image { alt, width, .. } if kept.pictures => {
                (String::new(), format!("<{alt} {width:?}>"))
            }
            Piece::Image { alt, .. } => (signs(&Marks::default(), kept), alt.clone()),
            Piece::Unknown { .. } => continue,
        };
        if !said.is_empty() && before.as_ref() != Some(&said) {
            out.push_str(&said);
        }
        before = Some(said);
        out.push_str(&text);
    }
    out
}

fn signs(marks: &Marks, kept: Kept) -> String {
    let mut marks = marks.clone();
    if !kept.languages {
        marks.language = None;
    }
    // Programs underline links, so a line under one says nothing.
    marks.underline &= marks.link.is_none();
    let said = serde_json::to_string(&marks).unwrap();
    if said == "{}" { "¦".to_owned() } else { said }
}

/// What stands in text: other scripts, signs of markup, spaces that markup would join.
const WORDS: [&str; 22] = [
    "word",
    "Zoë",
    "言葉",
    "שלום",
    "كتاب",
    "Слово",
    "a & b",
    "<tag>",
    "x  y",
    "tab\tstop",
    "non\u{a0}breaking",
    "“quoted”",
    "word — word",
    "👩‍👩‍👧",
    "it's",
    "* star *",
    "# hash",
    "1. one",
    "a_b_c",
    "\\back",
    "e\u{301}",
    "soft\u{ad}hyphen",
];

fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]);
    prop::collection::vec(word, 1..5).prop_map(|words| words.join(" "))
}

fn marks() -> impl Strategy<Value = Marks> {
    let flags = prop::array::uniform6(prop::bool::weighted(0.25));
    let link = prop::option::weighted(
        0.15,
        prop::sample::select(vec!["https://a.example/x?y=1&z=2#q", "mailto:jo@a.example"]),
    );
    let ruby = prop::option::weighted(0.1, prop::sample::select(vec!["reading", "よみ"]));
    (flags, link, ruby).prop_map(|(flags, link, ruby)| {
        let [emphasis, strong, underline, strike, smallcaps, superscript] = flags;
        let (link, ruby) = (link.map(str::to_owned), ruby.map(str::to_owned));
        Marks {
            emphasis,
            strong,
            underline,
            strike,
            smallcaps,
            superscript,
            link,
            language: None,
            ruby,
        }
    })
}

fn text() -> impl Strategy<Value = Piece> {
    (words(), prop_oneof![1 => Just(Marks::default()), 1 => marks()]).prop_map(|(text, marks)| {
        // A reading stands above a word and not above a line.
        let text = if marks.ruby.is_some() { "言葉".to_owned() } else { text };
        Piece::Text { text, marks }
    })
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let note = prop::collection::vec(words(), 1..3).prop_map(|texts| {
        let body = texts.iter().map(|text| Paragraph::new(Block::Body, text)).collect();
        Piece::Footnote { body }
    });
    let image = prop::option::of(10_u8..=100).prop_map(|width| Piece::Image {
        hash: "one".to_owned(),
        alt: "A point".to_owned(),
        width,
    });
    let more = prop_oneof![
        6 => text().prop_map(|piece| vec![piece]),
        1 => text().prop_map(|piece| vec![Piece::Break, piece]),
        1 => note.prop_map(|piece| vec![piece]),
        1 => image.prop_map(|piece| vec![piece]),
    ];
    // Every paragraph begins with words of its own, or it might be an ornament or the number of a chapter.
    let first = words().prop_map(|text| Piece::plain(format!("Words {text}")));
    (first, prop::collection::vec(more, 0..4)).prop_map(|(first, more)| {
        std::iter::once(first).chain(more.into_iter().flatten()).collect()
    })
}

fn paragraph() -> impl Strategy<Value = Paragraph> {
    let block = prop::sample::select(vec![
        Block::Body,
        Block::Body,
        Block::Body,
        Block::Quote,
        Block::Verse,
        Block::Letter,
        Block::Break,
    ]);
    let align =
        prop::option::weighted(0.15, prop::sample::select(vec![Align::Center, Align::Right]));
    (block, align, pieces()).prop_map(|(block, align, pieces)| match block {
        Block::Break => Paragraph::new(Block::Break, ""),
        block => Paragraph { block, align, pieces },
    })
}

/// A scene begins and ends with a paragraph of text.
fn scene() -> impl Strategy<Value = Passage> {
    let edge = || pieces().prop_map(|pieces| Paragraph { block: Block::Body, align: None, pieces });
    (edge(), prop::collection::vec(paragraph(), 0..4), edge()).prop_map(|(first, inner, last)| {
        let paragraphs = std::iter::once(first).chain(inner).chain(std::iter::once(last));
        Passage { paragraphs: paragraphs.collect() }.normalized()
    })
}

fn novel() -> impl Strategy<Value = ExportNovel> {
    let chapters = || prop::collection::vec(prop::collection::vec(scene(), 1..4), 2..4);
    (chapters(), prop::option::of(chapters())).prop_map(|(first, second)| {
        let titles = ["The Ferry", "Rain & <Wind>", "Home", "The *Demeter*", "Zoë", "Night"];
        let mut titles = titles.into_iter();
        let mut part = |title: &str, chapters: Vec<Vec<Passage>>| Part {
            title: title.to_owned(),
            chapters: chapters
                .into_iter()
                .map(|scenes| Chapter { title: titles.next().unwrap().to_owned(), scenes })
                .collect(),
        };
        let parts = match second {
            None => vec![part("", first)],
            Some(second) => vec![part("Out", first), part("Back", second)],
        };
        ExportNovel {
            title: "A Book".to_owned(),
            language: Some("en".to_owned()),
            author: Some("Ada Lane".to_owned()),
            parts,
            images: [("one".to_owned(), common::PICTURE.to_vec())].into(),
        }
    })
}

/// Compares without building a message from two whole novels.
fn difference(found: &[String], expected: &[String]) -> Option<String> {
    let at = found.iter().zip(expected).position(|(found, expected)| found != expected);
    let at =
        at.or_else(|| (found.len() != expected.len()).then(|| found.len().min(expected.len())));
    let show =
        |lines: &[String], at: usize| lines.get(at).cloned().unwrap_or_else(|| "(end)".to_owned());
    at.map(|at| format!("line {at}:\n   {}\nand not\n   {}", show(found, at), show(expected, at)))
}

/// A novel whose difference is shown and not its every field.
struct Shown(ExportNovel);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", lines(&self.0.parts, Kept::by(Format::Docx)).join("\n"))
    }
}

/// What is different after a way there and back.
fn changes(novel: &ExportNovel, format: Format) -> Option<String> {
    let back = there_and_back(novel, format);
    let facts = [&back.title, &back.author, &back.language].map(|fact| fact.as_deref());
    if facts != [Some("A Book"), Some("Ada Lane"), Some("en")] {
        return Some(format!("{facts:?}"));
    }
    let kept = Kept::by(format);
    difference(&lines(&back.parts, kept), &lines(&novel.parts, kept))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_novel_comes_back_from_docx(novel in novel().prop_map(Shown)) {
        prop_assert_eq!(changes(&novel.0, Format::Docx), None);
    }

    #[test]
    fn a_novel_comes_back_from_odt(novel in novel().prop_map(Shown)) {
        prop_assert_eq!(changes(&novel.0, Format::Odt), None);
    }

    #[test]
    fn a_novel_comes_back_from_epub(novel in novel().prop_map(Shown)) {
        prop_assert_eq!(changes(&novel.0, Format::Epub), None);
    }

    #[test]
    fn a_novel_comes_back_from_html(novel in novel().prop_map(Shown)) {
        prop_assert_eq!(changes(&novel.0, Format::Html), None);
    }

    #[test]
    fn a_novel_comes_back_from_one_file_of_markdown(novel in novel().prop_map(Shown)) {
        prop_assert_eq!(changes(&novel.0, Format::Pandoc), None);
    }
}

#[test]
fn ten_novels_come_back_from_every_format() {
    for path in common::novels() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        for format in ALL {
            let back = there_and_back(&novel, format);
            let kept = Kept { languages: false, ranks: false, ..Kept::by(format) };
            let (found, expected) = (lines(&back.parts, kept), lines(&novel.parts, kept));
            assert_eq!(difference(&found, &expected), None, "{name}: {format:?}");
            println!("{name}: {format:?}: {} lines", found.len());
        }
    }
}

/// All words of what came back, titles of scenes among them, in alphabetical order.
fn all_words(parts: &[Part], titles: &[&str]) -> Vec<String> {
    let kept = Kept { languages: false, ranks: false, pictures: false };
    let mut text: String = titles.join(" ");
    for line in lines(parts, kept) {
        let line = line.split_once([' ', ':']).map_or("", |(_, rest)| rest);
        text.push(' ');
        text.push_str(line);
    }
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort();
    words
}

#[test]
fn where_structure_is_lost_no_word_is() {
    let scene = |text: &str| Passage { paragraphs: vec![Paragraph::new(Block::Body, text)] };
    let mut inner = scene("before the heading");
    inner.paragraphs.extend([
        Paragraph::new(Block::Heading, "Inside"),
        Paragraph::new(Block::Body, "behind the heading"),
        Paragraph::new(Block::Quote, "quoted"),
    ]);
    let chapter = |title: &str, scenes| Chapter { title: title.to_owned(), scenes };
    let part = |title: &str, chapters| Part { title: title.to_owned(), chapters };
    let novel = ExportNovel {
        title: "A Book".to_owned(),
        parts: vec![
            part("", vec![chapter("Dedication", vec![scene("for you")])]),
            part(
                "Out",
                vec![
                    chapter("", vec![scene("no title"), scene("a second one")]),
                    chapter("Home", vec![inner]),
                ],
            ),
            part(
                "Back",
                vec![
                    chapter("", vec![scene("and none again")]),
                    chapter("Last", vec![scene("the end")]),
                ],
            ),
        ],
        ..ExportNovel::default()
    };
    for format in ALL {
        let back = there_and_back(&novel, format);
        let titles: Vec<&str> = back.details.iter().map(|detail| detail.title.as_str()).collect();
        assert_eq!(all_words(&back.parts, &titles), all_words(&novel.parts, &[]), "{format:?}");
    }
}
