//! Novels in: an import is sealed and on the disk in one transaction, or nothing of it is there.
//!
//! **Invariants:** texts are made outside of the vault's lock; only those with pictures wait for it, because a picture's
//! name depends on its seal. What is imported counts as nobody's typing.

use std::collections::HashMap;
use std::path::Path;
use std::vec::IntoIter;

use seshat_interchange::import::{Aside, At, ImportedComment, ImportedNovel};
use seshat_interchange::{Chapter, Part};
use seshat_manuscript::{
    Binder, NewComment, NewNode, NodeId, NodeKind, Paragraph, Passage, Piece, SceneText, Status,
    Unit,
};
use seshat_protocol::{Bytes32, DocumentId, NovelId, limits};
use seshat_store::{Store, hash_of};
use seshat_vault::{Kind, Place};

use crate::clock::{OsEntropy, now_ms};
use crate::images::{hex, shown_in};
use crate::importing_settling::{About, Settled};
use crate::library::tag;
use crate::scenes::to_u64;
use crate::session::{Batch, Content, Session, Summary, summary_of};
use crate::{Desk, Failure, Imported, ShapingChoice};

/// The language of a novel that names none.
const LANGUAGE: &str = "en";

impl Desk {
    /// Imports a folder of chapters, or one file, cut as its signs suggest.
    ///
    /// # Errors
    /// As [`Desk::import_novel`].
    pub fn import(
        &self,
        path: &Path,
        title: Option<String>,
        language: Option<String>,
    ) -> Result<Imported, Failure> {
        self.import_novel(path, title, language, None)
    }

    /// Imports a folder of chapters, a writing program's project, or one file, and forgets what was looked into.
    ///
    /// # Errors
    /// When it cannot be read, its reading was stopped, the language is none, the vault is locked or the disk fails; then
    /// nothing was imported.
    pub fn import_novel(
        &self,
        path: &Path,
        title: Option<String>,
        language: Option<String>,
        shaping: Option<&ShapingChoice>,
    ) -> Result<Imported, Failure> {
        if let Some(language) = &language {
            tag(language)?;
        }
        let mut found = self.document(path)?.cut(shaping).novel;
        found.title = title.or(found.title);
        found.language = language.or(found.language);
        let imported = self.take_in(found)?;
        self.forget_import();
        Ok(imported)
    }

    /// Puts the sample novel into the library, in the language of the window where there is one in it.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn sample_novel(&self, language: &str) -> Result<Imported, Failure> {
        self.take_in(seshat_interchange::sample(language))
    }

    /// Writes down what was found.
    pub(crate) fn take_in(&self, found: ImportedNovel) -> Result<Imported, Failure> {
        let settled = Settled::of(found);
        let texts = texts(&settled)?;
        let written = self.with_session(|session, store| session.import(store, settled, texts));
        self.wrote(&written.as_ref().map(|_| true).map_err(Clone::clone));
        written
    }
}

/// A text of the novel to be.
enum Draft {
    /// As a record holds it.
    Written(Text),
    /// One that shows pictures, which are not sealed yet.
    Pictured(Passage, Vec<ImportedComment>),
}

/// A text as a record holds it.
struct Text {
    payload: Vec<u8>,
    summary: Summary,
}

/// The texts of scenes in reading order, then those of notes.
fn texts(settled: &Settled) -> Result<Vec<Draft>, Failure> {
    let mut texts = Vec::new();
    for (part, parts) in settled.novel.parts.iter().enumerate() {
        for (chapter, chapters) in parts.chapters.iter().enumerate() {
            for (scene, passage) in chapters.scenes.iter().enumerate() {
                let at = At { part, chapter: Some(chapter), scene: Some(scene) };
                let comments = settled.margins.get(&at).map(Vec::as_slice).unwrap_or_default();
                texts.push(draft(passage, comments)?);
            }
        }
    }
    for aside in &settled.novel.asides {
        texts.push(draft(&aside.text, &[])?);
    }
    Ok(texts)
}

fn draft(passage: &Passage, comments: &[ImportedComment]) -> Result<Draft, Failure> {
    if shown_in(passage).is_empty() {
        return written(passage, comments).map(Draft::Written);
    }
    Ok(Draft::Pictured(passage.clone(), comments.to_vec()))
}

