//! The main job, end to end, with real processes: write offline and encrypted on one laptop, read it on the other.

use serde_json::{Value, json};
use seshat_testkit::{Laptop, PASSWORD, Random, Server, same_files, seed, small_novel};
use seshat_tests::{EMAIL, Written, room, text};

const NEW_PASSWORD: &str = "nine otters underneath the old bridge";

#[test]
fn a_novel_written_offline_on_one_laptop_is_read_and_continued_on_the_other() {
    let room = room();
    let mut server = Server::start(room.path(), "server");
    let novel = small_novel(&room.path().join("novel"));
    let anna = Laptop::new(room.path(), "anna");
    anna.create_account(&server.url(), EMAIL);

    server.kill();
    let imported = anna.json(&["import", &text(&novel.folder)]);
    assert_eq!(imported["novel"]["chapters"], 3);
    let more = anna.file("more.md", "The coat stayed on its hook.\n");
    anna.ok(&["scene", "append", novel.title, "3/1", "--file", &more]);
    let hits = anna.json(&["find", "HOMESICK", "--novel", novel.title]);
    assert_eq!(hits["total"], 1, "finding works with no network");
    let sentence = anna.fails(&["sync"]);
    assert!(sentence.contains("cannot be reached"), "{sentence}");
    let written = anna.exported(novel.title, "written-offline");
    let waiting = anna.json(&["status"])["waiting"].as_u64().expect("records are counted");
    assert!(waiting > 4, "only {waiting} records wait for the server");

    server.restart();
    assert_eq!(anna.sync(), (waiting, 0), "all that waited went up");
    assert_eq!(anna.sync(), (0, 0), "a laptop with nothing to say says nothing");

    let ben = Laptop::bare(room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    assert_eq!(ben.sync(), (0, waiting), "all of it came down");
    same_files(&written, &ben.exported(novel.title, "read"));

    let answer = ben.file("answer.md", "“Then come in,” said the forty-first.\n");
    ben.ok(&["scene", "append", novel.title, "3/1", "--file", &answer]);
    assert_eq!(ben.sync(), (1, 0));
    assert_eq!(anna.sync(), (0, 1));
    assert!(anna.flat(novel.title, "3/1").ends_with("“Then come in,” said the forty-first."));
    same_files(&anna.exported(novel.title, "anna"), &ben.exported(novel.title, "ben"));
    assert_eq!(anna.sound(), ben.sound());
}

#[test]
fn two_laptops_that_edit_the_same_scenes_offline_keep_every_word_exactly_once() {
    let mut random = Random::new(seed());
    let written = Written::new();
    let title = written.novel.title;
    let (mut server, ben) = shared(&written);
    let anna = &written.laptop;

    server.kill();
    let mut words = Vec::new();
    for scene in ["1/1", "2/3", "3/1"] {
        let flat = anna.flat(title, scene);
        for (laptop, tag) in [(anna, "zqa"), (&ben, "zqb")] {
            let (operations, inserted) =
                edits(&mut random, &flat, &format!("{tag}{}", scene.replace('/', "x")));
            laptop.edit(title, scene, &operations);
            words.extend(inserted.into_iter().map(|word| (scene, word)));
        }
    }
    let _new = ben.ok(&["novel", "new", "Written on the Train"]);
    server.restart();
    let _up = ben.sync();
    let _both = anna.sync();
    let _down = ben.sync();

    for scene in ["1/1", "2/3", "3/1"] {
        let flat = anna.flat(title, scene);
        assert_eq!(flat, ben.flat(title, scene), "the laptops differ in scene {scene}");
        for (_, word) in words.iter().filter(|(there, _)| *there == scene) {
            let count = flat.split_whitespace().filter(|found| found == word).count();
            assert_eq!(count, 1, "{word} is in scene {scene} {count} times (seed {})", seed());
        }
    }
    assert!(words.len() > 90, "only {} words were inserted", words.len());
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));
    let titles = |laptop: &Laptop| {
        let cards = laptop.json(&["novel", "list"]);
        let cards = cards.as_array().expect("a list").iter();
        let mut titles: Vec<_> = cards.map(|card| card["title"].clone().to_string()).collect();
        titles.sort();
        titles
    };
    assert_eq!(titles(anna), titles(&ben));
    assert_eq!(titles(anna).len(), 2, "the novel made on the train is on both");
    assert_eq!(anna.sound(), ben.sound());
}

