//! Checks of what is exported: an EPUB of ours has nothing grave, and what somebody broke is found.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]

mod common;

use std::fs;
use std::io::{Cursor, Read, Write};

use seshat_interchange::export::{
    self, Contents, CopyFacts, Edition, Finding, Look, Options, check_edition, check_epub,
};
use seshat_interchange::{ExportNovel, import};
use seshat_manuscript::{Marks, Piece};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn grave(found: &[Finding]) -> Vec<&str> {
    found.iter().filter(|finding| finding.grave).map(|finding| finding.said.as_str()).collect()
}

#[test]
fn an_epub_of_ours_has_nothing_grave() {
    for language in ["en-GB", "he", "ja"] {
        let (novel, copy) = (common::rich(language), common::copy());
        let options = common::options(Contents::Before, language == "ja");
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        assert_eq!(check_epub(&export::epub(&edition).unwrap()), [], "{language}");
    }
    for path in common::novels() {
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        let (options, copy) = (Options::default(), CopyFacts::default());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        assert_eq!(check_epub(&export::epub(&edition).unwrap()), [], "{}", path.display());
    }
}

#[test]
fn valid_books_of_others_have_nothing_grave_and_broken_ones_do() {
    for (folder, fine) in [("valid", true), ("broken", false)] {
        let Some(folder) = common::corpus(&format!("documents/epub/{folder}")) else { return };
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let found = check_epub(&fs::read(&path).unwrap());
            assert_eq!(grave(&found).is_empty(), fine, "{}: {found:?}", path.display());
        }
    }
}

/// The book with its files changed.
fn changed(book: &[u8], change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let method = file.compression();
        let Some(bytes) = change(&name, bytes) else { continue };
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn book() -> Vec<u8> {
    let (novel, copy) = (common::rich("en-GB"), common::copy());
    let options = common::options(Contents::Before, false);
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    export::epub(&edition).unwrap()
}

/// What is put for what in which file, and a part of the sentence that says so.
const BREAKS: [(&str, &str, &str, &str); 15] = [
    ("EPUB/text/chapter-1.xhtml", "</section>\n</body>", "</body>", "no well-formed XML"),
    ("EPUB/text/chapter-1.xhtml", "<h1>", "<h1 id=\"chapter-1\">", "“chapter-1” is there twice"),
    ("EPUB/text/chapter-1.xhtml", "<h1>", "<h1><a href=\"away.xhtml\">x</a>", "not in the book"),
    ("EPUB/text/chapter-1.xhtml", "<h1>", "<h1><a href=\"#away\">x</a>", "no such place"),
    ("EPUB/text/chapter-1.xhtml", "../style.css", "https://example.org/x.css", "the network"),
    (
        "EPUB/package.opf",
        "<item id=\"style\" href=\"style.css\" media-type=\"text/css\"/>",
        "",
        "list of files",
    ),
    ("EPUB/package.opf", " properties=\"nav\"", "", "no list of contents"),
    ("EPUB/package.opf", "<dc:language>en-GB</dc:language>", "", "say its language"),
    (
        "EPUB/package.opf",
        "<dc:language>en-GB</dc:language>",
        "<dc:language>no tag</dc:language>",
        "names no language",
    ),
    ("EPUB/package.opf", "unique-identifier=\"id\"", "unique-identifier=\"other\"", "identifier"),
    (
        "EPUB/package.opf",
        "<meta property=\"dcterms:modified\">2023-11-14T22:13:20Z</meta>",
        "",
        "last changed",
    ),
    (
        "EPUB/package.opf",
        "<itemref idref=\"chapter-1\"/>",
        "<itemref idref=\"chapter-99\"/>",
        "“chapter-99”",
    ),
    ("EPUB/package.opf", "<item id=\"chapter-2\"", "<item id=\"chapter-1\"", "is there twice"),
    ("EPUB/nav.xhtml", "<title>Contents</title>", "<title/>", "has no title"),
    ("META-INF/container.xml", "EPUB/package.opf", "EPUB/away.opf", "is not in the archive"),
];

#[test]
fn what_somebody_broke_in_a_book_is_found_and_named() {
    let book = book();
    for (file, before, after, expected) in BREAKS {
        let broken = changed(&book, |name, bytes| {
            if name != file {
                return Some(bytes);
            }
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(before), "{before} is not in {file}");
            Some(text.replacen(before, after, 1).into_bytes())
        });
        let found = check_epub(&broken);
        let said = grave(&found).iter().any(|said| said.contains(expected));
        assert!(said, "{after} for {before} in {file}: {found:?}");
    }
}

#[test]
fn a_file_that_is_missing_or_not_listed_is_found() {
    let book = book();
    let lost = changed(&book, |name, bytes| (!name.ends_with("image-1.png")).then_some(bytes));
    let found = check_epub(&lost);
    assert!(grave(&found).iter().any(|said| said.contains("image-1.png")), "{found:?}");
    let without_type = changed(&book, |name, bytes| (name != "mimetype").then_some(bytes));
    assert!(grave(&check_epub(&without_type))[0].contains("mimetype"));
    let mut more = ZipWriter::new_append(Cursor::new(book)).unwrap();
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    more.start_file("EPUB/notes.txt", stored).unwrap();
    more.write_all(b"x").unwrap();
    let found = check_epub(&more.finish().unwrap().into_inner());
    assert!(grave(&found).is_empty() && found.len() == 1, "{found:?}");
    assert!(found[0].said.contains("notes.txt"));
    assert_eq!(check_epub(b"no archive").len(), 1);
}

#[test]
fn what_a_book_or_a_manuscript_lacks_is_said_without_being_grave() {
    let mut novel = common::rich("en-GB");
    let (options, copy) = (Options::default(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let said = |edition: &Edition<'_>, look| -> String {
        let found = check_edition(edition, look);
        found.iter().map(|finding| finding.said.as_str()).collect::<Vec<_>>().join("\n")
    };
    let whole = said(&edition, Look::Book);
    assert!(whole.contains("pictures are not on this computer"), "{whole}");
    assert!(!whole.contains("address:"), "a book needs no contact: {whole}");
    assert!(said(&edition, Look::Modern).contains("“Contact”"));
    novel.author = None;
    novel.title = String::new();
    novel.language = None;
    novel.images.clear();
    let piece = Piece::Image { hash: "two".to_owned(), alt: String::new(), width: None };
    let link = Marks { link: Some("file:///etc/x".to_owned()), ..Marks::default() };
    let text = Piece::Text { text: "x".to_owned(), marks: link };
    novel.parts[0].chapters[0].scenes[0].paragraphs[0].pieces = vec![piece, text];
    novel.images.insert("two".to_owned(), common::PICTURE.to_vec());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let said = said(&edition, Look::Book);
    for expected in ["no title", "no author", "its language", "has no description", "A link leads"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let epub = check_epub(&export::epub(&edition).unwrap());
    assert_eq!(grave(&epub), Vec::<&str>::new());
    for finding in &epub {
        assert!(said.contains(&finding.said), "both say it in the same words: {}", finding.said);
    }
    assert_eq!(epub.len(), 4, "{epub:?}");
}
