//! What protects the vault, and changing it: the password, the keys, the Emergency Kit, the cost of a guess.

use std::path::Path;
use std::time::Instant;

use seshat_store::VaultOrigin;
use seshat_sync::VaultFetched;
use seshat_vault::kdf::probe;
use seshat_vault::{
    AccountCode, KdfParams, OpenVault, Password, RecoveryPhrase, Secret, kit, vault,
};
use zeroize::Zeroizing;

use crate::clock::OsEntropy;
use crate::syncing::wait_for;
use crate::vaulting::{found, shown, write_new};
use crate::{Desk, Failure, Kit, Security, Slot, SlotKind, kit_page};

/// The Emergency Kit as it is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KitForm {
    /// Plain text, as the first one.
    Text,
    /// A page for the printer.
    Page,
}

impl Desk {
    /// How the vault is protected.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn security(&self) -> Result<Security, Failure> {
        let keychain = self.keychain_state();
        let devices = self.known_devices()?;
        let idle_minutes = self.idle_minutes()?;
        let remembered_until = self.remembered_until()?;
        self.with_session(|session, _| {
            let vault = &session.vault;
            let kdf = vault.kdf();
            Ok(Security {
                memory_mib: kdf.memory_kib / 1024,
                passes: kdf.passes,
                lanes: kdf.lanes,
                generation: vault.generation(),
                header_epoch: vault.header_epoch(),
                novel_epochs: novel_epochs(vault),
                account_code: vault.account_code().is_some(),
                kit_again: vault.keeps_phrase(),
                idle_minutes,
                remembered_until,
                keychain,
                slots: slots(vault),
                devices,
            })
        })
    }

    /// Gives the vault a new password. The contents stay as they are.
    ///
    /// # Errors
    /// When `current` is not the password, the new one is weak, or the disk refuses; then the old one still opens it.
    pub fn change_password(&self, current: String, new: String) -> Result<(), Failure> {
        let new = self.strong(new)?;
        let _known = self.by_password(current)?;
        self.set_password(&new)
    }

    /// The same by whoever has just opened the vault with the Emergency Kit.
    pub(crate) fn set_password(&self, new: &Password) -> Result<(), Failure> {
        self.change_vault(|vault, _| {
            let kdf = measured().at_least(vault.kdf());
            Ok(vault.change_password(new, kdf, &mut OsEntropy)?)
        })
    }

    /// "My password leaked": a new password, a new vault key, new keys for every novel, a new Emergency Kit. Other
    /// laptops follow at their next sync; whoever has the old password and an old copy opens nothing that is written
    /// from now on. `kit` is written before anything changes.
    ///
    /// # Errors
    /// When `current` is not the password, the new one is weak, or something cannot be written; then nothing changed.
    pub fn rotate_vault(
        &self,
        current: String,
        new: String,
        kit_file: Option<&Path>,
    ) -> Result<Kit, Failure> {
        let new = self.strong(new)?;
        let _known = self.by_password(current)?;
        self.hear_of_other_laptops()?;
        let kit_file = kit_file.map(|path| (path, KitForm::Text));
        self.with_new_phrase(kit_file, |vault, device| {
            let kdf = measured().at_least(vault.kdf());
            Ok(vault.rotate(device, &new, kdf, &mut OsEntropy)?)
        })
    }

    /// The Emergency Kit once more, with the same words.
    ///
    /// # Errors
    /// When this is not the password, or the words cannot be shown again since the password or the kit was changed on
    /// two laptops at once.
    pub fn show_kit(&self, password: String) -> Result<Kit, Failure> {
        let vault = self.by_password(password)?;
        let phrase = vault.recovery_phrase().ok_or_else(|| {
            Failure::other(
                "The words of this kit cannot be shown again, because kit and password were changed on two laptops at once; the kit that you have still works; make a new kit to have one that can be shown.",
            )
        })?;
        self.keep_kit(&phrase, vault.account_code())
    }

    /// A new Emergency Kit with new words; the old one stops working.
    ///
    /// # Errors
    /// When this is not the password, or something cannot be written; then the old kit stays valid.
    pub fn new_kit(
        &self,
        password: String,
        kit_file: Option<(&Path, KitForm)>,
    ) -> Result<Kit, Failure> {
        let known = self.by_password(password)?;
        self.with_new_phrase(kit_file, |vault, _| {
            vault.learn_password(&known);
            Ok(vault.change_recovery_phrase(&mut OsEntropy)?)
        })
    }

    /// Writes the kit that is in memory (it was just made or shown again). An existing file is never overwritten.
    ///
    /// # Errors
    /// When no kit is in memory, or the file cannot be written.
    pub fn save_kit(&self, path: &Path, form: KitForm) -> Result<(), Failure> {
        let state = self.state();
        let written = state.kit.as_ref().map(|kept| write_new(path, kept.bytes(form)));
        drop(state);
        written.unwrap_or_else(|| {
            Err(Failure::other(
                "No Emergency Kit is in memory now, so nothing was written; show it again with your password.",
            ))
        })
    }

    /// Takes over the vault that another laptop made new keys for, where this laptop could not follow by itself: it
    /// knew none of the laptops that did. Nothing of this laptop is lost by it.
    ///
    /// # Errors
    /// When the server cannot be reached, its vault is another one, or `new` is not its password; nothing changed then.
    pub fn adopt_vault(&self, new: String) -> Result<(), Failure> {
        let new = Password::new(new);
        let transport = self.carrier()?;
        let VaultFetched::Reply(reply) = wait_for(transport.vault(None))?? else {
            return Err(Failure::other(
                "The server gave no vault, so nothing was changed; try again.",
            ));
        };
        let known = self.with_session(|_, store| found(store))?;
        let secret = Secret::Password { password: &new, code: known.code.as_ref() };
        let theirs = vault::unlock(&reply.vault.0, secret, known.pin)?;
        self.with_session(|session, store| {
            let mut vault = session.vault_copy(&found(store)?.blob)?;
            let adopted = vault.adopt(theirs, &mut session.entropy);
            adopted.map_err(|error| {
                Failure::other(format!(
                    "The server's vault was not taken over ({error}); everything is as it was; ask whoever runs the server."
                ))
            })?;
            let blob = vault.to_blob(&mut session.entropy)?;
            let origin = VaultOrigin::Merged { revision: &reply.revision };
            session.keep_vault(store, vault, &blob, origin)
        })?;
        self.shared.wake.send();
        Ok(())
    }

    /// Measures this machine and stretches the password accordingly; never less than before.
    ///
    /// # Errors
    /// When this is not the password, or the disk refuses; then everything is as it was.
    pub fn calibrate(&self, password: String) -> Result<Security, Failure> {
        let known = Password::new(password.clone());
        let opened = self.by_password(password)?;
        let kdf = measured().at_least(opened.kdf());
        if kdf != opened.kdf() {
            drop(opened);
            self.change_vault(|vault, _| {
                Ok(vault.change_password(&known, kdf, &mut OsEntropy)?)
            })?;
        }
        self.security()
    }

    /// Makes a new phrase by `change` and keeps its kit in memory; on the disk too, where a file is named, before the
    /// vault changes.
    fn with_new_phrase(
        &self,
        kit_file: Option<(&Path, KitForm)>,
        change: impl Fn(&mut OpenVault, &seshat_vault::Device) -> Result<RecoveryPhrase, Failure>,
    ) -> Result<Kit, Failure> {
        let email = self.email();
        let written = std::cell::Cell::new(false);
        let changed = self.change_vault(|vault, device| {
            let phrase = change(vault, device)?;
            let code = vault.account_code();
            let kept = KeptKit::of(email.as_deref(), &phrase, code);
            if let Some((file, form)) = kit_file {
                // A second try has other words.
                if written.take() {
                    let _removed = std::fs::remove_file(file).is_ok();
                }
                write_new(file, kept.bytes(form))?;
                written.set(true);
            }
            let shown = shown(&phrase, code, &kept.text)?;
            Ok((kept, shown))
        });
        match changed {
            Ok((kept, shown)) => {
                self.state().kit = Some(kept);
                Ok(shown)
            }
            Err(failure) => {
                if let (true, Some((file, _))) = (written.get(), kit_file) {
                    // A kit that opens nothing would be mistaken for one.
                    let _removed = std::fs::remove_file(file).is_ok();
                }
                Err(failure)
            }
        }
    }

    /// Keeps a kit in memory until it is confirmed or the vault is locked, and gives what is shown of it.
    pub(crate) fn keep_kit(
        &self,
        phrase: &RecoveryPhrase,
        code: Option<&AccountCode>,
    ) -> Result<Kit, Failure> {
        let kept = KeptKit::of(self.email().as_deref(), phrase, code);
        let shown = shown(phrase, code, &kept.text)?;
        self.state().kit = Some(kept);
        Ok(shown)
    }

    /// Before keys are made for the account's laptops: a laptop that is not known here would be left behind. Where the
    /// server cannot be reached it can still take the keys over with the new password.
    pub(crate) fn hear_of_other_laptops(&self) -> Result<(), Failure> {
        if self.with_session(|_, store| Ok(store.server()?.is_some()))? {
            let _synced = self.sync().is_ok();
        }
        Ok(())
    }

    /// The account's email address, where a server is connected.
    pub(crate) fn email(&self) -> Option<String> {
        self.status(u64::MAX).email
    }
}

