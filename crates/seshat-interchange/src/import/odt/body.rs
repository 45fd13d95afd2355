//! Paragraphs, lists, tables and what stands around them. Recursion follows the tree, whose depth is limited.

use std::collections::HashMap;

use super::lists::{ListStyle, Place};
use super::styles::{Resolved, Styles, TextProps};
use crate::flow::{Block, Break, Flow, Inline, Loss, Marks, push_text, visible};
use crate::import::draft::{self, Looks, Mould, Run};
use crate::import::guard::Archive;
use crate::import::refusal::Refusal;
use crate::import::style::Named;
use crate::import::tongue;
use crate::import::tree::Element;

/// Reads the text.
pub(super) struct Body<'a, 'b> {
    pub(super) archive: &'a mut Archive<'b>,
    pub(super) styles: Styles,
    pub(super) flow: Flow,
    /// How wide the text is, in millimetres, if the file says so.
    pub(super) column: Option<f64>,
    /// Images by the names of their parts.
    pub(super) pictures: HashMap<String, Option<usize>>,
    /// Comments by their names, and which of them have an end.
    pub(super) comments: HashMap<String, usize>,
    pub(super) ended: Vec<usize>,
    /// The paragraph at hand.
    pub(super) inline: Vec<Inline>,
    /// Whether white space at this place is one space already.
    pub(super) spaced: bool,
    /// What its text looks like.
    pub(super) text: TextProps,
    pub(super) named: Option<Named>,
    pub(super) link: Option<String>,
    /// Blocks that follow it: text boxes.
    pub(super) after: Vec<Block>,
    run: Run,
    list: Option<Place>,
    /// The last list of each style, for those that go on.
    lists: HashMap<String, Vec<u32>>,
    headings: Vec<u32>,
    cell: Option<(u32, u32)>,
    rows: u32,
    /// How many notes and text boxes are open around the text at hand.
    pub(super) inside: u32,
    pub(super) looks: Looks<(Option<String>, Option<String>, Option<String>)>,
    pub(super) was: [bool; 4],
}

impl<'a, 'b> Body<'a, 'b> {
    /// At the beginning of the text.
    pub(super) fn new(archive: &'a mut Archive<'b>, styles: Styles, flow: Flow) -> Self {
        Self {
            archive,
            styles,
            flow,
            column: None,
            pictures: HashMap::new(),
            comments: HashMap::new(),
            ended: Vec::new(),
            inline: Vec::new(),
            spaced: true,
            text: TextProps::default(),
            named: None,
            link: None,
            after: Vec::new(),
            run: Run::default(),
            list: None,
            lists: HashMap::new(),
            headings: Vec::new(),
            cell: None,
            rows: 0,
            inside: 0,
            looks: Looks::default(),
            was: [false; 4],
        }
    }

    /// The flow that was read.
    pub(super) fn finish(mut self) -> Flow {
        self.flow.lost.add_many(Loss::Looks, self.looks.changes());
        let ended = self.ended;
        // A comment whose end never came belongs to a point.
        tongue::each_run(&mut self.flow.blocks, &mut |inline| {
            for part in inline.iter_mut() {
                if let Inline::CommentFrom(comment) = part
                    && !ended.contains(comment)
                {
                    *part = Inline::CommentTo(*comment);
                }
            }
        });
        self.flow
    }

