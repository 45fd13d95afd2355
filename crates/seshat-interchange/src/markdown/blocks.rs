//! Reads a chapter line by line into blocks, and blocks into scenes.

use std::collections::HashSet;
use std::collections::hash_map::Entry;

use seshat_manuscript::{Block, Marks, Paragraph, Passage, Piece};

use super::inline::{self, Labels};
use super::layout::Layout;
use super::scan::{Found, Kind, scan};
use super::{KEPT, lines};
use crate::novel::Chapter;

/// Reads a text as one chapter.
pub(super) fn chapter(markdown: &str) -> Chapter {
    let mut first = true;
    let chapters = read(markdown, |_| std::mem::take(&mut first));
    chapters.into_iter().next().unwrap_or_default()
}

/// Reads a text as the chapters that its titles begin.
pub(super) fn chapters(markdown: &str) -> Vec<Chapter> {
    read(markdown, Found::is_title)
}

/// Reads chapters. `begins` is asked of the blocks that may begin one, in order; the text's first block always
/// belongs to the first chapter.
fn read(markdown: &str, mut begins: impl FnMut(&Found) -> bool) -> Vec<Chapter> {
    let text = markdown.strip_prefix('\u{feff}').unwrap_or(markdown);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let found = scan(&text);
    let mut labels = Labels { definitions: definitions(&found.blocks), ..Labels::default() };
    let spare = take_notes(&mut labels, found.notes);

    let mut chapters: Vec<Chapter> = Vec::new();
    for (index, block) in found.blocks.into_iter().enumerate() {
        if begins(&block) && block.is_title() {
            let title = block.title();
            chapters.push(Chapter { title, scenes: vec![Passage::default()] });
            continue;
        }
        if index == 0 {
            chapters.push(Chapter { title: String::new(), scenes: vec![Passage::default()] });
        }
        let Some(chapter) = chapters.last_mut() else { continue };
        if block.parts_scenes() {
            chapter.scenes.push(Passage::default());
        } else if let Some(scene) = chapter.scenes.last_mut() {
            scene.paragraphs.push(paragraph(block, &mut labels));
        }
    }
    if chapters.is_empty() {
        chapters.push(Chapter { title: String::new(), scenes: vec![Passage::default()] });
    }
    let last = chapters.last_mut().and_then(|chapter| chapter.scenes.last_mut());
    if let Some(scene) = last {
        scene.paragraphs.extend(left_over(labels, spare, &found.labels));
    }
    for chapter in &mut chapters {
        let scenes = std::mem::take(&mut chapter.scenes);
        chapter.scenes = scenes.into_iter().map(Passage::normalized).collect();
    }
    chapters
}

fn definitions(blocks: &[Found]) -> HashSet<String> {
    blocks
        .iter()
        .filter_map(|block| match &block.kind {
            Kind::Kept(kept) => Some(kept.iter().filter_map(|line| lines::definition(line))),
            Kind::Prose(_) | Kind::Heading(..) | Kind::Break => None,
        })
        .flatten()
        .map(str::to_owned)
        .collect()
}

/// A footnote whose label was taken already.
type Spare = (String, Vec<Paragraph>);

/// Reads the bodies of the notes; returns those whose label is a second time there.
fn take_notes(labels: &mut Labels, notes: Vec<(String, Vec<Found>)>) -> Vec<Spare> {
    let mut spare = Vec::new();
    labels.inside_note = true;
    for (label, blocks) in notes {
        let body = blocks.into_iter().map(|block| paragraph(block, labels)).collect();
        match labels.notes.entry(label) {
            Entry::Occupied(taken) => spare.push((taken.key().clone(), body)),
            Entry::Vacant(free) => {
                free.insert(body);
            }
        }
    }
    labels.inside_note = false;
    spare
}

/// Notes that nothing refers to become paragraphs that show their label: no word is lost.
fn left_over(mut labels: Labels, spare: Vec<Spare>, order: &[String]) -> Vec<Paragraph> {
    let unused = order
        .iter()
        .filter_map(|label| labels.notes.remove(label).map(|body| (label.clone(), body)))
        .collect::<Vec<_>>();
    let mut paragraphs = Vec::new();
    for (label, mut body) in unused.into_iter().chain(spare) {
        let label = Piece::plain(format!("[^{label}]: "));
        match body.first_mut().filter(|first| first.block == Block::Body && !is_kept(first)) {
            Some(first) => first.pieces.insert(0, label),
            None => body.insert(0, Paragraph { pieces: vec![label], ..Paragraph::default() }),
        }
        paragraphs.append(&mut body);
    }
    paragraphs
}

/// Whether the paragraph begins with what is kept as written: as a list it would end behind a label.
fn is_kept(paragraph: &Paragraph) -> bool {
    let first = paragraph.pieces.first();
    matches!(first, Some(Piece::Text { marks, .. }) if marks.language.as_deref() == Some(KEPT))
}

fn paragraph(found: Found, labels: &mut Labels) -> Paragraph {
    let block = match &found.kind {
        Kind::Heading(..) => Block::Heading,
        Kind::Break => Block::Break,
        Kind::Prose(_) | Kind::Kept(_) if found.depth > 0 => Block::Quote,
        Kind::Prose(_) | Kind::Kept(_) => found.division.block.unwrap_or_default(),
    };
    let ornament = matches!(found.kind, Kind::Break) && found.division.align.is_none();
    let usual = Layout::usual(block, ornament, found.before);
    let divided = found.division.block == Some(Block::Break) && block == Block::Break;
    let (depth, shared) = if divided { (0, 0) } else { (found.depth, found.shared) };
    let mut layout = Layout { depth, shared, level: usual.level };
    let mut pieces = match found.kind {
        Kind::Prose(text) => inline::pieces(&text, labels),
        Kind::Heading(level, text) => {
            layout.level = level;
            inline::pieces(&text, labels)
        }
        Kind::Kept(lines) => kept(&lines),
        Kind::Break => Vec::new(),
    };
    if let Some(atom) = layout.atom(usual, found.before) {
        pieces.insert(0, atom);
    }
    Paragraph { block, align: found.division.align, pieces }
}

/// Lines that are kept as they are written.
fn kept(lines: &[String]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(lines.len() * 2);
    let marks = Marks { language: Some(KEPT.to_owned()), ..Marks::default() };
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::Break);
        }
        pieces.push(Piece::Text { text: line.clone(), marks: marks.clone() });
    }
    pieces
}