#[test]
fn a_password_changed_on_one_laptop_is_asked_for_on_the_other_after_its_next_sync() {
    let written = Written::new();
    let title = written.novel.title;
    let (server, ben) = shared(&written);
    let anna = &written.laptop;

    let new = anna.file("new-password", format!("{NEW_PASSWORD}\n"));
    anna.ok(&["password", "change", "--new-password-file", &new]);
    assert!(anna.fails(&["sync"]).contains("does not open"), "the old password is over on anna's");
    anna.set_password(NEW_PASSWORD);
    let _synced = anna.sync();

    let late = ben.file("late.md", "Written under the old password.\n");
    ben.ok(&["scene", "append", title, "1/1", "--file", &late]);
    assert_eq!(ben.sync(), (1, 0), "a laptop with the old password still brings its work home");
    assert!(ben.fails(&["novel", "list"]).contains("does not open"));
    ben.set_password(NEW_PASSWORD);
    let _synced = anna.sync();
    same_files(&anna.exported(title, "anna"), &ben.exported(title, "ben"));

    let cleo = Laptop::bare(room_of(&written), "cleo");
    let join = ["account", "join", "--server", &server.url(), "--email", EMAIL];
    let sentence = cleo.fails(&join);
    assert!(sentence.contains("does not accept"), "the server takes no old password: {sentence}");
    cleo.set_password(NEW_PASSWORD);
    cleo.join(&server.url(), EMAIL);
    let _synced = cleo.sync();
    same_files(&anna.exported(title, "anna-2"), &cleo.exported(title, "cleo"));
}

#[test]
fn a_lost_password_is_survived_with_the_kit_alone_and_more_than_once() {
    let written = Written::new();
    let anna = &written.laptop;
    for (number, password) in
        [NEW_PASSWORD, "four magpies counting winter apples"].iter().enumerate()
    {
        let new = anna.file("new-password", format!("{password}\n"));
        anna.ok(&["recover", "--kit", &anna.kit(), "--new-password-file", &new]);
        assert!(anna.fails(&["novel", "list"]).contains("does not open"), "recovery {number}");
        anna.set_password(password);
        written.unharmed();
    }
}

#[test]
fn a_lost_password_and_a_lost_laptop_are_survived_with_the_kit_and_the_server() {
    let written = Written::new();
    let title = written.novel.title;
    let (server, ben) = shared(&written);

    let cleo = Laptop::bare(room_of(&written), "cleo");
    let new = cleo.file("new-password", format!("{NEW_PASSWORD}\n"));
    let kit = written.laptop.kit();
    cleo.ok(&[
        "recover",
        "--kit",
        &kit,
        "--new-password-file",
        &new,
        "--server",
        &server.url(),
        "--email",
        EMAIL,
    ]);
    cleo.set_password(NEW_PASSWORD);
    let _synced = cleo.sync();
    written.same_on(&cleo);
    let found = cleo.file("found.md", "Found again.\n");
    cleo.ok(&["scene", "append", title, "1/1", "--file", &found]);
    let _synced = cleo.sync();

    let _synced = ben.sync();
    assert!(ben.fails(&["novel", "list"]).contains("does not open"), "the old password is over");
    ben.set_password(NEW_PASSWORD);
    same_files(&cleo.exported(title, "cleo"), &ben.exported(title, "ben"));
}

#[test]
fn a_vault_with_an_account_code_opens_on_a_new_laptop_only_with_the_kit() {
    let room = room();
    let server = Server::start(room.path(), "server");
    let novel = small_novel(&room.path().join("novel"));
    let anna = Laptop::bare(room.path(), "anna");
    anna.ok(&["init", "--account-code", "--kit", &anna.kit()]);
    anna.ok(&["import", &text(&novel.folder)]);
    anna.create_account(&server.url(), EMAIL);
    let _synced = anna.sync();

    let ben = Laptop::bare(room.path(), "ben");
    let url = server.url();
    let join = ["account", "join", "--server", &url, "--email", EMAIL];
    let sentence = ben.fails(&join);
    assert!(sentence.contains("account code"), "{sentence}");
    assert_eq!(ben.json(&["status"])["vault"], "absent", "a refused laptop keeps nothing");

    let other = Laptop::bare(room.path(), "other");
    other.ok(&["init", "--account-code", "--kit", &other.kit()]);
    let _refused = ben.fails(&[&join[..], &["--kit", &other.kit()]].concat());
    assert_eq!(ben.json(&["status"])["vault"], "absent");

    ben.ok(&[&join[..], &["--kit", &anna.kit()]].concat());
    let _synced = ben.sync();
    same_files(&anna.exported(novel.title, "anna"), &ben.exported(novel.title, "ben"));
}

