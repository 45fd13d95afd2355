//! Destinations: what begins with a group, and what becomes of it at its end.

use super::reader::{Links, Reader};
use super::sink::Sink;
use super::state::{Dest, Held, Layout};
use crate::flow::{Block, Inline, Loss, Remark};
use crate::import::draft::{self, Field};
use crate::import::guard;

impl Reader {
    /// Text that is held from here on.
    pub(super) fn hold(&mut self, held: Held) {
        self.held.push(String::new());
        self.begin(Dest::Held(held));
    }

    /// The rest of the group goes to `dest`.
    pub(super) fn begin(&mut self, dest: Dest) {
        // A group begins one destination; files that name a second one would leave the first open.
        if let Some(before) = self.state.begun.take() {
            self.end(before);
        }
        match dest {
            Dest::Note | Dest::Comment | Dest::TextBox => {
                self.sinks.push(Sink::default());
                self.state.look = self.state.look.plain(self.default_font, self.default_language);
                self.state.layout = Layout::default();
                if dest == Dest::Comment {
                    self.comment.push((None, String::new()));
                }
                self.used();
            }
            Dest::Field => self.fields.push(Field::Other),
            Dest::Picture => {
                self.picture.clear();
                self.digit = None;
                self.used();
            }
            Dest::Shape => self.shape_used.push(false),
            _ => {}
        }
        self.state.begun = Some(dest);
        // A field's own text is that of the place where it stands.
        if dest != Dest::Field {
            self.state.dest = dest;
        }
    }

    fn used(&mut self) {
        if let Some(used) = self.shape_used.last_mut() {
            *used = true;
        }
    }

    /// A destination ends with its group.
    pub(super) fn end(&mut self, dest: Dest) {
        match dest {
            Dest::Held(held) => {
                let text = self.held.pop().unwrap_or_default();
                self.end_held(held, &text);
            }
            Dest::Note => {
                let blocks = self.close_sink();
                self.push(Inline::Footnote(blocks));
            }
            Dest::Comment => self.end_comment(),
            Dest::TextBox => {
                let blocks = self.close_sink();
                self.flow.lost.add(Loss::TextBox);
                if let Some(sink) = self.sinks.last_mut() {
                    sink.after.extend(blocks);
                }
            }
            Dest::Picture => self.end_picture(),
            Dest::Field => {
                self.fields.pop();
            }
            Dest::Shape => {
                if self.shape_used.pop() == Some(false) {
                    self.flow.lost.add(Loss::Drawing);
                }
            }
            Dest::Fonts => self.font_text(";"),
            Dest::Body | Dest::Silent | Dest::Skip | Dest::Styles => {}
        }
    }

    fn close_sink(&mut self) -> Vec<Block> {
        let pending =
            self.sinks.last().is_some_and(|sink| !sink.inline.is_empty() || sink.label.is_some());
        if pending {
            self.paragraph();
        }
        if self.sinks.len() < 2 {
            return Vec::new();
        }
        let mut blocks = self.sinks.pop().map(|sink| sink.blocks).unwrap_or_default();
        trim_start(&mut blocks);
        blocks
    }

    fn end_held(&mut self, held: Held, text: &str) {
        let trimmed = text.trim();
        let some = || (!trimmed.is_empty()).then(|| trimmed.to_owned());
        match held {
            Held::Title => self.flow.title = some(),
            Held::Author => self.flow.author = some(),
            Held::Instruction => {
                if let Some(field) = self.fields.last_mut() {
                    *field = Field::of(trimmed);
                }
            }
            Held::CommentAuthor => self.comment_author = trimmed.to_owned(),
            Held::CommentFrom => {
                let comment = self.comment_named(trimmed);
                self.push(Inline::CommentFrom(comment));
            }
            Held::CommentTo => {
                let comment = self.comment_named(trimmed);
                self.push(Inline::CommentTo(comment));
            }
            Held::CommentRef => {
                if let Some(comment) = self.comment.last_mut() {
                    comment.0 = some();
                }
            }
            Held::CommentDate => {
                if let Some(comment) = self.comment.last_mut() {
                    comment.1 = trimmed.parse().map(date).unwrap_or_default();
                }
            }
            Held::Label => {
                if let Some(sink) = self.sinks.last_mut() {
                    sink.label = Some(trimmed.to_owned());
                }
            }
            Held::Header => {
                if some().is_some() {
                    self.flow.lost.add(Loss::HeadersAndFooters);
                }
            }
            Held::PropertyName => self.property = trimmed.to_owned(),
            Held::PropertyValue => {
                if self.property == "wzDescription" {
                    self.alternative = trimmed.to_owned();
                }
            }
        }
    }

    fn comment_named(&mut self, name: &str) -> usize {
        if let Some(&comment) = self.comments.get(name) {
            return comment;
        }
        self.flow.comments.push(Remark::default());
        let comment = self.flow.comments.len() - 1;
        self.comments.insert(name.to_owned(), comment);
        comment
    }

    fn end_comment(&mut self) {
        let blocks = self.close_sink();
        let (name, date) = self.comment.pop().unwrap_or_default();
        let comment = match name {
            Some(name) => self.comment_named(&name),
            None => {
                self.flow.comments.push(Remark::default());
                let comment = self.flow.comments.len() - 1;
                self.push(Inline::CommentTo(comment));
                comment
            }
        };
        let author = std::mem::take(&mut self.comment_author);
        if let Some(remark) = self.flow.comments.get_mut(comment) {
            let text = Sink::lines(&blocks);
            *remark = Remark { author, date, text, ..Remark::default() };
        }
    }

    fn end_picture(&mut self) {
        let bytes = std::mem::take(&mut self.picture);
        let alt = std::mem::take(&mut self.alternative);
        let Some(picture) = guard::picture(bytes, "") else {
            self.flow.lost.add(Loss::ImageRefused);
            return;
        };
        let image = self.flow.picture(picture);
        self.push(Inline::Image { image, alt, width: None });
    }

    /// The result of a field begins.
    pub(super) fn result(&mut self) {
        match self.fields.last().cloned().unwrap_or(Field::Other) {
            Field::Contents => {
                self.flow.lost.add(Loss::Contents);
                self.state.dest = Dest::Skip;
            }
            Field::Link(url) if self.links == Links::Scrivener && url.starts_with("scriv") => {
                self.state.look.link = Some(url.into());
            }
            Field::Link(url) => match draft::address(&url) {
                Ok(url) => self.state.look.link = Some(url.into()),
                Err(loss) => self.flow.lost.add(loss),
            },
            Field::Form => self.flow.lost.add(Loss::Form),
            Field::Other => self.flow.lost.add(Loss::Field),
        }
    }
}

/// Takes the space that stands between a note's number and its text.
fn trim_start(blocks: &mut [Block]) {
    let Some(Block::Paragraph(paragraph)) = blocks.first_mut() else { return };
    if let Some(Inline::Text { text, .. }) = paragraph.inline.first_mut() {
        let trimmed = text.trim_start().to_owned();
        if trimmed.is_empty() {
            paragraph.inline.remove(0);
            return trim_start(blocks);
        }
        *text = trimmed;
    }
}

/// A date as Word packs it: minute, hour, day, month, year from 1900, day of the week.
fn date(packed: i64) -> String {
    let part = |from: u32, bits: u32| (packed >> from) & ((1 << bits) - 1);
    let (minute, hour, day, month) = (part(0, 6), part(6, 5), part(11, 5), part(16, 4));
    if month == 0 || day == 0 {
        return String::new();
    }
    format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}", part(20, 9) + 1900)
}
