//! What servers do to a sync: 5, 6, 7, 8, 14, 15, 16, 20.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use seshat_protocol::{Bytes32, Record};
use seshat_testkit::{
    Answered, Asked, Device, Laptop, Random, Running, Server, Setup, SmallDisk, assert_failed,
    copy_folder, days_off, program, seed,
};
use seshat_tests::{
    Account, EMAIL, Written, left_out, number, room, settle, sync_somehow, text, until_logged,
};
use sha2::{Digest, Sha256};

/// As long as the server keeps what was replaced, and a day.
const LATER: i32 = 31;
/// What the server then writes into its log.
const PURGED: &str = "purged";

#[test]
fn req_05_a_laptop_that_was_away_past_the_purge_loses_nothing_and_brings_nothing_back() {
    let Some(later) = days_off(LATER) else {
        return left_out("there is no faketime on this system");
    };
    let mut account = Account::open();
    let (ben, title) = (account.second("ben"), account.title());
    // A chapter that both have, and that goes while Ben is away.
    let anna = account.laptop();
    let file = anna.file("chapter.md", "# A chapter\n\nTo be deleted while Ben was away.\n");
    let _more = anna.ok(&["import", &file, "--title", "Notes"]);
    let _up = anna.sync();
    let _down = ben.sync();
    account.write(&ben, "2/1", "Written while I was away.");
    anna.ok(&["trash", "put", "Notes", "1"]);
    for number in 0..5 {
        account.write(anna, "1/1", &format!("Written at home, {number}."));
    }
    let _up = anna.sync();
    anna.ok(&["compact", "--all"]);
    let _up = anna.sync();
    anna.ok(&["compact", "--all"]);
    let before = anna.sound();
    // A month later the server has thrown away what the snapshots replaced.
    account.server.kill();
    let arguments = vec!["--origin".to_owned(), account.network.url()];
    let data = Some(account.server.data.clone());
    let setup = Setup { arguments, wrapper: later, data };
    account.server = Server::with(account.room(), "a-month-later", setup);
    until_logged(&account.server, PURGED);
    account.network.lead_to(account.server.port());
    let anna = account.laptop();
    let _both = ben.sync();
    settle(&[anna, &ben]);
    for laptop in [anna, &ben] {
        assert_eq!(account.count(laptop, "2/1", "Written while I was away."), 1);
        for number in 0..5 {
            assert_eq!(account.count(laptop, "1/1", &format!("Written at home, {number}.")), 1);
        }
        let trash = laptop.json(&["trash", "list", "Notes"]);
        assert_eq!(trash.as_array().map(Vec::len), Some(1), "it stays in the trash: {trash}");
        let _records = laptop.sound();
    }
    // A laptop that joins now gets what is left, and has every word too.
    let carol = account.second("carol");
    assert!(carol.sound() <= before + 2, "what was replaced came all the same");
    assert_eq!(account.count(&carol, "2/1", "Written while I was away."), 1);
    assert_eq!(carol.json(&["trash", "list", "Notes"]).as_array().map(Vec::len), Some(1));
    assert_eq!(ben.flat(title, "1/1"), carol.flat(title, "1/1"));
}

#[test]
fn req_06_a_server_that_is_empty_or_a_stranger_wipes_nothing() {
    let mut account = Account::open();
    let ben = account.second("ben");
    account.write(&ben, "1/1", "Not sent yet.");
    let before = ben.flat(account.title(), "1/1");
    let ours = account.room().join("ours");
    account.server.kill();
    fs::rename(&account.server.data, &ours).expect("a folder can be moved");

    account.server.restart();
    let sentence = ben.fails(&["sync"]);
    assert!(sentence.contains("does not know this laptop"), "empty: {sentence}");
    // Somebody else has an account of that name there.
    let stranger = Laptop::new(account.room(), "stranger");
    stranger.create_account(&account.network.url(), EMAIL);
    let _up = stranger.sync();
    let sentence = ben.fails(&["sync"]);
    assert!(sentence.contains("does not know this laptop"), "foreign: {sentence}");
    assert_eq!(ben.flat(account.title(), "1/1"), before, "what is here stays");
    account.anna.unharmed();
    assert_eq!(stranger.sound(), 0, "and a stranger got nothing");

    account.server.kill();
    fs::rename(&account.server.data, account.room().join("theirs")).expect("it can be moved");
    fs::rename(&ours, &account.server.data).expect("it can be moved back");
    account.server.restart();
    assert_eq!(ben.sync(), (1, 0), "what waited goes to the right server");
    account.converge(&[account.laptop(), &ben]);
}

