//! Rows of the attack table that only somebody with the keys in hand could try. See docs/threat-model.md.

use std::collections::HashSet;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use seshat_protocol::{AccountId, Bytes32, Bytes64, Record};

use super::{
    ACCOUNT, AccountCodeUse, DocumentId, NOVEL, NovelId, PASSWORD, SCENE, TestEntropy, created,
    draft, furnished, password,
};
use crate::derive::expand;
use crate::envelope;
use crate::key::Key;
use crate::padding::{Compress, pad};
use crate::signing::verifies;
use crate::vault::unlock;
use crate::{Entropy, EntropyError, Kind, OpenError, Place, SealError, Secret, UnlockError};

/// Multiplication in GCM's field (NIST SP 800-38D, section 6.3); bit 0 is the leftmost.
fn multiply(x: u128, y: u128) -> u128 {
    let (mut product, mut factor) = (0, y);
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            product ^= factor;
        }
        factor = if factor & 1 == 1 { factor >> 1 ^ 0xE1 << 120 } else { factor >> 1 };
    }
    product
}

/// 1/x: x to the power 2^128 − 2.
fn inverse(x: u128) -> u128 {
    let one = 1 << 127;
    (1..128)
        .fold((one, x), |(result, power), _| {
            let square = multiply(power, power);
            (multiply(result, square), square)
        })
        .0
}

fn block(cipher: &Aes256Gcm, nonce: [u8; 12], length: usize) -> Vec<u8> {
    // What GCM makes of zeros is its key stream, without the first counter.
    let mut zeros = vec![0; length];
    let _tag = cipher
        .encrypt_inout_detached(&Nonce::from(nonce), &[], zeros.as_mut_slice().into())
        .expect("short");
    zeros
}

#[test]
fn attack_03_a_ciphertext_that_opens_under_two_keys() {
    // Two envelope keys, one salt, one context: what each derives for the chunk.
    let (keys, salt, context) = ([[7_u8; 32], [8; 32]], [9_u8; 24], b"context");
    let derived = keys.map(|key| {
        let mut out = [0; 76];
        expand(
            &key,
            &[b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", &salt, context],
            &mut out,
        );
        out
    });
    let ciphers = derived.map(|it| Aes256Gcm::new_from_slice(&it[..32]).expect("32 bytes"));
    let nonces = derived.map(|it| <[u8; 12]>::try_from(&it[32..44]).expect("12 bytes"));
    // GCM over two blocks is T = (C1·H³ + C2·H² + L·H) + E. C1 is free; C2 is solved so that both keys give one T.
    let (first, length) = (0x0123_4567_89AB_CDEF_u128, 256_u128);
    let tag_of = |cipher: &Aes256Gcm, nonce: [u8; 12], text: &[u8; 32]| {
        let mut plain = *text;
        let key_stream = block(cipher, nonce, 32);
        plain.iter_mut().zip(key_stream).for_each(|(byte, key)| *byte ^= key);
        let tag =
            cipher.encrypt_inout_detached(&Nonce::from(nonce), &[], plain.as_mut_slice().into());
        assert_eq!(&plain, text, "the plaintext that becomes this ciphertext");
        u128::from_be_bytes(tag.expect("short").into())
    };
    let text_of = |second: u128| -> [u8; 32] {
        let mut text = [0; 32];
        text[..16].copy_from_slice(&first.to_be_bytes());
        text[16..].copy_from_slice(&second.to_be_bytes());
        text
    };
    // H itself from two tags that differ in the second block alone: T(0) + T(1) = H²·1; its square root is H.
    let hash_keys_squared: Vec<u128> = ciphers
        .iter()
        .zip(nonces)
        .map(|(cipher, nonce)| {
            let zero = tag_of(cipher, nonce, &text_of(0));
            zero ^ tag_of(cipher, nonce, &text_of(1 << 127))
        })
        .collect();
    let zero: Vec<u128> = ciphers
        .iter()
        .zip(nonces)
        .map(|(cipher, nonce)| tag_of(cipher, nonce, &text_of(0)))
        .collect();
    let second = multiply(zero[0] ^ zero[1], inverse(hash_keys_squared[0] ^ hash_keys_squared[1]));
    let text = text_of(second);
    let tags: Vec<u128> =
        ciphers.iter().zip(nonces).map(|(cipher, nonce)| tag_of(cipher, nonce, &text)).collect();
    assert_eq!(tags[0], tags[1], "the text was made to fit both keys");
    assert_ne!(length, 0);
    for (cipher, nonce) in ciphers.iter().zip(nonces) {
        let mut opened = text;
        let tag = Tag::from(tags[0].to_be_bytes());
        cipher
            .decrypt_inout_detached(&Nonce::from(nonce), &[], opened.as_mut_slice().into(), &tag)
            .expect("plain GCM takes it under both keys");
    }
    // As an envelope it can carry one commitment: it opens under that key and under no other.
    for (committed, derived) in derived.iter().enumerate() {
        let sealed = [&salt[..], &derived[44..], &text, &tags[0].to_be_bytes()].concat();
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(envelope::open(key, context, &sealed).is_ok(), number == committed);
        }
    }
}

