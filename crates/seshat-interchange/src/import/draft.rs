//! What the readers of word processors' files share: a paragraph with what is known of it becomes a block, and a
//! finished flow is rid of what the program says about every paragraph.

use std::collections::BTreeMap;

use super::refusal::Refusal;
use super::style::Named;
use super::tongue;
use crate::flow::{Align, Block, Flow, Inline, Kind, Loss, Lost, Marks, Paragraph, visible};

/// What is known of a paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Mould {
    /// What its style's name or its outline level says.
    pub(super) named: Option<Named>,
    /// Its alignment, where it is not the beginning of the line.
    pub(super) align: Option<Align>,
    /// The sign before it and how deep its list is.
    pub(super) item: Option<(String, u8)>,
    /// The row and column of its cell.
    pub(super) cell: Option<(u32, u32)>,
    /// How it is indented.
    pub(super) indent: Indent,
}

/// The alignment that an author asked for: what stands at the paragraph, unless its style says the same, else that
/// of a style without a meaning of its own. A quotation is justified because quotations are.
pub(super) fn wanted(
    own: Option<Align>,
    of_style: Option<Align>,
    named: Option<Named>,
) -> Option<Align> {
    match (own, named) {
        (Some(own), Some(_)) if Some(own) == of_style => None,
        (Some(own), _) => Some(own),
        (None, Some(_)) => None,
        (None, None) => of_style,
    }
}

/// How a paragraph is indented as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Indent {
    /// Not, or only in its first line.
    #[default]
    None,
    /// On one side.
    One,
    /// On both, as quotations are.
    Both,
}

impl Indent {
    /// Of two widths in any unit, where less than `least` is none.
    pub(super) fn of(start: i32, end: i32, least: i32) -> Self {
        match (start >= least, end >= least) {
            (true, true) => Self::Both,
            (false, false) => Self::None,
            _ => Self::One,
        }
    }
}

/// What the last paragraph was part of, so that a list of ten entries counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Run {
    /// Of nothing.
    #[default]
    None,
    /// Of a list.
    List,
    /// Of a table of contents.
    Contents,
}

/// Puts a paragraph into `blocks`. Tables are counted by whoever reads them.
pub(super) fn emit(
    blocks: &mut Vec<Block>,
    lost: &mut Lost,
    run: &mut Run,
    (mould, mut inline): (Mould, Vec<Inline>),
) {
    let before = std::mem::take(run);
    if mould.named == Some(Named::Contents) {
        *run = Run::Contents;
        if before != Run::Contents {
            lost.add(Loss::Contents);
        }
        return;
    }
    if let Some(Named::Heading(level)) = mould.named
        && mould.cell.is_none()
        && visible(&inline)
    {
        plain_look(&mut inline);
        trim_breaks(&mut inline);
        blocks.push(Block::Heading { level, inline });
        return;
    }
    let kind = match (mould.cell, mould.item, mould.named) {
        (Some((row, column)), ..) => Kind::Cell { row, column },
        (None, Some((label, depth)), _) => {
            *run = Run::List;
            if before != Run::List {
                lost.add(Loss::List);
            }
            Kind::Item { label, depth }
        }
        (None, None, Some(Named::Title)) if visible(&inline) => Kind::Title,
        (None, None, Some(Named::Subtitle)) if visible(&inline) => Kind::Subtitle,
        (None, None, Some(Named::Quote)) => Kind::Quote,
        (None, None, Some(Named::Verse)) => Kind::Verse,
        (None, None, Some(Named::Letter)) => Kind::Letter,
        (None, None, Some(Named::Ornament)) => Kind::Ornament,
        (None, None, Some(Named::InnerBreak)) => {
            usual_break(&mut inline);
            Kind::InnerBreak
        }
        (None, None, Some(Named::Code)) => Kind::Code,
        (None, None, _) => match mould.indent {
            Indent::Both => Kind::Quote,
            Indent::One => {
                lost.add(Loss::Indents);
                Kind::Normal
            }
            Indent::None => Kind::Normal,
        },
    };
    if matches!(kind, Kind::Title | Kind::Subtitle) {
        plain_look(&mut inline);
    }
    blocks.push(Block::Paragraph(Paragraph { kind, align: mould.align, inline }));
}

/// An ornament that an export put there stands for none of the author's.
fn usual_break(inline: &mut Vec<Inline>) {
    if let [Inline::Text { text, .. }] = inline.as_slice()
        && matches!(text.trim(), "* * *" | "***" | "#")
    {
        inline.clear();
    }
}

/// A line break at the end of a heading, or at its beginning, only made room on the page.
fn trim_breaks(inline: &mut Vec<Inline>) {
    while inline.last() == Some(&Inline::Break) {
        inline.pop();
    }
    let first = inline.iter().position(|part| *part != Inline::Break).unwrap_or(0);
    inline.drain(..first);
}

