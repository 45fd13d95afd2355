//! What is exported is the novel: its words, its marks, its notes; for ten novels where the corpus is at hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
#![allow(clippy::string_slice, reason = "tags are cut at their own signs")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use seshat_interchange::export::{
    self, Contents, CopyFacts, Edition, Look, Matter, Numbering, Options, Range, Role,
};
use seshat_interchange::{Chapter, ExportNovel, Part, import};
use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};
use zip::ZipArchive;

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn novels() -> Vec<PathBuf> {
    let corpus = std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let Ok(entries) = fs::read_dir(corpus.join("novels")) else {
        println!("left out: no corpus at {}", corpus.display());
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn copy() -> CopyFacts {
    CopyFacts { made: 1_700_000_000, identifier: [7; 16], ..CopyFacts::default() }
}

fn files(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut files = Vec::new();
    for name in names {
        let mut bytes = Vec::new();
        archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        files.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    files
}

fn file(bytes: &[u8], name: &str) -> String {
    files(bytes).into_iter().find(|(file, _)| file == name).unwrap().1
}

/// The text of XML: what stands in `<tag>` … `</tag>` pairs of `skip` is left out, `lines` end a line, and `br` is one.
fn text_of(xml: &str, skip: &[&str], lines: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('>').unwrap() + at;
        let tag = &rest[at + 1..end];
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        rest = &rest[end + 1..];
        if skip.contains(&name) && !tag.starts_with('/') && !tag.ends_with('/') {
            let close = format!("</{name}>");
            rest = &rest[rest.find(&close).unwrap() + close.len()..];
        }
        match name {
            "br" | "w:br" | "text:line-break" => out.push('\n'),
            "text:s" => out.push(' '),
            "w:tab" | "text:tab" if !tag.contains("w:val") => out.push('\t'),
            _ if tag.starts_with('/') && lines.contains(&name) => out.push('\n'),
            _ => {}
        }
    }
    out.push_str(rest);
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    signs.iter().fold(out, |out, (sign, plain)| out.replace(sign, plain))
}

/// The manuscript as lines: headings, paragraphs; no notes, no ornaments.
fn lines_of(edition: &Edition<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for section in &edition.sections {
        lines.extend(section.plain_heading().split('\n').map(str::to_owned));
        for paragraph in section.scenes.iter().flat_map(|scene| &scene.paragraphs) {
            lines.extend(paragraph.plain().split('\n').map(str::to_owned));
        }
    }
    tidy(lines)
}

/// Lines with something to read.
fn tidy(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    lines.into_iter().filter(|line| line.chars().any(char::is_alphanumeric)).collect()
}

fn assert_lines(found: &str, expected: &[String], what: &str) {
    let found = tidy(found.split('\n').map(str::to_owned));
    let different = found.iter().zip(expected).find(|(found, expected)| found != expected);
    assert_eq!(different, None, "{what}");
    assert_eq!(found.len(), expected.len(), "{what}: lines");
}

fn words(lines: &[String]) -> usize {
    lines.iter().map(|line| seshat_manuscript::words(line)).sum()
}

const HTML: [&str; 9] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "title"];

#[test]
fn every_export_of_ten_novels_has_exactly_the_manuscripts_text() {
    for path in novels() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        let (options, copy) = (Options::bare(), copy());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let expected = lines_of(&edition);

        let epub = files(&export::epub(&edition).unwrap());
        let mut found = String::new();
        for section in &edition.sections {
            let file = format!("EPUB/text/{}.xhtml", section.id);
            let page = &epub.iter().find(|(name, _)| *name == file).unwrap().1;
            found.push_str(&text_of(page, &["head", "rt", "aside", "a"], &HTML));
        }
        assert_lines(&found, &expected, &format!("{name}: EPUB"));

        let skip = ["head", "rt", "aside", "a", "nav"];
        let page = text_of(&export::html(&edition), &skip, &HTML);
        assert_lines(&page, &expected, &format!("{name}: HTML"));

        let docx = export::docx(&edition, Look::Book).unwrap();
        let document = file(&docx, "word/document.xml");
        let found = text_of(&document, &["w:rt"], &["w:p"]);
        assert_lines(&found, &expected, &format!("{name}: DOCX"));

        let odt = export::odt(&edition).unwrap();
        let content = file(&odt, "content.xml");
        let found = text_of(&content, &["text:ruby-text", "text:note"], &["text:p", "text:h"]);
        assert_lines(&found, &expected, &format!("{name}: ODT"));

        let chapters = edition.sections.iter().filter(|section| section.role == Role::Chapter);
        let scenes = chapters.flat_map(|chapter| &chapter.scenes);
        let counted: usize = scenes.map(Passage::words).sum();
        assert_eq!(edition.words, counted, "{name}");
        println!("{name}: {counted} words, {} words in lines with headings", words(&expected));
    }
}

