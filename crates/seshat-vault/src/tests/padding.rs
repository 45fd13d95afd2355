//! Padding and compression.

use proptest::prelude::*;

use crate::OpenError;
use crate::padding::{Compress, RAW_LIMIT, TooLong, pad, unpad};

/// The Padmé set, by its definition: a length whose floating-point form has no longer mantissa than exponent.
fn is_padme(length: usize) -> bool {
    let exponent = length.ilog2();
    let mantissa_bits = exponent - length.trailing_zeros().min(exponent);
    mantissa_bits <= exponent.ilog2() + 1
}

/// Bytes that no compressor makes smaller.
fn noise(length: usize) -> Vec<u8> {
    use crate::Entropy;
    let mut bytes = vec![0; length];
    super::TestEntropy::new(5).fill(&mut bytes).unwrap();
    bytes
}

#[test]
fn lengths_fall_in_the_padme_set_and_cost_at_most_12_percent() {
    let all = noise(1_000_000);
    let sampled = (0..).scan(1_usize, |length, step: usize| {
        let here = *length;
        *length += 1 + step % 7 + here / 40;
        (here <= 1_000_000).then_some(here)
    });
    let mut count = 0;
    let mut seen = std::collections::BTreeSet::new();
    for length in sampled.chain([247, 248, 1_000_000]) {
        let padded = pad(&all[..length], Compress::WhereItHelps).unwrap().len();
        assert!(padded >= 256 && is_padme(padded), "{length} bytes became {padded}");
        let needed = length + 9;
        if needed > 256 {
            assert!((padded - needed) * 100 <= needed * 12, "{length} bytes became {padded}");
        } else {
            assert_eq!(padded, 256, "{length} bytes became {padded}");
        }
        count += 1;
        seen.insert(padded);
    }
    assert!(count > 300, "only {count} lengths were tried");
    // 16 lengths in each power of two from 2^8 and 32 from 2^16: what an onlooker can tell apart.
    assert!(seen.len() <= 8 * 16 + 4 * 32 + 1, "{} different lengths", seen.len());
}

#[test]
fn prose_is_compressed_and_comes_back() {
    let prose = "She closed the laptop on the plane and opened it at home. ".repeat(200);
    let padded = pad(prose.as_bytes(), Compress::WhereItHelps).unwrap();
    assert_eq!(padded.len(), 256, "repeated prose did not shrink");
    assert_eq!(**unpad(&padded).unwrap(), *prose.as_bytes());
    let plain = pad(prose.as_bytes(), Compress::Never).unwrap();
    assert!(plain.len() > prose.len(), "was compressed though it must not be");
    assert_eq!(**unpad(&plain).unwrap(), *prose.as_bytes());
}

#[test]
fn what_is_too_long_is_refused() {
    let long = vec![0; RAW_LIMIT + 1];
    assert_eq!(pad(&long, Compress::WhereItHelps).err(), Some(TooLong));
    let limit = pad(&long[1..], Compress::WhereItHelps).unwrap();
    assert_eq!(unpad(&limit).unwrap().len(), RAW_LIMIT);
}

#[test]
fn nothing_but_honest_padding_is_taken() {
    let padded = pad(b"text", Compress::Never).unwrap();
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = padded.to_vec();
        change(&mut changed);
        unpad(&changed).err() == Some(OpenError::Tampered)
    };
    assert!(refused(&|bytes| bytes[0] = 2), "an unknown codec");
    assert!(refused(&|bytes| bytes[0] = 1), "raw bytes as zstd");
    assert!(refused(&|bytes| bytes[4] += 1), "another raw length");
    assert!(refused(&|bytes| bytes[8] += 1), "another stored length");
    assert!(refused(&|bytes| bytes[5] = 255), "a stored length beyond the end");
    assert!(refused(&|bytes| bytes[255] = 1), "padding that is not zero");
    assert!(refused(&|bytes| bytes.push(0)), "more padding");
    assert!(refused(&|bytes| bytes.truncate(255)), "less padding");
    assert!(refused(&Vec::clear), "nothing");
}

#[test]
fn a_length_that_is_a_lie_is_not_allocated() {
    let prose = vec![b' '; 5000];
    let mut padded = pad(&prose, Compress::WhereItHelps).unwrap();
    assert_eq!(padded[0], 1);
    padded[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(unpad(&padded).err(), Some(OpenError::Tampered));
    padded[1..5].copy_from_slice(&4999_u32.to_be_bytes());
    assert_eq!(unpad(&padded).err(), Some(OpenError::Tampered), "shorter than its content");
    padded[1..5].copy_from_slice(&5001_u32.to_be_bytes());
    assert_eq!(unpad(&padded).err(), Some(OpenError::Tampered), "longer than its content");
}

proptest! {
    #[test]
    fn what_was_padded_comes_back(raw in prop::collection::vec(any::<u8>(), 0..3000)) {
        for compress in [Compress::Never, Compress::WhereItHelps] {
            prop_assert_eq!(&**unpad(&pad(&raw, compress).unwrap()).unwrap(), &raw[..]);
        }
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..600)) {
        drop(unpad(&noise));
    }
}
