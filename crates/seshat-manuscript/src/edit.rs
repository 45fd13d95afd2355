//! Applying exact operations to one flat text of a document.

use std::ops::Range;

use loro::cursor::PosType;
use loro::{LoroDoc, LoroError, LoroText, LoroValue};
use serde_json::{Map, Value};

use crate::flat;
use crate::op::{Atom, Mark, Op, OpError, OpFault, Unit};
use crate::passage::{ATOM, Align, Block, Marks, Paragraph, Piece};

/// Which text is edited.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Body,
    Note(&'a str),
}

/// Applies `ops` in order and stops at the first that does not fit. The caller undoes what was done by then.
pub(crate) fn apply(
    doc: &LoroDoc,
    target: Target<'_>,
    ops: &[Op],
    unit: Unit,
) -> Result<(), OpError> {
    let (text, is_note) = match target {
        Target::Body => (flat::body(doc), false),
        Target::Note(id) => (flat::note(doc, id), true),
    };
    let edit = Edit { doc, text, unit, is_note };
    for (index, op) in ops.iter().enumerate() {
        edit.apply(op).map_err(|fault| OpError { index, fault })?;
    }
    Ok(())
}

/// What Loro refuses although our own checks let it pass.
impl From<LoroError> for OpFault {
    fn from(_: LoroError) -> Self {
        Self::Refused
    }
}

struct Edit<'a> {
    doc: &'a LoroDoc,
    text: LoroText,
    unit: Unit,
    is_note: bool,
}

impl Edit<'_> {
    fn apply(&self, op: &Op) -> Result<(), OpFault> {
        match op {
            Op::Insert { at, text, marks } => self.insert(self.gap(*at)?, text, marks.as_ref()),
            Op::Delete { at, len } => {
                let range = self.range(*at, at.checked_add(*len).ok_or(OpFault::OutOfRange)?)?;
                match (range.start, range.len()) {
                    (_, 0) => Ok(()),
                    (0, _) => Err(OpFault::FirstParagraph),
                    (start, len) => Ok(self.text.delete(start, len)?),
                }
            }
            Op::Mark { from, to, mark } => {
                let (key, value) = mark_entry(mark);
                set(&self.text, self.range(*from, *to)?, key, value)
            }
            Op::Block { at, block } => {
                let newline = self.newline(*at)?;
                set_block(&self.text, newline, *block)
            }
            Op::Align { at, align } => {
                let newline = self.newline(*at)?;
                set_align(&self.text, newline, *align)
            }
            Op::Atom { at, atom } => self.atom(self.gap(*at)?, atom),
            Op::Note { note, ops } => self.note(note, ops),
        }
    }

    /// The operations of one note; a note holds none.
    fn note(&self, id: &str, ops: &[Op]) -> Result<(), OpFault> {
        if self.is_note {
            return Err(OpFault::UnfitAtom);
        }
        let text = flat::note_text(self.doc, id).ok_or(OpFault::UnknownNote)?;
        let edit = Edit { doc: self.doc, text, unit: self.unit, is_note: true };
        ops.iter().try_for_each(|op| edit.apply(op))
    }

    /// A place where something may be inserted.
    fn gap(&self, at: usize) -> Result<usize, OpFault> {
        match scalar(&self.text, at, self.unit)? {
            0 => Err(OpFault::FirstParagraph),
            at => Ok(at),
        }
    }

    fn range(&self, from: usize, to: usize) -> Result<Range<usize>, OpFault> {
        range(&self.text, from..to, self.unit)
    }

    fn newline(&self, at: usize) -> Result<usize, OpFault> {
        let at = scalar(&self.text, at, self.unit)?;
        match self.text.char_at(at) {
            Ok('\n') => Ok(at),
            Ok(_) => Err(OpFault::NoParagraph),
            Err(_) => Err(OpFault::OutOfRange),
        }
    }

    fn insert(&self, at: usize, inserted: &str, marks: Option<&Marks>) -> Result<(), OpFault> {
        if inserted.is_empty() {
            return Ok(());
        }
        if inserted.contains(ATOM) {
            return Err(OpFault::ReservedCharacter);
        }
        let split = if inserted.contains('\n') { Some(self.paragraph_at(at)?) } else { None };
        self.text.insert(at, inserted)?;
        if let Some(marks) = marks {
            exactly(&self.text, at..at + inserted.chars().count(), marks)?;
        }
        if let Some((block, align)) = split {
            for (offset, _) in inserted.chars().enumerate().filter(|&(_, c)| c == '\n') {
                set_block(&self.text, at + offset, block)?;
                set_align(&self.text, at + offset, align)?;
            }
        }
        Ok(())
    }

    /// Block and alignment for a paragraph that is split off at `at`.
    fn paragraph_at(&self, at: usize) -> Result<(Block, Option<Align>), OpFault> {
        let newline = newline_before(&self.text, at)?;
        let attributes = attributes(&self.text, newline..newline + 1)?.pop().unwrap_or_default();
        Ok(match flat::block(&attributes) {
            Block::Heading | Block::Break => (Block::Body, None),
            block => (block, flat::align(&attributes)),
        })
    }

    fn atom(&self, at: usize, atom: &Atom) -> Result<(), OpFault> {
        let value = match atom {
            Atom::Break => flat::break_json(),
            Atom::Image { hash, alt, width } => flat::image_json(hash, alt, *width),
            Atom::Unknown { kept } if kept.is_object() => kept.clone(),
            Atom::Footnote { id, body } if flat::is_note_id(id) && !self.is_note => {
                let note = flat::note(self.doc, id);
                if note.is_empty() {
                    write_note(&note, body)?;
                }
                flat::footnote_json(id)
            }
            Atom::Unknown { .. } | Atom::Footnote { .. } => return Err(OpFault::UnfitAtom),
        };
        self.text.insert(at, ATOM.encode_utf8(&mut [0; 4]))?;
        set(&self.text, at..at + 1, flat::ATOM_KEY, Some(value.into()))
    }
}

