//! The vault blob: the one thing of an account that changes in place, by compare and swap.

use rusqlite::{Connection, OptionalExtension, named_params, params};
use seshat_protocol::{AccountId, Blob, SignInDescription, VaultReply};

use super::devices::{self, Place};
use super::rows::number;
use crate::meta::{VaultChange, VaultOutcome};

pub(super) fn current(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Option<VaultReply>> {
    connection
        .prepare_cached("SELECT vault_revision, vault FROM accounts WHERE id = ?1")?
        .query_row([account.0], |row| {
            Ok(VaultReply { revision: row.get(0)?, vault: Blob(row.get(1)?) })
        })
        .optional()
}

pub(super) fn replace(
    connection: &Connection,
    change: &VaultChange,
) -> rusqlite::Result<VaultOutcome> {
    let Some(account) = number(connection, change.account)? else {
        return Ok(VaultOutcome::Changed);
    };
    // Looked at before anything is written, so that an outcome other than `Stored` leaves nothing to undo.
    let place = match &change.device {
        Some(device) => Some(devices::place(connection, account, device)?),
        None => None,
    };
    if place == Some(Place::Taken) {
        return Ok(VaultOutcome::DeviceTaken);
    }
    let swapped = connection
        .prepare_cached(
            "UPDATE accounts SET vault_revision = ?3, vault = ?4
             WHERE number = ?1 AND vault_revision = ?2 AND locked = 0",
        )?
        .execute(params![account, change.expected, change.vault.revision, change.vault.vault.0])?;
    if swapped == 0 {
        return Ok(VaultOutcome::Changed);
    }
    if let (Some(Place::Free), Some(device)) = (place, &change.device) {
        devices::add(connection, account, device, change.now)?;
    }
    for device in &change.revoke {
        devices::revoke(connection, account, *device, change.now)?;
    }
    if let Some(sign_in) = &change.sign_in {
        set_sign_in(connection, account, sign_in)?;
        connection.execute(
            "DELETE FROM sessions WHERE account = ?1 AND token_hash IS NOT ?2",
            params![account, change.session],
        )?;
    }
    let registered_at = match place {
        Some(Place::Free) => Some(change.now),
        Some(Place::Same(since)) => Some(since),
        Some(Place::Taken) | None => None,
    };
    Ok(VaultOutcome::Stored { registered_at })
}

fn set_sign_in(
    connection: &Connection,
    account: i64,
    sign_in: &SignInDescription,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE accounts SET kdf_memory_kib = :memory, kdf_passes = :passes, kdf_lanes = :lanes,
            kdf_salt = :salt, account_code = :code, password_key = :password,
            recovery_key = :recovery
         WHERE number = :account",
        named_params! {
            ":memory": sign_in.kdf.memory_kib,
            ":passes": sign_in.kdf.passes,
            ":lanes": sign_in.kdf.lanes,
            ":salt": sign_in.kdf.salt.0,
            ":code": sign_in.account_code,
            ":password": sign_in.password_key.0,
            ":recovery": sign_in.recovery_key.0,
            ":account": account,
        },
    )?;
    Ok(())
}
