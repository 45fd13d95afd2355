//! Copies that carry an invisible mark: whoever got one is named by the file, by a file made of it, and by a chapter
//! that somebody copied out of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
#![allow(clippy::string_slice, reason = "tags are cut at their own signs")]

mod common;
mod pages;

use std::fs;
use std::io::{Cursor, ErrorKind, Read, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use seshat_interchange::export::pdf::{self, Initials, Layout, Pages, Trim};
use seshat_interchange::export::{self, CopyFacts, Edition, Look, Mark, Options, marks_in};
use seshat_interchange::{ExportNovel, import, sample};
use unicode_normalization::UnicodeNormalization;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn treasure_island() -> Option<ExportNovel> {
    let path = common::corpus("novels/treasure-island")?;
    Some(ExportNovel::from(import::folder(&path).unwrap()))
}

fn marked() -> (Mark, CopyFacts) {
    let mark = Mark::from_bytes([0, 0xff, 3, 4, 5]);
    (mark, CopyFacts { mark: Some(mark), ..CopyFacts::default() })
}

#[test]
fn a_marked_copy_names_its_recipient_in_every_format_and_after_copying_a_chapter() {
    let Some(novel) = treasure_island() else { return };
    let options = Options::default();
    let (mark, copy) = marked();
    let plain = CopyFacts::default();
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let unmarked = Edition::new(&novel, &options, &plain).unwrap();
    assert_eq!(edition.words, unmarked.words, "a mark changes no count");
    let place = tempfile::tempdir().unwrap();
    let chapter =
        export::html_pages(&edition).into_iter().find(|(name, _)| name == "chapter-5.html");
    let exports: [(&str, Vec<u8>); 8] = [
        ("a.epub", export::epub(&edition).unwrap()),
        ("a.docx", export::docx(&edition, Look::Modern).unwrap()),
        ("a.odt", export::odt(&edition).unwrap()),
        ("a.html", export::html(&edition).into_bytes()),
        ("a.txt", export::text(&edition).into_bytes()),
        ("a.md", export::pandoc(&edition).into_bytes()),
        ("common.md", export::commonmark(&edition).into_bytes()),
        ("chapter.html", chapter.unwrap().1),
    ];
    for (name, bytes) in exports {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        let found = export::identify(&path).unwrap();
        assert_eq!(found.first().map(|found| found.0), Some(mark), "{name}");
        println!("{name}: read {} times", found[0].1);
    }
    let path = place.path().join("unmarked.epub");
    fs::write(&path, export::epub(&unmarked).unwrap()).unwrap();
    assert_eq!(export::identify(&path).unwrap(), [], "no mark where none is");
}

/// The archive packed anew: other names of folders, another order, no compression.
fn packed_anew(bytes: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for at in (0..archive.len()).rev() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        zip.start_file(format!("other/{name}"), stored).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_mark_survives_packing_a_file_anew() {
    let Some(novel) = treasure_island() else { return };
    let (options, (mark, copy)) = (Options::default(), marked());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let place = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("a.epub", export::epub(&edition).unwrap()),
        ("a.docx", export::docx(&edition, Look::Classic).unwrap()),
        ("a.odt", export::odt(&edition).unwrap()),
    ] {
        let path = place.path().join(name);
        fs::write(&path, packed_anew(&bytes)).unwrap();
        let found = export::identify(&path).unwrap();
        assert_eq!(found.first().map(|found| found.0), Some(mark), "{name}");
    }
}

/// What somebody gets who marks a chapter in a reading program and copies it.
fn copied(page: &str) -> String {
    let mut out = String::new();
    for part in page.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        if tag == "/p" {
            out.push('\n');
        }
        out.push_str(text.trim_end_matches('\n'));
    }
    out.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

#[test]
fn a_mark_survives_copying_a_chapter_as_text_in_any_normal_form() {
    let Some(novel) = treasure_island() else { return };
    let (options, (mark, copy)) = (Options::default(), marked());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let epub = export::epub(&edition).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(epub)).unwrap();
    let mut page = String::new();
    archive.by_name("EPUB/text/chapter-7.xhtml").unwrap().read_to_string(&mut page).unwrap();
    let text = copied(&page);
    let named = |text: &str| marks_in(text).first().map(|found| found.0);
    assert_eq!(named(&text), Some(mark), "as it was copied");
    assert_eq!(named(&text.nfc().collect::<String>()), Some(mark), "composed");
    assert_eq!(named(&text.nfd().collect::<String>()), Some(mark), "decomposed");
    assert_eq!(named(&text.nfkc().collect::<String>()), Some(mark), "compatibility forms");
    assert_eq!(named(&text.replace('\n', "\r\n")), Some(mark), "with other line ends");
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("note.txt");
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(&path, wide).unwrap();
    let found = export::identify(&path).unwrap();
    assert_eq!(found.first().map(|found| found.0), Some(mark), "in an editor that writes UTF-16");
    let without = text.replace(['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}'], "");
    assert_eq!(named(&without), None, "whoever takes invisible characters out takes the mark out");
}

