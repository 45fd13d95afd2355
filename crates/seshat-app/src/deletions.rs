//! Deletions by other laptops that are so large that the author is asked before they happen here.
//!
//! Absence is never a deletion: what a server does not show stays. What another laptop can do is put texts into the
//! trash and take the words out of them. When a page of changes would do that to most of a novel, or of several novels,
//! it is not stored, and the round ends. Nothing is lost by waiting: the page comes again with the next round, until the
//! author has said that it was meant, or that it was not. Then it is stored, and what it took away is put back, here and,
//! as an edit like any other, everywhere.
//!
//! **Invariants:** a page that is held back has changed nothing, neither on the disk nor in memory. That everything is to
//! stay is on the disk before the page is. A laptop that fetches everything for the first time asks nothing: what it
//! sees is history.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use seshat_manuscript::{Node, SceneText, Version};
use seshat_protocol::{DeviceId, DocumentId, FieldReader, FieldWriter, NovelId};
use seshat_store::{AcceptedRecord, Store};
use seshat_vault::{Kind, Place};

use crate::arriving::ARRIVING;
use crate::merges::merge_text;
use crate::scenes::to_u64;
use crate::session::{Session, binder_document};
use crate::{DeletionAnswer, Desk, Failure, FailureCode, HeldDeletion, HeldNovel, NovelLock};

/// Fewer texts than this may go from one novel without a question.
const FEW: usize = 5;
/// From so many novels that lose most of what they have, the author is asked however small they are.
const NOVELS: usize = 3;
/// What stays when the pages that were held back have come: fields as [`Kept`] writes them.
const KEEP: &str = "keep-after-sync";

/// What one round has seen of novels that it changes.
pub(crate) struct Guard {
    novels: BTreeMap<NovelId, Before>,
    /// Novels of which the author has said what to do.
    answered: BTreeSet<NovelId>,
}

impl Guard {
    /// At the beginning of a round, with the novels of which the author has said what to do.
    pub(crate) fn after(answered: BTreeSet<NovelId>) -> Self {
        Self { answered, novels: BTreeMap::new() }
    }
}

/// A novel before the round, and what of it is gone.
#[derive(Default)]
struct Before {
    /// Its scenes, without those in the trash.
    standing: BTreeSet<DocumentId>,
    /// Of those, the ones for which records came.
    touched: BTreeSet<DocumentId>,
    /// Of those, once most of the novel is touched, how many words each had and has.
    words: BTreeMap<DocumentId, Words>,
    /// Of those that stood, the ones that are in the trash with words in them.
    trashed: BTreeSet<DocumentId>,
    /// Who wrote what came.
    devices: BTreeSet<DeviceId>,
}

/// How many words a text had before the round, and has after what has come.
#[derive(Clone, Copy)]
struct Words {
    had: u64,
    has: u64,
}

/// Bodies of a page, by the text that they belong to.
type Came = BTreeMap<DocumentId, Vec<Vec<u8>>>;

/// A page that is held back.
pub(crate) struct Held {
    shown: HeldDeletion,
    kept: Kept,
}

/// What has to be there when the page has come: texts that stood, and those that had words, with the version that had
/// them.
#[derive(Clone, Default)]
pub(crate) struct Kept(BTreeMap<NovelId, BTreeMap<DocumentId, Option<Version>>>);

/// What is held back, until it is answered.
#[derive(Default)]
pub(crate) struct Question {
    kept: Kept,
    /// Novels of which the author has said that it was meant.
    pub(crate) deleted: BTreeSet<NovelId>,
}

impl Desk {
    /// Answers the question whether a large deletion by another laptop was meant; the next round does what was said.
    ///
    /// # Errors
    /// When nothing is held back, the vault is locked or the disk refuses.
    pub fn answer_deletion(&self, answer: DeletionAnswer) -> Result<(), Failure> {
        let kept = {
            let mut rounds = self.rounds();
            if rounds.held.is_none() {
                return Err(Failure::not_found(
                    "No deletion waits for an answer; nothing was changed; sync shows whether there is one.",
                ));
            }
            if answer == DeletionAnswer::Delete {
                let novels: Vec<NovelId> = rounds.question.kept.0.keys().copied().collect();
                rounds.question.deleted.extend(novels);
            }
            rounds.question.kept.clone()
        };
        if answer == DeletionAnswer::Keep {
            self.with_session(|_, store| {
                let mut all = Kept::stored(store)?;
                all.0.extend(kept.0);
                Ok(store.set_setting(KEEP, Some(&all.fields()))?)
            })?;
        }
        self.rounds().held = None;
        self.show_sync();
        self.shared.wake.send();
        Ok(())
    }

