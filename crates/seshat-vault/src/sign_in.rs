//! Signing in on a laptop that has no vault yet: from an email address and a password, or from the kit.
//!
//! **Invariant:** what the server says cannot make the laptop answer with less than the author gave: an
//! account code that was typed is always mixed in, and parameters out of bounds are refused unstretched.

use seshat_protocol::{AccountId, Bytes32, Bytes64, ChallengeReply};

use crate::root::SecretKeys;
use crate::signing::sign;
use crate::slot::{ByPassword, CodeFlag};
use crate::{AccountCode, KdfParams, Password, RecoveryPhrase, UnlockError};

/// The keys of one secret, before the vault is there. [`crate::vault::unlock_signed_in`] opens the vault with
/// them, so that the password is stretched once.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(sign_in: seshat_vault::SignIn) { println!("{sign_in:?}"); }
/// ```
pub struct SignIn {
    account: AccountId,
    keys: SecretKeys,
    /// For a password: what it was stretched with.
    stretched_with: Option<ByPassword>,
}

impl SignIn {
    /// Stretches the password as the server's challenge says, within the bounds. Runs Argon2id once.
    ///
    /// # Errors
    /// [`UnlockError::CodeNeeded`] when the account uses a code and none was given; `WeakKdf`, `HeavyKdf` or
    /// `NoMemory` for the parameters.
    pub fn with_password(
        challenge: &ChallengeReply,
        password: &Password,
        code: Option<&AccountCode>,
        pinned: Option<KdfParams>,
    ) -> Result<Self, UnlockError> {
        if challenge.account_code && code.is_none() {
            return Err(UnlockError::CodeNeeded);
        }
        let (account, kdf) = (challenge.account, challenge.kdf);
        let keys = SecretKeys::of_password(account, password, code, (&kdf, pinned))?;
        let stretched_with = Some(ByPassword { kdf, code: CodeFlag::of(code) });
        Ok(Self { account, keys, stretched_with })
    }

    /// From the recovery phrase.
    #[must_use]
    pub fn with_recovery(account: AccountId, phrase: &RecoveryPhrase) -> Self {
        Self { account, keys: SecretKeys::of_phrase(account, phrase), stretched_with: None }
    }

    /// The account that is signed in to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The public half of the sign-in key.
    #[must_use]
    pub fn public(&self) -> Bytes32 {
        self.keys.sign_in_public()
    }

    /// Signs an answer to a challenge.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Bytes64 {
        sign(&self.keys.sign_in, message)
    }

    pub(crate) fn keys(&self) -> &SecretKeys {
        &self.keys
    }

    pub(crate) fn stretched_with(&self) -> Option<&ByPassword> {
        self.stretched_with.as_ref()
    }
}
