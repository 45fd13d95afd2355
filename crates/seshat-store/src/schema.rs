//! The connection: pragmas, format version, migrations, and what can be checked cheaply at opening.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::StoreError;

/// `migrations/client`, in order. A released one is never edited.
const MIGRATIONS: &[&str] = &[include_str!("../../../migrations/client/0001_init.sql")];

/// The newest format (`user_version`) that this program knows.
pub const KNOWN_VERSION: u32 = 1;

const _: () = assert!(MIGRATIONS.len() == KNOWN_VERSION as usize, "one version for each migration");

/// `application_id`: the letters SSHT.
const APPLICATION_ID: u32 = 0x5353_4854;

/// The tables that are small in every vault and that everything else hangs on.
const SMALL_TABLES: [&str; 5] = ["vault", "settings", "outbox", "heads", "server"];

/// Statements that are kept prepared.
const CACHED_STATEMENTS: usize = 64;

/// Opens an existing database, brings it to [`KNOWN_VERSION`], and looks at what can be looked at cheaply.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = connect(path)?;
    // Before anything is written: a newer program's file stays as it is.
    let found = version(&connection)?;
    if found > KNOWN_VERSION {
        return Err(StoreError::Newer { found, known: KNOWN_VERSION });
    }
    let application: u32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if found == 0 || application != APPLICATION_ID {
        return Err(StoreError::damaged("not a Seshat database"));
    }
    set_pragmas(&connection)?;
    quick_check(&connection)?;
    migrate(&mut connection, found)?;
    Ok(connection)
}

/// Makes a database in an empty file and closes it again, with everything in the one file.
pub(crate) fn make(path: &Path) -> Result<(), StoreError> {
    let mut connection = connect(path)?;
    set_pragmas(&connection)?;
    migrate(&mut connection, 0)?;
    checkpoint(&connection)?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Writes everything into the database file and empties the log beside it, so that what was deleted or
/// overwritten is in neither.
pub(crate) fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 { Ok(()) } else { Err(StoreError::InUse) }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Exclusive, before the first access: no shared-memory file beside the database, and a second guard
    // where a network file system does not keep locks on `seshat.lock`.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

fn set_pragmas(connection: &Connection) -> Result<(), StoreError> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::damaged(format!("journal mode {mode}")));
    }
    // FULL, not NORMAL: in WAL mode NORMAL loses the last commits in a power cut, and "saved" means saved.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let secure: i64 = connection.query_row("PRAGMA secure_delete = ON", [], |row| row.get(0))?;
    if secure != 1 {
        return Err(StoreError::damaged("secure_delete is not on"));
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

fn migrate(connection: &mut Connection, from: u32) -> Result<(), StoreError> {
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > from) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

/// SQLite itself refuses a file that is shorter than its first page says; this looks through the small tables.
/// The records are not looked through: a vault of a hundred megabytes has to open at once.
fn quick_check(connection: &Connection) -> Result<(), StoreError> {
    for table in SMALL_TABLES {
        let found: String =
            connection.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if found != "ok" {
            return Err(StoreError::damaged(found));
        }
    }
    Ok(())
}
