//! Which shaping fits a flow: by what its headings say, how often they come, and what else parts the text.

use super::{Blanks, Lines, Meaning, Shaping, prose, signs};
use crate::flow::{Block, Break, Flow, Inline, Kind, Paragraph, visible};

/// The levels that headings have.
const LEVELS: usize = 10;

/// Files with a heading at their beginning must be so many in ten for a new file to begin a chapter.
const MOSTLY: usize = 7;

/// What stands in a flow, counted in one pass.
#[derive(Default)]
struct Census {
    headings: [Level; LEVELS],
    /// Paragraphs with something in them.
    paragraphs: usize,
    chapter_lines: usize,
    /// Lines that are a number only, as far as they count up from 1.
    numbers: u32,
    ornaments: usize,
    pages: usize,
    files: usize,
    /// Files whose first block is a heading.
    headed_files: usize,
    /// How often one, two, three … empty paragraphs stand between paragraphs of text.
    blanks: [usize; 5],
    items: usize,
    title_style: bool,
}

/// The headings of one level.
#[derive(Clone, Copy, Default)]
struct Level {
    count: usize,
    /// They say "Chapter 3" or are a number.
    chapters: usize,
    /// They say "Part One".
    parts: usize,
    /// The next thing is a heading of a lower level.
    before_lower: usize,
    /// It is the first thing of the flow.
    first: bool,
}

/// See [`Shaping::guess`].
pub(super) fn guess(flow: &Flow) -> Shaping {
    let census = Census::of(flow);
    if census.items > 0 {
        return Shaping {
            chapter_level: None,
            lines: Lines::None,
            blanks: census.blanks(),
            ..Shaping::default()
        };
    }
    let mut shaping = Shaping { chapter_level: None, lines: Lines::None, ..Shaping::default() };
    census.levels(&mut shaping);
    if flow.exact {
        // Signs of Markdown are what they are: only its rule parts scenes.
        return Shaping { ornaments: false, blanks: Blanks::Kept, ..shaping };
    }
    shaping.blanks = census.blanks();
    let headed = |shaping: &Shaping| shaping.chapter_level.is_some();
    let chapters = shaping.chapter_level.map_or(0, |level| census.level(level).count);
    if census.chapter_lines > chapters.max(1) || !headed(&shaping) && census.chapter_lines > 0 {
        shaping.lines = Lines::ChaptersAndParts;
    }
    if !headed(&shaping) && shaping.lines == Lines::None {
        if census.numbers >= 2 {
            shaping.numbers = true;
        } else if census.files > 1 {
            shaping.files = Meaning::Chapter;
        } else if census.pages >= 2 {
            shaping.pages = Meaning::Chapter;
        }
    }
    if headed(&shaping) && census.files > 1 && census.headed_files * 10 >= census.files * MOSTLY {
        shaping.files = Meaning::Chapter;
    }
    shaping
}

impl Census {
    fn of(flow: &Flow) -> Self {
        let mut census = Self::default();
        let mut run = 0_usize;
        let mut above: Option<u8> = None;
        let mut file_begins = true;
        let mut first = true;
        for block in &flow.blocks {
            match block {
                Block::Heading { level, inline } if visible(inline) => {
                    census.heading(*level, inline, above, first);
                    census.headed_files += usize::from(file_begins);
                    above = Some(*level);
                    (run, first, file_begins) = (0, false, false);
                }
                Block::Heading { .. } => {}
                Block::Paragraph(paragraph) if visible(&paragraph.inline) => {
                    census.paragraph(paragraph);
                    if let Some(slot) = census.blanks.get_mut(run.min(4)) {
                        *slot += 1;
                    }
                    // A subtitle does not part a heading from the next.
                    if paragraph.kind != Kind::Subtitle {
                        above = None;
                    }
                    let title = paragraph.kind == Kind::Title;
                    (run, first, file_begins) = (0, first && title, false);
                }
                Block::Paragraph(_) => run += 1,
                Block::Break(what) => {
                    census.pages += usize::from(*what == Break::Page && !first);
                    census.files += usize::from(*what == Break::File);
                    file_begins |= *what == Break::File;
                    run = 0;
                }
                Block::Item(_) => {
                    census.items += 1;
                    run = 0;
                }
            }
        }
        // A break between files stands before each but the first, or before each.
        census.files = census.files.max(census.headed_files);
        census
    }

