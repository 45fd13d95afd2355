//! A PostgreSQL of the test's own: Debian's programs, a data folder and a port that nobody else has.
//!
//! It syncs to the disk as a real one does. It ends with the test's process, however that ends: a shell stands
//! between the two and waits for its standard input to be closed.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::variable;
use crate::server::free_port;
use crate::users::somebody_else;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever may do everything in it.
const USER: &str = "seshat";

/// Runs the server until a line comes: `crash` ends it as a power cut would, `stop` in peace. When the input ends,
/// it crashes and the folder goes; a signal to all of a test's processes does not keep it from that.
const KEEPER: &str = r#"
trap '' HUP INT TERM
"$1/postgres" -D "$2/data" -p "$3" >>"$2/log" 2>&1 </dev/null &
server=$!
if read -r how; then
  if [ "$how" = stop ]; then kill -INT $server; else kill -QUIT $server; fi
  wait $server
else
  kill -QUIT $server; wait $server
  rm -rf "$2"
fi
"#;

/// What makes it small; it is as careful with the disk as any other.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 32MB
max_wal_size = 256MB
fsync = on
synchronous_commit = on
full_page_writes = on
";

/// What lets nobody in over the network but by TLS and with [`PASSWORD`]; the test itself comes by the socket.
const DOOR: &str = "
local all all trust
hostssl all all all scram-sha-256
";

/// Of [`USER`], where one is asked for.
pub const PASSWORD: &str = "only for this test";

/// One server, with as many databases as tests want.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<(u32, u32)>,
    port: u16,
    keeper: Option<Child>,
    databases: AtomicU32,
    is_secured: bool,
}

impl Postgres {
    /// Makes one and starts it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        let mut postgres = Self::new();
        postgres.make(SETTINGS);
        postgres.restart();
        postgres
    }

    /// One that speaks nothing but TLS, with this certificate and key (PEM), and asks for [`PASSWORD`].
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start_secured(certificate: &str, key: &str) -> Self {
        let mut postgres = Self::new();
        postgres.is_secured = true;
        postgres.make(&format!("{SETTINGS}ssl = on\n"));
        postgres.write("data/pg_hba.conf", DOOR);
        postgres.write("data/server.crt", certificate);
        postgres.write("data/server.key", key);
        postgres.restart();
        let _set = postgres.sql("postgres", &format!("ALTER USER {USER} PASSWORD '{PASSWORD}'"));
        postgres
    }

    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("seshat-postgres-").tempdir();
        let folder = folder.expect("a folder can be made").keep();
        Self {
            programs: programs(),
            owner: somebody_else(&folder, &["postgres", "nobody"]),
            folder,
            port: free_port(),
            keeper: None,
            databases: AtomicU32::new(0),
            is_secured: false,
        }
    }

    /// A file that only the server's user may read.
    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        let _old = fs::remove_file(&path).is_ok();
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.expect("PostgreSQL can be configured");
        #[cfg(unix)]
        if let Some((user, group)) = self.owner {
            let given = std::os::unix::fs::chown(&path, Some(user), Some(group));
            given.expect("root may give it away");
        }
    }

    /// The address of a database that nobody else has, empty.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let _made = self.sql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs SQL in the database of this name or address; what it answers, one line a row.
    ///
    /// # Panics
    /// When it fails.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let name = database.rsplit('/').next().unwrap_or(database);
        let output = self.client(name).args(["-v", "ON_ERROR_STOP=1", "-c", sql]).output();
        let output = output.expect("psql can be started");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {complaint}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// The port, which stays the same over restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything that it wrote to its log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Ends it as a power cut would.
    pub fn crash(&mut self) {
        self.end("crash");
    }

    /// Ends it in peace: who is connected is cut off, what was committed is on the disk.
    pub fn stop(&mut self) {
        self.end("stop");
    }

    /// Starts it again and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn restart(&mut self) {
        self.crash();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(&self.programs).arg(&self.folder);
        keeper.arg(self.port.to_string()).stdin(Stdio::piped()).stdout(Stdio::null());
        self.keeper = Some(self.run_as_owner(&mut keeper).spawn().expect("a shell can be started"));
        let began = Instant::now();
        while !self.answers() {
            assert!(began.elapsed() < PATIENCE, "PostgreSQL does not start: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn make(&self, settings: &str) {
        let mut initdb = Command::new(self.programs.join("initdb"));
        initdb.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", USER]);
        initdb.arg("-D").arg(self.folder.join("data")).stdin(Stdio::null());
        let made = self.run_as_owner(&mut initdb).output().expect("initdb can be started");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let sockets = format!("unix_socket_directories = '{}'\n", self.folder.display());
        let config = File::options().append(true).open(self.folder.join("data/postgresql.conf"));
        let written = config.and_then(|mut config| {
            config.write_all(settings.as_bytes())?;
            config.write_all(sockets.as_bytes())
        });
        written.expect("PostgreSQL can be configured");
    }

    fn answers(&self) -> bool {
        let asked = self.client("postgres").args(["-c", "SELECT 1"]).output();
        asked.is_ok_and(|output| output.status.success())
    }

    fn client(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-t", "-A", "-U", USER, "-h"]);
        if self.is_secured {
            psql.arg(&self.folder);
        } else {
            psql.arg("127.0.0.1");
        }
        psql.args(["-p", &self.port.to_string(), "-d", database]).stdin(Stdio::null());
        psql
    }

    fn end(&mut self, how: &str) {
        let Some(mut keeper) = self.keeper.take() else { return };
        if let Some(mut input) = keeper.stdin.take() {
            let _told = writeln!(input, "{how}").is_ok();
            // It reads one line and no more; the pipe may only end after that.
            let _ended = keeper.wait().is_ok();
        }
    }

    /// PostgreSQL does not run as root.
    fn run_as_owner<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        #[cfg(unix)]
        if let Some((user, group)) = self.owner {
            use std::os::unix::process::CommandExt;
            command.uid(user).gid(group);
        }
        command.current_dir(&self.folder)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
        let _removed = fs::remove_dir_all(&self.folder).is_ok();
    }
}

/// Where the newest version's programs are: `$SESHAT_POSTGRES_BIN`, else where Debian puts them.
fn programs() -> PathBuf {
    if let Some(folder) = variable("SESHAT_POSTGRES_BIN") {
        return PathBuf::from(folder);
    }
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = installed.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let complete = folders.filter(|folder| folder.join("bin/postgres").is_file());
    let newest = complete.max_by_key(version);
    newest.expect("PostgreSQL is missing: run scripts/setup test").join("bin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_committed_outlives_a_crash_and_databases_do_not_meet() {
        let mut postgres = Postgres::start();
        let (one, two) = (postgres.database(), postgres.database());
        for database in [&one, &two] {
            postgres.sql(
                database,
                "CREATE TABLE kept (n BIGINT); CREATE UNLOGGED TABLE lost (n BIGINT)",
            );
        }
        postgres.sql(&one, "INSERT INTO kept VALUES (1); INSERT INTO lost VALUES (1)");
        postgres.crash();
        assert!(!postgres.answers(), "it runs on");
        postgres.restart();
        let count = "SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM lost)";
        assert_eq!(postgres.sql(&one, count), "1|0");
        assert_eq!(postgres.sql(&two, count), "0|0");
        let folder = postgres.folder.clone();
        drop(postgres);
        assert!(!folder.exists(), "it left its folder");
    }
}
