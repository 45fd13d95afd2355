//! A folder in the place of a server: making one, joining from one, and what is different about its rounds.
//!
//! **Invariants:** a vault syncs with a server or with a folder, and never with both. A new laptop is in the folder's vault
//! before it has a vault of its own. The folder is never the vault's own, nor one inside the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};

use seshat_protocol::{AccountId, DeviceId};
use seshat_store::{Cause, Extent, ServerLink, Store, VaultOrigin};
use seshat_sync::{
    FolderPlace, FolderTransport, FolderVault, Transport, TransportError, folder_vaults,
    put_folder_vault,
};
use seshat_vault::{OpenVault, Password, Secret, UnlockError, vault};

use crate::clock::{OsEntropy, now_ms};
use crate::scenes::to_u64;
use crate::security::measured;
use crate::vaulting::{Settling, read_kit, wrong_kit};
use crate::{Desk, Failure, FailureCode, FolderState, Status, SyncReport};

/// What the address of a folder begins with, where a server's begins with `https:`.
const ADDRESS: &str = "folder:";
/// The list of what this laptop has seen in the folder; in the vault's own folder.
const INDEX: &str = "folder-index";
/// How long numbers may be missing before the author hears of it, in milliseconds: a day. Files come in any order.
pub(crate) const GAP_PATIENCE_MS: u64 = 24 * 60 * 60 * 1000;
/// How often what this laptop wrote is tidied, in milliseconds.
const TIDY_MS: u64 = 60 * 60 * 1000;
/// How often a vault that another laptop changed meanwhile is merged and put again.
const TRIES: usize = 5;

/// The folder, kept between rounds: it knows what it has looked at.
pub(crate) struct Connected {
    address: String,
    who: (AccountId, DeviceId),
    #[cfg(test)]
    place: FolderPlace,
    transport: FolderTransport,
    tidied_at: Option<u64>,
}

/// The folder that an address names; `None` where it is a server's.
pub(crate) fn path_of(address: &str) -> Option<PathBuf> {
    address.strip_prefix(ADDRESS).map(PathBuf::from)
}

/// Whether this vault syncs with a folder.
pub(crate) fn is_linked(store: &Store) -> Result<bool, Failure> {
    Ok(store.server()?.is_some_and(|link| path_of(&link.url).is_some()))
}

/// Whether it is a folder that is shown.
pub(crate) fn is_folder(status: &Status) -> bool {
    status.server.as_deref().and_then(path_of).is_some()
}

/// A sentence about a server, for a folder.
pub(crate) fn worded(sentence: &str) -> String {
    sentence
        .replace("ask whoever runs the server", "look what happened to the folder")
        .replace("The server", "The folder")
        .replace("the server", "the folder")
        .replace("for the network", "for the folder")
        .replace("to be sent", "to be written")
}

/// The author's side.
impl Desk {
    /// Makes a folder the place through which this vault syncs. If laptops of this account do so already, this one joins
    /// them there.
    ///
    /// # Errors
    /// When the vault is locked, the folder is not there, cannot be written, is the vault's own or holds another vault.
    pub fn create_folder(&self, path: &Path) -> Result<(), Failure> {
        let root = self.root(path)?;
        let (account, device, blob) = self.with_session(|session, store| {
            let blob = store.vault()?.ok_or_else(Failure::absent)?.blob;
            Ok((session.vault.account(), session.device_id(), blob))
        })?;
        let there = vaults_if_any(&root)?;
        if there.iter().any(|vault| vault.account == account) {
            return self.link_folder(&root);
        }
        if !there.is_empty() {
            return Err(Failure::new(
                FailureCode::Exists,
                "This folder holds another vault, so nothing was written; choose another folder.",
            ));
        }
        put_folder_vault(&root, (account, device), &blob, &[], &[])?;
        self.link_folder(&root)
    }

    /// Syncs this vault through a folder in which laptops of this account sync already: after it was moved, or after this
    /// vault was brought back from a backup.
    ///
    /// # Errors
    /// When the vault is locked, or no vault of this account lies there.
    pub fn connect_folder(&self, path: &Path) -> Result<(), Failure> {
        let root = self.root(path)?;
        let account = self.with_session(|session, _| Ok(session.vault.account()))?;
        if folder_vaults(&root)?.iter().any(|vault| vault.account == account) {
            return self.link_folder(&root);
        }
        Err(Failure::not_found(
            "No vault of this account lies in this folder, so nothing was changed; choose the folder that your other laptops use, or make this one it.",
        ))
    }

    /// Fetches the vault from a folder to this laptop, which has none, and makes it one of the account's.
    ///
    /// # Errors
    /// [`FailureCode::WrongPassword`], [`FailureCode::CodeNeeded`] when the kit is needed too; when no vault lies in the
    /// folder, or the disk refuses.
    pub fn join_folder(
        &self,
        path: &Path,
        password: String,
        kit: Option<String>,
    ) -> Result<(), Failure> {
        self.must_be_absent()?;
        let root = self.root(path)?;
        let password = Password::new(password);
        let kit = kit.map(read_kit).transpose()?;
        let code = kit.as_ref().and_then(|kit| kit.code.as_ref());
        let there = folder_vaults(&root)?;
        let opened = open_one(&there, Secret::Password { password: &password, code })?;
        self.arrive_in_folder(&root, there, opened)
    }

