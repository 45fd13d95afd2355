//! What merges brought, for the author to read: kept sealed on this laptop until it is put away.
//!
//! **Invariants:** a report never leaves the laptop, so receiving sends nothing. The version before a merge is in it,
//! so what was merged can be looked at and taken back for as long as the scene lives. No novel has more than [`MOST`]
//! of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use seshat_manuscript::{SceneText, Version, word_diff};
use seshat_protocol::{DeviceId, DocumentId, NovelId, RecordId};
use seshat_store::{Store, StoredRecord, StoredReport};
use seshat_vault::Kind;

use crate::clock::now_ms;
use crate::history::bare;
use crate::library::gather;
use crate::merges::merge_text;
use crate::scenes::{novel_id, to_u64};
use crate::session::{Batch, Session, Summary, binder_place, gathered, summary_of};
use crate::{Desk, Failure, MergeReport, MergeRow, NovelLock, VersionKind, VersionRow};

/// How many reports of a novel are kept.
pub(crate) const MOST: usize = 200;
/// What comes within this many milliseconds goes into one report: another laptop that writes all day is not news
/// every half minute.
const TOGETHER: u64 = 60 * 60 * 1000;

/// What came into one scene.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    document: DocumentId,
    devices: BTreeSet<DeviceId>,
    added: u64,
    removed: u64,
    before: Version,
    theirs: Option<Version>,
    overlaps: bool,
    kept: bool,
}

impl Row {
    /// For a scene that did not change.
    pub(crate) fn unchanged(
        document: DocumentId,
        devices: BTreeSet<DeviceId>,
        version: Version,
    ) -> Self {
        Self {
            document,
            devices,
            added: 0,
            removed: 0,
            before: version,
            theirs: None,
            overlaps: false,
            kept: false,
        }
    }

    /// Says of a scene that is marked so in the binder that it came back from the trash.
    pub(crate) fn mark_kept(&mut self, kept: &BTreeSet<DocumentId>) {
        self.kept |= kept.contains(&self.document);
    }

    /// Together with what came later.
    fn with(mut self, later: Self) -> Self {
        self.devices.extend(later.devices);
        self.added += later.added;
        self.removed += later.removed;
        self.theirs = later.theirs.or(self.theirs);
        self.overlaps |= later.overlaps;
        self.kept |= later.kept;
        self
    }
}

/// What a look at one scene found.
pub(crate) struct Looked {
    pub(crate) row: Option<Row>,
    /// Whether text was moved out of it, so that it may stand in two places.
    pub(crate) moved: bool,
    pub(crate) summary: Option<Summary>,
}

impl Desk {
    /// What merges brought to a novel, newest first, until it is dismissed.
    ///
    /// # Errors
    /// When there is no such novel, the vault is locked or the disk fails.
    pub fn merges(&self, novel: &str) -> Result<Vec<MergeReport>, Failure> {
        let id = novel_id(novel)?;
        let reports = self.with_session(|session, store| {
            session.binder(store, id)?;
            let names = session.device_names();
            let reports = store.reports(id, MOST)?;
            let opened = reports.into_iter().filter_map(|report| {
                let rows = session.open_report(id, &report)?;
                Some((report.id, report.at, rows))
            });
            Ok(opened.map(|(id, at, rows)| (id, at, shown(rows, &names))).collect::<Vec<_>>())
        })?;
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        let places = self.places(novel)?;
        let placed = |row: MergeRow| match places.get(&row.scene) {
            Some((path, title)) => MergeRow { path: path.clone(), title: title.clone(), ..row },
            None => row,
        };
        let report = |(id, at, rows): (u64, u64, Vec<MergeRow>)| MergeReport {
            id,
            at,
            scenes: rows.into_iter().map(placed).collect(),
        };
        Ok(reports.into_iter().map(report).collect())
    }

