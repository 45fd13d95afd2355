//! The tree under the binder: what its nodes say, where they stand, and the edits of it.

use loro::{
    LoroDoc, LoroError, LoroMap, LoroTree, LoroValue, TreeID, TreeParentId, ValueOrContainer,
};
use serde_json::{Value, json};
use seshat_protocol::DocumentId;

use crate::binder::BinderError;
use crate::node::{Node, NodeId, NodeKind, Status};

/// The container of the tree, and of the novel's own title and language.
pub(crate) const TREE: &str = "binder";
pub(crate) const NOVEL_META: &str = "novel";
/// The node that holds the outline, made by the genesis.
pub(crate) const NOVEL: TreeID = TreeID { peer: 0, counter: 0 };
/// The node that holds what was deleted, made by the genesis.
pub(crate) const TRASH: TreeID = TreeID { peer: 0, counter: 1 };

/// Keys of a node's metadata, part of the saved format.
pub(crate) const KIND: &str = "kind";
pub(crate) const TITLE: &str = "title";
pub(crate) const STATUS: &str = "status";
pub(crate) const SYNOPSIS: &str = "synopsis";
pub(crate) const DOCUMENT: &str = "document";
pub(crate) const LABEL: &str = "label";
pub(crate) const TARGET: &str = "target";
pub(crate) const INCLUDED: &str = "included";
/// Of a node that came back out of the trash because another laptop went on writing it: true.
pub(crate) const KEPT: &str = "kept";
/// Of a trashed node: when, in milliseconds, and what the caller had seen of it by then.
pub(crate) const TRASHED_AT: &str = "trashed_at";
pub(crate) const SEEN: &str = "seen";
/// Of a trashed node: the id of the node that it was in ("" for the top), and its place there.
pub(crate) const HOME: &str = "home";
pub(crate) const HOME_INDEX: &str = "home_index";
/// Key of the novel's metadata, beside [`TITLE`].
pub(crate) const LANGUAGE: &str = "language";
pub(crate) const AUTHOR: &str = "author";

/// Bytes of noise at the end of an order key. Without noise two laptops that insert at the same place make the
/// same key, and the next insertion between the two has to move a sibling that nobody touched, which can pull
/// it out of the trash again when the other laptop has just deleted it.
pub(crate) const ORDER_NOISE: u8 = 3;

/// The first change of every binder. Part of the format.
pub(crate) fn genesis(doc: &LoroDoc) {
    let tree = doc.get_tree(TREE);
    for expected in [NOVEL, TRASH] {
        let made = tree.create(TreeParentId::Root).expect("an empty tree takes a node");
        debug_assert_eq!(made, expected, "the fixed nodes have fixed ids");
    }
}

pub(crate) fn settle(doc: &LoroDoc) {
    let tree = doc.get_tree(TREE);
    // Off and on: only switching it on seeds the noise with this replica's own number.
    tree.disable_fractional_index();
    tree.enable_fractional_index(ORDER_NOISE);
}

pub(crate) fn portrait(doc: &LoroDoc) -> Value {
    let tree = doc.get_tree(TREE);
    let top = tree.children(TreeParentId::Root).unwrap_or_default();
    let top: Vec<_> = top.into_iter().map(|id| node(&tree, id)).collect();
    json!({ "top": top, "all": Value::from(doc.get_deep_value()) })
}

pub(crate) fn children(tree: &LoroTree, parent: TreeID) -> Vec<TreeID> {
    tree.children(parent).unwrap_or_default()
}

pub(crate) fn nodes(tree: &LoroTree, parent: TreeID) -> Vec<Node> {
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

pub(crate) fn kind_of(tree: &LoroTree, node: TreeID) -> NodeKind {
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
            let last = section.clone().next_back();
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
pub(crate) fn write(meta: &LoroMap, key: &str, value: LoroValue) -> Result<(), BinderError> {
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

pub(crate) fn number(meta: &LoroMap, key: &str) -> Option<u64> {
    match meta.get(key) {
        Some(ValueOrContainer::Value(LoroValue::I64(number))) => u64::try_from(number).ok(),
        _ => None,
    }
}

pub(crate) fn node(tree: &LoroTree, id: TreeID) -> Node {
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

pub(crate) fn text(meta: &LoroMap, key: &str) -> Option<String> {
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
