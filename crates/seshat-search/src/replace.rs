//! Putting something else where something was found.
//!
//! **Invariants:** what is replaced goes in exact operations, and as little of it as can be: letters that stay, stay,
//! with whatever another laptop did beside them. A footnote's sign or an image inside of a hit stays where it is.

use std::ops::Range;

use seshat_manuscript::{ATOM, Atom, Marks, Op, Paragraph, Passage, Piece};

use crate::hit::Hit;
use crate::needle::{Kind, Needle};
use crate::prepared::{Prepared, Spot, bodies};

/// What shall stand where something was found.
#[derive(Clone)]
pub struct With {
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Text(String),
    Group(usize),
}

/// Why a text cannot stand where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WithError {
    /// It would make another paragraph.
    #[error("it has more than one line")]
    NotOneLine,
    /// It holds [`ATOM`].
    #[error("it holds a character that stands for images and notes")]
    Reserved,
}

impl std::fmt::Debug for With {
    /// Says nothing of the text, so that no log can hold it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("With").finish_non_exhaustive()
    }
}

impl With {
    /// What `text` means for what `needle` finds. Where that is an expression, `$1` and `${1}` are its first group,
    /// `$0` is all of the hit, `$name` and `${name}` are the group of that name, and `$$` is a dollar; what names no
    /// group of the expression stands for itself.
    ///
    /// # Errors
    /// When it cannot stand inside a paragraph.
    pub fn new(text: &str, needle: &Needle) -> Result<Self, WithError> {
        if text.contains(['\n', '\r']) {
            return Err(WithError::NotOneLine);
        }
        if text.contains(ATOM) {
            return Err(WithError::Reserved);
        }
        let parts = match needle.kind() {
            Kind::Plain(_) => vec![Part::Text(text.to_owned())],
            Kind::Regex { regex, .. } => parts(text, regex),
        };
        Ok(Self { parts })
    }

    fn filled(&self, group: &dyn Fn(usize) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Group(number) => group(*number),
        };
        self.parts.iter().map(part).collect()
    }
}

fn parts(text: &str, regex: &regex::Regex) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        plain.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            plain.push('$');
            rest = behind;
        } else if let Some((number, behind)) = group(behind, regex) {
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Group(number));
            rest = behind;
        } else {
            plain.push('$');
            rest = behind;
        }
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts
}

/// The group that a text begins with the name of, and what follows.
fn group<'a>(text: &'a str, regex: &regex::Regex) -> Option<(usize, &'a str)> {
    let named = |name: &str| {
        let number = name.parse().ok().filter(|&number| number < regex.captures_len());
        number.or_else(|| regex.capture_names().position(|it| it == Some(name)))
    };
    if let Some(inside) = text.strip_prefix('{') {
        let (name, behind) = inside.split_once('}')?;
        return Some((named(name)?, behind));
    }
    let is_digit = text.starts_with(|c: char| c.is_ascii_digit());
    let ends =
        |c: char| if is_digit { !c.is_ascii_digit() } else { !c.is_alphanumeric() && c != '_' };
    let longest = text.find(ends).unwrap_or(text.len());
    // Of "$12" the group 1 where there are not as many.
    (1..=longest).rev().filter_map(|length| text.split_at_checked(length)).find_map(
        |(name, behind)| {
            let whole = is_digit || name.len() == longest;
            Some((named(name).filter(|_| whole)?, behind))
        },
    )
}

impl Prepared {
    /// What would stand at each of these spots, which must be of `needle` and in order.
    #[must_use]
    pub fn becomes(&self, needle: &Needle, with: &With, spots: &[Spot]) -> Vec<String> {
        let Kind::Regex { regex, level } = needle.kind() else {
            return spots.iter().map(|_| with.filled(&|_| String::new())).collect();
        };
        let mut all = Vec::with_capacity(spots.len());
        for spots in spots.chunk_by(|one, other| one.text == other.text) {
            let mut waiting = spots.iter().peekable();
            if let Some(text) = self.text_of(spots) {
                text.captures(regex, *level, &mut |range, groups| {
                    if waiting.next_if(|spot| spot.range() == range).is_some() {
                        all.push(with.filled(groups));
                    }
                });
            }
        }
        all
    }
}

