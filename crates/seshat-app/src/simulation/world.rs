//! One schedule: laptops write, sync through a bad network, lose their power and are told wrong times, in an order
//! that a seed decides. When the faults stop, all hold the same, and every word is there once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::laptop::{Held, Laptop};
use super::ledger::Ledger;
use super::rig::{self, Dice};
use super::server::{Account, Faults, Network};
use super::template::{LAPTOPS, template};
use super::{START, YEAR};
use crate::{Failure, NewNode, NodeKind, OutlineNode, SceneStatus};

/// Rounds that all laptops may need after the last fault until nothing moves any more.
const SETTLING: usize = 8;

/// What the laptops may do in a schedule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Deed {
    Type,
    Delete,
    Mark,
    Save,
    Close,
    Sync,
    CutOff,
    PowerCut,
    Add,
    Move,
    Rename,
    Status,
    Trash,
    LateDelivery,
    Backup,
}

/// How often each is done, of all that are.
const WEIGHTS: &[(Deed, usize)] = &[
    (Deed::Type, 30),
    (Deed::Delete, 8),
    (Deed::Mark, 4),
    (Deed::Save, 10),
    (Deed::Close, 3),
    (Deed::Sync, 22),
    (Deed::CutOff, 4),
    (Deed::PowerCut, 4),
    (Deed::Add, 2),
    (Deed::Move, 4),
    (Deed::Rename, 2),
    (Deed::Status, 1),
    (Deed::Trash, 2),
    (Deed::LateDelivery, 4),
];

/// How often something was done and worked.
pub(crate) type Tally = BTreeMap<Deed, usize>;

/// What a schedule came to.
pub(crate) struct Ran {
    pub(crate) tally: Tally,
    /// Names everything that happened: the same seed has the same one.
    pub(crate) print: String,
}

/// The laptops of one schedule and their server.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) account: Arc<Mutex<Account>>,
    pub(crate) laptops: Vec<Laptop>,
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    /// Whether the server was restored from a backup: then it is said so.
    restored: bool,
}

impl World {
    /// The world of `seed`, its homes in `folder`.
    pub(crate) fn new(seed: u64, folder: &Path) -> Self {
        let template = template();
        let mut dice = Dice::new(seed);
        rig::begin(dice.bits(), START);
        let account = Arc::new(Mutex::new(template.account.clone()));
        if dice.percent(50) {
            // Small pages make many borders.
            lock(&account).set_page_limit(1 + dice.below(6));
        }
        let count = 2 + dice.below(LAPTOPS - 1);
        let laptops = (0..count)
            .map(|number| {
                let home = folder.join(number.to_string());
                renew(&home, &template.homes[number]);
                let network = Network::new(Arc::clone(&account), dice.bits());
                let mut laptop = Laptop::start(home, network);
                laptop.clock = skewed(&mut dice);
                laptop
            })
            .collect();
        let ledger = template.ledger.clone();
        Self { dice, account, laptops, ledger, tally: Tally::new(), restored: false }
    }

    /// So many things happen, then all comes to rest and is looked at.
    pub(crate) fn run(mut self, steps: usize) -> Result<Ran, String> {
        for _ in 0..steps {
            self.step();
        }
        self.settle()?;
        self.look()
    }

    pub(crate) fn step(&mut self) {
        let total = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.dice.below(total);
        let mut deed = Deed::Type;
        for (candidate, weight) in WEIGHTS {
            if drawn < *weight {
                deed = *candidate;
                break;
            }
            drawn -= weight;
        }
        let one = self.dice.below(self.laptops.len());
        self.laptops[one].clock += 1000 * (1 + self.dice.bits() % 2000);
        self.laptops[one].wake();
        // What is refused (a move that cannot be, a network that is gone) is no defect; what comes of it is looked at.
        if self.act(deed, one).is_ok() {
            *self.tally.entry(deed).or_default() += 1;
        }
    }

    fn act(&mut self, deed: Deed, one: usize) -> Result<(), Failure> {
        match deed {
            Deed::Type | Deed::Delete | Deed::Mark | Deed::Close => self.write(deed, one),
            Deed::Save => self.laptops[one].flush(&mut self.ledger),
            Deed::Sync => {
                let mut percent = || self.dice.below(25);
                let faults = Faults {
                    drop_request: percent(),
                    drop_reply: percent(),
                    duplicate: percent(),
                    trouble: percent(),
                    late: percent(),
                };
                let faults = if self.dice.percent(40) { Faults::default() } else { faults };
                self.laptops[one].network.set_faults(faults);
                self.round(one, None)
            }
            Deed::CutOff => {
                let requests = 1 + self.dice.below(12);
                self.laptops[one].network.set_faults(Faults::default());
                self.round(one, Some(requests))
            }
            Deed::PowerCut => {
                self.laptops[one].power_cut(&mut self.ledger);
                Ok(())
            }
            Deed::LateDelivery => {
                lock(&self.account).deliver_late(&mut self.dice);
                Ok(())
            }
            Deed::Backup => {
                let mut account = lock(&self.account);
                let head = usize::try_from(account.head()).expect("a small number");
                account.restore(self.dice.bits() % (head as u64 + 1));
                self.restored = true;
                Ok(())
            }
            Deed::Add | Deed::Move | Deed::Rename | Deed::Status | Deed::Trash => {
                self.arrange(deed, one)
            }
        }
    }

