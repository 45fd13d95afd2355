//! What goes into the store and comes out of it.

use seshat_protocol::{
    AccountId, Bytes32, DeviceId, DocumentId, FIRST_PREVIOUS, NovelId, Record, RecordId, Sealed,
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
    /// Whether a listed device signed it, even if it does not open: then it counts in that device's chain. What
    /// has a place is always signed.
    pub signed: bool,
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
    /// When it came, in milliseconds since 1970: for alarms.
    pub at: u64,
}

/// What became of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Accepted {
    /// Records that were not here before, and records that left quarantine, in the page's order.
    pub new: Vec<RecordId>,
    /// Of `new`, how many are in quarantine.
    pub quarantined: usize,
    /// Records that came with the id of one that is here and other content. The one that was here stayed, unless
    /// it was in quarantine and the newcomer is a listed device's.
    pub altered: Vec<RecordId>,
    /// Signed records that do not fit their device's chain. They are stored like any other.
    pub forks: Vec<Fork>,
}

/// A record that does not fit its device's chain: the device signed two histories.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fork {
    /// Whose chain.
    pub device: DeviceId,
    /// Where: the number that is there twice, or the one that names another record before it.
    pub sequence: u64,
    /// How it was seen.
    pub split: Split,
}

/// How a fork shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Split {
    /// Two different records have one number.
    SameNumber,
    /// A record names another one before it than the one that is here.
    BrokenLink,
}

/// What is not here of one device's chain, below the highest number seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Whose chain.
    pub device: DeviceId,
    /// First and last missing number, and how many are missing in all.
    pub extent: Extent,
}

/// What is not here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gaps {
    /// Chains with a gap, by device.
    pub devices: Vec<Gap>,
    /// How many different ids the records that are here replace and that are not here; 0 where nothing is missing.
    /// An id does not tell its number, so once replaced records are purged, up to so many of the missing numbers
    /// may have been purged rightly, and it is certain that something is missing when more numbers are than this.
    /// Nothing is purged yet, so today every missing number counts.
    pub replaced: u64,
}

impl Gaps {
    /// How many numbers are missing in all chains.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.devices.iter().fold(0, |sum, gap| sum.saturating_add(gap.extent.count))
    }

    /// Of the missing numbers, how many cannot be explained by records that were replaced and purged.
    #[must_use]
    pub fn unexplained(&self) -> u64 {
        self.missing().saturating_sub(self.replaced)
    }
}

/// The numbers that an alarm is about. For a vault they are generations, for a cursor positions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extent {
    /// The lowest.
    pub first: u64,
    /// The highest.
    pub last: u64,
    /// How many.
    pub count: u64,
}

impl Extent {
    /// One number.
    #[must_use]
    pub const fn one(number: u64) -> Self {
        Self { first: number, last: number, count: 1 }
    }
}

/// Why an alarm was raised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    /// The server has a new epoch: restored from a backup, as it says itself.
    Restored,
    /// The server's head is behind what it gave before, and its epoch is the same.
    HeadBack,
    /// The server gave an older vault than it gave or took before.
    VaultBack,
    /// Numbers of a device are missing after everything was fetched.
    Gap,
    /// Two different records of a device have one number.
    SameNumber,
    /// A record of a device names another one before it than the one that is here.
    BrokenLink,
    /// The server gave a record with the id of one that is here and other content.
    Altered,
    /// The server's digest is not that of what it has shown and taken.
    OtherSet,
    /// The server gave a vault that does not open here.
    OtherVault,
}

/// Every cause with its code. Golden.
const CAUSES: [(Cause, u8); 9] = [
    (Cause::Restored, 1),
    (Cause::HeadBack, 2),
    (Cause::VaultBack, 3),
    (Cause::Gap, 4),
    (Cause::SameNumber, 5),
    (Cause::BrokenLink, 6),
    (Cause::Altered, 7),
    (Cause::OtherSet, 8),
    (Cause::OtherVault, 9),
];

impl Cause {
    pub(crate) fn code(self) -> u8 {
        CAUSES.iter().find(|(cause, _)| *cause == self).map_or(0, |(_, code)| *code)
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        CAUSES.iter().find(|(_, known)| i64::from(*known) == code).map(|(cause, _)| *cause)
    }
}

/// What came of comparing digests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compared {
    /// The server has what it should have.
    Agrees,
    /// It has not, or more: read everything again.
    ReadAgain,
    /// It has not, and reading again was tried.
    Differs,
}

/// An alarm as it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// For dismissing it.
    pub id: u64,
    /// Why.
    pub cause: Cause,
    /// Whose records, where it is about one device's.
    pub device: Option<DeviceId>,
    /// The numbers.
    pub extent: Extent,
    /// When it was raised, in milliseconds since 1970.
    pub at: u64,
    /// When its cause was gone; `None` while it lasts.
    pub healed_at: Option<u64>,
    /// The author has read it.
    pub dismissed: bool,
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
    /// The highest vault generation that this server gave or took; 0 before the first.
    pub generation: u64,
}
