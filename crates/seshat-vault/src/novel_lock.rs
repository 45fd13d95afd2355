//! A passphrase of a novel's own: without it the vault shows that the novel exists and nothing else.
//!
//! **Invariant:** the keys of a locked novel are in the vault's body under the lock only, and in memory only
//! while the novel is open. A wrong passphrase costs nothing but the time to try it. A lost passphrase loses
//! that novel and no other, unless the author wanted a copy of the lock's key for the kit.

use seshat_protocol::{AccountId, FieldWriter, KdfDescription, NovelId, Sealed};

use crate::context::Context;
use crate::derive::derive_key;
use crate::kdf::{encode_kdf, make_kdf, stretch};
use crate::key::Key;
use crate::lineage::KeyId;
use crate::locks::{Copied, LOCK_TAG, Passphrase};
use crate::root::recovery_exchange;
use crate::seal_to::{SealToError, open_from, seal_to};
use crate::{
    ChangeError, Entropy, EntropyError, KdfError, KdfParams, Password, RecoveryPhrase, UnlockError,
    envelope,
};
use seshat_protocol::Bytes32;

/// What opens one novel: made of its passphrase, or of the kit where there is a copy for it.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(secret: seshat_vault::NovelSecret) { println!("{secret:?}"); }
/// ```
pub struct NovelSecret {
    pub(crate) account: AccountId,
    pub(crate) novel: NovelId,
    /// How a new lock wraps its key; `None` for a secret that answered a challenge.
    new: Option<(KdfDescription, Key)>,
    pub(crate) lock_key: Key,
}

/// A lock that waits for its passphrase. Holds no secret, so that the answer needs no vault.
#[derive(Clone)]
pub struct NovelChallenge {
    pub(crate) account: AccountId,
    pub(crate) novel: NovelId,
    pub(crate) lock: KeyId,
    pub(crate) generation: u64,
    pub(crate) passphrase: Passphrase,
}

/// Whether a novel has a passphrase of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NovelLock {
    /// It has none.
    None,
    /// It has, and was not opened.
    Locked {
        /// Whether the kit opens it.
        recovery_copy: bool,
    },
    /// It has, and is open.
    Open {
        /// Whether the kit opens it.
        recovery_copy: bool,
    },
}

/// Whether the kit opens a locked novel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecoveryCopy {
    /// It does not: who forgets the passphrase has lost the novel.
    None,
    /// It does.
    Make,
}

/// Why a novel was not locked, opened or unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The vault has no key for this novel.
    #[error("this vault has no key for the novel")]
    UnknownNovel,
    /// It has a passphrase already.
    #[error("this novel has a passphrase already")]
    AlreadyLocked,
    /// The novel, or one of its locks, is not open.
    #[error("the novel is locked")]
    Locked,
    /// The secret is another novel's, or of a lock that is no longer there.
    #[error("this is not the secret that opens the novel")]
    WrongSecret,
    /// No random bytes.
    #[error("could not seal the novel's keys")]
    Entropy(#[from] EntropyError),
}

fn wrap_context(
    account: AccountId,
    (novel, lock, generation): (NovelId, KeyId, u64),
    kdf: &KdfDescription,
) -> Vec<u8> {
    let extra = FieldWriter::new().bytes(&lock.0).bytes(&encode_kdf(kdf)).u64(generation).finish();
    let mut context = Context::new(LOCK_TAG, account);
    context.novel = Some(novel);
    context.extra = &extra;
    context.bytes()
}

fn copy_context(account: AccountId, novel: NovelId, lock: KeyId) -> Vec<u8> {
    let extra = FieldWriter::new().bytes(&lock.0).finish();
    let mut context = Context::new("novel-copy", account);
    context.novel = Some(novel);
    context.extra = &extra;
    context.bytes()
}

fn wrap_key(novel: NovelId, password: &Password, kdf: &KdfDescription) -> Result<Key, KdfError> {
    let stretched = stretch(password, kdf, None)?;
    Ok(derive_key(novel.as_bytes(), &[stretched.expose()], "novel wrap"))
}

