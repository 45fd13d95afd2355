//! What who runs the server asks and does: accounts, their quotas and locks, and their end.
//!
//! **Invariant:** an account that is being deleted has neither its id nor its address nor its vault any more from the
//! first step on, so that nothing finds it; what is left of it goes in steps that other writes need not wait long for.

use rusqlite::{Connection, OptionalExtension, Row, params};
use seshat_protocol::AccountId;

use super::rows::{loaded, number, stored};
use crate::meta::{AccountInfo, Named};

/// Records that one step of deleting removes at most.
const STEP: usize = 256;

const INFO: &str = "number, id, email, created_at, records, bytes, quota, locked,
    (SELECT max(seen_at) FROM devices WHERE devices.account = accounts.number)";

fn info(row: &Row<'_>) -> rusqlite::Result<AccountInfo> {
    Ok(AccountInfo {
        number: row.get(0)?,
        account: AccountId(row.get(1)?),
        email: row.get(2)?,
        created_at: loaded(row.get(3)?),
        records: loaded(row.get(4)?),
        bytes: loaded(row.get(5)?),
        quota: row.get::<_, Option<i64>>(6)?.map(loaded),
        locked: row.get(7)?,
        seen_at: row.get::<_, Option<i64>>(8)?.map(loaded),
    })
}

pub(super) fn account(
    connection: &Connection,
    named: &Named,
) -> rusqlite::Result<Option<AccountInfo>> {
    match named {
        Named::Email(email) => connection
            .prepare_cached(&format!("SELECT {INFO} FROM accounts WHERE email = ?1"))?
            .query_row([email], info),
        Named::Id(account) => connection
            .prepare_cached(&format!("SELECT {INFO} FROM accounts WHERE id = ?1"))?
            .query_row([account.0], info),
    }
    .optional()
}

pub(super) fn accounts(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Vec<AccountInfo>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(&format!(
            "SELECT {INFO} FROM accounts WHERE number > ?1 AND leaving = 0
             ORDER BY number LIMIT ?2"
        ))?
        .query_map([after, limit], info)?
        .collect()
}

pub(super) fn set_quota(
    connection: &Connection,
    account: AccountId,
    quota: Option<u64>,
) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached("UPDATE accounts SET quota = ?2 WHERE id = ?1")?
        .execute(params![account.0, quota.map(stored)])?;
    Ok(changed > 0)
}

pub(super) fn set_locked(
    connection: &Connection,
    account: AccountId,
    locked: bool,
) -> rusqlite::Result<bool> {
    let Some(account) = number(connection, account)? else {
        return Ok(false);
    };
    connection
        .prepare_cached("UPDATE accounts SET locked = ?2 WHERE number = ?1")?
        .execute(params![account, locked])?;
    end_sessions(connection, account)?;
    Ok(true)
}

fn end_sessions(connection: &Connection, account: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM sessions WHERE account = ?1")?.execute([account])?;
    Ok(())
}

/// The first step of deleting.
pub(super) fn leave(connection: &Connection, account: AccountId) -> rusqlite::Result<bool> {
    let Some(account) = number(connection, account)? else {
        return Ok(false);
    };
    end_sessions(connection, account)?;
    // An address has no space in it, and an id that was drawn here is nobody's.
    connection.execute(
        "UPDATE accounts SET leaving = 1, locked = 1, id = randomblob(16),
            email = 'left ' || number, vault = x'', vault_revision = '',
            identity_key = zeroblob(32), password_key = zeroblob(32), recovery_key = zeroblob(32),
            kdf_salt = zeroblob(16)
         WHERE number = ?1",
        [account],
    )?;
    Ok(true)
}

/// A further step, of some account that leaves. `false` when there is none.
pub(super) fn forget(connection: &Connection) -> rusqlite::Result<bool> {
    let leaving: Option<i64> = connection
        .prepare_cached("SELECT min(number) FROM accounts WHERE leaving = 1")?
        .query_row([], |row| row.get(0))?;
    let Some(account) = leaving else {
        return Ok(false);
    };
    let mut removed = 0;
    for (table, key) in OF_AN_ACCOUNT {
        removed += connection
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE account = ?1 AND ({key}) IN
                    (SELECT {key} FROM {table} WHERE account = ?1 LIMIT ?2)"
            ))?
            .execute(params![account, i64::try_from(STEP - removed).unwrap_or(0)])?;
        if removed >= STEP {
            return Ok(true);
        }
    }
    connection.prepare_cached("DELETE FROM accounts WHERE number = ?1")?.execute([account])?;
    Ok(true)
}

/// The tables that have something of an account, and what of a row of them is looked up: those that refer to others
/// first.
const OF_AN_ACCOUNT: [(&str, &str); 8] = [
    ("named", "id, position"),
    ("blobs_named", "hash, position"),
    ("records", "position"),
    ("blob_parts", "hash, part"),
    ("blobs", "hash"),
    ("sessions", "token_hash"),
    ("devices", "id"),
    ("revoked", "id"),
];
