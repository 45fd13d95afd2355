//! Power cuts: programs are killed at random moments, and what they had reported is there afterwards, once.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use seshat_testkit::Proxy;
use seshat_testkit::{
    Laptop, Random, Running, Server, Setup, Trouble, same_files, seed, small_novel,
};
use seshat_tests::{EMAIL, Written, room, text};

/// Waits until a command has written something to its database's log, or has ended.
fn until_it_writes(laptop: &Laptop, running: &mut Running) {
    let log = laptop.home.join("seshat.db-wal");
    let begun = Instant::now();
    let writing = || fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    while !running.has_ended() && !writing() && begun.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_micros(200));
    }
}

/// Bytes of the files that stand in a folder.
fn total_size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum()
}

/// Commands after which a test gives up waiting for a kill that comes in time.
const MOST: usize = 72;

/// Kills at a moment that is any moment, or one at which the disk is being written.
fn kill_somewhere(
    laptop: &Laptop,
    mut running: Running,
    random: &mut Random,
    whole: Duration,
) -> bool {
    let micros = usize::try_from(whole.as_micros()).unwrap_or(1_000_000);
    if random.below(3) == 0 {
        thread::sleep(Duration::from_micros(random.bits() % u64::try_from(micros).unwrap_or(1)));
    } else {
        until_it_writes(laptop, &mut running);
        thread::sleep(Duration::from_micros(random.bits() % 12_000));
    }
    running.kill().status.success()
}

#[test]
fn what_a_command_reported_is_there_after_any_power_cut_and_nothing_else_is_there_by_half() {
    let mut random = Random::new(seed());
    let written = Written::new();
    let (laptop, title) = (&written.laptop, written.novel.title);
    let probe = laptop.file("probe.md", "Measured.\n");
    let whole = laptop.run(&["scene", "append", title, "3/1", "--file", &probe]).took;
    let mut reported = Vec::new();
    let mut killed = 0;
    // How many kills come in time depends on how busy the machine is: it goes on until there were enough.
    for number in 0..MOST {
        let (begin, end) = (format!("begin{number}b"), format!("end{number}e"));
        let paragraphs = random.paragraphs(20);
        let file = laptop.file("more.md", format!("{begin}\n\n{paragraphs}{end}\n"));
        let running = laptop.start(&["scene", "append", title, "1/1", "--file", &file]);
        let done = kill_somewhere(laptop, running, &mut random, whole);
        killed += usize::from(!done);
        reported.push((begin, end, done));
        if number % 6 == 5 {
            let _records = laptop.sound();
            let flat = laptop.flat(title, "1/1");
            for (begin, end, done) in &reported {
                let (first, last) =
                    (flat.matches(begin.as_str()).count(), flat.matches(end.as_str()).count());
                assert_eq!(first, last, "{begin} is there by half (seed {})", seed());
                assert!(first <= 1, "{begin} is there {first} times (seed {})", seed());
                assert!(first == 1 || !done, "{begin} was reported and is gone (seed {})", seed());
            }
            if number >= 23 && killed >= 8 {
                return;
            }
        }
    }
    panic!("only {killed} of {MOST} commands were killed in time");
}

#[test]
fn an_import_that_was_killed_is_there_whole_or_not_at_all() {
    let mut random = Random::new(seed());
    let room = room();
    let laptop = Laptop::new(room.path(), "anna");
    let novel = small_novel(&room.path().join("novel"));
    for number in 0..30 {
        let (file, title) = (format!("{:04}.md", number + 4), format!("Chapter {number}"));
        let chapter = format!("# {title}\n\n{}", random.paragraphs(25));
        fs::write(novel.folder.join(file), chapter).expect("it can be written");
    }
    fs::remove_file(novel.folder.join("book.json")).expect("it is there");
    let mut imported = 0;
    let mut tried = 0;
    for number in 0..MOST {
        if number >= 8 && imported < number {
            break;
        }
        tried += 1;
        let title = format!("Novel {number}");
        let path = text(&novel.folder);
        let running = laptop.start(&["import", &path, "--title", &title]);
        let done = kill_somewhere(&laptop, running, &mut random, Duration::from_secs(2));
        let cards = laptop.json(&["novel", "list"]);
        let found: Vec<_> = cards
            .as_array()
            .expect("a list")
            .iter()
            .filter(|card| card["title"] == title)
            .collect();
        assert!(found.len() == 1 || (found.is_empty() && !done), "{title}: {found:?}");
        for card in &found {
            assert_eq!(card["chapters"], 33, "{title} is there by half");
        }
        imported += found.len();
    }
    let _records = laptop.sound();
    let last = laptop.json(&["import", &text(&novel.folder), "--title", "Last"]);
    for card in laptop.json(&["novel", "list"]).as_array().expect("a list") {
        assert_eq!(card["words"], last["novel"]["words"], "{card} lacks words");
    }
    assert!(imported < tried, "none of {tried} imports was killed in time");
}

