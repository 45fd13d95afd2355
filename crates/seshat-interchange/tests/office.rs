//! Word processors and writing programs: the corpus' documents, and ten novels that go out and come back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the output should know")]

use std::fs;
use std::path::{Path, PathBuf};

use seshat_interchange::export::{self, CopyFacts, Edition, Look, Options};
use seshat_interchange::flow::{self, Flow, Inline};
use seshat_interchange::{ExportNovel, import};
use seshat_manuscript::{Block, Marks, Paragraph, Piece};

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    if path.is_dir() {
        return Some(path);
    }
    println!("left out: no corpus at {}", path.display());
    None
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A paragraph as a line: its marks as signs, so that two can be compared at a glance.
fn line(kind: &str, parts: impl Iterator<Item = (String, Marks)>) -> String {
    let mut line = format!("{kind} ");
    let mut last: Option<Marks> = None;
    for (text, marks) in parts {
        if last.as_ref() != Some(&marks) {
            let marks = Marks { language: None, ..marks.clone() };
            let shown = serde_json::to_string(&marks).unwrap();
            line.push_str(if shown == "{}" { "¦" } else { &shown });
        }
        line.push_str(&text);
        last = Some(marks);
    }
    line
}

fn of_piece(piece: &Piece) -> Option<(String, Marks)> {
    match piece {
        Piece::Text { text, marks } => {
            Some((text.clone(), Marks { language: None, ..marks.clone() }))
        }
        Piece::Break => Some(("|".to_owned(), Marks::default())),
        Piece::Footnote { .. } => Some(("[]".to_owned(), Marks::default())),
        Piece::Image { .. } | Piece::Unknown { .. } => None,
    }
}

fn of_paragraph(paragraph: &Paragraph) -> String {
    let kind = match paragraph.block {
        Block::Body => "p",
        Block::Heading => "h",
        Block::Quote => "quote",
        Block::Verse => "verse",
        Block::Letter => "letter",
        Block::Break => "break",
    };
    line(kind, paragraph.pieces.iter().filter_map(of_piece))
}

fn of_inline(part: &Inline) -> Option<(String, Marks)> {
    match part {
        Inline::Text { text, marks } => {
            Some((text.clone(), Marks { language: None, ..marks.clone() }))
        }
        Inline::Break => Some(("|".to_owned(), Marks::default())),
        Inline::Footnote(_) => Some(("[]".to_owned(), Marks::default())),
        _ => None,
    }
}

/// The paragraphs of a flow as lines, without headings, empty lines and ornaments between scenes.
fn of_flow(flow: &Flow) -> Vec<String> {
    let mut lines = Vec::new();
    for block in &flow.blocks {
        let flow::Block::Paragraph(paragraph) = block else { continue };
        let kind = match paragraph.kind {
            flow::Kind::Normal => "p",
            flow::Kind::Quote => "quote",
            flow::Kind::Verse => "verse",
            flow::Kind::Letter => "letter",
            flow::Kind::InnerBreak => "break",
            flow::Kind::Ornament | flow::Kind::Title | flow::Kind::Subtitle => continue,
            _ => "other",
        };
        if flow::visible(&paragraph.inline) || kind == "break" {
            lines.push(line(kind, paragraph.inline.iter().filter_map(of_inline)));
        }
    }
    lines
}

#[test]
fn ten_novels_come_back_from_docx_and_odt_with_their_text_marks_and_kinds() {
    let Some(corpus) = corpus() else { return };
    let mut paragraphs = 0;
    for path in sorted(&corpus.join("novels")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        let (options, copy) = (Options::bare(), CopyFacts::default());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let expected: Vec<String> = edition
            .sections
            .iter()
            .flat_map(|section| &section.scenes)
            .flat_map(|scene| &scene.paragraphs)
            .filter(|paragraph| {
                paragraph.block == Block::Break || !paragraph.plain().trim().is_empty()
            })
            .filter(|paragraph| paragraph.block != Block::Heading)
            .map(of_paragraph)
            .collect();
        paragraphs += expected.len();
        let formats = [
            ("novel.docx", export::docx(&edition, Look::Book).unwrap()),
            ("novel.odt", export::odt(&edition).unwrap()),
        ];
        for (file, bytes) in formats {
            let flow = import::read_bytes(file, &bytes).unwrap();
            let found = of_flow(&flow);
            let different = found.iter().zip(&expected).find(|(found, expected)| found != expected);
            assert_eq!(different, None, "{name}: {file}");
            assert_eq!(found.len(), expected.len(), "{name}: {file}");
            let language = flow.language.as_deref().map(|tag| tag.split('-').next().unwrap());
            assert_eq!(language, edition.language.split('-').next(), "{name}: {file}");
        }
    }
    println!("{paragraphs} paragraphs came back alike from DOCX and from ODT");
}

#[test]
fn a_whole_novel_of_rtf_has_its_parts_its_chapters_and_its_words() {
    let Some(corpus) = corpus() else { return };
    let flow = import::read(&corpus.join("documents/rtf/madame-bovary-whole-novel.rtf")).unwrap();
    let headings = |wanted: u8| {
        let of_level = |block: &&flow::Block| match block {
            flow::Block::Heading { level, .. } => *level == wanted,
            _ => false,
        };
        flow.blocks.iter().filter(of_level).count()
    };
    assert_eq!((headings(1), headings(2)), (3, 9 + 15 + 11));
    assert_eq!(flow.language.as_deref(), Some("fr"));
    let words: usize = of_flow(&flow).iter().map(|line| seshat_manuscript::words(line)).sum();
    assert!((110_000..125_000).contains(&words), "{words}");
}
