//! Novels with a passphrase of their own.

use seshat_protocol::NovelId;

use super::{ACCOUNT, NOVEL, PASSWORD, SCENE, TestEntropy, draft, furnished, open_with, password};
use crate::vault::unlock;
use crate::{
    Device, KdfParams, Kind, LockError, NovelLock, NovelSecret, OpenError, OpenVault, Place,
    RecoveryCopy, SealError, Secret, UnlockError,
};

const OWN: &str = "velvet anchor thirteen moths";
const SECOND: &str = "copper lagoon winter fiddle";

fn secret(text: &str, entropy: &mut TestEntropy) -> NovelSecret {
    NovelSecret::make(ACCOUNT, NOVEL, &password(text), KdfParams::CHEAP, entropy).unwrap()
}

fn answer(vault: &OpenVault, text: &str) -> Option<NovelSecret> {
    let challenges = vault.novel_challenges(NOVEL);
    challenges.iter().find_map(|challenge| challenge.answer(&password(text)).ok())
}

fn locked(seed: u64, copy: RecoveryCopy) -> (crate::Created, Device, TestEntropy) {
    let mut entropy = TestEntropy::new(seed);
    let (mut made, device) = furnished(&mut entropy);
    let own = secret(OWN, &mut entropy);
    made.vault.lock_novel(NOVEL, &own, copy, &mut entropy).unwrap();
    (made, device, entropy)
}

