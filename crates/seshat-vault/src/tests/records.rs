//! Records: sealed for one place, one device and one position, and signed.

use seshat_protocol::{
    AccountId, Bytes32, DeviceId, DocumentId, NovelId, Record, RecordId, limits,
};

use super::{ACCOUNT, DEVICE, NOVEL, SCENE, TestEntropy, draft, flips, furnished, password};
use crate::vault::create;
use crate::{
    AccountCodeUse, Device, Draft, KdfParams, Kind, NewVault, OpenError, OpenVault, Place,
    RecordError, SealError,
};

fn desk(seed: u64) -> (OpenVault, Device, TestEntropy) {
    let mut entropy = TestEntropy::new(seed);
    let (made, device) = furnished(&mut entropy);
    (made.vault, device, entropy)
}

fn sealed(seed: u64, payload: &[u8]) -> (OpenVault, Device, Record) {
    let (vault, device, mut entropy) = desk(seed);
    let record = vault.seal_record(&device, draft(payload), &mut entropy).unwrap();
    (vault, device, record)
}

#[test]
fn a_record_says_where_it_belongs_and_opens_there() {
    let text = "It was a dark and stormy night. ".repeat(500);
    let (vault, _, record) = sealed(1, text.as_bytes());
    vault.verify_record(&record).unwrap();
    let header = vault.open_header(&record).unwrap();
    assert_eq!((header.place, header.epoch, header.written_at), (SCENE, 1, 1_700_000_000_123));
    assert_eq!(*vault.open_body(&record, &SCENE).unwrap(), text.as_bytes());
    assert_eq!(record.header.0.len(), 4 + 56 + 65 + 16, "headers all have one length");
    assert_eq!(record.body.0.len(), 56 + 256 + 16, "a compressed body of the smallest length");
}

#[test]
fn a_record_does_not_open_at_another_place() {
    let (mut vault, _, record) = sealed(2, b"text");
    let other = NovelId([1; 16]);
    vault.make_novel_key(other, &mut TestEntropy::new(99)).unwrap();
    for place in [
        Place { kind: Kind::SceneSnapshot, ..SCENE },
        Place { kind: Kind::LocalSummary, ..SCENE },
        Place { novel: other, ..SCENE },
        Place { novel: NovelId([2; 16]), ..SCENE },
        Place { document: DocumentId([1; 16]), ..SCENE },
    ] {
        assert_eq!(vault.open_body(&record, &place).err(), Some(OpenError::Tampered), "{place:?}");
    }
}

#[test]
fn a_body_does_not_open_under_the_header_of_another_place() {
    let (vault, device, mut entropy) = desk(3);
    let place = Place { document: DocumentId([1; 16]), ..SCENE };
    // Everything else equal, as a thief who holds the device would have it.
    let one = vault.seal_record(&device, draft(b"one"), &mut entropy).unwrap();
    let two = vault.seal_record(&device, Draft { place, ..draft(b"two") }, &mut entropy).unwrap();
    let mixed = Record { body: two.body.clone(), ..one.clone() };
    assert_eq!(vault.open_header(&mixed).unwrap().place, SCENE);
    assert!(vault.open_body(&mixed, &SCENE).is_err() && vault.open_body(&mixed, &place).is_err());
    assert!(vault.verify_record(&mixed).is_err());
}

#[test]
fn every_field_of_a_record_is_bound_and_signed() {
    let (vault, _, record) = sealed(4, b"text");
    let changes: [fn(&mut Record); 6] = [
        |r| r.id = RecordId([1; 16]),
        |r| r.device = DeviceId([1; 16]),
        |r| r.sequence += 1,
        |r| r.replaces.clear(),
        |r| r.replaces.swap(0, 1),
        |r| r.replaces.push(RecordId([1; 16])),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut changed = record.clone();
        change(&mut changed);
        assert_eq!(vault.open_header(&changed).err(), Some(OpenError::Tampered), "{index}");
        assert_eq!(vault.open_body(&changed, &SCENE).err(), Some(OpenError::Tampered), "{index}");
        assert!(vault.verify_record(&changed).is_err(), "change {index} is not signed");
    }
    let rewritten = Record { previous: Bytes32([1; 32]), ..record };
    assert_eq!(vault.verify_record(&rewritten), Err(RecordError::BadSignature));
}

#[test]
fn no_single_bit_of_header_body_or_signature_can_change() {
    let (vault, _, record) = sealed(5, b"text");
    for (bit, flipped) in flips(&record.header.0) {
        let mut changed = record.clone();
        changed.header.0 = flipped;
        assert_eq!(vault.open_header(&changed).err(), Some(OpenError::Tampered), "bit {bit}");
        assert!(vault.verify_record(&changed).is_err(), "header bit {bit} is not signed");
    }
    for (bit, flipped) in flips(&record.body.0) {
        let mut changed = record.clone();
        changed.body.0 = flipped;
        assert_eq!(vault.open_body(&changed, &SCENE).err(), Some(OpenError::Tampered), "{bit}");
        assert!(vault.verify_record(&changed).is_err(), "body bit {bit} is not signed");
    }
    for (bit, flipped) in flips(&record.signature.0) {
        let mut changed = record.clone();
        changed.signature.0 = flipped.try_into().unwrap();
        assert_eq!(vault.verify_record(&changed), Err(RecordError::BadSignature), "bit {bit}");
    }
}

