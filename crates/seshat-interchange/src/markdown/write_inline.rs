//! Writes the text of one paragraph: marks, line breaks, readings, footnotes.

use seshat_manuscript::{Marks, Paragraph, Piece};

use super::inline::{ATOM_FORMAT, IMAGE_SCHEME, IMAGE_WIDTH};
use super::{KEPT, NOTHING, escape, layout, lines, span};

/// The bodies of the footnotes that were referred to, in order.
pub(super) struct Footnotes {
    bodies: Vec<Vec<Paragraph>>,
    /// The first one's number.
    first: usize,
}

/// Numbered from 1.
impl Default for Footnotes {
    fn default() -> Self {
        Self::from(1)
    }
}

impl Footnotes {
    /// Numbered from `first`.
    pub(super) fn from(first: usize) -> Self {
        Self { bodies: Vec::new(), first }
    }

    /// The bodies in the order of their numbers.
    pub(super) fn bodies(self) -> Vec<Vec<Paragraph>> {
        self.bodies
    }

    fn number(&mut self, body: &[Paragraph]) -> usize {
        self.bodies.push(body.to_vec());
        self.first + self.bodies.len() - 1
    }
}

/// The lines of a paragraph, so that none of them is taken for structure.
pub(super) fn lines(pieces: &[Piece], notes: &mut Footnotes) -> Vec<String> {
    let text = inline(pieces, "\\\n", notes);
    let mut written: Vec<String> = text.split('\n').map(safe_line).collect();
    if let Some(last) = written.last_mut() {
        *last = safe_end(std::mem::take(last));
        if last.is_empty() {
            last.push_str(NOTHING);
        }
    }
    written
}

/// The text of a heading on one line.
pub(super) fn heading(pieces: &[Piece], notes: &mut Footnotes) -> String {
    safe_end(safe_begin(&inline(pieces, "<br>", notes)))
}

fn safe_line(line: &str) -> String {
    let mut line = safe_begin(line);
    if let Some(at) = lines::needs_escape(&line) {
        line.insert(at, '\\');
    }
    line
}

/// White space at the edges of a line is written as a reference, because Markdown strips it.
fn safe_begin(line: &str) -> String {
    match line.chars().next().filter(|c| *c == ' ' || *c == '\t') {
        Some(space) => {
            let mut safe = String::new();
            escape::push_reference(&mut safe, space);
            safe + line.get(1..).unwrap_or_default()
        }
        None => line.to_owned(),
    }
}

fn safe_end(mut line: String) -> String {
    if let Some(space) = line.chars().next_back().filter(|c| *c == ' ' || *c == '\t') {
        line.pop();
        escape::push_reference(&mut line, space);
    }
    line
}

/// Marks that are written as signs around the text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Signs {
    emphasis: bool,
    strong: bool,
    strike: bool,
    raised: bool,
}

impl Signs {
    fn and(self, other: Self) -> Self {
        Self {
            emphasis: self.emphasis && other.emphasis,
            strong: self.strong && other.strong,
            strike: self.strike && other.strike,
            raised: self.raised && other.raised,
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            emphasis: self.emphasis && !other.emphasis,
            strong: self.strong && !other.strong,
            strike: self.strike && !other.strike,
            raised: self.raised && !other.raised,
        }
    }

    const ALL: Self = Self { emphasis: true, strong: true, strike: true, raised: true };
}

/// Marks that are written behind brackets.
#[derive(Clone, Debug, Default, PartialEq)]
struct Span {
    link: Option<String>,
    language: Option<String>,
    smallcaps: bool,
    underline: bool,
    superscript: bool,
}

/// Something to write, with its marks.
#[derive(Clone, Debug)]
struct Item {
    content: Content,
    signs: Signs,
    span: Span,
}

#[derive(Clone, Debug)]
enum Content {
    Text(String),
    Ruby(String, String),
    Kept(String),
    /// Written already; it has the marks of what is around it.
    Atom(String),
}

impl Item {
    fn is_atom(&self) -> bool {
        matches!(self.content, Content::Atom(_))
    }

    fn is_space(&self) -> bool {
        matches!(&self.content, Content::Text(text) if text.chars().all(char::is_whitespace))
    }
}

fn inline(pieces: &[Piece], line_break: &str, notes: &mut Footnotes) -> String {
    let mut items = Vec::with_capacity(pieces.len());
    for piece in pieces.iter().filter(|piece| !layout::is_layout(piece)) {
        match piece {
            Piece::Text { text, marks } => push_text(&mut items, text, marks),
            Piece::Break => push_atom(&mut items, line_break.to_owned()),
            Piece::Footnote { body } => push_atom(&mut items, format!("[^{}]", notes.number(body))),
            Piece::Image { hash, alt, width } => push_atom(&mut items, image(hash, alt, *width)),
            Piece::Unknown { kept } => {
                let json = kept.to_string().replace('`', "\\u0060");
                push_atom(&mut items, format!("`{json}`{ATOM_FORMAT}"));
            }
        }
    }
    trim(&mut items, |signs| &mut signs.emphasis);
    trim(&mut items, |signs| &mut signs.strong);
    trim(&mut items, |signs| &mut signs.strike);
    let mut items = joined(items);
    spread_spans(&mut items);
    write_groups(&items)
}

