//! The binder of one novel: parts, chapters and scenes in order, and beside them folders of notes, with title,
//! status, synopsis and what else is known of them, as a replicated tree.
//!
//! Two nodes are the same on every laptop, made by the fixed first change of the reserved peer 0: the novel,
//! which holds the outline, and the trash. Deleting is moving to the trash; no node is ever removed, so none can
//! vanish in a merge, appear twice or hang in a circle. Two laptops that move one node somewhere else leave it
//! in one of the two places, the same on both.
//!
//! **Invariants:** every node that was ever added is in exactly one of [`Binder::outline`], [`Binder::notes`] and
//! [`Binder::trashed`], once; the binder holds no scene's text, only the text's id, so moving and renaming cannot
//! touch a word.

use std::fmt;
use std::sync::OnceLock;

use loro::{
    LoroDoc, LoroError, LoroMap, LoroTree, LoroValue, TreeID, TreeParentId, ValueOrContainer,
};
use serde_json::{Value, json};
use seshat_protocol::DocumentId;

use crate::node::{Node, NodeId, NodeKind, Status};
use crate::replica::{LoadError, Merged, Replica, Shape, SnapshotError};

static GENESIS: OnceLock<Vec<u8>> = OnceLock::new();

const SHAPE: Shape = Shape { configure: |_| (), genesis, made_genesis: &GENESIS, settle, portrait };

/// The container of the tree, and of the novel's own title and language.
pub(crate) const TREE: &str = "binder";
pub(crate) const NOVEL_META: &str = "novel";
/// The node that holds the outline, made by the genesis.
pub(crate) const NOVEL: TreeID = TreeID { peer: 0, counter: 0 };
/// The node that holds what was deleted, made by the genesis.
const TRASH: TreeID = TreeID { peer: 0, counter: 1 };

/// Keys of a node's metadata, part of the saved format.
const KIND: &str = "kind";
pub(crate) const TITLE: &str = "title";
const STATUS: &str = "status";
const SYNOPSIS: &str = "synopsis";
const DOCUMENT: &str = "document";
const LABEL: &str = "label";
const TARGET: &str = "target";
const INCLUDED: &str = "included";
/// Of a node that came back out of the trash because another laptop went on writing it: true.
const KEPT: &str = "kept";
/// Of a trashed node: when, in milliseconds, and what the caller had seen of it by then.
const TRASHED_AT: &str = "trashed_at";
const SEEN: &str = "seen";
/// Of a trashed node: the id of the node that it was in ("" for the top), and its place there.
const HOME: &str = "home";
const HOME_INDEX: &str = "home_index";
/// Key of the novel's metadata, beside [`TITLE`].
const LANGUAGE: &str = "language";
const AUTHOR: &str = "author";

/// Bytes of noise at the end of an order key. Without noise two laptops that insert at the same place make the
/// same key, and the next insertion between the two has to move a sibling that nobody touched, which can pull
/// it out of the trash again when the other laptop has just deleted it.
const ORDER_NOISE: u8 = 3;

/// An edit of the binder that was refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BinderError {
    /// No such node.
    #[error("it is not in this novel")]
    UnknownNode,
    /// A part in a chapter, anything in a scene or a note, a scene in a folder, a node in itself, or a place in
    /// the trash.
    #[error("it cannot stand there")]
    WrongPlace,
    /// The CRDT refused what our own checks let pass.
    #[error("the document refused it")]
    Refused,
}

impl From<LoroError> for BinderError {
    fn from(_: LoroError) -> Self {
        Self::Refused
    }
}

/// What [`Binder::add`] makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNode<'a> {
    /// What it is.
    pub kind: NodeKind,
    /// Its title; may be empty.
    pub title: &'a str,
    /// The text of a scene or a note; its id is random and made by the caller.
    pub document: Option<DocumentId>,
}

/// The binder of one novel.
pub struct Binder {
    pub(crate) replica: Replica,
}