impl NovelSecret {
    /// The secret of a new lock. Runs Argon2id once, and needs no vault.
    ///
    /// # Errors
    /// [`ChangeError`]: an easy passphrase, a KDF out of bounds, no random bytes.
    pub fn make(
        account: AccountId,
        novel: NovelId,
        passphrase: &Password,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, ChangeError> {
        if !passphrase.is_strong() {
            return Err(ChangeError::WeakPassword);
        }
        kdf.check(None)?;
        let kdf = make_kdf(kdf, entropy)?;
        let wrap = wrap_key(novel, passphrase, &kdf)?;
        Ok(Self { account, novel, new: Some((kdf, wrap)), lock_key: Key::make(entropy)? })
    }

    /// The lock's name.
    pub(crate) fn lock(&self) -> KeyId {
        KeyId::of(&self.lock_key)
    }

    /// The lock for the vault's body; `None` from a secret that did not make it.
    pub(crate) fn wrapped(
        &self,
        generation: u64,
        copy_to: Option<&Bytes32>,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<Passphrase>, EntropyError> {
        let Some((kdf, wrap)) = &self.new else { return Ok(None) };
        let context = wrap_context(self.account, (self.novel, self.lock(), generation), kdf);
        let wrap = envelope::seal(wrap.expose(), &context, self.lock_key.expose(), entropy)?;
        let copy = match copy_to {
            None => None,
            Some(to) => make_copy(self.account, self.novel, (&self.lock_key, to), entropy)?,
        };
        Ok(Some(Passphrase { kdf: *kdf, wrap, copy }))
    }
}

/// Seals a lock's key for the kit.
pub(crate) fn make_copy(
    account: AccountId,
    novel: NovelId,
    (lock_key, to): (&Key, &Bytes32),
    entropy: &mut dyn Entropy,
) -> Result<Option<Copied>, EntropyError> {
    let context = copy_context(account, novel, KeyId::of(lock_key));
    match seal_to(to, &context, lock_key, entropy) {
        Ok(sealed) => Ok(Some(Copied { to: *to, sealed })),
        Err(SealToError::BadKey) => Ok(None),
        Err(SealToError::Entropy(error)) => Err(error),
    }
}

impl NovelChallenge {
    /// Tries a passphrase. Runs Argon2id once.
    ///
    /// # Errors
    /// [`UnlockError::WrongSecret`] for another passphrase; `WeakKdf`, `HeavyKdf` or `NoMemory` for the
    /// parameters.
    pub fn answer(&self, passphrase: &Password) -> Result<NovelSecret, UnlockError> {
        let Passphrase { kdf, wrap, .. } = &self.passphrase;
        let wrap_key = wrap_key(self.novel, passphrase, kdf)?;
        let context = wrap_context(self.account, (self.novel, self.lock, self.generation), kdf);
        let opened = envelope::open(wrap_key.expose(), &context, &wrap.0);
        self.secret(opened.ok().and_then(|bytes| Key::copy_of(&bytes)))
    }

    /// Tries the kit.
    ///
    /// # Errors
    /// [`UnlockError::WrongSecret`] for another phrase, or where there is no copy for it.
    pub fn answer_with_phrase(&self, phrase: &RecoveryPhrase) -> Result<NovelSecret, UnlockError> {
        let sealed: Option<&Sealed> = self.passphrase.copy.as_ref().map(|copy| &copy.sealed);
        let context = copy_context(self.account, self.novel, self.lock);
        let exchange = recovery_exchange(self.account, phrase);
        self.secret(sealed.and_then(|sealed| open_from(&exchange, &context, &sealed.0).ok()))
    }

    fn secret(&self, lock_key: Option<Key>) -> Result<NovelSecret, UnlockError> {
        let lock_key =
            lock_key.filter(|key| KeyId::of(key) == self.lock).ok_or(UnlockError::WrongSecret)?;
        Ok(NovelSecret { account: self.account, novel: self.novel, new: None, lock_key })
    }
}
