//! What is true of the SQLite store beyond the suite: groups, full disks, reopening, versions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use seshat_protocol::{Bytes32, PushOutcome, SignInDescription};
use seshat_server::meta::{
    Created, MetaError, MetaStore, NewBlob, NewSession, PageRequest, Sweep, VaultChange,
};
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
    let counted = &store.accounts(0, 9).await.unwrap()[0];
    assert_eq!((counted.records, counted.bytes), (3, 120), "records of before are not counted");
    let snapshot = author.record(3, 1).id;
    assert_eq!((page.digest.count, page.digest.xor), (1, support::xor([&snapshot])));
    let swept = store.sweep(7, Sweep::default()).await.unwrap();
    assert_eq!(swept.records, 1, "what had no mark has one of now");
    let swept = store.sweep(u64::MAX, Sweep::default()).await.unwrap();
    assert_eq!(swept.records, 1);
}

/// Rows of the account with this number, in every table but the one of accounts.
fn rows_of(database: &Connection, account: i64) -> Vec<(String, i64)> {
    let mut tables = database
        .prepare(
            "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name = 'account' ORDER BY m.name",
        )
        .unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |table: String| {
        let counted = format!("SELECT count(*) FROM {table} WHERE account = ?1");
        let rows = database.query_row(&counted, [account], |row| row.get(0)).unwrap();
        (table, rows)
    };
    tables.into_iter().map(rows).collect()
}

/// An account with a row in every table.
async fn in_every_table(store: &SqliteStore) -> Author {
    let author = Author::new(1);
    let mut new = author.new_account();
    new.vault.vault.0 = b"the vault of who leaves".repeat(300);
    store.create_account(new).await.unwrap();
    let account = author.account;
    for blob in [1, 2] {
        let hash = Bytes32([blob; 32]);
        let new = NewBlob { account, hash, len: 9, quota_default: None, now: 5 };
        store.begin_blob(new).await.unwrap();
        store.blob_part(account, hash, 0).await.unwrap();
    }
    store.finish_blob(account, Bytes32([1; 32])).await.unwrap();
    let mut records = author.records(1..601);
    records[0].blobs = vec![Bytes32([1; 32])];
    records[1].replaces = records[2..].iter().map(|record| record.id).collect();
    store.push(author.push(records)).await.unwrap();
    let session = NewSession { token_hash: [1; 32], account, now: 0, ends_at: 1000 };
    store.open_session(session).await.unwrap();
    let change = VaultChange { revoke: vec![author.other_device(1).1.id], ..change(&author) };
    store.replace_vault(change).await.unwrap();
    author
}

fn change(author: &Author) -> VaultChange {
    let mut vault = author.new_account().vault;
    vault.revision = "second".to_owned();
    vault.vault.0 = b"the vault of who leaves".repeat(300);
    VaultChange {
        account: author.account,
        expected: "first".to_owned(),
        vault,
        sign_in: None,
        device: None,
        revoke: Vec::new(),
        session: None,
        now: 2,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_deleted_account_there_is_nothing_in_any_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), None);
    let author = in_every_table(&store).await;
    let database = Connection::open(folder.path().join("server.db")).unwrap();
    let before = rows_of(&database, 1);
    assert!(before.len() >= 8 && before.iter().all(|(_, rows)| *rows > 0), "{before:?}");
    assert!(store.delete_account(author.account).await.unwrap());
    assert!(
        rows_of(&database, 1).iter().all(|(_, rows)| *rows == 0),
        "{:?}",
        rows_of(&database, 1)
    );
    let accounts: i64 =
        database.query_row("SELECT count(*) FROM accounts", [], |row| row.get(0)).unwrap();
    assert_eq!(accounts, 0);
    drop(database);
    store.close();
    drop(store);
    let file = std::fs::read(folder.path().join("server.db")).unwrap();
    for remnant in [author.email.as_bytes(), b"the vault of who leaves"] {
        assert!(!file.windows(remnant.len()).any(|window| window == remnant), "it lingers");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_cut_short_hides_the_account_and_ends_when_the_server_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.db");
    let store = open(folder.path(), None);
    let author = in_every_table(&store).await;
    let other = Author::new(2);
    store.create_account(other.new_account()).await.unwrap();
    store.push(other.push(other.records(1..4))).await.unwrap();
    let database = Connection::open(&path).unwrap();
    database
        .execute_batch(
            "CREATE TRIGGER cut BEFORE DELETE ON blobs BEGIN SELECT RAISE(ABORT, 'cut short'); END",
        )
        .unwrap();
    assert!(store.delete_account(author.account).await.is_err());
    let left = rows_of(&database, 1);
    assert!(left.iter().any(|(_, rows)| *rows > 0), "nothing was left to the next start");
    assert!(store.vault(author.account).await.unwrap().is_none());
    let listed = store.accounts(0, 9).await.unwrap();
    assert!(listed.iter().map(|info| info.account).eq([other.account]));
    assert_eq!(store.create_account(author.new_account()).await.unwrap(), Created::Made);
    store.close();
    database.execute_batch("DROP TRIGGER cut").unwrap();
    drop(database);
    let file = std::fs::read(&path).unwrap();
    let remnant = b"the vault of who leaves";
    assert!(!file.windows(remnant.len()).any(|window| window == remnant), "its vault lingers");

    let store = open(folder.path(), None);
    let database = Connection::open(&path).unwrap();
    assert!(
        rows_of(&database, 1).iter().all(|(_, rows)| *rows == 0),
        "{:?}",
        rows_of(&database, 1)
    );
    let listed = store.accounts(0, 9).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|info| (info.account, info.records)).collect();
    assert_eq!(listed, [(other.account, 3), (author.account, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_has_its_new_name_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), None);
    let (secret, receipt_key) = (store.identity().secret, store.identity().receipt_key);
    let name = store.rotate_epoch().await.unwrap();
    store.close();
    let store = open(folder.path(), None);
    let identity = store.identity();
    assert_eq!(identity.epoch, name);
    assert_eq!((identity.secret, identity.receipt_key), (secret, receipt_key));
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
    let sign_in = Some(SignInDescription { account_code: true, ..author.description() });
    store.replace_vault(VaultChange { sign_in, ..change(&author) }).await.unwrap();
    store.close();
    drop(store);
    let file = std::fs::read(folder.path().join("server.db")).unwrap();
    let remnant = file.windows(32).any(|window| window == &old[..32]);
    assert!(!remnant, "the replaced vault lingers in free pages");
}
