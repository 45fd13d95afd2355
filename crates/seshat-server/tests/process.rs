//! The real binary: it says where it listens, ends cleanly when asked, keeps what it had, and shares its
//! folder with nobody.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::io::{BufRead, BufReader};

use seshat_protocol::PushRequest;
use support::Author;
use support::process::{command, start, start_with};

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_asked_and_has_everything_when_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep").join("data");
    let mut author = Author::new(1);
    author.email = "canary-author@example.org".to_owned();

    let first = start(&data);
    first.create(&author).await;
    let push = PushRequest { records: author.records(1..6) };
    first.push(&author, &push).await;
    let before = first.changes(&author).await;
    let (out, err) = first.end("-TERM");
    assert_eq!(out, "", "more than one line on stdout");
    assert!(!err.contains("canary"), "{err}");
    assert!(err.lines().all(|line| line.starts_with('{')), "{err}");

    let second = start(&data);
    let after = second.changes(&author).await;
    assert_eq!(after, before, "the device or the records are gone");
    second.end("-INT");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_once_it_keeps_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    let mut first = start(folder.path());
    first.create(&author).await;
    let push = PushRequest { records: author.records(1..6) };
    first.push(&author, &push).await;
    first.child.kill().unwrap();
    drop(first);
    let second = start(folder.path());
    assert_eq!(second.changes(&author).await.head, 5);
    second.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_long_enough_ago_is_gone_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    let first = start(folder.path());
    first.create(&author).await;
    let mut records = author.records(1..6);
    let names = records.iter().map(|record| record.id).collect();
    records.push(seshat_protocol::Record { replaces: names, ..author.record(6, 40) });
    first.push(&author, &PushRequest { records }).await;
    let before = first.changes(&author).await;
    assert_eq!((before.records.len(), before.digest.count), (6, 1));
    first.end("-TERM");
    let second = start(folder.path());
    assert_eq!(
        second.changes(&author).await,
        before,
        "a month is kept unless it is said otherwise"
    );
    second.end("-TERM");

    let mut third = start_with(folder.path(), &["--keep-replaced-days", "0"]);
    let mut log = BufReader::new(third.child.stderr.take().unwrap()).lines();
    let purged = log.find(|line| line.as_ref().unwrap().contains("\"event\":\"purged\"")).unwrap();
    assert!(purged.unwrap().contains("\"records\":5,\"bytes\":200"), "what the operator is told");
    let after = third.changes(&author).await;
    assert_eq!((after.records.len(), after.head, after.next), (1, 6, 6));
    assert_eq!(after.digest, before.digest);
    third.child.kill().unwrap();
}

#[test]
fn a_second_process_on_the_same_folder_says_why_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path());
    let mut second = command(folder.path()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(second.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        second.kill().unwrap();
    }
    let second = second.wait_with_output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(line, "", "two processes share a folder");
    assert!(!second.status.success());
    assert!(said.contains("another seshat-server is already running on"), "{said}");
    first.end("-TERM");
    start(folder.path()).end("-TERM");
}

#[test]
fn the_data_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    start(&data).end("-TERM");
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn an_origin_that_is_none_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = command(folder.path()).args(["--origin", "desk.example"]).output().unwrap();
    assert!(!wrong.status.success());
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("an origin is written"));
}
