//! One round of sync: does what the engine says, between a transport and a desk.
//!
//! **Invariants:** the desk is only called between requests, never during one. Dropping the future at any
//! moment loses nothing: what is stored is stored, what was not acknowledged is offered again.

use std::collections::HashSet;
use std::time::Duration;

use seshat_protocol::{
    Bytes32, Changes, Digest, ErrorCode, PushOutcome, PushRequest, PushResponse, PushResult,
    Record, RecordId, VaultUpdate,
};

use crate::{
    Action, Carried, Desk, DeskError, Ending, Engine, Event, Failure, Missing, Offer, PageInfo,
    PageRequest, Paged, Received, Start, Transport, TransportError, VaultStep,
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
    /// The server does not know this device: another server, or one that lost its account.
    SignInRefused,
    /// This device was removed from the account.
    DeviceRevoked,
    /// Other laptops kept changing the vault; the next round tries again.
    VaultContested,
    /// The server kept naming other histories.
    Unsteady,
    /// The server shows a vault that is not this one: nothing was sent and nothing taken.
    VaultForeign,
    /// What the server had would have taken so much away that the desk did not store it.
    Held,
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
    /// Records that the server did not take now and that are offered again in a later round.
    pub put_off: PutOff,
    /// Of the pulled records, those that could not be opened or verified.
    pub quarantined: usize,
    /// The server's newest position, as it said last.
    pub head: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// It is [`Outcome::Done`], and the server's digest was that of what this laptop holds: nothing is on its way
    /// that a snapshot made now would not contain, but for what others have written since.
    pub complete: bool,
}

/// Records that wait for more than the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PutOff {
    /// The account has no more room on the server.
    pub no_room: usize,
    /// Something else has to be sent first.
    pub waiting: usize,
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
    let state = desk.state().map_err(SyncError)?;
    let start = Start { epoch: state.epoch, cursor: state.cursor, retries: options.retries };
    let mut round = Round::new(transport, desk);
    round.paged = state.paged;
    let mut jitter = Jitter(options.seed);
    let mut engine = Engine::new(start);
    let mut action = engine.next(Event::Begin);
    loop {
        if let Action::Finish(ending) = action {
            return Ok(round.report(ending));
        }
        let event = match round.act(action).await {
            Ok(event) => event,
            Err(Stop::Desk(error)) => return Err(SyncError(error)),
            Err(Stop::Transport(error)) => {
                let failure = round.failure(action, &error);
                round.error = Some(error);
                Event::Failed { failure, jitter: jitter.next() }
            }
        };
        action = engine.next(event);
    }
}

/// Why an action did not come about.
enum Stop {
    Desk(DeskError),
    Transport(TransportError),
}

impl From<TransportError> for Stop {
    fn from(error: TransportError) -> Self {
        match error {
            // The laptop's own doing, whoever noticed it.
            TransportError::NotSigned(error) => Self::Desk(error),
            error => Self::Transport(error),
        }
    }
}

/// What the actions of one round hand to each other.
struct Round<'a> {
    transport: &'a dyn Transport,
    desk: &'a dyn Desk,
    put: Option<(VaultUpdate, String)>,
    batch: PushRequest,
    /// The last record that was answered: what is before it and still waits is put off.
    behind: Option<RecordId>,
    results: Vec<PushResult>,
    /// The fetched page, and the cursor that it was asked for with.
    page: Option<(Changes, u64)>,
    /// What pages are to have.
    paged: Paged,
    /// What the last stored page said of all of the server's records.
    shown: Digest,
    error: Option<TransportError>,
    report: Report,
    /// Images that are there, as this round has seen.
    carried: HashSet<Bytes32>,
}

impl<'a> Round<'a> {
    fn new(transport: &'a dyn Transport, desk: &'a dyn Desk) -> Self {
        let report = Report {
            pushed: 0,
            pulled: 0,
            rejected: 0,
            put_off: PutOff::default(),
            quarantined: 0,
            head: None,
            outcome: Outcome::Done,
            complete: false,
        };
        Self {
            transport,
            desk,
            put: None,
            batch: PushRequest { records: Vec::new() },
            behind: None,
            results: Vec::new(),
            page: None,
            paged: Paged::Everything,
            shown: Digest { count: 0, xor: Bytes32([0; 32]) },
            error: None,
            report,
            carried: HashSet::new(),
        }
    }

