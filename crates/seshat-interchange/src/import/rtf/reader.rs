//! Reads the tokens of RTF into a flow.
//!
//! **Invariants:** no recursion, so depth costs no stack; memory is linear in the file; text in a group that is
//! not understood is left out only where RTF's own rule says so (`\*`).

use std::collections::HashMap;

use super::encoding::Coding;
use super::sink::Sink;
use super::state::{Dest, Held, Look, State};
use super::token::{Token, Tokens};
use crate::flow::{Align, Block, Break, Flow, Inline, Loss, visible};
use crate::import::draft::{self, Field, Indent, Looks, Mould};
use crate::import::refusal::Refusal;
use crate::import::style::{self, Named};
use crate::import::tongue;

/// Groups in groups. Word and LibreOffice stay under 50.
const DEEPEST: usize = 1_000;

/// 0.2 inches in twentieths of a point: less is a first line's accident and no indent.
const LEAST_INDENT: i32 = 280;

/// Reads one file.
pub(super) struct Reader {
    pub(super) state: State,
    pub(super) stack: Vec<State>,
    /// The document, and the notes that are open.
    pub(super) sinks: Vec<Sink>,
    pub(super) flow: Flow,
    /// Bytes that wait for their neighbours, since a character may have two.
    pub(super) bytes: Vec<u8>,
    /// Some of them stood in the file as they are, which RTF does not allow and programs do.
    pub(super) raw: bool,
    /// Characters that follow a `\u` and are to be passed over.
    pub(super) skip: u32,
    /// The first half of a surrogate pair.
    pub(super) high: Option<u16>,
    /// The symbol `\*` was read.
    pub(super) starred: bool,
    pub(super) page: Coding,
    pub(super) fonts: HashMap<i32, Coding>,
    pub(super) font: FontEntry,
    pub(super) default_font: i32,
    pub(super) default_language: Option<i32>,
    pub(super) styles: HashMap<i32, StyleEntry>,
    pub(super) style: (Option<i32>, StyleEntry),
    pub(super) held: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) comments: HashMap<String, usize>,
    pub(super) comment_author: String,
    pub(super) comment: Vec<(Option<String>, String)>,
    pub(super) picture: Vec<u8>,
    /// The odd hexadecimal digit of a picture.
    pub(super) digit: Option<u8>,
    /// The last shape property's name, and the alternative text that one gave.
    pub(super) property: String,
    pub(super) alternative: String,
    /// Whether the shape at hand held a text or an image.
    pub(super) shape_used: Vec<bool>,
    pub(super) looks: Looks<(i32, i32, i32)>,
    pub(super) was: Look,
    pub(super) links: Links,
}

/// A font that is being read.
#[derive(Default)]
pub(super) struct FontEntry {
    pub(super) number: i32,
    pub(super) charset: Option<i32>,
    pub(super) name: String,
}

/// A style that is being read.
#[derive(Clone, Default)]
pub(super) struct StyleEntry {
    pub(super) name: String,
    pub(super) outline: Option<u8>,
    pub(super) align: Option<Align>,
}

/// Which links are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// Those of the web and of mail.
    Web,
    /// Scrivener's own too, which name its comments.
    Scrivener,
}

/// Reads all of `bytes`; the flow is not settled yet.
pub(super) fn read(bytes: &[u8], links: Links) -> Result<Flow, Refusal> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let bytes = bytes.get(start..).unwrap_or_default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !bytes.starts_with(b"{\\rtf") {
        return Err(Refusal::WrongKind("an RTF document"));
    }
    let mut reader = Reader::new(links);
    let mut tokens = Tokens::new(bytes);
    let mut ended = false;
    for token in tokens.by_ref() {
        reader.token(token)?;
        // What stands behind the last brace is no part of the document.
        if reader.stack.is_empty() && token == Token::Close {
            ended = true;
            break;
        }
    }
    if !ended && !reader.stack.is_empty() {
        return Err(Refusal::Damaged);
    }
    debug_assert!(ended || tokens.left() == 0, "reading ends at the end");
    Ok(reader.finish())
}

impl Reader {
    fn new(links: Links) -> Self {
        let state = State {
            dest: Dest::Body,
            begun: None,
            outer: Dest::Body,
            look: Look::default(),
            layout: super::state::Layout::default(),
            fallback: 1,
        };
        Self {
            state,
            stack: Vec::new(),
            sinks: vec![Sink::default()],
            flow: Flow::default(),
            bytes: Vec::new(),
            raw: false,
            skip: 0,
            high: None,
            starred: false,
            page: Coding::of_page(1252),
            fonts: HashMap::new(),
            font: FontEntry::default(),
            default_font: 0,
            default_language: None,
            styles: HashMap::new(),
            style: (None, StyleEntry::default()),
            held: Vec::new(),
            fields: Vec::new(),
            comments: HashMap::new(),
            comment_author: String::new(),
            comment: Vec::new(),
            picture: Vec::new(),
            digit: None,
            property: String::new(),
            alternative: String::new(),
            shape_used: Vec::new(),
            looks: Looks::default(),
            was: Look::default(),
            links,
        }
    }

