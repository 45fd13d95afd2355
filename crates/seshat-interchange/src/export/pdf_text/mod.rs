//! The text of a PDF, as far as it takes to find invisible characters in it.
//!
//! The press leaves each sign in the file: in the list of a font's characters, or, where a punctuation mark has another
//! sign this time, in the text that the file says stands there (`ActualText`). So what is read are the pages' codes, the
//! fonts' lists, and these texts. A line ends wherever something is placed at another height, and where a
//! run of text begins.
//!
//! **Invariants:** the file is a stranger's. Nothing in it is trusted: no length, no number of objects, no
//! packing; work and memory are bounded, and there is no panic. Locked PDFs, and fonts whose codes are not told, give no
//! characters.

mod characters;
mod objects;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use characters::Characters;
use objects::Objects;
use syntax::{Value, Values};

/// More text than in any novel, in bytes.
const MOST_TEXT: usize = 64 << 20;

/// Values of one page at most.
const MOST_VALUES: usize = 1 << 20;

/// Values before one operator at most.
const MOST_BEFORE: usize = 64;

/// Parts of a page at most.
const MOST_PARTS: usize = 1000;

/// Pages at most.
const MOST_PAGES: usize = 20_000;

/// Lists of pages in lists of pages, and drawings in drawings.
const DEEPEST: usize = 16;

/// Codes of all fonts, from which on no more lists of characters are read.
const MOST_CODES: usize = 1 << 18;

/// Fonts of a page at most.
const MOST_FONTS: usize = 1000;

/// The text of the PDF in `bytes`, page after page; none when none could be read.
pub(super) fn text_of(bytes: &[u8]) -> Option<String> {
    let objects = Objects::new(bytes);
    let mut reader =
        Reader { objects: &objects, fonts: BTreeMap::new(), codes: 0, text: String::new() };
    for page in pages(&objects) {
        reader.page(page);
    }
    let has_text = reader.text.chars().any(|c| !c.is_whitespace() && c != '\u{fffd}');
    has_text.then_some(reader.text)
}

/// What names on a page stand for: fonts, drawings.
type Resources<'o> = Option<&'o Value>;

/// A page, and what its names stand for.
type Page<'o> = (&'o Value, Resources<'o>);

/// The pages in their order; behind them those that no list names.
fn pages<'o>(objects: &'o Objects<'_>) -> Vec<Page<'o>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for catalog in objects.of_type("Catalog") {
        let list = objects.value(catalog).and_then(|catalog| catalog.get("Pages"));
        if let Some(Value::Object(list)) = list {
            below(objects, (*list, None), 0, &mut seen, &mut found);
        }
    }
    for page in objects.of_type("Page") {
        below(objects, (page, None), 0, &mut seen, &mut found);
    }
    found
}

fn below<'o>(
    objects: &'o Objects<'_>,
    (number, inherited): (u32, Resources<'o>),
    depth: usize,
    seen: &mut BTreeSet<u32>,
    found: &mut Vec<Page<'o>>,
) {
    if depth > DEEPEST || found.len() >= MOST_PAGES || !seen.insert(number) {
        return;
    }
    let Some(node) = objects.value(number) else { return };
    let resources = objects.get(node, "Resources").or(inherited);
    let Some(Value::List(kids)) = objects.get(node, "Kids") else {
        found.push((node, resources));
        return;
    };
    for kid in kids {
        if let Value::Object(kid) = kid {
            below(objects, (*kid, resources), depth + 1, seen, found);
        }
    }
}

/// A font as far as it matters here.
#[derive(Clone)]
struct Font {
    characters: Option<Rc<Characters>>,
    /// Bytes of a code.
    width: usize,
}

struct Reader<'o> {
    objects: &'o Objects<'o>,
    fonts: BTreeMap<u32, Rc<Characters>>,
    codes: usize,
    text: String,
}

impl<'o> Reader<'o> {
    fn page(&mut self, (page, resources): Page<'o>) {
        let Some(contents) = page.get("Contents") else { return };
        let parts = match self.objects.resolved(contents) {
            Some(Value::List(parts)) => parts.as_slice(),
            _ => std::slice::from_ref(contents),
        };
        let mut bytes = Vec::new();
        for part in parts.iter().take(MOST_PARTS) {
            let Value::Object(part) = part else { continue };
            bytes.extend(self.objects.bytes(*part).unwrap_or_default());
            bytes.push(b'\n');
        }
        self.content(&bytes, resources, 0);
    }

