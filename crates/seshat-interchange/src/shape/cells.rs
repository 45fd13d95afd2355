//! Lists and tables as paragraphs: their text stays, their shape does not.

use seshat_manuscript::{Marks, Piece};

use super::prose::{Line, Prose};
use crate::flow::{Inline, Kind};

/// The entry of a list, behind its sign.
pub(super) fn labelled(label: &str, pieces: Vec<Piece>) -> Vec<Piece> {
    if label.is_empty() {
        return pieces;
    }
    let mut all = vec![Piece::plain(format!("{label} "))];
    all.extend(pieces);
    all
}

/// The row of a table that is being read.
#[derive(Default)]
pub(super) struct Row {
    open: Option<(u32, u32)>,
}

impl Row {
    /// Takes the cell of `kind` into `line`, if it continues the row there; else says that the row has ended.
    pub(super) fn goes_on(&self, kind: &Kind) -> bool {
        matches!((kind, self.open), (Kind::Cell { row, .. }, Some((open, _))) if *row == open)
    }

    /// Adds a paragraph of a cell: another column begins with a tab, another paragraph of the same cell with a
    /// line break.
    pub(super) fn add(
        &mut self,
        line: &mut Line,
        kind: &Kind,
        inline: &[Inline],
        prose: &mut Prose<'_>,
    ) {
        let Kind::Cell { row, column } = *kind else { return };
        match self.open {
            Some((open, last)) if open == row && last == column => line.atom(Piece::Break),
            Some((open, last)) if open == row => {
                // Cells that were empty leave their tabs, so that columns can be told.
                let tabs = column.saturating_sub(last).clamp(1, 64);
                for _ in 0..tabs {
                    line.text("\t", &Marks::default());
                }
            }
            _ => {}
        }
        self.open = Some((row, column));
        prose.add(line, inline);
    }

    /// Ends the row.
    pub(super) fn end(&mut self) {
        self.open = None;
    }
}
