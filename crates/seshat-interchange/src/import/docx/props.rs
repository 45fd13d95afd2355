//! The properties of runs and paragraphs, as a style or the text itself sets them.

use crate::flow::Align;
use crate::import::draft::Indent;
use crate::import::tree::Element;

/// 0.2 inches in twentieths of a point.
const LEAST_INDENT: i32 = 280;

/// What a run's properties say; [`None`] is silence.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RunProps {
    pub(super) style: Option<String>,
    pub(super) strong: Option<bool>,
    pub(super) emphasis: Option<bool>,
    /// The same of complex scripts.
    pub(super) strong_complex: Option<bool>,
    pub(super) emphasis_complex: Option<bool>,
    pub(super) underline: Option<bool>,
    pub(super) strike: Option<bool>,
    pub(super) smallcaps: Option<bool>,
    pub(super) caps: Option<bool>,
    pub(super) hidden: Option<bool>,
    pub(super) vertical: Option<Vertical>,
    pub(super) highlight: Option<bool>,
    pub(super) right_to_left: Option<bool>,
    pub(super) language: Option<String>,
    pub(super) language_east: Option<String>,
    pub(super) language_complex: Option<String>,
    pub(super) font: Option<String>,
    pub(super) size: Option<String>,
    pub(super) colour: Option<String>,
}

/// Where a run stands beside the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vertical {
    Line,
    Above,
    Below,
}

/// An on-off property: present is on, unless its value says otherwise.
fn toggle(element: &Element) -> bool {
    !matches!(element.get("w:val"), Some("0" | "false" | "off" | "none"))
}

impl RunProps {
    /// Of a `w:rPr`.
    pub(super) fn of(properties: &Element) -> Self {
        let mut props = Self::default();
        for element in properties.elements() {
            props.take(element);
        }
        props
    }

    fn take(&mut self, element: &Element) {
        let value = element.get("w:val");
        let on = Some(toggle(element));
        match element.name.as_str() {
            "w:rStyle" => self.style = value.map(str::to_owned),
            "w:b" => self.strong = on,
            "w:i" => self.emphasis = on,
            "w:bCs" => self.strong_complex = on,
            "w:iCs" => self.emphasis_complex = on,
            "w:u" => self.underline = on,
            "w:strike" | "w:dstrike" => {
                self.strike = Some(toggle(element) || self.strike == Some(true))
            }
            "w:smallCaps" => self.smallcaps = on,
            "w:caps" => self.caps = on,
            "w:vanish" => self.hidden = on,
            "w:rtl" => self.right_to_left = on,
            "w:vertAlign" => {
                self.vertical = Some(match value {
                    Some("superscript") => Vertical::Above,
                    Some("subscript") => Vertical::Below,
                    _ => Vertical::Line,
                });
            }
            "w:highlight" => self.highlight = on,
            "w:shd" => {
                let fill = element.get("w:fill");
                self.highlight = Some(!matches!(fill, None | Some("auto" | "FFFFFF" | "ffffff")));
            }
            "w:lang" => {
                self.language = element.get("w:val").map(str::to_owned);
                self.language_east = element.get("w:eastAsia").map(str::to_owned);
                self.language_complex = element.get("w:bidi").map(str::to_owned);
            }
            "w:rFonts" => {
                let font = element.get("w:ascii").or_else(|| element.get("w:asciiTheme"));
                self.font = font.map(str::to_owned);
            }
            "w:sz" => self.size = value.map(str::to_owned),
            "w:color" => self.colour = value.map(str::to_owned),
            _ => {}
        }
    }

    /// Fills what is not said here from `below`.
    pub(super) fn over(self, below: &Self) -> Self {
        Self {
            style: self.style.or_else(|| below.style.clone()),
            strong: self.strong.or(below.strong),
            emphasis: self.emphasis.or(below.emphasis),
            strong_complex: self.strong_complex.or(below.strong_complex),
            emphasis_complex: self.emphasis_complex.or(below.emphasis_complex),
            underline: self.underline.or(below.underline),
            strike: self.strike.or(below.strike),
            smallcaps: self.smallcaps.or(below.smallcaps),
            caps: self.caps.or(below.caps),
            hidden: self.hidden.or(below.hidden),
            vertical: self.vertical.or(below.vertical),
            highlight: self.highlight.or(below.highlight),
            right_to_left: self.right_to_left.or(below.right_to_left),
            language: self.language.or_else(|| below.language.clone()),
            language_east: self.language_east.or_else(|| below.language_east.clone()),
            language_complex: self.language_complex.or_else(|| below.language_complex.clone()),
            font: self.font.or_else(|| below.font.clone()),
            size: self.size.or_else(|| below.size.clone()),
            colour: self.colour.or_else(|| below.colour.clone()),
        }
    }

