//! TLS by rustls, with the operator's own certificate.
//!
//! **Invariants:** a certificate and a key that do not belong together never take the place of a pair that does, so a
//! renewal that is read half-written does no harm. The key is on the heap of this process and in its file, nowhere else.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::TlsFiles;
use crate::log::{Line, Log};

/// How often the files are looked at. Whoever renews certificates need not tell the server.
const LOOK: Duration = Duration::from_secs(60);

/// How long a client may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file is not there, or is not for us.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// The file holds something else.
    #[error("{} holds no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
    /// The file holds something else, or a key behind a password.
    #[error("{} holds no private key in PEM; one behind a password is not read", .0.display())]
    NoKey(PathBuf),
    /// Two files that are good by themselves, or a kind of key that nobody uses.
    #[error("the key in {} is not the one of the certificate in {}", .0.key.display(), .0.certificate.display())]
    Pair(TlsFiles, #[source] rustls::Error),
    /// The library refused what it offers itself.
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

/// A certificate with its key, and what makes connections of it.
pub(crate) struct Tls {
    files: TlsFiles,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// Reads the files.
    pub(crate) fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let current = Arc::new(Current(RwLock::new(Arc::new(read(&files)?))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        // Nothing else is spoken: see `accept`.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { files, current, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Agrees on keys with a client; `None` when that came to nothing, or took too long.
    pub(crate) async fn greet(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream)).await.ok()?.ok()
    }

    /// Follows the files, for ever.
    pub(crate) async fn follow(self: Arc<Self>, log: Log) {
        let mut looks = tokio::time::interval(LOOK);
        // The first is at once, and the files have just been read.
        looks.tick().await;
        let mut told = String::new();
        loop {
            looks.tick().await;
            let this = Arc::clone(&self);
            let looked = tokio::task::spawn_blocking(move || this.look()).await;
            let trouble = match looked {
                Ok(Ok(Looked::Same)) => String::new(),
                Ok(Ok(Looked::Renewed)) => {
                    log.write(&Line::CertificateRenewed);
                    String::new()
                }
                Ok(Err(error)) => format!("{error}; the old certificate is used"),
                Err(_) => "reading the certificate panicked".to_owned(),
            };
            if !trouble.is_empty() && trouble != told {
                log.write(&Line::Failure { what: &trouble });
            }
            told = trouble;
        }
    }

    /// Reads the files again.
    fn look(&self) -> Result<Looked, TlsError> {
        let fresh = Arc::new(read(&self.files)?);
        let mut current = self.current.0.write().unwrap_or_else(PoisonError::into_inner);
        let looked = if current.cert == fresh.cert { Looked::Same } else { Looked::Renewed };
        *current = fresh;
        drop(current);
        Ok(looked)
    }
}

/// What a look at the files found.
#[derive(Debug, PartialEq, Eq)]
enum Looked {
    /// What is in use.
    Same,
    /// A new pair, in use from now on.
    Renewed,
}

/// The pair in use.
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| match error {
        pem::Error::Io(error) => TlsError::Read(files.key.clone(), error),
        _ => TlsError::NoKey(files.key.clone()),
    })?;
    CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| TlsError::Pair(files.clone(), error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unusable = |error| match error {
        pem::Error::Io(error) => TlsError::Read(path.to_owned(), error),
        _ => TlsError::NoCertificate(path.to_owned()),
    };
    let chain = CertificateDer::pem_file_iter(path).map_err(unusable)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(unusable)?;
    if chain.is_empty() { Err(TlsError::NoCertificate(path.to_owned())) } else { Ok(chain) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A new certificate for localhost, in the two files.
    fn renew(folder: &Path) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let files = TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    fn in_use(tls: &Tls) -> Vec<CertificateDer<'static>> {
        tls.current.0.read().unwrap().cert.clone()
    }

    #[test]
    fn a_renewed_certificate_is_used_and_a_half_renewed_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = renew(folder.path());
        let tls = Tls::open(files.clone()).unwrap();
        let first = in_use(&tls);
        assert_eq!(tls.look().unwrap(), Looked::Same);

        let old_key = fs::read(&files.key).unwrap();
        renew(folder.path());
        let new_key = fs::read(&files.key).unwrap();
        fs::write(&files.key, old_key).unwrap();
        assert!(matches!(tls.look(), Err(TlsError::Pair(..))), "a pair that does not fit");
        assert_eq!(in_use(&tls), first, "the good pair was given up");

        fs::write(&files.key, new_key).unwrap();
        assert_eq!(tls.look().unwrap(), Looked::Renewed);
        assert_ne!(in_use(&tls), first);
        fs::remove_file(&files.key).unwrap();
        assert!(matches!(tls.look(), Err(TlsError::Read(..))));
    }

    #[test]
    fn what_is_no_certificate_or_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = renew(folder.path());
        let turned = TlsFiles { certificate: files.key.clone(), key: files.certificate.clone() };
        let said = |files| Tls::open(files).err().unwrap().to_string();
        assert!(said(turned).ends_with("key.pem holds no certificate in PEM"));
        let twice = TlsFiles { key: files.certificate.clone(), ..files.clone() };
        assert!(said(twice).contains("chain.pem holds no private key in PEM"));
        let none = TlsFiles { certificate: folder.path().join("none.pem"), ..files };
        assert!(said(none).ends_with("none.pem cannot be read"));
    }
}