#[test]
fn a_manuscript_has_the_words_between_its_title_page_and_its_end() {
    for path in novels() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        let (options, copy) = (Options::bare(), copy());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let expected = lines_of(&edition);
        for look in [Look::Modern, Look::Classic] {
            let document = file(&export::docx(&edition, look).unwrap(), "word/document.xml");
            let (_, text) = document.split_once("</w:sectPr></w:pPr></w:p>").unwrap();
            let (text, _) = text.split_once("<w:p><w:pPr><w:pStyle w:val=\"End\"/>").unwrap();
            let found = text_of(text, &["w:rt"], &["w:p"]);
            assert_lines(&found, &expected, &format!("{name}: {look:?}"));
        }
    }
}

#[test]
fn a_folder_of_pages_has_a_page_for_each_chapter_and_links_that_lead_somewhere() {
    let novel = ferry();
    let (options, copy) = (Options::default(), copy());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let pages: BTreeMap<String, Vec<u8>> = export::html_pages(&edition).into_iter().collect();
    for (name, page) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
        let page = String::from_utf8_lossy(page);
        for link in page.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap();
            if link.contains("//") {
                continue;
            }
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { name.as_str() } else { file };
            let target = String::from_utf8_lossy(pages.get(file).expect(link));
            assert!(id.is_empty() || target.contains(&format!("id=\"{id}\"")), "{name}: {link}");
        }
    }
    let chapters = edition.sections.iter().filter(|section| section.role == Role::Chapter);
    assert!(chapters.map(|c| format!("{}.html", c.id)).all(|page| pages.contains_key(&page)));
}

#[test]
fn one_file_of_markdown_comes_back_as_the_chapters_it_was() {
    for path in novels() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        let (options, copy) = (Options::bare(), copy());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let text = export::pandoc(&edition);
        let (_, body) = text.split_once("\n---\n").unwrap();
        // A novel without parts: every heading of the first level is a chapter, as it is in the manuscript.
        if novel.parts.iter().all(|part| part.title.is_empty()) {
            let back = seshat_interchange::markdown::parse_chapters(body);
            let chapters: Vec<&Chapter> =
                novel.parts.iter().flat_map(|part| &part.chapters).collect();
            assert_eq!(back.len(), chapters.len(), "{name}");
            for (back, chapter) in back.iter().zip(chapters) {
                assert_eq!(back, chapter, "{name}: {}", chapter.title);
            }
        } else {
            let headings = body.lines().filter(|line| line.starts_with('#')).count();
            let sections = edition.sections.iter().filter(|s| !s.heading.is_empty()).count();
            assert!(headings >= sections, "{name}: {headings} of {sections}");
        }
    }
}

#[test]
fn plain_text_and_commonmark_have_every_word() {
    for path in novels() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let novel = ExportNovel::from(import::folder(&path).unwrap());
        let (options, copy) = (Options::bare(), copy());
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        let letters =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let expected = lines_of(&edition).concat();
        let notes_or_readings =
            edition.sections.iter().flat_map(|section| &section.scenes).any(|scene| {
                scene.paragraphs.iter().flat_map(|p| &p.pieces).any(|piece| match piece {
                    Piece::Footnote { .. } => true,
                    Piece::Text { marks, .. } => marks.ruby.is_some(),
                    _ => false,
                })
            });
        if notes_or_readings {
            continue;
        }
        assert!(letters(&export::text(&edition)) == letters(&expected), "{name}: text");
        let mut common = export::commonmark(&edition);
        for tag in ["<em>", "</em>", "<strong>", "</strong>", "&#8203;", "&#32;"] {
            common = common.replace(tag, "");
        }
        assert!(letters(&common) == letters(&expected), "{name}: CommonMark");
    }
}

