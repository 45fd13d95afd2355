//! The text of one scene as a replicated document: edited in exact operations here, merged with what other
//! laptops wrote, never lost and never doubled.
//!
//! The text is flat: every paragraph begins with `\n`, so a fresh scene is "\n", one empty body paragraph. That
//! first `\n` is the same operation on every laptop (a fixed first change of the reserved peer 0), so two
//! laptops that both open an empty scene and write still have one first paragraph between them.
//!
//! **Invariants:** [`SceneText::apply`] applies all operations or none; no saved bytes, however damaged, panic or
//! change an open scene; the text is never written by comparing whole texts. A scene does not lock: it has one
//! owner. Peers are random, chosen anew for every [`SceneText`], and never stored.

use std::fmt;
use std::sync::OnceLock;

use loro::{LoroDoc, TextDelta};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::comments;
use crate::count;
use crate::edit::{self, Target};
use crate::flat;
use crate::moves;
use crate::op::{Op, OpError, OpFault, Unit};
use crate::passage::{ATOM, Paragraph, Passage};
use crate::replica::{LoadError, Merged, Replica, Shape, SnapshotError};
use crate::version::{self, Version};

static GENESIS: OnceLock<Vec<u8>> = OnceLock::new();

const SHAPE: Shape = Shape {
    configure: flat::configure,
    genesis: flat::genesis,
    made_genesis: &GENESIS,
    settle: |_| (),
    portrait,
};

/// Characters that share their attributes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// The characters.
    pub text: String,
    /// By key: `block` and `align` on a paragraph's `\n`; `emphasis`, `strong`, `underline`, `strike`,
    /// `smallcaps`, `superscript` (true), `link`, `language`, `ruby` (text) on characters; `atom` (object) on
    /// [`ATOM`]; and whatever a newer version wrote.
    pub attributes: Map<String, Value>,
}

/// One step over a text that another laptop changed. Lengths are of the text before the change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// Characters that stay, with attributes that changed.
    Keep {
        /// In Unicode scalar values.
        len: usize,
        /// In UTF-16 code units.
        utf16: usize,
        /// New values; null where an attribute was removed. Empty when only the place is kept.
        attributes: Map<String, Value>,
    },
    /// New characters with all their attributes, as in a [`Run`].
    Insert {
        /// The characters.
        text: String,
        /// Their attributes.
        attributes: Map<String, Value>,
    },
    /// Characters that went.
    Delete {
        /// In Unicode scalar values.
        len: usize,
        /// In UTF-16 code units.
        utf16: usize,
    },
}

/// What a merge changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changed {
    /// Steps from the scene's beginning; what follows the last step stays. Empty when the text is the same.
    pub body: Vec<Change>,
    /// Ids of the footnotes whose text changed.
    pub notes: Vec<String>,
    /// What the others had written on, where this scene had something that they did not have; `None` where
    /// nothing was merged but only followed. Whether both touched the same paragraph says
    /// [`SceneText::both_changed`].
    #[serde(skip)]
    pub theirs: Option<Version>,
}

impl Changed {
    /// Whether a reader sees no change.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.body.is_empty() && self.notes.is_empty()
    }
}

/// One scene's text.
pub struct SceneText {
    pub(crate) replica: Replica,
}

impl fmt::Debug for SceneText {
    /// Says nothing of the text, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SceneText").finish_non_exhaustive()
    }
}

impl SceneText {
    /// An empty scene. `peer` must be random.
    #[must_use]
    pub fn new(peer: u64) -> Self {
        Self { replica: Replica::fresh(SHAPE, peer) }
    }

    /// A scene with the content of `passage` in normal form. Two scenes made from one passage under two peers
    /// are two texts: merged, they hold it twice. Importing happens on one laptop.
    #[must_use]
    pub fn from_passage(passage: &Passage, peer: u64) -> Self {
        Self::from_passage_at(passage, peer, 0)
    }

