//! Runs: characters with their marks.

use std::fmt::Write as _;

use seshat_manuscript::{Marks, Piece};

use super::super::edition::{Edition, is_right_to_left};
use super::super::picture::{Picture, Pictures};
use super::super::xml;
use super::{Look, parts};

/// English metric units of a twentieth of a point.
const TWENTIETH: u64 = 635;

/// Writes runs into one part of the document.
pub(super) struct Runs<'e> {
    pub(super) out: String,
    /// Addresses that the part links to, in the order of their relations.
    pub(super) links: Vec<String>,
    /// Where a link's relation begins to count, behind those that the part always has.
    first_link: usize,
    /// The language of the text around.
    language: &'e str,
    look: Look,
    /// How wide the text is, in English metric units.
    column: u64,
    pub(super) drawings: usize,
}

impl<'e> Runs<'e> {
    pub(super) fn new(edition: &'e Edition<'_>, look: Look, first_link: usize) -> Self {
        Self {
            out: String::new(),
            links: Vec::new(),
            first_link,
            language: &edition.language,
            look,
            column: u64::from(parts::column(edition)) * TWENTIETH,
            drawings: 0,
        }
    }

    /// Pieces of a paragraph; `note` writes the sign of a footnote.
    pub(super) fn pieces<'t>(
        &mut self,
        pieces: &'t [Piece],
        pictures: &mut Pictures<'e>,
        note: &mut dyn FnMut(&mut Self, &'t [seshat_manuscript::Paragraph]),
    ) {
        let mut link: Option<&str> = None;
        for piece in pieces {
            let next = match piece {
                Piece::Text { marks, .. } => marks.link.as_deref(),
                Piece::Break | Piece::Image { .. } | Piece::Unknown { .. } => link,
                Piece::Footnote { .. } => None,
            };
            if next != link {
                self.link(link, next);
                link = next;
            }
            match piece {
                Piece::Text { text, marks } => self.text(text, marks),
                Piece::Break => self.out.push_str("<w:r><w:br/></w:r>"),
                Piece::Footnote { body } => note(self, body),
                Piece::Image { hash, alt, width } => match pictures.find(hash) {
                    Some((name, picture)) => self.image(&name, picture, alt, *width),
                    None => self.text(alt, &Marks::default()),
                },
                Piece::Unknown { .. } => {}
            }
        }
        self.link(link, None);
    }

    fn link(&mut self, before: Option<&str>, next: Option<&str>) {
        if before.and_then(xml::address).is_some() {
            self.out.push_str("</w:hyperlink>");
        }
        if let Some(address) = next.and_then(xml::address) {
            let known = self.links.iter().position(|link| *link == address);
            let at = known.unwrap_or_else(|| {
                self.links.push(address);
                self.links.len() - 1
            });
            let _ = write!(self.out, "<w:hyperlink r:id=\"rId{}\">", self.first_link + at);
        }
    }

    /// Characters that share their marks.
    pub(super) fn text(&mut self, text: &str, marks: &Marks) {
        if text.is_empty() {
            return;
        }
        let properties = self.properties(marks);
        match &marks.ruby {
            Some(reading) => self.ruby(text, reading, &properties),
            None => self.run(text, &properties),
        }
    }

    fn run(&mut self, text: &str, properties: &str) {
        self.out.push_str("<w:r>");
        self.out.push_str(properties);
        for (at, part) in text.split('\t').enumerate() {
            if at > 0 {
                self.out.push_str("<w:tab/>");
            }
            if !part.is_empty() {
                self.out.push_str("<w:t xml:space=\"preserve\">");
                xml::push_text(&mut self.out, part);
                self.out.push_str("</w:t>");
            }
        }
        self.out.push_str("</w:r>");
    }

    fn ruby(&mut self, text: &str, reading: &str, properties: &str) {
        let language = xml::language(self.language).unwrap_or("ja");
        let _ = write!(
            self.out,
            "<w:r>{properties}<w:ruby><w:rubyPr><w:rubyAlign w:val=\"distributeSpace\"/><w:hps w:val=\"12\"/><w:hpsRaise w:val=\"22\"/><w:hpsBaseText w:val=\"24\"/><w:lid w:val=\"{language}\"/></w:rubyPr><w:rt>"
        );
        self.run(reading, "<w:rPr><w:sz w:val=\"12\"/></w:rPr>");
        self.out.push_str("</w:rt><w:rubyBase>");
        self.run(text, properties);
        self.out.push_str("</w:rubyBase></w:ruby></w:r>");
    }

    /// `w:rPr`, its children in the order of the schema; nothing when there are none.
    fn properties(&self, marks: &Marks) -> String {
        let mut out = String::new();
        if marks.link.is_some() {
            out.push_str("<w:rStyle w:val=\"Hyperlink\"/>");
        }
        let underlined = self.look == Look::Classic && marks.emphasis;
        if marks.strong {
            out.push_str("<w:b/><w:bCs/>");
        }
        if marks.emphasis && !underlined {
            out.push_str("<w:i/><w:iCs/>");
        }
        if marks.smallcaps {
            out.push_str("<w:smallCaps/>");
        }
        if marks.strike {
            out.push_str("<w:strike/>");
        }
        if marks.underline || underlined {
            out.push_str("<w:u w:val=\"single\"/>");
        }
        if marks.superscript {
            out.push_str("<w:vertAlign w:val=\"superscript\"/>");
        }
        let own = marks.language.as_deref().and_then(xml::language);
        let language = own.unwrap_or(self.language);
        if is_right_to_left(language) {
            out.push_str("<w:rtl/>");
        }
        if let Some(own) = own {
            let _ = write!(out, "<w:lang w:val=\"{own}\" w:eastAsia=\"{own}\" w:bidi=\"{own}\"/>");
        }
        if out.is_empty() { out } else { format!("<w:rPr>{out}</w:rPr>") }
    }

    /// A picture in the line, as wide as the author chose (in hundredths of the column), at most as wide as the column
    /// and 20 cm high.
    fn image(&mut self, name: &str, picture: Picture<'_>, alt: &str, chosen: Option<u8>) {
        /// English metric units of one pixel at 96 to the inch, and the largest height.
        const PIXEL: u64 = 9525;
        const HIGHEST: u64 = 7_200_000;
        self.drawings += 1;
        let (width, height) = picture.size().unwrap_or((600, 400));
        let (mut width, mut height) = (u64::from(width) * PIXEL, u64::from(height) * PIXEL);
        let wide = match chosen {
            Some(hundredths) => self.column * u64::from(hundredths) / 100,
            None => width.min(self.column),
        };
        if wide != width {
            height = (height * wide / width).max(1);
            width = wide.max(1);
        }
        if height > HIGHEST {
            width = (width * HIGHEST / height).max(1);
            height = HIGHEST;
        }
        let (number, alt) = (self.drawings, xml::value(alt));
        let relation = name.replace('.', "-");
        let _ = write!(
            self.out,
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"{number}\" name=\"{name}\" descr=\"{alt}\"/><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{name}\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"{relation}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        );
    }
}
