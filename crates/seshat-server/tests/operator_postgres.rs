//! The operator's commands on PostgreSQL, with the real binary and a real PostgreSQL.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::path::Path;
use std::process::Output;

use seshat_protocol::{PushOutcome, PushRequest};
use seshat_testkit::Postgres;
use support::Author;
use support::process::{Process, program};

/// Starts a node, or runs a command beside it, on this database with large bodies in this folder.
fn words<'a>(url: &'a str, objects: &'a Path, words: &[&'a str]) -> Vec<&'a str> {
    [words, &["--database", url, "--objects", objects.to_str().unwrap()]].concat()
}

fn start(url: &str, objects: &Path) -> Process {
    Process::start(program().args(words(url, objects, &["--listen", "127.0.0.1:0"])))
}

fn run(url: &str, objects: &Path, command: &[&str]) -> Output {
    program().args(words(url, objects, command)).output().unwrap()
}

fn done(url: &str, objects: &Path, command: &[&str]) -> String {
    let ran = run(url, objects, command);
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn refused(url: &str, objects: &Path, command: &[&str]) -> String {
    let ran = run(url, objects, command);
    assert!(!ran.status.success(), "{command:?} went well");
    String::from_utf8(ran.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_backed_up_while_it_runs_and_comes_back_as_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let (objects, again) = (folder.path().join("objects"), folder.path().join("again"));
    let backup = folder.path().join("backup");
    let to = backup.to_str().unwrap();
    let postgres = Postgres::start();
    let (url, empty) = (postgres.database(), postgres.database());
    let (author, node, other) = (Author::new(1), start(&url, &objects), start(&url, &objects));
    node.create(&author).await;
    let mut records = author.records(1..5);
    records.push(author.record(5, 300_000));
    node.push(&author, &PushRequest { records }).await;
    let before = other.changes(&author).await;
    assert_eq!(before.head, 5, "two nodes on one database");
    assert!(done(&url, &objects, &["account", "list"]).contains(&author.email));

    done(&url, &objects, &["backup", to]);
    other.push(&author, &PushRequest { records: author.records(6..9) }).await;
    let said = refused(&url, &objects, &["restore", to]);
    assert!(said.contains("is as it was"), "{said}");
    assert_eq!(node.changes(&author).await.head, 8, "a running cluster was touched");
    let said = refused(&url, &objects, &["restore", to, "--data", "unused"]);
    assert!(said.contains("is as it was"), "{said}");

    assert!(done(&empty, &again, &["restore", to]).contains("new name"));
    let restored = start(&empty, &again);
    let after = restored.changes(&author).await;
    assert_eq!(after.records, before.records, "large bodies among them");
    assert_ne!(after.epoch, before.epoch, "laptops would not notice");
    let lost = restored.push(&author, &PushRequest { records: author.records(6..9) }).await;
    assert!(lost.results.iter().all(|result| result.outcome == PushOutcome::Stored));
    for process in [node, other, restored] {
        process.end("-TERM");
    }
}
