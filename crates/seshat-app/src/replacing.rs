//! Replacing what was found, in as many scenes as it takes, and taking that back.
//!
//! **Invariants:** a replacement is one transaction, whatever it reaches; every scene of it has a version from before in
//! its history. A hit whose paragraph changed since it was shown is left alone. Taking a replacement back undoes just
//! that: what was written since stays, and a place that was edited since is left alone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use seshat_manuscript::{Op, SceneText, Spans, Unit, VersionKind};
use seshat_protocol::{DocumentId, NovelId};
use seshat_search::{Change, Hit, Needle, Prepared, Splice, With, changes};
use seshat_store::Store;

use crate::clock::now_ms;
use crate::finding::{Looking, document_of, names, needle, replacement};
use crate::library::counts;
use crate::revising::Revision;
use crate::scenes::{novel_id, to_u64};
use crate::session::Session;
use crate::{Desk, Failure, Replace, Replaced, Unreplaced};

/// How many replacements can be taken back; older ones are in the history of each scene.
pub(crate) const KEPT: usize = 20;
/// Characters of a text that are shown in the name of a version.
const NAMED: usize = 40;

/// A replacement that can be taken back.
pub(crate) struct Undo {
    id: u64,
    scenes: Vec<Done>,
}

/// What was done to one scene.
struct Done {
    novel: NovelId,
    document: DocumentId,
    places: Vec<Placed>,
}

/// A splice, and the characters by which its place is known again.
struct Placed {
    note: Option<String>,
    splice: Splice,
    /// What it inserted; else the characters on both sides.
    spans: Spans,
}

/// What reads otherwise now.
#[derive(Default)]
struct Changed {
    scenes: BTreeSet<DocumentId>,
    novels: BTreeSet<NovelId>,
}

impl Changed {
    fn of(scenes: BTreeSet<DocumentId>, done: &[Done]) -> Self {
        Self { scenes, novels: done.iter().map(|done| done.novel).collect() }
    }
}

/// What there is to replace, and with what.
struct Task<'a> {
    needle: Needle,
    with: With,
    /// Names of the hits that were ticked; all where there are none.
    ticked: Option<HashSet<&'a str>>,
    label: String,
}

impl Desk {
    /// Replaces hits of a query in all the scenes where they are.
    ///
    /// # Errors
    /// When the query or the replacement does not fit, the vault is locked, or the disk fails; nothing is changed then.
    pub fn replace(&self, replace: &Replace) -> Result<Replaced, Failure> {
        let needle = needle(&replace.query)?;
        let task = Task {
            with: replacement(&replace.with, &needle)?,
            needle,
            ticked: replace.hits.as_ref().map(|hits| hits.iter().map(String::as_str).collect()),
            label: label(&replace.query.text, &replace.with),
        };
        let (replaced, changed) = self.with_session(|session, store| {
            let novels = match &replace.query.novel {
                Some(novel) => vec![novel_id(novel)?],
                None => session.open_novels(store)?,
            };
            session.replace(store, &novels, &task)
        })?;
        self.changed(&changed);
        Ok(replaced)
    }

    /// Takes a replacement back, by its number.
    ///
    /// # Errors
    /// When it is not known any more, the vault is locked, or the disk fails; nothing is changed then.
    pub fn undo_replace(&self, undo: u64) -> Result<Unreplaced, Failure> {
        let (unreplaced, changed) =
            self.with_session(|session, store| session.undo_replace(store, undo))?;
        self.changed(&changed);
        Ok(unreplaced)
    }

    fn changed(&self, changed: &Changed) {
        self.wrote(&Ok(true));
        let scenes = changed.scenes.iter().map(ToString::to_string).collect();
        let novels = changed.novels.iter().map(ToString::to_string).collect();
        self.shared.board.tell(scenes, novels);
    }
}

