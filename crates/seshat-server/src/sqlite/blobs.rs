//! What is known of blobs, and what counts against quotas.
//!
//! **Invariants:** a blob's bytes count from its beginning until it is forgotten. A record that names a blob is stored
//! only while that is here whole, and keeps it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use seshat_protocol::{AccountId, Bytes32, Record};

use super::rows::{loaded, number, stored};
use crate::meta::{BLOBS_SWEPT, BlobBegun, BlobState, NewBlob, fits};

/// Whether these are all here whole.
pub(super) fn are_here(
    connection: &Connection,
    account: i64,
    blobs: &[Bytes32],
) -> rusqlite::Result<bool> {
    for hash in blobs {
        let here = connection
            .prepare_cached(
                "SELECT 1 FROM blobs WHERE account = ?1 AND hash = ?2 AND complete = 1",
            )?
            .exists(params![account, hash.0])?;
        if !here {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The record of this account and position keeps the blobs that it names.
pub(super) fn name(
    connection: &Connection,
    (account, position): (i64, u64),
    record: &Record,
) -> rusqlite::Result<()> {
    for hash in record.blobs.iter().map(|hash| hash.0).collect::<BTreeSet<_>>() {
        connection
            .prepare_cached(
                "INSERT INTO blobs_named (account, hash, position) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![account, hash, stored(position)])?;
    }
    Ok(())
}

struct Blob {
    len: u64,
    complete: bool,
}

fn blob(connection: &Connection, account: i64, hash: Bytes32) -> rusqlite::Result<Option<Blob>> {
    connection
        .prepare_cached("SELECT size, complete FROM blobs WHERE account = ?1 AND hash = ?2")?
        .query_row(params![account, hash.0], |row| {
            Ok(Blob { len: loaded(row.get(0)?), complete: row.get(1)? })
        })
        .optional()
}

pub(super) fn state(
    connection: &Connection,
    account: AccountId,
    hash: Bytes32,
) -> rusqlite::Result<Option<BlobState>> {
    let Some(account) = number(connection, account)? else {
        return Ok(None);
    };
    let Some(Blob { len, complete }) = blob(connection, account, hash)? else {
        return Ok(None);
    };
    let parts = connection
        .prepare_cached(
            "SELECT part FROM blob_parts WHERE account = ?1 AND hash = ?2 ORDER BY part",
        )?
        .query_map(params![account, hash.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(BlobState { len, parts, complete }))
}

pub(super) fn begin(connection: &Connection, new: &NewBlob) -> rusqlite::Result<Option<BlobBegun>> {
    let account: Option<(i64, i64, Option<i64>)> = connection
        .prepare_cached("SELECT number, bytes, quota FROM accounts WHERE id = ?1 AND locked = 0")?
        .query_row([new.account.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((account, bytes, quota)) = account else {
        return Ok(None);
    };
    let before = blob(connection, account, new.hash)?;
    if before.as_ref().is_some_and(|blob| blob.complete || blob.len == new.len) {
        // Asked for again: it is not to be forgotten before it is named.
        connection
            .prepare_cached(
                "UPDATE blobs SET begun_at = max(begun_at, ?3) WHERE account = ?1 AND hash = ?2",
            )?
            .execute(params![account, new.hash.0, stored(new.now)])?;
        return Ok(Some(BlobBegun::Known));
    }
    let without = loaded(bytes).saturating_sub(before.map_or(0, |blob| blob.len));
    if !fits(without, new.len, quota.map(loaded).or(new.quota_default)) {
        return Ok(Some(BlobBegun::NoRoom));
    }
    forget_parts(connection, account, new.hash)?;
    connection
        .prepare_cached(
            "INSERT INTO blobs (account, hash, size, begun_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account, hash)
             DO UPDATE SET size = excluded.size, begun_at = excluded.begun_at",
        )?
        .execute(params![account, new.hash.0, stored(new.len), stored(new.now)])?;
    connection
        .prepare_cached("UPDATE accounts SET bytes = ?2 WHERE number = ?1")?
        .execute(params![account, stored(without.saturating_add(new.len))])?;
    Ok(Some(BlobBegun::Made))
}

pub(super) fn part(
    connection: &Connection,
    account: AccountId,
    hash: Bytes32,
    part: u32,
) -> rusqlite::Result<bool> {
    let Some(account) = number(connection, account)? else {
        return Ok(false);
    };
    if blob(connection, account, hash)?.is_none_or(|blob| blob.complete) {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO blob_parts (account, hash, part) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![account, hash.0, part])?;
    Ok(true)
}

pub(super) fn finish(
    connection: &Connection,
    account: AccountId,
    hash: Bytes32,
) -> rusqlite::Result<bool> {
    let Some(account) = number(connection, account)? else {
        return Ok(false);
    };
    let finished = connection
        .prepare_cached("UPDATE blobs SET complete = 1 WHERE account = ?1 AND hash = ?2")?
        .execute(params![account, hash.0])?;
    forget_parts(connection, account, hash)?;
    Ok(finished > 0)
}

fn forget_parts(connection: &Connection, account: i64, hash: Bytes32) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM blob_parts WHERE account = ?1 AND hash = ?2")?
        .execute(params![account, hash.0])?;
    Ok(())
}

/// One step of forgetting what no record names.
pub(super) fn sweep(connection: &Connection, before: u64) -> rusqlite::Result<u64> {
    let unnamed: Vec<(i64, [u8; 32], i64)> = connection
        .prepare_cached(
            "SELECT account, hash, size FROM blobs
             WHERE begun_at <= ?1 AND NOT EXISTS
                (SELECT 1 FROM blobs_named n WHERE n.account = blobs.account AND n.hash = blobs.hash)
             ORDER BY begun_at LIMIT ?2",
        )?
        .query_map([stored(before), stored(BLOBS_SWEPT)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (account, hash, size) in &unnamed {
        forget_parts(connection, *account, Bytes32(*hash))?;
        connection
            .prepare_cached("DELETE FROM blobs WHERE account = ?1 AND hash = ?2")?
            .execute(params![account, hash])?;
        connection
            .prepare_cached("UPDATE accounts SET bytes = bytes - ?2 WHERE number = ?1")?
            .execute(params![account, size])?;
    }
    Ok(unnamed.len() as u64)
}

pub(super) fn objects_used(
    connection: &Connection,
    account: AccountId,
    hashes: &[Bytes32],
) -> rusqlite::Result<Vec<bool>> {
    let Some(account) = number(connection, account)? else {
        return Ok(vec![false; hashes.len()]);
    };
    let mut used = connection.prepare_cached(
        "SELECT 1 FROM records WHERE account = ?1 AND object = ?2
         UNION ALL SELECT 1 FROM blobs WHERE account = ?1 AND hash = ?2",
    )?;
    hashes.iter().map(|hash| used.exists(params![account, hash.0])).collect()
}
