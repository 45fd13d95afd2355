//! Compaction: which records stand for themselves, what is worth compacting, and what may go because a snapshot
//! contains it.
//!
//! **Invariants:** a record is removed only if a record of its own document, which stays, names it (or names one that
//! does, and so on), and whoever can open both has just said that the one contains the other. What is removed names
//! nothing that is left, so nothing that was replaced comes to count again: the digest is the same before and after.
//! Numbers of what is removed are covered from then on, and never missing.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction};
use seshat_protocol::{DocumentId, NovelId, RecordId};

use crate::digest::names_of;
use crate::row::{self, COLUMNS, array, count, held, ids, number};
use crate::{
    Cover, HeldRecord, Purged, Replacing, Store, StoreError, StoredPlace, StoredRecord, Weight,
    covers, digest, server,
};

impl Store {
    /// A document's records without those that another one of it names: what a compaction names. A record that is
    /// named only in a ring of records stays. This is no promise that the others are contained in these: whoever
    /// loads a document loads [`Store::records_of`].
    ///
    /// # Errors
    /// What the disk says.
    pub fn live_of(&self, document: DocumentId) -> Result<Vec<StoredRecord>, StoreError> {
        let net = Net::of(&self.connection, document, Which::All)?;
        let replaced = net.replaced();
        let live = net.names.keys().filter(|id| !replaced.contains(*id));
        net.load(&self.connection, live)
    }

    /// How much every document has, or every document of one novel.
    ///
    /// # Errors
    /// What the disk says.
    pub fn weights(&self, novel: Option<NovelId>) -> Result<Vec<Weight>, StoreError> {
        let named = named_in_documents(&self.connection)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT novel, document, kind, arrival, id, length(header) + length(body), \
             length(replaces) > 0 FROM records WHERE novel IS NOT NULL AND (?1 IS NULL OR novel = ?1) \
             ORDER BY arrival",
        )?;
        let mut rows = statement.query([novel.map(|novel| novel.0)])?;
        let mut weights: BTreeMap<DocumentId, Weight> = BTreeMap::new();
        while let Some(found) = rows.next()? {
            let (novel, document) = (NovelId(array(found, 0)?), DocumentId(array(found, 1)?));
            let (id, bytes) = (RecordId(array(found, 4)?), number(found, 5)?);
            let first = Weight { novel, document, kind_of_first: found.get(2)?, ..Weight::NOTHING };
            let weight = weights.entry(document).or_insert(first);
            weight.last_arrival = number(found, 3)?;
            match (named.contains(&(document, id)), found.get(6)?) {
                (true, _) => weight.replaced_records += 1,
                (false, true) => {
                    weight.snapshots += 1;
                    weight.snapshot_bytes += bytes;
                }
                (false, false) => {
                    weight.tail_records += 1;
                    weight.tail_bytes += bytes;
                }
            }
        }
        Ok(weights.into_values().collect())
    }

    /// Removes records that a snapshot contains. `contained` is asked for each snapshot that stays and has any: it
    /// opens the snapshot and the records, and says which of them the snapshot contains; what it does not name stays.
    /// While a server is linked, what waits for it stays, and so does what only a snapshot that waits contains. Each
    /// document is a transaction of its own; `only` asks for one alone.
    ///
    /// # Errors
    /// What the disk says. Documents before the failure are done, those after it are as they were.
    pub fn purge_replaced(
        &mut self,
        only: Option<DocumentId>,
        contained: &mut dyn FnMut(&Replacing) -> Vec<RecordId>,
    ) -> Result<Purged, StoreError> {
        let which = match server::link(&self.connection)? {
            Some(_) => Which::Acknowledged,
            None => Which::All,
        };
        let mut purged = Purged::default();
        let documents = match only {
            Some(document) => vec![document],
            None => self.documents_that_replace()?,
        };
        for document in documents {
            let net = Net::of(&self.connection, document, which)?;
            let verified = self.verified(&net, contained)?;
            if !verified.is_empty() {
                self.purge(document, &net, verified, &mut purged)?;
            }
        }
        Ok(purged)
    }

    fn documents_that_replace(&self) -> Result<Vec<DocumentId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT document FROM records \
             WHERE length(replaces) > 0 AND document IS NOT NULL",
        )?;
        let documents = statement.query_map([], |row| array(row, 0).map(DocumentId))?;
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// What the snapshots that stay contain, according to who can open them.
    fn verified(
        &self,
        net: &Net,
        contained: &mut dyn FnMut(&Replacing) -> Vec<RecordId>,
    ) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut verified = BTreeSet::new();
        for top in net.tops() {
            let below = net.below(top);
            if below.is_empty() {
                continue;
            }
            let Some((_, HeldRecord { record, place: Some(place) })) =
                row::find(&self.connection, top)?
            else {
                continue;
            };
            let records = net.load(&self.connection, below.iter())?;
            let named = contained(&Replacing { place, snapshot: record, records });
            verified.extend(named.into_iter().filter(|id| below.contains(id)));
        }
        Ok(verified)
    }

    fn purge(
        &mut self,
        document: DocumentId,
        net: &Net,
        verified: BTreeSet<RecordId>,
        purged: &mut Purged,
    ) -> Result<(), StoreError> {
        let writing = self.write()?;
        let gone = net.closed(&writing, verified)?;
        if gone.is_empty() {
            return Ok(());
        }
        let mut covers = Vec::with_capacity(gone.len());
        let mut bytes = 0;
        for id in &gone {
            let Some((arrival, HeldRecord { record, .. })) = row::find(&writing, *id)? else {
                continue;
            };
            covers.push(Cover::one(record.device, record.sequence));
            bytes += record.stored_len() as u64;
            remove(&writing, arrival, *id, &record.replaces)?;
        }
        covers::add(&writing, &covers, 0)?;
        let left = writing
            .prepare_cached("SELECT count(*) FROM records WHERE document = ?1")?
            .query_row([document.0], |row| count(row, 0))?;
        writing.commit()?;
        purged.records += gone.len();
        purged.bytes += bytes;
        purged.documents.push((document, left));
        Ok(())
    }
}