/// A novel of eight chapters, on both laptops.
fn eight_chapters(anna: &Laptop, ben: &Laptop) {
    let chapters: String =
        (1..=8).map(|number| format!("# Chapter {number}\n\nWords of {number}.\n\n")).collect();
    let _made = ben.ok(&["import", &ben.file("eight.md", chapters), "--title", "Eight"]);
    settle(&[ben, anna]);
}

/// The outline of that novel.
fn nodes(laptop: &Laptop) -> Value {
    laptop.json(&["novel", "outline", "Eight"])["nodes"].clone()
}

#[test]
fn req_06_what_a_server_does_not_show_is_not_deleted() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    eight_chapters(anna, &ben);
    // A server that shows nothing takes nothing away.
    let evil = account.evil();
    evil.act(|asked, forward| {
        let answer = forward(asked);
        if !asked.is("GET", "/v1/changes") {
            return answer;
        }
        answer.altered(|page| page["records"] = json!([]))
    });
    account.write(&ben, "1/1", "Kept from Anna.");
    let _up = sync_somehow(&ben);
    let _said = sync_somehow(anna);
    assert_eq!(nodes(anna), nodes(&ben));
    evil.behave();
    let _said = sync_somehow(anna);
    let _said = sync_somehow(anna);
    account.converge(&[anna, &ben]);
}

#[test]
fn req_06_a_mass_deletion_is_held_back_and_asked_about() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    eight_chapters(anna, &ben);
    for _ in 0..5 {
        ben.ok(&["trash", "put", "Eight", "1"]);
    }
    let _up = ben.sync();
    let sentence = anna.fails(&["sync"]);
    assert!(sentence.contains("scenes of “Eight”"), "{sentence}");
    assert!(sentence.contains("say whether it was meant"), "{sentence}");
    let outline = anna.json(&["novel", "outline", "Eight"]);
    for number in 1..=8 {
        assert!(outline.to_string().contains(&format!("Chapter {number}")), "{number} is gone");
    }
    let _again = anna.fails(&["sync"]);
    // It was not meant: everything is back, on both laptops. What is meant happens.
    anna.ok(&["sync", "--deletions", "keep"]);
    settle(&[anna, &ben]);
    for laptop in [anna, &ben] {
        let outline = laptop.json(&["novel", "outline", "Eight"]).to_string();
        let there = (1..=8).filter(|number| outline.contains(&format!("Words of {number}.")));
        assert_eq!(there.count(), 8, "{outline}");
    }
    account.converge(&[anna, &ben]);
    for _ in 0..5 {
        ben.ok(&["trash", "put", "Eight", "1"]);
    }
    let _up = ben.sync();
    let _held = anna.fails(&["sync"]);
    anna.ok(&["sync", "--deletions", "delete"]);
    settle(&[anna, &ben]);
    assert_eq!(nodes(anna), nodes(&ben));
    assert_eq!(nodes(anna).as_array().map(Vec::len), Some(3), "five of eight went");
}

