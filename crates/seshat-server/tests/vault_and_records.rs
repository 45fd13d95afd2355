//! The vault and the records over HTTP, against the real router on a loopback port.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::{Method, StatusCode};
use seshat_protocol::{
    Blob, Capabilities, Changes, ErrorCode, PushOutcome, PushRequest, PushResponse, Record,
    VaultReply, VaultUpdate, VaultUpdated, limits, route,
};
use support::desk::{Desk, Got, Laptop};
use support::{Author, xor};

/// What a laptop does here.
struct Signed<'a>(Laptop<'a>);

impl Signed<'_> {
    async fn fetch(&self, known: &str) -> Got {
        self.0.desk.dispatch(&self.0.get(route::VAULT).with("if-none-match", known)).await
    }

    async fn put(&self, expected: &str, update: &VaultUpdate) -> Got {
        self.0.put_vault(expected, update).await
    }

    async fn push(&self, records: Vec<Record>) -> Got {
        self.0.ask(Method::POST, route::RECORDS, &PushRequest { records }).await
    }

    async fn changes(&self, query: &str) -> Got {
        self.0.fetch(&format!("{}{query}", route::CHANGES)).await
    }
}

fn update(vault: &[u8]) -> VaultUpdate {
    VaultUpdate { vault: Blob(vault.to_vec()), sign_in: None, device: None, revoke: Vec::new() }
}

#[tokio::test]
async fn a_vault_is_swapped_only_from_the_revision_that_was_seen() {
    let desk = Desk::open().await;
    let signed = Signed(desk.at_home(&Author::new(1)).await);
    let first = signed.fetch("").await;
    let tag = first.etag.clone().unwrap();
    assert_eq!(tag, format!("\"{}\"", first.json::<VaultReply>().revision));
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let same = signed.fetch(&known).await;
        assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
    }
    assert_eq!(signed.fetch("\"x\"").await.status, StatusCode::OK);

    let unconditional = signed.0.ask(Method::PUT, route::VAULT, &update(b"two")).await;
    unconditional.is(400, ErrorCode::Malformed);
    for wrong in ["", "*", "x", "\"", "\"a\", \"b\"", &format!("W/{tag}")] {
        signed.put(wrong, &update(b"two")).await.is(400, ErrorCode::Malformed);
    }
    signed.put("\"x\"", &update(b"two")).await.is(412, ErrorCode::VaultChanged);
    signed.put(&tag, &update(b"")).await.is(400, ErrorCode::Malformed);

    let stored = signed.put(&tag, &update(b"two")).await;
    let second = format!("\"{}\"", stored.json::<VaultUpdated>().revision);
    assert_eq!((stored.status, stored.etag), (StatusCode::OK, Some(second.clone())));
    assert_ne!(second, tag);
    signed.put(&tag, &update(b"three")).await.is(412, ErrorCode::VaultChanged);
    assert_eq!(signed.fetch(&tag).await.json::<VaultReply>().vault.0, b"two");
    assert_eq!(signed.fetch(&second).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_vault_brings_keys_and_devices_along_or_nothing_at_all() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let signed = Signed(desk.at_home(&author).await);
    let tag = signed.fetch("").await.etag.unwrap();
    let (laptop, device) = author.other_device(1);
    let renewed = Author { password: Author::new(7).password, ..author.clone() };
    let mut wanted = update(b"two");
    wanted.sign_in = Some(renewed.description());

    let mut forged = wanted.clone();
    forged.device = Some(Author::new(2).other_device(1).1);
    signed.put(&tag, &forged).await.is(400, ErrorCode::Malformed);
    let mut taken = wanted.clone();
    let mut usurper = author.clone();
    usurper.laptop = Author::new(8).laptop;
    taken.device = Some(usurper.device());
    signed.put(&tag, &taken).await.is(400, ErrorCode::Malformed);
    assert_eq!(signed.fetch(&tag).await.status, StatusCode::NOT_MODIFIED, "half of it was taken");
    assert_eq!(desk.token(&author).await.len(), 43, "the old password is gone too early");

    wanted.device = Some(device.clone());
    assert_eq!(signed.put(&tag, &wanted).await.status, StatusCode::OK);
    desk.token(&renewed).await;
    let old = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
    desk.post(route::SIGN_IN, &old).await.is(401, ErrorCode::SignInRequired);

    let joined = Signed(Laptop { device: device.id, key: laptop, ..desk.laptop(&author) });
    let mut record = author.record(1, 10);
    record.device = device.id;
    let pushed = joined.push(vec![record]).await;
    assert_eq!(pushed.json::<PushResponse>().results[0].outcome, PushOutcome::Stored);
}

#[tokio::test]
async fn records_are_pushed_once_and_read_back_in_pages() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let signed = Signed(desk.at_home(&author).await);
    let records = author.records(1..26);
    let pushed: PushResponse = signed.push(records.clone()).await.json();
    assert!(pushed.results.iter().all(|result| result.outcome == PushOutcome::Stored));
    assert!(pushed.results.iter().map(|r| r.id).eq(records.iter().map(|r| r.id)), "in order");
    let again: PushResponse = signed.push(records.clone()).await.json();
    assert!(again.results.iter().all(|result| result.outcome == PushOutcome::Known));
    assert_eq!((pushed.head, again.head), (25, 25));

    let (mut cursor, mut read, mut pages) = (0, Vec::new(), 0);
    loop {
        let page: Changes = signed.changes(&format!("?cursor={cursor}&limit=10")).await.json();
        assert_eq!((page.head, &page.epoch, page.digest.count), (25, &pushed.epoch, 25));
        assert_eq!(page.digest.xor, xor(records.iter().map(|record| &record.id)));
        cursor = page.next;
        pages += 1;
        read.extend(page.records.into_iter().map(|changed| changed.record));
        assert_eq!(page.has_more, cursor < 25);
        if !page.has_more {
            break;
        }
    }
    assert_eq!((pages, read), (3, records));
}

