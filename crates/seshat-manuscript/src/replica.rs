//! What scene and binder share: one CRDT document of one laptop, its loading, merging, updates and snapshots.
//!
//! **Invariants:**
//! - Every replica begins with the same first change, made by the reserved peer 0 (the "genesis"). Two laptops
//!   that open a document nobody has written to yet therefore hold the *same* operation, not two equal ones, so
//!   nothing is doubled when they merge. The genesis is never in an update; a snapshot holds it.
//! - A merge happens in a copy, under `catch_unwind`, and the copy takes the document's place only when all
//!   went well and it could be read and exported. No bytes, however damaged, change or poison the open document.
//! - A copy in which Loro panicked is never asked again and never dropped: it holds poisoned locks, and its
//!   `Drop` asks for them. Its memory is given up (see [`trial`]).
//! - An update holds this replica's own operations and nothing that came from elsewhere.
//! - Times are passed in, date changes for the reader, and decide nothing: not the order, not who wins.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use loro::event::{Diff, DiffEvent};
use loro::{
    CommitOptions, EncodedBlobMode, ExportMode, Frontiers, ID, LoroDoc, TextDelta, VersionVector,
};
use serde_json::Value;
use seshat_protocol::{FieldReader, FieldWriter};

use crate::timeline;
use crate::version::{Version, VersionError};

/// The first byte of an update: operations of Loro 1.x follow.
const UPDATE: u8 = 1;
/// The first byte of a snapshot: two fields follow, the snapshot of Loro 1.x and the content as canonical JSON,
/// which can be read without Loro.
const SNAPSHOT: u8 = 2;
/// The first byte of a history: three fields follow, all operations of Loro 1.x, the content as canonical JSON
/// and what the caller wants to lie beside them. Smaller than a snapshot, and slower to load.
const HISTORY: u8 = 3;

/// Who makes the genesis.
pub(crate) const GENESIS_PEER: u64 = 0;

/// Changes of one session become one change as long as it lasts no more seconds than this.
pub(crate) const MERGE_SECONDS: i64 = 300;

/// Saved bytes that cannot be read. What was loaded or open before is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are not what this crate wrote.
    #[error("part {index} of this document is damaged")]
    Damaged {
        /// Which of the given byte strings, counted from 0; the others may be loaded without it.
        index: usize,
    },
    /// A newer version wrote them.
    #[error("part {index} of this document was written by a newer version of Seshat")]
    Newer {
        /// Which of the given byte strings, counted from 0.
        index: usize,
        /// The format that is not known here.
        format: u8,
    },
    /// The peer has written to this document before, or is being used elsewhere at this moment. Two writers
    /// under one peer number would diverge for ever.
    #[error("the number of this session was used before; another one is needed")]
    PeerReused,
}

/// What a merge did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Everything was known, or waits for parts that have not arrived.
    Nothing,
    /// The document is not what it was.
    Changed,
}

/// A snapshot that could not be made. The document is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Parts of the document have not arrived yet.
    #[error("parts of this document have not arrived yet")]
    Waiting,
    /// The snapshot, loaded again, was not the same document; it was thrown away.
    #[error("the snapshot did not read back as the same document")]
    Unfaithful,
}

/// What tells a scene from a binder down here.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Settings that are not saved; called on every new document before anything is in it.
    pub(crate) configure: fn(&LoroDoc),
    /// Makes the genesis in an empty document. Part of the format: it must make the same operations for ever.
    pub(crate) genesis: fn(&LoroDoc),
    /// The genesis as bytes, once it was made.
    pub(crate) made_genesis: &'static OnceLock<Vec<u8>>,
    /// Settings that need the peer and the content; called on every document after it was filled.
    pub(crate) settle: fn(&LoroDoc),
    /// Everything that a reader can see, to compare a snapshot with its origin.
    pub(crate) portrait: fn(&LoroDoc) -> Value,
}

/// One text that a merge changed: its container's name and the steps.
pub(crate) type TextChange = (String, Vec<TextDelta>);

pub(crate) struct Replica {
    shape: Shape,
    doc: LoroDoc,
    peer: u64,
    /// What needs not be in the next update.
    taken: VersionVector,
    /// Imported bytes (without their format byte) whose predecessors have not arrived.
    waiting: Vec<Vec<u8>>,
    /// Seconds since 1970 that the next changes carry; 0 for none.
    time: i64,
    /// The latest time that anything here is dated to.
    built_on: i64,
}

/// Later than any clock says; calculating with it cannot overflow.
const FARTHEST: i64 = 1 << 48;

