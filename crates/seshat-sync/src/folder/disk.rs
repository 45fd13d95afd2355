//! The folder's files: finding, reading, writing and deleting them, whatever else does so at the same time.
//!
//! **Invariants:** only regular files are opened, and none is read further than [`FILE_BYTES`]. A file that exists is never
//! written again. A file has its name only when all of it is on the disk.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use seshat_protocol::{AccountId, DeviceId};

use super::bytes::FileId;
use crate::TransportError;

/// Bytes of a file at most: a batch of records is at most half of it.
pub(crate) const FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Files that are looked at; a folder with more is not one that Seshat has filled.
const FILES: usize = 200_000;
/// Folders below the account's, counted in levels.
const DEPTH: usize = 4;

/// The beginning of the name of an account's folder.
const ACCOUNT: &str = "seshat-";
/// Where chunks lie, one folder for each laptop.
const LAPTOPS: &str = "laptops";
/// Where the vaults lie.
const VAULTS: &str = "vault";
/// Where the images lie. They are found by their names and not looked through.
const IMAGES: &str = "images";
/// How a vault's name ends.
pub(crate) const VAULT_ENDING: &str = ".vault";
/// What is being written.
const UNFINISHED: &str = ".part";
/// For a person who wonders what all this is.
const README: &str = "README.txt";
const README_TEXT: &[u8] =
    b"These files belong to Seshat, which syncs the laptops of one author through this folder.\n\
Everything in them is sealed: they open with the author's password or Emergency Kit.\n\
Please do not rename, change or delete them. Seshat removes by itself what is no longer needed.\n";

/// How a file looks from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    pub(crate) len: u64,
    /// Nanoseconds since 1970, or 0 where the disk does not say.
    pub(crate) modified: u64,
}

/// The files of one account, by their paths below the folder that the author chose.
pub(crate) type Files = BTreeMap<String, Stamp>;

/// The folder that the author chose, and the account's part of it.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    account: AccountId,
}

impl Disk {
    pub(crate) fn new(root: PathBuf, account: AccountId) -> Self {
        Self { root, account }
    }

    fn account_folder(&self) -> PathBuf {
        self.root.join(format!("{ACCOUNT}{}", self.account))
    }

    /// Every file of the account. Programs that sync rename whole folders too, so the account's is any whose name begins
    /// like it.
    pub(crate) fn files(&self) -> Result<Files, TransportError> {
        let beginning = format!("{ACCOUNT}{}", self.account);
        let mut files = Files::new();
        for (name, path) in entries(&self.root)? {
            if name.starts_with(&beginning) {
                self.walk(&path, &name, DEPTH, &mut files)?;
            }
        }
        if files.is_empty() { Err(away(None)) } else { Ok(files) }
    }

    fn walk(
        &self,
        folder: &Path,
        name: &str,
        depth: usize,
        files: &mut Files,
    ) -> Result<(), TransportError> {
        let listed = match entries(folder) {
            // It went while we looked; what was in it did too.
            Err(_)
                if !fs::exists(folder).unwrap_or(true)
                    && fs::exists(&self.root).unwrap_or(false) =>
            {
                return Ok(());
            }
            listed => listed?,
        };
        for (entry, path) in listed {
            let name = format!("{name}/{entry}");
            // Not following links: one that leads elsewhere is not ours.
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            if found.is_dir() && entry == IMAGES {
                continue;
            }
            if found.is_dir() && depth > 0 {
                self.walk(&path, &name, depth - 1, files)?;
            } else if found.is_file() && entry != README {
                files.insert(name, stamp(&found));
            }
            if files.len() > FILES {
                return Err(trouble(io::Error::other("there are too many files in it")));
            }
        }
        Ok(())
    }

