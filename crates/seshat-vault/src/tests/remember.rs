//! A vault that this device remembers: what the key store's key opens, and what it does not.

use seshat_protocol::{DeviceId, Sealed};

use super::{DEVICE, TestEntropy, created, flips, furnished};
use crate::vault::unlock_remembered;
use crate::{AccountCodeUse, KdfParams, RememberKey, SealError, SignInWith, UnlockError};

const UNTIL: u64 = 1_800_000_000_000;

#[test]
fn a_remembered_vault_opens_without_its_password_and_cannot_sign_in() {
    let mut entropy = TestEntropy::new(1);
    let (mut made, device) = furnished(&mut entropy);
    let key = RememberKey::make(&mut entropy).unwrap();
    let sealed = made.vault.seal_remembered(DEVICE, &key, UNTIL, &mut entropy).unwrap();
    let keys = made.vault.seal_device(&device, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let stored = RememberKey::from_bytes(key.expose()).unwrap();
    let vault = unlock_remembered(&blob, DEVICE, &sealed, UNTIL, &stored).unwrap();
    assert_eq!(vault.novels(), made.vault.novels());
    assert_eq!(vault.open_device(DEVICE, &keys).unwrap().sign(b"m"), device.sign(b"m"));
    assert!(vault.sign(SignInWith::Password, b"m").is_none());
    assert!(vault.recovery_phrase().is_none(), "the kit is shown without the password");
}

#[test]
fn a_remembered_vault_outlives_a_password_change() {
    let mut entropy = TestEntropy::new(2);
    let (mut made, _) = furnished(&mut entropy);
    let key = RememberKey::make(&mut entropy).unwrap();
    let sealed = made.vault.seal_remembered(DEVICE, &key, UNTIL, &mut entropy).unwrap();
    let new = super::password("mantis velvet quarry eleven");
    made.vault.change_password(&new, KdfParams::CHEAP, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    assert!(unlock_remembered(&blob, DEVICE, &sealed, UNTIL, &key).is_ok());
}

#[test]
fn end_device_key_vault_and_every_bit_count() {
    let mut entropy = TestEntropy::new(3);
    let (mut made, _) = furnished(&mut entropy);
    let key = RememberKey::make(&mut entropy).unwrap();
    let sealed = made.vault.seal_remembered(DEVICE, &key, UNTIL, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let open = |blob: &[u8], device, sealed: &Sealed, until, key| {
        unlock_remembered(blob, device, sealed, until, key).err()
    };
    let wrong = Some(UnlockError::WrongSecret);
    assert_eq!(open(&blob, DEVICE, &sealed, UNTIL, &key), None);
    assert_eq!(open(&blob, DEVICE, &sealed, UNTIL + 1, &key), wrong, "a later end");
    assert_eq!(open(&blob, DeviceId([1; 16]), &sealed, UNTIL, &key), wrong, "another device");
    let other = RememberKey::make(&mut entropy).unwrap();
    assert_eq!(open(&blob, DEVICE, &sealed, UNTIL, &other), wrong, "another key");
    let foreign = created(AccountCodeUse::None, &mut entropy).vault.to_blob(&mut entropy).unwrap();
    assert_eq!(open(&foreign, DEVICE, &sealed, UNTIL, &key), wrong, "another vault");
    for (bit, flipped) in flips(&sealed.0) {
        assert_eq!(open(&blob, DEVICE, &Sealed(flipped), UNTIL, &key), wrong, "bit {bit}");
    }
    assert!(RememberKey::from_bytes(&[0; 31]).is_none());
    let none = &mut TestEntropy::failing_after(0);
    let failed = made.vault.seal_remembered(DEVICE, &key, UNTIL, none);
    assert!(matches!(failed, Err(SealError::Entropy(_))));
}