    /// As [`SceneText::from_passage`], dated as [`SceneText::set_time`] does.
    #[must_use]
    pub fn from_passage_at(passage: &Passage, peer: u64, seconds: i64) -> Self {
        let mut scene = Self::new(peer);
        scene.set_time(seconds);
        let passage = passage.clone().normalized();
        let doc = scene.doc();
        let mut notes = 0_u32;
        let written = edit::write(&flat::body(doc), &passage.paragraphs, &mut |body| {
            // The peer is random and new, so no other laptop can make this id.
            let id = format!("{peer:016x}-{notes}");
            notes += 1;
            edit::write_note(&flat::note(doc, &id), body).ok().map(|()| id)
        });
        written.expect("a passage in normal form fits an empty text");
        scene.replica.commit();
        scene
    }

    /// The scene that `saved` updates and snapshots make together, in any order. `peer` must be random and new.
    ///
    /// # Errors
    /// [`LoadError`] names the part that cannot be read; the others can be loaded without it.
    pub fn load<'a>(
        peer: u64,
        saved: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, LoadError> {
        Replica::load(SHAPE, peer, saved).map(|replica| Self { replica })
    }

    pub(crate) fn doc(&self) -> &LoroDoc {
        self.replica.doc()
    }

    /// Dates the edits to come, in seconds since 1970; 0 or less where the time is not known. The time is shown
    /// to the author and decides nothing.
    pub fn set_time(&mut self, seconds: i64) {
        self.replica.set_time(seconds);
    }

    /// Applies one edit of the author to the scene's text.
    ///
    /// # Errors
    /// [`OpError`] for the first operation that does not fit; then none of them was applied.
    pub fn apply(&mut self, ops: &[Op], unit: Unit) -> Result<(), OpError> {
        self.replica.attempt(|doc| edit::apply(doc, Target::Body, ops, unit))
    }

    /// Applies one edit to the text of the footnote `note`, flat as the scene's.
    ///
    /// # Errors
    /// As [`SceneText::apply`], and where the scene has no such footnote.
    pub fn apply_note(&mut self, note: &str, ops: &[Op], unit: Unit) -> Result<(), OpError> {
        if self.note_text(note).is_none() {
            return Err(OpError { index: 0, fault: OpFault::UnknownNote });
        }
        self.replica.attempt(|doc| edit::apply(doc, Target::Note(note), ops, unit))
    }

    /// Takes in an update or snapshot of this scene from elsewhere. What was known already changes nothing;
    /// what builds on parts that have not arrived waits for them (see [`SceneText::is_waiting`]).
    ///
    /// # Errors
    /// [`LoadError`] when it cannot be read; the scene is then as it was.
    pub fn merge(&mut self, update: &[u8]) -> Result<Changed, LoadError> {
        self.merge_all([update])
    }

    /// Takes in many updates at once, all or none, which is much faster than one by one.
    ///
    /// # Errors
    /// As [`SceneText::merge`]; the error names the culprit.
    pub fn merge_all<'a>(
        &mut self,
        updates: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Changed, LoadError> {
        let before = self.flat();
        let merge = self.replica.merge(updates)?;
        let mut changed = Changed { theirs: merge.theirs, ..Changed::default() };
        if merge.merged == Merged::Changed {
            for (name, steps) in merge.texts {
                match flat::note_id(&name) {
                    Some(id) => changed.notes.push(id.to_owned()),
                    None => changed.body = changes(&before, steps),
                }
            }
        }
        Ok(changed)
    }

