//! What authors and their laptops do to a sync: 3, 4, 17, 18, 19, 21, 22, 23.

use std::fs;

use serde_json::{Value, json};
use seshat_testkit::{Answered, Evil, Laptop, Trouble, decoded, encoded, same_files};
use seshat_tests::{Account, Sitter, number, settle, sync_somehow};

const NEW_PASSWORD: &str = "nine otters underneath the old bridge";

/// The rows of all reports of merges of the novel on a laptop.
fn merges(account: &Account, laptop: &Laptop) -> Vec<Value> {
    let reports = laptop.json(&["merges", account.title()]);
    let reports = reports.as_array().expect("a list").iter();
    reports.flat_map(|report| report["scenes"].as_array().expect("rows").clone()).collect()
}

#[test]
fn req_03_equal_text_is_no_conflict_and_conflicts_are_few() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    // The same word goes on both; the result is equal on both.
    let flat = anna.flat(account.title(), "2/1");
    let first = flat.split_whitespace().next().expect("a word");
    let (before, _) = flat.split_once(first).expect("it is there");
    let cut = json!(["del", before.chars().count(), first.chars().count()]);
    for laptop in [anna, &ben] {
        laptop.edit(account.title(), "2/1", std::slice::from_ref(&cut));
    }
    assert_eq!(anna.flat(account.title(), "2/1"), ben.flat(account.title(), "2/1"));
    settle(&[anna, &ben]);
    account.converge(&[anna, &ben]);
    for laptop in [anna, &ben] {
        let found = merges(&account, laptop);
        assert!(found.iter().all(|row| row["overlaps"] == false), "equal text: {found:?}");
    }
    // Fifteen different edits on each side of one scene, while apart.
    for number in 0..15 {
        account.write(anna, "1/1", &format!("Anna wrote line {number}."));
        account.write(&ben, "1/1", &format!("Ben wrote line {number}."));
    }
    settle(&[anna, &ben]);
    account.converge(&[anna, &ben]);
    for laptop in [anna, &ben] {
        let found = merges(&account, laptop);
        let rows = found.iter().filter(|row| row["path"] == "1/1").count();
        assert!(rows <= 2, "thirty edits of a scene are {rows} rows to read: {found:?}");
        for number in 0..15 {
            assert_eq!(account.count(laptop, "1/1", &format!("Anna wrote line {number}.")), 1);
            assert_eq!(account.count(laptop, "1/1", &format!("Ben wrote line {number}.")), 1);
        }
    }
    // What was told is not told again, however often they sync, and what was put away stays away.
    let before = [anna, &ben].map(|laptop| merges(&account, laptop));
    for _ in 0..3 {
        settle(&[&ben, anna]);
    }
    assert_eq!([anna, &ben].map(|laptop| merges(&account, laptop)), before);
    for laptop in [anna, &ben] {
        let _put_away = laptop.ok(&["merges", account.title(), "--dismiss"]);
        let _nothing = laptop.sync();
        assert_eq!(merges(&account, laptop), Vec::<Value>::new());
    }
}

#[test]
fn req_04_an_edit_beats_a_deletion_in_both_orders_and_is_shown() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    for (scene, edit_first) in [("1/1", true), ("2/1", false)] {
        account.write(anna, scene, "Written on the train.");
        ben.ok(&["trash", "put", account.title(), scene]);
        let order = if edit_first { [anna, &ben] } else { [&ben, anna] };
        settle(&order);
    }
    let outlines = [anna, &ben].map(|laptop| laptop.json(&["novel", "outline", account.title()]));
    // When it was edited last is what each of them saw last.
    assert_eq!(outlines[0]["nodes"], outlines[1]["nodes"]);
    assert_eq!(outlines[0]["novel"]["words"], outlines[1]["novel"]["words"]);
    for laptop in [anna, &ben] {
        let trash = laptop.json(&["trash", "list", account.title()]);
        assert_eq!(trash.as_array().map(Vec::len), Some(0), "it lives: {trash}");
        let out = laptop.exported(account.title(), "after-the-train");
        let words = seshat_testkit::words_of(&out).join(" ");
        assert_eq!(words.matches("Written on the train.").count(), 2);
    }
    let shown: Vec<Value> =
        [anna, &ben].iter().flat_map(|laptop| merges(&account, laptop)).collect();
    let kept = shown.iter().filter(|row| row["kept"] == true).count();
    assert!(kept >= 2, "somebody is told of both: {shown:?}");
}

