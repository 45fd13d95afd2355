//! Running heads and folios, put on finished pages.
//!
//! A head asks on which page it stands. Were it laid out with its chapter, the engine would have to lay out every
//! chapter twice: once to find the pages, once with the heads on them. So they are a second, small document with as many
//! pages as the book, all empty but for head and foot, and its pages are put onto the book's.
//!
//! **Invariants:** nothing stands above or below the text of an opener, a blank page, or a page that is none of running
//! text.

use serde::Deserialize;
use serde_json::{Value, json};
use typst::foundations::Label;
use typst::introspection::Introspector;
use typst::layout::{Frame, FrameItem};
use typst::model::Numbering;
use typst::utils::PicoStr;
use typst_layout::{Page, PagedDocument};

/// What of the job says which heads there are.
#[derive(Default, Deserialize)]
pub(crate) struct Plan {
    #[serde(default)]
    layout: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    #[serde(default)]
    id: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    running: String,
}

/// Where the list of contents begins: `template/print.typ`.
const CONTENTS: &str = "contents";

impl Plan {
    /// A head for each page of `document`, or none for it: what `template/heads.typ` reads.
    pub(crate) fn heads(&self, document: &PagedDocument) -> Vec<Option<Value>> {
        let is_manuscript = self.layout == "manuscript";
        let begins = self.begins(document);
        let pages = document.pages().iter().enumerate();
        let heads = pages.map(|(at, page)| {
            // The last section that begins on this page or before it.
            let behind = begins.partition_point(|(first, _)| *first <= at);
            let (first, section) = begins.get(behind.checked_sub(1)?)?;
            let words = match section {
                _ if is_manuscript => Vec::new(),
                Some(section) if *first < at && section.has_heads() && is_inked(&page.frame) => {
                    self.words(section, at)
                }
                Some(_) | None => return None,
            };
            Some(json!({ "words": words, "folio": folio(page) }))
        });
        heads.collect()
    }

    /// The page that each section begins on, in the order of the pages, counted from 0.
    fn begins(&self, document: &PagedDocument) -> Vec<(usize, Option<&Section>)> {
        let sections = self.sections.iter().map(|section| (section.id.as_str(), Some(section)));
        let named = sections.chain([(CONTENTS, None)]);
        let begins = named.filter_map(|(name, section)| Some((page_of(document, name)?, section)));
        let mut begins: Vec<_> = begins.collect();
        begins.sort_by_key(|(page, _)| *page);
        begins
    }

    /// What may stand above page `at`, best first: the author on a left page, the chapter on a right one.
    fn words<'a>(&'a self, section: &'a Section, at: usize) -> Vec<&'a str> {
        let is_right = at.is_multiple_of(2);
        let wanted = match section {
            _ if !is_right && self.author.is_empty() => &self.title,
            _ if !is_right => &self.author,
            Section { role, running, .. } if role == "chapter" && !running.is_empty() => running,
            Section { .. } => &self.title,
        };
        // A novel without a title has a dash for one.
        let says_something = |words: &&str| words.chars().any(char::is_alphanumeric);
        [wanted.as_str(), &self.title].into_iter().filter(says_something).collect()
    }
}

impl Section {
    /// Whether its pages have heads behind the first one.
    fn has_heads(&self) -> bool {
        !matches!(
            self.role.as_str(),
            "title-page" | "copyright" | "dedication" | "epigraph" | "part"
        )
    }
}

fn page_of(document: &PagedDocument, name: &str) -> Option<usize> {
    let label = Label::new(PicoStr::intern(name))?;
    let introspector = document.introspector();
    let location = introspector.query_label(label).ok()?.location()?;
    Some(introspector.page(location)?.get() - 1)
}

fn folio(page: &Page) -> String {
    match &page.numbering {
        Some(Numbering::Pattern(pattern)) => {
            pattern.apply(None, &[page.number]).map(String::from).unwrap_or_default()
        }
        Some(Numbering::Func(_)) | None => String::new(),
    }
}

/// Whether anything can be seen in `frame`.
fn is_inked(frame: &Frame) -> bool {
    frame.items().any(|(_, item)| match item {
        FrameItem::Group(group) => is_inked(&group.frame),
        FrameItem::Tag(_) | FrameItem::Link(..) => false,
        FrameItem::Text(_) | FrameItem::Shape(..) | FrameItem::Image(..) => true,
    })
}
