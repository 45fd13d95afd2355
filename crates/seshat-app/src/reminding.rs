//! When the author is asked to save a backup elsewhere: a backup beside the vault goes with the vault's disk.

use seshat_store::Store;

use crate::clock::now_ms;
use crate::rotation::DAY_MS;
use crate::{Desk, Failure};

/// When a backup was last saved outside of the vault's folder, in milliseconds since 1970.
pub(crate) const OUTSIDE: &str = "backup-outside-at";
/// Since when there has been anything to be saved.
const SINCE: &str = "backup-since";
/// The author does not want to hear of it before this.
const LATER: &str = "backup-later";

/// So long without a copy elsewhere.
const DUE_MS: u64 = 14 * DAY_MS;
/// So long it is put off.
const LATER_MS: u64 = 7 * DAY_MS;

/// What decides about a reminder.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Times {
    pub(crate) outside_at: Option<u64>,
    since: Option<u64>,
    later: Option<u64>,
}

impl Desk {
    /// The author saves a backup elsewhere another day: nothing is said for a week.
    ///
    /// # Errors
    /// When the vault is locked or the disk refuses.
    pub fn remind_later(&self) -> Result<(), Failure> {
        self.with_session(|_, store| put(store, LATER, now_ms() + LATER_MS))?;
        self.show_backup_notice();
        Ok(())
    }

    /// Begins to count, once there is a novel.
    pub(crate) fn begin_reminding(&self) {
        // Where the disk refuses, it begins with the next look.
        let _begun = self
            .with_session(|_, store| {
                if store.setting(SINCE)?.is_some() || store.novels()?.is_empty() {
                    return Ok(());
                }
                put(store, SINCE, now_ms())
            })
            .is_ok();
    }
}

/// A backup was saved elsewhere.
pub(crate) fn saved_outside(store: &mut Store, now: u64) -> Result<(), Failure> {
    put(store, OUTSIDE, now)
}

impl Times {
    pub(crate) fn of(store: &Store) -> Result<Self, Failure> {
        let time = |key: &str| -> Result<Option<u64>, Failure> {
            Ok(store.setting(key)?.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
        };
        Ok(Self { outside_at: time(OUTSIDE)?, since: time(SINCE)?, later: time(LATER)? })
    }

    /// One sentence when it is time.
    pub(crate) fn sentence(&self, now: u64) -> Option<String> {
        // Under a clock that was set back, what lies in the future is forgotten.
        let past = |time: Option<u64>| time.filter(|at| *at <= now);
        let put_off = self.later.is_some_and(|later| now < later && later - now <= LATER_MS);
        let last = past(self.outside_at).or_else(|| past(self.since))?;
        if put_off || now - last < DUE_MS {
            return None;
        }
        let days = (now - last) / DAY_MS;
        Some(match self.outside_at {
            Some(_) => format!(
                "The last backup outside of this laptop is {days} days old; everything is safe here; save one on another disk now, so that it is safe from this one, too."
            ),
            None => "There is no backup outside of this laptop yet; everything is safe here; save one on another disk now, so that it is safe from this one, too.".to_owned(),
        })
    }
}

fn put(store: &mut Store, key: &str, time: u64) -> Result<(), Failure> {
    Ok(store.set_setting(key, Some(&time.to_be_bytes()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    #[test]
    fn after_two_weeks_without_a_copy_elsewhere_the_author_is_asked() {
        let times = |outside_at, since, later| Times { outside_at, since, later };
        let due = |times: Times| times.sentence(NOW).is_some();
        let days = |days: u64| Some(NOW - days * DAY_MS);
        assert!(!due(times(None, None, None)), "there is nothing to be saved");
        assert!(!due(times(None, days(13), None)));
        assert!(due(times(None, days(14), None)));
        assert!(!due(times(days(13), days(100), None)));
        assert!(due(times(days(14), days(100), None)));
        assert!(!due(times(days(14), days(100), Some(NOW + DAY_MS))), "put off");
        assert!(due(times(days(14), days(100), Some(NOW))), "put off until now");
    }

    #[test]
    fn a_clock_that_was_set_back_neither_silences_nor_alarms() {
        let future = Some(NOW + 4000 * DAY_MS);
        let times = |outside_at, since, later| Times { outside_at, since, later };
        assert_eq!(times(future, future, None).sentence(NOW), None);
        let long_ago = Some(NOW - 100 * DAY_MS);
        assert!(times(future, long_ago, None).sentence(NOW).is_some());
        assert!(times(None, long_ago, future).sentence(NOW).is_some(), "put off for eleven years");
    }

    #[test]
    fn a_reminder_says_in_one_sentence_what_is_safe_and_what_to_do() {
        for outside_at in [None, Some(NOW - 20 * DAY_MS)] {
            let times = Times { outside_at, since: Some(NOW - 30 * DAY_MS), later: None };
            let said = times.sentence(NOW).unwrap();
            assert_eq!((said.matches("; ").count(), said.matches('.').count()), (2, 1), "{said}");
        }
    }
}
