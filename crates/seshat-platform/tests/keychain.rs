//! The keychain, on a real Secret Service: GNOME Keyring on a bus and in a home of the test's own.
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::Bus;
use tempfile::TempDir;

const NAME: &str = "0f0e0d0c.07060504";

/// A login without a keychain.
struct Login {
    home: TempDir,
    bus: Bus,
    keyring: Option<Child>,
}

impl Login {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        for folder in ["run", "data", "config", "cache"] {
            let path = home.path().join(folder);
            fs::create_dir(&path).expect("our own");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("our own");
        }
        let bus = Bus::start(&home.path().join("run"));
        Self { home, bus, keyring: None }
    }

    fn with_keychain() -> Self {
        let mut login = Self::new();
        login.start_keychain(Some("a throw-away password"));
        assert_eq!(login.until("Ready"), "Ready");
        login
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        command
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus.address)
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .current_dir(home);
        command
    }

    /// Starts the daemon; without the login's password it is locked.
    fn start_keychain(&mut self, password: Option<&str>) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if password.is_some() {
            command.arg("--unlock");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = command.spawn().expect("scripts/setup installs gnome-keyring");
        let mut input = daemon.stdin.take().expect("piped");
        input.write_all(password.unwrap_or_default().as_bytes()).expect("it reads");
        self.keyring = Some(daemon);
    }

    fn end_keychain(&mut self) {
        let mut daemon = self.keyring.take().expect("it was started");
        daemon.kill().expect("ours");
        daemon.wait().expect("ours");
    }

    fn ask(&self, words: &[&str]) -> Output {
        self.command(support::example("keychain")).args(words).output().expect("it starts")
    }

    fn answer(&self, words: &[&str]) -> String {
        let output = self.ask(words);
        assert!(output.status.success(), "{words:?}: {}", failure(&output));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Its state, once it is this one or ten seconds are over.
    fn until(&self, state: &str) -> String {
        let begun = Instant::now();
        loop {
            let now = self.answer(&["state"]);
            if now == state || begun.elapsed() > Duration::from_secs(10) {
                return now;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Every file in the home with what stands in it.
    fn files(&self) -> BTreeSet<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.home.path().to_owned()];
        let mut files = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("our own").flatten() {
                let kind = entry.file_type().expect("it is there");
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.insert((entry.path(), fs::read(entry.path()).expect("our own")));
                }
            }
        }
        files
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        if self.keyring.is_some() {
            self.end_keychain();
        }
    }
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "it was expected to fail");
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    said
}

#[test]
fn what_was_put_is_there_until_it_is_replaced_or_removed() {
    let login = Login::with_keychain();
    assert_eq!(login.answer(&["get", NAME]), "nothing");
    login.answer(&["put", NAME, "the first value"]);
    assert_eq!(login.answer(&["get", NAME]), "the first value");
    login.answer(&["put", NAME, "the second value"]);
    login.answer(&["put", "another device", "its own value"]);
    assert_eq!(login.answer(&["get", NAME]), "the second value");
    login.answer(&["remove", NAME]);
    assert_eq!(login.answer(&["get", NAME]), "nothing");
    login.answer(&["remove", NAME]);
    assert_eq!(login.answer(&["get", "another device"]), "its own value");
}

#[test]
fn without_a_keychain_it_is_absent_and_nothing_is_kept_elsewhere() {
    let login = Login::new();
    let before = login.files();
    assert_eq!(login.answer(&["state"]), "Absent");
    for words in [&["put", NAME, "a value"] as &[&str], &["get", NAME], &["remove", NAME]] {
        assert!(failure(&login.ask(words)).starts_with("Absent: This system has no keychain"));
    }
    assert_eq!(login.files(), before, "a file appeared");
}

#[test]
fn without_a_bus_it_is_absent() {
    let mut login = Login::new();
    login.bus.end();
    assert_eq!(login.answer(&["state"]), "Absent");
    assert!(failure(&login.ask(&["get", NAME])).starts_with("Absent: "));
}

#[test]
fn a_keychain_that_starts_later_or_starts_anew_has_what_was_put() {
    let mut login = Login::new();
    assert_eq!(login.answer(&["state"]), "Absent");
    login.start_keychain(Some("a throw-away password"));
    assert_eq!(login.until("Ready"), "Ready");
    login.answer(&["put", NAME, "a lasting value"]);
    login.end_keychain();
    assert_eq!(login.answer(&["state"]), "Absent");
    login.start_keychain(Some("a throw-away password"));
    assert_eq!(login.until("Ready"), "Ready");
    assert_eq!(login.answer(&["get", NAME]), "a lasting value");
}

#[test]
fn a_locked_keychain_is_no_empty_one_and_nothing_in_it_is_replaced() {
    let mut login = Login::with_keychain();
    login.answer(&["put", NAME, "a value to keep"]);
    login.end_keychain();
    let kept = login.files();
    login.start_keychain(None);
    assert_eq!(login.until("Locked"), "Locked");
    for words in [&["get", NAME] as &[&str], &["put", NAME, "another"], &["remove", NAME]] {
        let said = failure(&login.ask(words));
        assert!(said.starts_with("Locked: The system's keychain is locked"), "{words:?}: {said}");
    }
    login.end_keychain();
    assert_eq!(login.files(), kept, "a locked keychain was written to");
    login.start_keychain(Some("a throw-away password"));
    assert_eq!(login.until("Ready"), "Ready");
    assert_eq!(login.answer(&["get", NAME]), "a value to keep");
}

#[test]
fn nobody_waits_for_a_keychain_that_does_not_answer() {
    let login = Login::with_keychain();
    let daemon = login.keyring.as_ref().expect("it runs").id();
    let stop = |signal: &str| {
        Command::new("kill").args([signal, &daemon.to_string()]).status().expect("kill").success()
    };
    assert!(stop("-STOP"));
    let begun = Instant::now();
    let said = failure(&login.ask(&["get", NAME, "1"]));
    assert!(said.starts_with("NoAnswer: "), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(stop("-CONT"));
    assert_eq!(login.answer(&["get", NAME]), "nothing", "and it goes on where it can");
}

#[test]
fn no_file_but_the_keychains_own_holds_or_follows_a_value() {
    let login = Login::with_keychain();
    let own = login.home.path().join("data/keyrings");
    let names = |login: &Login| -> BTreeSet<PathBuf> {
        login
            .files()
            .into_iter()
            .map(|(path, _)| path)
            .filter(|path| !path.starts_with(&own))
            .collect()
    };
    let before = names(&login);
    login.answer(&["put", NAME, "a value nobody finds"]);
    assert_eq!(login.answer(&["get", NAME]), "a value nobody finds");
    assert_eq!(names(&login), before, "a file appeared beside the keychain's own");
    assert!(Path::new(&own).is_dir(), "the keychain keeps its files where it was told to");
    for (path, bytes) in login.files() {
        let found = bytes.windows(20).any(|part| part == b"a value nobody finds");
        assert!(!found, "{} holds the value", path.display());
    }
}
