//! What becomes of an export when the program that sets pages is not there, is another one, dies or hangs.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use seshat_interchange::export::pdf::{self, Pages, Press};
use seshat_interchange::export::{CopyFacts, Edition, Options};
use seshat_interchange::{ExportError, ExportNovel, sample};
use tempfile::TempDir;

/// A program that is this shell script. Another program writes it: a file that this one has open for writing cannot be
/// started, and a test beside this one may have inherited it.
fn program(place: &TempDir, script: &str) -> PathBuf {
    let path = place.path().join("seshat-press");
    let write = Command::new("sh")
        .args(["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\" && chmod +x \"$2\"", "sh", script])
        .arg(&path)
        .status();
    assert!(write.unwrap().success());
    path
}

/// What is said of an export by `press` into `path`.
fn export(press: &Press, path: &Path) -> Result<pdf::Pressed, ExportError> {
    let novel = ExportNovel::from(sample("en"));
    let (options, copy) = (Options::default(), CopyFacts::default());
    let edition = Edition::new(&novel, &options, &copy).unwrap();
    pdf::pdf_file(&edition, &Pages::default(), press, path)
}

/// What is said when the program is `script`; nothing may be written.
fn said_of(script: &str) -> ExportError {
    let place = tempfile::tempdir().unwrap();
    let target = tempfile::tempdir().unwrap();
    let press = Press::at(program(&place, script));
    let error = export(&press, &target.path().join("novel.pdf")).unwrap_err();
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "nothing is left behind");
    error
}

const READ: &str = "cat >/dev/null;";

#[test]
fn without_the_program_nothing_is_written_and_a_sentence_says_so() {
    let target = tempfile::tempdir().unwrap();
    let nowhere = Press::at(target.path().join("nothing here"));
    let error = export(&nowhere, &target.path().join("novel.pdf")).unwrap_err();
    assert!(matches!(error, ExportError::NoPress { .. }), "{error}");
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn what_is_whole_is_written_and_nothing_else() {
    let line = r#"{"ok":true,"wire":1,"pages":7,"missing":"x","files":[3]}"#;
    let place = tempfile::tempdir().unwrap();
    let press = Press::at(program(&place, &format!("{READ} echo '{line}'; printf PDF")));
    let path = place.path().join("novel.pdf");
    let pressed = export(&press, &path).unwrap();
    assert_eq!((pressed.pages, pressed.missing.as_str()), (7, "x"));
    assert_eq!(fs::read(&path).unwrap(), b"PDF");

    for script in [
        // Cut off, too long, none, without its line, with a failure behind it, and no reading.
        format!("{READ} echo '{line}'; printf PD"),
        format!("{READ} echo '{line}'; printf PDFx"),
        format!("{READ} echo '{}'", line.replace("[3]", "[]")),
        format!("{READ} printf PDF"),
        format!("{READ} echo '{line}'; printf PDF; exit 1"),
        "kill -9 $$".to_owned(),
    ] {
        let error = said_of(&script);
        assert!(matches!(error, ExportError::PressStopped), "{script}: {error}");
    }
}

#[test]
fn a_program_of_another_version_is_told_from_one_that_failed() {
    for answer in [
        r#"{"ok":true,"pages":1,"missing":"","bytes":3}"#,
        r#"{"ok":true,"wire":2,"files":[3]}"#,
        "usage: seshat-press",
    ] {
        let error = said_of(&format!("{READ} echo '{answer}'; printf PDF"));
        assert!(matches!(error, ExportError::OtherPress), "{answer}: {error}");
    }
    let error = said_of(&format!(r#"{READ} echo '{{"ok":false,"wire":1,"error":"Because."}}'"#));
    assert_eq!(error.to_string(), "Because.");
}

#[test]
fn an_author_who_cancels_ends_the_program() {
    let (place, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let begun = place.path().join("begun");
    assert!(Command::new("mkfifo").arg(&begun).status().unwrap().success());
    let script = r#"echo $$ > "$(dirname "$0")/begun"; exec sleep 1000"#;
    let stop = Arc::new(AtomicBool::new(false));
    let press = Press::at(program(&place, script)).stopped_by(Arc::clone(&stop));
    let author = thread::spawn(move || {
        // Comes when the program has said who it is.
        let process = fs::read_to_string(begun).unwrap();
        stop.store(true, Ordering::Relaxed);
        process
    });
    let path = target.path().join("novel.pdf");
    let error = export(&press, &path).unwrap_err();
    assert!(matches!(error, ExportError::Stopped), "{error}");
    let process = author.join().unwrap();
    let is_there = Command::new("kill").args(["-0", process.trim()]).output().unwrap();
    assert!(!is_there.status.success(), "the program is gone");
    let error = export(&press, &path).unwrap_err();
    assert!(matches!(error, ExportError::Stopped), "not even started: {error}");
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "nothing is left behind");
}
