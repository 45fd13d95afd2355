//! OpenDocument texts: ODT as LibreOffice, OpenOffice, Google Docs, Word and Calligra write it.
//!
//! **Invariants:** the text is what the program shows with all changes accepted. Nothing outside of the file is
//! read, whatever its links say.

mod body;
mod inline;
mod lists;
mod styles;

#[cfg(test)]
mod tests;

use super::draft;
use super::guard::Archive;
use super::refusal::Refusal;
use super::tree::{self, Element, Spaces, Walker};
use crate::flow::{Flow, Loss};
use body::Body;
use styles::Styles;

const SPACES: Spaces = &[
    ("urn:oasis:names:tc:opendocument:xmlns:office:1.0", "office"),
    ("urn:oasis:names:tc:opendocument:xmlns:style:1.0", "style"),
    ("urn:oasis:names:tc:opendocument:xmlns:text:1.0", "text"),
    ("urn:oasis:names:tc:opendocument:xmlns:table:1.0", "table"),
    ("urn:oasis:names:tc:opendocument:xmlns:drawing:1.0", "draw"),
    ("urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", "fo"),
    ("urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0", "svg"),
    ("urn:oasis:names:tc:opendocument:xmlns:meta:1.0", "meta"),
    ("urn:oasis:names:tc:opendocument:xmlns:manifest:1.0", "manifest"),
    ("urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0", "loext"),
    ("http://www.w3.org/1999/xlink", "xlink"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
];

/// The beginning of the types that are read: texts and their templates.
const TYPE: &[u8] = b"application/vnd.oasis.opendocument.text";

/// Reads a document.
///
/// # Errors
/// [`Refusal`], when it is no ODT, damaged, protected or made to do harm.
pub(crate) fn read(bytes: &[u8]) -> Result<Flow, Refusal> {
    let mut archive = Archive::open(bytes, "an OpenDocument text")?;
    let kind = archive.read("mimetype")?;
    if kind.is_some_and(|kind| !kind.starts_with(TYPE)) {
        return Err(Refusal::WrongKind("an OpenDocument text"));
    }
    if let Some(manifest) = part(&mut archive, "META-INF/manifest.xml")?
        && manifest.find("manifest:encryption-data").is_some()
    {
        return Err(Refusal::Protected);
    }
    let text = tree::decode(&archive.need("content.xml", "its text")?)?;
    let mut flow = Flow::default();
    if let Some(meta) = part(&mut archive, "meta.xml")? {
        let named = |name| {
            let text = meta.find(name).map(|element: &Element| element.text().trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        flow.title = named("dc:title");
        flow.author = named("dc:creator").or_else(|| named("meta:initial-creator"));
        flow.language = named("dc:language").and_then(|tag| super::tongue::clean(&tag));
    }
    let mut styles = Styles::default();
    let mut column = None;
    if let Some(root) = part(&mut archive, "styles.xml")? {
        column = root.find("style:page-layout-properties").and_then(column_of);
        for element in root.elements() {
            match element.name.as_str() {
                "office:styles" => styles.add_all(element, styles::From::Document),
                "office:master-styles" => headers(element, &mut flow),
                _ => {}
            }
        }
    }
    let mut body = Body::new(&mut archive, styles, flow);
    body.column = column;
    let mut walker = Walker::new(&text, SPACES);
    // What is open at this level holds paragraphs and no meaning of its own.
    while let Some(element) =
        walker.next_inside(&["office:document-content", "office:body", "office:text"])?
    {
        match element.name.as_str() {
            "office:automatic-styles" => body.styles.add_all(&element, styles::From::Text),
            _ => body.block(&element)?,
        }
    }
    if !text.contains("opendocument") {
        return Err(Refusal::WrongKind("an OpenDocument text"));
    }
    let mut flow = body.finish();
    draft::settle(&mut flow)?;
    Ok(flow)
}

fn part(archive: &mut Archive<'_>, name: &str) -> Result<Option<Element>, Refusal> {
    let Some(bytes) = archive.read(name)? else { return Ok(None) };
    Ok(Some(tree::whole(&tree::decode(&bytes)?, SPACES)?))
}

/// How wide the text of a page is, in millimetres.
fn column_of(page: &Element) -> Option<f64> {
    let width = page.get("fo:page-width").and_then(styles::length)?;
    let margin = |side| page.get(side).or(page.get("fo:margin")).and_then(styles::length);
    let column = width - margin("fo:margin-left")? - margin("fo:margin-right")?;
    (column > 10.0).then_some(column)
}

/// Counts the headers and footers that say something.
fn headers(masters: &Element, flow: &mut Flow) {
    for part in masters.elements().flat_map(Element::elements) {
        let is_header =
            part.name.starts_with("style:header") || part.name.starts_with("style:footer");
        if is_header && !part.text().trim().is_empty() {
            flow.lost.add(Loss::HeadersAndFooters);
        }
    }
}
