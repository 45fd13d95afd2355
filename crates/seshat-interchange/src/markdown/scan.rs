//! Finds the blocks of a chapter: which lines belong together, and what they are.
//!
//! Every line is looked at a bounded number of times: a search for the end of a fence or a comment that failed
//! is not made again in the same stretch.

use std::collections::HashMap;

use seshat_manuscript::Block;

use super::escape;
use super::lines::{self, MAX_QUOTE_DEPTH, strip_quotes};
use super::span::Division;

/// A block and where it stands.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Quotations around it, those that go on from the block before, and those around the block before.
    pub(super) depth: usize,
    pub(super) shared: usize,
    pub(super) before: usize,
    /// The fenced division around it.
    pub(super) division: Division,
}

/// What a block is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Text with marks, lines parted by `\n`.
    Prose(String),
    /// Lines that are kept as they are written.
    Kept(Vec<String>),
    /// A heading: level and text.
    Heading(usize, String),
    /// A break.
    Break,
}

impl Found {
    /// Whether this is a chapter's title when it is the first block.
    pub(super) fn is_title(&self) -> bool {
        matches!(self.kind, Kind::Heading(1, _))
            && self.depth == 0
            && self.division == Division::default()
    }

    /// The text of a heading as a title.
    pub(super) fn title(self) -> String {
        match self.kind {
            Kind::Heading(_, content) => escape::unescape(&content),
            Kind::Prose(_) | Kind::Kept(_) | Kind::Break => String::new(),
        }
    }

    /// Whether a new scene begins here: a break that is in no quotation and in no division.
    pub(super) fn parts_scenes(&self) -> bool {
        matches!(self.kind, Kind::Break) && self.depth == 0 && self.division == Division::default()
    }
}

/// The blocks of a text.
#[derive(Default)]
pub(super) struct Blocks {
    pub(super) blocks: Vec<Found>,
    /// Footnotes with their labels.
    pub(super) notes: Vec<(String, Vec<Found>)>,
    /// The labels in the order of the text.
    pub(super) labels: Vec<String>,
}

/// Finds the blocks of `text`, whose lines end with `\n`.
pub(super) fn scan(text: &str) -> Blocks {
    let lines: Vec<&str> = text.split('\n').collect();
    let (lines, notes) = lift_notes(&lines);
    let mut found = Blocks { blocks: Scan::new(&lines).run(), ..Blocks::default() };
    for (label, body) in notes {
        found.labels.push(label.clone());
        found.notes.push((label, Scan::new(&body).run()));
    }
    found
}

type Notes<'a> = Vec<(String, Vec<&'a str>)>;

/// Takes the bodies of footnotes out of the lines; a blank line is left in the place of each.
fn lift_notes<'a>(lines: &[&'a str]) -> (Vec<&'a str>, Notes<'a>) {
    let (mut rest, mut notes, mut open) =
        (Vec::with_capacity(lines.len()), Notes::new(), HashMap::new());
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        if let Some(end) = code_end(lines, at, &mut open) {
            rest.extend_from_slice(lines.get(at..=end).unwrap_or_default());
            at = end + 1;
            continue;
        }
        at += 1;
        let Some((label, text)) = lines::note(line) else {
            rest.push(line);
            continue;
        };
        let mut body = vec![text];
        while let Some(next) = lines.get(at).copied() {
            let set_in = next.strip_prefix("    ").or_else(|| next.strip_prefix('\t'));
            let after_blank = body.last().is_some_and(|line| lines::is_blank(line));
            let goes_on = lines::is_blank(next) || set_in.is_some() || is_lazy(next, after_blank);
            if !goes_on {
                break;
            }
            body.push(set_in.unwrap_or(next));
            at += 1;
        }
        notes.push((label.to_owned(), body));
        rest.push("");
    }
    (rest, notes)
}

/// The end of fenced code that begins at `at`, in which `[^1]:` is code. `open` holds the shortest fences that
/// are known not to end.
fn code_end(lines: &[&str], at: usize, open: &mut HashMap<char, usize>) -> Option<usize> {
    let (sign, length, _) = lines::fence(lines.get(at)?)?;
    if open.get(&sign).is_some_and(|failed| length >= *failed) {
        return None;
    }
    let ends = |line: &&str| matches!(lines::fence(line), Some((same, other, true)) if same == sign && other >= length);
    let end = lines.iter().skip(at + 1).position(ends);
    if end.is_none() {
        open.insert(sign, length);
    }
    end.map(|end| at + 1 + end)
}

