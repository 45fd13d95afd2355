//! What comes next in a round of sync: a pure state machine over numbers. No I/O, no clock, no randomness.
//!
//! The order of a round: vault → push until empty → pull until head → compare → push what
//! came up meanwhile → finish. A comparison that fails sends us back to position 0, once a round. While the server's
//! epoch is not known the first push is left out: a page has to fix the epoch on disk before the first
//! acknowledgement, else a server restored from a backup in between would go unnoticed and what it had acknowledged
//! would never be offered again.
//!
//! **Invariants:** an action is only ever repeated, never skipped, after a failure. Every loop has a bound or
//! makes progress. One refused record never holds up another.

use seshat_protocol::limits;

use crate::{Backoff, Comparison, Missing, Offered, OtherHistory};

/// How often a put that another laptop overtook is merged and tried again.
pub const VAULT_TRIES: u32 = 5;
/// How many changes of epoch one round follows.
pub const EPOCH_TRIES: u32 = 3;

/// Bytes of header and body in one push: small enough to be through within the transport's time limit at
/// 200 kbit/s. A record that is larger goes alone.
pub const PUSH_BYTES: usize = 1024 * 1024;
/// Bytes of header and body in one page. A line that breaks costs the page that it was in: with 2 MiB a long novel was
/// one page, and began again and again.
pub const PULL_BYTES: usize = 512 * 1024;

const _: () = assert!(PUSH_BYTES <= limits::BATCH_BYTES && PULL_BYTES <= limits::BATCH_BYTES);

/// How a round begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Start {
    /// The epoch that the cursor belongs to.
    pub epoch: Option<String>,
    /// The last position stored.
    pub cursor: u64,
    /// How many times in a row a passing failure is waited for before the round ends. 0: never.
    pub retries: u32,
}

/// What is to be done next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Fetch the vault unless it is the known one, and show it to the desk.
    FetchVault,
    /// Put the desk's vault.
    PutVault,
    /// Push the next records of the outbox.
    Push {
        /// Records at most.
        limit: usize,
        /// Bytes at most.
        max_bytes: usize,
        /// Which of them.
        offered: Offered,
    },
    /// Mark the batch that was just answered as its answer says.
    Acknowledge,
    /// Mark the one record of the batch that was just refused as rejected.
    Reject,
    /// Ask for a page.
    Pull {
        /// After this position.
        cursor: u64,
        /// Records at most.
        limit: usize,
        /// Bytes at most.
        max_bytes: usize,
    },
    /// Store the page that was just fetched.
    Receive {
        /// What to do about unknown devices and keys.
        missing: Missing,
    },
    /// Tell the desk that the server has another history.
    EpochChanged {
        /// How that was found out.
        how: OtherHistory,
    },
    /// Everything up to the head is stored: compare the digests.
    Compare {
        /// Whether everything was read again in this round.
        again: bool,
    },
    /// Tell the desk that everything was offered and stored.
    RoundDone {
        /// Whether the last comparison agreed.
        agreed: bool,
    },
    /// Wait, then ask for the next action with [`Event::Waited`].
    Wait {
        /// Milliseconds.
        millis: u64,
    },
    /// The round is over.
    Finish(Ending),
}

/// How a round ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Everything that waited was offered and everything up to the head is stored.
    Done,
    /// A passing failure lasted longer than the retries.
    GaveUp,
    /// A failure that waiting does not cure.
    Failed,
    /// The server does not accept this device's signature.
    SignInRefused,
    /// The server says that this device was removed from the account.
    DeviceRevoked,
    /// Other laptops kept changing the vault for [`VAULT_TRIES`] tries.
    VaultContested,
    /// The server named more than [`EPOCH_TRIES`] epochs in one round: it does not know its own history.
    Unsteady,
    /// The server shows a vault that is not this one.
    VaultForeign,
    /// The desk did not take a page, because it would take too much away.
    Held,
}

/// A page, as far as the engine needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageInfo {
    /// The cursor behind the page.
    pub next: u64,
    /// Whether another page follows.
    pub has_more: bool,
    /// The server's newest position.
    pub head: u64,
    /// The server's epoch.
    pub epoch: String,
}

/// The kinds of failure that the engine tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Trying again later may help.
    Passing,
    /// It will not.
    Lasting,
    /// 401.
    SignInRequired,
    /// 401, because the device was removed.
    DeviceRevoked,
    /// 412.
    VaultChanged,
    /// A Seshat server called this batch malformed or too large.
    BatchRefused {
        /// How many records were in it.
        sent: usize,
    },
}

