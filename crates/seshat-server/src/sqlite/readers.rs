//! A few connections that read, each on a thread of tokio's blocking pool while it does, but for what is found by its key.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{database, failure};
use crate::meta::MetaError;

/// Connections at most. Reads come out of the page cache; more would only wait for the same processors.
const READERS: usize = 4;

/// See the module.
pub(super) struct Readers {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    /// No connection yet: the first reads open them.
    pub(super) fn new(path: &Path) -> Self {
        let permits = Arc::new(Semaphore::new(READERS));
        Self { path: path.to_owned(), permits, idle: Arc::default() }
    }

    /// Runs `work` in one read transaction: it sees one moment.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, MetaError> {
        let permit =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|_| MetaError::Stopped)?;
        let (idle, path) = (Arc::clone(&self.idle), self.path.clone());
        let task = tokio::task::spawn_blocking(move || {
            let spare = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match spare {
                Some(connection) => connection,
                None => database::connect_reader(&path)?,
            };
            let value = {
                let transaction = connection.unchecked_transaction()?;
                work(&transaction)?
            };
            put_back(&idle, connection, &permit);
            Ok(value)
        });
        match task.await {
            Ok(result) => result.map_err(|error: rusqlite::Error| failure(&error)),
            Err(_) => Err(MetaError::Failed("a read panicked".to_owned())),
        }
    }

    /// Runs `work`, which is one statement that finds a row by its key. It reads a handful of pages, nearly always out of
    /// memory, and never waits for the writer: less than handing it to another thread would cost.
    pub(super) async fn find<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, MetaError> {
        // The permit is kept until the connection is back.
        let Some((permit, connection)) = self.spare() else { return self.run(work).await };
        let value = work(&connection).map_err(|error| failure(&error))?;
        put_back(&self.idle, connection, &permit);
        Ok(value)
    }

    /// An idle connection, if there is one.
    fn spare(&self) -> Option<(OwnedSemaphorePermit, Connection)> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some((permit, connection))
    }

    /// Refuses further reads and closes what is idle.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Only after a read that went well: a connection that failed is dropped, and the next read opens a fresh one.
fn put_back(idle: &Mutex<Vec<Connection>>, connection: Connection, permit: &OwnedSemaphorePermit) {
    if !permit.semaphore().is_closed() {
        idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
