//! The Emergency Kit, shown again: who gets the phrase, and when nobody does.

use super::{DEVICE, PASSWORD, TestEntropy, created, furnished, open_with, password};
use crate::vault::{unlock, unlock_remembered};
use crate::{AccountCodeUse, KdfParams, OpenVault, RecoveryPhrase, RememberKey, Secret};

const OTHER: &str = "mantis velvet quarry eleven";

fn words(vault: &OpenVault) -> Option<String> {
    vault.recovery_phrase().map(|phrase| phrase.words().to_string())
}

fn opens(blob: &[u8], words: &str) -> bool {
    let phrase = RecoveryPhrase::parse(words).ok().unwrap();
    unlock(blob, Secret::Recovery(&phrase), None).is_ok()
}

#[test]
fn the_password_shows_the_kit_again_and_so_does_the_kit() {
    let mut entropy = TestEntropy::new(1);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let expected = Some(made.phrase.words().to_string());
    assert_eq!(words(&open_with(&blob, PASSWORD, None).unwrap()), expected);
    assert_eq!(words(&unlock(&blob, Secret::Recovery(&made.phrase), None).unwrap()), expected);
}

#[test]
fn the_phrase_is_kept_through_new_passwords_and_new_phrases() {
    let mut entropy = TestEntropy::new(2);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    made.vault.change_password(&password(OTHER), KdfParams::CHEAP, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let mut vault = open_with(&blob, OTHER, None).unwrap();
    assert_eq!(words(&vault), Some(made.phrase.words().to_string()));

    let new = vault.change_recovery_phrase(&mut entropy).unwrap();
    let blob = vault.to_blob(&mut entropy).unwrap();
    let vault = open_with(&blob, OTHER, None).unwrap();
    assert_eq!(words(&vault), Some(new.words().to_string()));
    assert!(opens(&blob, &words(&vault).unwrap()));
    // After a recovery the new password shows it too.
    let mut vault = unlock(&blob, Secret::Recovery(&new), None).unwrap();
    vault.change_password(&password(PASSWORD), KdfParams::CHEAP, &mut entropy).unwrap();
    let blob = vault.to_blob(&mut entropy).unwrap();
    let vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!(words(&vault), Some(new.words().to_string()));
}

#[test]
fn who_does_not_know_the_password_cannot_keep_the_phrase() {
    let mut entropy = TestEntropy::new(3);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let key = RememberKey::make(&mut entropy).unwrap();
    let sealed = made.vault.seal_remembered(DEVICE, &key, 1, &mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let mut remembered = unlock_remembered(&blob, DEVICE, &sealed, 1, &key).unwrap();
    assert_eq!(words(&remembered), None);
    // The kept phrase stays for the password, through blobs that others write.
    let same = remembered.to_blob(&mut entropy).unwrap();
    assert!(words(&open_with(&same, PASSWORD, None).unwrap()).is_some());
    remembered.change_recovery_phrase(&mut entropy).unwrap();
    let blob = remembered.to_blob(&mut entropy).unwrap();
    assert_eq!(words(&open_with(&blob, PASSWORD, None).unwrap()), None, "a stale phrase is shown");
}

#[test]
fn two_laptops_that_changed_one_secret_each_show_no_stale_kit() {
    let mut entropy = TestEntropy::new(4);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let (mut desk, mut plane) = (made.vault, open_with(&blob, PASSWORD, None).unwrap());
    desk.change_password(&password(OTHER), KdfParams::CHEAP, &mut entropy).unwrap();
    let phrase = plane.change_recovery_phrase(&mut entropy).unwrap();
    let seen = desk.reopen(&plane.to_blob(&mut entropy).unwrap(), None).unwrap();
    desk.merge(&seen, &mut entropy).unwrap();
    let blob = desk.to_blob(&mut entropy).unwrap();
    assert!(opens(&blob, &phrase.words()));
    assert_eq!(words(&open_with(&blob, OTHER, None).unwrap()), None);
    // Who has only one of the two changes gets the kept phrase with it.
    let seen = plane.reopen(&blob, None).unwrap();
    plane.merge(&seen, &mut entropy).unwrap();
    assert_eq!(words(&plane), Some(phrase.words().to_string()));
}

#[test]
fn a_kept_phrase_that_is_not_the_vaults_is_not_shown() {
    let mut entropy = TestEntropy::new(5);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let other = created(AccountCodeUse::None, &mut entropy);
    let kit = &made.vault.by_password.as_ref().unwrap().kit;
    let keys = (kit, other.phrase.key());
    let slots = &made.vault.slots;
    let kept = crate::kit_again::KeptPhrase::seal(super::ACCOUNT, slots, keys, &mut entropy);
    made.vault.body.phrase = Some(kept.unwrap());
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    assert_eq!(words(&open_with(&blob, PASSWORD, None).unwrap()), None);
}
