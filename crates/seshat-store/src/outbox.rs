//! What the server has not acknowledged.
//!
//! **Invariant:** a record leaves the outbox only when the server has said that it has it. A rejected one stays,
//! with the reason, where the author can see it.

use rusqlite::{OptionalExtension, Transaction, params};
use seshat_protocol::{DocumentId, NovelId, Record, RecordId};

use crate::row::{self, COLUMNS, array, count, held, ids};
use crate::{Ack, RejectedRecord, Store, StoreError, digest, replaced};

/// Characters kept of a server's reason.
const REASON_CHARS: usize = 500;

impl Store {
    /// The next records to push, oldest first: at most `limit`, and at most `max_bytes` of header and body, but
    /// at least one if any waits.
    ///
    /// # Errors
    /// What the disk says.
    pub fn outbox(&self, limit: usize, max_bytes: usize) -> Result<Vec<Record>, StoreError> {
        self.outbox_behind(None, limit, max_bytes)
    }

    /// The same of those that came after a record, which need not wait itself.
    ///
    /// # Errors
    /// What the disk says.
    pub fn outbox_behind(
        &self,
        behind: Option<RecordId>,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.waiting_records("", behind, limit, max_bytes)
    }

    /// The same of those that replace others.
    ///
    /// # Errors
    /// What the disk says.
    pub fn snapshots_behind(
        &self,
        behind: Option<RecordId>,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.waiting_records("AND length(r.replaces) > 0", behind, limit, max_bytes)
    }

    fn waiting_records(
        &self,
        only: &str,
        behind: Option<RecordId>,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox o CROSS JOIN records r ON r.arrival = o.arrival \
             WHERE o.rejected IS NULL {only} \
             AND o.arrival > coalesce((SELECT arrival FROM records WHERE id = ?2), 0) \
             ORDER BY o.arrival LIMIT ?1"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![limit, behind.map(|id| id.0)])?;
        let mut records = Vec::new();
        let mut bytes = 0;
        while let Some(found) = rows.next()? {
            let record = held(found)?.record;
            bytes += record.stored_len();
            if bytes > max_bytes && !records.is_empty() {
                break;
            }
            records.push(record);
        }
        Ok(records)
    }

    /// How many records wait for the server; rejected ones do not.
    ///
    /// # Errors
    /// What the disk says.
    pub fn waiting(&self) -> Result<usize, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*) FROM outbox WHERE rejected IS NULL")?;
        Ok(statement.query_row([], |row| count(row, 0))?)
    }

    /// The documents of which anything waits.
    ///
    /// # Errors
    /// What the disk says.
    pub fn waiting_documents(&self) -> Result<Vec<(NovelId, DocumentId)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT r.novel, r.document \
             FROM outbox o CROSS JOIN records r ON r.arrival = o.arrival \
             WHERE o.rejected IS NULL AND r.novel IS NOT NULL ORDER BY 1, 2",
        )?;
        let documents = statement
            .query_map([], |row| Ok((NovelId(array(row, 0)?), DocumentId(array(row, 1)?))))?;
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// How many records the server will not take.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rejected_count(&self) -> Result<usize, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT count(*) FROM outbox WHERE rejected IS NOT NULL")?;
        Ok(statement.query_row([], |row| count(row, 0))?)
    }

    /// Has the records that the server would not take offered once more. Returns how many they are.
    ///
    /// # Errors
    /// What the disk says; then nothing has changed.
    pub fn offer_rejected(&mut self) -> Result<usize, StoreError> {
        let transaction = self.write()?;
        let offered = transaction
            .execute("UPDATE outbox SET rejected = NULL WHERE rejected IS NOT NULL", [])?;
        transaction.commit()?;
        Ok(offered)
    }

    /// The records that the server will not take.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rejected(&self) -> Result<Vec<RejectedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT r.id, r.kind, r.novel, r.document, o.rejected \
             FROM outbox o CROSS JOIN records r ON r.arrival = o.arrival \
             WHERE o.rejected IS NOT NULL ORDER BY o.arrival",
        )?;
        let rejected = statement.query_map([], |row| {
            Ok(RejectedRecord {
                id: RecordId(array(row, 0)?),
                place: row::place(row, 1)?,
                reason: row.get(4)?,
            })
        })?;
        Ok(rejected.collect::<Result<_, _>>()?)
    }

    /// Marks what the server said about pushed records, in one transaction. Ids that do not wait are passed over:
    /// an answer may come twice.
    ///
    /// # Errors
    /// What the disk says; then all of them still wait.
    pub fn acknowledge(&mut self, acks: &[(RecordId, Ack)]) -> Result<(), StoreError> {
        let transaction = self.write()?;
        for (id, ack) in acks {
            acknowledge_one(&transaction, *id, ack)?;
        }
        transaction.commit()
    }

    /// Puts every record back into the outbox, those of other laptops and rejected ones among them, and the
    /// cursor back to 0: the server has another history than the one they were acknowledged in.
    ///
    /// # Errors
    /// What the disk says; then nothing has changed.
    pub fn offer_again(&mut self) -> Result<(), StoreError> {
        let transaction = self.write()?;
        offer_again(&transaction)?;
        transaction.commit()
    }
}

/// Removes a record that the server has refused; any other stays.
pub(crate) fn remove_rejected(
    transaction: &Transaction<'_>,
    id: RecordId,
) -> Result<(), StoreError> {
    let refused = transaction
        .prepare_cached(
            "SELECT arrival FROM outbox WHERE rejected IS NOT NULL \
             AND arrival = (SELECT arrival FROM records WHERE id = ?1)",
        )?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(arrival): Option<i64> = refused else { return Ok(()) };
    let replaces = transaction
        .prepare_cached("SELECT replaces FROM records WHERE arrival = ?1")?
        .query_row([arrival], |row| ids(row, 0))?;
    replaced::remove(transaction, arrival, id, &replaces)
}

fn acknowledge_one(
    transaction: &Transaction<'_>,
    id: RecordId,
    ack: &Ack,
) -> Result<(), StoreError> {
    const THIS: &str = "WHERE arrival = (SELECT arrival FROM records WHERE id = ?1)";
    match ack {
        Ack::Stored => {
            let left = transaction
                .prepare_cached(&format!("DELETE FROM outbox {THIS}"))?
                .execute([id.0])?;
            if left > 0 {
                let replaces = transaction
                    .prepare_cached("SELECT replaces FROM records WHERE id = ?1")?
                    .query_row([id.0], |row| ids(row, 0))
                    .optional()?;
                digest::add(transaction, id, &replaces.unwrap_or_default())?;
            }
        }
        Ack::Rejected(reason) => {
            let reason: String = reason.chars().take(REASON_CHARS).collect();
            transaction
                .prepare_cached(&format!("UPDATE outbox SET rejected = ?2 {THIS}"))?
                .execute(params![id.0, reason])?;
        }
    }
    Ok(())
}

/// Everything into the outbox, and the cursor to 0.
pub(crate) fn offer_again(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    offer_all(transaction)?;
    transaction.execute("UPDATE server SET epoch = NULL, cursor = 0", [])?;
    Ok(())
}

/// Everything into the outbox.
pub(crate) fn offer_all(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("UPDATE outbox SET rejected = NULL WHERE rejected IS NOT NULL", [])?;
    transaction
        .execute("INSERT OR IGNORE INTO outbox (arrival) SELECT arrival FROM records", [])?;
    digest::clear(transaction)
}
