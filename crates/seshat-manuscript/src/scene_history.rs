//! A scene's past and its margin: versions, comments, and text that moves to and from other scenes.

use std::ops::Range;

use loro::event::Diff;
use loro::{ContainerID, Frontiers, LoroDoc, TextDelta, VersionVector};
use seshat_protocol::DocumentId;

use crate::comments::{self, Comment, CommentError, NewComment};
use crate::edit;
use crate::flat;
use crate::moves::{self, Doubled, Removed};
use crate::op::{OpError, OpFault, Unit};
use crate::past::Past;
use crate::rewrite;
use crate::scene::{SceneText, words_of};
use crate::spans::Spans;
use crate::timeline::{self, Moment};
use crate::version::{self, NamedVersion, Version, VersionError, VersionKind};

/// What one text needs to become another: its container's name and the steps.
type Steps = Vec<(String, Vec<TextDelta>)>;

fn refused(fault: OpFault) -> OpError {
    OpError { index: 0, fault }
}

/// Versions.
impl SceneText {
    /// What this scene holds now.
    #[must_use]
    pub fn version(&self) -> Version {
        self.replica.version()
    }

    /// Whether everything of `version` is here.
    #[must_use]
    pub fn includes(&self, version: &Version) -> bool {
        self.replica.frontiers(version).is_ok()
    }

    /// The scene as it was.
    ///
    /// # Errors
    /// When the version is not here, or not whole yet.
    pub fn at(&self, version: &Version) -> Result<Past, VersionError> {
        self.replica.at(version).map(Past::new)
    }

    /// The automatic versions, oldest first: writing without a pause longer than `pause_seconds` ends in one.
    /// Changes are dated to five minutes, so a pause of less than ten says little.
    #[must_use]
    pub fn timeline(&self, pause_seconds: i64) -> Vec<Moment> {
        self.replica.commit();
        timeline::moments(self.doc(), pause_seconds)
    }

    /// Makes the scene say what it said at `version`, by new edits: nothing of the history goes, what other
    /// laptops wrote meanwhile stays when it arrives, and comments stay. All or nothing.
    ///
    /// # Errors
    /// When the version is not here, or when the outcome was not what the version says.
    pub fn restore(&mut self, version: &Version) -> Result<(), VersionError> {
        let past = self.at(version)?;
        let wanted = words_of(past.doc());
        self.replica.attempt(|doc| {
            rewrite_as(doc, past.doc()).map_err(|_| VersionError::Unfaithful)?;
            if words_of(doc) == wanted { Ok(()) } else { Err(VersionError::Unfaithful) }
        })
    }

    /// Gives the present a name. `id` is random and made by the caller: up to 64 ASCII letters, digits and
    /// hyphens. `at` is whatever the caller counts time in.
    ///
    /// # Errors
    /// When the id is unfit.
    pub fn name_version(
        &mut self,
        id: &str,
        kind: VersionKind,
        name: &str,
        at: i64,
    ) -> Result<(), VersionError> {
        let version = self.version();
        let named = NamedVersion { id: id.to_owned(), kind, name: name.to_owned(), at, version };
        self.keep_version(&named)
    }

    /// Gives any version a name, the past ones included.
    ///
    /// # Errors
    /// When the id is unfit, or the version is not here.
    pub fn keep_version(&mut self, named: &NamedVersion) -> Result<(), VersionError> {
        self.replica.frontiers(&named.version)?;
        if !version::is_key(&named.id) {
            return Err(VersionError::UnfitId);
        }
        self.replica.attempt(|doc| {
            let entry = version::entry(named, None);
            version::map(doc).insert(&named.id, entry).map_err(|_| VersionError::UnfitId)
        })
    }

    /// The versions with a name, oldest first.
    #[must_use]
    pub fn named_versions(&self) -> Vec<NamedVersion> {
        version::named(self.doc())
    }

