//! A server in memory, of the same rules as `seshat-server`, and a network that loses, repeats and delays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use seshat_protocol::{
    Blob, Bytes32, ChangedRecord, Changes, DeviceId, Digest, PushOutcome, PushRequest,
    PushResponse, PushResult, Record, RecordId, VaultReply, VaultUpdate, VaultUpdated,
};
use seshat_sync::{
    Answer, Carried, OfflineReason, PageRequest, Transport, TransportError, VaultFetched,
};
use sha2::{Digest as _, Sha256};

use super::rig::Dice;

/// A record and when another one took its place.
#[derive(Clone)]
struct Kept {
    position: u64,
    record: Record,
    replaced_at: Option<u64>,
}

/// What a server holds of one account.
#[derive(Clone, Default)]
pub(crate) struct Account {
    kept: BTreeMap<RecordId, Kept>,
    by_position: BTreeMap<u64, RecordId>,
    by_number: BTreeMap<(DeviceId, u64), RecordId>,
    head: u64,
    epoch: u32,
    vault: Vec<u8>,
    revision: u32,
    /// Days since the server began; replaced records are purged by it.
    day: u64,
    /// Records at most in one page.
    page_limit: usize,
    /// Requests that the network has swallowed and may yet deliver.
    late: Vec<PushRequest>,
    images: Images,
}

/// The sealed images of an account.
#[derive(Clone, Default)]
pub(crate) struct Images {
    pub(crate) kept: BTreeMap<[u8; 32], Vec<u8>>,
    /// There is no room for another one.
    pub(crate) full: bool,
    /// What is given out in the place of every one.
    pub(crate) swapped: Option<Vec<u8>>,
    /// Records that came before what they name.
    pub(crate) refused: usize,
}

impl Account {
    pub(crate) fn new(vault: Vec<u8>) -> Self {
        Self { vault, revision: 1, page_limit: usize::MAX, ..Self::default() }
    }

    fn epoch(&self) -> String {
        format!("epoch-{}", self.epoch)
    }

    /// Ids that a record which is kept has taken the place of.
    fn named(&self) -> BTreeSet<RecordId> {
        let kept = self.kept.values();
        kept.flat_map(|kept| kept.record.replaces.iter().filter(|id| **id != kept.record.id))
            .copied()
            .collect()
    }

    /// Over all records that no other one has taken the place of.
    pub(crate) fn digest(&self) -> Digest {
        let named = self.named();
        let mut digest = Digest { count: 0, xor: Bytes32([0; 32]) };
        for id in self.kept.keys().filter(|id| !named.contains(id)) {
            digest.count += 1;
            let hash = Sha256::digest(id.0);
            digest.xor.0.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
        }
        digest
    }

    fn push(&mut self, request: &PushRequest) -> PushResponse {
        let outcome = |record: &Record, account: &mut Self| {
            if let Some(known) = account.kept.get(&record.id) {
                assert!(known.record == *record, "a record changed under its id");
                return PushOutcome::Known;
            }
            let number = (record.device, record.sequence);
            if account.by_number.get(&number).is_some_and(|id| account.kept.contains_key(id)) {
                return PushOutcome::Rejected { reason: "two records of one number".to_owned() };
            }
            if !record.blobs.iter().all(|hash| account.images.kept.contains_key(&hash.0)) {
                account.images.refused += 1;
                return PushOutcome::Waits { reason: "an image is not here".to_owned() };
            }
            account.add(record);
            PushOutcome::Stored
        };
        let results = request
            .records
            .iter()
            .map(|record| PushResult { id: record.id, outcome: outcome(record, self) })
            .collect();
        PushResponse { results, head: self.head, epoch: self.epoch() }
    }

    fn add(&mut self, record: &Record) {
        self.head += 1;
        let kept = Kept { position: self.head, record: record.clone(), replaced_at: None };
        self.by_position.insert(self.head, record.id);
        self.by_number.insert((record.device, record.sequence), record.id);
        self.kept.insert(record.id, kept);
        self.mark();
    }

    /// A record is marked exactly while one that is here names it, whichever of the two came first.
    fn mark(&mut self) {
        let (named, day) = (self.named(), self.day);
        for (id, kept) in &mut self.kept {
            if named.contains(id) {
                kept.replaced_at.get_or_insert(day);
            } else {
                kept.replaced_at = None;
            }
        }
    }

