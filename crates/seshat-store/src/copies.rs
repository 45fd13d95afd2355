//! Copies of the whole store, and taking in what a copy has.
//!
//! **Invariants:** a copy has its name only once it is whole and on the disk. Looking into a copy changes nothing in
//! it, whatever its version. Taking in a copy removes nothing.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use rusqlite::Transaction;
use seshat_protocol::{AccountId, RecordId};

use crate::records::release;
use crate::row::array;
use crate::{HeldRecord, Store, StoreError, blobs, chain, covers, files, row, schema};

impl Store {
    /// Writes a copy of everything but the settings `without` to `path`, in the place of what may be there. It holds
    /// what was stored when the call began, in one file; it can be opened with [`Store::open_copy`], or as `seshat.db`
    /// of a folder.
    ///
    /// # Errors
    /// What the disk says. Then what was at `path` is as it was.
    pub fn copy_to(&self, path: &Path, without: &[&str]) -> Result<(), StoreError> {
        let unfinished = files::beside(path, ".new");
        files::empty(&unfinished)?;
        let written = self
            .write_copy(&unfinished)
            .and_then(|()| schema::forget_settings(&unfinished, without))
            .and_then(|()| files::rename(&unfinished, path));
        if written.is_err() {
            // What could not be finished is of no use to anybody; if it stays, the next copy removes it.
            let _stays = fs::remove_file(&unfinished);
        }
        written
    }

    fn write_copy(&self, path: &Path) -> Result<(), StoreError> {
        let name = path.to_str().ok_or_else(|| {
            StoreError::Io("the name of the copy is not text that SQLite takes".into())
        })?;
        self.connection.execute("VACUUM INTO ?1", [name])?;
        Ok(())
    }

    /// Opens a copy for looking into it; nothing can be written to it, and no lock is taken. A copy of an older
    /// version, and a database with a log beside it, are read into memory and brought up to date there.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Newer`], [`StoreError::Damaged`], or what the disk says.
    pub fn open_copy(path: &Path) -> Result<Self, StoreError> {
        if !path.try_exists()? {
            return Err(StoreError::Missing);
        }
        Ok(Self::of(schema::open_copy(path)?, path, None))
    }

    /// Whether the database is still where it was opened: not moved, removed, or replaced by another one. What is
    /// written while it is not would be gone with the next start.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        Identity::of(&self.path).is_some_and(|found| Some(found) == self.identity)
    }

    /// Takes in what another store of the same account has and this one has not: records with the places that they
    /// have there, images, and what is known of chains. Nothing that is here changes, but that records leave quarantine which
    /// have a place there. What is new goes into the outbox: that a server took it once does not say that it still has
    /// it. Caches, reports, settings, the vault and the server are not taken. `at` is the time in milliseconds since
    /// 1970, for alarms. Whether the records there are signed and open is for the caller to have seen. Returns how
    /// many were new.
    ///
    /// # Errors
    /// [`StoreError::NoVault`], [`StoreError::OtherAccount`], or what the disk says; then nothing has changed.
    pub fn absorb(&mut self, other: &Self, at: u64) -> Result<usize, StoreError> {
        self.absorb_sound(other, &mut |_| true, at)
    }

    /// As [`Store::absorb`], without the records that are not `sound`: whoever can open them is asked for each.
    ///
    /// # Errors
    /// As [`Store::absorb`].
    pub fn absorb_sound(
        &mut self,
        other: &Self,
        sound: &mut dyn FnMut(&HeldRecord) -> bool,
        at: u64,
    ) -> Result<usize, StoreError> {
        let writing = self.write()?;
        let account = row::account(&writing)?;
        if row::account(&other.connection)? != account {
            return Err(StoreError::OtherAccount { ours: account });
        }
        let signed = Signed { vouched: other.listed("vouched")?, unread: other.listed("unread")? };
        let mut new = 0;
        for held in other.all_records() {
            let held = held?;
            if sound(&held) {
                new += usize::from(take(&writing, account, &held, &signed, at)?);
            }
        }
        blobs::absorb(&writing, other)?;
        covers::add(&writing, &other.covered()?, at)?;
        for (device, head) in other.heads()? {
            let ours = row::head(&writing, device)?.sequence;
            // Its record was purged there, so there is none that could have raised ours. One that is not taken in for
            // another reason says nothing.
            if head.sequence > ours && chain::is_covered(&writing, device, head.sequence)? {
                chain::lack(&writing, device, (ours + 1, head.sequence))?;
                row::set_head(&writing, device, head)?;
            }
        }
        writing.commit()?;
        Ok(new)
    }

    /// The ids of the records that a table of arrivals lists.
    fn listed(&self, table: &'static str) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT r.id FROM {table} t CROSS JOIN records r ON r.arrival = t.arrival"
        ))?;
        let ids = statement.query_map([], |row| array(row, 0).map(RecordId))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}

/// What another store knows of its records beside their places.
struct Signed {
    vouched: BTreeSet<RecordId>,
    unread: BTreeSet<RecordId>,
}

/// Whether the record was new.
fn take(
    transaction: &Transaction<'_>,
    account: AccountId,
    HeldRecord { record, place }: &HeldRecord,
    signed: &Signed,
    at: u64,
) -> Result<bool, StoreError> {
    // What it covers is in the other store's list, unless it is unread there.
    let read = (!signed.unread.contains(&record.id)).then_some(&[][..]);
    let vouched = signed.vouched.contains(&record.id);
    let here = row::find(transaction, record.id)?;
    if let Some((arrival, held)) = here {
        if row::mend(transaction, account, (arrival, &held), (record, place.as_ref()))? {
            return Ok(true);
        }
        if held.place.is_some() || held.record != *record {
            return Ok(false);
        }
        let this = (arrival, record);
        if let Some(place) = place {
            release(transaction, account, this, (place, read), at)?;
        } else if vouched {
            chain::vouch(transaction, account, this, at)?;
        }
        return Ok(false);
    }
    let arrival = row::insert(transaction, account, record, place.as_ref())?;
    transaction.prepare_cached("INSERT INTO outbox (arrival) VALUES (?1)")?.execute([arrival])?;
    if place.is_some() {
        if !record.replaces.is_empty() {
            covers::take(transaction, arrival, read, at)?;
        }
        chain::join(transaction, account, (arrival, record), at)?;
    } else if vouched {
        chain::vouch(transaction, account, (arrival, record), at)?;
    }
    Ok(true)
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    pub(crate) fn of(path: &PathBuf) -> Option<Self> {
        fs::metadata(path).ok().map(|found| Self::from(&found))
    }
}

impl From<&Metadata> for Identity {
    #[cfg(unix)]
    fn from(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(found.dev(), found.ino())
    }

    /// Elsewhere an open file can be neither moved nor replaced; that one is there is all there is to see.
    #[cfg(not(unix))]
    fn from(_: &Metadata) -> Self {
        Self(0, 0)
    }
}
