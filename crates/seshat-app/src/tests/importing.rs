//! Imports: cut as the author chose, whole or not at all, and taken back as one deed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use seshat_interchange::import::{
    Aside, At, Detail, ImportedComment, ImportedImage, ImportedNovel,
};
use seshat_interchange::{Chapter, Part};
use seshat_manuscript::{Block, Paragraph, Passage, Piece};
use seshat_store::Fault;
use tempfile::TempDir;

use super::laptops::{Laptop, laptops, meet, novel};
use super::online::{online, standing};
use crate::{
    BlankMeaning, BreakMeaning, DeletionAnswer, FailureCode, NodeKind, OutlineNode, SceneStatus,
};

const JPEG: &[u8] = include_bytes!("../image_format/samples/turned.jpg");

/// Chapters by headings, a rule in the second one, and a line that says what it is.
const PAGE: &str = "<h1>The Ferry</h1><h2>Fog</h2><p>Nobody rowed.</p><h2>Ice</h2><p>One word.</p>\
                    <hr><p>Then two more.</p><p>Chapter 3</p><p>The end of it.</p>";

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(name);
    fs::write(&path, text).unwrap();
    (place, path)
}

fn passage(pieces: Vec<Piece>) -> Passage {
    Passage { paragraphs: vec![Paragraph { pieces, ..Paragraph::default() }] }
}

fn plain(text: &str) -> Passage {
    Passage { paragraphs: vec![Paragraph::new(Block::Body, text)] }
}

fn picture(hash: &str, alt: &str) -> Piece {
    Piece::Image { hash: hash.to_owned(), alt: alt.to_owned(), width: Some(40) }
}

fn at(part: usize, chapter: Option<usize>, scene: Option<usize>) -> At {
    At { part, chapter, scene }
}

/// What is known of its first scene and its second chapter.
fn cards(good: &str) -> Vec<Detail> {
    vec![
        Detail {
            at: at(0, Some(0), Some(0)),
            title: "The map".to_owned(),
            synopsis: "They look.".to_owned(),
            notes: passage(vec![Piece::plain("Which map?"), picture(good, "")]),
            label: "Ann".to_owned(),
            status: "Revised Draft".to_owned(),
            target: Some(900),
            excluded: false,
        },
        Detail {
            at: at(0, Some(1), None),
            synopsis: "Cold.".to_owned(),
            status: "Waiting".to_owned(),
            excluded: true,
            ..Detail::default()
        },
    ]
}

/// A novel with everything that a file can bring.
fn rich() -> ImportedNovel {
    let (good, bad) = ("ab".repeat(32), "cd".repeat(32));
    let note = Piece::Footnote { body: plain("Below.").paragraphs };
    let first = vec![
        Piece::plain("See "),
        picture(&bad, "a broken map"),
        picture(&good, "a map"),
        note,
        Piece::plain(" and row."),
    ];
    let image = |hash: &str, bytes: &[u8]| ImportedImage {
        hash: hash.to_owned(),
        media_type: "image/jpeg".to_owned(),
        name: "map.jpg".to_owned(),
        bytes: bytes.to_vec(),
    };
    let chapter = |title: &str, scenes| Chapter { title: title.to_owned(), scenes };
    let chapters =
        vec![chapter("Fog", vec![passage(first), plain("Two.")]), chapter("Ice", vec![plain("")])];
    ImportedNovel {
        title: Some("The Ferry".to_owned()),
        language: Some("en-GB".to_owned()),
        parts: vec![Part { title: "Winter".to_owned(), chapters }],
        details: cards(&good),
        // On "row", two characters behind a footnote, with a refused picture before it.
        comments: vec![
            ImportedComment {
                at: at(0, Some(0), Some(0)),
                range: 13..16,
                text: " Why? ".to_owned(),
                author: "Bea".to_owned(),
                date: "2024-05-01T12:30:00Z".to_owned(),
                resolved: true,
            },
            ImportedComment { at: at(7, None, None), ..ImportedComment::default() },
        ],
        asides: vec![Aside {
            folders: vec!["Research".to_owned(), "Boats".to_owned()],
            title: "Oars".to_owned(),
            synopsis: "Wood.".to_owned(),
            text: plain("Ash is best."),
        }],
        images: vec![image(&good, JPEG), image(&bad, b"GIF89a, and no more")],
        ..ImportedNovel::default()
    }
}

