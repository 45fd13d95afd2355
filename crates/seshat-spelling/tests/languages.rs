//! Each bundled dictionary, over sentences of its language.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seshat_spelling::{Dictionary, Known, Speller};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn dictionary(tag: &str) -> Arc<Dictionary> {
    let read = |ending| {
        std::fs::read(root().join(format!("dictionaries/{tag}.{ending}"))).expect("it is here")
    };
    Arc::new(Dictionary::parse(&read("aff"), &read("dic")).expect("it is one"))
}

fn speller(tag: &str) -> Speller {
    Speller::new(tag, vec![dictionary(tag)])
}

fn wrong_with(speller: &Speller, text: &str, known: &Known) -> Vec<String> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let found = speller.misspelt(text, known);
    found.iter().map(|it| String::from_utf16_lossy(&units[it.from..it.to])).collect()
}

fn wrong(tag: &str, text: &str) -> Vec<String> {
    wrong_with(&speller(tag), text, &Known::default())
}

#[test]
fn english_finds_slips_and_leaves_speech_alone() {
    let text = "‘Don’t you dare,’ she said; ‘’tis the twenty-first o’clock, I’m goin’ t-to St. Mary’s, and teh end. They’d recieve it.’";
    assert_eq!(wrong("en-GB", text), ["teh", "recieve"]);
    assert_eq!(wrong("en-GB", "The colour of the grey theatre, a naïve café"), [""; 0]);
    assert_eq!(wrong("en-US", "The colour of the gray theater"), ["colour"]);
}

#[test]
fn british_and_american_together_take_either() {
    let both = Speller::new("en", vec![dictionary("en-GB"), dictionary("en-US")]);
    assert_eq!(wrong_with(&both, "colour and color and coluor", &Known::default()), ["coluor"]);
}

#[test]
fn french_elisions_and_compounds() {
    let text = "L’été, aujourd’hui, qu’il s’en aille là-bas : peut-être l'arbre d’Emma est-il tombé. J’ai mangé un gatau.";
    assert_eq!(wrong("fr", text), ["gatau"]);
    assert_eq!(wrong("fr", "Lorsqu’un œil — l’œuvre — s’ouvrit, C’ÉTAIT L’HIVER"), [""; 0]);
}

#[test]
fn german_compounds_and_halves_of_them() {
    let text = "Die Haustürklingel läutete; Haus- und Gartenarbeit, Straßenbahnhaltestelle, das Ungezifer.";
    assert_eq!(wrong("de", text), ["Ungezifer"]);
}

#[test]
fn spanish_with_its_own_marks() {
    let text = "¿Qué hiciste anoche? ¡Nada! Con vergüenza nadó allá, dándoselo al niño qe lloraba.";
    assert_eq!(wrong("es", text), ["qe"]);
}

#[test]
fn numbers_addresses_abbreviations_and_other_scripts_are_nobodys_mistake() {
    let text = "The 3rd of 1984, see https://exmaple.org/teh or ann@exmaple.org; NATO, XXXVIII, McGregor’s iPhone, Ελλάδα, война, e.g. _this_.";
    assert_eq!(wrong("en-GB", text), [""; 0]);
    assert_eq!(wrong("en-GB", "hEllo THe"), ["hEllo", "THe"]);
}

#[test]
fn places_count_utf16_units() {
    let found = speller("en-GB").misspelt("🙂𝒜 e\u{301}clair teh \u{fffc}teh", &Known::default());
    let places: Vec<_> = found.iter().map(|it| (it.from, it.to)).collect();
    assert_eq!(places, [(13, 16), (18, 21)]);
}

#[test]
fn a_word_of_the_authors_own_is_right_wherever_its_language_bends_it() {
    let known: Known = ["Gryffald", "Llanwyn", "mizzlewick"].into_iter().collect();
    let english = "Gryffald’s GRYFFALD in Llanwyn; Mizzlewick, the mizzlewick";
    assert_eq!(wrong_with(&speller("en-GB"), english, &known), [""; 0]);
    assert_eq!(wrong_with(&speller("fr"), "l’ami d’Llanwyn", &known), [""; 0]);
    assert_eq!(wrong_with(&speller("de"), "Gryffalds Haus", &known), [""; 0]);
    assert_eq!(wrong_with(&speller("en-GB"), "Gryfald", &known), ["Gryfald"]);
}

#[test]
fn suggestions_are_few_and_begin_with_the_likely_one() {
    let known: Known = ["Gryffald"].into_iter().collect();
    let english = speller("en-GB");
    assert_eq!(english.suggest("recieve", &known, 8).first().map(String::as_str), Some("receive"));
    assert_eq!(english.suggest("Gryfald", &known, 8).first().map(String::as_str), Some("Gryffald"));
    let own: Known = ["lanturm"].into_iter().collect();
    assert_eq!(english.suggest("lanturn", &own, 8)[..2], ["lanturm", "lantern"]);
    assert!(english.suggest("dont", &known, 8).contains(&"don’t".to_owned()));
    assert!(english.suggest("dont'", &known, 8).len() <= 8);
    assert!(speller("fr").suggest("l’éttude", &known, 8).contains(&"l’étude".to_owned()));
    assert!(speller("fr").suggest("eleve", &known, 8).contains(&"élève".to_owned()));
    assert!(speller("de").suggest("Ungezifer", &known, 8).contains(&"Ungeziefer".to_owned()));
    assert!(english.suggest(&"x".repeat(4000), &known, 8).is_empty());
}
