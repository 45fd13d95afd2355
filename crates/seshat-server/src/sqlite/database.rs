//! Opening the database file: pragmas, migrations, and what it says of itself.
//!
//! **Invariant:** a database that a newer server has written is not touched.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{devices, replaced, rows};
use crate::meta::Identity;

/// One script for each version: the first makes version 1 from nothing.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../../../migrations/server/sqlite/0001_init.sql"),
    include_str!("../../../../migrations/server/sqlite/0002_purging.sql"),
    include_str!("../../../../migrations/server/sqlite/0003_objects.sql"),
];

/// The version that this server reads and writes.
#[allow(clippy::cast_possible_truncation, reason = "a handful of scripts")]
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS: usize = 100;

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
        found: u32,
    },
    /// The file could not be made.
    #[error("the database file could not be made")]
    File(#[source] io::Error),
    /// SQLite refused.
    #[error("the database could not be opened")]
    Database(#[from] rusqlite::Error),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random(#[from] getrandom::Error),
    /// The writing thread did not start.
    #[error("the writing thread did not start")]
    Thread(#[source] io::Error),
}

/// A connection for the writer. The file is made readable by its owner alone; SQLite gives its companions the
/// same mode.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path).map_err(OpenError::File)?);
    Ok(open(path)?)
}

/// A connection, as all of them are.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    // Statements stay as they were prepared. Without this SQLite prepares some of them anew for every value that is
    // put into them, because another plan might suit it better; ours all go by a key.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    connection.pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

/// The version of a database that is not touched.
pub fn version(path: &Path) -> Result<u32, OpenError> {
    let connection = connect_reader(path)?;
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Sets the durable pragmas and brings the schema up to [`SCHEMA_VERSION`].
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA_VERSION {
        return Err(OpenError::Newer { found });
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // A replaced vault blob still opens with the old password: it must not linger in free pages.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    for (version, script) in (1_u32..).zip(MIGRATIONS).skip(found as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(script)?;
        if version == 2 {
            // What SQL alone cannot work out.
            replaced::fill(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Reads what the database says of itself; a new one says it first.
pub(super) fn identity(connection: &Connection) -> Result<Identity, OpenError> {
    let epoch = spelled(said(connection, "epoch")?);
    let (secret, receipt_key) = (said(connection, "secret")?, said(connection, "receipt_key")?);
    Ok(Identity { epoch, secret, receipt_key })
}

fn spelled(epoch: [u8; 16]) -> String {
    epoch.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Gives the history another name.
pub(super) fn rotate_epoch(connection: &Connection) -> rusqlite::Result<String> {
    let epoch = connection.query_row(
        "UPDATE server SET value = randomblob(16) WHERE name = 'epoch' RETURNING value",
        [],
        |row| row.get(0),
    )?;
    devices::forget_cursors(connection)?;
    Ok(spelled(epoch))
}

/// Writes what is written already: an answer means that the disk takes it.
pub(super) fn touch(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE server SET value = value WHERE name = 'epoch'")?
        .execute([])?;
    Ok(())
}

fn said<const N: usize>(connection: &Connection, name: &str) -> Result<[u8; N], OpenError> {
    let stored = connection
        .query_row("SELECT value FROM server WHERE name = ?1", [name], |row| row.get(0))
        .optional()?;
    if let Some(value) = stored {
        return Ok(value);
    }
    let mut value = [0; N];
    getrandom::fill(&mut value)?;
    connection.execute("INSERT INTO server (name, value) VALUES (?1, ?2)", params![name, value])?;
    Ok(value)
}

/// Lets the database grow to `room` bytes and no further.
pub(super) fn limit(connection: &Connection, room: u64) -> Result<(), OpenError> {
    let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = room.checked_div(u64::from(page)).unwrap_or(0).clamp(1, u64::from(u32::MAX - 1));
    connection.pragma_update(None, "max_page_count", rows::stored(pages))?;
    Ok(())
}
