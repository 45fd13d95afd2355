//! Two laptops wrote the vault without knowing of each other: both come together again.
//!
//! **Invariant:** no key of either side is lost, exactly one password is left, and nothing is sealed from now
//! on under a key that came from before a rotation: who had the old password may have made it.

use std::collections::BTreeMap;

use seshat_protocol::{Bytes32, NovelId};

use crate::blob::Slots;
use crate::body::Body;
use crate::device::DeviceRecord;
use crate::key::Key;
use crate::keys_by_epoch::KeysByEpoch;
use crate::lineage::{KeyId, Lineage, Vouched};
use crate::root::SecretKeys;
use crate::slot::Slot;
use crate::{AccountCode, Entropy, EntropyError, MergeError, OpenVault};

/// What a merge did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Merged {
    /// What the other side lacked: this vault must be written and sent.
    pub ahead: Ahead,
    /// Which password counts from now on.
    pub password: PasswordAfter,
    /// The other side had rotated the vault key: seal again what lies on this device under it.
    pub rekeyed: bool,
    /// A device that is revoked was given the vault key by a laptop that did not know of the revocation:
    /// offer another rotation.
    pub rotate_again: bool,
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

/// All keys of one side and, as far as the other side knew more, those as well.
type AllKeys = (KeysByEpoch, BTreeMap<NovelId, KeysByEpoch>);

impl OpenVault {
    /// Takes over what `other`, a blob of this account opened by [`OpenVault::reopen`], has more. Under the same
    /// vault key that is everything, and of two passwords (or recovery phrases) the later written one counts.
    /// After a rotation elsewhere the other's key, password and phrase count. From before a rotation only
    /// keys are taken, and new ones made where they would be the newest.
    ///
    /// # Errors
    /// [`MergeError::OtherVault`] when it is not the same account and identity or nothing vouches for its key;
    /// [`MergeError::Entropy`]. Nothing is changed by either.
    pub fn merge(&mut self, other: &Self, entropy: &mut dyn Entropy) -> Result<Merged, MergeError> {
        match self.lineage_of(other).ok_or(MergeError::OtherVault)? {
            Lineage::Same => Ok(self.merge_same(other)),
            Lineage::Older => Ok(self.take_older(other, entropy)?),
            Lineage::Newer => Ok(self.follow(other, entropy)?),
        }
    }

    /// As [`OpenVault::merge`], for a vault that the author has just opened with the new password or phrase:
    /// for a laptop for which no rotation left a slot that it can believe.
    ///
    /// # Errors
    /// As [`OpenVault::merge`].
    pub fn adopt(
        &mut self,
        mut other: Self,
        entropy: &mut dyn Entropy,
    ) -> Result<Merged, MergeError> {
        other.vouched_to = Some((KeyId::of(&self.key), Vouched::ByActive));
        self.merge(&other, entropy)
    }

    fn merge_same(&mut self, other: &Self) -> Merged {
        let mut merged = Merged::default();
        let before = self.slots.clone();
        if theirs_wins(&self.slots.password, &other.slots.password) {
            self.take_password(other);
            merged.password = PasswordAfter::Theirs;
        }
        if theirs_wins(&self.slots.recovery, &other.slots.recovery) {
            self.take_recovery(other);
        }
        self.take_phrase(other, &before);
        for (novel, keys) in &other.body.novel_keys {
            self.body.novel_keys.entry(*novel).or_default().merge(keys);
        }
        self.body.account_keys.merge(&other.body.account_keys);
        self.take_contents(&other.body);
        for slot in &other.slots.unknown {
            if !self.slots.unknown.contains(slot) {
                self.slots.unknown.push(slot.clone());
            }
        }
        self.generation = self.generation.max(other.generation);
        merged.ahead = self.ahead_of(other);
        merged
    }

    /// From before a rotation: no device, no slot, no name. What the other side knew may be somebody else's.
    fn take_older(
        &mut self,
        other: &Self,
        entropy: &mut dyn Entropy,
    ) -> Result<Merged, EntropyError> {
        let (account_keys, novel_keys) = self.keys_over(&self.body, &other.body, entropy)?;
        self.body.account_keys = account_keys;
        self.body.novel_keys = novel_keys;
        self.generation = self.generation.max(other.generation);
        self.settle_locks();
        Ok(Merged { ahead: Ahead::Something, ..Merged::default() })
    }

