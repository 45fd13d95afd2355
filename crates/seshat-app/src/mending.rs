//! What merging alone cannot see: a scene that was edited here and put into the trash there, and text that two laptops
//! moved to two places.
//!
//! **Invariants:** an edit beats a deletion, whichever came first. Every laptop does the same repair, and a second one
//! of the same changes nothing, so that laptops come to rest. Nothing is taken out of a place before the words have
//! arrived in the place that keeps them.

use std::collections::{BTreeMap, BTreeSet};

use seshat_manuscript::{Node, NodeId, NodeKind, Spans};
use seshat_protocol::{DeviceId, DocumentId, NovelId};
use seshat_store::{Arrived, Store};
use seshat_vault::{Kind, Place};

use crate::Failure;
use crate::clock::now_ms;
use crate::compacting::covers_of;
use crate::merges::Came;
use crate::reports::Row;
use crate::revising::Revision;
use crate::seen::Seen;
use crate::session::{Session, binder_document};

/// What a repair did.
#[derive(Default)]
pub(crate) struct Mended {
    /// Scenes that came back from the trash, as rows of a report.
    pub(crate) kept: Vec<(DocumentId, Row)>,
    /// Scenes that read otherwise now.
    pub(crate) changed: BTreeSet<DocumentId>,
    /// Scenes that tell of something that is not here yet.
    pub(crate) waiting: BTreeSet<DocumentId>,
    /// Whether anything was written.
    pub(crate) wrote: bool,
}

/// A text in the trash, and who wrote to it unseen.
struct Back {
    node: NodeId,
    document: DocumentId,
    devices: BTreeSet<DeviceId>,
}

impl Session {
    /// Repairs a novel for which records came; text was moved out of the scenes in `moved`.
    pub(crate) fn mend(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        came: &Came,
        moved: &[DocumentId],
    ) -> Result<Mended, Failure> {
        // What was typed counts as soon as it is a record.
        self.flush(store)?;
        let back = self.edited_in_trash(store, novel, came)?;
        if back.is_empty() && moved.is_empty() {
            return Ok(Mended::default());
        }
        let mut kept = Vec::new();
        for Back { document, devices, .. } in &back {
            let version = self.read_scene(store, novel, *document, |text| Ok(text.version()))?;
            kept.push((*document, Row::unchanged(*document, devices.clone(), version)));
        }
        let before = store.last_arrival()?;
        let (waiting, changed) = self.revise(store, novel, |revision| {
            for Back { node, .. } in &back {
                revision.binder()?.keep(*node)?;
            }
            revision.take_out_doubled(moved)
        })?;
        let wrote = store.last_arrival()? != before;
        Ok(Mended { kept, changed, waiting, wrote })
    }

    /// Texts that came back from the trash and that the author has not acknowledged.
    pub(crate) fn kept(
        &mut self,
        store: &Store,
        novel: NovelId,
    ) -> Result<BTreeSet<DocumentId>, Failure> {
        fn gather(node: &Node, kept: &mut BTreeSet<DocumentId>) {
            kept.extend(node.document.filter(|_| node.kept));
            node.children.iter().for_each(|child| gather(child, kept));
        }
        let binder = &self.binder(store, novel)?.binder;
        let mut kept = BTreeSet::new();
        for top in binder.outline().iter().chain(&binder.notes()) {
            gather(top, &mut kept);
        }
        Ok(kept)
    }

    /// Texts in the trash that were written to by somebody who had not heard of that, with words in them.
    fn edited_in_trash(
        &mut self,
        store: &Store,
        novel: NovelId,
        came: &Came,
    ) -> Result<Vec<Back>, Failure> {
        let binder = &self.binder(store, novel)?.binder;
        // A change of the binder may have put anything there.
        let all = came.contains_key(&binder_document(novel));
        let mut texts = Vec::new();
        for top in binder.trashed() {
            texts_in(&top, &mut texts);
        }
        texts.retain(|(_, document)| all || came.contains_key(document));
        let seen = |node: NodeId| binder.seen(node).and_then(|seen| Seen::parse(&seen));
        let seen: Vec<_> = texts
            .into_iter()
            .filter_map(|(node, document)| Some((node, document, seen(node)?)))
            .collect();
        let mut back = Vec::new();
        for (node, document, seen) in seen {
            let devices = self.unseen(store, (novel, document), &seen)?;
            if !devices.is_empty() && self.has_words(store, novel, document)? {
                back.push(Back { node, document, devices });
            }
        }
        Ok(back)
    }