    /// A page was held back.
    pub(crate) fn ask_about(&self, held: Held) {
        let mut rounds = self.rounds();
        rounds.held = Some(held.shown);
        rounds.question.kept = held.kept;
        drop(rounds);
        self.show_sync();
    }

    /// A round came to its end: what was to stay is put back.
    pub(crate) fn put_back_kept(&self) -> Result<(), Failure> {
        self.rounds().question = Question::default();
        let kept = self.with_session(|_, store| Kept::stored(store))?;
        for (novel, texts) in &kept.0 {
            match self.put_back(*novel, texts) {
                Ok(()) => {}
                // It is kept for when the author has opened it.
                Err(failure) if failure.code == FailureCode::NovelLocked => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
        if kept.0.is_empty() {
            return Ok(());
        }
        self.with_session(|_, store| Ok(store.set_setting(KEEP, None)?))
    }

    fn put_back(
        &self,
        novel: NovelId,
        texts: &BTreeMap<DocumentId, Option<Version>>,
    ) -> Result<(), Failure> {
        self.revising(novel, |revision| {
            let binder = revision.binder()?;
            // The last one first: each knows where it stood when those before it were gone already.
            for top in binder.trashed().into_iter().rev() {
                if holds_any(&top, texts) {
                    binder.restore(top.id)?;
                }
            }
            for (document, version) in texts {
                let Some(version) = version else { continue };
                let text = revision.scene(*document)?;
                if text.passage().is_empty() {
                    text.restore(version)?;
                }
            }
            Ok(())
        })?;
        self.shared.board.tell(Vec::new(), vec![novel.to_string()]);
        Ok(())
    }
}

fn holds_any(node: &Node, texts: &BTreeMap<DocumentId, Option<Version>>) -> bool {
    node.document.is_some_and(|document| texts.contains_key(&document))
        || node.children.iter().any(|child| holds_any(child, texts))
}

impl Session {
    /// Looks at a page before it is stored. `Some`: it takes so much away that the author has to be asked.
    pub(crate) fn takes_too_much(
        &mut self,
        store: &Store,
        guard: &mut Guard,
        page: &[AcceptedRecord],
    ) -> Result<Option<Held>, Failure> {
        if store.setting(ARRIVING)?.is_some() {
            return Ok(None);
        }
        let mut merged = Vec::new();
        for (novel, (came, devices)) in self.bodies_of(store, page)? {
            if guard.answered.contains(&novel) || self.novel_lock(novel) == NovelLock::Locked {
                continue;
            }
            let Some(before) = self.before(store, guard, novel) else { continue };
            before.devices.extend(devices);
            if self.look_at_losses(store, before, novel, &came)? {
                merged.push(novel);
            }
        }
        let losing: Vec<NovelId> = guard
            .novels
            .iter()
            .filter(|(_, it)| it.loses_most())
            .map(|(novel, _)| *novel)
            .collect();
        let too_much =
            losing.len() >= NOVELS || losing.iter().any(|novel| guard.novels[novel].lost() >= FEW);
        if !too_much {
            return Ok(None);
        }
        for novel in merged {
            // The disk has nothing of the page.
            self.binders.remove(&novel);
        }
        self.held(store, guard, &losing).map(Some)
    }

    /// The bodies of those records of a page that are not here, by novel and text, and who wrote them.
    fn bodies_of(
        &self,
        store: &Store,
        page: &[AcceptedRecord],
    ) -> Result<BTreeMap<NovelId, (Came, BTreeSet<DeviceId>)>, Failure> {
        let mut bodies: BTreeMap<NovelId, (Came, BTreeSet<DeviceId>)> = BTreeMap::new();
        for AcceptedRecord { record, place, .. } in page {
            let Some(place) = place else { continue };
            let Some(kind) = Kind::from_code(place.kind) else { continue };
            if record.device == self.device_id() || store.record(record.id)?.is_some() {
                continue;
            }
            let (novel, document) = (place.novel, place.document);
            let Ok(body) = self.vault.open_body(record, &Place { kind, novel, document }) else {
                continue;
            };
            let (came, devices) = bodies.entry(novel).or_default();
            came.entry(document).or_default().push(body.to_vec());
            devices.insert(record.device);
        }
        Ok(bodies)
    }

    /// The novel as it was before the round; `None` for one that was not here.
    fn before<'a>(
        &mut self,
        store: &Store,
        guard: &'a mut Guard,
        novel: NovelId,
    ) -> Option<&'a mut Before> {
        let entry = match guard.novels.entry(novel) {
            Entry::Occupied(known) => return Some(known.into_mut()),
            Entry::Vacant(entry) => entry,
        };
        // What is not here, or cannot be read: nothing of it can be taken away.
        let open = self.binder(store, novel).ok()?;
        let standing = open.scenes.iter().copied().collect();
        Some(entry.insert(Before { standing, ..Before::default() }))
    }

