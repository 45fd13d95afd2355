//! The desk as the window uses it, with the real key derivation and a real database.

use seshat_app::{
    Attributes, Desk, Edit, EditOp, FailureCode, KitForm, Link, NewNode, NodeKind, SecondSecret,
    VaultState,
};
use tempfile::TempDir;

const PASSWORD: &str = "lantern gravel oboe tuesday";

fn new_desk() -> (TempDir, Desk) {
    let home = tempfile::tempdir().expect("a folder for the test");
    let desk = desk_in(&home);
    desk.create_vault(PASSWORD.to_owned(), SecondSecret::None).expect("a new vault");
    (home, desk)
}

fn desk_in(home: &TempDir) -> Desk {
    Desk::at(home.path().join("vault"), "test laptop".to_owned())
}

/// A novel's id and its first scene's.
fn novel(desk: &Desk) -> (String, String) {
    let novel = desk.create_novel("The Ferry", "en-GB").expect("a novel").id;
    let outline = desk.outline(&novel).expect("an outline");
    let scene = outline.nodes[0].children[0].scene.clone().expect("a scene has a text");
    (novel, scene)
}

fn insert(at: usize, text: &str) -> EditOp {
    EditOp::Insert { at, text: text.to_owned(), attributes: Attributes::new() }
}

fn edit(place: &(String, String), session: u64, sequence: u64, ops: Vec<EditOp>) -> Edit {
    let (novel, scene) = place.clone();
    Edit { novel, scene, session, sequence, ops, typed: false }
}

#[test]
fn what_was_flushed_is_there_after_the_program_stopped_without_a_word() {
    let (home, desk) = new_desk();
    let place = novel(&desk);
    let view = desk.open_scene(&place.0, &place.1).unwrap();
    desk.edit_scene(&edit(&place, view.session, 1, vec![insert(1, "One two three.")])).unwrap();
    desk.flush().unwrap();
    // No lock, no close: as a power cut would have it.
    drop(desk);

    let desk = desk_in(&home);
    assert_eq!(desk.vault_state().unwrap(), VaultState::Locked);
    desk.unlock(PASSWORD.to_owned()).unwrap();
    assert_eq!(desk.show_scene(&place.0, &place.1).unwrap().flat, "\nOne two three.");
    assert_eq!(desk.library().unwrap()[0].words, 3, "the library counts without opening the scene");
}

#[test]
fn a_vault_is_made_where_a_program_was_stopped_while_it_made_one() {
    let home = tempfile::tempdir().expect("a folder for the test");
    let store = seshat_store::Store::create(&home.path().join("vault")).expect("a store");
    drop(store);
    let desk = desk_in(&home);
    assert_eq!(desk.vault_state().unwrap(), VaultState::Absent);
    desk.create_vault(PASSWORD.to_owned(), SecondSecret::None).expect("a new vault");
    assert_eq!(desk.vault_state().unwrap(), VaultState::Open);
}

#[test]
fn an_edit_that_comes_twice_is_applied_once() {
    let (_home, desk) = new_desk();
    let place = novel(&desk);
    let view = desk.open_scene(&place.0, &place.1).unwrap();
    let once = edit(&place, view.session, 1, vec![insert(1, "once")]);
    let first = desk.edit_scene(&once).unwrap();
    let second = desk.edit_scene(&once).unwrap();
    assert_eq!((first.words, second.words), (1, 1));
    desk.flush().unwrap();
    assert_eq!(desk.show_scene(&place.0, &place.1).unwrap().flat, "\nonce");
}

#[test]
fn an_edit_of_an_older_opening_or_out_of_turn_is_refused() {
    let (_home, desk) = new_desk();
    let place = novel(&desk);
    let old = desk.open_scene(&place.0, &place.1).unwrap();
    let new = desk.open_scene(&place.0, &place.1).unwrap();
    let late = desk.edit_scene(&edit(&place, old.session, 1, vec![insert(1, "late")])).unwrap_err();
    assert_eq!(late.code, FailureCode::Stale);
    let early =
        desk.edit_scene(&edit(&place, new.session, 2, vec![insert(1, "early")])).unwrap_err();
    assert_eq!(early.code, FailureCode::Stale, "edit 1 is missing");
    desk.edit_scene(&edit(&place, new.session, 1, vec![insert(1, "in turn")])).unwrap();
}

