//! Requests that a device signs (RFC 9421, see [`seshat_protocol::http_signature`]).
//!
//! **Invariants:** who asks is who signed, and nothing else that a request carries: a header in which a proxy
//! names a client certificate changes nothing. The signature covers the digest of the body, which is compared
//! after the body was read and before anything is done with it. Whatever is wrong is one and the same answer, but
//! for a time that does not do and a device that was revoked; and an unknown device costs what a known one does.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use seshat_protocol::http_signature::{
    ContentDigest, SignatureInput, SignedParts, header, parse_signature,
};
use seshat_protocol::{AccountId, Bytes64, DeviceId};

use super::Shared;
use super::reply::Failure;
use crate::arrival::Arrival;
use crate::meta::Sighting;
use crate::signature::verifies;

/// A device of an account, which signed the request.
#[derive(Clone, Copy)]
pub(super) struct Device {
    /// Whose it is.
    pub(super) account: AccountId,
    /// Which one.
    pub(super) id: DeviceId,
}

/// What the headers of a signed request say.
struct Head<'a> {
    input: SignatureInput,
    signature: Bytes64,
    digest: ContentDigest,
    origin: &'a str,
    if_match: Option<&'a str>,
}

impl<'a> Head<'a> {
    fn read(headers: &'a HeaderMap) -> Option<Self> {
        let if_match = match headers.contains_key(IF_MATCH) {
            true => Some(once(headers, IF_MATCH.as_str())?),
            false => None,
        };
        Some(Self {
            input: SignatureInput::parse(once(headers, header::SIGNATURE_INPUT)?).ok()?,
            signature: parse_signature(once(headers, header::SIGNATURE)?).ok()?,
            digest: ContentDigest::parse(once(headers, header::CONTENT_DIGEST)?).ok()?,
            origin: once(headers, header::ORIGIN)?,
            if_match,
        })
    }

    /// What must have been signed.
    fn base(&self, parts: &Parts) -> Option<String> {
        let signed = SignedParts {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query(),
            digest: self.digest,
            origin: self.origin,
            if_match: self.if_match,
        };
        self.input.base(&signed).ok()
    }
}

/// The value of a header that must be there exactly once.
fn once<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether a request claims to be signed.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key(HeaderName::from_static(header::SIGNATURE_INPUT))
}

/// Who signed, and which body.
pub(super) async fn admit(
    parts: &Parts,
    shared: &Arc<Shared>,
) -> Result<(Device, ContentDigest), Failure> {
    let head = Head::read(&parts.headers).ok_or_else(Failure::sign_in_required)?;
    let base = head.base(parts).ok_or_else(Failure::sign_in_required)?;
    let (input, now) = (head.input, (shared.clock)());
    if !shared.origins.iter().any(|origin| origin == head.origin) {
        return Err(Failure::sign_in_required());
    }
    let store = &*shared.store;
    shared.arrivals.timely(store, input.created, now).map_err(Failure::clock)?;
    let seat = shared.store.device(input.account, input.device).await?;
    let key = seat.map_or(shared.nobody, |seat| seat.signing_key);
    let right = verifies(&key, base.as_bytes(), &head.signature);
    let seat = seat.filter(|_| right).ok_or_else(Failure::sign_in_required)?;
    match shared.arrivals.note(store, &input, now).await? {
        Arrival::First => {}
        Arrival::Again => return Err(Failure::sign_in_required()),
        Arrival::Untimely(better) => return Err(Failure::clock(better)),
    }
    if seat.revoked {
        return Err(Failure::device_revoked());
    }
    if seat.locked {
        return Err(Failure::account_locked());
    }
    shared.limits.account(input.account, now).map_err(Failure::rate_limited)?;
    let device = Device { account: input.account, id: input.device };
    note_seen(shared, device, now);
    Ok((device, head.digest))
}

/// For how long it is gathered how far devices have come.
const TOGETHER: Duration = Duration::from_secs(2);

/// The device has stored all changes up to `cursor`. Nobody waits for the write.
pub(super) fn note_cursor(shared: &Arc<Shared>, device: Device, cursor: u64) {
    if !shared.seen.came((device.account, device.id), cursor, (shared.clock)()) {
        return;
    }
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        tokio::time::sleep(TOGETHER).await;
        for sighting in shared.seen.unwritten((shared.clock)()) {
            // One that fails is made up for when the device comes further.
            drop(shared.store.seen(sighting).await);
        }
    });
}

/// Nobody waits for this write, and one that fails is made up for in the next hour.
fn note_seen(shared: &Arc<Shared>, device: Device, now: u64) {
    if let Some(hour) = shared.seen.first(device.account, device.id, now) {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let Device { account, id } = device;
            let sighting = Sighting { account, device: id, at: hour, cursor: None };
            drop(shared.store.seen(sighting).await);
        });
    }
}
