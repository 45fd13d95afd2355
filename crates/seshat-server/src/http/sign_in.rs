//! `POST /v1/sign-in/challenge` and `POST /v1/sign-in`.
//!
//! **Invariant:** neither answer tells whether an account exists. One that does not exist has a lasting id
//! and salt, made from a secret of this server, and costs the same steps. What can still be told: an account
//! whose key derivation is one that clients do not measure exists. Registration, too, has to say that an address is taken.

use axum::Json;
use axum::extract::State;
use hmac::{Hmac, KeyInit, Mac};
use seshat_protocol::{
    AccountId, Bytes16, ChallengeReply, ChallengeRequest, KdfDescription, SignInReply,
    SignInRequest, sign_in_message,
};
use sha2::Sha256;

use super::accounts::folded;
use super::extract::Sent;
use super::reply::Failure;
use super::{Desk, Shared};
use crate::meta::{Known, Named, NewSession};
use crate::signature::verifies;
use crate::token;

/// Between which an invented account's key derivation lies: what clients measure. Argon2id's memory in KiB, and its step.
const MEMORY_KIB: (u32, u32, u32) = (64 * 1024, 512 * 1024, 16 * 1024);

/// Hands out a challenge, and what a laptop needs to stretch the password.
pub(super) async fn challenge(
    State(shared): Desk,
    Sent(sent): Sent<ChallengeRequest>,
) -> Result<Json<ChallengeReply>, Failure> {
    let (account, known) = match (sent.email, sent.account) {
        (Some(email), None) => account_of(&shared, folded(&email)?).await?,
        (None, Some(account)) => (account, shared.store.find(Named::Id(account)).await?),
        _ => return Err(Failure::malformed("name the account by its email address or by its id")),
    };
    // Made from the id also when the address was given: both ways of asking must agree.
    let salt = Bytes16(derive(&shared.store.identity().secret, "salt", &account.0));
    let invented = invented_kdf(&shared.store.identity().secret, account, salt);
    let (kdf, account_code) = match known {
        Some(known) => (known.sign_in.kdf, known.sign_in.account_code),
        None => (invented, false),
    };
    let challenge = shared.challenges.make(account, (shared.clock)())?;
    Ok(Json(ChallengeReply { account, kdf, account_code, challenge }))
}

/// The account of this address, folded. One that does not exist has a lasting id all the same.
pub(super) async fn account_of(
    shared: &Shared,
    email: String,
) -> Result<(AccountId, Option<Known>), Failure> {
    let invented = AccountId(derive(&shared.store.identity().secret, "account", email.as_bytes()));
    let known = shared.store.find(Named::Email(email)).await?;
    Ok((known.as_ref().map_or(invented, |known| known.account), known))
}

/// Opens a person's session for whoever answers a challenge with the key of the password or of the phrase.
pub(super) async fn sign_in(
    State(shared): Desk,
    Sent(sent): Sent<SignInRequest>,
) -> Result<Json<SignInReply>, Failure> {
    let now = (shared.clock)();
    let began = shared.store.began();
    let open = shared.challenges.is_open(sent.account, &sent.challenge, began, now);
    let key = shared.store.sign_in_key(sent.account, sent.key).await?;
    let checked = key.unwrap_or(shared.nobody);
    let signed = shared.origins.iter().any(|origin| {
        let message = sign_in_message(origin, sent.account, &sent.challenge);
        verifies(&checked, &message, &sent.signature)
    });
    let right = open && signed && key.is_some();
    if !right || !shared.challenges.use_up(&*shared.store, &sent.challenge, now).await? {
        return Err(Failure::wrong_answer());
    }
    let info = shared.store.account(Named::Id(sent.account)).await?;
    if info.is_some_and(|info| info.locked) {
        return Err(Failure::account_locked());
    }
    let token = token::make()?;
    let ends_at = now.saturating_add(token::LIFETIME_SECONDS * 1000);
    let token_hash = token::hash(&token);
    let session = NewSession { token_hash, account: sent.account, now, ends_at };
    shared.store.open_session(session).await?;
    Ok(Json(SignInReply { token: token::text(&token), expires_in: token::LIFETIME_SECONDS }))
}

/// A lasting key derivation such as some laptop might have measured.
fn invented_kdf(secret: &[u8; 32], account: AccountId, salt: Bytes16) -> KdfDescription {
    let (least, most, step) = MEMORY_KIB;
    let drawn = u128::from_be_bytes(derive(secret, "kdf", &account.0));
    let steps = u128::from((most - least) / step) + 1;
    let chosen = u32::try_from(drawn % steps).unwrap_or(0);
    KdfDescription { memory_kib: least + chosen * step, passes: 3, lanes: 4, salt }
}

fn derive(secret: &[u8; 32], what: &str, of: &[u8]) -> [u8; 16] {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    let whole: [u8; 32] =
        mac.chain_update(what).chain_update([0]).chain_update(of).finalize().into_bytes().into();
    std::array::from_fn(|index| whole[index])
}
