//! The desk: one vault's home on this laptop, shared by the window, the background work and the command line.
//!
//! **Invariants:** keys, text and storage meet behind one lock and nowhere else. No write waits on the network:
//! a sync holds the lock only between requests. What the footer shows never waits for the lock at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use seshat_platform::IdleTimer;
use seshat_store::{Store, StoreError};

use crate::background::Wake;
use crate::backup::Backups;
use crate::board::Board;
use crate::clock::now_ms;
use crate::compacting::Watch;
use crate::devices::HeardOf;
use crate::hearing::Heard;
use crate::joining::{AskedBy, Asking};
use crate::places::gone_sentence;
use crate::proving::Proved;
use crate::scenes::to_u64;
use crate::security::KeptKit;
use crate::session::Session;
use crate::standing::{Rounds, sync_mode};
use crate::{Failure, FailureCode, Link, Status, VaultState};

/// A handle on the desk. Copies of it are the same desk.
#[derive(Clone)]
pub struct Desk {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) home: PathBuf,
    pub(crate) device_name: String,
    pub(crate) state: Mutex<State>,
    pub(crate) board: Board,
    pub(crate) wake: Wake,
    /// Whoever holds this is the one round of sync that runs.
    pub(crate) round: Mutex<()>,
    /// The connection, kept for all that is asked of the server.
    pub(crate) connection: Mutex<Option<crate::syncing::Connection>>,
    /// The folder in the place of a server, kept in the same way.
    pub(crate) folder: Mutex<Option<crate::folder::Connected>>,
    /// How long nothing has happened.
    pub(crate) idle: Mutex<IdleTimer>,
    /// What the server said of the account's devices.
    pub(crate) heard: Mutex<HeardOf>,
    /// What was heard of news.
    pub(crate) heard_of_news: Heard,
    /// What is remembered of rounds.
    pub(crate) rounds: Mutex<Rounds>,
    /// This laptop's question to be let in.
    pub(crate) asking: Mutex<Option<Asking>>,
    /// Other laptops' questions.
    pub(crate) asked: Mutex<AskedBy>,
    /// What is known of documents that may be compacted.
    pub(crate) watch: Mutex<Watch>,
    /// What is known of backups.
    pub(crate) backups: Mutex<Backups>,
    /// Whoever holds this is the one copy that is made.
    pub(crate) copying: Mutex<()>,
    /// Texts that were loaded from backups.
    pub(crate) proved: Mutex<Proved>,
    /// Pictures that came as others, and how often.
    pub(crate) wrong_images: Mutex<BTreeMap<[u8; 32], u8>>,
    /// The database is not where it was opened.
    pub(crate) away: AtomicBool,
    /// The last round of sync was complete, and nothing was written since.
    pub(crate) even: AtomicBool,
    /// Dictionaries for the spelling.
    pub(crate) spelling: crate::spelling::Shelf,
    /// The document that is looked into before it is imported.
    pub(crate) looked: Mutex<crate::importing_reading::Looked>,
    /// The export that runs, and pages that were shown.
    pub(crate) exports: crate::exporting::Exports,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: Option<Store>,
    pub(crate) session: Option<Session>,
    /// The Emergency Kit between being shown and its confirmation.
    pub(crate) kit: Option<KeptKit>,
}

impl Desk {
    /// The desk of the vault in `home`, which need not exist yet. Nothing is read or written until it is used.
    #[must_use]
    pub fn at(home: PathBuf, device_name: String) -> Self {
        let shared = Shared {
            home,
            device_name,
            state: Mutex::default(),
            board: Board::new(),
            wake: Wake::default(),
            round: Mutex::new(()),
            connection: Mutex::new(None),
            folder: Mutex::new(None),
            idle: Mutex::new(IdleTimer::new(None)),
            heard: Mutex::default(),
            heard_of_news: Heard::default(),
            rounds: Mutex::default(),
            asking: Mutex::default(),
            asked: Mutex::default(),
            watch: Mutex::default(),
            backups: Mutex::default(),
            copying: Mutex::default(),
            proved: Mutex::default(),
            wrong_images: Mutex::default(),
            away: AtomicBool::new(false),
            even: AtomicBool::new(false),
            spelling: crate::spelling::Shelf::default(),
            looked: Mutex::default(),
            exports: crate::exporting::Exports::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The folder of the vault.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.shared.home
    }

    /// Where the vault stands.
    ///
    /// # Errors
    /// When there is a database that cannot be used: in use by another process, damaged, or newer than this
    /// program.
    pub fn vault_state(&self) -> Result<VaultState, Failure> {
        let mut state = self.state();
        let open = state.session.is_some();
        let vault = match self.store(&mut state) {
            Ok(_) if open => VaultState::Open,
            Ok(store) if store.vault()?.is_some() => VaultState::Locked,
            // A program that was stopped while it made a vault leaves a store without one.
            Ok(_) => VaultState::Absent,
            Err(failure) if failure.code == FailureCode::NotFound => VaultState::Absent,
            Err(failure) => return Err(failure),
        };
        drop(state);
        self.shared.board.show(|status| status.vault = vault);
        Ok(vault)
    }

    /// How many novels there are; may be asked while the vault is locked.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn novel_count(&self) -> Result<usize, Failure> {
        let mut state = self.state();
        let counted = match self.store(&mut state) {
            Ok(store) => store.novels().map(|novels| novels.len()).map_err(Into::into),
            Err(failure) if failure.code == FailureCode::NotFound => Ok(0),
            Err(failure) => Err(failure),
        };
        drop(state);
        counted
    }

