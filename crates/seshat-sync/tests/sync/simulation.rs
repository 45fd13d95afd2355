//! Laptops that write and sync through a bad network in any order. When the faults stop, all hold the same.

use std::collections::BTreeSet;

use seshat_sync::{Outcome, SyncOptions, sync_once};

use crate::world::{Dice, Faults, Laptop, Network, Number, Server, contained, digest};

struct Simulation {
    server: Server,
    laptops: Vec<Laptop>,
    /// Whether the server is restored from backups.
    restores: bool,
    /// Whether laptops write snapshots, and they and the server purge what those contain.
    compacts: bool,
}

impl Simulation {
    fn new(dice: &mut Dice, restores: bool, compacts: bool) -> Self {
        let server = Server::new(&[]);
        // Small pages make many borders.
        server.state().page_limit = Some(usize::try_from(1 + dice.below(7)).unwrap());
        let laptops = (1..=3).map(Laptop::new).collect();
        Self { server, laptops, restores, compacts }
    }

    async fn run(&self, dice: &mut Dice) {
        let networks: Vec<_> =
            self.laptops.iter().map(|_| Network::new(&self.server, dice.next())).collect();
        for _ in 0..60 {
            self.step(&networks, dice).await;
        }
        for network in &networks {
            *network.faults.lock().unwrap() = Faults::default();
        }
        // The last laptop's records, and after a restoration those that only one laptop has, take a second turn.
        for _ in 0..2 {
            for (laptop, network) in self.laptops.iter().zip(&networks) {
                let report = sync_once(network, laptop, SyncOptions::default()).await.unwrap();
                assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
            }
        }
        if self.compacts {
            self.check_content()
        } else {
            self.check()
        }
        for laptop in &self.laptops {
            // Without a backup there is nothing to say, whatever the network does. A backup is told, and what only
            // its writer can give back is missing until then.
            let may = if self.restores { &["restored", "gap"][..] } else { &[] };
            assert!(laptop.alarms().iter().all(|name| may.contains(name)), "{:?}", laptop.alarms());
            assert!(laptop.lasting().is_empty(), "{:?}", laptop.lasting());
        }
        for (laptop, network) in self.laptops.iter().zip(&networks) {
            network.requests();
            sync_once(network, laptop, SyncOptions::default()).await.unwrap();
            let requests = network.requests();
            assert!(!requests.contains(&"push") && !requests.contains(&"put vault"), "not quiet");
        }
    }

    async fn step(&self, networks: &[Network<'_>], dice: &mut Dice) {
        let one = usize::try_from(dice.below(self.laptops.len() as u64)).unwrap();
        match dice.below(20) {
            0..8 => {
                for _ in 0..=dice.below(6) {
                    let size = usize::try_from(dice.below(400_000)).unwrap();
                    self.laptops[one].write(vec![1; size]);
                }
            }
            9 | 10 if self.compacts => match dice.below(3) {
                0 => self.laptops[one].compact(),
                1 => self.laptops[one].purge(),
                _ => {
                    let mut state = self.server.state();
                    let until = dice.below(state.records.len() as u64 + 1);
                    state.sweep(usize::try_from(until).unwrap());
                }
            },
            8 if !self.restores => {}
            8 => {
                // Restored from a backup of some earlier moment, vault and all that is acknowledged.
                let mut state = self.server.state();
                let kept = dice.below(state.records.len() as u64 + 1);
                let kept = usize::try_from(kept).unwrap();
                state.records.truncate(kept);
                state.purged.retain(|index| *index < kept);
                state.epoch += 1;
            }
            _ => {
                let mut percent = || dice.below(25);
                *networks[one].faults.lock().unwrap() = Faults {
                    drop_request: percent(),
                    drop_reply: percent(),
                    duplicate: percent(),
                    trouble: percent(),
                };
                let round = sync_once(&networks[one], &self.laptops[one], SyncOptions::default());
                if dice.below(4) == 0 {
                    // The program is killed in the middle of the round: its future is dropped.
                    let polls = usize::try_from(dice.below(12)).unwrap();
                    cut_short(round, polls).await;
                } else {
                    round.await.unwrap();
                }
            }
        }
    }

    /// Every number that was ever written is everywhere, by itself or in a snapshot; and both sides count the same.
    fn check_content(&self) {
        let written: BTreeSet<Number> = self
            .laptops
            .iter()
            .flat_map(|laptop| {
                (1..=laptop.state().sequence).map(|number| (laptop.device.0[0], number))
            })
            .collect();
        let server = self.server.state();
        let there: Vec<_> = server.there().map(|(_, record)| record.clone()).collect();
        let on_server: BTreeSet<_> = there.iter().flat_map(contained).collect();
        assert_eq!(on_server, written, "the server lacks something");
        for laptop in &self.laptops {
            let state = laptop.state();
            let ids: BTreeSet<_> = state.held.iter().map(|record| record.id).collect();
            assert_eq!(ids.len(), state.held.len(), "a laptop has records twice");
            assert_eq!(state.numbers(), written, "a laptop lacks something");
            assert!(state.outbox.is_empty() && state.rejected.is_empty());
            assert_eq!(digest(state.held.iter()), digest(there.iter()), "they count differently");
        }
    }

    fn check(&self) {
        let written: BTreeSet<_> = self
            .laptops
            .iter()
            .flat_map(|laptop| {
                let own = laptop.device;
                let held = laptop.state().held.clone();
                held.into_iter().filter(move |record| record.device == own).map(|record| record.id)
            })
            .collect();
        let server = self.server.state();
        let on_server: BTreeSet<_> = server.records.iter().map(|record| record.id).collect();
        assert_eq!(on_server.len(), server.records.len(), "the server has records twice");
        assert_eq!(on_server, written, "the server lacks records or has others");
        for laptop in &self.laptops {
            let state = laptop.state();
            let ids: BTreeSet<_> = state.held.iter().map(|record| record.id).collect();
            assert_eq!(ids.len(), state.held.len(), "a laptop has records twice");
            assert_eq!(ids, written, "a laptop lacks records");
            assert!(state.outbox.is_empty(), "not everything was acknowledged");
            assert!(state.rejected.is_empty());
            assert!(state.quarantine.is_empty(), "a record of a known device is in quarantine");
            assert_eq!(state.devices, BTreeSet::from([1, 2, 3]), "a vault lost a device");
            assert!(!state.vault_waiting);
        }
    }
}

/// Polls `round` so many times, then drops it.
async fn cut_short<F: Future>(round: F, polls: usize) {
    let mut round = std::pin::pin!(round);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        round.as_mut().poll(context).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn when_the_faults_stop_all_laptops_and_the_server_hold_the_same_records_once() {
    for seed in 0..150 {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        Simulation::new(&mut dice, seed % 2 == 0, false).run(&mut dice).await;
    }
}

#[tokio::test]
async fn whoever_compacts_and_purges_when_nothing_written_is_lost_and_both_sides_count_the_same() {
    for seed in 0..120 {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        Simulation::new(&mut dice, seed % 2 == 0, true).run(&mut dice).await;
    }
}
