//! A clock that somebody sets and random numbers that come back, for one thread: the same seed gives the same ids,
//! keys and merges, so a schedule that failed can be run again.

use std::cell::RefCell;

/// SplitMix64 (Steele, Lea and Flood 2014). Not for keys that keep anything.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("no test counts that far");
        usize::try_from(self.bits() % bound).expect("it is below a usize")
    }

    /// One of `choices`, which is not empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

struct Rig {
    /// Milliseconds since 1970.
    now: u64,
    dice: Dice,
    /// A defect, kept as a test of the tests: every document is loaded under this one name.
    only_peer: Option<u64>,
}

thread_local! {
    static RIG: RefCell<Option<Rig>> = const { RefCell::new(None) };
}

/// From here on this thread has a clock that stands and random numbers that follow from `seed`.
pub(crate) fn begin(seed: u64, now: u64) {
    RIG.with(|rig| {
        *rig.borrow_mut() = Some(Rig { now, dice: Dice::new(seed), only_peer: None });
    });
}

/// The system's clock and randomness again.
pub(crate) fn end() {
    RIG.with(|rig| *rig.borrow_mut() = None);
}

/// What the clock shows from now on, in milliseconds since 1970.
pub(crate) fn set_clock(now: u64) {
    with(|rig| rig.now = now);
}

/// From now on every document is loaded under one name, which must never be.
pub(crate) fn use_one_peer(peer: Option<u64>) {
    with(|rig| rig.only_peer = peer);
}

fn with<T>(work: impl FnOnce(&mut Rig) -> T) -> Option<T> {
    RIG.with(|rig| rig.borrow_mut().as_mut().map(work))
}

/// The time, where somebody set it.
pub(crate) fn now() -> Option<u64> {
    with(|rig| rig.now)
}

/// A replica's name, where it is always the same.
pub(crate) fn peer() -> Option<u64> {
    with(|rig| rig.only_peer).flatten()
}

/// Fills `out`, where the random numbers are ours.
pub(crate) fn fill(out: &mut [u8]) -> bool {
    with(|rig| {
        for chunk in out.chunks_mut(8) {
            let bytes = rig.dice.bits().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    })
    .is_some()
}
