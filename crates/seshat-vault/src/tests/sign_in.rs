//! Signing in on a laptop that has nothing yet, also when the server lies.

use seshat_protocol::{Bytes32, ChallengeReply};

use super::{ACCOUNT, PASSWORD, TestEntropy, created, password};
use crate::kdf::tests::ALLOCATED;
use crate::signing::verifies;
use crate::vault::unlock_signed_in;
use crate::{AccountCodeUse, Created, KdfParams, SignIn, UnlockError};

fn challenge(made: &Created) -> ChallengeReply {
    let description = made.vault.sign_in_description();
    ChallengeReply {
        account: ACCOUNT,
        kdf: description.kdf,
        account_code: description.account_code,
        challenge: Bytes32([1; 32]),
    }
}

#[test]
fn a_new_laptop_signs_in_and_opens_the_vault_with_one_stretch() {
    let mut entropy = TestEntropy::new(1);
    let mut made = created(AccountCodeUse::Make, &mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let before = ALLOCATED.get();
    let code = made.code.as_ref();
    let sign_in = SignIn::with_password(&challenge(&made), &password(PASSWORD), code, None);
    let sign_in = sign_in.unwrap();
    let key = made.vault.sign_in_description().password_key;
    assert_eq!(sign_in.public(), key);
    assert!(verifies(&key, b"challenge", &sign_in.sign(b"challenge")));
    let vault = unlock_signed_in(&blob, &sign_in).unwrap();
    assert!(vault.sign(crate::SignInWith::Password, b"m").is_some());
    assert_eq!(ALLOCATED.get() - before, 8, "the password was stretched more than once");
}

#[test]
fn email_and_kit_are_enough() {
    let mut entropy = TestEntropy::new(2);
    let mut made = created(AccountCodeUse::Make, &mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let sign_in = SignIn::with_recovery(ACCOUNT, &made.phrase);
    assert_eq!(sign_in.public(), made.vault.sign_in_description().recovery_key);
    assert!(unlock_signed_in(&blob, &sign_in).is_ok());
    let elsewhere = SignIn::with_recovery(seshat_protocol::AccountId([1; 16]), &made.phrase);
    assert_eq!(unlock_signed_in(&blob, &elsewhere).err(), Some(UnlockError::Damaged));
}

#[test]
fn a_server_that_denies_the_account_code_gets_no_guessable_answer() {
    let made = created(AccountCodeUse::Make, &mut TestEntropy::new(3));
    let honest = challenge(&made);
    let lie = ChallengeReply { account_code: false, ..honest.clone() };
    let password = password(PASSWORD);
    let key = |challenge: &ChallengeReply| {
        SignIn::with_password(challenge, &password, made.code.as_ref(), None).unwrap().public()
    };
    assert_eq!(key(&lie), key(&honest), "the code was left out because the server said so");
    let without = SignIn::with_password(&honest, &password, None, None);
    assert_eq!(without.err(), Some(UnlockError::CodeNeeded));
}

#[test]
fn a_server_cannot_make_the_stretching_cheap_or_costly() {
    let made = created(AccountCodeUse::None, &mut TestEntropy::new(4));
    let password = password(PASSWORD);
    let before = ALLOCATED.get();
    for (memory, passes, pinned, error) in [
        (8 * 1024, 1, None, UnlockError::WeakKdf),
        (64 * 1024, 3, Some(KdfParams::DEFAULT), UnlockError::WeakKdf),
        (16 * 1024 * 1024, 3, None, UnlockError::HeavyKdf),
        (64 * 1024, 1_000_000, None, UnlockError::HeavyKdf),
    ] {
        let mut served = challenge(&made);
        (served.kdf.memory_kib, served.kdf.passes, served.kdf.lanes) = (memory, passes, 4);
        let refused = SignIn::with_password(&served, &password, None, pinned);
        assert_eq!(refused.err(), Some(error), "{memory} KiB, {passes} passes");
    }
    assert_eq!(ALLOCATED.get(), before, "memory was asked for");
}

#[test]
fn a_blob_with_another_derivation_than_signed_in_with_is_refused() {
    let mut entropy = TestEntropy::new(5);
    let mut made = created(AccountCodeUse::None, &mut entropy);
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let mut served = challenge(&made);
    served.kdf.salt.0[0] ^= 1;
    let sign_in = SignIn::with_password(&served, &password(PASSWORD), None, None).unwrap();
    assert_eq!(unlock_signed_in(&blob, &sign_in).err(), Some(UnlockError::Damaged));
}
