//! Records that others replace: what is marked, and what may go after a while.
//!
//! **Invariants:** a record is marked exactly while a record that is here names it, whichever of the two came first.
//! Only marked records are purged, and only below one that is not: a ring of records that name each other stays for
//! ever. A record that names others stays until none of them is here, so no mark and no digest changes by purging;
//! and until a record that names it is marked itself, so the last two snapshots of everything stay.
//!
//! A sweep takes one account at a time, under its lock: a record that came back between the look and the removal
//! would be marked by something that is no longer here.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::{Client, Pool, Transaction};
use seshat_protocol::{Digest, Record, RecordId};
use sha2::{Digest as _, Sha256};

use super::pool::{self, Failure, execute, rows};
use super::rows::{bytes, number, stored};
use crate::meta::{Sweep, Swept};

/// Records that one step of a sweep removes at most, and looks at.
const REMOVED: usize = 256;
const LOOKED_AT: usize = 2048;

/// Records of an account have just been given their positions: the digest and the marks follow.
pub(super) async fn arrived(
    transaction: &Transaction<'_>,
    account: i64,
    new: &[(u64, &Record)],
    now: u64,
    digest: &mut Digest,
) -> Result<(), Failure> {
    let mut touched: BTreeSet<RecordId> = BTreeSet::new();
    let (mut names, mut positions): (Vec<RecordId>, Vec<i64>) = (Vec::new(), Vec::new());
    for (position, record) in new {
        include(digest, record.id);
        touched.insert(record.id);
        for name in names_of(record) {
            touched.insert(name);
            names.push(name);
            positions.push(stored(*position));
        }
    }
    if !names.is_empty() {
        let names: Vec<&[u8]> = names.iter().map(|name| name.0.as_slice()).collect();
        let sql = "INSERT INTO named (account, id, position)
             SELECT $1::BIGINT, new.* FROM UNNEST($2::BYTEA[], $3::BIGINT[]) AS new";
        execute(transaction, sql, &[&account, &names, &positions]).await?;
    }
    let touched: Vec<&[u8]> = touched.iter().map(|id| id.0.as_slice()).collect();
    let sql = "UPDATE records SET replaced_at = $3
         WHERE account = $1 AND id = ANY($2) AND replaced_at IS NULL
            AND EXISTS (SELECT 1 FROM named n WHERE n.account = $1 AND n.id = records.id)
         RETURNING id";
    for marked in rows(transaction, sql, &[&account, &touched, &stored(now)]).await? {
        exclude(digest, RecordId(bytes(&marked, 0)?));
    }
    Ok(())
}

/// What a record names: each once, and never itself.
fn names_of(record: &Record) -> BTreeSet<RecordId> {
    record.replaces.iter().copied().filter(|name| *name != record.id).collect()
}

fn include(digest: &mut Digest, id: RecordId) {
    digest.count = digest.count.wrapping_add(1);
    fold(digest, id);
}

fn exclude(digest: &mut Digest, id: RecordId) {
    digest.count = digest.count.wrapping_sub(1);
    fold(digest, id);
}

fn fold(digest: &mut Digest, id: RecordId) {
    digest.xor.0.iter_mut().zip(Sha256::digest(id.0)).for_each(|(byte, hashed)| *byte ^= hashed);
}

/// A marked record, as a sweep looks at it.
struct Marked {
    position: i64,
    id: RecordId,
    size: u64,
}

/// Marked records of one account, to be looked at in the order of their positions.
struct Batch {
    account: i64,
    naming: bool,
    records: Vec<Marked>,
    /// Records that may be removed at most.
    room: usize,
}

/// What came of a [`Batch`].
struct Done {
    records: u64,
    bytes: u64,
    /// The position behind which there was no room left.
    stopped: Option<i64>,
}

