//! A database that is cut short, altered, empty, foreign or newer.

use std::fs;
use std::path::PathBuf;

use seshat_testkit::{Random, assert_failed, assert_sentence, seed};
use seshat_tests::Written;

fn database(written: &Written) -> (PathBuf, Vec<u8>) {
    let path = written.laptop.home.join("seshat.db");
    let whole = fs::read(&path).expect("a vault has a database");
    assert!(whole.len() > 50_000, "the database has only {} bytes", whole.len());
    (path, whole)
}

#[test]
fn a_database_that_is_empty_or_cut_short_is_refused_and_left_as_it_is() {
    let written = Written::new();
    let (path, whole) = database(&written);
    for length in [0, 1, 99, 4_096, whole.len() / 2, whole.len() - 4_096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).expect("it can be written");
        for command in [&["novel", "list"][..], &["check"], &["status"]] {
            let ran = written.laptop.run(command);
            let sentence = assert_failed(command, &ran);
            assert!(sentence.contains("damaged"), "{length} bytes: {sentence}");
        }
        let after = fs::read(&path).expect("it is there");
        assert!(after == whole[..length], "a database of {length} bytes was touched");
    }
    fs::write(&path, &whole).expect("it can be written");
    written.unharmed();
}

#[test]
fn a_file_that_is_no_database_of_seshat_is_refused_and_left_as_it_is() {
    let written = Written::new();
    let (path, whole) = database(&written);
    let text = "This is a letter and no database.\n".repeat(4_000);
    fs::write(&path, &text).expect("it can be written");
    assert!(written.laptop.fails(&["novel", "list"]).contains("damaged"));
    assert!(
        written.laptop.fails(&["init", "--kit", &written.laptop.path("k")]).contains("damaged")
    );
    assert_eq!(fs::read_to_string(&path).expect("it is there"), text);
    fs::write(&path, &whole).expect("it can be written");
    written.unharmed();
}

#[test]
fn a_database_of_a_newer_seshat_is_refused_by_name_and_left_as_it_is() {
    let written = Written::new();
    let (path, whole) = database(&written);
    let mut newer = whole.clone();
    // <https://www.sqlite.org/fileformat.html>: user_version stands in bytes 60 to 63.
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&path, &newer).expect("it can be written");
    let sentence = written.laptop.fails(&["novel", "list"]);
    assert!(sentence.contains("newer Seshat"), "{sentence}");
    assert!(fs::read(&path).expect("it is there") == newer, "a newer database was touched");
    fs::write(&path, &whole).expect("it can be written");
    written.unharmed();
}

#[test]
fn a_database_with_altered_bytes_is_found_out_or_was_not_altered_where_it_counts() {
    let written = Written::new();
    let (path, whole) = database(&written);
    let mut random = Random::new(seed());
    // Zeros are mostly room that nothing uses.
    let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let mut found = 0;
    for _ in 0..16 {
        let mut altered = whole.clone();
        let at = *random.pick(&used);
        altered[at] ^= 1 << random.below(8);
        fs::write(&path, &altered).expect("it can be written");
        let ran = written.laptop.run(&["check"]);
        if ran.status.success() {
            // Free space, or a byte that SQLite can do without: then the novel is what it was.
            written.same_on(&written.laptop);
        } else {
            assert_eq!(ran.status.code(), Some(1), "byte {at}: {}", ran.stderr);
            assert_sentence(&ran.stderr);
            found += 1;
        }
    }
    assert!(found >= 8, "only {found} of 16 alterations were found");
    fs::write(&path, &whole).expect("it can be written");
    written.unharmed();
}

#[test]
fn a_home_that_is_a_file_is_refused() {
    let written = Written::new();
    let mut laptop = written.laptop.copy(written.room.path(), "copy");
    laptop.home = PathBuf::from(laptop.file("not-a-folder", "text"));
    let _sentence = laptop.fails(&["novel", "list"]);
    let _sentence = laptop.fails(&["init", "--kit", &laptop.path("k")]);
    assert_eq!(fs::read_to_string(&laptop.home).expect("it is there"), "text");
    written.unharmed();
}