/// What became of the last action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// The round begins.
    Begin,
    /// The vault was looked at and there is nothing to put.
    VaultSettled,
    /// The vault was looked at and the desk has one to put.
    VaultToPut,
    /// The vault was looked at and is not this one.
    VaultForeign,
    /// The vault was put.
    VaultStored,
    /// Nothing waits in the outbox.
    OutboxEmpty,
    /// A batch was answered.
    Pushed {
        /// The server's epoch.
        epoch: String,
    },
    /// The answered batch was marked.
    Acknowledged {
        /// Whether the server may have room for what follows: false when it had none for any of this.
        room: bool,
    },
    /// The one refused record was marked.
    Rejected,
    /// A page came.
    Page(PageInfo),
    /// The page was stored.
    Stored,
    /// The page needs a newer vault and was not stored.
    VaultNeeded,
    /// The page takes too much away and was not stored.
    Held,
    /// The desk offers everything again, from cursor 0.
    OfferedAgain,
    /// The digests were compared.
    Compared(Comparison),
    /// The desk knows that the round is done.
    RoundDone,
    /// The wait is over.
    Waited,
    /// The last action failed.
    Failed {
        /// How.
        failure: Failure,
        /// 64 random bits for the wait.
        jitter: u64,
    },
}

/// Where in the order of a round the engine is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    FirstPush,
    Pull,
    LastPush,
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Engine {
    epoch: Option<String>,
    cursor: u64,
    retries: u32,
    backoff: Backoff,
    stage: Stage,
    /// What to do again after a wait.
    current: Action,
    vault_tries: u32,
    /// Whether a page has already sent us to the vault: once a round, so that a page of forged records does
    /// not cost one fetch each. What stays in quarantine is tried again with every new vault.
    vault_refreshed: bool,
    epoch_changes: u32,
    /// Whether a comparison has sent us back to position 0: once a round.
    read_again: bool,
    /// Whether the last comparison agreed.
    agreed: bool,
    /// Records in the next push; halved while a batch is refused, to find the record that is to blame.
    push_limit: usize,
    /// Once the server had no room, what makes some is all that it is sent.
    offered: Offered,
    /// The page that was fetched and not yet stored.
    page: Option<PageInfo>,
}

impl Engine {
    /// An engine at the beginning of a round; its first event is [`Event::Begin`].
    #[must_use]
    pub fn new(start: Start) -> Self {
        Self {
            stage: if start.epoch.is_some() { Stage::FirstPush } else { Stage::Pull },
            epoch: start.epoch,
            cursor: start.cursor,
            retries: start.retries,
            backoff: Backoff::default(),
            current: Action::FetchVault,
            vault_tries: 0,
            vault_refreshed: false,
            epoch_changes: 0,
            read_again: false,
            agreed: false,
            push_limit: limits::RECORDS,
            offered: Offered::Everything,
            page: None,
        }
    }

    /// What to do after `event`, which must be what became of the last action.
    pub fn next(&mut self, event: Event) -> Action {
        let action = match event {
            Event::Begin | Event::Waited => self.current,
            Event::Failed { failure, jitter } => self.failed(failure, jitter),
            success => {
                self.backoff.succeed();
                self.succeeded(success)
            }
        };
        if !matches!(action, Action::Wait { .. }) {
            self.current = action;
        }
        action
    }

    fn succeeded(&mut self, event: Event) -> Action {
        match event {
            Event::VaultToPut => Action::PutVault,
            Event::VaultSettled | Event::VaultStored => self.after_vault(),
            Event::VaultForeign => Action::Finish(Ending::VaultForeign),
            Event::Held => Action::Finish(Ending::Held),
            Event::OutboxEmpty => self.pushed_all(),
            Event::Acknowledged { room: false } => self.without_room(),
            Event::RoundDone => Action::Finish(Ending::Done),
            Event::Pushed { epoch } if self.epoch.as_ref() != Some(&epoch) => {
                self.epoch_changed(OtherHistory::Epoch)
            }
            Event::Pushed { .. } => Action::Acknowledge,
            Event::Acknowledged { room: true } => {
                self.push_limit = (self.push_limit * 2).min(limits::RECORDS);
                self.push()
            }
            Event::Rejected => self.push(),
            Event::Page(page) => self.page(page),
            Event::Stored => self.stored(),
            Event::Compared(comparison) => self.compared(comparison),
            Event::VaultNeeded => {
                self.vault_refreshed = true;
                Action::FetchVault
            }
            Event::OfferedAgain => {
                // Pulling comes first: what the server still has is acknowledged by its pages and need not
                // be sent a second time.
                self.epoch = None;
                self.cursor = 0;
                self.page = None;
                self.offered = Offered::Everything;
                self.pull()
            }
            Event::Begin | Event::Waited | Event::Failed { .. } => self.current,
        }
    }

