//! Where the author was in a novel, so that it opens there again.
//!
//! **Invariants:** the place is sealed under the novel's own key, stays on this laptop and is never sent: it makes no
//! record and nothing for the server. It is written when the author rests, never with a keystroke.

use seshat_protocol::{DocumentId, NovelId, Sealed};
use seshat_store::Store;
use seshat_vault::{Kind, Place};

use crate::scenes::{ids, novel_id};
use crate::session::Session;
use crate::{Desk, Failure, TextPlace};

impl Desk {
    /// Where the author was in a novel. `None` where that is not known, or the scene is in the trash or gone.
    ///
    /// # Errors
    /// When there is no such novel, it or the vault is locked, or the disk fails.
    pub fn place(&self, novel: &str) -> Result<Option<TextPlace>, Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let Some(place) = session.kept_place(store, novel)? else { return Ok(None) };
            let document: Option<DocumentId> = place.scene.parse().ok();
            let binder = &session.binder(store, novel)?.binder;
            let node = document.and_then(|document| binder.node(document));
            let there = node.is_some_and(|node| !binder.is_trashed(node));
            Ok(there.then_some(place))
        })
    }

    /// Remembers where the author is in a novel; `at_utf16` counts units of the scene's flat text. Writes nothing
    /// where that is known already.
    ///
    /// # Errors
    /// When there is no such scene, the novel or the vault is locked, or the disk fails.
    pub fn keep_place(&self, novel: &str, scene: &str, at_utf16: u32) -> Result<(), Failure> {
        let (novel, document) = ids(novel, scene)?;
        let place = TextPlace { scene: document.to_string(), at: at_utf16 };
        self.with_session(|session, store| {
            session.place_of(store, novel, document)?;
            if session.kept_place(store, novel)?.as_ref() == Some(&place) {
                return Ok(());
            }
            let bytes = serde_json::to_vec(&place).expect("a place is plain data");
            let sealed =
                session.vault.seal_local(&sealed_for(novel), &bytes, &mut session.entropy)?;
            Ok(store.set_setting(&setting(novel), Some(&sealed.0))?)
        })
    }
}

impl Session {
    /// `None` for one that does not open or was written by a newer program.
    fn kept_place(&self, store: &Store, novel: NovelId) -> Result<Option<TextPlace>, Failure> {
        let Some(sealed) = store.setting(&setting(novel))? else { return Ok(None) };
        let opened = self.vault.open_local(&sealed_for(novel), &Sealed(sealed)).ok();
        Ok(opened.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}

fn setting(novel: NovelId) -> String {
    format!("place-{novel}")
}

/// No document has this id, so that no summary can be taken for a place.
fn sealed_for(novel: NovelId) -> Place {
    Place { kind: Kind::LocalSummary, novel, document: DocumentId(*b"place in a novel") }
}
