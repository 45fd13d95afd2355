//! What the operator has set: in a file, in the environment, on the command line.
//!
//! **Invariants:** a setting has one name in all three places: `--quota-mib 500`, `SESHAT_SERVER_QUOTA_MIB=500`,
//! `quota-mib = 500`. The command line is stronger than the environment, and both than the file. A name in the file that
//! is no setting is refused. No secret is printed, and none can be given on the command line, where every user of the
//! machine could read it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use seshat_protocol::Registration;
use seshat_server::{Config, Database, Objects, Rates, S3, TlsFiles, parse_origin};
use toml::Table;
use url::Url;

/// What stands in front of a setting's name in the environment.
pub(crate) const VARIABLE: &str = "SESHAT_SERVER_";

/// A setting's name in the environment.
pub(crate) fn variable(name: &str) -> String {
    format!("{VARIABLE}{}", name.replace('-', "_").to_uppercase())
}

/// Where it listens unless it is told.
const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8787);
/// Connections to PostgreSQL unless it is told.
const CONNECTIONS: usize = 16;
/// What an S3 server that has no regions is asked for.
const REGION: &str = "us-east-1";

const DAY: u64 = 24 * 60 * 60;
const MIB: u64 = 1024 * 1024;

/// What is set in one place, or in all together.
#[derive(Args, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Settings {
    /// The folder for what is kept in files; made when it is not there. Not needed when database and objects are both
    /// elsewhere.
    #[arg(long, global = true, value_name = "DIR", env = "SESHAT_SERVER_DATA")]
    data: Option<PathBuf>,
    /// Keep accounts and records in PostgreSQL: postgres://user@host/database. [default: SQLite in DIR]
    #[arg(long, global = true, value_name = "URL", env = "SESHAT_SERVER_DATABASE")]
    #[arg(hide_env_values = true)]
    database: Option<String>,
    /// A file whose first line is the database's password.
    #[arg(long, global = true, value_name = "FILE", env = "SESHAT_SERVER_DATABASE_PASSWORD_FILE")]
    database_password_file: Option<PathBuf>,
    /// Connections to PostgreSQL at most. [default: 16]
    #[arg(long, global = true, value_name = "N", env = "SESHAT_SERVER_DATABASE_CONNECTIONS")]
    #[arg(value_parser = clap::value_parser!(u16).range(2..))]
    database_connections: Option<u16>,
    /// Keep large bodies and images in another folder, or in a bucket: s3://bucket/prefix. [default: DIR/objects]
    #[arg(long, global = true, value_name = "DIR|URL", env = "SESHAT_SERVER_OBJECTS")]
    objects: Option<String>,
    /// The S3 server, when it is not Amazon's: https://host:port
    #[arg(long, global = true, value_name = "URL", env = "SESHAT_SERVER_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    /// The S3 server's region. [default: us-east-1]
    #[arg(long, global = true, value_name = "NAME", env = "SESHAT_SERVER_S3_REGION")]
    s3_region: Option<String>,
    /// The name of the key for S3.
    #[arg(long, global = true, value_name = "ID", env = "SESHAT_SERVER_S3_ACCESS_KEY")]
    s3_access_key: Option<String>,
    /// A file whose first line is the key for S3.
    #[arg(long, global = true, value_name = "FILE", env = "SESHAT_SERVER_S3_SECRET_KEY_FILE")]
    s3_secret_key_file: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one. [default: 127.0.0.1:8787]
    #[arg(long, global = true, value_name = "ADDRESS", env = "SESHAT_SERVER_LISTEN")]
    listen: Option<SocketAddr>,
    /// The server's certificate and those that vouch for it, in PEM. With it the server speaks HTTPS itself. It is
    /// read again when it changes.
    #[arg(long, global = true, value_name = "FILE", env = "SESHAT_SERVER_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, global = true, value_name = "FILE", env = "SESHAT_SERVER_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// The address that authors type, when it is not the one listened on: https://host; may be repeated.
    /// [default: http(s)://ADDRESS and http(s)://localhost:PORT]
    #[arg(long, global = true, value_name = "URL", env = "SESHAT_SERVER_ORIGIN")]
    #[arg(value_delimiter = ',', value_parser = parse_origin)]
    origin: Option<Vec<String>>,
    /// A proxy, or a net of them (10.0.0.0/8), whose X-Forwarded-For is believed; may be repeated.
    #[arg(long, global = true, value_name = "NET", env = "SESHAT_SERVER_TRUSTED_PROXY")]
    #[arg(value_delimiter = ',', value_parser = net)]
    trusted_proxy: Option<Vec<String>>,
    /// An address, or a net of them, that may read /metrics, beside programs of this machine; may be repeated.
    #[arg(long, global = true, value_name = "NET", env = "SESHAT_SERVER_METRICS_TO")]
    #[arg(value_delimiter = ',', value_parser = net)]
    metrics_to: Option<Vec<String>>,
    /// Who may begin an account. [default: open]
    #[arg(long, global = true, value_name = "WHO", env = "SESHAT_SERVER_REGISTRATION")]
    registration: Option<Who>,
    /// The most MiB that an account may take up unless `account quota` says otherwise. [default: no bound]
    #[arg(long, global = true, value_name = "MIB", env = "SESHAT_SERVER_QUOTA_MIB")]
    quota_mib: Option<u32>,
    /// The most MiB that the SQLite database may take up; what needs more is refused. [default: no bound]
    #[arg(long, global = true, value_name = "MIB", env = "SESHAT_SERVER_MAX_DATABASE_MIB")]
    max_database_mib: Option<u32>,
    /// How many days a record is kept after a snapshot has replaced it. [default: 30]
    #[arg(long, global = true, value_name = "DAYS", env = "SESHAT_SERVER_KEEP_REPLACED_DAYS")]
    keep_replaced_days: Option<u32>,
    /// Requests a minute of one account; 0 is no bound. [default: 1200]
    #[arg(long, global = true, value_name = "N", env = "SESHAT_SERVER_ACCOUNT_RATE")]
    account_rate: Option<u32>,
    /// Requests a minute from one address; 0 is no bound. [default: 3000]
    #[arg(long, global = true, value_name = "N", env = "SESHAT_SERVER_ADDRESS_RATE")]
    address_rate: Option<u32>,
    /// Sign-ins and new accounts a minute from one address; 0 is no bound. [default: 60]
    #[arg(long, global = true, value_name = "N", env = "SESHAT_SERVER_SIGN_IN_RATE")]
    sign_in_rate: Option<u32>,
    /// The most MiB of memory for what is being received. [default: 256]
    #[arg(long, global = true, value_name = "MIB", env = "SESHAT_SERVER_BODY_MEMORY_MIB")]
    #[arg(value_parser = clap::value_parser!(u16).range(16..))]
    body_memory_mib: Option<u16>,
}

