//! What whoever runs the server does beside running it, with the real binary.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use reqwest::Method;
use serde_json::Value;
use seshat_protocol::{ErrorBody, ErrorCode, PushOutcome, PushRequest, Record, route};
use support::process::{Process, program, start, start_with};
use support::{Author, bytes};

/// Runs the program with these words.
fn run(words: &[&str]) -> Output {
    program().args(words).output().unwrap()
}

/// A command on a data folder that must go well; what it said.
fn done(data: &Path, words: &[&str]) -> String {
    let ran = run(&[words, &["--data", data.to_str().unwrap()]].concat());
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.success(), "{words:?}: {err}");
    assert_eq!(err, "");
    String::from_utf8(ran.stdout).unwrap()
}

/// A command that must fail, and say so in one error; what it said.
fn refused(data: &Path, words: &[&str]) -> String {
    let ran = run(&[words, &["--data", data.to_str().unwrap()]].concat());
    assert!(!ran.status.success(), "{words:?} went well");
    assert!(ran.stdout.is_empty(), "{words:?} said something");
    String::from_utf8(ran.stderr).unwrap()
}

fn listed(data: &Path) -> Vec<Value> {
    let said = done(data, &["account", "list", "--json"]);
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn code(process: &Process, author: &Author) -> ErrorCode {
    let answer = process.asked(author, Method::GET, route::CHANGES, Vec::new()).await;
    assert_eq!(answer.status(), 403);
    answer.json::<ErrorBody>().await.unwrap().code
}

/// A record too large to lie in the database.
fn large(author: &Author, sequence: u64) -> Record {
    author.record(sequence, 300_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_and_locked_out_beside_a_server_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let (ann, bob) = (Author::new(1), Author::new(2));
    for author in [&ann, &bob] {
        server.create(author).await;
    }
    server.push(&ann, &PushRequest { records: ann.records(1..6) }).await;
    let accounts = listed(folder.path());
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0]["email"], ann.email.as_str());
    assert_eq!((&accounts[0]["records"], &accounts[0]["bytes"]), (&5.into(), &200.into()));
    assert_eq!(accounts[0]["id"], ann.account.to_string());
    let table = done(folder.path(), &["account", "list"]);
    assert!(table.lines().nth(2).unwrap().contains(&bob.email), "{table}");

    let said = done(folder.path(), &["account", "lock", &ann.email.to_uppercase()]);
    assert!(said.contains("is locked out"), "{said}");
    assert_eq!(code(&server, &ann).await, ErrorCode::AccountLocked);
    assert_eq!(listed(folder.path())[0]["locked"], true);
    server.changes(&bob).await;
    done(folder.path(), &["account", "unlock", &ann.account.to_string()]);
    assert_eq!(server.changes(&ann).await.head, 5, "nothing was lost");

    let said = refused(folder.path(), &["account", "lock", "nobody@example.org"]);
    assert!(said.contains("there is no account nobody@example.org"), "{said}");
    server.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_good_for_one_account() {
    let folder = tempfile::tempdir().unwrap();
    let server = start_with(folder.path(), &["--registration", "invited"]);
    let begin = async |author: &Author, invite: Option<&str>| {
        let mut account = author.creation(&server.url);
        account.invite = invite.map(str::to_owned);
        server.register(&account).await.status().as_u16()
    };
    let said = done(folder.path(), &["account", "invite", "--days", "2"]);
    let invitation = said.lines().next().unwrap();
    assert_eq!(invitation.len(), 23, "{said}");
    assert_ne!(done(folder.path(), &["account", "invite"]).lines().next(), Some(invitation));
    assert_eq!(begin(&Author::new(1), None).await, 403);
    assert_eq!(begin(&Author::new(1), Some("00000-00000-00000-00000")).await, 403);
    assert_eq!(begin(&Author::new(1), Some(invitation)).await, 201);
    assert_eq!(begin(&Author::new(2), Some(invitation)).await, 403, "it was used twice");
    server.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_takes_up_no_more_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let server = start_with(folder.path(), &["--quota-mib", "2"]);
    let author = Author::new(1);
    server.create(&author).await;
    let push = async |sequence| {
        let records = vec![author.record(sequence, 700_000)];
        let mut response = server.push(&author, &PushRequest { records }).await;
        response.results.remove(0).outcome
    };
    let full = |outcome| matches!(outcome, PushOutcome::NoRoom { .. });
    assert_eq!((push(1).await, push(2).await), (PushOutcome::Stored, PushOutcome::Stored));
    assert!(full(push(3).await), "more than the server's setting allows");
    let said = done(folder.path(), &["account", "quota", &author.email, "3"]);
    assert!(said.contains("3 MiB"), "{said}");
    assert_eq!((push(3).await, push(4).await), (PushOutcome::Stored, PushOutcome::Stored));
    assert!(full(push(5).await));
    done(folder.path(), &["account", "quota", &author.email, "unlimited"]);
    assert_eq!(push(5).await, PushOutcome::Stored);
    assert!(done(folder.path(), &["account", "list"]).contains("unlimited"));
    done(folder.path(), &["account", "quota", &author.email, "default"]);
    assert!(full(push(6).await));
    assert!(refused(folder.path(), &["account", "quota", &author.email, "much"]).contains("MiB"));
    server.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_only_when_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let (ann, bob) = (Author::new(1), Author::new(2));
    for author in [&ann, &bob] {
        server.create(author).await;
        server.push(author, &PushRequest { records: author.records(1..4) }).await;
    }
    let said = refused(folder.path(), &["account", "delete", &ann.email]);
    assert!(said.contains("nothing was deleted") && said.contains("3 records"), "{said}");
    assert_eq!(server.changes(&ann).await.head, 3);
    done(folder.path(), &["account", "delete", &ann.email, "--yes"]);
    let answer = server.asked(&ann, Method::GET, route::CHANGES, Vec::new()).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(listed(folder.path()).len(), 1);
    assert_eq!(server.changes(&bob).await.head, 3);
    server.create(&ann).await;
    server.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_backed_up_beside_a_running_server_comes_back_as_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    let author = Author::new(1);
    let server = start(&data);
    server.create(&author).await;
    let mut records = author.records(1..5);
    records.push(large(&author, 5));
    server.push(&author, &PushRequest { records }).await;
    let before = server.changes(&author).await;
    let said = done(&data, &["backup", backup.to_str().unwrap()]);
    assert!(said.contains("The backup is in"), "{said}");
    assert!(refused(&data, &["backup", backup.to_str().unwrap()]).contains("is there already"));
    server.push(&author, &PushRequest { records: author.records(6..9) }).await;
    let late = server.changes(&author).await;
    assert_eq!((before.head, late.head), (5, 8));

    let from = backup.to_str().unwrap();
    assert!(refused(&data, &["restore", from]).contains("already running"));
    server.end("-TERM");
    assert!(refused(&data, &["restore", from]).contains("nothing was changed"));
    let again = folder.path().join("again");
    fs::create_dir(&again).unwrap();
    fs::write(again.join("server.restoring"), "what a restore left that was cut short").unwrap();
    let said = done(&again, &["restore", from]);
    assert!(said.contains("new name"), "{said}");
    let server = start(&again);
    let after = server.changes(&author).await;
    assert_eq!(after.records, before.records, "large bodies among them");
    assert_ne!(after.epoch, before.epoch, "laptops would not notice");
    let lost = server.push(&author, &PushRequest { records: author.records(6..9) }).await;
    assert!(lost.results.iter().all(|result| result.outcome == PushOutcome::Stored));
    server.end("-TERM");
    assert!(!again.join("server.restoring").exists());
    let kept = start(&data);
    assert_eq!(kept.changes(&author).await, late, "the old server was touched");
    kept.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_made_amid_pushes_lacks_nothing_of_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let (data, again) = (folder.path().join("data"), folder.path().join("again"));
    let backup = folder.path().join("backup");
    let author = Author::new(1);
    let server = start(&data);
    server.create(&author).await;
    let (started, begun) = tokio::sync::oneshot::channel();
    let pushing = async {
        let mut started = Some(started);
        for sequence in (1..).take_while(|_| !backup.exists()) {
            // Bytes of its own, so that each is an object of its own.
            let body = bytes(sequence, "body").repeat(4_000);
            let record =
                Record { body: seshat_protocol::Sealed(body), ..author.record(sequence, 0) };
            server.push(&author, &PushRequest { records: vec![record] }).await;
            if sequence == 5 {
                started.take().unwrap().send(()).unwrap();
            }
        }
    };
    let backing_up = async {
        begun.await.unwrap();
        let words = (data.clone(), backup.clone());
        let run = move || done(&words.0, &["backup", words.1.to_str().unwrap()]);
        tokio::task::spawn_blocking(run).await.unwrap();
    };
    tokio::join!(pushing, backing_up);
    let late = server.changes(&author).await;
    server.end("-TERM");
    done(&again, &["restore", backup.to_str().unwrap()]);
    let server = start(&again);
    let kept = server.changes(&author).await;
    assert!(kept.head >= 5 && kept.head <= late.head, "{} of {}", kept.head, late.head);
    assert_eq!(kept.records[..], late.records[..kept.records.len()], "a body is not what it was");
    assert_eq!(kept.records.len() as u64, kept.head);
    server.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replaced_long_ago_goes_by_gc_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    let server = start(folder.path());
    server.create(&author).await;
    let mut records = author.records(1..4);
    records.push(large(&author, 4));
    let replaces = records.iter().map(|record| record.id).collect();
    records.push(Record { replaces, ..author.record(5, 40) });
    server.push(&author, &PushRequest { records }).await;
    assert!(done(folder.path(), &["gc"]).starts_with("Removed: 0 records"), "within a month");
    let said = done(folder.path(), &["gc", "--keep-replaced-days", "0"]);
    assert!(said.starts_with("Removed: 4 records of 300120 bytes"), "{said}");
    let left = server.changes(&author).await;
    assert_eq!((left.records.len(), left.head), (1, 5));
    server.end("-TERM");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_damaged_or_not_whole_is_not_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    let server = start(&data);
    server.create(&Author::new(1)).await;
    server.end("-TERM");
    done(&data, &["backup", backup.to_str().unwrap()]);
    let (database, page) = (backup.join("server.db"), backup.join("backup.json"));
    let target = folder.path().join("target");
    let restore = || refused(&target, &["restore", backup.to_str().unwrap()]);

    let good = fs::read(&database).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&database, bad).unwrap();
    assert!(restore().contains("is not as it was written"));
    fs::write(&database, good).unwrap();
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace("\"format\": 1", "\"format\": 2")).unwrap();
    assert!(restore().contains("by a newer seshat-server"));
    fs::remove_file(&page).unwrap();
    assert!(restore().contains("is no whole backup"));
    assert!(!target.exists(), "something was made");
}

