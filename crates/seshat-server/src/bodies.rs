//! Records whole, wherever their bodies are: small ones in the database, large ones in the depot.
//!
//! **Invariants:** an object is in the depot before the row that needs it, and is looked for again once the row is there,
//! because meanwhile [`crate::gc`] may have taken it for needless. So a record that was acknowledged is whole. A crash
//! between the two leaves an object that no row needs, and that one goes in time.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use seshat_protocol::{AccountId, ChangedRecord, Digest, PushOutcome, Sealed};

use crate::gc;
use crate::log::{Line, Log};
use crate::meta::{
    Held, HeldChange, MetaError, MetaStore, Object, PageRequest, Push, Pushed, refusal,
};
use crate::objects::{Bytes, Depot, Key, ObjectError, hash_of};

/// Bytes of a body above which it is kept outside the database (design/0025).
pub(crate) const INLINE: usize = 64 * 1024;

/// Objects that one request writes or reads at a time.
const AT_ONCE: usize = 8;

/// See the module.
pub(crate) struct Bodies {
    store: Arc<dyn MetaStore>,
    depot: Depot,
    log: Log,
}

/// A page of changes with all bodies in it.
pub(crate) struct WholePage {
    /// In the order of their positions.
    pub(crate) records: Vec<ChangedRecord>,
    /// See [`crate::meta::Page::next`].
    pub(crate) next: u64,
    /// The account's newest position.
    pub(crate) head: u64,
    /// See [`crate::meta::Page::digest`].
    pub(crate) digest: Digest,
}

/// Why records could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The database.
    #[error(transparent)]
    Meta(#[from] MetaError),
    /// The depot.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// There is no such account any more.
    #[error("the account is gone")]
    Gone,
    /// A record could not be put into an answer.
    #[error("a record could not be encoded")]
    Encoding,
}

/// A body that was put into the depot.
struct Moved {
    /// Which of the records has it.
    index: usize,
    key: Key,
    bytes: Bytes,
}

impl Bodies {
    /// Of records in `store`.
    pub(crate) fn new(store: Arc<dyn MetaStore>, depot: Depot, log: Log) -> Self {
        Self { store, depot, log }
    }

    /// [`MetaStore::push`] for records that come with their bodies.
    pub(crate) async fn push(&self, mut push: Push) -> Result<Option<Pushed>, Trouble> {
        let account = push.account;
        let moved = take_out(account, &mut push.records);
        some_at_a_time(moved.iter().map(|moved| self.put(moved)).collect()).await?;
        let Some(pushed) = self.store.push(push).await? else { return Ok(None) };
        let is_here =
            |outcome: &PushOutcome| matches!(outcome, PushOutcome::Stored | PushOutcome::Known);
        let (needed, needless): (Vec<_>, Vec<_>) = moved
            .into_iter()
            .partition(|moved| pushed.outcomes.get(moved.index).is_some_and(is_here));
        some_at_a_time(needed.iter().map(|moved| self.put_if_gone(moved)).collect()).await?;
        if !needless.is_empty() {
            let keys: Vec<_> = needless.iter().map(|moved| moved.key).collect();
            // What stays for now goes with the next collection.
            drop(gc::release(&*self.store, &self.depot, &keys).await);
        }
        Ok(Some(pushed))
    }

    async fn put(&self, moved: &Moved) -> Result<(), ObjectError> {
        self.depot.put(moved.key, moved.bytes.clone()).await.map(drop)
    }

    async fn put_if_gone(&self, moved: &Moved) -> Result<(), ObjectError> {
        if self.depot.has(moved.key).await? { Ok(()) } else { self.put(moved).await }
    }

    /// [`MetaStore::changes`], with the bodies. A record whose body is lost or damaged is left out and said so in the
    /// log: its account goes on, and laptops find by the digest that one is missing.
    pub(crate) async fn page(
        &self,
        account: AccountId,
        request: PageRequest,
    ) -> Result<Option<WholePage>, Trouble> {
        let Some(page) = self.store.changes(account, request).await? else { return Ok(None) };
        let records = stream::iter(page.records)
            .map(|change| self.whole(account, change))
            .buffered(AT_ONCE)
            .try_filter_map(async |whole| Ok(whole))
            .try_collect()
            .await?;
        Ok(Some(WholePage { records, next: page.next, head: page.head, digest: page.digest }))
    }

    async fn whole(
        &self,
        account: AccountId,
        change: HeldChange,
    ) -> Result<Option<ChangedRecord>, ObjectError> {
        let HeldChange { position, held: Held { mut record, object } } = change;
        let Some(object) = object else { return Ok(Some(ChangedRecord { position, record })) };
        match self.depot.get(Key::body(account, object.hash)).await {
            Ok(bytes) => {
                record.body = Sealed(bytes.into());
                Ok(Some(ChangedRecord { position, record }))
            }
            Err(error @ (ObjectError::Missing | ObjectError::Damaged)) => {
                self.log.write(&Line::Failure { what: &error.to_string() });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Takes the large bodies out of records that can be stored at all.
fn take_out(account: AccountId, records: &mut [Held]) -> Vec<Moved> {
    let mut moved = Vec::new();
    for (index, held) in records.iter_mut().enumerate() {
        if held.object.is_some() || held.record.body.0.len() <= INLINE || refusal(held).is_some() {
            continue;
        }
        let bytes = Bytes::from(std::mem::take(&mut held.record.body.0));
        let hash = hash_of(&bytes);
        held.object = Some(Object { hash, len: bytes.len() as u64 });
        moved.push(Moved { index, key: Key::body(account, hash), bytes });
    }
    moved
}

/// The first failure ends it.
async fn some_at_a_time<F>(all: Vec<F>) -> Result<(), ObjectError>
where
    F: Future<Output = Result<(), ObjectError>>,
{
    stream::iter(all).buffer_unordered(AT_ONCE).try_collect::<()>().await
}
