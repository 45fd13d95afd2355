//! What other releases put into a blob is kept, and what cannot be believed is not used.

use seshat_protocol::{Bytes64, FieldReader, FieldWriter};
use zeroize::Zeroizing;

use super::{ACCOUNT, DEVICE, PASSWORD, TestEntropy, created, furnished, open_with};
use crate::blob;
use crate::body::Body;
use crate::slot::{self, ParsedSlot};
use crate::{AccountCodeUse, OpenError};

#[test]
fn entries_and_slots_of_other_releases_are_kept_byte_for_byte() {
    let mut entropy = TestEntropy::new(1);
    let (mut made, _) = furnished(&mut entropy);
    let foreign = FieldWriter::new().text("goal").u64(50_000).bytes(&[0xFF; 3]).finish();
    // Known tags in a shape of another release.
    let wider = FieldWriter::new().text("identity").bytes(&[1; 32]).text("more").finish();
    let not_fields = vec![1, 2, 3];
    let mut unknown: Vec<_> =
        [foreign, wider, not_fields].into_iter().map(Zeroizing::new).collect();
    made.vault.body.unknown.clone_from(&unknown);
    let foreign_slot = FieldWriter::new().text("passkey").bytes(&[9; 40]).finish();
    made.vault.slots.unknown.push(foreign_slot.clone());

    let first = made.vault.to_blob(&mut entropy).unwrap();
    let mut vault = open_with(&first, PASSWORD, None).unwrap();
    let second = vault.to_blob(&mut entropy).unwrap();
    let vault = open_with(&second, PASSWORD, None).unwrap();
    let mut kept = vault.body.unknown.clone();
    kept.sort_by(|a, b| a[..].cmp(&b[..]));
    unknown.sort_by(|a, b| a[..].cmp(&b[..]));
    assert!(kept == unknown, "an entry was lost or changed");
    assert_eq!(vault.slots.unknown, [foreign_slot]);
}

#[test]
fn a_device_with_a_wrong_certificate_is_not_listed_but_kept() {
    let mut entropy = TestEntropy::new(2);
    let (mut made, _) = furnished(&mut entropy);
    made.vault.body.devices.get_mut(&DEVICE).unwrap().entry.certificate = Bytes64([1; 64]);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!(vault.devices().count(), 0);
    assert_eq!(vault.body.unknown.len(), 1);
}

#[test]
fn a_body_without_what_every_vault_has_does_not_open() {
    let made = created(AccountCodeUse::None, &mut TestEntropy::new(3));
    let encoded = made.vault.body.encode();
    let mut entries = Vec::new();
    let mut list = FieldReader::new(&encoded);
    while !list.is_empty() {
        entries.push(list.bytes().unwrap());
    }
    assert_eq!(entries.len(), 7, "identity, three public keys, recovery wrap, phrase, header key");
    let needed = |entry: &&[u8]| FieldReader::new(entry).text() != Ok("recovery-phrase");
    let needed = (0..entries.len()).filter(|index| needed(&entries[*index]));
    for left_out in needed {
        let rest = entries.iter().enumerate().filter(|(index, _)| *index != left_out);
        let body = rest.fold(FieldWriter::new(), |list, (_, entry)| list.bytes(entry)).finish();
        assert_eq!(Body::parse(ACCOUNT, &body).err(), Some(OpenError::Tampered), "{left_out}");
    }
    for end in 1..encoded.len() {
        assert!(Body::parse(ACCOUNT, &encoded[..end]).is_err(), "cut at {end}");
    }
    assert!(Body::parse(ACCOUNT, &encoded).is_ok());
}

#[test]
fn two_slots_of_one_kind_are_refused() {
    let mut entropy = TestEntropy::new(4);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    made.vault.slots.unknown.push(made.vault.slots.recovery.encode());
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    assert_eq!(blob::parse(&blob).err(), Some(blob::ParseError::Damaged));
}

#[test]
fn a_slot_moved_to_another_kind_account_or_generation_does_not_open() {
    let made = created(AccountCodeUse::None, &mut TestEntropy::new(5));
    let vault = &made.vault;
    let wrap_key = &vault.by_password.as_ref().unwrap().wrap;
    assert!(vault.slots.password.open(ACCOUNT, wrap_key).is_ok());
    let other = seshat_protocol::AccountId([1; 16]);
    assert!(vault.slots.password.open(other, wrap_key).is_err(), "another account");
    let mut moved = vault.slots.password.clone();
    moved.generation += 1;
    assert!(moved.open(ACCOUNT, wrap_key).is_err(), "another generation");
    let mut moved = vault.slots.password.clone();
    moved.kind.kdf.passes += 1;
    assert!(moved.open(ACCOUNT, wrap_key).is_err(), "other parameters");
    let mut moved = vault.slots.recovery.clone();
    moved.wrap = vault.slots.password.wrap.clone();
    assert!(moved.open(ACCOUNT, wrap_key).is_err(), "another kind");
}

#[test]
fn no_bytes_make_the_slot_parser_panic_and_what_it_reads_it_writes_back() {
    let made = created(AccountCodeUse::None, &mut TestEntropy::new(6));
    let encoded = made.vault.slots.password.encode();
    for end in 0..encoded.len() {
        assert!(!matches!(slot::parse(&encoded[..end]), Ok(ParsedSlot::Password(_))), "{end}");
    }
    for (_, flipped) in super::flips(&encoded) {
        let written = match slot::parse(&flipped) {
            Ok(ParsedSlot::Password(slot)) => slot.encode(),
            Ok(ParsedSlot::Recovery(slot)) => slot.encode(),
            Ok(ParsedSlot::Device(slot)) => slot.encode(),
            Ok(ParsedSlot::Unknown(bytes)) => bytes.to_vec(),
            Err(_) => continue,
        };
        assert_eq!(written, flipped, "two encodings of one slot");
    }
}
