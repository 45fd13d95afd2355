//! Several laptops, a server that keeps records, and everything that goes wrong between them.
//!
//! A schedule is made from a seed alone. At its end the network heals, everybody saves and meets until nobody has
//! anything to send, and then all must hold the same words: each letter that was saved is there exactly once,
//! unless somebody deleted it, and then at most once.

use std::collections::{BTreeMap, BTreeSet};

use seshat_protocol::DocumentId;

use crate::laptop::Laptop;
use crate::random::Random;

/// The binder's document.
pub(crate) const BINDER: DocumentId = DocumentId([0xff; 16]);
/// A laptop's number and its count.
pub(crate) type RecordId = (usize, u64);

/// What is sealed and sent: an update, or a history that names what it contains.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) document: DocumentId,
    pub(crate) bytes: Vec<u8>,
    pub(crate) replaces: Vec<RecordId>,
}

/// A mistake on purpose: the simulation has to find each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mutant {
    /// The server drops every older record of a document when a snapshot of it comes.
    SnapshotReplacesAll,
    /// The server keeps one snapshot of a document, the last.
    LastSnapshotWins,
    /// A laptop that gets a snapshot opens it in place of what it has.
    TakesSnapshotOver,
    /// Laptops write under numbers that they, or others, have used before.
    ReusedPeers,
    /// Nobody takes out what two laptops moved at once.
    NoRepair,
}

/// Whether `c` is one of the letters that are followed; each is typed once.
pub(crate) fn is_letter(c: char) -> bool {
    matches!(c, '\u{f0000}'..='\u{ffffd}')
}

struct World {
    random: Random,
    mutant: Option<Mutant>,
    laptops: Vec<Laptop>,
    /// In the order of arrival.
    server: Vec<(RecordId, Record)>,
    purged: BTreeSet<RecordId>,
    letters: u32,
    scenes: u8,
}

/// Runs the schedule of `seed`; says what went wrong.
pub(crate) fn run(seed: u64, mutant: Option<Mutant>) -> Result<(), String> {
    let mut random = Random::new(seed);
    // Mostly two or three, up to five: most races need no more, and they are found sooner.
    let count = [2, 2, 2, 2, 3, 3, 3, 4, 4, 5][random.below(10)];
    let binder = random.chance(40);
    let mut world = World {
        laptops: (0..count).map(|number| Laptop::new(number, mutant)).collect(),
        random,
        mutant,
        server: Vec::new(),
        purged: BTreeSet::new(),
        letters: 0,
        scenes: 1,
    };
    world.laptops[0].begin(DocumentId([1; 16]), binder, &mut world.random);
    world.push(0, false);
    for number in 1..count {
        if world.random.chance(70) {
            world.pull(number, false)?;
        }
    }
    let steps = 5 + world.random.below(15);
    for _ in 0..steps {
        world.step()?;
    }
    world.heal()?;
    world.judge()
}

impl World {
    fn step(&mut self) -> Result<(), String> {
        let number = self.random.below(self.laptops.len());
        let action = self.random.below(100);
        let Some(document) = self.laptops[number].pick(&mut self.random) else {
            return self.pull(number, false);
        };
        let (laptop, random) = (&mut self.laptops[number], &mut self.random);
        match action {
            0..=29 => {
                for _ in 0..=random.below(3) {
                    self.letters += 1;
                    let letter = char::from_u32(0xf_0000 + self.letters).unwrap();
                    laptop.type_letter(document, letter, random);
                }
            }
            30..=37 => laptop.delete(document, random),
            38..=47 => laptop.save(),
            48..=57 => self.push(number, true),
            58..=71 => self.pull(number, true)?,
            72..=76 => laptop.restart(random).map_err(|error| error.to_string())?,
            77..=83 => laptop.compact(document)?,
            84..=89 => {
                self.scenes += 1;
                laptop.split(document, DocumentId([self.scenes; 16]), random);
            }
            90..=92 => laptop.join(document),
            93..=95 => laptop.trash(document),
            96..=97 => laptop.untrash(document),
            _ => laptop.rearrange(random),
        }
        Ok(())
    }

    /// Sends what waits. With `faults` only a part may go, or the answer may get lost, so that it is sent again.
    fn push(&mut self, number: usize, faults: bool) {
        let laptop = &mut self.laptops[number];
        let mut waiting: Vec<RecordId> = laptop.outbox.iter().copied().collect();
        if faults && self.random.chance(30) {
            waiting.truncate(self.random.below(waiting.len() + 1));
        }
        let lost = faults && self.random.chance(20);
        for id in waiting {
            let Some(record) = laptop.disk.get(&id) else { continue };
            let known =
                self.purged.contains(&id) || self.server.iter().any(|(held, _)| *held == id);
            if !known {
                let record = record.clone();
                arrive(&mut self.server, &mut self.purged, id, record, self.mutant);
            }
            if !lost {
                laptop.outbox.remove(&id);
            }
        }
    }

