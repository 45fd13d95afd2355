//! What can be asked of a server, whatever carries it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use seshat_protocol::{
    Bytes32, Changes, Head, PushRequest, PushResponse, VaultReply, VaultUpdate, VaultUpdated,
};

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
    /// What may be left out of it.
    pub paged: Paged,
}

/// What a page is to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Paged {
    /// Every record.
    #[default]
    Everything,
    /// Records that no other one replaces are enough: this laptop has nothing yet. Positions, head and digest are the same.
    Live,
}

/// What became of a sealed image that was to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Carried {
    /// It is there whole.
    There,
    /// It is not there, and was not sent.
    Absent,
    /// There is no room for it.
    NoRoom {
        /// The server's sentence.
        reason: String,
    },
    /// It was not taken.
    Refused {
        /// The server's sentence.
        reason: String,
    },
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

    /// Makes sure that a sealed image is there. What is there already is not sent again, and what breaks off goes on where
    /// it was. [`Carried::Absent`], as by default: it is not there, and there is no way to send it.
    fn carry_blob<'a>(&'a self, hash: Bytes32, sealed: Option<&'a [u8]>) -> Answer<'a, Carried> {
        let _by_default = (hash, sealed);
        Box::pin(async { Ok(Carried::Absent) })
    }

    /// A sealed image, as it is there; whether it has this hash is for the caller to see. `None`, as by default: it is not
    /// there.
    fn blob(&self, hash: Bytes32) -> Answer<'_, Option<Vec<u8>>> {
        let _by_default = hash;
        Box::pin(async { Ok(None) })
    }

    /// Opens a line on which the server tells what is new. `None`, as by default: it has no such line.
    fn news(&self) -> Answer<'_, Option<Box<dyn News>>> {
        Box::pin(async { Ok(None) })
    }

    /// The head as soon as it is another one than `known`, or after about `most`. `None`, as by default: there is no
    /// way to wait for that.
    fn wait(&self, known: u64, most: Duration) -> Answer<'_, Option<Head>> {
        let _by_default = (known, most);
        Box::pin(async { Ok(None) })
    }
}

/// A line on which a server tells what is new. Nothing depends on it: whoever hears nothing finds everything by asking.
pub trait News: Send {
    /// The next head that it tells: one at once, then one whenever there may be something to fetch, which may be the
    /// same. Fails when the line has ended, or has been silent for longer than a server that is there.
    fn next(&mut self) -> Answer<'_, Head>;
}
