//! Keeping the folder small: many small chunks become one, and what was replaced long ago is deleted.
//!
//! **Invariants:** a laptop deletes only files that it wrote itself. A record goes only if a record that stays names it, if
//! whoever can open both has found the one to contain the other (this laptop itself no longer has it), and after a month. What goes names nothing
//! that stays. A copy goes only a day after the chunk that holds the same records was written. Nothing here asks what a
//! record says.

use std::collections::{BTreeMap, BTreeSet};

use seshat_protocol::{Record, RecordId};

use super::bytes::{FileId, Key};
use super::index::{Index, KnownChunk};
use super::log::Item;
use super::revisions;
use super::transport::{records_of, write_chunk};
use super::{FolderTransport, Shared};
use crate::TransportError;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// So long what was replaced stays, in milliseconds; as on a server.
pub(crate) const KEEP_MS: u64 = 30 * DAY_MS;
/// So long a file stays whose records all lie in others, in milliseconds: until every program has carried those.
pub(crate) const SPARE_MS: u64 = DAY_MS;
/// A chunk of fewer bytes is small.
const SMALL: u64 = 256 * 1024;
/// So many small ones are bundled.
pub(crate) const MANY: usize = 32;
/// Bytes of header and body in a bundle, about.
const BUNDLE: usize = 1024 * 1024;
/// So many bytes that may go make a chunk worth writing anew.
const WASTE: u64 = 128 * 1024;

/// What tidying did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tidied {
    /// Chunks that were put into others.
    pub bundled: usize,
    /// Files that were deleted.
    pub deleted: usize,
}

impl FolderTransport {
    /// Tidies what this laptop wrote. To be called after a complete round. `is_contained` says of a record of this account
    /// that this laptop has verified another one to contain it, and has removed it for that reason.
    ///
    /// # Errors
    /// What the folder's disk says; what was done is done.
    pub fn tidy(&self, is_contained: &dyn Fn(RecordId) -> bool) -> Result<Tidied, TransportError> {
        self.shared.with(|shared, index| {
            index.look(&shared.disk, shared.now())?;
            let now = shared.now();
            let removable = removable(index, shared, is_contained);
            index.set_replaced(&removable, now);
            let bundled = bundle(shared, index, now)?;
            let deleted = sweep(shared, index, now)? + sweep_vaults(shared, index, now)?;
            Ok(Tidied { bundled, deleted })
        })
    }
}

/// This laptop's chunks that are there, by their number.
fn own(index: &Index, shared: &Shared) -> Vec<(FileId, KnownChunk)> {
    let own = index.chunks().iter().filter(|(file, chunk)| {
        chunk.writer == shared.place.device && chunk.whole && index.is_here(**file)
    });
    let mut own: Vec<_> = own.map(|(file, chunk)| (*file, chunk.clone())).collect();
    own.sort_by_key(|(file, chunk)| (chunk.number, *file));
    own
}

/// Who names whom among the records that are there.
struct Names {
    /// Every record, with what it names.
    of: BTreeMap<RecordId, BTreeSet<RecordId>>,
    /// Every record that is named, with those that name it.
    by: BTreeMap<RecordId, BTreeSet<RecordId>>,
}

impl Names {
    fn here(index: &Index) -> Self {
        let mut names = Self { of: BTreeMap::new(), by: BTreeMap::new() };
        let here = index.chunks().iter().filter(|(file, _)| index.is_here(**file));
        for item in here.flat_map(|(_, chunk)| &chunk.items) {
            names.of.entry(item.id).or_default().extend(&item.names);
        }
        for (id, named) in &names.of {
            for name in named {
                names.by.entry(*name).or_default().insert(*id);
            }
        }
        names
    }

    fn is_named(&self, id: RecordId) -> bool {
        self.by.contains_key(&id)
    }

    /// Whether a record that nobody names names it, or names one that does, and so on.
    fn is_anchored(&self, id: RecordId) -> bool {
        let mut seen = BTreeSet::from([id]);
        let mut to_look_at = vec![id];
        while let Some(id) = to_look_at.pop() {
            let Some(namers) = self.by.get(&id) else { return true };
            to_look_at.extend(namers.iter().copied().filter(|namer| seen.insert(*namer)));
        }
        false
    }

    /// As a server decides: what names nothing may go once it is named; a snapshot only once one that names it is named
    /// itself, so that the last two stay.
    fn may_go(&self, id: RecordId) -> bool {
        let names_something = self.of.get(&id).is_some_and(|names| !names.is_empty());
        let mut namers = self.by.get(&id).into_iter().flatten();
        namers.any(|namer| (!names_something || self.is_named(*namer)) && self.is_anchored(*namer))
    }
}

/// Of the records that this laptop wrote files with, those that may go when their time is over.
fn removable(
    index: &Index,
    shared: &Shared,
    is_contained: &dyn Fn(RecordId) -> bool,
) -> BTreeSet<RecordId> {
    let names = Names::here(index);
    let own = own(index, shared);
    let ids = own.iter().flat_map(|(_, chunk)| chunk.items.iter().map(|item| item.id));
    ids.filter(|id| names.may_go(*id) && is_contained(*id)).collect()
}

/// Whether a record's time is over.
fn is_over(index: &Index, id: RecordId, now: u64) -> bool {
    index.replaced_since(id).is_some_and(|since| now.saturating_sub(since) >= KEEP_MS)
}

/// Whether a record is over and names nothing that lies in any file but `within`.
fn goes(index: &Index, item: &Item, within: &BTreeSet<FileId>, now: u64) -> bool {
    if !is_over(index, item.id, now) {
        return false;
    }
    item.names.is_empty() || {
        let others = index
            .chunks()
            .iter()
            .filter(|(file, _)| index.is_here(**file) && !within.contains(*file));
        let mut there = others.flat_map(|(_, chunk)| &chunk.items);
        !there.any(|other| item.names.contains(&other.id))
    }
}

