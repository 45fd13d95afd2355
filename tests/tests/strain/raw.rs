//! Bytes to a server and what comes back.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

use seshat_testkit::{Asked, Device, Server, Setup, plain};

/// No answer takes longer on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// After which a server that has not answered waits for more.
const MOMENT: Duration = Duration::from_millis(150);

/// A server that counts nobody's requests.
pub(crate) fn server(room: &Path, more: &[&str]) -> Server {
    let unlimited = ["--account-rate", "0", "--address-rate", "0", "--sign-in-rate", "0"];
    let arguments = unlimited.iter().chain(more).map(|word| (*word).to_owned()).collect();
    Server::with(room, "server", Setup { arguments, ..Setup::default() })
}

/// An account on it.
pub(crate) fn device(server: &Server, seed: u64) -> Device {
    let device = Device::new(seed, &server.url());
    device.create_account(server.port());
    device
}

/// A request as it goes over the wire, the last one of its connection.
pub(crate) fn spelt(asked: &Asked) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", asked.method, asked.target);
    for (name, value) in &asked.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", asked.body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&asked.body);
    bytes
}

/// A connection on which nobody waits for ever.
pub(crate) fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server is up");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time limit can be set");
    stream
}

/// Sends a whole request; the statuses that come back.
pub(crate) fn send(port: u16, bytes: &[u8]) -> Vec<u16> {
    let mut stream = connect(port);
    // A server that has heard enough may close first.
    let _all_of_it = stream.write_all(bytes).is_ok();
    statuses(&rest(&mut stream))
}

/// Sends what may be no whole request, and says after a moment that nothing follows.
pub(crate) fn send_bits(port: u16, bytes: &[u8]) -> Vec<u16> {
    let mut stream = connect(port);
    let _all_of_it = stream.write_all(bytes).is_ok();
    stream.set_read_timeout(Some(MOMENT)).expect("a time limit can be set");
    let mut answer = vec![0; 16 * 1024];
    match stream.read(&mut answer) {
        Ok(count) => answer.truncate(count),
        // It waits for more.
        Err(_) => answer.clear(),
    }
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    let _said = stream.shutdown(Shutdown::Write).is_ok();
    answer.extend(rest(&mut stream));
    statuses(&answer)
}

/// Everything until the connection ends.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "it neither answers nor closes");
    }
    answer
}

fn statuses(answer: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answer);
    let lines = text.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines.filter_map(|rest| rest.get(..3)?.parse().ok()).collect()
}

/// That the server is up, whole and no larger than this many MiB at any time.
#[allow(clippy::print_stdout, reason = "what was measured has to be said")]
pub(crate) fn unharmed(server: &Server, most: u64) {
    let asked = plain("GET", "/healthz", &());
    assert_eq!(asked.send_to(server.port()).status, 200);
    let late = device(server, 0xfeed);
    let stored = late.push(vec![late.record(1, 600)]).send_to(server.port());
    assert_eq!(stored.json()["results"][0]["outcome"], "stored", "{stored:?}");
    let log = String::from_utf8_lossy(&server.log()).into_owned();
    assert!(!log.contains("panicked"), "{log}");
    let peak = seshat_testkit::peak_kib(server.id()) / 1024;
    println!("at most {peak} MiB of memory");
    assert!(peak < most, "it held {peak} MiB");
}

/// The memory that a process holds now, in KiB.
pub(crate) fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is told");
    line.trim().strip_suffix(" kB").and_then(|number| number.parse().ok()).expect("a number")
}
