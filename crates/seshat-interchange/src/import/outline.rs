//! Markdown as a flow, so that its headings can be shaped as those of any other file.
//!
//! **Invariant:** shaped with [`Shaping::markdown`](crate::shape::Shaping::markdown), the flow gives exactly the
//! chapters that [`markdown::parse_chapters`] gives.

use seshat_manuscript::{Block as Kept, Paragraph as Plain, Passage, Piece};

use crate::flow::{Block, Break, Flow, Inline, Kind, Paragraph};
use crate::markdown;

/// The level of a sub-heading whose atom says no other.
const USUAL_LEVEL: u8 = 2;

/// Reads a text.
pub(super) fn read(text: &str) -> Flow {
    let mut flow = Flow { exact: true, ..Flow::default() };
    for (index, chapter) in markdown::parse_chapters(text).into_iter().enumerate() {
        // Only the first may stand without a heading, if something else says that it is there.
        let told = chapter.scenes.len() > 1 || chapter.scenes.iter().any(|scene| !is_bare(scene));
        if index > 0 || !chapter.title.is_empty() || !told {
            let inline = match chapter.title.is_empty() {
                true => Vec::new(),
                false => vec![text_of(chapter.title)],
            };
            flow.heading(1, inline);
        }
        for (index, scene) in chapter.scenes.into_iter().enumerate() {
            if index > 0 {
                flow.blocks.push(Block::Break(Break::Scene));
            }
            if !is_bare(&scene) {
                flow.blocks.extend(scene.paragraphs.into_iter().map(block));
            }
        }
    }
    flow
}

/// Whether there is nothing in it, which is one empty paragraph.
fn is_bare(scene: &Passage) -> bool {
    scene.paragraphs.len() <= 1 && scene.paragraphs.iter().all(|only| *only == Plain::default())
}

fn text_of(text: String) -> Inline {
    Inline::Text { text, marks: seshat_manuscript::Marks::default() }
}

fn block(paragraph: Plain) -> Block {
    let Plain { block, align, pieces } = paragraph;
    // A heading of the first level inside a scene stands in a quotation.
    if block == Kept::Heading && align.is_none() && !is_quoted(&pieces) {
        return Block::Heading { level: level(&pieces), inline: inline(pieces) };
    }
    let kind = match block {
        Kept::Body => Kind::Normal,
        // A heading that is aligned or quoted is none that shaping may take.
        Kept::Heading => Kind::Subtitle,
        Kept::Quote => Kind::Quote,
        Kept::Verse => Kind::Verse,
        Kept::Letter => Kind::Letter,
        Kept::Break => Kind::InnerBreak,
    };
    Block::Paragraph(Paragraph { kind, align, inline: inline(pieces) })
}

/// The level of a sub-heading, which its atom says where it is not the usual one.
fn level(pieces: &[Piece]) -> u8 {
    let said = match pieces.first() {
        Some(Piece::Unknown { kept }) => kept.get("heading").and_then(serde_json::Value::as_u64),
        _ => None,
    };
    said.and_then(|level| u8::try_from(level).ok()).unwrap_or(USUAL_LEVEL)
}

fn is_quoted(pieces: &[Piece]) -> bool {
    let quoted =
        matches!(pieces.first(), Some(Piece::Unknown { kept }) if kept.get("quote").is_some());
    quoted || level(pieces) == 1
}

fn inline(pieces: Vec<Piece>) -> Vec<Inline> {
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Text { text, marks } => Inline::Text { text, marks },
            Piece::Break => Inline::Break,
            Piece::Footnote { body } => Inline::Footnote(body.into_iter().map(block).collect()),
            kept @ (Piece::Image { .. } | Piece::Unknown { .. }) => Inline::Kept(kept),
        })
        .collect()
}
