//! One round of sync, and what it asks of the open vault.
//!
//! **Invariants:** a record from the server gets a place only when a certified device signed it and its header
//! and its body open; anything else is kept aside. The lock is held between requests and never during one.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use seshat_protocol::{
    AccountId, Blob, Bytes32, Bytes64, Changes, DeviceEntry, DeviceId, Digest, DocumentId, NovelId,
    PushOutcome, PushResult, Record, VaultReply, VaultUpdate,
};
use seshat_store::{
    AcceptedRecord, Ack, Cause, Compared, Cover, Extent, Page, Store, StoredPlace, StoredVault,
    VaultOrigin, VaultSync,
};
use seshat_sync::{
    Comparison, DeskError, HttpTransport, Missing, Offer, Offered, OtherHistory, Outcome, Paged,
    Received, Report, RequestSigner, SyncError, SyncOptions, SyncState, TransportError,
    VaultFetched, VaultStep, sync_once,
};
use seshat_vault::{Ahead, MergeError, OpenError, OpenVault, PasswordAfter, UnlockError};
use tokio::runtime::{Builder, Runtime};

use crate::alarms;
use crate::arriving::ARRIVING;
use crate::clock::{OsEntropy, now_ms};
use crate::compacting::covers_of;
use crate::deletions::{Guard, Held, Kept};
use crate::desk::Shared;
use crate::images::Fetching;
use crate::scenes::to_u64;
use crate::session::{Session, stored};
use crate::{Desk, Failure, FailureCode, Link, SyncReport, folder};

/// A connection that outlives a round, so that what it learnt of the server's clock does too.
pub(crate) struct Connection {
    pub(crate) url: String,
    pub(crate) device: DeviceId,
    pub(crate) transport: Arc<HttpTransport>,
}

/// Signs this device's requests with the key in the open vault. It holds the desk weakly: the desk holds the
/// connection that holds it.
struct DeviceSigner {
    desk: Weak<Shared>,
    account: AccountId,
    device: DeviceId,
}

impl RequestSigner for DeviceSigner {
    fn account(&self) -> AccountId {
        self.account
    }

    fn device(&self) -> DeviceId {
        self.device
    }

    fn now_seconds(&self) -> u64 {
        now_ms() / 1000
    }

    fn nonce(&self) -> Result<[u8; 16], DeskError> {
        Ok(OsEntropy.id()?)
    }

    fn sign(&self, message: &[u8]) -> Result<Bytes64, DeskError> {
        let shared = self.desk.upgrade().ok_or_else(Failure::locked)?;
        let signed = Desk { shared }.with_session(|session, _| Ok(session.device.sign(message)));
        signed.map_err(Into::into)
    }
}

impl Desk {
    /// Sends what waits and fetches what is new, once.
    ///
    /// # Errors
    /// When no server is connected, the vault is locked, or this laptop's disk fails. An unreachable server is
    /// no error: the report says so.
    pub fn sync(&self) -> Result<SyncReport, Failure> {
        self.with_session(|_, store| Ok(store.may_read_again_now()?))?;
        self.round()
    }

    /// One round, whoever asked for it.
    pub(crate) fn round(&self) -> Result<SyncReport, Failure> {
        self.round_fetching(Fetching::All)
    }

    /// One round that fetches as much of missing pictures.
    pub(crate) fn round_fetching(&self, fetching: Fetching) -> Result<SyncReport, Failure> {
        self.flush()?;
        let mut more = false;
        let transport = self.carrier()?;
        let report = self.round_by(|side, options| {
            wait_for(async {
                let mut report = sync_once(transport.as_ref(), side, options).await?;
                if matches!(report.outcome, Outcome::Done) {
                    let mended = side.fetch_again(transport.as_ref()).await.map_err(SyncError)?;
                    report.quarantined = report.quarantined.saturating_sub(mended);
                    let fetched = side.fetch_images(transport.as_ref(), fetching).await;
                    more = fetched.map_err(SyncError)?;
                }
                Ok(report)
            })
        });
        self.tidy_folder(&report);
        if more {
            self.shared.wake.send();
        }
        if report.as_ref().is_ok_and(|report| report.complete) {
            self.settle_double(transport.as_ref())?;
        }
        report
    }

