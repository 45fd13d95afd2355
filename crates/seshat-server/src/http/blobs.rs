//! `/v1/blobs`: sealed images, in parts that come in any order and again.
//!
//! **Invariants:** a blob is given to nobody before all of it is here and has the hash by which it is called. A part
//! that has been acknowledged is on the disk. Which part a request brings, and of how long a blob, is signed with it.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use seshat_protocol::{AccountId, BlobProgress, Bytes32, limits};
use sha2::{Digest, Sha256};

use super::extract::{By, RawBy};
use super::reply::Failure;
use super::signed::Device;
use super::{Desk, Shared};
use crate::meta::{BlobBegun, BlobState, MetaError, NewBlob};
use crate::objects::{Bytes, Depot, Key, ObjectError, unhex};

/// Bytes of every part but the last.
const PART: u64 = limits::BLOB_PART_BYTES as u64;

/// Bytes that are read of a part at a time: what one download holds in memory.
const PIECE: u64 = 512 * 1024;

/// The blob that a path names.
type Named = Result<Path<String>, PathRejection>;

/// The query of a `PUT`.
#[derive(Deserialize)]
pub(super) struct Brought {
    /// Bytes of the whole blob.
    len: u64,
    /// Which part, counted from 0.
    #[serde(default)]
    part: u32,
}

/// A blob of an account, as a request names it.
#[derive(Clone, Copy)]
struct Blob {
    account: AccountId,
    hash: Bytes32,
    len: u64,
}

impl Blob {
    fn parts(&self) -> u32 {
        u32::try_from(self.len.div_ceil(PART)).unwrap_or(u32::MAX)
    }

    /// Bytes of this part; 0 where there is none of that number.
    fn part_len(&self, part: u32) -> u64 {
        self.len.saturating_sub(u64::from(part) * PART).min(PART)
    }

    fn key(&self, part: u32) -> Key {
        Key::part(self.account, self.hash, part)
    }

    fn progress(&self, state: &BlobState) -> BlobProgress {
        let all = if state.complete { 0..0 } else { 0..self.parts() };
        let missing = all.filter(|part| !state.parts.contains(part)).collect();
        BlobProgress { len: self.len, missing, complete: state.complete }
    }
}

/// Takes a part, and with the last one the blob.
pub(super) async fn put(
    State(shared): Desk,
    named: Named,
    brought: Result<axum::extract::Query<Brought>, QueryRejection>,
    RawBy { by, bytes, held }: RawBy<Device>,
) -> Result<Json<BlobProgress>, Failure> {
    let axum::extract::Query(brought) =
        brought.map_err(|_| Failure::malformed("len and part are whole numbers"))?;
    let blob = Blob { account: by.account, hash: hash(named)?, len: brought.len };
    if blob.len > limits::BLOB_BYTES {
        return Err(Failure::too_large());
    }
    if bytes.is_empty() || bytes.len() as u64 != blob.part_len(brought.part) {
        return Err(Failure::malformed("the body is not as long as this part of the blob"));
    }
    let state = begin(&shared, blob).await?;
    if state.complete {
        return Ok(Json(blob.progress(&state)));
    }
    shared.depot.put(blob.key(brought.part), Bytes::from(bytes)).await?;
    drop(held);
    if !shared.store.blob_part(blob.account, blob.hash, brought.part).await? {
        return Err(Failure::malformed("this blob was begun anew meanwhile; send it again"));
    }
    let mut progress = blob.progress(&found(&shared, blob.account, blob.hash).await?);
    if progress.missing.is_empty() && !progress.complete {
        check(&shared.depot, blob).await?;
        progress.complete = shared.store.finish_blob(blob.account, blob.hash).await?;
    }
    Ok(Json(progress))
}

async fn begin(shared: &Shared, blob: Blob) -> Result<BlobState, Failure> {
    let Blob { account, hash, len } = blob;
    let new = NewBlob { account, hash, len, quota_default: shared.quota, now: (shared.clock)() };
    match shared.store.begin_blob(new).await?.ok_or_else(Failure::sign_in_required)? {
        BlobBegun::Made | BlobBegun::Known => {}
        BlobBegun::NoRoom => return Err(Failure::from(MetaError::Full)),
    }
    let state = found(shared, account, hash).await?;
    if state.len == len {
        Ok(state)
    } else {
        Err(Failure::malformed("this blob is here with another length"))
    }
}

