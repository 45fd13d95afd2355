//! What most attacks begin with: a real server, an evil one in front of it, a laptop with a novel on it.

use seshat_testkit::{Evil, Laptop, Server, Setup, decoded};
use seshat_tests::{EMAIL, Written};

/// The stage.
pub(crate) struct Stage {
    pub(crate) evil: Evil,
    pub(crate) server: Server,
    pub(crate) anna: Written,
}

impl Stage {
    /// Anna's novel is on her laptop and on the server, which stands behind an evil one.
    pub(crate) fn set() -> Self {
        let anna = Written::new();
        let evil = Evil::start();
        let setup = Setup { arguments: vec!["--origin".into(), evil.url()], ..Setup::default() };
        let server = Server::with(anna.room.path(), "server", setup);
        evil.lead_to(server.port());
        anna.laptop.create_account(&evil.url(), EMAIL);
        let (up, _) = anna.laptop.sync();
        assert!(up > 0, "the novel is on the server");
        Self { evil, server, anna }
    }

    /// Another laptop of the account, with everything on it.
    pub(crate) fn second(&self, name: &str) -> Laptop {
        let laptop = self.bare(name);
        laptop.join(&self.evil.url(), EMAIL);
        let (_, down) = laptop.sync();
        assert!(down > 0, "the novel came");
        laptop
    }

    /// A laptop without a vault.
    pub(crate) fn bare(&self, name: &str) -> Laptop {
        Laptop::bare(self.anna.room.path(), name)
    }

    /// What joins Anna's account.
    pub(crate) fn join_arguments(&self) -> [String; 6] {
        ["account", "join", "--server", &self.evil.url(), "--email", EMAIL].map(str::to_owned)
    }

    /// The vault that a laptop has sent last: what a thief of the server's disk has.
    pub(crate) fn stolen_vault(&self) -> Vec<u8> {
        let passed = self.evil.passed();
        let sent = passed
            .iter()
            .rev()
            .find(|(asked, _)| asked.is("PUT", "/v1/vault") || asked.is("POST", "/v1/accounts"));
        decoded(&sent.expect("a vault was sent").0.json()["vault"])
    }

    /// Writes a paragraph into the first scene on a laptop.
    pub(crate) fn write(&self, laptop: &Laptop, paragraph: &str) {
        let file = laptop.file("paragraph.md", format!("{paragraph}\n"));
        laptop.ok(&["scene", "append", self.anna.novel.title, "1/1", "--file", &file]);
    }

    /// Whether a laptop's first scene has this in it.
    pub(crate) fn reads(&self, laptop: &Laptop, paragraph: &str) -> bool {
        laptop.flat(self.anna.novel.title, "1/1").contains(paragraph)
    }
}

/// A sync that may succeed or fail, but with one sentence; gives all that it said.
pub(crate) fn sync_somehow(laptop: &Laptop) -> String {
    let ran = laptop.run(&["sync"]);
    if !ran.status.success() {
        let _sentence = seshat_testkit::assert_failed(&["sync"], &ran);
    }
    format!("{}{}", ran.stdout, ran.stderr)
}

/// How many records a laptop holds, all of which open; alarms may stand beside them.
pub(crate) fn held(laptop: &Laptop) -> u64 {
    let ran = laptop.run(&["--json", "check"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("a report");
    assert_eq!(report["records"], report["opened"], "a record does not open: {report}");
    report["records"].as_u64().expect("records are counted")
}

/// The kinds of the alarms that a laptop shows.
pub(crate) fn alarms(laptop: &Laptop) -> Vec<String> {
    let list = laptop.json(&["alarm", "list"]);
    let kinds = list.as_array().expect("a list").iter();
    kinds.map(|alarm| alarm["kind"].as_str().expect("a kind").to_owned()).collect()
}

/// That a laptop shows an alarm of this kind, in one sentence.
pub(crate) fn alarmed(laptop: &Laptop, kind: &str) {
    let found = alarms(laptop);
    assert!(found.iter().any(|it| it == kind), "no alarm of {kind}: {found:?}");
    let list = laptop.json(&["alarm", "list"]);
    for alarm in list.as_array().expect("a list") {
        seshat_testkit::assert_sentence(alarm["message"].as_str().expect("a message"));
    }
}
