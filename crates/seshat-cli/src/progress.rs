//! A line on the terminal for what takes longer than a second. Scripts never see it.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Shows what goes on until it is dropped.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Begins; nothing is shown in the first second, nor where standard error is no terminal.
    pub(crate) fn begin(what: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self(None);
        }
        let (done, waiting) = mpsc::channel::<()>();
        let shown = thread::spawn(move || {
            let mut seconds = 0_u32;
            while waiting.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                seconds += 1;
                let mut terminal = io::stderr().lock();
                // A terminal that went away is no reason to stop the work.
                let _shown =
                    write!(terminal, "\r{what} … {seconds} s ").and_then(|()| terminal.flush());
            }
            if seconds > 0 {
                let _cleared = write!(io::stderr(), "\r\x1b[K");
            }
        });
        Self(Some((done, shown)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shown)) = self.0.take() {
            drop(done);
            let _ended = shown.join();
        }
    }
}
