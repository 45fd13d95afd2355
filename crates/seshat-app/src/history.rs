//! A scene's and a novel's past: the list of versions, reading and comparing them, bringing one back.
//!
//! **Invariants:** looking at the past changes nothing, not even in memory. Bringing a version back is a new edit,
//! after the present was given a name, so it can be taken back like any other.

use std::collections::BTreeMap;

use seshat_manuscript::{
    Moment, Node, NovelVersion, Passage, SceneText, Version, VersionError, thin, word_diff,
};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;

use crate::clock::{now_ms, utc_offset};
use crate::library::{counts, shown_kind};
use crate::scenes::{ids, notes, novel_id, runs, to_u64, words};
use crate::session::{Session, seconds};
use crate::structure::documents;
use crate::{
    Desk, DiffKind, DiffParagraph, DiffPiece, DiffView, Edited, Failure, NovelVersionNode,
    NovelVersionRow, VersionKind, VersionRow, VersionText,
};

/// Seconds without a change that end a stretch of writing. Changes are dated to five minutes, so less says little.
const PAUSE: i64 = 600;

impl Desk {
    /// A scene's versions, newest first: automatic ones, fewer with age; those with a name, of the scene and of the
    /// whole novel; as it was before each merge, and when it was first opened since the vault was unlocked.
    ///
    /// # Errors
    /// When there is no such scene, the vault is locked or the disk fails.
    pub fn versions(&self, novel: &str, scene: &str) -> Result<Vec<VersionRow>, Failure> {
        let (novel, document) = ids(novel, scene)?;
        self.with_session(|session, store| session.versions(store, novel, document))
    }

    /// A scene as it was.
    ///
    /// # Errors
    /// When there is no such scene or version, the vault is locked or the disk fails.
    pub fn version_text(
        &self,
        novel: &str,
        scene: &str,
        version: &str,
    ) -> Result<VersionText, Failure> {
        let (novel, document) = ids(novel, scene)?;
        let version: Version = version.parse()?;
        self.with_session(|session, store| {
            session.read_scene(store, novel, document, |text| {
                let past = text.at(&version)?;
                let runs = runs(past.runs());
                let notes = notes(&runs, |id| past.note_runs(id));
                Ok(VersionText { runs, notes, words: to_u64(past.words()) })
            })
        })
    }

    /// What changed from one version of a scene to another one, or to the present.
    ///
    /// # Errors
    /// When there is no such scene or version, the vault is locked or the disk fails.
    pub fn version_diff(
        &self,
        novel: &str,
        scene: &str,
        from: &str,
        to: Option<&str>,
    ) -> Result<DiffView, Failure> {
        let (novel, document) = ids(novel, scene)?;
        let from: Version = from.parse()?;
        let to: Option<Version> = to.map(str::parse).transpose()?;
        let (old, new) = self.with_session(|session, store| {
            session.read_scene(store, novel, document, |text| {
                let new = match &to {
                    Some(version) => text.at(version)?.passage(),
                    None => text.passage(),
                };
                Ok((text.at(&from)?.passage(), new))
            })
        })?;
        // Without the lock: of a long scene it takes a moment.
        Ok(difference(&old, &new))
    }

    /// Gives a scene's present version a name.
    ///
    /// # Errors
    /// When there is no such scene, or it cannot be written.
    pub fn name_version(
        &self,
        novel: &str,
        scene: &str,
        name: &str,
    ) -> Result<VersionRow, Failure> {
        self.annotating(novel, scene, |revision, document| {
            let id = revision.new_id()?;
            let text = revision.scene(document)?;
            text.name_version(&id, seshat_manuscript::VersionKind::Named, name.trim(), at_ms())?;
            let named = text.named_versions().into_iter().find(|named| named.id == id);
            named.map(row_of).ok_or_else(no_version)
        })
    }

    /// Gives a version another name.
    ///
    /// # Errors
    /// When there is no such scene or version, or it cannot be written.
    pub fn rename_version(
        &self,
        novel: &str,
        scene: &str,
        id: &str,
        name: &str,
    ) -> Result<(), Failure> {
        self.annotating(novel, scene, |revision, document| {
            Ok(revision.scene(document)?.rename_version(id, name.trim())?)
        })
    }

