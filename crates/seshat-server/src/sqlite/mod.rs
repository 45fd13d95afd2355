//! The store of a single node: one SQLite file.
//!
//! **Invariant:** one thread writes. What it answers with "stored" has been synced to the disk (`synchronous =
//! FULL`), together with whatever else arrived meanwhile; each request stands in a savepoint of its own, so
//! one that fails takes no other with it. Readers see only what was committed.

mod accounts;
mod blobs;
mod database;
mod devices;
mod invites;
mod operations;
mod readers;
mod records;
mod replaced;
mod rows;
mod spent;
mod vault;
mod writer;

use std::path::Path;

use rusqlite::Connection;
use seshat_protocol::{AccountId, Bytes32, DeviceId, SignInKey, VaultReply};

use tokio::sync::broadcast;

use crate::joins::Joins;
use crate::meta::{
    AccountInfo, Answer, BlobBegun, BlobState, Created, Identity, JoinBox, Known, MetaError,
    MetaStore, Named, NewAccount, NewBlob, NewSession, Page, PageRequest, Push, Pushed, Registered,
    Seat, Sighting, Sweep, Swept, VaultChange, VaultOutcome,
};
pub use database::{OpenError, SCHEMA_VERSION, version};
use readers::Readers;
use spent::Spent;
use writer::Writer;