#[test]
fn a_server_that_is_asked_to_stop_stops_well_and_has_everything_after_it_starts_again() {
    let written = Written::new();
    let (mut server, _ben) = shared(&written);
    let status = server.stop();
    assert!(status.success(), "SIGTERM ended the server with {status}");
    server.restart();
    let cleo = Laptop::bare(room_of(&written), "cleo");
    cleo.join(&server.url(), EMAIL);
    let _synced = cleo.sync();
    written.same_on(&cleo);
}

#[test]
fn an_account_is_made_once_and_asking_again_changes_nothing() {
    let written = Written::new();
    let (server, _ben) = shared(&written);
    let anna = &written.laptop;
    anna.create_account(&server.url(), EMAIL);
    assert_eq!(anna.sync(), (0, 0));

    let stranger = Laptop::new(room_of(&written), "stranger");
    let create = ["account", "create", "--server", &server.url(), "--email", EMAIL];
    let sentence = stranger.fails(&create);
    assert!(sentence.contains("already"), "{sentence}");
    let there = ["account", "join", "--server", &server.url(), "--email", EMAIL];
    let sentence = stranger.fails(&there);
    assert!(sentence.contains("already"), "a vault is never put over another: {sentence}");
    assert_eq!(stranger.sound(), 0);
    written.unharmed();
}

fn room_of(written: &Written) -> &std::path::Path {
    written.room.path()
}

/// A server that has everything of this laptop, and a second laptop that has it too.
fn shared(written: &Written) -> (Server, Laptop) {
    let server = Server::start(room_of(written), "server");
    written.laptop.create_account(&server.url(), EMAIL);
    let _up = written.laptop.sync();
    let ben = Laptop::bare(room_of(written), "ben");
    assert!(ben.home.parent().is_some_and(|folder| folder.join("password").exists()), "{PASSWORD}");
    ben.join(&server.url(), EMAIL);
    let _down = ben.sync();
    (server, ben)
}

/// Forty exact operations on a text: words put in, words taken out, paragraphs split, joined and
/// made headings, stretches marked. Gives them with the
/// words that were put in.
fn edits(random: &mut Random, flat: &str, tag: &str) -> (Vec<Value>, Vec<String>) {
    let mut text: Vec<char> = flat.chars().collect();
    let (mut operations, mut inserted) = (Vec::new(), Vec::new());
    for number in 0..40 {
        match random.below(12) {
            0..=5 => {
                let word = format!("{tag}n{number}");
                let at = *random.pick(&gaps(&text));
                put(&mut text, &mut operations, at, &format!(" {word} "));
                inserted.push(word);
            }
            6 | 7 => {
                let at = *random.pick(&gaps(&text));
                put(&mut text, &mut operations, at, "\n");
            }
            8 => {
                let (one, other) = (1 + random.below(text.len()), 1 + random.below(text.len()));
                let key = *random.pick(&["emphasis", "strong", "strike"]);
                let on = random.below(3) > 0;
                if one != other {
                    operations.push(json!(["mark", one.min(other), one.max(other), key, on]));
                }
            }
            9 => {
                let paragraphs: Vec<usize> =
                    (0..text.len()).filter(|at| text[*at] == '\n').collect();
                let block = *random.pick(&["heading", "quote", "verse", "body"]);
                operations.push(json!(["block", random.pick(&paragraphs), block]));
            }
            10 => {
                let newlines: Vec<usize> = (1..text.len()).filter(|at| text[*at] == '\n').collect();
                if !newlines.is_empty() {
                    let at = *random.pick(&newlines);
                    take(&mut text, &mut operations, at, 1);
                    put(&mut text, &mut operations, at, " ");
                }
            }
            _ => {
                let at = *random.pick(&gaps(&text));
                let word: String = text[at..].iter().take_while(|c| !c.is_whitespace()).collect();
                if !word.is_empty() && !word.starts_with("zq") {
                    take(&mut text, &mut operations, at, word.chars().count());
                }
            }
        }
    }
    (operations, inserted)
}

/// Where a word can be put without cutting another one: behind or before white space.
fn gaps(text: &[char]) -> Vec<usize> {
    (1..=text.len())
        .filter(|at| {
            text.get(*at).is_none_or(|c| c.is_whitespace()) || text[at - 1].is_whitespace()
        })
        .collect()
}

fn put(text: &mut Vec<char>, operations: &mut Vec<Value>, at: usize, new: &str) {
    text.splice(at..at, new.chars());
    operations.push(json!(["ins", at, new]));
}

fn take(text: &mut Vec<char>, operations: &mut Vec<Value>, at: usize, length: usize) {
    text.drain(at..at + length);
    operations.push(json!(["del", at, length]));
}
