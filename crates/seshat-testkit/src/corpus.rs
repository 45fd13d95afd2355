//! Real novels, which stay outside the repository: tests that want them are left out where they are not.

use std::path::{Path, PathBuf};

use crate::programs::variable;

/// The folder of real input: `$SESHAT_CORPUS`, else `../shared/corpus` from the repository's root, if it is there.
#[must_use]
pub fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = variable("SESHAT_CORPUS").map_or_else(beside, PathBuf::from);
    folder.canonicalize().ok()
}

/// The folders of its novels, sorted by name.
///
/// # Panics
/// When the corpus is there and its novels cannot be listed.
#[must_use]
pub fn novels() -> Option<Vec<PathBuf>> {
    let folder = corpus()?.join("novels");
    let entries = std::fs::read_dir(&folder).expect("a corpus has a folder of novels");
    let mut novels: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    novels.retain(|path| path.is_dir());
    novels.sort();
    Some(novels)
}
