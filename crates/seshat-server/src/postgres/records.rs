//! Records: stored once, numbered without a gap, read back in pages.
//!
//! **Invariant:** the account's row is locked before anything of it is looked at, and until the rows, the head and the
//! digest are committed together. The digest is that of the records that are not replaced. Nothing here deletes.
//!
//! A push asks a few times, not a few times for each record: the account waits for every journey to the database.

use std::collections::{HashMap, HashSet};

use deadpool_postgres::{Client, Transaction};
use seshat_protocol::{AccountId, Bytes32, DeviceId, Digest, PushOutcome, Record, RecordId};
use tokio_postgres::{Row, Statement};

use super::pool::{Failure, Values, execute, rows};
use super::rows::{HELD, bytes, held, loaded, number, slices, stored};
use super::{blobs, replaced};
use crate::meta::{Held, HeldChange, Page, PageRequest, Push, Pushed, has_room, reason, refusal};

/// An account while records are added to it.
struct Ledger {
    number: i64,
    head: u64,
    digest: Digest,
    records: u64,
    bytes: u64,
    quota: Option<u64>,
    is_locked: bool,
}

/// What is there already, as far as a push may meet it.
#[derive(Default)]
struct There {
    records: HashMap<RecordId, Held>,
    devices: HashSet<DeviceId>,
    sequences: HashSet<(DeviceId, u64)>,
    blobs: HashSet<Bytes32>,
}

pub(super) async fn push(
    transaction: &Transaction<'_>,
    push: &Push,
) -> Result<Option<Pushed>, Failure> {
    let Some((mut ledger, mut there)) = look(transaction, push).await? else { return Ok(None) };
    ledger.quota = ledger.quota.or(push.quota_default);
    let mut outcomes = Vec::with_capacity(push.records.len());
    let mut new = Vec::new();
    for held in &push.records {
        outcomes.push(match there.verdict(&ledger, held) {
            Verdict::Known => PushOutcome::Known,
            Verdict::Refused(reason) => PushOutcome::Rejected { reason: reason.to_owned() },
            Verdict::Waits(reason) => PushOutcome::Waits { reason: reason.to_owned() },
            Verdict::NoRoom(reason) => PushOutcome::NoRoom { reason: reason.to_owned() },
            Verdict::New => {
                there.sequences.insert((held.record.device, held.record.sequence));
                there.records.insert(held.record.id, held.clone());
                ledger.head += 1;
                ledger.records += 1;
                ledger.bytes += held.stored_len();
                new.push((ledger.head, held));
                PushOutcome::Stored
            }
        });
    }
    if !new.is_empty() {
        let naming: Vec<(u64, &Record)> =
            new.iter().map(|(position, held)| (*position, &held.record)).collect();
        add(transaction, ledger.number, &new).await?;
        blobs::name(transaction, ledger.number, &naming).await?;
        replaced::arrived(transaction, ledger.number, &naming, push.now, &mut ledger.digest)
            .await?;
        save(transaction, &ledger).await?;
    }
    Ok(Some(Pushed { outcomes, head: ledger.head }))
}

const LEDGER: &str =
    "a.number, a.head, a.digest_count, a.digest_xor, a.records, a.bytes, a.quota, a.locked <> 0";

fn read_ledger(row: &Row) -> Result<Ledger, Failure> {
    Ok(Ledger {
        number: row.try_get(0)?,
        head: number(row, 1)?,
        digest: Digest { count: number(row, 2)?, xor: Bytes32(bytes(row, 3)?) },
        records: number(row, 4)?,
        bytes: number(row, 5)?,
        quota: row.try_get::<_, Option<i64>>(6)?.map(loaded),
        is_locked: row.try_get(7)?,
    })
}

/// What [`look`] asks.
struct Questions {
    lock: Statement,
    revoked: Statement,
    devices: Statement,
    same: Statement,
    sequences: Statement,
    blobs: Statement,
}

impl Questions {
    async fn prepare(transaction: &Transaction<'_>) -> Result<Self, Failure> {
        const NUMBER: &str = "(SELECT number FROM accounts WHERE id = $1)";
        let prepare = async |sql: String| transaction.prepare_cached(&sql).await;
        Ok(Self {
            lock: prepare(format!(
                "SELECT {LEDGER} FROM accounts a WHERE a.id = $1 FOR NO KEY UPDATE"
            ))
            .await?,
            revoked: prepare(format!("SELECT 1 FROM revoked WHERE account = {NUMBER} AND id = $2"))
                .await?,
            devices: prepare(format!(
                "SELECT id FROM devices WHERE account = {NUMBER} AND id = ANY($2)"
            ))
            .await?,
            same: prepare(format!(
                "SELECT {HELD} FROM records r WHERE r.account = {NUMBER} AND r.id = ANY($2)"
            ))
            .await?,
            sequences: prepare(format!(
                "SELECT r.device, r.sequence
                 FROM UNNEST($2::BYTEA[], $3::BIGINT[]) AS pushed (device, sequence)
                 JOIN records r ON r.account = {NUMBER} AND r.device = pushed.device
                    AND r.sequence = pushed.sequence"
            ))
            .await?,
            blobs: prepare(format!(
                "SELECT hash FROM blobs
                 WHERE account = {NUMBER} AND hash = ANY($2) AND complete = 1"
            ))
            .await?,
        })
    }
}

