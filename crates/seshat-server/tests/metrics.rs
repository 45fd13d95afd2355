//! What is counted is for whoever runs the server, and tells nothing of anybody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::Method;
use seshat_protocol::{ErrorCode, PushRequest, route};
use support::Author;
use support::desk::{Desk, Got};

async fn metrics(desk: &Desk, forwarded: Option<&str>) -> Got {
    let send = |request: reqwest::RequestBuilder| match forwarded {
        Some(from) => request.header("x-forwarded-for", from),
        None => request,
    };
    desk.send(Method::GET, route::METRICS, send).await
}

#[tokio::test]
async fn requests_and_records_are_counted_and_nothing_names_an_account() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let push = PushRequest { records: author.records(1..4) };
    laptop.ask(Method::POST, route::RECORDS, &push).await;
    laptop.ask(Method::POST, route::RECORDS, &push).await;
    let nowhere = format!("/v1/{}", author.email);
    desk.send(Method::GET, &nowhere, |request| request).await;
    let got = metrics(&desk, None).await;
    let text = String::from_utf8(got.body).unwrap();
    for line in [
        "seshat_records_total{outcome=\"stored\"} 3",
        "seshat_records_total{outcome=\"known\"} 3",
        "seshat_requests_total{method=\"POST\",route=\"/v1/records\",status=\"200\"} 2",
        "seshat_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1",
        "seshat_bodies_bytes 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    for secret in [&author.email, &author.account.to_string(), "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_came_through_a_proxy_is_told_nothing_unless_it_is_of_a_named_network() {
    let desk = Desk::open().await;
    metrics(&desk, Some("198.51.100.1")).await.is(404, ErrorCode::NotFound);
    let named = Desk::open_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.metrics_to = vec!["192.0.2.0/24".parse().unwrap()];
    })
    .await;
    assert_eq!(metrics(&named, Some("192.0.2.7")).await.status, 200);
    metrics(&named, Some("198.51.100.1")).await.is(404, ErrorCode::NotFound);
    assert_eq!(metrics(&named, None).await.status, 200);
}
