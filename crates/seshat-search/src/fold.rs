//! What is the same to a reader: folding text so that equal things are equal bytes, and finding the way back.
//!
//! **Invariants:** folding looks at one character at a time, so the folded form of a text is made of the folded
//! forms of its characters; [`Level::Loose`] forgets at least what the other levels forget, so what is equal to any
//! of them is equal to it. The `\n` that begins a paragraph stays, and nothing else becomes one.

use std::ops::Range;

use seshat_manuscript::ATOM;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use zeroize::Zeroizing;

use crate::{Case, Diacritics, Options};

/// Stands for a line break inside a paragraph, so that it can be told from other atoms. One character and one UTF-16
/// unit long, as they are.
pub(crate) const LINE: char = '\u{2028}';

/// How much is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Case, accents and compatibility forms.
    Loose,
    /// Accents and compatibility forms; for expressions, which have their own way with case.
    Unaccented,
    /// Only what nobody types or sees: kinds of quotation marks and spaces, soft hyphens.
    Written,
}

/// A text folded, with the way back.
pub(crate) struct Folded {
    level: Level,
    text: Zeroizing<String>,
    stretches: Vec<Stretch>,
}

/// A part of a folded text, up to the next stretch. What lies in the original between its end and the beginning of the
/// next was dropped.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Byte where it begins in the folded text.
    folded: u32,
    /// Byte where it begins in the original; the highest bit says that it is [`Stretch::is_one`].
    origin: u32,
}

const ONE: u32 = 1 << 31;

impl Stretch {
    fn new(folded: usize, origin: usize, one: bool) -> Self {
        Self { folded: offset(folded), origin: offset(origin) | if one { ONE } else { 0 } }
    }

    /// Whether it comes from one character; else it is as long as what it comes from, character by character.
    fn is_one(self) -> bool {
        self.origin & ONE != 0
    }

    fn folded(self) -> usize {
        self.folded as usize
    }

    fn origin(self) -> usize {
        (self.origin & !ONE) as usize
    }
}

/// Texts are scenes: what is longer than 2 GiB cannot be in memory as one.
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX) & !ONE
}

impl Folded {
    pub(crate) fn new(original: &str, level: Level) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(original.len() + original.len() / 16));
        let mut stretches = vec![Stretch::new(0, 0, false)];
        // Where the stretch that is being written would go on if the next character is as long as its folded form.
        let mut alike = (0, 0);
        let mut at = 0;
        while let Some(rest) = original.get(at..).filter(|rest| !rest.is_empty()) {
            let ascii = rest.bytes().take_while(u8::is_ascii).count();
            let begin = text.len();
            let (length, one) = if ascii > 0 {
                push_ascii(&mut text, rest.get(..ascii).unwrap_or_default(), level);
                (ascii, false)
            } else {
                let c = rest.chars().next().unwrap_or_default();
                let count = push_char(&mut text, c, level);
                (c.len_utf8(), count != 1 || text.len() - begin != c.len_utf8())
            };
            if text.len() > begin {
                if one || (begin, at) != alike {
                    stretches.push(Stretch::new(begin, at, one));
                }
                alike = if one { (usize::MAX, usize::MAX) } else { (text.len(), at + length) };
            }
            at += length;
        }
        stretches.shrink_to_fit();
        Self { level, text, stretches }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Bytes that it takes elsewhere.
    pub(crate) fn size(&self) -> usize {
        self.text.capacity() + self.stretches.capacity() * size_of::<Stretch>()
    }

    /// For asking about places that only grow.
    pub(crate) fn walk<'a>(&'a self, original: &'a str) -> Walk<'a> {
        Walk { folded: self, original, at: 0 }
    }
}

/// The way back from a folded text, for places in ascending order.
pub(crate) struct Walk<'a> {
    folded: &'a Folded,
    original: &'a str,
    at: usize,
}

