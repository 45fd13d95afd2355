//! Large bodies over HTTP: kept outside the database, in a folder or in S3, and whole whatever happens.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use rusqlite::Connection;
use seshat_protocol::{
    Bytes32, Changes, ErrorCode, PushOutcome, PushRequest, PushResponse, Record, Sealed, limits,
    route,
};
use seshat_server::meta::{MetaStore, Sweep};
use seshat_server::objects::{Depot, Key};
use seshat_server::sqlite::SqliteStore;
use seshat_server::{Objects, S3, gc};
use seshat_testkit::S3 as S3Server;
use sha2::{Digest, Sha256};
use support::Author;
use support::desk::{Desk, Got, Laptop};

/// Longer than what stays in the database.
const LARGE: usize = 100_000;

const DAY: u64 = 24 * 60 * 60 * 1000;

async fn push(laptop: &Laptop<'_>, records: Vec<Record>) -> Vec<PushOutcome> {
    let got = offer(laptop, records).await;
    got.json::<PushResponse>().results.into_iter().map(|result| result.outcome).collect()
}

async fn offer(laptop: &Laptop<'_>, records: Vec<Record>) -> Got {
    laptop.ask(Method::POST, route::RECORDS, &PushRequest { records }).await
}

/// Everything that the account has, page by page.
async fn all(laptop: &Laptop<'_>) -> Vec<Record> {
    let (mut all, mut cursor) = (Vec::new(), 0);
    loop {
        let page: Changes =
            laptop.fetch(&format!("{}?cursor={cursor}", route::CHANGES)).await.json();
        all.extend(page.records.into_iter().map(|changed| changed.record));
        cursor = page.next;
        if !page.has_more {
            return all;
        }
    }
}

/// Everything below the folder of objects.
fn objects(desk: &Desk) -> Vec<PathBuf> {
    let root = root(desk);
    seshat_testkit::files_below(&root).keys().map(|name| root.join(name)).collect()
}

fn root(desk: &Desk) -> PathBuf {
    desk.folder.path().join("data/objects")
}

fn bucket(server: &S3Server, name: &str) -> Objects {
    Objects::S3(S3 {
        bucket: name.to_owned(),
        prefix: "seshat".to_owned(),
        endpoint: Some(server.endpoint()),
        region: "us-east-1".to_owned(),
        access_key: "test".to_owned(),
        secret_key: "test".to_owned(),
    })
}

#[tokio::test]
async fn a_large_body_lies_outside_the_database_and_comes_back_as_it_was() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let records = vec![author.record(1, LARGE), author.record(2, 40), author.record(3, LARGE)];
    assert_eq!(push(&laptop, records.clone()).await, vec![PushOutcome::Stored; 3]);
    assert_eq!(all(&laptop).await, records);
    assert_eq!(objects(&desk).len(), 2, "the small one is in the database");
    assert_eq!(push(&laptop, records.clone()).await, vec![PushOutcome::Known; 3]);
    assert_eq!((all(&laptop).await, objects(&desk).len()), (records, 2));
    let other = Record { body: Sealed(vec![8; LARGE]), ..author.record(1, 0) };
    assert!(matches!(push(&laptop, vec![other]).await[..], [PushOutcome::Rejected { .. }]));
    assert_eq!(objects(&desk).len(), 2, "a record that was refused left its body");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_bucket_of_s3_it_is_the_same() {
    let server = S3Server::start();
    let name = server.bucket();
    let desk = Desk::open_with(|config| config.objects = Some(bucket(&server, &name))).await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let records: Vec<_> =
        (1..=30).map(|n| author.record(n, if n % 2 == 0 { LARGE } else { 40 })).collect();
    assert_eq!(push(&laptop, records.clone()).await, vec![PushOutcome::Stored; 30]);
    assert_eq!(all(&laptop).await, records);
    assert_eq!(server.names(&name).len(), 15);
    assert!(!root(&desk).exists(), "something lies in the data folder");
    // One goes behind the server's back: it is missed, and put right by whoever still has it.
    server.remove(&name, &server.names(&name)[3]);
    assert_eq!(all(&laptop).await.len(), 29);
    assert_eq!(push(&laptop, records.clone()).await, vec![PushOutcome::Known; 30]);
    assert_eq!(all(&laptop).await, records);
}

