//! Looking for damage: every record, chain and reference.
//!
//! **Invariant:** a check changes nothing, but that after damage the next sync reads everything again, and that damaged
//! pictures are let go of so that they are fetched again.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use seshat_manuscript::{Binder, Node, SceneText, Version};
use seshat_protocol::{Bytes32, DeviceId, DocumentId, FIRST_PREVIOUS, NovelId};
use seshat_store::{Cover, HeldRecord, Store, StoredRecord};
use seshat_vault::{Kind, OpenError, Place};
use ts_rs::TS;

use crate::compacting::covers_of;
use crate::places::{gone_sentence, synced_sentence};
use crate::scenes::to_u64;
use crate::session::{Session, binder_document};
use crate::{Desk, Failure, NovelLock};

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, TS)]
#[ts(export)]
pub struct CheckReport {
    /// Records on this laptop.
    #[ts(type = "number")]
    pub records: u64,
    /// Of them, those whose signature, header and body are what they should be.
    #[ts(type = "number")]
    pub opened: u64,
    /// Scenes and binders that loaded.
    #[ts(type = "number")]
    pub documents: u64,
    /// Words in all scenes.
    #[ts(type = "number")]
    pub words: u64,
    /// What is wrong, a sentence each; empty when all is well.
    pub problems: Vec<String>,
}

impl Desk {
    /// Opens every record, follows every chain and reference, and loads every document.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails. Damage is no error but what the report says.
    pub fn check(&self) -> Result<CheckReport, Failure> {
        let mut report = self.with_session(Session::check)?;
        if report.opened < report.records {
            let linked = self.with_session(|_, store| {
                let linked = store.server()?.is_some();
                if linked {
                    store.read_all_again()?;
                }
                Ok(linked)
            })?;
            report.problems.extend(linked.then(|| {
                "The next sync reads everything again from the server, which puts right what it still has; a backup does the same.".to_owned()
            }));
        }
        let in_place = self.with_session(|_, store| Ok(store.is_in_place()))?;
        report.problems.extend((!in_place).then(|| gone_sentence(self.home())));
        report.problems.extend(synced_sentence(self.home()));
        report.problems.extend(self.left_alone());
        Ok(report)
    }
}

/// The records of every device by their number: what each names as the one before, and its own hash.
type Chains = BTreeMap<DeviceId, BTreeMap<u64, (Bytes32, Bytes32)>>;

impl Session {
    fn check(&mut self, store: &mut Store) -> Result<CheckReport, Failure> {
        let mut report = CheckReport::default();
        if let Err(error) = store.integrity() {
            report.problems.push(error.to_string());
        }
        let mut documents: BTreeMap<NovelId, BTreeSet<DocumentId>> = BTreeMap::new();
        let mut chains = Chains::new();
        for held in store.all_records() {
            let held = held?;
            self.check_record(&held, &mut report);
            let record = &held.record;
            let hash = record.hash(self.vault.account());
            chains
                .entry(record.device)
                .or_default()
                .insert(record.sequence, (record.previous, hash));
            if let Some(place) = held.place {
                documents.entry(place.novel).or_default().insert(place.document);
            }
        }
        broken_links(&chains, &store.covered()?, &mut report);
        report.problems.extend(self.lasting_alarms(store)?);
        report.problems.extend(self.check_images(store)?);
        for (novel, documents) in documents {
            if self.novel_lock(novel) == NovelLock::Locked {
                continue;
            }
            for document in &documents {
                self.check_document(store, novel, *document, &mut report)?;
            }
            self.check_binder(store, novel, documents, &mut report);
        }
        Ok(report)
    }

    fn check_record(&self, held: &HeldRecord, report: &mut CheckReport) {
        let record = &held.record;
        report.records += 1;
        let opens = self.vault.verify_record(record).is_ok()
            && held.place.is_some_and(|place| {
                Kind::from_code(place.kind).is_some_and(|kind| {
                    let place = Place { kind, novel: place.novel, document: place.document };
                    // A closed novel's records are signed and in their place; more cannot be said.
                    matches!(self.vault.open_body(record, &place), Ok(_) | Err(OpenError::Locked))
                })
            });
        if opens {
            report.opened += 1;
        } else {
            report.problems.push(format!(
                "Record {} of device {} does not open; it was left out of its document and kept.",
                record.id, record.device
            ));
        }
    }

