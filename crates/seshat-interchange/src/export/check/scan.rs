//! One XML file as the list of its elements, or the news that it is no well-formed XML.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// An element.
#[derive(Debug, Default)]
pub(super) struct Tag {
    /// Its name without the prefix of its namespace.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Its own characters, without those of elements in it.
    pub(super) text: String,
    /// Elements that it stands in, by position.
    pub(super) inside: Option<usize>,
}

impl Tag {
    /// The value of an attribute, by its whole name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether an attribute holds this word among others.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        self.get(name).is_some_and(|value| value.split_whitespace().any(|held| held == word))
    }
}

/// The elements of a file in the order of their beginnings; `None` when it is not well-formed.
pub(super) fn scan(bytes: &[u8]) -> Option<Vec<Tag>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains(is_forbidden) {
        return None;
    }
    let mut reader = Reader::from_str(text);
    let mut tags: Vec<Tag> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let tag = tag(&start, open.last().copied())?;
                second_root(&tags, &open)?;
                open.push(tags.len());
                tags.push(tag);
            }
            Event::Empty(start) => {
                let tag = tag(&start, open.last().copied())?;
                second_root(&tags, &open)?;
                tags.push(tag);
            }
            Event::End(_) => {
                open.pop()?;
            }
            Event::Text(text) => push(&mut tags, &open, &text.xml10_content())?,
            Event::CData(text) => push(&mut tags, &open, &text.xml10_content())?,
            Event::GeneralRef(name) => push(&mut tags, &open, &character(&name)?)?,
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    (open.is_empty() && !tags.is_empty()).then_some(tags)
}

/// Characters that XML 1.0 has no way to hold.
fn is_forbidden(c: char) -> bool {
    c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A file has one element around everything.
fn second_root(tags: &[Tag], open: &[usize]) -> Option<()> {
    (tags.is_empty() || !open.is_empty()).then_some(())
}

fn push(tags: &mut [Tag], open: &[usize], text: &str) -> Option<()> {
    match open.last().and_then(|at| tags.get_mut(*at)) {
        Some(tag) => tag.text.push_str(text),
        // Outside of everything only white space may stand.
        None => return text.trim().is_empty().then_some(()),
    }
    Some(())
}

fn tag(start: &BytesStart<'_>, inside: Option<usize>) -> Option<Tag> {
    let local: &str = start.local_name().into_inner();
    let mut tag = Tag { name: local.to_owned(), inside, ..Tag::default() };
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        if attribute.value.contains('<') {
            return None;
        }
        let key: &str = attribute.key.into_inner();
        let value = quick_xml::escape::unescape(&attribute.value).ok()?;
        tag.attributes.push((key.to_owned(), value.into_owned()));
    }
    Some(tag)
}

fn character(name: &BytesRef<'_>) -> Option<String> {
    if let Some(c) = name.resolve_char_ref().ok()? {
        return Some(c.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::scan;

    #[test]
    fn what_is_not_well_formed_is_noticed() {
        let whole =
            "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a b=\"1 &lt; 2\">x<c/>&amp;<!-- d --></a>\n";
        let tags = scan(whole.as_bytes()).unwrap();
        assert_eq!((tags.len(), tags[0].text.as_str()), (2, "x&"));
        assert_eq!((tags[0].get("b"), tags[1].inside), (Some("1 < 2"), Some(0)));
        for broken in [
            "",
            "words",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>words",
            "<a>&nbsp;</a>",
            "<a b=\"1\" b=\"2\"/>",
            "<a b=\"<\"/>",
            "<a b=\"&x;\"/>",
            "<a b=1/>",
            "<a>\u{1}</a>",
            "<a>& b</a>",
        ] {
            assert!(scan(broken.as_bytes()).is_none(), "{broken}");
        }
        assert!(scan(b"<a>\xff</a>").is_none(), "it is no UTF-8");
    }
}
