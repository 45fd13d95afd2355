//! The store of several nodes: one PostgreSQL, or what speaks its language.
//!
//! **Invariant:** a node keeps nothing that another one would miss, so any of them may answer any request, and any may
//! die at any moment. Whatever changes an account locks its row first; a transaction that meets another one is done
//! again. The SQL is of the portable kind: no sequences, no triggers, nothing that only one server understands.

mod accounts;
mod announcing;
mod blobs;
mod database;
mod devices;
mod invites;
mod joins;
mod operations;
mod pool;
mod records;
mod replaced;
mod rows;
mod secure;
mod spent;
mod turns;
mod vault;

use deadpool_postgres::{Client, Pool, Transaction};
use seshat_protocol::{AccountId, Bytes32, DeviceId, SignInKey, VaultReply};
use tokio::sync::broadcast;

use crate::meta::{
    AccountInfo, Answer, BlobBegun, BlobState, Created, Identity, JoinBox, Known, MetaError,
    MetaStore, Named, NewAccount, NewBlob, NewSession, Page, PageRequest, Push, Pushed, Registered,
    Seat, Sighting, Sweep, Swept, VaultChange, VaultOutcome,
};
use announcing::Ear;
pub use database::{OpenError, SCHEMA_VERSION};
use pool::{Failure, Work};
pub use secure::address_for_programs;
use spent::Spent;
use turns::Turns;

/// See the module.
pub struct PostgresStore {
    identity: Identity,
    pool: Pool,
    spent: Spent,
    turns: Turns,
    ear: Ear,
}

/// Where a database is.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    /// `postgres://user@host:port/database`: it is there, and may be empty. On another machine it must speak TLS, unless
    /// `?sslmode=disable` follows; `?sslrootcert=FILE` names who may sign its certificate.
    pub url: &'a str,
    /// Takes the place of one in the address.
    pub password: Option<&'a str>,
    /// Connections at most, besides one that listens.
    pub connections: usize,
}

impl PostgresStore {
    /// Opens the database. `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// [`OpenError::Newer`] when a newer server has written it; the database is left as it is.
    pub async fn open(address: Address<'_>, now: u64) -> Result<Self, OpenError> {
        let way = database::address(address.url, address.password)?;
        let pool = database::connections(&way, address.connections)?;
        database::migrate(&pool, &way).await?;
        let identity = database::identity(&pool).await?;
        // What is left of an account that was being deleted. Where it cannot go it goes the next time.
        while matches!(forget(&pool).await, Ok(true)) {}
        let spent = Spent::open(&pool, now).await?;
        let ear = Ear::open(way)?;
        Ok(Self { identity, pool, spent, turns: Turns::default(), ear })
    }

    /// Lets go of the database. What is asked of the store afterwards is answered with
    /// [`MetaError::Stopped`](crate::meta::MetaError::Stopped).
    pub fn close(&self) {
        self.ear.close();
        self.pool.close();
    }

    fn read<'s, D: Send + Sync + 's, T: Send + 's>(
        &'s self,
        asked: D,
        work: for<'t> fn(&'t Client, &'t D) -> Work<'t, T>,
    ) -> Answer<'s, T> {
        Box::pin(async move {
            pool::read(&self.pool, &asked, work).await.map_err(|failure| failure.said())
        })
    }

    fn write<'s, D: Send + Sync + 's, T: Send + 's>(
        &'s self,
        asked: D,
        work: for<'t> fn(&'t Transaction<'t>, &'t D) -> Work<'t, T>,
    ) -> Answer<'s, T> {
        Box::pin(async move {
            pool::write(&self.pool, &asked, work).await.map_err(|failure| failure.said())
        })
    }
}

/// A further step of deleting; `false` when nothing is left to delete.
async fn forget(pool: &Pool) -> Result<bool, Failure> {
    pool::write(pool, &(), |transaction, ()| Box::pin(operations::forget(transaction))).await
}

