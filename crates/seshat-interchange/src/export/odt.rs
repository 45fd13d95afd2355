//! ODT (OpenDocument 1.3): a book with named styles.
//!
//! Paragraphs have named styles with the names that LibreOffice shows; characters have automatic ones, one for each
//! combination of marks that occurs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use seshat_manuscript::{Align, Block, Marks, Paragraph, Passage, Piece};

use super::edition::{Edition, Place, Section, is_right_to_left};
use super::epub::moment;
use super::package::Package;
use super::picture::{Picture, Pictures};
use super::{Contents, ExportError, Role, xml};
use crate::markdown;

/// The document's bytes.
pub(super) fn write(edition: &Edition<'_>) -> Result<Vec<u8>, ExportError> {
    let mut pictures = Pictures::new(edition.images);
    let mut writer = Writer {
        edition,
        pictures: &mut pictures,
        out: String::new(),
        runs: BTreeMap::new(),
        paragraphs: BTreeMap::new(),
        notes: 0,
        started: false,
    };
    writer.sections();
    let content = writer.content();
    let mut package = Package::with_mimetype("application/vnd.oasis.opendocument.text")?;
    package.add("content.xml", content)?;
    package.add("styles.xml", styles(edition))?;
    package.add("meta.xml", meta(edition))?;
    package.add("settings.xml", SETTINGS)?;
    for (name, picture) in pictures.used() {
        package.store(&format!("Pictures/{name}"), picture.bytes)?;
    }
    package.add("META-INF/manifest.xml", manifest(&pictures))?;
    package.finish()
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

const SPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\" office:version=\"1.3\"";

/// A line that ends at a line break is not stretched.
const SETTINGS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-settings xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:config=\"urn:oasis:names:tc:opendocument:xmlns:config:1.0\" xmlns:ooo=\"http://openoffice.org/2004/office\" office:version=\"1.3\"><office:settings><config:config-item-set config:name=\"ooo:configuration-settings\"><config:config-item config:name=\"DoNotJustifyLinesWithManualBreak\" config:type=\"boolean\">true</config:config-item></config:config-item-set></office:settings></office:document-settings>\n";

struct Writer<'e, 'p> {
    edition: &'e Edition<'e>,
    pictures: &'p mut Pictures<'e>,
    out: String,
    /// Automatic styles of characters by their properties.
    runs: BTreeMap<String, usize>,
    /// Automatic styles of paragraphs by the style above and their properties.
    paragraphs: BTreeMap<(String, String), usize>,
    notes: usize,
    started: bool,
}

impl<'e> Writer<'e, '_> {
    fn sections(&mut self) {
        let edition = self.edition;
        let mut contents_due = edition.options.contents == Contents::Before;
        for section in &edition.sections {
            if contents_due && section.place != Place::Front {
                self.contents();
                contents_due = false;
            }
            match section.role {
                Role::TitlePage => self.title_page(),
                _ => self.section(section),
            }
        }
        if edition.options.contents == Contents::After {
            self.contents();
        }
    }

    fn title_page(&mut self) {
        let edition = self.edition;
        for (style, text) in [
            ("Title", &edition.title),
            ("Subtitle", &edition.options.subtitle),
            ("Author", &edition.author),
            ("Author", &edition.options.publisher),
        ] {
            if !text.trim().is_empty() {
                let _ = write!(self.out, "<text:p text:style-name=\"{style}\">");
                self.characters(text.trim());
                self.out.push_str("</text:p>\n");
            }
        }
        self.started = true;
    }

    /// The list of contents, as links: any program makes one with page numbers of the headings.
    fn contents(&mut self) {
        let edition = self.edition;
        let style = self.style("Contents_20_Heading", None, true);
        let _ = write!(self.out, "<text:p text:style-name=\"{style}\">");
        self.characters(edition.labels.contents);
        self.out.push_str("</text:p>\n");
        for section in edition.contents() {
            let level = section.depth + 1;
            let _ = write!(
                self.out,
                "<text:p text:style-name=\"Contents_20_{level}\"><text:a xlink:type=\"simple\" xlink:href=\"#{}\">",
                section.id
            );
            self.characters(&section.label);
            self.out.push_str("</text:a></text:p>\n");
        }
    }

    fn section(&mut self, section: &'e Section) {
        let mut new_page = std::mem::replace(&mut self.started, true);
        let level = section.depth + 1;
        let mut bookmark = format!("<text:bookmark text:name=\"{}\"/>", section.id);
        if !section.heading.is_empty() {
            let style = self.style(&format!("Heading_20_{level}"), None, new_page);
            let _ = write!(
                self.out,
                "<text:h text:style-name=\"{style}\" text:outline-level=\"{level}\">{}",
                std::mem::take(&mut bookmark)
            );
            self.pieces(&section.heading);
            self.out.push_str("</text:h>\n");
            new_page = false;
        }
        for (at, scene) in section.scenes.iter().enumerate() {
            if at > 0 {
                self.ornament("Scene_20_Break");
            }
            self.scene(scene, new_page, level, std::mem::take(&mut bookmark));
            new_page = false;
        }
    }

    fn ornament(&mut self, style: &str) {
        let _ = write!(self.out, "<text:p text:style-name=\"{style}\">");
        self.characters(self.edition.options.separator.trim());
        self.out.push_str("</text:p>\n");
    }

    fn scene(&mut self, scene: &'e Passage, mut new_page: bool, level: usize, bookmark: String) {
        let (mut before, mut first, mut bookmark) = (0, true, bookmark);
        for paragraph in &scene.paragraphs {
            let standing = markdown::standing(paragraph, before);
            before = standing.depth;
            let below = (level + standing.level.max(2) - 1).min(6);
            let name = match paragraph.block {
                Block::Body if first => "First_20_Paragraph".to_owned(),
                Block::Body => "Text_20_body".to_owned(),
                Block::Heading => format!("Heading_20_{below}"),
                Block::Quote => "Quotations".to_owned(),
                Block::Verse => "Verse".to_owned(),
                Block::Letter => "Letter".to_owned(),
                Block::Break => "Break".to_owned(),
            };
            let style = self.style(&name, paragraph.align, new_page);
            let tag = if paragraph.block == Block::Heading { "h" } else { "p" };
            let _ = write!(self.out, "<text:{tag} text:style-name=\"{style}\"");
            if paragraph.block == Block::Heading {
                let _ = write!(self.out, " text:outline-level=\"{below}\"");
            }
            self.out.push('>');
            self.out.push_str(&std::mem::take(&mut bookmark));
            let shown =
                paragraph.pieces.iter().any(|piece| !matches!(piece, Piece::Unknown { .. }));
            if paragraph.block == Block::Break && !shown {
                self.characters(self.edition.options.separator.trim());
            }
            self.pieces(&paragraph.pieces);
            let _ = writeln!(self.out, "</text:{tag}>");
            first = matches!(paragraph.block, Block::Heading | Block::Break);
            new_page = false;
        }
    }

    /// The name of the paragraph style, an automatic one where something is added to it.
    fn style(&mut self, name: &str, align: Option<Align>, new_page: bool) -> String {
        let mut properties = String::new();
        if new_page {
            properties.push_str(" fo:break-before=\"page\"");
        }
        if let Some(align) = align {
            let side = match align {
                Align::Left => "left",
                Align::Center => "center",
                Align::Right => "right",
                Align::Justify => "justify",
            };
            let _ = write!(properties, " fo:text-align=\"{side}\"");
        }
        if properties.is_empty() {
            return name.to_owned();
        }
        let next = self.paragraphs.len() + 1;
        let number = *self.paragraphs.entry((name.to_owned(), properties)).or_insert(next);
        format!("P{number}")
    }

    fn pieces(&mut self, pieces: &'e [Piece]) {
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
                Piece::Text { text, marks } => self.run(text, marks),
                Piece::Break => self.out.push_str("<text:line-break/>"),
                Piece::Footnote { body } => self.note(body),
                Piece::Image { hash, alt, width } => match self.pictures.find(hash) {
                    Some((name, picture)) => self.image(&name, picture, alt, *width),
                    None => self.characters(alt),
                },
                Piece::Unknown { .. } => {}
            }
        }
        self.link(link, None);
    }

    fn link(&mut self, before: Option<&str>, next: Option<&str>) {
        if before.and_then(xml::address).is_some() {
            self.out.push_str("</text:a>");
        }
        if let Some(address) = next.and_then(xml::address) {
            let address = xml::value(&address);
            let _ = write!(self.out, "<text:a xlink:type=\"simple\" xlink:href=\"{address}\">");
        }
    }

    fn run(&mut self, text: &str, marks: &Marks) {
        let properties = properties(marks);
        let styled = !properties.is_empty();
        if styled {
            let next = self.runs.len() + 1;
            let number = *self.runs.entry(properties).or_insert(next);
            let _ = write!(self.out, "<text:span text:style-name=\"T{number}\">");
        }
        match &marks.ruby {
            Some(reading) => {
                self.out.push_str("<text:ruby text:style-name=\"Ruby\"><text:ruby-base>");
                self.characters(text);
                self.out.push_str("</text:ruby-base><text:ruby-text>");
                xml::push_text(&mut self.out, reading);
                self.out.push_str("</text:ruby-text></text:ruby>");
            }
            None => self.characters(text),
        }
        if styled {
            self.out.push_str("</text:span>");
        }
    }

    /// Characters; spaces and tabs that would be joined have elements of their own (OpenDocument 1.3, 6.1.2).
    fn characters(&mut self, text: &str) {
        let mut after_space = true;
        for part in text.split_inclusive([' ', '\t']) {
            let (words, space) = match part.chars().next_back() {
                Some(space @ (' ' | '\t')) => (part.trim_end_matches([' ', '\t']), Some(space)),
                _ => (part, None),
            };
            if !words.is_empty() {
                xml::push_text(&mut self.out, words);
                after_space = false;
            }
            match space {
                Some('\t') => {
                    self.out.push_str("<text:tab/>");
                    after_space = true;
                }
                Some(_) if after_space => self.out.push_str("<text:s/>"),
                Some(_) => {
                    self.out.push(' ');
                    after_space = true;
                }
                None => {}
            }
        }
    }

    fn note(&mut self, body: &'e [Paragraph]) {
        self.notes += 1;
        let number = self.notes;
        let _ = write!(
            self.out,
            "<text:note text:id=\"ftn{number}\" text:note-class=\"footnote\"><text:note-citation>{number}</text:note-citation><text:note-body>"
        );
        for paragraph in body {
            let style = self.style("Footnote", paragraph.align, false);
            let _ = write!(self.out, "<text:p text:style-name=\"{style}\">");
            self.pieces(&paragraph.pieces);
            self.out.push_str("</text:p>");
        }
        self.out.push_str("</text:note-body></text:note>");
    }

    /// A picture in the line, as wide as the author chose (in hundredths of the column), at most as wide as the column.
    fn image(&mut self, name: &str, picture: Picture<'_>, alt: &str, chosen: Option<u8>) {
        let (width, height) = picture.size().unwrap_or((600, 400));
        let (mut wide, mut high) = (f64::from(width) / 37.8, f64::from(height) / 37.8);
        let column = if is_letter(self.edition) { 16.51 } else { 15.92 };
        let width =
            chosen.map_or(wide.min(column), |hundredths| column * f64::from(hundredths) / 100.0);
        (wide, high) = (width, high * width / wide);
        if high > 20.0 {
            wide *= 20.0 / high;
            high = 20.0;
        }
        let alt = xml::text(alt);
        let share =
            chosen.map(|width| format!(" style:rel-width=\"{width}%\" style:rel-height=\"scale\""));
        let share = share.unwrap_or_default();
        let _ = write!(
            self.out,
            "<draw:frame text:anchor-type=\"as-char\"{share} svg:width=\"{wide:.2}cm\" svg:height=\"{high:.2}cm\"><draw:image xlink:href=\"Pictures/{name}\" xlink:type=\"simple\" xlink:show=\"embed\" xlink:actuate=\"onLoad\"/><svg:desc>{alt}</svg:desc></draw:frame>"
        );
    }

    fn content(&self) -> String {
        let mut out = format!("{HEAD}<office:document-content {SPACES}><office:automatic-styles>");
        for ((name, properties), number) in &self.paragraphs {
            let _ = write!(
                out,
                "<style:style style:name=\"P{number}\" style:family=\"paragraph\" style:parent-style-name=\"{name}\"><style:paragraph-properties{properties}/></style:style>"
            );
        }
        for (properties, number) in &self.runs {
            let _ = write!(
                out,
                "<style:style style:name=\"T{number}\" style:family=\"text\"><style:text-properties{properties}/></style:style>"
            );
        }
        out.push_str("<style:style style:name=\"Ruby\" style:family=\"ruby\"><style:ruby-properties style:ruby-position=\"above\" style:ruby-align=\"distribute-space\"/></style:style></office:automatic-styles><office:body><office:text>\n");
        out.push_str(&self.out);
        out.push_str("</office:text></office:body></office:document-content>\n");
        out
    }
}

