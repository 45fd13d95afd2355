//! A scene as it was, for reading: shown, compared, copied from, never edited.

use std::fmt;

use loro::LoroDoc;

use crate::count;
use crate::flat;
use crate::passage::Passage;
use crate::scene::{Run, runs};

/// A scene as it was at one version.
pub struct Past {
    doc: LoroDoc,
}

impl fmt::Debug for Past {
    /// Says nothing of the text, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past").finish_non_exhaustive()
    }
}

impl Past {
    pub(crate) fn new(doc: LoroDoc) -> Self {
        Self { doc }
    }

    pub(crate) fn doc(&self) -> &LoroDoc {
        &self.doc
    }

    /// As [`crate::SceneText::passage`].
    #[must_use]
    pub fn passage(&self) -> Passage {
        flat::passage(&self.doc)
    }

    /// As [`crate::SceneText::runs`].
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        runs(&flat::body(&self.doc))
    }

    /// Ids of the footnotes in the text, in reading order.
    #[must_use]
    pub fn note_ids(&self) -> Vec<String> {
        flat::footnote_ids(&flat::runs(&flat::body(&self.doc)))
    }

    /// As [`crate::SceneText::note_runs`].
    #[must_use]
    pub fn note_runs(&self, id: &str) -> Option<Vec<Run>> {
        flat::note_text(&self.doc, id).map(|text| runs(&text))
    }

    /// As [`crate::SceneText::flat`].
    #[must_use]
    pub fn flat(&self) -> String {
        flat::body(&self.doc).to_string()
    }

    /// As [`crate::SceneText::words`].
    #[must_use]
    pub fn words(&self) -> usize {
        count::words(&self.flat())
    }
}
