//! An account: a server, a network that can be bad, and laptops with the same novel on them.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seshat_testkit::{Evil, Laptop, Proxy, Server, Setup, assert_failed, same_files};

use crate::{EMAIL, Written};

/// Syncs of every laptop after which all of them have everything, or something keeps them apart.
const ROUNDS: usize = 8;
/// An export never goes where one is.
static EXPORTS: AtomicU32 = AtomicU32::new(0);

/// A server with Anna's novel on it, and a network in front of it.
#[derive(Debug)]
pub struct Account {
    /// The laptop that made the account.
    pub anna: Written,
    /// The server.
    pub server: Server,
    /// What stands between.
    pub network: Proxy,
}

impl Account {
    /// Anna's novel is on her laptop and on the server.
    #[must_use]
    pub fn open() -> Self {
        Self::of(Written::new(), Setup::default())
    }

    /// The same with what is special about the laptop and the server.
    ///
    /// # Panics
    /// When nothing went up.
    #[must_use]
    pub fn of(anna: Written, setup: Setup) -> Self {
        let network = Proxy::start();
        let mut arguments = vec!["--origin".to_owned(), network.url()];
        arguments.extend(setup.arguments);
        let server = Server::with(anna.room.path(), "server", Setup { arguments, ..setup });
        network.lead_to(server.port());
        let account = Self { anna, server, network };
        account.laptop().create_account(&account.network.url(), EMAIL);
        assert!(account.laptop().sync().0 > 0, "the novel is on the server");
        account
    }

    /// Anna's laptop.
    #[must_use]
    pub fn laptop(&self) -> &Laptop {
        &self.anna.laptop
    }

    /// Everything of this test.
    #[must_use]
    pub fn room(&self) -> &Path {
        self.anna.room.path()
    }

    /// The novel's title.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.anna.novel.title
    }

    /// Another laptop of the account, with everything on it.
    ///
    /// # Panics
    /// When nothing came down.
    #[must_use]
    pub fn second(&self, name: &str) -> Laptop {
        let laptop = Laptop::bare(self.room(), name);
        laptop.join(&self.network.url(), EMAIL);
        assert!(laptop.sync().1 > 0, "the novel came");
        laptop
    }

    /// From now on an evil server stands between the network and the server.
    #[must_use]
    pub fn evil(&self) -> Evil {
        let evil = Evil::start();
        evil.lead_to(self.server.port());
        let port = evil.url().rsplit(':').next().and_then(|port| port.parse().ok());
        self.network.lead_to(port.expect("an address ends with a port"));
        evil
    }

    /// Appends a paragraph to a scene.
    pub fn write(&self, laptop: &Laptop, scene: &str, paragraph: &str) {
        let file = laptop.file("paragraph.md", format!("{paragraph}\n"));
        let _words = laptop.ok(&["scene", "append", self.title(), scene, "--file", &file]);
    }

    /// How often a text stands in a scene.
    #[must_use]
    pub fn count(&self, laptop: &Laptop, scene: &str, text: &str) -> usize {
        laptop.flat(self.title(), scene).matches(text).count()
    }

    /// That these laptops, one after the other, come to hold the same records and the same novel, all of them sound, and
    /// then have nothing more to say.
    ///
    /// # Panics
    /// When they do not.
    pub fn converge(&self, laptops: &[&Laptop]) {
        settle(laptops);
        let records: Vec<u64> = laptops.iter().map(|laptop| laptop.sound()).collect();
        assert!(records.iter().all(|count| *count == records[0]), "records: {records:?}");
        let exported: Vec<_> = (laptops.iter().enumerate())
            .map(|(number, laptop)| {
                let time = EXPORTS.fetch_add(1, Ordering::Relaxed);
                laptop.exported(self.title(), &format!("converged-{number}-{time}"))
            })
            .collect();
        for other in &exported[1..] {
            same_files(&exported[0], other);
        }
    }
}

/// Syncs laptops in turn until none of them sends or gets anything.
///
/// # Panics
/// When there is no end of it.
pub fn settle(laptops: &[&Laptop]) {
    // What a merge put right waits for the next round.
    let moved = |laptop: &&Laptop| {
        let report = laptop.json(&["sync"]);
        number(&report, "up") + number(&report, "down") + number(&report, "waiting")
    };
    let mut rounds = (0..ROUNDS).map(|_| laptops.iter().map(moved).sum::<u64>());
    assert!(rounds.any(|moved| moved == 0), "after {ROUNDS} syncs each somebody has more to say");
}

/// A sync that may work or fail, but with one sentence; gives all that it said.
pub fn sync_somehow(laptop: &Laptop) -> String {
    let ran = laptop.run(&["sync"]);
    if !ran.status.success() {
        let _sentence = assert_failed(&["sync"], &ran);
    }
    format!("{}{}", ran.stdout, ran.stderr)
}

/// Waits until a server has written this into its log.
///
/// # Panics
/// When it does not.
pub fn until_logged(server: &Server, what: &str) {
    let begun = Instant::now();
    loop {
        let log = String::from_utf8_lossy(&server.log()).into_owned();
        if log.contains(what) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} is not in the log: {log}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What a command counted, by its name.
///
/// # Panics
/// When it is not there or no number.
#[must_use]
pub fn number(facts: &serde_json::Value, name: &str) -> u64 {
    let number = facts[name].as_u64();
    assert!(number.is_some(), "{name} is no number in {facts}");
    number.unwrap_or_default()
}
