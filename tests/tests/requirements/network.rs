//! What networks, clocks and killed programs do to a sync: 1, 2, 9, 10, 11, 12.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use seshat_testkit::{Asked, Laptop, Random, Server, Trouble, Wire, days_off, kill, seed};
use seshat_tests::{Account, EMAIL, Sitter, left_out, number, room, settle, sync_somehow};

const TEN_YEARS: i32 = 3_653;

#[test]
fn req_01_clocks_that_are_ten_years_off_lose_no_word() {
    let (Some(later), Some(earlier)) = (days_off(TEN_YEARS), days_off(-TEN_YEARS)) else {
        return left_out("there is no faketime on this system");
    };
    let account = Account::open();
    let anna = account.laptop();
    let (mut ahead, mut behind) =
        (Laptop::bare(account.room(), "ahead"), Laptop::bare(account.room(), "behind"));
    ahead.wrapper.clone_from(&later);
    behind.wrapper.clone_from(&earlier);
    for laptop in [&ahead, &behind] {
        laptop.join(&account.network.url(), EMAIL);
        assert!(laptop.sync().1 > 0, "the novel comes whatever the clock says");
    }
    let mut written = Vec::new();
    for round in 0..2 {
        for (name, laptop) in [("ahead", &ahead), ("anna", anna), ("behind", &behind)] {
            let sentence = format!("Sentence {round} of {name}.");
            account.write(laptop, "1/1", &sentence);
            written.push(sentence);
        }
        for laptop in [&behind, &ahead, anna] {
            let _moved = laptop.sync();
        }
        // The one that was ahead finds itself behind: a clock that was set.
        std::mem::swap(&mut ahead.wrapper, &mut behind.wrapper);
    }
    account.converge(&[anna, &ahead, &behind]);
    for laptop in [anna, &ahead, &behind] {
        for sentence in &written {
            assert_eq!(account.count(laptop, "1/1", sentence), 1, "{sentence}");
        }
        let alarms = laptop.json(&["alarm", "list"]);
        assert_eq!(alarms.as_array().map(Vec::len), Some(0), "a clock is no alarm: {alarms}");
    }
}

#[test]
fn req_02_a_lost_answer_and_a_repeated_request_double_nothing() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    account.network.fault("POST /v1/records", Trouble::CutAnswer(0));
    account.write(anna, "1/1", "Sent, and never heard of again.");
    let _sentence = anna.fails(&["sync"]);
    account.network.fault("", Trouble::None);
    let _repeated = anna.sync();
    assert_eq!(ben.sync(), (0, 1), "one record was written, and one came");

    // Every request reaches the server twice, and the laptop hears the one answer or the other.
    let evil = account.evil();
    for heard in ["first", "second"] {
        evil.act(move |asked, forward| {
            let (first, second) = (forward(asked), forward(asked));
            if heard == "first" { first } else { second }
        });
        account.write(anna, "1/1", &format!("The {heard} answer was heard."));
        let _said = sync_somehow(anna);
        evil.behave();
        let _repeated = anna.sync();
        assert_eq!(ben.sync(), (0, 1), "the {heard} answer was heard");
    }
    account.converge(&[anna, &ben]);
    for laptop in [anna, &ben] {
        for sentence in ["Sent, and never", "The first answer", "The second answer"] {
            assert_eq!(account.count(laptop, "1/1", sentence), 1, "{sentence}");
        }
        let alarms = laptop.json(&["alarm", "list"]);
        assert_eq!(alarms.as_array().map(Vec::len), Some(0), "{alarms}");
    }
    let merges = ben.json(&["merges", account.title()]);
    assert!(!merges.to_string().contains("\"overlaps\":true"), "no conflict: {merges}");
}

/// The requests that passed and that write, as their first lines.
fn writes(wire: &Wire) -> Vec<String> {
    let text = String::from_utf8_lossy(&wire.up);
    let lines = text.lines().filter(|line| line.ends_with(" HTTP/1.1"));
    lines
        .filter(|line| !line.starts_with("GET ") && !line.starts_with("HEAD "))
        .map(str::to_owned)
        .collect()
}

/// How often something was asked for.
fn asked(wire: &Wire, request: &str) -> usize {
    String::from_utf8_lossy(&wire.up).matches(request).count()
}

