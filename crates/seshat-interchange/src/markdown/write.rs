//! Writes a chapter: title, scenes, footnotes.

use seshat_manuscript::{Block, Marks, Paragraph, Passage, Piece};

use super::layout::{self, Layout};
use super::scan::divided;
use super::span::Division;
use super::write_inline::{self, Footnotes};
use super::{KEPT, NOTHING, escape, inline, lines};
use crate::novel::Chapter;

/// Writes a chapter.
pub(super) fn chapter(chapter: &Chapter) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut notes = Footnotes::default();
    let scenes: Vec<Passage> =
        chapter.scenes.iter().map(|scene| scene.clone().normalized()).collect();
    if let Some(line) = title(&chapter.title, scenes.first()) {
        out.push(line);
    }
    for (index, scene) in scenes.iter().enumerate() {
        if index > 0 {
            push_block(&mut out, vec!["* * *".to_owned()]);
        }
        if !is_blank(&scene.paragraphs) {
            push_block(&mut out, blocks(&scene.paragraphs, &mut notes));
        }
    }
    for (index, body) in notes.bodies().into_iter().enumerate() {
        push_block(&mut out, note(index + 1, &body));
    }
    let mut text = out.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn push_block(out: &mut Vec<String>, block: Vec<String>) {
    if !out.is_empty() {
        out.push(String::new());
    }
    out.extend(block);
}

/// Whether there is nothing but the one empty paragraph that every text has.
fn is_blank(paragraphs: &[Paragraph]) -> bool {
    paragraphs.is_empty() || paragraphs == [Paragraph::default()]
}

/// The line of a title that stands alone.
pub(super) fn title_line(text: &str) -> Option<String> {
    title(text, None)
}

/// Scenes without a title, parted by `separator` on a line, and their footnotes numbered from `first_note`; the
/// second value is the next free number.
pub(super) fn scenes(scenes: &[Passage], separator: &str, first_note: usize) -> (String, usize) {
    let mut notes = Footnotes::from(first_note);
    let mut out: Vec<String> = Vec::new();
    for (index, scene) in scenes.iter().enumerate() {
        if index > 0 {
            push_block(&mut out, vec![separator.to_owned()]);
        }
        if !is_blank(&scene.paragraphs) {
            push_block(&mut out, blocks(&scene.paragraphs, &mut notes));
        }
    }
    let mut number = first_note;
    for body in notes.bodies() {
        push_block(&mut out, note(number, &body));
        number += 1;
    }
    (out.join("\n"), number)
}

/// The title's line. A chapter without a title has none, unless its text begins with what would be taken for one.
fn title(title: &str, first: Option<&Passage>) -> Option<String> {
    let text = title.split(['\n', '\r']).collect::<Vec<_>>().join(" ");
    let text = text.trim_matches([' ', '\t']);
    let first = first.and_then(|scene| scene.paragraphs.first());
    let mistaken = first.is_some_and(|paragraph| {
        paragraph.block == Block::Heading
            && paragraph.align.is_none()
            && Layout::of(paragraph, 0) == Layout { depth: 0, shared: 0, level: 1 }
    });
    if text.is_empty() {
        return mistaken.then(|| "#".to_owned());
    }
    // Markdown in a title is shown as it was written, so only signs that are none are escaped.
    let marked = inline::pieces(text, &mut inline::Labels::default())
        .iter()
        .any(|piece| !matches!(piece, Piece::Text { marks, .. } if *marks == Marks::default()));
    let mut line = String::from("# ");
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        let star = c == '*' && !marked;
        let backslash = c == '\\' && next.is_none_or(|next| next.is_ascii_punctuation());
        let reference = c == '&' && {
            let ahead: String = rest.clone().take(10).collect();
            escape::reference(&format!("&{ahead}")).is_some()
        };
        if star || backslash || reference {
            line.push('\\');
        }
        line.push(c);
    }
    Some(close_heading(line))
}

/// Keeps `#` at a heading's end from being taken for its closing.
fn close_heading(mut line: String) -> String {
    let content = line.trim_start_matches('#').trim_start_matches(' ');
    if lines::ends_in_closing_signs(content) {
        line.pop();
        line.push_str("\\#");
    }
    line
}

fn note(number: usize, body: &[Paragraph]) -> Vec<String> {
    let mut inside = Footnotes::default();
    let body = if is_blank(body) { Vec::new() } else { blocks(body, &mut inside) };
    let mut lines = body.into_iter();
    let first = format!("[^{number}]: {}", lines.next().unwrap_or_default());
    let first = if first.ends_with("]: ") { first.trim_end().to_owned() } else { first };
    let rest = lines.map(|line| if line.is_empty() { line } else { format!("    {line}") });
    std::iter::once(first).chain(rest).collect()
}