    fn token(&mut self, token: Token<'_>) -> Result<(), Refusal> {
        if !matches!(token, Token::Byte(_) | Token::Text(_)) {
            self.flush();
        }
        match token {
            Token::Open => self.open(),
            Token::Close => {
                self.close();
                Ok(())
            }
            Token::Text(text) => {
                self.text(text, true);
                Ok(())
            }
            Token::Byte(byte) => {
                self.text(&[byte], false);
                Ok(())
            }
            Token::Binary(bytes) => {
                if self.skip == 0 && self.state.dest == Dest::Picture {
                    self.picture.extend_from_slice(bytes);
                }
                self.skip = self.skip.saturating_sub(1);
                Ok(())
            }
            Token::Word(..) | Token::Symbol(_) if self.skip > 0 => {
                self.skip -= 1;
                Ok(())
            }
            Token::Word(name, number) => {
                if self.state.dest != Dest::Skip {
                    let name = std::str::from_utf8(name).unwrap_or_default();
                    self.word(name, number);
                }
                Ok(())
            }
            Token::Symbol(symbol) => {
                if self.state.dest != Dest::Skip {
                    self.symbol(symbol);
                }
                Ok(())
            }
        }
    }

    fn open(&mut self) -> Result<(), Refusal> {
        self.skip = 0;
        self.starred = false;
        if self.stack.len() >= DEEPEST {
            return Err(Refusal::TooDeep);
        }
        self.stack.push(self.state.clone());
        self.state.begun = None;
        Ok(())
    }

    fn close(&mut self) {
        self.skip = 0;
        self.starred = false;
        if let Some(dest) = self.state.begun.take() {
            self.end(dest);
        }
        if let Some(state) = self.stack.pop() {
            self.state = state;
        }
    }

    /// Characters as bytes: gathered, because a character may have several.
    fn text(&mut self, text: &[u8], raw: bool) {
        self.starred = false;
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(text.len());
        self.skip -= u32::try_from(skipped).unwrap_or(0);
        let text = text.get(skipped..).unwrap_or_default();
        match self.state.dest {
            Dest::Skip | Dest::Silent => {}
            Dest::Picture => self.digits(text),
            _ => {
                self.raw |= raw && !text.is_ascii();
                self.bytes.extend_from_slice(text);
            }
        }
    }

    /// Hexadecimal digits of a picture.
    fn digits(&mut self, text: &[u8]) {
        for byte in text {
            let Some(digit) = char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
            else {
                continue;
            };
            match self.digit.take() {
                None => self.digit = Some(digit),
                Some(high) => self.picture.push(high << 4 | digit),
            }
        }
    }

