//! What those who run a server ask, and what a client asks first: none of it is about an account.
//!
//! **Invariant:** a probe costs next to nothing however often it comes: the store is asked at most once in
//! [`FRESH`], by one request for all.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use seshat_protocol::{Capabilities, PROTOCOL_VERSION, limits};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::gate::{FORWARDED, client};
use super::reply::Failure;
use super::{Desk, Shared};
use crate::metrics::Now;

/// For how long an answer of the store stands.
const FRESH: Duration = Duration::from_secs(1);

/// How long the store may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the store last said of itself, and when.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), String>)>>);

/// `GET /healthz`: the process answers. It does not ask the store, so that a server whose database is away is not
/// started again for that.
pub(super) async fn health() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "ok" }))
}

/// `GET /readyz`: the store can be read and written, and the server does not stop.
pub(super) async fn ready(State(shared): Desk) -> Result<Json<serde_json::Value>, Failure> {
    if shared.notify.is_closed() {
        return Err(Failure::stopping());
    }
    let said = shared.readiness.ask(&shared).await;
    said.map(|()| Json(serde_json::json!({ "status": "ready" }))).map_err(Failure::not_ready)
}

impl Readiness {
    async fn ask(&self, shared: &Shared) -> Result<(), String> {
        let mut last = self.0.lock().await;
        if let Some((at, said)) = &*last
            && at.elapsed() < FRESH
        {
            return said.clone();
        }
        let said = match timeout(PATIENCE, shared.store.ready()).await {
            Ok(said) => said.map_err(|error| error.to_string()),
            Err(_) => Err("the store takes too long".to_owned()),
        };
        *last = Some((Instant::now(), said.clone()));
        said
    }
}

/// `GET /metrics`, for this machine and for the networks that the configuration names. For others there is nothing.
pub(super) async fn metrics(State(shared): Desk, request: Request) -> Result<Response, Failure> {
    let allowed = match client(&shared, &request) {
        // From here, unless a proxy that is not trusted says that somebody else asks.
        None => !request.headers().contains_key(FORWARDED),
        Some(address) => shared.metrics_to.iter().any(|network| network.contains(&address)),
    };
    if !allowed {
        return Err(Failure::no_such_route());
    }
    let now = Now {
        listeners: shared.notify.listeners(),
        bodies: shared.room.saturating_sub(shared.memory.available_permits()),
    };
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], shared.metrics.text(&now)).into_response())
}

/// `GET /v1/capabilities`.
pub(super) async fn capabilities(State(shared): Desk) -> Json<Capabilities> {
    Json(Capabilities {
        service: "seshat".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocols: vec![PROTOCOL_VERSION],
        max_records: limits::RECORDS,
        max_batch_bytes: limits::BATCH_BYTES,
        max_record_bytes: limits::RECORD_BYTES,
        server_key: shared.receipts.key(),
        registration: shared.registration,
    })
}
