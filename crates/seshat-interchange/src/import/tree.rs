//! XML as small trees: a large file is walked, and only the element at hand becomes a tree.
//!
//! **Invariants:** names are told apart by their namespace and not by the prefix that a writer chose. No entity
//! that a file defines is ever expanded, nothing outside of the file is read, and neither depth nor size of a
//! tree is without limit.

use encoding_rs::Encoding;
use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, QName, ResolveResult};
use thiserror::Error;

/// How deep elements may be nested. Word processors stay under 60, tables in tables included.
const DEEPEST: usize = 256;

/// How many elements and texts one tree may have: twice what a whole novel in one table has.
const MOST_NODES: usize = 600_000;

/// How many bytes one tree may hold in names and texts.
const MOST_BYTES: usize = 24 * 1024 * 1024;

/// Why XML was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum XmlError {
    /// It is not well formed, or ends early.
    #[error("its XML is damaged or ends early")]
    Broken,
    /// It defines entities, which no writing program does.
    #[error("it defines XML entities, as no writing program does")]
    Entities,
    /// Deeper than [`DEEPEST`].
    #[error("it is nested more deeply than any document")]
    TooDeep,
    /// More than a tree may hold.
    #[error("it is larger than what is read at once")]
    TooLarge,
}

/// Namespaces by address and the short names that they have here.
pub(super) type Spaces = &'static [(&'static str, &'static str)];

/// An element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    /// `space:local`, or `local` without a namespace or in one that was not asked for.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// What is in it, in order.
    pub(super) nodes: Vec<Node>,
}

/// A part of an element.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// An element.
    Element(Element),
    /// Characters.
    Text(String),
}

impl Element {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|child| child.name == name)
    }

    /// Its children.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Its children of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |child| child.name == name)
    }

    /// The first element of that name anywhere in it.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        self.elements()
            .find_map(|child| if child.name == name { Some(child) } else { child.find(name) })
    }

    /// All of its characters.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.text_into(&mut text);
        text
    }

    fn text_into(&self, text: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.text_into(text),
                Node::Text(more) => text.push_str(more),
            }
        }
    }

    /// The characters of the first child of that name.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        self.child(name).map(Self::text)
    }
}

/// A step through a file.
#[derive(Debug)]
pub(super) enum Step {
    /// An element begins; its content comes next, or [`Walker::tree`] reads it.
    Enter(Element),
    /// An element ends.
    Leave,
    /// The file ends.
    End,
}

/// Walks over a file.
pub(super) struct Walker<'a> {
    reader: NsReader<&'a [u8]>,
    spaces: Spaces,
    depth: usize,
}

impl<'a> Walker<'a> {
    /// At the beginning of `text`.
    pub(super) fn new(text: &'a str, spaces: Spaces) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, spaces, depth: 0 }
    }

    /// The next beginning or end of an element; characters between them are passed over.
    pub(super) fn next(&mut self) -> Result<Step, XmlError> {
        loop {
            match self.event()? {
                Piece::Start(element) => return Ok(Step::Enter(element)),
                Piece::End => return Ok(Step::Leave),
                Piece::Eof => return Ok(Step::End),
                Piece::Text(_) | Piece::Nothing => {}
            }
        }
    }

    /// The next element that is not one of `open`, as a tree: [`None`] at the end of the file.
    pub(super) fn next_inside(&mut self, open: &[&str]) -> Result<Option<Element>, XmlError> {
        loop {
            match self.next()? {
                Step::Enter(head) if open.contains(&head.name.as_str()) => {}
                Step::Enter(head) => return self.tree(head).map(Some),
                Step::Leave => {}
                Step::End => return Ok(None),
            }
        }
    }

    /// The whole element that [`Walker::next`] has just entered.
    pub(super) fn tree(&mut self, head: Element) -> Result<Element, XmlError> {
        let mut open: Vec<Element> = Vec::new();
        let mut current = head;
        let (mut nodes, mut bytes) = (0_usize, 0_usize);
        loop {
            nodes += 1;
            match self.event()? {
                Piece::Start(element) => {
                    bytes += element.name.len();
                    bytes +=
                        element.attributes.iter().map(|(k, v)| k.len() + v.len()).sum::<usize>();
                    open.push(std::mem::replace(&mut current, element));
                }
                Piece::End => {
                    let Some(mut parent) = open.pop() else { return Ok(current) };
                    parent.nodes.push(Node::Element(current));
                    current = parent;
                }
                Piece::Text(text) => {
                    bytes += text.len();
                    match current.nodes.last_mut() {
                        Some(Node::Text(last)) => last.push_str(&text),
                        _ => current.nodes.push(Node::Text(text)),
                    }
                }
                Piece::Nothing => {}
                Piece::Eof => return Err(XmlError::Broken),
            }
            if nodes > MOST_NODES || bytes > MOST_BYTES {
                return Err(XmlError::TooLarge);
            }
        }
    }

