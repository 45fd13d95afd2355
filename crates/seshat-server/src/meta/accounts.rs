//! Accounts, their devices, their sessions and their vaults, as a store takes and gives them.

use seshat_protocol::{AccountId, Bytes32, DeviceEntry, DeviceId, SignInDescription, VaultReply};

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
    /// SHA-256 of the invitation that it brings. A good one is used up, by this account alone.
    pub invite: Option<[u8; 32]>,
    /// Whether it may begin with a good invitation only.
    pub invited_only: bool,
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
    /// It needs an invitation and brings no good one; nothing changed, and nothing was looked up.
    NotInvited,
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

/// An account, as who runs the server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    /// Counts accounts; never given twice while the account is there.
    pub number: i64,
    /// The account.
    pub account: AccountId,
    /// As compared: trimmed and in lower case.
    pub email: String,
    /// Milliseconds since 1970.
    pub created_at: u64,
    /// Records that are stored, replaced ones among them.
    pub records: u64,
    /// Bytes that count against the quota: header and body of records, and blobs.
    pub bytes: u64,
    /// The account's own, in bytes; `None` leaves it to the server's default.
    pub quota: Option<u64>,
    /// Whether it is locked out.
    pub locked: bool,
    /// When a device of it last asked for anything, to the hour; milliseconds since 1970.
    pub seen_at: Option<u64>,
}

/// A device, as a request that it signs must be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Ed25519.
    pub signing_key: Bytes32,
    /// Whether it is let in no more.
    pub revoked: bool,
    /// Whether the whole account is locked out.
    pub locked: bool,
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
    /// Up to where it says that it has stored all changes of this history.
    pub cursor: Option<u64>,
}

/// A device that has asked for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Whose it is.
    pub account: AccountId,
    /// Which one.
    pub device: DeviceId,
    /// When, in milliseconds since 1970. An earlier time than the one that is kept changes nothing.
    pub at: u64,
    /// Up to where it says that it has stored all changes. A lower one than the one that is kept changes nothing.
    pub cursor: Option<u64>,
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
