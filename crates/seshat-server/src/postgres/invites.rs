//! Invitations: each good for one account, until it ends.
//!
//! **Invariant:** one that was used up lets nobody else in; the account that used it may come again, because the answer
//! may have been lost. Of two that come at once with the same one the second waits here until the first is in.

use deadpool_postgres::Transaction;

use super::pool::{Failure, execute, row};
use super::rows::stored;
use crate::meta::NewAccount;

/// Adds one. The same again lasts as long as the longer of the two.
pub(super) async fn add(
    transaction: &Transaction<'_>,
    (code_hash, ends_at): &([u8; 32], u64),
) -> Result<(), Failure> {
    let sql = "INSERT INTO invites (code_hash, ends_at) VALUES ($1, $2)
         ON CONFLICT (code_hash)
         DO UPDATE SET ends_at = GREATEST(invites.ends_at, excluded.ends_at)";
    execute(transaction, sql, &[&code_hash.as_slice(), &stored(*ends_at)]).await?;
    Ok(())
}

/// Whether it lets this account in.
pub(super) async fn is_good(
    transaction: &Transaction<'_>,
    code_hash: &[u8; 32],
    new: &NewAccount,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM invites
         WHERE code_hash = $1 AND ends_at > $2 AND (used_by IS NULL OR used_by = $3)
         FOR UPDATE";
    let (now, account) = (stored(new.now), new.account.0.as_slice());
    Ok(row(transaction, sql, &[&code_hash.as_slice(), &now, &account]).await?.is_some())
}

/// It lets nobody else in. Forgets those that have ended.
pub(super) async fn use_up(
    transaction: &Transaction<'_>,
    code_hash: &[u8; 32],
    new: &NewAccount,
) -> Result<(), Failure> {
    let (now, account) = (stored(new.now), new.account.0.as_slice());
    let sql = "UPDATE invites SET used_by = $3
         WHERE code_hash = $1 AND ends_at > $2 AND used_by IS NULL";
    execute(transaction, sql, &[&code_hash.as_slice(), &now, &account]).await?;
    execute(transaction, "DELETE FROM invites WHERE ends_at <= $1", &[&now]).await?;
    Ok(())
}
