//! Reaching the database: its address, its schema, and what it says of itself.
//!
//! **Invariants:** a database that a newer server has written is not touched. Nodes that start at once make the
//! schema once. What is said to be stored is on the database's disk, whatever the database was set to.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts, Transaction,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::devices;
use super::pool::{self, Failure, execute, row};
use super::rows::bytes;
use super::secure::Way;
use crate::meta::{Identity, MetaError};

/// One script for each version: the first makes version 1 from nothing.
const MIGRATIONS: [&str; 1] =
    [include_str!("../../../../migrations/server/postgres/0001_init.sql")];

/// The version that this server reads and writes.
#[allow(clippy::cast_possible_wrap, reason = "a handful of scripts")]
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// How long it may take to reach the database, and to be given a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// A node that vanishes in the middle of a transaction must not hold its locks for hours; and no setting of the
/// database makes "stored" a lie. What does not know these settings need not have them.
const SETTINGS: &str = "
    SELECT set_config(name, wanted, false)
    FROM (VALUES ('idle_in_transaction_session_timeout', '30s', ''), ('synchronous_commit', 'on', 'off'))
        AS settings (name, wanted, only_from)
    WHERE current_setting(name, true) IS NOT NULL
        AND (only_from = '' OR current_setting(name, true) = only_from)";

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A newer server has written it.
    #[error(
        "this data was written by a newer seshat-server (its version {found}, ours {SCHEMA_VERSION}); \
         start that one, nothing was changed"
    )]
    Newer {
        /// The version found.
        found: i64,
    },
    /// The address is not one.
    #[error("the database's address is written postgres://user@host:port/database")]
    Address(#[source] tokio_postgres::Error),
    /// The address asks for TLS in a way that is not known.
    #[error(
        "the database's address may say sslmode=verify-full, sslmode=disable or nothing, and \
         sslrootcert=FILE"
    )]
    Mode,
    /// The file of `sslrootcert` cannot be used.
    #[error("{} holds no certificates in PEM that can be read", .0.display())]
    Authorities(PathBuf, #[source] Option<io::Error>),
    /// The library refused what it offers itself.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// No connection could be had.
    #[error("the database cannot be reached")]
    Unreachable(#[source] deadpool_postgres::PoolError),
    /// No connection by TLS could be had.
    #[error(
        "the database cannot be reached by TLS with a certificate that we trust (sslrootcert=FILE \
         names who may sign one, and sslmode=disable is for a private network)"
    )]
    UnreachableByTls(#[source] deadpool_postgres::PoolError),
    /// The database refused.
    #[error("the database could not be opened")]
    Database(#[source] MetaError),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random(#[from] getrandom::Error),
    /// The pool could not be made.
    #[error("the connections could not be prepared")]
    Connections,
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        Self::Database(failure.said())
    }
}

/// Reads the address.
pub(super) fn address(url: &str, password: Option<&str>) -> Result<Way, OpenError> {
    let mut way = Way::to(url)?;
    let config = &mut way.config;
    if let Some(password) = password {
        config.password(password);
    }
    config.application_name("seshat-server").connect_timeout(PATIENCE);
    // A database that vanishes without a word is noticed within a minute.
    config.keepalives_idle(Duration::from_secs(20)).keepalives_interval(Duration::from_secs(10));
    config.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(30));
    Ok(way)
}

/// A pool of so many connections at most; none is made yet.
pub(super) fn connections(way: &Way, most: usize) -> Result<Pool, OpenError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(way.config.clone(), way.tls.clone(), recycling);
    let settled = Hook::async_fn(|client, _| {
        Box::pin(async move {
            client.simple_query(SETTINGS).await.map_err(HookError::Backend)?;
            Ok(())
        })
    });
    let timeouts =
        Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    Pool::builder(manager)
        .max_size(most.max(1))
        .runtime(Runtime::Tokio1)
        .timeouts(timeouts)
        .post_create(settled)
        .build()
        .map_err(|_| OpenError::Connections)
}

/// One connection beside the pool.
pub(super) async fn connect(
    way: &Way,
) -> Result<(Client, Connection<Socket, Secured>), tokio_postgres::Error> {
    way.config.connect(way.tls.clone()).await
}