    /// The author has read what merges brought to a novel.
    ///
    /// # Errors
    /// When there is no such novel, the vault is locked or the disk fails.
    pub fn dismiss_merges(&self, novel: &str) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|_, store| {
            for report in store.reports(novel, usize::MAX)? {
                store.dismiss_report(report.id)?;
            }
            Ok(())
        })?;
        self.show_merges();
        Ok(())
    }

    /// Shows how many scenes were merged and not put away.
    pub(crate) fn show_merges(&self) {
        let counted = self.with_session(|session, store| session.merged_scenes(store));
        if let Ok(merges) = counted {
            self.shared.board.show(|status| status.merges = merges);
        }
    }

    /// Where each scene of a novel is, and its title or first words.
    fn places(&self, novel: &str) -> Result<BTreeMap<String, (String, String)>, Failure> {
        let (outline, trash) = (self.outline(novel)?, self.trash(novel)?);
        let trash: Vec<_> = trash.into_iter().map(|trashed| trashed.node).collect();
        let mut rows = Vec::new();
        for nodes in [&outline.nodes, &outline.notes, &trash] {
            gather(nodes, &mut rows);
        }
        let place = |row: &crate::OutlineNode| {
            let title = if row.title.is_empty() { &row.excerpt } else { &row.title };
            Some((row.scene.clone()?, (row.path.clone(), title.clone())))
        };
        Ok(rows.into_iter().filter_map(place).collect())
    }
}

impl Session {
    /// Loads a scene without what came and then with it, to say what that changed. `None` for one that cannot be read.
    pub(crate) fn look_at_merge(
        &mut self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        came: &BTreeSet<RecordId>,
    ) -> Result<Option<Looked>, Failure> {
        let all = store.records_of(document)?;
        let (new, old): (Vec<StoredRecord>, Vec<_>) =
            all.iter().cloned().partition(|stored| came.contains(&stored.record.id));
        let bodies = |records: &[StoredRecord]| self.open_bodies(records, novel, document);
        let (new_bodies, old_bodies) = (bodies(&new), bodies(&old));
        let (mut text, _) = gathered(self.entropy.peer()?, &old_bodies);
        let (before, old_text) = (text.version(), text.passage());
        let theirs = theirs_of(&mut text, &new_bodies);
        let Some((changed, theirs)) = theirs else { return Ok(None) };
        let row = changed.then(|| {
            let diff = word_diff(&old_text, &text.passage());
            Row {
                document,
                devices: new.iter().map(|stored| stored.record.device).collect(),
                added: to_u64(diff.added),
                removed: to_u64(diff.removed),
                overlaps: theirs
                    .as_ref()
                    .is_some_and(|theirs| text.both_changed(&before, theirs).unwrap_or(false)),
                before,
                theirs,
                kept: false,
            }
        });
        let whole = old_bodies.len() + new_bodies.len() == all.len();
        let summary = (whole && !self.scenes.contains_key(&document)).then(|| {
            let edited_at = all.last().and_then(|last| self.vault.open_header(&last.record).ok());
            summary_of(&text, to_u64(all.len()), edited_at.map_or(0, |it| it.written_at))
        });
        Ok(Some(Looked { row, moved: !text.moved_to().is_empty(), summary }))
    }

    /// Keeps a report and what was learnt of the scenes.
    pub(crate) fn keep_report(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        rows: Vec<Row>,
        summaries: Vec<(NovelId, DocumentId, Summary)>,
    ) -> Result<(), Failure> {
        let mut batch = Batch { summaries, ..Batch::default() };
        let mut earlier = None;
        if !rows.is_empty() {
            let newest = store.reports(novel, 1)?.pop();
            let newest = newest.filter(|report| now_ms().abs_diff(report.at) < TOGETHER);
            let opened = newest.and_then(|it| Some((self.open_report(novel, &it)?, it)));
            let (rows, at) = match opened {
                Some((before, report)) => {
                    earlier = Some(report.id);
                    (together(before, rows), report.at)
                }
                None => (rows, now_ms()),
            };
            let report = serde_json::to_vec(&rows).expect("a report is plain data");
            batch.reports.push((novel, at, report));
        }
        if batch.summaries.is_empty() && batch.reports.is_empty() {
            return Ok(());
        }
        self.write(store, batch)?;
        let surplus = store.reports(novel, usize::MAX)?.into_iter().skip(MOST);
        for id in earlier.into_iter().chain(surplus.map(|report| report.id)).collect::<Vec<_>>() {
            store.dismiss_report(id)?;
        }
        Ok(())
    }

