//! Collects the paragraphs of the document, of a note, a comment or a text box.

use super::state::Layout;
use crate::flow::{Block, Inline, Marks, push_text};
use crate::import::draft::Run;

/// Paragraphs in the making.
#[derive(Debug, Default)]
pub(super) struct Sink {
    /// Finished ones.
    pub(super) blocks: Vec<Block>,
    /// The one at hand.
    pub(super) inline: Vec<Inline>,
    /// What the last paragraph was part of.
    pub(super) run: Run,
    /// The sign before the paragraph at hand.
    pub(super) label: Option<String>,
    /// Whether a break stood in the paragraph at hand and nothing else yet, which is not worth an empty line.
    pub(super) broken: bool,
    /// Blocks that follow the paragraph at hand: text boxes.
    pub(super) after: Vec<Block>,
    /// The row of the table, counted through the document.
    pub(super) row: u32,
    /// The column in it.
    pub(super) column: u32,
    /// Whether the last paragraph stood in a table.
    pub(super) in_table: bool,
    /// How the paragraph at hand was laid out when its last text came: groups may close before it ends.
    pub(super) layout: Layout,
}

impl Sink {
    /// Adds characters.
    pub(super) fn text(&mut self, text: &str, marks: &Marks) {
        push_text(&mut self.inline, text, marks);
    }

    /// The blocks as lines, for a comment.
    pub(super) fn lines(blocks: &[Block]) -> String {
        let mut lines: Vec<String> = Vec::new();
        for block in blocks {
            let (Block::Heading { inline, .. }
            | Block::Paragraph(crate::flow::Paragraph { inline, .. })) = block
            else {
                continue;
            };
            let mut line = String::new();
            for part in inline {
                match part {
                    Inline::Text { text, .. } => line.push_str(text),
                    Inline::Break => line.push('\n'),
                    _ => {}
                }
            }
            lines.push(line.trim().to_owned());
        }
        lines.join("\n").trim().to_owned()
    }
}
