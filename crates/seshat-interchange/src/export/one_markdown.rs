//! The whole book as one file of Pandoc's Markdown: what the book is in a block of YAML, parts and chapters as
//! headings, notes numbered through.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use seshat_manuscript::{Block, Passage, Piece};

use super::Role;
use super::edition::{Edition, Place, Section};
use crate::markdown::{self, LAYOUT};

/// The file's text.
pub(super) fn write(edition: &Edition<'_>) -> String {
    let mut out = String::from("---\n");
    // A JSON string is a YAML string.
    let mut fact = |name: &str, text: &str| {
        if !text.trim().is_empty() {
            let _ = writeln!(out, "{name}: {}", Value::from(text.trim()));
        }
    };
    fact("title", &edition.title);
    fact("subtitle", &edition.options.subtitle);
    fact("author", &edition.author);
    fact("lang", &edition.language);
    fact("rights", &edition.options.rights);
    fact("dir", if edition.is_right_to_left() { "rtl" } else { "" });
    out.push_str("---\n");
    let mut note = 1;
    for section in edition.sections.iter().filter(|section| section.role != Role::TitlePage) {
        let heading = heading(section);
        if !heading.is_empty() {
            let _ = write!(out, "\n{heading}\n");
        }
        let scenes: Vec<Passage> =
            section.scenes.iter().map(|scene| lowered(scene, section.depth)).collect();
        let (text, next) = markdown::write_scenes(&scenes, "* * *", note);
        note = next;
        if !text.is_empty() {
            let _ = write!(out, "\n{text}\n");
        }
    }
    out
}

/// The section's heading: a chapter without one has the signs alone, so that it begins all the same.
fn heading(section: &Section) -> String {
    if section.heading.is_empty() && section.place != Place::Body {
        return String::new();
    }
    let title = seshat_manuscript::Paragraph {
        pieces: section.heading.clone(),
        block: Block::Heading,
        align: None,
    };
    // The title as the Markdown that it is, without the mark that an unmarked text would get for its own signs.
    let plain = title
        .pieces
        .iter()
        .all(|piece| matches!(piece, Piece::Text { marks, .. } if marks.is_plain()));
    let level = section.depth + 1;
    if plain {
        return markdown::heading_line(&section.plain_heading(), level);
    }
    let passage = Passage { paragraphs: vec![title] };
    let (line, _) = markdown::write_scenes(&[passage], "", 1);
    format!("{} {}", "#".repeat(level), line.trim_start_matches('#').trim_start())
}

/// The scene with its headings as many levels lower as its chapter stands.
fn lowered(scene: &Passage, by: usize) -> Passage {
    let mut scene = scene.clone();
    if by == 0 {
        return scene;
    }
    let mut before = 0;
    for paragraph in &mut scene.paragraphs {
        let standing = markdown::standing(paragraph, before);
        before = standing.depth;
        if paragraph.block != Block::Heading {
            continue;
        }
        let is_layout = |piece: &Piece| matches!(piece, Piece::Unknown { kept } if kept.get("kind").is_some_and(|kind| kind == LAYOUT));
        paragraph.pieces.retain(|piece| !is_layout(piece));
        let kept: Map<String, Value> = [
            ("kind".to_owned(), LAYOUT.into()),
            ("quote".to_owned(), standing.depth.into()),
            ("shared".to_owned(), standing.shared.into()),
            ("heading".to_owned(), (standing.level + by).min(6).into()),
        ]
        .into_iter()
        .collect();
        paragraph.pieces.insert(0, Piece::Unknown { kept: Value::Object(kept) });
    }
    scene
}
