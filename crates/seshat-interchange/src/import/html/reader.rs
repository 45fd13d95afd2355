//! The stack of open elements, and what becomes of text in them.

use seshat_manuscript::{Align, Marks};

use super::css::{Props, Sheet};
use super::element;
use super::line::{Line, Spaces};
use super::notes::{self, Notes, Sort};
use super::{Around, Dialect};
use crate::flow::{Block, Break, Flow, Inline, Kind, Loss};
use crate::shape::is_number_only;

/// Elements deeper than this are not noticed; their text is.
const DEEPEST: usize = 256;

/// An open element.
#[derive(Default)]
pub(super) struct Open {
    pub(super) name: String,
    pub(super) block: bool,
    /// What it says of its text, style sheet included.
    pub(super) props: Props,
    pub(super) link: Option<String>,
    pub(super) language: Option<String>,
    pub(super) kind: Option<Kind>,
    pub(super) align: Option<Align>,
    pub(super) heading: Option<u8>,
    pub(super) role: Role,
    /// The marks of text in it, from all the open elements.
    pub(super) marks: Marks,
    /// Nothing in it is shown.
    pub(super) unseen: bool,
    pub(super) pre: bool,
    /// A page ends with it.
    pub(super) page_after: bool,
}

/// What happens when an element ends, and what it counts.
#[derive(Default)]
pub(super) enum Role {
    #[default]
    Plain,
    /// A list and the number of its next entry; `None` for signs.
    List { next: Option<i64>, letters: char },
    /// An entry: its label until the first paragraph has taken it.
    Entry { label: Option<String> },
    /// A table and its next column.
    Table { column: u32 },
    /// A cell.
    Cell { row: u32, column: u32 },
    /// The text of a note, set aside under this name.
    Note { name: String, sort: Sort },
    /// A mark that belongs to a note.
    Mark { name: String, shown: String },
    /// A reading.
    Reading(String),
    /// Words with readings.
    Ruby,
    /// A group of headings: the level of its first.
    Group { level: Option<u8> },
    /// The title of the page.
    Title(String),
    /// A style sheet.
    Style(String),
}