    /// Fetches what is new. With `faults` only a part, in any order, some of it twice.
    fn pull(&mut self, number: usize, faults: bool) -> Result<(), String> {
        let laptop = &mut self.laptops[number];
        let mut new: Vec<(RecordId, Record)> = self
            .server
            .iter()
            .filter(|(id, _)| !laptop.disk.contains_key(id) && !laptop.named.contains(id))
            .cloned()
            .collect();
        if faults {
            if self.random.chance(40) {
                new.truncate(self.random.below(new.len() + 1));
            }
            if self.random.chance(40) {
                self.random.shuffle(&mut new);
            }
            if !self.server.is_empty() && self.random.chance(30) {
                new.push(self.server[self.random.below(self.server.len())].clone());
            }
        }
        laptop.receive(&new, &mut self.random)?;
        laptop.repair();
        Ok(())
    }

    /// Everybody saves, and all meet until nobody has anything to send.
    fn heal(&mut self) -> Result<(), String> {
        for round in 0.. {
            let mut quiet = true;
            for number in 0..self.laptops.len() {
                self.laptops[number].save();
                quiet &= self.laptops[number].outbox.is_empty();
                self.push(number, false);
                self.pull(number, false)?;
                // What arrived may have called for a repair.
                self.laptops[number].save();
                quiet &= self.laptops[number].outbox.is_empty();
            }
            if quiet {
                return Ok(());
            }
            if round == 12 {
                return Err("laptops that are left alone go on writing".to_owned());
            }
        }
        Ok(())
    }

    fn judge(&mut self) -> Result<(), String> {
        let mut newcomer = Laptop::new(99, self.mutant);
        newcomer.receive(&self.server.clone(), &mut self.random)?;
        let texts = self.laptops[0].texts();
        let order = self.laptops[0].order();
        for laptop in self.laptops.iter().chain([&newcomer]) {
            if let Some(waiting) = laptop.scenes.values().position(|scene| scene.is_waiting()) {
                return Err(format!("laptop {} still waits in scene {waiting}", laptop.number));
            }
            if laptop.texts() != texts {
                return Err(format!("laptop {} has other words", laptop.number));
            }
            if laptop.order() != order {
                return Err(format!("laptop {} has another order", laptop.number));
            }
        }
        self.count(&texts)?;
        // And once more from a disk.
        let number = self.random.below(self.laptops.len());
        let laptop = &mut self.laptops[number];
        laptop.restart(&mut self.random).map_err(|error| error.to_string())?;
        if laptop.texts() != texts {
            return Err(format!("laptop {number} has other words on its disk"));
        }
        Ok(())
    }

    fn count(&self, texts: &BTreeMap<DocumentId, String>) -> Result<(), String> {
        let mut found: BTreeMap<char, usize> = BTreeMap::new();
        for letter in texts.values().flat_map(|text| text.chars()).filter(|&c| is_letter(c)) {
            *found.entry(letter).or_default() += 1;
        }
        let deleted: BTreeSet<char> =
            self.laptops.iter().flat_map(|laptop| &laptop.deleted).copied().collect();
        for letter in self.laptops.iter().flat_map(|laptop| &laptop.typed) {
            match found.get(letter).copied().unwrap_or(0) {
                0 if !deleted.contains(letter) => return Err(format!("{letter:?} is lost")),
                0 | 1 => {}
                times => return Err(format!("{letter:?} is there {times} times")),
            }
        }
        // A letter that a crash took is nowhere; any other was saved by somebody.
        let saved: BTreeSet<char> =
            self.laptops.iter().flat_map(|laptop| &laptop.typed).copied().collect();
        match found.keys().find(|letter| !saved.contains(letter)) {
            Some(letter) => Err(format!("{letter:?} came from nowhere")),
            None => Ok(()),
        }
    }
}

fn arrive(
    server: &mut Vec<(RecordId, Record)>,
    purged: &mut BTreeSet<RecordId>,
    id: RecordId,
    record: Record,
    mutant: Option<Mutant>,
) {
    let is_snapshot = !record.replaces.is_empty();
    let gone: Vec<RecordId> = server
        .iter()
        .filter(|(held, other)| {
            let same = other.document == record.document && is_snapshot;
            record.replaces.contains(held)
                || same && mutant == Some(Mutant::SnapshotReplacesAll)
                || same && mutant == Some(Mutant::LastSnapshotWins) && !other.replaces.is_empty()
        })
        .map(|&(held, _)| held)
        .collect();
    purged.extend(record.replaces.iter().copied());
    purged.extend(gone.iter().copied());
    server.retain(|(held, _)| !gone.contains(held));
    server.push((id, record));
}