/// What is read of a file with these bytes.
fn identified(bytes: &[u8]) -> std::io::Result<Vec<(Mark, usize)>> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("found");
    fs::write(&path, bytes).unwrap();
    export::identify(&path)
}

fn names(bytes: &[u8], mark: Mark) -> bool {
    identified(bytes).unwrap().first().is_some_and(|found| found.0 == mark)
}

/// Whether identifying says that no text could be read.
fn is_unread(bytes: &[u8]) -> bool {
    identified(bytes).is_err_and(|error| error.kind() == ErrorKind::InvalidData)
}

#[test]
fn a_marked_pdf_names_its_recipient_and_one_without_a_mark_nobody() {
    let Some(press) = pages::press() else { return };
    let novel = ExportNovel::from(sample("en"));
    let options = Options::default();
    let (mark, copy) = marked();
    let plain = CopyFacts::default();
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let unmarked = Edition::new(&novel, &options, &plain).unwrap();
    let book = Pages { trim: Trim::A6, initials: Initials::Dropped, ..Pages::default() };
    let manuscript = Pages { layout: Layout::ManuscriptClassic, ..Pages::default() };
    for look in [&book, &manuscript] {
        let bytes = pdf::pdf(&edition, look, &press).unwrap().pdf;
        let found = identified(&bytes).unwrap();
        println!("{:?}: {found:?}", look.layout);
        assert_eq!(found.first().map(|found| found.0), Some(mark), "{:?}", look.layout);
        assert_eq!(found.len(), 1, "and nobody else");
        // Saved again with a note, sent with something before it, cut off in its last list.
        let noted = [&bytes[..], b"\n9999 0 obj\n<</Type/Annot>>\nendobj\n%%EOF\n"].concat();
        assert!(names(&noted, mark), "with a note");
        assert!(names(&[b"From: somebody\n\n", &bytes[..]].concat(), mark), "in an envelope");
        assert!(names(&bytes[..bytes.len() - 2000], mark), "cut off");
        let bytes = pdf::pdf(&unmarked, look, &press).unwrap().pdf;
        assert_eq!(identified(&bytes).unwrap(), [], "{:?}: no mark where none is", look.layout);
    }
}

