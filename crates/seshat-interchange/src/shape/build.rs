//! One pass over a flow: each block says what it is, and goes where the last one has opened a place.

use seshat_manuscript::{Align, Block as Kept, Paragraph as Plain};

use super::cells::{Row, labelled};
use super::draft::{self, About, Chapter, Part, Scene};
use super::items::{self, Place};
use super::prose::{self, Edge, Line, Prose};
use super::{Blanks, Lines, Meaning, Shaping, signs};
use crate::flow::{Block, Break, Flow, Inline, Item, Kind, Paragraph, Role, visible};
use crate::import::{Aside, ImportedNovel};

/// Between the two lines of a chapter's heading: "Chapter 1" and its name.
const JOINT: &str = ": ";

/// Makes the novel.
pub(super) fn build(flow: &Flow, shaping: &Shaping) -> ImportedNovel {
    let mut builder = Builder::new(flow, shaping);
    let places = items::places(flow, shaping.items);
    let mut next = places.into_iter();
    for block in &flow.blocks {
        match block {
            Block::Heading { level, inline } => builder.heading(*level, inline),
            Block::Paragraph(paragraph) => builder.paragraph(paragraph),
            Block::Break(what) => builder.breaks(*what),
            Block::Item(item) => {
                if let Some(place) = next.next() {
                    builder.item(item, place);
                }
            }
        }
    }
    builder.finish()
}

struct Builder<'a> {
    flow: &'a Flow,
    shaping: &'a Shaping,
    prose: Prose<'a>,
    title: Option<String>,
    parts: Vec<Part>,
    asides: Vec<Aside>,
    /// Which of them are folders: those without text are only names in the paths of others.
    folders: Vec<bool>,
    /// Whether text goes to the last of `asides`.
    aside: bool,
    /// What titles could not hold, for the next paragraph.
    waiting: Vec<Inline>,
    /// The row of a table that is open, and its line.
    row: Row,
    line: Option<(Option<Align>, Line)>,
    /// Empty paragraphs since the last one with something in it.
    blanks: usize,
    /// Whether something that is no title was seen.
    text_seen: bool,
    /// The last line that was a chapter's bare number.
    number: u32,
}

impl<'a> Builder<'a> {
    fn new(flow: &'a Flow, shaping: &'a Shaping) -> Self {
        Self {
            flow,
            shaping,
            prose: Prose::new(flow),
            title: None,
            parts: vec![Part::default()],
            asides: Vec::new(),
            folders: Vec::new(),
            aside: false,
            waiting: Vec::new(),
            row: Row::default(),
            line: None,
            blanks: 0,
            text_seen: false,
            number: 0,
        }
    }

    fn heading(&mut self, level: u8, inline: &[Inline]) {
        self.end_row();
        self.blanks = 0;
        if !self.flow.exact && !visible(inline) {
            self.keep(inline);
            return;
        }
        let level = Some(level);
        let title = || prose::title(inline, self.flow.exact);
        if self.aside || (!self.flow.exact && title().is_empty()) {
            self.push(Kept::Heading, None, inline);
        } else if level == self.shaping.chapter_level {
            let title = title();
            self.chapter_titled(title);
            self.keep(inline);
        } else if level == self.shaping.part_level {
            let title = title();
            self.part(title);
            self.keep(inline);
        } else if level == self.shaping.scene_level {
            let title = title();
            self.scene_titled(title);
            self.keep(inline);
        } else if level == self.shaping.title_level && self.takes_title(inline) {
            self.keep(inline);
        } else {
            self.push(Kept::Heading, None, inline);
        }
    }

    /// The first title of a book is the novel's; the data of its file often name an older one.
    fn takes_title(&mut self, inline: &[Inline]) -> bool {
        if self.text_seen || self.title.is_some() {
            return false;
        }
        let title = prose::title(inline, self.flow.exact);
        if title.is_empty() {
            return false;
        }
        self.title = Some(title);
        true
    }

