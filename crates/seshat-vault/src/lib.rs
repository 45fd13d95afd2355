//! Keys and sealing: what opens a novel and what closes it. No I/O, no clock.
//!
//! **Invariant, as absences.** This crate reads no file, no network, no environment and no clock, and has no
//! randomness of its own ([`Entropy`] is passed in). It stores no password and no hash of one. It releases no
//! plaintext before everything has verified, tells no two causes of a failed opening apart, runs no password
//! derivation out of bounds, and has no type with a secret in it that can be copied, compared, printed or
//! serialized. Nothing in it is `unsafe`.
//!
//! # The parts
//! | What | Where |
//! |---|---|
//! | make, describe, open a vault | [`vault::create`], [`vault::describe`], [`vault::unlock`], [`OpenVault::reopen`] |
//! | what the author knows | [`Password`], [`AccountCode`], [`RecoveryPhrase`]; [`strength`]; [`kit`] |
//! | open it here without the password | [`RememberKey`], [`OpenVault::seal_remembered`], [`vault::unlock_remembered`] |
//! | change it | [`OpenVault::change_password`], [`OpenVault::change_account_code`], [`OpenVault::change_recovery_phrase`] |
//! | the password leaked | [`OpenVault::rotate`], [`OpenVault::adopt`] |
//! | the kit again | [`OpenVault::recovery_phrase`] |
//! | cost of a guess | [`KdfParams`] |
//! | sign in | [`OpenVault::sign`], and [`SignIn`] on a laptop without a vault |
//! | novels and devices | [`OpenVault::make_novel_key`], [`OpenVault::make_device`], [`Device`] |
//! | a passphrase of a novel's own | [`NovelSecret`], [`NovelChallenge`], [`OpenVault::lock_novel`], [`OpenVault::open_novel`] |
//! | a new laptop by approval | [`Joining`], [`OpenVault::offer_join`], [`OpenVault::grant_join`], [`vault::unlock_joined`] |
//! | the server's word for a device | [`receipt_holds`] |
//! | records | [`OpenVault::seal_record`], [`OpenVault::verify_record`], [`OpenVault::open_header`], [`OpenVault::open_body`] |
//! | caches of this device | [`OpenVault::seal_local`], [`OpenVault::open_local`] |
//! | two laptops | [`OpenVault::merge`], [`OpenVault::to_blob`] |
//!
//! # In one page
//! ```
//! use seshat_protocol::AccountId;
//! use seshat_vault::{AccountCodeUse, Entropy, EntropyError, KdfParams, Password, Secret, vault};
//!
//! # struct Counting(u8);
//! # impl Entropy for Counting {
//! #     fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
//! #         for byte in out { self.0 = self.0.wrapping_mul(5).wrapping_add(1); *byte = self.0; }
//! #         Ok(())
//! #     }
//! # }
//! # let mut entropy = Counting(0); // not random: an example
//! let password = Password::new("lantern gravel oboe tuesday".into());
//! let new = vault::NewVault {
//!     account: AccountId([7; 16]),
//!     password: &password,
//!     kdf: KdfParams::FLOOR,
//!     account_code: AccountCodeUse::None,
//! };
//! let mut created = vault::create(&new, &mut entropy)?;
//! let blob = created.vault.to_blob(&mut entropy)?;
//!
//! let secret = Secret::Password { password: &password, code: None };
//! let vault = vault::unlock(&blob, secret, Some(KdfParams::FLOOR))?;
//! assert_eq!(vault.generation(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account_code;
mod base32;
mod blob;
mod body;
mod change;
mod context;
mod derive;
mod device;
mod device_slot;
mod entropy;
mod envelope;
mod error;
mod facts;
#[cfg(fuzzing)]
pub mod fuzzing;
mod image;
mod join;
pub mod kdf;
mod key;
mod keys_by_epoch;
pub mod kit;
mod kit_again;
mod lineage;
mod locks;
mod merge;
mod novel_lock;
mod novels;
mod padding;
mod password;
mod phrase;
mod pin;
mod receipt;
mod record;
mod remember;
mod root;
mod rotation;
mod seal_to;
mod sign_in;
mod signing;
mod slot;
#[cfg(test)]
mod tests;
pub mod vault;

pub use account_code::{AccountCode, AccountCodeError, AccountCodeUse};
pub use context::{Kind, Place};
pub use device::{Device, DeviceError, DeviceRecord, DeviceState};
pub use entropy::{Entropy, EntropyError};
pub use error::{
    ChangeError, DescribeError, MergeError, OpenError, RecordError, SealError, UnlockError,
    VaultError,
};
pub use facts::SlotGenerations;
pub use join::{JoinCode, JoinError, Joined, Joining, Offering};
pub use kdf::{KdfError, KdfParams};
pub use kit::{Kit, KitError};
pub use merge::{Ahead, Merged, PasswordAfter};
pub use novel_lock::{LockError, NovelChallenge, NovelLock, NovelSecret, RecoveryCopy};
pub use password::{Password, Strength, strength};
pub use phrase::{PhraseError, RecoveryPhrase};
pub use receipt::receipt_holds;
pub use record::{Draft, Header};
pub use remember::RememberKey;
pub use sign_in::SignIn;
pub use vault::{BlobInfo, Created, NewVault, OpenVault, Secret, SignInWith};