#[test]
fn opening_a_scene_again_keeps_what_was_not_yet_on_the_disk() {
    let (_home, desk) = new_desk();
    let place = novel(&desk);
    let view = desk.open_scene(&place.0, &place.1).unwrap();
    desk.edit_scene(&edit(&place, view.session, 1, vec![insert(1, "kept")])).unwrap();
    let again = desk.open_scene(&place.0, &place.1).unwrap();
    let text: String = again.runs.iter().map(|run| run.text.as_str()).collect();
    assert_eq!(text, "\nkept");
}

#[test]
fn locking_saves_what_was_typed_and_leaves_nothing_to_ask() {
    let (_home, desk) = new_desk();
    let place = novel(&desk);
    let view = desk.open_scene(&place.0, &place.1).unwrap();
    desk.edit_scene(&edit(&place, view.session, 1, vec![insert(1, "last words")])).unwrap();
    desk.lock().unwrap();
    let failure = desk.library().unwrap_err();
    assert_eq!(failure.code, FailureCode::Locked);
    let refused =
        desk.edit_scene(&edit(&place, view.session, 2, vec![insert(1, "x")])).unwrap_err();
    assert_eq!(refused.code, FailureCode::Locked);

    let wrong = desk.unlock("lantern gravel oboe wednesday".to_owned()).unwrap_err();
    assert_eq!(wrong.code, FailureCode::WrongPassword);
    desk.unlock(PASSWORD.to_owned()).unwrap();
    assert_eq!(desk.show_scene(&place.0, &place.1).unwrap().flat, "\nlast words");
}

#[test]
fn a_weak_password_makes_no_vault_and_a_second_vault_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    let weak = desk.create_vault("password1".to_owned(), SecondSecret::None).err().unwrap();
    assert_eq!(weak.code, FailureCode::WeakPassword);
    assert_eq!(desk.vault_state().unwrap(), VaultState::Absent);
    desk.create_vault(PASSWORD.to_owned(), SecondSecret::None).unwrap();
    let second = desk.create_vault(PASSWORD.to_owned(), SecondSecret::None).err().unwrap();
    assert_eq!(second.code, FailureCode::Exists);
}

#[test]
fn the_kit_is_shown_once_and_opens_the_vault_with_a_new_password() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    let kit = desk.create_vault(PASSWORD.to_owned(), SecondSecret::None).unwrap();
    assert_eq!(kit.words.len(), 24);
    assert!(kit.confirm.iter().all(|place| (1..=24).contains(place)));
    let file = home.path().join("kit.txt");
    desk.save_kit(&file, KitForm::Text).unwrap();
    assert!(
        desk.save_kit(&file, KitForm::Text).is_err(),
        "a file that is there is never overwritten"
    );
    desk.kit_confirmed().unwrap();
    assert!(
        desk.save_kit(&home.path().join("again.txt"), KitForm::Text).is_err(),
        "the kit left memory"
    );

    let new = "orchid ladder thunder mime";
    desk.lock().unwrap();
    desk.recover(std::fs::read_to_string(&file).unwrap(), new.to_owned()).unwrap();
    desk.lock().unwrap();
    assert!(desk.unlock(PASSWORD.to_owned()).is_err(), "the old password still opens the vault");
    desk.unlock(new.to_owned()).unwrap();
}

#[test]
fn a_new_kit_is_written_as_it_was_asked_for_and_the_old_one_ends_only_with_it() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    let old = desk.create_vault(PASSWORD.to_owned(), SecondSecret::None).unwrap();
    let page = home.path().join("kit.html");
    std::fs::write(&page, "there already").unwrap();
    let form = KitForm::Page;
    assert!(desk.new_kit(PASSWORD.to_owned(), Some((&page, form))).is_err());
    let again = desk.show_kit(PASSWORD.to_owned()).unwrap();
    assert_eq!(again.words, old.words, "no words ended before the new ones were on the disk");
    std::fs::remove_file(&page).unwrap();
    let new = desk.new_kit(PASSWORD.to_owned(), Some((&page, form))).unwrap();
    let written = std::fs::read_to_string(&page).unwrap();
    assert!(new.words.iter().all(|word| written.contains(&format!("<li>{word}</li>"))));
    assert_eq!(desk.show_kit(PASSWORD.to_owned()).unwrap().words, new.words);
    assert_ne!(new.words, old.words);
}

