//! Reads the text of one paragraph: marks, line breaks, readings, footnotes.
//!
//! Every bracket, backtick and angle finds its partner in one pass before reading begins, and searches behind
//! them are bounded, so that hostile text costs no more than its length.

use std::collections::{HashMap, HashSet};

use seshat_manuscript::{Block, Marks, Paragraph, Piece};

use super::marks::{Node, Signs, resolve, with_marks};
use super::{NOTHING, escape, span};

/// Brackets with marks nest at most this deep; deeper ones are text.
const MAX_DEPTH: usize = 16;

/// Tags longer than this (in bytes) are text.
const MAX_TAG: usize = 4096;

/// What the rest of the chapter knows about labels.
#[derive(Default)]
pub(super) struct Labels {
    /// Bodies of footnotes that nothing has referred to yet.
    pub(super) notes: HashMap<String, Vec<Paragraph>>,
    /// Labels of link definitions.
    pub(super) definitions: HashSet<String>,
    /// Whether text that is read now may have footnotes; the body of one may not.
    pub(super) inside_note: bool,
}

/// Reads the text of a paragraph. Lines are parted by `\n`.
pub(super) fn pieces(text: &str, labels: &mut Labels) -> Vec<Piece> {
    let mut reader = Reader::new(text, labels);
    reader.read(0, text.len(), 0)
}

struct Reader<'a> {
    text: &'a str,
    labels: &'a mut Labels,
    /// Where the bracket that was opened at a position is closed.
    brackets: HashMap<usize, usize>,
    /// Positions of backticks by the length of their run.
    ticks: HashMap<usize, Vec<usize>>,
    /// No comment ends behind here, so that only the first open comment is searched to the end of the text.
    no_comment_end: bool,
}

/// A stretch between two brackets that is being read.
struct Stretch {
    start: usize,
    end: usize,
    depth: usize,
    nodes: Vec<Node>,
    /// A `^` that waits for its partner; white space ends the wait.
    raised: Option<usize>,
}

