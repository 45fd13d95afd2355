//! What a request must bring: a signature or a token, a body of JSON.
//!
//! **Invariant:** a request that is refused is still read to its end (up to [`DRAINED`]). Closing a connection
//! on bytes that were not read resets it, and the client would see a network that failed where we said "sign
//! in again" or "too large".

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use seshat_protocol::http_signature::ContentDigest;
use seshat_protocol::{
    AccountId, AskToJoin, ChallengeRequest, CreateAccount, JoinGrant, JoinOffer, JoinReveal,
    PushRequest, SignInRequest, VaultUpdate, limits,
};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Shared;
use super::reply::Failure;
use super::signed::{self, Device};
use crate::token;

/// Bytes of a refused body that are read and dropped.
const DRAINED: usize = 32 * 1024 * 1024;

/// Bytes of the body of a request that has none.
const NOTHING: usize = 0;

/// Bodies above this many bytes are decoded on a thread that may block.
const QUICK: usize = 64 * 1024;

/// A blob of the largest size in base64, with room for what stands around it.
const VAULT_BODY: usize = limits::VAULT_BYTES / 3 * 4 + 64 * 1024;

/// A type that some route takes as its body.
pub(super) trait Takes: DeserializeOwned + Send + 'static {
    /// Bytes of JSON at most.
    const LIMIT: usize;
}

impl Takes for CreateAccount {
    const LIMIT: usize = VAULT_BODY;
}
impl Takes for VaultUpdate {
    const LIMIT: usize = VAULT_BODY;
}
impl Takes for ChallengeRequest {
    const LIMIT: usize = 8 * 1024;
}
impl Takes for SignInRequest {
    const LIMIT: usize = 8 * 1024;
}
impl Takes for AskToJoin {
    const LIMIT: usize = 8 * 1024;
}
impl Takes for JoinReveal {
    const LIMIT: usize = 8 * 1024;
}
impl Takes for JoinOffer {
    const LIMIT: usize = 8 * 1024;
}
impl Takes for JoinGrant {
    const LIMIT: usize = 8 * 1024;
}
impl Takes for PushRequest {
    const LIMIT: usize = limits::BODY_BYTES;
}

/// Whoever may ask for something, as its request shows.
pub(super) trait Asker: Sized + Send {
    /// Who it is, and the digest that the body must have, if the request is bound to one.
    fn admit(
        parts: &Parts,
        shared: &Arc<Shared>,
    ) -> impl Future<Output = Result<(Self, Option<ContentDigest>), Failure>> + Send;
}

impl Asker for Device {
    async fn admit(
        parts: &Parts,
        shared: &Arc<Shared>,
    ) -> Result<(Self, Option<ContentDigest>), Failure> {
        let (device, digest) = signed::admit(parts, shared).await?;
        Ok((device, Some(digest)))
    }
}

/// SHA-256 of a token that was sent; whose it is has not been looked at.
#[derive(Clone, Copy)]
pub(super) struct Token(pub(super) [u8; 32]);

impl Asker for Token {
    async fn admit(
        parts: &Parts,
        _: &Arc<Shared>,
    ) -> Result<(Self, Option<ContentDigest>), Failure> {
        let sent = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let hash = sent.and_then(token::hash_in).ok_or_else(Failure::sign_in_required)?;
        Ok((Self(hash), None))
    }
}

/// A device, or a person who has signed in. Only the vault is open to both: it is all that a laptop which joins
/// or recovers needs before it is a device itself.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Whose it is.
    pub(super) account: AccountId,
    /// SHA-256 of a person's token.
    pub(super) session: Option<[u8; 32]>,
}

impl Asker for Member {
    async fn admit(
        parts: &Parts,
        shared: &Arc<Shared>,
    ) -> Result<(Self, Option<ContentDigest>), Failure> {
        if signed::is_signed(&parts.headers) {
            let (device, digest) = signed::admit(parts, shared).await?;
            return Ok((Self { account: device.account, session: None }, Some(digest)));
        }
        let (Token(hash), _) = Token::admit(parts, shared).await?;
        let now = (shared.clock)();
        let account = shared.store.session(hash, now).await?;
        let account = account.ok_or_else(Failure::sign_in_required)?;
        shared.limits.account(account, now).map_err(Failure::rate_limited)?;
        Ok((Self { account, session: Some(hash) }, None))
    }
}

/// Seconds after a sign-in in which a person may do what cannot be taken back.
const JUST: u64 = 5 * 60;

/// A person who signed in no longer than [`JUST`] ago.
#[derive(Clone, Copy)]
pub(super) struct JustSignedIn {
    /// Whose account it is.
    pub(super) account: AccountId,
}

impl Asker for JustSignedIn {
    async fn admit(
        parts: &Parts,
        shared: &Arc<Shared>,
    ) -> Result<(Self, Option<ContentDigest>), Failure> {
        let (Token(hash), _) = Token::admit(parts, shared).await?;
        let now = (shared.clock)();
        // A session that is still good that much later began no longer ago.
        let later = now.saturating_add((token::LIFETIME_SECONDS - JUST) * 1000);
        let account = shared.store.session(hash, later).await?;
        let account = account.ok_or_else(Failure::sign_in_required)?;
        shared.limits.account(account, now).map_err(Failure::rate_limited)?;
        Ok((Self { account }, None))
    }
}

