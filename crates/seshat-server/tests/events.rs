//! Word of what is new: at once, to whom it concerns, until the server stops.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use seshat_protocol::{Blob, ErrorCode, Head, PushRequest, VaultReply, VaultUpdate, route};
use support::Author;
use support::desk::{Desk, Laptop, Request};

/// Longer than anything here takes; a test that waits so long has failed.
const NEVER: Duration = Duration::from_secs(20);

/// A stream of events.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(laptop: &Laptop<'_>) -> Self {
        let response = raw(laptop.desk, &laptop.get(route::EVENTS)).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, text: String::new() }
    }

    /// The next event's head; `None` when the stream ends.
    async fn next(&mut self) -> Option<Head> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix("event: head\ndata: ").expect("an event `head`");
                let head = serde_json::from_str(data).unwrap();
                self.text = rest.to_owned();
                return Some(head);
            }
            let chunk = tokio::time::timeout(NEVER, self.response.chunk()).await;
            let chunk = chunk.expect("no event came").expect("the stream broke")?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

async fn raw(desk: &Desk, request: &Request) -> Response {
    let url = format!("{}{}", desk.server.url(), request.target);
    let mut sent = desk.client.request(request.method.clone(), url);
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    sent.body(request.body.clone()).send().await.unwrap()
}

async fn push(laptop: &Laptop<'_>, author: &Author, sequence: u64) {
    let push = PushRequest { records: author.records(sequence..sequence + 1) };
    assert_eq!(laptop.ask(Method::POST, route::RECORDS, &push).await.status, 200);
}

async fn change_vault(laptop: &Laptop<'_>, revoke: Vec<seshat_protocol::DeviceId>) {
    let vault: VaultReply = laptop.fetch(route::VAULT).await.json();
    let update = VaultUpdate { vault: Blob(vec![7; 40]), sign_in: None, device: None, revoke };
    let put = laptop.put_vault(&format!("\"{}\"", vault.revision), &update).await;
    assert_eq!(put.status, 200);
}

#[tokio::test]
async fn a_stream_tells_the_head_at_once_and_each_new_one_to_its_own_account_alone() {
    let desk = Desk::open().await;
    let (one, other) = (Author::new(1), Author::new(2));
    let laptop = desk.at_home(&one).await;
    let neighbour = desk.at_home(&other).await;
    push(&laptop, &one, 1).await;
    let (mut first, mut second) = (Stream::open(&laptop).await, Stream::open(&laptop).await);
    let mut elsewhere = Stream::open(&neighbour).await;
    assert_eq!(first.next().await.unwrap().head, 1);
    assert_eq!(second.next().await.unwrap().head, 1);
    assert_eq!(elsewhere.next().await.unwrap().head, 0);
    push(&laptop, &one, 2).await;
    let told = first.next().await.unwrap();
    let changes: seshat_protocol::Changes = laptop.fetch(route::CHANGES).await.json();
    assert_eq!((told.head, told.epoch), (2, changes.epoch));
    assert_eq!(second.next().await.unwrap().head, 2);
    push(&neighbour, &other, 1).await;
    assert_eq!(elsewhere.next().await.unwrap().head, 1, "it heard of somebody else");
}

#[tokio::test]
async fn records_that_were_known_and_reading_are_no_news() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    push(&laptop, &author, 1).await;
    let mut stream = Stream::open(&laptop).await;
    assert_eq!(stream.next().await.unwrap().head, 1);
    push(&laptop, &author, 1).await;
    laptop.fetch(route::CHANGES).await;
    push(&laptop, &author, 2).await;
    assert_eq!(stream.next().await.unwrap().head, 2, "something that changed nothing was told");
}

