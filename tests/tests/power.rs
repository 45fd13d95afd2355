//! Two hundred power cuts: while somebody types, imports, compacts, and makes new keys. The vault opens after each,
//! nothing is damaged, nothing is doubled, and of what was typed at most the last two seconds are gone.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use seshat_testkit::{Laptop, PASSWORD, Ran, Random, Running, program, seed, small_novel};
use seshat_tests::{Written, text};

/// Somebody types on so many laptops at once, …
const TYPISTS: u64 = 4;
/// … and each of them loses its power so often.
const CUTS_OF_TYPING: usize = 30;
/// How often a command loses its power.
const CUTS_OF_COMMANDS: usize = 80;
/// What may be lost of typing.
const MAY_BE_LOST: u128 = 2_000;
/// The password after new keys were made.
const NEXT_PASSWORD: &str = "nine otters underneath the old bridge";

/// What a typist said that is on the page: words, with the moment of each.
fn seen(ran: &Ran) -> Vec<(u128, String)> {
    let lines = ran.stdout.lines().filter_map(|line| line.split_once(' '));
    lines.filter_map(|(at, word)| Some((at.parse().ok()?, word.to_owned()))).collect()
}

fn typist(laptop: &Laptop, title: &str, mark: &str) -> Running {
    let program = program("examples/typist");
    let mut command = Command::new(program);
    command.arg(&laptop.home).arg(laptop.path("password")).args([title, mark]);
    Running::start(&mut command)
}

/// When the log of a laptop's database was last written. A power cut leaves the log where it is.
fn last_write(laptop: &Laptop) -> Option<SystemTime> {
    let log = fs::metadata(laptop.home.join("seshat.db-wal")).ok()?;
    (log.len() > 0).then_some(log.modified().ok()).flatten()
}