    fn changes(&self, page: PageRequest) -> Changes {
        let mut records = Vec::new();
        let mut bytes = 0;
        for (position, id) in self.by_position.range(page.cursor + 1..) {
            let record = &self.kept[id].record;
            bytes += record.stored_len();
            let full = records.len() >= page.limit.min(self.page_limit);
            if full || (bytes > page.max_bytes && !records.is_empty()) {
                break;
            }
            records.push(ChangedRecord { position: *position, record: record.clone() });
        }
        let last = self.by_position.last_key_value().map_or(0, |(position, _)| *position);
        let end = records.last().map_or(page.cursor, |record| record.position);
        let has_more = end < last;
        // What was purged leaves no position to stop at.
        let next = if has_more { end } else { self.head.max(end) };
        let (head, epoch, digest) = (self.head, self.epoch(), self.digest());
        Changes { has_more, records, next, head, epoch, digest }
    }

    fn put(
        &mut self,
        update: &VaultUpdate,
        revision: &str,
    ) -> Result<VaultUpdated, TransportError> {
        if revision != self.revision.to_string() {
            return Err(TransportError::VaultChanged);
        }
        self.revision += 1;
        self.vault.clone_from(&update.vault.0);
        Ok(VaultUpdated { revision: self.revision.to_string(), receipt: None })
    }

    /// Some days go by; then what was replaced long enough ago is removed.
    pub(crate) fn sweep_after(&mut self, passed: u64, days: u64) {
        self.day += passed;
        self.sweep(days);
    }

    /// Removes what was replaced more than `days` ago: first what names nothing; then what names others, but only after
    /// all that it names, and only if one that names it is replaced itself.
    fn sweep(&mut self, days: u64) {
        for naming in [false, true] {
            let due: Vec<RecordId> = self
                .by_position
                .values()
                .filter(|id| {
                    let kept = &self.kept[*id];
                    let old = kept.replaced_at.is_some_and(|day| day + days <= self.day);
                    old && kept.record.replaces.is_empty() != naming
                })
                .copied()
                .collect();
            for id in due {
                if self.may_go(id, naming) {
                    let kept = self.kept.remove(&id).expect("it was there just now");
                    self.by_position.remove(&kept.position);
                }
            }
        }
    }

    fn may_go(&self, id: RecordId, naming: bool) -> bool {
        let names_what_is_here = self.kept[&id]
            .record
            .replaces
            .iter()
            .any(|name| *name != id && self.kept.contains_key(name));
        if naming && names_what_is_here {
            return false;
        }
        self.namers(id).into_iter().any(|namer| {
            let counts = !naming || self.kept[&namer].replaced_at.is_some();
            counts && self.is_anchored(namer)
        })
    }

    fn namers(&self, id: RecordId) -> Vec<RecordId> {
        let others = self.kept.iter().filter(|(other, _)| **other != id);
        others.filter(|(_, kept)| kept.record.replaces.contains(&id)).map(|(id, _)| *id).collect()
    }

    /// Whether a record is not replaced, or one that names it is not, and so on.
    fn is_anchored(&self, id: RecordId) -> bool {
        let mut seen = BTreeSet::new();
        let mut to_look_at = vec![id];
        while let Some(id) = to_look_at.pop() {
            if self.kept[&id].replaced_at.is_none() {
                return true;
            }
            if seen.insert(id) {
                to_look_at.extend(self.namers(id));
            }
        }
        false
    }

    /// A backup of an earlier moment, which the random number chooses, takes the place of all this.
    pub(crate) fn restore(&mut self, chosen: u64) {
        let keep = chosen % (self.head + 1);
        let lost: Vec<RecordId> = self.by_position.range(keep + 1..).map(|(_, id)| *id).collect();
        for id in lost {
            if let Some(kept) = self.kept.remove(&id) {
                self.by_position.remove(&kept.position);
            }
        }
        self.head = self.head.min(keep);
        self.epoch += 1;
        self.mark();
    }

    /// A device's records, by their number.
    pub(crate) fn written_by(&self, device: DeviceId) -> Vec<Record> {
        let ids = self.by_number.range((device, 0)..=(device, u64::MAX));
        ids.map(|(_, id)| self.kept[id].record.clone()).collect()
    }

    /// A record that reached the server by another way.
    pub(crate) fn take(&mut self, record: &Record) {
        if !self.kept.contains_key(&record.id) {
            self.add(record);
        }
    }

    pub(crate) fn images(&mut self) -> &mut Images {
        &mut self.images
    }

    /// Every sealed byte that it holds.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let records =
            self.kept.values().flat_map(|kept| [&kept.record.header.0, &kept.record.body.0]);
        records.chain(self.images.kept.values()).flatten().copied().collect()
    }

    pub(crate) fn set_page_limit(&mut self, limit: usize) {
        self.page_limit = limit;
    }

    /// Delivers one of the requests that were swallowed.
    pub(crate) fn deliver_late(&mut self, dice: &mut Dice) {
        if !self.late.is_empty() {
            let one = dice.below(self.late.len());
            let request = self.late.swap_remove(one);
            drop(self.push(&request));
        }
    }
}

