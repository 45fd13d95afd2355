//! `GET` and `PUT /v1/vault`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use seshat_protocol::{
    AccountId, Blob, DeviceEntry, VaultReply, VaultUpdate, VaultUpdated, limits,
};

use super::extract::{By, Member, SentBy};
use super::reply::Failure;
use super::{Desk, Shared};
use crate::meta::{VaultChange, VaultOutcome};
use crate::signature::certified;

/// The vault, or 304 when it is the one that the client has.
pub(super) async fn fetch(
    State(shared): Desk,
    headers: HeaderMap,
    By(by): By<Member>,
) -> Result<Response, Failure> {
    let vault = shared.store.vault(by.account).await?;
    let vault = vault.ok_or_else(Failure::sign_in_required)?;
    let tag = etag(&vault.revision)?;
    if has(&headers, &vault.revision) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, Json(vault)).into_response())
}

/// Puts a vault in the place of the one that `If-Match` names.
pub(super) async fn replace(
    State(shared): Desk,
    headers: HeaderMap,
    SentBy { by, value: sent, held }: SentBy<Member, VaultUpdate>,
) -> Result<Response, Failure> {
    let expected = expected(&headers)?;
    checked_blob(&sent.vault)?;
    if sent.revoke.len() > limits::REVOKE {
        return Err(Failure::too_large());
    }
    if let Some(device) = &sent.device {
        if sent.revoke.contains(&device.id) {
            return Err(Failure::malformed("a device does not join and leave at once"));
        }
        check_device(&shared, by.account, device).await?;
    }
    let revision = make_revision()?;
    let outcome = shared
        .store
        .replace_vault(VaultChange {
            account: by.account,
            expected,
            vault: VaultReply { revision: revision.clone(), vault: sent.vault },
            sign_in: sent.sign_in,
            device: sent.device.clone(),
            revoke: sent.revoke,
            session: by.session,
            now: (shared.clock)(),
        })
        .await?;
    drop(held);
    match outcome {
        VaultOutcome::Stored { registered_at } => {
            shared.notify.touched(by.account);
            let joined = sent.device.zip(registered_at);
            let receipt = joined.map(|(device, at)| shared.receipts.sign(by.account, &device, at));
            Ok((etag(&revision)?, Json(VaultUpdated { revision, receipt })).into_response())
        }
        VaultOutcome::Changed => Err(Failure::vault_changed()),
        VaultOutcome::DeviceTaken => {
            Err(Failure::malformed("this device's id is another one's, or was revoked"))
        }
    }
}

async fn check_device(
    shared: &Shared,
    account: AccountId,
    device: &DeviceEntry,
) -> Result<(), Failure> {
    let identity = shared.store.identity_key(account).await?;
    let identity = identity.ok_or_else(Failure::sign_in_required)?;
    if certified(&identity, account, device) {
        Ok(())
    } else {
        Err(Failure::malformed("the account does not certify this device"))
    }
}

/// A blob that can be stored.
pub(super) fn checked_blob(vault: &Blob) -> Result<(), Failure> {
    if vault.0.is_empty() {
        return Err(Failure::malformed("a vault is not empty"));
    }
    if vault.0.len() > limits::VAULT_BYTES { Err(Failure::too_large()) } else { Ok(()) }
}

/// A revision: random, so that one of a database that was since restored from a backup matches nothing.
pub(super) fn make_revision() -> Result<String, getrandom::Error> {
    let mut revision = [0; 16];
    getrandom::fill(&mut revision)?;
    Ok(format!("{:032x}", u128::from_be_bytes(revision)))
}

fn etag(revision: &str) -> Result<[(HeaderName, HeaderValue); 1], Failure> {
    let tag = HeaderValue::try_from(format!("\"{revision}\""))
        .map_err(|_| Failure::internal("a stored revision is no header".to_owned()))?;
    Ok([(header::ETAG, tag)])
}

/// Whether `If-None-Match` names `revision`. Compared weakly, as RFC 9110 §13.1.2 has it.
fn has(headers: &HeaderMap, revision: &str) -> bool {
    let sent = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    sent.unwrap_or_default().split(',').any(|tag| {
        let tag = tag.trim();
        unquoted(tag.strip_prefix("W/").unwrap_or(tag)) == Some(revision)
    })
}

/// The one revision in `If-Match`. `*` is refused: it would overwrite what the client has not seen.
fn expected(headers: &HeaderMap) -> Result<String, Failure> {
    let sent = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let revision = sent.and_then(|tag| unquoted(tag.trim()));
    revision
        .map(str::to_owned)
        .ok_or_else(|| Failure::malformed("If-Match must name the revision that is replaced"))
}

fn unquoted(tag: &str) -> Option<&str> {
    let inner = tag.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then_some(inner)
}
