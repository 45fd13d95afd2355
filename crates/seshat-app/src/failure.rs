//! Every failure that reaches an author, as one sentence: what happened, what is safe, what to do.

use std::fmt;

use seshat_manuscript::{BinderError, LoadError, OpError, SnapshotError};
use seshat_protocol::ErrorCode;
use seshat_store::StoreError;
use seshat_sync::TransportError;
use seshat_vault::{
    ChangeError, DeviceError, EntropyError, JoinError, KdfError, LockError, OpenError, SealError,
    UnlockError, VaultError,
};

use crate::{Failure, FailureCode};

impl Failure {
    /// A failure with a code that a program acts on.
    pub(crate) fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A failure that only the author can act on.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Other, message)
    }

    /// What was named does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(FailureCode::NotFound, message)
    }

    /// No key is in memory.
    pub(crate) fn locked() -> Self {
        Self::new(
            FailureCode::Locked,
            "The vault is locked; everything in it is safe; unlock it with your password.",
        )
    }

    /// The novel has a passphrase of its own and is closed.
    pub(crate) fn novel_locked() -> Self {
        Self::new(
            FailureCode::NovelLocked,
            "This novel is closed with a passphrase of its own; everything in it is safe; open it with its passphrase.",
        )
    }

    /// There is no vault in this home.
    pub(crate) fn absent() -> Self {
        Self::not_found(
            "There is no vault here yet; make one, or join an account that has one already.",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Missing => FailureCode::NotFound,
            _ => FailureCode::Other,
        };
        Self::new(code, error.to_string())
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        if matches!(error, TransportError::Refused { code: ErrorCode::NotInvited, .. }) {
            return Self::new(
                FailureCode::InvitationNeeded,
                "This server takes new accounts by invitation only, so none was made; everything is safe here; ask whoever runs it for an invitation code, and check it if you gave one.",
            );
        }
        let code = if error.is_passing() { FailureCode::Offline } else { FailureCode::Other };
        Self::new(code, error.to_string())
    }
}

impl From<UnlockError> for Failure {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::WrongSecret => Self::new(
                FailureCode::WrongPassword,
                "This password does not open the vault; nothing was changed; try again, or set a new one with the Emergency Kit.",
            ),
            UnlockError::CodeNeeded => Self::new(
                FailureCode::CodeNeeded,
                "This vault also asks for its account code, which stands in the Emergency Kit; nothing was changed; open it with the kit.",
            ),
            UnlockError::Newer => Self::other(
                "This vault was written by a newer Seshat; nothing was changed; update Seshat on this laptop.",
            ),
            UnlockError::WeakKdf | UnlockError::HeavyKdf => Self::other(
                "The vault asks for a key derivation that this laptop refuses (weaker than it has seen, or heavier than any real one), so nothing was derived and nothing was sent; whoever runs the server may have altered it.",
            ),
            UnlockError::NoMemory => Self::other(
                "There is not enough free memory to check the password; nothing was changed; close other programs and try again.",
            ),
            _ => Self::other(
                "The vault is damaged or was altered, so it was not opened; nothing was changed; restore it from a backup or fetch it again from your server.",
            ),
        }
    }
}

impl From<EntropyError> for Failure {
    fn from(_: EntropyError) -> Self {
        Self::other(
            "The operating system gives no random numbers, so nothing was written; what was saved before is safe; restart the computer.",
        )
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        Self::other(format!(
            "This could not be encrypted ({error}), so it was not written; what was saved before is safe."
        ))
    }
}

impl From<OpenError> for Failure {
    fn from(_: OpenError) -> Self {
        Self::other(
            "Something stored here does not open: it is damaged or was altered; everything else is safe; run a check to see what it is.",
        )
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::other(format!("The vault could not be changed ({error}); it is as it was."))
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        Self::other(format!(
            "The password was not changed ({error}); the old one still opens the vault."
        ))
    }
}

impl From<KdfError> for Failure {
    fn from(error: KdfError) -> Self {
        Self::other(format!(
            "The password could not be stretched ({error}); nothing was changed; close other programs and try again."
        ))
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Locked => Self::novel_locked(),
            LockError::WrongSecret => Self::new(
                FailureCode::WrongPassword,
                "This does not open the novel; nothing was changed and everything else is open as before; try again.",
            ),
            error => Self::other(format!(
                "The novel's passphrase is as it was ({error}); nothing was changed; try again."
            )),
        }
    }
}

impl From<JoinError> for Failure {
    fn from(_: JoinError) -> Self {
        Self::other(
            "What came from the other laptop was altered on its way, so nothing was opened or sent; whoever runs the server may have done it; try again, or use the Emergency Kit.",
        )
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::other(format!(
            "This laptop could not be added to the vault ({error}); nothing was changed."
        ))
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::other(format!(
            "This text does not load ({error}); nothing was changed and everything else is safe; run a check."
        ))
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        Self::other(format!(
            "This text could not be written down faithfully ({error}), so it was not written; what was saved before is safe."
        ))
    }
}

impl From<OpError> for Failure {
    fn from(error: OpError) -> Self {
        Self::other(format!("The edit was refused and the text is as it was: {error}."))
    }
}

impl From<BinderError> for Failure {
    fn from(error: BinderError) -> Self {
        Self::other(format!("The binder is as it was: {error}."))
    }
}
