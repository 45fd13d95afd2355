//! The whole book as one file of CommonMark 0.31, which any reader of Markdown understands.
//!
//! Emphasis is written with signs where CommonMark takes them for such (section 6.2), else as `<em>`.

use seshat_manuscript::{Block, Marks, Paragraph, Piece};

use super::edition::{Edition, Section};
use super::{Role, xml};
use crate::markdown;

/// The file's text.
pub(super) fn write(edition: &Edition<'_>) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for section in &edition.sections {
        if section.role == Role::TitlePage {
            blocks.push(format!("# {}", line(&edition.title)));
            for text in [&edition.options.subtitle, &edition.author] {
                if !text.trim().is_empty() {
                    blocks.push(safe_start(&line(text.trim())));
                }
            }
            continue;
        }
        Sections { blocks: &mut blocks, notes: Vec::new() }.section(section);
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

struct Sections<'o, 'e> {
    blocks: &'o mut Vec<String>,
    notes: Vec<&'e [Paragraph]>,
}

impl<'e> Sections<'_, 'e> {
    fn section(&mut self, section: &'e Section) {
        let signs = "#".repeat(section.depth + 1);
        if !section.heading.is_empty() {
            let text = self.inline(&section.heading).replace('\n', " ");
            self.blocks.push(format!("{signs} {text}"));
        }
        for (at, scene) in section.scenes.iter().enumerate() {
            if at > 0 {
                self.blocks.push("* * *".to_owned());
            }
            let mut before = 0;
            for paragraph in &scene.paragraphs {
                let standing = markdown::standing(paragraph, before);
                let block = self.paragraph(paragraph, section.depth + standing.level);
                let prefix = "> ".repeat(standing.depth);
                let lines: Vec<String> =
                    block.split('\n').map(|line| format!("{prefix}{line}")).collect();
                let block = lines.join("\n");
                match self.blocks.last_mut() {
                    // A quotation goes on over its blank lines.
                    Some(last) if standing.shared > 0 && at_quote(last) => {
                        let between = "> ".repeat(standing.shared);
                        last.push_str(&format!("\n{}\n{block}", between.trim_end()));
                    }
                    _ => self.blocks.push(block),
                }
                before = standing.depth;
            }
        }
        for (at, body) in std::mem::take(&mut self.notes).into_iter().enumerate() {
            let texts: Vec<String> =
                body.iter().map(|paragraph| self.inline(&paragraph.pieces)).collect();
            self.blocks.push(format!("\\[{}\\] {}", at + 1, texts.join("\n\n")));
        }
    }

    fn paragraph(&mut self, paragraph: &'e Paragraph, level: usize) -> String {
        let shown = paragraph.pieces.iter().any(|piece| !matches!(piece, Piece::Unknown { .. }));
        match paragraph.block {
            Block::Break if !shown => "* * *".to_owned(),
            Block::Heading => {
                let text = self.inline(&paragraph.pieces).replace("\\\n", " ");
                format!("{} {text}", "#".repeat(level.clamp(2, 6)))
            }
            Block::Body | Block::Quote | Block::Verse | Block::Letter | Block::Break => {
                let text = self.inline(&paragraph.pieces);
                let text: Vec<String> = text.split('\n').map(safe_start).collect();
                let text = text.join("\n");
                if text.is_empty() { "&#8203;".to_owned() } else { text }
            }
        }
    }

    fn inline(&mut self, pieces: &'e [Piece]) -> String {
        let mut out = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text { text, marks } => {
                    let before = at.checked_sub(1).and_then(|at| pieces.get(at));
                    let around = Around {
                        before: last(before, &out),
                        next: first(pieces.get(at + 1)),
                        touches: [before, pieces.get(at + 1)].into_iter().flatten().any(is_marked),
                    };
                    out.push_str(&run(text, marks, around));
                }
                Piece::Break => out.push_str("\\\n"),
                Piece::Footnote { body } => {
                    self.notes.push(body);
                    out.push_str(&format!("\\[{}\\]", self.notes.len()));
                }
                Piece::Image { alt, .. } => out.push_str(&line(alt)),
                Piece::Unknown { .. } => {}
            }
        }
        // A backslash at the end of a paragraph would be one to see.
        while let Some(rest) = out.strip_suffix("\\\n") {
            out.truncate(rest.len());
        }
        out
    }
}

