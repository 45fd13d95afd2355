//! Finding, replacing, history, the trash, backups and comments on the command line, as scripts use them.

use serde_json::Value;
use seshat_testkit::{Laptop, Server, same_files};
use seshat_tests::{EMAIL, Written, room};

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn said(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// As much of an id as an author types.
fn beginning(id: &str) -> String {
    id.chars().take(8).collect()
}

#[test]
fn a_text_is_found_in_the_library_and_in_one_novel_however_it_is_asked_for() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    anna.ok(&["novel", "new", "Another One"]);
    anna.ok(&[
        "scene",
        "append",
        "Another One",
        "1/1",
        "--file",
        &anna.file("a.md", "Ottoline, élan.\n"),
    ]);

    let found = anna.json(&["find", "ottoline"]);
    assert_eq!((&found["total"], &found["cut"]), (&4.into(), &false.into()));
    let titles: Vec<_> = list(&found["scenes"]).iter().map(|it| said(&it["novel_title"])).collect();
    assert_eq!(titles, ["Another One", title, title]);
    let first = &found["scenes"][1];
    assert_eq!((said(&first["path"]), said(&first["chapter"])), ("1/1", "Forty-One Lamps"));
    assert_eq!(said(&first["hits"][0]["found"]), "Ottoline");

    let total = |arguments: &[&str]| {
        let mut all = vec!["find"];
        all.extend(arguments);
        anna.json(&all)["total"].as_u64().expect("a number")
    };
    assert_eq!(total(&["ottoline", "--novel", title]), 3);
    assert_eq!(total(&["ottoline", "--case"]), 0);
    assert_eq!(total(&["elan"]), 1);
    assert_eq!(total(&["elan", "--accents"]), 0);
    assert_eq!(total(&["home"]), 1, "a part of a word");
    assert_eq!(total(&["home", "--word"]), 0);
    assert_eq!(total(&["forty-first never"]), 1, "in a footnote");
    assert_eq!(total(&[r"^By the (\w+)", "--regex"]), 1);
    let shown = anna.ok(&["find", r"(\w+) ledgers", "--regex", "--with", "$1 books"]);
    assert!(shown.contains("[three ledgers → three books]"), "{shown}");
    assert_eq!(anna.ok(&["find", "zebra"]).trim(), "Not found.");
    let sentence = anna.fails(&["find", "(a", "--regex"]);
    assert!(sentence.contains("unclosed group"), "{sentence}");
}

#[test]
fn a_replacement_is_tried_done_in_part_and_whole_and_each_scene_knows_how_it_was() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    let tried = anna.json(&["replace", "Ottoline", "Odile", "--novel", title, "--dry-run"]);
    assert_eq!(tried["total"], 3);
    assert_eq!(tried["scenes"][0]["hits"][0]["becomes"], "Odile");
    written.unharmed();

    let hit = said(&tried["scenes"][1]["hits"][0]["id"]);
    let replaced = anna.json(&["replace", "Ottoline", "Odile", "--novel", title, "--hit", hit]);
    assert_eq!((&replaced["places"], &replaced["scenes"]), (&1.into(), &1.into()));
    assert!(anna.flat(title, "1/1").contains("Ottoline"), "that was not ticked");
    let again = anna.json(&["replace", "Ottoline", "Odile", "--novel", title, "--hit", hit]);
    assert_eq!((&again["places"], &again["left"]), (&0.into(), &1.into()));

    let text = anna.ok(&["replace", "ottoline", "Odile"]);
    assert!(text.starts_with("2 places in 1 scene replaced."), "{text}");
    assert_eq!(anna.json(&["find", "ottoline"])["total"], 0);
    for scene in ["1/1", "2/3"] {
        let history = anna.json(&["history", title, scene]);
        let before = |row: &&Value| row["kind"] == "before_replace";
        let version = list(&history).iter().find(before).expect("it is in the history");
        let version = said(&version["version"]);
        anna.ok(&["version", "restore", title, version, "--scene", scene]);
    }
    written.unharmed();
    assert!(anna.fails(&["replace", "a", "b\nc"]).contains("one line"));
}