    fn heading(&mut self, level: u8, inline: &[Inline], above: Option<u8>, first: bool) {
        let text = prose::plain(inline);
        let numbered = signs::is_chapter(&text) || signs::bare_number(&text).is_some();
        if let Some(higher) = above.filter(|&above| above < level) {
            self.level_mut(higher).before_lower += 1;
        }
        let held = self.level_mut(level);
        held.count += 1;
        held.chapters += usize::from(numbered);
        held.parts += usize::from(signs::is_part(&text));
        held.first |= first;
    }

    fn paragraph(&mut self, paragraph: &Paragraph) {
        self.paragraphs += 1;
        self.title_style |= paragraph.kind == Kind::Title;
        let broken = paragraph.inline.iter().any(|part| matches!(part, Inline::Break));
        if paragraph.kind != Kind::Normal || broken || paragraph.inline.len() > 16 {
            return;
        }
        let text = prose::plain(&paragraph.inline);
        if text.chars().nth(100).is_some() {
            return;
        }
        self.chapter_lines += usize::from(signs::is_chapter(&text));
        self.ornaments += usize::from(signs::is_ornament(&text));
        if signs::bare_number(&text) == Some(self.numbers + 1) {
            self.numbers += 1;
        }
    }

    fn level(&self, level: u8) -> Level {
        let index = usize::from(level).clamp(1, LEVELS) - 1;
        self.headings.get(index).copied().unwrap_or_default()
    }

    fn level_mut(&mut self, level: u8) -> &mut Level {
        let index = usize::from(level).clamp(1, LEVELS) - 1;
        &mut self.headings[index]
    }

    /// Decides what the levels of headings mean.
    fn levels(&self, shaping: &mut Shaping) {
        let mut used: Vec<u8> = (1..=10).filter(|&level| self.level(level).count > 0).collect();
        let all = used.clone();
        // One heading at the top of a book that has others below is its title.
        if let [top, _, ..] = used.as_slice() {
            let level = self.level(*top);
            let says_other = level.chapters + level.parts > 0;
            let alone = level.count == 1 && level.first && !says_other && !self.title_style;
            if alone && (level.before_lower == 1 || self.level(used[1]).count > 2) {
                shaping.title_level = Some(*top);
                used.remove(0);
            }
        }
        let Some(&top) = used.first() else { return };
        // A level whose headings say that they are chapters is sure.
        let says = |level: u8| {
            let held = self.level(level);
            held.chapters * 2 >= held.count && held.chapters > 0
        };
        let mut chapters = used.iter().copied().find(|&level| says(level)).unwrap_or_else(|| {
            let held = self.level(top);
            let parts = held.parts * 2 >= held.count || held.before_lower * 2 > held.count;
            match used.get(1) {
                Some(&below) if parts && held.count > 1 || held.parts > 0 => below,
                _ => top,
            }
        });
        // A single heading, and nothing says what it is: the text's title, if lines part the chapters.
        if used.len() == 1 && all.len() == 1 {
            let held = self.level(top);
            let alone = held.count == 1 && held.first && held.chapters == 0;
            if alone && (self.chapter_lines > 1 || self.numbers > 1) {
                shaping.title_level = Some(top);
                return;
            }
            chapters = top;
        }
        shaping.chapter_level = Some(chapters);
        let above = used.iter().copied().rfind(|&level| level < chapters);
        shaping.part_level = above;
    }

    /// Empty paragraphs part scenes when they are rare among paragraphs that stand close.
    fn blanks(&self) -> Blanks {
        if self.ornaments > 0 || self.paragraphs < 12 {
            return Blanks::Space;
        }
        let [_, one, two, three, more] = self.blanks;
        let few = |count: usize| count > 0 && count * 8 <= self.paragraphs;
        let any = one + two + three + more;
        if few(any) {
            return Blanks::Scene(1);
        }
        // Each paragraph is followed by one: more than one is a break.
        if one * 2 >= self.paragraphs && few(two + three + more) {
            return Blanks::Scene(2);
        }
        Blanks::Space
    }
}
