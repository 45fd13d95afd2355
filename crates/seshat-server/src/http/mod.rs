//! The routes of `/v1` over HTTP.
//!
//! **Invariant:** whatever is sent, the answer is one of the protocol's types: an error is an
//! [`seshat_protocol::ErrorBody`], also for routes that do not exist and bodies that are no JSON.

mod accounts;
mod blobs;
mod devices;
mod events;
mod export;
mod extract;
mod gate;
mod joins;
mod operations;
mod pack;
mod records;
mod reply;
mod sign_in;
mod signed;
mod vault;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};
use ipnet::IpNet;
use seshat_protocol::{Bytes32, Registration, route};
use tokio::sync::Semaphore;

use crate::arrival::Arrivals;
use crate::bodies::Bodies;
use crate::challenge::Challenges;
use crate::config::Clock;
use crate::limits::Limits;
use crate::log::Log;
use crate::meta::MetaStore;
use crate::metrics::Metrics;
use crate::notify::Notify;
use crate::objects::Depot;
use crate::receipt::Receipts;
use crate::seen::Seen;
pub(crate) use export::Exports;
pub(crate) use operations::Readiness;

/// What all requests share.
pub(crate) struct Shared {
    /// Where everything is kept.
    pub(crate) store: Arc<dyn MetaStore>,
    /// Records whole, wherever their bodies are.
    pub(crate) bodies: Bodies,
    /// Where blobs are.
    pub(crate) depot: Depot,
    /// What the server vouches with.
    pub(crate) receipts: Receipts,
    /// Open sign-ins.
    pub(crate) challenges: Challenges,
    /// Which signed requests were here.
    pub(crate) arrivals: Arrivals,
    /// Which devices were here this hour.
    pub(crate) seen: Seen,
    /// The origins that a signature may name.
    pub(crate) origins: Vec<String>,
    /// A valid public key that belongs to nobody: what answers for unknown accounts are checked against, so
    /// that they cost the same.
    pub(crate) nobody: Bytes32,
    /// Milliseconds since 1970.
    pub(crate) clock: Clock,
    /// Where lines go.
    pub(crate) log: Log,
    /// How long one request may take, its body included.
    pub(crate) patience: Duration,
    /// Bytes of request bodies that may be in memory at a time.
    pub(crate) memory: Arc<Semaphore>,
    /// How many `memory` began with.
    pub(crate) room: usize,
    /// How fast anybody may ask.
    pub(crate) limits: Limits,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// Who may read that, beside this machine.
    pub(crate) metrics_to: Vec<IpNet>,
    /// Who may begin an account.
    pub(crate) registration: Registration,
    /// The most bytes that an account may take up unless it has a bound of its own.
    pub(crate) quota: Option<u64>,
    /// Who waits for news.
    pub(crate) notify: Arc<Notify>,
    /// Room for exports.
    pub(crate) exports: Exports,
    /// What the store last said of itself.
    pub(crate) readiness: Readiness,
}

type Desk = axum::extract::State<Arc<Shared>>;

/// All routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(route::HEALTH, get(operations::health))
        .route(route::READY, get(operations::ready))
        .route(route::METRICS, get(operations::metrics))
        .route(route::CAPABILITIES, get(operations::capabilities))
        .route(route::ACCOUNTS, post(accounts::create))
        .route(route::CHALLENGE, post(sign_in::challenge))
        .route(route::SIGN_IN, post(sign_in::sign_in))
        .route(route::VAULT, get(vault::fetch).put(vault::replace))
        .route(route::RECORDS, post(records::push))
        .route(route::CHANGES, get(records::changes))
        .route(route::PACK, get(pack::fetch))
        .route(&blob(""), get(blobs::fetch).head(blobs::look).put(blobs::put))
        .route(&blob(route::BLOB_PARTS), get(blobs::progress))
        .route(route::EVENTS, get(events::events))
        .route(route::DEVICES, get(devices::list))
        .route(route::EXPORT, get(export::export))
        .route(route::ACCOUNT, get(accounts::usage).delete(accounts::delete))
        .route(route::JOINS, post(joins::ask).get(joins::open))
        .route(&join(""), get(joins::progress).delete(joins::deny))
        .route(&join(route::JOIN_REVEAL), put(joins::reveal))
        .route(&join(route::JOIN_OFFER), put(joins::offer))
        .route(&join(route::JOIN_GRANT), put(joins::grant))
        .fallback(extract::no_such_route)
        .method_not_allowed_fallback(extract::no_such_method)
        .layer(from_fn_with_state(Arc::clone(&shared), gate::gate))
        .layer(from_fn_with_state(Arc::clone(&shared), watch::watch))
        .with_state(shared)
}

/// The template of a route of one blob.
fn blob(what: &str) -> String {
    format!("{}{{blob}}{what}", route::BLOB)
}

/// The template of a route of one asking to join.
fn join(step: &str) -> String {
    format!("{}{{join}}{step}", route::JOIN)
}