#[test]
fn cut_headers_and_bodies_do_not_open() {
    let (vault, _, record) = sealed(6, b"text");
    for end in 0..record.header.0.len() {
        let mut cut = record.clone();
        cut.header.0.truncate(end);
        assert!(vault.open_header(&cut).is_err(), "header cut at {end}");
    }
    for end in 0..record.body.0.len() {
        let mut cut = record.clone();
        cut.body.0.truncate(end);
        assert!(vault.open_body(&cut, &SCENE).is_err(), "body cut at {end}");
    }
}

#[test]
fn a_record_of_an_unknown_device_is_not_accepted_and_not_sealed() {
    let (vault, _, mut entropy) = desk(7);
    let (mut stranger, _, _) = desk(8);
    let id = DeviceId([1; 16]);
    let device = stranger.make_device("Theirs", 0, id, &mut entropy).unwrap();
    let sealed = vault.seal_record(&device, draft(b"x"), &mut entropy);
    assert_eq!(sealed.err(), Some(SealError::UnknownDevice));
    let mut record = stranger.seal_record(&device, draft(b"x"), &mut entropy).unwrap();
    assert_eq!(vault.verify_record(&record), Err(RecordError::UnknownDevice));
    record.device = DEVICE;
    assert_eq!(vault.verify_record(&record), Err(RecordError::BadSignature));
}

#[test]
fn a_record_of_another_account_does_not_verify() {
    let (vault, device, record) = sealed(9, b"text");
    let password = password(super::PASSWORD);
    let (kdf, account_code) = (KdfParams::CHEAP, AccountCodeUse::None);
    let account = AccountId([1; 16]);
    let new = NewVault { account, password: &password, kdf, account_code };
    let mut other = create(&new, &mut TestEntropy::new(10)).unwrap().vault;
    // Even with the very same keys and device in it.
    other.body = crate::body::Body::parse(ACCOUNT, &vault.body.encode()).unwrap();
    assert_eq!(other.verify_record(&record), Err(RecordError::BadSignature));
    assert!(other.open_header(&record).is_err());
    assert_eq!(device.id(), record.device);
}

#[test]
fn what_is_too_large_or_has_no_key_is_not_sealed() {
    let (vault, device, mut entropy) = desk(11);
    let mut noise = vec![0; limits::RECORD_BYTES];
    crate::Entropy::fill(&mut entropy, &mut noise).unwrap();
    let mut seal = |draft| vault.seal_record(&device, draft, &mut entropy).err();
    assert_eq!(seal(draft(&noise)), Some(SealError::TooLarge));
    let replaces = vec![RecordId([1; 16]); limits::REPLACES + 1];
    assert_eq!(seal(Draft { replaces, ..draft(b"x") }), Some(SealError::TooLarge));
    let place = Place { novel: NovelId([9; 16]), ..SCENE };
    assert_eq!(seal(Draft { place, ..draft(b"x") }), Some(SealError::UnknownNovel));
    for kind in [Kind::LocalSummary, Kind::LocalText, Kind::LocalReport] {
        let place = Place { kind, ..SCENE };
        assert_eq!(seal(Draft { place, ..draft(b"x") }), Some(SealError::StaysHere), "{kind:?}");
    }
    for calls in 0..2 {
        let failed =
            vault.seal_record(&device, draft(b"x"), &mut TestEntropy::failing_after(calls));
        assert!(matches!(failed, Err(SealError::Entropy(_))), "{calls} calls");
    }
}

#[test]
fn a_kind_of_a_newer_release_is_told_from_damage() {
    let (vault, device, mut entropy) = desk(12);
    let mut record = vault.seal_record(&device, draft(b"x"), &mut entropy).unwrap();
    let mut context = crate::context::Context::new("record-header", ACCOUNT);
    context.record = Some(record.id);
    context.epoch = Some(1);
    context.device = Some(record.device);
    context.sequence = Some(record.sequence);
    context.replaces = &record.replaces;
    let (_, key) = vault.body.account_keys.newest().unwrap();
    let plaintext = seshat_protocol::FieldWriter::new().bytes(&[200]).text("new").finish();
    let header =
        crate::envelope::seal(key.expose(), &context.bytes(), &plaintext, &mut entropy).unwrap();
    record.header.0.truncate(4);
    record.header.0.extend(header.0);
    assert_eq!(vault.open_header(&record).err(), Some(OpenError::Newer));
}

