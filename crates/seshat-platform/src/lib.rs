//! What the operating system gives a vault, behind small interfaces: a process that nobody dumps, a keychain that
//! may hold one secret for each device, and word of suspend and screen lock. And when an author has been idle, and
//! showing a file in its folder.
//!
//! **Invariants:** nothing here is needed to open a vault: every failure is a value, and the author's text stays
//! within reach of the password. Nothing is ever written to a file. Nothing here knows a novel, a vault or a key.
//!
//! Linux is what is built and tested. On other systems each part says honestly that it is not there yet: code that
//! nobody has compiled is not kept here.

mod folder_view;
mod harden;
mod idle;
mod keychain;
mod lock_signals;

pub use folder_view::{NotShown, show_in_folder};
pub use harden::{HardenError, Hardening, harden};
pub use idle::IdleTimer;
pub use keychain::{Keychain, KeychainError, KeychainState};
pub use lock_signals::{Buses, LockReason, Watch, WatchError, Watched, watch, watch_at};
