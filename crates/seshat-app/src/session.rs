//! What is in memory while the vault is open, and the one way in which anything gets from there to the disk.
//!
//! **Invariants:** a record is sealed, chained and stored in one transaction with everything that belongs to
//! it. What could not be stored stays in memory and is offered again. Dropping a [`Session`] wipes its keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use seshat_manuscript::{Binder, SceneText, Version};
use seshat_protocol::{Bytes32, DeviceId, DocumentId, NovelId, RecordId, Sealed};
use seshat_store::{Cover, NewRecord, Store, StoredPlace, StoredRecord, Write};
use seshat_vault::{Device, Draft, Kind, OpenVault, Place};

use crate::clock::{OsEntropy, now_ms};
use crate::finding::Shelf;
use crate::merges::Arrivals;
use crate::progress::Typed;
use crate::scenes::to_u64;
use crate::texts::LastText;
use crate::{Failure, NovelLock};

/// What the binder shows of a scene without opening it. Kept sealed beside the records that it was made from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// Words in the scene.
    pub(crate) words: u64,
    /// Its first words.
    pub(crate) excerpt: String,
    /// Records of the document that it accounts for; another number in the store means that it is stale.
    pub(crate) records: u64,
    /// When this laptop last saw it change, in milliseconds since 1970.
    pub(crate) edited_at: u64,
    /// What it was made from; a summary of an older program does not say.
    #[serde(default)]
    pub(crate) version: Option<Version>,
}

/// A novel's binder in memory.
pub(crate) struct OpenBinder {
    pub(crate) binder: Binder,
    /// Scenes in reading order, trash left out.
    pub(crate) scenes: Vec<DocumentId>,
}

impl OpenBinder {
    pub(crate) fn new(binder: Binder) -> Self {
        let mut open = Self { binder, scenes: Vec::new() };
        open.refresh();
        open
    }

    /// After every change of the binder.
    pub(crate) fn refresh(&mut self) {
        self.scenes.clear();
        let mut rows: Vec<_> = self.binder.outline().into_iter().rev().collect();
        while let Some(node) = rows.pop() {
            self.scenes.extend(node.document);
            rows.extend(node.children.into_iter().rev());
        }
    }
}

/// A scene that the author has open.
pub(crate) struct OpenScene {
    pub(crate) novel: NovelId,
    pub(crate) text: SceneText,
    /// Names this opening; edits of older ones are refused. 0 while no editor has it open.
    pub(crate) session: u64,
    /// The last edit of this session that was applied.
    pub(crate) sequence: u64,
    /// Updates taken from the text and not yet on the disk.
    pub(crate) unsaved: Vec<Vec<u8>>,
    /// Records that the disk has of it.
    pub(crate) records: u64,
    /// Of them, those that could not be read when it was loaded.
    pub(crate) left_out: usize,
    pub(crate) words: u64,
}

/// An open vault.
pub(crate) struct Session {
    pub(crate) vault: OpenVault,
    pub(crate) device: Device,
    pub(crate) binders: BTreeMap<NovelId, OpenBinder>,
    pub(crate) scenes: BTreeMap<DocumentId, OpenScene>,
    pub(crate) summaries: BTreeMap<DocumentId, Summary>,
    /// Scenes as they were when they were first opened since the vault was unlocked, and when that was.
    pub(crate) opened: BTreeMap<DocumentId, (Version, u64)>,
    /// What came from elsewhere and was not looked at yet.
    pub(crate) arrivals: Arrivals,
    /// What is ready for searching, and which replacements can be taken back.
    pub(crate) shelf: Shelf,
    /// What was typed, for the day's count.
    pub(crate) typed: Typed,
    pub(crate) entropy: OsEntropy,
}

/// A scene as the disk has it.
pub(crate) struct LoadedScene {
    pub(crate) text: SceneText,
    /// Records that the disk has of it, those that were left out too.
    pub(crate) records: u64,
    /// Of them, those that do not open or do not load.
    pub(crate) left_out: usize,
}

