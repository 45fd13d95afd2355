//! The text of a section as XHTML that HTML readers take as well: for EPUB and for web pages.
//!
//! What a paragraph is stands in its element or its class (`verse`, `letter`, `break`, `center` …), so that an import
//! finds it again. Scenes are parted by `<hr class="scene"/>`, breaks inside a scene are `<hr class="break"/>`.

use std::fmt::Write as _;

use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};

use super::edition::{Edition, Place, Section, is_right_to_left};
use super::picture::Pictures;
use super::{Role, xml};
use crate::markdown::{self, KEPT};

/// Where XHTML goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// A file of an EPUB: `epub:type` is known there.
    Epub,
    /// A web page.
    Web,
}

/// Writes sections.
pub(super) struct Writer<'e, 'p> {
    edition: &'e Edition<'e>,
    pictures: &'p mut Pictures<'e>,
    page: Page,
    /// Where the files of pictures lie, seen from this file.
    images: &'static str,
    out: String,
    /// Begins the ids of this section's notes.
    id: String,
    notes: Vec<&'e [Paragraph]>,
    /// How deep the section's heading is.
    level: usize,
}

impl<'e, 'p> Writer<'e, 'p> {
    /// A writer of pages whose pictures lie in the folder `images`.
    pub(super) fn new(
        edition: &'e Edition<'e>,
        pictures: &'p mut Pictures<'e>,
        page: Page,
        images: &'static str,
    ) -> Self {
        Self {
            edition,
            pictures,
            page,
            images,
            out: String::new(),
            id: String::new(),
            notes: Vec::new(),
            level: 1,
        }
    }

    /// The section as one element, with its notes behind its text.
    pub(super) fn section(&mut self, section: &'e Section) -> String {
        self.out.clear();
        self.id.clone_from(&section.id);
        self.level = section.depth + usize::from(self.page == Page::Web) + 1;
        self.open(section);
        match section.role {
            Role::TitlePage => self.title_page(),
            _ => self.text(section),
        }
        self.note_bodies();
        self.out.push_str("</section>\n");
        std::mem::take(&mut self.out)
    }

    fn open(&mut self, section: &Section) {
        let (kind, role) = kind(section.role);
        let _ = write!(self.out, "<section id=\"{}\" class=\"{kind}\"", section.id);
        if self.page == Page::Epub {
            let _ = write!(self.out, " epub:type=\"{kind}\"");
        }
        if let Some(role) = role {
            let _ = write!(self.out, " role=\"{role}\"");
        }
        if section.heading.is_empty() || section.role == Role::TitlePage {
            let _ = write!(self.out, " aria-label=\"{}\"", xml::value(&section.label));
        }
        self.out.push_str(">\n");
    }

    fn title_page(&mut self) {
        let edition = self.edition;
        let _ = writeln!(self.out, "<h1 class=\"title\">{}</h1>", xml::text(&edition.title));
        for (class, text) in [
            ("subtitle", &edition.options.subtitle),
            ("author", &edition.author),
            ("publisher", &edition.options.publisher),
        ] {
            if !text.trim().is_empty() {
                let _ = writeln!(self.out, "<p class=\"{class}\">{}</p>", xml::text(text.trim()));
            }
        }
    }

    fn text(&mut self, section: &'e Section) {
        if !section.heading.is_empty() {
            let level = self.level;
            let _ = write!(self.out, "<h{level}>");
            self.pieces(&section.heading);
            let _ = writeln!(self.out, "</h{level}>");
        }
        for (at, scene) in section.scenes.iter().enumerate() {
            if at > 0 {
                self.out.push_str("<hr class=\"scene\"/>\n");
            }
            self.scene(scene, section.place);
        }
    }

    fn scene(&mut self, scene: &'e Passage, place: Place) {
        let only_empty = scene
            .paragraphs
            .iter()
            .all(|paragraph| paragraph.block != Block::Break && paragraph.pieces.is_empty());
        // A chapter file needs some element, and an empty paragraph is what an empty scene is.
        if only_empty && place != Place::Body {
            return;
        }
        let (mut before, mut open) = (0, 0);
        let mut first = true;
        for paragraph in &scene.paragraphs {
            let standing = markdown::standing(paragraph, before);
            while open > standing.shared {
                self.out.push_str("</blockquote>\n");
                open -= 1;
            }
            while open < standing.depth {
                self.out.push_str("<blockquote>\n");
                open += 1;
            }
            self.paragraph(paragraph, standing.level, first);
            before = standing.depth;
            first = matches!(paragraph.block, Block::Heading | Block::Break);
        }
        for _ in 0..open {
            self.out.push_str("</blockquote>\n");
        }
    }

