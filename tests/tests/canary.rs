//! Nothing that an author wrote, named or chose is to be found where it must not be: in the database and its log, in
//! the server's folder and its log, and on the wire.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use seshat_testkit::{
    Canary, Laptop, PASSWORD, Proxy, Random, Server, Setup, files_below, seed, small_novel,
};
use seshat_tests::{EMAIL, room, text};

const NEW_PASSWORD: &str = "nine otters underneath the old bridge";
const ACCENTS: &str = "Zoë Brontëová ließ die Straße hinter sich";
const JAPANESE: &str = "手紙は夜の灯台に届いた";

/// What must not be found: titles of the novel, a part and a chapter, names, sentences, a search, passwords, and the
/// recovery words as they stand in a row.
fn canaries(kit: &str, title: &str, sentence: &str) -> Vec<Canary> {
    let words: Vec<&str> = kit
        .split_whitespace()
        .zip(kit.split_whitespace().skip(1))
        .filter(|(number, _)| number.strip_suffix('.').is_some_and(|it| it.parse::<u8>().is_ok()))
        .map(|(_, word)| word)
        .collect();
    assert_eq!(words.len(), 24, "the kit numbers 24 words");
    let row = words[..4].join(" ");
    let mut texts = vec![
        title,
        sentence,
        "Part One: Wicks",
        "Forty-One Lamps",
        "Ottoline",
        "Dear Aunt, the work",
        PASSWORD,
        NEW_PASSWORD,
        ACCENTS,
        JAPANESE,
        "A Title Nobody Knows",
        "The Last Draft, Really",
        &row,
    ];
    texts.extend(
        kit.lines()
            .filter(|line| line.starts_with("Account code: "))
            .map(|line| line.trim_start_matches("Account code: ")),
    );
    texts.into_iter().map(Canary::new).collect()
}

fn nowhere(canaries: &[Canary], what: &str, bytes: &[u8]) {
    for canary in canaries {
        let found = canary.find(bytes);
        assert!(found.is_none(), "in {what} ({} bytes) there is {found:?}", bytes.len());
    }
}

fn nowhere_below(canaries: &[Canary], folder: &Path) -> usize {
    let files = files_below(folder);
    for (name, content) in &files {
        nowhere(canaries, &name.display().to_string(), content);
        nowhere(canaries, "the name of a file", name.display().to_string().as_bytes());
    }
    files.values().map(Vec::len).sum()
}

#[test]
fn no_title_name_sentence_or_password_is_in_any_file_nor_on_the_wire() {
    let room = room();
    let proxy = Proxy::start();
    let setup = Setup { arguments: vec!["--origin".into(), proxy.url()], ..Setup::default() };
    let server = Server::with(room.path(), "server", setup);
    proxy.lead_to(server.port());
    let novel = small_novel(&room.path().join("novel"));
    let anna = Laptop::bare(room.path(), "anna");
    anna.ok(&["init", "--account-code", "--kit", &anna.kit()]);
    let kit = fs::read_to_string(anna.kit()).expect("init wrote it");
    let canaries = canaries(&kit, novel.title, novel.sentence);
    anna.ok(&["import", &text(&novel.folder)]);
    anna.ok(&["novel", "new", "A Title Nobody Knows"]);
    let more = anna.file("more.md", format!("{ACCENTS}.\n\n{JAPANESE}。\n"));
    anna.ok(&["scene", "append", novel.title, "1/1", "--file", &more]);
    anna.ok(&["scene", "replace", "A Title Nobody Knows", "1/1", "--file", &more]);
    anna.create_account(&proxy.url(), EMAIL);
    let _up = anna.sync();
    let ben = Laptop::bare(room.path(), "ben");
    ben.ok(&["account", "join", "--server", &proxy.url(), "--email", EMAIL, "--kit", &anna.kit()]);
    let _down = ben.sync();
    ben.ok(&["find", "ottoline", "--novel", novel.title]);
    ben.ok(&["novel", "new", "The Last Draft, Really"]);
    let new = anna.file("new", format!("{NEW_PASSWORD}\n"));
    anna.ok(&["password", "change", "--new-password-file", &new]);
    anna.set_password(NEW_PASSWORD);
    let _synced = anna.sync();
    let _synced = ben.sync();
    ben.set_password(NEW_PASSWORD);
    assert!(ben.flat(novel.title, "1/1").contains(JAPANESE), "all of it was really there");

    // The account code stays on the laptops, like the key of a house; the server never sees it.
    let (code, others) = canaries.split_last().expect("there are canaries");
    for laptop in [&anna, &ben] {
        assert!(nowhere_below(others, &laptop.home) > 50_000);
    }
    assert!(nowhere_below(&canaries, &server.data) > 50_000);
    nowhere(&canaries, "the server's log", &server.log());
    let wire = proxy.wire();
    nowhere(&canaries, "what went up", &wire.up);
    nowhere(&canaries, "what came down", &wire.down);

    // The scanner and the recording do see what may be seen.
    let email = Canary::new(EMAIL);
    assert!(email.find(&wire.up).is_some(), "the wire was not recorded");
    assert!(email.find(&files_of(&server.data)).is_some(), "the server's files were not read");
    assert!(email.find(&files_of(&anna.home)).is_some(), "the laptop's files were not read");
    assert!(Canary::new("\"challenge\"").find(&wire.down).is_some(), "answers were not recorded");
    assert!(code.find(kit.as_bytes()).is_some(), "the code is not what it is taken for");
    assert!(server.log().len() > 500, "the server's log was not read");
    let planted = anna.file("home/planted", more_of(novel.sentence));
    assert!(others[1].find(&fs::read(&planted).expect("it was written")).is_some());
}

#[test]
fn nothing_readable_is_in_the_log_that_a_power_cut_leaves_beside_the_database() {
    let mut random = Random::new(seed());
    let room = room();
    let novel = small_novel(&room.path().join("novel"));
    let laptop = Laptop::new(room.path(), "anna");
    let kit = fs::read_to_string(laptop.kit()).expect("init wrote it");
    let canaries = canaries(&kit.replace("Account code: none", ""), novel.title, novel.sentence);
    let path = novel.folder.join("0003.md");
    let long = fs::read_to_string(&path).expect("it was written");
    fs::write(&path, format!("{long}\n{JAPANESE}。\n\n{}", random.paragraphs(2_000)))
        .expect("it can be written");
    let log = laptop.home.join("seshat.db-wal");
    let mut seen = 0;
    for _ in 0..6 {
        let mut running = laptop.start(&["import", &text(&novel.folder)]);
        let begun = Instant::now();
        while !running.has_ended() && begun.elapsed() < Duration::from_secs(60) {
            if fs::metadata(&log).is_ok_and(|log| log.len() > 30_000) {
                break;
            }
            thread::sleep(Duration::from_micros(100));
        }
        let _ran = running.kill();
        let left = fs::read(&log).unwrap_or_default();
        nowhere(&canaries, "the log", &left);
        let _bytes = nowhere_below(&canaries, &laptop.home);
        seen = seen.max(left.len());
    }
    assert!(seen > 10_000, "no log was ever left behind: at most {seen} bytes");
    let _records = laptop.sound();
}

fn files_of(folder: &Path) -> Vec<u8> {
    files_below(folder).into_values().flatten().collect()
}

fn more_of(sentence: &str) -> Vec<u8> {
    sentence.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