/// Who may begin an account.
#[derive(Clone, Copy, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Who {
    /// Anybody.
    Open,
    /// Whoever has a code of `account invite`.
    Invited,
    /// Nobody.
    Closed,
}

/// What holds, and where each of it was said.
pub(crate) struct Effective {
    settings: Settings,
    /// For each name that has a value.
    sources: Vec<(String, String)>,
}

impl Effective {
    /// `given` has what stands on the command line or in the environment; `source` tells which, by the setting's name.
    pub(crate) fn new(
        given: &Settings,
        file: Option<&Path>,
        source: impl Fn(&str) -> String,
    ) -> anyhow::Result<Self> {
        let mut table = Settings::usual().table()?;
        let mut sources: Vec<_> =
            table.keys().map(|name| (name.clone(), "default".to_owned())).collect();
        let mut lay = |from: Table, said: &dyn Fn(&str) -> String| {
            for (name, value) in from {
                sources.retain(|(other, _)| *other != name);
                sources.push((name.clone(), said(&name)));
                table.insert(name, value);
            }
        };
        if let Some(file) = file {
            lay(read(file)?.table()?, &|_| file.display().to_string());
        }
        lay(given.table()?, &source);
        let settings = table.try_into().context("a setting is not what it should be")?;
        Ok(Self { settings, sources })
    }

