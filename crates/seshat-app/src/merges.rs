//! What comes from elsewhere: taken into what is open at once, and looked at in peace when the round is over.
//!
//! **Invariants:** only scenes that received records are loaded. The lock is held for one scene at a time. What was
//! received before the power went is looked at when the vault is open again: how far that got is on the disk. An
//! editor whose text a merge changed has to open it again, because its places are no more.

use std::collections::{BTreeMap, BTreeSet};

use seshat_manuscript::{Binder, SceneText};
use seshat_protocol::{DocumentId, FieldReader, FieldWriter, NovelId, Record, RecordId};
use seshat_store::{Store, StoredPlace};
use seshat_vault::{Kind, Place};

use crate::reports::Row;
use crate::scenes::{to_u64, words};
use crate::session::{Session, binder_document};
use crate::{Desk, Failure, FailureCode, NovelLock, SyncReport};

/// The arrival up to which everything was looked at.
const REVIEWED: &str = "reviewed-arrival";
/// Documents that could not be looked at when their turn came.
const UNREVIEWED: &str = "unreviewed";
/// How far the mark may lie behind when only this laptop has written: reading past its own records is cheap.
const LAG: u64 = 1000;

/// Documents of a novel with the records that came for them; without any where they were put off.
pub(crate) type Came = BTreeMap<DocumentId, BTreeSet<RecordId>>;

/// What came from elsewhere and was not looked at yet.
#[derive(Default)]
pub(crate) struct Arrivals {
    novels: BTreeMap<NovelId, Came>,
    /// Whether what came before this session was asked for.
    looked: bool,
}

/// What one look has to do.
struct Review {
    novels: BTreeMap<NovelId, Came>,
    /// The newest arrival when it began.
    upto: u64,
    /// How far the last one came; `None` when there was none.
    reviewed: Option<u64>,
}

impl Session {
    /// Takes records that came from elsewhere and are on the disk into what is open, and notes them for
    /// [`Desk::review`]. Returns the scenes and the novels that they belong to.
    pub(crate) fn take_in<'a>(
        &mut self,
        records: impl IntoIterator<Item = (&'a Record, StoredPlace)>,
    ) -> (BTreeSet<DocumentId>, BTreeSet<NovelId>) {
        let (mut scenes, mut novels) = (BTreeSet::new(), BTreeSet::new());
        let mut by_place: BTreeMap<(NovelId, DocumentId), Vec<Vec<u8>>> = BTreeMap::new();
        for (record, place) in records {
            let (novel, document) = (place.novel, place.document);
            novels.insert(novel);
            if record.device != self.device_id() {
                let came = self.arrivals.novels.entry(novel).or_default();
                came.entry(document).or_default().insert(record.id);
            }
            let Some(kind) = Kind::from_code(place.kind) else { continue };
            let Ok(body) = self.vault.open_body(record, &Place { kind, novel, document }) else {
                continue;
            };
            by_place.entry((novel, document)).or_default().push(body.to_vec());
        }
        for ((novel, document), bodies) in by_place {
            if document == binder_document(novel) {
                self.merge_binder(novel, &bodies);
            } else {
                scenes.insert(document);
                self.merge_scene(document, &bodies);
            }
        }
        (scenes, novels)
    }

    pub(crate) fn merge_binder(&mut self, novel: NovelId, bodies: &[Vec<u8>]) {
        let Some(open) = self.binders.get_mut(&novel) else { return };
        merge_into(&mut open.binder, bodies);
        open.refresh();
    }

    fn merge_scene(&mut self, document: DocumentId, bodies: &[Vec<u8>]) {
        let Some(open) = self.scenes.get_mut(&document) else { return };
        if merge_text(&mut open.text, bodies) {
            open.session = 0;
            open.words = words(&open.text);
        }
        open.records += to_u64(bodies.len());
    }

    /// Takes what came since the last look.
    fn begin_review(&mut self, store: &mut Store) -> Result<Review, Failure> {
        let reviewed = store.setting(REVIEWED)?.and_then(|mark| mark.try_into().ok());
        let reviewed = reviewed.map(u64::from_be_bytes);
        if !self.arrivals.looked {
            self.recall(store, reviewed)?;
            self.arrivals.looked = true;
        }
        let novels = std::mem::take(&mut self.arrivals.novels);
        Ok(Review { novels, upto: store.last_arrival()?, reviewed })
    }

