//! When devices were last here, to the hour.
//!
//! **Invariant:** at most one write for each device and hour, and no request waits for it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use seshat_protocol::{AccountId, DeviceId};

/// Milliseconds of an hour.
const HOUR: u64 = 60 * 60 * 1000;

/// See the module.
#[derive(Default)]
pub(crate) struct Seen(Mutex<ThisHour>);

#[derive(Default)]
struct ThisHour {
    began: u64,
    devices: HashSet<(AccountId, DeviceId)>,
}

impl Seen {
    /// The beginning of the hour, if the device was not yet seen in it.
    pub(crate) fn first(&self, account: AccountId, device: DeviceId, now: u64) -> Option<u64> {
        let began = now / HOUR * HOUR;
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hour.began != began {
            *hour = ThisHour { began, devices: HashSet::new() };
        }
        hour.devices.insert((account, device)).then_some(began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_new_once_an_hour() {
        let seen = Seen::default();
        let (account, device) = (AccountId([1; 16]), DeviceId([2; 16]));
        assert_eq!(seen.first(account, device, HOUR + 5), Some(HOUR));
        assert_eq!(seen.first(account, device, 2 * HOUR - 1), None);
        assert_eq!(seen.first(account, DeviceId([3; 16]), HOUR), Some(HOUR));
        assert_eq!(seen.first(account, device, 2 * HOUR), Some(2 * HOUR));
        assert_eq!(seen.0.lock().unwrap().devices.len(), 1, "memory grows");
    }
}