    /// Gives a version another name.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn rename_version(&mut self, id: &str, name: &str) -> Result<(), VersionError> {
        self.replica.attempt(|doc| version::rename(doc, id, name))
    }

    /// Takes a version out of the list. The text that it named stays in the history.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn forget_version(&mut self, id: &str) -> Result<(), VersionError> {
        self.replica.attempt(|doc| version::forget(doc, id))
    }

    /// Whether somebody inserted text, here or in a footnote, beyond what `version` had. Deleting, formatting,
    /// comments and names do not count.
    ///
    /// # Errors
    /// When the version is not here, or not whole yet.
    pub fn wrote_since(&self, version: &Version) -> Result<bool, VersionError> {
        if self.version() == *version {
            return Ok(false);
        }
        let frontiers = self.replica.frontiers(version)?;
        let known = self.doc().frontiers_to_vv(&frontiers).ok_or(VersionError::Unknown)?;
        Ok(timeline::inserts_since(self.doc(), &known))
    }

    /// Whether what is only in `mine` and what is only in `theirs` touch the same paragraph of what they have in
    /// common, or the same footnote: nothing is lost then, but it may not be good prose yet.
    ///
    /// # Errors
    /// When one of them is not here.
    pub fn both_changed(&self, mine: &Version, theirs: &Version) -> Result<bool, VersionError> {
        let (mine, theirs) = (self.replica.frontiers(mine)?, self.replica.frontiers(theirs)?);
        let doc = self.replica.copy();
        let vector = |of: &Frontiers| doc.frontiers_to_vv(of).ok_or(VersionError::Unknown);
        let base = doc.vv_to_frontiers(&common(&vector(&mine)?, &vector(&theirs)?));
        let before = doc.fork_at(&base).map_err(|_| VersionError::Unknown)?;
        let text = flat::body(&before).to_string();
        let (mine, theirs) = (steps(&doc, &base, &mine)?, steps(&doc, &base, &theirs)?);
        Ok(mine.iter().any(|(name, mine)| {
            let theirs = theirs.iter().filter(|(other, _)| other == name);
            theirs.into_iter().any(|(_, theirs)| {
                let is_note = flat::note_id(name).is_some();
                is_note || touch_one_paragraph(&text, mine, theirs)
            })
        }))
    }
}

/// Comments.
impl SceneText {
    /// The comments in the margin, in the order of their places.
    #[must_use]
    pub fn comments(&self) -> Vec<Comment> {
        self.replica.commit();
        comments::all(self.doc())
    }

    /// Puts a comment beside a range of the scene's text.
    ///
    /// # Errors
    /// When the id is taken or unfit, or the range is not in the text.
    pub fn add_comment(
        &mut self,
        new: &NewComment<'_>,
        range: Range<usize>,
        unit: Unit,
    ) -> Result<(), CommentError> {
        self.replica.attempt(|doc| comments::add(doc, new, range, unit))
    }

    /// Changes what a comment says.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn edit_comment(&mut self, id: &str, text: &str) -> Result<(), CommentError> {
        self.replica.attempt(|doc| comments::edit(doc, id, text))
    }

    /// Settles a comment, or opens it again.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn resolve_comment(&mut self, id: &str, resolved: bool) -> Result<(), CommentError> {
        self.replica.attempt(|doc| comments::resolve(doc, id, resolved))
    }

    /// Takes a comment out.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn remove_comment(&mut self, id: &str) -> Result<(), CommentError> {
        self.replica.attempt(|doc| comments::remove(doc, id))
    }
}

/// Text that moves.
impl SceneText {
    /// Cuts the scene in two: what stands at `at` and behind it becomes the scene `target`, with its marks, notes
    /// and comments, and goes from here. A split paragraph is a paragraph on both sides; a split inside a word
    /// makes two words of it. `peer` must be random and new.
    ///
    /// # Errors
    /// When `at` is not in the text; then nothing changed.
    pub fn split_off(
        &mut self,
        at: usize,
        unit: Unit,
        peer: u64,
        target: DocumentId,
    ) -> Result<Self, OpError> {
        let at = edit::scalar(&flat::body(self.doc()), at, unit).map_err(refused)?;
        let mut tail = Self::new(peer);
        tail.set_time(self.replica.time());
        let new = tail.doc().clone();
        self.replica.attempt(|doc| moves::split(doc, at, &new, target)).map_err(refused)?;
        tail.replica.commit();
        Ok(tail)
    }

