//! PDFs and pictures of pages by the real program. `examples/pdfs.rs` does the same with whole novels.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod pages;

use pages::{assert_fonts_are_in, assert_stands_in_its_pdf, poppler, press};
use seshat_interchange::export::pdf::{self, Layout, Openers, Pages, Shown, Trim};
use seshat_interchange::export::{CopyFacts, Edition, Mark, Options, marks_in};
use seshat_interchange::{Chapter, ExportNovel, Part, sample};
use seshat_manuscript::{Block, Marks, Paragraph, Passage, Piece};

/// Two chapters of `paragraphs` in one part with a title.
fn small(language: &str, title: &str, paragraphs: Vec<Paragraph>) -> ExportNovel {
    let scene = Passage { paragraphs };
    let chapter = |title: &str, scenes| Chapter { title: title.to_owned(), scenes };
    let chapters =
        vec![chapter("א 一 I", vec![scene.clone()]), chapter("", vec![scene.clone(), scene])];
    let part = Part { title: title.to_owned(), chapters };
    ExportNovel {
        title: title.to_owned(),
        language: Some(language.to_owned()),
        parts: vec![part],
        ..ExportNovel::default()
    }
}

/// Small novels: Latin with parts, Hebrew with points, Japanese with readings.
fn scripts() -> [(&'static str, ExportNovel); 3] {
    let hebrew = "בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם וְאֵת הָאָרֶץ׃ והארץ היתה תהו ובהו וחשך על־פני תהום. ";
    let cat = "　吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。".repeat(6);
    let marks = Marks { ruby: Some("くも".to_owned()), ..Marks::default() };
    let ruby = Piece::Text { text: "蜘蛛".to_owned(), marks };
    let mut read = Paragraph::new(Block::Body, &cat);
    read.pieces.push(ruby);
    [
        ("latin", ExportNovel::from(sample("fr"))),
        ("hebrew", small("he", "בראשית", vec![Paragraph::new(Block::Body, &hebrew.repeat(4)); 9])),
        ("japanese", small("ja", "猫", vec![read; 9])),
    ]
}

#[test]
fn small_novels_in_three_scripts_stand_in_their_pdfs_letter_by_letter() {
    let Some(press) = press() else { return };
    let place = tempfile::tempdir().unwrap();
    for (name, novel) in scripts() {
        assert!(assert_stands_in_its_pdf(name, &novel, &press, place.path()) > 3, "{name}");
    }
}

#[test]
fn manuscripts_in_three_scripts_are_set_and_have_their_fonts() {
    let Some(press) = press() else { return };
    let place = tempfile::tempdir().unwrap();
    for (name, novel) in scripts() {
        let (options, copy) = (Options::default(), CopyFacts::default());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        for layout in [Layout::ManuscriptModern, Layout::ManuscriptClassic] {
            let pages = Pages { layout, trim: Trim::A4, ..Pages::default() };
            let path = place.path().join(format!("{name} {layout:?}"));
            let pressed = pdf::pdf_file(&edition, &pages, &press, &path).unwrap();
            assert_eq!(pressed.missing, "", "{name}");
            assert_fonts_are_in(name, &path);
        }
    }
}

#[test]
fn text_that_is_copied_out_of_a_recipients_pdf_names_the_recipient() {
    let Some(press) = press() else { return };
    let novel = ExportNovel::from(sample("en"));
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
fn pages_come_as_pictures_of_the_width_that_was_asked_for() {
    let Some(press) = press() else { return };
    let novel = ExportNovel::from(sample("en"));
    let (options, copy) = (Options::bare(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let look = Pages::default();
    let book = pdf::pdf(&edition, &look, &press).unwrap();
    assert!(book.pdf.starts_with(b"%PDF-") && book.pages > 4, "{} pages", book.pages);
    let shown = |from, count| {
        let shown = Shown { from, count, width: 300 };
        pdf::pages(&edition, &look, &press, shown).unwrap()
    };
    let drawn = shown(1, 2);
    assert_eq!((drawn.pages, drawn.images.len()), (book.pages, 2));
    for image in &drawn.images {
        assert!(image.starts_with(b"\x89PNG\r\n\x1a\n"));
        let side = |at: usize| u32::from_be_bytes(image[at..at + 4].try_into().unwrap());
        // A5.
        assert_eq!((side(16), side(20)), (300, 426));
    }
    assert_eq!(
        shown(2, 1).images[0],
        drawn.images[1],
        "a page looks alike, whichever is asked for with it"
    );
    assert_eq!(shown(book.pages - 1, 9).images.len(), 1, "there are no pages behind the last");
    assert_eq!(shown(book.pages, 1).images.len(), 0);
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
