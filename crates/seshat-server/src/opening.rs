//! Opening what the server keeps, where [`Config`] says.
//!
//! **Invariant:** one server for each data folder with a database in it, held by a lock on a file for as long as the
//! database is open. A command of the operator may work beside it, if both know the same version of the database. On
//! PostgreSQL there may be any number of servers.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, Database};
use crate::meta::MetaStore;
use crate::objects::{Depot, ObjectError};
use crate::postgres::{self, Address, PostgresStore};
use crate::sqlite::{self, SqliteStore};

/// The database's name in the data folder.
const DATABASE: &str = "server.db";
/// The lock's name in the data folder.
const LOCK: &str = "server.lock";

/// Why what the server keeps could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has the data folder.
    #[error("another seshat-server is already running on {}", .0.display())]
    InUse(PathBuf),
    /// A server with another version of the database has the data folder.
    #[error(
        "a seshat-server of another version is running on {}; stop it, or use its own program",
        .0.display()
    )]
    OtherVersion(PathBuf),
    /// There is no database where one was expected.
    #[error("{} holds no data of a seshat-server", .0.display())]
    Nothing(PathBuf),
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The database in it cannot be used.
    #[error("the database in {} cannot be used", .0.display())]
    Database(PathBuf, #[source] sqlite::OpenError),
    /// PostgreSQL cannot be used.
    #[error("the database cannot be used")]
    Postgres(#[source] postgres::OpenError),
    /// The folder or the bucket for large bodies cannot be used.
    #[error("the place for large bodies cannot be used")]
    Objects(#[from] ObjectError),
}

/// Who opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A server, or what must not meet one. What is not there yet is made.
    Server,
    /// A command of the operator, which may work beside a server. No data folder is made.
    Operator,
}

/// What the server keeps, open.
pub struct Opened {
    store: Store,
    depot: Depot,
    /// `None` beside a server that runs, and on PostgreSQL.
    lock: Option<File>,
}

enum Store {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
}

impl Opened {
    /// Accounts, vaults and records.
    #[must_use]
    pub fn store(&self) -> Arc<dyn MetaStore> {
        match &self.store {
            Store::Sqlite(store) => Arc::clone(store) as Arc<dyn MetaStore>,
            Store::Postgres(store) => Arc::clone(store) as Arc<dyn MetaStore>,
        }
    }

    /// Large bodies and blobs.
    #[must_use]
    pub fn depot(&self) -> &Depot {
        &self.depot
    }

    /// Finishes what was begun, closes the database and then lets go of the data folder.
    pub async fn close(self) {
        match self.store {
            Store::Postgres(store) => store.close(),
            Store::Sqlite(store) => {
                // A panic while closing has been reported where it happened; the lock must go all the same.
                drop(tokio::task::spawn_blocking(move || store.close()).await);
            }
        }
        drop(self.lock);
    }
}

/// Opens what `config` names.
///
/// # Errors
/// When it is in use, cannot be used, or was written by a newer server.
pub async fn open(config: &Config, who: Who) -> Result<Opened, OpenError> {
    let (store, lock) = match &config.database {
        Database::Folder => {
            let (store, lock) = folder(config, who).await?;
            (Store::Sqlite(Arc::new(store)), lock)
        }
        Database::Postgres { url, password, connections } => {
            let at = Address { url, password: password.as_deref(), connections: *connections };
            let store = PostgresStore::open(at, (config.clock)()).await;
            (Store::Postgres(Arc::new(store.map_err(OpenError::Postgres)?)), None)
        }
    };
    Ok(Opened { store, depot: Depot::open(&config.objects_at())?, lock })
}

async fn folder(config: &Config, who: Who) -> Result<(SqliteStore, Option<File>), OpenError> {
    let (data, room, now) = (config.data.clone(), config.room, (config.clock)());
    let opened = tokio::task::spawn_blocking(move || {
        let path = database_in(&data);
        let unusable = |error| OpenError::Database(data.clone(), error);
        let lock = match who {
            Who::Server => Some(claim(&data)?),
            Who::Operator => beside(&data, &path)?,
        };
        let store = SqliteStore::open(&path, room, now).map_err(unusable)?;
        Ok((store, lock))
    });
    let panicked = |panicked| OpenError::Folder(config.data.clone(), io::Error::other(panicked));
    opened.await.map_err(panicked)?
}

/// The database of a data folder.
#[must_use]
pub fn database_in(data: &Path) -> PathBuf {
    data.join(DATABASE)
}

/// Makes the data folder, for its owner alone, and takes its lock.
///
/// # Errors
/// When another process has it, or it cannot be made.
pub fn claim(data: &Path) -> Result<File, OpenError> {
    let unusable = |error| OpenError::Folder(data.to_owned(), error);
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(data).map_err(unusable)?;
    let lock = File::create(data.join(LOCK)).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(data.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// The lock, or `None` beside a server of our version.
fn beside(data: &Path, path: &Path) -> Result<Option<File>, OpenError> {
    if !path.is_file() {
        return Err(OpenError::Nothing(data.to_owned()));
    }
    match claim(data) {
        Err(OpenError::InUse(_)) => {}
        claimed => return claimed.map(Some),
    }
    let found =
        sqlite::version(path).map_err(|error| OpenError::Database(data.to_owned(), error))?;
    if found == sqlite::SCHEMA_VERSION {
        Ok(None)
    } else {
        // Opening it would bring it up to our version under the server's hands.
        Err(OpenError::OtherVersion(data.to_owned()))
    }
}
