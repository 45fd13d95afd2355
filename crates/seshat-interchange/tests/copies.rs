//! Copies that carry an invisible mark: whoever got one is named by the file, by a file made of it, and by a chapter
//! that somebody copied out of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
#![allow(clippy::string_slice, reason = "tags are cut at their own signs")]

mod common;

use std::fs;
use std::io::{Cursor, Read, Write};

use seshat_interchange::export::{self, CopyFacts, Edition, Look, Mark, Options, marks_in};
use seshat_interchange::{ExportNovel, import};
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
