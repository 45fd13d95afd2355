//! The last text of a scene that could be read, sealed on this laptop beside its records: for a search that need not
//! load the scene, and for the day on which its records do not load.
//!
//! **Invariants:** the text names the version that it is of, so a stale one is never taken for the scene. A text that
//! was read from less than all of a scene's records is not kept.

use serde::{Deserialize, Serialize};
use seshat_manuscript::{Passage, SceneText, Version, saved_content};
use seshat_protocol::{DocumentId, NovelId, Sealed};
use seshat_store::Store;
use seshat_vault::{Kind, Place};

use crate::Failure;
use crate::session::{Session, Summary};

/// A scene's text and the version that it is of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct LastText {
    version: Version,
    passage: Passage,
}

impl LastText {
    pub(crate) fn of(text: &SceneText) -> Self {
        Self { version: text.version(), passage: text.passage() }
    }
}

impl Session {
    pub(crate) fn seal_text(
        &mut self,
        novel: NovelId,
        document: DocumentId,
        text: &LastText,
    ) -> Result<Sealed, Failure> {
        let bytes = serde_json::to_vec(text).expect("a text is plain data");
        Ok(self.vault.seal_local(&text_place(novel, document), &bytes, &mut self.entropy)?)
    }

    /// A scene's text without loading the scene, if the one that is kept is of just what its `records` records make.
    pub(crate) fn text_of(
        &mut self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        records: u64,
    ) -> Result<Option<Passage>, Failure> {
        let summary = self.known_summary(store, novel, document)?;
        let fresh = summary.filter(|summary| summary.records == records);
        let Some(version) = fresh.and_then(|summary| summary.version) else { return Ok(None) };
        let text = self.last_text(store, novel, document)?;
        Ok(text.filter(|text| text.version == version).map(|text| text.passage))
    }

    /// The summary that is kept, whether it is fresh or not.
    pub(crate) fn known_summary(
        &self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<Summary>, Failure> {
        match self.summaries.get(&document) {
            Some(summary) => Ok(Some(summary.clone())),
            None => self.stored_summary(store, novel, document),
        }
    }

    /// What can be read of a scene without its history: the text that is kept, or what stands beside one of its
    /// snapshots, the newest first.
    pub(crate) fn last_good(
        &self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<Passage>, Failure> {
        if let Some(text) = self.last_text(store, novel, document)? {
            return Ok(Some(text.passage));
        }
        let records = store.records_of(document)?;
        let beside = records.iter().rev().find_map(|stored| {
            let place = Place { kind: Kind::from_code(stored.kind)?, novel, document };
            let body = self.vault.open_body(&stored.record, &place).ok()?;
            Passage::deserialize(saved_content(&body)?).ok()
        });
        Ok(beside)
    }

    fn last_text(
        &self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<LastText>, Failure> {
        let Some(sealed) = store.text(document)? else { return Ok(None) };
        // One that does not open or does not read is as good as none.
        let opened = self.vault.open_local(&text_place(novel, document), &sealed).ok();
        Ok(opened.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}

fn text_place(novel: NovelId, document: DocumentId) -> Place {
    Place { kind: Kind::LocalText, novel, document }
}

/// What is said of a scene of whose records some cannot be read. What builds on a change that is missing waits for it, so
/// more may be missing than the change itself.
pub(crate) fn damage_sentence(left_out: usize) -> Option<String> {
    let what = match left_out {
        0 => return None,
        1 => "One change of this scene cannot be read, so it and what was written after it may be missing here".to_owned(),
        many => format!("{many} changes of this scene cannot be read, so they and what was written after them may be missing here"),
    };
    Some(format!(
        "{what}; nothing was removed, and everything else is safe; compare it with the last good text, and sync or restore a backup to get the changes back."
    ))
}