/// Locks the account and looks at what the push may meet, in one journey: each of these statements sees what was
/// committed when the lock was had. `None` when there is no such account, when it is locked out, or when the device was
/// revoked meanwhile.
async fn look(
    transaction: &Transaction<'_>,
    push: &Push,
) -> Result<Option<(Ledger, There)>, Failure> {
    let ask = Questions::prepare(transaction).await?;
    let records = || push.records.iter().map(|held| &held.record);
    let account = push.account.0.as_slice();
    let ids = slices(records().map(|record| record.id.0));
    let by = slices(records().map(|record| record.device.0));
    let numbers: Vec<i64> = records().map(|record| stored(record.sequence)).collect();
    let hashes = slices(records().flat_map(|record| record.blobs.iter().map(|hash| hash.0)));
    let asking = push.by.0.as_slice();
    let (locked, revoked_by): (Values<'_>, Values<'_>) = (&[&account], &[&account, &asking]);
    let (theirs, these): (Values<'_>, Values<'_>) = (&[&account, &by], &[&account, &ids]);
    let (counted, shown): (Values<'_>, Values<'_>) =
        (&[&account, &by, &numbers], &[&account, &hashes]);
    // Sent in this order, one behind the other: the lock comes first.
    let (ledger, revoked, devices, same, sequences, blobs) = tokio::try_join!(
        biased;
        transaction.query_opt(&ask.lock, locked),
        transaction.query_opt(&ask.revoked, revoked_by),
        transaction.query(&ask.devices, theirs),
        transaction.query(&ask.same, these),
        transaction.query(&ask.sequences, counted),
        transaction.query(&ask.blobs, shown),
    )?;
    let (Some(ledger), None) = (ledger, revoked) else { return Ok(None) };
    let ledger = read_ledger(&ledger)?;
    let there = There::read(&devices, &same, &sequences, &blobs)?;
    Ok((!ledger.is_locked).then_some((ledger, there)))
}

/// What is to be done with a record.
enum Verdict {
    New,
    Known,
    Refused(&'static str),
    Waits(&'static str),
    NoRoom(&'static str),
}

impl There {
    fn read(
        devices: &[Row],
        same: &[Row],
        sequences: &[Row],
        blobs: &[Row],
    ) -> Result<Self, Failure> {
        let mut there = Self::default();
        for row in devices {
            there.devices.insert(DeviceId(bytes(row, 0)?));
        }
        for row in same {
            let held = held(row, 0)?;
            there.records.insert(held.record.id, held);
        }
        for row in sequences {
            there.sequences.insert((DeviceId(bytes(row, 0)?), number(row, 1)?));
        }
        for row in blobs {
            there.blobs.insert(Bytes32(bytes(row, 0)?));
        }
        Ok(there)
    }

    fn verdict(&self, ledger: &Ledger, held: &Held) -> Verdict {
        if let Some(reason) = refusal(held) {
            return Verdict::Refused(reason);
        }
        let record = &held.record;
        match self.records.get(&record.id) {
            Some(same_id) if same_id.is_same(held) => return Verdict::Known,
            Some(_) => return Verdict::Refused(reason::OTHER_CONTENT),
            None => {}
        }
        if !self.devices.contains(&record.device) {
            return Verdict::Refused(reason::UNKNOWN_DEVICE);
        }
        if self.sequences.contains(&(record.device, record.sequence)) {
            return Verdict::Refused(reason::SEQUENCE_TAKEN);
        }
        if !record.blobs.iter().all(|hash| self.blobs.contains(hash)) {
            return Verdict::Waits(reason::BLOBS_MISSING);
        }
        match has_room(ledger.bytes, held, ledger.quota) {
            true => Verdict::New,
            false => Verdict::NoRoom(reason::NO_ROOM),
        }
    }
}

/// One column of the new rows.
fn column<'r, T>(new: &[(u64, &'r Held)], of: impl Fn(&'r Record) -> T) -> Vec<T> {
    new.iter().map(|(_, held)| of(&held.record)).collect()
}

/// All of them in one statement, column by column.
async fn add(
    transaction: &Transaction<'_>,
    account: i64,
    new: &[(u64, &Held)],
) -> Result<(), Failure> {
    let positions: Vec<i64> = new.iter().map(|(position, _)| stored(*position)).collect();
    let sizes: Vec<i64> = new.iter().map(|(_, held)| stored(held.stored_len())).collect();
    let outside = |held: &Held| held.object.map(|object| object.hash.0.to_vec());
    let objects: Vec<Option<Vec<u8>>> = new.iter().map(|(_, held)| outside(held)).collect();
    execute(
        transaction,
        "INSERT INTO records (account, position, size, sequence, id, device, previous, signature,
            header, body, replaces, blobs, object)
         SELECT $1::BIGINT, new.*
         FROM UNNEST($2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BYTEA[], $6::BYTEA[], $7::BYTEA[],
            $8::BYTEA[], $9::BYTEA[], $10::BYTEA[], $11::BYTEA[], $12::BYTEA[], $13::BYTEA[]) AS new",
        &[
            &account,
            &positions,
            &sizes,
            &column(new, |record| stored(record.sequence)),
            &column(new, |record| record.id.0.as_slice()),
            &column(new, |record| record.device.0.as_slice()),
            &column(new, |record| record.previous.0.as_slice()),
            &column(new, |record| record.signature.0.as_slice()),
            &column(new, |record| record.header.0.as_slice()),
            &column(new, |record| record.body.0.as_slice()),
            &column(new, |record| record.replaces.iter().flat_map(|id| id.0).collect::<Vec<u8>>()),
            &column(new, |record| record.blobs.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>()),
            &objects,
        ],
    )
    .await?;
    Ok(())
}

