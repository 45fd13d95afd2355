//! Rows 8 to 11 and 13: records and vaults that a server replays, rolls back, forks, hides or makes up.

use serde_json::Value;
use seshat_testkit::{Answered, Server, Setup, copy_folder};

use crate::stage::{Stage, alarmed, alarms, held, sync_somehow};

const ALTERED: &str = "The heron took the other path at low water.";

#[test]
fn attack_08_record_replay() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    // The vault of before, and the first page of changes as it was.
    let passed = stage.evil.passed();
    let last = |method: &str, path: &str| -> Answered {
        let found =
            passed.iter().rev().find(|(asked, it)| asked.is(method, path) && it.status == 200);
        found.expect("it was asked for").1.clone()
    };
    let (vault, page) = (last("GET", "/v1/vault"), last("GET", "/v1/changes"));
    stage.write(&stage.anna.laptop, ALTERED);
    stage.anna.laptop.ok(&["novel", "new", "A second one"]);
    let _up = stage.anna.laptop.sync();
    let _down = ben.sync();
    let before = held(&ben);
    stage.evil.act(move |asked, forward| match () {
        () if asked.is("GET", "/v1/vault") => vault.clone(),
        () if asked.is("GET", "/v1/changes") => page.clone(),
        () => forward(asked),
    });
    let _said = sync_somehow(&ben);
    alarmed(&ben, "regress");
    assert_eq!(held(&ben), before, "what is here stays");
    assert!(stage.reads(&ben, ALTERED), "the newer text stays");
    assert!(ben.ok(&["novel", "list"]).contains("A second one"), "the newer vault stays");
    stage.evil.behave();
    let _synced = ben.sync();
    assert_eq!(held(&ben), held(&stage.anna.laptop));
}

#[test]
fn attack_09_whole_account_rollback() {
    let mut stage = Stage::set();
    let ben = stage.second("ben");
    let saved = stage.anna.room.path().join("saved");
    stage.server.kill();
    copy_folder(&stage.server.data, &saved);
    stage.server.restart();
    stage.write(&stage.anna.laptop, ALTERED);
    stage.anna.laptop.ok(&["novel", "new", "A second one"]);
    let _up = stage.anna.laptop.sync();
    let _down = ben.sync();
    stage.server.kill();
    std::fs::remove_dir_all(&stage.server.data).expect("it can be removed");
    copy_folder(&saved, &stage.server.data);
    stage.server.restart();
    let _said = sync_somehow(&ben);
    alarmed(&ben, "regress");
    let carol = stage.second("carol");
    assert!(stage.reads(&carol, ALTERED), "ben brought back what the server had lost");
    assert!(carol.ok(&["novel", "list"]).contains("A second one"), "and the key of the new novel");
    let _said = sync_somehow(&stage.anna.laptop);
    assert_eq!(held(&stage.anna.laptop), held(&carol), "nothing is lost and nothing doubled");
}

#[test]
fn attack_10_fork() {
    let mut stage = Stage::set();
    let ben = stage.second("ben");
    // From here on each is shown a history of their own.
    stage.server.kill();
    let other = stage.anna.room.path().join("fork");
    copy_folder(&stage.server.data, &other);
    stage.server.restart();
    let setup = Setup {
        arguments: vec!["--origin".into(), stage.evil.url()],
        data: Some(other),
        ..Setup::default()
    };
    let forked = Server::with(stage.anna.room.path(), "forked", setup);
    stage.write(&stage.anna.laptop, "Written in the one world.");
    let _up = stage.anna.laptop.sync();
    stage.evil.lead_to(forked.port());
    stage.write(&ben, "Written in the other world.");
    let _up = ben.sync();
    assert!(alarms(&ben).is_empty(), "so far nobody can know");
    // Ben is shown Anna's world.
    stage.evil.lead_to(stage.server.port());
    for _ in 0..2 {
        let _said = sync_somehow(&ben);
    }
    let found = alarms(&ben);
    assert!(found.iter().any(|kind| kind == "fork" || kind == "gap"), "unseen: {found:?}");
    let _synced = sync_somehow(&stage.anna.laptop);
    for laptop in [&ben, &stage.anna.laptop] {
        assert!(stage.reads(laptop, "Written in the one world."), "nothing is lost");
        assert!(stage.reads(laptop, "Written in the other world."), "nothing is lost");
    }
}

#[test]
fn attack_11_record_drop() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    for paragraph in ["The first.", "The second, which is kept from Ben.", "The third."] {
        stage.write(&stage.anna.laptop, paragraph);
    }
    let _up = stage.anna.laptop.sync();
    let mut hidden = None;
    stage.evil.act(move |asked, forward| {
        let answer = forward(asked);
        if !asked.is("GET", "/v1/changes") {
            return answer;
        }
        answer.altered(|page| {
            let records = page["records"].as_array_mut().expect("a list");
            // The second of the three new ones, whenever it is asked for.
            if let (None, Some(second)) = (&hidden, records.get(1)) {
                hidden = Some(second["record"]["id"].clone());
            }
            records.retain(|it| Some(&it["record"]["id"]) != hidden.as_ref());
        })
    });
    let _said = sync_somehow(&ben);
    let found = alarms(&ben);
    assert!(found.iter().any(|kind| kind == "gap" || kind == "fork"), "unseen: {found:?}");
    assert!(!stage.reads(&ben, "kept from Ben"), "it was really kept back");
    stage.evil.behave();
    let _said = sync_somehow(&ben);
    let _said = sync_somehow(&ben);
    assert!(stage.reads(&ben, "kept from Ben"), "it comes as soon as it is given");
    assert_eq!(held(&ben), held(&stage.anna.laptop));
}

#[test]
fn attack_13_injected_records() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    let before = ben.flat(stage.anna.novel.title, "1/1");
    stage.write(&stage.anna.laptop, ALTERED);
    let _up = stage.anna.laptop.sync();
    type Forgery = fn(&mut Value);
    let forgeries: [(&str, Forgery); 5] = [
        ("no signature to speak of", |record| {
            record["signature"] = seshat_testkit::encoded(&[0; 64])
        }),
        ("an unknown device", |record| record["device"] = "ab".repeat(16).into()),
        ("another id", |record| record["id"] = "cd".repeat(16).into()),
        ("a later place in the chain", |record| record["sequence"] = 4_000.into()),
        ("another body", |record| {
            let mut body = seshat_testkit::decoded(&record["body"]);
            body.reverse();
            record["body"] = seshat_testkit::encoded(&body);
        }),
    ];
    for (number, (what, forge)) in forgeries.into_iter().enumerate() {
        let laptop = ben.copy(stage.anna.room.path(), &format!("ben{number}"));
        stage.evil.act(move |asked, forward| {
            let answer = forward(asked);
            if !asked.is("GET", "/v1/changes") {
                return answer;
            }
            answer.altered(|page| {
                for changed in page["records"].as_array_mut().expect("a list") {
                    forge(&mut changed["record"]);
                }
            })
        });
        let _said = sync_somehow(&laptop);
        assert_eq!(laptop.flat(stage.anna.novel.title, "1/1"), before, "{what} was believed");
    }
    stage.evil.behave();
    let _synced = ben.sync();
    assert!(stage.reads(&ben, ALTERED), "the real one is believed");
}
