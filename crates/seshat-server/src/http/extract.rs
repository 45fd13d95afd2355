//! What a request must bring: a session, a body of JSON.
//!
//! **Invariant:** a request that is refused is still read to its end (up to [`DRAINED`]). Closing a connection
//! on bytes that were not read resets it, and the client would see a network that failed where we said "sign
//! in again" or "too large".

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use seshat_protocol::{
    AccountId, ChallengeRequest, CreateAccount, PushRequest, SignInRequest, VaultUpdate, limits,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Shared;
use super::reply::Failure;
use crate::token;

/// Bytes of a refused body that are read and dropped.
const DRAINED: usize = 32 * 1024 * 1024;

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
impl Takes for PushRequest {
    const LIMIT: usize = limits::BODY_BYTES;
}

/// A session that is open.
#[derive(Clone, Copy)]
pub(super) struct Session {
    /// Whose it is.
    pub(super) account: AccountId,
    /// SHA-256 of its token.
    pub(super) token_hash: [u8; 32],
}

impl FromRequestParts<Arc<Shared>> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let sent = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token_hash = sent.and_then(token::hash_in).ok_or_else(Failure::sign_in_required)?;
        let account = shared.store.session(token_hash, (shared.clock)()).await?;
        let account = account.ok_or_else(Failure::sign_in_required)?;
        Ok(Self { account, token_hash })
    }
}

/// A body of JSON from anybody.
pub(super) struct Sent<T>(pub(super) T);

impl<T: Takes> FromRequest<Arc<Shared>> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let (value, _held) = json(&parts.headers, body, shared).await?;
        Ok(Self(value))
    }
}

/// A body of JSON from whoever has a session. The session is looked at first: nobody else's body is kept.
pub(super) struct SentBy<T> {
    /// Whose it is.
    pub(super) session: Session,
    /// What was sent.
    pub(super) value: T,
    /// Keep it until the value is done with.
    pub(super) held: Held,
}

/// Room in memory for a body, counted as it arrives: who only announces much takes none.
pub(super) type Held = Option<OwnedSemaphorePermit>;

impl<T: Takes> FromRequest<Arc<Shared>> for SentBy<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        match Session::from_request_parts(&mut parts, shared).await {
            Ok(session) => {
                let (value, held) = json(&parts.headers, body, shared).await?;
                Ok(Self { session, value, held })
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
    shared: &Shared,
) -> Result<(T, Held), Failure> {
    let mut held = None;
    let room = |length| hold(&shared.memory, length, &mut held);
    let bytes = read(body, T::LIMIT, room).await?;
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

/// The whole body, if it is no longer than `limit` and `room` is found for every part of it.
async fn read(
    mut body: Body,
    limit: usize,
    mut room: impl FnMut(usize) -> bool,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    let mut refused = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::malformed("the body was cut short"))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > limit {
            refused = Some(Failure::too_large());
        } else if refused.is_none() && !room(data.len()) {
            refused = Some(Failure::internal("no memory is left for bodies".to_owned()));
        }
        if refused.is_none() {
            bytes.extend_from_slice(&data);
        } else if length > DRAINED {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    refused.map_or(Ok(bytes), Err)
}

async fn drain(body: Body) {
    drop(read(body, 0, |_| false).await);
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
