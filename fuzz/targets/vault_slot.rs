//! The slots of a vault blob, alone and in a blob, which anybody can write: nothing in them has been verified
//! when they are read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat_fuzz::{edited, rearranged};
use seshat_protocol::FieldWriter;
use seshat_vault::fuzzing::{parse_slot, parse_vault};
use seshat_vault::vault;

/// The slots of the golden vault-v1.bin, and a device's slot as a rotation leaves it behind.
const SLOTS: [&[u8]; 3] = [
    include_bytes!("../corpus/vault_slot/password-v1"),
    include_bytes!("../corpus/vault_slot/recovery-v1"),
    include_bytes!("../corpus/vault_slot/device-v1"),
];

/// A blob around a list of slots, whose MAC nobody has checked yet.
fn blob(slots: &[u8]) -> Vec<u8> {
    let fields = FieldWriter::new().text("seshat/v1/vault").bytes(&[0xAC; 16]).u64(1);
    fields.bytes(slots).bytes(&[7; 64]).bytes(&[7; 32]).finish()
}

fuzz_target!(
    init: assert!(vault::describe(&blob(&rearranged(&SLOTS, &[]))).is_ok(), "no blob to begin with"),
    |data: &[u8]| {
        parse_slot(data);
        parse_vault(&blob(data));
        for slot in SLOTS {
            parse_slot(&edited(slot, data));
        }
        let whole = rearranged(&SLOTS, &[]);
        for slots in [edited(&whole, data), rearranged(&SLOTS, data)] {
            drop(vault::describe(&blob(&slots)));
        }
    }
);
