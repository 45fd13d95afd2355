//! The mailbox between a laptop that asks to join and one that the account has.

use seshat_protocol::{AccountId, Blob, Bytes32, JoinId, JoinProgress, OpenJoin};

use super::Answer;

/// How long a laptop may ask, in milliseconds.
pub const JOIN_LIFETIME_MS: u64 = 10 * 60 * 1000;

/// Laptops that ask at a time, over all accounts: 24 MB.
pub const JOINS_MOST: usize = 4096;

/// A laptop that begins to ask.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Made by the server.
    pub join: JoinId,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Where it wants to; there need not be such an account.
    pub account: AccountId,
    /// What it came with.
    pub commitment: Bytes32,
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinParty {
    /// Who asked: SHA-256 of the token.
    Asker([u8; 32]),
    /// A device of this account.
    Account(AccountId),
}

/// A step that somebody takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinStep {
    /// A device answers.
    Offer(Blob),
    /// Who asked reveals what it committed to.
    Reveal(Blob),
    /// A device lets it in.
    Grant(Blob),
    /// The author says no. What was granted is not taken back.
    Deny,
}

/// Why a step was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRefusal {
    /// There is no such asking, or it is somebody else's.
    Unknown,
    /// The step was taken, or another one comes first.
    OutOfTurn,
    /// No room.
    TooMany,
}

/// The mailbox. It is bounded ([`limits::JOINS`](seshat_protocol::limits::JOINS) for an account, [`JOINS_MOST`] in all,
/// each for [`JOIN_LIFETIME_MS`]) and may be lost: then laptops ask again. What is put in is never changed afterwards:
/// who could change an offer that was read, or a commitment that was answered, could choose the code that two people
/// compare. An account that does not exist is one that nobody answers. Times are milliseconds since 1970; a clock that is
/// set back keeps nothing for longer.
pub trait JoinBox: Send + Sync {
    /// Begins.
    fn ask(&self, asking: Asking, now: u64) -> Answer<'_, Result<(), JoinRefusal>>;

    /// How far it has come, for who asked.
    fn progress(
        &self,
        join: JoinId,
        token_hash: [u8; 32],
        now: u64,
    ) -> Answer<'_, Result<JoinProgress, JoinRefusal>>;

    /// Who asks to join the account, the oldest first.
    fn open(&self, account: AccountId, now: u64) -> Answer<'_, Vec<OpenJoin>>;

    /// Takes a step; the account that is asked. The same one again is an answer that got lost, and taken.
    fn step(
        &self,
        join: JoinId,
        by: JoinParty,
        step: JoinStep,
        now: u64,
    ) -> Answer<'_, Result<AccountId, JoinRefusal>>;
}
