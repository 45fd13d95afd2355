//! Judging the words of a text in one language.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::dictionary::{Dictionary, curly};
use crate::known::Known;
use crate::language::main_part;
use crate::tokens::{Chain, chains, is_apostrophe, plain};

/// Letters of the longest word for which something else is suggested.
const LONGEST: usize = 40;
/// Capitals in a row that may be an abbreviation nobody has listed.
const ABBREVIATION: usize = 4;
/// What French and Italian put before a vowel.
const ELISIONS: &[&str] = &[
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu",
    "entr", "presqu", "dell", "all", "nell", "sull", "dall", "coll", "un", "quell", "sant", "bell",
];
/// What English hangs on to a word.
const ENDINGS: &[&str] = &["'s", "'d", "'ll", "'ve", "'re", "'em", "'"];
/// English words that have lost their beginning.
const CLIPPED: &[&str] = &[
    "tis", "twas", "twere", "twill", "twould", "em", "til", "cause", "bout", "neath", "gainst",
    "cos", "ere", "un", "im", "er", "is", "round",
];

/// A stretch of the text that is no word of its language, in UTF-16 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misspelt {
    /// The first unit.
    pub from: usize,
    /// One behind the last.
    pub to: usize,
}

/// What judges the words of one language.
#[derive(Clone)]
pub struct Speller {
    main: String,
    dictionaries: Vec<Arc<Dictionary>>,
}

impl fmt::Debug for Speller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speller").field("main", &self.main).finish_non_exhaustive()
    }
}

/// What touches a word: a hyphen or an apostrophe can make another one of it.
struct Touching {
    before: Option<char>,
    after: Option<char>,
}

impl Speller {
    /// Judges by these dictionaries; a word is right when one of them has it.
    #[must_use]
    pub fn new(language: &str, dictionaries: Vec<Arc<Dictionary>>) -> Self {
        Self { main: main_part(language), dictionaries }
    }

    /// The words of `text` that neither the dictionaries nor the author know, in order.
    #[must_use]
    pub fn misspelt(&self, text: &str, known: &Known) -> Vec<Misspelt> {
        let mut found = Vec::new();
        let mut units = Units { text, byte: 0, unit: 0 };
        for chain in chains(text) {
            for word in self.wrong(text, &chain, known) {
                found.push(Misspelt { from: units.at(word.start), to: units.at(word.end) });
            }
        }
        found
    }

    /// At most `most` words that may have been meant, best first, with the apostrophe that the word has.
    #[must_use]
    pub fn suggest(&self, word: &str, known: &Known, most: usize) -> Vec<String> {
        if word.chars().count() > LONGEST {
            return Vec::new();
        }
        let form = plain(word);
        let mut found: Vec<String> = known.near(&form).into_iter().map(str::to_owned).collect();
        found.truncate(most / 2);
        found.extend(self.meant(&form));
        let mut seen = Vec::new();
        found.retain(|word| {
            word != &form && !seen.contains(word) && {
                seen.push(word.clone());
                true
            }
        });
        found.truncate(most);
        if word.contains('\'') { found } else { found.iter().map(|word| curly(word)).collect() }
    }

    /// What the dictionaries say may have been meant. An elision is no slip: only what is behind it is looked at.
    fn meant(&self, form: &str) -> Vec<String> {
        if let Some((elision, rest)) = self.elided(form) {
            return self.meant(rest).iter().map(|rest| format!("{elision}'{rest}")).collect();
        }
        let ask = |how: fn(&Dictionary, &str) -> Vec<String>| -> Vec<String> {
            let all = self.dictionaries.iter().flat_map(|dictionary| how(dictionary, form));
            all.map(|word| plain(&word)).collect()
        };
        let found = ask(Dictionary::suggest);
        // A name that no slip explains is a name: what looks like it somewhere in the dictionary is nobody the author
        // meant. In German the capital says nothing.
        let is_name = form.starts_with(char::is_uppercase) && self.main != "de";
        if found.is_empty() && !is_name { ask(Dictionary::suggest_alike) } else { found }
    }

    /// The words of a chain that are wrong: none when the whole of it is right.
    fn wrong(&self, text: &str, chain: &Chain, known: &Known) -> Vec<Range<usize>> {
        let slice = |range: &Range<usize>| plain(text.get(range.clone()).unwrap_or_default());
        if let ([first, .., last], true) = (chain.as_slice(), chain.len() > 1) {
            let whole = slice(&(first.start..last.end));
            if known.has(&whole) || self.have(&whole) {
                return Vec::new();
            }
        }
        let mut wrong = Vec::new();
        for (index, range) in chain.iter().enumerate() {
            let word = slice(range);
            let stammered = chain.get(index + 1).is_some_and(|next| begins(&slice(next), &word));
            let touching = Touching {
                before: text.get(..range.start).and_then(|text| text.chars().next_back()),
                after: text.get(range.end..).and_then(|text| text.chars().next()),
            };
            if !stammered && !self.is_right(&word, &touching, known) {
                wrong.push(range.clone());
            }
        }
        wrong
    }

