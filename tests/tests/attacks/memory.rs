//! Rows 26, 27 and 29: what is in memory after a lock, what a crash leaves behind, what happens without a keychain.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use seshat_store::Store;
use seshat_testkit::{PASSWORD, files_below};
use seshat_tests::Written;

use crate::second_reader::{Named, device_keys, keys_of};
use crate::stage::Stage;

const SENTENCE: &str = "Only the lamplighter knew where the second key was";

/// A second process: opens the vault, reads, searches, shows the kit; then does what it is told, a word a line.
#[test]
#[ignore = "the other half of attack_26 and attack_27, which start it"]
fn the_other_process() {
    let Some(home) = told("SESHAT_ATTACKED_HOME") else { return };
    seshat_platform::harden().expect("Linux hardens");
    let desk = seshat_app::Desk::at(home.into(), "attacked".to_owned());
    let typed = || {
        fs::read_to_string(told("SESHAT_ATTACKED_PASSWORD").expect("a file")).expect("a password")
    };
    desk.unlock(typed().trim().to_owned()).expect("the password opens it");
    let novel = desk.library().expect("novels")[0].id.clone();
    let scene = desk.find_scene(&novel, "1/1").expect("a scene");
    desk.append_markdown(&novel, &scene, &format!("{SENTENCE}.\n")).expect("text");
    let _view = desk.open_scene(&novel, &scene).expect("it opens");
    let query = seshat_app::Query {
        text: "lamplighter".to_owned(),
        novel: Some(novel),
        case: false,
        accents: false,
        whole_word: false,
        regex: false,
    };
    let found = desk.find(&query, None).expect("it is searched");
    assert!(found.total > 0, "what was written is not found");
    drop(desk.show_kit(typed().trim().to_owned()).expect("the kit is shown"));
    let say = |word: &str| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nsaid:{word}").and_then(|()| out.flush()).expect("somebody listens");
    };
    say("open");
    for line in std::io::stdin().lines() {
        match line.expect("a word").as_str() {
            "lock" => {
                desk.lock().expect("it locks");
                say("locked");
            }
            "panic" => panic!("on purpose, while the vault is open"),
            "abort" => std::process::abort(),
            _ => return,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how the one half of a test tells the other")]
fn told(what: &str) -> Option<String> {
    std::env::var(what).ok()
}

/// That process, from outside.
struct Other {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Other {
    fn start(written: &Written, folder: &Path) -> Self {
        let mut child = Command::new("sh")
            // As generous with core files as a shell can be.
            .args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "sh"])
            .arg(std::env::current_exe().expect("this test"))
            .args(["memory::the_other_process", "--exact", "--ignored", "--nocapture"])
            .env("SESHAT_ATTACKED_HOME", &written.laptop.home)
            .env("SESHAT_ATTACKED_PASSWORD", written.laptop.path("password"))
            .env("RUST_BACKTRACE", "full")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let said = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut other = Self { child, said };
        other.hear("open");
        other
    }

    fn tell(&mut self, word: &str) {
        let pipe = self.child.stdin.as_mut().expect("it was asked for");
        writeln!(pipe, "{word}").expect("it listens");
    }

    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        while !line.ends_with(&format!("said:{word}\n")) {
            line.clear();
            let read = self.said.read_line(&mut line).expect("it speaks");
            assert!(read > 0, "it ended before it said {word}");
        }
    }

    /// Where in its memory each of these stands; all of its memory is read.
    fn find<'a>(&self, needles: &'a [Named]) -> (Vec<&'a str>, u64) {
        let id = self.child.id();
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).expect("its maps");
        let mut memory = File::open(format!("/proc/{id}/mem")).expect("its memory");
        let (mut found, mut read) = (Vec::new(), 0);
        for line in maps.lines() {
            let mut parts = line.split_whitespace();
            let (range, rights) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let Some((from, to)) = range.split_once('-') else { continue };
            if !rights.starts_with("rw") || line.contains("[vvar") {
                continue;
            }
            let at = |text| u64::from_str_radix(text, 16).expect("an address");
            let mut bytes = vec![0; usize::try_from(at(to) - at(from)).expect("a size")];
            if memory.seek(SeekFrom::Start(at(from))).is_err()
                || memory.read_exact(&mut bytes).is_err()
            {
                continue;
            }
            read += bytes.len() as u64;
            for needle in needles {
                if has(&bytes, &needle.bytes) {
                    found.push(needle.name.as_str());
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        (found, read)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok();
        let _reaped = self.child.wait().is_ok();
    }
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| byte == first) {
        if bytes[from + at..].starts_with(needle) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// Everything that must not be in memory after a lock.
fn secrets(written: &Written) -> Vec<Named> {
    let store = Store::open(&written.laptop.home).expect("its database");
    let vault = store.vault().expect("it can be read").expect("a vault");
    let setting = |name| store.setting(name).expect("it can be read").expect("it is there");
    let mut all = keys_of(&vault.blob, PASSWORD);
    let vault_key =
        all.iter().find(|it| it.name == "vault key").expect("it is named").bytes.clone();
    all.extend(device_keys(
        &vault_key,
        &vault.account.0,
        &setting("device"),
        &setting("device-keys"),
    ));
    drop(store);
    let kit = fs::read_to_string(written.laptop.kit()).expect("the kit");
    let phrase = seshat_vault::kit::parse(&kit).expect("a kit").phrase;
    let words = phrase.words();
    let row: Vec<&str> = words.split(' ').collect();
    let text =
        |name: &str, text: &str| Named { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let utf16 = |name: &str, text: &str| Named {
        name: name.to_owned(),
        bytes: text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    };
    all.push(text("password", PASSWORD));
    all.push(utf16("password in UTF-16", PASSWORD));
    for three in row.windows(3) {
        all.push(text("recovery words in a row", &three.join(" ")));
    }
    all
}

#[test]
fn attack_26_secret_in_memory_after_lock() {
    let written = Written::new();
    let needles = secrets(&written);
    assert!(needles.len() > 30, "only {} secrets are looked for", needles.len());
    let mut other = Other::start(&written, written.room.path());
    let (open, read) = other.find(&needles);
    assert!(read > 1_000_000, "only {read} bytes were read");
    for name in ["vault key", "identity", "novel-key", "account-key", "device signing"] {
        assert!(open.contains(&name), "the scan does not find {name} while it is open: {open:?}");
    }
    assert!(!open.contains(&"password"), "the password stays in memory while the vault is open");
    other.tell("lock");
    other.hear("locked");
    let (left, read) = other.find(&needles);
    assert!(read > 1_000_000, "only {read} bytes were read");
    assert!(left.is_empty(), "after the lock there is still: {left:?}");
    other.tell("end");
}

#[test]
fn attack_27_core_dump_panic_logs() {
    let written = Written::new();
    let canaries = [SENTENCE, PASSWORD, written.novel.title, written.novel.sentence];
    for way in ["abort", "panic"] {
        let folder = written.room.path().join(way);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let mut other = Other::start(&written, &folder);
        let limits =
            fs::read_to_string(format!("/proc/{}/limits", other.child.id())).expect("its limits");
        let core =
            limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
        assert!(core.split_whitespace().filter(|word| *word == "0").count() == 2, "{core}");
        other.tell(way);
        let mut said = String::new();
        let mut errors = other.child.stderr.take().expect("it was asked for");
        let status = other.child.wait().expect("it ends");
        errors.read_to_string(&mut said).expect("it can be read");
        assert!(!status.success(), "it did not {way}");
        if way == "abort" {
            assert_eq!(status.signal(), Some(6), "{status}");
            assert!(!status.core_dumped(), "there is a core dump");
        } else {
            assert!(said.contains("on purpose"), "it did not panic: {said}");
        }
        for canary in canaries {
            assert!(!said.contains(canary), "{way} tells of “{canary}”");
        }
        assert!(
            files_below(&folder).is_empty(),
            "{way} leaves files: {:?}",
            files_below(&folder).keys()
        );
    }
    // The program itself, as it ships, waiting with the vault open; ended as a crash ends it.
    let stage = Stage::set();
    let mut waiting = stage.anna.laptop.start(&["device", "approve", "--wait", "60"]);
    let closed = || {
        let limits =
            fs::read_to_string(format!("/proc/{}/limits", waiting.id())).unwrap_or_default();
        let core = limits.lines().find(|line| line.starts_with("Max core file size"));
        core.is_some_and(|line| line.split_whitespace().filter(|word| *word == "0").count() == 2)
    };
    let begun = Instant::now();
    while !closed() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the program allows core files");
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_secs(2));
    assert!(!waiting.has_ended(), "it does not wait");
    let asked = Command::new("kill").args(["-ABRT", &waiting.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()), "SIGABRT could not be sent");
    let ran = waiting.wait();
    assert_eq!(ran.status.signal(), Some(6), "{}", ran.status);
    assert!(!ran.status.core_dumped(), "there is a core dump");
    stage.anna.unharmed();
    let _records = written.laptop.sound();
}

#[test]
fn attack_29_keyring_missing_or_locked() {
    let written = Written::new();
    let laptop = &written.laptop;
    let before: Vec<_> =
        files_below(laptop.home.parent().expect("its folder")).into_keys().collect();
    let mut command = laptop.command(&["vault", "remember", "--days", "3"]);
    command
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("XDG_RUNTIME_DIR", laptop.path("no-such-folder"))
        .env("HOME", laptop.path("no-such-home"));
    let ran = seshat_testkit::Running::start(&mut command).wait();
    let sentence = seshat_testkit::assert_failed(&["vault", "remember"], &ran);
    assert!(sentence.contains("keychain"), "{sentence}");
    let after: Vec<_> =
        files_below(laptop.home.parent().expect("its folder")).into_keys().collect();
    assert_eq!(before, after, "something was written in its place");
    let info = laptop.json(&["vault", "info"]);
    assert!(info["remembered_until"].is_null(), "it says that it remembers");
    let mut command = laptop.command(&["novel", "list"]);
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    assert!(
        seshat_testkit::Running::start(&mut command).wait().status.success(),
        "the password opens it as ever"
    );
    written.unharmed();
}
