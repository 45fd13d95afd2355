//! The small parts of the package: relations, properties, headers, the page.

use std::fmt::Write as _;

use super::super::edition::Edition;
use super::super::epub::moment;
use super::super::manuscript;
use super::super::picture::Pictures;
use super::super::xml;
use super::text::Written;
use super::{HEAD, Look, SPACES};

/// The first relation of a link in the document; those before are its parts.
pub(super) const FIRST_LINK: usize = 100;

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// `_rels/.rels`.
pub(super) const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/><Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties\" Target=\"docProps/app.xml\"/></Relationships>\n";

/// `docProps/app.xml`.
pub(super) const APP: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Seshat</Application></Properties>\n";

/// A header with nothing in it, for the title page.
pub(super) const EMPTY_HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr></w:p></w:hdr>\n";

/// `[Content_Types].xml`.
pub(super) fn content_types(pictures: &Pictures<'_>) -> String {
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let mut out = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    let mut endings: Vec<_> =
        pictures.used().map(|(_, picture)| (picture.ending, picture.media)).collect();
    endings.sort_unstable();
    endings.dedup();
    for (ending, media) in endings {
        let _ = write!(out, "<Default Extension=\"{ending}\" ContentType=\"{media}\"/>");
    }
    for (part, kind) in [
        ("document", "document.main"),
        ("styles", "styles"),
        ("settings", "settings"),
        ("fontTable", "fontTable"),
        ("footnotes", "footnotes"),
        ("header1", "header"),
        ("header2", "header"),
        ("footer1", "footer"),
    ] {
        let _ = write!(
            out,
            "<Override PartName=\"/word/{part}.xml\" ContentType=\"{WORD}.{kind}+xml\"/>"
        );
    }
    out.push_str("<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/><Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/></Types>\n");
    out
}

/// `docProps/core.xml`.
pub(super) fn core(edition: &Edition<'_>) -> String {
    let made = moment(edition.copy.made);
    let mut out = format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
    );
    let _ = write!(out, "<dc:title>{}</dc:title>", xml::text(&edition.title));
    let _ = write!(out, "<dc:creator>{}</dc:creator>", xml::text(&edition.author));
    if let Some(language) = xml::language(&edition.language) {
        let _ = write!(out, "<dc:language>{language}</dc:language>");
    }
    let _ = writeln!(
        out,
        "<dcterms:created xsi:type=\"dcterms:W3CDTF\">{made}</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{made}</dcterms:modified></cp:coreProperties>"
    );
    out
}

/// `word/_rels/document.xml.rels`.
pub(super) fn document_relations(written: &Written, pictures: &Pictures<'_>) -> String {
    let mut inside = String::new();
    for (at, part) in ["styles", "settings", "fontTable", "footnotes", "header", "header", "footer"]
        .into_iter()
        .enumerate()
    {
        let file = match at {
            4 | 6 => format!("{part}1"),
            5 => format!("{part}2"),
            _ => part.to_owned(),
        };
        let _ = write!(
            inside,
            "<Relationship Id=\"rId{}\" Type=\"{RELATION}/{part}\" Target=\"{file}.xml\"/>",
            at + 1
        );
    }
    push_links(&mut inside, &written.links, FIRST_LINK);
    push_pictures(&mut inside, pictures);
    relations(&inside)
}

/// Relations of footnotes: links, and pictures that may stand in notes.
pub(super) fn links(addresses: &[String], pictures: &Pictures<'_>) -> String {
    let mut inside = String::new();
    push_links(&mut inside, addresses, 1);
    push_pictures(&mut inside, pictures);
    relations(&inside)
}

fn push_links(out: &mut String, addresses: &[String], first: usize) {
    for (at, address) in addresses.iter().enumerate() {
        let (id, address) = (first + at, xml::value(address));
        let _ = write!(
            out,
            "<Relationship Id=\"rId{id}\" Type=\"{RELATION}/hyperlink\" Target=\"{address}\" TargetMode=\"External\"/>"
        );
    }
}

fn push_pictures(out: &mut String, pictures: &Pictures<'_>) {
    for (name, _) in pictures.used() {
        let id = name.replace('.', "-");
        let _ = write!(
            out,
            "<Relationship Id=\"{id}\" Type=\"{RELATION}/image\" Target=\"media/{name}\"/>"
        );
    }
}

