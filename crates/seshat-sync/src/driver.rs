//! One round of sync: does what the engine says, between a transport and a desk.
//!
//! **Invariants:** the desk is only called between requests, never during one. Dropping the future at any
//! moment loses nothing: what is stored is stored, what was not acknowledged is offered again.

use std::time::Duration;

use seshat_protocol::{
    ChallengeRequest, Changes, ErrorCode, PushOutcome, PushRequest, PushResponse, PushResult,
    SignInKey, SignInRequest, VaultUpdate, sign_in_message,
};

use crate::{
    Action, Desk, DeskError, Ending, Engine, Event, Failure, Missing, PageInfo, PageRequest,
    Received, Start, Transport, TransportError, VaultStep,
};

/// How a round is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncOptions {
    /// How many passing failures in a row are waited for inside the round, with [`crate::Backoff`]. 0 for a
    /// program that comes again by itself.
    pub retries: u32,
    /// 64 random bits, for the waits.
    pub seed: u64,
}

/// How a round ended. All but `Done` leave everything unsent in the outbox.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Everything that waited was offered and everything up to the head is stored.
    Done,
    /// No connection, or a server in trouble: come again later.
    Offline(TransportError),
    /// Something that waiting does not cure: the author or whoever runs the server has to act.
    Failed(TransportError),
    /// The server does not accept this device: revoked, or the account is gone.
    SignInRefused,
    /// Other laptops kept changing the vault; the next round tries again.
    VaultContested,
    /// The server kept naming other histories.
    Unsteady,
}

/// What a round did, as far as it came.
#[derive(Debug)]
pub struct Report {
    /// Records that the server has because of this round, or had already when they were offered.
    pub pushed: usize,
    /// Records that this laptop did not have before.
    pub pulled: usize,
    /// Records that the server will not take.
    pub rejected: usize,
    /// Of the pulled records, those that could not be opened or verified.
    pub quarantined: usize,
    /// How it ended.
    pub outcome: Outcome,
}

/// The laptop's side failed.
#[derive(Debug, thiserror::Error)]
#[error(
    "Sync stopped because of a problem on this laptop; everything that was saved is safe, here and on the server."
)]
pub struct SyncError(#[source] pub DeskError);

/// Runs one round.
///
/// # Errors
/// Only when the desk fails. Whatever the server or the network does ends in [`Report::outcome`].
pub async fn sync_once(
    transport: &dyn Transport,
    desk: &dyn Desk,
    options: SyncOptions,
) -> Result<Report, SyncError> {
    todo!()
}