impl fmt::Debug for Binder {
    /// Says no title, so that no log can hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binder").finish_non_exhaustive()
    }
}

impl Binder {
    /// The binder of a new novel; `language` is a BCP 47 tag. `peer` must be random.
    #[must_use]
    pub fn new(peer: u64, title: &str, language: &str) -> Self {
        let mut binder = Self { replica: Replica::fresh(SHAPE, peer) };
        binder.set_title(title);
        binder.set_language(language);
        binder
    }

    /// The binder that `saved` updates and snapshots make together, in any order. `peer` must be random and new.
    ///
    /// # Errors
    /// [`LoadError`] names the part that cannot be read; the others can be loaded without it.
    pub fn load<'a>(
        peer: u64,
        saved: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, LoadError> {
        Replica::load(SHAPE, peer, saved).map(|replica| Self { replica })
    }

    /// As [`crate::SceneText::merge`].
    ///
    /// # Errors
    /// [`LoadError`] when it cannot be read; the binder is then as it was.
    pub fn merge(&mut self, update: &[u8]) -> Result<Merged, LoadError> {
        self.merge_all([update])
    }

    /// As [`crate::SceneText::merge_all`].
    ///
    /// # Errors
    /// As [`Binder::merge`]; the error names the culprit.
    pub fn merge_all<'a>(
        &mut self,
        updates: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Merged, LoadError> {
        self.replica.merge(updates).map(|merge| merge.merged)
    }

