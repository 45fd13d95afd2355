//! One laptop: what is on its disk, what is open in memory, and what an app does with a manuscript.

use std::collections::{BTreeMap, BTreeSet};

use seshat_manuscript::{Binder, LoadError, NewNode, Node, NodeKind, Op, SceneText, Spans, Unit};
use seshat_protocol::DocumentId;

use crate::random::Random;
use crate::world::{BINDER, Mutant, Record, RecordId, is_letter};

/// What was typed and deleted on a laptop since it last saved.
#[derive(Default)]
struct Unsaved {
    typed: Vec<char>,
    deleted: Vec<char>,
}

pub(crate) struct Laptop {
    pub(crate) number: usize,
    mutant: Option<Mutant>,
    /// The disk: survives a crash.
    pub(crate) disk: BTreeMap<RecordId, Record>,
    pub(crate) outbox: BTreeSet<RecordId>,
    /// Records that a held snapshot names; they need not be on the disk and never come back.
    pub(crate) named: BTreeSet<RecordId>,
    /// Memory: does not.
    pub(crate) scenes: BTreeMap<DocumentId, SceneText>,
    pub(crate) binder: Option<Binder>,
    unsaved: Unsaved,
    /// What it has saved for good, as the truth that the end is held against.
    pub(crate) typed: BTreeSet<char>,
    pub(crate) deleted: BTreeSet<char>,
    next_record: u64,
}

impl Laptop {
    pub(crate) fn new(number: usize, mutant: Option<Mutant>) -> Self {
        Self {
            number,
            mutant,
            disk: BTreeMap::new(),
            outbox: BTreeSet::new(),
            named: BTreeSet::new(),
            scenes: BTreeMap::new(),
            binder: None,
            unsaved: Unsaved::default(),
            typed: BTreeSet::new(),
            deleted: BTreeSet::new(),
            next_record: 0,
        }
    }

    fn peer(&self, random: &mut Random) -> u64 {
        // A number of the laptop's own, chosen once: the mistake that the format forbids.
        if self.mutant == Some(Mutant::ReusedPeers) { 7 } else { random.next() | 2 }
    }

    fn parts(&self, document: DocumentId) -> Vec<&[u8]> {
        let of_it = self.disk.values().filter(|record| record.document == document);
        of_it.map(|record| &record.bytes[..]).collect()
    }

    /// Everything in memory goes; what is on the disk is loaded.
    pub(crate) fn restart(&mut self, random: &mut Random) -> Result<(), LoadError> {
        self.unsaved = Unsaved::default();
        let documents: BTreeSet<DocumentId> =
            self.disk.values().map(|record| record.document).collect();
        self.scenes.clear();
        self.binder = None;
        for document in documents {
            let peer = self.peer(random);
            if document == BINDER {
                self.binder = Some(Binder::load(peer, self.parts(document))?);
            } else {
                let scene = SceneText::load(peer, self.parts(document))?;
                self.scenes.insert(document, scene);
            }
        }
        Ok(())
    }

    /// A first scene, and with it a binder where the schedule has one.
    pub(crate) fn begin(&mut self, document: DocumentId, binder: bool, random: &mut Random) {
        let peer = self.peer(random);
        self.scenes.insert(document, SceneText::new(peer));
        if binder {
            let mut binder = Binder::new(self.peer(random), "novel", "en");
            add_scene(&mut binder, 0, document);
            self.binder = Some(binder);
        }
        self.type_letter(document, '\u{f0000}', random);
        self.save();
    }

    /// One transaction with an update of everything that changed.
    pub(crate) fn save(&mut self) {
        let mut updates: Vec<(DocumentId, Vec<u8>)> = self
            .scenes
            .iter_mut()
            .filter_map(|(&document, scene)| scene.take_update().map(|update| (document, update)))
            .collect();
        updates.extend(
            self.binder.as_mut().and_then(Binder::take_update).map(|update| (BINDER, update)),
        );
        for (document, bytes) in updates {
            self.keep(Record { document, bytes, replaces: Vec::new() });
        }
        let Unsaved { typed, deleted } = std::mem::take(&mut self.unsaved);
        self.typed.extend(typed);
        self.deleted.extend(deleted);
    }

    fn keep(&mut self, record: Record) {
        self.next_record += 1;
        let id = (self.number, self.next_record);
        self.outbox.insert(id);
        self.disk.insert(id, record);
    }

