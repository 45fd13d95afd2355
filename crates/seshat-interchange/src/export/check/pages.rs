//! The pages of an EPUB: ids, addresses, pictures.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::archive::{Files, Target, target};
use super::finding::undescribed;
use super::scan::{Tag, scan};

/// What pages say of themselves and of each other.
#[derive(Default)]
pub(super) struct Pages {
    ids: BTreeMap<String, BTreeSet<String>>,
    /// From which file, to which place.
    links: Vec<(String, String)>,
    undescribed: usize,
}

impl Pages {
    /// Reads a page and says what is wrong in it alone. Returns its elements.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8], found: &mut Vec<Finding>) -> Vec<Tag> {
        let Some(tags) = scan(bytes) else {
            found.push(malformed(name));
            return Vec::new();
        };
        let mut ids = BTreeSet::new();
        for tag in &tags {
            if let Some(id) = tag.get("id")
                && !ids.insert(id.to_owned())
            {
                found.push(Finding::grave(format!("The id “{id}” is there twice in “{name}”.")));
            }
            if tag.name == "img" && tag.get("alt").is_none_or(|alt| alt.trim().is_empty()) {
                self.undescribed += 1;
            }
            let shown = matches!(
                tag.name.as_str(),
                "img" | "link" | "script" | "audio" | "video" | "source"
            );
            for key in ["href", "src", "xlink:href"] {
                let Some(link) = tag.get(key) else { continue };
                if shown && target(name, link) == Target::Outside {
                    found.push(Finding::grave(format!(
                        "“{name}” needs “{link}” from the network, which books may not."
                    )));
                }
                self.links.push((name.to_owned(), link.to_owned()));
            }
        }
        let titled = tags.iter().any(|tag| tag.name == "title" && !tag.text.trim().is_empty());
        if tags.first().is_some_and(|tag| tag.name == "html") && !titled {
            found.push(Finding::grave(format!("The page “{name}” has no title.")));
        }
        self.ids.insert(name.to_owned(), ids);
        tags
    }

    /// Says which links lead nowhere, once every page is there. `listed` are the files of the manifest.
    pub(super) fn finish(self, files: &Files, listed: &BTreeSet<String>, found: &mut Vec<Finding>) {
        for (from, link) in &self.links {
            let (file, id) = match target(from, link) {
                Target::Inside(file, id) => (file, id),
                Target::Outside => continue,
                Target::Nowhere => {
                    found.push(Finding::grave(format!(
                        "“{from}” has a link that is no address: “{link}”."
                    )));
                    continue;
                }
            };
            if files.get(&file).is_none() {
                found.push(Finding::grave(format!(
                    "“{from}” leads to “{link}”, which is not in the book."
                )));
            } else if !listed.contains(&file) {
                found.push(Finding::grave(format!(
                    "“{from}” leads to “{link}”, which is not in the book's list of files."
                )));
            } else if let (Some(id), Some(ids)) = (id, self.ids.get(&file))
                && !ids.contains(&id)
            {
                found.push(Finding::grave(format!(
                    "“{from}” leads to “{link}”, where no such place is."
                )));
            }
        }
        if self.undescribed > 0 {
            found.push(undescribed(self.undescribed));
        }
    }
}

/// A file that no program can read.
pub(super) fn malformed(name: &str) -> Finding {
    Finding::grave(format!(
        "“{name}” is no well-formed XML, so programs cannot show it: export the book again."
    ))
}
