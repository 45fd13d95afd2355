//! What a round of sync asks of the laptop: records to send, a place for what arrives.

use seshat_protocol::{Bytes32, Changes, Digest, PushResult, Record, RecordId, VaultUpdate};

use crate::{Paged, VaultFetched};

/// Whatever went wrong on this laptop. A round of sync ends with it; nothing that was stored before is undone.
pub type DeskError = Box<dyn std::error::Error + Send + Sync>;

/// Where the last round ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SyncState {
    /// The server's name for its history, as it came with the last stored page; `None` before the first.
    pub epoch: Option<String>,
    /// The last position that was stored; 0 before the first page.
    pub cursor: u64,
    /// The vault's revision on the server, as far as this laptop knows.
    pub vault_revision: Option<String>,
    /// What pages are to have.
    pub paged: Paged,
}

/// What is to be done after the server's vault has been looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::large_enum_variant, reason = "one exists at a time, for a moment")]
pub enum VaultStep {
    /// Server and laptop agree.
    Nothing,
    /// This laptop's vault has more: put it, if the server still has this revision.
    Put {
        /// What to put.
        update: VaultUpdate,
        /// The revision that `update` was merged from.
        revision: String,
    },
    /// It is another vault, or none at all: the round ends here, nothing local has changed and nothing is sent.
    Foreign,
}

/// How the server's history came to be another one than this laptop knew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OtherHistory {
    /// It has another name: restored from a backup, or replaced.
    Epoch,
    /// It has the same name and ends before what was fetched of it.
    HeadBack {
        /// Where it ends.
        head: u64,
        /// The last position that was fetched.
        cursor: u64,
    },
    /// It has the same name and other records ([`Comparison::ReadAgain`]).
    Digest,
}

/// What came of comparing the server's records with those that it should have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// They are the same.
    Agrees,
    /// They are not: read everything again and offer it.
    ReadAgain,
    /// They are not, and there is nothing more to be done about it in this round.
    Differs,
}

/// What to do about records in a page whose device or key the vault does not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Store nothing of the page and answer [`Received::VaultNeeded`]: a newer vault may know them.
    AskForVault,
    /// Store the page, and those records without a place.
    Quarantine,
}

/// What became of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// Stored, together with the page's cursor and epoch, in one transaction.
    Stored {
        /// Records that this laptop did not have before.
        new: usize,
        /// Of those, how many could not be opened or verified.
        quarantined: usize,
    },
    /// Nothing was stored. Only in answer to [`Missing::AskForVault`].
    VaultNeeded,
    /// Nothing was stored: it would take away so much that the author has to be asked. The round ends with it.
    Held,
}

/// Which records of the outbox are pushed next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Only what stands behind that record: it and what is before it were answered in this round, and some of them wait
    /// for another one.
    pub behind: Option<RecordId>,
    /// All of them, or those alone that make room.
    pub offered: Offered,
    /// Records at most.
    pub limit: usize,
    /// Bytes of header and body at most; a record that is larger goes alone.
    pub max_bytes: usize,
}

/// What of the outbox a server is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offered {
    /// All that waits.
    Everything,
    /// Records that contain others, because the server has no room for anything else.
    Snapshots,
}

/// The laptop's side of a round. Every method may touch the disk, returns at once or fails, and is called with
/// no lock and no request of this crate in flight. Each is safe to call again after it failed.
pub trait Desk: Send + Sync {
    /// Where the last round ended. Asked at the beginning, and again after [`Desk::epoch_changed`].
    ///
    /// # Errors
    /// When it cannot be read.
    fn state(&self) -> Result<SyncState, DeskError>;

    /// Looks at the server's vault: opens and merges it if it is new (and then tries quarantined records
    /// again), and says whether this laptop's vault has to be put. [`VaultFetched::NotModified`] comes as
    /// well, because a vault changed here may be waiting. A reply that was lost after a successful put
    /// shows here as this laptop's own blob under a new revision.
    ///
    /// # Errors
    /// When it cannot be opened or stored; then nothing has changed.
    fn receive_vault(&self, fetched: VaultFetched) -> Result<VaultStep, DeskError>;

    /// The server has taken `update`; it is `revision` there. If the vault changed here in the meantime it
    /// stays waiting.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn vault_stored(&self, update: &VaultUpdate, revision: &str) -> Result<(), DeskError>;

    /// The next records to push, oldest first, and at least one if any of those waits.
    ///
    /// # Errors
    /// When they cannot be read.
    fn outbox(&self, offer: Offer) -> Result<Vec<Record>, DeskError>;

    /// A sealed image that a record names; `None`, as by default, where it is not on this laptop.
    ///
    /// # Errors
    /// When it cannot be read.
    fn blob(&self, hash: Bytes32) -> Result<Option<Vec<u8>>, DeskError> {
        let _by_default = hash;
        Ok(None)
    }

    /// What became of pushed records. `Stored` and `Known` leave the outbox; `Rejected` stay on this laptop,
    /// visible, and are not offered again; `NoRoom` and `Waits` stay in the outbox.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn acknowledge(&self, results: &[PushResult]) -> Result<(), DeskError>;

    /// Verifies and opens a page's headers and stores records, cursor and epoch in one transaction. Records
    /// that are already here are passed over, and leave the outbox.
    ///
    /// # Errors
    /// When it cannot be stored; then nothing of the page is.
    fn receive(&self, changes: &Changes, missing: Missing) -> Result<Received, DeskError>;

    /// The server has another history than the one that the cursor belongs to: say so to the author, and offer
    /// every record again, cursor 0, epoch unknown. Nothing local is removed.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn epoch_changed(&self, how: OtherHistory) -> Result<(), DeskError>;

    /// Everything up to the server's head is stored, and `shown` came with the last page, of the same moment as
    /// its head. What the server has acknowledged or sent is what is held and does not wait, so both digests must
    /// be equal: what other laptops push later is behind that head and in neither. Also the moment to report gaps
    /// in chains. `again`: everything has been read again in this round.
    ///
    /// # Errors
    /// When it cannot be read or stored.
    fn compare(&self, shown: &Digest, again: bool) -> Result<Comparison, DeskError>;

    /// The round has come to its end, with everything offered and everything stored; `agreed`: the last comparison
    /// did.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn round_done(&self, agreed: bool) -> Result<(), DeskError>;
}
