//! Pictures that Markdown names by the address of a file. They are kept text until somebody has the files.

use super::{escape, span};

/// The widest attributes that are looked at, in bytes.
const MAX_ATTRIBUTES: usize = 256;

/// A picture that text begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// What it shows.
    pub(crate) alt: String,
    /// Where its file is, as it is written.
    pub(crate) address: String,
    /// How many bytes of the text it is.
    pub(crate) length: usize,
}

/// The picture `![alt](address "title")` at the beginning of `text`.
pub(crate) fn picture(text: &str) -> Option<Named> {
    let inside = text.strip_prefix("![")?;
    let mut open = 0_usize;
    let close = span::unescaped(inside, |c| match c {
        '[' => {
            open += 1;
            false
        }
        ']' if open > 0 => {
            open -= 1;
            false
        }
        c => c == ']',
    })?;
    let alt = escape::unescape(inside.get(..close)?);
    let behind = inside.get(close + 1..)?;
    let (address, more) = span::address(behind).or_else(|| titled(behind))?;
    Some(Named { alt, address, length: 2 + close + 1 + more })
}

/// `(address "title")`.
fn titled(text: &str) -> Option<(String, usize)> {
    let length = span::bracketed(text)?;
    let inside = text.get(1..length - 1)?.trim();
    let address = match inside.strip_prefix('<') {
        Some(inside) => inside.split_once('>')?.0,
        None => inside.split(char::is_whitespace).next()?,
    };
    Some((escape::unescape(address), length))
}

/// The attributes `{… width=50% …}` that a text behind a picture begins with: the width in hundredths, if they say one,
/// and their length.
pub(crate) fn attributes(text: &str) -> Option<(Option<u8>, usize)> {
    let inside = text.strip_prefix('{')?;
    let inside = inside.get(..inside.find(['}', '\n']).filter(|end| *end < MAX_ATTRIBUTES)?)?;
    let said = |word: &str| {
        let value = word.strip_prefix("width=")?;
        let share: f64 = value.trim_matches('"').strip_suffix('%')?.parse().ok()?;
        crate::import::hundredths(share / 100.0)
    };
    let closed = text.get(1 + inside.len()..)?.starts_with('}');
    let looks = |word: &str| word.starts_with(['.', '#']) || word.contains('=');
    let all = inside.split_whitespace().all(looks);
    (closed && all).then(|| (inside.split_whitespace().find_map(said), inside.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::{attributes, picture};

    #[test]
    fn a_picture_is_read_with_its_address_and_its_width() {
        let read = |text: &str| picture(text).map(|named| (named.alt, named.address, named.length));
        let found =
            |alt: &str, address: &str, length| Some((alt.to_owned(), address.to_owned(), length));
        assert_eq!(read("![a](b.png) c"), found("a", "b.png", 11));
        assert_eq!(read("![a \\] [b]](<b c.png>)"), found("a ] [b]", "b c.png", 22));
        assert_eq!(read("![](i/b.png \"T\")"), found("", "i/b.png", 16));
        assert_eq!(read("![a][b]"), None);
        assert_eq!(read("![a](b"), None);
        assert_eq!(attributes("{#x .y width=50%} z"), Some((Some(50), 17)));
        assert_eq!(attributes("{width=3in}"), Some((None, 11)));
        assert_eq!(attributes("{he said}"), None);
        assert_eq!(attributes("{width=50%"), None);
    }
}
