//! Word of suspend and screen lock, on buses of the test's own. A small service stands in for logind and the screen
//! saver: a real logind needs systemd as the machine's first process.
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeMap;
use std::io::{PipeReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use seshat_platform::{Buses, LockReason, Watch, WatchError, Watched, watch_at};
use support::Bus;
use tempfile::TempDir;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::fdo;
use zbus::zvariant::{OwnedFd, OwnedObjectPath};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
const OURS: &str = "/org/freedesktop/login1/session/_31";
const ALSO_OURS: &str = "/org/freedesktop/login1/session/_32";
const SOMEBODYS: &str = "/org/freedesktop/login1/session/_33";

/// Longer than any word takes that does come.
const SOON: Duration = Duration::from_secs(10);

/// Asked for by a watcher: what, by whom, how; and the end of the pipe that hears when it lets go.
struct Held {
    what: (String, String, String),
    pipe: PipeReader,
}

#[derive(Default)]
struct Sessions {
    by_process: Option<&'static str>,
    by_name: BTreeMap<&'static str, &'static str>,
}

struct Manager {
    held: mpsc::Sender<Held>,
    sessions: Sessions,
}

fn path(path: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(path).expect("a path")
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, _why: &str, mode: &str) -> OwnedFd {
        let (pipe, theirs) = std::io::pipe().expect("a pipe");
        let what = (what.to_owned(), who.to_owned(), mode.to_owned());
        self.held.send(Held { what, pipe }).expect("the test listens");
        OwnedFd::from(std::os::fd::OwnedFd::from(theirs))
    }

    #[zbus(name = "GetSessionByPID")]
    fn session_by_process(&self, process: u32) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(process, std::process::id());
        let found = self.sessions.by_process;
        found.map(path).ok_or_else(|| fdo::Error::Failed("no session for this process".to_owned()))
    }

    #[zbus(name = "GetSession")]
    fn session_by_name(&self, name: &str) -> fdo::Result<OwnedObjectPath> {
        let found = self.sessions.by_name.get(name).copied();
        found.map(path).ok_or_else(|| fdo::Error::Failed("no session of this name".to_owned()))
    }
}

struct Session {
    user: u32,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        (self.user, path("/org/freedesktop/login1/user/_0"))
    }
}

/// A machine with a system bus and a session bus.
struct Machine {
    _folders: [TempDir; 2],
    system: Bus,
    session: Bus,
}

impl Machine {
    fn new() -> Self {
        let folders =
            [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
        let [system, session] = [Bus::start(folders[0].path()), Bus::start(folders[1].path())];
        Self { _folders: folders, system, session }
    }

    fn buses(&self) -> Buses {
        Buses {
            system: Some(self.system.address.clone()),
            session: Some(self.session.address.clone()),
            login_session: None,
        }
    }

    /// Starts the stand-in for logind.
    fn logind(&self, sessions: Sessions) -> (Connection, mpsc::Receiver<Held>) {
        let (held, holds) = mpsc::channel();
        let us = rustix::process::getuid().as_raw();
        let service = self
            .on(&self.system)
            .serve_at(MANAGER, Manager { held, sessions })
            .and_then(|service| service.serve_at(OURS, Session { user: us }))
            .and_then(|service| service.serve_at(ALSO_OURS, Session { user: us }))
            .and_then(|service| service.serve_at(SOMEBODYS, Session { user: us + 1 }))
            .and_then(|service| service.name(LOGIND))
            .and_then(Builder::build)
            .expect("a service");
        (service, holds)
    }

    fn saver(&self, name: &'static str) -> Connection {
        let service = self.on(&self.session).name(name).and_then(Builder::build);
        service.expect("a service")
    }

    fn on(&self, bus: &Bus) -> Builder<'static> {
        Builder::address(bus.address.as_str()).expect("an address")
    }
}

fn one_session() -> Sessions {
    Sessions { by_process: Some(OURS), ..Sessions::default() }
}

fn listening(buses: &Buses) -> (Watch, mpsc::Receiver<LockReason>) {
    let (said, heard) = mpsc::channel();
    let watch = watch_at(buses, move |reason| {
        // The test may have ended.
        let _told = said.send(reason);
    });
    (watch.expect("there is something to watch"), heard)
}

fn sleep(logind: &Connection, begins: bool) {
    let manager = "org.freedesktop.login1.Manager";
    logind.emit_signal(None::<&str>, MANAGER, manager, "PrepareForSleep", &(begins)).expect("said");
}

fn lock(logind: &Connection, session: &str) {
    let interface = "org.freedesktop.login1.Session";
    logind.emit_signal(None::<&str>, session, interface, "Lock", &()).expect("said");
}

