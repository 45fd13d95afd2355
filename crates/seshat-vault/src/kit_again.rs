//! The recovery phrase, kept so that the Emergency Kit can be shown again.
//!
//! ```text
//! entry = "recovery-phrase" | generation of the password slot u64 | of the recovery slot u64 | sealed(phrase)
//! ```
//!
//! **Invariant:** who holds the vault key alone does not get the phrase: it is sealed under a key that comes
//! from the password. A copy that belongs to another password or another phrase gives nothing.

use seshat_protocol::{AccountId, FieldReader, FieldWriter, FieldsError, Sealed};

use crate::blob::Slots;
use crate::context::Context;
use crate::envelope;
use crate::key::Key;
use crate::root::SecretKeys;
use crate::{Entropy, EntropyError, OpenVault, RecoveryPhrase};

/// A phrase sealed under a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeptPhrase {
    password_generation: u64,
    recovery_generation: u64,
    sealed: Sealed,
}

fn context(account: AccountId, (password, recovery): (u64, u64)) -> Vec<u8> {
    let extra = FieldWriter::new().u64(password).u64(recovery).finish();
    let mut context = Context::new("recovery-phrase", account);
    context.extra = &extra;
    context.bytes()
}

fn generations(slots: &Slots) -> (u64, u64) {
    (slots.password.generation, slots.recovery.generation)
}

impl KeptPhrase {
    /// Seals `phrase` for the password whose `kit` key this is.
    pub(crate) fn seal(
        account: AccountId,
        slots: &Slots,
        (kit, phrase): (&Key, &Key),
        entropy: &mut dyn Entropy,
    ) -> Result<Self, EntropyError> {
        let (password_generation, recovery_generation) = generations(slots);
        let context = context(account, generations(slots));
        let sealed = envelope::seal(kit.expose(), &context, phrase.expose(), entropy)?;
        Ok(Self { password_generation, recovery_generation, sealed })
    }

    fn open(&self, account: AccountId, slots: &Slots, kit: &Key) -> Option<Key> {
        let context = context(account, generations(slots));
        let phrase = envelope::open(kit.expose(), &context, &self.sealed.0).ok()?;
        Key::copy_of(&phrase)
    }

    /// Whether this belongs to a blob with these slots.
    pub(crate) fn fits(&self, slots: &Slots) -> bool {
        (self.password_generation, self.recovery_generation) == generations(slots)
    }

    pub(crate) fn write(&self, entry: FieldWriter) -> FieldWriter {
        entry.u64(self.password_generation).u64(self.recovery_generation).bytes(&self.sealed.0)
    }

    pub(crate) fn read(mut fields: FieldReader<'_>) -> Result<Self, FieldsError> {
        let kept = Self {
            password_generation: fields.u64()?,
            recovery_generation: fields.u64()?,
            sealed: Sealed(fields.bytes()?.to_vec()),
        };
        fields.finish()?;
        Ok(kept)
    }
}

impl OpenVault {
    /// The recovery phrase, for a kit that is shown again: where this vault was opened by its password or by
    /// the phrase itself. `None` also where the password was set by somebody who could not know the phrase;
    /// then [`OpenVault::change_recovery_phrase`] makes a new one.
    #[must_use]
    pub fn recovery_phrase(&self) -> Option<RecoveryPhrase> {
        self.phrase_key().map(|key| RecoveryPhrase::of_key(&key))
    }

    pub(crate) fn phrase_key(&self) -> Option<Key> {
        if let Some(keys) = &self.by_phrase {
            return Some(keys.kit.duplicate());
        }
        let kit = &self.by_password.as_ref()?.kit;
        let key = self.body.phrase.as_ref()?.open(self.account, &self.slots, kit)?;
        let keys = SecretKeys::of_phrase(self.account, &RecoveryPhrase::of_key(&key));
        (keys.sign_in_public() == self.body.recovery_public).then_some(key)
    }
}