/// What is done to one text to replace hits in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The footnote, counted from 0 in reading order; `None` is the scene's own text.
    pub note: Option<usize>,
    /// In ascending order, at places of the text before any of them.
    pub splices: Vec<Splice>,
}

/// Characters that make room for others.
#[derive(Clone, PartialEq)]
pub struct Splice {
    /// Which of the hits it belongs to.
    pub hit: usize,
    /// In Unicode scalar values of the flat text.
    pub at: usize,
    /// What goes: text and line breaks.
    pub removed: Vec<Piece>,
    /// What comes.
    pub inserted: String,
    marks: Marks,
}

impl std::fmt::Debug for Splice {
    /// Says nothing of the text, so that no log can hold it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Splice")
            .field("hit", &self.hit)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl Change {
    /// The operations, positions in Unicode scalar values.
    #[must_use]
    pub fn ops(&self) -> Vec<Op> {
        self.splices.iter().rev().flat_map(Splice::ops).collect()
    }

    /// Every splice with the place of what it inserted, in the text as it is when all are done.
    pub fn done(&self) -> impl Iterator<Item = (&Splice, Range<usize>)> {
        let (mut more, mut less) = (0, 0);
        self.splices.iter().map(move |splice| {
            let start = splice.at + more - less;
            let length = splice.inserted.chars().count();
            more += length;
            less += splice.length();
            (splice, start..start + length)
        })
    }
}

impl Splice {
    /// How many characters go.
    #[must_use]
    pub fn length(&self) -> usize {
        let length = |piece: &Piece| match piece {
            Piece::Text { text, .. } => text.chars().count(),
            _ => 1,
        };
        self.removed.iter().map(length).sum()
    }

    fn ops(&self) -> Vec<Op> {
        let mut ops = Vec::new();
        let (at, length) = (self.at, self.length());
        let behind = at + self.inserted.chars().count();
        if !self.inserted.is_empty() {
            let (text, marks) = (self.inserted.clone(), Some(self.marks.clone()));
            ops.push(Op::Insert { at, text, marks });
        }
        if length > 0 {
            ops.push(Op::Delete { at: behind, len: length });
        }
        ops
    }

    /// What takes it back where what it inserted stands at `at` now.
    #[must_use]
    pub fn undo(&self, at: usize) -> Vec<Op> {
        let mut ops = Vec::new();
        let mut here = at;
        for piece in &self.removed {
            match piece {
                Piece::Text { text, marks } => {
                    ops.push(Op::Insert {
                        at: here,
                        text: text.clone(),
                        marks: Some(marks.clone()),
                    });
                    here += text.chars().count();
                }
                _ => {
                    ops.push(Op::Atom { at: here, atom: Atom::Break });
                    here += 1;
                }
            }
        }
        let len = self.inserted.chars().count();
        if len > 0 {
            ops.push(Op::Delete { at: here, len });
        }
        ops
    }
}

/// What has to be done to `passage`, which must be in normal form, so that at every hit stands what is beside it. The
/// hits are of this passage and in order. What comes has the marks of what goes; a reading above characters is not
/// taken over, because it was that of the others.
#[must_use]
pub fn changes(passage: &Passage, hits: &[(Hit, String)]) -> Vec<Change> {
    let notes: Vec<&[Paragraph]> = bodies(passage).collect();
    let mut changes: Vec<Change> = Vec::new();
    let mut row = Row::default();
    for (index, (hit, becomes)) in hits.iter().enumerate() {
        let paragraphs = match hit.note {
            None => passage.paragraphs.as_slice(),
            Some(note) => notes.get(note).copied().unwrap_or_default(),
        };
        let Some(paragraph) = paragraphs.get(hit.paragraph) else { continue };
        if row.of != Some((hit.note, hit.paragraph)) {
            row = Row { of: Some((hit.note, hit.paragraph)), cells: cells(paragraph) };
        }
        let Some(cells) = row.cells.get(hit.range.clone()) else { continue };
        let splices = splices(index, hit.flat.start, cells, becomes);
        match changes.last_mut() {
            Some(change) if change.note == hit.note => change.splices.extend(splices),
            _ => changes.push(Change { note: hit.note, splices }),
        }
    }
    changes.retain(|change| !change.splices.is_empty());
    changes
}

/// The characters of the paragraph that was looked at last.
#[derive(Default)]
struct Row<'a> {
    of: Option<(Option<usize>, usize)>,
    cells: Vec<Cell<'a>>,
}

