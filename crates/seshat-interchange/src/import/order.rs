//! Natural order of file names: "2" comes before "10".

use std::cmp::Ordering;

/// Compares names: runs of digits by their number, other characters without regard to case. Names that are
/// equal in this order are compared as they are written, so the order never depends on the disk.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (one, other) = (digits(left), digits(right));
        let ordering = if one > 0 && other > 0 {
            let (number, rest) = left.split_at(one);
            let (same, others) = right.split_at(other);
            (left, right) = (rest, others);
            number_order(number, same)
        } else {
            let (Some(c), Some(d)) = (left.chars().next(), right.chars().next()) else {
                return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
            };
            left = left.get(c.len_utf8()..).unwrap_or_default();
            right = right.get(d.len_utf8()..).unwrap_or_default();
            c.to_lowercase().cmp(d.to_lowercase())
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Compares numbers of any length: leading zeros say nothing.
fn number_order(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn chapter_2_comes_before_chapter_10() {
        let mut names =
            ["Ch 10.md", "ch 2.md", "Ch 1.md", "ch 02b.md", "Épilogue.md", "Prologue.md"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            ["Ch 1.md", "ch 2.md", "ch 02b.md", "Ch 10.md", "Prologue.md", "Épilogue.md"]
        );
    }

    #[test]
    fn a_number_of_a_thousand_digits_is_compared_too() {
        let long = "9".repeat(1000);
        assert!(natural("10", &long).is_lt(), "no number is too long");
    }
}