#[test]
fn a_version_is_named_shown_compared_and_brought_back() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    let named = anna.json(&["version", "name", title, "First draft", "--scene", "3/1"]);
    assert_eq!((said(&named["kind"]), said(&named["name"])), ("named", "First draft"));
    let before = anna.flat(title, "3/1");
    let new = anna.file("new.md", "There is another way of holding a match.\n");
    anna.ok(&["scene", "replace", title, "3/1", "--file", &new]);

    let history = anna.json(&["history", title, "3/1"]);
    let kinds: Vec<_> = list(&history).iter().map(|row| said(&row["kind"])).collect();
    assert!(kinds.contains(&"automatic") && kinds.contains(&"named"), "{kinds:?}");
    let shown = anna.json(&["version", "show", title, "First draft", "--scene", "3/1"]);
    let runs = list(&shown["runs"]).iter().map(|run| said(&run["text"]));
    assert_eq!(runs.collect::<String>(), before);
    let text = anna.ok(&["version", "show", title, "First draft", "--scene", "3/1"]);
    assert!(text.starts_with("There is a way of holding a match"), "{text}");
    let diff = anna.ok(&["version", "diff", title, "First draft", "--scene", "3/1"]);
    assert!(diff.contains("[-a-]{+another+} way of holding a match"), "{diff}");
    // By what it is called and not by its number: within a second a named one stands above what was written after it.
    let newest = list(&history).iter().find(|row| row["kind"] == "automatic").expect("the newest");
    let newest = said(&newest["version"]);
    let diff = anna.json(&["version", "diff", title, "First draft", newest, "--scene", "3/1"]);
    assert!(diff["removed"].as_u64() > Some(30), "{diff}");

    anna.ok(&["version", "restore", title, "First draft", "--scene", "3/1"]);
    written.unharmed();
    anna.ok(&["version", "rename", title, "First draft", "Draft", "--scene", "3/1"]);
    anna.ok(&["version", "forget", title, "Draft", "--scene", "3/1"]);
    let sentence = anna.fails(&["version", "show", title, "Draft", "--scene", "3/1"]);
    assert!(sentence.contains("no version “Draft”"), "{sentence}");
    let now = anna.json(&["history", title, "3/1"]);
    let automatic = list(&now).iter().find(|row| row["kind"] == "automatic").expect("the newest");
    let version = said(&automatic["version"]);
    let automatic = anna.fails(&["version", "forget", title, version, "--scene", "3/1"]);
    assert!(automatic.contains("no name of its own"), "{automatic}");
}

#[test]
fn a_whole_novel_is_brought_back_with_its_order() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    assert_eq!(anna.ok(&["history", title]).trim(), "No version of this novel has a name.");
    anna.ok(&["version", "name", title, "As sent to Ada"]);
    anna.ok(&["trash", "put", title, "1"]);
    anna.ok(&["replace", "harbour", "haven", "--novel", title]);
    let outline = anna.json(&["version", "show", title, "As sent to Ada"]);
    assert_eq!(list(&outline).len(), 2, "two parts");
    let rows = anna.json(&["history", title]);
    assert_eq!(said(&rows[0]["name"]), "As sent to Ada");
    anna.ok(&["version", "restore", title, "1"]);
    written.unharmed();
    anna.ok(&["version", "rename", title, "As sent to Ada", "Sent"]);
    anna.ok(&["version", "forget", title, "Sent"]);
    assert!(anna.fails(&["version", "restore", title, "Sent"]).contains("no version"));
}

