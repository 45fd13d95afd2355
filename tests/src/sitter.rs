//! A laptop with its window open: it syncs by itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use seshat_testkit::{Laptop, program};

/// What a window comes to by itself it comes to by then, on any machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// The example `sitter` on a laptop's vault; it ends with this value.
#[derive(Debug)]
pub struct Sitter {
    child: Child,
    shown: Receiver<Value>,
    last: Value,
}

impl Sitter {
    /// Opens the vault and lets the background run.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn start(laptop: &Laptop) -> Self {
        let mut command = Command::new(program("examples/sitter"));
        command.arg(&laptop.home).arg(laptop.path("password"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it can be started");
        let stdout = child.stdout.take().expect("it was asked for");
        let (show, shown) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let status = serde_json::from_str(&line).expect("a line is a status");
                if show.send(status).is_err() {
                    break;
                }
            }
        });
        Self { child, shown, last: Value::Null }
    }

    /// Types this at the end of the first scene of the first novel.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn type_in(&mut self, text: &str) {
        let input = self.child.stdin.as_mut().expect("it was asked for");
        writeln!(input, "{text}").expect("it listens");
    }

    /// Waits until the window shows what is wanted; gives it.
    ///
    /// # Panics
    /// When it does not come.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        while !wanted(&self.last) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let next = self.shown.recv_timeout(left);
            assert!(next.is_ok(), "{what} does not come: {:#}", self.last);
            self.last = next.unwrap_or_default();
        }
        self.last.clone()
    }

    /// Waits until this laptop and the server have the same.
    pub fn until_even(&mut self) {
        let _status = self.until("an even state", |status| {
            status["link"] == "online" && status["waiting"] == 0 && status["writing"] == false
        });
    }

    /// What the window shows when nothing more is to be read.
    #[must_use]
    pub fn shows(&mut self) -> &Value {
        while let Ok(status) = self.shown.try_recv() {
            self.last = status;
        }
        &self.last
    }
}

impl Drop for Sitter {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok();
        let _reaped = self.child.wait().is_ok();
    }
}
