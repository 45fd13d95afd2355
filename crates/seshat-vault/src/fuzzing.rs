//! Thin doors for the fuzzer, which are in no build but its own. They must neither panic nor run away.

use seshat_protocol::AccountId;

use crate::body::Body;
use crate::{blob, envelope, slot};

/// Opens an envelope.
pub fn open_envelope(key: [u8; 32], context: &[u8], sealed: &[u8]) {
    drop(envelope::open(&key, context, sealed));
}

/// Takes a vault blob apart.
pub fn parse_vault(bytes: &[u8]) {
    drop(blob::parse(bytes));
}

/// Reads a vault's body; what was read is read again from what it writes.
pub fn parse_vault_body(account: [u8; 16], bytes: &[u8]) {
    if let Ok(body) = Body::parse(AccountId(account), bytes) {
        let encoded = body.encode();
        assert!(Body::parse(AccountId(account), &encoded).is_ok(), "unreadable when written back");
    }
}

/// Reads a slot.
pub fn parse_slot(bytes: &[u8]) {
    drop(slot::parse(bytes));
}