async fn save(transaction: &Transaction<'_>, ledger: &Ledger) -> Result<(), Failure> {
    execute(
        transaction,
        "UPDATE accounts SET head = $2, digest_count = $3, digest_xor = $4, records = $5, bytes = $6
         WHERE number = $1",
        &[
            &ledger.number,
            &stored(ledger.head),
            &stored(ledger.digest.count),
            &ledger.digest.xor.0.as_slice(),
            &stored(ledger.records),
            &stored(ledger.bytes),
        ],
    )
    .await?;
    Ok(())
}

/// The newest position of each account.
pub(super) async fn heads(
    client: &Client,
    accounts: &[AccountId],
) -> Result<Vec<Option<u64>>, Failure> {
    let asked = slices(accounts.iter().map(|account| account.0));
    let sql = "SELECT id, head FROM accounts WHERE id = ANY($1)";
    let mut heads = HashMap::new();
    for row in &rows(client, sql, &[&asked]).await? {
        heads.insert(bytes::<16>(row, 0)?, number(row, 1)?);
    }
    Ok(accounts.iter().map(|account| heads.get(&account.0).copied()).collect())
}

/// One statement, so that head, digest and rows are of one moment. It measures before it reads: behind the end of the
/// page a row comes without its content, and says that there is more.
fn page_sql(live: bool) -> String {
    let live = if live { "AND replaced_at IS NULL" } else { "" };
    format!(
        "WITH ahead AS (
            SELECT position, size FROM records
            WHERE account = (SELECT number FROM accounts WHERE id = $1) AND position > $2 {live}
            ORDER BY position LIMIT $3
         ), measured AS (
            SELECT position, ROW_NUMBER() OVER (ORDER BY position) AS nth,
                CAST(SUM(size) OVER (ORDER BY position) AS BIGINT) AS upto
            FROM ahead
         )
         SELECT {LEDGER}, m.position, {HELD}
         FROM accounts a LEFT JOIN measured m ON TRUE
         LEFT JOIN records r ON r.account = a.number AND r.position = m.position
            AND m.nth < $3 AND (m.nth = 1 OR m.upto <= $4)
         WHERE a.id = $1 ORDER BY m.position"
    )
}

/// The columns of a page behind those of the account.
const POSITION: usize = 8;
const CONTENT: usize = 9;

pub(super) async fn page(
    client: &Client,
    (account, request): &(AccountId, PageRequest),
) -> Result<Option<Page>, Failure> {
    // One more than wanted: whether anything is left cannot be told from positions, because some were purged.
    let one_more = i64::try_from(request.limit.max(1)).unwrap_or(i64::MAX).saturating_add(1);
    let most = i64::try_from(request.max_bytes).unwrap_or(i64::MAX);
    let (account, cursor) = (account.0.as_slice(), stored(request.cursor));
    let sql = page_sql(request.live);
    let found = rows(client, &sql, &[&account, &cursor, &one_more, &most]).await?;
    let Some(first) = found.first() else { return Ok(None) };
    let ledger = read_ledger(first)?;
    let mut records: Vec<HeldChange> = Vec::new();
    let mut next = ledger.head;
    for row in &found {
        if row.try_get::<_, Option<i64>>(POSITION)?.is_none() {
            break;
        }
        if row.try_get::<_, Option<i64>>(CONTENT)?.is_none() {
            next = records.last().map_or(ledger.head, |last| last.position);
            break;
        }
        records.push(HeldChange { position: number(row, POSITION)?, held: held(row, CONTENT)? });
    }
    Ok(Some(Page { records, next, head: ledger.head, digest: ledger.digest }))
}
