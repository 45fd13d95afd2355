//! Looking into files before they are imported.
//!
//! **Invariant:** nothing is written: what is looked at is forgotten, and an import reads the files again.

use std::path::Path;

use seshat_interchange::import::{self, ImportedNovel};
use seshat_interchange::{Chapter, Part};
use seshat_manuscript::Passage;

use crate::scenes::to_u64;
use crate::{Desk, Failure, ImportPreview, NodeKind, PreviewNode};

/// As much of a scene's first words as tells it from its neighbours, in characters.
const EXCERPT: usize = 60;

impl Desk {
    /// What an import of this folder of chapters, or this file, would bring in.
    ///
    /// # Errors
    /// When the vault is locked, or it cannot be read as text.
    pub fn preview_import(&self, path: &Path) -> Result<ImportPreview, Failure> {
        // Files are looked into for whoever has opened the vault, and for nobody else at this laptop.
        self.with_session(|_, _| Ok(()))?;
        Ok(preview(found_at(path)?))
    }
}

/// The novel in this folder or file.
///
/// # Errors
/// When it cannot be read as text.
pub(crate) fn found_at(path: &Path) -> Result<ImportedNovel, Failure> {
    let found = if path.is_dir() { import::folder(path) } else { import::file(path) };
    found.map_err(|error| Failure::other(error.to_string()))
}

fn preview(found: ImportedNovel) -> ImportPreview {
    let chapters = || found.parts.iter().flat_map(|part| &part.chapters);
    let scenes = to_u64(chapters().map(|chapter| chapter.scenes.len()).sum());
    let count = to_u64(chapters().count());
    let nodes: Vec<_> = found.parts.iter().flat_map(part).collect();
    ImportPreview {
        title: found.title.unwrap_or_default(),
        language: found.language,
        author: found.author,
        words: nodes.iter().map(|node| node.words).sum(),
        nodes,
        chapters: count,
        scenes,
        notes: found.notes,
    }
}

/// A part with its chapters; the chapters alone where they stand in none.
fn part(part: &Part) -> Vec<PreviewNode> {
    let chapters = part.chapters.iter().map(chapter).collect();
    if part.title.is_empty() {
        return chapters;
    }
    vec![holder(NodeKind::Part, &part.title, chapters)]
}

fn chapter(chapter: &Chapter) -> PreviewNode {
    holder(NodeKind::Chapter, &chapter.title, chapter.scenes.iter().map(scene).collect())
}

fn holder(kind: NodeKind, title: &str, children: Vec<PreviewNode>) -> PreviewNode {
    let words = children.iter().map(|child| child.words).sum();
    PreviewNode { kind, title: title.to_owned(), excerpt: String::new(), words, children }
}

fn scene(text: &Passage) -> PreviewNode {
    PreviewNode {
        kind: NodeKind::Scene,
        title: String::new(),
        excerpt: text.excerpt(EXCERPT),
        words: to_u64(text.words()),
        children: Vec::new(),
    }
}