/// Attributes of `style:text-properties`; nothing for text without marks.
fn properties(marks: &Marks) -> String {
    let mut out = String::new();
    for (on, text) in [
        (
            marks.emphasis,
            " fo:font-style=\"italic\" style:font-style-asian=\"italic\" style:font-style-complex=\"italic\"",
        ),
        (
            marks.strong,
            " fo:font-weight=\"bold\" style:font-weight-asian=\"bold\" style:font-weight-complex=\"bold\"",
        ),
        (
            marks.underline,
            " style:text-underline-style=\"solid\" style:text-underline-width=\"auto\" style:text-underline-color=\"font-color\"",
        ),
        (
            marks.strike,
            " style:text-line-through-style=\"solid\" style:text-line-through-type=\"single\"",
        ),
        (marks.smallcaps, " fo:font-variant=\"small-caps\""),
        (marks.superscript, " style:text-position=\"super 58%\""),
    ] {
        if on {
            out.push_str(text);
        }
    }
    if let Some(language) = marks.language.as_deref().and_then(xml::language) {
        out.push_str(&locale(language));
    }
    out
}

/// A language as OpenDocument says it, for each of its three kinds of script.
fn locale(tag: &str) -> String {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or("und");
    let country = parts.find(|part| part.len() == 2).unwrap_or("none");
    let (upper, kind) = (country.to_ascii_uppercase(), language);
    let country = if country == "none" { country } else { &upper };
    let tag_too = if tag.split('-').count() > 1 {
        format!(" style:rfc-language-tag=\"{tag}\"")
    } else {
        String::new()
    };
    let script = match kind {
        "ja" | "zh" | "ko" => "asian",
        _ if is_right_to_left(tag) => "complex",
        _ => "",
    };
    if script.is_empty() {
        format!(" fo:language=\"{language}\" fo:country=\"{country}\"{tag_too}")
    } else {
        format!(" style:language-{script}=\"{language}\" style:country-{script}=\"{country}\"")
    }
}

