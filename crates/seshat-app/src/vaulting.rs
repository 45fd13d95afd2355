//! Making, opening and re-keying the vault on this laptop.
//!
//! **Invariants:** making and unlocking derive keys outside the lock, so the window goes on answering. A vault is on
//! the disk before anything says that it exists, and a change that the disk refused has not happened in memory.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use seshat_protocol::{AccountId, DeviceId, FieldReader, FieldWriter, Sealed};
use seshat_store::{Store, StoreError, StoredVault, VaultOrigin};
use seshat_vault::{
    AccountCode, AccountCodeUse, Device, KdfParams, NewVault, OpenVault, Password, RecoveryPhrase,
    Secret, Strength, kit, strength, vault,
};
use zeroize::Zeroizing;

use crate::arriving::ARRIVING;
use crate::clock::{OsEntropy, now_ms};
use crate::remembering::REMEMBERED;
use crate::security::{KeptKit, measured};
use crate::session::Session;
use crate::{Desk, Failure, FailureCode, Kit, PasswordStrength, VaultState};

pub(crate) const DEVICE: &str = "device";
pub(crate) const DEVICE_KEYS: &str = "device-keys";
const KDF_PIN: &str = "kdf-pin";
pub(crate) const ACCOUNT_CODE: &str = "account-code";

/// Whether a new vault asks for a second secret on new laptops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecondSecret {
    /// The password is enough.
    None,
    /// The account code of the Emergency Kit as well.
    AccountCode,
}

impl From<bool> for SecondSecret {
    fn from(account_code: bool) -> Self {
        if account_code { Self::AccountCode } else { Self::None }
    }
}

/// What is about to become this laptop's vault.
pub(crate) struct Settling<'a> {
    pub(crate) vault: OpenVault,
    pub(crate) device: Device,
    pub(crate) blob: Vec<u8>,
    pub(crate) origin: VaultOrigin<'a>,
    /// Address and email, where the vault came from a server.
    pub(crate) server: Option<(&'a str, &'a str)>,
}

impl Desk {
    /// How well a new password would hold.
    #[must_use]
    pub fn password_strength(&self, password: String) -> PasswordStrength {
        let password = Zeroizing::new(password);
        let strength = self.strength(&password);
        PasswordStrength {
            score: strength.score,
            accepted: strength.is_accepted(),
            advice: strength.advice,
        }
    }

    /// Makes the vault. It is open afterwards; the kit is shown and saved before anything is written in it.
    ///
    /// # Errors
    /// When there is a vault already, the password is weak, or the disk refuses.
    pub fn create_vault(&self, password: String, second: SecondSecret) -> Result<Kit, Failure> {
        let made = self.make_vault(password, second)?;
        self.settle(made.settling)?;
        self.state().kit = Some(made.kit);
        Ok(made.shown)
    }

    /// Makes the vault and writes its Emergency Kit, which is on the disk before the vault is: a power cut in
    /// between leaves a kit that opens nothing, and never a vault that no kit opens.
    ///
    /// # Errors
    /// When there is a vault already, the password is weak, or the disk refuses; there is no vault then. An
    /// existing file is never overwritten.
    pub fn create_vault_with_kit(
        &self,
        password: String,
        second: SecondSecret,
        kit: &Path,
    ) -> Result<(), Failure> {
        let made = self.make_vault(password, second)?;
        write_new(kit, made.kit.text.as_bytes())?;
        self.settle(made.settling).inspect_err(|_| {
            // A kit that opens nothing would be mistaken for one.
            let _removed = std::fs::remove_file(kit).is_ok();
        })
    }

    /// A vault in memory.
    fn make_vault(&self, password: String, second: SecondSecret) -> Result<Made, Failure> {
        if self.vault_state()? != VaultState::Absent {
            return Err(Failure::new(
                FailureCode::Exists,
                "There is a vault here already and it was not touched; unlock it with its password.",
            ));
        }
        self.must_not_have_vanished()?;
        let password = self.strong(password)?;
        let mut entropy = OsEntropy;
        let new = NewVault {
            account: AccountId(entropy.id()?),
            password: &password,
            kdf: measured(),
            account_code: match second {
                SecondSecret::None => AccountCodeUse::None,
                SecondSecret::AccountCode => AccountCodeUse::Make,
            },
        };
        let created = vault::create(&new, &mut entropy)?;
        let mut vault = created.vault;
        let device = self.make_device(&mut vault)?;
        let blob = vault.to_blob(&mut entropy)?;
        let kit = KeptKit::of(None, &created.phrase, created.code.as_ref());
        let shown = shown(&created.phrase, created.code.as_ref(), &kit.text)?;
        let settling = Settling { vault, device, blob, origin: VaultOrigin::Here, server: None };
        Ok(Made { settling, shown, kit })
    }

    /// The author has the kit: its words leave memory.
    ///
    /// # Errors
    /// None today.
    pub fn kit_confirmed(&self) -> Result<(), Failure> {
        self.state().kit = None;
        Ok(())
    }

