//! Novels in: an import is sealed and on the disk in one transaction, or nothing of it is there.

use std::path::Path;

use seshat_interchange::import::ImportedNovel;
use seshat_manuscript::{Binder, NewNode, NodeKind, Passage, SceneText, Status};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;
use seshat_vault::{Kind, Place};

use crate::clock::now_ms;
use crate::images::unlisted;
use crate::library::tag;
use crate::previewing::found_at;
use crate::scenes::to_u64;
use crate::session::{Batch, Content, Session, summary_of};
use crate::{Desk, Failure, Imported};

impl Desk {
    /// Imports a folder of chapters, or one file.
    ///
    /// # Errors
    /// When it cannot be read as text, the vault is locked or the disk fails; then nothing was imported.
    pub fn import(
        &self,
        path: &Path,
        title: Option<String>,
        language: Option<String>,
    ) -> Result<Imported, Failure> {
        let mut found = found_at(path)?;
        found.title = title.or(found.title);
        found.language = language.or(found.language);
        self.take_in(found)
    }

    /// Puts the sample novel into the library, in the language of the window where there is one in it.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn sample_novel(&self, language: &str) -> Result<Imported, Failure> {
        self.take_in(seshat_interchange::sample(language))
    }

    fn take_in(&self, found: ImportedNovel) -> Result<Imported, Failure> {
        let written = self.with_session(|session, store| session.import(store, found));
        self.wrote(&written.as_ref().map(|_| true).map_err(Clone::clone));
        written
    }
}

impl Session {
    fn import(&mut self, store: &mut Store, found: ImportedNovel) -> Result<Imported, Failure> {
        let title = found.title.unwrap_or_default();
        let title = if title.trim().is_empty() { "Untitled" } else { title.trim() };
        let language = tag(found.language.as_deref().unwrap_or("en"))?;
        let novel = NovelId(self.entropy.id()?);
        self.vault.make_novel_key(novel, &mut self.entropy)?;
        let mut binder = Binder::new(self.entropy.peer()?, title, &language);
        if let Some(author) = &found.author {
            binder.set_author(author);
        }
        let mut batch = Batch::default();
        for part in &found.parts {
            let parent = if part.title.is_empty() {
                None
            } else {
                let new = NewNode { kind: NodeKind::Part, title: &part.title, document: None };
                Some(binder.add(None, usize::MAX, &new)?)
            };
            for chapter in &part.chapters {
                let new =
                    NewNode { kind: NodeKind::Chapter, title: &chapter.title, document: None };
                let node = binder.add(parent, usize::MAX, &new)?;
                for scene in &chapter.scenes {
                    let document = self.import_scene(store, novel, scene, &mut batch)?;
                    let new =
                        NewNode { kind: NodeKind::Scene, title: "", document: Some(document) };
                    let made = binder.add(Some(node), usize::MAX, &new)?;
                    if !scene.is_empty() {
                        binder.set_status(made, Status::Draft)?;
                    }
                }
            }
        }
        let scenes = to_u64(batch.contents.len());
        self.write_novel(store, novel, binder, batch)?;
        Ok(Imported { novel: self.card(store, novel)?, scenes, notes: found.notes })
    }

    fn import_scene(
        &mut self,
        store: &Store,
        novel: NovelId,
        scene: &Passage,
        batch: &mut Batch,
    ) -> Result<DocumentId, Failure> {
        let document = DocumentId(self.entropy.id()?);
        let text = SceneText::from_passage(scene, self.entropy.peer()?);
        let place = Place { kind: Kind::SceneSnapshot, novel, document };
        let mut content = Content::new(place, text.snapshot()?);
        content.blobs = unlisted(store, document, &text)?;
        batch.contents.push(content);
        batch.summaries.push((novel, document, summary_of(&text, 1, now_ms())));
        Ok(document)
    }
}
