//! A server and laptops in memory, and a network between them that loses what it is told to lose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use seshat_protocol::{
    Blob, Bytes32, Bytes64, ChangedRecord, Changes, DeviceId, Digest, ErrorCode, FIRST_PREVIOUS,
    PushOutcome, PushRequest, PushResponse, PushResult, Record, RecordId, Sealed, VaultReply,
    VaultUpdate, VaultUpdated,
};
use seshat_sync::{
    Answer, Carried, Comparison, Desk, DeskError, Missing, Offer, Offered, OfflineReason,
    OtherHistory, PageRequest, Received, SyncState, Transport, TransportError, VaultFetched,
    VaultStep,
};

use sha2::{Digest as _, Sha256};

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SplitMix64: random-looking, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// A vault is the set of its devices' first bytes: merging is the union, as with the real one.
pub(crate) fn vault(devices: &BTreeSet<u8>) -> Blob {
    Blob(devices.iter().copied().collect())
}

/// As the wire defines it: over the records that none of them names.
pub(crate) fn digest<'a>(records: impl Iterator<Item = &'a Record> + Clone) -> Digest {
    let named: BTreeSet<_> = records.clone().flat_map(|record| &record.replaces).collect();
    let mut digest = Digest { count: 0, xor: Bytes32([0; 32]) };
    for record in records.filter(|record| !named.contains(&record.id)) {
        digest.count += 1;
        let hash = Sha256::digest(record.id.0);
        digest.xor.0.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
    }
    digest
}

/// A device and a number of its chain.
pub(crate) type Number = (u8, u64);

/// What a snapshot's body begins with; the numbers that it contains follow.
const SNAPSHOT: u8 = 200;

fn snapshot_body(contained: &BTreeSet<Number>) -> Vec<u8> {
    let number = |(device, sequence): &Number| {
        std::iter::once(*device).chain(sequence.to_be_bytes()).collect::<Vec<_>>()
    };
    std::iter::once(SNAPSHOT).chain(contained.iter().flat_map(number)).collect()
}

/// The record's own number, and those that are in it.
pub(crate) fn contained(record: &Record) -> BTreeSet<Number> {
    let mut numbers = BTreeSet::from([(record.device.0[0], record.sequence)]);
    if let [SNAPSHOT, inside @ ..] = &record.body.0[..]
        && !record.replaces.is_empty()
    {
        let number =
            |bytes: &[u8; 9]| (bytes[0], u64::from_be_bytes(bytes[1..].try_into().unwrap()));
        numbers.extend(inside.as_chunks::<9>().0.iter().map(number));
    }
    numbers
}

/// Removes what is replaced, from the bottom up, so that what goes names nothing that is left.
fn purge(
    held: &mut Vec<Record>,
    may_go: impl Fn(&Record, &[Record]) -> bool,
) -> BTreeSet<RecordId> {
    let mut gone = BTreeSet::new();
    loop {
        let bare = |record: &Record| held.iter().all(|other| !record.replaces.contains(&other.id));
        let found = held.iter().position(|record| bare(record) && may_go(record, held));
        let Some(index) = found else { return gone };
        gone.insert(held.remove(index).id);
    }
}

#[derive(Default)]
pub(crate) struct ServerState {
    pub(crate) records: Vec<Record>,
    /// Positions whose records were purged: what stands there in `records` is nobody's any more.
    pub(crate) purged: BTreeSet<usize>,
    pub(crate) epoch: u32,
    pub(crate) vault: Vec<u8>,
    pub(crate) revision: u32,
    /// It does not know the device.
    pub(crate) stranger: bool,
    /// It removed the device.
    pub(crate) revoked: bool,
    pub(crate) full: bool,
    pub(crate) pushes: usize,
    pub(crate) page_limit: Option<usize>,
    /// A record with this first byte in its body makes the whole request malformed.
    pub(crate) poison: Option<u8>,
    /// A record with this first byte in its body is refused by itself.
    pub(crate) unwanted: Option<u8>,
    /// A record with this first byte in its body has to wait for something else.
    pub(crate) waits: Option<u8>,
    /// It has room for so many records.
    pub(crate) room: Option<usize>,
    /// Another laptop puts a vault before each of so many puts.
    pub(crate) overtaken: u32,
    /// A device that joins, and writes this, after others have looked at the vault.
    pub(crate) joins_at_next_page: Option<(u8, Record)>,
    /// Its digest leaves a record out that its pages bring.
    pub(crate) lying: bool,
    /// The epoch is another one in every answer.
    pub(crate) unsteady: bool,
    /// Sealed images.
    pub(crate) images: BTreeMap<[u8; 32], Vec<u8>>,
    /// Records that came before an image that they name.
    pub(crate) too_early: usize,
}

