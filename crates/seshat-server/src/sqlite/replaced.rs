//! Records that others replace: what is marked, and what may go after a while.
//!
//! **Invariants:** a record is marked exactly while a record that is here names it, whichever of the two came first.
//! Only marked records are purged, and only below one that is not: a ring of records that name each other stays for
//! ever. A record that names others stays until none of them is here, so no mark and no digest changes by purging;
//! and until a record that names it is marked itself, so the last two snapshots of everything stay.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};
use seshat_protocol::{Digest, Record, RecordId};
use sha2::{Digest as _, Sha256};

use super::rows::{loaded, stored};
use crate::meta::{Sweep, Swept};

/// Records that one step of a sweep removes at most, and looks at: other writes wait for it.
const REMOVED: usize = 256;
const LOOKED_AT: usize = 2048;

/// A record of an account has just been given its position: the digest and the marks follow.
pub(super) fn arrived(
    connection: &Connection,
    (account, position): (i64, u64),
    record: &Record,
    now: u64,
    digest: &mut Digest,
) -> rusqlite::Result<()> {
    include(digest, record.id);
    if is_named(connection, account, record.id)? && mark(connection, account, record.id, now)? {
        exclude(digest, record.id);
    }
    for name in names_of(record) {
        connection
            .prepare_cached("INSERT INTO named (account, id, position) VALUES (?1, ?2, ?3)")?
            .execute(params![account, name.0, stored(position)])?;
        if mark(connection, account, name, now)? {
            exclude(digest, name);
        }
    }
    Ok(())
}

/// What a record names: each once, and never itself.
fn names_of(record: &Record) -> BTreeSet<RecordId> {
    record.replaces.iter().copied().filter(|name| *name != record.id).collect()
}

fn is_named(connection: &Connection, account: i64, id: RecordId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM named WHERE account = ?1 AND id = ?2")?
        .exists(params![account, id.0])
}

/// Whether the record is here and was not marked before.
fn mark(connection: &Connection, account: i64, id: RecordId, now: u64) -> rusqlite::Result<bool> {
    let marked = connection
        .prepare_cached(
            "UPDATE records SET replaced_at = ?3
             WHERE account = ?1 AND id = ?2 AND replaced_at IS NULL",
        )?
        .execute(params![account, id.0, stored(now)])?;
    Ok(marked > 0)
}

fn include(digest: &mut Digest, id: RecordId) {
    digest.count = digest.count.wrapping_add(1);
    fold(digest, id);
}

fn exclude(digest: &mut Digest, id: RecordId) {
    digest.count = digest.count.wrapping_sub(1);
    fold(digest, id);
}

fn fold(digest: &mut Digest, id: RecordId) {
    digest.xor.0.iter_mut().zip(Sha256::digest(id.0)).for_each(|(byte, hashed)| *byte ^= hashed);
}

/// A marked record, as a sweep looks at it.
struct Marked {
    account: i64,
    position: i64,
    id: [u8; 16],
    size: u64,
}

fn marked(row: &Row<'_>) -> rusqlite::Result<Marked> {
    Ok(Marked {
        account: row.get(0)?,
        position: row.get(1)?,
        id: row.get(2)?,
        size: loaded(row.get(3)?),
    })
}

/// One step: first over what names nothing, then over what names others, each in the order of accounts and positions.
pub(super) fn sweep(connection: &Connection, before: u64, at: Sweep) -> rusqlite::Result<Swept> {
    let mut swept = Swept::default();
    let mut next = at;
    let mut looked_at = 0;
    for record in step(connection, before, at)? {
        if swept.records >= REMOVED as u64 {
            swept.next = Some(next);
            return Ok(swept);
        }
        looked_at += 1;
        next.after = (record.account, record.position);
        if may_go(connection, &record, at.naming)? {
            remove(connection, &record)?;
            swept.records += 1;
            swept.bytes += record.size;
        }
    }
    swept.next = match (looked_at < LOOKED_AT, at.naming) {
        (false, _) => Some(next),
        (true, false) => Some(Sweep { naming: true, after: Sweep::default().after }),
        (true, true) => None,
    };
    Ok(swept)
}

fn step(connection: &Connection, before: u64, at: Sweep) -> rusqlite::Result<Vec<Marked>> {
    let mut select = connection.prepare_cached(
        "SELECT account, position, id, size FROM records
         WHERE replaced_at IS NOT NULL AND replaced_at <= ?1 AND (length(replaces) > 0) = ?2
           AND (account, position) > (?3, ?4)
         ORDER BY account, position LIMIT ?5",
    )?;
    let (account, position) = at.after;
    let limit = i64::try_from(LOOKED_AT).unwrap_or(i64::MAX);
    let found =
        select.query_map(params![stored(before), at.naming, account, position, limit], marked)?;
    found.collect()
}

