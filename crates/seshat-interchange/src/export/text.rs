//! The whole novel as plain text: for reading anywhere, for searching with other tools, for word counts.
//!
//! Marks are lost, words are not: notes stand behind their chapter, readings in brackets behind their characters.

use std::fmt::Write;

use seshat_manuscript::{Block, Paragraph, Passage, Piece};

use super::edition::Edition;
use super::{ExportNovel, Role};
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

/// An edition as text: what stands before and behind the novel as well.
pub(super) fn edition(edition: &Edition<'_>) -> String {
    let mut blocks = Vec::new();
    let separator = match edition.options.separator.trim() {
        "" => "\u{a0}",
        separator => separator,
    };
    for section in &edition.sections {
        if section.role == Role::TitlePage {
            for line in [&edition.title, &edition.options.subtitle, &edition.author] {
                push(&mut blocks, line.trim());
            }
            continue;
        }
        push(&mut blocks, &section.plain_heading());
        self::scenes(&section.scenes, separator, &mut blocks);
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
    scenes(&chapter.scenes, ORNAMENT, blocks);
}

fn scenes(scenes: &[Passage], separator: &str, blocks: &mut Vec<String>) {
    let mut notes = Vec::new();
    for (index, scene) in scenes.iter().enumerate() {
        if index > 0 {
            blocks.push(separator.to_owned());
        }
        scene_blocks(scene, separator, &mut notes, blocks);
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
    separator: &str,
    notes: &mut Vec<&'a [Paragraph]>,
    blocks: &mut Vec<String>,
) {
    for paragraph in &scene.paragraphs {
        let text = text(paragraph, notes);
        if text.is_empty() && paragraph.block == Block::Break {
            blocks.push(separator.to_owned());
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
