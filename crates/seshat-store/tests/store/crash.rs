//! Killing the writer, and cutting the log, at any moment.
//!
//! Each save of the writer below carries its own number everywhere (bodies, summary, vault, cursor), so that half
//! a save cannot be taken for a whole one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use seshat_protocol::{DocumentId, Sealed};
use seshat_store::{Store, Write};

use crate::common::{Dice, OURS, THEIRS, Writer, folder, page, place, store};

const DIR: &str = "SESHAT_TEST_CRASH";
const DOCUMENT: DocumentId = DocumentId([1; 16]);

#[expect(clippy::disallowed_methods, reason = "how a test talks to itself in another process")]
fn told(variable: &str) -> Option<std::path::PathBuf> {
    std::env::var_os(variable).map(Into::into)
}

/// Save number `number`, of one to four records, and a page of the server's.
fn save(store: &mut Store, number: u64) {
    let mut ours = Writer::after(OURS, store.head(OURS).unwrap());
    let count = number % 4 + 1;
    let body = || [number.to_be_bytes().to_vec(), vec![7; 2000]].concat();
    let records = (0..count).map(|_| ours.new_record(body(), place(1, 1))).collect();
    let sealed = number.to_be_bytes().to_vec();
    let summaries = vec![(DOCUMENT, Sealed(sealed.clone()))];
    let write = Write { records, summaries, vault: Some(sealed), ..Write::default() };
    store.append(&write).unwrap();
    // More than one after a kill between the two transactions.
    for next in store.server().unwrap().unwrap().cursor + 1..=number {
        let mut theirs = Writer::after(THEIRS, store.head(THEIRS).unwrap());
        let record = theirs.record(vec![3; 500]);
        store.accept(&page(&[(record, Some(place(1, 2)))], next)).unwrap();
    }
}

/// How many saves are in the store, after checking that each is there wholly or not at all.
fn whole_saves(store: &Store) -> u64 {
    store.integrity().unwrap();
    let sealed = store.summary(DOCUMENT).unwrap();
    let last = sealed.map_or(0, |sealed| u64::from_be_bytes(sealed.0.try_into().unwrap()));
    let vault = store.vault().unwrap().unwrap().blob;
    let expected = if last == 0 { b"blob".to_vec() } else { last.to_be_bytes().to_vec() };
    assert_eq!(vault, expected, "vault and summary are of different saves");
    let records = store.records_of(DOCUMENT).unwrap();
    let numbers: Vec<u64> = records
        .iter()
        .map(|stored| u64::from_be_bytes(stored.record.body.0[..8].try_into().unwrap()))
        .collect();
    let wanted: Vec<u64> =
        (1..=last).flat_map(|n| vec![n; usize::try_from(n % 4 + 1).unwrap()]).collect();
    assert_eq!(numbers, wanted, "a save is there by half, twice, or not");
    assert_eq!(store.head(OURS).unwrap().sequence, numbers.len() as u64);
    assert_eq!(store.waiting().unwrap(), numbers.len(), "records and outbox are apart");
    let cursor = store.server().unwrap().unwrap().cursor;
    assert_eq!(store.head(THEIRS).unwrap().sequence, cursor, "rows and cursor are apart");
    assert!(cursor == last || cursor + 1 == last, "the page of save {last} came before it");
    last
}

fn prepared() -> tempfile::TempDir {
    let dir = folder();
    let mut store = store(dir.path());
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    dir
}

#[test]
fn a_writer_killed_at_any_moment_loses_nothing_that_was_reported_saved() {
    let dir = prepared();
    let vault = dir.path().join("vault");
    let mut dice = Dice(17);
    let mut saved = 0;
    for round in 0..15 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::a_process_that_saves_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(DIR, &vault)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut reported = None;
        // Wait until it has begun, then let it run for a moment that differs every time.
        while reported.is_none() {
            let line = lines.next().expect("the child has failed").unwrap();
            reported = line.strip_prefix("saved ").map(|number| number.parse::<u64>().unwrap());
        }
        std::thread::sleep(Duration::from_micros(dice.next() % 60_000));
        child.kill().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("saved ").and_then(|n| n.parse().ok()) {
                reported = Some(number);
            }
        }
        child.wait().unwrap();
        let found = whole_saves(&Store::open(&vault).unwrap());
        assert!(Some(found) >= reported, "round {round}: {reported:?} reported, {found} found");
        assert!(found > saved, "round {round}: the child saved nothing");
        saved = found;
    }
    println!("{saved} saves over 15 kills");
}

#[test]
#[ignore = "run by the test above, in another process"]
fn a_process_that_saves_until_it_is_killed() {
    let Some(dir) = told(DIR) else { return };
    let mut store = Store::open(&dir).unwrap();
    println!();
    for number in whole_saves(&store) + 1.. {
        save(&mut store, number);
        println!("saved {number}");
    }
}

/// The files as a power cut may leave them: the log ends anywhere.
fn after_power_cut(vault: &Path, log: &[u8]) -> Store {
    let dir = folder().keep();
    fs::copy(vault.join("seshat.db"), dir.join("seshat.db")).unwrap();
    fs::write(dir.join("seshat.db-wal"), log).unwrap();
    let store = Store::open(&dir).unwrap();
    fs::remove_dir_all(dir).unwrap();
    store
}

#[test]
fn a_log_that_ends_anywhere_gives_whole_saves_up_to_there() {
    let dir = prepared();
    let vault = dir.path().join("vault");
    let mut store = Store::open(&vault).unwrap();
    (1..=12).for_each(|number| save(&mut store, number));
    let log = fs::read(vault.join("seshat.db-wal")).unwrap();
    let mut dice = Dice(19);
    let mut found: Vec<_> = (0..60)
        .map(|_| dice.below(log.len()))
        .chain([0, log.len()])
        .map(|length| (length, whole_saves(&after_power_cut(&vault, &log[..length]))))
        .collect();
    found.sort_unstable();
    assert!(found.is_sorted_by_key(|(_, saves)| *saves), "a longer log has fewer saves");
    assert_eq!(found.first().unwrap().1, 0);
    assert_eq!(found.last().unwrap().1, 12, "the whole log has every save");
}

#[test]
fn a_log_with_a_flipped_bit_gives_whole_saves_only() {
    let dir = prepared();
    let vault = dir.path().join("vault");
    let mut store = Store::open(&vault).unwrap();
    (1..=6).for_each(|number| save(&mut store, number));
    let log = fs::read(vault.join("seshat.db-wal")).unwrap();
    let mut dice = Dice(23);
    for _ in 0..40 {
        let mut flipped = log.clone();
        flipped[dice.below(log.len())] ^= 1 << dice.below(8);
        assert!(whole_saves(&after_power_cut(&vault, &flipped)) <= 6);
    }
}
