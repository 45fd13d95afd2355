//! Starting, serving and stopping.
//!
//! **Invariant:** one process for each data folder, held by a lock on a file for as long as the database is
//! open. Stopping finishes the requests that have begun; see [`accept`].

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use seshat_protocol::Bytes32;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::accept::{Reception, accept};
use crate::arrival::Arrivals;
use crate::challenge::Challenges;
use crate::config::Config;
use crate::http::{Readiness, Shared, router};
use crate::joins::Joins;
use crate::limits::Limits;
use crate::log::{Line, Log};
use crate::meta::MetaStore;
use crate::metrics::Metrics;
use crate::notify::Notify;
use crate::receipt::Receipts;
use crate::seen::Seen;
use crate::sqlite::{OpenError, SqliteStore};
use crate::sweep::Sweeper;
use crate::tls::{Tls, TlsError};

/// The database's name in the data folder.
const DATABASE: &str = "server.db";
/// The lock's name in the data folder.
const LOCK: &str = "server.lock";

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Another process has the data folder.
    #[error("another seshat-server is already running on {}", .0.display())]
    InUse(PathBuf),
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The database in it cannot be used.
    #[error("the database in {} cannot be used", .0.display())]
    Database(PathBuf, #[source] OpenError),
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
pub async fn serve(config: Config) -> Result<Server, ServeError> {
    let tls = config.tls.clone().map(Tls::open).transpose()?.map(Arc::new);
    let (lock, store) = open(&config).await?;
    let store = Arc::new(store);
    let listener = TcpListener::bind(config.listen).await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|error| ServeError::Listen(config.listen, error))?;

    let (scheme, origins) = (config.scheme(), config.origins_at(address));
    let log = Log::new(config.log, Arc::clone(&config.clock));
    let sweeper = Sweeper {
        store: Arc::clone(&store) as Arc<dyn MetaStore>,
        clock: Arc::clone(&config.clock),
        keep: config.keep_replaced,
        log: log.clone(),
    };
    let room = config.memory.min(Semaphore::MAX_PERMITS);
    let notify = Arc::new(Notify::default());
    let shared = Arc::new(Shared {
        nobody: nobody(&store.identity().secret),
        receipts: Receipts::new(&store.identity().receipt_key),
        store: Arc::clone(&store) as Arc<dyn MetaStore>,
        challenges: Challenges::new()?,
        arrivals: Arrivals::new((config.clock)()),
        seen: Seen::default(),
        joins: Joins::default(),
        origins,
        clock: config.clock,
        log: log.clone(),
        patience: config.patience,
        memory: Arc::new(Semaphore::new(room)),
        room,
        limits: Limits::new(config.rates, config.trusted_proxies),
        metrics: Metrics::default(),
        metrics_to: config.metrics_to,
        registration: config.registration,
        quota: config.quota,
        notify: Arc::clone(&notify),
        readiness: Readiness::default(),
    });
    let (stop, stopped) = oneshot::channel();
    let carrying = Arc::clone(&notify).carry(Arc::clone(&store) as Arc<dyn MetaStore>);
    let (router, patience) = (router(shared), config.patience);
    let reception = Reception { router, tls, patience, notify };
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
        // A panic while closing has been reported; the lock must go all the same.
        drop(tokio::task::spawn_blocking(move || store.close()).await);
        drop(lock);
        log.write(&Line::Stopped);
    });
    Ok(Server { scheme, address, stop, task })
}

async fn open(config: &Config) -> Result<(File, SqliteStore), ServeError> {
    let (data, room, now) = (config.data.clone(), config.room, (config.clock)());
    let opened = tokio::task::spawn_blocking(move || {
        let lock = claim(&data)?;
        let store = SqliteStore::open(&data.join(DATABASE), room, now)
            .map_err(|error| ServeError::Database(data, error))?;
        Ok((lock, store))
    });
    match opened.await {
        Ok(result) => result,
        Err(panicked) => Err(ServeError::Folder(config.data.clone(), io::Error::other(panicked))),
    }
}

/// Makes the data folder and takes its lock.
fn claim(data: &Path) -> Result<File, ServeError> {
    let unusable = |error| ServeError::Folder(data.to_owned(), error);
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(data).map_err(unusable)?;
    let lock = File::create(data.join(LOCK)).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(ServeError::InUse(data.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// A public key whose private half nobody has kept.
fn nobody(secret: &[u8; 32]) -> Bytes32 {
    Bytes32(SigningKey::from_bytes(secret).verifying_key().to_bytes())
}