    fn content(&mut self, bytes: &[u8], resources: Resources<'o>, depth: usize) {
        let mut values = Values::new(bytes, 0, MOST_VALUES);
        let mut before: Vec<Value> = Vec::new();
        let mut fonts: BTreeMap<Vec<u8>, Font> = BTreeMap::new();
        let mut font = Font { characters: None, width: 1 };
        // Where the line stands.
        let mut height = None;
        // How many brackets of the page are open, and in which of them the file says itself what stands there.
        let (mut open, mut told) = (0_usize, None);
        while let Some(value) = values.next() {
            let Value::Word(word) = value else {
                if before.len() < MOST_BEFORE {
                    before.push(value);
                }
                continue;
            };
            if self.text.len() > MOST_TEXT {
                return;
            }
            if is_placed_anew(&word, before.last(), &mut height) {
                self.text.push('\n');
            }
            match word.as_slice() {
                b"Tf" => {
                    if let Some(Value::Name(name)) = before.first() {
                        let known = fonts.get(name).cloned();
                        font = known.unwrap_or_else(|| self.font(name, resources));
                        if fonts.len() < MOST_FONTS {
                            fonts.insert(name.clone(), font.clone());
                        }
                    }
                }
                b"BDC" | b"BMC" => {
                    open += 1;
                    let text = before.last().and_then(|about| about.get("ActualText"));
                    if let (None, Some(Value::Text(text))) = (told, text) {
                        told = Some(open);
                        self.text.push_str(&characters::text(text));
                    }
                }
                b"EMC" => {
                    told = told.filter(|at| *at != open);
                    open = open.saturating_sub(1);
                }
                b"Tj" | b"TJ" | b"'" | b"\"" if told.is_none() => self.show(before.last(), &font),
                b"Do" if depth < DEEPEST => self.drawing(before.last(), resources, depth),
                _ => {}
            }
            before.clear();
        }
    }

    fn show(&mut self, shown: Option<&Value>, font: &Font) {
        let parts = match shown {
            Some(Value::List(parts)) => parts.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for part in parts {
            let Value::Text(codes) = part else { continue };
            for code in codes.chunks(font.width) {
                match &font.characters {
                    Some(characters) => {
                        self.text.push_str(characters.of(code).unwrap_or("\u{fffd}"));
                    }
                    None if font.width == 1 => self.text.push_str(&characters::text(code)),
                    None => self.text.push('\u{fffd}'),
                }
            }
        }
    }

    fn font(&mut self, name: &[u8], resources: Resources<'_>) -> Font {
        let mut font = Font { characters: None, width: 1 };
        let found = named(self.objects, resources, "Font", name);
        let Some(found) = found.and_then(|it| self.objects.resolved(it)) else { return font };
        if found.get("Subtype").is_some_and(|it| it.is_name("Type0")) {
            font.width = 2;
        }
        let Some(Value::Object(list)) = found.get("ToUnicode") else { return font };
        if let Some(known) = self.fonts.get(list) {
            font.characters = Some(known.clone());
        } else if self.codes < MOST_CODES
            && let Some(bytes) = self.objects.bytes(*list)
        {
            let characters = Rc::new(Characters::new(&bytes));
            self.codes += characters.len();
            self.fonts.insert(*list, characters.clone());
            font.characters = Some(characters);
        }
        font
    }

    fn drawing(&mut self, name: Option<&Value>, resources: Resources<'o>, depth: usize) {
        let Some(Value::Name(name)) = name else { return };
        let found = named(self.objects, resources, "XObject", name);
        let Some(Value::Object(number)) = found else { return };
        let Some(found) = self.objects.value(*number) else { return };
        if !found.get("Subtype").is_some_and(|it| it.is_name("Form")) {
            return;
        }
        let own = self.objects.get(found, "Resources");
        let Some(bytes) = self.objects.bytes(*number) else { return };
        self.content(&bytes, own.or(resources), depth + 1);
    }
}

/// Whether another line begins with an operator. `height` is where the line stands, if that is known.
fn is_placed_anew(operator: &[u8], last: Option<&Value>, height: &mut Option<Value>) -> bool {
    match operator {
        b"BT" => *height = None,
        b"Tm" => {
            let before = std::mem::replace(height, last.cloned());
            return before.is_some() && before.as_ref() != last;
        }
        b"Td" | b"TD" => return last != Some(&Value::Number(0)),
        _ => {}
    }
    matches!(operator, b"BT" | b"T*" | b"'" | b"\"")
}

/// What a page calls by a name.
fn named<'o>(
    objects: &'o Objects<'_>,
    resources: Resources<'o>,
    kind: &str,
    name: &[u8],
) -> Option<&'o Value> {
    let Value::Dict(entries) = objects.get(resources?, kind)? else { return None };
    entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
