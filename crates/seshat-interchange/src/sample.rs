//! The sample novel that comes with the product.

use crate::import::ImportedNovel;

/// The sample novel: short, original, and a first look at what the desk can do.
#[must_use]
pub fn sample() -> ImportedNovel {
    ImportedNovel::default()
}
