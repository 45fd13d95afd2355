//! A new laptop joins by approval on one that is there: both screens show the same six digits.
//!
//! ```text
//! joiner -> approver  commitment = SHA-256(F("seshat/v1", "join-commitment", reveal))
//! approver -> joiner  offer  = F("seshat/v1/join-offer", account, identity, device, signing key, nonce[32])
//! joiner -> approver  reveal = F("seshat/v1/join-reveal", device, signing key, exchange key, ephemeral key, nonce[32])
//! both screens        code   = SHA-256(F("seshat/v1", "join-code", offer, reveal)) as u64 of 8 bytes, modulo 10^6
//! approver -> joiner  grant  = F("seshat/v1/join-grant", vault key sealed to the ephemeral key[80], signature[64])
//! ```
//!
//! **Invariant:** the joiner is bound to its keys before it sees the approver's nonce and the approver to its
//! own before it sees the joiner's, so a server between the two has one guess in a million for each attempt.
//! No key leaves before the author has compared the digits, and none is taken that the approver in the code
//! has not signed.

use std::fmt;

use seshat_protocol::{
    AccountId, Blob, Bytes32, Bytes64, DeviceEntry, DeviceId, FORMAT_LABEL, FieldReader,
    FieldWriter, FieldsError, Sealed,
};
use sha2::{Digest, Sha256};

use crate::blob;
use crate::context::Context;
use crate::device::Device;
use crate::key::Key;
use crate::lineage::key_for;
use crate::seal_to::{SealToError, exchange_public, open_from, seal_to};
use crate::signing::verifies;
use crate::{DeviceError, Entropy, EntropyError, OpenVault, UnlockError};

const OFFER: &str = "seshat/v1/join-offer";
const REVEAL: &str = "seshat/v1/join-reveal";
const GRANT: &str = "seshat/v1/join-grant";

/// Why a laptop did not join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// An offer, a reveal or a grant is not one, or not the one that was announced.
    #[error("what the other side sent was altered on its way")]
    Altered,
    /// This device may not approve, or the new one is listed already.
    #[error("this device cannot be part of the vault")]
    Device,
    /// No random bytes.
    #[error("could not make keys")]
    Entropy(#[from] EntropyError),
}

impl From<DeviceError> for JoinError {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Known => Self::Device,
            DeviceError::Entropy(error) => Self::Entropy(error),
        }
    }
}

/// Six digits, the same on both screens if nobody is between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JoinCode(u32);

impl fmt::Display for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// What the approver says about itself.
struct Offer {
    account: AccountId,
    identity: Bytes32,
    device: DeviceId,
    signing_key: Bytes32,
    nonce: [u8; 32],
}

/// What the joiner says about itself.
struct Reveal {
    device: DeviceId,
    signing_key: Bytes32,
    exchange_key: Bytes32,
    ephemeral_key: Bytes32,
    nonce: [u8; 32],
}

fn titled<'a>(encoded: &'a [u8], title: &str) -> Result<FieldReader<'a>, FieldsError> {
    let mut fields = FieldReader::new(encoded);
    if fields.text()? == title { Ok(fields) } else { Err(FieldsError) }
}

impl Offer {
    fn encode(&self) -> Vec<u8> {
        FieldWriter::new()
            .text(OFFER)
            .bytes(self.account.as_bytes())
            .bytes(&self.identity.0)
            .bytes(self.device.as_bytes())
            .bytes(&self.signing_key.0)
            .bytes(&self.nonce)
            .finish()
    }

    fn parse(encoded: &[u8]) -> Result<Self, FieldsError> {
        let mut fields = titled(encoded, OFFER)?;
        let offer = Self {
            account: AccountId(fields.array()?),
            identity: Bytes32(fields.array()?),
            device: DeviceId(fields.array()?),
            signing_key: Bytes32(fields.array()?),
            nonce: fields.array()?,
        };
        fields.finish()?;
        Ok(offer)
    }
}

impl Reveal {
    fn encode(&self) -> Vec<u8> {
        FieldWriter::new()
            .text(REVEAL)
            .bytes(self.device.as_bytes())
            .bytes(&self.signing_key.0)
            .bytes(&self.exchange_key.0)
            .bytes(&self.ephemeral_key.0)
            .bytes(&self.nonce)
            .finish()
    }

    fn parse(encoded: &[u8]) -> Result<Self, FieldsError> {
        let mut fields = titled(encoded, REVEAL)?;
        let reveal = Self {
            device: DeviceId(fields.array()?),
            signing_key: Bytes32(fields.array()?),
            exchange_key: Bytes32(fields.array()?),
            ephemeral_key: Bytes32(fields.array()?),
            nonce: fields.array()?,
        };
        fields.finish()?;
        Ok(reveal)
    }
}

