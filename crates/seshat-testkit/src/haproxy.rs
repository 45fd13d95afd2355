//! A load balancer of the test's own: HAProxy, with the settings that we ship, on a port that nobody else has.
//!
//! It ends with the test's process, however that ends: a shell stands between the two and waits for its standard input
//! to be closed.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::variable;
use crate::server::free_port;
use crate::users::somebody_else;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a self-hoster is given.
const SHIPPED: &str = include_str!("../../../deploy/proxy/haproxy.cfg");

/// Runs it until the input ends.
const KEEPER: &str = r#"
"$1" -db -f "$2" >"$3" 2>&1 </dev/null &
proxy=$!
read -r _
kill -KILL $proxy
wait $proxy 2>/dev/null
"#;

/// One balancer.
#[derive(Debug)]
pub struct Haproxy {
    keeper: Child,
    folder: PathBuf,
    port: u16,
}

impl Haproxy {
    /// Stands in front of the servers on these ports.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    #[must_use]
    pub fn start(nodes: &[u16]) -> Self {
        let folder = tempfile::Builder::new().prefix("seshat-haproxy-").tempdir();
        let folder = folder.expect("a folder can be made").keep();
        let owner = somebody_else(&folder, &["haproxy", "nobody"]);
        let (port, config) = (free_port(), folder.join("haproxy.cfg"));
        fs::write(&config, settings(port, nodes)).expect("it can be configured");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(haproxy()).arg(&config).arg(folder.join("log"));
        keeper.stdin(Stdio::piped()).current_dir(&folder);
        #[cfg(unix)]
        if let Some((user, group)) = owner {
            use std::os::unix::process::CommandExt;
            keeper.uid(user).gid(group);
        }
        let keeper = keeper.spawn().expect("a shell can be started");
        let proxy = Self { keeper, folder, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "HAProxy does not start: {}", proxy.log());
            thread::sleep(Duration::from_millis(20));
        }
        proxy
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything that it complained about.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ended = self.keeper.wait().is_ok();
        let _removed = fs::remove_dir_all(&self.folder).is_ok();
    }
}

/// What we ship, but for the door, which is plain here, narrow and on loopback, and the nodes.
fn settings(port: u16, nodes: &[u16]) -> String {
    let mut text = String::new();
    for line in SHIPPED.lines() {
        match line.split_whitespace().next() {
            Some("bind") => text.push_str(&format!("    bind 127.0.0.1:{port}\n")),
            Some("server") => {}
            // A test's process may have few files.
            Some("maxconn") => text.push_str("    maxconn 400\n"),
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    // The nodes stand at the end of the last section.
    for (number, node) in nodes.iter().enumerate() {
        text.push_str(&format!("    server node{number} 127.0.0.1:{node}\n"));
    }
    text
}

/// `$SESHAT_HAPROXY`, else where Debian puts it.
fn haproxy() -> PathBuf {
    let path = PathBuf::from(variable("SESHAT_HAPROXY").unwrap_or("/usr/sbin/haproxy".to_owned()));
    assert!(path.is_file(), "{} is missing: run scripts/setup test", path.display());
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_with_the_settings_that_we_ship_and_ends() {
        let proxy = Haproxy::start(&[free_port(), free_port()]);
        let shipped = settings(proxy.port(), &[1, 2]);
        assert!(shipped.contains("option httpchk GET /readyz"), "{shipped}");
        assert!(shipped.ends_with("server node0 127.0.0.1:1\n    server node1 127.0.0.1:2\n"));
        let nodes = shipped.lines().filter(|line| line.trim_start().starts_with("server "));
        assert_eq!(nodes.count(), 2, "a node of the example is left: {shipped}");
        let (port, folder) = (proxy.port(), proxy.folder.clone());
        drop(proxy);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "it runs on");
        assert!(!folder.exists(), "it left its folder");
    }
}
