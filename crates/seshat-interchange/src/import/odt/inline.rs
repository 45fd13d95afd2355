//! What stands in a paragraph.

use super::body::Body;
use super::styles::{self, TextProps};
use crate::flow::{Inline, Loss, Marks, Remark, push_text};
use crate::import::refusal::Refusal;
use crate::import::tongue;
use crate::import::tree::{Element, Node};
use crate::import::{draft, extent};

/// No author writes more spaces in a row, and a number in a file costs it nothing.
const MOST_SPACES: usize = 1_000;

impl Body<'_, '_> {
    /// The children of a paragraph or a span.
    pub(super) fn parts(&mut self, parent: &Element) -> Result<(), Refusal> {
        for node in &parent.nodes {
            match node {
                Node::Text(text) => self.collapsed(text),
                Node::Element(element) => self.part(element)?,
            }
        }
        Ok(())
    }

    /// One child of a paragraph.
    pub(super) fn part(&mut self, element: &Element) -> Result<(), Refusal> {
        match element.name.as_str() {
            "text:span" => {
                let own = element.get("text:style-name").map(|name| self.styles.text(name));
                let outer = self.text.clone();
                if let Some(own) = own {
                    self.text = own.over(&outer);
                }
                let result = self.parts(element);
                self.text = outer;
                result
            }
            "text:a" => self.link(element),
            "text:s" => {
                let count = element.get("text:c").and_then(|count| count.parse().ok());
                self.exact(&" ".repeat(count.unwrap_or(1).min(MOST_SPACES)));
                Ok(())
            }
            "text:tab" => {
                self.exact("\t");
                Ok(())
            }
            "text:line-break" => {
                self.exact("\n");
                self.spaced = true;
                Ok(())
            }
            "text:note" => self.note(element),
            "office:annotation" => {
                self.comment(element);
                Ok(())
            }
            "office:annotation-end" => {
                let name = element.get("office:name").unwrap_or_default();
                if let Some(&comment) = self.comments.get(name) {
                    self.ended.push(comment);
                    self.inline.push(Inline::CommentTo(comment));
                }
                Ok(())
            }
            "text:ruby" => {
                self.ruby(element);
                Ok(())
            }
            "text:meta" | "loext:content-control" | "text:ruby-base" => self.parts(element),
            "text:script" | "office:forms" | "text:tracked-changes" => Ok(()),
            name if name.starts_with("draw:") => self.drawing(element),
            name if name.starts_with("text:") => self.field(element),
            _ => Ok(()),
        }
    }

    /// What is computed shows what it was last. Most of what has no text is a place that something points to.
    fn field(&mut self, element: &Element) -> Result<(), Refusal> {
        let is_text = !element.text().is_empty();
        if is_text {
            self.flow.lost.add(Loss::Field);
        }
        self.parts(element)
    }

    fn link(&mut self, element: &Element) -> Result<(), Refusal> {
        let link = match draft::address(element.get("xlink:href").unwrap_or_default()) {
            Ok(url) => Some(url),
            Err(loss) => {
                self.flow.lost.add(loss);
                None
            }
        };
        let outer = std::mem::replace(&mut self.link, link);
        let result = self.parts(element);
        self.link = outer;
        result
    }

    fn note(&mut self, element: &Element) -> Result<(), Refusal> {
        let Some(body) = element.child("text:note-body") else { return Ok(()) };
        let blocks = self.apart(body)?;
        self.inline.push(Inline::Footnote(blocks));
        self.spaced = false;
        Ok(())
    }