    /// Fetches the vault from a folder with the Emergency Kit alone, and sets a new password.
    ///
    /// # Errors
    /// When the kit is not this vault's, the new password is weak, no vault lies in the folder, or the disk refuses.
    pub fn recover_from_folder(
        &self,
        path: &Path,
        kit: String,
        new: String,
    ) -> Result<(), Failure> {
        self.must_be_absent()?;
        let root = self.root(path)?;
        let kit = read_kit(kit)?;
        let new = self.strong(new)?;
        let there = folder_vaults(&root)?;
        let mut opened = open_one(&there, Secret::Recovery(&kit.phrase))
            .map_err(|error| wrong_kit(error.into()))?;
        let kdf = measured().at_least(opened.kdf());
        opened.change_password(&new, kdf, &mut OsEntropy)?;
        self.arrive_in_folder(&root, there, opened)
    }

    /// How things stand with the folder; `None` where this vault does not sync through one.
    ///
    /// # Errors
    /// When the vault is locked or this laptop's disk fails. A folder that is not there is no error.
    pub fn folder_state(&self) -> Result<Option<FolderState>, Failure> {
        let Some(folder) = self.folder()? else { return Ok(None) };
        let waiting = to_u64(self.with_session(|_, store| Ok(store.waiting()?))?);
        let looked = folder.facts();
        let facts = looked.as_ref().copied().unwrap_or_default();
        let message = match looked {
            Err(error) => Some(error.to_string()),
            Ok(_) if facts.unusable > 0 => Some(format!(
                "{} files in the folder cannot be used, because they are not complete or something else wrote them; all that your laptops hold is safe; if this stays, look whether the program that syncs the folder has finished.",
                facts.unusable
            )),
            Ok(_) => None,
        };
        Ok(Some(FolderState {
            path: folder.root().display().to_string(),
            there: message.is_none() || facts.files > 0,
            files: to_u64(facts.files),
            bytes: facts.bytes,
            unusable: to_u64(facts.unusable),
            laptops: to_u64(facts.laptops),
            waiting,
            message,
        }))
    }
}

/// Joining.
impl Desk {
    /// The folder as this laptop names it for ever, if it may be used.
    fn root(&self, path: &Path) -> Result<PathBuf, Failure> {
        let unfit = |why: &str| {
            Failure::other(format!(
                "{} cannot be used to sync ({why}); nothing was changed; choose another folder.",
                path.display()
            ))
        };
        let root = fs::canonicalize(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => unfit("there is no such folder"),
            _ => unfit("it cannot be looked at"),
        })?;
        if !root.is_dir() {
            return Err(unfit("it is no folder"));
        }
        if root.to_str().is_none() {
            return Err(unfit("its name is not made of letters"));
        }
        let home = fs::canonicalize(self.home()).unwrap_or_else(|_| self.home().to_owned());
        if home.starts_with(&root) || root.starts_with(&home) {
            return Err(unfit("the vault itself lies there, which no other program may touch"));
        }
        Ok(root)
    }

    fn link_folder(&self, root: &Path) -> Result<(), Failure> {
        self.with_session(|_, store| {
            store.link_server(&address(root), "")?;
            self.show_server(store)
        })?;
        self.shared.wake.send();
        Ok(())
    }

    /// Adds this laptop to the vault of a folder, writes that there, and keeps it.
    fn arrive_in_folder(
        &self,
        root: &Path,
        mut there: Vec<FolderVault>,
        mut opened: OpenVault,
    ) -> Result<(), Failure> {
        let device = self.make_device(&mut opened)?;
        for _ in 0..TRIES {
            let merged = merge_all(&mut opened, &there);
            let blob = opened.to_blob(&mut OsEntropy)?;
            let who = (opened.account(), device.id());
            match put_folder_vault(root, who, &blob, &there, &merged) {
                Ok(revision) => {
                    let origin = VaultOrigin::Server { revision: &revision };
                    let address = address(root);
                    let server = Some((address.as_str(), ""));
                    return self.settle(Settling { vault: opened, device, blob, origin, server });
                }
                Err(TransportError::VaultChanged) => there = folder_vaults(root)?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::other(
            "Other laptops kept changing the vault at the same moment; nothing was changed here; try again.",
        ))
    }
}

fn address(root: &Path) -> String {
    format!("{ADDRESS}{}", root.display())
}

/// The vaults in a folder; none where it is empty.
fn vaults_if_any(root: &Path) -> Result<Vec<FolderVault>, Failure> {
    match folder_vaults(root) {
        Err(TransportError::FolderAway { source: None }) => Ok(Vec::new()),
        found => Ok(found?),
    }
}

