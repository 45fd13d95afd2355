//! Joining by approval: the mailbox over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::{Method, StatusCode};
use seshat_protocol::{
    AskToJoin, Blob, Bytes32, ErrorCode, JoinAsked, JoinGrant, JoinOffer, JoinProgress, JoinReveal,
    OpenJoins, limits, route,
};
use support::Author;
use support::desk::{Desk, Got, Laptop};

async fn ask(desk: &Desk, email: &str) -> Got {
    let ask = AskToJoin { email: email.to_owned(), commitment: Bytes32([3; 32]) };
    desk.post(route::JOINS, &ask).await
}

fn path(asked: &JoinAsked, step: &str) -> String {
    format!("{}{}{step}", route::JOIN, asked.join)
}

async fn progress(desk: &Desk, asked: &JoinAsked, token: &str) -> Got {
    desk.send(Method::GET, &path(asked, ""), |request| request.bearer_auth(token)).await
}

async fn reveal(desk: &Desk, asked: &JoinAsked, reveal: &[u8]) -> Got {
    let body = JoinReveal { reveal: Blob(reveal.to_vec()) };
    let sent = |request: reqwest::RequestBuilder| request.bearer_auth(&asked.token).json(&body);
    desk.send(Method::PUT, &path(asked, route::JOIN_REVEAL), sent).await
}

async fn offer(laptop: &Laptop<'_>, asked: &JoinAsked, offer: &[u8]) -> Got {
    let body = JoinOffer { offer: Blob(offer.to_vec()) };
    laptop.ask(Method::PUT, &path(asked, route::JOIN_OFFER), &body).await
}

async fn grant(laptop: &Laptop<'_>, asked: &JoinAsked, grant: &[u8]) -> Got {
    let body = JoinGrant { grant: Blob(grant.to_vec()) };
    laptop.ask(Method::PUT, &path(asked, route::JOIN_GRANT), &body).await
}

async fn deny(laptop: &Laptop<'_>, asked: &JoinAsked) -> Got {
    let (input, target) = (laptop.input(), path(asked, ""));
    laptop.desk.dispatch(&laptop.sign(input, Method::DELETE, &target, Vec::new(), None)).await
}

async fn open(laptop: &Laptop<'_>) -> OpenJoins {
    laptop.fetch(route::JOINS).await.json()
}

#[tokio::test]
async fn a_laptop_is_let_in_step_by_step_and_no_step_is_taken_out_of_turn() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let got = ask(&desk, &format!(" {}", author.email.to_uppercase())).await;
    assert_eq!(got.status, StatusCode::CREATED);
    let asked: JoinAsked = got.json();
    let waiting = open(&laptop).await.joins;
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].join, waiting[0].commitment), (asked.join, Bytes32([3; 32])));
    assert_eq!((waiting[0].offered, &waiting[0].reveal), (false, &None));
    assert_eq!(waiting[0].asked_at, 1_000_000_000_000);
    let state: JoinProgress = progress(&desk, &asked, &asked.token).await.json();
    assert_eq!(state, JoinProgress::default());

    reveal(&desk, &asked, b"early").await.is(409, ErrorCode::OutOfTurn);
    grant(&laptop, &asked, b"early").await.is(409, ErrorCode::OutOfTurn);
    assert_eq!(offer(&laptop, &asked, b"offer").await.status, StatusCode::OK);
    assert_eq!(offer(&laptop, &asked, b"offer").await.status, StatusCode::OK, "a lost answer");
    offer(&laptop, &asked, b"another").await.is(409, ErrorCode::OutOfTurn);
    grant(&laptop, &asked, b"early").await.is(409, ErrorCode::OutOfTurn);
    let state: JoinProgress = progress(&desk, &asked, &asked.token).await.json();
    assert_eq!((state.offer, state.grant), (Some(Blob(b"offer".to_vec())), None));

    assert_eq!(reveal(&desk, &asked, b"reveal").await.status, StatusCode::OK);
    reveal(&desk, &asked, b"another").await.is(409, ErrorCode::OutOfTurn);
    let waiting = open(&laptop).await.joins;
    assert_eq!((waiting[0].offered, &waiting[0].reveal), (true, &Some(Blob(b"reveal".to_vec()))));
    assert_eq!(grant(&laptop, &asked, b"grant").await.status, StatusCode::OK);
    grant(&laptop, &asked, b"another").await.is(409, ErrorCode::OutOfTurn);
    deny(&laptop, &asked).await.is(409, ErrorCode::OutOfTurn);
    assert!(open(&laptop).await.joins.is_empty(), "one that was let in still asks");
    let state: JoinProgress = progress(&desk, &asked, &asked.token).await.json();
    assert_eq!((state.grant, state.denied), (Some(Blob(b"grant".to_vec())), false));

    desk.later(10 * 60 * 1000);
    progress(&desk, &asked, &asked.token).await.is(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_denied_laptop_is_told_so_and_gets_no_further() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let asked: JoinAsked = ask(&desk, &author.email).await.json();
    offer(&laptop, &asked, b"offer").await;
    assert_eq!(deny(&laptop, &asked).await.status, StatusCode::OK);
    assert!(progress(&desk, &asked, &asked.token).await.json::<JoinProgress>().denied);
    reveal(&desk, &asked, b"reveal").await.is(409, ErrorCode::OutOfTurn);
    grant(&laptop, &asked, b"grant").await.is(409, ErrorCode::OutOfTurn);
    assert!(open(&laptop).await.joins.is_empty());
}