    /// Counts what the page takes away; whether the binder in memory has it by now.
    fn look_at_losses(
        &mut self,
        store: &Store,
        before: &mut Before,
        novel: NovelId,
        came: &Came,
    ) -> Result<bool, Failure> {
        let merged = match came.get(&binder_document(novel)) {
            Some(bodies) => {
                self.merge_binder(novel, bodies);
                self.look_at_trash(store, before, novel, came)?;
                true
            }
            None => false,
        };
        let touched = came.keys().filter(|document| before.standing.contains(document));
        before.touched.extend(touched.copied().collect::<Vec<_>>());
        if before.touched.len() < FEW || !is_most(before.touched.len(), before.standing.len()) {
            return Ok(merged);
        }
        let touched = before.touched.iter().copied();
        let to_look_at: Vec<DocumentId> =
            touched.filter(|it| came.contains_key(it) || !before.words.contains_key(it)).collect();
        for document in to_look_at {
            let Some(has) = self.words_to_come(store, novel, document, came) else { continue };
            let had = match before.words.get(&document) {
                Some(words) => words.had,
                // It was made when the text was last looked at here, so it is from before the round.
                None => match self.stored_summary(store, novel, document)? {
                    Some(summary) => summary.words,
                    None => has,
                },
            };
            before.words.insert(document, Words { had, has });
        }
        Ok(merged)
    }

    fn look_at_trash(
        &mut self,
        store: &Store,
        before: &mut Before,
        novel: NovelId,
        came: &Came,
    ) -> Result<(), Failure> {
        let binder = &self.binder(store, novel)?.binder;
        let trashed = |document: &&DocumentId| {
            binder.node(**document).is_none_or(|node| binder.is_trashed(node))
        };
        let gone: Vec<DocumentId> = before.standing.iter().filter(trashed).copied().collect();
        before.trashed.clear();
        if !is_most(gone.len(), before.standing.len()) {
            return Ok(());
        }
        for document in gone {
            // What was joined to another text, or never written in, is no loss.
            if self.words_to_come(store, novel, document, came) != Some(0) {
                before.trashed.insert(document);
            }
        }
        Ok(())
    }

    /// How many words a text will have when the page is here; `None` where it cannot be read.
    fn words_to_come(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
        came: &Came,
    ) -> Option<u64> {
        let mut text: SceneText = self.load_scene(store, novel, document).ok()?.text;
        if let Some(bodies) = came.get(&document) {
            merge_text(&mut text, bodies);
        }
        Some(to_u64(text.words()))
    }

