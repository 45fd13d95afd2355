//! Defects that are kept, as tests of the tests: the schedules have to find each of them.

use super::{rig, schedule, template};

/// A defect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mutant {
    /// None.
    None,
    /// A merge that takes the other laptop's whole text in place of bringing the two together.
    Overwrites,
    /// A compaction that names every record it can see, and not those that it has loaded.
    NamesAllItSees,
    /// Every load of every document under one name.
    OnePeer,
}

impl Mutant {
    /// From here on this thread has the defect.
    pub(crate) fn begin(self) {
        rig::use_one_peer((self == Self::OnePeer).then_some(7));
    }
}

/// Schedules within which a defect has to be found.
const ENOUGH: u64 = 400;

/// The first schedule that finds the defect, and what it says.
fn found(mutant: Mutant) -> Option<(u64, String)> {
    let folder = tempfile::tempdir().unwrap();
    template::template();
    (0..ENOUGH).find_map(|seed| Some((seed, schedule(seed, folder.path(), mutant).err()?)))
}

#[test]
fn a_merge_that_overwrites_is_found() {
    let (seed, what) = found(Mutant::Overwrites).expect("no schedule found it");
    assert!(what.contains("was found"), "seed {seed}: {what}");
}

#[test]
fn a_compaction_that_names_what_it_has_not_loaded_is_found() {
    let (_, what) = found(Mutant::NamesAllItSees).expect("no schedule found it");
    // A check says it before anything is lost; a laptop that comes late, when it is.
    let said = ["does not contain all", "was found 0 times", "differs"];
    assert!(said.iter().any(|said| what.contains(said)), "{what}");
}

#[test]
fn one_name_for_two_replicas_is_found() {
    assert!(found(Mutant::OnePeer).is_some(), "no schedule found it");
}
