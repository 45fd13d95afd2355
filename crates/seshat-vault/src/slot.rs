//! Slots: the vault key, wrapped once for each secret that opens the vault.
//!
//!     slot = fields: kind | kdf fields (password) or empty | account code in use [0/1] | generation u64 | wrap
//!
//! **Invariant:** a slot is written once and then carried from blob to blob byte for byte, so a laptop that
//! does not know the newest password cannot harm the slot that takes it. Its own `generation`, which says when
//! it was written, is bound in its context with everything else that stands in it.

use seshat_protocol::{AccountId, FieldReader, FieldWriter, FieldsError, KdfDescription, Sealed};

use crate::context::Context;
use crate::envelope;
use crate::kdf::{encode_kdf, parse_kdf};
use crate::key::Key;
use crate::{Entropy, EntropyError, OpenError};

/// Which secret opens a slot.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SlotKind {
    /// Password, and whether the account code is a second secret.
    Password { kdf: KdfDescription, code: CodeFlag },
    /// The recovery phrase.
    Recovery,
}

/// Whether the account code is mixed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeFlag {
    Unused,
    Used,
}

impl CodeFlag {
    pub(crate) fn of<T>(code: Option<&T>) -> Self {
        if code.is_some() { Self::Used } else { Self::Unused }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Unused => 0,
            Self::Used => 1,
        }
    }
}

/// One wrap of the vault key. Holds no secret that is not sealed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: SlotKind,
    pub(crate) generation: u64,
    pub(crate) wrap: Sealed,
}

/// A slot of a blob: one that this release reads, or another's, kept byte for byte.
pub(crate) enum ParsedSlot<'a> {
    Known(Slot),
    Unknown(&'a [u8]),
}

const PASSWORD: &str = "password";
const RECOVERY: &str = "recovery";

impl SlotKind {
    fn kdf_bytes(&self) -> Vec<u8> {
        match self {
            Self::Password { kdf, .. } => encode_kdf(kdf),
            Self::Recovery => Vec::new(),
        }
    }

    fn flag(&self) -> CodeFlag {
        match self {
            Self::Password { code, .. } => *code,
            Self::Recovery => CodeFlag::Unused,
        }
    }

    fn context(&self, account: AccountId, generation: u64) -> Vec<u8> {
        let kind = match self {
            Self::Password { .. } => "slot-password",
            Self::Recovery => "slot-recovery",
        };
        let extra = FieldWriter::new()
            .bytes(&self.kdf_bytes())
            .u64(generation)
            .bytes(&[self.flag().byte()])
            .finish();
        let mut context = Context::new(kind, account);
        context.extra = &extra;
        context.bytes()
    }
}

impl Slot {
    /// Wraps `vault_key` under `wrap_key`.
    pub(crate) fn seal(
        kind: SlotKind,
        (account, generation): (AccountId, u64),
        (vault_key, wrap_key): (&Key, &Key),
        entropy: &mut dyn Entropy,
    ) -> Result<Self, EntropyError> {
        let context = kind.context(account, generation);
        let wrap = envelope::seal(wrap_key.expose(), &context, vault_key.expose(), entropy)?;
        Ok(Self { kind, generation, wrap })
    }

    /// The vault key, if `wrap_key` is the right one and the slot is whole.
    pub(crate) fn open(&self, account: AccountId, wrap_key: &Key) -> Result<Key, OpenError> {
        let context = self.kind.context(account, self.generation);
        let plaintext = envelope::open(wrap_key.expose(), &context, &self.wrap.0)?;
        Key::copy_of(&plaintext).ok_or(OpenError::Tampered)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let kind = match self.kind {
            SlotKind::Password { .. } => PASSWORD,
            SlotKind::Recovery => RECOVERY,
        };
        FieldWriter::new()
            .text(kind)
            .bytes(&self.kind.kdf_bytes())
            .bytes(&[self.kind.flag().byte()])
            .u64(self.generation)
            .bytes(&self.wrap.0)
            .finish()
    }

    pub(crate) fn parse(encoded: &[u8]) -> Result<ParsedSlot<'_>, FieldsError> {
        let mut fields = FieldReader::new(encoded);
        let name = fields.text()?;
        if name != PASSWORD && name != RECOVERY {
            return Ok(ParsedSlot::Unknown(encoded));
        }
        let kdf = fields.bytes()?;
        let flag = match fields.bytes()? {
            [0] => CodeFlag::Unused,
            [1] => CodeFlag::Used,
            _ => return Err(FieldsError),
        };
        let kind = match (name, kdf, flag) {
            (PASSWORD, kdf, code) => SlotKind::Password { kdf: parse_kdf(kdf)?, code },
            (_, [], CodeFlag::Unused) => SlotKind::Recovery,
            _ => return Err(FieldsError),
        };
        let slot = Self { kind, generation: fields.u64()?, wrap: Sealed(fields.bytes()?.to_vec()) };
        fields.finish()?;
        Ok(ParsedSlot::Known(slot))
    }
}