/// Who asks, with no body or one that nobody looks at.
pub(super) struct By<A>(pub(super) A);

impl<A: Asker> FromRequest<Arc<Shared>> for By<A> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        match A::admit(&parts, shared).await {
            Ok((by, None)) => Ok(Self(by)),
            Ok((by, digest)) => {
                read(body, NOTHING, digest, |_| true).await?;
                Ok(Self(by))
            }
            Err(failure) => {
                drain(body).await;
                Err(failure)
            }
        }
    }
}

/// A body of JSON from anybody.
pub(super) struct Sent<T>(pub(super) T);

impl<T: Takes> FromRequest<Arc<Shared>> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let (value, _held) = json(&parts.headers, body, None, shared).await?;
        Ok(Self(value))
    }
}

/// A body of JSON from somebody. Who it is is looked at first: nobody else's body is kept.
pub(super) struct SentBy<A, T> {
    /// Who sent it.
    pub(super) by: A,
    /// What was sent.
    pub(super) value: T,
    /// Keep it until the value is done with.
    pub(super) held: Held,
}

/// Room in memory for a body, counted as it arrives: who only announces much takes none.
pub(super) type Held = Option<OwnedSemaphorePermit>;

impl<A: Asker, T: Takes> FromRequest<Arc<Shared>> for SentBy<A, T> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        match A::admit(&parts, shared).await {
            Ok((by, digest)) => {
                let (value, held) = json(&parts.headers, body, digest, shared).await?;
                Ok(Self { by, value, held })
            }
            Err(failure) => {
                drain(body).await;
                Err(failure)
            }
        }
    }
}

/// Bytes from somebody, as many as a part of a blob may have. Who it is is looked at first.
pub(super) struct RawBy<A> {
    /// Who sent them.
    pub(super) by: A,
    /// What was sent.
    pub(super) bytes: Vec<u8>,
    /// Keep it until the bytes are done with.
    pub(super) held: Held,
}

impl<A: Asker> FromRequest<Arc<Shared>> for RawBy<A> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        match A::admit(&parts, shared).await {
            Ok((by, digest)) => {
                let mut held = None;
                let room = |length| hold(&shared.memory, length, &mut held);
                let bytes = read(body, limits::BLOB_PART_BYTES, digest, room).await?;
                Ok(Self { by, bytes, held })
            }
            Err(failure) => {
                drain(body).await;
                Err(failure)
            }
        }
    }
}

async fn json<T: Takes>(
    headers: &HeaderMap,
    body: Body,
    digest: Option<ContentDigest>,
    shared: &Shared,
) -> Result<(T, Held), Failure> {
    let mut held = None;
    let room = |length| hold(&shared.memory, length, &mut held);
    let bytes = read(body, T::LIMIT, digest, room).await?;
    if !is_json(headers) {
        return Err(Failure::malformed("the body must be application/json"));
    }
    let many = bytes.len() > QUICK;
    let decode = move || serde_json::from_slice(&bytes);
    let decoded = if many {
        tokio::task::spawn_blocking(decode)
            .await
            .map_err(|_| Failure::internal("decoding panicked".to_owned()))?
    } else {
        decode()
    };
    let value = decoded.map_err(|_| Failure::malformed("the body is not what this route takes"))?;
    Ok((value, held))
}

/// Adds room for `length` bytes to `held`; `false` when there is none.
fn hold(memory: &Arc<Semaphore>, length: usize, held: &mut Held) -> bool {
    let permits = u32::try_from(length).ok();
    match permits.and_then(|n| Arc::clone(memory).try_acquire_many_owned(n).ok()) {
        Some(permit) => {
            match held {
                Some(held) => held.merge(permit),
                None => *held = Some(permit),
            }
            true
        }
        None => false,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = sent.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The whole body, if it has this digest, is no longer than `limit` and `room` is found for every part of it.
async fn read(
    mut body: Body,
    limit: usize,
    digest: Option<ContentDigest>,
    mut room: impl FnMut(usize) -> bool,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    let mut refused = None;
    let mut hashed = digest.map(|_| Sha256::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::malformed("the body was cut short"))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if let Some(hashed) = &mut hashed {
            hashed.update(&data);
        }
        if length > limit {
            refused = Some(Failure::too_large());
        } else if refused.is_none() && !room(data.len()) {
            refused = Some(Failure::no_memory());
        }
        if refused.is_none() {
            bytes.extend_from_slice(&data);
        } else if length > DRAINED {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if hashed.map(|hashed| ContentDigest(hashed.finalize().into())) != digest {
        // Not what the device signed: whatever else is wrong with it is not for whoever sent it.
        return Err(Failure::sign_in_required());
    }
    refused.map_or(Ok(bytes), Err)
}

pub(super) async fn drain(body: Body) {
    drop(read(body, NOTHING, None, |_| false).await);
}

/// 404 for every path that has no route.
pub(super) async fn no_such_route(request: Request) -> Failure {
    drain(request.into_body()).await;
    Failure::no_such_route()
}

/// 405 for every route that has other methods.
pub(super) async fn no_such_method(request: Request) -> Failure {
    drain(request.into_body()).await;
    Failure::no_such_method()
}
