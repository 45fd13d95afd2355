//! Scrivener's annotations and footnotes in the line: `{\Scrv_annot … \text=…\end_Scrv_annot}` and
//! `{\Scrv_fn=…\end_Scrv_fn}`, written as text. They may span paragraphs.

use crate::flow::{Block, Flow, Inline, Marks, Paragraph, Remark, push_text};

const ANNOTATION: &str = "{\\Scrv_annot";
const ANNOTATION_TEXT: &str = "\\text=";
const ANNOTATION_END: &str = "\\end_Scrv_annot";
const NOTE: &str = "{\\Scrv_fn=";
const NOTE_END: &str = "\\end_Scrv_fn";

/// Takes them out of a text.
pub(super) struct Annotations<'a> {
    flow: &'a mut Flow,
    inside: Inside,
}

enum Inside {
    Text,
    /// Before the annotation's text: colours.
    Colours(String),
    Annotation(String),
    Note(Vec<Vec<Inline>>),
}

impl<'a> Annotations<'a> {
    /// Comments go into `flow`.
    pub(super) fn new(flow: &'a mut Flow) -> Self {
        Self { flow, inside: Inside::Text }
    }

    /// The blocks with comments and notes in the places of the signs.
    pub(super) fn read(mut self, blocks: Vec<Block>) -> Vec<Block> {
        let found = blocks.iter().any(|block| match block {
            Block::Paragraph(paragraph) => paragraph.inline.iter().any(|part| match part {
                Inline::Text { text, .. } => text.contains("\\Scrv_"),
                _ => false,
            }),
            _ => false,
        });
        if !found {
            return blocks;
        }
        let mut out = Vec::with_capacity(blocks.len());
        let mut carried: Option<Paragraph> = None;
        for block in blocks {
            let Block::Paragraph(paragraph) = block else {
                out.push(block);
                continue;
            };
            let Paragraph { kind, align, inline } = paragraph;
            // An annotation over several paragraphs leaves one paragraph around it.
            let mut target =
                carried.take().unwrap_or(Paragraph { kind, align, inline: Vec::new() });
            inline.into_iter().for_each(|part| self.part(part, &mut target.inline));
            match &mut self.inside {
                Inside::Text => out.push(Block::Paragraph(target)),
                Inside::Colours(_) => carried = Some(target),
                Inside::Annotation(text) => {
                    text.push('\n');
                    carried = Some(target);
                }
                Inside::Note(paragraphs) => {
                    paragraphs.push(Vec::new());
                    carried = Some(target);
                }
            }
        }
        if let Some(mut last) = carried {
            // The sign that ends it is missing: its text is not lost for that.
            self.end(&mut last.inline);
            out.push(Block::Paragraph(last));
        }
        out
    }

    fn part(&mut self, part: Inline, out: &mut Vec<Inline>) {
        let Inline::Text { text, marks } = part else {
            match &mut self.inside {
                Inside::Note(paragraphs) => {
                    paragraphs.last_mut().into_iter().for_each(|last| last.push(part.clone()))
                }
                _ => out.push(part),
            }
            return;
        };
        let mut rest = text.as_str();
        while !rest.is_empty() {
            rest = self.text(rest, &marks, out);
        }
    }

    /// Reads up to the next sign, and returns what follows it.
    fn text<'t>(&mut self, text: &'t str, marks: &Marks, out: &mut Vec<Inline>) -> &'t str {
        match &mut self.inside {
            Inside::Text => {
                let signs = [(ANNOTATION, true), (NOTE, false)];
                let first = signs.iter().filter_map(|(s, a)| Some((text.find(s)?, s, *a))).min();
                let Some((at, sign, annotation)) = first else {
                    push_text(out, text, marks);
                    return "";
                };
                let (before, rest) = text.split_at(at);
                push_text(out, before, marks);
                self.inside = if annotation {
                    Inside::Colours(String::new())
                } else {
                    Inside::Note(vec![Vec::new()])
                };
                rest.strip_prefix(sign).unwrap_or_default()
            }
            Inside::Colours(seen) => {
                seen.push_str(text);
                let Some((_, after)) = seen.split_once(ANNOTATION_TEXT) else { return "" };
                let length = after.len();
                self.inside = Inside::Annotation(String::new());
                text.get(text.len().saturating_sub(length)..).unwrap_or_default()
            }
            Inside::Annotation(held) => match text.split_once(ANNOTATION_END) {
                None => {
                    held.push_str(text);
                    ""
                }
                Some((last, rest)) => {
                    held.push_str(last);
                    self.end(out);
                    rest.strip_prefix('}').unwrap_or(rest)
                }
            },
            Inside::Note(paragraphs) => {
                let (text, rest) = match text.split_once(NOTE_END) {
                    None => (text, None),
                    Some((last, rest)) => (last, Some(rest)),
                };
                if let Some(last) = paragraphs.last_mut() {
                    push_text(last, text, marks);
                }
                let Some(rest) = rest else { return "" };
                self.end(out);
                rest.strip_prefix('}').unwrap_or(rest)
            }
        }
    }

    fn end(&mut self, out: &mut Vec<Inline>) {
        match std::mem::replace(&mut self.inside, Inside::Text) {
            Inside::Text | Inside::Colours(_) => {}
            Inside::Annotation(text) => {
                let comment = self.flow.comments.len();
                let text = text.trim().to_owned();
                self.flow.comments.push(Remark { text, ..Remark::default() });
                out.push(Inline::CommentTo(comment));
            }
            Inside::Note(paragraphs) => {
                let body = paragraphs
                    .into_iter()
                    .map(|inline| Block::Paragraph(Paragraph { inline, ..Paragraph::default() }));
                out.push(Inline::Footnote(body.collect()));
            }
        }
    }
}
