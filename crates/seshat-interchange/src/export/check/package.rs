//! The package of an EPUB (EPUB 3.3, sections 4 and 5): what it says of the book, its files and their order.

use std::collections::BTreeSet;

use super::Finding;
use super::archive::{Files, Target, target};
use super::finding::{no_author, no_language, no_title};
use super::pages::{Pages, malformed};
use super::scan::{Tag, scan};
use crate::export::xml;

const CONTAINER: &str = "META-INF/container.xml";

/// Everything that is wrong with a book's bytes.
pub(super) fn check(bytes: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(files) = Files::read(bytes, &mut found) {
        files_of_book(&files, &mut found);
    }
    found
}

fn files_of_book(files: &Files, found: &mut Vec<Finding>) {
    let Some(path) = package_path(files, found) else { return };
    let Some(package) = files.get(&path) else {
        found.push(Finding::grave(format!(
            "The book's list of files, “{path}”, is not in the archive."
        )));
        return;
    };
    let Some(tags) = scan(package) else {
        found.push(malformed(&path));
        return;
    };
    let package = Package { path: &path, tags: &tags };
    package.facts(found);
    let items = package.manifest(found);
    package.spine(&items, found);
    let listed: BTreeSet<String> = items.iter().map(|item| item.path.clone()).collect();
    let mut pages = Pages::default();
    for item in &items {
        let Some(bytes) = files.get(&item.path) else {
            found.push(Finding::grave(format!(
                "The book's list of files names “{}”, which is not in the archive.",
                item.href
            )));
            continue;
        };
        let is_page = item.media == "application/xhtml+xml";
        if is_page || item.media.ends_with("+xml") {
            let tags = pages.add(&item.path, bytes, found);
            if item.nav && is_page && !tags.is_empty() {
                contents(&tags, found);
            }
        }
    }
    pages.finish(files, &listed, found);
    for name in files.names() {
        let known = name == "mimetype" || name == path || name.starts_with("META-INF/");
        if !known && !listed.contains(name) {
            found.push(Finding::light(format!(
                "“{name}” is in the archive and not in the book's list of files: no program shows it."
            )));
        }
    }
}

/// Where the package is (EPUB 3.3, section 4.2.6.3.1).
fn package_path(files: &Files, found: &mut Vec<Finding>) -> Option<String> {
    let Some(bytes) = files.get(CONTAINER) else {
        found.push(Finding::grave(format!(
            "“{CONTAINER}” is not in the archive, so programs do not find the book in it."
        )));
        return None;
    };
    let Some(tags) = scan(bytes) else {
        found.push(malformed(CONTAINER));
        return None;
    };
    let named = tags.iter().find(|tag| tag.name == "rootfile").and_then(|tag| tag.get("full-path"));
    match named.map(|path| target("", path)) {
        Some(Target::Inside(path, _)) => Some(path),
        Some(Target::Outside | Target::Nowhere) | None => {
            found.push(Finding::grave(format!(
                "“{CONTAINER}” does not say where the book's list of files is."
            )));
            None
        }
    }
}

/// A file in the manifest.
struct Item {
    id: String,
    href: String,
    path: String,
    media: String,
    nav: bool,
}

struct Package<'a> {
    path: &'a str,
    tags: &'a [Tag],
}

