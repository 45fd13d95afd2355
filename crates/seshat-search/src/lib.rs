//! Finding text in open scenes, in memory only.
//!
//! What a writer means is found, not the same bytes: case and diacritics do not count, a straight quote finds a
//! curly one, `ß` is found by `ss`, and characters that nobody sees (soft hyphen, word joiner) are not there.
//!
//! **Invariants:** nothing is indexed and nothing is written anywhere, so no word outlives the open scene; a hit
//! begins and ends at whole characters, so replacing it cannot leave half of one; the order of hits is the order
//! of reading, and they do not overlap.

mod fold;

use std::ops::Range;

use seshat_manuscript::Passage;

use fold::Folded;

/// Characters shown on each side of what was found.
const AROUND: usize = 40;

/// How strictly to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether capitals differ from small letters.
    pub case: Case,
}

/// Whether capitals differ from small letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// "seshat" finds "Seshat".
    #[default]
    Ignored,
    /// It does not. Diacritics and quotes are still taken as equal.
    Exact,
}

/// One place where the text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the paragraph in the passage.
    pub paragraph: usize,
    /// In Unicode scalar values of the paragraph's flat text, without its `\n`.
    pub range: Range<usize>,
    /// The same range in the passage's flat text, as [`seshat_manuscript::Op`] counts. The passage must be in
    /// normal form, as every scene's is.
    pub flat: Range<usize>,
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

/// Every place in `passage` where `needle` stands, within paragraphs. A line break inside a paragraph is found by
/// a space; a footnote's sign and an image are passed over. Footnote bodies are passages of their own and are not
/// searched here. Nothing is found by a needle of which nothing can be seen.
#[must_use]
pub fn find(passage: &Passage, needle: &str, options: Options) -> Vec<Hit> {
    let needle = fold::needle(needle, options.case);
    let mut hits = Vec::new();
    if needle.is_empty() {
        return hits;
    }
    let mut begins = 1;
    for (index, paragraph) in passage.paragraphs.iter().enumerate() {
        let folded = Folded::new(paragraph, options.case);
        for range in folded.find(&needle) {
            hits.push(Hit {
                paragraph: index,
                flat: begins + range.start..begins + range.end,
                excerpt: excerpt(folded.shown(), &range),
                range,
            });
        }
        begins += folded.shown().len() + 1;
    }
    hits
}

fn excerpt(shown: &[char], range: &Range<usize>) -> Excerpt {
    let from = range.start.saturating_sub(AROUND);
    let to = (range.end + AROUND).min(shown.len());
    let mut before: String = shown[from..range.start].iter().collect();
    let mut after: String = shown[range.end..to].iter().collect();
    if from > 0 {
        // The first word is probably cut.
        before = format!("…{}", before.split_once(' ').map_or(before.as_str(), |(_, rest)| rest));
    }
    if to < shown.len() {
        after = format!("{}…", after.rsplit_once(' ').map_or(after.as_str(), |(words, _)| words));
    }
    Excerpt { before, found: shown[range.clone()].iter().collect(), after }
}
