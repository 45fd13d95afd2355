//! "My password leaked": what a rotation ends, and what it must not end.

use seshat_protocol::{DeviceId, NovelId};

use super::{
    DEVICE, NOVEL, PASSWORD, SCENE, TestEntropy, created, draft, furnished, open_with, password,
};
use crate::vault::unlock;
use crate::{
    AccountCodeUse, Ahead, ChangeError, Device, KdfParams, MergeError, OpenVault, PasswordAfter,
    Secret, UnlockError,
};

const DESK: &str = "mantis velvet quarry eleven";
const PLANE: &str = "orchid thimble borrowed canoe";
const SECOND: DeviceId = DeviceId([2; 16]);
const THIRD: DeviceId = DeviceId([3; 16]);

/// One vault, three laptops: each opened from the same blob with the first password.
struct Three {
    vaults: [OpenVault; 3],
    devices: [Device; 3],
    entropy: TestEntropy,
    first: Vec<u8>,
    phrase: crate::RecoveryPhrase,
}

fn three(seed: u64) -> Three {
    let mut entropy = TestEntropy::new(seed);
    let (mut made, desk) = furnished(&mut entropy);
    let plane = made.vault.make_device("Plane", 1, SECOND, &mut entropy).unwrap();
    let train = made.vault.make_device("Train", 2, THIRD, &mut entropy).unwrap();
    let first = made.vault.to_blob(&mut entropy).unwrap();
    let open = || open_with(&first, PASSWORD, None).unwrap();
    let vaults = [made.vault, open(), open()];
    Three { vaults, devices: [desk, plane, train], entropy, first, phrase: made.phrase }
}

fn rotate(three: &mut Three, who: usize, text: &str) -> crate::RecoveryPhrase {
    let Three { vaults, devices, entropy, .. } = three;
    vaults[who].rotate(&devices[who], &password(text), KdfParams::CHEAP, entropy).unwrap()
}

/// `who` merges what `from` writes, and says what that did.
fn sync(three: &mut Three, who: usize, from: usize) -> crate::Merged {
    let blob = three.vaults[from].to_blob(&mut three.entropy).unwrap();
    let seen = three.vaults[who].reopen(&blob, Some(&three.devices[who])).unwrap();
    three.vaults[who].merge(&seen, &mut three.entropy).unwrap()
}

#[test]
fn after_a_rotation_old_secrets_old_blob_and_old_key_open_nothing_new() {
    let mut three = three(1);
    let old =
        three.vaults[0].seal_record(&three.devices[0], draft(b"old"), &mut three.entropy).unwrap();
    let phrase = rotate(&mut three, 0, DESK);
    let Three { mut vaults, devices, mut entropy, first, phrase: old_phrase } = three;
    let new = vaults[0].seal_record(&devices[0], draft(b"new"), &mut entropy).unwrap();
    let blob = vaults[0].to_blob(&mut entropy).unwrap();
    let thief = open_with(&first, PASSWORD, None).unwrap();
    assert_eq!(open_with(&blob, PASSWORD, None).err(), Some(UnlockError::WrongSecret));
    assert!(unlock(&blob, Secret::Recovery(&old_phrase), None).is_err());
    assert_eq!(thief.reopen(&blob, None).err(), Some(UnlockError::WrongSecret));
    assert!(thief.open_header(&new).is_err() && thief.open_body(&new, &SCENE).is_err());
    // The old recovery wrap key was in the old body: it does not open the new slot either.
    let slots = &vaults[0].slots;
    assert!(slots.recovery.open(thief.account, &thief.body.recovery_wrap).is_err());
    assert!(!thief.key.same(&vaults[0].key));
    for vault in [open_with(&blob, DESK, None), unlock(&blob, Secret::Recovery(&phrase), None)] {
        let vault = vault.unwrap();
        assert_eq!(vault.open_body(&old, &SCENE).unwrap()[..], *b"old");
        assert_eq!(vault.open_body(&new, &SCENE).unwrap()[..], *b"new");
        assert_eq!(vault.recovery_phrase().unwrap().words(), phrase.words());
    }
}

