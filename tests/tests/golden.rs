//! A laptop as an earlier release left it opens with this one, by password, by passphrase and by kit.

use std::fs;
use std::path::Path;

use seshat_testkit::Laptop;
use seshat_tests::room;

const PASSWORD: &str = "orchid thimble borrowed canoe";
const PASSPHRASE: &str = "a quiet door behind the mill";

#[test]
fn the_database_of_version_2_opens_with_everything_in_it() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/laptop-v2");
    let room = room();
    let laptop = Laptop::bare(room.path(), "golden");
    fs::create_dir_all(&laptop.home).expect("a folder can be made");
    fs::copy(golden.join("seshat.db"), laptop.home.join("seshat.db")).expect("it can be copied");
    laptop.set_password(PASSWORD);
    assert_eq!(laptop.sound(), 4);
    let shown = laptop.ok(&["scene", "show", "The Lamp at Wend", "1/1"]);
    assert_eq!(
        shown,
        "The ferryman lit the lamp at *dusk*, and nobody came.\n\nHe waited — as he had promised.\n"
    );
    let passphrase = laptop.file("passphrase", format!("{PASSPHRASE}\n"));
    let closed = ["scene", "show", "Behind Two Doors", "1/1", "--passphrase-file", &passphrase];
    assert_eq!(laptop.ok(&closed), "Personne ne savait.\n");

    let new = laptop.file("new", "nine otters underneath the old bridge\n");
    let kit = golden.join("kit.txt").display().to_string();
    laptop.ok(&["recover", "--kit", &kit, "--new-password-file", &new]);
    laptop.set_password("nine otters underneath the old bridge");
    let list = laptop.json(&["novel", "list"]);
    let locked = list.as_array().expect("a list").iter().find(|it| it["lock"] == "locked");
    let id = locked.expect("one is closed")["id"].as_str().expect("an id").to_owned();
    laptop.ok(&["novel", "unlock", &id, "--kit", &kit]);
    assert!(laptop.ok(&["novel", "list"]).contains("Behind Two Doors"));
}
