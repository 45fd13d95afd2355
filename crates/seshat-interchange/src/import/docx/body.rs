//! Paragraphs, tables and what stands around them.
//!
//! Recursion follows the tree, whose depth is limited; a note is read once, however often it is named.

use std::collections::HashMap;

use super::comments::Comments;
use super::numbering::Numbering;
use super::package::{self, Relations};
use super::props::{ParaProps, RunProps};
use super::styles::{Style, Styles};
use crate::flow::{Align, Block, Break, Flow, Inline, Loss, Marks, push_text, visible};
use crate::import::draft::{self, Field, Looks, Mould, Run};
use crate::import::guard::Archive;
use crate::import::refusal::Refusal;
use crate::import::style::Named;
use crate::import::tree::Element;

/// What the text refers to.
#[derive(Default)]
pub(super) struct Source {
    /// Relations of the part at hand: notes have their own.
    pub(super) relations: Relations,
    /// Notes by the element that names them and their id, until they are read.
    notes: HashMap<(&'static str, String), Element>,
    note_relations: HashMap<&'static str, Relations>,
}

impl Source {
    /// With the main part's relations.
    pub(super) fn new(relations: Relations) -> Self {
        Self { relations, ..Self::default() }
    }

    /// Reads the part that holds "footnotes" or "endnotes".
    pub(super) fn notes_from(
        &mut self,
        archive: &mut Archive<'_>,
        kind: &'static str,
    ) -> Result<(), Refusal> {
        let Some((name, root)) = package::related(archive, &self.relations, kind)? else {
            return Ok(());
        };
        self.note_relations.insert(kind, package::relations(archive, &name)?);
        for note in root.elements() {
            // Separators are notes of a type.
            let ordinary = matches!(note.get("w:type"), None | Some("normal"));
            if let (true, Some(id)) = (ordinary, note.get("w:id")) {
                self.notes.insert((kind, id.to_owned()), note.clone());
            }
        }
        Ok(())
    }
}

/// A field that is open.
pub(super) struct OpenField {
    /// Its instruction; empty once it was understood.
    pub(super) instruction: String,
    /// What it is, once its result begins.
    pub(super) kind: Option<Field>,
    /// The address of its link.
    pub(super) link: Option<String>,
}

/// Reads the text.
pub(super) struct Body<'a, 'b> {
    pub(super) archive: &'a mut Archive<'b>,
    pub(super) source: Source,
    pub(super) styles: Styles,
    numbering: Numbering,
    pub(super) comments: Comments,
    /// Comments whose place has begun.
    pub(super) begun: Vec<usize>,
    pub(super) flow: Flow,
    /// How wide the text is, in millimetres, if the file says so.
    pub(super) column: Option<f64>,
    /// Images by the names of their parts.
    pub(super) pictures: HashMap<String, Option<usize>>,
    pub(super) fields: Vec<OpenField>,
    /// The paragraph at hand.
    pub(super) inline: Vec<Inline>,
    /// The style of the paragraph at hand.
    pub(super) style: Style,
    /// Blocks that follow it: text boxes.
    pub(super) after: Vec<Block>,
    run: Run,
    cell: Option<(u32, u32)>,
    rows: u32,
    /// Where the section at hand begins, unless it is the first.
    section_start: Option<usize>,
    /// How many notes and text boxes are open around the text at hand.
    pub(super) inside: u32,
    pub(super) looks: Looks<(Option<String>, Option<String>, Option<String>)>,
    /// Whether the last text was marked so: neighbours count once.
    pub(super) was: [bool; 4],
}

impl<'a, 'b> Body<'a, 'b> {
    /// At the beginning of the text.
    pub(super) fn new(
        archive: &'a mut Archive<'b>,
        source: Source,
        styles: Styles,
        numbering: Numbering,
    ) -> Self {
        Self {
            archive,
            source,
            styles,
            numbering,
            comments: Comments::default(),
            begun: Vec::new(),
            flow: Flow::default(),
            column: None,
            pictures: HashMap::new(),
            fields: Vec::new(),
            inline: Vec::new(),
            style: Style::default(),
            after: Vec::new(),
            run: Run::default(),
            cell: None,
            rows: 0,
            section_start: None,
            inside: 0,
            looks: Looks::default(),
            was: [false; 4],
        }
    }

    /// The flow that was read.
    pub(super) fn finish(mut self) -> Flow {
        if !self.inline.is_empty() {
            self.put(Mould::default());
        }
        self.flow.lost.add_many(Loss::Looks, self.looks.changes());
        self.flow
    }

