//! A thousand requests that something is wrong with, each made from a good one; the same for the same seed.

use serde_json::{Value, json};
use seshat_testkit::{Asked, Device, Random, encoded, plain, seed};

use crate::raw::{device, send_bits, server, spelt, unharmed};

const REQUESTS: usize = 1_000;
/// What the server may hold, in MiB.
const MOST: u64 = 160;

/// Good requests for every kind of route.
fn good(device: &Device, random: &mut Random) -> Asked {
    let blob = "3f".repeat(32);
    let join = "5a".repeat(16);
    let records = || (1..=3).map(|n| device.record(n + 100, 300)).collect();
    let json = |value: Value| value.to_string().into_bytes();
    match random.below(20) {
        0 => Device::new(random.bits(), "http://127.0.0.1:1").creation(),
        1 => device.challenge(),
        2 => device.answer(&json!({ "account": device.account, "challenge": encoded(&[7; 32]),
            "kdf": { "memory_kib": 65536, "passes": 3, "lanes": 4, "salt": encoded(&[1; 16]) },
            "account_code": false })),
        3 => device.asks("GET", "/v1/vault", Vec::new()),
        4 => device.asks("PUT", "/v1/vault", json(json!({ "vault": encoded(b"another") }))),
        5..=8 => device.push(records()),
        9 => device.asks("GET", "/v1/changes?cursor=0&limit=10&max_bytes=9000", Vec::new()),
        10 => device.asks("GET", "/v1/pack?cursor=0", Vec::new()),
        11 => device.asks("PUT", &format!("/v1/blobs/{blob}?len=9&part=0"), b"123456789".to_vec()),
        12 => device.asks("GET", &format!("/v1/blobs/{blob}"), Vec::new()),
        13 => device.asks("GET", &format!("/v1/blobs/{blob}/parts"), Vec::new()),
        14 => device.asks("GET", "/v1/devices", Vec::new()),
        15 => device.asks("GET", "/v1/account", Vec::new()),
        16 => device.asks("GET", "/v1/events?wait=0&head=0", Vec::new()),
        17 => plain(
            "POST",
            "/v1/joins",
            &json!({ "email": "a@b.c", "commitment": encoded(&[3; 32]) }),
        ),
        18 => {
            let offer = json(json!({ "offer": encoded(b"an offer") }));
            device.asks("PUT", &format!("/v1/joins/{join}/offer"), offer)
        }
        _ => device.asks("GET", "/v1/export", Vec::new()),
    }
}

/// What can be wrong.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    Cut,
    Flipped,
    Inserted,
    Length,
    BodyFlipped,
    Deep,
    Numbers,
    Texts,
    Digest,
    Headers,
    Target,
    Encoding,
    Method,
    Twice,
    Version,
}

const ALL: &[Wrong] = &[
    Wrong::Cut,
    Wrong::Flipped,
    Wrong::Inserted,
    Wrong::Length,
    Wrong::BodyFlipped,
    Wrong::Deep,
    Wrong::Numbers,
    Wrong::Texts,
    Wrong::Digest,
    Wrong::Headers,
    Wrong::Target,
    Wrong::Encoding,
    Wrong::Method,
    Wrong::Twice,
    Wrong::Version,
];

/// The bytes of a request with this wrong.
fn spoilt(wrong: Wrong, asked: &Asked, device: &Device, random: &mut Random) -> Vec<u8> {
    match wrong {
        Wrong::BodyFlipped | Wrong::Deep | Wrong::Numbers | Wrong::Texts => {
            let body = body(wrong, &asked.body, random);
            spelt(&again(asked, &asked.target, body, device))
        }
        Wrong::Target => spelt(&again(asked, &target(asked, random), asked.body.clone(), device)),
        Wrong::Digest | Wrong::Headers | Wrong::Encoding | Wrong::Twice => {
            spelt(&headers(wrong, asked.clone(), random))
        }
        _ => bytes(wrong, spelt(asked), random),
    }
}