    /// As [`crate::SceneText::is_waiting`].
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.replica.is_waiting()
    }

    /// As [`crate::SceneText::take_update`].
    pub fn take_update(&mut self) -> Option<Vec<u8>> {
        self.replica.take_update()
    }

    /// As [`crate::SceneText::snapshot`]; the JSON beside it has title, language, outline,
    /// notes and trash.
    ///
    /// # Errors
    /// [`SnapshotError`] when updates are waiting, or when the comparison failed.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        self.replica.snapshot(&self.content())
    }

    /// As [`crate::SceneText::history`].
    ///
    /// # Errors
    /// As [`Binder::snapshot`].
    pub fn history(&self, beside: &[u8]) -> Result<Vec<u8>, SnapshotError> {
        self.replica.history(&self.content(), beside)
    }

    fn content(&self) -> Value {
        json!({
            TITLE: self.title(),
            LANGUAGE: self.language(),
            AUTHOR: self.author(),
            "outline": self.outline(),
            "notes": self.notes(),
            "trash": self.trashed(),
        })
    }

    /// As [`crate::SceneText::set_time`].
    pub fn set_time(&mut self, seconds: i64) {
        self.replica.set_time(seconds);
    }

    /// The novel's title.
    #[must_use]
    pub fn title(&self) -> String {
        text_of(&self.novel_meta(), TITLE)
    }

    /// Changes the novel's title.
    pub fn set_title(&mut self, title: &str) {
        self.set_novel(TITLE, title);
    }

    /// The novel's language as a BCP 47 tag.
    #[must_use]
    pub fn language(&self) -> String {
        text_of(&self.novel_meta(), LANGUAGE)
    }

    /// Changes the novel's language.
    pub fn set_language(&mut self, language: &str) {
        self.set_novel(LANGUAGE, language);
    }

    /// Whom the novel names as its author; empty when it names nobody.
    #[must_use]
    pub fn author(&self) -> String {
        text_of(&self.novel_meta(), AUTHOR)
    }

    /// Changes whom the novel names as its author.
    pub fn set_author(&mut self, author: &str) {
        self.set_novel(AUTHOR, author);
    }

    fn novel_meta(&self) -> LoroMap {
        self.replica.doc().get_map(NOVEL_META)
    }

    fn set_novel(&mut self, key: &str, value: &str) {
        self.novel_meta().insert(key, value).expect("a map takes any text");
        self.replica.commit();
    }

    /// Adds a node at `index` among the children of `parent` (`None`: at the top). An index behind the last
    /// child means the end.
    ///
    /// # Errors
    /// When `parent` is unknown, in the trash, or cannot hold such a node.
    pub fn add(
        &mut self,
        parent: Option<NodeId>,
        index: usize,
        new: &NewNode<'_>,
    ) -> Result<NodeId, BinderError> {
        let parent = self.place_for(&new.kind, parent)?;
        let mut made = None;
        self.replica.attempt(|doc| {
            let tree = doc.get_tree(TREE);
            let index = place(&tree, parent, None, &new.kind, index);
            let node = tree.create_at(parent, index)?;
            let meta = tree.get_meta(node)?;
            meta.insert(KIND, new.kind.name())?;
            meta.insert(TITLE, new.title)?;
            if let Some(document) = new.document {
                meta.insert(DOCUMENT, document.to_string())?;
            }
            made = Some(from_tree(node));
            Ok::<_, BinderError>(())
        })?;
        made.ok_or(BinderError::Refused)
    }

    /// Changes a node's title.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn rename(&mut self, node: NodeId, title: &str) -> Result<(), BinderError> {
        self.set(node, TITLE, title)
    }

    /// Changes a node's status.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn set_status(&mut self, node: NodeId, status: Status) -> Result<(), BinderError> {
        self.set(node, STATUS, status.name())
    }

    /// Changes a node's synopsis as a whole.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn set_synopsis(&mut self, node: NodeId, synopsis: &str) -> Result<(), BinderError> {
        self.set(node, SYNOPSIS, synopsis)
    }

    /// Changes a node's label; an empty one is none.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn set_label(&mut self, node: NodeId, label: &str) -> Result<(), BinderError> {
        self.set(node, LABEL, label)
    }

    /// Changes how many words a node is meant to have.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn set_target(&mut self, node: NodeId, words: Option<u64>) -> Result<(), BinderError> {
        let words = words.map(|words| i64::try_from(words).unwrap_or(i64::MAX));
        self.set(node, TARGET, words.map_or(LoroValue::Null, LoroValue::I64))
    }

    /// Says whether an export takes a node along, with all it holds.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn set_included(&mut self, node: NodeId, included: bool) -> Result<(), BinderError> {
        self.set(node, INCLUDED, included)
    }

    /// Takes the mark [`Node::kept`] off: the author has seen it.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn acknowledge(&mut self, node: NodeId) -> Result<(), BinderError> {
        self.set(node, KEPT, false)
    }

    /// Writes one entry of a node, unless it says that already.
    fn set(
        &mut self,
        node: NodeId,
        key: &str,
        value: impl Into<LoroValue>,
    ) -> Result<(), BinderError> {
        let node = self.known(node)?;
        self.replica.attempt(|doc| write(&doc.get_tree(TREE).get_meta(node)?, key, value.into()))
    }

    /// Moves a node with all it holds to `index` among the other children of `parent` (`None`: the top); an index
    /// behind the last means the end. Out of the trash, too.
    ///
    /// # Errors
    /// When one of the two is unknown, or `parent` is in the trash, in `node`, or cannot hold it.
    pub fn move_to(
        &mut self,
        node: NodeId,
        parent: Option<NodeId>,
        index: usize,
    ) -> Result<(), BinderError> {
        let node = self.known(node)?;
        let parent = self.place_for(&self.kind(node), parent)?;
        if self.line(parent).contains(&node) {
            return Err(BinderError::WrongPlace);
        }
        let kind = self.kind(node);
        self.replica.attempt(|doc| {
            let tree = doc.get_tree(TREE);
            let index = place(&tree, parent, Some(node), &kind, index);
            Ok(move_in(&tree, node, parent, index)?)
        })
    }

    /// Moves a node with all it holds to the end of the trash. What is there stays there.
    ///
    /// `at_ms` is shown to the author. `seen` says in the caller's terms what it knew of the node's texts: what
    /// turns out to have been written beyond that should bring the node back (see [`Binder::keep`]).
    ///
    /// # Errors
    /// When there is no such node.
    pub fn trash(&mut self, node: NodeId, at_ms: u64, seen: &str) -> Result<(), BinderError> {
        let node = self.known(node)?;
        if self.is_in_trash(node) {
            return Ok(());
        }
        self.replica.attempt(|doc| trash_in(&doc.get_tree(TREE), node, at_ms, seen))
    }

    /// What the caller had seen when it put a node, or the nearest that holds it, into the trash; `None` for what
    /// is not there, and for what was put there without a word.
    #[must_use]
    pub fn seen(&self, node: NodeId) -> Option<String> {
        let node = self.known(node).ok()?;
        let trashed = self.line(node).into_iter().find(|&node| self.parent(node) == Some(TRASH))?;
        text(&self.tree().get_meta(trashed).ok()?, SEEN)
    }

    /// Moves a node out of the trash to where it was, or to the end of the top where that place is gone or was
    /// never noted (a scene inside a trashed chapter). What is not in the trash stays where it is.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn restore(&mut self, node: NodeId) -> Result<(), BinderError> {
        self.restore_as(node, false)
    }

    /// Moves a node out of the trash, as [`Binder::restore`], and marks it as kept: somebody went on writing it
    /// while it was put there. What is not in the trash stays as it is.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn keep(&mut self, node: NodeId) -> Result<(), BinderError> {
        self.restore_as(node, true)
    }

    fn restore_as(&mut self, node: NodeId, kept: bool) -> Result<(), BinderError> {
        let node = self.known(node)?;
        if !self.is_in_trash(node) {
            return Ok(());
        }
        let kind = self.kind(node);
        let meta = self.tree().get_meta(node)?;
        let home: Option<Option<NodeId>> = match (self.parent(node), text(&meta, HOME)) {
            (Some(TRASH), Some(home)) if home.is_empty() => Some(None),
            (Some(TRASH), Some(home)) => home.parse().ok().map(Some),
            _ => None,
        };
        let home = home.and_then(|home| self.place_for(&kind, home).ok());
        let home = home.filter(|&home| !self.line(home).contains(&node));
        let index = match meta.get(HOME_INDEX) {
            Some(ValueOrContainer::Value(LoroValue::I64(index))) => usize::try_from(index).ok(),
            _ => None,
        };
        let (parent, index) = match (home, index) {
            (Some(home), Some(index)) => (home, index),
            _ => (home.unwrap_or(NOVEL), usize::MAX),
        };
        self.replica.attempt(|doc| {
            let tree = doc.get_tree(TREE);
            if kept {
                write(&tree.get_meta(node)?, KEPT, true.into())?;
            }
            Ok(move_in(&tree, node, parent, index)?)
        })
    }

    /// Parts, chapters and scenes with what they hold, in reading order; and whatever a newer version put beside
    /// them.
    #[must_use]
    pub fn outline(&self) -> Vec<Node> {
        outline_of(&self.tree())
    }

    /// Folders and notes with what they hold, in order.
    #[must_use]
    pub fn notes(&self) -> Vec<Node> {
        notes_of(&self.tree())
    }

    /// What was trashed, oldest first, each with what it holds.
    #[must_use]
    pub fn trashed(&self) -> Vec<Node> {
        trashed_of(&self.tree())
    }

    /// Whether a node, or something that holds it, is in the trash. `false` for an unknown one.
    #[must_use]
    pub fn is_trashed(&self, node: NodeId) -> bool {
        self.known(node).is_ok_and(|node| self.is_in_trash(node))
    }

    /// A node with what it holds, in the outline or in the trash.
    #[must_use]
    pub fn look_up(&self, node_id: NodeId) -> Option<Node> {
        self.known(node_id).ok().map(|id| node(&self.tree(), id))
    }

    /// The node whose text is `document`, in the outline or else in the trash.
    #[must_use]
    pub fn node(&self, document: DocumentId) -> Option<NodeId> {
        fn find(nodes: &[Node], document: DocumentId) -> Option<NodeId> {
            nodes.iter().find_map(|node| {
                let here = (node.document == Some(document)).then_some(node.id);
                here.or_else(|| find(&node.children, document))
            })
        }
        find(&self.outline(), document)
            .or_else(|| find(&self.notes(), document))
            .or_else(|| find(&self.trashed(), document))
    }

    pub(crate) fn tree(&self) -> LoroTree {
        self.replica.doc().get_tree(TREE)
    }

    pub(crate) fn known(&self, node: NodeId) -> Result<TreeID, BinderError> {
        let id = to_tree(node);
        let is_node = id != NOVEL && id != TRASH && self.tree().contains(id);
        if is_node { Ok(id) } else { Err(BinderError::UnknownNode) }
    }

    fn kind(&self, node: TreeID) -> NodeKind {
        kind_of(&self.tree(), node)
    }

    pub(crate) fn parent(&self, node: TreeID) -> Option<TreeID> {
        self.tree().parent(node).and_then(|parent| parent.tree_id())
    }

    /// `node` and what holds it, inside out.
    fn line(&self, node: TreeID) -> Vec<TreeID> {
        std::iter::successors(Some(node), |&node| self.parent(node)).collect()
    }

    pub(crate) fn is_in_trash(&self, node: TreeID) -> bool {
        self.line(node).contains(&TRASH)
    }

    /// Where a node of `kind` goes when it is put into `parent`.
    ///
    /// Kinds never change, so what is checked against the parent here still holds after every merge.
    fn place_for(&self, kind: &NodeKind, parent: Option<NodeId>) -> Result<TreeID, BinderError> {
        let Some(parent) = parent else { return Ok(NOVEL) };
        let parent = self.known(parent)?;
        let fits = kind.fits_in(&self.kind(parent));
        if fits && !self.is_in_trash(parent) { Ok(parent) } else { Err(BinderError::WrongPlace) }
    }
}

