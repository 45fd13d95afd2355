//! The keys of one novel (or of the record headers) through the epochs.
//!
//! **Invariant:** no key is ever lost or replaced. Two laptops that rotate at the same time without a network
//! make two keys of one epoch; both are kept, the envelope's commitment tells which of them opens a record.

use std::collections::BTreeMap;

use crate::key::Key;
use crate::{Entropy, EntropyError};

/// No epoch above this is taken from before a rotation: there must be room for newer ones.
const OLDER_LIMIT: u32 = 1_000_000;

/// Keys, by epoch from 1.
#[derive(Default)]
pub(crate) struct KeysByEpoch(BTreeMap<u32, Vec<Key>>);

impl KeysByEpoch {
    /// Adds a key unless it is there; says whether it was new.
    pub(crate) fn add(&mut self, epoch: u32, key: Key) -> bool {
        let keys = self.0.entry(epoch).or_default();
        let is_new = !keys.iter().any(|known| known.same(&key));
        if is_new {
            keys.push(key);
        }
        is_new
    }

    /// Makes the key of the next epoch.
    pub(crate) fn make_next(&mut self, entropy: &mut dyn Entropy) -> Result<(), EntropyError> {
        let key = Key::make(entropy)?;
        let epoch = self.newest_epoch().map_or(1, |epoch| epoch.saturating_add(1));
        self.add(epoch, key);
        Ok(())
    }

    /// What new things are sealed under.
    pub(crate) fn newest(&self) -> Option<(u32, &Key)> {
        let (epoch, keys) = self.0.last_key_value()?;
        keys.first().map(|key| (*epoch, key))
    }

    pub(crate) fn newest_epoch(&self) -> Option<u32> {
        self.0.last_key_value().map(|(epoch, _)| *epoch)
    }

    /// Every key of an epoch; almost always one.
    pub(crate) fn of_epoch(&self, epoch: u32) -> &[Key] {
        self.0.get(&epoch).map_or(&[], Vec::as_slice)
    }

    /// All, in the order of their epochs.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &Key)> {
        self.0.iter().flat_map(|(epoch, keys)| keys.iter().map(|key| (*epoch, key)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every key of `other` is here.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(epoch, key)| self.of_epoch(epoch).iter().any(|known| known.same(key)))
    }

    /// Takes over what `other` has.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (epoch, key) in other.iter() {
            self.add(epoch, key.duplicate());
        }
    }

    /// Takes over what is from before a rotation, for reading: where one of those keys would be of the newest
    /// epoch, a newer one is made.
    pub(crate) fn take_older(
        &mut self,
        older: &Self,
        entropy: &mut dyn Entropy,
    ) -> Result<(), EntropyError> {
        let newest = self.newest_epoch().unwrap_or(0);
        let mut is_newest = false;
        for (epoch, key) in older.iter().filter(|(epoch, _)| *epoch <= OLDER_LIMIT) {
            is_newest |= self.add(epoch, key.duplicate()) && epoch >= newest;
        }
        if is_newest { self.make_next(entropy) } else { Ok(()) }
    }

    /// Keeps the keys for which `keep` says so.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(u32, &Key) -> bool) {
        for (epoch, keys) in &mut self.0 {
            keys.retain(|key| keep(*epoch, key));
        }
        self.0.retain(|_, keys| !keys.is_empty());
    }

    pub(crate) fn duplicate(&self) -> Self {
        let mut copy = Self::default();
        copy.merge(self);
        copy
    }
}