    /// A child of the body, of a cell, a note or a text box.
    pub(super) fn block(&mut self, element: &Element) -> Result<(), Refusal> {
        match element.name.as_str() {
            "w:p" => self.paragraph(element),
            "w:tbl" => self.table(element),
            "w:sdt" => self.structured(element),
            "w:ins" | "w:moveTo" | "w:smartTag" | "w:customXml" | "w:sdtContent" => {
                self.blocks(element)
            }
            "w:del" | "w:moveFrom" => {
                self.flow.lost.add(Loss::TrackedDeletion);
                Ok(())
            }
            "mc:AlternateContent" => match alternative(element) {
                Some(choice) => self.blocks(choice),
                None => Ok(()),
            },
            "w:altChunk" => {
                self.flow.lost.add(Loss::Object);
                Ok(())
            }
            "w:sectPr" => {
                self.section(element);
                Ok(())
            }
            // Comments may begin and end between paragraphs; a stray run is text all the same.
            _ => self.part(element),
        }
    }

    fn blocks(&mut self, parent: &Element) -> Result<(), Refusal> {
        parent.elements().try_for_each(|child| self.block(child))
    }

    /// A content control. One that holds a table of contents is made anew by every export.
    fn structured(&mut self, element: &Element) -> Result<(), Refusal> {
        let gallery = element.child("w:sdtPr").and_then(|pr| pr.find("w:docPartGallery"));
        let is_contents = gallery.and_then(|gallery| gallery.get("w:val"));
        if matches!(is_contents, Some("Table of Contents" | "Bibliographies")) {
            self.flow.lost.add(Loss::Contents);
            return Ok(());
        }
        match element.child("w:sdtContent") {
            Some(content) => self.blocks(content),
            None => Ok(()),
        }
    }

    fn table(&mut self, table: &Element) -> Result<(), Refusal> {
        self.flow.lost.add(Loss::Table);
        let outer = self.cell;
        for row in table.elements().flat_map(|child| rows_in(child)) {
            let number = self.rows;
            self.rows += 1;
            for (column, cell) in row.elements().flat_map(|child| cells_in(child)).enumerate() {
                self.cell = Some((number, u32::try_from(column).unwrap_or(u32::MAX)));
                self.blocks(cell)?;
            }
        }
        // What follows an inner table in its cell stands below it.
        self.cell = outer.map(|(_, column)| (self.rows, column));
        self.rows += u32::from(outer.is_some());
        Ok(())
    }

    fn paragraph(&mut self, element: &Element) -> Result<(), Refusal> {
        let hidden_before = self.silent();
        let properties = element.child("w:pPr");
        let direct = properties.map(ParaProps::of).unwrap_or_default();
        let outer_style =
            std::mem::replace(&mut self.style, self.styles.paragraph(direct.style.as_deref()));
        let mut own = direct.clone();
        own.right_to_left = own.right_to_left.or(self.style.para.right_to_left);
        let props = direct.over(&self.style.para);
        let named = match props.outline {
            Some(9..) => self.style.named.filter(|named| !matches!(named, Named::Heading(_))),
            Some(level) => self.style.named.or(Some(Named::Heading(level + 1))),
            None => self.style.named,
        };
        if props.page_before == Some(true) && self.inside == 0 {
            self.flow.blocks.push(Block::Break(Break::Page));
        }
        let empty_before = self.inline.is_empty();
        let item = self.sign(&props, named);
        self.parts(element)?;
        let mark = properties.and_then(|p| p.child("w:rPr")).is_some_and(|mark| {
            mark.child("w:del").is_some() || mark.child("w:moveFrom").is_some()
        });
        let boxes_only = !self.after.is_empty() && !visible(&self.inline);
        let broken = self.ends_with_break() && !visible(&self.inline);
        let swallowed = (hidden_before || self.silent()) && !visible(&self.inline);
        if mark {
            // The paragraph's end was deleted: its text goes on in the next one.
        } else if swallowed
            || broken
            || boxes_only
            || (empty_before && self.cell.is_some() && self.inline.is_empty())
        {
            self.inline
                .retain(|part| matches!(part, Inline::CommentFrom(_) | Inline::CommentTo(_)));
        } else {
            let of_style = self.style.para.align();
            // Flush left is how a line begins, unless the style says otherwise.
            let usual = own.right_to_left != Some(true) && of_style.is_none();
            let own = own.align().filter(|align| !usual || *align != Align::Left);
            let align = draft::wanted(own, of_style, self.style.named);
            let indent = props.indent();
            self.put(Mould { named, align, item, cell: self.cell, indent });
        }
        let after = std::mem::take(&mut self.after);
        self.flow.blocks.extend(after);
        if let Some(section) = properties.and_then(|p| p.child("w:sectPr")) {
            self.section(section);
        }
        self.style = outer_style;
        Ok(())
    }

    /// A section ends. What its properties say about a new page is about its beginning.
    fn section(&mut self, section: &Element) {
        if self.inside > 0 {
            return;
        }
        let kind = section.child("w:type").and_then(|kind| kind.get("w:val"));
        let paged = !matches!(kind, Some("continuous" | "nextColumn"));
        if let Some(start) =
            self.section_start.filter(|start| paged && *start <= self.flow.blocks.len())
        {
            self.flow.blocks.insert(start, Block::Break(Break::Section));
        }
        self.section_start = Some(self.flow.blocks.len());
    }

