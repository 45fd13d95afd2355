//! Text in any encoding: by its byte order mark, by what its bytes can be, and last by what its letters are.
//!
//! **Invariant:** text that is valid UTF-8 is never read as anything else, and a guess is always said.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE};

use super::refusal::Refusal;

/// How many bytes the guess looks at: letters repeat.
const LOOKED_AT: usize = 256 * 1024;

/// Decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Without a byte order mark.
    pub(super) text: String,
    /// The name of the encoding, where it was guessed.
    pub(super) guessed: Option<&'static str>,
}

/// Decodes a text file. `label` names its encoding where somebody knows it.
pub(super) fn decode(bytes: Vec<u8>, label: Option<&str>) -> Result<Decoded, Refusal> {
    let sure = |text: String| Ok(Decoded { text, guessed: None });
    if let Some(encoding) = label.and_then(|label| Encoding::for_label(label.trim().as_bytes())) {
        let (text, _, _) = encoding.decode(&bytes);
        return sure(text.into_owned());
    }
    if let Some((big, rest)) = utf32(&bytes) {
        return sure(from_utf32(rest, big)?);
    }
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        let (text, _, damaged) = encoding.decode(&bytes);
        if encoding == UTF_8 && damaged {
            return Err(Refusal::Damaged);
        }
        return sure(text.into_owned());
    }
    if is_other_kind(&bytes) {
        return Err(Refusal::WrongKind("plain text"));
    }
    let bytes = match String::from_utf8(bytes) {
        // Japanese in seven bits: only the escapes tell it from English.
        Ok(text) if !(text.contains('\0') || text.is_ascii() && text.contains("\u{1b}$")) => {
            return sure(text);
        }
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    let encoding = guess(&bytes)?;
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    Ok(Decoded { text: text.into_owned(), guessed: Some(encoding.name()) })
}

/// What a note says about a guess.
pub(super) fn note(encoding: &str) -> String {
    format!(
        "The file does not say how its letters are encoded; it was read as {encoding}. If accents or other letters \
         look wrong, save it as UTF-8 and import it again."
    )
}

/// Whether the first bytes are those of something that is no text.
fn is_other_kind(bytes: &[u8]) -> bool {
    const KINDS: &[&[u8]] = &[
        b"PK\x03\x04",
        b"%PDF",
        b"\xd0\xcf\x11\xe0",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"\x7fELF",
        b"\x1f\x8b",
        b"Rar!",
        b"7z\xbc\xaf",
        b"SQLite format 3",
        b"\xfd7zXZ",
    ];
    KINDS.iter().any(|kind| bytes.starts_with(kind))
}

/// Whether the mark of UTF-32 is there, or nearly every first or last byte of four is nothing; true for big
/// endian.
fn utf32(bytes: &[u8]) -> Option<(bool, &[u8])> {
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => return Some((true, rest)),
        [0xff, 0xfe, 0, 0, rest @ ..] => return Some((false, rest)),
        _ => {}
    }
    let head = bytes.get(..bytes.len().min(4096) / 4 * 4)?;
    let fits = |big: bool| {
        let letter = |unit: &[u8; 4]| {
            let code = if big { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
            char::from_u32(code).is_some_and(|c| c != '\0')
        };
        let units = head.as_chunks::<4>().0;
        units.len() >= 2 && units.iter().all(letter)
    };
    if fits(false) { Some((false, bytes)) } else { fits(true).then_some((true, bytes)) }
}

fn from_utf32(bytes: &[u8], big: bool) -> Result<String, Refusal> {
    let (units, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Refusal::Damaged);
    }
    units
        .iter()
        .map(|unit| {
            let code = if big { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
            char::from_u32(code).ok_or(Refusal::Damaged)
        })
        .collect()
}

/// The encoding of bytes that have no mark and are no UTF-8.
fn guess(bytes: &[u8]) -> Result<&'static Encoding, Refusal> {
    let head = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
    if let Some(encoding) = utf16(head) {
        return Ok(encoding);
    }
    // Text has no zero; more than a few other control characters say that it is no text that we know.
    let controls =
        head.iter().filter(|&&byte| byte < 0x20 && !b"\t\n\x0b\x0c\r\x1a\x1b".contains(&byte));
    if head.contains(&0) || controls.count() * 50 > head.len() || is_ebcdic(head) {
        return Err(Refusal::WrongKind("plain text in an encoding that is known"));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(head, true);
    let found = detector.guess(None, Utf8Detection::Deny);
    let rival = if found.is_single_byte() { strangeness(head, MACINTOSH) } else { usize::MAX };
    Ok(if rival < strangeness(head, found) { MACINTOSH } else { found })
}

