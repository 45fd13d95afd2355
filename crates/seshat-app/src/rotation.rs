//! Which of the rotating backups stay. Pure: it is handed what is known of each, and the time.
//!
//! **Invariants:** the newest stays, and so does whatever nobody has opened yet. Nothing goes unless a newer one that
//! stays, and that was opened, holds at least as much: every novel, every text, and not less than half of each novel's
//! words. So an empty or damaged vault never pushes out the last good copy, however many backups of it are made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use seshat_protocol::NovelId;

const HOUR_MS: u64 = 60 * 60 * 1000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;
const WEEK_MS: u64 = 7 * DAY_MS;

/// So many of the newest stay.
const LAST: usize = 10;
/// The newest of each day stays so many days.
const DAYS: u64 = 14;
/// The newest of each week stays so many weeks.
const WEEKS: u64 = 8;

/// What can be read of one novel in a backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct NovelFacts {
    /// Texts and binders that load; of a closed novel, those that are there.
    pub(crate) documents: u64,
    /// Words in them; `None` for a novel that was closed with a passphrase of its own when the backup was opened.
    pub(crate) words: Option<u64>,
}

/// What is known of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// When it was made, in milliseconds since 1970.
    pub(crate) at: u64,
    /// It was opened, and what it says below was read out of it. One that is made while the vault is locked is opened
    /// when the vault is.
    pub(crate) opened: bool,
    /// What is in it.
    pub(crate) novels: BTreeMap<NovelId, NovelFacts>,
}

impl Facts {
    /// Whether whoever has this one misses nothing of `older` but what an author may have cut.
    fn holds_as_much_as(&self, older: &Self) -> bool {
        self.opened
            && older.novels.iter().all(|(id, older)| {
                self.novels.get(id).is_some_and(|newer| newer.holds_as_much_as(*older))
            })
    }
}

impl NovelFacts {
    fn holds_as_much_as(self, older: Self) -> bool {
        let words = match (self.words, older.words) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(newer), Some(older)) => newer >= older.div_ceil(2),
        };
        self.documents >= older.documents && words
    }
}

/// The backups that may go, by their place in `backups`, whatever their order.
pub(crate) fn surplus(backups: &[Facts], now: u64) -> BTreeSet<usize> {
    let mut newest_first: Vec<usize> = (0..backups.len()).collect();
    newest_first.sort_by_key(|index| std::cmp::Reverse((backups[*index].at, *index)));
    let wanted = wanted(backups, &newest_first, now);
    let mut staying: Vec<usize> = Vec::new();
    let mut surplus = BTreeSet::new();
    for index in newest_first {
        let older = &backups[index];
        if !wanted.contains(&index)
            && staying.iter().any(|newer| backups[*newer].holds_as_much_as(older))
        {
            surplus.insert(index);
        } else {
            staying.push(index);
        }
    }
    surplus
}