    /// Appends everything of `next`, as paragraphs, with its marks, notes and comments, and leaves `next` empty.
    /// `own` is this scene's own id.
    ///
    /// # Errors
    /// When either document refuses; then neither changed.
    pub fn absorb(&mut self, next: &mut Self, own: DocumentId) -> Result<(), OpError> {
        let source = &mut next.replica;
        let moved =
            self.replica.attempt(|doc| source.attempt(|source| moves::absorb(doc, source, own)));
        moved.map_err(refused)
    }

    /// What was moved out of this scene more than once, because two laptops split or joined it at the same time.
    /// The same on every laptop that has the same of this scene. It stays in the list after it was removed.
    #[must_use]
    pub fn doubled(&self) -> Vec<Doubled> {
        moves::doubled(self.doc())
    }

    /// Whether all of `spans` have arrived here, whether or not they still stand.
    #[must_use]
    pub fn has(&self, spans: &Spans) -> bool {
        self.replica.commit();
        let known = self.doc().oplog_vv();
        spans.ends().all(|id| known.includes_id(id))
    }

    /// Takes out those of `spans` that still stand here, and says where others were moved on to. Doing it again,
    /// here or on another laptop, changes nothing more.
    pub fn remove_doubled(&mut self, spans: &Spans) -> Removed {
        let mut removed = Removed::default();
        let done = self.replica.attempt(|doc| {
            removed = moves::remove(doc, spans)?;
            Ok::<_, OpFault>(())
        });
        if done.is_err() { Removed::default() } else { removed }
    }

    /// The scenes that text of this one was ever moved to.
    #[must_use]
    pub fn moved_to(&self) -> Vec<DocumentId> {
        moves::targets(self.doc())
    }
}

/// What leads from one version's texts to another's. `doc` is a copy that nobody else uses: Loro walks it there
/// and back.
fn steps(doc: &LoroDoc, from: &Frontiers, to: &Frontiers) -> Result<Steps, VersionError> {
    let batch = doc.diff(from, to).map_err(|_| VersionError::Unknown)?;
    let text = |(container, diff): (&ContainerID, &Diff<'static>)| match (container, diff) {
        (ContainerID::Root { name, .. }, Diff::Text(steps)) => {
            Some((name.to_string(), steps.clone()))
        }
        _ => None,
    };
    Ok(batch.iter().filter_map(text).collect())
}

fn rewrite_as(doc: &LoroDoc, past: &LoroDoc) -> Result<(), OpFault> {
    let wanted = flat::runs(&flat::body(past));
    rewrite::rewrite(&flat::body(doc), &wanted)?;
    for id in flat::footnote_ids(&wanted) {
        rewrite::rewrite(&flat::note(doc, &id), &flat::runs(&flat::note(past, &id)))?;
    }
    Ok(())
}

/// What both have.
fn common(one: &VersionVector, other: &VersionVector) -> VersionVector {
    one.iter()
        .filter_map(|(&peer, &end)| Some((peer, end.min(*other.get(&peer)?))))
        .filter(|&(_, end)| end > 0)
        .collect()
}

fn touch_one_paragraph(text: &str, mine: &[TextDelta], theirs: &[TextDelta]) -> bool {
    // Which paragraph each character belongs to; one more for what is appended.
    let mut paragraph = 0_usize;
    let mut paragraphs: Vec<usize> = text
        .chars()
        .map(|c| {
            paragraph += usize::from(c == '\n');
            paragraph
        })
        .collect();
    paragraphs.push(paragraph);
    let (mine, theirs) = (touched(&paragraphs, mine), touched(&paragraphs, theirs));
    mine.iter().any(|paragraph| theirs.contains(paragraph))
}

fn touched(paragraphs: &[usize], steps: &[TextDelta]) -> Vec<usize> {
    let mut touched = Vec::new();
    let mut at = 0_usize;
    for step in steps {
        let (len, counts) = match step {
            TextDelta::Retain { retain, attributes } => (*retain, attributes.is_some()),
            TextDelta::Delete { delete } => (*delete, true),
            TextDelta::Insert { .. } => {
                // An insertion goes on where the character before it stands.
                touched.extend(paragraphs.get(at.saturating_sub(1)));
                (0, false)
            }
        };
        if counts {
            touched.extend(paragraphs.iter().skip(at).take(len));
        }
        at += len;
    }
    touched.dedup();
    touched
}
