//! What is known of blobs, and what counts against quotas.
//!
//! **Invariants:** a blob's bytes count from its beginning until it is forgotten. A record that names a blob is stored
//! only while that is here whole, and keeps it. All of it happens under the account's lock.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::{Client, GenericClient, Pool, Transaction};
use seshat_protocol::{AccountId, Bytes32, Record};
use tokio_postgres::Row;

use super::pool::{self, Failure, execute, row, rows};
use super::rows::{
    account as account_number, bytes, loaded, locked_account, number, slices, stored,
};
use crate::meta::{BLOBS_SWEPT, BlobBegun, BlobState, NewBlob, fits};

/// The records of this account and these positions keep the blobs that they name.
pub(super) async fn name(
    transaction: &Transaction<'_>,
    account: i64,
    new: &[(u64, &Record)],
) -> Result<(), Failure> {
    let (mut hashes, mut positions) = (Vec::new(), Vec::new());
    for (position, record) in new {
        for hash in record.blobs.iter().map(|hash| hash.0).collect::<BTreeSet<_>>() {
            hashes.push(hash.to_vec());
            positions.push(stored(*position));
        }
    }
    if hashes.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO blobs_named (account, hash, position)
         SELECT $1::BIGINT, new.* FROM UNNEST($2::BYTEA[], $3::BIGINT[]) AS new";
    execute(transaction, sql, &[&account, &hashes, &positions]).await?;
    Ok(())
}

struct Blob {
    len: u64,
    complete: bool,
}

async fn blob(
    on: &impl GenericClient,
    account: i64,
    hash: Bytes32,
) -> Result<Option<Blob>, Failure> {
    let sql = "SELECT size, complete <> 0 FROM blobs WHERE account = $1 AND hash = $2";
    let found = row(on, sql, &[&account, &hash.0.as_slice()]).await?;
    let blob = |row: Row| Ok(Blob { len: number(&row, 0)?, complete: row.try_get(1)? });
    found.map(blob).transpose()
}

/// One statement, so that it is of one moment.
pub(super) async fn state(
    client: &Client,
    (account, hash): &(AccountId, Bytes32),
) -> Result<Option<BlobState>, Failure> {
    let sql = "SELECT b.size, b.complete <> 0, p.part
         FROM accounts a
         JOIN blobs b ON b.account = a.number AND b.hash = $2
         LEFT JOIN blob_parts p ON p.account = b.account AND p.hash = b.hash
         WHERE a.id = $1 ORDER BY p.part";
    let found = rows(client, sql, &[&account.0.as_slice(), &hash.0.as_slice()]).await?;
    let Some(first) = found.first() else { return Ok(None) };
    let mut state =
        BlobState { len: number(first, 0)?, complete: first.try_get(1)?, parts: Vec::new() };
    for row in &found {
        if let Some(part) = row.try_get::<_, Option<i64>>(2)? {
            state.parts.push(u32::try_from(part).map_err(|_| Failure::Shape)?);
        }
    }
    Ok(Some(state))
}

pub(super) async fn begin(
    transaction: &Transaction<'_>,
    new: &NewBlob,
) -> Result<Option<BlobBegun>, Failure> {
    let sql = "SELECT number, bytes, quota FROM accounts WHERE id = $1 AND locked = 0
         FOR NO KEY UPDATE";
    let Some(found) = row(transaction, sql, &[&new.account.0.as_slice()]).await? else {
        return Ok(None);
    };
    let (account, counted): (i64, u64) = (found.try_get(0)?, number(&found, 1)?);
    let quota = found.try_get::<_, Option<i64>>(2)?.map(loaded).or(new.quota_default);
    let before = blob(transaction, account, new.hash).await?;
    let (hash, now) = (new.hash.0.as_slice(), stored(new.now));
    if before.as_ref().is_some_and(|blob| blob.complete || blob.len == new.len) {
        // Asked for again: it is not to be forgotten before it is named.
        let sql = "UPDATE blobs SET begun_at = GREATEST(begun_at, $3)
             WHERE account = $1 AND hash = $2";
        execute(transaction, sql, &[&account, &hash, &now]).await?;
        return Ok(Some(BlobBegun::Known));
    }
    let without = counted.saturating_sub(before.map_or(0, |blob| blob.len));
    if !fits(without, new.len, quota) {
        return Ok(Some(BlobBegun::NoRoom));
    }
    forget_parts(transaction, account, &[hash.to_vec()]).await?;
    let sql = "INSERT INTO blobs (account, hash, size, begun_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, hash)
         DO UPDATE SET size = excluded.size, begun_at = excluded.begun_at";
    execute(transaction, sql, &[&account, &hash, &stored(new.len), &now]).await?;
    let sql = "UPDATE accounts SET bytes = $2 WHERE number = $1";
    let counted = stored(without.saturating_add(new.len));
    execute(transaction, sql, &[&account, &counted]).await?;
    Ok(Some(BlobBegun::Made))
}