fn row<'a>(nodes: &'a [OutlineNode], path: &[usize]) -> &'a OutlineNode {
    let (first, rest) = path.split_first().unwrap();
    if rest.is_empty() { &nodes[*first] } else { row(&nodes[*first].children, rest) }
}

#[test]
fn cards_and_notes_come_in_with_the_text() {
    let [anna] = laptops(["Desk"]);
    let came = anna.desk.take_in(rich()).unwrap();
    let id = came.novel.id.as_str();
    let outline = anna.desk.outline(id).unwrap();

    let part = row(&outline.nodes, &[0]);
    assert_eq!((part.kind, part.title.as_str(), came.scenes), (NodeKind::Part, "Winter", 3));
    let scene = row(&outline.nodes, &[0, 0, 0]);
    assert_eq!((scene.title.as_str(), scene.synopsis.as_str()), ("The map", "They look."));
    assert_eq!((scene.label.as_str(), scene.target), ("Ann", Some(900)));
    assert_eq!((scene.status, scene.included), (SceneStatus::Revised, true));
    assert_eq!(row(&outline.nodes, &[0, 0, 1]).status, SceneStatus::Draft);
    let ice = row(&outline.nodes, &[0, 1]);
    assert_eq!((ice.synopsis.as_str(), ice.included), ("Cold.", false));
    assert_eq!(ice.label, "Waiting", "a status that nobody knows here is kept as a word");
    assert_eq!(row(&outline.nodes, &[0, 1, 0]).status, SceneStatus::Todo, "it has no words");

    let oars = row(&outline.notes, &[0, 0, 0]);
    assert_eq!((oars.title.as_str(), oars.synopsis.as_str(), oars.words), ("Oars", "Wood.", 3));
    let beside = row(&outline.notes, &[1, 0]);
    assert_eq!(
        (outline.notes[1].title.as_str(), beside.title.as_str()),
        ("Notes on scenes", "The map")
    );
}

#[test]
fn comments_and_pictures_come_in_and_what_cannot_is_said() {
    let [anna] = laptops(["Desk"]);
    let came = anna.desk.take_in(rich()).unwrap();
    let id = came.novel.id.as_str();
    let outline = anna.desk.outline(id).unwrap();
    let scene = row(&outline.nodes, &[0, 0, 0]);
    let beside = row(&outline.notes, &[1, 0]);
    let text = scene.scene.as_ref().unwrap();
    let comments = anna.desk.comments(id, text).unwrap();
    assert_eq!(comments.len(), 1);
    let comment = &comments[0];
    assert_eq!((comment.quote.as_str(), comment.text.as_str()), ("row", "Why?"));
    assert_eq!(
        (comment.author.as_str(), comment.at, comment.resolved),
        ("Bea", 1_714_566_600_000, true)
    );

    let shown = anna.desk.show_scene(id, text).unwrap();
    assert!(
        shown.flat.starts_with("\nSee a broken map\u{fffc}\u{fffc} and row."),
        "{}",
        shown.flat
    );
    let images = pictures(&anna, id, text);
    assert_eq!(images.len(), 1);
    let kept = anna.desk.image(id, &images[0]).unwrap();
    assert!(kept.len() < JPEG.len(), "where and when it was taken is left out");
    let note = beside.scene.as_ref().unwrap();
    assert_eq!(pictures(&anna, id, note), images, "the same picture is kept once");

    for said in ["Left out: 1 picture (", "Left out: 1 comment", "2 texts beside"] {
        assert!(came.notes.iter().any(|note| note.contains(said)), "{said}: {:?}", came.notes);
    }
    assert_eq!(anna.desk.check().unwrap().problems, [""; 0]);
}

/// The names of the pictures that a text shows.
fn pictures(laptop: &Laptop, novel: &str, scene: &str) -> Vec<String> {
    let ids = (novel.parse().unwrap(), scene.parse().unwrap());
    let passage = laptop.desk.with_session(|session, store| session.passage(store, ids.0, ids.1));
    crate::images::shown_in(&passage.unwrap()).into_iter().map(crate::images::hex).collect()
}