/// What TLS makes of a connection.
type Secured = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Brings the schema up to [`SCHEMA_VERSION`].
pub(super) async fn migrate(pool: &Pool, way: &Way) -> Result<(), OpenError> {
    // Said apart: whoever starts a server wants to know what is wrong with the address.
    drop(pool.get().await.map_err(|error| match way.config.get_ssl_mode() {
        SslMode::Require => OpenError::UnreachableByTls(error),
        _ => OpenError::Unreachable(error),
    })?);
    pool::write(pool, &(), |transaction, ()| Box::pin(begin(transaction))).await?;
    let found = pool::write(pool, &(), |transaction, ()| Box::pin(advance(transaction))).await?;
    if found > SCHEMA_VERSION { Err(OpenError::Newer { found }) } else { Ok(()) }
}

/// A place for the version; of several nodes that make it at once one does, and the others begin again.
async fn begin(transaction: &Transaction<'_>) -> Result<(), Failure> {
    let sql = "SELECT 1 FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_name = 'schema_version'";
    if row(transaction, sql, &[]).await?.is_some() {
        return Ok(());
    }
    let sql = "CREATE TABLE schema_version (
            one BIGINT PRIMARY KEY CHECK (one = 1),
            version BIGINT NOT NULL
        );
        INSERT INTO schema_version (one, version) VALUES (1, 0)";
    transaction.batch_execute(sql).await.map_err(|error| {
        // Who loses the race is told of the table, or of the type that comes with it.
        let lost = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
        let lost = error.code().is_some_and(|code| lost.contains(code));
        if lost { Failure::Again } else { error.into() }
    })
}

/// The version found; what it lacked is there now.
async fn advance(transaction: &Transaction<'_>) -> Result<i64, Failure> {
    let sql = "SELECT version FROM schema_version WHERE one = 1 FOR UPDATE";
    let found = row(transaction, sql, &[]).await?.ok_or(Failure::Shape)?;
    let found: i64 = found.try_get(0)?;
    let known = usize::try_from(found).map_err(|_| Failure::Shape)?;
    for script in MIGRATIONS.iter().skip(known) {
        transaction.batch_execute(script).await?;
    }
    if known < MIGRATIONS.len() {
        let sql = "UPDATE schema_version SET version = $1 WHERE one = 1";
        execute(transaction, sql, &[&SCHEMA_VERSION]).await?;
    }
    Ok(found)
}

/// Reads what the database says of itself; a new one says it first.
pub(super) async fn identity(pool: &Pool) -> Result<Identity, OpenError> {
    let epoch = spelled(said(pool, "epoch").await?);
    let (secret, receipt_key) = (said(pool, "secret").await?, said(pool, "receipt_key").await?);
    Ok(Identity { epoch, secret, receipt_key })
}

/// Gives the history another name.
pub(super) async fn rotate_epoch(
    transaction: &Transaction<'_>,
    epoch: &[u8; 16],
) -> Result<String, Failure> {
    let sql = "UPDATE server SET value = $1 WHERE name = 'epoch'";
    execute(transaction, sql, &[&epoch.as_slice()]).await?;
    devices::forget_cursors(transaction).await?;
    Ok(spelled(*epoch))
}

/// Reads, and writes what is written already: an answer means that the disk takes it.
pub(super) async fn touch(transaction: &Transaction<'_>) -> Result<(), Failure> {
    execute(transaction, "UPDATE server SET value = value WHERE name = 'epoch'", &[]).await?;
    Ok(())
}

fn spelled(epoch: [u8; 16]) -> String {
    epoch.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn said<const N: usize>(pool: &Pool, name: &'static str) -> Result<[u8; N], OpenError> {
    let mut value = [0; N];
    getrandom::fill(&mut value)?;
    let ours = (name, value.to_vec());
    let told = pool::write(pool, &ours, |transaction, (name, value)| {
        Box::pin(async move {
            let sql =
                "INSERT INTO server (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
            execute(transaction, sql, &[name, value]).await?;
            let sql = "SELECT value FROM server WHERE name = $1";
            row(transaction, sql, &[name]).await?.ok_or(Failure::Shape)
        })
    });
    Ok(bytes(&told.await?, 0)?)
}
