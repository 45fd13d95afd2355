//! PDF: for a printer, or as a manuscript. Pages are set by a program of their own, `seshat-press`, which gets the
//! novel through a pipe (docs/design/0030).
//!
//! **Invariants:** no text of the novel lies in a file on the way to the PDF; the target appears whole or not at all.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::edition::is_right_to_left;
use super::press::{Job, WIRE};
use super::{Contents, Edition, ExportError, Place, Role, Section, atomic, manuscript};

pub use super::press::Press;

/// How the pages look: kept as a preset, like [`super::Options`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pages {
    /// A book or a manuscript.
    pub layout: Layout,
    /// The paper, cut.
    pub trim: Trim,
    /// The letters' size in tenths of a point; 0: what suits the language.
    pub size: u16,
    /// From one line to the next, in tenths of a point; 0: what suits the size.
    pub line: u16,
    /// More room at the spine than the trim size asks for, in tenths of a millimetre: thick books.
    pub gutter: u16,
    /// Where chapters begin.
    pub openers: Openers,
    /// What a chapter's first letter looks like.
    pub initials: Initials,
}

/// What is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A book with left and right pages.
    #[default]
    Book,
    /// A manuscript in William Shunn's modern form: Times, italics.
    ManuscriptModern,
    /// The same in its classic form: Courier, underlining.
    ManuscriptClassic,
}

/// The size of the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trim {
    /// 148 × 210 mm.
    #[default]
    A5,
    /// 210 × 297 mm; the usual paper of a manuscript outside of North America.
    A4,
    /// 105 × 148 mm: Japanese pocket books.
    A6,
    /// 128 × 182 mm: Japanese novels.
    JisB6,
    /// 125 × 190 mm: German pocket books.
    Pocket,
    /// 135 × 215 mm: German and French novels.
    Novel,
    /// 5 × 8 inches.
    FiveByEight,
    /// 5.5 × 8.5 inches.
    Digest,
    /// 6 × 9 inches.
    Trade,
    /// 8.5 × 11 inches; the usual paper of a manuscript in North America.
    Letter,
    /// Any other, in tenths of a millimetre.
    Other {
        /// Across.
        width: u16,
        /// Down.
        height: u16,
    },
}

/// Where chapters begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Openers {
    /// On the next page.
    #[default]
    Any,
    /// On the next odd page.
    Recto,
}

/// What a chapter's first letter looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Initials {
    /// Like all others.
    #[default]
    Plain,
    /// A capital over two lines, in scripts that have capitals.
    Dropped,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressed {
    /// The PDF file.
    pub pdf: Vec<u8>,
    /// Pages, blank ones among them.
    pub pages: usize,
    /// Characters that no font has: a reader sees boxes for them.
    pub missing: String,
}

/// Which pages are wanted as pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The first one, counted from 0, blank ones among them.
    pub from: usize,
    /// How many, at most 64.
    pub count: usize,
    /// How wide each is, in pixels, at most 4096.
    pub width: u32,
}

/// Pages as pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Pages in all, blank ones among them.
    pub pages: usize,
    /// PNG files: the pages that were wanted, as far as there are any.
    pub images: Vec<Vec<u8>>,
    /// Characters that no font has: the pictures have boxes for them.
    pub missing: String,
}

/// Points in a tenth of a millimetre.
const POINTS: f64 = 72.0 / 254.0;

/// Below this, in tenths of a millimetre, nothing can be set.
const LEAST: u16 = 500;

impl Trim {
    /// Width and height in points.
    fn points(self) -> (f64, f64) {
        let metric =
            |width: u16, height: u16| (f64::from(width) * POINTS, f64::from(height) * POINTS);
        match self {
            Self::A5 => metric(1480, 2100),
            Self::A4 => metric(2100, 2970),
            Self::A6 => metric(1050, 1480),
            Self::JisB6 => metric(1280, 1820),
            Self::Pocket => metric(1250, 1900),
            Self::Novel => metric(1350, 2150),
            Self::FiveByEight => (360.0, 576.0),
            Self::Digest => (396.0, 612.0),
            Self::Trade => (432.0, 648.0),
            Self::Letter => (612.0, 792.0),
            Self::Other { width, height } => metric(width.max(LEAST), height.max(LEAST)),
        }
    }
}

/// `edition` as a PDF file.
///
/// # Errors
/// See [`ExportError`].
pub fn pdf(edition: &Edition<'_>, pages: &Pages, press: &Press) -> Result<Pressed, ExportError> {
    let (answer, files) = press.answer(&made(edition, pages, None))?;
    let pdf = answer.parted(files).and_then(|files| <[_; 1]>::try_from(files).ok());
    let [pdf] = pdf.ok_or(ExportError::PressStopped)?;
    Ok(Pressed { pdf, pages: answer.pages, missing: answer.missing })
}

/// Writes `edition` into the PDF file `path`. The folder above must exist; `path` itself must not, or must be an
/// empty file.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn pdf_file(
    edition: &Edition<'_>,
    pages: &Pages,
    press: &Press,
    path: &Path,
) -> Result<Pressed, ExportError> {
    let pressed = pdf(edition, pages, press)?;
    atomic::file(path, &pressed.pdf)?;
    Ok(pressed)
}

