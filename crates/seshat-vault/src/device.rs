//! Devices: their keys, and the certificates by which the account knows them.
//!
//! **Invariant:** a device's private halves are in memory or sealed under the vault key for that very device;
//! they are in no vault blob and in nothing that is sent.

use seshat_protocol::{
    AccountId, Bytes32, Bytes64, DeviceEntry, DeviceId, FieldReader, FieldWriter, Sealed,
    device_certificate_message,
};

use zeroize::Zeroizing;

use crate::context::Context;
use crate::key::Key;
use crate::seal_to::{exchange_public, open_from};
use crate::signing::{public_of, sign, verifies};
use crate::{Entropy, EntropyError, OpenError, OpenVault, SealError, envelope};

/// This installation's keys: Ed25519 to sign records and sign-ins, X25519 for what is sealed to it alone.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(device: seshat_vault::Device) { println!("{device:?}"); }
/// ```
/// ```compile_fail
/// fn copy(device: &seshat_vault::Device) -> seshat_vault::Device { device.clone() }
/// ```
pub struct Device {
    id: DeviceId,
    signing: Key,
    exchange: Key,
}

/// A device as the vault lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceRecord {
    /// Its id, public keys and certificate: what the server also knows.
    pub entry: DeviceEntry,
    /// How the author calls it.
    pub name: String,
    /// The vault generation in which it got this name; of two names the later one counts.
    pub name_generation: u64,
    /// When it was added, in milliseconds since 1970, by its own clock.
    pub created_ms: u64,
    /// Whether it may still join in.
    pub state: DeviceState,
}

/// Whether a device may still join in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceState {
    /// It may.
    Active,
    /// It may not. What it wrote before stays valid, and what it could read it may have kept.
    Revoked {
        /// The last of its records that counts; later ones are refused.
        last_sequence: u64,
    },
}

impl DeviceState {
    /// Whether it may not join in any more.
    #[must_use]
    pub fn is_revoked(self) -> bool {
        matches!(self, Self::Revoked { .. })
    }

    /// A revocation wins over none, and the later last record over the earlier one.
    pub(crate) fn merge(&mut self, other: Self) {
        *self = match (*self, other) {
            (Self::Active, state) | (state, Self::Active) => state,
            (Self::Revoked { last_sequence: ours }, Self::Revoked { last_sequence: theirs }) => {
                Self::Revoked { last_sequence: ours.max(theirs) }
            }
        };
    }
}

/// Why a device was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// This id is listed already.
    #[error("this device is already part of the vault")]
    Known,
    /// No random bytes.
    #[error("could not make the device's keys")]
    Entropy(#[from] EntropyError),
}

/// What the identity key signs about a device.
fn certified(account: AccountId, device: &DeviceEntry) -> Vec<u8> {
    device_certificate_message(account, device.id, &device.signing_key, &device.exchange_key)
}

/// Checks certificates of one identity.
pub(crate) struct Certificate(Bytes32);

impl Certificate {
    pub(crate) fn by(identity: &Key) -> Self {
        Self(public_of(identity))
    }

    pub(crate) fn covers(&self, account: AccountId, device: &DeviceEntry) -> bool {
        verifies(&self.0, &certified(account, device), &device.certificate)
    }
}

impl Device {
    pub(crate) fn make(id: DeviceId, entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        Ok(Self { id, signing: Key::make(entropy)?, exchange: Key::make(entropy)? })
    }

    /// The device's id.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        self.id
    }

    /// The public half of the signing key.
    #[must_use]
    pub fn signing_public(&self) -> Bytes32 {
        public_of(&self.signing)
    }

    /// The public half of the exchange key.
    #[must_use]
    pub fn exchange_public(&self) -> Bytes32 {
        exchange_public(&self.exchange)
    }

    /// Opens a key that was sealed to this device.
    pub(crate) fn open_from(&self, context: &[u8], sealed: &[u8]) -> Result<Key, OpenError> {
        open_from(&self.exchange, context, sealed)
    }

    /// Signs `message` as this device: a record, an answer to a sign-in challenge.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Bytes64 {
        sign(&self.signing, message)
    }
}

fn device_context(account: AccountId, id: DeviceId) -> Vec<u8> {
    let mut context = Context::new("device-keys", account);
    context.device = Some(id);
    context.bytes()
}