#[tokio::test]
async fn a_vault_that_was_put_and_a_laptop_that_asks_to_join_are_told_with_the_same_head() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    push(&laptop, &author, 1).await;
    let mut stream = Stream::open(&laptop).await;
    assert_eq!(stream.next().await.unwrap().head, 1);
    change_vault(&laptop, Vec::new()).await;
    assert_eq!(stream.next().await.unwrap().head, 1);
    let ask = serde_json::json!({
        "email": author.email, "commitment": seshat_protocol::Bytes32([7; 32]),
    });
    assert_eq!(desk.post(route::JOINS, &ask).await.status, 201);
    assert_eq!(stream.next().await.unwrap().head, 1);
}

#[tokio::test]
async fn a_device_that_is_let_out_hears_no_more() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let mut stream = Stream::open(&laptop).await;
    assert!(stream.next().await.is_some());
    change_vault(&laptop, vec![laptop.device]).await;
    assert_eq!(stream.next().await, None);
    laptop.fetch(route::EVENTS).await.is(401, ErrorCode::DeviceRevoked);
}

#[tokio::test]
async fn an_answer_that_waits_comes_with_the_change_or_at_once_or_after_its_time() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let at = |head: &str, wait: u64| format!("{}?wait={wait}{head}", route::EVENTS);
    let began = Instant::now();
    for target in [at("", 50), at("&head=7", 50), at("&head=0", 0)] {
        assert_eq!(laptop.fetch(&target).await.json::<Head>().head, 0, "{target}");
    }
    let target = at("&head=0", 50);
    let (told, ()) = tokio::join!(laptop.fetch(&target), async {
        while desk.listening().await == 0 {}
        push(&laptop, &author, 1).await;
    });
    assert_eq!(told.json::<Head>().head, 1);
    assert_eq!(laptop.fetch(&at("&head=1", 1)).await.json::<Head>().head, 1);
    assert!(began.elapsed() < NEVER, "somebody waited for nothing");
}

#[tokio::test]
async fn a_stream_and_an_answer_that_waits_outlast_the_patience_for_other_requests() {
    let desk = Desk::open_with(|config| config.patience = Duration::from_millis(200)).await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let mut stream = Stream::open(&laptop).await;
    assert!(stream.next().await.is_some());
    let target = format!("{}?wait=1&head=0", route::EVENTS);
    assert_eq!(laptop.fetch(&target).await.json::<Head>().head, 0);
    push(&laptop, &author, 1).await;
    assert_eq!(stream.next().await.unwrap().head, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_lets_go_of_who_waits_for_news() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let mut stream = Stream::open(&laptop).await;
    assert!(stream.next().await.is_some());
    let waits = laptop.get(&format!("{}?wait=50&head=0", route::EVENTS));
    let waiting = tokio::spawn({
        let (client, url) = (desk.client.clone(), format!("{}{}", desk.server.url(), waits.target));
        async move {
            let headers = waits.headers.iter();
            let sent =
                headers.fold(client.get(url), |sent, (name, value)| sent.header(name, value));
            sent.send().await.unwrap().json::<Head>().await.unwrap()
        }
    });
    while desk.listening().await < 2 {}
    let began = Instant::now();
    desk.server.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(stream.next().await, None, "the stream was cut, not ended");
    assert_eq!(waiting.await.unwrap().head, 0);
}

#[tokio::test]
async fn who_goes_away_is_forgotten() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let streams = [Stream::open(&laptop).await, Stream::open(&laptop).await];
    assert_eq!(desk.listening().await, 2);
    drop(streams);
    let began = Instant::now();
    while desk.listening().await > 0 {
        assert!(began.elapsed() < NEVER, "a listener that went away is kept");
    }
}

#[tokio::test]
async fn only_a_device_hears_and_only_numbers_are_asked() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let token = desk.welcome(&author).await;
    let got = desk.send(Method::GET, route::EVENTS, |request| request.bearer_auth(&token)).await;
    got.is(401, ErrorCode::SignInRequired);
    let laptop = desk.laptop(&author);
    for query in ["wait=soon", "wait=-1", "head=x&wait=1"] {
        let got = laptop.fetch(&format!("{}?{query}", route::EVENTS)).await;
        got.is(400, ErrorCode::Malformed);
    }
}
