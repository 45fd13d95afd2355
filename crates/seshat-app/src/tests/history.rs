use seshat_store::Fault;

use super::laptops::{Laptop, insert, laptops, novel};
use crate::{DiffKind, FailureCode, NewNode, NodeKind, VersionKind};

fn text(laptop: &Laptop, novel: &str, scene: &str, version: &str) -> String {
    let shown = laptop.desk.version_text(novel, scene, version).unwrap();
    shown.runs.iter().map(|run| run.text.as_str()).collect()
}

#[test]
fn a_version_with_a_name_is_listed_read_and_compared() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "The grey ferry.");
    let named = anna.desk.name_version(&novel, &scene, " First draft ").unwrap();
    assert_eq!((named.kind, named.name.as_deref()), (VersionKind::Named, Some("First draft")));
    anna.desk.replace_markdown(&novel, &scene, "The old ferry.").unwrap();
    assert_eq!(text(&anna, &novel, &scene, &named.version), "\nThe grey ferry.");
    let diff = anna.desk.version_diff(&novel, &scene, &named.version, None).unwrap();
    assert_eq!((diff.added, diff.removed), (1, 1));
    let said = |kind| {
        let pieces = diff.paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
        pieces.filter(|piece| piece.kind == kind).map(|it| it.text.trim()).collect::<Vec<_>>()
    };
    assert_eq!((said(DiffKind::Removed), said(DiffKind::Added)), (vec!["grey"], vec!["old"]));
    assert_eq!(diff.paragraphs[0].block, "body");
    let versions = anna.desk.versions(&novel, &scene).unwrap();
    let newest = &versions[0];
    assert!(versions.iter().any(|row| row.kind == VersionKind::Automatic && row.inserted > 0));
    assert!(versions.windows(2).all(|pair| pair[0].at >= pair[1].at), "{newest:?} is not first");

    let id = named.id.unwrap();
    anna.desk.rename_version(&novel, &scene, &id, "Draft").unwrap();
    let of_it = |row: &&crate::VersionRow| row.id.as_deref() == Some(id.as_str());
    let found = anna.desk.versions(&novel, &scene).unwrap();
    assert_eq!(found.iter().find(of_it).unwrap().name.as_deref(), Some("Draft"));
    anna.desk.forget_version(&novel, &scene, &id).unwrap();
    assert!(!anna.desk.versions(&novel, &scene).unwrap().iter().any(|row| of_it(&row)));
    let again = anna.desk.forget_version(&novel, &scene, &id).unwrap_err();
    assert_eq!(again.code, FailureCode::NotFound);
}

#[test]
fn bringing_a_version_back_names_the_present_first_and_can_be_taken_back() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "As it was.");
    let old = anna.desk.name_version(&novel, &scene, "old").unwrap().version;
    let view = anna.open(&novel, &scene);
    let place = (novel.as_str(), scene.as_str());
    anna.edit(place, (view.session, 1), vec![insert(11, " Typed, not written.")]).unwrap();
    let edited = anna.desk.restore_version(&novel, &scene, &old).unwrap();
    assert_eq!((edited.words, edited.novel_words), (3, 3));
    assert_eq!(anna.flat(&novel, &scene), "\nAs it was.");
    let late = anna.edit(place, (view.session, 2), vec![insert(31, "x")]).unwrap_err();
    assert_eq!(late.code, FailureCode::Stale);
    let versions = anna.desk.versions(&novel, &scene).unwrap();
    let before = versions.iter().find(|row| row.kind == VersionKind::BeforeRestore).unwrap();
    assert_eq!(text(&anna, &novel, &scene, &before.version), "\nAs it was. Typed, not written.");
    anna.desk.restore_version(&novel, &scene, &before.version).unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nAs it was. Typed, not written.");
}

#[test]
fn a_restore_that_the_disk_refused_changed_nothing() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "Old.");
    let old = anna.desk.name_version(&novel, &scene, "old").unwrap().version;
    anna.write(&novel, &scene, 1, "New. ");
    let view = anna.open(&novel, &scene);
    anna.fail_write(0, Fault::BeforeCommit);
    anna.desk.restore_version(&novel, &scene, &old).unwrap_err();
    let place = (novel.as_str(), scene.as_str());
    anna.edit(place, (view.session, 1), vec![insert(1, "Still. ")]).unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nStill. New. Old.");
    let versions = anna.desk.versions(&novel, &scene).unwrap();
    assert!(!versions.iter().any(|row| row.kind == VersionKind::BeforeRestore));
}

