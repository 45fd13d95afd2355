//! Devices: receipts, the list, and revocation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use ed25519_dalek::{Signature, VerifyingKey};
use reqwest::{Method, StatusCode};
use seshat_protocol::{
    AccountCreated, AccountId, Blob, Capabilities, DeviceEntry, Devices, ErrorCode, PushRequest,
    PushResponse, Receipt, VaultReply, VaultUpdate, VaultUpdated, device_receipt_message, limits,
    route,
};
use support::Author;
use support::desk::{Desk, Laptop};

fn update() -> VaultUpdate {
    VaultUpdate { vault: Blob(vec![2]), sign_in: None, device: None, revoke: Vec::new() }
}

fn holds(receipt: &Receipt, account: AccountId, device: &DeviceEntry) -> bool {
    let message = device_receipt_message(account, device, receipt.registered_at);
    let key = VerifyingKey::from_bytes(&receipt.server_key.0).unwrap();
    key.verify_strict(&message, &Signature::from_bytes(&receipt.signature.0)).is_ok()
}

async fn tag(laptop: &Laptop<'_>) -> String {
    format!("\"{}\"", laptop.fetch(route::VAULT).await.json::<VaultReply>().revision)
}

async fn devices(laptop: &Laptop<'_>) -> Devices {
    laptop.fetch(route::DEVICES).await.json()
}

/// A second laptop that joins.
async fn second<'a>(desk: &'a Desk, author: &Author, seed: u64) -> (Laptop<'a>, VaultUpdated) {
    let first = desk.laptop(author);
    let (key, entry) = author.other_device(seed);
    let device = entry.id;
    let joined = VaultUpdate { device: Some(entry), ..update() };
    let updated: VaultUpdated = first.put_vault(&tag(&first).await, &joined).await.json();
    (Laptop { device, key, ..first }, updated)
}

#[tokio::test]
async fn every_device_has_a_receipt_by_the_key_that_the_server_names() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let created = desk.post(route::ACCOUNTS, &author.creation(&desk.server.url())).await;
    let created: AccountCreated = created.json();
    let said: Capabilities =
        desk.send(Method::GET, route::CAPABILITIES, |request| request).await.json();
    assert!(holds(&created.receipt, author.account, &author.device()));
    assert_eq!(created.receipt.server_key, said.server_key);
    assert_eq!(created.receipt.registered_at, 1_000_000_000_000);

    desk.later(5_000);
    let (other, updated) = second(&desk, &author, 1).await;
    let receipt = updated.receipt.unwrap();
    assert!(holds(&receipt, author.account, &author.other_device(1).1));
    assert!(!holds(&receipt, author.account, &author.device()), "of another device");
    assert!(!holds(&receipt, Author::new(2).account, &author.other_device(1).1));
    assert_eq!(receipt.registered_at, 1_000_000_005_000);

    // An answer that got lost: the same device once more.
    desk.later(5_000);
    let again = VaultUpdate { device: Some(author.other_device(1).1), ..update() };
    let again: VaultUpdated = other.put_vault(&tag(&other).await, &again).await.json();
    assert_eq!(again.receipt, Some(receipt));

    let listed = devices(&other).await.devices;
    assert_eq!(listed.len(), 2);
    assert_eq!((listed[0].device.id, listed[0].receipt), (author.device_id(), created.receipt));
    assert_eq!((listed[1].device.id, listed[1].receipt), (other.device, receipt));
    assert!(listed.iter().all(|known| known.revoked_at.is_none()));
    let none: VaultUpdated = other.put_vault(&tag(&other).await, &update()).await.json();
    assert_eq!(none.receipt, None);
}

#[tokio::test]
async fn the_receipt_key_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut keys = Vec::new();
    for _ in 0..2 {
        let desk = Desk::open_with(|config| config.data.clone_from(&data)).await;
        let said = desk.send(Method::GET, route::CAPABILITIES, |request| request).await;
        keys.push(said.json::<Capabilities>().server_key);
        desk.server.shutdown().await;
    }
    assert_eq!(keys[0], keys[1]);
    let other = Desk::open().await;
    let said = other.send(Method::GET, route::CAPABILITIES, |request| request).await;
    assert_ne!(said.json::<Capabilities>().server_key, keys[0], "two servers have one key");
}

