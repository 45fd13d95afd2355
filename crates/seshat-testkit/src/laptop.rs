//! A laptop: a home folder, a password file, and the command line.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::files::copy_folder;
use crate::process::{Ran, Running};
use crate::programs::wrapped;

/// The password that every laptop begins with.
pub const PASSWORD: &str = "seven herons over the frozen mill";

/// One laptop.
#[derive(Debug)]
pub struct Laptop {
    folder: PathBuf,
    /// The vault's folder.
    pub home: PathBuf,
    /// Stands in front of the program's name: a smaller disk, a limit.
    pub wrapper: Vec<OsString>,
}

impl Laptop {
    /// A laptop without a vault, in `folder/name`, with [`PASSWORD`] in its password file.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn bare(folder: &Path, name: &str) -> Self {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let laptop = Self { home: folder.join("home"), folder, wrapper: Vec::new() };
        laptop.set_password(PASSWORD);
        laptop
    }

    /// A laptop that stands in `folder/name` already.
    #[must_use]
    pub fn there(folder: &Path, name: &str) -> Self {
        let folder = folder.join(name);
        Self { home: folder.join("home"), folder, wrapper: Vec::new() }
    }

    /// A laptop with a new vault, its Emergency Kit in [`Laptop::kit`].
    #[must_use]
    pub fn new(folder: &Path, name: &str) -> Self {
        let laptop = Self::bare(folder, name);
        let _made = laptop.ok(&["init", "--kit", &laptop.kit()]);
        laptop
    }

    /// A copy of this laptop as it lies there, in `folder/name`: its disk, put into another.
    #[must_use]
    pub fn copy(&self, folder: &Path, name: &str) -> Self {
        let folder = folder.join(name);
        copy_folder(&self.folder, &folder);
        Self { home: folder.join("home"), folder, wrapper: self.wrapper.clone() }
    }

    /// The path of the Emergency Kit.
    #[must_use]
    pub fn kit(&self) -> String {
        self.path("kit.txt")
    }

    /// A path beside the vault's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Writes a file beside the vault's folder and says where it is.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.folder.join(name), content).expect("a file can be written");
        self.path(name)
    }

    /// Puts another password into the password file.
    pub fn set_password(&self, password: &str) {
        let _path = self.file("password", format!("{password}\n"));
    }

    /// A command on this laptop's vault, not started.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = wrapped(&self.wrapper, "seshat");
        command.arg("--home").arg(&self.home);
        command.arg("--password-file").arg(self.folder.join("password"));
        command.args(arguments).current_dir(&self.folder).env_remove("SESHAT_HOME");
        command
    }

    /// Starts a command and does not wait for it.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// Runs a command to its end, whatever that is.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).wait()
    }

    /// Runs a command that works, and gives its answer.
    ///
    /// # Panics
    /// When it fails or complains.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert!(ran.status.success(), "{arguments:?} failed: {}{}", ran.stderr, ran.stdout);
        assert_eq!(ran.stderr, "", "{arguments:?} worked and complained");
        ran.stdout
    }

    /// Runs a command that works, and gives its one JSON value.
    ///
    /// # Panics
    /// When it fails, or answers anything else.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut with_json = vec!["--json"];
        with_json.extend_from_slice(arguments);
        serde_json::from_str(&self.ok(&with_json)).expect("--json answers with one JSON value")
    }

    /// Runs a command that fails as every command of Seshat fails, and gives its sentence.
    ///
    /// # Panics
    /// When it works, dies of a signal, answers something, or says anything but one sentence on one line.
    pub fn fails(&self, arguments: &[&str]) -> String {
        assert_failed(arguments, &self.run(arguments))
    }

    /// The scene's flat text.
    ///
    /// # Panics
    /// When it cannot be shown.
    #[must_use]
    pub fn flat(&self, novel: &str, scene: &str) -> String {
        let shown = self.json(&["scene", "show", novel, scene]);
        shown["flat"].as_str().expect("flat is a text").to_owned()
    }

    /// Applies exact operations, one JSON array each.
    pub fn edit(&self, novel: &str, scene: &str, operations: &[Value]) {
        let lines: Vec<String> = operations.iter().map(ToString::to_string).collect();
        let ops = self.file("ops.jsonl", lines.join("\n"));
        let _words = self.ok(&["scene", "edit", novel, scene, "--ops", &ops]);
    }

    /// Exports a novel as Markdown into a folder beside the vault's, and says where.
    #[must_use]
    pub fn exported(&self, novel: &str, name: &str) -> PathBuf {
        let out = self.path(name);
        let _answer = self.ok(&["export", novel, "--to", "md", "--out", &out]);
        PathBuf::from(out)
    }

    /// That every record opens and the chain has no gap; gives how many records there are.
    ///
    /// # Panics
    /// When a check finds a problem.
    pub fn sound(&self) -> u64 {
        let report = self.json(&["check"]);
        assert_eq!(report["problems"], Value::Array(Vec::new()), "a check found problems");
        assert_eq!(report["records"], report["opened"], "a record does not open");
        report["records"].as_u64().expect("records are counted")
    }

    /// Makes an account for this vault.
    pub fn create_account(&self, server: &str, email: &str) {
        let _answer = self.ok(&["account", "create", "--server", server, "--email", email]);
    }

    /// Fetches the vault of an account.
    pub fn join(&self, server: &str, email: &str) {
        let _answer = self.ok(&["account", "join", "--server", server, "--email", email]);
    }

    /// Syncs completely; gives the records that went up and came down.
    ///
    /// # Panics
    /// When it did not work, or something still waits.
    pub fn sync(&self) -> (u64, u64) {
        let report = self.json(&["sync"]);
        assert_eq!(report["waiting"], 0, "a complete sync leaves nothing waiting");
        let count = |name: &str| report[name].as_u64().expect("records are counted");
        (count("up"), count("down"))
    }
}

/// That a command failed as every command fails: a status of its own, no answer, one sentence. Gives it.
///
/// # Panics
/// When it did not.
pub fn assert_failed(arguments: &[&str], ran: &Ran) -> String {
    assert!(!ran.status.success(), "{arguments:?} should have failed and answered: {}", ran.stdout);
    assert_eq!(
        ran.status.code(),
        Some(1),
        "{arguments:?} ended with {}: {}",
        ran.status,
        ran.stderr
    );
    assert_eq!(ran.stdout, "", "{arguments:?} failed and answered");
    assert_sentence(&ran.stderr);
    ran.stderr.trim_end().to_owned()
}

/// That this is one clear sentence on one line: for a person, not for the person's programmer.
///
/// # Panics
/// When it is not.
pub fn assert_sentence(text: &str) {
    let line = text.strip_suffix('\n').unwrap_or(text);
    assert!(!line.is_empty(), "there is no sentence");
    assert!(!line.contains(['\n', '\r']), "more than one line: {text}");
    assert!(line.ends_with(['.', ')']), "no full stop: {line}");
    let first = line.chars().next().unwrap_or(' ');
    assert!(first.is_uppercase() || "“/\"".contains(first), "it begins in the middle: {line}");
    assert!(line.chars().count() <= 400, "too long to be read: {line}");
    for word in
        ["panicked", "Error", "error:", "Err(", "Os {", "os error", "{", "RUST_BACKTRACE", "::"]
    {
        assert!(!line.contains(word), "“{word}” is for programmers: {line}");
    }
}
