//! What the server keeps, and what a database must promise to keep it.
//!
//! **Invariant:** everything is checked before it comes here (signatures, sizes, spelling); a store decides
//! only what must be decided inside a transaction. Positions are given without a gap, and a reader who has
//! seen position n can already see every position below n. A store tries again by itself whatever may succeed the
//! second time; nobody above it does.
//!
//! One suite of tests holds for every implementation: `tests/conformance.rs`.

mod accounts;
mod blobs;
mod joins;
mod records;
mod room;

use std::pin::Pin;

use seshat_protocol::{AccountId, Bytes32, DeviceId, SignInKey, VaultReply};
use tokio::sync::broadcast;

pub use accounts::{
    AccountInfo, Created, Known, Named, NewAccount, NewSession, Registered, Seat, Sighting,
    VaultChange, VaultOutcome,
};
pub use blobs::{BlobBegun, BlobState, NewBlob};
pub use joins::{Asking, JOIN_LIFETIME_MS, JOINS_MOST, JoinBox, JoinParty, JoinRefusal, JoinStep};
pub use records::{
    Held, HeldChange, Object, Page, PageRequest, Push, Pushed, Sweep, Swept, reason, refusal,
};
pub use room::{fits, has_room};

/// What a store answers, some time later. Boxed, so that one router serves every store.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, MetaError>> + Send + 'a>>;

/// Why a store could not answer. Its text never contains user data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetaError {
    /// There is no room for what was to be written; nothing of the request was.
    #[error("the disk or the database is full")]
    Full,
    /// The store has been told to stop.
    #[error("the store is stopping")]
    Stopped,
    /// The database failed.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// What a database says of itself; made once, with the database.
#[derive(Clone)]
pub struct Identity {
    /// Names this history: 32 hexadecimal digits.
    pub epoch: String,
    /// From which accounts that do not exist get their lasting salts: 32 random bytes.
    pub secret: [u8; 32],
    /// The private half of the key that signs receipts.
    pub receipt_key: [u8; 32],
}

