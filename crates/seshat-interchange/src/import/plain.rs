//! Plain text: paragraphs of a file without markup.
//!
//! Nothing is decided here but where a paragraph ends; what is a chapter, the shaping says.

use seshat_manuscript::Marks;

use crate::flow::{Block, Break, Flow, Inline, Kind, Paragraph, push_text};
use crate::novel::Chapter;
use crate::shape::{Blanks, Lines, Shaping, shape};

/// Reads a text as a flow.
pub(super) fn read(text: &str) -> Flow {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut flow = Flow::default();
    let lines: Vec<&str> = text.split('\n').collect();
    let layout = Layout::of(&lines);
    let mut blank = 0;
    for block in lines.chunk_by(|a, b| is_blank(a) == is_blank(b)) {
        let pages = block.iter().filter(|line| line.contains('\u{c}')).count();
        flow.blocks.extend(std::iter::repeat_n(Block::Break(Break::Page), pages));
        if block.first().is_some_and(|line| is_blank(line)) {
            blank = block.len();
            continue;
        }
        if !flow.blocks.is_empty() {
            let more = blank.saturating_sub(layout.usual);
            flow.blocks.extend(std::iter::repeat_n(Block::Paragraph(Paragraph::default()), more));
        }
        layout.paragraphs(block, &mut flow);
    }
    flow
}

/// The chapters of a text that stands in a folder of chapters, at least one. Text before the first heading is a
/// chapter without a title.
pub(super) fn chapters(text: &str) -> Vec<Chapter> {
    let shaping = Shaping { lines: Lines::Chapters, blanks: Blanks::Space, ..Shaping::default() };
    let novel = shape(&read(text), &shaping);
    novel.parts.into_iter().flat_map(|part| part.chapters).collect()
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// How the file sets its paragraphs.
struct Layout {
    /// Characters of a full line where paragraphs are broken into lines of about equal length; `None` where
    /// every line is a paragraph.
    wrapped: Option<usize>,
    /// Empty lines that usually stand between two paragraphs.
    usual: usize,
}

impl Layout {
    /// Lines are taken for broken by a program when most of those with a line behind them are 40 to 100
    /// characters long.
    fn of(lines: &[&str]) -> Self {
        let pairs = lines.iter().zip(lines.iter().skip(1));
        let mut lengths: Vec<usize> = pairs
            .filter(|(line, next)| !is_blank(line) && !is_blank(next))
            .map(|(line, _)| line.trim_end().chars().count())
            .collect();
        lengths.sort_unstable();
        let middle = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
        let runs = lines.chunk_by(|a, b| is_blank(a) == is_blank(b));
        let blank = runs.filter(|run| run.first().is_some_and(|line| is_blank(line))).count();
        let wrapped = (blank > 0 && (40..=100).contains(&middle)).then_some(middle);
        let spaced = wrapped.is_some() || blank >= lengths.len();
        Self { wrapped, usual: usize::from(spaced) }
    }

    fn paragraphs(&self, block: &[&str], flow: &mut Flow) {
        let plain = Marks::default();
        let mut inline: Vec<Inline> = Vec::new();
        for (index, line) in block.iter().enumerate() {
            let first = index == 0 || self.wrapped.is_none();
            push_text(&mut inline, if first { trimmed(line) } else { line.trim() }, &plain);
            let last = index + 1 == block.len();
            match self.wrapped {
                None => flow.paragraph(Kind::Normal, None, std::mem::take(&mut inline)),
                Some(_) if last => flow.paragraph(Kind::Normal, None, std::mem::take(&mut inline)),
                // A short line that is not the last was ended by the author: verse, an address, a signature.
                Some(full) if line.trim_end().chars().count() * 4 < full * 3 => {
                    inline.push(Inline::Break);
                }
                Some(_) => push_text(&mut inline, " ", &plain),
            }
        }
    }
}

/// Without spaces and tabs at the edges; an ideographic space is how Japanese begins a paragraph.
fn trimmed(line: &str) -> &str {
    line.trim_matches([' ', '\t', '\u{c}'])
}

#[cfg(test)]
mod tests {
    use super::chapters;

    #[test]
    fn text_before_the_first_chapter_is_kept() {
        let found = chapters("A note.\n\nChapter 1\n\nText.\n\n* * *\n\nMore.\n\n#\n\nLast.\n");
        let titles: Vec<_> = found.iter().map(|chapter| chapter.title.as_str()).collect();
        assert_eq!(titles, ["", "Chapter 1"]);
        assert_eq!(found.iter().map(|chapter| chapter.scenes.len()).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn lines_broken_by_a_program_are_joined_and_short_ones_stay() {
        let line = "sixty characters of a line that a program has broken for us";
        let text = format!("{line}\n{line}\nend.\n\n{line}\nshort\n{line}\nend.\n");
        let plain = chapters(&text)[0].scenes[0].plain();
        assert_eq!(plain, format!("{line} {line} end.\n{line} short\n{line} end."));
    }

    #[test]
    fn a_line_is_a_paragraph_where_nothing_is_broken() {
        let long = "word ".repeat(60);
        let found = chapters(&format!("{long}\n{long}\n{long}"));
        assert_eq!(found[0].scenes[0].paragraphs.len(), 3);
    }
}
