//! Style sheets, as far as they say what text is: slanted, bold, small capitals, hidden, centred.
//!
//! Only selectors of one element (`p`, `.c3`, `p.verse`, `#note`) are read; whatever needs its surroundings is
//! passed over. Nothing is fetched: `@import` and `url()` are never followed.

use std::collections::HashMap;

use seshat_manuscript::Align;

use crate::import;

/// How many rules a sheet may have.
const MOST_RULES: usize = 20_000;

/// How many classes of an element are looked at.
const MOST_CLASSES: usize = 24;

/// What a rule says; what it does not say is [`None`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Props {
    pub(super) italic: Option<bool>,
    pub(super) bold: Option<bool>,
    pub(super) underline: Option<bool>,
    pub(super) strike: Option<bool>,
    pub(super) smallcaps: Option<bool>,
    pub(super) superscript: Option<bool>,
    pub(super) subscript: Option<bool>,
    pub(super) hidden: Option<bool>,
    pub(super) pre: Option<bool>,
    pub(super) align: Option<Align>,
    pub(super) page_before: Option<bool>,
    pub(super) page_after: Option<bool>,
    /// Of a picture, in hundredths of the column.
    pub(super) width: Option<u8>,
}

impl Props {
    /// What `self` says, and `later` says over it.
    pub(super) fn over(self, later: Self) -> Self {
        Self {
            italic: later.italic.or(self.italic),
            bold: later.bold.or(self.bold),
            underline: later.underline.or(self.underline),
            strike: later.strike.or(self.strike),
            smallcaps: later.smallcaps.or(self.smallcaps),
            superscript: later.superscript.or(self.superscript),
            subscript: later.subscript.or(self.subscript),
            hidden: later.hidden.or(self.hidden),
            pre: later.pre.or(self.pre),
            align: later.align.or(self.align),
            page_before: later.page_before.or(self.page_before),
            page_after: later.page_after.or(self.page_after),
            width: later.width.or(self.width),
        }
    }

    /// Reads declarations: `font-weight: 700; font-style: italic`.
    pub(super) fn parse(text: &str) -> Self {
        let mut props = Self::default();
        for declaration in text.split(';') {
            if let Some((name, value)) = declaration.split_once(':') {
                let value = value.trim().trim_end_matches("!important").trim().to_lowercase();
                props.set(name.trim().to_lowercase().as_str(), &value);
            }
        }
        props
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "font-style" => self.italic = Some(matches!(value, "italic" | "oblique")),
            "font-weight" => {
                let heavy = value.parse().map(|weight: f32| weight >= 600.0);
                self.bold = Some(heavy.unwrap_or(matches!(value, "bold" | "bolder")));
            }
            "font-variant" | "font-variant-caps" => {
                self.smallcaps = Some(value.contains("small-caps"));
            }
            "text-decoration" | "text-decoration-line" => {
                self.underline = Some(value.contains("underline"));
                self.strike = Some(value.contains("line-through"));
            }
            "vertical-align" => {
                self.superscript = Some(value == "super");
                self.subscript = Some(value == "sub");
            }
            "display" => self.hidden = Some(value == "none"),
            "visibility" => self.hidden = Some(value == "hidden").filter(|hidden| *hidden),
            "white-space" => {
                self.pre = Some(matches!(value, "pre" | "pre-wrap" | "pre-line" | "break-spaces"));
            }
            "text-align" => {
                self.align = match value {
                    "center" | "-webkit-center" => Some(Align::Center),
                    "right" => Some(Align::Right),
                    "left" => Some(Align::Left),
                    "justify" => Some(Align::Justify),
                    _ => None,
                };
            }
            "page-break-before" | "break-before" => {
                self.page_before = Some(matches!(value, "always" | "page" | "left" | "right"));
            }
            "page-break-after" | "break-after" => {
                self.page_after = Some(matches!(value, "always" | "page" | "left" | "right"));
            }
            "width" => self.width = hundredths(value),
            _ => {}
        }
    }
}

/// A share such as `50%` as a whole number of hundredths; [`None`] for lengths and for what is no share of a column.
pub(super) fn hundredths(value: &str) -> Option<u8> {
    let number: f64 = value.trim().strip_suffix('%')?.trim().parse().ok()?;
    import::hundredths(number / 100.0)
}

/// A rule of one element.
struct Rule {
    tag: Option<String>,
    id: Option<String>,
    classes: Vec<String>,
    props: Props,
}

impl Rule {
    fn weight(&self) -> (usize, usize, usize) {
        (usize::from(self.id.is_some()), self.classes.len(), usize::from(self.tag.is_some()))
    }
}

/// The rules of a document.
#[derive(Default)]
pub(super) struct Sheet {
    rules: Vec<Rule>,
    /// Rules by their most telling word: `#id`, `.class` or `tag`.
    places: HashMap<String, Vec<usize>>,
}

