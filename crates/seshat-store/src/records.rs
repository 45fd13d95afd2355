//! This laptop's own writes, and reading what is held.

use rusqlite::{Transaction, params};
use seshat_protocol::{AccountId, DeviceId, DocumentId, NovelId, Record, RecordId};

use crate::checksum::row_checksum;
use crate::row::{self, COLUMN_COUNT, COLUMNS, array, count, held};
use crate::{
    Cover, Fork, Head, HeldRecord, NewRecord, Store, StoreError, StoredDocument, StoredPlace,
    StoredRecord, Write, blobs, caches, chain, covers, outbox, vault,
};

/// How many records [`Store::all_records`] reads at a time.
const BATCH: usize = 64;

impl Store {
    /// Saves what was written on this laptop: images, records, their places in the outbox, the device's head, caches,
    /// reports and the vault, in one transaction. When it returns, it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::NotNext`] when a record does not continue its device's chain, [`StoreError::KnownId`],
    /// [`StoreError::NoVault`], or what the disk says. Then nothing of `write` is saved.
    pub fn append(&mut self, write: &Write) -> Result<(), StoreError> {
        let transaction = self.write()?;
        for sealed in &write.blobs {
            blobs::keep(&transaction, sealed)?;
        }
        if !write.records.is_empty() {
            let account = row::account(&transaction)?;
            for new in &write.records {
                append_one(&transaction, account, new)?;
            }
        }
        for id in &write.instead_of {
            outbox::remove_rejected(&transaction, *id)?;
        }
        for (table, caches) in [("summaries", &write.summaries), ("texts", &write.texts)] {
            for cache in caches {
                caches::keep(&transaction, table, cache)?;
            }
        }
        for report in &write.reports {
            caches::report(&transaction, report)?;
        }
        if let Some(blob) = &write.vault {
            vault::change(&transaction, blob)?;
        }
        transaction.commit()
    }

    /// The end of a device's chain: of this laptop's own, what the next record has to name; of others, the
    /// furthest verified record seen.
    ///
    /// # Errors
    /// What the disk says.
    pub fn head(&self, device: DeviceId) -> Result<Head, StoreError> {
        row::head(&self.connection, device)
    }