/// `seshat-server backup` and `restore`.
fn operate(server: &Server, arguments: &[&str]) {
    let mut command = Command::new(program("seshat-server"));
    command.arg("--data").arg(&server.data).args(arguments);
    let ran = Running::start(&mut command).wait();
    assert!(ran.status.success(), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
}

#[test]
fn req_07_a_server_restored_from_an_old_backup_is_given_back_what_it_lacks() {
    let mut account = Account::open();
    let ben = account.second("ben");
    let backup = text(&account.room().join("server-backup"));
    operate(&account.server, &["backup", &backup]);
    account.write(account.laptop(), "1/1", "After the backup, by Anna.");
    account.write(&ben, "2/1", "After the backup, by Ben.");
    account.laptop().ok(&["novel", "new", "Begun after the backup"]);
    settle(&[account.laptop(), &ben]);

    account.server.kill();
    fs::rename(&account.server.data, account.room().join("burnt")).expect("it can be moved");
    operate(&account.server, &["restore", &backup]);
    account.server.restart();
    // Anna never comes back: what the server lacks, Ben has.
    let _said = sync_somehow(&ben);
    let _said = sync_somehow(&ben);
    let carol = account.second("carol");
    assert_eq!(account.count(&carol, "1/1", "After the backup, by Anna."), 1);
    assert_eq!(account.count(&carol, "2/1", "After the backup, by Ben."), 1);
    assert!(carol.ok(&["novel", "list"]).contains("Begun after the backup"));
    assert_eq!(carol.sound(), ben.sound(), "nothing is lost and nothing doubled");
    let _said = sync_somehow(account.laptop());
    assert_eq!(account.laptop().sync(), (0, 0));
    let alarms = ben.json(&["alarm", "list"]);
    let alarms = alarms.as_array().expect("a list");
    assert!(alarms.iter().any(|alarm| alarm["kind"] == "restored"), "it is said: {alarms:?}");
    assert!(alarms.iter().all(|alarm| alarm["healed"] == true), "and over: {alarms:?}");
}

#[test]
fn req_08_a_laptop_that_was_cloned_goes_on_as_two_and_no_word_is_dropped() {
    let account = Account::open();
    let anna = account.laptop();
    let ben = account.second("ben");
    let clone = ben.copy(account.room(), "clone");
    // Both write under the same numbers, several times and in both orders.
    let mut written = Vec::new();
    for round in 0..3 {
        for (name, laptop) in [("the first", &ben), ("the second", &clone)] {
            let sentence = format!("Round {round}, written on {name}.");
            account.write(laptop, "1/1", &sentence);
            written.push(sentence);
        }
        let order = if round % 2 == 0 { [&ben, &clone] } else { [&clone, &ben] };
        for laptop in order {
            let _said = sync_somehow(laptop);
        }
    }
    for _ in 0..3 {
        for laptop in [&ben, &clone, anna] {
            let _said = sync_somehow(laptop);
        }
    }
    for laptop in [anna, &ben, &clone] {
        for sentence in &written {
            assert_eq!(account.count(laptop, "1/1", sentence), 1, "{sentence}");
        }
    }
    assert_eq!(ben.flat(account.title(), "1/1"), clone.flat(account.title(), "1/1"));
    let devices = anna.json(&["device", "list"]);
    assert!(devices.as_array().is_some_and(|devices| devices.len() >= 3), "{devices}");
    // And a laptop that joins later has it all.
    let carol = account.second("carol");
    for sentence in &written {
        assert_eq!(account.count(&carol, "1/1", sentence), 1, "{sentence}");
    }
}

#[test]
fn req_08_a_laptop_set_back_to_an_older_image_drops_no_word() {
    let account = Account::open();
    let anna = account.laptop();
    let ben = account.second("ben");
    let image = account.room().join("image");
    copy_folder(&ben.home, &image);
    account.write(&ben, "1/1", "Written after the image was made.");
    let _up = ben.sync();
    fs::remove_dir_all(&ben.home).expect("a disk breaks");
    copy_folder(&image, &ben.home);
    account.write(&ben, "1/1", "Written after it was put back.");
    for _ in 0..3 {
        let _said = sync_somehow(&ben);
        let _said = sync_somehow(anna);
    }
    for laptop in [anna, &ben] {
        assert_eq!(account.count(laptop, "1/1", "Written after the image was made."), 1);
        assert_eq!(account.count(laptop, "1/1", "Written after it was put back."), 1);
    }
    let carol = account.second("carol");
    assert_eq!(account.count(&carol, "1/1", "Written after it was put back."), 1);
}

#[test]
fn req_14_a_full_disk_of_a_laptop_or_the_server_is_said_and_healed() {
    let written = Written::new();
    let folder = written.room.path().join("disk");
    let Some(disk) = SmallDisk::mount(&folder, 8_192) else {
        return left_out("this system gives no small disk to an ordinary user");
    };
    let data = Some(folder.join("data"));
    let account = Account::of(written, Setup { wrapper: disk.wrapper(), data, ..Setup::default() });
    let anna = account.laptop();
    let mut ben = Laptop::bare(account.room(), "ben");
    ben.wrapper = disk.wrapper();
    ben.home = folder.join("ben");
    ben.join(&account.network.url(), EMAIL);
    let _down = ben.sync();
    let mut random = Random::new(seed());
    let mut refused = [0, 0];
    for free in [0, 8, 24, 60, 120, 240] {
        let file = anna.file("long.md", random.paragraphs(500));
        anna.ok(&["scene", "append", account.title(), "2/1", "--file", &file]);
        disk.fill_up_to(free);
        // The server's disk first, then, with a little more room for it, the laptop's.
        for (number, laptop) in [anna, &ben].into_iter().enumerate() {
            let ran = laptop.run(&["sync"]);
            if !ran.status.success() {
                let sentence = assert_failed(&["sync"], &ran);
                assert!(
                    sentence.contains("safe") || sentence.contains("disk"),
                    "{free} KiB: {sentence}"
                );
                refused[number] += 1;
            }
            if number == 0 {
                disk.empty();
                let _up = anna.sync();
                disk.fill_up_to(free);
            }
        }
        disk.empty();
        let _down = ben.sync();
        assert_eq!(ben.sound(), anna.sound(), "{free} KiB were free");
    }
    assert!(refused.iter().all(|times| *times >= 2), "the disk was hardly ever full: {refused:?}");
    account.converge(&[anna, &ben]);
}

#[test]
fn req_14_what_a_server_said_that_it_had_and_has_not_is_found_and_sent_again() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    let evil = account.evil();
    assert_eq!(anna.sync(), (0, 0));
    let passed = evil.passed();
    let page = passed.iter().find(|(asked, _)| asked.is("GET", "/v1/changes"));
    let page = page.expect("it looked for changes").1.json();
    // A disk that lies: the server says that everything is stored, and nothing is.
    evil.act(move |asked, forward| {
        if !asked.is("POST", "/v1/records") {
            return forward(asked);
        }
        let sent = asked.json()["records"].as_array().expect("a list").clone();
        let stored = |record: &Value| json!({ "id": record["id"], "outcome": "stored" });
        let results: Vec<Value> = sent.iter().map(stored).collect();
        let (head, epoch) = (&page["head"], &page["epoch"]);
        Answered::of(200, &json!({ "results": results, "head": head, "epoch": epoch }))
    });
    account.write(anna, "1/1", "Swallowed by a disk.");
    let _said = sync_somehow(anna);
    evil.behave();
    let _said = sync_somehow(anna);
    let _said = sync_somehow(anna);
    let _down = ben.sync();
    assert_eq!(account.count(&ben, "1/1", "Swallowed by a disk."), 1);
    assert_eq!(anna.sync(), (0, 0));
}

