//! Backups: copies of the sealed vault, made by themselves and on demand.
//!
//! **Invariants:** a backup holds what the vault's file holds, sealed, and less: not this laptop's own keys, not its
//! account code, nothing that remembers it. It has a backup's name only after it was opened and found whole; only then
//! may older ones go, and none goes that holds more than those that stay (`rotation.rs`). Making one never stands in the
//! way of writing or locking: where it fails, that is said, and it is tried again later.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use seshat_protocol::{DeviceId, DocumentId, NovelId, Sealed};
use seshat_store::{Head, Store};
use seshat_vault::{Kind, Place};

use crate::account::RECEIPT;
use crate::backup_files::{self, FOLDER, file_name, free_name, give_name, unproved};
use crate::clock::now_ms;
use crate::places::{gone_sentence, synced_sentence};
use crate::proving::Source;
use crate::remembering::REMEMBERED;
use crate::rotation::{Facts, surplus};
use crate::session::Session;
use crate::vaulting::{ACCOUNT_CODE, DEVICE, DEVICE_KEYS};
use crate::{BackupStatus, Desk, Failure, FailureCode, VaultState, reminding};

/// What stays at home. Without its keys a copy can never go on under this laptop's numbers, so whoever restores one is
/// a new laptop; without the account code the password alone does not open it.
const STAYS: [&str; 7] =
    [DEVICE, DEVICE_KEYS, REMEMBERED, ACCOUNT_CODE, RECEIPT, FACTS, reminding::OUTSIDE];

/// What was read out of the backups, sealed: names of files with their facts.
const FACTS: &str = "backups";

/// So often, while something changes.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How long a failed one waits, and at most.
const AGAIN: Duration = Duration::from_secs(10 * 60);
const AGAIN_MOST: Duration = Duration::from_secs(2 * 60 * 60);

/// What a vault was when it was last copied: where each laptop's records end, and the vault.
type Mark = (Vec<(DeviceId, Head)>, Vec<u8>);

/// What is remembered from one backup to the next.
#[derive(Default)]
pub(crate) struct Backups {
    /// What was copied last.
    mark: Option<Mark>,
    /// When, on the clock that cannot be set.
    made: Option<Instant>,
    /// Not before this.
    again: Option<(Instant, Duration)>,
    /// Why the last one failed.
    failure: Option<String>,
}

impl Desk {
    /// How backups stand.
    ///
    /// # Errors
    /// When the vault is locked or the folder of the backups cannot be read.
    pub fn backups(&self) -> Result<BackupStatus, Failure> {
        let reminding = self.with_session(|_, store| reminding::Times::of(store))?;
        let folder = self.backup_folder();
        Ok(BackupStatus {
            folder: folder.display().to_string(),
            backups: backup_files::list(&folder)?,
            outside_at: reminding.outside_at,
            reminder: reminding.sentence(now_ms()),
            synced_folder: synced_sentence(self.home()),
            failure: self.backup_state().failure.clone(),
        })
    }

    /// Makes a backup in the vault's folder now, and opens it.
    ///
    /// # Errors
    /// When the vault is locked, or the backup cannot be written or is not whole.
    pub fn backup_now(&self) -> Result<(), Failure> {
        self.with_session(|_, _| Ok(()))?;
        self.flush()?;
        self.back_up()
    }

    /// Makes a backup where the author wants it, and opens it. What is there is never overwritten.
    ///
    /// # Errors
    /// When the vault is locked, something is at `path`, or the backup cannot be written or is not whole.
    pub fn backup_to(&self, path: &Path) -> Result<(), Failure> {
        self.with_session(|_, _| Ok(()))?;
        // Everything that is typed belongs in it; but where the vault's own disk is the trouble, a copy of what it
        // holds is better than none.
        let flushed = self.flush();
        if fs::symlink_metadata(path).is_ok() {
            return Err(backup_files::occupied(path));
        }
        self.copy(path, false)?;
        let inside = fs::canonicalize(path).ok().zip(fs::canonicalize(self.home()).ok());
        if inside.is_none_or(|(path, home)| !path.starts_with(home)) {
            self.with_session(|_, store| reminding::saved_outside(store, now_ms()))?;
            self.show_backup_notice();
        }
        flushed
    }

