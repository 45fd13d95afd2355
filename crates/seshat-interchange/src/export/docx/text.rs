//! The document's text: sections, paragraphs, footnotes.

use std::fmt::Write as _;

use seshat_manuscript::{Align, Block, Paragraph, Passage, Piece};

use super::super::edition::{Edition, Place, Section};
use super::super::picture::Pictures;
use super::super::{Contents, Role, manuscript};
use super::run::Runs;
use super::{HEAD, Look, SPACES, parts};
use crate::markdown;

/// What the text became.
pub(super) struct Written {
    /// `word/document.xml`.
    pub(super) document: String,
    /// `word/footnotes.xml`.
    pub(super) footnotes: String,
    /// Addresses that the text links to.
    pub(super) links: Vec<String>,
    /// Addresses that footnotes link to.
    pub(super) note_links: Vec<String>,
}

/// The first footnote's number; those before it are the lines between text and notes.
const FIRST_NOTE: usize = 1;

/// Writes the text.
pub(super) fn document<'e>(
    edition: &'e Edition<'e>,
    look: Look,
    pictures: &mut Pictures<'e>,
) -> Written {
    let mut writer = Writer {
        edition,
        look,
        runs: Runs::new(edition, look, parts::FIRST_LINK),
        pictures,
        notes: Vec::new(),
        started: false,
        bookmarks: 0,
    };
    if look.is_manuscript() {
        writer.manuscript_title();
    }
    writer.sections();
    if look.is_manuscript() {
        writer.line("End", edition.labels.end);
    }
    let mut document = format!("{HEAD}<w:document {SPACES}><w:body>");
    document.push_str(&writer.runs.out);
    document.push_str(&parts::section_properties(edition, look, parts::Pages::Text));
    document.push_str("</w:body></w:document>\n");
    let links = std::mem::take(&mut writer.runs.links);
    let (footnotes, note_links) = writer.footnotes();
    Written { document, footnotes, links, note_links }
}

struct Writer<'e, 'p> {
    edition: &'e Edition<'e>,
    look: Look,
    runs: Runs<'e>,
    pictures: &'p mut Pictures<'e>,
    notes: Vec<&'e [Paragraph]>,
    /// Whether something stands before on this or an earlier page.
    started: bool,
    bookmarks: usize,
}

/// How one paragraph stands.
#[derive(Clone, Copy, Default)]
struct Standing<'a> {
    style: &'a str,
    align: Option<Align>,
    new_page: bool,
    depth: usize,
}