impl ServerState {
    fn epoch(&mut self) -> String {
        if self.unsteady {
            self.epoch += 1;
        }
        format!("epoch-{}", self.epoch)
    }

    fn head(&self) -> u64 {
        self.records.len() as u64
    }

    /// What is here, with its position less one.
    pub(crate) fn there(&self) -> impl Iterator<Item = (usize, &Record)> + Clone {
        let purged = &self.purged;
        self.records.iter().enumerate().filter(|(index, _)| !purged.contains(index))
    }

    /// Purges what was replaced by records up to this one, as after a month.
    pub(crate) fn sweep(&mut self, until: usize) {
        let positions: BTreeMap<_, _> =
            self.there().map(|(index, record)| (record.id, index)).collect();
        let mut held: Vec<_> = self.there().map(|(_, record)| record.clone()).collect();
        let names = |one: &Record, other: &Record| one.replaces.contains(&other.id);
        let gone = purge(&mut held, |record, held| {
            held.iter().any(|namer| {
                names(namer, record)
                    && positions[&namer.id] < until
                    && (record.replaces.is_empty() || held.iter().any(|next| names(next, namer)))
            })
        });
        self.purged.extend(gone.iter().map(|id| positions[id]));
    }

    fn push(&mut self, request: &PushRequest) -> Result<PushResponse, TransportError> {
        self.pushes += 1;
        if self.full {
            return Err(refused(ErrorCode::Full, 507));
        }
        let is = |record: &Record, byte: Option<u8>| {
            byte.is_some() && record.body.0.first() == byte.as_ref()
        };
        if request.records.iter().any(|record| is(record, self.poison)) {
            return Err(refused(ErrorCode::Malformed, 400));
        }
        let mut results = Vec::new();
        for record in &request.records {
            let outcome = if is(record, self.unwanted) {
                PushOutcome::Rejected { reason: "unwanted".to_owned() }
            } else if self.there().any(|(_, known)| known.id == record.id) {
                PushOutcome::Known
            } else if !record.blobs.iter().all(|hash| self.images.contains_key(&hash.0)) {
                self.too_early += 1;
                PushOutcome::Waits { reason: "an image is missing".to_owned() }
            } else if is(record, self.waits) {
                PushOutcome::Waits { reason: "something is missing".to_owned() }
            } else if record.replaces.is_empty()
                && self.room.is_some_and(|room| self.there().count() >= room)
            {
                PushOutcome::NoRoom { reason: "full".to_owned() }
            } else {
                self.records.push(record.clone());
                PushOutcome::Stored
            };
            results.push(PushResult { id: record.id, outcome });
        }
        Ok(PushResponse { results, head: self.head(), epoch: self.epoch() })
    }

    fn changes(&mut self, page: PageRequest) -> Changes {
        if let Some((device, record)) = self.joins_at_next_page.take() {
            self.vault.push(device);
            self.revision += 1;
            self.records.push(record);
        }
        let from = usize::try_from(page.cursor).unwrap().min(self.records.len());
        let limit = page.limit.min(self.page_limit.unwrap_or(usize::MAX));
        let after: Vec<_> = self.there().filter(|(index, _)| *index >= from).collect();
        let records: Vec<_> = (after.iter().take(limit))
            .map(|(index, record)| ChangedRecord {
                position: *index as u64 + 1,
                record: (*record).clone(),
            })
            .collect();
        let next = match records.last() {
            Some(last) if after.len() > limit => last.position,
            _ => self.head(),
        };
        Changes {
            has_more: next < self.head(),
            records,
            next,
            head: self.head(),
            epoch: self.epoch(),
            digest: digest(self.there().skip(usize::from(self.lying)).map(|(_, record)| record)),
        }
    }