    /// Takes a version out of the list of those with a name. What the scene said then stays in its history.
    ///
    /// # Errors
    /// When there is no such scene or version, or it cannot be written.
    pub fn forget_version(&self, novel: &str, scene: &str, id: &str) -> Result<(), Failure> {
        self.annotating(novel, scene, |revision, document| {
            Ok(revision.scene(document)?.forget_version(id)?)
        })
    }

    /// Makes a scene say what it said then, as a new edit. The present gets a name first.
    ///
    /// # Errors
    /// When there is no such scene or version, or it cannot be written; the scene is as it was then.
    pub fn restore_version(
        &self,
        novel: &str,
        scene: &str,
        version: &str,
    ) -> Result<Edited, Failure> {
        let wanted: Version = version.parse()?;
        let words = self.annotating(novel, scene, |revision, document| {
            let id = revision.new_id()?;
            let text = revision.scene(document)?;
            let kind = seshat_manuscript::VersionKind::BeforeRestore;
            text.name_version(&id, kind, "", at_ms())?;
            text.restore(&wanted)?;
            Ok(words(text))
        })?;
        let (novel, document) = ids(novel, scene)?;
        self.with_session(|session, store| {
            Ok(Edited { words, ..session.edited(store, novel, document) })
        })
    }

    /// A novel's versions that were given a name, newest first.
    ///
    /// # Errors
    /// When there is no such novel, the vault is locked or the disk fails.
    pub fn novel_versions(&self, novel: &str) -> Result<Vec<NovelVersionRow>, Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let named = session.binder(store, novel)?.binder.named_versions();
            Ok(named.iter().rev().map(novel_row).collect())
        })
    }

    /// Gives a whole novel's present version a name: its order and every scene and note.
    ///
    /// # Errors
    /// When there is no such novel, or it cannot be written.
    pub fn name_novel_version(&self, novel: &str, name: &str) -> Result<NovelVersionRow, Failure> {
        let id = novel_id(novel)?;
        self.revising(id, |revision| {
            let scenes = revision.session.all_versions(revision.store, id)?;
            let key = revision.new_id()?;
            let kind = seshat_manuscript::VersionKind::Named;
            let binder = revision.binder()?;
            binder.name_version(&key, kind, name.trim(), at_ms(), &scenes)?;
            let named = binder.named_versions().into_iter().find(|named| named.id == key);
            named.as_ref().map(novel_row).ok_or_else(no_version)
        })
    }

    /// Gives a version of a whole novel another name.
    ///
    /// # Errors
    /// When there is no such version, or it cannot be written.
    pub fn rename_novel_version(&self, novel: &str, id: &str, name: &str) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        self.revising(novel, |revision| Ok(revision.binder()?.rename_version(id, name.trim())?))
    }

    /// Takes a version of a whole novel out of the list.
    ///
    /// # Errors
    /// When there is no such version, or it cannot be written.
    pub fn forget_novel_version(&self, novel: &str, id: &str) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        self.revising(novel, |revision| Ok(revision.binder()?.forget_version(id)?))
    }

    /// A novel's outline as it was, with each scene's version of then.
    ///
    /// # Errors
    /// When there is no such version, the vault is locked or the disk fails.
    pub fn novel_version_outline(
        &self,
        novel: &str,
        id: &str,
    ) -> Result<Vec<NovelVersionNode>, Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let binder = &session.binder(store, novel)?.binder;
            let named = named_novel(binder.named_versions(), id)?;
            let past = binder.at(&named.version)?;
            let scenes: BTreeMap<_, _> = named.scenes.into_iter().collect();
            let mut nodes = past_rows(&past.outline(), &scenes);
            nodes.extend(past_rows(&past.notes(), &scenes));
            Ok(nodes)
        })
    }

    /// Makes a whole novel what it was then: its order, titles and every scene, as new edits. The present gets a name
    /// first; what was added since goes to the trash.
    ///
    /// # Errors
    /// When there is no such version, a scene cannot be read, or it cannot be written; nothing is changed then.
    pub fn restore_novel_version(&self, novel: &str, id: &str) -> Result<(), Failure> {
        let key = novel_id(novel)?;
        self.revising(key, |revision| {
            let scenes = revision.session.all_versions(revision.store, key)?;
            let present: BTreeMap<_, _> = scenes.iter().cloned().collect();
            let before = revision.new_id()?;
            let seen = revision.seen()?;
            let binder = revision.binder()?;
            let named = named_novel(binder.named_versions(), id)?;
            let past = binder.at(&named.version)?;
            let kind = seshat_manuscript::VersionKind::BeforeRestore;
            binder.name_version(&before, kind, &named.name, at_ms(), &scenes)?;
            binder.rearrange(&past, now_ms(), &seen)?;
            for (document, version) in &named.scenes {
                if present.get(document) != Some(version) {
                    revision.scene(*document)?.restore(version)?;
                }
            }
            Ok(())
        })?;
        self.shared.board.tell(Vec::new(), vec![novel.to_owned()]);
        Ok(())
    }
}

