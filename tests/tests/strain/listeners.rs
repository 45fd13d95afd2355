//! Laptops that only listen.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use seshat_testkit::Device;

use crate::raw::{connect, device, resident_kib, server, unharmed};

const ACCOUNTS: u64 = 4;
/// Of each account.
const LAPTOPS: usize = 50;
/// What the server may hold while all of them listen.
const MEBIBYTES: u64 = 64;

/// Begins to listen; the connection once the first word has come.
fn listen(device: &Device, port: u16) -> BufReader<TcpStream> {
    let asked = device.asks("GET", "/v1/events", Vec::new());
    let mut text = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", asked.method, asked.target);
    for (name, value) in &asked.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = connect(port);
    write!(stream, "{text}\r\n").expect("the server reads");
    let mut reader = BufReader::new(stream);
    assert_eq!(next_head(&mut reader), 0, "the first word comes at once");
    reader
}

/// The head in the next event.
fn next_head(reader: &mut BufReader<TcpStream>) -> u64 {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(reader.read_line(&mut line).expect("it goes on") > 0, "the stream has ended");
        assert!(!line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.1 200"), "{line}");
        if let Some(data) = line.strip_prefix("data: ") {
            let head: serde_json::Value = serde_json::from_str(data).expect("a head is JSON");
            return head["head"].as_u64().expect("a number");
        }
    }
}

#[test]
fn two_hundred_listeners_take_little_memory_and_all_hear_of_a_push() {
    let room = seshat_tests::room();
    let server = server(room.path(), &[]);
    let port = server.port();
    let devices: Vec<Device> = (0..ACCOUNTS).map(|seed| device(&server, seed)).collect();
    let mut listeners: Vec<_> = (devices.iter())
        .map(|device| (0..LAPTOPS).map(|_| listen(device, port)).collect::<Vec<_>>())
        .collect();
    let resident = resident_kib(server.id()) / 1024;
    println!("{resident} MiB with {} listeners", listeners.iter().map(Vec::len).sum::<usize>());
    assert!(resident < MEBIBYTES, "{resident} MiB");
    for (device, listeners) in devices.iter().zip(&mut listeners) {
        let stored = device.push(vec![device.record(1, 600)]).send_to(port);
        assert_eq!(stored.status, 200);
        for listener in listeners {
            assert_eq!(next_head(listener), 1, "all of them hear of it");
        }
    }
    unharmed(&server, MEBIBYTES);
}
