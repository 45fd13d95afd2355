//! Requests that a device signs: what is altered, repeated, late or somebody else's is refused before anything
//! is done with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::{Method, StatusCode};
use seshat_protocol::http_signature::{ContentDigest, SIGNATURE_SECONDS, SignatureInput};
use seshat_protocol::{Changes, ErrorCode, PushRequest, PushResponse, VaultReply, limits, route};
use support::Author;
use support::desk::{Desk, Laptop, Request, nonce};

fn push(laptop: &Laptop<'_>, author: &Author, sequence: u64) -> Request {
    let push = PushRequest { records: author.records(sequence..sequence + 1) };
    laptop.request(Method::POST, route::RECORDS, &push)
}

type Alteration = fn(&mut Request);

async fn head(laptop: &Laptop<'_>) -> u64 {
    laptop.fetch(route::CHANGES).await.json::<Changes>().head
}

#[tokio::test]
async fn the_same_bytes_are_good_once() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let request = push(&laptop, &author, 1);
    assert_eq!(desk.dispatch(&request).await.status, StatusCode::OK);
    for _ in 0..3 {
        desk.dispatch(&request).await.is(401, ErrorCode::SignInRequired);
        desk.later(30_000);
    }
    let read = laptop.get(route::VAULT);
    assert_eq!(desk.dispatch(&read).await.status, StatusCode::OK);
    desk.dispatch(&read).await.is(401, ErrorCode::SignInRequired);
    assert_eq!(head(&laptop).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_bytes_sent_many_times_at_once_one_is_taken() {
    let desk = std::sync::Arc::new(Desk::open().await);
    let author = Author::new(1);
    let request = push(&desk.at_home(&author).await, &author, 1);
    let racers: Vec<_> = (0..12)
        .map(|_| {
            let (desk, request) = (std::sync::Arc::clone(&desk), request.clone());
            tokio::spawn(async move { desk.dispatch(&request).await.status })
        })
        .collect();
    let mut taken = 0;
    for racer in racers {
        taken += usize::from(racer.await.unwrap() == StatusCode::OK);
    }
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn whatever_is_altered_on_the_way_is_refused() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let target = format!("{}?cursor=0&limit=10", route::CHANGES);
    let alterations: [(&str, Alteration); 12] = [
        ("path", |r| r.target = r.target.replace("changes", "vault")),
        ("query", |r| r.target = r.target.replace("limit=10", "limit=11")),
        ("query left out", |r| r.target = route::CHANGES.to_owned()),
        ("method", |r| r.method = Method::HEAD),
        ("body", |r| r.body = b"x".to_vec()),
        ("origin", |r| *r.header("seshat-origin") = "http://localhost:1".to_owned()),
        ("digest", |r| *r.header("content-digest") = ContentDigest::of(b"x").to_header()),
        ("digest and body", |r| {
            r.body = b"x".to_vec();
            *r.header("content-digest") = ContentDigest::of(b"x").to_header();
        }),
        ("created", |r| {
            let header = r.header("signature-input");
            *header = header.replace("created=1000000010", "created=1000000009");
        }),
        ("nonce", |r| {
            let mut input = SignatureInput::parse(r.header("signature-input")).unwrap();
            input.nonce = nonce();
            *r.header("signature-input") = input.to_header();
        }),
        ("keyid", |r| {
            let mut input = SignatureInput::parse(r.header("signature-input")).unwrap();
            input.device.0[0] ^= 1;
            *r.header("signature-input") = input.to_header();
        }),
        ("signature", |r| {
            let header = r.header("signature");
            let flipped = if header.contains('A') { header.replace('A', "B") } else { "x".into() };
            *header = flipped;
        }),
    ];
    desk.later(10_000);
    for (what, alter) in alterations {
        let mut request = laptop.get(&target);
        alter(&mut request);
        let got = desk.dispatch(&request).await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{what}");
        if request.method != Method::HEAD {
            got.is(401, ErrorCode::SignInRequired);
        }
    }
    assert_eq!(
        desk.dispatch(&laptop.get(&target)).await.status,
        StatusCode::OK,
        "and the right one"
    );
}

#[tokio::test]
async fn an_altered_body_stores_nothing() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let other = push(&laptop, &author, 2).body;
    let mut swapped = push(&laptop, &author, 1);
    swapped.body = other;
    desk.dispatch(&swapped).await.is(401, ErrorCode::SignInRequired);
    let mut longer = push(&laptop, &author, 1);
    longer.body = vec![b' '; limits::BODY_BYTES + 1];
    desk.dispatch(&longer).await.is(401, ErrorCode::SignInRequired);
    let mut no_json = push(&laptop, &author, 1);
    no_json.body = b"{".to_vec();
    desk.dispatch(&no_json).await.is(401, ErrorCode::SignInRequired);
    assert_eq!(head(&laptop).await, 0);
}

