//! What is too large for a database: bodies of large records and parts of blobs, all of them sealed, in a folder
//! or in a bucket of S3.
//!
//! **Invariants:** an object is named by its account and by the hash of what it belongs to, so that writing it twice
//! is writing it once. What [`Depot::put`] has answered is on the disk (or is the S3 server's). Of a body a reader
//! gets the bytes that were put, or an error. Nothing here knows what is still needed: see [`crate::gc`].

mod error;
mod folder;
mod key;
mod s3;

use std::sync::Arc;
use std::time::Duration;

pub use error::ObjectError;
use futures_util::future::ready;
use futures_util::stream::{BoxStream, TryChunksError};
use futures_util::{StreamExt, TryStreamExt};
use key::{DOOMED, KEPT};
pub use key::{Key, What};
pub(crate) use key::{hex, unhex};
use object_store::{GetOptions, GetResult, ObjectStore, ObjectStoreExt, PutPayload};
use seshat_protocol::{Bytes32, limits};
use sha2::{Digest, Sha256};

pub use bytes::Bytes;

use crate::config::Objects;

/// Bytes of an object at most; what is longer was not put by us.
const LONGEST: u64 = if limits::RECORD_BYTES > limits::BLOB_PART_BYTES {
    limits::RECORD_BYTES as u64
} else {
    limits::BLOB_PART_BYTES as u64
};

/// An object that lies in the depot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its name.
    pub key: Key,
    /// Its bytes.
    pub len: u64,
    /// When it was written, by the depot's clock; milliseconds since 1970.
    pub written_at: u64,
}

/// A list of objects, a page at a time. Dropped, it asks for no more.
pub type Pages = BoxStream<'static, Result<Vec<Found>, ObjectError>>;

/// Objects in a page of a list.
const PAGE: usize = 1000;

/// What [`Depot::put`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// There was none of this name, or a damaged one; now there is.
    Made,
    /// The very same was there. It may have been there for long, and be about to go.
    Known,
}

/// Where objects are kept.
#[derive(Clone)]
pub struct Depot {
    store: Arc<dyn ObjectStore>,
    /// Where crashes leave half-written files; a bucket has none.
    folder: Option<std::path::PathBuf>,
}

impl Depot {
    /// Opens a folder, which is made when it is not there, or a bucket, which is asked for nothing yet.
    ///
    /// # Errors
    /// When the folder cannot be made, or what describes the bucket makes no sense.
    pub fn open(at: &Objects) -> Result<Self, ObjectError> {
        match at {
            Objects::Folder(path) => {
                let store = folder::open(path)?;
                Ok(Self { store: Arc::new(store), folder: Some(path.clone()) })
            }
            Objects::S3(bucket) => Ok(Self { store: s3::open(bucket)?, folder: None }),
        }
    }

    /// Looks whether the folder or the bucket is there and can be read; the cheapest request there is.
    ///
    /// # Errors
    /// When it is not.
    pub async fn reachable(&self) -> Result<(), ObjectError> {
        let nobody = object_store::path::Path::from(format!("{KEPT}/nobody"));
        match self.store.head(&nobody).await.map_err(ObjectError::from) {
            Ok(_) | Err(ObjectError::Missing) => self.is_there(),
            Err(error) => Err(error),
        }
    }

