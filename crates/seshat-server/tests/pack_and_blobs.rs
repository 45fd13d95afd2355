//! Packs and blobs over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use seshat_protocol::{
    BlobProgress, Bytes32, Changes, ErrorCode, PackEnd, PackFrame, PackReader, PushOutcome,
    PushRequest, PushResponse, Record, limits, route,
};
use seshat_server::meta::{MetaStore, reason};
use seshat_server::objects::{Depot, Key};
use seshat_server::sqlite::SqliteStore;
use seshat_server::{Objects, gc};
use sha2::{Digest, Sha256};
use support::Author;
use support::desk::{Desk, Got, Laptop, Request};

const PART: usize = limits::BLOB_PART_BYTES;

async fn push(laptop: &Laptop<'_>, records: Vec<Record>) -> Vec<PushOutcome> {
    let got = laptop.ask(Method::POST, route::RECORDS, &PushRequest { records }).await;
    got.json::<PushResponse>().results.into_iter().map(|result| result.outcome).collect()
}

/// The frames of a pack, as far as they came whole.
fn frames(body: &[u8]) -> (Vec<(u64, Record)>, Option<PackEnd>) {
    let (mut reader, mut records, mut end) = (PackReader::new(), Vec::new(), None);
    for piece in body.chunks(1000) {
        reader.feed(piece);
        while let Some(frame) = reader.next_frame().unwrap() {
            assert!(end.is_none(), "something stands behind the end");
            match frame {
                PackFrame::Record(changed) => records.push((changed.position, changed.record)),
                PackFrame::End(found) => end = Some(found),
            }
        }
    }
    (records, end)
}

/// 400 records, large ones among them, of which a snapshot has replaced the first 100.
async fn library(laptop: &Laptop<'_>, author: &Author) -> Vec<(u64, Record)> {
    let length = |n| if n % 50 == 0 { 150_000 } else { 300 };
    let mut records: Vec<_> = (1..=400).map(|n| author.record(n, length(n))).collect();
    records[200].replaces = records[..100].iter().map(|record| record.id).collect();
    for batch in records.chunks(100) {
        assert_eq!(push(laptop, batch.to_vec()).await, vec![PushOutcome::Stored; 100]);
    }
    (1..).zip(records).skip(100).collect()
}

#[tokio::test]
async fn a_pack_is_everything_that_stands_for_itself_in_order_and_ends_where_changes_go_on() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let live = library(&laptop, &author).await;
    let got = laptop.fetch(route::PACK).await;
    assert_eq!(got.status, StatusCode::OK);
    let (records, end) = frames(&got.body);
    assert_eq!(records, live);
    let changes: Changes = laptop.fetch(&format!("{}?cursor=400", route::CHANGES)).await.json();
    let expected = PackEnd { next: 400, head: 400, epoch: changes.epoch, digest: changes.digest };
    assert_eq!(end, Some(expected));
    assert_eq!(changes.digest.count, 300);
}

#[tokio::test]
async fn pages_of_what_stands_for_itself_are_a_pack_in_pieces() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let live = library(&laptop, &author).await;
    let (mut records, mut cursor) = (Vec::new(), 0);
    loop {
        let route = format!("{}?cursor={cursor}&limit=90&live=1", route::CHANGES);
        let page: Changes = laptop.fetch(&route).await.json();
        assert_eq!((page.head, page.digest.count), (400, 300), "as in every other page");
        assert!(!page.has_more || !page.records.is_empty(), "a promise of more brings something");
        let came = page.records.into_iter();
        records.extend(came.map(|changed| (changed.position, changed.record)));
        cursor = page.next;
        if !page.has_more {
            break;
        }
    }
    assert_eq!((cursor, records), (400, live));
    // A laptop that wants everything gets everything.
    let all: Changes =
        laptop.fetch(&format!("{}?cursor=0&limit=90&live=0", route::CHANGES)).await.json();
    assert_eq!(all.next, 90);
}

