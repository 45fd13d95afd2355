//! Word from the system that the author has gone: it will suspend, the screen was locked, the session was locked.
//!
//! **Invariants:** a laptop does not sleep before the callback has returned, as long as logind gives the time
//! (`InhibitDelayMaxSec`, 5 seconds by default). Only the system's own services are believed, and only about this
//! author's sessions. A bus that is missing, refuses or goes away ends the watching and never the program.
//!
//! Linux, over D-Bus: logind (systemd's or elogind) on the system bus, the desktop's screen saver on the session
//! bus. macOS and Windows: not built yet, so [`watch`] says there that nothing is watched.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod owners;

#[cfg(target_os = "linux")]
use self::linux as system;

use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

/// Why a vault should be locked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockReason {
    /// The machine is about to suspend or hibernate.
    Suspend,
    /// The desktop's screen saver or lock screen has come up.
    ScreenLock,
    /// The login session was asked to lock (`loginctl lock-session`, a desktop's own key).
    SessionLock,
}

/// Where to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buses {
    /// D-Bus address of the system bus; without one, the one that the system names.
    pub system: Option<String>,
    /// D-Bus address of the session bus; without one, the one that the environment names.
    pub session: Option<String>,
    /// logind's name of our session, used where logind does not know our process (programs of the user's own
    /// systemd belong to no session).
    pub login_session: Option<String>,
}

impl Buses {
    /// Those of this login.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "logind says it in the environment only")]
    pub fn of_this_login() -> Self {
        Self { login_session: std::env::var("XDG_SESSION_ID").ok(), ..Self::default() }
    }
}

/// Nothing is watched: locking when idle and by hand is what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "This system does not tell Seshat when it suspends or locks its screen; your vault is safe; lock it yourself with Ctrl+L before you leave."
)]
pub struct WatchError;

/// What is watched at the moment: services come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Suspend, with the laptop held awake until the callback has returned.
    pub suspend: bool,
    /// Locking of the login session.
    pub session: bool,
    /// A screen saver of the desktop.
    pub screen: bool,
}

/// Watches until it is dropped.
pub struct Watch {
    inner: system::Watching,
}

impl Watch {
    /// What is watched at the moment.
    #[must_use]
    pub fn watched(&self) -> Watched {
        self.inner.watched()
    }
}

/// Calls `on`, on a thread of its own and never twice at once, whenever the vault should be locked.
///
/// Returns when both buses have been asked, each for at most five seconds a question.
///
/// # Errors
/// When neither logind nor a session bus answers: nothing is watched.
pub fn watch(on: impl Fn(LockReason) + Send + 'static) -> Result<Watch, WatchError> {
    watch_at(&Buses::of_this_login(), on)
}

/// [`watch`] at buses that are not this login's.
///
/// # Errors
/// As [`watch`].
pub fn watch_at(
    buses: &Buses,
    on: impl Fn(LockReason) + Send + 'static,
) -> Result<Watch, WatchError> {
    system::watch(buses, Box::new(on)).map(|inner| Watch { inner })
}

/// What the threads know, for whoever asks.
#[derive(Default)]
struct Board {
    suspend: AtomicBool,
    session: AtomicBool,
    screen: AtomicBool,
}

impl Board {
    fn watched(&self) -> Watched {
        Watched {
            suspend: self.suspend.load(Ordering::Relaxed),
            session: self.session.load(Ordering::Relaxed),
            screen: self.screen.load(Ordering::Relaxed),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    //! Nothing is built for this system.

    use super::{Board, Buses, LockReason, WatchError, Watched};

    pub(super) struct Watching(Board);

    impl Watching {
        pub(super) fn watched(&self) -> Watched {
            self.0.watched()
        }
    }

    pub(super) fn watch(
        _buses: &Buses,
        _on: Box<dyn Fn(LockReason) + Send>,
    ) -> Result<Watching, WatchError> {
        Err(WatchError)
    }
}
