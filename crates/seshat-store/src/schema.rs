//! The connection: pragmas, format version, migrations, and what can be checked cheaply at opening.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{StoreError, chain, covers, digest, files};

/// `migrations/client`, in order. A released one is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/client/0001_init.sql"),
    include_str!("../../../migrations/client/0002_freshness.sql"),
    include_str!("../../../migrations/client/0003_compaction.sql"),
    include_str!("../../../migrations/client/0004_blobs.sql"),
    include_str!("../../../migrations/client/0005_images.sql"),
];

/// The newest format (`user_version`) that this program knows.
pub const KNOWN_VERSION: u32 = 5;

const _: () = assert!(MIGRATIONS.len() == KNOWN_VERSION as usize, "one version for each migration");

/// `application_id`: the letters SSHT.
const APPLICATION_ID: u32 = 0x5353_4854;

/// The tables that are small in every vault and that everything else hangs on, each with the version that it came
/// with.
const SMALL_TABLES: [(u32, &str); 13] = [
    (1, "vault"),
    (1, "settings"),
    (1, "outbox"),
    (1, "heads"),
    (1, "server"),
    (2, "vouched"),
    (2, "missing"),
    (2, "acknowledged"),
    (2, "alarms"),
    (3, "named"),
    (3, "covered"),
    (3, "unread"),
    (3, "spent"),
];

/// Bytes of a SQLite file's head.
const HEAD: usize = 100;

/// How long another program may look into the file (a backup, a virus scanner) before the vault counts as in use.
const PATIENCE: Duration = Duration::from_secs(1);

/// Statements that are kept prepared.
const CACHED_STATEMENTS: usize = 64;

/// Pages that are read into memory at a time.
const PAGES: i32 = 4096;

/// Opens an existing database, brings it to [`KNOWN_VERSION`], and looks at what can be looked at cheaply.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    whole_file(path)?;
    let mut connection = connect(path)?;
    // Before anything is written: a newer program's file stays as it is.
    let found = known_version(&connection)?;
    set_pragmas(&connection)?;
    quick_check(&connection, found)?;
    migrate(&mut connection, found)?;
    Ok(connection)
}

/// Opens a database that stays as it is. One of an older version, or with a log beside it, is read into memory.
pub(crate) fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    whole_file(path)?;
    let log = has_log(path);
    let copy = if log { connect(path)? } else { connect_unchanging(path)? };
    // The log is left as it is as well.
    copy.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let found = known_version(&copy)?;
    let connection = if log || found < KNOWN_VERSION { in_memory(&copy, found)? } else { copy };
    connection.pragma_update(None, "query_only", true)?;
    quick_check(&connection, KNOWN_VERSION)?;
    Ok(connection)
}

/// Takes settings out of a copy that is not finished yet, so that nothing of them is in its file.
pub(crate) fn forget_settings(path: &Path, keys: &[&str]) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let connection = connect(path)?;
    // A journal on the disk would hold what is to be forgotten; a copy that a crash interrupts is thrown away.
    connection.query_row("PRAGMA journal_mode = MEMORY", [], |_| Ok(()))?;
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    for key in keys {
        connection.execute("DELETE FROM settings WHERE key = ?1", [key])?;
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// A database in memory with the same content, up to date.
fn in_memory(copy: &Connection, found: u32) -> Result<Connection, StoreError> {
    quick_check(copy, found)?;
    let mut memory = Connection::open_in_memory()?;
    memory.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Backup::new(copy, &mut memory)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    migrate(&mut memory, found)?;
    Ok(memory)
}

/// The version of a database of ours that this program knows.
fn known_version(connection: &Connection) -> Result<u32, StoreError> {
    let found = version(connection)?;
    if found > KNOWN_VERSION {
        return Err(StoreError::Newer { found, known: KNOWN_VERSION });
    }
    let application: u32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if found == 0 || application != APPLICATION_ID {
        return Err(StoreError::damaged("not a Seshat database"));
    }
    Ok(found)
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

/// Refuses a file that is shorter than its first page says. SQLite does the same, but reads a last page that is
/// cut short as if zeros followed. With a log beside it the file may be short rightly: a checkpoint was
/// interrupted, and the log has the rest.
fn whole_file(path: &Path) -> Result<(), StoreError> {
    if has_log(path) {
        return Ok(());
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = [0; HEAD];
    if length < HEAD as u64 {
        return Err(StoreError::damaged("shorter than its own head"));
    }
    file.read_exact(&mut head)?;
    // <https://www.sqlite.org/fileformat.html>: the page size in bytes 16 and 17 (1 stands for 65,536), the
    // number of pages in bytes 28 to 31.
    let size = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([head[28], head[29], head[30], head[31]]);
    if length < size * u64::from(pages) {
        return Err(StoreError::damaged("shorter than its first page says"));
    }
    Ok(())
}

/// Whether something is in the log beside a database.
fn has_log(path: &Path) -> bool {
    files::beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0)
}

/// A connection to a file that nobody changes, this one neither: without locks and without files beside it.
fn connect_unchanging(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let path = path.to_str().ok_or_else(|| StoreError::Io("the name is not text".into()))?;
    let connection = Connection::open_with_flags(uri(path), flags)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// <https://www.sqlite.org/uri.html>, with `immutable`.
fn uri(path: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.replace(std::path::MAIN_SEPARATOR, "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri.push_str("?immutable=1");
    uri
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.busy_timeout(PATIENCE)?;
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

/// One transaction for all steps: what SQL alone cannot work out is worked out once, behind the last of them.
fn migrate(connection: &mut Connection, from: u32) -> Result<(), StoreError> {
    if from >= KNOWN_VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (_, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > from) {
        transaction.execute_batch(migration)?;
    }
    digest::count(&transaction)?;
    chain::count(&transaction)?;
    covers::count_unread(&transaction)?;
    transaction.pragma_update(None, "user_version", KNOWN_VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// Looks through the small tables. The records are not looked through: a vault of a hundred megabytes has to open at once.
fn quick_check(connection: &Connection, version: u32) -> Result<(), StoreError> {
    for (_, table) in SMALL_TABLES.iter().filter(|(since, _)| *since <= version) {
        let found: String =
            connection.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if found != "ok" {
            return Err(StoreError::damaged(found));
        }
    }
    Ok(())
}