    /// A backup in the vault's folder, and older ones that may go.
    fn back_up(&self) -> Result<(), Failure> {
        let folder = self.backup_folder();
        let made = backup_files::make_folder(&folder).and_then(|()| {
            let path = free_name(&folder, now_ms());
            let (mark, facts) = self.copy(&path, true)?;
            Ok((path, mark, facts))
        });
        let made = match made {
            Ok((path, mark, facts)) => {
                let mut state = self.backup_state();
                state.mark = Some(mark);
                state.made = Some(Instant::now());
                (state.again, state.failure) = (None, None);
                drop(state);
                self.note(&path, facts)
            }
            Err(failure) => {
                let mut state = self.backup_state();
                let wait = state.again.map_or(AGAIN, |(_, wait)| (wait * 2).min(AGAIN_MOST));
                state.again = Some((Instant::now() + wait, wait));
                state.failure = Some(failure.message.clone());
                drop(state);
                Err(failure)
            }
        };
        self.show_backup_notice();
        made
    }

    /// Copies the vault to `path` and looks into the copy before it gets that name. One at a time.
    fn copy(&self, path: &Path, only_in_place: bool) -> Result<(Mark, Facts), Failure> {
        let _one = self.shared.copying.lock().unwrap_or_else(PoisonError::into_inner);
        let unproved = unproved(path);
        let mut state = self.state();
        let store = self.store(&mut state)?;
        if only_in_place && !store.is_in_place() {
            return Err(Failure::other(gone_sentence(self.home())));
        }
        let (mark, source) = (mark(store)?, Source::of(store)?);
        store.copy_to(&unproved, &STAYS)?;
        drop(state);
        let proved = self
            .prove(&unproved, &source, now_ms())
            .and_then(|facts| give_name(&unproved, path).map(|()| facts));
        if proved.is_err() {
            // Half a backup would be mistaken for one.
            let _removed = fs::remove_file(&unproved).is_ok();
        }
        Ok((mark, proved?))
    }

    /// Notes what is in a backup and lets older ones go; while the vault is locked, that waits.
    fn note(&self, path: &Path, facts: Facts) -> Result<(), Failure> {
        let Some(name) = file_name(path) else { return Ok(()) };
        let noted = self.with_session(|session, store| {
            let mut all = session.backup_facts(store)?;
            all.insert(name, facts);
            session.put_backup_facts(store, &all)
        });
        match noted {
            Err(failure) if failure.code == FailureCode::Locked => Ok(()),
            Err(failure) => Err(failure),
            Ok(()) => self.rotate(),
        }
    }

    /// Lets backups go that are surplus.
    fn rotate(&self) -> Result<(), Failure> {
        let rows = backup_files::list(&self.backup_folder())?;
        self.with_session(|session, store| {
            let known = session.backup_facts(store)?;
            let facts: Vec<Facts> = rows
                .iter()
                .map(|row| {
                    let name = file_name(Path::new(&row.path)).unwrap_or_default();
                    let unopened = Facts { at: row.at, ..Facts::default() };
                    known.get(&name).cloned().unwrap_or(unopened)
                })
                .collect();
            let surplus = surplus(&facts, now_ms());
            let mut staying = BTreeMap::new();
            for (index, row) in rows.iter().enumerate() {
                // One that cannot be removed is one more; the next rotation tries again.
                let gone = surplus.contains(&index) && fs::remove_file(&row.path).is_ok();
                let name = file_name(Path::new(&row.path)).unwrap_or_default();
                if let (false, Some(facts)) = (gone, known.get(&name)) {
                    staying.insert(name, facts.clone());
                }
            }
            if staying == known { Ok(()) } else { session.put_backup_facts(store, &staying) }
        })
    }

    /// Opens backups that were made while the vault was locked. Damaged ones are put aside under another name.
    pub(crate) fn open_backups(&self) -> Result<(), Failure> {
        let rows = backup_files::list(&self.backup_folder())?;
        let known = self.with_session(|session, store| session.backup_facts(store))?;
        let opened = |name: &str| known.get(name).is_some_and(|facts| facts.opened);
        for row in rows {
            let path = PathBuf::from(&row.path);
            if file_name(&path).is_none_or(|name| opened(&name)) {
                continue;
            }
            match self.prove_later(&path, row.at) {
                Ok(facts) => self.note(&path, facts)?,
                Err(failure) if failure.code == FailureCode::Locked => return Ok(()),
                Err(failure) => {
                    let aside = backup_files::put_aside(&path).is_ok();
                    let what = if aside { "was put aside" } else { "cannot be used" };
                    self.backup_state().failure = Some(format!(
                        "The backup {} is damaged and {what} ({failure}); the vault and the other backups are safe; check the disk.",
                        path.display()
                    ));
                }
            }
        }
        Ok(())
    }

