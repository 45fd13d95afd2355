//! Who may begin an account, how much room it has, how it is locked and how it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::Method;
use seshat_protocol::{
    AccountUsage, Capabilities, Changes, Devices, ErrorCode, PushOutcome, PushRequest,
    PushResponse, Registration, SignInReply, route,
};
use seshat_server::meta::MetaStore;
use seshat_server::sqlite::SqliteStore;
use sha2::{Digest, Sha256};
use support::Author;
use support::desk::{Desk, Got};

/// What whoever runs the server does beside it, with the same database.
fn beside(desk: &Desk) -> SqliteStore {
    SqliteStore::open(&desk.folder.path().join("data/server.db"), None, 0).unwrap()
}

async fn create(desk: &Desk, author: &Author, invite: Option<&str>) -> Got {
    let mut creation = author.creation(&desk.server.url());
    creation.invite = invite.map(str::to_owned);
    desk.post(route::ACCOUNTS, &creation).await
}

async fn sign_in(desk: &Desk, author: &Author) -> Got {
    let challenge = desk.challenge(author).await;
    desk.post(route::SIGN_IN, &Desk::answer(author, &challenge, &desk.server.url())).await
}

async fn delete(desk: &Desk, token: &str) -> Got {
    desk.send(Method::DELETE, route::ACCOUNT, |request| request.bearer_auth(token)).await
}

#[tokio::test]
async fn an_invitation_is_good_for_one_account_and_none_else_begins() {
    let desk = Desk::open_with(|config| config.registration = Registration::Invited).await;
    let said: Capabilities =
        desk.send(Method::GET, route::CAPABILITIES, |request| request).await.json();
    assert_eq!(said.registration, Registration::Invited);
    let store = beside(&desk);
    store.invite(Sha256::digest("tulip-harbour").into(), u64::MAX >> 1).await.unwrap();
    let (one, other) = (Author::new(1), Author::new(2));
    let long = "x".repeat(1000);
    for wrong in [None, Some(""), Some("tulip"), Some(long.as_str())] {
        create(&desk, &one, wrong).await.is(403, ErrorCode::NotInvited);
    }
    assert_eq!(create(&desk, &one, Some(" tulip-harbour\n")).await.status, 201);
    create(&desk, &other, Some("tulip-harbour")).await.is(403, ErrorCode::NotInvited);
    // Whether somebody has an account is not told to who has no invitation.
    create(&desk, &one, None).await.is(403, ErrorCode::NotInvited);
    store.close();
}

#[tokio::test]
async fn an_account_sees_its_room_and_what_does_not_fit_waits_while_the_rest_is_stored() {
    let desk = Desk::open_with(|config| config.quota = Some(1000)).await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let push = async |sequence, length| {
        let body = PushRequest { records: vec![author.record(sequence, length)] };
        let got = laptop.ask(Method::POST, route::RECORDS, &body).await;
        assert_eq!(got.status, 200);
        got.json::<PushResponse>().results.remove(0).outcome
    };
    assert_eq!(push(1, 600).await, PushOutcome::Stored);
    assert!(matches!(push(2, 600).await, PushOutcome::NoRoom { .. }));
    assert_eq!(push(3, 100).await, PushOutcome::Stored);
    let usage: AccountUsage = laptop.fetch(route::ACCOUNT).await.json();
    assert_eq!((usage.records, usage.quota), (2, Some(1000)));
    assert!((700..=1000).contains(&usage.bytes), "{usage:?}");
    let store = beside(&desk);
    assert!(store.set_quota(author.account, Some(5000)).await.unwrap());
    assert_eq!(push(2, 600).await, PushOutcome::Stored);
    assert_eq!(laptop.fetch(route::ACCOUNT).await.json::<AccountUsage>().quota, Some(5000));
    store.close();
}

