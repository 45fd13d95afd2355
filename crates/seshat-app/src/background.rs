//! What happens by itself while the window is open: typing reaches the disk within a second, and the server at once
//! after that; what the server tells is fetched at once.
//!
//! Two threads, because a slow server must not keep words from the disk; both sleep until they are woken. A third
//! listens to the server. A fourth looks every few seconds whether the author has gone, and whether the vault's file
//! has. A fifth tends what can wait until nobody types: it compacts, and makes backups. Whatever fails there is said
//! once and tried again minutes later.
//!
//! **Invariant:** a laptop at rest sends nothing: it hears that there is nothing, and asks only now and then.

use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use seshat_sync::Backoff;
use tokio::sync::watch;

use crate::compacting::Which;
use crate::folder::is_folder;
use crate::idle::LOOK;
use crate::images::A_FEW;
use crate::{Desk, Failure, FailureCode, LaptopHas, SyncMode, SyncReport, VaultState};

/// How long typing goes on before it is put on the disk.
const TYPING: Duration = Duration::from_millis(850);
/// How long a failed write waits.
const WRITE_AGAIN: Duration = Duration::from_secs(5);
/// How long after a write the server is told: long enough for what an author did at one moment to go together.
const PAUSE: Duration = Duration::from_millis(100);
/// How often the server is asked for news when nothing happens here, and it does not tell by itself.
const ASK: Duration = Duration::from_secs(30);
/// The same while it tells by itself; and up to half as long more, so that laptops do not come together.
const ASK_BESIDE: Duration = Duration::from_secs(5 * 60);
/// So many times it is asked all the same after something went to and fro: until it has heard that the other laptops
/// have it, and they have heard of this one.
const RESTLESS: u32 = 3;
/// How often it is looked whether there is something to tend.
const TEND: Duration = Duration::from_secs(20);
/// For so long nothing was typed when documents are compacted; spread, so that laptops do not do it all at once.
const QUIET: Duration = Duration::from_secs(60);
/// The same when what was typed today is noted.
const REST: Duration = Duration::from_secs(30);
/// The same when the vault is copied.
const PAUSED: Duration = Duration::from_secs(10);
/// How long tending waits that could not be done.
const TEND_AGAIN: Duration = Duration::from_secs(10 * 60);
/// How long a server that could not be reached is not asked because something was written.
const SPARED: Duration = Duration::from_secs(20);
/// The same for a folder after each round.
const BESIDE_FOLDER: Duration = Duration::from_secs(15);
/// How long a server may ask to be left alone.
const MOST_PATIENCE: Duration = Duration::from_secs(60 * 60);
/// How often is asked while another laptop waits to be let in.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// What the threads wait for.
#[derive(Default)]
pub(crate) struct Wake {
    asked: Mutex<Asked>,
    changed: Condvar,
    ended: watch::Sender<bool>,
}

#[derive(Default)]
struct Asked {
    write_at: Option<Instant>,
    sync_at: Option<Instant>,
    /// The server said that there may be something.
    news: bool,
    /// The server is not asked before this, whatever was written.
    spared_until: Option<Instant>,
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

    /// The server said that there may be something.
    pub(crate) fn news(&self) {
        self.asked().news = true;
        self.changed.notify_all();
    }

    fn sync_within(&self, pause: Duration) {
        let mut asked = self.asked();
        let soon = Instant::now() + pause;
        let soon = asked.spared_until.map_or(soon, |until| until.max(soon));
        asked.sync_at = Some(asked.sync_at.map_or(soon, |at| at.min(soon)));
        drop(asked);
        self.changed.notify_all();
    }

    /// The server could not be reached, or asked for peace: what is written now does not go out before that.
    fn spare(&self, pause: Option<Duration>) {
        self.asked().spared_until = pause.map(|pause| Instant::now() + pause);
    }

    fn write_again(&self) {
        self.asked().write_at = Some(Instant::now() + WRITE_AGAIN);
    }

