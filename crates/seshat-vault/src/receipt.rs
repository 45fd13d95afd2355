//! The server's receipt for a device, checked without asking the server.
//!
//! **Invariant:** a receipt says that a server has let a device in, and nothing about whose it is: that is for
//! the account's own certificate.

use seshat_protocol::{AccountId, DeviceEntry, Receipt, device_receipt_message};

use crate::signing::verifies;

/// Whether `receipt` was signed for exactly this device of this account, by the key that it names. That this
/// key is the server's is for the caller to compare.
#[must_use]
pub fn receipt_holds(receipt: &Receipt, account: AccountId, device: &DeviceEntry) -> bool {
    let message = device_receipt_message(account, device, receipt.registered_at);
    verifies(&receipt.server_key, &message, &receipt.signature)
}