    fn paragraph(&mut self, paragraph: &Paragraph) {
        let Paragraph { kind, align, inline } = paragraph;
        if matches!(kind, Kind::Cell { .. }) {
            self.cell(*align, kind, inline);
            return;
        }
        self.end_row();
        if !self.flow.exact && !visible(inline) && *kind != Kind::InnerBreak {
            self.blank(inline);
            return;
        }
        self.blank_lines_end();
        if *kind == Kind::Title && !self.aside && self.takes_title(inline) {
            self.keep(inline);
            return;
        }
        let line = self.sign_of(paragraph);
        match line {
            Sign::Ornament => {
                self.scene();
                self.keep(inline);
            }
            Sign::Chapter(title) => {
                self.chapter_titled(title);
                self.keep(inline);
            }
            Sign::Number(number, title) => {
                self.number = number;
                self.chapter_titled(title);
                self.keep(inline);
            }
            Sign::Part(title) => {
                self.part(title);
                self.keep(inline);
            }
            Sign::Prose => match kind {
                Kind::Item { label, .. } => {
                    let mut line = self.begun();
                    self.prose.add(&mut line, inline);
                    line.pieces = labelled(label, line.pieces);
                    // The label stands before every edge.
                    let shift = if label.is_empty() { 0 } else { label.chars().count() + 1 };
                    line.edges.iter_mut().for_each(|(_, _, offset)| *offset += shift);
                    self.put(Kept::Body, *align, line);
                }
                _ => self.push(prose::block_of(kind), *align, inline),
            },
        }
    }

    /// Whether a paragraph is a sign of structure.
    fn sign_of(&self, paragraph: &Paragraph) -> Sign {
        let Paragraph { kind, inline, .. } = paragraph;
        let text = prose::line_of(paragraph).filter(|_| !self.aside);
        let Some(line) = text.as_deref().map(str::trim) else { return Sign::Prose };
        let bare = line.is_empty() || signs::is_ornament(line);
        if self.shaping.ornaments && bare && (*kind == Kind::Ornament || !line.is_empty()) {
            return Sign::Ornament;
        }
        if !prose::is_one_line(paragraph) {
            return Sign::Prose;
        }
        let title = || prose::title(inline, self.flow.exact);
        if self.shaping.lines != Lines::None && signs::is_chapter(line) {
            return Sign::Chapter(title());
        }
        if self.shaping.lines == Lines::ChaptersAndParts && signs::is_part(line) {
            return Sign::Part(title());
        }
        // Only the next number, or 1 again: "C" is a hundred and may be a name.
        let number = signs::bare_number(line).filter(|_| self.shaping.numbers);
        if number.is_some_and(|number| number == 1 || number == self.number + 1) {
            return Sign::Number(number.unwrap_or(1), title());
        }
        Sign::Prose
    }

    fn breaks(&mut self, what: Break) {
        self.end_row();
        self.blanks = 0;
        let meaning = match what {
            Break::Scene if self.shaping.rules => Meaning::Scene,
            Break::Scene => Meaning::Nothing,
            Break::Page => self.shaping.pages,
            Break::Section => self.shaping.sections,
            Break::File => self.shaping.files,
        };
        match meaning {
            Meaning::Scene if !self.aside => self.scene_exact(),
            Meaning::Chapter if !self.aside => self.chapter_break(),
            _ if what == Break::Scene => self.put(Kept::Break, None, Line::default()),
            _ => {}
        }
    }

    /// A rule in Markdown parts scenes even when nothing stands between two of them.
    fn scene_exact(&mut self) {
        if self.flow.exact {
            self.open_scene().wanted = true;
            if let Some(chapter) = self.current_chapter() {
                chapter.scenes.push(Scene { wanted: true, ..Scene::default() });
            }
            return;
        }
        self.scene();
    }

    fn blank(&mut self, inline: &[Inline]) {
        self.blanks += 1;
        self.keep(inline);
        if self.shaping.blanks == Blanks::Kept {
            self.push(Kept::Body, None, &[]);
        }
    }

    fn blank_lines_end(&mut self) {
        let blanks = std::mem::take(&mut self.blanks);
        if matches!(self.shaping.blanks, Blanks::Scene(least) if blanks >= least.max(1))
            && !self.aside
        {
            self.scene();
        }
    }

