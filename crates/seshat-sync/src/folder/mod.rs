//! A folder in the place of a server: a stick, a share, or what Syncthing, Dropbox and the like carry from laptop to
//! laptop. Nothing in it is locked, nothing happens at once on two machines, files come in any order, in halves, twice
//! under other names, and go by mistake.
//!
//! **Invariants:** no file is ever changed: a laptop adds files of its own and deletes none but its own. A file is known by
//! the hash of its content and by nothing else. Nothing is written where no vault of the account lies, so an empty mount
//! point stays empty. To the engine a folder is a server of this laptop's own, which gives positions in the order in
//! which this laptop first saw the records (see [`index`]).

mod blobs;
mod bytes;
mod disk;
mod index;
mod log;
mod revisions;
mod tidying;
mod transport;

#[cfg(test)]
pub(crate) mod test_kit;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use seshat_protocol::{AccountId, DeviceId, limits};

use crate::TransportError;
use bytes::{Content, FileId, VaultFile, file_id};
use disk::Disk;
use index::{Home, Index};
use revisions::Revision;

pub use tidying::Tidied;

/// So long what has gone away is believed to come back, in milliseconds: an hour. Programs that bring a folder up to date
/// delete and add in any order.
pub const SETTLE_MS: u64 = 60 * 60 * 1000;

/// The account's folder, this laptop, and where this laptop keeps what it has seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderPlace {
    /// What the author chose.
    pub root: PathBuf,
    /// Whose.
    pub account: AccountId,
    /// Who writes.
    pub device: DeviceId,
    /// A file on this laptop's own disk; made when it is not there.
    pub index: PathBuf,
    /// 16 random bytes: the name of the index, if a new one is made.
    pub name: [u8; 16],
}

/// Milliseconds since 1970.
pub type FolderClock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A folder, as a round of sync sees it.
#[derive(Clone)]
pub struct FolderTransport {
    shared: Arc<Shared>,
}

struct Shared {
    place: FolderPlace,
    disk: Disk,
    clock: FolderClock,
    /// Opened at first use, and again after this laptop's disk failed.
    index: Mutex<Option<Index>>,
}

/// What a folder holds, as far as this laptop has seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FolderFacts {
    /// Files that are whole.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are not, or not ours.
    pub unusable: usize,
    /// Laptops that have written any of them.
    pub laptops: usize,
    /// Vaults that nobody has merged yet are more than one.
    pub vaults: usize,
}

/// A vault that lies in a folder and that no other one there has merged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderVault {
    /// Whose.
    pub account: AccountId,
    /// The blob, sealed; nothing of it is checked.
    pub blob: Vec<u8>,
    id: FileId,
}

impl FolderTransport {
    /// The folder at `place`. Nothing is read or written yet.
    #[must_use]
    pub fn new(place: FolderPlace, clock: FolderClock) -> Self {
        let disk = Disk::new(place.root.clone(), place.account);
        Self { shared: Arc::new(Shared { place, disk, clock, index: Mutex::new(None) }) }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.shared.place.root
    }

    /// Whether what was merged here has gone from the folder and only older vaults are left: somebody set it back.
    ///
    /// # Errors
    /// [`TransportError::FolderAway`], or what the disk says.
    pub fn is_vault_set_back(&self, revision: Option<&str>) -> Result<bool, TransportError> {
        let revision = revision.map(Revision::parse).unwrap_or_default();
        self.shared.with(|shared, index| {
            index.look(&shared.disk, shared.now())?;
            let next = revisions::next(index, &revision, SETTLE_MS, shared.now());
            Ok(matches!(next, revisions::Next::SetBack(..)))
        })
    }

    /// Looks, and says what is there.
    ///
    /// # Errors
    /// [`TransportError::FolderAway`], or what the disk says.
    pub fn facts(&self) -> Result<FolderFacts, TransportError> {
        self.shared.with(|shared, index| {
            index.look(&shared.disk, shared.now())?;
            let (files, bytes, unusable) = index.totals();
            let chunks = index.chunks().values().map(|chunk| chunk.writer);
            let mut writers: Vec<_> =
                chunks.chain(index.vaults().values().map(|vault| vault.writer)).collect();
            writers.sort_unstable();
            writers.dedup();
            let vaults = revisions::ends(index).len();
            Ok(FolderFacts { files, bytes, unusable, laptops: writers.len(), vaults })
        })
    }
}

