//! What who runs the server asks and does: accounts, their quotas and locks, and their end.
//!
//! **Invariant:** an account that is being deleted has neither its id nor its address nor its vault any more from the
//! first step on, so that nothing finds it; what is left of it goes in steps, from whichever node.

use deadpool_postgres::{Client, Transaction};
use seshat_protocol::AccountId;
use tokio_postgres::Row;

use super::pool::{Failure, execute, row, rows};
use super::rows::{bytes, loaded, locked_account, number, stored};
use crate::meta::{AccountInfo, Named};

/// Rows that one step of deleting removes at most.
const STEP: i64 = 1024;

const INFO: &str = "number, id, email, created_at, records, bytes, quota, locked <> 0,
    (SELECT MAX(seen_at) FROM devices WHERE devices.account = accounts.number)";

fn info(row: &Row) -> Result<AccountInfo, Failure> {
    Ok(AccountInfo {
        number: row.try_get(0)?,
        account: AccountId(bytes(row, 1)?),
        email: row.try_get(2)?,
        created_at: number(row, 3)?,
        records: number(row, 4)?,
        bytes: number(row, 5)?,
        quota: row.try_get::<_, Option<i64>>(6)?.map(loaded),
        locked: row.try_get(7)?,
        seen_at: row.try_get::<_, Option<i64>>(8)?.map(loaded),
    })
}

pub(super) async fn account(
    client: &Client,
    named: &Named,
) -> Result<Option<AccountInfo>, Failure> {
    let found = match named {
        Named::Email(email) => {
            let sql = format!("SELECT {INFO} FROM accounts WHERE email = $1");
            row(client, &sql, &[email]).await?
        }
        Named::Id(account) => {
            let sql = format!("SELECT {INFO} FROM accounts WHERE id = $1");
            row(client, &sql, &[&account.0.as_slice()]).await?
        }
    };
    found.as_ref().map(info).transpose()
}

pub(super) async fn accounts(
    client: &Client,
    (after, limit): &(i64, usize),
) -> Result<Vec<AccountInfo>, Failure> {
    let sql = format!(
        "SELECT {INFO} FROM accounts WHERE number > $1 AND leaving = 0 ORDER BY number LIMIT $2"
    );
    let limit = i64::try_from(*limit).unwrap_or(i64::MAX);
    rows(client, &sql, &[after, &limit]).await?.iter().map(info).collect()
}

pub(super) async fn set_quota(
    transaction: &Transaction<'_>,
    (account, quota): &(AccountId, Option<u64>),
) -> Result<bool, Failure> {
    let sql = "UPDATE accounts SET quota = $2 WHERE id = $1";
    Ok(execute(transaction, sql, &[&account.0.as_slice(), &quota.map(stored)]).await? > 0)
}

pub(super) async fn set_locked(
    transaction: &Transaction<'_>,
    (account, locked): &(AccountId, bool),
) -> Result<bool, Failure> {
    let Some(account) = locked_account(transaction, *account).await? else { return Ok(false) };
    let sql = "UPDATE accounts SET locked = $2 WHERE number = $1";
    execute(transaction, sql, &[&account, &i64::from(*locked)]).await?;
    execute(transaction, "DELETE FROM sessions WHERE account = $1", &[&account]).await?;
    Ok(true)
}

/// The first step of deleting.
pub(super) async fn leave(
    transaction: &Transaction<'_>,
    account: &AccountId,
) -> Result<bool, Failure> {
    let Some(account) = locked_account(transaction, *account).await? else { return Ok(false) };
    execute(transaction, "DELETE FROM sessions WHERE account = $1", &[&account]).await?;
    let mut nobody = [0; 16];
    getrandom::fill(&mut nobody)
        .map_err(|_| Failure::Impossible("the system gave no random bytes"))?;
    // An address has no space in it, and an id that was drawn here is nobody's.
    execute(
        transaction,
        "UPDATE accounts SET leaving = 1, locked = 1, id = $2, email = $3, vault = $4,
            vault_revision = '', identity_key = $5, password_key = $5, recovery_key = $5,
            kdf_salt = $6
         WHERE number = $1",
        &[
            &account,
            &nobody.as_slice(),
            &format!("left {account}"),
            &[0_u8; 0].as_slice(),
            &[0_u8; 32].as_slice(),
            &[0_u8; 16].as_slice(),
        ],
    )
    .await?;
    Ok(true)
}

/// A further step, of some account that leaves. `false` when there is none.
pub(super) async fn forget(transaction: &Transaction<'_>) -> Result<bool, Failure> {
    let sql = "SELECT number FROM accounts WHERE leaving = 1 ORDER BY number LIMIT 1 FOR UPDATE";
    let Some(leaving) = row(transaction, sql, &[]).await? else { return Ok(false) };
    let account: i64 = leaving.try_get(0)?;
    let mut left = STEP;
    for (table, key) in OF_AN_ACCOUNT {
        let sql = format!(
            "DELETE FROM {table} WHERE account = $1 AND ({key}) IN
                (SELECT {key} FROM {table} WHERE account = $1 LIMIT $2)"
        );
        let removed = execute(transaction, &sql, &[&account, &left]).await?;
        left -= stored(removed);
        if left <= 0 {
            return Ok(true);
        }
    }
    execute(transaction, "DELETE FROM accounts WHERE number = $1", &[&account]).await?;
    Ok(true)
}

/// The tables that have something of an account, and what of a row of them is looked up.
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
