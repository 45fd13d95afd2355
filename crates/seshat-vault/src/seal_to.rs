//! Sealing a key to the holder of an X25519 key: HPKE (RFC 9180) in base mode, with DHKEM(X25519,
//! HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
//!
//! ```text
//! sealed = encapsulated key[32] | AES-256-GCM of 32 bytes | tag[16];  info = the context
//! ```
//!
//! **Invariant:** a public key that gives the all-zero secret gets nothing. HPKE in base mode says nothing
//! about who sealed: whoever needs to know that asks for a signature over what is sealed.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use seshat_protocol::{Bytes32, Sealed};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::derive::expand;
use crate::key::Key;
use crate::{Entropy, EntropyError, OpenError};

type Public = <X25519HkdfSha256 as Kem>::PublicKey;
type Private = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// An encapsulated key, a sealed key and its tag.
pub(crate) const SEALED_KEY: usize = 32 + 32 + 16;

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealToError {
    Entropy(EntropyError),
    /// The public key is of low order: everybody would know the shared secret.
    BadKey,
}

/// HPKE's source of random bytes, over bytes that were drawn before: it cannot fail half way.
struct Drawn {
    seed: Key,
    drawn: u32,
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.drawn += 1;
        expand(self.seed.expose(), &[b"hpke", &self.drawn.to_be_bytes()], out);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

/// The public half of an X25519 secret.
pub(crate) fn exchange_public(secret: &Key) -> Bytes32 {
    Bytes32(PublicKey::from(&StaticSecret::from(*secret.expose())).to_bytes())
}

/// Seals `key` so that only the holder of `public`'s secret opens it, and only in this context.
pub(crate) fn seal_to(
    public: &Bytes32,
    context: &[u8],
    key: &Key,
    entropy: &mut dyn Entropy,
) -> Result<Sealed, SealToError> {
    let mut drawn = Drawn { seed: Key::make(entropy).map_err(SealToError::Entropy)?, drawn: 0 };
    let public = Public::from_bytes(&public.0).map_err(|_| SealToError::BadKey)?;
    let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<
        AesGcm256,
        HkdfSha256,
        X25519HkdfSha256,
    >(
        &OpModeS::Base, &public, context, key.expose(), &[], &mut drawn
    )
    .map_err(|_| SealToError::BadKey)?;
    Ok(Sealed([&encapsulated.to_bytes()[..], &sealed].concat()))
}

/// Opens what [`seal_to`] sealed.
///
/// # Errors
/// [`OpenError::Tampered`] for anything else.
pub(crate) fn open_from(secret: &Key, context: &[u8], sealed: &[u8]) -> Result<Key, OpenError> {
    let tampered = |_| OpenError::Tampered;
    if sealed.len() != SEALED_KEY {
        return Err(OpenError::Tampered);
    }
    let (encapsulated, sealed) = sealed.split_first_chunk::<32>().ok_or(OpenError::Tampered)?;
    let secret = Private::from_bytes(secret.expose()).map_err(tampered)?;
    let encapsulated = Encapsulated::from_bytes(encapsulated).map_err(tampered)?;
    let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &encapsulated,
        context,
        sealed,
        &[],
    );
    let opened = Zeroizing::new(opened.map_err(tampered)?);
    Key::copy_of(&opened).ok_or(OpenError::Tampered)
}
