//! Styles, named and automatic, with what they inherit.

use std::collections::HashMap;

use super::lists::ListStyle;
use crate::flow::Align;
use crate::import::draft::{self, Indent};
use crate::import::style::{self, Named};
use crate::import::tree::Element;

/// How far styles may be based on each other; files have had circles.
const LONGEST_CHAIN: usize = 20;

/// 0.5 cm: less is no indent that an author made.
const LEAST_INDENT: i32 = 5;

/// Where a style comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// It has a name that an author can see.
    Document,
    /// The program made it for direct formatting.
    Text,
}

/// All styles.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<(String, String), Style>,
    default_text: TextProps,
    lists: HashMap<String, ListStyle>,
    /// How headings are numbered.
    pub(super) outline: ListStyle,
}

#[derive(Clone, Debug, Default)]
struct Style {
    named: Option<Named>,
    /// The program made it for direct formatting.
    made: bool,
    parent: Option<String>,
    outline: Option<u8>,
    list: Option<String>,
    master: bool,
    text: TextProps,
    para: ParaProps,
}

/// What text looks like; [`None`] is silence.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TextProps {
    /// Of Western, Asian and complex text.
    pub(super) strong: [Option<bool>; 3],
    pub(super) emphasis: [Option<bool>; 3],
    pub(super) language: [Option<String>; 3],
    pub(super) underline: Option<bool>,
    pub(super) strike: Option<bool>,
    pub(super) smallcaps: Option<bool>,
    /// 1 above the line, 0 on it, -1 below it.
    pub(super) position: Option<i8>,
    pub(super) hidden: Option<bool>,
    pub(super) highlight: Option<bool>,
    pub(super) capitals: Option<bool>,
    pub(super) font: Option<String>,
    pub(super) size: Option<String>,
    pub(super) colour: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct ParaProps {
    align: Option<String>,
    left: Option<i32>,
    right: Option<i32>,
    break_before: Option<bool>,
    break_after: Option<bool>,
    right_to_left: Option<bool>,
}

/// A paragraph's style, resolved.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved {
    pub(super) named: Option<Named>,
    pub(super) outline: Option<u8>,
    pub(super) list: Option<String>,
    pub(super) align: Option<Align>,
    pub(super) indent: Indent,
    pub(super) break_before: bool,
    pub(super) break_after: bool,
    pub(super) text: TextProps,
}

const SUFFIXES: [&str; 3] = ["", "-asian", "-complex"];

impl TextProps {
    fn of(element: &Element) -> Self {
        let of_three = |prefixes: [&str; 2], name: &str| {
            SUFFIXES.map(|suffix| {
                let prefix = if suffix.is_empty() { prefixes[0] } else { prefixes[1] };
                element.get(&format!("{prefix}:{name}{suffix}"))
            })
        };
        let countries = of_three(["fo", "style"], "country");
        let languages = of_three(["fo", "style"], "language");
        let tag = |at: usize| {
            let language = languages.get(at).copied().flatten()?;
            match countries.get(at).copied().flatten() {
                Some(country) if country != "none" => Some(format!("{language}-{country}")),
                _ => Some(language.to_owned()),
            }
        };
        let line = |name: &str| element.get(name).map(|value| value != "none");
        Self {
            strong: of_three(["fo", "style"], "font-weight").map(|v| v.map(is_bold)),
            emphasis: of_three(["fo", "style"], "font-style").map(|v| v.map(|v| v != "normal")),
            language: [tag(0), tag(1), tag(2)],
            underline: line("style:text-underline-style"),
            strike: line("style:text-line-through-style").or(line("style:text-line-through-type")),
            smallcaps: element.get("fo:font-variant").map(|value| value == "small-caps"),
            position: element.get("style:text-position").map(position),
            hidden: element.get("text:display").map(|value| value == "none"),
            highlight: element.get("fo:background-color").map(|value| value != "transparent"),
            capitals: element.get("fo:text-transform").map(|value| value != "none"),
            font: element
                .get("style:font-name")
                .or(element.get("fo:font-family"))
                .map(str::to_owned),
            size: element.get("fo:font-size").map(str::to_owned),
            colour: element.get("fo:color").map(str::to_owned),
        }
    }

