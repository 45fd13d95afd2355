//! A simulation of laptops that write, lose their connection, crash, compact, split and join, and come back.
//!
//! `SESHAT_SEED=n` runs the one schedule that a failure named; `SESHAT_SCHEDULES=n` runs that many.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use std::sync::atomic::{AtomicU64, Ordering};

mod laptop;
mod random;
mod world;

use world::{Mutant, run};

fn number(variable: &str) -> Option<u64> {
    #[allow(clippy::disallowed_methods, reason = "a test has no main that could pass it in")]
    let value = std::env::var(variable).ok()?;
    value.parse().ok()
}

fn check(seed: u64) {
    if let Err(fault) = run(seed, None) {
        panic!("{fault}. Again: SESHAT_SEED={seed}");
    }
}

#[test]
fn laptops_that_write_split_compact_crash_and_meet_agree_and_have_every_letter_once() {
    if let Some(seed) = number("SESHAT_SEED") {
        return check(seed);
    }
    let schedules = number("SESHAT_SCHEDULES").unwrap_or(10_000);
    let next = AtomicU64::new(0);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= schedules {
                return;
            }
            check(seed);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
}

/// How many schedules it takes to find `mutant`.
fn caught_after(mutant: Mutant) -> u64 {
    let found = (0..3000).find(|&seed| run(seed, Some(mutant)).is_err());
    found.unwrap_or_else(|| panic!("{mutant:?} was not caught"))
}

#[test]
fn every_mistake_made_on_purpose_is_caught() {
    for mutant in [
        Mutant::SnapshotReplacesAll,
        Mutant::LastSnapshotWins,
        Mutant::TakesSnapshotOver,
        Mutant::ReusedPeers,
        Mutant::NoRepair,
    ] {
        println!("{mutant:?} was caught by schedule {}", caught_after(mutant));
    }
}
