//! Each device's records are a chain: numbers without a gap, and every record names the hash of the one before.
//!
//! **Invariants:** only a record that a listed device signed is of a chain; anybody may write the others. A head
//! is the highest record of a chain that ever was here, and `missing` holds exactly the numbers below it that are
//! neither here nor in a snapshot, whatever the order in which records came.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction, params};
use seshat_protocol::{AccountId, DeviceId, FIRST_PREVIOUS, Record};

use crate::ranges::{Range, has, joined, without};
use crate::row::{self, COLUMNS, array, held, number};
use crate::{Cause, Extent, Fork, Gap, Gaps, Split, Store, StoreError, alarms, covers};

/// Which records are of a chain; `r` is the table.
pub(crate) const CHAINED: &str =
    "(r.kind IS NOT NULL OR r.arrival IN (SELECT arrival FROM vouched))";

impl Store {
    /// What is not here of every device's chain.
    ///
    /// # Errors
    /// What the disk says.
    pub fn gaps(&self) -> Result<Gaps, StoreError> {
        Ok(Gaps { devices: gaps(&self.connection)?, unread: covers::unread(&self.connection)? })
    }
}

/// To be called when everything up to the server's head has been stored: raises an alarm for each chain with a gap,
/// unless a snapshot is here that may explain it and cannot be read. Gaps heal by themselves, as soon as the last
/// missing record comes, or a snapshot that contains it.
pub(crate) fn report(transaction: &Transaction<'_>, at: u64) -> Result<(), StoreError> {
    if covers::unread(transaction)? > 0 {
        return Ok(());
    }
    for gap in gaps(transaction)? {
        alarms::raise(transaction, (Cause::Gap, Some(gap.device)), gap.extent, at)?;
    }
    Ok(())
}

/// Whether [`report`] would have something to say.
pub(crate) fn has_gap(transaction: &Transaction<'_>) -> Result<bool, StoreError> {
    Ok(covers::unread(transaction)? == 0 && !gaps(transaction)?.is_empty())
}

/// A record joins its device's chain: once for each record, when it is first known to be signed by that device.
/// Returns what does not fit; the record is kept all the same.
pub(crate) fn join(
    transaction: &Transaction<'_>,
    account: AccountId,
    (arrival, record): (i64, &Record),
    at: u64,
) -> Result<Option<Fork>, StoreError> {
    if record.sequence == 0 {
        // Never a device's: kept, and of no chain.
        return Ok(None);
    }
    let fork = misfit(transaction, account, (arrival, record))?;
    if let Some(fork) = fork {
        let cause = match fork.split {
            Split::SameNumber => Cause::SameNumber,
            Split::BrokenLink => Cause::BrokenLink,
        };
        alarms::raise_at(transaction, (cause, fork.device), fork.sequence, at)?;
    }
    let head = row::head(transaction, record.device)?.sequence;
    if record.sequence > head {
        if record.sequence - head > 1 {
            lack(transaction, record.device, (head + 1, record.sequence - 1))?;
        }
        row::raise_head(transaction, account, record)?;
    } else {
        arrived(transaction, record, at)?;
    }
    Ok(fork)
}

fn misfit(
    transaction: &Transaction<'_>,
    account: AccountId,
    (arrival, record): (i64, &Record),
) -> Result<Option<Fork>, StoreError> {
    let (device, sequence) = (record.device, record.sequence);
    let fork = |sequence, split| Some(Fork { device, sequence, split });
    let head = row::head(transaction, device)?;
    // Above the head there is nothing of this chain: the usual case, without a look.
    if sequence <= head.sequence {
        let others = numbered(transaction, device, sequence)?;
        if others.iter().any(|(other, _)| *other != arrival) {
            return Ok(fork(sequence, Split::SameNumber));
        }
        let hash = record.hash(account);
        let after = match sequence.checked_add(1) {
            Some(next) => numbered(transaction, device, next)?,
            None => Vec::new(),
        };
        if !after.is_empty() && !after.iter().any(|(_, next)| next.previous == hash) {
            return Ok(fork(sequence + 1, Split::BrokenLink));
        }
    }
    if follows(transaction, account, record, &head)? {
        return Ok(None);
    }
    Ok(fork(sequence, Split::BrokenLink))
}

/// Whether the record names a record that is here under the number before its own, or none is.
fn follows(
    transaction: &Transaction<'_>,
    account: AccountId,
    record: &Record,
    head: &crate::Head,
) -> Result<bool, StoreError> {
    if record.sequence == 1 {
        return Ok(record.previous == FIRST_PREVIOUS);
    }
    let before = record.sequence - 1;
    if before > head.sequence || (before == head.sequence && record.previous == head.hash) {
        return Ok(true);
    }
    let before = numbered(transaction, record.device, before)?;
    let named = |(_, other): &(i64, Record)| other.hash(account) == record.previous;
    Ok(before.is_empty() || before.iter().any(named))
}

/// The records of a device's chain that have this number; more than one is a fork.
fn numbered(
    connection: &Connection,
    device: DeviceId,
    sequence: u64,
) -> Result<Vec<(i64, Record)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, r.arrival FROM records r \
         WHERE r.device = ?1 AND r.sequence = ?2 AND {CHAINED} ORDER BY r.arrival"
    ))?;
    let records = statement.query_map(params![device.0, sequence.cast_signed()], |row| {
        Ok((row.get(row::COLUMN_COUNT)?, held(row)?.record))
    })?;
    Ok(records.collect::<Result<_, _>>()?)
}

/// A number that was missing, or a second record for one that was not.
fn arrived(transaction: &Transaction<'_>, record: &Record, at: u64) -> Result<(), StoreError> {
    let number = record.sequence;
    cut(transaction, record.device, &[(number, number)], at)
}

