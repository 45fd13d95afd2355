//! Numbers whose records are inside snapshots: what may be absent without being missing.
//!
//! **Invariants:** `covered` only grows. A snapshot says which numbers it contains inside what is sealed, so no server
//! can make a record that it withholds look purged. A record that replaces others and whose covers could not be read
//! is in `unread` until they are, and while there is one no gap is reported: what is missing may be its.

use rusqlite::{Connection, Transaction, params};
use seshat_protocol::{DeviceId, RecordId};

use crate::ranges::{Range, joined};
use crate::row::{self, array, count, number};
use crate::{Cover, HeldRecord, Store, StoreError, chain};

impl Store {
    /// The numbers of all devices whose content is in snapshots: together with the records that are here, everything
    /// that is not missing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn covered(&self) -> Result<Vec<Cover>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT device, first, last FROM covered")?;
        let covers = statement.query_map([], |row| {
            Ok(Cover {
                device: DeviceId(array(row, 0)?),
                first: number(row, 1)?,
                last: number(row, 2)?,
            })
        })?;
        Ok(Cover::joined(covers.collect::<Result<Vec<_>, _>>()?))
    }

    /// Records that replace others and of which it is not known which numbers they contain: to be opened, and told
    /// of by [`Store::set_covers`], as soon as they can be.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unread(&self) -> Result<Vec<HeldRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {} FROM unread u CROSS JOIN records r ON r.arrival = u.arrival ORDER BY u.arrival",
            row::COLUMNS
        ))?;
        let records = statement.query_map([], row::held)?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// Records have been opened, and say which numbers they contain. Those that are not unread change nothing. `at`
    /// is the time in milliseconds since 1970, for alarms that heal.
    ///
    /// # Errors
    /// What the disk says; then nothing has changed.
    pub fn set_covers(
        &mut self,
        read: &[(RecordId, Vec<Cover>)],
        at: u64,
    ) -> Result<(), StoreError> {
        let writing = self.write()?;
        for (id, covers) in read {
            if let Some((arrival, _)) = row::find(&writing, *id)?
                && forget_unread(&writing, arrival)?
            {
                add(&writing, covers, at)?;
            }
        }
        writing.commit()
    }
}

/// A record of a chain that replaces others has come, and says which numbers it contains or cannot be read.
pub(crate) fn take(
    transaction: &Transaction<'_>,
    arrival: i64,
    covers: Option<&[Cover]>,
    at: u64,
) -> Result<(), StoreError> {
    match covers {
        Some(covers) => {
            forget_unread(transaction, arrival)?;
            add(transaction, covers, at)
        }
        None => {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO unread (arrival) VALUES (?1)")?
                .execute([arrival])?;
            Ok(())
        }
    }
}

/// Whether the record was unread; it is not any more.
pub(crate) fn forget_unread(
    transaction: &Transaction<'_>,
    arrival: i64,
) -> Result<bool, StoreError> {
    let left =
        transaction.prepare_cached("DELETE FROM unread WHERE arrival = ?1")?.execute([arrival])?;
    Ok(left > 0)
}

/// These numbers are in snapshots, and no longer missing.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    covers: &[Cover],
    at: u64,
) -> Result<(), StoreError> {
    let covers = Cover::joined(covers.iter().copied());
    for of_device in covers.chunk_by(|one, next| one.device == next.device) {
        let Some(device) = of_device.first().map(|cover| cover.device) else { continue };
        let before = of(transaction, device)?;
        let new = of_device.iter().map(|cover| (cover.first, cover.last));
        let after = joined(before.iter().copied().chain(new).collect());
        if after == before {
            continue;
        }
        transaction.prepare_cached("DELETE FROM covered WHERE device = ?1")?.execute([device.0])?;
        for (first, last) in &after {
            transaction
                .prepare_cached("INSERT INTO covered (device, first, last) VALUES (?1, ?2, ?3)")?
                .execute(params![device.0, first.cast_signed(), last.cast_signed()])?;
        }
        chain::cut(transaction, device, &after, at)?;
    }
    Ok(())
}

/// What is covered of a device's chain, joined.
pub(crate) fn of(connection: &Connection, device: DeviceId) -> Result<Vec<Range>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT first, last FROM covered WHERE device = ?1")?;
    let ranges = statement.query_map([device.0], |row| Ok((number(row, 0)?, number(row, 1)?)))?;
    Ok(joined(ranges.collect::<Result<_, _>>()?))
}

/// How many are unread.
pub(crate) fn unread(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM unread")?;
    let unread = statement.query_row([], |row| count(row, 0))?;
    Ok(unread as u64)
}

/// Fills `unread` for records that were stored before it was kept.
pub(crate) fn count_unread(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(
        &format!(
            "INSERT OR IGNORE INTO unread (arrival) SELECT r.arrival FROM records r \
             WHERE length(r.replaces) > 0 AND {}",
            chain::CHAINED
        ),
        [],
    )?;
    Ok(())
}
