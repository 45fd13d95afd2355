//! Tests of the crate as a whole, and what they share.

use sha2::{Digest, Sha256};

use crate::{Entropy, EntropyError};

/// The same bytes at every run for the same seed; different ones at every call.
pub(crate) struct TestEntropy {
    seed: u64,
    drawn: u64,
    /// Calls until it fails.
    left: Option<u32>,
}

impl TestEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0, left: None }
    }

    /// Works `calls` times, then never again.
    pub(crate) fn failing_after(calls: u32) -> Self {
        Self { seed: 0, drawn: 0, left: Some(calls) }
    }
}

impl Entropy for TestEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or(EntropyError)?;
        }
        for chunk in out.chunks_mut(32) {
            self.drawn += 1;
            let input = [self.seed.to_be_bytes(), self.drawn.to_be_bytes()].concat();
            chunk.copy_from_slice(&Sha256::digest(input)[..chunk.len()]);
        }
        Ok(())
    }
}
