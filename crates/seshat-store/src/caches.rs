//! Sealed copies of what can be worked out again, and reports: of this laptop alone.

use rusqlite::{OptionalExtension, Transaction, params};
use seshat_protocol::{DocumentId, NovelId, Sealed};

use crate::row::{array, count, number};
use crate::{Store, StoreError, StoredReport};

impl Store {
    /// A document's sealed summary.
    ///
    /// # Errors
    /// What the disk says.
    pub fn summary(&self, document: DocumentId) -> Result<Option<Sealed>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT sealed FROM summaries WHERE document = ?1")?;
        Ok(statement.query_row([document.0], |row| row.get(0).map(Sealed)).optional()?)
    }

    /// The last text of a document that could be read, sealed.
    ///
    /// # Errors
    /// What the disk says.
    pub fn text(&self, document: DocumentId) -> Result<Option<Sealed>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT sealed FROM texts WHERE document = ?1")?;
        Ok(statement.query_row([document.0], |row| row.get(0).map(Sealed)).optional()?)
    }

    /// What merges brought to a novel, the newest first, at most `limit`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn reports(&self, novel: NovelId, limit: usize) -> Result<Vec<StoredReport>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, at, sealed FROM reports WHERE novel = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let reports = statement.query_map(params![novel.0, limit], |row| {
            Ok(StoredReport {
                id: number(row, 0)?,
                at: number(row, 1)?,
                sealed: Sealed(row.get(2)?),
            })
        })?;
        Ok(reports.collect::<Result<_, _>>()?)
    }

    /// How many reports each novel has that has any.
    ///
    /// # Errors
    /// What the disk says.
    pub fn report_counts(&self) -> Result<Vec<(NovelId, usize)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT novel, count(*) FROM reports GROUP BY novel")?;
        let counts =
            statement.query_map([], |row| Ok((NovelId(array(row, 0)?), count(row, 1)?)))?;
        Ok(counts.collect::<Result<_, _>>()?)
    }

    /// The author has read a report: it is forgotten. An id that is not there changes nothing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn dismiss_report(&mut self, id: u64) -> Result<(), StoreError> {
        let writing = self.write()?;
        writing.prepare_cached("DELETE FROM reports WHERE id = ?1")?.execute([id.cast_signed()])?;
        writing.commit()
    }
}

/// Keeps a cache in place of the document's earlier one; `table` is `summaries` or `texts`.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    table: &'static str,
    (document, sealed): &(DocumentId, Sealed),
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(&format!(
            "INSERT INTO {table} (document, sealed) VALUES (?1, ?2) \
             ON CONFLICT (document) DO UPDATE SET sealed = ?2"
        ))?
        .execute(params![document.0, sealed.0])?;
    Ok(())
}

/// Keeps a report.
pub(crate) fn report(
    transaction: &Transaction<'_>,
    (novel, at, sealed): &(NovelId, u64, Sealed),
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO reports (novel, at, sealed) VALUES (?1, ?2, ?3)")?
        .execute(params![novel.0, at.cast_signed(), sealed.0])?;
    Ok(())
}