#[test]
fn another_laptop_follows_without_the_new_password_and_what_it_wrote_offline_is_kept() {
    let mut three = three(2);
    let novel = NovelId([7; 16]);
    let Three { vaults, entropy, devices, .. } = &mut three;
    vaults[1].make_novel_key(novel, entropy).unwrap();
    let place = crate::Place { novel, ..SCENE };
    let offline = crate::Draft { place, ..draft(b"offline") };
    let record = vaults[1].seal_record(&devices[1], offline, entropy).unwrap();
    rotate(&mut three, 0, DESK);
    let merged = sync(&mut three, 1, 0);
    assert!(merged.rekeyed && !merged.rotate_again);
    assert_eq!((merged.ahead, merged.password), (Ahead::Something, PasswordAfter::Theirs));
    assert!(three.vaults[1].key.same(&three.vaults[0].key));
    let back = sync(&mut three, 0, 1);
    assert!(!back.rekeyed && back.password == PasswordAfter::Ours);
    assert_eq!(three.vaults[0].open_body(&record, &place).unwrap()[..], *b"offline");
    // What came from before the rotation is read and not sealed under.
    assert_eq!(three.vaults[0].newest_novel_key(novel).unwrap().0, 2);
    assert_eq!(sync(&mut three, 1, 0).ahead, Ahead::Nothing);
}

#[test]
fn of_two_rotations_at_once_the_first_on_the_server_counts_for_all() {
    let mut three = three(3);
    rotate(&mut three, 0, DESK);
    rotate(&mut three, 1, PLANE);
    assert!(sync(&mut three, 1, 0).rekeyed);
    assert!(!sync(&mut three, 0, 1).rekeyed);
    assert!(sync(&mut three, 2, 0).rekeyed);
    let blob = three.vaults[1].to_blob(&mut three.entropy).unwrap();
    assert!(open_with(&blob, DESK, None).is_ok());
    for text in [PASSWORD, PLANE] {
        assert_eq!(open_with(&blob, text, None).err(), Some(UnlockError::WrongSecret));
    }
    let keys: Vec<_> =
        three.vaults.iter().map(|vault| vault.newest_novel_key(NOVEL).unwrap().0).collect();
    assert_eq!(keys[1], 3, "both made the second epoch");
    assert!(three.vaults.iter().all(|vault| vault.key.same(&three.vaults[0].key)));
}

#[test]
fn two_laptops_that_have_followed_each_other_choose_alike() {
    let mut three = three(4);
    rotate(&mut three, 0, DESK);
    rotate(&mut three, 1, PLANE);
    let Three { mut vaults, devices, mut entropy, .. } = three;
    let blobs =
        [vaults[0].to_blob(&mut entropy).unwrap(), vaults[1].to_blob(&mut entropy).unwrap()];
    for (who, other) in [(0, 1), (1, 0)] {
        let seen = vaults[who].reopen(&blobs[other], Some(&devices[who])).unwrap();
        assert!(vaults[who].merge(&seen, &mut entropy).unwrap().rekeyed);
    }
    let blobs =
        [vaults[0].to_blob(&mut entropy).unwrap(), vaults[1].to_blob(&mut entropy).unwrap()];
    let mut rekeyed = 0;
    for (who, other) in [(0, 1), (1, 0)] {
        let seen = vaults[who].reopen(&blobs[other], Some(&devices[who])).unwrap();
        rekeyed += usize::from(vaults[who].merge(&seen, &mut entropy).unwrap().rekeyed);
    }
    assert_eq!(rekeyed, 1);
    assert!(vaults[0].key.same(&vaults[1].key));
}

