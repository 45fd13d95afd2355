//! Opening a backup to see what is in it: nothing counts as a backup that was not looked at.
//!
//! Two looks. The first needs no key: every page, row and checksum of the copy, its vault, and as many novels and texts
//! as the vault has. The second needs the open vault: every text of the copy is loaded from its records, and its words
//! are counted. A copy that is made while the vault is locked gets the second look when the vault is open again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::PoisonError;

use seshat_manuscript::{Binder, SceneText};
use seshat_protocol::{DocumentId, NovelId, RecordId};
use seshat_store::Store;

use crate::rotation::{Facts, NovelFacts};
use crate::scenes::{to_u64, words};
use crate::session::{Session, binder_document};
use crate::{Desk, Failure, FailureCode, NovelLock};

/// What the vault had when it was copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Source {
    pub(crate) blob: Vec<u8>,
    pub(crate) novels: BTreeMap<NovelId, u64>,
}

impl Source {
    pub(crate) fn of(store: &Store) -> Result<Self, Failure> {
        let blob = store.vault()?.ok_or_else(Failure::absent)?.blob;
        let mut novels = BTreeMap::new();
        for novel in store.novels()? {
            novels.insert(novel, to_u64(store.documents_of(novel)?.len()));
        }
        Ok(Self { blob, novels })
    }
}

/// Texts that were loaded from a copy while the vault is open: the records that they were loaded from, and their words.
/// The same records in another copy load again, so they need not be tried again.
pub(crate) type Proved = BTreeMap<DocumentId, (Vec<RecordId>, u64)>;

impl Desk {
    /// Looks into a copy that was just made of `source`, and says what is in it.
    ///
    /// # Errors
    /// When the copy is not what was copied.
    pub(crate) fn prove(&self, path: &Path, source: &Source, at: u64) -> Result<Facts, Failure> {
        let copy = Store::open_copy(path)?;
        if let Err(error) = copy.integrity() {
            // A vault that is damaged itself has copies that are; they are as good as it is.
            let ours = self.store(&mut self.state()).and_then(|store| Ok(store.integrity()?));
            if ours.is_ok() {
                return Err(not_whole(&error.to_string()));
            }
        }
        if Source::of(&copy)? != *source {
            return Err(not_whole("it has less than the vault"));
        }
        let opens = self.with_session(|session, _| {
            Ok(session.vault.reopen(&source.blob, Some(&session.device)).is_ok())
        });
        let facts = match opens {
            Ok(true) => self.read_copy(&copy, at),
            Ok(false) => return Err(not_whole("its vault does not open")),
            Err(failure) => Err(failure),
        };
        match facts {
            Err(failure) if failure.code == FailureCode::Locked => Ok(unopened(source, at)),
            facts => facts,
        }
    }

    /// Looks into a backup that nobody has opened yet.
    ///
    /// # Errors
    /// When it is damaged, or the vault is locked.
    pub(crate) fn prove_later(&self, path: &Path, at: u64) -> Result<Facts, Failure> {
        let copy = Store::open_copy(path)?;
        copy.integrity()?;
        self.read_copy(&copy, at)
    }

    /// Loads every text of a copy. The lock is held for one text at a time.
    fn read_copy(&self, copy: &Store, at: u64) -> Result<Facts, Failure> {
        let mut novels = BTreeMap::new();
        for novel in copy.novels()? {
            let closed =
                self.with_session(|session, _| Ok(session.novel_lock(novel) == NovelLock::Locked))?;
            let mut facts = NovelFacts { documents: 0, words: (!closed).then_some(0) };
            for found in copy.documents_of(novel)? {
                let read =
                    if closed { Some(0) } else { self.words_in(copy, novel, found.document)? };
                // A text that does not load is not counted, so a copy that has it whole is never less than this one.
                if let Some(words) = read {
                    facts.documents += 1;
                    facts.words = facts.words.map(|sum| sum + words);
                }
            }
            novels.insert(novel, facts);
        }
        Ok(Facts { at, opened: true, novels })
    }

    /// Words of a text in a copy; `None` where it does not load.
    fn words_in(
        &self,
        copy: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<u64>, Failure> {
        let records: Vec<_> = copy.numbers_of(document)?.into_iter().map(|it| it.id).collect();
        let known = self.proved(|proved| {
            proved.get(&document).filter(|(of, _)| *of == records).map(|(_, words)| *words)
        });
        if known.is_some() {
            return Ok(known);
        }
        let words = self.with_session(|session, _| session.words_in(copy, novel, document))?;
        if let Some(words) = words {
            self.proved(|proved| proved.insert(document, (records, words)));
        }
        Ok(words)
    }

    pub(crate) fn proved<T>(&self, work: impl FnOnce(&mut Proved) -> T) -> T {
        work(&mut self.shared.proved.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Session {
    /// Words of a text in any store of this account; `None` where a record of it is not signed, or does not open or
    /// load.
    pub(crate) fn words_in(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<u64>, Failure> {
        let records = store.records_of(document)?;
        let signed = records.iter().all(|it| self.vault.verify_record(&it.record).is_ok());
        let bodies = self.open_bodies(&records, novel, document);
        if !signed || bodies.len() != records.len() {
            return Ok(None);
        }
        let peer = self.entropy.peer()?;
        let bodies = bodies.iter().map(Vec::as_slice);
        if document == binder_document(novel) {
            return Ok(Binder::load(peer, bodies).is_ok().then_some(0));
        }
        Ok(SceneText::load(peer, bodies).ok().map(|text| words(&text)))
    }
}

/// What is known of a copy that nobody has opened.
pub(crate) fn unopened(source: &Source, at: u64) -> Facts {
    let novels = source
        .novels
        .iter()
        .map(|(novel, documents)| (*novel, NovelFacts { documents: *documents, words: None }));
    Facts { at, opened: false, novels: novels.collect() }
}

fn not_whole(why: &str) -> Failure {
    Failure::other(format!(
        "The backup that was just written is not whole ({why}), so it was thrown away; the vault and the backups before it are safe; check the disk."
    ))
}