impl OpenVault {
    /// Makes a device's keys, certifies them and lists the device. Save the vault's blob afterwards.
    ///
    /// # Errors
    /// [`DeviceError`]; the vault is unchanged then.
    pub fn make_device(
        &mut self,
        name: &str,
        created_ms: u64,
        id: DeviceId,
        entropy: &mut dyn Entropy,
    ) -> Result<Device, DeviceError> {
        if self.body.devices.contains_key(&id) {
            return Err(DeviceError::Known);
        }
        let device = Device::make(id, entropy)?;
        let keys = (device.signing_public(), device.exchange_public());
        self.list_device(id, keys, name, created_ms);
        Ok(device)
    }

    /// Certifies a device and lists it.
    pub(crate) fn list_device(
        &mut self,
        id: DeviceId,
        (signing_key, exchange_key): (Bytes32, Bytes32),
        name: &str,
        created_ms: u64,
    ) -> DeviceEntry {
        let certificate = Bytes64([0; 64]);
        let mut entry = DeviceEntry { id, signing_key, exchange_key, certificate };
        let message = certified(self.account, &entry);
        entry.certificate = sign(&self.body.identity, &message);
        let record = DeviceRecord {
            entry: entry.clone(),
            name: name.to_owned(),
            name_generation: self.next_generation(),
            created_ms,
            state: DeviceState::Active,
        };
        self.body.devices.insert(id, record);
        entry
    }

    /// The account's devices, revoked ones too.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceRecord> {
        self.body.devices.values()
    }

    /// What the server is told about a device.
    #[must_use]
    pub fn device_entry(&self, id: DeviceId) -> Option<DeviceEntry> {
        self.body.devices.get(&id).map(|device| device.entry.clone())
    }

    /// Marks a device as revoked, for good; says whether it is listed. Its records above `last_sequence` are
    /// refused from now on. This alone takes nothing from the device: whoever holds the vault key opens every
    /// later vault too, until [`OpenVault::rotate`].
    pub fn revoke_device(&mut self, id: DeviceId, last_sequence: u64) -> bool {
        let device = self.body.devices.get_mut(&id);
        device.map(|device| device.state.merge(DeviceState::Revoked { last_sequence })).is_some()
    }

    /// Gives a device another name; says whether it is listed.
    pub fn rename_device(&mut self, id: DeviceId, name: &str) -> bool {
        let name_generation = self.next_generation();
        let device = self.body.devices.get_mut(&id);
        device
            .map(|device| {
                name.clone_into(&mut device.name);
                device.name_generation = name_generation;
            })
            .is_some()
    }

    /// Whether these are the keys of a device that is listed and not revoked.
    pub(crate) fn is_active(&self, device: &Device) -> bool {
        self.body.devices.get(&device.id).is_some_and(|listed| {
            !listed.state.is_revoked() && listed.entry.signing_key == device.signing_public()
        })
    }

    /// Seals a device's private halves for its own disk.
    ///
    /// # Errors
    /// [`SealError::Entropy`].
    pub fn seal_device(
        &self,
        device: &Device,
        entropy: &mut dyn Entropy,
    ) -> Result<Sealed, SealError> {
        let keys = Zeroizing::new(
            FieldWriter::with_capacity(72)
                .bytes(device.signing.expose())
                .bytes(device.exchange.expose())
                .finish(),
        );
        let context = device_context(self.account, device.id);
        Ok(envelope::seal(self.key.expose(), &context, &keys, entropy)?)
    }

    /// Opens what [`OpenVault::seal_device`] sealed for this device.
    ///
    /// # Errors
    /// [`OpenError::Tampered`] for anything else.
    pub fn open_device(&self, id: DeviceId, sealed: &Sealed) -> Result<Device, OpenError> {
        let context = device_context(self.account, id);
        let keys = envelope::open(self.key.expose(), &context, &sealed.0)?;
        let mut fields = FieldReader::new(&keys);
        let mut key = || fields.bytes().ok().and_then(Key::copy_of).ok_or(OpenError::Tampered);
        let device = Device { id, signing: key()?, exchange: key()? };
        fields.finish().map_err(|_| OpenError::Tampered)?;
        Ok(device)
    }
}
