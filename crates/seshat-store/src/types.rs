//! What goes into the store and comes out of it.

use std::collections::BTreeMap;

use seshat_protocol::{
    AccountId, Bytes32, DeviceId, DocumentId, FIRST_PREVIOUS, NovelId, Record, RecordId, Sealed,
};

use crate::ranges::{self, Range};

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
    /// Of a snapshot: which numbers it contains, as its payload says. Empty for anything else.
    pub covers: Vec<Cover>,
}

/// What one save writes: all of it, or nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Write {
    /// Sealed images that the records name; one that is here stays.
    pub blobs: Vec<Vec<u8>>,
    /// In the order of their sequences; they go into the outbox.
    pub records: Vec<NewRecord>,
    /// Each takes the place of the document's earlier one.
    pub summaries: Vec<(DocumentId, Sealed)>,
    /// The last readable text of a document; each takes the place of the earlier one.
    pub texts: Vec<(DocumentId, Sealed)>,
    /// What merges brought: the novel, when (milliseconds since 1970), and the report. None takes another's place.
    pub reports: Vec<(NovelId, u64, Sealed)>,
    /// A vault that was changed here for this write (a key for a new novel); it waits to be put.
    pub vault: Option<Vec<u8>>,
    /// Records that the server refuses and whose content is in `records`: they are removed. What the server may have
    /// stays, whatever stands here.
    pub instead_of: Vec<RecordId>,
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
    /// Of a record that replaces others: which numbers it contains, as its payload says. `None`: that could not be
    /// read, because its novel is closed or it does not open; while such a record is here no gap is reported.
    pub covers: Option<Vec<Cover>>,
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

/// What is not here and in no snapshot that is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gaps {
    /// Chains with a gap, by device.
    pub devices: Vec<Gap>,
    /// How many records are here that replace others and of which it is not known which numbers they contain
    /// ([`crate::Store::unread`]). While there are any, a gap may be theirs, and is not reported.
    pub unread: u64,
}

impl Gaps {
    /// How many numbers are missing in all chains.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.devices.iter().fold(0, |sum, gap| sum.saturating_add(gap.extent.count))
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

/// Numbers of a device's chain whose records a snapshot contains.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cover {
    /// Whose chain.
    pub device: DeviceId,
    /// The lowest number, 1 or more.
    pub first: u64,
    /// The highest number, not below `first`.
    pub last: u64,
}

impl Cover {
    /// One record.
    #[must_use]
    pub const fn one(device: DeviceId, sequence: u64) -> Self {
        Self { device, first: sequence, last: sequence }
    }

    /// The same numbers in as few covers as can be, by device and number; what is not a range is left out. For a
    /// snapshot: the covers of those that it contains, together with one for each record that it contains.
    #[must_use]
    pub fn joined(covers: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut by_device: BTreeMap<DeviceId, Vec<Range>> = BTreeMap::new();
        for Self { device, first, last } in covers {
            by_device.entry(device).or_default().push((first, last));
        }
        let of = |(device, ranges): (DeviceId, Vec<Range>)| {
            ranges::joined(ranges).into_iter().map(move |(first, last)| Self {
                device,
                first,
                last,
            })
        };
        by_device.into_iter().flat_map(of).collect()
    }
}

/// How much a document has, for deciding whether to compact it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weight {
    /// The novel.
    pub novel: NovelId,
    /// The document.
    pub document: DocumentId,
    /// The kind's code of its first record: tells a binder from a scene.
    pub kind_of_first: u8,
    /// Records that none which is here names and that name none.
    pub tail_records: usize,
    /// Bytes of header and body of those.
    pub tail_bytes: u64,
    /// Records that name others and that none which is here names; more than one after two laptops compacted at
    /// the same time.
    pub snapshots: usize,
    /// Bytes of header and body of those.
    pub snapshot_bytes: u64,
    /// Records that another one of the document names: what might be purged.
    pub replaced_records: usize,
    /// The place of its newest record in the order of arrival in this store: it grows when anything comes.
    pub last_arrival: u64,
}

/// A snapshot, and what it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replacing {
    /// Where the snapshot and all the records belong.
    pub place: StoredPlace,
    /// The snapshot.
    pub snapshot: Record,
    /// What it names, and what that names, and so on, as far as it is here and in the same document.
    pub records: Vec<StoredRecord>,
}

/// What was removed because a snapshot contains it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Purged {
    /// How many records.
    pub records: usize,
    /// Bytes of header and body of them.
    pub bytes: u64,
    /// The documents, each with the number of records that it has now.
    pub documents: Vec<(DocumentId, usize)>,
}

/// What a merge brought, sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredReport {
    /// For dismissing it.
    pub id: u64,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// The report.
    pub sealed: Sealed,
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
