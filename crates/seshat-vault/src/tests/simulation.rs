//! Four laptops and one blob behind a compare-and-swap, in random order: whatever happens, those who may be in
//! end up with one vault key and every novel key, and nobody else does.

use proptest::prelude::*;
use seshat_protocol::{DeviceId, NovelId};

use super::{PASSWORD, TestEntropy, created, open_with, password};
use crate::key::Key;
use crate::vault::unlock;
use crate::{AccountCodeUse, Ahead, Device, KdfParams, OpenVault, RecoveryPhrase, Secret};

const LAPTOPS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Step {
    Rotate(usize),
    ChangePassword(usize),
    NewNovel(usize),
    NewEpoch(usize),
    /// And the rotation that is offered with it.
    Revoke(usize, usize),
    Sync(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..LAPTOPS;
    let step = prop_oneof![
        2 => who.clone().prop_map(Step::Rotate),
        1 => who.clone().prop_map(Step::ChangePassword),
        2 => who.clone().prop_map(Step::NewNovel),
        1 => who.clone().prop_map(Step::NewEpoch),
        1 => (who.clone(), 1..LAPTOPS).prop_map(|(who, whom)| Step::Revoke(who, whom)),
        6 => who.prop_map(Step::Sync),
    ];
    prop::collection::vec(step, 1..24)
}

struct World {
    entropy: TestEntropy,
    laptops: Vec<(OpenVault, Device)>,
    blob: Vec<u8>,
    passwords: Vec<String>,
    made: Vec<(NovelId, u32, Key)>,
}

impl World {
    fn new_password(&mut self) -> String {
        let text = format!("lantern gravel oboe {}", 7_919 * (self.passwords.len() + 13));
        self.passwords.push(text.clone());
        text
    }

    fn rotate(&mut self, who: usize) {
        let text = self.new_password();
        let (vault, device) = &mut self.laptops[who];
        // A laptop that knows of its own revocation may not.
        let _refused =
            vault.rotate(device, &password(&text), KdfParams::CHEAP, &mut self.entropy).is_err();
        self.remember(who);
    }

    fn remember(&mut self, who: usize) {
        for (novel, keys) in &self.laptops[who].0.body.novel_keys {
            for (epoch, key) in keys.iter() {
                self.made.push((*novel, epoch, key.duplicate()));
            }
        }
    }

    /// Whether the laptop's vault and the server's came together.
    fn sync(&mut self, who: usize) -> bool {
        let (vault, device) = &mut self.laptops[who];
        let Ok(theirs) = vault.reopen(&self.blob, Some(device)) else { return false };
        let merged = vault.merge(&theirs, &mut self.entropy).unwrap();
        if merged.ahead == Ahead::Something {
            self.blob = vault.to_blob(&mut self.entropy).unwrap();
        }
        self.remember(who);
        if merged.rotate_again {
            self.rotate(who);
            return self.sync(who);
        }
        true
    }

    fn take(&mut self, step: Step, number: u8) {
        match step {
            Step::Rotate(who) => self.rotate(who),
            Step::ChangePassword(who) => {
                let text = self.new_password();
                let vault = &mut self.laptops[who].0;
                vault
                    .change_password(&password(&text), KdfParams::CHEAP, &mut self.entropy)
                    .unwrap();
            }
            Step::NewNovel(who) => {
                let novel = NovelId([number + 1; 16]);
                self.laptops[who].0.make_novel_key(novel, &mut self.entropy).unwrap();
            }
            Step::NewEpoch(who) => self.laptops[who].0.rotate_keys(&mut self.entropy).unwrap(),
            Step::Revoke(who, whom) if who != whom => {
                let id = self.laptops[whom].1.id();
                self.laptops[who].0.revoke_device(id, 0);
                self.rotate(who);
            }
            Step::Revoke(..) => {}
            Step::Sync(who) => {
                self.sync(who);
            }
        }
    }
}

fn world(seed: u64) -> (World, RecoveryPhrase) {
    let mut entropy = TestEntropy::new(seed);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let devices: Vec<_> = (0..LAPTOPS)
        .map(|index| {
            let id = DeviceId([u8::try_from(index).unwrap() + 1; 16]);
            made.vault.make_device("Laptop", 0, id, &mut entropy).unwrap()
        })
        .collect();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let open = |device| (open_with(&blob, PASSWORD, None).unwrap(), device);
    let laptops = devices.into_iter().map(open).collect();
    let passwords = vec![PASSWORD.to_owned()];
    (World { entropy, laptops, blob, passwords, made: Vec::new() }, made.phrase)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn those_who_may_be_in_agree_and_nobody_else_gets_in(steps in steps(), seed in any::<u64>()) {
        let (mut world, phrase) = world(seed);
        let first = world.blob.clone();
        for (step, number) in steps.iter().zip(0..) {
            world.take(*step, number);
        }
        // The first laptop is never revoked; it rotates at last, knowing what all others knew.
        for _ in 0..3 {
            for who in 0..LAPTOPS {
                world.sync(who);
            }
        }
        world.rotate(0);
        for _ in 0..3 {
            for who in 0..LAPTOPS {
                world.sync(who);
            }
        }
        let World { laptops, blob, passwords, made, .. } = &world;
        let opening = passwords.iter().filter(|text| open_with(blob, text, None).is_ok()).count();
        prop_assert_eq!(opening, 1, "passwords that open the newest blob");
        let newest = &laptops[0].0;
        for (vault, device) in laptops {
            let state = newest.body.devices[&device.id()].state;
            if state.is_revoked() {
                let opened = vault.reopen(blob, Some(device));
                prop_assert!(opened.is_err(), "a revoked laptop opens the newest blob");
                continue;
            }
            prop_assert!(vault.key.same(&newest.key), "an active laptop has another vault key");
            prop_assert!(newest.body.novel_keys.iter().all(|(novel, keys)| {
                vault.body.novel_keys.get(novel).is_some_and(|known| known.covers(keys))
            }), "an active laptop lacks a key");
        }
        for (novel, epoch, key) in made {
            let keys = newest.body.novel_keys.get(novel);
            let there = keys.is_some_and(|keys| keys.of_epoch(*epoch).iter().any(|k| k.same(key)));
            let by_revoked = laptops.iter().any(|(vault, device)| {
                newest.body.devices[&device.id()].state.is_revoked()
                    && vault.body.novel_keys.get(novel).is_some_and(|keys| {
                        keys.of_epoch(*epoch).iter().any(|known| known.same(key))
                    })
            });
            prop_assert!(there || by_revoked, "a novel key was lost");
        }
        let thief = open_with(&first, PASSWORD, None).unwrap();
        prop_assert!(thief.reopen(blob, None).is_err());
        prop_assert!(unlock(blob, Secret::Recovery(&phrase), None).is_err());
        let (_, header) = newest.body.account_keys.newest().unwrap();
        prop_assert!(!thief.body.account_keys.iter().any(|(_, key)| key.same(header)));
    }
}
