//! Opening, closing, and the transaction that every write goes through.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{StoreError, files, schema};

/// One laptop's store, held by this process alone until it is dropped. Not `Sync`: callers that share it put
/// it behind a lock, and every call touches the disk, so none belongs on a thread that must not wait.
#[derive(Debug)]
pub struct Store {
    // Dropped in this order: the database is closed before the folder's lock is given back.
    pub(crate) connection: Connection,
    _lock: File,
}

impl Store {
    /// Makes an empty store in `dir`, which is made as well if it is not there, for nobody but this user.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::InUse`], or what the disk says. A store that could not be made
    /// completely does not exist.
    pub fn create(dir: &Path) -> Result<Self, StoreError> {
        files::make_folder(dir)?;
        let lock = files::lock(dir)?;
        if files::database(dir).try_exists()? {
            return Err(StoreError::Exists);
        }
        let unfinished = files::unfinished(dir)?;
        schema::make(&unfinished)?;
        files::finish(dir, &unfinished)?;
        Self::open_locked(dir, lock)
    }

    /// Opens the store in `dir`.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::InUse`], [`StoreError::Newer`], [`StoreError::Damaged`], or what
    /// the disk says. Damage that lies in the records is found by [`Store::integrity`], not here.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        if !files::database(dir).try_exists()? {
            return Err(StoreError::Missing);
        }
        let lock = files::lock(dir)?;
        Self::open_locked(dir, lock)
    }

    fn open_locked(dir: &Path, lock: File) -> Result<Self, StoreError> {
        files::make_private(dir);
        let connection = schema::open(&files::database(dir))?;
        Ok(Self { connection, _lock: lock })
    }

    /// Writes everything into the one file and empties the log beside it: after this, what was deleted or
    /// overwritten is in no file. Called when the vault is locked; closing does the same.
    ///
    /// # Errors
    /// What the disk says; nothing is lost then.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        schema::checkpoint(&self.connection)
    }

    /// Closes the store and says whether that worked. Dropping it does the same and says nothing.
    ///
    /// # Errors
    /// What the disk says; nothing is lost then.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.checkpoint()
    }

    /// A transaction that writes. Dropped without a commit it has never been.
    pub(crate) fn write(&mut self) -> Result<Transaction<'_>, StoreError> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Nobody is left to tell: a failed checkpoint is made good by the next opening.
        let _unsaid = schema::checkpoint(&self.connection);
    }
}