#[test]
fn what_is_in_the_trash_is_listed_and_comes_back() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    assert_eq!(anna.ok(&["trash", "list", title]).trim(), "The trash is empty.");
    anna.ok(&["trash", "put", title, "2/2"]);
    anna.ok(&["trash", "put", title, "3"]);
    let trash = anna.json(&["trash", "list", title]);
    let titles: Vec<_> = list(&trash).iter().map(|it| said(&it["node"]["title"])).collect();
    assert_eq!(titles, ["A Match in the Rain", ""], "what was put there last stands first");
    assert!(trash[0]["at"].as_u64() > Some(0));
    assert_eq!(anna.json(&["find", "Read me the last one"])["total"], 0);
    let scene = beginning(said(&trash[1]["node"]["scene"]));
    anna.ok(&["trash", "restore", title, &scene]);
    anna.ok(&["trash", "restore", title, "A Match in the Rain"]);
    written.unharmed();
    let sentence = anna.fails(&["trash", "restore", title, "A Match in the Rain"]);
    assert!(sentence.contains("nothing called"), "{sentence}");
    assert!(anna.fails(&["trash", "put", title, "9/9"]).contains("nothing called"));
}

#[test]
fn a_scene_is_split_put_together_again_and_copied() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    let flat = anna.flat(title, "2/3");
    let at = flat.chars().take_while(|c| *c != 'O').count();
    let made = anna.json(&["scene", "split", title, "2/3", &at.to_string()]);
    assert_eq!(made["path"], "2/4");
    assert!(anna.flat(title, "2/4").starts_with("\nOttoline counted"));
    let stays = anna.json(&["scene", "merge", title, "2/3"]);
    assert_eq!(stays["path"], "2/3");
    let joined = anna.flat(title, "2/3");
    assert_eq!(joined.split_whitespace().count(), flat.split_whitespace().count());
    assert!(
        anna.fails(&["scene", "merge", title, "2/3"]).contains("nothing"),
        "nothing follows it"
    );
    let copy = anna.json(&["scene", "duplicate", title, "3"]);
    assert_eq!(copy["path"], "4");
    assert_eq!(anna.flat(title, "4/1"), anna.flat(title, "3/1"));
    assert!(anna.fails(&["scene", "split", title, "1/1", "99999"]).contains("refused"));
}

#[test]
fn a_comment_is_made_settled_changed_and_removed() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    let here = |verb: &'static str| vec!["comment", verb, title, "1/1"];
    let with = |verb: &'static str, more: &[&str]| {
        let mut all: Vec<String> = here(verb).into_iter().map(str::to_owned).collect();
        all.extend(more.iter().map(|it| (*it).to_owned()));
        all
    };
    let json = |arguments: Vec<String>| {
        anna.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(anna.ok(&here("list")).trim(), "No comments.");
    let made = json(with("add", &["1", "7", "Who is nobody?"]));
    assert_eq!((said(&made["quote"]), said(&made["text"])), ("Nobody", "Who is nobody?"));
    let id = beginning(said(&made["id"]));
    json(with("edit", &[&id, "Odysseus?"]));
    json(with("resolve", &[&id]));
    let rows = json(with("list", &[]));
    assert_eq!((&rows[0]["text"], &rows[0]["resolved"]), (&"Odysseus?".into(), &true.into()));
    json(with("resolve", &[&id, "--again"]));
    assert_eq!(json(with("list", &[]))[0]["resolved"], false);
    json(with("remove", &[&id]));
    assert_eq!(json(with("list", &[])), Value::Array(Vec::new()));
    let gone = anna.fails(&["comment", "remove", title, "1/1", &id]);
    assert!(gone.contains("nothing was changed"), "{gone}");
    written.unharmed();
}

