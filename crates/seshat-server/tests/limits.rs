//! Who asks too often is told when to come again, and nobody else notices.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::Method;
use seshat_protocol::{ChallengeRequest, ErrorCode, Registration, route};
use seshat_server::{Config, Rates};
use support::Author;
use support::desk::{Desk, Got};

/// Behind a proxy on this machine whose word is taken.
fn behind_a_proxy(rates: Rates) -> impl FnOnce(&mut Config) {
    move |config| {
        config.rates = rates;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    }
}

fn slow() -> Rates {
    Rates { account: 3, address: 5, sign_in: 2 }
}

async fn capabilities(desk: &Desk, from: &str) -> Got {
    let send = |request: reqwest::RequestBuilder| request.header("x-forwarded-for", from);
    desk.send(Method::GET, route::CAPABILITIES, send).await
}

async fn challenge(desk: &Desk, from: &str) -> Got {
    let asked = ChallengeRequest { email: Some("somebody@example.org".to_owned()), account: None };
    let send =
        |request: reqwest::RequestBuilder| request.header("x-forwarded-for", from).json(&asked);
    desk.send(Method::POST, route::CHALLENGE, send).await
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits_and_no_other_does() {
    let desk = Desk::open_with(behind_a_proxy(slow())).await;
    for _ in 0..5 {
        assert_eq!(capabilities(&desk, "198.51.100.1").await.status, 200);
    }
    let refused = capabilities(&desk, "203.0.113.1, 198.51.100.1").await;
    refused.is(429, ErrorCode::RateLimited);
    let wait: u64 = refused.retry_after.unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    assert_eq!(capabilities(&desk, "198.51.100.2").await.status, 200);
    desk.later(wait * 1000);
    assert_eq!(capabilities(&desk, "198.51.100.1").await.status, 200, "waited in vain");
}

#[tokio::test]
async fn an_address_may_ask_to_sign_in_only_so_often_and_for_other_things_still() {
    let desk = Desk::open_with(behind_a_proxy(slow())).await;
    for _ in 0..2 {
        assert_eq!(challenge(&desk, "198.51.100.1").await.status, 200);
    }
    challenge(&desk, "198.51.100.1").await.is(429, ErrorCode::RateLimited);
    assert_eq!(capabilities(&desk, "198.51.100.1").await.status, 200);
    assert_eq!(challenge(&desk, "198.51.100.2").await.status, 200);
}

#[tokio::test]
async fn who_is_no_proxy_of_ours_cannot_make_somebody_else_wait() {
    let desk = Desk::open_with(|config| config.rates = slow()).await;
    for _ in 0..20 {
        assert_eq!(capabilities(&desk, "198.51.100.1").await.status, 200, "this machine");
        assert_eq!(challenge(&desk, "198.51.100.1").await.status, 200, "this machine");
    }
}

#[tokio::test]
async fn a_load_balancer_is_never_told_to_wait() {
    let desk = Desk::open_with(behind_a_proxy(slow())).await;
    for path in [route::HEALTH, route::READY].repeat(10) {
        let send = |request: reqwest::RequestBuilder| request.header("x-forwarded-for", "1.1.1.1");
        assert_eq!(desk.send(Method::GET, path, send).await.status, 200);
    }
}

#[tokio::test]
async fn an_account_waits_for_itself_and_a_forged_request_costs_it_nothing() {
    let rates = Rates { account: 3, address: 0, sign_in: 0 };
    let desk = Desk::open_with(|config| config.rates = rates).await;
    let (one, other) = (Author::new(1), Author::new(2));
    let (laptop, neighbour) = (desk.at_home(&one).await, desk.at_home(&other).await);
    for _ in 0..5 {
        let mut forged = laptop.get(route::DEVICES);
        *forged.header("signature") = neighbour.get(route::DEVICES).header("signature").clone();
        desk.dispatch(&forged).await.is(401, ErrorCode::SignInRequired);
    }
    for _ in 0..3 {
        assert_eq!(laptop.fetch(route::DEVICES).await.status, 200);
    }
    let refused = laptop.fetch(route::DEVICES).await;
    refused.is(429, ErrorCode::RateLimited);
    assert_eq!(refused.retry_after.as_deref(), Some("20"));
    assert_eq!(neighbour.fetch(route::DEVICES).await.status, 200);
    desk.later(20_000);
    assert_eq!(laptop.fetch(route::DEVICES).await.status, 200);
}

#[tokio::test]
async fn a_closed_server_takes_no_account_and_says_so_before_anybody_tries() {
    let desk = Desk::open_with(|config| config.registration = Registration::Closed).await;
    let said: seshat_protocol::Capabilities =
        desk.send(Method::GET, route::CAPABILITIES, |request| request).await.json();
    assert_eq!(said.registration, Registration::Closed);
    let creation = Author::new(1).creation(&desk.server.url());
    desk.post(route::ACCOUNTS, &creation).await.is(403, ErrorCode::RegistrationClosed);
}
