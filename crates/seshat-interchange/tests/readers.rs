//! Readers that we did not write agree: EPUBCheck, Pandoc and python-docx, each where it is installed. What is not
//! installed is left out, and the output says so.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_interchange::export::{
    self, Contents, CopyFacts, Edition, Look, Mark, Matter, Options, Role,
};
use seshat_interchange::{Chapter, ExportNovel, Part, import};
use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};

/// What a program says, or nothing where there is no such program.
fn says(program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.push_str(&String::from_utf8_lossy(&output.stderr));
            Some((output.status.success(), text))
        }
        Err(_) => {
            println!("left out: {program} is not installed");
            None
        }
    }
}

/// A picture of one black point.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

const COVER: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 6 9\"><rect width=\"6\" height=\"9\"/></svg>";

/// Every mark, every kind of paragraph, notes, a picture, parts, chapters without titles.
fn rich(language: &str) -> ExportNovel {
    let piece = |marks| Piece::Text { text: "Some words, ".to_owned(), marks };
    let plain = Marks::default;
    let pieces = vec![
        piece(Marks { emphasis: true, ..plain() }),
        piece(Marks { strong: true, emphasis: true, ..plain() }),
        piece(Marks { underline: true, strike: true, ..plain() }),
        piece(Marks { smallcaps: true, superscript: true, ..plain() }),
        piece(Marks { link: Some("https://example.org/a b?q=<1>&r=\"2\"".to_owned()), ..plain() }),
        piece(Marks { link: Some("mailto:jo@example.org".to_owned()), ..plain() }),
        piece(Marks { language: Some("fr-CA".to_owned()), ..plain() }),
        piece(Marks { language: Some("not a tag!".to_owned()), ..plain() }),
        piece(Marks { language: Some("he".to_owned()), ..plain() }),
        piece(Marks { ruby: Some("reading".to_owned()), ..plain() }),
        Piece::Break,
        Piece::Image { hash: "one".to_owned(), alt: "A \"point\" & more".to_owned(), width: Some(40) },
        Piece::Image { hash: "missing".to_owned(), alt: "not there".to_owned(), width: None },
        Piece::Footnote { body: vec![Paragraph::new(Block::Body, "A note."); 2] },
    ];
    let kinds =
        [Block::Body, Block::Heading, Block::Quote, Block::Verse, Block::Letter, Block::Break];
    let sides = [None, Some(Align::Left), Some(Align::Center), Some(Align::Right)];
    let mut paragraphs = Vec::new();
    for (block, align) in kinds.into_iter().flat_map(|kind| sides.map(|side| (kind, side))) {
        paragraphs.push(Paragraph { block, align, pieces: pieces.clone() });
        paragraphs.push(Paragraph::new(block, ""));
    }
    let scene = Passage { paragraphs }.normalized();
    let empty = Passage::default().normalized();
    let chapter = |title: &str, scenes| Chapter { title: title.to_owned(), scenes };
    let chapters = vec![
        chapter("One & **two**", vec![scene.clone(), scene]),
        chapter("", vec![empty.clone(), empty]),
        chapter("Nothing", Vec::new()),
    ];
    let part = |title: &str| Part { title: title.to_owned(), chapters: chapters.clone() };
    ExportNovel {
        title: "Rich & <strange>".to_owned(),
        language: Some(language.to_owned()),
        author: Some("Ada \"A\" Lane".to_owned()),
        parts: vec![part(""), part("Part *Two*"), part("Three")],
        images: [("one".to_owned(), PICTURE.to_vec())].into(),
    }
}

fn options(contents: Contents, vertical: bool) -> Options {
    let page = |role| Matter {
        text: Passage { paragraphs: vec![Paragraph::new(Block::Body, "Words.")] },
        ..Matter::new(role)
    };
    let roles = [Role::Copyright, Role::Dedication, Role::Epigraph, Role::Foreword, Role::Preface];
    let back = [Role::Afterword, Role::Acknowledgements, Role::AboutAuthor, Role::AlsoBy];
    let title = std::iter::once(Matter::new(Role::TitlePage));
    Options {
        front: title.chain(roles.map(page)).collect(),
        back: back.map(page).into(),
        contents,
        vertical,
        separator: "\u{2766} </style>".to_owned(),
        subtitle: "A <subtitle>".to_owned(),
        publisher: "Nobody & Sons".to_owned(),
        rights: "© Ada".to_owned(),
        description: "Short & good.".to_owned(),
        ..Options::default()
    }
}

fn copy() -> CopyFacts {
    CopyFacts {
        made: 1_700_000_000,
        identifier: [7; 16],
        cover: Some(COVER.to_vec()),
        mark: Some(Mark::from_bytes([9; 5])),
        recipient: "For <Jo>".to_owned(),
    }
}

#[test]
fn epubcheck_finds_no_error_and_no_warning_in_a_book_with_everything() {
    let place = tempfile::tempdir().unwrap();
    for (language, contents, vertical) in [
        ("en-GB", Contents::Before, false),
        ("ja", Contents::After, true),
        ("he", Contents::None, false),
    ] {
        let (novel, copy) = (rich(language), copy());
        let options = options(contents, vertical);
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let path = place.path().join(format!("{language}.epub"));
        fs::write(&path, export::epub(&edition).unwrap()).unwrap();
        let Some((_, text)) = says("epubcheck", &[&path.to_string_lossy()]) else { return };
        assert!(!text.contains("ERROR") && !text.contains("WARNING"), "{language}: {text}");
    }
}

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn corpus() -> PathBuf {
    std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    )
}

#[test]
fn pandoc_and_python_docx_read_the_novels_words() {
    let path = corpus().join("novels/treasure-island");
    let Ok(novel) = import::folder(&path) else {
        println!("left out: no novel at {}", path.display());
        return;
    };
    let novel = ExportNovel::from(novel);
    let (options, copy) = (Options::bare(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let place = tempfile::tempdir().unwrap();
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphabetic()).collect() };
    let mut expected = String::new();
    for section in &edition.sections {
        expected.push_str(&letters(&section.plain_heading()));
        section.scenes.iter().for_each(|scene| expected.push_str(&letters(&scene.plain())));
    }
    let exports = [
        ("a.epub", export::epub(&edition).unwrap()),
        ("a.docx", export::docx(&edition, Look::Book).unwrap()),
        ("a.odt", export::odt(&edition).unwrap()),
        ("a.html", export::html(&edition).into_bytes()),
        ("a.md", export::pandoc(&edition).into_bytes()),
    ];
    for (name, bytes) in exports {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        let path = path.to_string_lossy();
        if let Some((fine, text)) = says("pandoc", &[&path, "-t", "plain", "--wrap=none"]) {
            assert!(fine, "{name}: {text}");
            let found = letters(&text);
            // One note of some hundred letters stands elsewhere; small capitals are shown as capitals.
            let (found, expected) = (found.to_lowercase(), expected.to_lowercase());
            let most = expected.chars().count();
            assert!(found.chars().count() >= most, "{name}: {} of {most}", found.chars().count());
            let begin: String = expected.chars().take(20_000).collect();
            assert!(found.contains(&begin), "{name}: the text begins otherwise");
        }
    }
    let path = place.path().join("a.docx");
    let script = "import sys,docx;print(len(docx.Document(sys.argv[1]).paragraphs))";
    if let Some((fine, text)) = says("python3", &["-c", script, &path.to_string_lossy()]) {
        if text.contains("ModuleNotFoundError") {
            println!("left out: python-docx is not installed");
            return;
        }
        assert!(fine, "{text}");
        assert!(text.trim().parse::<usize>().unwrap() > 1000, "{text}");
    }
}