    fn put(
        &mut self,
        update: &VaultUpdate,
        revision: &str,
    ) -> Result<VaultUpdated, TransportError> {
        if self.overtaken > 0 {
            self.overtaken -= 1;
            self.revision += 1;
            self.vault.push(100 + u8::try_from(self.revision).unwrap());
        }
        if revision != self.revision.to_string() {
            return Err(TransportError::VaultChanged);
        }
        self.revision += 1;
        self.vault.clone_from(&update.vault.0);
        Ok(VaultUpdated { revision: self.revision.to_string(), receipt: None })
    }
}

pub(crate) fn refused(code: ErrorCode, status: u16) -> TransportError {
    TransportError::Refused { code, message: "The server refused.".to_owned(), status }
}

fn lost(reason: OfflineReason) -> TransportError {
    TransportError::Offline { reason, source: None }
}

#[derive(Default)]
pub(crate) struct Server(Mutex<ServerState>);

impl Server {
    /// A server with an account whose vault knows `devices`.
    pub(crate) fn new(devices: &[u8]) -> Self {
        let state = ServerState { vault: devices.to_vec(), revision: 1, ..ServerState::default() };
        Self(Mutex::new(state))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, ServerState> {
        locked(&self.0)
    }
}

/// How often, in percent, the network fails.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) drop_request: u64,
    pub(crate) drop_reply: u64,
    /// The request arrives twice; the second answer is the one that comes back.
    pub(crate) duplicate: u64,
    pub(crate) trouble: u64,
}

/// One laptop's way to the server.
pub(crate) struct Network<'a> {
    server: &'a Server,
    pub(crate) faults: Mutex<Faults>,
    dice: Mutex<Dice>,
    pub(crate) requests: Mutex<Vec<&'static str>>,
}

impl<'a> Network<'a> {
    pub(crate) fn new(server: &'a Server, seed: u64) -> Self {
        Self {
            server,
            faults: Mutex::new(Faults::default()),
            dice: Mutex::new(Dice(seed)),
            requests: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn requests(&self) -> Vec<&'static str> {
        std::mem::take(&mut locked(&self.requests))
    }

    /// Carries one request to the server, or not, or twice, and its answer back, or not.
    fn carry<T: Send + 'a>(
        &self,
        name: &'static str,
        ask: impl Fn(&mut ServerState) -> Result<T, TransportError>,
    ) -> Answer<'_, T> {
        locked(&self.requests).push(name);
        let faults = *locked(&self.faults);
        let mut dice = locked(&self.dice);
        let mut happens = |percent: u64| dice.below(100) < percent;
        let (drop_request, drop_reply) = (happens(faults.drop_request), happens(faults.drop_reply));
        let (duplicate, trouble) = (happens(faults.duplicate), happens(faults.trouble));
        drop(dice);
        let answer = self.answer((drop_request, duplicate, trouble), ask);
        Box::pin(async move {
            tokio::task::yield_now().await;
            if drop_reply { Err(lost(OfflineReason::CutShort)) } else { answer }
        })
    }

    fn answer<T>(
        &self,
        (drop_request, duplicate, trouble): (bool, bool, bool),
        ask: impl Fn(&mut ServerState) -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        if drop_request {
            return Err(lost(OfflineReason::Unreachable));
        }
        if trouble {
            return Err(TransportError::ServerTrouble { status: 503, retry_after: None });
        }
        let mut server = self.server.state();
        if server.revoked {
            return Err(TransportError::DeviceRevoked);
        }
        if server.stranger {
            return Err(TransportError::SignInRequired);
        }
        if duplicate {
            let _first = ask(&mut server);
        }
        ask(&mut server)
    }
}

