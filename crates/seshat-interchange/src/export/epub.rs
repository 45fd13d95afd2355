//! EPUB 3.3: a package of XHTML files, one for each section.
//!
//! What EPUB asks of a package is in `package.opf`; the list of contents is one file for reading programs and, where
//! the author wants one, for readers (EPUB 3.3, sections 5 and 7). Ids and names are our own, so none is there twice.

use std::fmt::Write as _;

use jiff::Timestamp;
use seshat_manuscript::{Passage, Piece};

use super::edition::{Edition, Place};
use super::package::Package;
use super::picture::{Picture, Pictures};
use super::xhtml::{Page, Writer};
use super::{Contents, ExportError, css, xml};

/// The list of contents.
const NAV: &str = "nav.xhtml";

/// The book's bytes.
pub(super) fn write(edition: &Edition<'_>) -> Result<Vec<u8>, ExportError> {
    let mut pictures = Pictures::new(edition.images);
    let mut pages = Vec::new();
    for section in &edition.sections {
        let body = Writer::new(edition, &mut pictures, Page::Epub, "../images/").section(section);
        let page = page(edition, &section.label, "../style.css", &body);
        pages.push((format!("text/{}.xhtml", section.id), page));
    }
    let cover = edition.copy.cover.as_deref().and_then(Picture::of);
    let book = Book { edition, cover, pictures: &pictures };
    let mut package = Package::with_mimetype("application/epub+zip")?;
    package.add("META-INF/container.xml", CONTAINER)?;
    package.add("EPUB/package.opf", book.package())?;
    package.add("EPUB/nav.xhtml", book.nav())?;
    package.add("EPUB/style.css", css::sheet(edition))?;
    if let Some(cover) = cover {
        package.store(&format!("EPUB/images/cover.{}", cover.ending), cover.bytes)?;
        package.add("EPUB/text/cover.xhtml", book.cover_page(cover.ending))?;
    }
    for (name, page) in &pages {
        package.add(&format!("EPUB/{name}"), page)?;
    }
    for (name, picture) in pictures.used() {
        package.store(&format!("EPUB/images/{name}"), picture.bytes)?;
    }
    package.finish()
}

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"EPUB/package.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>\n";

