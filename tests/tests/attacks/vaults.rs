//! Rows 1, 2, 14, 22 to 24 and 38: what a server, a thief or a second laptop can do with vaults.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::json;
use seshat_testkit::{Answered, Laptop, PASSWORD, Random, assert_failed, decoded, encoded, seed};
use seshat_tests::EMAIL;
use seshat_vault::{Password, RecoveryPhrase, Secret, UnlockError, vault};

use crate::stage::{Stage, alarmed, held, sync_somehow};

const NEW_PASSWORD: &str = "nine otters underneath the old bridge";
const OTHER_PASSWORD: &str = "eleven lanterns beside a quiet lock";

fn phrase_of(kit: &str) -> RecoveryPhrase {
    let text = fs::read_to_string(kit).expect("the kit was written");
    seshat_vault::kit::parse(&text).expect("it is a kit").phrase
}

#[test]
fn attack_01_malleable_key_blobs() {
    let stage = Stage::set();
    let blob = stage.stolen_vault();
    let phrase = phrase_of(&stage.anna.laptop.kit());
    let opened = vault::unlock(&blob, Secret::Recovery(&phrase), None).expect("the kit opens it");
    let mut tried = 0_u32;
    for byte in 0..blob.len() {
        for bit in 0..8 {
            let mut altered = blob.clone();
            altered[byte] ^= 1 << bit;
            let by_phrase = vault::unlock(&altered, Secret::Recovery(&phrase), None);
            assert!(by_phrase.is_err(), "bit {bit} of byte {byte} does not matter to the phrase");
            assert!(opened.reopen(&altered, None).is_err(), "bit {bit} of byte {byte}, vault key");
            tried += 1;
        }
    }
    assert_eq!(usize::try_from(tried), Ok(blob.len() * 8));
}

