//! A binder's past: versions of the whole novel, how it stood then, and putting it back in that order.

use std::collections::HashSet;
use std::fmt;

use loro::{LoroDoc, LoroTree, TreeID};
use serde_json::{Value, json};
use seshat_protocol::DocumentId;

use crate::binder::{Binder, BinderError};
use crate::node::{Node, NodeId};
use crate::tree::{self, NOVEL, TITLE, TREE};
use crate::version::{self, NamedVersion, Version, VersionError, VersionKind};

/// In a named version of a novel: its scenes and their versions.
const SCENES: &str = "scenes";

/// A version of the whole novel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NovelVersion {
    /// For renaming and forgetting it.
    pub id: String,
    /// Why it is there.
    pub kind: VersionKind,
    /// Its name; may be empty.
    pub name: String,
    /// When it was named, in whatever unit the caller counts.
    pub at: i64,
    /// The binder's version.
    pub version: Version,
    /// The version of each text.
    pub scenes: Vec<(DocumentId, Version)>,
}

/// A binder as it was, for reading.
pub struct PastNovel {
    doc: LoroDoc,
}

impl fmt::Debug for PastNovel {
    /// Says no title, so that no log can hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PastNovel").finish_non_exhaustive()
    }
}

impl PastNovel {
    fn tree(&self) -> LoroTree {
        self.doc.get_tree(TREE)
    }

    /// The novel's title then.
    #[must_use]
    pub fn title(&self) -> String {
        tree::text_of(&self.doc.get_map(tree::NOVEL_META), TITLE)
    }

    /// As [`Binder::outline`].
    #[must_use]
    pub fn outline(&self) -> Vec<Node> {
        tree::outline_of(&self.tree())
    }

    /// As [`Binder::notes`].
    #[must_use]
    pub fn notes(&self) -> Vec<Node> {
        tree::notes_of(&self.tree())
    }

    /// As [`Binder::trashed`].
    #[must_use]
    pub fn trashed(&self) -> Vec<Node> {
        tree::trashed_of(&self.tree())
    }
}

impl Binder {
    /// What this binder holds now.
    #[must_use]
    pub fn version(&self) -> Version {
        self.replica.version()
    }

    /// Whether everything of `version` is here.
    #[must_use]
    pub fn includes(&self, version: &Version) -> bool {
        self.replica.frontiers(version).is_ok()
    }

    /// The binder as it was.
    ///
    /// # Errors
    /// When the version is not here, or not whole yet.
    pub fn at(&self, version: &Version) -> Result<PastNovel, VersionError> {
        self.replica.at(version).map(|doc| PastNovel { doc })
    }

    /// Gives the present of the whole novel a name; `scenes` are the versions of its texts. `id` is random and
    /// made by the caller: up to 64 ASCII letters, digits and hyphens.
    ///
    /// # Errors
    /// When the id is unfit.
    pub fn name_version(
        &mut self,
        id: &str,
        kind: VersionKind,
        name: &str,
        at: i64,
        scenes: &[(DocumentId, Version)],
    ) -> Result<(), VersionError> {
        if !version::is_key(id) {
            return Err(VersionError::UnfitId);
        }
        let version = self.version();
        let named = NamedVersion { id: id.to_owned(), kind, name: name.to_owned(), at, version };
        let scenes: Vec<Value> = scenes
            .iter()
            .map(|(document, version)| json!([document.to_string(), version.to_string()]))
            .collect();
        self.replica.attempt(|doc| {
            let entry = version::entry(&named, Some((SCENES, scenes.into())));
            version::map(doc).insert(id, entry).map_err(|_| VersionError::UnfitId)
        })
    }

    /// The versions of the whole novel, oldest first.
    #[must_use]
    pub fn named_versions(&self) -> Vec<NovelVersion> {
        let entries = version::entries(self.replica.doc());
        let mut named: Vec<_> =
            entries.iter().filter_map(|(id, value)| novel_version(id, value)).collect();
        named.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        named
    }

