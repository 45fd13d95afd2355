//! What a manuscript says of itself (after William Shunn's "Proper Manuscript Format"): contact, length, header.

use super::edition::Edition;

/// The corner of the first page: what the author chose, else the author's name.
pub(super) fn contact(edition: &Edition<'_>) -> Vec<String> {
    let lines = edition.options.contact.iter().map(|line| line.trim().to_owned());
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { vec![edition.author.clone()] } else { lines }
}

/// "about 121,000 words".
pub(super) fn about_words(edition: &Edition<'_>) -> String {
    let number = grouped(rounded(edition.words), edition.labels.thousands);
    edition.labels.about_words.replace('#', &number)
}

/// To the hundred in a story, to five hundred in a novella, to the thousand in a novel.
fn rounded(words: usize) -> usize {
    let step = match words {
        0..17_500 => 100,
        17_500..40_000 => 500,
        _ => 1000,
    };
    ((words + step / 2) / step * step).max(step.min(words))
}

fn grouped(number: usize, by: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(by);
        }
        text.push(digit);
    }
    text
}

/// The author's surname for a header.
pub(super) fn surname(edition: &Edition<'_>) -> String {
    let chosen = edition.options.surname.trim();
    if !chosen.is_empty() {
        return chosen.to_owned();
    }
    edition.author.split_whitespace().next_back().unwrap_or_default().to_owned()
}

/// The title's keyword for a header, in capitals: its first word that is no article, with the next one.
pub(super) fn keyword(edition: &Edition<'_>) -> String {
    const ARTICLES: [&str; 16] = [
        "the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une", "el",
        "los", "il",
    ];
    let chosen = edition.options.keyword.trim();
    if !chosen.is_empty() {
        return chosen.to_uppercase();
    }
    let words: Vec<&str> = edition.title.split_whitespace().collect();
    let article = |word: &&&str| ARTICLES.contains(&word.to_lowercase().as_str());
    let skipped = if words.len() > 1 { words.iter().take_while(article).count() } else { 0 };
    let from = skipped.min(words.len().saturating_sub(1));
    let keyword: Vec<&str> = words.into_iter().skip(from).take(2).collect();
    let ends = |c: char| !c.is_alphanumeric();
    keyword.join(" ").trim_matches(ends).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_as_editors_expect() {
        let cases =
            [(0, 0), (30, 30), (149, 100), (3_250, 3_300), (17_499, 17_500), (26_737, 26_500)];
        for (words, said) in cases {
            assert_eq!(rounded(words), said, "{words}");
        }
        assert_eq!(rounded(121_966), 122_000);
        assert_eq!(grouped(122_000, ","), "122,000");
        assert_eq!(grouped(900, ","), "900");
        assert_eq!(grouped(1_234_567, "."), "1.234.567");
    }
}
