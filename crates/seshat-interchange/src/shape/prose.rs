//! From runs of a flow to pieces of a passage, and to titles.

use seshat_manuscript::{ATOM, Block, Marks, Paragraph, Piece};

use super::cells;
use crate::flow::{self, Flow, Inline, Kind};
use crate::import::{ImportedImage, hash_of};

/// Where a comment begins or ends in a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The comment's position in the flow.
    pub(super) comment: usize,
    pub(super) side: Side,
    /// The paragraph in the scene.
    pub(super) paragraph: usize,
    /// Characters of the paragraph's flat text before it.
    pub(super) offset: usize,
}

/// Which end of a comment's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    From,
    To,
}

/// Turns what a flow holds into what scenes hold.
pub(super) struct Prose<'a> {
    flow: &'a Flow,
    /// The images that were named so far, by position in the flow; named when first met.
    hashes: Vec<Option<String>>,
}

/// A paragraph and the edges of comments in it.
#[derive(Default)]
pub(super) struct Line {
    pub(super) pieces: Vec<Piece>,
    pub(super) edges: Vec<(usize, Side, usize)>,
    length: usize,
}

impl<'a> Prose<'a> {
    pub(super) fn new(flow: &'a Flow) -> Self {
        Self { flow, hashes: vec![None; flow.images.len()] }
    }

    /// Adds `inline` to the end of `line`.
    pub(super) fn add(&mut self, line: &mut Line, inline: &[Inline]) {
        for part in inline {
            match part {
                Inline::Text { text, marks } => line.text(text, marks),
                Inline::Break => line.atom(Piece::Break),
                Inline::Footnote(body) => {
                    let body = self.note(body);
                    line.atom(Piece::Footnote { body });
                }
                Inline::Image { image, alt, width } => match self.hash(*image) {
                    Some(hash) => {
                        line.atom(Piece::Image { hash, alt: alt.clone(), width: *width });
                    }
                    None => line.text(alt, &Marks::default()),
                },
                Inline::CommentFrom(comment) => {
                    line.edges.push((*comment, Side::From, line.length))
                }
                Inline::CommentTo(comment) => line.edges.push((*comment, Side::To, line.length)),
                Inline::Kept(piece) => line.atom(piece.clone()),
            }
        }
    }

    /// Only the pieces.
    pub(super) fn pieces(&mut self, inline: &[Inline]) -> Vec<Piece> {
        let mut line = Line::default();
        self.add(&mut line, inline);
        line.pieces
    }

    /// The paragraphs of a note, of an item's notes: blocks that stand beside the text. Notes in them follow them,
    /// because a note has none of its own.
    pub(super) fn note(&mut self, blocks: &[flow::Block]) -> Vec<Paragraph> {
        let mut paragraphs = Vec::new();
        // A worklist and no recursion: the depth is the file's choice.
        let mut waiting: Vec<&flow::Block> = blocks.iter().rev().collect();
        while let Some(block) = waiting.pop() {
            let (kind, align, inline) = match block {
                flow::Block::Heading { inline, .. } => (Block::Heading, None, inline),
                flow::Block::Paragraph(paragraph) => {
                    (block_of(&paragraph.kind), paragraph.align, &paragraph.inline)
                }
                flow::Block::Break(_) => {
                    paragraphs.push(Paragraph::new(Block::Break, ""));
                    continue;
                }
                flow::Block::Item(item) => {
                    paragraphs.push(Paragraph::new(Block::Heading, &item.title));
                    continue;
                }
            };
            let mut own = Vec::with_capacity(inline.len());
            let mut inner = Vec::new();
            for part in inline {
                match part {
                    Inline::Footnote(body) => inner.extend(body),
                    other => own.push(other.clone()),
                }
            }
            waiting.extend(inner.into_iter().rev());
            let mut pieces = self.pieces(&own);
            if let flow::Block::Paragraph(flow::Paragraph {
                kind: Kind::Item { label, .. }, ..
            }) = block
            {
                pieces = cells::labelled(label, pieces);
            }
            paragraphs.push(Paragraph { block: kind, align, pieces });
        }
        while !self.flow.exact && paragraphs.len() > 1 && paragraphs.last().is_some_and(is_blank) {
            paragraphs.pop();
        }
        if paragraphs.is_empty() {
            paragraphs.push(Paragraph::default());
        }
        paragraphs
    }

    /// The name of an image by its bytes.
    fn hash(&mut self, image: usize) -> Option<String> {
        let bytes = &self.flow.images.get(image)?.bytes;
        let held = self.hashes.get_mut(image)?;
        Some(held.get_or_insert_with(|| hash_of(bytes)).clone())
    }

    /// The images that were named.
    pub(super) fn images(self) -> Vec<ImportedImage> {
        let named = self.hashes.into_iter().zip(&self.flow.images);
        named
            .filter_map(|(hash, picture)| hash.map(|hash| ImportedImage::of(hash, picture.clone())))
            .collect()
    }
}

