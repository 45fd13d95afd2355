//! A network in between: it records what passes, and fails as networks and strangers' servers do.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Random, loopback};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Every piece of an answer comes that much later.
    Delay(Duration),
    /// The connection ends after that many bytes of the answer. 0: the server did its work, and nobody hears of it.
    CutAnswer(usize),
    /// The connection ends after that many bytes of the request.
    CutRequest(usize),
    /// The connection is closed as soon as it is open.
    Refuse,
    /// The request is taken, and nothing ever comes back.
    Silence,
    /// The answer comes byte by byte, with that much time in between.
    Drip(Duration),
    /// Somebody else answers, always the same.
    Answer(Vec<u8>),
    /// When the connection has ended, the server hears all that was sent on it once more.
    Again,
}

/// A trouble and the requests that meet it.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The beginning of a request, such as `POST /v1/records`: the trouble begins there and lasts as long as
    /// that connection. Empty: every request.
    pub on: &'static str,
    /// What goes wrong.
    pub what: Trouble,
}

impl Trouble {
    /// An answer over HTTP that somebody else gives.
    #[must_use]
    pub fn http(status: &str, kind: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        Self::Answer(text.into_bytes())
    }
}

/// A bad network: of two connections one meets something.
fn drawn(random: &mut Random) -> Trouble {
    match random.below(14) {
        0 => Trouble::CutAnswer(0),
        1 => Trouble::CutAnswer(random.below(6_000)),
        2 => Trouble::CutRequest(random.below(6_000)),
        3 => Trouble::Refuse,
        4 => Trouble::Delay(Duration::from_millis(random.bits() % 40)),
        5 => Trouble::Drip(Duration::from_micros(random.bits() % 20)),
        6 => Trouble::Again,
        _ => Trouble::None,
    }
}

/// What passed, both ways.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    /// From laptops to the server.
    pub up: Vec<u8>,
    /// From the server to laptops.
    pub down: Vec<u8>,
}

/// A proxy on loopback; its thread ends with the test.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: Mutex<u16>,
    fault: Mutex<Fault>,
    weather: Mutex<Option<Random>>,
    wire: Mutex<Wire>,
}

impl Proxy {
    /// A proxy to nowhere yet.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start() -> Self {
        let fault = Mutex::new(Fault { on: "", what: Trouble::None });
        let (server, weather, wire) = (Mutex::new(0), Mutex::new(None), Mutex::default());
        let shared = Arc::new(Shared { server, fault, weather, wire });
        let theirs = Arc::clone(&shared);
        let port = loopback::listen(move |laptop| serve(laptop, &theirs));
        Self { port, shared }
    }

    /// A proxy at which something is wrong from the beginning.
    #[must_use]
    pub fn troubled(what: Trouble) -> Self {
        let proxy = Self::start();
        proxy.fault("", what);
        proxy
    }

    /// Passes everything on to a server on this port from now on.
    pub fn lead_to(&self, port: u16) {
        *lock(&self.shared.server) = port;
    }

    /// The address that laptops use.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What goes wrong on connections from now on.
    pub fn fault(&self, on: &'static str, what: Trouble) {
        *lock(&self.shared.weather) = None;
        *lock(&self.shared.fault) = Fault { on, what };
    }

    /// On every connection from now on something else goes wrong, or nothing: the same for the same seed.
    pub fn weather(&self, seed: u64) {
        *lock(&self.shared.weather) = Some(Random::new(seed));
    }

    /// All that passed so far.
    #[must_use]
    pub fn wire(&self) -> Wire {
        lock(&self.shared.wire).clone()
    }

    /// All that passed since this was last asked.
    #[must_use]
    pub fn passed(&self) -> Wire {
        std::mem::take(&mut lock(&self.shared.wire))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection of a laptop. Whatever fails, both sides see it end.
fn serve(laptop: &TcpStream, shared: &Arc<Shared>) {
    let drawn = lock(&shared.weather).as_mut().map(drawn);
    let fault = match drawn {
        Some(what) => Fault { on: "", what },
        None => lock(&shared.fault).clone(),
    };
    match &fault.what {
        Trouble::Refuse => {}
        Trouble::Silence if fault.on.is_empty() => swallow(laptop),
        Trouble::Answer(answer) if fault.on.is_empty() => answer_all(laptop, answer),
        _ => pass(laptop, shared, &fault),
    }
    let _closed = laptop.shutdown(Shutdown::Both).is_ok();
}

fn swallow(mut laptop: &TcpStream) {
    let mut buffer = [0; 4096];
    while laptop.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// Reads until nothing more comes for a moment: an answer to half a request would be cut off by its rest.
fn answer_all(mut laptop: &TcpStream, answer: &[u8]) {
    let _quiet = laptop.set_read_timeout(Some(Duration::from_millis(60))).is_ok();
    let mut buffer = [0; 65_536];
    while laptop.read(&mut buffer).is_ok_and(|count| count > 0) {}
    let _sent = laptop.write_all(answer).is_ok();
}

fn pass(laptop: &TcpStream, shared: &Arc<Shared>, fault: &Fault) {
    let port = *lock(&shared.server);
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { return };
    let (Ok(from_laptop), Ok(to_server)) = (laptop.try_clone(), server.try_clone()) else { return };
    let met = Arc::new(AtomicBool::new(fault.on.is_empty()));
    let up = Pump { from: from_laptop, to: to_server, met: Arc::clone(&met), fault: fault.clone() };
    let theirs = Arc::clone(shared);
    let upwards = thread::spawn(move || up.requests(&theirs));
    let Ok(to_laptop) = laptop.try_clone() else { return };
    Pump { from: server, to: to_laptop, met, fault: fault.clone() }.answers(shared);
    let sent = upwards.join().unwrap_or_default();
    if fault.what == Trouble::Again && !sent.is_empty() {
        send_again(port, &sent);
    }
}

/// Nobody reads what the server answers to it.
fn send_again(port: u16, sent: &[u8]) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)) else { return };
    let _written = server.write_all(sent).is_ok() && server.shutdown(Shutdown::Write).is_ok();
    let _quiet = server.set_read_timeout(Some(Duration::from_secs(1))).is_ok();
    let mut buffer = [0; 65_536];
    while server.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// One direction of a connection.
