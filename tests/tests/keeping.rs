//! Keeping the vault, with real programs: kits, new keys, laptops that join and go, novels with a passphrase, a laptop
//! that remembers.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use seshat_testkit::{Laptop, PASSWORD, Random, Running, Server, assert_failed, program, seed};
use seshat_tests::{EMAIL, Written};

const NEW_PASSWORD: &str = "nine otters underneath the old bridge";
const PASSPHRASE: &str = "a lantern only for the drowned chapel";

fn with_server() -> (Written, Server) {
    let written = Written::new();
    let server = Server::start(written.room.path(), "server");
    written.laptop.create_account(&server.url(), EMAIL);
    let (up, _) = written.laptop.sync();
    assert!(up > 0, "the novel is on the server");
    (written, server)
}

fn second(written: &Written, server: &Server, name: &str) -> Laptop {
    let laptop = Laptop::bare(written.room.path(), name);
    laptop.join(&server.url(), EMAIL);
    let (_, down) = laptop.sync();
    assert!(down > 0, "the novel came");
    laptop
}

fn rotate(laptop: &Laptop, kit: &str, password: &str) {
    let new = laptop.file("new", format!("{password}\n"));
    laptop.ok(&["vault", "rotate", "--kit", kit, "--new-password-file", &new]);
    laptop.set_password(password);
}

fn words_of(kit: &str) -> Vec<String> {
    let text = fs::read_to_string(kit).expect("the kit was written");
    let mut words: Vec<(u32, String)> = text
        .split_whitespace()
        .zip(text.split_whitespace().skip(1))
        .filter_map(|(number, word)| {
            Some((number.strip_suffix('.')?.parse().ok()?, word.to_owned()))
        })
        .collect();
    words.sort();
    words.into_iter().map(|(_, word)| word).collect()
}

#[test]
fn the_kit_is_shown_again_with_the_same_words_and_a_new_one_ends_the_old() {
    let written = Written::new();
    let laptop = &written.laptop;
    let (again, page, new) =
        (laptop.path("again.txt"), laptop.path("kit.html"), laptop.path("new.txt"));
    laptop.ok(&["kit", "--out", &again]);
    assert_eq!(words_of(&again), words_of(&laptop.kit()));
    laptop.ok(&["kit", "--out", &page, "--page"]);
    let html = fs::read_to_string(&page).expect("the page");
    for word in words_of(&again) {
        assert!(html.contains(&format!("<li>{word}</li>")), "{word} is not on the page");
    }
    assert!(laptop.fails(&["kit", "--out", &again]).contains("already"));
    laptop.set_password("not the password at all");
    assert!(laptop.fails(&["kit", "--out", &laptop.path("other.txt")]).contains("does not open"));
    laptop.set_password(PASSWORD);

    // Also after a password change.
    let file = laptop.file("new-password", format!("{NEW_PASSWORD}\n"));
    laptop.ok(&["password", "change", "--new-password-file", &file]);
    laptop.set_password(NEW_PASSWORD);
    let after = laptop.path("after.txt");
    laptop.ok(&["kit", "--out", &after]);
    assert_eq!(words_of(&after), words_of(&again));

    laptop.ok(&["kit", "--new", "--out", &new]);
    assert_ne!(words_of(&new), words_of(&again));
    let file = laptop.file("new-password", format!("{PASSWORD}\n"));
    let by = |kit: &str| laptop.run(&["recover", "--kit", kit, "--new-password-file", &file]);
    assert!(!by(&again).status.success(), "the old kit still opens it");
    let recovered = by(&new);
    assert!(recovered.status.success(), "{}", recovered.stderr);
    laptop.set_password(PASSWORD);
    written.unharmed();
}