#[tokio::test]
async fn a_pack_that_is_cut_anywhere_goes_on_behind_its_last_record() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let live = library(&laptop, &author).await;
    let whole = laptop.fetch(route::PACK).await.body;
    for cut in [0, 3, 4, 1000, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let (mut records, end) = frames(&whole[..cut]);
        assert!(end.is_none(), "a pack that was cut looks whole");
        let cursor = records.last().map_or(0, |(position, _)| *position);
        let rest = laptop.fetch(&format!("{}?cursor={cursor}", route::PACK)).await;
        let (rest, end) = frames(&rest.body);
        assert!(end.is_some());
        records.extend(rest);
        assert!(records == live, "cut at {cut}: something is missing or came twice");
    }
}

#[tokio::test]
async fn an_empty_pack_has_an_end_and_its_name_changes_with_what_is_in_it() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let empty = laptop.fetch(route::PACK).await;
    let (records, end) = frames(&empty.body);
    assert!(records.is_empty());
    assert_eq!(end.map(|end| (end.next, end.head)), Some((0, 0)));
    push(&laptop, vec![author.record(1, 40)]).await;
    let one = laptop.fetch(route::PACK).await;
    let none = laptop.fetch(&format!("{}?cursor=1", route::PACK)).await;
    assert_eq!(frames(&none.body).0, []);
    let tags = [empty.etag.unwrap(), one.etag.unwrap(), none.etag.unwrap()];
    assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
    laptop.fetch(&format!("{}?cursor=many", route::PACK)).await.is(400, ErrorCode::Malformed);
    let unsigned = desk.send(Method::GET, route::PACK, |request| request).await;
    unsigned.is(401, ErrorCode::SignInRequired);
}

/// A blob of so many bytes, and its name.
fn blob(length: usize) -> (Vec<u8>, Bytes32) {
    let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
    let hash = Bytes32(Sha256::digest(&bytes).into());
    (bytes, hash)
}

fn path(hash: &Bytes32) -> String {
    let hex: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}{hex}", route::BLOB)
}

fn part(laptop: &Laptop<'_>, hash: &Bytes32, bytes: &[u8], number: usize) -> Request {
    let body = bytes.chunks(PART).nth(number).unwrap().to_vec();
    let target = format!("{}?len={}&part={number}", path(hash), bytes.len());
    laptop.sign(laptop.input(), Method::PUT, &target, body, None)
}

async fn send(laptop: &Laptop<'_>, hash: &Bytes32, bytes: &[u8], number: usize) -> Got {
    laptop.desk.dispatch(&part(laptop, hash, bytes, number)).await
}

/// An answer with its headers.
async fn whole(laptop: &Laptop<'_>, request: &Request) -> (StatusCode, HeaderMap, Vec<u8>) {
    let url = format!("{}{}", laptop.desk.server.url(), request.target);
    let mut sent = laptop.desk.client.request(request.method.clone(), url);
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let got = sent.body(request.body.clone()).send().await.unwrap();
    (got.status(), got.headers().clone(), got.bytes().await.unwrap().to_vec())
}

async fn ranged(laptop: &Laptop<'_>, hash: &Bytes32, range: &str) -> (StatusCode, String, Vec<u8>) {
    let request = laptop.get(&path(hash)).with("range", range);
    let (status, headers, body) = whole(laptop, &request).await;
    let shown = headers.get("content-range").map(|value| value.to_str().unwrap().to_owned());
    (status, shown.unwrap_or_default(), body)
}

