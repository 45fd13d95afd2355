//! Ed25519 (RFC 8032) over seeds that stay in their boxes.
//!
//! **Invariant:** a signature is checked with `verify_strict` or not at all, so no low-order key and no
//! malleable signature passes.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use seshat_protocol::{Bytes32, Bytes64};

use crate::key::Key;

/// The public half of a seed.
pub(crate) fn public_of(seed: &Key) -> Bytes32 {
    Bytes32(SigningKey::from_bytes(seed.expose()).verifying_key().to_bytes())
}

/// Signs `message`. The expanded key lives as long as this call and is wiped by its crate.
pub(crate) fn sign(seed: &Key, message: &[u8]) -> Bytes64 {
    Bytes64(SigningKey::from_bytes(seed.expose()).sign(message).to_bytes())
}

/// Whether `signature` is by the holder of `public`.
pub(crate) fn verifies(public: &Bytes32, message: &[u8], signature: &Bytes64) -> bool {
    VerifyingKey::from_bytes(&public.0)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(&signature.0)))
        .is_ok()
}
