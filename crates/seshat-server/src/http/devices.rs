//! `GET /v1/devices`.

use axum::Json;
use axum::extract::State;
use seshat_protocol::{Devices, ListedDevice};

use super::Desk;
use super::extract::By;
use super::reply::Failure;
use super::signed::Device;

/// Every device that the account ever registered.
pub(super) async fn list(
    State(shared): Desk,
    By(by): By<Device>,
) -> Result<Json<Devices>, Failure> {
    let registered = shared.store.devices(by.account).await?;
    let devices = registered.into_iter().map(|known| ListedDevice {
        receipt: shared.receipts.sign(by.account, &known.device, known.registered_at),
        device: known.device,
        revoked_at: known.revoked_at,
        seen_at: known.seen_at,
        cursor: None,
    });
    Ok(Json(Devices { devices: devices.collect() }))
}