/// The same request with something else in it, rightly signed if it was signed: it gets past the door.
fn again(asked: &Asked, target: &str, body: Vec<u8>, device: &Device) -> Asked {
    let plain_ascii = target.bytes().all(|byte| byte.is_ascii_graphic());
    if asked.header("signature").is_empty() || !plain_ascii {
        return Asked { target: target.to_owned(), body, ..asked.clone() };
    }
    device.asks(&asked.method, target, body)
}

fn body(wrong: Wrong, body: &[u8], random: &mut Random) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    let depth = *random.pick(&[10, 127, 128, 129, 5_000, 300_000]);
    match wrong {
        Wrong::Deep => match random.below(3) {
            0 => "[".repeat(depth).into_bytes(),
            1 => format!("{{\"records\":{}", "[{\"a\":".repeat(depth)).into_bytes(),
            _ => format!("{}1{}", "[".repeat(depth), "]".repeat(depth)).into_bytes(),
        },
        Wrong::Numbers => {
            let odd = ["-1", "1e999", "18446744073709551616", "0.5", "null", "9223372036854775808"];
            let odd = odd[random.below(odd.len())];
            let mut out = String::new();
            for piece in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
                let digits = piece.trim_end_matches(|c: char| !c.is_ascii_digit());
                let number = !digits.is_empty() && random.below(3) == 0;
                out.push_str(if number { odd } else { digits });
                out.push_str(piece.strip_prefix(digits).unwrap_or_default());
            }
            out.into_bytes()
        }
        Wrong::Texts => {
            let long = "A".repeat(100_000);
            let odd = ["", "=", "+/", "AAA", "\\u0000", "\\ud800", "😀", "' OR 1=1 --", &long];
            let odd = odd[random.below(odd.len())];
            let parts: Vec<&str> = text.split(":\"").collect();
            let at = 1 + random.below(parts.len().max(2) - 1);
            let mut out = Vec::new();
            for (number, part) in parts.iter().enumerate() {
                let rest = part.split_once('"').map_or("", |(_, rest)| rest);
                out.push(if number == at { format!("{odd}\"{rest}") } else { (*part).to_owned() });
            }
            out.join(":\"").into_bytes()
        }
        _ => {
            let mut out = body.to_vec();
            flip(&mut out, random);
            out
        }
    }
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        if !bytes.is_empty() {
            let at = random.below(bytes.len());
            bytes[at] = random.bits().to_le_bytes()[0];
        }
    }
}

fn target(asked: &Asked, random: &mut Random) -> String {
    let path = asked.target.split('?').next().unwrap_or_default();
    match random.below(9) {
        0 => format!("{path}?cursor=-1&limit=abc&wait=x&len=&part="),
        1 => format!("{path}?cursor=18446744073709551615&limit=0&max_bytes=0&head=99&wait=0"),
        2 => format!("{path}?cursor=9223372036854775808&len=18446744073709551615&part=4294967296"),
        3 => format!("{path}?{}", "a=b&".repeat(3_000)),
        4 => format!("{path}/../../../etc/passwd"),
        5 => format!("{path}%00%ff%2e%2e"),
        6 => format!("{path}?cursor=1&cursor=2&wait=0"),
        7 => format!("/v1/blobs/{}", "zz".repeat(32)),
        _ => format!("{path}{}", "/x".repeat(5_000)),
    }
}

