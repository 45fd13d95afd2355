//! What goes into the store and comes out of it.

use seshat_protocol::{
    AccountId, Bytes32, DocumentId, FIRST_PREVIOUS, NovelId, Record, RecordId, Sealed,
};

/// Where a record belongs, as whoever opened its header says. `novel` is sixteen zero bytes for what belongs
/// to none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StoredPlace {
    /// The kind's code; the store gives it no meaning.
    pub kind: u8,
    /// The novel.
    pub novel: NovelId,
    /// The document.
    pub document: DocumentId,
}

/// A record that this laptop has just written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRecord {
    /// Sealed and signed.
    pub record: Record,
    /// Where it belongs.
    pub place: StoredPlace,
}

/// What one save writes: all of it, or nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Write {
    /// In the order of their sequences; they go into the outbox.
    pub records: Vec<NewRecord>,
    /// Each takes the place of the document's earlier one.
    pub summaries: Vec<(DocumentId, Sealed)>,
    /// A vault that was changed here for this write (a key for a new novel); it waits to be put.
    pub vault: Option<Vec<u8>>,
}

/// A record that came from the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AcceptedRecord {
    /// As it came.
    pub record: Record,
    /// Where it belongs; `None` when its signature could not be verified or its header not opened: it is kept
    /// in quarantine.
    pub place: Option<StoredPlace>,
}

/// A page of the server's changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// In the server's order.
    pub records: Vec<AcceptedRecord>,
    /// The cursor behind the page.
    pub next: u64,
    /// The server's name for its history.
    pub epoch: String,
}

/// What became of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Accepted {
    /// Records that were not here before, and records that left quarantine, in the page's order.
    pub new: Vec<RecordId>,
    /// Of `new`, how many are in quarantine.
    pub quarantined: usize,
    /// Records that came with the id of one that is here and other content. The one that was here stayed.
    pub altered: Vec<RecordId>,
}

/// A record of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRecord {
    /// As it was written or came.
    pub record: Record,
    /// The kind's code.
    pub kind: u8,
}

/// Any record that is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldRecord {
    /// As it was written or came.
    pub record: Record,
    /// `None`: in quarantine.
    pub place: Option<StoredPlace>,
}

/// A document of a novel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoredDocument {
    /// The document.
    pub document: DocumentId,
    /// The kind's code of its first record: tells a binder from a scene.
    pub kind: u8,
    /// How many records it has.
    pub records: usize,
}

/// The end of a device's chain of records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// The highest sequence seen; 0 before the first record.
    pub sequence: u64,
    /// [`Record::hash`] of that record; [`FIRST_PREVIOUS`] before the first.
    pub hash: Bytes32,
}

impl Head {
    /// Before a device's first record.
    pub const NONE: Self = Self { sequence: 0, hash: FIRST_PREVIOUS };
}

/// What the server said about a pushed record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ack {
    /// It has it, now or since before.
    Stored,
    /// It will not take it; for a person.
    Rejected(String),
}

/// A record that the server will not take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RejectedRecord {
    /// The record; it is still here.
    pub id: RecordId,
    /// Where it belongs, if that is known.
    pub place: Option<StoredPlace>,
    /// The server's sentence, at most 500 characters.
    pub reason: String,
}

/// Whether the vault blob has to be put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VaultSync {
    /// The server has this blob, as far as this laptop knows.
    Settled,
    /// It was changed here.
    Waiting,
}

/// The vault blob as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredVault {
    /// Whose it is.
    pub account: AccountId,
    /// The blob.
    pub blob: Vec<u8>,
    /// The server's name for the blob that it has, as far as this laptop knows.
    pub revision: Option<String>,
    /// Whether the blob has to be put.
    pub waiting: VaultSync,
}

/// Where a blob that is to be saved comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VaultOrigin<'a> {
    /// It was made or changed here: the revision stays as it is, and the blob waits.
    Here,
    /// The server has exactly this blob under this revision.
    Server {
        /// The revision.
        revision: &'a str,
    },
    /// Merged from the server's blob of this revision and what was here: it waits.
    Merged {
        /// The revision.
        revision: &'a str,
    },
}

/// The server that this laptop syncs with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerLink {
    /// Its address.
    pub url: String,
    /// The account's name there.
    pub email: String,
    /// The server's name for the history that `cursor` belongs to; `None` before the first page.
    pub epoch: Option<String>,
    /// The last position stored; 0 before the first page.
    pub cursor: u64,
}