#[test]
fn req_15_of_two_vaults_that_want_one_account_one_has_it_and_the_other_is_as_it_was() {
    let room = room();
    let server = Server::start(room.path(), "server");
    for round in 0..3 {
        let email = format!("author{round}@example.org");
        let laptops =
            ["anna", "ben"].map(|name| Laptop::new(room.path(), &format!("{name}-{round}")));
        for laptop in &laptops {
            laptop.ok(&["novel", "new", "Only here"]);
        }
        let url = server.url();
        let create = ["account", "create", "--server", &url, "--email", &email];
        let running = [laptops[0].start(&create), laptops[1].start(&create)];
        let ran = running.map(Running::wait);
        let made: Vec<bool> = ran.iter().map(|ran| ran.status.success()).collect();
        assert_eq!(made.iter().filter(|made| **made).count(), 1, "{ran:?}");
        let (first, second) = if made[0] { (0, 1) } else { (1, 0) };
        let sentence = assert_failed(&create, &ran[second]);
        assert!(sentence.contains("already"), "{sentence}");
        let _up = laptops[first].sync();
        assert!(laptops[second].sound() > 0, "its vault is as it was");
        let _refused = laptops[second].fails(&create);
        // Nor is a vault made, or fetched, where one is.
        let _refused = laptops[second].fails(&["init", "--kit", &laptops[second].path("kit-2")]);
        let join = ["account", "join", "--server", &url, "--email", &email];
        let sentence = laptops[second].fails(&join);
        assert!(sentence.contains("already"), "{sentence}");
        assert_eq!(laptops[second].json(&["novel", "list"])[0]["title"], "Only here");
    }
}