#[test]
fn where_no_server_ever_was_a_command_says_so_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("typo");
    for words in [&["account", "list"][..], &["backup", "/nowhere/backup"]] {
        let said = refused(&data, words);
        assert!(said.contains("typo holds no data of a seshat-server"), "{said}");
    }
    assert!(!data.exists());
    assert!(run(&["account", "list"]).stderr.starts_with(b"Error: the server needs a folder"));
}

#[test]
fn beside_a_server_of_another_version_a_command_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let database = rusqlite::Connection::open(folder.path().join("server.db")).unwrap();
    let version: u32 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    database.pragma_update(None, "user_version", version - 1).unwrap();
    let said = refused(folder.path(), &["account", "list"]);
    assert!(said.contains("of another version is running"), "{said}");
    let found: u32 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(found, version - 1, "it was migrated under the server's hands");
    database.pragma_update(None, "user_version", version).unwrap();
    server.end("-TERM");
    assert!(done(folder.path(), &["migrate"]).contains("is ready for"));
}

#[test]
fn the_settings_that_hold_are_printed_with_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seshat-server.toml");
    fs::write(&file, "registration = \"closed\"\nquota-mib = 7\nlisten = \"127.0.0.1:1\"\n")
        .unwrap();
    let ran = program()
        .args(["--print-config", "--listen", "127.0.0.1:3", "--config"])
        .arg(&file)
        .env("SESHAT_SERVER_DATA", folder.path().join("data"))
        .env("SESHAT_SERVER_LISTEN", "127.0.0.1:2")
        .env("SESHAT_SERVER_QUOTA_MIB", "8")
        .env("SESHAT_SERVER_ORIGIN", "https://a.example,https://b.example")
        .output()
        .unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success() && ran.stderr.is_empty());
    let source = |setting: &str| {
        let line = printed.lines().find(|line| line.starts_with(setting));
        let line = line.unwrap_or_else(|| panic!("no {setting} in {printed}"));
        line.rsplit("  # ").next().unwrap().to_owned()
    };
    assert_eq!(source("listen = \"127.0.0.1:3\""), "--listen");
    assert_eq!(source("quota-mib = 8"), "SESHAT_SERVER_QUOTA_MIB");
    assert_eq!(
        source("origin = [\"https://a.example\", \"https://b.example\"]"),
        "SESHAT_SERVER_ORIGIN"
    );
    assert!(source("registration = \"closed\"").ends_with("seshat-server.toml"));
    assert_eq!(source("keep-replaced-days = 30"), "default");
    assert!(!folder.path().join("data").exists(), "it only prints");
}

#[test]
fn a_variable_that_is_no_setting_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Command::new(program().get_program());
    wrong.env("SESHAT_SERVER_REGISTRATON", "closed").env("SESHAT_SERVER_DATA", folder.path());
    let server = Process::start(wrong.args(["--listen", "127.0.0.1:0"]));
    let (_, said) = server.end("-TERM");
    assert!(
        said.contains("unknown_setting") && said.contains("SESHAT_SERVER_REGISTRATON"),
        "{said}"
    );
    assert!(!said.contains("closed"), "its value may be a secret");
}