#[test]
fn attack_06_a_format_that_is_unknown_or_older() {
    let mut entropy = TestEntropy::new(6);
    let mut created = created(AccountCodeUse::None, &mut entropy);
    let blob = created.vault.to_blob(&mut entropy).expect("a blob");
    let phrase = Secret::Recovery(&created.phrase);
    let title = b"seshat/v1/vault";
    let at = blob.windows(title.len()).position(|window| window == title).expect("a title");
    for (written, error) in [
        (b"seshat/v0/vault", UnlockError::Damaged),
        (b"seshat/v2/vault", UnlockError::Newer),
        (b"seshat/v1/VAULT", UnlockError::Damaged),
        (b"lastpas/1/vault", UnlockError::Damaged),
    ] {
        let mut other = blob.clone();
        other[at..at + title.len()].copy_from_slice(written);
        assert_eq!(unlock(&other, phrase, None).err(), Some(error));
    }
    let kdf = b"argon2id";
    let at = blob.windows(kdf.len()).position(|window| window == kdf).expect("a KDF");
    for written in [b"argon2i\0", b"argon2d\0", b"pbkdf2..", b"scrypt.."] {
        let mut other = blob.clone();
        other[at..at + kdf.len()].copy_from_slice(written);
        let password = password(PASSWORD);
        let secret = Secret::Password { password: &password, code: None };
        assert_eq!(unlock(&other, secret, None).err(), Some(UnlockError::Damaged));
    }
    assert!(unlock(&blob, phrase, None).is_ok(), "as it was it opens");
}

#[test]
fn attack_07_cut_and_paste() {
    let mut entropy = TestEntropy::new(7);
    let (created, device) = furnished(&mut entropy);
    let mut vault = created.vault;
    let other = NovelId([0x77; 16]);
    vault.make_novel_key(other, &mut entropy).expect("a key");
    let place = |kind, novel, document| Place { kind, novel, document: DocumentId([document; 16]) };
    let places = [
        place(Kind::SceneUpdate, NOVEL, 1),
        place(Kind::SceneUpdate, NOVEL, 2),
        place(Kind::SceneSnapshot, NOVEL, 1),
        place(Kind::BinderUpdate, NOVEL, 1),
        place(Kind::SceneUpdate, other, 1),
    ];
    let mut records = Vec::new();
    for (number, place) in (1..).zip(places) {
        for payload in [&b"the one"[..], b"the other"] {
            let mut drafted = draft(payload);
            drafted.place = place;
            drafted.sequence = number;
            let record = vault.seal_record(&device, drafted, &mut entropy).expect("it is sealed");
            records.push((place, record));
        }
        vault.make_novel_key(NOVEL, &mut entropy).expect("another epoch");
    }
    let mut opened = 0;
    for (at, (place, record)) in records.iter().enumerate() {
        for (from, (_, theirs)) in records.iter().enumerate() {
            // Header, body or both of another record, under this one's name, at this one's place.
            let mixed = [
                Record { header: theirs.header.clone(), ..record.clone() },
                Record { body: theirs.body.clone(), ..record.clone() },
                Record {
                    header: theirs.header.clone(),
                    body: theirs.body.clone(),
                    ..record.clone()
                },
            ];
            for mixed in mixed {
                let believed =
                    vault.verify_record(&mixed).is_ok() && vault.open_body(&mixed, place).is_ok();
                assert_eq!(believed, at == from, "record {from} in the place of record {at}");
                opened += usize::from(believed);
            }
        }
    }
    assert_eq!(opened, 3 * records.len(), "each opens in its own place");
    let record = &records[0].1;
    assert_ne!(record.hash(ACCOUNT), record.hash(AccountId([1; 16])), "the account is bound");
}

#[test]
fn attack_12_cut_short_or_reordered() {
    super::envelope::all_35_public_vectors_of_cobblestone_256_pass();
    super::envelope::two_chunks_cannot_change_places();
}

#[test]
fn attack_16_low_order_points() {
    // The points of small order on Curve25519 (RFC 7748, section 7) and on edwards25519.
    let low: [[u8; 32]; 5] = [
        [0; 32],
        {
            let mut one = [0; 32];
            one[0] = 1;
            one
        },
        {
            let mut all = [0xFF; 32];
            all[0] = 0xEC;
            all[31] = 0x7F;
            all
        },
        {
            let mut all = [0xFF; 32];
            all[0] = 0xED;
            all[31] = 0x7F;
            all
        },
        {
            let mut all = [0xFF; 32];
            all[0] = 0xEE;
            all[31] = 0x7F;
            all
        },
    ];
    let mut entropy = TestEntropy::new(16);
    let key = Key::make(&mut entropy).expect("a key");
    for point in low {
        let sealed = crate::seal_to::seal_to(&Bytes32(point), b"info", &key, &mut entropy);
        assert!(sealed.is_err(), "something was sealed to a point of small order");
        let forged = Bytes64([0; 64]);
        assert!(!verifies(&Bytes32(point), b"any message", &forged));
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&point);
        assert!(!verifies(&Bytes32(point), b"any message", &Bytes64(signature)));
    }
}

