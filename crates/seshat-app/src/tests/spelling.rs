//! Spelling over a real vault: the bundled dictionaries, the author's own words on two laptops, dictionaries brought.

use std::path::{Path, PathBuf};

use super::laptops::{laptops, novel};
use crate::{Misspelling, SpellPiece};

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dictionaries")
}

fn piece(text: &str, language: Option<&str>) -> SpellPiece {
    SpellPiece { text: text.to_owned(), language: language.map(str::to_owned) }
}

#[test]
fn a_paragraph_is_judged_piece_by_piece_in_the_language_of_each() {
    let [anna] = laptops(["Desk"]);
    let (novel, _) = novel(&anna);
    anna.desk.dictionaries_in(bundled());
    let paragraphs = [
        vec![piece("He said teh ", None), piece("gatau", Some("fr")), piece(" wich", None)],
        vec![piece("All is well", None), piece(" gāteau", Some("tlh"))],
    ];
    let found = anna.desk.misspelt(&novel, &paragraphs).unwrap();
    let at = |from, to| Misspelling { from, to };
    assert_eq!(found, [vec![at(8, 11), at(12, 17), at(18, 22)], vec![]]);
    let suggested = anna.desk.spelling_suggestions(&novel, None, "wich").unwrap();
    assert!(suggested.iter().any(|word| word == "which") && suggested.len() <= 8);
    anna.desk.lock().unwrap();
    assert!(anna.desk.misspelt(&novel, &paragraphs).is_err(), "a locked vault judges nothing");
}

#[test]
fn without_a_dictionary_nothing_is_wrong() {
    let [anna] = laptops(["Desk"]);
    let (novel, _) = novel(&anna);
    let found = anna.desk.misspelt(&novel, &[vec![piece("teh wich", None)]]).unwrap();
    assert_eq!(found, [vec![]]);
    assert_eq!(anna.desk.spelling(&novel).unwrap().dictionaries, []);
}

#[test]
fn the_authors_own_words_are_right_on_every_laptop_and_sealed() {
    let [anna, bert] = laptops(["Desk", "Kitchen"]);
    let (novel, _) = novel(&anna);
    anna.give_vault(&bert);
    anna.give(&bert);
    anna.desk.add_own_word(&novel, "Gryffald").unwrap();
    bert.desk.add_own_word(&novel, "Llanwyn").unwrap();
    anna.give(&bert);
    bert.give(&anna);
    for laptop in [&anna, &bert] {
        laptop.desk.dictionaries_in(bundled());
        assert_eq!(laptop.desk.spelling(&novel).unwrap().words, ["Gryffald", "Llanwyn"]);
        let found = laptop.desk.misspelt(&novel, &[vec![piece("Gryffald’s LLANWYN", None)]]);
        assert_eq!(found.unwrap(), [vec![]]);
    }
    bert.desk.remove_own_word(&novel, "Gryffald").unwrap();
    bert.give(&anna);
    assert_eq!(anna.desk.spelling(&novel).unwrap().words, ["Llanwyn"]);
    assert!(anna.desk.add_own_word(&novel, "two words").is_err());
}

#[test]
fn a_dictionary_that_the_author_brings_is_used_and_can_be_taken_away() {
    let [anna] = laptops(["Desk"]);
    let (novel, _) = novel(&anna);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("en_GB.aff");
    std::fs::write(&file, "SET UTF-8\n").unwrap();
    let missing = anna.desk.add_dictionary(&file, "en").unwrap_err();
    assert!(missing.message.contains(".dic"), "{missing}");
    std::fs::write(folder.path().join("en_GB.dic"), "2\nteh\nend\n").unwrap();
    assert_eq!(anna.desk.add_dictionary(&file, "fr").unwrap(), "en-GB");
    let cards = anna.desk.spelling(&novel).unwrap().dictionaries;
    assert!(cards.iter().any(|card| card.language == "en-GB" && card.own), "{cards:?}");
    let judged = || anna.desk.misspelt(&novel, &[vec![piece("teh house", Some("en-GB"))]]).unwrap();
    assert_eq!(judged(), [vec![Misspelling { from: 4, to: 9 }]]);
    anna.desk.remove_dictionary("en-GB").unwrap();
    assert_eq!(judged(), [vec![]]);
    std::fs::write(folder.path().join("en_GB.dic"), "").unwrap();
    assert!(anna.desk.add_dictionary(&file, "fr").unwrap_err().message.contains("no words"));
    assert!(anna.desk.remove_dictionary("../../other").is_err());
}

#[test]
fn dictionaries_are_let_go_of_when_the_vault_is_locked() {
    let [anna] = laptops(["Desk"]);
    let (novel, _) = novel(&anna);
    anna.desk.dictionaries_in(bundled());
    anna.desk.misspelt(&novel, &[vec![piece("teh", None)]]).unwrap();
    anna.desk.let_go_of_dictionaries();
    let held = || anna.desk.shared.spelling.held();
    assert!(held() > 0, "an open vault that was asked just now keeps them");
    anna.desk.lock().unwrap();
    anna.desk.let_go_of_dictionaries();
    assert_eq!(held(), 0);
}
