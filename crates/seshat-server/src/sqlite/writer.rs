//! The one thread that writes, and commits in groups.
//!
//! A commit waits for the disk. While it does, requests queue up; the next group takes them all, so that the
//! wait is shared instead of paid by each. **Invariant:** nobody is answered before the commit that holds
//! their work has returned.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::failure;
use crate::meta::MetaError;

/// Requests in one transaction at most.
const GROUP: usize = 64;
/// How long a transaction goes on taking requests: bounds how long the first one waits for the last.
const GROUP_TIME: Duration = Duration::from_millis(50);
/// Requests that may wait; further ones wait outside, in their own tasks.
const QUEUE: usize = 64;

/// See the module.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("seshat-writer".to_owned())
            .spawn(move || write(&connection, receiver))?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Runs `work` inside a transaction and answers once that is on the disk.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, MetaError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Typed { work, value: None, reply });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        queue.ok_or(MetaError::Stopped)?.send(job).await.map_err(|_| MetaError::Stopped)?;
        answer.await.map_err(|_| MetaError::Stopped)?
    }

    /// Takes no more work, does what is queued, and ends the thread.
    pub(super) fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic of the thread has already been reported; there is nothing left to save.
            drop(thread.join());
        }
    }
}

/// A request in the queue.
trait Job: Send {
    /// Does the work, which may be done more than once; only the last time counts.
    fn run(&mut self, connection: &Connection) -> Result<(), MetaError>;
    /// Answers.
    fn finish(self: Box<Self>, committed: Result<(), MetaError>);
}

struct Typed<T, F> {
    work: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, MetaError>>,
}

impl<T: Send, F: Fn(&Connection) -> rusqlite::Result<T> + Send> Job for Typed<T, F> {
    fn run(&mut self, connection: &Connection) -> Result<(), MetaError> {
        self.value = Some((self.work)(connection).map_err(|error| failure(&error))?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), MetaError>) {
        let value = self.value.ok_or_else(|| MetaError::Failed("the work did not end".to_owned()));
        // Who asked may have gone away; what was committed stays, and asking again is harmless.
        let _gone = self.reply.send(committed.and(value));
    }
}

fn write(connection: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.blocking_recv() {
        commit(connection, first, || queue.try_recv().ok());
    }
    // A server that stops leaves one file. Without this the data would still be whole, in two.
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
}

/// Commits `first` together with what `more` gives; when that cannot be done, each by itself, so that the one
/// that is too large for what room is left does not fail the others.
fn commit(
    connection: &Connection,
    first: Box<dyn Job>,
    more: impl FnMut() -> Option<Box<dyn Job>>,
) {
    let mut group = vec![first];
    match together(connection, &mut group, more) {
        Ok(results) => {
            for (job, result) in group.into_iter().zip(results) {
                job.finish(result);
            }
        }
        Err(error) => match <[Box<dyn Job>; 1]>::try_from(group) {
            Ok([job]) => job.finish(Err(error)),
            Err(group) => group.into_iter().for_each(|job| commit(connection, job, none)),
        },
    }
}

fn none() -> Option<Box<dyn Job>> {
    None
}

/// One transaction, one savepoint for each job; `group` grows by what `more` gives meanwhile. `Err` when the
/// transaction as a whole came to nothing.
fn together(
    connection: &Connection,
    group: &mut Vec<Box<dyn Job>>,
    mut more: impl FnMut() -> Option<Box<dyn Job>>,
) -> Result<Vec<Result<(), MetaError>>, MetaError> {
    let failed = |error: rusqlite::Error| failure(&error);
    let began = Instant::now();
    // Dropped without a commit it rolls back, unless SQLite has already done so.
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
    let mut results = Vec::new();
    while let Some(job) = group.get_mut(results.len()) {
        say(connection, "SAVEPOINT job").map_err(failed)?;
        let result = guarded(job.as_mut(), connection);
        // On a full disk SQLite may roll the whole transaction back by itself; going on would write outside
        // of any.
        if connection.is_autocommit() {
            let lost = MetaError::Failed("the transaction was rolled back".to_owned());
            return Err(result.err().unwrap_or(lost));
        }
        if result.is_err() {
            say(connection, "ROLLBACK TO job").map_err(failed)?;
        }
        say(connection, "RELEASE job").map_err(failed)?;
        results.push(result);
        if group.len() < GROUP && began.elapsed() < GROUP_TIME {
            group.extend(more());
        }
    }
    transaction.commit().map_err(failed)?;
    Ok(results)
}

/// A word that is said for each job.
fn say(connection: &Connection, word: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(word)?.execute([]).map(drop)
}

/// A panic in one job must not end the thread that everybody's writing depends on.
fn guarded(job: &mut dyn Job, connection: &Connection) -> Result<(), MetaError> {
    catch_unwind(AssertUnwindSafe(|| job.run(connection)))
        .unwrap_or_else(|_| Err(MetaError::Failed("a write panicked".to_owned())))
}