#[test]
fn req_17_a_password_changed_elsewhere_is_asked_for_once_and_the_old_one_never_again() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    let new = anna.file("new", format!("{NEW_PASSWORD}\n"));
    anna.ok(&["password", "change", "--new-password-file", &new]);
    anna.set_password(NEW_PASSWORD);
    let _up = anna.sync();
    account.write(&ben, "1/1", "Written under the old password.");
    // The old one opens it until the news is here; then it is said, in one sentence.
    let told = ben.json(&["sync"]);
    let notice = told["notice"].as_str().expect("a notice");
    assert!(notice.contains("password"), "{notice}");
    seshat_testkit::assert_sentence(notice);
    assert!(ben.fails(&["novel", "list"]).contains("does not open"));
    ben.set_password(NEW_PASSWORD);
    let again = ben.json(&["sync"]);
    assert_eq!(again["notice"], Value::Null, "it is said once");
    account.write(&ben, "1/1", "Written under the new one.");
    account.converge(&[anna, &ben]);
    for sentence in ["Written under the old password.", "Written under the new one."] {
        assert_eq!(account.count(anna, "1/1", sentence), 1);
    }
}

#[test]
fn req_18_new_keys_open_what_the_old_ones_sealed_and_wait_for_what_a_server_hides() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    account.write(&ben, "1/1", "Sealed with the old keys by Ben, and not fetched by Anna.");
    let _up = ben.sync();
    let generation = |laptop: &Laptop| number(&laptop.json(&["vault", "info"]), "generation");
    let new = anna.file("new", format!("{NEW_PASSWORD}\n"));
    // Two phases: as long as the new kit is not written, nothing has changed. The first try hears of Ben's laptop.
    let taken = anna.file("taken.txt", "Somebody else's file.");
    let rotate =
        |kit: &str| anna.run(&["vault", "rotate", "--kit", kit, "--new-password-file", &new]);
    assert!(!rotate(&taken).status.success(), "a kit overwrites no file");
    let before = generation(anna);
    assert!(!rotate(&taken).status.success(), "and not the second time either");
    assert_eq!(fs::read_to_string(&taken).expect("it is there"), "Somebody else's file.");
    assert_eq!(generation(anna), before, "the old password opens the old keys");
    assert_eq!(account.count(anna, "1/1", "Sealed with the old keys by Ben"), 1, "it was fetched");
    account.write(&ben, "2/1", "Fetched before there were new keys.");
    let _up = ben.sync();
    // Before keys are made, everything that the server has is here.
    assert!(rotate(&anna.path("kit-2.txt")).status.success());
    anna.set_password(NEW_PASSWORD);
    assert_eq!(account.count(anna, "2/1", "Fetched before there were new keys."), 1);
    // The answer to the new vault is lost, and the next sync finds that it is there.
    account.network.fault("PUT /v1/vault", Trouble::CutAnswer(0));
    let _said = sync_somehow(anna);
    account.network.fault("", Trouble::None);
    let _both = anna.sync();
    assert!(generation(anna) > before, "there are new keys");
    let _told = ben.ok(&["sync"]);
    ben.set_password(NEW_PASSWORD);
    account.write(&ben, "1/1", "Sealed with the new keys.");
    account.converge(&[anna, &ben]);
    for laptop in [anna, &ben] {
        assert_eq!(account.count(laptop, "1/1", "Sealed with the old keys by Ben"), 1);
        assert_eq!(account.count(laptop, "1/1", "Sealed with the new keys."), 1);
        let _every_record_opens = laptop.sound();
    }
    // Who joins with the new password opens what was sealed with the old keys.
    let carol = Laptop::bare(account.room(), "carol");
    carol.set_password(NEW_PASSWORD);
    carol.join(&account.network.url(), seshat_tests::EMAIL);
    let _down = carol.sync();
    assert_eq!(carol.sound(), anna.sound());
    same_files(
        &carol.exported(account.title(), "carol"),
        &anna.exported(account.title(), "anna-end"),
    );
}

