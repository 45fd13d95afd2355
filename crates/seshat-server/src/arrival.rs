//! When a signed request may come, and that it comes once.
//!
//! **Invariants:** the bytes of a request are good once. Its nonce is remembered for as long as its time would
//! still do; a time before this process began does not, because what another process has seen is not known. The
//! clock counts forward only: set back, it would revive what was forgotten. A time in the future does not do
//! either: a process that begins would not know of it. Memory is bounded; past that requests are told to come
//! again, since forgetting a nonce early would let its request be replayed.
//!
//! With several nodes the nonces have to move into the shared database.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use seshat_protocol::http_signature::{SIGNATURE_SECONDS, SignatureInput};
use sha2::{Digest, Sha256};

/// Nonces remembered at most: some 3,000 requests a second, and 40 MB.
const REMEMBERED: usize = 1_000_000;

/// Seconds of signatures whose nonces are forgotten together.
const TOGETHER: u64 = 32;

/// See the module.
pub(crate) struct Arrivals {
    /// The first second that began in this process.
    began: u64,
    most: usize,
    memory: Mutex<Memory>,
}

struct Memory {
    /// The latest time seen, in seconds.
    latest: u64,
    /// By the time of their signatures, in steps of [`TOGETHER`].
    nonces: BTreeMap<u64, HashSet<[u8; 16]>>,
    count: usize,
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
    /// No room to remember it.
    Full,
}

impl Arrivals {
    /// A process begins at `now`, in milliseconds.
    pub(crate) fn new(now: u64) -> Self {
        Self::with_room(now, REMEMBERED)
    }

    fn with_room(now: u64, most: usize) -> Self {
        let began = now.div_ceil(1000);
        let memory = Memory { latest: began, nonces: BTreeMap::new(), count: 0 };
        Self { began, most, memory: Mutex::new(memory) }
    }

    /// Whether a signature of this time would do at `now`; else the time that would.
    pub(crate) fn timely(&self, created: u64, now: u64) -> Result<(), u64> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forward(now);
        let fits = self.fits(created, memory.latest);
        if fits { Ok(()) } else { Err(memory.latest) }
    }

    /// Takes note of a request whose signature holds.
    pub(crate) fn note(&self, input: &SignatureInput, now: u64) -> Arrival {
        let known_by = fingerprint(input);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forward(now);
        if !self.fits(input.created, memory.latest) {
            return Arrival::Untimely(memory.latest);
        }
        let step = input.created / TOGETHER;
        if memory.nonces.get(&step).is_some_and(|nonces| nonces.contains(&known_by)) {
            return Arrival::Again;
        }
        if memory.count >= self.most {
            return Arrival::Full;
        }
        memory.nonces.entry(step).or_default().insert(known_by);
        memory.count += 1;
        Arrival::First
    }

    fn fits(&self, created: u64, latest: u64) -> bool {
        created >= self.began
            && created <= latest
            && created.saturating_add(SIGNATURE_SECONDS) >= latest
    }
}

impl Memory {
    /// Moves the clock, and forgets the nonces of signatures whose time no longer does.
    fn forward(&mut self, now: u64) {
        self.latest = self.latest.max(now / 1000);
        while let Some(step) = self.nonces.first_entry() {
            let newest = step.key().saturating_mul(TOGETHER).saturating_add(TOGETHER - 1);
            if newest.saturating_add(SIGNATURE_SECONDS) >= self.latest {
                break;
            }
            self.count -= step.remove().len();
        }
    }
}

