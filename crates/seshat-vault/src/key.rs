//! 32 secret bytes.
//!
//! **Invariant:** the bytes stay in one place on the heap until they are wiped. They are filled in place and
//! never returned by value, because a `[u8; 32]` moved through the stack leaves a copy there.

use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use crate::pin::pin;
use crate::{Entropy, EntropyError};

/// A symmetric key or the seed of a signing key. Deliberately without any derive but the wiping one.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Key(Box<[u8; 32]>);

impl Key {
    /// Room for a key, in memory that is not written to the swap space where the system allows that.
    fn empty() -> Self {
        let bytes = Box::new([0; 32]);
        pin(&bytes[..]);
        Self(bytes)
    }

    /// A random key.
    pub(crate) fn make(entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        let mut key = Self::empty();
        entropy.fill(&mut key.0[..])?;
        Ok(key)
    }

    /// A key that `write` fills in its place.
    pub(crate) fn derive(write: impl FnOnce(&mut [u8])) -> Self {
        let mut key = Self::empty();
        write(&mut key.0[..]);
        key
    }

    /// A key of stored bytes; `None` unless there are 32.
    pub(crate) fn copy_of(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 32).then(|| Self::derive(|out| out.copy_from_slice(bytes)))
    }

    /// A second copy, for a second vault opened by the same key. Not `Clone`, so that no copy is made in passing.
    pub(crate) fn duplicate(&self) -> Self {
        Self::derive(|out| out.copy_from_slice(&self.0[..]))
    }

    /// The bytes.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same key, in constant time.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.0[..].ct_eq(&other.0[..]).into()
    }
}
