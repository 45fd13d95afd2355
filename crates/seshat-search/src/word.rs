//! Where words begin and end.
//!
//! Unicode Standard Annex 29, with dictionaries for scripts without spaces, and two things that authors expect and it
//! does not say: "Natasha" is a whole word in "Natasha’s", and "homme" is one in "l’homme".

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::WordSegmenter;
use icu_segmenter::WordSegmenterBorrowed;
use icu_segmenter::options::WordBreakInvariantOptions;
use seshat_manuscript::ATOM;

use crate::fold::is_unseen;

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_auto(WordBreakInvariantOptions::default()));

/// What stands before an apostrophe in French, Italian and Catalan and is a word of its own.
const ELIDED: &[&str] = &[
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "un",
    "all", "dall", "dell", "nell", "sull", "coll", "quell", "quest", "com", "dov", "sant", "bell",
];

/// Answers for one text, whose places are asked about in ascending order.
#[derive(Default)]
pub(crate) struct Words {
    /// The stretch without white space that was looked at last.
    window: Range<usize>,
    /// The ends of the segments in it.
    breaks: Vec<usize>,
}

/// What can be said of a place without looking far.
#[derive(Clone, Copy, PartialEq)]
enum Quick {
    Break,
    NoBreak,
    LookCloser,
}

impl Words {
    /// Whether a word begins where `range` begins, and one ends where it ends.
    pub(crate) fn is_whole(&mut self, text: &str, range: &Range<usize>) -> bool {
        let mut is_break =
            |at: usize, closer: fn(&Self, &str, usize) -> bool| match quick(text.as_bytes(), at) {
                Quick::Break => true,
                Quick::NoBreak => false,
                Quick::LookCloser => {
                    self.look_at(text, range);
                    closer(self, text, at)
                }
            };
        // What nobody sees belongs to the word before it.
        let rest = text.get(range.end..).unwrap_or_default();
        let unseen = rest.chars().take_while(|&c| is_unseen(c) && c != ATOM);
        let end = range.end + unseen.map(char::len_utf8).sum::<usize>();
        is_break(range.start, Self::begins) && is_break(end, Self::ends)
    }

    fn look_at(&mut self, text: &str, range: &Range<usize>) {
        if self.window.start <= range.start && range.end <= self.window.end {
            return;
        }
        let before = text.get(..range.start).unwrap_or_default();
        let start = before.trim_end_matches(|c: char| !c.is_whitespace()).len();
        let after = text.get(range.end..).unwrap_or_default();
        let end = text.len() - after.trim_start_matches(|c: char| !c.is_whitespace()).len();
        self.window = start..end;
        let window = text.get(start..end).unwrap_or_default();
        self.breaks.clear();
        self.breaks.extend(SEGMENTER.segment_str(window).map(|at| start + at));
    }

    fn is_break(&self, at: usize) -> bool {
        self.breaks.binary_search(&at).is_ok()
    }

    fn begins(&self, text: &str, at: usize) -> bool {
        if self.is_break(at) {
            return true;
        }
        let place = self.breaks.partition_point(|&it| it < at);
        let start = place.checked_sub(1).and_then(|place| self.breaks.get(place)).copied();
        let before = text.get(start.unwrap_or(self.window.start)..at).unwrap_or_default();
        let elided = before.strip_suffix(['\'', '’']).map(str::to_lowercase);
        elided.is_some_and(|elided| ELIDED.contains(&elided.as_str()))
    }

    fn ends(&self, text: &str, at: usize) -> bool {
        if self.is_break(at) {
            return true;
        }
        let place = self.breaks.partition_point(|&it| it < at);
        let end = self.breaks.get(place).copied().unwrap_or(self.window.end);
        matches!(text.get(at..end), Some("’s" | "'s" | "’S" | "'S"))
    }
}

/// What the bytes beside a place say, where both are ASCII or there is none.
fn quick(text: &[u8], at: usize) -> Quick {
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    let (Some(&before), Some(&after)) = (before, text.get(at)) else { return Quick::Break };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_apart =
        |byte: u8| matches!(byte, b' ' | b'\n' | b'!' | b'?' | b'"' | b'(' | b')' | b'-');
    match (before, after) {
        (before, after) if is_word(before) && is_word(after) => Quick::NoBreak,
        (before, after) if is_word(before) && is_apart(after) => Quick::Break,
        (before, after) if is_apart(before) && is_word(after) => Quick::Break,
        _ => Quick::LookCloser,
    }
}
