//! What happens by itself while the window is open: typing reaches the disk after a second, and the disk's news
//! reach the server a second later.
//!
//! Two threads, because a slow server must not keep words from the disk; both sleep until they are woken. A third
//! looks every few seconds whether the author has gone, and whether the vault's file has. A fourth tends what can wait
//! until nobody types: it compacts, and makes backups. Whatever fails there is said once and tried again minutes later.

use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use seshat_sync::Backoff;

use crate::compacting::Which;
use crate::idle::LOOK;
use crate::{Desk, Failure, FailureCode, VaultState};

/// How long typing goes on before it is put on the disk.
const TYPING: Duration = Duration::from_millis(1000);
/// How long a failed write waits.
const WRITE_AGAIN: Duration = Duration::from_secs(5);
/// How long after a write the server is told.
const PAUSE: Duration = Duration::from_millis(800);
/// How often the server is asked for news when nothing happens here.
const ASK: Duration = Duration::from_secs(30);
/// How often it is looked whether there is something to tend.
const TEND: Duration = Duration::from_secs(20);
/// For so long nothing was typed when documents are compacted; spread, so that laptops do not do it all at once.
const QUIET: Duration = Duration::from_secs(60);
/// The same when the vault is copied.
const PAUSED: Duration = Duration::from_secs(10);
/// How long tending waits that could not be done.
const TEND_AGAIN: Duration = Duration::from_secs(10 * 60);
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
    /// When something was typed last.
    typed_at: Option<Instant>,
    /// Threads were started.
    started: bool,
    ended: bool,
}

impl Wake {
    /// Something was typed.
    pub(crate) fn typed(&self) {
        let now = Instant::now();
        let mut asked = self.asked();
        asked.typed_at = Some(now);
        asked.write_at.get_or_insert_with(|| now + TYPING);
        drop(asked);
        self.changed.notify_all();
    }

    /// Whether nothing was typed for so long, and nobody has ended this.
    fn is_quiet_for(&self, time: Duration) -> bool {
        let asked = self.asked();
        !asked.ended && asked.typed_at.is_none_or(|at| at.elapsed() >= time)
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

    /// Ends the threads; whether there were any.
    pub(crate) fn end(&self) -> bool {
        let mut asked = self.asked();
        asked.ended = true;
        let started = std::mem::take(&mut asked.started);
        drop(asked);
        self.changed.notify_all();
        started
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
        self.shared.wake.asked().started = true;
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
                locking.look_at_place();
            }
        });
        let tending = self.clone();
        thread::spawn(move || {
            let quiet = QUIET + Duration::from_millis(tending.jitter() % 60_000);
            let mut failed: Option<(Instant, String)> = None;
            while tending.shared.wake.pause(TEND) {
                if failed.as_ref().is_none_or(|(at, _)| at.elapsed() >= TEND_AGAIN) {
                    let now = tending.tend(quiet).err().map(|it| (Instant::now(), it.message));
                    tending.say_of_tending(failed.as_ref(), now.as_ref());
                    failed = now;
                }
                // It keeps its own time.
                if tending.shared.wake.is_quiet_for(PAUSED) {
                    tending.back_up_if_due();
                }
            }
        });
    }

    /// What can wait until nobody types: documents are compacted, what snapshots contain is removed, texts are kept for
    /// searching. Stops as soon as something is typed.
    fn tend(&self, quiet: Duration) -> Result<(), Failure> {
        if self.status(u64::MAX).vault != VaultState::Open {
            return Ok(());
        }
        self.begin_reminding();
        self.show_backup_notice();
        let go_on = &mut || self.shared.wake.is_quiet_for(quiet) && self.is_even();
        if !go_on() {
            return Ok(());
        }
        let tended = self.compact_documents(Which::Due, go_on).and_then(|report| {
            if report.documents > 0 {
                // With a server, what was compacted goes there first.
                self.wrote(&Ok(true));
            }
            self.purge(go_on)?;
            self.keep_texts(go_on)
        });
        match tended {
            // The author locked it meanwhile.
            Err(failure) if failure.code == FailureCode::Locked => Ok(()),
            tended => tended,
        }
    }

    /// Says what failed, and takes back what was said when it works again.
    fn say_of_tending(&self, before: Option<&(Instant, String)>, now: Option<&(Instant, String)>) {
        let [before, now] = [before, now].map(|failed| failed.map(|(_, said)| said.clone()));
        self.shared.board.show(|status| {
            if now.is_some() || (before.is_some() && status.message == before) {
                status.message = now;
            }
        });
    }

    /// Whether this laptop and the server have the same, as far as is known here; always without a server.
    fn is_even(&self) -> bool {
        self.status(u64::MAX).server.is_none() || self.shared.even.load(Ordering::Relaxed)
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