#[test]
fn req_19_a_record_that_does_not_open_is_put_aside_and_fetched_again_and_the_rest_opens() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    for scene in ["1/1", "2/1", "3/1"] {
        account.write(anna, scene, &format!("New in {scene}."));
    }
    let _up = anna.sync();
    let evil = account.evil();
    let mut victim = Value::Null;
    evil.act(move |asked, forward| {
        let answer = forward(asked);
        if !asked.is("GET", "/v1/changes") {
            return answer;
        }
        answer.altered(|page| {
            // The second of the three comes with a bit that was turned, whenever it comes.
            if victim == Value::Null {
                victim = page["records"][1]["record"]["id"].clone();
            }
            spoil(page, &victim);
        })
    });
    let said = sync_somehow(&ben);
    let there = |scene: &str| account.count(&ben, scene, &format!("New in {scene}."));
    assert_eq!((there("1/1"), there("2/1"), there("3/1")), (1, 0, 1), "the rest opens");
    assert!(said.contains("put aside") && said.contains("run a check"), "{said}");
    assert!(!ben.run(&["check"]).status.success(), "a check finds it");
    // The server is itself again, and the next sync has it, whatever else is in it.
    evil.behave();
    let _said = sync_somehow(&ben);
    assert_eq!(there("2/1"), 1, "it was fetched again");
    account.converge(&[anna, &ben]);
}

/// Turns a bit in the body of a record with this id, wherever it comes.
fn spoil(page: &mut Value, id: &Value) {
    let records = page["records"].as_array_mut().into_iter().flatten();
    for changed in records.filter(|changed| changed["record"]["id"] == *id) {
        let mut body = decoded(&changed["record"]["body"]);
        let middle = body.len() / 2;
        body[middle] ^= 1;
        changed["record"]["body"] = encoded(&body);
    }
}

#[test]
fn req_19_damage_on_the_way_is_mended_by_the_same_sync_and_lasting_damage_is_not_asked_for_for_ever()
 {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    let evil = account.evil();
    for lasts in [false, true] {
        let sentence = format!("It lasts: {lasts}.");
        account.write(anna, "1/1", &sentence);
        let _up = anna.sync();
        let mut victim = Value::Null;
        evil.act(move |asked, forward| {
            let answer = forward(asked);
            if !asked.is("GET", "/v1/changes") {
                return answer;
            }
            answer.altered(|page| {
                let first = page["records"][0]["record"]["id"].clone();
                if victim == Value::Null && !first.is_null() {
                    victim = first;
                    spoil(page, &victim);
                } else if lasts {
                    spoil(page, &victim);
                }
            })
        });
        let report = ben.json(&["sync"]);
        if !lasts {
            assert_eq!(report["message"], Value::Null, "there is nothing to say: {report}");
            assert_eq!(account.count(&ben, "1/1", &sentence), 1);
            continue;
        }
        assert!(report["message"].as_str().is_some_and(|it| it.contains("put aside")), "{report}");
        assert_eq!(account.count(&ben, "1/1", &sentence), 0);
        // Each sync asks for it alone, a few times, and then no more.
        for _ in 0..8 {
            let _said = sync_somehow(&ben);
        }
        let _before = evil.passed();
        let _said = sync_somehow(&ben);
        let asked = evil.passed();
        let again = asked.iter().filter(|(asked, _)| asked.target.contains("limit=1&"));
        assert_eq!(again.count(), 0, "it is still asked for");
        // A check has everything read again.
        evil.behave();
        assert!(!ben.run(&["check"]).status.success(), "a check finds it");
        let _said = sync_somehow(&ben);
        assert_eq!(account.count(&ben, "1/1", &sentence), 1);
    }
    account.converge(&[anna, &ben]);
}

/// A server that will not have the first record that it is sent, and the others later. Somebody has just looked for
/// changes.
fn hold_a_grudge(evil: &Evil) {
    let passed = evil.passed();
    let page = passed.iter().find(|(asked, _)| asked.is("GET", "/v1/changes"));
    let grudge = page.expect("it looked for changes").1.json();
    evil.act(move |asked, forward| {
        if !asked.is("POST", "/v1/records") {
            return forward(asked);
        }
        let sent = asked.json()["records"].as_array().expect("a list").clone();
        let results: Vec<Value> = (sent.iter().enumerate())
            .map(|(place, record)| {
                let outcome = if place == 0 { "rejected" } else { "waits" };
                json!({ "id": record["id"], "outcome": outcome, "reason": "a grudge" })
            })
            .collect();
        let (head, epoch) = (&grudge["head"], &grudge["epoch"]);
        Answered::of(200, &json!({ "results": results, "head": head, "epoch": epoch }))
    });
}

