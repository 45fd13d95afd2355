//! What the server keeps, and what a database must promise to keep it.
//!
//! **Invariant:** everything is checked before it comes here (signatures, sizes, spelling); a store decides
//! only what must be decided inside a transaction. Positions are given without a gap, and a reader who has
//! seen position n can already see every position below n.
//!
//! One suite of tests holds for every implementation: `tests/conformance.rs`.

use std::pin::Pin;

use seshat_protocol::{
    AccountId, Bytes32, ChangedRecord, DeviceEntry, DeviceId, Digest, PushOutcome, Record,
    SignInDescription, SignInKey, VaultReply, limits,
};

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

/// An account that begins.
#[derive(Clone)]
pub struct NewAccount {
    /// The account.
    pub account: AccountId,
    /// As compared: trimmed and in lower case.
    pub email: String,
    /// Certifies devices.
    pub identity_key: Bytes32,
    /// How laptops sign in.
    pub sign_in: SignInDescription,
    /// The first vault.
    pub vault: VaultReply,
    /// The first device.
    pub device: DeviceEntry,
    /// Milliseconds since 1970.
    pub now: u64,
}

/// What became of a [`NewAccount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It exists now.
    Made,
    /// Its id or its email address was taken; nothing changed.
    Exists,
}

/// How an account is asked for before anybody has signed in.
#[derive(Clone)]
pub enum Named {
    /// By its address, trimmed and in lower case.
    Email(String),
    /// By its id.
    Id(AccountId),
}

/// An account, as a laptop must know it to sign in.
pub struct Known {
    /// The account.
    pub account: AccountId,
    /// How to sign in.
    pub sign_in: SignInDescription,
}

/// A device, as a request that it signs must be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Ed25519.
    pub signing_key: Bytes32,
    /// Whether it is let in no more.
    pub revoked: bool,
}

/// A device, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The device.
    pub device: DeviceEntry,
    /// Milliseconds since 1970.
    pub registered_at: u64,
    /// Milliseconds since 1970.
    pub revoked_at: Option<u64>,
    /// Milliseconds since 1970.
    pub seen_at: Option<u64>,
}

/// A person's session that begins.
#[derive(Clone, Copy)]
pub struct NewSession {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Whose it is.
    pub account: AccountId,
    /// Milliseconds since 1970.
    pub now: u64,
    /// When it ends, in milliseconds since 1970.
    pub ends_at: u64,
}

/// A vault that takes another's place.
#[derive(Clone)]
pub struct VaultChange {
    /// The account.
    pub account: AccountId,
    /// The revision that must be the current one.
    pub expected: String,
    /// What takes its place.
    pub vault: VaultReply,
    /// New sign-in keys. Sessions end with the old ones, but for `session`.
    pub sign_in: Option<SignInDescription>,
    /// A device that joins.
    pub device: Option<DeviceEntry>,
    /// Devices that are let in no more.
    pub revoke: Vec<DeviceId>,
    /// SHA-256 of the token that asks; `None` when a device does.
    pub session: Option<[u8; 32]>,
    /// Milliseconds since 1970.
    pub now: u64,
}

/// What became of a [`VaultChange`]. But for [`VaultOutcome::Stored`], nothing of it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultOutcome {
    /// All of it took effect.
    Stored {
        /// When the device that joins was registered: now, or before, if this is a repetition.
        registered_at: Option<u64>,
    },
    /// The vault has another revision.
    Changed,
    /// The device's id belongs to other keys, or was revoked.
    DeviceTaken,
}

/// Records to store.
#[derive(Clone)]
pub struct Push {
    /// The account.
    pub account: AccountId,
    /// The device that asks.
    pub by: DeviceId,
    /// In this order, within the limits of the protocol.
    pub records: Vec<Record>,
    /// Milliseconds since 1970.
    pub now: u64,
}

/// What became of a [`Push`].
pub struct Pushed {
    /// One for each record, in order.
    pub outcomes: Vec<PushOutcome>,
    /// The account's newest position.
    pub head: u64,
}

/// A page of changes to read.
#[derive(Clone, Copy)]
pub struct PageRequest {
    /// Positions above this one.
    pub cursor: u64,
    /// At most so many records, at least one.
    pub limit: usize,
    /// At most so many bytes of header and body; the first record comes whatever its size.
    pub max_bytes: usize,
}