#[tokio::test]
async fn the_limit_of_what_stays_in_the_database_is_exact() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let bound = 64 * 1024;
    let records = vec![
        author.record(1, bound),
        author.record(2, bound + 1),
        author.record(3, limits::RECORD_BYTES),
    ];
    assert_eq!(push(&laptop, records.clone()).await, vec![PushOutcome::Stored; 3]);
    assert_eq!(objects(&desk).len(), 2);
    assert_eq!(all(&laptop).await, records);
}

#[tokio::test]
async fn a_lost_or_damaged_body_is_never_given_holds_up_nothing_and_is_put_right_by_a_laptop() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let records: Vec<_> = (1..=4).map(|n| author.record(n, LARGE)).collect();
    push(&laptop, records.clone()).await;
    let spoilt: [fn(&Path); 3] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::write(path, vec![0; LARGE]).unwrap(),
        |path| fs::write(path, b"half").unwrap(),
    ];
    for spoil in spoilt {
        let page: Changes = laptop.fetch(route::CHANGES).await.json();
        spoil(&objects(&desk)[2]);
        let left = all(&laptop).await;
        assert_eq!(left.len(), 3);
        assert!(left.iter().all(|record| records.contains(record)), "something else was given");
        let after: Changes = laptop.fetch(route::CHANGES).await.json();
        assert_eq!((after.next, after.head, after.digest), (page.next, page.head, page.digest));
        assert_eq!(push(&laptop, records.clone()).await, vec![PushOutcome::Known; 4]);
        assert_eq!(all(&laptop).await, records, "what was offered again is not back");
    }
    let log = desk.log.text();
    assert!(
        log.contains("an object is not there") && log.contains("an object is damaged"),
        "{log}"
    );
    assert!(!log.contains(&author.account.to_string()), "the log names an account: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_bucket_is_out_of_reach_small_records_go_on_and_large_ones_are_asked_to_wait() {
    let server = S3Server::start();
    let name = server.bucket();
    let objects = bucket(&server, &name);
    drop(server);
    let desk = Desk::open_with(|config| config.objects = Some(objects)).await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let both = vec![author.record(1, 40), author.record(2, LARGE)];
    offer(&laptop, both).await.is(503, ErrorCode::Busy);
    assert!(all(&laptop).await.is_empty(), "half of a push was stored");
    assert_eq!(push(&laptop, vec![author.record(1, 40)]).await, [PushOutcome::Stored]);
    assert_eq!(all(&laptop).await.len(), 1);
}

/// The row comes late, because somebody else has the database for a while. A collection finds the body needless meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_collected_before_its_row_is_there_is_put_again() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let record = author.record(1, LARGE);
    let key = Key::body(author.account, Bytes32(Sha256::digest(&record.body.0).into()));
    let (store, depot) = opened(&desk);
    let other = Connection::open(desk.folder.path().join("data/server.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let collecting = async {
        while !depot.has(key).await.unwrap() {
            tokio::task::yield_now().await;
        }
        let used = store.objects_used(author.account, vec![key.what.hash()]).await.unwrap();
        assert_eq!(used, [false], "the row was quicker, so this shows nothing");
        depot.doom(key).await.unwrap();
        depot.forget(key).await.unwrap();
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (outcomes, ()) = tokio::join!(push(&laptop, vec![record.clone()]), collecting);
    assert_eq!(outcomes, [PushOutcome::Stored]);
    assert_eq!(all(&laptop).await, [record]);
    store.close();
}

/// Laptops push, and push again, while two collections that find everything old enough run all the time.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_collected_meanwhile_what_was_acknowledged_is_whole() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let done = Arc::new(AtomicBool::new(false));
    let collectors: Vec<_> = (0..2)
        .map(|_| {
            let (done, data) = (Arc::clone(&done), desk.folder.path().join("data"));
            tokio::spawn(async move {
                let store = SqliteStore::open(&data.join("server.db"), None, 0).unwrap();
                let depot = Depot::open(&Objects::Folder(data.join("objects"))).unwrap();
                while !done.load(Ordering::SeqCst) {
                    gc::gc(&store, &depot, u64::MAX / 4).await.unwrap();
                }
                store.close();
            })
        })
        .collect();
    let mut records = Vec::new();
    for round in 0..30 {
        let new: Vec<_> = (0..3).map(|n| author.record(round * 3 + n + 1, LARGE)).collect();
        acknowledged(&laptop, &new).await;
        records.extend(new);
        // Three that were there for a while.
        let again: Vec<_> = records.iter().rev().skip(3).step_by(7).take(3).cloned().collect();
        acknowledged(&laptop, &again).await;
    }
    done.store(true, Ordering::SeqCst);
    for collector in collectors {
        collector.await.unwrap();
    }
    assert_eq!(all(&laptop).await, records, "a body that was acknowledged is gone");
    assert_eq!(objects(&desk).len(), records.len());
}

