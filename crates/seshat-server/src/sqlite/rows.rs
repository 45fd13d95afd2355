//! How values stand in the database's columns.

use rusqlite::{Connection, OptionalExtension, Row};
use seshat_protocol::{
    AccountId, Bytes16, Bytes32, Bytes64, DeviceId, KdfDescription, Record, RecordId, Sealed,
    SignInDescription,
};

/// SQLite counts in `i64`. Times and positions do not come near its end; sequences are checked before.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Back again. The columns hold nothing negative.
pub(super) fn loaded(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The row number of an account.
pub(super) fn number(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT number FROM accounts WHERE id = ?1")?
        .query_row([account.0], |row| row.get(0))
        .optional()
}

/// The columns that [`description`] reads, in its order.
pub(super) const DESCRIPTION: &str =
    "kdf_memory_kib, kdf_passes, kdf_lanes, kdf_salt, account_code, password_key, recovery_key";

/// Reads [`DESCRIPTION`] from column `at` on.
pub(super) fn description(row: &Row<'_>, at: usize) -> rusqlite::Result<SignInDescription> {
    Ok(SignInDescription {
        kdf: KdfDescription {
            memory_kib: row.get(at)?,
            passes: row.get(at + 1)?,
            lanes: row.get(at + 2)?,
            salt: Bytes16(row.get(at + 3)?),
        },
        account_code: row.get(at + 4)?,
        password_key: Bytes32(row.get(at + 5)?),
        recovery_key: Bytes32(row.get(at + 6)?),
    })
}

/// The columns that [`record`] reads, in its order.
pub(super) const RECORD: &str = "id, device, sequence, previous, header, body, replaces, signature";

/// Reads [`RECORD`] from column `at` on.
pub(super) fn record(row: &Row<'_>, at: usize) -> rusqlite::Result<Record> {
    let replaces: Vec<u8> = row.get(at + 6)?;
    Ok(Record {
        id: RecordId(row.get(at)?),
        device: DeviceId(row.get(at + 1)?),
        sequence: loaded(row.get(at + 2)?),
        previous: Bytes32(row.get(at + 3)?),
        header: Sealed(row.get(at + 4)?),
        body: Sealed(row.get(at + 5)?),
        replaces: replaces.chunks_exact(16).filter_map(RecordId::from_slice).collect(),
        blobs: Vec::new(),
        signature: Bytes64(row.get(at + 7)?),
    })
}
