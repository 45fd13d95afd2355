//! Starting, serving and stopping.
//!
//! **Invariant:** what the server keeps is closed after the last request has been answered, and only then may another
//! process have it. Stopping finishes the requests that have begun; see [`accept`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use seshat_protocol::Bytes32;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::accept::{Reception, accept};
use crate::arrival::Arrivals;
use crate::bodies::Bodies;
use crate::challenge::Challenges;
use crate::config::Config;
use crate::http::{Exports, Readiness, Shared, router};
use crate::limits::Limits;
use crate::log::{Line, Log};
use crate::metrics::Metrics;
use crate::notify::Notify;
use crate::opening::{OpenError, Opened, Who, open};
use crate::receipt::Receipts;
use crate::seen::Seen;
use crate::sweep::Sweeper;
use crate::tls::{Tls, TlsError};

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// What it keeps cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The certificate cannot be used.
    #[error("the certificate cannot be used")]
    Certificate(#[from] TlsError),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random(#[from] getrandom::Error),
}

/// A server that runs. Dropped, it stops by itself some time later; [`Server::shutdown`] waits for that.
pub struct Server {
    scheme: &'static str,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// `http://` or `https://`, and [`Server::addr`].
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Takes no more connections, finishes the requests that have begun, closes the database and lets go of
    /// the data folder.
    pub async fn shutdown(self) {
        drop(self.stop);
        // The task has no way to fail but a panic, which has been reported where it happened.
        drop(self.task.await);
    }
}

/// Starts a server.
///
/// # Errors
/// When the data folder is in use, cannot be used or is newer than this server, or when the address is taken.
pub async fn serve(mut config: Config) -> Result<Server, ServeError> {
    let tls = config.tls.clone().map(Tls::open).transpose()?.map(Arc::new);
    let opened = open(&config, Who::Server).await?;
    let listener = TcpListener::bind(config.listen).await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|error| ServeError::Listen(config.listen, error))?;

    let sink = std::mem::replace(&mut config.log, Box::new(io::sink()));
    let log = Log::new(sink, Arc::clone(&config.clock));
    let (scheme, patience) = (config.scheme(), config.patience);
    let sweeper = Sweeper {
        store: opened.store(),
        depot: opened.depot().clone(),
        clock: Arc::clone(&config.clock),
        keep: config.keep_replaced,
        log: log.clone(),
    };
    let shared = Arc::new(shared(config, address, &opened, log.clone()));
    let notify = Arc::clone(&shared.notify);
    let carrying = Arc::clone(&notify).carry(opened.store());
    let (stop, stopped) = oneshot::channel();
    let reception = Reception { router: router(shared), tls, patience, notify };
    let task = tokio::spawn(async move {
        log.write(&Line::Started);
        let mut beside = JoinSet::new();
        beside.spawn(sweeper.run());
        beside.spawn(carrying);
        if let Some(tls) = reception.tls.clone() {
            beside.spawn(tls.follow(log.clone()));
        }
        accept(listener, reception, stopped).await;
        beside.shutdown().await;
        opened.close().await;
        log.write(&Line::Stopped);
    });
    Ok(Server { scheme, address, stop, task })
}

/// What all requests share.
fn shared(config: Config, address: SocketAddr, opened: &Opened, log: Log) -> Shared {
    let (store, depot) = (opened.store(), opened.depot().clone());
    let room = config.memory.min(Semaphore::MAX_PERMITS);
    Shared {
        nobody: nobody(&store.identity().secret),
        receipts: Receipts::new(&store.identity().receipt_key),
        bodies: Bodies::new(Arc::clone(&store), depot.clone(), log.clone()),
        depot,
        challenges: Challenges::new(&store.identity().secret),
        store,
        arrivals: Arrivals::default(),
        seen: Seen::default(),
        origins: config.origins_at(address),
        clock: config.clock,
        log,
        patience: config.patience,
        memory: Arc::new(Semaphore::new(room)),
        room,
        limits: Limits::new(config.rates, config.trusted_proxies),
        metrics: Metrics::default(),
        metrics_to: config.metrics_to,
        registration: config.registration,
        quota: config.quota,
        notify: Arc::new(Notify::default()),
        exports: Exports::default(),
        readiness: Readiness::default(),
    }
}

/// A public key whose private half nobody has kept.
fn nobody(secret: &[u8; 32]) -> Bytes32 {
    Bytes32(SigningKey::from_bytes(secret).verifying_key().to_bytes())
}
