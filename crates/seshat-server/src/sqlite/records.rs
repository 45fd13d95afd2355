//! Records: stored once, numbered without a gap, read back in pages.
//!
//! **Invariant:** the head, the digest and the rows move in one transaction. The digest is that of the records that
//! are not replaced. Nothing here deletes.

use rusqlite::{Connection, OptionalExtension, params};
use seshat_protocol::{AccountId, Bytes32, ChangedRecord, Digest, PushOutcome, Record};

use super::rows::{self, RECORD, loaded, stored};
use super::{devices, replaced};
use crate::meta::{Page, PageRequest, Push, Pushed, reason, refusal};

/// An account while records are added to it.
struct Ledger {
    number: i64,
    head: u64,
    digest: Digest,
}

pub(super) fn push(connection: &Connection, push: &Push) -> rusqlite::Result<Option<Pushed>> {
    let Some(mut ledger) = ledger(connection, push.account)? else {
        return Ok(None);
    };
    // Looked at again inside the transaction: it may have been revoked while its push was on the way.
    if devices::is_revoked(connection, ledger.number, push.by)? {
        return Ok(None);
    }
    let before = ledger.head;
    let mut outcomes = Vec::with_capacity(push.records.len());
    for record in &push.records {
        outcomes.push(match verdict(connection, ledger.number, record)? {
            Verdict::Known => PushOutcome::Known,
            Verdict::Refused(reason) => PushOutcome::Rejected { reason: reason.to_owned() },
            Verdict::New => {
                add(connection, &mut ledger, record)?;
                let at = (ledger.number, ledger.head);
                replaced::arrived(connection, at, record, push.now, &mut ledger.digest)?;
                PushOutcome::Stored
            }
        });
    }
    if ledger.head > before {
        connection
            .prepare_cached(
                "UPDATE accounts SET head = ?2, digest_count = ?3, digest_xor = ?4 WHERE number = ?1",
            )?
            .execute(params![
                ledger.number,
                stored(ledger.head),
                stored(ledger.digest.count),
                ledger.digest.xor.0
            ])?;
    }
    Ok(Some(Pushed { outcomes, head: ledger.head }))
}

fn ledger(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<Ledger>> {
    connection
        .prepare_cached(
            "SELECT number, head, digest_count, digest_xor FROM accounts WHERE id = ?1",
        )?
        .query_row([account.0], |row| {
            let digest = Digest { count: loaded(row.get(2)?), xor: Bytes32(row.get(3)?) };
            Ok(Ledger { number: row.get(0)?, head: loaded(row.get(1)?), digest })
        })
        .optional()
}

/// What is to be done with a record.
enum Verdict {
    New,
    Known,
    Refused(&'static str),
}

fn verdict(connection: &Connection, account: i64, record: &Record) -> rusqlite::Result<Verdict> {
    if let Some(reason) = refusal(record) {
        return Ok(Verdict::Refused(reason));
    }
    let same_id = connection
        .prepare_cached(&format!("SELECT {RECORD} FROM records WHERE account = ?1 AND id = ?2"))?
        .query_row(params![account, record.id.0], |row| rows::record(row, 0))
        .optional()?;
    if let Some(same_id) = same_id {
        let known = same_id == *record;
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
    Ok(if sequence_taken { Verdict::Refused(reason::SEQUENCE_TAKEN) } else { Verdict::New })
}

fn add(connection: &Connection, ledger: &mut Ledger, record: &Record) -> rusqlite::Result<()> {
    ledger.head += 1;
    let replaces: Vec<u8> = record.replaces.iter().flat_map(|id| id.0).collect();
    connection
        .prepare_cached(&format!(
            "INSERT INTO records (account, position, size, {RECORD})
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        ))?
        .execute(params![
            ledger.number,
            stored(ledger.head),
            i64::try_from(record.stored_len()).unwrap_or(i64::MAX),
            record.id.0,
            record.device.0,
            stored(record.sequence),
            record.previous.0,
            record.header.0,
            record.body.0,
            replaces,
            record.signature.0,
        ])?;
    Ok(())
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
    let mut select = connection.prepare_cached(&format!(
        "SELECT position, size, {RECORD} FROM records
         WHERE account = ?1 AND position > ?2 ORDER BY position LIMIT ?3"
    ))?;
    // One more than wanted: whether anything is left cannot be told from positions, because some were purged.
    let limit = request.limit.max(1);
    let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut found = select.query(params![ledger.number, stored(request.cursor), rows])?;
    let mut records: Vec<ChangedRecord> = Vec::new();
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
        let record = rows::record(row, 2)?;
        records.push(ChangedRecord { position: loaded(row.get(0)?), record });
    }
    Ok(Some(Page { records, next, head: ledger.head, digest: ledger.digest }))
}
