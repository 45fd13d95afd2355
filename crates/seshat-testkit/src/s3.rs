//! An S3 server of the test's own: moto, which `scripts/setup test` puts into a folder of its own.
//!
//! It keeps everything in memory. It ends with the test's process, however that ends: a shell stands between the
//! two and waits for its standard input to be closed.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::programs::variable;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the server until the input ends.
const KEEPER: &str = r#"
"$1" -m moto.server -H 127.0.0.1 -p 0 >"$2" 2>&1 </dev/null &
server=$!
read -r _
kill -KILL $server; wait $server 2>/dev/null
"#;

/// What it says once it listens, in front of its address.
const LISTENING: &str = "Running on http://";

/// Signed by nobody: it looks only whether somebody has.
const ANY_KEY: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, \
                       SignedHeaders=host, Signature=0";

/// One server, with as many buckets as tests want. It takes any key.
#[derive(Debug)]
pub struct S3 {
    keeper: Child,
    folder: TempDir,
    address: String,
    buckets: AtomicU32,
}

impl S3 {
    /// Starts one.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        let python = python();
        assert!(python.is_file(), "{} is missing: run scripts/setup test", python.display());
        let folder = tempfile::tempdir().expect("a folder can be made");
        let log = folder.path().join("log");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(&python).arg(&log).stdin(Stdio::piped());
        let keeper = keeper.spawn().expect("a shell can be started");
        let mut server =
            Self { keeper, folder, address: String::new(), buckets: AtomicU32::new(0) };
        let began = Instant::now();
        while server.address.is_empty() {
            assert!(began.elapsed() < PATIENCE, "moto does not start: {}", server.log());
            thread::sleep(Duration::from_millis(20));
            server.address = listening(&server.log()).unwrap_or_default();
        }
        server
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `127.0.0.1:port`, to put something between.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The name of a bucket that nobody else has, empty.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn bucket(&self) -> String {
        let name = format!("bucket-{}", self.buckets.fetch_add(1, Ordering::Relaxed));
        let answer = self.ask("PUT", &format!("/{name}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        name
    }

    /// The names of the objects in a bucket, as far as one answer lists them.
    #[must_use]
    pub fn names(&self, bucket: &str) -> Vec<String> {
        let answer = self.ask("GET", &format!("/{bucket}?list-type=2"));
        let keys = answer.split("<Key>").skip(1);
        keys.filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned())).collect()
    }

    /// Removes an object behind everybody's back.
    ///
    /// # Panics
    /// When it is not removed.
    pub fn remove(&self, bucket: &str, name: &str) {
        let answer = self.ask("DELETE", &format!("/{bucket}/{name}"));
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    /// Everything that it wrote to its log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn ask(&self, method: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("moto listens");
        let host = &self.address;
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {ANY_KEY}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("moto reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("moto answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ended = self.keeper.wait().is_ok();
    }
}

fn listening(log: &str) -> Option<String> {
    let (_, rest) = log.split_once(LISTENING)?;
    // A line that is not ended may not be whole.
    let (address, _) = rest.split_once('\n')?;
    Some(address.trim().to_owned())
}

/// The Python that has moto: `$SESHAT_MOTO_PYTHON`, else where `scripts/setup` puts it.
fn python() -> PathBuf {
    if let Some(python) = variable("SESHAT_MOTO_PYTHON") {
        return PathBuf::from(python);
    }
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = cache.or_else(home).expect("there is a home");
    cache.join("seshat/moto/bin/python")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_makes_buckets_and_ends() {
        let server = S3::start();
        let (one, two) = (server.bucket(), server.bucket());
        assert_ne!(one, two);
        assert!(server.names(&one).is_empty());
        let address = server.address().to_owned();
        drop(server);
        assert!(TcpStream::connect(address).is_err(), "it runs on");
    }
}
