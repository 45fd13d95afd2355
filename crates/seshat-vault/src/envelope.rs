//! The one envelope: C2SP chunked-encryption@v1 with AES-256-GCM ("Cobblestone-256").
//!
//! ```text
//! sealed = salt[24] | commitment[32] | chunk of 16,384 bytes + tag[16] | … | shorter last chunk + tag[16]
//! ```
//!
//! **Invariant:** no byte of plaintext leaves [`open`] before the last tag has verified; no key or nonce is
//! used for a second message, because both come from a fresh salt; nothing opens under a second key, because
//! the commitment is compared first.

use aes_gcm::aead::KeyInit;
use aes_gcm::{AeadInOut, Aes256Gcm};
use seshat_protocol::Sealed;
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::derive::expand;
use crate::{Entropy, EntropyError, OpenError};

const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
const SALT: usize = 24;
const COMMITMENT: usize = 32;
const TAG: usize = 16;
/// Plaintext bytes in every chunk but the last, which is shorter and may be empty.
const CHUNK: usize = 16_384;

/// What one message's salt and context derive: key[32] | base nonce[12] | commitment[32].
#[derive(ZeroizeOnDrop)]
struct Schedule(Box<[u8; 76]>);

impl Schedule {
    fn derive(key: &[u8; 32], salt: &[u8], context: &[u8]) -> Self {
        let mut schedule = Self(Box::new([0; 76]));
        expand(key, &[LABEL, salt, context], &mut schedule.0[..]);
        schedule
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new_from_slice(&self.0[..32]).expect("32 bytes are an AES-256 key")
    }

    /// The base nonce, its last 8 bytes XOR the chunk's number.
    fn nonce(&self, chunk: u64) -> [u8; 12] {
        let mut nonce: [u8; 12] = self.0[32..44].try_into().expect("44 - 32 is 12");
        for (byte, counter) in nonce[4..].iter_mut().zip(chunk.to_be_bytes()) {
            *byte ^= counter;
        }
        nonce
    }

    fn commitment(&self) -> &[u8] {
        &self.0[44..]
    }
}

/// The length of what [`seal`] makes of `plaintext` bytes.
pub(crate) fn sealed_len(plaintext: usize) -> usize {
    SALT + COMMITMENT + plaintext + TAG * (plaintext / CHUNK + 1)
}

/// Seals `plaintext` so that it opens with this key and this context only.
///
/// # Errors
/// [`EntropyError`] when there is no salt to be had; nothing is sealed then.
pub(crate) fn seal(
    key: &[u8; 32],
    context: &[u8],
    plaintext: &[u8],
    entropy: &mut dyn Entropy,
) -> Result<Sealed, EntropyError> {
    let mut salt = [0; SALT];
    entropy.fill(&mut salt)?;
    let schedule = Schedule::derive(key, &salt, context);
    let cipher = schedule.cipher();
    let mut out = Vec::with_capacity(sealed_len(plaintext.len()));
    out.extend_from_slice(&salt);
    out.extend_from_slice(schedule.commitment());
    let full = plaintext.chunks_exact(CHUNK);
    let last = full.remainder();
    for (number, chunk) in (0_u64..).zip(full.chain([last])) {
        let start = out.len();
        out.extend_from_slice(chunk);
        let tag = cipher
            .encrypt_inout_detached(&schedule.nonce(number).into(), &[], (&mut out[start..]).into())
            .expect("a chunk is far below the limit of GCM");
        out.extend_from_slice(&tag);
    }
    Ok(Sealed(out))
}

/// Opens what [`seal`] made for exactly this key and context.
///
/// # Errors
/// [`OpenError::Tampered`] for every other input; the cause is not told apart.
pub(crate) fn open(
    key: &[u8; 32],
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (salt, rest) = sealed.split_first_chunk::<SALT>().ok_or(OpenError::Tampered)?;
    let (commitment, chunks) = rest.split_first_chunk::<COMMITMENT>().ok_or(OpenError::Tampered)?;
    // The last chunk is always there and always shorter than the others: else the message was cut.
    if chunks.len() % (CHUNK + TAG) < TAG {
        return Err(OpenError::Tampered);
    }
    let schedule = Schedule::derive(key, salt, context);
    if !bool::from(schedule.commitment().ct_eq(commitment)) {
        return Err(OpenError::Tampered);
    }
    let cipher = schedule.cipher();
    let mut plaintext = Zeroizing::new(Vec::with_capacity(chunks.len()));
    for (number, chunk) in (0_u64..).zip(chunks.chunks(CHUNK + TAG)) {
        let (body, tag) = chunk.split_last_chunk::<TAG>().ok_or(OpenError::Tampered)?;
        let start = plaintext.len();
        plaintext.extend_from_slice(body);
        cipher
            .decrypt_inout_detached(
                &schedule.nonce(number).into(),
                &[],
                (&mut plaintext[start..]).into(),
                &(*tag).into(),
            )
            .map_err(|_| OpenError::Tampered)?;
    }
    Ok(plaintext)
}