    /// Notes what came before this session and was not looked at.
    fn recall(&mut self, store: &Store, reviewed: Option<u64>) -> Result<(), Failure> {
        // Without a mark this laptop never received anything, or only by a program that looked at nothing.
        if let Some(reviewed) = reviewed {
            self.note_arrivals(store, reviewed)?;
        }
        for (novel, document) in unreviewed(&store.setting(UNREVIEWED)?.unwrap_or_default()) {
            self.arrivals.novels.entry(novel).or_default().entry(document).or_default();
        }
        Ok(())
    }

    /// Notes what came from elsewhere after an arrival, for [`Desk::review`].
    pub(crate) fn note_arrivals(&mut self, store: &Store, after: u64) -> Result<(), Failure> {
        let device = self.device_id();
        for arrived in store.arrived_after(after)?.into_iter().filter(|it| it.device != device) {
            if let Some(place) = arrived.place {
                let came = self.arrivals.novels.entry(place.novel).or_default();
                came.entry(place.document).or_default().insert(arrived.id);
            }
        }
        Ok(())
    }

    /// Everything up to there was looked at, but for `put_off`.
    fn note_reviewed(
        &mut self,
        store: &mut Store,
        review: &Review,
        put_off: &BTreeMap<NovelId, BTreeSet<DocumentId>>,
    ) -> Result<(), Failure> {
        let mut fields = FieldWriter::new();
        for (novel, documents) in put_off {
            for document in documents {
                fields = fields.bytes(novel.as_bytes()).bytes(document.as_bytes());
                let came = self.arrivals.novels.entry(*novel).or_default();
                came.entry(*document).or_default();
            }
        }
        let fields = fields.finish();
        let fields = (!fields.is_empty()).then_some(&fields[..]);
        if store.setting(UNREVIEWED)?.as_deref() != fields {
            store.set_setting(UNREVIEWED, fields)?;
        }
        let news = review.novels.values().flat_map(Came::values).any(|records| !records.is_empty());
        let behind = review.upto.saturating_sub(review.reviewed.unwrap_or(0));
        if review.reviewed.is_some() && !news && behind <= LAG {
            // A laptop at rest writes nothing.
            return Ok(());
        }
        Ok(store.set_setting(REVIEWED, Some(&review.upto.to_be_bytes()))?)
    }

    /// What was taken and not done is to be done the next time.
    fn put_back(&mut self, novels: BTreeMap<NovelId, Came>) {
        for (novel, documents) in novels {
            let came = self.arrivals.novels.entry(novel).or_default();
            for (document, records) in documents {
                came.entry(document).or_default().extend(records);
            }
        }
    }

    /// Whether the novel was here before these records came.
    fn knew(&mut self, store: &Store, novel: NovelId, came: &Came) -> Result<bool, Failure> {
        if self.novel_lock(novel) == NovelLock::Locked {
            return Err(Failure::novel_locked());
        }
        self.binder(store, novel)?;
        let document = binder_document(novel);
        let Some(new) = came.get(&document) else { return Ok(true) };
        Ok(store.numbers_of(document)?.iter().any(|record| !new.contains(&record.id)))
    }
}

impl Desk {
    /// After a round: looks at what came.
    pub(crate) fn reviewed(
        &self,
        report: Result<SyncReport, Failure>,
    ) -> Result<SyncReport, Failure> {
        match self.review() {
            Ok(()) => {
                // A repair waits for the next round.
                let waiting = self.with_session(|_, store| Ok(store.waiting()?));
                report.map(|report| match waiting {
                    Ok(waiting) => SyncReport { waiting: to_u64(waiting), ..report },
                    Err(_) => report,
                })
            }
            Err(failure) if failure.code != FailureCode::Locked => report.and(Err(failure)),
            Err(_) => report,
        }
    }

