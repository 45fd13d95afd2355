//! A laptop that finds out that there are two of it: its folder was copied to another laptop, or set back to an older
//! copy. From then on it goes on as a laptop of its own, with new keys, so that no two records get one number.
//!
//! A server takes one record of a number. What it refused because the other one had been faster is sealed once more under
//! the new name.
//!
//! **Invariants:** whatever both of them wrote stays, here and on the server. The server knows the new keys before
//! anything is signed with them. The old keys are not shut out: the other one may still be writing with them.

use seshat_protocol::{DeviceId, VaultUpdated};
use seshat_store::{AcceptedRecord, Fork, Store};
use seshat_sync::Transport;
use seshat_vault::{Device, Kind, OpenVault, Place};

use crate::account::{RECEIPT, receipt_of};
use crate::changing::origin_of;
use crate::clock::{OsEntropy, now_ms};
use crate::compacting::covers_of;
use crate::session::{Batch, Content, Session};
use crate::syncing::{update_of, wait_for};
use crate::vaulting::{DEVICE, DEVICE_KEYS};
use crate::{Desk, Failure};

/// This laptop has a double, and goes on under its numbers.
const DOUBLED: &str = "doubled";
/// Who this laptop was before, as ids one behind the other.
const FORMER: &str = "former-devices";

/// What is sent to the server, and what belongs to it.
struct Renewal {
    update: seshat_protocol::VaultUpdate,
    revision: String,
    device: Device,
    name: String,
    before: String,
}

impl Session {
    /// Whether a page has records of this laptop that it never wrote.
    pub(crate) fn sees_double(
        &self,
        store: &Store,
        page: &[AcceptedRecord],
    ) -> Result<bool, Failure> {
        let this = self.device_id();
        let head = store.head(this)?.sequence;
        Ok(page.iter().any(|accepted| {
            let record = &accepted.record;
            let is_signed = accepted.signed || accepted.place.is_some();
            is_signed && record.device == this && record.sequence > head
        }))
    }

    /// The same from what the store noticed: two records of one number.
    pub(crate) fn is_forked(&self, forks: &[Fork]) -> bool {
        forks.iter().any(|fork| fork.device == self.device_id())
    }

    fn renewal(&mut self, store: &Store, name: &str) -> Result<Option<Renewal>, Failure> {
        let stored = store.vault()?.ok_or_else(Failure::absent)?;
        // Without one the next round fetches it first.
        let Some(revision) = stored.revision else { return Ok(None) };
        let mut vault = self.vault_copy(&stored.blob)?;
        let this = self.device_id();
        let called = vault.devices().find(|device| device.entry.id == this);
        let before = called.map_or_else(|| name.to_owned(), |device| device.name.clone());
        let name = free_name(&vault, &before);
        let id = DeviceId(self.entropy.id()?);
        let device = vault.make_device(&name, now_ms(), id, &mut self.entropy)?;
        let blob = vault.to_blob(&mut self.entropy)?;
        let update = update_of(&vault, blob, vault.device_entry(id));
        Ok(Some(Renewal { update, revision, device, name, before }))
    }

    fn renew(
        &mut self,
        store: &mut Store,
        renewal: Renewal,
        stored: &VaultUpdated,
    ) -> Result<(), Failure> {
        // What was typed so far was typed on the laptop that this was.
        self.flush(store)?;
        let (vault, blob, ahead) = self.merged_with_put(store, &renewal.update.vault.0)?;
        let account = vault.account();
        let given = stored.receipt.as_ref().zip(renewal.update.device.as_ref());
        let receipt =
            given.map(|(receipt, entry)| receipt_of(receipt, account, entry)).transpose()?;
        let sealed = vault.seal_device(&renewal.device, &mut OsEntropy)?;
        let id = renewal.device.id();
        let mut former = store.setting(FORMER)?.unwrap_or_default();
        former.extend_from_slice(self.device_id().as_bytes());
        let settings = [
            (FORMER, Some(&former[..])),
            (DEVICE, Some(&id.as_bytes()[..])),
            (DEVICE_KEYS, Some(&sealed.0[..])),
            (RECEIPT, receipt.as_deref()),
            (DOUBLED, None),
        ];
        store.save_vault(account, &blob, origin_of(ahead, &stored.revision), &settings)?;
        self.vault = vault;
        self.device = renewal.device;
        Ok(())
    }
}

