//! The format of scene text: which marks there are, how they grow, and how flat text reads as paragraphs.
//!
//! Every paragraph begins with `\n`, which carries the marks `block` (absent: body) and `align`; characters
//! carry the other marks; an atom is one [`ATOM`] with the mark `atom`, a JSON object. The keys and values are
//! part of the saved format.

use loro::{ExpandType, LoroDoc, LoroText, LoroValue, StyleConfig, StyleConfigMap, TextDelta};
use serde_json::{Map, Value, json};

use crate::passage::{ATOM, Align, Block, Marks, Paragraph, Passage, Piece};
use crate::version;

/// On a paragraph's `\n`: its block; absent for body text.
pub(crate) const BLOCK: &str = "block";
/// On a paragraph's `\n`: its alignment.
pub(crate) const ALIGN: &str = "align";
/// On an [`ATOM`]: what it stands for.
pub(crate) const ATOM_KEY: &str = "atom";
/// The marks of characters.
pub(crate) const EMPHASIS: &str = "emphasis";
pub(crate) const STRONG: &str = "strong";
pub(crate) const UNDERLINE: &str = "underline";
pub(crate) const STRIKE: &str = "strike";
pub(crate) const SMALLCAPS: &str = "smallcaps";
pub(crate) const SUPERSCRIPT: &str = "superscript";
pub(crate) const LINK: &str = "link";
pub(crate) const LANGUAGE: &str = "language";
pub(crate) const RUBY: &str = "ruby";

/// The name of the scene's own text.
const BODY: &str = "text";
/// A footnote's text is named by this and the note's id.
const NOTE: &str = "note-";

/// How marks grow when text is inserted at their end. Emphasis goes on while one types; a link or a reading
/// does not swallow the next word; what belongs to one `\n` or atom stays on it.
pub(crate) fn configure(doc: &LoroDoc) {
    let mut styles = StyleConfigMap::new();
    for key in [EMPHASIS, STRONG, UNDERLINE, STRIKE, SMALLCAPS, SUPERSCRIPT, LANGUAGE] {
        styles.insert(key.into(), StyleConfig { expand: ExpandType::After });
    }
    for key in [BLOCK, ALIGN, ATOM_KEY, LINK, RUBY] {
        styles.insert(key.into(), StyleConfig { expand: ExpandType::None });
    }
    doc.config_text_style(styles);
    // Marks of newer versions are kept and do not grow.
    doc.config_default_text_style(Some(StyleConfig { expand: ExpandType::None }));
}

/// The first change of every scene: one empty body paragraph. Part of the format.
pub(crate) fn genesis(doc: &LoroDoc) {
    body(doc).insert(0, "\n").expect("an empty text takes a newline");
}

pub(crate) fn body(doc: &LoroDoc) -> LoroText {
    doc.get_text(BODY)
}

/// The text of the footnote `id`; empty when there is none.
pub(crate) fn note(doc: &LoroDoc, id: &str) -> LoroText {
    doc.get_text(format!("{NOTE}{id}"))
}

/// Which text a container's name means: `None` for the body, the id for a note.
pub(crate) fn note_id(container: &str) -> Option<&str> {
    container.strip_prefix(NOTE)
}

/// Whether `id` may name a footnote. Loro panics at some characters in names, so only harmless ones pass.
pub(crate) fn is_note_id(id: &str) -> bool {
    version::is_key(id)
}

