//! Sets of numbers as ranges.
//!
//! **Invariant:** nothing here counts one by one: a range may hold 2⁶⁴ numbers, and who wrote it may mean harm.

/// First and last, both in it.
pub(crate) type Range = (u64, u64);

/// The same numbers in ranges that do not touch, in order. What is not a range of numbers from 1 on is left out.
pub(crate) fn joined(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.retain(|(first, last)| *first > 0 && first <= last);
    ranges.sort_unstable();
    let mut joined: Vec<Range> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match joined.last_mut() {
            Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// What of `from` is not in `taken`, which is [`joined`].
pub(crate) fn without(from: Range, taken: &[Range]) -> Vec<Range> {
    let (mut first, last) = from;
    let mut left = Vec::new();
    for (begin, end) in taken.iter().filter(|(begin, end)| *end >= from.0 && *begin <= last) {
        if *begin > first {
            left.push((first, begin - 1));
        }
        match end.checked_add(1) {
            Some(next) if *end < last => first = next,
            _ => return left,
        }
    }
    left.push((first, last));
    left
}

/// Whether a number is in ranges that are [`joined`].
pub(crate) fn has(ranges: &[Range], number: u64) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers(ranges: &[Range]) -> BTreeSet<u64> {
        ranges.iter().flat_map(|(first, last)| *first..=*last).collect()
    }

    proptest! {
        #[test]
        fn ranges_hold_the_numbers_that_sets_would(
            ranges in prop::collection::vec((1..60_u64, 0..9_u64), 0..12),
            from in (1..60_u64, 0..40_u64),
        ) {
            let ranges: Vec<_> = ranges.into_iter().map(|(first, more)| (first, first + more)).collect();
            let from = (from.0, from.0 + from.1);
            let kept = joined(ranges.clone());
            prop_assert_eq!(numbers(&kept), numbers(&ranges));
            prop_assert!(kept.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "they touch");
            let left = without(from, &kept);
            let expected: BTreeSet<_> = numbers(&[from]).difference(&numbers(&ranges)).copied().collect();
            prop_assert_eq!(numbers(&left), expected);
            prop_assert!((1..70).all(|number| has(&kept, number) == numbers(&ranges).contains(&number)));
        }
    }

    #[test]
    fn the_ends_of_all_numbers_are_numbers() {
        let all = (1, u64::MAX);
        assert_eq!(joined(vec![(5, u64::MAX), all, (0, 9), (7, 3)]), [all]);
        assert_eq!(without(all, &[all]), []);
        assert_eq!(without(all, &[(2, u64::MAX)]), [(1, 1)]);
        assert_eq!(without(all, &[(1, u64::MAX - 1)]), [(u64::MAX, u64::MAX)]);
    }
}
