//! Looking into files before they are imported.
//!
//! **Invariant:** nothing is written: what is looked at stays in memory, and an import brings in exactly that.

use std::path::Path;

use seshat_interchange::import::At;
use seshat_interchange::{Chapter, Part};
use seshat_manuscript::{Paragraph, Passage, Piece};

use crate::importing_reading::Document;
use crate::importing_settling::Settled;
use crate::scenes::to_u64;
use crate::{Desk, Failure, ImportPreview, NodeKind, PreviewNode, ShapingChoice};

/// As much of a scene's first words as tells it from its neighbours, in characters.
const EXCERPT: usize = 60;

impl Desk {
    /// What an import of this folder of chapters, project or file would bring in, cut as the author chose or, without a
    /// choice, as its signs suggest. What was read stays in memory until [`Desk::forget_import`].
    ///
    /// # Errors
    /// When the vault is locked, it cannot be read, or its reading was stopped.
    pub fn preview_import(
        &self,
        path: &Path,
        shaping: Option<&ShapingChoice>,
    ) -> Result<ImportPreview, Failure> {
        let document = self.document(path)?;
        Ok(preview(&document, shaping))
    }
}

fn preview(document: &Document, shaping: Option<&ShapingChoice>) -> ImportPreview {
    let cut = document.cut(shaping);
    let settled = Settled::of(cut.novel);
    let found = &settled.novel;
    let chapters = || found.parts.iter().flat_map(|part| &part.chapters);
    let scenes = || chapters().flat_map(|chapter| &chapter.scenes);
    let nodes: Vec<_> = found.parts.iter().enumerate().flat_map(|it| part(&settled, it)).collect();
    ImportPreview {
        title: found.title.clone().unwrap_or_default(),
        language: found.language.clone(),
        author: found.author.clone(),
        words: nodes.iter().map(|node| node.words).sum(),
        nodes,
        chapters: to_u64(chapters().count()),
        scenes: to_u64(scenes().count()),
        shaping: cut.shaping,
        signs: document.signs(),
        images: to_u64(settled.pictures.len()),
        footnotes: to_u64(scenes().map(|scene| footnotes(&scene.paragraphs)).sum()),
        comments: to_u64(settled.comments()),
        notes: found.notes.clone(),
    }
}

fn footnotes(paragraphs: &[Paragraph]) -> usize {
    let pieces = paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    pieces.filter(|piece| matches!(piece, Piece::Footnote { .. })).count()
}

/// A part with its chapters; the chapters alone where they stand in none.
fn part(settled: &Settled, (index, part): (usize, &Part)) -> Vec<PreviewNode> {
    let at = At { part: index, ..At::default() };
    let chapters = part.chapters.iter().enumerate();
    let chapters = chapters
        .map(|(index, it)| chapter(settled, it, At { chapter: Some(index), ..at }))
        .collect();
    if part.title.is_empty() {
        return chapters;
    }
    vec![holder(NodeKind::Part, &part.title, chapters)]
}

fn chapter(settled: &Settled, chapter: &Chapter, at: At) -> PreviewNode {
    let scenes = chapter.scenes.iter().enumerate();
    let scenes =
        scenes.map(|(index, it)| scene(settled, it, At { scene: Some(index), ..at })).collect();
    holder(NodeKind::Chapter, &chapter.title, scenes)
}

fn holder(kind: NodeKind, title: &str, children: Vec<PreviewNode>) -> PreviewNode {
    let words = children.iter().map(|child| child.words).sum();
    PreviewNode { kind, title: title.to_owned(), excerpt: String::new(), words, children }
}

fn scene(settled: &Settled, text: &Passage, at: At) -> PreviewNode {
    let title = settled.about.get(&at).map(|about| about.title.trim().to_owned());
    PreviewNode {
        kind: NodeKind::Scene,
        title: title.unwrap_or_default(),
        excerpt: text.excerpt(EXCERPT),
        words: to_u64(text.words()),
        children: Vec::new(),
    }
}
