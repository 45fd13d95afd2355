//! Removing what was replaced long ago, and then what nothing needs any more: when the server starts, and then once a day.
//!
//! **Invariant:** in small steps, so that no request waits for more than one of them. A step that fails is made good
//! by the next day.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Clock;
use crate::gc::{Collected, gc};
use crate::log::{Line, Log};
use crate::meta::{MetaError, MetaStore, Sweep, Swept};
use crate::objects::Depot;

/// How often.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// See the module.
pub(crate) struct Sweeper {
    pub(crate) store: Arc<dyn MetaStore>,
    pub(crate) depot: Depot,
    pub(crate) clock: Clock,
    /// How long what was replaced is kept.
    pub(crate) keep: Duration,
    pub(crate) log: Log,
}

impl Sweeper {
    /// Never ends by itself.
    pub(crate) async fn run(self) {
        let mut days = tokio::time::interval(DAY);
        loop {
            days.tick().await;
            match self.sweep().await {
                Ok(Swept { records: 0, .. }) | Err(MetaError::Stopped) => {}
                Ok(Swept { records, bytes, .. }) => {
                    self.log.write(&Line::Purged { records, bytes });
                }
                Err(error) => self.log.write(&Line::Failure { what: &error.to_string() }),
            }
            match gc(&*self.store, &self.depot, (self.clock)()).await {
                Ok(collected) if collected == Collected::default() => {}
                Ok(Collected { blobs, objects, bytes, halves }) => {
                    self.log.write(&Line::Collected { objects, bytes, blobs, halves });
                }
                Err(error) => self.log.write(&Line::Failure { what: &error.to_string() }),
            }
        }
    }

    async fn sweep(&self) -> Result<Swept, MetaError> {
        purge(self.store.as_ref(), (self.clock)(), self.keep).await
    }
}

/// Removes all that was replaced longer than `keep` before `now` (milliseconds since 1970).
///
/// # Errors
/// When the database fails; what was removed until then stays removed.
pub async fn purge(store: &dyn MetaStore, now: u64, keep: Duration) -> Result<Swept, MetaError> {
    let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    let mut all = Swept::default();
    // A clock that stands before the time that is to be kept is wrong.
    let Some(before) = now.checked_sub(keep) else { return Ok(all) };
    let mut at = Some(Sweep::default());
    while let Some(from) = at {
        let step = store.sweep(before, from).await?;
        all.records += step.records;
        all.bytes += step.bytes;
        at = step.next;
    }
    Ok(all)
}