impl Session {
    /// Looks at a scene: the one in memory if it is open, else the one on the disk.
    pub(crate) fn read_scene<T>(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
        look: impl FnOnce(&SceneText) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.place_of(store, novel, document)?;
        match self.scenes.get(&document) {
            Some(open) => look(&open.text),
            None => look(&self.load_scene(store, novel, document)?.text),
        }
    }

    fn versions(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Vec<VersionRow>, Failure> {
        let named_novels = self.binder(store, novel)?.binder.named_versions();
        let (moments, named) = self.read_scene(store, novel, document, |text| {
            Ok((text.timeline(PAUSE), text.named_versions()))
        })?;
        let moments = thin(moments, seconds(), utc_offset());
        let mut rows: Vec<_> = moments.iter().map(automatic).collect();
        rows.extend(named.into_iter().map(row_of));
        rows.extend(named_novels.iter().filter_map(|named| row_of_novel(named, document)));
        rows.extend(self.before_merges(store, novel, document)?);
        if let Some((version, at)) = self.opened.get(&document) {
            rows.push(bare(version, VersionKind::Opened, Some(*at)));
        }
        // Of one moment, what is rather the author's own doing stands above.
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.kind != VersionKind::Automatic)));
        Ok(rows)
    }

    /// The present version of every scene and note, those in the trash left out. What was typed must be on the disk.
    /// Opens no scene whose summary is fresh.
    fn all_versions(
        &mut self,
        store: &Store,
        novel: NovelId,
    ) -> Result<Vec<(DocumentId, Version)>, Failure> {
        let counts = counts(store, novel)?;
        let binder = &self.binder(store, novel)?.binder;
        let tops = [binder.outline(), binder.notes()];
        let all: Vec<_> = tops.iter().flatten().flat_map(documents).collect();
        let mut versions = Vec::with_capacity(all.len());
        for document in all {
            let records = counts.get(&document).copied().unwrap_or(0);
            if let Some(version) = self.present_version(store, novel, document, records)? {
                versions.push((document, version));
            }
        }
        Ok(versions)
    }

    /// `None` for a text that has not come to this laptop yet.
    fn present_version(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
        records: u64,
    ) -> Result<Option<Version>, Failure> {
        if let Some(open) = self.scenes.get(&document) {
            return Ok(Some(open.text.version()));
        }
        if records == 0 {
            return Ok(None);
        }
        let known = self.fresh_summary(store, (novel, document), records)?;
        if let Some(version) = known.and_then(|summary| summary.version) {
            return Ok(Some(version));
        }
        Ok(Some(self.load_scene(store, novel, document)?.text.version()))
    }
}

fn automatic(moment: &Moment) -> VersionRow {
    let at = u64::try_from(moment.at).ok().filter(|at| *at > 0).map(|at| at.saturating_mul(1000));
    VersionRow {
        inserted: to_u64(moment.inserted),
        deleted: to_u64(moment.deleted),
        ..bare(&moment.version, VersionKind::Automatic, at)
    }
}

