//! The vault blob: the one thing of an account that changes in place, by compare and swap.

use rusqlite::{Connection, OptionalExtension, named_params, params};
use seshat_protocol::{AccountId, Blob, DeviceEntry, SignInDescription, VaultReply};

use super::accounts::add_device;
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
    let seat = match &change.device {
        Some(device) => seat(connection, account, device)?,
        None => Seat::Same,
    };
    if seat == Seat::Taken {
        return Ok(VaultOutcome::DeviceTaken);
    }
    let swapped = connection
        .prepare_cached(
            "UPDATE accounts SET vault_revision = ?3, vault = ?4
             WHERE number = ?1 AND vault_revision = ?2",
        )?
        .execute(params![account, change.expected, change.vault.revision, change.vault.vault.0])?;
    if swapped == 0 {
        return Ok(VaultOutcome::Changed);
    }
    if let (Seat::Free, Some(device)) = (seat, &change.device) {
        add_device(connection, account, device)?;
    }
    if let Some(sign_in) = &change.sign_in {
        set_sign_in(connection, account, sign_in)?;
        connection.execute(
            "DELETE FROM sessions WHERE account = ?1 AND by_person = 1 AND token_hash <> ?2",
            params![account, change.session],
        )?;
    }
    Ok(VaultOutcome::Stored)
}

/// Whether a device's id is free in its account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seat {
    Free,
    /// This very device has it.
    Same,
    /// Other keys have it.
    Taken,
}

fn seat(connection: &Connection, account: i64, device: &DeviceEntry) -> rusqlite::Result<Seat> {
    let keys: Option<([u8; 32], [u8; 32])> = connection
        .prepare_cached(
            "SELECT signing_key, exchange_key FROM devices WHERE account = ?1 AND id = ?2",
        )?
        .query_row(params![account, device.id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match keys {
        None => Seat::Free,
        Some(keys) if keys == (device.signing_key.0, device.exchange_key.0) => Seat::Same,
        Some(_) => Seat::Taken,
    })
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
