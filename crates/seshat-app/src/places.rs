//! Where the vault lies: in a folder that another program syncs, or no longer where it was.
//!
//! **Invariants:** nothing here writes. A database that has vanished is never replaced by an empty one: as long as
//! backups lie beside the place where it was, no vault is made there.

use std::fs;
use std::path::{Path, PathBuf};

use seshat_store::Store;

use crate::backup_files::{FOLDER, is_backup};
use crate::{Desk, Failure, FailureCode};

/// The database's name, as the store gives it.
const DATABASE: &str = "seshat.db";

/// Folder names that say whose folder it is: the name itself, or the name with a space or a hyphen and more behind it
/// (`Dropbox (Ada)`, `OneDrive - Uni`, `GoogleDrive-ada@example.org`).
const NAMES: [(&str, &str); 17] = [
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("mobile documents", "iCloud Drive"),
    ("iclouddrive", "iCloud Drive"),
    ("icloud drive", "iCloud Drive"),
    ("com~apple~clouddocs", "iCloud Drive"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("pclouddrive", "pCloud"),
    ("pcloud drive", "pCloud"),
    ("pcloud sync", "pCloud"),
    ("cloudstorage", "a cloud storage program"),
    ("megasync", "MEGA"),
    ("synologydrive", "Synology Drive"),
    ("yandex.disk", "Yandex Disk"),
];

/// What such programs put into the folder that they sync; a `*` at the end stands for anything.
const MARKS: [(&str, &str); 13] = [
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".tmp.drivedownload", "Google Drive"),
    (".tmp.driveupload", "Google Drive"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
    ("._sync_*", "Nextcloud"),
    (".sync_*", "Nextcloud"),
    (".stfolder", "Syncthing"),
    (".stversions", "Syncthing"),
    (".megaignore", "MEGA"),
    (".synologyworkingdirectory", "Synology Drive"),
    (".pcloud", "pCloud"),
];

/// The program that seems to sync the folder that `home` is in.
pub(crate) fn synced_by(home: &Path) -> Option<&'static str> {
    // A link into such a folder is in it.
    let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    let named =
        home.components().rev().find_map(|part| by_name(&part.as_os_str().to_string_lossy()));
    named.or_else(|| home.ancestors().find_map(by_marks))
}

fn by_name(folder: &str) -> Option<&'static str> {
    let folder = folder.to_lowercase();
    let fits = |name: &str| {
        folder.strip_prefix(name).is_some_and(|rest| {
            // A folder of that name, and not one whose name only begins so.
            rest.is_empty() || rest.starts_with([' ', '-', '('])
        })
    };
    NAMES.iter().find(|(name, _)| fits(name)).map(|(_, program)| *program)
}

fn by_marks(folder: &Path) -> Option<&'static str> {
    // Where a folder may not be read, nothing is known of it.
    let entries = fs::read_dir(folder).ok()?;
    let names = entries.filter_map(Result::ok).filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        // A home directory may hold thousands of names; only hidden ones can be marks.
        name.starts_with('.').then_some(name)
    });
    names.into_iter().find_map(|name| {
        let fits = |mark: &str| match mark.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == mark,
        };
        MARKS.iter().find(|(mark, _)| fits(mark)).map(|(_, program)| *program)
    })
}

/// One sentence about a vault that another program syncs.
pub(crate) fn synced_sentence(home: &Path) -> Option<String> {
    let program = synced_by(home)?;
    Some(format!(
        "The vault lies in a folder that {program} syncs, which can mix up or swap its file while it is open; everything is safe now; move the vault's folder elsewhere and let Seshat sync it."
    ))
}

/// What is said when the open file is no longer the one at its path.
pub(crate) fn gone_sentence(home: &Path) -> String {
    format!(
        "The vault's file is no longer in {}; everything is still open here, and what you write stays in memory and in the file that was moved; put the folder back, or save a backup elsewhere before you close Seshat.",
        home.display()
    )
}

/// Whether a vault was here and its database is gone.
pub(crate) fn vanished(home: &Path) -> bool {
    let gone = !fs::exists(home.join(DATABASE)).unwrap_or(true);
    gone && has_backup(&home.join(FOLDER))
}

fn has_backup(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.into_iter().any(|path: PathBuf| is_backup(&path))
}

