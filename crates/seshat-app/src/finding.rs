//! Finding a text in a novel or in the whole library.
//!
//! **Invariants:** what is found is in memory only: scenes that were made ready for searching live in the session and go
//! with it, and a closed novel's go when it is closed. A scene is searched as it stands, what was typed a moment ago
//! too. The desk's lock is held for one scene at a time, so typing never waits for a search.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use seshat_manuscript::{Node, NodeKind, Passage, Version, saved_content};
use seshat_protocol::{DocumentId, NovelId};
use seshat_search::{
    Case, Diacritics, Hit, Needle, NeedleError, Options, Pattern, Prepared, Spot, With, WithError,
    Words,
};
use seshat_store::Store;
use seshat_vault::{Kind, Place};

use crate::library::counts;
use crate::replacing::{KEPT, Undo};
use crate::scenes::{novel_id, to_u64};
use crate::session::Session;
use crate::{Desk, Failure, FailureCode, Found, FoundHit, FoundScene, NovelLock, Query};

/// How many hits are listed. All are counted.
const LISTED: usize = 1000;
/// How long an expression may take in all. Most take milliseconds; some could take minutes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is ready for searching.
#[derive(Default)]
pub(crate) struct Shelf {
    novels: BTreeMap<NovelId, Rows>,
    scenes: BTreeMap<DocumentId, Ready>,
    /// Replacements, the newest last.
    replaced: Vec<Undo>,
}

/// A novel's texts in reading order, as its binder has them at one version.
#[derive(Clone)]
pub(crate) struct Rows {
    version: Version,
    pub(crate) title: Arc<str>,
    pub(crate) rows: Arc<[Row]>,
}

/// A text that can be searched.
pub(crate) struct Row {
    pub(crate) document: DocumentId,
    /// `3/2`; empty for a note.
    path: String,
    /// The chapter's title, or the note's own.
    chapter: String,
}

/// A text that was made ready, and what it was then.
struct Ready {
    novel: NovelId,
    /// What was in memory, where the scene was open.
    version: Option<Version>,
    /// Records on the disk, where they were all of it.
    records: Option<u64>,
    prepared: Arc<Prepared>,
}

impl Shelf {
    /// A novel was closed: nothing of it stays.
    pub(crate) fn forget_novel(&mut self, novel: NovelId) {
        self.novels.remove(&novel);
        self.scenes.retain(|_, ready| ready.novel != novel);
        self.replaced.retain(|undo| !undo.reaches(novel));
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.novels.is_empty() && self.scenes.is_empty() && self.replaced.is_empty()
    }

    pub(crate) fn keep(&mut self, undo: Undo) {
        self.replaced.push(undo);
        let surplus = self.replaced.len().saturating_sub(KEPT);
        self.replaced.drain(..surplus);
    }

    pub(crate) fn take(&mut self, id: u64) -> Option<Undo> {
        let place = self.replaced.iter().position(|undo| undo.is(id))?;
        Some(self.replaced.remove(place))
    }
}

/// A needle on its way through many texts.
pub(crate) struct Looking<'a> {
    needle: &'a Needle,
    spent: Duration,
}

impl<'a> Looking<'a> {
    pub(crate) fn new(needle: &'a Needle) -> Self {
        Self { needle, spent: Duration::ZERO }
    }

    /// Where it stands in the next text.
    ///
    /// # Errors
    /// When it has taken too long in all.
    pub(crate) fn find(&mut self, prepared: &Prepared) -> Result<Vec<Spot>, Failure> {
        let begun = Instant::now();
        let spots = prepared.find(self.needle);
        self.spent += begun.elapsed();
        if self.spent > PATIENCE {
            return Err(Failure::other(
                "Looking for this takes too long, so it was stopped and nothing was changed; make the expression simpler.",
            ));
        }
        Ok(spots)
    }
}

/// Where a search looks, and what each novel there has on the disk.
struct Scope {
    novel: NovelId,
    rows: Rows,
    counts: HashMap<DocumentId, u64>,
}

impl Desk {
    /// Finds a text, and says what would stand there if it were replaced.
    ///
    /// # Errors
    /// When it is an expression and does not fit, there is no such novel, it is closed, the vault is locked, or the
    /// disk fails. A scene that cannot be read is passed over; opening it says so.
    pub fn find(&self, query: &Query, with: Option<&str>) -> Result<Found, Failure> {
        let needle = needle(query)?;
        let with = with.map(|with| replacement(with, &needle)).transpose()?;
        let mut found = Found { scenes: Vec::new(), total: 0, cut: false };
        let mut room = LISTED;
        let mut looking = Looking::new(&needle);
        for scope in self.scopes(query)? {
            for row in scope.rows.rows.iter() {
                let ready = self.with_session(|session, store| {
                    session.ready(store, scope.novel, row.document, &scope.counts)
                })?;
                let Some(prepared) = ready else { continue };
                let mut spots = looking.find(&prepared)?;
                found.total += to_u64(spots.len());
                spots.truncate(room);
                room -= spots.len();
                if spots.is_empty() {
                    continue;
                }
                let hits = prepared.hits(&spots);
                let becomes = with.as_ref().map(|with| prepared.becomes(&needle, with, &spots));
                found.scenes.push(shown(&scope, row, hits, becomes));
            }
        }
        found.cut = found.total > to_u64(LISTED);
        Ok(found)
    }

