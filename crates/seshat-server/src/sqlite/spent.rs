//! What is good once, in memory: one process has the database, so no other one can have seen it.
//!
//! **Invariants:** what was spent is remembered until it ends. Time counts forward only: set back, it would revive what
//! was forgotten. Memory is bounded; past that nothing more is taken, since forgetting early would revive as well.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::meta::MetaError;

/// Remembered at most: some 3,000 signed requests a second, and 40 MB.
const REMEMBERED: usize = 1_000_000;

/// Milliseconds of ends that are forgotten together.
const TOGETHER: u64 = 32_000;

/// See the module.
pub(super) struct Spent {
    most: usize,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// The latest time seen, in milliseconds.
    latest: u64,
    /// By when they end, in steps of [`TOGETHER`].
    fingerprints: BTreeMap<u64, HashSet<[u8; 16]>>,
    count: usize,
}

impl Spent {
    pub(super) fn new() -> Self {
        Self::with_room(REMEMBERED)
    }

    fn with_room(most: usize) -> Self {
        Self { most, memory: Mutex::default() }
    }

    /// See [`crate::meta::MetaStore::spend`].
    pub(super) fn spend(
        &self,
        fingerprint: &[u8; 32],
        until: u64,
        now: u64,
    ) -> Result<bool, MetaError> {
        // Half of a hash is enough: nobody can find another thing with the same one.
        let known_by: [u8; 16] = std::array::from_fn(|index| fingerprint[index]);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forward(now);
        if until <= memory.latest || memory.has(&known_by) {
            return Ok(false);
        }
        if memory.count >= self.most {
            return Err(MetaError::Failed("no memory is left for what is good once".to_owned()));
        }
        memory.fingerprints.entry(until / TOGETHER).or_default().insert(known_by);
        memory.count += 1;
        drop(memory);
        Ok(true)
    }
}

impl Memory {
    /// Some ten sets at a time: what is spent ends within minutes.
    fn has(&self, fingerprint: &[u8; 16]) -> bool {
        self.fingerprints.values().any(|spent| spent.contains(fingerprint))
    }

    /// Moves the clock, and forgets what has ended.
    fn forward(&mut self, now: u64) {
        self.latest = self.latest.max(now);
        while let Some(step) = self.fingerprints.first_entry() {
            let newest = step.key().saturating_mul(TOGETHER).saturating_add(TOGETHER - 1);
            if newest > self.latest {
                break;
            }
            self.count -= step.remove().len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_what_is_in_it_stays() {
        let spent = Spent::with_room(3);
        for thing in 1..=3 {
            assert!(spent.spend(&[thing; 32], 10_000, 0).unwrap());
        }
        assert!(spent.spend(&[4; 32], 10_000, 0).is_err(), "something was pushed out");
        assert!(!spent.spend(&[1; 32], 10_000, 0).unwrap(), "pushed out");
        assert!(spent.spend(&[4; 32], 90_000, 10_000 + TOGETHER).unwrap(), "no room again");
        assert_eq!(spent.memory.lock().unwrap().count, 1, "memory grows");
    }
}