/// How often, in percent, the network fails.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) drop_request: usize,
    pub(crate) drop_reply: usize,
    /// The request arrives twice; the second answer is the one that comes back.
    pub(crate) duplicate: usize,
    pub(crate) trouble: usize,
    /// A push arrives when the laptop has long given it up.
    pub(crate) late: usize,
}

/// One laptop's way to the server.
#[derive(Clone)]
pub(crate) struct Network {
    account: Arc<Mutex<Account>>,
    faults: Arc<Mutex<(Faults, Dice)>>,
    pushes: Arc<Mutex<usize>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lost(reason: OfflineReason) -> TransportError {
    TransportError::Offline { reason, source: None }
}

impl Network {
    pub(crate) fn new(account: Arc<Mutex<Account>>, seed: u64) -> Self {
        let faults = Arc::new(Mutex::new((Faults::default(), Dice::new(seed))));
        Self { account, faults, pushes: Arc::default() }
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        held(&self.faults).0 = faults;
    }

    /// Requests that brought something up since the last call.
    pub(crate) fn take_pushes(&self) -> usize {
        std::mem::take(&mut held(&self.pushes))
    }

    /// Carries one request to the server, or not, or twice, and its answer back, or not.
    fn carry<T: Send + 'static>(
        &self,
        ask: impl Fn(&mut Account) -> Result<T, TransportError>,
        late: impl FnOnce(&mut Account) -> bool,
    ) -> Answer<'_, T> {
        let (faults, dice) = &mut *held(&self.faults);
        let [drop_request, drop_reply, duplicate, trouble, is_late] =
            [faults.drop_request, faults.drop_reply, faults.duplicate, faults.trouble, faults.late]
                .map(|chance| dice.percent(chance));
        let mut account = held(&self.account);
        let answer = if drop_request {
            Err(lost(OfflineReason::Unreachable))
        } else if trouble {
            Err(TransportError::ServerTrouble { status: 503, retry_after: None })
        } else if is_late && late(&mut account) {
            Err(lost(OfflineReason::TimedOut))
        } else {
            if duplicate {
                drop(ask(&mut account));
            }
            ask(&mut account)
        };
        drop(account);
        Box::pin(async move {
            // Here a round can be cut off: the server has done its part and nobody has heard of it.
            tokio::task::yield_now().await;
            if drop_reply { Err(lost(OfflineReason::CutShort)) } else { answer }
        })
    }
}

impl Transport for Network {
    fn vault<'b>(&'b self, known: Option<&'b str>) -> Answer<'b, VaultFetched> {
        let known = known.map(str::to_owned);
        let ask = move |account: &mut Account| {
            let revision = account.revision.to_string();
            if known.as_ref() == Some(&revision) {
                return Ok(VaultFetched::NotModified);
            }
            Ok(VaultFetched::Reply(VaultReply { revision, vault: Blob(account.vault.clone()) }))
        };
        self.carry(ask, |_| false)
    }

    fn put_vault<'b>(
        &'b self,
        update: &'b VaultUpdate,
        revision: &'b str,
    ) -> Answer<'b, VaultUpdated> {
        *held(&self.pushes) += 1;
        let (update, revision) = (update.clone(), revision.to_owned());
        self.carry(move |account| account.put(&update, &revision), |_| false)
    }

    fn push<'b>(&'b self, request: &'b PushRequest) -> Answer<'b, PushResponse> {
        *held(&self.pushes) += 1;
        let (now, later) = (request.clone(), request.clone());
        self.carry(
            move |account| Ok(account.push(&now)),
            |account| {
                account.late.push(later);
                true
            },
        )
    }

    fn carry_blob<'b>(&'b self, hash: Bytes32, sealed: Option<&'b [u8]>) -> Answer<'b, Carried> {
        let sealed = sealed.map(<[u8]>::to_vec);
        let ask = move |account: &mut Account| {
            let images = account.images();
            Ok(match &sealed {
                _ if images.kept.contains_key(&hash.0) => Carried::There,
                None => Carried::Absent,
                Some(_) if images.full => Carried::NoRoom { reason: "full".to_owned() },
                Some(sealed) => {
                    assert_eq!(Sha256::digest(sealed)[..], hash.0, "another image than it says");
                    images.kept.insert(hash.0, sealed.clone());
                    Carried::There
                }
            })
        };
        self.carry(ask, |_| false)
    }

    fn blob(&self, hash: Bytes32) -> Answer<'_, Option<Vec<u8>>> {
        let ask = move |account: &mut Account| {
            let images = account.images();
            let kept = images.kept.get(&hash.0);
            Ok(kept.map(|kept| images.swapped.as_ref().unwrap_or(kept).clone()))
        };
        self.carry(ask, |_| false)
    }

    fn changes(&self, page: PageRequest) -> Answer<'_, Changes> {
        self.carry(move |account| Ok(account.changes(page)), |_| false)
    }
}