/// A record that names the one in question.
struct Namer {
    position: i64,
    id: [u8; 16],
    is_marked: bool,
}

fn namers(connection: &Connection, account: i64, id: &[u8; 16]) -> rusqlite::Result<Vec<Namer>> {
    let mut select = connection.prepare_cached(
        "SELECT r.position, r.id, r.replaced_at IS NOT NULL
         FROM named n JOIN records r ON r.account = n.account AND r.position = n.position
         WHERE n.account = ?1 AND n.id = ?2",
    )?;
    let namers = select.query_map(params![account, id], |row| {
        Ok(Namer { position: row.get(0)?, id: row.get(1)?, is_marked: row.get(2)? })
    })?;
    namers.collect()
}

fn may_go(connection: &Connection, record: &Marked, names_others: bool) -> rusqlite::Result<bool> {
    if names_others && names_what_is_here(connection, record)? {
        return Ok(false);
    }
    for namer in namers(connection, record.account, &record.id)? {
        let counts = namer.is_marked || !names_others;
        if counts && is_anchored(connection, record.account, namer)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn names_what_is_here(connection: &Connection, record: &Marked) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM named n JOIN records r ON r.account = n.account AND r.id = n.id
             WHERE n.account = ?1 AND n.position = ?2",
        )?
        .exists(params![record.account, record.position])
}

/// Whether the record is not marked, or one that names it is not, and so on.
fn is_anchored(connection: &Connection, account: i64, namer: Namer) -> rusqlite::Result<bool> {
    let mut seen = BTreeSet::new();
    let mut to_look_at = vec![namer];
    while let Some(namer) = to_look_at.pop() {
        if !namer.is_marked {
            return Ok(true);
        }
        if seen.insert(namer.position) {
            to_look_at.extend(namers(connection, account, &namer.id)?);
        }
    }
    Ok(false)
}

fn remove(connection: &Connection, record: &Marked) -> rusqlite::Result<()> {
    let key = params![record.account, record.position];
    connection
        .prepare_cached("DELETE FROM named WHERE account = ?1 AND position = ?2")?
        .execute(key)?;
    connection
        .prepare_cached("DELETE FROM blobs_named WHERE account = ?1 AND position = ?2")?
        .execute(key)?;
    connection
        .prepare_cached("DELETE FROM records WHERE account = ?1 AND position = ?2")?
        .execute(key)?;
    connection
        .prepare_cached(
            "UPDATE accounts SET records = records - 1, bytes = bytes - ?2 WHERE number = ?1",
        )?
        .execute(params![record.account, stored(record.size)])?;
    Ok(())
}

/// Fills `named`, and sets right what hangs on it, for records that were stored before it was kept.
pub(super) fn fill(connection: &Connection) -> rusqlite::Result<()> {
    let mut select = connection.prepare(
        "SELECT account, position, id, replaces FROM records WHERE length(replaces) > 0",
    )?;
    let mut naming = select.query([])?;
    while let Some(row) = naming.next()? {
        let (account, position): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (id, replaces): ([u8; 16], Vec<u8>) = (row.get(2)?, row.get(3)?);
        let names: BTreeSet<[u8; 16]> =
            replaces.as_chunks::<16>().0.iter().filter(|name| **name != id).copied().collect();
        for name in names {
            connection
                .prepare_cached("INSERT INTO named (account, id, position) VALUES (?1, ?2, ?3)")?
                .execute(params![account, name, position])?;
        }
    }
    connection.execute(
        "UPDATE records SET replaced_at = 1000 * unixepoch()
         WHERE replaced_at IS NULL
           AND EXISTS (SELECT 1 FROM named n WHERE n.account = records.account AND n.id = records.id)",
        [],
    )?;
    count(connection)
}

/// Works out the digest of every account anew.
fn count(connection: &Connection) -> rusqlite::Result<()> {
    let mut accounts = connection.prepare("SELECT number FROM accounts")?;
    let mut ids =
        connection.prepare("SELECT id FROM records WHERE account = ?1 AND replaced_at IS NULL")?;
    for account in accounts.query_map([], |row| row.get::<_, i64>(0))? {
        let account = account?;
        let mut digest = Digest { count: 0, xor: seshat_protocol::Bytes32([0; 32]) };
        for id in ids.query_map([account], |row| row.get(0))? {
            include(&mut digest, RecordId(id?));
        }
        connection.execute(
            "UPDATE accounts SET digest_count = ?2, digest_xor = ?3 WHERE number = ?1",
            params![account, stored(digest.count), digest.xor.0],
        )?;
    }
    Ok(())
}