    /// One paragraph; `first` has no indent.
    fn paragraph(&mut self, paragraph: &'e Paragraph, level: usize, first: bool) {
        let shown = paragraph.pieces.iter().any(|piece| !matches!(piece, Piece::Unknown { .. }));
        if paragraph.block == Block::Break && !shown {
            self.out.push_str("<hr class=\"break\"/>\n");
            return;
        }
        let tag = match paragraph.block {
            Block::Heading => format!("h{}", (self.level + level.max(2) - 1).min(6)),
            _ => "p".to_owned(),
        };
        let kind = match paragraph.block {
            Block::Verse => "verse",
            Block::Letter => "letter",
            Block::Break => "break",
            Block::Body if first => "first",
            Block::Body | Block::Quote | Block::Heading => "",
        };
        let align = paragraph.align.map_or("", align);
        let spaces = if keeps_spaces(paragraph) { "pre" } else { "" };
        let classes = [kind, align, spaces].into_iter().filter(|class| !class.is_empty());
        let classes = classes.collect::<Vec<_>>().join(" ");
        let class =
            if classes.is_empty() { String::new() } else { format!(" class=\"{classes}\"") };
        let _ = write!(self.out, "<{tag}{class}>");
        self.pieces(&paragraph.pieces);
        let _ = writeln!(self.out, "</{tag}>");
    }

    fn pieces(&mut self, pieces: &'e [Piece]) {
        let mut link: Option<&str> = None;
        for piece in pieces {
            let next = match piece {
                Piece::Text { marks, .. } => marks.link.as_deref(),
                // What stands inside a link, but for a note, which is one itself.
                Piece::Break | Piece::Image { .. } | Piece::Unknown { .. } => link,
                Piece::Footnote { .. } => None,
            };
            if next != link {
                self.link(link, next);
                link = next;
            }
            self.piece(piece);
        }
        self.link(link, None);
    }

    /// Ends one link and begins another one.
    fn link(&mut self, before: Option<&str>, next: Option<&str>) {
        if before.and_then(xml::address).is_some() {
            self.out.push_str("</a>");
        }
        if let Some(address) = next.and_then(xml::address) {
            let _ = write!(self.out, "<a href=\"{}\">", xml::value(&address));
        }
    }

    fn piece(&mut self, piece: &'e Piece) {
        match piece {
            Piece::Text { text, marks } => self.run(text, marks),
            Piece::Break => self.out.push_str("<br/>"),
            Piece::Footnote { body } => self.note(body),
            Piece::Image { hash, alt, width } => self.image(hash, alt, *width),
            Piece::Unknown { .. } => {}
        }
    }

    fn run(&mut self, text: &str, marks: &Marks) {
        let mut close: Vec<&str> = Vec::new();
        let language = marks.language.as_deref().and_then(xml::language);
        if let Some(language) = language {
            let _ = write!(self.out, "<span lang=\"{language}\"");
            if self.page == Page::Epub {
                let _ = write!(self.out, " xml:lang=\"{language}\"");
            }
            let turned = is_right_to_left(language);
            if turned != self.edition.is_right_to_left() {
                let _ = write!(self.out, " dir=\"{}\"", if turned { "rtl" } else { "ltr" });
            }
            self.out.push('>');
            close.push("</span>");
        }
        for (on, begin, end) in [
            (marks.emphasis, "<em>", "</em>"),
            (marks.strong, "<strong>", "</strong>"),
            (marks.underline, "<u>", "</u>"),
            (marks.strike, "<s>", "</s>"),
            (marks.smallcaps, "<span class=\"smallcaps\">", "</span>"),
            (marks.superscript, "<sup>", "</sup>"),
        ] {
            if on {
                self.out.push_str(begin);
                close.push(end);
            }
        }
        match &marks.ruby {
            Some(reading) => {
                let (base, reading) = (xml::text(text), xml::text(reading));
                let _ = write!(self.out, "<ruby>{base}<rt>{reading}</rt></ruby>");
            }
            None => xml::push_text(&mut self.out, text),
        }
        close.into_iter().rev().for_each(|end| self.out.push_str(end));
    }

