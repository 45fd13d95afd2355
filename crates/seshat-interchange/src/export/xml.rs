//! Text as XML and XHTML take it.

/// Appends text with everything escaped that a reader would take for something else. Characters that XML 1.0 has no
/// way to hold (most control characters) are left out: nobody can see them.
pub(super) fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if is_allowed(c) => out.push(c),
            _ => {}
        }
    }
}

/// Appends the value of an attribute, without its quotation marks.
pub(super) fn push_value(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            c if is_allowed(c) => out.push(c),
            _ => {}
        }
    }
}

/// The text, escaped.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_text(&mut out, text);
    out
}

/// The value of an attribute, escaped.
pub(super) fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_value(&mut out, text);
    out
}

fn is_allowed(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n' | '\r')
}

/// The tag as a `lang` attribute may say it; `None` for what is no BCP 47 tag.
pub(super) fn language(tag: &str) -> Option<&str> {
    let subtags = tag.split('-').skip(1);
    let primary = tag.split('-').next().unwrap_or_default();
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let fits = matches!(primary.len(), 2 | 3) && letters(primary);
    let rest = |text: &str| {
        (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let ends_open = tag.split('-').next_back().is_some_and(|last| last.len() == 1);
    (fits && subtags.into_iter().all(rest) && !ends_open && tag != crate::markdown::KEPT)
        .then_some(tag)
}

/// An address as an attribute may say it; `None` for what is no address of the web or of mail.
pub(super) fn address(link: &str) -> Option<String> {
    let url = url::Url::parse(link).ok()?;
    if !matches!(url.scheme(), "http" | "https" | "mailto") {
        return None;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&()*+,;=%".contains(&byte);
    Some(if link.bytes().all(plain) { link.to_owned() } else { url.into() })
}
