//! How long to wait after a failure. Randomness is passed in.

/// The shortest wait, in milliseconds.
pub const BACKOFF_FLOOR_MS: u64 = 1_000;
/// The longest wait, in milliseconds: five minutes.
pub const BACKOFF_CEILING_MS: u64 = 300_000;

/// Exponential backoff with full jitter: the n-th wait in a row is uniform between [`BACKOFF_FLOOR_MS`] and
/// [`BACKOFF_FLOOR_MS`] · 2ⁿ, at most [`BACKOFF_CEILING_MS`]. The engine uses it inside a round; a program that
/// syncs for hours uses another one for the pauses between rounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// No failure yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Failures in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts a failure and says how many milliseconds to wait. `jitter` is 64 random bits: laptops that lost
    /// the same server at the same moment must not all come back at the same moment.
    pub fn fail(&mut self, jitter: u64) -> u64 {
        self.failures = self.failures.saturating_add(1);
        let doubled = 1_u64.checked_shl(self.failures.min(32)).unwrap_or(u64::MAX);
        let most = BACKOFF_FLOOR_MS.saturating_mul(doubled).min(BACKOFF_CEILING_MS);
        BACKOFF_FLOOR_MS + jitter % (most - BACKOFF_FLOOR_MS + 1)
    }

    /// Forgets the failures.
    pub fn succeed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_wait_is_never_below_a_second_nor_above_five_minutes(jitters in prop::collection::vec(any::<u64>(), 1..80)) {
            let mut backoff = Backoff::new();
            for (n, jitter) in jitters.into_iter().enumerate() {
                let wait = backoff.fail(jitter);
                prop_assert!(wait >= BACKOFF_FLOOR_MS, "wait {} was {} ms", n, wait);
                prop_assert!(wait <= BACKOFF_CEILING_MS, "wait {} was {} ms", n, wait);
            }
        }
    }

    #[test]
    fn waits_double_up_to_the_ceiling_and_success_starts_over() {
        let most = |nth: u64| (BACKOFF_FLOOR_MS << nth).min(BACKOFF_CEILING_MS);
        let mut backoff = Backoff::new();
        for nth in 1..=40 {
            // The jitter that gives the longest wait of this step.
            let jitter = most(nth.min(20)) - BACKOFF_FLOOR_MS;
            assert_eq!(backoff.fail(jitter), most(nth.min(20)), "wait {nth}");
        }
        backoff.succeed();
        assert_eq!(
            backoff.fail(u64::MAX).max(2_000),
            2_000,
            "the first wait is two seconds at most"
        );
    }
}
