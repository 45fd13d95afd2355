//! Bringing a backup back.
//!
//! **Invariants:** the laptop that a backup is restored on is a new one: it makes keys of its own, and never goes on under
//! the numbers of the laptop that the backup was made on, which may still be writing. A vault that is here is never
//! replaced: one of the same account gains what it lacks, any other is left as it is. Of a damaged backup everything
//! that is sound is taken, and the rest is named. A restore that was interrupted is finished by the next one.

use std::fs;
use std::io;
use std::path::Path;

use seshat_store::{HeldRecord, Store, StoreError, StoredVault, VaultOrigin};
use seshat_vault::{Kind, OpenError, OpenVault, Password, Place, Secret, vault};
use zeroize::Zeroizing;

use crate::backup_files::stamp;
use crate::clock::{OsEntropy, now_ms};
use crate::scenes::to_u64;
use crate::session::Session;
use crate::vaulting::{Settling, found, read_kit, wrong_kit};
use crate::{Desk, Failure, FailureCode, Restored, VaultState};

impl Desk {
    /// Brings a backup back. Into a folder without a vault: as a new laptop of the account, with the vault open
    /// afterwards; `secret` is its password, or the text or the words of its Emergency Kit. Into a vault of the same
    /// account: what is missing there; `secret` is needed where that is locked, or has other keys by now.
    ///
    /// # Errors
    /// When `file` is no backup, the secret does not open it, the vault here is another one, or the disk refuses; then
    /// nothing was changed. Where the disk failed halfway the sentence says so; restoring again finishes it.
    pub fn restore_backup(&self, file: &Path, secret: String) -> Result<Restored, Failure> {
        let secret = Zeroizing::new(secret);
        let backup = Backup::open(file)?;
        match self.vault_state() {
            Ok(VaultState::Absent) => self.restore_here(&backup, &secret),
            Ok(VaultState::Open) => self.restore_into(&backup, &secret),
            Ok(VaultState::Locked) => {
                backup.must_be_of(&self.account_here()?)?;
                self.unlock_by(&secret)?;
                self.restore_into(&backup, &secret)
            }
            Err(failure) => {
                if !matches!(Store::open(self.home()), Err(StoreError::Damaged { .. })) {
                    return Err(failure);
                }
                // It has to open before anything is moved out of its way.
                backup.unlock(&secret)?;
                self.put_aside()?;
                self.restore_here(&backup, &secret)
            }
        }
    }

    /// Makes a vault of a backup, as a new laptop.
    fn restore_here(&self, backup: &Backup, secret: &str) -> Result<Restored, Failure> {
        let mut vault = backup.unlock(secret)?;
        let device = self.make_device(&mut vault)?;
        let blob = vault.to_blob(&mut OsEntropy)?;
        self.settle(Settling { vault, device, blob, origin: VaultOrigin::Here, server: None })?;
        let restored = self.take_in_backup(backup).map_err(|failure| {
            Failure::other(format!(
                "The vault was restored, but not everything in it ({failure}); the backup is as it was; make room, and restore it again."
            ))
        })?;
        self.connect_again(backup);
        Ok(Restored { vault: true, ..restored })
    }

    /// Takes what is missing into the open vault.
    fn restore_into(&self, backup: &Backup, secret: &str) -> Result<Restored, Failure> {
        let ours = self.account_here()?;
        backup.must_be_of(&ours)?;
        self.flush()?;
        self.merge_backup(backup, &ours, secret)?;
        self.take_in_backup(backup)
    }

    /// Keys that the backup's vault has and this one has not.
    fn merge_backup(
        &self,
        backup: &Backup,
        ours: &StoredVault,
        secret: &str,
    ) -> Result<(), Failure> {
        let blob = &backup.vault.blob;
        if ours.blob == *blob {
            return Ok(());
        }
        let opened = self.with_session(|session, _| {
            Ok(session.vault.reopen(blob, Some(&session.device)).ok())
        })?;
        let theirs = match opened {
            Some(theirs) => theirs,
            // It has keys from before they were made anew; what is here opens all that they open.
            None if secret.is_empty() => return Ok(()),
            None => match backup.unlock(secret) {
                Ok(theirs) => theirs,
                Err(_) => return Ok(()),
            },
        };
        self.with_session(|session, store| {
            let ours = store.vault()?.ok_or_else(Failure::absent)?;
            let mut vault = session.vault_copy(&ours.blob)?;
            // One that cannot be merged has nothing that would be of use here.
            if vault.merge(&theirs, &mut session.entropy).is_err() {
                return Ok(());
            }
            let blob = vault.to_blob(&mut session.entropy)?;
            session.keep_vault(store, vault, &blob, VaultOrigin::Here)
        })
    }

