//! What is looked at before an import is what the import then brings in, and looking leaves no trace.

use std::fs;

use super::laptops::laptops;
use crate::{FailureCode, NodeKind, OutlineNode, PreviewNode};

/// Kinds, titles, words and first words: what both sides say of a line.
type Line = (NodeKind, String, u64, String, usize);

fn previewed(nodes: &[PreviewNode], level: usize, lines: &mut Vec<Line>) {
    for node in nodes {
        lines.push((node.kind, node.title.clone(), node.words, node.excerpt.clone(), level));
        previewed(&node.children, level + 1, lines);
    }
}

fn outlined(nodes: &[OutlineNode], level: usize, lines: &mut Vec<Line>) {
    for node in nodes {
        lines.push((node.kind, node.title.clone(), node.words, node.excerpt.clone(), level));
        outlined(&node.children, level + 1, lines);
    }
}

#[test]
fn a_folder_is_seen_with_parts_chapters_and_scenes_and_comes_in_just_so() {
    let [anna] = laptops(["Desk"]);
    let place = tempfile::tempdir().unwrap();
    let novel = place.path().join("The Ferry");
    fs::create_dir_all(novel.join("Winter")).unwrap();
    fs::write(novel.join("1.md"), "# Fog\n\nNobody rowed.\n\n* * *\n\nThen she did.\n").unwrap();
    fs::write(novel.join("Winter/2.md"), "# Ice\n\nOne word more.\n").unwrap();
    fs::write(novel.join("map.png"), [0_u8]).unwrap();

    let records = anna.records();
    let seen = anna.desk.preview_import(&novel, None).unwrap();
    assert_eq!((anna.records(), anna.desk.library().unwrap().len()), (records, 0));
    assert_eq!(
        (seen.title.as_str(), seen.chapters, seen.scenes, seen.words),
        ("The Ferry", 2, 3, 8)
    );
    assert_eq!(seen.nodes[1].kind, NodeKind::Part);
    assert_eq!(seen.nodes[0].children[1].excerpt, "Then she did.");
    assert!(seen.notes.iter().any(|note| note.contains("map.png")), "{:?}", seen.notes);

    let came = anna.desk.import(&novel, None, None).unwrap();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    previewed(&seen.nodes, 0, &mut before);
    outlined(&anna.outline(&came.novel.id), 0, &mut after);
    assert_eq!(before, after);
    assert_eq!((came.scenes, came.novel.words, came.notes), (seen.scenes, seen.words, seen.notes));
}

#[test]
fn what_is_no_text_is_refused_in_the_same_words_as_by_the_import() {
    let [anna] = laptops(["Desk"]);
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("novel.docx"), "PK").unwrap();
    fs::write(place.path().join("empty.md"), " \n").unwrap();
    for name in ["novel.docx", "empty.md", "nothing.md"] {
        let path = place.path().join(name);
        let refused = anna.desk.preview_import(&path, None).unwrap_err();
        assert_eq!(refused, anna.desk.import(&path, None, None).unwrap_err(), "{name}");
    }
    assert!(anna.desk.library().unwrap().is_empty());
}

#[test]
fn a_locked_vault_looks_into_no_file() {
    let [anna] = laptops(["Desk"]);
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("novel.md"), "# One\n\nText.\n").unwrap();
    anna.desk.lock().unwrap();
    let refused = anna.desk.preview_import(&place.path().join("novel.md"), None).unwrap_err();
    assert_eq!(refused.code, FailureCode::Locked);
}

#[test]
fn the_sample_speaks_the_language_of_the_window() {
    let [anna] = laptops(["Desk"]);
    for (window, tag) in [("fr", "fr"), ("fr-CA", "fr"), ("en", "en-GB"), ("ja", "en-GB")] {
        let made = anna.desk.sample_novel(window).unwrap();
        assert_eq!(made.novel.language, tag, "{window}");
        assert!(made.novel.words > 1_200 && made.scenes >= 6, "{made:?}");
    }
}
