//! What can be asked of a server, whatever carries it.

use std::future::Future;
use std::pin::Pin;

use seshat_protocol::{Changes, PushRequest, PushResponse, VaultReply, VaultUpdate, VaultUpdated};

use crate::TransportError;

/// A boxed future, so that `dyn Transport` works: tests put a fake server behind it.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, TransportError>> + Send + 'a>>;

/// The server's vault, or that it has not changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VaultFetched {
    /// It still has the revision that was named.
    NotModified,
    /// It has this.
    Reply(VaultReply),
}

/// Which page of changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// The last position already stored.
    pub cursor: u64,
    /// Records at most.
    pub limit: usize,
    /// Bytes of header and body at most; one record always comes.
    pub max_bytes: usize,
}

/// A server, as a round of sync sees it.
///
/// All methods fail with [`TransportError`]; a request that fails may or may not have taken effect, and every
/// one of them may be repeated.
pub trait Transport: Send + Sync {
    /// The vault, unless it still is `known`.
    fn vault<'a>(&'a self, known: Option<&'a str>) -> Answer<'a, VaultFetched>;

    /// Puts the vault if the server still has `revision`; else [`TransportError::VaultChanged`].
    fn put_vault<'a>(
        &'a self,
        update: &'a VaultUpdate,
        revision: &'a str,
    ) -> Answer<'a, VaultUpdated>;

    /// Sends records.
    fn push<'a>(&'a self, request: &'a PushRequest) -> Answer<'a, PushResponse>;

    /// What came after a cursor.
    fn changes(&self, page: PageRequest) -> Answer<'_, Changes>;
}