impl Desk {
    /// That no vault was here which has vanished: a new one in its place would look like the loss of everything.
    ///
    /// # Errors
    /// [`FailureCode::Exists`] with the way back.
    pub(crate) fn must_not_have_vanished(&self) -> Result<(), Failure> {
        let home = self.home();
        if !vanished(home) {
            return Ok(());
        }
        Err(Failure::new(
            FailureCode::Exists,
            format!(
                "There was a vault in {} and its file is gone, so no new one was made; its backups are in {}; restore the newest, put the file back, or choose another folder.",
                home.display(),
                home.join(FOLDER).display()
            ),
        ))
    }

    /// Looks whether the open database is still the one at its path, and says so once it is not.
    pub(crate) fn look_at_place(&self) {
        let state = self.state();
        let in_place = state.store.as_ref().is_none_or(Store::is_in_place);
        drop(state);
        let said = self.shared.away.swap(!in_place, std::sync::atomic::Ordering::Relaxed);
        if !in_place {
            let sentence = gone_sentence(self.home());
            self.shared.board.show(|status| status.save_failure = Some(sentence));
        } else if said {
            self.shared.board.show(|status| status.save_failure = None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(path: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join(path);
        fs::create_dir_all(&home).unwrap();
        (dir, home)
    }

    #[test]
    fn folders_of_sync_programs_are_known_by_their_names() {
        for (path, program) in [
            ("Dropbox/novels/seshat", "Dropbox"),
            ("Dropbox (Ada Lovelace)/seshat", "Dropbox"),
            ("OneDrive/seshat", "OneDrive"),
            ("OneDrive - University/seshat", "OneDrive"),
            ("Google Drive/seshat", "Google Drive"),
            ("Library/CloudStorage/GoogleDrive-ada@example.org/My Drive/seshat", "Google Drive"),
            ("Library/Mobile Documents/com~apple~CloudDocs/seshat", "iCloud Drive"),
            ("iCloudDrive/seshat", "iCloud Drive"),
            ("Nextcloud/seshat", "Nextcloud"),
            ("pCloudDrive/seshat", "pCloud"),
            ("Library/CloudStorage/Box-Box/seshat", "a cloud storage program"),
        ] {
            let (_dir, home) = folders(path);
            assert_eq!(synced_by(&home), Some(program), "{path}");
        }
    }

    #[test]
    fn a_folder_whose_name_only_begins_like_one_is_left_in_peace() {
        for path in [
            "Dropboxes/seshat",
            "onedrives/seshat",
            "My Nextcloud novel/seshat",
            "local/share/seshat",
        ] {
            let (_dir, home) = folders(path);
            assert_eq!(synced_by(&home), None, "{path}");
        }
    }

    #[test]
    fn folders_of_sync_programs_are_known_by_what_lies_in_them() {
        for (mark, program) in [
            (".dropbox", "Dropbox"),
            (".stfolder", "Syncthing"),
            ("._sync_0123abcd.db", "Nextcloud"),
            (".sync_0123abcd.db", "Nextcloud"),
            (".owncloudsync.log", "ownCloud"),
            (".tmp.driveupload", "Google Drive"),
        ] {
            let (dir, home) = folders("papers/novels/seshat");
            fs::write(dir.path().join("papers").join(mark), b"").unwrap();
            assert_eq!(synced_by(&home), Some(program), "{mark}");
        }
        let (dir, home) = folders("papers/seshat");
        fs::write(dir.path().join("papers/sync_notes.db"), b"").unwrap();
        assert_eq!(synced_by(&home), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_such_a_folder_is_in_it() {
        let (dir, home) = folders("Dropbox/seshat");
        let link = dir.path().join("seshat");
        std::os::unix::fs::symlink(&home, &link).unwrap();
        assert_eq!(synced_by(&link), Some("Dropbox"));
    }

    #[test]
    fn a_vault_has_vanished_where_backups_lie_and_no_database() {
        let (_dir, home) = folders("seshat");
        assert!(!vanished(&home), "an empty folder");
        fs::create_dir(home.join(FOLDER)).unwrap();
        assert!(!vanished(&home), "no backup in it");
        fs::write(home.join(FOLDER).join("seshat-2026-01-02-030405.seshat"), b"x").unwrap();
        assert!(vanished(&home));
        fs::write(home.join(DATABASE), b"x").unwrap();
        assert!(!vanished(&home));
    }
}