#[tokio::test]
async fn the_revision_that_is_replaced_is_signed_too() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let first: VaultReply = laptop.fetch(route::VAULT).await.json();
    let tag = format!("\"{}\"", first.revision);
    let body = serde_json::json!({"vault": "dHdv"}).to_string().into_bytes();
    let sign =
        |if_match| laptop.sign(laptop.input(), Method::PUT, route::VAULT, body.clone(), if_match);
    for request in [
        sign(Some("\"x\"")).without("if-match").with("if-match", &tag),
        sign(Some(&tag)).without("if-match"),
        sign(None).with("if-match", &tag),
        sign(Some(&tag)).with("if-match", &tag),
    ] {
        desk.dispatch(&request).await.is(401, ErrorCode::SignInRequired);
    }
    assert_eq!(desk.dispatch(&sign(Some(&tag))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_header_is_needed_once_and_in_its_one_shape() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    for name in ["content-digest", "seshat-origin", "signature-input", "signature"] {
        let missing = laptop.get(route::CHANGES).without(name);
        desk.dispatch(&missing).await.is(401, ErrorCode::SignInRequired);
        let mut once = laptop.get(route::CHANGES);
        let value = once.header(name).clone();
        desk.dispatch(&once.clone().with(name, &value)).await.is(401, ErrorCode::SignInRequired);
        *once.header(name) = format!("{value}, {value}");
        desk.dispatch(&once).await.is(401, ErrorCode::SignInRequired);
    }
}

#[tokio::test]
async fn a_device_of_another_account_and_a_key_of_nobody_are_refused_alike() {
    let desk = Desk::open().await;
    let (one, two) = (Author::new(1), Author::new(2));
    let first = desk.at_home(&one).await;
    let second = desk.at_home(&two).await;
    let foreign_account = Laptop { account: two.account, ..first.clone() };
    let foreign_device = Laptop { device: two.device_id(), ..first.clone() };
    let foreign_key = Laptop { key: two.laptop.clone(), ..first.clone() };
    let password_key = Laptop { key: one.password.clone(), ..first.clone() };
    let identity_key = Laptop { key: one.identity.clone(), ..first.clone() };
    let nobody = desk.laptop(&Author::new(3));
    let mut refusals = Vec::new();
    for laptop in [foreign_account, foreign_device, foreign_key, password_key, identity_key, nobody]
    {
        let got = laptop.fetch(route::CHANGES).await;
        got.is(401, ErrorCode::SignInRequired);
        refusals.push(got.body);
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]), "the cause can be told apart");
    assert_eq!(first.fetch(route::CHANGES).await.status, StatusCode::OK);
    assert_eq!(second.fetch(route::CHANGES).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_certificate_in_a_header_changes_nothing() {
    let desk = Desk::open().await;
    let (one, two) = (Author::new(1), Author::new(2));
    let laptop = desk.at_home(&one).await;
    desk.at_home(&two)
        .await
        .ask(Method::POST, route::RECORDS, &PushRequest { records: two.records(1..4) })
        .await;
    let victim = two.device_id().to_string();
    for (name, value) in [
        ("client-cert", format!(":{victim}:")),
        ("client-cert-chain", format!(":{victim}:")),
        ("x-ssl-client-cert", victim.clone()),
        ("x-ssl-client-verify", "SUCCESS".to_owned()),
        ("x-ssl-client-s-dn", format!("CN={victim}")),
        ("x-forwarded-client-cert", format!("Subject=\"CN={victim}\"")),
        ("x-forwarded-user", two.email.clone()),
        ("x-real-ip", "127.0.0.1".to_owned()),
        ("forwarded", "for=127.0.0.1".to_owned()),
    ] {
        for method in [Method::GET, Method::PUT] {
            let bare = |request: reqwest::RequestBuilder| request.header(name, &value);
            let got = desk.send(method, route::VAULT, bare).await;
            got.is(401, ErrorCode::SignInRequired);
        }
        let mine = desk.dispatch(&laptop.get(route::CHANGES).with(name, &value)).await;
        let mine: Changes = mine.json();
        assert_eq!(mine.head, 0, "{name} made it another account");
    }
}

#[tokio::test]
async fn another_origin_is_another_server() {
    let proxy = "https://seshat.example.org";
    let desk = Desk::open_with(|config| config.origins = vec![proxy.to_owned()]).await;
    let author = Author::new(1);
    let made = desk.post(route::ACCOUNTS, &author.creation(proxy)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let direct = desk.laptop(&author);
    direct.fetch(route::CHANGES).await.is(401, ErrorCode::SignInRequired);
    let through = Laptop { origin: proxy.to_owned(), ..direct };
    assert_eq!(through.fetch(route::CHANGES).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_time_that_does_not_do_is_said_with_one_that_does() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    desk.later(1_000_000);
    let now = desk.seconds();
    for created in [0, now - SIGNATURE_SECONDS - 1, now + 1, now + 301, 999_999_999_999_999] {
        let input = SignatureInput { created, ..laptop.input() };
        let request = laptop.sign(input, Method::GET, route::CHANGES, Vec::new(), None);
        let got = desk.dispatch(&request).await;
        got.is(401, ErrorCode::Clock);
        let date = httpdate::parse_http_date(got.date.as_deref().unwrap()).unwrap();
        let date = date.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let input = SignatureInput { created: date, ..laptop.input() };
        let request = laptop.sign(input, Method::GET, route::CHANGES, Vec::new(), None);
        assert_eq!(desk.dispatch(&request).await.status, StatusCode::OK, "{created}");
    }
    let oldest = SignatureInput { created: now - SIGNATURE_SECONDS, ..laptop.input() };
    let request = laptop.sign(oldest, Method::GET, route::CHANGES, Vec::new(), None);
    assert_eq!(desk.dispatch(&request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_clock_that_is_set_back_revives_nothing_and_stops_nobody() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let early = push(&laptop, &author, 1);
    assert_eq!(desk.dispatch(&early).await.status, StatusCode::OK);
    desk.later(3_600_000);
    assert_eq!(laptop.fetch(route::CHANGES).await.status, StatusCode::OK);
    let later = desk.seconds();
    desk.time.fetch_sub(3_600_000, std::sync::atomic::Ordering::SeqCst);
    desk.dispatch(&early).await.is(401, ErrorCode::Clock);
    let fresh = laptop.fetch(route::CHANGES).await;
    fresh.is(401, ErrorCode::Clock);
    let named = httpdate::parse_http_date(fresh.date.as_deref().unwrap()).unwrap();
    assert_eq!(named.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), later);
    let input = SignatureInput { created: later, ..laptop.input() };
    let request = laptop.sign(input, Method::GET, route::CHANGES, Vec::new(), None);
    assert_eq!(desk.dispatch(&request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_was_signed_before_the_server_began_is_not_taken_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let author = Author::new(1);
    let port = {
        let first = Desk::open_with(|config| config.data.clone_from(&data)).await;
        first.at_home(&author).await;
        let address = first.server.addr();
        first.server.shutdown().await;
        address
    };
    let again = |config: &mut seshat_server::Config| {
        config.data.clone_from(&data);
        config.listen = port;
        config.clock = std::sync::Arc::new(|| 1_000_000_000_500);
    };
    let second = Desk::open_with(again).await;
    let laptop = second.laptop(&author);
    // 1000000000: the second in which the first one ended and this one began.
    let replayed = push(&laptop, &author, 1);
    second.dispatch(&replayed).await.is(401, ErrorCode::Clock);
    let input = SignatureInput { created: 1_000_000_001, ..laptop.input() };
    let body = replayed.body.clone();
    let fresh = laptop.sign(input, Method::POST, route::RECORDS, body, None);
    assert_eq!(second.dispatch(&fresh).await.json::<PushResponse>().head, 1);
}