#[test]
fn a_locked_novel_shows_that_it_exists_and_nothing_else() {
    let mut entropy = TestEntropy::new(1);
    let (mut made, device) = furnished(&mut entropy);
    let before = made.vault.seal_record(&device, draft(b"before"), &mut entropy).unwrap();
    let own = secret(OWN, &mut entropy);
    made.vault.lock_novel(NOVEL, &own, RecoveryCopy::None, &mut entropy).unwrap();
    assert_eq!(made.vault.novel_lock(NOVEL), NovelLock::Open { recovery_copy: false });
    let after = made.vault.seal_record(&device, draft(b"after"), &mut entropy).unwrap();
    assert_eq!(made.vault.open_header(&after).unwrap().epoch, 2, "no new epoch");
    let place = Place { kind: Kind::LocalSummary, ..SCENE };
    let cache = made.vault.seal_local(&place, b"1,204 words", &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();

    let mut vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!(vault.novel_lock(NOVEL), NovelLock::Locked { recovery_copy: false });
    assert!(vault.has_novel(NOVEL) && vault.novels() == [NOVEL]);
    for record in [&before, &after] {
        assert_eq!(vault.open_body(record, &SCENE).err(), Some(OpenError::Locked));
    }
    assert_eq!(vault.open_local(&place, &cache).err(), Some(OpenError::Locked));
    let refused = vault.seal_record(&device, draft(b"x"), &mut entropy).err();
    assert_eq!(refused, Some(SealError::LockedNovel));
    assert_eq!(vault.make_novel_key(NOVEL, &mut entropy).err(), Some(SealError::LockedNovel));
    assert!(vault.body.novel_keys.is_empty(), "a key is still in the clear");

    let challenge = &vault.novel_challenges(NOVEL)[0];
    assert_eq!(challenge.answer(&password(SECOND)).err(), Some(UnlockError::WrongSecret));
    assert_eq!(challenge.answer_with_phrase(&made.phrase).err(), Some(UnlockError::WrongSecret));
    let own = answer(&vault, OWN).unwrap();
    assert_eq!(vault.open_novel(NovelId([1; 16]), &own), Err(LockError::WrongSecret));
    vault.open_novel(NOVEL, &own).unwrap();
    assert_eq!(vault.open_body(&before, &SCENE).unwrap()[..], *b"before");
    assert_eq!(vault.open_body(&after, &SCENE).unwrap()[..], *b"after");
    assert_eq!(vault.open_local(&place, &cache).unwrap()[..], *b"1,204 words");
    vault.close_novel(NOVEL);
    assert_eq!(vault.open_body(&after, &SCENE).err(), Some(OpenError::Locked));
}

#[test]
fn the_kit_opens_a_novel_only_where_the_author_wanted_that() {
    let (mut made, _, mut entropy) = locked(2, RecoveryCopy::Make);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let mut vault = unlock(&blob, Secret::Recovery(&made.phrase), None).unwrap();
    assert_eq!(vault.novel_lock(NOVEL), NovelLock::Locked { recovery_copy: true });
    let own = vault.novel_challenges(NOVEL)[0].answer_with_phrase(&made.phrase).unwrap();
    // Of a new kit the copy is made when the novel is next open.
    let phrase = vault.change_recovery_phrase(&mut entropy).unwrap();
    assert_eq!(vault.novel_lock(NOVEL), NovelLock::Locked { recovery_copy: false });
    vault.to_blob(&mut entropy).unwrap();
    assert!(vault.novel_challenges(NOVEL)[0].answer_with_phrase(&phrase).is_err());
    vault.open_novel(NOVEL, &own).unwrap();
    vault.to_blob(&mut entropy).unwrap();
    assert_eq!(vault.novel_lock(NOVEL), NovelLock::Open { recovery_copy: true });
    assert!(vault.novel_challenges(NOVEL)[0].answer_with_phrase(&phrase).is_ok());
    assert!(vault.novel_challenges(NOVEL)[0].answer_with_phrase(&made.phrase).is_err());
    assert!(answer(&vault, OWN).is_some(), "the passphrase no longer opens it");
}

#[test]
fn a_key_that_an_unknowing_laptop_made_goes_under_the_lock_and_is_never_sealed_under() {
    let mut entropy = TestEntropy::new(3);
    let (mut made, device) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let (mut desk, mut plane) = (made.vault, open_with(&blob, PASSWORD, None).unwrap());
    let own = secret(OWN, &mut entropy);
    desk.lock_novel(NOVEL, &own, RecoveryCopy::None, &mut entropy).unwrap();
    for _ in 0..3 {
        plane.rotate_keys(&mut entropy).unwrap();
    }
    let unknowing = plane.seal_record(&device, draft(b"plane"), &mut entropy).unwrap();
    let seen = plane.reopen(&desk.to_blob(&mut entropy).unwrap(), None).unwrap();
    plane.merge(&seen, &mut entropy).unwrap();
    assert_eq!(
        plane.seal_record(&device, draft(b"x"), &mut entropy).err(),
        Some(SealError::LockedNovel)
    );
    let seen = desk.reopen(&plane.to_blob(&mut entropy).unwrap(), None).unwrap();
    desk.merge(&seen, &mut entropy).unwrap();
    let blob = desk.to_blob(&mut entropy).unwrap();
    assert!(desk.body.novel_keys.is_empty());
    assert_eq!(desk.open_body(&unknowing, &SCENE).unwrap()[..], *b"plane");
    let next = desk.seal_record(&device, draft(b"next"), &mut entropy).unwrap();
    assert_eq!(desk.open_header(&next).unwrap().epoch, 5, "sealed under a key from the clear");
    let mut vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!(vault.open_body(&unknowing, &SCENE).err(), Some(OpenError::Locked));
    vault.open_novel(NOVEL, &answer(&vault, OWN).unwrap()).unwrap();
    assert_eq!(vault.open_body(&unknowing, &SCENE).unwrap()[..], *b"plane");
}

#[test]
fn two_laptops_that_lock_one_novel_keep_both_passphrases() {
    let mut entropy = TestEntropy::new(4);
    let (mut made, device) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let (mut desk, mut plane) = (made.vault, open_with(&blob, PASSWORD, None).unwrap());
    let (one, two) = (secret(OWN, &mut entropy), secret(SECOND, &mut entropy));
    desk.lock_novel(NOVEL, &one, RecoveryCopy::None, &mut entropy).unwrap();
    plane.lock_novel(NOVEL, &two, RecoveryCopy::None, &mut entropy).unwrap();
    let at_desk = desk.seal_record(&device, draft(b"desk"), &mut entropy).unwrap();
    let on_plane = plane.seal_record(&device, draft(b"plane"), &mut entropy).unwrap();
    let seen = desk.reopen(&plane.to_blob(&mut entropy).unwrap(), None).unwrap();
    desk.merge(&seen, &mut entropy).unwrap();
    let blob = desk.to_blob(&mut entropy).unwrap();
    let mut vault = open_with(&blob, PASSWORD, None).unwrap();
    vault.open_novel(NOVEL, &answer(&vault, OWN).unwrap()).unwrap();
    assert_eq!(vault.open_body(&at_desk, &SCENE).unwrap()[..], *b"desk");
    assert_eq!(vault.open_body(&on_plane, &SCENE).err(), Some(OpenError::Locked));
    assert_eq!(vault.unlock_novel_for_good(NOVEL, &mut entropy), Err(LockError::Locked));
    vault.open_novel(NOVEL, &answer(&vault, SECOND).unwrap()).unwrap();
    assert_eq!(vault.open_body(&on_plane, &SCENE).unwrap()[..], *b"plane");
    // Opened together once, either passphrase opens everything.
    let blob = vault.to_blob(&mut entropy).unwrap();
    let mut vault = open_with(&blob, PASSWORD, None).unwrap();
    vault.open_novel(NOVEL, &answer(&vault, OWN).unwrap()).unwrap();
    assert_eq!(vault.open_body(&on_plane, &SCENE).unwrap()[..], *b"plane");
}

#[test]
fn a_lock_that_was_removed_stays_removed_and_nothing_under_it_is_lost() {
    let (mut made, device, mut entropy) = locked(5, RecoveryCopy::None);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let mut desk = made.vault;
    let mut plane = open_with(&blob, PASSWORD, None).unwrap();
    plane.open_novel(NOVEL, &answer(&plane, OWN).unwrap()).unwrap();
    plane.make_novel_key(NOVEL, &mut entropy).unwrap();
    let offline = plane.seal_record(&device, draft(b"offline"), &mut entropy).unwrap();
    desk.unlock_novel_for_good(NOVEL, &mut entropy).unwrap();
    assert_eq!(desk.novel_lock(NOVEL), NovelLock::None);
    let seen = plane.reopen(&desk.to_blob(&mut entropy).unwrap(), None).unwrap();
    plane.merge(&seen, &mut entropy).unwrap();
    assert_eq!(plane.novel_lock(NOVEL), NovelLock::None, "the lock came back");
    let blob = plane.to_blob(&mut entropy).unwrap();
    let vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!(vault.open_body(&offline, &SCENE).unwrap()[..], *b"offline");
    assert!(vault.seal_record(&device, draft(b"x"), &mut entropy).is_ok());
}

#[test]
fn an_open_novel_stays_open_through_a_copy_of_the_vault_and_nothing_of_it_is_stored() {
    let (mut made, device, mut entropy) = locked(6, RecoveryCopy::None);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let copy = made.vault.reopen(&blob, None).unwrap();
    assert_eq!(copy.novel_lock(NOVEL), NovelLock::Open { recovery_copy: false });
    assert!(copy.seal_record(&device, draft(b"x"), &mut entropy).is_ok());
    let (_, key) = copy.newest_novel_key(NOVEL).unwrap();
    let body = made.vault.body.encode();
    assert!(!body.windows(32).any(|window| window == key.expose()), "the key is in the body");
    let again =
        made.vault.lock_novel(NOVEL, &secret(OWN, &mut entropy), RecoveryCopy::None, &mut entropy);
    assert_eq!(again, Err(LockError::AlreadyLocked));
    let weak =
        NovelSecret::make(ACCOUNT, NOVEL, &password("password1"), KdfParams::CHEAP, &mut entropy);
    assert!(weak.is_err());
}
