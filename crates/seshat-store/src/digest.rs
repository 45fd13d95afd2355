//! Which records the server should have, in 40 bytes.
//!
//! **Invariants:** the stored digest is that of all records that are held, not in the outbox, and named in `replaces`
//! by no other such record. It moves in the transaction that moves them, and depends on what is here and not on the
//! order in which it came: a record that comes after the one that names it does not count. The server counts by the
//! same rule, so a record that one side purged and the other did not makes no difference.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use seshat_protocol::{Bytes32, Digest as IdDigest, RecordId};
use sha2::{Digest, Sha256};

use crate::row::{array, ids, number};
use crate::{Store, StoreError};

const NOTHING: IdDigest = IdDigest { count: 0, xor: Bytes32([0; 32]) };

/// How often each id is named.
type Names = BTreeMap<RecordId, u64>;

impl Store {
    /// Over the records that the server should count: all that are held, not in the outbox, and not replaced. To
    /// compare with the digest in a page.
    ///
    /// # Errors
    /// What the disk says.
    pub fn digest(&self) -> Result<IdDigest, StoreError> {
        stored(&self.connection)
    }
}

pub(crate) fn stored(connection: &Connection) -> Result<IdDigest, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count, xor FROM acknowledged")?;
    Ok(statement.query_row([], |row| {
        Ok(IdDigest { count: number(row, 0)?, xor: Bytes32(array(row, 1)?) })
    })?)
}

/// The server has one more, which is in `records` and no longer in the outbox.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    id: RecordId,
    replaces: &[RecordId],
) -> Result<(), StoreError> {
    let mut digest = stored(transaction)?;
    for name in names_of(id, replaces) {
        let before = times(transaction, name)?;
        if before == 0 && is_there(transaction, name)? {
            exclude(&mut digest, name);
        }
        set_times(transaction, name, before.saturating_add(1))?;
    }
    if times(transaction, id)? == 0 {
        include(&mut digest, id);
    }
    put(transaction, &digest)
}

/// The server had one more, which is still in `records`: it is about to go.
pub(crate) fn remove(
    transaction: &Transaction<'_>,
    id: RecordId,
    replaces: &[RecordId],
) -> Result<(), StoreError> {
    let mut digest = stored(transaction)?;
    if times(transaction, id)? == 0 {
        exclude(&mut digest, id);
    }
    for name in names_of(id, replaces) {
        let left = times(transaction, name)?.saturating_sub(1);
        set_times(transaction, name, left)?;
        if left == 0 && is_there(transaction, name)? {
            include(&mut digest, name);
        }
    }
    put(transaction, &digest)
}

/// Nothing is known to be there.
pub(crate) fn clear(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM named", [])?;
    put(transaction, &NOTHING)
}

/// For records that were stored before it was kept.
pub(crate) fn count(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let (digest, names) = counted(transaction)?;
    clear(transaction)?;
    for (name, times) in names {
        set_times(transaction, name, times)?;
    }
    put(transaction, &digest)
}

/// As both follow from the records.
pub(crate) fn counted(connection: &Connection) -> Result<(IdDigest, Names), StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, replaces FROM records WHERE arrival NOT IN (SELECT arrival FROM outbox)",
    )?;
    let mut rows = statement.query([])?;
    let (mut there, mut names) = (Vec::new(), Names::new());
    while let Some(found) = rows.next()? {
        let id = RecordId(array(found, 0)?);
        for name in names_of(id, &ids(found, 1)?) {
            *names.entry(name).or_default() += 1;
        }
        there.push(id);
    }
    let mut digest = NOTHING;
    there.into_iter().filter(|id| !names.contains_key(id)).for_each(|id| include(&mut digest, id));
    Ok((digest, names))
}

/// The names as they are kept.
pub(crate) fn stored_names(connection: &Connection) -> Result<Names, StoreError> {
    let mut statement = connection.prepare("SELECT id, times FROM named")?;
    let names = statement.query_map([], |row| Ok((RecordId(array(row, 0)?), number(row, 1)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// What a record names: each once, and never itself.
pub(crate) fn names_of(id: RecordId, replaces: &[RecordId]) -> BTreeSet<RecordId> {
    replaces.iter().copied().filter(|name| *name != id).collect()
}

/// Whether the server should have a record of this id.
fn is_there(connection: &Connection, id: RecordId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM records r WHERE r.id = ?1 \
         AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.arrival = r.arrival)",
    )?;
    Ok(statement.exists([id.0])?)
}

fn times(connection: &Connection, id: RecordId) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT times FROM named WHERE id = ?1")?;
    Ok(statement.query_row([id.0], |row| number(row, 0)).optional()?.unwrap_or(0))
}

fn set_times(transaction: &Transaction<'_>, id: RecordId, times: u64) -> Result<(), StoreError> {
    if times == 0 {
        transaction.prepare_cached("DELETE FROM named WHERE id = ?1")?.execute([id.0])?;
        return Ok(());
    }
    transaction
        .prepare_cached(
            "INSERT INTO named (id, times) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET times = ?2",
        )?
        .execute(params![id.0, times.cast_signed()])?;
    Ok(())
}

fn include(digest: &mut IdDigest, id: RecordId) {
    digest.count = digest.count.wrapping_add(1);
    fold(digest, id);
}

fn exclude(digest: &mut IdDigest, id: RecordId) {
    digest.count = digest.count.wrapping_sub(1);
    fold(digest, id);
}

fn fold(digest: &mut IdDigest, id: RecordId) {
    let hash: [u8; 32] = Sha256::digest(id.0).into();
    digest.xor.0.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
}

fn put(transaction: &Transaction<'_>, digest: &IdDigest) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE acknowledged SET count = ?1, xor = ?2")?
        .execute(params![digest.count.cast_signed(), digest.xor.0])?;
    Ok(())
}