#[test]
fn an_import_that_fails_leaves_nothing_and_can_be_tried_again() {
    let [anna] = laptops(["Desk"]);
    let before = anna.records();
    for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
        anna.fail_write(0, fault);
        let failed = anna.desk.take_in(rich());
        if matches!(fault, Fault::AfterCommit) {
            // The disk has it although it said otherwise: all of it, then.
            assert!(failed.is_err());
            assert_eq!(anna.desk.library().unwrap().len(), 1);
            continue;
        }
        failed.unwrap_err();
        assert_eq!((anna.records(), anna.desk.library().unwrap().len()), (before, 0));
        let swept = anna.desk.with_session(|_, store| Ok(store.sweep_blobs()?)).unwrap();
        assert_eq!(swept, 0, "no picture is left behind");
    }
    let came = anna.desk.take_in(rich()).unwrap();
    let run = 1 + came.scenes + 2;
    assert_eq!(
        anna.records() as u64,
        before as u64 + 2 * run,
        "one record for each text and the binder"
    );
}

#[test]
fn a_picture_of_an_import_reaches_the_other_laptop_with_its_text() {
    let (server, [anna, ben]) = online(["Desk", "Lap"]);
    let came = anna.desk.take_in(rich()).unwrap();
    server.rest(&[&anna, &ben]);
    assert_eq!((server.images(), server.refused_for_images()), (1, 0));
    let outline = ben.outline(&came.novel.id);
    let text = row(&outline, &[0, 0, 0]).scene.clone().unwrap();
    let image = pictures(&ben, &came.novel.id, &text).remove(0);
    assert!(ben.desk.image(&came.novel.id, &image).is_ok());
}

#[test]
fn a_document_is_cut_anew_with_every_choice_and_comes_in_as_it_was_last_seen() {
    let [anna] = laptops(["Desk"]);
    let (_place, path) = file("ferry.html", PAGE);
    let seen = anna.desk.preview_import(&path, None).unwrap();
    assert_eq!((seen.title.as_str(), seen.chapters, seen.scenes), ("The Ferry", 2, 3));
    assert_eq!(
        (seen.signs.levels.as_slice(), seen.signs.rules, seen.signs.lines),
        ([1, 2].as_slice(), 1, 1)
    );
    let mut choice = seen.shaping.clone().unwrap();
    assert_eq!((choice.chapter_level, choice.rules), (Some(2), true));

    choice.rules = false;
    let seen = anna.desk.preview_import(&path, Some(&choice)).unwrap();
    assert_eq!((seen.chapters, seen.scenes), (2, 2));
    choice.lines = crate::LineMeaning::Chapters;
    let seen = anna.desk.preview_import(&path, Some(&choice)).unwrap();
    assert_eq!((seen.chapters, seen.scenes, seen.shaping.as_ref()), (3, 3, Some(&choice)));

    let came = anna.desk.import_novel(&path, None, None, Some(&choice)).unwrap();
    assert_eq!((came.novel.chapters, came.scenes, came.novel.words), (3, 3, seen.words));
    assert_eq!(came.notes, seen.notes);
}

#[test]
fn every_choice_goes_to_the_shaping_and_back() {
    let [anna] = laptops(["Desk"]);
    let (_place, path) = file("ferry.html", PAGE);
    let mut choice = anna.desk.preview_import(&path, None).unwrap().shaping.unwrap();
    choice.blanks = BlankMeaning::Scene;
    choice.blank_lines = 3;
    choice.pages = BreakMeaning::Scene;
    choice.sections = BreakMeaning::Chapter;
    choice.files = BreakMeaning::Chapter;
    choice.items = crate::ItemMeaning::TextsAreChapters;
    choice.lines = crate::LineMeaning::ChaptersAndParts;
    (choice.numbers, choice.ornaments, choice.rules) = (true, false, false);
    (choice.title_level, choice.part_level) = (Some(4), Some(5));
    (choice.chapter_level, choice.scene_level) = (None, Some(6));
    let back = anna.desk.preview_import(&path, Some(&choice)).unwrap().shaping;
    assert_eq!(back, Some(choice));
}

#[test]
fn what_was_read_is_kept_until_it_changes_is_forgotten_or_the_vault_is_locked() {
    let [anna] = laptops(["Desk"]);
    let (_place, path) = file("one.md", "# One\n\nAlpha.\n");
    let first = |laptop: &Laptop| {
        laptop.desk.preview_import(&path, None).unwrap().nodes[0].children[0].excerpt.clone()
    };
    assert_eq!(first(&anna), "Alpha.");
    // The same length and the same time: nothing says that it changed.
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "# One\n\nBravo.\n").unwrap();
    File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(first(&anna), "Alpha.", "it was read again");
    anna.desk.forget_import();
    assert_eq!(first(&anna), "Bravo.");
    fs::write(&path, "# One\n\nCharlie.\n").unwrap();
    assert_eq!(first(&anna), "Charlie.", "a file that changed is read anew");

    anna.desk.lock().unwrap();
    let refused = anna.desk.preview_import(&path, None).unwrap_err();
    assert_eq!(refused.code, FailureCode::Locked);
}