/// Waits until a program writes into the database, or has ended.
fn until_it_writes(laptop: &Laptop, before: Option<SystemTime>, running: &mut Running) {
    let begun = Instant::now();
    let quiet = || last_write(laptop).is_none_or(|at| Some(at) == before);
    while !running.has_ended() && quiet() && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn of_what_is_typed_a_power_cut_takes_two_seconds_at_most_and_damages_nothing() {
    thread::scope(|scope| {
        for number in 0..TYPISTS {
            scope.spawn(move || typing_with_power_cuts(seed() + number));
        }
    });
}

fn typing_with_power_cuts(seed: u64) {
    let mut random = Random::new(seed);
    let written = Written::new();
    let (laptop, title) = (&written.laptop, written.novel.title);
    let mut typed: Vec<Vec<(u128, String)>> = Vec::new();
    for cut in 0..CUTS_OF_TYPING {
        let before = last_write(laptop);
        let mut running = typist(laptop, title, &format!("c{cut}"));
        // The first save comes a second after the first word.
        until_it_writes(laptop, before, &mut running);
        thread::sleep(Duration::from_micros(random.bits() % 2_500_000));
        let ran = running.kill();
        assert_eq!(ran.stderr, "", "cut {cut} (seed {seed})");
        typed.push(seen(&ran));
        if cut % 10 == 9 || cut + 1 == CUTS_OF_TYPING {
            let _records = laptop.sound();
            there(&laptop.flat(title, "1/1"), &typed, seed);
        }
    }
}

/// That nothing older than two seconds is missing, and nothing is there twice.
fn there(flat: &str, typed: &[Vec<(u128, String)>], seed: u64) {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for word in flat.split_whitespace() {
        *found.entry(word).or_default() += 1;
    }
    for (cut, words) in typed.iter().enumerate() {
        let Some((end, _)) = words.last() else { continue };
        for (at, word) in words {
            let count = found.get(word.as_str()).copied().unwrap_or(0);
            assert!(count <= 1, "{word} is there {count} times (seed {seed})");
            assert!(
                count == 1 || at + MAY_BE_LOST > *end,
                "{word} was typed at {at} ms of {end} and is gone (cut {cut}, seed {seed})"
            );
        }
    }
}

/// What is cut short.
#[derive(Clone, Copy, Debug)]
enum Work {
    Import,
    Compact,
    Rotate,
    Append,
}

#[test]
fn whatever_a_power_cut_interrupts_is_done_or_not_done_and_the_rest_is_as_it_was() {
    let mut random = Random::new(seed() + 100);
    let written = Written::new();
    let (laptop, title) = (&written.laptop, written.novel.title);
    let novel = small_novel(&written.room.path().join("again"));
    let mut after = After { password: PASSWORD, other: NEXT_PASSWORD, ..After::default() };
    for cut in 0..CUTS_OF_COMMANDS {
        let work = [Work::Import, Work::Compact, Work::Rotate, Work::Append][cut % 4];
        if matches!(work, Work::Compact) {
            // Something to compact.
            let more = laptop.file("more.md", random.paragraphs(4));
            let _words = laptop.ok(&["scene", "append", title, "2/1", "--file", &more]);
        }
        let before = laptop.flat(title, "2/1");
        let done = cut_short(laptop, work, cut, (title, &text(&novel.folder)), &mut random, &after);
        after.look(laptop, work, cut, done);
        assert_eq!(laptop.flat(title, "2/1"), before, "{work:?}, cut {cut}: a text changed");
        if cut % 10 == 9 {
            let _records = laptop.sound();
            let words = laptop.flat(title, "1/1");
            for cut in &after.appended {
                let mark = format!("appended{cut}a");
                assert_eq!(words.matches(&mark).count(), 1, "{mark} was reported");
            }
        }
    }
    written.laptop.set_password(after.password);
    let _records = laptop.sound();
    assert!(after.cut >= CUTS_OF_COMMANDS / 4, "only {} cuts came in time", after.cut);
}

/// Runs one piece of work and cuts it short; says whether it had reported that it was done.
fn cut_short(
    laptop: &Laptop,
    work: Work,
    cut: usize,
    (title, novel): (&str, &str),
    random: &mut Random,
    after: &After,
) -> bool {
    let before = last_write(laptop);
    let mut running = match work {
        Work::Import => laptop.start(&["import", novel, "--title", &format!("Import {cut}")]),
        Work::Compact => laptop.start(&["compact"]),
        Work::Append => {
            let more = laptop.file("more.md", format!("appended{cut}a\n"));
            laptop.start(&["scene", "append", title, "1/1", "--file", &more])
        }
        Work::Rotate => {
            let new = laptop.file("new", format!("{}\n", after.other));
            let kit = laptop.path(&format!("kit-{cut}.txt"));
            laptop.start(&["vault", "rotate", "--kit", &kit, "--new-password-file", &new])
        }
    };
    if random.below(4) == 0 {
        thread::sleep(Duration::from_micros(random.bits() % 1_500_000));
    } else {
        until_it_writes(laptop, before, &mut running);
        thread::sleep(Duration::from_micros(random.bits() % 20_000));
    }
    running.kill().status.success()
}

/// What is known after the cuts so far.
#[derive(Default)]
struct After {
    password: &'static str,
    other: &'static str,
    /// Cuts that came before the work was done.
    cut: usize,
    /// Appended texts that were reported.
    appended: Vec<usize>,
}

impl After {
    fn look(&mut self, laptop: &Laptop, work: Work, cut: usize, done: bool) {
        self.cut += usize::from(!done);
        match work {
            Work::Compact => {}
            Work::Append if done => self.appended.push(cut),
            Work::Append => {}
            Work::Import => {
                let cards = laptop.json(&["novel", "list"]);
                let title = format!("Import {cut}");
                let cards = cards.as_array().expect("a list");
                let found: Vec<_> = cards.iter().filter(|card| card["title"] == *title).collect();
                assert!(found.len() == 1 || (found.is_empty() && !done), "cut {cut}: {found:?}");
                let whole = cards.iter().map(|card| &card["chapters"]).max_by_key(|it| it.as_u64());
                let is_whole = found.iter().all(|card| Some(&card["chapters"]) == whole);
                assert!(is_whole, "cut {cut}: half a novel: {found:?}");
            }
            Work::Rotate => {
                if laptop.run(&["novel", "list"]).status.success() {
                    assert!(!done, "cut {cut}: new keys were reported, and the old password opens");
                    return;
                }
                laptop.set_password(self.other);
                std::mem::swap(&mut self.password, &mut self.other);
                let _opens = laptop.ok(&["novel", "list"]);
            }
        }
    }
}