#[tokio::test]
async fn a_blob_comes_in_parts_in_any_order_and_is_given_when_it_is_whole() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let (bytes, hash) = blob(2 * PART + 77);
    let parts = format!("{}{}", path(&hash), route::BLOB_PARTS);
    laptop.fetch(&parts).await.is(404, ErrorCode::NotFound);
    let mut missing = vec![0, 1, 2];
    for number in [2, 0] {
        missing.retain(|left| *left != number);
        let len = bytes.len() as u64;
        let expected = BlobProgress { len, missing: missing.clone(), complete: false };
        for _again in 0..2 {
            let got = send(&laptop, &hash, &bytes, number as usize).await;
            assert_eq!(got.json::<BlobProgress>(), expected);
        }
        assert_eq!(laptop.fetch(&parts).await.json::<BlobProgress>(), expected);
        laptop.fetch(&path(&hash)).await.is(404, ErrorCode::NotFound);
        let (status, ..) = whole(&laptop, &head(&laptop, &hash)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "a blob that is not whole was shown");
    }
    let done: BlobProgress = send(&laptop, &hash, &bytes, 1).await.json();
    assert!(done.complete && done.missing.is_empty());
    let (status, headers, got) = whole(&laptop, &laptop.get(&path(&hash))).await;
    assert_eq!((status, got == bytes), (StatusCode::OK, true));
    assert_eq!(headers["content-length"], bytes.len().to_string().as_str());
    let (status, headers, nothing) = whole(&laptop, &head(&laptop, &hash)).await;
    assert_eq!((status, nothing.len()), (StatusCode::OK, 0));
    assert_eq!(headers["content-length"], bytes.len().to_string().as_str());
    let again: BlobProgress = send(&laptop, &hash, &bytes, 1).await.json();
    assert!(again.complete, "a part that came late undid the blob");
}

fn head(laptop: &Laptop<'_>, hash: &Bytes32) -> Request {
    laptop.sign(laptop.input(), Method::HEAD, &path(hash), Vec::new(), None)
}

#[tokio::test]
async fn a_download_goes_on_at_any_byte() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let (bytes, hash) = blob(PART + 1000);
    send(&laptop, &hash, &bytes, 0).await;
    send(&laptop, &hash, &bytes, 1).await;
    let end = bytes.len();
    for (from, to) in [
        (0, 1),
        (0, end),
        (PART - 1, PART + 1),
        (PART, end),
        (512 * 1024 - 3, 512 * 1024 + 3),
        (end - 1, end),
    ] {
        let (status, shown, got) =
            ranged(&laptop, &hash, &format!("bytes={from}-{}", to - 1)).await;
        assert_eq!(status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(shown, format!("bytes {from}-{}/{end}", to - 1));
        assert!(got == bytes[from..to], "{from} to {to}");
    }
    let (status, _, rest) = ranged(&laptop, &hash, &format!("bytes={}-", PART + 5)).await;
    assert_eq!((status, rest == bytes[PART + 5..]), (StatusCode::PARTIAL_CONTENT, true));
    let request = laptop.get(&path(&hash)).with("range", &format!("bytes={end}-"));
    desk.dispatch(&request).await.is(416, ErrorCode::NoSuchRange);
}

#[tokio::test]
async fn what_does_not_have_the_hash_that_it_is_called_by_is_never_given_and_can_be_sent_again() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let (bytes, hash) = blob(PART + 10);
    let mut wrong = bytes.clone();
    wrong[5] ^= 1;
    send(&laptop, &hash, &wrong, 0).await;
    send(&laptop, &hash, &wrong, 1).await.is(400, ErrorCode::Malformed);
    laptop.fetch(&path(&hash)).await.is(404, ErrorCode::NotFound);
    let done: BlobProgress = send(&laptop, &hash, &bytes, 0).await.json();
    assert!(done.complete, "the right part does not make it right");
    assert!(laptop.fetch(&path(&hash)).await.body == bytes);
}

