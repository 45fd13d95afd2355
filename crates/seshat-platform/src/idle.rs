//! When an author has been away for long enough.
//!
//! **Invariants:** a night's suspend counts as being away, because the time is the wall clock's, which goes on while a
//! monotonic one stands still. A clock that is set back never locks by itself, and never holds a vault open: what
//! was counted stays counted, and counting goes on from the new time. No I/O, no clock of its own.

use std::time::Duration;

/// Counts how long nothing has happened. Ask [`IdleTimer::due`] every few seconds: between two questions a clock set
/// back can hide at most the time that lies between them.
#[derive(Clone, Debug)]
pub struct IdleTimer {
    limit_ms: Option<u64>,
    /// What has been counted up to `seen_ms`.
    idle_ms: u64,
    /// The wall clock when it was last read; nothing before the first reading.
    seen_ms: Option<u64>,
}

impl IdleTimer {
    /// Counts from the first time it is told; without a limit it is never due.
    #[must_use]
    pub fn new(limit: Option<Duration>) -> Self {
        Self { limit_ms: limit.map(milliseconds), idle_ms: 0, seen_ms: None }
    }

    /// Another limit. What was counted stays counted.
    pub fn set_limit(&mut self, limit: Option<Duration>) {
        self.limit_ms = limit.map(milliseconds);
    }

    /// The author did something. `now_ms`: milliseconds since 1970 by the wall clock.
    pub fn active(&mut self, now_ms: u64) {
        self.idle_ms = 0;
        self.seen_ms = Some(now_ms);
    }

    /// Whether the limit is reached. Stays so until [`IdleTimer::active`].
    #[must_use]
    pub fn due(&mut self, now_ms: u64) -> bool {
        let since = self.seen_ms.map_or(0, |seen| now_ms.saturating_sub(seen));
        self.idle_ms = self.idle_ms.saturating_add(since);
        self.seen_ms = Some(now_ms);
        self.limit_ms.is_some_and(|limit| self.idle_ms >= limit)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
