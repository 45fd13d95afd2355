//! One schedule: laptops write, sync through a bad network, lose their power and are told wrong times, in an order
//! that a seed decides. When the faults stop, all hold the same, and every word is there once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use seshat_protocol::DocumentId;
use seshat_store::Fault;

use super::laptop::{Held, Laptop};
use super::ledger::{Ledger, set_of};
use super::mutants::Mutant;
use super::rig::{self, Dice};
use super::server::{Account, Faults, Network};
use super::template::{LAPTOPS, template};
use super::{START, YEAR};
use crate::compacting::Which;
use crate::structure::documents;
use crate::{DeletionAnswer, Failure, FailureCode, NewNode, NodeKind, OutlineNode, SceneStatus};

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
    BringBack,
    Split,
    Join,
    Duplicate,
    Name,
    GoBack,
    Comment,
    Compact,
    Purge,
    Sweep,
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
    (Deed::Trash, 3),
    (Deed::BringBack, 2),
    (Deed::Split, 4),
    (Deed::Join, 3),
    (Deed::Duplicate, 1),
    (Deed::Name, 1),
    (Deed::GoBack, 3),
    (Deed::Comment, 1),
    (Deed::Compact, 6),
    (Deed::Purge, 3),
    (Deed::Sweep, 2),
    (Deed::LateDelivery, 4),
    (Deed::Backup, 1),
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
    /// Laptops that do anything before all is settled; one that does nothing until then comes late.
    busy: usize,
    /// Whether the server is restored from backups in this schedule, and was: then it is said so.
    restores: bool,
    restored: bool,
    /// What somebody who put a text into the trash saw in it then.
    trashed: BTreeMap<DocumentId, Vec<BTreeSet<String>>>,
    /// Texts that somebody moved: perhaps into what somebody else was throwing away. That is no edit of the text.
    shifted: BTreeSet<DocumentId>,
    mutant: Mutant,
    /// Whether every step is printed.
    pub(crate) told: bool,
}

impl World {
    /// The world of `seed`, its homes in `folder`.
    pub(crate) fn new(seed: u64, folder: &Path, mutant: Mutant) -> Self {
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
        let busy = if count > 2 && dice.percent(40) { count - 1 } else { count };
        let restores = dice.percent(15);
        mutant.begin();
        Self {
            dice,
            account,
            laptops,
            ledger: template.ledger.clone(),
            tally: Tally::new(),
            busy,
            restores,
            restored: false,
            trashed: BTreeMap::new(),
            shifted: BTreeSet::new(),
            mutant,
            told: false,
        }
    }

    /// So many things happen, then all comes to rest and is looked at.
    pub(crate) fn run(mut self, steps: usize) -> Result<Ran, String> {
        for _ in 0..steps {
            self.step();
        }
        if self.dice.percent(30) {
            // Whoever comes late finds only what was put together.
            self.month_later();
        }
        self.settle()?;
        if self.dice.percent(20) {
            self.put_together()?;
        }
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
        let one = self.dice.below(self.busy);
        self.laptops[one].clock += 1000 * (1 + self.dice.bits() % 2000);
        self.laptops[one].wake();
        if self.dice.percent(10) {
            self.fault(deed, one);
            return;
        }
        // What is refused (a move that cannot be, a network that is gone) is no defect; what comes of it is looked at.
        let done = self.act(deed, one);
        if self.told {
            println!("laptop {one}: {deed:?}: {done:?}");
            self.tell_of(super::followed().as_deref());
        }
        if done.is_ok() {
            *self.tally.entry(deed).or_default() += 1;
        }
    }

    /// A deed during which one write fails, as on a full disk, or the power does: before the disk has it, or after.
    fn fault(&mut self, deed: Deed, one: usize) {
        let after = u32::try_from(self.dice.below(4)).expect("a small number");
        let fault = *self.dice.pick(&[Fault::BeforeCommit, Fault::AfterCommit]);
        self.arm(one, after, fault);
        let done = self.act(deed, one);
        if self.told {
            println!("laptop {one}: {deed:?} with {fault:?} after {after} writes: {done:?}");
            self.tell_of(super::followed().as_deref());
        }
        // The page never goes on after a write of which it cannot be known whether it happened.
        if fault == Fault::AfterCommit || self.dice.percent(50) {
            self.laptops[one].power_cut(&mut self.ledger);
        } else {
            self.arm(one, u32::MAX, fault);
        }
    }

