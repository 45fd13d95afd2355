//! The folder's side of a round: what a server would answer.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, TryLockError};
use std::time::Duration;

use seshat_protocol::{
    Blob, Bytes32, ChangedRecord, Changes, PushOutcome, PushRequest, PushResponse, PushResult,
    Record, VaultReply, VaultUpdate, VaultUpdated, limits,
};

use super::bytes::{Chunk, Content, FileId, Key, VaultFile, file_id};
use super::index::Index;
use super::revisions::{self, Next, Revision};
use super::{FolderTransport, SETTLE_MS, Shared, blobs, disk, here};
use crate::{Answer, Carried, OfflineReason, PageRequest, Transport, TransportError, VaultFetched};

/// So long one request may take: a share whose server has gone would hang for ever.
const WHOLE: Duration = Duration::from_secs(120);

impl FolderTransport {
    /// Does work with files where it keeps nobody else waiting.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, TransportError> + Send + 'static,
    ) -> Result<T, TransportError> {
        let shared = Arc::clone(&self.shared);
        if shared.index.try_lock().is_err_and(|error| matches!(error, TryLockError::WouldBlock)) {
            // An earlier request still hangs in the folder.
            return Err(hangs());
        }
        let done = tokio::task::spawn_blocking(move || work(&shared));
        match tokio::time::timeout(WHOLE, done).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(TransportError::Nonsense { what: "work with the folder stopped" }),
            Err(_) => Err(hangs()),
        }
    }
}

fn hangs() -> TransportError {
    TransportError::Offline { reason: OfflineReason::TimedOut, source: None }
}

impl Transport for FolderTransport {
    fn vault<'a>(&'a self, known: Option<&'a str>) -> Answer<'a, VaultFetched> {
        let known = known.map(Revision::parse).unwrap_or_default();
        Box::pin(
            self.apart(move |shared| shared.with(|shared, index| vault(shared, index, &known))),
        )
    }

    fn put_vault<'a>(
        &'a self,
        update: &'a VaultUpdate,
        revision: &'a str,
    ) -> Answer<'a, VaultUpdated> {
        let (blob, revision) = (update.vault.0.clone(), Revision::parse(revision));
        Box::pin(self.apart(move |shared| {
            shared.with(|shared, index| put_vault(shared, index, blob, &revision))
        }))
    }

    fn push<'a>(&'a self, request: &'a PushRequest) -> Answer<'a, PushResponse> {
        let records = request.records.clone();
        Box::pin(
            self.apart(move |shared| shared.with(|shared, index| push(shared, index, records))),
        )
    }

    fn carry_blob<'a>(&'a self, hash: Bytes32, sealed: Option<&'a [u8]>) -> Answer<'a, Carried> {
        let sealed = sealed.map(<[u8]>::to_vec);
        Box::pin(self.apart(move |shared| blobs::carry(&shared.disk, hash, sealed.as_deref())))
    }

    fn blob(&self, hash: Bytes32) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(self.apart(move |shared| Ok(blobs::fetch(&shared.disk, hash))))
    }

    fn changes(&self, page: PageRequest) -> Answer<'_, Changes> {
        Box::pin(
            self.apart(move |shared| shared.with(|shared, index| changes(shared, index, page))),
        )
    }
}

fn vault(
    shared: &Shared,
    index: &mut Index,
    known: &Revision,
) -> Result<VaultFetched, TransportError> {
    index.look(&shared.disk, shared.now())?;
    let (file, revision) = match revisions::next(index, known, SETTLE_MS, shared.now()) {
        Next::Nothing => return Err(disk::away(None)),
        Next::Known => return Ok(VaultFetched::NotModified),
        Next::Merge(file, revision) | Next::SetBack(file, revision) => (file, revision),
    };
    match read(shared, index, file) {
        Some(Content::Vault(vault)) => {
            let reply = VaultReply { revision: revision.text(), vault: Blob(vault.blob) };
            Ok(VaultFetched::Reply(reply))
        }
        _ => Err(disk::away(None)),
    }
}

fn put_vault(
    shared: &Shared,
    index: &mut Index,
    blob: Vec<u8>,
    revision: &Revision,
) -> Result<VaultUpdated, TransportError> {
    if blob.len() > limits::VAULT_BYTES {
        return Err(TransportError::TooMuch { limit: limits::VAULT_BYTES });
    }
    index.look(&shared.disk, shared.now())?;
    if !revisions::may_put(index, revision) {
        return Err(TransportError::VaultChanged);
    }
    let (account, writer) = (shared.place.account, shared.place.device);
    let merged = revisions::merged_by(index, revision);
    let content = Content::Vault(VaultFile { account, writer, merged, blob });
    let bytes = content.to_bytes();
    let id = file_id(&bytes).expect("what was just written ends with its hash");
    let name = shared.disk.write_vault((id, &bytes))?;
    if let Some(stamp) = shared.disk.stamp(&name) {
        index.wrote(name, stamp, (id, &content));
    }
    Ok(VaultUpdated { revision: Revision::of([id]).text(), receipt: None })
}

