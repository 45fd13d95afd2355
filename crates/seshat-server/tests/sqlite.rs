//! What is true of the SQLite store beyond the suite: groups, full disks, reopening, versions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use seshat_protocol::{PushOutcome, SignInDescription};
use seshat_server::meta::{Created, MetaError, MetaStore, PageRequest, Sweep};
use seshat_server::sqlite::{OpenError, SCHEMA_VERSION, SqliteStore};
use support::Author;

fn open(folder: &Path, room: Option<u64>) -> SqliteStore {
    SqliteStore::open(&folder.join("server.db"), room, 0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_does_not_fit_fails_alone_and_what_fits_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path(), Some(3 * 1024 * 1024)));
    let author = Author::new(1);
    store.create_account(author.new_account()).await.unwrap();
    let pushes: Vec<_> = (1..=40_u64)
        .map(|sequence| {
            let (store, author) = (Arc::clone(&store), author.clone());
            let length = if sequence % 4 == 0 { 4 * 1024 * 1024 } else { 2000 };
            let push = author.push(vec![author.record(sequence, length)]);
            tokio::spawn(async move { (length, store.push(push).await) })
        })
        .collect();
    for push in pushes {
        match push.await.unwrap() {
            (2000, pushed) => {
                let pushed = pushed.expect("a small push failed beside a large one").unwrap();
                assert_eq!(pushed.outcomes, [PushOutcome::Stored]);
            }
            (_, pushed) => assert!(matches!(pushed, Err(MetaError::Full)), "4 MiB went into 3 MiB"),
        }
    }
    let request = PageRequest { cursor: 0, limit: 100, max_bytes: 1 << 23, live: false };
    let page = store.changes(author.account, request).await.unwrap().unwrap();
    assert_eq!((page.records.len(), page.head), (30, 30), "positions were lost or left open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_in_a_group_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path(), None));
    let accounts: Vec<_> = (0..60_u64)
        .map(|seed| {
            let store = Arc::clone(&store);
            let mut new = Author::new(seed).new_account();
            // A trigger refuses its device, after the account's own row has been written.
            if seed % 3 == 0 {
                new.email = format!("refused-{seed}");
            }
            (seed, store, new)
        })
        .collect();
    Connection::open(folder.path().join("server.db"))
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON devices
             WHEN (SELECT email FROM accounts WHERE number = NEW.account) LIKE 'refused-%'
             BEGIN SELECT RAISE(ABORT, 'refused'); END;",
        )
        .unwrap();
    let tasks: Vec<_> = accounts
        .into_iter()
        .map(|(seed, store, new)| {
            tokio::spawn(async move { (seed, new.account, store.create_account(new).await) })
        })
        .collect();
    for task in tasks {
        let (seed, account, created) = task.await.unwrap();
        let there = store.vault(account).await.unwrap().is_some();
        if seed % 3 == 0 {
            assert!(created.is_err() && !there, "half of a failed request was kept");
        } else {
            assert_eq!(created.unwrap(), Created::Made);
            assert!(there, "a request was lost with its neighbour");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    let (epoch, secret, receipt_key);
    {
        let store = open(folder.path(), None);
        store.create_account(author.new_account()).await.unwrap();
        store.push(author.push(author.records(1..4))).await.unwrap();
        let identity = store.identity();
        (epoch, secret, receipt_key) =
            (identity.epoch.clone(), identity.secret, identity.receipt_key);
        store.close();
        let late = store.push(author.push(author.records(4..5))).await;
        assert!(matches!(late, Err(MetaError::Stopped)));
    }
    let wal = folder.path().join("server.db-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0, "the log was not folded in");
    let store = open(folder.path(), None);
    assert_eq!((&store.identity().epoch, store.identity().secret), (&epoch, secret));
    assert_eq!(store.identity().receipt_key, receipt_key, "receipts are signed with another key");
    assert_ne!(receipt_key, secret);
    let pushed = store.push(author.push(author.records(1..5))).await.unwrap().unwrap();
    assert_eq!(pushed.head, 4);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(open(other.path(), None).identity().epoch, epoch, "two databases, one history");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_replaces_is_marked_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), None);
    let author = Author::new(1);
    store.create_account(author.new_account()).await.unwrap();
    store.push(author.push(author.records(1..4))).await.unwrap();
    let mut snapshot = author.record(4, 40);
    snapshot.replaces = vec![author.record(1, 40).id, author.record(3, 40).id, snapshot.id];
    let mut push = author.push(vec![snapshot.clone()]);
    push.now = 1111;
    store.push(push).await.unwrap();
    let mut later = author.record(5, 40);
    later.replaces = vec![author.record(1, 40).id, snapshot.id];
    let mut push = author.push(vec![later]);
    push.now = 2222;
    store.push(push).await.unwrap();
    store.close();
    let database = Connection::open(folder.path().join("server.db")).unwrap();
    let mut rows = database.prepare("SELECT replaced_at FROM records ORDER BY position").unwrap();
    let marks: Vec<Option<i64>> =
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(marks, [Some(1111), None, Some(1111), Some(2222), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_version_1_learns_what_its_records_name() {
    let folder = tempfile::tempdir().unwrap();
    let author = Author::new(1);
    {
        let store = open(folder.path(), None);
        store.create_account(author.new_account()).await.unwrap();
        let mut snapshot = author.record(3, 40);
        snapshot.replaces = [1, 2, 3, 2].map(|sequence| author.record(sequence, 1).id).to_vec();
        // 1 came before the record that names it, 2 behind it.
        let records = vec![author.record(1, 40), snapshot, author.record(2, 40)];
        store.push(author.push(records)).await.unwrap();
        store.close();
    }
    // What version 1 left: no names, a mark on what came before alone, and every record in the digest.
    let path = folder.path().join("server.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "DROP INDEX accounts_leaving; DROP INDEX records_by_object; DROP TABLE blob_parts;
             DROP TABLE blobs; DROP TABLE blobs_named; DROP TABLE invites;
             ALTER TABLE accounts DROP COLUMN records; ALTER TABLE accounts DROP COLUMN bytes;
             ALTER TABLE accounts DROP COLUMN quota; ALTER TABLE accounts DROP COLUMN locked;
             ALTER TABLE accounts DROP COLUMN leaving; ALTER TABLE devices DROP COLUMN cursor;
             ALTER TABLE records DROP COLUMN blobs; ALTER TABLE records DROP COLUMN object;
             DROP INDEX records_replaced; DROP INDEX named_by_position; DROP TABLE named;
             UPDATE records SET replaced_at = NULL WHERE position = 3;
             UPDATE accounts SET digest_count = 3; PRAGMA user_version = 1;",
        )
        .unwrap();
    let store = open(folder.path(), None);
    let request = PageRequest { cursor: 0, limit: 100, max_bytes: 1 << 23, live: false };
    let page = store.changes(author.account, request).await.unwrap().unwrap();
    let snapshot = author.record(3, 1).id;
    assert_eq!((page.digest.count, page.digest.xor), (1, support::xor([&snapshot])));
    let swept = store.sweep(7, Sweep::default()).await.unwrap();
    assert_eq!(swept.records, 1, "what had no mark has one of now");
    let swept = store.sweep(u64::MAX, Sweep::default()).await.unwrap();
    assert_eq!(swept.records, 1);
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.db");
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(newer);
    let before = std::fs::read(&path).unwrap();
    let Err(error) = SqliteStore::open(&path, None, 0) else {
        panic!("a newer database was opened")
    };
    assert!(matches!(error, OpenError::Newer { found } if found == SCHEMA_VERSION + 1));
    assert!(error.to_string().contains("newer seshat-server"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn the_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path(), None);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_vault_and_the_old_keys_are_gone_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), None);
    let author = Author::new(1);
    let mut new = author.new_account();
    let old = b"the vault under the old password".repeat(300);
    new.vault.vault.0.clone_from(&old);
    store.create_account(new).await.unwrap();
    let mut change = seshat_server::meta::VaultChange {
        account: author.account,
        expected: "first".to_owned(),
        vault: author.new_account().vault,
        sign_in: Some(SignInDescription { account_code: true, ..author.description() }),
        device: None,
        revoke: Vec::new(),
        session: None,
        now: 2,
    };
    change.vault.revision = "second".to_owned();
    store.replace_vault(change).await.unwrap();
    store.close();
    drop(store);
    let file = std::fs::read(folder.path().join("server.db")).unwrap();
    let remnant = file.windows(32).any(|window| window == &old[..32]);
    assert!(!remnant, "the replaced vault lingers in free pages");
}
