//! The whole novel as plain text: for reading anywhere, for searching with other tools, for word counts.
//!
//! Marks are lost, words are not: notes stand behind their chapter, readings in brackets behind their characters.

use std::fmt::Write;

use seshat_manuscript::{Block, Paragraph, Passage, Piece};

use super::ExportNovel;
use crate::novel::Chapter;

/// Between scenes, and for breaks inside them.
const ORNAMENT: &str = "* * *";

/// The text: paragraphs parted by a blank line, `\n` at the end.
pub(super) fn novel(novel: &ExportNovel) -> String {
    let mut blocks = Vec::new();
    push(&mut blocks, &novel.title);
    push(&mut blocks, novel.author.as_deref().unwrap_or_default());
    for part in &novel.parts {
        push(&mut blocks, &part.title);
        for chapter in &part.chapters {
            self::chapter(chapter, &mut blocks);
        }
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn push(blocks: &mut Vec<String>, text: &str) {
    if !text.is_empty() {
        blocks.push(text.to_owned());
    }
}

fn chapter(chapter: &Chapter, blocks: &mut Vec<String>) {
    push(blocks, &chapter.title);
    let mut notes = Vec::new();
    for (index, scene) in chapter.scenes.iter().enumerate() {
        if index > 0 {
            blocks.push(ORNAMENT.to_owned());
        }
        scene_blocks(scene, &mut notes, blocks);
    }
    for (index, body) in notes.iter().enumerate() {
        let mut lines = Vec::new();
        for paragraph in *body {
            lines.push(text(paragraph, &mut Vec::new()));
        }
        blocks.push(format!("[{}] {}", index + 1, lines.join("\n")));
    }
}

fn scene_blocks<'a>(
    scene: &'a Passage,
    notes: &mut Vec<&'a [Paragraph]>,
    blocks: &mut Vec<String>,
) {
    for paragraph in &scene.paragraphs {
        let text = text(paragraph, notes);
        if text.is_empty() && paragraph.block == Block::Break {
            blocks.push(ORNAMENT.to_owned());
        } else {
            push(blocks, &text);
        }
    }
}

fn text<'a>(paragraph: &'a Paragraph, notes: &mut Vec<&'a [Paragraph]>) -> String {
    let mut text = String::new();
    for piece in &paragraph.pieces {
        match piece {
            Piece::Text { text: words, marks } => {
                text.push_str(words);
                if let Some(reading) = &marks.ruby {
                    let _ = write!(text, "（{reading}）");
                }
            }
            Piece::Break => text.push('\n'),
            Piece::Footnote { body } => {
                notes.push(body);
                let _ = write!(text, "[{}]", notes.len());
            }
            Piece::Image { alt, .. } => text.push_str(alt),
            Piece::Unknown { .. } => {}
        }
    }
    text
}
