//! Talking to `seshat-press`, the program that sets pages: finding it, giving it a job, ending it.
//!
//! **Invariants:** no text of the novel lies in a file on the way; what the program answers is taken only when it is
//! whole; the program never lives on behind the call that started it, nor longer than [`LONGEST`].

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::ExportError;

/// What a job and its answer look like. Another number on either side is another version of Seshat.
pub(super) const WIRE: u32 = 1;

/// What the program is called.
const NAME: &str = "seshat-press";

/// No book takes longer, on the slowest computer that Seshat runs on.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// How often is looked whether the author has cancelled.
const TICK: Duration = Duration::from_millis(50);

/// More text than in any novel: 64 MiB with all that is said of it.
const MOST_TEXT: usize = 64 << 20;

/// More than the PDF of any novel, in bytes: 2 GiB.
const MOST_ANSWER: u64 = 2 << 30;

/// The program that sets pages, and how the author stops it.
#[derive(Clone, Debug)]
pub struct Press {
    program: PathBuf,
    stop: Arc<AtomicBool>,
}

impl Press {
    /// The program beside this one, where packages put it; else the one that the system's search path has. Whether
    /// it is there shows when it is started.
    #[must_use]
    pub fn find() -> Self {
        let name = format!("{NAME}{}", std::env::consts::EXE_SUFFIX);
        let beside = std::env::current_exe().ok().map(|program| program.with_file_name(&name));
        let beside = beside.filter(|program| program.is_file());
        Self::at(beside.unwrap_or_else(|| PathBuf::from(name)))
    }

    /// The program at a path.
    #[must_use]
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), stop: Arc::default() }
    }

    /// As soon as `stop` is true, the program is ended, and what asked for pages gets [`ExportError::Stopped`].
    #[must_use]
    pub fn stopped_by(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// What the program answers to `job`.
    pub(super) fn answer(&self, job: &Job<'_>) -> Result<(Answer, Vec<u8>), ExportError> {
        if job.json.len() > MOST_TEXT {
            return Err(ExportError::TooMuch);
        }
        if self.is_stopped() {
            return Err(ExportError::Stopped);
        }
        let child = start(&self.program)?;
        let answer = self.conversation(child, job)?;
        let end = answer.iter().position(|byte| *byte == b'\n').ok_or(ExportError::PressStopped)?;
        let (line, files) = answer.split_at(end);
        let said: Answer = serde_json::from_slice(line).map_err(|_| ExportError::OtherPress)?;
        if said.wire != WIRE {
            return Err(ExportError::OtherPress);
        }
        if !said.ok {
            return Err(ExportError::Unpressed { sentence: said.error });
        }
        Ok((said, files.get(1..).unwrap_or_default().to_vec()))
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Everything that the program says; it reads the whole job before it answers.
    fn conversation(&self, mut child: Child, job: &Job<'_>) -> Result<Vec<u8>, ExportError> {
        let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
        thread::scope(|scope| {
            scope.spawn(move || {
                // A program that ended has not read all: what it answered shows why.
                let told = stdin.as_mut().map(|stdin| job.write(stdin));
                drop(told);
            });
            let (heard, hears) = mpsc::channel();
            scope.spawn(move || {
                let mut answer = Vec::new();
                let whole = stdout.map(|it| it.take(MOST_ANSWER).read_to_end(&mut answer));
                let answer = whole.and_then(Result::ok).map(|_| answer);
                // Nobody listens any more when the author has cancelled.
                drop(heard.send(answer));
            });
            let waited = self.wait(&hears);
            if waited.is_err() {
                // One that has just ended by itself cannot be ended.
                drop(child.kill());
            }
            let ended = child.wait();
            let answer = waited?.ok_or(ExportError::PressStopped)?;
            match ended {
                Ok(status) if status.success() => Ok(answer),
                Ok(_) | Err(_) => Err(ExportError::PressStopped),
            }
        })
    }

    fn wait(
        &self,
        hears: &mpsc::Receiver<Option<Vec<u8>>>,
    ) -> Result<Option<Vec<u8>>, ExportError> {
        let begun = Instant::now();
        loop {
            match hears.recv_timeout(TICK) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if self.is_stopped() => {
                    return Err(ExportError::Stopped);
                }
                Err(RecvTimeoutError::Timeout) if begun.elapsed() > LONGEST => {
                    return Err(ExportError::PressTooSlow);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

fn start(program: &Path) -> Result<Child, ExportError> {
    Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| ExportError::NoPress { source })
}

/// A line of JSON and the pictures that it names.
pub(super) struct Job<'a> {
    pub(super) json: Vec<u8>,
    pub(super) pictures: Vec<&'a [u8]>,
}

impl Job<'_> {
    pub(super) fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        to.write_all(&self.json)?;
        to.write_all(b"\n")?;
        self.pictures.iter().try_for_each(|picture| to.write_all(picture))
    }
}

/// The line before the files.
#[derive(Deserialize)]
pub(super) struct Answer {
    ok: bool,
    #[serde(default)]
    wire: u32,
    #[serde(default)]
    error: String,
    /// How long each file behind the line is.
    #[serde(default)]
    files: Vec<usize>,
    /// Pages in all.
    #[serde(default)]
    pub(super) pages: usize,
    /// Characters that no font has.
    #[serde(default)]
    pub(super) missing: String,
}

impl Answer {
    /// The files, parted; nothing when they are not as long as the line says.
    pub(super) fn parted(&self, mut files: Vec<u8>) -> Option<Vec<Vec<u8>>> {
        let mut parted = Vec::new();
        for length in &self.files {
            if *length > files.len() {
                return None;
            }
            let rest = files.split_off(*length);
            parted.push(std::mem::replace(&mut files, rest));
        }
        files.is_empty().then_some(parted)
    }
}
