//! Everything that the server holds for an account can be taken away whole.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::Method;
use seshat_protocol::{ErrorCode, ExportLine, PushRequest, Record, VaultReply, route};
use support::Author;
use support::desk::{Desk, Got, Laptop};

fn lines(got: &Got) -> Vec<ExportLine> {
    assert_eq!(got.status, 200);
    let text = std::str::from_utf8(&got.body).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn push(laptop: &Laptop<'_>, records: Vec<Record>) {
    let push = PushRequest { records };
    assert_eq!(laptop.ask(Method::POST, route::RECORDS, &push).await.status, 200);
}

#[tokio::test]
async fn an_export_has_everything_in_order_and_says_that_it_is_whole() {
    let desk = Desk::open().await;
    let (author, other) = (Author::new(1), Author::new(2));
    let laptop = desk.at_home(&author).await;
    let neighbour = desk.at_home(&other).await;
    push(&neighbour, other.records(1..4)).await;
    // More than a page by number, and large bodies among them.
    let mut sent = author.records(1..151);
    sent.extend((151..156).map(|sequence| author.record(sequence, 700_000)));
    for part in sent.chunks(60) {
        push(&laptop, part.to_vec()).await;
    }
    let got = laptop.fetch(route::EXPORT).await;
    let mut lines = lines(&got);
    let Some(ExportLine::End(end)) = lines.pop() else { panic!("it does not say `end`") };
    assert_eq!((end.head, end.records), (155, 155));
    let mut lines = lines.into_iter();
    let Some(ExportLine::Account(whose)) = lines.next() else { panic!("not whose it is") };
    assert_eq!((whose.account, &whose.email), (author.account, &author.email));
    let vault: VaultReply = laptop.fetch(route::VAULT).await.json();
    assert_eq!(lines.next(), Some(ExportLine::Vault(vault)));
    let Some(ExportLine::Device(device)) = lines.next() else { panic!("no device") };
    assert_eq!(device.device, author.device());
    for (record, position) in sent.into_iter().zip(1..) {
        let expected = seshat_protocol::ChangedRecord { position, record };
        assert_eq!(lines.next(), Some(ExportLine::Record(expected)));
    }
    assert_eq!(lines.next(), None);
}

#[tokio::test]
async fn a_person_may_export_and_a_stranger_may_not() {
    let desk = Desk::open().await;
    let token = desk.welcome(&Author::new(1)).await;
    let ask = async |token: &str| {
        desk.send(Method::GET, route::EXPORT, |request| request.bearer_auth(token)).await
    };
    assert_eq!(lines(&ask(&token).await).len(), 4, "account, vault, device, end");
    ask("x").await.is(401, ErrorCode::SignInRequired);
}
