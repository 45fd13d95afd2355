use super::laptops::{laptops, novel};
use crate::{FailureCode, TextPlace};

fn place(scene: &str, at: u32) -> TextPlace {
    TextPlace { scene: scene.to_owned(), at }
}

#[test]
fn a_novel_remembers_where_the_author_was_and_sends_it_to_nobody() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    assert_eq!(anna.desk.place(&novel).unwrap(), None);
    let (records, waiting) = (anna.records(), anna.desk.status(0).waiting);
    anna.desk.keep_place(&novel, &scene, 7).unwrap();
    assert_eq!(anna.desk.place(&novel).unwrap(), Some(place(&scene, 7)));
    anna.desk.keep_place(&novel, &scene, 9000).unwrap();
    assert_eq!(
        anna.desk.place(&novel).unwrap(),
        Some(place(&scene, 9000)),
        "the latest one counts"
    );
    assert_eq!((anna.records(), anna.desk.status(0).waiting), (records, waiting));
}

#[test]
fn a_place_cannot_be_read_off_the_file() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.desk.keep_place(&novel, &scene, 7).unwrap();
    let key = format!("place-{novel}");
    let sealed = anna.desk.with_session(|_, store| Ok(store.setting(&key)?)).unwrap().unwrap();
    let holds = |word: &[u8]| sealed.windows(word.len()).any(|found| found == word);
    assert!(!holds(scene.as_bytes()) && !holds(b"scene"), "the place is there in the clear");
    let other = format!("{:032x}", 9);
    let moved = format!("place-{other}");
    anna.desk.with_session(|_, store| Ok(store.set_setting(&moved, Some(&sealed))?)).unwrap();
    assert_eq!(anna.desk.place(&other).unwrap(), None, "it was taken for another novel's");
}

#[test]
fn a_scene_in_the_trash_is_no_place_to_begin() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.desk.keep_place(&novel, &scene, 1).unwrap();
    let node = anna.outline(&novel)[0].children[0].id.clone();
    anna.desk.trash_node(&novel, &node).unwrap();
    assert_eq!(anna.desk.place(&novel).unwrap(), None);
    anna.desk.restore_node(&novel, &node).unwrap();
    assert_eq!(anna.desk.place(&novel).unwrap(), Some(place(&scene, 1)));
}

#[test]
fn a_place_in_a_scene_that_there_is_not_is_refused() {
    let [anna] = laptops(["Desk"]);
    let (novel, _) = novel(&anna);
    for scene in ["", "no id", &format!("{:032x}", 5)] {
        let refused = anna.desk.keep_place(&novel, scene, 1).unwrap_err();
        assert_eq!(refused.code, FailureCode::NotFound, "{scene}");
    }
    anna.desk.lock().unwrap();
    assert_eq!(anna.desk.place(&novel).unwrap_err().code, FailureCode::Locked);
}
