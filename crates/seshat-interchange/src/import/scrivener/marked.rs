//! What Scrivener adds to RTF: comments and footnotes in a file beside the text, styles as signs in the text.

use std::collections::HashMap;

use super::binder::text;
use super::inline::Annotations;
use crate::flow::{Block, Flow, Inline, Kind, Loss, Paragraph, Remark, visible};
use crate::import::draft::{self, Mould, Run};
use crate::import::refusal::Refusal;
use crate::import::style::Named;
use crate::import::tree;

/// What the signs of one text refer to.
#[derive(Default)]
pub(super) struct Marked {
    /// By the ids in its links.
    pub(super) comments: HashMap<String, Comment>,
    /// What its styles mean, by number.
    pub(super) styles: Vec<Option<Named>>,
}

/// A comment or a footnote.
pub(super) struct Comment {
    is_note: bool,
    body: Flow,
}

/// The addresses by which a text names its comments.
const COMMENT: &str = "scrivcmt://";

/// Reads a file of comments.
pub(super) fn comments(bytes: &[u8]) -> Result<HashMap<String, Comment>, Refusal> {
    let root = tree::whole(&tree::decode(bytes)?, &[])?;
    let mut comments = HashMap::new();
    for entry in root.all("Comment") {
        let Some(id) = entry.get("ID") else { continue };
        let is_note = entry.get("Footnote") == Some("Yes");
        let body = text(entry.text().trim().as_bytes())?;
        comments.insert(id.to_owned(), Comment { is_note, body });
    }
    Ok(comments)
}

/// Appends a text to `flow`.
pub(super) fn append(flow: &mut Flow, mut read: Flow, marked: &Marked) {
    flow.lost.merge(&read.lost);
    flow.notes.append(&mut read.notes);
    let images: Vec<usize> =
        std::mem::take(&mut read.images).into_iter().map(|picture| flow.picture(picture)).collect();
    let first = flow.comments.len();
    flow.comments.append(&mut read.comments);
    crate::import::tongue::each_run(&mut read.blocks, &mut |inline| {
        for part in inline.iter_mut() {
            match part {
                Inline::Image { image, .. } => *image = images.get(*image).copied().unwrap_or(0),
                Inline::CommentFrom(comment) | Inline::CommentTo(comment) => *comment += first,
                _ => {}
            }
        }
    });
    let mut reader = Signs {
        flow,
        marked,
        style: None,
        level: None,
        named: HashMap::new(),
        run: Run::default(),
    };
    let blocks = Annotations::new(reader.flow).read(read.blocks);
    for block in blocks {
        reader.block(block);
    }
    reader.trim_end();
}

struct Signs<'a> {
    flow: &'a mut Flow,
    marked: &'a Marked,
    /// The style that is open.
    style: Option<Named>,
    /// The heading's level that is open.
    level: Option<u8>,
    /// Comments that were met, by id.
    named: HashMap<String, usize>,
    run: Run,
}