impl Shared {
    fn now(&self) -> u64 {
        (self.clock)()
    }

    /// Works with the index, which is on this laptop's disk before anything that follows from it is handed out.
    fn with<T>(
        &self,
        work: impl FnOnce(&Self, &mut Index) -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        let mut held = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match held.take() {
            Some(index) => held.insert(index),
            None => held.insert(Index::open(self.home()).map_err(here)?),
        };
        let done = work(self, index);
        if let Err(error) = index.save() {
            // What is in memory may not be what is on the disk: it is read again the next time.
            *held = None;
            return Err(here(error));
        }
        drop(held);
        done
    }

    fn home(&self) -> Home {
        let FolderPlace { root, account, index, name, .. } = &self.place;
        let epoch = FileId(*name).to_string();
        Home { account: *account, root: root.display().to_string(), path: index.clone(), epoch }
    }
}

/// This laptop's own disk failed, and not the folder's.
fn here(error: std::io::Error) -> TransportError {
    TransportError::NotKept(error)
}

/// The vaults in a folder that no other one there has merged, of every account that has any. For a laptop that has no vault
/// yet; it keeps nothing of it.
///
/// # Errors
/// [`TransportError::FolderAway`] when there is no folder or no vault in it, or what its disk says.
pub fn folder_vaults(root: &Path) -> Result<Vec<FolderVault>, TransportError> {
    let mut found = Vec::new();
    for account in disk::accounts_in(root)? {
        let disk = Disk::new(root.to_owned(), account);
        let files = match disk.files() {
            Err(TransportError::FolderAway { .. }) => continue,
            files => files?,
        };
        let mut vaults = std::collections::BTreeMap::new();
        // Whatever else was done to its name, a copy keeps its ending.
        for name in files.keys().filter(|name| name.contains(disk::VAULT_ENDING)) {
            if let Some((id, Content::Vault(vault))) =
                disk.read(name).and_then(|bytes| Content::of(&bytes))
                && vault.account == account
            {
                vaults.insert(id, vault);
            }
        }
        let merged: std::collections::BTreeSet<_> =
            vaults.values().flat_map(|vault| vault.merged.iter().copied()).collect();
        vaults.retain(|id, _| !merged.contains(id));
        found.extend(vaults.into_iter().map(|(id, vault)| FolderVault {
            account,
            blob: vault.blob,
            id,
        }));
    }
    if found.is_empty() { Err(disk::away(None)) } else { Ok(found) }
}

/// Puts a vault into a folder: `seen` is all that lay there, `merged` what of it is in this one. The account's folder is
/// made if there is none. Returns the vault's revision.
///
/// # Errors
/// [`TransportError::VaultChanged`] when others lie there by now, [`TransportError::TooMuch`], or what the folder's disk
/// says.
pub fn put_folder_vault(
    root: &Path,
    (account, writer): (AccountId, DeviceId),
    blob: &[u8],
    seen: &[FolderVault],
    merged: &[FolderVault],
) -> Result<String, TransportError> {
    if blob.len() > limits::VAULT_BYTES {
        return Err(TransportError::TooMuch { limit: limits::VAULT_BYTES });
    }
    let there = match folder_vaults(root) {
        Err(TransportError::FolderAway { source: None }) => Vec::new(),
        there => there?,
    };
    let known = |vault: &FolderVault| seen.iter().any(|seen| seen.id == vault.id);
    if there.iter().any(|vault| vault.account == account && !known(vault)) {
        return Err(TransportError::VaultChanged);
    }
    let merged = merged.iter().map(|vault| vault.id).collect();
    let content = Content::Vault(VaultFile { account, writer, merged, blob: blob.to_vec() });
    let bytes = content.to_bytes();
    let id = file_id(&bytes).expect("what was just written ends with its hash");
    let disk = Disk::new(root.to_owned(), account);
    disk.begin()?;
    disk.write_vault((id, &bytes))?;
    Ok(Revision::of([id]).text())
}
