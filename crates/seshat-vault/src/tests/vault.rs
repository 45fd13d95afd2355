//! A vault's life: made, closed, opened, given another password, recovered.

use seshat_protocol::{AccountId, Bytes32, NovelId};

use super::{
    ACCOUNT, DEVICE, NOVEL, PASSWORD, TestEntropy, created, draft, flips, furnished, open_with,
    password,
};
use crate::kdf::tests::ALLOCATED;
use crate::signing::verifies;
use crate::vault::{create, describe, unlock};
use crate::{
    AccountCode, AccountCodeUse, ChangeError, DescribeError, KdfError, KdfParams, NewVault,
    OpenVault, SealError, Secret, SignInWith, UnlockError, VaultError,
};

const OTHER: &str = "mantis velvet quarry eleven";

fn recover(blob: &[u8], phrase: &crate::RecoveryPhrase) -> Result<OpenVault, UnlockError> {
    unlock(blob, Secret::Recovery(phrase), None)
}

#[test]
fn a_vault_opens_with_its_password_and_has_everything_in_it() {
    let mut entropy = TestEntropy::new(1);
    let (mut made, device) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let vault = open_with(&blob, PASSWORD, None).unwrap();
    assert_eq!((vault.account(), vault.generation()), (ACCOUNT, 1));
    assert_eq!(vault.novels(), [NOVEL]);
    assert!(vault.has_novel(NOVEL) && !vault.has_novel(NovelId([1; 16])));
    assert_eq!(vault.identity_public(), made.vault.identity_public());
    assert_eq!(vault.sign_in_description(), made.vault.sign_in_description());
    let listed: Vec<_> = vault.devices().collect();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name.as_str(), listed[0].created_ms), ("Desk", 1_700_000_000_000));
    assert_eq!(vault.device_entry(DEVICE).unwrap().signing_key, device.signing_public());
    let record = made.vault.seal_record(&device, draft(b"text"), &mut entropy).unwrap();
    assert_eq!(vault.open_body(&record, &super::SCENE).unwrap()[..], *b"text");
}

#[test]
fn a_vault_survives_at_the_real_cost_too() {
    let mut entropy = TestEntropy::new(2);
    let password = password(PASSWORD);
    let (kdf, account_code) = (KdfParams::FLOOR, AccountCodeUse::None);
    let new = NewVault { account: ACCOUNT, password: &password, kdf, account_code };
    let blob = create(&new, &mut entropy).unwrap().vault.to_blob(&mut entropy).unwrap();
    let secret = Secret::Password { password: &password, code: None };
    assert!(unlock(&blob, secret, Some(KdfParams::FLOOR)).is_ok());
}

#[test]
fn no_vault_is_made_with_an_easy_password_or_a_cheap_derivation() {
    let (easy, hard) = (password("password1"), password(PASSWORD));
    let make = |password, kdf| {
        let new = NewVault { account: ACCOUNT, password, kdf, account_code: AccountCodeUse::None };
        create(&new, &mut TestEntropy::new(1)).err()
    };
    let before = ALLOCATED.get();
    assert_eq!(make(&easy, KdfParams::FLOOR), Some(VaultError::WeakPassword));
    let weak = KdfParams { memory_kib: 8 * 1024, ..KdfParams::FLOOR };
    assert_eq!(make(&hard, weak), Some(VaultError::Kdf(KdfError::TooWeak)));
    let heavy = KdfParams { passes: 11, ..KdfParams::FLOOR };
    assert_eq!(make(&hard, heavy), Some(VaultError::Kdf(KdfError::TooHeavy)));
    assert_eq!(ALLOCATED.get(), before, "memory was asked for");
}

#[test]
fn what_is_not_this_vaults_secret_does_not_open_it() {
    let mut entropy = TestEntropy::new(3);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    assert_eq!(open_with(&blob, OTHER, None).err(), Some(UnlockError::WrongSecret));
    assert_eq!(open_with(&blob, "", None).err(), Some(UnlockError::WrongSecret));
    let other = created(AccountCodeUse::None, &mut entropy).phrase;
    assert_eq!(recover(&blob, &other).err(), Some(UnlockError::WrongSecret));
    assert!(recover(&blob, &made.phrase).is_ok());
}