    /// Takes a backup's records in, and forgets what was read before.
    fn take_in_backup(&self, backup: &Backup) -> Result<Restored, Failure> {
        let mut problems = Vec::new();
        let (records, novels) = self.with_session(|session, store| {
            session.flush(store)?;
            let mut unsound = 0_usize;
            let sound = &mut |held: &HeldRecord| {
                let sound = session.is_sound(held);
                unsound += usize::from(!sound);
                sound
            };
            let before = store.last_arrival()?;
            let records = store.absorb_sound(&backup.store, sound, now_ms())?;
            if unsound > 0 {
                problems.push(format!(
                    "{unsound} records of this backup are damaged and were left out; everything else of it is here; another backup or a sync may have them."
                ));
            }
            session.scenes.clear();
            session.binders.clear();
            session.summaries.clear();
            session.note_arrivals(store, before)?;
            Ok((records, store.novels()?))
        })?;
        self.review()?;
        let novels = novels.iter().map(ToString::to_string).collect();
        self.shared.board.tell(Vec::new(), novels);
        self.wrote(&Ok(true));
        let novels = to_u64(backup.store.novels()?.len());
        Ok(Restored { novels, records: to_u64(records), vault: false, problems })
    }

    /// Connects to the server that the backup knew, if that is there: else the author does it another day.
    fn connect_again(&self, backup: &Backup) {
        if let Ok(Some(server)) = backup.store.server() {
            if let Some(folder) = crate::folder::path_of(&server.url) {
                let _connected = self.connect_folder(&folder).is_ok();
                return;
            }
            let _connected = self.connect(&server.url, &server.email).is_ok();
        }
    }

    /// Unlocks the vault that is here with the password or the Emergency Kit.
    fn unlock_by(&self, secret: &str) -> Result<(), Failure> {
        let Ok(kit) = read_kit(secret.to_owned()) else { return self.unlock(secret.to_owned()) };
        let mut state = self.state();
        let found = found(self.store(&mut state)?)?;
        drop(state);
        let vault = vault::unlock(&found.blob, Secret::Recovery(&kit.phrase), found.pin)
            .map_err(|error| wrong_kit(error.into()))?;
        self.open_session(vault, &found)
    }

    fn account_here(&self) -> Result<StoredVault, Failure> {
        let mut state = self.state();
        let vault = self.store(&mut state)?.vault()?;
        drop(state);
        vault.ok_or_else(Failure::absent)
    }

    /// Moves a database that does not open out of the way; it is kept.
    fn put_aside(&self) -> Result<(), Failure> {
        self.state().store = None;
        let now = stamp(now_ms());
        for suffix in ["", "-wal"] {
            let name = format!("seshat.db{suffix}");
            let from = self.home().join(&name);
            let moved = fs::rename(&from, self.home().join(format!("{name}.damaged-{now}")));
            match moved {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Failure::other(format!(
                        "The damaged vault could not be moved out of the way ({error}), so nothing was restored; the backup is safe; restore it into another folder."
                    )));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// A backup that was opened for looking into it.
struct Backup {
    store: Store,
    vault: StoredVault,
}

impl Backup {
    fn open(file: &Path) -> Result<Self, Failure> {
        let no_backup = |why: &str| {
            Failure::other(format!(
                "{} cannot be restored ({why}); nothing was changed; choose another backup.",
                file.display()
            ))
        };
        let store = Store::open_copy(file).map_err(|error| match error {
            StoreError::Missing => no_backup("there is no such file"),
            StoreError::Newer { .. } => no_backup("a newer Seshat wrote it: update this one"),
            StoreError::Damaged { .. } => no_backup("it is damaged, or no backup of Seshat"),
            _ => no_backup("it cannot be read"),
        })?;
        let vault = store.vault()?.ok_or_else(|| no_backup("there is no vault in it"))?;
        Ok(Self { store, vault })
    }

    /// Opens its vault with the password or the Emergency Kit.
    fn unlock(&self, secret: &str) -> Result<OpenVault, Failure> {
        let blob = &self.vault.blob;
        if let Ok(kit) = read_kit(secret.to_owned()) {
            let opened = vault::unlock(blob, Secret::Recovery(&kit.phrase), None);
            return opened.map_err(|error| wrong_kit(error.into()));
        }
        let password = Password::new(secret.to_owned());
        let opened =
            vault::unlock(blob, Secret::Password { password: &password, code: None }, None);
        opened.map_err(|error| {
            let failure = Failure::from(error);
            match failure.code {
                FailureCode::WrongPassword => Failure::new(
                    FailureCode::WrongPassword,
                    "This is not the password that the vault had when this backup was made; nothing was changed; try an earlier password, or the Emergency Kit.",
                ),
                _ => failure,
            }
        })
    }

    fn must_be_of(&self, ours: &StoredVault) -> Result<(), Failure> {
        if ours.account == self.vault.account {
            return Ok(());
        }
        Err(StoreError::OtherAccount { ours: ours.account }.into())
    }
}

impl Session {
    /// Whether a laptop of this account wrote a record, and all of it opens where it says that it belongs. What has no
    /// place was put aside, and stays so.
    fn is_sound(&self, held: &HeldRecord) -> bool {
        let Some(place) = held.place else { return true };
        let Some(kind) = Kind::from_code(place.kind) else { return false };
        let place = Place { kind, novel: place.novel, document: place.document };
        self.vault.verify_record(&held.record).is_ok()
            && matches!(
                self.vault.open_body(&held.record, &place),
                // The content of a closed novel cannot be looked at.
                Ok(_) | Err(OpenError::Locked)
            )
    }
}