#[test]
fn req_09_laptops_at_rest_send_no_write_however_often_they_look() {
    let account = Account::open();
    let anna = account.laptop();
    let others = ["ben", "carol"].map(|name| account.second(name));
    settle(&[anna, &others[0], &others[1]]);
    let mut open: Vec<Sitter> = others.iter().map(Sitter::start).collect();
    for sitter in &mut open {
        sitter.until_even();
    }
    // Something is written elsewhere: both windows hear of it and fetch it. From then on nobody writes.
    account.write(anna, "1/1", "The last thing for today.");
    assert_eq!(anna.sync(), (1, 0));
    for sitter in &mut open {
        let _status = sitter.until("the news", |status| {
            status["changed_scenes"].as_array().is_some_and(|scenes| !scenes.is_empty())
        });
        sitter.until_even();
    }
    let _before = account.network.passed();
    // Commands that look, and windows that hear that there may be something: a laptop that comes and joins.
    for _ in 0..3 {
        assert_eq!(anna.sync(), (0, 0));
    }
    let quiet = account.network.passed();
    assert_eq!(writes(&quiet), Vec::<String>::new(), "somebody wrote");
    assert!(asked(&quiet, "GET /v1/changes") >= 3, "and they did look");
    for (sitter, laptop) in open.into_iter().zip(&others) {
        drop(sitter);
        assert_eq!(laptop.sync(), (0, 0), "nothing was left over");
    }
    // Windows that are opened again find nothing to say either.
    let mut again: Vec<Sitter> = others.iter().map(Sitter::start).collect();
    for sitter in &mut again {
        sitter.until_even();
    }
    drop(again);
    let passed = account.network.passed();
    assert_eq!(writes(&passed), Vec::<String>::new(), "somebody wrote");
    assert!(asked(&passed, "GET /v1/changes") >= 4, "and they did look");
}

/// What a first sync needs at most, in answers that were cut off.
const MOST_CUTS: usize = 60;

#[test]
fn req_10_a_first_sync_of_half_a_million_words_goes_on_where_it_was_cut_off() {
    let mut random = Random::new(seed());
    let account = Account::open();
    let anna = account.laptop();
    let chapters: Vec<String> = (0..100)
        .map(|number| format!("# Chapter {number}\n\n{}", random.paragraphs(170)))
        .collect();
    let file = anna.file("long.md", chapters.concat());
    let imported = anna.json(&["import", &file, "--title", "A long one"]);
    let words = number(&imported["novel"], "words");
    assert!(words >= 560_000, "only {words} words");
    assert!(anna.sync().0 >= 100, "a record for each chapter");

    let _before = account.network.passed();
    let whole = account.second("whole");
    let whole_bytes = account.network.passed().down.len();
    let ben = Laptop::bare(account.room(), "ben");
    ben.join(&account.network.url(), EMAIL);
    let _before = account.network.passed();
    let (mut cuts, mut killed) = (0, 0);
    let mut came = 0;
    loop {
        // Not always behind the same number of bytes, and now and then the laptop goes down with the line.
        account
            .network
            .fault("", Trouble::CutAnswer(whole_bytes / 8 + random.below(whole_bytes / 6)));
        let running = ben.start(&["sync"]);
        let ran = if cuts % 4 == 3 {
            thread::sleep(Duration::from_micros(random.bits() % 400_000));
            running.kill()
        } else {
            running.wait()
        };
        came += account.network.passed().down.len();
        if ran.status.success() {
            break;
        }
        killed += usize::from(ran.status.code().is_none());
        cuts += 1;
        assert!(cuts < MOST_CUTS, "it begins again and again: {came} bytes came of {whole_bytes}");
    }
    account.network.fault("", Trouble::None);
    assert!(cuts >= 3, "it was cut off {cuts} times only ({killed} of them killed)");
    assert!(came < 3 * whole_bytes, "{came} bytes came for {whole_bytes}");
    println!("{words} words, {whole_bytes} bytes in one go; {came} bytes in {} goes", cuts + 1);
    account.converge(&[anna, &ben, &whole]);
}

/// When the power fails, counted in requests.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// The server has not heard the request.
    Before(usize),
    /// The server has done its work, and the laptop has not heard of it.
    Between(usize),
    /// A little after the answer, by so many microseconds.
    After(usize, u64),
}

/// Ends a laptop's sync at that moment, and says whether it came.
fn cut_power(account: &Account, laptop: &Laptop, moment: Moment) -> bool {
    let evil = account.evil();
    let process = Arc::new(AtomicU32::new(0));
    let (theirs, count) = (Arc::clone(&process), AtomicUsize::new(0));
    let ready = Arc::new(Mutex::new(()));
    let held = ready.lock().expect("nobody panics here");
    let gate = Arc::clone(&ready);
    evil.act(move |asked: &Asked, forward| {
        drop(gate.lock());
        let process = theirs.load(Ordering::SeqCst);
        let now = count.fetch_add(1, Ordering::SeqCst);
        if matches!(moment, Moment::Before(at) if at == now) {
            let _killed = kill(process);
        }
        let answered = forward(asked);
        match moment {
            Moment::Between(at) if at == now => {
                let _killed = kill(process);
            }
            Moment::After(at, micros) if at == now => {
                thread::spawn(move || {
                    thread::sleep(Duration::from_micros(micros));
                    let _killed = kill(process);
                });
            }
            _ => {}
        }
        answered
    });
    let running = laptop.start(&["sync"]);
    process.store(running.id(), Ordering::SeqCst);
    drop(held);
    let came = running.wait().status.code().is_none();
    account.network.lead_to(account.server.port());
    came
}