    /// Called every few seconds: makes a backup when one is due. Says what went wrong where the author sees it.
    pub(crate) fn back_up_if_due(&self) {
        let vault = self.status(u64::MAX).vault;
        if vault == VaultState::Absent {
            return;
        }
        let state = self.backup_state();
        let early = state.again.is_some_and(|(at, _)| Instant::now() < at);
        let lately = state.made.is_some_and(|made| made.elapsed() < EVERY);
        drop(state);
        if early || (vault == VaultState::Open && lately) {
            return;
        }
        // Both have said what failed, and both are tried again later.
        if vault == VaultState::Open {
            let _opened = self.open_backups().is_ok();
        }
        if self.has_changed() {
            let _made = self.back_up().is_ok();
        } else if vault == VaultState::Open {
            self.backup_state().made = Some(Instant::now());
            let _rotated = self.rotate().is_ok();
        }
    }

    /// When the program ends: what changed since the last backup, if that can be copied.
    pub(crate) fn back_up_at_the_end(&self) {
        let failed = self.backup_state().failure.is_some();
        if !failed && self.has_changed() {
            // There is nobody left to tell.
            let _made = self.back_up().is_ok();
        }
    }

    /// Whether there is anything that the newest backup has not. An empty vault needs none.
    fn has_changed(&self) -> bool {
        let mut state = self.state();
        let now = state.store.as_mut().and_then(|store| {
            let novels = store.novels().ok()?;
            if novels.is_empty() { None } else { mark(store).ok() }
        });
        drop(state);
        let Some(now) = now else { return false };
        let known = self.backup_state().mark.clone();
        let known = known.or_else(|| self.newest_mark());
        known.is_none_or(|known| known != now)
    }

    /// What the newest backup was made of, for the first look after a start.
    fn newest_mark(&self) -> Option<Mark> {
        let newest = backup_files::list(&self.backup_folder()).ok()?.into_iter().next()?;
        let mark = mark(&Store::open_copy(Path::new(&newest.path)).ok()?).ok()?;
        self.backup_state().mark = Some(mark.clone());
        Some(mark)
    }

    /// The reminder, the folder that another program syncs, or what went wrong: the most pressing one.
    pub(crate) fn show_backup_notice(&self) {
        let reminder = self
            .with_session(|_, store| Ok(reminding::Times::of(store)?.sentence(now_ms())))
            .unwrap_or_default();
        let failure = self.backup_state().failure.clone();
        let notice = failure.or_else(|| synced_sentence(self.home())).or(reminder);
        self.shared.board.show(|status| status.backup = notice);
    }

    fn backup_folder(&self) -> PathBuf {
        self.home().join(FOLDER)
    }

    fn backup_state(&self) -> MutexGuard<'_, Backups> {
        self.shared.backups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// What was read out of the backups.
    pub(crate) fn backup_facts(&self, store: &Store) -> Result<BTreeMap<String, Facts>, Failure> {
        let Some(sealed) = store.setting(FACTS)? else { return Ok(BTreeMap::new()) };
        // Facts that do not open are read again.
        let opened = self.vault.open_local(&facts_place(), &Sealed(sealed)).ok();
        Ok(opened.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    fn put_backup_facts(
        &mut self,
        store: &mut Store,
        facts: &BTreeMap<String, Facts>,
    ) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(facts).expect("facts are plain data");
        let sealed = self.vault.seal_local(&facts_place(), &bytes, &mut self.entropy)?;
        Ok(store.set_setting(FACTS, Some(&sealed.0))?)
    }
}

/// They say how many words there are, so they are sealed; they are of no novel.
fn facts_place() -> Place {
    Place {
        kind: Kind::LocalSummary,
        novel: NovelId([0; 16]),
        document: DocumentId(*b"backups of vault"),
    }
}

fn mark(store: &Store) -> Result<Mark, Failure> {
    let blob = store.vault()?.ok_or_else(Failure::absent)?.blob;
    let mut heads = store.heads()?;
    heads.sort_by_key(|(device, _)| *device);
    Ok((heads, blob))
}
