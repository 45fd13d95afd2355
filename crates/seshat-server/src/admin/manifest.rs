//! The page that lies in every backup: what it is a backup of, and how one knows that it is whole.
//!
//! **Invariant:** it is written last. A folder without it is no backup.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Its name in the backup's folder.
const NAME: &str = "backup.json";
/// The kind of backup that this program writes and reads.
const FORMAT: u32 = 1;

/// See the module.
#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// The program that wrote it.
    server: String,
    /// What the database's file holds.
    pub(super) database: Kind,
    /// SHA-256 of the database's file, in hexadecimal digits.
    sha256: String,
    /// Milliseconds since 1970.
    pub(super) made_at: u64,
    /// Large bodies and parts of blobs.
    pub(super) objects: u64,
    /// Bytes of them.
    pub(super) object_bytes: u64,
}

/// What a database's file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A database of SQLite.
    Sqlite,
    /// What `pg_dump` wrote.
    Postgres,
}

impl Kind {
    /// Where it lies in the backup's folder.
    pub(super) fn file(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Sqlite => "server.db",
            Self::Postgres => "server.pgdump",
        })
    }
}

/// Where large bodies and parts of blobs lie in the backup's folder.
pub(super) fn objects(folder: &Path) -> PathBuf {
    folder.join("objects")
}

impl Manifest {
    /// Of the database that lies in `folder` already.
    pub(super) fn of(folder: &Path, database: Kind, made_at: u64) -> anyhow::Result<Self> {
        Ok(Self {
            format: FORMAT,
            server: env!("CARGO_PKG_VERSION").to_owned(),
            database,
            sha256: sha256(&database.file(folder))?,
            made_at,
            objects: 0,
            object_bytes: 0,
        })
    }

    /// Ends a backup.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut file = File::create(folder.join(NAME))?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        Ok(())
    }

    /// Reads it, and looks whether the database beside it is the one that it was written for.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let none = || format!("{} is no whole backup: it has no {NAME}", folder.display());
        let text = fs::read(folder.join(NAME)).with_context(none)?;
        let manifest: Self = serde_json::from_slice(&text).with_context(none)?;
        if manifest.format != FORMAT {
            bail!("{} was written by a newer seshat-server; use that one", folder.display());
        }
        let file = manifest.database.file(folder);
        if sha256(&file)? != manifest.sha256 {
            bail!("{} is not as it was written; use another backup", file.display());
        }
        Ok(manifest)
    }
}

fn sha256(path: &Path) -> anyhow::Result<String> {
    let unreadable = || format!("{} cannot be read", path.display());
    let mut file = File::open(path).with_context(unreadable)?;
    let mut hashed = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hashed.update(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(unreadable),
        }
    }
    Ok(hashed.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Puts a file's bytes, or a folder's names, on the disk.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// `3 objects, 2 MiB`, for a person.
pub(super) fn amount(objects: u64, bytes: u64) -> String {
    format!("{objects} large bodies of {} MiB", bytes.div_ceil(1024 * 1024))
}
