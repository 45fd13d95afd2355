//! A novel made ready for printing: what of it, in which order, under which headings. Every format that lays out
//! pages writes an [`Edition`] and decides nothing of that itself.
//!
//! **Invariants:** what stands in an edition is the manuscript's text, unchanged but for a recipient's invisible
//! mark, or one of the [`Labels`]; every section has a name for the list of contents and an id of its own.

use std::collections::BTreeMap;

use seshat_manuscript::{Block, Paragraph, Passage, Piece};

use super::watermark::{Mark, Marker};
use super::{ExportError, ExportNovel, Labels, Matter, Numbering, Options, Range, Role, heading};
use crate::markdown;
use crate::novel::Chapter;

/// What belongs to one copy and to no preset.
#[derive(Clone, Debug, Default)]
pub struct CopyFacts {
    /// When it is made, in seconds since 1970 (UTC).
    pub made: i64,
    /// 16 bytes that stay the same for every export of this novel: the book's identifier.
    pub identifier: [u8; 16],
    /// The cover: a JPEG, PNG, GIF, WebP or SVG file.
    pub cover: Option<Vec<u8>>,
    /// The invisible mark of the one who gets this copy.
    pub mark: Option<Mark>,
    /// A line that says for whom this copy is; empty for none.
    pub recipient: String,
}

/// A novel made ready for printing.
#[derive(Clone, Debug)]
pub struct Edition<'a> {
    /// The choices that it was made with.
    pub options: &'a Options,
    /// What belongs to this copy alone.
    pub copy: &'a CopyFacts,
    /// Pictures by the name that the text has for them.
    pub images: &'a BTreeMap<String, Vec<u8>>,
    /// The title; never empty.
    pub title: String,
    /// The author; may be empty.
    pub author: String,
    /// The language as a BCP 47 tag; `und` when nobody said it.
    pub language: String,
    /// Words in that language.
    pub labels: &'static Labels,
    /// In reading order.
    pub sections: Vec<Section>,
    /// Words of the manuscript in it (chapters only, notes and headings left out).
    pub words: usize,
}

/// A page or a chapter of an edition.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Letters, digits and hyphens; each once.
    pub id: String,
    /// What it is.
    pub role: Role,
    /// Where in the book it stands.
    pub place: Place,
    /// How deep it stands in the list of contents: 1 for a chapter in a part with a title, else 0.
    pub depth: usize,
    /// What stands above its text; may be empty.
    pub heading: Vec<Piece>,
    /// Its name in the list of contents; never empty.
    pub label: String,
    /// Its text; nothing for a title page and for a part.
    pub scenes: Vec<Passage>,
}

/// Where in a book a section stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the text.
    Front,
    /// The novel.
    Body,
    /// Behind the text.
    Back,
}

impl Section {
    /// Its heading without marks.
    #[must_use]
    pub fn plain_heading(&self) -> String {
        plain(&self.heading)
    }
}

fn plain(pieces: &[Piece]) -> String {
    Paragraph { pieces: pieces.to_vec(), ..Paragraph::default() }.plain()
}

impl<'a> Edition<'a> {
    /// Makes `novel` ready.
    ///
    /// # Errors
    /// [`ExportError::NothingChosen`] when the range holds no chapter.
    pub fn new(
        novel: &'a ExportNovel,
        options: &'a Options,
        copy: &'a CopyFacts,
    ) -> Result<Self, ExportError> {
        let language = match novel.language.as_deref() {
            Some(language) if !language.is_empty() => language.to_owned(),
            _ => "und".to_owned(),
        };
        let labels = Labels::of(&language);
        let title = novel.title.trim();
        let title = if title.is_empty() { "—" } else { title };
        let mut edition = Self {
            options,
            copy,
            images: &novel.images,
            title: title.to_owned(),
            author: novel.author.as_deref().unwrap_or_default().trim().to_owned(),
            labels,
            sections: Vec::new(),
            words: 0,
            language,
        };
        let chapters = edition.body(novel);
        if !chapters.iter().any(|section| section.role == Role::Chapter) {
            return Err(ExportError::NothingChosen);
        }
        let scenes = chapters.iter().flat_map(|section| &section.scenes);
        edition.words = scenes.map(Passage::words).sum();
        let front = edition.matter(&options.front, Place::Front);
        let back = edition.matter(&options.back, Place::Back);
        edition.sections = front.into_iter().chain(chapters).chain(back).collect();
        edition.for_recipient();
        Ok(edition)
    }