pub(crate) fn bare(version: &Version, kind: VersionKind, at: Option<u64>) -> VersionRow {
    let version = version.to_string();
    VersionRow { version, id: None, kind, name: None, at, inserted: 0, deleted: 0 }
}

fn row_of(named: seshat_manuscript::NamedVersion) -> VersionRow {
    let row = bare(&named.version, kind(&named.kind), u64::try_from(named.at).ok());
    VersionRow { id: Some(named.id), name: some_text(named.name), ..row }
}

/// A scene in a version of the whole novel; it is forgotten with the novel's, and not here.
fn row_of_novel(named: &NovelVersion, document: DocumentId) -> Option<VersionRow> {
    let (_, version) = named.scenes.iter().find(|(scene, _)| *scene == document)?;
    let kind = match kind(&named.kind) {
        VersionKind::Named => VersionKind::NamedNovel,
        kind => kind,
    };
    let row = bare(version, kind, u64::try_from(named.at).ok());
    Some(VersionRow { name: some_text(named.name.clone()), ..row })
}

fn novel_row(named: &NovelVersion) -> NovelVersionRow {
    NovelVersionRow {
        id: named.id.clone(),
        kind: kind(&named.kind),
        name: named.name.clone(),
        at: u64::try_from(named.at).unwrap_or(0),
    }
}

fn some_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn kind(kind: &seshat_manuscript::VersionKind) -> VersionKind {
    match kind {
        seshat_manuscript::VersionKind::Named => VersionKind::Named,
        seshat_manuscript::VersionKind::BeforeRestore => VersionKind::BeforeRestore,
        seshat_manuscript::VersionKind::BeforeReplace => VersionKind::BeforeReplace,
        seshat_manuscript::VersionKind::BeforeMerge => VersionKind::BeforeMerge,
        seshat_manuscript::VersionKind::Unknown(_) => VersionKind::Other,
    }
}

fn named_novel(named: Vec<NovelVersion>, id: &str) -> Result<NovelVersion, Failure> {
    named.into_iter().find(|named| named.id == id).ok_or_else(no_version)
}

fn past_rows(nodes: &[Node], scenes: &BTreeMap<DocumentId, Version>) -> Vec<NovelVersionNode> {
    let row = |node: &Node| NovelVersionNode {
        kind: shown_kind(&node.kind),
        title: node.title.clone(),
        scene: node.document.map(|document| document.to_string()),
        version: node.document.and_then(|it| scenes.get(&it)).map(ToString::to_string),
        children: past_rows(&node.children, scenes),
    };
    nodes.iter().map(row).collect()
}

fn difference(old: &Passage, new: &Passage) -> DiffView {
    let diff = word_diff(old, new);
    let piece = |piece: seshat_manuscript::DiffPiece| DiffPiece {
        kind: match piece.kind {
            seshat_manuscript::DiffKind::Same => DiffKind::Same,
            seshat_manuscript::DiffKind::Added => DiffKind::Added,
            seshat_manuscript::DiffKind::Removed => DiffKind::Removed,
        },
        text: piece.text,
    };
    let paragraph = |paragraph: seshat_manuscript::DiffParagraph| DiffParagraph {
        block: serde_json::to_value(paragraph.block)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default(),
        pieces: paragraph.pieces.into_iter().map(piece).collect(),
    };
    DiffView {
        paragraphs: diff.paragraphs.into_iter().map(paragraph).collect(),
        added: to_u64(diff.added),
        removed: to_u64(diff.removed),
    }
}

fn at_ms() -> i64 {
    i64::try_from(now_ms()).unwrap_or(i64::MAX)
}

fn no_version() -> Failure {
    Failure::not_found("There is no such version; nothing was changed.")
}

impl From<VersionError> for Failure {
    fn from(error: VersionError) -> Self {
        match error {
            VersionError::Malformed | VersionError::Unknown => no_version(),
            error => Self::other(format!("Nothing was changed: {error}.")),
        }
    }
}