/// Offers records until the server has them. A collection that finds everything old enough takes half-written files for
/// what a crash left, so an offer may be answered with "not now".
async fn acknowledged(laptop: &Laptop<'_>, records: &[Record]) {
    loop {
        let got = offer(laptop, records.to_vec()).await;
        if got.status == 503 {
            continue;
        }
        let results = got.json::<PushResponse>().results;
        let is_here = |outcome| matches!(outcome, PushOutcome::Stored | PushOutcome::Known);
        assert!(results.into_iter().all(|result| is_here(result.outcome)));
        return;
    }
}

#[tokio::test]
async fn what_nothing_needs_goes_after_a_day_and_what_a_crash_left_out_of_sight_comes_back() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let record = author.record(1, LARGE);
    push(&laptop, vec![record.clone()]).await;
    let needed = objects(&desk).remove(0);
    // As a push leaves it that was cut off between body and row.
    let needless = needed.with_file_name("ab".repeat(32));
    fs::copy(&needed, &needless).unwrap();
    let now = written(&needed);
    let (store, depot) = opened(&desk);
    assert_eq!(gc::gc(&store, &depot, now + DAY / 2).await.unwrap(), gc::Collected::default());
    assert!(needless.exists(), "it went too early");
    // As a collection leaves them that was cut off before it had asked again.
    let doomed = |path: &Path| {
        let below = path.strip_prefix(root(&desk).join("kept")).unwrap();
        let doomed = root(&desk).join("doomed").join(below);
        fs::create_dir_all(doomed.parent().unwrap()).unwrap();
        fs::rename(path, &doomed).unwrap();
    };
    doomed(&needed);
    assert!(all(&laptop).await.is_empty());
    let collected = gc::gc(&store, &depot, now + 2 * DAY).await.unwrap();
    assert_eq!((collected.objects, collected.bytes), (1, LARGE as u64));
    assert_eq!(all(&laptop).await, [record]);
    assert_eq!(objects(&desk), std::slice::from_ref(&needed));
    doomed(&needed);
    store_forgets(&desk, &author).await;
    gc::gc(&store, &depot, now + 2 * DAY).await.unwrap();
    assert!(objects(&desk).is_empty(), "what is needed by nobody came back");
    store.close();
}

async fn store_forgets(desk: &Desk, author: &Author) {
    let (store, _) = opened(desk);
    assert!(store.delete_account(author.account).await.unwrap());
    store.close();
}

fn opened(desk: &Desk) -> (SqliteStore, Depot) {
    let store = SqliteStore::open(&desk.folder.path().join("data/server.db"), None, 0).unwrap();
    (store, Depot::open(&Objects::Folder(root(desk))).unwrap())
}

fn written(path: &Path) -> u64 {
    let at = fs::metadata(path).unwrap().modified().unwrap();
    at.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

#[tokio::test]
async fn what_was_replaced_and_purged_takes_its_body_with_it() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let laptop = desk.at_home(&author).await;
    let old = author.record(1, LARGE);
    let snapshot = Record { replaces: vec![old.id], ..author.record(2, LARGE) };
    push(&laptop, vec![old, snapshot.clone()]).await;
    let (store, depot) = opened(&desk);
    let mut at = Some(Sweep::default());
    let mut swept = 0;
    while let Some(from) = at {
        let step = store.sweep(u64::MAX / 4, from).await.unwrap();
        swept += step.records;
        at = step.next;
    }
    assert_eq!(swept, 1);
    let now = objects(&desk).iter().map(|path| written(path)).max().unwrap();
    let collected = gc::gc(&store, &depot, now + 2 * DAY).await.unwrap();
    assert_eq!(collected.objects, 1);
    assert_eq!(all(&laptop).await, [snapshot]);
    store.close();
}
