//! Notes and comments that stand elsewhere in a page than the place that they belong to.
//!
//! While a page is read, their places hold a mark, and their texts are set aside by the name of their element.
//! When all is read, each mark becomes the note. A mark without a text stays what a reader saw, and so does a text
//! without a mark.

use std::collections::HashMap;

use serde_json::{Value, json};
use seshat_manuscript::{Marks, Piece};

use crate::flow::{Block, Flow, Inline, Loss, Remark, push_text};

/// The kind of a mark. It never leaves this module.
const MARK: &str = "note-mark";

/// Whether it is a note of the book or somebody's remark in the margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Note,
    Comment,
}

/// The texts that were set aside.
#[derive(Default)]
pub(in crate::import) struct Notes {
    bodies: HashMap<String, (Sort, Vec<Block>)>,
    order: Vec<String>,
}

impl Notes {
    /// Sets a text aside.
    pub(super) fn put(&mut self, name: String, sort: Sort, mut blocks: Vec<Block>) {
        while matches!(blocks.last(), Some(Block::Paragraph(last)) if last.inline.is_empty()) {
            blocks.pop();
        }
        match self.bodies.get_mut(&name) {
            Some((_, held)) => held.append(&mut blocks),
            None => {
                self.order.push(name.clone());
                self.bodies.insert(name, (sort, blocks));
            }
        }
    }

    /// Puts every text at its place.
    pub(in crate::import) fn resolve(mut self, flow: &mut Flow) {
        if self.order.is_empty() && !flow.blocks.iter().any(has_mark) {
            return;
        }
        let mut blocks = std::mem::take(&mut flow.blocks);
        for block in &mut blocks {
            if let Some(inline) = inline_of(block) {
                self.resolve_line(inline, flow);
            }
        }
        flow.blocks = blocks;
        for name in std::mem::take(&mut self.order) {
            if let Some((sort, blocks)) = self.bodies.remove(&name) {
                self.left_over(sort, blocks, flow);
            }
        }
    }

    fn resolve_line(&mut self, inline: &mut Vec<Inline>, flow: &mut Flow) {
        if !inline.iter().any(is_mark) {
            return;
        }
        for part in std::mem::take(inline) {
            let Some((name, shown)) = mark_of(&part) else {
                inline.push(part);
                continue;
            };
            match self.bodies.remove(name) {
                Some((Sort::Note, body)) => {
                    let body = unmarked(body, flow);
                    // A number of a note is superscript; the space before it is not part of it.
                    inline.push(Inline::Footnote(body));
                }
                Some((Sort::Comment, body)) => {
                    let comment = flow.comments.len();
                    flow.comments.push(Remark { text: text_of(&body), ..Remark::default() });
                    inline.push(Inline::CommentTo(comment));
                }
                None => {
                    push_text(inline, shown, &Marks::default());
                    flow.lost.add(Loss::InnerLink);
                }
            }
        }
    }

    fn left_over(&mut self, sort: Sort, blocks: Vec<Block>, flow: &mut Flow) {
        match sort {
            Sort::Note => {
                let blocks = unmarked(blocks, flow);
                flow.blocks.extend(blocks);
            }
            Sort::Comment => {
                flow.lost.add(Loss::CommentPlace);
                flow.comments.push(Remark { text: text_of(&blocks), ..Remark::default() });
            }
        }
    }
}

/// The mark of a place.
pub(super) fn mark(name: &str, shown: &str) -> Inline {
    Inline::Kept(Piece::Unknown { kept: json!({ "kind": MARK, "name": name, "shown": shown }) })
}

fn mark_of(part: &Inline) -> Option<(&str, &str)> {
    let Inline::Kept(Piece::Unknown { kept }) = part else { return None };
    let field = |name: &str| kept.get(name).and_then(Value::as_str);
    (field("kind") == Some(MARK))
        .then(|| (field("name").unwrap_or(""), field("shown").unwrap_or("")))
}

pub(super) fn is_mark(part: &Inline) -> bool {
    mark_of(part).is_some()
}

fn has_mark(block: &Block) -> bool {
    match block {
        Block::Heading { inline, .. } => inline.iter().any(is_mark),
        Block::Paragraph(paragraph) => paragraph.inline.iter().any(is_mark),
        Block::Break(_) | Block::Item(_) => false,
    }
}

fn inline_of(block: &mut Block) -> Option<&mut Vec<Inline>> {
    match block {
        Block::Heading { inline, .. } => Some(inline),
        Block::Paragraph(paragraph) => Some(&mut paragraph.inline),
        Block::Break(_) | Block::Item(_) => None,
    }
}

/// A note has no notes: their marks are what a reader saw.
fn unmarked(mut blocks: Vec<Block>, flow: &mut Flow) -> Vec<Block> {
    for inline in blocks.iter_mut().filter_map(inline_of) {
        if inline.iter().any(is_mark) {
            for part in std::mem::take(inline) {
                match mark_of(&part) {
                    Some((_, shown)) => {
                        push_text(inline, shown, &Marks::default());
                        flow.lost.add(Loss::InnerLink);
                    }
                    None => inline.push(part),
                }
            }
        }
    }
    blocks
}

fn text_of(blocks: &[Block]) -> String {
    let lines = blocks.iter().filter_map(|block| match block {
        Block::Heading { inline, .. } => Some(inline),
        Block::Paragraph(paragraph) => Some(&paragraph.inline),
        Block::Break(_) | Block::Item(_) => None,
    });
    let line = |inline: &Vec<Inline>| -> String {
        let part = |part: &Inline| match part {
            Inline::Text { text, .. } => text.clone(),
            Inline::Break => "\n".to_owned(),
            _ => String::new(),
        };
        inline.iter().map(part).collect()
    };
    lines.map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}