#[test]
fn a_name_that_is_no_version_is_refused_in_a_sentence() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    for wrong in ["", "draft", "00000000000000070000000900"] {
        let failure = anna.desk.version_text(&novel, &scene, wrong).unwrap_err();
        assert_eq!(failure.code, FailureCode::NotFound);
    }
    anna.desk.restore_version(&novel, &scene, &format!("{:016x}{:08x}", 7, 9)).unwrap_err();
    assert_eq!(anna.records(), 1, "nothing was written");
}

#[test]
fn how_a_scene_was_when_it_was_opened_is_kept_until_the_vault_is_locked() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "Then.");
    let versions = anna.desk.versions(&novel, &scene).unwrap();
    let opened = versions.iter().find(|row| row.kind == VersionKind::Opened).unwrap();
    assert_eq!(text(&anna, &novel, &scene, &opened.version), "\n", "it was empty at first");
    anna.open(&novel, &scene);
    let again = anna.desk.versions(&novel, &scene).unwrap();
    assert!(again.contains(opened), "a second opening begins no session");
}

#[test]
fn a_whole_novel_is_named_looked_at_and_brought_back() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One.\nTwo.");
    let second = anna.desk.split_scene(&novel, &scene, 5).unwrap();
    let other = second.scene.clone().unwrap();
    let named = anna.desk.name_novel_version(&novel, "Sent to Ada").unwrap();

    anna.desk.replace_markdown(&novel, &scene, "Otherwise.").unwrap();
    anna.desk.rename_node(&novel, &second.id, "Renamed").unwrap();
    anna.desk.trash_node(&novel, &second.id).unwrap();
    let chapter = anna.outline(&novel)[0].id.clone();
    let new = NewNode {
        kind: NodeKind::Scene,
        parent: Some(chapter),
        after: None,
        title: "Later".to_owned(),
    };
    let later = anna.desk.add_node(&novel, &new).unwrap();

    let then = anna.desk.novel_version_outline(&novel, &named.id).unwrap();
    assert_eq!(then[0].children.len(), 2);
    let version = then[0].children[0].version.clone().unwrap();
    assert_eq!(text(&anna, &novel, &scene, &version), "\nOne.");
    let rows = anna.desk.versions(&novel, &scene).unwrap();
    assert!(rows.iter().any(|row| row.kind == VersionKind::NamedNovel && row.id.is_none()));

    anna.desk.restore_novel_version(&novel, &named.id).unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nOne.");
    assert_eq!(anna.flat(&novel, &other), "\nTwo.");
    let children = anna.outline(&novel)[0].children.clone();
    let ids: Vec<_> = children.iter().filter_map(|row| row.scene.clone()).collect();
    assert_eq!(ids, [scene.clone(), other]);
    assert_eq!(children[1].title, "");
    let trash = anna.desk.trash(&novel).unwrap();
    assert_eq!(trash[0].node.id, later.id, "what was added since is in the trash");

    let versions = anna.desk.novel_versions(&novel).unwrap();
    assert_eq!(versions[0].kind, VersionKind::BeforeRestore);
    let present = versions[0].id.clone();
    anna.desk.restore_novel_version(&novel, &present).unwrap();
    assert_eq!(anna.flat(&novel, &scene), "\nOtherwise.");
    anna.desk.rename_novel_version(&novel, &present, "x").unwrap();
    anna.desk.forget_novel_version(&novel, &present).unwrap();
    let gone = anna.desk.restore_novel_version(&novel, &present).unwrap_err();
    assert_eq!(gone.code, FailureCode::NotFound);
    assert!(anna.desk.check().unwrap().problems.is_empty());
}

#[test]
fn naming_a_whole_novel_loads_no_scene_whose_summary_is_fresh() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One.");
    let forged = seshat_manuscript::Version::beginning();
    anna.desk
        .with_session(|session, _| {
            let summary = session.summaries.get_mut(&scene.parse().unwrap()).unwrap();
            summary.version = Some(forged.clone());
            Ok(())
        })
        .unwrap();
    let named = anna.desk.name_novel_version(&novel, "x").unwrap();
    let then = anna.desk.novel_version_outline(&novel, &named.id).unwrap();
    assert_eq!(then[0].children[0].version, Some(forged.to_string()), "the scene was loaded");
}