#[test]
fn after_a_rotation_other_laptops_follow_by_themselves_and_want_the_new_password() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = second(&written, &server, "ben");
    let kit = anna.path("kit2.txt");
    rotate(anna, &kit, NEW_PASSWORD);
    let _up = anna.sync();
    // Ben is asked nothing: the old password still opens what is on his laptop, and the sync brings the new keys.
    let told = ben.ok(&["sync"]);
    assert!(told.contains("password"), "Ben is told: {told}");
    assert!(
        ben.fails(&["novel", "list"]).contains("does not open"),
        "the old password still opens"
    );
    ben.set_password(NEW_PASSWORD);
    let text = ben.file("more.md", "From Ben, under new keys.\n");
    ben.ok(&["scene", "append", written.novel.title, "1/1", "--file", &text]);
    let _up = ben.sync();
    let _down = anna.sync();
    assert!(anna.flat(written.novel.title, "1/1").contains("under new keys"));
    assert_eq!(anna.sound(), ben.sound());
    // The new kit opens it on a new laptop, the old one does not.
    let carol = Laptop::bare(written.room.path(), "carol");
    let file = carol.file("new-password", format!("{PASSWORD}\n"));
    let recover = |kit: &str| {
        carol.run(&[
            "recover",
            "--kit",
            kit,
            "--new-password-file",
            &file,
            "--server",
            &server.url(),
            "--email",
            EMAIL,
        ])
    };
    let _sentence = assert_failed(&["recover"], &recover(&anna.kit()));
    assert!(recover(&kit).status.success(), "the new kit does not open it");
    let _down = carol.sync();
    assert_eq!(carol.sound(), anna.sound());
}