/// Takes from a heading the marks that all of it has: they are its style's look and no emphasis.
fn plain_look(inline: &mut [Inline]) {
    let common = inline.iter().filter_map(marks_of).fold(None, |common: Option<Marks>, marks| {
        Some(match common {
            None => marks.clone(),
            Some(common) => Marks {
                emphasis: common.emphasis && marks.emphasis,
                strong: common.strong && marks.strong,
                underline: common.underline && marks.underline,
                smallcaps: common.smallcaps && marks.smallcaps,
                ..Marks::default()
            },
        })
    });
    let Some(common) = common else { return };
    for part in inline {
        if let Inline::Text { marks, .. } = part {
            marks.emphasis &= !common.emphasis;
            marks.strong &= !common.strong;
            marks.underline &= !common.underline;
            marks.smallcaps &= !common.smallcaps;
        }
    }
}

fn marks_of(part: &Inline) -> Option<&Marks> {
    match part {
        Inline::Text { text, marks } if !text.trim().is_empty() => Some(marks),
        _ => None,
    }
}

/// Font, size and colour of text: what most of it has is the document's look, the rest is counted as lost.
#[derive(Debug, Default)]
pub(super) struct Looks<L> {
    seen: BTreeMap<L, (usize, usize)>,
    last: Option<L>,
}

impl<L: Ord + Clone> Looks<L> {
    /// Text of `bytes` bytes looks like this.
    pub(super) fn note(&mut self, look: L, bytes: usize) {
        let change = self.last.as_ref() != Some(&look);
        let (runs, size) = self.seen.entry(look.clone()).or_default();
        *runs += usize::from(change);
        *size += bytes;
        self.last = Some(look);
    }

    /// How often the look changed away from the usual one.
    pub(super) fn changes(&self) -> usize {
        let usual = self.seen.iter().max_by_key(|(_, (_, size))| *size).map(|(look, _)| look);
        self.seen.iter().filter(|(look, _)| Some(*look) != usual).map(|(_, (runs, _))| runs).sum()
    }
}

/// The last work on a flow: one language, the alignment that only some paragraphs have, no tail of empty lines.
///
/// # Errors
/// [`Refusal::NoText`], where there is nothing to read or to look at.
pub(super) fn settle(flow: &mut Flow) -> Result<(), Refusal> {
    tongue::settle(flow);
    settle_alignment(flow);
    while flow.blocks.last().is_some_and(is_nothing) {
        flow.blocks.pop();
    }
    let something = flow.blocks.iter().any(|block| match block {
        Block::Heading { .. } | Block::Item(_) => true,
        Block::Paragraph(paragraph) => visible(&paragraph.inline),
        Block::Break(_) => false,
    });
    if something { Ok(()) } else { Err(Refusal::NoText) }
}

fn is_nothing(block: &Block) -> bool {
    match block {
        Block::Paragraph(Paragraph { inline, .. }) => {
            let comment =
                |part: &Inline| matches!(part, Inline::CommentFrom(_) | Inline::CommentTo(_));
            !visible(inline) && !inline.iter().any(comment)
        }
        Block::Break(_) => true,
        _ => false,
    }
}

/// Where most prose is justified, that is the document's style and says nothing about a paragraph.
fn settle_alignment(flow: &mut Flow) {
    let prose = || {
        flow.blocks.iter().filter_map(|block| match block {
            Block::Paragraph(p) if p.kind == Kind::Normal && visible(&p.inline) => Some(p.align),
            _ => None,
        })
    };
    let justified = prose().filter(|align| *align == Some(Align::Justify)).count();
    if justified * 2 <= prose().count() {
        return;
    }
    for block in &mut flow.blocks {
        if let Block::Paragraph(paragraph) = block
            && paragraph.align == Some(Align::Justify)
        {
            paragraph.align = None;
        }
    }
}

/// The address of a link that is kept: one of the web or of mail.
///
/// # Errors
/// What is lost instead.
pub(super) fn address(url: &str) -> Result<String, Loss> {
    let url = url.trim();
    let lower = url.to_ascii_lowercase();
    if ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
        return Ok(url.to_owned());
    }
    Err(if url.starts_with('#') || url.is_empty() { Loss::InnerLink } else { Loss::Link })
}

/// What the instruction of a field says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    /// A link to an address; empty for a place in the document.
    Link(String),
    /// A table of contents or an index.
    Contents,
    /// A form.
    Form,
    /// Anything else: its result is text.
    Other,
}

