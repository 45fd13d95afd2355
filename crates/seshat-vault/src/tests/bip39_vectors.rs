//! The recovery phrase against BIP-39's own vectors.

use super::corpus;
use crate::{PhraseError, RecoveryPhrase};

#[test]
fn bip_39_vectors_of_24_words_go_both_ways_and_shorter_ones_are_refused() {
    let Some(text) = corpus("vectors/bip39/vectors.json") else { return };
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut whole, mut short) = (0, 0);
    for vector in vectors["english"].as_array().unwrap() {
        let (entropy, words) = (vector[0].as_str().unwrap(), vector[1].as_str().unwrap());
        let parsed = RecoveryPhrase::parse(words);
        if entropy.len() == 64 {
            let parsed = parsed.unwrap_or_else(|error| panic!("{words}: {error}"));
            let hex: String = parsed.expose().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, entropy);
            assert_eq!(*parsed.words(), words);
            whole += 1;
        } else {
            let count = words.split(' ').count();
            assert_eq!(parsed.err(), Some(PhraseError::WordCount(count)));
            short += 1;
        }
    }
    assert_eq!((whole, short), (8, 16), "the set of vectors is not the one that was counted");
}

#[test]
fn the_word_list_is_the_published_one() {
    let Some(list) = corpus("vectors/bip39/english.txt") else { return };
    let published: Vec<&str> = list.lines().collect();
    assert_eq!(bip39::Language::English.word_list()[..], published[..]);
}