impl Session {
    fn replace(
        &mut self,
        store: &mut Store,
        novels: &[NovelId],
        task: &Task<'_>,
    ) -> Result<(Replaced, Changed), Failure> {
        let id = self.entropy.peer()? >> 11;
        let Some(first) = novels.first() else {
            let none = Replaced { places: 0, scenes: 0, left: task.ticked(), undo: id };
            return Ok((none, Changed::default()));
        };
        let ((scenes, seen), changed) = self.revise(store, *first, |revision| {
            let mut scenes = Vec::new();
            let mut seen = 0;
            for novel in novels {
                for document in revision.hit_by(*novel, task)? {
                    let (done, ticked) = revision.replace_in(*novel, document, task)?;
                    scenes.extend(done);
                    seen += ticked;
                }
            }
            Ok((scenes, seen))
        })?;
        let replaced = Replaced {
            places: scenes.iter().map(Done::hits).sum(),
            scenes: to_u64(scenes.len()),
            left: task.ticked().saturating_sub(seen),
            undo: id,
        };
        let changed = Changed::of(changed, &scenes);
        self.shelf.keep(Undo { id, scenes });
        Ok((replaced, changed))
    }

    fn undo_replace(
        &mut self,
        store: &mut Store,
        id: u64,
    ) -> Result<(Unreplaced, Changed), Failure> {
        let undo = self.shelf.take(id).ok_or_else(|| {
            Failure::not_found(
                "This replacement cannot be taken back any more, so nothing was changed; each of its scenes has the version before it in its history.",
            )
        })?;
        let Some(first) = undo.scenes.first().map(|done| done.novel) else {
            return Ok((Unreplaced { places: 0, left: 0 }, Changed::default()));
        };
        let undone = self.revise(store, first, |revision| {
            let mut unreplaced = Unreplaced { places: 0, left: 0 };
            for done in &undo.scenes {
                let text = revision.scene_in(done.novel, done.document)?;
                let back = take_back(text, done)?;
                unreplaced.places += back;
                unreplaced.left += done.hits() - back;
            }
            Ok(unreplaced)
        });
        match undone {
            Ok((unreplaced, scenes)) => Ok((unreplaced, Changed::of(scenes, &undo.scenes))),
            Err(failure) => {
                // It can be tried again.
                self.shelf.keep(undo);
                Err(failure)
            }
        }
    }
}

impl Undo {
    pub(crate) fn is(&self, id: u64) -> bool {
        self.id == id
    }

    pub(crate) fn reaches(&self, novel: NovelId) -> bool {
        self.scenes.iter().any(|done| done.novel == novel)
    }
}

impl Task<'_> {
    fn ticked(&self) -> u64 {
        self.ticked.as_ref().map_or(0, |ticked| to_u64(ticked.len()))
    }

    fn is_ticked(&self, name: &str) -> bool {
        self.ticked.as_ref().is_none_or(|ticked| ticked.contains(name))
    }
}

impl Done {
    fn hits(&self) -> u64 {
        to_u64(self.places.chunk_by(|one, other| one.splice.hit == other.splice.hit).count())
    }
}

impl Revision<'_> {
    /// The texts of a novel that have something to replace.
    fn hit_by(&mut self, novel: NovelId, task: &Task<'_>) -> Result<Vec<DocumentId>, Failure> {
        let ticked: Option<HashSet<DocumentId>> = task
            .ticked
            .as_ref()
            .map(|ticked| ticked.iter().filter_map(|name| document_of(name)).collect());
        let rows = self.session.rows(self.store, novel)?;
        let counts = counts(self.store, novel)?;
        let mut looking = Looking::new(&task.needle);
        let mut hit = Vec::new();
        for row in rows.rows.iter() {
            if ticked.as_ref().is_some_and(|ticked| !ticked.contains(&row.document)) {
                continue;
            }
            let ready = self.session.ready(self.store, novel, row.document, &counts)?;
            let Some(ready) = ready else { continue };
            if !looking.find(&ready)?.is_empty() && !hit.contains(&row.document) {
                hit.push(row.document);
            }
        }
        Ok(hit)
    }

    /// Replaces in one scene; says what was done, and how many of those ticked are there.
    fn replace_in(
        &mut self,
        novel: NovelId,
        document: DocumentId,
        task: &Task<'_>,
    ) -> Result<(Option<Done>, u64), Failure> {
        let id = self.new_id()?;
        let text = self.scene_in(novel, document)?;
        // What was found a moment ago may have been read without the history; this is the text itself.
        let passage = text.passage();
        let hits = ticked(&Prepared::new(&passage), document, task);
        let count = to_u64(hits.len());
        let changes = changes(&passage, &hits);
        if changes.is_empty() {
            return Ok((None, count));
        }
        let at = i64::try_from(now_ms()).unwrap_or(i64::MAX);
        text.name_version(&id, VersionKind::BeforeReplace, &task.label, at)?;
        let places = apply(text, changes)?;
        Ok((Some(Done { novel, document, places }), count))
    }
}