fn ferry() -> ExportNovel {
    let marked = |text: &str, marks: Marks| Piece::Text { text: text.to_owned(), marks };
    let note = Piece::Footnote { body: vec![Paragraph::new(Block::Body, "A <note> & more.")] };
    let mut first = Paragraph::new(Block::Body, "It  rained, & the ");
    first.pieces.extend([
        marked("Ferry", Marks { emphasis: true, strong: true, ..Marks::default() }),
        Piece::plain(" left"),
        note,
        Piece::plain("."),
        Piece::Break,
        marked("au revoir", Marks { language: Some("fr".to_owned()), ..Marks::default() }),
        marked(
            "link",
            Marks { link: Some("https://example.org/a?b=1&c".to_owned()), ..Marks::default() },
        ),
        marked("bad", Marks { link: Some("javascript:alert(1)".to_owned()), ..Marks::default() }),
    ]);
    let quote = Paragraph { align: Some(Align::Right), ..Paragraph::new(Block::Quote, "Quoted.") };
    let scene = Passage { paragraphs: vec![first, quote, Paragraph::new(Block::Break, "")] };
    let scene = scene.normalized();
    let chapter = |title: &str| Chapter {
        title: title.to_owned(),
        scenes: vec![scene.clone(), scene.clone()],
    };
    let part = |title: &str| Part {
        title: title.to_owned(),
        chapters: vec![chapter("The *Demeter*"), chapter("")],
    };
    ExportNovel {
        title: "The Ferry & Co".to_owned(),
        language: Some("en-GB".to_owned()),
        author: Some("Ada Lane".to_owned()),
        parts: vec![part(""), part("Two"), part("Three")],
        ..ExportNovel::default()
    }
}

#[test]
fn headings_numbers_and_ranges_are_as_the_author_chose() {
    let novel = ferry();
    let copy = copy();
    let labels = |options: &Options| -> Vec<String> {
        let edition = Edition::new(&novel, options, &copy).unwrap();
        edition.sections.iter().map(|section| section.label.clone()).collect()
    };
    let mut options = Options { chapter_heading: "#R. #t".to_owned(), ..Options::bare() };
    assert_eq!(
        labels(&options),
        ["I. The Demeter", "II", "Two", "III. The Demeter", "IV", "Three", "V. The Demeter", "VI"]
    );
    options.range = Range::Chapters { first: 3, last: 4 };
    assert_eq!(labels(&options), ["Two", "IV", "Three", "V. The Demeter"]);
    options.range = Range::Part(2);
    options.numbering = Numbering::InPart;
    assert_eq!(labels(&options), ["Three", "I. The Demeter", "II"]);
    options.range = Range::Scenes(vec![(1, 1)]);
    options.chapter_heading = "#t".to_owned();
    assert_eq!(labels(&options), ["Chapter 2"]);
    options.range = Range::Part(9);
    assert!(Edition::new(&novel, &options, &copy).is_err(), "nothing is chosen");
}

#[test]
fn marks_notes_and_addresses_are_where_programs_look_for_them() {
    let novel = ferry();
    let (options, copy) = (Options::default(), copy());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let epub = files(&export::epub(&edition).unwrap());
    assert_eq!(epub[0], ("mimetype".to_owned(), "application/epub+zip".to_owned()));
    let chapter = &epub.iter().find(|(name, _)| name.ends_with("chapter-1.xhtml")).unwrap().1;
    for expected in [
        "<h1>The <em>Demeter</em></h1>",
        "<p class=\"first pre\">It  rained, &amp; the <em><strong>Ferry</strong></em> left<a id=",
        "<span lang=\"fr\" xml:lang=\"fr\">au revoir</span>",
        "<a href=\"https://example.org/a?b=1&amp;c\">link</a>bad",
        "<blockquote>\n<p class=\"right\">Quoted.</p>\n",
        "A &lt;note&gt; &amp; more.",
        "<hr class=\"scene\"/>",
        "<hr class=\"break\"/>",
    ] {
        assert!(chapter.contains(expected), "{expected} is not in\n{chapter}");
    }
    assert!(!chapter.contains("javascript"));
    let docx = export::docx(&edition, Look::Book).unwrap();
    let document = file(&docx, "word/document.xml");
    assert_eq!(document.matches("<w:footnoteReference ").count(), 12);
    let notes = file(&docx, "word/footnotes.xml");
    assert_eq!(notes.matches("A &lt;note&gt; &amp; more.").count(), 12);
    let header = file(&export::docx(&edition, Look::Modern).unwrap(), "word/header1.xml");
    assert!(
        header.contains("Lane / FERRY / ") || header.contains("Lane / FERRY &amp; / "),
        "{header}"
    );
}