#[test]
fn a_laptop_that_missed_two_rotations_by_strangers_adopts_with_the_password() {
    let mut three = three(5);
    let Three { vaults, devices, entropy, .. } = &mut three;
    let [desk, plane, _] = vaults;
    let newcomer = desk.make_device("New", 3, DeviceId([9; 16]), entropy).unwrap();
    desk.rotate(&devices[0], &password(DESK), KdfParams::CHEAP, entropy).unwrap();
    desk.rotate(&newcomer, &password(PLANE), KdfParams::CHEAP, entropy).unwrap();
    let blob = desk.to_blob(entropy).unwrap();
    // The signer of the newest slots came after this laptop went offline: nobody vouches for them.
    assert_eq!(plane.reopen(&blob, Some(&devices[1])).err(), Some(UnlockError::WrongSecret));
    let opened = open_with(&blob, PLANE, None).unwrap();
    assert_eq!(plane.merge(&opened, entropy).err(), Some(MergeError::OtherVault));
    let merged = plane.adopt(opened, entropy).unwrap();
    assert!(merged.rekeyed && plane.key.same(&desk.key));
    assert_eq!(plane.body.retired.len(), 2);
}

#[test]
fn a_revoked_device_gets_no_slot_and_what_it_rotates_is_read_and_put_back() {
    let mut three = three(6);
    let Three { vaults, devices, entropy, .. } = &mut three;
    let [desk, plane, train] = vaults;
    desk.revoke_device(SECOND, 0);
    desk.rotate(&devices[0], &password(DESK), KdfParams::CHEAP, entropy).unwrap();
    let blob = desk.to_blob(entropy).unwrap();
    assert_eq!(plane.reopen(&blob, Some(&devices[1])).err(), Some(UnlockError::WrongSecret));
    assert!(train.reopen(&blob, Some(&devices[2])).is_ok());
    let novel = NovelId([0x5A; 16]);
    plane.make_novel_key(novel, entropy).unwrap();
    let planted = plane.make_device("Planted", 9, DeviceId([0x9D; 16]), entropy).unwrap();
    plane.rotate(&devices[1], &password(PLANE), KdfParams::CHEAP, entropy).unwrap();
    let theirs = plane.to_blob(entropy).unwrap();
    // Who was shut out may still be the first to put new keys: nobody follows, what was written is readable, and
    // nothing is sealed under a key that he knows.
    let opened = desk.reopen(&theirs, Some(&devices[0])).unwrap();
    let (ours, slot) = (desk.key.duplicate(), desk.slots.password.clone());
    let merged = desk.merge(&opened, entropy).unwrap();
    assert!(merged.ahead == Ahead::Something && !merged.rekeyed);
    assert!(desk.key.same(&ours) && desk.slots.password == slot);
    assert!(desk.has_novel(novel) && !desk.body.devices.contains_key(&planted.id()));
    let (_, newest) = desk.body.novel_keys[&novel].newest().unwrap();
    assert!(!opened.body.novel_keys[&novel].iter().any(|(_, key)| key.same(newest)));
    // Whoever had followed him comes back.
    let (lost, back) =
        (train.reopen(&theirs, Some(&devices[2])).unwrap(), desk.to_blob(entropy).unwrap());
    train.merge(&lost, entropy).unwrap();
    let home = train.reopen(&back, Some(&devices[2])).unwrap();
    assert!(train.merge(&home, entropy).unwrap().rekeyed && train.key.same(&desk.key));
    let refused = desk.rotate(&devices[1], &password(PLANE), KdfParams::CHEAP, entropy).err();
    assert_eq!(refused, Some(ChangeError::UnknownDevice));
}