    /// After a rotation elsewhere: its key and its secrets, and what this side has more.
    fn follow(&mut self, other: &Self, entropy: &mut dyn Entropy) -> Result<Merged, EntropyError> {
        let (account_keys, novel_keys) = self.keys_over(&other.body, &self.body, entropy)?;
        let rotate_again = self.body.devices.values().any(|ours| {
            let theirs = other.body.devices.get(&ours.entry.id);
            ours.state.is_revoked() && theirs.is_some_and(|theirs| !theirs.state.is_revoked())
        });
        self.body.account_keys = account_keys;
        self.body.novel_keys = novel_keys;
        self.take_password(other);
        self.take_recovery(other);
        self.body.phrase.clone_from(&other.body.phrase);
        self.slots = other.slots.clone();
        let ended = std::mem::replace(&mut self.key, other.key.duplicate());
        self.body.retired.push(ended);
        self.take_contents(&other.body);
        self.generation = self.generation.max(other.generation);
        let password = PasswordAfter::Theirs;
        Ok(Merged { ahead: self.ahead_of(other), password, rekeyed: true, rotate_again })
    }

    /// The keys of `base`, and those that `older` has more, never as the newest.
    fn keys_over(
        &self,
        base: &Body,
        older: &Body,
        entropy: &mut dyn Entropy,
    ) -> Result<AllKeys, EntropyError> {
        let mut account_keys = base.account_keys.duplicate();
        account_keys.take_older(&older.account_keys, entropy)?;
        let mut novel_keys: BTreeMap<_, _> =
            base.novel_keys.iter().map(|(novel, keys)| (*novel, keys.duplicate())).collect();
        for (novel, keys) in &older.novel_keys {
            let known = novel_keys.entry(*novel).or_default();
            // A locked novel's newest key is not among these; opening it makes a newer one.
            if self.is_locked(*novel) || base.locks.is_locked(*novel) {
                known.merge(keys);
            } else {
                known.take_older(keys, entropy)?;
            }
        }
        novel_keys.retain(|_, keys| !keys.is_empty());
        Ok((account_keys, novel_keys))
    }

    /// What `other` lacks, once everything was taken from it.
    fn ahead_of(&self, other: &Self) -> Ahead {
        let (ours, theirs) = (&self.slots, &other.slots);
        let lacks_phrase = ours.password == theirs.password
            && ours.recovery == theirs.recovery
            && self.body.phrase.as_ref().is_some_and(|kept| kept.fits(ours))
            && other.body.phrase.is_none();
        let lacks_slot = ours.password.generation > theirs.password.generation
            || ours.recovery.generation > theirs.recovery.generation
            || ours.unknown.iter().any(|slot| !theirs.unknown.contains(slot));
        if lacks_phrase || lacks_slot || other.body.lacks_any_of(&self.body) {
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

    /// Devices, ended keys, locks, and entries of other releases.
    fn take_contents(&mut self, theirs: &Body) {
        for (id, theirs) in &theirs.devices {
            let ours = self.body.devices.entry(*id).or_insert_with(|| theirs.clone());
            ours.state.merge(theirs.state);
            if theirs.name_generation >= ours.name_generation {
                ours.name.clone_from(&theirs.name);
                ours.name_generation = theirs.name_generation;
            }
        }
        self.body.retired.extend(theirs.retired.iter().map(Key::duplicate));
        keep_once(&mut self.body.retired, &self.key);
        for entry in &theirs.unknown {
            if !self.body.unknown.contains(entry) {
                self.body.unknown.push(entry.clone());
            }
        }
        self.body.locks.merge(&theirs.locks, &self.body.recovery_exchange_public);
        self.settle_locks();
    }
}

impl Body {
    /// Whether `other` has anything that is not here.
    fn lacks_any_of(&self, other: &Self) -> bool {
        let lacks_key = other.novel_keys.iter().any(|(novel, keys)| {
            !self.novel_keys.get(novel).is_some_and(|known| known.covers(keys))
        }) || !self.account_keys.covers(&other.account_keys);
        let lacks_device = other
            .devices
            .iter()
            .any(|(id, device)| self.devices.get(id).is_none_or(|known| says_less(known, device)));
        let lacks_retired =
            other.retired.iter().any(|key| !self.retired.iter().any(|known| known.same(key)));
        lacks_key
            || lacks_device
            || lacks_retired
            || other.unknown.iter().any(|entry| !self.unknown.contains(entry))
            || self.locks.lack_any_of(&other.locks, &other.recovery_exchange_public)
    }
}

/// Whether the first says less about a device than the second.
fn says_less(known: &DeviceRecord, other: &DeviceRecord) -> bool {
    let mut state = known.state;
    state.merge(other.state);
    state != known.state || other.name_generation > known.name_generation
}

/// Each key once, and not the one that is in use.
fn keep_once(retired: &mut Vec<Key>, in_use: &Key) {
    let mut kept: Vec<Key> = Vec::with_capacity(retired.len());
    for key in retired.drain(..) {
        if !key.same(in_use) && !kept.iter().any(|known| known.same(&key)) {
            kept.push(key);
        }
    }
    *retired = kept;
}

/// A copy of held keys, if they are the ones that the vault names.
fn fitting(keys: Option<&SecretKeys>, public: Bytes32) -> Option<SecretKeys> {
    keys.filter(|keys| keys.sign_in_public() == public).map(SecretKeys::duplicate)
}
