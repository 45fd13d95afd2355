//! Readers that we did not write agree: EPUBCheck, Pandoc and python-docx. `make test` installs them. Where one is
//! missing, its part is left out and the output says so; in CI that is a failure.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]

mod common;

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_interchange::export::{self, Contents, CopyFacts, Edition, Look, Options, check_epub};
use seshat_interchange::{ExportNovel, import};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const HOW: &str = "scripts/setup-python readers crates/seshat-interchange/tests/readers.txt, and pandoc and a Java runtime";

#[allow(clippy::disallowed_methods, reason = "where programs are is the machine's affair")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// A program of the folder that `scripts/setup-python` makes, else the system's.
fn program(name: &str) -> PathBuf {
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let own = cache.map(|cache| cache.join("seshat/readers/bin").join(name));
    own.filter(|path| path.exists()).unwrap_or_else(|| name.into())
}

/// What a program says; nothing where there is no such program, but in CI.
fn says(name: &str, arguments: &[&str]) -> Option<(bool, String)> {
    // A virtual machine for seconds of work: compiling well would cost more than it gives.
    let java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
    let output =
        Command::new(program(name)).args(arguments).env("JAVA_TOOL_OPTIONS", java).output();
    let missing = match output {
        Ok(output) => {
            let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.push_str(&String::from_utf8_lossy(&output.stderr));
            let without = ["ModuleNotFoundError", "No such file or directory: 'java'"];
            match without.iter().find(|sign| text.contains(**sign)) {
                Some(sign) => format!("{name}: {sign}"),
                None => return Some((output.status.success(), text)),
            }
        }
        Err(error) => format!("{name}: {error}"),
    };
    assert!(variable("CI").is_none(), "{missing}; install it: {HOW}");
    println!("left out: {missing}; install it: {HOW}");
    None
}

fn book(language: &str, contents: Contents, vertical: bool) -> Vec<u8> {
    let (novel, copy) = (common::rich(language), common::copy());
    let options = common::options(contents, vertical);
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    export::epub(&edition).unwrap()
}

#[test]
fn epubcheck_finds_no_error_and_no_warning_in_a_book_with_everything() {
    let place = tempfile::tempdir().unwrap();
    for (language, contents, vertical) in
        [("ja", Contents::After, true), ("he", Contents::None, false)]
    {
        let path = place.path().join(format!("{language}.epub"));
        fs::write(&path, book(language, contents, vertical)).unwrap();
        let Some((fine, text)) = says("epubcheck", &[&path.to_string_lossy()]) else { return };
        assert!(fine, "{language}: {text}");
        assert!(!text.contains("ERROR") && !text.contains("WARNING"), "{language}: {text}");
    }
}

/// The book with some texts in its files replaced.
fn changed(book: &[u8], changes: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let method = file.compression();
        for (_, before, after) in changes.iter().filter(|(changed, ..)| *changed == name) {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(before), "{before} is not in {name}");
            bytes = text.replacen(before, after, 1).into_bytes();
        }
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn epubcheck_and_our_own_check_call_the_same_broken_books_broken() {
    const CHAPTER: &str = "EPUB/text/chapter-1.xhtml";
    const PACKAGE: &str = "EPUB/package.opf";
    let place = tempfile::tempdir().unwrap();
    let book = book("en-GB", Contents::Before, false);
    // Names of what EPUBCheck finds, and parts of our sentences, for the same changes.
    let links = "<h1><a href=\"away.xhtml\">x</a><a href=\"#away\">y</a>";
    let several: [(&str, &str, &str); 5] = [
        (CHAPTER, "<h1>", links),
        (CHAPTER, "<h1>", "<h1 id=\"chapter-1\">"),
        (PACKAGE, "<dc:language>en-GB</dc:language>", ""),
        (PACKAGE, " properties=\"nav\"", ""),
        (PACKAGE, "<meta property=\"dcterms:modified\">2023-11-14T22:13:20Z</meta>", ""),
    ];
    let malformed = [(CHAPTER, "</section>\n</body>", "</body>")];
    for (changes, theirs, ours) in [
        (
            &several[..],
            &["RSC-007", "RSC-012", "Duplicate", "dc:language", "nav", "dcterms:modified"][..],
            &[
                "away.xhtml",
                "no such place",
                "is there twice",
                "say its language",
                "list of contents",
                "last changed",
            ][..],
        ),
        (&malformed[..], &["RSC-016"][..], &["no well-formed XML"][..]),
    ] {
        let broken = changed(&book, changes);
        let found = check_epub(&broken);
        for part in ours {
            let said = found.iter().any(|finding| finding.grave && finding.said.contains(part));
            assert!(said, "{part}: {found:?}");
        }
        let path = place.path().join("broken.epub");
        fs::write(&path, broken).unwrap();
        let Some((fine, text)) = says("epubcheck", &[&path.to_string_lossy()]) else { return };
        assert!(!fine, "{text}");
        for part in theirs {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Every letter of headings and scenes, in order.
fn letters_of(edition: &Edition<'_>) -> String {
    let mut all = String::new();
    for section in &edition.sections {
        all.push_str(&letters(&section.plain_heading()));
        section.scenes.iter().for_each(|scene| all.push_str(&letters(&scene.plain())));
    }
    all
}

#[test]
fn pandoc_reads_the_novels_words() {
    let Some(path) = common::corpus("novels/treasure-island") else { return };
    let novel = ExportNovel::from(import::folder(&path).unwrap());
    let (options, copy) = (Options::bare(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let place = tempfile::tempdir().unwrap();
    // Small capitals are shown as capitals.
    let expected = letters_of(&edition).to_lowercase();
    let most = expected.chars().count();
    let begin: String = expected.chars().take(20_000).collect();
    for (name, bytes) in [
        ("a.epub", export::epub(&edition).unwrap()),
        ("a.docx", export::docx(&edition, Look::Book).unwrap()),
        ("a.odt", export::odt(&edition).unwrap()),
        ("a.html", export::html(&edition).into_bytes()),
        ("a.md", export::pandoc(&edition).into_bytes()),
    ] {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        let path = path.to_string_lossy();
        let Some((fine, text)) = says("pandoc", &[&path, "-t", "plain", "--wrap=none"]) else {
            return;
        };
        assert!(fine, "{name}: {text}");
        let found = letters(&text).to_lowercase();
        // The one note of the book stands elsewhere.
        assert!(found.chars().count() >= most, "{name}: {} of {most}", found.chars().count());
        assert!(found.contains(&begin), "{name}: the text begins otherwise");
    }
}

#[test]
fn python_docx_reads_every_letter_of_a_docx() {
    let Some(path) = common::corpus("novels/treasure-island") else { return };
    let novel = ExportNovel::from(import::folder(&path).unwrap());
    let (options, copy) = (Options::bare(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.docx");
    fs::write(&path, export::docx(&edition, Look::Book).unwrap()).unwrap();
    let text = place.path().join("a.txt");
    read_docx(&path, &text, &letters_of(&edition));
}

fn read_docx(path: &Path, text: &Path, expected: &str) {
    let script = "import sys,docx
paragraphs = docx.Document(sys.argv[1]).paragraphs
open(sys.argv[2], 'w', encoding='utf-8').write('\\n'.join(p.text for p in paragraphs))";
    let arguments = ["-c", script, &path.to_string_lossy(), &text.to_string_lossy()];
    let Some((fine, said)) = says("python3", &arguments) else { return };
    assert!(fine, "{said}");
    assert!(letters(&fs::read_to_string(text).unwrap()) == expected, "every letter in order");
}