/// One step: first over what names nothing, then over what names others, each in the order of accounts and positions.
pub(super) async fn sweep(pool: &Pool, before: u64, at: Sweep) -> Result<Swept, Failure> {
    let asked = (before, at);
    let found = pool::read(pool, &asked, |client, asked| Box::pin(step(client, asked))).await?;
    let looked_at: usize = found.values().map(Vec::len).sum();
    let mut swept = Swept::default();
    let mut next = at;
    for (account, records) in found {
        let room = REMOVED.saturating_sub(usize::try_from(swept.records).unwrap_or(usize::MAX));
        let last = records.last().map_or(0, |record| record.position);
        let batch = Batch { account, naming: at.naming, records, room };
        let done =
            pool::write(pool, &batch, |transaction, batch| Box::pin(clear(transaction, batch)));
        let done = done.await?;
        swept.records += done.records;
        swept.bytes += done.bytes;
        if let Some(stopped) = done.stopped {
            next.after = (account, stopped);
            swept.next = Some(next);
            return Ok(swept);
        }
        next.after = (account, last);
    }
    swept.next = match (looked_at < LOOKED_AT, at.naming) {
        (false, _) => Some(next),
        (true, false) => Some(Sweep { naming: true, after: Sweep::default().after }),
        (true, true) => None,
    };
    Ok(swept)
}

async fn step(
    client: &Client,
    (before, at): &(u64, Sweep),
) -> Result<BTreeMap<i64, Vec<Marked>>, Failure> {
    let sql = "SELECT account, position, id, size FROM records
         WHERE replaced_at IS NOT NULL AND replaced_at <= $1 AND (octet_length(replaces) > 0) = $2
           AND (account, position) > ($3, $4)
         ORDER BY account, position LIMIT $5";
    let limit = i64::try_from(LOOKED_AT).unwrap_or(i64::MAX);
    let (account, position) = at.after;
    let values = (stored(*before), at.naming);
    let found = rows(client, sql, &[&values.0, &values.1, &account, &position, &limit]).await?;
    let mut accounts: BTreeMap<i64, Vec<Marked>> = BTreeMap::new();
    for row in &found {
        let (position, id) = (row.try_get(1)?, RecordId(bytes(row, 2)?));
        let marked = Marked { position, id, size: number(row, 3)? };
        accounts.entry(row.try_get(0)?).or_default().push(marked);
    }
    Ok(accounts)
}

/// Removes what may go of a batch, under the account's lock.
async fn clear(transaction: &Transaction<'_>, batch: &Batch) -> Result<Done, Failure> {
    let sql = "SELECT 1 FROM accounts WHERE number = $1 FOR NO KEY UPDATE";
    rows(transaction, sql, &[&batch.account]).await?;
    let mut graph = Graph::read(transaction, batch).await?;
    let mut done = Done { records: 0, bytes: 0, stopped: None };
    let mut gone: Vec<i64> = Vec::new();
    let mut looked_at = None;
    for record in &batch.records {
        if gone.len() >= batch.room {
            // Nothing was looked at: the step goes on behind the account before this one.
            done.stopped = Some(looked_at.unwrap_or_else(|| record.position.saturating_sub(1)));
            break;
        }
        looked_at = Some(record.position);
        if graph.may_go(record, batch.naming) {
            graph.remove(record);
            gone.push(record.position);
            done.records += 1;
            done.bytes += record.size;
        }
    }
    if !gone.is_empty() {
        let sql = "DELETE FROM named WHERE account = $1 AND position = ANY($2)";
        execute(transaction, sql, &[&batch.account, &gone]).await?;
        let sql = "DELETE FROM blobs_named WHERE account = $1 AND position = ANY($2)";
        execute(transaction, sql, &[&batch.account, &gone]).await?;
        let sql = "DELETE FROM records WHERE account = $1 AND position = ANY($2)";
        execute(transaction, sql, &[&batch.account, &gone]).await?;
        let sql =
            "UPDATE accounts SET records = records - $2, bytes = bytes - $3 WHERE number = $1";
        let (records, bytes) = (stored(done.records), stored(done.bytes));
        execute(transaction, sql, &[&batch.account, &records, &bytes]).await?;
    }
    Ok(done)
}