impl Walk<'_> {
    /// The bytes of the original that `range` of the folded text came from; `None` when its ends are not whole
    /// characters there: one dot is not found in "…", and か is not found in が. `range` must not be empty and not
    /// begin before the one that was asked about last.
    pub(crate) fn whole(&mut self, range: &Range<usize>) -> Option<Range<usize>> {
        let first = self.stretch(range.start);
        self.at = first;
        let begin = self.begin(first, range.start)?;
        let last = self.stretch(range.end - 1);
        let end = self.end(last, range.end)?;
        // Marks that folding dropped belong to the letter before them.
        let rest = self.original.get(end..)?;
        if rest.as_bytes().first().is_none_or(u8::is_ascii) {
            return Some(begin..end);
        }
        let is_dropped = |c| self.folded.level != Level::Written && is_dropped_mark(c);
        let marks: usize = rest.chars().take_while(|&c| is_dropped(c)).map(char::len_utf8).sum();
        let split = rest.get(marks..)?.chars().next().is_some_and(is_combining_mark);
        (!split).then_some(begin..end + marks)
    }

    /// Which stretch holds a byte of the folded text: near the last one, or anywhere behind it.
    fn stretch(&self, byte: usize) -> usize {
        let behind = self.folded.stretches.get(self.at..).unwrap_or_default();
        let near = behind.iter().take(8).take_while(|stretch| stretch.folded() <= byte).count();
        let count = if near < 8 {
            near
        } else {
            behind.partition_point(|stretch| stretch.folded() <= byte)
        };
        self.at + count.saturating_sub(1)
    }

    fn begin(&self, stretch: usize, byte: usize) -> Option<usize> {
        let stretch = *self.folded.stretches.get(stretch)?;
        let inside = byte.checked_sub(stretch.folded())?;
        (!stretch.is_one() || inside == 0).then_some(stretch.origin() + inside)
    }

    fn end(&self, stretch: usize, byte: usize) -> Option<usize> {
        let next = self.folded.stretches.get(stretch + 1).map(|next| next.folded());
        let stretch = *self.folded.stretches.get(stretch)?;
        if !stretch.is_one() {
            return Some(stretch.origin() + (byte - stretch.folded()));
        }
        let whole = byte == next.unwrap_or(self.folded.text.len());
        let c = self.original.get(stretch.origin()..)?.chars().next()?;
        whole.then_some(stretch.origin() + c.len_utf8())
    }
}

/// The loose form of what is searched for.
pub(crate) fn loose(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        push_char(&mut folded, c, Level::Loose);
    }
    folded
}

/// Puts the form of `text` that counts under `options` into `out`. Equal under any options is equal to
/// [`Level::Loose`] as well.
pub(crate) fn strict(text: &str, options: Options, out: &mut String) {
    out.clear();
    let seen = text.chars().filter(|&c| !is_unseen(c));
    // Of the whole text and not of each character: of two marks on one letter, either may come first.
    for c in seen.nfkd().map(plainer) {
        match (options.case, options.diacritics) {
            (_, Diacritics::Folded) if is_dropped_mark(c) => {}
            (Case::Exact, _) => out.push(c),
            (Case::Ignored, _) => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
}

/// An expression as a text at `level` is to be asked. What the folding makes of a character stands for itself: the
/// dots of "…" do not become signs of the expression.
pub(crate) fn expression(pattern: &str, level: Level) -> String {
    let mut folded = String::with_capacity(pattern.len());
    let mut form = String::new();
    for c in pattern.chars() {
        if c.is_ascii() {
            folded.push(c);
            continue;
        }
        form.clear();
        push_char(&mut form, c, level);
        folded.push_str(&regex::escape(&form));
    }
    folded
}

fn push_ascii(out: &mut String, text: &str, level: Level) {
    let begin = out.len();
    out.push_str(text);
    if let Some(pushed) = out.get_mut(begin..) {
        if level == Level::Loose {
            pushed.make_ascii_lowercase();
        }
        if text.bytes().any(is_ascii_space) {
            let spaced: String = pushed
                .chars()
                .map(|c| if u8::try_from(c).is_ok_and(is_ascii_space) { ' ' } else { c })
                .collect();
            out.truncate(begin);
            out.push_str(&spaced);
        }
    }
}

/// White space other than the space itself and the `\n` that begins a paragraph.
fn is_ascii_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() && byte != b' ' && byte != b'\n'
}

/// Folds one character, and says how many came of it.
fn push_char(out: &mut String, c: char, level: Level) -> usize {
    let mut count = 0;
    let mut push = |c| {
        out.push(c);
        count += 1;
    };
    match c {
        c if is_unseen(c) => {}
        c if level == Level::Written => push(plainer(c)),
        // Most of what is written in these scripts, without asking the tables.
        'а'..='и' | 'к'..='я' | '\u{3041}'..='\u{304a}' | '\u{4e00}'..='\u{9fff}' => push(c),
        'א'..='ת' | '—' | '–' | '。' | '、' | '「' | '」' => push(c),
        c => decompose_compatible(c, |c| {
            if is_dropped_mark(c) {
                return;
            }
            let c = plainer(c);
            if level == Level::Unaccented {
                return push(c);
            }
            // By way of the capital: ß becomes ss, and all three sigmas become one.
            let small = c.to_uppercase().flat_map(char::to_lowercase);
            small.filter(|&c| !is_dropped_mark(c)).for_each(&mut push);
        }),
    }
    count
}

/// Characters that no reader sees: soft hyphen, word joiner, and others without width; and atoms, in which nothing is to
/// be found.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{640}' | ATOM)
}

/// The form that keyboards have.
pub(crate) fn plainer(c: char) -> char {
    match c {
        '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | 'ʹ' | '׳' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '״' => '"',
        '‐' | '‑' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Diacritics that a reader leaves out when searching: accents, and the points of Hebrew and Arabic. Not the
/// vowel signs of Indic scripts or the voicing marks of kana, which make other letters.
fn is_dropped_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}
