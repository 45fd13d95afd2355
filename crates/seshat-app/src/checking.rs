//! Looking for damage, and for words.

use std::collections::BTreeMap;

use serde::Serialize;
use seshat_protocol::DocumentId;
use seshat_store::Store;
use seshat_vault::{Kind, OpenError};

use crate::library::gather;
use crate::scenes::{ids, to_u64};
use crate::session::Session;
use crate::{Desk, Failure, NovelLock, SearchHit};

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct CheckReport {
    /// Records on this laptop.
    pub records: u64,
    /// Of them, those whose signature, header and body are what they should be.
    pub opened: u64,
    /// Scenes and binders that loaded.
    pub documents: u64,
    /// Words in all scenes.
    pub words: u64,
    /// What is wrong, a sentence each; empty when all is well.
    pub problems: Vec<String>,
}

impl Desk {
    /// Opens every record and loads every document.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails. Damage is no error but what the report says.
    pub fn check(&self) -> Result<CheckReport, Failure> {
        self.with_session(Session::check)
    }

    /// Finds a text in a novel, whatever its case, accents and kind of quotation marks.
    ///
    /// # Errors
    /// When there is no such novel, the vault is locked or the disk fails.
    pub fn search(&self, novel: &str, text: &str) -> Result<Vec<SearchHit>, Failure> {
        let outline = self.outline(novel)?;
        let mut rows = Vec::new();
        for top in &outline.nodes {
            chapters(top, &mut rows);
        }
        let mut hits = Vec::new();
        for (chapter, node) in rows {
            let Some(scene) = &node.scene else { continue };
            let (id, document) = ids(novel, scene)?;
            let passage =
                self.with_session(|session, store| session.passage(store, id, document))?;
            let found = seshat_search::find(&passage, text, seshat_search::Options::default());
            hits.extend(found.into_iter().map(|hit| SearchHit {
                scene: scene.clone(),
                path: node.path.clone(),
                chapter: chapter.to_owned(),
                before: hit.excerpt.before,
                found: hit.excerpt.found,
                after: hit.excerpt.after,
            }));
        }
        Ok(hits)
    }
}

/// Scenes with the title of the chapter that they stand in.
fn chapters<'a>(node: &'a crate::OutlineNode, rows: &mut Vec<(&'a str, &'a crate::OutlineNode)>) {
    if node.kind == crate::NodeKind::Part {
        node.children.iter().for_each(|child| chapters(child, rows));
        return;
    }
    let mut scenes = Vec::new();
    gather(std::slice::from_ref(node), &mut scenes);
    rows.extend(scenes.into_iter().map(|scene| (node.title.as_str(), scene)));
}

impl Session {
    fn check(&mut self, store: &mut Store) -> Result<CheckReport, Failure> {
        let mut report = CheckReport::default();
        if let Err(error) = store.integrity() {
            report.problems.push(error.to_string());
        }
        let mut documents = BTreeMap::new();
        let mut chains: BTreeMap<_, BTreeMap<u64, _>> = BTreeMap::new();
        for held in store.all_records() {
            let held = held?;
            let record = &held.record;
            report.records += 1;
            let opens = self.vault.verify_record(record).is_ok()
                && held.place.is_some_and(|place| {
                    let kind = Kind::from_code(place.kind);
                    let (novel, document) = (place.novel, place.document);
                    kind.is_some_and(|kind| {
                        let place = seshat_vault::Place { kind, novel, document };
                        // A closed novel's records are signed and in their place; more cannot be said.
                        matches!(
                            self.vault.open_body(record, &place),
                            Ok(_) | Err(OpenError::Locked)
                        )
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
            let hash = record.hash(self.vault.account());
            chains
                .entry(record.device)
                .or_default()
                .insert(record.sequence, (record.previous, hash));
            if let Some(place) = held.place {
                documents.insert(place.document, place.novel);
            }
        }
        broken_links(&chains, &mut report);
        report.problems.extend(self.lasting_alarms(store)?);
        for (document, novel) in documents {
            if self.novel_lock(novel) == NovelLock::Locked {
                continue;
            }
            let loaded = self.load_strictly(store, novel, document);
            match loaded {
                Ok(words) => {
                    report.documents += 1;
                    report.words += to_u64(words);
                }
                Err(failure) => report.problems.push(unloaded(document, &failure)),
            }
        }
        Ok(report)
    }
}

type Link = (seshat_protocol::Bytes32, seshat_protocol::Bytes32);

/// Every record names the one before it of its device; one that is missing or another one is a problem.
fn broken_links(
    chains: &BTreeMap<seshat_protocol::DeviceId, BTreeMap<u64, Link>>,
    report: &mut CheckReport,
) {
    for (device, chain) in chains {
        let mut expected = (1, seshat_protocol::FIRST_PREVIOUS);
        for (sequence, (previous, hash)) in chain {
            if (*sequence, *previous) != expected {
                report.problems.push(format!(
                    "The records of device {device} have a gap or a change before number {sequence}; what is here opens, and what is missing may come with the next sync."
                ));
            }
            expected = (sequence + 1, *hash);
        }
    }
}

fn unloaded(document: DocumentId, failure: &Failure) -> String {
    format!("Document {document} does not load: {failure}")
}
