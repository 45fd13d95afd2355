//! The beginning of an element: which paragraph ends, what is pushed, what stands for itself.

use html5ever::tokenizer::Tag;
use seshat_manuscript::Align;

use super::Image;
use super::css::{self, Props};
use super::element::{self, Class, attribute};
use super::notes::Sort;
use super::reader::{Open, Reader, Role};
use crate::flow::{Block, Break, Inline, Kind, Loss, Paragraph};

impl Reader<'_> {
    /// The beginning of an element; `whole` when it ends at once.
    pub(super) fn start(&mut self, name: &str, tag: &Tag, whole: bool) {
        let class = element::class(name);
        self.implied_ends(name, class);
        if self.stack.last().is_some_and(|open| open.unseen)
            && !matches!(name, "title" | "style" | "meta")
        {
            if class != Class::Void && !whole {
                self.push(Open {
                    name: name.to_owned(),
                    block: class == Class::Block,
                    ..Open::default()
                });
            }
            return;
        }
        let (id, classes) = (attribute(tag, "id"), attribute(tag, "class"));
        let own = element::props(name)
            .over(presentation(tag))
            .over(self.sheet.props(name, id, classes))
            .over(Props::parse(attribute(tag, "style")));
        if class == Class::Block || name == "hr" {
            self.flush();
        }
        if own.page_before == Some(true) {
            self.flush();
            self.emit(Block::Break(Break::Page));
        }
        if class == Class::Void {
            self.void(name, tag, own);
            return;
        }
        let open = self.opened(name, tag, own, class);
        self.push(open);
        if whole {
            self.pop();
        }
    }

    /// Ends what cannot hold `name`.
    fn implied_ends(&mut self, name: &str, class: Class) {
        let (ends, barriers) = element::ends(name);
        let reach = self.stack.iter().rposition(|open| barriers.contains(&open.name.as_str()));
        let reach = reach.map_or(0, |at| at + 1);
        let over = self.stack.get(reach..).unwrap_or_default();
        let ended = over.iter().position(|open| ends.contains(&open.name.as_str()));
        // A paragraph ends where a block begins; XHTML says its ends itself.
        let paragraph = || {
            let block = class == Class::Block || name == "hr";
            (block && !self.is_xml())
                .then(|| self.stack.iter().rposition(|open| open.name == "p"))
                .flatten()
        };
        if let Some(at) = ended.map(|at| at + reach).or_else(paragraph) {
            while self.stack.len() > at {
                self.pop();
            }
        }
    }

    fn opened(&mut self, name: &str, tag: &Tag, own: Props, class: Class) -> Open {
        let heading = element::heading(name);
        let mut open = Open {
            name: name.to_owned(),
            block: class == Class::Block,
            props: own,
            language: language(tag),
            heading,
            kind: kind(name, tag),
            unseen: class == Class::Unseen || own.hidden == Some(true),
            page_after: own.page_after == Some(true),
            ..Open::default()
        };
        if heading.is_some() || matches!(name, "html" | "body") {
            // A heading is bold because it is one.
            open.props = Props { bold: None, italic: None, smallcaps: None, ..own };
        }
        if own.subscript == Some(true) {
            self.lost(Loss::Subscript);
        }
        if class == Class::Block {
            open.align = self.align(tag, own);
        }
        self.count_lost(name);
        open.role = self.role(name, tag, &mut open);
        if matches!(open.role, Role::Note { .. }) {
            self.flush();
            open.block = true;
            self.aside.push(Vec::new());
        }
        if name == "html" || name == "body" {
            if self.flow.language.is_none() {
                self.flow.language.clone_from(&open.language);
            }
            open.language = None;
        }
        open
    }

    /// Alignment that the author chose: the usual one of a whole text is its style.
    fn align(&self, tag: &Tag, own: Props) -> Option<Align> {
        let said = Props::parse(attribute(tag, "style")).over(presentation(tag)).align;
        let named = attribute(tag, "class").split_whitespace().find_map(|class| match class {
            "left" => Some(Align::Left),
            "center" => Some(Align::Center),
            "right" => Some(Align::Right),
            "justify" => Some(Align::Justify),
            _ => None,
        });
        named.or(said.filter(|align| *align != Align::Left)).or(match own.align {
            Some(Align::Center | Align::Right) => own.align,
            Some(Align::Left | Align::Justify) | None => None,
        })
    }

    fn role(&mut self, name: &str, tag: &Tag, open: &mut Open) -> Role {
        match name {
            "ol" | "ul" | "menu" => {
                if !self.stack.iter().any(|open| matches!(open.role, Role::List { .. })) {
                    self.lost(Loss::List);
                }
                let start = attribute(tag, "start").trim().parse().unwrap_or(1);
                let next = (name == "ol").then_some(start);
                Role::List { next, letters: attribute(tag, "type").chars().next().unwrap_or('1') }
            }
            "li" => match self.note(tag) {
                Some(note) => note,
                None => Role::Entry { label: Some(self.label(tag)) },
            },
            "table" => {
                self.lost(Loss::Table);
                Role::Table { column: 0 }
            }
            "tr" => {
                self.row += 1;
                for open in self.stack.iter_mut().rev() {
                    if let Role::Table { column } = &mut open.role {
                        *column = 0;
                        break;
                    }
                }
                Role::Plain
            }
            "td" | "th" => self.cell(tag),
            "ruby" => {
                self.line.begin_base();
                Role::Ruby
            }
            "rt" | "rtc" => Role::Reading(String::new()),
            "hgroup" => Role::Group { level: None },
            "title" => Role::Title(String::new()),
            "style" => {
                open.unseen = true;
                Role::Style(String::new())
            }
            "nav"
                if element::words(tag)
                    .any(|word| matches!(word, "toc" | "landmarks" | "page-list")) =>
            {
                open.unseen = true;
                self.lost(Loss::Contents);
                Role::Plain
            }
            "a" => self.anchor(tag, open),
            _ => {
                // The number of a page of print.
                if element::words(tag).any(|word| word == "pagebreak" || word == "doc-pagebreak") {
                    open.unseen = true;
                }
                self.note(tag).unwrap_or_default()
            }
        }
    }

    /// Counts what an element holds that cannot be kept.
    fn count_lost(&mut self, name: &str) {
        match name {
            "script" | "iframe" => self.lost(Loss::Script),
            "object" | "audio" | "video" | "canvas" => self.lost(Loss::Object),
            "math" => self.lost(Loss::Formula),
            "select" | "textarea" | "button" => self.lost(Loss::Form),
            _ => {}
        }
    }

    /// The text of a note, by what its element says or by where it stands.
    fn note(&self, tag: &Tag) -> Option<Role> {
        let id = attribute(tag, "id");
        let says = element::words(tag).any(|word| {
            matches!(
                word,
                "footnote" | "endnote" | "rearnote" | "doc-footnote" | "doc-endnote" | "note-body"
            )
        });
        // Pandoc's list of notes says it at the list.
        let listed = id.starts_with("fn")
            && &*tag.name == "li"
            && self.stack.iter().rev().take(3).any(is_notes);
        (!id.is_empty() && (says || listed))
            .then(|| Role::Note { name: self.named(id), sort: Sort::Note })
    }

    /// The name of an element of this document.
    fn named(&self, id: &str) -> String {
        format!("{}#{id}", self.around.file)
    }

    fn anchor(&mut self, tag: &Tag, open: &mut Open) -> Role {
        let address = attribute(tag, "href").trim();
        let id = attribute(tag, "id");
        let says = |which: &[&str]| element::words(tag).any(|word| which.contains(&word));
        if says(&["doc-backlink", "backlink", "footnote-back", "reversefootnote"]) {
            open.unseen = true;
            return Role::Plain;
        }
        if let Some(sort) = google_body(id, address) {
            self.google_note(id, sort);
            open.unseen = true;
            return Role::Plain;
        }
        let name = self.target(address);
        let is_mark = says(&["noteref", "doc-noteref", "footnote-ref"]) || google_mark(id, address);
        match name {
            Some(name) if is_mark => return Role::Mark { name, shown: String::new() },
            Some(_) => self.lost(Loss::InnerLink),
            None if address.is_empty() => {}
            None => match external(address) {
                Some(address) => open.link = Some(address),
                None => self.lost(Loss::Link),
            },
        }
        Role::Plain
    }

    /// The element that an address inside the book names.
    fn target(&self, address: &str) -> Option<String> {
        let has_scheme =
            address.split(['/', '#', '?']).next().is_some_and(|head| head.contains(':'));
        if address.is_empty() || has_scheme || address.starts_with("//") {
            return None;
        }
        let (file, id) = address.split_once('#').unwrap_or((address, ""));
        let file = match file {
            "" => self.around.file.to_owned(),
            other => crate::import::epub::beside(self.around.file, other),
        };
        Some(format!("{file}#{id}"))
    }

    /// The paragraph or division around an anchor is a note's text.
    fn google_note(&mut self, id: &str, sort: Sort) {
        let name = self.named(id);
        let division = self.stack.iter().rposition(|open| open.name == "div");
        let at = division.or_else(|| self.stack.iter().rposition(|open| open.block));
        let Some(open) = at.and_then(|at| self.stack.get_mut(at)) else { return };
        if matches!(open.role, Role::Plain) {
            open.role = Role::Note { name, sort };
            self.aside.push(Vec::new());
        }
    }

    fn label(&mut self, tag: &Tag) -> String {
        let value = attribute(tag, "value").trim().parse::<i64>().ok();
        let list = self.stack.iter_mut().rev().find_map(|open| match &mut open.role {
            Role::List { next, letters } => Some((next, *letters)),
            _ => None,
        });
        let Some((Some(next), letters)) = list else { return "•".to_owned() };
        let number = value.unwrap_or(*next);
        *next = number.saturating_add(1);
        let letter = |first: u8| {
            let offset = u8::try_from(number - 1).ok().filter(|offset| *offset < 26)?;
            Some(char::from(first + offset).to_string())
        };
        let shown = match letters {
            'a' => letter(b'a'),
            'A' => letter(b'A'),
            _ => None,
        };
        format!("{}.", shown.unwrap_or_else(|| number.to_string()))
    }

    fn cell(&mut self, tag: &Tag) -> Role {
        let wide = attribute(tag, "colspan").parse::<u32>().unwrap_or(1).clamp(1, 64);
        let row = self.row;
        for open in self.stack.iter_mut().rev() {
            if let Role::Table { column } = &mut open.role {
                let here = *column;
                *column = here.saturating_add(wide);
                return Role::Cell { row, column: here };
            }
        }
        Role::Plain
    }

    fn void(&mut self, name: &str, tag: &Tag, own: Props) {
        match name {
            "br" => self.line.line_break(),
            "hr" if own.page_before == Some(true) || own.hidden == Some(true) => {}
            "hr" if attribute(tag, "class").split_whitespace().any(|class| class == "break") => {
                let kind = Kind::InnerBreak;
                self.emit(Block::Paragraph(Paragraph { kind, ..Paragraph::default() }));
            }
            "hr" if element::words(tag).any(|word| word == "pagebreak") => {}
            "hr" => self.emit(Block::Break(Break::Scene)),
            "img" | "image" => self.image(tag, own),
            "meta"
                if attribute(tag, "name").eq_ignore_ascii_case("author")
                    && self.flow.author.is_none() =>
            {
                let author = attribute(tag, "content").trim();
                self.flow.author = (!author.is_empty()).then(|| author.to_owned());
            }
            "input" => {
                let kind = attribute(tag, "type");
                if !matches!(kind, "hidden" | "checkbox" | "radio" | "password" | "image" | "file")
                {
                    self.lost(Loss::Form);
                    let value = attribute(tag, "value").to_owned();
                    self.text(&value);
                }
            }
            "embed" => self.lost(Loss::Object),
            _ => {}
        }
    }

    fn image(&mut self, tag: &Tag, own: Props) {
        let sources = ["src", "href", "xlink:href"].map(|name| attribute(tag, name));
        let address = sources.into_iter().find(|address| !address.is_empty()).unwrap_or_default();
        let alt = attribute(tag, "alt").to_owned();
        let lost = match (self.around.image)(address) {
            Image::Found(picture) => {
                let image = self.flow.picture(picture);
                let width = own.width.or_else(|| css::hundredths(attribute(tag, "width")));
                self.line.atom(Inline::Image { image, alt, width });
                return;
            }
            Image::Elsewhere => Loss::ImageElsewhere,
            Image::Refused => Loss::ImageRefused,
        };
        self.lost(lost);
        // What a browser shows in place of an image that it does not find.
        self.text(&alt);
    }
}