#[test]
fn attack_18_salts_repeat_or_there_is_no_randomness() {
    /// The system's own randomness, as the programs use it.
    struct System(std::fs::File);
    impl Entropy for System {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
            std::io::Read::read_exact(&mut self.0, out).map_err(|_| EntropyError)
        }
    }
    let mut system = System(std::fs::File::open("/dev/urandom").expect("Linux has it"));
    let mut seen = HashSet::with_capacity(1_000_000);
    for _ in 0..1_000_000 {
        let sealed = envelope::seal(&[1; 32], b"", b"", &mut system).expect("there is randomness");
        assert!(
            seen.insert(<[u8; 24]>::try_from(&sealed.0[..24]).expect("a salt")),
            "a salt came twice"
        );
    }
    struct Broken;
    impl Entropy for Broken {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError)
        }
    }
    assert!(envelope::seal(&[1; 32], b"", b"text", &mut Broken).is_err());
    let mut entropy = TestEntropy::new(18);
    let (created, device) = furnished(&mut entropy);
    let mut vault = created.vault;
    let generation = vault.generation();
    assert_eq!(vault.to_blob(&mut Broken).err(), Some(SealError::Entropy(EntropyError)));
    assert_eq!(vault.generation(), generation, "a save that failed has not happened");
    assert!(vault.seal_record(&device, draft(b"text"), &mut Broken).is_err());
}

#[test]
fn attack_19_equal_texts_look_alike() {
    let mut entropy = TestEntropy::new(18);
    let (created, device) = furnished(&mut entropy);
    let vault = created.vault;
    let text = [b'a'; 40_000];
    let sealed = [(); 2]
        .map(|()| vault.seal_record(&device, draft(&text), &mut entropy).expect("it is sealed"));
    let parts: [fn(&Record) -> Vec<u8>; 2] =
        [|it| it.body.0.clone(), |it| it.header.0[4..].to_vec()];
    for pick in parts {
        let (one, other) = (pick(&sealed[0]), pick(&sealed[1]));
        assert_eq!(one.len(), other.len());
        let same = one.iter().zip(&other).filter(|(a, b)| a == b).count();
        // By chance 1 byte in 256 is the same.
        assert!(same * 64 < one.len() + 640, "{same} of {} bytes are the same", one.len());
    }
    // Within one text, too: equal blocks give unequal ones.
    let body = &sealed[0].body.0[56..];
    let blocks: HashSet<&[u8]> = body.chunks_exact(16).collect();
    assert_eq!(blocks.len(), body.len() / 16, "equal blocks show");
}

#[test]
fn attack_21_sizes_tell() {
    let mut lengths = HashSet::new();
    let noise: Vec<u8> =
        (0..1_000_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for length in (0..5_000).chain((5_000..=1_000_000).step_by(997)) {
        let padded = pad(&noise[..length], Compress::Never).expect("it fits");
        let raw = 9 + length;
        assert!(padded.len() >= 256 && padded.len() >= raw);
        assert!(
            padded.len() <= 256 || padded.len() * 100 <= raw * 112,
            "{length} became {}",
            padded.len()
        );
        let exponent = usize::BITS - 1 - padded.len().leading_zeros();
        let bits = u32::BITS - exponent.leading_zeros();
        assert_eq!(padded.len() % (1 << (exponent - bits)), 0, "{length} is in no Padmé length");
        lengths.insert(padded.len());
    }
    assert!(lengths.len() < 400, "{} lengths are told apart", lengths.len());
}

#[test]
fn attack_36_plaintext_released_on_a_bad_tag() {
    // 40,000 bytes are three chunks; the last one is spoilt, the first two are genuine.
    let mut sealed = envelope::seal(&[1; 32], b"", &[b'x'; 40_000], &mut TestEntropy::new(36))
        .expect("it is sealed");
    let last = sealed.0.len() - 1;
    sealed.0[last] ^= 1;
    // The type says it: a failure has nothing in it.
    let opened: Result<_, OpenError> = envelope::open(&[1; 32], b"", &sealed.0);
    assert_eq!(opened.err(), Some(OpenError::Tampered));
    let mut entropy = TestEntropy::new(18);
    let (created, device) = furnished(&mut entropy);
    let vault = created.vault;
    let mut record =
        vault.seal_record(&device, draft(&[b'x'; 40_000]), &mut entropy).expect("a record");
    let last = record.body.0.len() - 1;
    record.body.0[last] ^= 1;
    assert_eq!(vault.open_body(&record, &SCENE).err(), Some(OpenError::Tampered));
}
