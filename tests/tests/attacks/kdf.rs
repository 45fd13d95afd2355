//! Rows 4, 5 and 30: what a server may say about the key derivation.

use std::fs;
use std::sync::{Arc, Mutex};

use seshat_testkit::{Laptop, PASSWORD, Ran, assert_failed};
use seshat_vault::{KdfParams, Kit, Password, Secret, UnlockError, vault};

use crate::stage::Stage;

/// Joins with a server that names these parameters; gives what the laptop said and whether it sent an answer.
fn joining_at(stage: &Stage, name: &str, memory: u64, passes: u64, lanes: u64) -> (Ran, bool) {
    let answered = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&answered);
    stage.evil.act(move |asked, forward| {
        if asked.is("POST", "/v1/sign-in") {
            *seen.lock().expect("nobody panics here") = true;
        }
        let answer = forward(asked);
        if !asked.is("POST", "/v1/sign-in/challenge") {
            return answer;
        }
        answer.altered(|challenge| {
            challenge["kdf"]["memory_kib"] = memory.into();
            challenge["kdf"]["passes"] = passes.into();
            challenge["kdf"]["lanes"] = lanes.into();
        })
    });
    let laptop = stage.bare(name);
    let arguments = stage.join_arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = laptop.run(&arguments);
    stage.evil.behave();
    let sent = *answered.lock().expect("nobody panics here");
    (ran, sent)
}

#[test]
fn attack_04_kdf_downgrade() {
    let stage = Stage::set();
    let floor = u64::from(KdfParams::FLOOR.memory_kib);
    for (number, (memory, passes, lanes)) in
        [(8, 1, 1), (floor - 1, 3, 4), (floor, 2, 4), (floor, 3, 3)].into_iter().enumerate()
    {
        let (ran, sent) = joining_at(&stage, &format!("new{number}"), memory, passes, lanes);
        let sentence = assert_failed(&["account", "join"], &ran);
        assert!(sentence.contains("refuses"), "{sentence}");
        assert!(!sent, "something was derived and sent for {memory} KiB, {passes}, {lanes}");
    }
    // One less than what this laptop has pinned, in its own database.
    let laptop = &stage.anna.laptop;
    let path = laptop.home.join("seshat.db");
    let mut database = fs::read(&path).expect("it is there");
    let label = b"\0\0\0\x08argon2id\0\0\0\x04";
    let places: Vec<usize> = (0..database.len() - 32)
        .filter(|at| database[*at..].starts_with(label))
        .map(|at| at + label.len())
        .collect();
    assert!(!places.is_empty(), "the parameters are in the database");
    for at in places {
        let memory = u32::from_be_bytes(database[at..at + 4].try_into().expect("four bytes"));
        assert!(memory >= KdfParams::FLOOR.memory_kib, "{memory} KiB");
        database[at..at + 4].copy_from_slice(&(memory - 1).to_be_bytes());
    }
    let honest = fs::read(&path).expect("it is there");
    fs::write(&path, &database).expect("it can be written");
    let sentence = laptop.fails(&["novel", "list"]);
    assert!(sentence.contains("refuses"), "{sentence}");
    fs::write(&path, honest).expect("it can be written");
    stage.anna.unharmed();
}

#[test]
fn attack_05_kdf_inflation() {
    let stage = Stage::set();
    for (number, (memory, passes, lanes)) in [
        (16 * 1024 * 1024, 3, 4),
        (65_536, 1_000_000, 4),
        (65_536, 3, 0x00FF_FFFF),
        (u64::from(u32::MAX), 3, 4),
    ]
    .into_iter()
    .enumerate()
    {
        let (ran, sent) = joining_at(&stage, &format!("new{number}"), memory, passes, lanes);
        let sentence = assert_failed(&["account", "join"], &ran);
        // The same memory asked for and not given would say so; this says that it was not asked for.
        assert!(sentence.contains("refuses"), "{sentence}");
        assert!(!sent, "something was derived and sent for {memory} KiB, {passes}, {lanes}");
    }
    stage.anna.unharmed();
}

#[test]
fn attack_30_stolen_server_database_with_the_right_password() {
    let stage = Stage::set();
    let careful = stage.bare("careful");
    careful.ok(&["init", "--account-code", "--kit", &careful.kit()]);
    careful.create_account(&stage.evil.url(), "careful@example.org");
    let _synced = careful.sync();
    let blob = stage.stolen_vault();
    let about = vault::describe(&blob).expect("it is a vault");
    assert!(about.account_code, "the account code is in use");
    let password = Password::new(PASSWORD.to_owned());
    let none = Secret::Password { password: &password, code: None };
    assert_eq!(vault::unlock(&blob, none, None).err(), Some(UnlockError::CodeNeeded));
    let other = stage.bare("other");
    other.ok(&["init", "--account-code", "--kit", &other.kit()]);
    let guessed = kit_of(&other).code.expect("a code");
    let wrong = Secret::Password { password: &password, code: Some(&guessed) };
    assert_eq!(vault::unlock(&blob, wrong, None).err(), Some(UnlockError::WrongSecret));
    let kit = kit_of(&careful);
    let right = Secret::Password { password: &password, code: kit.code.as_ref() };
    assert!(
        vault::unlock(&blob, right, None).is_ok(),
        "it is the right password and the right vault"
    );

    // Without a code every guess is one derivation at the blob's parameters, and easy passwords were refused.
    assert_eq!(about.kdf.check(Some(KdfParams::FLOOR)), Ok(()));
    let bare = stage.bare("bare");
    bare.set_password("herons1");
    assert!(bare.fails(&["init", "--kit", &bare.kit()]).contains("too easy to guess"));
}

fn kit_of(laptop: &Laptop) -> Kit {
    let text = fs::read_to_string(laptop.kit()).expect("init wrote it");
    seshat_vault::kit::parse(&text).expect("a kit")
}