/// Every mark of characters with its value, `None` where it is not set.
pub(crate) fn entries(marks: &Marks) -> [(&'static str, Option<LoroValue>); 9] {
    let on = |set: bool| set.then_some(LoroValue::Bool(true));
    let text = |value: &Option<String>| value.as_deref().map(LoroValue::from);
    [
        (EMPHASIS, on(marks.emphasis)),
        (STRONG, on(marks.strong)),
        (UNDERLINE, on(marks.underline)),
        (STRIKE, on(marks.strike)),
        (SMALLCAPS, on(marks.smallcaps)),
        (SUPERSCRIPT, on(marks.superscript)),
        (LINK, text(&marks.link)),
        (LANGUAGE, text(&marks.language)),
        (RUBY, text(&marks.ruby)),
    ]
}

fn marks(attributes: &Map<String, Value>) -> Marks {
    let on = |key| attributes.get(key) == Some(&Value::Bool(true));
    let text = |key| attributes.get(key).and_then(Value::as_str).map(str::to_owned);
    Marks {
        emphasis: on(EMPHASIS),
        strong: on(STRONG),
        underline: on(UNDERLINE),
        strike: on(STRIKE),
        smallcaps: on(SMALLCAPS),
        superscript: on(SUPERSCRIPT),
        link: text(LINK),
        language: text(LANGUAGE),
        ruby: text(RUBY),
    }
}

/// The value of the mark `block`; `None` for body text.
pub(crate) fn block_name(block: Block) -> Option<&'static str> {
    match block {
        Block::Body => None,
        Block::Heading => Some("heading"),
        Block::Quote => Some("quote"),
        Block::Verse => Some("verse"),
        Block::Letter => Some("letter"),
        Block::Break => Some("break"),
    }
}

/// The value of the mark `align`.
pub(crate) fn align_name(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Justify => "justify",
    }
}

/// The block that a newline's attributes say. A block of a newer version reads as body text and stays.
pub(crate) fn block(attributes: &Map<String, Value>) -> Block {
    let name = attributes.get(BLOCK).and_then(Value::as_str);
    [Block::Heading, Block::Quote, Block::Verse, Block::Letter, Block::Break]
        .into_iter()
        .find(|&block| name.is_some() && name == block_name(block))
        .unwrap_or_default()
}

/// The alignment that a newline's attributes say.
pub(crate) fn align(attributes: &Map<String, Value>) -> Option<Align> {
    let name = attributes.get(ALIGN).and_then(Value::as_str)?;
    [Align::Left, Align::Center, Align::Right, Align::Justify]
        .into_iter()
        .find(|&align| align_name(align) == name)
}

pub(crate) fn break_json() -> Value {
    json!({ "kind": "break" })
}

pub(crate) fn footnote_json(id: &str) -> Value {
    json!({ "kind": "footnote", "id": id })
}

pub(crate) fn image_json(hash: &str, alt: &str, width: Option<u8>) -> Value {
    match width {
        None => json!({ "kind": "image", "hash": hash, "alt": alt }),
        Some(width) => json!({ "kind": "image", "hash": hash, "alt": alt, "width": width }),
    }
}

/// An atom as it is kept. Only what holds nothing else reads as a known one: a field of a newer version would
/// otherwise be lost at the next rewriting.
enum Kept<'a> {
    Break,
    Footnote(&'a str),
    Image { hash: &'a str, alt: &'a str, width: Option<u8> },
    Unknown,
}

fn kept(atom: &Value) -> Kept<'_> {
    let field = |key: &str| atom.get(key).and_then(Value::as_str);
    match (field("kind"), atom.as_object().map_or(0, Map::len)) {
        (Some("break"), 1) => Kept::Break,
        (Some("footnote"), 2) => match field("id") {
            Some(id) if is_note_id(id) => Kept::Footnote(id),
            _ => Kept::Unknown,
        },
        (Some("image"), 3) => match (field("hash"), field("alt")) {
            (Some(hash), Some(alt)) => Kept::Image { hash, alt, width: None },
            _ => Kept::Unknown,
        },
        (Some("image"), 4) => match (field("hash"), field("alt"), width(atom)) {
            (Some(hash), Some(alt), Some(width)) => Kept::Image { hash, alt, width: Some(width) },
            _ => Kept::Unknown,
        },
        _ => Kept::Unknown,
    }
}

/// The width of an image, in hundredths of the column. JSON numbers of a CRDT may come back with a fraction of zero.
fn width(atom: &Value) -> Option<u8> {
    let width = atom.get("width")?;
    let whole = width.as_u64().and_then(|width| u8::try_from(width).ok());
    whole
        .or_else(|| (1..=100).find(|width| atom["width"].as_f64() == Some(f64::from(*width))))
        .filter(|width| (1..=100).contains(width))
}