/// The newest of these vaults that a secret opens.
fn open_one(there: &[FolderVault], secret: Secret<'_>) -> Result<OpenVault, UnlockError> {
    let mut blobs: Vec<&[u8]> = there.iter().map(|vault| &vault.blob[..]).collect();
    let age = |blob: &&[u8]| vault::describe(blob).map_or(0, |info| info.generation);
    blobs.sort_by_key(|blob| std::cmp::Reverse(age(blob)));
    let mut refused = UnlockError::Damaged;
    for blob in blobs {
        match vault::unlock(blob, secret, None) {
            Ok(opened) => return Ok(opened),
            // What says most about all of them: a wrong password is one even if another file is damaged.
            Err(error) if matches!(refused, UnlockError::Damaged) => refused = error,
            Err(_) => {}
        }
    }
    Err(refused)
}

/// Merges those of the same account that open; which did.
fn merge_all(opened: &mut OpenVault, there: &[FolderVault]) -> Vec<FolderVault> {
    let mut merged = Vec::new();
    let account = opened.account();
    for vault in there.iter().filter(|vault| vault.account == account) {
        // One that does not open stays as it is; the next round says what it is.
        let Ok(theirs) = opened.reopen(&vault.blob, None) else { continue };
        if opened.merge(&theirs, &mut OsEntropy).is_ok() {
            merged.push(vault.clone());
        }
    }
    merged
}

/// Rounds.
impl Desk {
    /// What carries a round: the folder, or the server.
    pub(crate) fn carrier(&self) -> Result<Arc<dyn Transport>, Failure> {
        self.may_go_out()?;
        match self.folder()? {
            Some(folder) => {
                self.look_for_older_vault(&folder)?;
                Ok(Arc::new(folder))
            }
            None => Ok(self.transport()?),
        }
    }

    /// The folder, if this vault syncs through one.
    pub(crate) fn folder(&self) -> Result<Option<FolderTransport>, Failure> {
        let (link, account, device) = self.with_session(|session, store| {
            Ok((store.server()?, session.vault.account(), session.device_id()))
        })?;
        let Some(ServerLink { url, .. }) = link else { return Ok(None) };
        let Some(root) = path_of(&url) else { return Ok(None) };
        let mut kept = self.kept_folder();
        let who = (account, device);
        if let Some(kept) = kept.as_ref().filter(|it| it.address == url && it.who == who) {
            return Ok(Some(kept.transport.clone()));
        }
        let index = self.home().join(INDEX);
        let place = FolderPlace { root, account, device, index, name: OsEntropy.id()? };
        let transport = FolderTransport::new(place.clone(), Arc::new(now_ms));
        let connected = Connected {
            address: url,
            who,
            #[cfg(test)]
            place,
            transport: transport.clone(),
            tidied_at: None,
        };
        *kept = Some(connected);
        drop(kept);
        Ok(Some(transport))
    }

    /// From now on the folder is looked at with this clock.
    #[cfg(test)]
    pub(crate) fn set_folder_clock(&self, clock: seshat_sync::FolderClock) {
        self.folder().unwrap();
        if let Some(kept) = self.kept_folder().as_mut() {
            kept.transport = FolderTransport::new(kept.place.clone(), clock);
        }
    }

    fn kept_folder(&self) -> MutexGuard<'_, Option<Connected>> {
        self.shared.folder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says so, where the newest vault has gone from the folder and an older one is left.
    fn look_for_older_vault(&self, folder: &FolderTransport) -> Result<(), Failure> {
        let revision =
            self.with_session(|_, store| Ok(store.vault()?.and_then(|vault| vault.revision)))?;
        // Whether it is there at all is the round's business.
        if revision.is_some() && folder.is_vault_set_back(revision.as_deref()).unwrap_or(false) {
            self.with_session(|_, store| {
                Ok(store.raise(Cause::VaultBack, Extent::one(0), now_ms())?)
            })?;
        }
        Ok(())
    }

    /// After a round: what this laptop wrote into a folder is tidied now and then. What cannot be tidied now is so later.
    pub(crate) fn tidy_folder(&self, round: &Result<SyncReport, Failure>) {
        let whole = round.as_ref().is_ok_and(|report| report.complete && report.waiting == 0);
        if !whole || !self.is_tidying_due() {
            return;
        }
        let Ok(Some(folder)) = self.folder() else { return };
        let is_contained = |id| {
            let held = self.with_session(|_, store| Ok(store.record(id)?.is_some()));
            held.is_ok_and(|held| !held)
        };
        let _tidied = folder.tidy(&is_contained).is_ok();
    }

    fn is_tidying_due(&self) -> bool {
        let now = now_ms();
        self.kept_folder().as_mut().is_some_and(|folder| {
            let fresh = folder.tidied_at.is_some_and(|at| at <= now && now - at < TIDY_MS);
            if !fresh {
                folder.tidied_at = Some(now);
            }
            !fresh
        })
    }
}