async fn found(shared: &Shared, account: AccountId, hash: Bytes32) -> Result<BlobState, Failure> {
    shared.store.blob(account, hash).await?.ok_or_else(Failure::no_such_blob)
}

/// Whether the parts make the blob that they are said to make.
async fn check(depot: &Depot, blob: Blob) -> Result<(), Failure> {
    let wrong = || Failure::malformed("the parts do not make this blob; send them again");
    let mut hashed = Sha256::new();
    for part in 0..blob.parts() {
        let bytes = match depot.get(blob.key(part)).await {
            Ok(bytes) if bytes.len() as u64 == blob.part_len(part) => bytes,
            Ok(_) | Err(ObjectError::Missing | ObjectError::Damaged) => return Err(wrong()),
            Err(error) => return Err(error.into()),
        };
        // Some milliseconds of work: not for a thread on which others wait.
        let step = tokio::task::spawn_blocking(move || hashed.chain_update(&bytes)).await;
        hashed = step.map_err(|_| Failure::internal("hashing panicked".to_owned()))?;
    }
    if Bytes32(hashed.finalize().into()) == blob.hash { Ok(()) } else { Err(wrong()) }
}

/// Which parts are here.
pub(super) async fn progress(
    State(shared): Desk,
    named: Named,
    By(by): By<Device>,
) -> Result<Json<BlobProgress>, Failure> {
    let hash = hash(named)?;
    let state = found(&shared, by.account, hash).await?;
    let blob = Blob { account: by.account, hash, len: state.len };
    Ok(Json(blob.progress(&state)))
}

/// Whether the whole blob is here, and how long it is.
pub(super) async fn look(
    State(shared): Desk,
    named: Named,
    By(by): By<Device>,
) -> Result<Response, Failure> {
    let blob = complete(&shared, by, named).await?;
    Ok((headers(blob, blob.len)?, Body::empty()).into_response())
}

/// The blob, or the part of it that `Range` names.
pub(super) async fn fetch(
    State(shared): Desk,
    named: Named,
    sent: HeaderMap,
    By(by): By<Device>,
) -> Result<Response, Failure> {
    let blob = complete(&shared, by, named).await?;
    let Some((from, to)) = range(&sent, blob.len)? else {
        let body = streamed(&shared, blob, 0, blob.len).await?;
        return Ok((headers(blob, blob.len)?, body).into_response());
    };
    let body = streamed(&shared, blob, from, to).await?;
    let shown = format!("bytes {from}-{}/{}", to - 1, blob.len);
    let shown = [(header::CONTENT_RANGE, shown)];
    Ok((StatusCode::PARTIAL_CONTENT, headers(blob, to - from)?, shown, body).into_response())
}

async fn complete(shared: &Shared, by: Device, named: Named) -> Result<Blob, Failure> {
    let hash = hash(named)?;
    let state = found(shared, by.account, hash).await?;
    if state.complete {
        Ok(Blob { account: by.account, hash, len: state.len })
    } else {
        Err(Failure::no_such_blob())
    }
}

fn headers(blob: Blob, len: u64) -> Result<HeaderMap, Failure> {
    let internal = |_| Failure::internal("a hash is no header".to_owned());
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let tag = format!("\"{}\"", crate::objects::hex(&blob.hash));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).map_err(internal)?);
    Ok(headers)
}