impl Line {
    pub(super) fn text(&mut self, text: &str, marks: &Marks) {
        let text: String = text.chars().filter(|&c| c != ATOM && c != '\n' && c != '\r').collect();
        if text.is_empty() {
            return;
        }
        self.length += text.chars().count();
        match self.pieces.last_mut() {
            Some(Piece::Text { text: last, marks: same }) if same == marks => last.push_str(&text),
            _ => self.pieces.push(Piece::Text { text, marks: marks.clone() }),
        }
    }

    pub(super) fn atom(&mut self, piece: Piece) {
        self.length += 1;
        self.pieces.push(piece);
    }
}

/// Whether a paragraph has nothing to read.
fn is_blank(paragraph: &Paragraph) -> bool {
    paragraph.block == Block::Body
        && paragraph.pieces.iter().all(|piece| match piece {
            Piece::Text { text, .. } => text.trim().is_empty(),
            Piece::Break => true,
            Piece::Footnote { .. } | Piece::Image { .. } | Piece::Unknown { .. } => false,
        })
}

/// The block that a paragraph of that kind becomes.
pub(super) fn block_of(kind: &Kind) -> Block {
    match kind {
        Kind::Normal | Kind::Item { .. } | Kind::Cell { .. } | Kind::Code => Block::Body,
        Kind::Quote => Block::Quote,
        Kind::Verse => Block::Verse,
        Kind::Letter => Block::Letter,
        Kind::Title | Kind::Subtitle => Block::Heading,
        Kind::Ornament | Kind::InnerBreak => Block::Break,
    }
}

/// The characters of a heading or of a line that may be one: breaks are spaces, notes and images are left out.
pub(super) fn plain(inline: &[Inline]) -> String {
    let mut plain = String::new();
    for part in inline {
        match part {
            Inline::Text { text, .. } => plain.push_str(text),
            Inline::Break => plain.push(' '),
            Inline::Footnote(_)
            | Inline::Image { .. }
            | Inline::CommentFrom(_)
            | Inline::CommentTo(_)
            | Inline::Kept(_) => {}
        }
    }
    plain
}

/// The characters of a paragraph that is short enough for a sign, and of a kind that may be one.
pub(super) fn line_of(paragraph: &flow::Paragraph) -> Option<String> {
    let plain = matches!(paragraph.kind, Kind::Normal | Kind::Ornament | Kind::Subtitle);
    if !plain || paragraph.inline.len() > 16 {
        return None;
    }
    let text = self::plain(&paragraph.inline);
    text.trim().chars().nth(100).is_none().then_some(text)
}

/// Whether a paragraph is ordinary prose without a line break in it.
pub(super) fn is_one_line(paragraph: &flow::Paragraph) -> bool {
    let broken = paragraph.inline.iter().any(|part| matches!(part, Inline::Break));
    paragraph.kind == Kind::Normal && !broken
}

/// A title on one line. Marks that only some of its words have stay as Markdown, as titles keep them everywhere;
/// marks of the whole are its looks and no emphasis.
pub(super) fn title(inline: &[Inline], exact: bool) -> String {
    let marked = |part: &Inline| matches!(part, Inline::Text { marks, .. } if !marks.is_plain());
    if exact && !inline.iter().any(marked) {
        return plain(inline);
    }
    let runs = || {
        inline.iter().filter_map(|part| match part {
            Inline::Text { text, marks } if !text.trim().is_empty() => Some(marks),
            _ => None,
        })
    };
    let all = |mark: fn(&Marks) -> bool| !exact && runs().all(mark);
    let (slanted, strong) = (all(|marks| marks.emphasis), all(|marks| marks.strong));
    let mut title = String::new();
    for part in inline {
        match part {
            Inline::Text { text, marks } => {
                let sign = match (marks.emphasis && !slanted, marks.strong && !strong) {
                    (true, true) => "***",
                    (true, false) => "*",
                    (false, true) => "**",
                    (false, false) => "",
                };
                push_signed(&mut title, text, sign);
            }
            Inline::Break => title.push(' '),
            _ => {}
        }
    }
    title.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Signs stand at the words and not at the spaces around them.
fn push_signed(title: &mut String, text: &str, sign: &str) {
    let words = text.trim();
    if sign.is_empty() || words.is_empty() {
        title.push_str(text);
        return;
    }
    let start = text.len() - text.trim_start().len();
    title.push_str(text.get(..start).unwrap_or_default());
    title.push_str(sign);
    title.push_str(words);
    title.push_str(sign);
    title.push_str(text.get(start + words.len()..).unwrap_or_default());
}

/// What a title cannot hold: notes, images, edges of comments.
pub(super) fn left_over(inline: &[Inline]) -> Vec<Inline> {
    inline
        .iter()
        .filter(|part| match part {
            Inline::Footnote(_)
            | Inline::Image { .. }
            | Inline::CommentFrom(_)
            | Inline::CommentTo(_) => true,
            Inline::Text { .. } | Inline::Break | Inline::Kept(_) => false,
        })
        .cloned()
        .collect()
}