fn is_notes(open: &Open) -> bool {
    open.name == "ol" || open.name == "section"
}

/// What old attributes say.
fn presentation(tag: &Tag) -> Props {
    match attribute(tag, "align") {
        "" => Props::default(),
        value => Props::parse(&format!("text-align: {value}")),
    }
}

fn language(tag: &Tag) -> Option<String> {
    let said = [attribute(tag, "xml:lang"), attribute(tag, "lang")];
    let said = said.into_iter().map(str::trim).find(|tag| !tag.is_empty())?;
    let fits = said.len() <= 35 && said.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then(|| said.to_owned())
}

/// What a block makes of the paragraphs in it.
fn kind(name: &str, tag: &Tag) -> Option<Kind> {
    let by_word = element::words(tag).find_map(|word| match word {
        "verse" | "poem" | "poetry" | "song" | "hymn" | "stanza" => Some(Kind::Verse),
        "letter" | "diary-entry" | "telegram" => Some(Kind::Letter),
        "title" if name == "p" => Some(Kind::Title),
        "subtitle" | "author" | "publisher" if name == "p" => Some(Kind::Subtitle),
        "break" if name == "p" => Some(Kind::InnerBreak),
        "blockquote" | "quote" => Some(Kind::Quote),
        _ => None,
    });
    by_word.or(match name {
        "blockquote" => Some(Kind::Quote),
        "pre" | "listing" | "xmp" | "plaintext" => Some(Kind::Code),
        _ => None,
    })
}