    /// A file's bytes; `None` when it is gone, too long, or cannot be read now.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.root.join(name);
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(FILE_BYTES + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= FILE_BYTES).then_some(bytes)
    }

    /// How a file looks now.
    pub(crate) fn stamp(&self, name: &str) -> Option<Stamp> {
        fs::symlink_metadata(self.root.join(name)).ok().map(|found| stamp(&found))
    }

    /// Writes a chunk; its name.
    pub(crate) fn write_chunk(
        &self,
        writer: DeviceId,
        number: u64,
        (id, bytes): (FileId, &[u8]),
    ) -> Result<String, TransportError> {
        let folder = format!("{ACCOUNT}{}/{LAPTOPS}/{writer}", self.account);
        self.write(&folder, &format!("{number:08}-{id}.chunk"), bytes)
    }

    /// Writes a vault; its name.
    pub(crate) fn write_vault(
        &self,
        (id, bytes): (FileId, &[u8]),
    ) -> Result<String, TransportError> {
        let folder = format!("{ACCOUNT}{}/{VAULTS}", self.account);
        self.write(&folder, &format!("{id}{VAULT_ENDING}"), bytes)
    }

    /// Writes a part of an image under its name.
    pub(crate) fn write_image(&self, name: &str, bytes: &[u8]) -> Result<(), TransportError> {
        let folder = format!("{ACCOUNT}{}/{IMAGES}", self.account);
        self.write(&folder, name, bytes).map(|_| ())
    }

    /// A part of an image; `None` where it is not there, or cannot be read now.
    pub(crate) fn read_image(&self, name: &str) -> Option<Vec<u8>> {
        self.read(&format!("{ACCOUNT}{}/{IMAGES}/{name}", self.account))
    }

    /// Makes the account's folder, with a word for whoever finds it.
    pub(crate) fn begin(&self) -> Result<(), TransportError> {
        let folder = self.account_folder();
        fs::create_dir_all(&folder).map_err(trouble)?;
        let readme = folder.join(README);
        if fs::exists(&readme).unwrap_or(false) {
            return Ok(());
        }
        fs::write(readme, README_TEXT).map_err(trouble)
    }

    fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<String, TransportError> {
        // A folder that is not there is never made here: where a stick is not plugged in, its place is an empty folder of
        // this laptop's own disk.
        if !fs::exists(self.account_folder()).map_err(trouble)? {
            return Err(away(None));
        }
        let inside = self.root.join(folder);
        fs::create_dir_all(&inside).map_err(trouble)?;
        let (path, unfinished) = (inside.join(name), inside.join(format!("{name}{UNFINISHED}")));
        let written = (|| {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).open(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            sync_folder(&inside)
        })();
        match written {
            Ok(()) => Ok(format!("{folder}/{name}")),
            Err(error) => {
                // Half a file is none; it is written again the next time.
                let _removed = fs::remove_file(&unfinished).is_ok();
                Err(trouble(error))
            }
        }
    }

    /// Deletes a file. One that is gone already is as good.
    pub(crate) fn delete(&self, name: &str) -> Result<(), TransportError> {
        match fs::remove_file(self.root.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(trouble(error)),
            _ => Ok(()),
        }
    }
}

/// The accounts that have a folder in `root`.
pub(crate) fn accounts_in(root: &Path) -> Result<Vec<AccountId>, TransportError> {
    let mut accounts: Vec<AccountId> = entries(root)?
        .into_iter()
        .filter_map(|(name, _)| name.strip_prefix(ACCOUNT)?.get(..32)?.parse().ok())
        .collect();
    accounts.dedup();
    Ok(accounts)
}

/// What lies in a folder, in the order of names, without what is hidden or unfinished.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, TransportError> {
    let listed = fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => away(Some(error)),
        _ => trouble(error),
    })?;
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry.map_err(trouble)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let ours = !name.starts_with(['.', '~']) && !name.ends_with(UNFINISHED);
        if ours {
            entries.push((name, entry.path()));
        }
    }
    entries.sort_unstable();
    Ok(entries)
}

fn stamp(found: &fs::Metadata) -> Stamp {
    let since = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let modified = since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0);
    Stamp { len: found.len(), modified }
}

/// That a name is on the disk; where a system cannot say so for a folder, nothing more can be done.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder)?.sync_all() {
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => return Err(error),
        _ => {}
    }
    #[cfg(not(unix))]
    let _nothing_to_do = folder;
    Ok(())
}

pub(crate) fn away(source: Option<io::Error>) -> TransportError {
    TransportError::FolderAway { source }
}

pub(crate) fn trouble(error: io::Error) -> TransportError {
    TransportError::FolderTrouble(error)
}
