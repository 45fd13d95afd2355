//! What people type or paste: the kit's page, the phrase, the account code.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat_vault::{AccountCode, RecoveryPhrase, kit};

fuzz_target!(|text: &str| {
    drop(kit::parse(text));
    if let Ok(phrase) = RecoveryPhrase::parse(text) {
        let words = phrase.words();
        let again = RecoveryPhrase::parse(&words).expect("a phrase parses as it is written");
        assert_eq!(*again.words(), *words);
    }
    if let Ok(code) = AccountCode::parse(text) {
        let written = code.text();
        let again = AccountCode::parse(&written).expect("a code parses as it is written");
        assert_eq!(*again.text(), *written);
    }
});