#[test]
fn no_single_bit_of_a_blob_can_change() {
    let mut entropy = TestEntropy::new(4);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let before = ALLOCATED.get();
    for (bit, flipped) in flips(&blob) {
        assert!(open_with(&flipped, PASSWORD, None).is_err(), "opened with bit {bit} turned");
        assert!(recover(&flipped, &made.phrase).is_err(), "recovered with bit {bit} turned");
        assert!(made.vault.reopen(&flipped, None).is_err(), "reopened with bit {bit} turned");
    }
    let spent = ALLOCATED.get() - before;
    assert!(spent <= blob.len() * 8 * 8, "a turned bit made the derivation heavier: {spent} KiB");
}

#[test]
fn no_cut_or_extended_blob_opens() {
    let mut entropy = TestEntropy::new(5);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    for end in 0..blob.len() {
        assert_eq!(recover(&blob[..end], &made.phrase).err(), Some(UnlockError::Damaged), "{end}");
    }
    let longer = [&blob[..], &[0; 4]].concat();
    assert_eq!(recover(&longer, &made.phrase).err(), Some(UnlockError::Damaged));
    let huge = vec![0; 2 * 1024 * 1024];
    assert_eq!(describe(&huge).err(), Some(DescribeError::Damaged));
}

#[test]
fn parts_of_two_blobs_of_one_vault_do_not_mix() {
    let mut entropy = TestEntropy::new(6);
    let (mut made, _) = furnished(&mut entropy);
    let one = made.vault.to_blob(&mut entropy).unwrap();
    let two = made.vault.to_blob(&mut entropy).unwrap();
    assert_eq!(one.len(), two.len());
    // Every cut swaps the generation, the body or the MAC of the one for the other's.
    for cut in 24..one.len() {
        let mixed = [&one[..cut], &two[cut..]].concat();
        if mixed != one && mixed != two {
            assert!(recover(&mixed, &made.phrase).is_err(), "mixed at {cut}");
        }
    }
}

#[test]
fn a_newer_format_is_told_and_an_older_or_odd_one_is_damaged() {
    let titled = |title: &str| seshat_protocol::FieldWriter::new().text(title).finish();
    for (title, newer) in [
        ("seshat/v2/vault", true),
        ("seshat/v10/vault", true),
        ("seshat/v0/vault", false),
        ("seshat/v1/vault", false),
        ("seshat/v99999999999/vault", false),
        ("LUKS", false),
    ] {
        let expected = if newer { DescribeError::Newer } else { DescribeError::Damaged };
        assert_eq!(describe(&titled(title)).err(), Some(expected), "{title}");
    }
}