/// What [`Replica::merge`] did.
pub(crate) struct Merge {
    pub(crate) merged: Merged,
    pub(crate) texts: Vec<TextChange>,
    /// What the others had, where this replica had something that they did not have.
    pub(crate) theirs: Option<Version>,
}

impl Replica {
    /// A document with nothing but its genesis. `peer` must be random; 0 and `u64::MAX` are reserved and stand
    /// for 1 here.
    pub(crate) fn fresh(shape: Shape, peer: u64) -> Self {
        let doc = blank(shape, peer);
        import_genesis(&doc, shape);
        Self::settled(shape, doc)
    }

    fn settled(shape: Shape, doc: LoroDoc) -> Self {
        (shape.settle)(&doc);
        let (peer, taken) = (doc.peer_id(), doc.oplog_vv());
        let built_on = latest(&doc);
        Self { shape, peer, taken, waiting: Vec::new(), time: 0, built_on, doc }
    }

    /// The document that all of `saved` make together, in any order, some of them perhaps twice.
    pub(crate) fn load<'a>(
        shape: Shape,
        peer: u64,
        saved: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, LoadError> {
        let parts = decode_all(saved)?;
        let doc = match fill(shape, peer, &parts) {
            Some(doc) => doc,
            // All at once is much faster, one by one names the culprit.
            None => fill_one_by_one(shape, peer, &parts)?,
        };
        if doc.oplog_vv().get(&doc.peer_id()).is_some() {
            return Err(LoadError::PeerReused);
        }
        let waiting = waiting(&doc, parts.into_iter().map(|part| part.bytes));
        Ok(Self { waiting, ..Self::settled(shape, doc) })
    }

    pub(crate) fn doc(&self) -> &LoroDoc {
        &self.doc
    }

    /// Dates the changes to come; 0 or less means that their time is not known.
    pub(crate) fn set_time(&mut self, seconds: i64) {
        self.commit();
        self.built_on = self.built_on.max(self.time);
        self.time = seconds.clamp(0, FARTHEST);
    }

    pub(crate) fn time(&self) -> i64 {
        self.time
    }

    /// Ends a group of edits.
    ///
    /// Loro never dates a change before what it builds on, so one laptop whose clock is years ahead would date
    /// all later writing, too. Where that would happen, the message of the change says its true time.
    pub(crate) fn commit(&self) {
        if self.doc.get_pending_txn_len() == 0 {
            return;
        }
        let mut options = CommitOptions::new().timestamp(self.time);
        if self.time > 0 && self.built_on > self.time + MERGE_SECONDS {
            options = options.commit_msg(&timeline::time_message(self.time));
        }
        self.doc.commit_with(options);
    }

    /// What the document holds now.
    pub(crate) fn version(&self) -> Version {
        self.commit();
        Version::from_frontiers(&self.doc.oplog_frontiers())
    }

    /// The place of `version` in this document's history.
    pub(crate) fn frontiers(&self, version: &Version) -> Result<Frontiers, VersionError> {
        self.commit();
        let known = self.doc.oplog_vv();
        if version.ids().any(|id| !known.includes_id(id)) {
            return Err(VersionError::Unknown);
        }
        if version.is_beginning() {
            let genesis = known.get(&GENESIS_PEER).copied().unwrap_or(1);
            return Ok(Frontiers::from(ID::new(GENESIS_PEER, genesis - 1)));
        }
        Ok(version.ids().collect())
    }

    /// A copy of the document as it was.
    pub(crate) fn at(&self, version: &Version) -> Result<LoroDoc, VersionError> {
        let frontiers = self.frontiers(version)?;
        self.doc.fork_at(&frontiers).map_err(|_| VersionError::Unknown)
    }

    /// A copy of the document for work that may change its inner state. Nothing of it comes back.
    pub(crate) fn copy(&self) -> LoroDoc {
        self.commit();
        let doc = blank(self.shape, self.peer);
        import_own(&doc, &self.doc);
        doc
    }

    /// Runs `edit`; when it fails, the document is as it was before.
    pub(crate) fn attempt<E>(
        &mut self,
        edit: impl FnOnce(&LoroDoc) -> Result<(), E>,
    ) -> Result<(), E> {
        self.commit();
        let before = self.doc.oplog_frontiers();
        let result = edit(&self.doc);
        self.commit();
        if result.is_err() && self.doc.oplog_frontiers() != before {
            // Loro cannot drop a half-done group of edits. The operations of this one were never handed out, so
            // a copy of the state before may go on under the same peer.
            let copy =
                self.doc.fork_at(&before).expect("the version before this edit is in its document");
            let doc = blank(self.shape, self.peer);
            import_own(&doc, &copy);
            (self.shape.settle)(&doc);
            self.doc = doc;
        }
        result
    }