    /// Only what is no mark: a style whose meaning is kept in another way gives these.
    pub(super) fn without_marks(&self) -> Self {
        Self {
            language: self.language.clone(),
            language_east: self.language_east.clone(),
            language_complex: self.language_complex.clone(),
            font: self.font.clone(),
            size: self.size.clone(),
            colour: self.colour.clone(),
            right_to_left: self.right_to_left,
            hidden: self.hidden,
            ..Self::default()
        }
    }

    /// A character style above a paragraph's: what both turn on is off again, as Word shows it.
    pub(super) fn toggled_over(self, below: &Self) -> Self {
        let both = |above: Option<bool>, below: Option<bool>| match (above, below) {
            (Some(above), Some(below)) => Some(above ^ below),
            (above, below) => above.or(below),
        };
        Self {
            strong: both(self.strong, below.strong),
            emphasis: both(self.emphasis, below.emphasis),
            strong_complex: both(self.strong_complex, below.strong_complex),
            emphasis_complex: both(self.emphasis_complex, below.emphasis_complex),
            smallcaps: both(self.smallcaps, below.smallcaps),
            strike: both(self.strike, below.strike),
            hidden: both(self.hidden, below.hidden),
            ..self
        }
        .over(below)
    }
}

/// What a paragraph's properties say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ParaProps {
    pub(super) style: Option<String>,
    pub(super) justify: Option<String>,
    pub(super) outline: Option<u8>,
    /// Number and level of its list; number 0 is none.
    pub(super) list: Option<u32>,
    pub(super) list_level: Option<u8>,
    pub(super) start: Option<i32>,
    pub(super) end: Option<i32>,
    pub(super) page_before: Option<bool>,
    pub(super) right_to_left: Option<bool>,
}

impl ParaProps {
    /// Of a `w:pPr`.
    pub(super) fn of(properties: &Element) -> Self {
        let mut props = Self::default();
        for element in properties.elements() {
            let value = element.get("w:val");
            match element.name.as_str() {
                "w:pStyle" => props.style = value.map(str::to_owned),
                "w:jc" => props.justify = value.map(str::to_owned),
                "w:outlineLvl" => props.outline = value.and_then(|value| value.parse().ok()),
                "w:numPr" => {
                    let number = |name| element.child(name).and_then(|child| child.get("w:val"));
                    props.list = number("w:numId").and_then(|value| value.parse().ok());
                    props.list_level = number("w:ilvl").and_then(|value| value.parse().ok());
                }
                "w:ind" => {
                    let width = |names: [&str; 2]| {
                        names.iter().find_map(|name| element.get(name)?.parse().ok())
                    };
                    props.start = width(["w:start", "w:left"]);
                    props.end = width(["w:end", "w:right"]);
                }
                "w:pageBreakBefore" => props.page_before = Some(toggle(element)),
                "w:bidi" => props.right_to_left = Some(toggle(element)),
                _ => {}
            }
        }
        props
    }

    /// Fills what is not said here from `below`.
    pub(super) fn over(self, below: &Self) -> Self {
        Self {
            style: self.style,
            justify: self.justify.or_else(|| below.justify.clone()),
            outline: self.outline.or(below.outline),
            list: self.list.or(below.list),
            list_level: self.list_level.or(below.list_level),
            start: self.start.or(below.start),
            end: self.end.or(below.end),
            page_before: self.page_before.or(below.page_before),
            right_to_left: self.right_to_left.or(below.right_to_left),
        }
    }

    /// The alignment that is said here. Word's left and right mean start and end of the line.
    pub(super) fn align(&self) -> Option<Align> {
        let backwards = self.right_to_left == Some(true);
        match self.justify.as_deref()? {
            "center" => Some(Align::Center),
            "both" | "distribute" | "thaiDistribute" | "lowKashida" | "mediumKashida"
            | "highKashida" => Some(Align::Justify),
            "right" | "end" if backwards => Some(Align::Left),
            "right" | "end" => Some(Align::Right),
            "left" | "start" if !backwards => Some(Align::Left),
            _ => None,
        }
    }

    /// How it is indented.
    pub(super) fn indent(&self) -> Indent {
        Indent::of(self.start.unwrap_or(0), self.end.unwrap_or(0), LEAST_INDENT)
    }
}
