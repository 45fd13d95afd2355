//! The real server as a process: killed, stopped and started again on the same port.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::programs::wrapped;

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is special about a server.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// More arguments, such as `--origin` for a proxy in front.
    pub arguments: Vec<String>,
    /// Stands in front of the program's name.
    pub wrapper: Vec<OsString>,
    /// The folder for its data, if not the usual one.
    pub data: Option<PathBuf>,
}

/// One server.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    /// The folder that holds all it keeps.
    pub data: PathBuf,
    port: u16,
    arguments: Vec<String>,
    wrapper: Vec<OsString>,
    child: Option<Child>,
}

impl Server {
    /// Starts a server with its data in `folder/name/data` and its log in `folder/name/log`.
    #[must_use]
    pub fn start(folder: &Path, name: &str) -> Self {
        Self::with(folder, name, Setup::default())
    }

    /// The same, with what is special about it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn with(folder: &Path, name: &str, setup: Setup) -> Self {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let mut server = Self {
            data: setup.data.unwrap_or_else(|| folder.join("data")),
            folder,
            port: free_port(),
            arguments: setup.arguments,
            wrapper: setup.wrapper,
            child: None,
        };
        server.restart();
        server
    }

    /// The address that laptops use.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port, which stays the same over restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Everything that it wrote to its log and to its output.
    ///
    /// # Panics
    /// When the log cannot be read.
    #[must_use]
    pub fn log(&self) -> Vec<u8> {
        fs::read(self.folder.join("log")).expect("a log can be read")
    }

    /// Starts it again (after [`Server::kill`] or [`Server::stop`]) and waits until it listens.
    ///
    /// # Panics
    /// When it does not.
    pub fn restart(&mut self) {
        self.kill();
        let mut child = wrapped(&self.wrapper, "seshat-server")
            .arg("--data")
            .arg(&self.data)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(self.open_log())
            .spawn()
            .expect("the server can be started");
        let stdout = child.stdout.take().expect("it was asked for");
        self.child = Some(child);
        let (said, hear) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _read = BufReader::new(stdout).read_line(&mut line).is_ok();
            let _heard = said.send(line).is_ok();
        });
        let line = hear.recv_timeout(PATIENCE).unwrap_or_default();
        let log = String::from_utf8_lossy(&self.log()).into_owned();
        assert_eq!(
            line.trim(),
            format!("listening on {}", self.url()),
            "it does not listen: {log}"
        );
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended cannot be killed, which is what was wanted.
            let _ended = child.kill().is_ok();
            let _reaped = child.wait().is_ok();
        }
    }

    /// Asks it to end (SIGTERM) and says how it did.
    ///
    /// # Panics
    /// When it does not run.
    pub fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let asked =
            Command::new("sh").args(["-c", "kill -TERM \"$0\"", &child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "SIGTERM could not be sent");
        child.wait().expect("a child can be waited for")
    }

    fn open_log(&self) -> File {
        let mut options = OpenOptions::new();
        options
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
            .expect("a log can be written")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port on loopback that nobody listens on. Below those that the system gives to outgoing connections: one of
/// these would take the place of a server that is down for a moment.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 1_000).unwrap_or(0) * 10;
    (0..1_000)
        .map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a thousand ports are not all taken")
}
