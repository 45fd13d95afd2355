//! How two vaults of one account follow from each other: by the same vault key, from before a rotation, or
//! from after one that this laptop has not seen.
//!
//! **Invariant:** a vault under an unknown key is followed only with the signature of a device that this vault
//! lists and has not revoked, and only with this vault's identity in it. Who has nothing but an old password
//! and an old blob can make vaults that look older, and none that look newer.

use seshat_protocol::{Bytes32, DeviceId};

use crate::blob::{self, Parsed};
use crate::derive::derive_key;
use crate::key::Key;
use crate::root::SecretKeys;
use crate::{Device, OpenVault, UnlockError};

/// What another vault is to this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lineage {
    /// The same vault key.
    Same,
    /// A key that a rotation has ended.
    Older,
    /// A key that has ended this one's.
    Newer,
}

/// Who says that a vault under an unknown key follows from this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Vouched {
    /// A device that this vault lists, or the author.
    ByActive,
    /// A device that this vault has revoked.
    ByRevoked,
}

/// A name for a key that says nothing about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyId(pub(crate) [u8; 16]);

impl KeyId {
    pub(crate) fn of(key: &Key) -> Self {
        let derived = derive_key(&[], &[key.expose()], "key id");
        let (id, _) = derived.expose().split_first_chunk().expect("32 bytes are more than 16");
        Self(*id)
    }
}

impl OpenVault {
    /// Opens another blob of this account, for [`OpenVault::merge`]: with the vault key that is held, with one
    /// that a rotation has ended, or, where `device` is given, with the slot that a rotation on another laptop
    /// left for it. One that a revoked laptop made is opened too, and counts as an older one. The blob's generation may be any; the caller judges whether an older one is a surprise.
    ///
    /// # Errors
    /// [`UnlockError::WrongSecret`] when none of them opens it or it has another identity,
    /// [`UnlockError::Damaged`] or [`UnlockError::Newer`] as in [`crate::vault::unlock`].
    pub fn reopen(&self, blob: &[u8], device: Option<&Device>) -> Result<Self, UnlockError> {
        let parsed = blob::parse(blob)?;
        if parsed.account != self.account {
            return Err(UnlockError::WrongSecret);
        }
        let held = std::iter::once(&self.key).chain(&self.body.retired);
        if let Some(key) = held.into_iter().find(|key| parsed.is_authentic(key)) {
            return Ok(self.with_secrets(Self::verified(parsed, key.duplicate())?));
        }
        let device = device.ok_or(UnlockError::WrongSecret)?;
        let signers = |revoked: bool| {
            move |id| {
                let signer = self.body.devices.get(&id)?;
                (signer.state.is_revoked() == revoked).then_some(signer.entry.signing_key)
            }
        };
        let (key, vouched) = match key_for(&parsed, device, signers(false)) {
            Some(key) => (key, Vouched::ByActive),
            None => {
                let key = key_for(&parsed, device, signers(true));
                (key.ok_or(UnlockError::WrongSecret)?, Vouched::ByRevoked)
            }
        };
        let mut vault = Self::verified(parsed, key)?;
        if !vault.body.identity.same(&self.body.identity) {
            return Err(UnlockError::WrongSecret);
        }
        vault.vouched_to = Some((KeyId::of(&self.key), vouched));
        Ok(self.with_secrets(vault))
    }

    /// Hands over what was opened by the author, where it fits.
    fn with_secrets(&self, mut vault: Self) -> Self {
        if vault.slots.password == self.slots.password {
            vault.by_password = self.by_password.as_ref().map(SecretKeys::duplicate);
        }
        if vault.slots.recovery == self.slots.recovery {
            vault.by_phrase = self.by_phrase.as_ref().map(SecretKeys::duplicate);
        }
        for (novel, opened) in &self.opened {
            let open = vault.opened.entry(*novel).or_default();
            open.locks.extend(opened.locks.iter().map(|(id, key)| (*id, key.duplicate())));
        }
        vault.settle_locks();
        vault
    }

    /// What `other` is to this vault; `None` where nothing says that it is one of ours.
    pub(crate) fn lineage_of(&self, other: &Self) -> Option<Lineage> {
        if self.account != other.account || !self.body.identity.same(&other.body.identity) {
            return None;
        }
        if self.key.same(&other.key) {
            return Some(Lineage::Same);
        }
        if self.has_retired(&other.key) {
            // Two laptops that rotated at the same time may each have followed the other. Both choose alike,
            // and only who holds both keys can bring this about.
            let mutual = other.has_retired(&self.key);
            let theirs = mutual && KeyId::of(&other.key) > KeyId::of(&self.key);
            return Some(if theirs { Lineage::Newer } else { Lineage::Older });
        }
        match other.vouched_to {
            Some((to, vouched)) if to == KeyId::of(&self.key) => Some(match vouched {
                Vouched::ByActive => Lineage::Newer,
                // A laptop that was shut out has made new keys: read what is under them, and put ours back.
                Vouched::ByRevoked => Lineage::Older,
            }),
            _ => None,
        }
    }

    fn has_retired(&self, key: &Key) -> bool {
        self.body.retired.iter().any(|retired| retired.same(key))
    }
}

/// The vault key of a blob, from a slot for `device` by a signer for whom `listed` has a key.
pub(crate) fn key_for(
    parsed: &Parsed<'_>,
    device: &Device,
    listed: impl Fn(DeviceId) -> Option<Bytes32>,
) -> Option<Key> {
    parsed.slots.devices.iter().find_map(|slot| {
        let key = slot.open(parsed.account, device, &listed(slot.signer)?)?;
        parsed.is_authentic(&key).then_some(key)
    })
}
