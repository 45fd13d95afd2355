//! What comes from the server: rows and cursor in one transaction, so that neither is ever ahead of the other.

use rusqlite::{Transaction, params};
use seshat_protocol::AccountId;

use crate::records::release;
use crate::{Accepted, AcceptedRecord, Page, Store, StoreError, row, server};

impl Store {
    /// Stores a page: records that are new, the cursor behind it, and the epoch it belongs to. A record that is
    /// here already is passed over and leaves the outbox, because the server evidently has it. A record with the
    /// id of one that is here and other content is not stored and acknowledges nothing.
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
            accept_one(&transaction, account, incoming, &mut accepted)?;
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
    AcceptedRecord { record, place }: &AcceptedRecord,
    accepted: &mut Accepted,
) -> Result<(), StoreError> {
    let Some((arrival, held)) = row::find(transaction, record.id)? else {
        row::insert(transaction, account, record, place.as_ref())?;
        accepted.new.push(record.id);
        match place {
            Some(_) => row::raise_head(transaction, account, record)?,
            // Not verified: anybody may have written it, so it says nothing about a device's head.
            None => accepted.quarantined += 1,
        }
        return Ok(());
    };
    if held.record != *record {
        accepted.altered.push(record.id);
        return Ok(());
    }
    if let (None, Some(place)) = (held.place, place) {
        release(transaction, account, (arrival, record), place)?;
        accepted.new.push(record.id);
    }
    transaction.prepare_cached("DELETE FROM outbox WHERE arrival = ?1")?.execute([arrival])?;
    Ok(())
}