impl Transport for Network<'_> {
    fn vault<'b>(&'b self, known: Option<&'b str>) -> Answer<'b, VaultFetched> {
        let known = known.map(str::to_owned);
        self.carry("vault", move |server| {
            let revision = server.revision.to_string();
            if known.as_ref() == Some(&revision) {
                return Ok(VaultFetched::NotModified);
            }
            Ok(VaultFetched::Reply(VaultReply { revision, vault: Blob(server.vault.clone()) }))
        })
    }

    fn put_vault<'b>(
        &'b self,
        update: &'b VaultUpdate,
        revision: &'b str,
    ) -> Answer<'b, VaultUpdated> {
        let (update, revision) = (update.clone(), revision.to_owned());
        self.carry("put vault", move |server| server.put(&update, &revision))
    }

    fn push<'b>(&'b self, request: &'b PushRequest) -> Answer<'b, PushResponse> {
        let request = request.clone();
        self.carry("push", move |server| server.push(&request))
    }

    fn carry_blob<'b>(&'b self, hash: Bytes32, sealed: Option<&'b [u8]>) -> Answer<'b, Carried> {
        let sealed = sealed.map(<[u8]>::to_vec);
        self.carry("image", move |server| {
            if let Some(sealed) = &sealed {
                server.images.insert(hash.0, sealed.clone());
            }
            let there = server.images.contains_key(&hash.0);
            Ok(if there { Carried::There } else { Carried::Absent })
        })
    }

    fn changes(&self, page: PageRequest) -> Answer<'_, Changes> {
        self.carry("changes", move |server| Ok(server.changes(page)))
    }
}

/// What a laptop holds.
#[derive(Default)]
pub(crate) struct LaptopState {
    pub(crate) held: Vec<Record>,
    pub(crate) outbox: Vec<RecordId>,
    pub(crate) rejected: BTreeMap<RecordId, String>,
    pub(crate) quarantine: BTreeSet<RecordId>,
    pub(crate) sync: SyncState,
    pub(crate) devices: BTreeSet<u8>,
    pub(crate) vault_waiting: bool,
    pub(crate) sequence: u64,
    pub(crate) epoch_changes: usize,
    /// What was said about the server: its name, and whether it lasts.
    pub(crate) alarms: BTreeMap<&'static str, bool>,
    /// Numbers that are in snapshots.
    pub(crate) covered: BTreeSet<Number>,
    /// Fail the next page, as a full disk does.
    pub(crate) broken: bool,
    /// Take no page that brings anything.
    pub(crate) holds_back: bool,
    /// Sealed images.
    pub(crate) images: BTreeMap<[u8; 32], Vec<u8>>,
}

pub(crate) struct Laptop {
    pub(crate) device: DeviceId,
    state: Mutex<LaptopState>,
}

impl Laptop {
    /// Device `number`, which is in its own vault; the vault waits to be put.
    pub(crate) fn new(number: u8) -> Self {
        let state = LaptopState {
            devices: BTreeSet::from([number]),
            vault_waiting: true,
            ..LaptopState::default()
        };
        Self { device: DeviceId([number; 16]), state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, LaptopState> {
        locked(&self.state)
    }

    /// Writes a snapshot of everything that is here, which names what nothing else names.
    pub(crate) fn compact(&self) {
        let (body, replaces) = {
            let state = self.state();
            let opens = |record: &&Record| !state.quarantine.contains(&record.id);
            let held: Vec<_> = state.held.iter().filter(opens).collect();
            let named: BTreeSet<_> = held.iter().flat_map(|record| &record.replaces).collect();
            let live = held.iter().filter(|record| !named.contains(&record.id));
            let replaces: Vec<_> = live.map(|record| record.id).collect();
            (snapshot_body(&held.into_iter().flat_map(contained).collect()), replaces)
        };
        if replaces.len() > 1 {
            self.write_naming(body, replaces);
        }
    }

    /// Removes what a snapshot contains that the server has.
    pub(crate) fn purge(&self) {
        let mut state = self.state();
        let LaptopState { held, outbox, quarantine, covered, .. } = &mut *state;
        let waits = |record: &Record| outbox.contains(&record.id);
        let before = held.clone();
        let gone = purge(held, |record, held| {
            let namer = |other: &Record| other.replaces.contains(&record.id) && !waits(other);
            !waits(record) && !quarantine.contains(&record.id) && held.iter().any(namer)
        });
        let gone = before.iter().filter(|record| gone.contains(&record.id));
        covered.extend(gone.flat_map(contained));
    }

    /// Writes a record with this body.
    pub(crate) fn write(&self, body: Vec<u8>) -> RecordId {
        self.write_naming(body, Vec::new())
    }

    pub(crate) fn write_naming(&self, body: Vec<u8>, replaces: Vec<RecordId>) -> RecordId {
        let mut state = self.state();
        state.sequence += 1;
        let mut id = self.device.0;
        id[8..].copy_from_slice(&state.sequence.to_be_bytes());
        let record = Record {
            id: RecordId(id),
            device: self.device,
            sequence: state.sequence,
            previous: FIRST_PREVIOUS,
            header: Sealed(Vec::new()),
            body: Sealed(body),
            replaces,
            blobs: Vec::new(),
            signature: Bytes64([0; 64]),
        };
        state
            .covered
            .extend(contained(&record).into_iter().filter(|_| !record.replaces.is_empty()));
        state.outbox.push(record.id);
        state.held.push(record);
        RecordId(id)
    }

    /// Writes a record that shows this image, which need not be here.
    pub(crate) fn write_showing(&self, body: u8, image: [u8; 32]) -> RecordId {
        let id = self.write(vec![body]);
        let mut state = self.state();
        let written = state.held.iter_mut().find(|record| record.id == id);
        written.unwrap().blobs = vec![Bytes32(image)];
        id
    }

    /// Writes so many records and gives them away.
    pub(crate) fn written(&self, count: u8) -> Vec<Record> {
        for body in 0..count {
            self.write(vec![body]);
        }
        self.state().held.clone()
    }

    /// What was said about the server.
    pub(crate) fn alarms(&self) -> Vec<&'static str> {
        self.state().alarms.keys().copied().collect()
    }

    /// What was said and still holds.
    pub(crate) fn lasting(&self) -> Vec<&'static str> {
        let state = self.state();
        state.alarms.iter().filter(|(_, lasts)| **lasts).map(|(name, _)| *name).collect()
    }