impl Package<'_> {
    /// Elements of that name that stand in one of the other name.
    fn all<'t>(&'t self, inside: &'t str, name: &'t str) -> impl Iterator<Item = &'t Tag> {
        self.tags.iter().filter(move |tag| {
            let around = tag.inside.and_then(|at| self.tags.get(at));
            tag.name == name && around.is_some_and(|around| around.name == inside)
        })
    }

    /// Whether it is an EPUB 3, of which more is asked than of an EPUB 2.
    fn is_third(&self) -> bool {
        let version = self.tags.first().and_then(|package| package.get("version"));
        !version.is_some_and(|version| version.starts_with('2'))
    }

    fn says(&self, name: &str) -> bool {
        self.all("metadata", name).any(|tag| !tag.text.trim().is_empty())
    }

    fn facts(&self, found: &mut Vec<Finding>) {
        for (name, what) in
            [("title", "title"), ("language", "language"), ("identifier", "identifier")]
        {
            if !self.says(name) {
                found.push(Finding::grave(format!(
                    "The book's list of files does not say its {what}, which every EPUB must."
                )));
            }
        }
        let id = self.tags.first().and_then(|package| package.get("unique-identifier"));
        let named = |id| self.all("metadata", "identifier").any(|tag| tag.get("id") == Some(id));
        if !id.is_some_and(named) {
            found.push(Finding::grave(
                "The book's list of files does not say which identifier is the book's own.",
            ));
        }
        let changed = |tag: &Tag| {
            tag.get("property") == Some("dcterms:modified") && !tag.text.trim().is_empty()
        };
        if self.is_third() && !self.all("metadata", "meta").any(changed) {
            found.push(Finding::grave("The book's list of files does not say when the book was last changed, which every EPUB must."));
        }
        if self.all("metadata", "title").any(|tag| tag.text.trim() == "—") {
            found.push(no_title());
        }
        if !self.says("creator") {
            found.push(no_author());
        }
        let unknown = |tag: &Tag| tag.text.trim() == "und";
        if self.all("metadata", "language").any(unknown) {
            found.push(no_language());
        }
        let wrong = self
            .all("metadata", "language")
            .find(|tag| !tag.text.is_empty() && xml::language(tag.text.trim()).is_none());
        if let Some(wrong) = wrong {
            found.push(Finding::grave(format!("“{}” names no language.", wrong.text.trim())));
        }
    }

    fn manifest(&self, found: &mut Vec<Finding>) -> Vec<Item> {
        let (mut ids, mut paths) = (BTreeSet::new(), BTreeSet::new());
        for tag in self.tags {
            if let Some(id) = tag.get("id")
                && !ids.insert(id)
            {
                found.push(Finding::grave(format!(
                    "The id “{id}” is there twice in “{}”.",
                    self.path
                )));
            }
        }
        let mut items = Vec::new();
        for tag in self.all("manifest", "item") {
            let (id, href) =
                (tag.get("id").unwrap_or_default(), tag.get("href").unwrap_or_default());
            let Target::Inside(path, _) = target(self.path, href) else {
                found.push(Finding::grave(format!(
                    "The book's list of files names “{href}”, which is not in the archive."
                )));
                continue;
            };
            if !paths.insert(path.clone()) {
                found.push(Finding::grave(format!(
                    "The book's list of files names “{href}” twice."
                )));
            }
            items.push(Item {
                id: id.to_owned(),
                href: href.to_owned(),
                path,
                media: tag.get("media-type").unwrap_or_default().to_owned(),
                nav: tag.has_word("properties", "nav"),
            });
        }
        if self.is_third() && items.iter().filter(|item| item.nav).count() != 1 {
            found.push(Finding::grave(
                "The book has no list of contents for reading programs, or more than one.",
            ));
        }
        items
    }

    fn spine(&self, items: &[Item], found: &mut Vec<Finding>) {
        let mut before = BTreeSet::new();
        for itemref in self.all("spine", "itemref") {
            let id = itemref.get("idref").unwrap_or_default();
            if !items.iter().any(|item| item.id == id) {
                found.push(Finding::grave(format!(
                    "The book's order of reading names “{id}”, which is not in its list of files."
                )));
            }
            if !before.insert(id) {
                found.push(Finding::grave(format!(
                    "The book's order of reading names “{id}” twice."
                )));
            }
        }
        if before.is_empty() {
            found.push(Finding::grave("The book's order of reading is empty."));
        }
    }
}

/// The list of contents leads somewhere (EPUB 3.3, section 7.4).
fn contents(tags: &[Tag], found: &mut Vec<Finding>) {
    let is_contents = |tag: &Tag| tag.name == "nav" && tag.has_word("epub:type", "toc");
    let within = |tag: &Tag| {
        let mut around = tag.inside;
        while let Some(tag) = around.and_then(|at| tags.get(at)) {
            if is_contents(tag) {
                return true;
            }
            around = tag.inside;
        }
        false
    };
    if !tags.iter().any(|tag| tag.name == "a" && tag.get("href").is_some() && within(tag)) {
        found.push(Finding::grave("The book's list of contents is empty."));
    }
}
