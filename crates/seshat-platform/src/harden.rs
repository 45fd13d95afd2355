//! Keeps keys from leaving the process by the back door: no core file, no dump, no other program of the same user
//! reading its memory or tracing it.
//!
//! **Invariant:** a system that refuses is reported and never stops the program: an author must get at their text
//! under a debugger, in a container and on a kernel that knows none of this.
//!
//! rustix rather than `secmem-proc`: the same two calls, a library that is linked anyway, and no refusal of its own
//! when a debugger is attached. `RLIMIT_CORE` alone is not enough, because a kernel that pipes cores to a
//! program ignores a limit of 0; a process that is not dumpable has no core in either case.

use thiserror::Error;

/// What [`harden`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardening {
    /// No core, no dump, no tracing by programs of the same user. The administrator can still do all of it.
    Done,
    /// Nothing: it is not built for this system.
    NotHere,
}

/// The system refused a part of it; the rest was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HardenError {
    /// Other programs of the same user may read this one's memory.
    #[error(
        "The system would not close Seshat's memory to other programs; your text and your vault are safe on the disk; go on, but trust the programs that run beside it."
    )]
    Dumpable,
    /// A crash may leave a core file, where the system makes any of a process that is not dumpable.
    #[error(
        "The system would not switch core files off for Seshat; your text and your vault are safe on the disk; go on, but delete core files after a crash."
    )]
    CoreFiles,
}

/// Makes this process one that leaves no dump, for as long as it runs: first thing in `main`, before any secret.
///
/// The limit on core files is inherited by programs that this one starts; being closed to others is not (it
/// ends with `exec`), so the window's own helper programs work as ever.
///
/// # Errors
/// When the system refused a part. The program goes on.
#[cfg(target_os = "linux")]
pub fn harden() -> Result<Hardening, HardenError> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let cores = setrlimit(Resource::Core, none).map_err(|_| HardenError::CoreFiles);
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| HardenError::Dumpable)?;
    cores.map(|()| Hardening::Done)
}

/// Does nothing, and says so.
///
/// # Errors
/// None here.
#[cfg(not(target_os = "linux"))]
pub fn harden() -> Result<Hardening, HardenError> {
    Ok(Hardening::NotHere)
}