    /// One round, by whatever carries it, and a look at what came.
    pub(crate) fn round_by(
        &self,
        run: impl FnOnce(&Side, SyncOptions) -> Result<Result<Report, SyncError>, Failure>,
    ) -> Result<SyncReport, Failure> {
        let carried = self.carried_by(run)?;
        let carried = match carried {
            Ok(report) if report.complete => self.put_back_kept().map(|()| report),
            other => other,
        };
        let report = self.reviewed(carried);
        self.show_round(&report);
        self.show_alarms();
        report
    }

    /// One round, without the look; the outer failure is that it could not begin.
    pub(crate) fn carried_by(
        &self,
        run: impl FnOnce(&Side, SyncOptions) -> Result<Result<Report, SyncError>, Failure>,
    ) -> Result<Result<SyncReport, Failure>, Failure> {
        // One round at a time; what is asked between rounds need not wait for one.
        let only = self.shared.round.lock().unwrap_or_else(PoisonError::into_inner);
        self.show_alarms();
        self.shared.board.show(|status| status.link = Link::Syncing);
        let options = SyncOptions { retries: 0, seed: self.jitter() };
        let round = run(&self.side()?, options)?;
        drop(only);
        Ok(match round {
            Ok(report) => self.report(&report),
            Err(error) => Err(on_this_laptop(error.0)),
        })
    }

    /// The connection to the server, which signs as this device. Made once for a server and a device, and kept: it
    /// knows the server's clock, and its line stays open.
    pub(crate) fn transport(&self) -> Result<Arc<HttpTransport>, Failure> {
        self.may_go_out()?;
        let (server, account, device) = self.with_session(|session, store| {
            Ok((store.server()?, session.vault.account(), session.device_id()))
        })?;
        let url = server.map(|server| server.url).ok_or_else(|| {
            Failure::not_found(
                "No server is connected; everything is safe on this laptop; connect one to sync.",
            )
        })?;
        let mut connection = self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = connection.as_ref()
            && (&kept.url, kept.device) == (&url, device)
        {
            return Ok(Arc::clone(&kept.transport));
        }
        let transport = Arc::new(self.transport_to(&url, account, device)?);
        *connection = Some(Connection { url, device, transport: Arc::clone(&transport) });
        drop(connection);
        Ok(transport)
    }

    /// A transport whose requests this device signs.
    pub(crate) fn transport_to(
        &self,
        url: &str,
        account: AccountId,
        device: DeviceId,
    ) -> Result<HttpTransport, Failure> {
        let desk = Arc::downgrade(&self.shared);
        let signer = DeviceSigner { desk, account, device };
        Ok(HttpTransport::for_device(url, Arc::new(signer))?)
    }

    fn report(&self, report: &Report) -> Result<SyncReport, Failure> {
        let (waiting, in_folder) =
            self.with_session(|_, store| Ok((store.waiting()?, folder::is_linked(store)?)))?;
        self.note_round(report, waiting);
        if matches!(report.outcome, Outcome::Done) {
            self.arrived()?;
        }
        let message = match &report.outcome {
            Outcome::Done if report.quarantined > 0 => Some(format!(
                "{} records from the server do not open and were put aside; everything else is here; the next syncs ask for them again, and if this stays, run a check.",
                report.quarantined
            )),
            Outcome::Done if report.rejected > 0 => Some(format!(
                "The server refused {} records; they are safe on this laptop; ask whoever runs the server.",
                report.rejected
            )),
            Outcome::Done if report.put_off.no_room > 0 => Some(
                "The server has no more room for this account, so not everything was sent; it is safe on this laptop and is offered again; ask whoever runs the server."
                    .to_owned(),
            ),
            Outcome::Done if report.put_off.waiting > 0 => Some(format!(
                "The server does not take {} records yet, because something that belongs to them has not arrived; they are safe on this laptop and are offered again.",
                report.put_off.waiting
            )),
            Outcome::Done => None,
            Outcome::Held => self.rounds().held.as_ref().map(|held| held.message.clone()),
            Outcome::Offline(error) | Outcome::Failed(error) => Some(error.to_string()),
            Outcome::SignInRefused => Some(
                "The server does not know this laptop: it is another server, or it lost this account; everything is safe on this laptop; ask whoever runs the server."
                    .to_owned(),
            ),
            Outcome::DeviceRevoked => Some(TransportError::DeviceRevoked.to_string()),
            Outcome::VaultForeign => Some(
                "The server offers a vault that is not this one, so nothing was sent or taken; everything is safe on this laptop; ask whoever runs the server."
                    .to_owned(),
            ),
            Outcome::VaultContested => Some(
                "Other laptops were changing the vault at the same moment; everything is safe, and the next sync tries again."
                    .to_owned(),
            ),
            _ => Some(
                "The server kept changing its history, so this sync was stopped; everything is safe on this laptop."
                    .to_owned(),
            ),
        };
        Ok(SyncReport {
            online: !matches!(report.outcome, Outcome::Offline(_)),
            complete: matches!(report.outcome, Outcome::Done),
            up: to_u64(report.pushed),
            down: to_u64(report.pulled),
            waiting: to_u64(waiting),
            rejected: to_u64(report.rejected),
            message: message.map(|said| if in_folder { folder::worded(&said) } else { said }),
        })
    }

