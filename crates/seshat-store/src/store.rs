//! Opening, closing, and the transaction that every write goes through.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use crate::copies::Identity;
use crate::writing::Writing;
use crate::{StoreError, files, schema};

/// So few free pages are not worth rewriting the file.
const FEW_PAGES: i64 = 16;

/// One laptop's store, held by this process alone until it is dropped. Not `Sync`: callers that share it put
/// it behind a lock, and every call touches the disk, so none belongs on a thread that must not wait.
#[derive(Debug)]
pub struct Store {
    // Dropped in this order: the database is closed before the folder's lock is given back.
    pub(crate) connection: Connection,
    _lock: Option<File>,
    pub(crate) path: PathBuf,
    pub(crate) identity: Option<Identity>,
    /// How many writes succeed before one fails, and how.
    #[cfg(feature = "faults")]
    fault: Option<(u32, crate::Fault)>,
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
        let path = files::database(dir);
        let connection = schema::open(&path)?;
        Ok(Self::of(connection, &path, Some(lock)))
    }

    pub(crate) fn of(connection: Connection, path: &Path, lock: Option<File>) -> Self {
        let path = path.to_owned();
        Self {
            connection,
            _lock: lock,
            identity: Identity::of(&path),
            path,
            #[cfg(feature = "faults")]
            fault: None,
        }
    }

    /// Gives room that purging left back to the disk, where it is a quarter of the file and more than a few pages;
    /// says whether it did. As long as the file is rewritten, the disk needs room for it twice.
    ///
    /// # Errors
    /// What the disk says; then the file is as it was.
    pub fn give_back_room(&mut self) -> Result<bool, StoreError> {
        let pages =
            |what| self.connection.pragma_query_value(None, what, |row| row.get::<_, i64>(0));
        let (free, all) = (pages("freelist_count")?, pages("page_count")?);
        if free < FEW_PAGES || free.saturating_mul(4) < all {
            return Ok(false);
        }
        self.connection.execute_batch("VACUUM")?;
        Ok(true)
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
    #[cfg(not(feature = "faults"))]
    pub(crate) fn write(&mut self) -> Result<Writing<'_>, StoreError> {
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Writing::new(begun))
    }

    /// A transaction that writes, and perhaps fails.
    #[cfg(feature = "faults")]
    pub(crate) fn write(&mut self) -> Result<Writing<'_>, StoreError> {
        let fault = match self.fault {
            Some((0, fault)) => {
                self.fault = None;
                Some(fault)
            }
            Some((left, fault)) => {
                self.fault = Some((left - 1, fault));
                None
            }
            None => None,
        };
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Writing::new(begun, fault))
    }

    /// For tests: the write after the next `after` ones fails with [`StoreError::Io`], once.
    #[cfg(feature = "faults")]
    pub fn fail_write(&mut self, after: u32, fault: crate::Fault) {
        self.fault = Some((after, fault));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Nobody is left to tell: a failed checkpoint is made good by the next opening.
        let _unsaid = schema::checkpoint(&self.connection);
    }
}

#[cfg(test)]
mod tests {
    use seshat_protocol::{
        AccountId, Bytes64, DeviceId, DocumentId, FIRST_PREVIOUS, NovelId, Record, RecordId, Sealed,
    };

    use super::*;
    use crate::{AcceptedRecord, NewRecord, Page, StoredPlace, VaultOrigin, Write};

    const ACCOUNT: AccountId = AccountId([1; 16]);
    const PLACE: StoredPlace =
        StoredPlace { kind: 1, novel: NovelId([4; 16]), document: DocumentId([5; 16]) };

    fn record(device: u8) -> Record {
        Record {
            id: RecordId([device; 16]),
            device: DeviceId([device; 16]),
            sequence: 1,
            previous: FIRST_PREVIOUS,
            header: Sealed(vec![6; 90]),
            body: Sealed(vec![7; 200_000]),
            replaces: Vec::new(),
            blobs: Vec::new(),
            signature: Bytes64([8; 64]),
        }
    }

    type Attempt = fn(&mut Store) -> Result<(), StoreError>;

    /// One write of every kind, each too large for a file that must not grow.
    fn writes() -> [Attempt; 4] {
        [
            |store| {
                let records =
                    vec![NewRecord { record: record(2), place: PLACE, covers: Vec::new() }];
                store.append(&Write { records, ..Write::default() })
            },
            |store| {
                let (place, covers) = (Some(PLACE), None);
                let records =
                    vec![AcceptedRecord { record: record(3), place, signed: true, covers }];
                let page = Page { records, next: 1, epoch: "first".to_owned(), at: 1 };
                store.accept(&page).map(|_| ())
            },
            |store| {
                let settings: [(&str, Option<&[u8]>); 1] = [("a", Some(b"b"))];
                store.save_vault(ACCOUNT, &[9; 200_000], VaultOrigin::Here, &settings)
            },
            |store| store.set_setting("long", Some(&[9; 200_000])),
        ]
    }

    #[test]
    fn every_write_that_finds_no_room_says_so_leaves_nothing_and_succeeds_later() {
        for (number, write) in writes().into_iter().enumerate() {
            let dir = tempfile::tempdir().unwrap();
            let mut store = Store::create(&dir.path().join("vault")).unwrap();
            store.save_vault(ACCOUNT, b"blob", VaultOrigin::Here, &[]).unwrap();
            store.link_server("https://sync.example.org", "ada@example.org").unwrap();
            let limit = |store: &Store, pages: u32| {
                store
                    .connection
                    .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
                    .unwrap();
            };
            limit(&store, 1);
            assert!(matches!(write(&mut store), Err(StoreError::DiskFull)), "write {number}");
            assert_eq!(store.all_records().count(), 0, "write {number}");
            assert_eq!(store.waiting().unwrap(), 0, "write {number}");
            assert_eq!(store.heads().unwrap().len(), 0, "write {number}");
            assert_eq!(store.server().unwrap().unwrap().cursor, 0, "write {number}");
            assert_eq!(store.vault().unwrap().unwrap().blob, b"blob", "write {number}");
            assert_eq!(store.setting("a").unwrap(), None, "write {number}");
            store.integrity().unwrap();
            limit(&store, u32::MAX - 1);
            write(&mut store).unwrap();
            store.integrity().unwrap();
        }
    }

    #[test]
    fn a_saved_write_is_on_the_disk_and_not_only_in_the_system_s_memory() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let pragma = |name: &str| {
            let value = store.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
            value.unwrap_or(-1_i64)
        };
        let found = ["synchronous", "secure_delete", "temp_store", "foreign_keys"].map(pragma);
        assert_eq!(found, [2, 1, 2, 1], "FULL, ON, MEMORY, ON");
    }
}
