//! Taking an import back: one import is one undo.
//!
//! A record is never removed (docs/design/0040), so the novel is put away: everything in it goes to its trash and the
//! library shows it no more, here and, as an edit like any other, on every laptop. The question about large deletions and
//! the rule that an edit beats a deletion hold for it as for any trash.
//!
//! **Invariant:** a novel in which a text was written since it came is never put away here. Whatever was put away can be
//! brought back.

use seshat_protocol::{DeviceId, NovelId};
use seshat_store::Store;
use seshat_vault::Kind;

use crate::clock::now_ms;
use crate::scenes::novel_id;
use crate::session::{Session, binder_document};
use crate::{Desk, Failure, NovelCard, NovelLock};

impl Desk {
    /// Takes an import back as one deed.
    ///
    /// # Errors
    /// When the novel did not come by an import, or something was written in it since; when it or the vault is closed, or
    /// the disk fails. Then everything is as it was.
    pub fn undo_import(&self, novel: &str) -> Result<(), Failure> {
        let id = novel_id(novel)?;
        self.revising(id, |revision| {
            revision.session.is_as_imported(revision.store, id)?;
            let seen = revision.seen()?;
            Ok(revision.binder()?.put_away(now_ms(), &seen)?)
        })?;
        // An editor that still has a text of it open has to open it again, and cannot.
        self.with_session(|session, _| {
            session.scenes.retain(|_, open| open.novel != id);
            Ok(())
        })?;
        self.shared.board.tell(Vec::new(), vec![id.to_string()]);
        Ok(())
    }

    /// Brings a novel back that was put away.
    ///
    /// # Errors
    /// When it was not put away, the vault is locked or the disk fails.
    pub fn bring_import_back(&self, novel: &str) -> Result<NovelCard, Failure> {
        let id = novel_id(novel)?;
        self.revising(id, |revision| {
            let binder = revision.binder()?;
            if !binder.is_put_away() {
                return Err(Failure::other(
                    "This novel was not put away, so nothing was changed; it is in the library.",
                ));
            }
            Ok(binder.bring_back()?)
        })?;
        self.shared.board.tell(Vec::new(), vec![id.to_string()]);
        self.with_session(|session, store| session.card(store, id))
    }

    /// The novels that were put away and can be brought back.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn novels_put_away(&self) -> Result<Vec<NovelCard>, Failure> {
        self.with_session(|session, store| {
            let mut cards = Vec::new();
            for novel in session.novels_here(store)? {
                if session.is_put_away(store, novel)? {
                    cards.push(session.card(store, novel)?);
                }
            }
            Ok(cards)
        })
    }
}

impl Session {
    /// Whether a novel was put away; one that is closed cannot say so.
    pub(crate) fn is_put_away(&mut self, store: &Store, novel: NovelId) -> Result<bool, Failure> {
        if self.novel_lock(novel) == NovelLock::Locked {
            return Ok(false);
        }
        Ok(self.binder(store, novel)?.binder.is_put_away())
    }

    /// That a novel has the texts that an import brought, as they came. An import is one run of records by one laptop: the
    /// binder, then every text. What stands in no such run was written.
    fn is_as_imported(&mut self, store: &Store, novel: NovelId) -> Result<(), Failure> {
        if self.is_put_away(store, novel)? {
            return Err(other_novel());
        }
        let binder = binder_document(novel);
        let mut texts: Vec<(DeviceId, u64, bool)> = Vec::new();
        for stored in store.documents_of(novel)? {
            if stored.document == binder {
                continue;
            }
            for record in store.numbers_of(stored.document)? {
                let kind = record.place.and_then(|place| Kind::from_code(place.kind));
                let whole = kind == Some(Kind::SceneSnapshot);
                texts.push((record.device, record.sequence, whole));
            }
        }
        let begun = store.numbers_of(binder)?.into_iter().find(|record| {
            let kind = record.place.and_then(|place| Kind::from_code(place.kind));
            kind == Some(Kind::BinderSnapshot)
        });
        let begun = begun.ok_or_else(written_in)?;
        let mut next = begun.sequence + 1;
        // Whatever another laptop wrote comes last.
        texts.sort_unstable_by_key(|(device, sequence, _)| (*device != begun.device, *sequence));
        let run = texts.iter().take_while(|(device, sequence, whole)| {
            let goes_on = *device == begun.device && *sequence == next && *whole;
            next += 1;
            goes_on
        });
        match run.count() {
            0 => Err(other_novel()),
            run if run < texts.len() => Err(written_in()),
            _ => Ok(()),
        }
    }
}

fn other_novel() -> Failure {
    Failure::not_found("This novel did not come by an import, so nothing was changed.")
}

fn written_in() -> Failure {
    Failure::other(
        "The novel was written in since it came, so the import stays and nothing was changed; what is not wanted can go to the trash.",
    )
}
