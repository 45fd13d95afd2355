//! The vault's inside: keys by epoch, the identity, the devices. What is sealed under the vault key.
//!
//! A body is a list of entries; an entry is a list of fields that begins with its tag.
//!
//! **Invariant:** an entry that this release does not understand is kept byte for byte and written back, so an
//! old laptop cannot take away what a newer one stored. And a device whose certificate is not by the account's
//! identity key is never listed.

use std::collections::BTreeMap;

use seshat_protocol::{
    AccountId, Bytes32, Bytes64, DeviceEntry, DeviceId, FieldReader, FieldWriter, FieldsError,
    NovelId,
};
use zeroize::Zeroizing;

use crate::device::{Certificate, DeviceRecord, DeviceState};
use crate::key::Key;
use crate::keys_by_epoch::KeysByEpoch;
use crate::kit_again::KeptPhrase;
use crate::locks::{self, Locks};
use crate::{AccountCode, OpenError};

/// An entry of another release. It may hold a secret.
pub(crate) type UnknownEntry = Zeroizing<Vec<u8>>;

/// What the vault key opens.
pub(crate) struct Body {
    /// Certifies devices: an Ed25519 seed.
    pub(crate) identity: Key,
    pub(crate) novel_keys: BTreeMap<NovelId, KeysByEpoch>,
    /// Seal record headers.
    pub(crate) account_keys: KeysByEpoch,
    pub(crate) devices: BTreeMap<DeviceId, DeviceRecord>,
    /// Belongs to the password slot.
    pub(crate) password_public: Bytes32,
    /// Belongs to the password slot. It is in here so that a new password can be set after a recovery.
    pub(crate) code: Option<AccountCode>,
    /// Belongs to the recovery slot: with it a new vault key can be wrapped without the phrase.
    pub(crate) recovery_wrap: Key,
    /// Belongs to the recovery slot.
    pub(crate) recovery_public: Bytes32,
    /// Belongs to the recovery slot: what is sealed to it opens with the kit alone.
    pub(crate) recovery_exchange_public: Bytes32,
    /// Belongs to both slots.
    pub(crate) phrase: Option<KeptPhrase>,
    /// Vault keys that a rotation has ended. They open blobs of before and nothing new.
    pub(crate) retired: Vec<Key>,
    /// Of novels with a passphrase of their own.
    pub(crate) locks: Locks,
    pub(crate) unknown: Vec<UnknownEntry>,
}

mod tag {
    pub(super) const IDENTITY: &str = "identity";
    pub(super) const NOVEL_KEY: &str = "novel-key";
    pub(super) const ACCOUNT_KEY: &str = "account-key";
    pub(super) const DEVICE: &str = "device";
    pub(super) const PASSWORD_PUBLIC: &str = "password-sign-in-public";
    pub(super) const ACCOUNT_CODE: &str = "account-code";
    pub(super) const RECOVERY_WRAP: &str = "recovery-wrap";
    pub(super) const RECOVERY_PUBLIC: &str = "recovery-sign-in-public";
    pub(super) const RECOVERY_EXCHANGE: &str = "recovery-exchange-public";
    pub(super) const PHRASE: &str = "recovery-phrase";
    pub(super) const RETIRED: &str = "retired-vault-key";
}

/// Room for any entry but a device's name and an unknown one, so that no buffer with a key ever grows.
const ENTRY_ROOM: usize = 512;

fn entry(tag: &str) -> FieldWriter {
    FieldWriter::with_capacity(ENTRY_ROOM).text(tag)
}

fn entry_for(name: &str) -> FieldWriter {
    FieldWriter::with_capacity(ENTRY_ROOM + name.len()).text(tag::DEVICE)
}

