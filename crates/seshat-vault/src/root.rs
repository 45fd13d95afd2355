//! From what the author knows to the two keys that come from it: one wraps the vault key, one signs in.
//!
//! ```text
//! password --Argon2id--> stretched[32];  root = HKDF(stretched | account code, salt = account id)
//! root -> "password wrap", "password sign-in";  phrase -> "recovery wrap", "recovery sign-in"
//! ```
//!
//! **Invariant:** the server gets the public half of the sign-in key only, and that key opens nothing.

use seshat_protocol::{AccountId, Bytes32, KdfDescription};

use crate::derive::derive_key;
use crate::kdf::stretch;
use crate::key::Key;
use crate::signing::public_of;
use crate::{AccountCode, KdfError, KdfParams, Password, RecoveryPhrase};

/// The two keys that come from one secret of the author.
pub(crate) struct SecretKeys {
    /// Wraps the vault key in a slot.
    pub(crate) wrap: Key,
    /// Ed25519 seed.
    pub(crate) sign_in: Key,
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
        })
    }

    /// From the recovery phrase: 256 random bits need no stretching.
    pub(crate) fn of_phrase(account: AccountId, phrase: &RecoveryPhrase) -> Self {
        let secret: &[&[u8]] = &[phrase.expose()];
        Self {
            wrap: derive_key(account.as_bytes(), secret, "recovery wrap"),
            sign_in: derive_key(account.as_bytes(), secret, "recovery sign-in"),
        }
    }

    /// The public half of the sign-in key.
    pub(crate) fn sign_in_public(&self) -> Bytes32 {
        public_of(&self.sign_in)
    }

    pub(crate) fn duplicate(&self) -> Self {
        Self { wrap: self.wrap.duplicate(), sign_in: self.sign_in.duplicate() }
    }
}
