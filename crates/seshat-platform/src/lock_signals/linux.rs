//! Over D-Bus: logind on the system bus, the desktop's screen saver on the session bus, one thread for each.
//!
//! **Invariant:** what holds the laptop awake is a file descriptor. It is let go when the callback has returned, when the
//! watching ends, and by the kernel when the program does.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator, Proxy};
use zbus::message::Header;
use zbus::zvariant::{OwnedFd, OwnedObjectPath};
use zbus::{MatchRule, Message};

use super::owners::{Owners, member};
use super::{Board, Buses, LockReason, WatchError, Watched};

/// What one question to a bus may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Messages that may wait while the callback runs. More hold up the bus's reader, and what is asked then takes
/// [`PATIENCE`] and fails: nothing hangs.
const QUEUE: usize = 256;

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const SESSION: &str = "org.freedesktop.login1.Session";

/// Each is a bus name and the interface of its signal `ActiveChanged` alike: KDE and others, GNOME, Cinnamon, MATE,
/// Xfce.
const SCREEN_SAVERS: [&str; 5] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
];

/// The callback, for two threads that never call it at once.
type Callback = Arc<Mutex<Box<dyn Fn(LockReason) + Send>>>;

/// The connections; closing them ends the threads.
pub(super) struct Watching {
    board: Arc<Board>,
    buses: Vec<Connection>,
}

impl Watching {
    fn keep(
        &mut self,
        bus: Connection,
        name: &str,
        run: impl FnOnce() + Send + 'static,
    ) -> Result<(), WatchError> {
        self.buses.push(bus);
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(run);
        started.map(drop).map_err(|_| WatchError)
    }

    pub(super) fn watched(&self) -> Watched {
        self.board.watched()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Not joined: the callback itself may be what drops this.
        for bus in self.buses.drain(..) {
            // A bus that is gone already is closed.
            let _closed = bus.close();
        }
    }
}

pub(super) fn watch(
    buses: &Buses,
    on: Box<dyn Fn(LockReason) + Send>,
) -> Result<Watching, WatchError> {
    let on: Callback = Arc::new(Mutex::new(on));
    let board = Arc::new(Board::default());
    let mut watching = Watching { board: board.clone(), buses: Vec::new() };
    if let Ok((bus, messages)) = connect(buses.system.as_deref(), Builder::system)
        && let Ok(logind) = Logind::begin(bus, buses.login_session.as_deref(), &on, &board)
    {
        watching.keep(logind.bus.clone(), "watch-logind", move || logind.run(messages))?;
    }
    if let Ok((bus, messages)) = connect(buses.session.as_deref(), Builder::session)
        && let Ok(screen) = Screen::begin(&bus, on, board)
    {
        watching.keep(bus, "watch-screen", move || screen.run(messages))?;
    }
    if watching.buses.is_empty() { Err(WatchError) } else { Ok(watching) }
}

/// A connection, and everything that comes in on it from now on.
fn connect(
    address: Option<&str>,
    usual: fn() -> zbus::Result<Builder<'static>>,
) -> zbus::Result<(Connection, MessageIterator)> {
    let builder = match address {
        Some(address) => Builder::address(address)?,
        None => usual()?,
    };
    let bus = builder.method_timeout(PATIENCE).max_queued(QUEUE).build()?;
    let messages = MessageIterator::from(&bus);
    Ok((bus, messages))
}

fn call(on: &Callback, reason: LockReason) {
    // A callback that panicked once is still the one to call.
    on.lock().unwrap_or_else(PoisonError::into_inner)(reason);
}

/// Asks the bus for a service's signal.
fn listen(bus: &Connection, service: &str, interface: &str, member: &str) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(service)?
        .interface(interface)?
        .member(member)?
        .build();
    DBusProxy::new(bus)?.add_match_rule(rule)?;
    Ok(())
}

/// Whose session a signal may be about.
enum Ours {
    /// This one.
    One(OwnedObjectPath),
    /// Any of this user: logind does not know which is ours.
    OfUser(u32),
}

impl Ours {
    /// By our process, else by the name that the login gave it.
    fn find(bus: &Connection, name: Option<&str>) -> zbus::Result<Self> {
        let manager = Proxy::new(bus, LOGIND, MANAGER_PATH, MANAGER)?;
        let by_process = manager.call("GetSessionByPID", &(std::process::id()));
        let found = by_process.or_else(|error| match name {
            Some(name) => manager.call("GetSession", &(name)),
            None => Err(error),
        });
        let user = rustix::process::getuid().as_raw();
        Ok(found.map_or(Self::OfUser(user), Self::One))
    }