/// The ticked hits of one text, with what becomes of each.
fn ticked(prepared: &Prepared, document: DocumentId, task: &Task<'_>) -> Vec<(Hit, String)> {
    let spots = prepared.find(&task.needle);
    let becomes = prepared.becomes(&task.needle, &task.with, &spots);
    let hits = prepared.hits(&spots);
    let names = names(document, &hits);
    let all = hits.into_iter().zip(becomes).zip(names);
    all.filter(|(_, name)| task.is_ticked(name)).map(|(hit, _)| hit).collect()
}

/// Applies what has to be done to a scene's text and its notes.
fn apply(text: &mut SceneText, changes: Vec<Change>) -> Result<Vec<Placed>, Failure> {
    let ids = text.note_ids();
    let mut done = HashSet::new();
    let mut places = Vec::new();
    for change in changes {
        let note = match change.note.map(|note| ids.get(note)) {
            None => None,
            Some(Some(id)) => Some(id.clone()),
            Some(None) => continue,
        };
        // A note with two signs is one text.
        if !done.insert(note.clone()) {
            continue;
        }
        match &note {
            None => text.apply(&change.ops(), Unit::Scalar)?,
            Some(id) => text.apply_note(id, &change.ops(), Unit::Scalar)?,
        }
        places.extend(change.done().map(|(splice, range)| {
            // Nothing came: the place is between two characters, the first of which always is there.
            let range = if range.is_empty() { range.start - 1..range.end + 1 } else { range };
            let spans = text.spans(note.as_deref(), range);
            Placed { note: note.clone(), splice: splice.clone(), spans }
        }));
    }
    Ok(places)
}

/// Takes back what was done to a scene, place by place; says how many hits are as they were.
fn take_back(text: &mut SceneText, done: &Done) -> Result<u64, Failure> {
    let mut count = 0;
    let mut steps: Vec<(Option<String>, usize, Vec<Op>)> = Vec::new();
    let mut flats = Flats::default();
    for places in done.places.chunk_by(|one, other| one.splice.hit == other.splice.hit) {
        let found: Option<Vec<usize>> =
            places.iter().map(|placed| flats.where_is(text, placed)).collect();
        let Some(found) = found else { continue };
        count += 1;
        steps.extend(
            places
                .iter()
                .zip(found)
                .map(|(placed, at)| (placed.note.clone(), at, placed.splice.undo(at))),
        );
    }
    // From the end, so that places before it stay what they are; of two at one place, the later one first.
    steps.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    for texts in steps.chunk_by(|one, other| one.0 == other.0) {
        let ops: Vec<Op> = texts.iter().rev().flat_map(|(_, _, ops)| ops.clone()).collect();
        match texts.first().and_then(|(note, ..)| note.as_deref()) {
            None => text.apply(&ops, Unit::Scalar)?,
            Some(note) => text.apply_note(note, &ops, Unit::Scalar)?,
        }
    }
    Ok(count)
}

/// A scene's text and those of its notes, read when they are first asked for.
#[derive(Default)]
struct Flats(BTreeMap<Option<String>, Vec<char>>);

impl Flats {
    /// Where what a splice inserted stands, if it still is just that.
    fn where_is(&mut self, text: &SceneText, placed: &Placed) -> Option<usize> {
        let range = text.whereabouts(placed.note.as_deref(), &placed.spans)?;
        if placed.splice.inserted.is_empty() {
            return Some(range.start + 1);
        }
        let flat = self.0.entry(placed.note.clone()).or_insert_with(|| match &placed.note {
            None => text.flat().chars().collect(),
            Some(note) => {
                let runs = text.note_runs(note).unwrap_or_default();
                runs.iter().flat_map(|run| run.text.chars()).collect()
            }
        });
        let stands = flat.get(range.clone())?;
        stands.iter().copied().eq(placed.splice.inserted.chars()).then_some(range.start)
    }
}

/// The name of the version before a replacement.
fn label(text: &str, with: &str) -> String {
    let short = |text: &str| match text.char_indices().nth(NAMED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    format!("“{}” → “{}”", short(text), short(with))
}
