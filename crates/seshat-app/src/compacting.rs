//! Compaction: the whole history of a document in one record, which names exactly the records that it contains.
//!
//! **Invariants:**
//! - A document is left alone unless every record of it that stands for itself is signed, opens and loads, and nothing
//!   of it waits for parts that have not come or for the disk.
//! - What is named is what was loaded, id by id. Two laptops may compact at once: both records stand, until a later
//!   one has loaded and names both.
//! - The record is loaded again and compared before it is written. Nothing is removed before the record has been read
//!   back from the disk and everything that it names has been merged into it without changing it, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use seshat_manuscript::{Binder, LoadError, SceneText, SnapshotError};
use seshat_protocol::{
    Bytes32, DeviceId, DocumentId, FieldReader, FieldWriter, FieldsError, NovelId, RecordId, limits,
};
use seshat_store::{Cover, Replacing, Store, StoredRecord, Weight};
use seshat_vault::{Draft, Kind, Place, SealError};

use crate::clock::{OsEntropy, now_ms};
use crate::scenes::to_u64;
use crate::session::{Batch, Content, Session, Summary, binder_document, summary_of};
use crate::texts::LastText;
use crate::{CompactReport, Desk, Failure, NovelLock};

/// A document is due with so many records that no other one contains, …
const MANY: usize = 200;
/// … or with so many bytes of them.
const HEAVY: u64 = 256 * 1024;
/// Once nobody writes in it any more, it is due with so few, if they weigh more than half of what is compacted.
const FEW: usize = 4;
/// For so long nothing came, in milliseconds, when nobody writes in it any more.
const QUIET_MS: u64 = 10 * 60 * 1000;

/// Which documents are compacted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Which {
    /// Those that are worth it.
    Due,
    /// Every one that has more than one record.
    All,
}

/// Why a document was left as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Left {
    /// The novel is closed with a passphrase of its own.
    Closed,
    /// Something of it is not on the disk yet.
    Unsaved,
    /// A record does not open, is not signed, or does not load.
    Damaged,
    /// Parts of it have not arrived.
    Waiting,
    /// Its history would not read back as it is.
    Unfaithful,
    /// Its history does not fit into one record.
    TooLarge,
    /// It changed meanwhile.
    Changed,
}

/// What is remembered between two looks, while the vault is open.
#[derive(Default)]
pub(crate) struct Watch {
    /// Where each document ends, and since when.
    seen: BTreeMap<DocumentId, (u64, u64)>,
    /// Documents that were left alone, where they ended then, and why.
    left: BTreeMap<DocumentId, (u64, Left)>,
    /// Documents of which nothing could be removed, where they ended then, and whether that is because a snapshot does
    /// not contain what it names.
    kept: BTreeMap<DocumentId, (u64, bool)>,
    /// Scenes whose text is kept for searching, and where they ended then.
    texts: BTreeMap<DocumentId, u64>,
}

/// A document's records, opened.
struct Gathered {
    novel: NovelId,
    document: DocumentId,
    /// Those that stand for themselves.
    live: Vec<(StoredRecord, Vec<u8>)>,
    /// What others stand for, as far as it opens: whoever wrote those may not have read it.
    replaced: Vec<Vec<u8>>,
}

/// A document's history, ready to be sealed.
struct Folded {
    place: Place,
    live: BTreeSet<RecordId>,
    replaces: Vec<RecordId>,
    covers: Vec<Cover>,
    /// Every image that any of it ever showed: what was can be brought back.
    blobs: Vec<Bytes32>,
    payload: Vec<u8>,
    text: Option<SceneText>,
}

impl Desk {
    /// Puts each document's updates together: those that are worth it, or `all`, and removes what they contain. With a
    /// server connected only after a complete sync, so that nothing of this laptop waits, but for want of room there, and
    /// nothing that the server has is missing; and nothing is removed before the server has what was put together.
    ///
    /// # Errors
    /// When the vault is locked, the sync is not complete, or the disk fails. Documents that cannot be compacted are no
    /// error: they stay as they are, and the report says why.
    pub fn compact(&self, all: bool) -> Result<CompactReport, Failure> {
        self.flush()?;
        let linked = self.with_session(|_, store| Ok(store.server()?.is_some()))?;
        if linked {
            let round = self.round()?;
            if !round.complete || (round.waiting > 0 && !self.waits_for_room()) {
                return Err(Failure::other(
                    "Nothing was compacted, because this laptop and the server are not up to date with each other; everything is safe; sync, then compact again.",
                ));
            }
        }
        let which = if all { Which::All } else { Which::Due };
        let before = self.with_session(|_, store| record_bytes(store))?;
        let mut report = self.compact_documents(which, &mut || true)?;
        if linked && report.documents > 0 {
            // Where it cannot be sent now, what it contains stays until it was.
            let _sent = self.round()?;
        }
        report.removed = self.purge(&mut || true)?;
        report.before = before;
        report.after = self.with_session(|_, store| record_bytes(store))?;
        if report.documents > 0 {
            self.wrote(&Ok(true));
        }
        Ok(report)
    }

