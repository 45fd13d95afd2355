//! Changing a novel's structure where text goes along: splitting, putting together, duplicating, the trash.
//!
//! **Invariants:** each of these is one transaction, after what was typed is on the disk. No word is lost by any of
//! them: what is taken out of one text is in another one, or in the trash.

use std::collections::BTreeMap;

use seshat_manuscript::{Binder, NewNode, Node, NodeId, NodeKind, SceneText, Unit};
use seshat_protocol::DocumentId;

use crate::clock::now_ms;
use crate::library::{find, no_node, node_id};
use crate::revising::Revision;
use crate::scenes::{ids, novel_id};
use crate::seen::Seen;
use crate::session::seconds;
use crate::{Desk, Failure, OutlineNode, TrashedNode};

impl Desk {
    /// Splits a scene: what is behind a place becomes a new scene that follows it. The place counts UTF-16 units of
    /// the flat text. Comments go with their text. Returns the new scene.
    ///
    /// # Errors
    /// When there is no such scene or place, it is in the trash, or it cannot be written.
    pub fn split_scene(
        &self,
        novel: &str,
        scene: &str,
        at_utf16: usize,
    ) -> Result<OutlineNode, Failure> {
        let (id, source) = ids(novel, scene)?;
        let made = self.revising(id, |revision| {
            let node = revision.standing(source)?;
            let target = revision.new_document()?;
            let peer = revision.session.entropy.peer()?;
            let text = revision.scene(source)?;
            let tail = text.split_off(at_utf16, Unit::Utf16, peer, target)?;
            revision.bear(target, tail);
            let made = behind(revision.binder()?, &node, target)?;
            Ok(made)
        })?;
        self.row(novel, made)
    }

    /// Puts the next scene's text at the end of a scene; the next one goes to the trash, empty. Returns the scene that
    /// stays.
    ///
    /// # Errors
    /// When there is no such scene, none follows it in its chapter, or it cannot be written.
    pub fn merge_scenes(&self, novel: &str, scene: &str) -> Result<OutlineNode, Failure> {
        let (id, target) = ids(novel, scene)?;
        let stays = self.revising(id, |revision| {
            let node = revision.standing(target)?;
            let next = follower(revision.binder()?, &node)?;
            let source = next.document.ok_or_else(no_next)?;
            revision.two((target, source), |text, next| Ok(text.absorb(next, target)?))?;
            let seen = revision.seen()?;
            let binder = revision.binder()?;
            let synopsis = joined(&node.synopsis, &next.synopsis);
            if synopsis != node.synopsis {
                binder.set_synopsis(node.id, &synopsis)?;
            }
            binder.trash(next.id, now_ms(), &seen)?;
            Ok(node.id)
        })?;
        self.row(novel, stays)
    }

    /// Makes a copy behind a part, chapter, scene, folder or note, with everything in it. The copy has the text; its
    /// history begins with it. Returns the copy.
    ///
    /// # Errors
    /// When there is no such node, a text of it cannot be read, or it cannot be written.
    pub fn duplicate_node(&self, novel: &str, node: &str) -> Result<OutlineNode, Failure> {
        let (id, node) = (novel_id(novel)?, node_id(node)?);
        let made = self.revising(id, |revision| {
            let original = revision.binder()?.look_up(node).ok_or_else(no_node)?;
            let mut copies = BTreeMap::new();
            for document in documents(&original) {
                let passage = revision.passage(document)?;
                let copy = revision.new_document()?;
                let peer = revision.session.entropy.peer()?;
                revision.bear(copy, SceneText::from_passage_at(&passage, peer, seconds()));
                copies.insert(document, copy);
            }
            let made = revision.binder()?.duplicate(node, &mut |document| {
                copies.get(&document).copied().unwrap_or(document)
            })?;
            Ok(made)
        })?;
        self.row(novel, made)
    }

