//! Reading a PDF with poppler's tools, and what must stand in it. The tests use it, and so does `examples/pdfs.rs`.

#![allow(dead_code, reason = "each file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_interchange::export::pdf::{self, Initials, Openers, Pages, Press, Trim};
use seshat_interchange::export::{CopyFacts, Edition, Options, Place};
use seshat_interchange::{ExportNovel, import};
use seshat_manuscript::{Paragraph, Piece};

/// Says that something was not looked at; where everything must be, it is a failure.
#[allow(clippy::disallowed_methods, reason = "a test may be told where it runs")]
pub(crate) fn left_out(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what}");
    #[allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
    {
        println!("left out: {what}");
    }
}

/// The program: beside the folder of this one, or where `$SESHAT_PRESS` says.
#[allow(clippy::disallowed_methods, reason = "a test may be told where a program is")]
pub(crate) fn press() -> Option<Press> {
    let beside = || {
        let test = std::env::current_exe().unwrap();
        test.ancestors().nth(2).unwrap().join("seshat-press")
    };
    let path = std::env::var_os("SESHAT_PRESS").map_or_else(beside, PathBuf::from);
    let there = path.is_file();
    if !there {
        left_out("no seshat-press is built");
    }
    there.then(|| Press::at(path))
}

/// The novels of the corpus, by their names.
#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
pub(crate) fn novels() -> Vec<(String, ExportNovel)> {
    let corpus = std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(corpus.join("novels")) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let novel = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, ExportNovel::from(import::folder(&path).unwrap()))
    };
    paths.into_iter().map(novel).collect()
}

/// What a tool of poppler says of the file; nothing when it is not installed.
pub(crate) fn poppler(tool: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let mut command = Command::new(tool);
    command.args(arguments).arg(path);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let Ok(output) = command.output() else {
        left_out(&format!("{tool} is not installed"));
        return None;
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

pub(crate) fn assert_fonts_are_in(name: &str, path: &Path) {
    let Some(fonts) = poppler("pdffonts", &[], path) else { return };
    assert!(fonts.lines().count() > 2, "{name}: there are fonts");
    for line in fonts.lines().skip(2) {
        // emb, sub, uni, object number, generation: the last five columns.
        let columns: Vec<&str> = line.split_whitespace().rev().take(5).collect();
        assert_eq!(
            (columns[4], columns[2]),
            ("yes", "yes"),
            "{name}: embedded, with its characters: {line}"
        );
    }
}

/// Letters and digits and what stands on Hebrew ones: what may never be lost, however lines are broken.
fn letters(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || ('\u{591}'..='\u{5c7}').contains(c);
    text.chars().filter(kept).collect()
}

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

/// Text with readings behind their characters; notes go to `notes`.
fn text_of(paragraphs: &[Paragraph], text: &mut String, notes: &mut String) {
    for piece in paragraphs.iter().flat_map(|paragraph| &paragraph.pieces) {
        match piece {
            Piece::Text { text: words, marks } => {
                text.push_str(words);
                text.push_str(marks.ruby.as_deref().unwrap_or_default());
            }
            Piece::Footnote { body } => {
                // Its sign, in the text and before the note.
                text.push('1');
                notes.push('1');
                text_of(body, notes, &mut String::new());
            }
            Piece::Break | Piece::Image { .. } | Piece::Unknown { .. } => {}
        }
    }
}

/// What stands in the body of a book, and in its notes.
fn manuscript(edition: &Edition<'_>) -> (String, String) {
    let (mut text, mut notes) = (String::new(), String::new());
    for section in edition.sections.iter().filter(|section| section.place == Place::Body) {
        text.push_str(&section.plain_heading());
        section.scenes.iter().for_each(|scene| text_of(&scene.paragraphs, &mut text, &mut notes));
    }
    (letters(&text), letters(&notes))
}

/// Makes a book of `novel` and fails unless every letter stands in it, in order, in fonts that are in the file. Says how
/// many pages it has.
pub(crate) fn assert_stands_in_its_pdf(
    name: &str,
    novel: &ExportNovel,
    press: &Press,
    place: &Path,
) -> usize {
    let (options, copy) = (Options::bare(), CopyFacts::default());
    let edition = Edition::new(novel, &options, &copy).unwrap();
    let pages = Pages {
        trim: Trim::Trade,
        openers: Openers::Recto,
        initials: Initials::Dropped,
        ..Pages::default()
    };
    let path = place.join(format!("{name}.pdf"));
    let pressed = pdf::pdf_file(&edition, &pages, press, &path).unwrap();
    assert_eq!(pressed.missing, "", "{name}");
    assert_fonts_are_in(name, &path);
    // The text alone, without heads and folios: 6 × 9 inches, in points.
    let crop = ["-x", "0", "-y", "65", "-W", "432", "-H", "513"];
    let order = if edition.is_right_to_left() { "-nopgbrk" } else { "-raw" };
    if let Some(text) = poppler("pdftotext", &[&[order][..], &crop].concat(), &path) {
        let (wanted, notes) = manuscript(&edition);
        let text = letters(&text);
        assert!(sorted(&text) == sorted(&(wanted.clone() + &notes)), "{name}: the same letters");
        // Poppler puts right-to-left lines in an order of its own, and notes stand at the foot of their page.
        if notes.is_empty() && !edition.is_right_to_left() {
            let different = wanted.chars().zip(text.chars()).position(|(a, b)| a != b);
            assert!(wanted == text, "{name}: another letter at {different:?} of {}", wanted.len());
        }
    }
    pressed.pages
}