    async fn act(&mut self, action: Action) -> Result<Event, Stop> {
        match action {
            Action::FetchVault => self.fetch_vault().await,
            Action::PutVault => self.put_vault().await,
            Action::Push { limit, max_bytes, offered } => {
                let behind = self.behind;
                self.push(Offer { behind, offered, limit, max_bytes }).await
            }
            Action::Acknowledge => self.acknowledge(),
            Action::Reject => self.reject(),
            Action::Pull { cursor, limit, max_bytes } => {
                self.pull(PageRequest { cursor, limit, max_bytes, paged: self.paged }).await
            }
            Action::Receive { missing } => self.receive(missing),
            Action::EpochChanged { how } => {
                self.desk.epoch_changed(how).map_err(Stop::Desk)?;
                // Everything waits again, and some of it is older.
                self.behind = None;
                self.carried.clear();
                // What pages name need not be sent again, replaced or not.
                self.paged = Paged::Everything;
                self.report.put_off = PutOff::default();
                Ok(Event::OfferedAgain)
            }
            Action::Compare { again } => {
                self.desk.compare(&self.shown, again).map_err(Stop::Desk).map(Event::Compared)
            }
            Action::RoundDone { agreed } => {
                self.desk.round_done(agreed).map_err(Stop::Desk)?;
                self.report.complete = agreed;
                Ok(Event::RoundDone)
            }
            Action::Wait { millis } => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(Event::Waited)
            }
            Action::Finish(_) => Ok(Event::Begin),
        }
    }

    async fn fetch_vault(&mut self) -> Result<Event, Stop> {
        let known = self.desk.state().map_err(Stop::Desk)?.vault_revision;
        let fetched = self.transport.vault(known.as_deref()).await?;
        match self.desk.receive_vault(fetched).map_err(Stop::Desk)? {
            VaultStep::Nothing => Ok(Event::VaultSettled),
            VaultStep::Foreign => Ok(Event::VaultForeign),
            VaultStep::Put { update, revision } => {
                self.put = Some((update, revision));
                Ok(Event::VaultToPut)
            }
        }
    }

    async fn put_vault(&mut self) -> Result<Event, Stop> {
        // Kept until the put succeeds: after a wait the same one is tried again.
        if let Some((update, revision)) = &self.put {
            let updated = self.transport.put_vault(update, revision).await?;
            self.desk.vault_stored(update, &updated.revision).map_err(Stop::Desk)?;
        }
        self.put = None;
        Ok(Event::VaultStored)
    }

    async fn push(&mut self, offer: Offer) -> Result<Event, Stop> {
        self.batch.records = self.desk.outbox(offer).map_err(Stop::Desk)?;
        if self.batch.records.is_empty() {
            return Ok(Event::OutboxEmpty);
        }
        if let Some(outcome) = self.carry_blobs().await? {
            // The first one alone: the next push begins behind it.
            let first = self.batch.records.first().map(|record| record.id);
            self.results =
                first.into_iter().map(|id| PushResult { id, outcome: outcome.clone() }).collect();
            self.mark()?;
            return Ok(Event::Acknowledged { room: true });
        }
        let PushResponse { results, epoch, head } = self.transport.push(&self.batch).await?;
        let sent = self.batch.records.iter().map(|record| record.id);
        if !sent.eq(results.iter().map(|result| result.id)) {
            let what = "it did not answer for the records that were sent";
            return Err(TransportError::Nonsense { what }.into());
        }
        self.results = results;
        self.report.head = Some(head);
        Ok(Event::Pushed { epoch })
    }

    /// Sends the images that the first record names, and cuts the batch before the next one whose images may not be there:
    /// text goes first, and no record before its images. What becomes of the first record if they could not be sent.
    async fn carry_blobs(&mut self) -> Result<Option<PushOutcome>, Stop> {
        let first = self.batch.records.first().map(|record| record.blobs.clone());
        for hash in first.unwrap_or_default() {
            if self.carried.contains(&hash) {
                continue;
            }
            let sealed = self.desk.blob(hash).map_err(Stop::Desk)?;
            match self.transport.carry_blob(hash, sealed.as_deref()).await? {
                Carried::There => {
                    self.carried.insert(hash);
                }
                Carried::Absent => {
                    let reason = "an image that it shows is not there".to_owned();
                    return Ok(Some(PushOutcome::Waits { reason }));
                }
                Carried::NoRoom { reason } => return Ok(Some(PushOutcome::NoRoom { reason })),
                Carried::Refused { reason } => return Ok(Some(PushOutcome::Waits { reason })),
            }
        }
        let carried = |record: &Record| record.blobs.iter().all(|hash| self.carried.contains(hash));
        let ready = self.batch.records.iter().take_while(|record| carried(record)).count();
        self.batch.records.truncate(ready);
        Ok(None)
    }

    fn acknowledge(&mut self) -> Result<Event, Stop> {
        let room = self.results.iter().any(|it| !matches!(it.outcome, PushOutcome::NoRoom { .. }));
        self.mark()?;
        Ok(Event::Acknowledged { room })
    }

    /// The server refused a batch of one, so it is this record that it will never take.
    fn reject(&mut self) -> Result<Event, Stop> {
        let reason = self.error.as_ref().map(ToString::to_string).unwrap_or_default();
        self.results = (self.batch.records.iter())
            .map(|record| PushResult {
                id: record.id,
                outcome: PushOutcome::Rejected { reason: reason.clone() },
            })
            .collect();
        self.mark()?;
        Ok(Event::Rejected)
    }

    fn mark(&mut self) -> Result<(), Stop> {
        let results = std::mem::take(&mut self.results);
        self.desk.acknowledge(&results).map_err(Stop::Desk)?;
        for result in &results {
            match result.outcome {
                PushOutcome::Stored | PushOutcome::Known => self.report.pushed += 1,
                PushOutcome::Rejected { .. } => self.report.rejected += 1,
                PushOutcome::NoRoom { .. } => self.report.put_off.no_room += 1,
                PushOutcome::Waits { .. } => self.report.put_off.waiting += 1,
            }
        }
        self.behind = results.last().map(|result| result.id).or(self.behind);
        Ok(())
    }

    async fn pull(&mut self, request: PageRequest) -> Result<Event, Stop> {
        let changes = self.transport.changes(request).await?;
        self.report.head = Some(changes.head);
        let info = PageInfo {
            next: changes.next,
            has_more: changes.has_more,
            head: changes.head,
            epoch: changes.epoch.clone(),
        };
        self.page = Some((changes, request.cursor));
        Ok(Event::Page(info))
    }

    fn receive(&mut self, missing: Missing) -> Result<Event, Stop> {
        let Some((changes, cursor)) = &self.page else { return Ok(Event::Stored) };
        check_page(changes, *cursor).map_err(|what| TransportError::Nonsense { what })?;
        match self.desk.receive(changes, missing).map_err(Stop::Desk)? {
            Received::VaultNeeded => Ok(Event::VaultNeeded),
            Received::Held => Ok(Event::Held),
            Received::Stored { new, quarantined } => {
                self.report.pulled += new;
                self.report.quarantined += quarantined;
                self.shown = changes.digest;
                self.page = None;
                Ok(Event::Stored)
            }
        }
    }

    fn failure(&self, action: Action, error: &TransportError) -> Failure {
        match (error, action) {
            (TransportError::SignInRequired, _) => Failure::SignInRequired,
            (TransportError::DeviceRevoked, _) => Failure::DeviceRevoked,
            (TransportError::VaultChanged, Action::PutVault) => Failure::VaultChanged,
            (
                TransportError::Refused {
                    code: ErrorCode::Malformed | ErrorCode::TooLarge, ..
                },
                Action::Push { .. },
            ) => Failure::BatchRefused { sent: self.batch.records.len() },
            (error, _) if error.is_passing() => Failure::Passing,
            _ => Failure::Lasting,
        }
    }

    fn report(mut self, ending: Ending) -> Report {
        let error = self.error.take();
        let error =
            error.unwrap_or(TransportError::Nonsense { what: "it failed without a reason" });
        self.report.outcome = match ending {
            Ending::Done => Outcome::Done,
            Ending::GaveUp => Outcome::Offline(error),
            Ending::Failed => Outcome::Failed(error),
            Ending::SignInRefused => Outcome::SignInRefused,
            Ending::DeviceRevoked => Outcome::DeviceRevoked,
            Ending::VaultContested => Outcome::VaultContested,
            Ending::Unsteady => Outcome::Unsteady,
            Ending::VaultForeign => Outcome::VaultForeign,
            Ending::Held => Outcome::Held,
        };
        self.report
    }
}

/// Whether a page is one that a server can have meant. A page that goes back, or that promises more and brings
/// nothing, would keep a round running for ever.
fn check_page(changes: &Changes, cursor: u64) -> Result<(), &'static str> {
    let mut last = cursor;
    for record in &changes.records {
        if record.position <= last {
            return Err("its changes are out of order");
        }
        last = record.position;
    }
    if changes.next < last || changes.next > changes.head {
        return Err("its cursor does not fit its changes");
    }
    if changes.has_more && changes.records.is_empty() {
        return Err("it promised more changes and sent none");
    }
    Ok(())
}

/// Random-looking bits from a seed (SplitMix64): a wait needs no secrecy.
struct Jitter(u64);

impl Jitter {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
