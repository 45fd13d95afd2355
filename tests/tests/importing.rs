//! Imports on the command line: seen before they come, cut as asked for, taken back and brought back.

use std::fs;
use std::path::Path;

use serde_json::Value;
use seshat_tests::{Written, text};

const PAGE: &str = "<html lang=\"en\"><h1>The Ferry</h1><h2>Fog</h2><p>Nobody rowed.</p><h2>Ice</h2>\
                    <p>One word.</p><hr><p>Then two more.</p><p>Chapter 3</p><p>The end.</p></html>";

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn a_document_is_seen_cut_brought_in_taken_back_and_brought_back() {
    let written = Written::new();
    let laptop = &written.laptop;
    let page = laptop.file("ferry.html", PAGE);

    let seen = laptop.ok(&["import", &page, "--dry-run"]);
    assert!(seen.contains("The Ferry") && seen.contains("2 chapters, 3 scenes"), "{seen}");
    assert!(seen.contains("2/2") && seen.contains("Then two more."), "{seen}");
    assert_eq!(list(&laptop.json(&["novel", "list"])).len(), 1, "nothing was imported");

    let cut = ["--rules", "no", "--lines", "chapters", "--title", "Across"];
    let seen = laptop.json(&[["import", &page, "--dry-run"].as_slice(), &cut].concat());
    assert_eq!((&seen["title"], &seen["chapters"]), (&"Across".into(), &3.into()));
    let came = laptop.json(&[["import", &page].as_slice(), &cut].concat());
    assert_eq!((&came["scenes"], &came["novel"]["title"]), (&3.into(), &"Across".into()));
    assert_eq!(came["novel"]["words"], seen["words"]);

    let gone = laptop.json(&["undo-import", "Across"]);
    assert_eq!(gone["novel"], came["novel"]["id"]);
    assert_eq!(list(&laptop.json(&["novel", "list"])).len(), 1);
    let missing = laptop.fails(&["undo-import", "Across"]);
    assert!(missing.contains("No novel here is called"), "{missing}");
    let back = laptop.json(&["redo-import", "Across"]);
    assert_eq!(back["id"], came["novel"]["id"]);

    let more = laptop.file("more.md", "More of it.\n");
    laptop.ok(&["scene", "append", "Across", "1/1", "--file", &more]);
    let kept = laptop.fails(&["undo-import", "Across"]);
    assert!(kept.contains("written in since"), "{kept}");
    written.unharmed();
}

#[test]
fn what_cannot_be_cut_or_read_is_one_sentence_and_nothing_comes() {
    let written = Written::new();
    let laptop = &written.laptop;
    let folder = text(&written.novel.folder);
    let refused = laptop.fails(&["import", &folder, "--pages", "chapter"]);
    assert!(refused.contains("as its files are"), "{refused}");
    let damaged = laptop.file("novel.docx", "PK\u{3}\u{4} and no more");
    let refused = laptop.fails(&["import", &damaged, "--dry-run"]);
    assert_eq!(refused, laptop.fails(&["import", &damaged]));
    assert_eq!(list(&laptop.json(&["novel", "list"])).len(), 1);
    written.unharmed();
}

#[test]
fn a_program_of_writers_brings_its_cards_and_notes() {
    let written = Written::new();
    let laptop = &written.laptop;
    let project = "<?xml version=\"1.0\" encoding=\"utf-8\"?><YWRITER7><PROJECT><Title>Salt</Title></PROJECT>\
        <SCENES><SCENE><Title>The quay</Title><ID>1</ID><BelongsToChID>1</BelongsToChID><Desc>They meet.</Desc>\
        <Status>5</Status><Notes>Whose boat?</Notes><SceneContent>Nobody came.</SceneContent></SCENE></SCENES>\
        <CHAPTERS><CHAPTER><Title>One</Title><ID>1</ID><SortOrder>1</SortOrder><Type>0</Type>\
        <Scenes><ScID>1</ScID></Scenes></CHAPTER></CHAPTERS></YWRITER7>";
    let path = written.room.path().join("salt.yw7");
    fs::write(&path, project).expect("the file can be written");
    laptop.ok(&["import", &text(Path::new(&path))]);
    let outline = laptop.json(&["novel", "outline", "Salt"]);
    let scene = &outline["nodes"][0]["children"][0];
    assert_eq!((&scene["title"], &scene["synopsis"]), (&"The quay".into(), &"They meet.".into()));
    assert_eq!(scene["status"], "final");
    let note = &outline["notes"][0]["children"][0];
    assert_eq!((&note["title"], &note["excerpt"]), (&"The quay".into(), &"Whose boat?".into()));
}
