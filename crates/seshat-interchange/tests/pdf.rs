//! PDFs of whole novels by the real program, where it is built (`cargo build -p seshat-press`) and the corpus is at
//! hand. Without either these tests say that they were left out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_interchange::export::pdf::{self, Initials, Layout, Openers, Pages, Press, Trim};
use seshat_interchange::export::{CopyFacts, Edition, Mark, Options, Place, marks_in};
use seshat_interchange::{ExportError, ExportNovel, import, sample};
use seshat_manuscript::{Paragraph, Piece};

fn left_out(what: &str) {
    #[allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
    {
        println!("left out: {what}");
    }
}

/// The program: beside this test's folder, or where `$SESHAT_PRESS` says.
#[allow(clippy::disallowed_methods, reason = "a test may be told where a program is")]
fn press() -> Option<Press> {
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

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn novels() -> Vec<PathBuf> {
    let corpus = std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(corpus.join("novels")) else {
        left_out("no corpus");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What a tool of poppler says of the file; nothing when it is not installed.
fn poppler(tool: &str, arguments: &[&str], path: &Path) -> Option<String> {
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

fn assert_fonts_are_in(name: &str, path: &Path) {
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

#[test]
fn ten_novels_stand_in_their_pdfs_letter_by_letter() {
    let Some(press) = press() else { return };
    let place = tempfile::tempdir().unwrap();
    for folder in novels() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&folder).unwrap());
        let (options, copy) = (Options::bare(), CopyFacts::default());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let pages = Pages {
            trim: Trim::Trade,
            openers: Openers::Recto,
            initials: Initials::Dropped,
            ..Pages::default()
        };
        let path = place.path().join(&name);
        let pressed = pdf::pdf_file(&edition, &pages, &press, &path).unwrap();
        assert_eq!(pressed.missing, "", "{name}");
        assert_fonts_are_in(&name, &path);
        // The text alone, without heads and folios: 6 × 9 inches, in points.
        let crop = ["-x", "0", "-y", "65", "-W", "432", "-H", "513"];
        let order = if edition.is_right_to_left() { "-nopgbrk" } else { "-raw" };
        let Some(text) = poppler("pdftotext", &[&[order][..], &crop].concat(), &path) else {
            return;
        };
        let (wanted, notes) = manuscript(&edition);
        let text = letters(&text);
        assert!(sorted(&text) == sorted(&(wanted.clone() + &notes)), "{name}: the same letters");
        // Poppler puts right-to-left lines in an order of its own, and notes stand at the foot of their page.
        if notes.is_empty() && !edition.is_right_to_left() {
            let different = wanted.chars().zip(text.chars()).position(|(a, b)| a != b);
            assert!(wanted == text, "{name}: another letter at {different:?} of {}", wanted.len());
        }
    }
}

#[test]
fn manuscripts_of_all_scripts_are_set_and_have_their_fonts() {
    let Some(press) = press() else { return };
    let place = tempfile::tempdir().unwrap();
    for folder in novels() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let mut novel = ExportNovel::from(import::folder(&folder).unwrap());
        novel.parts.iter_mut().for_each(|part| part.chapters.truncate(3));
        let (options, copy) = (Options::default(), CopyFacts::default());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        for layout in [Layout::ManuscriptModern, Layout::ManuscriptClassic] {
            let pages = Pages { layout, trim: Trim::A4, ..Pages::default() };
            let path = place.path().join(format!("{name} {layout:?}"));
            let pressed = pdf::pdf_file(&edition, &pages, &press, &path).unwrap();
            assert_eq!(pressed.missing, "", "{name}");
            assert_fonts_are_in(&name, &path);
        }
    }
}

#[test]
fn text_that_is_copied_out_of_a_recipients_pdf_names_the_recipient() {
    let Some(press) = press() else { return };
    let Some(folder) = novels().into_iter().find(|path| path.ends_with("alice-in-wonderland"))
    else {
        return;
    };
    let novel = ExportNovel::from(import::folder(&folder).unwrap());
    let mark = Mark::from_bytes([1, 2, 3, 4, 5]);
    let (options, copy) = (Options::bare(), CopyFacts { mark: Some(mark), ..CopyFacts::default() });
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("copy.pdf");
    pdf::pdf_file(&edition, &Pages::default(), &press, &path).unwrap();
    let Some(text) = poppler("pdftotext", &["-raw"], &path) else { return };
    let found = marks_in(&text);
    assert!(found.iter().any(|(found, _)| *found == mark), "a mark of this copy: {found:?}");
}

#[test]
fn without_the_program_nothing_is_written_and_a_sentence_says_so() {
    let novel = ExportNovel::from(sample("en"));
    let (options, copy) = (Options::default(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("novel.pdf");
    let nowhere = place.path().join("nothing here");
    let error = pdf::pdf_file(&edition, &Pages::default(), &Press::at(nowhere), &path).unwrap_err();
    assert!(matches!(error, ExportError::NoPress { .. }), "{error}");
    // A program that is no press answers nothing that is taken for a PDF.
    let other = std::env::current_exe().unwrap();
    let error = pdf::pdf_file(&edition, &Pages::default(), &Press::at(other), &path).unwrap_err();
    assert!(matches!(error, ExportError::PressStopped), "{error}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_job_is_a_line_of_json_and_the_pictures() {
    let mut novel = ExportNovel::from(sample("en"));
    novel.language = Some("de-AT".to_owned());
    novel.images.insert("a".to_owned(), vec![1, 2, 3]);
    novel.images.insert("b".to_owned(), vec![b'\n', 4]);
    let (options, copy) = (Options::default(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let trim = Trim::Other { width: 10, height: 2000 };
    let pages = Pages { trim, size: 110, gutter: 30, openers: Openers::Recto, ..Pages::default() };
    let wire = pdf::job(&edition, &pages, None);
    let end = wire.iter().position(|byte| *byte == b'\n').unwrap();
    assert_eq!(wire[end + 1..], [1, 2, 3, b'\n', 4], "the pictures' bytes, in order");
    let job: serde_json::Value = serde_json::from_slice(&wire[..end]).unwrap();
    assert_eq!((&job["language"], &job["region"]), (&"de".into(), &"AT".into()));
    assert_eq!((&job["size"], &job["recto"]), (&11.0.into(), &true.into()));
    assert_eq!(job["pictures"][1], serde_json::json!({ "name": "b", "bytes": 2 }));
    let points = |name: &str| job["page"][name].as_f64().unwrap();
    assert!(
        (points("width") - 141.7).abs() < 0.1,
        "no page is narrower than 50 mm: {}",
        points("width")
    );
    assert!(points("inside") > points("outside"), "room at the spine");
    assert_eq!(job["sections"].as_array().unwrap().len(), edition.sections.len());
}

#[test]
fn a_language_that_is_none_is_not_given_to_the_engine() {
    for (said, language, region) in [
        (Some("en-Latn-GB"), "en", Some("GB")),
        (Some("x-mine"), "und", None),
        (Some("e\"n"), "und", None),
        (None, "und", None),
        (Some("HE"), "he", None),
    ] {
        let novel =
            ExportNovel { language: said.map(str::to_owned), ..ExportNovel::from(sample("en")) };
        let (options, copy) = (Options::default(), CopyFacts::default());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let wire = pdf::job(&edition, &Pages::default(), None);
        let job: serde_json::Value = serde_json::from_slice(&wire[..wire.len() - 1]).unwrap();
        assert_eq!(
            (&job["language"], &job["region"]),
            (&language.into(), &region.into()),
            "{said:?}"
        );
    }
}