/// Puts many small chunks, and those with much in them that goes, into new ones; how many.
fn bundle(shared: &Shared, index: &mut Index, now: u64) -> Result<usize, TransportError> {
    let own = own(index, shared);
    let copied = copied(&own);
    let left = own.iter().filter(|(file, chunk)| {
        index.spare_since(*file).is_none()
            && !chunk.items.iter().all(|item| copied.contains(&(*file, item.key)))
    });
    let waste = |file: FileId, chunk: &KnownChunk| {
        let over = chunk.items.iter().filter(|item| is_over(index, item.id, now)).count();
        let (over, all) = (over as u64, chunk.items.len().max(1) as u64);
        index.len_of(file).saturating_mul(over) / all
    };
    let small: Vec<FileId> = left
        .clone()
        .filter(|(file, _)| index.len_of(*file) < SMALL)
        .map(|(file, _)| *file)
        .collect();
    let wasteful = left.clone().filter(|(file, chunk)| {
        let wasted = waste(*file, chunk);
        wasted >= WASTE && wasted < index.len_of(*file)
    });
    let mut chosen: Vec<FileId> = wasteful.map(|(file, _)| *file).collect();
    if small.len() >= MANY {
        chosen.extend(small);
    }
    let order: BTreeMap<_, _> = own.iter().map(|(file, chunk)| (*file, chunk.number)).collect();
    chosen.sort_by_key(|file| order.get(file).copied());
    chosen.dedup();
    let mut bundled = 0;
    while let Some(taken) = bundle_once(shared, index, &mut chosen, now)? {
        bundled += taken;
    }
    Ok(bundled)
}

/// Writes one bundle of the first of `chosen`, which are taken out; how many, or none if none is left.
fn bundle_once(
    shared: &Shared,
    index: &mut Index,
    chosen: &mut Vec<FileId>,
    now: u64,
) -> Result<Option<usize>, TransportError> {
    let (mut records, mut bytes, mut taken) = (Vec::<Record>::new(), 0, 0);
    let mut seen = BTreeSet::new();
    while let Some(file) = chosen.first().copied() {
        if bytes > 0 && bytes + usize::try_from(index.len_of(file)).unwrap_or(usize::MAX) > BUNDLE {
            break;
        }
        chosen.remove(0);
        // One that cannot be read now stays as it is.
        let (Some(mut held), Some(chunk)) =
            (records_of(shared, index, file), index.chunks().get(&file))
        else {
            continue;
        };
        taken += 1;
        let stays = |item: &&Item| !goes(index, item, &BTreeSet::from([file]), now);
        for item in chunk.items.iter().filter(stays) {
            if let Some(record) = held.remove(&item.key).filter(|_| seen.insert(item.key)) {
                bytes += record.stored_len();
                records.push(record);
            }
        }
    }
    if taken == 0 {
        return Ok(None);
    }
    if !records.is_empty() {
        write_chunk(shared, index, records)?;
    }
    Ok(Some(taken))
}

/// Records of a chunk that lie in one of this laptop's with a higher number as well.
fn copied(own: &[(FileId, KnownChunk)]) -> BTreeSet<(FileId, Key)> {
    let mut later = BTreeSet::new();
    let mut copied = BTreeSet::new();
    for (file, chunk) in own.iter().rev() {
        for item in &chunk.items {
            if later.contains(&item.key) {
                copied.insert((*file, item.key));
            }
        }
        later.extend(chunk.items.iter().map(|item| item.key));
    }
    copied
}

/// Deletes chunks in which nothing is needed, a day after that was found.
fn sweep(shared: &Shared, index: &mut Index, now: u64) -> Result<usize, TransportError> {
    let own = own(index, shared);
    let copied = copied(&own);
    let mut deleted = 0;
    for (file, chunk) in &own {
        let within = BTreeSet::from([*file]);
        let needed = chunk
            .items
            .iter()
            .any(|item| !copied.contains(&(*file, item.key)) && !goes(index, item, &within, now));
        deleted += usize::from(spare(shared, index, *file, (needed, SPARE_MS), now)?);
    }
    Ok(deleted)
}

/// Deletes vaults that this laptop wrote and that were merged into others a month ago.
fn sweep_vaults(shared: &Shared, index: &mut Index, now: u64) -> Result<usize, TransportError> {
    let ends = revisions::ends(index);
    let own = index
        .vaults()
        .iter()
        .filter(|(file, vault)| vault.writer == shared.place.device && index.is_here(**file));
    let own: Vec<FileId> = own.map(|(file, _)| *file).collect();
    let mut deleted = 0;
    for file in own {
        let needed = ends.contains(&file);
        deleted += usize::from(spare(shared, index, file, (needed, KEEP_MS), now)?);
    }
    Ok(deleted)
}

/// Deletes a file if it has not been needed for so long; whether it did.
fn spare(
    shared: &Shared,
    index: &mut Index,
    file: FileId,
    (needed, time): (bool, u64),
    now: u64,
) -> Result<bool, TransportError> {
    if needed {
        index.set_spare(file, None);
        return Ok(false);
    }
    let since = index.spare_since(file).filter(|since| *since <= now).unwrap_or(now);
    index.set_spare(file, Some(since));
    if now.saturating_sub(since) < time {
        return Ok(false);
    }
    for name in index.names_of(file) {
        shared.disk.delete(&name)?;
    }
    index.deleted(file);
    Ok(true)
}
