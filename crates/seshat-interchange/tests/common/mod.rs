//! What several tests of exports share: novels, options, the corpus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
#![allow(dead_code, reason = "every test takes a part of it")]

use std::path::{Path, PathBuf};

use seshat_interchange::export::{Contents, CopyFacts, Mark, Matter, Options, Role};
use seshat_interchange::{Chapter, ExportNovel, Part};
use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};

/// A picture of one black point.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

const COVER: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 6 9\"><rect width=\"6\" height=\"9\"/></svg>";

/// Every mark, every kind of paragraph, notes, a picture, parts, chapters without titles.
pub(crate) fn rich(language: &str) -> ExportNovel {
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
        Piece::Image {
            hash: "one".to_owned(),
            alt: "A \"point\" & more".to_owned(),
            width: Some(40),
        },
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

/// Every page before and behind the text.
pub(crate) fn options(contents: Contents, vertical: bool) -> Options {
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

/// A copy with everything that a copy can have.
pub(crate) fn copy() -> CopyFacts {
    CopyFacts {
        made: 1_700_000_000,
        identifier: [7; 16],
        cover: Some(COVER.to_vec()),
        mark: Some(Mark::from_bytes([9; 5])),
        recipient: "For <Jo>".to_owned(),
    }
}

/// Where the corpus is, or would be.
#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn place() -> PathBuf {
    std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    )
}

/// What of the corpus stands at `path`; the output says so when it is not there.
pub(crate) fn corpus(path: &str) -> Option<PathBuf> {
    let path = place().join(path);
    if path.exists() {
        return Some(path);
    }
    println!("left out: no corpus at {}", path.display());
    None
}

/// The corpus' novels.
pub(crate) fn novels() -> Vec<PathBuf> {
    let Some(folder) = corpus("novels") else { return Vec::new() };
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
