//! What can be said about an open vault without saying a secret.

use crate::OpenVault;
use crate::root::SecretKeys;

/// The slots of a vault, by the generation in which each was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotGenerations {
    /// The password slot's.
    pub password: u64,
    /// The recovery slot's.
    pub recovery: u64,
    /// Those that a rotation left for other devices.
    pub devices: Vec<u64>,
}

impl OpenVault {
    /// When each slot was made.
    #[must_use]
    pub fn slot_generations(&self) -> SlotGenerations {
        SlotGenerations {
            password: self.slots.password.generation,
            recovery: self.slots.recovery.generation,
            devices: self.slots.devices.iter().map(|slot| slot.generation).collect(),
        }
    }

    /// Whether this vault has another vault key than `before`: what was sealed under that one opens no more.
    #[must_use]
    pub fn is_rekeyed_from(&self, before: &Self) -> bool {
        !self.key.same(&before.key)
    }

    /// Whether the recovery phrase can be shown again to whoever opens this vault with the password.
    #[must_use]
    pub fn keeps_phrase(&self) -> bool {
        self.body.phrase.as_ref().is_some_and(|phrase| phrase.fits(&self.slots))
    }

    /// Takes over the password's keys from `other`, the same vault as just opened with its password; nothing
    /// happens where that is not this vault's password.
    pub fn learn_password(&mut self, other: &Self) {
        if self.slots.password == other.slots.password {
            self.by_password = other.by_password.as_ref().map(SecretKeys::duplicate);
        }
    }
}
