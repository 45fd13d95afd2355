//! `POST /v1/accounts`, and `GET` and `DELETE /v1/account`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use seshat_protocol::{
    AccountCreated, AccountUsage, CreateAccount, Registration, VaultReply, create_account_message,
    limits,
};
use sha2::{Digest, Sha256};

use super::Desk;
use super::extract::{By, JustSignedIn, Member, Sent};
use super::reply::Failure;
use super::vault::{checked_blob, make_revision};
use crate::meta::{Created, Named, NewAccount};
use crate::signature::{certified, verifies};

/// Bytes of an email address at most (RFC 5321 §4.5.3.1.3).
const EMAIL_BYTES: usize = 254;

/// Begins an account for whoever holds the keys that it names.
pub(super) async fn create(
    State(shared): Desk,
    Sent(sent): Sent<CreateAccount>,
) -> Result<(StatusCode, Json<AccountCreated>), Failure> {
    if shared.registration == Registration::Closed {
        return Err(Failure::registration_closed());
    }
    if sent.invite.as_ref().is_some_and(|code| code.len() > limits::INVITE_BYTES) {
        return Err(Failure::not_invited());
    }
    let email = folded(&sent.email)?;
    checked_blob(&sent.vault)?;
    let held = shared.origins.iter().any(|origin| {
        let message = create_account_message(origin, sent.account, &sent.email);
        verifies(&sent.sign_in.password_key, &message, &sent.proof)
    });
    if !held {
        return Err(Failure::malformed(
            "the proof was not made by the sign-in key for this account at this server's address",
        ));
    }
    if !certified(&sent.identity_key, sent.account, &sent.device) {
        return Err(Failure::malformed("the account does not certify this device"));
    }
    let now = (shared.clock)();
    let receipt = shared.receipts.sign(sent.account, &sent.device, now);
    let created = shared
        .store
        .create_account(NewAccount {
            account: sent.account,
            email,
            identity_key: sent.identity_key,
            sign_in: sent.sign_in,
            vault: VaultReply { revision: make_revision()?, vault: sent.vault },
            device: sent.device,
            invite: sent.invite.as_deref().map(invitation),
            invited_only: shared.registration == Registration::Invited,
            now,
        })
        .await?;
    match created {
        Created::Made => Ok((StatusCode::CREATED, Json(AccountCreated { receipt }))),
        Created::Exists => Err(Failure::account_exists()),
        Created::NotInvited => Err(Failure::not_invited()),
    }
}

/// How much room the account takes up.
pub(super) async fn usage(
    State(shared): Desk,
    By(by): By<Member>,
) -> Result<Json<AccountUsage>, Failure> {
    let info = shared.store.account(Named::Id(by.account)).await?;
    let info = info.ok_or_else(Failure::sign_in_required)?;
    let (records, bytes) = (info.records, info.bytes);
    Ok(Json(AccountUsage { records, bytes, quota: info.quota.or(shared.quota) }))
}

/// Deletes the account for a person who has just signed in: neither a laptop that was left open somewhere nor a token
/// that was found can do this.
pub(super) async fn delete(
    State(shared): Desk,
    By(by): By<JustSignedIn>,
) -> Result<Json<serde_json::Value>, Failure> {
    if !shared.store.delete_account(by.account).await? {
        return Err(Failure::sign_in_required());
    }
    // Its laptops are let go of.
    shared.notify.touched(by.account);
    Ok(Json(serde_json::json!({})))
}

/// What is kept of an invitation: SHA-256 of what the author was told.
fn invitation(code: &str) -> [u8; 32] {
    Sha256::digest(code.trim()).into()
}

/// An address as it is compared: trimmed, in lower case. Whether mail reaches it is not our business: it is
/// how the author names the account.
pub(super) fn folded(email: &str) -> Result<String, Failure> {
    let folded = email.trim().to_lowercase();
    let plain = !folded.is_empty()
        && folded.len() <= EMAIL_BYTES
        && !folded.chars().any(|c| c.is_control() || c.is_whitespace());
    if plain { Ok(folded) } else { Err(Failure::malformed("that is not an email address")) }
}
