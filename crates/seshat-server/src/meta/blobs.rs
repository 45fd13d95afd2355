//! Blobs, as a store knows of them: what they are called, how long they are, and what of them has come. What is
//! in them is kept outside.

use seshat_protocol::{AccountId, Bytes32};

/// A blob that begins to come.
#[derive(Clone, Copy, Debug)]
pub struct NewBlob {
    /// Whose it is.
    pub account: AccountId,
    /// What it is called: SHA-256 of its sealed bytes.
    pub hash: Bytes32,
    /// Bytes of it, all parts together.
    pub len: u64,
    /// The quota of an account that has none of its own, in bytes; `None` is no bound.
    pub quota_default: Option<u64>,
    /// Milliseconds since 1970.
    pub now: u64,
}

/// What became of a [`NewBlob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobBegun {
    /// It is expected from now on, with no part of it here; its bytes count.
    Made,
    /// It is expected already, or here. Parts that came stay.
    Known,
    /// The account's quota is used up; nothing changed.
    NoRoom,
}

/// How much of a blob is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobState {
    /// Bytes of it, all parts together.
    pub len: u64,
    /// The numbers of the parts that came, ascending. Empty once it is complete.
    pub parts: Vec<u32>,
    /// Whether it is here whole.
    pub complete: bool,
}