impl<'e> Writer<'e, '_> {
    fn sections(&mut self) {
        let edition = self.edition;
        let listed = self.look == Look::Book;
        let mut contents_due = listed && edition.options.contents == Contents::Before;
        for section in &edition.sections {
            if contents_due && section.place != Place::Front {
                self.contents();
                contents_due = false;
            }
            match section.role {
                Role::TitlePage if self.look.is_manuscript() => {}
                Role::TitlePage => self.title_page(),
                _ => self.section(section),
            }
        }
        if listed && edition.options.contents == Contents::After {
            self.contents();
        }
    }

    /// The first page of a manuscript: who wrote it, how long it is, what it is called. It ends its own section of
    /// pages, which have no header.
    fn manuscript_title(&mut self) {
        let edition = self.edition;
        let words = manuscript::about_words(edition);
        let contact = manuscript::contact(edition);
        let mut lines = contact.iter().map(String::as_str);
        self.line("Contact", &format!("{}\t{words}", lines.next().unwrap_or_default()));
        lines.for_each(|line| self.line("Contact", line));
        self.line("Title", &edition.title);
        if !edition.options.subtitle.trim().is_empty() {
            self.line("Subtitle", edition.options.subtitle.trim());
        }
        let by = format!("{} {}", edition.labels.by, edition.author);
        self.line("Author", by.trim());
        let own_pages = parts::section_properties(edition, self.look, parts::Pages::Title);
        let _ = write!(
            self.runs.out,
            "<w:p><w:pPr><w:pStyle w:val=\"Contact\"/>{own_pages}</w:pPr></w:p>"
        );
        self.started = false;
    }

    fn title_page(&mut self) {
        let edition = self.edition;
        self.line("Title", &edition.title);
        for (style, text) in [("Subtitle", &edition.options.subtitle), ("Author", &edition.author)]
        {
            if !text.trim().is_empty() {
                self.line(style, text.trim());
            }
        }
        if !edition.options.publisher.trim().is_empty() {
            self.line("Author", edition.options.publisher.trim());
        }
        self.started = true;
    }

    /// A line of text without marks.
    fn line(&mut self, style: &str, text: &str) {
        self.begin(Standing { style, ..Standing::default() });
        self.runs.text(text, &seshat_manuscript::Marks::default());
        self.runs.out.push_str("</w:p>");
    }

    fn section(&mut self, section: &'e Section) {
        let mut new_page = std::mem::replace(&mut self.started, true);
        let level = section.depth + 1;
        if !section.heading.is_empty() {
            let style = if self.look == Look::Book && section.role == Role::Part {
                "Heading1".to_owned()
            } else {
                format!("Heading{level}")
            };
            self.begin(Standing { style: &style, new_page, ..Standing::default() });
            self.bookmarks += 1;
            let (number, id) = (self.bookmarks, &section.id);
            let _ = write!(self.runs.out, "<w:bookmarkStart w:id=\"{number}\" w:name=\"{id}\"/>");
            self.pieces(&section.heading);
            let _ = write!(self.runs.out, "<w:bookmarkEnd w:id=\"{number}\"/></w:p>");
            new_page = false;
        }
        for (at, scene) in section.scenes.iter().enumerate() {
            if at > 0 {
                self.line("SceneBreak", self.separator());
            }
            self.scene(scene, new_page, level);
            new_page = false;
        }
    }

    fn separator(&self) -> &'e str {
        if self.look.is_manuscript() { "#" } else { self.edition.options.separator.trim() }
    }

    fn scene(&mut self, scene: &'e Passage, mut new_page: bool, level: usize) {
        let mut before = 0;
        let mut first = true;
        for paragraph in &scene.paragraphs {
            let standing = markdown::standing(paragraph, before);
            before = standing.depth;
            let heading = format!("Heading{}", (level + standing.level.max(2) - 1).min(6));
            let style = match paragraph.block {
                Block::Body if first => "FirstParagraph",
                Block::Body => "BodyText",
                Block::Heading => &heading,
                Block::Quote => "Quote",
                Block::Verse => "Verse",
                Block::Letter => "Letter",
                Block::Break => "Break",
            };
            let depth = if matches!(paragraph.block, Block::Quote) { standing.depth } else { 0 };
            self.begin(Standing { style, align: paragraph.align, new_page, depth });
            if is_ornament(paragraph) {
                let ornament = self.separator();
                self.runs.text(ornament, &seshat_manuscript::Marks::default());
            }
            self.pieces(&paragraph.pieces);
            self.runs.out.push_str("</w:p>");
            first = matches!(paragraph.block, Block::Heading | Block::Break);
            new_page = false;
        }
    }

    /// Begins a paragraph. Children of `w:pPr` stand in the order of the schema.
    fn begin(&mut self, standing: Standing<'_>) {
        let out = &mut self.runs.out;
        let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{}\"/>", standing.style);
        if standing.new_page {
            out.push_str("<w:pageBreakBefore/>");
        }
        let turned = self.edition.is_right_to_left();
        if turned {
            out.push_str("<w:bidi/>");
        }
        if standing.depth > 1 {
            let by = 567 * standing.depth;
            let _ = write!(out, "<w:ind w:left=\"{by}\" w:right=\"567\"/>");
        }
        if let Some(align) = standing.align {
            // In a paragraph from right to left, Word's "left" is where the line begins.
            let side = match align {
                Align::Left if turned => "right",
                Align::Left => "left",
                Align::Right if turned => "left",
                Align::Right => "right",
                Align::Center => "center",
                Align::Justify => "both",
            };
            let _ = write!(out, "<w:jc w:val=\"{side}\"/>");
        }
        out.push_str("</w:pPr>");
    }

    fn pieces(&mut self, pieces: &'e [Piece]) {
        let notes = &mut self.notes;
        self.runs.pieces(pieces, self.pictures, &mut |runs, body| {
            let _ = write!(
                runs.out,
                "<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteReference w:id=\"{}\"/></w:r>",
                FIRST_NOTE + notes.len()
            );
            notes.push(body);
        });
    }

    /// The list of contents: links now, and page numbers once somebody lets the program renew it.
    fn contents(&mut self) {
        let edition = self.edition;
        let new_page = std::mem::replace(&mut self.started, true);
        self.begin(Standing { style: "ContentsHeading", new_page, ..Standing::default() });
        self.runs.text(edition.labels.contents, &seshat_manuscript::Marks::default());
        self.runs.out.push_str("</w:p>");
        let mut begin = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-2\" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>";
        for section in edition.contents() {
            let style = if section.depth > 0 { "TOC2" } else { "TOC1" };
            self.begin(Standing { style, ..Standing::default() });
            self.runs.out.push_str(std::mem::take(&mut begin));
            let linked = !section.heading.is_empty();
            if linked {
                let _ = write!(self.runs.out, "<w:hyperlink w:anchor=\"{}\">", section.id);
            }
            self.runs.text(&section.label, &seshat_manuscript::Marks::default());
            self.runs.out.push_str(if linked { "</w:hyperlink></w:p>" } else { "</w:p>" });
        }
        if begin.is_empty() {
            self.runs.out.push_str(
                "<w:p><w:pPr><w:pStyle w:val=\"TOC1\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
            );
        }
    }

    fn footnotes(&mut self) -> (String, Vec<String>) {
        let drawings = self.runs.drawings;
        self.runs = Runs::new(self.edition, self.look, 1);
        self.runs.drawings = drawings;
        for (at, body) in std::mem::take(&mut self.notes).into_iter().enumerate() {
            let _ = write!(self.runs.out, "<w:footnote w:id=\"{}\">", FIRST_NOTE + at);
            for (at, paragraph) in body.iter().enumerate() {
                let style = "FootnoteText";
                self.begin(Standing { style, align: paragraph.align, ..Standing::default() });
                if at == 0 {
                    self.runs.out.push_str("<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space=\"preserve\"> </w:t></w:r>");
                }
                // A note holds no note: the normal form of a scene leaves none there.
                self.runs.pieces(&paragraph.pieces, self.pictures, &mut |_, _| {});
                self.runs.out.push_str("</w:p>");
            }
            self.runs.out.push_str("</w:footnote>");
        }
        let notes = format!(
            "{HEAD}<w:footnotes {SPACES}><w:footnote w:type=\"separator\" w:id=\"-1\"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type=\"continuationSeparator\" w:id=\"0\"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>{}</w:footnotes>\n",
            self.runs.out
        );
        (notes, std::mem::take(&mut self.runs.links))
    }
}

/// Whether a paragraph is a break that shows the book's ornament.
fn is_ornament(paragraph: &Paragraph) -> bool {
    paragraph.block == Block::Break
        && paragraph.pieces.iter().all(|piece| matches!(piece, Piece::Unknown { .. }))
}