    /// `None` for one that does not open or was written by a newer program.
    fn open_report(&self, novel: NovelId, report: &StoredReport) -> Option<Vec<Row>> {
        let place = binder_place(Kind::LocalReport, novel);
        let opened = self.vault.open_local(&place, &report.sealed).ok()?;
        serde_json::from_slice(&opened).ok()
    }

    fn merged_scenes(&self, store: &Store) -> Result<u64, Failure> {
        let mut count = 0;
        for (novel, _) in store.report_counts()? {
            if self.novel_lock(novel) == NovelLock::Locked {
                continue;
            }
            for report in store.reports(novel, MOST)? {
                count += self.open_report(novel, &report).map_or(0, |rows| to_u64(rows.len()));
            }
        }
        Ok(count)
    }

    /// How a scene was before merges, as far as the reports still say so.
    pub(crate) fn before_merges(
        &self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Vec<VersionRow>, Failure> {
        let mut versions = Vec::new();
        for report in store.reports(novel, MOST)? {
            let rows = self.open_report(novel, &report).unwrap_or_default();
            let of_it = rows.into_iter().filter(|row| row.document == document);
            versions.extend(
                of_it.map(|row| bare(&row.before, VersionKind::BeforeMerge, Some(report.at))),
            );
        }
        Ok(versions)
    }

    /// The laptops by name, those that were shut out, too.
    pub(crate) fn device_names(&self) -> BTreeMap<DeviceId, String> {
        self.vault.devices().map(|device| (device.entry.id, device.name.clone())).collect()
    }

    /// What this laptop is called.
    pub(crate) fn device_name(&self) -> Option<String> {
        self.device_names().remove(&self.device_id())
    }
}

/// Merges what came; says whether a reader sees a change, and what the others had where this laptop had something that
/// they did not have. `None` when none of it loads.
fn theirs_of(text: &mut SceneText, bodies: &[Vec<u8>]) -> Option<(bool, Option<Version>)> {
    if let Ok(changed) = text.merge_all(bodies.iter().map(Vec::as_slice)) {
        let seen = !changed.is_nothing();
        return Some((seen, changed.theirs));
    }
    merge_text(text, bodies).then_some((true, None))
}

/// The rows of two reports, one for each scene.
fn together(before: Vec<Row>, later: Vec<Row>) -> Vec<Row> {
    let mut rows: BTreeMap<DocumentId, Row> =
        before.into_iter().map(|row| (row.document, row)).collect();
    for row in later {
        let joined = match rows.remove(&row.document) {
            Some(before) => before.with(row),
            None => row,
        };
        rows.insert(joined.document, joined);
    }
    rows.into_values().collect()
}

fn shown(rows: Vec<Row>, names: &BTreeMap<DeviceId, String>) -> Vec<MergeRow> {
    let name = |device: &DeviceId| names.get(device).cloned().unwrap_or_else(|| device.to_string());
    let row = |row: Row| MergeRow {
        scene: row.document.to_string(),
        path: String::new(),
        title: String::new(),
        devices: row.devices.iter().map(name).collect(),
        added: row.added,
        removed: row.removed,
        before: row.before.to_string(),
        theirs: row.theirs.map(|version| version.to_string()),
        overlaps: row.overlaps,
        kept: row.kept,
    };
    rows.into_iter().map(row).collect()
}
