//! Automatic versions, read off the history itself: they cost no byte.
//!
//! **Invariant:** clocks put names on moments and order what happened side by side; they never part a change from
//! what it builds on, so every [`Moment`] is a version that could have been on somebody's screen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use loro::{
    ContainerID, Frontiers, ID, JsonChange, JsonOpContent, JsonTextOp, LoroDoc, VersionVector,
};

use crate::flat;
use crate::replica::GENESIS_PEER;
use crate::version::Version;

/// The end of a stretch of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The text as it was then.
    pub version: Version,
    /// Seconds since 1970 of the last change, exact to five minutes; 0 when nobody noted it.
    pub at: i64,
    /// Seconds since 1970 of the first change.
    pub began: i64,
    /// Characters inserted into the scene's text since the moment before.
    pub inserted: usize,
    /// Characters deleted from it.
    pub deleted: usize,
}

/// What a change's message says when its own date cannot be the true one.
pub(crate) fn time_message(seconds: i64) -> String {
    // In steps, because changes with different messages are not merged.
    let step = crate::replica::MERGE_SECONDS;
    format!("t{}", seconds - seconds.rem_euclid(step))
}

fn time_of(change: &JsonChange) -> i64 {
    let message = change.msg.as_deref().and_then(|message| message.strip_prefix('t'));
    message.and_then(|seconds| seconds.parse().ok()).unwrap_or(change.timestamp)
}

/// A change with what the timeline needs of it.
struct Step {
    last: ID,
    /// The last operations of the changes before it that it ends.
    ends: Vec<ID>,
    /// Its own time, or that of what it builds on where it has none.
    at: i64,
    inserted: usize,
    deleted: usize,
    is_text: bool,
}

/// All moments of `doc`, oldest first: writing without a pause longer than `pause` seconds is one.
pub(crate) fn moments(doc: &LoroDoc, pause: i64) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    let mut heads: BTreeSet<ID> = BTreeSet::new();
    let mut last: Option<i64> = None;
    // Whether the moment that is being made has text to show.
    let mut open = false;
    for step in steps(doc) {
        for id in &step.ends {
            heads.remove(id);
        }
        heads.insert(step.last);
        if last.is_none_or(|last| last.abs_diff(step.at) > pause.unsigned_abs()) {
            open = false;
        }
        last = Some(step.at);
        if !step.is_text {
            continue;
        }
        if !open {
            let version = Version::beginning();
            moments.push(Moment { version, at: 0, began: step.at, inserted: 0, deleted: 0 });
            open = true;
        }
        if let Some(moment) = moments.last_mut() {
            let frontiers: Frontiers = heads.iter().copied().collect();
            moment.version = Version::from_frontiers(&frontiers);
            moment.at = step.at;
            moment.inserted += step.inserted;
            moment.deleted += step.deleted;
        }
    }
    moments
}

/// Every change but the genesis: by time, as far as what builds on what allows it.
fn steps(doc: &LoroDoc) -> Vec<Step> {
    let all = doc.oplog_vv();
    // Only an unreadable history fails here, and every loaded document was read once.
    let json = doc.export_json_updates_without_peer_compression(&VersionVector::new(), &all);
    let changes: Vec<JsonChange> = json
        .map(|json| json.changes)
        .unwrap_or_default()
        .into_iter()
        .filter(|change| change.id.peer != GENESIS_PEER)
        .collect();
    let starts: BTreeMap<ID, usize> =
        changes.iter().enumerate().map(|(index, change)| (change.id, index)).collect();
    // The change that holds an operation.
    let holder = |id: ID| {
        let (start, index) = starts.range(..=id).next_back()?;
        (start.peer == id.peer).then_some(*index)
    };
    let before: Vec<Vec<ID>> = changes.iter().map(ends_of).collect();
    let mut missing = vec![0_usize; changes.len()];
    let mut followers = vec![Vec::new(); changes.len()];
    for (index, ends) in before.iter().enumerate() {
        for holder in ends.iter().filter_map(|&id| holder(id)) {
            missing[index] += 1;
            followers[holder].push(index);
        }
    }
    // An undated change takes the time of what it builds on, which is known when its turn comes.
    let mut at: Vec<i64> = changes.iter().map(time_of).collect();
    let mut ready: BinaryHeap<Reverse<(i64, u32, u64, usize)>> = BinaryHeap::new();
    let turn = |index: usize, at: i64| {
        Reverse((at, changes[index].lamport, changes[index].id.peer, index))
    };
    for index in (0..changes.len()).filter(|&index| missing[index] == 0) {
        ready.push(turn(index, at[index]));
    }
    let mut steps = Vec::with_capacity(changes.len());
    while let Some(Reverse((_, _, _, index))) = ready.pop() {
        steps.push(step(&changes[index], before[index].clone(), at[index]));
        for &follower in &followers[index] {
            if changes[follower].timestamp == 0 {
                at[follower] = at[follower].max(at[index]);
            }
            missing[follower] -= 1;
            if missing[follower] == 0 {
                ready.push(turn(follower, at[follower]));
            }
        }
    }
    steps
}