    /// Compacts without asking for a sync; `go_on` is asked before each document.
    pub(crate) fn compact_documents(
        &self,
        which: Which,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<CompactReport, Failure> {
        let mut report = CompactReport::default();
        let weights = self.with_session(|_, store| Ok(store.weights(None)?))?;
        let due = self.watch(|watch| watch.due(weights, which, now_ms()));
        for weight in due {
            if !go_on() {
                break;
            }
            match self.compact_one(&weight)? {
                Ok(replaced) => {
                    report.documents += 1;
                    report.replaced += to_u64(replaced);
                }
                Err(left) => {
                    report.left.extend(left.sentence(weight.document));
                    self.watch(|watch| watch.leave(&weight, left));
                }
            }
        }
        Ok(report)
    }

    /// One document. The lock is held to read it and to write it, and not while its history is put together.
    fn compact_one(&self, weight: &Weight) -> Result<Result<usize, Left>, Failure> {
        let place = (weight.novel, weight.document);
        let gathered = match self.with_session(|session, store| session.gather(store, place))? {
            Ok(gathered) => gathered,
            Err(left) => return Ok(Err(left)),
        };
        let folded = match fold(gathered)? {
            Ok(folded) => folded,
            Err(left) => return Ok(Err(left)),
        };
        self.with_session(|session, store| session.put_history(store, folded))
    }

    /// Removes what snapshots contain that are on the disk, and on the server where there is one. Returns how many
    /// records went.
    pub(crate) fn purge(&self, go_on: &mut dyn FnMut() -> bool) -> Result<u64, Failure> {
        let weights = self.with_session(|_, store| {
            // What waits for the server, and what only a record that waits contains, stays.
            let waits = store.server()?.is_some() && store.waiting()? > 0;
            if waits { Ok(Vec::new()) } else { Ok(store.weights(None)?) }
        })?;
        let mut gone = 0;
        for weight in weights.iter().filter(|weight| weight.replaced_records > 0) {
            let known = self.watch(|watch| watch.kept.get(&weight.document).copied());
            if known.is_some_and(|(end, _)| end == weight.last_arrival) {
                continue;
            }
            if !go_on() {
                break;
            }
            let place = (weight.novel, weight.document);
            let (removed, faulty) =
                self.with_session(|session, store| session.purge(store, place))?;
            if removed == 0 {
                let kept = (weight.last_arrival, faulty);
                self.watch(|watch| watch.kept.insert(weight.document, kept));
            }
            gone += to_u64(removed);
        }
        if gone > 0 {
            // Where the disk has no room for it, the file stays as long as it is.
            let _shorter = self.with_session(|_, store| Ok(store.give_back_room()?)).is_ok();
        }
        Ok(gone)
    }

    /// Keeps the text of scenes that changed since it was kept, so that a search after the next start need not load
    /// them, and so that there is a last good one.
    pub(crate) fn keep_texts(&self, go_on: &mut dyn FnMut() -> bool) -> Result<(), Failure> {
        let weights = self.with_session(|_, store| Ok(store.weights(None)?))?;
        for weight in weights.iter().filter(|it| it.document != binder_document(it.novel)) {
            let known = self.watch(|watch| watch.texts.get(&weight.document).copied());
            if known == Some(weight.last_arrival) {
                continue;
            }
            if !go_on() {
                break;
            }
            let place = (weight.novel, weight.document);
            if self.with_session(|session, store| session.keep_text(store, place))? {
                self.watch(|watch| watch.texts.insert(weight.document, weight.last_arrival));
            }
        }
        Ok(())
    }

    /// Sentences about documents that a compaction had to leave alone, for a check.
    pub(crate) fn left_alone(&self) -> Vec<String> {
        self.watch(|watch| {
            watch.left.iter().filter_map(|(document, (_, left))| left.sentence(*document)).collect()
        })
    }

    /// When the vault is locked: what documents there are is forgotten.
    pub(crate) fn forget_watch(&self) {
        self.watch(|watch| *watch = Watch::default());
    }

    fn watch<T>(&self, work: impl FnOnce(&mut Watch) -> T) -> T {
        work(&mut self.shared.watch.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watch {
    /// The documents to be compacted, the heaviest first.
    fn due(&mut self, weights: Vec<Weight>, which: Which, now: u64) -> Vec<Weight> {
        let mut due: Vec<Weight> = Vec::new();
        for weight in weights {
            let (end, since) = *self
                .seen
                .entry(weight.document)
                .and_modify(|(end, since)| {
                    // A clock that was set back begins to count anew.
                    if *end != weight.last_arrival || *since > now {
                        (*end, *since) = (weight.last_arrival, now);
                    }
                })
                .or_insert((weight.last_arrival, now));
            let quiet = end == weight.last_arrival && now - since >= QUIET_MS;
            let left = self.left.get(&weight.document).is_some_and(|(at, _)| *at == end);
            // What a snapshot should contain and does not, the next one will.
            let faulty = self.kept.get(&weight.document) == Some(&(end, true));
            let wanted = match which {
                Which::All => faulty || weight.tail_records + weight.snapshots > 1,
                Which::Due => !left && (faulty || is_due(&weight, quiet)),
            };
            if wanted {
                due.push(weight);
            }
        }
        due.sort_by_key(|weight| std::cmp::Reverse(weight.tail_bytes));
        due
    }

    fn leave(&mut self, weight: &Weight, left: Left) {
        self.left.insert(weight.document, (weight.last_arrival, left));
    }
}

fn is_due(weight: &Weight, quiet: bool) -> bool {
    let several = weight.tail_records + weight.snapshots > 1;
    let much = weight.tail_records >= MANY || weight.tail_bytes >= HEAVY;
    let worth = weight.tail_records >= FEW && weight.tail_bytes > weight.snapshot_bytes / 2;
    several && (much || (quiet && worth))
}

impl Left {
    /// One sentence, where the author should know of it.
    pub(crate) fn sentence(self, document: DocumentId) -> Option<String> {
        let why = match self {
            // It is tried again by itself.
            Self::Closed | Self::Unsaved | Self::Changed => return None,
            Self::Damaged => "a record of it does not open or load",
            Self::Waiting => "parts of it have not come from another laptop yet",
            Self::Unfaithful => "what was put together did not read back the same",
            Self::TooLarge => "its whole history does not fit into one record",
        };
        Some(format!(
            "Document {document} was not compacted, because {why}; every record of it is kept as it is; there is nothing to do."
        ))
    }
}

/// Bytes of all records on this laptop.
fn record_bytes(store: &Store) -> Result<u64, Failure> {
    let mut bytes = 0;
    for held in store.all_records() {
        bytes += to_u64(held?.record.stored_len());
    }
    Ok(bytes)
}

impl Session {
    /// Opens every record of a document that stands for itself.
    fn gather(
        &mut self,
        store: &mut Store,
        (novel, document): (NovelId, DocumentId),
    ) -> Result<Result<Gathered, Left>, Failure> {
        if self.novel_lock(novel) == NovelLock::Locked {
            return Ok(Err(Left::Closed));
        }
        if self.has_unsaved(document) {
            return Ok(Err(Left::Unsaved));
        }
        let mut live = Vec::new();
        for stored in store.live_of(document)? {
            let opened = Kind::from_code(stored.kind).and_then(|kind| {
                self.vault.verify_record(&stored.record).ok()?;
                self.vault.open_body(&stored.record, &Place { kind, novel, document }).ok()
            });
            let Some(body) = opened else { return Ok(Err(Left::Damaged)) };
            live.push((stored, body.to_vec()));
        }
        let names: BTreeSet<_> = live.iter().map(|(stored, _)| stored.record.id).collect();
        let mut rest = store.records_of(document)?;
        rest.retain(|stored| !names.contains(&stored.record.id));
        let replaced = self.open_bodies(&rest, novel, document);
        Ok(Ok(Gathered { novel, document, live, replaced }))
    }

    fn has_unsaved(&mut self, document: DocumentId) -> bool {
        let Some(open) = self.scenes.get_mut(&document) else { return false };
        open.unsaved.extend(open.text.take_update());
        !open.unsaved.is_empty() || open.text.is_waiting()
    }

    /// Writes a history with what belongs to it, if the document is still what was put together.
    fn put_history(
        &mut self,
        store: &mut Store,
        folded: Folded,
    ) -> Result<Result<usize, Left>, Failure> {
        let Folded { place, live, replaces, covers, blobs, payload, text } = folded;
        let (novel, document) = (place.novel, place.document);
        if self.has_unsaved(document) {
            return Ok(Err(Left::Unsaved));
        }
        let now: BTreeSet<_> =
            store.live_of(document)?.into_iter().map(|stored| stored.record.id).collect();
        if now != live {
            return Ok(Err(Left::Changed));
        }
        // In memory is what the records say, or there is a fault that must not become the only copy.
        if let (Some(text), Some(open)) = (&text, self.scenes.get(&document))
            && open.text.flat() != text.flat()
        {
            return Ok(Err(Left::Unfaithful));
        }
        if !self.fits(place, &replaces, &payload)? {
            return Ok(Err(Left::TooLarge));
        }
        let records = to_u64(store.numbers_of(document)?.len()) + 1;
        let replaced = replaces.len();
        let content = Content { place, payload, replaces, covers, blobs };
        let mut batch = Batch { contents: vec![content], ..Batch::default() };
        if let Some(text) = &text {
            let known = self.known_summary(store, novel, document)?;
            let edited_at = known.map_or(0, |summary| summary.edited_at);
            batch.summaries.push((novel, document, summary_of(text, records, edited_at)));
            batch.texts.push((novel, document, LastText::of(text)));
        }
        self.write(store, batch)?;
        if let Some(open) = self.scenes.get_mut(&document) {
            open.records = records;
        }
        Ok(Ok(replaced))
    }

    /// Whether a payload, sealed, is a record that a server takes.
    pub(crate) fn fits(
        &mut self,
        place: Place,
        replaces: &[RecordId],
        payload: &[u8],
    ) -> Result<bool, Failure> {
        // Compression never makes it longer, and padding by an eighth at most.
        if payload.len() < limits::RECORD_BYTES / 4 * 3 {
            return Ok(true);
        }
        let draft = Draft {
            id: RecordId(self.entropy.id()?),
            place,
            sequence: 1,
            previous: seshat_protocol::FIRST_PREVIOUS,
            written_at: 0,
            replaces: replaces.to_vec(),
            blobs: Vec::new(),
            payload,
        };
        match self.vault.seal_record(&self.device, draft, &mut self.entropy) {
            Ok(_) => Ok(true),
            Err(SealError::TooLarge) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what snapshots of one document contain. Returns how many records went, and whether a snapshot does not
    /// contain what it names.
    fn purge(
        &mut self,
        store: &mut Store,
        (novel, document): (NovelId, DocumentId),
    ) -> Result<(usize, bool), Failure> {
        if self.novel_lock(novel) == NovelLock::Locked {
            return Ok((0, false));
        }
        let is_scene = document != binder_document(novel);
        let before = self.known_summary(store, novel, document)?.unwrap_or_default();
        if is_scene {
            // A summary counts the records that it was made from. Counts go down now, and may come up again to what
            // they were, with another text: so there is no summary while they do.
            let stale = Summary { records: u64::MAX, ..before.clone() };
            self.put_summary(store, (novel, document), stale)?;
        }
        let mut faulty = false;
        let purged = store.purge_replaced(Some(document), &mut |replacing| {
            let contained = self.contained(replacing);
            faulty |= contained.is_none();
            contained.unwrap_or_default()
        })?;
        if is_scene {
            let records = to_u64(store.numbers_of(document)?.len());
            if let Some(open) = self.scenes.get_mut(&document) {
                open.records = records;
            }
            let summary = if purged.records == 0 {
                before
            } else {
                let text = self.load_scene(store, novel, document)?.text;
                summary_of(&text, records, before.edited_at)
            };
            self.put_summary(store, (novel, document), summary)?;
        }
        Ok((purged.records, faulty))
    }

    /// Reads which numbers snapshots contain that could not be opened when they came.
    pub(crate) fn read_covers(&self, store: &mut Store) -> Result<(), Failure> {
        let mut read = Vec::new();
        for held in store.unread()? {
            let covers = held.place.and_then(|place| {
                let kind = Kind::from_code(place.kind)?;
                let place = Place { kind, novel: place.novel, document: place.document };
                covers_of(&self.vault.open_body(&held.record, &place).ok()?)
            });
            read.extend(covers.map(|covers| (held.record.id, covers)));
        }
        if read.is_empty() { Ok(()) } else { Ok(store.set_covers(&read, now_ms())?) }
    }

    fn put_summary(
        &mut self,
        store: &mut Store,
        (novel, document): (NovelId, DocumentId),
        summary: Summary,
    ) -> Result<(), Failure> {
        let summaries = vec![(novel, document, summary)];
        self.write(store, Batch { summaries, ..Batch::default() })
    }

    /// Keeps a scene's text with its summary; false while something of it is not on the disk.
    fn keep_text(
        &mut self,
        store: &mut Store,
        (novel, document): (NovelId, DocumentId),
    ) -> Result<bool, Failure> {
        if self.novel_lock(novel) == NovelLock::Locked {
            return Ok(true);
        }
        if self.has_unsaved(document) {
            return Ok(false);
        }
        let records = to_u64(store.numbers_of(document)?.len());
        if self.text_of(store, (novel, document), records)?.is_some() {
            return Ok(true);
        }
        let loaded = self.load_scene(store, novel, document)?;
        if loaded.left_out > 0 {
            // What is kept is the last good one, and this is not as good.
            return Ok(true);
        }
        let edited_at =
            self.known_summary(store, novel, document)?.map_or(0, |summary| summary.edited_at);
        let summary = summary_of(&loaded.text, records, edited_at);
        let batch = Batch {
            summaries: vec![(novel, document, summary)],
            texts: vec![(novel, document, LastText::of(&loaded.text))],
            ..Batch::default()
        };
        self.write(store, batch)?;
        Ok(true)
    }

    /// What a snapshot contains of the records that it stands for, as far as they can be read; nothing if it does not
    /// open or load. One that does not open any more is contained: whoever wrote the snapshot had read it.
    fn contained(&mut self, replacing: &Replacing) -> Option<Vec<RecordId>> {
        let kind = Kind::from_code(replacing.place.kind)?;
        let (novel, document) = (replacing.place.novel, replacing.place.document);
        self.vault.verify_record(&replacing.snapshot).ok()?;
        let place = Place { kind, novel, document };
        let snapshot = self.vault.open_body(&replacing.snapshot, &place).ok()?;
        let bodies: Vec<_> = replacing
            .records
            .iter()
            .filter_map(|stored| {
                let kind = Kind::from_code(stored.kind)?;
                self.vault.open_body(&stored.record, &Place { kind, novel, document }).ok()
            })
            .collect();
        let bodies = bodies.iter().map(|body| body.as_slice());
        let peer = self.entropy.peer().ok()?;
        let (before, after, waits) = if document == binder_document(novel) {
            let mut binder = Binder::load(peer, [snapshot.as_slice()]).ok()?;
            let before = binder.version();
            binder.merge_all(bodies).ok()?;
            (before, binder.version(), binder.is_waiting())
        } else {
            let mut text = SceneText::load(peer, [snapshot.as_slice()]).ok()?;
            let before = text.version();
            text.merge_all(bodies).ok()?;
            (before, text.version(), text.is_waiting())
        };
        // What waits for parts that the snapshot has not changes nothing, and is not in it all the same.
        let whole = before == after && !waits;
        whole.then(|| replacing.records.iter().map(|stored| stored.record.id).collect())
    }
}

/// Puts a document's records together, and makes sure that what comes of it is the same document.
fn fold(gathered: Gathered) -> Result<Result<Folded, Left>, Failure> {
    let Gathered { novel, document, live: records, replaced } = gathered;
    let live = records.iter().map(|(stored, _)| stored.record.id).collect();
    // What is not named stands for itself beside it, until the next time.
    let named = &records[..records.len().min(limits::REPLACES)];
    let mut covers = Vec::new();
    for (stored, body) in named {
        covers.push(Cover::one(stored.record.device, stored.record.sequence));
        match seshat_manuscript::beside(body).map(read_covers) {
            None => {}
            Some(Ok(inside)) => covers.extend(inside),
            // Which numbers it contains would be forgotten with it.
            Some(Err(_)) => return Ok(Err(Left::Damaged)),
        }
    }
    let covers = Cover::joined(covers);
    let replaces = named.iter().map(|(stored, _)| stored.record.id).collect();
    let blobs = named.iter().flat_map(|(stored, _)| stored.record.blobs.iter().map(|hash| hash.0));
    let blobs: Vec<Bytes32> = blobs.collect::<BTreeSet<_>>().into_iter().map(Bytes32).collect();
    if blobs.len() > limits::BLOBS {
        return Ok(Err(Left::TooLarge));
    }
    let beside = write_covers(&covers);
    let (peer, again) = (OsEntropy.peer()?, OsEntropy.peer()?);
    let bodies = records.iter().map(|(_, body)| body).chain(&replaced).map(Vec::as_slice);
    let whole = if document == binder_document(novel) {
        whole_binder(peer, again, bodies, &beside).map(|payload| (payload, None))
    } else {
        whole_scene(peer, again, bodies, &beside).map(|(payload, text)| (payload, Some(text)))
    };
    Ok(whole.map(|(payload, text)| {
        let kind = if text.is_some() { Kind::SceneSnapshot } else { Kind::BinderSnapshot };
        let place = Place { kind, novel, document };
        Folded { place, live, replaces, covers, blobs, payload, text }
    }))
}

fn whole_scene<'a>(
    peer: u64,
    again: u64,
    bodies: impl Iterator<Item = &'a [u8]>,
    beside: &[u8],
) -> Result<(Vec<u8>, SceneText), Left> {
    let text = SceneText::load(peer, bodies)?;
    if text.is_waiting() {
        return Err(Left::Waiting);
    }
    let payload = text.history(beside)?;
    let loaded = SceneText::load(again, [payload.as_slice()])?;
    let same = loaded.version() == text.version()
        && loaded.runs() == text.runs()
        && loaded.passage() == text.passage()
        && loaded.comments() == text.comments()
        && loaded.named_versions() == text.named_versions()
        && seshat_manuscript::beside(&payload) == Some(beside);
    if same { Ok((payload, text)) } else { Err(Left::Unfaithful) }
}

fn whole_binder<'a>(
    peer: u64,
    again: u64,
    bodies: impl Iterator<Item = &'a [u8]>,
    beside: &[u8],
) -> Result<Vec<u8>, Left> {
    let binder = Binder::load(peer, bodies)?;
    if binder.is_waiting() {
        return Err(Left::Waiting);
    }
    let payload = binder.history(beside)?;
    let loaded = Binder::load(again, [payload.as_slice()])?;
    let same = loaded.version() == binder.version()
        && loaded.outline() == binder.outline()
        && loaded.notes() == binder.notes()
        && loaded.trashed() == binder.trashed()
        && loaded.title() == binder.title()
        && loaded.named_versions() == binder.named_versions()
        && seshat_manuscript::beside(&payload) == Some(beside);
    if same { Ok(payload) } else { Err(Left::Unfaithful) }
}

impl From<LoadError> for Left {
    fn from(_: LoadError) -> Self {
        Self::Damaged
    }
}

impl From<SnapshotError> for Left {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Waiting => Self::Waiting,
            _ => Self::Unfaithful,
        }
    }
}

/// Which numbers a snapshot contains, as it stands beside its history: for each device its id, and its ranges.
pub(crate) fn write_covers(covers: &[Cover]) -> Vec<u8> {
    let mut fields = FieldWriter::new();
    for of_device in covers.chunk_by(|one, next| one.device == next.device) {
        let mut ranges = FieldWriter::new();
        for cover in of_device {
            ranges = ranges.u64(cover.first).u64(cover.last);
        }
        let device = of_device.first().map_or([0; 16], |cover| cover.device.0);
        fields = fields.bytes(&device).bytes(&ranges.finish());
    }
    fields.finish()
}

/// The reverse of [`write_covers`].
pub(crate) fn read_covers(beside: &[u8]) -> Result<Vec<Cover>, FieldsError> {
    let mut covers = Vec::new();
    let mut fields = FieldReader::new(beside);
    while !fields.is_empty() {
        let device = DeviceId(fields.array()?);
        let mut ranges = FieldReader::new(fields.bytes()?);
        while !ranges.is_empty() {
            let (first, last) = (ranges.u64()?, ranges.u64()?);
            covers.push(Cover { device, first, last });
        }
    }
    Ok(covers)
}

/// The numbers that an opened record contains beside its own: of a snapshot, as it says; of anything else none.
/// `None` where it does not say it in a way that this program reads.
pub(crate) fn covers_of(body: &[u8]) -> Option<Vec<Cover>> {
    match seshat_manuscript::beside(body) {
        None => Some(Vec::new()),
        Some(beside) => read_covers(beside).ok(),
    }
}
