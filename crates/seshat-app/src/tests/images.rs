//! Pictures: put in on one laptop, carried sealed, seen on another; compacted, backed up, forgotten by a lock.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::laptops::{Laptop, novel};
use super::online::online;
use crate::{Attributes, EditOp, FailureCode};

const PNG: &[u8] = include_bytes!("../image_format/samples/plain.png");
const GIF: &[u8] = include_bytes!("../image_format/samples/frames.gif");

impl Laptop {
    /// Puts a picture into a novel and shows it in a scene; what the text calls it.
    fn show(&self, novel: &str, scene: &str, bytes: &[u8], alt: &str) -> String {
        let placed = self.desk.put_image(novel, bytes).unwrap();
        self.show_placed(novel, scene, &placed.image, alt);
        placed.image
    }

    fn show_placed(&self, novel: &str, scene: &str, image: &str, alt: &str) {
        let view = self.open(novel, scene);
        let atom = json!({ "kind": "image", "hash": image, "alt": alt });
        let attributes: Attributes = [("atom".to_owned(), atom)].into_iter().collect();
        let insert = EditOp::Insert { at: 1, text: "\u{fffc}".to_owned(), attributes };
        self.edit((novel, scene), (view.session, 1), vec![insert]).unwrap();
        self.desk.close_scene(novel, scene).unwrap();
    }

    /// What every record that names any picture names.
    fn listed(&self) -> Vec<Vec<String>> {
        let records = self.desk.with_session(|_, store| {
            Ok(store.all_records().map(|held| held.unwrap().record.blobs).collect::<Vec<_>>())
        });
        let named = records.unwrap().into_iter().filter(|blobs| !blobs.is_empty());
        named.map(|blobs| blobs.into_iter().map(crate::images::hex).collect()).collect()
    }

    fn forget(&self, image: &str) {
        let hash = crate::images::hash_of(image).unwrap();
        self.desk.with_session(|_, store| Ok(store.forget_blob(hash)?)).unwrap();
    }
}

fn code(laptop: &Laptop, novel: &str, image: &str) -> Option<FailureCode> {
    laptop.desk.image(novel, image).err().map(|failure| failure.code)
}

#[test]
fn a_picture_that_one_laptop_puts_in_is_seen_on_the_other_and_goes_up_before_its_text() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    assert_eq!(here.listed(), [[image.clone()]]);
    server.rest(&[&here, &there]);
    assert_eq!(server.images(), 1);
    assert_eq!(here.desk.image(&novel, &image).unwrap(), there.desk.image(&novel, &image).unwrap());
    assert!(there.desk.show_scene(&novel, &scene).unwrap().markdown.contains("![a map]"));
    assert_eq!(there.desk.check().unwrap().problems, [""; 0]);
}

#[test]
fn a_record_whose_picture_the_server_has_no_room_for_stays_and_the_rest_goes() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    server.set_image_room(false);
    let (other, other_scene) = super::laptops::novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    here.write(&other, &other_scene, 1, "Text goes on. ");
    let report = server.round(&here);
    assert!(report.complete && report.waiting == 1, "{report:?}");
    assert!(report.message.unwrap().contains("no more room"));
    server.round(&there);
    assert!(there.flat(&other, &other_scene).contains("Text goes on."));
    server.set_image_room(true);
    server.rest(&[&here, &there]);
    assert!(there.desk.image(&novel, &image).is_ok());
}

#[test]
fn a_line_that_breaks_anywhere_neither_loses_a_picture_nor_lets_a_record_go_before_it() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    server.rest(&[&here, &there]);
    let image = here.show(&novel, &scene, PNG, "a map");
    let mut requests = 0;
    while server.round_cut(&here, Some(requests)).is_none() {
        // The server in memory refuses a record that names what it has not; nobody may have tried.
        assert_eq!(server.refused_for_images(), 0);
        requests += 1;
    }
    server.rest(&[&here, &there]);
    assert!(there.desk.image(&novel, &image).is_ok());
    assert_eq!((server.images(), server.refused_for_images()), (1, 0));
}

#[test]
fn wrong_bytes_from_a_server_are_not_kept_and_the_right_ones_are_fetched_later() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    server.round(&here);
    server.swap_images(b"something else");
    server.round(&there);
    assert_eq!(code(&there, &novel, &image), Some(FailureCode::NotFound));
    let problems = there.desk.check().unwrap().problems;
    assert!(
        problems.iter().any(|it| it.contains("1 pictures are not on this laptop")),
        "{problems:?}"
    );
    server.heal_images();
    server.round(&there);
    assert!(there.desk.image(&novel, &image).is_ok());
}

#[test]
fn a_picture_that_a_laptop_lost_is_fetched_again_and_one_that_the_server_lost_is_sent_again() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    server.rest(&[&here, &there]);
    here.forget(&image);
    assert_eq!(code(&here, &novel, &image), Some(FailureCode::NotFound));
    server.round(&here);
    assert!(here.desk.image(&novel, &image).is_ok());
    // Another history: everything is offered again, and nothing without its pictures.
    server.restore_without_images();
    server.rest(&[&here, &there]);
    assert_eq!((server.images(), server.refused_for_images()), (1, 0));
}