/// Whether anybody inserted text beyond `known`.
pub(crate) fn inserts_since(doc: &LoroDoc, known: &VersionVector) -> bool {
    let json = doc.export_json_updates_without_peer_compression(known, &doc.oplog_vv());
    let changes = json.map(|json| json.changes).unwrap_or_default();
    changes
        .iter()
        .flat_map(|change| &change.ops)
        .any(|op| matches!(&op.content, JsonOpContent::Text(JsonTextOp::Insert { .. })))
}

/// What `change` builds on directly, its own laptop's operation before it included.
fn ends_of(change: &JsonChange) -> Vec<ID> {
    let own = (change.id.counter > 0).then(|| ID::new(change.id.peer, change.id.counter - 1));
    let mut ends: Vec<ID> = change.deps.iter().copied().chain(own).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

fn step(change: &JsonChange, ends: Vec<ID>, at: i64) -> Step {
    let len = i32::try_from(change.op_len()).unwrap_or(i32::MAX);
    let last = ID::new(change.id.peer, change.id.counter.saturating_add(len - 1));
    let mut step = Step { last, ends, at, inserted: 0, deleted: 0, is_text: false };
    for op in &change.ops {
        let JsonOpContent::Text(content) = &op.content else { continue };
        step.is_text = true;
        let is_body = matches!(&op.container, ContainerID::Root { name, .. } if flat::note_id(name).is_none());
        match content {
            JsonTextOp::Insert { text, .. } if is_body => step.inserted += text.chars().count(),
            JsonTextOp::Delete { len, .. } if is_body => {
                step.deleted += usize::try_from(len.unsigned_abs()).unwrap_or(0);
            }
            JsonTextOp::Insert { .. }
            | JsonTextOp::Delete { .. }
            | JsonTextOp::Mark { .. }
            | JsonTextOp::MarkEnd => {}
        }
    }
    step
}

/// Fewer moments with age: all of today and of what claims to come later, the last of every hour for a week, the
/// last of every day for ever; the newest always. `now` and the offset of the author's clock are in seconds.
#[must_use]
pub fn thin(moments: Vec<Moment>, now: i64, utc_offset_seconds: i64) -> Vec<Moment> {
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    let local = |at: i64| at.saturating_add(utc_offset_seconds);
    let today = local(now).div_euclid(DAY);
    // What stands for a moment once it is thinned: the last one that has the same of these stays.
    let slot = |index: usize, at: i64| {
        let day = local(at).div_euclid(DAY);
        match today - day {
            ..=0 => (0, i64::try_from(index).unwrap_or(i64::MAX)),
            1..=7 => (1, local(at).div_euclid(HOUR)),
            _ => (2, day),
        }
    };
    let last_of: BTreeMap<_, _> =
        moments.iter().enumerate().map(|(index, moment)| (slot(index, moment.at), index)).collect();
    let kept: BTreeSet<usize> = last_of.into_values().collect();
    let newest = moments.len().saturating_sub(1);
    let mut thinned: Vec<Moment> = Vec::new();
    let mut passed: Option<Moment> = None;
    for (index, mut moment) in moments.into_iter().enumerate() {
        if let Some(passed) = passed.take() {
            moment.began = passed.began;
            moment.inserted += passed.inserted;
            moment.deleted += passed.deleted;
        }
        if index == newest || kept.contains(&index) {
            thinned.push(moment);
        } else {
            passed = Some(moment);
        }
    }
    thinned
}
