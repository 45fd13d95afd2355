//! What a scene was: versions, the timeline, bringing back, names, and the whole history as saved bytes.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

mod common;

use common::{Identities, Model, edit, intent};
use proptest::prelude::*;
use seshat_manuscript::{
    Atom, Block, LoadError, Mark, Marks, Moment, NamedVersion, NewComment, Op, Paragraph, Run,
    SceneText, SnapshotError, Unit, Version, VersionError, VersionKind, beside, saved_content,
    thin,
};

use seshat_protocol::DocumentId;

fn insert(at: usize, text: &str) -> Op {
    Op::Insert { at, text: text.to_owned(), marks: None }
}

fn type_at_end(scene: &mut SceneText, text: &str) {
    let at = scene.flat().chars().count();
    scene.apply(&[insert(at, text)], Unit::Scalar).unwrap();
}

fn twin(scene: &SceneText, peer: u64) -> SceneText {
    SceneText::load(peer, [&scene.snapshot().unwrap()[..]]).unwrap()
}

/// Runs of equal attributes with neighbours joined: how a text is cut into runs is not what it says.
fn said(runs: Vec<Run>) -> Vec<Run> {
    let mut said: Vec<Run> = Vec::new();
    for run in runs {
        match said.last_mut() {
            Some(last) if last.attributes == run.attributes => last.text.push_str(&run.text),
            _ => said.push(run),
        }
    }
    said
}

#[test]
fn a_version_is_text_that_means_the_same_on_every_laptop() {
    let mut here = SceneText::new(1);
    assert_eq!(here.version(), Version::beginning());
    assert_eq!(here.version().to_string(), "0");
    type_at_end(&mut here, "one");
    let one = here.version();
    assert_eq!(one.to_string().parse(), Ok(one.clone()));
    assert_eq!(serde_json::to_string(&one).unwrap(), format!("\"{one}\""));
    let there = twin(&here, 2);
    assert!(there.includes(&one));
    type_at_end(&mut here, " two");
    let two = here.version();
    assert!(!there.includes(&two), "it has not arrived");
    assert_eq!(there.at(&two).err(), Some(VersionError::Unknown));
    assert_eq!(here.at(&one).unwrap().flat(), "\none");
    assert_eq!(here.at(&Version::beginning()).unwrap().flat(), "\n");
    assert_eq!(twin(&here, 3).at(&two).unwrap().words(), 2);
    for wrong in [
        "",
        "00",
        "x",
        "é",
        &"0".repeat(23),
        &format!("{one}{one}"),
        &"F".repeat(24),
        &format!("{:016x}ffffffff", 1),
    ] {
        assert_eq!(wrong.parse::<Version>(), Err(VersionError::Malformed), "{wrong:?}");
    }
}

#[test]
fn what_is_brought_back_is_what_was_there_with_marks_notes_and_what_newer_versions_wrote() {
    let mut scene = SceneText::new(1);
    let emphasis = Marks { emphasis: true, language: Some("fr".into()), ..Marks::default() };
    let note =
        Atom::Footnote { id: "n".into(), body: vec![Paragraph::new(Block::Quote, "old note")] };
    let kept = serde_json::json!({ "kind": "map", "zoom": 3 });
    scene
        .apply(
            &[
                insert(1, "Chapter\nfirst text"),
                Op::Block { at: 0, block: Block::Heading },
                Op::Insert { at: 9, text: "très ".into(), marks: Some(emphasis) },
                Op::Atom { at: 12, atom: note },
                Op::Atom { at: 3, atom: Atom::Unknown { kept } },
            ],
            Unit::Scalar,
        )
        .unwrap();
    let before = (scene.passage(), said(scene.runs()));
    let version = scene.version();
    scene
        .apply_note("n", &[Op::Delete { at: 1, len: 4 }, insert(1, "new ")], Unit::Scalar)
        .unwrap();
    let end = scene.flat().chars().count();
    scene
        .apply(
            &[
                Op::Delete { at: 2, len: end - 4 },
                Op::Block { at: 0, block: Block::Verse },
                Op::Mark { from: 1, to: 3, mark: Mark::Strong(true) },
                insert(2, "something else\nentirely"),
            ],
            Unit::Scalar,
        )
        .unwrap();
    scene.restore(&version).unwrap();
    assert_eq!((scene.passage(), said(scene.runs())), before);
    let update = scene.take_update().unwrap();
    assert_eq!(SceneText::load(2, [&update[..]]).unwrap().passage(), before.0);
    scene.restore(&version).unwrap();
    assert_eq!(scene.take_update(), None, "bringing back what is there writes nothing");
}

