//! Pages of small books: what stands on them, and what must not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use common::{assert_fonts_are_in, book, chapter, page, paragraph, poppler, set};
use serde_json::json;
use seshat_press::{Job, press};

const LONG: &str = "The ferry went over the water twice a day, and nobody who lived at the pier had ever counted how often \
    that made in a year, though the ferryman said that he had once begun to.";

#[test]
fn what_looks_like_commands_is_set_as_it_was_written() {
    let text =
        "#panic(\"no\") $x^2$ *stars* _lines_ `code` <label> @reference -- \\ // /* = [a] #{1}";
    let pressed = set(&book(&[vec![text]]));
    let Some(page) = page(&pressed.pdf, 3) else { return };
    // Poppler takes a hyphen at the end of a line for one of its own.
    let together = |text: &str| text.replace('-', "").split_whitespace().collect::<String>();
    assert!(together(&page).contains(&together(text)), "{page}");
}

#[test]
fn a_blank_page_and_an_opener_have_no_head_and_no_folio() {
    let mut job = book(&[vec!["Short."], vec![LONG; 40]]);
    job["recto"] = json!(true);
    let pressed = set(&job);
    let Some(opener) = page(&pressed.pdf, 3) else { return };
    assert_eq!(opener.split_whitespace().collect::<Vec<_>>(), ["Chapter", "1", "Short."]);
    for blank in [2, 4] {
        assert_eq!(page(&pressed.pdf, blank).unwrap().trim(), "", "page {blank} is blank");
    }
    let left = page(&pressed.pdf, 6).unwrap();
    assert!(left.contains("Ada Lane") || left.contains("ada lane"), "a head on the left: {left}");
    assert!(left.lines().any(|line| line.trim() == "4"), "a folio: {left}");
    let right = page(&pressed.pdf, 7).unwrap();
    assert!(right.contains("Chapter 2"), "a head on the right: {right}");
}

#[test]
fn front_matter_has_roman_folios_and_the_list_of_contents_none() {
    let mut job = book(&[vec![LONG; 40], vec![LONG; 40]]);
    job["contents"] = json!("before");
    let preface = json!({
        "id": "front-2", "role": "preface", "place": "front", "depth": 0, "running": "", "empty": false,
        "heading": [{ "kind": "text", "text": "Preface" }],
        "scenes": [{ "paragraphs": vec![paragraph(LONG); 40] }],
    });
    job["sections"].as_array_mut().unwrap().insert(1, preface);
    let pressed = set(&job);
    let Some(contents) = page(&pressed.pdf, 3) else { return };
    let rows: Vec<&str> = contents.split_whitespace().collect();
    assert_eq!(rows, ["Contents", "Preface", "Chapter", "1", "Chapter", "2", "iv", "1", "5"]);
    let last = |number| {
        let page = page(&pressed.pdf, number).unwrap();
        page.split_whitespace().last().unwrap_or_default().to_owned()
    };
    assert_eq!((last(4).as_str(), last(5).as_str()), ("to.", "v"), "an opener, a folio");
    let right = page(&pressed.pdf, 5).unwrap();
    assert!(right.to_lowercase().contains("the ferry"), "no chapter, so the title: {right}");
}

#[test]
fn a_manuscript_says_whose_it_is_on_all_pages_but_the_first() {
    let mut job = book(&[vec![LONG; 20], vec![LONG]]);
    job["layout"] = json!("manuscript");
    let pressed = set(&job);
    let Some(first) = page(&pressed.pdf, 1) else { return };
    assert!(!first.contains("FERRY"), "{first}");
    for number in 2..=pressed.pages {
        let page = page(&pressed.pdf, number).unwrap();
        assert!(page.starts_with(&format!("Lane / FERRY / {}", number - 1)), "{number}: {page}");
    }
}

#[test]
fn no_paragraph_leaves_one_line_behind() {
    let paragraphs: Vec<&str> = vec![LONG; 120];
    let pressed = set(&book(&[paragraphs]));
    let Some(_) = page(&pressed.pdf, 3) else { return };
    for number in 4..pressed.pages {
        let page = page(&pressed.pdf, number).unwrap();
        let lines: Vec<&str> = page.lines().filter(|line| !line.trim().is_empty()).collect();
        // Between head and folio: no page begins with a paragraph's last line, or ends with a first one.
        let (first, last) = (lines[1], lines[lines.len() - 2]);
        assert!(!first.ends_with("begun to."), "page {number} begins with {first:?}");
        assert!(!last.starts_with("The ferry went"), "page {number} ends with {last:?}");
    }
}

#[test]
fn the_file_is_tagged_says_its_title_and_has_its_fonts() {
    for layout in ["print", "manuscript"] {
        let mut job = book(&[vec![LONG], vec![LONG]]);
        job["layout"] = json!(layout);
        job["contents"] = json!("before");
        let pressed = set(&job);
        assert_fonts_are_in(layout, &pressed.pdf);
        let Some(facts) = poppler("pdfinfo", &[], &pressed.pdf) else { return };
        for fact in ["The Ferry", "Ada Lane", "Seshat"] {
            assert!(facts.contains(fact), "{layout}: {fact}: {facts}");
        }
        assert!(
            facts.lines().any(|line| line.starts_with("Tagged") && line.ends_with("yes")),
            "{facts}"
        );
        assert!(!facts.contains("CreationDate"), "{layout}: nobody told the time: {facts}");
    }
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    let job = book(&[vec![LONG; 20], vec!["Ein Wort, слово, λόγος, מילה."]]);
    assert!(set(&job).pdf == set(&job).pdf);
}

