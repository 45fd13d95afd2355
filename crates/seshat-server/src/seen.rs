//! When devices were last here, to the hour, and how far they have come.
//!
//! **Invariant:** at most one write for each device and hour, and one more each time that it has come further; and no
//! request waits for one. What has not been written when the process ends, the device says again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use seshat_protocol::{AccountId, DeviceId};

use crate::meta::Sighting;

/// Milliseconds of an hour.
const HOUR: u64 = 60 * 60 * 1000;

/// See the module.
#[derive(Default)]
pub(crate) struct Seen(Mutex<ThisHour>);

#[derive(Default)]
struct ThisHour {
    began: u64,
    /// With the furthest cursor that each has named.
    devices: HashMap<(AccountId, DeviceId), Option<u64>>,
    /// Who has come further, and how far.
    unwritten: HashMap<(AccountId, DeviceId), u64>,
}

impl Seen {
    /// The beginning of the hour, if the device was not yet seen in it.
    pub(crate) fn first(&self, account: AccountId, device: DeviceId, now: u64) -> Option<u64> {
        let mut hour = self.at(now);
        let new = !hour.devices.contains_key(&(account, device));
        hour.devices.entry((account, device)).or_default();
        new.then_some(hour.began)
    }

    /// The device says that it has stored all changes up to `cursor`. Whether that is the first unwritten news of any
    /// device: then somebody should see to [`Seen::unwritten`] soon.
    pub(crate) fn came(&self, who: (AccountId, DeviceId), cursor: u64, now: u64) -> bool {
        let mut hour = self.at(now);
        let known = hour.devices.entry(who).or_default();
        if known.is_some_and(|known| known >= cursor) {
            return false;
        }
        *known = Some(cursor);
        let first = hour.unwritten.is_empty();
        hour.unwritten.insert(who, cursor);
        first
    }

    /// How far the device has come in this hour, as far as this process knows.
    pub(crate) fn cursor(&self, account: AccountId, device: DeviceId, now: u64) -> Option<u64> {
        self.at(now).devices.get(&(account, device)).copied().flatten()
    }

    /// What is to be written.
    pub(crate) fn unwritten(&self, now: u64) -> Vec<Sighting> {
        let mut hour = self.at(now);
        let (unwritten, at) = (std::mem::take(&mut hour.unwritten), hour.began);
        drop(hour);
        let sighting =
            |((account, device), cursor)| Sighting { account, device, at, cursor: Some(cursor) };
        unwritten.into_iter().map(sighting).collect()
    }

    fn at(&self, now: u64) -> MutexGuard<'_, ThisHour> {
        let began = now / HOUR * HOUR;
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hour.began != began {
            hour.began = began;
            hour.devices = HashMap::new();
        }
        hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId([1; 16]);
    const DEVICE: DeviceId = DeviceId([2; 16]);

    #[test]
    fn a_device_is_new_once_an_hour() {
        let seen = Seen::default();
        assert_eq!(seen.first(ACCOUNT, DEVICE, HOUR + 5), Some(HOUR));
        assert_eq!(seen.first(ACCOUNT, DEVICE, 2 * HOUR - 1), None);
        assert_eq!(seen.first(ACCOUNT, DeviceId([3; 16]), HOUR), Some(HOUR));
        assert_eq!(seen.first(ACCOUNT, DEVICE, 2 * HOUR), Some(2 * HOUR));
        assert_eq!(seen.0.lock().unwrap().devices.len(), 1, "memory grows");
    }

    #[test]
    fn how_far_a_device_has_come_is_written_once_and_when_it_has_come_further() {
        let seen = Seen::default();
        let who = (ACCOUNT, DEVICE);
        assert!(seen.came(who, 5, HOUR));
        assert!(!seen.came(who, 7, HOUR), "somebody sees to it already");
        assert!(!seen.came(who, 6, HOUR));
        assert_eq!(seen.cursor(ACCOUNT, DEVICE, HOUR), Some(7));
        let written = Sighting { account: ACCOUNT, device: DEVICE, at: HOUR, cursor: Some(7) };
        assert_eq!(seen.unwritten(HOUR), [written]);
        assert!(!seen.came(who, 7, HOUR), "an idle laptop makes writes");
        assert!(seen.unwritten(HOUR).is_empty());
        assert!(seen.came(who, 8, 2 * HOUR - 1));
        assert_eq!(seen.unwritten(2 * HOUR).len(), 1, "lost at the turn of the hour");
    }
}
