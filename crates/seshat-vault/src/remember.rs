//! "Remember on this device": the vault key, sealed under a random key that the system's key store keeps.
//!
//! **Invariant:** the key store never gets a password or a key that opens anything without this device's own
//! files; and the day on which it ends is bound, so it cannot be moved without that key.

use seshat_protocol::{AccountId, DeviceId, FieldWriter, Sealed};

use crate::context::Context;
use crate::key::Key;
use crate::{Entropy, EntropyError, OpenVault, SealError, UnlockError, blob, envelope};

/// What the system's key store keeps: 32 random bytes.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(key: seshat_vault::RememberKey) { println!("{key:?}"); }
/// ```
pub struct RememberKey(Key);

impl RememberKey {
    /// A new key.
    ///
    /// # Errors
    /// [`EntropyError`].
    pub fn make(entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        Key::make(entropy).map(Self)
    }

    /// The key that a key store gave back; `None` unless it is 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Key::copy_of(bytes).map(Self)
    }

    /// The bytes, for the key store and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

fn context(account: AccountId, device: DeviceId, until_ms: u64) -> Vec<u8> {
    let extra = FieldWriter::new().u64(until_ms).finish();
    let mut context = Context::new("slot-remembered", account);
    context.device = Some(device);
    context.extra = &extra;
    context.bytes()
}

impl OpenVault {
    /// Seals the vault key for this device's own disk, until a time in milliseconds since 1970. The caller
    /// looks at the clock; a [`OpenVault::rotate`] anywhere ends it as well.
    ///
    /// # Errors
    /// [`SealError::Entropy`].
    pub fn seal_remembered(
        &self,
        device: DeviceId,
        key: &RememberKey,
        until_ms: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<Sealed, SealError> {
        let context = context(self.account, device, until_ms);
        Ok(envelope::seal(key.0.expose(), &context, self.key.expose(), entropy)?)
    }
}

/// Opens a vault with what [`OpenVault::seal_remembered`] sealed for this device and this end.
///
/// # Errors
/// [`UnlockError::WrongSecret`] for another key, device or end and after a rotation of the vault key;
/// [`UnlockError::Damaged`] or [`UnlockError::Newer`] as in [`crate::vault::unlock`].
pub fn unlock_remembered(
    blob: &[u8],
    device: DeviceId,
    sealed: &Sealed,
    until_ms: u64,
    key: &RememberKey,
) -> Result<OpenVault, UnlockError> {
    let parsed = blob::parse(blob)?;
    let context = context(parsed.account, device, until_ms);
    let opened = envelope::open(key.0.expose(), &context, &sealed.0);
    let key = opened.ok().and_then(|bytes| Key::copy_of(&bytes)).ok_or(UnlockError::WrongSecret)?;
    if !parsed.is_authentic(&key) {
        return Err(UnlockError::WrongSecret);
    }
    OpenVault::verified(parsed, key)
}
