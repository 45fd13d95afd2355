//! What it costs to listen, how soon a listener hears of a push, and what a push of one small record weighs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use seshat_testkit::Device;

use super::{Process, answer, wire};

const ACCOUNTS: u64 = 4;
/// Of each account.
const LAPTOPS: usize = 50;
/// Pushes, one after the other.
const PUSHES: u64 = 400;
/// Bytes of the body of a small edit's record.
const BODY: usize = 200;

pub(crate) fn measure() {
    let process = Process::product();
    let (port, idle) = (process.port(), process.memory());
    let devices: Vec<Device> = (1..=ACCOUNTS).map(|seed| Device::new(seed, &process.url)).collect();
    for device in &devices {
        device.create_account(port);
    }
    let mut listeners: Vec<_> =
        devices.iter().flat_map(|device| (0..LAPTOPS).map(move |_| listen(port, device))).collect();
    let many = listeners.len();
    println!("\n{many} listeners: {} MiB, before {idle} MiB", process.memory());

    let (writer, first) = (&devices[0], &mut listeners[0]);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut waited, mut up, mut down) = (Vec::new(), 0, 0);
    for number in 1..=PUSHES {
        let request = wire(&writer.push(vec![writer.record(number, BODY)]));
        let began = Instant::now();
        stream.write_all(&request).unwrap();
        heard(first);
        waited.push(began.elapsed());
        let (head, body) = answer(&mut reader);
        (up, down) = (request.len(), head.len() + body.len());
    }
    waited.sort_unstable();
    let at = |part: usize| millis(waited[waited.len() * part / 100]);
    println!("news of a push: {:.1} ms (median), {:.1} ms (95 in 100)", at(50), at(95));
    println!("a push of {BODY} bytes: {up} bytes up, {down} down");
    drop(listeners);
}

/// Begins to listen, and hears the first word.
fn listen(port: u16, device: &Device) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(&wire(&device.asks("GET", "/v1/events", Vec::new()))).unwrap();
    let mut reader = BufReader::new(stream);
    heard(&mut reader);
    reader
}

/// Waits for an event.
fn heard(reader: &mut BufReader<impl Read>) {
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the stream has ended");
        assert!(!line.starts_with("HTTP/") || line.contains(" 200 "), "{line}");
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
