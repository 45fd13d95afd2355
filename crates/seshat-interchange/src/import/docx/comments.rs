//! Comments, who answered whom, and which are settled.

use std::collections::HashMap;

use super::package::{Relations, related};
use crate::flow::{Flow, Remark};
use crate::import::guard::Archive;
use crate::import::refusal::Refusal;
use crate::import::tree::{Element, Node};

/// The positions of comments in [`Flow::comments`] by their ids.
pub(super) type Comments = HashMap<String, usize>;

/// Reads all comments into `flow`.
pub(super) fn read(
    archive: &mut Archive<'_>,
    relations: &Relations,
    flow: &mut Flow,
) -> Result<Comments, Refusal> {
    let mut comments = Comments::new();
    let mut paragraphs: HashMap<String, usize> = HashMap::new();
    let Some((_, root)) = related(archive, relations, "comments")? else { return Ok(comments) };
    for element in root.all("w:comment") {
        let position = flow.comments.len();
        let value = |name| element.get(name).unwrap_or_default().to_owned();
        let lines: Vec<String> = element.all("w:p").map(line).collect();
        flow.comments.push(Remark {
            author: value("w:author"),
            date: value("w:date"),
            text: lines.join("\n").trim().to_owned(),
            ..Remark::default()
        });
        comments.insert(value("w:id"), position);
        for paragraph in element.all("w:p") {
            if let Some(id) = paragraph.get("w14:paraId") {
                paragraphs.insert(id.to_owned(), position);
            }
        }
    }
    if let Some((_, root)) = related(archive, relations, "commentsExtended")? {
        for element in root.all("w15:commentEx") {
            let named = |name| element.get(name).and_then(|id| paragraphs.get(id).copied());
            let Some(remark) = named("w15:paraId").and_then(|at| flow.comments.get_mut(at)) else {
                continue;
            };
            remark.resolved = matches!(element.get("w15:done"), Some("1" | "true"));
            remark.answers = named("w15:paraIdParent");
        }
    }
    Ok(comments)
}

/// The text of a comment's paragraph.
fn line(paragraph: &Element) -> String {
    let mut line = String::new();
    add(paragraph, &mut line);
    line
}

fn add(element: &Element, line: &mut String) {
    match element.name.as_str() {
        "w:del" | "w:moveFrom" | "w:pPr" | "w:rPr" | "w:instrText" => return,
        "w:tab" => line.push('\t'),
        "w:br" | "w:cr" => line.push('\n'),
        "w:noBreakHyphen" => line.push('\u{2011}'),
        _ => {}
    }
    for node in &element.nodes {
        match node {
            Node::Element(child) => add(child, line),
            Node::Text(text) if element.name == "w:t" => line.push_str(text),
            Node::Text(_) => {}
        }
    }
}
