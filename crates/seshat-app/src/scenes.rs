//! Writing: opening scenes, applying exact operations, and getting them to the disk a second later.

use std::collections::BTreeMap;

use seshat_manuscript::{Op, Passage, SceneText, Unit};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;
use seshat_vault::{Kind, Place};

use crate::clock::now_ms;
use crate::comments::comment_rows;
use crate::images::unlisted;
use crate::progress::Tally;
use crate::session::{Batch, Content, LoadedScene, OpenScene, Session, seconds, summary_of};
use crate::texts::damage_sentence;
use crate::{Desk, Edit, Edited, Failure, FailureCode, Run, SceneView, text};

/// A scene as scripts see it.
pub struct ShownScene {
    /// The text as Markdown.
    pub markdown: String,
    /// The flat text: every paragraph begins with a newline. Positions of operations count its characters.
    pub flat: String,
    /// Words in it.
    pub words: u64,
    /// Its id.
    pub scene: String,
}

impl Desk {
    /// Opens a scene for editing. An earlier opening of it ends.
    ///
    /// # Errors
    /// When the vault is locked, or there is no such scene.
    pub fn open_scene(&self, novel: &str, scene: &str) -> Result<SceneView, Failure> {
        let (novel, document) = ids(novel, scene)?;
        self.with_session(|session, store| {
            session.place_of(store, novel, document)?;
            let name = session.entropy.peer()? >> 11;
            session.keep_open(store, novel, document)?;
            session.note_opening(document);
            let open = session.scenes.get_mut(&document).expect("it was opened just now");
            open.session = name;
            open.sequence = 0;
            let mut view = view(document, open);
            view.damage = damage_sentence(open.left_out);
            if view.damage.is_some()
                && let Some(passage) = session.last_good(store, novel, document)?
            {
                let peer = session.entropy.peer()?;
                view.last_good = Some(runs(SceneText::from_passage(&passage, peer).runs()));
            }
            Ok(view)
        })
    }

    /// Applies an edit to an open scene. The same edit sent again changes nothing.
    ///
    /// # Errors
    /// [`FailureCode::Stale`] when the scene was opened again since, or an edit before this one is missing.
    pub fn edit_scene(&self, edit: &Edit) -> Result<Edited, Failure> {
        let (novel, document) = ids(&edit.novel, &edit.scene)?;
        let ops = text::ops(&edit.ops)?;
        let edited = self.with_session(|session, store| {
            let open =
                session.scenes.get_mut(&document).filter(|open| open.session == edit.session);
            let open = open.ok_or_else(stale)?;
            if edit.sequence > open.sequence + 1 {
                return Err(stale());
            }
            if edit.sequence == open.sequence + 1 {
                open.text.set_time(seconds());
                open.text.apply(&ops, Unit::Utf16)?;
                open.sequence = edit.sequence;
                let before = std::mem::replace(&mut open.words, words(&open.text));
                let counts = (before, open.words);
                session.count_typing(store, (novel, document), counts, edit.typed);
            }
            Ok(session.edited(store, novel, document))
        })?;
        self.typed();
        Ok(edited)
    }