    fn comment(&mut self, element: &Element) {
        let lines: Vec<String> = element
            .elements()
            .filter(|child| matches!(child.name.as_str(), "text:p" | "text:list"))
            .map(|child| child.text().split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let answers = element.get("loext:parent-name").and_then(|name| self.comments.get(name));
        let remark = Remark {
            author: element.text_of("dc:creator").unwrap_or_default(),
            date: element.text_of("dc:date").unwrap_or_default(),
            text: lines.join("\n").trim().to_owned(),
            resolved: element.get("loext:resolved") == Some("true"),
            answers: answers.copied(),
        };
        let comment = self.flow.comments.len();
        self.flow.comments.push(remark);
        if let Some(name) = element.get("office:name") {
            self.comments.insert(name.to_owned(), comment);
        }
        self.inline.push(Inline::CommentFrom(comment));
    }

    fn ruby(&mut self, element: &Element) {
        let base = element.text_of("text:ruby-base").unwrap_or_default();
        let reading = element.text_of("text:ruby-text").filter(|reading| !reading.is_empty());
        let marks = Marks { ruby: reading, ..self.marks(&base) };
        push_text(&mut self.inline, &base, &marks);
        self.spaced = false;
    }

    /// A frame, a text box, a shape or a group of them.
    fn drawing(&mut self, element: &Element) -> Result<(), Refusal> {
        if element.name == "draw:g" {
            return element.elements().try_for_each(|child| match child.name.as_str() {
                name if name.starts_with("draw:") => self.drawing(child),
                _ => Ok(()),
            });
        }
        let text_box = element.child("draw:text-box");
        let is_shape = element.name != "draw:frame" && element.name != "draw:a";
        if let Some(content) = text_box.or_else(|| is_shape.then_some(element)) {
            let blocks = self.apart(content)?;
            let says = blocks.iter().any(|block| match block {
                crate::flow::Block::Paragraph(paragraph) => crate::flow::visible(&paragraph.inline),
                _ => true,
            });
            self.flow.lost.add(if says { Loss::TextBox } else { Loss::Drawing });
            self.after.extend(if says { blocks } else { Vec::new() });
            return Ok(());
        }
        if element.name == "draw:a" {
            return element.elements().try_for_each(|child| self.part(child));
        }
        if element.child("draw:object").or(element.child("draw:object-ole")).is_some() {
            self.flow.lost.add(Loss::Object);
            return Ok(());
        }
        self.image(element)
    }

    fn image(&mut self, frame: &Element) -> Result<(), Refusal> {
        let Some(image) = frame.child("draw:image") else {
            self.flow.lost.add(Loss::Drawing);
            return Ok(());
        };
        let href = image.get("xlink:href").unwrap_or_default();
        let name = href.strip_prefix("./").unwrap_or(href);
        if name.contains("://") || name.starts_with('/') || name.starts_with("../") {
            self.flow.lost.add(Loss::ImageElsewhere);
            return Ok(());
        }
        let position = match self.pictures.get(name) {
            Some(known) => *known,
            None => {
                let picture = self.archive.picture(name)?;
                let position = picture.map(|picture| self.flow.picture(picture));
                self.pictures.insert(name.to_owned(), position);
                position
            }
        };
        let alt = frame.text_of("svg:desc").or_else(|| frame.text_of("svg:title"));
        match position {
            Some(image) => {
                let width = self.width(frame, image);
                let alt = alt.unwrap_or_default();
                self.inline.push(Inline::Image { image, alt, width });
                self.spaced = false;
            }
            None => self.flow.lost.add(Loss::ImageRefused),
        }
        Ok(())
    }

    /// How wide a picture stands, if not as wide as it is by itself.
    fn width(&self, frame: &Element, image: usize) -> Option<u8> {
        let said = frame.get("style:rel-width").and_then(|share| share.strip_suffix('%'));
        if let Some(share) = said.and_then(|share| share.trim().parse::<f64>().ok()) {
            return extent::hundredths(share / 100.0);
        }
        let wide = frame.get("svg:width").and_then(styles::length)?;
        extent::share(wide, self.column?, self.flow.images.get(image)?)
    }

    /// Text whose white space is one space.
    fn collapsed(&mut self, text: &str) {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r') {
                if !self.spaced {
                    out.push(' ');
                }
                self.spaced = true;
            } else {
                out.push(c);
                self.spaced = false;
            }
        }
        self.say(&out);
    }

    /// Text as it is.
    fn exact(&mut self, text: &str) {
        self.say(text);
        self.spaced = false;
    }

    fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let marks = self.marks(text);
        let props = &self.text;
        let now = [
            props.hidden == Some(true),
            props.position == Some(-1),
            props.highlight == Some(true),
            props.capitals == Some(true),
        ];
        let losses = [Loss::Hidden, Loss::Subscript, Loss::Highlight, Loss::Looks];
        for ((now, before), loss) in now.iter().zip(self.was).zip(losses) {
            if *now && !before {
                self.flow.lost.add(loss);
            }
        }
        self.was = now;
        if self.inside == 0 && self.named.is_none() && !text.trim().is_empty() {
            let look = (props.font.clone(), props.size.clone(), props.colour.clone());
            self.looks.note(look, text.len());
        }
        push_text(&mut self.inline, text, &marks);
    }

    fn marks(&self, text: &str) -> Marks {
        let props: &TextProps = &self.text;
        let script = script(text);
        let on = |of: [Option<bool>; 3]| of.get(script).copied().flatten() == Some(true);
        Marks {
            emphasis: on(props.emphasis),
            strong: on(props.strong),
            underline: props.underline == Some(true) && self.link.is_none(),
            strike: props.strike == Some(true),
            smallcaps: props.smallcaps == Some(true),
            superscript: props.position == Some(1),
            link: self.link.clone(),
            language: props.language.get(script).and_then(|l| l.as_deref()).and_then(tongue::clean),
            ..Marks::default()
        }
    }
}

/// 0 for Western text, 1 for Asian, 2 for complex scripts, by its first letter that says so.
fn script(text: &str) -> usize {
    text.chars()
        .find_map(|c| match c {
            '\u{590}'..='\u{8ff}'
            | '\u{900}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}' => Some(2),
            '\u{1100}'..='\u{11ff}'
            | '\u{2e80}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}' => Some(1),
            c if c.is_alphabetic() => Some(0),
            _ => None,
        })
        .unwrap_or(0)
}