    /// The question, and what has to be there if the answer is that everything stays.
    fn held(&mut self, store: &Store, guard: &Guard, losing: &[NovelId]) -> Result<Held, Failure> {
        let mut kept = Kept::default();
        let (mut novels, mut devices) = (Vec::new(), BTreeSet::new());
        for novel in losing {
            let before = &guard.novels[novel];
            devices.extend(before.devices.iter().copied());
            novels.push(HeldNovel {
                novel: novel.to_string(),
                title: self.title(store, *novel).unwrap_or_default(),
                trashed: to_u64(before.trashed.len()),
                emptied: to_u64(before.emptied().count()),
                of: to_u64(before.standing.len()),
            });
            let mut texts: BTreeMap<_, _> =
                before.standing.iter().map(|document| (*document, None)).collect();
            for document in before.emptied() {
                texts.insert(document, self.version_with_words(store, *novel, document)?);
            }
            kept.0.insert(*novel, texts);
        }
        let laptops: Vec<String> = (self.vault.devices())
            .filter(|device| devices.contains(&device.entry.id))
            .map(|device| device.name.clone())
            .collect();
        let message = sentence(&laptops, &novels);
        Ok(Held { shown: HeldDeletion { message, laptops, novels }, kept })
    }

    fn version_with_words(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<Version>, Failure> {
        let text = self.load_scene(store, novel, document)?.text;
        if !text.passage().is_empty() {
            return Ok(Some(text.version()));
        }
        // An earlier page of the round has emptied it.
        Ok(self.stored_summary(store, novel, document)?.and_then(|summary| summary.version))
    }
}

impl Before {
    /// Texts that lose all their words, unless these stand in other texts that came.
    fn emptied(&self) -> impl Iterator<Item = DocumentId> + '_ {
        let standing = self.words.iter().filter(|(document, _)| !self.trashed.contains(document));
        let (had, has) =
            standing.fold((0, 0), |(had, has), (_, words)| (had + words.had, has + words.has));
        let emptied = self.words.iter().filter(|(_, words)| words.had > 0 && words.has == 0);
        emptied
            .map(|(document, _)| *document)
            .filter(move |document| has * 2 < had && !self.trashed.contains(document))
    }

    fn lost(&self) -> usize {
        self.trashed.len() + self.emptied().count()
    }

    fn loses_most(&self) -> bool {
        is_most(self.lost(), self.standing.len())
    }
}

const fn is_most(part: usize, whole: usize) -> bool {
    part * 2 > whole
}

impl Kept {
    /// What is to stay, as the disk has it.
    pub(crate) fn stored(store: &Store) -> Result<Self, Failure> {
        let fields = store.setting(KEEP)?.unwrap_or_default();
        let mut reader = FieldReader::new(&fields);
        let mut kept = Self::default();
        while let (Ok(novel), Ok(document), Ok(version)) =
            (reader.array(), reader.array(), reader.text())
        {
            let texts = kept.0.entry(NovelId(novel)).or_default();
            texts.insert(DocumentId(document), version.parse().ok());
        }
        Ok(kept)
    }

    /// The novels that it is about.
    pub(crate) fn novels(&self) -> impl Iterator<Item = NovelId> + '_ {
        self.0.keys().copied()
    }

    fn fields(&self) -> Vec<u8> {
        let mut fields = FieldWriter::new();
        for (novel, texts) in &self.0 {
            for (document, version) in texts {
                let version = version.as_ref().map(ToString::to_string).unwrap_or_default();
                fields = fields.bytes(novel.as_bytes()).bytes(document.as_bytes()).text(&version);
            }
        }
        fields.finish()
    }
}

fn sentence(laptops: &[String], novels: &[HeldNovel]) -> String {
    let who = match laptops {
        [name] => format!("“{name}”"),
        _ => "Other laptops".to_owned(),
    };
    let what = match novels {
        [novel] => {
            let lost = novel.trashed + novel.emptied;
            let how = if novel.emptied == 0 {
                "moved to the trash"
            } else if novel.trashed == 0 {
                "emptied"
            } else {
                "moved to the trash or emptied"
            };
            format!("{how} {lost} of the {} scenes of “{}”", novel.of, novel.title)
        }
        _ => format!("deleted most of {} novels", novels.len()),
    };
    format!(
        "{who} {what}; nothing of that was done here, and everything on this laptop is safe; say whether it was meant."
    )
}