#[test]
fn a_revocation_that_a_rotation_did_not_know_of_asks_for_another() {
    let mut three = three(7);
    three.vaults[1].revoke_device(THIRD, 4);
    rotate(&mut three, 1, PLANE);
    rotate(&mut three, 0, DESK);
    let merged = sync(&mut three, 1, 0);
    assert!(merged.rekeyed && merged.rotate_again);
    assert!(three.vaults[1].devices().any(|device| device.state.is_revoked()));
    rotate(&mut three, 1, PLANE);
    let blob = three.vaults[1].to_blob(&mut three.entropy).unwrap();
    assert!(three.vaults[2].reopen(&blob, Some(&three.devices[2])).is_err());
}

#[test]
fn who_has_the_leaked_password_and_the_old_blob_cannot_make_us_seal_under_his_keys() {
    let mut three = three(8);
    rotate(&mut three, 0, DESK);
    let Three { mut vaults, devices, mut entropy, first, .. } = three;
    let mut thief = open_with(&first, PASSWORD, None).unwrap();
    let foreign = NovelId([0xEE; 16]);
    for _ in 0..5 {
        thief.rotate_keys(&mut entropy).unwrap();
    }
    thief.make_novel_key(foreign, &mut entropy).unwrap();
    let absurd = crate::key::Key::make(&mut entropy).unwrap();
    thief.body.account_keys.add(u32::MAX, absurd);
    let evil = thief.make_device("Evil", 0, DeviceId([0xEE; 16]), &mut entropy).unwrap();
    thief.revoke_device(DEVICE, 0);
    thief.change_password(&password(PLANE), KdfParams::CHEAP, &mut entropy).unwrap();
    let forged = thief.to_blob(&mut entropy).unwrap();
    let seen = vaults[0].reopen(&forged, Some(&devices[0])).unwrap();
    let merged = vaults[0].merge(&seen, &mut entropy).unwrap();
    assert_eq!((merged.ahead, merged.password), (Ahead::Something, PasswordAfter::Ours));
    assert!(!merged.rekeyed && vaults[0].device_entry(evil.id()).is_none());
    assert!(vaults[0].devices().all(|device| !device.state.is_revoked()));
    for novel in [NOVEL, foreign] {
        let (_, key) = vaults[0].newest_novel_key(novel).unwrap();
        let known = thief.body.novel_keys[&novel].iter().any(|(_, theirs)| theirs.same(key));
        assert!(!known, "sealed under a key that the thief made");
    }
    let (epoch, key) = vaults[0].body.account_keys.newest().unwrap();
    assert!(epoch < 1000 && !thief.body.account_keys.iter().any(|(_, theirs)| theirs.same(key)));
    // A rotation of his own is signed by a device that nobody lists.
    thief.rotate(&evil, &password(PLANE), KdfParams::CHEAP, &mut entropy).unwrap();
    let forged = thief.to_blob(&mut entropy).unwrap();
    assert!(vaults[0].reopen(&forged, Some(&devices[0])).is_err());
}

#[test]
fn a_rotation_that_fails_changes_nothing() {
    let mut three = three(9);
    let Three { vaults, devices, entropy, first, .. } = &mut three;
    let before = vaults[0].body.encode();
    for calls in 0..40 {
        let none = &mut TestEntropy::failing_after(calls);
        if vaults[0].rotate(&devices[0], &password(DESK), KdfParams::CHEAP, none).is_ok() {
            assert_eq!(calls, 10, "salt, phrase, key, four slots, kit, two epochs");
            break;
        }
        assert!(*vaults[0].body.encode() == *before && vaults[0].reopen(first, None).is_ok());
    }
    let easy = vaults[1].rotate(&devices[1], &password("password1"), KdfParams::CHEAP, entropy);
    assert_eq!(easy.err(), Some(ChangeError::WeakPassword));
    assert!(vaults[1].reopen(first, None).is_ok());
    let stranger =
        created(AccountCodeUse::None, entropy).vault.make_device("X", 0, DEVICE, entropy);
    let refused = vaults[1].rotate(&stranger.unwrap(), &password(DESK), KdfParams::CHEAP, entropy);
    assert_eq!(refused.err(), Some(ChangeError::UnknownDevice));
}