    /// What the footer shows, with what changed from elsewhere since a revision.
    #[must_use]
    pub fn status(&self, since: u64) -> Status {
        self.shared.board.status(since)
    }

    /// The same, as soon as something changed since a revision, or after 20 seconds.
    pub async fn next_status(&self, since: u64) -> Status {
        self.shared.board.wait(since, std::time::Duration::from_secs(20)).await;
        self.status(since)
    }

    /// Puts everything on the disk and wipes keys, open scenes and whatever was read.
    ///
    /// # Errors
    /// When what was typed cannot be written. Then the vault stays open, so that nothing is lost.
    pub fn lock(&self) -> Result<(), Failure> {
        let mut state = self.state();
        // Under one lock: an edit between the write and the wiping would be lost.
        if let State { store: Some(store), session: Some(session), .. } = &mut *state {
            let written = session.flush(store);
            if written.is_ok() {
                session.keep_typed(store, true);
            }
            if let Err(failure) = written {
                drop(state);
                self.wrote(&Err(failure.clone()));
                return Err(failure);
            }
        }
        state.session = None;
        state.kit = None;
        let checkpoint = state.store.as_mut().map(Store::checkpoint).transpose();
        let vault = if state.store.is_some() { VaultState::Locked } else { VaultState::Absent };
        drop(state);
        self.asked().clear();
        self.forget_exports();
        self.forget_import();
        self.forget_watch();
        self.proved(Proved::clear);
        self.shared.board.show(|status| {
            status.vault = vault;
            status.writing = false;
            status.joins = 0;
        });
        checkpoint?;
        Ok(())
    }

    /// Before the program ends: locks if it can, and lets go of the database.
    pub fn close(&self) {
        // What could not be written was said when it was tried; there is nobody left to tell.
        let _locked = self.lock().is_ok();
        if self.shared.wake.end() {
            self.back_up_at_the_end();
        }
        self.state().store = None;
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves whole values behind: every change of the state is made after the disk has it.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The database, opened at first use.
    pub(crate) fn store<'a>(&self, state: &'a mut State) -> Result<&'a mut Store, Failure> {
        if state.store.is_none() {
            let store = Store::open(&self.shared.home).map_err(|error| match error {
                StoreError::Missing => Failure::absent(),
                other => other.into(),
            })?;
            self.show_server(&store)?;
            state.store = Some(store);
        }
        Ok(state.store.as_mut().expect("it was opened just now"))
    }

    /// Works on the open vault.
    pub(crate) fn with_session<T>(
        &self,
        work: impl FnOnce(&mut Session, &mut Store) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut state = self.state();
        let State { store, session, .. } = &mut *state;
        let worked = match (session, store) {
            (Some(session), Some(store)) => work(session, store),
            _ => Err(Failure::locked()),
        };
        drop(state);
        worked
    }

    /// Shows which server is connected and what waits for it.
    pub(crate) fn show_server(&self, store: &Store) -> Result<(), Failure> {
        let server = store.server()?;
        let waiting = if server.is_some() { to_u64(store.waiting()?) } else { 0 };
        let mode = sync_mode(store)?;
        self.shared.board.show(|status| {
            status.sync.mode = mode;
            status.waiting = waiting;
            match server {
                Some(_) if status.link == Link::None => status.link = Link::Offline,
                Some(_) => {}
                None => status.link = Link::None,
            }
            // A folder knows no email address.
            (status.server, status.email) = server.map_or((None, None), |server| {
                (Some(server.url), Some(server.email).filter(|email| !email.is_empty()))
            });
        });
        Ok(())
    }

    /// Tells the board what became of a write, and the background that there is something to send.
    pub(crate) fn wrote(&self, written: &Result<bool, Failure>) {
        match written {
            Ok(true) => {
                let waiting = self.waiting();
                self.shared.even.store(false, Ordering::Relaxed);
                // What was written to a file that is no longer there is not saved.
                let away = self.shared.away.load(Ordering::Relaxed);
                let failure = away.then(|| gone_sentence(self.home()));
                self.shared.board.show(|status| {
                    status.writing = false;
                    status.saved_at = Some(now_ms());
                    status.save_failure = failure;
                    status.waiting = waiting;
                });
                self.show_sync();
                self.shared.wake.send();
            }
            Ok(false) => self.shared.board.show(|status| {
                status.writing = false;
                status.save_failure = None;
            }),
            Err(failure) if failure.code == FailureCode::Locked => {}
            Err(failure) => {
                let message = failure.message.clone();
                self.shared.board.show(|status| status.save_failure = Some(message));
            }
        }
    }

    /// Something is in memory that is not yet on the disk.
    pub(crate) fn typed(&self) {
        self.shared.board.show(|status| status.writing = true);
        self.shared.wake.typed();
    }

    fn waiting(&self) -> u64 {
        let state = self.state();
        let linked = |store: &&Store| store.server().is_ok_and(|server| server.is_some());
        let waiting = state.store.as_ref().filter(linked).and_then(|store| store.waiting().ok());
        drop(state);
        waiting.map_or(0, to_u64)
    }
}
