//! A laptop: a home on the disk, a desk that can be taken from it at any moment, and what the author has typed since
//! the disk last heard of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use seshat_manuscript::SceneText;
use seshat_protocol::DocumentId;
use seshat_store::Cover;
use seshat_sync::sync_once;
use seshat_vault::{Kind, Place, RecoveryPhrase, Secret, vault};

use super::ledger::{Ledger, set_of, words_in};
use super::rig::{self, Dice};
use super::server::Network;
use super::template::template;
use crate::compacting::write_covers;
use crate::session::{Batch, Content, binder_document};
use crate::vaulting::found;
use crate::{Attributes, Desk, Edit, EditOp, Failure, SyncReport};

/// An open scene, as the page knows it.
#[derive(Clone, Copy)]
struct Page {
    session: u64,
    sequence: u64,
}

/// One laptop.
pub(crate) struct Laptop {
    pub(crate) desk: Desk,
    pub(crate) home: PathBuf,
    pub(crate) network: Network,
    /// What its clock shows, in milliseconds since 1970.
    pub(crate) clock: u64,
    open: BTreeMap<String, Page>,
    /// Typed, and not on the disk.
    fresh: Vec<String>,
    /// Deleted, and the disk does not know.
    cut: Vec<String>,
}

impl Laptop {
    pub(crate) fn with(desk: Desk, home: PathBuf, network: Network) -> Self {
        let (open, fresh, cut) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { desk, home, network, clock: super::START, open, fresh, cut }
    }

    /// The laptop whose home is there, unlocked.
    pub(crate) fn start(home: PathBuf, network: Network) -> Self {
        let desk = unlocked(&home);
        Self::with(desk, home, network)
    }

    /// Whatever this laptop does next happens at its time.
    pub(crate) fn wake(&self) {
        rig::set_clock(self.clock);
    }

    /// The power fails; then the laptop is started again.
    ///
    /// What was typed since the last save may be gone.
    pub(crate) fn power_cut(&mut self, ledger: &mut Ledger) {
        ledger.doubtful(&std::mem::take(&mut self.fresh));
        ledger.doubtful(&std::mem::take(&mut self.cut));
        self.restart();
    }

    /// All that is in memory is gone.
    pub(crate) fn restart(&mut self) {
        self.open.clear();
        // The old desk holds the folder until it is gone.
        self.desk = Desk::at(self.home.clone(), String::new());
        self.desk = unlocked(&self.home);
    }

    /// What was typed is on the disk.
    pub(crate) fn saved(&mut self, ledger: &mut Ledger) {
        ledger.written(&std::mem::take(&mut self.fresh));
        ledger.removed(&std::mem::take(&mut self.cut));
    }

    pub(crate) fn flush(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        self.desk.flush()?;
        self.saved(ledger);
        Ok(())
    }

    /// One round of sync on this thread, cut off after so many requests; `None` when it was.
    pub(crate) fn round(&self, requests: Option<usize>) -> Option<Result<SyncReport, Failure>> {
        let mut cut_off = false;
        let report = self.desk.round_by(|side, options| {
            let round = sync_once(&self.network, side, options);
            poll(round, requests).ok_or_else(|| {
                cut_off = true;
                Failure::locked()
            })
        });
        (!cut_off).then_some(report)
    }

    /// One round of sync without the look at what came, which thousands of rounds in one scene need not have.
    pub(crate) fn carry(&self) -> Result<SyncReport, Failure> {
        self.desk.carried_by(|side, options| {
            let round = sync_once(&self.network, side, options);
            poll(round, None).ok_or_else(Failure::locked)
        })?
    }

    /// The flat text of a scene as the page has it; opens the scene where it is not open.
    fn page(&mut self, scene: &str) -> Result<String, Failure> {
        let novel = &template().novel;
        if !self.open.contains_key(scene) {
            let view = self.desk.open_scene(novel, scene)?;
            let page = Page { session: view.session, sequence: view.sequence };
            self.open.insert(scene.to_owned(), page);
        }
        self.text_of(scene.parse().expect("an id"))
    }

    /// A text as it stands on this laptop, what is not on the disk yet among it.
    pub(crate) fn text_of(&self, document: DocumentId) -> Result<String, Failure> {
        let novel = template().novel.parse().expect("an id");
        self.desk.with_session(|session, store| match session.scenes.get(&document) {
            Some(open) => Ok(open.text.flat()),
            None => Ok(session.load_scene(store, novel, document)?.text.flat()),
        })
    }

    /// An edit of the page, which opens the scene where it is not open.
    pub(crate) fn edit_scene(&mut self, scene: &str, ops: Vec<EditOp>) -> Result<(), Failure> {
        if !self.open.contains_key(scene) {
            self.page(scene)?;
        }
        self.edit(scene, ops)
    }

