//! Several nodes on one PostgreSQL behind a load balancer (requirement 24): what is said to one is known to all, and one
//! that is killed takes nothing with it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use seshat_testkit::{
    Answered, Device, Haproxy, Laptop, Postgres, Proxy, Server, Setup, encoded, plain,
};
use seshat_tests::{EMAIL, Sitter, Written, eventually, settle, sync_somehow};

/// How many nodes there are.
const NODES: usize = 3;
/// Accounts that write all the time.
const WRITERS: u64 = 3;
/// Records that each of them must have stored before and after a node is killed.
const ENOUGH: usize = 60;
/// What has to happen happens by then, on any machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Three nodes, what they share, and what stands in front.
struct Cluster {
    nodes: Vec<Server>,
    balancer: Haproxy,
    /// In front of the balancer: it notes what laptops say and hear.
    network: Proxy,
    _postgres: Postgres,
}

impl Cluster {
    fn start(room: &Path) -> Self {
        let (postgres, network) = (Postgres::start(), Proxy::start());
        let database = postgres.database();
        let objects = room.join("objects").display().to_string();
        let url = network.url();
        let nodes: Vec<Server> = (0..NODES)
            .map(|number| {
                let arguments = [
                    ["--database", &database],
                    ["--objects", &objects],
                    ["--origin", &url],
                    ["--trusted-proxy", "127.0.0.1/32"],
                    ["--account-rate", "0"],
                    ["--address-rate", "0"],
                    ["--sign-in-rate", "0"],
                ];
                let arguments = arguments.concat().into_iter().map(str::to_owned).collect();
                let setup = Setup { arguments, ..Setup::default() };
                Server::with(room, &format!("node-{number}"), setup)
            })
            .collect();
        let ports: Vec<u16> = nodes.iter().map(Server::port).collect();
        let balancer = Haproxy::start(&ports);
        network.lead_to(balancer.port());
        let cluster = Self { nodes, balancer, network, _postgres: postgres };
        eventually("the balancer finds the nodes", || cluster.answers());
        cluster
    }

    fn answers(&self) -> bool {
        let asked = plain("GET", "/healthz", &Value::Null);
        asked.try_at(self.balancer.port()).is_some_and(|answered| answered.status == 200)
    }

    /// An account that no laptop has, begun at the first node.
    fn device(&self, seed: u64) -> Device {
        let device = Device::new(seed, &self.network.url());
        device.create_account(self.nodes[0].port());
        device
    }
}

/// Stores one record after the other, each until it is answered, and tells of each; gives how many.
fn write(device: &Device, port: u16, enough: &AtomicBool, told: &Sender<()>) -> u64 {
    let mut number = 0;
    while !enough.load(Ordering::SeqCst) {
        number += 1;
        let record = device.record(number, 600);
        let stored = |answered: Answered| {
            let outcome = answered.status == 200 && answered.json()["results"][0]["outcome"] != "";
            outcome.then(|| answered.json()["results"][0]["outcome"].clone())
        };
        let push = || device.push(vec![record.clone()]).try_at(port).and_then(stored);
        let mut outcome = None;
        eventually("an answer to a push", || {
            outcome = push();
            outcome.is_some()
        });
        let outcome = outcome.expect("it was waited for");
        assert!(outcome == "stored" || outcome == "known", "record {number}: {outcome}");
        let _somebody_listens = told.send(()).is_ok();
    }
    number
}

/// Everything of an account, page by page, at this port: positions without a gap, and the numbers of the records.
fn everything(device: &Device, port: u16) -> Vec<u64> {
    let (mut cursor, mut numbers) = (0, Vec::new());
    loop {
        let target = format!("/v1/changes?cursor={cursor}&limit=50");
        let answered = device.asks("GET", &target, Vec::new()).send_to(port);
        assert_eq!(answered.status, 200, "{}", String::from_utf8_lossy(&answered.body));
        let page = answered.json();
        for change in page["records"].as_array().expect("records") {
            assert_eq!(change["position"], numbers.len() as u64 + 1, "positions have no gap");
            numbers.push(change["record"]["sequence"].as_u64().expect("a number"));
        }
        cursor = page["next"].as_u64().expect("a cursor");
        if page["has_more"] != true {
            return numbers;
        }
    }
}

/// Waits until that many more records were stored.
fn hear(heard: &mpsc::Receiver<()>, count: usize) {
    for _ in 0..count {
        heard.recv_timeout(PATIENCE).expect("the writers go on");
    }
}

#[test]
fn req_24_a_node_that_is_killed_under_load_loses_and_doubles_nothing() {
    let room = seshat_tests::room();
    let mut cluster = Cluster::start(room.path());
    let port = cluster.balancer.port();
    let devices: Vec<Device> = (0..WRITERS).map(|seed| cluster.device(seed)).collect();
    let (told, heard) = mpsc::channel();
    let enough = AtomicBool::new(false);
    let written: Vec<u64> = thread::scope(|scope| {
        let writing: Vec<_> = (devices.iter())
            .map(|device| {
                let (told, enough) = (told.clone(), &enough);
                scope.spawn(move || write(device, port, enough, &told))
            })
            .collect();
        let each = ENOUGH * devices.len();
        hear(&heard, each);
        cluster.nodes[1].kill();
        hear(&heard, each);
        // It comes back, and another one goes.
        cluster.nodes[1].restart();
        cluster.nodes[2].kill();
        hear(&heard, each);
        enough.store(true, Ordering::SeqCst);
        writing.into_iter().map(|thread| thread.join().expect("a writer")).collect()
    });
    for (device, count) in devices.iter().zip(written) {
        for port in [port, cluster.nodes[0].port(), cluster.nodes[1].port()] {
            let numbers = everything(device, port);
            assert_eq!(numbers.len() as u64, count, "none is lost and none doubled");
            let all: BTreeSet<u64> = numbers.into_iter().collect();
            assert_eq!(all, (1..=count).collect(), "each of them is there");
        }
    }
}

