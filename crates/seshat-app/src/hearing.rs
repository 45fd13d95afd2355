//! Hearing from the server that there is something new, while the window is open.
//!
//! **Invariants:** what is heard only decides when the next round runs. Nothing is listened to while the vault is locked
//! or the author wants this laptop to be silent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use seshat_protocol::Head;
use seshat_sync::{Backoff, Listener, Silence, Way};

use crate::folder::is_folder;
use crate::syncing::wait_for;
use crate::{Desk, Status, SyncMode, VaultState};

/// How long a way that did not do is left alone.
const OTHER_WAY: Duration = Duration::from_secs(30 * 60);
/// How long a line must have held for its end to be nothing unusual.
const HELD: Duration = Duration::from_secs(60);

/// What was heard.
#[derive(Default)]
pub(crate) struct Heard {
    /// The server tells at once when there is something.
    line: AtomicBool,
    /// The last word, until a round has begun that looks at it.
    word: Mutex<Word>,
}

#[derive(Default)]
struct Word {
    last: Option<Head>,
    /// It was said twice: something else than the head is new.
    again: bool,
}

impl Heard {
    /// Whether the server tells at once when there is something.
    pub(crate) fn at_once(&self) -> bool {
        self.line.load(Ordering::Relaxed)
    }

    fn hear(&self, head: Head, way: Way) {
        self.line.store(way == Way::Line, Ordering::Relaxed);
        let mut word = self.word();
        word.again = word.last.as_ref() == Some(&head);
        word.last = Some(head);
    }

    fn fall_silent(&self) {
        self.line.store(false, Ordering::Relaxed);
        *self.word() = Word::default();
    }

    fn word(&self) -> MutexGuard<'_, Word> {
        self.word.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Listens for as long as the threads run.
    pub(crate) fn listen(&self) {
        // Where there is no network at all, rounds say so.
        let _ended = wait_for(async {
            tokio::select! {
                () = self.listen_for_ever() => {}
                () = self.shared.wake.until_ended() => {}
            }
        })
        .is_ok();
    }

    async fn listen_for_ever(&self) {
        let mut listener = Listener::default();
        let mut backoff = Backoff::default();
        loop {
            self.shared.board.wait_until(is_to_listen).await;
            let pause = tokio::select! {
                pause = self.listen_once(&mut listener, &mut backoff) => pause,
                () = self.shared.board.wait_until(|status| !is_to_listen(status)) => Duration::ZERO,
            };
            self.shared.heard_of_news.fall_silent();
            tokio::time::sleep(pause).await;
        }
    }

    /// Listens on one way until that ends. Returns how long to wait.
    async fn listen_once(&self, listener: &mut Listener, backoff: &mut Backoff) -> Duration {
        let Ok(transport) = self.transport() else {
            return Duration::from_millis(backoff.fail(self.jitter()));
        };
        let way = listener.way();
        let begun = tokio::time::Instant::now();
        let silence = listener
            .listen(transport.as_ref(), &mut |head| {
                self.shared.heard_of_news.hear(head, way);
                self.shared.wake.news();
            })
            .await;
        match silence {
            Silence::OtherWay if listener.way() == Way::None => {
                listener.forget();
                OTHER_WAY
            }
            Silence::OtherWay => Duration::ZERO,
            Silence::Cut(_) => {
                if begun.elapsed() >= HELD {
                    backoff.succeed();
                }
                Duration::from_millis(backoff.fail(self.jitter()))
            }
        }
    }

    /// Whether what was heard last is something that this laptop does not have. Asked once, it is answered.
    pub(crate) fn is_news(&self) -> bool {
        let mut word = self.shared.heard_of_news.word();
        let again = std::mem::take(&mut word.again);
        let Some(head) = word.last.clone() else { return false };
        drop(word);
        if again {
            return true;
        }
        let known = self.with_session(|_, store| Ok(store.server()?));
        let known = known.ok().flatten();
        known
            .is_none_or(|link| link.cursor != head.head || link.epoch.as_ref() != Some(&head.epoch))
    }
}

fn is_to_listen(status: &Status) -> bool {
    status.vault == VaultState::Open
        && status.server.is_some()
        && !is_folder(status)
        && status.sync.mode == SyncMode::Automatic
}
