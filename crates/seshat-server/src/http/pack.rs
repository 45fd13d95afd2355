//! `GET /v1/pack`: everything that is live after a cursor, as one stream of frames.
//!
//! **Invariants:** frames come in the order of positions, so a stream that is cut goes on behind its last record and
//! nothing is sent twice. What was replaced is left out; where that hides a record, the one that contains it comes in the
//! same pack or behind the cursor at its end. One page is in memory at a time.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use seshat_protocol::{AccountId, PackEnd, PackFrame, limits};

use super::extract::By;
use super::reply::Failure;
use super::signed::Device;
use super::{Desk, Shared};
use crate::bodies::{Trouble, WholePage};
use crate::log::Line;
use crate::meta::PageRequest;

/// What the frames are.
pub(super) const KIND: &str = "application/vnd.seshat.pack";

/// Bytes of bodies that are read at a time.
const PAGE_BYTES: usize = 1024 * 1024;

/// The query of `GET /v1/pack`.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    cursor: u64,
}

/// See the module.
pub(super) async fn fetch(
    State(shared): Desk,
    wanted: Result<axum::extract::Query<Wanted>, QueryRejection>,
    By(by): By<Device>,
) -> Result<Response, Failure> {
    let axum::extract::Query(wanted) =
        wanted.map_err(|_| Failure::malformed("cursor is a whole number"))?;
    packed(&shared, by.account, wanted.cursor).await
}

/// A pack of this account as an answer.
pub(super) async fn packed(
    shared: &Arc<Shared>,
    account: AccountId,
    cursor: u64,
) -> Result<Response, Failure> {
    let mut pack = Pack { shared: Arc::clone(shared), account, cursor, until: 0, ended: false };
    // What cannot be read at all is an answer with a status, and no stream that breaks off.
    let first = pack.page().await?;
    pack.until = first.head;
    let tag = format!("\"{}-{cursor}-{}\"", shared.store.identity().epoch, first.head);
    let tag = HeaderValue::try_from(tag)
        .map_err(|_| Failure::internal("an epoch is no header".to_owned()))?;
    let frames = stream::try_unfold((pack, Some(first)), |(mut pack, page)| async move {
        if pack.ended {
            return Ok::<_, Trouble>(None);
        }
        let frames = pack.next(page).await.inspect_err(|trouble| {
            pack.shared.log.write(&Line::Failure { what: &trouble.to_string() });
        })?;
        Ok(Some((frames, (pack, None))))
    });
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(KIND)), (header::ETAG, tag)];
    Ok((headers, Body::from_stream(frames)).into_response())
}

/// A pack that is being sent.
struct Pack {
    shared: Arc<Shared>,
    account: AccountId,
    /// What was read up to here.
    cursor: u64,
    /// The head when it began. What comes later is for `changes`, so that a pack ends.
    until: u64,
    ended: bool,
}

impl Pack {
    async fn next(&mut self, ready: Option<WholePage>) -> Result<Vec<u8>, Trouble> {
        let page = match ready {
            Some(page) => page,
            None => self.page().await?,
        };
        self.frames(page).await
    }

    async fn page(&self) -> Result<WholePage, Trouble> {
        let request = PageRequest {
            cursor: self.cursor,
            limit: limits::RECORDS,
            max_bytes: PAGE_BYTES,
            live: true,
        };
        let page = self.shared.bodies.page(self.account, request).await?;
        page.ok_or(Trouble::Gone)
    }

    /// The frames of a page, and the end behind the last one.
    async fn frames(&mut self, page: WholePage) -> Result<Vec<u8>, Trouble> {
        self.cursor = page.next;
        self.ended = page.next >= self.until;
        let end = self.ended.then(|| PackEnd {
            next: page.next,
            head: page.head,
            epoch: self.shared.store.identity().epoch.clone(),
            digest: page.digest,
        });
        let frames = page.records.into_iter().map(PackFrame::Record);
        let frames = frames.chain(end.map(PackFrame::End));
        let encode = move || {
            frames.map(|frame| frame.encode()).collect::<Result<Vec<_>, _>>().map(|it| it.concat())
        };
        match tokio::task::spawn_blocking(encode).await {
            Ok(Ok(encoded)) => Ok(encoded),
            _ => Err(Trouble::Encoding),
        }
    }
}
