//! Headings made by the author's template.

use super::numbers;
use crate::roman::roman;

/// The heading that `template` makes of a number from 1 and a title.
///
/// A chapter without a title leaves no colon behind: signs and spaces at the edge of what is missing go with it.
pub(super) fn heading(template: &str, number: usize, title: &str, language: &str) -> String {
    let mut out = String::new();
    let mut rest = template.chars();
    while let Some(c) = rest.next() {
        if c != '#' {
            out.push(c);
            continue;
        }
        let sign = rest.clone().next();
        match sign {
            Some('t') => out.push_str(title),
            Some('d') => out.push_str(&number.to_string()),
            Some('w') => out.push_str(&numbers::words(number, language)),
            Some('W') => out.push_str(&numbers::words(number, language).to_uppercase()),
            Some('r') => out.push_str(&roman(number).to_lowercase()),
            Some('R') => out.push_str(&roman(number)),
            Some('#') => out.push('#'),
            _ => {
                out.push('#');
                continue;
            }
        }
        rest.next();
    }
    let out = out.trim();
    if title.is_empty() && template.contains("#t") {
        let dangling = |c: char| c.is_whitespace() || ":-–—,.·".contains(c);
        return out.trim_matches(dangling).to_owned();
    }
    out.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_say_number_and_title() {
        for (template, title, made) in [
            ("#t", "The Pier", "The Pier"),
            ("Chapter #d", "The Pier", "Chapter 21"),
            ("Chapter #w: #t", "The Pier", "Chapter Twenty-one: The Pier"),
            ("CHAPTER #W", "", "CHAPTER TWENTY-ONE"),
            ("#R. #t", "The Pier", "XXI. The Pier"),
            ("#R. #t", "", "XXI"),
            ("#r", "", "xxi"),
            ("## #d", "", "# 21"),
            ("#x #", "", "#x #"),
            ("Chapter #d: #t", "", "Chapter 21"),
        ] {
            assert_eq!(heading(template, 21, title, "en"), made, "{template}");
        }
    }
}
