//! Joining by approval: both screens, and a server between them.

use seshat_protocol::{Blob, Bytes32, DeviceId};

use super::{DEVICE, TestEntropy, created, flips, furnished};
use crate::vault::{unlock, unlock_joined};
use crate::{
    AccountCodeUse, Device, JoinError, Joining, KdfParams, OpenVault, Secret, UnlockError,
};

const NEW: DeviceId = DeviceId([0x77; 16]);

fn desk(seed: u64) -> (OpenVault, Device, TestEntropy) {
    let mut entropy = TestEntropy::new(seed);
    let (made, device) = furnished(&mut entropy);
    (made.vault, device, entropy)
}

#[test]
fn a_laptop_joins_with_the_same_digits_on_both_screens() {
    let (mut vault, by, mut entropy) = desk(1);
    let joining = Joining::begin(NEW, &mut entropy).unwrap();
    let (offering, offer) = vault.offer_join(&by, joining.commitment(), &mut entropy).unwrap();
    let reveal = joining.reveal();
    let code = joining.code(&offer).unwrap();
    assert_eq!(offering.code(&reveal).unwrap(), code);
    let text = code.to_string();
    assert!(text.len() == 7 && text.as_bytes()[3] == b' ', "{text}");
    let (entry, grant) =
        vault.grant_join(&by, &offering, &reveal, "Train", 9, &mut entropy).unwrap();
    assert_eq!((entry.id, vault.device_entry(NEW)), (NEW, Some(entry.clone())));
    let blob = vault.to_blob(&mut entropy).unwrap();
    let joined = joining.open(&offer, &grant).ok().unwrap();
    assert_eq!((joined.account(), joined.device().id()), (vault.account(), NEW));
    let (opened, device) = unlock_joined(&blob, joined).unwrap();
    assert_eq!(opened.novels(), vault.novels());
    assert_eq!(device.signing_public(), entry.signing_key);
    let again = vault.grant_join(&by, &offering, &reveal, "Again", 9, &mut entropy);
    assert_eq!(again.err(), Some(JoinError::Device), "one device was let in twice");
}

#[test]
fn a_server_that_puts_its_own_keys_in_between_shows_other_digits() {
    let (vault, by, mut entropy) = desk(2);
    let (evil_vault, evil_by, _) = desk(3);
    let joining = Joining::begin(NEW, &mut entropy).unwrap();
    let evil = Joining::begin(NEW, &mut entropy).unwrap();
    // To the approver it plays the joiner, to the joiner the approver.
    let (offering, offer) = vault.offer_join(&by, evil.commitment(), &mut entropy).unwrap();
    let (_, evil_offer) =
        evil_vault.offer_join(&evil_by, joining.commitment(), &mut entropy).unwrap();
    let at_desk = offering.code(&evil.reveal()).unwrap();
    assert_ne!(joining.code(&evil_offer).unwrap(), at_desk);
    assert_ne!(joining.code(&offer).unwrap(), at_desk);
    // And it cannot choose its keys after it has seen the nonce.
    let other = Joining::begin(NEW, &mut entropy).unwrap();
    assert_eq!(offering.code(&other.reveal()).err(), Some(JoinError::Altered));
}

#[test]
fn every_bit_of_offer_reveal_and_grant_counts() {
    let (mut vault, by, mut entropy) = desk(4);
    let joining = Joining::begin(NEW, &mut entropy).unwrap();
    let (offering, offer) = vault.offer_join(&by, joining.commitment(), &mut entropy).unwrap();
    let reveal = joining.reveal();
    let code = offering.code(&reveal).unwrap();
    for (bit, flipped) in flips(&offer.0) {
        assert_ne!(joining.code(&Blob(flipped)), Ok(code), "offer bit {bit}");
    }
    for (bit, flipped) in flips(&reveal.0) {
        assert!(offering.code(&Blob(flipped)).is_err(), "reveal bit {bit}");
    }
    let (_, grant) = vault.grant_join(&by, &offering, &reveal, "Train", 9, &mut entropy).unwrap();
    let same = || Joining::begin(NEW, &mut TestEntropy::new(40)).unwrap();
    let (offering, offer) = vault.offer_join(&by, same().commitment(), &mut entropy).unwrap();
    assert!(same().open(&offer, &grant).is_err(), "another laptop's grant");
    let mut vault = unrevealed(&vault, &mut entropy);
    let (_, grant) =
        vault.grant_join(&by, &offering, &same().reveal(), "Train", 9, &mut entropy).unwrap();
    assert!(same().open(&offer, &grant).is_ok());
    for (bit, flipped) in flips(&grant.0) {
        assert!(same().open(&offer, &Blob(flipped)).is_err(), "grant bit {bit}");
    }
}

