//! The vault's outside: preamble, slots, key derivation parameters, and what a synced copy may do to an open
//! vault. Noise and edits of a real blob alike.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat_fuzz::{DESK, edited};
use seshat_vault::vault;

fuzz_target!(|data: &[u8]| {
    drop(vault::describe(data));
    drop(DESK.vault.reopen(data, Some(&DESK.device)));
    let blob = edited(&DESK.blob, data);
    drop(vault::describe(&blob));
    let reopened = DESK.vault.reopen(&blob, Some(&DESK.device)).is_ok();
    assert_eq!(reopened, blob == DESK.blob, "an edited vault opened, or the real one did not");
});