    /// The heads of all devices.
    ///
    /// # Errors
    /// What the disk says.
    pub fn heads(&self) -> Result<Vec<(DeviceId, Head)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT device FROM heads")?;
        let devices = statement.query_map([], |row| array(row, 0).map(DeviceId))?;
        devices
            .map(|device| device.map_err(StoreError::from))
            .map(|device| {
                let device = device?;
                Ok((device, self.head(device)?))
            })
            .collect()
    }

    /// A document's records in the order of their arrival, so that what a laptop wrote itself comes in the order
    /// of its writing. They are as they were stored; whether they open is for the caller to see.
    ///
    /// # Errors
    /// What the disk says.
    pub fn records_of(&self, document: DocumentId) -> Result<Vec<StoredRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM records r WHERE r.document = ?1 ORDER BY r.arrival"
        ))?;
        let records = statement.query_map([document.0], held)?;
        records
            .map(|found| {
                let HeldRecord { record, place } = found?;
                let kind =
                    place.ok_or_else(|| StoreError::damaged("a record without a kind"))?.kind;
                Ok(StoredRecord { record, kind })
            })
            .collect()
    }

    /// The novels that have records here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn novels(&self) -> Result<Vec<NovelId>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT DISTINCT novel FROM records WHERE novel IS NOT NULL")?;
        let novels = statement.query_map([], |row| array(row, 0).map(NovelId))?;
        Ok(novels.collect::<Result<_, _>>()?)
    }

    /// A novel's documents in the order in which they first arrived.
    ///
    /// # Errors
    /// What the disk says.
    pub fn documents_of(&self, novel: NovelId) -> Result<Vec<StoredDocument>, StoreError> {
        // `kind` stands beside min(arrival): SQLite takes it from that row.
        let mut statement = self.connection.prepare_cached(
            "SELECT document, kind, count(*), min(arrival) FROM records WHERE novel = ?1 \
             GROUP BY document ORDER BY 4",
        )?;
        let documents = statement.query_map([novel.0], |row| {
            Ok(StoredDocument {
                document: DocumentId(array(row, 0)?),
                kind: row.get(1)?,
                records: count(row, 2)?,
            })
        })?;
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// The record with this id.
    ///
    /// # Errors
    /// What the disk says.
    pub fn record(&self, id: RecordId) -> Result<Option<HeldRecord>, StoreError> {
        Ok(row::find(&self.connection, id)?.map(|(_, held)| held))
    }

    /// Every record in the order of arrival, a few at a time: a library need not fit into memory.
    pub fn all_records(&self) -> impl Iterator<Item = Result<HeldRecord, StoreError>> + '_ {
        let mut after = 0;
        let mut batch = Vec::new().into_iter();
        let mut ended = false;
        std::iter::from_fn(move || {
            if batch.len() == 0 && !ended {
                match self.records_after(after) {
                    Ok(next) => {
                        ended = next.len() < BATCH;
                        after = next.last().map_or(after, |(arrival, _)| *arrival);
                        batch = next.into_iter();
                    }
                    Err(error) => {
                        ended = true;
                        return Some(Err(error));
                    }
                }
            }
            batch.next().map(|(_, held)| Ok(held))
        })
    }

    fn records_after(&self, arrival: i64) -> Result<Vec<(i64, HeldRecord)>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, r.arrival FROM records r WHERE r.arrival > ?1 \
             ORDER BY r.arrival LIMIT {BATCH}"
        ))?;
        let records =
            statement.query_map([arrival], |row| Ok((row.get(COLUMN_COUNT)?, held(row)?)))?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// The records whose place is not known, in the order of arrival.
    ///
    /// # Errors
    /// What the disk says.
    pub fn quarantined(&self) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM records r WHERE r.kind IS NULL ORDER BY r.arrival"
        ))?;
        let records = statement.query_map([], |row| held(row).map(|held| held.record))?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// Releases a record from quarantine: it has been verified and opened, and belongs to `place`. `at` is the
    /// time in milliseconds since 1970, for an alarm if it does not fit its chain.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_place(
        &mut self,
        id: RecordId,
        place: StoredPlace,
        at: u64,
    ) -> Result<(), StoreError> {
        self.set_places(&[(id, place)], at)
    }

    /// As [`Store::set_place`], many in one transaction. Records that are not in quarantine stay where they are.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_places(
        &mut self,
        places: &[(RecordId, StoredPlace)],
        at: u64,
    ) -> Result<(), StoreError> {
        let transaction = self.write()?;
        let account = row::account(&transaction)?;
        for (id, place) in places {
            if let Some((arrival, held)) = row::find(&transaction, *id)?
                && held.place.is_none()
            {
                release(&transaction, account, (arrival, &held.record), (place, None), at)?;
            }
        }
        transaction.commit()
    }

    /// Records in quarantine that a listed device signed: they do not open here, but they are of its chain.
    ///
    /// # Errors
    /// What the disk says.
    pub fn vouch(&mut self, ids: &[RecordId], at: u64) -> Result<(), StoreError> {
        let transaction = self.write()?;
        let account = row::account(&transaction)?;
        for id in ids {
            if let Some((arrival, held)) = row::find(&transaction, *id)?
                && held.place.is_none()
            {
                chain::vouch(&transaction, account, (arrival, &held.record), at)?;
            }
        }
        transaction.commit()
    }
}

/// Gives a record in quarantine its place, and says which numbers it contains, if that is known.
pub(crate) fn release(
    transaction: &Transaction<'_>,
    account: AccountId,
    (arrival, record): (i64, &Record),
    (place, covers): (&StoredPlace, Option<&[Cover]>),
    at: u64,
) -> Result<Option<Fork>, StoreError> {
    transaction
        .prepare_cached(
            "UPDATE records SET kind = ?2, novel = ?3, document = ?4, checksum = ?5 WHERE arrival = ?1",
        )?
        .execute(params![
            arrival,
            place.kind,
            place.novel.0,
            place.document.0,
            row_checksum(record, account, Some(place)).0,
        ])?;
    if !record.replaces.is_empty() {
        covers::take(transaction, arrival, covers, at)?;
    }
    let vouched =
        transaction.prepare_cached("DELETE FROM vouched WHERE arrival = ?1")?.execute([arrival])?;
    if vouched > 0 {
        // It joined its chain before it opened.
        return Ok(None);
    }
    chain::join(transaction, account, (arrival, record), at)
}

fn append_one(
    transaction: &Transaction<'_>,
    account: AccountId,
    NewRecord { record, place, covers }: &NewRecord,
) -> Result<(), StoreError> {
    let head = row::head(transaction, record.device)?;
    let expected = head.sequence.saturating_add(1);
    if record.sequence != expected || record.previous != head.hash {
        return Err(StoreError::NotNext { expected, found: record.sequence });
    }
    if is_known(transaction, record.id)? {
        return Err(StoreError::KnownId { id: record.id });
    }
    let arrival = row::insert(transaction, account, record, Some(place))?;
    transaction.prepare_cached("INSERT INTO outbox (arrival) VALUES (?1)")?.execute([arrival])?;
    // It continues its chain, so there is nothing that could not fit.
    chain::join(transaction, account, (arrival, record), 0)?;
    covers::add(transaction, covers, 0)
}

fn is_known(transaction: &Transaction<'_>, id: RecordId) -> Result<bool, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT 1 FROM records WHERE id = ?1")?;
    Ok(statement.exists([id.0])?)
}