    pub(crate) fn ids(&self) -> BTreeSet<RecordId> {
        self.state().held.iter().map(|record| record.id).collect()
    }
}

impl LaptopState {
    /// Every number that is here, by itself or in a snapshot.
    pub(crate) fn numbers(&self) -> BTreeSet<Number> {
        let opens = |record: &&Record| !self.quarantine.contains(&record.id);
        self.held.iter().filter(opens).flat_map(contained).collect()
    }

    /// Whether a number below the highest of a known device is neither here nor in a snapshot.
    fn has_gap(&self) -> bool {
        let mut chains: BTreeMap<u8, BTreeSet<u64>> = BTreeMap::new();
        for (device, sequence) in self.numbers().into_iter().chain(self.covered.iter().copied()) {
            chains.entry(device).or_default().insert(sequence);
        }
        chains.values().any(|chain| chain.last().is_some_and(|last| *last != chain.len() as u64))
    }

    fn release_quarantine(&mut self) {
        let devices = &self.devices;
        self.quarantine.retain(|id| !devices.contains(&id.0[0]));
    }
}

impl Desk for Laptop {
    fn state(&self) -> Result<SyncState, DeskError> {
        Ok(self.state().sync.clone())
    }

    fn blob(&self, hash: Bytes32) -> Result<Option<Vec<u8>>, DeskError> {
        Ok(self.state().images.get(&hash.0).cloned())
    }

    fn receive_vault(&self, fetched: VaultFetched) -> Result<VaultStep, DeskError> {
        let mut state = self.state();
        if let VaultFetched::Reply(reply) = fetched {
            let theirs: BTreeSet<u8> = reply.vault.0.iter().copied().collect();
            state.vault_waiting = !state.devices.is_subset(&theirs);
            state.devices.extend(theirs);
            state.sync.vault_revision = Some(reply.revision);
            state.release_quarantine();
        }
        match (state.vault_waiting, &state.sync.vault_revision) {
            (true, Some(revision)) => {
                let update = VaultUpdate {
                    vault: vault(&state.devices),
                    sign_in: None,
                    device: None,
                    revoke: Vec::new(),
                };
                Ok(VaultStep::Put { update, revision: revision.clone() })
            }
            _ => Ok(VaultStep::Nothing),
        }
    }

    fn vault_stored(&self, update: &VaultUpdate, revision: &str) -> Result<(), DeskError> {
        let mut state = self.state();
        state.sync.vault_revision = Some(revision.to_owned());
        if update.vault == vault(&state.devices) {
            state.vault_waiting = false;
        }
        Ok(())
    }