    /// Takes in `updates`, all or none, and says which texts changed and whether anything did.
    pub(crate) fn merge<'a>(
        &mut self,
        updates: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Merge, LoadError> {
        let parts = decode_all(updates)?;
        self.commit();
        let known = self.doc.oplog_vv();
        if parts.iter().all(|part| known.includes_vv(&part.end)) {
            return Ok(Merge { merged: Merged::Nothing, texts: Vec::new(), theirs: None });
        }
        let Some((doc, texts)) = self.merged_copy(&parts) else {
            return Err(self.culprit(&parts));
        };
        let version = doc.oplog_vv();
        if version.get(&self.peer) != known.get(&self.peer) {
            return Err(LoadError::PeerReused);
        }
        let waiting_before = std::mem::take(&mut self.waiting);
        self.waiting = waiting(
            &doc,
            waiting_before.into_iter().chain(parts.into_iter().map(|part| part.bytes)),
        );
        let own = self.taken.get(&self.peer).copied();
        self.taken = version.clone();
        match own {
            Some(counter) => self.taken.insert(self.peer, counter),
            None => self.taken.remove(&self.peer),
        };
        (self.shape.settle)(&doc);
        self.built_on = self.built_on.max(latest(&doc));
        self.doc = doc;
        let merged = if version == known { Merged::Nothing } else { Merged::Changed };
        Ok(Merge { merged, texts, theirs: self.theirs(&known) })
    }

    /// What those had who wrote everything beyond `known`; `None` when they had all of `known`.
    fn theirs(&self, known: &VersionVector) -> Option<Version> {
        let version = self.doc.oplog_vv();
        let new: Frontiers = version
            .iter()
            .filter(|&(peer, &end)| known.get(peer).copied().unwrap_or(0) < end)
            .map(|(&peer, &end)| ID::new(peer, end - 1))
            .collect();
        let heads = self.doc.minimize_frontiers(&new).ok()?;
        let theirs = self.doc.frontiers_to_vv(&heads)?;
        (!new.is_empty() && !theirs.includes_vv(known)).then(|| Version::from_frontiers(&heads))
    }

    /// A copy of the document with `parts` and what was waiting for them; `None` when that fails.
    fn merged_copy(&self, parts: &[Part]) -> Option<(LoroDoc, Vec<TextChange>)> {
        let doc = blank(self.shape, self.peer);
        import_own(&doc, &self.doc);
        let blobs: Vec<_> = self
            .waiting
            .iter()
            .cloned()
            .chain(parts.iter().map(|part| part.bytes.clone()))
            .collect();
        let changes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&changes);
        let subscription = doc.subscribe_root(Arc::new(move |event| note_changes(&event, &seen)));
        let (doc, subscription) = trial((doc, subscription), |(doc, _)| {
            doc.import_batch(&blobs).is_ok() && is_sound(self.shape, doc)
        })?;
        drop(subscription);
        let changes = std::mem::take(&mut *changes.lock().unwrap_or_else(PoisonError::into_inner));
        Some((doc, changes))
    }

    fn culprit(&self, parts: &[Part]) -> LoadError {
        let index =
            parts.iter().position(|part| self.merged_copy(std::slice::from_ref(part)).is_none());
        LoadError::Damaged { index: index.unwrap_or(0) }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Own operations since the last call, or since the document was opened; `None` when there are none.
    pub(crate) fn take_update(&mut self) -> Option<Vec<u8>> {
        self.commit();
        let version = self.doc.oplog_vv();
        if version.get(&self.peer) == self.taken.get(&self.peer) {
            return None;
        }
        let operations = self
            .doc
            .export(ExportMode::updates(&self.taken))
            .expect("the history is whole: this crate makes and loads no shallow snapshots");
        self.taken = version;
        let mut update = Vec::with_capacity(operations.len() + 1);
        update.push(UPDATE);
        update.extend_from_slice(&operations);
        Some(update)
    }

    /// The whole document with its history, and `content` beside it. It was loaded again and compared.
    pub(crate) fn snapshot(&self, content: &Value) -> Result<Vec<u8>, SnapshotError> {
        let loro = self.whole(ExportMode::Snapshot)?;
        let fields = FieldWriter::new().bytes(&loro).text(&content.to_string()).finish();
        self.verified(SNAPSHOT, &fields)
    }

    /// As [`Replica::snapshot`], as operations only, and with `beside`.
    pub(crate) fn history(&self, content: &Value, beside: &[u8]) -> Result<Vec<u8>, SnapshotError> {
        let loro = self.whole(ExportMode::all_updates())?;
        let content = content.to_string();
        let fields = FieldWriter::new().bytes(&loro).text(&content).bytes(beside).finish();
        self.verified(HISTORY, &fields)
    }

    fn whole(&self, mode: ExportMode<'_>) -> Result<Vec<u8>, SnapshotError> {
        if self.is_waiting() {
            return Err(SnapshotError::Waiting);
        }
        self.commit();
        self.doc.export(mode).map_err(|_| SnapshotError::Unfaithful)
    }

    fn verified(&self, format: u8, fields: &[u8]) -> Result<Vec<u8>, SnapshotError> {
        let mut saved = Vec::with_capacity(fields.len() + 1);
        saved.push(format);
        saved.extend_from_slice(fields);
        let same = decode(&saved, 0)
            .ok()
            .and_then(|part| fill(self.shape, self.peer, &[part]))
            .is_some_and(|doc| {
                doc.oplog_vv() == self.doc.oplog_vv()
                    && (self.shape.portrait)(&doc) == (self.shape.portrait)(&self.doc)
            });
        if same { Ok(saved) } else { Err(SnapshotError::Unfaithful) }
    }
}

