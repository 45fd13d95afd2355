//! What a server is started with.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ipnet::IpNet;
use seshat_protocol::Registration;
use url::{Position, Url};

/// Where log lines go: one JSON object and a line feed for each write.
pub type LogSink = Box<dyn Write + Send>;

/// The time: milliseconds since 1970. Passed in, so that tests need not wait for a session to end.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How long a replaced record is kept: a laptop that comes within it finds everything as it was.
const KEEP_REPLACED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Enough for a full push over a line of 1 Mbit/s.
const PATIENCE: Duration = Duration::from_secs(120);

/// Some twenty full pushes at a time.
const MEMORY: usize = 256 * 1024 * 1024;

/// The folder's name in the data folder, for what is too large for the database.
const OBJECTS: &str = "objects";

/// A library goes up or down in some hundred requests; a household or a café shares an address.
const RATES: Rates = Rates { account: 1_200, address: 3_000, sign_in: 60 };

/// Where accounts, vaults and records are kept. No `Debug`: it may hold a password.
#[derive(Clone)]
pub enum Database {
    /// One SQLite file in the data folder, for a single process.
    Folder,
    /// PostgreSQL, or what speaks its language; several processes may share it.
    Postgres {
        /// `postgres://user@host:port/database`, with or without a password in it.
        url: String,
        /// Takes the place of one in the URL.
        password: Option<String>,
        /// Connections at most.
        connections: usize,
    },
}

/// Where large bodies and blobs are kept. No `Debug`: it may hold a key.
#[derive(Clone)]
pub enum Objects {
    /// A folder: files that only the server names.
    Folder(PathBuf),
    /// A bucket.
    S3(S3),
}

/// A bucket of an S3 server.
#[derive(Clone)]
pub struct S3 {
    /// The bucket's name.
    pub bucket: String,
    /// Stands in front of every name in it; without a slash at either end, may be empty.
    pub prefix: String,
    /// `https://host:port` of a server that is not Amazon's. Plain `http` is taken as well: what is sent is sealed,
    /// but the key's signature is not.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// Which key.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// How many requests a minute, each with room for a minute's worth at once. 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of one account, by all of its devices.
    pub account: u32,
    /// From one address, whoever asks.
    pub address: u32,
    /// From one address, to begin accounts and to sign in.
    pub sign_in: u32,
}

/// A certificate and its key, as files of PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The server's certificate, followed by those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What a server is started with.
pub struct Config {
    /// The folder for what is kept in files. Made, readable by its owner alone, when it is not there; not used when
    /// database and objects are both elsewhere.
    pub data: PathBuf,
    /// See [`Database`].
    pub database: Database,
    /// See [`Objects`]; `None` is a folder in the data folder.
    pub objects: Option<Objects>,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// With them the server speaks TLS itself; without it speaks plain HTTP, for a proxy or for loopback.
    pub tls: Option<TlsFiles>,
    /// The origins that a client may have signed, as [`parse_origin`] writes them. Empty means the address
    /// listened on and `localhost` with its port; anything else takes their place, because a server behind a
    /// proxy should not accept an answer that was given to some other process on the same port.
    pub origins: Vec<String>,
    /// Proxies whose word about a client's address is taken (`X-Forwarded-For`).
    pub trusted_proxies: Vec<IpNet>,
    /// Who may read `/metrics`, beside programs of this machine.
    pub metrics_to: Vec<IpNet>,
    /// Who may begin an account.
    pub registration: Registration,
    /// The most bytes that an account may take up unless it was given a bound of its own.
    pub quota: Option<u64>,
    /// See [`Rates`].
    pub rates: Rates,
    /// The most bytes that the database may take up; a request that needs more is answered with 507.
    /// `None` leaves it to the disk.
    pub room: Option<u64>,
    /// How long a record is kept after another one replaced it.
    pub keep_replaced: Duration,
    /// How long a client may take to send a request's head, and how long a request may take in all.
    pub patience: Duration,
    /// Bytes of request bodies that may be in memory at a time; what does not fit is told to come again. A
    /// decoded body takes about as much once more.
    pub memory: usize,
    /// See [`Clock`].
    pub clock: Clock,
    /// See [`LogSink`].
    pub log: LogSink,
}

impl Config {
    /// A server on `data` at `listen` with the system's clock, the default origins and no log.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            data: data.into(),
            database: Database::Folder,
            objects: None,
            listen,
            tls: None,
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            metrics_to: Vec::new(),
            registration: Registration::Open,
            quota: None,
            rates: RATES,
            room: None,
            keep_replaced: KEEP_REPLACED,
            patience: PATIENCE,
            memory: MEMORY,
            clock: Arc::new(system_time),
            log: Box::new(std::io::sink()),
        }
    }

    /// Where large bodies and blobs are kept.
    #[must_use]
    pub fn objects_at(&self) -> Objects {
        self.objects.clone().unwrap_or_else(|| Objects::Folder(self.data.join(OBJECTS)))
    }

    /// What a client's address for this server begins with.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The origins that sign-ins may name, once the port is known.
    pub(crate) fn origins_at(&self, address: SocketAddr) -> Vec<String> {
        if !self.origins.is_empty() {
            return self.origins.clone();
        }
        let scheme = self.scheme();
        let port = address.port();
        let spelt = [format!("{scheme}://{address}"), format!("{scheme}://localhost:{port}")];
        spelt.iter().filter_map(|origin| parse_origin(origin).ok()).collect()
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place where this crate asks for the time")]
fn system_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A text that is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is written https://host or http://host:port, without a path")]
pub struct OriginError;

/// Spells an origin as clients do: scheme, host in lower case, and the port unless it is the scheme's own.
///
/// # Errors
/// When `text` is no http or https origin, or has a path, a query or a user name.
pub fn parse_origin(text: &str) -> Result<String, OriginError> {
    let url = Url::parse(text).map_err(|_| OriginError)?;
    let rest = &url[Position::BeforePath..];
    let bare = (rest.is_empty() || rest == "/") && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !bare || url.password().is_some() {
        return Err(OriginError);
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_spelt_in_one_way() {
        assert_eq!(
            parse_origin("HTTPS://Desk.Example:443/").as_deref(),
            Ok("https://desk.example")
        );
        assert_eq!(parse_origin("http://[::1]:8787").as_deref(), Ok("http://[::1]:8787"));
        for wrong in ["", "desk.example", "ftp://desk.example", "https://desk.example/seshat"] {
            assert_eq!(parse_origin(wrong), Err(OriginError), "{wrong:?} was taken for an origin");
        }
        assert_eq!(parse_origin("https://someone@desk.example"), Err(OriginError));
        assert_eq!(parse_origin("https://desk.example?x"), Err(OriginError));
    }

    #[test]
    fn the_default_origins_are_where_it_listens_and_localhost() {
        let config = Config::new("x", "127.0.0.1:0".parse().unwrap());
        let origins = config.origins_at("127.0.0.1:8787".parse().unwrap());
        assert_eq!(origins, ["http://127.0.0.1:8787", "http://localhost:8787"]);
    }

    #[test]
    fn with_certificates_the_default_origins_are_https() {
        let mut config = Config::new("x", "127.0.0.1:0".parse().unwrap());
        config.tls = Some(TlsFiles { certificate: "c".into(), key: "k".into() });
        let origins = config.origins_at("127.0.0.1:443".parse().unwrap());
        assert_eq!(origins, ["https://127.0.0.1", "https://localhost"]);
    }
}
