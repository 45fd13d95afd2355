//! Ed25519, verified strictly: no small-order keys, no second encoding of a signature (RFC 8032 §5.1.7 and
//! `verify_strict`).

use ed25519_dalek::{Signature, VerifyingKey};
use seshat_protocol::{AccountId, Bytes32, Bytes64, DeviceEntry, device_certificate_message};

/// Whether `signature` over `message` was made by the private half of `key`.
pub(crate) fn verifies(key: &Bytes32, message: &[u8], signature: &Bytes64) -> bool {
    VerifyingKey::from_bytes(&key.0)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(&signature.0)).is_ok())
}

/// Whether the account's identity key certifies `device`.
pub(crate) fn certified(identity: &Bytes32, account: AccountId, device: &DeviceEntry) -> bool {
    let message =
        device_certificate_message(account, device.id, &device.signing_key, &device.exchange_key);
    verifies(identity, &message, &device.certificate)
}
