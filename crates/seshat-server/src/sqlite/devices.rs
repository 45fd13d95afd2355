//! Devices: registered once, perhaps revoked, never removed.

use rusqlite::{Connection, OptionalExtension, params};
use seshat_protocol::{AccountId, Bytes32, Bytes64, DeviceEntry, DeviceId};

use super::rows::{loaded, stored};
use crate::meta::{Registered, Seat, Sighting};

/// Whether a device's id is free in its account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    /// This very device has it, since then.
    Same(u64),
    /// Other keys have it, or it was revoked.
    Taken,
}

pub(super) fn place(
    connection: &Connection,
    account: i64,
    device: &DeviceEntry,
) -> rusqlite::Result<Place> {
    if is_revoked(connection, account, device.id)? {
        return Ok(Place::Taken);
    }
    let found: Option<([u8; 32], [u8; 32], i64)> = connection
        .prepare_cached(
            "SELECT signing_key, exchange_key, registered_at FROM devices
             WHERE account = ?1 AND id = ?2",
        )?
        .query_row(params![account, device.id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(match found {
        None => Place::Free,
        Some((signing, exchange, since))
            if (signing, exchange) == (device.signing_key.0, device.exchange_key.0) =>
        {
            Place::Same(loaded(since))
        }
        Some(_) => Place::Taken,
    })
}

/// Adds a device to the account with this row number.
pub(super) fn add(
    connection: &Connection,
    account: i64,
    device: &DeviceEntry,
    now: u64,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO devices (account, id, signing_key, exchange_key, certificate, registered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            account,
            device.id.0,
            device.signing_key.0,
            device.exchange_key.0,
            device.certificate.0,
            stored(now)
        ],
    )?;
    Ok(())
}

/// Lets a device in no more. The first time counts.
pub(super) fn revoke(
    connection: &Connection,
    account: i64,
    device: DeviceId,
    now: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO revoked (account, id, revoked_at) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![account, device.0, stored(now)])?;
    Ok(())
}

pub(super) fn is_revoked(
    connection: &Connection,
    account: i64,
    device: DeviceId,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM revoked WHERE account = ?1 AND id = ?2")?
        .exists(params![account, device.0])
}

pub(super) fn seat(
    connection: &Connection,
    account: AccountId,
    device: DeviceId,
) -> rusqlite::Result<Option<Seat>> {
    connection
        .prepare_cached(
            "SELECT devices.signing_key, revoked.id IS NOT NULL, accounts.locked
             FROM accounts
             JOIN devices ON devices.account = accounts.number AND devices.id = ?2
             LEFT JOIN revoked ON revoked.account = accounts.number AND revoked.id = ?2
             WHERE accounts.id = ?1",
        )?
        .query_row(params![account.0, device.0], |row| {
            let signing_key = Bytes32(row.get(0)?);
            Ok(Seat { signing_key, revoked: row.get(1)?, locked: row.get(2)? })
        })
        .optional()
}

pub(super) fn all(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Vec<Registered>> {
    let mut statement = connection.prepare_cached(
        "SELECT devices.id, signing_key, exchange_key, certificate, registered_at, revoked_at,
            seen_at, cursor
         FROM accounts
         JOIN devices ON devices.account = accounts.number
         LEFT JOIN revoked ON revoked.account = devices.account AND revoked.id = devices.id
         WHERE accounts.id = ?1
         ORDER BY registered_at, devices.id",
    )?;
    let rows = statement.query_map([account.0], |row| {
        let device = DeviceEntry {
            id: DeviceId(row.get(0)?),
            signing_key: Bytes32(row.get(1)?),
            exchange_key: Bytes32(row.get(2)?),
            certificate: Bytes64(row.get(3)?),
        };
        Ok(Registered {
            device,
            registered_at: loaded(row.get(4)?),
            revoked_at: row.get::<_, Option<i64>>(5)?.map(loaded),
            seen_at: row.get::<_, Option<i64>>(6)?.map(loaded),
            cursor: row.get::<_, Option<i64>>(7)?.map(loaded),
        })
    })?;
    rows.collect()
}

pub(super) fn seen(connection: &Connection, sighting: &Sighting) -> rusqlite::Result<()> {
    let Sighting { account, device, at, cursor } = sighting;
    connection
        .prepare_cached(
            "UPDATE devices SET seen_at = max(coalesce(seen_at, 0), ?3),
                cursor = max(coalesce(cursor, 0), coalesce(?4, cursor))
             WHERE account = (SELECT number FROM accounts WHERE id = ?1) AND id = ?2",
        )?
        .execute(params![account.0, device.0, stored(*at), cursor.map(stored)])?;
    Ok(())
}

/// Nothing that a device has stored is of this history.
pub(super) fn forget_cursors(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE devices SET cursor = NULL WHERE cursor IS NOT NULL", [])?;
    Ok(())
}
