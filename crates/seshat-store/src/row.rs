//! Rows and what they stand for. Numbers above 2⁶³ are stored as the same 64 bits: SQLite has no unsigned ones.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use seshat_protocol::{
    AccountId, Bytes32, Bytes64, DeviceId, DocumentId, NovelId, Record, RecordId, Sealed,
};

use crate::checksum::row_checksum;
use crate::{Head, HeldRecord, StoreError, StoredPlace};

/// The columns that [`held`] reads, in its order; `r` is the table.
pub(crate) const COLUMNS: &str = "r.id, r.kind, r.novel, r.document, r.device, r.sequence, \
     r.previous, r.signature, r.replaces, r.header, r.body, r.blobs";

/// How many columns [`COLUMNS`] names.
pub(crate) const COLUMN_COUNT: usize = 12;

/// The fixed-size bytes in column `index`.
pub(crate) fn array<const N: usize>(row: &Row<'_>, index: usize) -> rusqlite::Result<[u8; N]> {
    let bytes = row.get_ref(index)?.as_blob()?;
    bytes.try_into().map_err(|_| wrong(index, "a length that this format does not have"))
}

/// The 64 bits in column `index`.
pub(crate) fn number(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(index).map(i64::cast_unsigned)
}

/// How many, from column `index`.
pub(crate) fn count(row: &Row<'_>, index: usize) -> rusqlite::Result<usize> {
    let count: i64 = row.get(index)?;
    usize::try_from(count).map_err(|_| wrong(index, "a negative count"))
}

/// A record from [`COLUMNS`].
pub(crate) fn held(row: &Row<'_>) -> rusqlite::Result<HeldRecord> {
    let record = Record {
        id: RecordId(array(row, 0)?),
        device: DeviceId(array(row, 4)?),
        sequence: number(row, 5)?,
        previous: Bytes32(array(row, 6)?),
        header: Sealed(row.get(9)?),
        body: Sealed(row.get(10)?),
        replaces: ids(row, 8)?,
        blobs: hashes(row, 11)?,
        signature: Bytes64(array(row, 7)?),
    };
    Ok(HeldRecord { record, place: place(row, 1)? })
}

/// The ids in column `index`, one behind the other.
pub(crate) fn ids(row: &Row<'_>, index: usize) -> rusqlite::Result<Vec<RecordId>> {
    let (ids, rest) = row.get_ref(index)?.as_blob()?.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(wrong(index, "half an id"));
    }
    Ok(ids.iter().copied().map(RecordId).collect())
}

/// The hashes in column `index`, one behind the other.
pub(crate) fn hashes(row: &Row<'_>, index: usize) -> rusqlite::Result<Vec<Bytes32>> {
    let (hashes, rest) = row.get_ref(index)?.as_blob()?.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(wrong(index, "half a hash"));
    }
    Ok(hashes.iter().copied().map(Bytes32).collect())
}

/// Back again.
fn blobs(record: &Record) -> Vec<u8> {
    record.blobs.iter().flat_map(|hash| hash.0).collect()
}

/// A place from the three columns beginning at `first`.
pub(crate) fn place(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<StoredPlace>> {
    let Some(kind) = row.get::<_, Option<u8>>(first)? else { return Ok(None) };
    let novel = NovelId(array(row, first + 1)?);
    let document = DocumentId(array(row, first + 2)?);
    Ok(Some(StoredPlace { kind, novel, document }))
}

fn wrong(column: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, what.into())
}

/// Writes a record; its arrival is returned.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    account: AccountId,
    record: &Record,
    place: Option<&StoredPlace>,
) -> Result<i64, StoreError> {
    let replaces: Vec<u8> = record.replaces.iter().flat_map(|id| id.0).collect();
    let mut statement = transaction.prepare_cached(
        "INSERT INTO records (id, kind, novel, document, device, sequence, previous, signature, \
         checksum, replaces, header, body, blobs, arrival) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, \
         ?8, ?9, ?10, ?11, ?12, ?13, 1 + max((SELECT arrival FROM spent), \
         (SELECT coalesce(max(arrival), 0) FROM records)))",
    )?;
    Ok(statement.insert(params![
        record.id.0,
        place.map(|place| place.kind),
        place.map(|place| place.novel.0),
        place.map(|place| place.document.0),
        record.device.0,
        record.sequence.cast_signed(),
        record.previous.0,
        record.signature.0,
        row_checksum(record, account, place).0,
        replaces,
        record.header.0,
        record.body.0,
        blobs(record),
    ])?)
}

