//! Records as a store takes, holds and gives them.

use seshat_protocol::{AccountId, Bytes32, DeviceId, Digest, PushOutcome, Record, limits};
use sha2::{Digest as _, Sha256};

/// A body that is kept outside the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// SHA-256 of the sealed body.
    pub hash: Bytes32,
    /// Bytes of it.
    pub len: u64,
}

/// A record as a store takes and gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// With `object`, its body is empty.
    pub record: Record,
    /// Where its body is, if that is kept outside.
    pub object: Option<Object>,
}

impl Held {
    /// The bytes that count against limits and quotas: header and body, wherever the body is kept.
    #[must_use]
    pub fn stored_len(&self) -> u64 {
        let outside = self.object.map_or(0, |object| object.len);
        outside.saturating_add(self.record.stored_len() as u64)
    }

    /// Whether the two are one record: wherever their bodies are kept, and in which of them.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        // Taken apart, so that a field that is added is not forgotten here.
        let Record { id, device, sequence, previous, header, body, replaces, blobs, signature } =
            &self.record;
        let theirs = &other.record;
        let as_signed = (*id, *device, *sequence, *previous, *signature)
            == (theirs.id, theirs.device, theirs.sequence, theirs.previous, theirs.signature);
        let bodies = || match (self.object, other.object) {
            (None, None) => *body == theirs.body,
            _ => self.body() == other.body(),
        };
        as_signed
            && *header == theirs.header
            && *replaces == theirs.replaces
            && *blobs == theirs.blobs
            && bodies()
    }

    /// The body, as it would be kept outside.
    fn body(&self) -> Object {
        let body = &self.record.body.0;
        self.object.unwrap_or_else(|| Object {
            hash: Bytes32(Sha256::digest(body).into()),
            len: body.len() as u64,
        })
    }
}

impl From<Record> for Held {
    /// With its body inside.
    fn from(record: Record) -> Self {
        Self { record, object: None }
    }
}

/// A record and the position that it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldChange {
    /// See [`seshat_protocol::ChangedRecord::position`].
    pub position: u64,
    /// The record as it was pushed.
    pub held: Held,
}

/// Records to store.
#[derive(Clone)]
pub struct Push {
    /// The account.
    pub account: AccountId,
    /// The device that asks.
    pub by: DeviceId,
    /// In this order, within the limits of the protocol. Objects that they name are there already.
    pub records: Vec<Held>,
    /// The quota of an account that has none of its own, in bytes; `None` is no bound.
    pub quota_default: Option<u64>,
    /// Milliseconds since 1970.
    pub now: u64,
}

/// What became of a [`Push`].
pub struct Pushed {
    /// One for each record, in order.
    pub outcomes: Vec<PushOutcome>,
    /// The account's newest position.
    pub head: u64,
}

/// A page of changes to read.
#[derive(Clone, Copy)]
pub struct PageRequest {
    /// Positions above this one.
    pub cursor: u64,
    /// At most so many records, at least one.
    pub limit: usize,
    /// At most so many bytes of header and body; the first record comes whatever its size.
    pub max_bytes: usize,
    /// Whether to leave out what is replaced. Positions, head and digest are the same with and without it.
    pub live: bool,
}

/// A page of changes, as of one moment.
pub struct Page {
    /// In the order of their positions. What was purged is left out.
    pub records: Vec<HeldChange>,
    /// The cursor behind the page: the position of its last record, or the head when nothing is left behind it.
    pub next: u64,
    /// The account's newest position.
    pub head: u64,
    /// Over all its records that none of them replaces.
    pub digest: Digest,
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Whether it has come to the records that name others.
    pub naming: bool,
    /// The account and position behind which it goes on, as the store counts them.
    pub after: (i64, i64),
}

/// What a step of a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records that it removed.
    pub records: u64,
    /// Bytes of header and body of them.
    pub bytes: u64,
    /// Where the next step goes on; `None` at the end.
    pub next: Option<Sweep>,
}

/// Why a record is not stored, for a person. None of them names the record: its id stands beside.
pub mod reason {
    /// Header and body are too long.
    pub const TOO_LARGE: &str = "the record is larger than this server takes";
    /// Too many `replaces`.
    pub const REPLACES_TOO_MANY: &str = "the record replaces more records than this server takes";
    /// Too many `blobs`.
    pub const BLOBS_TOO_MANY: &str = "the record names more blobs than this server takes";
    /// A sequence is between 1 and 2^63 - 1.
    pub const NO_SEQUENCE: &str = "the record's sequence is not one that a device counts to";
    /// The device is not one of the account's.
    pub const UNKNOWN_DEVICE: &str = "the record's device is not registered for this account";
    /// Other content under a stored id.
    pub const OTHER_CONTENT: &str = "a different record is stored under this id";
    /// Another record under a stored device and sequence.
    pub const SEQUENCE_TAKEN: &str =
        "a different record of this device is stored under this sequence";
    /// A blob that it names is not here whole. Not for ever: the record waits.
    pub const BLOBS_MISSING: &str = "a blob that the record names is not here yet";
    /// The account's quota is used up. Not for ever: there may be room later.
    pub const NO_ROOM: &str = "the account has no room left on this server";
}

/// Whether a record can be stored at all, without a look at what is stored.
#[must_use]
pub fn refusal(held: &Held) -> Option<&'static str> {
    let record = &held.record;
    if held.stored_len() > limits::RECORD_BYTES as u64 {
        return Some(reason::TOO_LARGE);
    }
    if record.replaces.len() > limits::REPLACES {
        return Some(reason::REPLACES_TOO_MANY);
    }
    if record.blobs.len() > limits::BLOBS {
        return Some(reason::BLOBS_TOO_MANY);
    }
    let counted = record.sequence > 0 && i64::try_from(record.sequence).is_ok();
    if counted { None } else { Some(reason::NO_SEQUENCE) }
}