    /// Who wrote to a document, of those whose writing was not seen.
    fn unseen(
        &self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        seen: &Seen,
    ) -> Result<BTreeSet<DeviceId>, Failure> {
        let mut devices = BTreeSet::new();
        let numbers = store.numbers_of(document)?;
        for record in numbers.iter().filter(|it| !seen.has(it.device, it.sequence)) {
            match record.place.and_then(|place| Kind::from_code(place.kind)) {
                Some(kind) if kind.is_snapshot() => {
                    let place = Place { kind, novel, document };
                    self.unseen_in(store, record, &place, seen, &mut devices)?;
                }
                _ => {
                    devices.insert(record.device);
                }
            }
        }
        Ok(devices)
    }

    /// A compaction writes nothing; what counts is whose writing is in it.
    fn unseen_in(
        &self,
        store: &Store,
        snapshot: &Arrived,
        place: &Place,
        seen: &Seen,
        devices: &mut BTreeSet<DeviceId>,
    ) -> Result<(), Failure> {
        let Some(held) = store.record(snapshot.id)? else { return Ok(()) };
        if held.record.replaces.is_empty() {
            // The beginning of a text, not a compaction.
            devices.insert(snapshot.device);
            return Ok(());
        }
        let Ok(body) = self.vault.open_body(&held.record, place) else { return Ok(()) };
        let covers = covers_of(&body).unwrap_or_default();
        let unseen = covers.iter().filter(|cover| !seen.has(cover.device, cover.last));
        devices.extend(unseen.map(|cover| cover.device));
        Ok(())
    }

    /// Without words there is nothing to bring back.
    fn has_words(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<bool, Failure> {
        match self.passage(store, novel, document) {
            Ok(passage) => Ok(!passage.is_empty()),
            // It cannot be read, now: it stays where it is, and a check names it.
            Err(_) => Ok(false),
        }
    }
}

impl Revision<'_> {
    /// Takes out what two laptops moved at once and what therefore stands twice. Returns the scenes for which that has
    /// to wait, because not all of it has arrived.
    fn take_out_doubled(&mut self, moved: &[DocumentId]) -> Result<BTreeSet<DocumentId>, Failure> {
        let mut waiting = BTreeSet::new();
        let mut emptied = BTreeSet::new();
        for source in moved {
            for doubled in self.scene(*source)?.doubled() {
                let here = self.holds(doubled.kept_in, &doubled.kept)?
                    && self.take_out(doubled.document, doubled.spans, &mut emptied)?;
                if !here {
                    waiting.insert(*source);
                }
            }
        }
        for document in emptied {
            self.put_away(document)?;
        }
        Ok(waiting)
    }

    fn holds(&mut self, document: DocumentId, spans: &Spans) -> Result<bool, Failure> {
        if self.store.numbers_of(document)?.is_empty() {
            return Ok(false);
        }
        Ok(self.scene(document)?.has(spans))
    }

    /// Takes characters out of a scene, and out of those that they were moved on to. False where they are not here.
    fn take_out(
        &mut self,
        document: DocumentId,
        spans: Spans,
        emptied: &mut BTreeSet<DocumentId>,
    ) -> Result<bool, Failure> {
        let mut queue = vec![(document, spans)];
        let mut done: BTreeMap<(DocumentId, String), ()> = BTreeMap::new();
        while let Some((document, spans)) = queue.pop() {
            if done.insert((document, spans.to_string()), ()).is_some() {
                continue;
            }
            if !self.holds(document, &spans)? {
                return Ok(false);
            }
            let text = self.scene(document)?;
            let removed = text.remove_doubled(&spans);
            if removed.changed && text.is_empty() {
                emptied.insert(document);
            }
            queue.extend(removed.moved_on);
        }
        Ok(true)
    }

    /// A scene of which nothing is left but its node: the other laptop's one has the words.
    fn put_away(&mut self, document: DocumentId) -> Result<(), Failure> {
        let seen = self.seen()?;
        let binder = self.binder()?;
        let Some(node) = binder.node(document) else { return Ok(()) };
        let is_bare = binder.look_up(node).is_some_and(|node| {
            matches!(node.kind, NodeKind::Scene | NodeKind::Note) && node.title.is_empty()
        });
        if is_bare && !binder.is_trashed(node) {
            binder.trash(node, now_ms(), &seen)?;
        }
        Ok(())
    }
}

fn texts_in(node: &Node, texts: &mut Vec<(NodeId, DocumentId)>) {
    texts.extend(node.document.map(|document| (node.id, document)));
    for child in &node.children {
        texts_in(child, texts);
    }
}