/// The first change of every binder. Part of the format.
fn genesis(doc: &LoroDoc) {
    let tree = doc.get_tree(TREE);
    for expected in [NOVEL, TRASH] {
        let made = tree.create(TreeParentId::Root).expect("an empty tree takes a node");
        debug_assert_eq!(made, expected, "the fixed nodes have fixed ids");
    }
}

fn settle(doc: &LoroDoc) {
    let tree = doc.get_tree(TREE);
    // Off and on: only switching it on seeds the noise with this replica's own number.
    tree.disable_fractional_index();
    tree.enable_fractional_index(ORDER_NOISE);
}

fn portrait(doc: &LoroDoc) -> Value {
    let tree = doc.get_tree(TREE);
    let top = tree.children(TreeParentId::Root).unwrap_or_default();
    let top: Vec<_> = top.into_iter().map(|id| node(&tree, id)).collect();
    json!({ "top": top, "all": Value::from(doc.get_deep_value()) })
}

pub(crate) fn children(tree: &LoroTree, parent: TreeID) -> Vec<TreeID> {
    tree.children(parent).unwrap_or_default()
}

fn nodes(tree: &LoroTree, parent: TreeID) -> Vec<Node> {
    children(tree, parent).into_iter().map(|id| node(tree, id)).collect()
}

