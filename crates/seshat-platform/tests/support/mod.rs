//! A bus of the test's own, and the examples that the tests run.
#![allow(dead_code, reason = "each test takes what it needs of it")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A message bus that starts nothing by itself, as this machine's own bus would.
pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
}

impl Bus {
    /// Starts one that listens in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let configuration = folder.join("bus.conf");
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#,
            folder.display()
        );
        std::fs::write(&configuration, text).expect("the test's own folder");
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            // It complains where it may not raise its limits.
            .stderr(Stdio::null())
            .spawn()
            .expect("scripts/setup installs dbus");
        let mut address = String::new();
        let said = daemon.stdout.take().expect("it was piped");
        BufReader::new(said).read_line(&mut address).expect("it says where it listens");
        Self { daemon, address: address.trim().to_owned() }
    }

    /// Ends it, as a crash would.
    pub(crate) fn end(&mut self) {
        // It may have ended already.
        let _killed = self.daemon.kill();
        let _ended = self.daemon.wait();
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.end();
    }
}

/// An example, which cargo builds beside the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test runs from a file");
    let built = test.parent().and_then(Path::parent).expect("target/debug/deps");
    let path = built.join("examples").join(name);
    assert!(path.is_file(), "cargo builds {} with the tests", path.display());
    path
}
