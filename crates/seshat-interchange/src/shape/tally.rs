//! What a flow holds that may part it, so that an author is asked only about what is there.
//!
//! **Invariant:** what is counted here is what [`shape`](super::shape) takes for a sign when a setting asks for it.

use super::{prose, signs};
use crate::flow::{Block, Break, Flow, Kind, Paragraph, Role, visible};

/// What in a flow may begin a part, a chapter or a scene, and how often it occurs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The levels that its headings have, ascending.
    pub levels: Vec<u8>,
    /// Lines such as "Chapter 3" or "Part One" that are no headings.
    pub lines: usize,
    /// Lines that are the next number and nothing else.
    pub numbers: usize,
    /// Lines that are only a sign such as `* * *`.
    pub ornaments: usize,
    /// Rules across the page.
    pub rules: usize,
    /// New pages.
    pub pages: usize,
    /// New sections.
    pub sections: usize,
    /// New files.
    pub files: usize,
    /// Runs of empty paragraphs between paragraphs of text.
    pub blanks: usize,
    /// The most empty paragraphs in such a run.
    pub most_blanks: usize,
    /// Whether a writing program's tree says what is what.
    pub tree: bool,
}

/// Counts the signs of a flow.
#[must_use]
pub fn signs_of(flow: &Flow) -> Signs {
    let mut tally = Tally::default();
    for block in &flow.blocks {
        match block {
            Block::Item(item) => {
                tally.signs.tree = true;
                tally.aside = matches!(item.role, Role::Note | Role::NoteFolder);
                tally.interrupted();
            }
            _ if tally.aside => {}
            Block::Heading { level, inline } => {
                if flow.exact || visible(inline) {
                    tally.heading(*level);
                }
            }
            Block::Break(what) => tally.breaks(*what),
            Block::Paragraph(paragraph) => tally.paragraph(paragraph, flow.exact),
        }
    }
    tally.signs.levels.sort_unstable();
    tally.signs
}

#[derive(Default)]
struct Tally {
    signs: Signs,
    /// Whether text goes beside the novel.
    aside: bool,
    /// Whether there was text since the last heading or break.
    text: bool,
    /// Empty paragraphs since the last one with something in it.
    run: usize,
    /// The last number that stood alone.
    number: u32,
}

impl Tally {
    fn heading(&mut self, level: u8) {
        if !self.signs.levels.contains(&level) {
            self.signs.levels.push(level);
        }
        self.interrupted();
    }

    fn breaks(&mut self, what: Break) {
        let signs = &mut self.signs;
        let count = match what {
            Break::Scene => &mut signs.rules,
            Break::Page => &mut signs.pages,
            Break::Section => &mut signs.sections,
            Break::File => &mut signs.files,
        };
        *count += 1;
        self.interrupted();
    }

    fn interrupted(&mut self) {
        self.text = false;
        self.run = 0;
    }

    fn paragraph(&mut self, paragraph: &Paragraph, exact: bool) {
        if !exact && !visible(&paragraph.inline) && paragraph.kind != Kind::InnerBreak {
            self.run += 1;
            return;
        }
        if self.run > 0 && self.text {
            self.signs.blanks += 1;
            self.signs.most_blanks = self.signs.most_blanks.max(self.run);
        }
        self.run = 0;
        self.text = true;
        self.line(paragraph);
    }

    fn line(&mut self, paragraph: &Paragraph) {
        let Some(line) = prose::line_of(paragraph) else { return };
        let line = line.trim();
        if paragraph.kind == Kind::Ornament && line.is_empty() || signs::is_ornament(line) {
            self.signs.ornaments += 1;
        } else if paragraph.kind == Kind::Ornament || !prose::is_one_line(paragraph) {
            // An ornament of words, verse on several lines: nothing that a setting takes for a sign.
        } else if signs::is_chapter(line) || signs::is_part(line) {
            self.signs.lines += 1;
        } else if let Some(number) = signs::bare_number(line)
            && (number == 1 || number == self.number + 1)
        {
            self.number = number;
            self.signs.numbers += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Signs, signs_of};
    use crate::flow::{Block, Break, Flow, Inline, Item, Kind, Marks, Paragraph, Role};

    fn said(text: &str) -> Block {
        Block::Paragraph(Paragraph::plain(text))
    }

    fn heading(level: u8, text: &str) -> Block {
        let text = text.to_owned();
        Block::Heading { level, inline: vec![Inline::Text { text, marks: Marks::default() }] }
    }

    #[test]
    fn every_sign_is_counted_once_and_prose_is_none() {
        let blocks = vec![
            heading(2, "Two"),
            said(""),
            heading(1, "One"),
            said("Chapter 3"),
            said("Part Two"),
            said("1"),
            said("2"),
            said("9"),
            said("* * *"),
            Block::Paragraph(Paragraph { kind: Kind::Ornament, ..Paragraph::default() }),
            said("Prose."),
            said(""),
            said(""),
            said("More prose."),
            Block::Break(Break::Scene),
            said(""),
            said("Chapter and verse, he said."),
            Block::Break(Break::Page),
            Block::Break(Break::Section),
            Block::Break(Break::File),
            Block::Break(Break::File),
        ];
        let signs = signs_of(&Flow { blocks, ..Flow::default() });
        let expected = Signs {
            levels: vec![1, 2],
            lines: 2,
            numbers: 2,
            ornaments: 1,
            rules: 1,
            pages: 1,
            sections: 1,
            files: 2,
            // The empty ornament is an empty line, and two of prose.
            blanks: 2,
            most_blanks: 2,
            tree: false,
        };
        assert_eq!(signs, expected);
    }

    #[test]
    fn notes_beside_a_novel_have_no_signs() {
        let item = |role| Block::Item(Box::new(Item { role, ..Item::default() }));
        let blocks = vec![item(Role::Text), said("#"), item(Role::Note), said("#"), said("1")];
        let signs = signs_of(&Flow { blocks, ..Flow::default() });
        assert_eq!(signs, Signs { ornaments: 1, tree: true, ..Signs::default() });
    }
}