fn image(hash: &str, alt: &str, width: Option<u8>) -> String {
    let mut out = String::from("![");
    escape::push_text(&mut out, alt);
    out.push(']');
    let width = width.map(|width| format!("{IMAGE_WIDTH}{width}")).unwrap_or_default();
    span::push_address(&mut out, &format!("{IMAGE_SCHEME}{hash}{width}"));
    out
}

fn push_atom(items: &mut Vec<Item>, written: String) {
    items.push(Item {
        content: Content::Atom(written),
        signs: Signs::default(),
        span: Span::default(),
    });
}

/// Adds text with white space at its edges as items of their own.
fn push_text(items: &mut Vec<Item>, text: &str, marks: &Marks) {
    let kept = marks.language.as_deref() == Some(KEPT);
    let mut span = Span {
        link: marks.link.clone(),
        language: marks.language.clone().filter(|tag| span::is_language(tag)),
        smallcaps: marks.smallcaps,
        underline: marks.underline,
        superscript: false,
    };
    // `^…^` holds neither white space nor brackets.
    let simple = span == Span::default() && !kept && marks.ruby.is_none();
    let raised = marks.superscript && simple && !text.contains(char::is_whitespace);
    span.superscript = marks.superscript && !raised;
    let signs =
        Signs { emphasis: marks.emphasis, strong: marks.strong, strike: marks.strike, raised };
    let mut push = |content| items.push(Item { content, signs, span: span.clone() });
    if kept {
        push(Content::Kept(text.to_owned()));
    } else if let Some(ruby) = &marks.ruby {
        push(Content::Ruby(text.to_owned(), ruby.clone()));
    } else {
        let inner = text.trim_start();
        let (before, _) = text.split_at(text.len() - inner.len());
        let (inner, behind) = inner.split_at(inner.trim_end().len());
        for part in [before, inner, behind].into_iter().filter(|part| !part.is_empty()) {
            push(Content::Text(part.to_owned()));
        }
    }
}

/// Takes a mark off the white space at the edges of the text that has it: Markdown cannot begin or end a mark
/// there, and nobody sees it.
fn trim(items: &mut [Item], mark: fn(&mut Signs) -> &mut bool) {
    let mut inside = false;
    for forwards in [true, false] {
        let length = items.len();
        for at in 0..length {
            let at = if forwards { at } else { length - 1 - at };
            let Some(item) = items.get_mut(at) else { continue };
            let space = item.is_space();
            let atom = item.is_atom();
            let marked = mark(&mut item.signs);
            if *marked && space && !inside {
                *marked = false;
            }
            inside = if atom { inside } else { *marked };
        }
        inside = false;
    }
}

/// Joins text that has equal marks, so that it is escaped as one.
fn joined(items: Vec<Item>) -> Vec<Item> {
    let mut joined: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        if let (Some(last), Content::Text(text)) = (joined.last_mut(), &item.content)
            && last.signs == item.signs
            && last.span == item.span
            && let Content::Text(before) = &mut last.content
        {
            before.push_str(text);
        } else {
            joined.push(item);
        }
    }
    joined
}

/// Gives atoms the brackets of their neighbours where these are the same.
fn spread_spans(items: &mut [Item]) {
    let mut behind: Vec<Option<Span>> = Vec::with_capacity(items.len());
    let mut next = None;
    for item in items.iter().rev() {
        behind.push(next.clone());
        if !item.is_atom() {
            next = Some(item.span.clone());
        }
    }
    let mut before = None;
    for (item, behind) in items.iter_mut().zip(behind.into_iter().rev()) {
        if !item.is_atom() {
            before = Some(item.span.clone());
        } else if let Some(span) = behind.filter(|span| before.as_ref() == Some(span)) {
            item.span = span;
        }
    }
}

/// A stretch of items that stand in the same brackets, or one item in none.
struct Unit<'a> {
    items: &'a [Item],
    signs: Signs,
    atom: bool,
}

