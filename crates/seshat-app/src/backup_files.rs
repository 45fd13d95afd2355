//! The folder of the rotating backups: names, what lies in it, what a crash left.
//!
//! **Invariant:** a file has a backup's name only once it was found whole. Whatever has another name is not counted.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use crate::rotation::DAY_MS;
use crate::{BackupRow, Failure};

/// The folder, in the vault's own.
pub(crate) const FOLDER: &str = "backups";

const BEGINNING: &str = "seshat-";
const ENDING: &str = ".seshat";
/// What is being made, and was not looked at yet.
const UNPROVED: &str = ".unproved";
/// What was a backup, and is damaged now.
const DAMAGED: &str = ".damaged";

/// Whether a file has a backup's name.
pub(crate) fn is_backup(path: &Path) -> bool {
    file_name(path).is_some_and(|name| made_at(&name).is_some())
}

pub(crate) fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

/// The backups in a folder, the newest first; none where there is no such folder.
pub(crate) fn list(folder: &Path) -> Result<Vec<BackupRow>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| unusable(folder, &error))?,
    };
    let mut rows = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let (path, Ok(found)) = (entry.path(), entry.metadata()) else { continue };
        let at = file_name(&path).and_then(|name| made_at(&name));
        if let (Some(at), true) = (at, found.is_file()) {
            rows.push(BackupRow { path: path.display().to_string(), at, size: found.len() });
        }
    }
    rows.sort_by(|a, b| (b.at, &b.path).cmp(&(a.at, &a.path)));
    Ok(rows)
}

/// Makes the folder for its owner alone, and removes what a crash left unfinished in it.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| unusable(folder, &error))?;
    let entries = fs::read_dir(folder).map_err(|error| unusable(folder, &error))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(BEGINNING) && name.contains(UNPROVED) {
            // What cannot be removed now is tried again with the next backup.
            let _removed = fs::remove_file(entry.path()).is_ok();
        }
    }
    Ok(())
}

/// A free name in the folder for a backup of this moment.
pub(crate) fn free_name(folder: &Path, now: u64) -> PathBuf {
    let mut at = now;
    loop {
        let path = folder.join(format!("{BEGINNING}{}{ENDING}", stamp(at)));
        if !fs::exists(&path).unwrap_or(false) {
            return path;
        }
        // Two within a second; nobody minds the second.
        at += 1000;
    }
}

/// Where a copy lies until it was looked at.
pub(crate) fn unproved(path: &Path) -> PathBuf {
    with_suffix(path, UNPROVED)
}

/// Gives a backup that is damaged another name, so that nobody counts on it.
pub(crate) fn put_aside(path: &Path) -> io::Result<()> {
    fs::rename(path, with_suffix(path, DAMAGED))
}

/// Gives a copy that was found whole its name; when it returns, the name is on the disk.
pub(crate) fn give_name(unproved: &Path, path: &Path) -> Result<(), Failure> {
    if fs::exists(path).unwrap_or(true) {
        return Err(occupied(path));
    }
    let named = fs::rename(unproved, path).and_then(|()| {
        #[cfg(unix)]
        {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    });
    named.map_err(|error| unusable(path, &error))
}

pub(crate) fn occupied(path: &Path) -> Failure {
    Failure::other(format!(
        "There is something at {} already, so it was left as it is and no backup was written; choose another name.",
        path.display()
    ))
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::other(format!(
        "{} cannot be used for backups ({error}); the vault and the backups that are there are safe; check the disk and its permissions.",
        path.display()
    ))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// When a file of this name was made, in milliseconds since 1970; `None` for a name that is no backup's.
fn made_at(name: &str) -> Option<u64> {
    let stamp = name.strip_prefix(BEGINNING)?.strip_suffix(ENDING)?;
    let at = parse(stamp)?;
    // One name for each moment.
    (self::stamp(at) == stamp).then_some(at)
}

/// A moment as `2026-11-22-163712`, in UTC.
pub(crate) fn stamp(ms: u64) -> String {
    let (year, month, day) = date(ms / DAY_MS);
    let second = ms % DAY_MS / 1000;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}-{hour:02}{minute:02}{second:02}")
}

fn parse(stamp: &str) -> Option<u64> {
    let mut fields = stamp.split('-');
    let mut number = || fields.next()?.parse::<u64>().ok();
    let (year, month, day, time) = (number()?, number()?, number()?, number()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    Some(days(year, month, day) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000)
}

/// Days since 1970 of a date of the Gregorian calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The reverse of [`days`].
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_say_when() {
        assert_eq!(stamp(0), "1970-01-01-000000");
        assert_eq!(stamp(951_782_400_000), "2000-02-29-000000");
        assert_eq!(stamp(1_795_365_432_999), "2026-11-22-163712");
        assert_eq!(made_at("seshat-2026-11-22-163712.seshat"), Some(1_795_365_432_000));
    }

    #[test]
    fn other_names_are_no_backups() {
        for name in [
            "seshat.db",
            "seshat-2026-11-22.seshat",
            "seshat-2026-11-22-163712.seshat.unproved",
            "seshat-2026-11-22-163712.seshat.damaged",
            "seshat-2026-02-30-000000.seshat",
            "seshat-2026-13-01-000000.seshat",
            "seshat-2026-1-1-0.seshat",
            "seshat-2026-11-22-250000.seshat",
        ] {
            assert_eq!(made_at(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_second_has_a_name_of_its_own(second in 0..250_000_000_000_u64) {
            prop_assume!(second < 253_402_300_800);
            prop_assert_eq!(parse(&stamp(second * 1000)), Some(second * 1000));
        }
    }

    #[test]
    fn what_a_crash_left_goes_and_backups_stay() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(FOLDER);
        make_folder(&folder).unwrap();
        let backup = free_name(&folder, 1_795_365_432_000);
        fs::write(&backup, b"x").unwrap();
        fs::write(unproved(&backup), b"x").unwrap();
        fs::write(with_suffix(&unproved(&backup), ".new"), b"x").unwrap();
        assert_ne!(free_name(&folder, 1_795_365_432_000), backup, "two within a second");
        make_folder(&folder).unwrap();
        let rows = list(&folder).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].at, 1_795_365_432_000);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