fn at_quote(block: &str) -> bool {
    block.starts_with("> ")
}

fn is_marked(piece: &Piece) -> bool {
    matches!(piece, Piece::Text { marks, .. } if marks.emphasis || marks.strong)
}

/// What stands around a run.
#[derive(Clone, Copy)]
struct Around {
    before: Option<char>,
    next: Option<char>,
    /// A run with signs of its own stands beside it.
    touches: bool,
}

fn last(piece: Option<&Piece>, out: &str) -> Option<char> {
    match piece {
        None | Some(Piece::Break) => None,
        _ => out.chars().next_back(),
    }
}

fn first(piece: Option<&Piece>) -> Option<char> {
    match piece {
        None | Some(Piece::Break) => None,
        Some(Piece::Text { text, .. }) => text.chars().next(),
        Some(_) => Some('x'),
    }
}

fn run(text: &str, marks: &Marks, around: Around) -> String {
    let mut inside = line(text);
    if let Some(reading) = &marks.ruby {
        inside.push_str(&format!("（{}）", line(reading)));
    }
    if marks.emphasis || marks.strong {
        inside = stressed(text, &inside, marks, around);
    }
    match marks.link.as_deref().and_then(xml::address) {
        Some(address) => format!("[{inside}](<{}>)", address.replace(['<', '>'], "")),
        None => inside,
    }
}

/// White space at the edges stands outside the signs.
fn stressed(text: &str, inside: &str, marks: &Marks, around: Around) -> String {
    let words = inside.trim();
    if words.is_empty() {
        return inside.to_owned();
    }
    let (head, tail) = inside.split_once(words).unwrap_or_default();
    let open_edge = head.is_empty() && !is_outside(around.before);
    let close_edge = tail.is_empty() && !is_outside(around.next);
    let plain_first = text.trim().chars().next().is_some_and(char::is_alphanumeric);
    let plain_last = text.trim().chars().next_back().is_some_and(char::is_alphanumeric);
    let signs = !around.touches
        && marks.link.is_none()
        && marks.ruby.is_none()
        && (plain_first || !open_edge)
        && (plain_last || !close_edge);
    let (open, close) = match (signs, marks.strong, marks.emphasis) {
        (true, true, true) => ("***", "***"),
        (true, true, false) => ("**", "**"),
        (true, false, _) => ("*", "*"),
        (false, true, true) => ("<strong><em>", "</em></strong>"),
        (false, true, false) => ("<strong>", "</strong>"),
        (false, false, _) => ("<em>", "</em>"),
    };
    format!("{head}{open}{words}{close}{tail}")
}

/// Whether a sign beside this character is seen as a sign, whatever stands on its other side.
fn is_outside(c: Option<char>) -> bool {
    c.is_none_or(|c| c.is_whitespace() || c.is_ascii_punctuation() || "“”‘’—–…«»".contains(c))
}

/// Text without line breaks, its own signs escaped.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>&#|~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The line such that nothing at its beginning is taken for a list, a heading or code.
fn safe_start(line: &str) -> String {
    let text = line.trim_start_matches([' ', '\t']);
    let spaces = line.len() - text.len();
    let indent = "&#32;".repeat(spaces);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let item = (1..10).contains(&digits) && rest.starts_with(['.', ')']);
    let sign = text.starts_with(['-', '+', '=', ':']);
    if item {
        return format!("{indent}{number}\\{rest}");
    }
    if sign { format!("{indent}\\{text}") } else { format!("{indent}{text}") }
}