/// UTF-16 without a mark: every second byte is one of very few, and the text reads as letters.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let (units, _) = bytes.as_chunks::<2>();
    if units.len() < 2 {
        return None;
    }
    let zeros = |at: usize| units.iter().filter(|unit| unit[at] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    if second * 10 > units.len() && first * 10 < second {
        Some(UTF_16LE)
    } else if first * 10 > units.len() && second * 10 < first {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The letters of a mainframe: its space is `@`, and its letters are where nobody else has them.
fn is_ebcdic(bytes: &[u8]) -> bool {
    let count = |test: fn(u8) -> bool| bytes.iter().filter(|&&byte| test(byte)).count();
    let letters = count(|byte| matches!(byte, 0x81..=0x89 | 0x91..=0x99 | 0xa2..=0xa9));
    let spaces = count(|byte| byte == 0x40);
    spaces * 20 > bytes.len() && letters * 2 > bytes.len() - spaces
}

/// How unlikely the text is in that encoding: capitals and signs inside words, codes that mean nothing.
fn strangeness(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let mut strange = 0;
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        if !c.is_ascii() {
            let inside = before.is_alphabetic() && next.is_alphabetic();
            strange += match c {
                '\u{fffd}' | '\u{80}'..='\u{9f}' => 8,
                '’' | '‘' | '-' | '\u{ad}' | 'ʼ' => 0,
                c if c.is_lowercase() => 0,
                c if c.is_uppercase() && before.is_lowercase() => 3,
                c if c.is_alphabetic() => 0,
                _ if inside => 3,
                '«' | '»' | '“' | '”' | '„' | '…' | '—' | '–' | '\u{a0}' | '·' | '‹' | '›'
                | '°' | '§' | '¡' | '¿' | '©' | '€' | '£' => 0,
                _ => 1,
            };
        }
        before = c;
    }
    strange
}

#[cfg(test)]
mod tests {
    use super::{Refusal, decode};

    const FRENCH: &str = "L’été où naquit Émile, la Noël fut très gaie : « Ça ira », répétait-il à sa mère, \
                          et l’on chanta jusqu’à l’aube près du château.\r\nPuis vint l’hiver.\r\n";

    fn encoded(text: &str, label: &str) -> Vec<u8> {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{label} holds the sample");
        bytes.into_owned()
    }

    #[test]
    fn single_byte_and_eastern_encodings_are_found() {
        let russian = "Мой отец Андрей Петрович Гринёв в молодости своей служил при графе Минихе.";
        let japanese = "私はその人を常に先生と呼んでいた。だからここでもただ先生と書くだけで本名は打ち明けない。";
        let chinese = "红日初升，其道大光。河出伏流，一泻汪洋。潜龙腾渊，鳞爪飞扬。";
        for (text, labels) in [
            (FRENCH, &["windows-1252", "macintosh"][..]),
            (russian, &["windows-1251", "koi8-r"]),
            (japanese, &["shift_jis", "euc-jp", "iso-2022-jp"]),
            (chinese, &["gb18030"]),
        ] {
            for label in labels {
                let decoded = decode(encoded(text, label), None).unwrap();
                assert_eq!(decoded.text, text, "{label} was taken for {:?}", decoded.guessed);
                assert!(decoded.guessed.is_some(), "{label}: a guess is said");
            }
        }
    }

    #[test]
    fn unicode_is_found_with_and_without_a_mark() {
        for (mark, guessed) in [("\u{feff}", false), ("", true)] {
            let text = format!("{mark}{FRENCH}");
            let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [le, be] {
                let decoded = decode(bytes, None).unwrap();
                assert_eq!((decoded.text.as_str(), decoded.guessed.is_some()), (FRENCH, guessed));
            }
            for bytes in [
                text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<u8>>(),
                text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
            ] {
                assert_eq!(decode(bytes, None).unwrap().text, FRENCH);
            }
            assert_eq!(decode(text.into_bytes(), None).unwrap().text, FRENCH);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [
            &b"PK\x03\x04 and more"[..],
            b"\xc3\x00\x00\x01\x02\x00\x07\x00\x00\x00",
            b"%PDF-1.7 \xff",
        ] {
            assert!(
                matches!(decode(bytes.to_vec(), None), Err(Refusal::WrongKind(_))),
                "{bytes:?}"
            );
        }
        assert_eq!(decode(b"\xef\xbb\xbfwords \xff".to_vec(), None), Err(Refusal::Damaged));
        assert_eq!(decode(b"caf\xe9".to_vec(), Some("latin1")).unwrap().text, "café");
    }
}