    pub(crate) fn device(&self) -> seshat_protocol::DeviceId {
        self.desk.with_session(|session, _| Ok(session.device_id())).expect("it is open")
    }

    fn edit(&mut self, scene: &str, ops: Vec<EditOp>) -> Result<(), Failure> {
        let page = self.open.get_mut(scene).expect("it is open");
        let (novel, scene) = (template().novel.clone(), scene.to_owned());
        let (session, sequence) = (page.session, page.sequence + 1);
        let edit = Edit { novel, scene, session, sequence, ops, typed: false };
        match self.desk.edit_scene(&edit) {
            Ok(_) => {
                page.sequence = sequence;
                Ok(())
            }
            Err(failure) => {
                // Its places are no more: the page opens the scene again.
                self.open.remove(&edit.scene);
                Err(failure)
            }
        }
    }

    /// Types a few words somewhere.
    pub(crate) fn type_words(
        &mut self,
        scene: &str,
        dice: &mut Dice,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        let text = self.page(scene)?;
        let at = *dice.pick(&borders(&text));
        let count = 1 + dice.below(4);
        let mut typed = String::from(if dice.percent(15) { "\n" } else { " " });
        let mut words = Vec::with_capacity(count);
        for _ in 0..count {
            let word = ledger.new_word();
            typed.push_str(&word);
            typed.push_str(if dice.percent(10) { " 🚢 " } else { " " });
            words.push(word);
        }
        let mut attributes = Attributes::new();
        if dice.percent(10) {
            attributes.insert("emphasis".to_owned(), true.into());
        }
        self.edit(scene, vec![EditOp::Insert { at, text: typed, attributes }])?;
        // Known from here on: until it is saved, it may be there or not.
        ledger.doubtful(&words);
        self.fresh.extend(words);
        Ok(())
    }

    /// Takes some words out, the space behind each among them.
    pub(crate) fn delete_words(
        &mut self,
        scene: &str,
        dice: &mut Dice,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        let text = self.page(scene)?;
        let tokens = tokens(&text);
        if tokens.len() < 2 {
            return Ok(());
        }
        let first = dice.below(tokens.len() - 1);
        let behind = (first + 1 + dice.below(3)).min(tokens.len() - 1);
        let (at, length) = (tokens[first].0, tokens[behind].0 - tokens[first].0);
        self.edit(scene, vec![EditOp::Delete { at, length }])?;
        let words: Vec<String> = tokens[first..behind]
            .iter()
            .flat_map(|(_, token)| words_in(token).map(str::to_owned).collect::<Vec<_>>())
            .collect();
        ledger.doubtful(&words);
        self.cut.extend(words);
        Ok(())
    }

    /// Marks a stretch, or changes a paragraph's kind.
    pub(crate) fn mark(&mut self, scene: &str, dice: &mut Dice) -> Result<(), Failure> {
        let text = self.page(scene)?;
        let borders = borders(&text);
        let (one, other) = (*dice.pick(&borders), *dice.pick(&borders));
        let op = if dice.percent(30) {
            let value = (*dice.pick(&["heading", "quote", "body"])).into();
            EditOp::Mark { from: 0, to: 1, key: "block".to_owned(), value }
        } else {
            let value = if dice.percent(70) { true.into() } else { serde_json::Value::Null };
            let key = (*dice.pick(&["emphasis", "strong", "strike"])).to_owned();
            EditOp::Mark { from: one.min(other), to: one.max(other), key, value }
        };
        self.edit(scene, vec![op])
    }

    /// Splits a scene between two words.
    pub(crate) fn split(&mut self, scene: &str, dice: &mut Dice) -> Result<(), Failure> {
        let text = self.page(scene)?;
        let at = *dice.pick(&borders(&text));
        self.desk.split_scene(&template().novel, scene, at).map(|_| ())
    }

    /// Makes a scene what it was at some moment.
    pub(crate) fn go_back(
        &mut self,
        scene: &str,
        dice: &mut Dice,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        let novel = &template().novel;
        let versions = self.desk.versions(novel, scene)?;
        if versions.is_empty() {
            return Err(Failure::locked());
        }
        let version = dice.pick(&versions).version.clone();
        let then = self.desk.version_text(novel, scene, &version)?;
        let then: String = then.runs.iter().map(|run| run.text.as_str()).collect();
        let (then, now) = (set_of(&then), set_of(&self.page(scene)?));
        ledger.freed(then.difference(&now).cloned());
        let taken: Vec<String> = now.difference(&then).cloned().collect();
        ledger.doubtful(&taken);
        self.desk.restore_version(novel, scene, &version)?;
        self.cut.extend(taken);
        Ok(())
    }