struct Pump {
    from: TcpStream,
    to: TcpStream,
    /// Whether the request that the fault waits for has come.
    met: Arc<AtomicBool>,
    fault: Fault,
}

impl Pump {
    /// Gives what was passed on of the request that the fault waits for, and behind it.
    fn requests(mut self, shared: &Shared) -> Vec<u8> {
        let mut buffer = vec![0; 65_536];
        let mut sent = Vec::new();
        let mut left = match self.fault.what {
            Trouble::CutRequest(bytes) => bytes,
            _ => usize::MAX,
        };
        while let Some(count) = self.next(&mut buffer) {
            let piece = &buffer[..count];
            lock(&shared.wire).up.extend_from_slice(piece);
            if !self.met.load(Ordering::SeqCst) && piece.starts_with(self.fault.on.as_bytes()) {
                self.met.store(true, Ordering::SeqCst);
            }
            let may = if self.met.load(Ordering::SeqCst) { left.min(count) } else { count };
            if self.to.write_all(&piece[..may]).is_err() || may < count {
                break;
            }
            if self.met.load(Ordering::SeqCst) {
                left -= count;
                if self.fault.what == Trouble::Again {
                    sent.extend_from_slice(piece);
                }
            }
        }
        self.end();
        sent
    }

    fn answers(mut self, shared: &Shared) {
        let mut buffer = vec![0; 65_536];
        let mut left = match self.fault.what {
            Trouble::CutAnswer(bytes) => bytes,
            _ => usize::MAX,
        };
        while let Some(count) = self.next(&mut buffer) {
            let piece = &buffer[..count];
            lock(&shared.wire).down.extend_from_slice(piece);
            let sent = if self.met.load(Ordering::SeqCst) {
                self.troubled(piece, &mut left)
            } else {
                self.to.write_all(piece).is_ok()
            };
            if !sent {
                break;
            }
        }
        self.end();
    }

    /// Passes a piece of an answer on as the fault wants it; says whether the connection goes on.
    fn troubled(&mut self, piece: &[u8], left: &mut usize) -> bool {
        match &self.fault.what {
            Trouble::CutAnswer(_) => {
                let may = piece.len().min(*left);
                *left -= may;
                self.to.write_all(&piece[..may]).is_ok() && may == piece.len()
            }
            Trouble::Delay(time) => {
                thread::sleep(*time);
                self.to.write_all(piece).is_ok()
            }
            Trouble::Drip(time) => piece.iter().all(|byte| {
                thread::sleep(*time);
                self.to.write_all(&[*byte]).is_ok()
            }),
            Trouble::Silence => true,
            Trouble::Answer(answer) => {
                let _sent = self.to.write_all(answer).is_ok();
                false
            }
            Trouble::None | Trouble::CutRequest(_) | Trouble::Refuse | Trouble::Again => {
                self.to.write_all(piece).is_ok()
            }
        }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Option<usize> {
        self.from.read(buffer).ok().filter(|count| *count > 0)
    }

    fn end(&self) {
        let _closed = self.from.shutdown(Shutdown::Both).is_ok();
        let _closed = self.to.shutdown(Shutdown::Both).is_ok();
    }
}