    /// Ends the threads; whether there were any.
    pub(crate) fn end(&self) -> bool {
        let mut asked = self.asked();
        asked.ended = true;
        let started = std::mem::take(&mut asked.started);
        drop(asked);
        self.ended.send_replace(true);
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

    /// Waits until a round is due, or may be; `None` when the desk is gone.
    fn wait_to_sync(&self) -> Option<Due> {
        let mut asked = self.asked();
        loop {
            if asked.ended {
                return None;
            }
            let now = Instant::now();
            asked = match asked.sync_at {
                Some(at) if at <= now => {
                    asked.sync_at = None;
                    return Some(Due::Now);
                }
                _ if asked.news => {
                    asked.news = false;
                    return Some(Due::IfNews);
                }
                Some(at) => {
                    let waited = self.changed.wait_timeout(asked, at - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(asked).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Waits until the desk is gone.
    pub(crate) async fn until_ended(&self) {
        let mut ended = self.ended.subscribe();
        // It never closes while it can be asked.
        let _ended = ended.wait_for(|ended| *ended).await.is_ok();
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

/// Why a round may begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    /// Something was written, or it is time.
    Now,
    /// The server said something; if that is news.
    IfNews,
}

/// What the thread that syncs remembers from one round to the next.
#[derive(Default)]
struct Pace {
    backoff: Backoff,
    /// So many rounds follow soon, whatever they bring.
    restless: u32,
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
            let mut pace = Pace::default();
            while let Some(due) = sending.shared.wake.wait_to_sync() {
                if due == Due::Now || sending.is_news() {
                    sending.send_and_fetch(&mut pace);
                }
            }
        });
        let hearing = self.clone();
        thread::spawn(move || hearing.listen());
        let locking = self.clone();
        thread::spawn(move || {
            while locking.shared.wake.pause(LOOK) {
                locking.lock_if_idle();
                locking.let_go_of_dictionaries();
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
        if self.shared.wake.is_quiet_for(REST) {
            self.keep_typed()?;
        }
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

    fn send_and_fetch(&self, pace: &mut Pace) {
        let status = self.status(u64::MAX);
        let may = status.sync.mode == SyncMode::Automatic && status.server.is_some();
        if status.vault != VaultState::Open || !may {
            return;
        }
        let round = self.round_fetching(A_FEW);
        let pause = match &round {
            Ok(report) if report.online => {
                pace.backoff.succeed();
                // Each round that writes makes a file there, and programs that sync choke on thousands.
                self.shared.wake.spare(is_folder(&status).then_some(BESIDE_FOLDER));
                self.pause_after(report, pace)
            }
            _ => {
                let pause = Duration::from_millis(pace.backoff.fail(self.jitter()));
                let asked_for = self.rounds().patience.map(Duration::from_secs);
                let asked_for = asked_for.map(|time| time.min(MOST_PATIENCE));
                self.shared.wake.spare(Some(asked_for.unwrap_or(pause.min(SPARED))));
                asked_for.map_or(pause, |time| time.max(pause))
            }
        };
        self.shared.wake.sync_within(pause);
    }

    /// How long until the next round, if nothing happens before.
    fn pause_after(&self, report: &SyncReport, pace: &mut Pace) -> Duration {
        let moved = report.up + report.down > 0;
        pace.restless = if moved { RESTLESS } else { pace.restless.saturating_sub(1) };
        let mut sync = self.status(u64::MAX).sync;
        if !moved && sync.laptops.iter().any(|laptop| laptop.has != LaptopHas::Everything) {
            // That nobody could be asked is no news.
            let _asked = self.ask_about_laptops().is_ok();
            sync = self.status(u64::MAX).sync;
        }
        if sync.laptops.iter().all(|laptop| laptop.has == LaptopHas::Everything) {
            // This one has said so itself when it asked.
            pace.restless = pace.restless.min(1);
        }
        // Whether another laptop asks to join.
        if self.joins().is_ok_and(|asking| !asking.is_empty()) {
            return ASK_AGAIN;
        }
        if pace.restless > 0 || !self.shared.heard_of_news.at_once() {
            return ASK;
        }
        ASK_BESIDE + Duration::from_millis(self.jitter() % 150_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_in(wake: &Wake) -> Option<Duration> {
        wake.asked().sync_at.map(|at| at.saturating_duration_since(Instant::now()))
    }

    #[test]
    fn what_was_typed_is_sent_within_a_second_of_a_pause() {
        // The last keystroke may be the first of those that wait for the disk.
        assert!(TYPING + PAUSE < Duration::from_secs(1));
    }

    #[test]
    fn a_server_that_is_spared_is_not_asked_because_something_was_written() {
        let wake = Wake::default();
        wake.send();
        assert!(due_in(&wake).unwrap() <= PAUSE);
        wake.asked().sync_at = None;
        wake.spare(Some(Duration::from_secs(1000)));
        wake.send();
        wake.sync_within(Duration::from_secs(2000));
        let due = due_in(&wake).unwrap();
        assert!(due > Duration::from_secs(900) && due <= Duration::from_secs(1000), "{due:?}");
        wake.spare(None);
        wake.send();
        assert!(due_in(&wake).unwrap() <= PAUSE);
    }

    #[test]
    fn news_do_not_put_off_what_is_due_and_are_told_once() {
        let wake = Wake::default();
        wake.sync_within(Duration::from_secs(1000));
        wake.news();
        wake.news();
        assert_eq!(wake.wait_to_sync(), Some(Due::IfNews));
        assert!(due_in(&wake).is_some(), "what was due is still due");
        wake.news();
        wake.sync_within(Duration::ZERO);
        assert_eq!(wake.wait_to_sync(), Some(Due::Now));
        assert_eq!(wake.wait_to_sync(), Some(Due::IfNews));
        assert!(wake.asked().sync_at.is_none() && !wake.asked().news);
        wake.end();
        assert_eq!(wake.wait_to_sync(), None);
    }
}
