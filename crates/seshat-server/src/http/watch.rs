//! Around every request: its time limit, its log line, and the headers that all answers have.

use std::sync::Arc;
use std::time::Instant;

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::reply::{Cause, Failure};
use crate::log::Line;

/// See the module.
pub(super) async fn watch(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let bytes_in = announced(&request);
    let mut response = tokio::time::timeout(shared.patience, next.run(request))
        .await
        .unwrap_or_else(|_| Failure::too_slow().into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(Cause(what)) = response.extensions().get() {
        shared.log.write(&Line::Failure { what });
    }
    shared.log.write(&Line::Request {
        method,
        route: route.as_ref().map_or("unmatched", MatchedPath::as_str),
        status: response.status().as_u16(),
        ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        bytes_in,
        bytes_out: response.body().size_hint().lower(),
    });
    response
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