#[test]
fn a_backup_is_brought_back_where_there_is_nothing_and_where_something_is_missing() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    let file = anna.path("copy.seshat");
    anna.ok(&["backup", "--out", &file]);
    assert!(anna.fails(&["backup", "--out", &file]).contains("already"));
    let later = anna.file("later.md", "Written after the copy.\n");
    anna.ok(&["scene", "append", title, "1/1", "--file", &later]);

    let bare = Laptop::bare(written.room.path(), "cleo");
    let restored = bare.json(&["restore", &file]);
    assert_eq!((&restored["vault"], &restored["novels"]), (&true.into(), &1.into()));
    written.same_on(&bare);
    let other = Laptop::bare(written.room.path(), "dora");
    other.ok(&["restore", &file, "--kit", &anna.kit()]);
    written.same_on(&other);

    let mine = bare.file("mine.md", "Written by Cleo.\n");
    bare.ok(&["scene", "append", title, "3/1", "--file", &mine]);
    let from_bare = bare.path("of-cleo.seshat");
    bare.ok(&["backup", "--out", &from_bare]);
    let back = anna.json(&["restore", &from_bare]);
    assert_eq!(back["vault"], false);
    assert!(anna.flat(title, "3/1").ends_with("Written by Cleo."));
    assert!(anna.flat(title, "1/1").ends_with("Written after the copy."), "nothing here was lost");
    let _records = anna.sound();

    let nothing = anna.file("nothing.seshat", "no backup");
    let sentence = Laptop::bare(written.room.path(), "eve").fails(&["restore", &nothing]);
    assert!(sentence.contains("nothing"), "{sentence}");
}

#[test]
fn backups_in_the_folder_are_made_and_listed_and_a_readable_copy_needs_no_program() {
    let written = Written::new();
    let anna = &written.laptop;
    let status = anna.json(&["backup", "now"]);
    let newest = said(&status["backups"][0]["path"]);
    assert!(std::path::Path::new(newest).exists(), "{newest}");
    assert_eq!(anna.json(&["backup", "list"])["backups"][0]["path"], newest);

    let folder = anna.path("readable");
    let report = anna.json(&["backup", "--plain", &folder]);
    assert_eq!((&report["novels"], &report["problems"]), (&1.into(), &Value::Array(Vec::new())));
    let words = seshat_testkit::words_of(std::path::Path::new(&folder));
    assert!(words.iter().any(|word| word.contains("homesick")), "the text is not in it");
    assert!(anna.fails(&["backup", "--plain", &folder]).contains("already"));
    assert!(anna.fails(&["backup"]).contains("--out"));
}

#[test]
fn compaction_saves_room_and_changes_no_word() {
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    for number in 0..12 {
        let more = anna.file("more.md", format!("Line {number} of the evening.\n"));
        anna.ok(&["scene", "append", title, "1/1", "--file", &more]);
    }
    let before = anna.exported(title, "before-compaction");
    let records = anna.sound();
    let report = anna.json(&["compact", "--all"]);
    assert!(report["documents"].as_u64() >= Some(1), "{report}");
    assert!(report["removed"].as_u64() >= Some(12), "{report}");
    assert!(anna.sound() < records);
    same_files(&before, &anna.exported(title, "after-compaction"));
    assert_eq!(anna.json(&["find", "of the evening"])["total"], 12);
}

#[test]
fn what_two_laptops_wrote_is_listed_after_it_came_together() {
    let room = room();
    let server = Server::start(room.path(), "server");
    let written = Written::new();
    let anna = &written.laptop;
    let title = written.novel.title;
    anna.create_account(&server.url(), EMAIL);
    let _up = anna.sync();
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    let _down = ben.sync();
    for (laptop, text) in [(anna, "Anna was here.\n"), (&ben, "Ben was here twice.\n")] {
        let more = laptop.file("more.md", text);
        laptop.ok(&["scene", "append", title, "3/1", "--file", &more]);
        let _both = laptop.sync();
    }
    let merges = ben.json(&["merges", title]);
    let rows: Vec<_> = list(&merges).iter().flat_map(|it| list(&it["scenes"])).collect();
    let row = rows.iter().find(|row| row["path"] == "3/1").expect("it is listed");
    assert_eq!(row["added"], 3, "{row}");
    assert!(ben.ok(&["merges", title, "--dismiss"]).contains("+3 −0 words from"));
    assert_eq!(ben.ok(&["merges", title]).trim(), "Nothing was merged.");
}