    fn outbox(&self, offer: Offer) -> Result<Vec<Record>, DeskError> {
        let Offer { behind, offered, limit, max_bytes } = offer;
        let state = self.state();
        let mut bytes = 0;
        let mut batch = Vec::new();
        let place = |id: RecordId| state.held.iter().position(|record| record.id == id);
        let after = behind.map(|id| place(id).expect("it is here"));
        let waiting = state.outbox.iter().filter(|id| place(**id) > after);
        let waiting = waiting.map(|id| state.held.iter().find(|record| record.id == *id).unwrap());
        let waiting =
            waiting.filter(|record| offered == Offered::Everything || !record.replaces.is_empty());
        for record in waiting.take(limit) {
            bytes += record.stored_len();
            if bytes > max_bytes && !batch.is_empty() {
                break;
            }
            batch.push(record.clone());
        }
        Ok(batch)
    }

    fn acknowledge(&self, results: &[PushResult]) -> Result<(), DeskError> {
        let mut state = self.state();
        let put_off = |outcome: &PushOutcome| {
            matches!(outcome, PushOutcome::NoRoom { .. } | PushOutcome::Waits { .. })
        };
        for result in results.iter().filter(|result| !put_off(&result.outcome)) {
            state.outbox.retain(|id| *id != result.id);
            if let PushOutcome::Rejected { reason } = &result.outcome {
                state.rejected.insert(result.id, reason.clone());
            }
        }
        Ok(())
    }

    fn receive(&self, changes: &Changes, missing: Missing) -> Result<Received, DeskError> {
        let mut state = self.state();
        if state.broken {
            return Err("the disk is full".into());
        }
        if state.holds_back && !changes.records.is_empty() {
            return Ok(Received::Held);
        }
        let known =
            |state: &LaptopState, record: &Record| state.devices.contains(&record.device.0[0]);
        let all_known = changes.records.iter().all(|changed| known(&state, &changed.record));
        if missing == Missing::AskForVault && !all_known {
            return Ok(Received::VaultNeeded);
        }
        let (mut new, mut quarantined) = (0, 0);
        for ChangedRecord { record, .. } in &changes.records {
            if state.held.iter().any(|held| held.id == record.id) {
                state.outbox.retain(|id| *id != record.id);
                continue;
            }
            new += 1;
            if !known(&state, record) {
                quarantined += 1;
                state.quarantine.insert(record.id);
            }
            state.held.push(record.clone());
        }
        state.sync.cursor = state.sync.cursor.max(changes.next);
        if state.sync.epoch.as_ref().is_some_and(|epoch| *epoch != changes.epoch) {
            return Err("a page of another epoch".into());
        }
        state.sync.epoch = Some(changes.epoch.clone());
        Ok(Received::Stored { new, quarantined })
    }

    fn compare(&self, shown: &Digest, again: bool) -> Result<Comparison, DeskError> {
        let mut state = self.state();
        let refused = |id: &RecordId| state.rejected.contains_key(id) || state.outbox.contains(id);
        let ours = digest(state.held.iter().filter(|record| !refused(&record.id)));
        if ours != *shown {
            state.alarms.insert("digest", true);
            if !again {
                return Ok(Comparison::ReadAgain);
            }
        }
        let gap = state.has_gap();
        match (gap, state.alarms.get("gap")) {
            (true, _) => state.alarms.insert("gap", true),
            (false, Some(true)) => state.alarms.insert("gap", false),
            (false, _) => None,
        };
        Ok(if ours == *shown { Comparison::Agrees } else { Comparison::Differs })
    }

    fn round_done(&self, agreed: bool) -> Result<(), DeskError> {
        let mut state = self.state();
        for (name, lasts) in &mut state.alarms {
            *lasts = *lasts && (*name == "gap" || !agreed);
        }
        Ok(())
    }

    fn epoch_changed(&self, how: OtherHistory) -> Result<(), DeskError> {
        let mut state = self.state();
        let name = match how {
            OtherHistory::Epoch => "restored",
            OtherHistory::HeadBack { .. } => "head back",
            OtherHistory::Digest => "digest",
        };
        state.alarms.insert(name, true);
        state.epoch_changes += 1;
        state.sync.epoch = None;
        state.sync.cursor = 0;
        state.outbox = state.held.iter().map(|record| record.id).collect();
        state.rejected.clear();
        Ok(())
    }
}
