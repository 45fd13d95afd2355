//! An evil server: it stands in front of a real one, reads every request and every answer as HTTP, and does with them
//! what it likes. What it cannot do is what the laptops are protected from.
//!
//! One request per connection, HTTP/1.1 with `content-length` bodies: what laptops send and the real server answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::loopback;

/// A request as it passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer as it passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Such as 200.
    pub status: u16,
    /// Names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Passes a request on to the real server.
pub type Forward<'a> = &'a dyn Fn(&Asked) -> Answered;

type Mischief = dyn FnMut(&Asked, Forward<'_>) -> Answered + Send;

/// An evil server on loopback; its thread ends with the test.
pub struct Evil {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: Mutex<u16>,
    mischief: Mutex<Box<Mischief>>,
    passed: Mutex<Vec<(Asked, Answered)>>,
}

impl Evil {
    /// One that does no harm yet and leads to nowhere.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            server: Mutex::new(0),
            mischief: Mutex::new(Box::new(honest)),
            passed: Mutex::default(),
        });
        let theirs = Arc::clone(&shared);
        let port = loopback::listen(move |laptop| serve(laptop, &theirs));
        Self { port, shared }
    }

    /// The address that laptops use; the real server has to be started with it as an `--origin`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stands in front of the server on this port from now on.
    pub fn lead_to(&self, port: u16) {
        *lock(&self.shared.server) = port;
    }

    /// Does this with every request from now on, one after the other.
    pub fn act(&self, mischief: impl FnMut(&Asked, Forward<'_>) -> Answered + Send + 'static) {
        *lock(&self.shared.mischief) = Box::new(mischief);
    }

    /// Passes everything on from now on.
    pub fn behave(&self) {
        self.act(honest);
    }

    /// Everything that passed since this was last asked, as the laptops saw it.
    #[must_use]
    pub fn passed(&self) -> Vec<(Asked, Answered)> {
        std::mem::take(&mut lock(&self.shared.passed))
    }
}

impl Asked {
    /// Whether it asks for this, such as `is("GET", "/v1/changes")`; a query does not count.
    #[must_use]
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.target.split('?').next() == Some(path)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a laptop sends JSON")
    }

    /// A header's value, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        find(&self.headers, name)
    }

    /// Puts another value in the place of a header's.
    pub fn set_header(&mut self, name: &str, value: &str) {
        set(&mut self.headers, name, value);
    }

    /// Sends it to a server on this port as it is, and gives its answer.
    ///
    /// # Panics
    /// When there is no server.
    #[must_use]
    pub fn send_to(&self, port: u16) -> Answered {
        self.try_at(port).expect("a server answers")
    }

    /// The same where there may be no server, or none that answers to the end.
    #[must_use]
    pub fn try_at(&self, port: u16) -> Option<Answered> {
        exchange(self, port)
    }
}

impl Answered {
    /// An answer of JSON.
    #[must_use]
    pub fn of(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes() }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the server answers JSON")
    }

    /// The same answer with its JSON altered.
    #[must_use]
    pub fn altered(mut self, alter: impl FnOnce(&mut Value)) -> Self {
        let mut body = self.json();
        alter(&mut body);
        self.body = body.to_string().into_bytes();
        self
    }

    /// A header's value, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        find(&self.headers, name)
    }

    /// Puts another value in the place of a header's.
    pub fn set_header(&mut self, name: &str, value: &str) {
        set(&mut self.headers, name, value);
    }
}

fn honest(asked: &Asked, forward: Forward<'_>) -> Answered {
    forward(asked)
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn set(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    headers.retain(|(known, _)| known != name);
    headers.push((name.to_owned(), value.to_owned()));
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection of a laptop: one request, one answer. Whatever fails, the laptop sees it end.
fn serve(laptop: &TcpStream, shared: &Shared) {
    if let Some(asked) = read_request(laptop) {
        let port = *lock(&shared.server);
        let nobody = Answered { status: 502, headers: Vec::new(), body: Vec::new() };
        let forward = |asked: &Asked| exchange(asked, port).unwrap_or_else(|| nobody.clone());
        let answered = (lock(&shared.mischief))(&asked, &forward);
        lock(&shared.passed).push((asked, answered.clone()));
        let _sent = write_answer(laptop, &answered).is_ok();
    }
    let _closed = laptop.shutdown(Shutdown::Write).is_ok();
}

/// Asks the server on this port over a connection of its own.
fn exchange(asked: &Asked, port: u16) -> Option<Answered> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let mut text = format!("{} {} HTTP/1.1\r\n", asked.method, asked.target);
    for (name, value) in &asked.headers {
        if !is_about_the_connection(name) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", asked.body.len()));
    server.write_all(text.as_bytes()).ok()?;
    server.write_all(&asked.body).ok()?;
    let (first, headers, body) = read_message(&server)?;
    let status = first.split(' ').nth(1)?.parse().ok()?;
    Some(Answered { status, headers, body })
}

fn read_request(laptop: &TcpStream) -> Option<Asked> {
    let (first, headers, body) = read_message(laptop)?;
    let mut parts = first.split(' ');
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Asked { method, target, headers, body })
}

type Message = (String, Vec<(String, String)>, Vec<u8>);

/// The first line, the headers and the body.
fn read_message(stream: &TcpStream) -> Option<Message> {
    let mut reader = BufReader::new(stream);
    let first = read_line(&mut reader)?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(&mut reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
    }
    let length = find(&headers, "content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, headers, body))
}

fn read_line(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

fn write_answer(mut laptop: &TcpStream, answered: &Answered) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {} Answered\r\n", answered.status);
    for (name, value) in &answered.headers {
        if !is_about_the_connection(name) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", answered.body.len()));
    laptop.write_all(text.as_bytes())?;
    laptop.write_all(&answered.body)
}

fn is_about_the_connection(name: &str) -> bool {
    matches!(name, "connection" | "content-length" | "transfer-encoding" | "keep-alive")
}

/// The bytes that a JSON text holds in base64url.
///
/// # Panics
/// When it is no such text.
#[must_use]
pub fn decoded(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url")
}

/// Bytes as they stand in JSON.
#[must_use]
pub fn encoded(bytes: &[u8]) -> Value {
    URL_SAFE_NO_PAD.encode(bytes).into()
}
