//! What the server did that an honest one does not, as sentences for the author.
//!
//! **Invariant:** an alarm changes nothing: whatever the server did, what this laptop holds stays as it is.

use seshat_protocol::DeviceId;
use seshat_store::{Alarm as Stored, Cause, Extent, Store};
use seshat_sync::OtherHistory;

use crate::clock::now_ms;
use crate::session::Session;
use crate::{Alarm, AlarmKind, Desk, Failure, folder};

impl Desk {
    /// The author has read an alarm. One whose cause lasts comes back only when it grows.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn dismiss_alarm(&self, id: u64) -> Result<(), Failure> {
        self.with_session(|_, store| Ok(store.dismiss(id)?))?;
        self.show_alarms();
        Ok(())
    }

    /// The alarms that the author has not put away.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn alarms(&self) -> Result<Vec<Alarm>, Failure> {
        self.with_session(|session, store| session.alarms(store))
    }

    /// Puts the alarms on the board. When they cannot be read, those that are shown stay.
    pub(crate) fn show_alarms(&self) {
        if let Ok(alarms) = self.with_session(|session, store| session.alarms(store)) {
            self.shared.board.show(|status| status.alarms = alarms);
        }
    }
}

impl Session {
    fn alarms(&self, store: &Store) -> Result<Vec<Alarm>, Failure> {
        let alarms = store.alarms()?;
        let in_folder = folder::is_linked(store)?;
        let shown = alarms.iter().filter(|alarm| !alarm.dismissed);
        Ok(shown.map(|alarm| self.alarm(alarm, in_folder)).collect())
    }

    /// The sentences of all alarms whose cause lasts, dismissed ones too.
    pub(crate) fn lasting_alarms(&self, store: &Store) -> Result<Vec<String>, Failure> {
        let alarms = store.alarms()?;
        let lasting = alarms.iter().filter(|alarm| alarm.healed_at.is_none());
        let in_folder = folder::is_linked(store)?;
        Ok(lasting.map(|alarm| self.alarm(alarm, in_folder).message).collect())
    }

    fn alarm(&self, alarm: &Stored, in_folder: bool) -> Alarm {
        let healed = alarm.healed_at.is_some();
        let laptop = self.laptop(alarm.device);
        let message = if healed {
            healed_sentence(alarm.cause, &laptop)
        } else {
            sentence(alarm.cause, &laptop, alarm.extent)
        };
        let message = if in_folder { folder::worded(&message) } else { message };
        Alarm { id: alarm.id, kind: kind(alarm.cause), message, at: alarm.at, healed }
    }

    /// The name that the author gave a laptop.
    fn laptop(&self, device: Option<DeviceId>) -> String {
        let Some(device) = device else { return "a laptop".to_owned() };
        let known = self.vault.devices().find(|known| known.entry.id == device);
        known.map_or_else(|| format!("laptop {device}"), |known| format!("“{}”", known.name))
    }
}

/// The server gave or took a vault of this generation: an older one than before is an alarm, any other heals.
pub(crate) fn vault_seen(store: &mut Store, generation: u64) -> Result<(), Failure> {
    if folder::is_linked(store)? {
        // Vaults that were changed at once lie there side by side, and one of them is older; the folder itself finds out
        // when the newest has gone.
        return vault_agrees(store);
    }
    let before = store.saw_generation(generation)?;
    if generation < before {
        let extent = Extent { first: generation, last: before, count: before - generation };
        store.raise(Cause::VaultBack, extent, now_ms())?;
        return Ok(store.heal(&[Cause::OtherVault], now_ms())?);
    }
    vault_agrees(store)
}

/// The server still has the vault that is known here.
pub(crate) fn vault_agrees(store: &mut Store) -> Result<(), Failure> {
    Ok(store.heal(&[Cause::OtherVault, Cause::VaultBack], now_ms())?)
}

pub(crate) const fn of_history(how: OtherHistory) -> (Cause, Extent) {
    match how {
        OtherHistory::Epoch => (Cause::Restored, Extent::one(0)),
        OtherHistory::HeadBack { head, cursor } => {
            let count = cursor.saturating_sub(head);
            (Cause::HeadBack, Extent { first: head, last: cursor, count })
        }
        OtherHistory::Digest => (Cause::OtherSet, Extent::one(0)),
    }
}