impl Session {
    /// Seals what the server refused of the laptop that this one was before once more, as the one that it is. Says
    /// whether there was anything.
    fn reseal(&mut self, store: &mut Store) -> Result<bool, Failure> {
        let former = store.setting(FORMER)?.unwrap_or_default();
        let former: Vec<DeviceId> =
            former.as_chunks::<16>().0.iter().map(|id| DeviceId(*id)).collect();
        let mut batch = Batch::default();
        for refused in store.rejected()? {
            let Some(held) = store.record(refused.id)? else { continue };
            let place = held.place.and_then(|place| {
                let kind = Kind::from_code(place.kind)?;
                Some(Place { kind, novel: place.novel, document: place.document })
            });
            let Some(place) = place.filter(|_| former.contains(&held.record.device)) else {
                continue;
            };
            // Of a closed novel it has to wait until that is open.
            let Ok(body) = self.vault.open_body(&held.record, &place) else { continue };
            let covers = covers_of(&body).unwrap_or_default();
            let replaces = held.record.replaces.clone();
            let (payload, blobs) = (body.to_vec(), held.record.blobs.clone());
            batch.contents.push(Content { place, payload, replaces, covers, blobs });
            batch.instead_of.push(refused.id);
        }
        if batch.contents.is_empty() {
            return Ok(false);
        }
        self.write(store, batch)?;
        Ok(true)
    }
}

impl Desk {
    /// After a round that came to its end.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails; then this is the laptop that it was.
    pub(crate) fn settle_double(&self, transport: &dyn Transport) -> Result<(), Failure> {
        self.renew_if_doubled(transport)?;
        self.reseal_refused()
    }

    /// What the server refused of the laptop that this one was before is written anew.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails; then it is as it was.
    fn reseal_refused(&self) -> Result<(), Failure> {
        let resealed = self.with_session(|session, store| {
            if store.rejected_count()? == 0 || store.setting(FORMER)?.is_none() {
                return Ok(false);
            }
            session.reseal(store)
        })?;
        if resealed {
            self.wrote(&Ok(true));
        }
        Ok(())
    }

    /// There are two of this laptop.
    pub(crate) fn note_double(&self) -> Result<(), Failure> {
        self.with_session(|_, store| Ok(store.set_setting(DOUBLED, Some(&[1]))?))
    }

    /// A laptop that has a double becomes one of its own. Where another laptop was faster with the vault, or the server is
    /// gone again, the next round tries again.
    fn renew_if_doubled(&self, transport: &dyn Transport) -> Result<(), Failure> {
        if self.with_session(|_, store| Ok(store.setting(DOUBLED)?.is_none()))? {
            return Ok(());
        }
        let name = self.shared.device_name.clone();
        let renewal = self.with_session(|session, store| session.renewal(store, &name))?;
        let Some(renewal) = renewal else { return Ok(()) };
        let put = transport.put_vault(&renewal.update, &renewal.revision);
        let Ok(stored) = wait_for(put)? else { return Ok(()) };
        let (name, before) = (renewal.name.clone(), renewal.before.clone());
        self.with_session(|session, store| session.renew(store, renewal, &stored))?;
        let notice = format!(
            "There are two of “{before}”: its folder was copied or set back; nothing is lost, and this one goes on as “{name}”; if it was not you, remove “{before}”."
        );
        self.shared.board.show(|status| status.notice = Some(notice));
        self.shared.wake.send();
        Ok(())
    }
}

/// A name that no laptop has.
fn free_name(vault: &OpenVault, name: &str) -> String {
    let base = name.rsplit_once(" (").filter(|(_, rest)| {
        rest.strip_suffix(')').is_some_and(|number| number.parse::<u32>().is_ok())
    });
    let base = base.map_or(name, |(base, _)| base);
    let taken = |name: &str| vault.devices().any(|device| device.name == name);
    let mut number = 2;
    loop {
        let name = format!("{base} ({number})");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}