#[test]
fn the_binder_keeps_its_order_and_never_touches_text() {
    let (_home, desk) = new_desk();
    let (novel, scene) = novel(&desk);
    desk.append_markdown(&novel, &scene, "Unmoved words.\n").unwrap();
    let chapter =
        NewNode { kind: NodeKind::Chapter, parent: None, after: None, title: "Second".to_owned() };
    let second = desk.add_node(&novel, &chapter).unwrap();
    assert_eq!(second.children.len(), 1, "a new chapter begins with a scene");
    let scene_node = desk.outline(&novel).unwrap().nodes[0].children[0].id.clone();
    desk.move_node(&novel, &scene_node, Some(&second.id), 0).unwrap();
    desk.rename_node(&novel, &scene_node, "Crossing").unwrap();
    let outline = desk.outline(&novel).unwrap();
    let moved = &outline.nodes[1].children[0];
    assert_eq!((moved.title.as_str(), moved.path.as_str(), moved.words), ("Crossing", "2/1", 2));
    assert_eq!(desk.show_scene(&novel, &scene).unwrap().flat, "\nUnmoved words.");
    desk.trash_node(&novel, &second.id).unwrap();
    assert_eq!(desk.outline(&novel).unwrap().nodes.len(), 1);
    assert!(desk.move_node(&novel, "7@7", None, 0).is_err(), "a node that is not there was moved");
}

#[test]
fn scenes_are_found_by_place_and_by_the_beginning_of_their_id() {
    let (_home, desk) = new_desk();
    let (novel, scene) = novel(&desk);
    assert_eq!(desk.find_novel("The Ferry").unwrap(), novel);
    assert_eq!(desk.find_novel(novel.get(..6).unwrap()).unwrap(), novel);
    assert_eq!(desk.find_scene(&novel, "1/1").unwrap(), scene);
    assert_eq!(desk.find_scene(&novel, scene.get(..8).unwrap()).unwrap(), scene);
    assert!(desk.find_scene(&novel, "9/9").is_err());
    assert!(desk.find_novel("The Train").is_err());
}

#[test]
fn replacing_a_scene_leaves_the_paragraphs_that_stay_alone() {
    let (_home, desk) = new_desk();
    let (novel, scene) = novel(&desk);
    let texts = [
        "First.\n\nSecond.\n\nThird.\n",
        "First.\n\nBetween.\n\nSecond.\n\nThird.\n",
        "Third.\n",
        "> A letter.\n\nThird.\n",
        "Only *this*.\n",
    ];
    for text in texts {
        desk.replace_markdown(&novel, &scene, text).unwrap();
        assert_eq!(desk.show_scene(&novel, &scene).unwrap().markdown.trim(), text.trim());
    }
}

#[test]
fn without_a_server_the_board_says_so_and_sync_is_refused_in_a_sentence() {
    let (_home, desk) = new_desk();
    assert_eq!(desk.status(0).link, Link::None);
    let failure = desk.sync().unwrap_err();
    assert_eq!(failure.code, FailureCode::NotFound);
    assert!(failure.message.contains("safe"), "{}", failure.message);
}

#[test]
fn a_check_opens_every_record_and_finds_one_that_was_altered() {
    let (home, desk) = new_desk();
    let (novel, scene) = novel(&desk);
    desk.append_markdown(&novel, &scene, "Words worth keeping.\n").unwrap();
    let found = desk.check().unwrap();
    assert_eq!((found.records, found.opened, found.problems.len()), (2, 2, 0), "{found:?}");
    desk.close();

    let file = home.path().join("vault/seshat.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    let place = (0..last).rev().find(|at| bytes[*at] != 0).unwrap();
    bytes[place] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let desk = desk_in(&home);
    // Wherever the bit was, somebody says so: at opening, at unlocking or in the check.
    let said = desk
        .vault_state()
        .and_then(|_| desk.unlock(PASSWORD.to_owned()))
        .and_then(|()| desk.check())
        .map_or(true, |found| !found.problems.is_empty());
    assert!(said, "an altered byte went unnoticed");
}

#[test]
fn a_changed_password_opens_the_vault_and_the_old_one_does_not() {
    let (_home, desk) = new_desk();
    let place = novel(&desk);
    desk.append_markdown(&place.0, &place.1, "Kept through the change.\n").unwrap();
    let weak = desk.change_password(PASSWORD.to_owned(), "password1".to_owned()).unwrap_err();
    assert_eq!(weak.code, FailureCode::WeakPassword);
    desk.change_password(PASSWORD.to_owned(), "orchid ladder thunder mime".to_owned()).unwrap();
    // What is written afterwards goes under the same keys.
    desk.create_novel("After", "en").unwrap();
    desk.lock().unwrap();
    assert!(desk.unlock(PASSWORD.to_owned()).is_err(), "the old password still opens the vault");
    desk.unlock("orchid ladder thunder mime".to_owned()).unwrap();
    assert_eq!(desk.library().unwrap().len(), 2);
    let shown = desk.show_scene(&place.0, &place.1).unwrap();
    assert_eq!(shown.flat, "\nKept through the change.");
}
