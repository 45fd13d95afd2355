//! What this laptop has seen in the folder: the local cursor, spelt out.
//!
//! **Invariants:** a record gets its position when this laptop first sees it, and the position grows; what was handed over
//! once keeps its position for as long as it is known. What was not handed over and went away is forgotten, so it gets a new
//! position when it comes back. All of it is on this laptop's disk before anything is answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;

use seshat_protocol::{AccountId, Bytes32, DeviceId, Digest, Record, RecordId};
use sha2::{Digest as _, Sha256};

use super::bytes::{Content, FileId, Key};
use super::disk::{Disk, Files, Stamp};
use super::log::{Item, Line, Log};
use crate::TransportError;

/// So long a file that cannot be used is looked at again even if it looks the same, in milliseconds: some programs give a
/// file its length and its time before its content.
const UNSETTLED_MS: u64 = 60 * 60 * 1000;
/// The list is written anew when it has so many more lines than it needs.
const SURPLUS: usize = 20_000;

/// A chunk that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KnownChunk {
    pub(crate) writer: DeviceId,
    pub(crate) number: u64,
    pub(crate) whole: bool,
    pub(crate) items: Vec<Item>,
}

/// A vault that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KnownVault {
    pub(crate) writer: DeviceId,
    pub(crate) merged: BTreeSet<FileId>,
}

/// What must not change between two looks: a list of another folder is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Home {
    pub(crate) account: AccountId,
    /// The folder's path.
    pub(crate) root: String,
    /// Where the list lies.
    pub(crate) path: PathBuf,
    /// What a new list is called.
    pub(crate) epoch: String,
}

/// A file that holds nothing that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Useless {
    stamp: Stamp,
    since: u64,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Index {
    log: Log,
    /// What happened and is not in the list yet.
    unwritten: Vec<Line>,
    home: Home,
    epoch: String,
    last: u64,
    chunks: BTreeMap<FileId, KnownChunk>,
    vaults: BTreeMap<FileId, KnownVault>,
    files: BTreeMap<String, (Stamp, FileId)>,
    away: BTreeMap<FileId, u64>,
    spare: BTreeMap<FileId, u64>,
    replaced: BTreeMap<RecordId, u64>,
    /// Where a record is, whole or away, and its place.
    keys: HashMap<Key, (u64, BTreeSet<FileId>)>,
    order: BTreeMap<u64, Key>,
    useless: BTreeMap<String, Useless>,
    digest: Option<Digest>,
}

impl Index {
    /// The list of this folder; a new one where there is none, or one of another folder.
    pub(crate) fn open(home: Home) -> io::Result<Self> {
        let (log, lines) = Log::open(home.path.clone())?;
        let (account, root) = (home.account, home.root.clone());
        let mut index = Self::empty(log, home);
        let fits = matches!(
            lines.first(),
            Some(Line::Began { account: its, root: at, .. }) if *its == account && *at == root
        );
        if fits {
            lines.into_iter().for_each(|line| index.apply(line));
        } else {
            index.begin_again()?;
        }
        Ok(index)
    }

    fn empty(log: Log, home: Home) -> Self {
        Self {
            log,
            unwritten: Vec::new(),
            epoch: home.epoch.clone(),
            home,
            last: 0,
            chunks: BTreeMap::new(),
            vaults: BTreeMap::new(),
            files: BTreeMap::new(),
            away: BTreeMap::new(),
            spare: BTreeMap::new(),
            replaced: BTreeMap::new(),
            keys: HashMap::new(),
            order: BTreeMap::new(),
            useless: BTreeMap::new(),
            digest: None,
        }
    }