    pub(crate) fn pick(&self, random: &mut Random) -> Option<DocumentId> {
        let documents: Vec<DocumentId> = self.scenes.keys().copied().collect();
        (!documents.is_empty()).then(|| documents[random.below(documents.len())])
    }

    pub(crate) fn type_letter(&mut self, document: DocumentId, letter: char, random: &mut Random) {
        let Some(scene) = self.scenes.get_mut(&document) else { return };
        let at = 1 + random.below(scene.flat().chars().count());
        let mut text = letter.to_string();
        if random.chance(20) {
            text.push('\n');
        }
        scene.apply(&[Op::Insert { at, text, marks: None }], Unit::Scalar).unwrap();
        self.unsaved.typed.push(letter);
    }

    pub(crate) fn delete(&mut self, document: DocumentId, random: &mut Random) {
        let Some(scene) = self.scenes.get_mut(&document) else { return };
        let flat: Vec<char> = scene.flat().chars().collect();
        if flat.len() < 2 {
            return;
        }
        let at = 1 + random.below(flat.len() - 1);
        let len = (1 + random.below(3)).min(flat.len() - at);
        scene.apply(&[Op::Delete { at, len }], Unit::Scalar).unwrap();
        self.unsaved.deleted.extend(flat[at..at + len].iter().filter(|&&c| is_letter(c)));
    }

    /// Cuts a scene in two, all in one transaction.
    pub(crate) fn split(&mut self, document: DocumentId, new: DocumentId, random: &mut Random) {
        let peer = self.peer(random);
        let Some(scene) = self.scenes.get_mut(&document) else { return };
        let at = random.below(scene.flat().chars().count() + 1);
        let tail = scene.split_off(at, Unit::Scalar, peer, new).unwrap();
        self.scenes.insert(new, tail);
        if let Some(binder) = &mut self.binder {
            add_scene(binder, usize::MAX, new);
        }
        self.save();
    }

    /// Appends the next scene to one and puts it into the trash, all in one transaction.
    pub(crate) fn join(&mut self, document: DocumentId) {
        let next = self.scenes.range(document..).nth(1).map(|(&next, _)| next);
        let Some((next, mut source)) = next.and_then(|next| self.scenes.remove_entry(&next)) else {
            return;
        };
        if let Some(scene) = self.scenes.get_mut(&document) {
            scene.absorb(&mut source, document).unwrap();
        }
        self.scenes.insert(next, source);
        self.save();
        self.trash(next);
        self.save();
    }

    pub(crate) fn trash(&mut self, document: DocumentId) {
        self.save();
        let (Some(binder), Some(scene)) = (&mut self.binder, self.scenes.get(&document)) else {
            return;
        };
        if let Some(node) = binder.node(document) {
            binder.trash(node, 1, &scene.version().to_string()).unwrap();
        }
    }

    pub(crate) fn untrash(&mut self, document: DocumentId) {
        if let Some((binder, node)) =
            self.binder.as_mut().and_then(|binder| binder.node(document).map(|node| (binder, node)))
        {
            binder.restore(node).unwrap();
        }
    }

    pub(crate) fn rearrange(&mut self, random: &mut Random) {
        let Some(binder) = &mut self.binder else { return };
        let nodes = binder.outline();
        if nodes.is_empty() {
            return;
        }
        let node = nodes[random.below(nodes.len())].id;
        let index = random.below(nodes.len());
        binder.move_to(node, None, index).unwrap();
    }

    /// Seals the whole history of a scene and names what is in it; those records may go.
    pub(crate) fn compact(&mut self, document: DocumentId) -> Result<(), String> {
        self.save();
        let Some(scene) = self.scenes.get(&document) else { return Ok(()) };
        if scene.is_waiting() {
            return Ok(());
        }
        let bytes = scene.history(b"").map_err(|error| error.to_string())?;
        let of_it = self.disk.iter().filter(|(_, record)| record.document == document);
        let replaces: Vec<RecordId> = of_it.map(|(&id, _)| id).collect();
        if replaces.len() < 2 {
            return Ok(());
        }
        self.keep(Record { document, bytes, replaces });
        self.purge();
        Ok(())
    }

