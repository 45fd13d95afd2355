//! Taking connections.
//!
//! **Invariants:** at most [`CONNECTIONS`] at a time; a client that sends nothing is let go after the server's patience,
//! and so is one that reads nothing.
//! HTTP/1.1 alone: no client of ours needs more, and waiting for the preface that would tell HTTP/2 apart has no time
//! limit. Each request carries the address that its connection came from.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};

use crate::notify::Notify;
use crate::steady::Steady;
use crate::tls::Tls;

/// Connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 4096;
/// How long a stopping server waits for requests that have begun.
const FAREWELL: Duration = Duration::from_secs(10);

/// What is done with a connection.
#[derive(Clone)]
pub(crate) struct Reception {
    /// Who answers.
    pub(crate) router: Router,
    /// With it connections are TLS.
    pub(crate) tls: Option<Arc<Tls>>,
    /// How long a client may take to send a request's head.
    pub(crate) patience: Duration,
    /// Who waits for news; they are let go of first, for their answers would never end.
    pub(crate) notify: Arc<Notify>,
}

/// Takes connections until `stopped` is dropped; then finishes the requests that have begun, within [`FAREWELL`].
pub(crate) async fn accept(
    listener: TcpListener,
    reception: Reception,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    let (open, closing) = watch::channel(());
    loop {
        let arrival = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            (seat, listener.accept().await)
        };
        let (seat, accepted) = tokio::select! {
            arrival = arrival => arrival,
            _ = &mut stopped => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file descriptors, most likely: some will be free in a moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (reception, watcher) = (reception.clone(), graceful.watcher());
        let closing = closing.clone();
        tokio::spawn(async move {
            reception.receive(stream, peer, watcher, closing).await;
            drop(seat);
        });
    }
    drop((listener, open));
    reception.notify.close();
    let _cut_short = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
}

impl Reception {
    async fn receive(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        mut closing: watch::Receiver<()>,
    ) {
        // Only a latency: without it the answer is late, not wrong.
        let _slower = stream.set_nodelay(true);
        let Some(tls) = self.tls.clone() else { return self.serve(stream, peer, watcher).await };
        // Nobody has asked for anything yet, so a server that stops need not wait.
        let greeted = tokio::select! {
            greeted = tls.greet(stream) => greeted,
            _ = closing.changed() => None,
        };
        if let Some(stream) = greeted {
            self.serve(stream, peer, watcher).await;
        }
    }

    async fn serve<S>(self, stream: S, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.patience);
        let router = TowerToHyperService::new(self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.call(request)
        });
        let stream = TokioIo::new(Steady::new(stream, self.patience));
        let connection = builder.serve_connection(stream, service).into_owned();
        let _client_went_away = watcher.watch(connection).await;
    }
}
