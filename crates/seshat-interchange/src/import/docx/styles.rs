//! The styles of a document, with what they inherit.

use std::collections::HashMap;

use super::props::{ParaProps, RunProps};
use crate::import::style::{self, Named};
use crate::import::tree::Element;

/// How far styles may be based on each other; files have had circles.
const LONGEST_CHAIN: usize = 20;

/// All styles.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    default_paragraph: Option<String>,
    defaults: Style,
}

/// One style; inherited properties are filled in.
#[derive(Clone, Debug, Default)]
pub(super) struct Style {
    name: String,
    based_on: Option<String>,
    /// What its name, or that of one it is based on, says.
    pub(super) named: Option<Named>,
    pub(super) run: RunProps,
    pub(super) para: ParaProps,
}

impl Styles {
    /// Of a `w:styles`.
    pub(super) fn of(root: &Element) -> Self {
        let mut styles = Self::default();
        for element in root.elements() {
            match element.name.as_str() {
                "w:docDefaults" => {
                    let run = element.find("w:rPr").map(RunProps::of).unwrap_or_default();
                    let para = element.find("w:pPr").map(ParaProps::of).unwrap_or_default();
                    styles.defaults = Style { run, para, ..Style::default() };
                }
                "w:style" => styles.add(element),
                _ => {}
            }
        }
        let ids: Vec<String> = styles.styles.keys().cloned().collect();
        let whole = ids.into_iter().map(|id| (id.clone(), styles.resolve(&id))).collect();
        styles.styles = whole;
        styles
    }

    fn add(&mut self, element: &Element) {
        let Some(id) = element.get("w:styleId") else { return };
        let value = |name| element.child(name).and_then(|child| child.get("w:val"));
        let name = value("w:name").unwrap_or(id).to_owned();
        let is_default = matches!(element.get("w:default"), Some("1" | "true" | "on"));
        if is_default && element.get("w:type") == Some("paragraph") {
            self.default_paragraph = Some(id.to_owned());
        }
        let style = Style {
            named: style::named(&name),
            name,
            based_on: value("w:basedOn").map(str::to_owned),
            run: element.child("w:rPr").map(RunProps::of).unwrap_or_default(),
            para: element.child("w:pPr").map(ParaProps::of).unwrap_or_default(),
        };
        self.styles.insert(id.to_owned(), style);
    }

    fn resolve(&self, id: &str) -> Style {
        let Some(mut style) = self.styles.get(id).cloned() else { return Style::default() };
        let mut next = style.based_on.clone();
        for _ in 0..LONGEST_CHAIN {
            let Some(below) = next.take().and_then(|id| self.styles.get(&id)) else { break };
            style.run = style.run.over(&below.run);
            style.para = style.para.over(&below.para);
            style.named = style.named.or(below.named);
            next = below.based_on.clone();
        }
        style
    }

    /// A paragraph's style, over the document's defaults.
    pub(super) fn paragraph(&self, id: Option<&str>) -> Style {
        let id = id.or(self.default_paragraph.as_deref());
        let style = id.and_then(|id| self.styles.get(id)).cloned().unwrap_or_default();
        let outline = style.para.outline.filter(|level| *level < 9);
        Style {
            named: style.named.or(outline.map(|level| Named::Heading(level + 1))),
            run: style.run.over(&self.defaults.run),
            para: style.para.over(&self.defaults.para),
            ..style
        }
    }

    /// A character style. That of links is blue and underlined, which is a link's look and no mark.
    pub(super) fn run(&self, id: &str) -> RunProps {
        let Some(style) = self.styles.get(id) else { return RunProps::default() };
        match style.name.to_lowercase().as_str() {
            "hyperlink"
            | "followedhyperlink"
            | "internet link"
            | "footnote reference"
            | "endnote reference"
            | "annotation reference" => RunProps::default(),
            _ => style.run.clone(),
        }
    }
}
