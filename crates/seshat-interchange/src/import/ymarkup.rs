//! The signs in yWriter's texts: `[i]…[/i]`, `/* comment */`, `> quotation`.

use super::tongue;
use crate::flow::{
    Align, Block, Flow, Inline, Kind, Loss, Marks, Paragraph, Remark, push_text, visible,
};

/// Reads the text of scenes into a flow.
pub(super) struct Markup<'a> {
    flow: &'a mut Flow,
    marks: Marks,
    /// The language outside of the one that is open, outermost first.
    languages: Vec<Option<String>>,
    align: Option<Align>,
    /// That of the line at hand, whose closing sign comes before its end.
    line_align: Option<Align>,
    heading: Option<u8>,
    /// A heading ended on this line, whose end is no paragraph then.
    headed: bool,
    inline: Vec<Inline>,
}

impl<'a> Markup<'a> {
    /// At the beginning of a scene.
    pub(super) fn new(flow: &'a mut Flow) -> Self {
        Self {
            flow,
            marks: Marks::default(),
            languages: Vec::new(),
            align: None,
            line_align: None,
            heading: None,
            headed: false,
            inline: Vec::new(),
        }
    }

    /// Reads a whole scene: every line is a paragraph.
    pub(super) fn read(mut self, text: &str) {
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let mut rest = text;
        let mut begins = true;
        let mut quoted = false;
        while !rest.is_empty() {
            if std::mem::take(&mut begins)
                && let Some(after) = rest.strip_prefix("> ")
            {
                quoted = true;
                rest = after;
                continue;
            }
            let stop = rest.find(['[', '/', '<', '\n']).unwrap_or(rest.len());
            let (plain, after) = rest.split_at(stop);
            push_text(&mut self.inline, plain.trim_end_matches('\r'), &self.marks);
            rest = match after.chars().next() {
                None => "",
                Some('\n') => {
                    self.paragraph(std::mem::take(&mut quoted));
                    begins = true;
                    after.split_at(1).1
                }
                Some(_) => self.sign(after),
            };
        }
        self.paragraph(quoted);
    }

    fn paragraph(&mut self, quoted: bool) {
        let inline = std::mem::take(&mut self.inline);
        let kind = if quoted { Kind::Quote } else { Kind::Normal };
        let line_align = self.line_align.take();
        if std::mem::take(&mut self.headed) && !visible(&inline) {
            return;
        }
        let align = self.align.or(line_align);
        self.flow.blocks.push(match self.heading {
            Some(level) => Block::Heading { level, inline },
            None => Block::Paragraph(Paragraph { kind, align, inline }),
        });
    }

    /// At `[`, `/` or `<`: what it means, and what follows it.
    fn sign<'t>(&mut self, text: &'t str) -> &'t str {
        if let Some(inside) = text.strip_prefix("/*")
            && let Some((comment, rest)) = inside.split_once("*/")
        {
            self.comment(comment.trim());
            return rest;
        }
        // Raw code for one kind of export.
        for (open, close) in [("<HTM ", "/HTM>"), ("<TEX ", "/TEX>"), ("<RTF ", "/RTF>")] {
            if let Some(inside) = text.strip_prefix(open)
                && let Some((_, rest)) = inside.split_once(close)
            {
                self.flow.lost.add(Loss::Script);
                return rest;
            }
        }
        if let Some(inside) = text.strip_prefix('[')
            && let Some((code, rest)) = inside.split_once(']')
            && self.code(code)
        {
            return rest;
        }
        let (sign, rest) = text.split_at(1);
        push_text(&mut self.inline, sign, &self.marks);
        rest
    }

    /// Whether `code` is one of yWriter's, and what it does.
    fn code(&mut self, code: &str) -> bool {
        let (on, name) = match code.strip_prefix('/') {
            Some(name) => (false, name),
            None => (true, code),
        };
        match name.to_ascii_lowercase().as_str() {
            "i" => self.marks.emphasis = on,
            "b" => self.marks.strong = on,
            "u" => self.marks.underline = on,
            "s" => self.marks.strike = on,
            "c" => self.aligned(on, Align::Center),
            "r" => self.aligned(on, Align::Right),
            "h1" | "h2" | "h3" => {
                let level = name.get(1..).and_then(|level| level.parse().ok());
                // The closing sign comes before the line's end.
                if on {
                    self.heading = level;
                } else if self.heading.take().is_some() {
                    let inline = std::mem::take(&mut self.inline);
                    self.headed = true;
                    self.flow.blocks.push(Block::Heading { level: level.unwrap_or(3), inline });
                }
            }
            name => match name.strip_prefix("lang=") {
                Some(tag) if on => {
                    self.languages.push(self.marks.language.take());
                    self.marks.language = tongue::clean(tag);
                }
                Some(_) => self.marks.language = self.languages.pop().flatten(),
                None => return false,
            },
        }
        true
    }

    fn aligned(&mut self, on: bool, align: Align) {
        self.align = on.then_some(align);
        if on {
            self.line_align = self.align;
        }
    }

    /// A comment; `@fn*` and `@en*` before its text make it a note.
    fn comment(&mut self, text: &str) {
        for sign in ["@fn*", "@en*", "@fn", "@en"] {
            if let Some(note) = text.strip_prefix(sign) {
                let body = vec![Block::Paragraph(Paragraph::plain(note.trim()))];
                self.inline.push(Inline::Footnote(body));
                return;
            }
        }
        let comment = self.flow.comments.len();
        self.flow.comments.push(Remark { text: text.to_owned(), ..Remark::default() });
        self.inline.push(Inline::CommentTo(comment));
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;
    use crate::flow::{Align, Block, Flow, Inline, Kind};

    fn read(text: &str) -> Flow {
        let mut flow = Flow::default();
        Markup::new(&mut flow).read(text);
        flow
    }

    #[test]
    fn signs_become_marks_notes_and_comments_and_other_brackets_stay() {
        let flow = read(
            "a [i]b[/i] [sic] 1/2 <x>\n> quoted\n[c]* * *[/c]\nd/* why? */e/*@fn* note */\n[lang=fr-FR]oui[/lang=fr-FR]\n",
        );
        let Some(Block::Paragraph(first)) = flow.blocks.first() else { panic!() };
        let text: String = first
            .inline
            .iter()
            .map(|part| match part {
                Inline::Text { text, marks } if marks.emphasis => format!("*{text}*"),
                Inline::Text { text, .. } => text.clone(),
                _ => panic!(),
            })
            .collect();
        assert_eq!(text, "a *b* [sic] 1/2 <x>");
        let kinds: Vec<_> = flow
            .blocks
            .iter()
            .map(|block| match block {
                Block::Paragraph(paragraph) => (paragraph.kind.clone(), paragraph.align),
                _ => panic!(),
            })
            .collect();
        assert_eq!(kinds[1], (Kind::Quote, None));
        assert_eq!(flow.comments[0].text, "why?");
        let Some(Block::Paragraph(noted)) = flow.blocks.get(3) else { panic!() };
        assert!(matches!(noted.inline.last(), Some(Inline::Footnote(_))));
        assert_eq!(kinds.len(), 5, "the last line end begins no paragraph");
        // A line that a closing sign ends is still centred.
        assert_eq!(kinds[2].1, Some(Align::Center));
    }
}
