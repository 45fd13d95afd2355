//! What comes from the server: rows and cursor in one transaction, so that neither is ever ahead of the other.

use rusqlite::{Transaction, params};
use seshat_protocol::{AccountId, Record};

use crate::records::release;
use crate::{
    Accepted, AcceptedRecord, Cause, Page, Store, StoreError, alarms, chain, covers, digest, row,
    server,
};

impl Store {
    /// Has everything read again from the server's beginning, so that what was damaged here is put right.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read_all_again(&mut self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE server SET cursor = 0", [])?;
        Ok(())
    }

    /// Stores a page: records that are new, the cursor behind it, and the epoch it belongs to. A record that is
    /// here already is passed over and leaves the outbox, because the server evidently has it. A record with the
    /// id of one that is here and other content is not stored and acknowledges nothing, unless the one that is
    /// here is in quarantine and nobody vouches for it. What does not fit a chain is stored like any other, because
    /// a listed device signed it, and raises an alarm in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::NoServer`], [`StoreError::OtherEpoch`] when the cursor belongs to another epoch,
    /// [`StoreError::NoVault`], or what the disk says. Then nothing of the page is stored.
    pub fn accept(&mut self, page: &Page) -> Result<Accepted, StoreError> {
        let transaction = self.write()?;
        let link = server::link(&transaction)?.ok_or(StoreError::NoServer)?;
        if link.epoch.is_some_and(|epoch| epoch != page.epoch) {
            return Err(StoreError::OtherEpoch);
        }
        let account = row::account(&transaction)?;
        let mut accepted = Accepted::default();
        for incoming in &page.records {
            accept_one(&transaction, account, incoming, page.at, &mut accepted)?;
        }
        // Never back: a page that was fetched twice must not undo the one that came after it.
        let cursor = page.next.max(link.cursor);
        transaction
            .prepare_cached("UPDATE server SET epoch = ?1, cursor = ?2")?
            .execute(params![page.epoch, cursor.cast_signed()])?;
        transaction.commit()?;
        Ok(accepted)
    }
}

fn accept_one(
    transaction: &Transaction<'_>,
    account: AccountId,
    incoming: &AcceptedRecord,
    at: u64,
    accepted: &mut Accepted,
) -> Result<(), StoreError> {
    let record = &incoming.record;
    let Some((arrival, held)) = row::find(transaction, record.id)? else {
        return insert(transaction, account, incoming, at, accepted);
    };
    let of_chain = held.place.is_some() || chain::is_vouched(transaction, arrival)?;
    if row::mend(transaction, account, (arrival, &held), (record, incoming.place.as_ref()))? {
        accepted.new.push(record.id);
        return Ok(());
    }
    if held.record != *record {
        let cause = (Cause::Altered, held.record.device);
        alarms::raise_at(transaction, cause, held.record.sequence, at)?;
        accepted.altered.push(record.id);
        if of_chain || !incoming.is_signed() {
            return Ok(());
        }
        // What was here may have been written by anybody; this one a listed device signed.
        alarms::heal_at(transaction, cause, held.record.sequence, at)?;
        acknowledged(transaction, arrival, &held.record)?;
        digest::remove(transaction, record.id, &held.record.replaces)?;
        row::remove(transaction, arrival)?;
        return insert(transaction, account, incoming, at, accepted);
    }
    alarms::heal_at(transaction, (Cause::Altered, record.device), record.sequence, at)?;
    let read = incoming.covers.as_deref();
    if let (None, Some(place)) = (held.place, &incoming.place) {
        let place = (place, read);
        accepted.forks.extend(release(transaction, account, (arrival, record), place, at)?);
        accepted.new.push(record.id);
    } else if let (Some(_), Some(_), Some(read)) = (held.place, &incoming.place, read) {
        // Its novel was closed when it came first, or what it contains was not yet known for another reason.
        if covers::forget_unread(transaction, arrival)? {
            covers::add(transaction, read, at)?;
        }
    } else if incoming.is_signed() && !of_chain {
        accepted.forks.extend(chain::vouch(transaction, account, (arrival, record), at)?);
    }
    acknowledged(transaction, arrival, record)
}

/// Stores a record whose id is not here.
fn insert(
    transaction: &Transaction<'_>,
    account: AccountId,
    incoming: &AcceptedRecord,
    at: u64,
    accepted: &mut Accepted,
) -> Result<(), StoreError> {
    let record = &incoming.record;
    let arrival = row::insert(transaction, account, record, incoming.place.as_ref())?;
    accepted.new.push(record.id);
    digest::add(transaction, record.id, &record.replaces)?;
    let this = (arrival, record);
    if incoming.place.is_some() {
        if !record.replaces.is_empty() {
            covers::take(transaction, arrival, incoming.covers.as_deref(), at)?;
        }
        accepted.forks.extend(chain::join(transaction, account, this, at)?);
        return Ok(());
    }
    accepted.quarantined += 1;
    if incoming.signed {
        accepted.forks.extend(chain::vouch(transaction, account, this, at)?);
    }
    // Else not verified: anybody may have written it, so it says nothing about a device's chain.
    Ok(())
}

/// The server evidently has this one.
fn acknowledged(
    transaction: &Transaction<'_>,
    arrival: i64,
    record: &Record,
) -> Result<(), StoreError> {
    let left =
        transaction.prepare_cached("DELETE FROM outbox WHERE arrival = ?1")?.execute([arrival])?;
    if left == 0 {
        return Ok(());
    }
    digest::add(transaction, record.id, &record.replaces)
}

impl AcceptedRecord {
    const fn is_signed(&self) -> bool {
        self.signed || self.place.is_some()
    }
}