    fn note(&mut self, line: Line) {
        self.unwritten.push(line.clone());
        self.apply(line);
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::Began { epoch, last, .. } => (self.epoch, self.last) = (epoch, last),
            Line::Chunk { file, writer, number, whole, items } => {
                self.digest = None;
                self.drop_chunk(file);
                for item in &items {
                    self.last = self.last.max(item.position);
                    let known =
                        self.keys.entry(item.key).or_insert((item.position, BTreeSet::new()));
                    known.1.insert(file);
                    self.order.insert(known.0, item.key);
                }
                self.chunks.insert(file, KnownChunk { writer, number, whole, items });
            }
            Line::Vault { file, writer, merged } => {
                let merged = merged.into_iter().collect();
                self.vaults.insert(file, KnownVault { writer, merged });
            }
            Line::File { name, len, modified, file } => {
                self.files.insert(name, (Stamp { len, modified }, file));
            }
            Line::NoFile { name } => {
                self.files.remove(&name);
            }
            Line::Away { file, since } => {
                self.away.insert(file, since);
            }
            Line::Here { file } => {
                self.away.remove(&file);
            }
            Line::Spare { file, since } => {
                self.spare.insert(file, since);
            }
            Line::Needed { file } => {
                self.spare.remove(&file);
            }
            Line::Replaced { ids, since } => {
                self.replaced.extend(ids.into_iter().map(|id| (id, since)));
            }
            Line::Counts { ids } => self.replaced.retain(|id, _| !ids.contains(id)),
            Line::Forgotten { file } => self.forget_all(file),
        }
    }

    fn forget_all(&mut self, file: FileId) {
        self.digest = None;
        self.drop_chunk(file);
        self.vaults.remove(&file);
        self.away.remove(&file);
        self.spare.remove(&file);
        self.files.retain(|_, (_, held)| *held != file);
    }

    fn drop_chunk(&mut self, file: FileId) {
        let Some(chunk) = self.chunks.remove(&file) else { return };
        for item in chunk.items {
            let Some((position, holders)) = self.keys.get_mut(&item.key) else { continue };
            holders.remove(&file);
            if holders.is_empty() {
                let position = *position;
                self.keys.remove(&item.key);
                self.order.remove(&position);
            }
        }
    }

    /// Puts what happened onto the disk.
    pub(crate) fn save(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.unwritten);
        self.log.add(&lines)?;
        if self.log.lines > SURPLUS + 2 * self.needed().len() {
            let needed = self.needed();
            self.log.begin_again(&needed)?;
        }
        Ok(())
    }

    /// The list as it would be if everything had happened just now.
    fn needed(&self) -> Vec<Line> {
        let Home { account, root, .. } = self.home.clone();
        let mut lines =
            vec![Line::Began { account, root, epoch: self.epoch.clone(), last: self.last }];
        lines.extend(self.chunks.iter().map(|(file, chunk)| Line::Chunk {
            file: *file,
            writer: chunk.writer,
            number: chunk.number,
            whole: chunk.whole,
            items: chunk.items.clone(),
        }));
        lines.extend(self.vaults.iter().map(|(file, vault)| Line::Vault {
            file: *file,
            writer: vault.writer,
            merged: vault.merged.iter().copied().collect(),
        }));
        lines.extend(self.files.iter().map(|(name, (stamp, file))| Line::File {
            name: name.clone(),
            len: stamp.len,
            modified: stamp.modified,
            file: *file,
        }));
        let since = |file: &FileId, since: &u64| (*file, *since);
        let away = self.away.iter().map(|(file, at)| since(file, at));
        lines.extend(away.map(|(file, since)| Line::Away { file, since }));
        let spare = self.spare.iter().map(|(file, at)| since(file, at));
        lines.extend(spare.map(|(file, since)| Line::Spare { file, since }));
        let replaced = self.replaced.iter().map(|(id, at)| (vec![*id], *at));
        lines.extend(replaced.map(|(ids, since)| Line::Replaced { ids, since }));
        lines
    }

    fn begin_again(&mut self) -> io::Result<()> {
        self.unwritten.clear();
        let needed = self.needed();
        self.log.begin_again(&needed)
    }

    /// What is here is seen for the first time, in the order in which it was: for a laptop that reads everything again.
    pub(crate) fn start_over(&mut self) -> io::Result<()> {
        if self.away.is_empty() && to_u64(self.order.len()) == self.last {
            return Ok(());
        }
        let gone: Vec<FileId> = self.away.keys().copied().collect();
        gone.into_iter().for_each(|file| self.forget_all(file));
        let order: Vec<Key> = self.order.values().copied().collect();
        self.order = order.iter().zip(1..).map(|(key, position)| (position, *key)).collect();
        self.last = self.order.last_key_value().map_or(0, |(position, _)| *position);
        for (position, key) in &self.order {
            if let Some(known) = self.keys.get_mut(key) {
                known.0 = *position;
            }
        }
        for item in self.chunks.values_mut().flat_map(|chunk| &mut chunk.items) {
            item.position = self.keys.get(&item.key).map_or(0, |known| known.0);
        }
        self.begin_again()
    }
}

/// Looking.
impl Index {
    /// Brings the index up to what lies there now.
    pub(crate) fn look(&mut self, disk: &Disk, now: u64) -> Result<(), TransportError> {
        let files = disk.files()?;
        let gone: Vec<_> =
            self.files.keys().filter(|name| !files.contains_key(*name)).cloned().collect();
        gone.into_iter().for_each(|name| self.note(Line::NoFile { name }));
        self.useless.retain(|name, _| files.contains_key(name));
        for (name, stamp) in &files {
            if self.is_to_be_read((name, *stamp), now) {
                self.read(disk, (name, *stamp), now);
            }
        }
        self.see_who_is_away(&files, now);
        Ok(())
    }