impl Stretch {
    fn push_text(&mut self, text: &str) {
        if text.contains(char::is_whitespace) {
            self.raised = None;
        }
        match self.nodes.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ => self.nodes.push(Node::Text(text.to_owned())),
        }
    }

    fn push_piece(&mut self, piece: Piece) {
        self.nodes.push(Node::Pieces(vec![piece]));
    }

    fn push_kept(&mut self, text: &str) {
        self.nodes.push(Node::Kept(text.replace('\n', " ")));
    }
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, labels: &'a mut Labels) -> Self {
        let ticks = tick_runs(text);
        let brackets = bracket_pairs(text, &ticks);
        Self { text, labels, brackets, ticks, no_comment_end: false }
    }

    fn read(&mut self, start: usize, end: usize, depth: usize) -> Vec<Piece> {
        let mut stretch = Stretch { start, end, depth, nodes: Vec::new(), raised: None };
        let mut at = start;
        while at < end {
            at += self.step(at, &mut stretch);
        }
        resolve(stretch.nodes)
    }

    /// Reads what begins at `at`; returns its length, at least 1.
    fn step(&mut self, at: usize, stretch: &mut Stretch) -> usize {
        let rest = self.text.get(at..stretch.end).unwrap_or_default();
        let plain = rest.find(is_sign).unwrap_or(rest.len());
        if plain > 0 {
            stretch.push_text(rest.get(..plain).unwrap_or_default());
            return plain;
        }
        let read = match rest.as_bytes().first() {
            Some(b'\\') => backslash(rest, stretch),
            Some(b'\n') => Some(line_end(stretch)),
            Some(b'`') => Some(self.code(at, rest, stretch)),
            Some(b'^') => self.raised(at, rest, stretch),
            Some(b'[') => self.bracket(at, rest, stretch),
            Some(b'!') => self.image(at, rest, stretch),
            Some(b'<') => self.angle(at, rest, stretch),
            Some(b'&') => escape::reference(rest).map(|(c, length)| {
                push_char(stretch, c);
                length
            }),
            _ => Some(self.signs(at, rest, stretch)),
        };
        read.unwrap_or_else(|| {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            stretch.push_text(rest.get(..length).unwrap_or_default());
            length
        })
    }

    /// The characters around a place, `None` at the edges of the stretch.
    fn around(&self, at: usize, end: usize, stretch: &Stretch) -> (Option<char>, Option<char>) {
        let before = self.text.get(stretch.start..at).and_then(|text| text.chars().next_back());
        let after = self.text.get(end..stretch.end).and_then(|text| text.chars().next());
        (before, after)
    }

    fn signs(&self, at: usize, rest: &str, stretch: &mut Stretch) -> usize {
        let sign = rest.chars().next().unwrap_or('*');
        let length = rest.len() - rest.trim_start_matches(sign).len();
        let (before, after) = self.around(at, at + length, stretch);
        let text = |side: Option<char>| side.is_some_and(|c| !c.is_whitespace());
        let word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        let (mut opens, mut closes) = (text(after), text(before));
        if sign == '_' {
            opens &= !word(before);
            closes &= !word(after);
        }
        stretch.nodes.push(Node::Signs(Signs::new(sign, length, opens, closes)));
        length
    }

    fn raised(&mut self, at: usize, rest: &str, stretch: &mut Stretch) -> Option<usize> {
        let (_, after) = self.around(at, at + 1, stretch);
        let mut signs = Signs::new('^', 1, false, false);
        if let Some(begin) = stretch.raised.take() {
            if let Some(Node::Signs(opening)) = stretch.nodes.get_mut(begin) {
                opening.begin();
            }
            signs.end();
            stretch.nodes.push(Node::Signs(signs));
            return Some(1);
        }
        if rest.starts_with("^[") && !self.labels.inside_note {
            return self.inline_note(at, stretch);
        }
        if after.is_some_and(|c| !c.is_whitespace() && c != '^') {
            stretch.raised = Some(stretch.nodes.len());
            stretch.nodes.push(Node::Signs(signs));
            return Some(1);
        }
        None
    }

    fn inline_note(&mut self, at: usize, stretch: &mut Stretch) -> Option<usize> {
        let close = self.closing(at + 1, stretch)?;
        self.labels.inside_note = true;
        let pieces = self.read(at + 2, close, stretch.depth + 1);
        self.labels.inside_note = false;
        let body = vec![Paragraph { block: Block::Body, align: None, pieces }];
        stretch.push_piece(Piece::Footnote { body });
        Some(close + 1 - at)
    }

    fn closing(&self, open: usize, stretch: &Stretch) -> Option<usize> {
        self.brackets.get(&open).copied().filter(|close| *close < stretch.end)
    }

    fn code(&self, at: usize, rest: &str, stretch: &mut Stretch) -> usize {
        let length = rest.len() - rest.trim_start_matches('`').len();
        let close = next_run(&self.ticks, length, at).filter(|close| close + length <= stretch.end);
        let Some(close) = close else {
            stretch.push_text(rest.get(..length).unwrap_or_default());
            return length;
        };
        let code = rest.get(..close + length - at).unwrap_or_default();
        let behind = rest.get(code.len()..).unwrap_or_default();
        let json = code.get(length..code.len() - length).unwrap_or_default();
        if length == 1
            && behind.starts_with(ATOM_FORMAT)
            && let Ok(kept) = serde_json::from_str(json)
        {
            stretch.push_piece(Piece::Unknown { kept });
            return code.len() + ATOM_FORMAT.len();
        }
        stretch.push_kept(code);
        code.len()
    }

    fn bracket(&mut self, at: usize, rest: &str, stretch: &mut Stretch) -> Option<usize> {
        if rest.starts_with(NOTHING) {
            return Some(NOTHING.len());
        }
        let close = self.closing(at, stretch)?;
        let inside = self.text.get(at + 1..close)?;
        let behind = self.text.get(close + 1..stretch.end)?;
        let whole = |more: usize| rest.get(..close + 1 + more - at);
        if let Some(label) = inside.strip_prefix('^') {
            let known = !self.labels.inside_note && self.labels.notes.contains_key(label);
            if known || !(behind.starts_with(['{', '(']) || label.contains(['^', ' ', '\n'])) {
                return Some(self.reference(label, whole(0)?, stretch));
            }
        }
        let marks = if behind.starts_with('(') {
            match span::address(behind).filter(|(address, _)| span::is_web(address)) {
                Some((address, more)) => {
                    Some((Marks { link: Some(address), ..Marks::default() }, more))
                }
                None => {
                    stretch.push_kept(whole(span::bracketed(behind)?)?);
                    return whole(span::bracketed(behind)?).map(str::len);
                }
            }
        } else {
            span::marks(behind)
        };
        if let Some((marks, more)) = marks.filter(|_| stretch.depth < MAX_DEPTH) {
            let inner = self.read(at + 1, close, stretch.depth + 1);
            let inner = inner.into_iter().map(|piece| with_marks(piece, &marks)).collect();
            stretch.nodes.push(Node::Pieces(inner));
            return Some(close + 1 + more - at);
        }
        let more = self.kept_behind(close, inside, behind, stretch)?;
        stretch.push_kept(whole(more)?);
        whole(more).map(str::len)
    }

    /// The length behind a bracket that makes it something to keep as written: a reference link (`[a][b]`, or
    /// `[a]` where a is defined), or attributes that are not ours.
    fn kept_behind(
        &self,
        close: usize,
        inside: &str,
        behind: &str,
        stretch: &Stretch,
    ) -> Option<usize> {
        if behind.starts_with("[^") {
            return self.labels.definitions.contains(inside).then_some(0);
        }
        if behind.starts_with('[') {
            return self.closing(close + 1, stretch).map(|end| end - close);
        }
        if behind.starts_with(['{']) {
            let end = behind.bytes().take(256).position(|byte| byte == b'}')?;
            return behind.get(..end).filter(|text| !text.contains('\n')).map(|_| end + 1);
        }
        self.labels.definitions.contains(inside).then_some(0)
    }

    fn reference(&mut self, label: &str, whole: &str, stretch: &mut Stretch) -> usize {
        let body = if self.labels.inside_note { None } else { self.labels.notes.remove(label) };
        match body {
            Some(body) => stretch.push_piece(Piece::Footnote { body }),
            None => stretch.push_text(whole),
        }
        whole.len()
    }

    fn image(&self, at: usize, rest: &str, stretch: &mut Stretch) -> Option<usize> {
        let close = rest.starts_with("![").then(|| self.closing(at + 1, stretch)).flatten()?;
        let behind = self.text.get(close + 1..stretch.end)?;
        if rest.starts_with("![^") {
            return None;
        }
        let ours = span::address(behind).and_then(|(address, more)| {
            address.strip_prefix(IMAGE_SCHEME).map(|hash| (hash.to_owned(), more))
        });
        if let Some((hash, more)) = ours {
            let alt = escape::unescape(self.text.get(at + 2..close)?);
            let (hash, width) = match hash.split_once(IMAGE_WIDTH) {
                Some((hash, width)) => (hash.to_owned(), width.parse().ok()),
                None => (hash, None),
            };
            stretch.push_piece(Piece::Image { hash, alt, width });
            return Some(close + 1 + more - at);
        }
        let more = match span::bracketed(behind) {
            Some(more) => more,
            None if behind.starts_with('[') && !behind.starts_with("[^") => {
                self.closing(close + 1, stretch)? - close
            }
            None => return None,
        };
        stretch.push_kept(rest.get(..close + 1 + more - at)?);
        Some(close + 1 + more - at)
    }

    fn angle(&mut self, at: usize, rest: &str, stretch: &mut Stretch) -> Option<usize> {
        for line_break in ["<br>", "<br/>", "<br />"] {
            if rest.starts_with(line_break) {
                stretch.push_piece(Piece::Break);
                return Some(line_break.len());
            }
        }
        if let Some(length) = self.ruby(at, rest, stretch) {
            return Some(length);
        }
        let length = if rest.starts_with("<!--") { self.comment(rest) } else { tag(rest) }?;
        stretch.push_kept(rest.get(..length)?);
        Some(length)
    }

    fn comment(&mut self, rest: &str) -> Option<usize> {
        let end = if self.no_comment_end { None } else { rest.find("-->") };
        self.no_comment_end |= end.is_none();
        end.map(|end| end + 3)
    }

    /// `<ruby>base<rt>reading</rt></ruby>`, the only shape that can be written back as it was.
    fn ruby(&mut self, at: usize, rest: &str, stretch: &mut Stretch) -> Option<usize> {
        let inside = rest.strip_prefix("<ruby>").filter(|_| stretch.depth < MAX_DEPTH)?;
        let base = span::unescaped(inside, |c| c == '<').filter(|base| *base > 0)?;
        let reading = inside.get(base..)?.strip_prefix("<rt>")?;
        let end = span::unescaped(reading, |c| c == '<')?;
        if !reading.get(end..)?.starts_with("</rt></ruby>") {
            return None;
        }
        let ruby = Some(escape::unescape(reading.get(..end)?));
        let inner = self.read(at + 6, at + 6 + base, MAX_DEPTH);
        let marks = Marks { ruby, ..Marks::default() };
        stretch.raised = None;
        let inner = inner.into_iter().map(|piece| with_marks(piece, &marks)).collect();
        stretch.nodes.push(Node::Pieces(inner));
        Some(6 + base + 4 + end + 12)
    }
}

