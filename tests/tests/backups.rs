//! Backups and compaction with real programs: a laptop is lost, and everything comes back on another one.

use std::fs;
use std::process::Command;

use seshat_testkit::{Laptop, Running, Server, program, same_files};
use seshat_tests::{EMAIL, Written, text};

fn with_server() -> (Written, Server) {
    let written = Written::new();
    let server = Server::start(written.room.path(), "server");
    written.laptop.create_account(&server.url(), EMAIL);
    assert!(written.laptop.sync().0 > 0, "the novel is on the server");
    (written, server)
}

#[test]
fn a_lost_laptop_comes_back_from_a_backup_as_a_new_one_and_goes_on_syncing() {
    let (written, server) = with_server();
    let (anna, title) = (&written.laptop, written.novel.title);
    let file = anna.path("novels.seshat");
    anna.ok(&["backup", "--out", &file]);
    // What was written after the backup is on the server alone.
    let more = anna.file("more.md", "After the backup.\n");
    anna.ok(&["scene", "append", title, "1/1", "--file", &more]);
    anna.sync();

    let ben = Laptop::bare(written.room.path(), "ben");
    ben.ok(&["restore", &file]);
    ben.sync();
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));
    let answer = ben.file("answer.md", "From the new laptop.\n");
    ben.ok(&["scene", "append", title, "1/1", "--file", &answer]);
    assert_eq!(ben.sync().0, 1, "the server takes what it writes");
    // The old one was only mislaid, and writes on under its own numbers.
    anna.sync();
    let last = anna.file("last.md", "From the old one.\n");
    anna.ok(&["scene", "append", title, "1/1", "--file", &last]);
    anna.sync();
    ben.sync();
    let flat = ben.flat(title, "1/1");
    for words in ["After the backup.", "From the new laptop.", "From the old one."] {
        assert_eq!(flat.matches(words).count(), 1, "{words}: {flat}");
    }
    same_files(&anna.exported(title, "anna-end"), &ben.exported(title, "ben-end"));
    assert_eq!(anna.sound(), ben.sound());
    let devices = anna.json(&["device", "list"]);
    assert_eq!(devices.as_array().map(Vec::len), Some(2), "{devices}");
    drop(server);
}

#[test]
fn without_a_network_a_backup_comes_back_all_the_same_and_is_connected_later() {
    let (written, mut server) = with_server();
    let (anna, title) = (&written.laptop, written.novel.title);
    let file = anna.path("novels.seshat");
    anna.ok(&["backup", "--out", &file]);
    server.kill();
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.ok(&["restore", &file, "--kit", &anna.kit()]);
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));
    let answer = ben.file("answer.md", "Written on the train.\n");
    ben.ok(&["scene", "append", title, "1/1", "--file", &answer]);
    server.restart();
    ben.create_account(&server.url(), EMAIL);
    ben.sync();
    anna.sync();
    assert!(anna.flat(title, "1/1").contains("Written on the train."));
    assert_eq!(anna.sound(), ben.sound());
}

#[test]
fn a_readable_copy_needs_no_seshat_and_imports_as_the_same_novel() {
    let written = Written::new();
    let (anna, title) = (&written.laptop, written.novel.title);
    let folder = anna.path("readable");
    anna.ok(&["backup", "--plain", &folder]);
    let inside = format!("{folder}/{title}");
    assert!(fs::exists(format!("{folder}/READ ME.txt")).expect("a folder"));
    let back = Laptop::new(written.room.path(), "back");
    back.ok(&["import", &inside]);
    same_files(&anna.exported(title, "anna"), &back.exported(title, "back"));
}

#[test]
fn after_a_compaction_a_laptop_that_joins_has_every_word_and_sees_no_gap() {
    let (written, server) = with_server();
    let (anna, title) = (&written.laptop, written.novel.title);
    for number in 0..6 {
        let more = anna.file("more.md", format!("Sentence number {number}.\n"));
        anna.ok(&["scene", "append", title, "1/1", "--file", &more]);
    }
    anna.sync();
    let before = anna.sound();
    let report = anna.json(&["compact", "--all"]);
    assert!(
        report["removed"].as_u64() >= Some(6),
        "in one go, for it went to the server: {report}"
    );
    assert!(anna.sound() < before);
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    ben.sync();
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));
    assert_eq!(
        anna.sound(),
        ben.sound(),
        "what the server keeps for a while a new laptop is spared"
    );
    assert_eq!(ben.sync(), (0, 0), "and nothing moves any more");
    assert_eq!(anna.sync(), (0, 0));
}

/// Says how many MiB the account may take up on the server, which runs.
fn bound(server: &Server, mib: &str) {
    let mut command = Command::new(program("seshat-server"));
    command.args(["--data", &text(&server.data), "account", "quota", EMAIL, mib]);
    let ran = Running::start(&mut command).wait();
    assert!(ran.status.success(), "{}", ran.stderr);
}

#[test]
fn an_account_without_room_makes_some_by_compacting_and_what_waited_reaches_the_others() {
    let (written, server) = with_server();
    let (anna, title) = (&written.laptop, written.novel.title);
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    ben.sync();
    bound(&server, "0");
    for number in 0..6 {
        let more = anna.file("more.md", format!("Sentence number {number}.\n"));
        anna.ok(&["scene", "append", title, "1/1", "--file", &more]);
    }
    let report = anna.json(&["sync"]);
    assert_eq!((&report["up"], &report["waiting"]), (&0.into(), &6.into()), "{report}");
    assert!(report["message"].as_str().is_some_and(|it| it.contains("no more room")), "{report}");
    assert_eq!(ben.sync(), (0, 0));
    // What contains them is taken, for it makes room when what it names is thrown away.
    let report = anna.json(&["compact", "--all"]);
    assert!(report["documents"].as_u64() >= Some(1), "{report}");
    assert!(ben.sync().1 >= 1, "it came");
    let told = |laptop: &Laptop| {
        let flat = laptop.flat(title, "1/1");
        (0..6).map(|number| flat.matches(&format!("Sentence number {number}.")).count()).collect()
    };
    let once: Vec<usize> = vec![1; 6];
    assert_eq!((told(anna), told(&ben)), (once.clone(), once.clone()));
    // Once there is room again the rest goes too, and nothing is there twice.
    bound(&server, "default");
    let report = anna.json(&["sync"]);
    assert_eq!(report["waiting"], 0, "{report}");
    ben.sync();
    assert_eq!((told(anna), told(&ben)), (once.clone(), once));
    assert_eq!((anna.sync(), ben.sync()), ((0, 0), (0, 0)));
    let _both = (anna.sound(), ben.sound());
}