    /// Looks at what came: what it changed is noted for the author, what was edited comes back from the trash, and
    /// what two laptops moved at once stands in one place again.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails; what was not done is done the next time.
    pub(crate) fn review(&self) -> Result<(), Failure> {
        let review = self.with_session(Session::begin_review)?;
        let mut put_off: BTreeMap<NovelId, BTreeSet<DocumentId>> = BTreeMap::new();
        for (novel, came) in &review.novels {
            match self.review_novel(*novel, came) {
                Ok(waiting) if waiting.is_empty() => {}
                Ok(waiting) => {
                    put_off.insert(*novel, waiting);
                }
                Err(failure)
                    if matches!(failure.code, FailureCode::NovelLocked | FailureCode::NotFound) =>
                {
                    put_off.insert(*novel, came.keys().copied().collect());
                }
                Err(failure) => {
                    // A locked desk has forgotten them; the mark on the disk has not moved.
                    let _kept = self.with_session(|session, _| {
                        session.put_back(review.novels.clone());
                        Ok(())
                    });
                    return Err(failure);
                }
            }
        }
        self.with_session(|session, store| session.note_reviewed(store, &review, &put_off))?;
        if !review.novels.is_empty() {
            self.show_merges();
        }
        Ok(())
    }

    /// Returns the scenes that have to be looked at again, because something that they tell of is not here yet.
    fn review_novel(&self, novel: NovelId, came: &Came) -> Result<BTreeSet<DocumentId>, Failure> {
        let knew = self.with_session(|session, store| session.knew(store, novel, came))?;
        let mut rows: BTreeMap<DocumentId, Row> = BTreeMap::new();
        let mut summaries = Vec::new();
        let mut moved = Vec::new();
        // A novel that is new here came as a whole: there was nothing to merge it with.
        let scenes =
            came.iter().filter(|(document, _)| knew && **document != binder_document(novel));
        for (document, records) in scenes {
            let looked = self.with_session(|session, store| {
                session.look_at_merge(store, (novel, *document), records)
            })?;
            let Some(looked) = looked else { continue };
            rows.extend(looked.row.map(|row| (*document, row)));
            summaries.extend(looked.summary.map(|summary| (novel, *document, summary)));
            if looked.moved {
                moved.push(*document);
            }
        }
        let mended =
            self.with_session(|session, store| session.mend(store, novel, came, &moved))?;
        for (document, row) in mended.kept {
            rows.entry(document).or_insert(row);
        }
        let kept = self.with_session(|session, store| session.kept(store, novel))?;
        for row in rows.values_mut() {
            row.mark_kept(&kept);
        }
        self.with_session(|session, store| {
            session.keep_report(store, novel, rows.into_values().collect(), summaries)
        })?;
        if mended.wrote {
            self.wrote(&Ok(true));
        }
        let changed = mended.changed.iter().map(ToString::to_string).collect();
        let novels = if mended.wrote { vec![novel.to_string()] } else { Vec::new() };
        self.shared.board.tell(changed, novels);
        Ok(mended.waiting)
    }
}

/// Merges what loads; says whether a reader sees a change.
pub(crate) fn merge_text(text: &mut SceneText, bodies: &[Vec<u8>]) -> bool {
    if let Ok(changed) = text.merge_all(bodies.iter().map(Vec::as_slice)) {
        return !changed.is_nothing();
    }
    // One that does not load is left out, and a check names it.
    let mut changed = false;
    for body in bodies {
        changed |= text.merge(body).is_ok_and(|changed| !changed.is_nothing());
    }
    changed
}

fn merge_into(binder: &mut Binder, bodies: &[Vec<u8>]) {
    if binder.merge_all(bodies.iter().map(Vec::as_slice)).is_err() {
        for body in bodies {
            // One that does not load is on the disk all the same, and a check names it.
            let _left_out = binder.merge(body).is_err();
        }
    }
}

fn unreviewed(fields: &[u8]) -> Vec<(NovelId, DocumentId)> {
    let mut reader = FieldReader::new(fields);
    let mut found = Vec::new();
    while let (Ok(novel), Ok(document)) = (reader.array(), reader.array()) {
        found.push((NovelId(novel), DocumentId(document)));
    }
    found
}