/// A kit in memory, in both forms.
pub(crate) struct KeptKit {
    pub(crate) text: Zeroizing<String>,
    page: Zeroizing<String>,
}

impl KeptKit {
    pub(crate) fn of(
        email: Option<&str>,
        phrase: &RecoveryPhrase,
        code: Option<&AccountCode>,
    ) -> Self {
        let text = kit::text(email, phrase, code);
        let words = phrase.words();
        let words: Vec<&str> = words.split(' ').collect();
        let check = kit::check_text(phrase, code);
        let code = code.map(AccountCode::text);
        let code = code.as_ref().map(|code| code.as_str());
        let page = kit_page::page(email, &words, code, &check);
        Self { text, page }
    }

    fn bytes(&self, form: KitForm) -> &[u8] {
        match form {
            KitForm::Text => self.text.as_bytes(),
            KitForm::Page => self.page.as_bytes(),
        }
    }
}

fn slots(vault: &OpenVault) -> Vec<Slot> {
    let generations = vault.slot_generations();
    let slot = |kind, generation| Slot { kind, generation };
    let mut slots = vec![
        slot(SlotKind::Password, generations.password),
        slot(SlotKind::Recovery, generations.recovery),
    ];
    let devices = generations.devices.into_iter();
    slots.extend(devices.map(|generation| slot(SlotKind::Device, generation)));
    slots
}

fn novel_epochs(vault: &OpenVault) -> Vec<u32> {
    let mut epochs: Vec<u32> = vault.novel_epochs().map(|(_, epoch)| epoch).collect();
    epochs.sort_unstable_by(|a, b| b.cmp(a));
    epochs
}

/// Parameters that make one guess cost this machine about three quarters of a second.
pub(crate) fn measured() -> KdfParams {
    let began = Instant::now();
    match probe(KdfParams::FLOOR) {
        Ok(()) => {
            let floor = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            KdfParams::calibrated(floor)
        }
        Err(_) => KdfParams::FLOOR,
    }
}