/// `at` in scalar values.
pub(crate) fn scalar(text: &LoroText, at: usize, unit: Unit) -> Result<usize, OpFault> {
    let length = text.len_unicode();
    // Without characters beyond the basic plane the units are the same, which is the usual case.
    if unit == Unit::Scalar || text.len_utf16() == length {
        return if at <= length { Ok(at) } else { Err(OpFault::OutOfRange) };
    }
    if at > text.len_utf16() {
        return Err(OpFault::OutOfRange);
    }
    let convert = |index, from, to| text.convert_pos(index, from, to);
    let scalar = convert(at, PosType::Utf16, PosType::Unicode).ok_or(OpFault::SplitsCharacter)?;
    // Loro rounds a position between two surrogates.
    let back = convert(scalar, PosType::Unicode, PosType::Utf16);
    if back == Some(at) { Ok(scalar) } else { Err(OpFault::SplitsCharacter) }
}

/// `range` in scalar values.
pub(crate) fn range(
    text: &LoroText,
    range: Range<usize>,
    unit: Unit,
) -> Result<Range<usize>, OpFault> {
    let (from, to) = (scalar(text, range.start, unit)?, scalar(text, range.end, unit)?);
    if from <= to { Ok(from..to) } else { Err(OpFault::OutOfRange) }
}

fn mark_entry(mark: &Mark) -> (&'static str, Option<LoroValue>) {
    let on = |set: bool| set.then_some(LoroValue::Bool(true));
    let text = |value: &Option<String>| value.as_deref().map(LoroValue::from);
    match mark {
        Mark::Emphasis(set) => (flat::EMPHASIS, on(*set)),
        Mark::Strong(set) => (flat::STRONG, on(*set)),
        Mark::Underline(set) => (flat::UNDERLINE, on(*set)),
        Mark::Strike(set) => (flat::STRIKE, on(*set)),
        Mark::Smallcaps(set) => (flat::SMALLCAPS, on(*set)),
        Mark::Superscript(set) => (flat::SUPERSCRIPT, on(*set)),
        Mark::Link(address) => (flat::LINK, text(address)),
        Mark::Language(tag) => (flat::LANGUAGE, text(tag)),
        Mark::Ruby(reading) => (flat::RUBY, text(reading)),
    }
}

pub(crate) fn set(
    text: &LoroText,
    range: Range<usize>,
    key: &str,
    value: Option<LoroValue>,
) -> Result<(), OpFault> {
    if range.is_empty() {
        return Ok(());
    }
    match value {
        Some(value) => Ok(text.mark(range, key, value)?),
        None => Ok(text.unmark(range, key)?),
    }
}

