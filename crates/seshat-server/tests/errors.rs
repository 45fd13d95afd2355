//! Whatever is sent, the answer is the protocol's, and the log learns nothing from it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::Method;
use seshat_protocol::{
    ChallengeRequest, ErrorBody, ErrorCode, PushRequest, SignInRequest, VaultUpdate, limits, route,
};
use support::desk::Desk;
use support::{Author, bytes};

#[tokio::test]
async fn an_unknown_route_and_a_wrong_method_are_errors_of_the_protocol() {
    let desk = Desk::open().await;
    for path in ["/", "/v1", "/v2/vault", "/v1/vault/", "/v1/records/1", "/%ff", "//healthz"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            desk.send(method, path, |request| request.body("x")).await.is(404, ErrorCode::NotFound);
        }
    }
    for (method, path) in [
        (Method::POST, route::HEALTH),
        (Method::GET, route::ACCOUNTS),
        (Method::DELETE, route::VAULT),
        (Method::GET, route::RECORDS),
        (Method::from_bytes(b"BREW").unwrap(), route::CHANGES),
    ] {
        let got = desk.send(method, path, |request| request).await;
        got.is(405, ErrorCode::MethodNotAllowed);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_or_not_called_so_is_malformed() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let good = serde_json::to_vec(&PushRequest { records: Vec::new() }).unwrap();
    let push =
        |body: Vec<u8>| laptop.sign(laptop.input(), Method::POST, route::RECORDS, body, None);
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let sent = push(good.clone()).without("content-type").with("content-type", kind);
        desk.dispatch(&sent).await.is(400, ErrorCode::Malformed);
    }
    let kind = "Application/JSON; charset=utf-8";
    let named = push(good).without("content-type").with("content-type", kind);
    assert_eq!(desk.dispatch(&named).await.status, 200);
    let deep = "[".repeat(100_000);
    for body in ["", "{", "null", "[]", "\u{0}", "{\"records\":[],\"more\":1}", &deep] {
        desk.dispatch(&push(body.as_bytes().to_vec())).await.is(400, ErrorCode::Malformed);
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_in_words_also_without_a_session() {
    let desk = Desk::open().await;
    let token = desk.welcome(&Author::new(1)).await;
    let laptop = desk.laptop(&Author::new(1));
    let long = vec![b' '; limits::BODY_BYTES + 1];
    let send = async |method: Method, path, token: &str, length| {
        let body = long[..length].to_vec();
        let sent = |request: reqwest::RequestBuilder| {
            let typed = request.header("content-type", "application/json");
            typed.header("if-match", "\"x\"").bearer_auth(token).body(body)
        };
        desk.send(method, path, sent).await
    };
    for (method, path, length) in [
        (Method::PUT, route::VAULT, 2 * limits::VAULT_BYTES),
        (Method::POST, route::ACCOUNTS, 2 * limits::VAULT_BYTES),
        (Method::POST, route::CHALLENGE, 10_000),
        (Method::POST, route::SIGN_IN, 10_000),
    ] {
        let got = send(method, path, &token, length).await;
        got.is(413, ErrorCode::TooLarge);
    }
    for (length, status, code) in [
        (limits::BODY_BYTES + 1, 413, ErrorCode::TooLarge),
        (limits::BODY_BYTES, 400, ErrorCode::Malformed),
    ] {
        let body = long[..length].to_vec();
        let push = laptop.sign(laptop.input(), Method::POST, route::RECORDS, body, None);
        desk.dispatch(&push).await.is(status, code);
    }
    let got = send(Method::POST, route::RECORDS, "x", limits::BODY_BYTES).await;
    got.is(401, ErrorCode::SignInRequired);
    let got = send(Method::POST, "/nowhere", "x", limits::BODY_BYTES).await;
    got.is(404, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_only_after_it_has_sent_everything_still_gets_its_answer() {
    let desk = Desk::open().await;
    let address = desk.server.addr();
    for path in [route::RECORDS, route::CHALLENGE, "/nowhere"] {
        let answer = tokio::task::spawn_blocking(move || {
            let length = limits::BODY_BYTES;
            let mut stream = TcpStream::connect(address).unwrap();
            write!(
                stream,
                "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            )
            .unwrap();
            stream.write_all(&vec![b' '; length]).expect("the server closed on what it was sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("the answer was lost in a reset");
            answer
        });
        let answer = answer.await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str::<ErrorBody>(body).unwrap();
    }
}

/// Bytes that follow from a number: as wild as they need to be, and the same on every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 += 1;
        let word = bytes(self.0, "dice")[..8].try_into().unwrap();
        usize::try_from(u64::from_be_bytes(word) % below as u64).unwrap()
    }
}

/// A good body with something wrong in it.
fn spoilt(good: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut body = good.to_vec();
    for _ in 0..=dice.next(3) {
        let at = dice.next(body.len().max(1)).min(body.len().saturating_sub(1));
        match dice.next(6) {
            0 => body.truncate(at),
            1 if !body.is_empty() => body[at] ^= 1 << dice.next(8),
            2 => body.insert(at, b"\"{}[]:,0-\\"[dice.next(10)]),
            3 if !body.is_empty() => drop(body.remove(at)),
            4 => body.splice(at..at, bytes(dice.0, "noise")).for_each(drop),
            _ => body.extend_from_within(at..),
        }
    }
    body
}

#[tokio::test]
async fn six_hundred_spoilt_bodies_never_make_the_server_fail() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let challenge = desk.challenge(&author).await;
    let sign_in: SignInRequest = Desk::answer(&author, &challenge, &desk.server.url());
    let by_email = ChallengeRequest { email: Some(author.email.clone()), account: None };
    let mut record = author.record(1, 30);
    record.replaces = vec![author.record(2, 1).id];
    let vault = VaultUpdate {
        vault: seshat_protocol::Blob(vec![1; 40]),
        sign_in: Some(author.description()),
        device: Some(author.device()),
        revoke: Vec::new(),
    };
    let goods = [
        (Method::POST, route::ACCOUNTS, serde_json::to_vec(&Author::new(2).creation("x")).unwrap()),
        (Method::POST, route::CHALLENGE, serde_json::to_vec(&by_email).unwrap()),
        (Method::POST, route::SIGN_IN, serde_json::to_vec(&sign_in).unwrap()),
        (Method::PUT, route::VAULT, serde_json::to_vec(&vault).unwrap()),
        (
            Method::POST,
            route::RECORDS,
            serde_json::to_vec(&PushRequest { records: vec![record] }).unwrap(),
        ),
    ];
    let mut dice = Dice(1);
    for round in 0..120 {
        for (method, path, good) in &goods {
            let body = spoilt(good, &mut dice);
            let (input, tag) = (laptop.input(), Some("\"x\""));
            let sent = laptop.sign(input, method.clone(), path, body.clone(), tag);
            let got = desk.dispatch(&sent).await;
            let shown = String::from_utf8_lossy(&body);
            assert!(got.status.as_u16() < 500, "round {round}: {} for {shown}", got.status);
            if !got.status.is_success() {
                let error: ErrorBody = got.json();
                assert_ne!(error.code, ErrorCode::Unknown, "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn the_log_has_one_line_for_each_request_and_nothing_of_the_author() {
    let desk = Desk::open().await;
    let mut author = Author::new(1);
    author.email = "canary-author@example.org".to_owned();
    let token = desk.welcome(&author).await;
    let canary = "canary-author@example.org";
    let by_email = ChallengeRequest { email: Some(canary.to_owned()), account: None };
    desk.post(route::CHALLENGE, &by_email).await;
    desk.post(route::ACCOUNTS, &author.creation(&desk.server.url())).await;
    let laptop = desk.laptop(&author);
    for path in [format!("/v1/{canary}"), format!("/v1/changes?cursor={canary}")] {
        desk.dispatch(&laptop.get(&path).with("x-canary", canary)).await;
    }
    let method = Method::from_bytes(b"CANARY-AUTHOR").unwrap();
    desk.send(method, route::VAULT, |request| request.header("user-agent", canary)).await;
    let push = PushRequest { records: author.records(1..3) };
    laptop.ask(Method::POST, route::RECORDS, &push).await;

    let log = desk.log.clone();
    desk.server.shutdown().await;
    let text = log.text();
    let account = author.account.to_string();
    for secret in ["canary", "CANARY", &token, &account, "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let requests: Vec<_> = lines.iter().filter(|line| line["event"] == "request").collect();
    assert_eq!(requests.len(), 9);
    for request in &requests {
        let mut names: Vec<_> = request.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected =
            ["bytes_in", "bytes_out", "event", "method", "ms", "route", "status", "time"];
        assert_eq!(names, expected);
    }
    assert_eq!(requests[5]["route"], "unmatched");
    assert_eq!(
        (&requests[6]["route"], &requests[6]["status"]),
        (&route::CHANGES.into(), &400.into())
    );
    assert_eq!(requests[7]["method"], "OTHER");
    assert!(requests[8]["bytes_in"].as_u64() > Some(100), "{}", requests[8]);
    assert!(requests[8]["bytes_out"].as_u64() > Some(100), "{}", requests[8]);
}

/// Sends `start` and nothing more; what comes back until the server closes, and how long that took.
fn stall(address: std::net::SocketAddr, start: &str) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(start.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server kept a stalled connection");
    (answer, began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stalls_is_let_go() {
    let desk = Desk::open_with(|config| config.patience = Duration::from_millis(300)).await;
    let address = desk.server.addr();
    let stalled = |start: &'static str| tokio::task::spawn_blocking(move || stall(address, start));
    let silent = stalled("");
    let half_a_head = stalled("GET /healthz HTTP/1.1\r\nHost: x\r\nX-");
    let half_a_body = stalled(
        "POST /v1/sign-in/challenge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ema",
    );
    for waiting in [silent, half_a_head] {
        let (_, took) = waiting.await.unwrap();
        assert!(took < Duration::from_secs(10));
    }
    let (answer, _) = half_a_body.await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 503") && head.contains("retry-after"), "{head}");
    assert_eq!(serde_json::from_str::<ErrorBody>(body).unwrap().code, ErrorCode::Busy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_does_not_wait_for_who_is_silent() {
    let desk = Desk::open().await;
    let idle = TcpStream::connect(desk.server.addr()).unwrap();
    desk.send(Method::GET, route::HEALTH, |request| request).await;
    let began = Instant::now();
    desk.server.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(idle);
}

#[tokio::test]
async fn bodies_that_do_not_fit_into_memory_are_told_to_come_again_and_room_is_given_back() {
    let desk = Desk::open_with(|config| config.memory = 100_000).await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let push = async |length| {
        let body = PushRequest { records: vec![author.record(1, length)] };
        laptop.ask(Method::POST, route::RECORDS, &body).await
    };
    let refused = push(100_000).await;
    refused.is(503, ErrorCode::Busy);
    assert!(refused.retry_after.is_some());
    for _ in 0..5 {
        assert_eq!(push(50_000).await.status, 200, "room was not given back");
    }
}

#[test]
fn the_server_links_no_other_crate_of_ours_than_the_protocol() {
    let manifest = include_str!("../Cargo.toml");
    let ours: Vec<_> = manifest.lines().filter(|line| line.starts_with("seshat-")).collect();
    assert_eq!(ours, ["seshat-protocol.workspace = true"], "it could hold what it must not");
}