#[test]
fn req_24_laptops_write_on_and_hear_of_each_other_when_a_node_is_killed() {
    let written = Written::new();
    let mut cluster = Cluster::start(written.room.path());
    let (anna, title) = (&written.laptop, written.novel.title);
    let url = cluster.network.url();
    anna.create_account(&url, EMAIL);
    assert!(anna.sync().0 > 0, "the novel goes up");
    let (ben, carol) =
        (Laptop::bare(written.room.path(), "ben"), Laptop::bare(written.room.path(), "carol"));
    for laptop in [&ben, &carol] {
        laptop.join(&url, EMAIL);
        assert!(laptop.sync().1 > 0, "the novel comes");
    }
    let mut window = Sitter::start(&ben);
    window.until_even();

    // Anna and Carol write; in the middle of it a node goes.
    let (told, heard) = mpsc::channel();
    thread::scope(|scope| {
        for (laptop, scene) in [(anna, "1/1"), (&carol, "2/1")] {
            let told = told.clone();
            scope.spawn(move || {
                for number in 0..4 {
                    append(laptop, title, scene, &format!("Sentence {number} of {scene}."));
                    let _somebody_listens = told.send(()).is_ok();
                    let _said = sync_somehow(laptop);
                }
            });
        }
        hear(&heard, 3);
        cluster.nodes[0].kill();
    });
    settle(&[anna, &carol]);

    // Ben's window is told by one of the two that are left.
    window.until_even();
    let _before = cluster.network.passed();
    append(anna, title, "1/1", "Told to Ben.");
    let _up = anna.sync();
    eventually("word of a new head", || {
        String::from_utf8_lossy(&cluster.network.wire().down).contains("event: head")
    });
    eventually("Ben asks for it", || {
        String::from_utf8_lossy(&cluster.network.wire().up).contains("GET /v1/changes")
    });
    window.until_even();
    drop(window);
    settle(&[anna, &carol, &ben]);
    for laptop in [anna, &ben, &carol] {
        let (first, second) = (laptop.flat(title, "1/1"), laptop.flat(title, "2/1"));
        assert_eq!(first.matches("Told to Ben.").count(), 1);
        for number in 0..4 {
            let sentence = |scene| format!("Sentence {number} of {scene}.");
            assert_eq!(first.matches(&sentence("1/1")).count(), 1, "{number}: {first}");
            assert_eq!(second.matches(&sentence("2/1")).count(), 1, "{number}: {second}");
        }
    }
    let records = [anna, &ben, &carol].map(Laptop::sound);
    assert!(records.iter().all(|count| *count == records[0]), "{records:?}");
}

fn append(laptop: &Laptop, title: &str, scene: &str, sentence: &str) {
    let file = laptop.file("sentence.md", format!("{sentence}\n"));
    let _words = laptop.ok(&["scene", "append", title, scene, "--file", &file]);
}

#[test]
fn req_24_what_was_said_to_one_node_counts_at_the_others() {
    let room = seshat_tests::room();
    let cluster = Cluster::start(room.path());
    let [first, second, third] = [0, 1, 2].map(|number| cluster.nodes[number].port());
    let device = cluster.device(7);

    // A challenge of one node is answered at another, and at no third.
    let challenge = device.challenge().send_to(first);
    let answer = device.answer(&challenge.json());
    assert_eq!(answer.send_to(second).status, 200, "it is the same server");
    assert_eq!(answer.send_to(third).status, 401, "an answer is good once");

    // So is a signed request.
    let asked = device.asks("GET", "/v1/account", Vec::new());
    assert_eq!(asked.send_to(second).status, 200);
    for port in [first, second, third] {
        assert_eq!(asked.send_to(port).status, 401, "a request is good once");
    }

    // A laptop asks to join at one, is offered something at another, and reads it at a third.
    let email = format!("{}@example.org", device.account);
    let asks =
        plain("POST", "/v1/joins", &json!({ "email": email, "commitment": encoded(&[3; 32]) }));
    let asking = asks.send_to(first);
    assert_eq!(asking.status, 201, "{}", String::from_utf8_lossy(&asking.body));
    let (join, token) = (asking.json()["join"].clone(), asking.json()["token"].clone());
    let (join, token) = (join.as_str().expect("an id"), token.as_str().expect("a token"));
    let open = device.asks("GET", "/v1/joins", Vec::new()).send_to(second).json();
    assert_eq!(open["joins"][0]["join"], join, "{open}");
    let offer = json!({ "offer": encoded(b"an offer") }).to_string().into_bytes();
    let offered = device.asks("PUT", &format!("/v1/joins/{join}/offer"), offer).send_to(second);
    assert_eq!(offered.status, 200, "{}", String::from_utf8_lossy(&offered.body));
    let mut look = plain("GET", &format!("/v1/joins/{join}"), &Value::Null);
    look.set_header("authorization", &format!("Bearer {token}"));
    look.body.clear();
    let progress = look.send_to(third);
    assert_eq!(progress.json()["offer"], encoded(b"an offer"), "{progress:?}");
}
