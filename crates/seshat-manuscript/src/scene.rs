//! A scene's text.
#![allow(missing_docs, unused_variables, dead_code, clippy::needless_pass_by_value)]

use serde::Serialize;
use serde_json::{Map, Value};

use crate::op::{Op, OpError, Unit};
use crate::passage::{Paragraph, Passage};
use crate::replica::{LoadError, SnapshotError};

/// Characters that share their attributes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// The characters.
    pub text: String,
    /// Keys as in the format: block, align, emphasis, … atom.
    pub attributes: Map<String, Value>,
}

/// One step of a change that came from elsewhere; lengths in Unicode scalar values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// Characters that stay; where `attributes` is not empty these are set (null: removed).
    Keep { len: usize, attributes: Map<String, Value> },
    /// New characters.
    Insert { text: String, attributes: Map<String, Value> },
    /// Characters that go.
    Delete { len: usize },
}

/// What a merge changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changed {
    /// Steps over the scene's flat text; empty when it did not change.
    pub body: Vec<Change>,
    /// Ids of the footnotes whose text changed.
    pub notes: Vec<String>,
}

impl Changed {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.body.is_empty() && self.notes.is_empty()
    }
}

pub struct SceneText {}

impl SceneText {
    pub fn new(peer: u64) -> Self {
        unimplemented!()
    }
    pub fn from_passage(passage: &Passage, peer: u64) -> Self {
        unimplemented!()
    }
    pub fn load<'a>(
        peer: u64,
        saved: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, LoadError> {
        unimplemented!()
    }
    pub fn apply(&mut self, ops: &[Op], unit: Unit) -> Result<(), OpError> {
        unimplemented!()
    }
    pub fn apply_note(&mut self, note: &str, ops: &[Op], unit: Unit) -> Result<(), OpError> {
        unimplemented!()
    }
    pub fn merge(&mut self, update: &[u8]) -> Result<Changed, LoadError> {
        unimplemented!()
    }
    pub fn merge_all<'a>(
        &mut self,
        updates: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Changed, LoadError> {
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
    pub fn passage(&self) -> Passage {
        unimplemented!()
    }
    pub fn note(&self, id: &str) -> Option<Vec<Paragraph>> {
        unimplemented!()
    }
    pub fn runs(&self) -> Vec<Run> {
        unimplemented!()
    }
    pub fn note_runs(&self, id: &str) -> Option<Vec<Run>> {
        unimplemented!()
    }
    pub fn flat(&self) -> String {
        unimplemented!()
    }
    pub fn words(&self) -> usize {
        unimplemented!()
    }
    pub fn is_empty(&self) -> bool {
        unimplemented!()
    }
}
