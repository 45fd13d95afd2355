//! The encodings of RTF's bytes: by code page (`\ansicpg`, `\cpg`), by a font's `\fcharset`, and the tables of
//! DOS that no web standard has.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, IBM866, MACINTOSH, SHIFT_JIS, WINDOWS_874, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256,
    WINDOWS_1257, WINDOWS_1258,
};

/// How bytes are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Coding {
    /// One of the web's encodings.
    Web(&'static Encoding),
    /// A table of 128 characters for the upper half.
    Table(&'static str),
    /// The symbol font, whose bytes are no letters of an alphabet.
    Symbol,
}

const DOS_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const DOS_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const DOS_852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";

/// Greek of Adobe's symbol font, which Word's `\fcharset2` uses, from `A` on and from `a` on.
const SYMBOL_UPPER: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
const SYMBOL_LOWER: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";

impl Coding {
    /// The encoding of a code page. Unknown ones are read as Western European, so that no byte is without a
    /// character.
    pub(super) fn of_page(page: i32) -> Self {
        Self::Web(match page {
            437 => return Self::Table(DOS_437),
            850 | 858 => return Self::Table(DOS_850),
            852 => return Self::Table(DOS_852),
            866 => IBM866,
            874 => WINDOWS_874,
            932 => SHIFT_JIS,
            936 | 54936 => GB18030,
            949 | 1361 => EUC_KR,
            950 => BIG5,
            1250 => WINDOWS_1250,
            1251 => WINDOWS_1251,
            1253 => WINDOWS_1253,
            1254 => WINDOWS_1254,
            1255 => WINDOWS_1255,
            1256 => WINDOWS_1256,
            1257 => WINDOWS_1257,
            1258 => WINDOWS_1258,
            10000 => MACINTOSH,
            10001 => SHIFT_JIS,
            65001 => encoding_rs::UTF_8,
            _ => WINDOWS_1252,
        })
    }

    /// The encoding of a font's character set; [`None`] for "the document's".
    pub(super) fn of_charset(charset: i32) -> Option<Self> {
        let page = match charset {
            0 => 1252,
            2 => return Some(Self::Symbol),
            77 => 10000,
            78 | 128 => 932,
            79 | 129 | 130 => 949,
            80 | 134 => 936,
            81 | 136 => 950,
            83 | 161 => 1253,
            84 | 177 => 1255,
            85 | 178 => 1256,
            86 | 162 => 1254,
            87 | 222 => 874,
            88 | 238 => 1250,
            89 | 204 => 1251,
            163 => 1258,
            186 => 1257,
            254 => 437,
            255 => 850,
            _ => return None,
        };
        Some(Self::of_page(page))
    }

    /// Appends `bytes` as characters. What is no character becomes U+FFFD, which an author can see.
    pub(super) fn decode_into(self, bytes: &[u8], text: &mut String) {
        match self {
            _ if bytes.is_ascii() && self != Self::Symbol => {
                text.extend(bytes.iter().map(|&byte| char::from(byte)));
            }
            Self::Web(encoding) => {
                let (decoded, _) = encoding.decode_without_bom_handling(bytes);
                text.push_str(&decoded);
            }
            Self::Table(table) => text.extend(bytes.iter().map(|&byte| upper(table, byte))),
            Self::Symbol => text.extend(bytes.iter().map(|&byte| symbol(byte))),
        }
    }
}

fn upper(table: &str, byte: u8) -> char {
    match byte.checked_sub(128) {
        None => char::from(byte),
        Some(at) => table.chars().nth(usize::from(at)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// The letters of the symbol font; its other signs where they are in use in text, the rest as they are.
pub(super) fn symbol(byte: u8) -> char {
    let from = |table: &str, first: u8| table.chars().nth(usize::from(byte - first));
    match byte {
        b'A'..=b'Z' => from(SYMBOL_UPPER, b'A'),
        b'a'..=b'z' => from(SYMBOL_LOWER, b'a'),
        0xa5 => Some('∞'),
        0xa9 => Some('♥'),
        0xb0 => Some('°'),
        0xb1 => Some('±'),
        0xb4 => Some('×'),
        0xb7 => Some('•'),
        0xb9 => Some('≠'),
        0xbc => Some('…'),
        0xde => Some('⇒'),
        0xae => Some('→'),
        _ => None,
    }
    .unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::{Coding, DOS_437, DOS_850, DOS_852};

    fn read(coding: Coding, bytes: &[u8]) -> String {
        let mut text = String::new();
        coding.decode_into(bytes, &mut text);
        text
    }

    #[test]
    fn the_tables_of_dos_have_128_characters() {
        for table in [DOS_437, DOS_850, DOS_852] {
            assert_eq!(table.chars().count(), 128);
        }
    }

    #[test]
    fn the_same_byte_is_another_letter_in_another_encoding() {
        assert_eq!(read(Coding::of_page(1252), &[0xe9]), "é");
        assert_eq!(read(Coding::of_page(437), &[0x82]), "é");
        assert_eq!(read(Coding::of_page(1251), &[0xe9]), "й");
        assert_eq!(read(Coding::of_page(10000), &[0x8e]), "é");
        assert_eq!(read(Coding::of_page(932), &[0x83, b'A']), "ア");
        let czech = Coding::of_charset(238).unwrap();
        assert_eq!(read(czech, &[0xe8]), "č");
        assert_eq!(read(Coding::of_charset(2).unwrap(), b"a\xb7"), "α•");
    }
}