#[tokio::test]
async fn each_asking_is_for_who_asked_and_for_the_account_that_was_asked() {
    let desk = Desk::open().await;
    let (one, two) = (Author::new(1), Author::new(2));
    let (_, stranger) = (desk.at_home(&one).await, desk.at_home(&two).await);
    let asked: JoinAsked = ask(&desk, &one.email).await.json();
    let other: JoinAsked = ask(&desk, &two.email).await.json();
    progress(&desk, &asked, &other.token).await.is(404, ErrorCode::NotFound);
    progress(&desk, &asked, "x").await.is(401, ErrorCode::SignInRequired);
    let bare = desk.send(Method::GET, &path(&asked, ""), |request| request).await;
    bare.is(401, ErrorCode::SignInRequired);
    let stolen = JoinAsked { token: other.token.clone(), ..asked.clone() };
    reveal(&desk, &stolen, b"reveal").await.is(404, ErrorCode::NotFound);
    offer(&stranger, &asked, b"offer").await.is(404, ErrorCode::NotFound);
    grant(&stranger, &asked, b"grant").await.is(404, ErrorCode::NotFound);
    deny(&stranger, &asked).await.is(404, ErrorCode::NotFound);
    assert_eq!(open(&stranger).await.joins.len(), 1);
    // Unsigned, and with the token of who asked.
    for (method, step) in
        [(Method::PUT, route::JOIN_OFFER), (Method::PUT, route::JOIN_GRANT), (Method::DELETE, "")]
    {
        let sent = |request: reqwest::RequestBuilder| {
            request.bearer_auth(&asked.token).json(&JoinOffer { offer: Blob(vec![1]) })
        };
        let got = desk.send(method, &path(&asked, step), sent).await;
        got.is(401, ErrorCode::SignInRequired);
    }
    let nowhere = format!("{}{}", route::JOIN, "not-an-id");
    let sent = |request: reqwest::RequestBuilder| request.bearer_auth(&asked.token);
    desk.send(Method::GET, &nowhere, sent).await.is(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_one_that_nobody_answers() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    desk.at_home(&author).await;
    let mut shapes = Vec::new();
    for email in [author.email.as_str(), "nobody@example.org"] {
        let mut shape = Vec::new();
        for _ in 0..limits::JOINS {
            let got = ask(&desk, email).await;
            let asked: JoinAsked = got.json();
            let state = progress(&desk, &asked, &asked.token).await;
            let revealed = reveal(&desk, &asked, b"reveal").await;
            shape.push((got.status, got.body.len(), state.status, state.body, revealed.body));
        }
        let over = ask(&desk, &format!(" {}", email.to_uppercase())).await;
        over.is(429, ErrorCode::TooMany);
        shapes.push((shape, over.body));
    }
    assert_eq!(shapes[0], shapes[1]);
    desk.later(10 * 60 * 1000);
    assert_eq!(ask(&desk, &author.email).await.status, StatusCode::CREATED, "no room again");
    ask(&desk, "no address").await.is(400, ErrorCode::Malformed);
}

#[tokio::test]
async fn what_is_left_in_the_mailbox_is_small() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let asked: JoinAsked = ask(&desk, &author.email).await.json();
    let (most, more) = (vec![1; limits::JOIN_BYTES], vec![1; limits::JOIN_BYTES + 1]);
    offer(&laptop, &asked, &more).await.is(413, ErrorCode::TooLarge);
    assert_eq!(offer(&laptop, &asked, &most).await.status, StatusCode::OK);
    reveal(&desk, &asked, &more).await.is(413, ErrorCode::TooLarge);
    assert_eq!(reveal(&desk, &asked, &most).await.status, StatusCode::OK);
    grant(&laptop, &asked, &more).await.is(413, ErrorCode::TooLarge);
    assert_eq!(grant(&laptop, &asked, &most).await.status, StatusCode::OK);
}