    /// What a server is started with.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        let set = &self.settings;
        let listen = set.listen.unwrap_or(LISTEN);
        let mut config = Config::new(set.data.clone().unwrap_or_default(), listen);
        config.database = set.database().context("database")?;
        config.objects = set.objects().context("objects")?;
        config.tls = set.tls()?;
        for origin in set.origin.iter().flatten() {
            config.origins.push(parse_origin(origin).context("origin")?);
        }
        for proxy in set.trusted_proxy.iter().flatten() {
            config.trusted_proxies.push(net(proxy).context("trusted-proxy")?.parse()?);
        }
        for reader in set.metrics_to.iter().flatten() {
            config.metrics_to.push(net(reader).context("metrics-to")?.parse()?);
        }
        config.registration = set.registration.map_or(config.registration, Who::registration);
        config.quota = set.quota_mib.map(|mib| u64::from(mib) * MIB);
        config.room = set.max_database_mib.map(|mib| u64::from(mib) * MIB);
        if let Some(days) = set.keep_replaced_days {
            config.keep_replaced = Duration::from_secs(u64::from(days) * DAY);
        }
        config.rates = Rates {
            account: set.account_rate.unwrap_or(config.rates.account),
            address: set.address_rate.unwrap_or(config.rates.address),
            sign_in: set.sign_in_rate.unwrap_or(config.rates.sign_in),
        };
        if let Some(mib) = set.body_memory_mib {
            config.memory = usize::from(mib) * 1024 * 1024;
        }
        let elsewhere =
            matches!(config.database, Database::Postgres { .. }) && config.objects.is_some();
        if set.data.is_none() && !elsewhere {
            bail!(
                "the server needs a folder to keep everything in: --data DIR, {VARIABLE}DATA, or \
                 data = \"DIR\" in the file of --config"
            );
        }
        Ok(config)
    }

    /// The settings as a file that sets them, with where each came from, and without a password.
    pub(crate) fn print(&self) -> anyhow::Result<String> {
        let table = self.settings.table()?;
        let mut text = String::new();
        for name in Settings::names() {
            let line = match table.get(&name) {
                Some(value) => {
                    let value = if name == "database" { &without_password(value) } else { value };
                    format!("{name} = {value}")
                }
                None => format!("# {name}"),
            };
            let source = self.sources.iter().find(|(other, _)| *other == name);
            let source = source.map_or("not set", |(_, source)| source);
            text.push_str(&format!("{line:<48}  # {source}\n"));
        }
        Ok(text)
    }
}

impl Settings {
    /// What holds when nobody says otherwise.
    fn usual() -> Self {
        let config = Config::new("", LISTEN);
        let number = |number: u64| u32::try_from(number).ok();
        Self {
            listen: Some(config.listen),
            registration: Some(Who::Open),
            keep_replaced_days: number(config.keep_replaced.as_secs() / DAY),
            account_rate: Some(config.rates.account),
            address_rate: Some(config.rates.address),
            sign_in_rate: Some(config.rates.sign_in),
            body_memory_mib: u16::try_from(config.memory / 1024 / 1024).ok(),
            ..Self::default()
        }
    }

    /// The names of all settings, in the order in which they are declared.
    pub(crate) fn names() -> Vec<String> {
        let command = Self::augment_args(clap::Command::new("names"));
        command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
    }

    fn table(&self) -> anyhow::Result<Table> {
        Table::try_from(self).context("a path that is not UTF-8 cannot be a setting")
    }

    fn database(&self) -> anyhow::Result<Database> {
        let Some(url) = &self.database else { return Ok(Database::Folder) };
        // What is wrong with it is not said: it may hold a password.
        let fits =
            Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"));
        if !fits {
            bail!("it is written postgres://user@host/database");
        }
        let password = self.database_password_file.as_deref().map(first_line).transpose()?;
        let connections = self.database_connections.map_or(CONNECTIONS, usize::from);
        Ok(Database::Postgres { url: url.clone(), password, connections })
    }

    fn objects(&self) -> anyhow::Result<Option<Objects>> {
        let Some(place) = &self.objects else { return Ok(None) };
        let Some(bucket) = place.strip_prefix("s3://") else {
            if place.contains("://") {
                bail!("it is a folder, or written s3://bucket/prefix");
            }
            return Ok(Some(Objects::Folder(place.into())));
        };
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        let (Some(access_key), Some(file)) = (&self.s3_access_key, &self.s3_secret_key_file) else {
            bail!("a bucket needs s3-access-key and s3-secret-key-file");
        };
        if bucket.is_empty() {
            bail!("it names no bucket: s3://bucket/prefix");
        }
        Ok(Some(Objects::S3(S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone().unwrap_or_else(|| REGION.to_owned()),
            access_key: access_key.clone(),
            secret_key: first_line(file)?,
        })))
    }

    fn tls(&self) -> anyhow::Result<Option<TlsFiles>> {
        match (self.tls_certificate.clone(), self.tls_key.clone()) {
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (None, None) => Ok(None),
            _ => bail!("tls-certificate and tls-key go together"),
        }
    }
}

