//! Whether the way to the database is encrypted, and how one knows whom one talks to.
//!
//! **Invariants:** nothing goes to another machine in clear unless the address says `sslmode=disable`. Whoever answers
//! must have a certificate for the host's name, from somebody that the system trusts or that `sslrootcert` names; there
//! is no mode that encrypts towards anybody at all. So `require`, `verify-ca` and `verify-full` are one and the same
//! here, and `prefer` is as if nothing were said.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::database::OpenError;

/// Where the database is, and how to speak to it.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Way {
    /// Reads an address.
    pub(super) fn to(url: &str) -> Result<Self, OpenError> {
        let settled = settle(url)?;
        let config = settled.config()?;
        let trusted = match (config.get_ssl_mode(), &settled.authorities) {
            (SslMode::Disable, _) => RootCertStore::empty(),
            (_, Some(file)) => named(&decoded(file))?,
            (_, None) => system(),
        };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(OpenError::Tls)?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self { config, tls: MakeRustlsConnect::new(tls) })
    }
}

/// An address as PostgreSQL's own programs (`pg_dump`) read it, for the same way.
///
/// # Errors
/// When it is not one, or asks for TLS in a way that is not known.
pub fn address_for_programs(url: &str) -> Result<String, OpenError> {
    let settled = settle(url)?;
    let said = match settled.config()?.get_ssl_mode() {
        SslMode::Disable => "sslmode=disable".to_owned(),
        _ => {
            // Theirs know `system` only since version 16.
            let system = if Path::new(DEBIANS).is_file() { DEBIANS } else { "system" };
            let file = settled.authorities.as_deref().unwrap_or(system);
            format!("sslmode=verify-full&sslrootcert={file}")
        }
    };
    let kept = settled.kept.iter().filter(|setting| !setting.starts_with("sslmode="));
    let all: Vec<&str> = kept.map(String::as_str).chain([said.as_str()]).collect();
    Ok(format!("{}?{}", settled.place, all.join("&")))
}

/// Where Debian and its kin have those whom the system trusts.
const DEBIANS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// An address, taken apart.
struct Settled {
    /// Everything in front of the question mark.
    place: String,
    /// What the library understands.
    kept: Vec<String>,
    /// The value of `sslrootcert`, as it is written, but for `system`.
    authorities: Option<String>,
}

impl Settled {
    fn config(&self) -> Result<Config, OpenError> {
        let url = match self.kept.is_empty() {
            true => self.place.clone(),
            false => format!("{}?{}", self.place, self.kept.join("&")),
        };
        let mut config: Config = url.parse().map_err(OpenError::Address)?;
        if config.get_ssl_mode() == SslMode::Prefer {
            let is_here = config.get_hosts().iter().all(is_here);
            config.ssl_mode(if is_here { SslMode::Disable } else { SslMode::Require });
        }
        Ok(config)
    }
}

/// Takes out of an address what the library does not know, and says it in its words.
fn settle(url: &str) -> Result<Settled, OpenError> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut settled = Settled { place: place.to_owned(), kept: Vec::new(), authorities: None };
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=') {
            Some(("sslmode", "verify-ca" | "verify-full")) => {
                settled.kept.push("sslmode=require".to_owned());
            }
            Some(("sslmode", "disable" | "prefer" | "require")) => {
                settled.kept.push(setting.to_owned());
            }
            // Only as the library itself begins TLS; what PostgreSQL 17 calls `direct` needs more than this.
            Some(("sslmode" | "sslnegotiation", _)) => return Err(OpenError::Mode),
            Some(("sslrootcert", "system")) => settled.authorities = None,
            Some(("sslrootcert", file)) => settled.authorities = Some(file.to_owned()),
            _ => settled.kept.push(setting.to_owned()),
        }
    }
    Ok(settled)
}

