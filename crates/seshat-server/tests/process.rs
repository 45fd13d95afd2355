//! The real binary: it says where it listens, ends cleanly when asked, keeps what it had, and shares its
//! folder with nobody.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::Method;
use seshat_protocol::http_signature::SignatureInput;
use seshat_protocol::{Changes, PushRequest, route};
use support::Author;
use support::desk::{client, nonce, signed};

struct Process {
    child: Child,
    url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone, in a test that passed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seshat-server"));
    command.arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn start(data: &Path) -> Process {
    start_with(data, &[])
}

fn start_with(data: &Path, arguments: &[&str]) -> Process {
    let mut child = command(data).args(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}"));
    Process { url: url.to_owned(), child }
}

impl Process {
    /// Sends a signal and waits for the end; what stood on stdout (after its line) and stderr.
    fn end(mut self, signal: &str) -> (String, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status} after {signal}: {err}");
        (out, err)
    }

    async fn create(&self, author: &Author) {
        let request = client().post(format!("{}{}", self.url, route::ACCOUNTS));
        let request = request.json(&author.creation(&self.url));
        request.send().await.unwrap().error_for_status().unwrap();
    }

    /// Sends what the author's laptop signed, and once more with the server's time if it asks for that.
    async fn signed(&self, author: &Author, method: Method, path: &str, body: Vec<u8>) -> Vec<u8> {
        let mut created = 0;
        loop {
            let (account, device) = (author.account, author.device_id());
            let input =
                SignatureInput { account, device, created, nonce: nonce(), if_match: false };
            let by = (&author.laptop, input, self.url.as_str());
            let request = signed(by, method.clone(), path, body.clone(), None);
            let mut sent = client().request(method.clone(), format!("{}{path}", self.url));
            for (name, value) in &request.headers {
                sent = sent.header(name, value);
            }
            let response = sent.body(request.body).send().await.unwrap();
            if response.status() == 401 && created == 0 {
                let date = response.headers()["date"].to_str().unwrap();
                let date = httpdate::parse_http_date(date).unwrap();
                created = date.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
                continue;
            }
            return response.error_for_status().unwrap().bytes().await.unwrap().to_vec();
        }
    }

    async fn push(&self, author: &Author, push: &PushRequest) {
        let body = serde_json::to_vec(push).unwrap();
        self.signed(author, Method::POST, route::RECORDS, body).await;
    }

    async fn changes(&self, author: &Author) -> Changes {
        let body = self.signed(author, Method::GET, route::CHANGES, Vec::new()).await;
        serde_json::from_slice(&body).unwrap()
    }
}

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