/// Those that stay for their age.
fn wanted(backups: &[Facts], newest_first: &[usize], now: u64) -> BTreeSet<usize> {
    let (opened, unopened): (Vec<usize>, Vec<usize>) =
        newest_first.iter().partition(|index| backups[**index].opened);
    let mut wanted: BTreeSet<usize> = newest_first.iter().take(1).copied().collect();
    wanted.extend(unopened);
    wanted.extend(opened.iter().take(LAST));
    let mut seen = BTreeSet::new();
    for index in opened {
        let at = backups[index].at;
        // One from the future was made under a clock that was wrong; it is as young as can be.
        let age = now.saturating_sub(at);
        let of_day = age < DAYS * DAY_MS && seen.insert((DAY_MS, at / DAY_MS));
        let of_week = age < WEEKS * WEEK_MS && seen.insert((WEEK_MS, at / WEEK_MS));
        if of_day || of_week {
            wanted.insert(index);
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_800_000_000_000;

    fn novel(number: u8) -> NovelId {
        NovelId([number; 16])
    }

    fn of(at: u64, documents: u64, words: u64) -> Facts {
        let facts = NovelFacts { documents, words: Some(words) };
        Facts { at, opened: true, novels: BTreeMap::from([(novel(1), facts)]) }
    }

    fn hourly(count: u64) -> Vec<Facts> {
        (0..count).map(|hours| of(NOW - hours * HOUR_MS, 10, 1000)).collect()
    }

    fn stay(backups: &[Facts]) -> Vec<Facts> {
        let surplus = surplus(backups, NOW);
        let kept = backups.iter().enumerate().filter(|(index, _)| !surplus.contains(index));
        kept.map(|(_, facts)| facts.clone()).collect()
    }

    #[test]
    fn ten_stay_and_one_a_day_for_two_weeks_and_one_a_week_for_eight() {
        let kept = stay(&hourly(24 * 100));
        let ages: Vec<u64> = kept.iter().map(|facts| (NOW - facts.at) / HOUR_MS).collect();
        assert_eq!(ages[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "the last ten");
        let younger = |days: u64| ages.iter().filter(|age| **age < days * 24).count();
        assert!((22..=24).contains(&younger(14)), "ten and one a day: {ages:?}");
        assert!((26..=32).contains(&kept.len()), "and one a week: {ages:?}");
        assert!(ages.iter().all(|age| *age < 24 * 7 * 9), "nothing older: {ages:?}");
    }

    #[test]
    fn a_good_backup_is_not_pushed_out_by_any_number_of_empty_ones() {
        let mut backups = vec![of(NOW - 400 * DAY_MS, 40, 100_000)];
        backups.extend((0..500).map(|hours| of(NOW - hours * HOUR_MS, 40, 10)));
        assert!(stay(&backups).contains(&backups[0]), "it has words that no newer one has");
        let mut backups = vec![of(NOW - 400 * DAY_MS, 40, 100_000)];
        let empty = |hours| Facts { at: NOW - hours * HOUR_MS, opened: true, ..Facts::default() };
        backups.extend((0..500).map(empty));
        assert!(stay(&backups).contains(&backups[0]), "it has a novel that no newer one has");
    }

    #[test]
    fn what_was_never_opened_pushes_nothing_out() {
        let mut backups = vec![of(NOW - 400 * DAY_MS, 40, 100_000)];
        let unopened = |hours| Facts { opened: false, ..of(NOW - hours * HOUR_MS, 40, 100_000) };
        backups.extend((0..500).map(unopened));
        assert_eq!(stay(&backups).len(), 501, "and nobody knows what is in it, so it stays");
    }

    #[test]
    fn a_novel_that_was_closed_then_vouches_for_no_words() {
        let mut newer = hourly(40);
        for facts in &mut newer {
            facts.novels.insert(novel(1), NovelFacts { documents: 10, words: None });
        }
        let mut backups = vec![of(NOW - 400 * DAY_MS, 10, 100_000)];
        backups.extend(newer);
        assert!(stay(&backups).contains(&backups[0]));
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let novel_facts = (0..3_u64, prop::option::of(0..2000_u64))
            .prop_map(|(documents, words)| NovelFacts { documents, words });
        let novels = prop::collection::btree_map((0..3_u8).prop_map(novel), novel_facts, 0..3);
        // Also from the future.
        (0..2000_u64, any::<bool>(), novels).prop_map(|(hours, opened, novels)| Facts {
            at: NOW + 48 * HOUR_MS - hours * HOUR_MS,
            opened,
            novels,
        })
    }

    proptest! {
        #[test]
        fn whatever_goes_is_held_by_a_newer_one_that_stays(backups in prop::collection::vec(facts(), 0..120)) {
            let gone = surplus(&backups, NOW);
            for index in &gone {
                let held = backups.iter().enumerate().any(|(other, newer)| {
                    !gone.contains(&other)
                        && (newer.at, other) > (backups[*index].at, *index)
                        && newer.holds_as_much_as(&backups[*index])
                });
                prop_assert!(held, "{:?}", backups[*index]);
            }
            let newest = (0..backups.len()).max_by_key(|index| (backups[*index].at, *index));
            prop_assert!(newest.is_none_or(|newest| !gone.contains(&newest)), "the newest went");
        }

        #[test]
        fn the_most_words_of_a_novel_are_never_more_than_halved(backups in prop::collection::vec(facts(), 0..120)) {
            let most = |facts: &[Facts]| {
                facts.iter().filter_map(|it| it.novels.get(&novel(1))?.words).max().unwrap_or(0)
            };
            prop_assert!(most(&stay(&backups)) >= most(&backups).div_ceil(2));
        }

        #[test]
        fn rotating_twice_takes_no_more(backups in prop::collection::vec(facts(), 0..120)) {
            let once = stay(&backups);
            prop_assert_eq!(stay(&once), once);
        }

        #[test]
        fn the_number_is_bounded_while_a_novel_grows(hours in 1..3000_u64) {
            let backups: Vec<_> =
                (0..hours).map(|hour| of(NOW - hour * HOUR_MS, 10, 100_000 - hour * 10)).collect();
            prop_assert!(stay(&backups).len() <= LAST + 14 + 1 + 8 + 1);
        }
    }
}
