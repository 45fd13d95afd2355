//! When a signed request may come, and that it comes once.
//!
//! **Invariants:** the bytes of a request are good once. Its nonce is remembered by the store, and so by every node, for
//! as long as its time would still do; a time before the store began to remember does not, because what was seen before
//! is not known. The clock counts forward only: set back, it would revive what was forgotten. A time in the future does
//! not do either: who begins to remember would not know of it.

use std::sync::atomic::{AtomicU64, Ordering};

use seshat_protocol::http_signature::{SIGNATURE_SECONDS, SignatureInput};
use sha2::{Digest, Sha256};

use crate::meta::{MetaError, MetaStore};

/// See the module.
#[derive(Default)]
pub(crate) struct Arrivals {
    /// The latest time seen, in seconds.
    latest: AtomicU64,
}

/// What is to be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is new; from now on it is known.
    First,
    /// It was here before.
    Again,
    /// Its time does not do; this one, in seconds since 1970, would.
    Untimely(u64),
}

impl Arrivals {
    /// Whether a signature of this time would do at `now`; else the time that would.
    pub(crate) fn timely(&self, store: &dyn MetaStore, created: u64, now: u64) -> Result<(), u64> {
        // The first second that began in the store's memory.
        let began = store.began().div_ceil(1000);
        let latest = self.latest.fetch_max(now / 1000, Ordering::SeqCst).max(now / 1000).max(began);
        let fits = created >= began
            && created <= latest
            && created.saturating_add(SIGNATURE_SECONDS) >= latest;
        if fits { Ok(()) } else { Err(latest) }
    }

    /// Takes note of a request whose signature holds.
    pub(crate) async fn note(
        &self,
        store: &dyn MetaStore,
        input: &SignatureInput,
        now: u64,
    ) -> Result<Arrival, MetaError> {
        if let Err(better) = self.timely(store, input.created, now) {
            return Ok(Arrival::Untimely(better));
        }
        // The first moment at which its time does no longer.
        let until = input.created.saturating_add(SIGNATURE_SECONDS + 1).saturating_mul(1000);
        let is_first = store.spend(fingerprint(input), until, now).await?;
        Ok(if is_first { Arrival::First } else { Arrival::Again })
    }
}

/// A nonce of a device.
fn fingerprint(input: &SignatureInput) -> [u8; 32] {
    Sha256::new()
        .chain_update(input.account.0)
        .chain_update(input.device.0)
        .chain_update(input.nonce.0)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::SqliteStore;
    use seshat_protocol::{AccountId, Bytes16, DeviceId};

    const START: u64 = 1_000_000;

    /// A process that begins at `began`, in milliseconds.
    struct Process {
        arrivals: Arrivals,
        store: SqliteStore,
        _folder: tempfile::TempDir,
    }

    impl Process {
        fn begin(began: u64) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(&folder.path().join("server.db"), None, began).unwrap();
            Self { arrivals: Arrivals::default(), store, _folder: folder }
        }

        fn timely(&self, created: u64, now: u64) -> Result<(), u64> {
            self.arrivals.timely(&self.store, created, now)
        }

        async fn note(&self, input: &SignatureInput, now: u64) -> Arrival {
            self.arrivals.note(&self.store, input, now).await.unwrap()
        }
    }

    fn input(nonce: u8, created: u64) -> SignatureInput {
        SignatureInput {
            account: AccountId([1; 16]),
            device: DeviceId([2; 16]),
            created,
            nonce: Bytes16([nonce; 16]),
            if_match: false,
        }
    }

    #[tokio::test]
    async fn a_nonce_is_good_once_for_its_device() {
        let process = Process::begin(START * 1000);
        let now = (START + 10) * 1000;
        assert_eq!(process.note(&input(1, START + 5), now).await, Arrival::First);
        assert_eq!(process.note(&input(1, START + 5), now).await, Arrival::Again);
        assert_eq!(process.note(&input(2, START + 5), now).await, Arrival::First);
        let other = SignatureInput { device: DeviceId([3; 16]), ..input(1, START + 5) };
        assert_eq!(process.note(&other, now).await, Arrival::First, "another device's nonce");
        let other = SignatureInput { account: AccountId([3; 16]), ..input(1, START + 5) };
        assert_eq!(process.note(&other, now).await, Arrival::First, "another account's nonce");
    }

    #[tokio::test]
    async fn a_time_does_from_the_beginning_of_the_memory_for_five_minutes_and_never_ahead() {
        let process = Process::begin(START * 1000 - 999);
        let now = |seconds: u64| seconds * 1000 + 1;
        assert_eq!(process.timely(START - 1, now(START)), Err(START), "before the process");
        assert_eq!(process.timely(START, now(START)), Ok(()));
        assert_eq!(process.timely(START + 1, now(START)), Err(START), "ahead of the clock");
        assert_eq!(process.timely(START, now(START + SIGNATURE_SECONDS)), Ok(()));
        let late = START + SIGNATURE_SECONDS + 1;
        assert_eq!(process.timely(START, now(late)), Err(late));
        assert_eq!(process.note(&input(1, START), now(late)).await, Arrival::Untimely(late));
    }

    #[tokio::test]
    async fn whatever_one_process_took_the_next_does_not() {
        // Every way in which two processes can share a second.
        for (ended, began) in [(0, 1), (1, 999), (998, 999), (999, 1000), (999, 1001)] {
            let first = Process::begin((START - 5) * 1000);
            let newest = (START * 1000 + ended) / 1000;
            assert_eq!(first.timely(newest, START * 1000 + ended), Ok(()));
            let second = Process::begin(START * 1000 + began);
            for later in [0, 10, 2000, 300_000] {
                let now = START * 1000 + began + later;
                assert!(second.timely(newest, now).is_err(), "{ended}, {began}, {later}");
            }
        }
    }

    #[tokio::test]
    async fn the_time_that_is_named_does() {
        for start in [START * 1000, START * 1000 + 1, START * 1000 + 999] {
            let process = Process::begin(start);
            let named = process.timely(0, start).unwrap_err();
            assert_eq!(process.timely(named, start), Ok(()));
        }
    }

    #[tokio::test]
    async fn a_clock_set_back_revives_nothing_and_stops_nobody() {
        let process = Process::begin(START * 1000);
        let first = process.note(&input(1, START + 1), (START + 1) * 1000).await;
        assert_eq!(first, Arrival::First);
        let later = START + 2 * SIGNATURE_SECONDS;
        assert_eq!(process.note(&input(2, later), later * 1000).await, Arrival::First);
        let back = (START + 2) * 1000;
        assert_eq!(process.note(&input(1, START + 1), back).await, Arrival::Untimely(later));
        assert_eq!(process.note(&input(2, later), back).await, Arrival::Again);
        assert_eq!(process.note(&input(3, later), back).await, Arrival::First);
    }

    #[tokio::test]
    async fn nonces_are_forgotten_only_when_their_time_no_longer_does() {
        let process = Process::begin(START * 1000);
        let mut noted = Vec::new();
        for step in 0..40_u64 {
            // Also at the very end of a second.
            let now = (START + step * 20) * 1000 + step % 2 * 999;
            let input = SignatureInput {
                nonce: Bytes16([u8::try_from(step).unwrap(); 16]),
                ..input(0, now / 1000)
            };
            assert_eq!(process.note(&input, now).await, Arrival::First);
            noted.push(input);
            for input in &noted {
                assert_ne!(process.note(input, now).await, Arrival::First, "replayed");
            }
        }
    }
}
