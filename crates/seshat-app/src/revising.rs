//! Changing several scenes of a novel and its binder together.
//!
//! **Invariants:** what was typed before is on the disk first. Everything that a revision changed goes there in one
//! transaction; where that fails, memory is what the disk has, and nothing of the revision is in it. An editor whose
//! text a revision changed has to open it again: what it sends under its older opening counts places in a text that
//! is no more, so it is refused.

use std::collections::{BTreeMap, BTreeSet};

use seshat_manuscript::{Binder, Passage, Run, SceneText};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;
use seshat_vault::{Kind, Place};

use crate::clock::now_ms;
use crate::images::unlisted;
use crate::scenes::words;
use crate::session::{Batch, Content, Session, binder_place, seconds, summary_of};
use crate::{Desk, Failure};

/// What a reader sees of a scene.
type Shown = (Vec<Run>, Passage);

/// A scene before it was changed.
struct Before {
    shown: Shown,
    /// Whether it was in memory already.
    was_open: bool,
}

/// Scenes and the binder of one novel while they are being changed.
pub(crate) struct Revision<'a> {
    pub(crate) session: &'a mut Session,
    pub(crate) store: &'a Store,
    pub(crate) novel: NovelId,
    touched: BTreeMap<DocumentId, Before>,
    born: Vec<(DocumentId, SceneText)>,
}

impl Desk {
    /// Revises a novel, and tells the board and the page.
    pub(crate) fn revising<T>(
        &self,
        novel: NovelId,
        work: impl FnOnce(&mut Revision<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (done, changed) =
            self.with_session(|session, store| session.revise(store, novel, work))?;
        self.wrote(&Ok(true));
        self.shared.board.tell(changed.iter().map(ToString::to_string).collect(), Vec::new());
        Ok(done)
    }
}

impl Session {
    /// Puts what was typed on the disk, lets `work` change scenes and the binder, and stores all of that at once.
    /// Beside what `work` returns are the scenes that read otherwise now.
    ///
    /// # Errors
    /// What `work` says, or that it cannot be stored; nothing is changed then.
    pub(crate) fn revise<T>(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        work: impl FnOnce(&mut Revision<'_>) -> Result<T, Failure>,
    ) -> Result<(T, BTreeSet<DocumentId>), Failure> {
        self.flush(store)?;
        self.binder(store, novel)?;
        let mut revision =
            Revision { session: self, store, novel, touched: BTreeMap::new(), born: Vec::new() };
        let worked = work(&mut revision);
        let Revision { touched, born, .. } = revision;
        let stored = worked.and_then(|done| {
            self.store_revision(store, novel, &touched, &born)?;
            Ok(done)
        });
        if stored.is_err() {
            self.take_back(store, novel, &touched);
        }
        let changed = self.end_openings(&touched);
        for (document, _) in touched.iter().filter(|(_, before)| !before.was_open) {
            self.scenes.remove(document);
        }
        Ok((stored?, changed))
    }

    fn store_revision(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        touched: &BTreeMap<DocumentId, Before>,
        born: &[(DocumentId, SceneText)],
    ) -> Result<(), Failure> {
        let mut batch = Batch::default();
        let mut written = Vec::new();
        let now = now_ms();
        for document in touched.keys() {
            let Some(open) = self.scenes.get_mut(document) else { continue };
            let Some(update) = open.text.take_update() else { continue };
            let place = Place { kind: Kind::SceneUpdate, novel: open.novel, document: *document };
            let mut content = Content::new(place, update);
            content.blobs = unlisted(store, *document, &open.text)?;
            batch.contents.push(content);
            let summary = summary_of(&open.text, open.records + 1, now);
            batch.summaries.push((open.novel, *document, summary));
            written.push(*document);
        }
        for (document, text) in born {
            let place = Place { kind: Kind::SceneSnapshot, novel, document: *document };
            let mut content = Content::new(place, text.snapshot()?);
            content.blobs = unlisted(store, *document, text)?;
            batch.contents.push(content);
            batch.summaries.push((novel, *document, summary_of(text, 1, now)));
        }
        let open = self.binders.get_mut(&novel);
        if let Some(update) = open.and_then(|open| open.binder.take_update()) {
            let place = binder_place(Kind::BinderUpdate, novel);
            batch.contents.push(Content::new(place, update));
        }
        if batch.contents.is_empty() {
            return Ok(());
        }
        self.write(store, batch)?;
        for document in written {
            if let Some(open) = self.scenes.get_mut(&document) {
                open.records += 1;
                open.words = words(&open.text);
            }
        }
        if let Some(open) = self.binders.get_mut(&novel) {
            open.refresh();
        }
        Ok(())
    }

    /// The disk is the truth: scenes are loaded from it again, and the binder at the next look. Nothing typed is lost,
    /// because it was on the disk before.
    fn take_back(&mut self, store: &Store, novel: NovelId, touched: &BTreeMap<DocumentId, Before>) {
        self.binders.remove(&novel);
        for document in touched.keys() {
            let novel = self.scenes.get(document).map_or(novel, |open| open.novel);
            let loaded = self.load_scene(store, novel, *document);
            match (self.scenes.get_mut(document), loaded) {
                (Some(open), Ok(loaded)) => {
                    open.words = words(&loaded.text);
                    open.records = loaded.records;
                    open.left_out = loaded.left_out;
                    open.text = loaded.text;
                }
                _ => {
                    self.scenes.remove(document);
                }
            }
        }
    }

    /// Ends the openings of those scenes that read otherwise now.
    fn end_openings(&mut self, touched: &BTreeMap<DocumentId, Before>) -> BTreeSet<DocumentId> {
        let mut changed = BTreeSet::new();
        for (document, before) in touched {
            let Some(open) = self.scenes.get_mut(document) else { continue };
            if shown(&open.text) != before.shown {
                open.session = 0;
                changed.insert(*document);
            }
        }
        changed
    }
}

impl Revision<'_> {
    /// A scene, to be changed.
    pub(crate) fn scene(&mut self, document: DocumentId) -> Result<&mut SceneText, Failure> {
        self.scene_in(self.novel, document)
    }