pub(crate) fn outline_of(tree: &LoroTree) -> Vec<Node> {
    let mut outline = nodes(tree, NOVEL);
    outline.retain(|node| !node.kind.is_aside());
    // Beside novel and trash only a newer version could put something. It is shown rather than lost.
    let strays = tree.children(TreeParentId::Root).unwrap_or_default();
    let strays = strays.into_iter().filter(|&stray| stray != NOVEL && stray != TRASH);
    outline.extend(strays.map(|stray| node(tree, stray)));
    outline
}

pub(crate) fn notes_of(tree: &LoroTree) -> Vec<Node> {
    let mut notes = nodes(tree, NOVEL);
    notes.retain(|node| node.kind.is_aside());
    notes
}

pub(crate) fn trashed_of(tree: &LoroTree) -> Vec<Node> {
    let mut trashed = nodes(tree, TRASH);
    for node in &mut trashed {
        let meta = tree.get_meta(to_tree(node.id));
        node.trashed_at = meta.ok().and_then(|meta| number(&meta, TRASHED_AT));
    }
    trashed
}

fn kind_of(tree: &LoroTree, node: TreeID) -> NodeKind {
    let meta = tree.get_meta(node);
    meta.map_or_else(|_| String::new(), |meta| text_of(&meta, KIND)).into()
}

