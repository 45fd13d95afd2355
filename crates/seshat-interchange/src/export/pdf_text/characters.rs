//! Which characters a font's codes are: the list that a PDF gives with each font.

use std::collections::BTreeMap;

use super::syntax::{Value, Values};

/// Codes of a font at most: all that two bytes can say.
const MOST: usize = 65_536;

/// Characters for one code at most: a ligature and what stands on it.
const LONGEST: usize = 16;

/// Values of a list at most.
const MOST_VALUES: usize = 1 << 18;

/// Characters by code.
#[derive(Debug, Default)]
pub(super) struct Characters {
    by_code: BTreeMap<u32, String>,
}

impl Characters {
    /// The list in a font's `ToUnicode`.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut characters = Self::default();
        let mut values = Values::new(bytes, 0, MOST_VALUES);
        let mut listed = Vec::new();
        while let Some(value) = values.next() {
            if !matches!(value, Value::Word(_)) {
                listed.push(value);
                continue;
            }
            if value.is_word("endbfchar") {
                listed.chunks_exact(2).for_each(|it| characters.one(it));
            } else if value.is_word("endbfrange") {
                listed.chunks_exact(3).for_each(|it| characters.range(it));
            }
            listed.clear();
        }
        characters
    }

    /// How many codes are listed.
    pub(super) fn len(&self) -> usize {
        self.by_code.len()
    }

    fn put(&mut self, code: u32, text: String) {
        if self.by_code.len() < MOST {
            self.by_code.insert(code, text);
        }
    }

    fn one(&mut self, listed: &[Value]) {
        if let [Value::Text(code), Value::Text(text)] = listed {
            self.put(number(code), utf16(text).chars().take(LONGEST).collect());
        }
    }

    fn range(&mut self, listed: &[Value]) {
        let [Value::Text(first), Value::Text(last), to] = listed else { return };
        let (first, last) = (number(first), number(last));
        let codes = (first..=last).take(MOST);
        match to {
            Value::List(texts) => {
                for (code, text) in codes.zip(texts) {
                    let Value::Text(text) = text else { continue };
                    self.put(code, utf16(text).chars().take(LONGEST).collect());
                }
            }
            Value::Text(text) => {
                let text: String = utf16(text).chars().take(LONGEST).collect();
                let Some(end) = text.chars().next_back() else { return };
                let start = text.strip_suffix(end).unwrap_or_default();
                for code in codes.take(256) {
                    let end = char::from_u32(u32::from(end).saturating_add(code - first));
                    self.put(code, format!("{start}{}", end.unwrap_or('\u{fffd}')));
                }
            }
            _ => {}
        }
    }

    /// The characters of a code.
    pub(super) fn of(&self, code: &[u8]) -> Option<&str> {
        self.by_code.get(&number(code)).map(String::as_str)
    }
}

/// A code of any length; of a longer one than there are, the end.
fn number(code: &[u8]) -> u32 {
    code.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> =
        bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16_lossy(&units)
}

/// A text of the file itself: UTF-16 or UTF-8 with its mark, else Latin letters.
pub(super) fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
