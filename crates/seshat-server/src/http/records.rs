//! `POST /v1/records` and `GET /v1/changes`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use seshat_protocol::{
    Changes, PushOutcome, PushRequest, PushResponse, PushResult, Record, limits,
};

use super::Desk;
use super::extract::{By, SentBy};
use super::reply::Failure;
use super::signed::{Device, note_cursor};
use crate::bodies::Trouble;
use crate::meta::{Held, PageRequest, Push};

/// Stores records. What is wrong with one of them is said of that one; the others are stored.
pub(super) async fn push(
    State(shared): Desk,
    SentBy { by, value: sent, held }: SentBy<Device, PushRequest>,
) -> Result<Json<PushResponse>, Failure> {
    let bytes: usize = sent.records.iter().map(Record::stored_len).sum();
    if sent.records.len() > limits::RECORDS || bytes > limits::BATCH_BYTES {
        return Err(Failure::too_large());
    }
    let ids: Vec<_> = sent.records.iter().map(|record| record.id).collect();
    let (account, now) = (by.account, (shared.clock)());
    let push = Push {
        account,
        by: by.id,
        records: sent.records.into_iter().map(Held::from).collect(),
        quota_default: shared.quota,
        now,
    };
    let pushed = shared.bodies.push(push).await?.ok_or_else(Failure::sign_in_required)?;
    drop(held);
    shared.metrics.pushed(pushed.outcomes.iter());
    if pushed.outcomes.contains(&PushOutcome::Stored) {
        shared.notify.stored(account, pushed.head);
    }
    let results =
        ids.into_iter().zip(pushed.outcomes).map(|(id, outcome)| PushResult { id, outcome });
    Ok(Json(PushResponse {
        results: results.collect(),
        head: pushed.head,
        epoch: shared.store.identity().epoch.clone(),
    }))
}

/// The query of `GET /v1/changes`. Numbers above the limits are taken for the limits.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    cursor: u64,
    limit: Option<usize>,
    max_bytes: Option<usize>,
    /// Not 0: what another record replaces is left out.
    #[serde(default)]
    live: u64,
}

/// A page of what came after a cursor.
pub(super) async fn changes(
    State(shared): Desk,
    wanted: Result<axum::extract::Query<Wanted>, QueryRejection>,
    By(by): By<Device>,
) -> Result<Response, Failure> {
    let axum::extract::Query(wanted) = wanted
        .map_err(|_| Failure::malformed("cursor, limit, max_bytes and live are whole numbers"))?;
    let request = PageRequest {
        cursor: wanted.cursor,
        limit: wanted.limit.unwrap_or(limits::RECORDS).clamp(1, limits::RECORDS),
        max_bytes: wanted.max_bytes.unwrap_or(limits::BATCH_BYTES).min(limits::BATCH_BYTES),
        live: wanted.live != 0,
    };
    let page = shared.bodies.page(by.account, request).await?;
    let page = page.ok_or_else(Failure::sign_in_required)?;
    if request.cursor > 0 && request.cursor <= page.head {
        note_cursor(&shared, by, request.cursor);
    }
    // A cursor beyond the head comes from another history; it goes back to where this one ends.
    let changes = Changes {
        has_more: page.next < page.head,
        records: page.records,
        next: page.next,
        head: page.head,
        epoch: shared.store.identity().epoch.clone(),
        digest: page.digest,
    };
    // A full page is 11 MB of JSON: not for a thread on which others wait.
    let encoded = tokio::task::spawn_blocking(move || serde_json::to_vec(&changes)).await;
    match encoded {
        Ok(Ok(body)) => Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response()),
        _ => Err(Failure::internal("encoding failed".to_owned())),
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Meta(error) => error.into(),
            Trouble::Objects(error) => error.into(),
            Trouble::Gone => Self::sign_in_required(),
            Trouble::Encoding => Self::internal(trouble.to_string()),
        }
    }
}
