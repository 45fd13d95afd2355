//! Sealed images beside the records that show them.
//!
//! **Invariants:** what is kept under a hash has that hash. An image is on the disk before a record that names it is
//! written here. Only images that no record names are ever removed.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use seshat_protocol::{Bytes32, DocumentId};
use sha2::{Digest, Sha256};

use crate::row::{array, hashes};
use crate::{Store, StoreError};

/// Which images the records of this laptop name, the newest record first.
const NAMED: &str = "SELECT blobs FROM records WHERE length(blobs) > 0 ORDER BY arrival DESC";

impl Store {
    /// Keeps a sealed image; its hash. One that is here stays.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_blob(&mut self, sealed: &[u8]) -> Result<Bytes32, StoreError> {
        let writing = self.write()?;
        let hash = keep(&writing, sealed)?;
        writing.commit()?;
        Ok(hash)
    }

    /// Keeps a sealed image that came from elsewhere, if it has this hash; whether it has.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_blob_as(&mut self, hash: Bytes32, sealed: &[u8]) -> Result<bool, StoreError> {
        if hash_of(sealed) != hash {
            return Ok(false);
        }
        self.keep_blob(sealed)?;
        Ok(true)
    }

    /// A sealed image.
    ///
    /// # Errors
    /// What the disk says.
    pub fn blob(&self, hash: Bytes32) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT sealed FROM blobs WHERE hash = ?1")?;
        Ok(statement.query_row([hash.0], |row| row.get(0)).optional()?)
    }

    /// Whether an image is here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn has_blob(&self, hash: Bytes32) -> Result<bool, StoreError> {
        has(&self.connection, hash)
    }

    /// Whether an image is here, or a record that is here names it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn knows_blob(&self, hash: Bytes32) -> Result<bool, StoreError> {
        Ok(self.has_blob(hash)? || self.named_blobs()?.contains(&hash))
    }

    /// The images that a document's records name.
    ///
    /// # Errors
    /// What the disk says.
    pub fn blobs_of(&self, document: DocumentId) -> Result<HashSet<Bytes32>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT blobs FROM records WHERE document = ?1 AND length(blobs) > 0",
        )?;
        let found = statement.query_map([document.0], |row| hashes(row, 0))?;
        let found: Vec<Vec<Bytes32>> = found.collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The images that any record names, those of the newest first, each once.
    ///
    /// # Errors
    /// What the disk says.
    pub fn named_blobs(&self) -> Result<Vec<Bytes32>, StoreError> {
        let mut statement = self.connection.prepare_cached(NAMED)?;
        let found = statement.query_map([], |row| hashes(row, 0))?;
        let (mut seen, mut named) = (HashSet::new(), Vec::new());
        for blobs in found {
            named.extend(blobs?.into_iter().filter(|hash| seen.insert(*hash)));
        }
        Ok(named)
    }

    /// The images that records name and that are not here, those of the newest records first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn missing_blobs(&self) -> Result<Vec<Bytes32>, StoreError> {
        let mut missing = Vec::new();
        for hash in self.named_blobs()? {
            if !self.has_blob(hash)? {
                missing.push(hash);
            }
        }
        Ok(missing)
    }

    /// Removes images that no record names; how many. To be called while no text is open that could
    /// still come to show one.
    ///
    /// # Errors
    /// What the disk says; then nothing was removed.
    pub fn sweep_blobs(&mut self) -> Result<usize, StoreError> {
        let named: HashSet<_> = self.named_blobs()?.into_iter().collect();
        let surplus: Vec<_> =
            self.kept_blobs()?.into_iter().filter(|hash| !named.contains(hash)).collect();
        if surplus.is_empty() {
            return Ok(0);
        }
        let writing = self.write()?;
        for hash in &surplus {
            writing.prepare_cached("DELETE FROM blobs WHERE hash = ?1")?.execute([hash.0])?;
        }
        writing.commit()?;
        Ok(surplus.len())
    }

    /// The images that are here.
    pub(crate) fn kept_blobs(&self) -> Result<Vec<Bytes32>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT hash FROM blobs")?;
        let found = statement.query_map([], |row| array(row, 0).map(Bytes32))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Lets go of an image, which a sync fetches again if a record names it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn forget_blob(&mut self, hash: Bytes32) -> Result<(), StoreError> {
        let writing = self.write()?;
        writing.prepare_cached("DELETE FROM blobs WHERE hash = ?1")?.execute([hash.0])?;
        writing.commit()
    }

    /// Forgets what is kept under a hash that it does not have, so that it is fetched again; how many those were.
    ///
    /// # Errors
    /// What the disk says.
    pub fn drop_damaged_blobs(&mut self) -> Result<usize, StoreError> {
        let mut damaged = Vec::new();
        for hash in self.kept_blobs()? {
            if self.blob(hash)?.is_some_and(|sealed| hash_of(&sealed) != hash) {
                damaged.push(hash);
            }
        }
        if damaged.is_empty() {
            return Ok(0);
        }
        let writing = self.write()?;
        for hash in &damaged {
            writing.prepare_cached("DELETE FROM blobs WHERE hash = ?1")?.execute([hash.0])?;
        }
        writing.commit()?;
        Ok(damaged.len())
    }

    /// Every image against its hash.
    pub(crate) fn blobs_are_whole(&self) -> Result<(), StoreError> {
        for hash in self.kept_blobs()? {
            if self.blob(hash)?.is_some_and(|sealed| hash_of(&sealed) != hash) {
                return Err(StoreError::damaged("an image is not the one that was kept"));
            }
        }
        Ok(())
    }
}

/// Takes over the images of another store that are whole.
pub(crate) fn absorb(writing: &Transaction<'_>, other: &Store) -> Result<(), StoreError> {
    for hash in other.kept_blobs()? {
        if has(writing, hash)? {
            continue;
        }
        if let Some(sealed) = other.blob(hash)?.filter(|sealed| hash_of(sealed) == hash) {
            keep(writing, &sealed)?;
        }
    }
    Ok(())
}

pub(crate) fn keep(writing: &Transaction<'_>, sealed: &[u8]) -> Result<Bytes32, StoreError> {
    let hash = hash_of(sealed);
    writing
        .prepare_cached("INSERT OR IGNORE INTO blobs (hash, sealed) VALUES (?1, ?2)")?
        .execute(params![hash.0, sealed])?;
    Ok(hash)
}

fn has(connection: &Connection, hash: Bytes32) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM blobs WHERE hash = ?1")?.exists([hash.0])?)
}

/// The name under which a sealed image is kept: the SHA-256 of its bytes.
#[must_use]
pub fn hash_of(sealed: &[u8]) -> Bytes32 {
    Bytes32(Sha256::digest(sealed).into())
}
