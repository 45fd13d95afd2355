//! Passwords and kits.

use std::fs;

use seshat_testkit::{Laptop, assert_sentence};
use seshat_tests::Written;

const NEW_PASSWORD: &str = "nine otters underneath the old bridge\n";

#[test]
fn a_wrong_password_opens_nothing_and_changes_nothing() {
    let written = Written::new();
    let laptop = &written.laptop;
    let before = fs::read(laptop.home.join("seshat.db")).expect("it is there");
    for wrong in ["seven herons over the frozen mil", "Seven herons over the frozen mill", "x"] {
        laptop.set_password(wrong);
        let sentence = laptop.fails(&["novel", "list"]);
        assert!(sentence.contains("does not open the vault"), "{sentence}");
    }
    let new = laptop.file("new", NEW_PASSWORD);
    let _sentence = laptop.fails(&["password", "change", "--new-password-file", &new]);
    let after = fs::read(laptop.home.join("seshat.db")).expect("it is there");
    assert!(before == after, "a wrong password changed the database");
    laptop.set_password(seshat_testkit::PASSWORD);
    written.unharmed();
}

#[test]
fn a_password_file_that_is_missing_empty_or_no_text_is_named() {
    let written = Written::new();
    let laptop = &written.laptop;
    laptop.set_password("");
    assert!(laptop.fails(&["novel", "list"]).contains("empty"));
    let _path = laptop.file("password", [0xFF, 0xFE, b'x']);
    assert!(laptop.fails(&["novel", "list"]).contains("UTF-8"));
    fs::remove_file(laptop.path("password")).expect("it is there");
    assert!(laptop.fails(&["novel", "list"]).contains("cannot be read"));
    laptop.set_password(seshat_testkit::PASSWORD);
    written.unharmed();
}

#[test]
fn a_new_password_that_is_easy_to_guess_is_refused_and_the_old_one_stays() {
    let written = Written::new();
    let laptop = &written.laptop;
    for weak in ["password1\n", "qwertyuiop\n", "seshat\n"] {
        let new = laptop.file("new", weak);
        let change = ["password", "change", "--new-password-file", &new];
        assert!(laptop.fails(&change).contains("too easy to guess"));
    }
    let bare = Laptop::bare(written.room.path(), "bare");
    bare.set_password("letmein");
    assert!(bare.fails(&["init", "--kit", &bare.kit()]).contains("too easy to guess"));
    assert!(!fs::exists(bare.kit()).expect("it can be asked"), "a refused vault leaves no kit");
    written.unharmed();
}

#[test]
fn without_a_terminal_and_a_password_file_nothing_is_asked() {
    let written = Written::new();
    let mut command = std::process::Command::new(seshat_testkit::program("seshat"));
    command.arg("--home").arg(&written.laptop.home).args(["novel", "list"]);
    let ran = seshat_testkit::Running::start(&mut command).wait();
    assert!(!ran.status.success());
    assert_sentence(&ran.stderr);
    written.unharmed();
}

#[test]
fn a_kit_that_is_missing_or_altered_is_refused_and_the_old_password_stays() {
    let written = Written::new();
    let laptop = &written.laptop;
    let kit = fs::read_to_string(laptop.kit()).expect("init wrote it");
    let new = laptop.file("new", NEW_PASSWORD);
    let missing = laptop.path("no-kit");
    let sentence = laptop.fails(&["recover", "--kit", &missing, "--new-password-file", &new]);
    assert!(sentence.contains("cannot be read"), "{sentence}");
    let line = |number: &str| {
        let (_, behind) = kit.split_once(number).expect("24 words are numbered");
        behind.split_whitespace().next().expect("a word follows").to_owned()
    };
    let (first, second) = (line(" 1. "), line(" 2. "));
    let swapped = kit
        .replacen(&format!(" 1. {first}"), " 1. @@", 1)
        .replacen(&format!(" 2. {second}"), &format!(" 2. {first}"), 1)
        .replacen("@@", &second, 1);
    let altered: [(&str, Vec<u8>); 7] = [
        ("empty", Vec::new()),
        ("another text", b"Dear Aunt, the work is simple.\n".to_vec()),
        ("two words swapped", swapped.into_bytes()),
        (
            "a letter less",
            kit.replacen(&first, first.trim_start_matches(first.chars().next().unwrap_or('a')), 1)
                .into_bytes(),
        ),
        ("a word that is none", kit.replacen(&first, "lamplighter", 1).into_bytes()),
        ("half", kit.as_bytes()[..kit.len() / 2].to_vec()),
        ("no text", vec![0xFF; 200]),
    ];
    for (what, content) in altered {
        let changed = laptop.file("altered-kit", content);
        if what == "two words swapped" && first == second {
            continue;
        }
        let ran = laptop.run(&["recover", "--kit", &changed, "--new-password-file", &new]);
        assert!(!ran.status.success(), "a kit was accepted that is: {what}");
        assert_sentence(&ran.stderr);
    }
    written.unharmed();
}

#[test]
fn the_kit_of_another_vault_is_refused() {
    let written = Written::new();
    let other = Laptop::new(written.room.path(), "other");
    let new = written.laptop.file("new", NEW_PASSWORD);
    let arguments = ["recover", "--kit", &other.kit(), "--new-password-file", &new];
    let sentence = written.laptop.fails(&arguments);
    assert!(sentence.contains("another vault"), "{sentence}");
    written.unharmed();
}

#[test]
fn neither_a_vault_nor_a_kit_is_ever_written_over() {
    let written = Written::new();
    let laptop = &written.laptop;
    let kit = fs::read(laptop.kit()).expect("init wrote it");
    assert!(laptop.fails(&["init", "--kit", &laptop.path("second")]).contains("already"));
    assert!(!fs::exists(laptop.path("second")).expect("it can be asked"));
    let bare = Laptop::bare(written.room.path(), "bare");
    assert!(bare.fails(&["init", "--kit", &laptop.kit()]).contains("already"));
    assert_eq!(bare.json(&["status"])["vault"], "absent");
    assert_eq!(fs::read(laptop.kit()).expect("it is there"), kit);
    written.unharmed();
}
