//! Records: stored once, numbered without a gap, read back in pages.
//!
//! **Invariant:** the head, the digest and the rows move in one transaction. The digest is that of the records that
//! are not replaced. Nothing here deletes.

use rusqlite::{Connection, OptionalExtension, params};
use seshat_protocol::{AccountId, Bytes32, Digest, PushOutcome};

use super::rows::{self, HELD, loaded, stored};
use super::{blobs, devices, replaced};
use crate::meta::{Held, HeldChange, Page, PageRequest, Push, Pushed, has_room, reason, refusal};

/// An account while records are added to it.
struct Ledger {
    number: i64,
    head: u64,
    digest: Digest,
    records: u64,
    bytes: u64,
    /// The account's own.
    quota: Option<u64>,
    is_locked: bool,
}

pub(super) fn push(connection: &Connection, push: &Push) -> rusqlite::Result<Option<Pushed>> {
    let Some(mut ledger) = ledger(connection, push.account)? else {
        return Ok(None);
    };
    // Looked at again inside the transaction: it may have been locked or revoked while its push was on the way.
    if ledger.is_locked || devices::is_revoked(connection, ledger.number, push.by)? {
        return Ok(None);
    }
    ledger.quota = ledger.quota.or(push.quota_default);
    let before = ledger.head;
    let mut outcomes = Vec::with_capacity(push.records.len());
    for held in &push.records {
        outcomes.push(match verdict(connection, &ledger, held)? {
            Verdict::Known => PushOutcome::Known,
            Verdict::Refused(reason) => PushOutcome::Rejected { reason: reason.to_owned() },
            Verdict::Waits(reason) => PushOutcome::Waits { reason: reason.to_owned() },
            Verdict::NoRoom(reason) => PushOutcome::NoRoom { reason: reason.to_owned() },
            Verdict::New => {
                add(connection, &mut ledger, held)?;
                let at = (ledger.number, ledger.head);
                blobs::name(connection, at, &held.record)?;
                replaced::arrived(connection, at, &held.record, push.now, &mut ledger.digest)?;
                PushOutcome::Stored
            }
        });
    }
    if ledger.head > before {
        save(connection, &ledger)?;
    }
    Ok(Some(Pushed { outcomes, head: ledger.head }))
}

fn ledger(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<Ledger>> {
    connection
        .prepare_cached(
            "SELECT number, head, digest_count, digest_xor, records, bytes, quota, locked
             FROM accounts WHERE id = ?1",
        )?
        .query_row([account.0], |row| {
            Ok(Ledger {
                number: row.get(0)?,
                head: loaded(row.get(1)?),
                digest: Digest { count: loaded(row.get(2)?), xor: Bytes32(row.get(3)?) },
                records: loaded(row.get(4)?),
                bytes: loaded(row.get(5)?),
                quota: row.get::<_, Option<i64>>(6)?.map(loaded),
                is_locked: row.get(7)?,
            })
        })
        .optional()
}

fn save(connection: &Connection, ledger: &Ledger) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE accounts SET head = ?2, digest_count = ?3, digest_xor = ?4, records = ?5,
                bytes = ?6
             WHERE number = ?1",
        )?
        .execute(params![
            ledger.number,
            stored(ledger.head),
            stored(ledger.digest.count),
            ledger.digest.xor.0,
            stored(ledger.records),
            stored(ledger.bytes),
        ])?;
    Ok(())
}