impl Signs<'_> {
    fn block(&mut self, block: Block) {
        let (paragraph, heading) = match block {
            Block::Paragraph(paragraph) => (paragraph, None),
            Block::Heading { level, inline } => {
                (Paragraph { inline, ..Paragraph::default() }, Some(Named::Heading(level)))
            }
            other => return self.flow.blocks.push(other),
        };
        let Paragraph { kind, align, inline } = paragraph;
        let open = self.open();
        let mut opened = None;
        let inline = self.inline(inline, &mut opened);
        let named = heading.or(opened).or(open);
        if kind != Kind::Normal || named.is_none() {
            let paragraph = Paragraph { kind, align, inline };
            return self.flow.blocks.push(match heading {
                Some(Named::Heading(level)) => Block::Heading { level, inline: paragraph.inline },
                _ => Block::Paragraph(paragraph),
            });
        }
        let mould = Mould { named, align, ..Mould::default() };
        draft::emit(&mut self.flow.blocks, &mut self.flow.lost, &mut self.run, (mould, inline));
    }

    fn open(&self) -> Option<Named> {
        self.level.map(Named::Heading).or(self.style)
    }

    /// Takes signs out of text, and puts comments and notes where links named them.
    fn inline(&mut self, inline: Vec<Inline>, opened: &mut Option<Named>) -> Vec<Inline> {
        let mut out: Vec<Inline> = Vec::with_capacity(inline.len());
        let mut at: Option<String> = None;
        for part in inline {
            let Inline::Text { text, mut marks } = part else {
                self.end_comment(&mut at, None, &mut out);
                out.push(part);
                continue;
            };
            let text = self.without_signs(&text, opened);
            let link = marks.link.take_if(|link| link.starts_with("scriv"));
            let id = link.as_deref().and_then(|link| link.strip_prefix(COMMENT)).map(str::to_owned);
            if link.is_some() && id.is_none() {
                self.flow.lost.add(Loss::InnerLink);
            }
            self.end_comment(&mut at, id.as_deref(), &mut out);
            if at.is_none()
                && let Some(id) = id
            {
                self.begin_comment(&id, &mut out);
                at = Some(id);
            }
            if !text.is_empty() {
                crate::flow::push_text(&mut out, &text, &marks);
            }
        }
        self.end_comment(&mut at, None, &mut out);
        out
    }

    fn begin_comment(&mut self, id: &str, out: &mut Vec<Inline>) {
        let Some(comment) = self.marked.comments.get(id) else { return };
        if comment.is_note || self.named.contains_key(id) {
            return;
        }
        let position = self.flow.comments.len();
        let remark = Remark { text: lines(&comment.body), ..Remark::default() };
        self.flow.comments.push(remark);
        self.named.insert(id.to_owned(), position);
        out.push(Inline::CommentFrom(position));
    }

    /// Ends the comment at hand unless the next text belongs to it too.
    fn end_comment(&mut self, at: &mut Option<String>, next: Option<&str>, out: &mut Vec<Inline>) {
        if at.is_none() || at.as_deref() == next {
            return;
        }
        let Some(id) = at.take() else { return };
        match self.marked.comments.get(&id) {
            Some(comment) if comment.is_note => {
                // Images and comments in notes would point into another flow.
                out.push(Inline::Footnote(text_only(&comment.body)));
            }
            Some(_) => out.extend(self.named.get(&id).map(|at| Inline::CommentTo(*at))),
            None => self.flow.lost.add(Loss::InnerLink),
        }
    }

    /// Text without `<$Scr_Ps::0>` and its like.
    fn without_signs(&mut self, text: &str, opened: &mut Option<Named>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            let (before, sign) = rest.split_at(at);
            out.push_str(before);
            let body = sign.strip_prefix("<$Scr").or_else(|| sign.strip_prefix("<!$Scr"));
            match body.and_then(|body| body.split_once('>')) {
                Some((name, after)) if name.len() < 40 && !name.contains('<') => {
                    self.sign(name, sign.starts_with("<!"), opened);
                    rest = after;
                }
                _ => {
                    out.push('<');
                    rest = sign.strip_prefix('<').unwrap_or_default();
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn sign(&mut self, name: &str, ends: bool, opened: &mut Option<Named>) {
        let Some((kind, number)) = name.trim_start_matches('_').split_once("::") else { return };
        let Ok(number) = number.parse::<usize>() else { return };
        match (kind, ends) {
            ("Ps", false) => self.style = self.marked.styles.get(number).copied().flatten(),
            ("Ps", true) => self.style = None,
            ("H", false) => self.level = u8::try_from(number).ok().filter(|level| *level > 0),
            ("H", true) => self.level = None,
            _ => return,
        }
        if !ends {
            *opened = opened.or(self.open());
        }
    }

    /// Empty lines at a text's end are none of the novel's.
    fn trim_end(&mut self) {
        while let Some(Block::Paragraph(paragraph)) = self.flow.blocks.last() {
            if visible(&paragraph.inline)
                || paragraph
                    .inline
                    .iter()
                    .any(|p| !matches!(p, Inline::Text { .. } | Inline::Break))
            {
                break;
            }
            self.flow.blocks.pop();
        }
    }
}

/// The paragraphs of a note with nothing but text.
fn text_only(body: &Flow) -> Vec<Block> {
    let keep = |inline: &[Inline]| -> Vec<Inline> {
        inline
            .iter()
            .filter(|p| matches!(p, Inline::Text { .. } | Inline::Break))
            .cloned()
            .collect()
    };
    body.blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading { inline, .. } => Some((Kind::Normal, None, keep(inline))),
            Block::Paragraph(p) => Some((p.kind.clone(), p.align, keep(&p.inline))),
            Block::Break(_) | Block::Item(_) => None,
        })
        .map(|(kind, align, inline)| Block::Paragraph(Paragraph { kind, align, inline }))
        .collect()
}

/// The text of a comment.
fn lines(body: &Flow) -> String {
    let line = |block: &Block| {
        let inline = match block {
            Block::Heading { inline, .. } => inline,
            Block::Paragraph(paragraph) => &paragraph.inline,
            Block::Break(_) | Block::Item(_) => return String::new(),
        };
        inline.iter().fold(String::new(), |line, part| match part {
            Inline::Text { text, .. } => line + text,
            _ => line,
        })
    };
    body.blocks.iter().map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}