#[tokio::test]
async fn a_revoked_device_is_told_so_and_let_in_no_more() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let (lost, _) = second(&desk, &author, 1).await;
    let late = lost.request(Method::POST, route::RECORDS, &PushRequest { records: Vec::new() });
    assert_eq!(lost.fetch(route::CHANGES).await.status, StatusCode::OK);

    let out = VaultUpdate { revoke: vec![lost.device], ..update() };
    laptop.put_vault("\"x\"", &out).await.is(412, ErrorCode::VaultChanged);
    assert_eq!(lost.fetch(route::CHANGES).await.status, StatusCode::OK, "half of it took effect");
    desk.later(1_000);
    let updated = laptop.put_vault(&tag(&laptop).await, &out).await;
    assert_eq!(updated.status, StatusCode::OK);

    for path in [route::VAULT, route::CHANGES, route::DEVICES, route::JOINS] {
        lost.fetch(path).await.is(401, ErrorCode::DeviceRevoked);
    }
    desk.dispatch(&late).await.is(401, ErrorCode::DeviceRevoked);
    lost.put_vault("\"x\"", &update()).await.is(401, ErrorCode::DeviceRevoked);
    // Who only claims to be it learns nothing.
    let claimed = Laptop { key: author.password.clone(), ..lost.clone() };
    claimed.fetch(route::CHANGES).await.is(401, ErrorCode::SignInRequired);

    let listed = devices(&laptop).await.devices;
    assert_eq!(listed[1].device.id, lost.device);
    assert_eq!(listed[1].revoked_at, Some(1_000_000_001_000));
    assert!(holds(&listed[1].receipt, author.account, &listed[1].device));

    let back = VaultUpdate { device: Some(author.other_device(1).1), ..update() };
    let tag = tag(&laptop).await;
    laptop.put_vault(&tag, &back).await.is(400, ErrorCode::Malformed);
    desk.later(365 * 24 * 3_600_000);
    lost.fetch(route::CHANGES).await.is(401, ErrorCode::DeviceRevoked);

    // What it wrote before is still taken from the others.
    let mut record = author.record(1, 10);
    record.device = lost.device;
    let push = PushRequest { records: vec![record] };
    let pushed: PushResponse = laptop.ask(Method::POST, route::RECORDS, &push).await.json();
    assert_eq!(pushed.head, 1);
}

#[tokio::test]
async fn a_person_may_revoke_and_a_stranger_may_not() {
    let desk = Desk::open().await;
    let (author, stranger) = (Author::new(1), Author::new(2));
    let token = desk.welcome(&author).await;
    let laptop = desk.laptop(&author);
    let other = desk.at_home(&stranger).await;
    let out = VaultUpdate { revoke: vec![laptop.device], ..update() };
    // In her own account it names nobody, and stays without effect elsewhere.
    assert_eq!(other.put_vault(&tag(&other).await, &out).await.status, StatusCode::OK);
    assert_eq!(laptop.fetch(route::CHANGES).await.status, StatusCode::OK);

    let tag = tag(&laptop).await;
    let unasked = |request: reqwest::RequestBuilder| request.header("if-match", &tag).json(&out);
    desk.send(Method::PUT, route::VAULT, unasked).await.is(401, ErrorCode::SignInRequired);
    let by_person = |request: reqwest::RequestBuilder| {
        request.bearer_auth(&token).header("if-match", &tag).json(&out)
    };
    let got = desk.send(Method::PUT, route::VAULT, by_person).await;
    assert_eq!(got.status, StatusCode::OK);
    laptop.fetch(route::CHANGES).await.is(401, ErrorCode::DeviceRevoked);
}

#[tokio::test]
async fn an_update_that_revokes_too_many_or_whom_it_lets_in_is_refused() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let tag = tag(&laptop).await;
    let many = VaultUpdate { revoke: vec![laptop.device; limits::REVOKE + 1], ..update() };
    laptop.put_vault(&tag, &many).await.is(413, ErrorCode::TooLarge);
    let (_, entry) = author.other_device(1);
    let both = VaultUpdate { revoke: vec![entry.id], device: Some(entry), ..update() };
    laptop.put_vault(&tag, &both).await.is(400, ErrorCode::Malformed);
    assert_eq!(laptop.fetch(route::DEVICES).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_device_is_seen_to_the_hour() {
    const HOUR: u64 = 3_600_000;
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let first = 1_000_000_000_000 / HOUR * HOUR;
    for hour in [first, first + HOUR, first + 7 * HOUR] {
        let now = desk.time.load(std::sync::atomic::Ordering::SeqCst);
        desk.later((hour + HOUR / 2).saturating_sub(now));
        // The write is on its way while the first answer is.
        let mut seen = None;
        for _ in 0..100 {
            seen = devices(&laptop).await.devices[0].seen_at;
            if seen == Some(hour) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(seen, Some(hour));
    }
}