    fn has(&self, bus: &Connection, header: &Header<'_>) -> bool {
        let Some(path) = header.path() else { return false };
        match self {
            Self::One(session) => session.as_str() == path.as_str(),
            Self::OfUser(user) => Proxy::new(bus, LOGIND, path.to_owned(), SESSION)
                .and_then(|session| session.get_property::<(u32, OwnedObjectPath)>("User"))
                .is_ok_and(|(owner, _)| owner == *user),
        }
    }
}

/// The system bus.
struct Logind {
    bus: Connection,
    owners: Owners,
    ours: Ours,
    awake: Option<OwnedFd>,
    on: Callback,
    board: Arc<Board>,
}

impl Logind {
    fn begin(
        bus: Connection,
        login: Option<&str>,
        on: &Callback,
        board: &Arc<Board>,
    ) -> zbus::Result<Self> {
        listen(&bus, LOGIND, MANAGER, "PrepareForSleep")?;
        listen(&bus, LOGIND, SESSION, "Lock")?;
        // Asked first: this is also what starts a logind that starts on demand.
        let awake = hold(&bus);
        let owners = Owners::follow(&bus, &[LOGIND])?;
        if !owners.any() {
            return Err(zbus::Error::Unsupported);
        }
        let ours = Ours::find(&bus, login)?;
        let logind =
            Self { bus, owners, ours, awake: awake.ok(), on: on.clone(), board: board.clone() };
        logind.show();
        Ok(logind)
    }

    fn run(mut self, messages: MessageIterator) {
        for message in messages {
            let Ok(message) = message else { break };
            self.hear(&message);
        }
        self.board.suspend.store(false, Ordering::Relaxed);
        self.board.session.store(false, Ordering::Relaxed);
    }

    fn hear(&mut self, message: &Message) {
        if self.owners.heard(message) {
            // A logind that started anew knows nothing of what held the laptop awake before.
            self.awake = if self.owners.any() { hold(&self.bus).ok() } else { None };
            self.show();
            return;
        }
        let header = message.header();
        if !self.owners.sent(LOGIND, &header) {
            return;
        }
        match member(&header) {
            Some("PrepareForSleep") => match message.body().deserialize() {
                Ok(true) => {
                    call(&self.on, LockReason::Suspend);
                    self.awake = None;
                }
                // Awake again: for the next time.
                Ok(false) => {
                    self.awake = hold(&self.bus).ok();
                    self.show();
                }
                Err(_) => {}
            },
            Some("Lock") if self.ours.has(&self.bus, &header) => {
                call(&self.on, LockReason::SessionLock);
            }
            _ => {}
        }
    }

    fn show(&self) {
        let there = self.owners.any();
        self.board.suspend.store(there && self.awake.is_some(), Ordering::Relaxed);
        self.board.session.store(there, Ordering::Relaxed);
    }
}

/// Has suspend wait for us, for as long as what is returned is kept.
fn hold(bus: &Connection) -> zbus::Result<OwnedFd> {
    let manager = Proxy::new(bus, LOGIND, MANAGER_PATH, MANAGER)?;
    manager.call("Inhibit", &("sleep", "Seshat", "The vault is locked before sleep", "delay"))
}

/// The session bus.
struct Screen {
    owners: Owners,
    on: Callback,
    board: Arc<Board>,
}

impl Screen {
    fn begin(bus: &Connection, on: Callback, board: Arc<Board>) -> zbus::Result<Self> {
        for saver in SCREEN_SAVERS {
            listen(bus, saver, saver, "ActiveChanged")?;
        }
        let owners = Owners::follow(bus, &SCREEN_SAVERS)?;
        board.screen.store(owners.any(), Ordering::Relaxed);
        Ok(Self { owners, on, board })
    }

    fn run(mut self, messages: MessageIterator) {
        for message in messages {
            let Ok(message) = message else { break };
            self.hear(&message);
        }
        self.board.screen.store(false, Ordering::Relaxed);
    }

    fn hear(&mut self, message: &Message) {
        if self.owners.heard(message) {
            self.board.screen.store(self.owners.any(), Ordering::Relaxed);
            return;
        }
        let header = message.header();
        let from_saver = header
            .interface()
            .is_some_and(|interface| self.owners.sent(interface.as_str(), &header));
        let began = || message.body().deserialize::<bool>().unwrap_or(false);
        if from_saver && member(&header) == Some("ActiveChanged") && began() {
            call(&self.on, LockReason::ScreenLock);
        }
    }
}