#[test]
fn a_character_that_no_font_has_is_named() {
    // U+0378 is assigned to nothing.
    assert_eq!(set(&book(&[vec!["one \u{378} two"]])).missing, "\u{378}");
    assert_eq!(set(&book(&[vec!["zero\u{200b}width\u{2060}, \u{ad}soft \u{2e3a}"]])).missing, "");
}

#[test]
fn every_kind_of_paragraph_and_piece_is_set() {
    let piece = |text: &str, marks: serde_json::Value| json!({ "kind": "text", "text": format!("{text} "), "marks": marks });
    let all = json!({ "paragraphs": [
        { "block": "heading", "pieces": [piece("Inside", json!({}))] },
        { "pieces": [
            piece("emphasis", json!({ "emphasis": true })), piece("strong", json!({ "strong": true })),
            piece("under", json!({ "underline": true })), piece("strike", json!({ "strike": true })),
            piece("Caps", json!({ "smallcaps": true })), piece("up", json!({ "superscript": true })),
            piece("link", json!({ "link": "https://example.org/" })), piece("bad", json!({ "link": "file:///etc" })),
            piece("mot", json!({ "language": "fr-FR" })), piece("漢字", json!({ "ruby": "かんじ" })),
            piece("odd", json!({ "language": "not a tag", "ruby": "odd" })),
            { "kind": "break" }, piece("after", json!({})),
            { "kind": "footnote", "body": [paragraph("The note."), paragraph("Goes on.")] },
            { "kind": "image", "hash": "none", "alt": "A pier" }, { "kind": "unknown", "kept": { "kind": "new" } },
        ] },
        {},
        { "block": "quote", "pieces": [piece("quoted", json!({}))] },
        { "block": "verse", "pieces": [piece("first", json!({})), { "kind": "break" }, piece("second", json!({}))] },
        { "block": "letter", "align": "right", "pieces": [piece("signed", json!({}))] },
        { "block": "break" }, { "block": "break", "pieces": [piece("~", json!({}))] },
        { "align": "center", "pieces": [piece("middle", json!({}))] },
        { "align": "justify", "pieces": [piece("flush", json!({}))] },
    ] });
    for layout in ["print", "manuscript"] {
        for initials in [true, false] {
            let mut job =
                book(&[vec!["“Quoted” begins with a mark, and then goes on for a while."]]);
            job["layout"] = json!(layout);
            job["initials"] = json!(initials);
            job["classic"] = json!(initials);
            job["sections"].as_array_mut().unwrap().push(chapter(2, &[all.clone(), all.clone()]));
            let pressed = set(&job);
            let Some(text) = poppler("pdftotext", &["-raw"], &pressed.pdf) else { return };
            for word in "Inside emphasis strong strike link bad mot after note. on. pier quoted first second signed middle flush".split(' ')
            {
                assert_eq!(text.matches(word).count() % 2, 0, "{layout}: {word} twice: {text}");
                assert!(text.contains(word), "{layout}: {word}: {text}");
            }
        }
    }
}

#[test]
fn pages_are_drawn_as_they_are_printed() {
    let mut job = book(&[vec![LONG; 60]]);
    job["render"] = json!({ "from": 3, "count": 2, "width": 210 });
    let drawn = press(Job::read(job.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(drawn.files.len(), 2);
    let pixels = |file: &[u8]| {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.color_type), (210, png::ColorType::Grayscale));
        pixels
    };
    let is_dark = |rows: &[u8]| rows.iter().any(|pixel| *pixel < 220);
    for file in &drawn.files {
        let pixels = pixels(file);
        let row = |at: usize| &pixels[at * 210..(at + 3) * 210];
        assert!(!is_dark(row(0)), "white paper");
        // The head stands above the text, whose first line begins at 31 pixels; the folio below it.
        assert!(is_dark(&pixels[12 * 210..28 * 210]), "a head");
        assert!(is_dark(&pixels[32 * 210..200 * 210]), "text");
        assert!(!is_dark(&pixels[262 * 210..267 * 210]), "room");
        assert!(is_dark(&pixels[267 * 210..285 * 210]), "a folio");
    }
    job["render"] = json!({ "from": 1000, "count": 2, "width": 210 });
    let none = press(Job::read(job.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!((none.files.len(), none.pages), (0, drawn.pages));
}

#[test]
fn what_is_no_job_is_refused_in_a_sentence() {
    for wire in [
        "",
        "{",
        "[1",
        "{\"pictures\": 3}\n",
        "{\"pictures\":[{\"name\":\"a\",\"bytes\":5}]}\nabc",
        "{}\nrest",
        // Of another version.
        "{}",
        "{\"wire\":2}",
    ] {
        let error =
            Job::read(wire.as_bytes()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("your novel is safe"), "{wire:?}: {error}");
    }
    let error = press(Job::read(b"{\"wire\":1}").unwrap()).unwrap_err().to_string();
    assert!(error.contains("fault in Seshat"), "{error}");
}
