//! One secret for each vault and device in the keychain of the operating system: the Secret Service on Linux
//! (GNOME Keyring, KWallet, KeePassXC), spoken to over D-Bus.
//!
//! **Invariants:** never a file and never the kernel's key store: a system without a keychain has none. A locked keychain
//! is told apart from an empty one before anything is read or written, so nothing in it is taken for missing and
//! replaced. Nobody waits for a keychain for longer than [`Keychain::system`] says.
//!
//! The entries are `keyring`'s (its core and its Secret Service store), so that the keychains of other systems fit in
//! behind the same interface. Not its `v1` wrapper: that connects once in the life of a program, so a
//! keychain that starts later stays absent, one that starts anew stays broken, and one call that waits for a
//! prompt blocks all others. Here each call connects for itself, which costs some milliseconds.
//! macOS and Windows: not built yet, so the keychain is absent there.
//!
//! The value crosses the bus encrypted for this one connection. Copies that the libraries make on the way are freed and not all of them wiped.

#[cfg(target_os = "linux")]
mod secret_service;

#[cfg(target_os = "linux")]
use self::secret_service as system;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use thiserror::Error;
use zeroize::Zeroizing;

/// How long a call may take, an author before the keychain's own question included.
const WAIT: Duration = Duration::from_secs(30);

/// Whether there is a keychain that can be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeychainState {
    /// It is there and open.
    Ready,
    /// It is there, and asks for its own password before it gives or takes anything.
    Locked,
    /// There is none that answers.
    Absent,
}

/// The keychain did not do what it was asked; whatever it held it still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeychainError {
    /// No keychain answers.
    #[error(
        "This system has no keychain that answers; nothing was changed and your vault is safe; open it with your password."
    )]
    Absent,
    /// It is locked, and was not unlocked when it asked.
    #[error(
        "The system's keychain is locked; what it holds is untouched and your vault is safe; unlock the keychain and try again, or open the vault with your password."
    )]
    Locked,
    /// It did not answer in time.
    #[error(
        "The system's keychain did not answer in time; your vault is safe; answer what it asks and try again, or open the vault with your password."
    )]
    NoAnswer,
    /// It said no, for a reason of its own.
    #[error(
        "The system's keychain refused; your vault is safe; look at the keychain with the system's own tool, or open the vault with your password."
    )]
    Refused,
}

/// The keychain of the author who is logged in. Every call may wait (for a prompt of the keychain's own): call it apart
/// from whatever must go on.
#[derive(Clone, Copy, Debug)]
pub struct Keychain {
    wait: Duration,
}

impl Keychain {
    /// The system's own. A call waits for at most 30 seconds.
    #[must_use]
    pub fn system() -> Self {
        Self { wait: WAIT }
    }

    /// The same with another patience.
    #[must_use]
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait }
    }

    /// Whether it can be used now. Asks the author nothing. One that does not answer in time is absent.
    #[must_use]
    pub fn state(&self) -> KeychainState {
        self.apart(|_| Ok(system::state())).unwrap_or(KeychainState::Absent)
    }

    /// Stores `secret` under `name` in place of what was there. A locked keychain asks to be unlocked first.
    ///
    /// # Errors
    /// When there is none, it stays locked, refuses, or does not answer. After [`KeychainError::NoAnswer`] the
    /// value is not written when an answer comes late, unless it was being written just then.
    pub fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        let (name, secret) = (name.to_owned(), Zeroizing::new(secret.to_vec()));
        self.apart(move |caller| {
            system::unlock()?;
            caller.still_waits()?;
            system::put(&name, &secret)
        })
    }

    /// What is stored under `name`; nothing only where an open keychain has nothing.
    ///
    /// # Errors
    /// When there is no keychain, it stays locked, refuses, or does not answer.
    pub fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        let name = name.to_owned();
        self.apart(move |_| {
            system::unlock()?;
            system::get(&name)
        })
    }

    /// Removes what is stored under `name`; nothing there is well, too.
    ///
    /// # Errors
    /// When there is no keychain, it stays locked, refuses, or does not answer.
    pub fn remove(&self, name: &str) -> Result<(), KeychainError> {
        let name = name.to_owned();
        self.apart(move |caller| {
            system::unlock()?;
            caller.still_waits()?;
            system::remove(&name)
        })
    }

    /// Works on a thread of its own and waits for it so long and no longer. A thread whose keychain never answers
    /// stays behind: it cannot be ended, and holds nothing but its connection.
    fn apart<T: Send + 'static>(
        self,
        work: impl FnOnce(&Caller) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let caller = Caller { left: Arc::new(AtomicBool::new(false)) };
        let at_work = caller.clone();
        let started = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            // Nobody listens after the wait is over.
            let _heard = answer.send(work(&at_work));
        });
        if started.is_err() {
            return Err(KeychainError::Refused);
        }
        match answered.recv_timeout(self.wait) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                caller.left.store(true, Ordering::Release);
                Err(KeychainError::NoAnswer)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(KeychainError::Refused),
        }
    }
}

/// Whoever asked for something, seen from the thread that does it.
#[derive(Clone)]
struct Caller {
    left: Arc<AtomicBool>,
}

impl Caller {
    fn still_waits(&self) -> Result<(), KeychainError> {
        if self.left.load(Ordering::Acquire) { Err(KeychainError::NoAnswer) } else { Ok(()) }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    //! No keychain is built for this system.

    use zeroize::Zeroizing;

    use super::{KeychainError, KeychainState};

    pub(super) fn state() -> KeychainState {
        KeychainState::Absent
    }

    pub(super) fn unlock() -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }

    pub(super) fn put(_name: &str, _secret: &[u8]) -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }

    pub(super) fn get(_name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Err(KeychainError::Absent)
    }

    pub(super) fn remove(_name: &str) -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }
}
