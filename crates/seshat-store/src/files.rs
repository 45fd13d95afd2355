//! The folder of a store: who may read it, and who holds it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The database's file name.
pub(crate) const DATABASE: &str = "seshat.db";
/// A database that is still being made. A crash leaves this one behind and never a half-made [`DATABASE`].
const UNFINISHED: &str = "seshat.db.new";
/// Locked for as long as a process holds the store; empty, and left in place.
const LOCK: &str = "seshat.lock";

pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

/// Makes the folder (mode 0700) if it is not there.
pub(crate) fn make_folder(dir: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    Ok(())
}

/// Takes the folder's lock; it is held until the file is dropped, and by the system's doing also when the
/// process dies. A lock file with a process id in it would outlive a crash.
pub(crate) fn lock(dir: &Path) -> Result<File, StoreError> {
    let file =
        private(&mut OpenOptions::new()).create(true).truncate(false).open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Takes from group and others what an earlier program or a copy may have given them. Failure is passed over:
/// a memory stick's file system keeps no modes, and its owner has to get at the novel all the same.
pub(crate) fn make_private(dir: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _unsupported = fs::set_permissions(dir, fs::Permissions::from_mode(0o700));
        for name in [DATABASE, LOCK] {
            let _unsupported =
                fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600));
        }
    }
}

/// An empty file (mode 0600) for a database to be made in, in place of any that a crash left behind.
pub(crate) fn unfinished(dir: &Path) -> Result<PathBuf, StoreError> {
    let path = dir.join(UNFINISHED);
    empty(&path)?;
    Ok(path)
}

/// Gives a finished database its name.
pub(crate) fn finish(dir: &Path, unfinished: &Path) -> Result<(), StoreError> {
    rename(unfinished, &database(dir))
}

/// Gives a finished file its name, in the same folder; when it returns, both are on the disk.
pub(crate) fn rename(unfinished: &Path, path: &Path) -> Result<(), StoreError> {
    File::open(unfinished)?.sync_all()?;
    fs::rename(unfinished, path)?;
    // The name is in the folder; without this it may be gone after a power cut. Windows has no such call.
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// The path with `suffix` behind its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// An empty file (mode 0600) in place of any that is there.
pub(crate) fn empty(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    private(&mut OpenOptions::new()).create_new(true).open(path)?;
    Ok(())
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