/// Named styles: name, name shown, style above, paragraph properties, text properties.
const STYLES: [[&str; 5]; 22] = [
    [
        "Text_20_body",
        "Text body",
        "Standard",
        " fo:text-indent=\"0.6cm\" fo:text-align=\"justify\" fo:orphans=\"2\" fo:widows=\"2\"",
        "",
    ],
    ["First_20_Paragraph", "First Paragraph", "Text_20_body", " fo:text-indent=\"0cm\"", ""],
    [
        "Heading_20_1",
        "Heading 1",
        "Standard",
        " fo:margin-top=\"2.5cm\" fo:margin-bottom=\"0.8cm\" fo:text-align=\"center\" fo:keep-with-next=\"always\"",
        " fo:font-size=\"18pt\" style:font-size-asian=\"18pt\" style:font-size-complex=\"18pt\"",
    ],
    [
        "Heading_20_2",
        "Heading 2",
        "Standard",
        " fo:margin-top=\"1.6cm\" fo:margin-bottom=\"0.6cm\" fo:text-align=\"center\" fo:keep-with-next=\"always\"",
        " fo:font-size=\"15pt\" style:font-size-asian=\"15pt\" style:font-size-complex=\"15pt\"",
    ],
    [
        "Heading_20_3",
        "Heading 3",
        "Standard",
        " fo:margin-top=\"0.6cm\" fo:margin-bottom=\"0.3cm\" fo:text-align=\"center\" fo:keep-with-next=\"always\"",
        " fo:font-style=\"italic\"",
    ],
    ["Heading_20_4", "Heading 4", "Heading_20_3", "", ""],
    ["Heading_20_5", "Heading 5", "Heading_20_3", "", ""],
    ["Heading_20_6", "Heading 6", "Heading_20_3", "", ""],
    [
        "Title",
        "Title",
        "Standard",
        " fo:margin-top=\"6cm\" fo:margin-bottom=\"0.5cm\" fo:text-align=\"center\"",
        " fo:font-size=\"24pt\" style:font-size-asian=\"24pt\" style:font-size-complex=\"24pt\"",
    ],
    [
        "Subtitle",
        "Subtitle",
        "Standard",
        " fo:margin-bottom=\"0.8cm\" fo:text-align=\"center\"",
        " fo:font-style=\"italic\" fo:font-size=\"14pt\"",
    ],
    [
        "Author",
        "Author",
        "Standard",
        " fo:margin-top=\"0.5cm\" fo:text-align=\"center\"",
        " fo:font-size=\"14pt\" style:font-size-asian=\"14pt\" style:font-size-complex=\"14pt\"",
    ],
    [
        "Quotations",
        "Quotations",
        "Standard",
        " fo:margin-left=\"1cm\" fo:margin-right=\"1cm\" fo:margin-top=\"0.2cm\" fo:margin-bottom=\"0.2cm\" fo:text-align=\"justify\"",
        "",
    ],
    [
        "Verse",
        "Verse",
        "Standard",
        " fo:margin-left=\"1cm\" fo:margin-top=\"0.2cm\" fo:margin-bottom=\"0.2cm\"",
        "",
    ],
    [
        "Letter",
        "Letter",
        "Standard",
        " fo:margin-left=\"1cm\" fo:margin-right=\"1cm\" fo:text-indent=\"0.6cm\" fo:text-align=\"justify\"",
        "",
    ],
    [
        "Scene_20_Break",
        "Scene Break",
        "Standard",
        " fo:margin-top=\"0.4cm\" fo:margin-bottom=\"0.4cm\" fo:text-align=\"center\" fo:keep-with-next=\"always\"",
        "",
    ],
    ["Break", "Break", "Scene_20_Break", "", ""],
    ["Contents_20_Heading", "Contents Heading", "Heading_20_1", "", ""],
    ["Contents_20_1", "Contents 1", "Standard", "", ""],
    ["Contents_20_2", "Contents 2", "Standard", " fo:margin-left=\"0.6cm\"", ""],
    [
        "Footnote",
        "Footnote",
        "",
        "",
        " fo:font-size=\"10pt\" style:font-size-asian=\"10pt\" style:font-size-complex=\"10pt\"",
    ],
    ["Header", "Header", "Standard", "", ""],
    ["Footer", "Footer", "Standard", " fo:text-align=\"center\"", ""],
];

