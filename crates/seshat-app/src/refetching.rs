//! Fetching again what came damaged: a record whose signature does not fit what came.
//!
//! The digest goes by ids, so it agrees with a server that has the honest copy, and nothing else would ask for it.
//!
//! **Invariants:** what is here is replaced only by a record that a certified device signed. A server that always sends the
//! same damage is asked a few times and not for ever.

use seshat_protocol::{Changes, FieldReader, FieldWriter, FieldsError, RecordId, limits};
use seshat_store::{AcceptedRecord, Store};
use seshat_sync::{Desk as _, DeskError, Missing, PageRequest, Paged, Transport};

use crate::Failure;
use crate::session::Session;
use crate::syncing::Side;

/// Which records came damaged; in the settings.
const DAMAGED: &str = "came-damaged";
/// How many are remembered. A check has everything read again.
const MOST: usize = 64;
/// How many rounds ask for one.
const TRIES: u64 = 5;

/// A record that came damaged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Damaged {
    position: u64,
    id: RecordId,
    /// How often it was asked for again.
    tries: u64,
}

impl Session {
    /// Remembers what of a page came damaged and was stored aside.
    pub(crate) fn note_damaged(
        store: &mut Store,
        changes: &Changes,
        stored: &[AcceptedRecord],
        is_new: impl Fn(&RecordId) -> bool,
    ) -> Result<(), Failure> {
        let positions = changes.records.iter().map(|changed| changed.position);
        let came: Vec<Damaged> = positions
            .zip(stored)
            .filter(|(_, it)| it.place.is_none() && !it.signed && is_new(&it.record.id))
            .map(|(position, it)| Damaged { position, id: it.record.id, tries: 0 })
            .collect();
        if came.is_empty() {
            return Ok(());
        }
        let mut damaged = kept(store)?;
        damaged.retain(|known| came.iter().all(|it| it.id != known.id));
        damaged.extend(came);
        damaged.truncate(MOST);
        keep(store, &damaged)
    }

    /// Whether a record is here as a certified device signed it.
    fn is_whole(&self, store: &Store, id: RecordId) -> Result<bool, Failure> {
        let held = store.record(id)?;
        Ok(held.is_some_and(|held| self.vault.verify_record(&held.record).is_ok()))
    }
}

impl Side {
    /// Asks once more for everything that came damaged. Returns how many records are whole now.
    pub(crate) async fn fetch_again(&self, transport: &dyn Transport) -> Result<usize, DeskError> {
        let mut mended = 0;
        for it in self.with(|_, store| kept(store))? {
            if self.with(|session, store| session.is_whole(store, it.id))? {
                // A newer vault knew who had signed it.
                self.with(|_, store| settle(store, it, Ended::Whole))?;
                continue;
            }
            let cursor = it.position.saturating_sub(1);
            let (max_bytes, paged) = (limits::RECORD_BYTES, Paged::Everything);
            let page = PageRequest { cursor, limit: 1, max_bytes, paged };
            // Whatever the network has against it: the next round asks again.
            let Ok(changes) = transport.changes(page).await else { break };
            let ended = self.take_again(it, changes)?;
            mended += usize::from(ended == Ended::Whole);
            self.with(|_, store| settle(store, it, ended))?;
        }
        Ok(mended)
    }

    fn take_again(&self, it: Damaged, mut changes: Changes) -> Result<Ended, DeskError> {
        changes.records.retain(|found| found.position == it.position && found.record.id == it.id);
        let epoch = self.with(|_, store| Ok(store.server()?.and_then(|link| link.epoch)))?;
        if changes.records.is_empty() || epoch.as_ref() != Some(&changes.epoch) {
            return Ok(Ended::Gone);
        }
        // The cursor stays where it is: it never goes back.
        changes.next = it.position;
        self.receive(&changes, Missing::Quarantine)?;
        let is_whole = self.with(|session, store| session.is_whole(store, it.id))?;
        Ok(if is_whole { Ended::Whole } else { Ended::Damaged })
    }
}

/// What came of asking again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ended {
    Whole,
    /// The server has it no more, or has another history.
    Gone,
    Damaged,
}

fn settle(store: &mut Store, it: Damaged, ended: Ended) -> Result<(), Failure> {
    let mut damaged = kept(store)?;
    match ended {
        Ended::Whole | Ended::Gone => damaged.retain(|known| known.id != it.id),
        Ended::Damaged => {
            damaged.iter_mut().filter(|known| known.id == it.id).for_each(|known| known.tries += 1);
            damaged.retain(|known| known.tries < TRIES);
        }
    }
    keep(store, &damaged)
}

fn kept(store: &Store) -> Result<Vec<Damaged>, Failure> {
    let kept = store.setting(DAMAGED)?.unwrap_or_default();
    // What cannot be read is as good as forgotten: a check finds it.
    Ok(read(&kept).unwrap_or_default())
}

fn read(kept: &[u8]) -> Result<Vec<Damaged>, FieldsError> {
    let mut fields = FieldReader::new(kept);
    let mut damaged = Vec::new();
    while !fields.is_empty() {
        let (position, id, tries) = (fields.u64()?, RecordId(fields.array()?), fields.u64()?);
        damaged.push(Damaged { position, id, tries });
    }
    Ok(damaged)
}

fn keep(store: &mut Store, damaged: &[Damaged]) -> Result<(), Failure> {
    let written = damaged.iter().fold(FieldWriter::new(), |fields, it| {
        fields.u64(it.position).bytes(it.id.as_bytes()).u64(it.tries)
    });
    let written = written.finish();
    Ok(store.set_setting(DAMAGED, (!damaged.is_empty()).then_some(&written[..]))?)
}