#[test]
fn req_21_one_record_that_is_refused_stops_none_of_the_others_and_is_shown() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    for scene in ["1/1", "2/1", "3/1"] {
        account.write(anna, scene, &format!("New in {scene}."));
    }
    let evil = account.evil();
    assert_eq!(ben.sync(), (0, 0));
    hold_a_grudge(&evil);
    let report = anna.json(&["sync"]);
    assert_eq!(number(&report, "rejected"), 1, "{report}");
    let message = report["message"].as_str().expect("it is said");
    assert!(message.contains("refused 1 record") && message.contains("safe"), "{message}");
    evil.behave();
    assert_eq!(anna.sync().0, 2, "the others are not held up by it");
    let _down = ben.sync();
    for scene in ["2/1", "3/1"] {
        assert_eq!(account.count(&ben, scene, &format!("New in {scene}.")), 1, "the others went");
    }
    assert_eq!(account.count(anna, "1/1", "New in 1/1."), 1, "it is safe here");
    let facts = anna.json(&["syncing"]);
    assert_eq!(facts["refused"].as_array().map(Vec::len), Some(1), "it stays visible: {facts}");
    assert_eq!(facts["refused"][0]["reason"], "a grudge");
    // What is written afterwards goes too.
    account.write(anna, "2/1", "Written after the refusal.");
    let _report = anna.json(&["sync"]);
    let _down = ben.sync();
    assert_eq!(account.count(&ben, "2/1", "Written after the refusal."), 1);
    // When the server has changed its mind, the author has it offered once more.
    let _offered = anna.json(&["syncing", "--offer-again"]);
    let report = anna.json(&["sync"]);
    assert_eq!(number(&report, "rejected"), 0, "{report}");
    account.converge(&[anna, &ben]);
}

#[test]
fn req_22_a_laptop_that_is_shut_out_keeps_what_it_had_not_sent() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    account.write(&ben, "1/1", "Never sent.");
    let devices = ben.json(&["device", "list"]);
    let devices = devices.as_array().expect("a list");
    let this = devices.iter().find(|device| device["this_one"] == true).unwrap_or(&devices[0]);
    let id = this["id"].as_str().expect("an id");
    anna.ok(&["device", "revoke", id]);
    let _up = anna.sync();
    let sentence = ben.fails(&["sync"]);
    assert!(sentence.contains("shut out"), "{sentence}");
    let out = ben.exported(account.title(), "taken-along");
    assert!(seshat_testkit::words_of(&out).join(" ").contains("Never sent."));
    assert!(number(&ben.json(&["status"]), "waiting") >= 1, "it still waits");
    assert_eq!(account.count(&ben, "1/1", "Never sent."), 1);
}

#[test]
fn req_22_signing_out_keeps_every_word_and_what_was_not_sent_goes_out_after_coming_back() {
    let account = Account::open();
    let (anna, ben) = (account.laptop(), account.second("ben"));
    account.write(anna, "1/1", "Sent before she left.");
    let _up = anna.sync();
    account.write(anna, "2/1", "Not sent before she left.");
    let before = anna.sound();
    // It needs no network, and says what was not sent.
    account.network.fault("", Trouble::CutAnswer(0));
    let left = anna.json(&["account", "leave"]);
    assert!(number(&left, "waiting") >= 1, "{left}");
    account.network.fault("", Trouble::None);
    assert_eq!(anna.sound(), before, "every record is here");
    let status = anna.json(&["status"]);
    assert_eq!((&status["server"], &status["email"]), (&Value::Null, &Value::Null), "{status}");
    let _passed = account.network.passed();
    for command in [&["sync"][..], &["account", "leave"]] {
        assert!(anna.fails(command).contains("is connected"), "{command:?}");
    }
    account.write(anna, "3/1", "Written without a server.");
    assert!(account.network.passed().up.is_empty(), "nothing is sent to a server that was left");
    for scene in ["1/1", "2/1", "3/1"] {
        assert!(!anna.flat(account.title(), scene).is_empty());
    }
    // The same account again: no new laptop, no second account, and everything goes out.
    let devices = |laptop: &Laptop| laptop.json(&["device", "list"]).as_array().map(Vec::len);
    let laptops = devices(&ben);
    anna.create_account(&account.network.url(), seshat_tests::EMAIL);
    let report = anna.json(&["sync"]);
    assert_eq!(number(&report, "waiting"), 0, "{report}");
    let _down = ben.sync();
    for sentence in [("2/1", "Not sent before she left."), ("3/1", "Written without a server.")] {
        assert_eq!(account.count(&ben, sentence.0, sentence.1), 1, "{}", sentence.1);
    }
    assert_eq!(devices(&ben), laptops);
    account.converge(&[anna, &ben]);
    let alarms = anna.json(&["alarm", "list"]);
    assert_eq!(alarms.as_array().map(Vec::len), Some(0), "{alarms}");
}