/// Content that is to become a record.
pub(crate) struct Content {
    pub(crate) place: Place,
    pub(crate) payload: Vec<u8>,
    /// Records whose content this one contains.
    pub(crate) replaces: Vec<RecordId>,
    /// Which numbers those have, with all that they contain themselves.
    pub(crate) covers: Vec<Cover>,
    /// The sealed images that it shows; each is on the disk, or a record that is there names it.
    pub(crate) blobs: Vec<Bytes32>,
}

impl Content {
    pub(crate) fn new(place: Place, payload: Vec<u8>) -> Self {
        Self { place, payload, replaces: Vec::new(), covers: Vec::new(), blobs: Vec::new() }
    }
}

/// What goes to the disk together.
#[derive(Default)]
pub(crate) struct Batch {
    /// Sealed images that `contents` names.
    pub(crate) blobs: Vec<Vec<u8>>,
    pub(crate) contents: Vec<Content>,
    pub(crate) summaries: Vec<(NovelId, DocumentId, Summary)>,
    /// The last text of a scene that could be read; sealed, it stays on this laptop.
    pub(crate) texts: Vec<(NovelId, DocumentId, LastText)>,
    /// What merges brought, with the time in milliseconds since 1970; sealed, it stays on this laptop.
    pub(crate) reports: Vec<(NovelId, u64, Vec<u8>)>,
    /// The vault as well, because it has a new key or device.
    pub(crate) vault: Option<Vec<u8>>,
    /// Records that the server refuses, and whose content is in `contents`.
    pub(crate) instead_of: Vec<RecordId>,
}

impl Session {
    pub(crate) fn new(vault: OpenVault, device: Device) -> Self {
        Self {
            vault,
            device,
            binders: BTreeMap::new(),
            scenes: BTreeMap::new(),
            summaries: BTreeMap::new(),
            opened: BTreeMap::new(),
            arrivals: Arrivals::default(),
            shelf: Shelf::default(),
            typed: Typed::default(),
            entropy: OsEntropy,
        }
    }

    pub(crate) fn device_id(&self) -> DeviceId {
        self.device.id()
    }

    /// Seals a batch and stores it in one transaction.
    ///
    /// # Errors
    /// When it cannot be sealed or stored; then nothing of it is on the disk.
    pub(crate) fn write(&mut self, store: &mut Store, batch: Batch) -> Result<(), Failure> {
        let mut head = store.head(self.device.id())?;
        let written_at = now_ms();
        let mut records = Vec::with_capacity(batch.contents.len());
        for content in batch.contents {
            let draft = Draft {
                id: RecordId(self.entropy.id()?),
                place: content.place,
                sequence: head.sequence + 1,
                previous: head.hash,
                written_at,
                replaces: content.replaces,
                blobs: content.blobs,
                payload: &content.payload,
            };
            let record = self.vault.seal_record(&self.device, draft, &mut self.entropy)?;
            head.sequence = record.sequence;
            head.hash = record.hash(self.vault.account());
            let covers = content.covers;
            records.push(NewRecord { record, place: stored(content.place), covers });
        }
        let mut summaries = Vec::with_capacity(batch.summaries.len());
        for (novel, document, summary) in &batch.summaries {
            summaries.push((*document, self.seal_summary(*novel, *document, summary)?));
        }
        let mut texts = Vec::with_capacity(batch.texts.len());
        for (novel, document, text) in &batch.texts {
            texts.push((*document, self.seal_text(*novel, *document, text)?));
        }
        let mut reports = Vec::with_capacity(batch.reports.len());
        for (novel, at, report) in &batch.reports {
            let place = binder_place(Kind::LocalReport, *novel);
            let sealed = self.vault.seal_local(&place, report, &mut self.entropy)?;
            reports.push((*novel, *at, sealed));
        }
        let (blobs, vault, instead_of) = (batch.blobs, batch.vault, batch.instead_of);
        store.append(&Write { blobs, records, summaries, texts, reports, vault, instead_of })?;
        self.summaries.extend(batch.summaries.into_iter().map(|(_, document, it)| (document, it)));
        Ok(())
    }

    pub(crate) fn seal_summary(
        &mut self,
        novel: NovelId,
        document: DocumentId,
        summary: &Summary,
    ) -> Result<Sealed, Failure> {
        let bytes = serde_json::to_vec(summary).expect("a summary is plain data");
        Ok(self.vault.seal_local(&summary_place(novel, document), &bytes, &mut self.entropy)?)
    }

