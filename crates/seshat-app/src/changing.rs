//! Changing the vault: a new password, new keys, another device, a novel's passphrase.
//!
//! **Invariants:** a change is worked out on a copy, without the lock where it stretches a password; it is on the disk in
//! one transaction with everything that belongs to it before it counts in memory; and a change of the vault that came
//! in between is never overwritten, the work is done again on top of it.

use seshat_store::{Store, VaultOrigin};
use seshat_vault::{Ahead, Device, JoinError, OpenVault, Secret, vault};

use crate::session::Session;
use crate::vaulting::{found, save_vault};
use crate::{Desk, Failure, FailureCode};

/// How often a change is worked out again because the vault changed meanwhile.
const TRIES: usize = 5;

/// A copy of the open vault, and what the disk held when it was taken.
struct Copy {
    vault: OpenVault,
    device: Device,
    blob: Vec<u8>,
}

impl Desk {
    /// Changes the open vault. `change` may be slow and may be run more than once.
    ///
    /// # Errors
    /// What `change` says, or why it was not written; the vault is as it was then.
    pub(crate) fn change_vault<T>(
        &self,
        change: impl Fn(&mut OpenVault, &Device) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        for _ in 0..TRIES {
            let mut copy = self.with_session(Session::copy)?;
            let done = change(&mut copy.vault, &copy.device)?;
            if self.with_session(|session, store| session.take_over(store, copy))? {
                self.shared.wake.send();
                return Ok(done);
            }
        }
        Err(Failure::other(
            "The vault kept changing at the same moment, so this was not done; everything is as it was; try again.",
        ))
    }

    /// Makes sure that whoever asks knows the password, and gives the vault as just that password opens it.
    ///
    /// # Errors
    /// [`FailureCode::WrongPassword`]; nothing is changed by it.
    pub(crate) fn by_password(&self, password: String) -> Result<OpenVault, Failure> {
        let password = seshat_vault::Password::new(password);
        let found = self.with_session(|_, store| found(store))?;
        let secret = Secret::Password { password: &password, code: found.code.as_ref() };
        vault::unlock(&found.blob, secret, found.pin).map_err(|error| {
            let failure = Failure::from(error);
            if failure.code != FailureCode::WrongPassword {
                return failure;
            }
            Failure::new(
                FailureCode::WrongPassword,
                "This is not the password of the vault; nothing was changed; try again.",
            )
        })
    }
}

impl Session {
    fn copy(&mut self, store: &mut Store) -> Result<Copy, Failure> {
        let found = found(store)?;
        let vault = self.vault_copy(&found.blob)?;
        let device = self.vault.open_device(found.device, &found.device_keys)?;
        Ok(Copy { vault, device, blob: found.blob })
    }

    /// Writes a changed copy and takes it over; false when the vault is no longer the one that was copied.
    fn take_over(&mut self, store: &mut Store, copy: Copy) -> Result<bool, Failure> {
        let Copy { mut vault, blob, .. } = copy;
        if store.vault()?.is_none_or(|stored| stored.blob != blob) {
            return Ok(false);
        }
        let blob = vault.to_blob(&mut self.entropy)?;
        self.keep_vault(store, vault, &blob, VaultOrigin::Here)?;
        Ok(true)
    }

    /// The one way in which another vault takes the place of the open one: it is written with everything that belongs
    /// to it, and only then counts here. Whatever is sealed from then on can be opened by what lies on the disk.
    pub(crate) fn keep_vault(
        &mut self,
        store: &mut Store,
        vault: OpenVault,
        blob: &[u8],
        origin: VaultOrigin<'_>,
    ) -> Result<(), Failure> {
        save_vault(store, (&vault, &self.vault, &self.device), blob, origin)?;
        self.vault = vault;
        Ok(())
    }

    /// A vault that the server has just stored, together with what changed here meanwhile, which goes on waiting for the
    /// next round; its blob, and how it came about ([`origin_of`]).
    pub(crate) fn merged_with_put(
        &mut self,
        store: &Store,
        put: &[u8],
    ) -> Result<(OpenVault, Vec<u8>, Ahead), Failure> {
        let ours = store.vault()?.ok_or_else(Failure::absent)?.blob;
        let mut vault = self.vault_copy(&ours)?;
        let merged = vault.merge(&self.vault_copy(put)?, &mut self.entropy);
        let ahead = merged.map_err(|_| Failure::from(JoinError::Altered))?.ahead;
        let blob = match ahead {
            Ahead::Nothing => put.to_vec(),
            Ahead::Something => vault.to_blob(&mut self.entropy)?,
        };
        Ok((vault, blob, ahead))
    }

    /// A copy of the open vault as the disk has it, to be changed and kept.
    pub(crate) fn vault_copy(&self, blob: &[u8]) -> Result<OpenVault, Failure> {
        Ok(self.vault.reopen(blob, None)?)
    }
}

/// Where a vault comes from that was merged with the one that the server has as `revision`.
pub(crate) const fn origin_of(ahead: Ahead, revision: &str) -> VaultOrigin<'_> {
    match ahead {
        Ahead::Nothing => VaultOrigin::Server { revision },
        Ahead::Something => VaultOrigin::Merged { revision },
    }
}
