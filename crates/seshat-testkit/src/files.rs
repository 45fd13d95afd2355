//! Folders, compared and copied.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below `folder` by its path from there, with its content.
///
/// # Panics
/// When something cannot be read.
#[must_use]
pub fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A log that SQLite takes away between the two calls is a file that is not there.
            let Ok(content) = fs::read(&path) else { continue };
            let name = path.strip_prefix(folder).expect("it was found below").to_owned();
            files.insert(name, content);
        }
    }
    files
}

/// That two folders hold the same files, byte for byte, and more than none.
///
/// # Panics
/// When they do not; says which file differs.
pub fn same_files(one: &Path, other: &Path) {
    let (left, right) = (files_below(one), files_below(other));
    assert!(!left.is_empty(), "{} is empty", one.display());
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right), "the folders hold different files");
    for (name, content) in &left {
        assert!(content == &right[name], "{} differs between the two folders", name.display());
    }
}

/// Copies a folder of files and folders.
///
/// # Panics
/// When it cannot be copied.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for (name, content) in files_below(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(path, content).expect("it can be written");
    }
}

/// The words of all chapter files of a folder in order: what stands between white space.
///
/// # Panics
/// When something cannot be read as text.
#[must_use]
pub fn words_of(folder: &Path) -> Vec<String> {
    let mut words = Vec::new();
    for (name, content) in files_below(folder) {
        if name.extension().is_some_and(|extension| extension == "md") {
            let text = String::from_utf8(content).expect("chapters are text");
            words.extend(text.split_whitespace().map(str::to_owned));
        }
    }
    words
}
