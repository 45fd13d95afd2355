//! The list of devices: names, revocations, and what both mean for records and for another laptop.

use seshat_protocol::DeviceId;

use super::{DEVICE, PASSWORD, TestEntropy, draft, furnished, open_with};
use crate::{Ahead, DeviceState, Draft, OpenVault, RecordError};

fn names(vault: &OpenVault) -> Vec<&str> {
    vault.devices().map(|device| device.name.as_str()).collect()
}

#[test]
fn records_that_a_device_wrote_after_its_revocation_are_refused() {
    let mut entropy = TestEntropy::new(1);
    let (made, device) = furnished(&mut entropy);
    let mut vault = made.vault;
    let mut nth = |sequence| {
        vault.seal_record(&device, Draft { sequence, ..draft(b"x") }, &mut entropy).unwrap()
    };
    let (known, late) = (nth(7), nth(8));
    assert!(vault.revoke_device(DEVICE, 7));
    assert_eq!(vault.verify_record(&known), Ok(()), "what it wrote before stays valid");
    assert_eq!(vault.verify_record(&late), Err(RecordError::RevokedDevice));
    let mut forged = late.clone();
    forged.sequence = 7;
    assert_eq!(vault.verify_record(&forged), Err(RecordError::BadSignature));

    let blob = vault.to_blob(&mut TestEntropy::new(2)).unwrap();
    let vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!(vault.verify_record(&late), Err(RecordError::RevokedDevice));
    let state = vault.devices().next().unwrap().state;
    assert_eq!(state, DeviceState::Revoked { last_sequence: 7 });
}

#[test]
fn of_two_revocations_the_one_that_knows_more_records_counts() {
    let mut entropy = TestEntropy::new(3);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let (mut desk, mut plane) = (made.vault, open_with(&blob, PASSWORD, None).unwrap());
    desk.revoke_device(DEVICE, 9);
    plane.revoke_device(DEVICE, 4);
    let seen = desk.reopen(&plane.to_blob(&mut entropy).unwrap(), None).unwrap();
    assert_eq!(desk.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Something);
    let seen = plane.reopen(&desk.to_blob(&mut entropy).unwrap(), None).unwrap();
    assert_eq!(plane.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Nothing);
    for vault in [&mut desk, &mut plane] {
        vault.revoke_device(DEVICE, 1);
        let state = vault.devices().next().unwrap().state;
        assert_eq!(state, DeviceState::Revoked { last_sequence: 9 });
    }
}

#[test]
fn a_device_has_the_name_that_was_given_last() {
    let mut entropy = TestEntropy::new(4);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let (mut desk, mut plane) = (made.vault, open_with(&blob, PASSWORD, None).unwrap());
    assert!(!desk.rename_device(DeviceId([9; 16]), "Nobody"));
    assert!(plane.rename_device(DEVICE, "Under the window"));
    plane.to_blob(&mut entropy).unwrap();
    desk.to_blob(&mut entropy).unwrap();
    desk.to_blob(&mut entropy).unwrap();
    assert!(desk.rename_device(DEVICE, "In the library"));
    let seen = plane.reopen(&desk.to_blob(&mut entropy).unwrap(), None).unwrap();
    assert_eq!(plane.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Nothing);
    assert_eq!(names(&plane), ["In the library"]);
    // And an older name does not come back.
    let seen = desk.reopen(&blob, None).unwrap();
    assert_eq!(desk.merge(&seen, &mut entropy).unwrap().ahead, Ahead::Something);
    assert_eq!(names(&desk), ["In the library"]);
}
