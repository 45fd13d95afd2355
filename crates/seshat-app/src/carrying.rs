//! A novel's outline as parts and chapters, for whatever takes its texts along.

use std::collections::BTreeMap;

use seshat_interchange::{Chapter, Part};
use seshat_manuscript::{Node, NodeId, NodeKind, Passage};

use crate::Failure;

/// How much of an outline is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    /// What the author wants in an export.
    Included,
    /// All of it.
    Everything,
}

/// Where something stands in the parts that are made of an outline. Positions count from 0; a chapter's over all parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spot {
    pub(crate) part: usize,
    /// None for a part itself.
    pub(crate) chapter: Option<usize>,
    /// In its chapter; none for what has no text.
    pub(crate) scene: Option<usize>,
}

/// The parts of an outline, each text read by `text`, which is told its node and its place ("Chapter 3, scene 2"). Every
/// text is in it, wherever a merge may have left it: what stands in no chapter is a chapter of its own, and what stands
/// below a scene follows it.
pub(crate) fn parts_of(
    outline: &[Node],
    extent: Extent,
    text: &mut dyn FnMut(&Node, &str) -> Result<Passage, Failure>,
) -> Result<Vec<Part>, Failure> {
    Ok(placed(outline, extent, text)?.0)
}

/// As [`parts_of`], with where everything stands in them.
pub(crate) fn placed(
    outline: &[Node],
    extent: Extent,
    text: &mut dyn FnMut(&Node, &str) -> Result<Passage, Failure>,
) -> Result<(Vec<Part>, BTreeMap<NodeId, Spot>), Failure> {
    let mut parts: Vec<Part> = Vec::new();
    let mut chapters = Chapters { extent, count: 0, part: 0, spots: BTreeMap::new(), text };
    for node in outline {
        if !chapters.takes(node) {
            continue;
        }
        if node.kind == NodeKind::Part {
            let mut part = Part { title: node.title.clone(), chapters: Vec::new() };
            chapters.part = parts.len();
            chapters.note(node, None, None);
            for child in &node.children {
                part.chapters.extend(chapters.chapter(child)?);
            }
            parts.push(part);
            continue;
        }
        if parts.last().is_none_or(|part| !part.title.is_empty()) {
            parts.push(Part::default());
        }
        chapters.part = parts.len() - 1;
        if let Some(part) = parts.last_mut() {
            part.chapters.extend(chapters.chapter(node)?);
        }
    }
    Ok((parts, chapters.spots))
}

struct Chapters<'a> {
    extent: Extent,
    count: usize,
    part: usize,
    spots: BTreeMap<NodeId, Spot>,
    text: &'a mut dyn FnMut(&Node, &str) -> Result<Passage, Failure>,
}

impl Chapters<'_> {
    fn takes(&self, node: &Node) -> bool {
        self.extent == Extent::Everything || node.included
    }

    fn note(&mut self, node: &Node, chapter: Option<usize>, scene: Option<usize>) {
        self.spots.insert(node.id, Spot { part: self.part, chapter, scene });
    }

    /// A chapter with all the texts in it, or a scene that stands in none.
    fn chapter(&mut self, node: &Node) -> Result<Option<Chapter>, Failure> {
        if !self.takes(node) {
            return Ok(None);
        }
        self.note(node, Some(self.count), None);
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
            self.note(node, Some(self.count - 1), Some(scenes.len()));
            let place = format!("Chapter {}, scene {}", self.count, scenes.len() + 1);
            scenes.push((self.text)(node, &place)?);
        }
        node.children.iter().try_for_each(|child| self.scenes(child, scenes))
    }
}