    /// Fills what is not said here from `below`.
    pub(super) fn over(self, below: &Self) -> Self {
        let three = |above: [Option<bool>; 3], below: [Option<bool>; 3]| {
            [above[0].or(below[0]), above[1].or(below[1]), above[2].or(below[2])]
        };
        let [one, two, three_] = self.language;
        let [below_one, below_two, below_three] = &below.language;
        Self {
            strong: three(self.strong, below.strong),
            emphasis: three(self.emphasis, below.emphasis),
            language: [
                one.or_else(|| below_one.clone()),
                two.or_else(|| below_two.clone()),
                three_.or_else(|| below_three.clone()),
            ],
            underline: self.underline.or(below.underline),
            strike: self.strike.or(below.strike),
            smallcaps: self.smallcaps.or(below.smallcaps),
            position: self.position.or(below.position),
            hidden: self.hidden.or(below.hidden),
            highlight: self.highlight.or(below.highlight),
            capitals: self.capitals.or(below.capitals),
            font: self.font.or_else(|| below.font.clone()),
            size: self.size.or_else(|| below.size.clone()),
            colour: self.colour.or_else(|| below.colour.clone()),
        }
    }

    /// Only what is no mark.
    fn without_marks(&self) -> Self {
        Self {
            language: self.language.clone(),
            font: self.font.clone(),
            size: self.size.clone(),
            colour: self.colour.clone(),
            hidden: self.hidden,
            ..Self::default()
        }
    }
}

fn is_bold(weight: &str) -> bool {
    weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 600)
}

/// "super 58%", "sub", "33% 58%", "0% 100%".
fn position(value: &str) -> i8 {
    match value.split_whitespace().next().unwrap_or_default() {
        "super" => 1,
        "sub" => -1,
        percent if percent.starts_with('-') => -1,
        percent => i8::from(percent.trim_end_matches('%').parse::<f32>().is_ok_and(|p| p > 0.0)),
    }
}

/// A length in whole millimetres.
fn millimetres(text: &str) -> Option<i32> {
    let length = length(text)?;
    #[allow(clippy::cast_possible_truncation, reason = "a width of a page, and the cast saturates")]
    Some(length.round() as i32)
}

/// A length in millimetres.
pub(super) fn length(length: &str) -> Option<f64> {
    let digits = length.find(|c: char| c.is_alphabetic() || c == '%')?;
    let (number, unit) = length.split_at_checked(digits)?;
    let number: f64 = number.trim().parse().ok()?;
    let factor = match unit {
        "mm" => 1.0,
        "cm" => 10.0,
        "in" => 25.4,
        "pt" => 25.4 / 72.0,
        "pc" => 25.4 / 6.0,
        _ => return None,
    };
    Some(number * factor)
}

impl ParaProps {
    fn of(element: &Element) -> Self {
        let width = |name| element.get(name).and_then(millimetres);
        let breaks = |name| element.get(name).map(|value| value == "page");
        Self {
            align: element.get("fo:text-align").map(str::to_owned),
            left: width("fo:margin-left"),
            right: width("fo:margin-right"),
            break_before: breaks("fo:break-before"),
            break_after: breaks("fo:break-after"),
            right_to_left: element.get("style:writing-mode").map(|mode| mode.starts_with("rl")),
        }
    }

    fn over(self, below: &Self) -> Self {
        Self {
            align: self.align.or_else(|| below.align.clone()),
            left: self.left.or(below.left),
            right: self.right.or(below.right),
            break_before: self.break_before.or(below.break_before),
            break_after: self.break_after.or(below.break_after),
            right_to_left: self.right_to_left.or(below.right_to_left),
        }
    }

    fn align(&self) -> Option<Align> {
        let backwards = self.right_to_left == Some(true);
        match self.align.as_deref()? {
            "center" => Some(Align::Center),
            "justify" => Some(Align::Justify),
            "end" if backwards => Some(Align::Left),
            "right" if backwards => None,
            "end" | "right" => Some(Align::Right),
            "left" => Some(Align::Left),
            "start" if !backwards => Some(Align::Left),
            _ => None,
        }
    }
}

impl Styles {
    /// Takes all styles in `parent`.
    pub(super) fn add_all(&mut self, parent: &Element, from: From) {
        for element in parent.elements() {
            match element.name.as_str() {
                "style:style" => self.add(element, from),
                "style:default-style" if element.get("style:family") == Some("paragraph") => {
                    let text = element.child("style:text-properties").map(TextProps::of);
                    self.default_text = text.unwrap_or_default();
                }
                "text:list-style" => {
                    let name = element.get("style:name").unwrap_or_default().to_owned();
                    self.lists.insert(name, ListStyle::of(element));
                }
                "text:outline-style" => self.outline = ListStyle::of(element),
                _ => {}
            }
        }
    }

