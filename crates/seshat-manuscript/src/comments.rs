//! Comments in the margin: anchored to characters, so that they go where those go.
//!
//! **Invariant:** a comment stands outside the text: it changes no word, no count and no passage. Its parts are
//! kept under keys of their own, so that changing its text on one laptop and settling it on another keeps both.

use std::collections::BTreeMap;
use std::ops::Range;

use loro::cursor::{Cursor, PosType, Side};
use loro::{ID, LoroDoc, LoroMap, LoroText, LoroValue, ValueOrContainer};
use serde_json::{Value, json};

use crate::edit;
use crate::flat;
use crate::op::{OpFault, Unit};
use crate::passage::ATOM;
use crate::spans;
use crate::version::is_key;

const COMMENTS: &str = "comments";
/// What follows a comment's id in a key: nothing for where it stands and who made it.
const TEXT: &str = ".text";
const RESOLVED: &str = ".resolved";

/// How much of the text a comment remembers.
const QUOTE: usize = 200;

/// A comment in the margin. Positions count characters of the flat text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Names it.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Where its text begins and ends, in Unicode scalar values; empty when that text is gone.
    pub range: Range<usize>,
    /// The same in UTF-16 code units.
    pub utf16: Range<usize>,
    /// The text that it was made for.
    pub quote: String,
    /// When it was made, in whatever unit the caller counts.
    pub made_at: i64,
    /// Who made it.
    pub author: String,
    /// Whether it is settled.
    pub resolved: bool,
}

/// A change of comments that was refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommentError {
    /// No comment of that id.
    #[error("there is no such comment")]
    Unknown,
    /// An id that another comment has, or that is not up to 64 ASCII letters, digits and hyphens.
    #[error("a comment cannot have that id")]
    UnfitId,
    /// A range that is not in the text.
    #[error("its place does not fit the text: {0}")]
    Unfit(OpFault),
}

/// A place beside a character.
#[derive(Clone, Copy, PartialEq)]
struct Anchor {
    id: ID,
    behind: bool,
}

impl Anchor {
    /// Beside the character at `at`.
    fn new(text: &LoroText, at: usize, behind: bool) -> Option<Self> {
        spans::id_at(text, at).map(|id| Self { id, behind })
    }

    fn to_json(self) -> Value {
        let side = if self.behind { ">" } else { "<" };
        format!("{side}{:x}@{:x}", self.id.counter, self.id.peer).into()
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = value.as_str()?;
        let (behind, id) = match (text.strip_prefix('>'), text.strip_prefix('<')) {
            (Some(id), _) => (true, id),
            (_, Some(id)) => (false, id),
            _ => return None,
        };
        let (counter, peer) = id.split_once('@')?;
        let counter = i32::from_str_radix(counter, 16).ok().filter(|&counter| counter >= 0)?;
        Some(Self { id: ID::new(u64::from_str_radix(peer, 16).ok()?, counter), behind })
    }

    /// Where that is now; where the character stood if it is gone.
    fn position(self, doc: &LoroDoc, text: &LoroText) -> Option<usize> {
        let cursor = Cursor::new(Some(self.id), loro::ContainerTrait::id(text), Side::Middle, 0);
        let found = doc.get_cursor_pos(&cursor).ok()?;
        let stands = found.update.is_none();
        let pos = found.current.pos + usize::from(self.behind && stands);
        Some(pos.min(text.len_unicode()))
    }
}

fn map(doc: &LoroDoc) -> LoroMap {
    doc.get_map(COMMENTS)
}

fn value(map: &LoroMap, key: &str) -> Option<Value> {
    match map.get(key)? {
        ValueOrContainer::Value(value) => Some(value.into()),
        ValueOrContainer::Container(_) => None,
    }
}

/// Ids and what stands under them, in the order of the ids.
fn ids(doc: &LoroDoc) -> BTreeMap<String, Value> {
    let LoroValue::Map(all) = map(doc).get_value() else { return BTreeMap::new() };
    all.iter()
        .filter(|(key, _)| is_key(key))
        .map(|(key, value)| (key.clone(), Value::from(value.clone())))
        .collect()
}

/// All comments in the order of their places.
pub(crate) fn all(doc: &LoroDoc) -> Vec<Comment> {
    let (map, text) = (map(doc), flat::body(doc));
    let mut comments: Vec<Comment> =
        ids(doc).iter().filter_map(|(id, base)| read(doc, &map, &text, id, base)).collect();
    comments.sort_by(|one, other| {
        (one.range.start, one.range.end, one.made_at, &one.id).cmp(&(
            other.range.start,
            other.range.end,
            other.made_at,
            &other.id,
        ))
    });
    comments
}

