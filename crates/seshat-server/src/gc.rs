//! Removing what nothing needs any more from the depot, while others go on putting into it.
//!
//! **Invariant:** nothing that a row needs is lost, in whatever order this and any number of pushes and other collections
//! take their steps. An object is first taken out of sight, then it is asked once more whether a row needs it, and only
//! then does it go; else it comes back. A push looks for its object after its row is there. If the row was there first,
//! the question finds it; if the object was out of sight first, the push misses it and puts it again. What a crash leaves
//! out of sight is asked about by the next collection.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt;
use seshat_protocol::{AccountId, Bytes32};

use crate::meta::{BLOBS_SWEPT, MetaError, MetaStore};
use crate::objects::{Depot, Key, ObjectError};

/// Milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// How long an object stays that no row needs: its row may be on the way.
const OBJECT_GRACE: u64 = DAY;

/// How long a blob stays that no record names: its record may be on the way, from a laptop that went offline.
const BLOB_GRACE: u64 = 30 * DAY;

/// What a collection removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Blobs that no record named.
    pub blobs: u64,
    /// Objects.
    pub objects: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Half-written files that crashes left.
    pub halves: u64,
}

/// Why a collection ended early. What it did stands, and the next one goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GcError {
    /// The database.
    #[error(transparent)]
    Meta(#[from] MetaError),
    /// The depot.
    #[error(transparent)]
    Objects(#[from] ObjectError),
}

/// Removes blobs that no record names and objects that no row needs, if they are old enough at `now` (milliseconds
/// since 1970). May run beside servers and beside others of its kind.
///
/// # Errors
/// When the database or the depot fails.
pub async fn gc(store: &dyn MetaStore, depot: &Depot, now: u64) -> Result<Collected, GcError> {
    let mut collected = Collected::default();
    // A clock that stands before the time that is to be kept is wrong.
    let Some(before) = now.checked_sub(OBJECT_GRACE) else { return Ok(collected) };
    if let Some(before) = now.checked_sub(BLOB_GRACE) {
        collected.blobs = forget_blobs(store, before).await?;
    }
    let mut left = depot.doomed();
    while let Some(found) = left.next().await {
        let keys: Vec<_> = found?.iter().map(|found| found.key).collect();
        drop(decide(store, depot, &keys).await?);
    }
    let mut kept = depot.kept();
    while let Some(found) = kept.next().await {
        let old = found?.into_iter().filter(|found| found.written_at < before);
        let old: HashMap<_, _> = old.map(|found| (found.key, found.len)).collect();
        let keys: Vec<_> = old.keys().copied().collect();
        let gone = release(store, depot, &keys).await?;
        collected.objects += gone.len() as u64;
        collected.bytes += gone.iter().filter_map(|key| old.get(key)).sum::<u64>();
    }
    collected.halves = depot.tidy(before).await?;
    Ok(collected)
}

async fn forget_blobs(store: &dyn MetaStore, before: u64) -> Result<u64, MetaError> {
    let mut all = 0;
    loop {
        let step = store.sweep_blobs(before).await?;
        all += step;
        if step < BLOBS_SWEPT {
            return Ok(all);
        }
    }
}

/// Removes those of these objects that no row needs; which.
pub(crate) async fn release(
    store: &dyn MetaStore,
    depot: &Depot,
    keys: &[Key],
) -> Result<Vec<Key>, GcError> {
    let (_, needless) = sorted(store, keys).await?;
    let mut doomed = Vec::with_capacity(needless.len());
    for key in needless {
        match depot.doom(key).await {
            Ok(()) => doomed.push(key),
            // Another collection was faster.
            Err(ObjectError::Missing) => {}
            Err(error) => return Err(error.into()),
        }
    }
    decide(store, depot, &doomed).await
}

/// Of objects that are out of sight brings those back that a row needs and removes the others; which.
async fn decide(store: &dyn MetaStore, depot: &Depot, doomed: &[Key]) -> Result<Vec<Key>, GcError> {
    let (needed, needless) = sorted(store, doomed).await?;
    for key in needed {
        match depot.recall(key).await {
            // Another collection was faster.
            Ok(()) | Err(ObjectError::Missing) => {}
            Err(error) => return Err(error.into()),
        }
    }
    for key in &needless {
        depot.forget(*key).await?;
    }
    Ok(needless)
}

/// Those that a row needs, and the others.
async fn sorted(store: &dyn MetaStore, keys: &[Key]) -> Result<(Vec<Key>, Vec<Key>), MetaError> {
    let mut by_account: BTreeMap<AccountId, Vec<Key>> = BTreeMap::new();
    for key in keys {
        by_account.entry(key.account).or_default().push(*key);
    }
    let (mut needed, mut needless) = (Vec::new(), Vec::new());
    for (account, keys) in by_account {
        let hashes: Vec<Bytes32> = keys.iter().map(|key| key.what.hash()).collect();
        let used = store.objects_used(account, hashes).await?;
        for (key, used) in keys.into_iter().zip(used) {
            if used { needed.push(key) } else { needless.push(key) }
        }
    }
    Ok((needed, needless))
}