    /// Prints where a word is.
    fn tell_of(&self, word: Option<&str>) {
        let Some(word) = word else { return };
        for (one, laptop) in self.laptops.iter().enumerate() {
            for held in laptop.texts().unwrap_or_default() {
                let here = laptop.text_of(held.document).unwrap_or_default();
                if held.flat.contains(word) || here.contains(word) {
                    let saved = held.flat.contains(word);
                    println!("    {word} is in {} on laptop {one}, saved: {saved}", held.document);
                }
            }
        }
    }

    fn arm(&mut self, one: usize, after: u32, fault: Fault) {
        let armed = self.laptops[one].desk.with_session(|_, store| {
            store.fail_write(after, fault);
            Ok(())
        });
        armed.expect("it is open");
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
            Deed::Split
            | Deed::Join
            | Deed::Duplicate
            | Deed::Name
            | Deed::GoBack
            | Deed::Comment => self.revise(deed, one),
            Deed::Compact => self.compact(one),
            Deed::Purge => self.laptops[one].desk.purge(&mut || true).map(|_| ()),
            Deed::Sweep => {
                lock(&self.account).sweep_after(self.dice.bits() % 40, 30);
                Ok(())
            }
            Deed::Backup if !self.restores => Err(Failure::locked()),
            Deed::Backup => {
                lock(&self.account).restore(self.dice.bits());
                self.restored = true;
                Ok(())
            }
            Deed::Add | Deed::Move | Deed::Rename | Deed::Status => self.arrange(deed, one),
            Deed::Trash | Deed::BringBack => self.throw_away(deed, one),
        }
    }

    /// A round of sync as the program does it: what was typed goes to the disk first. Then the page shows what came.
    fn round(&mut self, one: usize, requests: Option<usize>) -> Result<(), Failure> {
        let laptop = &mut self.laptops[one];
        laptop.flush(&mut self.ledger)?;
        match laptop.round(requests) {
            Some(report) => report.map(|_| ())?,
            None => laptop.power_cut(&mut self.ledger),
        }
        self.answer(one)?;
        if self.mutant == Mutant::Overwrites {
            self.overwrite(one)?;
        }
        Ok(())
    }

    /// Where a laptop asks whether so much was to go, its author says something.
    fn answer(&mut self, one: usize) -> Result<bool, Failure> {
        let desk = &self.laptops[one].desk;
        let Some(held) = desk.status(u64::MAX).sync.held else { return Ok(false) };
        // Words that somebody took out are taken for gone by the ledger.
        let may_keep = held.novels.iter().all(|novel| novel.emptied == 0);
        let keep = self.dice.percent(50) && may_keep;
        desk.answer_deletion(if keep { DeletionAnswer::Keep } else { DeletionAnswer::Delete })?;
        Ok(true)
    }

    /// Puts documents together, when laptop and server have the same: as the background does.
    fn compact(&mut self, one: usize) -> Result<(), Failure> {
        self.laptops[one].network.set_faults(Faults::default());
        self.laptops[one].flush(&mut self.ledger)?;
        let hasty = (self.mutant == Mutant::NamesAllItSees).then(|| self.remember(one)).flatten();
        let report = self.laptops[one].round(None).expect("it is not cut off")?;
        if let Some((document, text)) = hasty {
            return self.laptops[one].compact_carelessly(document, &text);
        }
        if report.complete && report.waiting == 0 {
            self.laptops[one].desk.compact_documents(Which::All, &mut || true)?;
        }
        Ok(())
    }

    fn write(&mut self, deed: Deed, one: usize) -> Result<(), Failure> {
        let scenes = self.scenes(one)?;
        if scenes.is_empty() {
            return Ok(());
        }
        let scene = self.dice.pick(&scenes).clone();
        let (laptop, dice, ledger) = (&mut self.laptops[one], &mut self.dice, &mut self.ledger);
        let mut act = || match deed {
            Deed::Delete => laptop.delete_words(&scene, dice, ledger),
            Deed::Mark => laptop.mark(&scene, dice),
            Deed::Close => laptop.close(&scene, ledger),
            _ => laptop.type_words(&scene, dice, ledger),
        };
        match act() {
            // The page opens the scene again, and the author goes on.
            Err(failure) if failure.code == FailureCode::Stale => act(),
            done => done,
        }
    }

    /// What changes whole scenes. It puts what was typed on the disk first.
    fn revise(&mut self, deed: Deed, one: usize) -> Result<(), Failure> {
        let scenes = self.scenes(one)?;
        if scenes.is_empty() {
            return Err(Failure::locked());
        }
        let scene = self.dice.pick(&scenes).clone();
        let novel = &template().novel;
        if matches!(deed, Deed::Split | Deed::Join) {
            self.ledger.moved = true;
        }
        if deed == Deed::Join {
            // The next scene goes to the trash.
            self.note_trash(one, &scenes)?;
        }
        let (laptop, dice, ledger) = (&mut self.laptops[one], &mut self.dice, &mut self.ledger);
        match deed {
            Deed::Split => laptop.split(&scene, dice)?,
            Deed::Join => laptop.desk.merge_scenes(novel, &scene).map(|_| ())?,
            Deed::GoBack => laptop.go_back(&scene, dice, ledger)?,
            Deed::Name => laptop.desk.name_version(novel, &scene, "a name").map(|_| ())?,
            Deed::Comment => {
                let length = laptop.text_of(scene.parse().expect("an id"))?.encode_utf16().count();
                let (from, to) = (dice.below(length + 1), dice.below(length + 1));
                let (from, to) = (from.min(to), from.max(to));
                laptop.desk.add_comment(novel, &scene, from, to, "a thought").map(|_| ())?;
            }
            _ => {
                let text = laptop.text_of(scene.parse().expect("an id"))?;
                ledger.freed(set_of(&text));
                let found = laptop.node_of(&scene)?;
                laptop.desk.duplicate_node(novel, &found).map(|_| ())?;
            }
        }
        laptop.saved(ledger);
        Ok(())
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
                self.shifted.extend(texts_of(&node));
                desk.move_node(novel, &node.id, inside, self.dice.below(3))
            }
            Deed::Rename => {
                let title = format!("Title {}", self.dice.below(1000));
                desk.rename_node(novel, &node.id, &title)
            }
            _ => desk.set_status(novel, &node.id, SceneStatus::Revised),
        }
    }

    fn throw_away(&mut self, deed: Deed, one: usize) -> Result<(), Failure> {
        let novel = &template().novel;
        if deed == Deed::BringBack {
            let trash = self.laptops[one].desk.trash(novel)?;
            if trash.is_empty() {
                return Err(Failure::locked());
            }
            let node = self.dice.pick(&trash).node.id.clone();
            return self.laptops[one].desk.restore_node(novel, &node);
        }
        let nodes = self.nodes(one)?;
        if nodes.is_empty() {
            return Err(Failure::locked());
        }
        let node = self.dice.pick(&nodes).clone();
        let scenes: Vec<String> = texts_of(&node).iter().map(ToString::to_string).collect();
        self.note_trash(one, &scenes)?;
        self.laptops[one].desk.trash_node(novel, &node.id)
    }

    /// Somebody is about to throw these away, and sees what is in them.
    fn note_trash(&mut self, one: usize, scenes: &[String]) -> Result<(), Failure> {
        for scene in scenes {
            let document = scene.parse().expect("an id");
            let text = self.laptops[one].text_of(document)?;
            self.trashed.entry(document).or_default().push(set_of(&text));
        }
        Ok(())
    }

    /// A month goes by, and the server removes what was replaced; what names others, a month after that.
    fn month_later(&mut self) {
        let mut account = lock(&self.account);
        for _ in 0..2 {
            account.sweep_after(31, 30);
        }
    }

    /// Everything is put together, everywhere, and nothing may change by it.
    fn put_together(&mut self) -> Result<(), String> {
        for one in 0..self.laptops.len() {
            self.compact(one).map_err(said("a compaction"))?;
        }
        self.settle()?;
        for laptop in &self.laptops {
            laptop.desk.purge(&mut || true).map_err(said("a purge"))?;
        }
        self.month_later();
        self.settle()
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
                if self.answer(one).map_err(said("an answer"))? {
                    moved = true;
                    continue;
                }
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
            let (outline, in_trash) = arranged(laptop).map_err(said("an outline"))?;
            let in_trash = in_trash.difference(&self.shifted).copied().collect();
            lives_on(&texts, &in_trash, &self.trashed)
                .map_err(|what| format!("laptop {one}: {what}"))?;
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

    /// A scene as a laptop has it before it hears of others: for a defect that is kept.
    fn remember(&mut self, one: usize) -> Option<(DocumentId, seshat_manuscript::SceneText)> {
        let scenes = self.scenes(one).ok().filter(|scenes| !scenes.is_empty())?;
        let document = self.dice.pick(&scenes).parse().expect("an id");
        let novel = template().novel.parse().expect("an id");
        let loaded = self.laptops[one]
            .desk
            .with_session(|session, store| Ok(session.load_scene(store, novel, document)?.text));
        Some((document, loaded.ok()?))
    }

    /// A defect that is kept: the newest whole text wins, as when files are synced.
    fn overwrite(&mut self, one: usize) -> Result<(), Failure> {
        let other = self.dice.below(self.busy);
        for scene in self.scenes(one)? {
            let document = scene.parse().expect("an id");
            let theirs = self.laptops[other].text_of(document)?;
            self.laptops[one].overwrite(&scene, &theirs)?;
        }
        Ok(())
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

/// The binder, trash included, in words, and the texts in the trash.
fn arranged(laptop: &Laptop) -> Result<(String, BTreeSet<DocumentId>), Failure> {
    let novel = template().novel.parse().expect("an id");
    laptop.desk.with_session(|session, store| {
        let binder = &session.binder(store, novel)?.binder;
        let trashed = binder.trashed();
        let in_trash = trashed.iter().flat_map(documents).collect();
        Ok((format!("{:?} {:?} {trashed:?}", binder.outline(), binder.notes()), in_trash))
    })
}

/// What was edited on one laptop and thrown away on another lives on: a text is in the trash only if somebody who threw
/// it away had seen all that is in it.
fn lives_on(
    texts: &[Held],
    in_trash: &BTreeSet<DocumentId>,
    seen: &BTreeMap<DocumentId, Vec<BTreeSet<String>>>,
) -> Result<(), String> {
    for held in texts.iter().filter(|held| in_trash.contains(&held.document)) {
        let words = set_of(&held.flat);
        let known = seen.get(&held.document).map(Vec::as_slice).unwrap_or_default();
        if !words.is_empty() && !known.iter().any(|seen| words.is_subset(seen)) {
            let document = held.document;
            return Err(format!("{document} is in the trash, and nobody threw {words:?} away"));
        }
    }
    Ok(())
}

fn flatten(nodes: &[OutlineNode], all: &mut Vec<OutlineNode>) {
    for node in nodes {
        all.push(node.clone());
        flatten(&node.children, all);
    }
}

/// The texts of a node and of everything in it.
fn texts_of(node: &OutlineNode) -> Vec<DocumentId> {
    let mut below = Vec::new();
    flatten(std::slice::from_ref(node), &mut below);
    let scenes = below.into_iter().filter_map(|node| node.scene);
    scenes.map(|scene| scene.parse().expect("an id")).collect()
}

fn said(what: &str) -> impl Fn(Failure) -> String {
    move |failure| format!("{what} failed: {failure}")
}

fn lock(account: &Mutex<Account>) -> std::sync::MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A home as the template has it.
pub(crate) fn renew(home: &Path, database: &[u8]) {
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
