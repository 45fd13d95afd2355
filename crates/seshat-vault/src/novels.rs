//! The novels of an open vault: their keys, and locking and opening those with a passphrase of their own.
//!
//! **Invariant:** a locked novel's keys leave the body in the same step in which they are sealed under the
//! lock, and nothing is sealed under a key of it that was in the body in the clear.

use std::collections::BTreeSet;

use seshat_protocol::NovelId;

use crate::key::Key;
use crate::keys_by_epoch::KeysByEpoch;
use crate::locks::{Lock, LockState};
use crate::novel_lock::make_copy;
use crate::{
    Entropy, EntropyError, LockError, NovelChallenge, NovelLock, NovelSecret, OpenVault,
    RecoveryCopy, SealError,
};

impl OpenVault {
    /// Makes the key of a new novel, or the next epoch's key of one that has a key. Save the blob before
    /// anything that was sealed under it.
    ///
    /// # Errors
    /// [`SealError::LockedNovel`] where it is not open, [`SealError::Entropy`]; the vault is unchanged then.
    pub fn make_novel_key(
        &mut self,
        novel: NovelId,
        entropy: &mut dyn Entropy,
    ) -> Result<(), SealError> {
        if self.is_locked(novel) {
            let opened = self.opened.get_mut(&novel).ok_or(SealError::LockedNovel)?;
            opened.keys.make_next(entropy)?;
            return Ok(self.seal_under_locks(novel, entropy)?);
        }
        let mut made = KeysByEpoch::default();
        if let Some(keys) = self.body.novel_keys.get_mut(&novel) {
            return Ok(keys.make_next(entropy)?);
        }
        made.make_next(entropy)?;
        self.body.novel_keys.insert(novel, made);
        Ok(())
    }

    /// Starts a new epoch for the record headers and for every novel that is not locked. Old epochs stay
    /// readable. The vault key stays the same, so this shuts out who holds novel keys, and not who can open
    /// the vault: [`OpenVault::rotate`].
    ///
    /// # Errors
    /// [`SealError::Entropy`]; some novels may have a new epoch then, which is harmless.
    pub fn rotate_keys(&mut self, entropy: &mut dyn Entropy) -> Result<(), SealError> {
        self.body.account_keys.make_next(entropy)?;
        let closed = |novel: &NovelId| self.is_locked(*novel) && !self.opened.contains_key(novel);
        let novels: Vec<_> = self.novels().into_iter().filter(|novel| !closed(novel)).collect();
        novels.into_iter().try_for_each(|novel| self.make_novel_key(novel, entropy))
    }

    /// Whether the vault has a key for this novel, locked or not.
    #[must_use]
    pub fn has_novel(&self, novel: NovelId) -> bool {
        self.body.novel_keys.contains_key(&novel) || self.is_locked(novel)
    }

