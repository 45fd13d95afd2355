//! The copy that can be read without Seshat: every novel, with notes, trash and comments, as Markdown.
//!
//! **Invariant:** it always works. What cannot be read is left out and named; what can be read of it otherwise (the last
//! good text) takes its place.

use std::collections::BTreeSet;
use std::path::Path;

use seshat_interchange::export::{
    self, OutlineLine, Readable, ReadableNovel, ReadableText, Remark,
};
use seshat_manuscript::{Comment, Node, NodeKind, Passage};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;

use crate::backup_files::stamp;
use crate::carrying::{Extent, parts_of};
use crate::clock::now_ms;
use crate::scenes::to_u64;
use crate::session::{Session, binder_document};
use crate::{Desk, Failure, NovelLock, PlainReport};

impl Desk {
    /// Writes everything that is open into a new folder, to be read without Seshat and without a password.
    ///
    /// # Errors
    /// When the vault is locked, something is at `path` already, or it cannot be written there.
    pub fn backup_plain(&self, path: &Path) -> Result<PlainReport, Failure> {
        // What cannot be put on the disk now is in memory, and taken from there.
        let _flushed = self.flush().is_ok();
        let mut reading = Reading::default();
        let mut novels = Vec::new();
        for novel in self.with_session(|session, _| Ok(session.vault.novels()))? {
            let read =
                self.with_session(|session, store| session.readable(store, novel, &mut reading))?;
            novels.extend(read);
        }
        let made = stamp(now_ms()).chars().take(10).collect();
        let problems = reading.problems;
        let readable = Readable { made, novels, problems };
        export::readable_folder(&readable, path)
            .map_err(|error| Failure::other(error.to_string()))?;
        Ok(PlainReport {
            path: path.display().to_string(),
            novels: to_u64(readable.novels.len()),
            texts: reading.texts,
            words: reading.words,
            problems: readable.problems,
        })
    }
}

/// What is counted on the way.
#[derive(Default)]
struct Reading {
    texts: u64,
    words: u64,
    problems: Vec<String>,
    /// The texts of this novel that stand somewhere.
    placed: BTreeSet<DocumentId>,
    remarks: Vec<Remark>,
}

impl Session {
    fn readable(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        reading: &mut Reading,
    ) -> Result<Option<ReadableNovel>, Failure> {
        let documents = store.documents_of(novel)?;
        if documents.is_empty() {
            return Ok(None);
        }
        if self.novel_lock(novel) == NovelLock::Locked {
            reading.problems.push(format!(
                "The novel {novel} is closed with a passphrase of its own and is not in this copy; open it, and make another copy."
            ));
            return Ok(None);
        }
        reading.placed.clear();
        let mut readable = ReadableNovel::default();
        match self.binder(store, novel) {
            Err(failure) => reading.problems.push(format!(
                "The outline of the novel {novel} cannot be read ({failure}); its texts are in the folder Found."
            )),
            Ok(open) => {
                let (outline, notes, trash) =
                    (open.binder.outline(), open.binder.notes(), open.binder.trashed());
                readable.novel.title = open.binder.title();
                readable.novel.language = Some(open.binder.language());
                readable.novel.author =
                    Some(open.binder.author()).filter(|author| !author.is_empty());
                let mut lines = Vec::new();
                readable.novel.parts = parts_of(&outline, Extent::Everything, &mut |node, place| {
                    let passage = self.readable_text(store, (novel, node), place, reading);
                    lines.push((node.id, passage.words()));
                    Ok(passage)
                })?;
                outline_lines(&outline, 0, &lines, &mut readable.outline);
                readable.notes = self.loose(store, novel, &notes, reading);
                readable.trash = self.loose(store, novel, &trash, reading);
            }
        }
        for found in documents {
            if found.document != binder_document(novel) && !reading.placed.contains(&found.document)
            {
                let place = format!("Text {}", found.document);
                let text = self.readable_document(store, (novel, found.document), &place, reading);
                readable.found.push(ReadableText { text, ..ReadableText::default() });
            }
        }
        readable.remarks = std::mem::take(&mut reading.remarks);
        Ok(Some(readable))
    }

    /// Texts that stand in no chapter, each with the titles above it.
    fn loose(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        nodes: &[Node],
        reading: &mut Reading,
    ) -> Vec<ReadableText> {
        let mut texts = Vec::new();
        let mut rest: Vec<(Vec<String>, &Node)> =
            nodes.iter().rev().map(|node| (Vec::new(), node)).collect();
        while let Some((folders, node)) = rest.pop() {
            if node.document.is_some() {
                let place = if node.title.is_empty() { "A text" } else { &node.title };
                let text = self.readable_text(store, (novel, node), place, reading);
                let title = node.title.clone();
                texts.push(ReadableText { folders: folders.clone(), title, text });
            }
            let mut inside = folders;
            inside.push(node.title.clone());
            rest.extend(node.children.iter().rev().map(|child| (inside.clone(), child)));
        }
        texts
    }

    fn readable_text(
        &mut self,
        store: &Store,
        (novel, node): (NovelId, &Node),
        place: &str,
        reading: &mut Reading,
    ) -> Passage {
        match node.document {
            None => Passage::default(),
            Some(document) => self.readable_document(store, (novel, document), place, reading),
        }
    }

    /// A text as well as it can be read.
    fn readable_document(
        &mut self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        place: &str,
        reading: &mut Reading,
    ) -> Passage {
        reading.placed.insert(document);
        let (passage, comments) = self.best_text(store, (novel, document), place, reading);
        reading.texts += 1;
        reading.words += to_u64(passage.words());
        reading.remarks.extend(comments.into_iter().map(|comment| Remark {
            place: place.to_owned(),
            quote: comment.quote,
            text: comment.text,
            author: comment.author,
            resolved: comment.resolved,
        }));
        passage
    }

    fn best_text(
        &mut self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        place: &str,
        reading: &mut Reading,
    ) -> (Passage, Vec<Comment>) {
        if let Some(open) = self.scenes.get(&document) {
            return (open.text.passage(), open.text.comments());
        }
        match self.load_scene(store, novel, document) {
            Ok(loaded) => {
                if loaded.left_out > 0 {
                    reading.problems.push(format!(
                        "{place}: {} changes cannot be read; the rest is here.",
                        loaded.left_out
                    ));
                }
                (loaded.text.passage(), loaded.text.comments())
            }
            Err(failure) => {
                let last = self.last_good(store, novel, document).ok().flatten();
                reading.problems.push(match last {
                    Some(_) => {
                        format!("{place}: it does not load; the last good text is here instead.")
                    }
                    None => format!("{place}: it cannot be read at all ({failure})"),
                });
                (last.unwrap_or_default(), Vec::new())
            }
        }
    }
}

fn outline_lines(
    nodes: &[Node],
    depth: usize,
    words: &[(seshat_manuscript::NodeId, usize)],
    lines: &mut Vec<OutlineLine>,
) {
    for node in nodes {
        let counted = words.iter().find(|(id, _)| *id == node.id).map(|(_, words)| *words);
        lines.push(OutlineLine {
            depth,
            kind: node.kind.name().to_owned(),
            title: node.title.clone(),
            words: counted,
            status: match node.kind {
                NodeKind::Scene => node.status.name().to_owned(),
                _ => String::new(),
            },
            label: node.label.clone(),
            synopsis: node.synopsis.clone(),
        });
        outline_lines(&node.children, depth + 1, words, lines);
    }
}