    /// Opens the vault with its password.
    ///
    /// # Errors
    /// [`FailureCode::WrongPassword`], or whatever keeps the vault from opening.
    pub fn unlock(&self, password: String) -> Result<(), Failure> {
        let password = Password::new(password);
        let found = self.stored()?;
        let secret = Secret::Password { password: &password, code: found.code.as_ref() };
        let vault = vault::unlock(&found.blob, secret, found.pin)?;
        self.open_session(vault, &found)
    }

    /// Sets a new password with the Emergency Kit, for a vault that is on this laptop.
    ///
    /// # Errors
    /// When the kit is not this vault's or was altered, the new password is weak, or the disk refuses.
    pub fn recover(&self, kit_text: String, new: String) -> Result<(), Failure> {
        let kit = read_kit(kit_text)?;
        let new = self.strong(new)?;
        let found = self.stored()?;
        let vault = vault::unlock(&found.blob, Secret::Recovery(&kit.phrase), found.pin)
            .map_err(|error| wrong_kit(error.into()))?;
        self.open_session(vault, &found)?;
        let changed = self.set_password(&new);
        if changed.is_err() {
            self.state().session = None;
        }
        changed
    }

    /// With what belongs to this author counted as known to whoever guesses.
    fn strength(&self, password: &str) -> Strength {
        let email = self.email().unwrap_or_default();
        let parts = email.split(|c: char| !c.is_alphanumeric());
        let mut known = vec!["seshat", self.shared.device_name.as_str(), email.as_str()];
        known.extend(parts.filter(|part| part.len() > 2));
        strength(password, &known)
    }

    /// A new password, if it is good enough.
    pub(crate) fn strong(&self, password: String) -> Result<Password, Failure> {
        let password = Zeroizing::new(password);
        let strength = self.strength(&password);
        if !strength.is_accepted() {
            let advice =
                strength.advice.unwrap_or_else(|| "Use four or more unrelated words.".into());
            return Err(Failure::new(
                FailureCode::WeakPassword,
                format!("This password is too easy to guess, so nothing was changed. {advice}"),
            ));
        }
        Ok(Password::new(password.to_string()))
    }

    pub(crate) fn make_device(&self, vault: &mut OpenVault) -> Result<Device, Failure> {
        let mut entropy = OsEntropy;
        let id = DeviceId(entropy.id()?);
        Ok(vault.make_device(&self.shared.device_name, now_ms(), id, &mut entropy)?)
    }

    /// Writes a vault that was made, joined or recovered to the disk, and opens it.
    pub(crate) fn settle(&self, settling: Settling<'_>) -> Result<(), Failure> {
        let Settling { vault, device, blob, origin, server } = settling;
        let sealed = vault.seal_device(&device, &mut OsEntropy)?;
        let pin = pin(&vault);
        let code = vault.account_code().map(AccountCode::text);
        let mut state = self.state();
        // A store without a vault may be open: a program was stopped while it made one.
        let mut store = match state.store.take().map_or_else(|| Store::open(&self.shared.home), Ok)
        {
            Err(StoreError::Missing) => Store::create(&self.shared.home)?,
            opened => opened?,
        };
        let arriving = server.map(|_| &[1][..]);
        store.save_vault(
            vault.account(),
            &blob,
            origin,
            &[
                (DEVICE, Some(device.id().as_bytes())),
                (DEVICE_KEYS, Some(&sealed.0)),
                (KDF_PIN, Some(&pin)),
                (ACCOUNT_CODE, code.as_ref().map(|code| code.as_bytes())),
                (ARRIVING, arriving),
            ],
        )?;
        if let Some((url, email)) = server {
            store.link_server(url, email)?;
        }
        self.show_server(&store)?;
        self.begin_idle(&store)?;
        state.store = Some(store);
        state.session = Some(Session::new(vault, device));
        drop(state);
        self.opened();
        Ok(())
    }

    pub(crate) fn open_session(&self, vault: OpenVault, found: &Found) -> Result<(), Failure> {
        let device = vault.open_device(found.device, &found.device_keys)?;
        let mut state = self.state();
        let store = self.store(&mut state)?;
        self.begin_idle(store)?;
        // Pictures that no text came to show. Where they cannot be removed now, they stay until the next time.
        let _swept = store.sweep_blobs().is_ok();
        state.session = Some(Session::new(vault, device));
        drop(state);
        self.opened();
        Ok(())
    }

    fn opened(&self) {
        self.shared.board.show(|status| status.vault = VaultState::Open);
        self.show_merges();
        self.show_sync();
        self.shared.wake.send();
    }

    /// What is needed to open the vault of this laptop.
    fn stored(&self) -> Result<Found, Failure> {
        let mut state = self.state();
        let found = found(self.store(&mut state)?);
        drop(state);
        found
    }
}

/// A new vault that is not on the disk yet, and its kit.
struct Made {
    settling: Settling<'static>,
    shown: Kit,
    kit: KeptKit,
}

