//! Devices: registered once, perhaps revoked, never removed.

use deadpool_postgres::{Client, GenericClient, Transaction};
use seshat_protocol::{AccountId, Bytes32, Bytes64, DeviceEntry, DeviceId};
use tokio_postgres::Row;

use super::pool::{Failure, execute, row, rows};
use super::rows::{bytes, loaded, number, stored};
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

pub(super) async fn place(
    transaction: &Transaction<'_>,
    account: i64,
    device: &DeviceEntry,
) -> Result<Place, Failure> {
    let sql = "SELECT 1 FROM revoked WHERE account = $1 AND id = $2";
    if row(transaction, sql, &[&account, &device.id.0.as_slice()]).await?.is_some() {
        return Ok(Place::Taken);
    }
    let sql = "SELECT signing_key, exchange_key, registered_at FROM devices
         WHERE account = $1 AND id = $2";
    let Some(found) = row(transaction, sql, &[&account, &device.id.0.as_slice()]).await? else {
        return Ok(Place::Free);
    };
    let keys: ([u8; 32], [u8; 32]) = (bytes(&found, 0)?, bytes(&found, 1)?);
    let same = keys == (device.signing_key.0, device.exchange_key.0);
    Ok(if same { Place::Same(number(&found, 2)?) } else { Place::Taken })
}

/// Adds a device to the account with this row number.
pub(super) async fn add(
    transaction: &Transaction<'_>,
    account: i64,
    device: &DeviceEntry,
    now: u64,
) -> Result<(), Failure> {
    let sql =
        "INSERT INTO devices (account, id, signing_key, exchange_key, certificate, registered_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    execute(
        transaction,
        sql,
        &[
            &account,
            &device.id.0.as_slice(),
            &device.signing_key.0.as_slice(),
            &device.exchange_key.0.as_slice(),
            &device.certificate.0.as_slice(),
            &stored(now),
        ],
    )
    .await?;
    Ok(())
}

/// Lets devices in no more. The first time counts.
pub(super) async fn revoke(
    transaction: &Transaction<'_>,
    account: i64,
    devices: &[DeviceId],
    now: u64,
) -> Result<(), Failure> {
    for device in devices {
        let sql = "INSERT INTO revoked (account, id, revoked_at) VALUES ($1, $2, $3)
             ON CONFLICT (account, id) DO NOTHING";
        execute(transaction, sql, &[&account, &device.0.as_slice(), &stored(now)]).await?;
    }
    Ok(())
}

pub(super) async fn seat(
    client: &Client,
    (account, device): &(AccountId, DeviceId),
) -> Result<Option<Seat>, Failure> {
    let sql = "SELECT devices.signing_key, revoked.id IS NOT NULL, accounts.locked <> 0
         FROM accounts
         JOIN devices ON devices.account = accounts.number AND devices.id = $2
         LEFT JOIN revoked ON revoked.account = accounts.number AND revoked.id = $2
         WHERE accounts.id = $1";
    let found = row(client, sql, &[&account.0.as_slice(), &device.0.as_slice()]).await?;
    let seat = |row: Row| {
        let signing_key = Bytes32(bytes(&row, 0)?);
        Ok(Seat { signing_key, revoked: row.try_get(1)?, locked: row.try_get(2)? })
    };
    found.map(seat).transpose()
}

pub(super) async fn all(client: &Client, account: &AccountId) -> Result<Vec<Registered>, Failure> {
    let sql =
        "SELECT devices.id, signing_key, exchange_key, certificate, registered_at, revoked_at,
            seen_at, devices.cursor
         FROM accounts
         JOIN devices ON devices.account = accounts.number
         LEFT JOIN revoked ON revoked.account = devices.account AND revoked.id = devices.id
         WHERE accounts.id = $1
         ORDER BY registered_at, devices.id";
    let found = rows(client, sql, &[&account.0.as_slice()]).await?;
    found.iter().map(registered).collect()
}

fn registered(row: &Row) -> Result<Registered, Failure> {
    let device = DeviceEntry {
        id: DeviceId(bytes(row, 0)?),
        signing_key: Bytes32(bytes(row, 1)?),
        exchange_key: Bytes32(bytes(row, 2)?),
        certificate: Bytes64(bytes(row, 3)?),
    };
    Ok(Registered {
        device,
        registered_at: number(row, 4)?,
        revoked_at: row.try_get::<_, Option<i64>>(5)?.map(loaded),
        seen_at: row.try_get::<_, Option<i64>>(6)?.map(loaded),
        cursor: row.try_get::<_, Option<i64>>(7)?.map(loaded),
    })
}

pub(super) async fn seen(on: &impl GenericClient, sighting: &Sighting) -> Result<(), Failure> {
    let Sighting { account, device, at, cursor } = sighting;
    let sql = "UPDATE devices SET seen_at = GREATEST(seen_at, $3), cursor = GREATEST(cursor, $4)
         WHERE account = (SELECT number FROM accounts WHERE id = $1) AND id = $2";
    let (at, cursor) = (stored(*at), cursor.map(stored));
    execute(on, sql, &[&account.0.as_slice(), &device.0.as_slice(), &at, &cursor]).await?;
    Ok(())
}

/// Nothing that a device has stored is of this history.
pub(super) async fn forget_cursors(on: &impl GenericClient) -> Result<(), Failure> {
    execute(on, "UPDATE devices SET cursor = NULL WHERE cursor IS NOT NULL", &[]).await?;
    Ok(())
}
