//! What happens by itself while the window is open: typing reaches the disk after a second, and the disk's news
//! reach the server a second later.
//!
//! Two threads, because a slow server must not keep words from the disk; both sleep until they are woken. A third
//! looks every few seconds whether the author has gone.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use seshat_sync::Backoff;

use crate::idle::LOOK;
use crate::{Desk, VaultState};

/// How long typing goes on before it is put on the disk.
const TYPING: Duration = Duration::from_millis(1000);
/// How long a failed write waits.
const WRITE_AGAIN: Duration = Duration::from_secs(5);
/// How long after a write the server is told.
const PAUSE: Duration = Duration::from_millis(800);
/// How often the server is asked for news when nothing happens here.
const ASK: Duration = Duration::from_secs(30);
/// The same while another laptop waits to be let in.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// What the two threads wait for.
#[derive(Default)]
pub(crate) struct Wake {
    asked: Mutex<Asked>,
    changed: Condvar,
}

#[derive(Default)]
struct Asked {
    write_at: Option<Instant>,
    sync_at: Option<Instant>,
    ended: bool,
}

impl Wake {
    /// Something was typed.
    pub(crate) fn typed(&self) {
        self.asked().write_at.get_or_insert_with(|| Instant::now() + TYPING);
        self.changed.notify_all();
    }

    /// Something was written that the server does not have.
    pub(crate) fn send(&self) {
        self.sync_within(PAUSE);
    }

    fn sync_within(&self, pause: Duration) {
        let soon = Instant::now() + pause;
        let mut asked = self.asked();
        asked.sync_at = Some(asked.sync_at.map_or(soon, |at| at.min(soon)));
        drop(asked);
        self.changed.notify_all();
    }

    fn write_again(&self) {
        self.asked().write_at = Some(Instant::now() + WRITE_AGAIN);
    }

    fn sync_again(&self, pause: Duration) {
        self.asked().sync_at.get_or_insert_with(|| Instant::now() + pause);
    }

    pub(crate) fn end(&self) {
        self.asked().ended = true;
        self.changed.notify_all();
    }

    /// Waits until `due` names a moment that has come, and takes it; false when the desk is gone.
    fn wait(&self, due: fn(&mut Asked) -> &mut Option<Instant>) -> bool {
        let mut asked = self.asked();
        loop {
            if asked.ended {
                return false;
            }
            let now = Instant::now();
            asked = match *due(&mut asked) {
                Some(at) if at <= now => {
                    *due(&mut asked) = None;
                    return true;
                }
                Some(at) => {
                    let waited = self.changed.wait_timeout(asked, at - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(asked).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Waits so long; false when the desk is gone.
    fn pause(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.asked(), time, |asked| !asked.ended);
        waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Starts the threads. For programs that stay: a command does its own writing and sends nothing by
    /// itself.
    pub fn start_background(&self) {
        let writing = self.clone();
        let sending = self.clone();
        thread::spawn(move || {
            while writing.shared.wake.wait(|asked| &mut asked.write_at) {
                if writing.flush().is_err() {
                    writing.shared.wake.write_again();
                }
            }
        });
        thread::spawn(move || {
            let mut backoff = Backoff::default();
            while sending.shared.wake.wait(|asked| &mut asked.sync_at) {
                sending.send_and_fetch(&mut backoff);
            }
        });
        let locking = self.clone();
        thread::spawn(move || {
            while locking.shared.wake.pause(LOOK) {
                locking.lock_if_idle();
            }
        });
    }

    fn send_and_fetch(&self, backoff: &mut Backoff) {
        let status = self.status(u64::MAX);
        if status.vault != VaultState::Open || status.server.is_none() {
            return;
        }
        let online = self.round().is_ok_and(|report| report.online);
        let pause = if online {
            backoff.succeed();
            // Whether another laptop asks to join; that nobody could be asked is no news.
            if self.joins().is_ok_and(|asking| !asking.is_empty()) { ASK_AGAIN } else { ASK }
        } else {
            Duration::from_millis(backoff.fail(self.jitter()))
        };
        self.shared.wake.sync_again(pause);
    }
}
