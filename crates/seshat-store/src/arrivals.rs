//! Records by their arrival and by their number, without their bodies: for whoever asks what came, and what there is
//! of a document, without opening any of it.

use rusqlite::{Row, params};
use seshat_protocol::{DeviceId, DocumentId, RecordId};

use crate::row::{array, number, place};
use crate::{Store, StoreError, StoredPlace};

/// A record that is here, without its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// Grows with every record that comes or is written here.
    pub arrival: u64,
    /// Its id.
    pub id: RecordId,
    /// Who wrote it.
    pub device: DeviceId,
    /// Its number among those of its device.
    pub sequence: u64,
    /// Where it belongs; `None`: in quarantine.
    pub place: Option<StoredPlace>,
}

const COLUMNS: &str = "r.arrival, r.id, r.device, r.sequence, r.kind, r.novel, r.document";

impl Store {
    /// The arrival of the newest record, also if it has been removed since; 0 before the first. None is given twice.
    ///
    /// # Errors
    /// What the disk says.
    pub fn last_arrival(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max((SELECT arrival FROM spent), (SELECT coalesce(max(arrival), 0) FROM records))",
        )?;
        Ok(statement.query_row([], |row| number(row, 0))?)
    }

    /// What came or was written after this arrival, in order.
    ///
    /// # Errors
    /// What the disk says.
    pub fn arrived_after(&self, arrival: u64) -> Result<Vec<Arrived>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM records r WHERE r.arrival > ?1 ORDER BY r.arrival"
        ))?;
        let arrived = statement.query_map(params![arrival.cast_signed()], arrived)?;
        Ok(arrived.collect::<Result<_, _>>()?)
    }

    /// A document's records in the order of their arrival, without their content.
    ///
    /// # Errors
    /// What the disk says.
    pub fn numbers_of(&self, document: DocumentId) -> Result<Vec<Arrived>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM records r WHERE r.document = ?1 ORDER BY r.arrival"
        ))?;
        let numbers = statement.query_map([document.0], arrived)?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }
}

fn arrived(row: &Row<'_>) -> rusqlite::Result<Arrived> {
    Ok(Arrived {
        arrival: number(row, 0)?,
        id: RecordId(array(row, 1)?),
        device: DeviceId(array(row, 2)?),
        sequence: number(row, 3)?,
        place: place(row, 4)?,
    })
}