#[test]
fn attack_01_ten_thousand_altered_bits_on_the_wire() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    twenty_changes(&stage);
    let _up = stage.anna.laptop.sync();
    let _down = ben.sync();
    let before = (ben.flat(stage.anna.novel.title, "1/1"), ben.sound());
    let (flipped, round) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (counted, named) = (Arc::clone(&flipped), Arc::clone(&round));
    let mut random = Random::new(seed());
    // The server claims another history each time, so that everything is fetched again, and alters every record.
    stage.evil.act(move |asked, forward| {
        let answer = forward(asked);
        if !asked.target.starts_with("/v1/changes") && !asked.target.starts_with("/v1/records")
            || answer.status != 200
        {
            return answer;
        }
        answer.altered(|page| {
            page["epoch"] = format!("history {}", named.load(Ordering::Relaxed)).into();
            for changed in page["records"].as_array_mut().into_iter().flatten() {
                let record = &mut changed["record"];
                let field = ["header", "body", "signature", "previous"][random.below(4)];
                let mut bytes = decoded(&record[field]);
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
                record[field] = encoded(&bytes);
                counted.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    install_tls();
    let desk = seshat_app::Desk::at(ben.home.clone(), "ben".to_owned());
    desk.unlock(PASSWORD.to_owned()).expect("the password opens it");
    for number in 0..2_000 {
        if flipped.load(Ordering::Relaxed) >= 10_000 {
            break;
        }
        round.store(number + 1, Ordering::Relaxed);
        // Whatever it says, it must not believe any of it.
        let _said = desk.sync().is_ok();
    }
    desk.close();
    stage.evil.behave();
    assert!(flipped.load(Ordering::Relaxed) >= 10_000, "{flipped:?} bits were altered");
    assert_eq!(ben.flat(stage.anna.novel.title, "1/1"), before.0, "an altered record was believed");
    let _synced = sync_somehow(&ben);
    assert_eq!(
        ben.flat(stage.anna.novel.title, "1/1"),
        stage.anna.laptop.flat(stage.anna.novel.title, "1/1")
    );
}

/// Each a record of its own.
fn twenty_changes(stage: &Stage) {
    for number in 0..20 {
        let ops = stage.anna.laptop.file("ops", format!("[\"ins\",1,\"{number} \"]\n"));
        stage.anna.laptop.ok(&["scene", "edit", stage.anna.novel.title, "1/1", "--ops", &ops]);
    }
}

fn install_tls() {
    // Tests of one process share it; the second one is told so.
    let _first = rustls::crypto::ring::default_provider().install_default().is_ok();
}

#[test]
fn attack_02_error_oracle() {
    let stage = Stage::set();
    let whole = stage.stolen_vault();
    let third = whole.len() / 3;
    // Slots, body, MAC; one bit, many, cut short.
    let corruptions: Vec<Vec<u8>> = [64, third, 2 * third, whole.len() - 40, whole.len() - 1]
        .into_iter()
        .map(|at| {
            let mut altered = whole.clone();
            altered[at] ^= 0x40;
            altered
        })
        .chain([whole[..whole.len() - 7].to_vec(), {
            let mut altered = whole.clone();
            altered[third..2 * third].reverse();
            altered
        }])
        .collect();
    let mut said = Vec::new();
    for (number, corrupt) in corruptions.into_iter().enumerate() {
        let _before = stage.evil.passed();
        stage.evil.act(move |asked, forward| {
            let answer = forward(asked);
            if asked.is("GET", "/v1/vault") && answer.status == 200 {
                return answer.altered(|reply| reply["vault"] = encoded(&corrupt));
            }
            answer
        });
        let laptop = stage.anna.laptop.copy(stage.anna.room.path(), &format!("copy{number}"));
        let first = sync_somehow(&laptop);
        let paths: Vec<String> = stage
            .evil
            .passed()
            .iter()
            .map(|(asked, _)| {
                format!("{} {}", asked.method, asked.target.split('?').next().unwrap_or(""))
            })
            .collect();
        said.push((first, paths));
        stage.evil.behave();
    }
    for it in &said {
        assert_eq!(it, &said[0], "a corruption is told apart by words or by requests");
    }
    let _records = held(&stage.anna.laptop);
}

#[test]
fn attack_14_server_replaces_the_vault() {
    let stage = Stage::set();
    let stranger = stage.bare("stranger");
    stranger.ok(&["init", "--kit", &stranger.kit()]);
    let _before = stage.evil.passed();
    stranger.create_account(&stage.evil.url(), "stranger@example.org");
    let foreign = stage.stolen_vault();
    stage.write(&stage.anna.laptop, "Only for Anna's own server.");
    let _before = stage.evil.passed();
    stage.evil.act(move |asked, forward| {
        if asked.is("GET", "/v1/vault") {
            return Answered::of(
                200,
                &json!({ "revision": "f0".repeat(16), "vault": encoded(&foreign) }),
            );
        }
        forward(asked)
    });
    let said = sync_somehow(&stage.anna.laptop);
    assert!(said.contains("not this one"), "{said}");
    alarmed(&stage.anna.laptop, "other_vault");
    let sent = stage.evil.passed();
    assert!(
        sent.iter().all(|(asked, _)| asked.method == "GET"),
        "something was sent to a server that shows another vault"
    );
    // A new laptop: the password is right for neither, and no vault comes of it.
    let new = stage.bare("new");
    let arguments = stage.join_arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let _sentence = assert_failed(&arguments, &new.run(&arguments));
    assert_eq!(new.json(&["status"])["vault"], "absent");
    stage.evil.behave();
    let (up, _) = stage.anna.laptop.sync();
    assert!(up > 0, "it goes to the right one");
    let _records = held(&stage.anna.laptop);
}

#[test]
fn attack_22_two_device_password_race() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    let anna = &stage.anna.laptop;
    for (laptop, password) in [(anna, NEW_PASSWORD), (&ben, OTHER_PASSWORD)] {
        let new = laptop.file("new", format!("{password}\n"));
        laptop.ok(&["password", "change", "--new-password-file", &new]);
        laptop.set_password(password);
    }
    // Both at the same moment, then until it is quiet.
    thread::scope(|scope| {
        scope.spawn(|| sync_somehow(anna));
        scope.spawn(|| sync_somehow(&ben));
    });
    let mut told = String::new();
    for _ in 0..2 {
        for laptop in [anna, &ben] {
            for password in [NEW_PASSWORD, OTHER_PASSWORD] {
                laptop.set_password(password);
                let ran = laptop.run(&["sync"]);
                told.push_str(&ran.stdout);
            }
        }
    }
    let opens = |laptop: &Laptop, password: &str| {
        laptop.set_password(password);
        laptop.run(&["novel", "list"]).status.success()
    };
    let found: Vec<bool> = [anna, &ben]
        .iter()
        .flat_map(|laptop| [NEW_PASSWORD, OTHER_PASSWORD].map(|password| opens(laptop, password)))
        .collect();
    assert!(
        found == [true, false, true, false] || found == [false, true, false, true],
        "{found:?}"
    );
    let winner = if found[0] { NEW_PASSWORD } else { OTHER_PASSWORD };
    let new = stage.bare("new");
    new.set_password(winner);
    new.join(&stage.evil.url(), EMAIL);
    for laptop in [anna, &ben, &new] {
        laptop.set_password(winner);
        let _records = laptop.sync();
        assert!(laptop.sound() > 0, "nobody is locked out");
    }
}

#[test]
fn attack_23_stale_client_after_rotation() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    let anna = &stage.anna.laptop;
    let new = anna.file("new", format!("{NEW_PASSWORD}\n"));
    anna.ok(&["vault", "rotate", "--kit", &anna.path("kit2.txt"), "--new-password-file", &new]);
    anna.set_password(NEW_PASSWORD);
    let _up = anna.sync();
    // Ben has heard of nothing.
    stage.write(&ben, "Written on the plane with the old keys.");
    ben.ok(&["novel", "new", "A novel from the plane"]);
    let _said = ben.sync();
    let _down = anna.sync();
    assert!(stage.reads(anna, "on the plane"), "what a stale laptop wrote is read");
    assert!(anna.ok(&["novel", "list"]).contains("A novel from the plane"));
    ben.set_password(NEW_PASSWORD);
    stage.write(&ben, "Written with the new keys.");
    let _up = ben.sync();
    let _down = anna.sync();
    assert!(stage.reads(anna, "with the new keys"));
    assert_eq!(anna.sound(), ben.sound());
}

#[test]
fn attack_24_old_blob_and_old_password() {
    let stage = Stage::set();
    let anna = &stage.anna.laptop;
    let stolen = stage.stolen_vault();
    let old_phrase = phrase_of(&anna.kit());
    let password = Password::new(PASSWORD.to_owned());
    let old_secret = Secret::Password { password: &password, code: None };
    let thief = vault::unlock(&stolen, old_secret, None).expect("the old pair opens the old blob");

    // After a plain change it still does, and holds the very same vault key: so it is documented.
    let new = anna.file("new", format!("{OTHER_PASSWORD}\n"));
    anna.ok(&["password", "change", "--new-password-file", &new]);
    anna.set_password(OTHER_PASSWORD);
    let _synced = anna.sync();
    let changed = stage.stolen_vault();
    assert_eq!(vault::unlock(&changed, old_secret, None).err(), Some(UnlockError::WrongSecret));
    assert!(thief.reopen(&changed, None).is_ok(), "a plain change keeps the vault key");

    // After a rotation nothing of it opens anything new.
    let new = anna.file("new", format!("{NEW_PASSWORD}\n"));
    anna.ok(&["vault", "rotate", "--kit", &anna.path("kit2.txt"), "--new-password-file", &new]);
    anna.set_password(NEW_PASSWORD);
    stage.write(anna, "Written after the rotation.");
    let _synced = anna.sync();
    let rotated = stage.stolen_vault();
    assert_eq!(vault::unlock(&rotated, old_secret, None).err(), Some(UnlockError::WrongSecret));
    let by_old_kit = vault::unlock(&rotated, Secret::Recovery(&old_phrase), None);
    assert_eq!(by_old_kit.err(), Some(UnlockError::WrongSecret), "the old kit was in the old blob");
    assert!(thief.reopen(&rotated, None).is_err(), "the old vault key opens the new vault");
    let records = sent_records(&stage);
    assert!(!records.is_empty(), "records were written after the rotation");
    for record in &records {
        assert!(thief.open_header(record).is_err(), "a new record says where it belongs");
    }
    assert!(
        vault::unlock(&rotated, Secret::Recovery(&phrase_of(&anna.path("kit2.txt"))), None).is_ok()
    );
}

/// The records of the last push.
fn sent_records(stage: &Stage) -> Vec<seshat_protocol::Record> {
    stage.write(&stage.anna.laptop, "One more.");
    let _before = stage.evil.passed();
    let _synced = stage.anna.laptop.sync();
    let passed = stage.evil.passed();
    let push = passed.iter().find(|(asked, _)| asked.is("POST", "/v1/records")).expect("a push");
    serde_json::from_value(push.0.json()["records"].clone()).expect("records")
}

#[test]
fn attack_38_server_forced_recovery_or_escrow() {
    let stage = Stage::set();
    let before = stage.anna.laptop.json(&["vault", "info"])["generation"].clone();
    stage.evil.act(|asked, forward| {
        let answer = forward(asked);
        if answer.body.is_empty() || !answer.header("content-type").contains("json") {
            return answer;
        }
        answer.altered(|body| {
            if let Some(body) = body.as_object_mut() {
                body.insert("escrow_key".to_owned(), encoded(&[9; 32]));
                body.insert("recover".to_owned(), json!({ "now": true, "send": "vault_key" }));
                body.insert("require".to_owned(), json!(["password", "recovery_phrase"]));
            }
        })
    });
    let _before = stage.evil.passed();
    stage.write(&stage.anna.laptop, "More to send.");
    let _said = sync_somehow(&stage.anna.laptop);
    let known =
        ["/v1/vault", "/v1/records", "/v1/changes", "/v1/joins", "/v1/devices", "/v1/capabilities"];
    for (asked, _) in stage.evil.passed() {
        let path = asked.target.split('?').next().unwrap_or("").to_owned();
        assert!(known.contains(&path.as_str()), "{path} was asked for because the server said so");
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        assert!(
            !body.contains("escrow") && !body.contains("vault_key"),
            "{path} carries an answer"
        );
    }
    stage.evil.behave();
    assert_eq!(
        stage.anna.laptop.json(&["vault", "info"])["generation"],
        before,
        "the vault changed"
    );
    let _records = stage.anna.laptop.sound();
}