    fn is_to_be_read(&self, (name, stamp): (&str, Stamp), now: u64) -> bool {
        if let Some((known, file)) = self.files.get(name) {
            let whole = self.chunks.get(file).is_none_or(|chunk| chunk.whole);
            return *known != stamp || !whole;
        }
        self.useless.get(name).is_none_or(|useless| {
            useless.stamp != stamp || now.saturating_sub(useless.since) < UNSETTLED_MS
        })
    }

    fn read(&mut self, disk: &Disk, (name, stamp): (&str, Stamp), now: u64) {
        let content = disk.read(name).and_then(|bytes| Content::of(&bytes));
        let of_account = content.filter(|(_, content)| content.account() == self.home.account);
        // What changed while it was read is read again the next time.
        let settled = disk.stamp(name) == Some(stamp);
        let (Some((file, content)), true) = (of_account, settled) else {
            if self.files.contains_key(name) {
                self.note(Line::NoFile { name: name.to_owned() });
            }
            let useless =
                self.useless.entry(name.to_owned()).or_insert(Useless { stamp, since: now });
            useless.stamp = stamp;
            return;
        };
        self.useless.remove(name);
        self.take(file, &content);
        let Stamp { len, modified } = stamp;
        self.note(Line::File { name: name.to_owned(), len, modified, file });
    }

    /// Takes in what a file holds.
    pub(crate) fn take(&mut self, file: FileId, content: &Content) {
        match content {
            Content::Chunk(chunk) if self.chunks.get(&file).is_none_or(|known| !known.whole) => {
                let items = self.items_of(&chunk.records);
                let (writer, number) = (chunk.writer, chunk.number);
                self.note(Line::Chunk { file, writer, number, whole: true, items });
            }
            Content::Vault(vault) if !self.vaults.contains_key(&file) => {
                let (writer, merged) = (vault.writer, vault.merged.clone());
                self.note(Line::Vault { file, writer, merged });
            }
            Content::Chunk(_) | Content::Vault(_) => {}
        }
        if self.away.contains_key(&file) {
            self.note(Line::Here { file });
        }
    }

    fn items_of(&self, records: &[Record]) -> Vec<Item> {
        let mut last = self.last;
        let mut new = HashMap::new();
        let item = |record: &Record| {
            let key = Key::of(record);
            let known = self.keys.get(&key).map(|known| known.0);
            let position = known.unwrap_or_else(|| {
                *new.entry(key).or_insert_with(|| {
                    last += 1;
                    last
                })
            });
            let names: BTreeSet<_> =
                record.replaces.iter().copied().filter(|name| *name != record.id).collect();
            Item { key, id: record.id, names: names.into_iter().collect(), position }
        };
        records.iter().map(item).collect()
    }

    /// A file that this laptop has just written.
    pub(crate) fn wrote(
        &mut self,
        name: String,
        stamp: Stamp,
        (file, content): (FileId, &Content),
    ) {
        self.take(file, content);
        let Stamp { len, modified } = stamp;
        self.note(Line::File { name, len, modified, file });
    }

    /// A file that this laptop has just deleted, and what it held.
    pub(crate) fn deleted(&mut self, file: FileId) {
        self.note(Line::Forgotten { file });
    }

    fn see_who_is_away(&mut self, files: &Files, now: u64) {
        let here: BTreeSet<FileId> = self
            .files
            .iter()
            .filter(|(name, _)| files.contains_key(*name))
            .map(|(_, (_, file))| *file)
            .collect();
        let known: Vec<FileId> = self.chunks.keys().chain(self.vaults.keys()).copied().collect();
        for file in known {
            match (here.contains(&file), self.away.get(&file)) {
                (true, Some(_)) => self.note(Line::Here { file }),
                // A clock that was set back begins anew.
                (false, since) if since.is_none_or(|since| *since > now) => {
                    self.note(Line::Away { file, since: now });
                }
                _ => {}
            }
        }
    }
}

/// Asking.
impl Index {
    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The highest position that was ever given.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn chunks(&self) -> &BTreeMap<FileId, KnownChunk> {
        &self.chunks
    }

    pub(crate) fn vaults(&self) -> &BTreeMap<FileId, KnownVault> {
        &self.vaults
    }

    pub(crate) fn is_here(&self, file: FileId) -> bool {
        !self.away.contains_key(&file)
    }

    /// Whether it has been away for so long.
    pub(crate) fn is_away_for(&self, file: FileId, time: u64, now: u64) -> bool {
        self.away.get(&file).is_some_and(|since| now.saturating_sub(*since) >= time)
    }

    /// Under which names a file's content lies there.
    pub(crate) fn names_of(&self, file: FileId) -> Vec<String> {
        let names = self.files.iter().filter(|(_, (_, held))| *held == file);
        names.map(|(name, _)| name.clone()).collect()
    }

