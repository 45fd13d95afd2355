//! How values stand in the database's columns.

use deadpool_postgres::GenericClient;
use seshat_protocol::{
    AccountId, Bytes16, Bytes32, Bytes64, DeviceId, KdfDescription, Record, RecordId, Sealed,
    SignInDescription,
};
use tokio_postgres::Row;

use super::pool::{self, Failure};
use crate::meta::{Held, Object};

/// PostgreSQL counts in `i64`. Times and positions do not come near its end; sequences are checked before.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Back again. The columns hold nothing negative.
pub(super) fn loaded(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A number of column `at`.
pub(super) fn number(row: &Row, at: usize) -> Result<u64, Failure> {
    Ok(loaded(row.try_get(at)?))
}

/// The `N` bytes of column `at`.
pub(super) fn bytes<const N: usize>(row: &Row, at: usize) -> Result<[u8; N], Failure> {
    row.try_get::<_, &[u8]>(at)?.try_into().map_err(|_| Failure::Shape)
}

fn small(row: &Row, at: usize) -> Result<u32, Failure> {
    u32::try_from(row.try_get::<_, i64>(at)?).map_err(|_| Failure::Shape)
}

/// The row number of an account.
pub(super) async fn account(
    on: &impl GenericClient,
    account: AccountId,
) -> Result<Option<i64>, Failure> {
    let sql = "SELECT number FROM accounts WHERE id = $1";
    let found = pool::row(on, sql, &[&account.0.as_slice()]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// The same, and until the transaction ends nobody else changes the account or adds to it.
pub(super) async fn locked_account(
    on: &impl GenericClient,
    account: AccountId,
) -> Result<Option<i64>, Failure> {
    let sql = "SELECT number FROM accounts WHERE id = $1 FOR NO KEY UPDATE";
    let found = pool::row(on, sql, &[&account.0.as_slice()]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// The columns that [`description`] reads, in its order.
pub(super) const DESCRIPTION: &str =
    "kdf_memory_kib, kdf_passes, kdf_lanes, kdf_salt, account_code, password_key, recovery_key";

/// Reads [`DESCRIPTION`] from column `at` on.
pub(super) fn description(row: &Row, at: usize) -> Result<SignInDescription, Failure> {
    Ok(SignInDescription {
        kdf: KdfDescription {
            memory_kib: small(row, at)?,
            passes: small(row, at + 1)?,
            lanes: small(row, at + 2)?,
            salt: Bytes16(bytes(row, at + 3)?),
        },
        account_code: row.try_get::<_, i64>(at + 4)? != 0,
        password_key: Bytes32(bytes(row, at + 5)?),
        recovery_key: Bytes32(bytes(row, at + 6)?),
    })
}

/// The columns that [`held`] reads, in its order.
pub(super) const HELD: &str = "r.size, r.id, r.device, r.sequence, r.previous, r.header, r.body, \
     r.replaces, r.blobs, r.object, r.signature";

/// Reads [`HELD`] from column `at` on.
pub(super) fn held(row: &Row, at: usize) -> Result<Held, Failure> {
    let header: Vec<u8> = row.try_get(at + 5)?;
    let (replaces, blobs): (&[u8], &[u8]) = (row.try_get(at + 7)?, row.try_get(at + 8)?);
    let object = match row.try_get::<_, Option<&[u8]>>(at + 9)? {
        Some(_) => {
            let len = number(row, at)?.saturating_sub(header.len() as u64);
            Some(Object { hash: Bytes32(bytes(row, at + 9)?), len })
        }
        None => None,
    };
    let record = Record {
        id: RecordId(bytes(row, at + 1)?),
        device: DeviceId(bytes(row, at + 2)?),
        sequence: number(row, at + 3)?,
        previous: Bytes32(bytes(row, at + 4)?),
        header: Sealed(header),
        body: Sealed(row.try_get(at + 6)?),
        replaces: replaces.chunks_exact(16).filter_map(RecordId::from_slice).collect(),
        blobs: blobs.as_chunks::<32>().0.iter().copied().map(Bytes32).collect(),
        signature: Bytes64(bytes(row, at + 10)?),
    };
    Ok(Held { record, object })
}

/// Hashes or ids as an array of PostgreSQL's.
pub(super) fn slices<const N: usize>(all: impl IntoIterator<Item = [u8; N]>) -> Vec<Vec<u8>> {
    all.into_iter().map(|one| one.to_vec()).collect()
}
