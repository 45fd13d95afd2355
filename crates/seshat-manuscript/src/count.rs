//! Counting words as authors and publishers count them, in any script.
//!
//! A word is a segment of Unicode Standard Annex 29 that holds letters or digits; Chinese, Japanese, Thai, Lao,
//! Khmer and Burmese are segmented by dictionary or model. Splitting at white space would call a Japanese
//! chapter one word.

use std::borrow::Cow;
use std::sync::LazyLock;

use icu_segmenter::WordSegmenter;
use icu_segmenter::WordSegmenterBorrowed;
use icu_segmenter::options::WordBreakInvariantOptions;

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_auto(WordBreakInvariantOptions::default()));

/// Whether `c` is an invisible hint for line breaking (word joiner, zero width space, soft hyphen), which must
/// not split a word in two.
pub(crate) fn is_ignored(c: char) -> bool {
    matches!(c, '\u{2060}' | '\u{200b}' | '\u{ad}')
}

/// The number of words in `text`, in any script. U+2060, U+200B and U+00AD are taken out first.
#[must_use]
pub fn words(text: &str) -> usize {
    let text: Cow<'_, str> = if text.contains(is_ignored) {
        text.chars().filter(|&c| !is_ignored(c)).collect::<String>().into()
    } else {
        text.into()
    };
    segments(&text).filter(|&(_, is_word)| is_word).count()
}

/// The words of `text` and what stands between them, in order, and whether each is a word.
pub(crate) fn segments(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut start = 0;
    SEGMENTER.segment_str(text).iter_with_word_type().filter_map(move |(end, kind)| {
        let segment = text.get(start..end).unwrap_or_default();
        start = end;
        // The segmenter (2.4) does not call a Hebrew word one when it ends in a vowel point, and does call half an
        // emoji one at the end of the text: look ourselves.
        let counted = |c: char| c.is_alphabetic() || kind.is_word_like() && c.is_numeric();
        let is_word = segment.contains(counted);
        (!segment.is_empty()).then_some((segment, is_word))
    })
}
