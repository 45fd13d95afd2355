//! Exports on the command line: every kind, some of a novel, pages by the real press, and whose copy a file is.

use std::fs;
use std::path::Path;

use serde_json::Value;
use seshat_testkit::{Canary, Laptop, files_below};
use seshat_tests::{Written, room};

/// Each kind with how its files are called; none for a folder.
const KINDS: [(&str, &str); 13] = [
    ("epub", ".epub"),
    ("docx", ".docx"),
    ("manuscript", ".docx"),
    ("odt", ".odt"),
    ("html", ".html"),
    ("html-folder", ""),
    ("md", ""),
    ("markdown", ".md"),
    ("pandoc", ".md"),
    ("txt", ".txt"),
    ("csv", ".csv"),
    ("opml", ".opml"),
    ("pdf", ".pdf"),
];

/// Names that stand in registers and presets and must stand nowhere else.
const RECIPIENT: &str = "Wilhelmina Featherstonehaugh-Quince";

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Long enough that a copy of it carries whole marks.
fn long_text(laptop: &Laptop, title: &str) {
    let line = "It rained, and it rained; then it stopped, and nobody said a word. ".repeat(120);
    let text = laptop.file("more.md", format!("{line}\n"));
    laptop.ok(&["scene", "append", title, "1/1", "--file", &text]);
}

#[test]
fn a_novel_is_exported_as_every_kind_and_its_words_are_in_all_of_them() {
    let written = Written::new();
    let (laptop, title) = (&written.laptop, written.novel.title);
    let words = laptop.json(&["novel", "outline", title])["novel"]["words"].clone();
    for (kind, ending) in KINDS {
        let out = laptop.path(&format!("{kind}{ending}"));
        let done = laptop.json(&["export", title, "--to", kind, "--out", &out]);
        assert_eq!((&done["words"], &done["copy"]), (&words, &Value::Null), "{kind}");
        assert_eq!(Path::new(&out).is_dir(), ending.is_empty(), "{kind}");
        let grave = list(&done["findings"]).iter().filter(|it| it["grave"] == true).count();
        assert_eq!(grave, 0, "{kind}: {done}");
        assert_eq!(done["pages"].as_u64().is_some_and(|pages| pages > 0), kind == "pdf", "{kind}");
    }
    assert!(fs::read(laptop.path("pdf.pdf")).expect("it is there").starts_with(b"%PDF-"));
    assert!(fs::read(laptop.path("epub.epub")).expect("it is there").starts_with(b"PK"));
    let sentence =
        laptop.fails(&["export", title, "--to", "epub", "--out", &laptop.path("epub.epub")]);
    assert!(sentence.contains("already something"), "{sentence}");
    written.unharmed();
}

#[test]
fn some_chapters_a_part_and_a_preset_are_exported_by_their_names() {
    let written = Written::new();
    let (laptop, title) = (&written.laptop, written.novel.title);
    let outline = laptop.json(&["novel", "outline", title]);
    let export = |name: &str, what: &[&str]| {
        let out = laptop.path(name);
        let mut arguments = vec!["export", title, "--out", &out];
        arguments.extend(what);
        laptop.json(&arguments)
    };
    let part = &list(&outline["nodes"]).iter().find(|row| row["kind"] == "part");
    let part = part.expect("the novel has a part");
    let done = export("part", &["--to", "txt", "--part", "1"]);
    assert_eq!(done["words"], part["words"]);
    let done = export("chapters", &["--to", "txt", "--chapters", "2-2"]);
    assert_eq!(done["chapters"], 1);
    let presets = laptop.json(&["presets", title]);
    let names: Vec<_> = list(&presets).iter().map(|preset| preset["name"].clone()).collect();
    assert_eq!(names, ["Manuscript", "E-book", "Print", "Word", "Plain"]);
    let listed = laptop.ok(&["presets", title]);
    assert!(listed.contains("builtin-ebook") && listed.contains("manuscript"), "{listed}");
    let done = export("book.epub", &["--preset", "e-book"]);
    assert_eq!(done["words"], outline["novel"]["words"]);
    for (wrong, said) in [
        (&["--preset", "Nothing"][..], "no preset"),
        (&["--to", "txt", "--part", "9"], "no part 9"),
        (&["--to", "txt", "--chapters", "2-99"], "chapters in this novel"),
        (&["--to", "csv", "--for", "Anybody"], "cannot say for whom"),
    ] {
        let out = laptop.path("none");
        let mut arguments = vec!["export", title, "--out", &out];
        arguments.extend(wrong);
        let sentence = laptop.fails(&arguments);
        assert!(sentence.contains(said), "{wrong:?}: {sentence}");
    }
    written.unharmed();
}

#[test]
fn a_copy_names_its_recipient_and_no_file_of_the_vault_does() {
    let written = Written::new();
    let (laptop, title) = (&written.laptop, written.novel.title);
    long_text(laptop, title);
    let mut ids = Vec::new();
    for (kind, ending) in [("epub", ".epub"), ("docx", ".docx"), ("txt", ".txt")] {
        let out = laptop.path(&format!("copy{ending}"));
        let arguments = ["export", title, "--to", kind, "--out", &out, "--for", RECIPIENT];
        let done = laptop.json(&arguments);
        ids.push(done["copy"].as_str().expect("it is in the register").to_owned());
        let found = laptop.json(&["export", "--identify", &out]);
        assert_eq!((found[0]["id"].as_str(), list(&found).len()), (ids.last().map(|id| &**id), 1));
        assert_eq!(found[0]["recipient"], RECIPIENT);
        let said = laptop.ok(&["export", "--identify", &out]);
        assert!(said.contains(RECIPIENT) && said.contains(title), "{said}");
    }
    let copies = laptop.json(&["copies", title]);
    assert_eq!(list(&copies).len(), 3);
    assert!(laptop.ok(&["copies", title]).contains(&ids[0]));

    // An editor sends a page of it back as a message.
    let whole = fs::read_to_string(laptop.path("copy.txt")).expect("it is there");
    let from = whole.find("It rained").expect("the text is in it");
    let page: String = whole.get(from..).unwrap_or_default().chars().take(4_000).collect();
    let found = laptop.json(&["export", "--identify", &laptop.file("page.txt", page)]);
    assert_eq!(found[0]["id"].as_str(), Some(&*ids[2]));

    let other = room();
    let stranger = Laptop::new(other.path(), "stranger");
    let unknown = stranger.run(&["export", "--identify", &laptop.path("copy.epub")]);
    assert!(!unknown.status.success());
    assert!(unknown.stdout.contains("in no register") && unknown.stdout.contains(&ids[0]));
    let nobodys = laptop.file("nobodys.txt", "Nobody marked this.\n");
    assert!(!laptop.run(&["export", "--identify", &nobodys]).status.success());

    let canary = Canary::new(RECIPIENT);
    for (name, content) in files_below(&laptop.home) {
        assert!(canary.find(&content).is_none(), "in {}", name.display());
    }
    let plain = laptop.file("home/planted", RECIPIENT);
    assert!(canary.find(&fs::read(plain).expect("it was written")).is_some());
    assert!(laptop.sound() > 0);
}