/// An address that a manuscript may link to.
fn external(address: &str) -> Option<String> {
    // Google Docs leads every link through itself.
    if let Some(query) = address.strip_prefix("https://www.google.com/url?") {
        let inner = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "q");
        return inner.and_then(|(_, inner)| external(&inner));
    }
    let scheme = address.split_once(':')?.0.to_ascii_lowercase();
    let known = matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel");
    (known && address.len() <= 4096).then(|| address.to_owned())
}

/// `<a id="ftnt1" href="#ftnt_ref1">` begins the text of a note in a page of Google Docs, `cmnt` a comment.
fn google_body(id: &str, address: &str) -> Option<Sort> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |word: &str, back: &str| {
        id.strip_prefix(word).is_some_and(number) && address.strip_prefix(back).is_some_and(number)
    };
    if fits("ftnt", "#ftnt_ref") {
        Some(Sort::Note)
    } else {
        fits("cmnt", "#cmnt_ref").then_some(Sort::Comment)
    }
}

/// `<a id="ftnt_ref1" href="#ftnt1">`.
fn google_mark(id: &str, address: &str) -> bool {
    (id.starts_with("ftnt_ref") && address.starts_with("#ftnt"))
        || (id.starts_with("cmnt_ref") && address.starts_with("#cmnt"))
}
