//! What is said of a place where something was found.

use std::ops::Range;

use crate::prepared::{Spot, shown};

/// Characters shown on each side of what was found.
const AROUND: usize = 40;

/// One place where the text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The footnote that it is in, counted from 0 in reading order; `None` in the scene's own text.
    pub note: Option<usize>,
    /// Index of the paragraph in the passage, or in the footnote's body.
    pub paragraph: usize,
    /// In Unicode scalar values of the paragraph's flat text, without its `\n`.
    pub range: Range<usize>,
    /// The same range in the flat text of the passage or of the footnote, as [`seshat_manuscript::Op`] counts. The
    /// passage must be in normal form, as every scene's is.
    pub flat: Range<usize>,
    /// The same in UTF-16 units.
    pub utf16: Range<usize>,
    /// A fingerprint of the paragraph's text, by which it is known again while it stays as it is.
    pub mark: u64,
    /// What stands there and around it, for a list of hits.
    pub excerpt: Excerpt,
}

/// A hit with its surroundings, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Up to 40 characters before, from the beginning of a word; with "…" where the paragraph goes on.
    pub before: String,
    /// What was found, as it is written.
    pub found: String,
    /// Up to 40 characters after, to the end of a word; with "…" where the paragraph goes on.
    pub after: String,
}

/// Counts along one text, for spots in ascending order.
pub(crate) struct Placing<'a> {
    written: &'a str,
    paragraph: usize,
    /// Bytes of the paragraph's text, without its `\n`.
    bounds: Range<usize>,
    mark: u64,
    /// Where its text begins.
    begins: Place,
    /// Up to where was counted.
    here: Place,
}

#[derive(Clone, Copy, Default)]
struct Place {
    byte: usize,
    scalar: usize,
    utf16: usize,
}

impl Place {
    /// Further on in the same text.
    fn at(self, written: &str, byte: usize) -> Option<Self> {
        let between = written.get(self.byte..byte)?;
        let scalars = between.chars().count();
        // Characters of four bytes are two units, all others one.
        let wide = between.bytes().filter(|&byte| byte >= 0xf0).count();
        Some(Self { byte, scalar: self.scalar + scalars, utf16: self.utf16 + scalars + wide })
    }
}

impl<'a> Placing<'a> {
    pub(crate) fn new(written: &'a str) -> Self {
        let (begins, here) = (Place::default(), Place::default());
        Self { written, paragraph: 0, bounds: 0..0, mark: 0, begins, here }
    }

    pub(crate) fn hit(&mut self, spot: &Spot) -> Option<Hit> {
        let range = spot.range();
        if range.start >= self.bounds.end {
            self.go_to(range.start)?;
        }
        let start = self.here.at(self.written, range.start)?;
        let end = start.at(self.written, range.end)?;
        self.here = start;
        Some(Hit {
            note: spot.note(),
            paragraph: self.paragraph,
            range: start.scalar - self.begins.scalar..end.scalar - self.begins.scalar,
            flat: start.scalar..end.scalar,
            utf16: start.utf16..end.utf16,
            mark: self.mark,
            excerpt: self.excerpt(&range)?,
        })
    }

    /// Goes on to the paragraph that holds a byte.
    fn go_to(&mut self, byte: usize) -> Option<()> {
        let passed = self.written.get(self.here.byte..byte)?;
        let newlines = passed.bytes().filter(|&byte| byte == b'\n').count();
        let first = self.bounds.end == 0;
        self.paragraph += newlines - usize::from(first && newlines > 0);
        let start = self.here.byte + passed.rfind('\n').map_or(0, |at| at + 1);
        self.begins = self.here.at(self.written, start)?;
        self.here = self.begins;
        let rest = self.written.get(start..)?;
        let end = start + rest.find('\n').unwrap_or(rest.len());
        self.bounds = start..end;
        self.mark = fingerprint(self.written.get(start..end)?);
        Some(())
    }

    fn excerpt(&self, range: &Range<usize>) -> Option<Excerpt> {
        let before = self.written.get(self.bounds.start..range.start)?;
        let after = self.written.get(range.end..self.bounds.end)?;
        let from = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
        let to = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
        let (mut shown_before, mut shown_after) =
            (shown(before.get(from..)?), shown(after.get(..to)?));
        if from > 0 {
            // The first word is probably cut.
            let words = shown_before.split_once(' ').map_or(shown_before.as_str(), |(_, it)| it);
            shown_before = format!("…{words}");
        }
        if to < after.len() {
            let words = shown_after.rsplit_once(' ').map_or(shown_after.as_str(), |(it, _)| it);
            shown_after = format!("{words}…");
        }
        let found = shown(self.written.get(range.clone())?);
        Some(Excerpt { before: shown_before, found, after: shown_after })
    }
}

/// FNV-1a over eight bytes at a time, which is the same in every build: hits are told apart by it, and nothing is
/// protected.
fn fingerprint(text: &str) -> u64 {
    let step =
        |hash: u64, next: u64| (hash ^ next).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let hash = words
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, word| step(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, &byte| step(hash, u64::from(byte)))
}