#[test]
fn a_vault_is_made_whole_or_not_at_all_and_a_new_password_too() {
    let mut random = Random::new(seed());
    let room = room();
    let whole = Laptop::new(room.path(), "whole");
    let whole = whole.run(&["novel", "list"]).took;
    for number in 0..4 {
        let laptop = Laptop::bare(room.path(), &format!("laptop-{number}"));
        let running = laptop.start(&["init", "--kit", &laptop.kit()]);
        thread::sleep(Duration::from_micros(
            random.bits() % (2 * u64::try_from(whole.as_micros()).unwrap_or(1)),
        ));
        let _ran = running.kill();
        let made = laptop.json(&["status"])["vault"] != "absent";
        if !made {
            let _ran = fs::remove_file(laptop.kit()).is_ok();
            laptop.ok(&["init", "--kit", &laptop.kit()]);
        }
        let new = laptop.file("new", "nine otters underneath the old bridge\n");
        let running = laptop.start(&["password", "change", "--new-password-file", &new]);
        let done = kill_somewhere(&laptop, running, &mut random, 2 * whole);
        let old = laptop.run(&["novel", "list"]).status.success();
        laptop.set_password("nine otters underneath the old bridge");
        let new = laptop.run(&["novel", "list"]).status.success();
        assert!(old != new, "laptop {number}: old opens: {old}, new opens: {new}");
        assert!(new || !done, "laptop {number}: a change that was reported is gone");
    }
}

#[test]
fn a_server_killed_during_syncs_loses_and_doubles_nothing() {
    let mut random = Random::new(seed());
    let written = Written::new();
    let (anna, title) = (&written.laptop, written.novel.title);
    let mut server = Server::start(written.room.path(), "server");
    anna.create_account(&server.url(), EMAIL);
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    for round in 0..6 {
        for laptop in [anna, &ben] {
            let novel = format!(
                "Round {round} of {}",
                if std::ptr::eq(laptop, anna) { "Anna" } else { "Ben" }
            );
            let file = laptop.file("long.md", random.paragraphs(300));
            laptop.ok(&["import", &file, "--title", &novel]);
        }
        let log = server.data.clone();
        let size = || total_size(&log);
        let before = size();
        let mut running = [anna.start(&["sync"]), ben.start(&["sync"])];
        while size() == before && !running[0].has_ended() {
            thread::sleep(Duration::from_micros(500));
        }
        thread::sleep(Duration::from_micros(random.bits() % 60_000));
        server.kill();
        for sync in running {
            let ran = sync.wait();
            if !ran.status.success() {
                let _sentence = seshat_testkit::assert_failed(&["sync"], &ran);
            }
        }
        server.restart();
    }
    let _up = anna.sync();
    let _both = ben.sync();
    let _down = anna.sync();
    assert_eq!(ben.sync(), (0, 0));
    assert_eq!(anna.sound(), ben.sound(), "records were lost or doubled");
    let list = |laptop: &Laptop| {
        laptop
            .ok(&["novel", "list"])
            .lines()
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(list(anna), list(&ben));
    assert_eq!(list(anna).len(), 13);
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));
}

#[test]
fn a_first_sync_cut_off_at_random_places_goes_on_where_it_was() {
    let mut random = Random::new(seed());
    let written = Written::new();
    let (anna, title) = (&written.laptop, written.novel.title);
    let proxy = Proxy::start();
    let setup = Setup { arguments: vec!["--origin".into(), proxy.url()], ..Setup::default() };
    let server = Server::with(written.room.path(), "server", setup);
    proxy.lead_to(server.port());
    for number in 0..8 {
        let file =
            anna.file("long.md", format!("# Chapter {number}\n\n{}", random.paragraphs(900)));
        anna.ok(&["import", &file, "--title", &format!("Novel {number}")]);
    }
    anna.create_account(&proxy.url(), EMAIL);
    let mut cut = 0;
    for _ in 0..6 {
        let bytes = 20_000 + random.below(900_000);
        proxy.fault("", Trouble::CutRequest(bytes));
        cut += usize::from(!anna.run(&["sync"]).status.success());
    }
    proxy.fault("", Trouble::None);
    let _up = anna.sync();
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&proxy.url(), EMAIL);
    for _ in 0..6 {
        let bytes = 20_000 + random.below(900_000);
        proxy.fault("GET /v1/changes", Trouble::CutAnswer(bytes));
        let running = ben.start(&["sync"]);
        if random.below(2) == 0 {
            cut += usize::from(!running.wait().status.success());
        } else {
            thread::sleep(Duration::from_millis(400 + random.bits() % 400));
            cut += usize::from(!running.kill().status.success());
        }
    }
    proxy.fault("", Trouble::None);
    let _down = ben.sync();
    assert!(cut >= 4, "only {cut} of 12 syncs were cut off");
    assert_eq!(anna.sound(), ben.sound());
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));
    same_files(&anna.exported("Novel 7", "anna-7"), &ben.exported("Novel 7", "ben-7"));
}
