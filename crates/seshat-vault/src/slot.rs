//! Slots: the vault key, wrapped once for each secret that opens the vault.
//!
//! ```text
//! slot = fields: kind | kdf fields (password) or empty | account code in use [0/1] | generation u64 | wrap
//! ```
//!
//! **Invariant:** a slot is written once and then carried from blob to blob byte for byte, so a laptop that
//! does not know the newest password cannot harm the slot that takes it. Its own `generation`, which says when
//! it was written, is bound in its context with everything else that stands in it.

use seshat_protocol::{AccountId, FieldReader, FieldWriter, FieldsError, KdfDescription, Sealed};

use crate::context::Context;
use crate::device_slot::DeviceSlot;
use crate::envelope;
use crate::kdf::{encode_kdf, parse_kdf};
use crate::key::Key;
use crate::{Entropy, EntropyError, OpenError};

/// Opened by the password, and by the account code where one is in use.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ByPassword {
    pub(crate) kdf: KdfDescription,
    pub(crate) code: CodeFlag,
}

/// Opened by the recovery phrase.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ByPhrase;

/// Whether the account code is mixed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeFlag {
    Unused,
    Used,
}

/// One wrap of the vault key. Holds no secret that is not sealed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Slot<K> {
    pub(crate) kind: K,
    pub(crate) generation: u64,
    pub(crate) wrap: Sealed,
}

/// A slot of a blob: one that this release reads, or another's, kept byte for byte.
pub(crate) enum ParsedSlot<'a> {
    Password(Slot<ByPassword>),
    Recovery(Slot<ByPhrase>),
    Device(DeviceSlot),
    Unknown(&'a [u8]),
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

/// What differs between the kinds of slots.
pub(crate) trait SlotKind {
    /// How the kind is called in the blob.
    const NAME: &'static str;
    /// How it is called in the context.
    const CONTEXT: &'static str;
    /// The KDF fields, or nothing.
    fn kdf_bytes(&self) -> Vec<u8>;
    /// Whether the account code is a second secret.
    fn flag(&self) -> CodeFlag;
}

impl SlotKind for ByPassword {
    const NAME: &'static str = "password";
    const CONTEXT: &'static str = "slot-password";

    fn kdf_bytes(&self) -> Vec<u8> {
        encode_kdf(&self.kdf)
    }

    fn flag(&self) -> CodeFlag {
        self.code
    }
}

impl SlotKind for ByPhrase {
    const NAME: &'static str = "recovery";
    const CONTEXT: &'static str = "slot-recovery";

    fn kdf_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    fn flag(&self) -> CodeFlag {
        CodeFlag::Unused
    }
}

/// What a slot's wrap is bound to. `extra` is the KDF, the generation and the use of the account code.
fn context_of<K: SlotKind>(kind: &K, account: AccountId, generation: u64) -> Vec<u8> {
    let extra = FieldWriter::new()
        .bytes(&kind.kdf_bytes())
        .u64(generation)
        .bytes(&[kind.flag().byte()])
        .finish();
    let mut context = Context::new(K::CONTEXT, account);
    context.extra = &extra;
    context.bytes()
}

impl<K: SlotKind> Slot<K> {
    /// Wraps `vault_key` under `wrap_key`.
    pub(crate) fn seal(
        kind: K,
        (account, generation): (AccountId, u64),
        (vault_key, wrap_key): (&Key, &Key),
        entropy: &mut dyn Entropy,
    ) -> Result<Self, EntropyError> {
        let context = context_of(&kind, account, generation);
        let wrap = envelope::seal(wrap_key.expose(), &context, vault_key.expose(), entropy)?;
        Ok(Self { kind, generation, wrap })
    }

    /// The vault key, if `wrap_key` is the right one and the slot is whole.
    pub(crate) fn open(&self, account: AccountId, wrap_key: &Key) -> Result<Key, OpenError> {
        let context = context_of(&self.kind, account, self.generation);
        let plaintext = envelope::open(wrap_key.expose(), &context, &self.wrap.0)?;
        Key::copy_of(&plaintext).ok_or(OpenError::Tampered)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        FieldWriter::new()
            .text(K::NAME)
            .bytes(&self.kind.kdf_bytes())
            .bytes(&[self.kind.flag().byte()])
            .u64(self.generation)
            .bytes(&self.wrap.0)
            .finish()
    }
}

/// Reads one slot of a blob.
pub(crate) fn parse(encoded: &[u8]) -> Result<ParsedSlot<'_>, FieldsError> {
    let mut fields = FieldReader::new(encoded);
    let name = fields.text()?;
    if name == DeviceSlot::NAME {
        return DeviceSlot::read(fields).map(ParsedSlot::Device);
    }
    if name != ByPassword::NAME && name != ByPhrase::NAME {
        return Ok(ParsedSlot::Unknown(encoded));
    }
    let kdf = fields.bytes()?;
    let code = match fields.bytes()? {
        [0] => CodeFlag::Unused,
        [1] => CodeFlag::Used,
        _ => return Err(FieldsError),
    };
    let generation = fields.u64()?;
    let wrap = Sealed(fields.bytes()?.to_vec());
    fields.finish()?;
    match (name, kdf, code) {
        (ByPassword::NAME, kdf, code) => {
            let kind = ByPassword { kdf: parse_kdf(kdf)?, code };
            Ok(ParsedSlot::Password(Slot { kind, generation, wrap }))
        }
        (_, [], CodeFlag::Unused) => {
            Ok(ParsedSlot::Recovery(Slot { kind: ByPhrase, generation, wrap }))
        }
        _ => Err(FieldsError),
    }
}
