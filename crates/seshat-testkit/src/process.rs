//! Running programs: with a limit on time, and never left behind.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// No command of a test takes longer on any machine; one that does hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// A program that ended.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it answered.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
    /// The most memory that it was seen to hold, in KiB, if it was waited for; 0 where the system does not say.
    pub peak_kib: u64,
}

/// A program that runs; it is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    began: Instant,
    peak_kib: u64,
}

impl Running {
    /// Starts a command with nothing on its standard input.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program can be started");
        let stdout = child.stdout.take().map(reading);
        let stderr = child.stderr.take().map(reading);
        Self { child, stdout, stderr, began: Instant::now(), peak_kib: 0 }
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    ///
    /// # Panics
    /// When the system cannot say.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked for").is_some()
    }

    /// Kills it at once, as a power cut would; one that has ended already says how it ended.
    #[must_use]
    pub fn kill(mut self) -> Ran {
        // One that has ended cannot be killed, which is what was wanted.
        let _ended = self.child.kill().is_ok();
        self.result()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end in three minutes.
    #[must_use]
    pub fn wait(mut self) -> Ran {
        while !self.has_ended() {
            if self.began.elapsed() > PATIENCE {
                let ran = self.kill();
                assert!(ran.took < PATIENCE, "it did not end: {ran:?}");
                return ran;
            }
            self.peak_kib = self.peak_kib.max(peak_kib(self.id()));
            thread::sleep(Duration::from_millis(5));
        }
        self.result()
    }

    fn result(mut self) -> Ran {
        let status = self.child.wait().expect("a child can be waited for");
        let text = |reader: Option<JoinHandle<String>>| {
            reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
        };
        let (stdout, stderr) = (text(self.stdout.take()), text(self.stderr.take()));
        Ran { status, stdout, stderr, took: self.began.elapsed(), peak_kib: self.peak_kib }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok();
        let _reaped = self.child.wait().is_ok();
    }
}

/// The most memory that a process has held so far, in KiB; 0 where the system does not say, or it has ended.
#[must_use]
pub fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// Ends a process as a power cut would; whether it was there.
#[must_use]
pub fn kill(process: u32) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", "kill -KILL \"$0\" 2>/dev/null", &process.to_string()]);
    command.status().is_ok_and(|status| status.success())
}

/// Pipes are emptied all the time: a full one would stop the program.
fn reading(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _partly = pipe.read_to_end(&mut bytes).is_ok();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