    fn is_right(&self, word: &str, touching: &Touching, known: &Known) -> bool {
        if word.chars().count() < 2
            || word.contains(char::is_numeric)
            || !self.dictionaries.iter().any(|dictionary| dictionary.reads(word))
        {
            return true;
        }
        self.is_word(word, known)
            || is_abbreviation(word)
            || self.is_name_with_capital_inside(word)
            || self.is_half_of_compound(word, touching)
            || self.is_clipped(word, touching)
            || self.is_joined(word, known)
    }

    fn is_word(&self, word: &str, known: &Known) -> bool {
        known.has(word) || self.have(word) || self.is_bent(word, known)
    }

    fn have(&self, word: &str) -> bool {
        self.dictionaries.iter().any(|dictionary| dictionary.has(word))
    }

    /// A word that is right, with something before or behind it that its language hangs on to any word.
    fn is_bent(&self, word: &str, known: &Known) -> bool {
        let right = |word: &str| word.chars().count() < 2 || known.has(word) || self.have(word);
        match self.main.as_str() {
            "en" => {
                let bare = bare(word);
                let without = |word: &str| {
                    ENDINGS.iter().any(|end| word.strip_suffix(end).is_some_and(right))
                };
                without(word) || bare != word && (self.have(&bare) || without(&bare))
            }
            "de" => {
                ["'s", "s"].iter().any(|end| word.strip_suffix(end).is_some_and(|it| known.has(it)))
            }
            _ => self.elided(word).is_some_and(|(_, rest)| right(rest)),
        }
    }

    /// `l` and `été` of `l'été`, in the languages that do so.
    fn elided<'a>(&self, word: &'a str) -> Option<(&'a str, &'a str)> {
        if !matches!(self.main.as_str(), "fr" | "it" | "ca" | "oc") {
            return None;
        }
        let (elision, rest) = word.split_once('\'')?;
        ELISIONS.contains(&elision.to_lowercase().as_str()).then_some((elision, rest))
    }

    /// A capital behind a small letter makes a name (`McGregor`), unless it is a slip in a word that there is (`hEllo`).
    fn is_name_with_capital_inside(&self, word: &str) -> bool {
        let inside = word.chars().zip(word.chars().skip(1));
        let mut inside = inside.filter(|(a, b)| a.is_lowercase() && b.is_uppercase());
        inside.next().is_some() && !self.have(&word.to_lowercase())
    }

    /// `Arbeits-` and `-tür` are words where `Arbeits` is none.
    fn is_half_of_compound(&self, word: &str, touching: &Touching) -> bool {
        let hyphen = |c: Option<char>| matches!(c, Some('-' | '\u{2010}' | '\u{2011}'));
        hyphen(touching.after) && self.have(&format!("{word}-"))
            || hyphen(touching.before) && self.have(&format!("-{word}"))
    }

    /// English as people speak it: `goin’`, `’tis`.
    fn is_clipped(&self, word: &str, touching: &Touching) -> bool {
        if self.main != "en" {
            return false;
        }
        let small = word.to_lowercase();
        let behind = touching.after.is_some_and(is_apostrophe);
        let before = touching.before.is_some_and(is_apostrophe);
        behind && small.ends_with("in") && self.have(&format!("{small}g"))
            || behind && self.have(&format!("{small}'"))
            || before && (CLIPPED.contains(&small.as_str()) || self.have(&format!("'{small}")))
    }

    /// What a point or an underscore joins (`e.g`, `_emphasis_`): each part for itself.
    fn is_joined(&self, word: &str, known: &Known) -> bool {
        let right = |part: &str| part.chars().count() < 2 || self.is_word(part, known);
        word.contains(['.', '_', ':', '·'])
            && word.split(['.', '_', ':', '·']).all(|part| right(part) || is_abbreviation(part))
    }
}

/// A word without the accents that came to English with it: `cafe` of `café`. The author's own words have theirs.
fn bare(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    word.nfd().filter(|&c| !matches!(c, '\u{300}'..='\u{36f}')).collect()
}

/// Capitals alone: short ones, and Roman numbers.
fn is_abbreviation(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = !word.contains(char::is_lowercase);
    capitals && (letters <= ABBREVIATION || word.chars().all(|c| "IVXLCDM".contains(c)))
}

/// Somebody who stammers begins a word before saying it.
fn begins(word: &str, start: &str) -> bool {
    start.chars().count() < 4 && word.to_lowercase().starts_with(&start.to_lowercase())
}

/// Counts UTF-16 units on the way through a text; places are asked for in order.
struct Units<'a> {
    text: &'a str,
    byte: usize,
    unit: usize,
}

impl Units<'_> {
    fn at(&mut self, byte: usize) -> usize {
        let between = self.text.get(self.byte..byte).unwrap_or_default();
        self.unit += between.chars().map(char::len_utf16).sum::<usize>();
        self.byte = byte;
        self.unit
    }
}