/// A database for accounts, sessions, vaults, records, and what is known of blobs.
pub trait MetaStore: Send + Sync + 'static {
    /// What the database says of itself.
    fn identity(&self) -> &Identity;

    /// Gives the history another name and answers with it: the database was restored from a backup.
    /// [`MetaStore::identity`] says so once the store is opened again; no server runs on it meanwhile. What devices said
    /// that they have stored is forgotten.
    fn rotate_epoch(&self) -> Answer<'_, String>;

    /// Whether the store can be read and written now. A moment's work, on the disk.
    fn ready(&self) -> Answer<'_, ()>;

    /// Begins an account, unless its id or its address is taken or it lacks an invitation. An account that comes again
    /// with the invitation that it used up is told that it exists.
    fn create_account(&self, new: NewAccount) -> Answer<'_, Created>;

    /// An invitation, good for one account until `ends_at` (milliseconds since 1970). `code_hash` is SHA-256 of what
    /// the author is told.
    fn invite(&self, code_hash: [u8; 32], ends_at: u64) -> Answer<'_, ()>;

    /// Finds an account.
    fn find(&self, named: Named) -> Answer<'_, Option<Known>>;

    /// Finds an account, for who runs the server.
    fn account(&self, named: Named) -> Answer<'_, Option<AccountInfo>>;

    /// Accounts whose number is above `after`, in its order; at most `limit`.
    fn accounts(&self, after: i64, limit: usize) -> Answer<'_, Vec<AccountInfo>>;

    /// Gives an account a quota of its own, in bytes, or takes it away. What is stored stays. `false` when there is no
    /// such account.
    fn set_quota(&self, account: AccountId, quota: Option<u64>) -> Answer<'_, bool>;

    /// Locks an account out, or lets it in again. Its sessions end; what is stored stays, and nothing is added to it.
    /// `false` when there is no such account.
    fn set_locked(&self, account: AccountId, locked: bool) -> Answer<'_, bool>;

    /// Deletes all that the store has of an account. From the first step on it is as if it had never been: its id and
    /// its address are free. What is left of one when a server ends goes when the store is opened again. Bodies and
    /// blobs that are kept outside are in use no more. `false` when there is no such account.
    fn delete_account(&self, account: AccountId) -> Answer<'_, bool>;

    /// The public key with which `key` signs in to `account`.
    fn sign_in_key(&self, account: AccountId, key: SignInKey) -> Answer<'_, Option<Bytes32>>;

    /// A device of the account, revoked or not.
    fn device(&self, account: AccountId, device: DeviceId) -> Answer<'_, Option<Seat>>;

    /// All devices that the account ever registered, in the order in which they were.
    fn devices(&self, account: AccountId) -> Answer<'_, Vec<Registered>>;

    /// A device has asked for something.
    fn seen(&self, sighting: Sighting) -> Answer<'_, ()>;

    /// The public key that certifies the account's devices.
    fn identity_key(&self, account: AccountId) -> Answer<'_, Option<Bytes32>>;

    /// Begins a person's session; forgets those that have ended.
    fn open_session(&self, session: NewSession) -> Answer<'_, ()>;

    /// Whose session this is, if it has not ended at `now` and the account is not locked.
    fn session(&self, token_hash: [u8; 32], now: u64) -> Answer<'_, Option<AccountId>>;

    /// The current vault.
    fn vault(&self, account: AccountId) -> Answer<'_, Option<VaultReply>>;

    /// Compare and swap. Of several changes that expect one revision exactly one is stored; of a locked account none.
    fn replace_vault(&self, change: VaultChange) -> Answer<'_, VaultOutcome>;

    /// Stores records, giving positions, and marks those that are replaced, whether they are here already or come
    /// later; none is dropped. One for which there is no room ([`has_room`]), or that names blobs which are not here whole, is left
    /// out; one that is here already is known whatever the quota. `None` when there is no such account, when it is
    /// locked, or when the device that asks has been revoked.
    fn push(&self, push: Push) -> Answer<'_, Option<Pushed>>;

    /// Reads a page. `None` when there is no such account.
    fn changes(&self, account: AccountId, page: PageRequest) -> Answer<'_, Option<Page>>;

    /// The newest position of each account, in the order asked; `None` where there is no such account.
    fn heads(&self, accounts: Vec<AccountId>) -> Answer<'_, Vec<Option<u64>>>;

    /// Tells other nodes that these accounts have something new. A hint: it may be lost.
    fn announce(&self, accounts: Vec<AccountId>) -> Answer<'_, ()>;

    /// What other nodes announce; `None` where there are no others.
    fn announcements(&self) -> Option<broadcast::Receiver<AccountId>>;

    /// Takes note of something that is good once: `true` the first time. `until` and `now` are milliseconds since
    /// 1970; what has ended is forgotten, and `false`. Time counts forward only: set back, it would revive what was
    /// forgotten. Past a bound an error, since forgetting early would revive as well.
    fn spend(&self, fingerprint: [u8; 32], until: u64, now: u64) -> Answer<'_, bool>;

    /// Since when [`MetaStore::spend`] remembers, in milliseconds since 1970: what is older may have been spent.
    fn began(&self) -> u64;

    /// The mailbox through which laptops join.
    fn joins(&self) -> &dyn JoinBox;

    /// How much of a blob is here; `None` when it was never begun.
    fn blob(&self, account: AccountId, hash: Bytes32) -> Answer<'_, Option<BlobState>>;

    /// Begins a blob: its bytes count from now on. One that is not complete begins anew when it is said to have another
    /// length. `None` when there is no such account, or when it is locked.
    fn begin_blob(&self, new: NewBlob) -> Answer<'_, Option<BlobBegun>>;

    /// A part of a blob has come and is kept; which one, counted from 0. `false` when no such blob is expected.
    fn blob_part(&self, account: AccountId, hash: Bytes32, part: u32) -> Answer<'_, bool>;

    /// A blob is here whole. `false` when no such blob was begun.
    fn finish_blob(&self, account: AccountId, hash: Bytes32) -> Answer<'_, bool>;

    /// A step of forgetting blobs that were begun at `before` (milliseconds since 1970) or earlier and that no record
    /// names which is here: how many. Less than [`BLOBS_SWEPT`] means that no more are left.
    fn sweep_blobs(&self, before: u64) -> Answer<'_, u64>;

    /// Which of these are in use: as the body of a record, or as a blob, complete or not. In the order asked.
    fn objects_used(&self, account: AccountId, hashes: Vec<Bytes32>) -> Answer<'_, Vec<bool>>;

    /// A step of removing records that were replaced at `before` (milliseconds since 1970) or earlier. What names
    /// others goes after all that it names, and only when a record that names it is replaced itself. What only records
    /// name that are replaced in a ring stays. Positions, heads and digests stay as they are.
    fn sweep(&self, before: u64, at: Sweep) -> Answer<'_, Swept>;
}

/// Blobs that one step of [`MetaStore::sweep_blobs`] forgets at most.
pub const BLOBS_SWEPT: u64 = 256;
