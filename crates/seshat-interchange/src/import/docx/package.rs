//! The parts of a DOCX file and what points to what.

use std::collections::HashMap;

use super::SPACES;
use crate::import::guard::Archive;
use crate::import::refusal::Refusal;
use crate::import::tree::{self, Element};

/// Where a relation leads.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// The last part of its type's address, which strict and usual files share: "footnotes".
    pub(super) kind: String,
    /// The name of a part, or an address outside of the file.
    pub(super) target: String,
    /// Whether it leads out of the file.
    pub(super) outside: bool,
}

/// The relations of one part, by their ids.
pub(super) type Relations = HashMap<String, Relation>;

/// The relations of the part `name`; none where it has no list of them.
pub(super) fn relations(archive: &mut Archive<'_>, name: &str) -> Result<Relations, Refusal> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let slash = if folder.is_empty() { "" } else { "/" };
    let list = format!("{folder}{slash}_rels/{file}.rels");
    let Some(root) = part(archive, &list)? else { return Ok(Relations::new()) };
    let mut relations = Relations::new();
    for element in root.elements() {
        let (Some(id), Some(target)) = (element.get("Id"), element.get("Target")) else { continue };
        let kind = element.get("Type").unwrap_or_default();
        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
        let outside = element.get("TargetMode") == Some("External");
        let target = if outside { target.to_owned() } else { inside(folder, target) };
        relations.insert(id.to_owned(), Relation { kind, target, outside });
    }
    Ok(relations)
}

/// The name of a part that another one in `folder` calls `target`. A name that leads out of the archive names
/// nothing in it.
fn inside(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// A part as a tree.
pub(super) fn part(archive: &mut Archive<'_>, name: &str) -> Result<Option<Element>, Refusal> {
    let Some(bytes) = archive.read(name)? else { return Ok(None) };
    let text = tree::decode(&bytes)?;
    Ok(Some(tree::whole(&text, SPACES)?))
}

/// The part that `relations` names for a purpose, as a tree.
pub(super) fn related(
    archive: &mut Archive<'_>,
    relations: &Relations,
    kind: &str,
) -> Result<Option<(String, Element)>, Refusal> {
    let found = relations.values().find(|relation| relation.kind == kind && !relation.outside);
    let Some(name) = found.map(|relation| relation.target.clone()) else { return Ok(None) };
    Ok(part(archive, &name)?.map(|root| (name, root)))
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_target_is_a_name_in_the_archive() {
        assert_eq!(inside("word", "media/a.png"), "word/media/a.png");
        assert_eq!(inside("word", "../a.xml"), "a.xml");
        assert_eq!(inside("word", "/b/./a.xml"), "b/./a.xml");
        assert_eq!(inside("", "word/document.xml"), "word/document.xml");
        assert_eq!(inside("word", "../../../etc/passwd"), "etc/passwd");
    }
}
