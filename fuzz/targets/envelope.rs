//! The envelope: noise never opens, what was sealed opens as it was, and no edit of it does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat_fuzz::{Counter, DESK, SCENE, edited};
use seshat_protocol::Sealed;

fuzz_target!(|data: &[u8]| {
    let vault = &DESK.vault;
    assert!(vault.open_local(&SCENE, &Sealed(data.to_vec())).is_err(), "noise opened");
    let Some((&length, rest)) = data.split_first() else { return };
    let (script, text) = rest.split_at(rest.len().min(usize::from(length)));
    let sealed = vault.seal_local(&SCENE, text, &mut Counter(7)).expect("it is small");
    assert_eq!(vault.open_local(&SCENE, &sealed).expect("it was sealed here")[..], *text);
    let changed = Sealed(edited(&sealed.0, script));
    assert!(
        changed.0 == sealed.0 || vault.open_local(&SCENE, &changed).is_err(),
        "an edited envelope opened"
    );
});