/// Reads tags and text.
pub(super) struct Reader<'a> {
    pub(super) flow: &'a mut Flow,
    pub(super) notes: &'a mut Notes,
    pub(super) around: Around<'a>,
    pub(super) sheet: Sheet,
    pub(super) stack: Vec<Open>,
    pub(super) line: Line,
    /// Texts that are being set aside, innermost last.
    pub(super) aside: Vec<Vec<Block>>,
    /// Rows so far.
    pub(super) row: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(flow: &'a mut Flow, notes: &'a mut Notes, around: Around<'a>) -> Self {
        let mut sheet = Sheet::default();
        around.sheets.iter().for_each(|css| sheet.add(css));
        let row = flow.blocks.iter().rev().find_map(row_of).map_or(0, |row| row + 1);
        Self {
            flow,
            notes,
            around,
            sheet,
            stack: Vec::new(),
            line: Line::default(),
            aside: Vec::new(),
            row,
        }
    }

    /// Characters between tags.
    pub(super) fn text(&mut self, text: &str) {
        let Some(open) = self.stack.last_mut() else {
            self.line.text(text, &Marks::default(), Spaces::Joined);
            return;
        };
        match &mut open.role {
            Role::Title(held) | Role::Style(held) => {
                held.push_str(text);
            }
            _ if open.unseen => {}
            _ => {
                if let Some(held) = self.captured() {
                    held.push_str(text);
                    return;
                }
                let Some(open) = self.stack.last() else { return };
                let spaces = if open.pre { Spaces::Kept } else { Spaces::Joined };
                // White space between blocks is none.
                if !open.pre
                    && self.line.is_blank()
                    && text.trim_matches([' ', '\t', '\n', '\r', '\u{c}']).is_empty()
                {
                    return;
                }
                self.line.text(text, &open.marks, spaces);
            }
        }
    }

    /// Where text goes inside of a reading or of a note's mark.
    fn captured(&mut self) -> Option<&mut String> {
        self.stack.iter_mut().rev().take_while(|open| !open.block).find_map(|open| match &mut open
            .role
        {
            Role::Reading(held) | Role::Mark { shown: held, .. } => Some(held),
            _ => None,
        })
    }

    /// Puts an element on the stack; one that is too deep is not noticed.
    pub(super) fn push(&mut self, open: Open) {
        if self.stack.len() < DEEPEST {
            self.stack.push(open);
            self.marks_from(self.stack.len() - 1);
        }
    }

    /// Works out the marks of the elements from `start`.
    fn marks_from(&mut self, start: usize) {
        for at in start..self.stack.len() {
            let (before, rest) = self.stack.split_at_mut(at);
            let Some(open) = rest.first_mut() else { return };
            let above = before.last();
            let mut marks = above.map(|above| above.marks.clone()).unwrap_or_default();
            let Props { italic, bold, underline, strike, smallcaps, superscript, .. } = open.props;
            marks.emphasis = italic.unwrap_or(marks.emphasis);
            marks.strong = bold.unwrap_or(marks.strong);
            // A decoration goes through what is in it, whatever that says.
            marks.underline |= underline.unwrap_or(false);
            marks.strike |= strike.unwrap_or(false);
            marks.smallcaps = smallcaps.unwrap_or(marks.smallcaps);
            marks.superscript = superscript.unwrap_or(marks.superscript);
            if open.link.is_some() {
                marks.link.clone_from(&open.link);
                // A link is underlined because it is one.
                marks.underline = false;
            } else if marks.link.is_some() {
                marks.underline = false;
            }
            if open.language.is_some() {
                let same = open.language.as_deref().zip(self.flow.language.as_deref());
                let same = same.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other));
                marks.language = open.language.clone().filter(|_| !same);
            }
            open.marks = marks;
            open.unseen |= above.is_some_and(|above| above.unseen);
            open.pre = open.props.pre.unwrap_or(above.is_some_and(|above| above.pre));
        }
    }

    /// The end of an element.
    pub(super) fn end_tag(&mut self, name: &str) {
        let Some(at) = self.stack.iter().rposition(|open| open.name == name) else {
            // `</p>` alone is an empty paragraph to browsers and nothing to a reader; `</br>` is a break.
            if name == "br" {
                self.line.line_break();
            }
            return;
        };
        let inline = self.stack.get(at).is_some_and(|open| !open.block);
        let over = self.stack.get(at + 1..).unwrap_or_default();
        if inline && (element::is_format(name) || over.iter().any(|open| open.block)) {
            // `<b>…<i>…</b>…</i>`, `<b><p>…</b>…</p>`: what was begun in it stays, the mark ends.
            let role = std::mem::take(&mut self.stack.remove(at).role);
            self.ended(role);
            self.marks_from(at);
            return;
        }
        while self.stack.len() > at {
            self.pop();
        }
    }

    /// Ends the innermost element.
    pub(super) fn pop(&mut self) {
        let Some(block) = self.stack.last().map(|open| open.block) else { return };
        if block {
            self.flush();
        }
        if let Some(open) = self.stack.pop() {
            if open.page_after {
                self.emit(Block::Break(Break::Page));
            }
            self.ended(open.role);
        }
    }

    fn ended(&mut self, role: Role) {
        match role {
            Role::Note { name, sort } => {
                if let Some(blocks) = self.aside.pop() {
                    self.notes.put(name, sort, blocks);
                }
            }
            Role::Mark { name, shown } => self.line.atom(notes::mark(&name, &shown)),
            Role::Reading(reading) => self.line.reading(&reading),
            Role::Ruby => self.line.end_base(),
            Role::Title(title) => {
                let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
                if self.flow.title.is_none() && !title.is_empty() {
                    self.flow.title = Some(title);
                }
            }
            Role::Style(css) => self.sheet.add(&css),
            Role::Plain
            | Role::List { .. }
            | Role::Entry { .. }
            | Role::Table { .. }
            | Role::Cell { .. }
            | Role::Group { .. } => {}
        }
    }

    /// Ends the paragraph.
    pub(super) fn flush(&mut self) {
        let paragraph = self.stack.last().is_some_and(|open| open.name == "p" && !open.unseen);
        let blank = self.line.is_blank();
        let inline = self.line.take();
        if blank && !paragraph && !inline.iter().any(|part| matches!(part, Inline::CommentTo(_))) {
            return;
        }
        if blank && self.aside.last().is_some_and(Vec::is_empty) {
            return;
        }
        let align = self.stack.iter().rev().find_map(|open| open.align);
        let inline = if blank { Vec::new() } else { inline };
        let block = match self.heading(&inline) {
            Some(level) if !blank => Block::Heading { level, inline },
            _ => {
                let kind = if blank { Kind::Normal } else { self.kind() };
                let align = align.filter(|_| !blank);
                Block::Paragraph(crate::flow::Paragraph { kind, align, inline })
            }
        };
        self.emit(block);
    }

    /// The level, if this is a heading. In a group a line behind a bare number is the rest of the heading.
    fn heading(&mut self, inline: &[Inline]) -> Option<u8> {
        if let Some(level) = self.stack.iter().rev().find_map(|open| open.heading) {
            let group = self.stack.iter_mut().rev().find_map(|open| match &mut open.role {
                Role::Group { level } => Some(level),
                _ => None,
            });
            return match group {
                Some(held) => Some(*held.get_or_insert(level)),
                None => Some(level),
            };
        }
        let grouped = self.stack.iter().rev().find_map(|open| match open.role {
            Role::Group { level } => level,
            _ => None,
        })?;
        let blocks = self.aside.last().unwrap_or(&self.flow.blocks);
        let Some(Block::Heading { inline: before, .. }) = blocks.last() else { return None };
        let text = |inline: &[Inline]| -> String {
            let part = |part: &Inline| match part {
                Inline::Text { text, .. } => text.clone(),
                _ => String::new(),
            };
            inline.iter().map(part).collect()
        };
        (is_number_only(&text(before)) && !is_number_only(&text(inline))).then_some(grouped)
    }

    fn kind(&mut self) -> Kind {
        let mut depth = 0_u8;
        let mut found = None;
        for open in self.stack.iter_mut().rev() {
            match &mut open.role {
                Role::Cell { row, column } if found.is_none() => {
                    found = Some(Kind::Cell { row: *row, column: *column });
                }
                Role::Entry { label } if found.is_none() => {
                    let label = label.take().unwrap_or_default();
                    found = Some(Kind::Item { label, depth: 1 });
                }
                Role::Group { .. } if found.is_none() => found = Some(Kind::Subtitle),
                Role::List { .. } => depth = depth.saturating_add(1),
                _ => {}
            }
            if let (None, Some(kind)) = (&found, &open.kind) {
                found = Some(kind.clone());
            }
        }
        match found.unwrap_or_default() {
            Kind::Item { label, .. } => Kind::Item { label, depth: depth.max(1) },
            kind => kind,
        }
    }

    /// Adds a finished block.
    pub(super) fn emit(&mut self, block: Block) {
        match self.aside.last_mut() {
            // A note is one piece: pages do not part it.
            Some(aside) => {
                if !matches!(block, Block::Break(_)) {
                    aside.push(block);
                }
            }
            None => self.flow.blocks.push(block),
        }
    }

    pub(super) fn lost(&mut self, what: Loss) {
        self.flow.lost.add(what);
    }

    pub(super) fn is_xml(&self) -> bool {
        self.around.dialect == Dialect::Xhtml
    }

    /// The end of the document: everything that is open ends.
    pub(super) fn end(mut self) {
        while !self.stack.is_empty() {
            self.pop();
        }
        self.flush();
    }
}

fn row_of(block: &Block) -> Option<u32> {
    match block {
        Block::Paragraph(crate::flow::Paragraph { kind: Kind::Cell { row, .. }, .. }) => Some(*row),
        _ => None,
    }
}