#[test]
fn req_11_cursor_and_records_stay_together_at_whatever_step_the_power_fails() {
    let mut random = Random::new(seed());
    let account = Account::open();
    let anna = account.laptop();
    let chapters: String =
        (0..330).map(|number| format!("# Chapter {number}\n\nWords of {number}.\n\n")).collect();
    let file = anna.file("many.md", chapters);
    let _imported = anna.ok(&["import", &file, "--title", "Many chapters"]);
    let _up = anna.sync();
    let total = anna.sound();
    let joined = Laptop::bare(account.room(), "joined");
    joined.join(&account.network.url(), EMAIL);

    let mut moments = Vec::new();
    for request in 0..7 {
        moments.push(Moment::Before(request));
        moments.push(Moment::Between(request));
        moments.push(Moment::After(request, random.bits() % 30_000));
    }
    let mut cut = 0;
    let mut halves = 0;
    for (run, moment) in moments.into_iter().enumerate() {
        let ben = joined.copy(account.room(), &format!("ben-{run}"));
        let came = cut_power(&account, &ben, moment);
        cut += usize::from(came);
        let before = ben.sound();
        halves += usize::from(before > 0 && before < total);
        assert_eq!(ben.sync(), (0, total - before), "{moment:?}: what was missing, and only that");
        assert_eq!(ben.sound(), total, "{moment:?}");
    }
    assert!(
        cut >= 8 && halves >= 4,
        "only {cut} cuts came in time, {halves} of them in the middle"
    );
}

#[test]
fn req_11_what_a_laptop_sends_is_there_once_at_whatever_step_the_power_fails() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    let mut cut = 0;
    let moments = (0..4).flat_map(|request| {
        [Moment::Before(request), Moment::Between(request), Moment::After(request, 4_000)]
    });
    for moment in moments {
        account.write(anna, "1/1", &format!("At {moment:?} the light went out."));
        cut += usize::from(cut_power(&account, anna, moment));
        let _rest = anna.sync();
        assert_eq!(ben.sync(), (0, 1), "{moment:?}");
        assert_eq!(account.count(&ben, "1/1", &format!("At {moment:?} the")), 1);
    }
    assert!(cut >= 5, "only {cut} cuts came in time");
    account.converge(&[anna, &ben]);
}

/// Records in a batch and in a page.
const PAGE: usize = seshat_protocol::limits::RECORDS;

#[test]
fn req_12_pages_that_are_full_or_off_by_one_lose_and_double_nothing() {
    let room = room();
    let server = Server::start(room.path(), "server");
    // What an import writes beside one record for each chapter.
    let beside = up_and_down(&server, &room, 1).0 - 1;
    let page = u64::try_from(PAGE).expect("a page is not that large");
    for records in [page - 1, page, page + 1, 2 * page - 1, 2 * page, 2 * page + 1] {
        let (up, down) = up_and_down(&server, &room, records - beside);
        assert_eq!((up, down), (records, records));
    }
}

/// Sends a novel of so many chapters from one laptop to another; says how many records went and came.
fn up_and_down(server: &Server, room: &tempfile::TempDir, chapters: u64) -> (u64, u64) {
    let email = format!("author{chapters}@example.org");
    let anna = Laptop::new(room.path(), &format!("anna-{chapters}"));
    let text: String = (0..chapters)
        .map(|number| format!("# Chapter {number}\n\nWords of {number}.\n\n"))
        .collect();
    let _imported = anna.ok(&["import", &anna.file("novel.md", text), "--title", "Novel"]);
    anna.create_account(&server.url(), &email);
    let (up, _) = anna.sync();
    let ben = Laptop::bare(room.path(), &format!("ben-{chapters}"));
    ben.join(&server.url(), &email);
    let (_, down) = ben.sync();
    assert_eq!((anna.sync(), ben.sync()), ((0, 0), (0, 0)), "{chapters} chapters");
    assert_eq!(anna.sound(), ben.sound(), "{chapters} chapters");
    (up, down)
}

#[test]
fn req_02_a_network_that_fails_in_every_way_it_knows_loses_and_doubles_nothing() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    account.network.weather(seed());
    let (mut failed, mut lines) = (0, 0);
    // How much the weather breaks depends on how soon a laptop is through: it goes on until that was enough.
    while lines < 12 || (failed < 4 && lines < 60) {
        for (name, laptop) in [("anna", anna), ("ben", &ben)] {
            account.write(laptop, "1/1", &format!("Line {lines} of {name}."));
            failed += usize::from(!laptop.run(&["sync"]).status.success());
        }
        lines += 1;
    }
    account.network.fault("", Trouble::None);
    account.converge(&[anna, &ben]);
    assert!(failed >= 4, "the weather was too good: {failed} of {} syncs failed", 2 * lines);
    for (number, name) in (0..lines).flat_map(|number| [(number, "anna"), (number, "ben")]) {
        assert_eq!(account.count(&ben, "1/1", &format!("Line {number} of {name}.")), 1);
    }
}