    fn cell(&mut self, align: Option<Align>, kind: &Kind, inline: &[Inline]) {
        if !self.row.goes_on(kind) {
            self.end_row();
            self.blank_lines_end();
        }
        let (_, line) = self.line.get_or_insert_with(|| (align, Line::default()));
        self.row.add(line, kind, inline, &mut self.prose);
    }

    fn end_row(&mut self) {
        self.row.end();
        if let Some((align, line)) = self.line.take() {
            let seen = line.pieces.iter().any(|piece| match piece {
                seshat_manuscript::Piece::Text { text, .. } => !text.trim().is_empty(),
                seshat_manuscript::Piece::Break => false,
                _ => true,
            });
            if seen || !line.edges.is_empty() {
                self.put(Kept::Body, align, line);
            }
        }
    }

    fn push(&mut self, block: Kept, align: Option<Align>, inline: &[Inline]) {
        let mut line = self.begun();
        self.prose.add(&mut line, inline);
        self.put(block, align, line);
    }

    /// A line that begins with what the title before it could not hold.
    fn begun(&mut self) -> Line {
        let mut line = Line::default();
        let waiting = std::mem::take(&mut self.waiting);
        self.prose.add(&mut line, &waiting);
        line
    }

    fn keep(&mut self, inline: &[Inline]) {
        self.waiting.extend(prose::left_over(inline));
    }

    /// Puts a finished line where text goes now.
    fn put(&mut self, block: Kept, align: Option<Align>, line: Line) {
        self.text_seen = true;
        let paragraph = Plain { block, align, pieces: line.pieces };
        if self.aside {
            if let Some(aside) = self.asides.last_mut() {
                aside.text.paragraphs.push(paragraph);
            }
            return;
        }
        let scene = self.open_scene();
        let at = scene.paragraphs.len();
        scene.edges.extend(line.edges.into_iter().map(|(comment, side, offset)| Edge {
            comment,
            side,
            paragraph: at,
            offset,
        }));
        scene.paragraphs.push(paragraph);
    }

    fn current_chapter(&mut self) -> Option<&mut Chapter> {
        self.parts.last_mut().and_then(|part| part.chapters.last_mut())
    }

    fn current_scene(&mut self) -> Option<&mut Scene> {
        self.current_chapter().and_then(|chapter| chapter.scenes.last_mut())
    }

    /// The scene that text goes to, opened where there is none.
    fn open_scene(&mut self) -> &mut Scene {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        let part = self.parts.len() - 1;
        let chapters = &mut self.parts[part].chapters;
        if chapters.is_empty() {
            chapters.push(Chapter::default());
        }
        let chapter = chapters.len() - 1;
        let scenes = &mut chapters[chapter].scenes;
        if scenes.is_empty() {
            scenes.push(Scene::default());
        }
        let scene = scenes.len() - 1;
        &mut scenes[scene]
    }

    /// A change of scene; nothing when the scene is empty still.
    fn scene(&mut self) {
        if self.current_scene().is_some_and(|scene| !scene.paragraphs.is_empty())
            && let Some(chapter) = self.current_chapter()
        {
            chapter.scenes.push(Scene::default());
        }
    }

    fn scene_titled(&mut self, title: String) {
        self.text_seen = true;
        self.scene();
        let taken = self.current_scene().is_some_and(|scene| !scene.title.is_empty());
        if let (true, Some(chapter)) = (taken, self.current_chapter()) {
            chapter.scenes.push(Scene::default());
        }
        self.open_scene().title = title;
    }

    /// A chapter without a title of its own, unless the current one is empty still.
    fn chapter_break(&mut self) {
        let used = self
            .current_chapter()
            .is_some_and(|chapter| chapter.scenes.iter().any(|scene| !scene.paragraphs.is_empty()));
        if used && let Some(part) = self.parts.last_mut() {
            part.chapters.push(Chapter::default());
        }
    }