    /// Whether a document loads, and what stands for other records says what they say.
    fn check_document(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
        report: &mut CheckReport,
    ) -> Result<(), Failure> {
        let whole = match self.load_strictly(store, novel, document) {
            Ok(words) => words,
            Err(failure) => {
                report.problems.push(unloaded(document, &failure));
                return Ok(());
            }
        };
        report.documents += 1;
        report.words += to_u64(whole);
        let records = store.records_of(document)?;
        if records.iter().all(|stored| stored.record.replaces.is_empty()) {
            return Ok(());
        }
        let live = store.live_of(document)?;
        let all_of = self.version_of(&records, novel, document)?;
        if self.version_of(&live, novel, document)? != all_of {
            report.problems.push(format!(
                "A record of document {document} stands for others and does not contain all of them; they are kept and nothing is lost; compact once more."
            ));
        }
        for stored in records.iter().filter(|stored| !stored.record.replaces.is_empty()) {
            if !self.covers_what_it_names(stored, &records, novel, document) {
                report.problems.push(format!(
                    "Record {} stands for others and does not say which numbers they have; nothing is lost; compact once more.",
                    stored.record.id
                ));
            }
        }
        Ok(())
    }

    /// The version that these records make; `None` where they do not load.
    fn version_of(
        &mut self,
        records: &[StoredRecord],
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<Version>, Failure> {
        let peer = self.entropy.peer()?;
        let bodies = self.open_bodies(records, novel, document);
        let bodies = bodies.iter().map(Vec::as_slice);
        Ok(if document == binder_document(novel) {
            Binder::load(peer, bodies).ok().map(|binder| binder.version())
        } else {
            SceneText::load(peer, bodies).ok().map(|text| text.version())
        })
    }

    /// Whether a record that stands for others lists the numbers of those that are here.
    fn covers_what_it_names(
        &self,
        stored: &StoredRecord,
        records: &[StoredRecord],
        novel: NovelId,
        document: DocumentId,
    ) -> bool {
        let Some(kind) = Kind::from_code(stored.kind) else { return false };
        let opened = self.vault.open_body(&stored.record, &Place { kind, novel, document });
        let Some(covers) = opened.ok().and_then(|body| covers_of(&body)) else { return false };
        let names = &stored.record.replaces;
        let mut named = records.iter().filter(|other| names.contains(&other.record.id));
        named.all(|other| is_covered(&covers, other.record.device, other.record.sequence))
    }

    /// Whether every text stands somewhere in the binder.
    fn check_binder(
        &mut self,
        store: &Store,
        novel: NovelId,
        mut documents: BTreeSet<DocumentId>,
        report: &mut CheckReport,
    ) {
        documents.remove(&binder_document(novel));
        // One that does not load was named above.
        let Ok(open) = self.binder(store, novel) else { return };
        for nodes in [open.binder.outline(), open.binder.notes(), open.binder.trashed()] {
            forget_placed(&nodes, &mut documents);
        }
        report.problems.extend(documents.iter().map(|document| {
            format!(
                "Text {document} is whole and stands nowhere in its novel's outline; it is kept, and a readable copy has it; its place may come with the next sync."
            )
        }));
    }
}

fn forget_placed(nodes: &[Node], documents: &mut BTreeSet<DocumentId>) {
    for node in nodes {
        if let Some(document) = node.document {
            documents.remove(&document);
        }
        forget_placed(&node.children, documents);
    }
}

fn is_covered(covers: &[Cover], device: DeviceId, number: u64) -> bool {
    covers
        .iter()
        .any(|cover| cover.device == device && (cover.first..=cover.last).contains(&number))
}

/// Every record names the one before it of its device; one that is missing or another one is a problem. Numbers that
/// snapshots contain may be absent.
fn broken_links(chains: &Chains, covered: &[Cover], report: &mut CheckReport) {
    for (device, chain) in chains {
        let mut expected = (1, FIRST_PREVIOUS);
        for (sequence, (previous, hash)) in chain {
            let absent = expected.0..*sequence;
            // What is covered comes in as few ranges as can be, so one of them has all of a gap.
            let explained = absent.is_empty()
                || covered.iter().any(|cover| {
                    let has = cover.first..=cover.last;
                    cover.device == *device
                        && has.contains(&absent.start)
                        && has.contains(&(sequence - 1))
                });
            let follows = !absent.is_empty() || expected.1 == *previous;
            if *sequence < expected.0 || !explained || !follows {
                report.problems.push(format!(
                    "The records of device {device} have a gap or a change before number {sequence}; what is here opens, and what is missing may come with the next sync."
                ));
            }
            expected = (sequence.saturating_add(1), *hash);
        }
    }
}

fn unloaded(document: DocumentId, failure: &Failure) -> String {
    format!("Document {document} does not load: {failure}")
}
