//! An invisible mark in the text that says whose copy it is.
//!
//! A mark is 40 bits and 24 bits that check them: 32 signs of two bits. Each sign is an invisible character behind a
//! punctuation mark that a space or the end of a paragraph follows, and the 32 signs come again and again through the
//! whole text. So any stretch of text with 32 such places in a row, about 300 words, names the recipient, whatever
//! file it came in, and wherever in the text it began.
//!
//! **Invariants:** nothing that can be seen or counted changes: words and visible characters stay what they were.
//! A mark says only which copy a text came from. It does not survive retyping, printing, or anybody who takes
//! invisible characters out.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use seshat_manuscript::{Passage, Piece};

use crate::markdown::KEPT;

/// Zero width space, non-joiner, joiner and word joiner: without a shape in every font that we looked at, and
/// without effect where they stand here, between a punctuation mark and a space.
const SIGNS: [char; 4] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}'];

/// Signs of one mark.
const LENGTH: usize = 32;

/// Bits of a mark that say whose it is.
const BITS: u32 = 40;

/// Names one copy. Made at random; who got it is in the author's own register and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(u64);

impl Mark {
    /// A mark of five bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 5]) -> Self {
        Self(bytes.into_iter().fold(0, |mark, byte| mark << 8 | u64::from(byte)))
    }

    /// 64 bits: the mark and its check.
    fn word(self) -> u64 {
        self.0 << (64 - BITS) | check(self.0)
    }

    fn of_word(word: u64) -> Option<Self> {
        let mark = word >> (64 - BITS);
        (word == Self(mark).word()).then_some(Self(mark))
    }
}

/// Ten hexadecimal digits.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010x}", self.0)
    }
}

/// 24 bits that depend on every bit of a mark (the finaliser of splitmix64, public domain).
fn check(mark: u64) -> u64 {
    let mut mixed = mark.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) >> BITS
}

/// Puts one mark into texts, going on from one to the next.
pub(super) struct Marker {
    word: u64,
}

impl Marker {
    pub(super) fn new(mark: Mark) -> Self {
        Self { word: mark.word() }
    }

    /// Puts signs into a text.
    pub(super) fn put(&mut self, text: &mut Passage) {
        for paragraph in &mut text.paragraphs {
            let last = paragraph.pieces.len().saturating_sub(1);
            for (at, piece) in paragraph.pieces.iter_mut().enumerate() {
                let Piece::Text { text, marks } = piece else { continue };
                if marks.ruby.is_none() && marks.language.as_deref() != Some(KEPT) {
                    *text = self.marked(text, at == last);
                }
            }
        }
    }

    fn marked(&mut self, text: &str, ends_paragraph: bool) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 8);
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            out.push(c);
            let here = match rest.peek() {
                Some(next) => is_place(c, Some(*next)) && !SIGNS.contains(next),
                None => ends_paragraph && is_place(c, None),
            };
            if here {
                out.push(self.sign());
            }
        }
        out
    }

    fn sign(&mut self) -> char {
        self.word = self.word.rotate_left(2);
        let at = usize::try_from(self.word & 3).unwrap_or(0);
        SIGNS.get(at).copied().unwrap_or('\u{200b}')
    }
}

/// Whether a sign may stand behind `c` and before `next`: a punctuation mark and a space or an end, or one of the
/// marks that take a space's width themselves.
fn is_place(c: char, next: Option<char>) -> bool {
    const WIDE: &str = "。、」』！？，．";
    let ends = next.is_none_or(|next| matches!(next, ' ' | '\n' | '\r'));
    let is_mark = !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control();
    (ends && is_mark && !SIGNS.contains(&c)) || WIDE.contains(c)
}

/// The marks in a text, with how often each was read; the most frequent first.
#[must_use]
pub fn marks_in(text: &str) -> Vec<(Mark, usize)> {
    let mut found: BTreeMap<Mark, usize> = BTreeMap::new();
    let (mut word, mut length) = (0_u64, 0_usize);
    for sign in signs(text) {
        word = word << 2 | sign;
        length += 1;
        if length < LENGTH {
            continue;
        }
        // The text may begin anywhere in the mark, so every turn of it is tried.
        let turned = (0..32).find_map(|turn| Mark::of_word(word.rotate_left(2 * turn)));
        if let Some(mark) = turned {
            *found.entry(mark).or_default() += 1;
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(mark, times)| (std::cmp::Reverse(*times), *mark));
    found
}

/// The signs of a text, in order.
fn signs(text: &str) -> impl Iterator<Item = u64> + '_ {
    let mut rest = text.chars().peekable();
    let mut before = '\n';
    std::iter::from_fn(move || {
        loop {
            let c = rest.next()?;
            let sign = SIGNS.iter().position(|sign| *sign == c);
            let place = is_place(before, rest.peek().copied());
            before = c;
            if let Some(sign) = sign.filter(|_| place) {
                return u64::try_from(sign).ok();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use seshat_manuscript::{Block, Paragraph};

    fn text(words: &[String]) -> Passage {
        let paragraphs =
            words.chunks(40).map(|line| Paragraph::new(Block::Body, &line.join(" "))).collect();
        Passage { paragraphs }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_forty_sentences_name_the_recipient(
            bytes in any::<[u8; 5]>(),
            words in prop::collection::vec("[a-zé]{1,8}[.,;!?]", 120..160),
            from in 0_usize..80,
        ) {
            let mark = Mark::from_bytes(bytes);
            let mut passage = text(&words);
            let before = (passage.words(), passage.plain());
            Marker::new(mark).put(&mut passage);
            prop_assert_eq!(passage.words(), before.0);
            let seen: String = passage.plain().chars().filter(|c| !SIGNS.contains(c)).collect();
            prop_assert_eq!(seen, before.1);
            let plain = passage.plain();
            let cut = plain.split_inclusive([' ', '\n']).skip(from).take(40).collect::<String>();
            let found = marks_in(&cut);
            prop_assert_eq!(found.first().map(|found| found.0), Some(mark));
            prop_assert_eq!(found.len(), 1, "no other mark is seen");
        }
    }

    #[test]
    fn a_text_without_a_mark_names_nobody() {
        let plain = "It rained, and it rained; then it stopped. ".repeat(200);
        assert_eq!(marks_in(&plain), []);
        // Word joiners before dashes, as careful typesetters write them, are no signs.
        let joined = "“Wait”\u{2060}—he said,\u{2060}—“here.” ".repeat(200);
        assert_eq!(marks_in(&joined), []);
    }

    #[test]
    fn one_changed_sentence_does_not_hide_the_mark() {
        let words: Vec<String> = (0..200).map(|n| format!("word{n}.")).collect();
        let mut passage = text(&words);
        let mark = Mark::from_bytes([1, 2, 3, 4, 5]);
        Marker::new(mark).put(&mut passage);
        let changed = passage.plain().replacen("word60.", "another word, or two.", 1);
        assert_eq!(marks_in(&changed).first().map(|found| found.0), Some(mark));
    }
}