#[test]
fn a_folder_of_chapters_has_nothing_to_choose_and_is_read_anew_when_a_file_in_it_changed() {
    let [anna] = laptops(["Desk"]);
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("1.md"), "# One\n\nText.\n").unwrap();
    let seen = anna.desk.preview_import(place.path(), None).unwrap();
    assert_eq!((seen.shaping, seen.chapters), (None, 1));
    fs::create_dir(place.path().join("Winter")).unwrap();
    fs::write(place.path().join("Winter/2.md"), "# Two\n\nMore.\n").unwrap();
    assert_eq!(anna.desk.preview_import(place.path(), None).unwrap().chapters, 2);
}

#[test]
fn two_who_look_at_once_see_the_same() {
    let [anna] = laptops(["Desk"]);
    let (_place, path) = file("ferry.html", PAGE);
    let look = |path: &Path| anna.desk.preview_import(path, None).unwrap();
    std::thread::scope(|scope| {
        let looks: Vec<_> = (0..4).map(|_| scope.spawn(|| look(&path))).collect();
        let seen: Vec<_> = looks.into_iter().map(|look| look.join().unwrap()).collect();
        assert!(seen.iter().all(|it| *it == seen[0]));
    });
}

#[test]
fn a_language_that_is_none_is_said_before_anything_is_read() {
    let [anna] = laptops(["Desk"]);
    let failed = anna.desk.import(Path::new("/nothing"), None, Some("not a tag".to_owned()));
    assert!(failed.unwrap_err().message.contains("no language tag"));
}

#[test]
fn what_is_imported_counts_as_nobodys_typing() {
    let [anna] = laptops(["Desk"]);
    let (_place, path) = file("ferry.html", PAGE);
    let came = anna.desk.import(&path, None, None).unwrap();
    let progress = anna.desk.progress(&came.novel.id).unwrap();
    assert!(progress.words > 5);
    assert_eq!((progress.today, progress.sitting, progress.days.len()), (0, 0, 0));
}

/// A novel of so many scenes that came by an import.
fn imported(laptop: &Laptop, scenes: usize) -> String {
    let texts: String =
        (1..=scenes).map(|at| format!("<hr><p>Words of number {at}.</p>")).collect();
    let (_place, path) = file("brought.html", &format!("<h1>One</h1><p>First.</p>{texts}"));
    laptop.desk.import(&path, Some("Brought".to_owned()), None).unwrap().novel.id
}

fn titles(laptop: &Laptop) -> Vec<String> {
    laptop.desk.library().unwrap().into_iter().map(|card| card.title).collect()
}

#[test]
fn one_import_is_one_undo_and_what_was_put_away_can_come_back() {
    let [anna] = laptops(["Desk"]);
    let (kept, _) = novel(&anna);
    let brought = imported(&anna, 3);
    let outline = anna.outline(&brought);
    let before = anna.records();
    anna.desk.undo_import(&brought).unwrap();
    assert_eq!(anna.records(), before + 1, "one edit");
    assert_eq!(titles(&anna), ["The Ferry"]);
    assert!(anna.desk.find_novel("Brought").is_err());
    let away = anna.desk.novels_put_away().unwrap();
    assert_eq!(away.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), [brought.as_str()]);
    assert!(anna.desk.undo_import(&brought).is_err(), "it is away already");

    let card = anna.desk.bring_import_back(&brought).unwrap();
    assert_eq!(card.title, "Brought");
    assert_eq!(anna.outline(&brought), outline);
    assert_eq!(titles(&anna), ["Brought", "The Ferry"]);
    assert!(anna.desk.bring_import_back(&kept).is_err());
    // Nothing was written in it meanwhile, so it can go once more.
    anna.desk.undo_import(&brought).unwrap();
    assert_eq!(titles(&anna), ["The Ferry"]);
}

