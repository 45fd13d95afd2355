//! `GET /v1/devices`.

use axum::Json;
use axum::extract::State;
use seshat_protocol::{AccountId, Devices, ListedDevice};

use super::extract::By;
use super::reply::Failure;
use super::signed::Device;
use super::{Desk, Shared};

/// Every device that the account ever registered.
pub(super) async fn list(
    State(shared): Desk,
    By(by): By<Device>,
) -> Result<Json<Devices>, Failure> {
    Ok(Json(Devices { devices: listed(&shared, by.account).await? }))
}

/// The devices of an account, as they travel.
pub(super) async fn listed(
    shared: &Shared,
    account: AccountId,
) -> Result<Vec<ListedDevice>, Failure> {
    let (registered, now) = (shared.store.devices(account).await?, (shared.clock)());
    let devices = registered.into_iter().map(|known| ListedDevice {
        receipt: shared.receipts.sign(account, &known.device, known.registered_at),
        // What is not written yet is known here.
        cursor: known.cursor.max(shared.seen.cursor(account, known.device.id, now)),
        device: known.device,
        revoked_at: known.revoked_at,
        seen_at: known.seen_at,
    });
    Ok(devices.collect())
}
