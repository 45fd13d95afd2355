//! Files to import that cannot be read, are no text, or are far too long, and places to export to that will not do.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

use seshat_tests::Written;

/// Imports what is at `path`, which must be refused.
fn refused(written: &Written, path: &str) -> String {
    let sentence = written.laptop.fails(&["import", path]);
    assert!(sentence.to_lowercase().contains("nothing was imported"), "{sentence}");
    sentence
}

#[test]
fn a_file_that_is_not_there_or_cannot_be_read_is_named() {
    let written = Written::new();
    let laptop = &written.laptop;
    assert!(refused(&written, &laptop.path("nowhere.md")).contains("nowhere.md"));

    symlink(laptop.path("gone.md"), laptop.path("dangling.md")).expect("a link can be made");
    assert!(refused(&written, &laptop.path("dangling.md")).contains("dangling.md"));

    let closed = laptop.file("closed.md", "# Closed\n\nText.\n");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("modes can be set");
    if fs::read(&closed).is_err() {
        assert!(refused(&written, &closed).contains("closed.md"));
    }

    // Nobody, not even root, reads a folder as if it were a chapter.
    let folder = laptop.path("folder");
    fs::create_dir_all(format!("{folder}/0001.md")).expect("folders can be made");
    let _sentence = refused(&written, &folder);
    written.unharmed();
}

#[test]
fn a_picture_is_no_text_and_what_is_put_into_a_scene_has_to_be_utf_8() {
    let written = Written::new();
    let laptop = &written.laptop;
    let latin = laptop.file("latin.txt", b"Caf\xE9 au lait.\n");
    let picture = laptop.file("picture.md", [0x89, b'P', b'N', b'G', 0, 1, 2, 0xFF]);
    let _sentence = refused(&written, &picture);

    let title = written.novel.title;
    for command in ["append", "replace"] {
        let sentence = laptop.fails(&["scene", command, title, "1/1", "--file", &latin]);
        assert!(sentence.contains("UTF-8"), "{sentence}");
    }
    let sentence = laptop.fails(&["scene", "edit", title, "1/1", "--ops", &latin]);
    assert!(sentence.contains("UTF-8"), "{sentence}");
    written.unharmed();
}

#[test]
fn a_folder_without_text_is_refused() {
    let written = Written::new();
    let laptop = &written.laptop;
    let folder = laptop.path("empty");
    fs::create_dir(&folder).expect("a folder can be made");
    assert!(refused(&written, &folder).contains("empty"));
    fs::write(format!("{folder}/notes.pdf"), "%PDF").expect("it can be written");
    let _sentence = refused(&written, &folder);
    let _sentence = refused(&written, &laptop.file("empty.md", ""));
    let _sentence = refused(&written, &laptop.file("blank.txt", " \n\n"));
    let _sentence = refused(&written, &laptop.file("novel.docx", "PK"));
    written.unharmed();
}

#[test]
fn a_description_of_a_book_that_is_broken_is_refused() {
    let written = Written::new();
    let folder = &written.novel.folder;
    let book = fs::read_to_string(folder.join("book.json")).expect("it is there");
    let path = seshat_tests::text(folder);
    for broken in [
        "{",
        "[]",
        "{\"parts\": 7}",
        &book.replace("0002.md", "0009.md"),
        &book.replace("0002.md", "../../../etc/hostname"),
    ] {
        fs::write(folder.join("book.json"), broken).expect("it can be written");
        let _sentence = refused(&written, &path);
    }
    written.unharmed();
}

#[test]
fn a_text_of_fifty_megabytes_is_refused_at_once_and_not_read_into_memory() {
    let written = Written::new();
    let path = written.laptop.path("long.txt");
    let mut file = File::create(&path).expect("it can be made");
    let page =
        "A sentence that goes on and on and never says anything new at all.\n\n".repeat(1_000);
    for _ in 0..50_000_000 / page.len() + 1 {
        file.write_all(page.as_bytes()).expect("there is room");
    }
    drop(file);
    let sentence = refused(&written, &path);
    assert!(sentence.contains("50 MB") || sentence.contains("16 MiB"), "{sentence}");

    let title = written.novel.title;
    for arguments in [
        ["scene", "append", title, "1/1", "--file", &path],
        ["scene", "edit", title, "1/1", "--ops", &path],
    ] {
        let _sentence = written.laptop.fails(&arguments);
    }
    written.unharmed();
}

#[test]
fn an_export_never_takes_the_place_of_anything() {
    let written = Written::new();
    let laptop = &written.laptop;
    let title = written.novel.title;
    let there = laptop.file("there", "My only copy.\n");
    for format in ["md", "txt"] {
        let sentence = laptop.fails(&["export", title, "--to", format, "--out", &there]);
        assert!(sentence.contains("already"), "{sentence}");
        let nowhere = laptop.path("no/such/folder/out");
        let _sentence = laptop.fails(&["export", title, "--to", format, "--out", &nowhere]);
    }
    assert_eq!(fs::read_to_string(&there).expect("it is there"), "My only copy.\n");
    written.unharmed();
}

#[test]
fn operations_that_do_not_fit_are_refused_whole() {
    let written = Written::new();
    let laptop = &written.laptop;
    let good = "[\"ins\",1,\"Never to be seen. \"]\n";
    let wrong = [
        "[\"ins\",1",
        "[\"ins\",999999,\"far\"]",
        "[\"ins\",0,\"before the first paragraph\"]",
        "[\"del\",0,1]",
        "[\"del\",5,999999]",
        "[\"cut\",1,2]",
        "[\"ins\",-1,\"x\"]",
        "[\"mark\",1,2,\"blink\",true]",
        "[\"block\",3,\"sidebar\"]",
        "{}",
    ];
    for line in wrong {
        let ops = laptop.file("ops", format!("{good}{line}\n"));
        let _sentence = laptop.fails(&["scene", "edit", written.novel.title, "1/1", "--ops", &ops]);
    }
    for (novel, scene) in [
        ("No Such Novel", "1/1"),
        (written.novel.title, "9/9"),
        ("", ""),
        (written.novel.title, ""),
    ] {
        let _sentence = laptop.fails(&["scene", "show", novel, scene]);
    }
    written.unharmed();
}