/// Some pages of `edition` as pictures. All of it is set for that, because where a page begins hangs on all before it.
///
/// # Errors
/// See [`ExportError`].
pub fn pages(
    edition: &Edition<'_>,
    pages: &Pages,
    press: &Press,
    shown: Shown,
) -> Result<Drawn, ExportError> {
    let (answer, files) = press.answer(&made(edition, pages, Some(shown)))?;
    let images = answer.parted(files).ok_or(ExportError::PressStopped)?;
    Ok(Drawn { pages: answer.pages, images, missing: answer.missing })
}

/// The job for `seshat-press`: a line of JSON and the bytes of the pictures.
#[must_use]
pub fn job(edition: &Edition<'_>, pages: &Pages, shown: Option<Shown>) -> Vec<u8> {
    let job = made(edition, pages, shown);
    let mut wire = job.json;
    wire.push(b'\n');
    job.pictures.into_iter().for_each(|picture| wire.extend(picture));
    wire
}

fn made<'a>(edition: &'a Edition<'_>, pages: &Pages, shown: Option<Shown>) -> Job<'a> {
    let pictures: Vec<Value> = edition
        .images
        .iter()
        .map(|(name, bytes)| json!({ "name": name, "bytes": bytes.len() }))
        .collect();
    let (language, region) = locale(&edition.language);
    let mut job = json!({
        "wire": WIRE,
        "layout": if pages.layout == Layout::Book { "print" } else { "manuscript" },
        "title": edition.title,
        "author": edition.author,
        "subtitle": edition.options.subtitle,
        "publisher": edition.options.publisher,
        "rights": edition.options.rights,
        "language": language,
        "region": region,
        "rtl": is_right_to_left(&edition.language),
        "separator": edition.options.separator,
        "contents": match edition.options.contents {
            Contents::Before => "before",
            Contents::After => "after",
            Contents::None => "none",
        },
        "contents-title": edition.labels.contents,
        "page": sheet(pages),
        "recto": pages.openers == Openers::Recto,
        "initials": pages.initials == Initials::Dropped,
        "sections": edition.sections.iter().map(section).collect::<Vec<_>>(),
        "pictures": pictures,
    });
    if let Value::Object(job) = &mut job {
        job.extend(letters(pages, &language));
        job.extend(facts(edition, pages));
        job.extend(shown.map(render));
    }
    let pictures = edition.images.values().map(Vec::as_slice).collect();
    Job { json: job.to_string().into_bytes(), pictures }
}

fn render(shown: Shown) -> (String, Value) {
    let Shown { from, count, width } = shown;
    ("render".to_owned(), json!({ "from": from, "count": count, "width": width }))
}

fn section(section: &Section) -> Value {
    json!({
        "id": section.id,
        "role": section.role,
        "place": match section.place {
            Place::Front => "front",
            Place::Body => "body",
            Place::Back => "back",
        },
        "depth": section.depth,
        "heading": section.heading,
        "running": if section.role == Role::Chapter { section.plain_heading() } else { String::new() },
        "empty": section.scenes.iter().all(seshat_manuscript::Passage::is_empty),
        "scenes": section.scenes,
    })
}

/// Language and region as the engine takes them.
fn locale(tag: &str) -> (String, Option<String>) {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_code =
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    let region = parts.find(|part| part.len() == 2).map(str::to_ascii_uppercase);
    (if is_code { language } else { "und".to_owned() }, region)
}

fn sheet(pages: &Pages) -> Value {
    let (width, height) = pages.trim.points();
    if pages.layout != Layout::Book {
        return json!({ "width": width, "height": height, "inside": 72, "outside": 72, "top": 72, "bottom": 72 });
    }
    json!({
        "width": width,
        "height": height,
        "inside": width * 0.135 + f64::from(pages.gutter) * POINTS,
        "outside": width * 0.115,
        "top": height * 0.105,
        "bottom": height * 0.115,
    })
}

fn letters(pages: &Pages, language: &str) -> Map<String, Value> {
    let (size, ratio) = match language {
        "ja" | "zh" | "ko" => (9.5, 1.75),
        "he" | "yi" => (11.5, 1.5),
        "ar" | "fa" | "ur" => (12.0, 1.6),
        _ => (10.5, 1.33),
    };
    let size = if pages.size == 0 { size } else { f64::from(pages.size.clamp(50, 300)) / 10.0 };
    let line =
        if pages.line == 0 { size * ratio } else { f64::from(pages.line.clamp(50, 900)) / 10.0 };
    let mut letters = Map::new();
    letters.insert("face".to_owned(), json!("Libertinus Serif"));
    letters.insert("size".to_owned(), json!(size));
    letters.insert("line".to_owned(), json!(line.max(size * 1.05)));
    letters
}

fn facts(edition: &Edition<'_>, pages: &Pages) -> Map<String, Value> {
    let mut facts = Map::new();
    facts.insert("classic".to_owned(), json!(pages.layout == Layout::ManuscriptClassic));
    facts.insert("contact".to_owned(), json!(manuscript::contact(edition)));
    facts.insert("surname".to_owned(), json!(manuscript::surname(edition)));
    facts.insert("keyword".to_owned(), json!(manuscript::keyword(edition)));
    facts.insert("length".to_owned(), json!(manuscript::about_words(edition)));
    facts.insert("by".to_owned(), json!(edition.labels.by));
    facts.insert("end".to_owned(), json!(edition.labels.end));
    facts
}
