//! How much of what the machine gives is left after the server has done its part: small records pushed over its real routes,
//! beside a bare ceiling of the same crates (axum, serde, rusqlite with a commit for many) that knows nobody, checks nothing
//! and keeps one table.
//!
//! `cargo run --release -p seshat-server --example load`: prints the figures of docs/measurements.md. Both servers are
//! processes of their own (this program again), so their CPU time is theirs alone; the requests are signed beforehand.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for measuring; whatever fails ends it"
)]

mod bare;
mod news;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use seshat_server::{Config, Rates, serve};
use seshat_testkit::{Asked, Device};

/// Connections that push at the same time.
const CONNECTIONS: usize = 64;
/// Bytes of a record's body.
const BODY: usize = 600;
/// Accounts that push in the comparison with the ceiling.
const WRITERS: u64 = 16;
/// Rounds of the comparison; the middle one counts.
const ROUNDS: usize = 3;
/// How often Linux counts a process's CPU time, in a second.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["product", folder] => run(product(Path::new(folder))),
        ["bare", folder] => run(bare::serve(Path::new(folder).to_owned())),
        _ => {
            println!("| what | records/s | CPU a record | memory |\n|---|---|---|---|");
            for (records, requests) in [(1, 8_000), (50, 600)] {
                beside_the_ceiling(records, requests);
            }
            accounts();
            news::measure();
        }
    }
}

fn run(server: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(server);
}

/// The real server, without limits on how often one may ask.
async fn product(folder: &Path) {
    let mut config = Config::new(folder.join("data"), "127.0.0.1:0".parse().unwrap());
    config.rates = Rates { account: 0, address: 0, sign_in: 0 };
    config.log = Box::new(File::create(folder.join("log")).unwrap());
    let server = serve(config).await.unwrap();
    println!("listening on {}", server.url());
    until_input_ends().await;
    server.shutdown().await;
}

/// Whoever started this program has ended.
async fn until_input_ends() {
    let mut ignored = Vec::new();
    let ended = tokio::task::spawn_blocking(move || std::io::stdin().read_to_end(&mut ignored));
    ended.await.unwrap().unwrap();
}

/// One of the two servers, as a process.
struct Process {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Process {
    fn start(what: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(what).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url, _folder: folder }
    }

    /// The real server, as soon as it takes what a device signs.
    fn product() -> Self {
        let process = Self::start("product");
        Device::new(0, &process.url).create_account(process.port());
        process
    }

    fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// CPU time so far, of all threads, in seconds.
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name, which may hold anything but ends with the last bracket: fields 3 and on.
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
        ticks / TICKS
    }

    /// MiB that it holds now.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Sends every request and waits for every answer.
    fn take(&self, requests: &[Vec<u8>], records: usize) -> Figures {
        let (cpu, began) = (self.cpu(), Instant::now());
        let port = self.port();
        thread::scope(|scope| {
            for each in requests.chunks(requests.len().div_ceil(CONNECTIONS)) {
                scope.spawn(move || push(port, each));
            }
        });
        let (wall, cpu) = (began.elapsed(), self.cpu() - cpu);
        Figures::of(requests.len() * records, wall, cpu, self.memory())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

#[derive(Clone, Copy)]
struct Figures {
    /// Records a second.
    rate: f64,
    /// Microseconds for each record.
    cpu: f64,
    /// MiB.
    memory: u64,
}

impl Figures {
    #[allow(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
    fn of(records: usize, wall: Duration, cpu: f64, memory: u64) -> Self {
        let records = records as f64;
        Self { rate: records / wall.as_secs_f64(), cpu: cpu * 1e6 / records, memory }
    }

    fn print(&self, what: &str) {
        println!("| {what} | {:.0} | {:.0} µs | {} MiB |", self.rate, self.cpu, self.memory);
    }
}

/// One connection: one request, one answer, and so on.
fn push(port: u16, requests: &[Vec<u8>]) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for request in requests {
        stream.write_all(request).unwrap();
        let (head, body) = answer(&mut reader);
        let first = head.lines().next().unwrap_or_default();
        let stored = first.contains(" 200 ") && !body.contains("rejected");
        assert!(stored || first.contains(" 201 "), "{first}: {body}");
    }
}

/// One answer: everything up to its body, and that.
fn answer(reader: &mut BufReader<TcpStream>) -> (String, String) {
    let (mut head, mut line, mut length) = (String::new(), String::new(), 0);
    while line != "\r\n" {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the server closed");
        head.push_str(&line);
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn wire(asked: &Asked) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", asked.method, asked.target);
    for (name, value) in &asked.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", asked.body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&asked.body);
    bytes
}

/// Requests of all these devices in turn, each with so many records of its own.
fn pushes(devices: &[Device], requests: usize, records: u64, first: u64) -> Vec<Vec<u8>> {
    let mut numbers = vec![first; devices.len()];
    let all = (0..requests).map(|request| {
        let at = request % devices.len();
        let number = numbers[at];
        numbers[at] += records;
        let device = &devices[at];
        wire(&device.push((number..number + records).map(|n| device.record(n, BODY)).collect()))
    });
    all.collect()
}

fn beside_the_ceiling(records: u64, requests: usize) {
    let mut rounds: Vec<(f64, Figures, Figures)> = (0..ROUNDS)
        .map(|_| {
            let [bare, ours] = [Process::start("bare"), Process::product()].map(|process| {
                let devices: Vec<Device> =
                    (1..=WRITERS).map(|seed| Device::new(seed, &process.url)).collect();
                push(
                    process.port(),
                    &devices.iter().map(|d| wire(&d.creation())).collect::<Vec<_>>(),
                );
                let requests = pushes(&devices, requests, records, 1);
                process.take(&requests, usize::try_from(records).unwrap())
            });
            (ours.rate / bare.rate, bare, ours)
        })
        .collect();
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, bare, ours) = rounds[ROUNDS / 2];
    bare.print(&format!("bare ceiling, {records} a request"));
    ours.print(&format!("push, {records} a request: {ratio:.2} × the ceiling"));
}

/// What a record costs when there are few accounts and when there are many.
fn accounts() {
    let process = Process::product();
    let (mut devices, mut first): (Vec<Device>, u64) = (Vec::new(), 1);
    for count in [100_u64, 10_000] {
        let from = devices.len();
        let more = from as u64..count;
        devices.extend(more.map(|seed| Device::new(1_000 + seed, &process.url)));
        let creations: Vec<_> = devices[from..].iter().map(|it| wire(&it.creation())).collect();
        process.take(&creations, 1).print(&format!("accounts made, up to {count}"));
        let requests = pushes(&devices, 10_000, 1, first);
        process.take(&requests, 1).print(&format!("push, 1 a request, {count} accounts"));
        first += 10_000;
    }
}
