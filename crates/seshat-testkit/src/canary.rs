//! Looking for words that must not be there: as text, as UTF-16, in base64, in hex.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A text that must be found nowhere, in every spelling in which a program leaks one without noticing.
#[derive(Clone, Debug)]
pub struct Canary {
    text: String,
    spellings: Vec<(&'static str, Vec<u8>)>,
}

/// A canary that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// The text.
    pub text: String,
    /// How it was spelt.
    pub spelling: &'static str,
    /// The place in bytes.
    pub at: usize,
}

impl Canary {
    /// A canary. Text of fewer than eight bytes would be found by chance.
    ///
    /// # Panics
    /// When `text` is that short.
    #[must_use]
    pub fn new(text: &str) -> Self {
        assert!(text.len() >= 8, "“{text}” is too short to be looked for");
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let escaped = serde_json::Value::from(text).to_string();
        let mut spellings = vec![
            ("plain", text.as_bytes().to_vec()),
            ("lower case", text.to_lowercase().into_bytes()),
            ("percent", percent(text).into_bytes()),
            ("JSON escapes", escape(&escaped)),
            ("UTF-16 LE", little.clone()),
            ("UTF-16 BE", big),
            ("hex", hex(text.as_bytes()).into_bytes()),
            ("hex upper", hex(text.as_bytes()).to_uppercase().into_bytes()),
        ];
        for offset in 0..3 {
            spellings.push(("base64", inner(text.as_bytes(), offset, &STANDARD_NO_PAD)));
            spellings.push(("base64url", inner(text.as_bytes(), offset, &URL_SAFE_NO_PAD)));
            spellings.push(("base64 of UTF-16", inner(&little, offset, &STANDARD_NO_PAD)));
        }
        Self { text: text.to_owned(), spellings }
    }

    /// The first place in `bytes` at which it stands in any spelling.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Option<Find> {
        self.spellings.iter().find_map(|(spelling, needle)| {
            let at = position(bytes, needle)?;
            Some(Find { text: self.text.clone(), spelling, at })
        })
    }
}

/// What base64 makes of `text` behind `offset` other bytes, without the characters that its neighbours decide.
fn inner(text: &[u8], offset: usize, engine: &impl base64::Engine) -> Vec<u8> {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(text);
    let encoded = engine.encode(&bytes).into_bytes();
    let first = (offset * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    encoded[first..last].to_vec()
}

fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A JSON text without its quotation marks, everything beyond ASCII as `\u`.
fn escape(json: &str) -> Vec<u8> {
    let mut escaped = String::new();
    for unit in json.trim_matches('"').encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("\\u{unit:04x}")),
        }
    }
    escaped.into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn position(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(skip) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + skip;
        if bytes[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    const TEXT: &str = "Ottoline’s café";

    fn found(bytes: &[u8]) -> &'static str {
        Canary::new(TEXT).find(bytes).map_or("nothing", |find| find.spelling)
    }

    #[test]
    fn it_is_found_in_every_spelling_and_at_every_place_in_base64() {
        assert_eq!(found(format!("…{TEXT}…").as_bytes()), "plain");
        let utf16: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(found(&utf16), "UTF-16 LE");
        assert_eq!(found(b"..4f74746f6c696e65e28099732063616663c3a9").len(), 7, "not quite it");
        assert_eq!(found(b"\"Ottoline\\u2019s caf\\u00e9\""), "JSON escapes");
        assert_eq!(found(b"?q=Ottoline%E2%80%99s%20caf%C3%A9"), "percent");
        for before in 0..7 {
            let mut text = "#".repeat(before).into_bytes();
            text.extend_from_slice(TEXT.as_bytes());
            text.extend_from_slice(b" and more");
            assert_eq!(found(STANDARD_NO_PAD.encode(&text).as_bytes()), "base64", "{before}");
            let url = URL_SAFE_NO_PAD.encode(&text);
            assert!(found(url.as_bytes()).starts_with("base64"), "{before}");
        }
    }

    #[test]
    fn it_is_not_found_where_it_is_not() {
        assert_eq!(found(b"Ottoline's cafe"), "nothing");
        assert_eq!(found(b""), "nothing");
    }
}
