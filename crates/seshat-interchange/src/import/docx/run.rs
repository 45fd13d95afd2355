//! What stands in a paragraph.

use super::body::{Body, OpenField, alternative};
use super::props::{RunProps, Vertical};
use crate::flow::{Block, Break, Inline, Loss, Marks, push_text};
use crate::import::draft::{self, Field};
use crate::import::refusal::Refusal;
use crate::import::tree::{Element, Node};
use crate::import::{extent, rtf, tongue};

/// English metric units in a millimetre.
const MILLIMETRE: f64 = 36_000.0;

impl Body<'_, '_> {
    /// The children of a paragraph, or of what wraps runs in it.
    pub(super) fn parts(&mut self, parent: &Element) -> Result<(), Refusal> {
        parent.elements().try_for_each(|child| self.part(child))
    }

    /// One child of a paragraph.
    pub(super) fn part(&mut self, element: &Element) -> Result<(), Refusal> {
        match element.name.as_str() {
            "w:r" => self.run(element),
            "w:hyperlink" => self.hyperlink(element),
            "w:ins" | "w:moveTo" => {
                self.flow.lost.add(Loss::TrackedInsertion);
                self.parts(element)
            }
            "w:del" | "w:moveFrom" => {
                self.flow.lost.add(Loss::TrackedDeletion);
                Ok(())
            }
            "w:fldSimple" => self.simple_field(element),
            "w:smartTag" | "w:customXml" | "w:sdt" | "w:sdtContent" | "w:dir" | "w:bdo" => {
                self.parts(element)
            }
            "mc:AlternateContent" => match alternative(element) {
                Some(choice) => self.parts(choice),
                None => Ok(()),
            },
            "m:oMath" | "m:oMathPara" => {
                self.flow.lost.add(Loss::Formula);
                let letters = math(element);
                self.say(&letters, &RunProps::default());
                Ok(())
            }
            "w:commentRangeStart" => {
                if let Some(comment) = self.comment(element) {
                    self.begun.push(comment);
                    self.inline.push(Inline::CommentFrom(comment));
                }
                Ok(())
            }
            "w:commentRangeEnd" => {
                if let Some(comment) = self.comment(element) {
                    self.inline.push(Inline::CommentTo(comment));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn comment(&self, element: &Element) -> Option<usize> {
        self.comments.get(element.get("w:id")?).copied()
    }

    fn hyperlink(&mut self, element: &Element) -> Result<(), Refusal> {
        let relation = element.get("r:id").and_then(|id| self.source.relations.get(id));
        let url = match relation {
            Some(relation) if relation.outside => relation.target.clone(),
            _ => String::new(),
        };
        self.open_field(Field::Link(url));
        let result = self.parts(element);
        self.fields.pop();
        result
    }

    fn simple_field(&mut self, element: &Element) -> Result<(), Refusal> {
        self.open_field(Field::of(element.get("w:instr").unwrap_or_default()));
        let result = self.parts(element);
        self.fields.pop();
        result
    }

    fn open_field(&mut self, kind: Field) {
        let mut field = OpenField { instruction: String::new(), kind: None, link: None };
        self.result(&mut field, kind);
        self.fields.push(field);
    }

    /// A field's result begins.
    fn result(&mut self, field: &mut OpenField, kind: Field) {
        // What stands in a table of contents is gone with it.
        if !self.silent() {
            match &kind {
                Field::Contents => self.flow.lost.add(Loss::Contents),
                Field::Form => self.flow.lost.add(Loss::Form),
                Field::Other => self.flow.lost.add(Loss::Field),
                Field::Link(url) => match draft::address(url) {
                    Ok(url) => field.link = Some(url),
                    Err(loss) => self.flow.lost.add(loss),
                },
            }
        }
        field.kind = Some(kind);
    }

    fn run(&mut self, run: &Element) -> Result<(), Refusal> {
        let props = self.props(run);
        run.elements().try_for_each(|child| self.piece(child, &props))
    }

    /// One child of a run.
    fn piece(&mut self, element: &Element, props: &RunProps) -> Result<(), Refusal> {
        match element.name.as_str() {
            "w:t" => self.say(&element.text(), props),
            "w:tab" | "w:ptab" => self.say("\t", props),
            "w:br" => match element.get("w:type") {
                Some("page") if !self.silent() => self.page_break(),
                Some("column") => {}
                _ => self.say("\n", props),
            },
            "w:cr" => self.say("\n", props),
            "w:noBreakHyphen" => self.say("\u{2011}", props),
            "w:softHyphen" => self.say("\u{ad}", props),
            "w:sym" => self.symbol(element, props),
            "w:fldChar" => self.field_sign(element),
            "w:instrText" => {
                if let Some(field) = self.fields.last_mut() {
                    field.instruction.push_str(&element.text());
                }
            }
            "w:footnoteReference" => {
                return self.note("footnotes", element.get("w:id").unwrap_or_default());
            }
            "w:endnoteReference" => {
                return self.note("endnotes", element.get("w:id").unwrap_or_default());
            }
            "w:commentReference" => {
                // One without a range belongs to this point.
                if let Some(comment) = self.comment(element)
                    && !self.begun.contains(&comment)
                {
                    self.inline.push(Inline::CommentTo(comment));
                }
            }
            "w:ruby" => self.ruby(element, props),
            "w:drawing" | "w:pict" | "w:object" => return self.drawing(element),
            "mc:AlternateContent" => {
                if let Some(choice) = alternative(element) {
                    return choice.elements().try_for_each(|child| self.piece(child, props));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn field_sign(&mut self, element: &Element) {
        match element.get("w:fldCharType") {
            Some("begin") => {
                self.fields.push(OpenField { instruction: String::new(), kind: None, link: None });
            }
            Some("separate") => {
                if let Some(mut field) = self.fields.pop() {
                    let kind = Field::of(&std::mem::take(&mut field.instruction));
                    self.result(&mut field, kind);
                    self.fields.push(field);
                }
            }
            Some("end") => {
                self.fields.pop();
            }
            _ => {}
        }
    }

    /// A character of a symbol font.
    fn symbol(&mut self, element: &Element, props: &RunProps) {
        let code = element.get("w:char").and_then(|code| u32::from_str_radix(code, 16).ok());
        let Some(code) = code else { return };
        let font = element.get("w:font").unwrap_or_default();
        let byte = match code {
            0xf000..=0xf0ff => u8::try_from(code - 0xf000).ok(),
            0..=0xff => u8::try_from(code).ok(),
            _ => None,
        };
        let c = match byte {
            Some(byte) if font.eq_ignore_ascii_case("symbol") => Some(rtf::symbol(byte)),
            _ => char::from_u32(code),
        };
        if let Some(c) = c {
            self.say(c.encode_utf8(&mut [0; 4]), props);
        }
    }

    /// Characters with a reading above them.
    fn ruby(&mut self, element: &Element, props: &RunProps) {
        let text = |name| {
            let mut text = String::new();
            if let Some(part) = element.child(name) {
                for run in part.all("w:r") {
                    run.all("w:t").for_each(|t| text.push_str(&t.text()));
                }
            }
            text
        };
        let (base, reading) = (text("w:rubyBase"), text("w:rt"));
        if self.silent() || base.is_empty() {
            return;
        }
        let ruby = (!reading.is_empty()).then_some(reading);
        let marks = Marks { ruby, ..self.marks(&base, props) };
        push_text(&mut self.inline, &base, &marks);
    }

    /// An image, a text box or a shape.
    fn drawing(&mut self, element: &Element) -> Result<(), Refusal> {
        if let Some(content) = element.find("w:txbxContent") {
            let blocks = self.apart(content)?;
            self.flow.lost.add(Loss::TextBox);
            self.after.extend(blocks);
            return Ok(());
        }
        if element.name == "w:object" {
            self.flow.lost.add(Loss::Object);
            return Ok(());
        }
        let blip =
            element.find("a:blip").and_then(|blip| blip.get("r:embed").or(blip.get("r:link")));
        let image = element.find("v:imagedata").and_then(|image| image.get("r:id"));
        let Some(id) = blip.or(image) else {
            let is_rule = element.find("v:rect").is_some_and(|rect| rect.get("o:hr") == Some("t"));
            if is_rule {
                self.after.push(Block::Break(Break::Scene));
            } else {
                self.flow.lost.add(Loss::Drawing);
            }
            return Ok(());
        };
        let alt = element.find("wp:docPr").and_then(|about| about.get("descr"));
        let alt = alt.or_else(|| element.find("v:shape").and_then(|shape| shape.get("alt")));
        let alt = alt.unwrap_or_default().to_owned();
        let relation = self.source.relations.get(id).cloned();
        let Some(relation) = relation.filter(|relation| !relation.outside) else {
            self.flow.lost.add(Loss::ImageElsewhere);
            return Ok(());
        };
        match self.picture(&relation.target)? {
            Some(image) => {
                let width = self.width(element, image);
                self.inline.push(Inline::Image { image, alt, width });
            }
            None => self.flow.lost.add(Loss::ImageRefused),
        }
        Ok(())
    }

    /// How wide a picture stands, if not as wide as it is by itself.
    fn width(&self, drawing: &Element, image: usize) -> Option<u8> {
        let wide = drawing.find("wp:extent")?.get("cx")?.parse::<f64>().ok()?;
        let picture = self.flow.images.get(image)?;
        extent::share(wide / MILLIMETRE, self.column?, picture)
    }

    fn picture(&mut self, name: &str) -> Result<Option<usize>, Refusal> {
        if let Some(known) = self.pictures.get(name) {
            return Ok(*known);
        }
        let picture = self.archive.picture(name)?;
        let position = picture.map(|picture| self.flow.picture(picture));
        self.pictures.insert(name.to_owned(), position);
        Ok(position)
    }

    /// Text, where it is not a field's instruction or a table of contents.
    fn say(&mut self, text: &str, props: &RunProps) {
        if self.silent() || text.is_empty() {
            return;
        }
        let marks = self.marks(text, props);
        let now = [
            props.hidden == Some(true),
            props.vertical == Some(Vertical::Below),
            props.highlight == Some(true),
            props.caps == Some(true),
        ];
        let losses = [Loss::Hidden, Loss::Subscript, Loss::Highlight, Loss::Looks];
        for ((now, before), loss) in now.iter().zip(self.was).zip(losses) {
            if *now && !before {
                self.flow.lost.add(loss);
            }
        }
        self.was = now;
        if self.inside == 0 && self.style.named.is_none() && !text.trim().is_empty() {
            let look = (props.font.clone(), props.size.clone(), props.colour.clone());
            self.looks.note(look, text.len());
        }
        push_text(&mut self.inline, text, &marks);
    }

    fn marks(&self, text: &str, props: &RunProps) -> Marks {
        let complex = props.right_to_left == Some(true);
        let on = |usual: Option<bool>, of_complex: Option<bool>| {
            (if complex { of_complex } else { usual }) == Some(true)
        };
        let link = self.fields.iter().rev().find_map(|field| field.link.clone());
        let language = if complex {
            &props.language_complex
        } else if text.chars().any(is_eastern) {
            &props.language_east
        } else {
            &props.language
        };
        Marks {
            emphasis: on(props.emphasis, props.emphasis_complex),
            strong: on(props.strong, props.strong_complex),
            underline: props.underline == Some(true) && link.is_none(),
            strike: props.strike == Some(true),
            smallcaps: props.smallcaps == Some(true),
            superscript: props.vertical == Some(Vertical::Above),
            link,
            language: language.as_deref().and_then(tongue::clean),
            ..Marks::default()
        }
    }
}

/// Han, kana, hangul and their punctuation: Word takes the language of these from another attribute.
fn is_eastern(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// The letters of a formula.
fn math(element: &Element) -> String {
    let mut letters = String::new();
    for node in &element.nodes {
        match node {
            Node::Element(child) => letters.push_str(&math(child)),
            Node::Text(text) if element.name == "m:t" || element.name == "w:t" => {
                letters.push_str(text);
            }
            Node::Text(_) => {}
        }
    }
    letters
}
