//! Numbers as lists write them.

use crate::roman::roman;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    /// 1 2 3
    Decimal,
    /// 01 02 03
    Padded,
    /// a b … z aa bb
    Lower,
    /// A B … Z AA BB
    Upper,
    /// i ii iii
    LowerRoman,
    /// I II III
    UpperRoman,
    /// No number but a sign.
    Bullet,
    /// Nothing.
    None,
}

impl Digits {
    /// By Word's name.
    pub(super) fn of_word(name: &str) -> Self {
        match name {
            "bullet" => Self::Bullet,
            "none" => Self::None,
            "lowerLetter" => Self::Lower,
            "upperLetter" => Self::Upper,
            "lowerRoman" => Self::LowerRoman,
            "upperRoman" => Self::UpperRoman,
            "decimalZero" => Self::Padded,
            _ => Self::Decimal,
        }
    }

    /// By OpenDocument's pattern.
    pub(super) fn of_pattern(pattern: &str) -> Self {
        match pattern {
            "" => Self::None,
            "a" => Self::Lower,
            "A" => Self::Upper,
            "i" => Self::LowerRoman,
            "I" => Self::UpperRoman,
            _ => Self::Decimal,
        }
    }
}

/// Writes a number.
pub(super) fn write(number: u32, digits: Digits) -> String {
    match digits {
        Digits::Decimal => number.to_string(),
        Digits::Padded => format!("{number:02}"),
        Digits::Lower => letters(number, b'a'),
        Digits::Upper => letters(number, b'A'),
        Digits::LowerRoman => roman(usize::try_from(number).unwrap_or(0)).to_lowercase(),
        Digits::UpperRoman => roman(usize::try_from(number).unwrap_or(0)),
        Digits::Bullet | Digits::None => String::new(),
    }
}

/// a … z, then aa, bb: the letter repeats. No list of ours is so long that this would be.
fn letters(number: u32, first: u8) -> String {
    let Some(index) = number.checked_sub(1) else { return "0".to_owned() };
    let times = usize::try_from(index / 26).unwrap_or(0);
    if times > 8 {
        return number.to_string();
    }
    let letter = first + u8::try_from(index % 26).unwrap_or(0);
    char::from(letter).to_string().repeat(times + 1)
}

#[cfg(test)]
mod tests {
    use super::{Digits, write};

    #[test]
    fn numbers_are_written_as_lists_write_them() {
        let all = [
            (4, Digits::Decimal, "4"),
            (4, Digits::Padded, "04"),
            (28, Digits::Lower, "bb"),
            (2, Digits::Upper, "B"),
            (1994, Digits::UpperRoman, "MCMXCIV"),
            (4, Digits::LowerRoman, "iv"),
            (u32::MAX, Digits::Lower, "4294967295"),
            (0, Digits::UpperRoman, "0"),
        ];
        for (number, digits, wanted) in all {
            assert_eq!(write(number, digits), wanted);
        }
    }
}
