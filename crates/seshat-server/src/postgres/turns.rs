//! Turns of one node at one account.
//!
//! The database makes writers of one account wait for each other, each with a connection in its hand: an account that is
//! written to by many at once would take them all. Here they wait without one. This decides nothing: nodes know nothing
//! of each other's turns.

use std::array;

use seshat_protocol::AccountId;
use tokio::sync::{Mutex, MutexGuard};

/// Accounts share turns, so that there need not be one for each.
const TURNS: usize = 256;

/// See the module.
pub(super) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(array::from_fn(|_| Mutex::new(())))
    }
}

impl Turns {
    /// Waits for the account's turn; it ends with what is given.
    pub(super) async fn of(&self, account: AccountId) -> MutexGuard<'_, ()> {
        // Ids are random: any byte of them is as good as a hash.
        let turn = usize::from(account.0[15]) % TURNS;
        self.0[turn].lock().await
    }
}
