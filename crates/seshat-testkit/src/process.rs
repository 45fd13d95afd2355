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
}

/// A program that runs; it is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    began: Instant,
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
        Self { child, stdout, stderr, began: Instant::now() }
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
        Ran { status, stdout, stderr, took: self.began.elapsed() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok();
        let _reaped = self.child.wait().is_ok();
    }
}

/// Pipes are emptied all the time: a full one would stop the program.
fn reading(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _partly = pipe.read_to_end(&mut bytes).is_ok();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