    /// Bytes of a file.
    pub(crate) fn len_of(&self, file: FileId) -> u64 {
        let found = self.files.values().find(|(_, held)| *held == file);
        found.map_or(0, |(stamp, _)| stamp.len)
    }

    /// Files that can be used, their bytes, and files that cannot.
    pub(crate) fn totals(&self) -> (usize, u64, usize) {
        let bytes = self.files.values().map(|(stamp, _)| stamp.len).sum();
        (self.files.len(), bytes, self.useless.len())
    }

    /// Whether a record lies there now.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.keys.get(&key).is_some_and(|known| known.1.iter().any(|file| self.is_here(*file)))
    }

    /// The next record behind a position, and the files that hold it now.
    pub(crate) fn next(&self, cursor: u64) -> Option<(u64, Key, Vec<FileId>)> {
        let (position, key) = self.order.range(cursor.checked_add(1)?..).next()?;
        let holders = self.keys.get(key).map(|known| &known.1).into_iter().flatten();
        Some((*position, *key, holders.copied().filter(|file| self.is_here(*file)).collect()))
    }

    /// What nobody can read now and was not handed over is seen anew when it comes back.
    pub(crate) fn forget_behind(&mut self, cursor: u64, key: Key) {
        let holders = self.keys.get(&key).map(|known| known.1.clone()).unwrap_or_default();
        for file in holders {
            let Some(chunk) = self.chunks.get(&file) else { continue };
            let items: Vec<_> =
                chunk.items.iter().filter(|item| item.position <= cursor).cloned().collect();
            if items.is_empty() {
                self.note(Line::Forgotten { file });
            } else {
                let (writer, number) = (chunk.writer, chunk.number);
                self.note(Line::Chunk { file, writer, number, whole: false, items });
            }
        }
    }

    /// Every record that no other one names, leaving some chunks out.
    pub(crate) fn live_without(&self, left_out: &BTreeSet<FileId>) -> BTreeSet<RecordId> {
        let items = || {
            let chunks = self.chunks.iter().filter(|(file, _)| !left_out.contains(*file));
            chunks.flat_map(|(_, chunk)| &chunk.items)
        };
        let named: BTreeSet<RecordId> = items().flat_map(|item| &item.names).copied().collect();
        items().map(|item| item.id).filter(|id| !named.contains(id)).collect()
    }

    /// Over all records that are known and that none of them names.
    pub(crate) fn digest(&mut self) -> Digest {
        if let Some(digest) = self.digest {
            return digest;
        }
        let mut digest = Digest { count: 0, xor: Bytes32([0; 32]) };
        for id in self.live_without(&BTreeSet::new()) {
            digest.count += 1;
            let hash = Sha256::digest(id.0);
            digest.xor.0.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
        }
        self.digest = Some(digest);
        digest
    }

    /// Chunks that have been away for so long.
    pub(crate) fn lost(&self, time: u64, now: u64) -> BTreeSet<FileId> {
        let chunks = self.chunks.keys().copied();
        chunks.filter(|file| self.is_away_for(*file, time, now)).collect()
    }
}

/// What tidying remembers.
impl Index {
    /// Since when nothing in a file is needed.
    pub(crate) fn spare_since(&self, file: FileId) -> Option<u64> {
        self.spare.get(&file).copied()
    }

    pub(crate) fn set_spare(&mut self, file: FileId, since: Option<u64>) {
        match since {
            Some(since) if self.spare.get(&file) != Some(&since) => {
                self.note(Line::Spare { file, since });
            }
            None if self.spare.contains_key(&file) => self.note(Line::Needed { file }),
            _ => {}
        }
    }

    /// Since when a record may be removed.
    pub(crate) fn replaced_since(&self, id: RecordId) -> Option<u64> {
        self.replaced.get(&id).copied()
    }

    /// These may be removed, and no others.
    pub(crate) fn set_replaced(&mut self, ids: &BTreeSet<RecordId>, now: u64) {
        // A clock that was set back begins anew.
        let known = |id: &RecordId| self.replaced.get(id).is_some_and(|since| *since <= now);
        let new: Vec<_> = ids.iter().copied().filter(|id| !known(id)).collect();
        let gone: Vec<_> = self.replaced.keys().copied().filter(|id| !ids.contains(id)).collect();
        if !new.is_empty() {
            self.note(Line::Replaced { ids: new, since: now });
        }
        if !gone.is_empty() {
            self.note(Line::Counts { ids: gone });
        }
    }
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl Content {
    fn account(&self) -> AccountId {
        match self {
            Self::Chunk(chunk) => chunk.account,
            Self::Vault(vault) => vault.account,
        }
    }
}
