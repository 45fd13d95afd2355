//! The vault's inside, which only a holder of the vault key can write: an older or newer release, or a thief.
//! What is read must be readable when it is written back.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use seshat_fuzz::{edited, rearranged};
use seshat_protocol::FieldReader;
use seshat_vault::fuzzing::parse_vault_body;

/// The account of the bodies below; a device's certificate holds for one account only.
const ACCOUNT: [u8; 16] = [0xAC; 16];
/// The body of tests/golden/vault-v1.bin.
const GOLDEN: &[u8] = include_bytes!("../corpus/vault_body/golden-v1");
/// Every kind of entry: locks in force and removed, devices shut out, ended vault keys, one of another release.
const RICH: &[u8] = include_bytes!("../corpus/vault_body/rich-v1");

static ENTRIES: LazyLock<Vec<&[u8]>> = LazyLock::new(|| {
    let mut entries = Vec::new();
    let mut list = FieldReader::new(RICH);
    while !list.is_empty() {
        entries.push(list.bytes().expect("a body is a list of entries"));
    }
    entries
});

fuzz_target!(|data: &[u8]| {
    parse_vault_body(ACCOUNT, data);
    let Some((&which, script)) = data.split_first() else { return };
    let body = match which % 3 {
        0 => edited(GOLDEN, script),
        1 => edited(RICH, script),
        _ => rearranged(&ENTRIES, script),
    };
    parse_vault_body(ACCOUNT, &body);
});