/// What the caller of `history` put beside it; `None` for what is no history.
#[must_use]
pub fn beside(saved: &[u8]) -> Option<&[u8]> {
    let fields = saved.strip_prefix(&[HISTORY])?;
    let mut reader = FieldReader::new(fields);
    reader.bytes().ok()?;
    reader.text().ok()?;
    let beside = reader.bytes().ok()?;
    reader.finish().ok().map(|()| beside)
}

/// The content of a snapshot or a history as JSON, read without the CRDT: for the day when that cannot read it.
/// `None` for an update, which holds a part only.
#[must_use]
pub fn saved_content(saved: &[u8]) -> Option<Value> {
    let (&(SNAPSHOT | HISTORY), fields) = saved.split_first()? else { return None };
    let mut reader = FieldReader::new(fields);
    reader.bytes().ok()?;
    serde_json::from_str(reader.text().ok()?).ok()
}

/// Saved bytes that passed the checks which need no document.
struct Part {
    index: usize,
    /// Without format byte and readable JSON.
    bytes: Vec<u8>,
    /// Holds the genesis and needs nothing before it.
    whole: bool,
    /// The version that its operations reach, of the peers that it holds.
    end: VersionVector,
}

fn decode_all<'a>(saved: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Part>, LoadError> {
    saved.into_iter().enumerate().map(|(index, bytes)| decode(bytes, index)).collect()
}

fn decode(saved: &[u8], index: usize) -> Result<Part, LoadError> {
    let damaged = LoadError::Damaged { index };
    let (&format, rest) = saved.split_first().ok_or(damaged)?;
    let bytes = match format {
        UPDATE => rest,
        SNAPSHOT | HISTORY => FieldReader::new(rest).bytes().map_err(|_| damaged)?,
        0 => return Err(damaged),
        format => return Err(LoadError::Newer { index, format }),
    };
    // The checksum is compared here, before any operation is looked at.
    let meta = catch_unwind(|| LoroDoc::decode_import_blob_meta(bytes, true))
        .map_err(|_| damaged)?
        .map_err(|_| damaged)?;
    // Twelve bytes of the header are not under that checksum; they are always 0.
    if bytes.get(4..16).is_none_or(|reserved| reserved.iter().any(|&byte| byte != 0)) {
        return Err(damaged);
    }
    let whole = match (format, meta.mode) {
        (UPDATE, EncodedBlobMode::Updates) => false,
        (SNAPSHOT, EncodedBlobMode::Snapshot) => true,
        (HISTORY, EncodedBlobMode::Updates) => {
            // Nothing may lie before it, and what all builds on must be in it.
            let whole = meta.partial_start_vv.iter().all(|(_, &start)| start == 0)
                && meta.partial_end_vv.get(&GENESIS_PEER).is_some_and(|&end| end > 0);
            if !whole {
                return Err(damaged);
            }
            true
        }
        _ => return Err(damaged),
    };
    Ok(Part { index, bytes: bytes.to_vec(), whole, end: meta.partial_end_vv })
}

/// An empty document of `peer`, without genesis.
fn blank(shape: Shape, peer: u64) -> LoroDoc {
    let doc = LoroDoc::new();
    // Times are passed in (`set_time`); nothing here may depend on a clock.
    doc.set_record_timestamp(false);
    doc.set_change_merge_interval(MERGE_SECONDS);
    (shape.configure)(&doc);
    let peer = if peer == GENESIS_PEER || peer == u64::MAX { 1 } else { peer };
    doc.set_peer_id(peer).expect("every number but u64::MAX is a peer");
    doc
}