/// Where among all children of `parent` something of `kind` stands that is to be at `index` among the *other*
/// ones of its section: at the top the manuscript and the notes are two sections of one list. `moved` is the
/// node itself, where it is one of them already.
pub(crate) fn place(
    tree: &LoroTree,
    parent: TreeID,
    moved: Option<TreeID>,
    kind: &NodeKind,
    index: usize,
) -> usize {
    let mut others = children(tree, parent);
    others.retain(|&child| Some(child) != moved);
    if parent != NOVEL {
        return index.min(others.len());
    }
    let mut section =
        (0..others.len()).filter(|&at| kind_of(tree, others[at]).is_aside() == kind.is_aside());
    match index.checked_sub(1) {
        None => section.next().unwrap_or(others.len()),
        // Behind the one before it, so that the end of a section is not behind the other section.
        Some(before) => {
            let last = section.clone().last();
            section.nth(before).or(last).map_or(others.len(), |at| at + 1)
        }
    }
}

pub(crate) fn trash_in(
    tree: &LoroTree,
    node: TreeID,
    at_ms: u64,
    seen: &str,
) -> Result<(), BinderError> {
    let parent = tree.parent(node).and_then(|parent| parent.tree_id());
    let parent = parent.filter(|&parent| parent != NOVEL);
    let siblings = children(tree, parent.unwrap_or(NOVEL));
    let index = siblings.iter().position(|&sibling| sibling == node).unwrap_or(siblings.len());
    let meta = tree.get_meta(node)?;
    meta.insert(HOME, parent.map(|id| from_tree(id).to_string()).unwrap_or_default())?;
    meta.insert(HOME_INDEX, i64::try_from(index).unwrap_or(i64::MAX))?;
    meta.insert(TRASHED_AT, i64::try_from(at_ms).unwrap_or(i64::MAX))?;
    meta.insert(SEEN, seen)?;
    Ok(move_in(tree, node, TRASH, usize::MAX)?)
}

/// Writes one entry of a node, unless it says that already.
fn write(meta: &LoroMap, key: &str, value: LoroValue) -> Result<(), BinderError> {
    match meta.get(key) {
        Some(ValueOrContainer::Value(same)) if same == value => Ok(()),
        None if value == LoroValue::Null => Ok(()),
        _ => Ok(meta.insert(key, value)?),
    }
}

/// Gives a node everything but its kind, its document and its place as `wanted` says.
pub(crate) fn describe(tree: &LoroTree, node: TreeID, wanted: &Node) -> Result<(), BinderError> {
    let meta = tree.get_meta(node)?;
    let target = wanted.target.and_then(|words| i64::try_from(words).ok());
    for (key, now, then) in [
        (TITLE, text_of(&meta, TITLE), &wanted.title),
        (SYNOPSIS, text_of(&meta, SYNOPSIS), &wanted.synopsis),
        (LABEL, text_of(&meta, LABEL), &wanted.label),
    ] {
        if now != *then {
            meta.insert(key, then.as_str())?;
        }
    }
    if Status::from_name(&text_of(&meta, STATUS)) != wanted.status {
        meta.insert(STATUS, wanted.status.name())?;
    }
    if is_on(&meta, INCLUDED, true) != wanted.included {
        meta.insert(INCLUDED, wanted.included)?;
    }
    write(&meta, TARGET, target.map_or(LoroValue::Null, LoroValue::I64))
}