#[test]
fn a_blob_that_asks_for_a_weak_or_heavy_derivation_is_refused_unstretched() {
    let mut entropy = TestEntropy::new(7);
    let (mut made, _) = furnished(&mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    // The fields memory, passes and lanes of the cheap test parameters: 8, 1, 1.
    let cheap = [0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1];
    let start = blob.windows(cheap.len()).position(|window| window == cheap).unwrap();
    let before = ALLOCATED.get();
    for (memory, passes, lanes, error) in [
        (8_u32, 1_u32, 4_u32, UnlockError::WeakKdf),
        (65_535, 3, 4, UnlockError::WeakKdf),
        (16 * 1024 * 1024, 3, 4, UnlockError::HeavyKdf),
        (u32::MAX, u32::MAX, u32::MAX, UnlockError::HeavyKdf),
        (65_536, 1_000_000, 4, UnlockError::HeavyKdf),
    ] {
        let mut served = blob.clone();
        for (offset, number) in [(4, memory), (12, passes), (20, lanes)] {
            served[start + offset..start + offset + 4].copy_from_slice(&number.to_be_bytes());
        }
        assert_eq!(open_with(&served, PASSWORD, None).err(), Some(error), "{memory}/{passes}");
    }
    let password = password(PASSWORD);
    let secret = Secret::Password { password: &password, code: None };
    let pinned = unlock(&blob, secret, Some(KdfParams::FLOOR)).err();
    assert_eq!(pinned, Some(UnlockError::WeakKdf), "weaker than this device has pinned");
    assert_eq!(ALLOCATED.get(), before, "memory was asked for");
}

#[test]
fn a_blob_is_described_without_any_secret() {
    let mut entropy = TestEntropy::new(8);
    let mut made = created(AccountCodeUse::Make, &mut entropy);
    made.vault.to_blob(&mut entropy).unwrap();
    let info = describe(&made.vault.to_blob(&mut entropy).unwrap()).unwrap();
    assert_eq!((info.account, info.generation), (ACCOUNT, 2));
    assert_eq!((info.kdf, info.account_code), (KdfParams::CHEAP, true));
    assert_eq!(info.salt, made.vault.sign_in_description().kdf.salt);
}

#[test]
fn the_account_code_is_needed_where_it_is_in_use() {
    let mut entropy = TestEntropy::new(9);
    let mut made = created(AccountCodeUse::Make, &mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let wrong = AccountCode::make(&mut entropy).unwrap();
    assert_eq!(open_with(&blob, PASSWORD, None).err(), Some(UnlockError::CodeNeeded));
    let opened = open_with(&blob, PASSWORD, Some(&wrong));
    assert_eq!(opened.err(), Some(UnlockError::WrongSecret));
    let vault = open_with(&blob, PASSWORD, made.code.as_ref()).unwrap();
    assert_eq!(vault.account_code().unwrap().text(), made.code.as_ref().unwrap().text());
    assert!(vault.sign_in_description().account_code);
    // With no code in use, one that is given anyway does no harm.
    let mut plain = created(AccountCodeUse::None, &mut entropy);
    let blob = plain.vault.to_blob(&mut entropy).unwrap();
    assert!(open_with(&blob, PASSWORD, Some(&wrong)).is_ok());
}

#[test]
fn after_a_password_change_the_old_password_is_out_and_the_kit_still_in() {
    let mut entropy = TestEntropy::new(10);
    let (mut made, device) = furnished(&mut entropy);
    let before = made.vault.to_blob(&mut entropy).unwrap();
    let record = made.vault.seal_record(&device, draft(b"text"), &mut entropy).unwrap();
    let mut vault = open_with(&before, PASSWORD, None).unwrap();
    let old_key = vault.sign_in_description();
    vault.change_password(&password(OTHER), KdfParams::CHEAP, &mut entropy).unwrap();
    let new_key = vault.sign_in_description();
    assert_ne!(old_key.password_key, new_key.password_key);
    assert_eq!(old_key.recovery_key, new_key.recovery_key);
    let signature = vault.sign(SignInWith::Password, b"hello").unwrap();
    assert!(verifies(&new_key.password_key, b"hello", &signature));

    let after = vault.to_blob(&mut entropy).unwrap();
    assert_eq!(open_with(&after, PASSWORD, None).err(), Some(UnlockError::WrongSecret));
    let reopened = open_with(&after, OTHER, None).unwrap();
    assert_eq!(reopened.generation(), 2);
    assert_eq!(reopened.open_body(&record, &super::SCENE).unwrap()[..], *b"text");
    assert!(recover(&after, &made.phrase).is_ok(), "the recovery phrase no longer opens the vault");
    assert!(open_with(&before, PASSWORD, None).is_ok(), "documented: old blob, old password");
}

#[test]
fn a_password_change_that_fails_changes_nothing() {
    let mut entropy = TestEntropy::new(11);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let before = made.vault.sign_in_description();
    let mut change = |text: &str, kdf, entropy: &mut TestEntropy| {
        made.vault.change_password(&password(text), kdf, entropy).err()
    };
    let easy = change("password1", KdfParams::CHEAP, &mut entropy);
    assert_eq!(easy, Some(ChangeError::WeakPassword));
    let heavy = KdfParams { passes: 99, ..KdfParams::FLOOR };
    let refused = change(OTHER, heavy, &mut entropy);
    assert_eq!(refused, Some(ChangeError::Kdf(KdfError::TooHeavy)));
    for calls in 0..2 {
        let failed = change(OTHER, KdfParams::CHEAP, &mut TestEntropy::failing_after(calls));
        assert!(matches!(failed, Some(ChangeError::Entropy(_))), "{calls} calls");
    }
    assert_eq!(made.vault.sign_in_description(), before);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    assert!(open_with(&blob, PASSWORD, None).is_ok());
}

#[test]
fn who_lost_the_password_recovers_with_the_phrase_and_keeps_the_account_code() {
    let mut entropy = TestEntropy::new(12);
    let mut made = created(AccountCodeUse::Make, &mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let mut vault = recover(&blob, &made.phrase).unwrap();
    assert!(vault.sign(SignInWith::Password, b"m").is_none(), "the password was never given");
    let signature = vault.sign(SignInWith::Recovery, b"m").unwrap();
    assert!(verifies(&vault.sign_in_description().recovery_key, b"m", &signature));

    vault.change_password(&password(OTHER), KdfParams::CHEAP, &mut entropy).unwrap();
    let blob = vault.to_blob(&mut entropy).unwrap();
    assert_eq!(open_with(&blob, OTHER, None).err(), Some(UnlockError::CodeNeeded));
    assert!(open_with(&blob, OTHER, made.code.as_ref()).is_ok());
    assert!(recover(&blob, &made.phrase).is_ok());
}

#[test]
fn the_account_code_can_be_turned_on_and_off() {
    let mut entropy = TestEntropy::new(13);
    let mut vault = created(AccountCodeUse::None, &mut entropy).vault;
    let (own, cheap) = (password(PASSWORD), KdfParams::CHEAP);
    vault.change_account_code(AccountCodeUse::Make, &own, cheap, &mut entropy).unwrap();
    let blob = vault.to_blob(&mut entropy).unwrap();
    assert_eq!(open_with(&blob, PASSWORD, None).err(), Some(UnlockError::CodeNeeded));
    assert!(open_with(&blob, PASSWORD, vault.account_code()).is_ok());
    vault.change_account_code(AccountCodeUse::None, &own, cheap, &mut entropy).unwrap();
    assert!(vault.account_code().is_none());
    let blob = vault.to_blob(&mut entropy).unwrap();
    assert!(open_with(&blob, PASSWORD, None).is_ok());
}

#[test]
fn a_new_recovery_phrase_ends_the_old_one() {
    let mut entropy = TestEntropy::new(14);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let old_key = made.vault.sign_in_description().recovery_key;
    let phrase = made.vault.change_recovery_phrase(&mut entropy).unwrap();
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    assert_eq!(recover(&blob, &made.phrase).err(), Some(UnlockError::WrongSecret));
    assert_ne!(recover(&blob, &phrase).unwrap().sign_in_description().recovery_key, old_key);
    assert!(open_with(&blob, PASSWORD, None).is_ok());
}

#[test]
fn without_random_bytes_nothing_is_made_or_closed() {
    let password = password(PASSWORD);
    let (kdf, account_code) = (KdfParams::CHEAP, AccountCodeUse::Make);
    let new = NewVault { account: ACCOUNT, password: &password, kdf, account_code };
    let failed = (0..20)
        .take_while(|calls| {
            let made = create(&new, &mut TestEntropy::failing_after(*calls));
            assert!(!matches!(made, Err(ref error) if !matches!(error, VaultError::Entropy(_))));
            made.is_err()
        })
        .count();
    assert_eq!(failed, 9, "phrase, code, salt, three keys, two slots and the kept phrase");

    let mut made = created(AccountCodeUse::None, &mut TestEntropy::new(15));
    let none = &mut TestEntropy::failing_after(0);
    assert!(matches!(made.vault.to_blob(none), Err(SealError::Entropy(_))));
    assert!(made.vault.make_novel_key(NOVEL, none).is_err() && !made.vault.has_novel(NOVEL));
    assert_eq!(made.vault.generation(), 0, "a blob that was not made was counted");
}

#[test]
fn a_vault_above_the_servers_limit_is_not_written() {
    let mut entropy = TestEntropy::new(16);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let name = "x".repeat(1024 * 1024);
    made.vault.make_device(&name, 0, DEVICE, &mut entropy).unwrap();
    assert_eq!(made.vault.to_blob(&mut entropy).err(), Some(SealError::TooLarge));
    assert_eq!(made.vault.generation(), 0);
}

#[test]
fn a_blob_of_another_account_or_vault_is_not_reopened() {
    let mut entropy = TestEntropy::new(17);
    let ours = created(AccountCodeUse::None, &mut entropy);
    let mut theirs = created(AccountCodeUse::None, &mut entropy);
    let blob = theirs.vault.to_blob(&mut entropy).unwrap();
    assert_eq!(ours.vault.reopen(&blob, None).err(), Some(UnlockError::WrongSecret));
    let password = password(PASSWORD);
    let (kdf, account_code) = (KdfParams::CHEAP, AccountCodeUse::None);
    let account = AccountId([1; 16]);
    let new = NewVault { account, password: &password, kdf, account_code };
    let blob = create(&new, &mut entropy).unwrap().vault.to_blob(&mut entropy).unwrap();
    assert_eq!(ours.vault.reopen(&blob, None).err(), Some(UnlockError::WrongSecret));
}

#[test]
fn the_same_password_in_another_account_has_other_keys() {
    let password = password(PASSWORD);
    let key_of = |account| -> Bytes32 {
        let (kdf, account_code) = (KdfParams::CHEAP, AccountCodeUse::None);
        let new = NewVault { account, password: &password, kdf, account_code };
        // The same random bytes, so the same salt.
        let made = create(&new, &mut TestEntropy::new(18)).unwrap();
        made.vault.sign_in_description().password_key
    };
    assert_ne!(key_of(ACCOUNT), key_of(AccountId([1; 16])));
}
