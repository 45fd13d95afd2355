//! Ten real novels in six languages: in, out, and over the wire, byte for byte. Left out where the corpus is not.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use seshat_testkit::{Laptop, Server, corpus, files_below, novels, same_files, words_of};
use seshat_tests::{EMAIL, left_out, room, text};

#[test]
fn alice_in_wonderland_comes_back_byte_for_byte() {
    round_trip("alice-in-wonderland");
}

#[test]
fn bereshit_ruth_esther_comes_back_byte_for_byte() {
    round_trip("bereshit-ruth-esther");
}

#[test]
fn die_verwandlung_comes_back_byte_for_byte() {
    round_trip("die-verwandlung");
}

#[test]
fn dracula_comes_back_byte_for_byte() {
    round_trip("dracula");
}

#[test]
fn the_hound_of_the_baskervilles_comes_back_byte_for_byte() {
    round_trip("hound-of-the-baskervilles");
}

#[test]
fn kapitanskaya_dochka_comes_back_byte_for_byte() {
    round_trip("kapitanskaya-dochka");
}

#[test]
fn kokoro_comes_back_byte_for_byte() {
    round_trip("kokoro");
}

#[test]
fn madame_bovary_comes_back_byte_for_byte() {
    round_trip("madame-bovary");
}

#[test]
fn pride_and_prejudice_comes_back_byte_for_byte() {
    round_trip("pride-and-prejudice");
}

#[test]
fn treasure_island_comes_back_byte_for_byte() {
    round_trip("treasure-island");
}

#[test]
fn no_novel_of_the_corpus_is_forgotten_here() {
    let Some(novels) = novels() else { return left_out("there is no corpus here") };
    let source = include_str!("real_input.rs");
    for novel in &novels {
        let name = novel.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(source.contains(&format!("round_trip(\"{name}\")")), "{name} has no test");
    }
    assert!(novels.len() >= 10, "only {} novels are there", novels.len());
}

#[test]
fn a_long_novel_goes_up_and_comes_down_byte_for_byte() {
    let Some(novel) = novel("pride-and-prejudice") else { return };
    let room = room();
    let server = Server::start(room.path(), "server");
    let anna = Laptop::new(room.path(), "anna");
    let imported = anna.json(&["import", &text(&novel)]);
    anna.create_account(&server.url(), EMAIL);
    let (up, _) = anna.sync();

    let ben = Laptop::bare(room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    assert_eq!(ben.sync(), (0, up), "every record that went up came down");
    let title = imported["novel"]["title"].as_str().expect("a title");
    let read = ben.exported(title, "read");
    same_files(&anna.exported(title, "written"), &read);
    assert_eq!(different(&novel, &read), Vec::<String>::new());
}

/// The folder of a novel of the corpus, or nothing where there is none.
fn novel(name: &str) -> Option<PathBuf> {
    let folder = corpus().map(|corpus| corpus.join("novels").join(name));
    if folder.is_none() {
        left_out("there is no corpus here");
    }
    folder
}

fn round_trip(name: &str) {
    let Some(novel) = novel(name) else { return };
    let room = room();
    let laptop = Laptop::new(room.path(), "anna");
    let imported = laptop.json(&["import", &text(&novel)]);
    let book = fs::read(novel.join("book.json")).expect("every novel has one");
    let book: Value = serde_json::from_slice(&book).expect("it is JSON");
    assert_eq!(imported["novel"]["title"], book["title"]);
    assert_eq!(imported["novel"]["language"], book["language"]);
    assert_eq!(imported["novel"]["chapters"], book["totals"]["chapters"]);

    let id = imported["novel"]["id"].as_str().expect("an id");
    let out = laptop.path("out");
    let exported = laptop.json(&["export", id, "--to", "md", "--out", &out]);
    assert_eq!(exported["words"], imported["novel"]["words"], "words were lost or made");
    assert_eq!(words_of(&novel), words_of(Path::new(&out)), "the words are other ones");
    assert_eq!(different(&novel, Path::new(&out)), Vec::<String>::new(), "chapters that differ");

    let again = Laptop::copy(&laptop, room.path(), "again");
    let second = again.json(&["import", &out]);
    assert_eq!(second["novel"]["words"], imported["novel"]["words"], "a second round");
    assert_eq!(second["scenes"], imported["scenes"], "a second round");
}

/// The chapters that are not the same bytes in both folders.
fn different(one: &Path, other: &Path) -> Vec<String> {
    let chapters = |folder: &Path| {
        let files = files_below(folder).into_iter();
        files.filter(|(name, _)| name.extension().is_some_and(|it| it == "md")).collect::<Vec<_>>()
    };
    let (left, right) = (chapters(one), chapters(other));
    assert_eq!(left.len(), right.len(), "there are more or fewer chapters");
    let pairs = left.iter().zip(&right).filter(|((_, ours), (_, theirs))| ours != theirs);
    pairs.map(|((name, _), _)| name.display().to_string()).collect()
}