impl Body {
    /// The entries, one behind the other.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let entries = self.entries();
        let length = entries.iter().map(|entry| entry.len() + 4).sum();
        let list = entries
            .iter()
            .fold(FieldWriter::with_capacity(length), |list, entry| list.bytes(entry));
        Zeroizing::new(list.finish())
    }

    fn entries(&self) -> Vec<UnknownEntry> {
        let mut entries = vec![
            entry(tag::IDENTITY).bytes(self.identity.expose()),
            entry(tag::PASSWORD_PUBLIC).bytes(&self.password_public.0),
            entry(tag::RECOVERY_WRAP).bytes(self.recovery_wrap.expose()),
            entry(tag::RECOVERY_PUBLIC).bytes(&self.recovery_public.0),
            entry(tag::RECOVERY_EXCHANGE).bytes(&self.recovery_exchange_public.0),
        ];
        entries.extend(self.phrase.iter().map(|phrase| phrase.write(entry(tag::PHRASE))));
        entries.extend(self.retired.iter().map(|key| entry(tag::RETIRED).bytes(key.expose())));
        entries.extend(self.code.iter().map(|code| entry(tag::ACCOUNT_CODE).bytes(code.expose())));
        entries.extend(
            self.account_keys
                .iter()
                .map(|(epoch, key)| entry(tag::ACCOUNT_KEY).u32(epoch).bytes(key.expose())),
        );
        for (novel, keys) in &self.novel_keys {
            entries.extend(keys.iter().map(|(epoch, key)| {
                entry(tag::NOVEL_KEY).bytes(novel.as_bytes()).u32(epoch).bytes(key.expose())
            }));
        }
        entries.extend(self.locks.entries(entry));
        entries.extend(self.devices.values().map(encode_device));
        entries
            .into_iter()
            .map(|entry| Zeroizing::new(entry.finish()))
            .chain(self.unknown.iter().cloned())
            .collect()
    }

    /// Reads entries.
    ///
    /// # Errors
    /// [`OpenError::Tampered`] when this is no list of entries or one of those is missing that every vault has.
    pub(crate) fn parse(account: AccountId, encoded: &[u8]) -> Result<Self, OpenError> {
        let mut parts = Parts::default();
        let mut list = FieldReader::new(encoded);
        while !list.is_empty() {
            let entry = list.bytes().map_err(|_| OpenError::Tampered)?;
            if parts.take(entry).is_err() {
                parts.unknown.push(Zeroizing::new(entry.to_vec()));
            }
        }
        parts.whole(account).ok_or(OpenError::Tampered)
    }
}

/// A body while it is being read.
#[derive(Default)]
struct Parts {
    identity: Option<Key>,
    novel_keys: BTreeMap<NovelId, KeysByEpoch>,
    account_keys: KeysByEpoch,
    devices: Vec<DeviceRecord>,
    password_public: Option<Bytes32>,
    code: Option<AccountCode>,
    recovery_wrap: Option<Key>,
    recovery_public: Option<Bytes32>,
    recovery_exchange_public: Option<Bytes32>,
    phrase: Option<KeptPhrase>,
    retired: Vec<Key>,
    locks: Locks,
    unknown: Vec<UnknownEntry>,
}

impl Parts {
    /// Takes an entry in; an error for every entry that is not exactly of a shape known here.
    fn take(&mut self, entry: &[u8]) -> Result<(), FieldsError> {
        let mut fields = FieldReader::new(entry);
        match fields.text()? {
            tag::IDENTITY => put(&mut self.identity, last_key(fields)?),
            tag::RECOVERY_WRAP => put(&mut self.recovery_wrap, last_key(fields)?),
            tag::PASSWORD_PUBLIC => put(&mut self.password_public, last_public(fields)?),
            tag::RECOVERY_PUBLIC => put(&mut self.recovery_public, last_public(fields)?),
            tag::RECOVERY_EXCHANGE => put(&mut self.recovery_exchange_public, last_public(fields)?),
            tag::PHRASE => put(&mut self.phrase, KeptPhrase::read(fields)?),
            tag::RETIRED => {
                self.retired.push(last_key(fields)?);
                Ok(())
            }
            tag::ACCOUNT_CODE => {
                let code = AccountCode::copy_of(fields.bytes()?).ok_or(FieldsError)?;
                fields.finish()?;
                put(&mut self.code, code)
            }
            tag::ACCOUNT_KEY => {
                let epoch = fields.u32()?;
                self.account_keys.add(epoch, last_key(fields)?);
                Ok(())
            }
            tag::NOVEL_KEY => {
                let (novel, epoch) = (NovelId(fields.array()?), fields.u32()?);
                let key = last_key(fields)?;
                self.novel_keys.entry(novel).or_default().add(epoch, key);
                Ok(())
            }
            locks::LOCK_TAG => self.locks.read_lock(fields),
            locks::KEY_TAG => self.locks.read_key(fields),
            tag::DEVICE => {
                self.devices.push(parse_device(fields)?);
                Ok(())
            }
            _ => Err(FieldsError),
        }
    }

