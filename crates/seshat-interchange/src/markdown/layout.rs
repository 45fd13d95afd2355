//! What a flat scene cannot say about nested quotations and levels of headings: an atom before the paragraph's
//! text says it, and only where it is not the usual value, so that an ordinary quotation has none.

use serde_json::{Map, Value};
use seshat_manuscript::{Block, Paragraph, Piece};

use super::LAYOUT;
use super::lines::MAX_QUOTE_DEPTH;

/// The level of a sub-heading that says no other.
const USUAL_LEVEL: usize = 2;

/// Where a paragraph stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    /// How many quotations it stands in.
    pub(super) depth: usize,
    /// How many of them the paragraph before stands in, too.
    pub(super) shared: usize,
    /// The level of a heading, 1 to 6.
    pub(super) level: usize,
}

impl Layout {
    /// Where a paragraph of this kind usually stands behind one that stands in `before` quotations: a quotation
    /// goes on, other paragraphs end it, and an ornament without text belongs to what is before it.
    pub(super) fn usual(block: Block, ornament: bool, before: usize) -> Self {
        let depth = match block {
            Block::Quote => before.max(1),
            Block::Break if ornament => before,
            Block::Body | Block::Heading | Block::Verse | Block::Letter | Block::Break => 0,
        };
        Self { depth, shared: before.min(depth), level: USUAL_LEVEL }
    }

    /// The atom that says so; `None` when the paragraph stands where it usually does.
    pub(super) fn atom(self, usual: Self, before: usize) -> Option<Piece> {
        let mut kept = Map::new();
        if self.depth != usual.depth {
            kept.insert("quote".to_owned(), self.depth.into());
        }
        if self.shared != before.min(self.depth) {
            kept.insert("shared".to_owned(), self.shared.into());
        }
        if self.level != usual.level {
            kept.insert("heading".to_owned(), self.level.into());
        }
        if kept.is_empty() {
            return None;
        }
        kept.insert("kind".to_owned(), LAYOUT.into());
        Some(Piece::Unknown { kept: Value::Object(kept) })
    }

    /// Where `paragraph` stands. What its atom says is brought into the possible range: anybody may have
    /// edited around it.
    pub(super) fn of(paragraph: &Paragraph, before: usize) -> Self {
        let block = paragraph.block;
        let ornament = is_ornament(paragraph);
        let usual = Self::usual(block, ornament, before);
        let Some(atom) = paragraph.pieces.first().filter(|piece| is_layout(piece)) else {
            return usual;
        };
        let number = |key: &str| {
            let Piece::Unknown { kept } = atom else { return None };
            kept.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
        };
        let quoted = matches!(block, Block::Quote | Block::Heading) || ornament;
        let depth = match number("quote").filter(|_| quoted) {
            Some(depth) => depth.clamp(usize::from(block == Block::Quote), MAX_QUOTE_DEPTH),
            None => usual.depth,
        };
        let most = before.min(depth);
        Self {
            depth,
            shared: number("shared").map_or(most, |shared| shared.min(most)),
            level: number("heading").map_or(usual.level, |level| level.clamp(1, 6)),
        }
    }
}

/// Whether a piece is an atom of this module. The writer shows none of them, wherever editing has left them.
pub(super) fn is_layout(piece: &Piece) -> bool {
    matches!(piece, Piece::Unknown { kept } if kept.get("kind").is_some_and(|kind| kind == LAYOUT))
}

/// Whether a paragraph is a break without text and alignment of its own.
pub(super) fn is_ornament(paragraph: &Paragraph) -> bool {
    paragraph.block == Block::Break
        && paragraph.align.is_none()
        && paragraph.pieces.iter().all(is_layout)
}