#[tokio::test]
async fn a_locked_account_is_told_so_and_has_everything_when_it_is_let_in_again() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let token = desk.welcome(&author).await;
    let laptop = desk.laptop(&author);
    let push = PushRequest { records: author.records(1..3) };
    assert_eq!(laptop.ask(Method::POST, route::RECORDS, &push).await.status, 200);
    let store = beside(&desk);
    assert!(store.set_locked(author.account, true).await.unwrap());
    laptop.fetch(route::CHANGES).await.is(403, ErrorCode::AccountLocked);
    laptop.fetch(route::EVENTS).await.is(403, ErrorCode::AccountLocked);
    laptop.ask(Method::POST, route::RECORDS, &push).await.is(403, ErrorCode::AccountLocked);
    sign_in(&desk, &author).await.is(403, ErrorCode::AccountLocked);
    delete(&desk, &token).await.is(401, ErrorCode::SignInRequired);
    // Who has no key of the account is not told that there is one, let alone that it is locked.
    let mut stranger = Author::new(2);
    stranger.account = author.account;
    sign_in(&desk, &stranger).await.is(401, ErrorCode::SignInRequired);
    assert!(store.set_locked(author.account, false).await.unwrap());
    assert_eq!(laptop.fetch(route::CHANGES).await.json::<Changes>().records.len(), 2);
    assert_eq!(sign_in(&desk, &author).await.status, 200);
    store.close();
}

#[tokio::test]
async fn only_a_person_who_just_signed_in_deletes_and_then_it_is_as_if_it_had_never_been() {
    let desk = Desk::open().await;
    let (author, other) = (Author::new(1), Author::new(2));
    let token = desk.welcome(&author).await;
    let (laptop, neighbour) = (desk.laptop(&author), desk.at_home(&other).await);
    for (laptop, author) in [(&laptop, &author), (&neighbour, &other)] {
        let push = PushRequest { records: author.records(1..3) };
        assert_eq!(laptop.ask(Method::POST, route::RECORDS, &push).await.status, 200);
    }
    let by_device = laptop.sign(laptop.input(), Method::DELETE, route::ACCOUNT, Vec::new(), None);
    desk.dispatch(&by_device).await.is(401, ErrorCode::SignInRequired);
    delete(&desk, "x").await.is(401, ErrorCode::SignInRequired);
    desk.later(5 * 60 * 1000);
    delete(&desk, &token).await.is(401, ErrorCode::SignInRequired);
    let fetched = desk.send(Method::GET, route::VAULT, |request| request.bearer_auth(&token)).await;
    assert_eq!(fetched.status, 200, "the session itself has not ended");
    let fresh = sign_in(&desk, &author).await.json::<SignInReply>().token;
    desk.later(5 * 60 * 1000 - 1);
    assert_eq!(delete(&desk, &fresh).await.status, 200);
    delete(&desk, &fresh).await.is(401, ErrorCode::SignInRequired);
    laptop.fetch(route::CHANGES).await.is(401, ErrorCode::SignInRequired);
    assert_eq!(neighbour.fetch(route::CHANGES).await.json::<Changes>().records.len(), 2);
    let again = desk.at_home(&author).await;
    assert_eq!(again.fetch(route::CHANGES).await.json::<Changes>().head, 0, "something was left");
}

#[tokio::test]
async fn how_far_a_laptop_has_come_is_listed_and_outlasts_the_process() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let cursor = async || laptop.fetch(route::DEVICES).await.json::<Devices>().devices[0].cursor;
    let push = PushRequest { records: author.records(1..6) };
    laptop.ask(Method::POST, route::RECORDS, &push).await;
    laptop.fetch(route::CHANGES).await;
    assert_eq!(cursor().await, None, "it was sent, and nobody knows whether it was stored");
    for asked in [3, 5, 4, 700] {
        laptop.fetch(&format!("{}?cursor={asked}", route::CHANGES)).await;
    }
    assert_eq!(cursor().await, Some(5));
    let store = beside(&desk);
    let began = std::time::Instant::now();
    while store.devices(author.account).await.unwrap()[0].cursor != Some(5) {
        assert!(began.elapsed().as_secs() < 20, "it is not written");
        tokio::task::yield_now().await;
    }
    store.close();
}
