//! What must be there in the end: every word is typed once, so a word that is there twice was doubled and one that is
//! not there was lost.

use std::collections::{BTreeMap, BTreeSet};

/// What is known of a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It was on a disk and nobody deleted it: once.
    There,
    /// A power cut came between typing or deleting it and the word that this was on the disk: once or not at all.
    Open,
    /// Somebody deleted it: not at all, or once where the text was moved to another scene meanwhile.
    Gone,
    /// Somebody copied it or brought it back: as often as they did.
    Free,
}

/// All words that were ever typed.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    words: BTreeMap<String, Fate>,
    next: usize,
    /// Whether text moved from one scene to another.
    pub(crate) moved: bool,
}

impl Ledger {
    /// A word that nobody has typed: five letters, and nothing else.
    pub(crate) fn new_word(&mut self) -> String {
        let mut number = self.next;
        self.next += 1;
        let mut letters = vec![b'w'];
        for _ in 1..5 {
            letters.push(b'a' + u8::try_from(number % 26).expect("a letter"));
            number /= 26;
        }
        String::from_utf8(letters).expect("letters")
    }

    fn set(&mut self, word: &str, fate: Fate) {
        let known = self.words.get(word).copied();
        if known != Some(Fate::Free) {
            self.words.insert(word.to_owned(), fate);
        }
    }

    /// These are on the disk.
    pub(crate) fn written(&mut self, words: &[String]) {
        for word in words {
            // One that was deleted before it was written stays deleted.
            if !matches!(self.words.get(word), Some(Fate::Gone | Fate::Free)) {
                self.set(word, Fate::There);
            }
        }
    }

    /// These were taken out, and the disk knows.
    pub(crate) fn removed(&mut self, words: &[String]) {
        words.iter().for_each(|word| self.set(word, Fate::Gone));
    }

    /// Of these it is not known whether the disk has them, or has them no more.
    pub(crate) fn doubtful(&mut self, words: &[String]) {
        for word in words {
            if self.words.get(word) != Some(&Fate::Gone) {
                self.set(word, Fate::Open);
            }
        }
    }

    /// These were copied or brought back.
    pub(crate) fn freed(&mut self, words: impl IntoIterator<Item = String>) {
        for word in words {
            self.words.insert(word, Fate::Free);
        }
    }

    /// What does not fit, in one sentence; `found` are all texts that one laptop holds.
    pub(crate) fn compare(&self, found: &[String]) -> Result<(), String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for word in found.iter().flat_map(|text| words_in(text)) {
            *counts.entry(word).or_default() += 1;
        }
        let strangers: Vec<_> =
            counts.keys().filter(|word| !self.words.contains_key(**word)).collect();
        if !strangers.is_empty() {
            return Err(format!("words that nobody typed: {strangers:?}"));
        }
        for (word, fate) in &self.words {
            let count = counts.get(word.as_str()).copied().unwrap_or(0);
            let fits = match fate {
                Fate::There => count == 1,
                Fate::Open => count <= 1,
                Fate::Gone if self.moved => count <= 1,
                Fate::Gone => count == 0,
                Fate::Free => true,
            };
            if !fits {
                return Err(format!("{word} is {fate:?} and was found {count} times"));
            }
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }
}

/// The words of a flat text. Whatever else stands there (ships, notes' anchors) is none.
pub(crate) fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

/// The same, each once.
pub(crate) fn set_of(text: &str) -> BTreeSet<String> {
    words_in(text).map(str::to_owned).collect()
}
