//! What is the same to a reader: folding text so that equal things are equal bytes, and finding the way back.

use std::ops::Range;

use seshat_manuscript::{ATOM, Paragraph, Piece};
use unicode_normalization::UnicodeNormalization;

use crate::Case;

/// The folded form of what is searched for.
pub(crate) fn needle(text: &str, case: Case) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold(c, case, &mut |c| folded.push(c));
    }
    folded
}

/// A paragraph folded, with the place of every folded character in the paragraph's flat text.
pub(crate) struct Folded {
    folded: String,
    /// Byte offset in `folded`, and index of the character that it came from; ascending in both.
    origins: Vec<(usize, usize)>,
    /// The flat text with a space for every atom.
    shown: Vec<char>,
}

impl Folded {
    pub(crate) fn new(paragraph: &Paragraph, case: Case) -> Self {
        let mut this = Self { folded: String::new(), origins: Vec::new(), shown: Vec::new() };
        for piece in &paragraph.pieces {
            match piece {
                Piece::Text { text, .. } => text.chars().for_each(|c| this.push(c, case)),
                Piece::Break => this.push(' ', case),
                // One character of flat text in which nothing is to be found.
                Piece::Footnote { .. } | Piece::Image { .. } | Piece::Unknown { .. } => {
                    this.shown.push(ATOM);
                }
            }
        }
        this
    }

    fn push(&mut self, c: char, case: Case) {
        let (folded, origins, index) = (&mut self.folded, &mut self.origins, self.shown.len());
        fold(c, case, &mut |c| {
            origins.push((folded.len(), index));
            folded.push(c);
        });
        self.shown.push(c);
    }

    /// The flat text without its `\n`, line breaks shown as spaces.
    pub(crate) fn shown(&self) -> &[char] {
        &self.shown
    }

    /// Where `needle`, folded and not empty, stands.
    pub(crate) fn find(&self, needle: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = self.folded.get(from..).and_then(|rest| rest.find(needle)) {
            let (start, end) = (from + at, from + at + needle.len());
            from = match self.whole(start, end) {
                Some(range) => {
                    found.push(range);
                    end
                }
                None => {
                    start
                        + self
                            .folded
                            .get(start..)
                            .and_then(|r| r.chars().next())
                            .map_or(1, char::len_utf8)
                }
            };
        }
        found
    }

    /// The characters that bytes `start..end` of the folded text came from; `None` when they are not whole: one
    /// dot is not found in "…", and か is not found in が.
    fn whole(&self, start: usize, end: usize) -> Option<Range<usize>> {
        let place = |byte: usize| self.origins.partition_point(|&(offset, _)| offset < byte);
        let (first, behind) = (place(start), place(end));
        let origin = |place: usize| self.origins.get(place).map(|&(_, index)| index);
        let begin = origin(first)?;
        let last = origin(behind.checked_sub(1)?)?;
        if first > 0 && origin(first - 1) == Some(begin) || origin(behind) == Some(last) {
            return None;
        }
        // Marks that folding dropped belong to the letter before them.
        let marks = self.shown[last + 1..].iter().take_while(|&&c| is_dropped_mark(c)).count();
        let end = last + 1 + marks;
        let split = self.shown.get(end).is_some_and(|&c| is_kept_mark(c));
        (!split).then_some(begin..end)
    }
}

fn fold(c: char, case: Case, out: &mut impl FnMut(char)) {
    if c.is_ascii() {
        return out(match case {
            _ if c.is_ascii_whitespace() => ' ',
            Case::Ignored => c.to_ascii_lowercase(),
            Case::Exact => c,
        });
    }
    if is_unseen(c) {
        return;
    }
    for c in std::iter::once(c).nfkd().filter(|&c| !is_dropped_mark(c)) {
        let c = plainer(c);
        match case {
            Case::Exact => out(c),
            // By way of the capital: ß becomes ss, and all three sigmas become one.
            Case::Ignored => {
                for small in c.to_uppercase().flat_map(char::to_lowercase) {
                    if !is_dropped_mark(small) {
                        out(small);
                    }
                }
            }
        }
    }
}

/// Characters that no reader sees: soft hyphen, word joiner, and others without width.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{640}' | ATOM)
}

/// The form that keyboards have.
fn plainer(c: char) -> char {
    match c {
        '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | 'ʹ' | '׳' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '״' => '"',
        '‐' | '‑' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Diacritics that a reader leaves out when searching: accents, and the points of Hebrew and Arabic. Not the
/// vowel signs of Indic scripts or the voicing marks of kana, which make other letters.
fn is_dropped_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_kept_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) && !is_dropped_mark(c)
}