impl Sheet {
    /// Adds a style sheet behind what is there.
    pub(super) fn add(&mut self, css: &str) {
        let css = without_comments(css);
        let mut rest = css.as_str();
        while let Some(open) = rest.find('{') {
            let (head, body) = rest.split_at(open);
            let head = head.rsplit([';', '}']).next().unwrap_or_default().trim();
            let body = body.get(1..).unwrap_or_default();
            if head.starts_with('@') {
                // Media, fonts, pages: what is in them is for other places than a manuscript.
                rest = behind_block(body);
                continue;
            }
            let end = body.find('}').unwrap_or(body.len());
            let (declarations, behind) = body.split_at(end);
            self.rule(head, Props::parse(declarations));
            rest = behind.get(1..).unwrap_or_default();
        }
    }

    fn rule(&mut self, selectors: &str, props: Props) {
        if props == Props::default() {
            return;
        }
        for selector in selectors.split(',') {
            if self.rules.len() >= MOST_RULES {
                return;
            }
            let Some(rule) = rule_of(selector.trim(), props) else { continue };
            let key = match (&rule.id, rule.classes.first(), &rule.tag) {
                (Some(id), ..) => format!("#{id}"),
                (None, Some(class), _) => format!(".{class}"),
                (None, None, Some(tag)) => tag.clone(),
                (None, None, None) => continue,
            };
            self.places.entry(key).or_default().push(self.rules.len());
            self.rules.push(rule);
        }
    }

    /// What the rules say of an element.
    pub(super) fn props(&self, tag: &str, id: &str, classes: &str) -> Props {
        if self.rules.is_empty() {
            return Props::default();
        }
        let classes: Vec<&str> = classes.split_whitespace().take(MOST_CLASSES).collect();
        let keys = std::iter::once(tag.to_owned())
            .chain(classes.iter().map(|class| format!(".{class}")))
            .chain((!id.is_empty()).then(|| format!("#{id}")));
        let mut found: Vec<usize> =
            keys.filter_map(|key| self.places.get(&key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        let mut fits: Vec<(&Rule, usize)> = found
            .into_iter()
            .filter_map(|index| self.rules.get(index).map(|rule| (rule, index)))
            .filter(|(rule, _)| {
                rule.tag.as_deref().is_none_or(|name| name == tag)
                    && rule.id.as_deref().is_none_or(|name| name == id)
                    && rule.classes.iter().all(|class| classes.contains(&class.as_str()))
            })
            .collect();
        fits.sort_by_key(|(rule, index)| (rule.weight(), *index));
        fits.into_iter().fold(Props::default(), |props, (rule, _)| props.over(rule.props))
    }
}

/// A selector of one element; [`None`] for all others.
fn rule_of(selector: &str, props: Props) -> Option<Rule> {
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#');
    if selector.is_empty() || selector.len() > 200 || !selector.chars().all(harmless) {
        return None;
    }
    let start = selector.find(['.', '#']).unwrap_or(selector.len());
    let (tag, mut rest) = selector.split_at(start);
    let mut rule = Rule {
        tag: (!tag.is_empty()).then(|| tag.to_lowercase()),
        id: None,
        classes: Vec::new(),
        props,
    };
    while let Some(sign) = rest.chars().next() {
        let behind = rest.get(1..).unwrap_or_default();
        let end = behind.find(['.', '#']).unwrap_or(behind.len());
        let (name, next) = behind.split_at(end);
        match sign {
            _ if name.is_empty() => return None,
            '#' => rule.id = Some(name.to_owned()),
            _ => rule.classes.push(name.to_owned()),
        }
        rest = next;
    }
    Some(rule)
}

fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, behind)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, behind)| behind);
    }
    kept.push_str(rest);
    kept.replace("<!--", "").replace("-->", "")
}

/// What follows the block whose `{` has been passed.
fn behind_block(body: &str) -> &str {
    let mut depth = 1_usize;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return body.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::{Props, Sheet};
    use seshat_manuscript::Align;

    #[test]
    fn rules_of_one_element_are_read_and_the_more_telling_wins() {
        let mut sheet = Sheet::default();
        sheet.add(
            "@import url('x.css'); /* .c1 { font-weight: 700 } */ @media print { p { display: none } } \
             p { text-align: center } .c1, b.c2 { font-style: italic; font-weight: 700 !important }\n\
             p.c1 { font-weight: 400 } div > p { display: none } #n { font-variant: small-caps }",
        );
        let props = sheet.props("p", "n", "x c1");
        assert_eq!(props.align, Some(Align::Center));
        assert_eq!((props.italic, props.bold), (Some(true), Some(false)));
        assert_eq!((props.smallcaps, props.hidden), (Some(true), None));
        assert_eq!(sheet.props("i", "", "c2"), Props::default(), "that rule is for b");
    }

    #[test]
    fn broken_sheets_end() {
        for css in
            ["a{", "a{b", "}}}{{{", "@media{{{", "/*", ".{}", "#.{color:red}", "a{font-weight"]
        {
            Sheet::default().add(css);
        }
    }
}