/// Whether the paper is Letter and not A4.
fn is_letter(edition: &Edition<'_>) -> bool {
    matches!(edition.language.as_str(), "en" | "en-US" | "en-CA")
}

fn styles(edition: &Edition<'_>) -> String {
    let turned = edition.is_right_to_left();
    let mode = match (edition.options.vertical, turned) {
        (true, _) => "tb-rl",
        (false, true) => "rl-tb",
        (false, false) => "lr-tb",
    };
    let locale = xml::language(&edition.language).map(locale).unwrap_or_default();
    let mut out = format!(
        "{HEAD}<office:document-styles {SPACES}><office:styles><style:default-style style:family=\"paragraph\"><style:paragraph-properties style:writing-mode=\"{mode}\" fo:hyphenation-ladder-count=\"3\"/><style:text-properties fo:font-family=\"'Times New Roman', 'Liberation Serif'\" fo:font-size=\"12pt\" style:font-size-asian=\"12pt\" style:font-size-complex=\"12pt\"{locale}/></style:default-style><style:style style:name=\"Standard\" style:family=\"paragraph\"><style:paragraph-properties style:writing-mode=\"{mode}\" fo:line-height=\"125%\" fo:text-align=\"start\"/></style:style>"
    );
    for [name, shown, above, paragraph, run] in STYLES {
        let level = name.strip_prefix("Heading_20_");
        let level = level.map(|level| format!(" style:default-outline-level=\"{level}\""));
        // A note's style says nothing of its alignment, so that a reader finds none.
        let above = match above {
            "" => String::new(),
            above => format!(" style:parent-style-name=\"{above}\""),
        };
        let _ = write!(
            out,
            "<style:style style:name=\"{name}\" style:display-name=\"{shown}\" style:family=\"paragraph\"{above}{}>",
            level.unwrap_or_default()
        );
        if !paragraph.is_empty() {
            let _ = write!(out, "<style:paragraph-properties{paragraph}/>");
        }
        if !run.is_empty() {
            let _ = write!(out, "<style:text-properties{run}/>");
        }
        out.push_str("</style:style>");
    }
    let (width, height) =
        if is_letter(edition) { ("21.59cm", "27.94cm") } else { ("21cm", "29.7cm") };
    let _ = writeln!(
        out,
        "<text:notes-configuration text:note-class=\"footnote\" style:num-format=\"1\" text:start-numbering-at=\"document\" text:footnotes-position=\"page\"/></office:styles><office:automatic-styles><style:page-layout style:name=\"Page\"><style:page-layout-properties fo:page-width=\"{width}\" fo:page-height=\"{height}\" fo:margin=\"2.54cm\" style:writing-mode=\"{mode}\"/><style:footer-style/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name=\"Standard\" style:page-layout-name=\"Page\"><style:footer><text:p text:style-name=\"Footer\"><text:page-number text:select-page=\"current\">1</text:page-number></text:p></style:footer></style:master-page></office:master-styles></office:document-styles>"
    );
    out
}

