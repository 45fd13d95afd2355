//! Keeping the pages that keys lie on out of the swap space, where the system allows it.
//!
//! **Invariant:** a page is never released again while the process runs, because other keys may lie on it. A
//! system that refuses (the limit of locked memory is reached) changes nothing else.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use region::LockGuard;

/// No more pages than this are asked for: 4 MiB of the usual size.
const PAGES: usize = 1024;

/// The pages that were locked, or that the system would not lock.
static PINNED: Mutex<BTreeMap<usize, Option<LockGuard>>> = Mutex::new(BTreeMap::new());

/// Locks the pages under `bytes` into memory.
pub(crate) fn pin(bytes: &[u8]) {
    let size = region::page::size();
    let start = bytes.as_ptr().addr();
    let (first, last) = (start / size, (start + bytes.len().max(1) - 1) / size);
    let mut pinned = PINNED.lock().unwrap_or_else(PoisonError::into_inner);
    for page in first..=last {
        if pinned.contains_key(&page) || pinned.len() >= PAGES {
            continue;
        }
        let within = bytes.as_ptr().wrapping_add((page * size).saturating_sub(start));
        pinned.insert(page, region::lock(within, 1).ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    /// What the system says that this process has locked, in KiB; `None` where it does not say.
    fn locked_kib() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    }

    #[test]
    fn the_page_of_a_key_is_locked_where_the_system_allows_it() {
        let key = Key::derive(|out| out.fill(7));
        let page = key.expose().as_ptr().addr() / region::page::size();
        let locked = PINNED.lock().unwrap().get(&page).map(Option::is_some);
        assert!(locked.is_some(), "the key's page was not asked for");
        if let (Some(true), Some(locked)) = (locked, locked_kib()) {
            assert!(locked >= 4, "the system has locked {locked} KiB");
        } else {
            println!("left out: this system locks no memory");
        }
    }
}
