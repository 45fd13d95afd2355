//! The recovery phrase: 24 words of the English BIP-39 list, 256 random bits.

use bip39::{Language, Mnemonic};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::key::Key;
use crate::{Entropy, EntropyError};

/// Words in a phrase.
pub(crate) const WORDS: usize = 24;

/// What opens the vault when the password is lost. It is in the Emergency Kit and nowhere else.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(phrase: seshat_vault::RecoveryPhrase) { println!("{phrase:?}"); }
/// ```
/// ```compile_fail
/// fn copy(phrase: &seshat_vault::RecoveryPhrase) -> seshat_vault::RecoveryPhrase { phrase.clone() }
/// ```
#[derive(ZeroizeOnDrop)]
pub struct RecoveryPhrase(Key);

/// What was typed is not a recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhraseError {
    /// Another number of words.
    #[error("a recovery phrase has 24 words, this has {0}")]
    WordCount(usize),
    /// A word that is not in the list, by its place from 1.
    #[error("word {0} is not one of the words that Seshat uses")]
    UnknownWord(usize),
    /// All are words of the list, but one of them is wrong or two changed places.
    #[error("one of the words is wrong, or two of them changed places")]
    Checksum,
}

impl RecoveryPhrase {
    /// Reads 24 words with white space between them; case does not matter.
    ///
    /// # Errors
    /// [`PhraseError`] says what is wrong with them.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let count = text.split_whitespace().count();
        if count != WORDS {
            return Err(PhraseError::WordCount(count));
        }
        let mut lower = Zeroizing::new(String::with_capacity(text.len()));
        lower.extend(text.chars().map(|c| c.to_ascii_lowercase()));
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &lower).map_err(
            |error| match error {
                bip39::Error::UnknownWord(index) => PhraseError::UnknownWord(index + 1),
                bip39::Error::BadWordCount(count) => PhraseError::WordCount(count),
                _ => PhraseError::Checksum,
            },
        )?;
        let (mut bytes, length) = mnemonic.to_entropy_array();
        let key = Key::copy_of(&bytes[..length]).ok_or(PhraseError::Checksum);
        bytes.zeroize();
        key.map(Self)
    }

    /// The 24 words with one space between them.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, &self.0.expose()[..])
            .expect("32 bytes make 24 words");
        // No word of the list is longer than 8 letters.
        let mut words = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in mnemonic.words() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }

    pub(crate) fn make(entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        Key::make(entropy).map(Self)
    }

    pub(crate) fn of_key(key: &Key) -> Self {
        Self(key.duplicate())
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::TestEntropy;

    #[test]
    fn a_phrase_survives_being_typed_with_capitals_and_line_breaks() {
        let phrase = RecoveryPhrase::make(&mut TestEntropy::new(3)).unwrap();
        let typed = phrase.words().to_uppercase().replace(' ', "\r\n  ");
        let read = RecoveryPhrase::parse(&typed).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.expose(), phrase.expose());
    }

    #[test]
    fn a_wrong_phrase_is_told_by_what_is_wrong_with_it() {
        let words = RecoveryPhrase::make(&mut TestEntropy::new(4)).unwrap().words();
        let error = |text: &str| RecoveryPhrase::parse(text).err();
        assert_eq!(error("abandon ability"), Some(PhraseError::WordCount(2)));
        assert_eq!(error(&"abandon ".repeat(12)), Some(PhraseError::WordCount(12)));
        let mut list: Vec<&str> = words.split(' ').collect();
        list[6] = "seshat";
        assert_eq!(error(&list.join(" ")), Some(PhraseError::UnknownWord(7)));
        assert_eq!(error(&"abandon ".repeat(24)), Some(PhraseError::Checksum));
    }
}