    /// A child of the text, of a section, a cell, a note or a text box.
    pub(super) fn block(&mut self, element: &Element) -> Result<(), Refusal> {
        match element.name.as_str() {
            "text:p" | "text:h" => self.paragraph(element),
            "text:list" => self.list(element),
            "text:section"
            | "text:numbered-paragraph"
            | "text:index-body"
            | "loext:content-control" => self.blocks(element),
            "table:table" => self.table(element),
            "text:table-of-content"
            | "text:alphabetical-index"
            | "text:illustration-index"
            | "text:table-index"
            | "text:object-index"
            | "text:user-index"
            | "text:bibliography" => {
                self.flow.lost.add(Loss::Contents);
                Ok(())
            }
            "text:tracked-changes" => {
                let changes = |kind| element.elements().filter(|e| e.child(kind).is_some()).count();
                self.flow.lost.add_many(Loss::TrackedDeletion, changes("text:deletion"));
                self.flow.lost.add_many(Loss::TrackedInsertion, changes("text:insertion"));
                Ok(())
            }
            name if name.starts_with("draw:") => {
                self.part(element)?;
                let after = std::mem::take(&mut self.after);
                self.flow.blocks.extend(after);
                if !self.inline.is_empty() {
                    self.put(Mould { cell: self.cell, ..Mould::default() });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn blocks(&mut self, parent: &Element) -> Result<(), Refusal> {
        parent.elements().try_for_each(|child| self.block(child))
    }

    fn paragraph(&mut self, element: &Element) -> Result<(), Refusal> {
        let style = self.styles.paragraph(element.get("text:style-name"));
        let level = match element.name.as_str() {
            "text:h" => {
                let level = element.get("text:outline-level").and_then(|level| level.parse().ok());
                Some(level.unwrap_or(1))
            }
            _ => None,
        };
        // LibreOffice writes titles as headings of a level where their style has one.
        let named = match (style.named, level) {
            (Some(Named::Title), _) => Some(Named::Title),
            (_, Some(level)) => Some(Named::Heading(level)),
            (named, None) => named.or(style.outline.filter(|l| *l > 0).map(Named::Heading)),
        };
        if style.break_before && self.inside == 0 && !self.flow.blocks.is_empty() {
            self.flow.blocks.push(Block::Break(Break::Page));
        }
        self.spaced = true;
        self.text = style.text.clone();
        self.named = named;
        let item = self.sign(named, element);
        self.parts(element)?;
        self.trim_end();
        let seen = visible(&self.inline);
        let after_break = matches!(self.flow.blocks.last(), Some(Block::Break(_)));
        let boxes_only = !self.after.is_empty();
        if seen || !(self.cell.is_some() || boxes_only || style.break_before && after_break) {
            let Resolved { align, indent, .. } = style;
            self.put(Mould { named, align, item, cell: self.cell, indent });
        } else {
            self.inline
                .retain(|part| matches!(part, Inline::CommentFrom(_) | Inline::CommentTo(_)));
        }
        let after = std::mem::take(&mut self.after);
        self.flow.blocks.extend(after);
        if style.break_after && self.inside == 0 {
            self.flow.blocks.push(Block::Break(Break::Page));
        }
        Ok(())
    }

    /// The sign of the entry, or the number of a heading, which belongs to its text.
    fn sign(&mut self, named: Option<Named>, element: &Element) -> Option<(String, u8)> {
        let in_list = self.list.as_mut().map(|place| {
            let fresh = std::mem::take(&mut place.fresh);
            (fresh, place.style.clone(), place.counters.clone())
        });
        let listed = in_list.map(|(fresh, name, counters)| {
            let sign =
                if fresh { self.style_of(name.as_deref()).sign(&counters) } else { String::new() };
            (sign, u8::try_from(counters.len()).unwrap_or(u8::MAX))
        });
        let Some(Named::Heading(level)) = named else {
            return listed;
        };
        let number = match listed {
            Some((sign, _)) => sign,
            None => self.heading_number(level, element),
        };
        if !number.is_empty() && number != "•" {
            push_text(&mut self.inline, &format!("{number} "), &Marks::default());
            self.spaced = true;
        }
        None
    }

    fn style_of(&self, name: Option<&str>) -> ListStyle {
        self.styles.list(name)
    }

    /// The number of a heading, where the document numbers them.
    fn heading_number(&mut self, level: u8, element: &Element) -> String {
        let at = usize::from(level).saturating_sub(1);
        if element.get("text:is-list-header") == Some("true") || at >= 10 {
            return String::new();
        }
        let outline = &self.styles.outline;
        self.headings.truncate(at + 1);
        while self.headings.len() < at {
            self.headings.push(outline.start(self.headings.len()));
        }
        match self.headings.get_mut(at) {
            Some(number) => *number = number.saturating_add(1),
            None => self.headings.push(outline.start(at)),
        }
        if outline.is_numbered(at) { outline.sign(&self.headings) } else { String::new() }
    }

    fn list(&mut self, element: &Element) -> Result<(), Refusal> {
        let outer = self.list.take();
        let mut place = match &outer {
            Some(outer) => outer.clone(),
            None => Place::default(),
        };
        let own = element.get("text:style-name").map(str::to_owned);
        place.style = own.or(place.style);
        let style = self.style_of(place.style.as_deref());
        let level = place.counters.len();
        let goes_on = element.get("text:continue-numbering") == Some("true")
            || element.get("text:continue-list").is_some();
        let key = place.style.clone().unwrap_or_default();
        let before = style.start(level).saturating_sub(1);
        let number = match self.lists.get(&key) {
            Some(counters) if goes_on && outer.is_none() => {
                counters.get(level).copied().unwrap_or(before)
            }
            _ => before,
        };
        place.counters.push(number);
        for item in element.elements() {
            place.fresh = item.name == "text:list-item";
            if let Some(number) = place.counters.last_mut() {
                let start = item.get("text:start-value").and_then(|start| start.parse().ok());
                *number = match start {
                    Some(start) => start,
                    None => number.saturating_add(u32::from(place.fresh)),
                };
            }
            self.list = Some(place.clone());
            self.blocks(item)?;
        }
        self.lists.insert(key, place.counters);
        self.list = outer;
        Ok(())
    }

    fn table(&mut self, table: &Element) -> Result<(), Refusal> {
        self.flow.lost.add(Loss::Table);
        let (outer, list) = (self.cell, self.list.take());
        for row in table.elements().flat_map(rows_in) {
            let number = self.rows;
            self.rows = self.rows.saturating_add(1);
            let mut column = 0_u32;
            for cell in row.elements() {
                if !matches!(cell.name.as_str(), "table:table-cell" | "table:covered-table-cell") {
                    continue;
                }
                self.cell = Some((number, column));
                self.blocks(cell)?;
                let repeated =
                    cell.get("table:number-columns-repeated").and_then(|n| n.parse().ok());
                column = column.saturating_add(repeated.unwrap_or(1));
            }
        }
        self.list = list;
        self.cell = outer.map(|(_, column)| (self.rows, column));
        self.rows = self.rows.saturating_add(u32::from(outer.is_some()));
        Ok(())
    }

    /// Finishes the paragraph at hand.
    fn put(&mut self, mould: Mould) {
        let inline = std::mem::take(&mut self.inline);
        draft::emit(&mut self.flow.blocks, &mut self.flow.lost, &mut self.run, (mould, inline));
    }

    /// White space at the end of a paragraph is none.
    fn trim_end(&mut self) {
        if !self.spaced {
            return;
        }
        if let Some(Inline::Text { text, .. }) = self.inline.last_mut()
            && text.ends_with(' ')
        {
            text.pop();
            if text.is_empty() {
                self.inline.pop();
            }
        }
    }

    /// The blocks of a note or a text box, apart from the text around it.
    pub(super) fn apart(&mut self, parent: &Element) -> Result<Vec<Block>, Refusal> {
        let blocks = std::mem::take(&mut self.flow.blocks);
        let inline = std::mem::take(&mut self.inline);
        let after = std::mem::take(&mut self.after);
        let (text, named, link) = (self.text.clone(), self.named, self.link.take());
        let (cell, run, list) = (self.cell.take(), std::mem::take(&mut self.run), self.list.take());
        let spaced = self.spaced;
        self.inside += 1;
        let result = self.blocks(parent);
        self.inside -= 1;
        self.spaced = spaced;
        (self.cell, self.run, self.list) = (cell, run, list);
        (self.text, self.named, self.link) = (text, named, link);
        self.after = after;
        self.inline = inline;
        let apart = std::mem::replace(&mut self.flow.blocks, blocks);
        result.map(|()| apart)
    }
}

/// Rows stand in their table, or in what wraps them.
fn rows_in(element: &Element) -> Vec<&Element> {
    match element.name.as_str() {
        "table:table-row" => vec![element],
        "table:table-header-rows" | "table:table-rows" | "table:table-row-group" => {
            element.elements().flat_map(rows_in).collect()
        }
        _ => Vec::new(),
    }
}
