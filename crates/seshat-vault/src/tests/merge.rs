//! Two laptops that wrote the vault without knowing of each other.

use seshat_protocol::{DeviceId, NovelId};
use zeroize::Zeroizing;

use super::{NOVEL, PASSWORD, SCENE, TestEntropy, created, draft, furnished, open_with, password};
use crate::{
    AccountCodeUse, Ahead, DeviceError, KdfParams, MergeError, OpenVault, PasswordAfter,
    SignInWith, UnlockError,
};

const DESK: &str = "mantis velvet quarry eleven";
const PLANE: &str = "orchid thimble borrowed canoe";

/// The same vault on two laptops.
fn two(entropy: &mut TestEntropy) -> (OpenVault, OpenVault) {
    let (mut made, _) = furnished(entropy);
    let blob = made.vault.to_blob(entropy).unwrap();
    let other = open_with(&blob, PASSWORD, None).unwrap();
    (made.vault, other)
}

/// What `other` has put on the server, as `ours` opens it.
fn as_seen_by(ours: &OpenVault, other: &mut OpenVault, entropy: &mut TestEntropy) -> OpenVault {
    ours.reopen(&other.to_blob(entropy).unwrap(), None).unwrap()
}

#[test]
fn novels_and_devices_of_both_are_there_afterwards() {
    let mut entropy = TestEntropy::new(1);
    let (mut desk, mut plane) = two(&mut entropy);
    let (first, second) = (NovelId([1; 16]), NovelId([2; 16]));
    desk.make_novel_key(first, &mut entropy).unwrap();
    plane.make_novel_key(second, &mut entropy).unwrap();
    plane.make_device("Laptop", 5, DeviceId([2; 16]), &mut entropy).unwrap();
    let seen = as_seen_by(&desk, &mut plane, &mut entropy);
    let merged = desk.merge(&seen, &mut entropy).unwrap();
    assert_eq!((merged.ahead, merged.password), (Ahead::Something, PasswordAfter::Ours));
    assert_eq!(desk.novels(), [first, second, NOVEL]);
    assert_eq!(desk.devices().count(), 2);

    // And back: after the merged vault went round, nobody has anything to add.
    let seen = as_seen_by(&plane, &mut desk, &mut entropy);
    assert!(seen.generation() > plane.generation(), "a merged vault is newer than both");
    assert_eq!(plane.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Nothing);
    assert_eq!(plane.novels(), desk.novels());
    let seen = as_seen_by(&desk, &mut plane, &mut entropy);
    assert_eq!(desk.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Nothing);
}

