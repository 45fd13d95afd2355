//! Looking through everything: what `check` and a restored backup are held to.

use std::collections::HashMap;

use seshat_protocol::{Bytes32, DeviceId};

use crate::checksum::row_checksum;
use crate::row::{self, COLUMN_COUNT, COLUMNS, array, held};
use crate::{Store, StoreError, chain, digest};

impl Store {
    /// Reads every page, index, record and image. Takes about as long as reading the file.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first thing found wrong, or what the disk says.
    pub fn integrity(&self) -> Result<(), StoreError> {
        self.pages()?;
        self.references()?;
        self.worked_out()?;
        self.blobs_are_whole()?;
        if self.vault()?.is_some() {
            return self.rows();
        }
        let records: i64 =
            self.connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0))?;
        if records == 0 { Ok(()) } else { Err(StoreError::damaged("records without a vault")) }
    }

    fn pages(&self) -> Result<(), StoreError> {
        let found: String =
            self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if found == "ok" { Ok(()) } else { Err(StoreError::damaged(found)) }
    }

    fn references(&self) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("PRAGMA foreign_key_check")?;
        if statement.exists([])? {
            return Err(StoreError::damaged("the outbox names a record that is not here"));
        }
        Ok(())
    }

    /// What is kept only so that it need not be worked out again.
    fn worked_out(&self) -> Result<(), StoreError> {
        let (digest, names) = digest::counted(&self.connection)?;
        if digest::stored(&self.connection)? != digest {
            return Err(StoreError::damaged("the digest is not that of the records"));
        }
        if digest::stored_names(&self.connection)? != names {
            return Err(StoreError::damaged("the names are not those in the records"));
        }
        if chain::stored(&self.connection)? != chain::counted(&self.connection)? {
            return Err(StoreError::damaged("the missing numbers are not those of the records"));
        }
        Ok(())
    }

    /// Every row against its checksum, and every head against the records it was taken from.
    fn rows(&self) -> Result<(), StoreError> {
        let account = row::account(&self.connection)?;
        let mut ends: HashMap<DeviceId, (u64, Vec<Bytes32>)> = HashMap::new();
        let mut statement = self.connection.prepare(&format!(
            "SELECT {COLUMNS}, r.checksum, v.arrival IS NOT NULL FROM records r \
                 LEFT JOIN vouched v ON v.arrival = r.arrival ORDER BY r.arrival"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            let one = held(found)?;
            let checksum: [u8; 32] = array(found, COLUMN_COUNT)?;
            if row_checksum(&one.record, account, one.place.as_ref()).0 != checksum {
                return Err(StoreError::damaged(format!("record {} was altered", one.record.id)));
            }
            if one.place.is_some() || found.get(COLUMN_COUNT + 1)? {
                let end = ends.entry(one.record.device).or_default();
                match one.record.sequence.cmp(&end.0) {
                    std::cmp::Ordering::Less => continue,
                    std::cmp::Ordering::Equal => {}
                    std::cmp::Ordering::Greater => *end = (one.record.sequence, Vec::new()),
                }
                end.1.push(one.record.hash(account));
            }
        }
        self.heads_are(&ends)
    }

    /// Each head is the highest record of its chain that is here, or above it and inside a snapshot.
    fn heads_are(&self, ends: &HashMap<DeviceId, (u64, Vec<Bytes32>)>) -> Result<(), StoreError> {
        // A sequence of 0 is never a device's, so it never becomes a head.
        let mut ends: HashMap<_, _> = ends.iter().filter(|(_, end)| end.0 > 0).collect();
        for (device, head) in self.heads()? {
            let fits = match ends.remove(&device) {
                Some((number, hashes)) if *number == head.sequence => hashes.contains(&head.hash),
                end => {
                    end.is_none_or(|(number, _)| *number < head.sequence)
                        && chain::is_covered(&self.connection, device, head.sequence)?
                }
            };
            if !fits {
                return Err(not_the_end());
            }
        }
        if ends.is_empty() { Ok(()) } else { Err(not_the_end()) }
    }
}

fn not_the_end() -> StoreError {
    StoreError::damaged("a device's head is not the end of its records")
}