    /// The novels that have a key here, locked ones too, in the order of their ids.
    #[must_use]
    pub fn novels(&self) -> Vec<NovelId> {
        let plain = self.body.novel_keys.keys().copied();
        plain.chain(self.body.locks.novels()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The newest epoch of the record headers.
    #[must_use]
    pub fn header_epoch(&self) -> u32 {
        self.body.account_keys.newest_epoch().unwrap_or(0)
    }

    /// The newest epoch of each novel that is not locked now.
    pub fn novel_epochs(&self) -> impl Iterator<Item = (NovelId, u32)> {
        let newest = |novel| self.newest_novel_key(novel).ok().map(|(epoch, _)| (novel, epoch));
        self.novels().into_iter().filter_map(newest)
    }

    /// Gives a novel a passphrase of its own: a new epoch first, then all its keys leave the vault's body. What
    /// was written before stays readable for who has an older blob and its password. The novel is open
    /// afterwards.
    ///
    /// # Errors
    /// [`LockError`]; nothing is changed then.
    pub fn lock_novel(
        &mut self,
        novel: NovelId,
        secret: &NovelSecret,
        copy: RecoveryCopy,
        entropy: &mut dyn Entropy,
    ) -> Result<(), LockError> {
        if self.is_locked(novel) {
            return Err(LockError::AlreadyLocked);
        }
        if secret.account != self.account || secret.novel != novel {
            return Err(LockError::WrongSecret);
        }
        let mut keys = self.body.novel_keys.get(&novel).ok_or(LockError::UnknownNovel)?.duplicate();
        keys.make_next(entropy)?;
        let copy_to = match copy {
            RecoveryCopy::None => None,
            RecoveryCopy::Make => Some(&self.body.recovery_exchange_public),
        };
        let generation = self.next_generation();
        let passphrase = secret.wrapped(generation, copy_to, entropy)?;
        let state = LockState::InForce(passphrase.ok_or(LockError::WrongSecret)?);
        let (lock, account) = (secret.lock(), self.account);
        let place = (novel, lock, &secret.lock_key);
        self.body.locks.seal_keys(account, place, &keys, entropy)?;
        self.body.locks.put(novel, lock, Lock { generation, state });
        let opened = self.opened.entry(novel).or_default();
        opened.locks.insert(lock, secret.lock_key.duplicate());
        self.settle_locks();
        Ok(())
    }

    /// The locks of a novel that are in force: one, or more where two laptops locked it at the same time. A
    /// passphrase may be the answer to any of them.
    #[must_use]
    pub fn novel_challenges(&self, novel: NovelId) -> Vec<NovelChallenge> {
        let account = self.account;
        let locks = self.body.locks.in_force(novel);
        locks
            .map(|(lock, generation, passphrase)| {
                let passphrase = passphrase.clone();
                NovelChallenge { account, novel, lock, generation, passphrase }
            })
            .collect()
    }

    /// Opens a locked novel until [`OpenVault::close_novel`] or until this vault is dropped.
    ///
    /// # Errors
    /// [`LockError::WrongSecret`] where no lock of this novel has this key.
    pub fn open_novel(&mut self, novel: NovelId, secret: &NovelSecret) -> Result<(), LockError> {
        let lock = secret.lock();
        let fits = secret.account == self.account && secret.novel == novel;
        if !fits || !self.body.locks.in_force(novel).any(|(id, ..)| id == lock) {
            return Err(LockError::WrongSecret);
        }
        let opened = self.opened.entry(novel).or_default();
        opened.locks.insert(lock, secret.lock_key.duplicate());
        self.settle_locks();
        Ok(())
    }

    /// Forgets the keys of a locked novel; of another one, nothing.
    pub fn close_novel(&mut self, novel: NovelId) {
        drop(self.opened.remove(&novel));
    }

    /// Takes a novel's passphrase away: its keys are in the vault's body again. To give it another passphrase,
    /// lock it anew; what was written till then stays readable for who can open the vault and has older blobs.
    ///
    /// # Errors
    /// [`LockError::Locked`] unless every lock of the novel is open, [`LockError::Entropy`].
    pub fn unlock_novel_for_good(
        &mut self,
        novel: NovelId,
        entropy: &mut dyn Entropy,
    ) -> Result<(), LockError> {
        let opened = self.opened.get(&novel).ok_or(LockError::Locked)?;
        let in_force: Vec<_> = self.body.locks.in_force(novel).map(|(id, ..)| id).collect();
        if !in_force.iter().all(|id| opened.locks.contains_key(id)) {
            return Err(LockError::Locked);
        }
        // What another laptop left in the clear is never the newest.
        self.seal_under_locks(novel, entropy)?;
        let generation = self.next_generation();
        let opened = self.opened.remove(&novel).ok_or(LockError::Locked)?;
        for (id, key) in &opened.locks {
            let state = LockState::Removed(key.duplicate());
            self.body.locks.put(novel, *id, Lock { generation, state });
        }
        self.body.novel_keys.entry(novel).or_default().merge(&opened.keys);
        self.settle_locks();
        Ok(())
    }

    /// Whether a novel has a passphrase of its own and is open.
    #[must_use]
    pub fn novel_lock(&self, novel: NovelId) -> NovelLock {
        let to = self.body.recovery_exchange_public;
        let mut locks = self.body.locks.in_force(novel).peekable();
        if locks.peek().is_none() {
            return NovelLock::None;
        }
        let recovery_copy =
            locks.any(|(_, _, lock)| lock.copy.as_ref().is_some_and(|copy| copy.to == to));
        if self.opened.contains_key(&novel) {
            NovelLock::Open { recovery_copy }
        } else {
            NovelLock::Locked { recovery_copy }
        }
    }

    /// Whether a novel keeps a copy for a kit that is no more: write the vault while the novel is open, and the kit of
    /// today opens it.
    #[must_use]
    pub fn has_stale_copy(&self, novel: NovelId) -> bool {
        let to = self.body.recovery_exchange_public;
        let mut locks = self.body.locks.in_force(novel);
        locks.any(|(_, _, lock)| lock.copy.as_ref().is_some_and(|copy| copy.to != to))
    }

    pub(crate) fn is_locked(&self, novel: NovelId) -> bool {
        self.body.locks.is_locked(novel)
    }

    /// What new things of a novel are sealed under: of a locked one, never a key that was in the clear.
    pub(crate) fn newest_novel_key(&self, novel: NovelId) -> Result<(u32, &Key), SealError> {
        if self.is_locked(novel) {
            let opened = self.opened.get(&novel);
            return opened.and_then(|opened| opened.keys.newest()).ok_or(SealError::LockedNovel);
        }
        let keys = self.body.novel_keys.get(&novel);
        keys.and_then(KeysByEpoch::newest).ok_or(SealError::UnknownNovel)
    }

    /// Every key of a novel that is at hand, the newest first.
    pub(crate) fn keys_of(&self, novel: NovelId) -> impl Iterator<Item = (u32, &Key)> {
        let opened = self.opened.get(&novel).map(|opened| &opened.keys);
        let all = opened.into_iter().chain(self.body.novel_keys.get(&novel));
        all.flat_map(|keys| keys.iter().rev())
    }

    /// Moves what is at hand of the open novels under their locks, and makes stale copies for the kit anew.
    pub(crate) fn seal_open_novels(
        &mut self,
        entropy: &mut dyn Entropy,
    ) -> Result<(), EntropyError> {
        let novels: Vec<_> = self.opened.keys().copied().collect();
        novels.into_iter().try_for_each(|novel| self.seal_under_locks(novel, entropy))
    }

    fn seal_under_locks(
        &mut self,
        novel: NovelId,
        entropy: &mut dyn Entropy,
    ) -> Result<(), EntropyError> {
        let Some(opened) = self.opened.get_mut(&novel) else { return Ok(()) };
        if let Some(stray) = self.body.novel_keys.get(&novel) {
            opened.keys.take_older(stray, entropy)?;
        }
        let to = self.body.recovery_exchange_public;
        for (lock, key) in &opened.locks {
            let place = (novel, *lock, key);
            self.body.locks.seal_keys(self.account, place, &opened.keys, entropy)?;
            let copies = self.body.locks.in_force(novel).find(|(id, ..)| id == lock);
            let copy = copies.and_then(|(_, _, lock)| lock.copy.as_ref());
            if copy.is_some_and(|copy| copy.to != to)
                && let Some(copy) = make_copy(self.account, novel, (key, &to), entropy)?
            {
                self.body.locks.put_copy(novel, *lock, copy);
            }
        }
        self.settle_locks();
        Ok(())
    }

    /// Brings plain keys, locked keys and open novels in line with the locks that are in force.
    pub(crate) fn settle_locks(&mut self) {
        let body = &mut self.body;
        for (novel, keys) in body.locks.release(self.account) {
            if !keys.is_empty() {
                body.novel_keys.entry(novel).or_default().merge(&keys);
            }
        }
        for (novel, keys) in &mut body.novel_keys {
            keys.retain(|_, key| !body.locks.has_key(*novel, key));
        }
        body.novel_keys.retain(|_, keys| !keys.is_empty());
        for (novel, opened) in &mut self.opened {
            let in_force: BTreeSet<_> = body.locks.in_force(*novel).map(|(id, ..)| id).collect();
            opened.locks.retain(|id, _| in_force.contains(id));
            for (id, key) in &opened.locks {
                opened.keys.merge(&body.locks.open_keys(self.account, (*novel, *id, key)));
            }
        }
        self.opened.retain(|_, opened| !opened.locks.is_empty());
    }
}