/// The lines of paragraphs, blank lines between them.
fn blocks(paragraphs: &[Paragraph], notes: &mut Footnotes) -> Vec<String> {
    let mut writer = Writer {
        out: Vec::new(),
        before: 0,
        division: Division::default(),
        fresh: true,
        in_list: false,
    };
    for paragraph in paragraphs {
        writer.paragraph(paragraph, notes);
    }
    writer.divide(Division::default());
    writer.out
}

struct Writer {
    out: Vec<String>,
    /// Quotations around the paragraph before.
    before: usize,
    /// The division that is open.
    division: Division,
    /// Nothing stands before in this text or division.
    fresh: bool,
    /// The paragraph before was kept, as a list.
    in_list: bool,
}

impl Writer {
    fn paragraph(&mut self, paragraph: &Paragraph, notes: &mut Footnotes) {
        // An ornament goes on with a quotation, but not into or out of a division.
        let usual = division_of(paragraph, usize::from(layout::is_ornament(paragraph)));
        let before = if self.division == usual { self.before } else { 0 };
        self.divide(division_of(paragraph, Layout::of(paragraph, before).depth));
        let layout = Layout::of(paragraph, self.before);
        let content = self.content(paragraph, layout, notes);
        if !self.fresh {
            self.out.push(prefixed(layout.shared, ""));
        }
        self.out.extend(content.iter().map(|line| prefixed(layout.depth, line)));
        self.before = layout.depth;
        self.fresh = false;
    }

    fn content(
        &mut self,
        paragraph: &Paragraph,
        layout: Layout,
        notes: &mut Footnotes,
    ) -> Vec<String> {
        let was_in_list = std::mem::take(&mut self.in_list) && layout.depth == self.before;
        if let Some(kept) = kept_lines(&paragraph.pieces, was_in_list) {
            let first = kept.first().map(String::as_str).unwrap_or_default();
            self.in_list = lines::is_item(first) || (was_in_list && lines::is_set_in(first));
            return kept;
        }
        match paragraph.block {
            Block::Break if paragraph.pieces.iter().all(layout::is_layout) => {
                vec!["* * *".to_owned()]
            }
            Block::Heading => {
                let mut text = write_inline::heading(&paragraph.pieces, notes);
                if text.is_empty() && layout.level == 1 {
                    // `#` alone parts scenes.
                    text.push_str(NOTHING);
                }
                let line = format!("{} {text}", "#".repeat(layout.level));
                vec![close_heading(line.trim_end_matches(' ').to_owned())]
            }
            Block::Body | Block::Quote | Block::Verse | Block::Letter | Block::Break => {
                write_inline::lines(&paragraph.pieces, notes)
            }
        }
    }

    /// Ends the open division and opens another one where they differ.
    fn divide(&mut self, division: Division) {
        if division == self.division {
            return;
        }
        if self.division != Division::default() {
            self.out.push(":::".to_owned());
            self.fresh = false;
        }
        if division != Division::default() {
            if !self.fresh {
                self.out.push(String::new());
            }
            self.out.push(division.line());
            self.fresh = true;
        }
        self.division = division;
        self.before = 0;
        self.in_list = false;
    }
}

/// The division that a paragraph in `depth` quotations needs.
fn division_of(paragraph: &Paragraph, depth: usize) -> Division {
    let ornament = layout::is_ornament(paragraph) && depth > 0;
    let block = divided(paragraph.block).filter(|_| !ornament);
    Division { block, align: paragraph.align }
}

fn prefixed(depth: usize, line: &str) -> String {
    let prefix = "> ".repeat(depth);
    if line.is_empty() { prefix.trim_end().to_owned() } else { prefix + line }
}

/// The lines of a paragraph that is kept as written and that reads as such again.
fn kept_lines(pieces: &[Piece], in_list: bool) -> Option<Vec<String>> {
    let mut lines = vec![String::new()];
    for piece in pieces.iter().filter(|piece| !layout::is_layout(piece)) {
        match piece {
            Piece::Text { text, marks } if marks.language.as_deref() == Some(KEPT) => {
                lines.last_mut()?.push_str(text);
            }
            Piece::Break => lines.push(String::new()),
            Piece::Text { .. }
            | Piece::Footnote { .. }
            | Piece::Image { .. }
            | Piece::Unknown { .. } => return None,
        }
    }
    let first = lines.first().filter(|line| !lines::is_blank(line))?;
    let later = lines.iter().enumerate().skip(1);
    let kept = lines::begins_kept(first)
        || (in_list && lines::is_set_in(first))
        || lines::division(first).is_some()
        || later.clone().any(|(index, line)| lines::continues_kept(line, index == 1));
    kept.then_some(lines)
}
