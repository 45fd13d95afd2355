//! Making a text say what other runs say, by exact operations, with every attribute, known to us or not.

use std::ops::Range;

use loro::cursor::PosType;
use loro::{LoroText, LoroValue};
use serde_json::{Map, Value};

use crate::diff;
use crate::edit;
use crate::flat;
use crate::op::OpFault;

/// Characters that share their attributes.
pub(crate) type Run = (String, Map<String, Value>);
/// A text.
pub(crate) type Runs = [Run];

pub(crate) fn plain(runs: &Runs) -> String {
    runs.iter().map(|(text, _)| text.as_str()).collect()
}

/// The stretch of `runs` from the scalar `from` up to `to`.
pub(crate) fn cut(runs: &Runs, range: Range<usize>) -> Vec<Run> {
    let mut at = 0;
    let mut cut = Vec::new();
    for (text, attributes) in runs {
        let len = text.chars().count();
        let from = range.start.saturating_sub(at).min(len);
        let to = range.end.saturating_sub(at).min(len);
        if from < to {
            let stretch = text.chars().skip(from).take(to - from).collect();
            cut.push((stretch, attributes.clone()));
        }
        at += len;
    }
    cut
}

/// Inserts `runs` at `at`, which the attributes before it do not grow over.
pub(crate) fn insert(text: &LoroText, at: usize, runs: &Runs) -> Result<(), OpFault> {
    let inserted = plain(runs);
    if inserted.is_empty() {
        return Ok(());
    }
    text.insert(at, &inserted)?;
    conform(text, at, runs)
}

/// Gives the characters from `at` exactly the attributes of `runs`, which are as long; writes what differs only.
pub(crate) fn conform(text: &LoroText, at: usize, runs: &Runs) -> Result<(), OpFault> {
    let len: usize = runs.iter().map(|(text, _)| text.chars().count()).sum();
    let found: Vec<_> = text
        .slice_delta(at, at + len, PosType::Unicode)?
        .into_iter()
        .filter_map(flat::run)
        .collect();
    for (range, key, value) in differences(&found, runs) {
        edit::set(text, at + range.start..at + range.end, &key, value)?;
    }
    Ok(())
}

type Difference = (Range<usize>, String, Option<LoroValue>);

/// Where `found` has other attributes than `wanted`, neighbours with the same remedy together.
fn differences(found: &Runs, wanted: &Runs) -> Vec<Difference> {
    let mut differences: Vec<Difference> = Vec::new();
    for (range, found, wanted) in side_by_side(found, wanted) {
        let missing = found.keys().filter(|key| !wanted.contains_key(*key));
        for key in missing.chain(wanted.keys()) {
            if found.get(key) == wanted.get(key) {
                continue;
            }
            let value = wanted.get(key).cloned().map(LoroValue::from);
            let same = |before: &&mut Difference| {
                before.0.end == range.start && before.1 == *key && before.2 == value
            };
            match differences.iter_mut().rev().take(16).find(same) {
                Some(before) => before.0.end = range.end,
                None => differences.push((range.clone(), key.clone(), value)),
            }
        }
    }
    differences
}

type Pair<'a> = (Range<usize>, &'a Map<String, Value>, &'a Map<String, Value>);

/// Two readings of the same characters, in stretches in which neither changes.
fn side_by_side<'a>(one: &'a Runs, other: &'a Runs) -> Vec<Pair<'a>> {
    let ends = |runs: &'a Runs| {
        let mut at = 0;
        runs.iter().map(move |(text, attributes)| {
            at += text.chars().count();
            (at, attributes)
        })
    };
    let (mut ones, mut others) = (ends(one).peekable(), ends(other).peekable());
    let (mut at, mut pairs) = (0, Vec::new());
    while let (Some(&(one_end, one)), Some(&(other_end, other))) = (ones.peek(), others.peek()) {
        let end = one_end.min(other_end);
        if at < end {
            pairs.push((at..end, one, other));
        }
        at = end;
        if one_end == end {
            ones.next();
        }
        if other_end == end {
            others.next();
        }
    }
    pairs
}

/// Makes `text` say `wanted`. What both have stays, so that what another laptop does to it at the same time still
/// counts. The first character, the `\n` of the first paragraph, is in both.
pub(crate) fn rewrite(text: &LoroText, wanted: &Runs) -> Result<(), OpFault> {
    let (now, wanted_text) = (text.to_string(), plain(wanted));
    if now != wanted_text {
        for (range, inserted) in diff::replacements(&now, &wanted_text).into_iter().rev() {
            if !range.is_empty() {
                text.delete(range.start, range.len())?;
            }
            if !inserted.is_empty() {
                text.insert(range.start, &inserted)?;
            }
        }
    }
    conform(text, 0, wanted)?;
    if flat::runs(text) == wanted { Ok(()) } else { Err(OpFault::Refused) }
}