#[test]
fn a_marked_novel_names_its_recipient_from_its_pdf() {
    let Some(press) = pages::press() else { return };
    let Some(novel) = treasure_island() else { return };
    let options = Options::default();
    let (mark, copy) = marked();
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let bytes = pdf::pdf(&edition, &Pages::default(), &press).unwrap().pdf;
    let (text, found) = (identified(export::text(&edition).as_bytes()), identified(&bytes));
    let (text, found) = (text.unwrap(), found.unwrap());
    println!("text {text:?}, PDF {found:?}");
    assert_eq!(found.first().map(|found| found.0), Some(mark));
    assert!(found[0].1 * 10 > text[0].1 * 9, "nearly all signs of the novel: {found:?}, {text:?}");
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An object with deflated bytes.
fn stream(number: usize, entries: &str, bytes: &[u8]) -> Vec<u8> {
    let packed = deflated(bytes);
    let length = packed.len();
    let head =
        format!("{number} 0 obj\n<<{entries}/Filter/FlateDecode/Length {length}>>\nstream\n");
    [head.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat()
}

fn pdf_of(parts: &[&[u8]]) -> Vec<u8> {
    [b"%PDF-1.7\n", &parts.concat()[..], b"%%EOF\n"].concat()
}

/// Text as a PDF says itself what stands on its page.
fn actual(text: &str) -> String {
    let digits: String = text.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    format!("/Span<</ActualText<feff{digits}>>>BDC BT /f 9 Tf (..)Tj ET EMC\n")
}

/// Chapter 1 of Treasure Island, marked.
fn chapter() -> Option<(Mark, String)> {
    let novel = treasure_island()?;
    let (options, (mark, copy)) = (Options::default(), marked());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    let text: String = export::text(&edition).chars().take(12_000).collect();
    assert!(marks_in(&text).len() == 1);
    Some((mark, text))
}

#[test]
fn objects_packed_into_one_and_drawings_on_a_page_are_looked_into() {
    let Some((mark, text)) = chapter() else { return };
    let text = actual(&text);
    let catalog = "<</Type/Catalog/Pages 3 0 R>>";
    let list = "<</Type/Pages/Kids[4 0 R]/Resources<</XObject<</X 7 0 R>>>>>>";
    let page = "<</Type/Page/Parent 3 0 R/Contents[6 0 R]>>";
    let heads = format!("2 0 3 {} 4 {} ", catalog.len(), catalog.len() + list.len());
    let entries = format!("/Type/ObjStm/N 3/First {}", heads.len());
    let packed = stream(5, &entries, format!("{heads}{catalog}{list}{page}").as_bytes());
    let drawing = stream(7, "/Subtype/Form", text.as_bytes());
    assert!(names(&pdf_of(&[&packed, &stream(6, "", b"/X Do"), &drawing]), mark));
    assert!(
        names(&pdf_of(&[&packed, &stream(6, "", text.as_bytes())]), mark),
        "on the page itself"
    );
    assert!(is_unread(&pdf_of(&[&packed, &stream(6, "", b"/Y Do"), &drawing])), "no such drawing");
}

#[test]
fn a_joiner_before_a_dash_in_one_line_of_a_page_is_no_sign() {
    let Some((mark, text)) = chapter() else { return };
    let placed = |text: &str, height: usize| {
        let said = actual(text).replace("BT /f 9 Tf (..)Tj ET", "");
        let said = said.trim_end().trim_end_matches("EMC");
        format!("{said} 1 0 0 1 5 {height}.5 Tm (..)Tj EMC\n")
    };
    let mut page = "BT /f 9 Tf\n".to_owned();
    for (height, line) in text.lines().enumerate() {
        for part in [line, " “Ho,\u{2060}", "—ha”"] {
            page += &placed(part, height);
        }
    }
    let page = stream(2, "", page.as_bytes());
    let file = pdf_of(&[b"1 0 obj <</Type/Page/Contents 2 0 R>> endobj\n", &page]);
    let (found, there) = (identified(&file).unwrap(), marks_in(&text));
    assert_eq!(found, there, "every sign of {mark}, and no other");
}

#[test]
fn hostile_pdfs_end_soon_and_give_nobody() {
    let page = b"1 0 obj <</Type/Page/Contents 2 0 R/Resources<</XObject<</X 2 0 R>>>>>> endobj\n";
    let itself = stream(2, "/Subtype/Form", "/X Do ".repeat(50).as_bytes());
    let bomb = stream(2, "", &vec![b' '; 50 << 20]);
    let many: Vec<u8> = (3..3000)
        .flat_map(|n| format!("{n} 0 obj<</Type/Page/Contents 2 0 R>>endobj\n").into_bytes())
        .collect();
    let deep = [b"2 0 obj ", &b"[".repeat(1 << 20)[..]].concat();
    let nested = b"1 0 obj[<<".repeat(1 << 17);
    let round = b"1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R 2 0 R]>>endobj 2 0 obj 3 0 R endobj 3 0 obj 2 0 R";
    let packed = stream(5, "/Type/ObjStm/N 4294967295/First 4294967295", b"1 0 2 0 3 0 ");
    let lengths = b"2 0 obj<</Length 4294967295>>stream\nBT".to_vec();
    let codes = stream(4, "", &b"1 begincodespacerange <0000><ffffffff> <41> endbfrange".repeat(9));
    let cases: [&[&[u8]]; 10] = [
        &[],
        &[page, &itself],
        &[page, &bomb],
        &[&many, &bomb],
        &[page, &deep],
        &[&nested],
        &[round],
        &[page, &packed],
        &[page, &lengths],
        &[page, &codes],
    ];
    for (at, case) in cases.iter().enumerate() {
        assert!(is_unread(&pdf_of(case)), "case {at}");
    }
    assert!(is_unread(b"%PDF-1.7 and something packed"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn whatever_stands_in_a_pdf_reading_it_ends(
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(vec![
                "1 0 obj", "2 0 obj", "<<", ">>", "[", "]", "(", ")", "<", ">", "/Type", "/Page", "/Pages", "/Kids",
                "/Contents", "2 0 R", "1 0 R", "stream\n", "endstream", "endobj", "/Length 9", "BT", "/X Do", "/f Tf",
                "/ActualText", "BDC", "EMC", "Tj", "/Catalog", "/Resources", "\\", "%", "\n", "4294967296", "-1.5",
            ]).prop_map(str::to_owned),
            "\\PC{0,8}",
        ], 0..200),
    ) {
        let bytes = format!("%PDF-1.7\n{}", parts.join(" "));
        prop_assert!(identified(bytes.as_bytes()).is_ok_and(|found| found.is_empty()) || is_unread(bytes.as_bytes()));
    }
}