/// The vault without the new device.
fn unrevealed(vault: &OpenVault, entropy: &mut TestEntropy) -> OpenVault {
    let mut stored = vault.reopen(&reblobbed(vault, entropy), None).unwrap();
    stored.body.devices.remove(&NEW);
    stored
}

fn reblobbed(vault: &OpenVault, entropy: &mut TestEntropy) -> Vec<u8> {
    let empty = crate::body::Body::parse(vault.account, &vault.body.encode()).unwrap();
    let (account, generation) = (vault.account, vault.generation + 1);
    let padded = crate::padding::pad(&empty.encode(), crate::padding::Compress::Never).unwrap();
    let context = crate::blob::body_context(account, generation);
    let body = crate::envelope::seal(vault.key.expose(), &context, &padded, entropy).unwrap();
    crate::blob::encode((account, generation), &vault.slots, &body.0, &vault.key)
}

#[test]
fn keys_of_low_order_and_strangers_are_not_let_in() {
    let (mut vault, by, mut entropy) = desk(5);
    let (_, stranger, _) = desk(6);
    let joining = Joining::begin(NEW, &mut entropy).unwrap();
    let offered = vault.offer_join(&stranger, joining.commitment(), &mut entropy);
    assert_eq!(offered.err(), Some(JoinError::Device));
    let reveal = joining.reveal();
    for public in [2, 3] {
        // The fields are title, device, signing, exchange and ephemeral key.
        let start = 4 + 21 + 4 + 16 + (4 + 32) * (public - 1) + 4;
        let mut low = reveal.clone();
        low.0[start..start + 32].fill(0);
        let commitment = seshat_protocol::FieldWriter::new()
            .text("seshat/v1")
            .text("join-commitment")
            .bytes(&low.0)
            .finish();
        let commitment = Bytes32(<sha2::Sha256 as sha2::Digest>::digest(commitment).into());
        let (offering, _) = vault.offer_join(&by, commitment, &mut entropy).unwrap();
        assert!(offering.code(&low).is_ok(), "the commitment is not the one that was meant");
        let refused = vault.grant_join(&by, &offering, &low, "Low", 0, &mut entropy);
        assert_eq!(refused.err(), Some(JoinError::Altered), "key {public}");
    }
    assert_eq!(vault.devices().count(), 1);
    vault.revoke_device(DEVICE, 0);
    let offered = vault.offer_join(&by, joining.commitment(), &mut entropy);
    assert_eq!(offered.err(), Some(JoinError::Device), "a revoked device approves");
}

#[test]
fn only_the_vault_that_was_in_the_code_is_opened() {
    let (mut vault, by, mut entropy) = desk(7);
    let before = vault.to_blob(&mut entropy).unwrap();
    let same = || Joining::begin(NEW, &mut TestEntropy::new(70)).unwrap();
    let (offering, offer) = vault.offer_join(&by, same().commitment(), &mut entropy).unwrap();
    let (_, grant) =
        vault.grant_join(&by, &offering, &same().reveal(), "Train", 9, &mut entropy).unwrap();
    let blob = vault.to_blob(&mut entropy).unwrap();
    let open = |blob: &[u8]| unlock_joined(blob, same().open(&offer, &grant).ok().unwrap()).err();
    assert_eq!(open(&before), Some(UnlockError::Damaged), "a vault that does not list it");
    let other = created(AccountCodeUse::None, &mut entropy).vault.to_blob(&mut entropy).unwrap();
    assert_eq!(open(&other), Some(UnlockError::WrongSecret));
    // A rotation by the approver in between is no harm.
    let new = super::password("mantis velvet quarry eleven");
    let phrase = vault.rotate(&by, &new, KdfParams::CHEAP, &mut entropy).unwrap();
    let rotated = vault.to_blob(&mut entropy).unwrap();
    assert!(unlock(&rotated, Secret::Recovery(&phrase), None).is_ok());
    assert_eq!(open(&rotated), None);
    assert_eq!(open(&blob), None);
}
