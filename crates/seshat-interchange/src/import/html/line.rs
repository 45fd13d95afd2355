//! The paragraph that is being read: white space joined as browsers do it, readings put over their words.

use seshat_manuscript::Marks;

use crate::flow::{Inline, push_text, visible};

/// How white space is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spaces {
    /// Runs of it are one space, and none at the edges.
    Joined,
    /// As it is written.
    Kept,
}

/// A paragraph in the making.
#[derive(Default)]
pub(super) struct Line {
    inline: Vec<Inline>,
    /// The last character; [`None`] at the beginning and behind a line break.
    last: Option<char>,
    /// White space with a line end behind a character of a script without spaces: it is nothing if another follows.
    gap: bool,
    /// Whether white space at the edges was written to be kept.
    kept: bool,
    /// The words under the next reading.
    base: Option<Vec<Inline>>,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        let blank = |inline: &[Inline]| {
            !visible(inline) && !inline.iter().any(|part| matches!(part, Inline::Kept(_)))
        };
        blank(&self.inline) && self.base.as_ref().is_none_or(|base| blank(base))
    }

    fn target(&mut self) -> &mut Vec<Inline> {
        self.base.as_mut().unwrap_or(&mut self.inline)
    }

    /// Adds characters.
    pub(super) fn text(&mut self, text: &str, marks: &Marks, spaces: Spaces) {
        if spaces == Spaces::Kept {
            self.kept = true;
            self.last = text.chars().next_back().filter(|&c| c != '\n');
            push_text(self.target(), text, marks);
            return;
        }
        let mut run = String::with_capacity(text.len());
        let mut last = self.last;
        let mut gap = std::mem::take(&mut self.gap);
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                match last {
                    None | Some(' ') => {}
                    Some(before) if is_unspaced(before) && (c == '\n' || gap) => gap = true,
                    Some(_) if gap => {}
                    Some(_) => {
                        run.push(' ');
                        last = Some(' ');
                    }
                }
                continue;
            }
            if gap && !is_unspaced(c) {
                run.push(' ');
            }
            gap = false;
            run.push(c);
            last = Some(c);
        }
        self.last = last;
        self.gap = gap;
        push_text(self.target(), &run, marks);
    }

    /// Adds a line break.
    pub(super) fn line_break(&mut self) {
        self.trim_end();
        self.target().push(Inline::Break);
        self.last = None;
    }

    /// Adds something that is no text.
    pub(super) fn atom(&mut self, atom: Inline) {
        // An edge of a comment is nothing between two spaces.
        if !matches!(atom, Inline::CommentFrom(_) | Inline::CommentTo(_)) {
            self.last = Some('\u{fffc}');
        }
        self.target().push(atom);
    }

    /// From here on text may get a reading.
    pub(super) fn begin_base(&mut self) {
        self.end_base();
        self.base = Some(Vec::new());
    }

    /// The reading of what stands since [`Line::begin_base`] or the last reading.
    pub(super) fn reading(&mut self, reading: &str) {
        let Some(mut base) = self.base.take() else { return };
        let reading = reading.trim();
        for part in &mut base {
            if let (Inline::Text { marks, .. }, false) = (part, reading.is_empty()) {
                marks.ruby = Some(reading.to_owned());
            }
        }
        self.append(base);
        self.base = Some(Vec::new());
    }

    /// What stands since then has none.
    pub(super) fn end_base(&mut self) {
        if let Some(base) = self.base.take() {
            self.append(base);
        }
    }

    fn append(&mut self, parts: Vec<Inline>) {
        for part in parts {
            match part {
                Inline::Text { text, marks } => push_text(&mut self.inline, &text, &marks),
                other => self.inline.push(other),
            }
        }
    }

    fn trim_end(&mut self) {
        if let Some(Inline::Text { text, .. }) = self.target().last_mut()
            && text.ends_with(' ')
        {
            text.truncate(text.trim_end_matches(' ').len());
            if text.is_empty() {
                self.target().pop();
            }
        }
    }

    /// The finished paragraph.
    pub(super) fn take(&mut self) -> Vec<Inline> {
        self.end_base();
        let kept = std::mem::take(&mut self.kept);
        if !kept {
            self.trim_end();
        }
        while matches!(self.inline.last(), Some(Inline::Break)) {
            self.inline.pop();
            if !kept {
                self.trim_end();
            }
        }
        let begins = self.inline.iter().take_while(|part| matches!(part, Inline::Break)).count();
        self.inline.drain(..begins);
        self.last = None;
        self.gap = false;
        std::mem::take(&mut self.inline)
    }
}

/// Scripts that are written without spaces: a line end between two of their characters is none.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x303f | 0x3040..=0x31ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xff00..=0xffef
        | 0x20000..=0x3ffff | 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff)
}

#[cfg(test)]
mod tests {
    use super::{Line, Spaces};
    use crate::flow::Inline;
    use seshat_manuscript::Marks;

    fn read(parts: &[(&str, bool)]) -> String {
        let mut line = Line::default();
        for (text, slanted) in parts {
            let marks = Marks { emphasis: *slanted, ..Marks::default() };
            if *text == "<br>" {
                line.line_break();
            } else {
                line.text(text, &marks, Spaces::Joined);
            }
        }
        let part = |part: &Inline| match part {
            Inline::Text { text, marks } if marks.emphasis => format!("*{text}*"),
            Inline::Text { text, .. } => text.clone(),
            _ => "|".to_owned(),
        };
        line.take().iter().map(part).collect()
    }

    #[test]
    fn white_space_is_joined_as_browsers_do_it() {
        assert_eq!(read(&[("  a \n\t b ", false), (" c", true), (" \n", false)]), "a b *c*");
        assert_eq!(read(&[("a ", false), ("<br>", false), (" b", false), ("<br>", false)]), "a|b");
        assert_eq!(
            read(&[("先生\n  と", false), ("\n", false), ("呼ぶ\n", true), ("a", false)]),
            "先生と*呼ぶ* a"
        );
        assert_eq!(read(&[("先 生", false)]), "先 生");
        assert_eq!(read(&[("a\u{a0} \u{a0}b", false)]), "a\u{a0} \u{a0}b");
    }
}