/// A whole XHTML file.
fn page(edition: &Edition<'_>, title: &str, style: &str, body: &str) -> String {
    let language = language(edition);
    let direction = if edition.is_right_to_left() { " dir=\"rtl\"" } else { "" };
    let title = xml::text(title);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"{language}\" xml:lang=\"{language}\"{direction}>\n<head>\n<meta charset=\"UTF-8\"/>\n<title>{title}</title>\n<link rel=\"stylesheet\" type=\"text/css\" href=\"{style}\"/>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

fn language<'e>(edition: &'e Edition<'_>) -> &'e str {
    xml::language(&edition.language).unwrap_or("und")
}

struct Book<'b, 'e> {
    edition: &'b Edition<'e>,
    cover: Option<Picture<'b>>,
    pictures: &'b Pictures<'b>,
}

impl Book<'_, '_> {
    fn package(&self) -> String {
        let language = language(self.edition);
        let direction = if self.edition.is_right_to_left() { " dir=\"rtl\"" } else { "" };
        let turns = if self.edition.turns_right() { "rtl" } else { "ltr" };
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" xml:lang=\"{language}\"{direction}>\n<metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
        );
        self.book_facts(&mut out);
        self.access_facts(&mut out);
        out.push_str("</metadata>\n<manifest>\n");
        self.manifest(&mut out);
        let _ = writeln!(out, "</manifest>\n<spine page-progression-direction=\"{turns}\">");
        self.spine(&mut out);
        out.push_str("</spine>\n</package>\n");
        out
    }

    fn book_facts(&self, out: &mut String) {
        let edition = self.edition;
        let _ = writeln!(
            out,
            "<dc:identifier id=\"id\">urn:uuid:{}</dc:identifier>",
            uuid(edition.copy.identifier)
        );
        let title = xml::text(&edition.title);
        let _ = writeln!(out, "<dc:title id=\"title\">{title}</dc:title>");
        out.push_str("<meta refines=\"#title\" property=\"title-type\">main</meta>\n");
        let _ = writeln!(out, "<dc:language>{}</dc:language>", language(edition));
        let subtitle = edition.options.subtitle.trim();
        if !subtitle.is_empty() {
            let _ = writeln!(out, "<dc:title id=\"subtitle\">{}</dc:title>", xml::text(subtitle));
            out.push_str("<meta refines=\"#subtitle\" property=\"title-type\">subtitle</meta>\n");
        }
        if !edition.author.is_empty() {
            let author = xml::text(&edition.author);
            let _ = writeln!(out, "<dc:creator id=\"author\">{author}</dc:creator>");
            out.push_str(
                "<meta refines=\"#author\" property=\"role\" scheme=\"marc:relators\">aut</meta>\n",
            );
        }
        let options = edition.options;
        for (name, text) in [
            ("publisher", &options.publisher),
            ("rights", &options.rights),
            ("description", &options.description),
        ] {
            if !text.trim().is_empty() {
                let _ = writeln!(out, "<dc:{name}>{}</dc:{name}>", xml::text(text.trim()));
            }
        }
        let made = moment(edition.copy.made);
        let _ = writeln!(out, "<meta property=\"dcterms:modified\">{made}</meta>");
    }

    /// EPUB Accessibility 1.1, section 2: what a reader who cannot see, hear or hold may expect.
    fn access_facts(&self, out: &mut String) {
        let pictures = self.pictures.used().next().is_some();
        let mut facts = vec![
            ("accessMode", "textual"),
            ("accessModeSufficient", "textual"),
            ("accessibilityFeature", "structuralNavigation"),
            ("accessibilityFeature", "tableOfContents"),
            ("accessibilityFeature", "readingOrder"),
            ("accessibilityFeature", "displayTransformability"),
            ("accessibilityHazard", "none"),
        ];
        if pictures || self.cover.is_some() {
            facts.push(("accessMode", "visual"));
        }
        if pictures {
            facts.push(("accessibilityFeature", "alternativeText"));
        }
        let mut scenes = self.edition.sections.iter().flat_map(|section| &section.scenes);
        if scenes.any(has_ruby) {
            facts.push(("accessibilityFeature", "rubyAnnotations"));
        }
        for (name, value) in facts {
            let _ = writeln!(out, "<meta property=\"schema:{name}\">{value}</meta>");
        }
    }

    fn manifest(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "<item id=\"nav\" href=\"{NAV}\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>"
        );
        out.push_str("<item id=\"style\" href=\"style.css\" media-type=\"text/css\"/>\n");
        if let Some(Picture { media, ending, .. }) = self.cover {
            let _ = writeln!(
                out,
                "<item id=\"cover-image\" href=\"images/cover.{ending}\" media-type=\"{media}\" properties=\"cover-image\"/>"
            );
            out.push_str("<item id=\"cover\" href=\"text/cover.xhtml\" media-type=\"application/xhtml+xml\"/>\n");
        }
        for section in &self.edition.sections {
            let id = &section.id;
            let _ = writeln!(
                out,
                "<item id=\"{id}\" href=\"text/{id}.xhtml\" media-type=\"application/xhtml+xml\"/>"
            );
        }
        for (name, Picture { media, .. }) in self.pictures.used() {
            let id = name.replace('.', "-");
            let _ =
                writeln!(out, "<item id=\"{id}\" href=\"images/{name}\" media-type=\"{media}\"/>");
        }
    }

    fn spine(&self, out: &mut String) {
        if self.cover.is_some() {
            out.push_str("<itemref idref=\"cover\" linear=\"no\"/>\n");
        }
        let contents = self.edition.options.contents;
        let mut nav_due = contents == Contents::Before;
        for section in &self.edition.sections {
            if nav_due && section.place != Place::Front {
                out.push_str("<itemref idref=\"nav\"/>\n");
                nav_due = false;
            }
            let _ = writeln!(out, "<itemref idref=\"{}\"/>", section.id);
        }
        if contents == Contents::After {
            out.push_str("<itemref idref=\"nav\"/>\n");
        }
    }

    fn nav(&self) -> String {
        let labels = self.edition.labels;
        let mut body = format!(
            "<nav epub:type=\"toc\" id=\"toc\" role=\"doc-toc\" aria-labelledby=\"toc-title\">\n<h1 id=\"toc-title\">{}</h1>\n",
            xml::text(labels.contents)
        );
        contents(self.edition, |id| format!("text/{id}.xhtml"), &mut body);
        body.push_str(
            "</nav>\n<nav epub:type=\"landmarks\" id=\"landmarks\" hidden=\"hidden\">\n<ol>\n",
        );
        if self.cover.is_some() {
            let cover = xml::text(labels.cover);
            let _ = writeln!(
                body,
                "<li><a epub:type=\"cover\" href=\"text/cover.xhtml\">{cover}</a></li>"
            );
        }
        if self.edition.options.contents != Contents::None {
            let contents = xml::text(labels.contents);
            let _ = writeln!(body, "<li><a epub:type=\"toc\" href=\"#toc\">{contents}</a></li>");
        }
        let first = self.edition.sections.iter().find(|section| section.place == Place::Body);
        if let Some(first) = first {
            let _ = writeln!(
                body,
                "<li><a epub:type=\"bodymatter\" href=\"text/{}.xhtml\">{}</a></li>",
                first.id,
                xml::text(&first.label)
            );
        }
        body.push_str("</ol>\n</nav>\n");
        page(self.edition, labels.contents, "style.css", &body)
    }

    fn cover_page(&self, ending: &str) -> String {
        let label = xml::value(self.edition.labels.cover);
        let alt = xml::value(&self.edition.title);
        let body = format!(
            "<section id=\"cover\" class=\"cover\" epub:type=\"cover\" aria-label=\"{label}\">\n<img src=\"../images/cover.{ending}\" alt=\"{alt}\" role=\"doc-cover\"/>\n</section>\n"
        );
        page(self.edition, self.edition.labels.cover, "../style.css", &body)
    }
}