#[test]
fn two_keys_of_one_epoch_are_both_kept() {
    let mut entropy = TestEntropy::new(2);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    made.vault.make_novel_key(NOVEL, &mut entropy).unwrap();
    let id = DeviceId([7; 16]);
    let device = made.vault.make_device("Both", 0, id, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let (mut desk, mut plane) = (made.vault, open_with(&blob, PASSWORD, None).unwrap());
    desk.rotate_keys(&mut entropy).unwrap();
    plane.rotate_keys(&mut entropy).unwrap();
    let at_desk = desk.seal_record(&device, draft(b"desk"), &mut entropy).unwrap();
    let on_plane = plane.seal_record(&device, draft(b"plane"), &mut entropy).unwrap();
    assert!(desk.open_header(&on_plane).is_err(), "the keys are not different");
    let seen = as_seen_by(&desk, &mut plane, &mut entropy);
    desk.merge(&seen, &mut entropy).unwrap();
    let blob = desk.to_blob(&mut entropy).unwrap();
    let vault = plane.reopen(&blob, None).unwrap();
    assert_eq!(vault.open_body(&at_desk, &SCENE).unwrap()[..], *b"desk");
    assert_eq!(vault.open_body(&on_plane, &SCENE).unwrap()[..], *b"plane");
}

#[test]
fn of_two_new_passwords_exactly_one_counts_and_nobody_is_locked_out() {
    let mut entropy = TestEntropy::new(3);
    let (mut desk, mut plane) = two(&mut entropy);
    desk.change_password(&password(DESK), KdfParams::CHEAP, &mut entropy).unwrap();
    plane.change_password(&password(PLANE), KdfParams::CHEAP, &mut entropy).unwrap();
    // The plane's blob reached the server first; the desk is told, merges and writes.
    let seen = as_seen_by(&desk, &mut plane, &mut entropy);
    assert_eq!(desk.merge(&seen, &mut entropy).unwrap().password, PasswordAfter::Theirs);
    assert!(desk.sign(SignInWith::Password, b"m").is_none(), "signs with a key of no account");
    assert_eq!(desk.sign_in_description(), plane.sign_in_description());
    let blob = desk.to_blob(&mut entropy).unwrap();
    assert!(open_with(&blob, PLANE, None).is_ok());
    for outdated in [DESK, PASSWORD] {
        assert_eq!(open_with(&blob, outdated, None).err(), Some(UnlockError::WrongSecret));
    }
}

#[test]
fn a_new_password_outlives_many_blobs_that_still_have_the_old_one() {
    let mut entropy = TestEntropy::new(4);
    let (mut desk, mut plane) = two(&mut entropy);
    desk.change_password(&password(DESK), KdfParams::CHEAP, &mut entropy).unwrap();
    for _ in 0..5 {
        plane.to_blob(&mut entropy).unwrap();
    }
    let seen = as_seen_by(&desk, &mut plane, &mut entropy);
    let merged = desk.merge(&seen, &mut entropy).unwrap();
    assert_eq!((merged.ahead, merged.password), (Ahead::Something, PasswordAfter::Ours));
    let blob = desk.to_blob(&mut entropy).unwrap();
    assert!(open_with(&blob, DESK, None).is_ok());
    assert!(desk.generation() > plane.generation());
    // The laptop that still knows the old password goes on with the vault key that it holds.
    let newer = plane.reopen(&blob, None).unwrap();
    assert_eq!(plane.merge(&newer, &mut entropy).unwrap().password, PasswordAfter::Theirs);
    let blob = plane.to_blob(&mut entropy).unwrap();
    assert!(open_with(&blob, DESK, None).is_ok(), "the old laptop harmed the new password");
}

#[test]
fn a_replayed_old_blob_takes_nothing_away() {
    let mut entropy = TestEntropy::new(5);
    let (mut desk, _) = two(&mut entropy);
    let old = desk.to_blob(&mut entropy).unwrap();
    desk.make_novel_key(NovelId([1; 16]), &mut entropy).unwrap();
    desk.change_password(&password(DESK), KdfParams::CHEAP, &mut entropy).unwrap();
    desk.change_recovery_phrase(&mut entropy).unwrap();
    assert!(desk.revoke_device(super::DEVICE, 3));
    let before = (desk.to_blob(&mut entropy).unwrap(), desk.generation());
    let replayed = desk.reopen(&old, None).unwrap();
    assert!(replayed.generation() < desk.generation(), "the caller sees that it is old");
    let merged = desk.merge(&replayed, &mut entropy).unwrap();
    assert_eq!((merged.ahead, merged.password), (Ahead::Something, PasswordAfter::Ours));
    assert_eq!(desk.generation(), before.1);
    assert_eq!(desk.novels().len(), 2);
    assert!(desk.devices().all(|device| device.state.is_revoked()));
    assert!(desk.sign(SignInWith::Password, b"m").is_some());
}

#[test]
fn a_revocation_on_either_side_stays() {
    let mut entropy = TestEntropy::new(6);
    let (mut desk, mut plane) = two(&mut entropy);
    assert!(plane.revoke_device(super::DEVICE, 3));
    assert!(!plane.revoke_device(DeviceId([9; 16]), 3), "revoked what is not listed");
    let seen = as_seen_by(&desk, &mut plane, &mut entropy);
    assert_eq!(desk.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Nothing);
    assert!(desk.devices().all(|device| device.state.is_revoked()));
    let blob = desk.to_blob(&mut entropy).unwrap();
    let opened = open_with(&blob, PASSWORD, None).unwrap();
    assert!(opened.devices().all(|device| device.state.is_revoked()));
}

#[test]
fn unknown_entries_of_both_are_kept_once() {
    let mut entropy = TestEntropy::new(7);
    let (mut desk, mut plane) = two(&mut entropy);
    let entry = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
    desk.body.unknown = vec![entry("both"), entry("desk")];
    plane.body.unknown = vec![entry("plane"), entry("both")];
    desk.merge(&plane, &mut entropy).unwrap();
    assert!(desk.body.unknown == [entry("both"), entry("desk"), entry("plane")]);
}

#[test]
fn another_vault_is_not_merged() {
    let mut entropy = TestEntropy::new(8);
    let (mut ours, _) = two(&mut entropy);
    let theirs = created(AccountCodeUse::None, &mut entropy).vault;
    assert_eq!(ours.merge(&theirs, &mut entropy).err(), Some(MergeError::OtherVault));
}

#[test]
fn a_device_is_made_once() {
    let mut entropy = TestEntropy::new(9);
    let (mut desk, _) = two(&mut entropy);
    let again = desk.make_device("Again", 1, super::DEVICE, &mut entropy);
    assert_eq!(again.err(), Some(DeviceError::Known));
    let none = &mut TestEntropy::failing_after(1);
    let failed = desk.make_device("New", 1, DeviceId([3; 16]), none);
    assert!(matches!(failed, Err(DeviceError::Entropy(_))));
    assert_eq!(desk.devices().count(), 1);
}
