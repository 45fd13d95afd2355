//! Locking by itself: after some minutes in which the author did nothing.
//!
//! **Invariant:** what cannot be written is not thrown away: a lock that fails leaves the vault open and is tried again.

use std::sync::PoisonError;
use std::time::Duration;

use seshat_platform::IdleTimer;
use seshat_store::Store;

use crate::clock::now_ms;
use crate::{Desk, Failure, VaultState};

/// How often it is looked at.
pub(crate) const LOOK: Duration = Duration::from_secs(5);

const IDLE_MINUTES: &str = "idle-minutes";
const DEFAULT_MINUTES: u32 = 15;
/// A day.
const MOST_MINUTES: u32 = 24 * 60;

impl Desk {
    /// The author did something.
    pub fn active(&self) {
        self.idle_timer(|timer| timer.active(now_ms()));
    }

    /// After how many minutes of nothing the vault is locked; `None` is never.
    ///
    /// # Errors
    /// When the vault is locked, the number is 0 or more than a day, or the disk refuses.
    pub fn set_idle_minutes(&self, minutes: Option<u32>) -> Result<(), Failure> {
        if minutes.is_some_and(|minutes| minutes == 0 || minutes > MOST_MINUTES) {
            return Err(Failure::other(
                "The vault can be locked after one minute to a day, so the setting is as it was; choose a time in between.",
            ));
        }
        let value = minutes.unwrap_or(0).to_be_bytes();
        self.with_session(|_, store| Ok(store.set_setting(IDLE_MINUTES, Some(&value))?))?;
        self.idle_timer(|timer| timer.set_limit(limit(minutes)));
        Ok(())
    }

    pub(crate) fn idle_minutes(&self) -> Result<Option<u32>, Failure> {
        self.with_session(|_, store| stored(store))
    }

    /// Begins to count, when the vault was opened.
    pub(crate) fn begin_idle(&self, store: &Store) -> Result<(), Failure> {
        let minutes = stored(store)?;
        self.idle_timer(|timer| {
            timer.set_limit(limit(minutes));
            timer.active(now_ms());
        });
        Ok(())
    }

    /// Locks the vault if nothing has happened for long enough.
    pub(crate) fn lock_if_idle(&self) {
        let mut due = false;
        self.idle_timer(|timer| due = timer.due(now_ms()));
        if due && self.status(u64::MAX).vault == VaultState::Open {
            // Where it fails the footer has said why, and the next look tries again.
            let _locked = self.lock().is_ok();
        }
    }

    fn idle_timer(&self, work: impl FnOnce(&mut IdleTimer)) {
        work(&mut self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn stored(store: &Store) -> Result<Option<u32>, Failure> {
    let minutes = store.setting(IDLE_MINUTES)?.and_then(|value| value.try_into().ok());
    let minutes = minutes.map_or(DEFAULT_MINUTES, u32::from_be_bytes);
    Ok((minutes > 0).then_some(minutes))
}

fn limit(minutes: Option<u32>) -> Option<Duration> {
    minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
}