/// The one range of bytes that is asked for, its end exclusive. Several, or another unit, are as good as none
/// (RFC 9110 §14.2). `If-Range` needs no look: a blob never changes.
fn range(sent: &HeaderMap, len: u64) -> Result<Option<(u64, u64)>, Failure> {
    let asked = sent.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some((from, to)) = asked.and_then(|text| text.strip_prefix("bytes=")?.split_once('-'))
    else {
        return Ok(None);
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let range = match (number(from), number(to)) {
        (Some(from), Some(last)) if from <= last => (from, last.saturating_add(1).min(len)),
        (Some(from), None) if to.is_empty() => (from, len),
        (None, Some(last)) if from.is_empty() => (len.saturating_sub(last), len),
        _ => return Ok(None),
    };
    if range.0 < range.1 { Ok(Some(range)) } else { Err(Failure::no_such_range()) }
}

/// The bytes from `from` to `to`, of which the first are here already: what cannot be read at all is an answer with a
/// status, and no stream that breaks off.
async fn streamed(shared: &Arc<Shared>, blob: Blob, from: u64, to: u64) -> Result<Body, Failure> {
    let depot = shared.depot.clone();
    let first = piece(&depot, blob, from, to).await?;
    let next = (from + first.len() as u64, Some(first));
    let pieces = stream::try_unfold(next, move |(at, ready)| {
        let depot = depot.clone();
        async move {
            if let Some(ready) = ready {
                return Ok::<_, ObjectError>(Some((ready, (at, None))));
            }
            if at >= to {
                return Ok(None);
            }
            let piece = piece(&depot, blob, at, to).await?;
            let behind = at + piece.len() as u64;
            Ok(Some((piece, (behind, None))))
        }
    });
    Ok(Body::from_stream(pieces))
}

/// Bytes from `at` on, of one part and no further than `to`.
async fn piece(depot: &Depot, blob: Blob, at: u64, to: u64) -> Result<Bytes, ObjectError> {
    let part = u32::try_from(at / PART).map_err(|_| ObjectError::Damaged)?;
    let inside = at % PART;
    let end = (inside + PIECE).min(PART).min(inside + (to - at));
    depot.range(blob.key(part), inside..end).await
}

/// The hash that a path names; what is none names no blob.
fn hash(named: Named) -> Result<Bytes32, Failure> {
    let name = named.map_err(|_| Failure::no_such_blob())?;
    unhex(&name.0).ok_or_else(Failure::no_such_blob)
}

impl From<ObjectError> for Failure {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Full => MetaError::Full.into(),
            ObjectError::Missing | ObjectError::Damaged => Self::internal(error.to_string()),
            ObjectError::Failed(_) => Self::not_ready(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::hash_of;

    fn asked(range: &str, len: u64) -> Option<Option<(u64, u64)>> {
        let mut sent = HeaderMap::new();
        sent.insert(header::RANGE, range.parse().unwrap());
        super::range(&sent, len).ok()
    }

    #[test]
    fn a_range_is_read_as_the_rfc_has_it() {
        assert_eq!(asked("bytes=0-0", 10), Some(Some((0, 1))));
        assert_eq!(asked("bytes=3-", 10), Some(Some((3, 10))));
        assert_eq!(asked("bytes=3-99", 10), Some(Some((3, 10))));
        assert_eq!(asked("bytes=3-18446744073709551616", 10), Some(Some((3, 10))));
        assert_eq!(asked("bytes=-4", 10), Some(Some((6, 10))));
        assert_eq!(asked("bytes=-99", 10), Some(Some((0, 10))));
        for ignored in
            ["bytes=5-3", "bytes=a-b", "bytes=+1-2", "bytes=-", "lines=0-1", "bytes=0-1,3-4"]
        {
            assert_eq!(asked(ignored, 10), Some(None), "{ignored}");
        }
        for none in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(asked(none, 10), None, "{none}");
        }
    }

    #[test]
    fn parts_cover_a_blob_exactly() {
        for len in [1, PART - 1, PART, PART + 1, 3 * PART, limits::BLOB_BYTES] {
            let blob = Blob { account: AccountId([1; 16]), hash: hash_of(b""), len };
            let sum: u64 = (0..blob.parts()).map(|part| blob.part_len(part)).sum();
            assert_eq!(sum, len);
            assert!(blob.part_len(blob.parts() - 1) > 0);
            assert_eq!(blob.part_len(blob.parts()), 0);
            assert_eq!(blob.part_len(u32::MAX), 0);
        }
    }
}