fn screen(saver: &Connection, interface: &str, active: bool) {
    let at = "/org/freedesktop/ScreenSaver";
    saver.emit_signal(None::<&str>, at, interface, "ActiveChanged", &(active)).expect("said");
}

fn until(is: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < SOON {
        if is() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}

/// Waits for the other side to let go.
fn let_go(mut held: Held) {
    let end = held.pipe.read(&mut [0]).expect("a pipe");
    assert_eq!(end, 0);
}

#[test]
fn a_laptop_does_not_sleep_before_the_vault_is_locked_and_is_held_again_when_it_wakes() {
    let machine = Machine::new();
    let (logind, holds) = machine.logind(one_session());
    let locked = Arc::new(AtomicBool::new(false));
    let (said, heard) = mpsc::channel();
    let lock_slowly = {
        let locked = locked.clone();
        move |reason| {
            said.send(reason).expect("the test listens");
            thread::sleep(Duration::from_millis(300));
            locked.store(true, Ordering::SeqCst);
        }
    };
    let watch = watch_at(&machine.buses(), lock_slowly).expect("there is a logind");
    assert!(watch.watched().suspend && watch.watched().session);
    for night in 0..3 {
        let held = holds.recv_timeout(SOON).expect("it asked to be waited for");
        let asked = ("sleep".to_owned(), "Seshat".to_owned(), "delay".to_owned());
        assert_eq!(held.what, asked);
        locked.store(false, Ordering::SeqCst);
        sleep(&logind, true);
        let_go(held);
        assert!(
            locked.load(Ordering::SeqCst),
            "night {night}: the laptop slept with an open vault"
        );
        assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::Suspend));
        sleep(&logind, false);
    }
}

#[test]
fn waking_up_locks_nothing() {
    let machine = Machine::new();
    let (logind, _holds) = machine.logind(one_session());
    let (_watch, heard) = listening(&machine.buses());
    sleep(&logind, false);
    lock(&logind, OURS);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::SessionLock), "and nothing before it");
}

#[test]
fn our_session_counts_and_no_other() {
    let machine = Machine::new();
    let (logind, _holds) = machine.logind(one_session());
    let (_watch, heard) = listening(&machine.buses());
    lock(&logind, SOMEBODYS);
    lock(&logind, ALSO_OURS);
    sleep(&logind, true);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::Suspend), "and nothing before it");
    lock(&logind, OURS);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::SessionLock));
}

#[test]
fn a_process_that_logind_does_not_know_is_found_by_the_name_of_its_session() {
    let machine = Machine::new();
    let by_name = BTreeMap::from([("2", ALSO_OURS)]);
    let (logind, _holds) = machine.logind(Sessions { by_process: None, by_name });
    let buses = Buses { login_session: Some("2".to_owned()), ..machine.buses() };
    let (_watch, heard) = listening(&buses);
    lock(&logind, OURS);
    sleep(&logind, true);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::Suspend), "and nothing before it");
    lock(&logind, ALSO_OURS);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::SessionLock));
}

#[test]
fn where_nobody_knows_our_session_any_of_the_same_user_counts_and_none_of_somebody_else() {
    let machine = Machine::new();
    let (logind, _holds) = machine.logind(Sessions::default());
    let buses = Buses { login_session: Some("gone".to_owned()), ..machine.buses() };
    let (_watch, heard) = listening(&buses);
    lock(&logind, SOMEBODYS);
    lock(&logind, "/org/freedesktop/login1/session/_39");
    sleep(&logind, true);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::Suspend), "and nothing before it");
    for session in [OURS, ALSO_OURS] {
        lock(&logind, session);
        assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::SessionLock));
    }
}

#[test]
fn the_screen_saver_of_each_desktop_locks_when_it_comes_up_and_not_when_it_goes() {
    let machine = Machine::new();
    for desktop in ["freedesktop", "gnome", "cinnamon", "mate", "xfce"] {
        let name: &'static str = format!("org.{desktop}.ScreenSaver").leak();
        let (watch, heard) = listening(&machine.buses());
        assert!(!watch.watched().screen, "no screen saver is there yet");
        let saver = machine.saver(name);
        assert!(until(|| watch.watched().screen), "{name} was not noticed");
        screen(&saver, name, false);
        screen(&saver, name, true);
        assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::ScreenLock), "{name}");
        assert!(heard.try_recv().is_err(), "{name}: going away locked as well");
        drop(saver);
        assert!(until(|| !watch.watched().screen), "{name} went away unnoticed");
    }
}

