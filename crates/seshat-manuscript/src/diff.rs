//! What changed between two texts, word by word: for reading, never for writing.
//!
//! **Invariant:** what is [`DiffKind::Same`] or [`DiffKind::Removed`] is the old text, what is `Same` or
//! [`DiffKind::Added`] is the new one, each complete and in order.

use imara_diff::{Algorithm, Diff, InternedInput, Interner};

use crate::count;
use crate::passage::{Block, Paragraph, Passage, Piece};

/// What became of some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiffKind {
    /// They are in both.
    Same,
    /// Only in the newer text.
    Added,
    /// Only in the older text.
    Removed,
}

/// Words that share their fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffPiece {
    /// What became of them.
    pub kind: DiffKind,
    /// The words with what parts them. A line break is a `\n`, a footnote its text in brackets, a picture what it
    /// shows in brackets, and the end of a paragraph that was joined to the next is [`JOINED`].
    pub text: String,
}

/// Stands where a paragraph ended in the older text and goes on in the newer one.
pub const JOINED: &str = "¶";

/// A paragraph of either text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffParagraph {
    /// What became of it: removed as a whole, added (or split off), or there in both.
    pub kind: DiffKind,
    /// Its kind in the newer text, or in the older one if it was removed.
    pub block: Block,
    /// Its words in order.
    pub pieces: Vec<DiffPiece>,
}

/// What changed between two texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordDiff {
    /// In reading order.
    pub paragraphs: Vec<DiffParagraph>,
    /// Words only in the newer text.
    pub added: usize,
    /// Words only in the older text.
    pub removed: usize,
}

/// A word, what stands between words, an atom, or the beginning of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Token {
    /// Equal whatever the block: changing that is not changing words.
    Paragraph,
    Word(String),
    Other(String),
}

/// A text cut into tokens; the blocks of its paragraphs in order.
#[derive(Default)]
struct Tokens {
    tokens: Vec<Token>,
    blocks: Vec<Block>,
}

/// What changed from `old` to `new`. Formatting is no change.
#[must_use]
pub fn word_diff(old: &Passage, new: &Passage) -> WordDiff {
    let mut builder = Builder::default();
    let flat = |passage: &Passage| passage.paragraphs.iter().map(shown).collect::<Vec<_>>();
    let (old_flat, new_flat) = (flat(old), flat(new));
    let input = {
        let mut input = InternedInput::default();
        input.update_before(old_flat.iter().map(String::as_str));
        input.update_after(new_flat.iter().map(String::as_str));
        input
    };
    // Whole paragraphs first: it is faster, and a moved sentence does not pull distant paragraphs together.
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let (mut old_at, mut new_at) = (0, 0);
    for hunk in diff.hunks() {
        let (before, after) = (places(&hunk.before), places(&hunk.after));
        for at in old_at..before.start {
            builder.same(paragraph(new, new_at + at - old_at));
        }
        let pick = |passage: &Passage, range: std::ops::Range<usize>| {
            tokens(passage.paragraphs.get(range).unwrap_or_default())
        };
        builder.changed(&pick(old, before.clone()), &pick(new, after.clone()));
        (old_at, new_at) = (before.end, after.end);
    }
    for at in new_at..new.paragraphs.len() {
        builder.same(paragraph(new, at));
    }
    builder.diff
}

fn places(range: &std::ops::Range<u32>) -> std::ops::Range<usize> {
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    place(range.start)..place(range.end)
}

fn paragraph(passage: &Passage, at: usize) -> Option<&Paragraph> {
    passage.paragraphs.get(at)
}

/// A piece as the difference shows it; `None` for text.
fn shown_atom(piece: &Piece) -> Option<String> {
    match piece {
        Piece::Text { .. } => None,
        Piece::Break => Some("\n".to_owned()),
        Piece::Footnote { body } => {
            let body: Vec<String> = body.iter().map(Paragraph::plain).collect();
            Some(format!("[{}]", body.join(" ")))
        }
        Piece::Image { alt, .. } => Some(format!("[{alt}]")),
        Piece::Unknown { .. } => Some("[…]".to_owned()),
    }
}

fn shown(paragraph: &Paragraph) -> String {
    let mut shown = String::new();
    for piece in &paragraph.pieces {
        match (piece, shown_atom(piece)) {
            (Piece::Text { text, .. }, _) => shown.push_str(text),
            (_, atom) => shown.push_str(&atom.unwrap_or_default()),
        }
    }
    shown
}

fn tokens(paragraphs: &[Paragraph]) -> Tokens {
    let mut tokens = Tokens::default();
    for paragraph in paragraphs {
        tokens.tokens.push(Token::Paragraph);
        tokens.blocks.push(paragraph.block);
        // Pieces of one word with different marks are one word.
        let mut text = String::new();
        for piece in &paragraph.pieces {
            match (piece, shown_atom(piece)) {
                (Piece::Text { text: more, .. }, _) => text.push_str(more),
                (_, atom) => {
                    push_words(&mut tokens.tokens, &std::mem::take(&mut text));
                    tokens.tokens.extend(atom.map(Token::Other));
                }
            }
        }
        push_words(&mut tokens.tokens, &text);
    }
    tokens
}