    /// The novels that a query looks in. Each is read under the lock by itself.
    fn scopes(&self, query: &Query) -> Result<Vec<Scope>, Failure> {
        let novels = match &query.novel {
            Some(novel) => vec![novel_id(novel)?],
            None => self.with_session(|session, store| session.open_novels(store))?,
        };
        let scope = |novel| {
            self.with_session(|session, store| {
                Ok(Scope {
                    novel,
                    rows: session.rows(store, novel)?,
                    counts: counts(store, novel)?,
                })
            })
        };
        novels.into_iter().map(scope).collect()
    }
}

impl Session {
    /// The novels that can be read, by title.
    pub(crate) fn open_novels(&mut self, store: &Store) -> Result<Vec<NovelId>, Failure> {
        let here = store.novels()?;
        let mut titled = Vec::new();
        for novel in self.vault.novels() {
            if !here.contains(&novel) || self.novel_lock(novel) == NovelLock::Locked {
                continue;
            }
            match self.rows(store, novel) {
                Ok(rows) => titled.push((rows.title, novel)),
                // Its key came with the vault and its binder has not come yet.
                Err(failure) if failure.code == FailureCode::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        titled.sort();
        Ok(titled.into_iter().map(|(_, novel)| novel).collect())
    }

    /// A novel's texts in reading order, notes last; the trash left out.
    pub(crate) fn rows(&mut self, store: &Store, novel: NovelId) -> Result<Rows, Failure> {
        let version = self.binder(store, novel)?.binder.version();
        if let Some(rows) = self.shelf.novels.get(&novel).filter(|rows| rows.version == version) {
            return Ok(rows.clone());
        }
        let binder = &self.binder(store, novel)?.binder;
        let mut list = List::default();
        list.manuscript(&binder.outline(), "");
        list.notes(&binder.notes());
        let rows = Rows { version, title: binder.title().into(), rows: list.rows.into() };
        self.shelf.novels.insert(novel, rows.clone());
        Ok(rows)
    }

    /// A text made ready for searching, as it stands; `None` where it cannot be read.
    pub(crate) fn ready(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
        counts: &HashMap<DocumentId, u64>,
    ) -> Result<Option<Arc<Prepared>>, Failure> {
        let records = counts.get(&document).copied().unwrap_or(0);
        let open = self.scenes.get(&document).map(|open| (&open.text, open.records));
        let version = open.map(|(text, _)| text.version());
        if let Some(ready) = self.shelf.scenes.get(&document) {
            let fits = match &version {
                Some(version) => ready.version.as_ref() == Some(version),
                None => ready.records == Some(records),
            };
            if fits {
                return Ok(Some(ready.prepared.clone()));
            }
        }
        let (passage, records) = match open {
            // What is in memory may be ahead of the disk: it is known by its version alone.
            Some((text, _)) => (text.passage(), None),
            None if records == 0 => return Ok(None),
            None => match self.text_on_disk(store, novel, document, records)? {
                Some(passage) => (passage, Some(records)),
                None => return Ok(None),
            },
        };
        let prepared = Arc::new(Prepared::new(&passage));
        let ready = Ready { novel, version, records, prepared: prepared.clone() };
        self.shelf.scenes.insert(document, ready);
        Ok(Some(prepared))
    }
}

impl Session {
    /// A text as the disk has it, by the shortest way; `None` where it cannot be read: one damaged scene does not keep
    /// the others from being found.
    fn text_on_disk(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
        records: u64,
    ) -> Result<Option<Passage>, Failure> {
        if let Some(passage) = self.text_of(store, (novel, document), records)? {
            return Ok(Some(passage));
        }
        if records == 1
            && let Some(passage) = self.text_of_one(store, novel, document)?
        {
            return Ok(Some(passage));
        }
        Ok(self.load_scene(store, novel, document).ok().map(|loaded| loaded.text.passage()))
    }

    /// The text of a document that is one record: it stands beside its history, for reading without it.
    fn text_of_one(
        &self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Option<Passage>, Failure> {
        let records = store.records_of(document)?;
        let [stored] = records.as_slice() else { return Ok(None) };
        let kind = Kind::from_code(stored.kind).filter(|kind| *kind == Kind::SceneSnapshot);
        let passage = kind.and_then(|kind| {
            let place = Place { kind, novel, document };
            let body = self.vault.open_body(&stored.record, &place).ok()?;
            Passage::deserialize(saved_content(&body)?).ok()
        });
        Ok(passage)
    }
}

/// Rows in the making, with chapters counted as the outline counts them.
#[derive(Default)]
struct List {
    chapter: usize,
    rows: Vec<Row>,
}

impl List {
    fn manuscript(&mut self, nodes: &[Node], chapter: &str) {
        let mut scene = 0;
        for node in nodes {
            let chapter = match node.kind {
                NodeKind::Chapter => {
                    self.chapter += 1;
                    node.title.as_str()
                }
                _ => chapter,
            };
            scene += usize::from(node.kind == NodeKind::Scene);
            if let Some(document) = node.document {
                let path = format!("{}/{scene}", self.chapter);
                self.rows.push(Row { document, path, chapter: chapter.to_owned() });
            }
            self.manuscript(&node.children, chapter);
        }
    }

    fn notes(&mut self, nodes: &[Node]) {
        for node in nodes {
            if let Some(document) = node.document {
                let (path, chapter) = (String::new(), node.title.clone());
                self.rows.push(Row { document, path, chapter });
            }
            self.notes(&node.children);
        }
    }
}

fn shown(scope: &Scope, row: &Row, hits: Vec<Hit>, becomes: Option<Vec<String>>) -> FoundScene {
    let names = names(row.document, &hits);
    let becomes =
        becomes.map_or_else(|| vec![None; hits.len()], |all| all.into_iter().map(Some).collect());
    let hits = hits.into_iter().zip(names).zip(becomes).map(|((hit, id), becomes)| {
        let in_text = hit.note.is_none();
        FoundHit {
            id,
            before: hit.excerpt.before,
            found: hit.excerpt.found,
            after: hit.excerpt.after,
            from: in_text.then_some(hit.utf16.start),
            to: in_text.then_some(hit.utf16.end),
            becomes,
        }
    });
    FoundScene {
        novel: scope.novel.to_string(),
        novel_title: scope.rows.title.to_string(),
        scene: row.document.to_string(),
        path: row.path.clone(),
        chapter: row.chapter.clone(),
        hits: hits.collect(),
    }
}

/// Names for a text's hits, which stay the same while their paragraphs do, whatever is done to others.
pub(crate) fn names(document: DocumentId, hits: &[Hit]) -> Vec<String> {
    // Of paragraphs that read alike, which one: the first with hits, the second, …
    let mut alike: HashMap<(Option<usize>, u64), (usize, usize)> = HashMap::new();
    let document = document.to_string();
    let name = |hit: &Hit| {
        let (count, last) = alike.entry((hit.note, hit.mark)).or_insert((0, hit.paragraph));
        if *last != hit.paragraph {
            (*count, *last) = (*count + 1, hit.paragraph);
        }
        let note = hit.note.map_or(0, |note| note + 1);
        format!("{document}-{note}-{:016x}-{count}-{}", hit.mark, hit.range.start)
    };
    hits.iter().map(name).collect()
}

/// The document that a hit's name begins with.
pub(crate) fn document_of(name: &str) -> Option<DocumentId> {
    name.split('-').next()?.parse().ok()
}

/// What a query looks for.
pub(crate) fn needle(query: &Query) -> Result<Needle, Failure> {
    let options = Options {
        case: if query.case { Case::Exact } else { Case::Ignored },
        diacritics: if query.accents { Diacritics::Exact } else { Diacritics::Folded },
        words: if query.whole_word { Words::Whole } else { Words::Parts },
        pattern: if query.regex { Pattern::Regex } else { Pattern::Plain },
    };
    Needle::new(&query.text, options).map_err(|error| {
        Failure::other(match error {
            NeedleError::NotRegex(reason) => format!(
                "This is no regular expression ({reason}), so nothing was looked for and nothing was changed; correct it, or look for it as plain text."
            ),
            _ => "This regular expression is too large, so nothing was looked for and nothing was changed; make it shorter.".to_owned(),
        })
    })
}

/// What shall stand where something was found.
pub(crate) fn replacement(with: &str, needle: &Needle) -> Result<With, Failure> {
    With::new(with, needle).map_err(|error| {
        Failure::other(match error {
            WithError::NotOneLine => {
                "A replacement has one line, so nothing was changed; make paragraphs in the scene itself."
            }
            _ => "A replacement cannot hold the sign of an image or a note, so nothing was changed; take it out.",
        })
    })
}
