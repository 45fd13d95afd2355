//! Around every request: its time limit, its log line, its counters, and the headers that all answers have.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use seshat_protocol::{limits, route};

use super::Shared;
use super::reply::{Cause, Failure};
use crate::log::Line;
use crate::metrics::Answered;

/// See the module.
pub(super) async fn watch(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let bytes_in = announced(&request);
    let mut response = tokio::time::timeout(patience(&shared, route), next.run(request))
        .await
        .unwrap_or_else(|_| Failure::too_slow().into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(Cause(what)) = response.extensions().get() {
        shared.log.write(&Line::Failure { what });
    }
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let bytes_out = response.body().size_hint().lower();
    shared.metrics.answered(&Answered { method, route, status, took, bytes_in, bytes_out });
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    shared.log.write(&Line::Request { method, route, status, ms, bytes_in, bytes_out });
    response
}

/// How long a request may take until its answer begins.
fn patience(shared: &Shared, route: &str) -> Duration {
    match route {
        // Here the client says how long it waits.
        route::EVENTS => shared.patience + Duration::from_secs(limits::WAIT_SECONDS),
        _ => shared.patience,
    }
}

/// A client may invent methods, and write into them what no log should hold.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "OTHER",
    }
}

fn announced(request: &Request) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}