/// Numbers of a device that are here now, or in a snapshot: they are missing no longer.
pub(crate) fn cut(
    transaction: &Transaction<'_>,
    device: DeviceId,
    here: &[Range],
    at: u64,
) -> Result<(), StoreError> {
    let before = ranges(transaction, device)?;
    let mut left = 0;
    let mut touched = false;
    for range in &before {
        let pieces = without(*range, here);
        left += pieces.len();
        if pieces == [*range] {
            continue;
        }
        touched = true;
        transaction
            .prepare_cached("DELETE FROM missing WHERE device = ?1 AND first = ?2")?
            .execute(params![device.0, range.0.cast_signed()])?;
        for piece in pieces {
            add(transaction, device, piece)?;
        }
    }
    if touched && left == 0 {
        alarms::heal_of(transaction, (Cause::Gap, device), at)?;
    }
    Ok(())
}

/// Numbers of a device that are not here: missing, but for those that a snapshot contains.
pub(crate) fn lack(
    transaction: &Transaction<'_>,
    device: DeviceId,
    range: Range,
) -> Result<(), StoreError> {
    for piece in without(range, &covers::of(transaction, device)?) {
        add(transaction, device, piece)?;
    }
    Ok(())
}

fn add(
    transaction: &Transaction<'_>,
    device: DeviceId,
    (first, last): Range,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO missing (device, first, last) VALUES (?1, ?2, ?3)")?
        .execute(params![device.0, first.cast_signed(), last.cast_signed()])?;
    Ok(())
}

fn ranges(connection: &Connection, device: DeviceId) -> Result<Vec<Range>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT first, last FROM missing WHERE device = ?1")?;
    let ranges = statement.query_map([device.0], |row| Ok((number(row, 0)?, number(row, 1)?)))?;
    Ok(ranges.collect::<Result<_, _>>()?)
}

fn gaps(connection: &Connection) -> Result<Vec<Gap>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT device, first, last FROM missing")?;
    let mut rows = statement.query([])?;
    let mut gaps: BTreeMap<DeviceId, Extent> = BTreeMap::new();
    while let Some(found) = rows.next()? {
        let (first, last) = (number(found, 1)?, number(found, 2)?);
        let count = last.saturating_sub(first).saturating_add(1);
        let range = Extent { first, last, count };
        gaps.entry(DeviceId(array(found, 0)?))
            .and_modify(|gap| {
                gap.first = gap.first.min(first);
                gap.last = gap.last.max(last);
                gap.count = gap.count.saturating_add(count);
            })
            .or_insert(range);
    }
    Ok(gaps.into_iter().map(|(device, extent)| Gap { device, extent }).collect())
}

/// The ranges as they follow from the records, the heads and what is covered, for a database that had none and for a
/// check.
pub(crate) fn counted(
    connection: &Connection,
) -> Result<BTreeSet<(DeviceId, u64, u64)>, StoreError> {
    let mut statement = connection
        .prepare(&format!("SELECT r.device, r.sequence FROM records r WHERE {CHAINED}"))?;
    let mut rows = statement.query([])?;
    let mut chains: BTreeMap<DeviceId, Vec<Range>> = BTreeMap::new();
    while let Some(found) = rows.next()? {
        let number = number(found, 1)?;
        chains.entry(DeviceId(array(found, 0)?)).or_default().push((number, number));
    }
    let mut missing = BTreeSet::new();
    let mut heads = connection.prepare("SELECT device, sequence FROM heads")?;
    let mut heads = heads.query([])?;
    while let Some(found) = heads.next()? {
        let device = DeviceId(array(found, 0)?);
        let mut here = chains.remove(&device).unwrap_or_default();
        here.extend(covers::of(connection, device)?);
        let all = (1, number(found, 1)?);
        let left = without(all, &joined(here));
        missing.extend(left.into_iter().map(|(first, last)| (device, first, last)));
    }
    Ok(missing)
}

/// Fills `missing` for records that were stored before it was kept.
pub(crate) fn count(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM missing", [])?;
    for (device, first, last) in counted(transaction)? {
        add(transaction, device, (first, last))?;
    }
    Ok(())
}

/// Whether a snapshot contains this number.
pub(crate) fn is_covered(
    connection: &Connection,
    device: DeviceId,
    number: u64,
) -> Result<bool, StoreError> {
    Ok(has(&covers::of(connection, device)?, number))
}

/// What is stored in `missing`.
pub(crate) fn stored(
    connection: &Connection,
) -> Result<BTreeSet<(DeviceId, u64, u64)>, StoreError> {
    let mut statement = connection.prepare("SELECT device, first, last FROM missing")?;
    let ranges = statement
        .query_map([], |row| Ok((DeviceId(array(row, 0)?), number(row, 1)?, number(row, 2)?)))?;
    Ok(ranges.collect::<Result<_, _>>()?)
}

/// A record in quarantine that a listed device signed.
pub(crate) fn vouch(
    transaction: &Transaction<'_>,
    account: AccountId,
    (arrival, record): (i64, &Record),
    at: u64,
) -> Result<Option<Fork>, StoreError> {
    if is_vouched(transaction, arrival)? {
        return Ok(None);
    }
    let fork = join(transaction, account, (arrival, record), at)?;
    transaction.prepare_cached("INSERT INTO vouched (arrival) VALUES (?1)")?.execute([arrival])?;
    if !record.replaces.is_empty() {
        covers::take(transaction, arrival, None, at)?;
    }
    Ok(fork)
}

/// Whether a record in quarantine is of a chain already.
pub(crate) fn is_vouched(transaction: &Transaction<'_>, arrival: i64) -> Result<bool, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT 1 FROM vouched WHERE arrival = ?1")?;
    Ok(statement.exists([arrival])?)
}