fn write_groups(items: &[Item]) -> String {
    let mut units = Vec::new();
    for items in items.chunk_by(|a, b| a.span == b.span && a.span != Span::default()) {
        let texts = items.iter().filter(|item| !item.is_atom());
        let atom = texts.clone().next().is_none();
        let signs = if atom {
            Signs::default()
        } else {
            texts.fold(Signs::ALL, |all, item| all.and(item.signs))
        };
        units.push(Unit { items, signs, atom });
    }
    let signs: Vec<Signs> =
        around(&units.iter().map(|u| (!u.atom).then_some(u.signs)).collect::<Vec<_>>());
    let mut out = Out::default();
    for (unit, signs) in units.iter().zip(signs) {
        out.switch(signs);
        match unit.items {
            [item] if item.span == Span::default() => out.content(&item.content),
            items => out.group(items, signs),
        }
    }
    out.switch(Signs::default());
    out.text
}

/// The marks of every item: its own, and for atoms (`None`) what both neighbours have.
fn around(items: &[Option<Signs>]) -> Vec<Signs> {
    let mut behind = vec![Signs::default(); items.len()];
    let mut next = Signs::default();
    for (slot, item) in behind.iter_mut().zip(items).rev() {
        next = item.unwrap_or(next);
        *slot = next;
    }
    let mut before = Signs::default();
    let mut signs = Vec::with_capacity(items.len());
    for (item, behind) in items.iter().zip(behind) {
        before = item.unwrap_or(before);
        let atom = Signs { raised: false, ..before.and(behind) };
        signs.push(item.unwrap_or(atom));
    }
    signs
}

#[derive(Default)]
struct Out {
    text: String,
    signs: Signs,
    /// A mark has just begun, so white space cannot stand as itself.
    opened: bool,
}

impl Out {
    /// Ends and begins marks.
    fn switch(&mut self, to: Signs) {
        let ends = self.signs.without(to);
        let begins = to.without(self.signs);
        if ends != Signs::default()
            && let Some(space) = self.text.chars().next_back().filter(|c| c.is_whitespace())
        {
            self.text.pop();
            escape::push_reference(&mut self.text, space);
        }
        let stars = usize::from(ends.emphasis || begins.emphasis)
            + 2 * usize::from(ends.strong || begins.strong);
        let tildes = if ends.strike || begins.strike { "~~" } else { "" };
        let stars = "*".repeat(stars);
        if ends.raised {
            self.text.push('^');
        }
        let inner_first = ends.emphasis || ends.strong;
        let [first, second] = if inner_first { [&*stars, tildes] } else { [tildes, &*stars] };
        self.text.push_str(first);
        self.text.push_str(second);
        if begins.raised {
            self.text.push('^');
        }
        self.opened = begins != Signs::default();
        self.signs = to;
    }

    fn group(&mut self, items: &[Item], common: Signs) {
        let Some(span) = items.first().map(|item| &item.span) else { return };
        if span.link.is_some() && self.text.ends_with('!') {
            self.text.pop();
            self.text.push_str("\\!");
        }
        let outer = std::mem::take(&mut self.signs);
        let attributes = attributes(span);
        let both = span.link.is_some() && attributes.is_some();
        self.text.push_str(if both { "[[" } else { "[" });
        self.opened = false;
        let own = |item: &Item| (!item.is_atom()).then(|| item.signs.without(common));
        for (item, signs) in items.iter().zip(around(&items.iter().map(own).collect::<Vec<_>>())) {
            self.switch(signs);
            self.content(&item.content);
        }
        self.switch(Signs::default());
        self.signs = outer;
        self.text.push(']');
        if let Some(attributes) = attributes {
            self.text.push_str(&attributes);
        }
        if let Some(link) = &span.link {
            self.text.push_str(if both { "]" } else { "" });
            span::push_address(&mut self.text, link);
        }
    }

    fn content(&mut self, content: &Content) {
        let opened = std::mem::take(&mut self.opened);
        match content {
            Content::Text(text) => {
                let space = text.chars().next().filter(|c| opened && c.is_whitespace());
                if let Some(space) = space {
                    escape::push_reference(&mut self.text, space);
                }
                let rest = text.get(space.map_or(0, char::len_utf8)..).unwrap_or_default();
                escape::push_text(&mut self.text, rest);
            }
            Content::Ruby(base, reading) => {
                self.text.push_str("<ruby>");
                escape::push_text(&mut self.text, base);
                self.text.push_str("<rt>");
                escape::push_text(&mut self.text, reading);
                self.text.push_str("</rt></ruby>");
            }
            Content::Kept(text) | Content::Atom(text) => self.text.push_str(text),
        }
    }
}

/// Marks as attributes; `None` when a link is all there is.
fn attributes(span: &Span) -> Option<String> {
    let classes = [
        (span.smallcaps, ".smallcaps"),
        (span.underline, ".underline"),
        (span.superscript, ".superscript"),
    ];
    let mut words: Vec<String> =
        classes.into_iter().filter(|(set, _)| *set).map(|(_, class)| class.to_owned()).collect();
    words.extend(span.language.iter().map(|tag| format!("lang=\"{tag}\"")));
    (!words.is_empty()).then(|| format!("{{{}}}", words.join(" ")))
}