/// See the module.
pub struct SqliteStore {
    identity: Identity,
    readers: Readers,
    writer: Writer,
    spent: Spent,
    joins: Joins,
    began: u64,
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it. `room` bounds its size in bytes; `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// [`OpenError::Newer`] when a newer server has written it; the file is left as it is.
    pub fn open(path: &Path, room: Option<u64>, now: u64) -> Result<Self, OpenError> {
        let mut connection = database::connect(path)?;
        database::migrate(&mut connection)?;
        let identity = database::identity(&connection)?;
        if let Some(room) = room {
            database::limit(&connection, room)?;
        }
        // What is left of an account that was being deleted. On a full disk it may not go: then the next time.
        while matches!(operations::forget(&connection), Ok(true)) {}
        let writer = Writer::start(connection).map_err(OpenError::Thread)?;
        Ok(Self {
            identity,
            readers: Readers::new(path),
            writer,
            spent: Spent::new(),
            joins: Joins::default(),
            began: now,
        })
    }

    /// Ends the writing thread after what it has been given, and folds the log into the database. What is
    /// asked of the store afterwards is answered with [`MetaError::Stopped`]. Blocks.
    pub fn close(&self) {
        self.readers.close();
        self.writer.close();
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.readers.run(work))
    }

    /// For one statement that finds a row by its key.
    fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.readers.find(work))
    }

    /// `work` is `Fn`: it runs again, alone, when the group it was in could not be committed.
    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.writer.run(work))
    }
}

impl MetaStore for SqliteStore {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn rotate_epoch(&self) -> Answer<'_, String> {
        self.write(database::rotate_epoch)
    }

    fn ready(&self) -> Answer<'_, ()> {
        Box::pin(async {
            self.read(|connection| connection.query_row("SELECT 1 FROM server", [], |_| Ok(())))
                .await?;
            self.write(database::touch).await
        })
    }

    fn create_account(&self, new: NewAccount) -> Answer<'_, Created> {
        self.write(move |connection| accounts::create(connection, &new))
    }

    fn invite(&self, code_hash: [u8; 32], ends_at: u64) -> Answer<'_, ()> {
        self.write(move |connection| invites::add(connection, &code_hash, ends_at))
    }

    fn find(&self, named: Named) -> Answer<'_, Option<Known>> {
        self.read(move |connection| accounts::find(connection, &named))
    }

    fn account(&self, named: Named) -> Answer<'_, Option<AccountInfo>> {
        self.read(move |connection| operations::account(connection, &named))
    }

    fn accounts(&self, after: i64, limit: usize) -> Answer<'_, Vec<AccountInfo>> {
        self.read(move |connection| operations::accounts(connection, after, limit))
    }

    fn set_quota(&self, account: AccountId, quota: Option<u64>) -> Answer<'_, bool> {
        self.write(move |connection| operations::set_quota(connection, account, quota))
    }

    fn set_locked(&self, account: AccountId, locked: bool) -> Answer<'_, bool> {
        self.write(move |connection| operations::set_locked(connection, account, locked))
    }

    fn delete_account(&self, account: AccountId) -> Answer<'_, bool> {
        Box::pin(async move {
            if !self.write(move |connection| operations::leave(connection, account)).await? {
                return Ok(false);
            }
            while self.write(operations::forget).await? {}
            Ok(true)
        })
    }

    fn sign_in_key(&self, account: AccountId, key: SignInKey) -> Answer<'_, Option<Bytes32>> {
        self.read(move |connection| accounts::sign_in_key(connection, account, key))
    }

    fn device(&self, account: AccountId, device: DeviceId) -> Answer<'_, Option<Seat>> {
        self.look_up(move |connection| devices::seat(connection, account, device))
    }

    fn devices(&self, account: AccountId) -> Answer<'_, Vec<Registered>> {
        self.read(move |connection| devices::all(connection, account))
    }

    fn seen(&self, sighting: Sighting) -> Answer<'_, ()> {
        self.write(move |connection| devices::seen(connection, &sighting))
    }

    fn identity_key(&self, account: AccountId) -> Answer<'_, Option<Bytes32>> {
        self.read(move |connection| accounts::identity_key(connection, account))
    }

    fn open_session(&self, session: NewSession) -> Answer<'_, ()> {
        self.write(move |connection| accounts::open_session(connection, &session))
    }

    fn session(&self, token_hash: [u8; 32], now: u64) -> Answer<'_, Option<AccountId>> {
        self.look_up(move |connection| accounts::session(connection, &token_hash, now))
    }

    fn vault(&self, account: AccountId) -> Answer<'_, Option<VaultReply>> {
        self.read(move |connection| vault::current(connection, account))
    }

    fn replace_vault(&self, change: VaultChange) -> Answer<'_, VaultOutcome> {
        self.write(move |connection| vault::replace(connection, &change))
    }

    fn push(&self, push: Push) -> Answer<'_, Option<Pushed>> {
        self.write(move |connection| records::push(connection, &push))
    }

    fn changes(&self, account: AccountId, page: PageRequest) -> Answer<'_, Option<Page>> {
        self.read(move |connection| records::page(connection, account, page))
    }

    fn heads(&self, accounts: Vec<AccountId>) -> Answer<'_, Vec<Option<u64>>> {
        self.read(move |connection| records::heads(connection, &accounts))
    }

    /// There are no others.
    fn announce(&self, _: Vec<AccountId>) -> Answer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn announcements(&self) -> Option<broadcast::Receiver<AccountId>> {
        None
    }

    fn spend(&self, fingerprint: [u8; 32], until: u64, now: u64) -> Answer<'_, bool> {
        Box::pin(std::future::ready(self.spent.spend(&fingerprint, until, now)))
    }

    fn began(&self) -> u64 {
        self.began
    }

    fn joins(&self) -> &dyn JoinBox {
        &self.joins
    }

    fn blob(&self, account: AccountId, hash: Bytes32) -> Answer<'_, Option<BlobState>> {
        self.read(move |connection| blobs::state(connection, account, hash))
    }

    fn begin_blob(&self, new: NewBlob) -> Answer<'_, Option<BlobBegun>> {
        self.write(move |connection| blobs::begin(connection, &new))
    }

    fn blob_part(&self, account: AccountId, hash: Bytes32, part: u32) -> Answer<'_, bool> {
        self.write(move |connection| blobs::part(connection, account, hash, part))
    }

    fn finish_blob(&self, account: AccountId, hash: Bytes32) -> Answer<'_, bool> {
        self.write(move |connection| blobs::finish(connection, account, hash))
    }

    fn sweep_blobs(&self, before: u64) -> Answer<'_, u64> {
        self.write(move |connection| blobs::sweep(connection, before))
    }

    fn objects_used(&self, account: AccountId, hashes: Vec<Bytes32>) -> Answer<'_, Vec<bool>> {
        self.read(move |connection| blobs::objects_used(connection, account, &hashes))
    }

    fn sweep(&self, before: u64, at: Sweep) -> Answer<'_, Swept> {
        self.write(move |connection| replaced::sweep(connection, before, at))
    }
}

/// What a failure of SQLite means to who asked.
fn failure(error: &rusqlite::Error) -> MetaError {
    use rusqlite::ffi;
    match error {
        rusqlite::Error::SqliteFailure(code, _)
            if code.extended_code == ffi::SQLITE_FULL
                || code.extended_code == ffi::SQLITE_IOERR_SHMSIZE =>
        {
            MetaError::Full
        }
        // SQLite names tables and columns, never what stands in them.
        other => MetaError::Failed(other.to_string()),
    }
}