/// Makes a copy of `node` at `index` in `parent`, with all it holds. Newer versions' entries come along; what
/// only says where the original once was does not.
pub(crate) fn copy_in(
    tree: &LoroTree,
    node: TreeID,
    parent: TreeID,
    index: usize,
    document: &mut dyn FnMut(DocumentId) -> DocumentId,
) -> Result<TreeID, BinderError> {
    let copy = tree.create_at(parent, index)?;
    let (from, to) = (tree.get_meta(node)?, tree.get_meta(copy)?);
    let LoroValue::Map(entries) = from.get_value() else { return Err(BinderError::Refused) };
    // In order, so that equal edits are equal operations.
    let entries: std::collections::BTreeMap<_, _> = entries.iter().collect();
    for (key, value) in entries {
        if [HOME, HOME_INDEX, KEPT, SEEN, TRASHED_AT].contains(&key.as_str()) {
            continue;
        }
        let own = match (key.as_str(), value) {
            (DOCUMENT, LoroValue::String(id)) => id.parse().ok().map(&mut *document),
            _ => None,
        };
        to.insert(key, own.map_or_else(|| value.clone(), |id| id.to_string().into()))?;
    }
    for (index, child) in children(tree, node).into_iter().enumerate() {
        copy_in(tree, child, copy, index, document)?;
    }
    Ok(copy)
}

pub(crate) fn is_on(meta: &LoroMap, key: &str, absent: bool) -> bool {
    match meta.get(key) {
        Some(ValueOrContainer::Value(LoroValue::Bool(on))) => on,
        _ => absent,
    }
}

fn number(meta: &LoroMap, key: &str) -> Option<u64> {
    match meta.get(key) {
        Some(ValueOrContainer::Value(LoroValue::I64(number))) => u64::try_from(number).ok(),
        _ => None,
    }
}

fn node(tree: &LoroTree, id: TreeID) -> Node {
    let children = nodes(tree, id);
    let id_out = from_tree(id);
    let Ok(meta) = tree.get_meta(id) else {
        return Node { children, ..Node::unreadable(id_out) };
    };
    Node {
        id: id_out,
        kind: text_of(&meta, KIND).into(),
        title: text_of(&meta, TITLE),
        status: Status::from_name(&text_of(&meta, STATUS)),
        synopsis: text_of(&meta, SYNOPSIS),
        document: text(&meta, DOCUMENT).and_then(|id| id.parse().ok()),
        label: text_of(&meta, LABEL),
        target: number(&meta, TARGET),
        included: is_on(&meta, INCLUDED, true),
        kept: is_on(&meta, KEPT, false),
        trashed_at: None,
        children,
    }
}

fn text(meta: &LoroMap, key: &str) -> Option<String> {
    match meta.get(key) {
        Some(ValueOrContainer::Value(LoroValue::String(text))) => Some(text.to_string()),
        _ => None,
    }
}

pub(crate) fn text_of(meta: &LoroMap, key: &str) -> String {
    text(meta, key).unwrap_or_default()
}

/// Moves `node` to `index` among the *other* children of `parent`.
pub(crate) fn move_in(
    tree: &LoroTree,
    node: TreeID,
    parent: TreeID,
    index: usize,
) -> Result<(), LoroError> {
    let siblings = children(tree, parent);
    let others = siblings.len() - usize::from(siblings.contains(&node));
    let index = index.min(others);
    if siblings.get(index) == Some(&node) {
        // Already there: writing the move anyway could win over the other laptop's real one.
        return Ok(());
    }
    tree.mov_to(node, parent, index)
}

pub(crate) fn from_tree(id: TreeID) -> NodeId {
    NodeId { peer: id.peer, counter: id.counter }
}

pub(crate) fn to_tree(id: NodeId) -> TreeID {
    TreeID { peer: id.peer, counter: id.counter }
}
