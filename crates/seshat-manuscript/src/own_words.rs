//! Words that a novel spells its own way, names above all: what its author told the spelling checker.
//!
//! **Invariant:** each word is an entry of its own, so words added on two laptops are all there after a merge; of a word
//! added on one and taken away on the other the later act counts, the same on both.

use loro::{LoroMap, LoroValue, ValueOrContainer};

use crate::binder::Binder;
use crate::tree::write;

/// The container, part of the saved format: the word, and whether it is one.
const OWN_WORDS: &str = "own_words";
/// Characters of the longest word that is taken.
const LONGEST: usize = 64;
/// So many a novel can have.
const MOST: usize = 20_000;

impl Binder {
    /// The author's own words, in the order of their letters.
    #[must_use]
    pub fn own_words(&self) -> Vec<String> {
        let mut words = Vec::new();
        self.own_words_map().for_each(|word, value| {
            if matches!(value, ValueOrContainer::Value(LoroValue::Bool(true))) {
                words.push(word.to_owned());
            }
        });
        words.sort_unstable();
        words
    }

    /// Adds a word. False: it is empty, longer than 64 characters or not one word, or there are 20,000; nothing changed.
    pub fn add_own_word(&mut self, word: &str) -> bool {
        let word = word.trim();
        let fits = !word.is_empty()
            && word.chars().count() <= LONGEST
            && !word.contains(|c: char| c.is_whitespace() || c.is_control())
            && self.own_words_map().len() < MOST;
        if fits {
            self.say(word, true);
        }
        fits
    }

    /// Takes a word away; one that is not there changes nothing.
    pub fn remove_own_word(&mut self, word: &str) {
        if self.own_words_map().get(word).is_some() {
            self.say(word, false);
        }
    }

    /// An entry is never removed: a removal could not be told from a laptop that never heard of the word.
    fn say(&mut self, word: &str, known: bool) {
        write(&self.own_words_map(), word, LoroValue::Bool(known)).expect("a map takes any value");
        self.replica.commit();
    }

    fn own_words_map(&self) -> LoroMap {
        self.replica.doc().get_map(OWN_WORDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy_of(binder: &Binder, peer: u64) -> Binder {
        Binder::load(peer, [binder.snapshot().unwrap().as_slice()]).unwrap()
    }

    #[test]
    fn words_are_kept_and_taken_away() {
        let mut binder = Binder::new(7, "A novel", "en");
        assert!(binder.add_own_word("Llanwyn"));
        assert!(binder.add_own_word(" d’Aubrac "));
        assert_eq!(copy_of(&binder, 8).own_words(), ["Llanwyn", "d’Aubrac"]);
        binder.remove_own_word("Llanwyn");
        binder.remove_own_word("nobody");
        assert_eq!(copy_of(&binder, 9).own_words(), ["d’Aubrac"]);
    }

    #[test]
    fn what_is_no_word_is_not_taken_and_what_is_known_writes_nothing() {
        let mut binder = Binder::new(7, "A novel", "en");
        for word in ["", "  ", "two words", "a\nb", &"x".repeat(65)] {
            assert!(!binder.add_own_word(word), "{word:?}");
        }
        assert!(binder.add_own_word("Llanwyn"));
        binder.take_update();
        assert!(binder.add_own_word("Llanwyn"));
        assert_eq!(binder.take_update(), None);
    }

    #[test]
    fn two_laptops_that_add_words_have_all_of_them() {
        let mut anna = Binder::new(7, "A novel", "en");
        anna.add_own_word("both");
        let mut bert = copy_of(&anna, 8);
        anna.take_update();
        anna.add_own_word("Anna’s");
        anna.remove_own_word("both");
        bert.add_own_word("Bert’s");
        let (from_anna, from_bert) = (anna.take_update().unwrap(), bert.take_update().unwrap());
        anna.merge(&from_bert).unwrap();
        bert.merge(&from_anna).unwrap();
        assert_eq!(anna.own_words(), ["Anna’s", "Bert’s"]);
        assert_eq!(bert.own_words(), anna.own_words());
    }
}
