//! `GET /v1/events`: word of a new head, as a stream of events or as an answer that waits.
//!
//! **Invariants:** the first word comes at once, so nobody misses what changed before it listened. A stream is given no
//! time limit; it ends when the server stops, and soon after its device was let out of the account. Nothing is told
//! but the head and the epoch.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use seshat_protocol::{Head, limits};
use tokio::time::{Instant, sleep, timeout_at};

use super::extract::By;
use super::reply::Failure;
use super::signed::Device;
use super::{Desk, Shared};
use crate::notify::{Listener, Unheard};

/// After how many silences it is looked whether the device is still let in: some five minutes.
const LOOK_EVERY: u32 = 12;

/// Tells a proxy that gathers answers to send each event on at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The query of `GET /v1/events`.
#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Seconds; with it the answer is one [`Head`].
    wait: Option<u64>,
    /// The head that the client knows. Without it every head is a new one.
    head: Option<u64>,
}

/// See the module.
pub(super) async fn events(
    State(shared): Desk,
    wanted: Result<axum::extract::Query<Wanted>, QueryRejection>,
    By(by): By<Device>,
) -> Result<Response, Failure> {
    let axum::extract::Query(wanted) =
        wanted.map_err(|_| Failure::malformed("wait and head are whole numbers"))?;
    // First listening, then reading: what is stored between the two is not missed.
    let mut listener = shared.notify.listen(by.account).map_err(|unheard| match unheard {
        Unheard::Closed => Failure::stopping(),
        Unheard::TooMany => Failure::too_many_listeners(),
    })?;
    let heads = shared.store.heads(vec![by.account]).await?;
    let head = heads.first().copied().flatten().ok_or_else(Failure::sign_in_required)?;
    shared.notify.told(by.account, head);
    let known = listener.head();
    match wanted.wait {
        Some(seconds) => {
            let head = patient(&mut listener, known, wanted.head, seconds).await;
            Ok(Json(told(&shared, head)).into_response())
        }
        None => Ok(streamed(Stream { shared, by, listener, known, said: false, silences: 0 })),
    }
}

/// Waits for a head that is not `asked`, or for another change, no longer than `seconds`.
async fn patient(listener: &mut Listener, known: u64, asked: Option<u64>, seconds: u64) -> u64 {
    if asked != Some(known) {
        return known;
    }
    let end = Instant::now() + Duration::from_secs(seconds.min(limits::WAIT_SECONDS));
    timeout_at(end, listener.next()).await.ok().flatten().unwrap_or(known)
}

fn told(shared: &Shared, head: u64) -> Head {
    Head { head, epoch: shared.store.identity().epoch.clone() }
}

/// Somebody who is told what comes.
struct Stream {
    shared: Arc<Shared>,
    by: Device,
    listener: Listener,
    known: u64,
    /// Whether the first word was said.
    said: bool,
    silences: u32,
}

fn streamed(stream: Stream) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (UNBUFFERED, "no")];
    let events = stream::unfold(stream, |mut stream| async move {
        let text = stream.next().await?;
        Some((Ok::<_, std::convert::Infallible>(text), stream))
    });
    (headers, Body::from_stream(events)).into_response()
}

impl Stream {
    /// The next lines; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        if !self.said {
            self.said = true;
            return self.event();
        }
        tokio::select! {
            head = self.listener.next() => {
                let head = head?;
                let moved = head != self.known;
                self.known = head;
                // What moves no head may be a vault that lets this device out.
                if moved || self.is_welcome().await { self.event() } else { None }
            }
            () = sleep(Duration::from_secs(limits::QUIET_SECONDS)) => {
                self.silences = self.silences.wrapping_add(1);
                let silent = !self.silences.is_multiple_of(LOOK_EVERY) || self.is_welcome().await;
                silent.then(|| ":\n\n".to_owned())
            }
        }
    }

    fn event(&self) -> Option<String> {
        let head = serde_json::to_string(&told(&self.shared, self.known)).ok()?;
        Some(format!("event: head\ndata: {head}\n\n"))
    }

    /// Whether the device may still be told. A store that does not answer now lets no one out.
    async fn is_welcome(&self) -> bool {
        match self.shared.store.device(self.by.account, self.by.id).await {
            Ok(seat) => seat.is_some_and(|seat| !seat.revoked && !seat.locked),
            Err(_) => true,
        }
    }
}