/// 16 bytes for a nonce of a device.
fn fingerprint(input: &SignatureInput) -> [u8; 16] {
    let whole: [u8; 32] = Sha256::new()
        .chain_update(input.account.0)
        .chain_update(input.device.0)
        .chain_update(input.nonce.0)
        .finalize()
        .into();
    std::array::from_fn(|index| whole[index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use seshat_protocol::{AccountId, Bytes16, DeviceId};

    const START: u64 = 1_000_000;

    fn input(nonce: u8, created: u64) -> SignatureInput {
        SignatureInput {
            account: AccountId([1; 16]),
            device: DeviceId([2; 16]),
            created,
            nonce: Bytes16([nonce; 16]),
            if_match: false,
        }
    }

    #[test]
    fn a_nonce_is_good_once_for_its_device() {
        let arrivals = Arrivals::new(START * 1000);
        let now = (START + 10) * 1000;
        assert_eq!(arrivals.note(&input(1, START + 5), now), Arrival::First);
        assert_eq!(arrivals.note(&input(1, START + 5), now), Arrival::Again);
        assert_eq!(arrivals.note(&input(2, START + 5), now), Arrival::First);
        let other = SignatureInput { device: DeviceId([3; 16]), ..input(1, START + 5) };
        assert_eq!(arrivals.note(&other, now), Arrival::First, "another device's nonce");
        let other = SignatureInput { account: AccountId([3; 16]), ..input(1, START + 5) };
        assert_eq!(arrivals.note(&other, now), Arrival::First, "another account's nonce");
    }

    #[test]
    fn a_time_does_from_the_beginning_of_the_process_for_five_minutes_and_never_ahead() {
        let arrivals = Arrivals::new(START * 1000 - 999);
        let now = |seconds: u64| seconds * 1000 + 1;
        assert_eq!(arrivals.timely(START - 1, now(START)), Err(START), "before the process");
        assert_eq!(arrivals.timely(START, now(START)), Ok(()));
        assert_eq!(arrivals.timely(START + 1, now(START)), Err(START), "ahead of the clock");
        assert_eq!(arrivals.timely(START, now(START + SIGNATURE_SECONDS)), Ok(()));
        let late = START + SIGNATURE_SECONDS + 1;
        assert_eq!(arrivals.timely(START, now(late)), Err(late));
        assert_eq!(arrivals.note(&input(1, START), now(late)), Arrival::Untimely(late));
    }

    #[test]
    fn whatever_one_process_took_the_next_does_not() {
        // Every way in which two processes can share a second.
        for (ended, began) in [(0, 1), (1, 999), (998, 999), (999, 1000), (999, 1001)] {
            let first = Arrivals::new((START - 5) * 1000);
            let newest = (START * 1000 + ended) / 1000;
            assert_eq!(first.timely(newest, START * 1000 + ended), Ok(()));
            let second = Arrivals::new(START * 1000 + began);
            for later in [0, 10, 2000, 300_000] {
                let now = START * 1000 + began + later;
                assert!(second.timely(newest, now).is_err(), "{ended}, {began}, {later}");
            }
        }
    }

    #[test]
    fn the_time_that_is_named_does() {
        for start in [START * 1000, START * 1000 + 1, START * 1000 + 999] {
            let arrivals = Arrivals::new(start);
            let named = arrivals.timely(0, start).unwrap_err();
            assert_eq!(arrivals.timely(named, start), Ok(()));
        }
    }

    #[test]
    fn a_clock_set_back_revives_nothing_and_stops_nobody() {
        let arrivals = Arrivals::new(START * 1000);
        assert_eq!(arrivals.note(&input(1, START + 1), (START + 1) * 1000), Arrival::First);
        let later = START + 2 * SIGNATURE_SECONDS;
        assert_eq!(arrivals.note(&input(2, later), later * 1000), Arrival::First);
        let back = (START + 2) * 1000;
        assert_eq!(arrivals.note(&input(1, START + 1), back), Arrival::Untimely(later));
        assert_eq!(arrivals.note(&input(2, later), back), Arrival::Again);
        assert_eq!(arrivals.note(&input(3, later), back), Arrival::First);
    }

    #[test]
    fn nonces_are_forgotten_only_when_their_time_no_longer_does() {
        let arrivals = Arrivals::new(START * 1000);
        let mut noted = Vec::new();
        for step in 0..40_u64 {
            let now = START + step * 20;
            let input = SignatureInput {
                nonce: Bytes16([u8::try_from(step).unwrap(); 16]),
                ..input(0, now)
            };
            assert_eq!(arrivals.note(&input, now * 1000), Arrival::First);
            noted.push(input);
            for input in &noted {
                assert_ne!(arrivals.note(input, now * 1000), Arrival::First, "replayed");
            }
        }
        let memory = arrivals.memory.into_inner().unwrap();
        let kept: usize = memory.nonces.values().map(HashSet::len).sum();
        assert_eq!(kept, memory.count);
        assert!(kept <= 18, "memory grows: {kept}");
    }

    #[test]
    fn memory_is_bounded_and_what_is_in_it_stays() {
        let arrivals = Arrivals::with_room(START * 1000, 3);
        let now = START * 1000;
        for nonce in 1..=3 {
            assert_eq!(arrivals.note(&input(nonce, START), now), Arrival::First);
        }
        assert_eq!(arrivals.note(&input(4, START), now), Arrival::Full);
        assert_eq!(arrivals.note(&input(1, START), now), Arrival::Again, "pushed out");
        let later = START + SIGNATURE_SECONDS + TOGETHER;
        assert_eq!(arrivals.note(&input(4, later), later * 1000), Arrival::First, "no room again");
    }
}