#[test]
fn a_header_that_names_a_local_cache_is_no_record_s() {
    let (vault, device, mut entropy) = desk(19);
    for kind in [Kind::LocalSummary, Kind::LocalText, Kind::LocalReport] {
        let mut record = vault.seal_record(&device, draft(b"x"), &mut entropy).unwrap();
        let mut context = crate::context::Context::new("record-header", ACCOUNT);
        context.record = Some(record.id);
        context.epoch = Some(1);
        context.device = Some(record.device);
        context.sequence = Some(record.sequence);
        context.replaces = &record.replaces;
        let (_, key) = vault.body.account_keys.newest().unwrap();
        let header =
            crate::record::Header { place: Place { kind, ..SCENE }, epoch: 1, written_at: 5 };
        let plaintext = seshat_protocol::FieldWriter::new()
            .bytes(&[kind.code()])
            .bytes(header.place.novel.as_bytes())
            .bytes(header.place.document.as_bytes())
            .u32(header.epoch)
            .u64(header.written_at)
            .finish();
        let sealed =
            crate::envelope::seal(key.expose(), &context.bytes(), &plaintext, &mut entropy)
                .unwrap();
        record.header.0.truncate(4);
        record.header.0.extend(sealed.0);
        assert_eq!(vault.open_header(&record).err(), Some(OpenError::Tampered), "{kind:?}");
    }
}

#[test]
fn old_epochs_stay_readable_and_new_records_use_the_new_one() {
    let (mut vault, device, mut entropy) = desk(13);
    let old = vault.seal_record(&device, draft(b"old"), &mut entropy).unwrap();
    let blob = vault.to_blob(&mut entropy).unwrap();
    let stale = vault.reopen(&blob, None).unwrap();
    vault.rotate_keys(&mut entropy).unwrap();
    let new = vault.seal_record(&device, draft(b"new"), &mut entropy).unwrap();
    assert_eq!(vault.open_header(&new).unwrap().epoch, 2);
    assert_eq!(vault.open_body(&old, &SCENE).unwrap()[..], *b"old");
    assert_eq!(vault.open_body(&new, &SCENE).unwrap()[..], *b"new");
    // Who has only the old keys, a revoked laptop, opens nothing new.
    assert!(stale.open_header(&new).is_err() && stale.open_body(&new, &SCENE).is_err());
    // A stale laptop writes on under its old keys, and nothing of it is lost.
    let late = stale.seal_record(&device, draft(b"late"), &mut entropy).unwrap();
    assert_eq!(vault.open_body(&late, &SCENE).unwrap()[..], *b"late");
}

#[test]
fn equal_texts_give_unrelated_records_of_equal_length() {
    let (vault, device, mut entropy) = desk(14);
    let one = vault.seal_record(&device, draft(b"same"), &mut entropy).unwrap();
    let two = vault.seal_record(&device, draft(b"same"), &mut entropy).unwrap();
    assert_eq!(one.body.0.len(), two.body.0.len());
    let equal = one.body.0.iter().zip(&two.body.0).filter(|(a, b)| a == b).count();
    assert!(equal < 16, "{equal} of {} bytes are equal", one.body.0.len());
}

#[test]
fn local_caches_open_at_their_place_only() {
    let (vault, _, mut entropy) = desk(15);
    let place = Place { kind: Kind::LocalSummary, ..SCENE };
    let sealed = vault.seal_local(&place, b"1,204 words", &mut entropy).unwrap();
    assert_eq!(vault.open_local(&place, &sealed).unwrap()[..], *b"1,204 words");
    let other = Place { document: DocumentId([1; 16]), ..place };
    assert_eq!(vault.open_local(&other, &sealed).err(), Some(OpenError::Tampered));
    for kind in [Kind::LocalText, Kind::LocalReport] {
        let other = Place { kind, ..place };
        assert_eq!(vault.open_local(&other, &sealed).err(), Some(OpenError::Tampered), "{kind:?}");
    }
    assert_eq!(vault.open_local(&SCENE, &sealed).err(), Some(OpenError::Tampered));
    let (stranger, _, _) = desk(16);
    assert_eq!(stranger.open_local(&place, &sealed).err(), Some(OpenError::Tampered));
}

#[test]
fn a_devices_keys_open_for_that_device_only() {
    let (vault, device, mut entropy) = desk(17);
    let sealed = vault.seal_device(&device, &mut entropy).unwrap();
    let opened = vault.open_device(DEVICE, &sealed).unwrap();
    assert_eq!(opened.sign(b"m"), device.sign(b"m"));
    assert_eq!(opened.exchange_public(), device.exchange_public());
    let other = vault.open_device(DeviceId([1; 16]), &sealed);
    assert_eq!(other.err(), Some(OpenError::Tampered));
    for (bit, flipped) in flips(&sealed.0) {
        let flipped = seshat_protocol::Sealed(flipped);
        assert!(vault.open_device(DEVICE, &flipped).is_err(), "bit {bit}");
    }
    assert!(vault.has_novel(NOVEL));
}
