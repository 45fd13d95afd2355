//! The vault key for one device, left behind by the laptop that rotated it.
//!
//! ```text
//! slot = fields: "device" | device[16] | signer[16] | generation u64 | sealed to the device[80] | signature[64]
//! ```
//!
//! **Invariant:** a slot is believed only by somebody who knew the signing device before. Anybody can seal to a
//! device; what it opens to says nothing until the signature has verified.

use seshat_protocol::{
    AccountId, Bytes32, Bytes64, DeviceEntry, DeviceId, FORMAT_LABEL, FieldReader, FieldWriter,
    FieldsError, Sealed,
};

use crate::context::Context;
use crate::device::Device;
use crate::key::Key;
use crate::seal_to::{SealToError, seal_to};
use crate::signing::verifies;
use crate::{Entropy, EntropyError};

/// One device's slot.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DeviceSlot {
    pub(crate) device: DeviceId,
    pub(crate) signer: DeviceId,
    pub(crate) generation: u64,
    sealed: Sealed,
    signature: Bytes64,
}

impl DeviceSlot {
    pub(crate) const NAME: &'static str = "device";

    /// Seals the vault key for `to`, signed by `by`. `None` for a device whose exchange key is no key.
    pub(crate) fn seal(
        (account, generation): (AccountId, u64),
        to: &DeviceEntry,
        by: &Device,
        key: &Key,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<Self>, EntropyError> {
        let (sealed, signature) = (Sealed(Vec::new()), Bytes64([0; 64]));
        let mut slot = Self { device: to.id, signer: by.id(), generation, sealed, signature };
        slot.sealed = match seal_to(&to.exchange_key, &slot.context(account), key, entropy) {
            Ok(sealed) => sealed,
            Err(SealToError::BadKey) => return Ok(None),
            Err(SealToError::Entropy(error)) => return Err(error),
        };
        slot.signature = by.sign(&slot.signed_bytes(account));
        Ok(Some(slot))
    }

    /// The vault key, if this is for `device` and by the holder of `signer`.
    pub(crate) fn open(
        &self,
        account: AccountId,
        device: &Device,
        signer: &Bytes32,
    ) -> Option<Key> {
        let genuine = self.device == device.id()
            && verifies(signer, &self.signed_bytes(account), &self.signature);
        if !genuine {
            return None;
        }
        device.open_from(&self.context(account), &self.sealed.0).ok()
    }

    fn context(&self, account: AccountId) -> Vec<u8> {
        let extra = FieldWriter::new().bytes(self.signer.as_bytes()).u64(self.generation).finish();
        let mut context = Context::new("slot-device", account);
        context.device = Some(self.device);
        context.extra = &extra;
        context.bytes()
    }

    fn signed_bytes(&self, account: AccountId) -> Vec<u8> {
        FieldWriter::new()
            .text(FORMAT_LABEL)
            .text("device-slot")
            .bytes(account.as_bytes())
            .bytes(self.device.as_bytes())
            .bytes(self.signer.as_bytes())
            .u64(self.generation)
            .bytes(&self.sealed.0)
            .finish()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        FieldWriter::new()
            .text(Self::NAME)
            .bytes(self.device.as_bytes())
            .bytes(self.signer.as_bytes())
            .u64(self.generation)
            .bytes(&self.sealed.0)
            .bytes(&self.signature.0)
            .finish()
    }

    /// Reads what stands behind the name.
    pub(crate) fn read(mut fields: FieldReader<'_>) -> Result<Self, FieldsError> {
        let slot = Self {
            device: DeviceId(fields.array()?),
            signer: DeviceId(fields.array()?),
            generation: fields.u64()?,
            sealed: Sealed(fields.bytes()?.to_vec()),
            signature: Bytes64(fields.array()?),
        };
        fields.finish()?;
        Ok(slot)
    }
}