fn hash(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let labelled = FieldWriter::new().text(FORMAT_LABEL).text(label);
    let message = parts.iter().fold(labelled, |message, part| message.bytes(part));
    Sha256::digest(message.finish()).into()
}

fn commitment_to(reveal: &[u8]) -> Bytes32 {
    Bytes32(hash("join-commitment", &[reveal]))
}

fn code_of(offer: &[u8], reveal: &[u8]) -> JoinCode {
    let hash = hash("join-code", &[offer, reveal]);
    let (number, _) = hash.split_first_chunk().expect("32 bytes are more than 8");
    let code = u64::from_be_bytes(*number) % 1_000_000;
    JoinCode(u32::try_from(code).expect("below a million"))
}

fn grant_context(account: AccountId, device: DeviceId, transcript: &[u8; 32]) -> Vec<u8> {
    let mut context = Context::new("join-grant", account);
    context.device = Some(device);
    context.extra = transcript;
    context.bytes()
}

fn granted_bytes(transcript: &[u8; 32], sealed: &[u8]) -> Vec<u8> {
    FieldWriter::new()
        .text(FORMAT_LABEL)
        .text("join-grant")
        .bytes(transcript)
        .bytes(sealed)
        .finish()
}

/// A laptop that wants to join. Its keys are made; the vault's are not there yet.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(joining: seshat_vault::Joining) { println!("{joining:?}"); }
/// ```
pub struct Joining {
    device: Device,
    ephemeral: Key,
    reveal: Vec<u8>,
}

/// A laptop that was let in: [`crate::vault::unlock_joined`] opens the vault with this.
pub struct Joined {
    account: AccountId,
    identity: Bytes32,
    approver: (DeviceId, Bytes32),
    device: Device,
    vault_key: Key,
}

impl Joining {
    /// Makes the new device's keys and what both sides will compare.
    ///
    /// # Errors
    /// [`EntropyError`].
    pub fn begin(id: DeviceId, entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        let device = Device::make(id, entropy)?;
        let ephemeral = Key::make(entropy)?;
        let mut nonce = [0; 32];
        entropy.fill(&mut nonce)?;
        let reveal = Reveal {
            device: id,
            signing_key: device.signing_public(),
            exchange_key: device.exchange_public(),
            ephemeral_key: exchange_public(&ephemeral),
            nonce,
        };
        let reveal = reveal.encode();
        Ok(Self { device, ephemeral, reveal })
    }

    /// Sent first: binds this side to its keys and says nothing about them.
    #[must_use]
    pub fn commitment(&self) -> Bytes32 {
        commitment_to(&self.reveal)
    }

    /// Sent when the offer is there.
    #[must_use]
    pub fn reveal(&self) -> Blob {
        Blob(self.reveal.clone())
    }

    /// The digits for this screen.
    ///
    /// # Errors
    /// [`JoinError::Altered`] when that is no offer.
    pub fn code(&self, offer: &Blob) -> Result<JoinCode, JoinError> {
        Offer::parse(&offer.0).map_err(|_| JoinError::Altered)?;
        Ok(code_of(&offer.0, &self.reveal))
    }

    /// Takes the vault key, once the author has compared the digits.
    ///
    /// # Errors
    /// [`JoinError::Altered`] unless the device in the code signed exactly this for exactly this laptop.
    pub fn open(self, offer: &Blob, grant: &Blob) -> Result<Joined, JoinError> {
        let altered = |_| JoinError::Altered;
        let sent = Offer::parse(&offer.0).map_err(altered)?;
        let mut fields = titled(&grant.0, GRANT).map_err(altered)?;
        let sealed = fields.bytes().map_err(altered)?;
        let signature = Bytes64(fields.array().map_err(altered)?);
        fields.finish().map_err(altered)?;
        let transcript = hash("join-transcript", &[&offer.0, &self.reveal]);
        if !verifies(&sent.signing_key, &granted_bytes(&transcript, sealed), &signature) {
            return Err(JoinError::Altered);
        }
        let context = grant_context(sent.account, self.device.id(), &transcript);
        let vault_key =
            open_from(&self.ephemeral, &context, sealed).map_err(|_| JoinError::Altered)?;
        Ok(Joined {
            account: sent.account,
            identity: sent.identity,
            approver: (sent.device, sent.signing_key),
            device: self.device,
            vault_key,
        })
    }
}

impl Joined {
    /// The account that was joined.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The new device, which signs the request for the vault.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }
}