/// The file that an address names.
fn decoded(file: &str) -> PathBuf {
    // The one key of a form; in an address of this kind a plus is a plus.
    let form = format!("file={}", file.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes()).map(|(_, file)| file.into_owned()).collect()
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The certificates in a file of PEM.
fn named(file: &Path) -> Result<RootCertStore, OpenError> {
    let unusable = |error| match error {
        pem::Error::Io(error) => OpenError::Authorities(file.to_owned(), Some(error)),
        _ => OpenError::Authorities(file.to_owned(), None),
    };
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(unusable)? {
        let added = trusted.add(certificate.map_err(unusable)?);
        added.map_err(|_| OpenError::Authorities(file.to_owned(), None))?;
    }
    let is_empty = trusted.is_empty();
    if is_empty { Err(OpenError::Authorities(file.to_owned(), None)) } else { Ok(trusted) }
}

/// Whom the system trusts. When that is nobody, nobody is.
fn system() -> RootCertStore {
    let mut trusted = RootCertStore::empty();
    let (_used, _unreadable) =
        trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    trusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Way::to(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn nothing_goes_to_another_machine_in_clear_unless_the_address_says_so() {
        for here in ["127.0.0.1", "127.1.2.3", "[::1]", "localhost", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://u@{here}/d")), SslMode::Disable, "{here}");
        }
        let away = "postgres://u@db.example.org/d";
        assert_eq!(mode(away), SslMode::Require);
        for said in ["prefer", "require", "verify-ca", "verify-full"] {
            assert_eq!(mode(&format!("{away}?sslmode={said}")), SslMode::Require, "{said}");
        }
        assert_eq!(mode("postgres://u@127.0.0.1,db.example.org/d"), SslMode::Require);
        assert_eq!(mode("postgres://u@127.0.0.1/d?sslmode=require"), SslMode::Require);
        assert_eq!(mode(&format!("{away}?sslmode=disable")), SslMode::Disable);
        for said in ["allow", "", "Disable"] {
            let refused = Way::to(&format!("{away}?sslmode={said}"));
            assert!(matches!(refused, Err(OpenError::Mode)), "{said}");
        }
    }

    #[test]
    fn other_settings_of_an_address_stay_and_a_file_without_certificates_is_named() {
        let url = "postgres://u@h/d?connect_timeout=3&sslmode=verify-full&options=-c%20x";
        let config = Way::to(url).unwrap().config;
        assert_eq!(config.get_connect_timeout(), Some(&std::time::Duration::from_secs(3)));
        assert_eq!(config.get_options(), Some("-c x"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a+b c.pem");
        let url = format!("postgres://u@h/d?sslrootcert={}", file.to_str().unwrap());
        let url = url.replace(' ', "%20");
        let refused = |url: &str| Way::to(url).err().unwrap().to_string();
        assert!(refused(&url).contains("a+b c.pem"), "{}", refused(&url));
        std::fs::write(&file, "nothing").unwrap();
        assert!(refused(&url).contains("a+b c.pem"), "{}", refused(&url));
    }

    #[test]
    fn the_programs_of_postgresql_go_the_same_way() {
        let say = |url: &str| address_for_programs(url).unwrap();
        assert_eq!(say("postgres://u@127.0.0.1/d"), "postgres://u@127.0.0.1/d?sslmode=disable");
        let away = "postgres://u@db.example.org/d";
        let said =
            say(&format!("{away}?sslmode=require&sslrootcert=/a%20b.pem&application_name=x"));
        let all = "application_name=x&sslmode=verify-full&sslrootcert=/a%20b.pem";
        assert_eq!(said, format!("{away}?{all}"));
        for default in [away, &format!("{away}?sslmode=prefer&sslrootcert=system")] {
            let said = say(default);
            assert!(
                said.starts_with(&format!("{away}?sslmode=verify-full&sslrootcert=")),
                "{said}"
            );
        }
        assert!(address_for_programs("nonsense").is_err());
    }
}