#[test]
fn what_stands_before_and_behind_the_text_is_in_its_place() {
    let novel = ferry();
    let page = |role, text: &str| Matter {
        text: Passage { paragraphs: vec![Paragraph::new(Block::Body, text)] },
        ..Matter::new(role)
    };
    let options = Options {
        front: vec![
            Matter::new(Role::TitlePage),
            page(Role::Copyright, "All rights."),
            page(Role::Dedication, "For you."),
        ],
        back: vec![page(Role::AboutAuthor, "She writes.")],
        contents: Contents::After,
        ..Options::default()
    };
    let copy = CopyFacts { recipient: "For Jo only".to_owned(), ..copy() };
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let text = export::text(&edition);
    let places: Vec<usize> =
        ["All rights.", "For Jo only", "For you.", "It  rained", "About the Author", "She writes."]
            .map(|words| text.find(words).unwrap_or_else(|| panic!("{words}")))
            .into();
    assert!(places.is_sorted(), "{places:?}");
    let package = file(&export::epub(&edition).unwrap(), "EPUB/package.opf");
    assert!(package.contains("<itemref idref=\"nav\"/>\n</spine>"), "contents after the text");
}

/// Whether tags are closed in the order in which they were opened, and nothing stands in XML that may not.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').ok_or("a tag has no end")?;
        let tag = &rest[at + 1..end];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with(['!', '?']) || tag.ends_with('/') {
        } else if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes something else"));
            }
        } else {
            open.push(name);
        }
        if tag.matches('"').count() % 2 == 1 {
            return Err(format!("a quotation mark is open in <{tag}>"));
        }
        rest = &rest[end + 1..];
    }
    for after in xml.split('&').skip(1) {
        if !["amp;", "lt;", "gt;", "quot;", "#"].iter().any(|name| after.starts_with(name)) {
            return Err("an ampersand stands alone".to_owned());
        }
    }
    let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    if xml.contains(forbidden) || !open.is_empty() {
        return Err(format!("forbidden characters, or left open: {open:?}"));
    }
    Ok(())
}

fn any_piece() -> impl Strategy<Value = Piece> {
    let marks = (
        any::<[bool; 6]>(),
        prop::option::of(any::<String>()),
        prop::option::of("[a-z-]{0,9}|.{3}"),
    );
    let marks = marks.prop_map(|(on, text, language)| Marks {
        emphasis: on[0],
        strong: on[1],
        underline: on[2],
        strike: on[3],
        smallcaps: on[4],
        superscript: on[5],
        link: text.clone().map(|text| format!("https://example.org/{text}")),
        language,
        ruby: text,
    });
    prop_oneof![
        4 => (any::<String>(), marks).prop_map(|(text, marks)| Piece::Text { text, marks }),
        1 => Just(Piece::Break),
        1 => any::<String>().prop_map(|text| Piece::Footnote { body: vec![Paragraph::new(Block::Quote, &text)] }),
        1 => any::<String>().prop_map(|alt| Piece::Image { hash: "none".to_owned(), alt, width: None }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_the_author_wrote_every_file_is_well_formed(
        title in any::<String>(),
        separator in any::<String>(),
        pieces in prop::collection::vec(any_piece(), 0..6),
        kind in 0_usize..6,
    ) {
        let kinds = [Block::Body, Block::Heading, Block::Quote, Block::Verse, Block::Letter, Block::Break];
        let paragraph = Paragraph { block: kinds[kind], align: None, pieces };
        let scene = Passage { paragraphs: vec![paragraph.clone(), Paragraph::default(), paragraph] };
        let chapter = Chapter { title: title.clone(), scenes: vec![scene.clone(), scene] };
        let part = |title: &str| Part { title: title.to_owned(), chapters: vec![chapter.clone()] };
        let novel = ExportNovel {
            parts: vec![part(""), part(&title)],
            author: Some(title.clone()),
            language: Some(title.clone()),
            title,
            ..ExportNovel::default()
        };
        let options = Options { separator, ..Options::default() };
        let copy = copy();
        let edition = Edition::new(&novel, &options, &copy).unwrap();
        for bytes in [
            export::epub(&edition).unwrap(),
            export::docx(&edition, Look::Classic).unwrap(),
            export::odt(&edition).unwrap(),
        ] {
            for (name, text) in files(&bytes) {
                if name.ends_with(".xml") || name.ends_with(".xhtml") || name.ends_with(".opf") {
                    prop_assert_eq!(well_formed(&text), Ok(()), "{}: {}", name, text);
                }
            }
        }
        // Nothing panics where there is no form to check.
        let _texts = (export::html(&edition), export::pandoc(&edition), export::commonmark(&edition));
    }
}