    /// Whether updates were taken in that build on others which have not arrived. They show when those come;
    /// until then they are kept in memory only.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.replica.is_waiting()
    }

    /// What was edited here since the last call, or since this scene was made or loaded, ready to be sealed.
    /// `None` when nothing was. It never holds what came from elsewhere.
    pub fn take_update(&mut self) -> Option<Vec<u8>> {
        self.replica.take_update()
    }

    /// The whole scene with its history, and beside it the passage as JSON that can be read without this crate.
    /// It was loaded again and compared before it is handed out.
    ///
    /// # Errors
    /// [`SnapshotError`] when updates are waiting, or when the comparison failed.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        self.replica.snapshot(&self.content()?)
    }

    /// As [`SceneText::snapshot`], smaller and slower to load, with `beside` for whoever keeps it
    /// (see [`crate::beside`]).
    ///
    /// # Errors
    /// As [`SceneText::snapshot`].
    pub fn history(&self, beside: &[u8]) -> Result<Vec<u8>, SnapshotError> {
        self.replica.history(&self.content()?, beside)
    }

    fn content(&self) -> Result<Value, SnapshotError> {
        serde_json::to_value(self.passage()).map_err(|_| SnapshotError::Unfaithful)
    }

    /// The scene as plain data, in normal form.
    #[must_use]
    pub fn passage(&self) -> Passage {
        flat::passage(self.doc())
    }

    fn note_text(&self, id: &str) -> Option<loro::LoroText> {
        flat::note_text(self.doc(), id)
    }

    /// The body of the footnote `id`; `None` when there is none.
    #[must_use]
    pub fn note(&self, id: &str) -> Option<Vec<Paragraph>> {
        self.note_text(id).map(|text| flat::paragraphs(&text, &|_| Vec::new()))
    }

    /// The flat text in stretches of equal attributes, as an editor loads it.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        runs(&flat::body(self.doc()))
    }

    /// The flat text of the footnote `id`; `None` when there is none.
    #[must_use]
    pub fn note_runs(&self, id: &str) -> Option<Vec<Run>> {
        self.note_text(id).map(|text| runs(&text))
    }

    /// The flat text: every paragraph begins with `\n`, every atom is one [`ATOM`].
    #[must_use]
    pub fn flat(&self) -> String {
        flat::body(self.doc()).to_string()
    }

    /// Words, footnotes left out (see [`crate::words`]).
    #[must_use]
    pub fn words(&self) -> usize {
        count::words(&self.flat())
    }

    /// Whether there is nothing to read, as [`Passage::is_empty`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_blank = |c: char| c.is_whitespace() || c == ATOM;
        self.flat().chars().all(is_blank) && self.passage().is_empty()
    }
}

pub(crate) fn runs(text: &loro::LoroText) -> Vec<Run> {
    flat::runs(text).into_iter().map(|(text, attributes)| Run { text, attributes }).collect()
}

/// Body and notes with every attribute, known to us or not.
pub(crate) fn words_of(doc: &LoroDoc) -> Value {
    let body = flat::runs(&flat::body(doc));
    let notes: Vec<_> = flat::footnote_ids(&body)
        .into_iter()
        .map(|id| json!([flat::runs(&flat::note(doc, &id)), id]))
        .collect();
    json!({ "body": body, "notes": notes })
}

fn portrait(doc: &LoroDoc) -> Value {
    json!({
        "words": words_of(doc),
        "comments": comments::portrait(doc),
        "moves": moves::portrait(doc),
        "versions": version::entries(doc),
    })
}

/// Steps over `before` in both units.
fn changes(before: &str, steps: Vec<TextDelta>) -> Vec<Change> {
    let mut rest = before.chars();
    let mut utf16 = |len: usize| rest.by_ref().take(len).map(char::len_utf16).sum();
    let mut changes: Vec<Change> = steps
        .into_iter()
        .map(|step| match step {
            TextDelta::Retain { retain: len, attributes } => {
                Change::Keep { len, utf16: utf16(len), attributes: flat::json_map(attributes) }
            }
            TextDelta::Insert { insert: text, attributes } => {
                Change::Insert { text, attributes: flat::json_map(attributes) }
            }
            TextDelta::Delete { delete: len } => Change::Delete { len, utf16: utf16(len) },
        })
        .collect();
    let is_still = |change: &Change| matches!(change, Change::Keep { attributes, .. } if attributes.is_empty());
    while changes.last().is_some_and(is_still) {
        changes.pop();
    }
    changes
}
