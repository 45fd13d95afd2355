//! The keys of one novel (or of the record headers) through the epochs.
//!
//! **Invariant:** no key is ever lost or replaced. Two laptops that rotate at the same time without a network
//! make two keys of one epoch; both are kept, the envelope's commitment tells which of them opens a record.

use std::collections::BTreeMap;

use crate::key::Key;
use crate::{Entropy, EntropyError};

/// Keys, by epoch from 1.
#[derive(Default)]
pub(crate) struct KeysByEpoch(BTreeMap<u32, Vec<Key>>);

impl KeysByEpoch {
    /// Adds a key unless it is there.
    pub(crate) fn add(&mut self, epoch: u32, key: Key) {
        let keys = self.0.entry(epoch).or_default();
        if !keys.iter().any(|known| known.same(&key)) {
            keys.push(key);
        }
    }

    /// Makes the key of the next epoch.
    pub(crate) fn make_next(&mut self, entropy: &mut dyn Entropy) -> Result<(), EntropyError> {
        let key = Key::make(entropy)?;
        let epoch = self.0.last_key_value().map_or(1, |(epoch, _)| epoch.saturating_add(1));
        self.add(epoch, key);
        Ok(())
    }

    /// What new things are sealed under.
    pub(crate) fn newest(&self) -> Option<(u32, &Key)> {
        let (epoch, keys) = self.0.last_key_value()?;
        keys.first().map(|key| (*epoch, key))
    }

    /// Every key of an epoch; almost always one.
    pub(crate) fn of_epoch(&self, epoch: u32) -> &[Key] {
        self.0.get(&epoch).map_or(&[], Vec::as_slice)
    }

    /// All, in the order of their epochs.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Key)> {
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
}