#[test]
fn an_import_in_which_was_written_and_a_novel_that_did_not_come_by_one_stay() {
    let [anna] = laptops(["Desk"]);
    let (own, scene) = novel(&anna);
    assert_eq!(anna.desk.undo_import(&own).unwrap_err().code, FailureCode::NotFound);
    anna.write(&own, &scene, 1, "Own words.");
    assert_eq!(anna.desk.undo_import(&own).unwrap_err().code, FailureCode::NotFound);

    let brought = imported(&anna, 3);
    let text = anna.outline(&brought)[0].children[1].scene.clone().unwrap();
    let view = anna.open(&brought, &text);
    let words = vec![super::laptops::insert(1, "Mine. ")];
    anna.edit((&brought, &text), (view.session, 1), words).unwrap();
    let refused = anna.desk.undo_import(&brought).unwrap_err();
    assert!(refused.message.contains("written in"), "what is typed and not on the disk counts too");
    assert_eq!(titles(&anna), ["Brought", "The Ferry"]);
    assert!(anna.flat(&brought, &text).starts_with("\nMine. "));
}

#[test]
fn a_new_title_or_order_does_not_keep_an_import_from_being_taken_back() {
    let [anna] = laptops(["Desk"]);
    let brought = imported(&anna, 3);
    let chapter = anna.outline(&brought)[0].id.clone();
    anna.desk.rename_node(&brought, &chapter, "Another").unwrap();
    anna.desk.undo_import(&brought).unwrap();
    assert!(titles(&anna).is_empty());
}

#[test]
fn an_undo_that_cannot_be_written_changes_nothing() {
    let [anna] = laptops(["Desk"]);
    let brought = imported(&anna, 3);
    anna.fail_write(0, Fault::BeforeCommit);
    anna.desk.undo_import(&brought).unwrap_err();
    assert_eq!(titles(&anna), ["Brought"]);
    assert_eq!(anna.outline(&brought)[0].children.len(), 4);
}

#[test]
fn another_laptop_obeys_a_small_undo_and_asks_about_a_large_one() {
    let (server, [anna, ben]) = online(["Desk", "Lap"]);
    let (small, large) = (imported(&anna, 2), imported(&anna, 7));
    server.rest(&[&anna, &ben]);
    assert_eq!(titles(&ben).len(), 2);
    anna.desk.undo_import(&small).unwrap();
    server.rest(&[&anna, &ben]);
    assert_eq!(ben.desk.library().unwrap().iter().map(|it| &it.id).collect::<Vec<_>>(), [&large]);

    anna.desk.undo_import(&large).unwrap();
    server.round(&anna);
    server.round(&ben);
    assert!(ben.desk.status(u64::MAX).sync.held.is_some(), "it was done without a question");
    assert_eq!(titles(&ben).len(), 1);
    ben.desk.answer_deletion(DeletionAnswer::Keep).unwrap();
    server.rest(&[&ben, &anna]);
    for laptop in [&anna, &ben] {
        assert_eq!(titles(laptop), ["Brought"], "what was not meant is back everywhere");
        assert_eq!(standing(laptop, &large), 8);
    }
    anna.desk.undo_import(&large).unwrap();
    server.round(&anna);
    server.round(&ben);
    ben.desk.answer_deletion(DeletionAnswer::Delete).unwrap();
    server.rest(&[&ben, &anna]);
    assert!(titles(&ben).is_empty() && titles(&anna).is_empty());
}

#[test]
fn what_another_laptop_wrote_unheard_comes_back_with_its_novel() {
    let [anna, ben] = laptops(["Desk", "Lap"]);
    let brought = imported(&anna, 2);
    anna.give(&ben);
    let text = ben.outline(&brought)[0].children[0].scene.clone().unwrap();
    ben.write(&brought, &text, 1, "Ben was here. ");
    anna.desk.undo_import(&brought).unwrap();
    meet(&[&anna, &ben]);
    for laptop in [&anna, &ben] {
        assert_eq!(titles(laptop), ["Brought"]);
        assert!(laptop.flat(&brought, &text).starts_with("\nBen was here."));
    }
    let refused = anna.desk.undo_import(&brought).unwrap_err();
    assert!(refused.message.contains("written in"), "{refused}");
}

#[test]
fn a_novel_whose_last_scene_its_author_trashed_stays_in_the_library() {
    let [anna] = laptops(["Desk"]);
    let brought = imported(&anna, 1);
    anna.desk.undo_import(&brought).unwrap();
    anna.desk.bring_import_back(&brought).unwrap();
    let chapter = anna.outline(&brought)[0].id.clone();
    anna.desk.trash_node(&brought, &chapter).unwrap();
    assert_eq!(titles(&anna), ["Brought"]);
}