fn has_ruby(scene: &Passage) -> bool {
    let mut pieces = scene.paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    pieces.any(|piece| matches!(piece, Piece::Text { marks, .. } if marks.ruby.is_some()))
}

/// The list of contents as nested lists; `address` is where a section is.
pub(super) fn contents(edition: &Edition<'_>, address: impl Fn(&str) -> String, out: &mut String) {
    let mut depth = 0;
    out.push_str("<ol>\n");
    let mut open = false;
    for section in edition.contents() {
        let here = if open { section.depth } else { 0 };
        if here > depth {
            out.push_str("\n<ol>\n");
        } else if here < depth {
            out.push_str("</li>\n</ol>\n</li>\n");
        } else if open {
            out.push_str("</li>\n");
        }
        let (address, label) = (address(&section.id), xml::text(&section.label));
        let _ = write!(out, "<li><a href=\"{address}\">{label}</a>");
        depth = here;
        open = true;
    }
    if open {
        out.push_str("</li>\n");
    }
    if depth > 0 {
        out.push_str("</ol>\n</li>\n");
    }
    out.push_str("</ol>\n");
}

/// 16 bytes as a UUID of version 4 (RFC 9562).
pub(super) fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::new();
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Seconds since 1970 as `2026-11-22T23:00:00Z`.
pub(super) fn moment(seconds: i64) -> String {
    let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_uuids_of_version_4() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn moments_are_written_as_epub_wants_them() {
        assert_eq!(moment(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(moment(i64::MAX), "1970-01-01T00:00:00Z");
    }
}
