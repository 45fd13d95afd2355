//! What syncing costs: memory (13) and room on disks (25).

use std::fs;
use std::path::{Path, PathBuf};

use seshat_testkit::{
    Laptop, Random, Running, Server, Setup, days_off, novels, peak_kib, program, seed,
};
use seshat_tests::{EMAIL, number, room, text, until_logged};

/// Novels in the library.
const LIBRARY: usize = 30;
/// What a client may hold while the library goes through it, beyond what opening a vault takes.
const CLIENT_KIB: u64 = 32 * 1024;
/// What the server may hold.
const SERVER_KIB: u64 = 64 * 1024;

/// The folders of thirty novels: the corpus three times, or what a seed makes where there is none.
fn library(folder: &Path) -> Vec<PathBuf> {
    if let Some(novels) = novels().filter(|novels| !novels.is_empty()) {
        return novels.into_iter().cycle().take(LIBRARY).collect();
    }
    let mut random = Random::new(seed());
    let made = |number: usize| {
        let path = folder.join(format!("novel-{number}.md"));
        let chapters: String = (0..20)
            .map(|chapter| format!("# Chapter {chapter}\n\n{}", random.paragraphs(150)))
            .collect();
        fs::write(&path, chapters).expect("it can be written");
        path
    };
    (0..LIBRARY).map(made).collect()
}

fn measured(laptop: &Laptop, arguments: &[&str]) -> u64 {
    let ran = laptop.run(arguments);
    assert!(ran.status.success(), "{arguments:?}: {}", ran.stderr);
    ran.peak_kib
}

#[test]
fn req_13_memory_is_bounded_while_a_library_of_thirty_novels_goes_through() {
    let room = room();
    let server = Server::start(room.path(), "server");
    let anna = Laptop::new(room.path(), "anna");
    let mut words = 0;
    for (place, path) in library(room.path()).iter().enumerate() {
        let title = format!("Novel {place}");
        let imported = anna.json(&["import", &text(path), "--title", &title]);
        words += number(&imported["novel"], "words");
    }
    anna.create_account(&server.url(), EMAIL);
    // What a command holds that only opens the vault: most of it is the stretching of the password.
    let opening = measured(&anna, &["status"]);
    let server_before = peak_kib(server.id());
    let up = measured(&anna, &["sync"]);
    let ben = Laptop::bare(room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    let down = measured(&ben, &["sync"]);
    let server_after = peak_kib(server.id());
    println!(
        "{words} words: opening {opening} KiB, up {up} KiB, down {down} KiB; \
         server {server_before} KiB before and {server_after} KiB after"
    );
    assert_eq!(ben.sync(), (0, 0));
    assert_eq!(ben.sound(), anna.sound());
    for (what, peak) in [("up", up), ("down", down)] {
        assert!(peak < opening + CLIENT_KIB, "{what}: {peak} KiB");
    }
    assert!(server_after < SERVER_KIB, "the server held {server_after} KiB");
}

/// Days on which something is written.
const DAYS: u32 = 365;
/// Bytes on a disk for each byte of text, at most. The history of every edit is in there, and what is found by searching.
const OVERHEAD: u64 = 6;

#[test]
fn req_25_a_year_of_typing_takes_little_more_room_than_its_text() {
    let room = room();
    let mut server = Server::start(room.path(), "server");
    let anna = Laptop::new(room.path(), "anna");
    anna.ok(&["novel", "new", "A year"]);
    anna.create_account(&server.url(), EMAIL);
    let mut command = std::process::Command::new(program("examples/year"));
    command.arg(&anna.home).arg(anna.path("password")).args(["A year", &DAYS.to_string()]);
    let ran = Running::start(&mut command).wait();
    assert!(ran.status.success(), "{}", ran.stderr);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one JSON value");
    let (bytes, saves) = (number(&said, "bytes"), number(&said, "saves"));
    let _up = anna.sync();
    // What is left is put together and sent, and what is contained in it removed.
    anna.ok(&["compact", "--all"]);
    let (laptop, there) = (size_of(&anna.home), size_of(&server.data));
    assert_eq!(number(&anna.json(&["novel", "list"])[0], "words"), number(&said, "words"));
    // A month later the server has thrown away what was put together, and a new laptop gets what is left.
    server.kill();
    let wrapper = days_off(31).unwrap_or_default();
    let purges = !wrapper.is_empty();
    let setup = Setup { wrapper, data: Some(server.data.clone()), ..Setup::default() };
    let later = Server::with(room.path(), "later", setup);
    if purges {
        until_logged(&later, "purged");
    }
    let ben = Laptop::bare(room.path(), "ben");
    ben.join(&later.url(), EMAIL);
    let _down = ben.sync();
    let fresh = size_of(&ben.home);
    println!(
        "{saves} saves, {bytes} bytes of text; laptop {laptop} bytes, server {there} bytes, new laptop {fresh} bytes"
    );
    assert_eq!(number(&ben.json(&["novel", "list"])[0], "words"), number(&said, "words"));
    let bound = OVERHEAD * bytes;
    assert!(laptop < bound, "the laptop: {laptop} bytes for {bytes} of text");
    assert!(!purges || fresh < bound, "a new laptop: {fresh} bytes for {bytes} of text");
}

fn size_of(folder: &Path) -> u64 {
    let sizes = seshat_testkit::files_below(folder).into_values().map(|content| content.len());
    u64::try_from(sizes.sum::<usize>()).expect("a disk is not that large")
}