/// A page of changes, as of one moment.
pub struct Page {
    /// In the order of their positions. What was purged is left out.
    pub records: Vec<ChangedRecord>,
    /// The cursor behind the page: the position of its last record, or the head when nothing is left behind it.
    pub next: u64,
    /// The account's newest position.
    pub head: u64,
    /// Over all its records that none of them replaces.
    pub digest: Digest,
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Whether it has come to the records that name others.
    pub naming: bool,
    /// The account and position behind which it goes on, as the store counts them.
    pub after: (i64, i64),
}

/// What a step of a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records that it removed.
    pub records: u64,
    /// Bytes of header and body of them.
    pub bytes: u64,
    /// Where the next step goes on; `None` at the end.
    pub next: Option<Sweep>,
}

/// Why a record is refused, for a person. None of them names the record: its id stands beside.
pub mod reason {
    /// Header and body are too long.
    pub const TOO_LARGE: &str = "the record is larger than this server takes";
    /// Too many `replaces`.
    pub const REPLACES_TOO_MANY: &str = "the record replaces more records than this server takes";
    /// A sequence is between 1 and 2^63 - 1.
    pub const NO_SEQUENCE: &str = "the record's sequence is not one that a device counts to";
    /// The device is not one of the account's.
    pub const UNKNOWN_DEVICE: &str = "the record's device is not registered for this account";
    /// Other content under a stored id.
    pub const OTHER_CONTENT: &str = "a different record is stored under this id";
    /// Another record under a stored device and sequence.
    pub const SEQUENCE_TAKEN: &str =
        "a different record of this device is stored under this sequence";
}

/// Whether a record can be stored at all, without a look at what is stored.
#[must_use]
pub fn refusal(record: &Record) -> Option<&'static str> {
    if record.stored_len() > limits::RECORD_BYTES {
        return Some(reason::TOO_LARGE);
    }
    if record.replaces.len() > limits::REPLACES {
        return Some(reason::REPLACES_TOO_MANY);
    }
    let counted = record.sequence > 0 && i64::try_from(record.sequence).is_ok();
    if counted { None } else { Some(reason::NO_SEQUENCE) }
}

/// A database for accounts, sessions, vaults and records.
pub trait MetaStore: Send + Sync + 'static {
    /// What the database says of itself.
    fn identity(&self) -> &Identity;

    /// Begins an account, unless its id or its address is taken.
    fn create_account(&self, new: NewAccount) -> Answer<'_, Created>;

    /// Finds an account.
    fn find(&self, named: Named) -> Answer<'_, Option<Known>>;

    /// The public key with which `key` signs in to `account`.
    fn sign_in_key(&self, account: AccountId, key: SignInKey) -> Answer<'_, Option<Bytes32>>;

    /// A device of the account, revoked or not.
    fn device(&self, account: AccountId, device: DeviceId) -> Answer<'_, Option<Seat>>;

    /// All devices that the account ever registered, in the order in which they were.
    fn devices(&self, account: AccountId) -> Answer<'_, Vec<Registered>>;

    /// A device has asked for something at this time (milliseconds since 1970). An earlier one changes nothing.
    fn seen(&self, account: AccountId, device: DeviceId, at: u64) -> Answer<'_, ()>;

    /// The public key that certifies the account's devices.
    fn identity_key(&self, account: AccountId) -> Answer<'_, Option<Bytes32>>;

    /// Begins a person's session; forgets those that have ended.
    fn open_session(&self, session: NewSession) -> Answer<'_, ()>;

    /// Whose session this is, if it has not ended at `now`.
    fn session(&self, token_hash: [u8; 32], now: u64) -> Answer<'_, Option<AccountId>>;

    /// The current vault.
    fn vault(&self, account: AccountId) -> Answer<'_, Option<VaultReply>>;

    /// Compare and swap. Of several changes that expect one revision exactly one is stored.
    fn replace_vault(&self, change: VaultChange) -> Answer<'_, VaultOutcome>;

    /// Stores records, giving positions, and marks those that are replaced, whether they are here already or come
    /// later; none is dropped. `None` when there is no such account, or when the device that asks has been revoked.
    fn push(&self, push: Push) -> Answer<'_, Option<Pushed>>;

    /// Reads a page. `None` when there is no such account.
    fn changes(&self, account: AccountId, page: PageRequest) -> Answer<'_, Option<Page>>;

    /// A step of removing records that were replaced at `before` (milliseconds since 1970) or earlier. What names
    /// others goes after all that it names, and only when a record that names it is replaced itself. What only records
    /// name that are replaced in a ring stays. Positions, heads and digests stay as they are.
    fn sweep(&self, before: u64, at: Sweep) -> Answer<'_, Swept>;
}
