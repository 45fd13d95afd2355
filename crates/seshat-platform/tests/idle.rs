//! The idle clock, under every clock that a laptop can have.

use std::time::Duration;

use proptest::prelude::*;
use seshat_platform::IdleTimer;

const MINUTE: u64 = 60_000;

fn timer(minutes: u64) -> IdleTimer {
    IdleTimer::new(Some(Duration::from_millis(minutes * MINUTE)))
}

#[test]
fn a_night_asleep_is_time_away() {
    let mut idle = timer(15);
    idle.active(1_000_000);
    assert!(!idle.due(1_000_000 + 14 * MINUTE));
    assert!(idle.due(1_000_000 + 8 * 60 * MINUTE), "the laptop slept for eight hours");
}

#[test]
fn whoever_comes_back_starts_from_nothing() {
    let mut idle = timer(15);
    idle.active(0);
    assert!(idle.due(15 * MINUTE));
    assert!(idle.due(15 * MINUTE), "it stays due until somebody does something");
    idle.active(16 * MINUTE);
    assert!(!idle.due(30 * MINUTE));
    assert!(idle.due(31 * MINUTE));
}

#[test]
fn nothing_is_due_at_the_first_look_and_counting_begins_there() {
    let mut idle = timer(15);
    assert!(!idle.due(1_700_000_000_000), "the year 1970 is not when the author was last here");
    assert!(!idle.due(1_700_000_000_000 + 15 * MINUTE - 1));
    assert!(idle.due(1_700_000_000_000 + 15 * MINUTE));
}

#[test]
fn a_shorter_limit_counts_what_was_counted() {
    let mut idle = timer(60);
    idle.active(0);
    assert!(!idle.due(20 * MINUTE));
    idle.set_limit(Some(Duration::from_secs(15 * 60)));
    assert!(idle.due(20 * MINUTE));
    idle.set_limit(None);
    assert!(!idle.due(20 * MINUTE));
}

proptest! {
    #[test]
    fn without_a_limit_nothing_is_ever_due(times in proptest::collection::vec(any::<u64>(), 0..50)) {
        let mut idle = IdleTimer::new(None);
        for time in times {
            prop_assert!(!idle.due(time));
        }
    }

    #[test]
    fn with_a_clock_that_only_goes_forward_it_is_due_exactly_at_the_limit(
        limit in 1..10_000_000_u64,
        start in 0..u64::MAX / 4,
        mut looks in proptest::collection::vec(0..20_000_000_u64, 1..40),
    ) {
        looks.sort_unstable();
        let mut idle = IdleTimer::new(Some(Duration::from_millis(limit)));
        idle.active(start);
        for look in looks {
            prop_assert_eq!(idle.due(start + look), look >= limit);
        }
    }

    #[test]
    fn setting_the_clock_back_never_locks_by_itself(
        limit in 1..10_000_000_u64,
        worked in 0..10_000_000_u64,
        back in any::<u64>(),
    ) {
        let start = 1_700_000_000_000;
        let mut idle = IdleTimer::new(Some(Duration::from_millis(limit)));
        idle.active(start);
        let before = idle.due(start + worked);
        prop_assert_eq!(idle.due((start + worked).saturating_sub(back)), before);
    }

    #[test]
    fn a_clock_set_back_at_any_moments_holds_nothing_open_longer_than_the_looks_it_hid(
        steps in proptest::collection::vec((1..30_000_u64, prop::option::of(0..u64::MAX / 4)), 1..200),
    ) {
        // Each step is true time that passes until the next look; some set the clock back just before it.
        let limit = 15 * MINUTE;
        let mut idle = timer(15);
        let (mut shown, mut truly, mut hidden) = (u64::MAX / 2, 0, 0);
        idle.active(shown);
        for (passes, back) in steps {
            truly += passes;
            shown += passes;
            if let Some(back) = back {
                shown = shown.saturating_sub(back);
                hidden += passes;
            }
            let due = idle.due(shown);
            prop_assert!(!due || truly >= limit, "locked before its time");
            prop_assert!(due || truly < limit + hidden, "held open by a clock set back");
        }
    }
}
