//! Checks of what is exported: an EPUB's files as they were written, and what an edition lacks.
//!
//! **Invariants:** a check changes nothing and fetches nothing. It says the same of the same bytes as often as it is
//! asked, in the same order, what is grave first.

mod archive;
mod edition;
mod finding;
mod package;
mod pages;
mod scan;

use super::Look;
use super::edition::Edition;
pub use finding::Finding;

/// Checks an EPUB: its archive and packaging, whether every file in it is well-formed XML, whether ids are there once
/// and everything that is named is there. Style sheets and the kinds of elements are not looked at. What it calls
/// grave EPUBCheck calls an error, and in files of ours nothing is.
#[must_use]
pub fn check_epub(bytes: &[u8]) -> Vec<Finding> {
    in_order(package::check(bytes))
}

/// Says what an edition lacks, whatever format is made of it; manuscripts are asked for an address too.
#[must_use]
pub fn check_edition(edition: &Edition<'_>, look: Look) -> Vec<Finding> {
    in_order(edition::check(edition, look))
}

/// What is grave first, and nothing twice.
fn in_order(found: Vec<Finding>) -> Vec<Finding> {
    let mut order: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        if !order.contains(&finding) {
            order.push(finding);
        }
    }
    order.sort_by_key(|finding| !finding.grave);
    order
}