    /// The bodies of those of a document's records that open, in the order in which this laptop got them.
    pub(crate) fn open_bodies(
        &self,
        records: &[StoredRecord],
        novel: NovelId,
        document: DocumentId,
    ) -> Vec<Vec<u8>> {
        let open = |stored: &StoredRecord| {
            let place = Place { kind: Kind::from_code(stored.kind)?, novel, document };
            Some(self.vault.open_body(&stored.record, &place).ok()?.to_vec())
        };
        records.iter().filter_map(open).collect()
    }

    /// Loads a scene from its records; an empty one only if it has none. Records that do not open or do not load are
    /// left out, so that they do not keep the rest from the author; a check names them.
    pub(crate) fn load_scene(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<LoadedScene, Failure> {
        let peer = self.entropy.peer()?;
        let records = store.records_of(document)?;
        let bodies = self.open_bodies(&records, novel, document);
        let (text, unloaded) = gathered(peer, &bodies);
        let left_out = records.len() - bodies.len() + unloaded;
        // An empty page where there was text would look like a loss, and be written on.
        if text.is_empty() && left_out > 0 {
            return Err(unreadable());
        }
        Ok(LoadedScene { text, records: to_u64(records.len()), left_out })
    }

    /// Whether every record of a document opens and loads.
    ///
    /// # Errors
    /// The first thing that does not.
    pub(crate) fn load_strictly(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<usize, Failure> {
        let peer = self.entropy.peer()?;
        let bodies = self.open_bodies(&store.records_of(document)?, novel, document);
        let bodies = bodies.iter().map(Vec::as_slice);
        if document == binder_document(novel) {
            Binder::load(peer, bodies)?;
            return Ok(0);
        }
        Ok(SceneText::load(peer, bodies)?.words())
    }

    /// The binder of a novel, loaded at first use.
    pub(crate) fn binder(
        &mut self,
        store: &Store,
        novel: NovelId,
    ) -> Result<&mut OpenBinder, Failure> {
        if !self.binders.contains_key(&novel) {
            if self.novel_lock(novel) == NovelLock::Locked {
                return Err(Failure::novel_locked());
            }
            let document = binder_document(novel);
            let records = store.records_of(document)?;
            let bodies = self.open_bodies(&records, novel, document);
            if records.is_empty() {
                return Err(Failure::not_found(
                    "This novel is not on this laptop yet; it comes with the next sync.",
                ));
            }
            let peer = self.entropy.peer()?;
            let loaded = Binder::load(peer, bodies.iter().map(Vec::as_slice));
            let binder = loaded.or_else(|_| piecewise(peer, &bodies))?;
            self.binders.insert(novel, OpenBinder::new(binder));
        }
        Ok(self.binders.get_mut(&novel).expect("it was loaded just now"))
    }

    /// Changes a novel's binder and stores the change at once.
    pub(crate) fn edit_binder<T>(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        edit: impl FnOnce(&mut Binder) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let open = self.binder(store, novel)?;
        open.binder.set_time(seconds());
        let result = edit(&mut open.binder);
        open.refresh();
        let Some(update) = open.binder.take_update() else { return result };
        let place = binder_place(Kind::BinderUpdate, novel);
        let contents = vec![Content::new(place, update)];
        let written = self.write(store, Batch { contents, ..Batch::default() });
        if written.is_err() {
            // The disk is the truth: forget what it does not hold, and the next look loads it again.
            self.binders.remove(&novel);
        }
        written.and(result)
    }

    /// What the binder shows of a scene that has `records` records; made anew when the one that is kept does not
    /// account for just these.
    pub(crate) fn summary(
        &mut self,
        store: &mut Store,
        (novel, document): (NovelId, DocumentId),
        records: u64,
    ) -> Result<Summary, Failure> {
        match self.fresh_summary(store, (novel, document), records)? {
            Some(summary) => Ok(summary),
            None => self.summarize(store, (novel, document), records),
        }
    }

    /// The summary that is kept of a scene, if it accounts for just these records.
    pub(crate) fn fresh_summary(
        &mut self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        records: u64,
    ) -> Result<Option<Summary>, Failure> {
        if let Some(summary) = self.summaries.get(&document)
            && summary.records == records
        {
            return Ok(Some(summary.clone()));
        }
        let stored = self.stored_summary(store, novel, document)?;
        let fresh = stored.filter(|summary| summary.records == records);
        if let Some(summary) = &fresh {
            self.summaries.insert(document, summary.clone());
        }
        Ok(fresh)
    }

    pub(crate) fn stored_summary(
        &self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<Summary>, Failure> {
        let Some(sealed) = store.summary(document)? else { return Ok(None) };
        // One that does not open or does not read is one that has to be made again.
        let opened = self.vault.open_local(&summary_place(novel, document), &sealed).ok();
        Ok(opened.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Opens a scene once to say what the binder shows of it, and keeps that.
    fn summarize(
        &mut self,
        store: &mut Store,
        (novel, document): (NovelId, DocumentId),
        records: u64,
    ) -> Result<Summary, Failure> {
        if records == 0 {
            return Ok(Summary::default());
        }
        let edited_at = match store.records_of(document)?.last() {
            Some(last) => self.vault.open_header(&last.record).map_or(0, |it| it.written_at),
            None => 0,
        };
        let summary = match self.scenes.get(&document) {
            // What was typed and is not on the disk yet is in it, so it is of no version that the disk knows.
            Some(open) => Summary { version: None, ..summary_of(&open.text, records, edited_at) },
            None => {
                let text = self.load_scene(store, novel, document)?.text;
                summary_of(&text, records, edited_at)
            }
        };
        let summaries = vec![(novel, document, summary.clone())];
        self.write(store, Batch { summaries, ..Batch::default() })?;
        Ok(summary)
    }
}

/// A scene from those bodies that load, and how many do not.
pub(crate) fn gathered(peer: u64, bodies: &[Vec<u8>]) -> (SceneText, usize) {
    match SceneText::load(peer, bodies.iter().map(Vec::as_slice)) {
        Ok(text) => (text, 0),
        Err(_) => {
            let mut text = SceneText::new(peer);
            let left_out = bodies.iter().filter(|body| text.merge(body).is_err()).count();
            (text, left_out)
        }
    }
}

/// A binder from those records that load.
fn piecewise(peer: u64, bodies: &[Vec<u8>]) -> Result<Binder, Failure> {
    let mut loading =
        bodies.iter().skip_while(|body| Binder::load(peer, [body.as_slice()]).is_err());
    let first = loading.next().ok_or_else(unreadable)?;
    let mut binder = Binder::load(peer, [first.as_slice()])?;
    for body in loading {
        // One that does not load is left out; a check names it.
        let _left_out = binder.merge(body).is_err();
    }
    Ok(binder)
}

fn unreadable() -> Failure {
    Failure::other(
        "No record of this text can be read, so it was not opened; everything else is safe; run a check and sync, or bring a backup back.",
    )
}

/// What the binder shows of this text.
pub(crate) fn summary_of(text: &SceneText, records: u64, edited_at: u64) -> Summary {
    let passage = text.passage();
    Summary {
        words: to_u64(passage.words()),
        excerpt: passage.excerpt(60),
        records,
        edited_at,
        version: Some(text.version()),
    }
}

/// The time that dates an edit, in seconds since 1970.
pub(crate) fn seconds() -> i64 {
    i64::try_from(now_ms() / 1000).unwrap_or(i64::MAX)
}

/// A novel's binder has the novel's own id, so that a laptop which knows the novel knows where to look.
pub(crate) fn binder_document(novel: NovelId) -> DocumentId {
    DocumentId(novel.0)
}

pub(crate) fn binder_place(kind: Kind, novel: NovelId) -> Place {
    Place { kind, novel, document: binder_document(novel) }
}

fn summary_place(novel: NovelId, document: DocumentId) -> Place {
    Place { kind: Kind::LocalSummary, novel, document }
}

pub(crate) fn stored(place: Place) -> StoredPlace {
    StoredPlace { kind: place.kind.code(), novel: place.novel, document: place.document }
}
