//! The register of copies: who got which copy of a novel.
//!
//! **Invariant:** an entry is written once under the copy's own number and never changed, so copies that two laptops made
//! are all there after a merge.

use loro::{LoroMap, LoroValue, ValueOrContainer};
use serde::{Deserialize, Serialize};

use crate::binder::Binder;
use crate::tree::write;
use crate::version::is_key;

/// The container, part of the saved format: the copy's number, and what is known of it as JSON, or null where it was never
/// handed out after all.
const COPIES: &str = "export_copies";

/// A copy that somebody got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenCopy {
    /// Its number: ten hexadecimal digits, the mark in its text where it has one.
    #[serde(skip)]
    pub id: String,
    /// Who got it; may be empty.
    pub recipient: String,
    /// What it was, by the name that presets have for it.
    pub kind: String,
    /// When it was made, in milliseconds since 1970.
    pub made_at: u64,
    /// Whether its text carries the number as a mark.
    pub marked: bool,
}

impl Binder {
    /// The copies, newest first.
    #[must_use]
    pub fn copies(&self) -> Vec<GivenCopy> {
        let mut copies = Vec::new();
        self.copy_map().for_each(|id, value| {
            let ValueOrContainer::Value(LoroValue::String(json)) = value else { return };
            if let Ok(copy) = serde_json::from_str::<GivenCopy>(&json) {
                copies.push(GivenCopy { id: id.to_owned(), ..copy });
            }
        });
        copies.sort_by(|one, other| {
            other.made_at.cmp(&one.made_at).then_with(|| one.id.cmp(&other.id))
        });
        copies
    }

    /// Enters a copy. False: its number is none, or is taken; nothing changed.
    pub fn add_copy(&mut self, copy: &GivenCopy) -> bool {
        let fits = is_key(&copy.id) && self.copy_map().get(&copy.id).is_none();
        if fits {
            let json = serde_json::to_string(copy).expect("a copy is plain data");
            write(&self.copy_map(), &copy.id, json.into()).expect("a map takes any value");
            self.replica.commit();
        }
        fits
    }

    /// Takes back an entry whose copy was never written.
    pub fn take_back_copy(&mut self, id: &str) {
        if self.copy_map().get(id).is_some() {
            write(&self.copy_map(), id, LoroValue::Null).expect("a map takes any value");
            self.replica.commit();
        }
    }

    fn copy_map(&self) -> LoroMap {
        self.replica.doc().get_map(COPIES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(id: &str, recipient: &str, made_at: u64) -> GivenCopy {
        let (id, recipient) = (id.to_owned(), recipient.to_owned());
        GivenCopy { id, recipient, kind: "epub".to_owned(), made_at, marked: true }
    }

    fn copy_of(binder: &Binder, peer: u64) -> Binder {
        Binder::load(peer, [binder.snapshot().unwrap().as_slice()]).unwrap()
    }

    #[test]
    fn an_entry_is_written_once_and_can_be_taken_back() {
        let mut binder = Binder::new(7, "A novel", "en");
        assert!(binder.add_copy(&given("00000000aa", "Reader One", 5)));
        assert!(!binder.add_copy(&given("00000000aa", "Reader Two", 6)), "the number is taken");
        assert!(!binder.add_copy(&given("", "Reader Two", 6)));
        assert_eq!(copy_of(&binder, 8).copies(), [given("00000000aa", "Reader One", 5)]);
        binder.take_back_copy("00000000aa");
        assert!(copy_of(&binder, 9).copies().is_empty());
    }

    #[test]
    fn copies_of_two_laptops_are_all_in_it_newest_first() {
        let mut anna = Binder::new(7, "A novel", "en");
        let mut bert = copy_of(&anna, 8);
        anna.take_update();
        anna.add_copy(&given("00000000aa", "Reader One", 5));
        bert.add_copy(&given("00000000bb", "Reader Two", 9));
        let (from_anna, from_bert) = (anna.take_update().unwrap(), bert.take_update().unwrap());
        anna.merge(&from_bert).unwrap();
        bert.merge(&from_anna).unwrap();
        let ids: Vec<_> = anna.copies().into_iter().map(|copy| copy.id).collect();
        assert_eq!(ids, ["00000000bb", "00000000aa"]);
        assert_eq!(anna.copies(), bert.copies());
    }
}