/// Puts a record right that is no longer what was stored, with what it was; says whether it was damaged. What its
/// checksum vouches for is left alone, whatever `whole` says. `place` is used where the damage took the one that was
/// here.
pub(crate) fn mend(
    transaction: &Transaction<'_>,
    account: AccountId,
    (arrival, held): (i64, &HeldRecord),
    (whole, place): (&Record, Option<&StoredPlace>),
) -> Result<bool, StoreError> {
    let checksum: [u8; 32] = transaction
        .prepare_cached("SELECT checksum FROM records WHERE arrival = ?1")?
        .query_row([arrival], |row| array(row, 0))?;
    if row_checksum(&held.record, account, held.place.as_ref()).0 == checksum {
        return Ok(false);
    }
    // The checksum was made of what was stored: where it fits now, just that is back.
    let place = [place, held.place.as_ref()]
        .into_iter()
        .find(|place| row_checksum(whole, account, *place).0 == checksum);
    let Some(place) = place else { return Ok(false) };
    let replaces: Vec<u8> = whole.replaces.iter().flat_map(|id| id.0).collect();
    transaction
        .prepare_cached(
            "UPDATE records SET kind = ?2, novel = ?3, document = ?4, device = ?5, sequence = ?6, \
             previous = ?7, signature = ?8, replaces = ?9, header = ?10, body = ?11, blobs = ?12 \
             WHERE arrival = ?1",
        )?
        .execute(params![
            arrival,
            place.map(|place| place.kind),
            place.map(|place| place.novel.0),
            place.map(|place| place.document.0),
            whole.device.0,
            whole.sequence.cast_signed(),
            whole.previous.0,
            whole.signature.0,
            replaces,
            whole.header.0,
            whole.body.0,
            blobs(whole),
        ])?;
    Ok(true)
}

/// Removes a record. Its arrival is not given to another one.
pub(crate) fn remove(transaction: &Transaction<'_>, arrival: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE spent SET arrival = max(arrival, ?1)")?
        .execute([arrival])?;
    transaction.prepare_cached("DELETE FROM records WHERE arrival = ?1")?.execute([arrival])?;
    Ok(())
}

/// The record with this id, and its arrival.
pub(crate) fn find(
    connection: &rusqlite::Connection,
    id: RecordId,
) -> Result<Option<(i64, HeldRecord)>, StoreError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS}, r.arrival FROM records r WHERE r.id = ?1"))?;
    let found =
        statement.query_row([id.0], |row| Ok((row.get(COLUMN_COUNT)?, held(row)?))).optional()?;
    Ok(found)
}

/// The account that the store belongs to.
pub(crate) fn account(connection: &rusqlite::Connection) -> Result<AccountId, StoreError> {
    let mut statement = connection.prepare_cached("SELECT account FROM vault")?;
    let account = statement.query_row([], |row| array(row, 0)).optional()?;
    account.map(AccountId).ok_or(StoreError::NoVault)
}

/// The end of a device's chain.
pub(crate) fn head(
    connection: &rusqlite::Connection,
    device: DeviceId,
) -> Result<Head, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT sequence, hash FROM heads WHERE device = ?1")?;
    let head = statement
        .query_row([device.0], |row| {
            Ok(Head { sequence: number(row, 0)?, hash: Bytes32(array(row, 1)?) })
        })
        .optional()?;
    Ok(head.unwrap_or(Head::NONE))
}

/// Moves a device's head to `record` if that is further; of two records with one sequence the first one seen
/// stays the head.
pub(crate) fn raise_head(
    transaction: &Transaction<'_>,
    account: AccountId,
    record: &Record,
) -> Result<(), StoreError> {
    if record.sequence <= head(transaction, record.device)?.sequence {
        return Ok(());
    }
    let head = Head { sequence: record.sequence, hash: record.hash(account) };
    set_head(transaction, record.device, head)
}

/// Puts a device's head where it is known to be.
pub(crate) fn set_head(
    transaction: &Transaction<'_>,
    device: DeviceId,
    head: Head,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO heads (device, sequence, hash) VALUES (?1, ?2, ?3) \
             ON CONFLICT (device) DO UPDATE SET sequence = ?2, hash = ?3",
        )?
        .execute(params![device.0, head.sequence.cast_signed(), head.hash.0])?;
    Ok(())
}
