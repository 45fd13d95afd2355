use super::laptops::{insert, laptops, meet, novel};
use crate::FailureCode;

#[test]
fn what_another_laptop_wrote_is_a_row_with_its_name_and_its_words() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "First words.");
    anna.give(&ben);
    assert!(ben.desk.merges(&novel).unwrap().is_empty(), "a new novel is no merge");
    anna.write(&novel, &scene, 13, " Three more words.");
    anna.give(&ben);
    let reports = ben.desk.merges(&novel).unwrap();
    assert_eq!(reports.len(), 1);
    let row = &reports[0].scenes[0];
    assert_eq!(row.devices, ["Desk"]);
    assert_eq!((row.added, row.removed, row.overlaps), (3, 0, false));
    assert_eq!((row.path.as_str(), row.scene.as_str()), ("1/1", scene.as_str()));
    assert_eq!(row.theirs, None, "nothing here was unknown to them");
    let before = ben.desk.version_text(&novel, &scene, &row.before).unwrap();
    assert_eq!(before.words, 2, "the version before is one click away");
    assert_eq!(ben.desk.status(0).merges, 1);
    ben.desk.dismiss_merges(&novel).unwrap();
    assert!(ben.desk.merges(&novel).unwrap().is_empty());
    assert_eq!(ben.desk.status(0).merges, 0);
}

#[test]
fn writing_on_both_sides_of_one_paragraph_is_worth_a_look() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One paragraph.\nAnother one.");
    anna.give(&ben);
    anna.write(&novel, &scene, 1, "Theirs. ");
    ben.write(&novel, &scene, 1, "Ours. ");
    anna.give(&ben);
    let row = ben.desk.merges(&novel).unwrap()[0].scenes[0].clone();
    assert!(row.overlaps);
    let theirs = ben.desk.version_text(&novel, &scene, &row.theirs.unwrap()).unwrap();
    let text: String = theirs.runs.iter().map(|run| run.text.as_str()).collect();
    assert_eq!(text, "\nTheirs. One paragraph.\nAnother one.");
    anna.write(&novel, &scene, 36, "!");
    meet(&[&anna, &ben]);
    assert_eq!(anna.flat(&novel, &scene), ben.flat(&novel, &scene));
}

#[test]
fn what_comes_within_an_hour_is_one_report_and_one_row_a_scene() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.give(&ben);
    for _ in 0..3 {
        anna.write(&novel, &scene, 1, "word ");
        anna.give(&ben);
    }
    let reports = ben.desk.merges(&novel).unwrap();
    assert_eq!((reports.len(), reports[0].scenes.len()), (1, 1));
    assert_eq!(reports[0].scenes[0].added, 3);
    let before = ben.desk.version_text(&novel, &scene, &reports[0].scenes[0].before).unwrap();
    assert_eq!(before.words, 0, "it is the version before the first of them");
}

#[test]
fn receiving_sends_nothing_and_a_second_look_writes_nothing() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.give(&ben);
    anna.write(&novel, &scene, 1, "More.");
    anna.give(&ben);
    assert_eq!(anna.records(), ben.records());
    ben.fail_write(0, seshat_store::Fault::BeforeCommit);
    ben.desk.review().expect("nothing was written");
    // The fault is still waiting for the next real write.
    ben.desk.name_version(&novel, &scene, "x").unwrap_err();
}

#[test]
fn an_edit_in_flight_while_a_merge_changes_its_text_is_refused_and_not_misplaced() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "abc");
    anna.give(&ben);
    let view = ben.open(&novel, &scene);
    anna.write(&novel, &scene, 1, "Before. ");
    anna.give(&ben);
    let place = (novel.as_str(), scene.as_str());
    let late = ben.edit(place, (view.session, 1), vec![insert(4, "d")]).unwrap_err();
    assert_eq!(late.code, FailureCode::Stale);
    let again = ben.open(&novel, &scene);
    ben.edit(place, (again.session, 1), vec![insert(12, "d")]).unwrap();
    assert_eq!(ben.flat(&novel, &scene), "\nBefore. abcd");
}

#[test]
fn a_merge_that_changes_nothing_to_read_leaves_the_editor_alone() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "abc");
    anna.give(&ben);
    let view = ben.open(&novel, &scene);
    anna.desk.name_version(&novel, &scene, "draft").unwrap();
    anna.give(&ben);
    let place = (novel.as_str(), scene.as_str());
    ben.edit(place, (view.session, 1), vec![insert(4, "d")]).unwrap();
    assert!(ben.desk.merges(&novel).unwrap().is_empty(), "a name is no writing");
}

#[test]
fn a_new_scene_from_elsewhere_is_a_row_too() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two.\nThree four.");
    anna.give(&ben);
    let made = anna.desk.split_scene(&novel, &scene, 9).unwrap();
    anna.give(&ben);
    let rows = ben.desk.merges(&novel).unwrap().remove(0).scenes;
    let new = rows.iter().find(|row| Some(&row.scene) == made.scene.as_ref()).unwrap();
    assert_eq!((new.added, new.path.as_str()), (2, "1/2"));
    let old = rows.iter().find(|row| row.scene == scene).unwrap();
    assert_eq!((old.added, old.removed), (0, 2));
}

#[test]
fn only_scenes_that_received_something_are_loaded() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One.\nTwo.");
    let other = anna.desk.split_scene(&novel, &scene, 5).unwrap().scene.unwrap();
    anna.give(&ben);
    ben.outline(&novel);
    let peers = |laptop: &super::laptops::Laptop| {
        let versions = laptop.desk.with_session(|session, _| {
            Ok(session.summaries.values().filter_map(|it| it.version.clone()).count())
        });
        versions.unwrap()
    };
    assert_eq!(peers(&ben), 2);
    ben.desk
        .with_session(|session, _| {
            session.summaries.clear();
            Ok(())
        })
        .unwrap();
    anna.write(&novel, &other, 1, "More. ");
    anna.give(&ben);
    assert_eq!(peers(&ben), 1, "the scene that nobody wrote to was looked at");
    assert_eq!(ben.desk.library().unwrap()[0].words, 3);
}

#[test]
fn reports_are_bounded() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "x");
    anna.give(&ben);
    anna.write(&novel, &scene, 1, "y");
    anna.give(&ben);
    let id = novel.parse().unwrap();
    ben.desk
        .with_session(|session, store| {
            for at in 0..300 {
                let reports = vec![(id, at, b"[]".to_vec())];
                let batch = crate::session::Batch { reports, ..Default::default() };
                session.write(store, batch)?;
            }
            Ok(())
        })
        .unwrap();
    anna.write(&novel, &scene, 1, "z");
    anna.give(&ben);
    let kept = ben.desk.with_session(|_, store| Ok(store.reports(id, usize::MAX)?.len())).unwrap();
    assert_eq!(kept, crate::reports::MOST);
}
