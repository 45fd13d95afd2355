//! Laptops, a server and a network that all fail at random moments for a while; then the sun comes out.
//! `SESHAT_SOAK_SECONDS` says for how long, `SESHAT_SEED` how.

use std::thread;
use std::time::{Duration, Instant};

use seshat_testkit::{Laptop, Random, Running, seed, variable};
use seshat_tests::{Account, settle};

/// How long, where nobody says.
const SECONDS: u64 = 20;

/// What happened.
#[derive(Debug, Default)]
struct Tally {
    written: usize,
    killed: usize,
    server_killed: usize,
    failed: usize,
}

#[test]
fn every_acknowledged_word_is_on_every_laptop_once_after_kills_of_clients_and_server() {
    let seconds = variable("SESHAT_SOAK_SECONDS").and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(SECONDS));
    let mut random = Random::new(seed());
    let mut account = Account::open();
    let others = ["ben", "carol"].map(|name| account.second(name));
    account.network.weather(seed());
    let mut acknowledged = Vec::new();
    let mut tally = Tally::default();
    while Instant::now() < end {
        let mut running: Vec<(Option<String>, Running)> = Vec::new();
        for laptop in [account.laptop(), &others[0], &others[1]] {
            running.push(begun(&account, laptop, &mut tally, &mut random));
        }
        if random.below(4) == 0 {
            pause(&mut random);
            account.server.kill();
            tally.server_killed += 1;
            pause(&mut random);
            account.server.restart();
        }
        for (word, program) in running {
            let kills = random.below(2) == 0;
            if kills {
                pause(&mut random);
            }
            let ran = if kills { program.kill() } else { program.wait() };
            tally.killed += usize::from(ran.status.code().is_none());
            tally.failed += usize::from(ran.status.code() == Some(1));
            if let (Some(word), true) = (word, ran.status.success()) {
                acknowledged.push(word);
            }
        }
    }
    account.network.fault("", seshat_testkit::Trouble::None);
    let all = [account.laptop(), &others[0], &others[1]];
    settle(&all);
    account.converge(&all);
    let flat = account.laptop().flat(account.title(), "1/1");
    for word in &acknowledged {
        let count = flat.split_whitespace().filter(|found| found == word).count();
        assert_eq!(count, 1, "{word} was acknowledged (seed {}, {tally:?})", seed());
    }
    for number in 0..tally.written {
        let word = format!("soaked{number}w");
        let count = flat.split_whitespace().filter(|found| **found == word).count();
        assert!(count <= 1, "{word} is there {count} times (seed {}, {tally:?})", seed());
    }
    println!("{} words acknowledged: {tally:?}", acknowledged.len());
    assert!(tally.killed > 0 && !acknowledged.is_empty(), "nothing happened: {tally:?}");
}

/// Starts writing a word, or a sync.
fn begun(
    account: &Account,
    laptop: &Laptop,
    tally: &mut Tally,
    random: &mut Random,
) -> (Option<String>, Running) {
    if random.below(2) == 0 {
        return (None, laptop.start(&["sync"]));
    }
    let word = format!("soaked{}w", tally.written);
    tally.written += 1;
    let file = laptop.file("word.md", format!("{word}\n"));
    let append = ["scene", "append", account.title(), "1/1", "--file", &file];
    (Some(word), laptop.start(&append))
}

fn pause(random: &mut Random) {
    thread::sleep(Duration::from_micros(random.bits() % 500_000));
}