    fn show_round(&self, round: &Result<SyncReport, Failure>) {
        let even = round
            .as_ref()
            .is_ok_and(|report| report.complete && (report.waiting == 0 || self.waits_for_room()));
        self.shared.even.store(even, Ordering::Relaxed);
        self.shared.board.show(|status| match round {
            // The author let go of the server meanwhile.
            _ if status.server.is_none() => status.link = Link::None,
            Ok(report) => {
                status.link = match (report.complete, report.online) {
                    (true, _) => Link::Online,
                    (false, false) => Link::Offline,
                    (false, true) => Link::Attention,
                };
                status.waiting = report.waiting;
                status.message.clone_from(&report.message);
            }
            Err(failure) if failure.code == FailureCode::Locked => status.link = Link::Offline,
            Err(failure) => {
                status.link = Link::Attention;
                status.message = Some(failure.message.clone());
            }
        });
        self.show_sync();
    }

    pub(crate) fn jitter(&self) -> u64 {
        // Jitter spreads laptops over time; without randomness they still come, only together.
        OsEntropy.peer().unwrap_or_default()
    }
}

/// Where connections live. One that is kept is used by several at once, so it may not end with whoever opened it.
static NETWORK: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build());

/// Runs network work to its end, and waits for it on a thread of its own, so that it may be asked for from anywhere: a
/// thread of another runtime may not wait.
pub(crate) fn wait_for<T: Send>(work: impl Future<Output = T> + Send) -> Result<T, Failure> {
    let network = NETWORK.as_ref().map_err(|error| {
        Failure::other(format!(
            "The network cannot be used ({error}); everything is safe on this laptop; restart Seshat."
        ))
    })?;
    std::thread::scope(|scope| scope.spawn(|| network.block_on(work)).join()).map_err(|_| {
        Failure::other(
            "This stopped because of a fault in Seshat itself; everything that was saved is safe; try again.",
        )
    })
}

fn on_this_laptop(error: DeskError) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => *failure,
        Err(error) => Failure::other(format!(
            "Sync stopped because of a problem on this laptop ({error}); everything that was saved is safe."
        )),
    }
}

/// The open vault, as one round of sync sees it.
pub(crate) struct Side {
    desk: Desk,
    guard: Mutex<Guard>,
}