/// Behind backticks: an atom that Markdown has no sign for, as JSON. Pandoc leaves raw text of a format that it
/// is not writing out of sight.
pub(super) const ATOM_FORMAT: &str = "{=seshat}";

/// Before the hash of an image that is held beside the text.
pub(super) const IMAGE_SCHEME: &str = "image:";
/// Behind the hash, before its width in hundredths of the column.
pub(super) const IMAGE_WIDTH: &str = "?width=";

fn is_sign(c: char) -> bool {
    matches!(c, '\\' | '\n' | '`' | '*' | '_' | '~' | '^' | '[' | '!' | '<' | '&')
}

fn push_char(stretch: &mut Stretch, c: char) {
    // Through the buffer of its own, so that a space written as a reference does not end a superscript.
    let raised = stretch.raised;
    stretch.push_text(c.encode_utf8(&mut [0; 4]));
    stretch.raised = raised;
}

fn backslash(rest: &str, stretch: &mut Stretch) -> Option<usize> {
    let next = rest.chars().nth(1)?;
    if next == '\n' {
        stretch.raised = None;
        stretch.push_piece(Piece::Break);
    } else if next.is_ascii_punctuation() {
        push_char(stretch, next);
    } else {
        return None;
    }
    Some(2)
}

/// A line end in a paragraph is a space; behind two spaces it is a line break.
fn line_end(stretch: &mut Stretch) -> usize {
    let mut broken = false;
    if let Some(Node::Text(text)) = stretch.nodes.last_mut() {
        let length = text.trim_end_matches(' ').len();
        broken = text.len() - length >= 2;
        text.truncate(length);
    }
    if broken {
        stretch.raised = None;
        stretch.push_piece(Piece::Break);
    } else {
        stretch.push_text(" ");
    }
    1
}

