//! Bodies that are too large, bodies without an end, and requests that never come whole.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use serde_json::Value;
use seshat_protocol::limits;
use seshat_testkit::{Device, plain};
use seshat_tests::eventually;

use crate::raw::{connect, device, send, server, spelt, unharmed};

/// Connections that never send a whole request.
const SLOW: usize = 400;
/// What the server may hold, in MiB: the bodies that it was allowed to, once more as they are decoded, and itself.
const MOST: u64 = 160;

/// Every method of every path in the description, with something in the place of each name.
fn routes() -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let text = fs::read_to_string(file).expect("the server is described");
    let document: Value = serde_json::from_str(&text).expect("the description is JSON");
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let target = path.replace("{join}", &"ab".repeat(16)).replace("{blob}", &"ab".repeat(32));
        for method in methods.as_object().expect("methods").keys() {
            let known = ["get", "put", "post", "delete", "head"].contains(&method.as_str());
            routes.extend(known.then(|| (method.to_uppercase(), target.clone())));
        }
    }
    assert!(routes.len() > 18, "{routes:?}");
    routes
}

#[test]
fn a_body_that_is_too_large_is_refused_at_every_route() {
    let room = seshat_tests::room();
    let server = server(room.path(), &["--body-memory-mib", "48"]);
    let device = device(&server, 1);
    let body = vec![b'['; limits::BODY_BYTES + 1];
    for (method, target) in routes() {
        let signed = device.asks(&method, &target, body.clone());
        let mut unsigned = plain(&method, &target, &());
        unsigned.body.clone_from(&body);
        for asked in [signed, unsigned] {
            let statuses = send(server.port(), &spelt(&asked));
            let open = ["/healthz", "/readyz", "/metrics", "/v1/capabilities"];
            // These look at no body.
            let status = *statuses.first().unwrap_or_else(|| panic!("{method} {target} is silent"));
            let fine = (400..500).contains(&status) || status == 503;
            assert!(fine || open.contains(&target.as_str()), "{method} {target}: {status}");
        }
    }
    unharmed(&server, MOST);
}

/// Sends pieces of a body of unknown length until the server has enough, or this many MiB.
fn pour(device: &Device, port: u16, method: &str, target: &str) -> usize {
    let asked = device.asks(method, target, Vec::new());
    let mut text = format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for (name, value) in &asked.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = connect(port);
    write!(stream, "{text}transfer-encoding: chunked\r\n\r\n").expect("the server reads");
    let mut piece = b"100000\r\n".to_vec();
    piece.resize(piece.len() + 0x10_0000, b' ');
    piece.extend_from_slice(b"\r\n");
    (0..200).find(|_| stream.write_all(&piece).is_err()).unwrap_or(200)
}

#[test]
fn a_body_without_an_end_is_cut_off() {
    let room = seshat_tests::room();
    let server = server(room.path(), &["--body-memory-mib", "48"]);
    let device = device(&server, 2);
    for (method, target) in [("POST", "/v1/records"), ("PUT", "/v1/vault"), ("GET", "/v1/changes")]
    {
        let poured = pour(&device, server.port(), method, target);
        assert!(poured < 100, "{method} {target} took {poured} MiB and more");
    }
    unharmed(&server, MOST);
}

/// A push that takes up some 10 MB as it travels.
fn large(device: &Device, number: u64) -> Vec<u8> {
    let records = (0..40).map(|n| device.record(number * 40 + n + 1, 180_000));
    spelt(&device.push(records.collect()))
}

#[test]
fn who_finds_no_memory_left_for_a_body_is_told_to_come_again() {
    let room = seshat_tests::room();
    let server = server(room.path(), &["--body-memory-mib", "24"]);
    let device = device(&server, 3);
    let port = server.port();
    // Three that stop before the end hold more than that, as far as they are let.
    let holding: Vec<TcpStream> = thread::scope(|scope| {
        let begun: Vec<_> = (0..3)
            .map(|number| {
                let whole = large(&device, number);
                scope.spawn(move || begun(port, &whole[..whole.len() - 1]))
            })
            .collect();
        begun.into_iter().map(|thread| thread.join().expect("it was said")).collect()
    });
    let mut told = Vec::new();
    let mut push = || {
        told.extend(send(port, &large(&device, 3)));
        assert!(told.iter().all(|status| [200, 503].contains(status)), "{told:?}");
        told.last().copied()
    };
    eventually("no room", || push() == Some(503));
    let small = device.push(vec![device.record(1_000, 600)]).send_to(port);
    assert_eq!(small.status, 200, "what is small finds room");
    drop(holding);
    eventually("room again", || push() == Some(200));
    unharmed(&server, MOST);
}

/// A connection on which the beginning of a request was said.
fn begun(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(port);
    stream.write_all(bytes).expect("the server reads");
    stream
}

#[test]
fn requests_that_never_come_whole_keep_nobody_else_waiting() {
    let room = seshat_tests::room();
    let server = server(room.path(), &[]);
    let device = device(&server, 4);
    let port = server.port();
    let mut slow: Vec<TcpStream> = (0..SLOW)
        .map(|number| match number % 4 {
            0 => begun(port, b""),
            1 => begun(port, b"GET /v1/changes HTTP/1.1\r\nhost: a\r\nx-slow: "),
            2 => begun(
                port,
                b"POST /v1/records HTTP/1.1\r\nhost: a\r\ncontent-length: 9000000\r\n\r\n{",
            ),
            _ => {
                let large = (1..=20).map(|n| device.record(n, 10_000)).collect();
                let whole = spelt(&device.push(large));
                begun(port, &whole[..whole.len() / 2])
            }
        })
        .collect();
    for round in 0..20 {
        for stream in slow.iter_mut().filter(|_| round % 5 == 0) {
            let _one_byte_more = stream.write_all(b" ").is_ok();
        }
        let record = device.record(1_000 + round, 600);
        let stored = device.push(vec![record]).send_to(port);
        assert_eq!(stored.json()["results"][0]["outcome"], "stored", "{stored:?}");
    }
    unharmed(&server, MOST);
    drop(slow);
    unharmed_again(&server);
}

fn unharmed_again(server: &seshat_testkit::Server) {
    assert_eq!(plain("GET", "/readyz", &()).send_to(server.port()).status, 200);
}