fn meta(edition: &Edition<'_>) -> String {
    let (title, author) = (xml::text(&edition.title), xml::text(&edition.author));
    let made = moment(edition.copy.made);
    let language = xml::language(&edition.language).unwrap_or("und");
    format!(
        "{HEAD}<office:document-meta {SPACES}><office:meta><meta:generator>Seshat</meta:generator><dc:title>{title}</dc:title><meta:initial-creator>{author}</meta:initial-creator><dc:creator>{author}</dc:creator><meta:creation-date>{made}</meta:creation-date><dc:date>{made}</dc:date><dc:language>{language}</dc:language></office:meta></office:document-meta>\n"
    )
}

fn manifest(pictures: &Pictures<'_>) -> String {
    let mut out = format!(
        "{HEAD}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\"><manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" manifest:media-type=\"application/vnd.oasis.opendocument.text\"/>"
    );
    for part in ["content", "styles", "meta", "settings"] {
        let _ = write!(
            out,
            "<manifest:file-entry manifest:full-path=\"{part}.xml\" manifest:media-type=\"text/xml\"/>"
        );
    }
    for (name, Picture { media, .. }) in pictures.used() {
        let _ = write!(
            out,
            "<manifest:file-entry manifest:full-path=\"Pictures/{name}\" manifest:media-type=\"{media}\"/>"
        );
    }
    out.push_str("</manifest:manifest>\n");
    out
}
