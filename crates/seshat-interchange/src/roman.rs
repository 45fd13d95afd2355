//! Roman figures: of chapters in an export, of numbered lists in an import.

/// The number in Roman figures, `I` to `MMMCMXCIX`; other numbers stay in digits.
pub(crate) fn roman(number: usize) -> String {
    const SIGNS: [(usize, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4000).contains(&number) {
        return number.to_string();
    }
    let mut rest = number;
    let mut text = String::new();
    for (value, sign) in SIGNS {
        while rest >= value {
            text.push_str(sign);
            rest -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::roman;

    #[test]
    fn roman_figures_are_those_of_books() {
        let figures = [1, 4, 9, 14, 40, 49, 90, 400, 1994, 3999].map(roman);
        assert_eq!(
            figures,
            ["I", "IV", "IX", "XIV", "XL", "XLIX", "XC", "CD", "MCMXCIV", "MMMCMXCIX"]
        );
        assert_eq!([0, 4000].map(roman), ["0", "4000"]);
    }
}