#[tokio::test]
async fn a_part_is_as_long_as_it_must_be_and_names_are_spelt_in_one_way() {
    let desk = Desk::open().await;
    let laptop = desk.at_home(&Author::new(1)).await;
    let (bytes, hash) = blob(100);
    let name = path(&hash);
    let put = async |target: String, body: &[u8]| {
        let request = laptop.sign(laptop.input(), Method::PUT, &target, body.to_vec(), None);
        desk.dispatch(&request).await
    };
    for (query, body) in [
        ("len=100&part=0", &bytes[..99]),
        ("len=99&part=0", &bytes),
        ("len=100&part=1", &bytes),
        ("len=0&part=0", b""),
        ("len=100&part=4294967295", &bytes),
        ("len=100&part=-1", &bytes),
        ("part=0", &bytes),
        ("", &bytes),
    ] {
        put(format!("{name}?{query}"), body).await.is(400, ErrorCode::Malformed);
    }
    let too_long = format!("{name}?len={}&part=0", limits::BLOB_BYTES + 1);
    put(too_long, &bytes).await.is(413, ErrorCode::TooLarge);
    let long_part = format!("{name}?len={}&part=0", limits::BLOB_BYTES);
    put(long_part, &vec![0; PART + 1]).await.is(413, ErrorCode::TooLarge);
    let upper =
        format!("{}{}", route::BLOB, name.strip_prefix(route::BLOB).unwrap().to_uppercase());
    put(format!("{upper}?len=100&part=0"), &bytes).await.is(404, ErrorCode::NotFound);
    put(format!("{}abc?len=100&part=0", route::BLOB), &bytes).await.is(404, ErrorCode::NotFound);
    // Another query than the one that was signed.
    let mut request = part(&laptop, &hash, &bytes, 0);
    request.target = request.target.replace("part=0", "part=00");
    desk.dispatch(&request).await.is(401, ErrorCode::SignInRequired);
    assert!(
        desk.log.text().lines().all(|line| !line.contains(name.strip_prefix(route::BLOB).unwrap()))
    );
}

#[tokio::test]
async fn blobs_count_against_the_quota_and_belong_to_one_account() {
    let desk = Desk::open_with(|config| config.quota = Some(200)).await;
    let (ada, bob) = (desk.at_home(&Author::new(1)).await, desk.at_home(&Author::new(2)).await);
    let ((small, one), (large, two)) = (blob(150), blob(151));
    assert!(send(&ada, &one, &small, 0).await.json::<BlobProgress>().complete);
    send(&ada, &two, &large, 0).await.is(507, ErrorCode::Full);
    bob.fetch(&path(&one)).await.is(404, ErrorCode::NotFound);
    assert!(send(&bob, &one, &small, 0).await.json::<BlobProgress>().complete);
}

#[tokio::test]
async fn a_record_that_names_a_blob_waits_until_the_blob_is_here_whole() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let (bytes, hash) = blob(PART + 1);
    let record = Record { blobs: vec![hash], ..author.record(1, 40) };
    let waits = PushOutcome::Waits { reason: reason::BLOBS_MISSING.to_owned() };
    let plain = author.record(2, 40);
    let outcomes = push(&laptop, vec![record.clone(), plain]).await;
    assert_eq!(outcomes, [waits.clone(), PushOutcome::Stored], "one holds up the other");
    send(&laptop, &hash, &bytes, 0).await;
    assert_eq!(push(&laptop, vec![record.clone()]).await, [waits]);
    send(&laptop, &hash, &bytes, 1).await;
    assert_eq!(push(&laptop, vec![record.clone()]).await, [PushOutcome::Stored]);
    let changes: Changes = laptop.fetch(route::CHANGES).await.json();
    assert_eq!(changes.records[1].record, record, "it does not come back as it was signed");
}

#[tokio::test]
async fn a_blob_that_no_record_names_goes_after_a_month_and_one_that_is_named_stays() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let ((named, one), (stray, two)) = (blob(500), blob(501));
    send(&laptop, &one, &named, 0).await;
    send(&laptop, &two, &stray, 0).await;
    push(&laptop, vec![Record { blobs: vec![one], ..author.record(1, 40) }]).await;
    let data = desk.folder.path().join("data");
    let store = SqliteStore::open(&data.join("server.db"), None, 0).unwrap();
    let depot = Depot::open(&Objects::Folder(data.join("objects"))).unwrap();
    let later = 4_000_000_000_000;
    let collected = gc::gc(&store, &depot, later).await.unwrap();
    assert_eq!((collected.blobs, collected.objects, collected.bytes), (1, 1, 501));
    assert!(laptop.fetch(&path(&one)).await.body == named);
    laptop.fetch(&path(&two)).await.is(404, ErrorCode::NotFound);
    assert!(!depot.has(Key::part(author.account, two, 0)).await.unwrap());
    assert!(store.delete_account(author.account).await.unwrap());
    gc::gc(&store, &depot, later).await.unwrap();
    assert!(
        !depot.has(Key::part(author.account, one, 0)).await.unwrap(),
        "it outlived its account"
    );
    store.close();
}
