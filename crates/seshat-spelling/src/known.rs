//! The author's own words: names of people and places, and whatever else a novel spells its own way.

use std::collections::HashSet;
use std::fmt;

use crate::tokens::plain;

/// A set of words that are right because the author said so.
#[derive(Default)]
pub struct Known {
    words: HashSet<String>,
    capitals: HashSet<String>,
}

impl fmt::Debug for Known {
    /// Says no word, so that no log can hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl<Word: AsRef<str>> FromIterator<Word> for Known {
    fn from_iter<Words: IntoIterator<Item = Word>>(words: Words) -> Self {
        let words: HashSet<String> = words.into_iter().map(|word| plain(word.as_ref())).collect();
        let capitals = words.iter().map(|word| word.to_uppercase()).collect();
        Self { words, capitals }
    }
}

impl Known {
    /// Whether the word is one of them: as it was given, in capitals, or as the first of a sentence.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.contains(word) || self.in_capitals(word) || self.words.contains(&lowered(word))
    }

    fn in_capitals(&self, word: &str) -> bool {
        !word.contains(char::is_lowercase) && self.capitals.contains(word)
    }

    /// Those that a slip of one letter away from `word`, or two in a long one, could have meant; in order.
    pub(crate) fn near(&self, word: &str) -> Vec<&str> {
        let letters: Vec<char> = word.chars().collect();
        let most = if letters.len() < 5 { 1 } else { 2 };
        let mut near: Vec<(usize, &str)> = self
            .words
            .iter()
            .filter(|known| known.chars().count().abs_diff(letters.len()) <= most)
            .map(|known| (distance(&letters, &known.chars().collect::<Vec<_>>()), known.as_str()))
            .filter(|&(distance, _)| distance <= most)
            .collect();
        near.sort_unstable();
        near.into_iter().map(|(_, known)| known).collect()
    }
}

fn lowered(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Slips between two words: a letter more, less, another, or two that changed places.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(above[j - 1] + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_word_is_known_in_capitals_and_at_the_beginning_of_a_sentence() {
        let known: Known = ["Samsa", "kobold", "d’Urberville"].into_iter().collect();
        for word in ["Samsa", "SAMSA", "kobold", "Kobold", "KOBOLD", "d'Urberville"] {
            assert!(known.has(word), "{word}");
        }
        assert!(!known.has("samsa"), "a name has its capital");
    }

    #[test]
    fn slips_are_counted_as_a_typist_makes_them() {
        let chars = |word: &str| word.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("Samsa"), &chars("Samsa")), 0);
        assert_eq!(distance(&chars("Smasa"), &chars("Samsa")), 1);
        assert_eq!(distance(&chars("Samza"), &chars("Samsa")), 1);
        assert_eq!(distance(&chars(""), &chars("ab")), 2);
    }
}
