//! What the server did that no honest one does. One row for each cause and device, until the author dismisses it.
//!
//! **Invariant:** an alarm is written in the transaction that found its cause, so no power cut loses it. Raising
//! it again adds nothing, unless it has grown: then it is shown again even to whoever had dismissed it.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use seshat_protocol::DeviceId;

use crate::row::number;
use crate::{Alarm, Cause, Extent, Store, StoreError};

impl Store {
    /// All alarms, dismissed ones too, oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, cause, device, first, last, count, at, healed, dismissed FROM alarms ORDER BY id",
        )?;
        let alarms = statement.query_map([], alarm)?;
        // A cause that this program does not know has no sentence either.
        Ok(alarms.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// Raises an alarm that belongs to no device.
    ///
    /// # Errors
    /// What the disk says.
    pub fn raise(&mut self, cause: Cause, extent: Extent, at: u64) -> Result<(), StoreError> {
        let transaction = self.write()?;
        raise(&transaction, (cause, None), extent, at)?;
        transaction.commit()
    }

    /// The causes are gone: their alarms say so from now on. Those that the author had dismissed go with them.
    ///
    /// # Errors
    /// What the disk says.
    pub fn heal(&mut self, causes: &[Cause], at: u64) -> Result<(), StoreError> {
        let transaction = self.write()?;
        for cause in causes {
            transaction
                .prepare_cached("DELETE FROM alarms WHERE cause = ?1 AND dismissed = 1")?
                .execute([cause.code()])?;
            transaction
                .prepare_cached(
                    "UPDATE alarms SET healed = ?2 WHERE cause = ?1 AND healed IS NULL",
                )?
                .execute(params![cause.code(), at.cast_signed()])?;
        }
        transaction.commit()
    }

    /// The author has read an alarm. One that has healed is forgotten; one that lasts is kept and no longer shown.
    /// An id that is not there changes nothing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn dismiss(&mut self, id: u64) -> Result<(), StoreError> {
        let transaction = self.write()?;
        let id = id.cast_signed();
        transaction
            .prepare_cached("DELETE FROM alarms WHERE id = ?1 AND healed IS NOT NULL")?
            .execute([id])?;
        transaction
            .prepare_cached("UPDATE alarms SET dismissed = 1 WHERE id = ?1")?
            .execute([id])?;
        transaction.commit()
    }
}

/// Raises an alarm, or lets the one that stands grow to `extent`.
pub(crate) fn raise(
    transaction: &Transaction<'_>,
    (cause, device): (Cause, Option<DeviceId>),
    extent: Extent,
    at: u64,
) -> Result<(), StoreError> {
    let key = device.map_or(Vec::new(), |device| device.0.to_vec());
    let standing = standing(transaction, cause, &key)?;
    if standing.as_ref().is_some_and(|standing| !standing.healed && !standing.shown(extent)) {
        // Less than before, or the same: what is shown stays true, the numbers follow.
        transaction
            .prepare_cached(
                "UPDATE alarms SET first = ?3, last = ?4, count = ?5 WHERE cause = ?1 AND device = ?2",
            )?
            .execute(params![
                cause.code(),
                key,
                extent.first.cast_signed(),
                extent.last.cast_signed(),
                extent.count.cast_signed(),
            ])?;
        return Ok(());
    }
    // A new id, so that a dismissal of the old sentence does not hit the new one.
    transaction
        .prepare_cached("DELETE FROM alarms WHERE cause = ?1 AND device = ?2")?
        .execute(params![cause.code(), key])?;
    transaction
        .prepare_cached(
            "INSERT INTO alarms (cause, device, first, last, count, at, healed, dismissed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, 0)",
        )?
        .execute(params![
            cause.code(),
            key,
            extent.first.cast_signed(),
            extent.last.cast_signed(),
            extent.count.cast_signed(),
            at.cast_signed(),
        ])?;
    Ok(())
}

/// Adds one number of a device to an alarm. A number within what the alarm covers adds nothing.
pub(crate) fn raise_at(
    transaction: &Transaction<'_>,
    (cause, device): (Cause, DeviceId),
    sequence: u64,
    at: u64,
) -> Result<(), StoreError> {
    let extent = match standing(transaction, cause, &device.0)? {
        Some(Standing { extent, healed: false }) => {
            if (extent.first..=extent.last).contains(&sequence) {
                return Ok(());
            }
            Extent {
                first: extent.first.min(sequence),
                last: extent.last.max(sequence),
                count: extent.count.saturating_add(1),
            }
        }
        _ => Extent::one(sequence),
    };
    raise(transaction, (cause, Some(device)), extent, at)
}

/// Heals a device's alarm, if there is one.
pub(crate) fn heal_of(
    transaction: &Transaction<'_>,
    (cause, device): (Cause, DeviceId),
    at: u64,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM alarms WHERE cause = ?1 AND device = ?2 AND dismissed = 1")?
        .execute(params![cause.code(), device.0])?;
    transaction
        .prepare_cached(
            "UPDATE alarms SET healed = ?3 WHERE cause = ?1 AND device = ?2 AND healed IS NULL",
        )?
        .execute(params![cause.code(), device.0, at.cast_signed()])?;
    Ok(())
}

/// Heals a device's alarm if it is about this number alone.
pub(crate) fn heal_at(
    transaction: &Transaction<'_>,
    (cause, device): (Cause, DeviceId),
    sequence: u64,
    at: u64,
) -> Result<(), StoreError> {
    let alone = Extent::one(sequence);
    match standing(transaction, cause, &device.0)? {
        Some(Standing { extent, healed: false }) if extent == alone => {
            heal_of(transaction, (cause, device), at)
        }
        _ => Ok(()),
    }
}

struct Standing {
    extent: Extent,
    healed: bool,
}

impl Standing {
    /// Whether an alarm of this extent is news beside the one that stands.
    fn shown(&self, extent: Extent) -> bool {
        extent.count > self.extent.count || extent.last > self.extent.last
    }
}

fn standing(
    connection: &Connection,
    cause: Cause,
    device: &[u8],
) -> Result<Option<Standing>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT first, last, count, healed IS NOT NULL FROM alarms WHERE cause = ?1 AND device = ?2",
    )?;
    let standing = statement.query_row(params![cause.code(), device], |row| {
        Ok(Standing { extent: extent(row, 0)?, healed: row.get(3)? })
    });
    Ok(standing.optional()?)
}

fn extent(row: &Row<'_>, first: usize) -> rusqlite::Result<Extent> {
    Ok(Extent {
        first: number(row, first)?,
        last: number(row, first + 1)?,
        count: number(row, first + 2)?,
    })
}

fn alarm(row: &Row<'_>) -> rusqlite::Result<Option<Alarm>> {
    let Some(cause) = Cause::from_code(row.get(1)?) else { return Ok(None) };
    let device = row.get_ref(2)?.as_blob()?;
    Ok(Some(Alarm {
        id: number(row, 0)?,
        cause,
        device: device.try_into().ok().map(DeviceId),
        extent: extent(row, 3)?,
        at: number(row, 6)?,
        healed_at: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
        dismissed: row.get(8)?,
    }))
}
