//! One dictionary of Hunspell's format, in memory.

use std::fmt;

use encoding_rs::{Encoding, UTF_8};

/// Bytes that one of the two files may have: ten times the largest that is known.
const MOST: usize = 64 << 20;
/// Words that are looked at to learn a dictionary's script.
const SAMPLE: usize = 500;

/// Why two files are no dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DictionaryError {
    /// One of the files is too large to be one.
    #[error("it is too large to be a dictionary")]
    TooLarge,
    /// The affix file names a character encoding that is unknown.
    #[error("its affix file names a character encoding that Seshat does not know")]
    Encoding,
    /// The rules or the words cannot be read.
    #[error("it is not written as a Hunspell dictionary")]
    Unreadable,
    /// It has no words.
    #[error("it has no words")]
    Empty,
}

/// The words of a language and how they are bent.
pub struct Dictionary {
    words: spellbook::Dictionary,
    script: u32,
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary").finish_non_exhaustive()
    }
}

impl Dictionary {
    /// Reads the two files of a dictionary, in whatever encoding the first one names.
    ///
    /// # Errors
    /// When they are not what they should be.
    pub fn parse(aff: &[u8], dic: &[u8]) -> Result<Self, DictionaryError> {
        if aff.len() > MOST || dic.len() > MOST {
            return Err(DictionaryError::TooLarge);
        }
        let encoding = encoding_of(aff).ok_or(DictionaryError::Encoding)?;
        let (aff, _, _) = encoding.decode(aff);
        let (dic, _, _) = encoding.decode(dic);
        let script = usual_script(&dic).ok_or(DictionaryError::Empty)?;
        let words =
            spellbook::Dictionary::new(&aff, &dic).map_err(|_| DictionaryError::Unreadable)?;
        Ok(Self { words, script })
    }

    /// Whether a word is spelt as the dictionary says, as it stands or as the first of a sentence or in capitals.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.check(word) || (word.contains('\'') && self.words.check(&curly(word)))
    }

    /// What may have been meant, best first: what a slip or two makes of the word.
    pub(crate) fn suggest(&self, word: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.words.suggester().with_ngram_suggestions(false).suggest(word, &mut found);
        found
    }

    /// Whatever looks alike, best first: looks through the whole dictionary, which takes ten times as long.
    pub(crate) fn suggest_alike(&self, word: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.words.suggester().suggest(word, &mut found);
        found
    }

    /// Whether a word is in the script of this dictionary, so that it can be judged at all.
    pub(crate) fn reads(&self, word: &str) -> bool {
        word.chars().find(|c| c.is_alphabetic()).is_some_and(|c| script(c) == self.script)
    }
}

pub(crate) fn curly(word: &str) -> String {
    word.replace('\'', "\u{2019}")
}

/// What the line `SET` of the affix file says; without one it is Latin 1.
fn encoding_of(aff: &[u8]) -> Option<&'static Encoding> {
    let aff = aff.strip_prefix(b"\xef\xbb\xbf").unwrap_or(aff);
    let line = aff.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(b"SET "));
    let Some(line) = line else { return Encoding::for_label(b"iso-8859-1") };
    let name = line.trim_ascii().to_ascii_lowercase();
    let name = name.strip_prefix(b"microsoft-").unwrap_or(&name);
    if name == b"utf-8" { Some(UTF_8) } else { Encoding::for_label(name) }
}

/// The script of most of the first words; `None` when there are none.
fn usual_script(dic: &str) -> Option<u32> {
    let lines = dic.lines().skip(1);
    let step = (lines.clone().count() / SAMPLE).max(1);
    let mut seen: Vec<(u32, usize)> = Vec::new();
    for line in lines.step_by(step) {
        let Some(script) = line.chars().find(|c| c.is_alphabetic()).map(script) else { continue };
        match seen.iter_mut().find(|(known, _)| *known == script) {
            Some((_, count)) => *count += 1,
            None => seen.push((script, 1)),
        }
    }
    seen.into_iter().max_by_key(|&(_, count)| count).map(|(script, _)| script)
}

/// A number for the script of a letter: near enough to tell a Greek word in an English text from an English one.
fn script(c: char) -> u32 {
    match u32::from(c) {
        0..=0x24f | 0x1e00..=0x1eff | 0xfb00..=0xfb06 => 0,
        0x370..=0x3ff | 0x1f00..=0x1fff => 1,
        0x400..=0x52f => 2,
        0x590..=0x5ff | 0xfb1d..=0xfb4f => 3,
        0x600..=0x6ff | 0x750..=0x77f => 4,
        other => 0x100 + (other >> 7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_in_an_old_encoding_is_read() {
        let polish = Dictionary::parse(b"SET ISO8859-2\n", b"1\n\xbf\xf3\xb3w\n").unwrap();
        assert!(polish.has("żółw"));
        let latin = Dictionary::parse(b"TRY e\n", b"1\n\xe9t\xe9\n").unwrap();
        assert!(latin.has("été"), "without a word about it the files are Latin 1");
    }

    #[test]
    fn what_is_no_dictionary_is_refused_in_words() {
        let strange = Dictionary::parse(b"SET KLINGON\n", b"1\nword\n").unwrap_err();
        assert_eq!(strange, DictionaryError::Encoding);
        assert_eq!(Dictionary::parse(b"SET UTF-8\n", b"").unwrap_err(), DictionaryError::Empty);
        let picture = Dictionary::parse(b"SET UTF-8\n", b"\x89PNG\r\n\x1a\nwords/1").unwrap_err();
        assert_eq!(picture, DictionaryError::Unreadable);
    }
}
