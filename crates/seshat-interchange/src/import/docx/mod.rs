//! Word's documents: DOCX as Word, LibreOffice, Google Docs and Pages write it, ISO strict ones too.
//!
//! **Invariants:** the text is what Word shows with all changes accepted. Nothing outside of the file is read,
//! whatever its relations say.

mod body;
mod comments;
mod numbering;
mod package;
mod props;
mod run;
mod styles;

#[cfg(test)]
mod tests;

use super::draft;
use super::guard::Archive;
use super::refusal::Refusal;
use super::tree::{self, Spaces, Walker};
use crate::flow::{Flow, Loss};
use body::{Body, Source};
use numbering::Numbering;
use package::{part, related, relations};
use styles::Styles;

/// Usual and strict files name the same things by other addresses.
const SPACES: Spaces = &[
    ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "w"),
    ("http://purl.oclc.org/ooxml/wordprocessingml/main", "w"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "r"),
    ("http://purl.oclc.org/ooxml/officeDocument/relationships", "r"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/math", "m"),
    ("http://purl.oclc.org/ooxml/officeDocument/math", "m"),
    ("http://schemas.openxmlformats.org/drawingml/2006/main", "a"),
    ("http://purl.oclc.org/ooxml/drawingml/main", "a"),
    ("http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing", "wp"),
    ("http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing", "wp"),
    ("http://schemas.openxmlformats.org/markup-compatibility/2006", "mc"),
    ("urn:schemas-microsoft-com:vml", "v"),
    ("urn:schemas-microsoft-com:office:office", "o"),
    ("http://schemas.microsoft.com/office/word/2010/wordml", "w14"),
    ("http://schemas.microsoft.com/office/word/2012/wordml", "w15"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
];

/// Reads a document.
///
/// # Errors
/// [`Refusal`], when it is no DOCX, damaged, protected or made to do harm.
pub(crate) fn read(bytes: &[u8]) -> Result<Flow, Refusal> {
    let mut archive = Archive::open(bytes, "a DOCX document")?;
    let root = relations(&mut archive, "")?;
    let main = root.values().find(|relation| relation.kind == "officeDocument");
    let main = match main {
        Some(relation) => relation.target.clone(),
        None => "word/document.xml".to_owned(),
    };
    if !archive.has(&main) && archive.has("xl/workbook.xml") {
        return Err(Refusal::WrongKind("a DOCX document"));
    }
    let text = archive.need(&main, "its text")?;
    let text = tree::decode(&text)?;
    let main_relations = relations(&mut archive, &main)?;
    let mut flow = Flow::default();
    if let Some((_, core)) = related(&mut archive, &root, "core-properties")? {
        let named =
            |name| core.text_of(name).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        flow.title = named("dc:title");
        flow.author = named("dc:creator");
        flow.language = named("dc:language").and_then(|tag| super::tongue::clean(&tag));
    }
    let styles = related(&mut archive, &main_relations, "styles")?;
    let numbering = related(&mut archive, &main_relations, "numbering")?;
    let comments = comments::read(&mut archive, &main_relations, &mut flow)?;
    let mut source = Source::new(main_relations.clone());
    source.notes_from(&mut archive, "footnotes")?;
    source.notes_from(&mut archive, "endnotes")?;
    headers(&mut archive, &main_relations, &mut flow)?;
    let mut body = Body::new(
        &mut archive,
        source,
        styles.map(|(_, root)| Styles::of(&root)).unwrap_or_default(),
        numbering.map(|(_, root)| Numbering::of(&root)).unwrap_or_default(),
    );
    body.comments = comments;
    body.flow = flow;
    body.column = column(&text);
    let mut walker = Walker::new(&text, SPACES);
    let mut found = false;
    // What is open at this level holds paragraphs and no meaning of its own.
    while let Some(element) = walker.next_inside(&["w:document", "w:body"])? {
        found |= element.name.starts_with("w:");
        body.block(&element)?;
    }
    if !found && !text.contains("wordprocessingml") {
        return Err(Refusal::WrongKind("a DOCX document"));
    }
    let mut flow = body.finish();
    draft::settle(&mut flow)?;
    Ok(flow)
}

/// How wide the text of the last section is, in millimetres. Sections end with their page, so it is searched for
/// before the text is read.
fn column(text: &str) -> Option<f64> {
    let attribute = |element: &str, name: &str| {
        let at = text.rfind(element)?;
        let element = text.get(at..)?;
        let element = element.get(..element.find('>')?)?;
        let value = element.split_once(name)?.1.split('"').next()?;
        // Twentieths of a point; strict files may name a unit.
        let points = match value.strip_suffix("pt") {
            Some(points) => points.parse::<f64>().ok()?,
            None => value.parse::<f64>().ok()? / 20.0,
        };
        Some(points / 72.0 * 25.4)
    };
    let page = attribute(":pgSz ", ":w=\"")?;
    let margins = [":left=\"", ":right=\""].map(|side| attribute(":pgMar ", side));
    let column = page - margins[0]? - margins[1]?;
    (column > 10.0).then_some(column)
}

/// Counts the headers and footers that say something.
fn headers(
    archive: &mut Archive<'_>,
    relations: &package::Relations,
    flow: &mut Flow,
) -> Result<(), Refusal> {
    for relation in relations.values() {
        if !matches!(relation.kind.as_str(), "header" | "footer") || relation.outside {
            continue;
        }
        let root = part(archive, &relation.target)?;
        if root.is_some_and(|root| !root.text().trim().is_empty()) {
            flow.lost.add(Loss::HeadersAndFooters);
        }
    }
    Ok(())
}