#[test]
fn a_picture_of_another_novel_is_not_shown_and_unknown_names_are_listed_nowhere() {
    let (_, [here]) = online(["Here"]);
    let (novel, scene) = novel(&here);
    let (other, other_scene) = super::laptops::novel(&here);
    let image = here.desk.put_image(&novel, PNG).unwrap().image;
    assert_eq!(code(&here, &other, &image), Some(FailureCode::Other));
    here.show_placed(&other, &other_scene, &"ab".repeat(32), "nobody has it");
    here.show_placed(&novel, &scene, "picture.png", "no hash");
    assert_eq!(here.listed(), [[""; 0]; 0]);
    for name in ["", "ab", &"AB".repeat(32), &"é".repeat(32), &"ab".repeat(33)] {
        assert_eq!(code(&here, &novel, name), Some(FailureCode::NotFound), "{name}");
    }
}

#[test]
fn a_history_names_every_picture_that_was_ever_shown_and_a_split_takes_its_own_along() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    let map = here.show(&novel, &scene, PNG, "a map");
    let face = here.show(&novel, &scene, GIF, "a face");
    let view = here.open(&novel, &scene);
    let delete = EditOp::Delete { at: 1, length: 1 };
    here.edit((&novel, &scene), (view.session, 1), vec![delete]).unwrap();
    here.write(&novel, &scene, 1, "Words. ");
    server.rest(&[&here, &there]);
    assert!(here.desk.compact(true).is_err(), "the server of this test is reached otherwise");
    here.desk.compact_documents(crate::compacting::Which::All, &mut || true).unwrap();
    let mut both = vec![map.clone(), face.clone()];
    both.sort();
    let listed = here.listed();
    assert!(listed.contains(&both), "{listed:?}");
    // What a history has is not said again.
    let before = here.listed().len();
    here.write(&novel, &scene, 1, "More. ");
    assert_eq!(here.listed().len(), before);
    server.rest(&[&here, &there]);
    assert!(there.desk.image(&novel, &map).is_ok() && there.desk.image(&novel, &face).is_ok());
}

#[test]
fn a_locked_vault_shows_no_picture_and_no_byte_of_it_lies_open_on_the_disk() {
    let (server, [here, there]) = online(["Here", "There"]);
    let (novel, scene) = novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    server.rest(&[&here, &there]);
    here.desk.backup_now().unwrap();
    for laptop in [&here, &there] {
        let shown = laptop.desk.image(&novel, &image).unwrap();
        laptop.desk.lock().unwrap();
        assert_eq!(code(laptop, &novel, &image), Some(FailureCode::Locked));
        // A stretch from the middle: the head of a PNG is the same in all of them.
        nowhere_below(laptop.desk.home(), &shown[40..72]);
    }
    assert!(!server.has_bytes(&PNG[40..72]));
}

fn nowhere_below(folder: &Path, canary: &[u8]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nowhere_below(&path, canary);
        } else {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(canary.len()).any(|window| window == canary);
            assert!(!found, "{} holds a picture in the clear", path.display());
        }
    }
}

#[test]
fn a_backup_brings_pictures_back_and_what_no_text_shows_goes() {
    let (_, [here]) = online(["Here"]);
    let (novel, scene) = novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    let unused = here.desk.put_image(&novel, GIF).unwrap().image;
    let copy = here.desk.home().join("copy.seshat");
    here.desk.backup_to(&copy).unwrap();
    here.forget(&image);
    here.desk.restore_backup(&copy, String::new()).unwrap();
    assert!(here.desk.image(&novel, &image).is_ok());
    assert!(here.desk.image(&novel, &unused).is_ok(), "a text may still come to show it");
    here.desk.with_session(|_, store| Ok(store.sweep_blobs()?)).unwrap();
    assert!(here.desk.image(&novel, &image).is_ok());
    assert_eq!(code(&here, &novel, &unused), Some(FailureCode::NotFound));
}

#[test]
fn what_is_no_picture_leaves_nothing_behind() {
    let (_, [here]) = online(["Here"]);
    let (novel, _) = novel(&here);
    for bytes in [&b"<svg/>"[..], b"", &PNG[..60]] {
        let failure = here.desk.put_image(&novel, bytes).unwrap_err();
        assert!(failure.message.contains("nothing was changed"), "{failure}");
    }
    let kept = here.desk.with_session(|_, store| Ok(store.sweep_blobs()?)).unwrap();
    assert_eq!(kept, 0);
}

#[test]
fn an_export_has_the_pictures_as_files_that_its_chapters_name() {
    let (_, [here]) = online(["Here"]);
    let (novel, scene) = novel(&here);
    let image = here.show(&novel, &scene, PNG, "a map");
    let target = here.desk.home().join("export");
    let preset = here.desk.usual_preset(&novel, crate::ExportKind::MarkdownFolder).unwrap();
    let copy = crate::ExportCopy::default();
    here.desk.export_novel(&novel, &preset, &copy, (&target, crate::Existing::Kept)).unwrap();
    let file = format!("images/{}.png", image.get(..16).unwrap());
    let chapter = fs::read_to_string(target.join("0001.md")).unwrap();
    assert!(chapter.contains(&format!("![a map]({file})")), "{chapter}");
    assert_eq!(fs::read(target.join(file)).unwrap(), here.desk.image(&novel, &image).unwrap());
}
