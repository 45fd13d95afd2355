//! What a command answers: the same facts as sentences for a person and as one JSON value for a script.

use serde::Serialize;
use serde_json::Value;

/// An answer.
pub(crate) struct Report {
    text: String,
    json: Value,
    failure: Option<String>,
}

impl Report {
    /// An answer that reads `text` and is `facts` to a script.
    pub(crate) fn new(text: impl Into<String>, facts: impl Serialize) -> Self {
        let json = serde_json::to_value(facts).expect("our own facts have string keys");
        Self { text: text.into(), json, failure: None }
    }

    /// The same answer with the status 1 and a sentence: the work was done and what it found is bad.
    pub(crate) fn failing(mut self, sentence: String) -> Self {
        self.failure = Some(sentence);
        self
    }

    pub(crate) fn text(&self) -> String {
        self.text.clone()
    }

    pub(crate) fn json(&self) -> String {
        format!("{:#}", self.json)
    }

    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}
