//! Invitations: each good for one account, until it ends.
//!
//! **Invariant:** one that was used up lets nobody else in; the account that used it may come again, because the answer
//! may have been lost.

use rusqlite::{Connection, params};

use super::rows::stored;
use crate::meta::NewAccount;

/// Adds one. The same again lasts as long as the longer of the two.
pub(super) fn add(
    connection: &Connection,
    code_hash: &[u8; 32],
    ends_at: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO invites (code_hash, ends_at) VALUES (?1, ?2)
             ON CONFLICT (code_hash) DO UPDATE SET ends_at = max(ends_at, excluded.ends_at)",
        )?
        .execute(params![code_hash, stored(ends_at)])?;
    Ok(())
}

/// Whether it lets this account in.
pub(super) fn is_good(
    connection: &Connection,
    code_hash: &[u8; 32],
    new: &NewAccount,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM invites
             WHERE code_hash = ?1 AND ends_at > ?2 AND (used_by IS NULL OR used_by = ?3)",
        )?
        .exists(params![code_hash, stored(new.now), new.account.0])
}

/// It lets nobody else in. Forgets those that have ended.
pub(super) fn use_up(
    connection: &Connection,
    code_hash: &[u8; 32],
    new: &NewAccount,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE invites SET used_by = ?3
             WHERE code_hash = ?1 AND ends_at > ?2 AND used_by IS NULL",
        )?
        .execute(params![code_hash, stored(new.now), new.account.0])?;
    connection
        .prepare_cached("DELETE FROM invites WHERE ends_at <= ?1")?
        .execute([stored(new.now)])?;
    Ok(())
}