#[test]
fn a_laptop_that_nobody_had_heard_of_takes_the_new_keys_over_with_the_new_password() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = second(&written, &server, "ben");
    // Anna has not heard of Ben, and makes new keys on a plane.
    let kit = anna.path("kit2.txt");
    let mut offline = server;
    offline.kill();
    rotate(anna, &kit, NEW_PASSWORD);
    offline.restart();
    let _up = anna.sync();
    let text = ben.file("more.md", "From Ben, who was left behind.\n");
    ben.ok(&["scene", "append", written.novel.title, "1/1", "--file", &text]);
    let sentence = ben.fails(&["sync"]);
    assert!(sentence.contains("not this one"), "{sentence}");
    assert!(ben.ok(&["alarm", "list"]).contains("take them over"));
    let wrong = ben.file("wrong", "not the new password at all\n");
    let _sentence = ben.fails(&["vault", "adopt", "--new-password-file", &wrong]);
    let new = ben.file("new", format!("{NEW_PASSWORD}\n"));
    ben.ok(&["vault", "adopt", "--new-password-file", &new]);
    ben.set_password(NEW_PASSWORD);
    let _up = ben.sync();
    let _down = anna.sync();
    assert!(anna.flat(written.novel.title, "1/1").contains("left behind"));
    assert_eq!(anna.sound(), ben.sound());
    assert_eq!(anna.json(&["device", "list"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn two_laptops_that_make_new_keys_at_once_end_with_one_password_and_every_word() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = second(&written, &server, "ben");
    rotate(anna, &anna.path("kit2.txt"), NEW_PASSWORD);
    let other = "eleven lanterns beside a quiet lock";
    rotate(&ben, &ben.path("kit2.txt"), other);
    ben.ok(&["novel", "new", "Made between the keys"]);
    let _first = anna.sync();
    let told = ben.ok(&["sync"]);
    assert!(told.contains("password"), "Ben is told that his is not the one: {told}");
    assert!(ben.fails(&["novel", "list"]).contains("does not open"));
    ben.set_password(NEW_PASSWORD);
    let _synced = ben.sync();
    let _synced = anna.sync();
    assert!(anna.ok(&["novel", "list"]).contains("Made between the keys"));
    assert_eq!(anna.sound(), ben.sound());
}

#[test]
fn a_rotation_or_a_password_change_that_is_killed_leaves_one_password_that_opens_everything() {
    let mut random = Random::new(seed());
    let written = Written::new();
    let before = written.laptop.copy(written.room.path(), "before");
    let begun = Instant::now();
    let calm = before.copy(written.room.path(), "calm");
    rotate(&calm, &calm.path("kit2.txt"), NEW_PASSWORD);
    let whole = begun.elapsed();
    let (mut old, mut new) = (0, 0);
    for number in 0..16 {
        let laptop = before.copy(written.room.path(), &format!("killed{number}"));
        let (kit, file) =
            (laptop.path("kit2.txt"), laptop.file("new", format!("{NEW_PASSWORD}\n")));
        let command: &[&str] = if number % 2 == 0 {
            &["vault", "rotate", "--kit", &kit, "--new-password-file", &file]
        } else {
            &["password", "change", "--new-password-file", &file]
        };
        let running = laptop.start(command);
        // Most of them late, when the writing happens.
        let share = 50 + random.below(55);
        thread::sleep(whole * u32::try_from(share).unwrap_or(100) / 100);
        let _ran = running.kill();
        let opens = |password: &str| {
            laptop.set_password(password);
            laptop.run(&["novel", "list"]).status.success()
        };
        match (opens(PASSWORD), opens(NEW_PASSWORD)) {
            (true, false) => {
                old += 1;
                laptop.set_password(PASSWORD);
            }
            (false, true) => new += 1,
            both => panic!("the old and the new password open it: {both:?}"),
        }
        written.same_on(&laptop);
        let _records = laptop.sound();
    }
    assert!(old + new == 16 && old > 0, "every kill came too late: {old} old, {new} new");
}

/// A command with somebody before it: what it shows is read, what it asks is answered.
struct Attended {
    child: Child,
    said: String,
}

impl Attended {
    fn start(laptop: &Laptop, arguments: &[&str]) -> Self {
        let said = laptop.path(&format!("said-{}", arguments[1]));
        let log = fs::File::create(&said).expect("a file");
        let mut command = laptop.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        Self { child: command.spawn().expect("it starts"), said }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// The six digits behind “show” or “shows”.
    fn digits(&self) -> String {
        let begun = Instant::now();
        loop {
            let text = self.said();
            let behind = text.split_once("show").map_or("", |(_, behind)| behind);
            let digits: String = behind.chars().filter(char::is_ascii_digit).take(6).collect();
            if digits.len() == 6 {
                return digits;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "no digits came: {text}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn answer(&mut self, text: &str) {
        let pipe = self.child.stdin.as_mut().expect("it was asked for");
        writeln!(pipe, "{text}").expect("it listens");
    }

    fn ends_well(mut self) -> bool {
        self.child.wait().expect("it ends").success()
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok();
        let _reaped = self.child.wait().is_ok();
    }
}

#[test]
fn a_laptop_joins_by_approval_when_both_show_the_same_digits() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = Laptop::bare(written.room.path(), "ben");
    let url = server.url();
    let asking = Attended::start(
        &ben,
        &["account", "join", "--approve", "--server", &url, "--email", EMAIL],
    );
    let mut approving = Attended::start(anna, &["device", "approve", "--name", "The new one"]);
    assert_eq!(asking.digits(), approving.digits());
    assert_eq!(ben.json(&["status"])["vault"], "absent", "nothing is there before the comparison");
    approving.answer("yes");
    assert!(approving.ends_well());
    assert!(asking.ends_well());
    let (_, down) = ben.sync();
    assert!(down > 0, "the password of the vault opens it here too");
    written.same_on(&ben);
    assert_eq!(ben.sound(), anna.sound());
    let devices = anna.json(&["device", "list"]);
    let devices = devices.as_array().expect("a list");
    assert_eq!(devices.len(), 2);
    assert!(devices.iter().all(|device| device["countersigned"] == true), "{devices:?}");
    assert!(devices.iter().any(|device| device["name"] == "The new one"), "{devices:?}");
}

#[test]
fn whoever_is_let_in_the_server_hears_who_was_shut_out_and_of_the_new_password_at_the_same_time() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = second(&written, &server, "ben");
    let (carla, dora) =
        (Laptop::bare(written.room.path(), "carla"), Laptop::bare(written.room.path(), "dora"));
    let id = ben.json(&["device", "list"])[0]["id"].as_str().expect("an id").to_owned();
    // Both wait for the next sync, and none comes before the approval.
    anna.ok(&["device", "revoke", &id]);
    let new = anna.file("new", format!("{NEW_PASSWORD}\n"));
    anna.ok(&["password", "change", "--new-password-file", &new]);
    anna.set_password(NEW_PASSWORD);
    let url = server.url();
    let asking = Attended::start(
        &carla,
        &["account", "join", "--approve", "--server", &url, "--email", EMAIL],
    );
    let mut approving = Attended::start(anna, &["device", "approve"]);
    let _shown = approving.digits();
    approving.answer("yes");
    assert!(approving.ends_well() && asking.ends_well());
    let sentence = ben.fails(&["sync"]);
    assert!(sentence.contains("shut out"), "{sentence}");
    dora.set_password(NEW_PASSWORD);
    dora.join(&url, EMAIL);
}

#[test]
fn a_laptop_that_is_refused_gets_nothing() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = Laptop::bare(written.room.path(), "ben");
    let url = server.url();
    let asking = Attended::start(
        &ben,
        &["account", "join", "--approve", "--server", &url, "--email", EMAIL],
    );
    let mut approving = Attended::start(anna, &["device", "approve"]);
    let _shown = approving.digits();
    approving.answer("no");
    assert!(approving.ends_well(), "to refuse is no failure");
    let said = {
        let begun = Instant::now();
        while !asking.said().contains("refused") && begun.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(50));
        }
        asking.said()
    };
    assert!(said.contains("refused"), "{said}");
    assert!(!asking.ends_well());
    assert_eq!(ben.json(&["status"])["vault"], "absent");
    assert_eq!(anna.json(&["device", "list"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn laptops_are_renamed_and_the_others_hear_of_it() {
    let (written, server) = with_server();
    let ben = second(&written, &server, "ben");
    let id = ben.json(&["device", "list"])[0]["id"].as_str().expect("an id").to_owned();
    ben.ok(&["device", "rename", &id, "The kitchen table"]);
    let _up = ben.sync();
    let _down = written.laptop.sync();
    assert!(written.laptop.ok(&["device", "list"]).contains("The kitchen table"));
    assert!(written.laptop.fails(&["device", "rename", "nobody", "x"]).contains("No laptop"));
}

#[test]
fn a_novel_with_a_passphrase_is_a_spine_until_it_is_opened_and_syncs_all_the_same() {
    let (written, server) = with_server();
    let anna = &written.laptop;
    let ben = second(&written, &server, "ben");
    let passphrase = anna.file("passphrase", format!("{PASSPHRASE}\n"));
    let id = anna.json(&["novel", "list"])[0]["id"].as_str().expect("an id").to_owned();
    anna.ok(&["novel", "lock", &id, "--passphrase-file", &passphrase]);
    let closed = anna.json(&["novel", "list"]);
    assert_eq!(
        (closed[0]["lock"].as_str(), closed[0]["title"].as_str()),
        (Some("locked"), Some(""))
    );
    assert!(!anna.ok(&["novel", "list"]).contains(written.novel.title));
    let sentence = anna.fails(&["scene", "show", &id, "1/1"]);
    assert!(sentence.contains("passphrase"), "{sentence}");
    let wrong = anna.file("wrong", "not the passphrase of this\n");
    let sentence = anna.fails(&["scene", "show", &id, "1/1", "--passphrase-file", &wrong]);
    assert!(sentence.contains("does not open the novel"), "{sentence}");
    assert!(
        anna.run(&["novel", "new", "Another one"]).status.success(),
        "the rest is open as before"
    );
    let _up = anna.sync();
    let _down = ben.sync();
    assert!(!ben.ok(&["novel", "list"]).contains(written.novel.title), "it is closed there too");
    // Written on the one, closed on the other, and read there with the passphrase.
    let text = anna.file("more.md", "Behind two doors.\n");
    anna.ok(&["scene", "append", &id, "1/1", "--file", &text, "--passphrase-file", &passphrase]);
    let _up = anna.sync();
    let _down = ben.sync();
    let shown = ben.ok(&["scene", "show", &id, "1/1", "--passphrase-file", &passphrase]);
    assert!(shown.contains("Behind two doors."));
    // For good.
    ben.ok(&["novel", "unlock", &id, "--passphrase-file", &passphrase]);
    let _up = ben.sync();
    let _down = anna.sync();
    assert!(anna.ok(&["scene", "show", written.novel.title, "1/1"]).contains("Behind two doors."));
    assert_eq!(anna.sound(), ben.sound());
}

#[test]
fn a_lost_passphrase_loses_that_novel_unless_the_kit_was_to_open_it() {
    let written = Written::new();
    let laptop = &written.laptop;
    let passphrase = laptop.file("passphrase", format!("{PASSPHRASE}\n"));
    let id = laptop.json(&["novel", "list"])[0]["id"].as_str().expect("an id").to_owned();
    let other = laptop.copy(written.room.path(), "other");
    laptop.ok(&["novel", "lock", &id, "--passphrase-file", &passphrase]);
    let sentence = laptop.fails(&["novel", "unlock", &id, "--kit", &laptop.kit()]);
    assert!(sentence.contains("kit"), "{sentence}");
    other.ok(&["novel", "lock", &id, "--kit-opens", "--passphrase-file", &passphrase]);
    other.ok(&["novel", "unlock", &id, "--kit", &laptop.kit()]);
    written.same_on(&other);
}

#[test]
fn a_laptop_remembers_through_the_system_s_keychain_until_it_is_told_to_forget() {
    let written = Written::new();
    let laptop = &written.laptop;
    let login = written.room.path().join("login");
    for folder in ["data", "run", "config"] {
        fs::create_dir_all(login.join(folder)).expect("a folder can be made");
    }
    let seshat = format!("{} --home {}", program("seshat").display(), laptop.home.display());
    // A keychain as a login has it, in a session of its own. The password file is named once, to remember.
    let script = format!(
        "set -e; chmod 700 {run}; printf test-pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; \
         {seshat} --password-file {password} vault remember --days 2; \
         echo --; {seshat} novel list; echo --; {seshat} vault forget; echo --; {seshat} novel list || echo asked",
        run = login.join("run").display(),
        password = laptop.path("password"),
    );
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", &script]);
    command
        .env("HOME", &login)
        .env("XDG_DATA_HOME", login.join("data"))
        .env("XDG_CONFIG_HOME", login.join("config"))
        .env("XDG_RUNTIME_DIR", login.join("run"));
    let ran = Running::start(&mut command).wait();
    let parts: Vec<&str> = ran.stdout.split("--\n").collect();
    assert_eq!(parts.len(), 4, "{}{}", ran.stdout, ran.stderr);
    assert!(parts[0].contains("2 days"), "{}", parts[0]);
    assert!(parts[1].contains(written.novel.title), "it does not open by itself: {}", ran.stderr);
    assert!(parts[3].contains("asked"), "it still opens by itself: {}", parts[3]);
    written.unharmed();
}

#[test]
fn calibration_never_makes_a_guess_cheaper_and_everything_opens_as_before() {
    let written = Written::new();
    let before = written.laptop.json(&["vault", "info"]);
    let after = written.laptop.json(&["vault", "calibrate"]);
    for number in ["memory_mib", "passes", "lanes"] {
        assert!(after[number].as_u64() >= before[number].as_u64(), "{number} is weaker");
    }
    written.unharmed();
}