impl Weight {
    const NOTHING: Self = Self {
        novel: NovelId([0; 16]),
        document: DocumentId([0; 16]),
        kind_of_first: 0,
        tail_records: 0,
        tail_bytes: 0,
        snapshots: 0,
        snapshot_bytes: 0,
        replaced_records: 0,
        last_arrival: 0,
    };
}

/// Removes a record with all that belongs to it.
pub(crate) fn remove(
    transaction: &Transaction<'_>,
    arrival: i64,
    id: RecordId,
    replaces: &[RecordId],
) -> Result<(), StoreError> {
    let waited =
        transaction.prepare_cached("DELETE FROM outbox WHERE arrival = ?1")?.execute([arrival])?;
    if waited == 0 {
        digest::remove(transaction, id, replaces)?;
    }
    covers::forget_unread(transaction, arrival)?;
    row::remove(transaction, arrival)
}

/// What is named by a record of the same document.
fn named_in_documents(
    connection: &Connection,
) -> Result<BTreeSet<(DocumentId, RecordId)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, document, replaces FROM records \
         WHERE length(replaces) > 0 AND document IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    let mut named = BTreeSet::new();
    while let Some(found) = rows.next()? {
        let (id, document) = (RecordId(array(found, 0)?), DocumentId(array(found, 1)?));
        named.extend(names_of(id, &ids(found, 2)?).into_iter().map(|name| (document, name)));
    }
    Ok(named)
}

/// Which records of a document are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those that are here.
    All,
    /// Those that the server has.
    Acknowledged,
}

/// Who names whom among the records of one document.
struct Net {
    /// Every record that is looked at, with those of them that it names.
    names: BTreeMap<RecordId, Vec<RecordId>>,
}

impl Net {
    fn of(connection: &Connection, document: DocumentId, which: Which) -> Result<Self, StoreError> {
        let only = match which {
            Which::All => "",
            Which::Acknowledged => {
                "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.arrival = r.arrival)"
            }
        };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT r.id, r.replaces FROM records r WHERE r.document = ?1 {only}"
        ))?;
        let found = statement
            .query_map([document.0], |row| Ok((RecordId(array(row, 0)?), ids(row, 1)?)))?
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let here = |name: &RecordId| found.contains_key(name);
        let names = found
            .iter()
            .map(|(id, replaces)| (*id, names_of(*id, replaces).into_iter().filter(here).collect()))
            .collect();
        Ok(Self { names })
    }

    /// Those that none of the others names.
    fn tops(&self) -> Vec<RecordId> {
        let named: BTreeSet<_> = self.names.values().flatten().collect();
        self.names.keys().filter(|id| !named.contains(id)).copied().collect()
    }

    /// What `top` names, and what that names, and so on.
    fn below(&self, top: RecordId) -> BTreeSet<RecordId> {
        let mut below = BTreeSet::new();
        let mut to_look_at = vec![top];
        while let Some(id) = to_look_at.pop() {
            for name in self.names.get(&id).into_iter().flatten() {
                if *name != top && below.insert(*name) {
                    to_look_at.push(*name);
                }
            }
        }
        below
    }

    /// What is below any of the tops.
    fn replaced(&self) -> BTreeSet<RecordId> {
        self.tops().into_iter().flat_map(|top| self.below(top)).collect()
    }

    /// Of `candidates`, as many as can go so that what goes names nothing that stays: else that would count again.
    fn closed(
        &self,
        connection: &Connection,
        mut candidates: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut statement =
            connection.prepare_cached("SELECT replaces FROM records WHERE id = ?1")?;
        let mut known = connection.prepare_cached("SELECT 1 FROM records WHERE id = ?1")?;
        let mut naming: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for id in &candidates {
            let replaces = statement.query_row([id.0], |row| ids(row, 0))?;
            for name in names_of(*id, &replaces) {
                if known.exists([name.0])? {
                    naming.entry(*id).or_default().push(name);
                }
            }
        }
        loop {
            let stay = naming.iter().find(|(id, names)| {
                candidates.contains(id) && names.iter().any(|name| !candidates.contains(name))
            });
            let Some((id, _)) = stay else { return Ok(candidates) };
            candidates.remove(id);
        }
    }

    /// These records, in the order of their arrival.
    fn load<'a>(
        &self,
        connection: &Connection,
        wanted: impl Iterator<Item = &'a RecordId>,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, r.arrival FROM records r WHERE r.id = ?1"
        ))?;
        let mut records = Vec::new();
        for id in wanted {
            let (arrival, found) = statement
                .query_row([id.0], |row| Ok((row.get::<_, i64>(row::COLUMN_COUNT)?, held(row)?)))?;
            let HeldRecord { record, place: Some(StoredPlace { kind, .. }) } = found else {
                return Err(StoreError::damaged("a record without a kind"));
            };
            records.push((arrival, StoredRecord { record, kind }));
        }
        records.sort_unstable_by_key(|(arrival, _)| *arrival);
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }
}