    fn event(&mut self) -> Result<Piece, XmlError> {
        Ok(match self.reader.read_event().map_err(|_| XmlError::Broken)? {
            Event::Start(start) | Event::Empty(start) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(XmlError::TooDeep);
                }
                Piece::Start(self.element(&start)?)
            }
            Event::End(_) => {
                self.depth = self.depth.checked_sub(1).ok_or(XmlError::Broken)?;
                Piece::End
            }
            Event::Text(text) => Piece::Text(text.xml10_content().into_owned()),
            Event::CData(text) => Piece::Text(text.xml10_content().into_owned()),
            Event::GeneralRef(name) => Piece::Text(reference(&name)?),
            Event::DocType(kind) if kind.to_ascii_uppercase().contains("<!ENTITY") => {
                return Err(XmlError::Entities);
            }
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Piece::Nothing,
            Event::Eof if self.depth > 0 => return Err(XmlError::Broken),
            Event::Eof => Piece::Eof,
        })
    }

    fn element(&self, start: &BytesStart<'_>) -> Result<Element, XmlError> {
        let mut element =
            Element { name: self.name(start.name(), Is::Element), ..Element::default() };
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| XmlError::Broken)?;
            let value = quick_xml::escape::unescape(&attribute.value);
            let value = value.map_err(|_| XmlError::Broken)?.into_owned();
            element.attributes.push((self.name(attribute.key, Is::Attribute), value));
        }
        Ok(element)
    }

    fn name(&self, name: QName<'_>, is: Is) -> String {
        let (space, local) = match is {
            Is::Element => self.reader.resolver().resolve_element(name),
            Is::Attribute => self.reader.resolver().resolve_attribute(name),
        };
        let local: &str = local.into_inner();
        let ResolveResult::Bound(Namespace(address)) = space else { return local.to_owned() };
        match self.spaces.iter().find(|(known, _)| *known == address) {
            Some((_, short)) => format!("{short}:{local}"),
            None => local.to_owned(),
        }
    }
}

#[derive(Clone, Copy)]
enum Is {
    Element,
    Attribute,
}

enum Piece {
    Start(Element),
    End,
    Text(String),
    Nothing,
    Eof,
}

/// The character of `&#233;` or `&amp;`. Others need a definition, which is never read.
fn reference(name: &BytesRef<'_>) -> Result<String, XmlError> {
    if let Some(c) = name.resolve_char_ref().map_err(|_| XmlError::Broken)? {
        return Ok(c.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned).ok_or(XmlError::Entities)
}

/// A file of one element as a tree.
pub(super) fn whole(text: &str, spaces: Spaces) -> Result<Element, XmlError> {
    let mut walker = Walker::new(text, spaces);
    match walker.next()? {
        Step::Enter(head) => walker.tree(head),
        Step::Leave | Step::End => Err(XmlError::Broken),
    }
}

/// The characters of an XML file: by its byte order mark, else by its declaration, else UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Result<String, XmlError> {
    let (encoding, start) = Encoding::for_bom(bytes)
        .or_else(|| declared(bytes).map(|encoding| (encoding, 0)))
        .unwrap_or((encoding_rs::UTF_8, 0));
    let bytes = bytes.get(start..).unwrap_or_default();
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    let guessed = encoding == encoding_rs::UTF_8;
    if damaged && guessed { Err(XmlError::Broken) } else { Ok(text.into_owned()) }
}

/// The encoding that `<?xml … encoding="…"?>` names. UTF-16 without a mark begins with `<` and a zero.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, ..] => return Some(encoding_rs::UTF_16LE),
        [0, b'<', ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let head = bytes.get(..bytes.len().min(200))?.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = std::str::from_utf8(head.get(..end)?).ok()?;
    let value = head.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let label = value.strip_prefix(['"', '\''])?.split(['"', '\'']).next()?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, Spaces, Walker, XmlError, decode, whole};

    const SPACES: Spaces = &[("urn:w", "w")];

    #[test]
    fn names_come_from_namespaces_and_references_become_characters() {
        let xml = r#"<?xml version="1.0"?><!DOCTYPE a><a xmlns:q="urn:w" xmlns:o="urn:other">
            <q:p q:val="1 &lt; 2" o:val="x">caf&#233; &amp; <![CDATA[<b>]]></q:p><o:p/></a>"#;
        let tree = whole(xml, SPACES).unwrap();
        let p = tree.child("w:p").unwrap();
        assert_eq!((p.get("w:val"), p.get("val")), (Some("1 < 2"), Some("x")));
        assert_eq!(p.text(), "café & <b>");
        assert!(tree.child("p").is_some(), "an unknown namespace is no reason to lose an element");
    }

    #[test]
    fn a_large_file_is_walked_child_by_child() {
        let xml = "<a><b><p>1</p>x<p>2</p></b><c>3</c></a>";
        let mut walker = Walker::new(xml, SPACES);
        let mut texts = Vec::new();
        while let Some(element) = walker.next_inside(&["a", "b"]).unwrap() {
            texts.push(element.text());
        }
        assert_eq!(texts, ["1", "2", "3"]);
    }

    #[test]
    fn hostile_and_damaged_xml_is_refused() {
        let entities = r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#;
        assert_eq!(whole(entities, SPACES), Err(XmlError::Entities));
        assert_eq!(whole("<a>&b;</a>", SPACES), Err(XmlError::Entities));
        let deep = "<a>".repeat(DEEPEST + 1);
        assert_eq!(whole(&deep, SPACES), Err(XmlError::TooDeep));
        for broken in ["", "<a>", "<a><b></a>", "<a>x", "plain", "<a b=c></a>", "<a b=\"&x;\"/>"] {
            assert_eq!(whole(broken, SPACES), Err(XmlError::Broken), "{broken}");
        }
    }

    #[test]
    fn the_encoding_is_found_by_mark_and_by_declaration() {
        assert_eq!(decode(b"\xef\xbb\xbf<a/>").unwrap(), "<a/>");
        let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>";
        assert!(decode(latin).unwrap().ends_with("<a>é</a>"));
        let wide: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide).unwrap(), "<a>é</a>");
        assert_eq!(decode(b"<a>\xe9</a>"), Err(XmlError::Broken));
    }
}