fn read(doc: &LoroDoc, map: &LoroMap, text: &LoroText, id: &str, base: &Value) -> Option<Comment> {
    let place = |key: &str| {
        let anchor = base.get(key).and_then(Anchor::from_json);
        anchor.and_then(|anchor| anchor.position(doc, text))
    };
    let said = |key: &str| base.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let from = place("from").or_else(|| place("to")).unwrap_or(0);
    let to = place("to").unwrap_or(from).max(from);
    let utf16 = |at| text.convert_pos(at, PosType::Unicode, PosType::Utf16).unwrap_or(at);
    Some(Comment {
        id: id.to_owned(),
        text: value(map, &format!("{id}{TEXT}"))?.as_str()?.to_owned(),
        range: from..to,
        utf16: utf16(from)..utf16(to),
        quote: said("quote"),
        made_at: base.get("at").and_then(Value::as_i64).unwrap_or(0),
        author: said("author"),
        resolved: value(map, &format!("{id}{RESOLVED}")) == Some(Value::Bool(true)),
    })
}

fn anchors(text: &LoroText, range: &Range<usize>) -> Option<(Anchor, Anchor)> {
    if range.is_empty() {
        let at = match range.start.checked_sub(1) {
            Some(before) => Anchor::new(text, before, true)?,
            None => Anchor::new(text, 0, false)?,
        };
        return Some((at, at));
    }
    Some((Anchor::new(text, range.start, false)?, Anchor::new(text, range.end - 1, true)?))
}

/// A comment to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment<'a> {
    /// Random and made by the caller: up to 64 ASCII letters, digits and hyphens.
    pub id: &'a str,
    /// What it says.
    pub text: &'a str,
    /// Who makes it.
    pub author: &'a str,
    /// When, in whatever unit the caller counts.
    pub at: i64,
}

pub(crate) fn add(
    doc: &LoroDoc,
    new: &NewComment<'_>,
    range: Range<usize>,
    unit: Unit,
) -> Result<(), CommentError> {
    if !is_key(new.id) || map(doc).get(new.id).is_some() {
        return Err(CommentError::UnfitId);
    }
    let text = flat::body(doc);
    let range = edit::range(&text, range, unit).map_err(CommentError::Unfit)?;
    let quote = text.slice(range.start, range.end).unwrap_or_default();
    let quote: String = quote
        .chars()
        .filter(|&c| c != ATOM)
        .map(|c| if c == '\n' { ' ' } else { c })
        .take(QUOTE)
        .collect();
    let anchors = anchors(&text, &range).ok_or(CommentError::Unfit(OpFault::OutOfRange))?;
    let base = json!({
        "from": anchors.0.to_json(),
        "to": anchors.1.to_json(),
        "quote": quote.trim(),
        "at": new.at,
        "author": new.author,
    });
    put(&map(doc), new.id, "", base.into())?;
    put(&map(doc), new.id, TEXT, new.text.into())
}

fn put(map: &LoroMap, id: &str, part: &str, value: LoroValue) -> Result<(), CommentError> {
    map.insert(&format!("{id}{part}"), value).map_err(|_| CommentError::UnfitId)
}

fn known(doc: &LoroDoc, id: &str) -> Result<LoroMap, CommentError> {
    let map = map(doc);
    if is_key(id) && map.get(id).is_some() { Ok(map) } else { Err(CommentError::Unknown) }
}

pub(crate) fn edit(doc: &LoroDoc, id: &str, text: &str) -> Result<(), CommentError> {
    put(&known(doc, id)?, id, TEXT, text.into())
}

pub(crate) fn resolve(doc: &LoroDoc, id: &str, resolved: bool) -> Result<(), CommentError> {
    put(&known(doc, id)?, id, RESOLVED, resolved.into())
}

pub(crate) fn remove(doc: &LoroDoc, id: &str) -> Result<(), CommentError> {
    let map = known(doc, id)?;
    for key in keys(&map, id) {
        map.delete(&key).map_err(|_| CommentError::UnfitId)?;
    }
    Ok(())
}

/// The keys of one comment, those of newer versions included.
fn keys(map: &LoroMap, id: &str) -> Vec<String> {
    let of_it = |key: &str| {
        key.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut keys: Vec<String> =
        map.keys().map(|key| key.to_string()).filter(|key| of_it(key)).collect();
    keys.sort_unstable();
    keys
}

/// Moves the comments that begin at `from` or behind it to the document `to`, where position `p` is `place(p)`.
pub(crate) fn carry(
    doc: &LoroDoc,
    from: usize,
    to: &LoroDoc,
    place: &dyn Fn(usize) -> usize,
) -> Result<(), OpFault> {
    let (source, target, text) = (map(doc), map(to), flat::body(to));
    for comment in all(doc).into_iter().filter(|comment| comment.range.start >= from) {
        let range = place(comment.range.start)..place(comment.range.end);
        let (Some(mut base), Some((start, end))) =
            (value(&source, &comment.id), anchors(&text, &range))
        else {
            continue;
        };
        if let Some(fields) = base.as_object_mut() {
            fields.insert("from".to_owned(), start.to_json());
            fields.insert("to".to_owned(), end.to_json());
        }
        for key in keys(&source, &comment.id) {
            let moved = if key == comment.id { Some(base.clone()) } else { value(&source, &key) };
            if let Some(moved) = moved {
                target.insert(&key, LoroValue::from(moved))?;
            }
            source.delete(&key)?;
        }
    }
    Ok(())
}

/// Everything that stands here, for comparing documents.
pub(crate) fn portrait(doc: &LoroDoc) -> Value {
    Value::from(map(doc).get_deep_value())
}