pub(super) async fn part(
    transaction: &Transaction<'_>,
    (account, hash, part): &(AccountId, Bytes32, u32),
) -> Result<bool, Failure> {
    let Some(account) = locked_account(transaction, *account).await? else { return Ok(false) };
    if blob(transaction, account, *hash).await?.is_none_or(|blob| blob.complete) {
        return Ok(false);
    }
    let sql = "INSERT INTO blob_parts (account, hash, part) VALUES ($1, $2, $3)
         ON CONFLICT (account, hash, part) DO NOTHING";
    execute(transaction, sql, &[&account, &hash.0.as_slice(), &i64::from(*part)]).await?;
    Ok(true)
}

pub(super) async fn finish(
    transaction: &Transaction<'_>,
    (account, hash): &(AccountId, Bytes32),
) -> Result<bool, Failure> {
    let Some(account) = locked_account(transaction, *account).await? else { return Ok(false) };
    let sql = "UPDATE blobs SET complete = 1 WHERE account = $1 AND hash = $2";
    let finished = execute(transaction, sql, &[&account, &hash.0.as_slice()]).await?;
    forget_parts(transaction, account, &[hash.0.to_vec()]).await?;
    Ok(finished > 0)
}

async fn forget_parts(
    transaction: &Transaction<'_>,
    account: i64,
    hashes: &[Vec<u8>],
) -> Result<(), Failure> {
    let sql = "DELETE FROM blob_parts WHERE account = $1 AND hash = ANY($2)";
    execute(transaction, sql, &[&account, &hashes]).await?;
    Ok(())
}

/// One step of forgetting what no record names, one account at a time.
pub(super) async fn sweep(pool: &Pool, before: u64) -> Result<u64, Failure> {
    let found = pool::read(pool, &before, |client, before| Box::pin(unnamed(client, *before)));
    let mut accounts: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
    let found = found.await?;
    for row in &found {
        accounts.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
    }
    for (account, hashes) in accounts {
        let asked = (account, hashes, before);
        pool::write(pool, &asked, |transaction, asked| Box::pin(forget(transaction, asked)))
            .await?;
    }
    Ok(found.len() as u64)
}

const UNNAMED: &str = "begun_at <= $1 AND NOT EXISTS
    (SELECT 1 FROM blobs_named n WHERE n.account = blobs.account AND n.hash = blobs.hash)";

async fn unnamed(client: &Client, before: u64) -> Result<Vec<Row>, Failure> {
    let sql = format!("SELECT account, hash FROM blobs WHERE {UNNAMED} ORDER BY begun_at LIMIT $2");
    rows(client, &sql, &[&stored(before), &stored(BLOBS_SWEPT)]).await
}

/// Looks again, under the account's lock: it may have been named or asked for meanwhile.
async fn forget(
    transaction: &Transaction<'_>,
    (account, hashes, before): &(i64, Vec<Vec<u8>>, u64),
) -> Result<(), Failure> {
    let sql = "SELECT 1 FROM accounts WHERE number = $1 FOR NO KEY UPDATE";
    rows(transaction, sql, &[account]).await?;
    let sql = format!(
        "DELETE FROM blobs WHERE {UNNAMED} AND account = $2 AND hash = ANY($3) RETURNING hash, size"
    );
    let gone = rows(transaction, &sql, &[&stored(*before), account, hashes]).await?;
    let (mut counted, mut forgotten): (i64, Vec<Vec<u8>>) = (0, Vec::new());
    for row in &gone {
        forgotten.push(row.try_get(0)?);
        counted += row.try_get::<_, i64>(1)?;
    }
    forget_parts(transaction, *account, &forgotten).await?;
    let sql = "UPDATE accounts SET bytes = bytes - $2 WHERE number = $1";
    execute(transaction, sql, &[account, &counted]).await?;
    Ok(())
}

pub(super) async fn objects_used(
    client: &Client,
    (account, hashes): &(AccountId, Vec<Bytes32>),
) -> Result<Vec<bool>, Failure> {
    let Some(account) = account_number(client, *account).await? else {
        return Ok(vec![false; hashes.len()]);
    };
    let asked = slices(hashes.iter().map(|hash| hash.0));
    let sql = "SELECT object FROM records WHERE account = $1 AND object = ANY($2)
         UNION SELECT hash FROM blobs WHERE account = $1 AND hash = ANY($2)";
    let mut used = BTreeSet::new();
    for row in &rows(client, sql, &[&account, &asked]).await? {
        used.insert(bytes::<32>(row, 0)?);
    }
    Ok(hashes.iter().map(|hash| used.contains(&hash.0)).collect())
}
