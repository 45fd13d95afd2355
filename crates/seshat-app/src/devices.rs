//! The account's devices: which there are, what they are called, shutting one out.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use seshat_protocol::{DeviceId, ListedDevice};
use seshat_vault::receipt_holds;

use crate::account::{RECEIPT, kept_receipt, receipt_of};
use crate::syncing::wait_for;
use crate::{Desk, DeviceCard, Failure};

/// What the server said about a device when it was last asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Heard {
    pub(crate) seen_at: Option<u64>,
    /// Up to where it has stored everything.
    pub(crate) cursor: Option<u64>,
    countersigned: bool,
}

/// What is known from the server, by device.
pub(crate) type HeardOf = HashMap<DeviceId, Heard>;

impl Desk {
    /// The account's devices, this one first. Asks the server when they were last seen, if it can be reached.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn devices(&self) -> Result<Vec<DeviceCard>, Failure> {
        if let Ok(transport) = self.transport()
            && let Ok(Ok(list)) = wait_for(transport.devices())
        {
            self.hear(&list)?;
        }
        self.known_devices()
    }

    /// Asks the server what the account's other laptops have.
    pub(crate) fn ask_about_laptops(&self) -> Result<(), Failure> {
        let transport = self.transport()?;
        let list = wait_for(transport.devices())??;
        self.hear(&list)
    }

    /// The same from what is known, without asking.
    pub(crate) fn known_devices(&self) -> Result<Vec<DeviceCard>, Failure> {
        let heard = self.heard().clone();
        let mut cards = self.with_session(|session, store| {
            let (account, this) = (session.vault.account(), session.device_id());
            // This laptop's own receipt is here, and is checked without asking anybody.
            let kept = kept_receipt(store)?;
            let card = |device: &seshat_vault::DeviceRecord| {
                let heard = heard.get(&device.entry.id);
                DeviceCard {
                    id: device.entry.id.to_string(),
                    name: device.name.clone(),
                    this_one: device.entry.id == this,
                    revoked: device.state.is_revoked(),
                    created_at: device.created_ms,
                    seen_at: heard.and_then(|heard| heard.seen_at),
                    countersigned: heard.is_some_and(|heard| heard.countersigned)
                        || (device.entry.id == this
                            && kept.is_some_and(|it| receipt_holds(&it, account, &device.entry))),
                }
            };
            Ok(session.vault.devices().map(card).collect::<Vec<_>>())
        })?;
        cards.sort_by_key(|card| (!card.this_one, card.revoked, card.created_at, card.id.clone()));
        Ok(cards)
    }

    /// Keeps what the server said, after checking each receipt against the vault's own list and the server's key.
    fn hear(&self, list: &[ListedDevice]) -> Result<(), Failure> {
        let heard = self.with_session(|session, store| {
            let kept = kept_receipt(store)?;
            let pinned = kept.map(|receipt| receipt.server_key);
            let (account, this) = (session.vault.account(), session.device_id());
            let mut heard = HeardOf::new();
            for listed in list {
                let ours = session.vault.device_entry(listed.device.id);
                let holds = ours.as_ref().is_some_and(|ours| {
                    pinned.is_none_or(|key| key == listed.receipt.server_key)
                        && receipt_holds(&listed.receipt, account, ours)
                });
                if let (true, None, Some(ours)) = (holds && listed.device.id == this, pinned, &ours)
                {
                    let receipt = receipt_of(&listed.receipt, account, ours)?;
                    store.set_setting(RECEIPT, Some(&receipt))?;
                }
                let said =
                    Heard { seen_at: listed.seen_at, cursor: listed.cursor, countersigned: holds };
                heard.insert(listed.device.id, said);
            }
            Ok(heard)
        })?;
        *self.heard() = heard;
        self.show_sync();
        Ok(())
    }

    /// Gives a device another name.
    ///
    /// # Errors
    /// When the name is empty, there is no such device, or the disk refuses.
    pub fn rename_device(&self, device: &str, name: &str) -> Result<(), Failure> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(Failure::other(
                "A laptop's name needs one to a hundred characters, so it was not changed.",
            ));
        }
        let id = self.device_id(device)?;
        self.change_vault(|vault, _| {
            if vault.rename_device(id, name) { Ok(()) } else { Err(no_device(device)) }
        })
    }

    /// Shuts a device out: the server refuses it, and what it writes from now on is not taken. It keeps what it has
    /// already; rotate the vault to shut it out of everything new as well.
    ///
    /// # Errors
    /// When it is this laptop, there is no such device, or the disk refuses.
    pub fn revoke_device(&self, device: &str) -> Result<(), Failure> {
        // What it wrote until now is ours: without it, its last pages would look like strangers'.
        self.hear_of_other_laptops()?;
        let id = self.device_id(device)?;
        if self.with_session(|session, _| Ok(session.device_id() == id))? {
            return Err(Failure::other(
                "This is the laptop that you are using, so it was not shut out; do it from another one.",
            ));
        }
        let last = self.with_session(|_, store| Ok(store.head(id)?.sequence))?;
        self.change_vault(|vault, _| {
            if vault.revoke_device(id, last) { Ok(()) } else { Err(no_device(device)) }
        })
    }

    pub(crate) fn heard(&self) -> MutexGuard<'_, HeardOf> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The device that is called so: its name, or the beginning of its id.
    fn device_id(&self, name: &str) -> Result<DeviceId, Failure> {
        self.with_session(|session, _| {
            let all: Vec<_> = session.vault.devices().map(|it| (it.entry.id, it.name.clone())).collect();
            let named: Vec<_> = all.iter().filter(|(_, called)| called == name).collect();
            let by_id = || {
                all.iter().filter(|(id, _)| name.len() >= 4 && id.to_string().starts_with(name)).collect()
            };
            let found: Vec<_> = if named.is_empty() { by_id() } else { named };
            match found.as_slice() {
                [(id, _)] => Ok(*id),
                [] => Err(no_device(name)),
                _ => Err(Failure::not_found(format!(
                    "Several laptops are called “{name}”; nothing was changed; name one by the beginning of its id."
                ))),
            }
        })
    }
}

fn no_device(name: &str) -> Failure {
    Failure::not_found(format!(
        "No laptop of this account is called “{name}”; nothing was changed; the list of devices names them."
    ))
}