    fn after_vault(&self) -> Action {
        match (&self.page, self.stage) {
            (Some(_), _) => Action::Receive { missing: Missing::Quarantine },
            (None, Stage::Pull) => self.pull_action(),
            (None, Stage::FirstPush | Stage::LastPush) => self.push(),
        }
    }

    /// The server had room for nothing of a batch. It may have some for records that contain others: when those are
    /// thrown away, there is more than before.
    fn without_room(&mut self) -> Action {
        match self.offered {
            Offered::Everything => {
                self.offered = Offered::Snapshots;
                self.push()
            }
            Offered::Snapshots => self.pushed_all(),
        }
    }

    /// Nothing is left that the server would take now.
    fn pushed_all(&mut self) -> Action {
        match self.stage {
            Stage::LastPush => Action::RoundDone { agreed: self.agreed },
            Stage::FirstPush | Stage::Pull => self.pull(),
        }
    }

    fn push(&self) -> Action {
        let (limit, offered) = (self.push_limit, self.offered);
        Action::Push { limit, max_bytes: PUSH_BYTES, offered }
    }

    fn pull(&mut self) -> Action {
        self.stage = Stage::Pull;
        self.pull_action()
    }

    fn pull_action(&self) -> Action {
        Action::Pull { cursor: self.cursor, limit: limits::RECORDS, max_bytes: PULL_BYTES }
    }

    fn page(&mut self, page: PageInfo) -> Action {
        let other_epoch = self.epoch.as_ref().is_some_and(|known| *known != page.epoch);
        if other_epoch {
            return self.epoch_changed(OtherHistory::Epoch);
        }
        // A head behind our cursor is another history as well, whatever its epoch says.
        if page.head < self.cursor {
            let (head, cursor) = (page.head, self.cursor);
            return self.epoch_changed(OtherHistory::HeadBack { head, cursor });
        }
        self.page = Some(page);
        let missing = if self.vault_refreshed { Missing::Quarantine } else { Missing::AskForVault };
        Action::Receive { missing }
    }

    fn stored(&mut self) -> Action {
        let Some(page) = self.page.take() else { return self.pull() };
        self.cursor = page.next;
        self.epoch = Some(page.epoch);
        if page.has_more {
            return self.pull();
        }
        Action::Compare { again: self.read_again }
    }

    fn compared(&mut self, comparison: Comparison) -> Action {
        if comparison == Comparison::ReadAgain && !self.read_again {
            self.read_again = true;
            return self.epoch_changed(OtherHistory::Digest);
        }
        self.agreed = comparison == Comparison::Agrees;
        self.stage = Stage::LastPush;
        self.push()
    }

    fn epoch_changed(&mut self, how: OtherHistory) -> Action {
        self.epoch_changes += 1;
        if self.epoch_changes > EPOCH_TRIES {
            return Action::Finish(Ending::Unsteady);
        }
        Action::EpochChanged { how }
    }

    fn failed(&mut self, failure: Failure, jitter: u64) -> Action {
        match failure {
            Failure::Passing if self.backoff.failures() >= self.retries => {
                Action::Finish(Ending::GaveUp)
            }
            Failure::Passing => Action::Wait { millis: self.backoff.fail(jitter) },
            Failure::Lasting => Action::Finish(Ending::Failed),
            Failure::SignInRequired => Action::Finish(Ending::SignInRefused),
            Failure::DeviceRevoked => Action::Finish(Ending::DeviceRevoked),
            Failure::VaultChanged => {
                self.vault_tries += 1;
                if self.vault_tries >= VAULT_TRIES {
                    return Action::Finish(Ending::VaultContested);
                }
                Action::FetchVault
            }
            Failure::BatchRefused { sent } if sent <= 1 => Action::Reject,
            Failure::BatchRefused { sent } => {
                self.push_limit = sent / 2;
                self.push()
            }
        }
    }
}