    fn whole(self, account: AccountId) -> Option<Body> {
        let identity = self.identity?;
        if self.account_keys.is_empty() {
            return None;
        }
        let certificates = Certificate::by(&identity);
        let (mut devices, mut unknown) = (BTreeMap::new(), self.unknown);
        for device in self.devices {
            // An entry that cannot be believed is kept but not listed: refusing the whole vault for it would
            // lock the author out.
            if certificates.covers(account, &device.entry) {
                devices.insert(device.entry.id, device);
            } else {
                unknown.push(Zeroizing::new(encode_device(&device).finish()));
            }
        }
        Some(Body {
            identity,
            novel_keys: self.novel_keys,
            account_keys: self.account_keys,
            devices,
            password_public: self.password_public?,
            code: self.code,
            recovery_wrap: self.recovery_wrap?,
            recovery_public: self.recovery_public?,
            recovery_exchange_public: self.recovery_exchange_public?,
            phrase: self.phrase,
            retired: self.retired,
            locks: self.locks,
            unknown,
        })
    }
}

/// Puts a value where there is none yet.
fn put<T>(place: &mut Option<T>, value: T) -> Result<(), FieldsError> {
    if place.is_some() {
        return Err(FieldsError);
    }
    *place = Some(value);
    Ok(())
}

/// The last field of an entry, which must be a key.
fn last_key(mut fields: FieldReader<'_>) -> Result<Key, FieldsError> {
    let key = Key::copy_of(fields.bytes()?).ok_or(FieldsError)?;
    fields.finish()?;
    Ok(key)
}

fn last_public(mut fields: FieldReader<'_>) -> Result<Bytes32, FieldsError> {
    let public = Bytes32(fields.array()?);
    fields.finish()?;
    Ok(public)
}

fn encode_device(device: &DeviceRecord) -> FieldWriter {
    entry_for(&device.name)
        .bytes(device.entry.id.as_bytes())
        .bytes(&device.entry.signing_key.0)
        .bytes(&device.entry.exchange_key.0)
        .bytes(&device.entry.certificate.0)
        .text(&device.name)
        .u64(device.created_ms)
        .u64(device.name_generation)
        .bytes(&match device.state {
            DeviceState::Active => Vec::new(),
            DeviceState::Revoked { last_sequence } => last_sequence.to_be_bytes().to_vec(),
        })
}

fn parse_device(mut fields: FieldReader<'_>) -> Result<DeviceRecord, FieldsError> {
    let device = DeviceRecord {
        entry: DeviceEntry {
            id: DeviceId(fields.array()?),
            signing_key: Bytes32(fields.array()?),
            exchange_key: Bytes32(fields.array()?),
            certificate: Bytes64(fields.array()?),
        },
        name: fields.text()?.to_owned(),
        created_ms: fields.u64()?,
        name_generation: fields.u64()?,
        state: match fields.bytes()? {
            [] => DeviceState::Active,
            last => DeviceState::Revoked {
                last_sequence: last.try_into().map(u64::from_be_bytes).map_err(|_| FieldsError)?,
            },
        },
    };
    fields.finish()?;
    Ok(device)
}
