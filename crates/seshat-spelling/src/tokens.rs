//! The words of a text as a spelling checker needs them: where each stands and what touches it.
//!
//! Words are the segments of Unicode Standard Annex 29. An address (`https://…`, `who@where.org`) has none.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use unicode_normalization::UnicodeNormalization;

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_auto(WordBreakInvariantOptions::default()));

/// Words that are joined by hyphens, or one alone: byte ranges of the text, in order, at least one.
pub(crate) type Chain = Vec<Range<usize>>;

/// The words of a text, those joined by hyphens together.
pub(crate) fn chains(text: &str) -> Vec<Chain> {
    let addresses = addresses(text);
    let mut chains: Vec<Chain> = Vec::new();
    let mut start = 0;
    for end in SEGMENTER.segment_str(text) {
        let range = start..end;
        start = end;
        let segment = text.get(range.clone()).unwrap_or_default();
        // A hint at the end belongs to the word for the segmenter, and is nothing that an author can see.
        let range = range.start..range.start + segment.trim_end_matches(is_hint).len();
        let inside = |address: &Range<usize>| address.contains(&range.start);
        if !segment.contains(char::is_alphabetic) || addresses.iter().any(inside) {
            continue;
        }
        let last = chains.last_mut();
        match last.filter(|chain| is_hyphen(text, chain.last(), range.start)) {
            Some(chain) => chain.push(range),
            None => chains.push(vec![range]),
        }
    }
    chains
}

/// Whether nothing but one hyphen stands between a word and the next.
fn is_hyphen(text: &str, before: Option<&Range<usize>>, start: usize) -> bool {
    let between = before.and_then(|before| text.get(before.end..start)).unwrap_or_default();
    matches!(between, "-" | "\u{2010}" | "\u{2011}")
}

/// Pieces without a space that are addresses of the web or of a person.
fn addresses(text: &str) -> Vec<Range<usize>> {
    // Most texts have none.
    if !text.contains("://") && !text.contains("www.") && !text.contains('@') {
        return Vec::new();
    }
    let mut start = 0;
    let pieces = text.split_inclusive(char::is_whitespace).map(|piece| {
        let range = start..start + piece.len();
        start = range.end;
        (piece, range)
    });
    pieces.filter(|(piece, _)| is_address(piece)).map(|(_, range)| range).collect()
}

fn is_address(piece: &str) -> bool {
    let mail = piece.split_once('@').is_some_and(|(who, host)| {
        who.ends_with(char::is_alphanumeric) && host.trim_end().contains('.')
    });
    mail || piece.contains("://")
        || piece.trim_start_matches(['(', '<', '“', '«']).starts_with("www.")
}

/// A word as dictionaries spell it: composed, with the straight apostrophe and without invisible hints.
pub(crate) fn plain(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let seen =
        word.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'));
    seen.map(|c| match c {
        '\u{2019}' | '\u{2bc}' | '\u{ff07}' => '\'',
        '\u{2010}' | '\u{2011}' => '-',
        c => c,
    })
    .nfc()
    .collect()
}

/// Whether a character only says where a line may break.
fn is_hint(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Whether a character is an apostrophe, or a quotation mark that looks like one.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<&str>> {
        let chain = |chain: Chain| chain.into_iter().filter_map(|range| text.get(range)).collect();
        chains(text).into_iter().map(chain).collect()
    }

    #[test]
    fn apostrophes_belong_to_a_word_and_quotation_marks_do_not() {
        assert_eq!(words("‘Don’t,’ l’été"), [["Don’t"], ["l’été"]]);
    }

    #[test]
    fn hyphens_join_and_dashes_part() {
        assert_eq!(words("well-known—or not"), [vec!["well", "known"], vec!["or"], vec!["not"]]);
    }

    #[test]
    fn what_cannot_be_seen_behind_a_word_is_not_of_it() {
        assert_eq!(words("him\u{2060}—him"), [["him"], ["him"]]);
    }

    #[test]
    fn addresses_have_no_words() {
        let text =
            "See https://example.org/aw?x=teh or www.exampel.org, or write to ann@exampel.org now";
        assert_eq!(words(text), [["See"], ["or"], ["or"], ["write"], ["to"], ["now"]]);
    }

    #[test]
    fn a_word_is_compared_without_what_cannot_be_seen() {
        assert_eq!(plain("l’e\u{301}te\u{301}"), "l'été");
        assert_eq!(plain("be\u{ad}fore\u{2060}"), "before");
    }
}