/// Who names whom, as far as it matters to a batch.
#[derive(Default)]
struct Graph {
    /// Those of the batch that are still here; another sweep may have been faster.
    here: BTreeSet<i64>,
    /// Which records name this id: their ids, and whether they are marked.
    namers: BTreeMap<RecordId, BTreeMap<RecordId, bool>>,
    /// What is here and named by the record of this position.
    names: BTreeMap<i64, BTreeSet<RecordId>>,
}

impl Graph {
    async fn read(transaction: &Transaction<'_>, batch: &Batch) -> Result<Self, Failure> {
        let mut graph = Self::default();
        let positions: Vec<i64> = batch.records.iter().map(|record| record.position).collect();
        let sql = "SELECT position FROM records WHERE account = $1 AND position = ANY($2)";
        for row in rows(transaction, sql, &[&batch.account, &positions]).await? {
            graph.here.insert(row.try_get(0)?);
        }
        let mut to_look_at: BTreeSet<RecordId> =
            batch.records.iter().map(|record| record.id).collect();
        while !to_look_at.is_empty() {
            to_look_at = graph.read_namers(transaction, batch.account, to_look_at).await?;
        }
        if batch.naming {
            let sql = "SELECT n.position, n.id
                 FROM named n JOIN records r ON r.account = n.account AND r.id = n.id
                 WHERE n.account = $1 AND n.position = ANY($2)";
            for row in rows(transaction, sql, &[&batch.account, &positions]).await? {
                let id = RecordId(bytes(&row, 1)?);
                graph.names.entry(row.try_get(0)?).or_default().insert(id);
            }
        }
        Ok(graph)
    }

    /// Who names these; which of those have to be asked for next.
    async fn read_namers(
        &mut self,
        transaction: &Transaction<'_>,
        account: i64,
        of: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, Failure> {
        let ids: Vec<&[u8]> = of.iter().map(|id| id.0.as_slice()).collect();
        let sql = "SELECT n.id, r.id, r.replaced_at IS NOT NULL
             FROM named n JOIN records r ON r.account = n.account AND r.position = n.position
             WHERE n.account = $1 AND n.id = ANY($2)";
        let found = rows(transaction, sql, &[&account, &ids]).await?;
        self.namers.extend(of.into_iter().map(|id| (id, BTreeMap::new())));
        let mut marked_ones = BTreeSet::new();
        for row in &found {
            let (named, namer) = (RecordId(bytes(row, 0)?), RecordId(bytes(row, 1)?));
            let is_marked = row.try_get(2)?;
            self.namers.entry(named).or_default().insert(namer, is_marked);
            if is_marked {
                marked_ones.insert(namer);
            }
        }
        Ok(marked_ones.into_iter().filter(|namer| !self.namers.contains_key(namer)).collect())
    }

    fn may_go(&self, record: &Marked, names_others: bool) -> bool {
        let holds = self.names.get(&record.position).is_some_and(|names| !names.is_empty());
        if holds || !self.here.contains(&record.position) {
            return false;
        }
        let namers = self.namers.get(&record.id).into_iter().flatten();
        let mut counting = namers.filter(|(_, is_marked)| **is_marked || !names_others);
        counting.any(|(namer, is_marked)| self.is_anchored(*namer, *is_marked))
    }

    /// Whether the record is not marked, or one that names it is not, and so on.
    fn is_anchored(&self, namer: RecordId, is_marked: bool) -> bool {
        let mut seen = BTreeSet::new();
        let mut to_look_at = vec![(namer, is_marked)];
        while let Some((namer, is_marked)) = to_look_at.pop() {
            if !is_marked {
                return true;
            }
            if seen.insert(namer) {
                let further = self.namers.get(&namer).into_iter().flatten();
                to_look_at.extend(further.map(|(namer, is_marked)| (*namer, *is_marked)));
            }
        }
        false
    }

    /// What it named was not here, so nothing loses its namer; what named it holds on to one less.
    fn remove(&mut self, record: &Marked) {
        for names in self.names.values_mut() {
            names.remove(&record.id);
        }
    }
}