#[tokio::test]
async fn a_cursor_at_or_beyond_the_head_comes_back_to_the_head() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let signed = Signed(desk.at_home(&author).await);
    signed.push(author.records(1..4)).await;
    for (query, records, next) in [
        ("", 3, 3),
        ("?cursor=3", 0, 3),
        ("?cursor=18446744073709551615", 0, 3),
        ("?limit=0", 1, 1),
        ("?limit=100000", 3, 3),
        ("?max_bytes=0", 1, 1),
        ("?max_bytes=80&cursor=1", 2, 3),
        ("?unheard=of", 3, 3),
    ] {
        let page: Changes = signed.changes(query).await.json();
        assert_eq!((page.records.len(), page.next), (records, next), "{query}");
    }
    for query in ["?cursor=-1", "?cursor=x", "?limit=1.5", "?max_bytes=", "?cursor=1&cursor=2"] {
        signed.changes(query).await.is(400, ErrorCode::Malformed);
    }
}

#[tokio::test]
async fn a_push_at_the_limits_is_taken_and_one_above_is_not() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let signed = Signed(desk.at_home(&author).await);
    signed.push(author.records(1..102)).await.is(413, ErrorCode::TooLarge);
    let full: PushResponse = signed.push(author.records(1..101)).await.json();
    assert_eq!(full.head, 100);

    let half = limits::BATCH_BYTES / 2;
    let mut pair = vec![author.record(101, half), author.record(102, half)];
    pair[1].body.0.push(0);
    signed.push(pair.clone()).await.is(413, ErrorCode::TooLarge);
    pair[1].body.0.pop();
    let largest: PushResponse = signed.push(pair.clone()).await.json();
    assert_eq!(largest.head, 102, "a full batch does not fit into a body");
    let page: Changes = signed.changes("?cursor=100").await.json();
    assert_eq!(page.records.len(), 2, "a full batch does not fit into a page");
    assert!(page.records.iter().map(|changed| &changed.record).eq(&pair));

    let outcomes = signed.push(vec![author.record(103, half + 1), author.record(104, 1)]).await;
    let outcomes: PushResponse = outcomes.json();
    assert!(matches!(outcomes.results[0].outcome, PushOutcome::Rejected { .. }));
    assert_eq!(outcomes.results[1].outcome, PushOutcome::Stored);
    let nothing: PushResponse = signed.push(Vec::new()).await.json();
    assert_eq!((nothing.results.len(), nothing.head), (0, 103));
}

#[tokio::test]
async fn one_account_sees_nothing_of_another() {
    let desk = Desk::open().await;
    let (one, two) = (Author::new(1), Author::new(2));
    let first = Signed(desk.at_home(&one).await);
    let second = Signed(desk.at_home(&two).await);
    first.push(one.records(1..4)).await;
    let page: Changes = second.changes("").await.json();
    assert_eq!((page.records.len(), page.head, page.digest.count), (0, 0, 0));
    let refused: PushResponse = second.push(one.records(4..5)).await.json();
    assert!(matches!(refused.results[0].outcome, PushOutcome::Rejected { .. }));
}

#[tokio::test]
async fn a_server_says_what_it_is_to_anybody() {
    let desk = Desk::open().await;
    let health = desk.send(Method::GET, route::HEALTH, |request| request).await;
    assert_eq!(health.status, StatusCode::OK);
    let said = desk.send(Method::GET, route::CAPABILITIES, |request| request).await;
    let said: Capabilities = said.json();
    assert_eq!((said.service.as_str(), said.protocols), ("seshat", vec![1]));
    assert_eq!(said.max_records, limits::RECORDS);
}

#[tokio::test]
async fn a_full_server_says_so_and_goes_on_reading() {
    let desk = Desk::open_with(|config| config.room = Some(1024 * 1024)).await;
    let author = Author::new(1);
    let signed = Signed(desk.at_home(&author).await);
    signed.push(author.records(1..3)).await;
    // 2 MiB in bodies that stay in the database; larger ones are kept outside.
    let much = (3..55).map(|n| author.record(n, 40 * 1024)).collect();
    signed.push(much).await.is(507, ErrorCode::Full);
    let page: Changes = signed.changes("").await.json();
    assert_eq!((page.head, page.digest.count), (2, 2));
    let small: PushResponse = signed.push(author.records(3..4)).await.json();
    assert_eq!(small.head, 3, "what fits is still taken");
    assert!(desk.log.text().contains("\"event\":\"failure\""), "the operator is not told");
}

#[tokio::test]
async fn what_was_stored_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    let data = folder.path().join("data");
    let mut heads = Vec::new();
    for round in 1..4 {
        let desk = Desk::open_with(|config| config.data.clone_from(&data)).await;
        let laptop = if round == 1 { desk.at_home(&author).await } else { desk.laptop(&author) };
        let signed = Signed(laptop);
        let pushed: PushResponse = signed.push(author.records(round..round + 1)).await.json();
        heads.push((pushed.head, pushed.epoch));
        desk.server.shutdown().await;
    }
    let epoch = heads[0].1.clone();
    assert_eq!(heads, [(1, epoch.clone()), (2, epoch.clone()), (3, epoch)]);
}
