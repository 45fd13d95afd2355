//! Which vaults lie in the folder, and which of them this laptop has merged.
//!
//! A file says which others it has merged, so files are a graph without rings; those that no other one has merged are its
//! ends. Two laptops that change the vault at once leave two ends. Each laptop merges every end that it does not know, one
//! after the other, and writes one that has merged all of them.

use std::collections::BTreeSet;

use super::bytes::FileId;
use super::index::Index;

/// The files whose vaults a laptop has merged, as far as they are still needed: what it calls the vault's revision.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Revision(BTreeSet<FileId>);

impl Revision {
    /// What another kind of server called a revision knows nothing here.
    pub(crate) fn parse(text: &str) -> Self {
        let ids: Option<BTreeSet<_>> = text.split('+').map(FileId::parse).collect();
        Self(ids.unwrap_or_default())
    }

    pub(crate) fn of(ids: impl IntoIterator<Item = FileId>) -> Self {
        Self(ids.into_iter().collect())
    }

    pub(crate) fn text(&self) -> String {
        let ids: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        ids.join("+")
    }
}

/// What is to be done about the vault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// There is none in the folder.
    Nothing,
    /// Everything that is there is merged.
    Known,
    /// This one is not; afterwards the revision is that.
    Merge(FileId, Revision),
    /// What was merged has gone, and only older ones are left: this is one of them, and that is the revision then.
    SetBack(FileId, Revision),
}

/// The files that are there.
fn here(index: &Index) -> BTreeSet<FileId> {
    index.vaults().keys().copied().filter(|file| index.is_here(*file)).collect()
}

/// What files that are there have merged.
fn merged_here(index: &Index) -> BTreeSet<FileId> {
    let files = index.vaults().iter().filter(|(file, _)| index.is_here(**file));
    files.flat_map(|(_, vault)| vault.merged.iter().copied()).collect()
}

/// The files that are there and that no other one that is there has merged.
pub(crate) fn ends(index: &Index) -> BTreeSet<FileId> {
    let merged = merged_here(index);
    here(index).into_iter().filter(|file| !merged.contains(file)).collect()
}

/// Whether a laptop at `revision` has merged this file, in one step or in several.
fn has_merged(index: &Index, revision: &Revision, file: FileId) -> bool {
    let mut seen = revision.0.clone();
    let mut to_look_at: Vec<_> = seen.iter().copied().collect();
    while let Some(id) = to_look_at.pop() {
        if id == file {
            return true;
        }
        let merged = index.vaults().get(&id).into_iter().flat_map(|vault| &vault.merged);
        to_look_at.extend(merged.copied().filter(|other| seen.insert(*other)));
    }
    false
}

/// What a laptop at `revision` has to do. What is away is believed in until it has been so for `patience` milliseconds.
pub(crate) fn next(index: &Index, revision: &Revision, patience: u64, now: u64) -> Next {
    let ends = ends(index);
    let Some(first) = ends.first().copied() else { return Next::Nothing };
    let merged = merged_here(index);
    let kept = revision.0.iter().copied().filter(|file| !merged.contains(file));
    if let Some(new) = ends.iter().copied().find(|end| !has_merged(index, revision, *end)) {
        return Next::Merge(new, Revision::of(kept.chain([new])));
    }
    let mut gone = kept.filter(|file| !index.is_here(*file));
    // One that was forgotten, or never seen, is away for ever.
    let is_lost = |file: FileId| {
        !index.vaults().contains_key(&file) || index.is_away_for(file, patience, now)
    };
    if gone.any(is_lost) { Next::SetBack(first, Revision::of(ends)) } else { Next::Known }
}

/// Whether a laptop at `revision` may put a vault: it has merged all that is there.
pub(crate) fn may_put(index: &Index, revision: &Revision) -> bool {
    ends(index).iter().all(|end| has_merged(index, revision, *end))
}

/// What a file that is written at `revision` has merged.
pub(crate) fn merged_by(index: &Index, revision: &Revision) -> Vec<FileId> {
    here(index).union(&revision.0).copied().collect()
}