/// What is to be done with a record.
enum Verdict {
    New,
    Known,
    Refused(&'static str),
    Waits(&'static str),
    NoRoom(&'static str),
}

fn verdict(connection: &Connection, ledger: &Ledger, held: &Held) -> rusqlite::Result<Verdict> {
    if let Some(reason) = refusal(held) {
        return Ok(Verdict::Refused(reason));
    }
    let (account, record) = (ledger.number, &held.record);
    let same_id = connection
        .prepare_cached(&format!("SELECT {HELD} FROM records WHERE account = ?1 AND id = ?2"))?
        .query_row(params![account, record.id.0], |row| rows::held(row, 0))
        .optional()?;
    if let Some(same_id) = same_id {
        let known = same_id.is_same(held);
        return Ok(if known { Verdict::Known } else { Verdict::Refused(reason::OTHER_CONTENT) });
    }
    let registered = connection
        .prepare_cached("SELECT 1 FROM devices WHERE account = ?1 AND id = ?2")?
        .exists(params![account, record.device.0])?;
    if !registered {
        return Ok(Verdict::Refused(reason::UNKNOWN_DEVICE));
    }
    let sequence_taken = connection
        .prepare_cached(
            "SELECT 1 FROM records WHERE account = ?1 AND device = ?2 AND sequence = ?3",
        )?
        .exists(params![account, record.device.0, stored(record.sequence)])?;
    if sequence_taken {
        return Ok(Verdict::Refused(reason::SEQUENCE_TAKEN));
    }
    if !blobs::are_here(connection, account, &record.blobs)? {
        return Ok(Verdict::Waits(reason::BLOBS_MISSING));
    }
    let fits = has_room(ledger.bytes, held, ledger.quota);
    Ok(if fits { Verdict::New } else { Verdict::NoRoom(reason::NO_ROOM) })
}

fn add(connection: &Connection, ledger: &mut Ledger, held: &Held) -> rusqlite::Result<()> {
    ledger.head += 1;
    ledger.records += 1;
    ledger.bytes += held.stored_len();
    let record = &held.record;
    let replaces: Vec<u8> = record.replaces.iter().flat_map(|id| id.0).collect();
    let blobs: Vec<u8> = record.blobs.iter().flat_map(|hash| hash.0).collect();
    connection
        .prepare_cached(&format!(
            "INSERT INTO records (account, position, {HELD})
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        ))?
        .execute(params![
            ledger.number,
            stored(ledger.head),
            stored(held.stored_len()),
            record.id.0,
            record.device.0,
            stored(record.sequence),
            record.previous.0,
            record.header.0,
            record.body.0,
            replaces,
            blobs,
            held.object.map(|object| object.hash.0),
            record.signature.0,
        ])?;
    Ok(())
}

/// The newest position of each account.
pub(super) fn heads(
    connection: &Connection,
    accounts: &[AccountId],
) -> rusqlite::Result<Vec<Option<u64>>> {
    let mut select = connection.prepare_cached("SELECT head FROM accounts WHERE id = ?1")?;
    let mut head = |account: &AccountId| {
        select.query_row([account.0], |row| Ok(loaded(row.get(0)?))).optional()
    };
    accounts.iter().map(&mut head).collect()
}

/// `connection` must be inside a transaction: head, digest and rows are of one moment.
pub(super) fn page(
    connection: &Connection,
    account: AccountId,
    request: PageRequest,
) -> rusqlite::Result<Option<Page>> {
    let Some(ledger) = ledger(connection, account)? else {
        return Ok(None);
    };
    let live = if request.live { "AND replaced_at IS NULL" } else { "" };
    let mut select = connection.prepare_cached(&format!(
        "SELECT position, {HELD} FROM records
         WHERE account = ?1 AND position > ?2 {live} ORDER BY position LIMIT ?3"
    ))?;
    // One more than wanted: whether anything is left cannot be told from positions, because some were purged.
    let limit = request.limit.max(1);
    let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut found = select.query(params![ledger.number, stored(request.cursor), rows])?;
    let mut records: Vec<HeldChange> = Vec::new();
    let mut left = request.max_bytes;
    let mut next = ledger.head;
    while let Some(row) = found.next()? {
        let size = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(usize::MAX);
        if let Some(last) = records.last()
            && (size > left || records.len() == limit)
        {
            next = last.position;
            break;
        }
        left = left.saturating_sub(size);
        let held = rows::held(row, 1)?;
        records.push(HeldChange { position: loaded(row.get(0)?), held });
    }
    Ok(Some(Page { records, next, head: ledger.head, digest: ledger.digest }))
}