    /// Whether the text runs from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        is_right_to_left(&self.language)
    }

    /// Whether the book opens to the right: right-to-left text, and lines in columns.
    #[must_use]
    pub fn turns_right(&self) -> bool {
        self.options.vertical || self.is_right_to_left()
    }

    /// The heading of the list of contents and the sections in it.
    pub fn contents(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| match section.role {
            Role::TitlePage | Role::Copyright | Role::Dedication | Role::Epigraph => false,
            Role::Foreword
            | Role::Preface
            | Role::Part
            | Role::Chapter
            | Role::Afterword
            | Role::Acknowledgements
            | Role::AboutAuthor
            | Role::AlsoBy => true,
        })
    }

    fn body(&self, novel: &ExportNovel) -> Vec<Section> {
        let mut sections = Vec::new();
        let (mut number, mut part_number) = (0, 0);
        for (part_at, part) in novel.parts.iter().enumerate() {
            let mut chapters = Vec::new();
            for (at, chapter) in part.chapters.iter().enumerate() {
                let said = match self.options.numbering {
                    Numbering::Through => number + 1,
                    Numbering::InPart => at + 1,
                };
                let scenes = chosen(&self.options.range, part_at, number, chapter);
                number += 1;
                if let Some(scenes) = scenes {
                    chapters.push(self.chapter(number, said, chapter, scenes));
                }
            }
            let titled = !part.title.trim().is_empty();
            part_number += usize::from(titled);
            if titled && !chapters.is_empty() {
                sections.push(self.part(part_number, &part.title));
                chapters.iter_mut().for_each(|chapter| chapter.depth = 1);
            }
            sections.extend(chapters);
        }
        sections
    }

    fn chapter(
        &self,
        number: usize,
        said: usize,
        chapter: &Chapter,
        scenes: Vec<Passage>,
    ) -> Section {
        let template = &self.options.chapter_heading;
        let heading = heading::heading(template, said, chapter.title.trim(), &self.language);
        let heading = markdown::title_pieces(&heading);
        let label = named(&heading, || format!("{} {said}", self.labels.chapter));
        Section {
            id: format!("chapter-{number}"),
            role: Role::Chapter,
            place: Place::Body,
            depth: 0,
            heading,
            label,
            scenes,
        }
    }

    fn part(&self, number: usize, title: &str) -> Section {
        let heading =
            heading::heading(&self.options.part_heading, number, title.trim(), &self.language);
        let heading = markdown::title_pieces(&heading);
        let label = named(&heading, || format!("{} {number}", self.labels.part));
        Section {
            id: format!("part-{number}"),
            role: Role::Part,
            place: Place::Body,
            depth: 0,
            heading,
            label,
            scenes: Vec::new(),
        }
    }

    fn matter(&self, matter: &[Matter], place: Place) -> Vec<Section> {
        let side = if place == Place::Front { "front" } else { "back" };
        let sections = matter.iter().enumerate().map(|(at, matter)| {
            let usual = self.labels.role(matter.role);
            let shown = match matter.role {
                Role::TitlePage | Role::Copyright | Role::Dedication | Role::Epigraph => "",
                _ => usual,
            };
            let heading = matter.heading.as_deref().unwrap_or(shown);
            let heading = markdown::title_pieces(heading.trim());
            Section {
                id: format!("{side}-{}", at + 1),
                role: matter.role,
                place,
                depth: 0,
                label: named(&heading, || usual.to_owned()),
                heading,
                scenes: match matter.role {
                    Role::TitlePage => Vec::new(),
                    _ => vec![matter.text.clone().normalized()],
                },
            }
        });
        sections.collect()
    }

    /// Puts a recipient's line and mark in.
    fn for_recipient(&mut self) {
        let line = self.copy.recipient.trim();
        if !line.is_empty() {
            let line = Paragraph::new(Block::Body, line);
            let page = self.sections.iter_mut().find(|section| section.role == Role::Copyright);
            match page.and_then(|section| section.scenes.last_mut()) {
                Some(text) => text.paragraphs.push(line),
                None => self.sections.insert(0, self.recipient_page(line)),
            }
        }
        if let Some(mark) = self.copy.mark {
            let mut marker = Marker::new(mark);
            let sections = self.sections.iter_mut().filter(|section| section.place == Place::Body);
            sections.flat_map(|section| &mut section.scenes).for_each(|scene| marker.put(scene));
        }
    }

    fn recipient_page(&self, line: Paragraph) -> Section {
        Section {
            id: "recipient".to_owned(),
            role: Role::Copyright,
            place: Place::Front,
            depth: 0,
            heading: Vec::new(),
            label: self.labels.copyright.to_owned(),
            scenes: vec![Passage { paragraphs: vec![line] }],
        }
    }
}

/// The heading as a name, or another one where it says nothing.
fn named(heading: &[Piece], otherwise: impl FnOnce() -> String) -> String {
    let name = plain(heading).split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { otherwise() } else { name }
}

/// The scenes of a chapter that are in the range; `None` when the chapter is not in it at all.
fn chosen(range: &Range, part: usize, chapter: usize, text: &Chapter) -> Option<Vec<Passage>> {
    let whole = match range {
        Range::Whole => true,
        Range::Part(one) => *one == part,
        Range::Chapters { first, last } => (*first..=*last).contains(&chapter),
        Range::Scenes(marked) => {
            let is_marked = |at: usize| marked.contains(&(chapter, at));
            let scenes = text.scenes.iter().enumerate();
            let scenes: Vec<_> = scenes.filter(|(at, _)| is_marked(*at)).map(|(_, s)| s).collect();
            let scenes = scenes.into_iter().cloned().map(Passage::normalized);
            return Some(scenes.collect()).filter(|scenes: &Vec<_>| !scenes.is_empty());
        }
    };
    whole.then(|| text.scenes.iter().cloned().map(Passage::normalized).collect())
}

/// Whether a language (a BCP 47 tag) is written from right to left.
pub(super) fn is_right_to_left(language: &str) -> bool {
    let mut parts = language.split('-');
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let script = parts.find(|part| part.len() == 4).map(str::to_ascii_lowercase);
    match script.as_deref() {
        Some("arab" | "hebr" | "thaa" | "syrc" | "nkoo" | "adlm") => true,
        Some(_) => false,
        None => matches!(
            primary.as_str(),
            "ar" | "he" | "fa" | "ur" | "yi" | "ps" | "sd" | "ug" | "dv" | "ckb" | "syr"
        ),
    }
}