fn push(
    shared: &Shared,
    index: &mut Index,
    records: Vec<Record>,
) -> Result<PushResponse, TransportError> {
    // What went away a moment ago has to be written again.
    index.look(&shared.disk, shared.now())?;
    let mut new = Vec::new();
    let mut results = Vec::with_capacity(records.len());
    for record in records {
        let is_known = index.has(Key::of(&record));
        let outcome = if is_known { PushOutcome::Known } else { PushOutcome::Stored };
        results.push(PushResult { id: record.id, outcome });
        if !is_known {
            new.push(record);
        }
    }
    if !new.is_empty() {
        write_chunk(shared, index, new)?;
    }
    Ok(PushResponse { results, head: index.last(), epoch: index.epoch().to_owned() })
}

/// Writes records as one file of this laptop's.
pub(crate) fn write_chunk(
    shared: &Shared,
    index: &mut Index,
    records: Vec<Record>,
) -> Result<FileId, TransportError> {
    let (account, writer) = (shared.place.account, shared.place.device);
    let own = index.chunks().values().filter(|chunk| chunk.writer == writer);
    let number = own.map(|chunk| chunk.number).max().unwrap_or(0).saturating_add(1);
    let content = Content::Chunk(Chunk { account, writer, number, records });
    let bytes = content.to_bytes();
    let id = file_id(&bytes).expect("what was just written ends with its hash");
    let name = shared.disk.write_chunk(writer, number, (id, &bytes))?;
    if let Some(stamp) = shared.disk.stamp(&name) {
        index.wrote(name, stamp, (id, &content));
    }
    Ok(id)
}

fn changes(
    shared: &Shared,
    index: &mut Index,
    page: PageRequest,
) -> Result<Changes, TransportError> {
    if index.next(page.cursor).is_none() || page.cursor == 0 {
        index.look(&shared.disk, shared.now())?;
    }
    if page.cursor == 0 {
        // Everything is read again, and so counts only if it is there now.
        index.start_over().map_err(here)?;
    } else if let Some(forgotten) = forgotten(shared, index) {
        let head = page.cursor.saturating_sub(forgotten);
        return Ok(Changes {
            records: Vec::new(),
            next: head,
            has_more: false,
            head,
            epoch: index.epoch().to_owned(),
            digest: index.digest(),
        });
    }
    let records = gather(shared, index, page);
    let end = records.last().map_or(page.cursor, |record| record.position);
    let has_more = index.next(end).is_some();
    Ok(Changes {
        next: if has_more { end } else { index.last() },
        has_more,
        records,
        head: index.last(),
        epoch: index.epoch().to_owned(),
        digest: index.digest(),
    })
}

/// How many records the folder had, has no more, and should have; 0 is none. What went and is not missed, because others
/// hold it or contain it, is forgotten.
fn forgotten(shared: &Shared, index: &mut Index) -> Option<u64> {
    let lost = index.lost(SETTLE_MS, shared.now());
    if lost.is_empty() {
        return None;
    }
    let (before, after) = (index.live_without(&BTreeSet::new()), index.live_without(&lost));
    if before == after {
        lost.into_iter().for_each(|file| index.deleted(file));
        return None;
    }
    let missed = before.symmetric_difference(&after).count();
    Some(u64::try_from(missed).unwrap_or(u64::MAX).max(1))
}

/// A page's records.
fn gather(shared: &Shared, index: &mut Index, page: PageRequest) -> Vec<ChangedRecord> {
    let mut records = Vec::new();
    let (mut end, mut bytes) = (page.cursor, 0);
    // Records of one file mostly follow one another.
    let mut open: Option<(FileId, HashMap<Key, Record>)> = None;
    while let Some((position, key, holders)) = index.next(end) {
        if records.len() >= page.limit {
            break;
        }
        let held = |open: &Option<(FileId, _)>| {
            open.as_ref().is_some_and(|(file, _)| holders.contains(file))
        };
        if !held(&open) {
            open = holders.iter().find_map(|file| Some((*file, records_of(shared, index, *file)?)));
        }
        let found = open.as_ref().and_then(|(_, records)| records.get(&key));
        let Some(record) = found else {
            index.forget_behind(end, key);
            continue;
        };
        bytes += record.stored_len();
        if bytes > page.max_bytes && !records.is_empty() {
            break;
        }
        records.push(ChangedRecord { position, record: record.clone() });
        end = position;
    }
    records
}

/// A chunk's records, if it can be read now.
pub(crate) fn records_of(
    shared: &Shared,
    index: &Index,
    file: FileId,
) -> Option<HashMap<Key, Record>> {
    match read(shared, index, file)? {
        Content::Chunk(chunk) => {
            Some(chunk.records.into_iter().map(|record| (Key::of(&record), record)).collect())
        }
        Content::Vault(_) => None,
    }
}

/// A file by its content, under whichever of its names it can be read.
fn read(shared: &Shared, index: &Index, file: FileId) -> Option<Content> {
    index.names_of(file).iter().find_map(|name| {
        let (id, content) = Content::of(&shared.disk.read(name)?)?;
        (id == file).then_some(content)
    })
}
