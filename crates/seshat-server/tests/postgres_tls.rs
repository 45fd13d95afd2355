//! The way to a PostgreSQL by TLS, with a real one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use seshat_server::meta::{MetaStore, PageRequest};
use seshat_server::postgres::{Address, OpenError, PostgresStore};
use seshat_testkit::{POSTGRES_PASSWORD, Postgres};
use support::Author;

const PAGE: PageRequest = PageRequest { cursor: 0, limit: 10, max_bytes: 1 << 20, live: false };

/// A PostgreSQL with a certificate for this name, and the file that vouches for it.
async fn secured(folder: &Path, name: &str) -> (Postgres, PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let file = folder.join(format!("{name}.pem"));
    fs::write(&file, &certificate).unwrap();
    let start = move || Postgres::start_secured(&certificate, &key);
    (tokio::task::spawn_blocking(start).await.unwrap(), file)
}

async fn open(url: &str) -> Result<PostgresStore, OpenError> {
    let password = Some(POSTGRES_PASSWORD);
    PostgresStore::open(Address { url, password, connections: 4 }, 0).await
}

async fn refused(url: &str) -> OpenError {
    let Err(error) = open(url).await else { panic!("{url} was opened") };
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn by_tls_nodes_read_write_and_hear_each_other_and_in_clear_nobody_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let (postgres, file) = secured(folder.path(), "127.0.0.1").await;
    let plain = postgres.database();
    let url = format!("{plain}?sslmode=verify-full&sslrootcert={}", file.display());
    let (one, other) = (open(&url).await.unwrap(), open(&url).await.unwrap());
    let author = Author::new(1);
    one.create_account(author.new_account()).await.unwrap();
    let mut heard = other.announcements().unwrap();
    one.push(author.push(vec![author.record(1, 9)])).await.unwrap().unwrap();
    assert_eq!(other.changes(author.account, PAGE).await.unwrap().unwrap().head, 1);
    // Until it listens it hears nothing, and nobody can tell when that is.
    let told = loop {
        one.announce(vec![author.account]).await.unwrap();
        if let Ok(told) = tokio::time::timeout(Duration::from_millis(200), heard.recv()).await {
            break told.unwrap();
        }
    };
    assert_eq!(told, author.account);

    let of_ours = "FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
         WHERE application_name = 'seshat-server'";
    let said = |sql: &str| tokio::task::block_in_place(|| postgres.sql(&plain, sql));
    assert_eq!(said(&format!("SELECT bool_and(ssl), count(*) >= 4 {of_ours}")), "t|t");
    let clear = refused(&format!("{plain}?sslmode=disable")).await;
    assert!(matches!(clear, OpenError::Unreachable(_)), "{clear:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_certificate_or_anothers_is_not_spoken_to() {
    let folder = tempfile::tempdir().unwrap();
    let (postgres, file) = secured(folder.path(), "elsewhere.example").await;
    let (_other, others) = secured(folder.path(), "127.0.0.1").await;
    let url = postgres.database();
    for (mode, file) in [("require", &file), ("verify-ca", &file), ("verify-full", &others)] {
        let error = refused(&format!("{url}?sslmode={mode}&sslrootcert={}", file.display())).await;
        assert!(matches!(error, OpenError::UnreachableByTls(_)), "{mode}: {error:?}");
    }
    let error = refused(&format!("{url}?sslmode=require")).await;
    assert!(matches!(error, OpenError::UnreachableByTls(_)), "a stranger: {error:?}");

    let start = || {
        let plain = Postgres::start();
        (plain.database(), plain)
    };
    let (plain, _running) = tokio::task::spawn_blocking(start).await.unwrap();
    let error = refused(&format!("{plain}?sslmode=require")).await;
    assert!(matches!(error, OpenError::UnreachableByTls(_)), "no TLS at all: {error:?}");
    assert!(error.to_string().contains("sslmode=disable"), "{error}");
}
