//! RTF cut into tokens.
//!
//! **Invariants:** every byte belongs to one token or none (line ends outside of text mean nothing in RTF); any
//! bytes can be cut; nothing is copied.

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A control word without its backslash, and its number.
    Word(&'a [u8], Option<i32>),
    /// A control symbol: the character behind the backslash.
    Symbol(u8),
    /// `\'xx`: one byte in the encoding of the font.
    Byte(u8),
    /// Characters as they stand, without line ends.
    Text(&'a [u8]),
    /// The bytes of `\bin`.
    Binary(&'a [u8]),
}

/// Walks over the tokens of a file.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Over all of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are not yet read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, fits: impl Fn(u8) -> bool) -> &'a [u8] {
        let count = self.rest.iter().position(|&byte| !fits(byte)).unwrap_or(self.rest.len());
        self.take(count)
    }

    /// What follows a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.first()?;
        if first == b'\'' {
            self.take(1);
            return Some(self.hex());
        }
        if !first.is_ascii_alphabetic() {
            self.take(1);
            if first == b'\r' && self.rest.first() == Some(&b'\n') {
                self.take(1);
            }
            return Some(Token::Symbol(if first == b'\r' { b'\n' } else { first }));
        }
        let name = self.take_while(|byte| byte.is_ascii_alphabetic());
        let number = self.number();
        if self.rest.first() == Some(&b' ') {
            self.take(1);
        }
        if name != b"bin" {
            return Some(Token::Word(name, number));
        }
        let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
        Some(Token::Binary(self.take(length)))
    }

    /// The number behind a control word. Larger ones than 32 bits are as good as none.
    fn number(&mut self) -> Option<i32> {
        let negative = self.rest.first() == Some(&b'-');
        let digits_at = self.rest.get(usize::from(negative)..)?;
        if !digits_at.first()?.is_ascii_digit() {
            return None;
        }
        if negative {
            self.take(1);
        }
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        let value = digits.iter().try_fold(0_i32, |value, digit| {
            value.checked_mul(10)?.checked_add(i32::from(digit - b'0'))
        });
        value.map(|value| if negative { -value } else { value })
    }

    /// The two digits behind `\'`. Writers that put something else there mean that something.
    fn hex(&mut self) -> Token<'a> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let high = self.rest.first().and_then(digit);
        let low = self.rest.get(1).and_then(digit);
        match (high, low) {
            (Some(high), Some(low)) => {
                self.take(2);
                Token::Byte(high << 4 | low)
            }
            (Some(only), None) => {
                self.take(1);
                Token::Byte(only)
            }
            (None, _) => Token::Text(b"'"),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match *self.rest.first()? {
                b'\r' | b'\n' | 0 => {
                    self.take(1);
                }
                b'{' => {
                    self.take(1);
                    return Some(Token::Open);
                }
                b'}' => {
                    self.take(1);
                    return Some(Token::Close);
                }
                b'\\' => {
                    self.take(1);
                    return self.control();
                }
                _ => {
                    let plain = |byte| !matches!(byte, b'\r' | b'\n' | 0 | b'{' | b'}' | b'\\');
                    return Some(Token::Text(self.take_while(plain)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, Tokens};

    fn all(rtf: &str) -> Vec<Token<'_>> {
        Tokens::new(rtf.as_bytes()).collect()
    }

    #[test]
    fn words_numbers_symbols_and_bytes_are_told_apart() {
        assert_eq!(
            all("{\\b0 a\\u-3913?\\'e9\\~\\*}\r\n\\par\n"),
            [
                Token::Open,
                Token::Word(b"b", Some(0)),
                Token::Text(b"a"),
                Token::Word(b"u", Some(-3913)),
                Token::Text(b"?"),
                Token::Byte(0xe9),
                Token::Symbol(b'~'),
                Token::Symbol(b'*'),
                Token::Close,
                Token::Word(b"par", None),
            ]
        );
    }

    #[test]
    fn binary_data_is_one_token_and_never_longer_than_the_file() {
        assert_eq!(all("\\bin3 {}{x"), [Token::Binary(b"{}{"), Token::Text(b"x")]);
        assert_eq!(all("\\bin99 {"), [Token::Binary(b"{")]);
        assert_eq!(all("\\bin-1 x"), [Token::Binary(b""), Token::Text(b"x")]);
    }

    #[test]
    fn a_file_that_ends_in_the_middle_of_a_sign_ends_there() {
        for rtf in ["\\", "\\'", "\\'e", "\\u", "\\u-", "{\\b99999999999"] {
            let _cut = all(rtf);
        }
        assert_eq!(all("\\'e"), [Token::Byte(0xe)]);
    }
}
