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

use loro::{LoroError, LoroMap, LoroTree, LoroValue, TreeID, ValueOrContainer};
use serde_json::{Value, json};
use seshat_protocol::DocumentId;

use crate::node::{Node, NodeId, NodeKind, Status};
use crate::replica::{LoadError, Merged, Replica, Shape, SnapshotError};
use crate::tree::{
    AUTHOR, DOCUMENT, HOME, HOME_INDEX, INCLUDED, KEPT, KIND, LABEL, LANGUAGE, NOVEL, NOVEL_META,
    SEEN, STATUS, SYNOPSIS, TARGET, TITLE, TRASH, TREE, from_tree, genesis, kind_of, move_in, node,
    notes_of, outline_of, place, portrait, settle, text, text_of, to_tree, trash_in, trashed_of,
    write,
};

static GENESIS: OnceLock<Vec<u8>> = OnceLock::new();

const SHAPE: Shape = Shape { configure: |_| (), genesis, made_genesis: &GENESIS, settle, portrait };

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

    pub(crate) fn novel_meta(&self) -> LoroMap {
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
