//! Which records the server should have, in 40 bytes.
//!
//! **Invariant:** the stored digest is that of all records that are held and not in the outbox. It moves in the
//! transaction that moves them.

use rusqlite::{Connection, Transaction, params};
use seshat_protocol::{Bytes32, Digest as IdDigest, RecordId};
use sha2::{Digest, Sha256};

use crate::row::{array, number};
use crate::{Store, StoreError};

const NOTHING: IdDigest = IdDigest { count: 0, xor: Bytes32([0; 32]) };

impl Store {
    /// Over the records that the server should have: all that are held and not in the outbox. To compare with
    /// the digest in a page.
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

/// The server has one more.
pub(crate) fn add(transaction: &Transaction<'_>, id: RecordId) -> Result<(), StoreError> {
    let mut digest = stored(transaction)?;
    include(&mut digest, id);
    put(transaction, &digest)
}

/// Nothing is known to be there.
pub(crate) fn clear(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    put(transaction, &NOTHING)
}

/// For records that were stored before it was kept.
pub(crate) fn count(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let digest = counted(transaction)?;
    put(transaction, &digest)
}

/// As it follows from the records.
pub(crate) fn counted(connection: &Connection) -> Result<IdDigest, StoreError> {
    let mut statement = connection
        .prepare("SELECT id FROM records WHERE arrival NOT IN (SELECT arrival FROM outbox)")?;
    let mut rows = statement.query([])?;
    let mut digest = NOTHING;
    while let Some(found) = rows.next()? {
        include(&mut digest, RecordId(array(found, 0)?));
    }
    Ok(digest)
}

fn include(digest: &mut IdDigest, id: RecordId) {
    let hash: [u8; 32] = Sha256::digest(id.0).into();
    digest.count += 1;
    digest.xor.0.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
}

fn put(transaction: &Transaction<'_>, digest: &IdDigest) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE acknowledged SET count = ?1, xor = ?2")?
        .execute(params![digest.count.cast_signed(), digest.xor.0])?;
    Ok(())
}