fn push_words(tokens: &mut Vec<Token>, text: &str) {
    for (segment, is_word) in count::segments(text) {
        let segment = segment.to_owned();
        tokens.push(if is_word { Token::Word(segment) } else { Token::Other(segment) });
    }
}

#[derive(Default)]
struct Builder {
    diff: WordDiff,
}

impl Builder {
    fn open(&mut self, kind: DiffKind, block: Block) {
        self.diff.paragraphs.push(DiffParagraph { kind, block, pieces: Vec::new() });
    }

    fn push(&mut self, kind: DiffKind, text: &str) {
        let Some(paragraph) = self.diff.paragraphs.last_mut() else { return };
        match paragraph.pieces.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ if text.is_empty() => {}
            _ => paragraph.pieces.push(DiffPiece { kind, text: text.to_owned() }),
        }
    }

    fn same(&mut self, paragraph: Option<&Paragraph>) {
        let Some(paragraph) = paragraph else { return };
        self.open(DiffKind::Same, paragraph.block);
        self.push(DiffKind::Same, &shown(paragraph));
    }

    /// Paragraphs of which at least one side is not the other's.
    fn changed(&mut self, old: &Tokens, new: &Tokens) {
        let interner = Interner::new(old.tokens.len() + new.tokens.len());
        let mut input = InternedInput { before: Vec::new(), after: Vec::new(), interner };
        input.update_before(old.tokens.iter());
        input.update_after(new.tokens.iter());
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_no_heuristic(&input);
        let mut walk = Walk { builder: self, old, new, old_block: 0, new_block: 0 };
        let (mut old_at, mut new_at) = (0, 0);
        for hunk in diff.hunks() {
            let (before, after) = (places(&hunk.before), places(&hunk.after));
            walk.same(new_at..after.start);
            walk.removed(before.clone());
            walk.added(after.clone());
            (old_at, new_at) = (before.end, after.end);
        }
        debug_assert_eq!(old.tokens.len() - old_at, new.tokens.len() - new_at, "the ends are one");
        walk.same(new_at..new.tokens.len());
    }
}

struct Walk<'a> {
    builder: &'a mut Builder,
    old: &'a Tokens,
    new: &'a Tokens,
    old_block: usize,
    new_block: usize,
}

impl Walk<'_> {
    fn same(&mut self, range: std::ops::Range<usize>) {
        for token in self.new.tokens.get(range).unwrap_or_default() {
            if *token == Token::Paragraph {
                self.old_block += 1;
            }
            self.step(token, DiffKind::Same);
        }
    }

    fn added(&mut self, range: std::ops::Range<usize>) {
        for token in self.new.tokens.get(range).unwrap_or_default() {
            self.builder.diff.added += usize::from(matches!(token, Token::Word(_)));
            self.step(token, DiffKind::Added);
        }
    }

    /// A token of the newer text.
    fn step(&mut self, token: &Token, kind: DiffKind) {
        match token {
            Token::Paragraph => {
                let block = self.new.blocks.get(self.new_block).copied().unwrap_or_default();
                self.new_block += 1;
                self.builder.open(kind, block);
            }
            Token::Word(text) | Token::Other(text) => self.builder.push(kind, text),
        }
    }

    fn removed(&mut self, range: std::ops::Range<usize>) {
        let removed = self.old.tokens.get(range.clone()).unwrap_or_default();
        for (offset, token) in removed.iter().enumerate() {
            self.builder.diff.removed += usize::from(matches!(token, Token::Word(_)));
            match token {
                Token::Paragraph => {
                    let block = self.old.blocks.get(self.old_block).copied().unwrap_or_default();
                    self.old_block += 1;
                    if self.is_whole(&range, offset) || self.builder.diff.paragraphs.is_empty() {
                        self.builder.open(DiffKind::Removed, block);
                    } else {
                        self.builder.push(DiffKind::Removed, JOINED);
                    }
                }
                Token::Word(text) | Token::Other(text) => {
                    self.builder.push(DiffKind::Removed, text);
                }
            }
        }
    }

    /// Whether the paragraph that begins at `offset` of the removed `range` was removed as a whole.
    fn is_whole(&self, range: &std::ops::Range<usize>, offset: usize) -> bool {
        let rest = self.old.tokens.get(range.start + offset + 1..).unwrap_or_default();
        let len = rest.iter().position(|token| *token == Token::Paragraph).unwrap_or(rest.len());
        range.start + offset + 1 + len <= range.end
    }
}

/// What leads from `old` to `new`, word by word: ranges of `old` in scalar values and what takes their places.
pub(crate) fn replacements(old: &str, new: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let words = |text| count::segments(text).map(|(segment, _)| segment).collect::<Vec<&str>>();
    let (old, new) = (words(old), words(new));
    let interner = Interner::new(old.len() + new.len());
    let mut input = InternedInput { before: Vec::new(), after: Vec::new(), interner };
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let ends: Vec<usize> = old
        .iter()
        .scan(0, |at, segment| {
            *at += segment.chars().count();
            Some(*at)
        })
        .collect();
    let place = |at: usize| at.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
    diff.hunks()
        .map(|hunk| {
            let (before, after) = (places(&hunk.before), places(&hunk.after));
            let inserted = new.get(after).unwrap_or_default().concat();
            (place(before.start)..place(before.end), inserted)
        })
        .collect()
}
