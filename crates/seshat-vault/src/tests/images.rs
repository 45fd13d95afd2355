//! Images: sealed for one novel, and opened for no other.

use seshat_protocol::{AccountId, Bytes32, NovelId, limits};

use super::{ACCOUNT, NOVEL, SCENE, TestEntropy, draft, flips, furnished, open_with, password};
use crate::vault::create;
use crate::{
    AccountCodeUse, Draft, KdfParams, NewVault, NovelLock, NovelSecret, OpenError, RecoveryCopy,
    SealError,
};

#[test]
fn an_image_opens_for_its_novel_under_whichever_epoch_and_for_no_other() {
    let mut entropy = TestEntropy::new(1);
    let (mut made, _) = furnished(&mut entropy);
    let other = NovelId([1; 16]);
    made.vault.make_novel_key(other, &mut entropy).unwrap();
    let old = made.vault.seal_image(NOVEL, b"a map", &mut entropy).unwrap();
    made.vault.rotate_keys(&mut entropy).unwrap();
    let new = made.vault.seal_image(NOVEL, b"a map", &mut entropy).unwrap();
    for sealed in [&old, &new] {
        assert_eq!(made.vault.open_image(NOVEL, &sealed.0).unwrap()[..], *b"a map");
        assert_eq!(made.vault.open_image(other, &sealed.0).err(), Some(OpenError::Tampered));
    }
    let unknown = made.vault.seal_image(NovelId([2; 16]), b"x", &mut entropy).err();
    assert_eq!(unknown, Some(SealError::UnknownNovel));
}

#[test]
fn no_single_bit_of_an_image_can_change_and_no_record_passes_for_one() {
    let mut entropy = TestEntropy::new(2);
    let (made, device) = furnished(&mut entropy);
    let sealed = made.vault.seal_image(NOVEL, b"a map", &mut entropy).unwrap();
    for (bit, flipped) in flips(&sealed.0) {
        let opened = made.vault.open_image(NOVEL, &flipped).err();
        assert_eq!(opened, Some(OpenError::Tampered), "bit {bit}");
    }
    let record = made.vault.seal_record(&device, draft(b"text"), &mut entropy).unwrap();
    assert!(made.vault.open_image(NOVEL, &record.body.0).is_err());
    let local = made.vault.seal_local(&SCENE, b"text", &mut entropy).unwrap();
    assert!(made.vault.open_image(NOVEL, &local.0).is_err());
    assert!(made.vault.open_image(NOVEL, b"").is_err());
}

#[test]
fn another_account_with_the_same_novel_does_not_open_an_image() {
    let mut entropy = TestEntropy::new(3);
    let (made, _) = furnished(&mut entropy);
    let sealed = made.vault.seal_image(NOVEL, b"a map", &mut entropy).unwrap();
    let text = password("lantern gravel oboe tuesday");
    let new = NewVault {
        account: AccountId([1; 16]),
        password: &text,
        kdf: KdfParams::CHEAP,
        account_code: AccountCodeUse::None,
    };
    let mut stranger = create(&new, &mut TestEntropy::new(3)).unwrap().vault;
    stranger.make_novel_key(NOVEL, &mut TestEntropy::new(4)).unwrap();
    assert!(stranger.open_image(NOVEL, &sealed.0).is_err());
}

#[test]
fn the_images_of_a_closed_novel_stay_closed() {
    let mut entropy = TestEntropy::new(4);
    let (mut made, _) = furnished(&mut entropy);
    let before = made.vault.seal_image(NOVEL, b"before", &mut entropy).unwrap();
    let text = password("gravel oboe");
    let own = NovelSecret::make(ACCOUNT, NOVEL, &text, KdfParams::CHEAP, &mut entropy).unwrap();
    made.vault.lock_novel(NOVEL, &own, RecoveryCopy::None, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let vault = open_with(&blob, super::PASSWORD, None).unwrap();
    assert_eq!(vault.novel_lock(NOVEL), NovelLock::Locked { recovery_copy: false });
    assert_eq!(vault.open_image(NOVEL, &before.0).err(), Some(OpenError::Locked));
    let refused = vault.seal_image(NOVEL, b"x", &mut entropy).err();
    assert_eq!(refused, Some(SealError::LockedNovel));
}

#[test]
fn a_record_signs_the_images_that_it_shows_and_shows_no_more_than_a_server_takes() {
    let mut entropy = TestEntropy::new(5);
    let (made, device) = furnished(&mut entropy);
    let blobs = vec![Bytes32([5; 32]); limits::BLOBS];
    let record =
        made.vault.seal_record(&device, Draft { blobs, ..draft(b"x") }, &mut entropy).unwrap();
    made.vault.verify_record(&record).unwrap();
    let mut fewer = record.clone();
    fewer.blobs.pop();
    assert!(made.vault.verify_record(&fewer).is_err());
    let blobs = vec![Bytes32([5; 32]); limits::BLOBS + 1];
    let refused = made.vault.seal_record(&device, Draft { blobs, ..draft(b"x") }, &mut entropy);
    assert_eq!(refused.err(), Some(SealError::TooLarge));
}