impl PostgresStore {
    /// Writes what locks the account.
    fn write_in_turn<'s, D: Send + Sync + 's, T: Send + 's>(
        &'s self,
        account: AccountId,
        asked: D,
        work: for<'t> fn(&'t Transaction<'t>, &'t D) -> Work<'t, T>,
    ) -> Answer<'s, T> {
        Box::pin(async move {
            let _turn = self.turns.of(account).await;
            pool::write(&self.pool, &asked, work).await.map_err(|failure| failure.said())
        })
    }
}

impl MetaStore for PostgresStore {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn rotate_epoch(&self) -> Answer<'_, String> {
        let mut epoch = [0; 16];
        if getrandom::fill(&mut epoch).is_err() {
            let failed = MetaError::Failed("the system gave no random bytes".to_owned());
            return Box::pin(std::future::ready(Err(failed)));
        }
        self.write(epoch, |transaction, epoch| Box::pin(database::rotate_epoch(transaction, epoch)))
    }

    fn ready(&self) -> Answer<'_, ()> {
        self.write((), |transaction, ()| Box::pin(database::touch(transaction)))
    }

    fn invite(&self, code_hash: [u8; 32], ends_at: u64) -> Answer<'_, ()> {
        self.write((code_hash, ends_at), |transaction, invite| {
            Box::pin(invites::add(transaction, invite))
        })
    }

    fn account(&self, named: Named) -> Answer<'_, Option<AccountInfo>> {
        self.read(named, |client, named| Box::pin(operations::account(client, named)))
    }

    fn accounts(&self, after: i64, limit: usize) -> Answer<'_, Vec<AccountInfo>> {
        self.read((after, limit), |client, asked| Box::pin(operations::accounts(client, asked)))
    }

    fn set_quota(&self, account: AccountId, quota: Option<u64>) -> Answer<'_, bool> {
        self.write((account, quota), |transaction, change| {
            Box::pin(operations::set_quota(transaction, change))
        })
    }

    fn set_locked(&self, account: AccountId, locked: bool) -> Answer<'_, bool> {
        self.write_in_turn(account, (account, locked), |transaction, change| {
            Box::pin(operations::set_locked(transaction, change))
        })
    }

    fn delete_account(&self, account: AccountId) -> Answer<'_, bool> {
        Box::pin(async move {
            let left = self.write_in_turn(account, account, |transaction, account| {
                Box::pin(operations::leave(transaction, account))
            });
            if !left.await? {
                return Ok(false);
            }
            while forget(&self.pool).await.map_err(|failure| failure.said())? {}
            Ok(true)
        })
    }

    fn create_account(&self, new: NewAccount) -> Answer<'_, Created> {
        self.write(new, |transaction, new| Box::pin(accounts::create(transaction, new)))
    }

    fn find(&self, named: Named) -> Answer<'_, Option<Known>> {
        self.read(named, |client, named| Box::pin(accounts::find(client, named)))
    }

    fn sign_in_key(&self, account: AccountId, key: SignInKey) -> Answer<'_, Option<Bytes32>> {
        self.read((account, key), |client, asked| Box::pin(accounts::sign_in_key(client, asked)))
    }

    fn device(&self, account: AccountId, device: DeviceId) -> Answer<'_, Option<Seat>> {
        self.read((account, device), |client, asked| Box::pin(devices::seat(client, asked)))
    }

    fn devices(&self, account: AccountId) -> Answer<'_, Vec<Registered>> {
        self.read(account, |client, account| Box::pin(devices::all(client, account)))
    }

    fn seen(&self, sighting: Sighting) -> Answer<'_, ()> {
        self.write(sighting, |transaction, sighting| Box::pin(devices::seen(transaction, sighting)))
    }

    fn identity_key(&self, account: AccountId) -> Answer<'_, Option<Bytes32>> {
        self.read(account, |client, account| Box::pin(accounts::identity_key(client, account)))
    }

    fn open_session(&self, session: NewSession) -> Answer<'_, ()> {
        self.write(session, |transaction, session| {
            Box::pin(accounts::open_session(transaction, session))
        })
    }

    fn session(&self, token_hash: [u8; 32], now: u64) -> Answer<'_, Option<AccountId>> {
        self.read((token_hash, now), |client, asked| Box::pin(accounts::session(client, asked)))
    }

    fn vault(&self, account: AccountId) -> Answer<'_, Option<VaultReply>> {
        self.read(account, |client, account| Box::pin(vault::current(client, account)))
    }

    fn replace_vault(&self, change: VaultChange) -> Answer<'_, VaultOutcome> {
        self.write_in_turn(change.account, change, |transaction, change| {
            Box::pin(vault::replace(transaction, change))
        })
    }

    fn push(&self, push: Push) -> Answer<'_, Option<Pushed>> {
        self.write_in_turn(push.account, push, |transaction, push| {
            Box::pin(records::push(transaction, push))
        })
    }

    fn changes(&self, account: AccountId, page: PageRequest) -> Answer<'_, Option<Page>> {
        self.read((account, page), |client, asked| Box::pin(records::page(client, asked)))
    }

    fn heads(&self, accounts: Vec<AccountId>) -> Answer<'_, Vec<Option<u64>>> {
        self.read(accounts, |client, accounts| Box::pin(records::heads(client, accounts)))
    }

    fn announce(&self, accounts: Vec<AccountId>) -> Answer<'_, ()> {
        self.read((self.ear.node(), accounts), |client, told| {
            Box::pin(announcing::announce(client, told))
        })
    }

    fn announcements(&self) -> Option<broadcast::Receiver<AccountId>> {
        Some(self.ear.heard())
    }

    fn spend(&self, fingerprint: [u8; 32], until: u64, now: u64) -> Answer<'_, bool> {
        Box::pin(async move {
            let spent = self.spent.spend(&self.pool, fingerprint, until, now);
            spent.await.map_err(|failure| failure.said())
        })
    }

    fn began(&self) -> u64 {
        self.spent.began()
    }

    fn joins(&self) -> &dyn JoinBox {
        self
    }

    fn blob(&self, account: AccountId, hash: Bytes32) -> Answer<'_, Option<BlobState>> {
        self.read((account, hash), |client, asked| Box::pin(blobs::state(client, asked)))
    }

    fn begin_blob(&self, new: NewBlob) -> Answer<'_, Option<BlobBegun>> {
        self.write_in_turn(new.account, new, |transaction, new| {
            Box::pin(blobs::begin(transaction, new))
        })
    }

    fn blob_part(&self, account: AccountId, hash: Bytes32, part: u32) -> Answer<'_, bool> {
        self.write_in_turn(account, (account, hash, part), |transaction, part| {
            Box::pin(blobs::part(transaction, part))
        })
    }

    fn finish_blob(&self, account: AccountId, hash: Bytes32) -> Answer<'_, bool> {
        self.write_in_turn(account, (account, hash), |transaction, blob| {
            Box::pin(blobs::finish(transaction, blob))
        })
    }

    fn sweep_blobs(&self, before: u64) -> Answer<'_, u64> {
        Box::pin(
            async move { blobs::sweep(&self.pool, before).await.map_err(|failure| failure.said()) },
        )
    }

    fn objects_used(&self, account: AccountId, hashes: Vec<Bytes32>) -> Answer<'_, Vec<bool>> {
        self.read((account, hashes), |client, asked| Box::pin(blobs::objects_used(client, asked)))
    }

    fn sweep(&self, before: u64, at: Sweep) -> Answer<'_, Swept> {
        Box::pin(async move {
            replaced::sweep(&self.pool, before, at).await.map_err(|failure| failure.said())
        })
    }
}