    /// Gives a version another name.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn rename_version(&mut self, id: &str, name: &str) -> Result<(), VersionError> {
        self.replica.attempt(|doc| version::rename(doc, id, name))
    }

    /// Takes a version out of the list. The history that it named stays.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn forget_version(&mut self, id: &str) -> Result<(), VersionError> {
        self.replica.attempt(|doc| version::forget(doc, id))
    }

    /// Puts the novel back in the order of `past`, with the titles, synopses and whatever else nodes said then.
    /// What was not in the novel then goes to the trash (as [`Binder::trash`] with `at_ms` and `seen`); what is
    /// in the trash now and was not then comes out of it. Nothing is removed, and no text is touched.
    ///
    /// # Errors
    /// When `past` belongs to another novel; then nothing changed.
    pub fn rearrange(
        &mut self,
        past: &PastNovel,
        at_ms: u64,
        seen: &str,
    ) -> Result<(), BinderError> {
        let then: Vec<Node> = past.outline().into_iter().chain(past.notes()).collect();
        let past_tree = past.tree();
        self.replica.attempt(|doc| {
            let tree = doc.get_tree(TREE);
            let mut placed = HashSet::new();
            put_back(&tree, &past_tree, NOVEL, &mut placed)?;
            for node in &then {
                describe_all(&tree, node)?;
            }
            trash_others(&tree, NOVEL, &placed, at_ms, seen)
        })
    }

    /// Makes a copy of a node behind it, with all it holds. `document` names the text of each copy; what is in
    /// those texts is the caller's business.
    ///
    /// # Errors
    /// When there is no such node, or it is in the trash.
    pub fn duplicate(
        &mut self,
        node: NodeId,
        document: &mut dyn FnMut(DocumentId) -> DocumentId,
    ) -> Result<NodeId, BinderError> {
        let node = self.known(node)?;
        let parent = self.parent(node).ok_or(BinderError::WrongPlace)?;
        if self.is_in_trash(node) {
            return Err(BinderError::WrongPlace);
        }
        let mut made = None;
        self.replica.attempt(|doc| {
            let tree = doc.get_tree(TREE);
            let siblings = tree::children(&tree, parent);
            let at = siblings.iter().position(|&sibling| sibling == node);
            let index = at.map_or(siblings.len(), |at| at + 1);
            made = Some(tree::copy_in(&tree, node, parent, index, document)?);
            Ok::<_, BinderError>(())
        })?;
        made.map(tree::from_tree).ok_or(BinderError::Refused)
    }
}

fn novel_version(id: &str, value: &Value) -> Option<NovelVersion> {
    let NamedVersion { id, kind, name, at, version } = version::read(id, value)?;
    let scenes = value.get(SCENES).and_then(Value::as_array)?;
    let scenes = scenes
        .iter()
        .filter_map(|pair| {
            let text = |at: usize| pair.get(at).and_then(Value::as_str);
            Some((text(0)?.parse().ok()?, text(1)?.parse().ok()?))
        })
        .collect();
    Some(NovelVersion { id, kind, name, at, version, scenes })
}

/// Gives `parent` the children that it had in `past`, in that order, from the top down: a node's place is there
/// before the node comes to it, so none is ever put into itself.
fn put_back(
    tree: &LoroTree,
    past: &LoroTree,
    parent: TreeID,
    placed: &mut HashSet<TreeID>,
) -> Result<(), BinderError> {
    for (index, child) in tree::children(past, parent).into_iter().enumerate() {
        if !tree.contains(child) {
            return Err(BinderError::UnknownNode);
        }
        if tree::children(tree, parent).get(index) != Some(&child) {
            tree::move_in(tree, child, parent, index)?;
        }
        placed.insert(child);
        put_back(tree, past, child, placed)?;
    }
    Ok(())
}

fn describe_all(tree: &LoroTree, wanted: &Node) -> Result<(), BinderError> {
    tree::describe(tree, tree::to_tree(wanted.id), wanted)?;
    wanted.children.iter().try_for_each(|child| describe_all(tree, child))
}

fn trash_others(
    tree: &LoroTree,
    parent: TreeID,
    placed: &HashSet<TreeID>,
    at_ms: u64,
    seen: &str,
) -> Result<(), BinderError> {
    for child in tree::children(tree, parent) {
        if placed.contains(&child) {
            trash_others(tree, child, placed, at_ms, seen)?;
        } else {
            tree::trash_in(tree, child, at_ms, seen)?;
        }
    }
    Ok(())
}