pub(crate) struct Found {
    pub(crate) account: AccountId,
    pub(crate) blob: Vec<u8>,
    pub(crate) device: DeviceId,
    pub(crate) device_keys: Sealed,
    pub(crate) pin: Option<KdfParams>,
    pub(crate) code: Option<AccountCode>,
}

pub(crate) fn found(store: &Store) -> Result<Found, Failure> {
    let StoredVault { account, blob, .. } = store.vault()?.ok_or_else(Failure::absent)?;
    let device = store.setting(DEVICE)?.and_then(|id| DeviceId::from_slice(&id));
    let device_keys = store.setting(DEVICE_KEYS)?.map(Sealed);
    let (Some(device), Some(device_keys)) = (device, device_keys) else {
        return Err(Failure::other(
            "This laptop's own keys are missing from the vault's folder, so it was not opened; nothing was changed; restore the folder from a backup, or join your account anew in another folder.",
        ));
    };
    let pin = store.setting(KDF_PIN)?.and_then(|pin| parse_pin(&pin));
    let code = store.setting(ACCOUNT_CODE)?.map(Zeroizing::new);
    let code = code.and_then(|code| AccountCode::parse(std::str::from_utf8(&code).ok()?).ok());
    Ok(Found { account, blob, device, device_keys, pin, code })
}

/// Saves a vault in the place of `before`, with what this laptop keeps of it: the device's keys under the vault key of
/// now, the KDF parameters, below which it will never go, and the account code, where one is in use.
pub(crate) fn save_vault(
    store: &mut Store,
    (vault, before, device): (&OpenVault, &OpenVault, &Device),
    blob: &[u8],
    origin: VaultOrigin<'_>,
) -> Result<(), Failure> {
    let code = vault.account_code().map(AccountCode::text);
    let sealed = vault.seal_device(device, &mut OsEntropy)?;
    let pin = pin(vault);
    let mut settings = vec![
        (DEVICE_KEYS, Some(&sealed.0[..])),
        (KDF_PIN, Some(&pin[..])),
        (ACCOUNT_CODE, code.as_ref().map(|code| code.as_bytes())),
    ];
    if vault.is_rekeyed_from(before) {
        // It was for a vault key that is no more.
        settings.push((REMEMBERED, None));
    }
    Ok(store.save_vault(vault.account(), blob, origin, &settings)?)
}

fn pin(vault: &OpenVault) -> Vec<u8> {
    let kdf = vault.kdf();
    FieldWriter::new().u32(kdf.memory_kib).u32(kdf.passes).u32(kdf.lanes).finish()
}

fn parse_pin(pin: &[u8]) -> Option<KdfParams> {
    let mut fields = FieldReader::new(pin);
    Some(KdfParams {
        memory_kib: fields.u32().ok()?,
        passes: fields.u32().ok()?,
        lanes: fields.u32().ok()?,
    })
}

/// The kit as a page, or its 24 words alone as somebody typed them.
pub(crate) fn read_kit(text: String) -> Result<kit::Kit, Failure> {
    let text = Zeroizing::new(text);
    match (kit::parse(&text), RecoveryPhrase::parse(&text)) {
        (Ok(kit), _) => Ok(kit),
        (Err(_), Ok(phrase)) => Ok(kit::Kit { phrase, code: None }),
        (Err(error), Err(_)) => Err(Failure::other(format!(
            "This is no Emergency Kit that can be used ({error}); nothing was changed."
        ))),
    }
}

/// What a wrong secret means when the secret was a kit.
pub(crate) fn wrong_kit(failure: Failure) -> Failure {
    if failure.code != FailureCode::WrongPassword {
        return failure;
    }
    Failure::other(
        "This Emergency Kit belongs to another vault or was altered; nothing was changed; look for the kit that was made with this vault.",
    )
}

pub(crate) fn shown(
    phrase: &RecoveryPhrase,
    code: Option<&AccountCode>,
    text: &Zeroizing<String>,
) -> Result<Kit, Failure> {
    let words: Vec<String> = phrase.words().split_whitespace().map(str::to_owned).collect();
    Ok(Kit {
        text: text.to_string(),
        confirm: three_of(words.len())?,
        words,
        account_code: code.map(|code| code.text().to_string()),
    })
}

/// Three different positions, counted from 1, in order.
fn three_of(count: usize) -> Result<Vec<u32>, Failure> {
    let mut positions: Vec<u32> = (1..=u32::try_from(count).unwrap_or(24)).collect();
    while positions.len() > 3 {
        let random = usize::try_from(OsEntropy.peer()? % to_u64(positions.len())).unwrap_or(0);
        positions.remove(random);
    }
    Ok(positions)
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Writes a file that must not exist yet, for its owner alone, and waits until the disk has it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| cannot_write(path, &error))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a kit would be mistaken for one.
        let _removed = std::fs::remove_file(path).is_ok();
        cannot_write(path, &error)
    })
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        std::io::ErrorKind::AlreadyExists => "there is a file of that name already".to_owned(),
        _ => error.to_string(),
    };
    Failure::other(format!(
        "{} could not be written ({why}); nothing was changed; choose another place.",
        path.display()
    ))
}