/// The length of a tag or of an address in angles.
fn tag(rest: &str) -> Option<usize> {
    let inside = rest.get(1..)?;
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
        return None;
    }
    let end = inside.bytes().take(MAX_TAG).position(|byte| byte == b'<' || byte == b'>')?;
    inside.get(end..)?.starts_with('>').then_some(end + 2)
}

fn tick_runs(text: &str) -> HashMap<usize, Vec<usize>> {
    let mut runs: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let run = rest.get(start..).unwrap_or_default();
        let behind = run.trim_start_matches('`');
        runs.entry(run.len() - behind.len()).or_default().push(text.len() - run.len());
        rest = behind;
    }
    runs
}

/// The run of `length` backticks that closes the one at `at`.
fn next_run(ticks: &HashMap<usize, Vec<usize>>, length: usize, at: usize) -> Option<usize> {
    let runs = ticks.get(&length)?;
    runs.get(runs.partition_point(|run| *run <= at)).copied()
}

fn bracket_pairs(text: &str, ticks: &HashMap<usize, Vec<usize>>) -> HashMap<usize, usize> {
    let bytes = text.as_bytes();
    let (mut pairs, mut open, mut at) = (HashMap::new(), Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => open.push(at),
            b']' => {
                if let Some(begin) = open.pop() {
                    pairs.insert(begin, at);
                }
            }
            b'`' => {
                let length = bytes.iter().skip(at).take_while(|byte| **byte == b'`').count();
                let end = next_run(ticks, length, at).map_or(at, |close| close);
                at = end + length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    pairs
}
