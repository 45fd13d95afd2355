//! DOCX (ECMA-376, transitional, as Word writes it): a book with styles, or a manuscript as agents and editors ask for.
//!
//! Own writer of WordprocessingML instead of a library: footnotes, headers by section and right-to-left text stand
//! where Word and LibreOffice look for them, and a novel costs one pass over its text.

mod parts;
mod run;
mod styles;
mod text;

use super::ExportError;
use super::edition::Edition;
use super::package::Package;
use super::picture::Pictures;

/// What a DOCX looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// A book: headings, indents and quotations by style, to be worked on or typeset.
    Book,
    /// A manuscript in Times, emphasis in italics (Shunn's modern format).
    Modern,
    /// A manuscript in Courier, emphasis underlined (Shunn's classic format).
    Classic,
}

impl Look {
    fn is_manuscript(self) -> bool {
        self != Self::Book
    }
}

/// The document's bytes.
pub(super) fn write(edition: &Edition<'_>, look: Look) -> Result<Vec<u8>, ExportError> {
    let mut pictures = Pictures::new(edition.images);
    let written = text::document(edition, look, &mut pictures);
    let mut package = Package::new();
    package.add("[Content_Types].xml", parts::content_types(&pictures))?;
    package.add("_rels/.rels", parts::RELATIONS)?;
    package.add("docProps/core.xml", parts::core(edition))?;
    package.add("docProps/app.xml", parts::APP)?;
    package.add("word/_rels/document.xml.rels", parts::document_relations(&written, &pictures))?;
    package.add("word/_rels/footnotes.xml.rels", parts::links(&written.note_links, &pictures))?;
    package.add("word/document.xml", &written.document)?;
    package.add("word/footnotes.xml", &written.footnotes)?;
    package.add("word/styles.xml", styles::sheet(edition, look))?;
    package.add("word/settings.xml", parts::settings(edition))?;
    package.add("word/fontTable.xml", parts::fonts(look))?;
    package.add("word/header1.xml", parts::header(edition, look))?;
    package.add("word/header2.xml", parts::EMPTY_HEADER)?;
    package.add("word/footer1.xml", parts::footer(look))?;
    for (name, picture) in pictures.used() {
        package.store(&format!("word/media/{name}"), picture.bytes)?;
    }
    package.finish()
}

/// The namespaces of a part's root element.
const SPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";

/// What every part begins with.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
