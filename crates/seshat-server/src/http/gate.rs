//! Before every request: whether its address has asked too often.
//!
//! **Invariant:** who is refused is told when to come again. What a load balancer asks is never refused, and neither is
//! a program of this machine: a proxy here that is not trusted would stand for everybody.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use seshat_protocol::route;

use super::Shared;
use super::extract::drain;
use super::reply::Failure;
use crate::limits::Wait;

/// In which proxies name the client.
pub(super) const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// See the module.
pub(super) async fn gate(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    match admit(&shared, &request) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            drain(request.into_body()).await;
            Failure::rate_limited(wait).into_response()
        }
    }
}

fn admit(shared: &Shared, request: &Request) -> Result<(), Wait> {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if matches!(route, route::HEALTH | route::READY | route::METRICS) {
        return Ok(());
    }
    let Some(address) = client(shared, request) else { return Ok(()) };
    let now = (shared.clock)();
    shared.limits.address(address, now)?;
    if begins(request.method(), route) { shared.limits.sign_in(address, now) } else { Ok(()) }
}

/// Whether this is a request by somebody who is not known yet.
fn begins(method: &Method, route: &str) -> bool {
    let entry = [route::ACCOUNTS, route::CHALLENGE, route::SIGN_IN, route::JOINS].contains(&route);
    entry && *method == Method::POST
}

/// Where a request comes from; `None` is this machine.
pub(super) fn client(shared: &Shared, request: &Request) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let named = request.headers().get_all(FORWARDED).into_iter();
    shared.limits.client(peer.ip(), named.filter_map(|value| value.to_str().ok()))
}
