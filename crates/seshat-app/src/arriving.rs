//! The first sync of a new laptop: how far it is, and which novels can be written in already.
//!
//! It is a round like any other: pages in the server's order, each stored with the cursor behind it in one transaction,
//! so it goes on where it was cut. The desk is free between pages, and a novel that is here can be written in.
//!
//! **Invariant:** that it has not come to its end is on the disk from the moment in which the laptop joined.

use std::collections::BTreeSet;

use seshat_protocol::{Changes, NovelId};
use seshat_store::Store;

use crate::scenes::to_u64;
use crate::session::Session;
use crate::{Desk, Failure, FirstSync};

/// Everything has not been fetched yet; belongs to the server that the laptop joined at.
pub(crate) const ARRIVING: &str = "arriving";

impl Desk {
    /// A page of a first sync was stored. Of `novels` something came with it.
    pub(crate) fn note_arrival(
        &self,
        changes: &Changes,
        novels: &BTreeSet<NovelId>,
    ) -> Result<(), Failure> {
        let (mut ready, bytes) = match &self.rounds().first {
            Some(first) => (first.ready.clone(), first.bytes),
            None => (Vec::new(), 0),
        };
        let arriving = self.with_session(|session, store| {
            if store.setting(ARRIVING)?.is_none() {
                return Ok(false);
            }
            for novel in store.novels()? {
                let id = novel.to_string();
                if !ready.contains(&id) && session.is_ready(store, novel, novels) {
                    ready.push(id);
                }
            }
            Ok(true)
        })?;
        if !arriving {
            return Ok(());
        }
        let came: usize = changes.records.iter().map(|it| it.record.stored_len()).sum();
        let (done, total) = (changes.next, changes.head);
        self.rounds().first = Some(FirstSync { done, total, bytes: bytes + to_u64(came), ready });
        self.show_sync();
        Ok(())
    }

    /// A round came to its end with everything fetched.
    pub(crate) fn arrived(&self) -> Result<(), Failure> {
        self.rounds().first = None;
        self.with_session(|_, store| {
            if store.setting(ARRIVING)?.is_some() {
                store.set_setting(ARRIVING, None)?;
            }
            Ok(())
        })
    }
}

impl Session {
    /// Whether a novel's outline is here, and every text in it; or, where a text was never written in, nothing of the
    /// novel came with the last page.
    fn is_ready(&mut self, store: &Store, novel: NovelId, came: &BTreeSet<NovelId>) -> bool {
        let Ok(open) = self.binder(store, novel) else { return false };
        if open.binder.is_waiting() {
            return false;
        }
        let Ok(here) = store.documents_of(novel) else { return false };
        let here: BTreeSet<_> = here.into_iter().map(|document| document.document).collect();
        !came.contains(&novel) || open.scenes.iter().all(|scene| here.contains(scene))
    }
}