/// Ids of the footnotes in `attributes` of atoms, in reading order.
pub(crate) fn footnote_ids(runs: &[(String, Map<String, Value>)]) -> Vec<String> {
    let mut ids = Vec::new();
    for (text, attributes) in runs {
        if let (true, Some(Kept::Footnote(id))) =
            (text.contains(ATOM), attributes.get(ATOM_KEY).map(kept))
        {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// The text in stretches of equal attributes.
pub(crate) fn runs(text: &LoroText) -> Vec<(String, Map<String, Value>)> {
    text.to_delta().into_iter().filter_map(run).collect()
}

/// An inserted stretch of a delta.
pub(crate) fn run(step: TextDelta) -> Option<(String, Map<String, Value>)> {
    match step {
        TextDelta::Insert { insert, attributes } => Some((insert, json_map(attributes))),
        TextDelta::Retain { .. } | TextDelta::Delete { .. } => None,
    }
}

/// Reads a whole scene.
pub(crate) fn passage(doc: &LoroDoc) -> Passage {
    let read = |id: &str| paragraphs(&note(doc, id), &|_| Vec::new());
    Passage { paragraphs: paragraphs(&body(doc), &read) }
}

/// The text of the footnote `id`; `None` when there is none.
pub(crate) fn note_text(doc: &LoroDoc, id: &str) -> Option<LoroText> {
    let text = is_note_id(id).then(|| note(doc, id))?;
    (!text.is_empty()).then_some(text)
}

/// Attributes as JSON; null where one was removed.
pub(crate) fn json_map(
    attributes: Option<impl IntoIterator<Item = (String, LoroValue)>>,
) -> Map<String, Value> {
    attributes.into_iter().flatten().map(|(key, value)| (key, Value::from(value))).collect()
}

/// Reads a text as paragraphs; `note` gives the paragraphs of a footnote.
///
/// Total: whatever stands before the first `\n`, which only a broken writer could leave, is a body paragraph.
pub(crate) fn paragraphs(text: &LoroText, note: &dyn Fn(&str) -> Vec<Paragraph>) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for (text, attributes) in runs(text) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 || paragraphs.is_empty() && !line.is_empty() {
                let mut paragraph = Paragraph::default();
                if index > 0 {
                    (paragraph.block, paragraph.align) = (block(&attributes), align(&attributes));
                }
                paragraphs.push(paragraph);
            }
            if let Some(paragraph) = paragraphs.last_mut() {
                read_line(&mut paragraph.pieces, line, &attributes, note);
            }
        }
    }
    if paragraphs.is_empty() {
        paragraphs.push(Paragraph::default());
    }
    paragraphs
}

fn read_line(
    pieces: &mut Vec<Piece>,
    line: &str,
    attributes: &Map<String, Value>,
    note: &dyn Fn(&str) -> Vec<Paragraph>,
) {
    for (index, stretch) in line.split(ATOM).enumerate() {
        if index > 0 {
            pieces.push(atom_piece(attributes.get(ATOM_KEY), note));
        }
        if stretch.is_empty() {
            continue;
        }
        let marks = marks(attributes);
        match pieces.last_mut() {
            // Runs may differ in what is no mark of ours; such text is one piece.
            Some(Piece::Text { text, marks: same }) if *same == marks => text.push_str(stretch),
            _ => pieces.push(Piece::Text { text: stretch.to_owned(), marks }),
        }
    }
}

fn atom_piece(atom: Option<&Value>, note: &dyn Fn(&str) -> Vec<Paragraph>) -> Piece {
    let Some(atom) = atom else { return Piece::Unknown { kept: Value::Null } };
    match kept(atom) {
        Kept::Break => Piece::Break,
        Kept::Footnote(id) => Piece::Footnote { body: note(id) },
        Kept::Image { hash, alt, width } => {
            Piece::Image { hash: hash.to_owned(), alt: alt.to_owned(), width }
        }
        Kept::Unknown => Piece::Unknown { kept: atom.clone() },
    }
}