    /// Moves a part, chapter, scene, folder or note to the trash, from where it can come back.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn trash_node(&self, novel: &str, node: &str) -> Result<(), Failure> {
        let (id, node) = (novel_id(novel)?, node_id(node)?);
        self.revising(id, |revision| {
            let seen = revision.seen()?;
            Ok(revision.binder()?.trash(node, now_ms(), &seen)?)
        })
    }

    /// What is in a novel's trash, what was put there last first.
    ///
    /// # Errors
    /// When there is no such novel, the vault is locked or the disk fails.
    pub fn trash(&self, novel: &str) -> Result<Vec<TrashedNode>, Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let nodes = session.binder(store, novel)?.binder.trashed();
            let at: Vec<_> = nodes.iter().map(|node| node.trashed_at).collect();
            let rows = session.rows_beside(store, novel, nodes)?;
            let mut trash: Vec<_> =
                rows.into_iter().zip(at).map(|(node, at)| TrashedNode { node, at }).collect();
            trash.reverse();
            Ok(trash)
        })
    }

    /// Brings something back from the trash to where it was, or to the end where that place is gone.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn restore_node(&self, novel: &str, node: &str) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.restore(node)?))
    }

    /// The author has seen that a scene came back from the trash because another laptop had edited it.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn acknowledge_node(&self, novel: &str, node: &str) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.acknowledge(node)?))
    }

    /// Puts a word of the author's own on a part, chapter, scene or note.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn set_label(&self, novel: &str, node: &str, label: &str) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.set_label(node, label.trim())?))
    }

    /// Says how many words a part, chapter or scene shall have.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn set_target(&self, novel: &str, node: &str, target: Option<u64>) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.set_target(node, target)?))
    }

    /// Says whether a part, chapter or scene goes into exports.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn set_included(&self, novel: &str, node: &str, included: bool) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.set_included(node, included)?))
    }

    /// A node as the binder shows it.
    fn row(&self, novel: &str, node: NodeId) -> Result<OutlineNode, Failure> {
        let outline = self.outline(novel)?;
        let node = node.to_string();
        let found = find(&outline.nodes, &node).or_else(|| find(&outline.notes, &node));
        found.cloned().ok_or_else(no_node)
    }
}

impl Revision<'_> {
    /// The node of a text, which must not be in the trash.
    fn standing(&mut self, document: DocumentId) -> Result<Node, Failure> {
        let binder = self.binder()?;
        let node = binder.node(document).ok_or_else(|| {
            Failure::not_found("There is no such scene in this novel; nothing was changed.")
        })?;
        if binder.is_trashed(node) {
            return Err(Failure::other(
                "This scene is in the trash; nothing was changed; bring it back first.",
            ));
        }
        binder.look_up(node).ok_or_else(no_node)
    }

    /// What this laptop has seen so far, for what goes to the trash now.
    pub(crate) fn seen(&mut self) -> Result<String, Failure> {
        let heads = self.store.heads()?;
        let heads = heads.into_iter().map(|(device, head)| (device, head.sequence));
        Ok(Seen::new(self.session.device_id(), heads).to_string())
    }
}

/// Adds a node behind another one, of its kind and as far as that one.
fn behind(binder: &mut Binder, node: &Node, document: DocumentId) -> Result<NodeId, Failure> {
    let (parent, index) = place(binder, node.id).ok_or_else(no_node)?;
    let new = NewNode { kind: node.kind.clone(), title: "", document: Some(document) };
    let made = binder.add(parent, index + 1, &new)?;
    binder.set_status(made, node.status)?;
    if !node.label.is_empty() {
        binder.set_label(made, &node.label)?;
    }
    if !node.included {
        binder.set_included(made, false)?;
    }
    Ok(made)
}

/// What holds a node that is not in the trash, and its place there.
fn place(binder: &Binder, id: NodeId) -> Option<(Option<NodeId>, usize)> {
    fn find(nodes: &[Node], parent: Option<NodeId>, id: NodeId) -> Option<(Option<NodeId>, usize)> {
        let here = nodes.iter().position(|node| node.id == id).map(|index| (parent, index));
        here.or_else(|| nodes.iter().find_map(|node| find(&node.children, Some(node.id), id)))
    }
    let (outline, notes) = (binder.outline(), binder.notes());
    find(&outline, None, id).or_else(|| find(&notes, None, id))
}

/// The scene that follows a scene in the same chapter, or the note that follows a note.
fn follower(binder: &Binder, node: &Node) -> Result<Node, Failure> {
    let tops = if node.kind == NodeKind::Note { binder.notes() } else { binder.outline() };
    let siblings = siblings(&tops, node.id).ok_or_else(no_node)?;
    let index = siblings.iter().position(|sibling| sibling.id == node.id).ok_or_else(no_node)?;
    siblings
        .get(index + 1)
        .filter(|next| next.kind == node.kind && next.document.is_some())
        .cloned()
        .ok_or_else(no_next)
}

fn siblings(nodes: &[Node], id: NodeId) -> Option<&[Node]> {
    if nodes.iter().any(|node| node.id == id) {
        return Some(nodes);
    }
    nodes.iter().find_map(|node| siblings(&node.children, id))
}

fn no_next() -> Failure {
    Failure::other(
        "No scene follows this one in its chapter, so nothing was changed; move one there first.",
    )
}

/// The texts of a node and of everything in it.
pub(crate) fn documents(node: &Node) -> Vec<DocumentId> {
    let below = node.children.iter().flat_map(documents);
    node.document.into_iter().chain(below).collect()
}

fn joined(one: &str, other: &str) -> String {
    match (one.trim(), other.trim()) {
        (_, "") => one.to_owned(),
        ("", _) => other.to_owned(),
        (one, other) => format!("{one}\n{other}"),
    }
}