impl Who {
    fn registration(self) -> Registration {
        match self {
            Self::Open => Registration::Open,
            Self::Invited => Registration::Invited,
            Self::Closed => Registration::Closed,
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Settings> {
    let named = || format!("the file {}", file.display());
    let text = fs::read_to_string(file).with_context(named)?;
    toml::from_str(&text).map_err(|error| {
        // The library would quote the line, and that may hold a password.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        anyhow::anyhow!("{}, line {line}: {}", named(), error.message())
    })
}

/// A net, or one address.
fn net(text: &str) -> Result<String, ipnet::AddrParseError> {
    let net = text.parse::<IpNet>();
    net.or_else(|error| text.parse().map(|one: std::net::IpAddr| one.into()).map_err(|_| error))
        .map(|net| net.to_string())
}

fn first_line(file: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("{} begins with an empty line", file.display());
    }
    Ok(line.to_owned())
}

fn without_password(url: &toml::Value) -> toml::Value {
    let Some(mut parsed) = url.as_str().and_then(|text| Url::parse(text).ok()) else {
        return "(not a URL)".into();
    };
    if parsed.password().is_some() && parsed.set_password(Some("***")).is_err() {
        return "(not a URL)".into();
    }
    // PostgreSQL takes a password there as well.
    if parsed.query().is_some() {
        parsed.set_query(Some("***"));
    }
    parsed.as_str().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(file: &str, given: &Settings) -> anyhow::Result<Effective> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("seshat-server.toml");
        fs::write(&path, file)?;
        Effective::new(given, Some(&path), |name| format!("--{name}"))
    }

    fn data(dir: &str) -> Settings {
        Settings { data: Some(dir.into()), ..Settings::default() }
    }

    fn refused(file: &str) -> String {
        let refused = from(file, &data("d")).and_then(|effective| effective.config());
        refused.err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    #[test]
    fn a_setting_has_one_name_in_all_three_places() {
        let command = Settings::augment_args(clap::Command::new("names"));
        for arg in command.get_arguments() {
            let name = arg.get_long().unwrap();
            assert_eq!(arg.get_env().unwrap().to_str().unwrap(), variable(name));
            assert!(arg.is_global_set(), "{name} is not taken after a command");
            let error = toml::from_str::<Settings>(&format!("{name} = {{}}")).err().unwrap();
            assert!(!error.message().contains("unknown field"), "{name} is no name in the file");
        }
        assert_eq!(Settings::names().len(), 23);
    }

    #[test]
    fn what_was_given_is_stronger_than_the_file_and_both_than_what_is_usual() {
        let file = "data = \"elsewhere\"\nquota-mib = 5\norigin = [\"https://A.example\"]";
        let effective = from(file, &data("here")).unwrap();
        let config = effective.config().unwrap();
        assert_eq!(config.data, Path::new("here"));
        assert_eq!(config.quota, Some(5 * 1024 * 1024));
        assert_eq!(config.origins, ["https://a.example"]);
        assert_eq!(config.listen, LISTEN);
        let printed = effective.print().unwrap();
        let line = |name| printed.lines().find(|line| line.contains(name)).unwrap();
        assert!(line("data = \"here\"").ends_with("# --data"), "{printed}");
        assert!(line("quota-mib = 5").ends_with("seshat-server.toml"), "{printed}");
        assert!(line("listen = ").ends_with("# default"), "{printed}");
        assert!(line("# tls-key").ends_with("# not set"), "{printed}");
    }

    #[test]
    fn what_is_usual_is_what_the_library_begins_with() {
        let config = from("", &data("d")).unwrap().config().unwrap();
        let usual = Config::new("d", LISTEN);
        assert_eq!(config.keep_replaced, usual.keep_replaced);
        assert_eq!(config.rates, usual.rates);
        assert_eq!(config.memory, usual.memory);
        assert_eq!(config.registration, usual.registration);
        assert!(config.quota.is_none() && config.room.is_none() && config.tls.is_none());
    }

    #[test]
    fn what_is_printed_can_be_given_back_as_the_file() {
        let file =
            "data = \"d\"\nregistration = \"invited\"\ntrusted-proxy = [\"10.0.0.0/8\", \"::1\"]";
        let printed = from(file, &Settings::default()).unwrap().print().unwrap();
        let again = from(&printed, &Settings::default()).unwrap();
        let config = again.config().unwrap();
        assert_eq!(config.registration, Registration::Invited);
        assert_eq!(config.trusted_proxies.len(), 2);
        let values = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.split("  #").next().unwrap().to_owned()).collect()
        };
        assert_eq!(values(&again.print().unwrap()), values(&printed));
    }

