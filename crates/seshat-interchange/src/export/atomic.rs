//! Writing so that a target appears whole or not at all: everything is written beside it under another name and
//! then renamed. What is left of a failure is removed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ExportError;

/// Names tried for the temporary neighbour; more than this many failed exports beside one target are a fault.
const NEIGHBOURS: u32 = 1000;

/// Writes `files` (name and content) into the folder `target`, which may exist when it is empty. A name may have
/// folders in it, parted by `/`.
pub(super) fn folder<C: AsRef<[u8]>>(
    target: &Path,
    files: &[(String, C)],
) -> Result<(), ExportError> {
    refuse_if_occupied(target)?;
    let unwritable = |source| ExportError::Unwritable { path: target.to_owned(), source };
    let temporary = beside(target, |path| fs::create_dir(path))?;
    let mut folders = BTreeSet::from([temporary.path.clone()]);
    for (name, content) in files {
        let path = temporary.path.join(name);
        // Every folder on the way, so that its name is made durable as well.
        for folder in path.ancestors().skip(1).take_while(|folder| **folder != temporary.path) {
            folders.insert(folder.to_owned());
        }
        path.parent().map(fs::create_dir_all).transpose().map_err(unwritable)?;
        let mut file = File::create_new(path).map_err(unwritable)?;
        write(&mut file, content.as_ref()).map_err(unwritable)?;
    }
    for folder in folders {
        sync_folder(&folder).map_err(unwritable)?;
    }
    // An empty folder is in the way of a rename on some systems, and removing one that is not empty fails.
    match fs::remove_dir(target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_) => return Err(ExportError::Occupied { path: target.to_owned() }),
    }
    temporary.become_target(target)
}

/// Writes `content` into the file `target`, which may exist when it is empty.
pub(super) fn file(target: &Path, content: impl AsRef<[u8]>) -> Result<(), ExportError> {
    refuse_if_occupied(target)?;
    replaced(target, content)
}

/// Writes `content` into the file `target`, whatever file is there. A folder is never replaced.
pub(super) fn replaced(target: &Path, content: impl AsRef<[u8]>) -> Result<(), ExportError> {
    if target.is_dir() {
        return Err(ExportError::Occupied { path: target.to_owned() });
    }
    let unwritable = |source| ExportError::Unwritable { path: target.to_owned(), source };
    let mut created = None;
    let temporary = beside(target, |path| {
        created = Some(OpenOptions::new().write(true).create_new(true).open(path)?);
        Ok(())
    })?;
    if let Some(file) = &mut created {
        write(file, content.as_ref()).map_err(unwritable)?;
    }
    drop(created);
    temporary.become_target(target)
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

fn refuse_if_occupied(target: &Path) -> Result<(), ExportError> {
    let occupied = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(source) => {
            return Err(ExportError::Unwritable { path: target.to_owned(), source });
        }
        Ok(kind) if kind.is_dir() => fs::read_dir(target)
            .map_err(|source| ExportError::Unwritable { path: target.to_owned(), source })?
            .next()
            .is_some(),
        Ok(kind) => !kind.is_file() || kind.len() > 0,
    };
    if occupied { Err(ExportError::Occupied { path: target.to_owned() }) } else { Ok(()) }
}

/// Something written under a temporary name; removed when it is dropped.
struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    fn become_target(mut self, target: &Path) -> Result<(), ExportError> {
        let unwritable = |source| ExportError::Unwritable { path: target.to_owned(), source };
        fs::rename(&self.path, target).map_err(unwritable)?;
        self.kept = true;
        // The export is there whatever becomes of this: a power cut now would lose the name, not the novel.
        target.parent().map(sync_folder).transpose().map_err(unwritable)?;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            let removed = fs::remove_file(&self.path).or_else(|_| fs::remove_dir_all(&self.path));
            // Nothing more can be done about a disk that does not even remove.
            drop(removed);
        }
    }
}

/// Makes something beside `target` under a name that is free.
fn beside(
    target: &Path,
    mut make: impl FnMut(&Path) -> io::Result<()>,
) -> Result<Temporary, ExportError> {
    let no_place = || ExportError::NoPlace { path: target.to_owned() };
    let name = target.file_name().ok_or_else(no_place)?.to_string_lossy();
    for number in 0..NEIGHBOURS {
        let path = target.with_file_name(format!(".{name}.seshat-export-{number}"));
        match make(&path) {
            Ok(()) => return Ok(Temporary { path, kept: false }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_place()),
            Err(source) => {
                return Err(ExportError::Unwritable { path: target.to_owned(), source });
            }
        }
    }
    Err(ExportError::Occupied { path: target.to_owned() })
}

/// Makes names in a folder durable, where the system lets a folder be opened for that.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
