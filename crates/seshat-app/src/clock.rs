//! The time of day and the operating system's randomness: the two things the inner crates never ask for.

use std::time::{SystemTime, UNIX_EPOCH};

use seshat_vault::{Entropy, EntropyError};

/// Milliseconds since 1970. It is shown and never decides anything.
#[expect(clippy::disallowed_methods, reason = "the one clock; everything else is handed the time")]
pub(crate) fn now_ms() -> u64 {
    #[cfg(test)]
    if let Some(now) = crate::simulation::rig::now() {
        return now;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds by which this laptop's clock on the wall is ahead of universal time: what the author calls today.
pub(crate) fn utc_offset() -> i64 {
    let now = i64::try_from(now_ms() / 1000).unwrap_or(0);
    let Ok(now) = jiff::Timestamp::from_second(now) else { return 0 };
    i64::from(jiff::tz::TimeZone::system().to_offset(now).seconds())
}

/// The operating system's random numbers. A failure makes the save fail; there is no weaker source behind it.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        #[cfg(test)]
        if crate::simulation::rig::fill(out) {
            return Ok(());
        }
        getrandom::fill(out).map_err(|_| EntropyError)
    }
}

impl OsEntropy {
    /// 16 random bytes, for a new id.
    pub(crate) fn id(&mut self) -> Result<[u8; 16], EntropyError> {
        let mut id = [0; 16];
        self.fill(&mut id)?;
        Ok(id)
    }

    /// A replica's name for one load of one document. Never stored, never used twice: reuse was measured to
    /// make two laptops diverge.
    pub(crate) fn peer(&mut self) -> Result<u64, EntropyError> {
        #[cfg(test)]
        if let Some(peer) = crate::simulation::rig::peer() {
            return Ok(peer);
        }
        let mut peer = [0; 8];
        self.fill(&mut peer)?;
        Ok(u64::from_le_bytes(peer) >> 1)
    }
}