    #[test]
    fn a_misspelt_setting_is_named_with_its_line_and_no_line_is_quoted() {
        let said = refused("data = \"d\"\n\nregistraton = \"closed\"");
        assert!(said.contains("line 3") && said.contains("registraton"), "{said}");
        let said = refused("quota-mib = 1\ndatabase = \"postgres://u:canary@h/d");
        assert!(said.contains("line 2") && !said.contains("canary"), "{said}");
        assert!(refused("quota-mib = -1").contains("line 1"));
        assert!(refused("registration = \"anybody\"").contains("anybody"));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        assert!(refused("tls-key = \"k\"").contains("go together"));
        assert!(refused("objects = \"s3://bucket\"").contains("s3-secret-key-file"));
        assert!(refused("objects = \"https://bucket\"").contains("s3://bucket/prefix"));
        assert!(refused("trusted-proxy = [\"10.0.0.0/40\"]").contains("trusted-proxy"));
        assert!(refused("origin = [\"desk.example\"]").contains("origin"));
        assert!(
            refused("database-password-file = \"/none\"\ndatabase = \"postgres://h/d\"")
                .contains("/none")
        );
        let said = refused("database = \"mysql://u:canary@h/d\"");
        assert!(said.contains("postgres://user@host") && !said.contains("canary"), "{said}");
    }

    #[test]
    fn without_a_folder_the_database_and_the_objects_must_be_elsewhere() {
        let config = |file| from(file, &Settings::default()).unwrap().config();
        let said = config("").err().unwrap().to_string();
        assert!(said.contains("--data DIR") && said.contains("SESHAT_SERVER_DATA"), "{said}");
        assert!(config("database = \"postgres://h/d\"").is_err(), "objects would go nowhere");
        assert!(config("database = \"postgres://h/d\"\nobjects = \"/srv/objects\"").is_ok());
    }

    #[test]
    fn secrets_come_from_files_and_are_not_printed() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "canary-key\nmore\n").unwrap();
        let file = format!(
            "database = \"postgres://u:canary-url@h/d?password=canary-query\"
             database-password-file = {secret:?}
             objects = \"s3://novels/seshat/\"
             s3-access-key = \"id\"
             s3-secret-key-file = {secret:?}"
        );
        let effective = from(&file, &Settings::default()).unwrap();
        let config = effective.config().unwrap();
        let Some(Objects::S3(bucket)) = config.objects else { panic!("no bucket") };
        assert_eq!((bucket.bucket.as_str(), bucket.prefix.as_str()), ("novels", "seshat"));
        assert_eq!(bucket.secret_key, "canary-key");
        let Database::Postgres { password, connections, .. } = config.database else {
            panic!("no database")
        };
        assert_eq!((password.as_deref(), connections), (Some("canary-key"), CONNECTIONS));
        let printed = effective.print().unwrap();
        assert!(!printed.contains("canary"), "{printed}");
        assert!(printed.contains("postgres://u:***@h/d?***"), "{printed}");
    }
    #[test]
    fn the_file_that_is_handed_out_shows_every_setting() {
        let sample = include_str!("../../../deploy/seshat-server.toml");
        assert!(from(sample, &data("d")).unwrap().config().is_ok(), "as it is handed out");
        let shown: String = sample
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')))
            .map(|line| format!("{line}\n"))
            .collect();
        let table = toml::from_str::<Settings>(&shown).unwrap().table().unwrap();
        let missing: Vec<_> =
            Settings::names().into_iter().filter(|name| !table.contains_key(name)).collect();
        assert!(missing.is_empty(), "{missing:?} are not shown");
        let page = include_str!("../../../docs/self-hosting.md");
        let untold: Vec<_> = Settings::names()
            .into_iter()
            .filter(|name| !page.contains(&format!("`{name}`")))
            .collect();
        assert!(untold.is_empty(), "{untold:?} are not explained");
    }
}
