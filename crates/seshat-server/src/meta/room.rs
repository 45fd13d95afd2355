//! Whether there is room in an account.
//!
//! **Invariant:** what makes room later is not kept out for want of room. A snapshot lets go of what it replaces, a month
//! after it came; so what replaces others may go past the quota, by a bounded amount.

use seshat_protocol::limits;

use super::Held;

/// Whether `more` bytes have room beside `bytes`.
#[must_use]
pub fn fits(bytes: u64, more: u64, quota: Option<u64>) -> bool {
    quota.is_none_or(|quota| bytes.saturating_add(more) <= quota)
}

/// Whether a record has room beside `bytes`.
///
/// What it names is not looked at: an author who names what is not there gets no more than the bounded amount either.
#[must_use]
pub fn has_room(bytes: u64, held: &Held, quota: Option<u64>) -> bool {
    let beyond = |quota: u64| match held.record.replaces.is_empty() {
        true => quota,
        false => quota.saturating_add(headroom(quota)),
    };
    fits(bytes, held.stored_len(), quota.map(beyond))
}

/// How many bytes past a quota are for what replaces others: a quarter of it, and at least one record.
fn headroom(quota: u64) -> u64 {
    (quota / 4).max(limits::RECORD_BYTES as u64)
}
