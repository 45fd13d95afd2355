//! Sign-in challenges: valid for five minutes, for one account, once.
//!
//! A challenge carries its time and a MAC by a key of this database, so that handing one out costs no memory and any node
//! knows it: a table of open challenges could be flooded by anybody until the author's own had been pushed out. Only
//! answers that were *right* are remembered, by the store, and those cost a signing key. A challenge that was made before
//! the store began to remember may have been answered, and is open no more.

use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use seshat_protocol::{AccountId, Bytes32};
use sha2::{Digest, Sha256};

use crate::meta::{MetaError, MetaStore};

/// How long a challenge may be answered, in milliseconds.
pub(crate) const LIFETIME_MS: u64 = 5 * 60 * 1000;

/// See the module.
pub(crate) struct Challenges {
    key: [u8; 32],
    /// The latest time seen, in milliseconds: a clock that is set back must not revive what ended.
    latest: AtomicU64,
}

impl Challenges {
    /// The key follows from the database's `secret`, so that all nodes have the same one; nothing else does that begins
    /// with this word.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let key = keyed(secret).chain_update("challenges").finalize().into_bytes().into();
        Self { key, latest: AtomicU64::new(0) }
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

    /// Whether `challenge` is one of ours for `account`, made since `began` and not ended. It may have been answered. Takes
    /// constant time for the MAC.
    pub(crate) fn is_open(
        &self,
        account: AccountId,
        challenge: &Bytes32,
        began: u64,
        now: u64,
    ) -> bool {
        let (opening, mac) = challenge.0.split_at(16);
        let ours = self.mac(account, opening).verify_truncated_left(mac).is_ok();
        let latest = self.latest.fetch_max(now, Ordering::SeqCst).max(now);
        ours && made_at(challenge) >= began && ends_at(challenge) > latest
    }

    /// Uses up an open challenge that was answered rightly. `false` when somebody else did.
    pub(crate) async fn use_up(
        &self,
        store: &dyn MetaStore,
        challenge: &Bytes32,
        now: u64,
    ) -> Result<bool, MetaError> {
        let hash = Sha256::new().chain_update("challenge").chain_update(challenge.0).finalize();
        store.spend(hash.into(), ends_at(challenge), now).await
    }

    fn mac(&self, account: AccountId, opening: &[u8]) -> Hmac<Sha256> {
        keyed(&self.key).chain_update(account.0).chain_update(opening)
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn made_at(challenge: &Bytes32) -> u64 {
    challenge.0.first_chunk().map_or(0, |time| u64::from_be_bytes(*time))
}

fn ends_at(challenge: &Bytes32) -> u64 {
    made_at(challenge).saturating_add(LIFETIME_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::SqliteStore;

    const ACCOUNT: AccountId = AccountId([1; 16]);

    fn store(folder: &tempfile::TempDir) -> SqliteStore {
        SqliteStore::open(&folder.path().join("server.db"), None, 0).unwrap()
    }

    #[tokio::test]
    async fn a_challenge_is_good_once_for_its_account_and_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let (challenges, store) = (Challenges::new(&[1; 32]), store(&folder));
        let challenge = challenges.make(ACCOUNT, 1_000).unwrap();
        assert!(challenges.is_open(ACCOUNT, &challenge, 0, 1_000));
        let other = AccountId([2; 16]);
        assert!(!challenges.is_open(other, &challenge, 0, 1_000), "another account's");
        assert!(challenges.use_up(&store, &challenge, 1_000).await.unwrap());
        assert!(!challenges.use_up(&store, &challenge, 1_001).await.unwrap(), "used up twice");
    }

    #[tokio::test]
    async fn what_was_answered_is_forgotten_only_after_it_could_not_be_answered_anyway() {
        let folder = tempfile::tempdir().unwrap();
        let (challenges, store) = (Challenges::new(&[1; 32]), store(&folder));
        let first = challenges.make(ACCOUNT, 0).unwrap();
        assert!(challenges.use_up(&store, &first, LIFETIME_MS - 1).await.unwrap());
        for later in [0, 1, 31_999, 32_000, 10 * LIFETIME_MS] {
            let now = LIFETIME_MS - 1 + later;
            let again = challenges.is_open(ACCOUNT, &first, 0, now)
                && challenges.use_up(&store, &first, now).await.unwrap();
            assert!(!again, "answered again {later} ms later");
        }
        assert!(!challenges.use_up(&store, &first, 0).await.unwrap(), "revived");
    }

    #[test]
    fn a_challenge_ends_and_a_clock_set_back_does_not_revive_it() {
        let challenges = Challenges::new(&[1; 32]);
        let challenge = challenges.make(ACCOUNT, 1_000).unwrap();
        assert!(challenges.is_open(ACCOUNT, &challenge, 0, 1_000 + LIFETIME_MS - 1));
        assert!(!challenges.is_open(ACCOUNT, &challenge, 0, 1_000 + LIFETIME_MS));
        assert!(!challenges.is_open(ACCOUNT, &challenge, 0, 1_000), "revived");
    }

    #[test]
    fn a_made_up_or_altered_challenge_is_not_open() {
        let challenges = Challenges::new(&[1; 32]);
        let good = challenges.make(ACCOUNT, 1_000).unwrap();
        for byte in 0..32 {
            let mut altered = good;
            altered.0[byte] ^= 1;
            assert!(!challenges.is_open(ACCOUNT, &altered, 0, 1_000), "byte {byte} is not bound");
        }
        let other = Challenges::new(&[2; 32]);
        assert!(!other.is_open(ACCOUNT, &good, 0, 1_000), "another database's nodes took it");
        let node = Challenges::new(&[1; 32]);
        assert!(node.is_open(ACCOUNT, &good, 1_000, 1_000), "another node did not take it");
        assert!(!node.is_open(ACCOUNT, &good, 1_001, 1_001), "it may have been answered before");
    }
}