    /// Turns the gathered bytes into characters.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        // Whoever writes bytes as they are writes UTF-8 today; a file of before then is hardly valid as such.
        if std::mem::take(&mut self.raw)
            && let Ok(text) = std::str::from_utf8(&bytes)
        {
            return self.say(text);
        }
        let mut text = String::new();
        self.coding().decode_into(&bytes, &mut text);
        self.say(&text);
    }

    fn coding(&self) -> Coding {
        let look = &self.state.look;
        let font = if look.complex { look.complex_font } else { look.font };
        match self.state.dest {
            // Names in these tables are written in the document's own encoding.
            Dest::Fonts | Dest::Styles | Dest::Held(Held::Title | Held::Author) => self.page,
            _ => self.fonts.get(&font).copied().unwrap_or(self.page),
        }
    }

    /// A `\u`.
    pub(super) fn unicode(&mut self, number: i32) {
        let unit = u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or(0);
        self.skip = u32::from(self.state.fallback);
        match (self.high.take(), unit) {
            (high, 0xd800..=0xdbff) => {
                if high.is_some() {
                    self.say("\u{fffd}");
                }
                self.high = Some(unit);
            }
            (Some(high), 0xdc00..=0xdfff) => {
                let pair = char::decode_utf16([high, unit]).flatten();
                self.say(&pair.collect::<String>());
            }
            (high, _) => {
                if high.is_some() {
                    self.say("\u{fffd}");
                }
                // The symbol font's own area stands for its bytes.
                let c = match unit {
                    0xf020..=0xf0ff if self.coding() == Coding::Symbol => {
                        let mut text = String::new();
                        Coding::Symbol.decode_into(&[unit.to_le_bytes()[0]], &mut text);
                        return self.say(&text);
                    }
                    _ => char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER),
                };
                self.say(c.encode_utf8(&mut [0; 4]));
            }
        }
    }

    /// Text goes where it belongs.
    pub(super) fn say(&mut self, text: &str) {
        if self.high.take().is_some() && !text.starts_with('\u{fffd}') {
            self.say("\u{fffd}");
        }
        match self.state.dest {
            Dest::Body | Dest::Note | Dest::Comment | Dest::TextBox => self.body(text),
            Dest::Held(_) => {
                if let Some(held) = self.held.last_mut() {
                    held.push_str(text);
                }
            }
            Dest::Fonts => self.font_text(text),
            Dest::Styles => self.style_text(text),
            Dest::Skip | Dest::Silent | Dest::Field | Dest::Picture | Dest::Shape => {}
        }
    }

    fn body(&mut self, text: &str) {
        let look = &self.state.look;
        let was = std::mem::replace(&mut self.was, look.clone());
        if look.deleted {
            if !was.deleted {
                self.flow.lost.add(Loss::TrackedDeletion);
            }
            return;
        }
        for (now, before, loss) in [
            (look.inserted, was.inserted, Loss::TrackedInsertion),
            (look.hidden, was.hidden, Loss::Hidden),
            (look.subscript, was.subscript, Loss::Subscript),
            (look.highlight, was.highlight, Loss::Highlight),
        ] {
            if now && !before {
                self.flow.lost.add(loss);
            }
        }
        let language = look.language.or(self.default_language).and_then(tongue::of_number);
        let marks = look.marks(language);
        let Some(sink) = self.sinks.last_mut() else { return };
        if !text.trim().is_empty() {
            sink.layout = self.state.layout.clone();
            let font = if look.complex { look.complex_font } else { look.font };
            if self.sinks.len() == 1 {
                self.looks.note((font, look.size, look.colour), text.len());
            }
        }
        if let Some(sink) = self.sinks.last_mut() {
            sink.text(text, &marks);
        }
    }

    pub(super) fn font_text(&mut self, text: &str) {
        for part in text.split_inclusive(';') {
            self.font.name.push_str(part.trim_end_matches(';'));
            if part.ends_with(';') {
                let font = std::mem::take(&mut self.font);
                let coding = font.charset.and_then(Coding::of_charset);
                // Only the font named Symbol has Greek in it; others have pictures.
                let known = coding.filter(|coding| {
                    *coding != Coding::Symbol || font.name.to_lowercase().contains("symbol")
                });
                if let Some(coding) = known {
                    self.fonts.insert(font.number, coding);
                }
            }
        }
    }

    fn style_text(&mut self, text: &str) {
        for part in text.split_inclusive(';') {
            self.style.1.name.push_str(part.trim_end_matches(';'));
            if part.ends_with(';') {
                let (number, entry) = std::mem::take(&mut self.style);
                self.styles.insert(number.unwrap_or(0), entry);
            }
        }
    }

    /// Appends to the paragraph at hand.
    pub(super) fn push(&mut self, part: Inline) {
        if let Some(sink) = self.sinks.last_mut() {
            if matches!(part, Inline::Footnote(_) | Inline::Image { .. }) {
                sink.layout = self.state.layout.clone();
            }
            sink.inline.push(part);
        }
    }

    /// The paragraph ends.
    pub(super) fn paragraph(&mut self) {
        let state = self.state.layout.clone();
        let Some(sink) = self.sinks.last_mut() else { return };
        let inline = std::mem::take(&mut sink.inline);
        let label = sink.label.take();
        let seen = visible(&inline);
        // A paragraph belongs to the layout in force at its end, unless a group around its text closed before.
        let layout = if seen { std::mem::take(&mut sink.layout) } else { state };
        let style = self.styles.get(&layout.style);
        let outline = layout.outline.or_else(|| style.and_then(|style| style.outline));
        let named = style.and_then(|style| style::named(&style.name));
        let align = draft::wanted(layout.align, style.and_then(|style| style.align), named);
        let named =
            named.or_else(|| outline.filter(|level| *level < 9).map(|l| Named::Heading(l + 1)));
        let cell = layout.in_table.then_some((sink.row, sink.column));
        if cell.is_some() && !sink.in_table {
            self.flow.lost.add(Loss::Table);
        }
        sink.in_table = cell.is_some();
        let item = match label {
            Some(label) => Some((label, layout.list_level + 1)),
            None if layout.list > 0 && seen => Some((String::new(), layout.list_level + 1)),
            None => None,
        };
        let indent = Indent::of(layout.left, layout.right, LEAST_INDENT);
        let mould = Mould { named, align, item, cell, indent };
        if layout.page_before {
            sink.blocks.push(Block::Break(Break::Page));
        }
        if !(sink.broken && !seen || cell.is_some() && inline.is_empty()) {
            draft::emit(&mut sink.blocks, &mut self.flow.lost, &mut sink.run, (mould, inline));
        }
        sink.broken = false;
        sink.blocks.append(&mut sink.after);
    }

    /// A break of pages or sections.
    pub(super) fn page_break(&mut self, what: Break) {
        let Some(sink) = self.sinks.last() else { return };
        if visible(&sink.inline) || (what == Break::Section && !sink.inline.is_empty()) {
            self.paragraph();
        }
        if let Some(sink) = self.sinks.last_mut() {
            sink.blocks.push(Block::Break(what));
            sink.broken = true;
        }
    }

    fn finish(mut self) -> Flow {
        self.flush();
        let pending = self.sinks.last().is_some_and(|sink| !sink.inline.is_empty());
        if pending {
            self.paragraph();
        }
        let mut flow = self.flow;
        if let Some(sink) = self.sinks.pop() {
            flow.blocks = sink.blocks;
        }
        flow.lost.add_many(Loss::Looks, self.looks.changes());
        flow
    }
}