#[test]
fn a_signal_from_anybody_but_the_service_itself_does_nothing() {
    let machine = Machine::new();
    let (logind, _holds) = machine.logind(one_session());
    let saver = machine.saver("org.gnome.ScreenSaver");
    let (watch, heard) = listening(&machine.buses());
    let _held = &watch;
    let impostor = machine.on(&machine.system).build().expect("a program");
    for number in 0..20 {
        // Straight to every connection there can be: a match rule alone would let this in.
        let to = format!(":1.{number}");
        let interface = "org.freedesktop.login1.Manager";
        let sent =
            impostor.emit_signal(Some(to.as_str()), MANAGER, interface, "PrepareForSleep", &(true));
        sent.expect("said");
    }
    sleep(&impostor, true);
    lock(&impostor, OURS);
    let impostor = machine.on(&machine.session).build().expect("a program");
    screen(&impostor, "org.gnome.ScreenSaver", true);
    // Time for what should not come.
    assert!(heard.recv_timeout(Duration::from_millis(500)).is_err(), "an impostor was believed");
    screen(&saver, "org.gnome.ScreenSaver", true);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::ScreenLock));
    lock(&logind, OURS);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::SessionLock));
}

#[test]
fn a_logind_that_starts_anew_is_asked_to_wait_again_and_believed() {
    let machine = Machine::new();
    let (logind, holds) = machine.logind(one_session());
    let (watch, heard) = listening(&machine.buses());
    let first = holds.recv_timeout(SOON).expect("it asked to be waited for");
    drop(logind);
    assert!(until(|| !watch.watched().suspend), "it went away unnoticed");
    let_go(first);
    let (logind, holds) = machine.logind(one_session());
    let second = holds.recv_timeout(SOON).expect("it asked again");
    assert!(until(|| watch.watched().suspend));
    sleep(&logind, true);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::Suspend));
    let_go(second);
}

#[test]
fn a_bus_that_goes_away_ends_the_watching_there_and_nothing_else() {
    let mut machine = Machine::new();
    let (_logind, _holds) = machine.logind(one_session());
    let saver = machine.saver("org.freedesktop.ScreenSaver");
    let (watch, heard) = listening(&machine.buses());
    assert_eq!(watch.watched(), Watched { suspend: true, session: true, screen: true });
    machine.system.end();
    let gone = Watched { suspend: false, session: false, screen: true };
    assert!(until(|| watch.watched() == gone), "{:?}", watch.watched());
    screen(&saver, "org.freedesktop.ScreenSaver", true);
    assert_eq!(heard.recv_timeout(SOON), Ok(LockReason::ScreenLock), "the other bus goes on");
    machine.session.end();
    assert!(until(|| watch.watched() == Watched::default()));
    drop(watch);
}

#[test]
fn where_nothing_tells_nothing_is_watched() {
    let mut machine = Machine::new();
    machine.session.end();
    let said = watch_at(&machine.buses(), |_| {}).err();
    assert_eq!(said, Some(WatchError), "a system bus without logind");
    machine.system.end();
    let said = watch_at(&machine.buses(), |_| {}).err();
    assert_eq!(said, Some(WatchError), "no bus at all");
}

#[test]
fn a_watch_that_is_dropped_lets_the_laptop_sleep_and_calls_nobody() {
    let machine = Machine::new();
    let (logind, holds) = machine.logind(one_session());
    let saver = machine.saver("org.gnome.ScreenSaver");
    let (watch, heard) = listening(&machine.buses());
    let held = holds.recv_timeout(SOON).expect("it asked to be waited for");
    drop(watch);
    let_go(held);
    sleep(&logind, true);
    screen(&saver, "org.gnome.ScreenSaver", true);
    let told = heard.recv_timeout(Duration::from_secs(1));
    assert_eq!(told, Err(mpsc::RecvTimeoutError::Disconnected), "the threads have ended");
}

#[test]
fn the_callback_never_runs_twice_at_once() {
    let machine = Machine::new();
    let (logind, _holds) = machine.logind(one_session());
    let saver = machine.saver("org.gnome.ScreenSaver");
    let (said, heard) = mpsc::channel();
    let running = Mutex::new(());
    let _watch = watch_at(&machine.buses(), move |_| {
        let alone = running.try_lock().is_ok_and(|_at_work| {
            thread::sleep(Duration::from_millis(50));
            true
        });
        // The test may have ended.
        let _told = said.send(alone);
    })
    .expect("there is something to watch");
    for _ in 0..5 {
        lock(&logind, OURS);
        screen(&saver, "org.gnome.ScreenSaver", true);
    }
    for _ in 0..10 {
        assert_eq!(heard.recv_timeout(SOON), Ok(true));
    }
}
