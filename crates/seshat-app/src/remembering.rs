//! "Remember on this device": for some days this laptop opens the vault without the password.
//!
//! **Invariants:** the keychain holds a random key that opens a slot of this laptop and nothing else; neither is of use
//! without the other. The password is stored nowhere. Without a keychain nothing is remembered, least of all in a file.

use seshat_platform::{Keychain, KeychainError};
use seshat_protocol::{AccountId, DeviceId, FieldReader, FieldWriter, Sealed};
use seshat_store::Store;
use seshat_vault::{RememberKey, vault};

use crate::clock::{OsEntropy, now_ms};
use crate::vaulting::found;
use crate::{Desk, Failure, FailureCode, KeychainState};

/// The slot and its end: `F(until u64, sealed)`.
pub(crate) const REMEMBERED: &str = "remembered";

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Days at most.
const LONGEST: u32 = 90;

/// The slot as it lies in the settings.
struct Kept {
    until: u64,
    sealed: Sealed,
}

impl Desk {
    /// Opens the vault without the password for so many days on this laptop.
    ///
    /// # Errors
    /// When the vault is locked, the keychain is missing or locked, or the disk refuses; then nothing is remembered.
    pub fn remember(&self, days: u32) -> Result<(), Failure> {
        let until = now_ms().saturating_add(u64::from(days.clamp(1, LONGEST)) * DAY_MS);
        let key = RememberKey::make(&mut OsEntropy)?;
        let (name, kept) = self.with_session(|session, _| {
            let device = session.device_id();
            let sealed = session.vault.seal_remembered(device, &key, until, &mut OsEntropy)?;
            Ok((keychain_name(session.vault.account(), device), Kept { until, sealed }))
        })?;
        Keychain::system().put(&name, &key.expose()[..])?;
        self.with_session(|_, store| Ok(store.set_setting(REMEMBERED, Some(&kept.encode()))?))
    }

    /// Asks for the password again from now on.
    ///
    /// # Errors
    /// When the disk refuses. A keychain that cannot be reached keeps a key that opens nothing any more.
    pub fn forget_remembered(&self) -> Result<(), Failure> {
        let mut state = self.state();
        let store = self.store(&mut state)?;
        let found = found(store)?;
        store.set_setting(REMEMBERED, None)?;
        drop(state);
        // Without the slot the key is of no use to anybody.
        let name = keychain_name(found.account, found.device);
        let _removed = Keychain::system().remove(&name).is_ok();
        Ok(())
    }

    /// Whether this laptop may open the vault without the password now.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remembered(&self) -> Result<bool, Failure> {
        Ok(self.remembered_until()?.is_some())
    }

    pub(crate) fn remembered_until(&self) -> Result<Option<u64>, Failure> {
        let mut state = self.state();
        let kept = match self.store(&mut state) {
            Ok(store) => kept(store)?,
            Err(failure) if failure.code == FailureCode::NotFound => None,
            Err(failure) => return Err(failure),
        };
        drop(state);
        Ok(kept.map(|kept| kept.until).filter(|until| *until > now_ms()))
    }

    /// Opens the vault with what the keychain holds.
    ///
    /// # Errors
    /// When nothing is remembered, the time is over, or the keychain does not give the key: then the password is asked
    /// for as always.
    pub fn unlock_remembered(&self) -> Result<(), Failure> {
        let mut state = self.state();
        let store = self.store(&mut state)?;
        let (found, kept) = (found(store)?, kept(store)?);
        drop(state);
        let kept = kept.ok_or_else(ask_for_the_password)?;
        if kept.until <= now_ms() {
            self.forget_remembered()?;
            return Err(ask_for_the_password());
        }
        let name = keychain_name(found.account, found.device);
        let key = Keychain::system().get(&name)?.and_then(|key| RememberKey::from_bytes(&key));
        let key = key.ok_or_else(|| {
            Failure::new(
                FailureCode::WrongPassword,
                "The system's keychain is locked or no longer has the key of this vault; nothing was changed; use your password.",
            )
        })?;
        let opened =
            vault::unlock_remembered(&found.blob, found.device, &kept.sealed, kept.until, &key);
        match opened {
            Ok(vault) => self.open_session(vault, &found),
            Err(_) => {
                // New keys were made since, or somebody altered it: it never opens again.
                self.forget_remembered()?;
                Err(ask_for_the_password())
            }
        }
    }

    pub(crate) fn keychain_state(&self) -> KeychainState {
        match Keychain::system().state() {
            seshat_platform::KeychainState::Ready => KeychainState::Ready,
            seshat_platform::KeychainState::Locked => KeychainState::Locked,
            seshat_platform::KeychainState::Absent => KeychainState::Absent,
        }
    }
}

impl Kept {
    fn encode(&self) -> Vec<u8> {
        FieldWriter::new().u64(self.until).bytes(&self.sealed.0).finish()
    }

    fn parse(encoded: &[u8]) -> Option<Self> {
        let mut fields = FieldReader::new(encoded);
        Some(Self { until: fields.u64().ok()?, sealed: Sealed(fields.bytes().ok()?.to_vec()) })
    }
}

fn kept(store: &Store) -> Result<Option<Kept>, Failure> {
    Ok(store.setting(REMEMBERED)?.and_then(|encoded| Kept::parse(&encoded)))
}

/// Under what name the keychain has the key of this laptop's slot.
fn keychain_name(account: AccountId, device: DeviceId) -> String {
    format!("{account}.{device}")
}

fn ask_for_the_password() -> Failure {
    Failure::new(
        FailureCode::WrongPassword,
        "This laptop does not remember the vault any more; nothing was changed; use your password.",
    )
}

impl From<KeychainError> for Failure {
    fn from(error: KeychainError) -> Self {
        Self::other(error.to_string())
    }
}