fn import_genesis(doc: &LoroDoc, shape: Shape) {
    let bytes = shape.made_genesis.get_or_init(|| {
        let genesis = LoroDoc::new();
        (shape.configure)(&genesis);
        genesis.set_peer_id(GENESIS_PEER).expect("0 is a peer");
        (shape.genesis)(&genesis);
        genesis.commit_with(CommitOptions::new().timestamp(0));
        genesis.export(ExportMode::all_updates()).expect("a document of one change is exported")
    });
    doc.import(bytes).expect("a document takes what another one exported");
}

/// Copies `from` into the blank `doc`. Not `LoroDoc::fork`: there the copy starts under a peer from the
/// operating system's randomness, which would also seed the binder's order keys.
fn import_own(doc: &LoroDoc, from: &LoroDoc) {
    let bytes = from.export(ExportMode::Snapshot).expect("the history is whole, so it is exported");
    doc.import(&bytes).expect("a document takes what another one exported");
}

/// A new document of all `parts`; `None` when any of them is refused.
fn fill(shape: Shape, peer: u64, parts: &[Part]) -> Option<LoroDoc> {
    let doc = blank(shape, peer);
    if !parts.iter().any(|part| part.whole) {
        import_genesis(&doc, shape);
    }
    let blobs: Vec<_> = parts.iter().map(|part| part.bytes.clone()).collect();
    trial(doc, |doc| doc.import_batch(&blobs).is_ok() && has_genesis(doc) && is_sound(shape, doc))
}

fn fill_one_by_one(shape: Shape, peer: u64, parts: &[Part]) -> Result<LoroDoc, LoadError> {
    let mut doc = blank(shape, peer);
    import_genesis(&doc, shape);
    for part in parts {
        doc = trial(doc, |doc| doc.import(&part.bytes).is_ok() && is_sound(shape, doc))
            .ok_or(LoadError::Damaged { index: part.index })?;
    }
    if has_genesis(&doc) { Ok(doc) } else { Err(LoadError::Damaged { index: 0 }) }
}

/// The latest time in a document without uncommitted edits.
fn latest(doc: &LoroDoc) -> i64 {
    let heads = doc.oplog_frontiers();
    doc.with_oplog(|log| log.get_timestamp_of_version(&heads))
}

fn has_genesis(doc: &LoroDoc) -> bool {
    doc.oplog_vv().get(&GENESIS_PEER).is_some_and(|&counter| counter > 0)
}

/// Whether `doc` can be read and exported. Loro decodes a part of what it imports only when it is asked for it,
/// so damage may show as late as here; better in a copy than in the open document.
fn is_sound(shape: Shape, doc: &LoroDoc) -> bool {
    drop((shape.portrait)(doc));
    doc.export(ExportMode::Snapshot).is_ok()
}

/// Gives `held` back when `work` on it succeeds. Where it panics, `held` leaks on purpose: a document that was
/// caught halfway panics in its `Drop`, and a second panic on the way out would end the program with every
/// unsaved word in it. Only bytes whose seal and checksum fit, and which Loro did not write, cost that memory.
fn trial<T>(held: T, work: impl FnOnce(&T) -> bool) -> Option<T> {
    let held = ManuallyDrop::new(held);
    match catch_unwind(AssertUnwindSafe(|| work(&held))) {
        Err(_) => None,
        Ok(true) => Some(ManuallyDrop::into_inner(held)),
        Ok(false) => {
            let refused = ManuallyDrop::into_inner(held);
            drop(catch_unwind(AssertUnwindSafe(|| drop(refused))));
            None
        }
    }
}

/// Those of `blobs` whose operations are not all in `doc`, because what they build on is missing. Kept here,
/// because the copies that merges are made in hold only what could be applied.
fn waiting(doc: &LoroDoc, blobs: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let version = doc.oplog_vv();
    blobs
        .filter(|blob| {
            LoroDoc::decode_import_blob_meta(blob, false)
                .is_ok_and(|meta| !version.includes_vv(&meta.partial_end_vv))
        })
        .collect()
}

fn note_changes(event: &DiffEvent<'_>, seen: &Mutex<Vec<TextChange>>) {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    for part in &event.events {
        if let (Diff::Text(steps), loro::ContainerID::Root { name, .. }) = (&part.diff, part.target)
        {
            seen.push((name.to_string(), steps.clone()));
        }
    }
}
