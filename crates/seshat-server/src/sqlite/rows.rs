//! How values stand in the database's columns.

use rusqlite::{Connection, OptionalExtension, Row};
use seshat_protocol::{
    AccountId, Bytes16, Bytes32, Bytes64, DeviceId, KdfDescription, Record, RecordId, Sealed,
    SignInDescription,
};

use crate::meta::{Held, Object};

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

/// The columns that [`held`] reads, in its order.
pub(super) const HELD: &str = "size, id, device, sequence, previous, header, body, replaces, \
                               blobs, object, signature";

/// Reads [`HELD`] from column `at` on.
pub(super) fn held(row: &Row<'_>, at: usize) -> rusqlite::Result<Held> {
    let size = loaded(row.get(at)?);
    let header: Vec<u8> = row.get(at + 5)?;
    let (replaces, blobs): (Vec<u8>, Vec<u8>) = (row.get(at + 7)?, row.get(at + 8)?);
    let outside: Option<[u8; 32]> = row.get(at + 9)?;
    let object = outside
        .map(|hash| Object { hash: Bytes32(hash), len: size.saturating_sub(header.len() as u64) });
    let record = Record {
        id: RecordId(row.get(at + 1)?),
        device: DeviceId(row.get(at + 2)?),
        sequence: loaded(row.get(at + 3)?),
        previous: Bytes32(row.get(at + 4)?),
        header: Sealed(header),
        body: Sealed(row.get(at + 6)?),
        replaces: replaces.chunks_exact(16).filter_map(RecordId::from_slice).collect(),
        blobs: blobs.as_chunks::<32>().0.iter().copied().map(Bytes32).collect(),
        signature: Bytes64(row.get(at + 10)?),
    };
    Ok(Held { record, object })
}