    /// A round of sync as the program does it: what was typed goes to the disk first. Then the page shows what came.
    fn round(&mut self, one: usize, requests: Option<usize>) -> Result<(), Failure> {
        let laptop = &mut self.laptops[one];
        laptop.flush(&mut self.ledger)?;
        match laptop.round(requests) {
            Some(report) => report.map(|_| ()),
            None => {
                laptop.power_cut(&mut self.ledger);
                Ok(())
            }
        }
    }

    fn write(&mut self, deed: Deed, one: usize) -> Result<(), Failure> {
        let scenes = self.scenes(one)?;
        if scenes.is_empty() {
            return Ok(());
        }
        let scene = self.dice.pick(&scenes).clone();
        let (laptop, dice, ledger) = (&mut self.laptops[one], &mut self.dice, &mut self.ledger);
        match deed {
            Deed::Delete => laptop.delete_words(&scene, dice, ledger),
            Deed::Mark => laptop.mark(&scene, dice),
            Deed::Close => laptop.close(&scene, ledger),
            _ => laptop.type_words(&scene, dice, ledger),
        }
    }

    fn nodes(&self, one: usize) -> Result<Vec<OutlineNode>, Failure> {
        let outline = self.laptops[one].desk.outline(&template().novel)?;
        let mut nodes = Vec::new();
        flatten(&outline.nodes, &mut nodes);
        Ok(nodes)
    }

    /// Texts that an author at this laptop can write in.
    fn scenes(&self, one: usize) -> Result<Vec<String>, Failure> {
        let novel = template().novel.parse().expect("an id");
        self.laptops[one].desk.with_session(|session, store| {
            let open = session.binder(store, novel)?;
            Ok(open.scenes.iter().map(ToString::to_string).collect())
        })
    }

    fn arrange(&mut self, deed: Deed, one: usize) -> Result<(), Failure> {
        let nodes = self.nodes(one)?;
        if nodes.is_empty() {
            return Ok(());
        }
        let novel = &template().novel;
        let node = self.dice.pick(&nodes).clone();
        let desk = &self.laptops[one].desk;
        match deed {
            Deed::Add => {
                let kind = *self.dice.pick(&[NodeKind::Chapter, NodeKind::Scene, NodeKind::Scene]);
                let chapters = nodes.iter().filter(|it| it.kind == NodeKind::Chapter);
                let chapters: Vec<_> = chapters.map(|it| it.id.clone()).collect();
                let inside = kind == NodeKind::Scene && !chapters.is_empty();
                let parent = inside.then(|| self.dice.pick(&chapters).clone());
                let title = format!("Added {}", self.dice.below(100));
                desk.add_node(novel, &NewNode { kind, parent, after: None, title }).map(|_| ())
            }
            Deed::Move => {
                let parent = self.dice.pick(&nodes).clone();
                let inside = self.dice.percent(80).then_some(parent.id.as_str());
                desk.move_node(novel, &node.id, inside, self.dice.below(3))
            }
            Deed::Rename => {
                let title = format!("Title {}", self.dice.below(1000));
                desk.rename_node(novel, &node.id, &title)
            }
            Deed::Status => desk.set_status(novel, &node.id, SceneStatus::Revised),
            _ => desk.trash_node(novel, &node.id),
        }?;
        // An edit of the binder is one write, and what was typed may wait longer.
        Ok(())
    }