fn written(passage: &Passage, comments: &[ImportedComment]) -> Result<Text, Failure> {
    let mut text = SceneText::from_passage(passage, OsEntropy.peer()?);
    for comment in comments {
        let id = DocumentId(OsEntropy.id()?).to_string();
        let at = time_of(&comment.date).unwrap_or_else(|| i64::try_from(now_ms()).unwrap_or(0));
        let new = NewComment { id: &id, text: &comment.text, author: comment.author.trim(), at };
        text.add_comment(&new, comment.range.clone(), Unit::Scalar)?;
        if comment.resolved {
            text.resolve_comment(&id, true)?;
        }
    }
    Ok(Text { payload: text.snapshot()?, summary: summary_of(&text, 1, now_ms()) })
}

/// When a comment was made, in milliseconds since 1970, if its file says that as files usually do. A time without a zone
/// is taken for the one at this laptop.
fn time_of(date: &str) -> Option<i64> {
    let date = date.trim();
    if let Ok(at) = date.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let there = date.parse::<jiff::civil::DateTime>().ok();
    let there = there.or_else(|| date.parse::<jiff::civil::Date>().ok().map(Into::into))?;
    let zoned = there.to_zoned(jiff::tz::TimeZone::system()).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

impl Session {
    fn import(
        &mut self,
        store: &mut Store,
        settled: Settled,
        texts: Vec<Draft>,
    ) -> Result<Imported, Failure> {
        let Settled { novel: mut found, about, pictures, .. } = settled;
        let title = found.title.take().unwrap_or_default();
        let title = if title.trim().is_empty() { "Untitled" } else { title.trim() };
        let language = found.language.as_deref().and_then(|language| tag(language).ok());
        let language = language.unwrap_or_else(|| LANGUAGE.to_owned());
        let novel = NovelId(self.entropy.id()?);
        self.vault.make_novel_key(novel, &mut self.entropy)?;
        let mut binder = Binder::new(self.entropy.peer()?, title, &language);
        if let Some(author) = &found.author {
            binder.set_author(author);
        }
        let mut batch = Batch::default();
        let mut sealed = HashMap::with_capacity(pictures.len());
        for (name, bytes) in pictures {
            let picture = self.vault.seal_image(novel, &bytes, &mut self.entropy)?.0;
            sealed.insert(name, hash_of(&picture));
            batch.blobs.push(picture);
        }
        let texts = texts.into_iter();
        let mut taking = Taking { novel, binder, batch, sealed, texts, about, scenes: 0 };
        taking.parts(&found.parts)?;
        taking.asides(&found.asides)?;
        let Taking { binder, batch, scenes, .. } = taking;
        self.write_novel(store, novel, binder, batch)?;
        Ok(Imported { novel: self.card(store, novel)?, scenes, notes: found.notes })
    }
}

/// A novel on its way into the binder.
struct Taking {
    novel: NovelId,
    binder: Binder,
    batch: Batch,
    /// What pictures are called here, by the names that texts have for them.
    sealed: HashMap<String, Bytes32>,
    /// As [`texts`] put them in order.
    texts: IntoIter<Draft>,
    about: std::collections::BTreeMap<At, About>,
    scenes: u64,
}

impl Taking {
    fn parts(&mut self, parts: &[Part]) -> Result<(), Failure> {
        for (index, part) in parts.iter().enumerate() {
            let at = At { part: index, ..At::default() };
            let parent = if part.title.is_empty() {
                None
            } else {
                Some(self.add(None, NodeKind::Part, &part.title, None, at)?)
            };
            for (index, chapter) in part.chapters.iter().enumerate() {
                self.chapter(parent, chapter, At { chapter: Some(index), ..at })?;
            }
        }
        Ok(())
    }

    fn chapter(
        &mut self,
        parent: Option<NodeId>,
        chapter: &Chapter,
        at: At,
    ) -> Result<(), Failure> {
        let node = self.add(parent, NodeKind::Chapter, &chapter.title, None, at)?;
        for (index, scene) in chapter.scenes.iter().enumerate() {
            let at = At { scene: Some(index), ..at };
            let document = self.text()?;
            let made = self.add(Some(node), NodeKind::Scene, "", Some(document), at)?;
            self.scenes += 1;
            let said = self.about.get(&at).is_some_and(|about| about.status.is_some());
            if !said && !scene.is_empty() {
                self.binder.set_status(made, Status::Draft)?;
            }
        }
        Ok(())
    }

    /// Texts beside the novel, in their folders.
    fn asides(&mut self, asides: &[Aside]) -> Result<(), Failure> {
        let mut folders: HashMap<&[String], NodeId> = HashMap::new();
        for aside in asides {
            let mut parent = None;
            for depth in 1..=aside.folders.len() {
                let path = aside.folders.get(..depth).unwrap_or_default();
                let folder = match folders.get(path) {
                    Some(folder) => *folder,
                    None => {
                        let title = path.last().map(String::as_str).unwrap_or_default();
                        let new = NewNode { kind: NodeKind::Folder, title, document: None };
                        let made = self.binder.add(parent, usize::MAX, &new)?;
                        folders.insert(path, made);
                        made
                    }
                };
                parent = Some(folder);
            }
            let document = Some(self.text()?);
            let new = NewNode { kind: NodeKind::Note, title: &aside.title, document };
            let made = self.binder.add(parent, usize::MAX, &new)?;
            if !aside.synopsis.is_empty() {
                self.binder.set_synopsis(made, &aside.synopsis)?;
            }
        }
        Ok(())
    }

    /// Adds a part, chapter or scene with what is known of it.
    fn add(
        &mut self,
        parent: Option<NodeId>,
        kind: NodeKind,
        title: &str,
        document: Option<DocumentId>,
        at: At,
    ) -> Result<NodeId, Failure> {
        let nothing = About::default();
        let about = self.about.get(&at).unwrap_or(&nothing);
        let title = if title.is_empty() { about.title.trim() } else { title };
        let made = self.binder.add(parent, usize::MAX, &NewNode { kind, title, document })?;
        if !about.synopsis.is_empty() {
            self.binder.set_synopsis(made, &about.synopsis)?;
        }
        if !about.label.trim().is_empty() {
            self.binder.set_label(made, about.label.trim())?;
        }
        if let Some(status) = about.status {
            self.binder.set_status(made, status)?;
        }
        if about.target.is_some() {
            self.binder.set_target(made, about.target)?;
        }
        if about.excluded {
            self.binder.set_included(made, false)?;
        }
        Ok(made)
    }

    /// The next text as a document with its records.
    fn text(&mut self) -> Result<DocumentId, Failure> {
        let draft = self.texts.next().expect("there is one for each scene and each note");
        let (text, blobs) = match draft {
            Draft::Written(text) => (text, Vec::new()),
            Draft::Pictured(mut passage, comments) => {
                rename(&mut passage.paragraphs, &self.sealed);
                let sealed: Vec<Bytes32> = self.sealed.values().copied().collect();
                let mut shown = shown_in(&passage);
                shown.retain(|hash| sealed.contains(hash));
                (written(&passage, &comments)?, shown)
            }
        };
        let document = DocumentId(OsEntropy.id()?);
        let place = Place { kind: Kind::SceneSnapshot, novel: self.novel, document };
        // A record names so many pictures at most; the same text again names the rest.
        let mut named: Vec<Vec<Bytes32>> = blobs.chunks(limits::BLOBS).map(<[_]>::to_vec).collect();
        if named.is_empty() {
            named.push(Vec::new());
        }
        let records = to_u64(named.len());
        for blobs in named {
            let content = Content::new(place, text.payload.clone());
            self.batch.contents.push(Content { blobs, ..content });
        }
        self.batch.summaries.push((self.novel, document, Summary { records, ..text.summary }));
        Ok(document)
    }
}

/// Gives pictures the names that they have here.
fn rename(paragraphs: &mut [Paragraph], sealed: &HashMap<String, Bytes32>) {
    for piece in paragraphs.iter_mut().flat_map(|paragraph| &mut paragraph.pieces) {
        match piece {
            Piece::Image { hash, .. } => {
                if let Some(here) = sealed.get(hash) {
                    *hash = hex(*here);
                }
            }
            Piece::Footnote { body } => rename(body, sealed),
            Piece::Text { .. } | Piece::Break | Piece::Unknown { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::time_of;

    #[test]
    fn times_are_read_as_files_write_them() {
        assert_eq!(time_of("2024-05-01T12:30:00Z"), Some(1_714_566_600_000));
        assert_eq!(time_of(" 2024-05-01T12:30:00+02:00"), Some(1_714_559_400_000));
        assert!(time_of("2024-05-01T12:30:00").is_some(), "Word writes no zone");
        assert!(time_of("2024-05-01").is_some());
        assert_eq!(time_of("last Tuesday"), None);
        assert_eq!(time_of(""), None);
    }
}
