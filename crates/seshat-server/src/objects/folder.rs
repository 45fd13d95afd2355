//! A folder of objects. Each is written beside its place, synced, and moved there, so that a crash leaves the whole of
//! it or nothing but a file that [`tidy`] knows by its name.

use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use object_store::local::LocalFileSystem;

use super::ObjectError;

/// Opens the folder, or makes it, for its owner alone.
pub(super) fn open(path: &Path) -> Result<LocalFileSystem, ObjectError> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path).map_err(|error| failed(&error))?;
    Ok(LocalFileSystem::new_with_prefix(path)?.with_fsync(true))
}

/// Removes half-written files that have not been touched since `before` (milliseconds since 1970); how many. What somebody
/// else removes meanwhile is as good as removed.
pub(super) fn tidy(folder: &Path, before: u64) -> Result<u64, ObjectError> {
    let mut removed = 0;
    let mut to_look_at = vec![folder.to_owned()];
    while let Some(folder) = to_look_at.pop() {
        let Some(entries) = unless_gone(fs::read_dir(&folder))? else { continue };
        for entry in entries {
            let Some(entry) = unless_gone(entry)? else { continue };
            let Some(about) = unless_gone(entry.metadata())? else { continue };
            if about.is_dir() {
                to_look_at.push(entry.path());
            } else if is_half(&entry.file_name()) && touched(&about) < before {
                let gone = unless_gone(fs::remove_file(entry.path()))?;
                removed += u64::from(gone.is_some());
            }
        }
    }
    Ok(removed)
}

fn unless_gone<T>(result: io::Result<T>) -> Result<Option<T>, ObjectError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

/// The library writes `name#1` (or another number) and then moves it to `name`.
fn is_half(name: &std::ffi::OsStr) -> bool {
    let suffix = name.to_str().and_then(|name| name.rsplit_once('#'));
    suffix.is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|digit| digit.is_ascii_digit()))
}

fn touched(about: &fs::Metadata) -> u64 {
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    modified.map_or(u64::MAX, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn failed(error: &io::Error) -> ObjectError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ObjectError::Full,
        kind => ObjectError::Failed(format!("its folder cannot be used ({kind})")),
    }
}