/// One character of a paragraph's flat text.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Text(char, &'a Marks),
    Break,
    /// A footnote's sign, an image, or something of a newer version.
    Kept,
}

fn cells(paragraph: &Paragraph) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for piece in &paragraph.pieces {
        match piece {
            Piece::Text { text, marks } => cells.extend(text.chars().map(|c| Cell::Text(c, marks))),
            Piece::Break => cells.push(Cell::Break),
            Piece::Footnote { .. } | Piece::Image { .. } | Piece::Unknown { .. } => {
                cells.push(Cell::Kept);
            }
        }
    }
    cells
}

/// How `cells`, which begin at `start` of the flat text, become a text.
fn splices(hit: usize, start: usize, cells: &[Cell<'_>], becomes: &str) -> Vec<Splice> {
    let goes: Vec<(usize, Cell<'_>)> =
        cells.iter().copied().enumerate().filter(|(_, cell)| !matches!(cell, Cell::Kept)).collect();
    let comes: Vec<char> = becomes.chars().collect();
    let stays = |(cell, c): (&(usize, Cell<'_>), &char)| match cell.1 {
        Cell::Text(there, _) => there == *c,
        // A line break was found by a space, and says as much.
        Cell::Break => *c == ' ',
        Cell::Kept => false,
    };
    let same = goes.iter().zip(&comes).take_while(|&pair| stays(pair)).count();
    if same == goes.len() && same == comes.len() {
        return Vec::new();
    }
    // With nothing before it, what comes would not know whose marks to have: one character goes for it.
    let most = goes.len().min(comes.len()) - same;
    let most = if same == 0 { most.min(goes.len().saturating_sub(1)) } else { most };
    let tail = goes.iter().rev().zip(comes.iter().rev());
    let tail = tail.take(most).take_while(|&pair| stays(pair)).count();
    let (Some(middle), Some(text)) =
        (goes.get(same..goes.len() - tail), comes.get(same..comes.len() - tail))
    else {
        return Vec::new();
    };
    let first = middle.first().or_else(|| goes.get(same.wrapping_sub(1)));
    let mut inserted: String = text.iter().collect();
    let mut marks = first.map(|(_, cell)| marks_of(*cell, cells)).unwrap_or_default();
    let Some(&(first, _)) = middle.first() else {
        let at = goes.get(same.wrapping_sub(1)).map_or(0, |(index, _)| index + 1);
        return vec![Splice { hit, at: start + at, removed: Vec::new(), inserted, marks }];
    };
    let mut splices = Vec::new();
    let mut from = first;
    let behind = middle.last().map_or(first, |(index, _)| index + 1);
    while from < behind {
        let length = cells[from..behind].iter().take_while(|it| !matches!(it, Cell::Kept)).count();
        if length > 0 {
            let removed = pieces(&cells[from..from + length]);
            let (inserted, marks) = (std::mem::take(&mut inserted), std::mem::take(&mut marks));
            splices.push(Splice { hit, at: start + from, removed, inserted, marks });
        }
        from += length + 1;
    }
    splices
}

/// The marks that come with what replaces `cell` of a hit. A link stays where all of the hit leads there.
fn marks_of(cell: Cell<'_>, hit: &[Cell<'_>]) -> Marks {
    let all = || {
        hit.iter().filter_map(|cell| match cell {
            Cell::Text(_, marks) => Some(*marks),
            Cell::Break | Cell::Kept => None,
        })
    };
    let own = match cell {
        Cell::Text(_, marks) => Some(marks),
        Cell::Break | Cell::Kept => all().next(),
    };
    let mut marks = own.cloned().unwrap_or_default();
    marks.ruby = None;
    if all().any(|other| other.link != marks.link) {
        marks.link = None;
    }
    marks
}

fn pieces(cells: &[Cell<'_>]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for cell in cells {
        match (cell, pieces.last_mut()) {
            (Cell::Text(c, marks), Some(Piece::Text { text, marks: same })) if same == *marks => {
                text.push(*c);
            }
            (Cell::Text(c, marks), _) => {
                pieces.push(Piece::Text { text: c.to_string(), marks: (*marks).clone() });
            }
            (Cell::Break | Cell::Kept, _) => pieces.push(Piece::Break),
        }
    }
    pieces
}
