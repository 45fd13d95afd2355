//! The block of YAML before a Markdown text, as Pandoc and many writing programs put it there: title, author, language.
//!
//! **Invariant:** only what is certainly such a block is taken off the text; anything else stays text.

use crate::flow::{Flow, Loss};

/// How many lines such a block may have.
const MOST_LINES: usize = 200;

/// What was read of the block, and the text behind it.
pub(super) struct FrontMatter<'a> {
    title: Option<String>,
    author: Option<String>,
    language: Option<String>,
    /// Entries that a novel has no place for.
    others: usize,
    /// The text without the block.
    pub(super) text: &'a str,
}

/// Takes the block off the beginning of a text; a text without one stays as it is.
pub(super) fn split(text: &str) -> FrontMatter<'_> {
    let none = || FrontMatter { title: None, author: None, language: None, others: 0, text };
    let Some((block, rest)) = cut(text) else { return none() };
    let mut matter = FrontMatter { text: rest, ..none() };
    for line in block.lines() {
        // Indented lines and those of a list belong to the entry before.
        if line.trim().is_empty() || line.starts_with([' ', '\t', '-', '#']) {
            continue;
        }
        let Some((key, value)) = entry(line) else { return none() };
        let value = scalar(value);
        match key.to_ascii_lowercase().as_str() {
            "title" => matter.title = value,
            "author" => matter.author = value,
            "lang" | "language" => matter.language = value,
            // The language says it as well.
            "dir" => {}
            _ => matter.others += 1,
        }
    }
    matter
}

impl FrontMatter<'_> {
    /// Puts what was read into the flow.
    pub(super) fn tell(self, flow: &mut Flow) {
        flow.title = self.title.or_else(|| flow.title.take());
        flow.author = self.author.or_else(|| flow.author.take());
        let language = self.language.filter(|language| language != "und");
        flow.language = language.or_else(|| flow.language.take());
        flow.lost.add_many(Loss::Metadata, self.others);
    }
}

/// The lines between `---` and `---` or `...`, and what is behind them.
fn cut(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
    let mut length = 0;
    for line in inside.split_inclusive('\n').take(MOST_LINES) {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((inside.get(..length)?, inside.get(length + line.len()..)?));
        }
        length += line.len();
    }
    None
}

/// `key: value`, where a key is one word.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let parted = value.is_empty() || value.starts_with([' ', '\t']);
    (parted && !key.is_empty() && key.chars().all(word)).then(|| (key, value.trim()))
}

/// A value on one line: in double quotation marks as in JSON, in single ones, or plain.
fn scalar(value: &str) -> Option<String> {
    let text = if value.starts_with('"') {
        serde_json::from_str(value).ok()?
    } else if let Some(inside) = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        inside.replace("''", "'")
    } else {
        value.to_owned()
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn title_author_and_language_are_read_and_the_rest_is_text() {
        let text = "---\ntitle: \"A \\\"Book\\\": one\"\nauthor: 'Ann O''Hara'\nlang: en-GB\nrights: x\ntags:\n  - a\n---\n\n# One\n";
        let matter = split(text);
        assert_eq!(matter.title.as_deref(), Some("A \"Book\": one"));
        assert_eq!(matter.author.as_deref(), Some("Ann O'Hara"));
        assert_eq!((matter.language.as_deref(), matter.others), (Some("en-GB"), 2));
        assert_eq!(matter.text, "\n# One\n");
    }

    #[test]
    fn what_is_no_such_block_stays_text() {
        for text in [
            "---\nHe said: no.\n---\n",
            "---\ntitle: x\n",
            "# One\n---\ntitle: x\n---\n",
            "---\nRain.\n---\n",
            "---",
        ] {
            assert_eq!(split(text).text, text);
        }
    }
}