fn headers(wrong: Wrong, mut asked: Asked, random: &mut Random) -> Asked {
    match wrong {
        Wrong::Digest => {
            let odd = ["sha-256=:AAAA:", "sha-512=:AAAA:", "", "sha-256=:::", "md5=1"];
            asked.set_header("content-digest", odd[random.below(odd.len())]);
        }
        Wrong::Headers if random.below(2) == 0 => {
            let length = *random.pick(&[7_000, 60_000, 400_000, 1_500_000]);
            let names = ["x-long", "signature", "signature-input", "if-match", "authorization"];
            asked.set_header(names[random.below(names.len())], &"a".repeat(length));
        }
        Wrong::Headers => {
            let many = *random.pick(&[90, 101, 3_000]);
            asked.headers.extend((0..many).map(|n| (format!("x-{n}"), "1".to_owned())));
        }
        Wrong::Encoding => {
            let (name, value) = *random.pick(&[
                ("content-encoding", "gzip"),
                ("content-type", "application/json; charset=utf-16"),
                ("content-type", "multipart/form-data; boundary=\"\""),
                ("transfer-encoding", "chunked"),
                ("transfer-encoding", "gzip, chunked, identity"),
                ("expect", "100-continue"),
                ("upgrade", "h2c"),
                ("range", "bytes=18446744073709551615-,-0"),
                ("if-match", "\u{fc}\u{fc}"),
                ("if-none-match", "*, W/\""),
            ]);
            asked.set_header(name, value);
        }
        _ => {
            let at = random.below(asked.headers.len());
            let copied = asked.headers[at].clone();
            asked.headers.push(copied);
        }
    }
    asked
}

fn bytes(wrong: Wrong, mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let replaced = |bytes: &[u8], from: &str, to: &str| {
        String::from_utf8_lossy(bytes).replacen(from, to, 1).into_bytes()
    };
    match wrong {
        Wrong::Cut => bytes.truncate(random.below(bytes.len())),
        Wrong::Flipped => flip(&mut bytes, random),
        Wrong::Inserted => {
            let at = random.below(bytes.len());
            let more = (0..random.below(40)).map(|_| random.bits().to_le_bytes()[0]);
            let more: Vec<u8> = more.collect();
            bytes.splice(at..at, more);
        }
        Wrong::Length => {
            let odd = [
                "-1",
                "99999999999999999999",
                "0",
                "1",
                "100000000",
                "5\r\ncontent-length: 6",
                "+3",
                "0x10",
            ];
            let length = format!("content-length: {}\r\nx: ", odd[random.below(odd.len())]);
            bytes = replaced(&bytes, "content-length: ", &length);
        }
        Wrong::Method => {
            let long = "M".repeat(9_000);
            let odd = ["", "get", "PRI", "CONNECT", "TRACE", "G\0T", "ÜBER", &long];
            let text = String::from_utf8_lossy(&bytes);
            let method = text.split(' ').next().unwrap_or_default().to_owned();
            bytes = replaced(&bytes, &method, odd[random.below(odd.len())]);
        }
        _ => {
            let odd = ["HTTP/9.9", "HTTP/2.0", "HTTP/1.0", "http/1.1", "HTTP/", "", "HTTP/1.1 x"];
            bytes = replaced(&bytes, "HTTP/1.1", odd[random.below(odd.len())]);
        }
    }
    bytes
}

#[test]
fn a_thousand_malformed_requests_are_refused_and_the_server_stays_up() {
    let room = seshat_tests::room();
    let server = server(room.path(), &[]);
    let device = device(&server, 1);
    let mut random = Random::new(seed());
    let mut told = std::collections::BTreeMap::<u16, usize>::new();
    for number in 0..REQUESTS {
        let asked = good(&device, &mut random);
        let wrong = *random.pick(ALL);
        let bytes = spoilt(wrong, &asked, &device, &mut random);
        for status in send_bits(server.port(), &bytes) {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).into_owned();
            let fine = status < 500 || [503, 507].contains(&status);
            assert!(fine, "{number}, {wrong:?}: {status} for {shown}");
            *told.entry(status).or_default() += 1;
        }
    }
    println!("{told:?}");
    let refused: usize = told.range(400..).map(|(_, count)| count).sum();
    assert!(refused > REQUESTS / 2, "most of them are wrong in a way that can be seen: {told:?}");
    unharmed(&server, MOST);
}