/// Opens the vault that a laptop has joined.
///
/// # Errors
/// [`UnlockError::WrongSecret`] when the key that was granted is not this blob's and no rotation by the
/// approving device left a slot; [`UnlockError::Damaged`] when it is another account or identity, or does not
/// list the approving device and the new one.
pub fn unlock_joined(blob: &[u8], joined: Joined) -> Result<(OpenVault, Device), UnlockError> {
    let Joined { account, identity, approver, device, vault_key } = joined;
    let parsed = blob::parse(blob)?;
    if parsed.account != account {
        return Err(UnlockError::Damaged);
    }
    let key = if parsed.is_authentic(&vault_key) {
        vault_key
    } else {
        let listed = |id| (id == approver.0).then_some(approver.1);
        key_for(&parsed, &device, listed).ok_or(UnlockError::WrongSecret)?
    };
    let vault = OpenVault::verified(parsed, key)?;
    let approver_listed =
        vault.device_entry(approver.0).is_some_and(|entry| entry.signing_key == approver.1);
    let exchange = vault.device_entry(device.id()).map(|entry| entry.exchange_key);
    let listed = vault.is_active(&device) && exchange == Some(device.exchange_public());
    if vault.identity_public() != identity || !approver_listed || !listed {
        return Err(UnlockError::Damaged);
    }
    Ok((vault, device))
}

/// An offer that waits for the reveal.
pub struct Offering {
    commitment: Bytes32,
    approver: DeviceId,
    offer: Vec<u8>,
}

impl Offering {
    /// The digits for this screen.
    ///
    /// # Errors
    /// [`JoinError::Altered`] when that is not what the joiner had committed to.
    pub fn code(&self, reveal: &Blob) -> Result<JoinCode, JoinError> {
        self.revealed(reveal)?;
        Ok(code_of(&self.offer, &reveal.0))
    }

    fn revealed(&self, reveal: &Blob) -> Result<Reveal, JoinError> {
        if commitment_to(&reveal.0) != self.commitment {
            return Err(JoinError::Altered);
        }
        Reveal::parse(&reveal.0).map_err(|_| JoinError::Altered)
    }
}

impl OpenVault {
    /// Answers a laptop that asks to join. Sends no secret.
    ///
    /// # Errors
    /// [`JoinError::Device`] when `by` may not approve, [`JoinError::Entropy`].
    pub fn offer_join(
        &self,
        by: &Device,
        commitment: Bytes32,
        entropy: &mut dyn Entropy,
    ) -> Result<(Offering, Blob), JoinError> {
        if !self.is_active(by) {
            return Err(JoinError::Device);
        }
        let mut nonce = [0; 32];
        entropy.fill(&mut nonce)?;
        let offer = Offer {
            account: self.account,
            identity: self.identity_public(),
            device: by.id(),
            signing_key: by.signing_public(),
            nonce,
        };
        let offer = offer.encode();
        let offering = Offering { commitment, approver: by.id(), offer: offer.clone() };
        Ok((offering, Blob(offer)))
    }

    /// Lets the laptop in whose digits the author has compared: lists it and seals the vault key to it. Save and
    /// send the vault's blob before the grant.
    ///
    /// # Errors
    /// [`JoinError`]; the vault is unchanged then.
    pub fn grant_join(
        &mut self,
        by: &Device,
        offering: &Offering,
        reveal: &Blob,
        name: &str,
        now_ms: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<(DeviceEntry, Blob), JoinError> {
        let joiner = offering.revealed(reveal)?;
        let known = self.body.devices.contains_key(&joiner.device);
        if known || by.id() != offering.approver || !self.is_active(by) {
            return Err(JoinError::Device);
        }
        let transcript = hash("join-transcript", &[&offering.offer, &reveal.0]);
        let context = grant_context(self.account, joiner.device, &transcript);
        let bad = |error| match error {
            SealToError::BadKey => JoinError::Altered,
            SealToError::Entropy(error) => JoinError::Entropy(error),
        };
        // Tried first: a device with a key of low order could never be given a rotated vault key.
        let probe = Key::make(entropy)?;
        let Sealed(_) = seal_to(&joiner.exchange_key, &context, &probe, entropy).map_err(bad)?;
        let sealed = seal_to(&joiner.ephemeral_key, &context, &self.key, entropy).map_err(bad)?;
        let signature = by.sign(&granted_bytes(&transcript, &sealed.0));
        let keys = (joiner.signing_key, joiner.exchange_key);
        let entry = self.list_device(joiner.device, keys, name, now_ms);
        let grant = FieldWriter::new().text(GRANT).bytes(&sealed.0).bytes(&signature.0).finish();
        Ok((entry, Blob(grant)))
    }
}
