//! What a round of sync finds out about the server's history, and what is done about it.
//!
//! **Invariant:** nothing here removes a record. Of what the server has not, everything is offered to it again.

use rusqlite::{OptionalExtension, Transaction, params};
use seshat_protocol::Digest;

use crate::{Cause, Compared, Extent, Store, StoreError, alarms, chain, digest, outbox};

/// The setting that says when everything was last read again because of a digest, in milliseconds since 1970.
const READ_AGAIN: &str = "read-again";
/// How long a server that never agrees is spared from being read as a whole, in milliseconds: an hour.
const PAUSE_MS: u64 = 60 * 60 * 1000;
/// The setting that says since when numbers have been missing without a break, in milliseconds since 1970.
const GAP_SINCE: &str = "gap-since";

impl Store {
    /// The server's history is another one than this laptop knew: raises the alarm, puts every record back into the
    /// outbox and the cursor back to 0, in one transaction.
    ///
    /// # Errors
    /// What the disk says; then nothing has changed.
    pub fn other_history(
        &mut self,
        cause: Cause,
        extent: Extent,
        at: u64,
    ) -> Result<(), StoreError> {
        let transaction = self.write()?;
        alarms::raise(&transaction, (cause, None), extent, at)?;
        outbox::offer_again(&transaction)?;
        transaction.commit()
    }

    /// Everything up to the server's head is stored, and `shown` is its digest of that moment. Raises an alarm if it
    /// is not that of the records which are held and do not wait. Unless everything has been read `again` in this
    /// round it is to be; with a server that never agrees, once an hour. Also reports gaps.
    ///
    /// # Errors
    /// What the disk says.
    pub fn compare(
        &mut self,
        shown: &Digest,
        again: bool,
        at: u64,
    ) -> Result<Compared, StoreError> {
        let transaction = self.write()?;
        let compared = compare(&transaction, shown, again, at)?;
        if compared != Compared::ReadAgain {
            chain::report(&transaction, at)?;
        }
        transaction.commit()?;
        Ok(compared)
    }

    /// As [`Store::compare`], where records come in any order: gaps are reported once numbers have been missing for
    /// `patience` milliseconds without a break.
    ///
    /// # Errors
    /// What the disk says.
    pub fn compare_patiently(
        &mut self,
        shown: &Digest,
        again: bool,
        (patience, at): (u64, u64),
    ) -> Result<Compared, StoreError> {
        let transaction = self.write()?;
        let compared = compare(&transaction, shown, again, at)?;
        if compared != Compared::ReadAgain {
            let since = read(&transaction, GAP_SINCE)?.filter(|since| *since <= at);
            match (chain::has_gap(&transaction)?, since) {
                (false, None) => {}
                (false, Some(_)) => forget(&transaction, GAP_SINCE)?,
                (true, None) => remember(&transaction, GAP_SINCE, at)?,
                (true, Some(since)) if at - since >= patience => chain::report(&transaction, at)?,
                (true, Some(_)) => {}
            }
        }
        transaction.commit()?;
        Ok(compared)
    }

    /// The author asks for a sync: a server that did not agree is read as a whole once more without waiting.
    ///
    /// # Errors
    /// What the disk says.
    pub fn may_read_again_now(&mut self) -> Result<(), StoreError> {
        if self.setting(READ_AGAIN)?.is_some() {
            self.set_setting(READ_AGAIN, None)?;
        }
        Ok(())
    }

    /// A round is over with everything offered and everything stored. If the digests agreed, what was wrong with
    /// the server's history is healed.
    ///
    /// # Errors
    /// What the disk says.
    pub fn round_done(&mut self, agreed: bool, at: u64) -> Result<(), StoreError> {
        if !agreed {
            return Ok(());
        }
        self.may_read_again_now()?;
        self.heal(&[Cause::Restored, Cause::HeadBack, Cause::OtherSet], at)
    }
}

fn compare(
    transaction: &Transaction<'_>,
    shown: &Digest,
    again: bool,
    at: u64,
) -> Result<Compared, StoreError> {
    if digest::stored(transaction)? == *shown {
        return Ok(Compared::Agrees);
    }
    alarms::raise(transaction, (Cause::OtherSet, None), Extent::one(0), at)?;
    if !again && may_read_again(transaction, at)? {
        // What is missing may come with it, so gaps are reported after that.
        remember(transaction, READ_AGAIN, at)?;
        return Ok(Compared::ReadAgain);
    }
    Ok(Compared::Differs)
}

fn may_read_again(transaction: &Transaction<'_>, at: u64) -> Result<bool, StoreError> {
    let last = read(transaction, READ_AGAIN)?;
    // A clock that was set back must not keep it from ever happening again.
    Ok(last.is_none_or(|last| at < last || at - last >= PAUSE_MS))
}

fn read(transaction: &Transaction<'_>, setting: &str) -> Result<Option<u64>, StoreError> {
    let found: Option<Vec<u8>> = transaction
        .prepare_cached("SELECT value FROM settings WHERE key = ?1")?
        .query_row([setting], |row| row.get(0))
        .optional()?;
    Ok(found.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
}

fn remember(transaction: &Transaction<'_>, setting: &str, at: u64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) \
             ON CONFLICT (key) DO UPDATE SET value = ?2",
        )?
        .execute(params![setting, at.to_be_bytes()])?;
    Ok(())
}

fn forget(transaction: &Transaction<'_>, setting: &str) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM settings WHERE key = ?1")?.execute([setting])?;
    Ok(())
}
