//! The real binary: it says where it listens, ends cleanly when asked, keeps what it had, and shares its
//! folder with nobody.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use seshat_protocol::{ChallengeReply, ChallengeRequest, Changes, PushRequest, SignInReply, route};
use support::Author;
use support::desk::{Desk, client};

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
    let mut child = command(data).spawn().unwrap();
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

    async fn post(
        &self,
        path: &str,
        token: &str,
        body: &impl serde::Serialize,
    ) -> reqwest::Response {
        let request = client().post(format!("{}{path}", self.url)).bearer_auth(token).json(body);
        request.send().await.unwrap().error_for_status().unwrap()
    }

    async fn token(&self, author: &Author) -> String {
        let asked = ChallengeRequest { account: Some(author.account), email: None };
        let challenge: ChallengeReply =
            self.post(route::CHALLENGE, "", &asked).await.json().await.unwrap();
        let answer = Desk::answer(author, &challenge, &self.url);
        let reply: SignInReply = self.post(route::SIGN_IN, "", &answer).await.json().await.unwrap();
        reply.token
    }

    async fn changes(&self, token: &str) -> Changes {
        let request = client().get(format!("{}{}", self.url, route::CHANGES)).bearer_auth(token);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_asked_and_has_everything_when_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep").join("data");
    let mut author = Author::new(1);
    author.email = "canary-author@example.org".to_owned();

    let first = start(&data);
    first.post(route::ACCOUNTS, "", &author.creation(&first.url)).await;
    let token = first.token(&author).await;
    let push = PushRequest { records: author.records(1..6) };
    first.post(route::RECORDS, &token, &push).await;
    let before = first.changes(&token).await;
    let (out, err) = first.end("-TERM");
    assert_eq!(out, "", "more than one line on stdout");
    assert!(!err.contains("canary"), "{err}");
    assert!(err.lines().all(|line| line.starts_with('{')), "{err}");

    let second = start(&data);
    let after = second.changes(&token).await;
    assert_eq!(after, before, "the session or the records are gone");
    second.end("-INT");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_once_it_keeps_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    let mut first = start(folder.path());
    first.post(route::ACCOUNTS, "", &author.creation(&first.url)).await;
    let token = first.token(&author).await;
    let push = PushRequest { records: author.records(1..6) };
    first.post(route::RECORDS, &token, &push).await;
    first.child.kill().unwrap();
    drop(first);
    let second = start(folder.path());
    assert_eq!(second.changes(&token).await.head, 5);
    second.end("-TERM");
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
