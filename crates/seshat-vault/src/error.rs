//! What can go wrong, one enum for each operation.
//!
//! **Invariant:** no error tells what was wrong inside a ciphertext, and none carries a secret.

use crate::{EntropyError, KdfError};

/// Why something sealed did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Key, place, position or a single bit is wrong. The cause is not told apart, because nobody who may see
    /// the difference can use it well.
    #[error("this does not open here: it was altered, or belongs elsewhere")]
    Tampered,
    /// The novel has a passphrase of its own, and what is open of it does not open this.
    #[error("the novel is locked")]
    Locked,
    /// It opened, is genuine, and was written by a newer release. Keep it.
    #[error("this was written by a newer Seshat")]
    Newer,
}

/// Why something was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// No random bytes; nothing was sealed.
    #[error("could not seal this")]
    Entropy(#[from] EntropyError),
    /// Larger than a record or a vault may be.
    #[error("this is larger than Seshat can store in one piece")]
    TooLarge,
    /// The vault has no key for this novel.
    #[error("this vault has no key for the novel")]
    UnknownNovel,
    /// The vault does not list the device, so nobody would accept what it signs.
    #[error("this device is not part of the vault")]
    UnknownDevice,
    /// What is of this kind never leaves the device.
    #[error("this stays on this device and is no record")]
    StaysHere,
    /// The novel has a passphrase of its own and is not open.
    #[error("the novel is locked")]
    LockedNovel,
}

/// Why a vault was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Below score 3.
    #[error("this password is too easy to guess")]
    WeakPassword,
    /// Out of bounds, or no memory for it.
    #[error("could not stretch the password")]
    Kdf(#[from] KdfError),
    /// No random bytes.
    #[error("could not make the vault's keys")]
    Entropy(#[from] EntropyError),
}

/// Why a password or account code was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// Below score 3.
    #[error("this password is too easy to guess")]
    WeakPassword,
    /// Out of bounds, weaker than the one in use, or no memory for it.
    #[error("could not stretch the password")]
    Kdf(#[from] KdfError),
    /// No random bytes.
    #[error("could not seal the vault key again")]
    Entropy(#[from] EntropyError),
    /// The device that would sign is not an active one of this vault.
    #[error("this device is not part of the vault")]
    UnknownDevice,
}

/// Why a vault did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The password, account code or recovery phrase is not this vault's; an altered slot looks the same.
    #[error("this is not the secret that opens the vault")]
    WrongSecret,
    /// The vault needs the account code beside the password.
    #[error("the account code is needed as well")]
    CodeNeeded,
    /// The blob is not whole. The cause is not told apart.
    #[error("the vault is damaged")]
    Damaged,
    /// The blob asks for a password derivation that is weaker than the floor or than before.
    #[error("the vault's password protection is weaker than it should be")]
    WeakKdf,
    /// The blob asks for a costlier password derivation than the ceiling.
    #[error("the vault asks for more memory or time than Seshat gives")]
    HeavyKdf,
    /// The machine has not the memory that the derivation needs.
    #[error("there is not enough free memory to check the password")]
    NoMemory,
    /// Written by a newer release.
    #[error("the vault was written by a newer Seshat")]
    Newer,
}

impl From<KdfError> for UnlockError {
    fn from(error: KdfError) -> Self {
        match error {
            KdfError::TooWeak | KdfError::WeakerThanPinned => Self::WeakKdf,
            KdfError::TooHeavy => Self::HeavyKdf,
            KdfError::NoMemory => Self::NoMemory,
        }
    }
}

/// Why bytes could not be described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeError {
    /// They are no vault blob.
    #[error("the vault is damaged")]
    Damaged,
    /// Written by a newer release.
    #[error("the vault was written by a newer Seshat")]
    Newer,
}

/// Why two vaults were not merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Account or identity differ, or nothing vouches for its vault key.
    #[error("this is another vault")]
    OtherVault,
    /// No random bytes.
    #[error("could not make new keys")]
    Entropy(#[from] EntropyError),
}

/// Why a record is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// No device of the vault has this id.
    #[error("a device that is not part of the vault wrote this")]
    UnknownDevice,
    /// The device did not sign this.
    #[error("the record's signature is wrong")]
    BadSignature,
    /// The device was revoked before it wrote this.
    #[error("a device wrote this after it had been revoked")]
    RevokedDevice,
}