#[test]
fn req_16_nothing_is_written_or_sent_before_the_vault_opens() {
    let account = Account::open();
    let anna = account.laptop();
    let records = anna.sound();
    anna.set_password("not the password of this vault");
    let _before = account.network.passed();
    let file = anna.file("more.md", "Written with the wrong password.\n");
    for command in [
        &["scene", "append", account.title(), "1/1", "--file", &file][..],
        &["novel", "new", "Another"],
        &["sync"],
    ] {
        assert!(anna.fails(command).contains("does not open"), "{command:?}");
    }
    assert!(account.network.passed().up.is_empty(), "something was sent");
    anna.set_password(seshat_testkit::PASSWORD);
    assert_eq!(anna.sound(), records);
    account.anna.unharmed();
}

#[test]
fn req_16_records_under_a_key_that_is_not_in_the_vault_are_not_taken() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    let before = ben.sound();
    let evil = account.evil();
    let _same = ben.sync();
    // Ben is shown records of a new novel, and kept from the vault that has its key.
    let kept = ben.json(&["vault", "info"]);
    let old = evil.passed();
    let of_old = |(asked, answered): &(Asked, Answered)| {
        asked.is("GET", "/v1/vault").then(|| answered.clone())
    };
    let vault = old.iter().find_map(of_old).expect("the vault was asked for");
    anna.ok(&["novel", "new", "Under another key"]);
    let _up = anna.sync();
    evil.act(
        move |asked, forward| {
            if asked.is("GET", "/v1/vault") { vault.clone() } else { forward(asked) }
        },
    );
    let _said = sync_somehow(&ben);
    assert!(!ben.ok(&["novel", "list"]).contains("Under another key"));
    let ran = ben.run(&["--json", "check"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("a report");
    assert_eq!(number(&report, "opened"), before, "it is put aside, not taken: {report}");
    assert_eq!(ben.json(&["vault", "info"])["generation"], kept["generation"]);
    evil.behave();
    let _said = sync_somehow(&ben);
    let _said = sync_somehow(&ben);
    assert!(ben.ok(&["novel", "list"]).contains("Under another key"), "it comes with its key");
    assert_eq!(ben.sound(), anna.sound());
}

#[test]
fn req_20_a_snapshot_that_names_blobs_which_are_not_there_is_not_taken_before_they_are() {
    let room = room();
    let server = Server::start(room.path(), "server");
    let device = Device::new(seed(), &server.url());
    device.create_account(server.port());
    let pushed = |record: &Record| {
        let answered = device.push(vec![record.clone()]).send_to(server.port()).json();
        answered["results"][0]["outcome"].as_str().expect("an outcome").to_owned()
    };
    let shown = || {
        let page =
            device.asks("GET", "/v1/changes?cursor=0&limit=100&max_bytes=1000000", Vec::new());
        page.send_to(server.port()).json()["records"].as_array().map(Vec::len)
    };
    let update = device.record(1, 100);
    let blob: Vec<u8> = (0..2_000).map(|at: usize| at.to_le_bytes()[0]).collect();
    let hash = Bytes32(Sha256::digest(&blob).into());
    let snapshot = Record { replaces: vec![update.id], blobs: vec![hash], ..device.record(2, 200) };
    assert_eq!(pushed(&update), "stored");
    assert_eq!(pushed(&snapshot), "waits", "the blob is not there");
    assert_eq!(pushed(&snapshot), "waits", "and asking again does not help");
    assert_eq!(shown(), Some(1), "nobody sees the snapshot, and what it names is still there");
    let digits: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let put = device.asks("PUT", &format!("/v1/blobs/{digits}?len=2000&part=0"), blob);
    let answered = put.send_to(server.port());
    let said = String::from_utf8_lossy(&answered.body);
    assert!(answered.status / 100 == 2, "{}: {said}", answered.status);
    assert_eq!(pushed(&snapshot), "stored", "the blob is there");
    assert_eq!(pushed(&snapshot), "known");
    assert_eq!(shown(), Some(2));
}