    /// The page shows the scene no more; nothing typed may be lost by that.
    pub(crate) fn close(&mut self, scene: &str, ledger: &mut Ledger) -> Result<(), Failure> {
        self.desk.close_scene(&template().novel, scene)?;
        self.open.remove(scene);
        self.saved(ledger);
        Ok(())
    }

    /// The page was told that a scene changed, and opens it again.
    pub(crate) fn forget_page(&mut self, scene: &str) {
        self.open.remove(scene);
    }

    /// The node of a scene.
    pub(crate) fn node_of(&self, scene: &str) -> Result<String, Failure> {
        let novel = template().novel.parse().expect("an id");
        let document: DocumentId = scene.parse().expect("an id");
        self.desk.with_session(|session, store| {
            let node = session.binder(store, novel)?.binder.node(document);
            Ok(node.ok_or_else(Failure::locked)?.to_string())
        })
    }

    /// A defect that is kept: a whole text takes the place of this one.
    pub(crate) fn overwrite(&mut self, scene: &str, text: &str) -> Result<(), Failure> {
        let ours = self.page(scene)?;
        if ours == text {
            return Ok(());
        }
        let length = ours.encode_utf16().count() - 1;
        let text = text.strip_prefix('\n').unwrap_or(text).to_owned();
        let insert = EditOp::Insert { at: 1, text, attributes: Attributes::new() };
        self.edit(scene, vec![EditOp::Delete { at: 1, length }, insert])
    }

    /// A defect that is kept: names every record that is here in place of those that were loaded.
    pub(crate) fn compact_carelessly(
        &mut self,
        document: DocumentId,
        loaded: &SceneText,
    ) -> Result<(), Failure> {
        let novel = template().novel.parse().expect("an id");
        self.desk.with_session(|session, store| {
            let live = store.live_of(document)?;
            let covers: Vec<_> =
                live.iter().map(|it| Cover::one(it.record.device, it.record.sequence)).collect();
            let covers = Cover::joined(covers);
            let Ok(payload) = loaded.history(&write_covers(&covers)) else { return Ok(()) };
            let place = Place { kind: Kind::SceneSnapshot, novel, document };
            let replaces = live.iter().map(|it| it.record.id).collect();
            let contents = vec![Content { place, payload, replaces, covers, blobs: Vec::new() }];
            session.write(store, Batch { contents, ..Batch::default() })
        })
    }

    /// Every text of the novel on this laptop's disk: document, runs of body and notes, flat text.
    pub(crate) fn texts(&self) -> Result<Vec<Held>, Failure> {
        let novel = template().novel.parse().expect("an id");
        self.desk.with_session(|session, store| {
            let mut documents: Vec<_> =
                store.documents_of(novel)?.into_iter().map(|it| it.document).collect();
            documents.retain(|document| *document != binder_document(novel));
            documents.sort_unstable();
            documents
                .into_iter()
                .map(|document| {
                    let text = session.load_scene(store, novel, document)?.text;
                    Ok(Held { document, runs: text.runs(), flat: text.flat() })
                })
                .collect()
        })
    }
}

/// A text as a laptop has it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Held {
    pub(crate) document: DocumentId,
    pub(crate) runs: Vec<seshat_manuscript::Run>,
    pub(crate) flat: String,
}

fn unlocked(home: &std::path::Path) -> Desk {
    let desk = Desk::at(home.to_owned(), String::new());
    let mut state = desk.state();
    let found = found(desk.store(&mut state).expect("the database opens")).expect("a vault");
    drop(state);
    let phrase = RecoveryPhrase::parse(&template().phrase).expect("24 words");
    let vault = vault::unlock(&found.blob, Secret::Recovery(&phrase), found.pin).expect("it opens");
    desk.open_session(vault, &found).expect("a session");
    desk
}

/// Runs a future that never waits for anything but itself; `None` when it was dropped after so many turns.
pub(crate) fn poll<F: Future>(future: F, turns: Option<usize>) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut left = turns.unwrap_or(usize::MAX);
    while left > 0 {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Some(done);
        }
        left -= 1;
    }
    None
}

/// Where text may go in without cutting a word in two, in UTF-16 units: beside a space or a paragraph's newline.
fn borders(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut before = false;
    let mut borders = Vec::new();
    for c in text.chars() {
        let blank = c.is_whitespace();
        if at > 0 && (blank || before) {
            borders.push(at);
        }
        at += c.len_utf16();
        before = blank;
    }
    borders.push(at);
    borders
}

/// What stands between spaces, and where it begins in UTF-16 units.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let mut tokens: Vec<(usize, String)> = Vec::new();
    let (mut at, mut inside) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            inside = false;
        } else if inside {
            tokens.last_mut().expect("inside of one").1.push(c);
        } else {
            inside = true;
            tokens.push((at, c.to_string()));
        }
        at += c.len_utf16();
    }
    tokens
}