const fn kind(cause: Cause) -> AlarmKind {
    match cause {
        Cause::Restored => AlarmKind::Restored,
        Cause::HeadBack | Cause::VaultBack => AlarmKind::Regress,
        Cause::Gap => AlarmKind::Gap,
        Cause::SameNumber | Cause::BrokenLink | Cause::Altered | Cause::OtherSet => AlarmKind::Fork,
        Cause::OtherVault => AlarmKind::OtherVault,
    }
}

fn sentence(cause: Cause, laptop: &str, extent: Extent) -> String {
    let Extent { count, .. } = extent;
    match cause {
        Cause::Restored => "The server was set back to a backup; nothing is lost on this laptop, and it sends the server what it lacks; sync your other laptops too.".to_owned(),
        Cause::HeadBack => format!("The server has forgotten {count} changes that it gave before; they are safe on this laptop, which sends them again; ask whoever runs the server."),
        Cause::VaultBack => "The server offered an older copy of your vault than before; this laptop kept the newer one and sends it back; ask whoever runs the server.".to_owned(),
        Cause::Gap => format!("The server holds back or has lost {count} changes written on {laptop}; all that has arrived is safe; sync {laptop}, and ask whoever runs the server if this stays."),
        Cause::SameNumber => format!("Two different changes came under one number from {laptop}; both are kept; its vault folder was copied or restored, or somebody else has its keys: if it was not you, remove that laptop."),
        Cause::BrokenLink => format!("Changes from {laptop} do not follow one another as they were written; all are kept; its vault folder was copied or restored, or somebody else has its keys: if it was not you, remove that laptop."),
        Cause::Altered => format!("The server offered a changed copy of something written on {laptop}; the one on this laptop was kept; ask whoever runs the server."),
        Cause::OtherSet => "The server's history is not the one it showed this laptop before; nothing on this laptop was changed, and everything was read and offered again; sync your other laptops, and ask whoever runs the server.".to_owned(),
        Cause::OtherVault => "The server offers a vault that does not open here; nothing on this laptop was changed, and nothing is sent to it; if you made new keys on another laptop, take them over here with the new password, else ask whoever runs the server.".to_owned(),
    }
}

fn healed_sentence(cause: Cause, laptop: &str) -> String {
    match cause {
        Cause::Restored => "The server was set back to a backup; nothing is lost, and this laptop has sent it what it lacked; sync your other laptops too.".to_owned(),
        Cause::HeadBack => "The server had forgotten changes that it gave before; nothing is lost, and this laptop has sent them again; there is nothing more to do.".to_owned(),
        Cause::VaultBack => "The server had offered an older copy of your vault; it has the newer one again, and nothing is lost; there is nothing more to do.".to_owned(),
        Cause::Gap => format!("Changes from {laptop} were missing and have all arrived; nothing is lost; there is nothing more to do."),
        Cause::Altered => format!("The server had offered a changed copy of something written on {laptop}; it now gives the right one, and nothing is lost; there is nothing more to do."),
        Cause::OtherSet => "The server's history was not the one it had shown before; both agree again, and nothing on this laptop was changed; there is nothing more to do.".to_owned(),
        Cause::OtherVault => "The server had offered a vault that does not open here; it now has this one again, and nothing here was changed; there is nothing more to do.".to_owned(),
        // Two histories that were signed stay two histories.
        Cause::SameNumber | Cause::BrokenLink => sentence(cause, laptop, Extent::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAUSES: [Cause; 9] = [
        Cause::Restored,
        Cause::HeadBack,
        Cause::VaultBack,
        Cause::Gap,
        Cause::SameNumber,
        Cause::BrokenLink,
        Cause::Altered,
        Cause::OtherSet,
        Cause::OtherVault,
    ];

    #[test]
    fn every_alarm_says_in_one_sentence_what_happened_what_is_safe_and_what_to_do() {
        for cause in CAUSES {
            let extent = Extent { first: 2, last: 5, count: 3 };
            for said in [sentence(cause, "“Desk”", extent), healed_sentence(cause, "“Desk”")]
            {
                let of_folder = folder::worded(&said);
                assert!(!of_folder.contains("server"), "{of_folder}");
                assert_eq!(of_folder.matches("; ").count(), 2, "{of_folder}");
                assert_eq!(said.matches("; ").count(), 2, "{said}");
                assert_eq!(said.matches(['.', '!']).count(), 1, "{said}");
                assert!(said.ends_with('.'), "{said}");
            }
        }
    }
}