    /// The sign of a list, or of a numbered heading, whose number belongs to its text.
    fn sign(&mut self, props: &ParaProps, named: Option<Named>) -> Option<(String, u8)> {
        let list = props.list.filter(|list| *list > 0)?;
        let level = props.list_level.unwrap_or(0);
        let sign = self.numbering.next(list, level)?;
        if matches!(named, Some(Named::Heading(_) | Named::Title)) {
            if !sign.is_empty() && sign != "•" {
                push_text(&mut self.inline, &format!("{sign} "), &Marks::default());
            }
            return None;
        }
        Some((sign, level.saturating_add(1)))
    }

    /// Whether the last thing that was put is a break: an empty paragraph behind it is its own.
    fn ends_with_break(&self) -> bool {
        matches!(self.flow.blocks.last(), Some(Block::Break(Break::Page | Break::Section)))
    }

    /// Finishes the paragraph at hand.
    pub(super) fn put(&mut self, mould: Mould) {
        let inline = std::mem::take(&mut self.inline);
        draft::emit(&mut self.flow.blocks, &mut self.flow.lost, &mut self.run, (mould, inline));
    }

    /// A page break in the middle of a paragraph.
    pub(super) fn page_break(&mut self) {
        if self.inside > 0 || self.cell.is_some() {
            return;
        }
        if visible(&self.inline) {
            self.put(Mould { named: self.style.named, ..Mould::default() });
        }
        self.flow.blocks.push(Block::Break(Break::Page));
    }

    /// The blocks of a note or a text box, apart from the text around it.
    pub(super) fn apart(&mut self, parent: &Element) -> Result<Vec<Block>, Refusal> {
        let blocks = std::mem::take(&mut self.flow.blocks);
        let inline = std::mem::take(&mut self.inline);
        let after = std::mem::take(&mut self.after);
        let fields = std::mem::take(&mut self.fields);
        let (cell, run) = (self.cell.take(), std::mem::take(&mut self.run));
        self.inside += 1;
        let result = self.blocks(parent);
        if !self.inline.is_empty() {
            self.put(Mould::default());
        }
        self.inside -= 1;
        (self.cell, self.run) = (cell, run);
        self.fields = fields;
        self.after = after;
        self.inline = inline;
        let apart = std::mem::replace(&mut self.flow.blocks, blocks);
        result.map(|()| apart)
    }

    /// A footnote or an endnote.
    pub(super) fn note(&mut self, kind: &'static str, id: &str) -> Result<(), Refusal> {
        let Some(note) = self.source.notes.remove(&(kind, id.to_owned())) else { return Ok(()) };
        let relations = self.source.note_relations.get(kind).cloned().unwrap_or_default();
        let relations = std::mem::replace(&mut self.source.relations, relations);
        let body = self.apart(&note);
        self.source.relations = relations;
        let mut body = body?;
        trim_start(&mut body);
        self.inline.push(Inline::Footnote(body));
        Ok(())
    }

    /// Whether text at hand is an instruction or a table of contents.
    pub(super) fn silent(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, None | Some(Field::Contents)))
    }

    /// The properties of a run, with what its styles say.
    pub(super) fn props(&self, run: &Element) -> RunProps {
        let direct = run.child("w:rPr").map(RunProps::of).unwrap_or_default();
        let below = match self.style.named {
            Some(_) => self.style.run.without_marks(),
            None => self.style.run.clone(),
        };
        let character = direct.style.as_deref().map(|id| self.styles.run(id)).unwrap_or_default();
        direct.over(&character.toggled_over(&below))
    }
}

/// Of several versions of the same, the first.
pub(super) fn alternative(element: &Element) -> Option<&Element> {
    element.child("mc:Choice").or_else(|| element.child("mc:Fallback"))
}

/// Rows stand in their table, or in what wraps them.
fn rows_in(element: &Element) -> Vec<&Element> {
    wrapped(element, "w:tr")
}

fn cells_in(element: &Element) -> Vec<&Element> {
    wrapped(element, "w:tc")
}

fn wrapped<'e>(element: &'e Element, name: &str) -> Vec<&'e Element> {
    match element.name.as_str() {
        found if found == name => vec![element],
        "w:sdt" | "w:sdtContent" | "w:customXml" | "w:ins" | "w:moveTo" => {
            element.elements().flat_map(|child| wrapped(child, name)).collect()
        }
        _ => Vec::new(),
    }
}

/// Takes the space between a note's number and its text.
fn trim_start(blocks: &mut [Block]) {
    let Some(Block::Paragraph(paragraph)) = blocks.first_mut() else { return };
    while let Some(Inline::Text { text, .. }) = paragraph.inline.first_mut() {
        let trimmed = text.trim_start();
        if !trimmed.is_empty() {
            *text = trimmed.to_owned();
            return;
        }
        paragraph.inline.remove(0);
    }
}