/// A field of a later year in every object of an answer but within records, which nobody may change.
fn say_more(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, inside) in fields.iter_mut() {
                if !["record", "device", "kdf"].contains(&name.as_str()) {
                    say_more(inside);
                }
            }
            fields.insert("of_a_later_year".to_owned(), json!({ "unknown": [1, 2, 3] }));
        }
        Value::Array(items) => items.iter_mut().for_each(say_more),
        _ => {}
    }
}

#[test]
fn req_22_an_old_program_leaves_a_newer_vault_as_it_is_and_says_so() {
    let account = Account::open();
    let anna = account.laptop();
    let path = anna.home.join("seshat.db");
    let whole = fs::read(&path).expect("the database is there");
    let mut newer = whole.clone();
    // <https://www.sqlite.org/fileformat.html>: user_version stands in bytes 60 to 63.
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&path, &newer).expect("it can be written");
    for command in [&["novel", "list"][..], &["sync"], &["status"]] {
        let sentence = anna.fails(command);
        assert!(sentence.contains("newer Seshat"), "{sentence}");
    }
    assert!(fs::read(&path).expect("it is there") == newer, "it was touched");
    fs::write(&path, &whole).expect("it can be written");

    // A newer server says more than this program knows, and may ask for more than it can.
    let ben = account.second("ben");
    let evil = account.evil();
    evil.act(|asked, forward| {
        let answer = forward(asked);
        if answer.header("content-type").starts_with("application/json") {
            return answer.altered(say_more);
        }
        answer
    });
    account.write(anna, "1/1", "Through a newer server.");
    assert_eq!(anna.sync(), (1, 0));
    assert_eq!(ben.sync(), (0, 1));
    assert_eq!(ben.json(&["device", "list"]).as_array().map(Vec::len), Some(2));
    // A laptop that joins reads a challenge, a session, a vault and a receipt.
    let carol = account.second("carol");
    assert_eq!(account.count(&carol, "1/1", "Through a newer server."), 1);
    let passed = evil.passed();
    for (method, path) in [("GET", "/v1/vault"), ("PUT", "/v1/vault"), ("POST", "/v1/sign-in")] {
        let said = passed.iter().find(|(asked, _)| asked.is(method, path));
        let (_, said) = said.unwrap_or_else(|| panic!("{method} {path} was not asked"));
        assert!(!said.json()["of_a_later_year"].is_null(), "{method} {path}");
    }
    evil.behave();
    account.converge(&[anna, &ben]);
}

#[test]
fn req_23_a_second_program_on_a_vault_says_so_and_disturbs_nobody() {
    let account = Account::open();
    let anna = account.laptop();
    let mut window = Sitter::start(anna);
    window.until_even();
    let more = anna.file("more.md", "Two at once.\n");
    for command in [
        &["novel", "list"][..],
        &["scene", "append", account.title(), "1/1", "--file", &more],
        &["sync"],
        &["status"],
    ] {
        let sentence = anna.fails(command);
        assert!(sentence.contains("another window or program"), "{sentence}");
    }
    window.type_in("The first goes on.");
    let _status = window.until("the save", |status| status["saved_at"].is_u64());
    window.until_even();
    drop(window);
    assert_eq!(account.count(anna, "1/1", "The first goes on."), 1);
    assert_eq!(account.count(anna, "1/1", "Two at once."), 0);
    let _records = anna.sound();
    // Two commands at the same moment: each does its work or says why not.
    let append = ["scene", "append", account.title(), "1/1", "--file", &more];
    let mut done = 0;
    for _ in 0..4 {
        let both = [anna.start(&append), anna.start(&append)];
        for ran in both.map(seshat_testkit::Running::wait) {
            if ran.status.success() {
                done += 1;
            } else {
                let sentence = seshat_testkit::assert_failed(&append, &ran);
                assert!(sentence.contains("another window or program"), "{sentence}");
            }
        }
    }
    assert!(done >= 4, "one of two at least does its work");
    assert_eq!(account.count(anna, "1/1", "Two at once."), done);
    let _records = anna.sound();
}