    fn chapter_titled(&mut self, title: String) {
        self.text_seen = true;
        let exact = self.flow.exact;
        let open = self.current_chapter().filter(|chapter| {
            chapter.about.says_nothing()
                && chapter
                    .scenes
                    .iter()
                    .all(|scene| scene.paragraphs.is_empty() && scene.title.is_empty())
        });
        match open {
            // A break has just opened it.
            Some(chapter) if chapter.title.is_empty() && !exact => chapter.title = title,
            // "Chapter 1" above the chapter's name.
            Some(chapter)
                if !exact && is_number_only(&chapter.title) && !is_number_only(&title) =>
            {
                if !chapter.title.ends_with([':', '.', '—', '–']) {
                    chapter.title.push_str(JOINT);
                } else {
                    chapter.title.push(' ');
                }
                chapter.title.push_str(&title);
            }
            _ => {
                if let Some(part) = self.parts.last_mut() {
                    part.chapters.push(Chapter { title, wanted: exact, ..Chapter::default() });
                }
            }
        }
    }

    fn part(&mut self, title: String) {
        self.text_seen = true;
        self.parts.push(Part { title, ..Part::default() });
    }

    fn item(&mut self, item: &Item, place: Place) {
        self.end_row();
        self.blanks = 0;
        let notes = if item.notes.is_empty() { Vec::new() } else { self.prose.note(&item.notes) };
        let about = About::new(item, notes);
        let title = item.title.trim().to_owned();
        self.aside = matches!(place, Place::Aside(_));
        match place {
            Place::Part(title) => self.parts.push(Part { title, about, chapters: Vec::new() }),
            Place::Chapter => self.add_chapter(Chapter { title, about, ..Chapter::default() }),
            Place::Scene => {
                let scene = Scene { title, about, wanted: true, ..Scene::default() };
                if self.current_chapter().is_none() {
                    self.add_chapter(Chapter::default());
                }
                if let Some(chapter) = self.current_chapter() {
                    chapter.scenes.push(scene);
                }
            }
            Place::ChapterOfScene => {
                let scenes = vec![Scene { about, wanted: true, ..Scene::default() }];
                self.add_chapter(Chapter { title, scenes, ..Chapter::default() });
            }
            Place::Aside(folders) => {
                let synopsis = about.synopsis;
                let mut aside = Aside { folders, title, synopsis, ..Aside::default() };
                aside.text.paragraphs = about.notes;
                self.folders.push(item.role == Role::NoteFolder);
                self.asides.push(aside);
            }
        }
    }

    fn add_chapter(&mut self, chapter: Chapter) {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        if let Some(part) = self.parts.last_mut() {
            part.chapters.push(chapter);
        }
    }

    fn finish(mut self) -> ImportedNovel {
        self.end_row();
        if !self.waiting.is_empty() {
            self.aside = false;
            self.push(Kept::Body, None, &[]);
        }
        let flow = self.flow;
        let said = flow.title.clone().filter(|title| !title.trim().is_empty());
        let mut novel = ImportedNovel {
            title: self.title.or(said),
            language: flow.language.clone(),
            author: flow.author.clone(),
            notes: flow.notes.clone(),
            ..ImportedNovel::default()
        };
        novel.notes.extend(flow.lost.sentences());
        draft::finish(&mut novel, self.parts, &flow.comments);
        for (aside, is_folder) in self.asides.into_iter().zip(self.folders) {
            let empty = aside.synopsis.is_empty() && aside.text.is_empty();
            if !empty || !(is_folder || aside.title.is_empty()) {
                novel.asides.push(aside);
            }
        }
        for aside in &mut novel.asides {
            aside.text = std::mem::take(&mut aside.text).normalized();
        }
        novel.images = self.prose.images();
        novel
    }
}

/// What a paragraph is a sign of.
enum Sign {
    Prose,
    Ornament,
    Chapter(String),
    Number(u32, String),
    Part(String),
}

/// "Chapter 1", "IV.": a heading that the chapter's name may follow.
pub(crate) fn is_number_only(title: &str) -> bool {
    let few = title.split_whitespace().count() <= 2;
    few && (signs::is_chapter(title) || signs::bare_number(title).is_some())
}
