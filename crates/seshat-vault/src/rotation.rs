//! "My password leaked": everything that opens the vault is made anew.
//!
//! **Invariant:** nothing that somebody learned from an older blob with the older password or phrase opens the
//! vault that is written next, or anything that is sealed under its newest epochs. Nothing old becomes
//! unreadable to those who stay. A rotation that fails leaves the vault as it was.

use seshat_protocol::NovelId;
use std::collections::BTreeMap;

use crate::blob::Slots;
use crate::device_slot::DeviceSlot;
use crate::kdf::make_kdf;
use crate::key::Key;
use crate::keys_by_epoch::KeysByEpoch;
use crate::kit_again::KeptPhrase;
use crate::root::{SecretKeys, recovery_exchange};
use crate::seal_to::exchange_public;
use crate::slot::{ByPassword, ByPhrase, CodeFlag, Slot};
use crate::{
    ChangeError, Device, Entropy, EntropyError, KdfParams, OpenVault, Password, RecoveryPhrase,
};

impl OpenVault {
    /// Makes a new vault key, a new password slot, a new recovery phrase, and a new epoch for the record
    /// headers and every novel without a passphrase of its own. Every other device that is not revoked gets a
    /// slot of its own, signed by this one, so that it can go on without the new password. An account code
    /// stays as it is. Runs Argon2id once.
    ///
    /// Afterwards seal again what lies on this device under the vault key ([`OpenVault::seal_device`],
    /// [`OpenVault::seal_remembered`]), and give the author the new Emergency Kit.
    ///
    /// # Errors
    /// [`ChangeError`]: `by` is not an active device of this vault, an easy password, a KDF out of bounds or
    /// weaker than the present one, no random bytes.
    pub fn rotate(
        &mut self,
        by: &Device,
        new: &Password,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<RecoveryPhrase, ChangeError> {
        if !self.is_active(by) {
            return Err(ChangeError::UnknownDevice);
        }
        if !new.is_strong() {
            return Err(ChangeError::WeakPassword);
        }
        kdf.check(Some(self.kdf()))?;
        let kdf = make_kdf(kdf, entropy)?;
        let code = self.body.code.as_ref();
        let by_password = SecretKeys::of_password(self.account, new, code, (&kdf, None))?;
        let phrase = RecoveryPhrase::make(entropy)?;
        let by_phrase = SecretKeys::of_phrase(self.account, &phrase);
        let key = Key::make(entropy)?;
        let kind = ByPassword { kdf, code: CodeFlag::of(code) };
        let binding = (self.account, self.next_generation());
        let slots = Slots {
            password: Slot::seal(kind, binding, (&key, &by_password.wrap), entropy)?,
            recovery: Slot::seal(ByPhrase, binding, (&key, &by_phrase.wrap), entropy)?,
            devices: self.device_slots(by, &key, entropy)?,
            // They wrap a key that opens nothing any more.
            unknown: Vec::new(),
        };
        let kit = (&by_password.kit, &by_phrase.kit);
        let kept = KeptPhrase::seal(self.account, &slots, kit, entropy)?;
        let (account_keys, novel_keys) = self.next_epochs(entropy)?;
        self.body.account_keys = account_keys;
        self.body.novel_keys.extend(novel_keys);
        self.body.password_public = by_password.sign_in_public();
        self.body.recovery_wrap = by_phrase.wrap.duplicate();
        self.body.recovery_public = by_phrase.sign_in_public();
        self.body.recovery_exchange_public =
            exchange_public(&recovery_exchange(self.account, &phrase));
        self.body.phrase = Some(kept);
        self.slots = slots;
        self.body.retired.push(std::mem::replace(&mut self.key, key));
        (self.by_password, self.by_phrase) = (Some(by_password), Some(by_phrase));
        Ok(phrase)
    }

    fn device_slots(
        &self,
        by: &Device,
        key: &Key,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<DeviceSlot>, EntropyError> {
        let binding = (self.account, self.next_generation());
        let others = self.body.devices.values();
        others
            .filter(|device| !device.state.is_revoked() && device.entry.id != by.id())
            .filter_map(|device| {
                DeviceSlot::seal(binding, &device.entry, by, key, entropy).transpose()
            })
            .collect()
    }

    /// The header keys and the plain novel keys with one epoch more.
    fn next_epochs(
        &self,
        entropy: &mut dyn Entropy,
    ) -> Result<(KeysByEpoch, BTreeMap<NovelId, KeysByEpoch>), EntropyError> {
        let mut account_keys = self.body.account_keys.duplicate();
        account_keys.make_next(entropy)?;
        let plain = self.body.novel_keys.iter().filter(|(novel, _)| !self.is_locked(**novel));
        let novel_keys = plain
            .map(|(novel, keys)| {
                let mut keys = keys.duplicate();
                keys.make_next(entropy)?;
                Ok((*novel, keys))
            })
            .collect::<Result<_, EntropyError>>()?;
        Ok((account_keys, novel_keys))
    }
}