impl Side {
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Session, &mut Store) -> Result<T, Failure>,
    ) -> Result<T, DeskError> {
        self.desk.with_session(work).map_err(Into::into)
    }

    /// What is known of pictures that came as others.
    pub(crate) fn wrong_images<T>(&self, work: impl FnOnce(&mut BTreeMap<[u8; 32], u8>) -> T) -> T {
        let wrong = &self.desk.shared.wrong_images;
        work(&mut wrong.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl seshat_sync::Desk for Side {
    fn state(&self) -> Result<SyncState, DeskError> {
        self.with(|_, store| {
            let server = store.server()?.ok_or_else(Failure::locked)?;
            let revision = store.vault()?.and_then(|vault| vault.revision);
            let (epoch, cursor) = (server.epoch, server.cursor);
            // What a new laptop never had it need not be told to let go of.
            let arrives = store.setting(ARRIVING)?.is_some();
            let paged = if arrives { Paged::Live } else { Paged::Everything };
            Ok(SyncState { epoch, cursor, vault_revision: revision, paged })
        })
    }

    fn receive_vault(&self, fetched: VaultFetched) -> Result<VaultStep, DeskError> {
        let (step, told) = self.with(|session, store| {
            let ours = store.vault()?.ok_or_else(Failure::absent)?;
            match fetched {
                VaultFetched::NotModified => {
                    alarms::vault_agrees(store)?;
                    Ok((waiting(session, &ours), Told::default()))
                }
                VaultFetched::Reply(reply) if reply.vault.0 == ours.blob => {
                    let origin = VaultOrigin::Server { revision: &reply.revision };
                    store.save_vault(ours.account, &ours.blob, origin, &[])?;
                    alarms::vault_seen(store, session.vault.generation())?;
                    Ok((VaultStep::Nothing, Told::default()))
                }
                VaultFetched::Reply(reply) => session.merge_vault(store, &ours, &reply),
            }
        })?;
        self.desk.tell(&told);
        Ok(step)
    }

    fn vault_stored(&self, update: &VaultUpdate, revision: &str) -> Result<(), DeskError> {
        self.with(|session, store| {
            store.vault_stored(&update.vault.0, revision)?;
            alarms::vault_seen(store, session.vault.generation())
        })
    }

    fn outbox(&self, offer: Offer) -> Result<Vec<Record>, DeskError> {
        let Offer { behind, offered, limit, max_bytes } = offer;
        self.with(|_, store| {
            Ok(match offered {
                Offered::Everything => store.outbox_behind(behind, limit, max_bytes)?,
                Offered::Snapshots => store.snapshots_behind(behind, limit, max_bytes)?,
            })
        })
    }

    fn blob(&self, hash: Bytes32) -> Result<Option<Vec<u8>>, DeskError> {
        self.with(|_, store| Ok(store.blob(hash)?))
    }

    fn acknowledge(&self, results: &[PushResult]) -> Result<(), DeskError> {
        let acks: Vec<_> = results
            .iter()
            .filter_map(|result| match &result.outcome {
                PushOutcome::Stored | PushOutcome::Known => Some((result.id, Ack::Stored)),
                PushOutcome::Rejected { reason } => {
                    Some((result.id, Ack::Rejected(reason.clone())))
                }
                // It stays in the outbox.
                PushOutcome::NoRoom { .. } | PushOutcome::Waits { .. } => None,
            })
            .collect();
        let waiting = self.with(|_, store| {
            store.acknowledge(&acks)?;
            Ok(store.waiting()?)
        })?;
        self.desk.shared.board.show(|status| status.waiting = to_u64(waiting));
        self.desk.show_sync();
        Ok(())
    }

    fn receive(&self, changes: &Changes, missing: Missing) -> Result<Received, DeskError> {
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        let came =
            self.with(|session, store| session.receive(store, &mut guard, changes, missing))?;
        drop(guard);
        match came {
            Came::VaultNeeded => Ok(Received::VaultNeeded),
            Came::Held(held) => {
                self.desk.ask_about(*held);
                Ok(Received::Held)
            }
            Came::Stored { new, quarantined, told } => {
                self.desk.tell(&told);
                self.desk.note_arrival(changes, &told.novels)?;
                if told.doubled {
                    self.desk.note_double()?;
                }
                Ok(Received::Stored { new, quarantined })
            }
        }
    }

    fn epoch_changed(&self, how: OtherHistory) -> Result<(), DeskError> {
        let (cause, extent) = alarms::of_history(how);
        self.with(|_, store| Ok(store.other_history(cause, extent, now_ms())?))
    }

    fn compare(&self, shown: &Digest, again: bool) -> Result<Comparison, DeskError> {
        let compared = self.with(|_, store| {
            if folder::is_linked(store)? {
                let patience = (folder::GAP_PATIENCE_MS, now_ms());
                return Ok(store.compare_patiently(shown, again, patience)?);
            }
            Ok(store.compare(shown, again, now_ms())?)
        })?;
        Ok(match compared {
            Compared::Agrees => Comparison::Agrees,
            Compared::ReadAgain => Comparison::ReadAgain,
            Compared::Differs => Comparison::Differs,
        })
    }

    fn round_done(&self, agreed: bool) -> Result<(), DeskError> {
        self.with(|_, store| Ok(store.round_done(agreed, now_ms())?))
    }
}

/// What became of a page.
enum Came {
    VaultNeeded,
    Held(Box<Held>),
    Stored { new: usize, quarantined: usize, told: Told },
}

/// What changed from elsewhere.
#[derive(Default)]
struct Told {
    scenes: BTreeSet<DocumentId>,
    novels: BTreeSet<NovelId>,
    /// The password was changed on another laptop.
    new_password: bool,
    /// All keys were made anew on another laptop.
    rekeyed: bool,
    /// A laptop that was shut out got the new keys from one that had not heard of it.
    rotate_again: bool,
    /// Somebody else writes under this laptop's name.
    doubled: bool,
}

impl Desk {
    /// The open vault, for one round.
    fn side(&self) -> Result<Side, Failure> {
        let kept = self.with_session(|_, store| Kept::stored(store))?;
        let mut answered = self.rounds().question.deleted.clone();
        answered.extend(kept.novels());
        let guard = Mutex::new(Guard::after(answered));
        Ok(Side { desk: self.clone(), guard })
    }

    fn tell(&self, told: &Told) {
        let scenes = told.scenes.iter().map(ToString::to_string).collect();
        let novels = told.novels.iter().map(ToString::to_string).collect();
        self.shared.board.tell(scenes, novels);
        let notice = match (told.rotate_again, told.rekeyed, told.new_password) {
            (true, ..) => {
                "Another laptop made new keys before it heard that a laptop was shut out, so that one has them; everything is safe; make new keys once more."
            }
            (_, true, _) => {
                "New keys and a new password were made on another laptop, and this one follows; use the new password from the next time you unlock, and the new Emergency Kit."
            }
            (.., true) => {
                "The password was changed on another laptop; use the new one from the next time you unlock."
            }
            _ => return,
        };
        self.shared.board.show(|status| status.notice = Some(notice.to_owned()));
    }
}

/// The server shows a vault that is not this one. It is not looked at further, nothing here changes, and nothing of
/// ours goes to a server that is another one than it was.
fn foreign(store: &mut Store) -> Result<(VaultStep, Told), Failure> {
    store.raise(Cause::OtherVault, Extent::one(0), now_ms())?;
    Ok((VaultStep::Foreign, Told::default()))
}

/// What to do when the server's vault is the one that is known.
fn waiting(session: &Session, ours: &StoredVault) -> VaultStep {
    match (&ours.revision, ours.waiting) {
        (Some(revision), VaultSync::Waiting) => {
            put(&session.vault, ours.blob.clone(), revision.clone())
        }
        _ => VaultStep::Nothing,
    }
}

fn put(vault: &OpenVault, blob: Vec<u8>, revision: String) -> VaultStep {
    VaultStep::Put { update: update_of(vault, blob, None), revision }
}

/// What the server is sent of a vault. The sign-in keys and the list of those who are shut out always travel with the
/// vault that they belong to, so they cannot come apart.
pub(crate) fn update_of(
    vault: &OpenVault,
    blob: Vec<u8>,
    device: Option<DeviceEntry>,
) -> VaultUpdate {
    let revoked = vault.devices().filter(|device| device.state.is_revoked());
    VaultUpdate {
        vault: Blob(blob),
        sign_in: Some(vault.sign_in_description()),
        device,
        revoke: revoked.map(|device| device.entry.id).collect(),
    }
}

impl Session {
    /// Brings the server's vault and this laptop's together. Of two passwords the later one counts.
    fn merge_vault(
        &mut self,
        store: &mut Store,
        ours: &StoredVault,
        reply: &VaultReply,
    ) -> Result<(VaultStep, Told), Failure> {
        let opened = self.vault.reopen(&reply.vault.0, Some(&self.device));
        let theirs = match opened {
            // No attack, and no alarm: an update of this program opens it.
            Err(UnlockError::Newer) => return Err(UnlockError::Newer.into()),
            Err(_) => return foreign(store),
            Ok(theirs) => theirs,
        };
        let mut vault = self.vault_copy(&ours.blob)?;
        let merged = match vault.merge(&theirs, &mut self.entropy) {
            Err(MergeError::OtherVault) => return foreign(store),
            merged => merged.map_err(|error| Failure::other(format!(
                "The server's vault could not be merged ({error}); everything is safe on this laptop; restart Seshat."
            )))?,
        };
        alarms::vault_seen(store, theirs.generation())?;
        let revision = &reply.revision;
        let (blob, step, origin) = match merged.ahead {
            Ahead::Nothing => {
                let origin = VaultOrigin::Server { revision };
                (reply.vault.0.clone(), VaultStep::Nothing, origin)
            }
            Ahead::Something => {
                let blob = vault.to_blob(&mut self.entropy)?;
                let step = put(&vault, blob.clone(), revision.clone());
                (blob, step, VaultOrigin::Merged { revision })
            }
        };
        self.keep_vault(store, vault, &blob, origin)?;
        let mut told = self.place_quarantined(store)?;
        told.new_password = merged.password == PasswordAfter::Theirs && ours.blob != blob;
        told.rekeyed = merged.rekeyed;
        told.rotate_again = merged.rotate_again;
        Ok((step, told))
    }

    /// Whether a known device signed a record, and where it belongs if it did and all of it opens.
    pub(crate) fn look_at(&self, record: Record) -> AcceptedRecord {
        let signed = self.vault.verify_record(&record).is_ok();
        let (place, covers) = signed.then(|| self.place_in(&record)).flatten().unzip();
        AcceptedRecord { record, place, signed, covers: covers.flatten() }
    }

    /// Where a record belongs, and which numbers it contains beside its own, if that can be read.
    fn place_in(&self, record: &Record) -> Option<(StoredPlace, Option<Vec<Cover>>)> {
        let place = self.vault.open_header(record).ok()?.place;
        match self.vault.open_body(record, &place) {
            Ok(body) => Some((stored(place), covers_of(&body))),
            // The body of a closed novel cannot be looked at; what does not open later is left out then.
            Err(OpenError::Locked) => Some((stored(place), None)),
            Err(_) => None,
        }
    }

    fn receive(
        &mut self,
        store: &mut Store,
        guard: &mut Guard,
        changes: &Changes,
        missing: Missing,
    ) -> Result<Came, Failure> {
        let mut records = Vec::with_capacity(changes.records.len());
        for changed in &changes.records {
            let looked = self.look_at(changed.record.clone());
            if looked.place.is_none() && missing == Missing::AskForVault {
                return Ok(Came::VaultNeeded);
            }
            records.push(looked);
        }
        if let Some(held) = self.takes_too_much(store, guard, &records)? {
            return Ok(Came::Held(Box::new(held)));
        }
        let sees_double = self.sees_double(store, &records)?;
        let (epoch, at) = (changes.epoch.clone(), now_ms());
        let page = Page { records, next: changes.next, epoch, at };
        let accepted = store.accept(&page).inspect_err(|_| {
            // They were shown the page before it was on the disk; whatever was changed here is there.
            self.binders.clear();
        })?;
        let new: BTreeSet<_> = accepted.new.iter().copied().collect();
        Self::note_damaged(store, changes, &page.records, |id| new.contains(id))?;
        let mut told = Told::default();
        let here = page.records.iter().filter(|accepted| new.contains(&accepted.record.id));
        let placed = here.filter_map(|accepted| Some((&accepted.record, accepted.place?)));
        (told.scenes, told.novels) = self.take_in(placed);
        told.doubled = sees_double || self.is_forked(&accepted.forks);
        Ok(Came::Stored { new: new.len(), quarantined: accepted.quarantined, told })
    }

    /// Tries the records that were put aside again, now that the vault may know more.
    fn place_quarantined(&mut self, store: &mut Store) -> Result<Told, Failure> {
        let mut told = Told::default();
        let (mut opened, mut signed) = (Vec::new(), Vec::new());
        for record in store.quarantined()? {
            let looked = self.look_at(record);
            match looked.place {
                Some(place) => opened.push((looked.record, place)),
                None if looked.signed => signed.push(looked.record.id),
                None => {}
            }
        }
        let places: Vec<_> = opened.iter().map(|(record, place)| (record.id, *place)).collect();
        store.set_places(&places, now_ms())?;
        store.vouch(&signed, now_ms())?;
        self.read_covers(store)?;
        (told.scenes, told.novels) =
            self.take_in(opened.iter().map(|(record, place)| (record, *place)));
        Ok(told)
    }
}