    /// Puts everything typed so far on the disk.
    ///
    /// # Errors
    /// When it cannot be written; it stays in memory and is tried again.
    pub fn flush(&self) -> Result<(), Failure> {
        let written = self.with_session(|session, store| {
            let written = session.flush(store)?;
            session.keep_typed(store, false);
            Ok(written)
        });
        self.wrote(&written);
        match written {
            Ok(_) => Ok(()),
            Err(failure) if failure.code == FailureCode::Locked => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Lets go of a scene, after putting it on the disk.
    ///
    /// # Errors
    /// When it cannot be written; then it stays open.
    pub fn close_scene(&self, novel: &str, scene: &str) -> Result<(), Failure> {
        let (_, document) = ids(novel, scene)?;
        // Under one lock: an edit between the write and the letting go would be lost.
        let written = self.with_session(|session, store| {
            let written = session.flush(store)?;
            session.scenes.remove(&document);
            Ok(written)
        });
        self.wrote(&written);
        written.map(|_| ())
    }

    /// A scene as Markdown and as flat text.
    ///
    /// # Errors
    /// When the vault is locked, or there is no such scene.
    pub fn show_scene(&self, novel: &str, scene: &str) -> Result<ShownScene, Failure> {
        let (novel, document) = ids(novel, scene)?;
        self.with_session(|session, store| {
            session.place_of(store, novel, document)?;
            let text = session.load_scene(store, novel, document)?.text;
            Ok(ShownScene {
                markdown: text::markdown(text.passage()),
                flat: text.flat(),
                words: words(&text),
                scene: document.to_string(),
            })
        })
    }

    /// Applies exact operations, positions in Unicode scalar values, and puts them on the disk.
    ///
    /// # Errors
    /// When an operation does not fit (then none was applied), or it cannot be written.
    pub fn apply_ops(&self, novel: &str, scene: &str, ops: &[Op]) -> Result<u64, Failure> {
        self.rewrite(novel, scene, |_| Ok(ops.to_vec()))
    }

    /// Appends the paragraphs of a Markdown text.
    ///
    /// # Errors
    /// When there is no such scene, or it cannot be written.
    pub fn append_markdown(
        &self,
        novel: &str,
        scene: &str,
        markdown: &str,
    ) -> Result<u64, Failure> {
        let added = text::from_markdown(markdown);
        self.rewrite(novel, scene, |text| text::appending(text, &added))
    }

    /// Makes a Markdown text the scene's. Paragraphs that stay are not touched, so that what another laptop
    /// wrote in them meanwhile merges.
    ///
    /// # Errors
    /// When there is no such scene, or it cannot be written.
    pub fn replace_markdown(
        &self,
        novel: &str,
        scene: &str,
        markdown: &str,
    ) -> Result<u64, Failure> {
        let wanted = text::from_markdown(markdown);
        self.rewrite(novel, scene, |text| text::replacing(text, &wanted))
    }

    fn rewrite(
        &self,
        novel: &str,
        scene: &str,
        ops: impl FnOnce(&Passage) -> Result<Vec<Op>, Failure>,
    ) -> Result<u64, Failure> {
        let (novel, document) = ids(novel, scene)?;
        let words = self.with_session(|session, store| {
            session.place_of(store, novel, document)?;
            session.keep_open(store, novel, document)?;
            let open = session.scenes.get_mut(&document).expect("it was opened just now");
            let ops = ops(&open.text.passage())?;
            open.text.set_time(seconds());
            open.text.apply(&ops, Unit::Scalar)?;
            // An editor that has it open knows nothing of this.
            open.session = 0;
            open.words = words(&open.text);
            Ok(open.words)
        })?;
        self.flush()?;
        Ok(words)
    }
}

impl Session {
    /// That the binder has this scene.
    pub(crate) fn place_of(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<(), Failure> {
        if self.binder(store, novel)?.binder.node(document).is_none() {
            return Err(Failure::not_found(
                "There is no such scene in this novel; nothing was changed.",
            ));
        }
        Ok(())
    }

    pub(crate) fn keep_open(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<(), Failure> {
        if !self.scenes.contains_key(&document) {
            let loaded = self.load_scene(store, novel, document)?;
            let LoadedScene { text, records, left_out } = loaded;
            let open = OpenScene {
                novel,
                words: words(&text),
                text,
                session: 0,
                sequence: 0,
                unsaved: Vec::new(),
                records,
                left_out,
            };
            self.scenes.insert(document, open);
        }
        Ok(())
    }

    /// Notes how a scene was when it was first opened since the vault was unlocked.
    fn note_opening(&mut self, document: DocumentId) {
        if let Some(open) = self.scenes.get(&document) {
            self.opened.entry(document).or_insert_with(|| (open.text.version(), now_ms()));
        }
    }

    /// Puts what was typed in all open scenes on the disk; says whether there was anything.
    pub(crate) fn flush(&mut self, store: &mut Store) -> Result<bool, Failure> {
        let mut batch = Batch::default();
        let mut written = Vec::new();
        let edited_at = now_ms();
        for (document, open) in &mut self.scenes {
            open.unsaved.extend(open.text.take_update());
            if open.unsaved.is_empty() {
                continue;
            }
            let place = Place { kind: Kind::SceneUpdate, novel: open.novel, document: *document };
            let records = open.records + to_u64(open.unsaved.len());
            let summary = summary_of(&open.text, records, edited_at);
            batch.summaries.push((open.novel, *document, summary));
            let mut contents: Vec<_> =
                open.unsaved.iter().map(|it| Content::new(place, it.clone())).collect();
            if let Some(last) = contents.last_mut() {
                last.blobs = unlisted(store, *document, &open.text)?;
            }
            batch.contents.extend(contents);
            written.push(*document);
        }
        if batch.contents.is_empty() {
            return Ok(false);
        }
        self.write(store, batch)?;
        for document in written {
            if let Some(open) = self.scenes.get_mut(&document) {
                open.records += to_u64(open.unsaved.len());
                open.unsaved.clear();
            }
        }
        Ok(true)
    }

    /// Words in a novel whose summaries are known; scenes that are open count as they stand.
    pub(crate) fn novel_words(&self, novel: NovelId) -> u64 {
        let scenes =
            self.binders.get(&novel).map(|open| open.scenes.as_slice()).unwrap_or_default();
        scenes.iter().map(|document| self.scene_words(*document)).sum()
    }

    /// What an edit is answered with.
    pub(crate) fn edited(&mut self, store: &Store, novel: NovelId, document: DocumentId) -> Edited {
        let Tally { today, sitting } = self.tally(store, novel);
        let words = self.scene_words(document);
        Edited { words, novel_words: self.novel_words(novel), today, sitting }
    }

    fn scene_words(&self, document: DocumentId) -> u64 {
        match self.scenes.get(&document) {
            Some(open) => open.words,
            None => self.summaries.get(&document).map_or(0, |summary| summary.words),
        }
    }
}

fn view(document: DocumentId, open: &OpenScene) -> SceneView {
    let runs = runs(open.text.runs());
    let notes = notes(&runs, |id| open.text.note_runs(id));
    SceneView {
        scene: document.to_string(),
        session: open.session,
        sequence: open.sequence,
        runs,
        notes,
        words: open.words,
        comments: comment_rows(&open.text),
        damage: None,
        last_good: None,
    }
}

/// The bodies of the footnotes that stand in `runs`.
pub(crate) fn notes(
    runs: &[Run],
    body: impl Fn(&str) -> Option<Vec<seshat_manuscript::Run>>,
) -> BTreeMap<String, Vec<Run>> {
    let mut notes = BTreeMap::new();
    for run in runs {
        let atom = run.attributes.get("atom");
        let id = atom.and_then(|atom| atom.get("id")).and_then(serde_json::Value::as_str);
        if let Some((id, note)) = id.and_then(|id| Some((id, body(id)?))) {
            notes.insert(id.to_owned(), self::runs(note));
        }
    }
    notes
}

pub(crate) fn runs(runs: Vec<seshat_manuscript::Run>) -> Vec<Run> {
    runs.into_iter().map(|run| Run { text: run.text, attributes: run.attributes }).collect()
}

pub(crate) fn words(text: &SceneText) -> u64 {
    to_u64(text.words())
}

pub(crate) fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

pub(crate) fn ids(novel: &str, scene: &str) -> Result<(NovelId, DocumentId), Failure> {
    Ok((
        novel_id(novel)?,
        scene
            .parse()
            .map_err(|_| Failure::not_found("There is no such scene; nothing was changed."))?,
    ))
}

pub(crate) fn novel_id(novel: &str) -> Result<NovelId, Failure> {
    novel.parse().map_err(|_| Failure::not_found("There is no such novel; nothing was changed."))
}

fn stale() -> Failure {
    Failure::new(
        FailureCode::Stale,
        "The scene was opened anew elsewhere in this window; what was typed before is saved; open it again.",
    )
}
