//! The binder.
#![allow(missing_docs, unused_variables, dead_code)]

use seshat_protocol::DocumentId;

use crate::node::{Node, NodeId, NodeKind, Status};
use crate::replica::{LoadError, Merged, SnapshotError};

/// An edit of the binder that was refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BinderError {
    /// No such node.
    #[error("it is not in this novel")]
    UnknownNode,
    /// A part in a chapter, anything in a scene, or a node in itself.
    #[error("it cannot stand there")]
    WrongPlace,
    /// The CRDT refused what our own checks let pass.
    #[error("the document refused it")]
    Refused,
}

pub struct Binder {}

impl Binder {
    pub fn new(peer: u64, title: &str, language: &str) -> Self {
        unimplemented!()
    }
    pub fn load<'a>(
        peer: u64,
        saved: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, LoadError> {
        unimplemented!()
    }
    pub fn merge(&mut self, update: &[u8]) -> Result<Merged, LoadError> {
        unimplemented!()
    }
    pub fn merge_all<'a>(
        &mut self,
        updates: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Merged, LoadError> {
        unimplemented!()
    }
    pub fn is_waiting(&self) -> bool {
        unimplemented!()
    }
    pub fn take_update(&mut self) -> Option<Vec<u8>> {
        unimplemented!()
    }
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        unimplemented!()
    }
    pub fn title(&self) -> String {
        unimplemented!()
    }
    pub fn set_title(&mut self, title: &str) {
        unimplemented!()
    }
    pub fn language(&self) -> String {
        unimplemented!()
    }
    pub fn set_language(&mut self, language: &str) {
        unimplemented!()
    }
    pub fn add(
        &mut self,
        parent: Option<NodeId>,
        index: usize,
        new: NewNode<'_>,
    ) -> Result<NodeId, BinderError> {
        unimplemented!()
    }
    pub fn rename(&mut self, node: NodeId, title: &str) -> Result<(), BinderError> {
        unimplemented!()
    }
    pub fn move_to(
        &mut self,
        node: NodeId,
        parent: Option<NodeId>,
        index: usize,
    ) -> Result<(), BinderError> {
        unimplemented!()
    }
    pub fn trash(&mut self, node: NodeId) -> Result<(), BinderError> {
        unimplemented!()
    }
    pub fn restore(&mut self, node: NodeId) -> Result<(), BinderError> {
        unimplemented!()
    }
    pub fn set_status(&mut self, node: NodeId, status: Status) -> Result<(), BinderError> {
        unimplemented!()
    }
    pub fn set_synopsis(&mut self, node: NodeId, synopsis: &str) -> Result<(), BinderError> {
        unimplemented!()
    }
    pub fn outline(&self) -> Vec<Node> {
        unimplemented!()
    }
    pub fn trashed(&self) -> Vec<Node> {
        unimplemented!()
    }
    pub fn node(&self, document: DocumentId) -> Option<NodeId> {
        unimplemented!()
    }
}

/// What [`Binder::add`] makes.
#[derive(Clone, Debug)]
pub struct NewNode<'a> {
    /// What it is.
    pub kind: NodeKind,
    /// Its title; may be empty.
    pub title: &'a str,
    /// A scene's text; its id is made by the caller.
    pub document: Option<DocumentId>,
}