impl Field {
    /// Reads an instruction such as `HYPERLINK "https://example.org" \o "tip"`.
    pub(super) fn of(instruction: &str) -> Self {
        let instruction = instruction.trim();
        let (word, rest) = instruction.split_once(char::is_whitespace).unwrap_or((instruction, ""));
        match word.to_ascii_uppercase().as_str() {
            "HYPERLINK" => Self::Link(target(rest)),
            "TOC" | "INDEX" | "TOA" => Self::Contents,
            "FORMTEXT" | "FORMCHECKBOX" | "FORMDROPDOWN" => Self::Form,
            _ => Self::Other,
        }
    }
}

/// The address behind the word HYPERLINK: the first argument that belongs to no switch.
fn target(rest: &str) -> String {
    let mut rest = rest.trim_start();
    let mut of_switch = false;
    while !rest.is_empty() {
        let (argument, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        let is_switch = rest.starts_with('\\');
        if !is_switch && !of_switch {
            return argument.to_owned();
        }
        of_switch = is_switch && !matches!(argument, "\\n" | "\\m" | "\\h");
        rest = after.trim_start();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::{Field, Looks, Mould, Run, address, emit, settle};
    use crate::flow::{Align, Block, Flow, Kind, Loss, Lost, Marks, push_text};
    use crate::import::style::Named;

    #[test]
    fn a_fields_instruction_says_where_it_leads() {
        let link = |url: &str| Field::Link(url.to_owned());
        assert_eq!(Field::of(r#" HYPERLINK "https://a.b/c d" \o "tip" "#), link("https://a.b/c d"));
        assert_eq!(Field::of(r#"HYPERLINK \l "place""#), link(""));
        assert_eq!(Field::of(r#"HYPERLINK \n http://a.b"#), link("http://a.b"));
        assert_eq!(Field::of(r#"hyperlink "open"#), link("open"));
        assert_eq!(Field::of(r#"TOC \o "1-3""#), Field::Contents);
        assert_eq!(Field::of(""), Field::Other);
    }

    #[test]
    fn only_addresses_of_the_web_and_of_mail_are_links() {
        assert_eq!(address(" HTTPS://a.b "), Ok("HTTPS://a.b".to_owned()));
        assert_eq!(address("javascript:alert(1)"), Err(Loss::Link));
        assert_eq!(address("file:///etc/passwd"), Err(Loss::Link));
        assert_eq!(address("#place"), Err(Loss::InnerLink));
    }

    #[test]
    fn a_list_counts_once_and_a_heading_loses_its_styles_look() {
        let (mut blocks, mut lost, mut run) = (Vec::new(), Lost::default(), Run::default());
        for label in ["1.", "2."] {
            let mould = Mould { item: Some((label.into(), 1)), ..Mould::default() };
            emit(&mut blocks, &mut lost, &mut run, (mould, Vec::new()));
        }
        assert_eq!(lost.count(Loss::List), 1);
        let mut inline = Vec::new();
        let bold = Marks { strong: true, ..Marks::default() };
        push_text(&mut inline, "One ", &bold);
        push_text(&mut inline, "Two", &Marks { emphasis: true, ..bold });
        let mould = Mould { named: Some(Named::Heading(2)), ..Mould::default() };
        emit(&mut blocks, &mut lost, &mut run, (mould, inline));
        let mut plain = Vec::new();
        push_text(&mut plain, "One ", &Marks::default());
        push_text(&mut plain, "Two", &Marks { emphasis: true, ..Marks::default() });
        assert_eq!(blocks.last(), Some(&Block::Heading { level: 2, inline: plain }));
    }

    #[test]
    fn justified_prose_is_a_style_and_a_centred_line_is_an_authors_wish() {
        let mut flow = Flow::default();
        for align in [Align::Justify, Align::Justify, Align::Center] {
            let mut inline = Vec::new();
            push_text(&mut inline, "x", &Marks::default());
            flow.paragraph(Kind::Normal, Some(align), inline);
        }
        flow.paragraph(Kind::Normal, Some(Align::Justify), Vec::new());
        settle(&mut flow).unwrap();
        let aligns: Vec<_> = flow
            .blocks
            .iter()
            .map(|block| match block {
                Block::Paragraph(paragraph) => paragraph.align,
                _ => panic!("only paragraphs were put in"),
            })
            .collect();
        assert_eq!(
            aligns,
            [None, None, Some(Align::Center)],
            "and the empty line at the end is gone"
        );
    }

    #[test]
    fn looks_are_counted_where_they_leave_the_usual_one() {
        let mut looks = Looks::default();
        for (look, bytes) in [("a", 50), ("b", 2), ("a", 50), ("b", 2), ("b", 2), ("c", 1)] {
            looks.note(look, bytes);
        }
        assert_eq!(looks.changes(), 3);
    }
}