    /// A scene of another novel, to be changed in the same transaction.
    pub(crate) fn scene_in(
        &mut self,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<&mut SceneText, Failure> {
        let was_open = self.session.scenes.contains_key(&document);
        self.session.keep_open(self.store, novel, document)?;
        let open = self.session.scenes.get_mut(&document).expect("it was opened just now");
        self.touched
            .entry(document)
            .or_insert_with(|| Before { shown: shown(&open.text), was_open });
        open.text.set_time(seconds());
        Ok(&mut open.text)
    }

    /// Two scenes, to be changed together.
    pub(crate) fn two<T>(
        &mut self,
        (one, other): (DocumentId, DocumentId),
        work: impl FnOnce(&mut SceneText, &mut SceneText) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.scene(one)?;
        self.scene(other)?;
        let mut aside = self.session.scenes.remove(&other).expect("it was opened just now");
        let worked = match self.session.scenes.get_mut(&one) {
            Some(open) => work(&mut open.text, &mut aside.text),
            // One scene, named twice.
            None => Err(Failure::other(
                "A scene cannot be put together with itself; nothing was changed.",
            )),
        };
        self.session.scenes.insert(other, aside);
        worked
    }

    /// The novel's binder, to be changed.
    pub(crate) fn binder(&mut self) -> Result<&mut Binder, Failure> {
        let open = self.session.binder(self.store, self.novel)?;
        open.binder.set_time(seconds());
        Ok(&mut open.binder)
    }

    /// The text of a new scene, which the binder has to be told of.
    pub(crate) fn bear(&mut self, document: DocumentId, text: SceneText) {
        self.born.push((document, text));
    }

    /// A scene's text, to be read.
    pub(crate) fn passage(&mut self, document: DocumentId) -> Result<Passage, Failure> {
        self.session.passage(self.store, self.novel, document)
    }

    /// The name of a new document.
    pub(crate) fn new_document(&mut self) -> Result<DocumentId, Failure> {
        Ok(DocumentId(self.session.entropy.id()?))
    }

    /// The name of a new version or comment.
    pub(crate) fn new_id(&mut self) -> Result<String, Failure> {
        Ok(DocumentId(self.session.entropy.id()?).to_string())
    }
}

fn shown(text: &SceneText) -> Shown {
    (text.runs(), text.passage())
}
