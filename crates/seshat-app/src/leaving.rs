//! Signing out: this laptop lets go of the server, or of the folder in its place.
//!
//! **Invariants:** nothing is sent and nothing is asked, so it works without a network. Every record stays, and what the
//! server has not got keeps waiting. The vault and this laptop's keys stay, so connecting again needs no new laptop.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::account::RECEIPT;
use crate::scenes::to_u64;
use crate::standing::Rounds;
use crate::{Desk, Failure};

impl Desk {
    /// Lets go of the server or the folder that this vault syncs with. Returns how many records it had not got: they wait,
    /// and go out when the account is connected again. A round that is under way comes to its end first.
    ///
    /// # Errors
    /// When the vault is locked, nothing is connected, or the disk refuses; then everything is as it was.
    pub fn leave_server(&self) -> Result<u64, Failure> {
        self.flush()?;
        // A round that went on would write down what a server said of which nothing is known any more.
        let only = self.shared.round.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self.with_session(|_, store| {
            if store.server()?.is_none() {
                return Err(Failure::not_found(
                    "No server and no folder is connected, so nothing was changed; everything is safe on this laptop.",
                ));
            }
            let waiting = to_u64(store.waiting()?);
            // It holds for that server alone, which gives it again.
            store.set_setting(RECEIPT, None)?;
            store.unlink()?;
            self.show_server(store)?;
            Ok(waiting)
        })?;
        *self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.shared.folder.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.rounds() = Rounds::default();
        self.heard().clear();
        self.asked().clear();
        self.shared.even.store(false, Ordering::Relaxed);
        self.shared.board.show(|status| {
            status.message = None;
            status.joins = 0;
        });
        drop(only);
        self.show_sync();
        Ok(waiting)
    }
}
