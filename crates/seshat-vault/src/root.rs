//! From what the author knows to the keys that come from it: one wraps the vault key, one signs in, and one is
//! for the recovery phrase itself.
//!
//! ```text
//! password --Argon2id--> stretched[32];  root = HKDF(stretched | account code, salt = account id)
//! root   -> "password wrap", "password sign-in", "kit"
//! phrase -> "recovery wrap", "recovery sign-in", "recovery exchange"
//! ```
//!
//! **Invariant:** the server gets the public half of the sign-in key only, and that key opens nothing.

use seshat_protocol::{AccountId, Bytes32, KdfDescription};

use crate::derive::derive_key;
use crate::kdf::stretch;
use crate::key::Key;
use crate::signing::public_of;
use crate::{AccountCode, KdfError, KdfParams, Password, RecoveryPhrase};

/// The keys that come from one secret of the author.
pub(crate) struct SecretKeys {
    /// Wraps the vault key in a slot.
    pub(crate) wrap: Key,
    /// Ed25519 seed.
    pub(crate) sign_in: Key,
    /// For the kit to be shown again. From a password: seals the recovery phrase in the body. From a phrase:
    /// the phrase itself.
    pub(crate) kit: Key,
}

impl SecretKeys {
    /// From the password, and the account code where one is in use. This is the costly one.
    pub(crate) fn of_password(
        account: AccountId,
        password: &Password,
        code: Option<&AccountCode>,
        (kdf, pinned): (&KdfDescription, Option<KdfParams>),
    ) -> Result<Self, KdfError> {
        let stretched = stretch(password, kdf, pinned)?;
        let code: &[u8] = code.map_or(&[], |code| code.expose());
        let root = derive_key(account.as_bytes(), &[stretched.expose(), code], "root");
        Ok(Self {
            wrap: derive_key(&[], &[root.expose()], "password wrap"),
            sign_in: derive_key(&[], &[root.expose()], "password sign-in"),
            kit: derive_key(&[], &[root.expose()], "kit"),
        })
    }

    /// From the recovery phrase: 256 random bits need no stretching.
    pub(crate) fn of_phrase(account: AccountId, phrase: &RecoveryPhrase) -> Self {
        let secret: &[&[u8]] = &[phrase.expose()];
        Self {
            wrap: derive_key(account.as_bytes(), secret, "recovery wrap"),
            sign_in: derive_key(account.as_bytes(), secret, "recovery sign-in"),
            kit: phrase.key().duplicate(),
        }
    }

    /// The public half of the sign-in key.
    pub(crate) fn sign_in_public(&self) -> Bytes32 {
        public_of(&self.sign_in)
    }

    pub(crate) fn duplicate(&self) -> Self {
        Self {
            wrap: self.wrap.duplicate(),
            sign_in: self.sign_in.duplicate(),
            kit: self.kit.duplicate(),
        }
    }
}

/// The recovery phrase's X25519 secret. What is sealed to its public half opens with the kit alone.
pub(crate) fn recovery_exchange(account: AccountId, phrase: &RecoveryPhrase) -> Key {
    derive_key(account.as_bytes(), &[phrase.expose()], "recovery exchange")
}