    fn add(&mut self, element: &Element, from: From) {
        let value = |name| element.get(name).map(str::to_owned);
        let Some(name) = value("style:name") else { return };
        let family = value("style:family").unwrap_or_default();
        let shown = value("style:display-name").unwrap_or_else(|| name.clone());
        let style = Style {
            named: if from == From::Document { style::named(&shown) } else { None },
            made: from == From::Text,
            parent: value("style:parent-style-name"),
            outline: value("style:default-outline-level").and_then(|level| level.parse().ok()),
            list: value("style:list-style-name"),
            master: value("style:master-page-name").is_some_and(|name| !name.is_empty()),
            text: element.child("style:text-properties").map(TextProps::of).unwrap_or_default(),
            para: element
                .child("style:paragraph-properties")
                .map(ParaProps::of)
                .unwrap_or_default(),
        };
        self.styles.insert((family, name), style);
    }

    fn chain<'a>(&'a self, family: &'a str, name: Option<&str>) -> Vec<&'a Style> {
        let mut chain = Vec::new();
        let mut next = name.map(str::to_owned);
        while let Some(name) = next.take() {
            let Some(style) = self.styles.get(&(family.to_owned(), name)) else { break };
            if chain.len() >= LONGEST_CHAIN {
                break;
            }
            next = style.parent.clone();
            chain.push(style);
        }
        chain
    }

    /// A paragraph's style. The marks of a style whose meaning is kept in another way are its look.
    pub(super) fn paragraph(&self, name: Option<&str>) -> Resolved {
        let chain = self.chain("paragraph", name);
        let mut resolved = Resolved::default();
        let mut para = ParaProps::default();
        // What the program made for one paragraph stands before the first style with a name.
        let (mut own, mut of_style) = (ParaProps::default(), ParaProps::default());
        for style in &chain {
            if style.made {
                own = own.over(&style.para);
            } else {
                of_style = of_style.over(&style.para);
            }
            resolved.named = resolved.named.or(style.named);
            resolved.outline = resolved.outline.or(style.outline);
            resolved.list = resolved.list.or_else(|| style.list.clone());
            para = para.over(&style.para);
            let text = match resolved.named {
                Some(_) => style.text.without_marks(),
                None => style.text.clone(),
            };
            resolved.text = std::mem::take(&mut resolved.text).over(&text);
        }
        resolved.text = resolved.text.over(&self.default_text.without_marks());
        // Only the style itself begins a page with another master, not what is based on it.
        let master = chain.first().is_some_and(|style| style.master);
        resolved.break_before = para.break_before == Some(true) || master;
        resolved.break_after = para.break_after == Some(true);
        resolved.indent = Indent::of(para.left.unwrap_or(0), para.right.unwrap_or(0), LEAST_INDENT);
        own.right_to_left = para.right_to_left;
        of_style.right_to_left = para.right_to_left;
        let of_style = of_style.align();
        // Flush left is how a line begins, unless the style says otherwise.
        let usual = para.right_to_left != Some(true) && of_style.is_none();
        let own = own.align().filter(|align| !usual || *align != Align::Left);
        resolved.align = draft::wanted(own, of_style, resolved.named);
        resolved
    }

    /// A character style. Those of links and note numbers are a look.
    pub(super) fn text(&self, name: &str) -> TextProps {
        let mut props = TextProps::default();
        for style in self.chain("text", Some(name)) {
            props = props.over(&style.text);
        }
        let lower = name.to_lowercase();
        let is_look = [
            "internet_20_link",
            "visited_20_internet_20_link",
            "footnote_20_anchor",
            "endnote_20_anchor",
            "footnote_20_symbol",
        ];
        if is_look.contains(&lower.as_str()) { props.without_marks() } else { props }
    }

    /// A list's style.
    pub(super) fn list(&self, name: Option<&str>) -> ListStyle {
        name.and_then(|name| self.lists.get(name)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{is_bold, millimetres, position};

    #[test]
    fn values_are_read_as_they_are_written() {
        assert_eq!(
            ["super 58%", "sub 58%", "33% 58%", "-33% 58%", "0% 100%"].map(position),
            [1, -1, 1, -1, 0]
        );
        let lengths = ["1cm", "0.5in", "12pt", "3mm", "1", "10%", "é"].map(millimetres);
        assert_eq!(lengths, [Some(10), Some(13), Some(4), Some(3), None, None, None]);
        assert_eq!(["bold", "700", "normal", "400"].map(is_bold), [true, true, false, false]);
    }
}