    /// The faults stop, what is on its way arrives, and everybody syncs until nothing moves.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        for _ in 0..20 {
            lock(&self.account).deliver_late(&mut self.dice);
        }
        for laptop in &mut self.laptops {
            laptop.network.set_faults(Faults::default());
            laptop.network.take_pushes();
        }
        for turn in 0..SETTLING {
            let mut moved = false;
            for one in 0..self.laptops.len() {
                self.laptops[one].clock += 60_000;
                self.laptops[one].wake();
                self.laptops[one].flush(&mut self.ledger).map_err(said("a save"))?;
                let report = self.laptops[one].round(None).expect("it is not cut off");
                let report = report.map_err(said("a round"))?;
                if !report.complete || report.rejected > 0 {
                    return Err(format!("laptop {one} does not come to rest: {report:?}"));
                }
                moved |= self.laptops[one].network.take_pushes() > 0 || report.down > 0;
            }
            if !moved && turn > 0 {
                return Ok(());
            }
        }
        Err(format!("something still moves after {SETTLING} rounds of all laptops"))
    }

    /// Everything that must hold.
    pub(crate) fn look(mut self) -> Result<Ran, String> {
        let shown = lock(&self.account).digest();
        let mut first: Option<(Vec<Held>, String)> = None;
        // A check reads what was just read once more, so one laptop of each schedule has to do.
        let checked = self.dice.below(self.laptops.len());
        let mut print = String::new();
        for (one, laptop) in self.laptops.iter_mut().enumerate() {
            // From the disk alone, as after a power cut: what is only in memory does not count.
            laptop.power_cut(&mut self.ledger);
            let texts = laptop.texts().map_err(said("a text"))?;
            let flats: Vec<String> = texts.iter().map(|held| held.flat.clone()).collect();
            self.ledger.compare(&flats).map_err(|what| format!("laptop {one}: {what}"))?;
            let outline = arranged(laptop).map_err(said("an outline"))?;
            sound(one, laptop, &shown, self.restored)?;
            if one == checked {
                let report = laptop.desk.check().map_err(said("a check"))?;
                if !report.problems.is_empty() {
                    return Err(format!("laptop {one}: a check found {:?}", report.problems));
                }
            }
            let held = (texts, outline);
            match &first {
                Some(other) if *other != held => {
                    return Err(format!(
                        "laptop {one} differs from laptop 0:\n{held:#?}\n{other:#?}"
                    ));
                }
                Some(_) => {}
                None => {
                    print = format!("{flats:?} {} {shown:?}", self.ledger.len());
                    first = Some(held);
                }
            }
        }
        rig::end();
        Ok(Ran { tally: self.tally, print })
    }
}

/// What must hold on one laptop's disk.
fn sound(
    one: usize,
    laptop: &Laptop,
    shown: &seshat_protocol::Digest,
    restored: bool,
) -> Result<(), String> {
    let held = laptop.desk.with_session(|_, store| {
        store.integrity()?;
        let alarms =
            store.alarms()?.into_iter().filter(|alarm| !restored || alarm.healed_at.is_none());
        let alarms: Vec<String> = alarms.map(|alarm| format!("{alarm:?}")).collect();
        Ok((
            store.waiting()?,
            store.rejected()?.len(),
            store.quarantined()?.len(),
            store.digest()?,
            alarms,
        ))
    });
    let (waiting, rejected, quarantined, digest, alarms) = held.map_err(said("the disk"))?;
    if (waiting, rejected, quarantined) != (0, 0, 0) {
        return Err(format!(
            "laptop {one}: {waiting} wait, {rejected} rejected, {quarantined} aside"
        ));
    }
    if digest != *shown {
        return Err(format!("laptop {one} and the server hold different records"));
    }
    if !alarms.is_empty() {
        return Err(format!("laptop {one}: alarms without a reason: {alarms:?}"));
    }
    Ok(())
}

/// The binder, trash included, in words.
fn arranged(laptop: &Laptop) -> Result<String, Failure> {
    let novel = template().novel.parse().expect("an id");
    laptop.desk.with_session(|session, store| {
        let open = session.binder(store, novel)?;
        Ok(format!("{:?} {:?}", open.binder.outline(), open.binder.trashed()))
    })
}

fn flatten(nodes: &[OutlineNode], all: &mut Vec<OutlineNode>) {
    for node in nodes {
        all.push(node.clone());
        flatten(&node.children, all);
    }
}

fn said(what: &str) -> impl Fn(Failure) -> String {
    move |failure| format!("{what} failed: {failure}")
}

fn lock(account: &Mutex<Account>) -> std::sync::MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A home as the template has it.
fn renew(home: &Path, database: &[u8]) {
    fs::create_dir_all(home).expect("a folder");
    for name in ["seshat.db", "seshat.db-wal", "seshat.db-shm"] {
        let _absent = fs::remove_file(home.join(name)).is_ok();
    }
    fs::write(home.join("seshat.db"), database).expect("a database");
}

/// Up to ten years before or after the others.
fn skewed(dice: &mut Dice) -> u64 {
    match dice.below(4) {
        0 => START - dice.bits() % (10 * YEAR),
        1 => START + dice.bits() % (10 * YEAR),
        _ => START,
    }
}