    /// Drops what a held snapshot names and no longer waits to be sent.
    fn purge(&mut self) {
        let named: Vec<RecordId> =
            self.disk.values().flat_map(|record| record.replaces.iter().copied()).collect();
        self.named.extend(named);
        let (named, outbox) = (&self.named, &self.outbox);
        self.disk.retain(|id, _| outbox.contains(id) || !named.contains(id));
    }

    /// Takes in what arrived, in the given order, some of it perhaps known.
    pub(crate) fn receive(
        &mut self,
        records: &[(RecordId, Record)],
        random: &mut Random,
    ) -> Result<(), String> {
        let mut new: BTreeMap<DocumentId, Vec<&Record>> = BTreeMap::new();
        for (id, record) in records.iter().filter(|(id, _)| !self.named.contains(id)) {
            self.disk.entry(*id).or_insert_with(|| record.clone());
            new.entry(record.document).or_default().push(record);
        }
        for (document, records) in new {
            // Together, as an app does, or one by one, as they come.
            let size = if random.chance(80) { records.len() } else { 1 };
            for records in records.chunks(size) {
                self.open(document, records, random).map_err(|error| error.to_string())?;
            }
        }
        self.purge();
        self.keep_what_was_edited();
        Ok(())
    }

    fn open(
        &mut self,
        document: DocumentId,
        records: &[&Record],
        random: &mut Random,
    ) -> Result<(), LoadError> {
        let peer = self.peer(random);
        let parts = records.iter().map(|record| &record.bytes[..]);
        if document == BINDER {
            return match &mut self.binder {
                Some(binder) => binder.merge_all(parts).map(drop),
                none => {
                    *none = Some(Binder::load(peer, parts)?);
                    Ok(())
                }
            };
        }
        let snapshot = records.iter().rev().find(|record| !record.replaces.is_empty());
        if let (Some(Mutant::TakesSnapshotOver), Some(snapshot)) = (self.mutant, snapshot) {
            // "It is newer and whole, so it takes the place of what is open."
            let scene = SceneText::load(peer, [&snapshot.bytes[..]])?;
            self.scenes.insert(document, scene);
            return Ok(());
        }
        if let Some(scene) = self.scenes.get_mut(&document) {
            return scene.merge_all(parts).map(drop);
        }
        self.scenes.insert(document, SceneText::load(peer, parts)?);
        Ok(())
    }

    /// Edit beats delete: a scene comes back that was written beyond what was seen when it was put into the trash.
    fn keep_what_was_edited(&mut self) {
        let Some(binder) = &mut self.binder else { return };
        for node in binder.trashed() {
            let scene = node.document.and_then(|document| self.scenes.get(&document));
            let seen = binder.seen(node.id).and_then(|seen| seen.parse().ok());
            if let (Some(scene), Some(seen)) = (scene, seen)
                && scene.wrote_since(&seen) == Ok(true)
            {
                binder.keep(node.id).unwrap();
            }
        }
    }

    /// Takes out what two laptops moved at once, where what keeps it is here.
    pub(crate) fn repair(&mut self) {
        if self.mutant == Some(Mutant::NoRepair) {
            return;
        }
        let doubled: Vec<_> = self.scenes.values().flat_map(SceneText::doubled).collect();
        let mut work: Vec<(DocumentId, Spans)> = doubled
            .into_iter()
            .filter(|one| self.scenes.get(&one.kept_in).is_some_and(|scene| scene.has(&one.kept)))
            .map(|one| (one.document, one.spans))
            .collect();
        while let Some((document, spans)) = work.pop() {
            if let Some(scene) = self.scenes.get_mut(&document) {
                work.extend(scene.remove_doubled(&spans).moved_on);
            }
        }
    }

    /// What is written, by scene, without scenes that are empty.
    pub(crate) fn texts(&self) -> BTreeMap<DocumentId, String> {
        let texts = self.scenes.iter().map(|(&document, scene)| (document, scene.flat()));
        texts.filter(|(_, text)| text.chars().any(is_letter)).collect()
    }

    pub(crate) fn order(&self) -> Option<(Vec<Node>, Vec<Node>)> {
        self.binder.as_ref().map(|binder| (binder.outline(), binder.trashed()))
    }
}

fn add_scene(binder: &mut Binder, index: usize, document: DocumentId) {
    let new = NewNode { kind: NodeKind::Scene, title: "", document: Some(document) };
    binder.add(None, index, &new).unwrap();
}
