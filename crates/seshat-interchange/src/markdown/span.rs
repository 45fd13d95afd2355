//! What stands behind a bracket: attributes (`{.smallcaps lang="fr"}`) and addresses (`(https://…)`).

use seshat_manuscript::{Align, Block, Marks};

use super::escape;

/// Attributes and addresses longer than this (in bytes) are text. It bounds the search for their end, as does
/// the next bracket, which an address may hold behind a backslash only.
const MAX_ATTRIBUTES: usize = 256;
const MAX_ADDRESS: usize = 4096;

/// At most `most` bytes from the beginning, cut at a character.
fn head(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Reads `{…}` at the beginning of `text` as marks: the marks and the length read; `None` when there is
/// anything that is not a mark of ours.
pub(super) fn marks(text: &str) -> Option<(Marks, usize)> {
    let inside = head(text, MAX_ATTRIBUTES).strip_prefix('{')?;
    let inside = inside.get(..inside.find(['}', '\n'])?)?;
    if !text.get(1 + inside.len()..)?.starts_with('}') {
        return None;
    }
    let mut marks = Marks::default();
    for word in inside.split_whitespace() {
        match word {
            ".smallcaps" => marks.smallcaps = true,
            ".underline" | ".ul" => marks.underline = true,
            ".superscript" => marks.superscript = true,
            _ => marks.language = Some(language(word)?),
        }
    }
    (!marks.is_plain()).then_some((marks, inside.len() + 2))
}

fn language(word: &str) -> Option<String> {
    let tag = word.strip_prefix("lang=")?;
    let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
    is_language(tag).then(|| tag.to_owned())
}

/// Whether the tag can be written as an attribute: letters, digits and hyphens.
pub(super) fn is_language(tag: &str) -> bool {
    tag != super::KEPT
        && (1..=64).contains(&tag.len())
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Reads `(address)` at the beginning of `text`: the address and the length read; `None` when there is a title
/// or no end.
pub(super) fn address(text: &str) -> Option<(String, usize)> {
    let inside = head(text, MAX_ADDRESS).strip_prefix('(')?;
    if let Some(inside) = inside.strip_prefix('<') {
        let end = unescaped(inside, |c| "<>[\n".contains(c))?;
        let closed = inside.get(end..)?.starts_with(">)");
        return closed.then_some((escape::unescape(inside.get(..end)?), end + 4));
    }
    let mut open = 0_usize;
    let end = unescaped(inside, |c| match c {
        '(' => {
            open += 1;
            false
        }
        ')' if open > 0 => {
            open -= 1;
            false
        }
        c => ")<[".contains(c) || c.is_whitespace() || c.is_control(),
    })?;
    let closed = inside.get(end..)?.starts_with(')');
    closed.then_some((escape::unescape(inside.get(..end)?), end + 2))
}

/// The position of the first character that `found` asks for and that has no backslash before it.
pub(super) fn unescaped(text: &str, mut found: impl FnMut(char) -> bool) -> Option<usize> {
    let mut skip = false;
    for (at, c) in text.char_indices() {
        if skip {
            skip = false;
        } else if c == '\\' {
            skip = true;
        } else if found(c) {
            return Some(at);
        }
    }
    None
}

/// The length of anything in round brackets at the beginning of `text` (an address with a title).
pub(super) fn bracketed(text: &str) -> Option<usize> {
    let inside = head(text, MAX_ADDRESS).strip_prefix('(')?;
    let end = unescaped(inside, |c| ")[\n".contains(c))?;
    inside.get(end..)?.starts_with(')').then_some(end + 2)
}

/// Whether an address may become a link. Others (`javascript:`, `file:`, `data:`) stay visible text.
pub(super) fn is_web(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default().to_ascii_lowercase();
    address.contains(':') && ["http", "https", "mailto"].contains(&scheme.as_str())
}

/// Writes an address in round brackets.
pub(super) fn push_address(out: &mut String, address: &str) {
    let simple = !address.is_empty()
        && address.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$+,;=%".contains(&b));
    if simple {
        out.push_str(&format!("({address})"));
        return;
    }
    out.push_str("(<");
    for c in address.chars() {
        match c {
            '<' | '>' | '\\' | '&' | '*' | '_' | '[' | ']' | '`' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => escape::push_reference(out, c),
            c => out.push(c),
        }
    }
    out.push_str(">)");
}

/// What a fenced division says about the paragraphs in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Division {
    /// The kind of its paragraphs, where it names one.
    pub(super) block: Option<Block>,
    /// Their alignment.
    pub(super) align: Option<Align>,
}

impl Division {
    /// Reads what stands behind the colons; `None` for a division that is not ours.
    pub(super) fn read(attributes: &str) -> Option<Self> {
        let classes = match attributes.strip_prefix('{') {
            Some(inside) => inside.strip_suffix('}')?,
            None => attributes,
        };
        let mut division = Self::default();
        for word in classes.split_whitespace() {
            match word.strip_prefix('.').unwrap_or(word) {
                "verse" => division.block = Some(Block::Verse),
                "letter" => division.block = Some(Block::Letter),
                "break" => division.block = Some(Block::Break),
                "left" => division.align = Some(Align::Left),
                "center" => division.align = Some(Align::Center),
                "right" => division.align = Some(Align::Right),
                "justify" => division.align = Some(Align::Justify),
                _ => return None,
            }
        }
        (division != Self::default()).then_some(division)
    }

    /// The opening line.
    pub(super) fn line(self) -> String {
        let block = self.block.and_then(|block| match block {
            Block::Verse => Some(".verse"),
            Block::Letter => Some(".letter"),
            Block::Break => Some(".break"),
            Block::Body | Block::Heading | Block::Quote => None,
        });
        let align = self.align.map(|align| match align {
            Align::Left => ".left",
            Align::Center => ".center",
            Align::Right => ".right",
            Align::Justify => ".justify",
        });
        let classes: Vec<&str> = block.into_iter().chain(align).collect();
        format!("::: {{{}}}", classes.join(" "))
    }
}
