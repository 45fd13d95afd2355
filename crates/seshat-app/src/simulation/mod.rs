//! The whole stack in one process, deterministic: real desks, vaults, databases and rounds of sync, against a server in
//! memory, through a network that loses, repeats and delays, with clocks that are wrong and power that fails.
//!
//! A schedule follows from its seed alone. Where one fails, its seed is printed: `SESHAT_SEED=17 cargo test -p seshat-app
//! simulation` runs it again and nothing else, and tells each step; `SESHAT_WORD=wabcd` tells where that word is as well.
//! `SESHAT_SCHEDULES=1000000` runs for as long as that takes.

pub(crate) mod laptop;
mod ledger;
mod mutants;
pub(crate) mod rig;
pub(crate) mod server;
mod template;
mod traces;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use mutants::Mutant;
use world::{Ran, Tally, World};

/// Noon of some day, in milliseconds since 1970.
const START: u64 = 1_800_000_000_000;
const YEAR: u64 = 365 * 24 * 60 * 60 * 1000;
/// Schedules of an ordinary run. Ten thousand more run on the documents alone: `seshat-manuscript/tests/simulation`.
const SCHEDULES: u64 = 400;
/// Threads that run them.
const THREADS: usize = 2;

#[expect(clippy::disallowed_methods, reason = "a test is told its seed by whoever runs it")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A word that is followed through a schedule that is told.
#[expect(clippy::disallowed_methods, reason = "a test is told what to follow by whoever runs it")]
fn followed() -> Option<String> {
    std::env::var("SESHAT_WORD").ok()
}

fn schedule(seed: u64, folder: &std::path::Path, mutant: Mutant) -> Result<Ran, String> {
    let run = || {
        let mut world = World::new(seed, folder, mutant);
        // One that runs alone tells what happens.
        world.told = number("SESHAT_SEED").is_some();
        world.run(8 + usize::try_from(seed % 20).unwrap())
    };
    let ran = catch_unwind(AssertUnwindSafe(run));
    ran.unwrap_or_else(|_| Err("it stopped with a panic; its message is above".to_owned()))
}

/// Runs schedules from `first` on; gives the first that failed, by its seed.
fn schedules(first: u64, count: u64) -> Result<Tally, String> {
    let next = AtomicU64::new(first);
    let failed: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let total: Mutex<Tally> = Mutex::new(Tally::new());
    template::template();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let folder = tempfile::tempdir().unwrap();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count || failed.lock().unwrap().is_some() {
                        return;
                    }
                    match schedule(seed, folder.path(), Mutant::None) {
                        Ok(ran) => {
                            let mut total = total.lock().unwrap();
                            for (deed, times) in ran.tally {
                                *total.entry(deed).or_default() += times;
                            }
                        }
                        Err(what) => {
                            failed.lock().unwrap().get_or_insert((seed, what));
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap() {
        Some((seed, what)) => Err(format!("SESHAT_SEED={seed}: {what}")),
        None => Ok(total.into_inner().unwrap()),
    }
}

#[test]
fn whatever_happens_to_laptops_and_network_every_word_is_there_once_and_all_hold_the_same() {
    let (first, count) = match number("SESHAT_SEED") {
        Some(seed) => (seed, 1),
        None => (0, number("SESHAT_SCHEDULES").unwrap_or(SCHEDULES)),
    };
    let begun = std::time::Instant::now();
    let tally = schedules(first, count).unwrap_or_else(|what| panic!("{what}"));
    println!("{count} schedules in {:.1} s: {tally:?}", begun.elapsed().as_secs_f64());
}

#[test]
fn a_schedule_that_runs_again_does_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    template::template();
    for seed in 0..4 {
        let first = schedule(seed, folder.path(), Mutant::None).unwrap();
        let second = schedule(seed, folder.path(), Mutant::None).unwrap();
        assert_eq!(first.print, second.print, "seed {seed}");
    }
}
