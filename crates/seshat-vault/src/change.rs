//! Changing the secrets: another password, an account code, another recovery phrase.
//!
//! **Invariant:** a change rewraps one slot, and the phrase that is kept for the kit. No content and no other
//! slot is touched, and a change that fails leaves the vault as it was.

use crate::blob::Slots;
use crate::key::Key;
use crate::kit_again::KeptPhrase;
use crate::root::{SecretKeys, recovery_exchange};
use crate::seal_to::exchange_public;
use crate::slot::{ByPassword, ByPhrase, CodeFlag, Slot, SlotKind};
use crate::{
    AccountCode, AccountCodeUse, ChangeError, Entropy, EntropyError, KdfParams, OpenVault,
    Password, RecoveryPhrase, kdf::make_kdf,
};

impl OpenVault {
    /// Sets a new password; the account code stays as it is. Afterwards [`OpenVault::sign`] signs with the new
    /// password's key, and [`OpenVault::to_blob`] makes a blob that the old password does not open. The
    /// recovery phrase stays valid. Runs Argon2id once.
    ///
    /// # Errors
    /// [`ChangeError`]: an easy password, a KDF out of bounds or weaker than the present one, no random bytes.
    pub fn change_password(
        &mut self,
        new: &Password,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<(), ChangeError> {
        let code = self.body.code.as_ref().map(AccountCode::duplicate);
        self.rewrap_password(new, kdf, code, entropy)
    }

    /// Sets a password and turns the account code on (with a new code, which [`OpenVault::account_code`] then
    /// shows) or off. Other laptops need the new code at their next unlock after a sync.
    ///
    /// # Errors
    /// As [`OpenVault::change_password`].
    pub fn change_account_code(
        &mut self,
        code: AccountCodeUse,
        password: &Password,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<(), ChangeError> {
        let code = match code {
            AccountCodeUse::None => None,
            AccountCodeUse::Make => Some(AccountCode::make(entropy)?),
        };
        self.rewrap_password(password, kdf, code, entropy)
    }

    /// Makes another recovery phrase, for a new Emergency Kit. After [`OpenVault::to_blob`] the old kit opens
    /// only blobs from before.
    ///
    /// # Errors
    /// [`EntropyError`]; the old phrase stays valid then.
    pub fn change_recovery_phrase(
        &mut self,
        entropy: &mut dyn Entropy,
    ) -> Result<RecoveryPhrase, EntropyError> {
        let phrase = RecoveryPhrase::make(entropy)?;
        let keys = SecretKeys::of_phrase(self.account, &phrase);
        let recovery = self.wrap(ByPhrase, &keys.wrap, entropy)?;
        let slots = Slots { recovery, ..self.slots.clone() };
        let kept = self.keep_phrase(&slots, self.by_password.as_ref(), Some(&keys.kit), entropy)?;
        self.slots = slots;
        self.body.phrase = kept;
        self.body.recovery_wrap = keys.wrap.duplicate();
        self.body.recovery_public = keys.sign_in_public();
        self.body.recovery_exchange_public =
            exchange_public(&recovery_exchange(self.account, &phrase));
        self.by_phrase = Some(keys);
        Ok(phrase)
    }

    fn rewrap_password(
        &mut self,
        new: &Password,
        params: KdfParams,
        code: Option<AccountCode>,
        entropy: &mut dyn Entropy,
    ) -> Result<(), ChangeError> {
        if !new.is_strong() {
            return Err(ChangeError::WeakPassword);
        }
        // Other devices have pinned what is in use now and would refuse anything weaker.
        params.check(Some(self.kdf()))?;
        let kdf = make_kdf(params, entropy)?;
        let keys = SecretKeys::of_password(self.account, new, code.as_ref(), (&kdf, None))?;
        let kind = ByPassword { kdf, code: CodeFlag::of(code.as_ref()) };
        let password = self.wrap(kind, &keys.wrap, entropy)?;
        let slots = Slots { password, ..self.slots.clone() };
        let phrase = self.phrase_key();
        let kept = self.keep_phrase(&slots, Some(&keys), phrase.as_ref(), entropy)?;
        self.slots = slots;
        self.body.phrase = kept;
        self.body.password_public = keys.sign_in_public();
        self.body.code = code;
        self.by_password = Some(keys);
        Ok(())
    }

    /// The phrase for a kit that is shown again, where both secrets are at hand.
    fn keep_phrase(
        &self,
        slots: &Slots,
        password: Option<&SecretKeys>,
        phrase: Option<&Key>,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<KeptPhrase>, EntropyError> {
        let both = password.zip(phrase);
        both.map(|(keys, phrase)| {
            KeptPhrase::seal(self.account, slots, (&keys.kit, phrase), entropy)
        })
        .transpose()
    }

    /// A slot that belongs to the blob that is written next.
    fn wrap<K: SlotKind>(
        &self,
        kind: K,
        wrap_key: &Key,
        entropy: &mut dyn Entropy,
    ) -> Result<Slot<K>, EntropyError> {
        let binding = (self.account, self.next_generation());
        Slot::seal(kind, binding, (&self.key, wrap_key), entropy)
    }
}