    fn note(&mut self, body: &'e [Paragraph]) {
        self.notes.push(body);
        let (id, number) = (&self.id, self.notes.len());
        let kind = if self.page == Page::Epub { " epub:type=\"noteref\"" } else { "" };
        let _ = write!(
            self.out,
            "<a id=\"{id}-ref-{number}\" class=\"noteref\" href=\"#{id}-note-{number}\"{kind} role=\"doc-noteref\">{number}</a>"
        );
    }

    fn image(&mut self, hash: &str, alt: &str, width: Option<u8>) {
        let Some((name, _)) = self.pictures.find(hash) else {
            xml::push_text(&mut self.out, alt);
            return;
        };
        let folder = self.images;
        let _ = write!(self.out, "<img src=\"{folder}{name}\" alt=\"{}\"", xml::value(alt));
        if let Some(width) = width {
            let _ = write!(self.out, " style=\"width: {width}%\"");
        }
        self.out.push_str("/>");
    }

    fn note_bodies(&mut self) {
        let notes = std::mem::take(&mut self.notes);
        if notes.is_empty() {
            return;
        }
        let epub = self.page == Page::Epub;
        let kind = if epub { " epub:type=\"footnotes\"" } else { "" };
        let label = xml::value(self.edition.labels.notes);
        let _ = writeln!(self.out, "<section class=\"footnotes\"{kind} aria-label=\"{label}\">");
        let kind = if epub { " epub:type=\"footnote\"" } else { "" };
        for (at, body) in notes.into_iter().enumerate() {
            let (id, number) = (self.id.clone(), at + 1);
            let back = xml::value(self.edition.labels.back);
            let _ = writeln!(
                self.out,
                "<aside id=\"{id}-note-{number}\" class=\"footnote\"{kind} role=\"doc-footnote\">"
            );
            let _ = writeln!(
                self.out,
                "<p class=\"number\"><a href=\"#{id}-ref-{number}\" role=\"doc-backlink\" title=\"{back}\">{number}</a></p>"
            );
            for paragraph in body {
                self.paragraph(paragraph, 2, true);
            }
            self.out.push_str("</aside>\n");
        }
        self.out.push_str("</section>\n");
    }
}

/// What a section is, in the words of EPUB's vocabulary and of DPUB-ARIA.
pub(super) fn kind(role: Role) -> (&'static str, Option<&'static str>) {
    match role {
        Role::TitlePage => ("titlepage", None),
        Role::Copyright => ("copyright-page", None),
        Role::Dedication => ("dedication", Some("doc-dedication")),
        Role::Epigraph => ("epigraph", Some("doc-epigraph")),
        Role::Foreword => ("foreword", Some("doc-foreword")),
        Role::Preface => ("preface", Some("doc-preface")),
        Role::Part => ("part", Some("doc-part")),
        Role::Chapter => ("chapter", Some("doc-chapter")),
        Role::Afterword => ("afterword", Some("doc-afterword")),
        Role::Acknowledgements => ("acknowledgments", Some("doc-acknowledgments")),
        Role::AboutAuthor => ("appendix", None),
        Role::AlsoBy => ("other-credits", None),
    }
}

fn align(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Justify => "justify",
    }
}

/// Whether white space would be lost where a browser joins it: at an edge, or more than one in a row.
fn keeps_spaces(paragraph: &Paragraph) -> bool {
    let kept = |piece: &Piece| matches!(piece, Piece::Text { marks, .. } if marks.language.as_deref() == Some(KEPT));
    if paragraph.pieces.iter().any(kept) {
        return true;
    }
    let text = paragraph.plain();
    let edge = |c: Option<char>| c.is_some_and(|c| matches!(c, ' ' | '\t'));
    text.contains("  ")
        || text.contains('\t')
        || edge(text.chars().next())
        || edge(text.chars().next_back())
        || text.contains("\n ")
        || text.contains(" \n")
}
