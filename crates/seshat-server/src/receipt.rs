//! Receipts: the server's word, by a key of its own, that it registered a device.
//!
//! The key is made with the database and stays in it: a client that has seen it once knows the server again.

use ed25519_dalek::{Signer, SigningKey};
use seshat_protocol::{AccountId, Bytes32, Bytes64, DeviceEntry, Receipt, device_receipt_message};

/// See the module.
pub(crate) struct Receipts(SigningKey);

impl Receipts {
    /// Signs with this private key.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public half.
    pub(crate) fn key(&self) -> Bytes32 {
        Bytes32(self.0.verifying_key().to_bytes())
    }

    /// The same receipt whenever it is asked for: Ed25519 draws no random numbers.
    pub(crate) fn sign(
        &self,
        account: AccountId,
        device: &DeviceEntry,
        registered_at: u64,
    ) -> Receipt {
        let message = device_receipt_message(account, device, registered_at);
        let signature = Bytes64(self.0.sign(&message).to_bytes());
        Receipt { registered_at, server_key: self.key(), signature }
    }
}
