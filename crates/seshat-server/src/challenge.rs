//! Sign-in challenges: valid for five minutes, for one account, once.
//!
//! A challenge carries its time and a MAC by a key of this process, so that handing one out costs no memory:
//! a table of open challenges could be flooded by anybody until the author's own had been pushed out. Only
//! answers that were *right* are remembered, and those cost a signing key. The key dies with the process, so
//! what was answered before a restart cannot be answered again after it.
//!
//! With several nodes the key and the answered challenges have to move into the shared database.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use seshat_protocol::{AccountId, Bytes32};
use sha2::Sha256;

/// How long a challenge may be answered, in milliseconds.
pub(crate) const LIFETIME_MS: u64 = 5 * 60 * 1000;

/// Right answers remembered at most (about 5 MB). Past that sign-ins are refused until the oldest end:
/// forgetting one early would let it be replayed.
const REMEMBERED: usize = 50_000;

/// See the module.
pub(crate) struct Challenges {
    key: [u8; 32],
    answered: Mutex<Answered>,
}

#[derive(Default)]
struct Answered {
    challenges: HashSet<[u8; 32]>,
    by_age: VecDeque<(u64, [u8; 32])>,
    /// The latest time seen: a clock that is set back must not revive what was forgotten.
    latest: u64,
}

impl Challenges {
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key, answered: Mutex::default() })
    }

    /// A challenge for `account`: time (8 bytes), random (8), MAC (16).
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn make(&self, account: AccountId, now: u64) -> Result<Bytes32, getrandom::Error> {
        let mut opening = [0; 16];
        opening[..8].copy_from_slice(&now.to_be_bytes());
        getrandom::fill(&mut opening[8..])?;
        let mut challenge = [0; 32];
        challenge[..16].copy_from_slice(&opening);
        challenge[16..].copy_from_slice(&self.mac(account, &opening).finalize().into_bytes()[..16]);
        Ok(Bytes32(challenge))
    }

    /// Whether `challenge` is one of ours for `account` and still open. Takes constant time for the MAC.
    pub(crate) fn is_open(&self, account: AccountId, challenge: &Bytes32, now: u64) -> bool {
        let (opening, mac) = challenge.0.split_at(16);
        let ours = self.mac(account, opening).verify_truncated_left(mac).is_ok();
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.latest = answered.latest.max(now);
        ours && made_at(challenge).saturating_add(LIFETIME_MS) > answered.latest
            && !answered.challenges.contains(&challenge.0)
    }

    /// Uses up an open challenge that was answered rightly. `false` when somebody else just did.
    pub(crate) fn use_up(&self, challenge: &Bytes32, now: u64) -> bool {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.latest = answered.latest.max(now);
        while let Some((ends, oldest)) = answered.by_age.front().copied()
            && ends <= answered.latest
        {
            answered.by_age.pop_front();
            answered.challenges.remove(&oldest);
        }
        // Counted from now, not from when it was made: then the queue is in the order of its ends.
        let ends = answered.latest.saturating_add(LIFETIME_MS);
        if answered.by_age.len() >= REMEMBERED || !answered.challenges.insert(challenge.0) {
            return false;
        }
        answered.by_age.push_back((ends, challenge.0));
        true
    }

    fn mac(&self, account: AccountId, opening: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.chain_update(account.0).chain_update(opening)
    }
}

fn made_at(challenge: &Bytes32) -> u64 {
    challenge.0.first_chunk().map_or(0, |time| u64::from_be_bytes(*time))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId([1; 16]);

    #[test]
    fn a_challenge_is_good_once_for_its_account_and_its_time() {
        let challenges = Challenges::new().unwrap();
        let challenge = challenges.make(ACCOUNT, 1_000).unwrap();
        assert!(challenges.is_open(ACCOUNT, &challenge, 1_000));
        assert!(!challenges.is_open(AccountId([2; 16]), &challenge, 1_000), "another account's");
        assert!(challenges.use_up(&challenge, 1_000));
        assert!(!challenges.is_open(ACCOUNT, &challenge, 1_001), "used up, yet open");
        assert!(!challenges.use_up(&challenge, 1_001), "used up twice");
    }

    #[test]
    fn a_challenge_ends_and_a_clock_set_back_does_not_revive_it() {
        let challenges = Challenges::new().unwrap();
        let challenge = challenges.make(ACCOUNT, 1_000).unwrap();
        assert!(challenges.is_open(ACCOUNT, &challenge, 1_000 + LIFETIME_MS - 1));
        assert!(!challenges.is_open(ACCOUNT, &challenge, 1_000 + LIFETIME_MS));
        assert!(!challenges.is_open(ACCOUNT, &challenge, 1_000), "revived");
    }

    #[test]
    fn a_made_up_or_altered_challenge_is_not_open() {
        let challenges = Challenges::new().unwrap();
        let good = challenges.make(ACCOUNT, 1_000).unwrap();
        for byte in 0..32 {
            let mut altered = good;
            altered.0[byte] ^= 1;
            assert!(!challenges.is_open(ACCOUNT, &altered, 1_000), "byte {byte} is not bound");
        }
        let other = Challenges::new().unwrap();
        assert!(!other.is_open(ACCOUNT, &good, 1_000), "another process took it");
    }

    #[test]
    fn what_was_answered_is_forgotten_only_after_it_could_not_be_answered_anyway() {
        let challenges = Challenges::new().unwrap();
        let first = challenges.make(ACCOUNT, 0).unwrap();
        assert!(challenges.use_up(&first, 0));
        let later = challenges.make(ACCOUNT, LIFETIME_MS).unwrap();
        assert!(challenges.use_up(&later, LIFETIME_MS));
        assert_eq!(challenges.answered.lock().unwrap().challenges.len(), 1, "memory grows");
        assert!(!challenges.is_open(ACCOUNT, &first, 0));
    }
}
