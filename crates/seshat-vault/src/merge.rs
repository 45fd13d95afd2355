//! Two laptops wrote the vault without knowing of each other: both come together again.
//!
//! **Invariant:** no key, device or unknown entry of either side is lost, and exactly one password is left.

use seshat_protocol::Bytes32;

use crate::blob::Slots;
use crate::device::DeviceRecord;
use crate::root::SecretKeys;
use crate::slot::Slot;
use crate::{AccountCode, MergeError, OpenVault};

/// What a merge did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Merged {
    /// What the other side lacked: this vault must be written and sent.
    pub ahead: Ahead,
    /// Which password counts from now on.
    pub password: PasswordAfter,
}

/// Whether this side holds anything that the other lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ahead {
    /// The other blob has everything.
    #[default]
    Nothing,
    /// It does not: write and send this vault.
    Something,
}

/// Which password counts after a merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PasswordAfter {
    /// The one that this side had.
    #[default]
    Ours,
    /// The other side's: tell the author, and ask for it at the next unlock.
    Theirs,
}

/// Whose slot is taken.
fn theirs_wins<K: Eq>(ours: &Slot<K>, theirs: &Slot<K>) -> bool {
    // The later written one. At a tie, what the server already has: the other side came first.
    ours != theirs && theirs.generation >= ours.generation
}

impl OpenVault {
    /// Takes over what `other`, a blob of the same vault opened by [`OpenVault::reopen`] or by its own secret,
    /// has more. Of two passwords (or recovery phrases) the later written one counts.
    ///
    /// # Errors
    /// [`MergeError::OtherVault`] when it is not the same account, vault key and identity; nothing is changed.
    pub fn merge(&mut self, other: &Self) -> Result<Merged, MergeError> {
        let same = self.account == other.account
            && self.key.same(&other.key)
            && self.body.identity.same(&other.body.identity);
        if !same {
            return Err(MergeError::OtherVault);
        }
        let mut merged = Merged { ahead: self.ahead_of(other), password: PasswordAfter::Ours };
        let before = self.slots.clone();
        if theirs_wins(&self.slots.password, &other.slots.password) {
            self.take_password(other);
            merged.password = PasswordAfter::Theirs;
        }
        if theirs_wins(&self.slots.recovery, &other.slots.recovery) {
            self.take_recovery(other);
        }
        self.take_phrase(other, &before);
        self.take_contents(other);
        self.generation = self.generation.max(other.generation);
        Ok(merged)
    }

    fn ahead_of(&self, other: &Self) -> Ahead {
        let lacks_key = self.body.novel_keys.iter().any(|(novel, keys)| {
            !other.body.novel_keys.get(novel).is_some_and(|known| known.covers(keys))
        }) || !other.body.account_keys.covers(&self.body.account_keys);
        let lacks_device =
            self.body.devices.iter().any(|(id, ours)| {
                other.body.devices.get(id).is_none_or(|theirs| lacks(ours, theirs))
            });
        let lacks_entry = self.body.unknown.iter().any(|entry| !other.body.unknown.contains(entry))
            || self.slots.unknown.iter().any(|slot| !other.slots.unknown.contains(slot));
        let (ours, theirs) = (&self.slots, &other.slots);
        let lacks_phrase = ours.password == theirs.password
            && ours.recovery == theirs.recovery
            && self.body.phrase.as_ref().is_some_and(|kept| kept.fits(ours))
            && other.body.phrase.is_none();
        let lacks_slot = ours.password.generation > theirs.password.generation
            || ours.recovery.generation > theirs.recovery.generation;
        if lacks_key || lacks_device || lacks_entry || lacks_slot || lacks_phrase {
            Ahead::Something
        } else {
            Ahead::Nothing
        }
    }

    fn take_password(&mut self, other: &Self) {
        self.slots.password = other.slots.password.clone();
        self.body.password_public = other.body.password_public;
        self.body.code = other.body.code.as_ref().map(AccountCode::duplicate);
        self.by_password = fitting(other.by_password.as_ref(), other.body.password_public);
    }

    fn take_recovery(&mut self, other: &Self) {
        self.slots.recovery = other.slots.recovery.clone();
        self.body.recovery_public = other.body.recovery_public;
        self.body.recovery_exchange_public = other.body.recovery_exchange_public;
        self.body.recovery_wrap = other.body.recovery_wrap.duplicate();
        self.by_phrase = fitting(other.by_phrase.as_ref(), other.body.recovery_public);
    }

    /// The phrase goes with both slots: of two laptops that changed one slot each, neither has it any more.
    fn take_phrase(&mut self, other: &Self, before: &Slots) {
        let goes_with = |slots: &Slots| {
            slots.password == self.slots.password && slots.recovery == self.slots.recovery
        };
        let ours = self.body.phrase.take().filter(|_| goes_with(before));
        let theirs = other.body.phrase.clone().filter(|_| goes_with(&other.slots));
        self.body.phrase = theirs.or(ours);
    }

    fn take_contents(&mut self, other: &Self) {
        for (novel, keys) in &other.body.novel_keys {
            self.body.novel_keys.entry(*novel).or_default().merge(keys);
        }
        self.body.account_keys.merge(&other.body.account_keys);
        for (id, theirs) in &other.body.devices {
            let ours = self.body.devices.entry(*id).or_insert_with(|| theirs.clone());
            ours.state.merge(theirs.state);
            if theirs.name_generation >= ours.name_generation {
                ours.name.clone_from(&theirs.name);
                ours.name_generation = theirs.name_generation;
            }
        }
        for entry in &other.body.unknown {
            if !self.body.unknown.contains(entry) {
                self.body.unknown.push(entry.clone());
            }
        }
        for slot in &other.slots.unknown {
            if !self.slots.unknown.contains(slot) {
                self.slots.unknown.push(slot.clone());
            }
        }
    }
}

/// Whether the second lacks what the first says about a device.
fn lacks(ours: &DeviceRecord, theirs: &DeviceRecord) -> bool {
    let mut state = theirs.state;
    state.merge(ours.state);
    state != theirs.state || ours.name_generation > theirs.name_generation
}

/// A copy of held keys, if they are the ones that the vault names.
fn fitting(keys: Option<&SecretKeys>, public: Bytes32) -> Option<SecretKeys> {
    keys.filter(|keys| keys.sign_in_public() == public).map(SecretKeys::duplicate)
}
