//! Novels out: an export appears whole or not at all.

use std::path::Path;

use seshat_interchange::{Chapter, ExportNovel, Part, export};
use seshat_manuscript::{Node, NodeKind, Passage};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;

use crate::scenes::{novel_id, to_u64};
use crate::session::Session;
use crate::{Desk, ExportFormat, Failure};

/// What an export wrote.
pub struct Exported {
    /// Where it is.
    pub path: String,
    /// Words in the novel.
    pub words: u64,
    /// Chapters in it.
    pub chapters: u64,
}

impl Desk {
    /// Writes a novel out in the clear, to where the author asked.
    ///
    /// # Errors
    /// When there is no such novel, something is at `path` already, or it cannot be written there.
    pub fn export(
        &self,
        novel: &str,
        format: ExportFormat,
        path: &Path,
    ) -> Result<Exported, Failure> {
        let id = novel_id(novel)?;
        let (whole, images) = self.with_session(|session, store| {
            let whole = session.whole(store, id)?;
            let images = session.images_for(store, id, &whole)?;
            Ok((whole, images))
        })?;
        let written = match format {
            ExportFormat::Md => export::markdown_folder_with_images(&whole, &images, path),
            ExportFormat::Txt => export::text_file(&whole, path),
        };
        written.map_err(|error| Failure::other(error.to_string()))?;
        let chapters = whole.parts.iter().flat_map(|part| &part.chapters);
        let words = chapters.clone().flat_map(|chapter| &chapter.scenes).map(Passage::words).sum();
        Ok(Exported {
            path: path.display().to_string(),
            words: to_u64(words),
            chapters: to_u64(chapters.count()),
        })
    }
}

impl Session {
    /// A novel as plain data, without what is not to be exported.
    pub(crate) fn whole(
        &mut self,
        store: &mut Store,
        novel: NovelId,
    ) -> Result<ExportNovel, Failure> {
        let open = self.binder(store, novel)?;
        let (title, language) = (open.binder.title(), open.binder.language());
        let author = Some(open.binder.author()).filter(|author| !author.is_empty());
        let outline = open.binder.outline();
        let parts = parts_of(&outline, Extent::Included, &mut |node, _| match node.document {
            Some(document) => self.passage(store, novel, document),
            None => Ok(Passage::default()),
        })?;
        let language = Some(language);
        Ok(ExportNovel { title, language, author, parts, ..ExportNovel::default() })
    }

    /// A scene's text as it stands: in memory if it is open, else from its records.
    pub(crate) fn passage(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Passage, Failure> {
        if let Some(open) = self.scenes.get(&document) {
            return Ok(open.text.passage());
        }
        Ok(self.load_scene(store, novel, document)?.text.passage())
    }
}

/// How much of an outline is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    /// What the author wants in an export.
    Included,
    /// All of it.
    Everything,
}

/// The parts of an outline, each text read by `text`, which is told its node and its place ("Chapter 3, scene 2"). Every
/// text is in it, wherever a merge may have left it: what stands in no chapter is a chapter of its own, and what stands
/// below a scene follows it.
pub(crate) fn parts_of(
    outline: &[Node],
    extent: Extent,
    text: &mut dyn FnMut(&Node, &str) -> Result<Passage, Failure>,
) -> Result<Vec<Part>, Failure> {
    let mut parts: Vec<Part> = Vec::new();
    let mut chapters = Chapters { extent, count: 0, text };
    for node in outline {
        if !chapters.takes(node) {
            continue;
        }
        if node.kind == NodeKind::Part {
            let mut part = Part { title: node.title.clone(), chapters: Vec::new() };
            for child in &node.children {
                part.chapters.extend(chapters.chapter(child)?);
            }
            parts.push(part);
            continue;
        }
        if parts.last().is_none_or(|part| !part.title.is_empty()) {
            parts.push(Part::default());
        }
        if let Some(part) = parts.last_mut() {
            part.chapters.extend(chapters.chapter(node)?);
        }
    }
    Ok(parts)
}

struct Chapters<'a> {
    extent: Extent,
    count: usize,
    text: &'a mut dyn FnMut(&Node, &str) -> Result<Passage, Failure>,
}

impl Chapters<'_> {
    fn takes(&self, node: &Node) -> bool {
        self.extent == Extent::Everything || node.included
    }

    /// A chapter with all the texts in it, or a scene that stands in none.
    fn chapter(&mut self, node: &Node) -> Result<Option<Chapter>, Failure> {
        if !self.takes(node) {
            return Ok(None);
        }
        self.count += 1;
        let mut chapter = Chapter { title: node.title.clone(), scenes: Vec::new() };
        self.scenes(node, &mut chapter.scenes)?;
        Ok(Some(chapter))
    }

    fn scenes(&mut self, node: &Node, scenes: &mut Vec<Passage>) -> Result<(), Failure> {
        if !self.takes(node) {
            return Ok(());
        }
        if node.document.is_some() {
            let place = format!("Chapter {}, scene {}", self.count, scenes.len() + 1);
            scenes.push((self.text)(node, &place)?);
        }
        node.children.iter().try_for_each(|child| self.scenes(child, scenes))
    }
}
