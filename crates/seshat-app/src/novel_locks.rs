//! A novel with a passphrase of its own: closed, it is a spine without a title, even while the vault is open.
//!
//! **Invariants:** a wrong passphrase costs nothing but its own refusal. Closing a novel puts what was typed on the disk
//! first and leaves nothing of it in memory. Passphrases are stretched without the lock.

use seshat_protocol::NovelId;
use seshat_vault::{
    LockError, NovelLock as Lock, NovelSecret, Password, RecoveryCopy, UnlockError,
};

use crate::clock::OsEntropy;
use crate::scenes::novel_id;
use crate::security::measured;
use crate::session::Session;
use crate::vaulting::read_kit;
use crate::{Desk, Failure, FailureCode, NovelLock};

impl Desk {
    /// Gives a novel a passphrase of its own. It stays open until it is closed or the vault is locked.
    ///
    /// # Errors
    /// When it has one already, the passphrase is weak, or the disk refuses.
    pub fn lock_novel(
        &self,
        novel: &str,
        passphrase: String,
        recovery_copy: bool,
    ) -> Result<(), Failure> {
        let (novel, passphrase) = (novel_id(novel)?, self.strong(passphrase)?);
        self.flush()?;
        if self.novel_lock(novel)? != NovelLock::None {
            return Err(Failure::new(
                FailureCode::Exists,
                "This novel has a passphrase already; nothing was changed; take it away first to set another.",
            ));
        }
        let account = self.with_session(|session, _| Ok(session.vault.account()))?;
        let secret = NovelSecret::make(account, novel, &passphrase, measured(), &mut OsEntropy)?;
        let copy = if recovery_copy { RecoveryCopy::Make } else { RecoveryCopy::None };
        self.change_vault(|vault, _| Ok(vault.lock_novel(novel, &secret, copy, &mut OsEntropy)?))
    }

    /// Opens a novel with its passphrase until it is closed or the vault is locked.
    ///
    /// # Errors
    /// [`FailureCode::WrongPassword`]; nothing else is touched then.
    pub fn open_novel(&self, novel: &str, passphrase: String) -> Result<(), Failure> {
        let passphrase = Password::new(passphrase);
        self.open_with(novel, |challenge| challenge.answer(&passphrase))
    }

    /// Opens a novel with the Emergency Kit, where its passphrase was set so that the kit opens it too.
    ///
    /// # Errors
    /// [`FailureCode::WrongPassword`] when the kit is another vault's, or the novel keeps no copy for it.
    pub fn open_novel_with_kit(&self, novel: &str, kit: String) -> Result<(), Failure> {
        let kit = read_kit(kit)?;
        let opened = self.open_with(novel, |challenge| challenge.answer_with_phrase(&kit.phrase));
        opened.map_err(|failure| match failure.code {
            FailureCode::WrongPassword => Failure::new(
                FailureCode::WrongPassword,
                "This Emergency Kit does not open the novel: it is another vault's or an older kit, or the passphrase was set without the kit; nothing was changed; use the passphrase.",
            ),
            _ => failure,
        })
    }

    fn open_with(
        &self,
        novel: &str,
        answer: impl Fn(&seshat_vault::NovelChallenge) -> Result<NovelSecret, UnlockError>,
    ) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        let challenges =
            self.with_session(|session, _| Ok(session.vault.novel_challenges(novel)))?;
        let mut refused = None;
        for challenge in &challenges {
            match answer(challenge) {
                Ok(secret) => {
                    let stale = self.with_session(|session, store| {
                        session.vault.open_novel(novel, &secret)?;
                        // The novel is open all the same; the next vault that comes tries again.
                        let _read = session.read_covers(store).is_ok();
                        Ok(session.vault.has_stale_copy(novel))
                    })?;
                    if stale {
                        // The kit was made anew while the novel was closed.
                        self.change_vault(|_, _| Ok(()))?;
                    }
                    self.shared.board.tell(Vec::new(), vec![novel.to_string()]);
                    return Ok(());
                }
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            None => Ok(()),
            Some(UnlockError::WrongSecret) => Err(LockError::WrongSecret.into()),
            Some(error) => Err(error.into()),
        }
    }

    /// Closes a novel that has a passphrase.
    ///
    /// # Errors
    /// When what was typed cannot be written; then it stays open.
    pub fn close_novel(&self, novel: &str) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        self.flush()?;
        self.forget_exports();
        self.with_session(|session, store| {
            session.flush(store)?;
            session.keep_typed(store, true);
            session.forget_novel(novel);
            session.vault.close_novel(novel);
            Ok(())
        })?;
        self.shared.board.tell(Vec::new(), vec![novel.to_string()]);
        Ok(())
    }

    /// Takes the passphrase away for good. The novel must be open.
    ///
    /// # Errors
    /// When it is closed, or the disk refuses.
    pub fn unlock_novel_for_good(&self, novel: &str) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        if self.novel_lock(novel)? == NovelLock::Locked {
            return Err(Failure::novel_locked());
        }
        self.change_vault(|vault, _| Ok(vault.unlock_novel_for_good(novel, &mut OsEntropy)?))
    }

    fn novel_lock(&self, novel: NovelId) -> Result<NovelLock, Failure> {
        self.with_session(|session, _| Ok(session.novel_lock(novel)))
    }
}

impl Session {
    pub(crate) fn novel_lock(&self, novel: NovelId) -> NovelLock {
        match self.vault.novel_lock(novel) {
            Lock::None => NovelLock::None,
            Lock::Locked { .. } => NovelLock::Locked,
            Lock::Open { .. } => NovelLock::Open,
        }
    }

    /// Whether the Emergency Kit opens a novel that has a passphrase of its own.
    pub(crate) fn kit_opens(&self, novel: NovelId) -> bool {
        match self.vault.novel_lock(novel) {
            Lock::None => false,
            Lock::Locked { recovery_copy } | Lock::Open { recovery_copy } => recovery_copy,
        }
    }

    /// Drops everything of a novel that is in memory.
    fn forget_novel(&mut self, novel: NovelId) {
        let gone: Vec<_> = self.binders.remove(&novel).map(|open| open.scenes).unwrap_or_default();
        self.scenes.retain(|_, open| open.novel != novel);
        self.shelf.forget_novel(novel);
        self.summaries.retain(|document, _| !gone.contains(document));
        self.opened.retain(|document, _| !gone.contains(document));
    }
}