/// Whether the line goes on with a note's paragraph although it is not set in.
fn is_lazy(line: &str, after_blank: bool) -> bool {
    !after_blank
        && !lines::interrupts(line)
        && lines::note(line).is_none()
        && !line.starts_with('>')
}

struct Scan<'a> {
    lines: &'a [&'a str],
    at: usize,
    found: Vec<Found>,
    open: Option<Open<'a>>,
    /// Quotations around the last block, and the fewest around a blank line since.
    before: usize,
    blank: usize,
    /// Those around the last block before the division that is open, until a block stands in it.
    outside: usize,
    /// The last block was a list's, so that lines that are set in belong to it.
    in_list: bool,
    /// Divisions of ours around. The lines of others are text, so an end belongs to the last of ours.
    divisions: Vec<Division>,
    /// Searches that failed, and the line up to which they need not be made again.
    fences: HashMap<(char, usize), (usize, usize)>,
    html: HashMap<(&'static str, usize), usize>,
}

/// A paragraph that may go on.
struct Open<'a> {
    depth: usize,
    shared: usize,
    kept: bool,
    lines: Vec<&'a str>,
}

impl<'a> Scan<'a> {
    fn new(lines: &'a [&'a str]) -> Self {
        Self {
            lines,
            at: 0,
            found: Vec::new(),
            open: None,
            before: 0,
            blank: 0,
            outside: 0,
            in_list: false,
            divisions: Vec::new(),
            fences: HashMap::new(),
            html: HashMap::new(),
        }
    }

    fn run(mut self) -> Vec<Found> {
        while let Some(line) = self.lines.get(self.at).copied() {
            let (depth, rest) = strip_quotes(line, MAX_QUOTE_DEPTH);
            if lines::is_blank(rest) {
                self.close();
                self.blank = self.blank.min(depth);
                self.at += 1;
            } else if self.goes_on(depth, rest) {
                self.at += 1;
            } else {
                self.close();
                self.begin(depth, rest);
            }
        }
        self.close();
        self.found
    }

    /// Adds the line to the open paragraph where it belongs to it.
    fn goes_on(&mut self, depth: usize, rest: &'a str) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        let divided = depth == 0 && lines::division(rest).is_some();
        if depth > open.depth || (open.kept && (divided || depth < open.depth)) {
            return false;
        }
        if !open.kept {
            let alone = depth == open.depth && open.lines.len() == 1;
            if let (true, Some(level)) = (alone, lines::underline(rest))
                && let Some(text) =
                    open.lines.first().filter(|text| level == 1 || text.len() <= 100)
            {
                let text = text.trim_matches([' ', '\t']).to_owned();
                let (depth, shared) = (open.depth, open.shared);
                self.open = None;
                self.push(Kind::Heading(level, text), depth, shared);
                return true;
            }
            // A line without its quotation signs goes on with the text only where it can be nothing else.
            let begins = || lines::begins_kept(rest) || lines::underline(rest).is_some();
            if lines::interrupts(rest) || (depth < open.depth && begins()) {
                return false;
            }
        }
        open.lines.push(rest);
        true
    }

    /// Begins a block with a line that is not blank.
    fn begin(&mut self, depth: usize, rest: &'a str) {
        let shared = self.before.min(depth).min(self.blank);
        self.blank = usize::MAX;
        if depth == 0 && self.division(rest) {
            self.at += 1;
            return;
        }
        if let Some(end) = self.fence_end(depth, rest).or_else(|| self.html_end(depth, rest)) {
            let lines = self.lines.get(self.at..=end).unwrap_or_default();
            let lines = lines.iter().map(|line| strip_quotes(line, depth).1.to_owned()).collect();
            self.in_list = false;
            self.push(Kind::Kept(lines), depth, shared);
            self.at = end + 1;
            return;
        }
        let kind = if lines::is_break(rest) {
            Some(Kind::Break)
        } else {
            lines::heading(rest).map(|(level, text)| {
                let sign = level == 1 && text.is_empty() && !self.found.is_empty() && depth == 0;
                if sign { Kind::Break } else { Kind::Heading(level, text.to_owned()) }
            })
        };
        if let Some(kind) = kind {
            self.in_list = false;
            self.push(kind, depth, shared);
        } else {
            self.in_list &= depth == self.before;
            let kept = lines::begins_kept(rest) || (self.in_list && lines::is_set_in(rest));
            self.open = Some(Open { depth, shared, kept, lines: vec![rest] });
        }
        self.at += 1;
    }

    /// Ends the open paragraph.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let later = |(index, line): (usize, &&str)| lines::continues_kept(line, index == 1);
        let kept = open.kept || open.lines.iter().enumerate().skip(1).any(later);
        let first = open.lines.first().copied().unwrap_or_default();
        self.in_list = kept && (lines::is_item(first) || (self.in_list && lines::is_set_in(first)));
        let kind = if kept {
            Kind::Kept(open.lines.into_iter().map(str::to_owned).collect())
        } else {
            let trimmed = open.lines.iter().map(|line| line.trim_start_matches([' ', '\t']));
            let text = trimmed.collect::<Vec<_>>().join("\n");
            Kind::Prose(text.trim_end_matches([' ', '\t']).to_owned())
        };
        self.push(kind, open.depth, open.shared);
    }

    fn push(&mut self, kind: Kind, depth: usize, shared: usize) {
        let division = self.divisions.last().copied().unwrap_or_default();
        // A quotation ends where a division begins. But an ornament alone goes on with one, so one that was put
        // into a division of its own has to know what it does not go on with.
        let ornament = matches!(kind, Kind::Break) && division.block == Some(Block::Break);
        let outside = std::mem::take(&mut self.outside);
        let before = if ornament { outside } else { self.before };
        self.found.push(Found { kind, depth, shared, before, division });
        self.before = depth;
    }

    /// Opens or ends a division; whether the line is one of ours. Others are kept as they are written.
    fn division(&mut self, rest: &'a str) -> bool {
        let Some(attributes) = lines::division(rest) else { return false };
        let ours = if attributes.is_empty() {
            self.divisions.pop().is_some()
        } else {
            let division = Division::read(attributes);
            self.outside = if self.divisions.is_empty() { self.before } else { 0 };
            self.divisions.extend(division);
            division.is_some()
        };
        if ours {
            self.before = 0;
        } else {
            self.push(Kind::Kept(vec![rest.to_owned()]), 0, 0);
        }
        self.in_list = false;
        true
    }

    /// The line that closes the fence which begins here.
    fn fence_end(&mut self, depth: usize, rest: &str) -> Option<usize> {
        let (sign, length, _) = lines::fence(rest)?;
        if let Some((failed, until)) = self.fences.get(&(sign, depth))
            && length >= *failed
            && self.at < *until
        {
            return None;
        }
        let mut at = self.at + 1;
        while let Some((inside, line)) = self.lines.get(at).map(|line| strip_quotes(line, depth)) {
            if inside < depth {
                break;
            }
            if let Some((same, other, true)) = lines::fence(line)
                && same == sign
                && other >= length
            {
                return Some(at);
            }
            at += 1;
        }
        self.fences.insert((sign, depth), (length, at));
        None
    }

    /// The line with the end of a comment, or of an element that may hold blank lines.
    fn html_end(&mut self, depth: usize, rest: &str) -> Option<usize> {
        let end = lines::html_end(rest)?;
        if self.html.get(&(end, depth)).is_some_and(|until| self.at < *until) {
            return None;
        }
        let mut at = self.at;
        while let Some((inside, line)) = self.lines.get(at).map(|line| strip_quotes(line, depth)) {
            if inside < depth {
                break;
            }
            if line.contains(end) {
                return Some(at);
            }
            at += 1;
        }
        self.html.insert((end, depth), at);
        None
    }
}

/// Whether a division names the kind of its paragraphs, so that the writer opens one for them.
pub(super) fn divided(block: Block) -> Option<Block> {
    matches!(block, Block::Verse | Block::Letter | Block::Break).then_some(block)
}
