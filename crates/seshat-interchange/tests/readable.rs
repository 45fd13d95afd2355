//! The readable copy: whatever an author has is in it, and a novel comes back from its folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use seshat_interchange::export::{
    self, OutlineLine, Readable, ReadableNovel, ReadableText, Remark,
};
use seshat_interchange::{Chapter, ExportNovel, Part, import};
use seshat_manuscript::{Block, Paragraph, Passage};

fn passage(text: &str) -> Passage {
    let paragraphs = text.lines().map(|line| Paragraph::new(Block::Body, line)).collect();
    Passage { paragraphs }.normalized()
}

fn ferry() -> ReadableNovel {
    let chapter = |title: &str, text: &str| Chapter {
        title: title.to_owned(),
        scenes: vec![passage(text), passage("Another scene.")],
    };
    let part = Part {
        title: "One".to_owned(),
        chapters: vec![chapter("The Pier", "It rained."), chapter("", "Still.")],
    };
    let text = |folders: &[&str], title: &str, text: &str| ReadableText {
        folders: folders.iter().map(|folder| (*folder).to_owned()).collect(),
        title: title.to_owned(),
        text: passage(text),
    };
    ReadableNovel {
        novel: ExportNovel {
            title: "The Ferry: or, the Wind?".to_owned(),
            language: Some("en-GB".to_owned()),
            author: Some("Ada".to_owned()),
            parts: vec![part],
            ..ExportNovel::default()
        },
        outline: vec![OutlineLine {
            kind: "scene".to_owned(),
            title: "Rain".to_owned(),
            words: Some(2),
            status: "draft".to_owned(),
            synopsis: "It rains,\nand nobody comes.".to_owned(),
            ..OutlineLine::default()
        }],
        notes: vec![text(&["People"], "Jo", "Tall."), text(&["People"], "Jo", "Short.")],
        trash: vec![text(&["The Pier"], "", "An old ending.")],
        found: vec![text(&[], "", "A page that fell out.")],
        remarks: vec![Remark {
            place: "Chapter 1, scene 1".to_owned(),
            quote: "It rained.".to_owned(),
            text: "Too wet?".to_owned(),
            author: "Desk".to_owned(),
            resolved: true,
        }],
    }
}

/// Every file below `folder` by its path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn novel_notes_trash_comments_and_what_is_missing_are_all_there() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("copy");
    let problems = vec!["One scene could not be read.".to_owned()];
    let readable = Readable { made: "2026-11-20".to_owned(), novels: vec![ferry()], problems };
    export::readable_folder(&readable, &target).unwrap();
    let files = files(&target);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let folder = "The Ferry or, the Wind";
    let expected = [
        "READ ME.txt".to_owned(),
        format!("{folder}/0001 The Pier.md"),
        format!("{folder}/0002.md"),
        format!("{folder}/Comments.md"),
        format!("{folder}/Found/0001.md"),
        format!("{folder}/Notes/People/0001 Jo.md"),
        format!("{folder}/Notes/People/0002 Jo.md"),
        format!("{folder}/Outline.md"),
        format!("{folder}/Trash/The Pier/0001.md"),
        format!("{folder}/book.json"),
    ];
    assert_eq!(names, expected);
    let file = |name: &str| &files[&format!("{folder}/{name}")];
    assert!(files["READ ME.txt"].contains("One scene could not be read."));
    assert!(file("Notes/People/0002 Jo.md").contains("Short."));
    assert!(file("Trash/The Pier/0001.md").contains("An old ending."));
    assert!(file("Found/0001.md").contains("A page that fell out."));
    assert!(file("Outline.md").contains("- Rain (scene, 2 words, draft): It rains, and nobody"));
    assert!(file("Comments.md").contains("> It rained.\n\nDesk: Too wet? (done)"));
}

#[test]
fn a_novel_comes_back_from_its_folder_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("copy");
    let readable = Readable { novels: vec![ferry()], ..Readable::default() };
    export::readable_folder(&readable, &target).unwrap();
    let back = import::folder(&target.join("The Ferry or, the Wind")).unwrap();
    assert_eq!(ExportNovel::from(back), ferry().novel);
}

#[test]
fn two_novels_of_one_title_have_two_folders() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("copy");
    let readable = Readable { novels: vec![ferry(), ferry()], ..Readable::default() };
    export::readable_folder(&readable, &target).unwrap();
    assert!(target.join("The Ferry or, the Wind (2)/book.json").exists());
}

#[test]
fn a_copy_never_replaces_what_is_there() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("precious"), "x").unwrap();
    assert!(export::readable_folder(&Readable::default(), place.path()).is_err());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing was left behind");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn titles_of_any_kind_make_a_copy_with_every_text(
        titles in prop::collection::vec("\\PC{0,12}", 1..6),
    ) {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("copy");
        let texts: Vec<_> = titles.iter().enumerate().map(|(index, title)| ReadableText {
            folders: vec![title.clone()],
            title: title.clone(),
            text: passage(&format!("text number {index}")),
        }).collect();
        let novel = ExportNovel { title: titles[0].clone(), ..ExportNovel::default() };
        let novel = ReadableNovel { novel, notes: texts, ..ReadableNovel::default() };
        let readable = Readable { novels: vec![novel], ..Readable::default() };
        export::readable_folder(&readable, &target).unwrap();
        let all: String = files(&target).into_values().collect();
        for index in 0..titles.len() {
            let text = format!("text number {index}");
            prop_assert!(all.contains(&text), "{} is missing", text);
        }
    }
}
