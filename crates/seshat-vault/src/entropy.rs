//! Where random bytes come from: the caller.
//!
//! **Invariant:** this crate has no other source of randomness. A source that fails makes the operation fail;
//! nothing is ever sealed under bytes that were not delivered.

/// A source of random bytes fit for keys. Shipped code passes the operating system's.
pub trait Entropy {
    /// Fills all of `out`.
    ///
    /// # Errors
    /// When not every byte could be delivered; `out` is then worthless.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError>;
}

/// Random bytes were needed and could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct EntropyError;