    /// A folder that was taken away looks empty to the library.
    fn is_there(&self) -> Result<(), ObjectError> {
        match &self.folder {
            Some(folder) if !folder.is_dir() => {
                Err(ObjectError::Failed("its folder is not there".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Writes an object, unless the same body is there. A part takes the place of what was there.
    ///
    /// # Errors
    /// When it could not be written whole; then nothing was.
    pub async fn put(&self, key: Key, bytes: Bytes) -> Result<Put, ObjectError> {
        if let What::Body(_) = key.what {
            match self.get(key).await {
                Ok(_) => return Ok(Put::Known),
                Err(ObjectError::Missing | ObjectError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        self.store.put(&key.path(KEPT), PutPayload::from_bytes(bytes)).await?;
        Ok(Put::Made)
    }

    /// Reads an object. A body is the one that its name says.
    ///
    /// # Errors
    /// [`ObjectError::Missing`] when it is not there.
    pub async fn get(&self, key: Key) -> Result<Bytes, ObjectError> {
        let found = self.store.get(&key.path(KEPT)).await?;
        let bytes = whole(found).await?;
        match key.what {
            What::Body(hash) if hash_of(&bytes) != hash => Err(ObjectError::Damaged),
            What::Body(_) | What::Part { .. } => Ok(bytes),
        }
    }

    /// Whether an object is there, whole or not.
    ///
    /// # Errors
    /// When that cannot be told.
    pub async fn has(&self, key: Key) -> Result<bool, ObjectError> {
        match self.store.head(&key.path(KEPT)).await.map_err(ObjectError::from) {
            Ok(_) => Ok(true),
            Err(ObjectError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Some bytes of an object, which must have as many.
    ///
    /// # Errors
    /// [`ObjectError::Missing`] when it is not there, [`ObjectError::Damaged`] when it is shorter.
    pub async fn range(&self, key: Key, range: std::ops::Range<u64>) -> Result<Bytes, ObjectError> {
        let wanted = range.end.saturating_sub(range.start);
        if wanted == 0 || wanted > LONGEST {
            return Err(ObjectError::Damaged);
        }
        let options = GetOptions::new().with_range(Some(range));
        let found = self.store.get_opts(&key.path(KEPT), options).await?;
        let bytes = found.bytes().await?;
        if bytes.len() as u64 == wanted { Ok(bytes) } else { Err(ObjectError::Damaged) }
    }

    /// All that is kept, in no order, at most a thousand in a page; what was not put by us is passed over.
    #[must_use]
    pub fn kept(&self) -> Pages {
        self.below(KEPT)
    }

    /// The same for what is about to go.
    #[must_use]
    pub fn doomed(&self) -> Pages {
        self.below(DOOMED)
    }

    fn below(&self, root: &'static str) -> Pages {
        let prefix = object_store::path::Path::from(root);
        let objects = self.store.list(Some(&prefix)).map_err(ObjectError::from);
        let found = objects.try_filter_map(move |object| {
            let written_at = u64::try_from(object.last_modified.timestamp_millis()).unwrap_or(0);
            let key = Key::parse(&object.location, root);
            ready(Ok(key.map(|key| Found { key, len: object.size, written_at })))
        });
        found.try_chunks(PAGE).map_err(|TryChunksError(_, error)| error).boxed()
    }

    /// Takes an object out of sight, so that it can be brought back: between looking whether it is needed and
    /// removing it somebody may have come to need it.
    ///
    /// # Errors
    /// [`ObjectError::Missing`] when it is not there.
    pub async fn doom(&self, key: Key) -> Result<(), ObjectError> {
        Ok(self.store.rename(&key.path(KEPT), &key.path(DOOMED)).await?)
    }

    /// Brings it back.
    ///
    /// # Errors
    /// [`ObjectError::Missing`] when it is not there.
    pub async fn recall(&self, key: Key) -> Result<(), ObjectError> {
        Ok(self.store.rename(&key.path(DOOMED), &key.path(KEPT)).await?)
    }

    /// Removes what was doomed.
    ///
    /// # Errors
    /// When it could not be removed; one that is not there is removed.
    pub async fn forget(&self, key: Key) -> Result<(), ObjectError> {
        match self.store.delete(&key.path(DOOMED)).await.map_err(ObjectError::from) {
            Err(ObjectError::Missing) => Ok(()),
            other => other,
        }
    }

    /// Removes files that crashes left half-written, if they are older than `before` (milliseconds since 1970);
    /// how many.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn tidy(&self, before: u64) -> Result<u64, ObjectError> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let tidied = tokio::task::spawn_blocking(move || folder::tidy(&folder, before)).await;
        tidied.map_err(|_| ObjectError::Failed("tidying panicked".to_owned()))?
    }
}

/// All bytes of an object of a length that ours have.
async fn whole(found: GetResult) -> Result<Bytes, ObjectError> {
    if found.meta.size > LONGEST {
        return Err(ObjectError::Damaged);
    }
    Ok(found.bytes().await?)
}

/// SHA-256 of a body or blob.
pub(crate) fn hash_of(bytes: &[u8]) -> Bytes32 {
    Bytes32(Sha256::digest(bytes).into())
}

/// How long a request to an S3 server may take.
const PATIENCE: Duration = Duration::from_secs(30);