pub(crate) fn set_block(text: &LoroText, newline: usize, block: Block) -> Result<(), OpFault> {
    set(text, newline..newline + 1, flat::BLOCK, flat::block_name(block).map(LoroValue::from))
}

pub(crate) fn set_align(
    text: &LoroText,
    newline: usize,
    align: Option<Align>,
) -> Result<(), OpFault> {
    let name = align.map(flat::align_name).map(LoroValue::from);
    set(text, newline..newline + 1, flat::ALIGN, name)
}

/// The attributes of every stretch in `range`.
fn attributes(text: &LoroText, range: Range<usize>) -> Result<Vec<Map<String, Value>>, OpFault> {
    let delta = text.slice_delta(range.start, range.end, PosType::Unicode)?;
    Ok(delta.into_iter().filter_map(flat::run).map(|(_, attributes)| attributes).collect())
}

/// Gives the characters of `range` exactly `marks`, and writes only what differs: a keystroke that continues
/// its surroundings costs no operation beyond its character.
fn exactly(text: &LoroText, range: Range<usize>, marks: &Marks) -> Result<(), OpFault> {
    let found = attributes(text, range.clone())?;
    for (key, wanted) in flat::entries(marks) {
        let wanted_json = wanted.clone().map(Value::from);
        if found.iter().any(|attributes| attributes.get(key) != wanted_json.as_ref()) {
            set(text, range.clone(), key, wanted)?;
        }
    }
    Ok(())
}

/// The last `\n` before `at`, looked for backwards in small steps: it is usually near.
pub(crate) fn newline_before(text: &LoroText, at: usize) -> Result<usize, OpFault> {
    let mut end = at;
    while end > 0 {
        let start = end.saturating_sub(256);
        let stretch = text.slice(start, end)?;
        let last = stretch.chars().enumerate().filter(|&(_, c)| c == '\n').last();
        if let Some((offset, _)) = last {
            return Ok(start + offset);
        }
        end = start;
    }
    Err(OpFault::NoParagraph)
}

/// Writes paragraphs in normal form into `text`, which holds nothing but its first `\n`, or nothing at all.
/// `note` stores a footnote's body and returns its id; `None` drops the note.
pub(crate) fn write(
    text: &LoroText,
    paragraphs: &[Paragraph],
    note: &mut dyn FnMut(&[Paragraph]) -> Option<String>,
) -> Result<(), OpFault> {
    let mut flat = String::new();
    let mut styles: Vec<(Range<usize>, &'static str, LoroValue)> = Vec::new();
    let mut at = 0;
    for paragraph in paragraphs {
        flat.push('\n');
        let newline = at..at + 1;
        if let Some(name) = flat::block_name(paragraph.block) {
            styles.push((newline.clone(), flat::BLOCK, name.into()));
        }
        if let Some(align) = paragraph.align {
            styles.push((newline, flat::ALIGN, flat::align_name(align).into()));
        }
        at += 1;
        for piece in &paragraph.pieces {
            let atom = match piece {
                Piece::Text { text, marks } => {
                    flat.push_str(text);
                    let range = at..at + text.chars().count();
                    at = range.end;
                    for (key, value) in flat::entries(marks) {
                        styles.extend(value.map(|value| (range.clone(), key, value)));
                    }
                    continue;
                }
                Piece::Break => flat::break_json(),
                Piece::Image { hash, alt, width } => flat::image_json(hash, alt, *width),
                Piece::Unknown { kept } => kept.clone(),
                Piece::Footnote { body } => match note(body) {
                    Some(id) => flat::footnote_json(&id),
                    None => continue,
                },
            };
            flat.push(ATOM);
            styles.push((at..at + 1, flat::ATOM_KEY, atom.into()));
            at += 1;
        }
    }
    let rest = flat.strip_prefix('\n').unwrap_or_default();
    if text.is_empty() {
        text.insert(0, "\n")?;
    }
    text.insert(1, rest)?;
    // Only now: marks that exist while text is inserted behind them would grow over it.
    for (range, key, value) in styles {
        set(text, range, key, Some(value))?;
    }
    Ok(())
}

/// Writes a footnote's first text.
pub(crate) fn write_note(text: &LoroText, body: &[Paragraph]) -> Result<(), OpFault> {
    let body = crate::passage::note_body(body.to_vec());
    write(text, &body, &mut |_| None)
}