fn relations(inside: &str) -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inside}</Relationships>\n"
    )
}

/// `word/settings.xml`.
pub(super) fn settings(edition: &Edition<'_>) -> String {
    let language = xml::language(&edition.language).unwrap_or("en");
    format!(
        "{HEAD}<w:settings {SPACES}><w:defaultTabStop w:val=\"720\"/><w:characterSpacingControl w:val=\"doNotCompress\"/><w:footnotePr><w:footnote w:id=\"-1\"/><w:footnote w:id=\"0\"/></w:footnotePr><w:compat><w:doNotExpandShiftReturn/><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat><w:themeFontLang w:val=\"{language}\" w:eastAsia=\"{language}\" w:bidi=\"{language}\"/></w:settings>\n"
    )
}

/// `word/fontTable.xml`.
pub(super) fn fonts(look: Look) -> String {
    let (name, family, pitch) = match look {
        Look::Classic => ("Courier New", "modern", "fixed"),
        Look::Book | Look::Modern => ("Times New Roman", "roman", "variable"),
    };
    format!(
        "{HEAD}<w:fonts {SPACES}><w:font w:name=\"{name}\"><w:family w:val=\"{family}\"/><w:pitch w:val=\"{pitch}\"/></w:font></w:fonts>\n"
    )
}

const PAGE: &str = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";

/// The header of text pages: in a manuscript `Surname / KEYWORD / n`.
pub(super) fn header(edition: &Edition<'_>, look: Look) -> String {
    let mut inside = String::new();
    if look.is_manuscript() {
        let words = [manuscript::surname(edition), manuscript::keyword(edition)];
        let mut text: String = words
            .into_iter()
            .filter(|word| !word.is_empty())
            .map(|word| format!("{word} / "))
            .collect();
        text = xml::text(&text);
        let _ = write!(inside, "<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>{PAGE}");
    }
    format!(
        "{HEAD}<w:hdr {SPACES}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr>{inside}</w:p></w:hdr>\n"
    )
}

/// The footer of text pages: in a book the page's number.
pub(super) fn footer(look: Look) -> String {
    let inside = if look.is_manuscript() { "" } else { PAGE };
    format!(
        "{HEAD}<w:ftr {SPACES}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/></w:pPr>{inside}</w:p></w:ftr>\n"
    )
}

/// Which pages a section of the document has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// A manuscript's title page.
    Title,
    /// Those with text.
    Text,
}

/// Width and height of the paper in twentieths of a point: Letter where people write American English, else A4.
pub(super) fn paper(edition: &Edition<'_>) -> (u32, u32) {
    let letter = matches!(edition.language.as_str(), "en" | "en-US" | "en-CA");
    if letter { (12240, 15840) } else { (11906, 16838) }
}

/// How wide the text is, in the same unit.
pub(super) fn column(edition: &Edition<'_>) -> u32 {
    paper(edition).0 - 2 * MARGIN
}

/// A margin, in the same unit: an inch.
pub(super) const MARGIN: u32 = 1440;

/// `w:sectPr`.
pub(super) fn section_properties(edition: &Edition<'_>, look: Look, pages: Pages) -> String {
    let (width, height) = paper(edition);
    let header = if pages == Pages::Title { 6 } else { 5 };
    let mut out = format!(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId{header}\"/><w:footerReference w:type=\"default\" r:id=\"rId7\"/><w:footnotePr><w:numRestart w:val=\"continuous\"/></w:footnotePr><w:type w:val=\"nextPage\"/><w:pgSz w:w=\"{width}\" w:h=\"{height}\"/><w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" w:left=\"1440\" w:header=\"720\" w:footer=\"720\" w:gutter=\"0\"/>"
    );
    if look.is_manuscript() && pages == Pages::Text {
        out.push_str("<w:pgNumType w:start=\"1\"/>");
    }
    if look == Look::Book {
        out.push_str("<w:titlePg/>");
    }
    if edition.options.vertical && look == Look::Book {
        out.push_str("<w:textDirection w:val=\"tbRl\"/>");
    }
    if edition.is_right_to_left() {
        out.push_str("<w:bidi/>");
    }
    out.push_str("</w:sectPr>");
    out
}