#[test]
fn what_another_laptop_wrote_meanwhile_survives_a_restore() {
    let mut here = SceneText::new(1);
    type_at_end(&mut here, "one two");
    let version = here.version();
    type_at_end(&mut here, " three");
    let mut there = twin(&here, 2);
    type_at_end(&mut there, " four");
    here.restore(&version).unwrap();
    assert_eq!(here.flat(), "\none two");
    here.merge(&there.take_update().unwrap()).unwrap();
    assert_eq!(here.flat(), "\none two four");
}

#[test]
fn a_restore_of_a_version_that_is_not_here_changes_nothing() {
    let (mut here, mut there) = (SceneText::new(1), SceneText::new(2));
    type_at_end(&mut here, "mine");
    type_at_end(&mut there, "theirs");
    here.take_update();
    assert_eq!(here.restore(&there.version()), Err(VersionError::Unknown));
    assert_eq!((here.flat(), here.take_update()), ("\nmine".to_owned(), None));
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Noon of some day.
const NOON: i64 = 1_800_014_400 - 1_800_014_400 % DAY + 12 * HOUR;

#[test]
fn writing_without_a_pause_is_one_moment_and_each_can_be_read_again() {
    let mut scene = SceneText::new(1);
    for (at, text) in [(0, "a"), (60, "b"), (1300, "c"), (2 * HOUR, "d"), (2 * HOUR + 10, "e")] {
        scene.set_time(NOON + at);
        type_at_end(&mut scene, text);
    }
    scene.apply(&[Op::Delete { at: 1, len: 1 }], Unit::Scalar).unwrap();
    let moments = scene.timeline(30 * 60);
    let seen: Vec<_> = moments
        .iter()
        .map(|moment| {
            let flat = scene.at(&moment.version).unwrap().flat();
            (flat, moment.began - NOON, moment.at - NOON, moment.inserted, moment.deleted)
        })
        .collect();
    let second = ("\nbcde".to_owned(), 2 * HOUR, 2 * HOUR, 2, 1);
    assert_eq!(seen, [("\nabc".to_owned(), 0, 1300, 3, 0), second]);
    assert_eq!(
        twin(&scene, 2).timeline(30 * 60),
        moments,
        "it is the same for a laptop that loads"
    );
    assert_eq!(moments.last().unwrap().version, scene.version());
}

#[test]
fn a_laptop_whose_clock_is_ten_years_ahead_does_not_date_what_others_write() {
    let mut fast = SceneText::new(1);
    fast.set_time(NOON + 3652 * DAY);
    type_at_end(&mut fast, "future ");
    let mut right = twin(&fast, 2);
    for day in 0..3 {
        right.set_time(NOON + day * DAY);
        type_at_end(&mut right, "present ");
    }
    let dates: Vec<i64> = right.timeline(HOUR).iter().map(|moment| moment.at / 300).collect();
    let day = |day: i64| (NOON + day * DAY) / 300;
    assert_eq!(dates, [day(3652), day(0), day(1), day(2)]);
    right.set_time(NOON + 3 * DAY);
    type_at_end(&mut right, "x");
    let one = right.take_update().unwrap().len();
    for _ in 0..50 {
        type_at_end(&mut right, "x");
    }
    let more = right.take_update().unwrap().len();
    assert!(more < one + 60, "{more} bytes for 50 keystrokes, {one} for the first");
}

#[test]
fn writing_of_unknown_time_is_one_moment() {
    let mut scene = SceneText::new(1);
    type_at_end(&mut scene, "a");
    type_at_end(&mut scene, "b");
    let mut other = twin(&scene, 2);
    type_at_end(&mut other, "c");
    other.set_time(NOON);
    type_at_end(&mut other, "d");
    let dates: Vec<_> = other.timeline(HOUR).iter().map(|m| (m.at, m.inserted)).collect();
    assert_eq!(dates, [(0, 3), (NOON, 1)]);
}

fn moment(at: i64) -> Moment {
    Moment { version: Version::beginning(), at, began: at - 60, inserted: 1, deleted: 2 }
}

#[test]
fn moments_thin_with_age_and_no_character_goes_uncounted() {
    let today = [9, 10, 11].map(|minute| NOON + minute * 60);
    let yesterday = [0, 600, HOUR, HOUR + 5].map(|at| NOON - DAY + at);
    let long_ago = [0, HOUR, 5 * HOUR, DAY].map(|at| NOON - 30 * DAY + at);
    let all: Vec<Moment> =
        long_ago.iter().chain(&yesterday).chain(&today).map(|&at| moment(at)).collect();
    let thinned = thin(all.clone(), NOON + HOUR, 0);
    let kept: Vec<i64> = thinned.iter().map(|moment| moment.at).collect();
    let expected =
        [long_ago[2], long_ago[3], yesterday[1], yesterday[3], today[0], today[1], today[2]];
    assert_eq!(kept, expected);
    assert_eq!(thinned.iter().map(|moment| moment.inserted).sum::<usize>(), all.len());
    assert_eq!(thinned[0].began, long_ago[0] - 60);
    // Twelve hours east it is another day already.
    let late: Vec<Moment> = [10, 20, HOUR].map(|at| moment(NOON - HOUR + at)).into();
    assert_eq!(thin(late.clone(), NOON, 0).len(), 3);
    assert_eq!(thin(late, NOON, 12 * HOUR).len(), 2);
    assert_eq!(
        thin(all.clone(), NOON + 400 * DAY, 0).last(),
        all.last()
            .map(|last| {
                Moment { began: today[0] - 60, inserted: 3, deleted: 6, ..last.clone() }
            })
            .as_ref()
    );
    assert_eq!(thin(Vec::new(), NOON, 0), []);
}

#[test]
fn versions_are_named_renamed_and_forgotten_and_outlive_a_merge() {
    let mut here = SceneText::new(1);
    type_at_end(&mut here, "first");
    let first = here.version();
    here.name_version("v-1", VersionKind::Named, "first draft", 5).unwrap();
    type_at_end(&mut here, " second");
    here.name_version("v-2", VersionKind::BeforeRestore, "", 4).unwrap();
    let mut there = twin(&here, 2);
    let past = NamedVersion {
        id: "v-3".into(),
        kind: VersionKind::Unknown("lent".into()),
        name: "to Ana".into(),
        at: 9,
        version: first.clone(),
    };
    there.keep_version(&past).unwrap();
    there.rename_version("v-1", "draft").unwrap();
    here.forget_version("v-2").unwrap();
    here.take_update();
    there.merge(&here.snapshot().unwrap()).unwrap();
    let first = NamedVersion {
        id: "v-1".into(),
        kind: VersionKind::Named,
        name: "draft".into(),
        at: 5,
        version: first,
    };
    assert_eq!(there.named_versions(), [first.clone(), past]);
    assert_eq!(there.at(&first.version).unwrap().flat(), "\nfirst");
    assert_eq!(here.name_version("a:b", VersionKind::Named, "", 0), Err(VersionError::UnfitId));
    assert_eq!(here.rename_version("nothing", ""), Err(VersionError::Unknown));
    assert_eq!(here.forget_version("a/b"), Err(VersionError::Unknown));
    assert_eq!(there.words(), 2, "a name is no word");
}

#[test]
fn a_history_holds_everything_and_can_be_read_without_the_crdt() {
    let mut scene = SceneText::new(1);
    scene.set_time(NOON);
    type_at_end(&mut scene, "one");
    scene.name_version("v", VersionKind::Named, "name", 1).unwrap();
    let one = scene.version();
    type_at_end(&mut scene, " two");
    let saved = scene.history(b"covers").unwrap();
    assert_eq!(saved[0], 3);
    assert_eq!(beside(&saved), Some(&b"covers"[..]));
    assert_eq!(saved_content(&saved), serde_json::to_value(scene.passage()).ok());
    let loaded = SceneText::load(2, [&saved[..]]).unwrap();
    assert_eq!(loaded.at(&one).unwrap().flat(), "\none");
    assert_eq!(
        (loaded.timeline(HOUR), loaded.named_versions()),
        (scene.timeline(HOUR), scene.named_versions())
    );

    let snapshot = scene.snapshot().unwrap();
    assert_eq!((beside(&snapshot), saved_content(&snapshot)), (None, saved_content(&saved)));
    let update = scene.take_update().unwrap();
    assert_eq!((beside(&update), saved_content(&update)), (None, None));
    assert_eq!((beside(&saved[..9]), saved_content(&[3, 0])), (None, None));
    assert_eq!(SceneText::load(3, [&saved[..], &update, &snapshot]).unwrap().flat(), "\none two");
    let mut merged = SceneText::new(4);
    merged.merge(&saved).unwrap();
    assert_eq!(merged.version(), scene.version());

    let mut waiting = SceneText::new(5);
    type_at_end(&mut scene, "!");
    waiting.merge(&scene.take_update().unwrap()).unwrap();
    assert_eq!(waiting.history(b""), Err(SnapshotError::Waiting));
    // An update is no history, whatever its first byte says.
    let mut lying = update;
    lying[0] = 3;
    assert_eq!(SceneText::load(6, [&lying[..]]).err(), Some(LoadError::Damaged { index: 0 }));
}

#[test]
fn two_sides_are_told_to_have_touched_one_paragraph_only_when_they_did() {
    let mut here = SceneText::new(1);
    type_at_end(&mut here, "alpha\nbeta\ngamma");
    let cases: [(usize, &str, usize, bool); 4] =
        [(6, "x", 17, false), (2, "x", 4, true), (17, "\nnew", 13, true), (6, "x", 7, false)];
    for (number, (mine, text, theirs, expected)) in (0_u64..).zip(cases) {
        let mut left = twin(&here, 10 + number);
        let mut right = twin(&here, 20 + number);
        left.apply(&[insert(mine, text)], Unit::Scalar).unwrap();
        let op = match expected {
            true => Op::Delete { at: theirs, len: 1 },
            false => insert(theirs, "y"),
        };
        right.apply(&[op], Unit::Scalar).unwrap();
        let before = left.version();
        let changed = left.merge(&right.take_update().unwrap()).unwrap();
        let theirs = changed.theirs.expect("both wrote");
        assert_eq!(theirs, right.version());
        assert_eq!(left.both_changed(&before, &theirs), Ok(expected), "case {number}");
    }
    let mut behind = twin(&here, 30);
    let mut ahead = twin(&here, 31);
    type_at_end(&mut ahead, "!");
    let followed = behind.merge(&ahead.take_update().unwrap()).unwrap();
    assert_eq!(followed.theirs, None, "who had nothing of their own only followed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_version_on_the_way_can_be_read_and_brought_back(
        rounds in prop::collection::vec(prop::collection::vec(intent(), 1..12), 1..6),
        other in prop::collection::vec(intent(), 1..12),
        pick in any::<prop::sample::Index>(),
    ) {
        let (mut scene, mut model) = (SceneText::new(1), Model::new());
        let mut ids = Identities::starting_at(0);
        let mut versions = vec![(scene.version(), scene.passage(), said(scene.runs()))];
        for (number, round) in rounds.iter().enumerate() {
            scene.set_time(NOON + i64::try_from(number).unwrap() * HOUR);
            edit(&mut scene, &mut model, round, &mut ids);
            versions.push((scene.version(), scene.passage(), said(scene.runs())));
        }
        for (version, passage, runs) in &versions {
            let past = scene.at(version).unwrap();
            prop_assert_eq!(&past.passage(), passage);
            prop_assert_eq!(&said(past.runs()), runs);
        }
        for moment in scene.timeline(600) {
            prop_assert!(scene.at(&moment.version).is_ok());
        }
        // Another laptop writes while this one goes back, and back again.
        let mut there = twin(&scene, 2);
        let mut there_model = Model::new();
        there_model.text = scene.flat().chars().map(|c| (0, c)).collect();
        edit(&mut there, &mut there_model, &other, &mut Identities::starting_at(3000));
        let (now, target) = (scene.version(), &versions[pick.index(versions.len())]);
        let newest = (scene.passage(), said(scene.runs()));
        scene.restore(&target.0).unwrap();
        prop_assert_eq!((&scene.passage(), &said(scene.runs())), (&target.1, &target.2));
        scene.restore(&now).unwrap();
        prop_assert_eq!((scene.passage(), said(scene.runs())), newest);
        let saved = scene.history(b"").unwrap();
        prop_assert_eq!(said(SceneText::load(3, [&saved[..]]).unwrap().runs()), said(scene.runs()));
        let mut both = [scene.take_update(), there.take_update()];
        if let Some(update) = both[1].take() {
            scene.merge(&update).unwrap();
        }
        if let Some(update) = both[0].take() {
            there.merge(&update).unwrap();
        }
        prop_assert_eq!(scene.runs(), there.runs());
    }

    #[test]
    fn damaged_bytes_of_a_history_never_panic_and_never_load_as_something_else(
        edits in prop::collection::vec(intent(), 1..10), at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let (mut scene, mut model) = (SceneText::new(1), Model::new());
        edit(&mut scene, &mut model, &edits, &mut Identities::starting_at(0));
        let mut saved = scene.history(b"beside").unwrap();
        let at = at.index(saved.len());
        saved[at] ^= 1 << bit;
        drop((beside(&saved), saved_content(&saved)));
        if let Ok(loaded) = SceneText::load(2, [&saved[..]]) {
            prop_assert_eq!(loaded.flat(), scene.flat(), "only what lies beside may differ");
        }
    }
}

#[test]
fn inserted_text_is_writing_and_deleting_marking_and_naming_are_not() {
    let mut here = SceneText::new(1);
    type_at_end(&mut here, "one two");
    let seen = here.version();
    assert_eq!(here.wrote_since(&seen), Ok(false));
    let mut there = twin(&here, 2);
    here.apply(
        &[Op::Delete { at: 1, len: 3 }, Op::Mark { from: 1, to: 3, mark: Mark::Strong(true) }],
        Unit::Scalar,
    )
    .unwrap();
    here.name_version("v", VersionKind::Named, "", 0).unwrap();
    let comment = NewComment { id: "c", text: "?", author: "", at: 0 };
    here.add_comment(&comment, 1..2, Unit::Scalar).unwrap();
    assert_eq!(here.wrote_since(&seen), Ok(false));
    type_at_end(&mut there, "!");
    assert_eq!(here.wrote_since(&there.version()), Err(VersionError::Unknown));
    assert_eq!(there.wrote_since(&seen), Ok(true));
    assert_eq!(there.wrote_since(&there.version()), Ok(false));
    here.merge(&there.take_update().unwrap()).unwrap();
    assert_eq!(here.wrote_since(&seen), Ok(true));
}

#[test]
fn bringing_back_a_long_version_writes_only_what_is_missing() {
    let mut scene = SceneText::new(1);
    let long = (0..5000).map(|n| format!("word{n} ")).collect::<String>();
    type_at_end(&mut scene, &long);
    let version = scene.version();
    scene
        .apply(&[Op::Delete { at: 500, len: 30 }, insert(9000, "new words")], Unit::Scalar)
        .unwrap();
    scene.take_update();
    scene.restore(&version).unwrap();
    assert_eq!(scene.flat(), format!("\n{long}"));
    let update = scene.take_update().unwrap();
    assert!(update.len() < 500, "{} bytes", update.len());
}

fn golden() -> SceneText {
    let mut scene = SceneText::new(77);
    scene.set_time(1_700_000_000);
    type_at_end(&mut scene, "Ítaca 😀\nfirst");
    scene.name_version("v-1", VersionKind::Named, "primeira versão", 1_700_000_000_123).unwrap();
    scene.set_time(1_700_086_400);
    scene.apply(&[Op::Delete { at: 8, len: 1 }, insert(8, "\nsecond ")], Unit::Scalar).unwrap();
    let comment = NewComment { id: "c-1", text: "sure?", author: "Desk", at: 5 };
    scene.add_comment(&comment, 9..15, Unit::Scalar).unwrap();
    drop(scene.split_off(16, Unit::Scalar, 78, DocumentId([7; 16])).unwrap());
    scene
}

/// Written by the first release of this format. Must load for ever.
#[test]
fn a_history_of_the_first_format_still_loads_with_versions_comments_and_moves() {
    let golden = include_str!("golden/scene-history-3.hex").trim().as_bytes();
    let bytes: Vec<u8> = golden
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let scene = SceneText::load(1, [&bytes[..]]).unwrap();
    assert_eq!(scene.flat(), "\nÍtaca 😀\nsecond ");
    let named = scene.named_versions();
    assert_eq!((&named[0].name[..], named[0].at), ("primeira versão", 1_700_000_000_123));
    assert_eq!(scene.at(&named[0].version).unwrap().flat(), "\nÍtaca 😀\nfirst");
    let comment = &scene.comments()[0];
    assert_eq!((&comment.text[..], comment.range.clone()), ("sure?", 9..15));
    assert_eq!(scene.moved_to(), [DocumentId([7; 16])]);
    let dates: Vec<i64> = scene.timeline(600).iter().map(|moment| moment.at).collect();
    assert_eq!(dates, [1_700_000_000, 1_700_086_400]);
    assert_eq!(beside(&bytes), Some(&b"beside"[..]));
    assert_eq!(saved_content(&bytes), serde_json::to_value(scene.passage()).ok());
}

#[test]
#[ignore = "writes the golden file; run once for a new format"]
fn write_the_golden_history() {
    let history = golden().history(b"beside").unwrap();
    let hex: String = history.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/scene-history-3.hex");
    std::fs::write(path, hex + "\n").unwrap();
}
