//! Locks the vault when the system says that the author has gone.
//!
//! **Invariant:** it never stands in the way of writing: buses are asked on a thread of their own, a system that tells
//! nothing is said to be not watched, and a vault whose text cannot be written stays open and says so on the page.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use seshat_app::Desk;
use seshat_platform::{Watch, Watched, watch};

/// How long the page is given to send what was typed. The system waits for five seconds at most.
pub(crate) const LAST_LETTERS: Duration = Duration::from_millis(400);

/// Watches for as long as the program runs.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    watch: Arc<OnceLock<Watch>>,
}

impl Guard {
    /// Begins to watch for `desk`, and does not wait for it.
    pub(crate) fn begin(desk: &Desk) -> Self {
        let guard = Self::default();
        let (desk, kept) = (desk.clone(), guard.watch.clone());
        // Without a thread nothing is watched, which is what `watched` then says.
        let _started = std::thread::Builder::new().name("guard".to_owned()).spawn(move || {
            let locks = move |_reason| {
                // The page sends what is typed every 150 ms: the last letters before the lid fell are on their way.
                std::thread::sleep(LAST_LETTERS);
                // A failure is on the board already, where the page reads it, and so is the lock.
                let _said = desk.lock();
            };
            if let Ok(watch) = watch(locks) {
                let _first = kept.set(watch);
            }
        });
        guard
    }

    /// What the system tells about at the moment.
    pub(crate) fn watched(&self) -> Watched {
        self.watch.get().map(Watch::watched).unwrap_or_default()
    }
}
